/* Blocks of larger checkpoints: two layers open as a network, and the checkpoint comes back with
 * these two alone replaced. */
#include "data_support.h"
#include "random_network.h"

#include "lumpscope/file.h"
#include "lumpscope/model_block.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { INPUTS = 3, NEURONS = 5, OUTPUTS = 4, NUMBERS = 64 };

static double numbers[NUMBERS];

static void fill_numbers(void) {
    for (size_t k = 0; k < NUMBERS; k++)
        numbers[k] = (double)((k * 37) % 19) / 8 - 1; /* exact in every type */
}

/* A tensor of two dimensions, or of one where `columns` is 0. */
struct tensor {
    const char *name;
    enum tensor_type type;
    size_t rows, columns;
};

static const struct tensor linear[] = {
    {"emb.weight", TENSOR_F64, 4, 3},
    {"h.0.ln", TENSOR_F32, 3, 0},
    {"h.0.mlp.down.bias", TENSOR_F32, 4, 0},
    {"h.0.mlp.down.weight", TENSOR_F32, 4, 5},
    {"h.0.mlp.up.bias", TENSOR_F32, 5, 0},
    {"h.0.mlp.up.weight", TENSOR_F32, 5, 3},
    {"h.10.mlp.down.weight", TENSOR_BF16, 4, 5},
    {"h.10.mlp.up.weight", TENSOR_BF16, 5, 3},
    {"h.2.mlp.down.weight", TENSOR_F16, 4, 5},
    {"h.2.mlp.up.weight", TENSOR_F16, 5, 3},
};
/* Conv1D, as GPT-2 has it. */
static const struct tensor turned[] = {
    {"h.0.mlp.c_fc.weight", TENSOR_F32, 3, 5},
    {"h.0.mlp.c_fc.bias", TENSOR_F32, 5, 0},
    {"h.0.mlp.c_proj.weight", TENSOR_F32, 5, 3},
    {"h.0.mlp.c_proj.bias", TENSOR_F32, 3, 0},
};

static const char *checkpoint_of(const struct tensor *tensors, size_t count) {
    struct safetensors_source sources[16];
    size_t shapes[16][2];
    struct error error = {0};
    assert_true(count <= 16);
    for (size_t k = 0; k < count; k++) {
        shapes[k][0] = tensors[k].rows;
        shapes[k][1] = tensors[k].columns;
        sources[k] = (struct safetensors_source){.name = tensors[k].name,
                                                 .type = tensors[k].type,
                                                 .dimensions = tensors[k].columns ? 2 : 1,
                                                 .shape = shapes[k],
                                                 .values = numbers + k};
    }
    cJSON *metadata = cJSON_CreateObject();
    cJSON_AddStringToObject(metadata, "format", "pt");
    const char *path = data_file("checkpoint.safetensors", "", 0);
    must(safetensors_write(path, sources, count, metadata, NULL, NULL, &error), &error);
    cJSON_Delete(metadata);
    return path;
}
#define CHECKPOINT(tensors) checkpoint_of(tensors, sizeof(tensors) / sizeof *(tensors))

static struct network *open_block(const char *path, const char *block, const char *activation,
                                  struct error *error) {
    struct model_recipe recipe = {.block = (char *)block, .activation = (char *)activation};
    return model_load(path, &recipe, NULL, error);
}

static struct network *opened(const char *path, const char *block, const char *activation) {
    struct error error = {0};
    struct network *network = open_block(path, block, activation, &error);
    must(network != NULL, &error);
    return network;
}

static struct safetensors *opened_file(const char *path) {
    struct error error = {0};
    struct safetensors *file = safetensors_open(path, &error);
    must(file != NULL, &error);
    return file;
}

/* The same block without its last neuron. */
static void drop_neuron(struct network *network) {
    struct error error = {0};
    struct layer old = network->layers[1], *up = &network->layers[0];
    up->neurons--;
    network->layers[1] = (struct layer){.activation = old.activation};
    must(layer_resize(&network->layers[1], old.neurons, old.inputs - 1, &error), &error);
    for (size_t i = 0; i < old.neurons; i++)
        memcpy(network->layers[1].weights + i * (old.inputs - 1), old.weights + i * old.inputs,
               (old.inputs - 1) * sizeof(double));
    memcpy(network->layers[1].bias, old.bias, old.neurons * sizeof(double));
    free(old.weights);
    free(old.bias);
}

static void two_layers_open_as_a_network(void **state) {
    (void)state;
    const char *path = CHECKPOINT(linear);
    struct network *network = opened(path, "h.0.mlp.up,h.0.mlp.down", "gelu");
    assert_int_equal(network->depth, 2);
    assert_int_equal(network_inputs(network), INPUTS);
    assert_int_equal(network->layers[0].neurons, NEURONS);
    assert_int_equal(network_outputs(network), OUTPUTS);
    assert_int_equal(network->layers[0].activation.kind, ACTIVATION_GELU);
    assert_int_equal(network->layers[1].activation.kind, ACTIVATION_LINEAR);
    assert_memory_equal(network->layers[0].weights, numbers + 5, 15 * sizeof(double));
    assert_memory_equal(network->layers[1].bias, numbers + 2, 4 * sizeof(double));
    assert_string_equal(network->name, "h.0.mlp");
    assert_int_equal(network->origin.type, TENSOR_F32);
    assert_true(network->origin.checkpoint[0] == '/' &&
                file_same(network->origin.checkpoint, path));
    network_free(network);
}

/* Everything but the block's four tensors, byte for byte and in the same order. */
static void must_keep_the_rest(const char *before_path, const char *after_path,
                               const char *replaced) {
    struct error error = {0};
    struct safetensors *before = opened_file(before_path), *after = opened_file(after_path);
    size_t first, second, others = 0;
    char *a = file_read(before_path, 1 << 20, &first, NULL, &error);
    char *b = file_read(after_path, 1 << 20, &second, NULL, &error);
    assert_true(a && b);
    for (size_t k = 0; k < before->count; k++) {
        const struct safetensors_entry *x = &before->entries[k], *y = &after->entries[k];
        assert_string_equal(x->name, y->name);
        assert_string_equal(x->type_name, y->type_name);
        if (strncmp(x->name, replaced, strlen(replaced)) == 0)
            continue;
        assert_int_equal(x->end - x->begin, y->end - y->begin);
        assert_memory_equal(a + x->begin, b + y->begin, x->end - x->begin);
        others++;
    }
    assert_true(others > 0);
    assert_string_equal(
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(after->metadata, "format")), "pt");
    free(a);
    free(b);
    safetensors_close(before);
    safetensors_close(after);
}

static void every_other_tensor_comes_back_byte_for_byte(void **state) {
    (void)state;
    struct error error = {0};
    const char *path = CHECKPOINT(linear), *out = data_file("small.safetensors", "", 0);
    size_t bytes, measured, size;
    struct network *network = opened(path, "h.0.mlp.up,h.0.mlp.down", "gelu");
    drop_neuron(network);
    must(model_measure(network, &measured, NULL, &error), &error);
    must(model_save(network, out, TENSOR_F32, &bytes, NULL, &error), &error);
    assert_true(file_size(out, &size) && size == bytes && size == measured);
    must_keep_the_rest(path, out, "h.0.mlp");
    struct network *again = opened(out, "h.0.mlp.up,h.0.mlp.down", NULL); /* it says gelu itself */
    assert_int_equal(again->layers[0].neurons, NEURONS - 1);
    assert_int_equal(again->layers[0].activation.kind, ACTIVATION_GELU);
    assert_memory_equal(again->layers[1].weights, network->layers[1].weights,
                        OUTPUTS * (NEURONS - 1) * sizeof(double));
    network_free(network);
    network_free(again);
}

static void several_blocks_are_made_smaller_one_after_another(void **state) {
    (void)state;
    struct error error = {0};
    const char *path = CHECKPOINT(linear), *out = data_file("both.safetensors", "", 0);
    struct network *network = opened(path, "h.0.mlp.up,h.0.mlp.down", "gelu");
    drop_neuron(network);
    must(model_save(network, out, TENSOR_F32, NULL, NULL, &error), &error);
    network_free(network);
    network = opened(out, "h.2.mlp.up,h.2.mlp.down", "relu");
    assert_int_equal(network->origin.type, TENSOR_F16);
    drop_neuron(network);
    must(model_save(network, out, TENSOR_F16, NULL, NULL, &error), &error); /* over itself */
    network_free(network);
    struct network *first = opened(out, "h.0.mlp.up,h.0.mlp.down", NULL);
    struct network *second = opened(out, "h.2.mlp.up,h.2.mlp.down", NULL);
    assert_int_equal(first->layers[0].activation.kind, ACTIVATION_GELU);
    assert_int_equal(second->layers[0].activation.kind, ACTIVATION_RELU);
    assert_int_equal(first->layers[0].neurons, NEURONS - 1);
    assert_int_equal(second->layers[0].neurons, NEURONS - 1);
    network_free(first);
    network_free(second);
}

static void layers_of_gpt_2_go_back_the_way_they_lie(void **state) {
    (void)state;
    struct error error = {0};
    const char *path = CHECKPOINT(turned), *out = data_file("turned.safetensors", "", 0);
    struct network *network = opened(path, "h.0.mlp.c_fc,h.0.mlp.c_proj", "gelu");
    assert_int_equal(network_inputs(network), 3);
    assert_int_equal(network->layers[0].neurons, 5);
    assert_true(network->origin.inputs_first);
    assert_true(network->layers[0].weights[1] == numbers[5]); /* row 1, column 0 of the file */
    must(model_save(network, out, TENSOR_F32, NULL, NULL, &error), &error);
    struct safetensors *before = opened_file(path), *after = opened_file(out);
    for (size_t k = 0; k < before->count; k++) {
        const struct safetensors_entry *x = &before->entries[k];
        const struct safetensors_entry *y = safetensors_find(after, x->name);
        double a[15], b[15];
        assert_non_null(y);
        assert_memory_equal(x->shape, y->shape, x->dimensions * sizeof *x->shape);
        must(safetensors_read(before, x, a, &error) && safetensors_read(after, y, b, &error),
             &error);
        assert_memory_equal(a, b, x->elements * sizeof *a);
    }
    safetensors_close(before);
    safetensors_close(after);
    network_free(network);
}

static void a_bias_comes_only_where_there_is_something_to_say(void **state) {
    (void)state;
    struct error error = {0};
    const char *path = CHECKPOINT(linear), *out = data_file("bias.safetensors", "", 0);
    struct network *network = opened(path, "h.2.mlp.up,h.2.mlp.down", "relu");
    must(model_save(network, out, TENSOR_F16, NULL, NULL, &error), &error);
    struct safetensors *file = opened_file(out);
    assert_null(safetensors_find(file, "h.2.mlp.up.bias"));
    safetensors_close(file);
    network->layers[1].bias[2] = 0.5;
    size_t measured, bytes;
    must(model_measure(network, &measured, NULL, &error), &error);
    must(model_save(network, out, TENSOR_F16, &bytes, NULL, &error), &error);
    assert_int_equal(measured, bytes);
    file = opened_file(out);
    assert_null(safetensors_find(file, "h.2.mlp.up.bias"));
    assert_non_null(safetensors_find(file, "h.2.mlp.down.bias"));
    safetensors_close(file);
    network_free(network);
}

static void another_type_is_for_the_blocks_tensors_alone(void **state) {
    (void)state;
    struct error error = {0};
    const char *path = CHECKPOINT(linear), *out = data_file("wide.safetensors", "", 0);
    struct network *network = opened(path, "h.0.mlp.up,h.0.mlp.down", "gelu");
    must(model_save(network, out, TENSOR_F16, NULL, NULL, &error), &error);
    struct safetensors *file = opened_file(out);
    assert_int_equal(safetensors_find(file, "h.0.mlp.up.weight")->type, TENSOR_F16);
    assert_int_equal(safetensors_find(file, "h.0.mlp.down.bias")->type, TENSOR_F16);
    assert_int_equal(safetensors_find(file, "h.0.ln")->type, TENSOR_F32);
    assert_int_equal(safetensors_find(file, "h.10.mlp.up.weight")->type, TENSOR_BF16);
    safetensors_close(file);
    network_free(network);
}

static void blocks_are_listed_in_the_order_of_their_numbers(void **state) {
    (void)state;
    struct error error = {0};
    struct block_list list;
    struct safetensors *file = opened_file(CHECKPOINT(linear));
    must(model_block_list(file, &list, &error), &error);
    static const char *const ups[] = {"h.0.mlp.up", "h.2.mlp.up", "h.10.mlp.up"};
    assert_int_equal(list.count, 3);
    for (size_t k = 0; k < 3; k++)
        assert_string_equal(list.blocks[k].up, ups[k]);
    assert_string_equal(list.blocks[2].down, "h.10.mlp.down");
    assert_int_equal(list.blocks[0].inputs, INPUTS);
    assert_int_equal(list.blocks[0].neurons, NEURONS);
    assert_int_equal(list.blocks[0].outputs, OUTPUTS);
    block_list_free(&list);
    safetensors_close(file);
}

static void what_is_no_block_is_not_listed(void **state) {
    (void)state;
    /* Gated: two layers are multiplied before the third; BERT's pair lies under two parents. */
    static const struct tensor tensors[] = {
        {"a.gate.weight", TENSOR_F32, 5, 3},        {"a.up.weight", TENSOR_F32, 5, 3},
        {"a.down.weight", TENSOR_F32, 3, 5},        {"l.1.mid.dense.weight", TENSOR_F32, 6, 3},
        {"l.1.out.dense.weight", TENSOR_F32, 3, 6}, {"l.2.mid.dense.weight", TENSOR_F32, 6, 3},
        {"l.2.out.dense.weight", TENSOR_F32, 3, 6}, {"q.weight", TENSOR_F32, 3, 3},
    };
    struct error error = {0};
    struct block_list list;
    struct safetensors *file = opened_file(CHECKPOINT(tensors));
    must(model_block_list(file, &list, &error), &error);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.blocks[0].up, "l.1.mid.dense");
    assert_string_equal(list.blocks[0].down, "l.1.out.dense");
    assert_string_equal(list.blocks[1].down, "l.2.out.dense");
    block_list_free(&list);
    safetensors_close(file);
    file = opened_file(CHECKPOINT(turned));
    must(model_block_list(file, &list, &error), &error);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.blocks[0].neurons, 5);
    block_list_free(&list);
    safetensors_close(file);
}

static void layers_with_something_between_them_are_no_block(void **state) {
    (void)state;
    static const struct tensor deep[] = {
        {"0.weight", TENSOR_F32, 5, 3}, {"0.bias", TENSOR_F32, 5, 0},
        {"2.weight", TENSOR_F32, 5, 5}, {"2.bias", TENSOR_F32, 5, 0},
        {"4.weight", TENSOR_F32, 1, 5}, {"4.bias", TENSOR_F32, 1, 0},
    };
    static const struct tensor normalised[] = {
        {"h.0.up.weight", TENSOR_F32, 5, 3},   {"h.0.norm.weight", TENSOR_F32, 5, 0},
        {"h.0.down.weight", TENSOR_F32, 3, 5}, {"h.1.up.weight", TENSOR_F32, 5, 3},
        {"h.1.down.weight", TENSOR_F32, 3, 5},
    };
    struct error error = {0};
    struct block_list list;
    struct safetensors *file = opened_file(CHECKPOINT(deep));
    must(model_block_list(file, &list, &error), &error);
    assert_int_equal(list.count, 0);
    block_list_free(&list);
    safetensors_close(file);
    file = opened_file(CHECKPOINT(normalised));
    must(model_block_list(file, &list, &error), &error);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.blocks[0].up, "h.1.up");
    block_list_free(&list);
    safetensors_close(file);
}

static void what_cannot_be_a_block_is_refused_with_the_remedy(void **state) {
    (void)state;
    static const struct {
        const char *block, *activation, *says;
    } cases[] = {
        {"h.0.mlp.up,h.0.mlp.down", NULL, "give --activation"},
        {"h.0.mlp.up,nothing", "gelu", "no tensor \"nothing.weight\""},
        {"h.0.mlp.up,emb", "gelu", "does not read what the first one gives"},
        {"h.0.mlp.up,h.0.ln", "gelu", "does not read what the first one gives"},
        {"h.0.mlp.up,h.0.mlp.down", "gelu,relu,relu", "activations"},
    };
    const char *path = CHECKPOINT(linear);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct error error = {0};
        assert_null(open_block(path, cases[k].block, cases[k].activation, &error));
        assert_int_equal(error.kind, ERROR_REQUEST);
        if (!strstr(error.text, cases[k].says))
            fail_msg("\"%s\" does not say \"%s\"", error.text, cases[k].says);
    }
}

static void a_checkpoint_that_changed_since_is_not_written_over(void **state) {
    (void)state;
    struct error error = {0};
    struct network *network = opened(CHECKPOINT(linear), "h.0.mlp.up,h.0.mlp.down", "gelu");
    CHECKPOINT(turned); /* in its place */
    const char *out = data_file("late.safetensors", "", 0);
    size_t size;
    assert_false(model_save(network, out, TENSOR_F32, NULL, NULL, &error));
    assert_non_null(strstr(error.text, "no longer the checkpoint"));
    assert_true(file_size(out, &size) && size == 0);
    network_free(network);
}

static void a_block_of_another_format_is_refused(void **state) {
    (void)state;
    struct error error = {0};
    const size_t sizes[] = {2, 3, 1};
    struct network *network = network_new("plain", sizes, 2, &error);
    char path[] = "/tmp/lumpscope-block-XXXXXX.json";
    int descriptor = mkstemps(path, 5);
    assert_true(descriptor >= 0);
    close(descriptor);
    must(network && model_save(network, path, TENSOR_F64, NULL, NULL, &error), &error);
    assert_null(open_block(path, "up,down", "relu", &error));
    assert_non_null(strstr(error.text, "this is JSON; leave it out"));
    unlink(path);
    network_free(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_layers_open_as_a_network),
        cmocka_unit_test(a_block_of_another_format_is_refused),
        cmocka_unit_test(every_other_tensor_comes_back_byte_for_byte),
        cmocka_unit_test(several_blocks_are_made_smaller_one_after_another),
        cmocka_unit_test(layers_of_gpt_2_go_back_the_way_they_lie),
        cmocka_unit_test(a_bias_comes_only_where_there_is_something_to_say),
        cmocka_unit_test(another_type_is_for_the_blocks_tensors_alone),
        cmocka_unit_test(blocks_are_listed_in_the_order_of_their_numbers),
        cmocka_unit_test(what_is_no_block_is_not_listed),
        cmocka_unit_test(layers_with_something_between_them_are_no_block),
        cmocka_unit_test(what_cannot_be_a_block_is_refused_with_the_remedy),
        cmocka_unit_test(a_checkpoint_that_changed_since_is_not_written_over),
    };
    fill_numbers();
    return cmocka_run_group_tests(tests, NULL, data_clean);
}
