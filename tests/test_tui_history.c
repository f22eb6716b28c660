/* Undo, redo, marks and the session of last time, as a person sees them. */
#include "explorer_terminal.h"
#include "program_support.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define EPSILON "\xce\xb5 "

static struct terminal *start(void) {
    return explorer_start(24, 80, "square", NULL);
}

/* With sessions in the test's own directory, which `words` may say more about. */
static struct terminal *start_kept(const char *words) {
    char line[128];
    snprintf(line, sizeof line, "square --sessions sessions %s", words);
    return explorer_start(24, 80, line, NULL);
}

static void press(struct terminal *terminal, const char *keys, const char *shown) {
    terminal_send(terminal, keys);
    terminal_expect(terminal, shown);
}

static int without_sessions(void **state) {
    (void)state;
    mkdir("sessions", 0777);
    DIR *stream = opendir("sessions");
    for (struct dirent *found; stream && (found = readdir(stream));) {
        char path[512];
        snprintf(path, sizeof path, "sessions/%s", found->d_name);
        if (found->d_name[0] != '.')
            unlink(path);
    }
    if (stream)
        closedir(stream);
    return 0;
}

static void undo_and_redo_say_what_and_where(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, "u", "nothing to undo");
    press(terminal, "U", "nothing to do again");
    press(terminal, "l", EPSILON "0.001000");
    press(terminal, "f", "refit off");
    assert_false(terminal_shows(terminal, "\xc2\xb7refit"));
    press(terminal, "u", "undone: refit off; now eps 0.001000");
    press(terminal, "u", EPSILON "0 ");
    press(terminal, "U", EPSILON "0.001000");
    press(terminal, "U", "done again: refit off; now eps 0.001000");
    press(terminal, ":undo\r", "\xc2\xb7refit");
    explorer_quit(terminal);
}

static void a_drag_of_the_slider_is_one_change(void **state) {
    (void)state;
    struct terminal *terminal = start();
    terminal_mouse(terminal, 0, true, 2, 20);
    for (int column = 21; column < 60; column++)
        terminal_mouse(terminal, 32, true, 2, column);
    terminal_mouse(terminal, 0, false, 2, 59);
    terminal_settle(terminal);
    assert_false(terminal_shows(terminal, EPSILON "0 "));
    press(terminal, "u", EPSILON "0 ");
    press(terminal, "u", "nothing to undo");
    explorer_quit(terminal);
}

static void marks_are_made_found_and_forgotten(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, "'", "there are no marks yet");
    press(terminal, "LLm", "marked a: eps 0.007161, 76.0 % of the parameters");
    press(terminal, "LLm", "marked b: eps ");
    press(terminal, ":mark end\r", "marked end: eps ");
    press(terminal, "$:jump a\r", "at mark a: eps 0.007161, 76.0 % of the parameters");
    terminal_expect(terminal, EPSILON "0.007161");
    press(terminal, "'", "at mark end");
    press(terminal, ":unmark a\r", "forgot mark a");
    press(terminal, ":jump a\r", "there is no mark \"a\"");
    explorer_quit(terminal);
}

static void marks_stand_on_the_slider(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "square", NULL);
    explorer_keys(terminal, "LLmLLm:mark end\r0:mark zero\r");
    terminal_expect_screen(terminal, "marks-120x40");
    explorer_quit(terminal);
    terminal = start();
    explorer_keys(terminal, "LLmLLm0");
    terminal_expect_screen(terminal, "marks-80x24");
    /* Under other options the same epsilon is another place. */
    explorer_keys(terminal, "f");
    assert_false(terminal_shows(terminal, "\xe2\x94\x80"
                                          "a\xe2"));
    explorer_keys(terminal, "u");
    terminal_expect(terminal, "undone: refit off; now eps 0");
    explorer_quit(terminal);
    terminal = explorer_start(24, 80, "square --ascii", NULL);
    explorer_keys(terminal, "LLmLLm0");
    terminal_expect_screen(terminal, "marks-ascii-80x24");
    explorer_quit(terminal);
}

static void the_session_of_last_time_is_offered_and_resumed(void **state) {
    (void)state;
    struct terminal *terminal = start_kept("");
    assert_false(terminal_shows(terminal, "last session"));
    press(terminal, "R", "there is no session from last time");
    explorer_keys(terminal, "LLLmjjv:eps 0.3\r");
    explorer_quit(terminal);
    terminal = start_kept("");
    terminal_expect_screen(terminal, "offer-80x24");
    explorer_keys(terminal, "jk\t\t,"); /* looking around leaves it there */
    assert_true(terminal_shows(terminal, "last session: glycolysis, joint, " EPSILON "0.300, "
                                         "1 mark, 2023-11-14: R resumes"));
    press(terminal, "R", EPSILON "0.3000");
    terminal_expect(terminal, "resuming glycolysis; u takes it back");
    explorer_keys(terminal, "\033\033"); /* out of the inspector, which lies over the view */
    terminal_expect(terminal, "\xe2\x96\xb8"
                              "3 square");
    terminal_expect(terminal, ": dendrogram, ");
    press(terminal, "'", "at mark a: eps ");
    press(terminal, "uu", EPSILON "0 ");
    explorer_quit(terminal);
}

static void an_offer_that_is_passed_by_can_still_be_taken(void **state) {
    (void)state;
    struct terminal *terminal = start_kept("");
    explorer_keys(terminal, "LL");
    explorer_quit(terminal);
    terminal = start_kept("");
    terminal_expect(terminal, "last session");
    explorer_keys(terminal, "l");
    assert_false(terminal_shows(terminal, "last session"));
    press(terminal, ":resume\r", EPSILON "0.007161");
    explorer_quit(terminal);
}

static void a_start_that_changes_nothing_overwrites_nothing(void **state) {
    (void)state;
    struct terminal *terminal = start_kept("");
    explorer_keys(terminal, "LL");
    explorer_quit(terminal);
    terminal = start_kept("");
    explorer_keys(terminal, "jj\t");
    explorer_quit(terminal);
    terminal = start_kept("--resume");
    terminal_expect(terminal, EPSILON "0.007161");
    assert_false(terminal_shows(terminal, "last session"));
    explorer_quit(terminal);
}

static bool is_saved(void) {
    DIR *stream = opendir("sessions");
    bool found = false;
    for (struct dirent *entry; stream && (entry = readdir(stream));)
        found = found || entry->d_name[0] != '.';
    if (stream)
        closedir(stream);
    return found;
}

static void it_is_saved_two_seconds_after_a_change(void **state) {
    (void)state;
    struct terminal *terminal = start_kept("");
    explorer_keys(terminal, "LL");
    assert_false(is_saved());
    for (int k = 0; k < 60 && !is_saved(); k++)
        usleep(100000);
    assert_true(is_saved());
    explorer_quit(terminal);
}

static void it_is_saved_on_every_way_out(void **state) {
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT, 0};
    for (size_t k = 0; k < sizeof signals / sizeof *signals; k++) {
        without_sessions(state);
        struct terminal *terminal = start_kept("");
        explorer_keys(terminal, "LL");
        assert_false(is_saved());
        if (signals[k]) {
            terminal_signal(terminal, signals[k]);
            assert_int_equal(terminal_exit(terminal), 128 + signals[k]);
        } else
            terminal_hang_up(terminal);
        assert_true(is_saved());
        terminal_free(terminal);
    }
}

static void a_broken_session_is_said_and_harms_nothing(void **state) {
    (void)state;
    write_file("sessions/m-0123456789abcdef.json", "{\"format\":");
    struct terminal *terminal = start_kept("");
    terminal_expect(terminal, "sessions/m-0123456789abcdef.json: not JSON");
    press(terminal, "l", EPSILON "0.001000");
    explorer_quit(terminal);
}

/* Also when the screen has said so and has been drawn over since. */
static void a_place_that_cannot_be_written_to_is_said_at_the_end(void **state) {
    (void)state;
    static const char sentence[] = "the session is not kept: file";
    write_file("file", "x");
    for (int warned = 0; warned < 2; warned++) {
        struct terminal *terminal = explorer_start(24, 80, "square --sessions file/sessions", NULL);
        explorer_keys(terminal, "LL");
        if (warned) {
            terminal_expect(terminal, sentence);
            press(terminal, "j", "Layer 2");
            assert_false(terminal_shows(terminal, sentence));
        }
        terminal_send(terminal, "q");
        assert_int_equal(terminal_exit(terminal), 0);
        assert_true(terminal_shows(terminal, "lumpscope: the session is not kept: file"));
        terminal_free(terminal);
    }
}

static void nothing_to_keep_needs_no_place_for_it(void **state) {
    (void)state;
    write_file("file", "x");
    struct terminal *terminal = explorer_start(24, 80, "square --sessions file/sessions", NULL);
    terminal_send(terminal, "q");
    assert_int_equal(terminal_exit(terminal), 0);
    assert_false(terminal_shows(terminal, "not kept"));
    terminal_free(terminal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(undo_and_redo_say_what_and_where),
        cmocka_unit_test(a_drag_of_the_slider_is_one_change),
        cmocka_unit_test(marks_are_made_found_and_forgotten),
        cmocka_unit_test(marks_stand_on_the_slider),
        cmocka_unit_test_setup(the_session_of_last_time_is_offered_and_resumed, without_sessions),
        cmocka_unit_test_setup(an_offer_that_is_passed_by_can_still_be_taken, without_sessions),
        cmocka_unit_test_setup(a_start_that_changes_nothing_overwrites_nothing, without_sessions),
        cmocka_unit_test_setup(it_is_saved_two_seconds_after_a_change, without_sessions),
        cmocka_unit_test_setup(it_is_saved_on_every_way_out, without_sessions),
        cmocka_unit_test_setup(a_broken_session_is_said_and_harms_nothing, without_sessions),
        cmocka_unit_test_setup(a_place_that_cannot_be_written_to_is_said_at_the_end,
                               without_sessions),
        cmocka_unit_test_setup(nothing_to_keep_needs_no_place_for_it, without_sessions),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
