/* Targets that are the model's own outputs (--target model). */
#include "data_support.h"
#include "random_network.h"

#include "lumpscope/evaluate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char table[] = "a,b,y\n1,2,9\n3,-4,9\n0.5,0.25,9\n";

static struct dataset *load(const char *options, const struct network *model) {
    struct error error = {0};
    struct dataset *dataset = data_load(table, options, model, -1, &error);
    must(dataset != NULL, &error);
    return dataset;
}

static void set_linear(struct network *model, const double *weights) {
    struct layer *layer = &model->layers[0];
    memcpy(layer->weights, weights, layer->neurons * layer->inputs * sizeof *weights);
}

static void outputs_in_the_datas_units_are_the_targets(void **state) {
    (void)state;
    struct network *model = data_model(2, 1, TASK_REGRESSION, "[\"a\",\"b\"]", "[\"y\"]", NULL);
    set_linear(model, (double[]){2, 1});
    model->input.mean[0] = 1;
    model->output.scale[0] = 10;
    model->output.mean[0] = 5;
    struct dataset *dataset = load("target=model|split=none", model);
    assert_true(dataset->has_targets);
    assert_int_equal(dataset->targets.columns, 1);
    assert_string_equal(dataset->target_names[0], "y");
    static const double wanted[] = {25, 5, -2.5};
    assert_memory_equal(dataset->targets.data, wanted, sizeof wanted);
    assert_non_null(strstr(dataset->messages, "the model's own outputs"));
    dataset_free(dataset);
    network_free(model);
}

static void the_model_itself_has_no_error_and_another_one_has(void **state) {
    (void)state;
    struct error error = {0};
    struct network *model = data_model(2, 1, TASK_REGRESSION, NULL, NULL, NULL);
    set_linear(model, (double[]){2, 1});
    struct dataset *dataset = load("target=model|split=none", model);
    struct matrix inputs, targets;
    struct metrics metrics;
    must(dataset_network_inputs(dataset, model, NULL, 3, &inputs, &error) &&
             dataset_network_targets(dataset, model, NULL, 3, &targets, &error),
         &error);
    must(evaluate_network(model, &inputs, &targets, NULL, &metrics, NULL, &error), &error);
    assert_true(metrics.mse == 0);
    model->layers[0].weights[0] = 3;
    must(evaluate_network(model, &inputs, &targets, NULL, &metrics, NULL, &error), &error);
    assert_true(fabs(metrics.mse - (1 + 9 + 0.25) / 3) < 1e-12);
    matrix_free(&inputs);
    matrix_free(&targets);
    dataset_free(dataset);
    network_free(model);
}

static void classes_are_those_of_the_largest_outputs(void **state) {
    (void)state;
    struct network *model =
        data_model(2, 3, TASK_CLASSIFICATION, "[\"a\",\"b\"]", "[\"u\",\"v\",\"w\"]", NULL);
    set_linear(model, (double[]){1, 0, 0, 1, -1, -1});
    struct dataset *dataset = load("target=model|split=none", model);
    static const double wanted[] = {1, 0, 0};
    assert_int_equal(dataset->task, TASK_CLASSIFICATION);
    assert_memory_equal(dataset->targets.data, wanted, sizeof wanted);
    assert_string_equal(dataset->classes[2], "w");
    struct matrix targets;
    struct error error = {0};
    must(dataset_network_targets(dataset, model, NULL, 3, &targets, &error), &error);
    assert_memory_equal(targets.data, wanted, sizeof wanted);
    matrix_free(&targets);
    dataset_free(dataset);
    network_free(model);
}

static void columns_the_model_was_trained_for_are_no_inputs(void **state) {
    (void)state;
    struct network *model = data_model(2, 1, TASK_REGRESSION, NULL, NULL, "{\"target\": [\"a\"]}");
    set_linear(model, (double[]){1, 0});
    struct dataset *dataset = load("target=model|split=none", model);
    assert_string_equal(dataset->input_names[0], "b");
    assert_string_equal(dataset->input_names[1], "y");
    assert_true(dataset->targets.data[1] == -4);
    dataset_free(dataset);
    network_free(model);
}

static void a_column_called_model_has_a_name_of_its_own(void **state) {
    (void)state;
    struct error error = {0};
    static const char other[] = "a,model\n1,2\n3,4\n";
    struct dataset *dataset = data_load(other, "target=name:model", NULL, -1, &error);
    must(dataset != NULL, &error);
    assert_string_equal(dataset->target_names[0], "model");
    dataset_free(dataset);
    assert_non_null(strstr(data_refusal(other, "target=model", NULL, -1), "name:model"));
    struct data_recipe recipe;
    data_recipe_defaults(&recipe);
    assert_false(data_recipe_set(&recipe, "target", "a,model", &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    data_recipe_free(&recipe);
}

static void a_block_is_compared_with_itself_unless_told_otherwise(void **state) {
    (void)state;
    struct error error = {0};
    struct network *model = data_model(2, 1, TASK_REGRESSION, NULL, NULL, NULL);
    set_linear(model, (double[]){1, 1});
    model->origin.checkpoint = strdup("/somewhere/model.safetensors");
    struct dataset *dataset = load("split=none", model);
    assert_true(dataset->targets.data[0] == 3);
    dataset_free(dataset);
    dataset = load("target=y|split=none", model);
    assert_true(dataset->targets.data[0] == 9);
    dataset_free(dataset);
    dataset = data_load("a,b\n1,2\n", "use=ignored", model, -1, &error);
    must(dataset != NULL, &error);
    assert_false(dataset->has_targets);
    dataset_free(dataset);
    network_free(model);
}

static void hidden_states_of_three_dimensions_are_rows(void **state) {
    (void)state;
    struct error error = {0};
    const double values[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    struct text file = {0};
    static const char header[] = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3, 2), }\n";
    text_append_bytes(&file, "\x93NUMPY\1\0", 8);
    text_append_bytes(&file, (char[]){(char)strlen(header), 0}, 2);
    text_append(&file, header);
    text_append_bytes(&file, (const char *)values, sizeof values);
    struct network *model = data_model(2, 1, TASK_REGRESSION, NULL, NULL, NULL);
    set_linear(model, (double[]){0, 1});
    struct data_recipe recipe = data_options("target=model|split=none");
    struct dataset *dataset =
        dataset_load(data_file("X.npy", file.data, file.length), &recipe, model, -1, NULL, &error);
    must(dataset != NULL, &error);
    assert_int_equal(dataset->inputs.rows, 6);
    assert_memory_equal(dataset->inputs.data, values, sizeof values);
    assert_true(dataset->targets.data[5] == 12);
    dataset_free(dataset);
    data_recipe_free(&recipe);
    network_free(model);
    text_free(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_in_the_datas_units_are_the_targets),
        cmocka_unit_test(the_model_itself_has_no_error_and_another_one_has),
        cmocka_unit_test(classes_are_those_of_the_largest_outputs),
        cmocka_unit_test(columns_the_model_was_trained_for_are_no_inputs),
        cmocka_unit_test(a_column_called_model_has_a_name_of_its_own),
        cmocka_unit_test(a_block_is_compared_with_itself_unless_told_otherwise),
        cmocka_unit_test(hidden_states_of_three_dimensions_are_rows),
    };
    return cmocka_run_group_tests(tests, NULL, data_clean);
}
