/* The program's commands as users run them: text, JSON, files, and the numbers they promise. */
#include "program_support.h"
#include "reference.h"

#include "lumpscope/aggregate.h"
#include "lumpscope/model_json.h"
#include "lumpscope/study.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const fixtures[] = {"relu_2-9-5-2", "planted_2-6-7-5-2", "square_2-16-2"};

/* NAME.json and NAME.csv (columns a, b, y0, y1) of a reference case. */
static void write_fixture(const char *name) {
    char file[64];
    snprintf(file, sizeof file, "%s.json", name);
    cJSON *reference = reference_load(file);
    char *model = cJSON_PrintUnformatted(cJSON_GetObjectItem(reference, "model"));
    write_file(file, model);
    free(model);
    struct matrix x = reference_matrix(cJSON_GetObjectItem(reference, "test_inputs"));
    struct matrix y = reference_matrix(cJSON_GetObjectItem(reference, "test_targets"));
    snprintf(file, sizeof file, "%s.csv", name);
    FILE *csv = fopen(file, "w");
    assert_non_null(csv);
    fprintf(csv, "a,b,y0,y1\n");
    for (size_t r = 0; r < x.rows; r++)
        fprintf(csv, "%.17g,%.17g,%.17g,%.17g\n", matrix_row(&x, r)[0], matrix_row(&x, r)[1],
                matrix_row(&y, r)[0], matrix_row(&y, r)[1]);
    fclose(csv);
    matrix_free(&x);
    matrix_free(&y);
    cJSON_Delete(reference);
}

/* A network that tells a, b and "c d" apart by the larger of two inputs; row 3 misses a value. */
static void write_classifier(void) {
    write_file("classes.json",
               "{\"format\":\"lumpscope-network\",\"version\":1,\"name\":\"classes\","
               "\"task\":\"classification\",\"input\":{\"names\":[\"u\",\"v\"]},"
               "\"output\":{\"names\":[\"a\",\"b\",\"c,d\"]},\"layers\":["
               "{\"activation\":\"relu\",\"weights\":[[1,0],[0,1],[-1,-1]],\"bias\":[0,0,0]},"
               "{\"activation\":\"softmax\",\"weights\":[[2,0,0],[0,2,0],[0,0,2]],"
               "\"bias\":[0,0,0]}]}");
    write_file("classes.csv", "v,class,u\n0,a,1\n1,b,0\n?,b,0\n-1,\"c,d\",-1\n0.5,a,2\n1,a,0\n");
}

static int set_up(void **state) {
    if (enter_directory(state) != 0)
        return -1;
    for (size_t k = 0; k < sizeof fixtures / sizeof *fixtures; k++)
        write_fixture(fixtures[k]);
    write_classifier();
    return 0;
}

static void has(const char *text, const char *part) {
    if (!text || !strstr(text, part))
        fail_msg("\"%s\" is not in: %s", part, text ? text : "nothing");
}

static void says(const char *line, const char *part) {
    char *out = run_good(line);
    has(out, part);
    free(out);
}

/* ---- Help ---- */

static void version_and_overview_are_said(void **state) {
    (void)state;
    says("--version", "lumpscope ");
    says("--help", "compress");
    says("help", "help COMMAND");
    says("-h", "Commands");
}

static const char *const commands[] = {
    "open",  "info",     "evaluate", "predict", "partition",  "compress", "sweep",
    "train", "generate", "encode",   "paths",   "completion", "help"};

static void help_of_every_command_fits_80_columns(void **state) {
    (void)state;
    for (size_t k = 0; k < sizeof commands / sizeof *commands; k++) {
        char line[64], other[64];
        snprintf(line, sizeof line, "help %s", commands[k]);
        snprintf(other, sizeof other, "%s --help", commands[k]);
        char *help = run_good(line), *same = run_good(other);
        assert_string_equal(help, same);
        has(help, "Example\n  lumpscope");
        for (char *rest = help, *row; (row = strsep(&rest, "\n"));)
            if (strlen(row) >= 80)
                fail_msg("help %s: %s", commands[k], row);
        free(help);
        free(same);
    }
}

static void every_equivalence_and_data_option_is_in_the_help(void **state) {
    (void)state;
    char *help = run_good("help compress"), option[64];
    for (int k = 0; k < OPTION_COUNT; k++) {
        snprintf(option, sizeof option, "\n  --%s", option_descriptions[k].name);
        has(help, option);
    }
    for (int k = 0; k < DATA_OPTION_COUNT; k++) {
        snprintf(option, sizeof option, "\n  --%s", data_option_descriptions[k].name);
        has(help, option);
    }
    free(help);
}

/* ---- info, evaluate, predict ---- */

static void info_counts_layers_and_bytes(void **state) {
    (void)state;
    cJSON *info = run_json("info relu_2-9-5-2.json --json");
    struct stat status;
    assert_int_equal(stat("relu_2-9-5-2.json", &status), 0);
    assert_string_equal(json_string(info, "task"), "regression");
    assert_true(json_number(info, "inputs") == 2 && json_number(info, "outputs") == 2);
    assert_true(json_number(info, "parameters") == 2 * 9 + 9 + 9 * 5 + 5 + 5 * 2 + 2);
    assert_true(json_number(info, "macs") == 2 * 9 + 9 * 5 + 5 * 2);
    assert_true(json_number(info, "bytes") == (double)status.st_size);
    const cJSON *layers = cJSON_GetObjectItem(info, "layers");
    assert_int_equal(cJSON_GetArraySize(layers), 3);
    const cJSON *second = cJSON_GetArrayItem(layers, 1);
    assert_true(json_number(second, "layer") == 2 && json_number(second, "inputs") == 9 &&
                json_number(second, "neurons") == 5 && json_number(second, "parameters") == 50);
    assert_string_equal(json_string(second, "activation"), "relu");
    cJSON_Delete(info);
    says("info relu_2-9-5-2.json",
         "all                    16                      89  100.0 %    73   712 B\n");
}

static void evaluate_says_the_reference_error(void **state) {
    (void)state;
    for (size_t k = 0; k < sizeof fixtures / sizeof *fixtures; k++) {
        char line[160], file[64];
        snprintf(file, sizeof file, "%s.json", fixtures[k]);
        cJSON *reference = reference_load(file);
        snprintf(line, sizeof line, "evaluate %s.json --data=%s.csv --split none --json",
                 fixtures[k], fixtures[k]);
        cJSON *metrics = run_json(line);
        assert_true(json_number(metrics, "rows") == 100);
        assert_string_equal(json_string(metrics, "task"), "regression");
        assert_true(close_to(json_number(metrics, "mse"), json_number(reference, "original_mse"),
                             1e-12, 0));
        assert_true(
            close_to(json_number(metrics, "rmse"), sqrt(json_number(metrics, "mse")), 1e-14, 0));
        assert_true(json_number(metrics, "mae") > 0 && json_number(metrics, "r2") < 1 &&
                    json_number(metrics, "mse_raw") > 0);
        cJSON_Delete(metrics);
        cJSON_Delete(reference);
    }
    says("evaluate relu_2-9-5-2.json --data relu_2-9-5-2.csv", "20 test rows");
}

static void single_precision_is_said_beside_double(void **state) {
    (void)state;
    const char *line = "evaluate relu_2-9-5-2.json --data relu_2-9-5-2.csv --float";
    says(line, "in single precision, 20 test rows");
    says(line, "largest difference of an output to double precision: ");
    cJSON *plain = run_json("evaluate relu_2-9-5-2.json --data relu_2-9-5-2.csv --json");
    cJSON *both = run_json("evaluate relu_2-9-5-2.json --data relu_2-9-5-2.csv --json --float");
    const cJSON *single = cJSON_GetObjectItem(both, "float");
    assert_null(cJSON_GetObjectItem(plain, "float"));
    assert_true(json_number(both, "mse") == json_number(plain, "mse"));
    assert_true(json_number(single, "mse") != json_number(both, "mse"));
    assert_true(close_to(json_number(single, "mse"), json_number(both, "mse"), 1e-4, 0));
    assert_true(json_number(single, "difference") > 0 && json_number(single, "difference") < 1e-5);
    cJSON_Delete(plain);
    cJSON_Delete(both);
    char *exact = run_good("predict relu_2-9-5-2.json --data relu_2-9-5-2.csv");
    char *rounded = run_good("predict relu_2-9-5-2.json --data relu_2-9-5-2.csv --float");
    assert_string_not_equal(exact, rounded);
    free(exact);
    free(rounded);
}

/* 1e30 squared is a double and no float. */
static void what_overflows_in_single_precision_alone_is_said(void **state) {
    (void)state;
    write_file("far.json", "{\"format\":\"lumpscope-network\",\"version\":1,\"name\":\"far\","
                           "\"task\":\"regression\",\"layers\":[{\"activation\":\"square\","
                           "\"weights\":[[1]],\"bias\":[0]},"
                           "{\"activation\":\"linear\",\"weights\":[[1]],\"bias\":[0]}]}");
    write_file("far.csv", "x,y\n0,0\n1,1\n1e30,1\n");
    says("evaluate far.json --data far.csv --split none --float",
         "some outputs overflow: no largest difference");
    struct run run = run_program("predict far.json --data far.csv --float");
    assert_int_equal(run.status, 0);
    has(run.err, "1 of 3 rows overflow in single precision");
    run_free(&run);
}

/* Squares of 1e100: one row is too much, and that row is named. */
static void figures_that_overflow_are_null_and_placed(void **state) {
    (void)state;
    write_file("big.json", "{\"format\":\"lumpscope-network\",\"version\":1,\"name\":\"big\","
                           "\"task\":\"regression\",\"layers\":[{\"activation\":\"square\","
                           "\"weights\":[[1e10],[1]],\"bias\":[0,0]},"
                           "{\"activation\":\"square\",\"weights\":[[1,0]],\"bias\":[0]}]}");
    write_file("big.csv", "x,y\n0,0\n1,1\n2,?\n1e80,1\n1e200,1\n");
    const char *line = "evaluate big.json --data big.csv --split none";
    says(line, "overflows in layer 2, neuron 0, on data row 4");
    struct run run = run_program("evaluate big.json --data big.csv --split none --json");
    assert_int_equal(run.status, 0);
    cJSON *metrics = cJSON_Parse(run.out);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(metrics, "mse")));
    has(run.err, "on data row 4");
    cJSON_Delete(metrics);
    run_free(&run);
    struct run loss = run_program("compress big.json -o big2.json --data big.csv --split none "
                                  "--loss 10 --relation forward --refit off");
    assert_int_equal(loss.status, 1);
    assert_null(read_file("big2.json"));
    run_free(&loss);
}

static void predictions_that_overflow_are_counted_and_placed(void **state) {
    (void)state;
    struct run run = run_program("predict big.json --data big.csv");
    assert_int_equal(run.status, 0);
    assert_string_equal(run.out, "y0\n0\n1e+40\n1.6e+41\n\n\n");
    has(run.err, "2 of 5 rows overflow; first, the network overflows in layer 2, neuron 0, on data "
                 "row 4\n");
    run_free(&run);
    run = run_program("predict relu_2-9-5-2.json --data relu_2-9-5-2.csv");
    assert_null(strstr(run.err, "overflow"));
    run_free(&run);
}

static void refused(const char *line, int status, const char *part) {
    struct run run = run_program(line);
    if (run.status != status)
        fail_msg("%s: status %d, %s", line, run.status, run.err);
    has(run.err, part);
    run_free(&run);
}

/* Calibration rows are shuffled; the row of the file is named, and whose fault it is. */
static void calibration_that_overflows_names_the_data_row(void **state) {
    (void)state;
    refused("compress big.json -o c.json --eps 0 --data big.csv --target y --split none", 1,
            "calibration: the network overflows in layer");
    write_file("big.csv", "x,y\n0,0\n?,1\n1,1\n2,1\n1e80,1\n3,1\n");
    refused("compress big.json -o c.json --eps 0 --data big.csv --split none", 1,
            "layer 2, neuron 0, on data row 5 of big.csv;");
    refused("compress big.json -o c.json --eps 0 --calibrate-on big.csv", 1,
            "neuron 0, on data row 5 of big.csv;");
    /* Neuron 0 is dead; rows of norm 1 overflow where those of norm 1e-150 do not. */
    write_file("big.json", "{\"format\":\"lumpscope-network\",\"version\":1,\"name\":\"big\","
                           "\"task\":\"regression\",\"layers\":[{\"activation\":\"square\","
                           "\"weights\":[[0],[1e-150]],\"bias\":[0,0]},"
                           "{\"activation\":\"linear\",\"weights\":[[1,1]],\"bias\":[0]}]}");
    write_file("big.csv", "x,y\n0,0\n?,1\n1,1\n2,1\n1e200,1\n3,1\n");
    refused("compress big.json -o c.json --eps 0 --data big.csv --split none", 1,
            "the balanced network overflows in layer 1, neuron 1, on data row 5 of big.csv, where "
            "the original does not");
}

static void test_rows_do_not_calibrate(void **state) {
    (void)state;
    const char *line = "compress relu_2-9-5-2.json -o c.json --eps 0 --data relu_2-9-5-2.csv "
                       "--test-fraction 1";
    char other[256];
    refused(line, 1, "no training rows to calibrate on");
    snprintf(other, sizeof other, "%s --calibrate-on relu_2-9-5-2.csv", line);
    run_well(other);
    snprintf(other, sizeof other, "%s --relation forward --refit off", line);
    run_well(other);
    refused("sweep relu_2-9-5-2.json --data relu_2-9-5-2.csv --test-fraction 1 --relation forward "
            "--refit off",
            1, "wanda");
    run_well("sweep relu_2-9-5-2.json --data relu_2-9-5-2.csv --test-fraction 1 --relation "
             "forward --refit off --methods lump,lump,magnitude --points 3");
}

static void classification_is_accuracy_and_cross_entropy(void **state) {
    (void)state;
    cJSON *metrics =
        run_json("evaluate classes.json --data classes.csv --target class --split none --json");
    assert_true(json_number(metrics, "rows") == 5);
    assert_string_equal(json_string(metrics, "task"), "classification");
    assert_true(json_number(metrics, "accuracy") == 0.8);
    assert_true(json_number(metrics, "cross_entropy") > 0);
    cJSON_Delete(metrics);
    says("evaluate classes.json --data classes.csv --target class --split none", "80.00  %");
}

static void predictions_keep_the_lines_of_the_data(void **state) {
    (void)state;
    char *out = run_good("predict classes.json --data classes.csv"), *rest = out;
    static const char *const classes[] = {",a", ",b", "", ",\"c,d\"", ",a", ",b"};
    assert_string_equal(strsep(&rest, "\n"), "a,b,\"c,d\",class");
    for (size_t k = 0; k < sizeof classes / sizeof *classes; k++) {
        const char *row = strsep(&rest, "\n");
        size_t length = strlen(classes[k]);
        assert_true(strlen(row) >= length);
        assert_string_equal(row + strlen(row) - length, classes[k]);
        assert_true(length > 0 || !*row);
    }
    assert_string_equal(rest, "");
    free(out);
}

static void predictions_are_raw_outputs_that_read_back(void **state) {
    (void)state;
    cJSON *json = run_json("predict classes.json --data classes.csv --json");
    const cJSON *rows = cJSON_GetObjectItem(json, "rows");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "names")), 4);
    assert_int_equal(cJSON_GetArraySize(rows), 6);
    const cJSON *first = cJSON_GetArrayItem(rows, 0), *missing = cJSON_GetArrayItem(rows, 2);
    double top = exp(2), sum = top + 2;
    assert_true(close_to(cJSON_GetArrayItem(first, 0)->valuedouble, top / sum, 1e-15, 0));
    assert_string_equal(cJSON_GetArrayItem(first, 3)->valuestring, "a");
    for (int k = 0; k < 4; k++)
        assert_true(cJSON_IsNull(cJSON_GetArrayItem(missing, k)));
    cJSON_Delete(json);

    /* Output scaling is taken out, and a file holds what the screen would. */
    write_file("scaled.json",
               "{\"format\":\"lumpscope-network\",\"version\":1,\"name\":\"s\","
               "\"task\":\"regression\",\"input\":{\"mean\":[1],\"scale\":[2]},"
               "\"output\":{\"names\":[\"out\"],\"mean\":[10],\"scale\":[0.1]},"
               "\"layers\":[{\"activation\":\"linear\",\"weights\":[[3]],\"bias\":[1]}]}");
    write_file("one.csv", "x\n1\n\n4\n");
    char *out = run_good("predict scaled.json --data one.csv");
    assert_string_equal(out, "out\n10.1\n10.55\n");
    char *nothing = run_good("predict scaled.json --data one.csv -o predicted.csv");
    char *file = read_file("predicted.csv");
    assert_string_equal(nothing, "");
    assert_string_equal(file, out);
    free(nothing);
    free(file);
    free(out);
}

static void completion_refuses_a_shell_it_does_not_know(void **state) {
    (void)state;
    refused("completion tcsh", 2, "it takes bash|zsh|fish|lessons|themes");
    refused("completion", 2, "completion needs");
}

/* ---- partition ---- */

static void partition_lists_classes_and_options(void **state) {
    (void)state;
    cJSON *json = run_json("partition relu_2-9-5-2.json --eps 0.3 --data relu_2-9-5-2.csv --json");
    assert_string_equal(json_string(json, "relation"), "joint");
    assert_string_equal(json_string(json, "linkage"), "agglomerate");
    static const char *const none[] = {"norm", "scale", "balance"};
    const cJSON *options = cJSON_GetObjectItem(json, "options");
    for (size_t k = 0; k < 3; k++) {
        assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, none[k])));
        assert_true(cJSON_IsNull(cJSON_GetObjectItem(options, none[k])));
    }
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(options, "refit")));
    assert_true(json_number(options, "calibration") == 1024 && json_number(options, "seed") == 1);
    assert_true(json_number(json, "epsilon") == 0.3);
    const cJSON *layers = cJSON_GetObjectItem(json, "layers");
    assert_int_equal(cJSON_GetArraySize(layers), 2);
    const cJSON *layer;
    int number = 1;
    cJSON_ArrayForEach(layer, layers) {
        size_t members = 0;
        double before = -1;
        const cJSON *class;
        assert_true(json_number(layer, "layer") == number++);
        cJSON_ArrayForEach(class, cJSON_GetObjectItem(layer, "classes")) {
            double smallest = cJSON_GetArrayItem(class, 0)->valuedouble, last = -1;
            assert_true(smallest > before);
            before = smallest;
            const cJSON *member;
            cJSON_ArrayForEach(member, class) {
                assert_true(member->valuedouble > last);
                last = member->valuedouble;
                members++;
            }
        }
        members += (size_t)cJSON_GetArraySize(cJSON_GetObjectItem(layer, "dead"));
        assert_true(json_number(layer, "neurons") == (double)members);
    }
    cJSON_Delete(json);
}

static void partition_without_data_is_forward(void **state) {
    (void)state;
    cJSON *json = run_json("partition square_2-16-2.json --eps=0.1 --json --relation=forward");
    assert_string_equal(json_string(json, "norm"), "l1");
    assert_string_equal(json_string(json, "scale"), "relative");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(json, "balance")));
    const cJSON *options = cJSON_GetObjectItem(json, "options");
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(options, "refit")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(options, "calibration")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(options, "rank")));
    assert_true(json_number(options, "seed") == 1);
    cJSON_Delete(json);
    cJSON *same = run_json("partition square_2-16-2.json --eps 0.1 --json");
    assert_string_equal(json_string(same, "relation"), "forward");
    cJSON_Delete(same);
    says("partition square_2-16-2.json --faithful --eps 0", "linkage chain, norm erode");
}

static void the_last_of_repeated_options_wins(void **state) {
    (void)state;
    cJSON *json =
        run_json("partition square_2-16-2.json --json --eps 0.1 --norm l2 --eps 0.4 --norm linf");
    assert_true(json_number(json, "epsilon") == 0.4);
    assert_string_equal(json_string(json, "norm"), "linf");
    cJSON_Delete(json);
}

static void two_dashes_end_the_options(void **state) {
    (void)state;
    char *content = read_file("relu_2-9-5-2.json");
    write_file("--odd.json", content);
    free(content);
    says("info -- --odd.json", "regression");
    assert_int_equal(remove("--odd.json"), 0);
}

/* ---- compress ---- */

static void a_compressed_model_evaluates_as_it_was_said(void **state) {
    (void)state;
    cJSON *json = run_json(
        "compress relu_2-9-5-2.json -o small.json --eps 0.1 --data relu_2-9-5-2.csv --json");
    cJSON *info = run_json("info small.json --json");
    cJSON *metrics = run_json("evaluate small.json --data relu_2-9-5-2.csv --json");
    const cJSON *after = cJSON_GetObjectItem(json, "after");
    const cJSON *before = cJSON_GetObjectItem(json, "before");
    assert_true(json_number(after, "mse") == json_number(metrics, "mse"));
    assert_true(json_number(before, "mse") != json_number(after, "mse"));
    assert_true(json_number(json, "bytes") == json_number(info, "bytes"));
    assert_true(json_number(json, "parameters") == json_number(info, "parameters"));
    assert_true(json_number(json, "original_parameters") == 89);
    assert_true(
        close_to(json_number(json, "grp"), 100 * json_number(json, "parameters") / 89, 1e-15, 0));
    assert_string_equal(json_string(json, "output"), "small.json");
    struct stat status;
    assert_int_equal(stat("relu_2-9-5-2.json", &status), 0);
    assert_true(json_number(json, "original_bytes") == (double)status.st_size);
    const cJSON *layers = cJSON_GetObjectItem(info, "layers");
    for (int l = 0; l < 2; l++) {
        double neurons = json_number(cJSON_GetArrayItem(layers, l), "neurons");
        assert_true(cJSON_GetArrayItem(cJSON_GetObjectItem(json, "neurons"), l)->valuedouble ==
                    neurons);
        assert_true(cJSON_GetArrayItem(cJSON_GetObjectItem(json, "classes"), l)->valuedouble ==
                    neurons);
    }
    char *model = read_file("small.json");
    has(model, "\"lumpscope\"");
    has(model, "\"data\"");
    free(model);
    cJSON_Delete(json);
    cJSON_Delete(info);
    cJSON_Delete(metrics);
    says("compress relu_2-9-5-2.json -o small.json --eps 0.1 --data relu_2-9-5-2.csv",
         "parameters           89");
}

/* Every merge event from the engine itself, with the network there. */
struct seen {
    double epsilon, change;
    size_t parameters;
    struct metrics metrics;
};
enum { MOST_EVENTS = 200 };

static double output_change(const struct network *original, const struct network *reduced,
                            const struct matrix *x) {
    size_t outputs = network_outputs(original);
    struct matrix a, b;
    double largest = 0;
    assert_true(matrix_init(&a, x->rows, outputs, NULL) && matrix_init(&b, x->rows, outputs, NULL));
    assert_true(network_forward(original, x->data, x->rows, true, a.data, NULL, NULL));
    assert_true(network_forward(reduced, x->data, x->rows, true, b.data, NULL, NULL));
    for (size_t o = 0; o < outputs; o++) {
        double squares = 0;
        for (size_t r = 0; r < x->rows; r++)
            squares += matrix_row(&a, r)[o] * matrix_row(&a, r)[o];
        for (size_t r = 0; r < x->rows; r++)
            largest = fmax(largest, fabs(matrix_row(&a, r)[o] - matrix_row(&b, r)[o]) /
                                        sqrt(squares / (double)x->rows));
    }
    matrix_free(&a);
    matrix_free(&b);
    return largest;
}

static size_t all_events(const char *name, struct seen *seen, struct metrics *before) {
    char path[64];
    struct error error = {0};
    struct data_recipe recipe;
    struct options options;
    struct study study;
    data_recipe_defaults(&recipe);
    options_defaults(&options, true);
    snprintf(path, sizeof path, "%s.json", name);
    struct network *network = model_json_load(path, NULL, &error);
    snprintf(path, sizeof path, "%s.csv", name);
    struct dataset *data = dataset_load(path, &recipe, network, -1, NULL, &error);
    assert_true(network && data);
    assert_true(study_init(&study, network, &options, data, NULL, NULL, &error));
    assert_true(study_judge(&study, NULL, &error));
    *before = study.before;
    size_t count = 0;
    for (double epsilon = 0; !isnan(epsilon); count++) {
        assert_true(count < MOST_EVENTS);
        seen[count].epsilon = epsilon;
        struct network *reduced =
            study_reduce(&study, epsilon, false, &seen[count].metrics, NULL, &error);
        assert_non_null(reduced);
        seen[count].parameters = network_parameters(reduced);
        seen[count].change = output_change(network, reduced, &study.test_inputs);
        network_free(reduced);
        epsilon = refine_next_event(study.refine, NULL);
    }
    study_free(&study);
    dataset_free(data);
    network_free(network);
    return count;
}

/* What compress chooses, by its JSON. */
static void chooses(const char *name, const char *goal, const struct seen *expected) {
    char line[256];
    snprintf(line, sizeof line, "compress %s.json -o chosen.json --data %s.csv --json %s", name,
             name, goal);
    cJSON *json = run_json(line);
    if (json_number(json, "epsilon") != expected->epsilon ||
        json_number(json, "parameters") != (double)expected->parameters)
        fail_msg("%s: epsilon %.17g, %g parameters instead of %.17g, %zu", line,
                 json_number(json, "epsilon"), json_number(json, "parameters"), expected->epsilon,
                 expected->parameters);
    /* --eps with the epsilon that was printed writes the same file. */
    char *first = read_file("chosen.json");
    snprintf(line, sizeof line, "compress %s.json -o again.json --data %s.csv --json --eps %.17g",
             name, name, json_number(json, "epsilon"));
    cJSON_Delete(run_json(line));
    char *second = read_file("again.json");
    assert_string_equal(first, second);
    free(first);
    free(second);
    cJSON_Delete(json);
}

static double grp(const struct seen *seen, const struct seen *first) {
    return metrics_grp(seen->parameters, first->parameters);
}

/* Epsilon 0 merges nothing in the first case, so its size is that of the original. */
static void budget_is_the_largest_network_within_it(void **state) {
    (void)state;
    static const double budgets[] = {100, 75, 50, 33.3, 20};
    struct seen seen[MOST_EVENTS];
    struct metrics before;
    size_t count = all_events(fixtures[0], seen, &before);
    assert_true(count > 5 && seen[0].parameters == 89);
    for (size_t b = 0; b < sizeof budgets / sizeof *budgets; b++) {
        const struct seen *best = NULL;
        for (size_t k = 0; k < count; k++)
            if (grp(&seen[k], seen) <= budgets[b] &&
                (!best || seen[k].parameters > best->parameters))
                best = &seen[k];
        assert_non_null(best);
        char goal[64];
        snprintf(goal, sizeof goal, "--budget %g%%", budgets[b]);
        chooses(fixtures[0], goal, best);
    }
}

static void loss_is_the_smallest_network_good_enough(void **state) {
    (void)state;
    static const double losses[] = {0, 5, 50, 1000};
    struct seen seen[MOST_EVENTS];
    struct metrics before;
    for (size_t f = 0; f < 2; f++) {
        size_t count = all_events(fixtures[f], seen, &before);
        for (size_t p = 0; p < sizeof losses / sizeof *losses; p++) {
            const struct seen *best = NULL;
            for (size_t k = 0; k < count; k++)
                if (seen[k].metrics.mse <= before.mse * (1 + losses[p] / 100) &&
                    (!best || seen[k].parameters < best->parameters))
                    best = &seen[k];
            if (!best)
                continue;
            char goal[64];
            snprintf(goal, sizeof goal, "--loss %g", losses[p]);
            chooses(fixtures[f], goal, best);
        }
    }
}

static void exact_is_the_last_event_that_changes_nothing(void **state) {
    (void)state;
    struct seen seen[MOST_EVENTS];
    struct metrics before;
    size_t found = 0;
    for (size_t f = 0; f < 2; f++) {
        size_t count = all_events(fixtures[f], seen, &before), last = 0;
        if (!(seen[0].change <= 1e-9))
            continue;
        while (last + 1 < count && seen[last + 1].change <= 1e-9)
            last++;
        chooses(fixtures[f], "--exact", &seen[last]);
        found++;
    }
    assert_true(found > 0);
}

/* Neither by name nor through a link. */
static void what_is_read_is_never_overwritten(void **state) {
    (void)state;
    static const char *const lines[] = {
        "compress self.json -o self.json --eps 0.5",
        "compress self.json -o link.json --eps 0.5",
        "compress self.json -o self.csv --eps 0.5 --data self.csv",
        "predict self.json -o self.csv --data self.csv",
        "train --data self.csv --layers 2:tanh -o self.csv",
    };
    char *model = read_file("relu_2-9-5-2.json"), *data = read_file("relu_2-9-5-2.csv");
    write_file("self.json", model);
    write_file("self.csv", data);
    assert_int_equal(symlink("self.json", "link.json"), 0);
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
        struct run run = run_program(lines[k]);
        assert_int_equal(run.status, 1);
        assert_non_null(strstr(run.err, "choose another name"));
        run_free(&run);
    }
    char *model_after = read_file("self.json"), *data_after = read_file("self.csv");
    assert_string_equal(model, model_after);
    assert_string_equal(data, data_after);
    free(model);
    free(data);
    free(model_after);
    free(data_after);
}

static void a_link_leads_to_the_file_that_is_written(void **state) {
    (void)state;
    write_file("target.json", "old");
    assert_int_equal(symlink("target.json", "to-target.json"), 0);
    struct run run = run_program("compress relu_2-9-5-2.json -o to-target.json --eps 0.5");
    assert_int_equal(run.status, 0);
    run_free(&run);
    cJSON *info = run_json("info target.json --json");
    cJSON_Delete(info);
}

static void calibration_rows_alone_are_enough(void **state) {
    (void)state;
    cJSON *json = run_json("compress relu_2-9-5-2.json -o c.json --eps 0.1 --json "
                           "--calibrate-on relu_2-9-5-2.csv");
    const cJSON *options = cJSON_GetObjectItem(json, "options");
    assert_string_equal(json_string(options, "relation"), "joint");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(options, "refit")));
    assert_null(cJSON_GetObjectItem(json, "before"));
    cJSON_Delete(json);
}

/* ---- sweep ---- */

static void sweeps_compare_methods_at_the_same_size(void **state) {
    (void)state;
    cJSON *json = run_json("sweep relu_2-9-5-2.json --data relu_2-9-5-2.csv --json --grp 80,50,4");
    assert_true(json_number(cJSON_GetObjectItem(json, "original"), "parameters") == 89);
    const cJSON *point;
    size_t lump = 0, all = 0;
    cJSON_ArrayForEach(point, cJSON_GetObjectItem(json, "points")) {
        bool is_lump = strcmp(json_string(point, "method"), "lump") == 0;
        assert_true(json_number(point, "grp") <= json_number(point, "at"));
        assert_true(json_number(point, "at") > 4); /* below the biases nobody can */
        assert_true(json_number(point, "mse") > 0);
        assert_true(is_lump == cJSON_HasObjectItem(point, "epsilon"));
        lump += is_lump;
        all++;
    }
    assert_true(lump == 2 && all == 6);
    cJSON_Delete(json);
}

static void sweeps_write_what_the_suffix_says(void **state) {
    (void)state;
    const char *sweep = "sweep relu_2-9-5-2.json --data relu_2-9-5-2.csv --points 6";
    char line[160];
    snprintf(line, sizeof line, "%s --csv", sweep);
    char *csv = run_good(line);
    snprintf(line, sizeof line, "%s -o sweep.csv", sweep);
    char *nothing = run_good(line), *file = read_file("sweep.csv");
    assert_string_equal(nothing, "");
    assert_string_equal(file, csv);
    has(csv, "method,epsilon,at,grp,parameters,mse,rmse,mae,r2,mse_raw\noriginal,,,100,89,");
    has(csv, "\nlump,0,,");
    has(csv, "\nwanda,,,");
    free(csv);
    free(nothing);
    free(file);
    snprintf(line, sizeof line, "%s --methods lump --json", sweep);
    cJSON *json = run_json(line);
    const cJSON *points = cJSON_GetObjectItem(json, "points");
    assert_true(cJSON_GetArraySize(points) > 3 && cJSON_GetArraySize(points) <= 6);
    assert_true(json_number(cJSON_GetArrayItem(points, 0), "epsilon") == 0);
    cJSON_Delete(json);
    says(sweep, "original");
}

/* ---- generate, train, encode, paths ---- */

static void generated_data_are_the_same_for_a_seed(void **state) {
    (void)state;
    static const char *const systems[] = {"rn", "htree --depth 3 --eta 5", "polymer --perturbed",
                                          "glycolysis"};
    for (size_t k = 0; k < 4; k++) {
        char line[160];
        snprintf(line, sizeof line, "generate %s --rows 50 --seed 7 -o one.csv", systems[k]);
        run_well(line);
        snprintf(line, sizeof line, "generate %s --rows 50 --seed 7 -o two.csv", systems[k]);
        run_well(line);
        char *one = read_file("one.csv"), *two = read_file("two.csv");
        assert_string_equal(one, two);
        free(one);
        free(two);
    }
}

static void a_trained_model_knows_its_data(void **state) {
    (void)state;
    run_well("generate rn --rows 600 -o rn.csv");
    cJSON *json = run_json("train --data rn.csv --target last:5 --layers 12:square,6 --epochs 12 "
                           "-o rn.json --json");
    assert_string_equal(json_string(json, "output"), "rn.json");
    assert_true(json_number(json, "parameters") == 5 * 12 + 12 + 12 * 6 + 6 + 6 * 5 + 5);
    assert_true(json_number(json, "epochs") >= 1 && json_number(json, "epochs") <= 12);
    const cJSON *rows = cJSON_GetObjectItem(json, "rows");
    assert_true(json_number(rows, "train") == 480 && json_number(rows, "test") == 120);
    cJSON *metrics = run_json("evaluate rn.json --data rn.csv --json");
    assert_true(json_number(metrics, "mse") ==
                json_number(cJSON_GetObjectItem(json, "metrics"), "mse"));
    assert_true(json_number(metrics, "rows") == 120);
    cJSON_Delete(metrics);
    cJSON_Delete(json);
    says("info rn.json", "rn: regression, 5 inputs, 5 outputs");
    char *names = run_good("predict rn.json --data rn.csv");
    assert_int_equal(strncmp(names, "d_Au,d_Ap,d_B,d_AuB,d_ApB\n", 26), 0);
    free(names);
}

static void a_text_target_trains_a_classifier(void **state) {
    (void)state;
    FILE *csv = fopen("sides.csv", "w");
    assert_non_null(csv);
    fprintf(csv, "x,side\n");
    for (int r = 0; r < 300; r++)
        fprintf(csv, "%g,%s\n", (r % 37) - 18.5, (r % 37) - 18.5 > 0 ? "right" : "left");
    fclose(csv);
    cJSON *json = run_json("train --data sides.csv --layers 4:tanh --epochs 60 -o s.json --json");
    assert_true(json_number(cJSON_GetObjectItem(json, "metrics"), "accuracy") > 0.9);
    cJSON_Delete(json);
    char *out = run_good("predict s.json --data sides.csv");
    assert_int_equal(strncmp(out, "left,right,class\n", 17), 0);
    has(out, ",right\n");
    free(out);
}

static void encode_writes_the_polynomial_system(void **state) {
    (void)state;
    run_well("encode square_2-16-2.json -o square.ode");
    char *ode = read_file("square.ode");
    has(ode, "begin model");
    has(ode, "x0_1*x0_1");
    free(ode);
}

static void paths_are_listed_for_every_kind(void **state) {
    (void)state;
    static const char *const kinds[] = {"config",  "state",   "data",    "themes",
                                        "samples", "lessons", "settings"};
    cJSON *json = run_json("paths --json");
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const cJSON *list = cJSON_GetObjectItem(json, kinds[k]);
        assert_true(cJSON_GetArraySize(list) > 0);
        assert_true(cJSON_IsBool(cJSON_GetObjectItem(cJSON_GetArrayItem(list, 0), "exists")));
        says("paths", json_string(cJSON_GetArrayItem(list, 0), "path"));
    }
    cJSON_Delete(json);
    setenv("XDG_CONFIG_HOME", "/somewhere", 1);
    says("paths", "/somewhere/lumpscope");
    setenv("XDG_CONFIG_HOME", "not/absolute", 1);
    char *out = run_good("paths");
    assert_null(strstr(out, "not/absolute"));
    free(out);
    unsetenv("XDG_CONFIG_HOME");
}

/* ---- Surroundings ---- */

static void numbers_do_not_depend_on_the_locale(void **state) {
    (void)state;
    const char *line = "evaluate relu_2-9-5-2.json --data relu_2-9-5-2.csv --json";
    char *plain = run_good(line);
    setenv("LC_ALL", "de_DE.UTF-8", 1);
    char *german = run_good(line);
    unsetenv("LC_ALL");
    assert_string_equal(plain, german);
    free(plain);
    free(german);
}

static void the_order_of_methods_on_public_data(void **state) {
    (void)state;
    const char *directory = getenv("LUMPSCOPE_DATA");
    char line[512];
    if (!directory) {
        print_message("skipped: no public data sets (LUMPSCOPE_DATA)\n");
        skip();
    }
    snprintf(line, sizeof line,
             "train --data %s/abalone/abalone.data --layers 64:relu,64:relu --epochs 40 -o ab.json",
             directory);
    run_well(line);
    snprintf(line, sizeof line,
             "sweep ab.json --data %s/abalone/abalone.data --grp 75,30,20 --json", directory);
    cJSON *json = run_json(line);
    const cJSON *points = cJSON_GetObjectItem(json, "points");
    assert_int_equal(cJSON_GetArraySize(points), 9);
    for (int k = 0; k < 9; k += 3)
        for (int rival = 1; rival < 3; rival++)
            assert_true(json_number(cJSON_GetArrayItem(points, k), "mse") <
                        json_number(cJSON_GetArrayItem(points, k + rival), "mse"));
    cJSON_Delete(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_and_overview_are_said),
        cmocka_unit_test(completion_refuses_a_shell_it_does_not_know),
        cmocka_unit_test(help_of_every_command_fits_80_columns),
        cmocka_unit_test(every_equivalence_and_data_option_is_in_the_help),
        cmocka_unit_test(info_counts_layers_and_bytes),
        cmocka_unit_test(evaluate_says_the_reference_error),
        cmocka_unit_test(single_precision_is_said_beside_double),
        cmocka_unit_test(what_overflows_in_single_precision_alone_is_said),
        cmocka_unit_test(figures_that_overflow_are_null_and_placed),
        cmocka_unit_test(predictions_that_overflow_are_counted_and_placed),
        cmocka_unit_test(calibration_that_overflows_names_the_data_row),
        cmocka_unit_test(test_rows_do_not_calibrate),
        cmocka_unit_test(classification_is_accuracy_and_cross_entropy),
        cmocka_unit_test(predictions_keep_the_lines_of_the_data),
        cmocka_unit_test(predictions_are_raw_outputs_that_read_back),
        cmocka_unit_test(partition_lists_classes_and_options),
        cmocka_unit_test(partition_without_data_is_forward),
        cmocka_unit_test(the_last_of_repeated_options_wins),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(a_compressed_model_evaluates_as_it_was_said),
        cmocka_unit_test(budget_is_the_largest_network_within_it),
        cmocka_unit_test(loss_is_the_smallest_network_good_enough),
        cmocka_unit_test(exact_is_the_last_event_that_changes_nothing),
        cmocka_unit_test(what_is_read_is_never_overwritten),
        cmocka_unit_test(a_link_leads_to_the_file_that_is_written),
        cmocka_unit_test(calibration_rows_alone_are_enough),
        cmocka_unit_test(sweeps_compare_methods_at_the_same_size),
        cmocka_unit_test(sweeps_write_what_the_suffix_says),
        cmocka_unit_test(generated_data_are_the_same_for_a_seed),
        cmocka_unit_test(a_trained_model_knows_its_data),
        cmocka_unit_test(a_text_target_trains_a_classifier),
        cmocka_unit_test(encode_writes_the_polynomial_system),
        cmocka_unit_test(paths_are_listed_for_every_kind),
        cmocka_unit_test(numbers_do_not_depend_on_the_locale),
        cmocka_unit_test(the_order_of_methods_on_public_data),
    };
    return cmocka_run_group_tests(tests, set_up, leave_directory);
}
