/* The inspector: what it lists, walking along it, finding neurons. */
#include "explorer_terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UP   "\033OA"
#define DOWN "\033OB"
#define PAGE "\033[6~"

static void press(struct terminal *terminal, const char *keys, const char *shown) {
    terminal_send(terminal, keys);
    terminal_expect(terminal, shown);
}

static void check(int rows, int columns, const char *words, const char *keys, const char *name) {
    struct terminal *terminal = explorer_start(rows, columns, words, NULL);
    explorer_keys(terminal, keys);
    terminal_expect_screen(terminal, name);
    explorer_quit(terminal);
}

static void whole_inspector_at_200x60(void **state) {
    (void)state;
    check(60, 200, "square", "LLLjj\t\t" DOWN DOWN, "inspector-200x60");
}

static void inspector_in_a_narrow_column_at_120x40(void **state) {
    (void)state;
    check(40, 120, "turned", "LLL\t\to" DOWN, "inspector-120x40");
}

static void inspector_has_ascii_twins(void **state) {
    (void)state;
    check(40, 120, "square --ascii", "LLL\t\t" PAGE, "inspector-ascii-120x40");
}

/* The last lines are reached, and nothing is left out without a mark. */
static void long_lists_scroll_to_their_end(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, "LLL\t\t", "\xe2\x86\x93");
    press(terminal, PAGE PAGE PAGE PAGE, "\xe2\x96\xb8  neuron 3");
    terminal_expect(terminal, "\xe2\x86\x91");
    assert_false(terminal_shows(terminal, "\xe2\x86\x93"));
    explorer_quit(terminal);
}

static void dead_neurons_are_explained(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "wide", NULL);
    press(terminal, ":goto 2045\r", "Neuron 2045 (dead)");
    terminal_expect(terminal, "dead: nothing reads it. Every");
    terminal_expect(terminal, "changes.");
    explorer_quit(terminal);
}

static void what_a_class_becomes_follows_the_options(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    press(terminal, "LLL\t\t", "one neuron: the weighted mean of what they");
    terminal_expect(terminal, "what it sends is fitted");
    press(terminal, "f", "refit off");
    terminal_settle(terminal);
    assert_false(terminal_shows(terminal, "fitted"));
    press(terminal, ":set relation forward\r", "as many neurons as the sum of");
    explorer_quit(terminal);
    terminal = explorer_start(24, 80, "turned", NULL);
    press(terminal, "LLL\t\t", "one neuron that keeps 0's incoming");
    explorer_quit(terminal);
}

static void enter_walks_to_a_neuron_and_escape_back(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "square", NULL);
    press(terminal, "LLL\r\r", "\xe2\x96\xb8Neuron 0");
    press(terminal, "\r", "this line names no other neuron");
    press(terminal, PAGE, "\xe2\x96\xb8  0      itself");
    press(terminal, DOWN DOWN "\r", "\xe2\x96\xb8Neuron 9");
    press(terminal, PAGE "\r", "\xe2\x96\xb8Neuron 0");
    press(terminal, "\033", "\xe2\x96\xb8Neuron 9");
    press(terminal, "\033", "\xe2\x96\xb8Neuron 0");
    terminal_expect(terminal, "\xe2\x96\xb8  9 ");
    press(terminal, "\033", "\xe2\x96\xb8Layer 1");
    press(terminal, "\033", "\xe2\x96\xb8Layers");
    explorer_quit(terminal);
}

static void enter_walks_to_the_next_merge_and_along_weights(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(60, 200, "square", NULL);
    press(terminal, "LLL\t\t", "\xe2\x96\xb8Neuron 0, class 0");
    press(terminal, DOWN DOWN DOWN "\r", "\xe2\x96\xb8Neuron 3, class 2");
    explorer_keys(terminal, "\033");
    press(terminal, ":layer 3\r", "Layer 3 (square)");
    press(terminal, PAGE PAGE UP UP, "\xe2\x96\xb8  neuron ");
    press(terminal, "\r",
          "\xe2\x96\xb8"
          "2 linear");
    press(terminal, "\033",
          "\xe2\x96\xb8"
          "3 square");
    explorer_quit(terminal);
}

static void largest_weights_come_first_when_sorted(void **state) {
    (void)state;
    int first, second, column;
    struct terminal *terminal = explorer_start(40, 120, "square", NULL);
    terminal_expect(terminal, "reads 7, weights");
    assert_true(terminal_find(terminal, "  S1 ", &first, &column));
    assert_true(terminal_find(terminal, "  S3 ", &second, &column));
    assert_true(first < second);
    press(terminal, "\t\to", "reads 7, largest weights first");
    terminal_settle(terminal);
    assert_true(terminal_find(terminal, "  S1 ", &first, &column));
    assert_true(terminal_find(terminal, "  S3 ", &second, &column));
    assert_true(second < first);
    press(terminal, ":sort order\r", "reads 7, weights");
    press(terminal, ":sort size\r", "reads 7, largest");
    press(terminal, ":sort up\r", "say sort order or sort size");
    explorer_quit(terminal);
}

static void search_finds_neurons_by_number(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "square", NULL);
    press(terminal, "/", ":find");
    press(terminal, "12\r", "neuron 12 of layer 1");
    terminal_expect(terminal, "Neuron 12, class 12");
    press(terminal, "/3:5\r", "neuron 5 of layer 3");
    terminal_expect(terminal, "Layer 3 (square)");
    press(terminal, "/2 1\r", "neuron 1 of layer 2");
    press(terminal, "/2 9\r", "layer 2 has no neuron 9: its neurons are 0 to 3");
    press(terminal, "/9 0\r", "there is no layer 9: hidden layers are 1 to 3");
    press(terminal, ":goto 3\r", "Neuron 3, class 3");
    press(terminal, ":goto 1 7\r", "Neuron 7, class 7");
    press(terminal, ":goto x\r", "say which neuron");
    explorer_quit(terminal);
}

static void search_finds_what_reads_an_input_most_and_goes_on(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "square", NULL);
    press(terminal, "/\r", "say what to find");
    press(terminal, "/s1\r", "neuron 44 of layer 1 reads S1 most: weight");
    terminal_expect(terminal, "1st of 64; again: the next");
    press(terminal, "/\r", "neuron 49 of layer 1 reads S1: weight -2.19, 2nd of 64");
    press(terminal, "/S1\r", "1st of 64");
    press(terminal, "/n\r", "reads N2 most");
    press(terminal, "/out:ds4x\r", "of layer 3 sends to dS4x most");
    press(terminal, "/s\r", "\"s\" begins 5 names (S1, S2, S3, S4, S4x): say which");
    press(terminal, "/S4\r", "reads S4 most");
    press(terminal, "/zebra\r", "\"zebra\" is no neuron, input or output: find takes a number");
    terminal_expect(terminal, "(dS1, ...)");
    press(terminal, "/dA\t", ":find dA3");
    press(terminal, "\r", "sends to dA3 most");
    explorer_quit(terminal);
}

static void inputs_without_names_go_by_number(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "wide", NULL);
    press(terminal, "/input 300\r", "of layer 1 reads input 300 most");
    press(terminal, "/output 3\r", "of layer 2 sends to output 3 most");
    explorer_quit(terminal);
}

static void names_from_files_cannot_harm_the_search(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "hostile", NULL);
    press(terminal, "/esc\r", "reads esc?[31mred most");
    press(terminal, "/a name that\r", "reads a name that is far longer");
    explorer_quit(terminal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_inspector_at_200x60),
        cmocka_unit_test(inspector_in_a_narrow_column_at_120x40),
        cmocka_unit_test(inspector_has_ascii_twins),
        cmocka_unit_test(long_lists_scroll_to_their_end),
        cmocka_unit_test(dead_neurons_are_explained),
        cmocka_unit_test(what_a_class_becomes_follows_the_options),
        cmocka_unit_test(enter_walks_to_a_neuron_and_escape_back),
        cmocka_unit_test(enter_walks_to_the_next_merge_and_along_weights),
        cmocka_unit_test(largest_weights_come_first_when_sorted),
        cmocka_unit_test(search_finds_neurons_by_number),
        cmocka_unit_test(search_finds_what_reads_an_input_most_and_goes_on),
        cmocka_unit_test(inputs_without_names_go_by_number),
        cmocka_unit_test(names_from_files_cannot_harm_the_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
