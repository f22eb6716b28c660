/* Networks in NumPy archives: NumPy's own files open, what is written is NumPy's, and archives that
 * lie are answered with a sentence. */
#include "data_support.h"
#include "random_network.h"

#include "lumpscope/file.h"
#include "lumpscope/model_npz.h"
#include "lumpscope/npy.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include <cmocka.h>

static const double grid[] = {1, 2, 3, 4, 5, 6};
static const double more[] = {7, 8, 9};

/* Two layers, 2 x 3 and 3 x 1 the way NumPy's users lay them. */
static const struct npz_source plain[] = {
    {.name = "W0", .type = TENSOR_F64, .rows = 2, .columns = 3, .values = grid},
    {.name = "b0", .type = TENSOR_F64, .columns = 3, .values = more},
    {.name = "W1", .type = TENSOR_F64, .rows = 3, .columns = 1, .values = more},
};
enum { PLAIN = sizeof plain / sizeof *plain };

/* The path of an archive of these arrays. */
static const char *archive_of(const struct npz_source *sources, size_t count) {
    struct error error = {0};
    const char *path = data_file("m.npz", "", 0);
    must(npz_write(path, sources, count, NULL, &error), &error);
    return path;
}

static struct network *load(const char *path, const char *activation, const char *layers,
                            struct error *error) {
    struct model_recipe recipe = {.activation = (char *)activation, .layers = (char *)layers};
    return model_load(path, &recipe, NULL, error);
}

static struct network *loaded(const char *path, const char *activation, const char *layers) {
    struct error error = {0};
    struct network *network = load(path, activation, layers, &error);
    if (!network)
        fail_msg("%s", error.text);
    return network;
}

static void must_refuse(const char *path, const char *activation, const char *layers,
                        const char *says) {
    struct error error = {0};
    assert_null(load(path, activation, layers, &error));
    assert_int_equal(error.kind, ERROR_REQUEST);
    if (!strstr(error.text, says))
        fail_msg("\"%s\" does not say \"%s\"", error.text, says);
    if (strncmp(error.text, path, strlen(path)) != 0)
        fail_msg("\"%s\" does not name the file", error.text);
}

static void must_refuse_bytes(const char *bytes, size_t size, const char *says) {
    must_refuse(data_file("bad.npz", bytes, size), "relu", NULL, says);
}

static char *bytes_of(const char *path, size_t *size) {
    struct error error = {0};
    char *bytes = file_read(path, 1 << 24, size, NULL, &error);
    must(bytes != NULL, &error);
    return bytes;
}

static void an_archive_numpy_wrote_opens_as_it_stands(void **state) {
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s/models/numpy.npz", getenv("LUMPSCOPE_TESTS"));
    struct network *network = loaded(path, NULL, NULL);
    static const double first[] = {1, 4, 2, 5, 3, 6.5}, second[] = {1, 2, -0.25};
    static const double bias[] = {.5, -1, 2};
    assert_int_equal(network->depth, 2);
    assert_memory_equal(network->layers[0].weights, first, sizeof first);
    assert_memory_equal(network->layers[0].bias, bias, sizeof bias);
    assert_memory_equal(network->layers[1].weights, second, sizeof second);
    assert_true(network->layers[1].bias[0] == 7);
    assert_int_equal(network->layers[0].activation.kind, ACTIVATION_RELU);
    assert_string_equal(network->name, "gr\xc3\xb6\xc3\x9f"
                                       "e");
    assert_non_null(network_member(network, "author"));
    assert_int_equal(network->origin.format, MODEL_NPZ);
    assert_int_equal(network->origin.type, TENSOR_F32);
    assert_string_equal(network->origin.weight_names[1], "coefs_1");
    assert_true(network->origin.inputs_first);
    network_free(network);
}

static void headers_are_those_numpy_writes(void **state) {
    (void)state;
    static const struct npz_source sources[] = {
        {.name = "a", .type = TENSOR_F32, .rows = 2, .columns = 3, .values = grid},
        {.name = "b", .type = TENSOR_F16, .columns = 3, .values = more},
        {.name = "c", .text = "{}"},
    };
    /* The growth of the first dimension has room; 128 or 64 bytes in all. */
    static const struct {
        const char *text;
        size_t header;
    } wanted[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 128},
        {"{'descr': '<f2', 'fortran_order': False, 'shape': (3,), }", 128},
        {"{'descr': '|S2', 'fortran_order': False, 'shape': (), }", 128},
    };
    size_t size;
    char *bytes = bytes_of(archive_of(sources, 3), &size);
    const char *at = bytes;
    for (size_t k = 0; k < 3; k++) {
        at = memmem(at, size - (size_t)(at - bytes), "\x93NUMPY\1\0", 8);
        assert_non_null(at);
        assert_int_equal((unsigned char)at[8] + 256 * at[9] + 10, wanted[k].header);
        assert_memory_equal(at + 10, wanted[k].text, strlen(wanted[k].text));
        assert_int_equal(at[wanted[k].header - 1], '\n');
        at += wanted[k].header;
    }
    assert_memory_equal(at, "{}PK\1\2", 6);
    free(bytes);
}

static void what_is_written_reads_back_to_the_same_bits(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 3);
    for (int run = 0; run < 40; run++) {
        struct error error = {0};
        struct network *first = random_network_any(&rng);
        first->task = network_is_softmax(first) ? TASK_CLASSIFICATION : TASK_REGRESSION;
        const char *path = data_file("round.npz", "", 0);
        size_t bytes, measured, size;
        must(model_save(first, path, TENSOR_F64, &bytes, NULL, &error), &error);
        struct network *second = loaded(path, NULL, NULL);
        must(model_measure(second, &measured, NULL, &error), &error);
        assert_true(file_size(path, &size) && size == bytes && size == measured);
        for (size_t l = 0; l < first->depth; l++) {
            const struct layer *x = &first->layers[l], *y = &second->layers[l];
            assert_memory_equal(x->weights, y->weights, x->neurons * x->inputs * sizeof(double));
            assert_memory_equal(x->bias, y->bias, x->neurons * sizeof(double));
            assert_true(activation_equal(&x->activation, &y->activation));
        }
        network_free(first);
        network_free(second);
    }
}

static void the_same_network_makes_the_same_file(void **state) {
    (void)state;
    size_t first_size, second_size;
    char *first = bytes_of(archive_of(plain, PLAIN), &first_size);
    char *second = bytes_of(archive_of(plain, PLAIN), &second_size);
    assert_int_equal(first_size, second_size);
    assert_memory_equal(first, second, first_size);
    free(first);
    free(second);
}

static void names_type_and_orientation_go_back(void **state) {
    (void)state;
    static const struct npz_source sources[] = {
        {.name = "up", .type = TENSOR_F32, .rows = 3, .columns = 2, .values = grid},
        {.name = "up_bias", .type = TENSOR_F32, .columns = 3, .values = more},
        {.name = "down", .type = TENSOR_F32, .rows = 1, .columns = 3, .values = more},
    };
    struct error error = {0};
    struct network *network = loaded(archive_of(sources, 3), "tanh", "up,down");
    assert_false(network->origin.inputs_first);
    assert_int_equal(network->origin.type, TENSOR_F32);
    assert_memory_equal(network->layers[0].weights, grid, sizeof grid);
    const char *path = data_file("back.npz", "", 0);
    must(model_save(network, path, network->origin.type, NULL, NULL, &error), &error);
    struct npz *archive = npz_open(path, &error);
    must(archive != NULL, &error);
    assert_int_equal(npz_count(archive), 4); /* down had no bias and has none; and the frame */
    enum npy_content content;
    struct npy_array array;
    must(npz_describe(archive, npz_find(archive, "up"), &content, &array, &error), &error);
    assert_true(array.type == TENSOR_F32 && array.shape[0] == 3 && array.shape[1] == 2);
    assert_true(npz_find(archive, "down_bias") == npz_count(archive));
    npz_close(archive);
    network_free(network);
}

static void inputs_come_first_unless_only_the_other_way_chains(void **state) {
    (void)state;
    struct network *network = loaded(archive_of(plain, PLAIN), "relu", NULL);
    static const double turned[] = {1, 4, 2, 5, 3, 6};
    assert_int_equal(network_inputs(network), 2);
    assert_memory_equal(network->layers[0].weights, turned, sizeof turned);
    network_free(network);
    struct npz_source square = {
        .name = "W0", .type = TENSOR_F64, .rows = 2, .columns = 2, .values = grid};
    network = loaded(archive_of(&square, 1), NULL, NULL);
    assert_true(network->layers[0].weights[1] == 3);
    network_free(network);
    struct npz_source said[] = {square,
                                {.name = "lumpscope",
                                 .text = "{\"weights\": \"neurons x "
                                         "inputs\"}"}};
    network = loaded(archive_of(said, 2), NULL, NULL);
    assert_true(network->layers[0].weights[1] == 2);
    assert_null(network_member(network, "weights"));
    network_free(network);
    square.name = "fc.weight"; /* PyTorch's name, PyTorch's way */
    network = loaded(archive_of(&square, 1), NULL, NULL);
    assert_true(network->layers[0].weights[1] == 2);
    network_free(network);
}

static void layers_are_ordered_by_their_numbers(void **state) {
    (void)state;
    struct npz_source sources[12];
    char names[12][8];
    for (size_t k = 0; k < 12; k++) { /* k inputs, k + 1 neurons */
        size_t l = (k * 5) % 12;
        snprintf(names[k], sizeof names[k], "W%zu", l);
        static double ones[12 * 13];
        sources[k] = (struct npz_source){
            .name = names[k], .type = TENSOR_F64, .rows = l + 1, .columns = l + 2, .values = ones};
    }
    struct network *network = loaded(archive_of(sources, 12), "relu", NULL);
    assert_int_equal(network->depth, 12);
    assert_string_equal(network->origin.weight_names[10], "W10");
    network_free(network);
}

static void archives_that_are_no_network_are_refused_with_the_remedy(void **state) {
    (void)state;
    static const double nan_values[] = {1, (double)NAN};
    static const struct {
        struct npz_source sources[3];
        size_t count;
        const char *activation, *layers, *says;
    } cases[] = {
        {{{.name = "X", .type = TENSOR_F64, .columns = 3, .values = grid}},
         1,
         "relu",
         NULL,
         "no arrays W0"},
        {{{.name = "W0", .type = TENSOR_F64, .columns = 3, .values = grid}},
         1,
         "relu",
         NULL,
         "1 dimensions"},
        {{{.name = "W0", .type = TENSOR_F64, .rows = 2, .columns = 3, .values = grid},
          {.name = "W2", .type = TENSOR_F64, .rows = 3, .columns = 1, .values = grid}},
         2,
         "relu",
         NULL,
         "W1 is missing"},
        {{{.name = "W0", .type = TENSOR_F64, .rows = 2, .columns = 3, .values = grid},
          {.name = "W1", .type = TENSOR_F64, .rows = 1, .columns = 5, .values = grid}},
         2,
         "relu",
         NULL,
         "W0 2 x 3, W1 1 x 5"},
        {{{.name = "W0", .type = TENSOR_F64, .rows = 2, .columns = 3, .values = grid},
          {.name = "b0", .type = TENSOR_F64, .columns = 5, .values = grid}},
         2,
         "relu",
         NULL,
         "b0 of 5"},
        {{{.name = "W0", .type = TENSOR_F64, .rows = 1, .columns = 2, .values = nan_values}},
         1,
         "linear",
         NULL,
         "not finite"},
        {{{.name = "W0", .type = TENSOR_F64, .rows = 2, .columns = 3, .values = grid},
          {.name = "scale", .type = TENSOR_F64, .columns = 3, .values = grid}},
         2,
         "relu",
         NULL,
         "scale.npy belongs to no layer"},
        {{{.name = "W0", .type = TENSOR_F64, .rows = 2, .columns = 3, .values = grid}},
         1,
         NULL,
         "W0,W7",
         "no array \"W7\""},
        {{{.name = "W0", .type = TENSOR_F64, .rows = 2, .columns = 3, .values = grid},
          {.name = "lumpscope", .text = "[1"}},
         2,
         NULL,
         NULL,
         "no JSON object"},
        {{{.name = "W0", .type = TENSOR_F64, .rows = 2, .columns = 3, .values = grid},
          {.name = "lumpscope", .text = "{\"activations\": [\"relu\", \"relu\"]}"}},
         2,
         NULL,
         NULL,
         "activations"},
        {{{.name = "W0", .type = TENSOR_F64, .rows = 2, .columns = 3, .values = grid},
          {.name = "W1", .type = TENSOR_F64, .rows = 3, .columns = 1, .values = grid}},
         2,
         NULL,
         NULL,
         "such as --activation relu"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        must_refuse(archive_of(cases[k].sources, cases[k].count), cases[k].activation,
                    cases[k].layers, cases[k].says);
}

static void types_numpy_has_not_or_that_are_too_narrow_are_refused(void **state) {
    (void)state;
    struct rng rng;
    struct error error = {0};
    rng_seed(&rng, 5);
    struct network *network = random_network_any(&rng);
    const char *path = data_file("narrow.npz", "", 0);
    assert_false(model_save(network, path, TENSOR_BF16, NULL, NULL, &error));
    assert_non_null(strstr(error.text, "bfloat16"));
    network->layers[0].weights[0] = 1e6;
    assert_false(model_save(network, path, TENSOR_F16, NULL, NULL, &error));
    assert_non_null(strstr(error.text, "array W0 has a value beyond the range of F16"));
    size_t size;
    assert_true(file_size(path, &size) && size == 0); /* as it was, and nothing beside it */
    network_free(network);
}

/* An archive by libzip, each member packed as asked. */
struct part {
    const char *name, *bytes;
    size_t size;
    int method;
    bool encrypted;
};

static const char *zip_of(const struct part *parts, size_t count) {
    const char *path = data_file("zip.npz", "", 0);
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    for (size_t k = 0; k < count; k++) {
        zip_source_t *source = zip_source_buffer(zip, parts[k].bytes, parts[k].size, 0);
        zip_int64_t index = zip_file_add(zip, parts[k].name, source, 0);
        assert_true(index >= 0);
        zip_set_file_compression(zip, (zip_uint64_t)index, parts[k].method, 0);
        if (parts[k].encrypted)
            zip_file_set_encryption(zip, (zip_uint64_t)index, ZIP_EM_AES_256, "secret");
    }
    assert_int_equal(zip_close(zip), 0);
    return path;
}

/* A .npy file of version 1 with any description, shape and content. */
static struct text array_bytes(const char *descriptor, const char *shape, const void *bytes,
                               size_t size) {
    struct text out = {0}, header = {0};
    text_format(&header, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", descriptor,
                shape);
    text_append_bytes(&out, "\x93NUMPY\1\0", 8);
    text_append_bytes(&out, (char[]){(char)header.length, 0}, 2);
    text_append_bytes(&out, header.data, header.length);
    text_append_bytes(&out, bytes, size);
    text_free(&header);
    return out;
}

static void texts_of_every_kind_are_read(void **state) {
    (void)state;
    static const struct {
        const char *descriptor, *shape, *bytes;
        size_t size;
    } cases[] = {
        {"|S5", "()", "{\"\":1", 5},
        {"|S8", "(1,)", "{\"\":1\0\0\0", 8},
        {"|u1", "(5,)", "{\"\":1", 5},
        {"<U5", "()", "{\0\0\0\"\0\0\0\"\0\0\0:\0\0\0001\0\0\0", 20},
        {">U5", "()", "\0\0\0{\0\0\0\"\0\0\0\"\0\0\0:\0\0\0001", 20},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct error error = {0};
        struct text array =
            array_bytes(cases[k].descriptor, cases[k].shape, cases[k].bytes, cases[k].size);
        struct part part = {"t.npy", array.data, array.length, ZIP_CM_DEFLATE, false};
        struct npz *archive = npz_open(zip_of(&part, 1), &error);
        must(archive != NULL, &error);
        char *text = npz_read_text(archive, 0, &error);
        must(text != NULL, &error);
        assert_string_equal(text, "{\"\":1");
        free(text);
        npz_close(archive);
        text_free(&array);
    }
}

static void a_zip_bomb_takes_no_memory(void **state) {
    (void)state;
    enum { BOMB = 1 << 24 };
    char *zeros = calloc(BOMB, 1);
    /* The shape says two numbers, the member holds sixteen million bytes. */
    struct text small = array_bytes("<f8", "(1, 2)", zeros, BOMB);
    struct part part = {"W0.npy", small.data, small.length, ZIP_CM_DEFLATE, false};
    must_refuse(zip_of(&part, 1), "relu", NULL, "where its shape has 16");
    text_free(&small);
    /* A directory entry that claims more than its packed bytes can give. */
    struct text honest = array_bytes("<f8", "(1, 2)", zeros, 16);
    part = (struct part){"W0.npy", honest.data, honest.length, ZIP_CM_DEFLATE, false};
    size_t size;
    char *bytes = bytes_of(zip_of(&part, 1), &size);
    char *entry = memmem(bytes, size, "PK\1\2", 4);
    assert_non_null(entry);
    memcpy(entry + 24, "\xf0\xff\xff\x7f", 4);
    must_refuse_bytes(bytes, size, "more than its bytes can");
    memcpy(entry + 20, "\xf0\xff\xff\x7f", 4);
    must_refuse_bytes(bytes, size, "larger than its archive");
    free(bytes);
    text_free(&honest);
    free(zeros);
}

static void archives_that_are_not_numpys_are_refused(void **state) {
    (void)state;
    struct text array = array_bytes("<f8", "(1, 2)", grid, 16);
    struct text object = array_bytes("|O", "(2,)", grid, 16);
    struct text wide = array_bytes("<f8", "(1, 2)", grid, 24);
    struct part locked = {"W0.npy", array.data, array.length, ZIP_CM_STORE, true};
    must_refuse(zip_of(&locked, 1), "relu", NULL, "W0.npy is encrypted");
    struct part pickled = {"coefs_.npy", object.data, object.length, ZIP_CM_STORE, false};
    must_refuse(zip_of(&pickled, 1), "relu", NULL, "pickles are never read");
    pickled.name = "W0.npy";
    must_refuse(zip_of(&pickled, 1), "relu", NULL, "W0.npy holds no numbers");
    struct part long_one = {"W0.npy", wide.data, wide.length, ZIP_CM_STORE, false};
    must_refuse(zip_of(&long_one, 1), "relu", NULL, "where its shape has 16");
    if (zip_compression_method_supported(ZIP_CM_BZIP2, 1)) {
        struct part other = {"W0.npy", array.data, array.length, ZIP_CM_BZIP2, false};
        must_refuse(zip_of(&other, 1), "relu", NULL, "another way");
    }
    /* Two members of one name: the second one's name is changed in the bytes. */
    struct part twice[] = {{"W0.npy", array.data, array.length, ZIP_CM_STORE, false},
                           {"W1.npy", array.data, array.length, ZIP_CM_STORE, false}};
    size_t size;
    char *bytes = bytes_of(zip_of(twice, 2), &size), *at = bytes;
    while ((at = memmem(at, size - (size_t)(at - bytes), "W1.npy", 6)))
        at[1] = '0';
    must_refuse_bytes(bytes, size, "two members W0.npy");
    free(bytes);
    /* A number that is not the one the check sum was made of. */
    bytes = bytes_of(zip_of(twice, 1), &size);
    at = memmem(bytes, size, "}\n", 2);
    at[4]++;
    must_refuse_bytes(bytes, size, "damaged");
    free(bytes);
    text_free(&array);
    text_free(&object);
    text_free(&wide);
}

static void a_file_cut_anywhere_is_a_sentence(void **state) {
    (void)state;
    char path[512];
    size_t size;
    snprintf(path, sizeof path, "%s/models/numpy.npz", getenv("LUMPSCOPE_TESTS"));
    char *golden = bytes_of(path, &size);
    for (size_t cut = 4; cut < size; cut += cut < 64 ? 60 : 64)
        must_refuse_bytes(golden, cut, "damaged or cut short");
    free(golden);
    char *written = bytes_of(archive_of(plain, PLAIN), &size);
    for (size_t cut = 64; cut < size; cut += 64)
        must_refuse_bytes(written, cut, "damaged or cut short");
    free(written);
}

static void any_changed_byte_is_read_or_refused(void **state) {
    (void)state;
    struct rng rng;
    char path[512];
    size_t size, read = 0, refused = 0;
    rng_seed(&rng, 17);
    snprintf(path, sizeof path, "%s/models/numpy.npz", getenv("LUMPSCOPE_TESTS"));
    char *golden = bytes_of(path, &size);
    for (int run = 0; run < 1500; run++) {
        char *bytes = malloc(size);
        struct error error = {0};
        memcpy(bytes, golden, size);
        for (uint64_t changes = 1 + rng_next(&rng) % 4; changes--;)
            bytes[random_below(&rng, size)] = (char)rng_next(&rng);
        struct network *network =
            load(data_file("fuzz.npz", bytes, size), run % 2 ? "relu" : NULL, NULL, &error);
        assert_true(network || error.kind == ERROR_REQUEST);
        read += network != NULL;
        refused += network == NULL;
        network_free(network);
        free(bytes);
    }
    assert_true(read > 100 && refused > 100);
    free(golden);
}

static void tensors_are_listed_with_their_statistics(void **state) {
    (void)state;
    struct error error = {0};
    struct tensor_list list;
    must(model_npz_tensors(archive_of(plain, PLAIN), true, &list, NULL, &error), &error);
    assert_int_equal(list.count, 3);
    const struct tensor_summary *first = &list.tensors[0];
    assert_string_equal(first->name, "W0");
    assert_true(first->dimensions == 2 && first->shape[1] == 3 && first->bytes == 48);
    assert_true(first->least == 1 && first->greatest == 6 && first->mean == 3.5);
    tensor_list_free(&list);
}

/* What runs code when it is opened is known by its bytes, whatever it is called. */
static void pickles_and_keras_files_are_refused_with_the_lines_to_paste(void **state) {
    (void)state;
    static const char legacy[] = "\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
    static const struct {
        const char *bytes, *says, *lines;
        size_t size;
    } cases[] = {
        {legacy, "PyTorch", "torch.load", sizeof legacy - 1},
        {"\x89HDF\r\n\x1a\n", "Keras", "load_model", 8},
        {"\x80\4\x95\1\2csklearn", "scikit-learn", "coefs_", 12},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const char *path = data_file("model.json", cases[k].bytes, cases[k].size);
        must_refuse(path, NULL, NULL, cases[k].says);
        assert_non_null(strstr(model_export_lines(path), cases[k].lines));
    }
    struct part torch = {"archive/data.pkl", "x", 1, ZIP_CM_STORE, false};
    const char *path = zip_of(&torch, 1);
    must_refuse(path, NULL, NULL, "PyTorch");
    assert_non_null(strstr(model_export_lines(path), "save_file"));
    struct part keras[] = {{"config.json", "{}", 2, ZIP_CM_STORE, false},
                           {"model.weights.h5", "x", 1, ZIP_CM_STORE, false}};
    must_refuse(zip_of(keras, 2), NULL, NULL, "Keras");
    assert_null(model_export_lines(archive_of(plain, PLAIN)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_archive_numpy_wrote_opens_as_it_stands),
        cmocka_unit_test(headers_are_those_numpy_writes),
        cmocka_unit_test(what_is_written_reads_back_to_the_same_bits),
        cmocka_unit_test(the_same_network_makes_the_same_file),
        cmocka_unit_test(names_type_and_orientation_go_back),
        cmocka_unit_test(inputs_come_first_unless_only_the_other_way_chains),
        cmocka_unit_test(layers_are_ordered_by_their_numbers),
        cmocka_unit_test(archives_that_are_no_network_are_refused_with_the_remedy),
        cmocka_unit_test(types_numpy_has_not_or_that_are_too_narrow_are_refused),
        cmocka_unit_test(texts_of_every_kind_are_read),
        cmocka_unit_test(a_zip_bomb_takes_no_memory),
        cmocka_unit_test(archives_that_are_not_numpys_are_refused),
        cmocka_unit_test(a_file_cut_anywhere_is_a_sentence),
        cmocka_unit_test(any_changed_byte_is_read_or_refused),
        cmocka_unit_test(tensors_are_listed_with_their_statistics),
        cmocka_unit_test(pickles_and_keras_files_are_refused_with_the_lines_to_paste),
    };
    return cmocka_run_group_tests(tests, NULL, data_clean);
}
