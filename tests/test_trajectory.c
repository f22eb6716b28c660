/* The relaxed system over time: where it comes to rest, how it gets there, and what of it lumping
 * keeps. */
#include "random_network.h"

#include "lumpscope/aggregate.h"
#include "lumpscope/trajectory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { POINTS = 81 };
static const double end_time = 40;

static struct trajectory run(const struct network *network, const double *input, double end) {
    struct trajectory trajectory;
    struct error error = {0};
    must(trajectory_run(network, input, end, POINTS, &trajectory, NULL, &error), &error);
    assert_int_equal(trajectory.points, POINTS);
    assert_int_equal(trajectory.depth, network->depth);
    return trajectory;
}

static void check_rest(const struct network *network, const struct matrix *row) {
    struct trajectory trajectory = run(network, row->data, end_time);
    struct trace trace;
    struct error error = {0};
    must(network_trace(network, row, &trace, NULL, &error), &error);
    assert_true(trajectory.time[0] == 0 && trajectory.time[POINTS - 1] == end_time);
    for (size_t l = 0; l < network->depth; l++)
        for (size_t i = 0; i < network->layers[l].neurons; i++) {
            assert_true(matrix_row(&trajectory.state[l], 0)[i] == 0);
            double rest = trace.post[l].data[i];
            double reached = matrix_row(&trajectory.state[l], POINTS - 1)[i];
            if (!(fabs(reached - rest) <= 1e-6 * fmax(1, fabs(rest))))
                fail_msg("layer %zu (%s): %.12g at time 40, %.12g in the forward pass", l + 1,
                         activation_name(network->layers[l].activation.kind), reached, rest);
        }
    trace_free(&trace);
    trajectory_free(&trajectory);
}

static void the_rest_point_is_the_forward_pass_for_every_activation(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 31);
    for (size_t k = 0; k < random_activation_count(); k++) {
        struct activation given[] = {random_activation(k), random_activation(k), {0}};
        if (k % 2)
            given[2].kind = ACTIVATION_SOFTMAX; /* comes to rest at the logits */
        struct network *network = random_network(&rng, (size_t[]){3, 6, 5, 2}, given, 3);
        struct matrix row = random_rows(&rng, 1, 3);
        check_rest(network, &row);
        matrix_free(&row);
        network_free(network);
    }
}

static void a_network_without_hidden_layers_has_a_trajectory(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 32);
    struct network *network = random_network_of(&rng, (size_t[]){4, 3}, 1, ACTIVATION_LINEAR);
    struct matrix row = random_rows(&rng, 1, 4);
    check_rest(network, &row);
    matrix_free(&row);
    network_free(network);
}

/* Linear layers from 0: with u_l = W_l p_{l-1} + b_l at rest and v = e^-t,
 *     x_1 = u_1 (1 - v),   x_2 = u_2 (1 - v) - W_2 u_1 t v,
 *     x_3 = u_3 (1 - v) - W_3 u_2 t v - W_3 W_2 u_1 t^2/2 v. */
static void linear_layers_follow_the_closed_form(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 33);
    struct network *network = random_network_of(&rng, (size_t[]){2, 4, 3, 2}, 3, ACTIVATION_LINEAR);
    struct matrix row = random_rows(&rng, 1, 2);
    struct trajectory trajectory = run(network, row.data, 10);
    const struct layer *layer = network->layers;
    double u1[4], u2[3], u3[2], once2[3], once3[2], twice3[2];
    layer_preactivations(&layer[0], row.data, 1, u1);
    layer_preactivations(&layer[1], u1, 1, u2);
    layer_preactivations(&layer[2], u2, 1, u3);
    matrix_multiply_nt(u1, layer[1].weights, once2, 1, 3, 4);
    matrix_multiply_nt(u2, layer[2].weights, once3, 1, 2, 3);
    matrix_multiply_nt(once2, layer[2].weights, twice3, 1, 2, 3);
    for (size_t k = 0; k < POINTS; k++) {
        double t = 10.0 * (double)k / (POINTS - 1), v = exp(-t);
        for (size_t i = 0; i < 4; i++)
            assert_true(fabs(matrix_row(&trajectory.state[0], k)[i] - u1[i] * (1 - v)) < 1e-6);
        for (size_t i = 0; i < 3; i++)
            assert_true(fabs(matrix_row(&trajectory.state[1], k)[i] -
                             (u2[i] * (1 - v) - once2[i] * t * v)) < 1e-6);
        for (size_t i = 0; i < 2; i++)
            assert_true(fabs(matrix_row(&trajectory.state[2], k)[i] -
                             (u3[i] * (1 - v) - once3[i] * t * v - twice3[i] * t * t / 2 * v)) <
                        1e-6);
    }
    trajectory_free(&trajectory);
    matrix_free(&row);
    network_free(network);
}

/* A network, its classes at epsilon 0 and the reduced network, over time. */
struct lumped {
    struct refine *refine;
    struct network *reduced;
    struct merged merged;
    struct trajectory before, after;
};

static struct lumped lump(const struct network *network, const struct options *options,
                          const struct matrix *rows, const double *input) {
    struct lumped lumped = {0};
    struct error error = {0};
    lumped.refine = refine_new(network, options, rows, NULL, &error);
    must(lumped.refine, &error);
    must(refine_set_epsilon(lumped.refine, 1e-10, NULL, &error), &error);
    const struct prepared *prepared = refine_prepared(lumped.refine);
    lumped.reduced =
        aggregate_classes(prepared, options, refine_calibration(lumped.refine),
                          refine_live_partition(lumped.refine), &lumped.merged, NULL, &error);
    must(lumped.reduced, &error);
    lumped.before = run(prepared->network, input, 10);
    lumped.after = run(lumped.reduced, input, 10);
    return lumped;
}

static void lumped_free(struct lumped *lumped) {
    trajectory_free(&lumped->before);
    trajectory_free(&lumped->after);
    merged_free(&lumped->merged);
    network_free(lumped->reduced);
    refine_free(lumped->refine);
}

/* The largest gap of all classes of the layer over the largest class sum; there is a class of two
 * or more. */
static double largest_gap(const struct lumped *lumped, size_t layer) {
    const struct partition *live = refine_live_partition(lumped->refine);
    const struct classes *classes = &live->layer[layer - 1];
    double members[16], reduced[16], gap = 0, height = 0;
    struct error error = {0};
    assert_true(classes->count < classes->neurons && classes->neurons <= 16);
    for (size_t c = 0; c < classes->count; c++) {
        struct trajectory_pair pair;
        merged_weights(&lumped->merged, live, layer, c, members, reduced);
        must(trajectory_compare(&lumped->before, members, &lumped->after, reduced, layer, &pair,
                                &error),
             &error);
        gap = fmax(gap, pair.gap);
        for (size_t k = 0; k < pair.points; k++)
            height = fmax(height, fabs(pair.original[k]));
        trajectory_pair_free(&pair);
    }
    assert_true(height > 0);
    return gap / height;
}

static struct options formal(enum relation relation, bool balance) {
    struct options options;
    options_defaults(&options, false);
    options.relation = relation;
    options.balance = balance;
    return options;
}

/* Neuron 4 of every hidden layer sends what neuron 1 sends, but reads something else. */
static void plant_senders(struct network *network, double column) {
    for (size_t l = network->depth - 1; l > 0; l--) {
        struct layer *consumer = &network->layers[l];
        for (size_t i = 0; i < consumer->neurons; i++)
            consumer->weights[i * consumer->inputs + 4] =
                column * consumer->weights[i * consumer->inputs + 1];
    }
}

static void check_senders(enum activation_kind kind, bool balance, double column) {
    struct rng rng;
    rng_seed(&rng, 34);
    struct network *network = random_network_of(&rng, (size_t[]){3, 6, 5, 2}, 3, kind);
    plant_senders(network, column);
    struct matrix row = random_rows(&rng, 1, 3);
    struct options options = formal(RELATION_FORWARD, balance);
    struct lumped lumped = lump(network, &options, NULL, row.data);
    for (size_t l = 1; l <= 2; l++)
        if (!(largest_gap(&lumped, l) <= 1e-7))
            fail_msg("%s, balance %d, layer %zu: gap %g", activation_name(kind), balance, l,
                     largest_gap(&lumped, l));
    lumped_free(&lumped);
    matrix_free(&row);
    network_free(network);
}

static void forward_classes_of_linear_layers_sum_to_the_merged_neuron_at_all_times(void **state) {
    (void)state;
    check_senders(ACTIVATION_LINEAR, false, 1);
    check_senders(ACTIVATION_LINEAR, true, 1);
    check_senders(ACTIVATION_LINEAR, true, -2.5);
}

static void forward_classes_of_square_layers_sum_to_the_new_neurons_at_all_times(void **state) {
    (void)state;
    check_senders(ACTIVATION_SQUARE, false, 1);
    check_senders(ACTIVATION_SQUARE, true, 1);
    check_senders(ACTIVATION_SQUARE, true, 2.5);
}

/* Neuron 4 of both hidden layers reads what neuron 1 reads, times `row`. */
static struct network *readers(struct rng *rng, enum activation_kind kind, double row) {
    struct network *network = random_network_of(rng, (size_t[]){3, 6, 5, 2}, 3, kind);
    plant_scaled(network, 1, 1, 4, row, 0.8);
    plant_scaled(network, 2, 1, 4, row, -0.6);
    return network;
}

static void check_readers(enum activation_kind kind, const struct options *options, double row,
                          double room) {
    struct rng rng;
    rng_seed(&rng, 35);
    struct network *network = readers(&rng, kind, row);
    struct matrix rows = random_rows(&rng, 50, 3);
    struct lumped lumped =
        lump(network, options, options->relation == RELATION_JOINT ? &rows : NULL, rows.data);
    for (size_t l = 1; l <= 2; l++)
        if (!(largest_gap(&lumped, l) <= room))
            fail_msg("%s %s, balance %d, layer %zu: gap %g", activation_name(kind),
                     relation_name(options->relation), options->balance, l,
                     largest_gap(&lumped, l));
    lumped_free(&lumped);
    matrix_free(&rows);
    network_free(network);
}

static void backward_classes_sum_to_the_weighted_merged_neuron_at_all_times(void **state) {
    (void)state;
    static const enum activation_kind kinds[] = {ACTIVATION_LINEAR, ACTIVATION_SQUARE,
                                                 ACTIVATION_RELU, ACTIVATION_TANH, ACTIVATION_GELU};
    struct options raw = formal(RELATION_BACKWARD, false);
    struct options balanced = formal(RELATION_BACKWARD, true);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        check_readers(kinds[k], &raw, 1, 1e-7);
        check_readers(kinds[k], &balanced, kinds[k] < ACTIVATION_TANH ? 3 : 1, 1e-7);
    }
    check_readers(ACTIVATION_RELU, &balanced, 3, 1e-7);
}

static void joint_classes_sum_to_the_weighted_merged_neuron_at_all_times(void **state) {
    (void)state;
    struct options options;
    options_defaults(&options, true);
    options.refit = false;
    check_readers(ACTIVATION_SQUARE, &options, 3, 1e-6);
    check_readers(ACTIVATION_RELU, &options, 3, 1e-6);
    check_readers(ACTIVATION_TANH, &options, 1, 1e-6);
    options.refit = true; /* exact but for the ridge, relative 1e-5 */
    check_readers(ACTIVATION_TANH, &options, 1, 1e-3);
}

/* Equal columns and equal rows: at distance 0 by what they send, and by what they read. */
static void forward_classes_of_other_activations_count_their_members(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 36);
    struct network *network = random_network_of(&rng, (size_t[]){3, 6, 2}, 2, ACTIVATION_SIGMOID);
    plant_scaled(network, 1, 1, 4, 1, 1);
    plant_scaled(network, 1, 1, 5, 1, 1);
    struct matrix row = random_rows(&rng, 1, 3);
    struct options options = formal(RELATION_FORWARD, true);
    struct lumped lumped = lump(network, &options, NULL, row.data);
    assert_true(largest_gap(&lumped, 1) <= 1e-7);
    assert_true(lumped.merged.layer[0].weights[1] == 3);
    lumped_free(&lumped);
    matrix_free(&row);
    network_free(network);
}

static void a_class_of_zero_rows_stands_for_a_sum_of_zero(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 37);
    struct network *network = random_network_of(&rng, (size_t[]){3, 6, 2}, 2, ACTIVATION_SQUARE);
    plant_senders(network, 1);
    plant_zero_row(network, 1, 1);
    plant_zero_row(network, 1, 4);
    struct matrix row = random_rows(&rng, 1, 3);
    struct options options = formal(RELATION_FORWARD, false);
    struct lumped lumped = lump(network, &options, NULL, row.data);
    const struct merged_layer *merged = &lumped.merged.layer[0];
    assert_int_equal(merged->starts[2], merged->starts[1]); /* class 1 has no neuron */
    assert_int_equal(merged->starts[merged->classes], lumped.reduced->layers[0].neurons);
    assert_true(largest_gap(&lumped, 1) <= 1e-7);
    lumped_free(&lumped);
    matrix_free(&row);
    network_free(network);
}

static void the_largest_gap_is_named_with_its_time(void **state) {
    (void)state;
    double time[] = {0, 1, 2, 3}, many[] = {0, 0, 1, 2, 2, 4, 3, 6}, one[] = {0, 2.5, 9, 9};
    struct matrix wide = {4, 2, many}, narrow = {4, 1, one};
    struct trajectory original = {4, 1, time, &wide}, reduced = {4, 1, time, &narrow};
    struct trajectory_pair pair;
    struct error error = {0};
    must(trajectory_compare(&original, (double[]){1, 1}, &reduced, (double[]){2}, 1, &pair, &error),
         &error);
    assert_true(pair.original[1] == 3 && pair.reduced[1] == 5);
    assert_true(pair.gap == 12 && pair.gap_time == 2);
    trajectory_pair_free(&pair);
    reduced.points = 3;
    assert_false(
        trajectory_compare(&original, (double[]){1, 1}, &reduced, (double[]){2}, 1, &pair, &error));
    assert_int_equal(error.kind, ERROR_INTERNAL);
}

struct counter {
    size_t calls, limit;
};

static bool count(void *user, const char *what, size_t done, size_t total) {
    struct counter *counter = user;
    assert_string_equal(what, "trajectory");
    assert_true(done <= total);
    return ++counter->calls <= counter->limit;
}

static void a_trajectory_can_be_stopped_anywhere(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 38);
    struct network *network = random_network_of(&rng, (size_t[]){3, 6, 5, 2}, 3, ACTIVATION_TANH);
    struct matrix row = random_rows(&rng, 1, 3);
    struct counter all = {.limit = SIZE_MAX};
    struct trajectory trajectory;
    struct error error = {0};
    must(trajectory_run(network, row.data, 5, 10, &trajectory,
                        &(struct progress){.report = count, .user = &all}, &error),
         &error);
    trajectory_free(&trajectory);
    assert_true(all.calls > 100);
    for (size_t limit = 0; limit < all.calls; limit++) {
        struct counter some = {.limit = limit};
        assert_false(trajectory_run(network, row.data, 5, 10, &trajectory,
                                    &(struct progress){.report = count, .user = &some}, &error));
        assert_int_equal(error.kind, ERROR_CANCELLED);
        assert_int_equal(some.calls, limit + 1);
        assert_null(trajectory.state);
    }
    matrix_free(&row);
    network_free(network);
}

/* The implicit steps are solved exactly: their length must not depend on the size of the weights.
 */
static void large_weights_cost_no_more_steps(void **state) {
    (void)state;
    struct rng rng;
    struct counter plain = {.limit = SIZE_MAX}, large = {.limit = SIZE_MAX};
    for (int scaled = 0; scaled < 2; scaled++) {
        rng_seed(&rng, 39);
        struct network *network =
            random_network_of(&rng, (size_t[]){3, 6, 5, 2}, 3, ACTIVATION_LINEAR);
        struct matrix row = random_rows(&rng, 1, 3);
        struct counter *counter = scaled ? &large : &plain;
        for (size_t l = 0; l < network->depth && scaled; l++)
            for (size_t k = 0; k < network->layers[l].neurons * network->layers[l].inputs; k++)
                network->layers[l].weights[k] *= 1e5;
        struct trajectory trajectory;
        struct error error = {0};
        must(trajectory_run(network, row.data, end_time, POINTS, &trajectory,
                            &(struct progress){.report = count, .user = counter}, &error),
             &error);
        trajectory_free(&trajectory);
        check_rest(network, &row);
        matrix_free(&row);
        network_free(network);
    }
    assert_true(large.calls < 2 * plain.calls);
}

/* Square layers from weight w: x_l comes to rest at w^(2^l). */
static struct network *squares(size_t depth, double weight) {
    struct error error = {0};
    struct network *network = network_new("squares", (size_t[]){1, 1, 1, 1, 1, 1}, depth, &error);
    must(network, &error);
    for (size_t l = 0; l < depth; l++) {
        network->layers[l].activation.kind = ACTIVATION_SQUARE;
        network->layers[l].weights[0] = l == 0 ? weight : 1;
    }
    return network;
}

/* Runs into the overflow; returns the time that the sentence names. */
static double overflow_of(struct network *network, const char *where) {
    struct trajectory trajectory;
    struct error error = {0};
    assert_false(
        trajectory_run(network, (double[]){1}, end_time, POINTS, &trajectory, NULL, &error));
    assert_int_equal(error.kind, ERROR_REQUEST);
    assert_null(trajectory.state);
    const char *found = strstr(error.text, where);
    if (!found)
        fail_msg("'%s' is not in: %s", where, error.text);
    network_free(network);
    return strtod(found + strlen(where), NULL);
}

/* Near 0 x_1 = c t, x_2 = c^2 t^3/3, x_3 = c^4 t^7/63, x_4 = c^8 t^15/(15 63^2), with c = w^2; the
 * last layer is driven beyond all numbers when the one before passes 1.34e154. */
static void an_overflow_names_the_layer_and_the_time(void **state) {
    (void)state;
    double time = overflow_of(squares(4, 1e20), "overflows in layer 4 at time ");
    assert_true(time > 0.25 && time < 0.31);
    time = overflow_of(squares(5, 1e20), "overflows in layer 5 at time ");
    double expected = pow(1.34e154 * 15 * 63 * 63, 1.0 / 15) / pow(10, 320.0 / 15);
    assert_true(fabs(time / expected - 1) < 0.01);
    assert_true(overflow_of(squares(1, 1e200), "overflows in layer 1 at time ") == 0);
}

static void times_that_make_no_trajectory_are_refused(void **state) {
    (void)state;
    struct network *network = squares(2, 1);
    double ends[] = {0, -1, INFINITY, NAN};
    for (size_t k = 0; k < 5; k++) {
        struct trajectory trajectory;
        struct error error = {0};
        assert_false(trajectory_run(network, (double[]){0}, k < 4 ? ends[k] : 1, k < 4 ? 10 : 1,
                                    &trajectory, NULL, &error));
        assert_int_equal(error.kind, ERROR_REQUEST);
        trajectory_free(&trajectory);
    }
    network_free(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rest_point_is_the_forward_pass_for_every_activation),
        cmocka_unit_test(a_network_without_hidden_layers_has_a_trajectory),
        cmocka_unit_test(linear_layers_follow_the_closed_form),
        cmocka_unit_test(forward_classes_of_linear_layers_sum_to_the_merged_neuron_at_all_times),
        cmocka_unit_test(forward_classes_of_square_layers_sum_to_the_new_neurons_at_all_times),
        cmocka_unit_test(backward_classes_sum_to_the_weighted_merged_neuron_at_all_times),
        cmocka_unit_test(joint_classes_sum_to_the_weighted_merged_neuron_at_all_times),
        cmocka_unit_test(forward_classes_of_other_activations_count_their_members),
        cmocka_unit_test(a_class_of_zero_rows_stands_for_a_sum_of_zero),
        cmocka_unit_test(the_largest_gap_is_named_with_its_time),
        cmocka_unit_test(a_trajectory_can_be_stopped_anywhere),
        cmocka_unit_test(large_weights_cost_no_more_steps),
        cmocka_unit_test(an_overflow_names_the_layer_and_the_time),
        cmocka_unit_test(times_that_make_no_trajectory_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
