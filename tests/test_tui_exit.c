/* Every way out of the explorer leaves the terminal as it was; terminals it cannot use are refused
 * in a sentence; colours are what the terminal and the user want. */
#include "explorer_terminal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void quitting_restores_the_terminal(void **state) {
    (void)state;
    explorer_quit(explorer_start(24, 80, "square", NULL));
}

static void ends_by(int number) {
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    explorer_keys(terminal, "l");
    terminal_signal(terminal, number);
    assert_int_equal(terminal_exit(terminal), 128 + number);
    terminal_expect_restored(terminal);
    terminal_free(terminal);
}

/* Where there is no second screen the shell goes on in the last line. */
static void last_line_is_left_empty(void **state) {
    (void)state;
    static const char *const environment[] = {"TERM=vt100", NULL};
    struct terminal *terminal = explorer_start(24, 80, "square", environment);
    terminal_expect(terminal, "q quit");
    terminal_send(terminal, "q");
    assert_int_equal(terminal_exit(terminal), 0);
    terminal_expect_restored(terminal);
    assert_true(terminal_shows(terminal, "Numbers"));
    assert_false(terminal_shows(terminal, "q quit"));
    terminal_free(terminal);
}

static void signals_restore_the_terminal(void **state) {
    (void)state;
    ends_by(SIGINT);
    ends_by(SIGTERM);
    ends_by(SIGHUP);
    ends_by(SIGQUIT);
}

/* The window closes while the program, started by nohup or the like, is not told by a signal. */
static void losing_the_terminal_ends_the_program(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square --ignore-hangup", NULL);
    explorer_keys(terminal, "l");
    assert_int_equal(terminal_hang_up(terminal), 128 + SIGHUP);
    terminal_free(terminal);
}

static void interrupt_key_restores_the_terminal(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    terminal_send(terminal, "\003");
    assert_int_equal(terminal_exit(terminal), 128 + SIGINT);
    terminal_expect_restored(terminal);
    terminal_free(terminal);
}

static void crash_restores_the_terminal(const char *words, int number) {
    struct terminal *terminal = explorer_start(24, 80, words, NULL);
    int status = terminal_exit(terminal);
    if (status != 1 && status != 66) /* a sanitizer takes the signal after us and exits by itself */
        assert_int_equal(status, 128 + number);
    terminal_expect_restored(terminal);
    terminal_free(terminal);
}

static void crashes_restore_the_terminal(void **state) {
    (void)state;
    crash_restores_the_terminal("square --crash segv", SIGSEGV);
    crash_restores_the_terminal("square --crash abort", SIGABRT);
    crash_restores_the_terminal("square --crash thread", SIGSEGV);
}

static void wait_until_stopped(struct terminal *terminal) {
    for (int i = 0; i < 100 && !terminal_stopped(terminal); i++)
        terminal_settle(terminal);
    assert_true(terminal_stopped(terminal));
}

static void suspending_gives_the_terminal_back_and_takes_it_again(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    terminal_send(terminal, "\032");
    wait_until_stopped(terminal);
    terminal_expect_restored(terminal);
    terminal_signal(terminal, SIGCONT);
    terminal_expect(terminal, "? help");
    explorer_keys(terminal, "l");
    terminal_expect(terminal, "\xce\xb5 0.001000");
    explorer_quit(terminal);
}

static void continued_after_a_hard_stop_draws_again(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    terminal_signal(terminal, SIGSTOP);
    wait_until_stopped(terminal);
    size_t before = terminal_bytes(terminal);
    terminal_signal(terminal, SIGCONT);
    terminal_settle(terminal);
    assert_true(terminal_bytes(terminal) > before + 1000);
    terminal_expect(terminal, "? help");
    explorer_quit(terminal);
}

/* ---- From wherever the user is ---- */

/* Keys that open what lies over the panes, and what is then to be seen. */
static const struct overlay {
    const char *keys, *shows;
} overlays[] = {
    {"?", " Help"}, {":", ":"}, {":eps 0.0", ":eps 0.0"}, {":the\t", ":theme"}, {"p", "lumpscope"}};
enum { OVERLAYS = sizeof overlays / sizeof *overlays };

static struct terminal *open_overlay(const struct overlay *overlay) {
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    explorer_keys(terminal, overlay->keys);
    terminal_expect(terminal, overlay->shows);
    return terminal;
}

static void every_overlay_is_left_by_a_signal(void **state) {
    (void)state;
    static const int numbers[] = {SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < OVERLAYS; i++) {
        int number = numbers[i % 3];
        struct terminal *terminal = open_overlay(&overlays[i]);
        terminal_signal(terminal, number);
        assert_int_equal(terminal_exit(terminal), 128 + number);
        terminal_expect_restored(terminal);
        terminal_free(terminal);
    }
}

static void every_overlay_comes_back_after_a_suspend(void **state) {
    (void)state;
    for (size_t i = 0; i < OVERLAYS; i++) {
        struct terminal *terminal = open_overlay(&overlays[i]);
        char *before = strdup(terminal_text(terminal));
        assert_non_null(before);
        terminal_send(terminal, "\032");
        wait_until_stopped(terminal);
        terminal_expect_restored(terminal);
        terminal_signal(terminal, SIGCONT);
        terminal_expect(terminal, overlays[i].shows);
        terminal_settle(terminal);
        assert_string_equal(terminal_text(terminal), before);
        free(before);
        terminal_signal(terminal, SIGTERM);
        assert_int_equal(terminal_exit(terminal), 128 + SIGTERM);
        terminal_expect_restored(terminal);
        terminal_free(terminal);
    }
}

static void quitting_by_command_restores_the_terminal(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    terminal_send(terminal, ":quit\r");
    assert_int_equal(terminal_exit(terminal), 0);
    terminal_expect_restored(terminal);
    terminal_free(terminal);
}

static void interrupt_closes_the_prompt_and_no_more(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    explorer_keys(terminal, ":eps 0.07");
    explorer_keys(terminal, "\003");
    assert_false(terminal_shows(terminal, ":eps 0.07"));
    for (int k = 0; k < 20; k++) /* all at once: it does not overtake what opens the prompt */
        explorer_keys(terminal, ":eps 0.07\003");
    assert_false(terminal_shows(terminal, ":eps 0.07"));
    explorer_keys(terminal, ":say ho\003:say hello\r"); /* nor takes what follows with it */
    terminal_expect(terminal, "hello");
    explorer_quit(terminal);
}

/* ---- Terminals that change or stand still ---- */

static char *screen_at(int rows, int columns) {
    struct terminal *terminal = explorer_start(rows, columns, "square", NULL);
    char *text = strdup(terminal_text(terminal));
    assert_non_null(text);
    explorer_quit(terminal);
    return text;
}

static void after_a_storm_of_sizes_the_screen_is_right(void **state) {
    (void)state;
    unsigned seed = 7;
    char *wanted = screen_at(40, 120);
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    for (int k = 0; k < 200; k++) {
        seed = seed * 1103515245u + 12345u;
        int rows = k % 50 == 7 ? 1 : k % 50 == 9 ? 200 : 1 + (int)(seed >> 16) % 70;
        int columns = k % 50 == 7 ? 1 : k % 50 == 9 ? 500 : 1 + (int)(seed >> 8) % 220;
        terminal_resize(terminal, rows, columns);
        terminal_read(terminal, 5);
    }
    terminal_resize(terminal, 40, 120);
    terminal_settle(terminal);
    assert_string_equal(terminal_text(terminal), wanted);
    free(wanted);
    explorer_quit(terminal);
}

/* Nobody reads, keys and signals come: it ends all the same. */
static void ends_although_nobody_reads(int number) {
    static const char *const environment[] = {"COLORTERM=truecolor", NULL};
    struct terminal *terminal = explorer_start(40, 120, "square", environment);
    for (int k = 0; k < 300; k++) {
        terminal_send(terminal, k % 2 ? "\014" : "l"); /* everything drawn again */
        usleep(2000);
    }
    terminal_signal(terminal, SIGWINCH);
    terminal_signal(terminal, number);
    assert_true(terminal_ends_unread(terminal, 3000));
    assert_int_equal(terminal_exit(terminal), 128 + number);
    terminal_free(terminal);
}

static void a_terminal_nobody_reads_does_not_keep_the_program(void **state) {
    (void)state;
    ends_although_nobody_reads(SIGTERM);
    ends_although_nobody_reads(SIGHUP);
}

static void a_stopped_terminal_is_restored(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    terminal_send(terminal, "\023");
    explorer_keys(terminal, "llll?");
    terminal_signal(terminal, SIGTERM);
    assert_int_equal(terminal_exit(terminal), 128 + SIGTERM);
    terminal_expect_restored(terminal);
    terminal_free(terminal);
}

static void what_a_stopped_terminal_missed_comes_when_it_goes_on(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square", NULL);
    explorer_keys(terminal, "lll");
    char *wanted = strdup(terminal_text(terminal));
    assert_non_null(wanted);
    explorer_keys(terminal, "hhh");
    explorer_keys(terminal, "\023");
    for (int k = 0; k < 20; k++)
        explorer_keys(terminal, k % 2 ? "?" : "lhH0");
    explorer_keys(terminal, "0lll");
    assert_string_not_equal(terminal_text(terminal), wanted);
    explorer_keys(terminal, "\021");
    assert_string_equal(terminal_text(terminal), wanted);
    free(wanted);
    explorer_quit(terminal);
}

static void refused(const char *term, const char *sentence) {
    char variable[64];
    const char *const environment[] = {variable, NULL};
    const char *const arguments[] = {"square", NULL};
    snprintf(variable, sizeof variable, "TERM=%s", term);
    struct terminal *terminal =
        terminal_start(24, 80, getenv("LUMPSCOPE_FAKE"), arguments, environment);
    assert_int_equal(terminal_exit(terminal), 1);
    assert_true(terminal_shows(terminal, sentence));
    terminal_expect_restored(terminal);
    terminal_free(terminal);
}

static void terminals_that_cannot_draw_are_refused(void **state) {
    (void)state;
    refused("dumb", "TERM is \"dumb\"");
    refused("nosuchterminal", "TERM is \"nosuchterminal\"");
}

static void unknown_theme_is_refused_before_the_screen(void **state) {
    (void)state;
    const char *const arguments[] = {"square", "--theme", "nosuch", NULL};
    struct terminal *terminal = terminal_start(24, 80, getenv("LUMPSCOPE_FAKE"), arguments, NULL);
    assert_int_equal(terminal_exit(terminal), 1);
    assert_true(terminal_shows(
        terminal, "there is no theme \"nosuch\": choose one of colour-blind-safe, dark, "));
    terminal_expect_restored(terminal);
    terminal_free(terminal);
}

/* The colour of the epsilon's number: a role with a colour of its own in every theme. */
static struct terminal_cell epsilon_cell(struct terminal *terminal) {
    int row, column;
    assert_true(terminal_find(terminal, "\xce\xb5 0", &row, &column));
    return terminal_cell(terminal, row, column + 2);
}

static void colours_are_the_nearest_of_256(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "square --theme dark", NULL);
    struct terminal_cell cell = epsilon_cell(terminal);
    assert_false(cell.default_foreground);
    assert_true(cell.bold);
    explorer_quit(terminal);
}

static void colours_are_exact_where_the_terminal_says_so(void **state) {
    (void)state;
    static const char *const environment[] = {"COLORTERM=truecolor", NULL};
    struct terminal *terminal = explorer_start(24, 80, "square --theme dark", environment);
    assert_int_equal(epsilon_cell(terminal).foreground, 0xffd75f);
    assert_int_equal(terminal_cell(terminal, 0, 0).background, 0x2a3140);
    explorer_keys(terminal, ":theme light\r");
    assert_int_equal(epsilon_cell(terminal).foreground, 0x9a3c00);
    assert_int_equal(epsilon_cell(terminal).background, 0xfbfbf8);
    explorer_quit(terminal);
}

/* What the neuron's number, as it stands in the cells, is drawn in. */
static uint32_t neuron_colour(struct terminal *terminal, const char *number) {
    int row, column;
    assert_true(terminal_find(terminal, number, &row, &column));
    struct terminal_cell cell = terminal_cell(terminal, row, column + 2);
    assert_true(cell.reverse);
    return cell.foreground;
}

/* Neurons 1 and 30 merge first. */
static void colour_shows_what_merged(void **state) {
    (void)state;
    static const char *const environment[] = {"COLORTERM=truecolor", NULL};
    struct terminal *terminal = explorer_start(40, 120, "square --theme dark", environment);
    assert_int_equal(neuron_colour(terminal, "  1    2 "), 0x7d8894);
    explorer_keys(terminal, "l");
    assert_int_not_equal(neuron_colour(terminal, "  1  30 "), 0x7d8894);
    assert_int_equal(neuron_colour(terminal, "  2    3 "), 0x7d8894);
    explorer_quit(terminal);
}

static void no_colour_is_used(const char *words, const char *const *environment) {
    struct terminal *terminal = explorer_start(24, 80, words, environment);
    explorer_keys(terminal, "LLLs");
    for (int row = 0; row < 24; row++)
        for (int column = 0; column < 80; column++) {
            struct terminal_cell cell = terminal_cell(terminal, row, column);
            assert_true(cell.default_foreground && cell.default_background);
        }
    assert_true(terminal_cell(terminal, 0, 0).reverse);
    explorer_quit(terminal);
}

static void no_color_variable_and_option_are_honoured(void **state) {
    (void)state;
    static const char *const no_color[] = {"NO_COLOR=1", NULL}, *const vt100[] = {"TERM=vt100",
                                                                                  NULL};
    no_colour_is_used("square", no_color);
    no_colour_is_used("square --color never", NULL);
    no_colour_is_used("square", vt100);
}

static void asked_for_colour_wins_over_no_color(void **state) {
    (void)state;
    static const char *const no_color[] = {"NO_COLOR=1", NULL};
    struct terminal *terminal = explorer_start(24, 80, "square --color always", no_color);
    assert_false(epsilon_cell(terminal).default_foreground);
    explorer_quit(terminal);
}

static void locale_without_utf8_gets_ascii(void **state) {
    (void)state;
    static const char *const environment[] = {"LC_ALL=C", NULL};
    struct terminal *terminal = explorer_start(24, 80, "square", environment);
    explorer_keys(terminal, "LLLs");
    for (const char *c = terminal_text(terminal); *c; c++)
        assert_true((unsigned char)*c < 0x80);
    assert_true(terminal_shows(terminal, "eps 0.02417"));
    explorer_quit(terminal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quitting_restores_the_terminal),
        cmocka_unit_test(last_line_is_left_empty),
        cmocka_unit_test(signals_restore_the_terminal),
        cmocka_unit_test(losing_the_terminal_ends_the_program),
        cmocka_unit_test(interrupt_key_restores_the_terminal),
        cmocka_unit_test(crashes_restore_the_terminal),
        cmocka_unit_test(suspending_gives_the_terminal_back_and_takes_it_again),
        cmocka_unit_test(continued_after_a_hard_stop_draws_again),
        cmocka_unit_test(every_overlay_is_left_by_a_signal),
        cmocka_unit_test(every_overlay_comes_back_after_a_suspend),
        cmocka_unit_test(quitting_by_command_restores_the_terminal),
        cmocka_unit_test(interrupt_closes_the_prompt_and_no_more),
        cmocka_unit_test(after_a_storm_of_sizes_the_screen_is_right),
        cmocka_unit_test(a_terminal_nobody_reads_does_not_keep_the_program),
        cmocka_unit_test(a_stopped_terminal_is_restored),
        cmocka_unit_test(what_a_stopped_terminal_missed_comes_when_it_goes_on),
        cmocka_unit_test(terminals_that_cannot_draw_are_refused),
        cmocka_unit_test(unknown_theme_is_refused_before_the_screen),
        cmocka_unit_test(colours_are_the_nearest_of_256),
        cmocka_unit_test(colours_are_exact_where_the_terminal_says_so),
        cmocka_unit_test(colour_shows_what_merged),
        cmocka_unit_test(no_color_variable_and_option_are_honoured),
        cmocka_unit_test(asked_for_colour_wins_over_no_color),
        cmocka_unit_test(locale_without_utf8_gets_ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
