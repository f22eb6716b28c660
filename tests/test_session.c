/* The session: what its snapshots say is what the library computes, newer requests win, nothing is
 * lost when work is stopped. */
#include "session_support.h"

#include "lumpscope/file.h"
#include "lumpscope/model_json.h"
#include "lumpscope/session.h"
#include "lumpscope/study.h"
#include "lumpscope/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* The same by hand: joint, agglomerate, refit. */
static struct study open_study(const struct place *place, struct network **network) {
    struct error error = {0};
    struct data_recipe recipe;
    struct options options;
    struct study study;
    data_recipe_defaults(&recipe);
    *network = model_json_load(place->model, NULL, &error);
    must(*network, &error);
    struct dataset *data = dataset_load(place->data, &recipe, *network, -1, NULL, &error);
    must(data, &error);
    options_defaults(&options, true);
    must(study_init(&study, *network, &options, data, NULL, NULL, &error), &error);
    must(study_judge(&study, NULL, &error), &error);
    dataset_free(data);
    data_recipe_free(&recipe);
    return study;
}

static void snapshots_say_what_the_library_computes(void **state) {
    (void)state;
    struct place place = make_place(12, 400);
    struct session *session = open_session(&place);
    session_step(session, 5);
    session_wait(session);
    struct snapshot *shown = session_latest(session);
    struct network *network;
    struct study study = open_study(&place, &network);
    struct events events = {0};
    struct error error = {0};
    struct metrics after;
    must(study_events(&study, &events, NULL, &error), &error);
    assert_true(shown->epsilon == events.event[5].epsilon);
    assert_true(shown->next_event == events.event[6].epsilon);
    assert_true(shown->previous_event == events.event[4].epsilon);
    assert_int_equal(shown->event_count, events.count);
    assert_true(shown->events_complete);
    struct network *reduced = study_reduce(&study, shown->epsilon, false, &after, NULL, &error);
    must(reduced, &error);
    assert_true(partition_equal(&shown->partition, refine_partition(study.refine)));
    assert_int_equal(shown->parameters, network_parameters(reduced));
    assert_int_equal(shown->after.state, FIGURE_EXACT);
    assert_true(shown->after.value == after.mse);
    assert_true(shown->before.value == study.before.mse);
    assert_int_equal(shown->baseline[CURVE_MAGNITUDE].state, FIGURE_EXACT);
    network_free(reduced);
    events_free(&events);
    study_free(&study);
    network_free(network);
    snapshot_release(shown);
    session_free(session);
    remove_place(&place);
}

static void steps_up_and_down_come_back(void **state) {
    (void)state;
    struct place place = make_place(12, 200);
    struct session *session = open_session(&place);
    for (int k = 0; k < 7; k++)
        session_step(session, 1);
    session_wait(session);
    struct snapshot *seven = session_latest(session);
    session_end(session, true);
    session_wait(session);
    struct snapshot *last = session_latest(session);
    assert_true(isnan(last->next_event));
    assert_int_equal(last->classes, 2); /* one class in each hidden layer */
    assert_true(last->epsilon == last->epsilon_end);
    session_end(session, false);
    session_step(session, 9);
    session_step(session, -2);
    session_wait(session);
    struct snapshot *again = session_latest(session);
    assert_true(again->epsilon == seven->epsilon);
    assert_true(partition_equal(&again->partition, &seven->partition));
    for (size_t l = 0; l < again->hidden; l++)
        assert_memory_equal(again->colour[l], seven->colour[l],
                            again->partition.layer[l].count * sizeof(uint32_t));
    snapshot_release(seven);
    snapshot_release(last);
    snapshot_release(again);
    session_free(session);
    remove_place(&place);
}

static void a_class_keeps_the_colour_of_its_larger_part(void **state) {
    (void)state;
    struct place place = make_place(16, 100);
    struct session *session = open_session(&place);
    session_wait(session);
    struct snapshot *before = session_latest(session);
    for (;;) {
        session_step(session, 1);
        session_wait(session);
        struct snapshot *after = session_latest(session);
        bool moved = after->epsilon > before->epsilon;
        for (size_t l = 0; moved && l < after->hidden; l++) {
            const struct classes *old = &before->partition.layer[l];
            const struct classes *new = &after->partition.layer[l];
            for (size_t c = 0; c < new->count; c++) {
                bool inherited = false;
                for (size_t i = 0; i < new->neurons; i++)
                    if (new->class_of[i] == c)
                        inherited |= before->colour[l][old->class_of[i]] == after->colour[l][c];
                assert_true(inherited);
            }
        }
        snapshot_release(before);
        before = after;
        if (!moved)
            break;
    }
    snapshot_release(before);
    session_free(session);
    remove_place(&place);
}

static void sweep_fills_the_curves_beside_other_requests(void **state) {
    (void)state;
    struct place place = make_place(12, 300);
    struct session *session = open_session(&place);
    session_sweep(session, 8);
    for (int k = 0; k < 4; k++) {
        session_step(session, 1);
        usleep(2000);
    }
    session_wait(session);
    struct snapshot *shown = session_latest(session);
    assert_true(shown->curve_complete);
    assert_int_equal(shown->work, WORK_IDLE);
    assert_true(shown->curve[CURVE_LUMP].count >= 6);
    assert_true(shown->curve[CURVE_MAGNITUDE].count >= 4);
    assert_true(shown->epsilon == shown->events[4].epsilon);
    for (size_t k = 1; k < shown->curve[CURVE_LUMP].count; k++)
        assert_true(shown->curve[CURVE_LUMP].points[k].grp <
                    shown->curve[CURVE_LUMP].points[k - 1].grp);
    snapshot_release(shown);
    session_free(session);
    remove_place(&place);
}

static void inspection_names_the_class_and_its_next_merge(void **state) {
    (void)state;
    struct place place = make_place(12, 200);
    struct session *session = open_session(&place);
    session_step(session, 6);
    session_select(session, 1, 3);
    session_wait(session);
    struct snapshot *shown = session_latest(session);
    const struct inspection *seen = &shown->inspection;
    assert_int_equal(seen->layer, 1);
    assert_int_equal(seen->neuron, 3);
    assert_int_equal(seen->inputs, 3);
    assert_int_equal(seen->outputs, 6);
    for (size_t k = 0; k < seen->member_count; k++) {
        assert_int_equal(shown->partition.layer[0].class_of[seen->members[k]], seen->class_id);
        assert_true(seen->distances[k] <= seen->widest);
    }
    assert_true(seen->widest <= shown->epsilon * (1 + 1e-9));
    assert_true(seen->next_merge > shown->epsilon);
    /* At that epsilon the class has the named one's members in it. */
    size_t mate = 0;
    while (shown->partition.layer[0].class_of[mate] != seen->next_class)
        mate++;
    session_set_epsilon(session, seen->next_merge);
    session_wait(session);
    struct snapshot *merged = session_latest(session);
    assert_int_equal(merged->partition.layer[0].class_of[mate],
                     merged->partition.layer[0].class_of[3]);
    snapshot_release(shown);
    snapshot_release(merged);
    session_free(session);
    remove_place(&place);
}

static void options_change_what_is_computed_and_bad_ones_change_nothing(void **state) {
    (void)state;
    struct place place = make_place(12, 200);
    struct session *session = open_session(&place);
    struct error error = {0};
    assert_false(session_set_option(session, OPTION_NORM, "l2", &error)); /* joint */
    assert_int_equal(error.kind, ERROR_USAGE);
    must(session_set_option(session, OPTION_RELATION, "backward", &error), &error);
    must(session_set_option(session, OPTION_NORM, "l2", &error), &error);
    session_wait(session);
    struct snapshot *shown = session_latest(session);
    assert_int_equal(shown->options.relation, RELATION_BACKWARD);
    assert_int_equal(shown->options.norm, NORM_L2);
    assert_int_equal(shown->before.state, FIGURE_EXACT);
    snapshot_release(shown);
    must(session_set_option(session, OPTION_RELATION, "joint", &error), &error);
    session_wait(session);
    shown = session_latest(session);
    assert_int_equal(shown->options.relation, RELATION_JOINT);
    assert_false(shown->message_is_error);
    snapshot_release(shown);
    session_free(session);
    remove_place(&place);
}

static void written_models_are_the_reduced_network(void **state) {
    (void)state;
    struct place place = make_place(12, 200);
    struct session *session = open_session(&place);
    session_budget(session, 50);
    session_write(session, place.out, NULL);
    session_wait(session);
    struct snapshot *shown = session_latest(session);
    struct error error = {0};
    struct network *written = model_json_load(place.out, NULL, &error);
    must(written, &error);
    assert_int_equal(network_parameters(written), shown->parameters);
    assert_true(2 * shown->parameters <= shown->original_parameters);
    assert_non_null(network_member(written, "lumpscope"));
    size_t bytes;
    assert_true(file_size(place.out, &bytes));
    assert_int_equal(bytes, shown->bytes);
    network_free(written);
    snapshot_release(shown);
    session_free(session);
    remove_place(&place);
}

/* Whatever is asked while the file is on its way, it is what it was to be. */
static void a_write_is_of_what_was_there_when_it_was_asked(void **state) {
    (void)state;
    struct place place = make_place(60, 1000);
    struct session *session = open_session(&place);
    session_step(session, 20);
    session_wait(session);
    struct snapshot *then = session_latest(session);
    char second[128];
    snprintf(second, sizeof second, "%s/second.json", place.directory);
    session_write(session, place.out, NULL);
    session_step(session, 30);
    session_write(session, second, NULL);
    session_end(session, true);
    for (size_t k = 0; k < 20; k++) {
        session_select(session, 1, k);
        usleep(500);
    }
    session_wait(session);
    struct error error = {0};
    struct network *written = model_json_load(place.out, NULL, &error);
    must(written, &error);
    assert_int_equal(network_parameters(written), then->parameters);
    network_free(written);
    written = model_json_load(second, NULL, &error);
    must(written, &error);
    assert_true(network_parameters(written) < then->parameters);
    struct snapshot *last = session_latest(session);
    assert_true(network_parameters(written) > last->parameters);
    assert_int_equal(last->classes, 2);
    assert_int_equal(last->inspection.neuron, 19);
    network_free(written);
    snapshot_release(then);
    snapshot_release(last);
    unlink(second);
    /* Leaving does not lose a file either. */
    unlink(place.out);
    session_write(session, place.out, NULL);
    session_free(session);
    written = model_json_load(place.out, NULL, &error);
    must(written, &error);
    network_free(written);
    remove_place(&place);
}

static void what_cannot_be_reached_is_not_written(void **state) {
    (void)state;
    struct place place = make_place(12, 200);
    struct session *session = open_session(&place);
    session_budget(session, 0.001);
    session_write(session, place.out, NULL);
    session_wait(session);
    struct snapshot *shown = session_latest(session);
    assert_true(shown->message_is_error);
    assert_non_null(strstr(shown->message, "not written"));
    assert_non_null(strstr(shown->message, "the smallest has"));
    assert_false(file_exists(place.out));
    snapshot_release(shown);
    session_free(session);
    remove_place(&place);
}

/* Waits until the worker says that it analyses. */
static void await_analysis(struct session *session) {
    for (;;) {
        struct snapshot *shown = session_latest(session);
        bool there = shown->work == WORK_ANALYSING || shown->analysed;
        snapshot_release(shown);
        if (there)
            return;
        usleep(500);
    }
}

static void an_interrupted_analysis_is_taken_up_again(void **state) {
    (void)state;
    struct place place = make_place(160, 4000);
    struct session *session = open_session(&place);
    struct error error = {0};
    session_step(session, 2);
    await_analysis(session);
    session_data(session, "/nonexistent.csv", NULL);
    usleep(20000);
    must(session_set_option(session, OPTION_LINKAGE, "chain", &error), &error);
    usleep(20000);
    session_open(session, "/nonexistent.json", NULL, NULL, NULL);
    session_wait(session);
    struct snapshot *shown = session_latest(session);
    assert_true(shown->analysed);
    assert_int_equal(shown->options.linkage, LINKAGE_CHAIN);
    assert_int_equal(shown->after.state, FIGURE_EXACT);
    assert_true(shown->events_complete);
    assert_true(shown->event_count > 2 && shown->epsilon == shown->events[2].epsilon);
    snapshot_release(shown);
    session_free(session);
    remove_place(&place);
}

static void what_is_asked_after_a_cancel_is_done(void **state) {
    (void)state;
    struct place place = make_place(160, 4000);
    struct session *session = open_session(&place);
    session_wait(session);
    session_sweep(session, 40);
    session_cancel(session);
    session_step(session, 2);
    session_wait(session);
    struct snapshot *shown = session_latest(session);
    assert_int_equal(shown->after.state, FIGURE_EXACT);
    assert_int_equal(shown->baseline[CURVE_WANDA].state, FIGURE_EXACT);
    assert_false(shown->curve_complete);
    snapshot_release(shown);
    session_free(session);
    remove_place(&place);
}

static void an_epsilon_that_is_none_is_refused(void **state) {
    (void)state;
    struct place place = make_place(12, 200);
    struct session *session = open_session(&place);
    session_step(session, 3);
    session_wait(session);
    struct snapshot *before = session_latest(session);
    const double none[] = {NAN, INFINITY, -INFINITY, -1};
    for (size_t k = 0; k < sizeof none / sizeof *none; k++) {
        session_set_epsilon(session, none[k]);
        session_wait(session);
        struct snapshot *shown = session_latest(session);
        assert_true(shown->message_is_error);
        assert_true(shown->epsilon == before->epsilon);
        assert_int_equal(shown->after.state, FIGURE_EXACT);
        snapshot_release(shown);
    }
    session_set_epsilon(session, 1e308);
    session_wait(session);
    struct snapshot *last = session_latest(session);
    assert_int_equal(last->classes, 2);
    snapshot_release(before);
    snapshot_release(last);
    session_free(session);
    remove_place(&place);
}

/* A split may leave nothing to judge on: then there are no figures, and none is waited for. */
static void data_without_test_rows_gives_no_figures(void **state) {
    (void)state;
    struct place place = make_place(12, 2);
    struct session *session = open_session(&place);
    session_wait(session);
    struct snapshot *shown = session_latest(session);
    assert_true(shown->analysed);
    assert_true(shown->reduced_known);
    assert_int_equal(shown->before.state, FIGURE_NONE);
    assert_int_equal(shown->after.state, FIGURE_NONE);
    snapshot_release(shown);
    session_sweep(session, 5);
    session_wait(session);
    shown = session_latest(session);
    assert_true(shown->message_is_error);
    assert_non_null(strstr(shown->message, "a sweep measures the error on test rows"));
    snapshot_release(shown);
    session_loss(session, 5);
    session_wait(session);
    shown = session_latest(session);
    assert_true(shown->message_is_error);
    assert_null(strstr(shown->message, "--"));
    snapshot_release(shown);
    session_free(session);
    remove_place(&place);
}

static void data_without_a_model_is_refused(void **state) {
    (void)state;
    struct place place = make_place(12, 200);
    struct error error = {0};
    struct options options;
    struct session *session = session_new(&error);
    must(session, &error);
    session_data(session, place.data, NULL);
    session_wait(session);
    struct snapshot *shown = session_latest(session);
    assert_true(shown->message_is_error);
    session_options(session, &options);
    assert_int_equal(options.relation, RELATION_FORWARD); /* as without data */
    snapshot_release(shown);
    session_free(session);
    remove_place(&place);
}

static void a_bad_file_leaves_what_was_open(void **state) {
    (void)state;
    struct place place = make_place(12, 200);
    struct session *session = open_session(&place);
    session_wait(session);
    session_open(session, "/nonexistent.json", NULL, NULL, NULL);
    session_wait(session);
    struct snapshot *shown = session_latest(session);
    assert_true(shown->message_is_error);
    assert_non_null(strstr(shown->message, "/nonexistent.json"));
    assert_string_equal(shown->model_path, place.model);
    assert_int_equal(shown->after.state, FIGURE_EXACT);
    snapshot_release(shown);
    session_free(session);
    remove_place(&place);
}

static void cancelled_work_stays_stopped_until_something_is_asked(void **state) {
    (void)state;
    struct place place = make_place(160, 4000);
    struct session *session = open_session(&place);
    session_wait(session);
    session_sweep(session, 40);
    usleep(50000);
    session_cancel(session);
    session_wait(session);
    struct snapshot *stopped = session_latest(session);
    assert_int_equal(stopped->work, WORK_IDLE);
    assert_false(stopped->curve_complete);
    snapshot_release(stopped);
    session_step(session, 3);
    session_wait(session);
    struct snapshot *moved = session_latest(session);
    assert_int_equal(moved->after.state, FIGURE_EXACT);
    snapshot_release(moved);
    session_free(session);
    remove_place(&place);
}

static void options_follow_one_another_without_waiting(void **state) {
    (void)state;
    struct place place = make_place(40, 400);
    struct session *session = open_session(&place);
    struct error error = {0};
    struct options options;
    session_options(session, &options);
    assert_int_equal(options.linkage, LINKAGE_AGGLOMERATE);
    must(session_set_option(session, OPTION_LINKAGE, "chain", &error), &error);
    session_options(session, &options);
    assert_int_equal(options.linkage, LINKAGE_CHAIN);
    session_free(session);
    remove_place(&place);
}

static void bad_data_leaves_what_was_open(void **state) {
    (void)state;
    struct place place = make_place(12, 200);
    struct session *session = open_session(&place);
    session_step(session, 3);
    session_wait(session);
    session_open(session, place.model, "/nonexistent.csv", NULL, NULL);
    session_wait(session);
    struct snapshot *shown = session_latest(session);
    assert_true(shown->message_is_error);
    assert_non_null(shown->data_path);
    assert_true(shown->epsilon > 0);
    snapshot_release(shown);
    session_free(session);
    remove_place(&place);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Whatever the worker is in, it can be told to end. The bound is generous: the test runs under
 * sanitizers, on busy machines. */
static void work_is_stopped_soon(void **state) {
    (void)state;
    struct place place = make_place(160, 4000);
    for (int k = 0; k < 6; k++) {
        struct session *session = open_session(&place);
        session_sweep(session, 40);
        usleep((useconds_t)(k * 30000));
        double start = now();
        session_free(session);
        assert_true(now() - start < 2);
    }
    remove_place(&place);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshots_say_what_the_library_computes),
        cmocka_unit_test(steps_up_and_down_come_back),
        cmocka_unit_test(a_class_keeps_the_colour_of_its_larger_part),
        cmocka_unit_test(sweep_fills_the_curves_beside_other_requests),
        cmocka_unit_test(inspection_names_the_class_and_its_next_merge),
        cmocka_unit_test(options_change_what_is_computed_and_bad_ones_change_nothing),
        cmocka_unit_test(written_models_are_the_reduced_network),
        cmocka_unit_test(a_write_is_of_what_was_there_when_it_was_asked),
        cmocka_unit_test(what_cannot_be_reached_is_not_written),
        cmocka_unit_test(an_interrupted_analysis_is_taken_up_again),
        cmocka_unit_test(what_is_asked_after_a_cancel_is_done),
        cmocka_unit_test(an_epsilon_that_is_none_is_refused),
        cmocka_unit_test(data_without_a_model_is_refused),
        cmocka_unit_test(data_without_test_rows_gives_no_figures),
        cmocka_unit_test(a_bad_file_leaves_what_was_open),
        cmocka_unit_test(bad_data_leaves_what_was_open),
        cmocka_unit_test(options_follow_one_another_without_waiting),
        cmocka_unit_test(cancelled_work_stays_stopped_until_something_is_asked),
        cmocka_unit_test(work_is_stopped_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
