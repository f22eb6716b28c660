/* Choosing neurons by commands, as scripts give them: without a screen, and with one that only
 * takes notes. */
#include "fake_session.h"

#include "lumpscope/command.h"
#include "lumpscope/player.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void run(struct command_context *context, const char *line) {
    struct error error = {0};
    if (command_run(context, line, &error) == COMMAND_FAILED)
        fail_msg("%s: %s", line, error.text);
}

static void refused(struct command_context *context, const char *line, const char *says) {
    struct error error = {0};
    assert_int_equal(command_run(context, line, &error), COMMAND_FAILED);
    assert_int_equal(error.kind, ERROR_USAGE);
    if (!strstr(error.text, says))
        fail_msg("%s: \"%s\" does not say \"%s\"", line, error.text, says);
}

static void expect_selected(struct session *session, size_t layer, size_t neuron) {
    struct snapshot *snapshot = session_latest(session);
    assert_int_equal(snapshot->inspection.layer, layer);
    assert_int_equal(snapshot->inspection.neuron, neuron);
    snapshot_release(snapshot);
}

static void scripts_choose_neurons_without_a_screen(void **state) {
    (void)state;
    struct session *session = fake_session_new(FAKE_SQUARE);
    struct command_context context = {.session = session, .player = player_new(NULL, NULL)};
    assert_non_null(context.player);
    run(&context, "goto 12");
    expect_selected(session, 1, 12);
    run(&context, "goto 3 5");
    expect_selected(session, 3, 5);
    run(&context, "goto 7");
    expect_selected(session, 3, 7);
    run(&context, "find 2:1");
    expect_selected(session, 2, 1);
    run(&context, "find s1");
    expect_selected(session, 1, 44);
    run(&context, "sort size");
    run(&context, "plot on");
    player_free(context.player);
    session_free(session);
}

static void wrong_places_are_refused_with_what_there_is(void **state) {
    (void)state;
    struct session *session = fake_session_new(FAKE_SQUARE);
    struct command_context context = {.session = session};
    refused(&context, "goto 64", "its neurons are 0 to 63");
    refused(&context, "goto 0 1", "hidden layers are 1 to 3");
    refused(&context, "goto x", "say which neuron");
    refused(&context, "goto -1", "say which neuron");
    refused(&context, "goto 1 2 3", "usage: goto");
    refused(&context, "find", "say what to find");
    refused(&context, "find S", "begins 5 names");
    refused(&context, "find nobody", "is no neuron, input or output");
    refused(&context, "find in:dS1", "is no neuron");
    refused(&context, "sort down", "say sort order");
    session_free(session);
    session = fake_session_new(FAKE_EMPTY);
    context.session = session;
    refused(&context, "goto 1", "there are no hidden layers");
    refused(&context, "find S1", "no network is open");
    session_free(session);
}

/* ---- With a screen ---- */

struct notes {
    size_t layer, neuron, times;
    char searched[COMMAND_SEARCH_SIZE], said[512];
};

static size_t note_layer(void *user) {
    return ((struct notes *)user)->layer;
}

static bool note_choose_layer(void *user, size_t layer) {
    ((struct notes *)user)->layer = layer;
    return true;
}

static bool note_choose_neuron(void *user, size_t neuron) {
    ((struct notes *)user)->neuron = neuron;
    return true;
}

static size_t note_search(void *user, char *what) {
    struct notes *notes = user;
    if (!*what)
        snprintf(what, COMMAND_SEARCH_SIZE, "%s", notes->searched);
    return notes->times;
}

static void note_say(void *user, const char *sentence) {
    struct notes *notes = user;
    snprintf(notes->said, sizeof notes->said, "%s", sentence);
}

static void repeated_searches_go_through_all_neurons(void **state) {
    (void)state;
    static const struct command_ui ui = {.layer = note_layer,
                                         .choose_layer = note_choose_layer,
                                         .choose_neuron = note_choose_neuron,
                                         .search = note_search,
                                         .say = note_say};
    static const char *const ranks[] = {"1st of 64", "2nd of 64", "3rd of 64", "4th of 64"};
    struct session *session = fake_session_new(FAKE_SQUARE);
    struct notes notes = {.layer = 2};
    struct command_context context = {session, &ui, &notes, NULL, NULL};
    bool seen[64] = {false};
    for (notes.times = 0; notes.times < 64; notes.times++) {
        run(&context, "find in:S2");
        assert_int_equal(notes.layer, 1);
        assert_in_range(notes.neuron, 0, 63);
        assert_false(seen[notes.neuron]);
        seen[notes.neuron] = true;
        if (notes.times < 4)
            assert_non_null(strstr(notes.said, ranks[notes.times]));
    }
    assert_non_null(strstr(notes.said, "64th of 64; again: the first"));
    size_t weakest = notes.neuron;
    run(&context, "find S2"); /* from the first again */
    assert_non_null(strstr(notes.said, "reads S2 most"));
    assert_int_not_equal(notes.neuron, weakest);
    notes.times = 10;
    run(&context, "find S2");
    assert_non_null(strstr(notes.said, "11th of 64"));
    session_free(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_choose_neurons_without_a_screen),
        cmocka_unit_test(wrong_places_are_refused_with_what_there_is),
        cmocka_unit_test(repeated_searches_go_through_all_neurons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
