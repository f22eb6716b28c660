/* The engine against the naive version on random networks, and the events it steps through. */
#include "random_network.h"

#include "lumpscope/distance.h"
#include "lumpscope/naive.h"
#include "lumpscope/refine.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 40, EVENTS_MOST = 64, COMBINATIONS = 67 };

/* Relation x linkage x norm x scale x balance by number; joint has the linkage only, the last is
 * agglomerate. */
static struct options combination(size_t number) {
    struct options options;
    options_defaults(&options, number >= 64);
    options.linkage = number & 1 ? LINKAGE_CHAIN : LINKAGE_COMPLETE;
    options.refit = false;
    if (number == 66)
        options.linkage = LINKAGE_AGGLOMERATE;
    if (number >= 64)
        return options;
    options.relation = number & 2 ? RELATION_FORWARD : RELATION_BACKWARD;
    options.scale = number & 4 ? SCALE_ABSOLUTE : SCALE_RELATIVE;
    options.balance = number & 8;
    options.norm = (enum norm)(number >> 4);
    return options;
}

struct checked {
    size_t partitions, distances, engines, events;
};

static void fail_at(const struct refine *refine, const char *what) {
    const struct options *options = refine_options(refine);
    const struct network *network = refine_prepared(refine)->network;
    print_error("%s %s %s %s balance %d, epsilon %.17g:", relation_name(options->relation),
                linkage_name(options->linkage), norm_name(options->norm),
                scale_name(options->scale), options->balance, refine_epsilon(refine));
    for (size_t l = 0; l < network->depth; l++)
        print_error(" %zu %s", network->layers[l].neurons,
                    activation_name(network->layers[l].activation.kind));
    print_error("\n");
    fail_msg("%s", what);
}

static bool naive_agrees(const struct refine *refine, double epsilon) {
    struct error error = {0};
    struct partition live;
    must(naive_partition(refine_prepared(refine), refine_options(refine),
                         refine_calibration(refine), epsilon, &live, &error),
         &error);
    bool same = partition_equal(&live, refine_live_partition(refine));
    partition_free(&live);
    return same;
}

static void check_epsilon(struct refine *refine, double epsilon, struct checked *checked) {
    struct error error = {0};
    must(refine_set_epsilon(refine, epsilon, NULL, &error), &error);
    if (!naive_agrees(refine, epsilon))
        fail_at(refine, "classes are not those of the definition");
    checked->partitions++;
}

/* Distances of the current classes: all, row by row and by definition. */
static void check_distances(const struct refine *refine, struct checked *checked) {
    struct error error = {0};
    const struct prepared *prepared = refine_prepared(refine);
    for (size_t l = 1; l <= prepared->hidden; l++) {
        size_t n = prepared->network->layers[l - 1].neurons;
        double *naive = calloc(n * n, sizeof *naive), *row = calloc(n, sizeof *row), unit;
        double *all = refine_all_distances(refine, l, &error), largest = 0;
        must(all, &error);
        must(naive_distances(prepared, refine_options(refine), refine_calibration(refine),
                             refine_live_partition(refine), l, naive, &unit, &error),
             &error);
        for (size_t k = 0; k < n * n; k++)
            largest = fmax(largest, naive[k]);
        for (size_t i = 0; i < n; i++) {
            must(refine_distances(refine, l, i, row, &error), &error);
            for (size_t j = 0; j < n; j++) {
                double expected = naive[i * n + j];
                double room = 1e-9 * fmax(expected, 1e-3 * largest) + 1e-13 * unit;
                if (fabs(row[j] - expected) > room)
                    fail_at(refine, "a row of distances is not that of the definition");
                if (i < j && fabs(all[distance_index(n, i, j)] - expected) > room)
                    fail_at(refine, "a distance is not that of the definition");
                checked->distances++;
            }
        }
        free(naive);
        free(row);
        free(all);
    }
}

/* Heights nearer than the tolerance are one event, which may go by either. */
static bool same_event(double a, double b) {
    return fabs(a - b) <= 2e-12 * fmax(1, b);
}

/* Steps through all events: each larger than the one before, each with other classes, the naive
 * classes there and half way to the next. Returns how many, 0 included. */
static size_t step_forward(struct refine *refine, double *events, struct partition *partitions,
                           struct checked *checked) {
    struct error error = {0};
    size_t count = 0;
    check_epsilon(refine, 0, checked);
    for (;;) {
        if (refine_event(refine) != refine_epsilon(refine))
            fail_at(refine, "standing on an event, the engine names another one");
        events[count] = refine_epsilon(refine);
        must(partition_copy(&partitions[count++], refine_live_partition(refine), &error), &error);
        double next = refine_next_event(refine, NULL);
        if (count > 1 && partition_equal(&partitions[count - 1], &partitions[count - 2]))
            fail_at(refine, "an event that changes nothing");
        if (isnan(next) || count == EVENTS_MOST)
            return count;
        if (!(next > refine_epsilon(refine)))
            fail_at(refine, "the next event is not larger");
        double between = refine_epsilon(refine) / 2 + next / 2;
        check_epsilon(refine, between, checked);
        bool apart = !same_event(events[count - 1], between);
        if (apart && !partition_equal(&partitions[count - 1], refine_live_partition(refine)))
            fail_at(refine, "classes change between events");
        if ((apart && refine_next_event(refine, NULL) != next) ||
            !same_event(refine_event(refine), events[count - 1]))
            fail_at(refine, "events depend on where between them the engine stands");
        check_epsilon(refine, next, checked);
    }
}

static void check_stepping(const struct network *network, struct refine *refine,
                           const struct matrix *rows, struct checked *checked) {
    struct error error = {0};
    double events[EVENTS_MOST];
    struct partition partitions[EVENTS_MOST];
    size_t count = step_forward(refine, events, partitions, checked);
    for (size_t k = count - 1; k > 0; k--) {
        if (!refine_step_back(refine, NULL, &error))
            fail_at(refine, "no step back from an event");
        if (!same_event(refine_epsilon(refine), events[k - 1]) ||
            !partition_equal(refine_live_partition(refine), &partitions[k - 1]))
            fail_at(refine, "stepping back does not retrace the steps");
    }
    if (refine_step_back(refine, NULL, &error) || error.kind != ERROR_NONE)
        fail_at(refine, "a step back from epsilon 0");
    struct refine *fresh = refine_new(network, refine_options(refine), rows, NULL, &error);
    must(fresh, &error);
    for (size_t k = count; k-- > 0;) {
        must(refine_set_epsilon(fresh, events[k], NULL, &error), &error);
        if (!partition_equal(refine_live_partition(fresh), &partitions[k]))
            fail_at(fresh, "another network at an event than stepping there gave");
    }
    refine_free(fresh);
    for (size_t k = 0; k < count; k++)
        partition_free(&partitions[k]);
    checked->events += count;
}

/* Refusals that are right: ERODE's norm on other layers, joint without spread of the output. */
static bool refused_rightly(const struct network *network, const struct options *options,
                            const struct matrix *rows, const struct error *error) {
    if (error->kind != ERROR_REQUEST)
        return false;
    if (options->relation == RELATION_JOINT) {
        struct matrix out = outputs_of(network, rows);
        bool constant = true;
        for (size_t k = out.columns; k < out.rows * out.columns; k++)
            constant = constant && fabs(out.data[k] - out.data[k % out.columns]) < 1e-12;
        matrix_free(&out);
        return constant && strstr(error->text, "constant");
    }
    return options->norm == NORM_ERODE && strstr(error->text, "--norm erode");
}

static void check_combination(const struct network *network, const struct matrix *rows,
                              struct options options, struct checked *checked) {
    struct error error = {0};
    struct refine *refine = refine_new(network, &options, rows, NULL, &error);
    if (!refine) {
        if (!refused_rightly(network, &options, rows, &error))
            fail_msg("%s", error.text);
        return;
    }
    checked->engines++;
    check_distances(refine, checked);
    check_stepping(network, refine, rows, checked);
    must(refine_set_epsilon(refine, 0.3, NULL, &error), &error);
    check_distances(refine, checked);
    check_epsilon(refine, 1e9, checked);
    check_distances(refine, checked);
    refine_free(refine);
}

static void check_network(const struct network *network, struct rng *rng, struct checked *checked) {
    struct matrix rows = random_rows(rng, ROWS, network_inputs(network));
    for (size_t c = 0; c < COMBINATIONS; c++) {
        struct options options = combination(c);
        if (network_hidden(network) > 0 && random_below(rng, 5) == 0)
            options_lock(&options, 1 + random_below(rng, network_hidden(network)), true);
        check_combination(network, &rows, options, checked);
    }
    matrix_free(&rows);
}

static void report(const struct checked *checked) {
    print_message("%zu engines, %zu events, %zu partitions, %zu distances against the naive "
                  "version\n",
                  checked->engines, checked->events, checked->partitions, checked->distances);
}

static void random_networks_are_refined_as_the_definition_says(void **state) {
    (void)state;
    struct checked checked = {0};
    struct rng rng;
    rng_seed(&rng, 7);
    for (size_t k = 0; k < 60; k++) {
        struct network *network = random_network_any(&rng);
        check_network(network, &rng, &checked);
        network_free(network);
    }
    report(&checked);
    assert_true(checked.engines > 2000 && checked.partitions > 20000);
}

static void every_activation_is_refined_as_the_definition_says(void **state) {
    (void)state;
    struct checked checked = {0};
    struct rng rng;
    rng_seed(&rng, 8);
    for (size_t a = 0; a < random_activation_count(); a++) {
        struct activation given[3] = {random_activation(a), random_activation(a),
                                      random_activation(a)};
        struct network *network = random_network(&rng, (size_t[]){2, 6, 5, 2}, given, 3);
        plant_scaled(network, 1, 0, 3, 1, 1);
        plant_scaled(network, 2, 1, 4, 2, 0.5);
        check_network(network, &rng, &checked);
        network_free(network);
    }
    report(&checked);
    assert_true(checked.engines > 19 * 50);
}

/* Square and linear layers only, which alone ERODE's norm and classes of consumers reach. */
static void square_and_linear_networks_are_refined_as_the_definition_says(void **state) {
    (void)state;
    struct checked checked = {0};
    struct rng rng;
    rng_seed(&rng, 9);
    for (size_t k = 0; k < 16; k++) {
        struct activation given[4];
        for (size_t l = 0; l < 4; l++)
            given[l] = random_activation(k >> l & 1);
        struct network *network = random_network(&rng, (size_t[]){2, 5, 6, 4, 2}, given, 4);
        plant_scaled(network, 1, 0, 3, 1, 1);
        plant_scaled(network, 2, 1, 4, 1, 1);
        plant_scaled(network, 3, 0, 2, 1, 1);
        check_network(network, &rng, &checked);
        network_free(network);
    }
    report(&checked);
    assert_int_equal(checked.engines, 16 * COMBINATIONS);
}

/* A layer whose coefficients are large must not hide the events of one whose are small. */
static void stepping_back_sees_the_events_of_small_layers_beside_large_ones(void **state) {
    (void)state;
    struct error error = {0};
    struct rng rng;
    rng_seed(&rng, 10);
    struct checked checked = {0};
    struct network *network = random_network_of(&rng, (size_t[]){2, 6, 6, 2}, 3, ACTIVATION_RELU);
    for (size_t k = 0; k < 36; k++)
        network->layers[1].weights[k] *= 1e6;
    for (size_t k = 0; k < 12; k++)
        network->layers[2].weights[k] *= 1e-8;
    struct options options = combination(2 | 4);
    struct refine *refine = refine_new(network, &options, NULL, NULL, &error);
    must(refine, &error);
    check_stepping(network, refine, NULL, &checked);
    assert_true(checked.events > 5);
    refine_free(refine);
    network_free(network);
}

struct stop {
    size_t after;
};

static bool stop_later(void *user, const char *what, size_t done, size_t total) {
    struct stop *stop = user;
    (void)what, (void)done, (void)total;
    return stop->after-- > 0;
}

/* Wherever the work is stopped, the engine stands where it stood. */
static void a_stopped_engine_stands_where_it_stood(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 11);
    struct network *network =
        random_network_of(&rng, (size_t[]){3, 14, 14, 14, 2}, 4, ACTIVATION_SQUARE);
    struct options options = combination(2);
    size_t stopped = 0;
    for (size_t after = 0; after < 40; after++) {
        struct error error = {0};
        struct stop stop = {after};
        struct progress progress = {stop_later, &stop};
        struct refine *refine = refine_new(network, &options, NULL, NULL, &error);
        must(refine, &error);
        struct partition before;
        must(partition_copy(&before, refine_partition(refine), &error), &error);
        if (!refine_set_epsilon(refine, 0.5, &progress, &error)) {
            assert_int_equal(error.kind, ERROR_CANCELLED);
            assert_true(refine_epsilon(refine) == 0);
            assert_true(partition_equal(&before, refine_partition(refine)));
            stopped++;
        } else {
            assert_false(partition_equal(&before, refine_partition(refine)));
        }
        assert_true(naive_agrees(refine, refine_epsilon(refine)));
        partition_free(&before);
        refine_free(refine);
    }
    assert_true(stopped > 5);
    network_free(network);
}

static void an_engine_that_is_stopped_while_it_starts_leaves_nothing_behind(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 12);
    struct network *network = random_network_of(&rng, (size_t[]){3, 20, 2}, 2, ACTIVATION_TANH);
    struct matrix rows = random_rows(&rng, ROWS, 3);
    size_t stopped = 0;
    for (size_t c = 0; c < COMBINATIONS; c++)
        for (size_t after = 0; after < 20; after++) {
            struct error error = {0};
            struct stop stop = {after};
            struct progress progress = {stop_later, &stop};
            struct options options = combination(c);
            options.refit = true;
            struct refine *refine = refine_new(network, &options, &rows, &progress, &error);
            if (!refine && error.kind == ERROR_CANCELLED)
                stopped++;
            refine_free(refine);
        }
    assert_true(stopped > COMBINATIONS);
    matrix_free(&rows);
    network_free(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_networks_are_refined_as_the_definition_says),
        cmocka_unit_test(every_activation_is_refined_as_the_definition_says),
        cmocka_unit_test(square_and_linear_networks_are_refined_as_the_definition_says),
        cmocka_unit_test(stepping_back_sees_the_events_of_small_layers_beside_large_ones),
        cmocka_unit_test(a_stopped_engine_stands_where_it_stood),
        cmocka_unit_test(an_engine_that_is_stopped_while_it_starts_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
