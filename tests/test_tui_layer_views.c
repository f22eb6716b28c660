/* The views of one layer, dendrogram and weight matrix: whole screens, keys and the mouse, and
 * which branches of a tree become rows. */
#include "explorer_terminal.h"

#include "tui/tree_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CURSOR "\xe2\x96\xb8"
#define ARROW  "\xe2\x86\x92"

/* Starts with a view of the middle pane, with the focus there, and sends keys. */
static struct terminal *start_view(int rows, int columns, const char *words, const char *view,
                                   const char *keys) {
    char typed[96];
    struct terminal *terminal = explorer_start(rows, columns, words, NULL);
    snprintf(typed, sizeof typed, ":view %s\r\t%s", view, keys);
    explorer_keys(terminal, typed);
    return terminal;
}

/* `shown`: what the screen shows when the last key is done. */
static void check_shown(int rows, int columns, const char *words, const char *view,
                        const char *keys, const char *shown, const char *name) {
    struct terminal *terminal = start_view(rows, columns, words, view, keys);
    terminal_expect(terminal, shown);
    terminal_settle(terminal);
    terminal_expect_screen(terminal, name);
    explorer_quit(terminal);
}

static void check(int rows, int columns, const char *words, const char *view, const char *keys,
                  const char *name) {
    check_shown(rows, columns, words, view, keys, view, name);
}

static void press(struct terminal *terminal, const char *keys, const char *shown) {
    terminal_send(terminal, keys);
    terminal_expect(terminal, shown);
}

/* Sends keys and waits until the screen no longer shows the text (5 s at most). */
static void press_away(struct terminal *terminal, const char *keys, const char *text) {
    terminal_send(terminal, keys);
    for (int i = 0; i < 50 && terminal_shows(terminal, text); i++)
        terminal_read(terminal, 100);
    assert_false(terminal_shows(terminal, text));
}

/* ---- Rows of a tree ---- */

/* 0 and 1 merge at 1, 3 and 4 at 2, those with 2 at 3, all that with the rest at 5; 6 stays. */
static size_t leaves[] = {10, 11, 12, 13, 14, 15, 16};
static struct tree_merge merges[] = {
    {0, 1, 2, 1}, {3, 4, 5, 2}, {2, 3, 5, 3}, {0, 2, 5, 4}, {0, 5, 6, 5}};
static const struct tree_view tree = {.leaves = 7, .neuron = leaves, .count = 5, .merge = merges};

static void rows_cover_every_leaf_in_order(void **state) {
    (void)state;
    for (size_t most = 1; most <= 8; most++) {
        struct tree_rows rows;
        assert_true(tree_rows_make(&rows, &tree, most));
        size_t end = 0;
        for (size_t i = 0; i < rows.count; i++) {
            assert_int_equal(rows.items[i].first, end);
            end = rows.items[i].end;
        }
        assert_int_equal(end, tree.leaves);
        tree_rows_free(&rows);
    }
}

static void lowest_merges_are_condensed_first(void **state) {
    (void)state;
    struct tree_rows rows;
    assert_true(tree_rows_make(&rows, &tree, 5));
    assert_int_equal(rows.count, 5);
    assert_int_equal(rows.condensed, 2);
    assert_int_equal(rows.items[0].end, 2);
    assert_true(rows.items[0].height == 1 && rows.items[1].height == 0);
    assert_int_equal(rows.items[2].first, 3);
    assert_true(rows.items[2].height == 2);
    assert_int_equal(tree_rows_find(&rows, &tree, 14), 2);
    assert_int_equal(tree_rows_find(&rows, &tree, 99), rows.count);
    tree_rows_free(&rows);
}

/* What never merges keeps a row of its own, however few are asked for. */
static void leaves_that_never_merge_are_not_condensed(void **state) {
    (void)state;
    struct tree_rows rows;
    assert_true(tree_rows_make(&rows, &tree, 1));
    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.items[0].end, 6);
    assert_true(rows.items[0].height == 5);
    tree_rows_free(&rows);
}

static void next_merge_is_the_first_above_epsilon(void **state) {
    (void)state;
    assert_ptr_equal(tree_next_merge(&tree, 0), &merges[0]);
    assert_ptr_equal(tree_next_merge(&tree, 1), &merges[1]);
    assert_null(tree_next_merge(&tree, 5));
}

/* ---- Screens of the dendrogram ---- */

static void dendrogram_at_80x24(void **state) {
    (void)state;
    check(24, 80, "square", "dendrogram", "LLLLL", "dendrogram-80x24");
}

static void dendrogram_at_120x40(void **state) {
    (void)state;
    check(40, 120, "square", "dendrogram", "LLLLL", "dendrogram-120x40");
}

static void dendrogram_at_200x60(void **state) {
    (void)state;
    check(60, 200, "square", "dendrogram", "LLLLLLL", "dendrogram-200x60");
}

static void dendrogram_in_ascii(void **state) {
    (void)state;
    check(40, 120, "square --ascii", "dendrogram", "LLLLLLL", "dendrogram-ascii-120x40");
}

/* What is merged has strong strokes, so that it is seen without colour. */
static void dendrogram_of_a_small_layer_without_colour(void **state) {
    (void)state;
    check(24, 80, "square --color never", "dendrogram", "jLLLLL", "dendrogram-mono-80x24");
}

static void dendrogram_of_2048_neurons_is_condensed(void **state) {
    (void)state;
    check_shown(24, 80, "wide", "dendrogram", "LLL", "2048 " ARROW " 1422",
                "dendrogram-wide-80x24");
    check_shown(40, 120, "wide", "dendrogram", "LLL+++", "of 128", "dendrogram-wide-120x40");
}

static void dead_neurons_are_no_leaves(void **state) {
    (void)state;
    struct terminal *terminal = start_view(24, 80, "few", "classes", "jjj");
    explorer_keys(terminal, "\033OC\033OC\033OC\033OC\033OC\033OC\033OC");
    press(terminal, ":view dendrogram\r", "neuron 7 is dead: nothing reads it");
    terminal_settle(terminal);
    terminal_expect_screen(terminal, "dendrogram-dead-80x24");
    press(terminal, "\033OB", "neuron 0, class 0");
    explorer_quit(terminal);
}

static void dendrogram_says_for_which_neighbour_it_holds(void **state) {
    (void)state;
    check(24, 80, "square", "dendrogram", "rLLLL", "dendrogram-forward-80x24");
}

static void layers_with_nothing_to_merge_say_why(void **state) {
    (void)state;
    struct terminal *terminal = start_view(24, 80, "few", "dendrogram", "");
    terminal_expect(terminal, "1 neuron: it has none to merge with");
    press(terminal, "j", "all 6 neurons are dead: nothing reads them");
    press(terminal, "j", "of 6 neurons all but one are dead: nothing to merge");
    press(terminal, "\033OB+-\r", CURSOR "Neuron 0");
    explorer_quit(terminal);
}

static void locked_layers_have_no_cut(void **state) {
    (void)state;
    check(24, 80, "square", "dendrogram", "jLLLLx", "dendrogram-locked-80x24");
}

/* ---- Keys of the dendrogram ---- */

static void cursor_moves_along_the_branches(void **state) {
    (void)state;
    struct terminal *terminal = start_view(24, 80, "square", "dendrogram", "j");
    terminal_expect(terminal, "neuron 0, class 0, alone up to 0.4478");
    press(terminal, "\033OB", "neuron 3, class 3, alone up to 0.4478");
    press(terminal, "\033OC", "neuron 1, class 1, alone up to 0.0025");
    press(terminal, "\033[6~", "neuron 2, class 2");
    press(terminal, "\033[5~", "neuron 0, class 0");
    press(terminal, "\r", CURSOR "Neuron 0, class 0");
    press(terminal, "\033", CURSOR "Layer 2: dendrogram");
    explorer_quit(terminal);
}

/* The labels of the rows at 80x24: what stands behind the layers pane. */
static void read_labels(struct terminal *terminal, char *out, size_t size) {
    const char *line = terminal_text(terminal);
    size_t length = 0;
    for (int row = 0; row < 11; row++, line = strchr(line, '\n') + 1) {
        const char *rule = strstr(line, "\xe2\x94\x82");
        if (row >= 4 && rule)
            length += (size_t)snprintf(out + length, size - length, "%.14s\n", rule);
    }
}

static void rows_stay_while_the_cut_moves(void **state) {
    (void)state;
    char before[512], after[512];
    struct terminal *terminal = start_view(24, 80, "square", "dendrogram", "");
    read_labels(terminal, before, sizeof before);
    assert_non_null(strstr(before, "neurons"));
    explorer_keys(terminal, "LLLLLLll");
    read_labels(terminal, after, sizeof after);
    assert_string_equal(before, after);
    explorer_quit(terminal);
}

static void zoom_opens_branches_and_rows_scroll(void **state) {
    (void)state;
    struct terminal *terminal = start_view(24, 80, "square", "dendrogram", "");
    assert_false(terminal_shows(terminal, "rows 1"));
    press(terminal, "+",
          "rows 1\xe2\x80\x93"
          "7 of 14");
    press(terminal, "+++++++", "of 64");
    press(terminal, ":move bottom\r",
          "rows 58\xe2\x80\x93"
          "64 of 64");
    press_away(terminal, "--------", "of 64");
    assert_false(terminal_shows(terminal, "rows 1"));
    explorer_quit(terminal);
}

static void next_merge_is_pointed_out(void **state) {
    (void)state;
    struct terminal *terminal = start_view(24, 80, "square", "dendrogram", "j");
    int row, column, told;
    assert_true(terminal_find(terminal, "\xe2\x97\x86", &row, &column));
    terminal_expect(terminal, "\xe2\x97\x86 next at 0.002582: class 1 (1 neuron), class 2 (1)");
    assert_true(terminal_find(terminal, "\xe2\x97\x86 next", &told, &column));
    assert_true(row < told);
    press(terminal, ":eps 0.0026\r", "next at 0.4478: class 0 (1 neuron), class 2 (1)");
    press(terminal, "$", "nothing left to merge");
    explorer_quit(terminal);
}

static void click_chooses_a_leaf(void **state) {
    (void)state;
    struct terminal *terminal = start_view(24, 80, "square", "dendrogram", "j");
    terminal_mouse(terminal, 0, true, 10, 30);
    terminal_expect(terminal, "neuron 2, class 2");
    terminal_mouse(terminal, 0, false, 10, 30);
    explorer_quit(terminal);
}

static void click_under_the_leaves_sets_epsilon(void **state) {
    (void)state;
    struct terminal *terminal = start_view(24, 80, "square", "dendrogram", "j");
    int row, column;
    assert_true(terminal_find(terminal, " 0.11 ", &row, &column));
    terminal_mouse(terminal, 0, true, row, column + 2);
    terminal_mouse(terminal, 0, false, row, column + 2);
    terminal_settle(terminal);
    assert_false(terminal_shows(terminal, "\xce\xb5 0 "));
    int cut_row, cut_column;
    assert_true(terminal_find(terminal, "\xe2\x95\xab", &cut_row, &cut_column));
    assert_int_equal(cut_column, column + 2);
    explorer_quit(terminal);
}

static void steps_of_the_cut_send_few_bytes(void **state) {
    (void)state;
    struct terminal *terminal = start_view(40, 120, "square", "dendrogram", "LLLL");
    size_t before = terminal_bytes(terminal);
    for (int i = 0; i < 10; i++)
        explorer_keys(terminal, "l");
    assert_in_range((terminal_bytes(terminal) - before) / 10, 1, 4096);
    explorer_quit(terminal);
}

/* ---- Screens of the weights ---- */

static void weights_at_80x24(void **state) {
    (void)state;
    check(24, 80, "square", "weights", "LLLLL", "weights-80x24");
}

static void weights_at_120x40(void **state) {
    (void)state;
    check(40, 120, "square", "weights", "jjjjLLLLLLL", "weights-120x40");
}

static void weights_at_200x60(void **state) {
    (void)state;
    check(60, 200, "square", "weights", "jLLLLLLL\r", "weights-200x60");
}

static void weights_in_ascii(void **state) {
    (void)state;
    check(40, 120, "square --ascii", "weights", "LLLLLLLL", "weights-ascii-120x40");
}

static void signs_of_weights_are_seen_without_colour(void **state) {
    (void)state;
    check(24, 80, "square --color never", "weights", "jLLLLLLL", "weights-mono-80x24");
}

static void weights_of_2048_neurons_are_condensed(void **state) {
    (void)state;
    check_shown(24, 80, "wide", "weights", "LLL", "1422", "weights-wide-80x24");
    check_shown(40, 120, "wide", "weights", "jLLL", " 208", "weights-wide-120x40");
}

static void weights_of_dead_neurons_come_last(void **state) {
    (void)state;
    check(24, 80, "few", "weights", "jjjLLLLLLL", "weights-dead-80x24");
}

/* ---- Keys of the weights ---- */

static void enter_changes_between_read_and_sent(void **state) {
    (void)state;
    struct terminal *terminal = start_view(24, 80, "square", "weights", "");
    terminal_expect(terminal, "weights from the inputs, 64 \xc3\x97 7");
    press(terminal, "\r", "weights it sends to layer 2, 64 \xc3\x97 4");
    press(terminal, "\r", "weights from the inputs");
    press(terminal, "jj\r", "weights to the outputs");
    press(terminal, ":view classes\r:weights reads\r", "weights it reads from layer 2");
    press(terminal, ":weights both\r", "say weights reads or weights sends");
    explorer_quit(terminal);
}

static void cursor_moves_over_the_rows(void **state) {
    (void)state;
    struct terminal *terminal = start_view(24, 80, "square", "weights", "j");
    press(terminal, "\033OB", "neuron 1, class 1");
    press(terminal, "\033[6~", "neuron 3, class 3");
    press(terminal, "\033OA", "neuron 2, class 2");
    terminal_mouse(terminal, 0, true, 5, 30);
    terminal_expect(terminal, "neuron 0, class 0");
    explorer_quit(terminal);
}

static void zoomed_weights_scroll_both_ways(void **state) {
    (void)state;
    struct terminal *terminal = start_view(24, 80, "wide", "weights", "+");
    terminal_expect(terminal, "rows 1\xe2\x80\x93"
                              "7/14 cols 1\xe2\x80\x93");
    press(terminal, "\033OC\033OC", "cols 3\xe2\x80\x93");
    press(terminal, "\033OD", "cols 2\xe2\x80\x93");
    press(terminal, ":move bottom\r",
          "rows 8\xe2\x80\x93"
          "14/14");
    press_away(terminal, "--", "rows 8");
    assert_false(terminal_shows(terminal, "cols "));
    explorer_quit(terminal);
}

/* ---- Both ---- */

static void titles_name_the_view_while_v_goes_round(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, "v", "Layer 1: dendrogram, 64 neurons " ARROW " 64 classes");
    press(terminal, "vvv", "Layer 1: weights from the inputs");
    press(terminal, "v", "Layer 1 (square): 64 neurons");
    explorer_quit(terminal);
}

/* What is shown while the next is made is not blank, and says that it is an older one. */
static void older_details_stay_with_a_sign_of_work(void **state) {
    (void)state;
    struct terminal *terminal = start_view(24, 80, "late", "dendrogram", "");
    terminal_expect(terminal, "being computed");
    press(terminal, "l", "64 neurons " ARROW " 63 classes \xe2\x80\xa6");
    terminal_expect(terminal, "41 neurons");
    press(terminal, "ll", "62 classes \xe2\x80\xa6");
    terminal_expect(terminal, "41 neurons");
    press(terminal, ":view weights\rl", "weights from the inputs, 64 \xc3\x97 7 \xe2\x80\xa6");
    press(terminal, "l", "plus ");
    explorer_quit(terminal);
}

/* At 80 columns the inspector lies where the view is shown. */
static void views_come_to_the_front_on_a_narrow_screen(void **state) {
    (void)state;
    struct terminal *terminal = start_view(24, 80, "square", "dendrogram", "\r");
    terminal_expect(terminal, CURSOR "Neuron 0");
    press(terminal, ":view weights\r", CURSOR "Layer 1: weights");
    explorer_quit(terminal);
}

static void help_explains_what_is_seen(void **state) {
    (void)state;
    struct terminal *terminal = start_view(40, 120, "square", "dendrogram", "?");
    terminal_expect(terminal, "epsilon grows to the right as on the slider");
    explorer_keys(terminal, "q:view weights\r?");
    terminal_expect(terminal, "The darker a cell, the larger the weight");
    explorer_keys(terminal, "q");
    explorer_quit(terminal);
}

/* Keys that come before the first frame of a view find nothing of it yet. */
static void keys_that_come_with_the_view_do_no_harm(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, "\tv\033OB+-\rvvv\033OB\033OC+-\r", "Layer 1");
    explorer_quit(terminal);
}

static void views_follow_the_window(void **state) {
    (void)state;
    struct terminal *terminal = start_view(40, 120, "square", "weights", "++");
    static const int sizes[][2] = {{24, 80}, {20, 60}, {60, 200}, {24, 80}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        terminal_resize(terminal, sizes[i][0], sizes[i][1]);
        terminal_settle(terminal);
        terminal_expect(terminal, sizes[i][0] < 24 ? "needs 80 x 24" : "Layer 1: weights ");
    }
    explorer_keys(terminal, "--:view dendrogram\r");
    terminal_resize(terminal, 40, 120);
    terminal_expect(terminal, "next at 0.001");
    explorer_quit(terminal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_cover_every_leaf_in_order),
        cmocka_unit_test(lowest_merges_are_condensed_first),
        cmocka_unit_test(leaves_that_never_merge_are_not_condensed),
        cmocka_unit_test(next_merge_is_the_first_above_epsilon),
        cmocka_unit_test(dendrogram_at_80x24),
        cmocka_unit_test(dendrogram_at_120x40),
        cmocka_unit_test(dendrogram_at_200x60),
        cmocka_unit_test(dendrogram_in_ascii),
        cmocka_unit_test(dendrogram_of_a_small_layer_without_colour),
        cmocka_unit_test(dendrogram_of_2048_neurons_is_condensed),
        cmocka_unit_test(dead_neurons_are_no_leaves),
        cmocka_unit_test(dendrogram_says_for_which_neighbour_it_holds),
        cmocka_unit_test(layers_with_nothing_to_merge_say_why),
        cmocka_unit_test(locked_layers_have_no_cut),
        cmocka_unit_test(cursor_moves_along_the_branches),
        cmocka_unit_test(rows_stay_while_the_cut_moves),
        cmocka_unit_test(zoom_opens_branches_and_rows_scroll),
        cmocka_unit_test(next_merge_is_pointed_out),
        cmocka_unit_test(click_chooses_a_leaf),
        cmocka_unit_test(click_under_the_leaves_sets_epsilon),
        cmocka_unit_test(steps_of_the_cut_send_few_bytes),
        cmocka_unit_test(weights_at_80x24),
        cmocka_unit_test(weights_at_120x40),
        cmocka_unit_test(weights_at_200x60),
        cmocka_unit_test(weights_in_ascii),
        cmocka_unit_test(signs_of_weights_are_seen_without_colour),
        cmocka_unit_test(weights_of_2048_neurons_are_condensed),
        cmocka_unit_test(weights_of_dead_neurons_come_last),
        cmocka_unit_test(enter_changes_between_read_and_sent),
        cmocka_unit_test(cursor_moves_over_the_rows),
        cmocka_unit_test(zoomed_weights_scroll_both_ways),
        cmocka_unit_test(titles_name_the_view_while_v_goes_round),
        cmocka_unit_test(older_details_stay_with_a_sign_of_work),
        cmocka_unit_test(views_come_to_the_front_on_a_narrow_screen),
        cmocka_unit_test(help_explains_what_is_seen),
        cmocka_unit_test(keys_that_come_with_the_view_do_no_harm),
        cmocka_unit_test(views_follow_the_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
