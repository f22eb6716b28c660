/* Size against error, in its pane and over the whole screen. */
#include "explorer_terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EPSILON "\xce\xb5 "
#define LEFT    "\033OD"
#define RIGHT   "\033OC"
#define CURSOR  "\xe2\x97\x87"
#define MARKER  "\xe2\x97\x86"

static void press(struct terminal *terminal, const char *keys, const char *shown) {
    terminal_send(terminal, keys);
    terminal_expect(terminal, shown);
}

/* Starts, opens the full plot on a finished sweep, compares. */
static void check(int rows, int columns, const char *words, const char *name) {
    struct terminal *terminal = explorer_start(rows, columns, words, NULL);
    press(terminal, "LLLs", "the sweep is done");
    explorer_keys(terminal, "p" LEFT LEFT);
    terminal_expect_screen(terminal, name);
    explorer_quit(terminal);
}

static void full_plot_has_room_for_everything_at_80x24(void **state) {
    (void)state;
    check(24, 80, "turned", "plot-80x24");
}

static void full_plot_at_120x40(void **state) {
    (void)state;
    check(40, 120, "turned", "plot-120x40");
    check(40, 120, "square", "plot-plain-120x40");
}

static void full_plot_at_200x60(void **state) {
    (void)state;
    check(60, 200, "turned", "plot-200x60");
}

static void full_plot_has_ascii_twins(void **state) {
    (void)state;
    check(24, 80, "turned --ascii", "plot-ascii-80x24");
    check(40, 120, "turned --ascii", "plot-ascii-120x40");
}

static void full_plot_of_a_classifier_shows_errors_in_percent(void **state) {
    (void)state;
    check(40, 120, "wide", "plot-errors-120x40");
}

/* Marker, cursor and marks stand out where there are no colours. */
static void full_plot_is_readable_without_colour(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "turned --color never", NULL);
    int row, column;
    press(terminal, "LLLs", "the sweep is done");
    press(terminal, "p" LEFT LEFT, "Point 15 of 40");
    terminal_settle(terminal);
    assert_true(terminal_find(terminal, MARKER, &row, &column));
    assert_true(terminal_cell(terminal, row, column).reverse);
    assert_true(terminal_find(terminal, "\xe2\x96\xb2", &row, &column));
    assert_true(terminal_cell(terminal, row, column).reverse);
    assert_true(terminal_find(terminal, "a  your marks", &row, &column));
    assert_true(terminal_cell(terminal, row, column).reverse);
    terminal_expect_screen(terminal, "plot-80x24");
    explorer_quit(terminal);
}

static void full_plot_before_a_sweep_says_what_to_press(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, "p", "Size against error");
    terminal_expect(terminal, "Press s to measure every size.");
    explorer_keys(terminal, LEFT RIGHT "\r");
    press(terminal, "s", "Point 1 of 40");
    press(terminal, "p", "Numbers");
    explorer_quit(terminal);
    terminal = explorer_start(24, 80, "unjudged", NULL);
    press(terminal, "p", "No target columns");
    explorer_quit(terminal);
}

static void curves_without_turns_say_nothing_of_them(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "turned", NULL);
    press(terminal, "sp", "5 points smaller than the one before");
    terminal_expect(terminal, "2 points of a larger");
    explorer_quit(terminal);
    terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, "sp", "Point 1 of 40");
    assert_false(terminal_shows(terminal, "smaller than"));
    assert_false(terminal_shows(terminal, "yet with"));
    explorer_quit(terminal);
}

static void cursor_walks_along_the_curve_and_enter_goes_there(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, "sp", "Point 1 of 40");
    press(terminal, RIGHT, "Point 1 of 40");
    press(terminal, LEFT LEFT LEFT, "Point 4 of 40");
    press(terminal, RIGHT, "Point 3 of 40");
    assert_true(terminal_shows(terminal, EPSILON "0 "));
    press(terminal, "\r", "now, " EPSILON "0.001258");
    press(terminal, "l", "now, " EPSILON "0.001379");
    press(terminal, "\033", "Numbers");
    press(terminal, "p", "Size against error");
    press(terminal, "p", "Numbers");
    press(terminal, ":plot on\r", "Size against error");
    press(terminal, ":plot off\r", "Numbers");
    press(terminal, ":plot sideways\r", "say plot on or plot off");
    explorer_quit(terminal);
}

static void rivals_of_the_same_size_stand_beside_the_point(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, "sp" LEFT, "Point 2 of 40");
    terminal_expect(terminal, "97.6 %");
    terminal_expect(terminal, "magnitude 0.05477");
    terminal_expect(terminal, "original  0.05470");
    explorer_quit(terminal);
}

static void clicks_go_to_the_nearest_point(void **state) {
    (void)state;
    int row, column;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, "sp" LEFT LEFT LEFT LEFT LEFT, "Point 6 of 40");
    terminal_settle(terminal);
    assert_true(terminal_find(terminal, CURSOR " ", &row, &column)); /* the one of the block */
    assert_true(terminal_find(terminal, "\xe2\x96\xb2", &row, &column));
    terminal_mouse(terminal, 0, true, row - 1, column);
    terminal_expect(terminal, "now, " EPSILON "0.002582");
    terminal_mouse(terminal, 0, false, row - 1, column);
    press(terminal, "0p", "Numbers");
    terminal_expect(terminal, EPSILON "0 ");
    terminal_settle(terminal);
    assert_true(terminal_find(terminal, "50 %", &row, &column));
    terminal_mouse(terminal, 0, true, row - 2, column);
    terminal_expect(terminal, EPSILON "0.2441: 41.5 %, MSE");
    assert_false(terminal_shows(terminal, EPSILON "0 "));
    explorer_quit(terminal);
}

/* Until something was measured there is nothing to do in the pane. */
static void pane_is_entered_when_there_are_points(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "square", NULL);
    press(terminal, "\t\t\t", "\xe2\x96\xb8Layers");
    press(terminal, "s", "the sweep is done");
    press(terminal, "\033[Z", "\xe2\x96\xb8" EPSILON "0: 100.0 %, test MSE 0.05470");
    press(terminal, LEFT LEFT, "95.1 %");
    press(terminal, "\r", EPSILON "0.001258 ");
    press(terminal, "\t", "\xe2\x96\xb8Layers");
    explorer_quit(terminal);
}

static void other_views_close_the_plot(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, "p", "Size against error");
    press(terminal, "\t", "Numbers");
    press(terminal, "p", "Size against error");
    press(terminal, ":find 12\r", "neuron 12 of layer 1");
    assert_true(terminal_shows(terminal, "Numbers"));
    press(terminal, "p", "Size against error");
    press(terminal, "?", "pane: plot");
    explorer_keys(terminal, "?");
    explorer_quit(terminal);
}

/* Beside the unpolished network's figure, and a star in the plot that stays when epsilon moves. */
static void check_polished(int rows, int columns, const char *words, const char *name) {
    struct terminal *terminal = explorer_start(rows, columns, words, NULL);
    press(terminal, "LLLP", "polished");
    explorer_keys(terminal, "s");
    terminal_expect_screen(terminal, name);
    explorer_quit(terminal);
}

static void polished_network_stands_beside_the_unpolished_one(void **state) {
    (void)state;
    check_polished(24, 80, "square", "polished-80x24");
    check_polished(40, 120, "square", "polished-120x40");
    check_polished(40, 120, "square --ascii", "polished-ascii-120x40");
}

static void polished_points_are_stars_of_the_plot(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "turned", NULL);
    press(terminal, "LLLP", "polished");
    press(terminal, "LLP", "polished");
    press(terminal, ":show\r", ", polished 0.0");
    press(terminal, "Ls", "the sweep is done");
    explorer_keys(terminal, "p");
    terminal_expect_screen(terminal, "plot-polished-80x24");
    press(terminal, "p", "Numbers");
    assert_false(terminal_shows(terminal, "\xe2\x94\x82  polished")); /* epsilon has moved on */
    press(terminal, "f", "refit");
    press(terminal, "P", "press f");
    press(terminal, ":polish none\r", "whole number from 1 to 100000");
    explorer_quit(terminal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_plot_has_room_for_everything_at_80x24),
        cmocka_unit_test(full_plot_at_120x40),
        cmocka_unit_test(full_plot_at_200x60),
        cmocka_unit_test(full_plot_has_ascii_twins),
        cmocka_unit_test(full_plot_of_a_classifier_shows_errors_in_percent),
        cmocka_unit_test(full_plot_is_readable_without_colour),
        cmocka_unit_test(polished_network_stands_beside_the_unpolished_one),
        cmocka_unit_test(polished_points_are_stars_of_the_plot),
        cmocka_unit_test(full_plot_before_a_sweep_says_what_to_press),
        cmocka_unit_test(curves_without_turns_say_nothing_of_them),
        cmocka_unit_test(cursor_walks_along_the_curve_and_enter_goes_there),
        cmocka_unit_test(rivals_of_the_same_size_stand_beside_the_point),
        cmocka_unit_test(clicks_go_to_the_nearest_point),
        cmocka_unit_test(pane_is_entered_when_there_are_points),
        cmocka_unit_test(other_views_close_the_plot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
