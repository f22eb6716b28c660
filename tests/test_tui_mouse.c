/* The mouse, event by event. */
#include "explorer_terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EPSILON "\xce\xb5 "
#define FIRST_LAYER                                                                                \
    "\xe2\x96\xb8"                                                                                 \
    "1 square"

enum { LEFT_BUTTON = 0, DRAG = 32, MOTION = 35, WHEEL_UP = 64, WHEEL_DOWN = 65, TRACK = 2 };

static struct terminal *start(void) {
    return explorer_start(24, 80, "square", NULL);
}

static void press(struct terminal *terminal, const char *keys, const char *shown) {
    terminal_send(terminal, keys);
    terminal_expect(terminal, shown);
}

static void click(struct terminal *terminal, int row, int column) {
    terminal_mouse(terminal, LEFT_BUTTON, true, row, column);
    terminal_mouse(terminal, LEFT_BUTTON, false, row, column);
    terminal_settle(terminal);
}

static void knob_follows_the_button_alone(void **state) {
    (void)state;
    struct terminal *terminal = start();
    terminal_mouse(terminal, MOTION, true, TRACK, 40);
    terminal_mouse(terminal, DRAG, true, TRACK, 40);
    terminal_settle(terminal);
    assert_true(terminal_shows(terminal, EPSILON "0 "));
    terminal_mouse(terminal, LEFT_BUTTON, true, TRACK, 40);
    terminal_expect(terminal, EPSILON "0.1163");
    terminal_mouse(terminal, DRAG, true, TRACK + 9, 78);
    terminal_expect(terminal, "nothing left to merge");
    terminal_mouse(terminal, LEFT_BUTTON, false, TRACK + 9, 78);
    terminal_mouse(terminal, MOTION, true, TRACK, 40);
    terminal_mouse(terminal, DRAG, true, TRACK, 40);
    terminal_settle(terminal);
    assert_true(terminal_shows(terminal, "nothing left to merge"));
    explorer_quit(terminal);
}

/* A press elsewhere does not take the knob, wherever the mouse goes then. */
static void drags_begin_on_the_slider(void **state) {
    (void)state;
    struct terminal *terminal = start();
    terminal_mouse(terminal, LEFT_BUTTON, true, 8, 40);
    terminal_mouse(terminal, DRAG, true, TRACK, 40);
    terminal_settle(terminal);
    assert_true(terminal_shows(terminal, EPSILON "0 "));
    explorer_quit(terminal);
}

/* The terminal tells no release after the mouse was given back. */
static void releasing_the_mouse_drops_the_knob(void **state) {
    (void)state;
    struct terminal *terminal = start();
    terminal_mouse(terminal, LEFT_BUTTON, true, TRACK, 40);
    terminal_expect(terminal, EPSILON "0.1163");
    press(terminal, "M", "mouse released");
    press(terminal, "M", "mouse taken");
    terminal_mouse(terminal, DRAG, true, TRACK, 78);
    terminal_settle(terminal);
    assert_true(terminal_shows(terminal, EPSILON "0.1163"));
    explorer_quit(terminal);
}

static void wheel_steps_on_the_slider_and_moves_elsewhere(void **state) {
    (void)state;
    struct terminal *terminal = start();
    terminal_mouse(terminal, WHEEL_UP, true, TRACK, 40);
    terminal_expect(terminal, EPSILON "0.001000");
    terminal_mouse(terminal, WHEEL_DOWN, true, TRACK, 40);
    terminal_expect(terminal, EPSILON "0 ");
    terminal_mouse(terminal, WHEEL_DOWN, true, 8, 40);
    terminal_expect(terminal, "Layer 2 (linear)");
    terminal_mouse(terminal, WHEEL_UP, true, 8, 40);
    terminal_expect(terminal, "Layer 1 (square)");
    press(terminal, "sp", "Point 1 of 40");
    terminal_mouse(terminal, WHEEL_DOWN, true, 8, 40);
    terminal_expect(terminal, "Point 2 of 40");
    terminal_mouse(terminal, WHEEL_UP, true, TRACK, 40);
    terminal_expect(terminal, EPSILON "0.001000");
    explorer_quit(terminal);
}

static void titles_and_frames_bring_the_focus(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "square", NULL);
    int row, column;
    assert_true(terminal_find(terminal, "Neuron 0", &row, &column));
    click(terminal, row, column);
    assert_true(terminal_shows(terminal, "\xe2\x96\xb8Neuron 0"));
    click(terminal, row, 50);
    assert_true(terminal_shows(terminal, "\xe2\x96\xb8Layer 1"));
    click(terminal, row, 2);
    assert_true(terminal_shows(terminal, "\xe2\x96\xb8Layers"));
    assert_true(terminal_find(terminal, "Numbers", &row, &column));
    click(terminal, row, column); /* nothing can be done there */
    assert_true(terminal_shows(terminal, "\xe2\x96\xb8Layers"));
    explorer_quit(terminal);
}

static void cells_and_layers_are_chosen_by_a_click(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "square", NULL);
    int row, column;
    assert_true(terminal_find(terminal, "3 square", &row, &column));
    click(terminal, row, column);
    assert_true(terminal_shows(terminal, "Layer 3 (square)"));
    assert_true(terminal_find(terminal, " 27 ", &row, &column));
    click(terminal, row, column + 1);
    assert_true(terminal_shows(terminal, "neuron 27, class 27: 27 alone"));
    assert_true(terminal_shows(terminal, "\xe2\x96\xb8Layer 3"));
    assert_true(terminal_find(terminal, "output ", &row, &column));
    click(terminal, row, column); /* no hidden layer */
    assert_true(terminal_shows(terminal, "Layer 3 (square)"));
    explorer_quit(terminal);
}

static void help_in_the_header_opens_and_closes_help(void **state) {
    (void)state;
    struct terminal *terminal = start();
    click(terminal, 0, 40);
    assert_false(terminal_shows(terminal, "pane: layers"));
    click(terminal, 0, 76);
    assert_true(terminal_shows(terminal, "pane: layers"));
    click(terminal, 0, 76);
    assert_false(terminal_shows(terminal, "pane: layers"));
    explorer_quit(terminal);
}

static void nothing_is_done_under_an_overlay(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, "?", "pane: layers");
    terminal_mouse(terminal, MOTION, true, TRACK, 40);
    terminal_mouse(terminal, LEFT_BUTTON, true, TRACK, 40);
    terminal_mouse(terminal, DRAG, true, TRACK, 60);
    terminal_mouse(terminal, LEFT_BUTTON, false, TRACK, 60);
    click(terminal, 7, 5);
    explorer_keys(terminal, "\033");
    assert_true(terminal_shows(terminal, FIRST_LAYER));
    assert_true(terminal_shows(terminal, EPSILON "0 "));
    press(terminal, ":", ":");
    click(terminal, 7, 5);
    click(terminal, TRACK, 40);
    explorer_keys(terminal, "\033");
    assert_true(terminal_shows(terminal, FIRST_LAYER));
    assert_true(terminal_shows(terminal, EPSILON "0 "));
    press(terminal, "p", "Press s to measure");
    click(terminal, 7, 5);
    press(terminal, "p", FIRST_LAYER);
    explorer_quit(terminal);
}

/* A drag that help covers ends there. */
static void help_stops_a_drag(void **state) {
    (void)state;
    struct terminal *terminal = start();
    terminal_mouse(terminal, LEFT_BUTTON, true, TRACK, 40);
    terminal_expect(terminal, EPSILON "0.1163");
    press(terminal, "?", "pane: layers");
    terminal_mouse(terminal, DRAG, true, TRACK, 78);
    terminal_mouse(terminal, LEFT_BUTTON, false, TRACK, 78);
    press(terminal, "?", "Numbers");
    terminal_mouse(terminal, DRAG, true, TRACK, 78);
    terminal_settle(terminal);
    assert_true(terminal_shows(terminal, EPSILON "0.1163"));
    explorer_quit(terminal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knob_follows_the_button_alone),
        cmocka_unit_test(drags_begin_on_the_slider),
        cmocka_unit_test(releasing_the_mouse_drops_the_knob),
        cmocka_unit_test(wheel_steps_on_the_slider_and_moves_elsewhere),
        cmocka_unit_test(titles_and_frames_bring_the_focus),
        cmocka_unit_test(cells_and_layers_are_chosen_by_a_click),
        cmocka_unit_test(help_in_the_header_opens_and_closes_help),
        cmocka_unit_test(nothing_is_done_under_an_overlay),
        cmocka_unit_test(help_stops_a_drag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
