/* Data sets: every rule of cli.md, "Data", on small files. */
#include "data_support.h"

#include "lumpscope/text.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Names joined by blanks, for comparison as a whole. */
static const char *joined(char *const *names, size_t count) {
    static char out[2048];
    size_t length = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count; i++)
        length +=
            (size_t)snprintf(out + length, sizeof out - length, "%s%s", i ? " " : "", names[i]);
    return out;
}

static const char *inputs_of(const struct dataset *dataset) {
    return joined(dataset->input_names, dataset->inputs.columns);
}

static const char *targets_of(const struct dataset *dataset) {
    return joined(dataset->target_names, dataset->targets.columns);
}

static void assert_numbers(const double *values, const double *wanted, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (values[i] != wanted[i])
            fail_msg("number %zu is %.17g, not %.17g", i, values[i], wanted[i]);
}
#define assert_row(dataset, row, ...)                                                              \
    assert_numbers(matrix_row(&(dataset)->inputs, row), (const double[]){__VA_ARGS__},             \
                   (dataset)->inputs.columns)

#define assert_says(sentence, ...)                                                                 \
    do {                                                                                           \
        const char *const parts_[] = {__VA_ARGS__};                                                \
        const char *said_ = (sentence);                                                            \
        for (size_t p_ = 0; p_ < sizeof parts_ / sizeof *parts_; p_++)                             \
            if (!said_ || !strstr(said_, parts_[p_]))                                              \
                fail_msg("\"%s\" does not say \"%s\"", said_ ? said_ : "(nothing)", parts_[p_]);   \
    } while (0)

static void delimiters_are_found_by_rows_of_the_same_length(void **state) {
    (void)state;
    static const char *const texts[] = {
        "a,b,y\n1,2,3\n4,5,6\n",
        "a;b;y\n1;2;3\n4;5;6\n",
        "a\tb\ty\n1\t2\t3\n4\t5\t6\n",
        "  a b   y \n1  2 3\n 4 5  6\n",
        "a, b, y\n1, 2, 3\n4, 5, 6",
        "a,b,y\r\n1,2,3\r\n4,5,6\r\n",
        "a,b,y\r1,2,3\r4,5,6",
        "\xef\xbb\xbf\x61,b,y\n\n1,2,3\n   \n4,5,6\n\n",
        "\"a\";\"b\";\"y\"\n\"1\";2;3\n4;\"5\";6\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct dataset *dataset = data_loaded(texts[i], NULL, NULL);
        assert_string_equal(inputs_of(dataset), "a b");
        assert_string_equal(targets_of(dataset), "y");
        assert_int_equal(dataset->inputs.rows, 2);
        assert_row(dataset, 1, 4, 5);
        assert_numbers(dataset->targets.data, (double[]){3, 6}, 2);
        dataset_free(dataset);
    }
}

static void commas_win_over_blanks_inside_cells(void **state) {
    (void)state;
    struct dataset *dataset =
        data_loaded("when,y\n2020-01-01 10:00,1\n2020-01-02 11:00,2\n", NULL, NULL);
    assert_string_equal(inputs_of(dataset), "when.year when.month when.weekday when.hour");
    dataset_free(dataset);
    dataset = data_loaded("name;y\na,b;1\nc,d;2\n", "delimiter=;", NULL);
    assert_string_equal(inputs_of(dataset), "name=a,b name=c,d");
    dataset_free(dataset);
}

static void a_given_delimiter_is_taken(void **state) {
    (void)state;
    struct data_recipe recipe = data_options("delimiter=tab");
    assert_int_equal(recipe.delimiter, '\t');
    data_recipe_free(&recipe);
    struct dataset *dataset =
        data_loaded("a b,c\n1 2,3\n4 5,6\n", "delimiter=space|header=yes", NULL);
    assert_string_equal(inputs_of(dataset), "a");
    assert_string_equal(targets_of(dataset), "b,c");
    dataset_free(dataset);
}

static void headers_are_found_by_text_over_numbers(void **state) {
    (void)state;
    static const struct {
        const char *text, *options;
        size_t rows;
        const char *inputs;
    } cases[] = {
        {"a,b\n1,2\n3,4\n", NULL, 2, "a"},           /* all text over numbers */
        {"a,7\n1,2\n3,4\n", NULL, 2, "a"},           /* text over a number in one column */
        {"a,b\n?,x\n3,4\n", NULL, 2, "a"},           /* all text over what is not all text */
        {"1,2\n3,4\n", NULL, 2, "c1"},               /* numbers */
        {"M,1\nF,2\n", NULL, 2, "c1=F c1=M"},        /* text over text, numbers over numbers */
        {"M,1\nF,?\n", NULL, 2, "c1=F c1=M"},        /* text over nothing is not enough */
        {"1,2\n3,4\n", "header=yes", 1, "1"},        /* said */
        {"a,b\n1,2\n", "header=no", 2, "c1=1 c1=a"}, /* said */
        {",b\n1,2\n3,4\n", "header=yes", 2, "c1"},   /* a column without a name */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dataset *dataset = data_loaded(cases[i].text, cases[i].options, NULL);
        assert_string_equal(inputs_of(dataset), cases[i].inputs);
        assert_int_equal(dataset->file_rows, cases[i].rows);
        dataset_free(dataset);
    }
}

static void quoted_cells_hold_delimiters_quotes_and_line_ends(void **state) {
    (void)state;
    struct dataset *dataset =
        data_loaded("t,y\n\"a,\"\"b\"\"\",1\n\"c\nd\",2\n\"a,\"\"b\"\"\",3\n", NULL, NULL);
    assert_string_equal(inputs_of(dataset), "t=a,\"b\" t=c?d"); /* no control characters in names */
    assert_row(dataset, 0, 1, 0);
    assert_row(dataset, 1, 0, 1);
    assert_row(dataset, 2, 1, 0);
    dataset_free(dataset);
}

static void rows_with_missing_values_are_dropped_and_counted(void **state) {
    (void)state;
    struct dataset *dataset = data_loaded(
        "a,t,z,y\n1,u,5,1\n,u,5,2\n3,na,5,3\n4,v,5,?\n5,v,?,5\nNaN,v,5,6\n7,NA,5,7\n8,v,,8\n",
        "drop=z", NULL);
    assert_int_equal(dataset->file_rows, 8);
    assert_int_equal(dataset->dropped, 5); /* what is missing in z does not matter */
    assert_int_equal(dataset->inputs.rows, 3);
    assert_string_equal(inputs_of(dataset), "a t=u t=v");
    assert_row(dataset, 1, 5, 0, 1);
    assert_int_equal(dataset->source_row[0], 0);
    assert_int_equal(dataset->source_row[1], 4);
    assert_int_equal(dataset->source_row[2], 7);
    assert_says(dataset->messages, "5 of 8 rows");
    dataset_free(dataset);
}

/* The model that training on a data set would write. */
static struct network *model_of(const struct dataset *dataset) {
    cJSON *names = cJSON_CreateStringArray((const char *const *)dataset->input_names,
                                           (int)dataset->inputs.columns);
    cJSON *outputs = cJSON_CreateStringArray((const char *const *)dataset->target_names,
                                             (int)dataset->targets.columns);
    cJSON *data = dataset_member(dataset, NULL);
    char *a = cJSON_PrintUnformatted(names), *b = cJSON_PrintUnformatted(outputs);
    char *c = cJSON_PrintUnformatted(data);
    struct network *model =
        data_model(dataset->inputs.columns, dataset->targets.columns, TASK_REGRESSION, a, b, c);
    cJSON_Delete(names);
    cJSON_Delete(outputs);
    cJSON_Delete(data);
    cJSON_free(a);
    cJSON_free(b);
    cJSON_free(c);
    return model;
}

static void rows_outside_of_a_range_are_dropped_and_counted(void **state) {
    (void)state;
    static const char text[] = "a,b,y\n0,1,1\n10,1,2\n?,1,3\n-5,1,4\n11,9,5\n5,8.5,6\n";
    struct dataset *dataset = data_loaded(text, "range=a=0:10", NULL);
    assert_int_equal(dataset->dropped, 1);
    assert_int_equal(dataset->outside, 2);
    assert_int_equal(dataset->inputs.rows, 3);
    assert_int_equal(dataset->source_row[1], 1); /* both ends belong to it */
    assert_int_equal(dataset->source_row[2], 5);
    assert_says(dataset->messages, "2 of 6 rows dropped as outside of range a=0:10");
    dataset_free(dataset);
    dataset = data_loaded(text, "range=a=:5, y=2:", NULL); /* open ends, and a target */
    assert_int_equal(dataset->inputs.rows, 2);
    dataset_free(dataset);
    dataset = data_loaded(text, "drop=a|range=a=0:10", NULL); /* rows chosen by what is not read */
    assert_int_equal(dataset->outside, 3);
    assert_string_equal(inputs_of(dataset), "b");
    dataset_free(dataset);
    assert_says(data_refusal(text, "range=c=0:1", NULL, -1), "range: there is no column \"c\"");
    assert_says(data_refusal(text, "range=a=20:30", NULL, -1), "none of the 6 rows", "a=20:30");
    assert_says(data_refusal("a,y\nu,1\nv,2\n", "range=a=0:1", NULL, -1), "\"a\"", "\"u\"");
    assert_says(data_refusal("a,a,y\n1,1,1\n2,2,2\n", "range=a=0:1", NULL, -1), "several");
}

static void a_models_ranges_drop_the_same_rows(void **state) {
    (void)state;
    static const char text[] = "a,b,y\n0,1,1\n10,1,2\n-5,1,4\n11,9,5\n";
    struct dataset *dataset = data_loaded(text, "range=y=:4,a=0:", NULL);
    struct network *model = model_of(dataset);
    assert_int_equal(dataset->inputs.rows, 2);
    dataset_free(dataset);
    char *data = cJSON_PrintUnformatted(network_member(model, "data"));
    assert_says(data, "\"range\":{\"y\":[null,4],\"a\":[0,null]}");
    cJSON_free(data);
    dataset = data_loaded(text, NULL, model);
    assert_int_equal(dataset->outside, 2);
    struct cJSON *member = dataset_member(dataset, NULL);
    assert_true(cJSON_Compare(member, network_member(model, "data"), true));
    cJSON_Delete(member);
    dataset_free(dataset);
    /* Prediction judges by what it reads. */
    dataset = data_loaded(text, "use=ignored", model);
    assert_int_equal(dataset->outside, 1);
    dataset_free(dataset);
    dataset = data_loaded("a,b\n1,2\n-3,4\n", "use=ignored", model);
    assert_int_equal(dataset->inputs.rows, 1);
    dataset_free(dataset);
    dataset = data_loaded(text, "range=a=0:,y=:4", model);
    assert_says(dataset->messages, "2 of 4");
    assert_null(strstr(dataset->messages, "is used"));
    dataset_free(dataset);
    dataset = data_loaded(text, "range=", model); /* none, against the model */
    assert_int_equal(dataset->outside, 0);
    assert_says(dataset->messages, "range none is used", "trained with y=:4,a=0:");
    dataset_free(dataset);
    network_free(model);
}

static void text_becomes_one_hot_in_strcmp_order(void **state) {
    (void)state;
    struct dataset *dataset = data_loaded("t,y\nb,1\nB,2\n10,3\n9,4\nb,5\n", NULL, NULL);
    assert_string_equal(inputs_of(dataset), "t=10 t=9 t=B t=b");
    assert_row(dataset, 0, 0, 0, 0, 1);
    assert_row(dataset, 1, 0, 0, 1, 0);
    assert_row(dataset, 2, 1, 0, 0, 0);
    assert_row(dataset, 3, 0, 1, 0, 0);
    assert_row(dataset, 4, 0, 0, 0, 1);
    dataset_free(dataset);
}

static void dates_become_four_numbers(void **state) {
    (void)state;
    struct dataset *dataset = data_loaded("d,y\n1970-01-01,1\n2000-02-29 23:59,2\n"
                                          "2024-12-29T07:08:09,3\n2026-06-01T00:00:00.5Z,4\n"
                                          "0000-01-01,5\n,6\n1900-03-01,7\n",
                                          NULL, NULL);
    assert_string_equal(inputs_of(dataset), "d.year d.month d.weekday d.hour");
    assert_row(dataset, 0, 1970, 1, 3, 0);
    assert_row(dataset, 1, 2000, 2, 1, 23);
    assert_row(dataset, 2, 2024, 12, 6, 7);
    assert_row(dataset, 3, 2026, 6, 0, 0);
    assert_row(dataset, 4, 0, 1, 5, 0);
    assert_row(dataset, 5, 1900, 3, 3, 0);
    assert_int_equal(dataset->dropped, 1);
    dataset_free(dataset);
    static const char *const others[] = {
        "1900-02-29",    "2020-13-01",  "2020-1-01", "2020-01-01 24:00",
        "2020-01-01 10", "2020-01-01x", "x"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char text[96];
        snprintf(text, sizeof text, "d,y\n2020-01-01,1\n%s,2\n", others[i]);
        dataset = data_loaded(text, NULL, NULL);
        assert_int_equal(dataset->inputs.columns, 2); /* two levels of text */
        dataset_free(dataset);
    }
}

static void targets_are_named_or_counted_from_the_end(void **state) {
    (void)state;
    static const char text[] = "last,b,c,d\n1,2,3,4\n5,6,7,8\n";
    static const struct {
        const char *options, *targets, *inputs;
    } cases[] = {
        {NULL, "d", "last b c"},
        {"target=last", "d", "last b c"},
        {"target=last:2", "c d", "last b"},
        {"target=c,b", "c b", "last d"},
        {"target=name:last", "last", "b c d"},
        {"target=b, name:d", "b d", "last c"},
        {"target=none|use=optional", "", "last b c d"},
        {"drop=d", "c", "last b"},
        {"drop=b,d|target=last:1", "c", "last"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dataset *dataset = data_loaded(text, cases[i].options, NULL);
        assert_string_equal(targets_of(dataset), cases[i].targets);
        assert_string_equal(inputs_of(dataset), cases[i].inputs);
        assert_int_equal(dataset->has_targets, *cases[i].targets != '\0');
        dataset_free(dataset);
    }
}

static void a_text_target_makes_sorted_classes(void **state) {
    (void)state;
    struct dataset *dataset = data_loaded("x,y\n1,pear\n2,Fig\n3,apple\n4,pear\n", NULL, NULL);
    assert_int_equal(dataset->task, TASK_CLASSIFICATION);
    assert_string_equal(joined(dataset->classes, dataset->class_count), "Fig apple pear");
    assert_numbers(dataset->targets.data, (double[]){2, 0, 1, 2}, 4);
    dataset_free(dataset);
    struct error error = {0};
    dataset = data_load("x,y\n1,10\n2,9\n3,-1\n4,9.0\n", NULL, NULL, TASK_CLASSIFICATION, &error);
    assert_non_null(dataset);
    assert_string_equal(joined(dataset->classes, dataset->class_count), "-1 9 10");
    assert_numbers(dataset->targets.data, (double[]){2, 1, 0, 1}, 4);
    dataset_free(dataset);
    dataset = data_loaded("x,y\n1,10\n2,9\n", NULL, NULL);
    assert_int_equal(dataset->task, TASK_REGRESSION);
    assert_null(dataset->classes);
    dataset_free(dataset);
    assert_says(data_refusal("x,y\n1,a\n2,b\n", NULL, NULL, TASK_REGRESSION), "row 1 (line 2)",
                "\"y\"", "\"a\" is not a number");
}

static void measured_numbers_are_no_classes(void **state) {
    (void)state;
    assert_says(data_refusal("x,y\n1,1\n2,2.5\n3,1\n", NULL, NULL, TASK_CLASSIFICATION),
                "column \"y\"", "such as 2.5", "regression");
    struct error error = {0};
    struct dataset *dataset =
        data_load("x,y\n1,10\n2,9\n3,-1\n4,9\n", NULL, NULL, TASK_CLASSIFICATION, &error);
    assert_non_null(dataset);
    assert_non_null(strstr(dataset->messages, "3 classes in 4 rows"));
    dataset_free(dataset);
}

static void classes_of_a_model_keep_its_order(void **state) {
    (void)state;
    struct network *model =
        data_model(1, 3, TASK_CLASSIFICATION, "[\"x\"]", "[\"10\",\"9\",\"-1.0\"]", NULL);
    struct dataset *dataset = data_loaded("x,y\n1,9\n2,10.0\n3,-1\n", NULL, model);
    assert_numbers(dataset->targets.data, (double[]){1, 0, 2}, 3);
    assert_string_equal(joined(dataset->classes, 3), "10 9 -1.0");
    struct matrix targets;
    assert_true(dataset_network_targets(dataset, model, NULL, 3, &targets, NULL));
    assert_numbers(targets.data, (double[]){1, 0, 2}, 3);
    matrix_free(&targets);
    dataset_free(dataset);
    assert_says(data_refusal("x,y\n1,9\n2,8\n", NULL, model, -1), "row 2 (line 3)", "\"8\"",
                "\"10\", \"9\"");
    network_free(model);

    model = data_model(1, 2, TASK_CLASSIFICATION, NULL, "[\"no\",\"yes\"]", NULL);
    dataset = data_loaded("x,y\n1,yes\n2,yes\n", NULL, model);
    assert_numbers(dataset->targets.data, (double[]){1, 1}, 2);
    dataset_free(dataset);
    dataset = data_loaded("x,y\n1,1\n2,0\n", NULL, model); /* indices, as names are words */
    assert_numbers(dataset->targets.data, (double[]){1, 0}, 2);
    dataset_free(dataset);
    network_free(model);

    model = data_model(1, 3, TASK_CLASSIFICATION, NULL, NULL, NULL);
    dataset = data_loaded("x,y\n1,2\n2,0\n", NULL, model); /* indices */
    assert_numbers(dataset->targets.data, (double[]){2, 0}, 2);
    dataset_free(dataset);
    dataset = data_loaded("x,y\n1,7\n2,5\n3,6\n", NULL, model); /* as many values as outputs */
    assert_numbers(dataset->targets.data, (double[]){2, 0, 1}, 3);
    dataset_free(dataset);
    assert_says(data_refusal("x,y\n1,7\n2,5\n", NULL, model, -1), "2 classes", "3 outputs");
    network_free(model);
}

/* Reference: an independent version of splitmix64, xoshiro256** and the shuffle. */
static void the_split_is_the_stated_permutation(void **state) {
    (void)state;
    static const char text[] = "x,y\n0,0\n1,0\n2,0\n3,0\n4,0\n5,0\n6,0\n7,0\n8,0\n9,0\n";
    struct dataset *dataset = data_loaded(text, NULL, NULL);
    static const size_t train[] = {3, 6, 1, 5, 0, 9, 2, 8}, test[] = {4, 7};
    static const size_t second[] = {0, 8, 3, 1, 6, 2, 5, 9};
    assert_int_equal(dataset->train_count, 8);
    assert_memory_equal(dataset->train, train, sizeof train);
    assert_int_equal(dataset->test_count, 2);
    assert_memory_equal(dataset->test, test, sizeof test);
    size_t count;
    size_t *rows = dataset_calibration_rows(dataset, 3, 1, &count, NULL);
    assert_int_equal(count, 3);
    assert_memory_equal(rows, second, 3 * sizeof *rows);
    free(rows);
    rows = dataset_calibration_rows(dataset, 100, 1, &count, NULL);
    assert_int_equal(count, 8);
    assert_memory_equal(rows, second, sizeof second);
    free(rows);
    dataset_free(dataset);

    dataset = data_loaded(text, "test-fraction=0.25|split-seed=7", NULL);
    static const size_t other[] = {6, 2, 7};
    assert_int_equal(dataset->test_count, 3);
    assert_memory_equal(dataset->test, other, sizeof other);
    dataset_free(dataset);

    dataset = data_loaded("x,y\n0,0\n1,0\n2,0\n3,0\n4,0\n", "split=none", NULL);
    static const size_t all[] = {0, 1, 2, 3, 4}, shuffled[] = {4, 1, 0, 2, 3};
    assert_int_equal(dataset->train_count, 0);
    assert_int_equal(dataset->test_count, 5);
    assert_memory_equal(dataset->test, all, sizeof all);
    rows = dataset_calibration_rows(dataset, 5, 3, &count, NULL);
    assert_memory_equal(rows, shuffled, sizeof shuffled);
    free(rows);
    dataset_free(dataset);

    /* Test rows never calibrate by accident. */
    struct error error = {0};
    dataset = data_loaded(text, "test-fraction=1", NULL);
    assert_int_equal(dataset->train_count, 0);
    assert_null(dataset_calibration_rows(dataset, 5, 3, &count, &error));
    assert_int_equal(error.kind, ERROR_REQUEST);
    assert_says(error.text, "no training rows to calibrate on", "--split none");
    dataset_free(dataset);
}

static void a_models_names_choose_the_columns(void **state) {
    (void)state;
    struct network *model = data_model(
        5, 2, TASK_REGRESSION, "[\"b\",\"t=v\",\"a\",\"t=u\",\"d.month\"]", "[\"q\",\"p\"]", NULL);
    struct dataset *dataset = data_loaded(
        "t,p,d,extra,a,q,b\nu,1,2020-05-01,?,2,3,4\nw,5,2020-06-01,x,6,7,8\n", NULL, model);
    assert_string_equal(inputs_of(dataset), "b t=v a t=u d.month");
    assert_string_equal(targets_of(dataset), "q p");
    assert_row(dataset, 0, 4, 0, 2, 1, 5);
    assert_row(dataset, 1, 8, 0, 6, 0, 6);
    assert_numbers(dataset->targets.data, (double[]){3, 1, 7, 5}, 4);
    assert_int_equal(dataset->unseen_levels, 1);
    assert_says(dataset->messages, "1 value", "\"w\"", "row 2 (line 3)", "\"t\"");
    dataset_free(dataset);
    /* A file that is encoded already. */
    dataset = data_loaded("t=u,t=v,d.month,a,b,p,q\n1,0,5,2,4,1,3\n", "target=p,q", model);
    assert_row(dataset, 0, 4, 0, 2, 1, 5);
    assert_string_equal(targets_of(dataset), "q p"); /* the order of the model's outputs */
    dataset_free(dataset);
    assert_says(data_refusal("t,b,p,q\nu,1,2,3\n", NULL, model, -1), "2 columns", "reads 5 inputs",
                "\"a\", \"d.month\"");
    assert_says(data_refusal("t,p,d,a,q,b\nu,1,2020-05-01,x,3,4\n", NULL, model, -1),
                "row 1 (line 2), column \"a\"", "\"x\" is not a number");
    assert_says(data_refusal("t,p,d,a,q,b\nu,1,May,5,3,4\n", NULL, model, -1),
                "row 1 (line 2), column \"d\"", "\"May\" is not a date");
    network_free(model);
}

static void without_names_the_first_columns_are_read(void **state) {
    (void)state;
    struct network *model = data_model(3, 1, TASK_REGRESSION, NULL, NULL, NULL);
    struct dataset *dataset = data_loaded("a,t,b,y\n1,u,2,3\n4,v,5,6\n", NULL, model);
    assert_string_equal(inputs_of(dataset), "a t=u t=v");
    assert_string_equal(targets_of(dataset), "y");
    assert_says(dataset->messages, "first 2 of 3 columns");
    dataset_free(dataset);
    /* What is missing in a column that is not read drops no row. */
    dataset = data_loaded("1,2,3,?,4\n5,6,7,?,8\n", NULL, model);
    assert_int_equal(dataset->dropped, 0);
    dataset_free(dataset);
    assert_says(data_refusal("1,2,3\n4,5,6\n", NULL, model, -1), "2 inputs", "reads 3");
    network_free(model);
    model = data_model(3, 2, TASK_REGRESSION, NULL, NULL, NULL);
    dataset = data_loaded("1,2,3,4,5\n6,7,8,9,10\n", NULL, model);
    assert_string_equal(targets_of(dataset), "c4 c5");
    dataset_free(dataset);
    assert_says(data_refusal("1,2,3,4,5\n", "target=last", model, -1), "1 target column",
                "2 outputs");
    network_free(model);
}

static void a_file_without_names_is_read_by_place(void **state) {
    (void)state;
    struct network *model = data_model(
        7, 1, TASK_REGRESSION,
        "[\"sex=F\",\"sex=M\",\"size\",\"day.year\",\"day.month\",\"day.weekday\",\"day.hour\"]",
        "[\"rings\"]",
        "{\"target\":[\"rings\"],\"levels\":{\"sex\":[\"F\",\"M\"]},\"dates\":[\"day\"]}");
    struct dataset *dataset = data_loaded("M,1,2020-01-01,5\nI,2,2020-01-02,6\n", NULL, model);
    assert_row(dataset, 0, 0, 1, 1, 2020, 1, 2, 0);
    assert_row(dataset, 1, 0, 0, 2, 2020, 1, 3, 0);
    assert_int_equal(dataset->unseen_levels, 1);
    assert_says(dataset->messages, "target \"c4\"", "\"rings\"");
    dataset_free(dataset);
    assert_says(data_refusal("M,1,5\nI,2,6\n", NULL, model, -1), "2 columns", "reads 7 inputs",
                "\"day\"");
    /* A header that names none of them is of other data. */
    assert_says(data_refusal("s,l,d,r\nM,1,2020-01-01,5\nI,2,2020-01-02,6\n", NULL, model, -1),
                "3 columns", "reads 7 inputs", "\"size\"");
    network_free(model);
}

static struct network *trained(void) {
    struct dataset *dataset =
        data_loaded("id,sex,y,when,size\n1,M,10,2020-01-01,1.5\n2,F,11,2020-01-02,2.5\n"
                    "3,I,12,2020-01-03,3.5\n",
                    "target=y|drop=id|test-fraction=0.3|split-seed=5", NULL);
    struct network *model = model_of(dataset);
    dataset_free(dataset);
    return model;
}

static void the_data_member_says_what_training_did(void **state) {
    (void)state;
    struct network *model = trained();
    char *data = cJSON_PrintUnformatted(network_member(model, "data"));
    assert_string_equal(data, "{\"target\":[\"y\"],\"drop\":[\"id\"],\"levels\":{\"sex\":[\"F\","
                              "\"I\",\"M\"]},\"dates\":[\"when\"],\"test_fraction\":0.3,"
                              "\"split_seed\":5}");
    cJSON_free(data);
    network_free(model);
}

static void new_files_are_encoded_as_in_training(void **state) {
    (void)state;
    struct network *model = trained();
    /* Another order, a level unseen, one that is gone, an id that is text. */
    struct dataset *dataset = data_loaded(
        "y,size,id,when,sex\n1,7,x,2021-02-01 13:00,M\n2,8,,2021-02-02,X\n3,9,z,2021-02-03,M\n",
        NULL, model);
    assert_int_equal(dataset->dropped, 0);
    assert_string_equal(inputs_of(dataset),
                        "sex=F sex=I sex=M when.year when.month when.weekday when.hour size");
    assert_row(dataset, 0, 0, 0, 1, 2021, 2, 0, 13, 7);
    assert_row(dataset, 1, 0, 0, 0, 2021, 2, 1, 0, 8);
    assert_string_equal(targets_of(dataset), "y");
    assert_int_equal(dataset->test_count, 1); /* 0.3 of 3 */
    /* The member of a model made from this one is the same. */
    struct cJSON *member = dataset_member(dataset, NULL);
    assert_true(cJSON_Compare(member, network_member(model, "data"), true));
    cJSON_Delete(member);
    dataset_free(dataset);
    /* Levels that look like numbers now, and a number that is text now. */
    dataset =
        data_loaded("y,size,id,when,sex\n1,7,1,2021-02-01,1\n2,8,2,2021-02-02,2\n", NULL, model);
    assert_int_equal(dataset->unseen_levels, 2);
    dataset_free(dataset);
    assert_says(data_refusal("y,size,id,when,sex\n1,7,1,2021-02-01,M\n2,big,2,2021-02-02,F\n", NULL,
                             model, -1),
                "row 2 (line 3), column \"size\"", "\"big\"");
    network_free(model);
}

static void options_win_over_the_model_with_a_message(void **state) {
    (void)state;
    static const char text[] =
        "id,sex,y,when,size,z\n1,M,10,2020-01-01,1.5,3\n2,F,11,2020-01-02,2,4\n";
    struct network *model = trained();
    struct dataset *dataset =
        data_loaded(text, "target=z|drop=|test-fraction=0.5|split-seed=6", model);
    assert_says(dataset->messages, "test-fraction 0.5", "0.3", "split-seed 6", "with 5",
                "target \"z\"", "with \"y\"", "drop none", "with \"id\"");
    assert_string_equal(targets_of(dataset), "z");
    assert_int_equal(dataset->test_count, 1);
    struct cJSON *member = dataset_member(dataset, NULL);
    assert_true(cJSON_GetObjectItem(member, "split_seed")->valuedouble == 6);
    cJSON_Delete(member);
    dataset_free(dataset);
    /* The same as the model: no message. */
    dataset = data_loaded(text, "target=y|drop=id|test-fraction=0.3|split-seed=5", model);
    assert_null(dataset->messages);
    dataset_free(dataset);
    network_free(model);
}

static void seeds_beyond_doubles_survive_the_member(void **state) {
    (void)state;
    struct dataset *dataset =
        data_loaded("x,y\n1,2\n3,4\n", "split-seed=18446744073709551615", NULL);
    struct network *model = model_of(dataset);
    dataset_free(dataset);
    dataset = data_loaded("x,y\n1,2\n3,4\n", "split-seed=18446744073709551615", model);
    assert_null(dataset->messages);
    dataset_free(dataset);
    network_free(model);
}

static void malformed_data_members_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *data, *says;
    } cases[] = {
        {"[1]", "\"data\" must be an object"},
        {"{\"target\":5}", "\"target\""},
        {"{\"target\":[5]}", "\"target\""},
        {"{\"target\":\"a,,b\"}", "empty name"},
        {"{\"drop\":{}}", "\"drop\""},
        {"{\"range\":[]}", "\"range\""},
        {"{\"range\":{\"x\":[1]}}", "\"range\""},
        {"{\"range\":{\"x\":[2,1]}}", "\"range\""},
        {"{\"levels\":[]}", "\"levels\""},
        {"{\"dates\":[[]]}", "\"dates\""},
        {"{\"test_fraction\":1.5}", "\"test_fraction\""},
        {"{\"test_fraction\":\"x\"}", "\"test_fraction\""},
        {"{\"split_seed\":-1}", "\"split_seed\""},
        {"{\"split_seed\":1e30}", "\"split_seed\""},
        {"{\"split_seed\":\"x\"}", "\"split_seed\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct network *model = data_model(1, 1, TASK_REGRESSION, NULL, NULL, cases[i].data);
        assert_says(data_refusal("x,y\n1,2\n", NULL, model, -1), cases[i].says);
        network_free(model);
    }
    struct network *model =
        data_model(1, 1, TASK_REGRESSION, NULL, NULL, "{\"target\":null,\"levels\":null}");
    dataset_free(data_loaded("x,y\n1,2\n", NULL, model));
    network_free(model);
}

static void prediction_needs_no_target_and_knows_its_rows(void **state) {
    (void)state;
    struct network *model = trained();
    struct dataset *dataset =
        data_loaded("sex,when,size\nM,2020-01-01,1\nF,?,2\nI,2020-01-02,3\n", "use=ignored", model);
    assert_false(dataset->has_targets);
    assert_int_equal(dataset->file_rows, 3);
    assert_int_equal(dataset->inputs.rows, 2);
    assert_int_equal(dataset->source_row[1], 2);
    dataset_free(dataset);
    /* A target that is there but missing or nonsense does not matter. */
    dataset = data_loaded("y,sex,when,size\n?,M,2020-01-01,1\nwhat,F,2020-01-01,2\n", "use=ignored",
                          model);
    assert_int_equal(dataset->dropped, 0);
    dataset_free(dataset);
    network_free(model);
    model = data_model(2, 1, TASK_REGRESSION, NULL, NULL, NULL);
    dataset = data_loaded("1,2\n3,4\n", "use=ignored", model);
    assert_row(dataset, 1, 3, 4);
    struct cJSON *member = dataset_member(dataset, NULL);
    assert_null(cJSON_GetObjectItem(member, "target")); /* "none" would be remembered */
    cJSON_Delete(member);
    dataset_free(dataset);
    network_free(model);
}

static void an_optional_target_may_be_absent(void **state) {
    (void)state;
    static const char text[] = "sex,when,size\nM,2020-01-01,1\nF,2020-01-03,2\n";
    struct network *model = trained();
    assert_says(data_refusal(text, NULL, model, -1), "no target column");
    struct dataset *dataset = data_loaded(text, "use=optional", model);
    assert_false(dataset->has_targets);
    assert_says(dataset->messages, "no target column");
    struct matrix targets;
    struct error error = {0};
    assert_false(dataset_network_targets(dataset, model, NULL, 1, &targets, &error));
    assert_says(error.text, "no target column");
    dataset_free(dataset);
    network_free(model);
    model = data_model(2, 1, TASK_REGRESSION, NULL, NULL, NULL);
    dataset = data_loaded("1,2\n3,4\n", "use=optional", model);
    assert_int_equal(dataset->inputs.columns, 2);
    dataset_free(dataset);
    dataset = data_loaded("1,2,3\n3,4,5\n", "use=optional", model);
    assert_true(dataset->has_targets);
    dataset_free(dataset);
    network_free(model);
}

static void networks_read_scaled_rows(void **state) {
    (void)state;
    struct network *model = data_model(2, 1, TASK_REGRESSION, NULL, NULL, NULL);
    model->input.mean[1] = 2;
    model->input.scale[1] = 4;
    model->output.mean[0] = 1;
    model->output.scale[0] = 0.5;
    struct dataset *dataset = data_loaded("1,2,3\n4,5,6\n7,8,9\n", NULL, model);
    struct matrix x, y;
    assert_true(dataset_network_inputs(dataset, model, (size_t[]){2, 0}, 2, &x, NULL));
    assert_numbers(x.data, (double[]){7, 1.5, 1, 0}, 4);
    assert_true(dataset_network_targets(dataset, model, (size_t[]){2, 0}, 2, &y, NULL));
    assert_numbers(y.data, (double[]){16, 4}, 2);
    matrix_free(&x);
    matrix_free(&y);
    struct network *other = data_model(3, 1, TASK_REGRESSION, NULL, NULL, NULL);
    struct error error = {0};
    assert_false(dataset_network_inputs(dataset, other, NULL, 1, &x, &error));
    assert_says(error.text, "2 inputs", "reads 3");
    network_free(other);
    dataset_free(dataset);
    network_free(model);
}

static void bad_files_are_answered_with_place_and_remedy(void **state) {
    (void)state;
    static const struct {
        const char *text, *options, *says;
    } cases[] = {
        {"", NULL, "empty"},
        {"\n \n\r\n", NULL, "empty"},
        {"a,b\n", NULL, "a header and no rows"},
        {"a,b\n?,1\n2,?\n", NULL, "every one of the 2 rows"},
        {"a,b\n1,\n2,\n", NULL, "2 of them in column \"b\""},
        {"a,b\n1,2\n1,2,3\n", NULL, "line 3 has 3 cells where line 1 has 2"},
        {"a,b\n\n1,2\n1\n", NULL, "line 4 has 1 cell where"},
        {"a,b\n1,\"2\n3,4\n5,6\n", NULL, "line 2 opens a quote"},
        {"a,b\n\"1\n2\",\"2\n3,4\n", NULL, "line 3 opens a quote"},
        {"\"a,b\n1,2", NULL, "line 1 opens a quote"},
        {"a,b\n1,2\n1e400,3\n", NULL, "row 2 (line 3), column \"a\""},
        {"a,b\n1,2\n3,-inf\n", NULL, "-inf is out of the range"},
        {"a\n1\n2\n", NULL, "1 column"},
        {"a,b\n1,2\n", "target=last:2", "2 columns"},
        {"a,b\n1,2\n", "target=c", "no column \"c\"; the columns are \"a\", \"b\""},
        {"1,2\n3,4\n", "drop=b", "no column \"b\"; the columns are \"c1\", \"c2\""},
        {"a,b\n1,2\n", "target=b|drop=b", "not dropped"},
        {"a,a,b\n1,2,3\n", NULL, "several columns are named \"a\""},
        {"a,a,b\n1,2,3\n", "target=a", "several columns are named \"a\""},
        {"a=x,a,y\n1,x,2\n", "header=yes", "two inputs are named \"a=x\""},
        {"a,b\n1,2\n", "target=none", "no target column"},
        {"a,b,c\n1,x,y\n1,z,w\n", "target=b,c", "by one"},
        {"\x01\x02,b\n", NULL, "neither text"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *sentence = data_refusal(cases[i].text, cases[i].options, NULL, -1);
        assert_says(sentence, "d.csv: ", cases[i].says);
    }
    struct error error = {0};
    struct data_recipe recipe = data_options(NULL);
    const char *path = data_file("b.csv", "a,b\n1,\0\n", 8);
    assert_null(dataset_load(path, &recipe, NULL, -1, NULL, &error));
    assert_says(error.text, "neither text");
    assert_null(dataset_load("/nowhere/d.csv", &recipe, NULL, -1, NULL, &error));
    assert_says(error.text, "/nowhere/d.csv");
}

static void too_many_levels_are_refused(void **state) {
    (void)state;
    struct text text = {0};
    text_append(&text, "id,y\n");
    for (int i = 0; i <= DATASET_LEVEL_LIMIT; i++)
        text_format(&text, "x%d,%d\n", i, i);
    assert_says(data_refusal(text.data, NULL, NULL, -1), "column \"id\"", "4096", "drop");
    assert_says(data_refusal(text.data, "drop=id|header=no|target=c2", NULL, TASK_CLASSIFICATION),
                "there is no column \"id\"");
    assert_says(data_refusal(text.data, "target=id", NULL, -1), "column \"id\"", "4096");
    text_free(&text);
    for (size_t i = 0; i <= DATASET_COLUMN_LIMIT; i++)
        text_append(&text, "1,");
    text_append(&text, "1\n");
    assert_says(data_refusal(text.data, NULL, NULL, -1), "line 1", "65536 columns");
    text_free(&text);
}

static void recipe_options_parse_or_name_their_values(void **state) {
    (void)state;
    static const struct {
        const char *name, *good, *bad;
    } cases[DATA_OPTION_COUNT] = {
        {"target", "last:3", "last:0"}, {"delimiter", "space", "x"}, {"header", "no", "maybe"},
        {"drop", "a,b", "a,,b"},        {"range", "a=1:2", "a=2:1"}, {"test-fraction", "0", "-0.1"},
        {"split-seed", "12", "-1"},     {"split", "none", "all"},
    };
    struct data_recipe recipe;
    data_recipe_defaults(&recipe);
    for (size_t i = 0; i < DATA_OPTION_COUNT; i++) {
        struct error error = {0};
        assert_string_equal(data_option_descriptions[i].name, cases[i].name);
        assert_int_equal(data_option_find(cases[i].name), i);
        assert_true(strlen(data_option_descriptions[i].help) > 0);
        assert_true(data_recipe_set(&recipe, cases[i].name, cases[i].good, &error));
        assert_false(data_recipe_set(&recipe, cases[i].name, cases[i].bad, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_says(error.text, cases[i].name, cases[i].bad);
    }
    assert_string_equal(recipe.target, "last:3");
    assert_true(recipe.delimiter == ' ' && recipe.header == 0 && recipe.split_none);
    assert_true(recipe.given.target && recipe.given.drop && recipe.given.split_seed);
    assert_true(recipe.test_fraction == 0 && recipe.split_seed == 12);
    struct data_recipe copy;
    assert_true(data_recipe_copy(&copy, &recipe, NULL));
    assert_true(copy.target != recipe.target && strcmp(copy.drop, "a,b") == 0);
    struct error error = {0};
    assert_false(data_recipe_check(&copy, &error)); /* split none with a fraction */
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_true(data_recipe_set(&copy, "split", "random", &error));
    assert_true(data_recipe_check(&copy, &error));
    static const char *const targets[] = {"",      "a,a",   "last,b", "b,none",
                                          "name:", "last:", "last:x"};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        assert_false(data_recipe_set(&copy, "target", targets[i], &error));
    assert_false(data_recipe_set(&copy, "colour", "red", &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    data_recipe_free(&copy);
    data_recipe_free(&recipe);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delimiters_are_found_by_rows_of_the_same_length),
        cmocka_unit_test(commas_win_over_blanks_inside_cells),
        cmocka_unit_test(a_given_delimiter_is_taken),
        cmocka_unit_test(headers_are_found_by_text_over_numbers),
        cmocka_unit_test(quoted_cells_hold_delimiters_quotes_and_line_ends),
        cmocka_unit_test(rows_with_missing_values_are_dropped_and_counted),
        cmocka_unit_test(rows_outside_of_a_range_are_dropped_and_counted),
        cmocka_unit_test(a_models_ranges_drop_the_same_rows),
        cmocka_unit_test(text_becomes_one_hot_in_strcmp_order),
        cmocka_unit_test(dates_become_four_numbers),
        cmocka_unit_test(targets_are_named_or_counted_from_the_end),
        cmocka_unit_test(a_text_target_makes_sorted_classes),
        cmocka_unit_test(measured_numbers_are_no_classes),
        cmocka_unit_test(classes_of_a_model_keep_its_order),
        cmocka_unit_test(the_split_is_the_stated_permutation),
        cmocka_unit_test(a_models_names_choose_the_columns),
        cmocka_unit_test(without_names_the_first_columns_are_read),
        cmocka_unit_test(a_file_without_names_is_read_by_place),
        cmocka_unit_test(the_data_member_says_what_training_did),
        cmocka_unit_test(new_files_are_encoded_as_in_training),
        cmocka_unit_test(options_win_over_the_model_with_a_message),
        cmocka_unit_test(seeds_beyond_doubles_survive_the_member),
        cmocka_unit_test(malformed_data_members_are_refused),
        cmocka_unit_test(prediction_needs_no_target_and_knows_its_rows),
        cmocka_unit_test(an_optional_target_may_be_absent),
        cmocka_unit_test(networks_read_scaled_rows),
        cmocka_unit_test(bad_files_are_answered_with_place_and_remedy),
        cmocka_unit_test(too_many_levels_are_refused),
        cmocka_unit_test(recipe_options_parse_or_name_their_values),
    };
    return cmocka_run_group_tests(tests, NULL, data_clean);
}
