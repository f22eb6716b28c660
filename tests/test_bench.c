/* Bench: intervals, results as files, and whole runs on a suite so small that they end. */
#include "lumpscope/bench_run.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include "measure/bench_report.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Rows and epochs that are enough for a network that is no constant. */
static const struct bench_suite tiny = {.name = "tiny",
                                        .system_seeds = 2,
                                        .file_seeds = 1,
                                        .rows = 120,
                                        .epoch_rows = 960,
                                        .polish = 2};

static void must(bool done, const struct error *error) {
    if (!done)
        fail_msg("%s", error->text);
}

/* ---- Figures ---- */

/* Two-sided 95 % values of Student's t as every textbook has them, to three decimals. */
static void intervals_are_those_of_textbooks(void **state) {
    (void)state;
    static const struct {
        size_t count;
        double t;
    } cases[] = {{2, 12.706}, {3, 4.303}, {5, 2.776}, {10, 2.262}, {30, 2.045}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double values[30], n = (double)cases[k].count, squares = 0;
        for (size_t i = 0; i < cases[k].count; i++)
            values[i] = (double)i;
        for (size_t i = 0; i < cases[k].count; i++)
            squares += (values[i] - (n - 1) / 2) * (values[i] - (n - 1) / 2);
        struct bench_mean mean = bench_mean_of(values, cases[k].count);
        double error = sqrt(squares / (n - 1)) / sqrt(n); /* the standard error */
        assert_true(fabs(mean.mean - (n - 1) / 2) < 1e-12);
        assert_true(fabs(mean.half / error - cases[k].t) < 5e-4);
    }
    /* Worked: 1..5 has mean 3 and half-width 2.776 sqrt(2.5/5) = 1.963. */
    struct bench_mean worked = bench_mean_of((double[]){1, 2, 3, 4, 5}, 5);
    assert_true(worked.mean == 3 && fabs(worked.half - 1.963) < 5e-4);
}

static void few_or_overflowed_values_have_no_interval(void **state) {
    (void)state;
    assert_true(isnan(bench_mean_of(NULL, 0).mean));
    struct bench_mean one = bench_mean_of((double[]){2}, 1);
    assert_true(one.mean == 2 && isnan(one.half));
    struct bench_mean burst = bench_mean_of((double[]){2, NAN, 3}, 3);
    assert_true(isinf(burst.mean) && isnan(burst.half));
}

/* ---- Scores ---- */

enum { SEEDS = 3 };

static void add(struct bench_result *result, enum bench_method method, size_t g, double mse) {
    result->point[result->count++] = (struct bench_point){
        .method = method, .at = bench_grp[g], .grp = bench_grp[g], .parameters = 10, .mse = mse};
}

/* GLY, first architecture: at 75 % clearly ahead, at 50 % ahead in overlapping intervals, at 20 %
 * behind, at 10 % the rival has no network. */
static struct bench_result scored(uint64_t seed) {
    double noise = (double)seed * 0.1;
    struct bench_result result = {.job = {3, 0, seed}, .mse = 1};
    result.point = memory_new(16, sizeof *result.point, NULL);
    add(&result, BENCH_JOINT_REFIT, 1, 1 + noise);
    add(&result, BENCH_MAGNITUDE, 1, 9 + noise);
    add(&result, BENCH_JOINT_REFIT, 3, 1 + noise);
    add(&result, BENCH_MAGNITUDE, 3, 1.02 + noise);
    add(&result, BENCH_JOINT_REFIT, 6, 1.04);
    add(&result, BENCH_MAGNITUDE, 6, 1);
    add(&result, BENCH_JOINT_REFIT, 7, 3);
    add(&result, BENCH_JOINT_REFIT, 4, 2);
    add(&result, BENCH_MAGNITUDE, 4, 2);
    return result;
}

static void scores_count_cells_by_means_and_by_intervals(void **state) {
    (void)state;
    struct bench_result results[SEEDS];
    struct bench_summary summary;
    struct error error = {0};
    size_t count;
    for (size_t k = 0; k < SEEDS; k++)
        results[k] = scored(k + 1);
    must(bench_summarise(results, SEEDS, &summary, &error), &error);
    struct bench_score score = bench_score_of(&summary, BENCH_JOINT_REFIT, BENCH_MAGNITUDE, 10, 75);
    assert_int_equal(score.cells, 5);
    assert_int_equal(score.ahead, 3);
    assert_int_equal(score.level, 1);
    assert_int_equal(score.behind, 1);
    assert_int_equal(score.near, 5); /* behind by 4 % */
    assert_int_equal(score.clear, 2);
    assert_int_equal(score.open, 2); /* level without a spread overlaps */
    assert_int_equal(score.lost, 1);
    assert_int_equal(bench_score_of(&summary, BENCH_JOINT_REFIT, BENCH_MAGNITUDE, 10, 10).ahead, 1);
    double *ratios =
        bench_ratios(&summary, BENCH_JOINT_REFIT, BENCH_MAGNITUDE, 10, 100, &count, &error);
    assert_int_equal(count, 4);
    assert_true(fabs(ratios[0] - 1.2 / 9.2) < 1e-12 && fabs(ratios[3] - 1.04) < 1e-12);
    free(ratios);
    bench_summary_free(&summary);
    for (size_t k = 0; k < SEEDS; k++)
        bench_result_free(&results[k]);
}

/* ---- Files ---- */

static char *directory_new(void) {
    char pattern[] = "/tmp/lumpscope-bench-XXXXXX";
    assert_non_null(mkdtemp(pattern));
    return memory_string(pattern, NULL);
}

static void directory_remove(char *path) {
    char name[512];
    DIR *listing = opendir(path);
    for (const struct dirent *entry; listing && (entry = readdir(listing));) {
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        unlink(name);
    }
    if (listing)
        closedir(listing);
    rmdir(path);
    free(path);
}

static void results_read_back_as_they_were(void **state) {
    (void)state;
    char *directory = directory_new(), path[128];
    struct error error = {0};
    struct bench_result result = scored(7), back;
    result.point[0].mse = NAN; /* overflowed */
    result.point[1].mse = 0.1 + 0.2;
    result.train_rows = 80;
    snprintf(path, sizeof path, "%s/r.json", directory);
    must(bench_result_write(&tiny, &result, path, &error), &error);
    must(bench_result_read(&tiny, path, &back, &error), &error);
    assert_int_equal(back.count, result.count);
    assert_int_equal(back.job.set, 3);
    assert_int_equal(back.job.seed, 7);
    assert_int_equal(back.train_rows, 80);
    assert_true(isnan(back.point[0].mse) && back.point[1].mse == 0.1 + 0.2);
    assert_int_equal(back.point[8].method, BENCH_MAGNITUDE);
    bench_result_free(&back);
    struct bench_suite other = tiny;
    other.rows++;
    assert_false(bench_result_read(&other, path, &back, &error));
    assert_int_equal(error.kind, ERROR_REQUEST);
    assert_non_null(strstr(error.text, "other settings"));
    bench_result_free(&result);
    directory_remove(directory);
}

static void what_is_no_result_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"", "{", "[]", "{\"format\": \"lumpscope-bench\"}"};
    char *directory = directory_new(), path[128];
    snprintf(path, sizeof path, "%s/GLY-1-s1.json", directory);
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        struct error error = {0};
        struct bench_result back;
        must(file_write(path, texts[k], strlen(texts[k]), NULL, &error), &error);
        assert_false(bench_result_read(&tiny, path, &back, &error));
        assert_int_equal(error.kind, ERROR_REQUEST);
        assert_non_null(strstr(error.text, path));
    }
    directory_remove(directory);
}

static void method_names_are_distinct(void **state) {
    (void)state;
    for (int a = 0; a < BENCH_ALL; a++)
        for (int b = 0; b < a; b++)
            assert_string_not_equal(bench_method_name((enum bench_method)a),
                                    bench_method_name((enum bench_method)b));
    assert_string_equal(bench_method_name(bench_ablation_default()), "joint agglomerate+refit");
}

/* ---- Runs ---- */

/* The jobs that are meant for a test, out of a whole plan. */
static struct bench_plan plan_of(const char *directory, size_t shard, size_t shards) {
    struct bench_plan plan = {.suite = &tiny, .threads = 2, .directory = directory};
    struct text missing = {0};
    struct error error = {0};
    size_t kept = 0;
    must(bench_plan_init(&plan, 0, shard, shards, &missing, &error), &error);
    assert_string_equal(missing.data, "ABALONE, METRO, HEPC, PROTEIN");
    for (size_t k = 0; k < plan.count; k++) /* GLY and RN, two networks each */
        if (plan.job[k].set % 3 == 0 && plan.job[k].architecture > 0 && plan.job[k].seed == 1)
            plan.job[kept++] = plan.job[k];
    plan.count = kept;
    text_free(&missing);
    return plan;
}

/* The errors of all cells; times differ from run to run. */
static char *errors_of(struct bench_result *results, size_t count) {
    struct bench_summary summary;
    struct error error = {0};
    struct text out = {0};
    must(bench_summarise(results, count, &summary, &error), &error);
    bench_markdown(&summary, &out);
    assert_false(out.failed);
    bench_summary_free(&summary);
    return out.data;
}

static char *table_of(const struct bench_plan *plan) {
    struct error error = {0};
    size_t count;
    struct bench_result *results = bench_plan_results(plan, &count, &error);
    must(results, &error);
    assert_int_equal(count, plan->count);
    char *table = errors_of(results, count);
    bench_results_free(results, count);
    return table;
}

static char *table_of_a_run(const char *directory) {
    struct error error = {0};
    struct bench_plan plan = plan_of(directory, 0, 1);
    assert_int_equal(plan.count, 4);
    must(bench_run(&plan, NULL, &error), &error);
    char *table = table_of(&plan);
    bench_plan_free(&plan);
    return table;
}

static bool wait_for(const char *path) {
    for (int k = 0; k < 60000 && !file_exists(path); k++)
        usleep(10000);
    return file_exists(path);
}

/* A run in a process of its own, killed when the first result is there. */
static void kill_in_the_middle(const char *directory) {
    char path[128];
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct error error = {0};
        struct bench_plan plan = plan_of(directory, 0, 1);
        plan.threads = 1;
        bench_run(&plan, NULL, &error);
        _exit(0);
    }
    snprintf(path, sizeof path, "%s/RN-2-s1.json", directory);
    bool there = wait_for(path);
    kill(child, SIGKILL);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(there && WIFSIGNALED(status));
}

static void a_killed_run_goes_on_to_the_same_table(void **state) {
    char *directory = directory_new(), path[128];
    struct error error = {0};
    kill_in_the_middle(directory);
    snprintf(path, sizeof path, "%s/RN-2-s1.json", directory);
    size_t before, after;
    char *first = file_read(path, 1 << 22, &before, NULL, &error);
    must(first, &error);
    char *table = table_of_a_run(directory);
    char *again = file_read(path, 1 << 22, &after, NULL, &error);
    must(again, &error);
    assert_true(before == after && memcmp(first, again, before) == 0); /* not done again */
    assert_string_equal(table, *state);
    free(first);
    free(again);
    free(table);
    directory_remove(directory);
}

static void shards_together_are_the_single_run(void **state) {
    char *directory[2];
    struct bench_result *results = NULL;
    size_t count = 0, capacity = 0;
    struct error error = {0};
    for (size_t k = 0; k < 2; k++) {
        directory[k] = directory_new();
        struct bench_plan plan = plan_of(directory[k], k, 2);
        assert_int_equal(plan.count, 2);
        must(bench_run(&plan, NULL, &error), &error);
        bench_plan_free(&plan);
        must(bench_results_collect(&tiny, directory[k], &results, &count, &capacity, &error),
             &error);
        must(bench_results_collect(&tiny, directory[k], &results, &count, &capacity, &error),
             &error); /* twice is once */
        directory_remove(directory[k]);
    }
    assert_int_equal(count, 4);
    char *table = errors_of(results, count);
    assert_string_equal(table, *state);
    free(table);
    bench_results_free(results, count);
}

static bool stop_at_once(void *user, const char *what, size_t done, size_t total) {
    (void)what;
    (void)done;
    (void)total;
    return ++*(int *)user < 2;
}

static void a_stopped_run_says_so_and_leaves_no_half_result(void **state) {
    (void)state;
    char *directory = directory_new();
    int asked = 0;
    struct error error = {0};
    struct progress progress = {.report = stop_at_once, .user = &asked};
    struct bench_plan plan = plan_of(directory, 0, 1);
    assert_false(bench_run(&plan, &progress, &error));
    assert_int_equal(error.kind, ERROR_CANCELLED);
    size_t count;
    struct bench_result *results = bench_plan_results(&plan, &count, &error);
    must(results, &error);
    assert_true(count < plan.count);
    bench_results_free(results, count);
    bench_plan_free(&plan);
    directory_remove(directory);
}

static void a_damaged_result_stops_the_run(void **state) {
    (void)state;
    char *directory = directory_new(), path[128];
    struct error error = {0};
    struct bench_plan plan = plan_of(directory, 0, 1);
    snprintf(path, sizeof path, "%s/RN-2-s1.json", directory);
    must(file_write(path, "{}", 2, NULL, &error), &error);
    assert_false(bench_run(&plan, NULL, &error));
    assert_int_equal(error.kind, ERROR_REQUEST);
    assert_non_null(strstr(error.text, path));
    bench_plan_free(&plan);
    directory_remove(directory);
}

/* Every method has every size that it can reach, at most the size, and a figure. */
static void a_job_has_a_point_for_every_method_and_size(void **state) {
    (void)state;
    char *directory = directory_new();
    struct error error = {0};
    struct bench_job job = {3, 1, 1};
    struct bench_result result;
    size_t points[BENCH_ALL] = {0};
    must(bench_job_run(&tiny, &job, NULL, directory, &result, NULL, &error), &error);
    for (size_t k = 0; k < result.count; k++) {
        const struct bench_point *point = &result.point[k];
        points[point->method]++;
        assert_true(point->grp <= point->at + 1e-9 && point->bytes > 0 && point->evaluation > 0);
    }
    for (int m = 0; m < BENCH_METHODS; m++)
        if (m != BENCH_FORWARD && m != BENCH_FORWARD_REFIT && m != BENCH_BACKWARD_REFIT)
            assert_int_equal(points[m], BENCH_GRPS);
    assert_true(result.test_rows > 0 && result.mse > 0);
    bench_result_free(&result);
    directory_remove(directory);
}

static int run_once(void **state) {
    char *directory = directory_new();
    *state = table_of_a_run(directory);
    directory_remove(directory);
    return 0;
}

static int forget_run(void **state) {
    free(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_those_of_textbooks),
        cmocka_unit_test(few_or_overflowed_values_have_no_interval),
        cmocka_unit_test(scores_count_cells_by_means_and_by_intervals),
        cmocka_unit_test(results_read_back_as_they_were),
        cmocka_unit_test(what_is_no_result_is_refused),
        cmocka_unit_test(method_names_are_distinct),
        cmocka_unit_test(a_job_has_a_point_for_every_method_and_size),
        cmocka_unit_test(a_killed_run_goes_on_to_the_same_table),
        cmocka_unit_test(shards_together_are_the_single_run),
        cmocka_unit_test(a_stopped_run_says_so_and_leaves_no_half_result),
        cmocka_unit_test(a_damaged_result_stops_the_run),
    };
    return cmocka_run_group_tests(tests, run_once, forget_run);
}
