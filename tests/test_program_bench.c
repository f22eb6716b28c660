/* bench as users run it: what is said about results, and what is refused. The runs themselves are
 * tested on a smaller suite in test_bench. */
#include "program_support.h"

#include "lumpscope/bench.h"
#include "lumpscope/file.h"
#include "lumpscope/memory.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Two points of GLY, the first architecture, in a directory. */
static void write_result(const struct bench_suite *suite, const char *directory, uint64_t seed,
                         enum bench_method one, enum bench_method two) {
    struct bench_point points[] = {{one, 50, 49.5, 100, 0.25 * (double)seed, 0.5, 12000, 0.001},
                                   {two, 50, 50, 101, 0.5 * (double)seed, 0.001, 36000, 0.004}};
    struct bench_result result = {.job = {3, 0, seed},
                                  .parameters = 200,
                                  .mse = 0.125,
                                  .train_rows = 80,
                                  .test_rows = 20,
                                  .point = points,
                                  .count = 2};
    struct error error = {0};
    char path[128], name[BENCH_NAME_SIZE];
    snprintf(path, sizeof path, "%s/%s", directory, bench_job_name(&result.job, name));
    if (!file_make_directory(directory, &error) ||
        !bench_result_write(suite, &result, path, &error))
        fail_msg("%s", error.text);
}

static void write_two(void) {
    const struct bench_suite *quick = bench_suite_find("quick");
    write_result(quick, "a", 1, BENCH_JOINT_REFIT, BENCH_MAGNITUDE);
    write_result(quick, "b", 2, BENCH_JOINT_REFIT, BENCH_MAGNITUDE);
}

static void merged_results_are_one_table(void **state) {
    (void)state;
    write_two();
    char *text = run_good("bench merge a b -o c");
    /* Means of 0.25 and 0.5, of 0.5 and 1; t of one degree of freedom is 12.706. */
    assert_non_null(strstr(text, "GLY, 64:square,4:linear,64:square: original 0.125 ± 0"));
    assert_non_null(strstr(text, "0.375 ± 1.6"));
    assert_non_null(strstr(text, "0.750 ± 3.2"));
    assert_non_null(strstr(text, "(2 seeds)"));
    assert_non_null(strstr(text, "A pruned network keeps its shape"));
    char *again = run_good("bench merge c");
    assert_string_equal(again, text);
    free(again);
    free(text);
}

static void every_format_has_the_figures(void **state) {
    (void)state;
    write_two();
    char *csv = run_good("bench merge a b --csv");
    assert_non_null(strstr(csv, "\nGLY,\"64:square,4:linear,64:square\",50,joint+refit,2,0.375,"));
    free(csv);
    cJSON *json = run_json("bench merge a b --json");
    const cJSON *cells = cJSON_GetObjectItem(json, "cells");
    assert_int_equal(cJSON_GetArraySize(cells), 2);
    assert_string_equal(json_string(cJSON_GetArrayItem(cells, 1), "method"), "magnitude");
    assert_true(json_number(cJSON_GetArrayItem(cells, 1), "mse") == 0.75);
    const cJSON *score = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "scores"), 0);
    assert_string_equal(json_string(score, "rival"), "magnitude");
    assert_true(json_number(score, "cells") == 1 && json_number(score, "ahead") == 1 &&
                json_number(score, "overlapping") == 1);
    cJSON_Delete(json);
    char *markdown = run_good("bench merge a b --markdown");
    assert_non_null(strstr(markdown, "| joint+refit | - | - | - | 0.375 ± 1.6 | - |"));
    free(markdown);
    char *svg = run_good("bench merge a b --svg");
    assert_non_null(strstr(svg, "<polyline"));
    assert_null(strstr(svg, "nan"));
    assert_null(strstr(svg, "inf"));
    free(svg);
}

static void ablation_compares_with_the_default(void **state) {
    (void)state;
    enum bench_method standard = bench_ablation_default();
    write_result(bench_suite_find("ablation"), "d", 1, standard, BENCH_METHODS);
    char *text = run_good("bench merge d");
    assert_non_null(strstr(text, "over that of joint agglomerate+refit"));
    assert_non_null(strstr(text, "2.00 (2.00)"));
    assert_non_null(strstr(text, "1.00 (1.00)"));
    free(text);
}

static void requests_that_do_not_fit_are_refused(void **state) {
    (void)state;
    write_two();
    static const struct {
        const char *line;
        int status;
        const char *says;
    } cases[] = {
        {"bench --suite full", 2, "paper|quick"},
        {"bench --suite ablation", 2, "paper|quick"},
        {"bench --shard 0/2", 2, "K/N"},
        {"bench --shard 3/2", 2, "K/N"},
        {"bench --shard x", 2, "K/N"},
        {"bench --jobs 0", 2, "--jobs"},
        {"bench --seeds 0", 2, "--seeds"},
        {"bench --suite quick --ablation", 2, "exclude each other"},
        {"bench --ablation --svg", 2, "--svg"},
        {"bench mrege a", 2, "\"merge\""},
        {"bench merge", 2, "directories"},
        {"bench merge a --jobs 2", 2, "--jobs"},
        {"bench merge nowhere", 1, "nowhere"},
        {"bench merge a --suite paper", 1, "other settings"},
        {"bench --data-dir nowhere", 1, "nowhere"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct run run = run_program(cases[k].line);
        if (run.status != cases[k].status || !strstr(run.err, cases[k].says))
            fail_msg("%s: status %d, \"%s\"", cases[k].line, run.status, run.err);
        run_free(&run);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merged_results_are_one_table),
        cmocka_unit_test(every_format_has_the_figures),
        cmocka_unit_test(ablation_compares_with_the_default),
        cmocka_unit_test(requests_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
