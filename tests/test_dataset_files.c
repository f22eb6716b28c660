/* Data sets from NumPy files, compressed files, real files, and files of garbage. */
#include "data_support.h"

#include "lumpscope/model_file.h"

#include "lumpscope/npy.h"
#include "lumpscope/rng.h"
#include "lumpscope/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

/* A .npy file of version 1. */
static void append_npy(struct text *out, const char *descriptor, bool fortran, const char *shape,
                       const void *bytes, size_t size) {
    char header[128];
    int length =
        snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n",
                 descriptor, fortran ? "True" : "False", shape);
    char width[2] = {(char)length, 0};
    text_append_bytes(out, "\x93NUMPY\1\0", 8);
    text_append_bytes(out, width, 2);
    text_append_bytes(out, header, (size_t)length);
    text_append_bytes(out, bytes, size);
}

static void append_number(struct text *out, size_t number, size_t width) {
    for (size_t i = 0; i < width; i++)
        text_append_bytes(out, &(char){(char)(i < 8 ? number >> 8 * i : 0)}, 1);
}

/* The part that the local and the directory entry of a zip member share, from the flags on. */
static void append_facts(struct text *out, bool deflated, const struct text *member, size_t packed,
                         size_t name) {
    append_number(out, 0, 2);
    append_number(out, deflated ? 8 : 0, 2);
    append_number(out, 0, 4);
    append_number(out, crc32(0, (const Bytef *)member->data, (uInt)member->length), 4);
    append_number(out, packed, 4);
    append_number(out, member->length, 4);
    append_number(out, name, 2);
}

static void append_member(struct text *archive, struct text *directory, const char *name,
                          const struct text *member, bool deflated) {
    size_t offset = archive->length, packed = member->length;
    Bytef bytes[4096];
    if (deflated) {
        z_stream stream = {.next_in = (Bytef *)member->data,
                           .avail_in = (uInt)member->length,
                           .next_out = bytes,
                           .avail_out = sizeof bytes};
        deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
        assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
        packed = stream.total_out;
        deflateEnd(&stream);
    }
    text_append_bytes(archive, "PK\3\4\24\0", 6);
    append_facts(archive, deflated, member, packed, strlen(name));
    append_number(archive, 3, 2);
    text_append(archive, name);
    text_append_bytes(archive, "\1\2\3", 3); /* an extra field, as numpy writes one */
    text_append_bytes(archive, deflated ? (char *)bytes : member->data, packed);
    text_append_bytes(directory, "PK\1\2\24\0\24\0", 8);
    append_facts(directory, deflated, member, packed, strlen(name));
    append_number(directory, 0, 12);
    append_number(directory, offset, 4);
    text_append(directory, name);
}

static void append_end(struct text *archive, const struct text *directory, size_t members) {
    size_t offset = archive->length;
    text_append_bytes(archive, directory->data, directory->length);
    text_append_bytes(archive, "PK\5\6\0\0\0\0", 8);
    append_number(archive, members, 2);
    append_number(archive, members, 2);
    append_number(archive, directory->length, 4);
    append_number(archive, offset, 4);
    append_number(archive, 0, 2);
}

/* X [3 x 2] of doubles and y [3] of bytes. */
static struct text archive_of(bool deflated, bool with_y) {
    struct text archive = {0}, directory = {0}, x = {0}, y = {0};
    append_npy(&x, "<f8", false, "(3, 2)", (double[]){1, 2, 3, 4, 5, 6}, 6 * sizeof(double));
    append_npy(&y, "|u1", false, "(3,)", "\7\10\377", 3);
    append_member(&archive, &directory, "X.npy", &x, deflated);
    if (with_y)
        append_member(&archive, &directory, "y.npy", &y, deflated);
    append_end(&archive, &directory, with_y ? 2 : 1);
    text_free(&directory);
    text_free(&x);
    text_free(&y);
    return archive;
}

static struct dataset *load_bytes(const char *bytes, size_t size, const char *options,
                                  struct error *error) {
    struct data_recipe recipe = data_options(options);
    struct dataset *dataset =
        dataset_load(data_file("a.bin", bytes, size), &recipe, NULL, -1, NULL, error);
    data_recipe_free(&recipe);
    return dataset;
}

static void arrays_of_every_kind_hold_the_same_numbers(void **state) {
    (void)state;
    static const struct {
        const char *descriptor, *bytes;
        size_t width;
        bool fortran;
    } cases[] = {
        {"<f8", "\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\xc0\0\0\0\0\0\0\x08\x40\0\0\0\0\0\0\x10\x40", 8,
         false},
        {">f4", "\x3f\x80\0\0\xc0\0\0\0\x40\x40\0\0\x40\x80\0\0", 4, false},
        {"<f2", "\0\x3c\0\xc0\0\x42\0\x44", 2, false},
        {"|i1", "\1\xfe\3\4", 1, false},
        {">i2", "\0\1\xff\xfe\0\3\0\4", 2, false},
        {"<i8", "\1\0\0\0\0\0\0\0\xfe\xff\xff\xff\xff\xff\xff\xff\3\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0",
         8, false},
        {"|i1", "\1\3\xfe\4", 1, true},
    };
    static const double wanted[] = {1, -2, 3, 4};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text file = {0};
        append_npy(&file, cases[i].descriptor, cases[i].fortran, "(2, 2)", cases[i].bytes,
                   4 * cases[i].width);
        struct npy_array array;
        struct error error = {0};
        if (!npy_parse(file.data, file.length, &array, &error))
            fail_msg("%s: %s", cases[i].descriptor, error.text);
        assert_int_equal(array.dimensions, 2);
        assert_true(array.shape[0] == 2 && array.shape[1] == 2);
        assert_memory_equal(array.values, wanted, sizeof wanted);
        npy_array_free(&array);
        text_free(&file);
    }
}

static void npy_files_are_tables(void **state) {
    (void)state;
    struct text file = {0};
    double cells[] = {1, 2, 3, (double)NAN, 5, 6, 7, 8, 9};
    append_npy(&file, "<f8", false, "(3, 3)", cells, sizeof cells);
    struct dataset *dataset = load_bytes(file.data, file.length, NULL, NULL);
    assert_non_null(dataset);
    assert_int_equal(dataset->dropped, 1);
    assert_string_equal(dataset->input_names[1], "c2");
    assert_true(dataset->inputs.data[3] == 8 && dataset->targets.data[1] == 9);
    dataset_free(dataset);
    text_clear(&file);
    cells[4] = (double)INFINITY;
    append_npy(&file, "<f8", false, "(3, 3)", cells, sizeof cells);
    struct error error = {0};
    assert_null(load_bytes(file.data, file.length, NULL, &error));
    assert_non_null(strstr(error.text, "row 2, column \"c2\""));
    text_free(&file);
}

static void npz_files_are_inputs_and_targets(void **state) {
    (void)state;
    for (int deflated = 0; deflated < 2; deflated++) {
        struct error error = {0};
        struct text archive = archive_of(deflated, true);
        struct dataset *dataset = load_bytes(archive.data, archive.length, NULL, &error);
        if (!dataset) {
            fail_msg("%s", error.text);
            return;
        }
        assert_int_equal(dataset->inputs.columns, 2);
        assert_true(dataset->inputs.data[5] == 6 && dataset->targets.data[2] == 255);
        assert_string_equal(dataset->target_names[0], "y");
        dataset_free(dataset);
        text_free(&archive);
    }
    struct error error = {0};
    struct text archive = archive_of(false, false);
    assert_null(load_bytes(archive.data, archive.length, NULL, &error));
    assert_non_null(strstr(error.text, "without an array y"));
    struct dataset *dataset = load_bytes(archive.data, archive.length, "use=ignored", NULL);
    assert_int_equal(dataset->inputs.columns, 2);
    dataset_free(dataset);
    text_free(&archive);
}

static struct dataset *load_for(const char *path, const char *options, const struct network *model,
                                struct error *error) {
    struct data_recipe recipe = data_options(options);
    struct dataset *dataset = dataset_load(path, &recipe, model, -1, NULL, error);
    data_recipe_free(&recipe);
    return dataset;
}

/* Outputs are scores of 256 classes, y names the right one. */
static void class_numbers_beside_many_outputs_need_a_word(void **state) {
    (void)state;
    struct text archive = archive_of(false, true);
    const char *path = data_file("a.bin", archive.data, archive.length);
    struct network *model = data_model(2, 256, TASK_REGRESSION, NULL, NULL, NULL);
    struct error error = {0};
    assert_null(load_for(path, NULL, model, &error));
    assert_non_null(strstr(error.text, "give --task classification"));
    struct dataset *dataset = load_for(path, "use=optional", model, &error);
    assert_false(dataset->has_targets);
    assert_int_equal(dataset->inputs.columns, 2);
    assert_non_null(strstr(dataset->messages, "errors are not measured: 1 target column, but"));
    assert_null(strstr(dataset->messages, "the model reads the first"));
    dataset_free(dataset);
    assert_true(network_set_task(model, "classification", &error));
    dataset = load_for(path, NULL, model, &error);
    assert_non_null(dataset);
    assert_true(dataset->targets.data[2] == 255);
    dataset_free(dataset);
    model->layers[model->depth - 1].activation.kind = ACTIVATION_SOFTMAX;
    assert_false(network_set_task(model, "regression", &error));
    assert_non_null(strstr(error.text, "softmax; leave --task out"));
    network_free(model);
    text_free(&archive);
}

static void arrays_that_lie_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *descriptor, *shape, *says;
    } cases[] = {
        {"<f8", "(3, 1)", "more numbers"},
        {"<f8", "(9223372036854775807, 9223372036854775807)", "more numbers"},
        {"<f8", "(0, 5)", "no rows"},
        {"<f8", "(1, 0)", "no columns"},
        {"<f8", "(1, 1, 1, 2)", "4 dimensions"},
        {"<f8", "()", "0 dimensions"},
        {"<f8", "(1, 1, 1, 1, 2)", "shape"},
        {"<f8", "(1 2)", "shape"},
        {"<f8", "(-1, 2)", "shape"},
        {"<f8", "(99999999999999999999999999,)", "shape"},
        {"<U12", "(2,)", "type <U12"},
        {"|O", "(2,)", "type"},
        {"<f16", "(1,)", "type <f16"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text file = {0};
        struct error error = {0};
        append_npy(&file, cases[i].descriptor, false, cases[i].shape, "0123456789abcdef", 16);
        assert_null(load_bytes(file.data, file.length, NULL, &error));
        if (!strstr(error.text, cases[i].says))
            fail_msg("\"%s\" does not say \"%s\"", error.text, cases[i].says);
        text_free(&file);
    }
    struct error error = {0};
    struct text archive = archive_of(true, true);
    archive.data[60]++; /* inside the deflated bytes of X */
    assert_null(load_bytes(archive.data, archive.length, NULL, &error));
    assert_non_null(strstr(error.text, "damaged"));
    text_free(&archive);
}

static void gzip_is_seen_through(void **state) {
    (void)state;
    static const char text[] = "a;y\n1;2\n3;4\n";
    const char *path = data_file("d.csv.gz", "", 0);
    gzFile file = gzopen(path, "wb");
    assert_int_equal(gzwrite(file, text, sizeof text - 1), sizeof text - 1);
    gzclose(file);
    struct data_recipe recipe = data_options(NULL);
    struct dataset *dataset = dataset_load(path, &recipe, NULL, -1, NULL, NULL);
    assert_true(dataset->inputs.data[1] == 3);
    dataset_free(dataset);
}

static struct dataset *load_public(const char *name, const char *options, int task) {
    const char *directory = getenv("LUMPSCOPE_DATA");
    if (!directory) {
        print_message("skipped: LUMPSCOPE_DATA is not set, %s is not there\n", name);
        skip();
    }
    struct text path = {0};
    text_format(&path, "%s/%s", directory, name);
    struct error error = {0};
    struct data_recipe recipe = data_options(options);
    struct dataset *dataset = dataset_load(path.data, &recipe, NULL, task, NULL, &error);
    if (!dataset)
        fail_msg("%s", error.text);
    data_recipe_free(&recipe);
    text_free(&path);
    return dataset;
}

static size_t input_named(const struct dataset *dataset, const char *name) {
    for (size_t j = 0; j < dataset->inputs.columns; j++)
        if (strcmp(dataset->input_names[j], name) == 0)
            return j;
    fail_msg("no input %s", name);
    return 0;
}

static double input_sum(const struct dataset *dataset, const char *name) {
    size_t j = input_named(dataset, name);
    double sum = 0;
    for (size_t r = 0; r < dataset->inputs.rows; r++)
        sum += matrix_row(&dataset->inputs, r)[j];
    return sum;
}

static double target_sum(const struct dataset *dataset) {
    double sum = 0;
    for (size_t r = 0; r < dataset->targets.rows; r++)
        sum += dataset->targets.data[r];
    return sum;
}

static void abalone_is_4177_rows_of_10_inputs(void **state) {
    (void)state;
    struct dataset *dataset = load_public("abalone/abalone.data", NULL, -1);
    assert_int_equal(dataset->inputs.rows, 4177);
    assert_int_equal(dataset->inputs.columns, 10);
    assert_true(input_sum(dataset, "c1=F") == 1307 && input_sum(dataset, "c1=I") == 1342 &&
                input_sum(dataset, "c1=M") == 1528);
    assert_true(fabs(input_sum(dataset, "c2") - 2188.715) < 1e-6);
    assert_true(target_sum(dataset) == 41493);
    assert_int_equal(dataset->test_count, 835);
    static const size_t test[] = {3312, 2286, 2756, 2699, 278};
    assert_memory_equal(dataset->test, test, sizeof test);
    assert_int_equal(dataset->test[834], 2936);
    assert_int_equal(dataset->train[0], 401);
    dataset_free(dataset);
}

static void metro_has_dates_and_three_columns_of_text(void **state) {
    (void)state;
    struct dataset *dataset = load_public("metro/metro.csv.gz", "target=traffic_volume", -1);
    assert_int_equal(dataset->inputs.rows, 48204);
    assert_int_equal(dataset->inputs.columns, 12 + 4 + 11 + 38 + 4);
    assert_true(input_sum(dataset, "date_time.year") == 97155761);
    assert_true(input_sum(dataset, "date_time.month") == 313617);
    assert_true(input_sum(dataset, "date_time.weekday") == 143888);
    assert_true(input_sum(dataset, "date_time.hour") == 549437);
    assert_true(input_sum(dataset, "weather_description=Sky is Clear") == 1726);
    assert_string_equal(dataset->input_names[12 + 4 + 11], "weather_description=SQUALLS");
    const double *row = matrix_row(&dataset->inputs, 1000);
    assert_true(row[input_named(dataset, "temp")] == 276.41);
    assert_true(row[input_named(dataset, "weather_description=overcast clouds")] == 1);
    assert_true(row[input_named(dataset, "date_time.weekday")] == 3);
    assert_true(dataset->targets.data[1000] == 286);
    assert_true(target_sum(dataset) == 157136284);
    dataset_free(dataset);
}

static void other_public_files_have_their_shapes(void **state) {
    (void)state;
    struct dataset *dataset = load_public("hepc/hepc_hourly.csv.gz",
                                          "target=Global_active_power|drop=Global_intensity", -1);
    assert_int_equal(dataset->inputs.rows, 34589);
    assert_int_equal(dataset->inputs.columns, 4 + 5);
    assert_true(fabs(target_sum(dataset) - 2260823.938878068) < 1e-5);
    dataset_free(dataset);
    dataset = load_public("protein/casp.txt", NULL, -1);
    assert_int_equal(dataset->inputs.rows, 45730);
    assert_int_equal(dataset->inputs.columns, 9);
    assert_true(fabs(target_sum(dataset) - 354340.205) < 1e-6);
    assert_true(fabs(input_sum(dataset, "c1") - 451428130.6) < 1e-3);
    dataset_free(dataset);
    dataset = load_public("optdigits/optdigits.tra", "split=none", TASK_CLASSIFICATION);
    assert_int_equal(dataset->inputs.rows, 3823);
    assert_int_equal(dataset->inputs.columns, 64);
    assert_int_equal(dataset->class_count, 10);
    static const size_t counts[] = {376, 389, 380, 389, 387, 376, 377, 387, 380, 382};
    size_t found[10] = {0};
    for (size_t r = 0; r < 3823; r++)
        found[(size_t)dataset->targets.data[r]]++;
    assert_memory_equal(found, counts, sizeof counts);
    assert_string_equal(dataset->classes[9], "9");
    dataset_free(dataset);
}

/* One random change of a byte, a cut, or a doubling of a stretch. */
static void mutate(struct text *bytes, struct rng *rng) {
    static const char likely[] = ",;\t \"\n\r?-+.eExX0123456789aPK\1\3\4\377";
    size_t at = (size_t)(rng_uniform(rng) * (double)bytes->length);
    switch (rng_next(rng) % 4) {
    case 0:
        bytes->data[at] = (char)rng_next(rng);
        break;
    case 1:
        bytes->length = at;
        break;
    case 2:
        text_append_bytes(bytes, "0123456789,;\n", 1 + rng_next(rng) % 13);
        break;
    default:
        bytes->data[at] = likely[rng_next(rng) % (sizeof likely - 1)];
    }
}

static void garbage_is_read_or_refused_in_a_sentence(void **state) {
    (void)state;
    static const char table[] = "d,\"a\",t,y\n2020-01-01 10:00,1.5,u,1\n2020-01-02,2,v,?\n"
                                "2020-01-03,3,\"w\nx\",3\n";
    struct network *model = data_model(
        7, 1, TASK_REGRESSION,
        "[\"d.year\",\"d.month\",\"d.weekday\",\"d.hour\",\"a\",\"t=u\",\"t=v\"]", "[\"y\"]", NULL);
    struct rng rng;
    rng_seed(&rng, 11);
    size_t read = 0, refused = 0;
    for (int run = 0; run < 1500; run++) {
        struct text bytes = {0};
        if (run % 3)
            text_append_bytes(&bytes, table, sizeof table - 1);
        else
            bytes = archive_of(run % 2, true);
        for (uint64_t changes = 1 + rng_next(&rng) % 5; changes-- && bytes.length;)
            mutate(&bytes, &rng);
        struct data_recipe recipe = data_options(run % 5 ? NULL : "use=ignored");
        struct error error = {0};
        const char *path = data_file("fuzz.bin", bytes.data, bytes.length);
        struct dataset *dataset =
            dataset_load(path, &recipe, run % 2 ? model : NULL, run % 7 ? -1 : 1, NULL, &error);
        assert_int_equal(dataset ? ERROR_NONE : ERROR_REQUEST, error.kind);
        read += dataset != NULL;
        refused += dataset == NULL;
        dataset_free(dataset);
        text_free(&bytes);
    }
    assert_true(read > 100 && refused > 100);
    network_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_of_every_kind_hold_the_same_numbers),
        cmocka_unit_test(npy_files_are_tables),
        cmocka_unit_test(npz_files_are_inputs_and_targets),
        cmocka_unit_test(class_numbers_beside_many_outputs_need_a_word),
        cmocka_unit_test(arrays_that_lie_are_refused),
        cmocka_unit_test(gzip_is_seen_through),
        cmocka_unit_test(abalone_is_4177_rows_of_10_inputs),
        cmocka_unit_test(metro_has_dates_and_three_columns_of_text),
        cmocka_unit_test(other_public_files_have_their_shapes),
        cmocka_unit_test(garbage_is_read_or_refused_in_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, data_clean);
}
