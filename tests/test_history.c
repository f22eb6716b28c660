/* Undo, redo and marks: the stack of places by itself, and in a session that works meanwhile. */
#include "session_support.h"

#include "lumpscope/file.h"
#include "lumpscope/model_json.h"
#include "lumpscope/saved.h"
#include "lumpscope/text.h"
#include "session/history.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- The stack ---- */

static struct history new_history(void) {
    struct history history;
    struct error error = {0};
    must(history_init(&history, &error), &error);
    history_open(&history, files_new("a.json", "a.csv", NULL, NULL), true, "opened a.json");
    return history;
}

static void move_to(struct history *history, double epsilon) {
    char label[32];
    snprintf(label, sizeof label, "epsilon %g", epsilon);
    history_move(history, &(struct target){.kind = TARGET_EPSILON, .value = epsilon}, label);
}

static void step_by(struct history *history, int steps) {
    history_move(history, &(struct target){.steps = steps}, "step");
}

static double epsilon_now(const struct history *history) {
    double epsilon = NAN;
    target_known(&history_now(history)->target, &epsilon);
    return epsilon;
}

static void changes_are_undone_until_a_new_one(void **state) {
    (void)state;
    struct history history = new_history();
    struct text what = {0};
    assert_null(history_undo(&history, &what));
    move_to(&history, 1);
    move_to(&history, 2);
    assert_non_null(history_undo(&history, &what));
    assert_string_equal(what.data, "epsilon 2");
    assert_true(epsilon_now(&history) == 1);
    text_clear(&what);
    assert_non_null(history_redo(&history, &what));
    assert_string_equal(what.data, "epsilon 2");
    assert_null(history_redo(&history, NULL));
    assert_non_null(history_undo(&history, NULL));
    assert_non_null(history_undo(&history, NULL));
    assert_true(epsilon_now(&history) == 0);
    move_to(&history, 3);
    assert_null(history_redo(&history, NULL));
    assert_int_equal(history.count, 2);
    text_free(&what);
    history_free(&history);
}

static void the_oldest_changes_go(void **state) {
    (void)state;
    struct history history = new_history();
    for (int k = 1; k <= HISTORY_LIMIT + 50; k++)
        move_to(&history, k);
    assert_int_equal(history.count, HISTORY_LIMIT);
    while (history_undo(&history, NULL))
        continue;
    assert_true(epsilon_now(&history) == 51);
    history_free(&history);
}

static void steps_add_up_before_anybody_has_got_there(void **state) {
    (void)state;
    struct history history = new_history();
    move_to(&history, 0.5);
    step_by(&history, 2);
    step_by(&history, -1);
    const struct target *target = &history_now(&history)->target;
    assert_int_equal(target->kind, TARGET_EPSILON);
    assert_true(target->value == 0.5);
    assert_int_equal(target->steps, 1);
    assert_true(isnan(epsilon_now(&history)));
    history_arrived(&history, history_now(&history)->id, NAN, 0.75);
    assert_true(epsilon_now(&history) == 0.75);
    assert_non_null(history_undo(&history, NULL));
    assert_int_equal(history_now(&history)->target.steps, 2);
    history_free(&history);
}

/* What a search found holds for all that was asked on top of it, under the same options. */
static void a_search_is_made_once(void **state) {
    (void)state;
    struct history history = new_history();
    struct option_choices choices = {.given = {[OPTION_LINKAGE] = true}};
    history_move(&history, &(struct target){.kind = TARGET_LOSS, .value = 5}, "loss 5 %");
    step_by(&history, 1);
    step_by(&history, 1);
    uint64_t id = history_now(&history)->id;
    history_choose(&history, &choices, "linkage chain");
    history_arrived(&history, id, 0.25, 0.5);
    assert_int_equal(history_now(&history)->target.kind, TARGET_LOSS);
    history_undo(&history, NULL);
    assert_true(epsilon_now(&history) == 0.5);
    history_undo(&history, NULL);
    assert_int_equal(history_now(&history)->target.kind, TARGET_EPSILON);
    assert_int_equal(history_now(&history)->target.steps, 1);
    history_undo(&history, NULL);
    assert_true(epsilon_now(&history) == 0.25);
    history_free(&history);
}

static void searches_that_were_stopped_leave_no_place(void **state) {
    (void)state;
    struct history history = new_history();
    move_to(&history, 0.5);
    history_arrived(&history, history_now(&history)->id, NAN, 0.5);
    const struct target budget = {.kind = TARGET_BUDGET, .value = 30};
    history_move(&history, &budget, "budget 30 %");
    step_by(&history, 1);
    uint64_t stopped = history_now(&history)->id;
    assert_false(history_stopped(&history, stopped, 0.4)); /* it got somewhere */
    assert_int_equal(history.count, 4);
    move_to(&history, 0.7); /* asked for before the worker heard of the stop */
    assert_true(history_stopped(&history, stopped, 0.5));
    assert_true(epsilon_now(&history) == 0.7);
    assert_non_null(history_undo(&history, NULL));
    assert_true(epsilon_now(&history) == 0.5);
    history_choose(&history, &(struct option_choices){.given = {true}}, "relation joint");
    history_move(&history, &budget, "budget 30 %");
    assert_false(history_stopped(&history, history_now(&history)->id, 0.4));
    assert_true(history_stopped(&history, history_now(&history)->id, 0.5));
    assert_string_equal(history_now(&history)->label, "relation joint");
    assert_false(history_stopped(&history, history_now(&history)->id, 0.5));
    assert_false(history_stopped(&history, 12345, 0.5));
    history_free(&history);
}

static void joined_moves_are_one_change(void **state) {
    (void)state;
    struct history history = new_history();
    history.joining = true;
    for (int k = 1; k <= 20; k++)
        move_to(&history, k);
    assert_int_equal(history.count, 2);
    assert_string_equal(history_now(&history)->label, "epsilon 20");
    history_choose(&history, &history_now(&history)->choices, "refit off");
    move_to(&history, 21);
    move_to(&history, 22);
    assert_int_equal(history.count, 4);
    history.joining = false;
    move_to(&history, 23);
    assert_int_equal(history.count, 5);
    history_undo(&history, NULL);
    assert_true(epsilon_now(&history) == 22);
    history_undo(&history, NULL);
    history_undo(&history, NULL);
    assert_true(epsilon_now(&history) == 20);
    history_undo(&history, NULL);
    assert_true(epsilon_now(&history) == 0);
    history_free(&history);
}

static void files_that_cannot_be_read_leave_no_place(void **state) {
    (void)state;
    struct history history = new_history();
    struct files *good = history_now(&history)->files;
    good->opened = true;
    move_to(&history, 1);
    struct files *bad = files_new("bad.json", NULL, NULL, NULL);
    history_open(&history, files_hold(bad), true, "opened bad.json");
    step_by(&history, 3);
    history_choose(&history, &history_now(&history)->choices, "refit off");
    assert_false(history_refuse(&history, bad, good));
    assert_int_equal(history.count, 4);
    assert_string_equal(history_now(&history)->label, "refit off");
    for (size_t i = 0; i < history.count; i++)
        assert_ptr_equal(history.places[i].files, good);
    assert_true(history.places[2].target.value == 1);
    assert_int_equal(history.places[2].target.steps, 3);
    /* Nothing was asked since: back to where it was. */
    history_open(&history, files_hold(bad), true, "opened bad.json");
    assert_true(history_refuse(&history, bad, good));
    assert_string_equal(history_now(&history)->label, "refit off");
    files_release(bad);
    history_free(&history);
}

static void files_that_are_gone_are_no_way_back(void **state) {
    (void)state;
    struct history history = new_history();
    struct files *gone = files_hold(history_now(&history)->files);
    gone->opened = true;
    move_to(&history, 1);
    struct files *open = files_hold(
        history_open(&history, files_new("b.json", NULL, NULL, NULL), true, "opened b.json")
            ->files);
    open->opened = true;
    move_to(&history, 2);
    history_undo(&history, NULL);
    history_undo(&history, NULL);
    assert_ptr_equal(history_now(&history)->files, gone);
    assert_true(history_refuse(&history, gone, open));
    assert_string_equal(history_now(&history)->label, "opened b.json");
    assert_null(history_undo(&history, NULL));
    assert_non_null(history_redo(&history, NULL));
    files_release(gone);
    files_release(open);
    history_free(&history);
}

static void the_first_files_may_be_bad(void **state) {
    (void)state;
    struct history history;
    struct error error = {0};
    must(history_init(&history, &error), &error);
    struct files *bad = files_new("bad.json", NULL, NULL, NULL);
    history_open(&history, files_hold(bad), true, "opened bad.json");
    move_to(&history, 1);
    history_refuse(&history, bad, NULL);
    assert_null(history_now(&history)->files);
    assert_int_equal(history.count, 1);
    files_release(bad);
    history_free(&history);
}

static void marks_are_named_found_and_moved(void **state) {
    (void)state;
    struct history history = new_history();
    char name[MARK_NAME_SIZE];
    assert_null(history_mark_before(&history));
    for (int k = 0; k < 28; k++) {
        move_to(&history, k + 1);
        history_free_name(&history, name);
        assert_true(history_mark(&history, name));
    }
    assert_string_equal(name, "a2");
    assert_string_equal(history_mark_before(&history)->name, "a1"); /* a2 is here */
    move_to(&history, 1);
    assert_string_equal(history_mark_before(&history)->name, "a2"); /* before the first */
    move_to(&history, 99);
    assert_string_equal(history_mark_before(&history)->name, "a2");
    assert_true(history_mark(&history, "c"));
    assert_int_equal(history_now(&history)->marks->count, 28);
    assert_true(history_mark_named(&history, "c")->target.value == 99);
    assert_true(history_unmark(&history, "c"));
    assert_null(history_mark_named(&history, "c"));
    history_free_name(&history, name);
    assert_string_equal(name, "c");
    history_undo(&history, NULL);
    assert_non_null(history_mark_named(&history, "c"));
    history_undo(&history, NULL);
    assert_true(history_mark_named(&history, "c")->target.value == 3);
    history_free(&history);
}

static void marks_learn_where_they_are(void **state) {
    (void)state;
    struct history history = new_history();
    step_by(&history, 4);
    assert_true(history_mark(&history, "a"));
    uint64_t id = history_now(&history)->id;
    move_to(&history, 9);
    assert_false(target_known(&history_mark_named(&history, "a")->target, NULL));
    history_arrived(&history, id, NAN, 0.5);
    double epsilon;
    assert_true(target_known(&history_mark_named(&history, "a")->target, &epsilon));
    assert_true(epsilon == 0.5);
    /* With other data its figures are others. */
    history_mark_named(&history, "a")->parameters = 7;
    history_open(&history, files_new("a.json", "b.csv", NULL, NULL), false, "opened data b.csv");
    assert_int_equal(history_mark_named(&history, "a")->parameters, 0);
    history_undo(&history, NULL);
    assert_int_equal(history_mark_named(&history, "a")->parameters, 7);
    history_free(&history);
}

/* ---- In a session ---- */

static struct snapshot *settled(struct session *session) {
    session_wait(session);
    return session_latest(session);
}

static void undo(struct session *session, const char *label) {
    struct error error = {0};
    struct text what = {0};
    must(session_undo(session, &what, &error), &error);
    assert_string_equal(what.data, label);
    text_free(&what);
}

static void set(struct session *session, enum option_id option, const char *value) {
    struct error error = {0};
    must(session_set_option(session, option, value, &error), &error);
}

static void every_request_is_a_change_with_a_name(void **state) {
    (void)state;
    struct place place = make_place(12, 200);
    struct session *session = open_session(&place);
    struct error error = {0};
    session_set_epsilon(session, 0.05);
    session_step(session, 1);
    session_step(session, -3);
    session_end(session, true);
    session_budget(session, 50);
    session_loss(session, 5);
    session_exact(session);
    set(session, OPTION_REFIT, "off");
    must(session_mark(session, NULL, NULL, &error), &error);
    must(session_unmark(session, "a", &error), &error);
    session_data(session, place.data, NULL);
    struct snapshot *shown = settled(session);
    assert_int_equal(shown->undo_count, 11);
    assert_int_equal(shown->redo_count, 0);
    snapshot_release(shown);
    static const char *const labels[] = {"data d.csv",
                                         "unmark a",
                                         "mark a",
                                         "refit off",
                                         "exact",
                                         "loss 5 %",
                                         "budget 50 %",
                                         "last merge event",
                                         "previous 3 merge events",
                                         "next merge event",
                                         "epsilon 0.05"};
    for (size_t k = 0; k < sizeof labels / sizeof *labels; k++)
        undo(session, labels[k]);
    assert_false(session_undo(session, NULL, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    shown = settled(session);
    assert_int_equal(shown->undo_count, 0);
    assert_int_equal(shown->redo_count, 11);
    assert_true(shown->epsilon == 0);
    assert_true(shown->options.refit);
    snapshot_release(shown);
    session_free(session);
    remove_place(&place);
}

static void a_failed_search_leaves_the_epsilon_there_is(void **state) {
    (void)state;
    struct place place = make_place(12, 200);
    struct session *session = open_session(&place);
    session_step(session, 3);
    struct snapshot *before = settled(session);
    session_budget(session, 0.001);
    struct snapshot *after = settled(session);
    double epsilon = NAN;
    assert_true(after->message_is_error);
    assert_true(after->epsilon == before->epsilon);
    assert_true(session_epsilon(session, &epsilon));
    assert_true(epsilon == before->epsilon);
    snapshot_release(before);
    snapshot_release(after);
    session_free(session);
    remove_place(&place);
}

/* What cannot be analysed, here for want of memory, is taken back, and nothing asked later
 * depends on it. */
static void options_that_are_refused_are_chosen_no_more(void **state) {
    (void)state;
    struct place place = make_place(40, 200);
    struct session *session = open_session(&place);
    session_step(session, 3);
    struct snapshot *before = settled(session);
    set(session, OPTION_MEMORY, "1K");
    struct snapshot *refused = settled(session);
    assert_true(refused->message_is_error);
    assert_int_equal(refused->undo_count, before->undo_count);
    assert_true(refused->epsilon == before->epsilon);
    set(session, OPTION_REFIT, "off");
    struct snapshot *after = settled(session);
    assert_int_equal(after->message_serial, refused->message_serial);
    assert_false(after->options.refit);
    assert_true(after->options.memory == before->options.memory);
    undo(session, "refit off");
    undo(session, "next 3 merge events");
    snapshot_release(before);
    snapshot_release(refused);
    snapshot_release(after);
    session_free(session);
    remove_place(&place);
}

/* They hold again where they mean something again. */
static void options_of_another_network_rest(void **state) {
    (void)state;
    struct place place = make_place(12, 200);
    struct error error = {0};
    struct rng rng;
    rng_seed(&rng, 2);
    struct network *flat = random_network_of(&rng, (size_t[]){3, 6, 2}, 2, ACTIVATION_TANH);
    must(model_json_save(flat, place.out, NULL, NULL, &error), &error);
    network_free(flat);
    struct session *session = open_session(&place);
    set(session, OPTION_LOCK, "2");
    snapshot_release(settled(session));
    session_open(session, place.out, place.data, NULL, NULL);
    struct snapshot *other = settled(session);
    assert_true(other->analysed);
    assert_false(options_locked(&other->options, 2));
    assert_non_null(strstr(other->message, "there is no such hidden layer"));
    set(session, OPTION_REFIT, "off");
    struct snapshot *later = settled(session);
    assert_true(later->analysed && !later->options.refit);
    undo(session, "refit off");
    undo(session, "opened out.json with d.csv");
    struct snapshot *back = settled(session);
    assert_true(options_locked(&back->options, 2));
    snapshot_release(other);
    snapshot_release(later);
    snapshot_release(back);
    session_free(session);
    remove_place(&place);
}

static void options_that_do_not_fit_the_network_are_refused_at_once(void **state) {
    (void)state;
    struct place place = make_place(12, 200);
    struct session *session = open_session(&place);
    struct error error = {0};
    snapshot_release(settled(session));
    assert_false(session_set_option(session, OPTION_LOCK, "9", &error));
    assert_non_null(strstr(error.text, "there is no such hidden layer"));
    set(session, OPTION_RELATION, "forward");
    assert_false(session_set_option(session, OPTION_NORM, "erode", &error));
    assert_non_null(strstr(error.text, "layer 1 is tanh"));
    struct snapshot *after = settled(session);
    assert_int_equal(after->undo_count, 1);
    snapshot_release(after);
    session_free(session);
    remove_place(&place);
}

static void files_that_fail_or_go_leave_what_is_open(void **state) {
    (void)state;
    struct place place = make_place(12, 200);
    struct session *session = open_session(&place);
    struct error error = {0};
    session_step(session, 3);
    session_wait(session);
    session_open(session, "/nonexistent.json", NULL, NULL, NULL);
    struct snapshot *shown = settled(session);
    assert_int_equal(shown->undo_count, 1);
    double epsilon = shown->epsilon;
    assert_true(epsilon > 0);
    snapshot_release(shown);
    /* Another model; the first is gone when the user wants to go back. */
    char second[128];
    snprintf(second, sizeof second, "%s/second.json", place.directory);
    write_model(second, 8);
    session_open(session, second, NULL, NULL, NULL);
    session_step(session, 2);
    shown = settled(session);
    double there = shown->epsilon;
    assert_string_equal(shown->model_path, second);
    assert_int_equal(shown->undo_count, 3);
    snapshot_release(shown);
    undo(session, "next 2 merge events");
    undo(session, "opened second.json");
    shown = settled(session);
    assert_string_equal(shown->model_path, place.model);
    assert_true(shown->epsilon == epsilon);
    assert_non_null(shown->data_path);
    snapshot_release(shown);
    must(session_redo(session, NULL, &error), &error);
    must(session_redo(session, NULL, &error), &error);
    session_wait(session);
    unlink(place.model);
    undo(session, "next 2 merge events");
    undo(session, "opened second.json");
    shown = settled(session);
    assert_true(shown->message_is_error);
    assert_string_equal(shown->model_path, second);
    assert_int_equal(shown->undo_count, 0);
    assert_int_equal(shown->redo_count, 1);
    assert_true(shown->epsilon == 0);
    snapshot_release(shown);
    must(session_redo(session, NULL, &error), &error);
    shown = settled(session);
    assert_true(shown->epsilon == there);
    snapshot_release(shown);
    unlink(second);
    session_free(session);
    remove_place(&place);
}

static void a_write_has_the_options_of_when_it_was_asked(void **state) {
    (void)state;
    struct place place = make_place(40, 400);
    struct session *session = open_session(&place);
    session_wait(session);
    session_set_epsilon(session, 0.2);
    set(session, OPTION_LINKAGE, "chain");
    session_write(session, place.out, NULL);
    undo(session, "linkage chain");
    struct snapshot *before = settled(session);
    struct error error = {0};
    struct network *written = model_json_load(place.out, NULL, &error);
    must(written, &error);
    assert_int_equal(before->options.linkage, LINKAGE_AGGLOMERATE);
    must(session_redo(session, NULL, &error), &error);
    struct snapshot *chain = settled(session);
    assert_int_equal(chain->options.linkage, LINKAGE_CHAIN);
    assert_true(chain->parameters != before->parameters);
    assert_int_equal(network_parameters(written), chain->parameters);
    network_free(written);
    snapshot_release(before);
    snapshot_release(chain);
    session_free(session);
    remove_place(&place);
}

static void marks_have_figures_and_bring_options_back(void **state) {
    (void)state;
    struct place place = make_place(12, 200);
    struct session *session = open_session(&place);
    struct error error = {0};
    struct text used = {0};
    session_step(session, 4);
    must(session_mark(session, NULL, &used, &error), &error);
    assert_string_equal(used.data, "a");
    session_step(session, 4); /* the mark is where epsilon was on the way */
    struct snapshot *shown = settled(session);
    assert_int_equal(shown->mark_count, 1);
    double marked = shown->marks[0].epsilon;
    assert_true(marked == shown->events[4].epsilon);
    assert_true(shown->marks[0].here);
    snapshot_release(shown);
    set(session, OPTION_RELATION, "backward");
    shown = settled(session);
    assert_false(shown->marks[0].here);
    size_t count = shown->undo_count;
    snapshot_release(shown);
    text_clear(&used);
    must(session_jump(session, NULL, &used, &error), &error);
    assert_string_equal(used.data, "a");
    shown = settled(session);
    assert_true(shown->epsilon == marked);
    assert_int_equal(shown->options.relation, RELATION_JOINT);
    assert_int_equal(shown->undo_count, count + 1);
    assert_int_equal(shown->marks[0].parameters, shown->parameters);
    assert_true(shown->marks[0].figure == shown->after.value);
    snapshot_release(shown);
    undo(session, "jump to mark a");
    shown = settled(session);
    assert_int_equal(shown->options.relation, RELATION_BACKWARD);
    snapshot_release(shown);
    static const char *const bad[] = {"", " ", "a\tb", "\033[31m", "a name that is far too long"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        assert_false(session_mark(session, bad[k], NULL, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
    }
    assert_false(session_jump(session, "nowhere", NULL, &error));
    assert_false(session_unmark(session, "nowhere", &error));
    text_free(&used);
    session_free(session);
    remove_place(&place);
}

static void a_cancelled_search_is_no_change(void **state) {
    (void)state;
    struct place place = make_place(60, 2000);
    struct session *session = open_session(&place);
    session_step(session, 5);
    struct snapshot *shown = settled(session);
    double epsilon = shown->epsilon, known;
    snapshot_release(shown);
    session_loss(session, 5);
    session_cancel(session);
    shown = settled(session);
    assert_true(session_epsilon(session, &known));
    assert_true(shown->epsilon == known);
    snapshot_release(shown);
    bool stopped = known == epsilon; /* else the search was quicker */
    undo(session, stopped ? "next 5 merge events" : "loss 5 %");
    shown = settled(session);
    assert_true(shown->epsilon == (stopped ? 0 : epsilon));
    snapshot_release(shown);
    session_free(session);
    remove_place(&place);
}

static void what_was_saved_is_taken_up_again(void **state) {
    (void)state;
    struct place place = make_place(12, 200);
    struct session *session = open_session(&place);
    struct saved_session saved;
    struct error error = {0};
    session_wait(session);
    assert_false(session_saved(session, &saved)); /* nothing was changed */
    session_set_epsilon(session, 0.1);
    session_begin(session);
    session_wait(session);
    assert_false(session_saved(session, &saved)); /* that is how it begins */
    assert_false(session_undo(session, NULL, &error));
    set(session, OPTION_LINKAGE, "chain");
    session_step(session, 3);
    must(session_mark(session, "here", NULL, &error), &error);
    session_step(session, 2);
    struct snapshot *left = settled(session);
    assert_true(session_saved(session, &saved));
    session_free(session);
    assert_string_equal(saved.model, place.model);
    assert_string_equal(saved.data, place.data);
    assert_true(saved.epsilon == left->epsilon);
    assert_int_equal(saved.mark_count, 1);

    session = session_new(&error);
    must(session, &error);
    session_restore(session, &saved);
    struct snapshot *shown = settled(session);
    assert_true(shown->epsilon == left->epsilon);
    assert_int_equal(shown->options.linkage, LINKAGE_CHAIN);
    assert_true(partition_equal(&shown->partition, &left->partition));
    assert_int_equal(shown->mark_count, 1);
    assert_string_equal(shown->marks[0].name, "here");
    assert_int_equal(shown->undo_count, 0);
    struct saved_session again;
    assert_false(session_saved(session, &again)); /* nothing was changed since */
    session_end(session, true);
    undo(session, "last merge event");
    assert_false(session_saved(session, &again));
    session_end(session, true);
    assert_true(session_saved(session, &again)); /* what was saved now is undone */
    saved_session_free(&again);
    undo(session, "last merge event");
    assert_true(session_saved(session, &again));
    assert_true(again.epsilon == left->epsilon);
    saved_session_free(&again);
    session_wait(session);
    snapshot_release(shown);
    session_end(session, false);
    session_restore(session, &saved); /* one change; the files are not read again */
    unlink(place.model);
    shown = settled(session);
    assert_true(shown->epsilon == left->epsilon);
    assert_false(shown->message_is_error);
    assert_int_equal(shown->undo_count, 2);
    snapshot_release(shown);
    snapshot_release(left);
    saved_session_free(&saved);
    session_free(session);
    remove_place(&place);
}

/* ---- Random requests ---- */

enum { REQUESTS = 14, ROUNDS = 30 };

enum ask { ASK_EPSILON, ASK_STEP, ASK_OPTION, ASK_BUDGET, ASK_MARK, ASK_KINDS };

struct request {
    enum ask kind;
    double value;
    enum option_id option;
    const char *word;
};

/* Steps of one round go one way: up and down again, before anybody has got there, leaves epsilon
 * where it was, though that may lie between two events. */
static struct request random_request(struct rng *rng, int step) {
    static const struct {
        enum option_id option;
        const char *word;
    } options[] = {
        {OPTION_LINKAGE, "chain"}, {OPTION_LINKAGE, "complete"},  {OPTION_REFIT, "off"},
        {OPTION_REFIT, "on"},      {OPTION_RELATION, "backward"}, {OPTION_RELATION, "joint"},
        {OPTION_LOCK, "1"},        {OPTION_LOCK, "none"}};
    size_t k = (size_t)(rng_uniform(rng) * 8);
    struct request request = {.kind = (enum ask)(rng_uniform(rng) * ASK_KINDS),
                              .option = options[k].option,
                              .word = options[k].word};
    request.value = request.kind == ASK_EPSILON  ? 0.05 + 0.2 * rng_uniform(rng)
                    : request.kind == ASK_BUDGET ? 40 + 50 * rng_uniform(rng)
                                                 : step;
    return request;
}

static void ask(struct session *session, const struct request *request) {
    struct error error = {0};
    switch (request->kind) {
    case ASK_EPSILON:
        session_set_epsilon(session, request->value);
        break;
    case ASK_STEP:
        session_step(session, (int)request->value);
        break;
    case ASK_BUDGET:
        session_budget(session, request->value);
        break;
    case ASK_MARK:
        must(session_mark(session, NULL, NULL, &error), &error);
        break;
    default:
        set(session, request->option, request->word);
    }
}

/* Options that are turned while epsilon is still on its way hold for the way: to compare, the
 * session gets there first. */
static void ask_in_order(struct session *session, const struct request *request) {
    if (request->kind == ASK_OPTION && !session_epsilon(session, &(double){0}))
        session_wait(session);
    ask(session, request);
}

static void expect_equal(struct session *session, struct session *fresh) {
    struct snapshot *a = settled(session), *b = settled(fresh);
    assert_true(a->epsilon == b->epsilon);
    assert_true(options_equal(&a->options, &b->options));
    assert_true(partition_equal(&a->partition, &b->partition));
    assert_int_equal(a->mark_count, b->mark_count);
    for (size_t i = 0; i < a->mark_count; i++) {
        assert_string_equal(a->marks[i].name, b->marks[i].name);
        assert_true(a->marks[i].epsilon == b->marks[i].epsilon);
        assert_int_equal(a->marks[i].here, b->marks[i].here);
    }
    assert_int_equal(a->undo_count, b->undo_count);
    assert_false(a->message_is_error);
    snapshot_release(a);
    snapshot_release(b);
}

static void check_round(const struct place *place, struct rng *rng) {
    struct session *session = open_session(place), *fresh = open_session(place);
    int step = rng_uniform(rng) < 0.5 ? 1 : -1;
    struct request asked[REQUESTS];
    size_t at = 0, count = 0;
    struct error error = {0};
    if (rng_uniform(rng) < 0.5)
        session_sweep(session, 20);
    for (int k = 0; k < REQUESTS; k++) {
        double chance = rng_uniform(rng);
        if (chance < 0.3 && at > 0) {
            must(session_undo(session, NULL, &error), &error);
            at--;
        } else if (chance < 0.5 && at < count) {
            must(session_redo(session, NULL, &error), &error);
            at++;
        } else {
            asked[at] = random_request(rng, step);
            ask_in_order(session, &asked[at]);
            count = ++at;
        }
        if (rng_uniform(rng) < 0.3)
            usleep((useconds_t)(rng_uniform(rng) * 5000));
    }
    for (size_t k = 0; k < at; k++) {
        ask(fresh, &asked[k]);
        session_wait(fresh);
    }
    expect_equal(session, fresh);
    session_free(session);
    session_free(fresh);
}

static void any_order_of_undo_and_redo_leaves_what_was_asked(void **state) {
    (void)state;
    struct place place = make_place(40, 300);
    struct rng rng;
    rng_seed(&rng, 17);
    for (int round = 0; round < ROUNDS; round++)
        check_round(&place, &rng);
    remove_place(&place);
}

/* Nothing is open where the data would go back to. */
static void data_that_came_before_a_network_are_no_way_back(void **state) {
    (void)state;
    struct place place = make_place(8, 100);
    struct error error = {0};
    struct session *session = session_new(&error);
    must(session != NULL, &error);
    session_data(session, place.data, NULL);
    session_open(session, place.model, place.data, NULL, NULL);
    session_wait(session);
    struct snapshot *snapshot = session_latest(session);
    assert_true(snapshot->analysed);
    assert_int_equal(snapshot->undo_count, 0);
    snapshot_release(snapshot);
    assert_false(session_undo(session, NULL, &error));
    session_wait(session);
    session_free(session);
    remove_place(&place);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_are_undone_until_a_new_one),
        cmocka_unit_test(the_oldest_changes_go),
        cmocka_unit_test(steps_add_up_before_anybody_has_got_there),
        cmocka_unit_test(a_search_is_made_once),
        cmocka_unit_test(searches_that_were_stopped_leave_no_place),
        cmocka_unit_test(joined_moves_are_one_change),
        cmocka_unit_test(files_that_cannot_be_read_leave_no_place),
        cmocka_unit_test(files_that_are_gone_are_no_way_back),
        cmocka_unit_test(the_first_files_may_be_bad),
        cmocka_unit_test(marks_are_named_found_and_moved),
        cmocka_unit_test(marks_learn_where_they_are),
        cmocka_unit_test(every_request_is_a_change_with_a_name),
        cmocka_unit_test(a_failed_search_leaves_the_epsilon_there_is),
        cmocka_unit_test(options_that_are_refused_are_chosen_no_more),
        cmocka_unit_test(options_of_another_network_rest),
        cmocka_unit_test(options_that_do_not_fit_the_network_are_refused_at_once),
        cmocka_unit_test(files_that_fail_or_go_leave_what_is_open),
        cmocka_unit_test(a_write_has_the_options_of_when_it_was_asked),
        cmocka_unit_test(marks_have_figures_and_bring_options_back),
        cmocka_unit_test(a_cancelled_search_is_no_change),
        cmocka_unit_test(what_was_saved_is_taken_up_again),
        cmocka_unit_test(data_that_came_before_a_network_are_no_way_back),
        cmocka_unit_test(any_order_of_undo_and_redo_leaves_what_was_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
