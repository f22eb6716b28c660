/* The explorer as the program starts it: the embedded sample, models and data of the user, and
 * files that are refused before there is a screen. */
#include "program_support.h"
#include "terminal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* The user's files stay out of it: state and data are looked for in the test's own directory. */
static int set_up(void **state) {
    if (enter_directory(state) != 0)
        return -1;
    return setenv("XDG_STATE_HOME", *state, 1) || setenv("XDG_DATA_HOME", *state, 1) ||
           setenv("XDG_CONFIG_HOME", *state, 1);
}

static struct terminal *start(const char *const *words) {
    return terminal_start(40, 120, getenv("LUMPSCOPE_PROGRAM"), words, NULL);
}

static void quit(struct terminal *terminal) {
    terminal_send(terminal, "q");
    assert_int_equal(terminal_exit(terminal), 0);
    terminal_expect_restored(terminal);
    terminal_free(terminal);
}

static void without_words_the_embedded_sample_is_explored(void **state) {
    (void)state;
    static const char *const words[] = {NULL};
    struct terminal *terminal = start(words);
    terminal_expect(terminal, "7-64-4-64-7");
    terminal_expect(terminal, "MSE");
    quit(terminal);
}

static void a_model_named_like_a_command_can_be_opened(void **state) {
    (void)state;
    write_file("info", "{\"format\":\"lumpscope-network\",\"version\":1,\"name\":\"tiny\","
                       "\"task\":\"regression\",\"layers\":[{\"activation\":\"relu\",\"weights\":"
                       "[[1,2],[3,4],[1,2]],\"bias\":[0,1,0]},{\"activation\":\"linear\","
                       "\"weights\":[[1,1,1]],\"bias\":[0]}]}");
    static const char *const open[] = {"open", "info", NULL}, *const path[] = {"./info", NULL},
                             *const option[] = {"--eps", "0.5", "--ascii", "./info", NULL};
    static const char *const *const lines[] = {open, path, option};
    for (size_t k = 0; k < 3; k++) {
        struct terminal *terminal = start(lines[k]);
        terminal_expect(terminal, "2-3-1");
        quit(terminal);
    }
}

static void bad_files_are_refused_before_there_is_a_screen(void **state) {
    (void)state;
    write_file("broken.json", "{\"format\":");
    write_file("broken.csv", "a,b,y\n1,2\n");
    static const char *const model[] = {"broken.json", NULL}, *const data[] = {"./info", "--data",
                                                                               "broken.csv", NULL};
    struct terminal *terminal = start(model);
    assert_int_equal(terminal_exit(terminal), 1);
    assert_true(terminal_shows(terminal, "lumpscope: broken.json"));
    terminal_free(terminal);
    terminal = start(data);
    assert_int_equal(terminal_exit(terminal), 1);
    assert_true(terminal_shows(terminal, "lumpscope: broken.csv"));
    terminal_free(terminal);
}

static void a_signal_ends_it_with_the_terminal_restored(void **state) {
    (void)state;
    static const char *const words[] = {NULL};
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t k = 0; k < 3; k++) {
        struct terminal *terminal = start(words);
        terminal_expect(terminal, "7-64-4-64-7");
        terminal_signal(terminal, signals[k]);
        assert_int_equal(terminal_exit(terminal), 128 + signals[k]);
        terminal_expect_restored(terminal);
        terminal_free(terminal);
    }
}

/* The settings give options and keys; what the command line gives counts more. */
static void settings_come_before_the_command_line(void **state) {
    (void)state;
    static const char *const plain[] = {NULL}, *const given[] = {"--relation", "joint", NULL};
    mkdir("../lumpscope", 0700); /* the history may have made it */
    write_file("../lumpscope/config", "set relation backward\nbind y settings\nbind z lock\n");
    struct terminal *terminal = start(plain);
    terminal_expect(terminal, "backward");
    terminal_expect(terminal, "lumpscope/config:2: there is no command \"settings\"");
    terminal_expect(terminal, "next merge at");
    terminal_send(terminal, "z");
    terminal_expect(terminal, "layer 1 locked");
    quit(terminal);
    terminal = start(given);
    terminal_expect(terminal, "joint\xc2\xb7");
    quit(terminal);
    assert_int_equal(unlink("../lumpscope/config"), 0);
}

static const char tiny[] =
    "{\"format\":\"lumpscope-network\",\"version\":1,\"name\":\"tiny\",\"task\":\"regression\","
    "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1,2],[3,4],[1,2.1]],\"bias\":[0,1,0]},"
    "{\"activation\":\"linear\",\"weights\":[[1,1,1]],\"bias\":[0]}]}";

static struct terminal *start_and_expect(const char *const *words, const char *shown) {
    struct terminal *terminal = start(words);
    terminal_expect(terminal, shown);
    terminal_settle(terminal);
    return terminal;
}

static void press(struct terminal *terminal, const char *keys, const char *shown) {
    terminal_send(terminal, keys);
    terminal_expect(terminal, shown);
    terminal_settle(terminal);
}

static void the_session_of_last_time_goes_on(void **state) {
    (void)state;
    write_file("tiny.json", tiny);
    static const char *const model[] = {"tiny.json", NULL},
                             *const resume_model[] = {"open", "--resume", "./tiny.json", NULL},
                             *const nothing[] = {NULL}, *const resume[] = {"--resume", NULL};
    struct terminal *terminal = start_and_expect(model, "2-3-1");
    assert_false(terminal_shows(terminal, "last session"));
    press(terminal, ":set norm l2\r", "norm l2");
    press(terminal, "$m", "marked a: eps ");
    press(terminal, ":eps 0.125\r", "0.1250");
    quit(terminal);
    /* Without a model the newest is offered beside the sample, with it the model's own. */
    terminal = start_and_expect(nothing, "last session: tiny, forward, ");
    terminal_expect(terminal, "7-64-4-64-7");
    press(terminal, "R", "2-3-1");
    terminal_expect(terminal, "0.1250");
    press(terminal, "u", "7-64-4-64-7");
    quit(terminal);
    terminal = start_and_expect(model, "last session: tiny, forward, ");
    quit(terminal);
    terminal = start_and_expect(resume_model, "0.1250");
    terminal_expect(terminal, "\xc2\xb7l2");
    press(terminal, "'", "at mark a: eps ");
    quit(terminal);
    terminal = start_and_expect(resume, "2-3-1"); /* the newest */
    quit(terminal);
}

/* Epsilon, options and files of settings, and of a script that they play. */
static void settings_leave_alone_what_is_held(void **state) {
    (void)state;
    write_file("held.json", tiny);
    write_file("alien.csv", "a,b,y\n1,2,3\n4,5,6\n");
    static const char *const model[] = {"held.json", NULL}, *const nothing[] = {NULL},
                             *const resume[] = {"--resume", "held.json", NULL},
                             *const given[] = {"--eps", "0.25",      "--norm",
                                               "linf",  "held.json", NULL};
    struct terminal *terminal = start_and_expect(model, "2-3-1");
    press(terminal, ":eps 0.125\r", "0.1250");
    quit(terminal);
    char *here = realpath(".", NULL), line[4400];
    write_file("own.scope", "eps 0.9\nset norm l2\nsample embedded\ndata alien.csv\nlayer 1\n"
                            "quit\n");
    (void)snprintf(
        line, sizeof line,
        "eps 0.9\nset norm l2\nlock 1\nsample embedded\ndata alien.csv\nsource %s/own.scope", here);
    free(here);
    write_file("../lumpscope/config", line);
    terminal = start_and_expect(resume, "own.scope:6: quit has no place in the settings");
    terminal_expect(terminal, "2-3-1");
    terminal_expect(terminal, "0.1250");
    assert_false(terminal_shows(terminal, "\xc2\xb7l2"));
    quit(terminal);
    terminal = start_and_expect(given, "own.scope:6: quit");
    terminal_expect(terminal, "2-3-1");
    terminal_expect(terminal, "0.2500");
    terminal_expect(terminal, "\xc2\xb7linf");
    quit(terminal);
    write_file("../lumpscope/config", "open held.json\neps 0.5\n"); /* nothing is named */
    terminal = start_and_expect(nothing, "2-3-1");
    terminal_expect(terminal, "0.5000");
    quit(terminal);
    assert_int_equal(unlink("../lumpscope/config"), 0);
}

static void what_cannot_be_resumed_is_refused(void **state) {
    (void)state;
    write_file("other.json", tiny);
    static const char *const none[] = {"--resume", "other.json", NULL}, *const twice[] = {
                                                                            "--resume", "--eps",
                                                                            "1", "other.json",
                                                                            NULL};
    struct terminal *terminal = start(none);
    assert_int_equal(terminal_exit(terminal), 1);
    assert_true(terminal_shows(terminal, "lumpscope: other.json: there is no session to resume"));
    terminal_free(terminal);
    terminal = start(twice);
    assert_int_equal(terminal_exit(terminal), 2);
    assert_true(terminal_shows(terminal, "--resume brings the data, the options and epsilon"));
    terminal_free(terminal);
}

static void a_signal_does_not_lose_the_session(void **state) {
    (void)state;
    write_file("kept.json", tiny);
    static const char *const model[] = {"kept.json", NULL}, *const resume[] = {"--resume",
                                                                               "kept.json", NULL};
    struct terminal *terminal = start_and_expect(model, "2-3-1");
    press(terminal, ":eps 0.0625\r", "0.06250");
    terminal_signal(terminal, SIGTERM);
    assert_int_equal(terminal_exit(terminal), 128 + SIGTERM);
    terminal_expect_restored(terminal);
    terminal_free(terminal);
    terminal = start_and_expect(resume, "0.06250");
    quit(terminal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_words_the_embedded_sample_is_explored),
        cmocka_unit_test(a_model_named_like_a_command_can_be_opened),
        cmocka_unit_test(bad_files_are_refused_before_there_is_a_screen),
        cmocka_unit_test(settings_come_before_the_command_line),
        cmocka_unit_test(a_signal_ends_it_with_the_terminal_restored),
        cmocka_unit_test(the_session_of_last_time_goes_on),
        cmocka_unit_test(settings_leave_alone_what_is_held),
        cmocka_unit_test(what_cannot_be_resumed_is_refused),
        cmocka_unit_test(a_signal_does_not_lose_the_session),
    };
    return cmocka_run_group_tests(tests, set_up, leave_directory);
}
