/* Whole screens at the sizes people have, compared with tests/screens/. To renew them after a
 * change that is meant, run the test with LUMPSCOPE_RENEW=1 and read the difference. */
#include "explorer_terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Starts, sends keys, compares, quits. */
static void check(int rows, int columns, const char *words, const char *keys, const char *name) {
    struct terminal *terminal = explorer_start(rows, columns, words, NULL);
    explorer_keys(terminal, keys);
    terminal_expect_screen(terminal, name);
    terminal_free(terminal);
}

static void first_screen_shows_everything_at_120x40(void **state) {
    (void)state;
    check(40, 120, "square", "", "first-120x40");
}

static void small_screen_folds_panes_at_80x24(void **state) {
    (void)state;
    check(24, 80, "square", "", "first-80x24");
}

static void merged_and_swept_at_120x40(void **state) {
    (void)state;
    check(40, 120, "square", "LLLs", "swept-120x40");
}

static void merged_and_swept_at_80x24(void **state) {
    (void)state;
    check(24, 80, "square", "LLLs", "swept-80x24");
}

static void ascii_has_a_twin_for_every_sign_at_120x40(void **state) {
    (void)state;
    check(40, 120, "square --ascii", "LLLs", "swept-ascii-120x40");
}

static void ascii_has_a_twin_for_every_sign_at_80x24(void **state) {
    (void)state;
    check(24, 80, "square --ascii", "LLLs", "swept-ascii-80x24");
}

static void large_screen_is_used_at_200x60(void **state) {
    (void)state;
    check(60, 200, "square", "LLLs", "swept-200x60");
}

static void inspector_takes_the_place_of_the_classes_at_80x24(void **state) {
    (void)state;
    check(24, 80, "square", "LLL\t\t", "inspector-80x24");
}

static void wide_layers_become_half_cells(void **state) {
    (void)state;
    check(40, 120, "wide", "LLLL", "wide-120x40");
}

static void zoomed_layers_scroll_and_mark_what_is_out_of_sight(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "wide", NULL);
    explorer_keys(terminal, "\t+++\033[6~\033[6~");
    terminal_expect_screen(terminal, "zoomed-80x24");
    explorer_keys(terminal, "--------");
    terminal_expect(terminal, "of 20");
    explorer_keys(terminal, "\033[6~\033[6~\033[6~\033[6~\033[6~\033[6~");
    terminal_expect(terminal, "rows 12\xe2\x80\x93"
                              "20 of 20");
    terminal_free(terminal);
}

static void wide_layers_without_colour_keep_their_classes_apart(void **state) {
    (void)state;
    check(24, 80, "wide --color never", "LLLL", "wide-mono-80x24");
}

/* Options and names are put in fewer words, and never lie over each other. */
static void long_options_are_put_in_fewer_words(void **state) {
    (void)state;
    check(24, 80, "wide", "r", "options-80x24");
    check(29, 120, "wide", "r", "options-120x29");
}

static void long_options_get_a_line_of_their_own_on_a_tall_screen(void **state) {
    (void)state;
    check(40, 120, "wide", "r", "options-120x40");
}

static void title_of_the_plot_is_whole_at_80x24(void **state) {
    (void)state;
    check(24, 80, "wide", "LLLs", "wide-swept-80x24");
}

static void deep_networks_scroll(void **state) {
    (void)state;
    check(24, 80, "deep", "jjjjjjjjjjjj", "deep-80x24");
    check(40, 120, "deep", ":layer 24\r", "deep-120x40");
}

static void estimates_say_how_many_rows(void **state) {
    (void)state;
    check(24, 80, "estimate", "LL", "estimate-80x24");
}

static void legend_keeps_out_of_the_way_of_curves(void **state) {
    (void)state;
    check(24, 80, "deep", "Ls", "legend-80x24");
}

static void tiny_errors_change_by_a_factor(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "tiny", NULL);
    terminal_expect(terminal, " 0 %");
    explorer_keys(terminal, "LLLs");
    terminal_expect(terminal, "2 900\xc3\x97");
    terminal_expect_screen(terminal, "tiny-80x24");
    terminal_free(terminal);
}

static void running_work_says_how_far_it_is(void **state) {
    (void)state;
    check(24, 80, "busy", "s", "busy-80x24");
}

static void a_network_that_is_read_is_awaited(void **state) {
    (void)state;
    check(24, 80, "opening", "", "opening-80x24");
}

static void before_the_analysis_the_network_is_shown(void **state) {
    (void)state;
    check(24, 80, "analysing", "", "analysing-80x24");
    check(40, 120, "analysing --ascii", "", "analysing-ascii-120x40");
}

static void data_without_targets_has_no_error(void **state) {
    (void)state;
    check(24, 80, "unjudged", "", "unjudged-80x24");
}

static void long_numbers_stay_apart(void **state) {
    (void)state;
    check(24, 80, "large", "LLL", "large-80x24");
    check(40, 120, "large", "LLLs", "large-120x40");
}

/* The sweep has come to 70 %, the network is smaller. */
static void the_mark_lies_in_the_plot_while_it_fills(void **state) {
    (void)state;
    check(24, 80, "busy", "$s", "busy-end-80x24");
}

static void empty_screen_says_what_to_do(void **state) {
    (void)state;
    check(24, 80, "empty", "", "empty-80x24");
}

static void names_from_files_cannot_harm_the_screen(void **state) {
    (void)state;
    check(40, 120, "hostile", "LLL", "hostile-120x40");
}

static void too_small_says_which_size_is_needed(void **state) {
    (void)state;
    check(20, 60, "square", "l", "small-60x20");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_screen_shows_everything_at_120x40),
        cmocka_unit_test(small_screen_folds_panes_at_80x24),
        cmocka_unit_test(merged_and_swept_at_120x40),
        cmocka_unit_test(merged_and_swept_at_80x24),
        cmocka_unit_test(ascii_has_a_twin_for_every_sign_at_120x40),
        cmocka_unit_test(ascii_has_a_twin_for_every_sign_at_80x24),
        cmocka_unit_test(large_screen_is_used_at_200x60),
        cmocka_unit_test(inspector_takes_the_place_of_the_classes_at_80x24),
        cmocka_unit_test(wide_layers_become_half_cells),
        cmocka_unit_test(zoomed_layers_scroll_and_mark_what_is_out_of_sight),
        cmocka_unit_test(wide_layers_without_colour_keep_their_classes_apart),
        cmocka_unit_test(long_options_are_put_in_fewer_words),
        cmocka_unit_test(long_options_get_a_line_of_their_own_on_a_tall_screen),
        cmocka_unit_test(title_of_the_plot_is_whole_at_80x24),
        cmocka_unit_test(deep_networks_scroll),
        cmocka_unit_test(estimates_say_how_many_rows),
        cmocka_unit_test(legend_keeps_out_of_the_way_of_curves),
        cmocka_unit_test(tiny_errors_change_by_a_factor),
        cmocka_unit_test(running_work_says_how_far_it_is),
        cmocka_unit_test(a_network_that_is_read_is_awaited),
        cmocka_unit_test(before_the_analysis_the_network_is_shown),
        cmocka_unit_test(data_without_targets_has_no_error),
        cmocka_unit_test(long_numbers_stay_apart),
        cmocka_unit_test(the_mark_lies_in_the_plot_while_it_fills),
        cmocka_unit_test(empty_screen_says_what_to_do),
        cmocka_unit_test(names_from_files_cannot_harm_the_screen),
        cmocka_unit_test(too_small_says_which_size_is_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
