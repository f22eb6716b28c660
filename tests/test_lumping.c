/* What lumping must and must not change, whatever the network. */
#include "random_network.h"

#include "lumpscope/aggregate.h"
#include "lumpscope/refit.h"

#include <cblas.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 60 };

static struct options formal(enum relation relation, bool balance) {
    struct options options;
    options_defaults(&options, false);
    options.relation = relation;
    options.balance = balance;
    return options;
}

static struct options joint(bool refit) {
    struct options options;
    options_defaults(&options, true);
    options.refit = refit;
    return options;
}

static struct refine *engine(const struct network *network, const struct options *options,
                             const struct matrix *rows, double epsilon) {
    struct error error = {0};
    struct refine *refine = refine_new(network, options, rows, NULL, &error);
    must(refine, &error);
    must(refine_set_epsilon(refine, epsilon, NULL, &error), &error);
    return refine;
}

static struct network *reduced(const struct network *network, const struct options *options,
                               const struct matrix *rows, double epsilon) {
    struct refine *refine = engine(network, options, rows, epsilon);
    struct network *result = reduced_at(refine);
    refine_free(refine);
    return result;
}

/* The outputs at epsilon within `room`; returns how many neurons fewer. */
static size_t check_lossless(const struct network *network, const struct options *options,
                             const struct matrix *rows, double room) {
    struct network *small = reduced(network, options, rows, 0);
    double d = outputs_differ(network, small, rows);
    if (!(d <= room))
        fail_msg("%s %s, balance %d: outputs differ by %g",
                 activation_name(network->layers[0].activation.kind),
                 relation_name(options->relation), options->balance, d);
    size_t fewer = network_hidden_neurons(network) - network_hidden_neurons(small);
    network_free(small);
    return fewer;
}

/* Neurons that read the same (times a factor, where the activation allows), sending anything. */
static void backward_at_epsilon_0_leaves_the_outputs_as_they_are(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 1);
    size_t fewer = 0;
    for (size_t k = 0; k < 20 * random_activation_count(); k++) {
        struct activation a = random_activation(k % random_activation_count());
        struct network *network =
            random_network(&rng, (size_t[]){3, 7, 6, 5, 2}, (struct activation[]){a, a, a, {0}}, 4);
        for (size_t l = 1; l <= 3; l++) {
            plant_scaled(network, l, 0, 3, 1, rng_normal(&rng));
            plant_scaled(network, l, 1, 4, k & 1 ? 2.7 : -0.3, rng_normal(&rng));
        }
        struct matrix rows = random_rows(&rng, ROWS, 3);
        for (int balance = 0; balance < 2; balance++) {
            struct options options = formal(RELATION_BACKWARD, balance);
            fewer += check_lossless(network, &options, &rows, 1e-12);
        }
        matrix_free(&rows);
        network_free(network);
    }
    /* At least the copies of each of the three layers, with and without balance. */
    assert_true(fewer >= 20 * random_activation_count() * 6);
}

static void check_forward(enum activation_kind kind, double factor, double room, size_t least) {
    struct rng rng;
    rng_seed(&rng, 2);
    for (size_t k = 0; k < 100; k++) {
        struct network *network = random_network_of(&rng, (size_t[]){3, 7, 6, 5, 2}, 4, kind);
        for (size_t l = 1; l <= 3; l++) {
            plant_scaled(network, l, 0, 3, rng_normal(&rng), 1);
            plant_scaled(network, l, 1, 4, rng_normal(&rng), factor);
        }
        struct matrix rows = random_rows(&rng, ROWS, 3);
        struct options on = formal(RELATION_FORWARD, true), off = formal(RELATION_FORWARD, false);
        size_t fewer =
            check_lossless(network, &on, &rows, room) + check_lossless(network, &off, &rows, room);
        assert_true(fewer >= least);
        matrix_free(&rows);
        network_free(network);
    }
}

static void forward_linear_at_epsilon_0_leaves_the_outputs_as_they_are(void **state) {
    (void)state;
    check_forward(ACTIVATION_LINEAR, -1.7, 1e-12, 9);
}

/* A class of square layers may need as many neurons as it has members. */
static void forward_square_at_epsilon_0_leaves_the_outputs_as_they_are(void **state) {
    (void)state;
    check_forward(ACTIVATION_SQUARE, 1.7, 1e-8, 0);
}

/* Neurons that read and send the same. */
static void exact_duplicates_are_merged_without_loss_by_every_relation(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 3);
    for (size_t k = 0; k < 6 * random_activation_count(); k++) {
        struct activation a = random_activation(k % random_activation_count());
        if (a.kind == ACTIVATION_POLYNOMIAL && a.degree == 0)
            continue; /* every neuron equals every other: not about duplicates */
        struct network *network =
            random_network(&rng, (size_t[]){3, 8, 7, 2}, (struct activation[]){a, a, {0}}, 3);
        plant_scaled(network, 1, 2, 5, 1, 1);
        plant_scaled(network, 2, 1, 6, 1, 1);
        struct matrix rows = random_rows(&rng, ROWS, 3);
        struct options all[] = {formal(RELATION_FORWARD, true), formal(RELATION_FORWARD, false),
                                formal(RELATION_BACKWARD, true), formal(RELATION_BACKWARD, false),
                                joint(false)};
        for (size_t o = 0; o < sizeof all / sizeof *all; o++) {
            struct refine *refine = engine(network, &all[o], &rows, 0);
            const struct partition *partition = refine_partition(refine);
            assert_int_equal(partition->layer[0].class_of[2], partition->layer[0].class_of[5]);
            assert_int_equal(partition->layer[1].class_of[1], partition->layer[1].class_of[6]);
            refine_free(refine);
            check_lossless(network, &all[o], &rows, a.kind == ACTIVATION_SQUARE ? 1e-8 : 1e-10);
        }
        matrix_free(&rows);
        network_free(network);
    }
}

static void preparing_does_not_change_the_outputs(void **state) {
    (void)state;
    struct error error = {0};
    struct rng rng;
    rng_seed(&rng, 4);
    size_t dead = 0;
    for (size_t k = 0; k < 600; k++) {
        struct network *network = random_network_any(&rng);
        struct matrix rows = random_rows(&rng, ROWS, network_inputs(network));
        struct options all[] = {formal(RELATION_FORWARD, true), formal(RELATION_FORWARD, false),
                                formal(RELATION_BACKWARD, true), joint(true)};
        for (size_t o = 0; o < sizeof all / sizeof *all; o++) {
            struct prepared prepared;
            must(prepared_init(&prepared, network, &all[o], &error), &error);
            double d = outputs_differ(network, prepared.network, &rows);
            if (!(d <= 1e-12))
                fail_msg("network %zu, %s: %g", k, relation_name(all[o].relation), d);
            dead += network_hidden_neurons(network) - network_hidden_neurons(prepared.network);
            prepared_free(&prepared);
        }
        matrix_free(&rows);
        network_free(network);
    }
    assert_true(dead > 100);
}

static bool is_nested(const struct partition *fine, const struct partition *coarse) {
    for (size_t l = 0; l < fine->layers; l++)
        for (size_t i = 0; i < fine->layer[l].neurons; i++)
            for (size_t j = 0; j < i; j++)
                if (fine->layer[l].class_of[i] == fine->layer[l].class_of[j] &&
                    coarse->layer[l].class_of[i] != coarse->layer[l].class_of[j])
                    return false;
    return true;
}

static void check_nested(const struct network *network, const struct options *options,
                         const struct matrix *rows) {
    struct error error = {0};
    struct refine *refine = refine_new(network, options, rows, NULL, &error);
    if (!refine && options->relation == RELATION_JOINT && strstr(error.text, "constant"))
        return;
    must(refine, &error);
    for (;;) {
        struct partition before;
        must(partition_copy(&before, refine_partition(refine), &error), &error);
        double next = refine_next_event(refine, NULL);
        must(isnan(next) || refine_set_epsilon(refine, next, NULL, &error), &error);
        if (!is_nested(&before, refine_partition(refine)))
            fail_msg("%s %s: classes split at %g", relation_name(options->relation),
                     linkage_name(options->linkage), next);
        partition_free(&before);
        if (isnan(next))
            break;
    }
    refine_free(refine);
}

static void classes_only_grow_where_the_method_says_so(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 5);
    for (size_t k = 0; k < 150; k++) {
        struct network *network = random_network_any(&rng);
        bool steep = false;
        for (size_t l = 0; l < network->depth; l++)
            steep = steep || (network->layers[l].activation.kind == ACTIVATION_POLYNOMIAL &&
                              network->layers[l].activation.degree > 2);
        struct matrix rows = random_rows(&rng, ROWS, network_inputs(network));
        for (int linkage = 0; linkage < 2; linkage++) {
            struct options options = joint(false);
            options.linkage = (enum linkage)linkage;
            check_nested(network, &options, &rows);
        }
        for (int relation = 0; relation < 4; relation++) {
            struct options options = formal((enum relation)(relation / 2), relation % 2);
            options.linkage = LINKAGE_CHAIN;
            options.scale = SCALE_ABSOLUTE;
            if (!steep || options.relation == RELATION_BACKWARD)
                check_nested(network, &options, &rows);
        }
        matrix_free(&rows);
        network_free(network);
    }
}

/* Swaps two neurons of hidden layer l. */
static void swap_neurons(struct network *network, size_t l, size_t a, size_t b) {
    struct layer *layer = &network->layers[l - 1], *consumer = &network->layers[l];
    for (size_t k = 0; k <= layer->inputs; k++) {
        bool bias = k == layer->inputs;
        double *x = bias ? &layer->bias[a] : &layer->weights[a * layer->inputs + k];
        double *y = bias ? &layer->bias[b] : &layer->weights[b * layer->inputs + k];
        double kept = *x;
        *x = *y;
        *y = kept;
    }
    for (size_t i = 0; i < consumer->neurons; i++) {
        double *row = consumer->weights + i * consumer->inputs, kept = row[a];
        row[a] = row[b];
        row[b] = kept;
    }
}

static void the_order_of_neurons_does_not_matter(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 6);
    for (size_t k = 0; k < 4 * random_activation_count(); k++) {
        struct activation a = random_activation(k % random_activation_count());
        struct network *network =
            random_network(&rng, (size_t[]){3, 8, 7, 2}, (struct activation[]){a, a, {0}}, 3);
        struct error error = {0};
        struct network *swapped = network_copy(network, &error);
        must(swapped, &error);
        swap_neurons(swapped, 1, 2, 7);
        swap_neurons(swapped, 2, 0, 5);
        struct matrix rows = random_rows(&rng, ROWS, 3);
        struct options all[] = {formal(RELATION_FORWARD, true), formal(RELATION_BACKWARD, true),
                                joint(false)};
        for (size_t o = 0; o < 3 && !(a.kind == ACTIVATION_POLYNOMIAL && a.degree == 0); o++) {
            struct network *x = reduced(network, &all[o], &rows, 0.4);
            struct network *y = reduced(swapped, &all[o], &rows, 0.4);
            assert_int_equal(network_parameters(x), network_parameters(y));
            assert_true(outputs_differ(x, y, &rows) < 1e-9);
            network_free(x);
            network_free(y);
        }
        matrix_free(&rows);
        network_free(network);
        network_free(swapped);
    }
}

static void square_classes_give_as_many_neurons_as_they_need_and_may(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 7);
    for (size_t rank = 0; rank < 4; rank++) {
        struct network *network =
            random_network_of(&rng, (size_t[]){2, 12, 9, 2}, 3, ACTIVATION_SQUARE);
        plant_zero_row(network, 1, 4);
        struct options options = formal(RELATION_FORWARD, true);
        options.rank = rank;
        for (double epsilon = 0; epsilon < 4; epsilon += 0.25) {
            struct refine *refine = engine(network, &options, NULL, epsilon);
            struct network *small = reduced_at(refine);
            for (size_t l = 0; l < 2; l++) {
                const struct classes *classes = &refine_partition(refine)->layer[l];
                size_t most = 0, size[12] = {0};
                for (size_t i = 0; i < classes->neurons; i++)
                    size[classes->class_of[i]]++;
                for (size_t c = 0; c < classes->count; c++) {
                    size_t cap = small->layers[l].inputs + 1;
                    if (rank && rank < cap)
                        cap = rank;
                    most += size[c] < cap ? size[c] : cap;
                }
                assert_true(small->layers[l].neurons <= most);
                if (rank == 0 && epsilon == 0) /* all but the zero row */
                    assert_int_equal(small->layers[l].neurons, l == 0 ? 11 : 9);
            }
            network_free(small);
            refine_free(refine);
        }
        network_free(network);
    }
}

static void a_layer_keeps_a_neuron(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 8);
    for (size_t a = 0; a < random_activation_count(); a++) {
        struct activation given = random_activation(a);
        struct network *network = random_network(&rng, (size_t[]){2, 4, 3, 2},
                                                 (struct activation[]){given, given, {0}}, 3);
        for (size_t i = 0; i < 4; i++)
            plant_zero_row(network, 1, i);
        for (size_t i = 0; i < 3; i++)
            plant_dead(network, 2, i);
        struct matrix rows = random_rows(&rng, ROWS, 2);
        for (int relation = 0; relation < 2; relation++) {
            struct options options = formal((enum relation)relation, true);
            struct network *small = reduced(network, &options, &rows, 5);
            assert_int_equal(small->layers[1].neurons, 1);
            assert_true(outputs_differ(network, small, &rows) < 1e-12);
            network_free(small);
        }
        matrix_free(&rows);
        network_free(network);
    }
}

static double residual(const struct layer *layer, const struct matrix *x,
                       const struct matrix *target) {
    struct matrix u;
    struct error error = {0};
    must(matrix_init(&u, x->rows, layer->neurons, &error), &error);
    layer_preactivations(layer, x->data, x->rows, u.data);
    double sum = 0;
    for (size_t k = 0; k < x->rows * layer->neurons; k++)
        sum += (u.data[k] - target->data[k]) * (u.data[k] - target->data[k]);
    matrix_free(&u);
    return sum;
}

/* Fewer rows than inputs, columns that are equal, zero, constant, huge or tiny: never worse. */
static void refit_is_never_worse_than_no_refit(void **state) {
    (void)state;
    struct error error = {0};
    struct rng rng;
    rng_seed(&rng, 9);
    for (size_t k = 0; k < 300; k++) {
        size_t n = k % 7 ? 1 + random_below(&rng, 40) : 1, m = 1 + random_below(&rng, 12);
        size_t sizes[] = {m, 1 + random_below(&rng, 4)};
        struct network *network = random_network(&rng, sizes, (struct activation[]){{0}}, 1);
        struct matrix x = random_rows(&rng, n, m), target = random_rows(&rng, n, sizes[1]);
        for (size_t r = 0; r < n; r++) {
            static const double scale[] = {1, 0, 1e-200, 1e200, 1e-9, 1e9};
            matrix_row(&x, r)[0] *= scale[k % 6];
            matrix_row(&x, r)[m - 1] = k % 2 ? matrix_row(&x, r)[0] : 3;
        }
        double before = residual(&network->layers[0], &x, &target);
        must(refit_layer(&network->layers[0], &x, &target, NULL, &error), &error);
        double after = residual(&network->layers[0], &x, &target);
        if (!(after <= before * (1 + 1e-9)) && !(isinf(before) && isinf(after)))
            fail_msg("case %zu: %g after %g", k, after, before);
        matrix_free(&x);
        matrix_free(&target);
        network_free(network);
    }
}

static void networks_equal(const struct network *a, const struct network *b) {
    for (size_t l = 0; l < a->depth; l++) {
        const struct layer *x = &a->layers[l], *y = &b->layers[l];
        assert_int_equal(x->neurons, y->neurons);
        assert_int_equal(x->inputs, y->inputs);
        assert_memory_equal(x->weights, y->weights, x->neurons * x->inputs * sizeof(double));
        assert_memory_equal(x->bias, y->bias, x->neurons * sizeof(double));
    }
}

/* The same bits again, and on more than one thread. */
static void results_do_not_depend_on_threads(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 10);
    static const enum activation_kind kinds[] = {ACTIVATION_SQUARE, ACTIVATION_TANH,
                                                 ACTIVATION_RELU};
    for (size_t k = 0; k < 3; k++) {
        struct network *network = random_network_of(&rng, (size_t[]){6, 80, 70, 5}, 3, kinds[k]);
        struct matrix rows = random_rows(&rng, 300, 6);
        struct options all[] = {formal(RELATION_FORWARD, true), formal(RELATION_BACKWARD, true),
                                joint(true)};
        all[0].refit = all[1].refit = true;
        for (size_t o = 0; o < 3; o++) {
            double epsilon = o < 2 ? 2 : 0.02;
            openblas_set_num_threads(1);
            struct network *first = reduced(network, &all[o], &rows, epsilon);
            struct network *again = reduced(network, &all[o], &rows, epsilon);
            openblas_set_num_threads(2);
            struct network *threads = reduced(network, &all[o], &rows, epsilon);
            assert_true(network_parameters(first) < network_parameters(network));
            networks_equal(first, again);
            networks_equal(first, threads);
            network_free(first);
            network_free(again);
            network_free(threads);
        }
        matrix_free(&rows);
        network_free(network);
    }
}

static bool all_finite(const struct network *network) {
    for (size_t l = 0; l < network->depth; l++) {
        const struct layer *layer = &network->layers[l];
        for (size_t k = 0; k < layer->neurons * layer->inputs; k++)
            if (!isfinite(layer->weights[k]))
                return false;
        for (size_t i = 0; i < layer->neurons; i++)
            if (!isfinite(layer->bias[i]))
                return false;
    }
    return true;
}

/* Rows or columns near the ends of the range of doubles, in networks whose function is tame. */
static void weights_of_any_size_are_lumped(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 11);
    static const enum activation_kind kinds[] = {ACTIVATION_LINEAR, ACTIVATION_RELU,
                                                 ACTIVATION_LEAKY_RELU, ACTIVATION_SQUARE};
    static const double sizes[] = {1e-300, 1e-200, 1e-120, 1e120, 1e200, 1e300};
    for (size_t k = 0; k < 4 * 6; k++) {
        double size = sizes[k / 4];
        bool square = kinds[k % 4] == ACTIVATION_SQUARE;
        if (square && (size < 1e-120 || size > 1e120))
            continue; /* its square is out of range */
        struct network *network = random_network_of(&rng, (size_t[]){3, 6, 2}, 2, kinds[k % 4]);
        plant_scaled(network, 1, 0, 3, 1, 0.5);
        for (size_t i = 0; i < 6; i++)
            plant_scaled(network, 1, i, i, size, 1 / (square ? size * size : size));
        struct matrix rows = random_rows(&rng, ROWS, 3);
        struct options backward = formal(RELATION_BACKWARD, true);
        struct options all[] = {backward, formal(RELATION_FORWARD, true), joint(true)};
        assert_true(check_lossless(network, &backward, &rows, 1e-12) > 0);
        for (size_t o = 0; o < 3; o++)
            for (double epsilon = 0; epsilon < 3; epsilon += 0.5) {
                struct network *small = reduced(network, &all[o], &rows, epsilon);
                assert_true(all_finite(small));
                assert_true(epsilon > 0 || (kinds[k % 4] != ACTIVATION_SQUARE && o == 1) ||
                            outputs_differ(network, small, &rows) < 1e-7);
                network_free(small);
            }
        matrix_free(&rows);
        network_free(network);
    }
}

/* Raw weights so large that lengths and products overflow: an answer or a refusal, no nonsense. */
static void raw_weights_of_1e200_are_answered(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 12);
    for (size_t k = 0; k < 8 * random_activation_count(); k++) {
        struct activation a = random_activation(k % random_activation_count());
        struct network *network =
            random_network(&rng, (size_t[]){2, 5, 5, 2}, (struct activation[]){a, a, {0}}, 3);
        plant_scaled(network, 1, 0, 3, 1, 1);
        struct layer *large = &network->layers[k / random_activation_count() % 3];
        for (size_t w = 0; w < large->neurons * large->inputs; w++)
            large->weights[w] *= 1e200;
        struct matrix rows = random_rows(&rng, ROWS, 2);
        for (size_t o = 0; o < 8; o++) {
            struct options options = o < 6 ? formal((enum relation)(o & 1), o & 2) : joint(o & 1);
            options.scale = o & 4 ? SCALE_ABSOLUTE : SCALE_RELATIVE;
            options.norm = k & 8 ? NORM_L2 : NORM_L1;
            struct error error = {0};
            struct refine *refine = refine_new(network, &options, &rows, NULL, &error);
            if (!refine) {
                assert_int_equal(error.kind, ERROR_REQUEST);
                continue;
            }
            /* Neurons that differ this much are not equal, except where the output does not feel
             * them at all, to which joint comes at saturated sigmoids. */
            if (o < 6 && (a.kind != ACTIVATION_POLYNOMIAL || a.degree > 0))
                assert_true(partition_classes(refine_partition(refine)) > 5);
            for (double epsilon = 0; epsilon < 3; epsilon += 1) {
                must(refine_set_epsilon(refine, epsilon, NULL, &error), &error);
                struct network *small = aggregate_network(refine, NULL, NULL, &error);
                if (!small)
                    assert_int_equal(error.kind, ERROR_REQUEST);
                network_free(small);
            }
            refine_free(refine);
        }
        matrix_free(&rows);
        network_free(network);
    }
}

/* Depth 1, layers of one neuron, one calibration row, none, fewer rows than neurons. */
static void small_networks_and_few_rows_are_served(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 13);
    for (size_t k = 0; k < 300; k++) {
        struct network *network = random_network_any(&rng);
        struct matrix rows = random_rows(&rng, k % 4, network_inputs(network));
        struct options all[] = {formal(RELATION_FORWARD, true), formal(RELATION_BACKWARD, true),
                                joint(true)};
        all[0].refit = all[1].refit = true;
        for (size_t o = 0; o < 3; o++) {
            struct error error = {0};
            struct refine *refine = refine_new(network, &all[o], &rows, NULL, &error);
            if (!refine) { /* joint of less than two rows, or of a constant output */
                assert_int_equal(error.kind, ERROR_REQUEST);
                assert_true(o == 2 && strstr(error.text, "constant"));
                continue;
            }
            assert_true(o < 2 || rows.rows > 1);
            must(refine_set_epsilon(refine, 0.5, NULL, &error), &error);
            struct network *small = reduced_at(refine);
            assert_true(all_finite(small));
            network_free(small);
            refine_free(refine);
        }
        matrix_free(&rows);
        network_free(network);
    }
}

/* Outputs that differ by rounding only have no spread to measure by. */
static void joint_refuses_a_constant_output(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 14);
    for (size_t k = 0; k < 50; k++) {
        struct network *network =
            random_network_of(&rng, (size_t[]){2, 4, 1 + k % 3}, 2, ACTIVATION_TANH);
        for (size_t i = 0; i < 4; i++)
            plant_dead(network, 1, i);
        struct matrix rows = random_rows(&rng, 3 + k, 2);
        struct options options = joint(true);
        struct error error = {0};
        assert_null(refine_new(network, &options, &rows, NULL, &error));
        assert_int_equal(error.kind, ERROR_REQUEST);
        assert_non_null(strstr(error.text, "constant"));
        matrix_free(&rows);
        network_free(network);
    }
}

/* The same network with `count` of its outputs, from `first` on. */
static struct network *some_outputs(const struct network *network, size_t first, size_t count) {
    struct error error = {0};
    struct network *part = network_copy(network, &error);
    must(part, &error);
    struct layer *last = &part->layers[part->depth - 1];
    memmove(last->weights, last->weights + first * last->inputs,
            count * last->inputs * sizeof(double));
    last->neurons = count;
    return part;
}

static void add_sensitivities(const struct network *network, const struct matrix *rows,
                              uint64_t seed, double share, double *squares) {
    struct error error = {0};
    struct calibration calibration;
    must(calibration_init(&calibration, network, rows, true, seed, NULL, &error), &error);
    for (size_t m = 0; m < network->layers[1].neurons; m++)
        squares[m] += share * pow(calibration.sensitivity[0][m], 2);
    calibration_free(&calibration);
}

/* Beyond 16 outputs sensitivities are measured with random combinations: right on average. */
static void probes_measure_what_outputs_one_by_one_do(void **state) {
    (void)state;
    enum { HIDDEN = 6, OUTPUTS = 20, SEEDS = 400 };
    struct rng rng;
    rng_seed(&rng, 16);
    struct network *network =
        random_network_of(&rng, (size_t[]){3, 5, HIDDEN, OUTPUTS}, 3, ACTIVATION_TANH);
    struct matrix rows = random_rows(&rng, ROWS, 3);
    double exact[HIDDEN] = {0}, probed[HIDDEN] = {0};
    for (size_t half = 0; half < 2; half++) {
        struct network *part = some_outputs(network, half * OUTPUTS / 2, OUTPUTS / 2);
        add_sensitivities(part, &rows, 1, 1, exact);
        network_free(part);
    }
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        add_sensitivities(network, &rows, seed, 1.0 / SEEDS, probed);
    for (size_t m = 0; m < HIDDEN; m++)
        assert_true(fabs(probed[m] / exact[m] - 1) < 0.05);
    matrix_free(&rows);
    network_free(network);
}

static void joint_without_rows_is_refused(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 15);
    struct network *network = random_network_of(&rng, (size_t[]){2, 4, 1}, 2, ACTIVATION_TANH);
    struct options options = joint(true);
    struct error error = {0};
    assert_null(refine_new(network, &options, NULL, NULL, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    network_free(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backward_at_epsilon_0_leaves_the_outputs_as_they_are),
        cmocka_unit_test(forward_linear_at_epsilon_0_leaves_the_outputs_as_they_are),
        cmocka_unit_test(forward_square_at_epsilon_0_leaves_the_outputs_as_they_are),
        cmocka_unit_test(exact_duplicates_are_merged_without_loss_by_every_relation),
        cmocka_unit_test(preparing_does_not_change_the_outputs),
        cmocka_unit_test(classes_only_grow_where_the_method_says_so),
        cmocka_unit_test(the_order_of_neurons_does_not_matter),
        cmocka_unit_test(square_classes_give_as_many_neurons_as_they_need_and_may),
        cmocka_unit_test(a_layer_keeps_a_neuron),
        cmocka_unit_test(refit_is_never_worse_than_no_refit),
        cmocka_unit_test(results_do_not_depend_on_threads),
        cmocka_unit_test(weights_of_any_size_are_lumped),
        cmocka_unit_test(raw_weights_of_1e200_are_answered),
        cmocka_unit_test(small_networks_and_few_rows_are_served),
        cmocka_unit_test(joint_refuses_a_constant_output),
        cmocka_unit_test(joint_without_rows_is_refused),
        cmocka_unit_test(probes_measure_what_outputs_one_by_one_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
