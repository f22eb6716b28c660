/* Evaluation in batches: the same for any number of threads, from kept activations, and stopped. */
#include "lumpscope/evaluate.h"
#include "lumpscope/metrics_report.h"

#include "random_network.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 1500 };

static const size_t sizes[] = {9, 300, 33, 900, 3};

struct fixture {
    struct rng rng;
    struct network *network;
    struct matrix inputs, targets;
};

static struct fixture fixture_of(enum activation_kind kind) {
    struct fixture f = {0};
    rng_seed(&f.rng, 5);
    f.network = random_network_of(&f.rng, sizes, 4, kind);
    f.inputs = random_rows(&f.rng, ROWS, sizes[0]);
    f.targets = random_rows(&f.rng, ROWS, sizes[4]);
    return f;
}

static void fixture_free(struct fixture *f) {
    network_free(f->network);
    matrix_free(&f->inputs);
    matrix_free(&f->targets);
}

/* One row and one neuron after the other. */
static void naive_forward(const struct network *network, const double *x, double *out) {
    double values[2][1024];
    for (size_t l = 0; l < network->depth; l++) {
        const struct layer *layer = &network->layers[l];
        for (size_t i = 0; i < layer->neurons; i++) {
            double u = layer->bias[i];
            for (size_t j = 0; j < layer->inputs; j++)
                u += layer->weights[i * layer->inputs + j] * x[j];
            values[l % 2][i] = u;
        }
        activation_apply(&layer->activation, values[l % 2], 1, layer->neurons);
        x = values[l % 2];
    }
    memcpy(out, x, network_outputs(network) * sizeof *out);
}

static void forward_is_the_definition_row_by_row(void **state) {
    (void)state;
    static const size_t wide[] = {1000, 70, 5};
    for (int k = 0; k < 3; k++) {
        struct rng rng;
        struct error error;
        rng_seed(&rng, 7);
        struct network *network = random_network_of(&rng, wide, 2, ACTIVATION_TANH);
        if (k > 0)
            network->layers[1].activation.kind = ACTIVATION_SOFTMAX;
        struct matrix x = random_rows(&rng, 300, wide[0]), out;
        must(matrix_init(&out, 300, wide[2], &error), &error);
        must(network_forward(network, x.data, 300, k == 2, out.data, NULL, &error), &error);
        for (size_t r = 0; r < 300; r++) {
            double expected[5];
            if (k == 2)
                network->layers[1].activation.kind = ACTIVATION_LINEAR;
            naive_forward(network, matrix_row(&x, r), expected);
            for (size_t o = 0; o < 5; o++)
                assert_true(fabs(expected[o] - matrix_row(&out, r)[o]) < 1e-12);
        }
        network_free(network);
        matrix_free(&x);
        matrix_free(&out);
    }
}

static void outputs_are_equal_for_any_number_of_threads(void **state) {
    (void)state;
    static const char *const threads[] = {"1", "2", "7"};
    struct fixture f = fixture_of(ACTIVATION_TANH);
    struct matrix first = {0};
    for (size_t k = 0; k < 3; k++) {
        setenv("LUMPSCOPE_THREADS", threads[k], 1);
        struct matrix out = outputs_of(f.network, &f.inputs);
        if (k == 0)
            first = out;
        else {
            assert_memory_equal(first.data, out.data, out.rows * out.columns * sizeof(double));
            matrix_free(&out);
        }
    }
    unsetenv("LUMPSCOPE_THREADS");
    matrix_free(&first);
    fixture_free(&f);
}

/* All rows, the first 256 of them before the others, with what is kept. */
static void evaluate_kept(const struct fixture *f, struct activations *kept, double *mse) {
    struct evaluation run;
    struct metrics metrics;
    struct error error;
    must(evaluation_init(&run, f->network, &f->inputs, &f->targets, &error), &error);
    must(!kept || evaluation_keep(&run, kept, &error), &error);
    must(evaluation_advance(&run, 256, NULL, &error), &error);
    assert_int_equal(run.done, 256);
    must(evaluation_advance(&run, ROWS, NULL, &error), &error);
    evaluation_metrics(&run, &metrics);
    *mse = metrics.mse;
    evaluation_free(&run);
}

static void expect_same_as_fresh(const struct fixture *f, struct activations *kept) {
    double with, without;
    evaluate_kept(f, kept, &with);
    evaluate_kept(f, NULL, &without);
    assert_true(with == without);
}

static void kept_activations_change_no_result(void **state) {
    (void)state;
    struct fixture f = fixture_of(ACTIVATION_RELU);
    struct activations kept = {0};
    expect_same_as_fresh(&f, &kept);
    for (size_t l = 4; l-- > 0;) {
        f.network->layers[l].weights[1] += 0.5;
        expect_same_as_fresh(&f, &kept);
        f.network->layers[l].bias[0] -= 0.25;
        expect_same_as_fresh(&f, &kept);
    }
    f.network->layers[1].activation.kind = ACTIVATION_TANH;
    expect_same_as_fresh(&f, &kept);
    network_free(f.network);
    f.network = random_network_of(&f.rng, sizes, 2, ACTIVATION_RELU);
    matrix_free(&f.targets);
    f.targets = random_rows(&f.rng, ROWS, sizes[2]);
    expect_same_as_fresh(&f, &kept);
    activations_free(&kept);
    fixture_free(&f);
}

/* Poisons what is kept of a layer, to see whether it is used. */
static void poison(struct activations *kept, size_t layer) {
    struct matrix *x = &kept->layer[layer].x;
    for (size_t k = 0; k < x->rows * x->columns; k++)
        x->data[k] = NAN;
}

static void layers_before_the_first_changed_one_are_not_computed_again(void **state) {
    (void)state;
    struct fixture f = fixture_of(ACTIVATION_RELU);
    struct activations kept = {0};
    double mse;
    evaluate_kept(&f, &kept, &mse);
    f.network->layers[2].weights[0] += 1;
    poison(&kept, 0);
    poison(&kept, 2);
    expect_same_as_fresh(&f, &kept);
    poison(&kept, 2);
    evaluate_kept(&f, &kept, &mse);
    assert_true(isnan(mse));
    activations_free(&kept);
    fixture_free(&f);
}

static void kept_activations_take_bounded_memory(void **state) {
    (void)state;
    static const size_t wide[] = {1, 4000, 4000, 1};
    struct rng rng;
    struct error error;
    struct evaluation run;
    struct activations kept = {0};
    rng_seed(&rng, 3);
    struct network *network = random_network_of(&rng, wide, 3, ACTIVATION_RELU);
    struct matrix x = random_rows(&rng, 5000, 1);
    must(evaluation_init(&run, network, &x, &x, &error), &error);
    must(evaluation_keep(&run, &kept, &error), &error);
    size_t bytes = 0;
    for (size_t l = 0; l < kept.hidden; l++)
        bytes += kept.layer[l].x.rows * kept.layer[l].x.columns * sizeof(double);
    assert_true(kept.layer[0].x.rows >= 256);
    assert_true(bytes <= ACTIVATIONS_BYTES);
    must(evaluation_advance(&run, 256, NULL, &error), &error);
    assert_int_equal(kept.layer[1].rows, 256);
    evaluation_free(&run);
    activations_free(&kept);
    network_free(network);
    matrix_free(&x);
}

static void an_evaluation_that_lost_what_is_kept_goes_on_without(void **state) {
    (void)state;
    struct fixture f = fixture_of(ACTIVATION_RELU);
    struct activations kept = {0};
    struct evaluation first, second;
    struct metrics metrics, alone;
    struct error error;
    must(evaluation_init(&first, f.network, &f.inputs, &f.targets, &error), &error);
    must(evaluation_keep(&first, &kept, &error), &error);
    must(evaluation_advance(&first, 300, NULL, &error), &error);
    struct network *other = network_copy(f.network, &error);
    other->layers[0].weights[0] += 1;
    must(evaluation_init(&second, other, &f.inputs, &f.targets, &error), &error);
    must(evaluation_keep(&second, &kept, &error), &error);
    must(evaluation_advance(&second, ROWS, NULL, &error), &error);
    must(evaluation_advance(&first, ROWS, NULL, &error), &error);
    evaluation_metrics(&first, &metrics);
    must(evaluate_network(f.network, &f.inputs, &f.targets, NULL, &alone, NULL, &error), &error);
    assert_true(fabs(metrics.mse - alone.mse) < 1e-12 * alone.mse);
    evaluation_metrics(&second, &metrics);
    must(evaluate_network(other, &f.inputs, &f.targets, NULL, &alone, NULL, &error), &error);
    assert_true(fabs(metrics.mse - alone.mse) < 1e-12 * alone.mse);
    evaluation_free(&first);
    evaluation_free(&second);
    activations_free(&kept);
    network_free(other);
    fixture_free(&f);
}

static void single_precision_is_near_double_and_says_how_near(void **state) {
    (void)state;
    for (int kind = ACTIVATION_TANH; kind <= ACTIVATION_RELU; kind++) {
        struct fixture f = fixture_of((enum activation_kind)kind);
        struct single_metrics single;
        struct metrics metrics;
        struct error error;
        struct matrix rounded, exact = outputs_of(f.network, &f.inputs);
        must(matrix_init(&rounded, ROWS, exact.columns, &error), &error);
        must(network_forward_single(f.network, f.inputs.data, ROWS, rounded.data, NULL, &error),
             &error);
        double away = 0, squares[3] = {0};
        for (size_t k = 0; k < 3 * ROWS; k++)
            squares[k % 3] += exact.data[k] * exact.data[k];
        for (size_t k = 0; k < 3 * ROWS; k++)
            away = fmax(away, fabs(rounded.data[k] - exact.data[k]) / sqrt(squares[k % 3] / ROWS));
        must(evaluate_network(f.network, &f.inputs, &f.targets, NULL, &metrics, NULL, &error),
             &error);
        must(evaluate_single(f.network, &f.inputs, &f.targets, &single, NULL, &error), &error);
        assert_true(single.difference > 1e-9 && single.difference < 1e-4);
        assert_true(fabs(single.difference - away) < 1e-12);
        assert_true(single.metrics.mse != metrics.mse);
        assert_true(fabs(single.metrics.mse - metrics.mse) < 1e-4 * metrics.mse);
        matrix_free(&exact);
        matrix_free(&rounded);
        fixture_free(&f);
    }
}

static void probabilities_in_single_precision_add_up(void **state) {
    (void)state;
    struct fixture f = fixture_of(ACTIVATION_RELU);
    double *out = malloc(3 * ROWS * sizeof *out);
    struct error error;
    f.network->layers[3].activation.kind = ACTIVATION_SOFTMAX;
    must(network_forward_single(f.network, f.inputs.data, ROWS, out, NULL, &error), &error);
    for (size_t r = 0; r < ROWS; r++)
        assert_true(fabs(out[3 * r] + out[3 * r + 1] + out[3 * r + 2] - 1) < 1e-14);
    free(out);
    fixture_free(&f);
}

static bool stop_after(void *user, const char *what, size_t done, size_t total) {
    (void)what;
    assert_true(done <= total);
    return (*(int *)user)-- > 0;
}

static void a_stopped_evaluation_says_so_and_keeps_what_is_done(void **state) {
    (void)state;
    struct fixture f = fixture_of(ACTIVATION_RELU);
    for (int steps = 0; steps < 6; steps++) {
        int left = steps;
        struct progress progress = {stop_after, &left};
        struct evaluation run;
        struct error error = {0};
        must(evaluation_init(&run, f.network, &f.inputs, &f.targets, &error), &error);
        assert_false(evaluation_advance(&run, ROWS, &progress, &error));
        assert_int_equal(error.kind, ERROR_CANCELLED);
        must(evaluation_advance(&run, ROWS, NULL, &error), &error);
        assert_int_equal(run.done, ROWS);
        evaluation_free(&run);
    }
    fixture_free(&f);
}

static void the_change_of_an_error_that_is_rounding_is_none(void **state) {
    (void)state;
    struct metrics before = {.task = TASK_REGRESSION, .mse = 0.5}, after = before;
    after.mse = 0.75;
    assert_true(metrics_change(&before, &after) == 50);
    before.mse = 2.6e-16;
    assert_true(isnan(metrics_change(&before, &after)));
    before.mse = 0;
    assert_true(isnan(metrics_change(&before, &after)));
    before = (struct metrics){.task = TASK_CLASSIFICATION, .accuracy = 0.5};
    after = (struct metrics){.task = TASK_CLASSIFICATION, .accuracy = 0.25};
    assert_true(metrics_change(&before, &after) == -25);
}

/* What is no number has a reason, and what is one has none. */
static void a_figure_that_is_none_says_why(void **state) {
    (void)state;
    static const struct {
        struct metrics metrics;
        const char *why; /* NULL: nothing is missing */
    } cases[] = {
        {{.task = TASK_REGRESSION}, "no rows"},
        {{.rows = 1, .task = TASK_REGRESSION, .mse = NAN}, "overflows"},
        {{.rows = 1, .task = TASK_REGRESSION, .mse_raw = NAN}, "units of the data"},
        {{.rows = 1, .task = TASK_REGRESSION, .r2 = NAN}, "do not vary"},
        {{.rows = 1, .task = TASK_REGRESSION, .mse = 1}, NULL},
        {{.rows = 1, .task = TASK_CLASSIFICATION, .cross_entropy = NAN, .r2 = 1}, "cross-entropy"},
        {{.rows = 1, .task = TASK_CLASSIFICATION, .r2 = NAN}, NULL},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        cJSON *object = cJSON_CreateObject();
        const char *why = metrics_gap(&cases[k].metrics);
        assert_true(cases[k].why ? why && strstr(why, cases[k].why) : !why);
        assert_true(json_add_metrics(object, &cases[k].metrics));
        const char *said = cJSON_GetStringValue(cJSON_GetObjectItem(object, "null"));
        assert_true(why ? said && strcmp(said, why) == 0 : !said);
        cJSON_Delete(object);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_figure_that_is_none_says_why),
        cmocka_unit_test(the_change_of_an_error_that_is_rounding_is_none),
        cmocka_unit_test(forward_is_the_definition_row_by_row),
        cmocka_unit_test(outputs_are_equal_for_any_number_of_threads),
        cmocka_unit_test(kept_activations_change_no_result),
        cmocka_unit_test(layers_before_the_first_changed_one_are_not_computed_again),
        cmocka_unit_test(kept_activations_take_bounded_memory),
        cmocka_unit_test(an_evaluation_that_lost_what_is_kept_goes_on_without),
        cmocka_unit_test(single_precision_is_near_double_and_says_how_near),
        cmocka_unit_test(probabilities_in_single_precision_add_up),
        cmocka_unit_test(a_stopped_evaluation_says_so_and_keeps_what_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
