/* Keys, mouse and the command line, as a person uses them. */
#include "explorer_terminal.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define EPSILON "\xce\xb5 "
#define LEFT    "\033OD"
#define RIGHT   "\033OC"
#define UP      "\033OA"
#define DOWN    "\033OB"

static struct terminal *start(void) {
    return explorer_start(24, 80, "square", NULL);
}

static void press(struct terminal *terminal, const char *keys, const char *shown) {
    terminal_send(terminal, keys);
    terminal_expect(terminal, shown);
}

static void epsilon_keys_step_from_event_to_event(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, "l", EPSILON "0.001000");
    press(terminal, "l", "130 classes");
    press(terminal, "h", "131 classes");
    press(terminal, RIGHT, "130 classes");
    press(terminal, LEFT LEFT, EPSILON "0 ");
    press(terminal, "$", "nothing left to merge");
    press(terminal, "0", EPSILON "0 ");
    press(terminal, "\033OF", "nothing left to merge");
    press(terminal, "\033OH", EPSILON "0 ");
    press(terminal, "L", EPSILON "0.0008951");
    press(terminal, "H", EPSILON "0 ");
    explorer_quit(terminal);
}

static void layer_keys_choose_layers(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, "j", "Layer 2 (linear)");
    press(terminal, DOWN, "Layer 3 (square)");
    press(terminal, "jj", "Layer 3 (square)");
    press(terminal, "k", "Layer 2 (linear)");
    press(terminal, UP, "Layer 1 (square)");
    press(terminal, ":layer 3\r", "Layer 3 (square)");
    press(terminal, ":layer 9\r", "say which hidden layer");
    explorer_quit(terminal);
}

static void panes_open_and_close(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, "\t", "\xe2\x96\xb8Layer 1");
    press(terminal, "\t", "\xe2\x96\xb8Neuron 0");
    press(terminal, "\t", "\xe2\x96\xb8Layers");
    press(terminal, "\033[Z", "\xe2\x96\xb8Neuron 0");
    press(terminal, "\033", "\xe2\x96\xb8Layer 1");
    press(terminal, "\033", "\xe2\x96\xb8Layers");
    press(terminal, "\r", "\xe2\x96\xb8Layer 1");
    press(terminal, "\r", "\xe2\x96\xb8Neuron 0");
    press(terminal, ":pane classes\r", "\xe2\x96\xb8Layer 1");
    press(terminal, ":pane nowhere\r", "there is no pane \"nowhere\"");
    explorer_quit(terminal);
}

static void cursor_moves_over_neurons_and_classes(void **state) {
    (void)state;
    struct terminal *terminal = start();
    explorer_keys(terminal, "LLL\t");
    press(terminal, RIGHT, "neuron 1, class 0: 0 1 9");
    press(terminal, LEFT, "neuron 0, class 0");
    press(terminal, DOWN, "neuron 6, class 4");
    press(terminal, UP, "neuron 0, class 0");
    press(terminal, ">", "neuron 2, class 1: 2 alone");
    press(terminal, ">", "neuron 3, class 2: 3 5 7");
    press(terminal, "<", "neuron 2, class 1");
    press(terminal, ".", "neuron 3, class 2");
    press(terminal, ",", "neuron 2, class 1");
    explorer_quit(terminal);
}

/* Several keys before a frame: layer 2 has four neurons, layer 1 has 64. */
static void cursor_stays_in_its_layer_when_keys_come_fast(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "square", NULL);
    press(terminal, "j......", "Neuron 3");
    press(terminal, "k......", "Neuron 6");
    explorer_quit(terminal);
}

static void zoom_changes_the_cells(void **state) {
    (void)state;
    struct terminal *terminal = start();
    explorer_keys(terminal, "\t");
    press(terminal, "-", "[] \xe2\x96\x88\xe2\x96\x89");
    press(terminal, "-", "X \xe2\x96\x89");
    press(terminal, "-", "\xe2\x96\xb2");
    press(terminal, "-", "\xe2\x96\xb2");
    press(terminal, "++", "[]");
    press(terminal, "+", "  0   1   2");
    press(terminal, "+", "   0    1    2");
    explorer_quit(terminal);
}

static void option_keys_cycle_and_the_title_shows_it(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, "r",
          "forward\xc2\xb7"
          "complete\xc2\xb7l1\xc2\xb7rel\xc2\xb7"
          "bal\xc2\xb7");
    press(terminal, "g",
          "forward\xc2\xb7"
          "chain");
    press(terminal, "n", "chain\xc2\xb7l2");
    terminal_expect(terminal, "norm l2");
    explorer_keys(terminal, "b");
    assert_false(terminal_shows(terminal, "\xc2\xb7"
                                          "bal"));
    explorer_keys(terminal, "f");
    assert_false(terminal_shows(terminal, "\xc2\xb7refit"));
    press(terminal, "f", "\xc2\xb7refit");
    explorer_quit(terminal);
}

static void options_that_do_not_fit_say_why(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, "n", "--norm does not go with");
    press(terminal, ":set relation sideways\r", "forward");
    press(terminal, ":set colour blue\r", "there is no option \"colour\": choose one of relation,");
    explorer_quit(terminal);
}

static void options_without_a_value_say_what_they_take(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, ":set relation\r", "relation joint; it takes forward|backward|joint: which");
    press(terminal, ":set norm\r", "norm does not apply; it takes l1|l2|linf|erode");
    press(terminal, "jx", "layer 2 locked");
    press(terminal, ":set lock\r", "lock 2; it takes L,...");
    explorer_quit(terminal);
}

static void classes_of_one_are_not_plural(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, "$", "64 neurons \xe2\x86\x92 1 class ");
    explorer_quit(terminal);
}

static void changes_that_round_to_nothing_have_no_sign(void **state) {
    (void)state;
    struct terminal *terminal = start();
    terminal_expect(terminal, "     0 %");
    press(terminal, "l", "    ~0 %");
    explorer_quit(terminal);
}

static void locked_layers_say_so_in_the_inspector(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, "$x\t\t", "not while the layer is locked");
    explorer_quit(terminal);
}

static void errors_that_cannot_be_measured_are_refused(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "unjudged", NULL);
    press(terminal, "s", "the data has no target columns");
    press(terminal, "l", EPSILON "0.001000");
    press(terminal, ":loss 5\r", "the data has no target columns");
    explorer_quit(terminal);
}

static void a_stopped_analysis_says_how_to_go_on(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "analysing", NULL);
    press(terminal, "\033", "not analysed: press r or :set to start again");
    press(terminal, "l", "not analysed: press r or :set OPTION VALUE");
    press(terminal, "s", "not analysed: press r or :set OPTION VALUE");
    terminal_mouse(terminal, 0, true, 2, 40);
    terminal_settle(terminal);
    explorer_quit(terminal);
}

static void networks_without_data_say_so(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "dataless", NULL);
    terminal_expect(terminal, "opened without data: :data FILE adds it");
    press(terminal, "l", "layer 1 merged");
    explorer_quit(terminal);
}

static void lock_key_locks_the_chosen_layer(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, "jx", "layer 2 locked");
    terminal_expect(terminal, "\xe2\x96\x86 lock");
    press(terminal, "kx", "layer 1 locked");
    press(terminal, "x", "layer 1 unlocked");
    assert_true(terminal_shows(terminal, "\xe2\x96\x86 lock"));
    explorer_quit(terminal);
}

static void typed_epsilon_is_taken(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, "e", ":eps");
    press(terminal, "0.05\r", EPSILON "0.05000");
    press(terminal, "e-1\r", "epsilon is a number of at least 0");
    explorer_keys(terminal, "e\033");
    assert_true(terminal_shows(terminal, "q quit"));
    assert_true(terminal_shows(terminal, EPSILON "0.05000"));
    explorer_quit(terminal);
}

static void commands_reach_the_session(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, ":budget 30%\r", "budget 30");
    press(terminal, ":loss 5\r", "loss 5");
    press(terminal, ":exact\r", "exact 0");
    press(terminal, "wout.json\r", "wrote out.json");
    press(terminal, ":write 'a name.json'\r", "wrote a name.json");
    press(terminal, ":open nosuch.json\r", "nosuch.json: there is no such file");
    press(terminal, ":data nosuch.csv\r", "nosuch.csv: there is no such file");
    press(terminal, ":budget 300\r", "the budget is the size to stay below");
    press(terminal, ":frobnicate\r", "there is no command \"frobnicate\"");
    press(terminal, ":write\r", "usage: write FILE");
    press(terminal, ":write 'x\r", "a quotation mark is not closed: end the word with another one");
    press(terminal, ":sw 10\r", "the sweep is done");
    press(terminal, "Z", "the key Z does nothing here");
    explorer_quit(terminal);
}

static void long_sentences_are_shown_whole(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, ":open nosuch.json\r", "second word of the command");
    terminal_expect_screen(terminal, "long-sentence-80x24");
    press(terminal, "l", "layer 1 merged");
    assert_false(terminal_shows(terminal, "second word"));
    explorer_quit(terminal);
}

static void spoilt_screen_is_drawn_again(void **state) {
    (void)state;
    struct terminal *terminal = start();
    size_t before = terminal_bytes(terminal);
    explorer_keys(terminal, "\014");
    assert_true(terminal_bytes(terminal) > before + 1000);
    terminal_expect_screen(terminal, "first-80x24");
    explorer_quit(terminal);
}

static void sweep_runs_until_it_is_stopped(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "busy", NULL);
    press(terminal, "s", "sweeping: lump 12/40");
    press(terminal, "l", EPSILON "0.001000");
    press(terminal, "\033", "stopped; what was done is kept");
    explorer_keys(terminal, "l");
    assert_false(terminal_shows(terminal, "sweeping"));
    assert_true(terminal_shows(terminal, "lump"));
    explorer_quit(terminal);
}

static void command_line_completes(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, ":bu\t9", ":budget 9");
    press(terminal, "\025set rel\tf\t!", ":set relation forward !");
    press(terminal, "\025set relation \t", "forward   backward  joint");
    press(terminal, "\025theme \t", "colour-blind-safe  dark               high-contrast");
    press(terminal, "l\t\r", "theme light");
    press(terminal, ":pane cl\t\r", "\xe2\x96\xb8Layer 1");
    press(terminal, ":help bud\t\r", ":budget G%");
    press(terminal, "\033", "Numbers");
    explorer_quit(terminal);
}

static void command_line_completes_layers_and_words(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, ":layer \t", "1     2     3     up    down");
    press(terminal, "u\t!", ":layer up !");
    press(terminal, "\025lock \t", "1  2  3");
    assert_false(terminal_shows(terminal, "up    down"));
    press(terminal, "\025set lock \t", "1  2  3");
    press(terminal, "\025mouse \t", "on   off");
    explorer_keys(terminal, "\033");
    explorer_quit(terminal);
    terminal = explorer_start(24, 80, "deep", NULL);
    press(terminal, ":layer 2\t", "2   20  21  22  23  24");
    press(terminal, "4\t\r", "Layer 24 (square)");
    explorer_quit(terminal);
}

/* What Tab makes of a name, and what the command then reads. */
static void completes(const char *directory, const char *name, const char *typed,
                      const char *line) {
    char path[128], keys[160];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    struct terminal *terminal = explorer_start(24, 120, "square", NULL);
    snprintf(keys, sizeof keys, ":write! %s\t", typed);
    press(terminal, keys, line);
    snprintf(keys, sizeof keys, "wrote %s", path);
    press(terminal, "\r", keys);
    explorer_quit(terminal);
    assert_int_equal(unlink(path), 0);
}

static void command_line_quotes_names_it_completes(void **state) {
    (void)state;
    char directory[] = "/tmp/lumpscope-test-XXXXXX", typed[64], line[128];
    assert_non_null(mkdtemp(directory));
    static const struct {
        const char *name, *quote, *quoted;
    } cases[] = {{"a net.json", "", "a net.json\""},
                 {"a net.json", "\"", "a net.json\""},
                 {"a net.json", "'", "a net.json'"},
                 {"a \"b\" it's\\c", "", "a \\\"b\\\" it's\\\\c\""},
                 {"a-net.json", "", "a-net.json"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(typed, sizeof typed, "%s%s/a", cases[i].quote, directory);
        snprintf(line, sizeof line, "%s/%s", directory, cases[i].quoted);
        completes(directory, cases[i].name, typed, line);
    }
    assert_int_equal(rmdir(directory), 0);
}

static void writing_over_a_file_is_asked_for(void **state) {
    (void)state;
    char path[] = "/tmp/lumpscope-test-XXXXXX", keys[96];
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    struct terminal *terminal = start();
    snprintf(keys, sizeof keys, ":write %s\r", path);
    press(terminal, keys, ": exists; write! FILE replaces it");
    snprintf(keys, sizeof keys, ":write! %s\r", path);
    press(terminal, keys, "wrote /tmp/lumpscope-test-");
    explorer_quit(terminal);
    assert_int_equal(unlink(path), 0);
}

static void command_line_completes_files(void **state) {
    (void)state;
    char directory[] = "/tmp/lumpscope-test-XXXXXX", path[64], keys[96];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/network.json", directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    struct terminal *terminal = start();
    snprintf(keys, sizeof keys, ":open %s/net\t", directory);
    press(terminal, keys, "network.json");
    terminal_send(terminal, "\033");
    explorer_keys(terminal, "");
    explorer_quit(terminal);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
}

static void command_line_edits_and_gives_up(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, ":eps 9" LEFT "0.0" RIGHT "1\r", EPSILON "0.09100");
    static const char *const given_up[] = {"\033", "\177\177\177", "\003"};
    for (size_t i = 0; i < 3; i++) {
        press(terminal, ":xy", ":xy");
        explorer_keys(terminal, given_up[i]);
        assert_true(terminal_shows(terminal, "q quit"));
    }
    press(terminal, ":\xc3\xa9t\xc3\xa9", ":\xc3\xa9t\xc3\xa9");
    explorer_keys(terminal, "\033");
    explorer_quit(terminal);
}

static void pasted_text_does_not_act_as_keys(void **state) {
    (void)state;
    struct terminal *terminal = start();
    terminal_paste(terminal, "qjjll\n:quit\r");
    terminal_expect(terminal, "pasted text goes into the command line only");
    terminal_settle(terminal);
    assert_true(terminal_shows(terminal, EPSILON "0 "));
    assert_true(terminal_shows(terminal, "Layer 1 (square)"));
    press(terminal, "l", EPSILON "0.001000");
    explorer_quit(terminal);
}

static void pasted_text_goes_into_the_command_line(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, ":", ":");
    terminal_paste(terminal, "eps\n0.3\t\007\xc3\xa9\r");
    terminal_expect(terminal, ":eps 0.3 \xc3\xa9");
    press(terminal, "\177\177\r", EPSILON "0.3000");
    press(terminal, ":x", ":x");
    terminal_paste(terminal, LEFT "q\033y");
    terminal_expect(terminal, ":xqy");
    press(terminal, "\033", "h l epsilon");
    explorer_quit(terminal);
}

static void a_paste_that_the_line_cannot_hold_is_said_to_be_cut(void **state) {
    (void)state;
    struct terminal *terminal = start();
    char piece[512];
    memset(piece, 'y', sizeof piece - 1);
    piece[sizeof piece - 1] = '\0';
    press(terminal, ":say ", ":say");
    for (int k = 0; k < 8; k++)
        terminal_paste(terminal, piece);
    terminal_paste(terminal, "zz");
    terminal_expect(terminal, "yzz");
    assert_false(terminal_shows(terminal, "left out"));
    terminal_paste(terminal, "abcdefgh");
    terminal_expect(terminal, "the line holds 4096 bytes: the rest of the paste is left out");
    assert_true(terminal_shows(terminal, "yzzab"));
    assert_false(terminal_shows(terminal, "yzzabc"));
    press(terminal, "\033", "h l epsilon");
    explorer_quit(terminal);
}

static void search_in_the_history_is_seen(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, ":eps 0.3\r", EPSILON "0.3000");
    press(terminal, ":eps 0.2\r", EPSILON "0.2000");
    press(terminal, ":\0220.3", "(reverse-i-search)`0.3': eps 0.3");
    press(terminal, "\177\177\177", "reverse-i-search)`': ");
    press(terminal, "\1770.3\r", EPSILON "0.3000");
    press(terminal, ":\022eps", "(reverse-i-search)`eps'");
    press(terminal, "\033", "h l epsilon");
    press(terminal, ":xy", ":xy");
    press(terminal, "\033", "h l epsilon");
    explorer_quit(terminal);
}

static void a_search_that_is_given_up_leaves_the_line(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, ":eps 0.3\r", EPSILON "0.3000");
    press(terminal, ":lock 2\022ps", "eps 0.3");
    press(terminal, "\a", ":lock 2");
    press(terminal, "\025eps 0.1\022ps\a\r", EPSILON "0.1000");
    explorer_quit(terminal);
}

/* A paste whose end got lost does not swallow keys for ever. */
static void escape_ends_a_paste_without_end(void **state) {
    (void)state;
    struct terminal *terminal = start();
    explorer_keys(terminal, "\033[200~qq");
    explorer_keys(terminal, "\033");
    press(terminal, "l", EPSILON "0.001000");
    explorer_quit(terminal);
}

static void history_is_kept_from_run_to_run(void **state) {
    (void)state;
    char directory[] = "/tmp/lumpscope-test-XXXXXX", words[128], path[64];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/state/history", directory);
    snprintf(words, sizeof words, "square --history %s", path);
    struct terminal *terminal = explorer_start(24, 80, words, NULL);
    press(terminal, ":eps 0.3\r", EPSILON "0.3000");
    press(terminal, ":eps 0.2\r", EPSILON "0.2000");
    explorer_quit(terminal);
    terminal = explorer_start(24, 80, words, NULL);
    press(terminal, ":" UP, ":eps 0.2");
    press(terminal, UP, ":eps 0.3");
    press(terminal, "\r", EPSILON "0.3000");
    explorer_quit(terminal);
    assert_int_equal(unlink(path), 0);
    snprintf(path, sizeof path, "%s/state", directory);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(directory), 0);
}

/* A history that explorers keep in a directory of the test's own. */
struct kept_history {
    char directory[32], path[64], words[128];
};

static struct kept_history history_begin(void) {
    struct kept_history kept = {.directory = "/tmp/lumpscope-test-XXXXXX"};
    assert_non_null(mkdtemp(kept.directory));
    snprintf(kept.path, sizeof kept.path, "%s/history", kept.directory);
    snprintf(kept.words, sizeof kept.words, "square --history %s", kept.path);
    return kept;
}

static void history_expect(const struct kept_history *kept, const char *lines) {
    char held[1024];
    FILE *file = fopen(kept->path, "r");
    assert_non_null(file);
    held[fread(held, 1, sizeof held - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    assert_string_equal(held, lines);
}

static void history_end(const struct kept_history *kept) {
    assert_int_equal(unlink(kept->path), 0);
    assert_int_equal(rmdir(kept->directory), 0);
}

static void explorers_side_by_side_lose_none_of_the_history(void **state) {
    (void)state;
    struct kept_history kept = history_begin();
    struct terminal *first = explorer_start(24, 80, kept.words, NULL);
    struct terminal *second = explorer_start(24, 80, kept.words, NULL);
    press(second, ":eps 0.3\r", EPSILON "0.3000");
    press(first, ":eps 0.2\r", EPSILON "0.2000");
    press(second, ":eps 0.25\r", EPSILON "0.2500");
    history_expect(&kept, "eps 0.3\neps 0.2\neps 0.25\n");
    explorer_quit(first);
    explorer_quit(second);
    history_expect(&kept, "eps 0.3\neps 0.2\neps 0.25\n");
    history_end(&kept);
}

static void a_killed_explorer_loses_none_of_its_history(void **state) {
    (void)state;
    struct kept_history kept = history_begin();
    struct terminal *terminal = explorer_start(24, 80, kept.words, NULL);
    explorer_keys(terminal, ":eps 0.3\r:eps 0.3\r:eps 0.2\r:\r:eps 0.25\r");
    terminal_signal(terminal, SIGKILL);
    assert_int_equal(terminal_exit(terminal), 128 + SIGKILL);
    terminal_free(terminal);
    history_expect(&kept, "eps 0.3\neps 0.2\neps 0.25\n");
    history_end(&kept);
}

/* Readline keeps the edits of lines that one went on from: they were not entered. */
static void the_history_gets_what_was_entered(void **state) {
    (void)state;
    struct kept_history kept = history_begin();
    struct terminal *terminal = explorer_start(24, 80, kept.words, NULL);
    press(terminal, ":eps 0.3\r", EPSILON "0.3000");
    press(terminal, ":eps 0.2\r", EPSILON "0.2000");
    press(terminal, ":" UP "5", ":eps 0.25");
    press(terminal, UP "1", ":eps 0.31");
    press(terminal, "\r", EPSILON "0.3100");
    explorer_quit(terminal);
    history_expect(&kept, "eps 0.3\neps 0.2\neps 0.31\n");
    history_end(&kept);
}

/* What was told to another one that runs meanwhile is behind the lines that are left. */
static void the_oldest_lines_of_a_long_history_go(void **state) {
    (void)state;
    struct kept_history kept = history_begin();
    struct terminal *other = explorer_start(24, 80, kept.words, NULL);
    FILE *file = fopen(kept.path, "w");
    assert_non_null(file);
    for (int line = 0; line < 1005; line++)
        fprintf(file, line < 1004 ? "eps %d\n" : "eps %d", line); /* the last one is torn */
    assert_int_equal(fclose(file), 0);
    explorer_quit(explorer_start(24, 80, kept.words, NULL));
    press(other, ":eps 0.3\r", EPSILON "0.3000");
    explorer_quit(other);
    char line[64];
    int count = 0;
    file = fopen(kept.path, "r");
    assert_non_null(file);
    for (; fgets(line, sizeof line, file); count++)
        assert_int_equal(count < 1000 ? atoi(line + 4) : 0, count < 1000 ? count + 5 : 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(count, 1001);
    assert_string_equal(line, "eps 0.3\n");
    history_end(&kept);
}

/* Names in a directory but `.` and `..`. */
static size_t count_files(const char *path) {
    size_t count = 0;
    DIR *directory = opendir(path);
    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count - 2;
}

/* A terminal that is closed hangs up more than once. */
static void history_outlives_hang_ups(void **state) {
    (void)state;
    char directory[] = "/tmp/lumpscope-test-XXXXXX", words[128], path[64];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/history", directory);
    snprintf(words, sizeof words, "square --history %s", path);
    struct terminal *terminal = explorer_start(24, 80, words, NULL);
    press(terminal, ":eps 0.3\r", EPSILON "0.3000");
    terminal_signal_to_the_end(terminal, SIGHUP);
    assert_int_equal(terminal_exit(terminal), 128 + SIGHUP);
    terminal_free(terminal);
    assert_int_equal(count_files(directory), 1);
    terminal = explorer_start(24, 80, words, NULL);
    press(terminal, ":" UP, ":eps 0.3");
    press(terminal, "\033", "h l epsilon");
    explorer_quit(terminal);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
}

static void first_start_says_what_epsilon_is(void **state) {
    (void)state;
    char directory[] = "/tmp/lumpscope-test-XXXXXX", words[128], path[64];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/history", directory);
    snprintf(words, sizeof words, "square --history %s", path);
    struct terminal *terminal = explorer_start(24, 80, words, NULL);
    terminal_expect(terminal, "\xce\xb5: a merge may move the output");
    press(terminal, "l", "layer 1 merged");
    explorer_quit(terminal);
    terminal = explorer_start(24, 80, words, NULL);
    assert_false(terminal_shows(terminal, "a merge may move"));
    explorer_quit(terminal);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
}

static void help_explains_epsilon_and_the_header(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "wide", NULL);
    press(terminal, "?", "a merge may move the output by about this share of its spread");
    terminal_expect(terminal, "one merge in this column");
    assert_false(terminal_shows(terminal, "polynomial encoding"));
    press(terminal, "?r?", "two neurons of a class send, in units of the layer's mean");
    terminal_expect(terminal, "no polynomial encoding");
    press(terminal, "?g?", "two linked neurons of a class send");
    press(terminal, "?r?", "two linked neurons of a class read");
    press(terminal, "?:set scale absolute\r?", "linked neurons of a class read\n");
    press(terminal, "?", "Numbers");
    explorer_quit(terminal);
}

static void help_scrolls_and_closes(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, "?", "This pane: layers");
    press(terminal, "    ", "Keys: ");
    press(terminal, "\033OF", "what ERODE computes");
    press(terminal, "\033", "\xe2\x96\xb8Layers");
    press(terminal, "??", "\xe2\x96\xb8Layers");
    press(terminal, "?q", "\xe2\x96\xb8Layers");
    explorer_quit(terminal);
}

static void slider_follows_the_mouse(void **state) {
    (void)state;
    struct terminal *terminal = start();
    terminal_mouse(terminal, 0, true, 2, 78);
    terminal_expect(terminal, "nothing left to merge");
    terminal_mouse(terminal, 32, true, 2, 40);
    terminal_expect(terminal, EPSILON "0.1163");
    terminal_mouse(terminal, 32, true, 5, 1);
    terminal_expect(terminal, EPSILON "0 ");
    terminal_mouse(terminal, 0, false, 5, 1);
    terminal_mouse(terminal, 32, true, 2, 40);
    terminal_settle(terminal);
    assert_true(terminal_shows(terminal, EPSILON "0 "));
    terminal_mouse(terminal, 64, true, 2, 40);
    terminal_expect(terminal, EPSILON "0.001000");
    explorer_quit(terminal);
}

static void clicks_choose_layers_and_neurons(void **state) {
    (void)state;
    struct terminal *terminal = start();
    terminal_mouse(terminal, 0, true, 7, 5);
    terminal_mouse(terminal, 0, false, 7, 5);
    terminal_expect(terminal, "Layer 2 (linear)");
    terminal_mouse(terminal, 0, true, 4, 33);
    terminal_expect(terminal, "neuron 1, class 1");
    terminal_expect(terminal, "\xe2\x96\xb8Layer 2");
    explorer_quit(terminal);
}

static void mouse_clears_what_was_said(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, ":frobnicate\r", "there is no command");
    terminal_mouse(terminal, 0, true, 7, 5);
    terminal_expect(terminal, "layer 2: 4 neurons");
    assert_false(terminal_shows(terminal, "there is no command"));
    explorer_quit(terminal);
}

static void mouse_can_be_released(void **state) {
    (void)state;
    struct terminal *terminal = start();
    press(terminal, "M", "mouse released");
    press(terminal, "M", "mouse taken");
    press(terminal, ":mouse off\r", "mouse released");
    explorer_quit(terminal);
}

static void screen_follows_the_window(void **state) {
    (void)state;
    struct terminal *terminal = start();
    terminal_resize(terminal, 40, 120);
    terminal_expect(terminal, "Neuron 0, class 0");
    terminal_resize(terminal, 10, 30);
    terminal_expect(terminal, "needs 80 x 24, has 30 x 10");
    terminal_resize(terminal, 1, 5);
    terminal_settle(terminal);
    for (int i = 0; i < 60; i++)
        terminal_resize(terminal, 10 + i, 40 + 2 * i);
    terminal_resize(terminal, 24, 80);
    terminal_settle(terminal);
    terminal_expect_screen(terminal, "first-80x24");
    explorer_quit(terminal);
}

static void quitting_works_on_a_screen_that_is_too_small(void **state) {
    (void)state;
    explorer_quit(explorer_start(10, 40, "square", NULL));
}

static void nothing_is_done_unseen_on_a_screen_that_is_too_small(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(10, 40, "square", NULL);
    explorer_keys(terminal, ":eps 0.3\rl\014");
    terminal_resize(terminal, 24, 80);
    terminal_expect(terminal, EPSILON "0 ");
    press(terminal, ":xy", ":xy");
    terminal_resize(terminal, 10, 40);
    terminal_expect(terminal, "needs 80 x 24");
    explorer_keys(terminal, "z\r");
    terminal_resize(terminal, 24, 80);
    terminal_expect(terminal, ":xy");
    assert_false(terminal_shows(terminal, ":xyz"));
    press(terminal, "\033", "q quit");
    explorer_quit(terminal);
}

/* Only what changed is sent: an epsilon step at 120x40 costs less than 4 KB. */
static void steps_send_few_bytes(void **state) {
    (void)state;
    static const char *const environment[] = {"COLORTERM=truecolor", NULL};
    struct terminal *terminal = explorer_start(40, 120, "square", environment);
    explorer_keys(terminal, "LLLs");
    for (int i = 0; i < 10; i++) {
        size_t before = terminal_bytes(terminal);
        explorer_keys(terminal, "l");
        assert_in_range(terminal_bytes(terminal) - before, 1, 4096);
    }
    explorer_quit(terminal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(epsilon_keys_step_from_event_to_event),
        cmocka_unit_test(layer_keys_choose_layers),
        cmocka_unit_test(panes_open_and_close),
        cmocka_unit_test(cursor_moves_over_neurons_and_classes),
        cmocka_unit_test(cursor_stays_in_its_layer_when_keys_come_fast),
        cmocka_unit_test(zoom_changes_the_cells),
        cmocka_unit_test(option_keys_cycle_and_the_title_shows_it),
        cmocka_unit_test(options_that_do_not_fit_say_why),
        cmocka_unit_test(options_without_a_value_say_what_they_take),
        cmocka_unit_test(classes_of_one_are_not_plural),
        cmocka_unit_test(changes_that_round_to_nothing_have_no_sign),
        cmocka_unit_test(locked_layers_say_so_in_the_inspector),
        cmocka_unit_test(errors_that_cannot_be_measured_are_refused),
        cmocka_unit_test(a_stopped_analysis_says_how_to_go_on),
        cmocka_unit_test(networks_without_data_say_so),
        cmocka_unit_test(lock_key_locks_the_chosen_layer),
        cmocka_unit_test(typed_epsilon_is_taken),
        cmocka_unit_test(commands_reach_the_session),
        cmocka_unit_test(long_sentences_are_shown_whole),
        cmocka_unit_test(spoilt_screen_is_drawn_again),
        cmocka_unit_test(sweep_runs_until_it_is_stopped),
        cmocka_unit_test(command_line_completes),
        cmocka_unit_test(command_line_completes_layers_and_words),
        cmocka_unit_test(command_line_quotes_names_it_completes),
        cmocka_unit_test(writing_over_a_file_is_asked_for),
        cmocka_unit_test(command_line_completes_files),
        cmocka_unit_test(command_line_edits_and_gives_up),
        cmocka_unit_test(pasted_text_does_not_act_as_keys),
        cmocka_unit_test(pasted_text_goes_into_the_command_line),
        cmocka_unit_test(a_paste_that_the_line_cannot_hold_is_said_to_be_cut),
        cmocka_unit_test(escape_ends_a_paste_without_end),
        cmocka_unit_test(history_is_kept_from_run_to_run),
        cmocka_unit_test(explorers_side_by_side_lose_none_of_the_history),
        cmocka_unit_test(a_killed_explorer_loses_none_of_its_history),
        cmocka_unit_test(the_history_gets_what_was_entered),
        cmocka_unit_test(the_oldest_lines_of_a_long_history_go),
        cmocka_unit_test(search_in_the_history_is_seen),
        cmocka_unit_test(a_search_that_is_given_up_leaves_the_line),
        cmocka_unit_test(history_outlives_hang_ups),
        cmocka_unit_test(first_start_says_what_epsilon_is),
        cmocka_unit_test(help_explains_epsilon_and_the_header),
        cmocka_unit_test(help_scrolls_and_closes),
        cmocka_unit_test(slider_follows_the_mouse),
        cmocka_unit_test(clicks_choose_layers_and_neurons),
        cmocka_unit_test(mouse_clears_what_was_said),
        cmocka_unit_test(mouse_can_be_released),
        cmocka_unit_test(screen_follows_the_window),
        cmocka_unit_test(quitting_works_on_a_screen_that_is_too_small),
        cmocka_unit_test(nothing_is_done_unseen_on_a_screen_that_is_too_small),
        cmocka_unit_test(steps_send_few_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
