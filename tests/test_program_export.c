/* `lumpscope export`: the same state as compress makes, in every form, and refusals that say what
 * to do. */
#include "program_support.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char model[] =
    "{\"format\":\"lumpscope-network\",\"version\":1,\"name\":\"m\",\"task\":\"regression\","
    "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1,2],[3,4],[1,2.01],[-1,1]],"
    "\"bias\":[0,1,0,1]},"
    "{\"activation\":\"linear\",\"weights\":[[1,1,1,0.5]],\"bias\":[0]}]}";

static int set_up(void **state) {
    if (enter_directory(state) != 0)
        return -1;
    write_file("m.json", model);
    write_file("my model.json", model);
    write_file("d.csv", "a,b,y\n1,2,3\n2,1,3\n0,1,1\n3,3,9\n1,1,2\n4,0,4\n0,4,4\n2,2,5\n1,0,2\n"
                        "3,1,4\n0,0,1\n2,4,8\n");
    return 0;
}

static cJSON *document(const char *path) {
    char *text = read_file(path);
    assert_non_null(text);
    cJSON *parsed = cJSON_Parse(text);
    assert_non_null(parsed);
    free(text);
    return parsed;
}

static void check_beginning(const char *path, const char *beginning) {
    char *text = read_file(path);
    assert_non_null(text);
    if (strncmp(text, beginning, strlen(beginning)) != 0)
        fail_msg("%s begins otherwise: %.80s", path, text);
    free(text);
}

static void the_state_is_what_compress_writes(void **state) {
    (void)state;
    run_well("export m.json --data d.csv --budget 80 -o s.json");
    cJSON *report = document("s.json");
    cJSON *made = run_json("compress m.json --data d.csv --budget 80 -o small.json --json");
    static const char *const same[] = {"epsilon", "parameters", "original_parameters",
                                       "grp",     "bytes",      "original_bytes"};
    for (size_t k = 0; k < sizeof same / sizeof *same; k++)
        assert_true(json_number(report, same[k]) == json_number(made, same[k]));
    assert_true(cJSON_Compare(cJSON_GetObjectItem(report, "after"),
                              cJSON_GetObjectItem(made, "after"), true));
    assert_true(cJSON_Compare(cJSON_GetObjectItem(report, "before"),
                              cJSON_GetObjectItem(made, "before"), true));
    cJSON_Delete(report);
    cJSON_Delete(made);
}

/* The command of the report, given to the program, makes the network of the report. */
static void the_command_of_a_report_makes_its_network(void **state) {
    (void)state;
    run_well("export 'my model.json' --data d.csv --test-fraction 0.5 --split-seed 3 "
             "--relation forward --linkage chain --refit off --eps 0.5 -o again.json");
    cJSON *report = document("again.json");
    const char *command = json_string(report, "command");
    assert_int_equal(strncmp(command, "lumpscope compress ", 19), 0);
    run_well(command + strlen("lumpscope "));
    run_well("compress 'my model.json' --data d.csv --test-fraction 0.5 --split-seed 3 "
             "--relation forward --linkage chain --refit off --eps 0.5 -o straight.json");
    char *again = read_file("smaller.json"), *straight = read_file("straight.json");
    assert_string_equal(again, straight);
    assert_true(json_number(report, "parameters") < json_number(report, "original_parameters"));
    free(again);
    free(straight);
    cJSON_Delete(report);
}

static void every_kind_goes_where_its_suffix_says(void **state) {
    (void)state;
    run_well("export m.json --eps 0.1 -o r.md");
    check_beginning("r.md", "# m: ");
    run_well("export m.json --eps 0.1 -o r.csv");
    check_beginning("r.csv", "layer,activation,");
    run_well("export m.json --eps 0.1 --what dendrogram --layer 1 -o t.csv");
    check_beginning("t.csv", "layer,height,left,right,size,merged\n1,");
    run_well("export m.json --eps 0.1 --what classes -o c.csv");
    check_beginning("c.csv", "layer,neuron,class,dead\n1,0,0,no\n");
    run_well("export m.json --eps 0.1 --what dendrogram -o t.svg");
    check_beginning("t.svg", "<svg ");
    run_well("export m.json --eps 0.1 --what classes -o c.svg");
    check_beginning("c.svg", "<svg ");
    char *page = run_good("export m.json --eps 0 -o /dev/stdout");
    assert_int_equal(strncmp(page, "# m: ", 5), 0);
    free(page);
}

static void the_curve_is_that_of_the_sweep(void **state) {
    (void)state;
    static const char *const suffixes[] = {"svg", "csv", "json", "md"};
    for (size_t k = 0; k < sizeof suffixes / sizeof *suffixes; k++) {
        char line[128], path[32];
        snprintf(line, sizeof line, "export m.json --data d.csv --what curve -o curve.%s",
                 suffixes[k]);
        run_well(line);
        snprintf(line, sizeof line, "sweep m.json --data d.csv -o sweep.%s", suffixes[k]);
        run_well(line);
        snprintf(path, sizeof path, "curve.%s", suffixes[k]);
        char *curve = read_file(path);
        snprintf(path, sizeof path, "sweep.%s", suffixes[k]);
        char *sweep = read_file(path);
        assert_string_equal(curve, sweep);
        free(curve);
        free(sweep);
    }
    run_well("export m.json --data d.csv -o usual.svg");
    char *usual = read_file("usual.svg"), *curve = read_file("curve.svg");
    assert_string_equal(usual, curve);
    free(usual);
    free(curve);
}

static void refused(const char *line, int status, const char *part) {
    struct run run = run_program(line);
    if (run.status != status || !strstr(run.err, part))
        fail_msg("%s: status %d, \"%s\" does not say \"%s\"", line, run.status, run.err, part);
    run_free(&run);
}

static void what_cannot_be_exported_is_refused_and_not_written(void **state) {
    (void)state;
    size_t files = count_files();
    refused("export m.json -o x.md", 2, "--eps, --budget, --loss, --exact");
    refused("export m.json --eps 0.1 --budget 30 -o x.md", 2, "--budget");
    refused("export m.json --eps 0.1", 2, "needs -o OUT");
    refused("export m.json --eps 0.1 --what nothing -o x.md", 2, "state|curve|dendrogram|classes");
    refused("export m.json --eps 0.1 --what state -o x.svg", 2, "no picture");
    refused("export m.json --eps 0.1 --layer 1 -o x.md", 2, "--what dendrogram");
    refused("export m.json --eps 0.1 --what classes --layer 7 -o x.md", 1, "no hidden layer 7");
    refused("export m.json -o x.svg", 2, "--data FILE");
    refused("export m.json --eps 0.1 -o x.pdf", 1, ".json, .csv, .svg or .md");
    refused("export m.json --eps 0.1 -o m.json", 1, "would be lost");
    refused("export m.json --eps 0.1 -o none/x.md", 1, "none");
    assert_int_equal(count_files(), files);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_state_is_what_compress_writes),
        cmocka_unit_test(the_command_of_a_report_makes_its_network),
        cmocka_unit_test(every_kind_goes_where_its_suffix_says),
        cmocka_unit_test(the_curve_is_that_of_the_sweep),
        cmocka_unit_test(what_cannot_be_exported_is_refused_and_not_written),
    };
    return cmocka_run_group_tests(tests, set_up, leave_directory);
}
