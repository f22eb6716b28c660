/* ONNX files: what onnxruntime makes of them is what we make of them, the same bits come back, and
 * bad files are answered with one sentence. tests/onnx/make.py makes the files. */
#include "data_support.h"
#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/model_onnx.h"

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

enum { PATH = 512 };

static void path_of(const char *name, const char *suffix, char path[PATH]) {
    snprintf(path, PATH, "%s/onnx/%s%s", getenv("LUMPSCOPE_TESTS"), name, suffix);
}

/* expected.json or refused.json. */
static cJSON *read_json(const char *name) {
    char path[PATH];
    size_t size;
    path_of(name, ".json", path);
    char *text = file_read(path, (size_t)1 << 24, &size, NULL, NULL);
    assert_non_null(text);
    cJSON *json = cJSON_Parse(text);
    assert_non_null(json);
    free(text);
    return json;
}

static struct network *load(const char *path) {
    struct error error = {0};
    struct network *network = model_onnx_load(path, NULL, NULL, &error);
    if (!network)
        fail_msg("%s", error.text);
    return network;
}

static struct network *load_golden(const char *name) {
    char path[PATH];
    path_of(name, ".onnx", path);
    return load(path);
}

/* Rows of numbers as one array; [rows x columns]. */
static double *flatten(const cJSON *rows, size_t columns) {
    double *out = test_malloc((size_t)cJSON_GetArraySize(rows) * columns * sizeof *out);
    size_t k = 0;
    const cJSON *row, *item;
    cJSON_ArrayForEach(row, rows) {
        assert_int_equal(cJSON_GetArraySize(row), columns);
        cJSON_ArrayForEach(item, row) {
            out[k++] = item->valuedouble;
        }
    }
    return out;
}

static void check_outputs(const struct network *network, const cJSON *entry) {
    size_t outputs = network_outputs(network), inputs = network_inputs(network);
    const cJSON *xs = cJSON_GetObjectItem(entry, "x");
    size_t rows = (size_t)cJSON_GetArraySize(xs);
    double *x = flatten(xs, inputs), *y = flatten(cJSON_GetObjectItem(entry, "y"), outputs);
    double *out = test_malloc(rows * outputs * sizeof *out), largest = 0;
    assert_true(rows > 0);
    assert_true(network_forward(network, x, rows, false, out, NULL, NULL));
    for (size_t k = 0; k < rows * outputs; k++)
        largest = fmax(largest, fabs(y[k]));
    double limit = cJSON_GetObjectItem(entry, "tolerance")->valuedouble * largest;
    for (size_t k = 0; k < rows * outputs; k++)
        if (!(fabs(out[k] - y[k]) <= limit))
            fail_msg("%s: output %zu is %.17g, onnxruntime's %.17g", entry->string, k, out[k],
                     y[k]);
    test_free(x);
    test_free(y);
    test_free(out);
}

static void outputs_are_those_of_onnxruntime(void **state) {
    (void)state;
    cJSON *expected = read_json("expected");
    const cJSON *entry;
    assert_true(cJSON_GetArraySize(expected) > 40);
    cJSON_ArrayForEach(entry, expected) {
        struct network *network = load_golden(entry->string);
        check_outputs(network, entry);
        network_free(network);
    }
    cJSON_Delete(expected);
}

static void assert_same_string(const char *a, const char *b) {
    assert_true((a == NULL) == (b == NULL));
    if (a)
        assert_string_equal(a, b);
}

static void assert_same_bits(const struct network *a, const struct network *b) {
    assert_int_equal(a->depth, b->depth);
    assert_int_equal(a->task, b->task);
    assert_string_equal(a->name, b->name);
    for (size_t l = 0; l < a->depth; l++) {
        const struct layer *x = &a->layers[l], *y = &b->layers[l];
        assert_int_equal(x->neurons, y->neurons);
        assert_int_equal(x->inputs, y->inputs);
        assert_memory_equal(x->weights, y->weights, x->neurons * x->inputs * sizeof(double));
        assert_memory_equal(x->bias, y->bias, x->neurons * sizeof(double));
        assert_true(activation_equal(&x->activation, &y->activation));
    }
}

static void assert_same_origin(const struct origin *a, const struct origin *b) {
    assert_int_equal(a->opset, b->opset);
    assert_int_equal(a->type, b->type);
    assert_same_string(a->producer, b->producer);
    assert_same_string(a->producer_version, b->producer_version);
    assert_same_string(a->graph_name, b->graph_name);
    assert_same_string(a->input_name, b->input_name);
    assert_same_string(a->output_name, b->output_name);
    assert_int_equal(a->depth, b->depth);
    for (size_t l = 0; l < a->depth; l++) {
        assert_same_string(a->weight_names[l], b->weight_names[l]);
        assert_same_string(a->bias_names[l], b->bias_names[l]);
    }
}

/* Saves, checks the size that was measured and told, and loads again. */
static struct network *there_and_back(const struct network *network, enum tensor_type type) {
    struct error error = {0};
    size_t bytes = 0, measured = 0, size = 0;
    const char *path = data_file("written.onnx", "", 0);
    if (!model_onnx_save(network, path, type, &bytes, NULL, &error))
        fail_msg("%s", error.text);
    assert_true(model_onnx_measure(network, type, &measured, &error));
    assert_true(file_size(path, &size));
    assert_int_equal(bytes, size);
    assert_int_equal(measured, size);
    return load(path);
}

/* Folded weights may be between two values of the type; what was written once is not. */
static void what_was_written_comes_back_to_the_same_bits(void **state) {
    (void)state;
    cJSON *expected = read_json("expected");
    const cJSON *entry;
    cJSON_ArrayForEach(entry, expected) {
        struct network *first = load_golden(entry->string);
        struct network *second = there_and_back(first, first->origin.type);
        struct network *third = there_and_back(second, first->origin.type);
        check_outputs(second, entry);
        assert_same_bits(second, third);
        assert_same_origin(&first->origin, &third->origin);
        struct network *exact = there_and_back(first, TENSOR_F64);
        assert_same_bits(first, exact);
        network_free(first);
        network_free(second);
        network_free(third);
        network_free(exact);
    }
    cJSON_Delete(expected);
}

/* 3-4-...-4-2 with some weights of every sign and size. */
static struct network *network_with(const struct activation *activation, size_t depth) {
    size_t sizes[NETWORK_MAX_LAYERS + 1] = {3};
    for (size_t l = 1; l <= depth; l++)
        sizes[l] = l < depth ? 4 : 2;
    struct network *network = network_new("net", sizes, depth, NULL);
    assert_non_null(network);
    for (size_t l = 0; l < depth; l++) {
        struct layer *layer = &network->layers[l];
        for (size_t k = 0; k < layer->neurons * layer->inputs; k++)
            layer->weights[k] = sin((double)(k + 7 * l + 1)) / 3;
        for (size_t k = 0; k < layer->neurons; k++)
            layer->bias[k] = k ? cos((double)k) : -0.0;
        layer->activation = *activation;
    }
    return network;
}

static struct network *rounded(const struct network *network, enum tensor_type type) {
    struct network *copy = network_copy(network, NULL);
    unsigned char bytes[8];
    assert_non_null(copy);
    for (size_t l = 0; l < copy->depth; l++) {
        struct layer *layer = &copy->layers[l];
        for (size_t k = 0; k < layer->neurons * (layer->inputs + 1); k++) {
            size_t weights = layer->neurons * layer->inputs;
            double *value = k < weights ? &layer->weights[k] : &layer->bias[k - weights];
            assert_true(tensor_encode(type, value, 1, bytes));
            tensor_decode(type, bytes, 1, value);
        }
    }
    return copy;
}

static void check_activation(const struct activation *activation, int64_t opset) {
    for (int type = 0; type < TENSOR_FLOATS; type++) {
        bool softmax = activation->kind == ACTIVATION_SOFTMAX;
        struct network *network = network_with(activation, softmax ? 1 : 3);
        network->origin.opset = opset;
        network->task = softmax ? TASK_CLASSIFICATION : TASK_REGRESSION;
        struct network *wanted = rounded(network, (enum tensor_type)type);
        struct network *back = there_and_back(network, (enum tensor_type)type);
        assert_same_bits(wanted, back);
        assert_int_equal(back->origin.type, type);
        network_free(network);
        network_free(wanted);
        network_free(back);
    }
}

static void every_activation_and_type_comes_back(void **state) {
    (void)state;
    static const double polynomials[][4] = {{3},           {0.5, -2},   {0, 3}, {0.5, 0, 0.25},
                                            {1, -1, 0, 2}, {0, 0, 0, 1}};
    static const int64_t opsets[] = {0, 7, 12, 13, 20};
    struct activation activation;
    for (size_t o = 0; o < sizeof opsets / sizeof *opsets; o++) {
        for (int kind = 0; kind < ACTIVATION_KINDS; kind++)
            if (activation_parse(activation_name((enum activation_kind)kind), &activation))
                check_activation(&activation, opsets[o]);
        for (size_t k = 0; k < sizeof polynomials / sizeof *polynomials; k++) {
            assert_true(activation_polynomial(polynomials[k], 4, &activation));
            check_activation(&activation, opsets[o]);
        }
    }
    activation = (struct activation){.kind = ACTIVATION_ELU, .parameter = 0.1 + 0.2};
    check_activation(&activation, 17);
}

static void names_and_versions_of_the_file_are_kept(void **state) {
    (void)state;
    struct network *network = load_golden("torch");
    const struct origin *origin = &network->origin;
    assert_int_equal(origin->format, MODEL_ONNX);
    assert_int_equal(origin->opset, 13);
    assert_int_equal(origin->ir_version, 7);
    assert_string_equal(origin->producer, "maker");
    assert_string_equal(origin->producer_version, "1.5");
    assert_string_equal(origin->graph_name, "torch_jit");
    assert_string_equal(origin->input_name, "input");
    assert_string_equal(origin->output_name, "output");
    assert_string_equal(origin->weight_names[1], "3.weight");
    assert_string_equal(origin->bias_names[0], "1.bias");
    assert_int_equal(origin->type, TENSOR_F32);
    network_free(network);
    network = load_golden("keras");
    assert_string_equal(network->origin.bias_names[1],
                        "sequential/dense_1/BiasAdd/ReadVariableOp:0");
    assert_int_equal(network->task, TASK_CLASSIFICATION);
    network_free(network);
    network = load_golden("matmul_alone");
    assert_null(network->origin.bias_names[0]);
    network_free(network);
}

static void what_is_not_in_the_graph_is_kept_beside_it(void **state) {
    (void)state;
    struct activation tanh_activation = {.kind = ACTIVATION_TANH};
    struct network *network = network_with(&tanh_activation, 2);
    for (size_t i = 0; i < 3; i++)
        network->input.scale[i] = 1.0 / (double)(i + 3);
    network->input.given = true;
    network->task = TASK_CLASSIFICATION;
    cJSON *foreign = cJSON_CreateObject();
    assert_true(cJSON_AddStringToObject(foreign, "author", "somebody") &&
                cJSON_AddStringToObject(foreign, "activation", "swish, or so"));
    assert_true(network_set_member(network, "metadata", foreign, NULL));
    assert_true(network_set_member(network, "lumpscope", cJSON_Parse("{\"epsilon\":0.1}"), NULL));
    struct network *back = there_and_back(network, TENSOR_F64);
    assert_same_bits(network, back);
    assert_memory_equal(network->input.scale, back->input.scale, 3 * sizeof(double));
    foreign = network_member(back, "metadata");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(foreign, "author")), "somebody");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(foreign, "activation")),
                        "swish, or so");
    assert_true(cJSON_GetObjectItem(network_member(back, "lumpscope"), "epsilon")->valuedouble ==
                0.1);
    network_free(network);
    network_free(back);
}

static void names_that_collide_are_told_apart(void **state) {
    (void)state;
    struct activation silu = {.kind = ACTIVATION_SILU};
    struct network *network = network_with(&silu, 2);
    struct origin *origin = &network->origin;
    assert_true(origin_set_depth(origin, 2, NULL));
    origin->input_name = memory_string("layer1_u", NULL);
    origin->output_name = memory_string("layer1_u", NULL);
    origin->weight_names[0] = memory_string("same", NULL);
    origin->weight_names[1] = memory_string("same", NULL);
    origin->bias_names[0] = memory_string("layer1_2", NULL);
    struct network *back = there_and_back(network, TENSOR_F64);
    assert_same_bits(network, back);
    assert_string_equal(back->origin.weight_names[1], "same_");
    network_free(network);
    network_free(back);
}

static void values_beyond_a_type_are_refused(void **state) {
    (void)state;
    struct error error = {0};
    struct activation linear = {.kind = ACTIVATION_LINEAR};
    struct network *network = network_with(&linear, 1);
    network->layers[0].weights[1] = 1e5;
    const char *path = data_file("beyond.onnx", "old", 3);
    assert_false(model_onnx_save(network, path, TENSOR_F16, NULL, NULL, &error));
    assert_non_null(strstr(error.text, "\"layer1.weight\" has a value beyond the range of F16"));
    size_t size = 0;
    assert_true(file_size(path, &size));
    assert_int_equal(size, 3);
    network_free(network);
}

/* The weights are never looked at: there are not that many. */
static void files_beyond_two_gigabytes_are_refused(void **state) {
    (void)state;
    struct error error = {0};
    size_t bytes = 0;
    struct activation linear = {.kind = ACTIVATION_LINEAR};
    struct network *network = network_with(&linear, 1);
    network->layers[0].inputs = (size_t)1 << 28;
    assert_true(model_onnx_measure(network, TENSOR_F64, &bytes, &error));
    assert_true(bytes > (size_t)1 << 32);
    assert_false(
        model_onnx_save(network, data_file("large.onnx", "", 0), TENSOR_F64, NULL, NULL, &error));
    assert_non_null(strstr(error.text, "write it as .safetensors"));
    network->layers[0].inputs = 3;
    network_free(network);
}

static void expect_refusal(const char *path, const char *sentence) {
    struct error error = {0};
    struct network *network = model_onnx_load(path, NULL, NULL, &error);
    if (network)
        fail_msg("%s was read", path);
    assert_int_equal(error.kind, ERROR_REQUEST);
    if (strncmp(error.text, path, strlen(path)) != 0 || !strstr(error.text, sentence))
        fail_msg("\"%s\" does not say \"%s\"", error.text, sentence);
}

static void bad_models_are_answered_with_place_and_remedy(void **state) {
    (void)state;
    cJSON *refused = read_json("refused");
    const cJSON *entry;
    assert_true(cJSON_GetArraySize(refused) > 50);
    cJSON_ArrayForEach(entry, refused) {
        char path[PATH];
        path_of(entry->string, ".onnx", path);
        expect_refusal(path, entry->valuestring);
    }
    cJSON_Delete(refused);
}

static char *read_golden(const char *name, size_t *size) {
    char path[PATH];
    path_of(name, ".onnx", path);
    char *bytes = file_read(path, (size_t)1 << 24, size, NULL, NULL);
    assert_non_null(bytes);
    return bytes;
}

/* A link in the model's directory must not lead out of it, nor may a pipe be waited for. */
static void external_data_do_not_leave_the_directory(void **state) {
    (void)state;
    char target[PATH], link[PATH];
    size_t size;
    char *bytes = read_golden("external", &size);
    const char *path = data_file("external.onnx", bytes, size);
    snprintf(link, sizeof link, "%.*sweights.bin", (int)(strrchr(path, '/') + 1 - path), path);
    path_of("weights", ".bin", target);
    assert_int_equal(symlink(target, link), 0);
    expect_refusal(path, "not in the model's own directory");
    assert_int_equal(unlink(link), 0);
    assert_int_equal(mkfifo(link, 0600), 0);
    expect_refusal(path, "no regular file");
    assert_int_equal(unlink(link), 0);
    free(bytes);
}

static void every_truncation_is_answered(void **state) {
    (void)state;
    static const char *const names[] = {"torch", "gelu_exporter", "typed_half", "external"};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        size_t size;
        char *bytes = read_golden(names[n], &size);
        for (size_t length = 0; length < size; length++)
            expect_refusal(data_file("cut.onnx", bytes, length), "again");
        free(bytes);
    }
}

/* Any sentence, or any network, but no crash. */
static void every_changed_byte_is_survived(void **state) {
    (void)state;
    static const char *const names[] = {"torch",    "gelu_exporter", "typed_half",
                                        "external", "norm_after",    "flatten"};
    static const unsigned char changes[] = {0x01, 0x80, 0xff};
    size_t answered = 0;
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        size_t size;
        char *bytes = read_golden(names[n], &size);
        for (size_t k = 0; k < 3 * size; k++) {
            struct error error = {0};
            bytes[k / 3] = (char)(bytes[k / 3] ^ changes[k % 3]);
            struct network *network =
                model_onnx_load(data_file("changed.onnx", bytes, size), NULL, NULL, &error);
            bytes[k / 3] = (char)(bytes[k / 3] ^ changes[k % 3]);
            assert_true(network || error.kind == ERROR_REQUEST);
            answered += !network;
            network_free(network);
        }
        free(bytes);
    }
    assert_true(answered > 100);
}

/* Two bytes become a message of more than a hundred. */
static void many_small_messages_are_refused(void **state) {
    (void)state;
    enum { BYTES = 1 << 22, HEAD = 7 };
    unsigned char *bytes = test_malloc(HEAD + BYTES);
    const unsigned char head[HEAD] = {0x08, 0x08, 0x3a, 0x80, 0x80, 0x80, 0x02};
    memcpy(bytes, head, HEAD);
    for (size_t k = 0; k < BYTES; k++)
        bytes[HEAD + k] = k % 2 ? 0x00 : 0x0a;
    expect_refusal(data_file("many.onnx", bytes, HEAD + BYTES), "bytes of memory");
    test_free(bytes);
}

static void tensors_are_listed_with_what_is_in_them(void **state) {
    (void)state;
    char path[PATH];
    struct error error = {0};
    struct tensor_list list;
    path_of("reshape", ".onnx", path);
    assert_true(model_onnx_tensors(path, true, &list, NULL, &error));
    assert_int_equal(list.count, 3);
    assert_string_equal(list.tensors[0].name, "W");
    assert_int_equal(list.tensors[0].type, TENSOR_F32);
    assert_int_equal(list.tensors[0].dimensions, 2);
    assert_int_equal(list.tensors[0].shape[0], 6);
    assert_int_equal(list.tensors[0].bytes, 48);
    assert_int_equal(list.tensors[2].type, TENSOR_I64);
    assert_true(list.tensors[2].least == -1 && list.tensors[2].greatest == 6);
    assert_true(list.tensors[2].mean == 2.5);
    tensor_list_free(&list);
    path_of("bad_short_raw", ".onnx", path);
    assert_false(model_onnx_tensors(path, true, &list, NULL, &error));
    assert_non_null(strstr(error.text, "47 bytes"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_those_of_onnxruntime),
        cmocka_unit_test(what_was_written_comes_back_to_the_same_bits),
        cmocka_unit_test(every_activation_and_type_comes_back),
        cmocka_unit_test(names_and_versions_of_the_file_are_kept),
        cmocka_unit_test(what_is_not_in_the_graph_is_kept_beside_it),
        cmocka_unit_test(names_that_collide_are_told_apart),
        cmocka_unit_test(values_beyond_a_type_are_refused),
        cmocka_unit_test(files_beyond_two_gigabytes_are_refused),
        cmocka_unit_test(bad_models_are_answered_with_place_and_remedy),
        cmocka_unit_test(external_data_do_not_leave_the_directory),
        cmocka_unit_test(every_truncation_is_answered),
        cmocka_unit_test(every_changed_byte_is_survived),
        cmocka_unit_test(many_small_messages_are_refused),
        cmocka_unit_test(tensors_are_listed_with_what_is_in_them),
    };
    return cmocka_run_group_tests(tests, NULL, data_clean);
}
