/* PyTorch's Linear layers in safetensors files: they open as PyTorch computes them, go back as they
 * came, and what cannot be opened is named with what can be done. */
#include "lumpscope/model_safetensors.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/model_json.h"
#include "lumpscope/safetensors.h"
#include "lumpscope/text.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/lumpscope-state-XXXXXX";
static char path[64], out[64], json[64];

static int make_place(void **state) {
    (void)state;
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/m.safetensors", directory);
    snprintf(out, sizeof out, "%s/out.safetensors", directory);
    snprintf(json, sizeof json, "%s/out.json", directory);
    return 0;
}

static int remove_place(void **state) {
    (void)state;
    unlink(path);
    unlink(out);
    unlink(json);
    return rmdir(directory);
}

static const char *golden(const char *name) {
    static char golden_path[512];
    snprintf(golden_path, sizeof golden_path, "%s/models/%s", getenv("LUMPSCOPE_TESTS"), name);
    return golden_path;
}

static struct network *load(const char *from, const char *activation, const char *layers) {
    char options[2][64];
    snprintf(options[0], sizeof options[0], "%s", activation ? activation : "");
    snprintf(options[1], sizeof options[1], "%s", layers ? layers : "");
    struct model_recipe recipe = {.activation = activation ? options[0] : NULL,
                                  .layers = layers ? options[1] : NULL};
    struct error error = {0};
    struct network *network = model_load(from, &recipe, NULL, &error);
    if (!network)
        fail_msg("%s", error.text);
    return network;
}

/* A tensor of the file that is made: `shape` ends with 0, "w" holds 0.25, 0.5, ... */
struct part {
    const char *name;
    size_t shape[5];
};

static void write_parts(const struct part *parts, size_t count, const char *metadata) {
    static double values[4096];
    struct safetensors_source sources[16];
    for (size_t k = 0; k < sizeof values / sizeof *values; k++)
        values[k] = (double)(k + 1) / 4;
    for (size_t k = 0; k < count; k++) {
        size_t dimensions = 0;
        while (parts[k].shape[dimensions])
            dimensions++;
        sources[k] = (struct safetensors_source){.name = parts[k].name,
                                                 .type = TENSOR_F32,
                                                 .dimensions = dimensions,
                                                 .shape = parts[k].shape,
                                                 .values = values};
    }
    cJSON *pairs = metadata ? cJSON_Parse(metadata) : NULL;
    assert_true(safetensors_write(path, sources, count, pairs, NULL, NULL, NULL));
    cJSON_Delete(pairs);
}

static void assert_refused(const char *activation, const char *layers, const char *place) {
    char options[2][64];
    snprintf(options[0], sizeof options[0], "%s", activation ? activation : "");
    snprintf(options[1], sizeof options[1], "%s", layers ? layers : "");
    struct model_recipe recipe = {.activation = activation ? options[0] : NULL,
                                  .layers = layers ? options[1] : NULL};
    struct error error = {0};
    struct network *network = model_load(path, &recipe, NULL, &error);
    network_free(network);
    assert_null(network);
    assert_int_equal(error.kind, ERROR_REQUEST);
    if (!strstr(error.text, place) || strchr(error.text, '\n'))
        fail_msg("\"%s\" does not say \"%s\"", error.text, place);
}

static const struct {
    const char *name;
    enum tensor_type type;
    double outputs[3]; /* by PyTorch: tests/models/make_safetensors.py */
} goldens[] = {
    {"mlp_f64.safetensors",
     TENSOR_F64,
     {0.059129360753480215, 0.2808411385257258, -0.05879138882536353}},
    {"mlp_f32.safetensors",
     TENSOR_F32,
     {0.059129355805082995, 0.2808411439832399, -0.05879139466060677}},
    {"mlp_f16.safetensors",
     TENSOR_F16,
     {0.05909223041525834, 0.28087189988278527, -0.05880042958138839}},
    {"mlp_bf16.safetensors",
     TENSOR_BF16,
     {0.05843047786395264, 0.281316007743507, -0.05894010532682843}},
};
enum { GOLDENS = sizeof goldens / sizeof *goldens };

static void outputs_are_those_of_pytorch(void **state) {
    (void)state;
    static const double x[] = {0.1, -0.2, 0.3, -0.4, 0.5};
    for (size_t k = 0; k < GOLDENS; k++) {
        struct network *network = load(golden(goldens[k].name), "tanh,relu", NULL);
        double y[3];
        assert_int_equal(network->origin.type, goldens[k].type);
        assert_true(network_forward(network, x, 1, false, y, NULL, NULL));
        for (size_t i = 0; i < 3; i++)
            assert_true(fabs(y[i] - goldens[k].outputs[i]) <= 1e-15);
        network_free(network);
    }
}

/* Every tensor of one file is in the other, with the same bytes. */
static void assert_same_tensors(const char *first, const char *second) {
    struct safetensors *a = safetensors_open(first, NULL), *b = safetensors_open(second, NULL);
    assert_non_null(a);
    assert_non_null(b);
    assert_int_equal(a->count, b->count);
    for (size_t k = 0; k < a->count; k++) {
        const struct safetensors_entry *x = &a->entries[k], *y = safetensors_find(b, x->name);
        double values[2][64];
        assert_non_null(y);
        assert_string_equal(x->type_name, y->type_name);
        assert_int_equal(x->dimensions, y->dimensions);
        assert_memory_equal(x->shape, y->shape, x->dimensions * sizeof *x->shape);
        assert_true(x->elements <= 64);
        assert_true(safetensors_read(a, x, values[0], NULL));
        assert_true(safetensors_read(b, y, values[1], NULL));
        assert_memory_equal(values[0], values[1], x->elements * sizeof(double));
    }
    safetensors_close(a);
    safetensors_close(b);
}

static void a_network_goes_back_as_it_came(void **state) {
    (void)state;
    for (size_t k = 0; k < GOLDENS; k++) {
        struct network *network = load(golden(goldens[k].name), "tanh,relu", NULL);
        size_t bytes, measured, size;
        struct error error = {0};
        assert_true(model_save(network, out, goldens[k].type, &bytes, NULL, &error));
        assert_true(model_measure(network, &measured, NULL, &error));
        assert_true(file_size(out, &size));
        assert_int_equal(bytes, size);
        assert_int_equal(measured, size);
        assert_same_tensors(golden(goldens[k].name), out);
        struct safetensors *written = safetensors_open(out, &error);
        assert_null(safetensors_find(written, "net.2.bias")); /* it had none */
        const cJSON *kept = cJSON_GetObjectItem(written->metadata, "format");
        assert_string_equal(cJSON_GetStringValue(kept), "pt");
        safetensors_close(written);
        struct network *again = load(out, NULL, NULL); /* says its activations now */
        assert_int_equal(again->layers[0].activation.kind, ACTIVATION_TANH);
        assert_int_equal(again->layers[2].activation.kind, ACTIVATION_LINEAR);
        network_free(again);
        network_free(network);
    }
}

static void types_survive_the_way_through_json(void **state) {
    (void)state;
    for (size_t k = 0; k < GOLDENS; k++) {
        struct network *network = load(golden(goldens[k].name), "tanh,relu", NULL);
        struct error error = {0};
        size_t bytes, size;
        assert_true(model_save(network, json, goldens[k].type, &bytes, NULL, &error));
        assert_true(file_size(json, &size));
        assert_int_equal(bytes, size);
        struct network *read = load(json, NULL, NULL);
        assert_int_equal(read->origin.type, goldens[k].type);
        assert_true(model_measure(read, &bytes, NULL, &error));
        assert_int_equal(bytes, size);
        for (size_t l = 0; l < 3; l++)
            assert_memory_equal(read->layers[l].weights, network->layers[l].weights,
                                network->layers[l].neurons * network->layers[l].inputs *
                                    sizeof(double));
        assert_true(model_save(read, out, read->origin.type, NULL, NULL, &error));
        struct network *again = load(out, NULL, NULL);
        assert_string_equal(again->origin.weight_names[2], "net.4.weight");
        assert_int_equal(again->origin.type, goldens[k].type);
        network_free(again);
        network_free(read);
        network_free(network);
    }
}

static void a_bias_that_came_to_life_is_written(void **state) {
    (void)state;
    struct network *network = load(golden("mlp_f32.safetensors"), "relu", NULL);
    network->layers[1].bias[3] = 0.5;
    assert_true(model_save(network, out, TENSOR_F32, NULL, NULL, NULL));
    struct network *again = load(out, NULL, NULL);
    assert_string_equal(again->origin.bias_names[1], "net.2.bias");
    assert_true(again->layers[1].bias[3] == 0.5);
    network_free(again);
    network_free(network);
}

static void layers_are_ordered_by_the_numbers_in_their_names(void **state) {
    (void)state;
    static const struct part parts[] = {{"n.10.weight", {3, 3}},
                                        {"n.9.weight", {3, 3}},
                                        {"n.2.weight", {3, 3}},
                                        {"n.2.bias", {3}},
                                        {"n.010.weight", {3, 3}}};
    write_parts(parts, 5, NULL);
    struct network *network = load(path, "relu", NULL);
    assert_string_equal(network->origin.weight_names[0], "n.2.weight");
    assert_string_equal(network->origin.bias_names[0], "n.2.bias");
    assert_string_equal(network->origin.weight_names[1], "n.9.weight");
    assert_string_equal(network->origin.weight_names[2], "n.010.weight");
    assert_string_equal(network->origin.weight_names[3], "n.10.weight");
    network_free(network);
}

static void names_without_numbers_are_ordered_by_their_shapes(void **state) {
    (void)state;
    static const struct part parts[] = {{"head.weight", {2, 5}},
                                        {"body.1.weight", {5, 5}},
                                        {"stem.weight", {5, 3}},
                                        {"body.0.weight", {5, 5}}};
    write_parts(parts, 4, NULL);
    struct network *network = load(path, "relu", NULL);
    static const char *const names[] = {"stem.weight", "body.0.weight", "body.1.weight",
                                        "head.weight"};
    for (size_t l = 0; l < 4; l++)
        assert_string_equal(network->origin.weight_names[l], names[l]);
    network_free(network);
}

/* An autoencoder could be either way round. */
static void layers_the_names_do_not_order_are_asked_for(void **state) {
    (void)state;
    static const struct part parts[] = {{"encoder.weight", {2, 4}}, {"decoder.weight", {4, 2}}};
    write_parts(parts, 2, NULL);
    assert_refused("relu", NULL, "do not tell the order");
    assert_refused("relu", NULL,
                   "decoder [4 x 2], encoder [2 x 4]; name them in order with "
                   "--layers");
    struct network *network = load(path, "relu", "encoder,decoder");
    assert_int_equal(network_inputs(network), 4);
    /* The order is remembered in what is written. */
    assert_true(model_save(network, out, TENSOR_F32, NULL, NULL, NULL));
    network_free(network);
    network = load(out, NULL, NULL);
    assert_string_equal(network->origin.weight_names[0], "encoder.weight");
    assert_string_equal(network->origin.weight_names[1], "decoder.weight");
    network_free(network);
}

/* A list in the metadata could not say where such a name ends. */
static void names_with_commas_are_given_up_where_an_order_is_written(void **state) {
    (void)state;
    static const struct part parts[] = {{"body.weight", {3, 2}}, {"a,b.weight", {1, 3}}};
    write_parts(parts, 2, NULL);
    struct network *network = load(path, "relu", NULL);
    assert_string_equal(network->origin.weight_names[1], "a,b.weight");
    assert_true(model_save(network, out, TENSOR_F32, NULL, NULL, NULL));
    network_free(network);
    network = load(out, NULL, NULL);
    assert_int_equal(network_inputs(network), 2);
    assert_string_equal(network->origin.weight_names[0], "net.0.weight");
    network_free(network);
}

static void bare_names_are_one_linear_layer(void **state) {
    (void)state;
    static const struct part parts[] = {{"weight", {2, 3}}, {"bias", {2}}};
    write_parts(parts, 2, NULL);
    struct network *network = load(path, NULL, NULL);
    assert_int_equal(network->depth, 1);
    assert_int_equal(network->layers[0].activation.kind, ACTIVATION_LINEAR);
    assert_true(network->layers[0].weights[5] == 1.5);
    assert_true(network->layers[0].bias[1] == 0.5);
    assert_true(model_save(network, out, TENSOR_F32, NULL, NULL, NULL));
    assert_same_tensors(path, out);
    network_free(network);
}

static void activations_come_from_option_or_metadata(void **state) {
    (void)state;
    static const struct part parts[] = {{"l.0.weight", {2, 3}}, {"l.1.weight", {2, 2}}};
    write_parts(parts, 2, "{\"activation\":\"gelu\"}");
    struct network *network = load(path, NULL, NULL);
    assert_int_equal(network->layers[0].activation.kind, ACTIVATION_GELU);
    assert_int_equal(network->layers[1].activation.kind, ACTIVATION_LINEAR);
    network_free(network);
    network = load(path, "silu,softmax", NULL);
    assert_int_equal(network->layers[0].activation.kind, ACTIVATION_SILU);
    assert_int_equal(network->task, TASK_CLASSIFICATION);
    network_free(network);
    write_parts(parts, 2, "{\"activations\":\"[{\\\"polynomial\\\":[1,0,0.1]},\\\"linear\\\"]\"}");
    network = load(path, NULL, NULL);
    assert_true(network->layers[0].activation.coefficients[2] == 0.1);
    assert_true(model_save(network, out, TENSOR_F32, NULL, NULL, NULL));
    struct network *again = load(out, NULL, NULL);
    assert_true(activation_equal(&network->layers[0].activation, &again->layers[0].activation));
    network_free(again);
    network_free(network);
    write_parts(parts, 2, NULL);
    assert_refused(NULL, NULL, "--activation relu");
    assert_refused("relu,relu,relu", NULL, "names 3 activations for 2 layers");
    write_parts(parts, 2, "{\"activation\":\"swishy\"}");
    assert_refused(NULL, NULL, "unknown activation \"swishy\"");
}

static void tensors_of_other_layers_are_refused_by_name(void **state) {
    (void)state;
    static const struct {
        struct part part;
        const char *place;
    } cases[] = {
        {{"bn.running_mean", {3}},
         "\"bn.running_mean\" [3] belongs to a batch normalization; Linear layers there are: l.0 "
         "[3 x 3]; torch.onnx.export(model.eval(), "},
        {{"act.weight", {1}}, "\"act.weight\" [1] belongs to a PReLU"},
        {{"ln.weight", {3}}, "\"ln.weight\" [3] belongs to a normalization"},
        {{"conv.weight", {3, 1, 2, 2}}, "\"conv.weight\" [3 x 1 x 2 x 2] belongs to a convolution"},
        {{"embed.weight", {9, 3}}, "\"embed.weight\" [9 x 3] belongs to an embedding"},
        {{"mask", {3, 3}}, "\"mask\" [3 x 3] belongs to no Linear layer"},
        {{"l.9.bias", {3}}, "\"l.9.bias\" [3] belongs to no Linear layer"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct part parts[] = {{"l.0.weight", {3, 3}}, cases[k].part};
        write_parts(parts, 2, NULL);
        assert_refused(NULL, NULL, cases[k].place);
        if (k > 0) /* a batch normalization has its own */
            assert_refused(NULL, NULL, "--block UP,DOWN");
        network_free(load(path, NULL, "l.0")); /* the Linear layer alone */
    }
}

static void layers_that_do_not_fit_are_listed(void **state) {
    (void)state;
    static const struct part parts[] = {{"l.0.weight", {2, 3}}, {"l.1.weight", {4, 5}}};
    write_parts(parts, 2, NULL);
    assert_refused("relu", NULL,
                   "do not follow one another: l.0 [2 x 3], l.1 [4 x 5]; name them in order with "
                   "--layers A,B,C, or open two of them with --block UP,DOWN");
    assert_refused("relu", "l.0,l.1", "--layers: they do not follow");
    assert_refused("relu", "l.0,l.0", "twice");
    assert_refused("relu", "l.0,l.7", "no such layer");
    static const struct part short_bias[] = {{"l.0.weight", {2, 3}}, {"l.0.bias", {3}}};
    write_parts(short_bias, 2, NULL);
    assert_refused(NULL, NULL, "one element for each of the 2 neurons");
}

static void numbers_that_are_none_are_refused(void **state) {
    (void)state;
    static const double values[] = {1, 2, NAN};
    static const size_t shape[] = {1, 3};
    struct safetensors_source source = {
        .name = "weight", .type = TENSOR_F32, .dimensions = 2, .shape = shape, .values = values};
    assert_true(safetensors_write(path, &source, 1, NULL, NULL, NULL, NULL));
    assert_refused(NULL, NULL, "\"weight\": element 2 is not a finite number");
}

static void every_truncation_is_one_sentence(void **state) {
    (void)state;
    size_t size;
    char *whole = file_read(golden("mlp_f32.safetensors"), 1 << 20, &size, NULL, NULL);
    assert_non_null(whole);
    for (size_t length = 0; length < size; length += 64) {
        assert_true(file_write(path, whole, length, NULL, NULL));
        assert_refused("relu", NULL, path);
    }
    free(whole);
}

static void rounding_is_what_a_file_of_that_type_does(void **state) {
    (void)state;
    for (size_t k = 1; k < GOLDENS; k++) {
        struct network *network = load(golden("mlp_f64.safetensors"), "tanh,relu", NULL);
        struct network *rounded = network_copy(network, NULL);
        assert_true(network_round(rounded, goldens[k].type, NULL));
        assert_true(model_save(network, out, goldens[k].type, NULL, NULL, NULL));
        struct network *read = load(out, NULL, NULL);
        for (size_t l = 0; l < 3; l++)
            assert_memory_equal(read->layers[l].weights, rounded->layers[l].weights,
                                read->layers[l].neurons * read->layers[l].inputs * sizeof(double));
        network_free(read);
        rounded->layers[0].weights[0] = 1e300;
        struct error error = {0};
        assert_false(network_round(rounded, goldens[k].type, &error));
        assert_non_null(strstr(error.text, "layer 1: a number is beyond the range"));
        assert_false(model_save(rounded, json, goldens[k].type, NULL, NULL, &error));
        network_free(rounded);
        network_free(network);
    }
}

static void tensors_are_listed_with_their_statistics(void **state) {
    (void)state;
    enum { COUNT = 20000 };
    double *values = memory_new(COUNT, sizeof *values, NULL);
    static const size_t shape[] = {COUNT};
    for (size_t k = 0; k < COUNT; k++)
        values[k] = (double)k;
    values[0] = NAN;
    values[COUNT - 1] = INFINITY;
    struct safetensors_source source = {
        .name = "t", .type = TENSOR_F64, .dimensions = 1, .shape = shape, .values = values};
    assert_true(safetensors_write(path, &source, 1, NULL, NULL, NULL, NULL));
    struct tensor_list list;
    assert_true(model_tensors(path, true, &list, NULL, NULL));
    assert_int_equal(list.count, 1);
    const struct tensor_summary *summary = &list.tensors[0];
    assert_int_equal(summary->nonfinite, 2);
    assert_int_equal(summary->bytes, COUNT * sizeof(double));
    assert_true(summary->least == 1 && summary->greatest == COUNT - 2);
    assert_true(fabs(summary->mean - (COUNT - 1) / 2.0) < 1e-9);
    tensor_list_free(&list);
    free(values);
    struct network *network = load(golden("mlp_f32.safetensors"), "relu", NULL);
    assert_true(model_save(network, json, TENSOR_F32, NULL, NULL, NULL));
    network_free(network);
    assert_true(model_tensors(json, true, &list, NULL, NULL));
    assert_int_equal(list.count, 6);
    assert_string_equal(list.tensors[2].name, "layers[1].weights");
    assert_int_equal(list.tensors[2].type, TENSOR_F32);
    tensor_list_free(&list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_those_of_pytorch),
        cmocka_unit_test(a_network_goes_back_as_it_came),
        cmocka_unit_test(types_survive_the_way_through_json),
        cmocka_unit_test(a_bias_that_came_to_life_is_written),
        cmocka_unit_test(layers_are_ordered_by_the_numbers_in_their_names),
        cmocka_unit_test(names_without_numbers_are_ordered_by_their_shapes),
        cmocka_unit_test(layers_the_names_do_not_order_are_asked_for),
        cmocka_unit_test(names_with_commas_are_given_up_where_an_order_is_written),
        cmocka_unit_test(bare_names_are_one_linear_layer),
        cmocka_unit_test(activations_come_from_option_or_metadata),
        cmocka_unit_test(tensors_of_other_layers_are_refused_by_name),
        cmocka_unit_test(layers_that_do_not_fit_are_listed),
        cmocka_unit_test(numbers_that_are_none_are_refused),
        cmocka_unit_test(every_truncation_is_one_sentence),
        cmocka_unit_test(rounding_is_what_a_file_of_that_type_does),
        cmocka_unit_test(tensors_are_listed_with_their_statistics),
    };
    return cmocka_run_group_tests(tests, make_place, remove_place);
}
