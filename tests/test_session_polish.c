/* Polishing in the session: the figure is that of the library's polished network, what comes after
 * it drops it, and files hold it. */
#include "random_network.h"
#include "session_twin.h"

#include "lumpscope/file.h"
#include "lumpscope/model_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct twin_place make_place(size_t width, size_t rows) {
    struct rng rng;
    rng_seed(&rng, 9);
    return twin_place_make(
        random_network_of(&rng, (size_t[]){3, width, width / 2, 2}, 3, ACTIVATION_TANH), rows);
}

/* The same by hand, at an epsilon. */
static struct network *polish_by_hand(const struct twin_place *place, double epsilon,
                                      size_t iterations, struct metrics *metrics) {
    struct options options;
    struct error error = {0};
    options_defaults(&options, true);
    options.polish = iterations;
    struct twin twin = twin_make(place, &options);
    struct network *polished = study_reduce(&twin.study, epsilon, true, metrics, NULL, &error);
    must(polished, &error);
    twin_free(&twin);
    return polished;
}

static void must_polish(struct session *session, size_t iterations) {
    struct error error = {0};
    must(session_polish(session, iterations, &error), &error);
}

/* Waits until the session is at work on it. */
static void await_polishing(struct session *session) {
    for (bool there = false; !there; usleep(500)) {
        struct snapshot *shown = session_latest(session);
        there = shown->work == WORK_POLISHING;
        snapshot_release(shown);
    }
}

static void assert_weights_equal(const struct network *a, const struct network *b) {
    assert_int_equal(a->depth, b->depth);
    for (size_t l = 0; l < a->depth; l++) {
        const struct layer *x = &a->layers[l], *y = &b->layers[l];
        assert_int_equal(x->neurons, y->neurons);
        assert_memory_equal(x->weights, y->weights, x->neurons * x->inputs * sizeof(double));
        assert_memory_equal(x->bias, y->bias, x->neurons * sizeof(double));
    }
}

static void the_figure_is_that_of_the_polished_network(void **state) {
    (void)state;
    struct twin_place place = make_place(12, 400);
    struct session *session = twin_place_open(&place);
    session_step(session, 7);
    must_polish(session, 20);
    struct snapshot *shown = settled(session);
    struct metrics metrics;
    network_free(polish_by_hand(&place, shown->epsilon, 20, &metrics));
    assert_int_equal(shown->polished.state, FIGURE_EXACT);
    assert_true(shown->polished.value == metrics.mse);
    assert_true(shown->polished.value != shown->after.value);
    assert_int_equal(shown->curve[CURVE_POLISH].count, 1);
    assert_true(shown->curve[CURVE_POLISH].points[0].figure == metrics.mse);
    assert_true(shown->curve[CURVE_POLISH].points[0].epsilon == shown->epsilon);
    assert_non_null(strstr(shown->message, "polished: test MSE"));
    assert_int_equal(shown->options.polish, 0); /* which network a loss is measured on stays */
    snapshot_release(shown);
    session_free(session);
    twin_place_remove(&place);
}

/* Points stay, ordered by epsilon, one for each; a sweep keeps them, other options do not. */
static void polished_points_stay_in_the_plot(void **state) {
    (void)state;
    struct twin_place place = make_place(12, 300);
    struct session *session = twin_place_open(&place);
    static const int steps[] = {6, -2, 1, -1};
    struct error error = {0};
    for (int k = 0; k < 4; k++) {
        session_step(session, steps[k]);
        must_polish(session, 5);
        snapshot_release(settled(session));
    }
    session_sweep(session, 6);
    struct snapshot *shown = settled(session);
    const struct curve *curve = &shown->curve[CURVE_POLISH];
    assert_int_equal(curve->count, 3);
    assert_true(curve->points[0].epsilon < curve->points[1].epsilon &&
                curve->points[1].epsilon < curve->points[2].epsilon);
    assert_true(shown->curve[CURVE_NEURON].count >= 3 && shown->curve[CURVE_ID].count >= 3);
    snapshot_release(shown);
    char path[160];
    snprintf(path, sizeof path, "%s/curves.csv", place.directory);
    session_export(session, path, REPORT_CURVE, 0);
    snapshot_release(settled(session));
    size_t length;
    char *csv = file_read(path, 1 << 20, &length, NULL, &error);
    must(csv, &error);
    int polished = 0;
    for (const char *at = csv; (at = strstr(at, "lump+polish")); at++)
        polished++;
    assert_int_equal(polished, 3);
    assert_non_null(strstr(csv, "neuron"));
    free(csv);
    must(session_set_option(session, OPTION_LINKAGE, "chain", &error), &error);
    shown = settled(session);
    assert_int_equal(shown->curve[CURVE_POLISH].count, 0);
    snapshot_release(shown);
    session_free(session);
    twin_place_remove(&place);
}

static void moving_drops_it_at_once(void **state) {
    (void)state;
    struct twin_place place = make_place(120, 6000);
    struct session *session = twin_place_open(&place);
    session_step(session, 30);
    must_polish(session, 100000);
    await_polishing(session);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    session_step(session, 1);
    bool there = false;
    for (; !there; usleep(200)) {
        struct snapshot *shown = session_latest(session);
        there = shown->work != WORK_POLISHING && shown->polished.state == FIGURE_NONE;
        snapshot_release(shown);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds =
        (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    assert_true(seconds < 2); /* 50 ms and a move, on a machine that has other things to do */
    struct snapshot *shown = settled(session);
    assert_int_equal(shown->polished.state, FIGURE_NONE);
    assert_int_equal(shown->after.state, FIGURE_EXACT);
    assert_int_equal(shown->curve[CURVE_POLISH].count, 0);
    snapshot_release(shown);
    session_free(session);
    twin_place_remove(&place);
}

static void cancel_ends_it(void **state) {
    (void)state;
    struct twin_place place = make_place(120, 6000);
    struct session *session = twin_place_open(&place);
    session_step(session, 30);
    must_polish(session, 100000);
    await_polishing(session);
    session_cancel(session);
    struct snapshot *shown = settled(session);
    assert_int_equal(shown->work, WORK_IDLE);
    assert_int_equal(shown->polished.state, FIGURE_NONE);
    snapshot_release(shown);
    session_select(session, 1, 0);
    shown = settled(session); /* nor does it begin anew with the next request */
    assert_int_equal(shown->polished.state, FIGURE_NONE);
    assert_int_equal(shown->after.state, FIGURE_EXACT);
    snapshot_release(shown);
    session_free(session);
    twin_place_remove(&place);
}

/* Looking around does not make it begin anew: the selection is answered within it. */
static void neurons_are_shown_while_it_goes_on(void **state) {
    (void)state;
    struct twin_place place = make_place(120, 6000);
    struct session *session = twin_place_open(&place);
    session_step(session, 30);
    must_polish(session, 100000);
    await_polishing(session);
    session_select(session, 1, 7);
    for (bool there = false; !there; usleep(500)) {
        struct snapshot *shown = session_latest(session);
        there = shown->inspection.layer == 1 && shown->inspection.neuron == 7 &&
                shown->work == WORK_POLISHING;
        assert_int_equal(shown->polished.state, FIGURE_PENDING);
        snapshot_release(shown);
    }
    session_free(session);
    twin_place_remove(&place);
}

static void a_file_holds_the_polished_network(void **state) {
    (void)state;
    struct twin_place place = make_place(12, 400);
    struct session *session = twin_place_open(&place);
    struct error error = {0};
    char path[160];
    snprintf(path, sizeof path, "%s/out.json", place.directory);
    session_step(session, 7);
    must_polish(session, 20);
    session_write(session, path, NULL); /* which waits for it */
    struct snapshot *shown = settled(session);
    struct metrics metrics;
    struct network *expected = polish_by_hand(&place, shown->epsilon, 20, &metrics);
    struct network *written = model_json_load(path, NULL, &error);
    must(written, &error);
    assert_weights_equal(written, expected);
    network_free(written);
    snapshot_release(shown);
    session_step(session, 1);
    session_write(session, path, NULL);
    shown = settled(session);
    assert_non_null(strstr(shown->message, "parameters"));
    assert_null(strstr(shown->message, "polished"));
    snapshot_release(shown);
    session_step(session, -1);
    must_polish(session, 20);
    snapshot_release(settled(session));
    session_write(session, path, NULL);
    shown = settled(session);
    assert_non_null(strstr(shown->message, "parameters, polished"));
    snapshot_release(shown);
    network_free(expected);
    session_free(session);
    twin_place_remove(&place);
}

static void the_option_polishes_at_every_epsilon(void **state) {
    (void)state;
    struct twin_place place = make_place(12, 400);
    struct session *session = twin_place_open(&place);
    struct error error = {0};
    must(session_set_option(session, OPTION_POLISH, "10", &error), &error);
    for (int k = 0; k < 2; k++) {
        session_step(session, 4);
        struct snapshot *shown = settled(session);
        struct metrics metrics;
        network_free(polish_by_hand(&place, shown->epsilon, 10, &metrics));
        assert_int_equal(shown->polished.state, FIGURE_EXACT);
        assert_true(shown->polished.value == metrics.mse);
        snapshot_release(shown);
    }
    session_free(session);
    twin_place_remove(&place);
}

static void refusals_name_the_remedy(void **state) {
    (void)state;
    struct twin_place place = make_place(8, 200);
    struct error error = {0};
    struct session *session = session_new(&error);
    assert_false(session_polish(session, 10, &error));
    assert_non_null(strstr(error.text, "open a network"));
    session_open(session, place.model, NULL, NULL, NULL);
    assert_false(session_polish(session, 10, &error));
    assert_non_null(strstr(error.text, ":data FILE"));
    session_data(session, place.data, NULL);
    must(session_set_option(session, OPTION_REFIT, "off", &error), &error);
    assert_false(session_polish(session, 10, &error));
    assert_non_null(strstr(error.text, "press f"));
    struct snapshot *shown = settled(session);
    assert_int_equal(shown->polished.state, FIGURE_NONE);
    snapshot_release(shown);
    session_free(session);
    twin_place_remove(&place);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_figure_is_that_of_the_polished_network),
        cmocka_unit_test(polished_points_stay_in_the_plot),
        cmocka_unit_test(moving_drops_it_at_once),
        cmocka_unit_test(cancel_ends_it),
        cmocka_unit_test(neurons_are_shown_while_it_goes_on),
        cmocka_unit_test(a_file_holds_the_polished_network),
        cmocka_unit_test(the_option_polishes_at_every_epsilon),
        cmocka_unit_test(refusals_name_the_remedy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
