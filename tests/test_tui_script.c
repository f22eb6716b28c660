/* Scripts on the screen: the strip, tasks, recordings that replay to the same screen. */
#include "explorer_terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char lesson[] =
    "# title: A lesson of the tests\n"
    "eps 0.02\n"
    "pane classes\n"
    "say The strip lies over nothing that it talks about: the panes make room. Neuron 0 is in the "
    "class at the left, and epsilon stands at the top.\n"
    "try epsilon>0.05 Move epsilon beyond 0.05: press L, or e and a number.\n"
    "answer next-event\n"
    "answer eps 0.06\n"
    "say A text that is longer than the strip is broken into pages, each as long as the strip, so "
    "that nothing of it is ever cut off. To be so long it has to go on for a while, about this "
    "and that: neurons, classes, parameters, errors, curves, colours, signs, keys, and whatever "
    "else there is on a screen of the explorer. This is where it ends: HERE, and nowhere else, "
    "which on a wide screen with its longer lines takes some more words than on a narrow one, as "
    "these last ones are, and these, and so on to the very end, THERE.\n";

static char directory[] = "/tmp/lumpscope-test-XXXXXX";

static int make_directory(void **state) {
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state) {
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

static void write_script(const char *name, const char *content) {
    char path[96];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

/* ":source DIRECTORY/NAME" and Enter. */
static void command(struct terminal *terminal, const char *name, const char *file) {
    char keys[128];
    snprintf(keys, sizeof keys, ":%s %s/%s\r", name, directory, file);
    explorer_keys(terminal, keys);
}

static struct terminal *start_lesson(int rows, int columns, const char *words) {
    write_script("lesson", lesson);
    struct terminal *terminal = explorer_start(rows, columns, words, NULL);
    command(terminal, "source", "lesson");
    return terminal;
}

static void press(struct terminal *terminal, const char *keys, const char *shown) {
    terminal_send(terminal, keys);
    terminal_expect(terminal, shown);
}

static void the_strip_leaves_room_for_the_panes_at_80x24(void **state) {
    (void)state;
    struct terminal *terminal = start_lesson(24, 80, "square");
    terminal_expect_screen(terminal, "strip-80x24");
    press(terminal, " ", "to do, 2 of 3");
    press(terminal, " ", "shown: ");
    terminal_settle(terminal);
    terminal_expect_screen(terminal, "strip-task-80x24");
    explorer_quit(terminal);
}

static void the_strip_leaves_room_for_the_panes_at_120x40(void **state) {
    (void)state;
    struct terminal *terminal = start_lesson(40, 120, "square");
    terminal_expect_screen(terminal, "strip-120x40");
    press(terminal, " ", "to do, 2 of 3");
    press(terminal, "e0.07\r", "done, 2 of 3");
    terminal_settle(terminal);
    terminal_expect_screen(terminal, "strip-done-120x40");
    explorer_quit(terminal);
}

static void the_strip_has_ascii_twins(void **state) {
    (void)state;
    struct terminal *terminal = start_lesson(24, 80, "square --ascii");
    press(terminal, " ", "to do, 2 of 3");
    press(terminal, "e0.07\r", "* done, 2 of 3");
    terminal_settle(terminal);
    terminal_expect_screen(terminal, "strip-ascii-80x24");
    explorer_quit(terminal);
}

static void space_shows_how_step_by_step(void **state) {
    (void)state;
    struct terminal *terminal = start_lesson(24, 80, "square");
    press(terminal, " ", "Space shows how");
    press(terminal, " ", "shown: the key l, or :next-event");
    terminal_settle(terminal);
    assert_true(terminal_shows(terminal, "to do, 2 of 3"));
    press(terminal, " ", "shown: :eps 0.06");
    terminal_expect(terminal, "done, 2 of 3");
    press(terminal, " ", "3 of 3");
    explorer_quit(terminal);
}

static void a_task_that_is_done_needs_no_answer(void **state) {
    (void)state;
    struct terminal *terminal = start_lesson(24, 80, "square");
    press(terminal, " ", "to do, 2 of 3");
    press(terminal, "e0.09\r", "done, 2 of 3");
    press(terminal, "0", "\xce\xb5 0 ");
    terminal_settle(terminal);
    assert_true(terminal_shows(terminal, "done, 2 of 3"));
    press(terminal, " ", "3 of 3");
    terminal_settle(terminal);
    assert_true(terminal_shows(terminal, "\xce\xb5 0 "));
    explorer_quit(terminal);
}

static void long_texts_have_pages_and_are_never_cut(void **state) {
    (void)state;
    static const int sizes[][2] = {{24, 80}, {40, 120}, {60, 200}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct terminal *terminal = start_lesson(sizes[i][0], sizes[i][1], "square");
        bool here = false, there = false;
        press(terminal, " ", "to do");
        press(terminal, "e0.09\r", "done");
        press(terminal, " ", "3 of 3");
        for (int pages = 0; !terminal_shows(terminal, "the lesson is over"); pages++) {
            terminal_settle(terminal);
            here = here || terminal_shows(terminal, "HERE");
            there = there || terminal_shows(terminal, "THERE");
            assert_true(pages < 5);
            explorer_keys(terminal, " ");
        }
        assert_true(here && there);
        explorer_quit(terminal);
    }
}

static void escape_leaves_a_lesson(void **state) {
    (void)state;
    struct terminal *terminal = start_lesson(24, 80, "square");
    press(terminal, "?", "This pane");
    press(terminal, "\033", "1 of 3");
    press(terminal, "\033", "left the lesson");
    assert_false(terminal_shows(terminal, "1 of 3"));
    explorer_keys(terminal, " ");
    assert_true(terminal_shows(terminal, "the key Space does nothing here"));
    explorer_quit(terminal);
}

static void a_script_takes_the_place_of_another(void **state) {
    (void)state;
    struct terminal *terminal = start_lesson(24, 80, "square");
    press(terminal, " ", "to do, 2 of 3");
    command(terminal, "source", "lesson");
    terminal_expect(terminal, "lesson 1 of 3");
    command(terminal, "source", "nosuch");
    assert_true(terminal_shows(terminal, "lesson 1 of 3"));
    press(terminal, "\033", "left the lesson");
    explorer_quit(terminal);
}

static void a_click_on_the_strip_goes_on(void **state) {
    (void)state;
    struct terminal *terminal = start_lesson(24, 80, "square");
    terminal_mouse(terminal, 0, true, 20, 10);
    terminal_expect(terminal, "to do, 2 of 3");
    terminal_mouse(terminal, 0, false, 20, 10);
    terminal_settle(terminal);
    assert_true(terminal_shows(terminal, "to do, 2 of 3"));
    explorer_quit(terminal);
}

static void every_size_keeps_its_strip(void **state) {
    (void)state;
    static const int sizes[][2] = {{60, 200}, {20, 60}, {31, 110}, {24, 80}, {40, 120}, {24, 80}};
    struct terminal *terminal = start_lesson(24, 80, "square");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        bool small = sizes[i][0] < 24;
        terminal_resize(terminal, sizes[i][0], sizes[i][1]);
        terminal_settle(terminal);
        assert_true(terminal_shows(terminal, small ? "needs 80 x 24" : "lesson 1 of 3"));
    }
    terminal_expect_screen(terminal, "strip-80x24");
    explorer_quit(terminal);
}

static void errors_stop_a_script_and_name_their_line(void **state) {
    (void)state;
    write_script("bad", "eps 0.05\n\nfrobnicate\neps 0.09\n");
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    command(terminal, "source", "bad");
    assert_true(terminal_shows(terminal, "bad:3: there is no command \"frobnicate\""));
    assert_true(terminal_shows(terminal, "\xce\xb5 0.05000"));
    command(terminal, "source", "nosuch");
    assert_true(terminal_shows(terminal, "nosuch: "));
    explorer_quit(terminal);
}

static void what_is_said_at_the_prompt_is_shown(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, ":say it's \"so\"\r", "it's \"so\"");
    explorer_keys(terminal, " ");
    assert_false(terminal_shows(terminal, "it's"));
    press(terminal, ":show\r", "132 neurons -> 132 classes; 1547 -> 1547 parameters");
    explorer_quit(terminal);
}

static void the_help_lists_the_lessons(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(60, 200, "square", NULL);
    explorer_keys(terminal, "?");
    for (int i = 0; i < 30 && !terminal_shows(terminal, ":tour equivalence"); i++)
        explorer_keys(terminal, "\033[6~");
    terminal_expect(terminal, ":tour equivalence");
    press(terminal, "q", "? help");
    press(terminal, ":tour\r", "lessons: equivalence (What is a forward equivalence)");
    explorer_quit(terminal);
}

/* ---- Recording ---- */

/* The screen after the same last key. */
static char *last_screen(struct terminal *terminal) {
    explorer_keys(terminal, ":layer 2\r");
    return strdup(terminal_text(terminal));
}

static void a_recording_replays_to_the_same_screen(void **state) {
    (void)state;
    static const char *const keys[] = {"LLlh",
                                       "j",
                                       "\t",
                                       "l\033OC\033OB",
                                       ">",
                                       ".",
                                       "-",
                                       "rgnb",
                                       "f",
                                       "x",
                                       "e0.07\r",
                                       "$hhhh",
                                       ":budget 40%\r",
                                       "s",
                                       "v",
                                       "V",
                                       "vvv",
                                       "?",
                                       "jj",
                                       "q",
                                       "?\033",
                                       "\t",
                                       "\033[6~",
                                       "\033",
                                       "\033",
                                       "p",
                                       "p",
                                       "k",
                                       ":set norm linf\r",
                                       "\r",
                                       "LH",
                                       ":lock 1\r",
                                       ":theme mono\r",
                                       "M",
                                       "M"};
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    explorer_keys(terminal, "lll\t");
    command(terminal, "record", "keys");
    assert_true(terminal_shows(terminal, "recording keys"));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        explorer_keys(terminal, keys[i]);
    terminal_mouse(terminal, 0, true, 2, 40);
    terminal_mouse(terminal, 32, true, 2, 50);
    terminal_mouse(terminal, 0, false, 2, 50);
    terminal_mouse(terminal, 64, true, 2, 50);
    terminal_mouse(terminal, 0, true, 6, 40);
    terminal_mouse(terminal, 0, false, 6, 40);
    terminal_mouse(terminal, 0, true, 8, 5);
    terminal_mouse(terminal, 0, false, 8, 5);
    terminal_mouse(terminal, 65, true, 8, 5);
    terminal_settle(terminal);
    explorer_keys(terminal, ":record off\r");
    assert_true(terminal_shows(terminal, "recorded to "));
    char *given = last_screen(terminal);
    explorer_quit(terminal);
    terminal = explorer_start(24, 80, "square", NULL);
    command(terminal, "source", "keys");
    terminal_settle(terminal);
    char *replayed = last_screen(terminal);
    assert_string_equal(given, replayed);
    free(given);
    free(replayed);
    explorer_quit(terminal);
}

static void the_mouse_is_recorded_as_commands(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    char path[96], line[128], content[4096] = "";
    command(terminal, "record", "mouse");
    terminal_mouse(terminal, 0, true, 2, 40);
    terminal_mouse(terminal, 32, true, 2, 50);
    terminal_mouse(terminal, 0, false, 2, 50);
    terminal_mouse(terminal, 64, true, 2, 50);
    terminal_mouse(terminal, 0, true, 6, 2);
    terminal_mouse(terminal, 0, true, 5, 40);
    terminal_settle(terminal);
    snprintf(path, sizeof path, "%s/mouse", directory);
    FILE *file = fopen(path, "r"); /* while it is being written */
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        strncat(content, line, sizeof content - strlen(content) - 1);
    fclose(file);
    const char *eps = strstr(content, "plot off\neps 0.");
    assert_non_null(eps);
    eps = strstr(eps + 10, "\neps 0."); /* the knob was dragged */
    assert_non_null(eps);
    assert_non_null(strstr(eps, "\nnext-event\n"));
    assert_non_null(strstr(eps, "\npane classes\ngoto "));
    explorer_quit(terminal);
}

static void a_recording_does_not_write_over_a_file(void **state) {
    (void)state;
    write_script("kept", "say precious\n");
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    command(terminal, "record", "kept");
    assert_true(terminal_shows(terminal, "kept: exists; record! FILE replaces it"));
    command(terminal, "record!", "kept");
    assert_true(terminal_shows(terminal, "recording kept"));
    explorer_keys(terminal, "l");
    terminal_expect_screen(terminal, "recording-80x24");
    explorer_quit(terminal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_strip_leaves_room_for_the_panes_at_80x24),
        cmocka_unit_test(the_strip_leaves_room_for_the_panes_at_120x40),
        cmocka_unit_test(the_strip_has_ascii_twins),
        cmocka_unit_test(space_shows_how_step_by_step),
        cmocka_unit_test(a_task_that_is_done_needs_no_answer),
        cmocka_unit_test(long_texts_have_pages_and_are_never_cut),
        cmocka_unit_test(escape_leaves_a_lesson),
        cmocka_unit_test(a_script_takes_the_place_of_another),
        cmocka_unit_test(a_click_on_the_strip_goes_on),
        cmocka_unit_test(every_size_keeps_its_strip),
        cmocka_unit_test(errors_stop_a_script_and_name_their_line),
        cmocka_unit_test(what_is_said_at_the_prompt_is_shown),
        cmocka_unit_test(the_help_lists_the_lessons),
        cmocka_unit_test(a_recording_replays_to_the_same_screen),
        cmocka_unit_test(the_mouse_is_recorded_as_commands),
        cmocka_unit_test(a_recording_does_not_write_over_a_file),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
