/* Equations and trajectories, the views of one class: whole screens at the sizes people have, and
 * the keys that change what they show. Golden files as in test_tui_screens.c. */
#include "explorer_terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define UP        "\033OA"
#define DOWN      "\033OB"
#define RIGHT     "\033OC"
#define PAGE_UP   "\033[5~"
#define PAGE_DOWN "\033[6~"

static void check(int rows, int columns, const char *words, const char *keys, const char *name) {
    struct terminal *terminal = explorer_start(rows, columns, words, NULL);
    explorer_keys(terminal, keys);
    terminal_expect_screen(terminal, name);
    terminal_free(terminal);
}

/* The same with keys that need to see what the first ones did. */
static void check_then(const char *words, const char *keys, const char *more, const char *name) {
    struct terminal *terminal = explorer_start(40, 120, words, NULL);
    explorer_keys(terminal, keys);
    explorer_keys(terminal, more);
    terminal_expect_screen(terminal, name);
    terminal_free(terminal);
}

static void press(struct terminal *terminal, const char *keys, const char *shown) {
    terminal_send(terminal, keys);
    terminal_expect(terminal, shown);
}

/* ---- Equations ---- */

static void forward_equations_fit_every_size(void **state) {
    (void)state;
    check(24, 80, "square", "LLLrE", "equations-80x24");
    check(40, 120, "square", "LLLrE", "equations-120x40");
    check(60, 200, "square", "LLLrE", "equations-200x60");
}

static void products_of_a_square_layer_are_derivatives(void **state) {
    (void)state;
    check(40, 120, "square", "$rjE", "equations-square-120x40");
}

static void backward_equations_stand_side_by_side(void **state) {
    (void)state;
    check(40, 120, "square", "LLLrrE", "equations-backward-120x40");
}

static void joint_is_said_to_be_measured(void **state) {
    (void)state;
    check(24, 80, "square", "LLLE", "equations-joint-80x24");
    check(40, 120, "square", "LLLE", "equations-joint-120x40");
}

static void equations_have_ascii_twins_and_need_no_colour(void **state) {
    (void)state;
    check(24, 80, "square --ascii", "LLLrE", "equations-ascii-80x24");
    check(40, 120, "square --ascii", "$rjE", "equations-ascii-120x40");
    check(40, 120, "square --color never", "LLLrE", "equations-mono-120x40");
}

static void a_neuron_alone_stands_beside_its_nearest(void **state) {
    (void)state;
    check_then("square", "LLLrE", ">", "equations-alone-120x40");
}

static void names_in_equations_cannot_harm_the_screen(void **state) {
    (void)state;
    check(40, 120, "hostile", "LLLrjjE", "equations-hostile-120x40");
}

static void equations_scroll_to_their_end_and_back(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    explorer_keys(terminal, "LLLrE\t");
    assert_false(terminal_shows(terminal, "merges next"));
    explorer_keys(terminal, PAGE_DOWN PAGE_DOWN PAGE_DOWN PAGE_DOWN);
    terminal_expect(terminal, "merges next at epsilon 0.02696");
    assert_false(terminal_shows(terminal, "3 of 9 shown"));
    terminal_expect_screen(terminal, "equations-end-80x24");
    press(terminal, PAGE_UP PAGE_UP PAGE_UP PAGE_UP, "0 and 17 send the same");
    press(terminal, DOWN DOWN DOWN DOWN DOWN DOWN, "epsilon, not exceeded");
    press(terminal, UP UP UP UP UP UP, "0 and 17 send the same");
    explorer_quit(terminal);
}

/* The wide layer has 300 coefficients, of which 32 are kept. */
static void what_is_left_out_of_the_table_is_said(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(60, 200, "wide", NULL);
    explorer_keys(terminal, "LLLrE\t");
    press(terminal, PAGE_DOWN PAGE_DOWN, "268 others, each less");
    explorer_quit(terminal);
}

static void neuron_keys_change_the_class_explained(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    explorer_keys(terminal, "LLL");
    press(terminal, "E", "class 0: why 9 neurons merge");
    press(terminal, ">", "why neuron 2 is alone");
    press(terminal, ".", "class 2: why 5 neurons merge");
    press(terminal, "<", "why neuron 2 is alone");
    press(terminal, ",", "class 0: why 9 neurons merge");
    explorer_keys(terminal, "<\t" RIGHT RIGHT);
    terminal_expect(terminal, "class 0: why 9 neurons merge");
    press(terminal, "\r", "\xe2\x96\xb8Neuron 9");
    explorer_quit(terminal);
}

/* ---- Trajectories ---- */

static void trajectories_fit_every_size(void **state) {
    (void)state;
    check(24, 80, "square", "LLLT", "trajectories-80x24");
    check(40, 120, "square", "LLLT", "trajectories-120x40");
    check(60, 200, "square", "LLLT", "trajectories-200x60");
}

/* More dots than the raster holds: the plot is lower than the pane, and still there. */
static void a_huge_screen_still_shows_the_plot(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(110, 480, "square", NULL);
    int row, column;
    explorer_keys(terminal, "LLLT");
    terminal_expect(terminal, "largest gap");
    assert_true(terminal_find(terminal, " 0 \xe2\x94\xa4", &row, &column));
    explorer_quit(terminal);
}

static void trajectories_have_ascii_twins_and_need_no_colour(void **state) {
    (void)state;
    check(24, 80, "square --ascii", "LLLT", "trajectories-ascii-80x24");
    check(40, 120, "square --color never", "LLLjjT", "trajectories-mono-120x40");
}

/* What joint keeps is not the sum, so that a gap is no error; forward keeps the sum. */
static void a_gap_in_joint_is_not_taken_for_an_error(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    explorer_keys(terminal, "LLLT");
    terminal_expect(terminal, "Joint keeps what a class sends, not this sum.");
    explorer_keys(terminal, "r");
    terminal_expect(terminal, "largest gap");
    assert_false(terminal_shows(terminal, "not this sum"));
    explorer_quit(terminal);
    check(40, 120, "square", "LLLrT", "trajectories-forward-120x40");
}

static void a_neuron_alone_has_its_own_trajectory(void **state) {
    (void)state;
    check_then("square", "LLLT", ">", "trajectories-alone-120x40");
}

static void without_data_the_mean_input_drives_it(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "dataless", NULL);
    explorer_keys(terminal, "LLLT");
    terminal_expect_screen(terminal, "trajectories-dataless-120x40");
    press(terminal, "]", "without data the mean input drives");
    explorer_quit(terminal);
}

static void row_keys_choose_the_test_row(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    explorer_keys(terminal, "LLL");
    press(terminal, "T", "test row 1 of 800");
    press(terminal, "]", "test row 2 of 800");
    press(terminal, "]]", "test row 4 of 800");
    press(terminal, "[", "test row 3 of 800");
    press(terminal, "[[[", "test row 1 of 800");
    press(terminal, ":row 17\r", "test row 17 of 800");
    press(terminal, ":row 801\r", "there is no test row 801");
    press(terminal, ":row 0\r", "say which test row");
    press(terminal, "\t" DOWN, "test row 18 of 800");
    press(terminal, PAGE_DOWN, "test row 28 of 800");
    press(terminal, PAGE_UP PAGE_UP PAGE_UP, "test row 1 of 800");
    press(terminal, ":row 795\r" PAGE_DOWN, "test row 800 of 800");
    press(terminal, "]", "there is no test row 801");
    press(terminal, ">", "neuron 2 over time");
    press(terminal, "\r", "\xe2\x96\xb8Neuron 2");
    explorer_quit(terminal);
}

/* ---- Both ---- */

static void the_old_detail_stays_while_the_next_is_made(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "busy", NULL);
    explorer_keys(terminal, "LLL");
    press(terminal, "T", "test row 1 of 800 \xe2\x80\xa6");
    terminal_expect(terminal, "largest gap");
    press(terminal, "E", "why 9 neurons merge \xe2\x80\xa6");
    terminal_expect(terminal, "4 of 9 shown");
    explorer_quit(terminal);
}

static void refusals_are_said(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "wide", NULL);
    press(terminal, "$jE", "why 295 neurons merge");
    press(terminal, ">", "Neuron 295 is dead: nothing reads it");
    press(terminal, "T", "Neuron 295 is dead: nothing reads it");
    explorer_quit(terminal);
    terminal = explorer_start(24, 80, "deep", NULL);
    press(terminal, "T", "layer 5 of the original overflows");
    explorer_quit(terminal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_equations_fit_every_size),
        cmocka_unit_test(products_of_a_square_layer_are_derivatives),
        cmocka_unit_test(backward_equations_stand_side_by_side),
        cmocka_unit_test(joint_is_said_to_be_measured),
        cmocka_unit_test(equations_have_ascii_twins_and_need_no_colour),
        cmocka_unit_test(a_neuron_alone_stands_beside_its_nearest),
        cmocka_unit_test(names_in_equations_cannot_harm_the_screen),
        cmocka_unit_test(equations_scroll_to_their_end_and_back),
        cmocka_unit_test(what_is_left_out_of_the_table_is_said),
        cmocka_unit_test(neuron_keys_change_the_class_explained),
        cmocka_unit_test(trajectories_fit_every_size),
        cmocka_unit_test(a_huge_screen_still_shows_the_plot),
        cmocka_unit_test(trajectories_have_ascii_twins_and_need_no_colour),
        cmocka_unit_test(a_gap_in_joint_is_not_taken_for_an_error),
        cmocka_unit_test(a_neuron_alone_has_its_own_trajectory),
        cmocka_unit_test(without_data_the_mean_input_drives_it),
        cmocka_unit_test(row_keys_choose_the_test_row),
        cmocka_unit_test(the_old_detail_stays_while_the_next_is_made),
        cmocka_unit_test(refusals_are_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
