/* What tells a person what to do: help, the status line, completion, the list of themes, and keys
 * and settings of one's own. */
#include "explorer_terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define EPSILON "\xce\xb5 "
#define DOWN    "\033OB"
#define UP      "\033OA"

static void press(struct terminal *terminal, const char *keys, const char *shown) {
    terminal_send(terminal, keys);
    terminal_expect(terminal, shown);
}

static void check(int rows, int columns, const char *words, const char *keys, const char *name) {
    struct terminal *terminal = explorer_start(rows, columns, words, NULL);
    explorer_keys(terminal, keys);
    terminal_expect_screen(terminal, name);
    terminal_free(terminal);
}

/* A directory for the files of one test, and what lies in it. */
struct place {
    char directory[40], path[80];
};

static void place_open(struct place *place, const char *name, const char *text) {
    strcpy(place->directory, "/tmp/lumpscope-help-XXXXXX");
    assert_non_null(mkdtemp(place->directory));
    snprintf(place->path, sizeof place->path, "%s/%s", place->directory, name);
    FILE *file = fopen(place->path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void place_close(struct place *place) {
    assert_int_equal(unlink(place->path), 0);
    assert_int_equal(rmdir(place->directory), 0);
}

/* ---- Help ---- */

static void help_of_the_layers(void **state) {
    (void)state;
    check(24, 80, "square", "?", "help-layers-80x24");
    check(40, 120, "square", "?", "help-layers-120x40");
    check(24, 80, "square --ascii", "?", "help-layers-ascii-80x24");
}

static void help_of_the_classes(void **state) {
    (void)state;
    check(24, 80, "square", "\t?", "help-classes-80x24");
    check(40, 120, "square --ascii", "\t?", "help-classes-ascii-120x40");
}

static void help_of_the_inspector(void **state) {
    (void)state;
    check(24, 80, "square", "\t\t?", "help-inspector-80x24");
    check(40, 120, "square", "\t\t?", "help-inspector-120x40");
}

static void help_of_the_plot(void **state) {
    (void)state;
    check(24, 80, "square", ":pane plot\r?", "help-plot-80x24");
    check(40, 120, "square", ":pane plot\r?", "help-plot-120x40");
}

static void help_of_the_numbers(void **state) {
    (void)state;
    check(24, 80, "square", ":pane numbers\r?", "help-numbers-80x24");
    check(40, 120, "square", ":pane numbers\r?", "help-numbers-120x40");
}

static void keys_stand_in_columns_where_there_is_room(void **state) {
    (void)state;
    check(40, 120, "square", ":help keys\r", "help-keys-120x40");
    check(60, 200, "square", ":help keys\r", "help-keys-200x60");
}

static void commands_are_listed_with_their_arguments(void **state) {
    (void)state;
    check(40, 120, "square", ":help commands\r", "help-commands-120x40");
    check(24, 80, "square", ":help commands\r", "help-commands-80x24");
}

static void one_command_is_explained_with_its_keys(void **state) {
    (void)state;
    check(24, 80, "square", ":help lock\r", "help-lock-80x24");
    check(24, 80, "square", ":help bind\r", "help-bind-80x24");
}

static void help_finds_options_panes_and_views(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, ":help relation\r", ":set relation forward|backward|joint");
    press(terminal, "\033:help inspector\r", "The pane inspector");
    press(terminal, "\033:help dendrogram\r", "The view dendrogram");
    press(terminal, "\033:help options\r", "Options of :set");
    press(terminal, "\033:help bud\r", ":budget G%");
    press(terminal, "\033:help nothing\r", "there is no command \"nothing\"");
    assert_true(terminal_shows(terminal, "Numbers"));
    explorer_quit(terminal);
}

static void help_says_where_in_the_page_it_is(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, "?",
          "lines 1\xe2\x80\x93"
          "18 of");
    press(terminal, "j",
          "lines 2\xe2\x80\x93"
          "19 of");
    press(terminal, " ",
          "lines 12\xe2\x80\x93"
          "29 of");
    press(terminal, "\033OF", "faithful");
    explorer_keys(terminal, "jjjjjjjj");
    press(terminal, "k", "faithful"); /* the end was not overrun */
    press(terminal, "\033OH",
          "lines 1\xe2\x80\x93"
          "18 of");
    press(terminal, ":help lock\r", "all of it");
    press(terminal, "j", "all of it");
    press(terminal, "\033", "Numbers");
    explorer_quit(terminal);
}

static void help_shows_the_keys_as_they_are_now(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "square", NULL);
    press(terminal, ":bind C-r redo\r", "C-r: redo");
    press(terminal, ":unbind x\r", "x does nothing now");
    press(terminal, ":bind overlay n move down\r", "n in overlay: move down");
    press(terminal, ":help keys\r", "U C-r");
    assert_false(terminal_shows(terminal, "lock or unlock the layer"));
    press(terminal, "\033:help lock\r", "for example  :lock 2");
    assert_false(terminal_shows(terminal, "Its keys"));
    press(terminal, "\033", "Numbers");
    explorer_quit(terminal);
}

/* ---- The status line ---- */

static void keys_say_what_they_did(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, "l", EPSILON "0.001000: layer 1 merged 1 and 30, 131 classes");
    press(terminal, "h", EPSILON "0: layer 1 split 1 from 30, 132 classes");
    press(terminal, "L", EPSILON "0.0008951: nothing merged or split, 132 classes");
    press(terminal, "$", "129 merges in 3 layers, 3 classes");
    press(terminal, "0", "129 splits in 3 layers, 132 classes");
    press(terminal, "j", "layer 2: 4 neurons, 4 classes");
    press(terminal, "\t", "pane: classes");
    press(terminal, ">", "neuron 1, class 1");
    press(terminal, "-", "cells: ");
    press(terminal, "v", "view: dendrogram");
    press(terminal, "vvvv", "view: classes");
    press(terminal, "p", "the plot over all panes");
    press(terminal, "p", "the plot in its pane");
    press(terminal, "r", "relation forward");
    press(terminal, "x", "layer 2 locked");
    press(terminal, "M", "mouse released");
    explorer_quit(terminal);
}

static void what_was_said_makes_room_for_the_keys(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, "j", "layer 2: 4 neurons");
    for (int i = 0; i < 80 && terminal_shows(terminal, "layer 2: 4 neurons"); i++)
        terminal_read(terminal, 100);
    assert_false(terminal_shows(terminal, "layer 2: 4 neurons"));
    terminal_expect(terminal, "h l epsilon  j k layer  v view");
    explorer_quit(terminal);
}

static void the_status_line_shows_the_keys_of_the_pane(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    terminal_expect(terminal, "h l epsilon  j k layer  v view");
    press(terminal, "\t", "Enter open");
    explorer_quit(terminal);
    terminal = explorer_start(24, 120, "square", NULL);
    press(terminal, ":bind n next-event\r:unbind l\r:unbind Right\r", "h n epsilon");
    explorer_quit(terminal);
}

/* ---- Keys of one's own ---- */

static void bound_keys_do_what_they_say(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, ":bind y next-event 3\r", "y: next-event 3");
    press(terminal, "y", "129 classes");
    press(terminal, ":bind layers y 'set relation forward'\r", "y in layers: set relation forward");
    press(terminal, "y", "relation forward");
    press(terminal, ":unbind layers y\r", "y does nothing in layers now");
    press(terminal, "hhhy", "129 classes");
    press(terminal, ":unbind q\r", "q does nothing now");
    press(terminal, "q", "the key q does nothing here; ? lists the keys");
    press(terminal, ":bind q bind q quit\r", "q: bind q quit");
    press(terminal, "q", "q: quit");
    explorer_quit(terminal);
}

static void wrong_bindings_say_why(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, ":bind F13 lock\r", "there is no key \"F13\": a key is one character, C-a to");
    terminal_expect(terminal, "PgDn");
    press(terminal, ":bind C-z lock\r", "the terminal keeps the key C-z for itself");
    press(terminal, ":bind nowhere x lock\r", "there is no pane \"nowhere\": layers, classes");
    press(terminal, ":bind x frobnicate\r", "there is no command \"frobnicate\"");
    press(terminal, ":bind x eps\r", "usage: eps E");
    press(terminal, ":bind classes x\r", "say which command the key x gives");
    press(terminal, ":unbind Z\r", "the key Z is not bound;");
    press(terminal, ":unbind nowhere x\r", "nowhere");
    press(terminal, "x", "layer 1 locked");
    explorer_quit(terminal);
}

/* ---- Settings ---- */

static struct terminal *start_with(struct place *place, const char *text, const char *more) {
    char words[160];
    place_open(place, "config", text);
    snprintf(words, sizeof words, "square --config %s %s", place->path, more);
    return explorer_start(24, 80, words, NULL);
}

static uint32_t ground(struct terminal *terminal) {
    terminal_settle(terminal);
    return terminal_cell(terminal, 10, 5).background;
}

static void settings_are_run_at_start(void **state) {
    (void)state;
    struct place place;
    struct terminal *terminal = start_with(&place,
                                           "# mine\n\n  # more\nset refit off\r\nbind y lock\n"
                                           "pane classes\nmouse off",
                                           "");
    terminal_expect(terminal, "\xe2\x96\xb8Layer 1");
    assert_false(terminal_shows(terminal, "\xc2\xb7refit"));
    assert_false(terminal_shows(terminal, "mouse released"));
    press(terminal, "y", "layer 1 locked");
    press(terminal, "M", "mouse taken");
    press(terminal, "?", "This pane: classes");
    press(terminal, "\033OF", "are run at every start");
    explorer_keys(terminal, "\033");
    explorer_quit(terminal);
    place_close(&place);
}

static void wrong_settings_are_said_with_file_and_line(void **state) {
    (void)state;
    struct place place;
    char said[128];
    struct terminal *terminal =
        start_with(&place, "\nfrobnicate\nbind y lock\nset relation sideways\nquit\n", "");
    snprintf(said, sizeof said, "%s:2: there is no command", place.path);
    terminal_expect(terminal, said);
    terminal_expect(terminal, "2 more lines of it fail");
    press(terminal, "y", "layer 1 locked");
    explorer_quit(terminal);
    place_close(&place);
    terminal = start_with(&place, "theme nosuch", "");
    terminal_expect(terminal, "config:1: there is no theme \"nosuch\"");
    explorer_quit(terminal);
    place_close(&place);
}

static void settings_of_every_start_neither_leave_nor_write(void **state) {
    (void)state;
    static const char *const lines[] = {"quit", "write x.json", "export! x.md", "record x.scope",
                                        "tour balance"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct place place;
        char said[160];
        struct terminal *terminal = start_with(&place, lines[i], "");
        snprintf(said, sizeof said, "config:1: %.*s has no place", (int)strcspn(lines[i], " "),
                 lines[i]);
        terminal_expect(terminal, said);
        explorer_quit(terminal);
        place_close(&place);
        assert_int_not_equal(access("x.json", F_OK), 0);
    }
}

/* A script plays when the explorer has started: there it is refused by its own name. */
static void a_script_that_settings_play_does_not_end_the_explorer(void **state) {
    (void)state;
    struct place script, place;
    char line[160], said[160];
    place_open(&script, "leave", "pane classes\nquit\n");
    snprintf(line, sizeof line, "source %s", script.path);
    struct terminal *terminal = start_with(&place, line, "");
    snprintf(said, sizeof said, "%s:2: quit has no place in the settings", script.path);
    terminal_expect(terminal, said);
    terminal_send(terminal, ":"); /* what is typed is nobody's setting */
    snprintf(line, sizeof line, "source %s\r", script.path);
    terminal_send(terminal, line);
    assert_int_equal(terminal_exit(terminal), 0);
    terminal_free(terminal);
    place_close(&place);
    place_close(&script);
}

static void settings_may_begin_with_the_mark_of_utf8(void **state) {
    (void)state;
    struct place place;
    struct terminal *terminal = start_with(&place, "\xef\xbb\xbftheme light\n", "");
    assert_true(ground(terminal) > 0xe0e0e0);
    assert_false(terminal_shows(terminal, "no command"));
    explorer_quit(terminal);
    place_close(&place);
}

/* As a directory that may not be read would, whoever runs this. */
static void settings_that_cannot_be_looked_at_are_said(void **state) {
    (void)state;
    struct place place;
    char words[160];
    place_open(&place, "config", "");
    assert_int_equal(unlink(place.path), 0);
    assert_int_equal(symlink("config", place.path), 0);
    snprintf(words, sizeof words, "square --config %s", place.path);
    struct terminal *terminal = explorer_start(24, 80, words, NULL);
    terminal_expect(terminal, "config: Too many levels of symbolic links");
    explorer_quit(terminal);
    place_close(&place);
}

static void the_command_line_wins_over_the_settings(void **state) {
    (void)state;
    struct place place;
    struct terminal *terminal = start_with(&place, "theme light", "--theme dark");
    assert_true(ground(terminal) < 0x202020);
    explorer_quit(terminal);
    place_close(&place);
    terminal = start_with(&place, "theme light", "");
    assert_true(ground(terminal) > 0xe0e0e0);
    explorer_quit(terminal);
    place_close(&place);
    terminal = start_with(&place, "mouse on", "--no-mouse");
    press(terminal, "M", "mouse taken");
    explorer_quit(terminal);
    place_close(&place);
}

static void settings_that_are_not_there_do_not_matter(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square --config /nonexistent/config", NULL);
    terminal_expect(terminal, "h l epsilon");
    explorer_quit(terminal);
}

/* ---- The list of themes ---- */

static void themes_are_listed(void **state) {
    (void)state;
    check(24, 80, "square", ":theme\r", "themes-80x24");
    check(24, 80, "square --ascii", ":theme\rj", "themes-ascii-80x24");
    check(40, 120, "square", ":theme\r", "themes-120x40");
}

static void themes_are_shown_while_they_are_chosen(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square --theme dark", NULL);
    uint32_t dark = ground(terminal);
    press(terminal, ":theme\r", "Themes: 2 of 5");
    press(terminal, "jj", "Themes: 4 of 5");
    assert_true(ground(terminal) > 0xe0e0e0);
    press(terminal, "l", "the key l does nothing here");
    press(terminal, "\033", "Numbers");
    assert_int_equal(ground(terminal), dark);
    assert_false(terminal_shows(terminal, "Themes:"));
    press(terminal, ":theme\r", "Themes: 2 of 5");
    press(terminal, UP UP UP, "Themes: 1 of 5");
    press(terminal, "\033OF", "Themes: 5 of 5");
    press(terminal, UP "\r", "theme light");
    assert_true(ground(terminal) > 0xe0e0e0);
    press(terminal, ":theme mono\r", "theme mono");
    explorer_quit(terminal);
}

static void own_themes_are_marked_and_come_first(void **state) {
    (void)state;
    struct place place;
    char words[128];
    place_open(&place, "dark.json", "{\"roles\": {\"text\": {\"bg\": \"#0000ff\"}}}");
    snprintf(words, sizeof words, "square --own-themes %s", place.directory);
    struct terminal *terminal = explorer_start(24, 80, words, NULL);
    assert_int_equal(ground(terminal), 0x0000ff);
    press(terminal, ":theme\r", "dark                      yours");
    terminal_expect(terminal, "Themes: 2 of 5");
    explorer_keys(terminal, "\033");
    explorer_quit(terminal);
    place_close(&place);
}

static void a_broken_theme_is_said_and_not_kept(void **state) {
    (void)state;
    struct place place;
    char words[128];
    place_open(&place, "broken.json", "{}");
    snprintf(words, sizeof words, "square --theme dark --own-themes %s", place.directory);
    struct terminal *terminal = explorer_start(24, 80, words, NULL);
    uint32_t dark = ground(terminal);
    press(terminal, ":theme\r", "Themes: 3 of 6");
    press(terminal, "k" UP, "Themes: 1 of 6");
    terminal_expect(terminal, "the member roles must be an object");
    press(terminal, "\r", "Themes: 1 of 6");
    press(terminal, "\033", "Numbers");
    assert_int_equal(ground(terminal), dark);
    explorer_quit(terminal);
    place_close(&place);
}

static void themes_work_with_few_colours(void **state) {
    (void)state;
    static const char *const terminals[] = {"TERM=xterm-256color", "TERM=xterm-16color",
                                            "TERM=xterm", "TERM=vt100"};
    static const char *const themes[] = {"dark", "light", "mono", "colour-blind-safe",
                                         "high-contrast"};
    for (size_t i = 0; i < sizeof terminals / sizeof *terminals; i++)
        for (size_t t = 0; t < sizeof themes / sizeof *themes; t++) {
            const char *environment[] = {terminals[i], NULL};
            char words[64];
            snprintf(words, sizeof words, "square --theme %s", themes[t]);
            struct terminal *terminal = explorer_start(24, 80, words, environment);
            struct terminal_cell cell = terminal_cell(terminal, 23, 1);
            assert_true(cell.bold || cell.foreground != cell.background);
            press(terminal, "l", "131 classes");
            explorer_quit(terminal);
        }
}

/* ---- Completion ---- */

static void tab_knows_numbers_and_names(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    explorer_keys(terminal, "$");
    press(terminal, ":class \t", "next");
    press(terminal, "0\r", "classes");
    press(terminal, ":class 999\r", "the chosen layer has no class of that number");
    press(terminal, ":view den\t!", ":view dendrogram !");
    press(terminal, "\025help opt\t!", ":help options !");
    press(terminal, "\025help rel\t!", ":help relation !");
    press(terminal, "\025theme hi\t!", ":theme high-contrast !");
    press(terminal, "\025pane ins\t!", ":pane inspector !");
    explorer_keys(terminal, "\033");
    explorer_quit(terminal);
}

static void tab_goes_through_a_binding(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, ":bind ov\t!", ":bind overlay !");
    press(terminal, "\025bind classes PgU\t!", ":bind classes PgUp !");
    press(terminal, "\025bind classes x bud\t!", ":bind classes x budget !");
    press(terminal, "\025bind x set rel\tf\t!", ":bind x set relation forward !");
    press(terminal, "\025unbind layers Ent\t!", ":unbind layers Enter !");
    explorer_keys(terminal, "\033");
    explorer_quit(terminal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_of_the_layers),
        cmocka_unit_test(help_of_the_classes),
        cmocka_unit_test(help_of_the_inspector),
        cmocka_unit_test(help_of_the_plot),
        cmocka_unit_test(help_of_the_numbers),
        cmocka_unit_test(keys_stand_in_columns_where_there_is_room),
        cmocka_unit_test(commands_are_listed_with_their_arguments),
        cmocka_unit_test(one_command_is_explained_with_its_keys),
        cmocka_unit_test(help_finds_options_panes_and_views),
        cmocka_unit_test(help_says_where_in_the_page_it_is),
        cmocka_unit_test(help_shows_the_keys_as_they_are_now),
        cmocka_unit_test(keys_say_what_they_did),
        cmocka_unit_test(what_was_said_makes_room_for_the_keys),
        cmocka_unit_test(the_status_line_shows_the_keys_of_the_pane),
        cmocka_unit_test(bound_keys_do_what_they_say),
        cmocka_unit_test(wrong_bindings_say_why),
        cmocka_unit_test(settings_are_run_at_start),
        cmocka_unit_test(wrong_settings_are_said_with_file_and_line),
        cmocka_unit_test(settings_of_every_start_neither_leave_nor_write),
        cmocka_unit_test(a_script_that_settings_play_does_not_end_the_explorer),
        cmocka_unit_test(settings_may_begin_with_the_mark_of_utf8),
        cmocka_unit_test(settings_that_cannot_be_looked_at_are_said),
        cmocka_unit_test(the_command_line_wins_over_the_settings),
        cmocka_unit_test(settings_that_are_not_there_do_not_matter),
        cmocka_unit_test(themes_are_listed),
        cmocka_unit_test(themes_are_shown_while_they_are_chosen),
        cmocka_unit_test(own_themes_are_marked_and_come_first),
        cmocka_unit_test(a_broken_theme_is_said_and_not_kept),
        cmocka_unit_test(themes_work_with_few_colours),
        cmocka_unit_test(tab_knows_numbers_and_names),
        cmocka_unit_test(tab_goes_through_a_binding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
