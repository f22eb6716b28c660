/* The explorer's parts by themselves: tables that must agree with each other, themes, text columns,
 * cells, the slider's scale, the command line's grammar. */
#include "fake_session.h"

#include "lumpscope/command.h"
#include "lumpscope/epsilon_scale.h"
#include "lumpscope/file.h"
#include "lumpscope/rng.h"
#include "lumpscope/text.h"
#include "tui/axis.h"
#include "tui/cells.h"
#include "tui/columns.h"
#include "tui/glyphs.h"
#include "tui/history_file.h"
#include "tui/keys.h"
#include "tui/prompt.h"
#include "tui/theme.h"

#include <locale.h>
#include <malloc.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- Tables ---- */

static void every_key_gives_a_command_that_takes_its_arguments(void **state) {
    (void)state;
    assert_true(key_binding_count > 30);
    for (size_t i = 0; i < key_binding_count; i++) {
        struct command_words words;
        assert_true(command_split(key_bindings[i].command, &words, NULL));
        const struct explorer_command *command = command_find(words.word[0], NULL);
        assert_non_null(command);
        assert_in_range(words.count - 1, command->least, command->most);
        assert_true(strlen(key_bindings[i].help) > 0);
        command_words_free(&words);
    }
}

static void every_key_has_a_name_and_one_meaning_in_a_pane(void **state) {
    (void)state;
    struct keymap map;
    assert_true(keymap_init(&map, NULL));
    for (size_t i = 0; i < key_binding_count; i++)
        for (const char *name = key_bindings[i].keys; *name; name += strspn(name, " ")) {
            size_t length = strcspn(name, " ");
            int32_t key = input_key_find(name, length);
            assert_int_not_equal(key, 0);
            char back[INPUT_NAME_SIZE];
            assert_int_equal(strncmp(input_key_name(key, back), name, length), 0);
            if (key_bindings[i].pane != PANE_ANY)
                assert_string_equal(keymap_command(&map, key, key_bindings[i].pane),
                                    key_bindings[i].command);
            else /* a pane without keys of its own */
                assert_string_equal(keymap_command(&map, key, PANE_NUMBERS),
                                    key_bindings[i].command);
            name += length;
        }
    keymap_free(&map);
}

static void commands_have_different_names_and_help(void **state) {
    (void)state;
    for (size_t i = 0; i < explorer_command_count; i++) {
        assert_true(strlen(explorer_commands[i].help) > 0);
        assert_true(explorer_commands[i].least <= explorer_commands[i].most);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(explorer_commands[i].name, explorer_commands[k].name);
    }
}

static void what_touches_the_session_or_a_file_is_known(void **state) {
    (void)state;
    static const char *const writing[] = {"write",  "write!",  "export", "export!",
                                          "record", "record!", "tour",   "quit"};
    for (size_t i = 0; i < sizeof writing / sizeof *writing; i++)
        assert_int_equal(command_touches(command_find(writing[i], NULL)), HOLD_START);
    assert_int_equal(command_touches(command_find("eps", NULL)), HOLD_EPSILON);
    assert_int_equal(command_touches(command_find("bind", NULL)), 0);
    size_t touching = 0; /* a name that is no command's would not be among them */
    for (size_t i = 0; i < explorer_command_count; i++)
        touching += command_touches(&explorer_commands[i]) != 0;
    assert_int_equal(touching, 35);
}

static void glyphs_of_a_grid_are_as_wide_as_their_twins(void **state) {
    (void)state;
    for (int i = 0; i < GLYPH_COUNT; i++) {
        const char *utf8 = glyph_text((enum glyph)i, false),
                   *ascii = glyph_text((enum glyph)i, true);
        if (i != GLYPH_EPSILON && i != GLYPH_ELLIPSIS && i != GLYPH_WORKING)
            assert_int_equal(columns_width(utf8), columns_width(ascii));
        for (const char *c = ascii; *c; c++)
            assert_in_range(*c, 0x20, 0x7e);
    }
}

/* ---- The grammar of commands ---- */

static void lines_split_into_words(void **state) {
    (void)state;
    struct command_words words;
    assert_true(command_split("  open 'a b.json'  \"c \\\" d\" e\\ f ", &words, NULL));
    assert_int_equal(words.count, 4);
    assert_string_equal(words.word[0], "open");
    assert_string_equal(words.word[1], "a b.json");
    assert_string_equal(words.word[2], "c \" d");
    assert_string_equal(words.word[3], "e f");
    command_words_free(&words);
    assert_true(command_split("", &words, NULL));
    assert_int_equal(words.count, 0);
    command_words_free(&words);
    assert_false(command_split("a 'b", &words, NULL));
    assert_false(command_split("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25",
                               &words, NULL));
}

static void commands_are_found_by_an_unambiguous_beginning(void **state) {
    (void)state;
    struct error error = {0};
    assert_string_equal(command_find("bud", NULL)->name, "budget");
    assert_string_equal(command_find("next-event", NULL)->name, "next-event");
    assert_null(command_find("next-e", &error));
    assert_null(command_find("s", &error));
    assert_non_null(strstr(error.text, "more than one"));
    assert_null(command_find("", &error));
}

static void scripts_run_without_a_screen(void **state) {
    (void)state;
    struct session *session = fake_session_new(FAKE_SQUARE);
    struct command_context context = {.session = session};
    struct error error = {0};
    static const char *const lines[] = {
        "eps 0.1",    "next-event 3", "slide -10%", "lock 2",   "set relation forward",
        "cycle norm", "layer 2",      "row 17",     "row next", "zoom in",
        "theme dark", "help",         "mouse off",  ""};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_int_not_equal(command_run(&context, lines[i], &error), COMMAND_FAILED);
    assert_int_equal(command_run(&context, "quit", &error), COMMAND_QUIT);
    static const char *const wrong[] = {
        "eps x",    "eps -1", "eps",       "eps 1 2", "next-event 0", "lock",
        "lock 0",   "lock 9", "sweep 1",   "loss -1", "move on",      "set a b c",
        "set norm", "zoom",   "slide far", "row 0",   "row -1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        error = (struct error){0};
        assert_int_equal(command_run(&context, wrong[i], &error), COMMAND_FAILED);
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_true(strlen(error.text) > 10);
    }
    session_free(session);
}

static void values_of_options_are_listed_one_by_one(void **state) {
    (void)state;
    char value[32];
    assert_true(command_option_value(OPTION_RELATION, 0, value));
    assert_string_equal(value, "forward");
    assert_true(command_option_value(OPTION_RELATION, 2, value));
    assert_string_equal(value, "joint");
    assert_false(command_option_value(OPTION_RELATION, 3, value));
    assert_false(command_option_value(OPTION_RANK, 0, value));
    assert_false(command_option_value(OPTION_FAITHFUL, 0, value));
}

/* ---- Text ---- */

static void columns_count_wide_and_combining_characters(void **state) {
    (void)state;
    int used;
    assert_int_equal(columns_width("abc"), 3);
    assert_int_equal(columns_width("\xe8\x91\xa1\xe8\x90\x84"), 4);
    assert_int_equal(columns_width("e\xcc\x81"), 1);
    assert_int_equal(columns_width("a\033b\xff"), 4);
    assert_int_equal(columns_fit("\xe8\x91\xa1\xe8\x90\x84", 3, &used), 3);
    assert_int_equal(used, 2);
    assert_int_equal(columns_fit("e\xcc\x81x", 1, &used), 3);
}

static void shortened(const char *text, int columns, const char *wanted) {
    char out[64];
    columns_shorten(out, sizeof out, text, columns, "\xe2\x80\xa6");
    assert_string_equal(out, wanted);
    assert_true(columns_width(out) <= (columns > 0 ? columns : 0));
}

static void long_names_are_shortened_in_the_middle(void **state) {
    (void)state;
    shortened("abcdefgh", 8, "abcdefgh");
    shortened("abcdefgh", 7,
              "abc\xe2\x80\xa6"
              "fgh");
    shortened("abcdefgh", 2, "a\xe2\x80\xa6");
    shortened("abcdefgh", 1, "\xe2\x80\xa6");
    shortened("abcdefgh", 0, "");
    shortened("\xe8\x91\xa1\xe8\x90\x84\xe7\xb3\x96", 5, "\xe8\x91\xa1\xe2\x80\xa6\xe7\xb3\x96");
    char small[6];
    columns_shorten(small, sizeof small, "\xe8\x91\xa1\xe8\x90\x84\xe7\xb3\x96", 20, "~");
    assert_string_equal(small, "\xe8\x91\xa1");
}

/* ---- Themes ---- */

static void colours_are_read_and_mapped(void **state) {
    (void)state;
    struct colour colour;
    assert_true(colour_parse("#ff8000", &colour));
    assert_int_equal(colour_direct(&colour), 0xff8000);
    assert_int_equal(colour_nearest(&colour, 256), 208);
    assert_true(colour_parse("#ff0000", &colour));
    assert_int_equal(colour_nearest(&colour, 256), 196);
    assert_int_equal(colour_nearest(&colour, 16), 9);
    assert_int_equal(colour_nearest(&colour, 8), 1);
    assert_true(colour_parse("#808080", &colour));
    assert_int_equal(colour_nearest(&colour, 256), 244);
    assert_true(colour_parse("bright-blue", &colour));
    assert_int_equal(colour_nearest(&colour, 256), 12);
    assert_int_equal(colour_nearest(&colour, 8), 4);
    assert_true(colour_parse("default", &colour));
    assert_int_equal(colour_nearest(&colour, 256), -1);
    assert_int_equal(colour_direct(&colour), -1);
    static const char *const wrong[] = {"", "#12345", "#12345g", "#1234567", "blu", "# 12345"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(colour_parse(wrong[i], &colour));
}

static int contrast(const struct colour *a, const struct colour *b) {
    return abs(a->red - b->red) + abs(a->green - b->green) + abs(a->blue - b->blue);
}

static void themes_that_come_along_are_complete(void **state) {
    (void)state;
    const char *directories[] = {getenv("LUMPSCOPE_THEMES"), NULL};
    static const char *const coloured[] = {"dark", "light"};
    struct theme theme;
    struct error error = {0};
    for (size_t t = 0; t < 2; t++) {
        assert_true(theme_load(&theme, coloured[t], directories, &error));
        assert_string_equal(theme.name, coloured[t]);
        assert_true(theme.class_count >= 12 && theme.few_count >= 12);
        for (size_t i = 0; i < theme.class_count; i++) {
            assert_true(contrast(&theme.classes[i], &theme.roles[ROLE_TEXT].background) > 150);
            for (size_t k = 0; k < i; k++)
                assert_true(contrast(&theme.classes[i], &theme.classes[k]) > 40);
        }
    }
    assert_true(theme_load(&theme, "mono", directories, &error));
    assert_int_equal(theme.class_count, 0);
    for (int i = 0; i < ROLE_COUNT; i++)
        assert_int_equal(theme.roles[i].foreground.kind, COLOUR_DEFAULT);
    char **names = theme_names(directories);
    static const char *const there[] = {"colour-blind-safe", "dark", "high-contrast", "light",
                                        "mono"};
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(names[i], there[i]);
    assert_null(names[5]);
    theme_names_free(names);
}

static void refuses_theme(const char *text, const char *reason) {
    char path[] = "/tmp/lumpscope-theme-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
    struct theme theme;
    theme_plain(&theme);
    struct error error = {0};
    assert_false(theme_load(&theme, path, NULL, &error));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(error.kind, ERROR_REQUEST);
    assert_non_null(strstr(error.text, path));
    assert_non_null(strstr(error.text, reason));
    assert_string_equal(theme.name, "plain");
}

static void broken_themes_are_refused_with_file_and_member(void **state) {
    (void)state;
    refuses_theme("", "not a JSON object; a theme is one with the member roles");
    refuses_theme("[1]", "not a JSON object");
    refuses_theme("{}", "roles");
    refuses_theme("{\"roles\": {\"txet\": {}}}", "no role \"txet\"");
    refuses_theme("{\"roles\": {\"text\": 3}}", "role text");
    refuses_theme("{\"roles\": {\"text\": {\"fg\": 3}}}", "role text: fg");
    refuses_theme("{\"roles\": {\"text\": {\"fg\": \"#12\"}}}", "not a colour");
    refuses_theme("{\"roles\": {\"dim\": {\"colour\": \"red\"}}}", "role dim: colour");
    refuses_theme("{\"roles\": {\"dim\": {\"attributes\": [\"blink\"]}}}", "attribute");
    refuses_theme("{\"roles\": {}, \"classes\": 7}", "classes");
    refuses_theme("{\"roles\": {}, \"classes\": [\"red\", 1]}", "classes");
    struct theme theme;
    struct error error = {0};
    assert_false(theme_load(&theme, "nosuch", NULL, &error));
    assert_non_null(strstr(error.text, "no theme file was found"));
}

/* ---- Cells and the slider ---- */

static bool overlap(const struct cells *cells, const struct cell *a, const struct cell *b) {
    return a->row == b->row && abs(a->column - b->column) < cells->width;
}

static void cells_never_overlap_and_classes_keep_a_gap(void **state) {
    (void)state;
    struct session *session = fake_session_new(FAKE_SQUARE);
    struct cells cells = {0};
    session_set_epsilon(session, 0.05);
    struct snapshot *snapshot = session_latest(session);
    for (int zoom = ZOOM_HALF; zoom <= ZOOM_LARGE; zoom++)
        for (int columns = 5; columns < 90; columns += 7) {
            cells_update(&cells, snapshot, 1, (enum zoom)zoom, 10, columns);
            assert_int_equal(cells.count, 64);
            for (size_t i = 0; i < cells.count; i++) {
                const struct cell *cell = &cells.items[i];
                assert_true(cell->column >= 0 && cell->column + cells.width <= columns);
                assert_int_equal(cells_find(&cells, cell->neuron), i);
                assert_int_equal(cells_nearest(&cells, cell->row, cell->column + cells.width / 2),
                                 i);
                for (size_t k = 0; k < i; k++)
                    assert_false(overlap(&cells, cell, &cells.items[k]));
                if (i > 0 && zoom != ZOOM_HALF && cells.items[i - 1].row == cell->row)
                    assert_int_equal(cell->column - cells.items[i - 1].column - cells.width,
                                     cells.items[i - 1].class_id != cell->class_id);
            }
        }
    snapshot_release(snapshot);
    cells_free(&cells);
    session_free(session);
}

static void automatic_zoom_is_the_largest_that_fits(void **state) {
    (void)state;
    struct session *session = fake_session_new(FAKE_SQUARE);
    struct cells cells = {0};
    struct snapshot *snapshot = session_latest(session);
    int last = ZOOM_LARGE;
    for (int columns = 200; columns > 2; columns--) {
        cells_update(&cells, snapshot, 1, ZOOM_AUTO, 8, columns);
        assert_true((int)cells.zoom <= last);
        assert_true(cells.rows <= 8 || cells.zoom == ZOOM_HALF);
        last = (int)cells.zoom;
    }
    assert_int_equal(last, ZOOM_HALF);
    cells_update(&cells, snapshot, 99, ZOOM_AUTO, 8, 80);
    assert_int_equal(cells.count, 0);
    snapshot_release(snapshot);
    cells_free(&cells);
    session_free(session);
}

/* Ends and ticks of the axis over the values `low` to `high`: "0.05..3: 0.1 0.2 ...". */
static void expect_axis(double low, double high, int rows, const char *wanted) {
    struct axis axis;
    char number[TEXT_NUMBER_SIZE];
    struct text text = {0};
    axis_choose(&axis, log10(low), log10(high), rows, 4);
    text_format(&text, "%.1e..%.1e:", pow(10, axis.low), pow(10, axis.high));
    for (size_t i = 0; i < axis.count; i++)
        text_format(&text, " %s", axis_label(&axis, i, 1, number));
    assert_string_equal(text.data, wanted);
    text_free(&text);
}

static void axis_has_round_ends_and_ticks(void **state) {
    (void)state;
    expect_axis(0.0547, 2.03, 10, "5.0e-02..3.0e+00: 0.05 0.1 0.2 0.5 1 2");
    expect_axis(0.0547, 2.03, 6, "5.0e-02..3.0e+00: 0.05 0.1 0.2 0.5 1 2");
    expect_axis(0.02, 0.9, 20, "2.0e-02..1.0e+00: 0.02 0.05 0.1 0.2 0.5 1");
    expect_axis(2, 8, 16, "2.0e+00..8.0e+00: 2 3 4 5 6 8");
    expect_axis(0.12, 0.5, 16, "1.0e-01..5.0e-01: 0.1 0.15 0.2 0.3 0.4 0.5");
    expect_axis(0.12, 0.5, 6, "1.0e-01..5.0e-01: 0.1 0.2 0.5");
    expect_axis(1e-12, 4, 10, "1.0e-12..4.0e+00: 1e-12 1e-10 1e-08 1e-06 0.0001 0.01 1");
    expect_axis(1e-3, 1e300, 6, "1.0e-03..1.0e+300: 1 1e+100 1e+200 1e+300");
}

static void expect_linear(double low, double high, int most, const char *wanted) {
    struct axis axis;
    struct text text = {0};
    char number[TEXT_NUMBER_SIZE];
    axis_choose_linear(&axis, low, high, most);
    for (size_t i = 0; i < axis.count; i++)
        text_format(&text, "%s%s", i ? " " : "", axis_linear_label(&axis, i, number));
    assert_string_equal(text.data, wanted);
    assert_true(axis.low == axis.tick[0] && axis.high == axis.tick[axis.count - 1]);
    text_free(&text);
}

static void linear_axis_has_round_ends_and_ticks(void **state) {
    (void)state;
    expect_linear(0, 1.207, 4, "0 0.5 1 1.5");
    expect_linear(0, 1.207, 2, "0 1 2");
    expect_linear(0, 12, 6, "0 2 4 6 8 10 12");
    expect_linear(-0.031, 0.0027, 5, "-0.04 -0.03 -0.02 -0.01 0 0.01");
    expect_linear(0, 1.2e-5, 3, "0 5e-06 1e-05 1.5e-05");
    expect_linear(0, 0.3, 3, "0 0.1 0.2 0.3");
    expect_linear(0, 0, 2, "-0.5 0 0.5");
    expect_linear(-3e6, 4e6, 2, "-5000000 0 5000000");
    expect_linear(0, 1e-320, 2, "-0.5 0 0.5");
    expect_linear(-1.7e308, 1.7e308, 2, "-1e+300 0 1e+300");
}

/* Every tick in a row of its own, inside the axis, for axes of all kinds. */
static void ticks_never_share_a_row(void **state) {
    (void)state;
    struct axis axis;
    for (double low = -12; low < 3; low += 0.37)
        for (double span = 0.6; span < 310; span *= 1.3)
            for (int rows = 2; rows < 40; rows += 3) {
                axis_choose(&axis, low, low + span, rows, 4);
                assert_true(axis.low <= low + 1e-5 && axis.high >= low + span - 1e-5);
                int last = rows;
                for (size_t i = 0; i < axis.count; i++) {
                    int row = axis_dot(&axis, axis.tick[i], 4 * rows) / 4;
                    assert_in_range(row, 0, last - 1);
                    last = row;
                }
            }
}

static void slider_scale_is_invertible_and_puts_events_in_the_middle(void **state) {
    (void)state;
    struct session *session = fake_session_new(FAKE_SQUARE);
    struct snapshot *snapshot = session_latest(session);
    struct epsilon_scale scale = epsilon_scale_of(snapshot);
    assert_true(scale.root > 1);
    for (int i = 0; i <= 20; i++)
        assert_true(fabs(epsilon_scale_position(&scale, epsilon_scale_at(&scale, i / 20.0)) -
                         i / 20.0) < 1e-12);
    double middle = snapshot->events[snapshot->event_count / 2].epsilon;
    assert_true(fabs(epsilon_scale_position(&scale, middle) - 0.5) < 0.1);
    assert_true(epsilon_scale_position(&scale, 1e9) == 1);
    assert_true(epsilon_scale_position(&scale, 0) == 0);
    snapshot_release(snapshot);
    session_free(session);
    session = fake_session_new(FAKE_EMPTY);
    snapshot = session_latest(session);
    scale = epsilon_scale_of(snapshot);
    assert_true(epsilon_scale_position(&scale, 0.5) == 0 && epsilon_scale_at(&scale, 0.5) == 0);
    snapshot_release(snapshot);
    session_free(session);
}

/* Bytes in use after some lines were given up while a command waited for a character. */
static size_t bytes_after(struct prompt *prompt, struct snapshot *snapshot, int32_t command,
                          size_t times) {
    struct prompt_choices choices = {.snapshot = snapshot};
    for (size_t k = 0; k < times; k++) {
        char *line;
        prompt_start(prompt, "eps 0.1", &choices);
        assert_false(prompt_key(prompt, &(struct input){.key = command}, &line));
        assert_true(prompt_key(prompt, &(struct input){.key = INPUT_KEY_ESCAPE}, &line));
        assert_null(line);
        assert_false(prompt_is_open(prompt));
    }
    return mallinfo2().uordblks;
}

static void lines_that_are_given_up_leave_nothing(void **state) {
    (void)state;
    static const int32_t waiting[] = {0x1d, 0x16, 0x12, 0x18}; /* ^] ^V ^R ^X */
    struct error error = {0};
    struct prompt *prompt = prompt_new(NULL, &error);
    struct session *session = session_new(&error);
    assert_true(prompt && session);
    struct snapshot *snapshot = session_latest(session);
    for (size_t k = 0; k < sizeof waiting / sizeof *waiting; k++) {
        size_t before = bytes_after(prompt, snapshot, waiting[k], 100);
        assert_true(bytes_after(prompt, snapshot, waiting[k], 2000) < before + 4096);
    }
    prompt_free(prompt);
    snapshot_release(snapshot);
    session_free(session);
}

/* A search of Readline's own loses the edits of the line it begins in: some bytes each. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libreadline\n";
}

/* One of the keys that move through the history, edit, undo, search and end a line; some with Alt.
 */
static struct input random_key(struct rng *rng, bool *alt) {
    static const int32_t keys[] = {INPUT_KEY_UP,
                                   INPUT_KEY_UP,
                                   INPUT_KEY_UP,
                                   INPUT_KEY_DOWN,
                                   INPUT_KEY_DOWN,
                                   INPUT_KEY_LEFT,
                                   INPUT_KEY_END,
                                   INPUT_KEY_DELETE,
                                   INPUT_KEY_HOME,
                                   INPUT_KEY_ESCAPE,
                                   1,
                                   4,
                                   5,
                                   7,
                                   11,
                                   13,
                                   14,
                                   15,
                                   16,
                                   18,
                                   19,
                                   20,
                                   21,
                                   22,
                                   23,
                                   24,
                                   25,
                                   31,
                                   INPUT_KEY_RIGHT,
                                   INPUT_KEY_ESCAPE,
                                   'a',
                                   'x',
                                   '/',
                                   '1',
                                   INPUT_KEY_BACKSPACE};
    static const char with_alt[] = "yr.xd<>#p";
    *alt = rng_uniform(rng) < 0.2;
    size_t count = *alt ? sizeof with_alt - 1 : sizeof keys / sizeof *keys;
    size_t k = (size_t)(rng_uniform(rng) * (double)count);
    return (struct input){.kind = INPUT_KEY, .key = *alt ? with_alt[k] : keys[k]};
}

/* Edits of lines of the history belong to Readline, also those of a line that is given up: whoever
 * frees them by himself has them used again. */
static void keys_at_random_leave_the_prompt_whole(void **state) {
    (void)state;
    struct error error = {0};
    struct rng rng;
    struct prompt *prompt = prompt_new(NULL, &error);
    struct session *session = session_new(&error);
    assert_true(prompt && session);
    struct snapshot *snapshot = session_latest(session);
    struct prompt_choices choices = {.snapshot = snapshot};
    rng_seed(&rng, 7);
    for (size_t k = 0; k < 40000; k++) {
        char *line = NULL;
        bool alt;
        struct input key = random_key(&rng, &alt);
        struct input escape = {.kind = INPUT_KEY, .key = INPUT_KEY_ESCAPE, .more_pending = true};
        if (!prompt_is_open(prompt))
            prompt_start(prompt, k % 3 ? "" : "eps ", &choices);
        bool finished = alt && prompt_key(prompt, &escape, &line);
        finished = finished || prompt_key(prompt, &key, &line);
        assert_int_equal(finished, !prompt_is_open(prompt));
        free(line);
    }
    prompt_free(prompt);
    snapshot_release(snapshot);
    session_free(session);
}

static void a_line_of_the_history_that_is_given_up_stays_as_it_was(void **state) {
    (void)state;
    static const int32_t keys[] = {'a',
                                   'b',
                                   INPUT_KEY_ENTER, /* a line to remember */
                                   INPUT_KEY_UP,
                                   'c',
                                   INPUT_KEY_ESCAPE, /* edited and given up */
                                   INPUT_KEY_UP,
                                   INPUT_KEY_ENTER};
    struct error error = {0};
    struct prompt *prompt = prompt_new(NULL, &error);
    struct session *session = session_new(&error);
    assert_true(prompt && session);
    struct snapshot *snapshot = session_latest(session);
    struct prompt_choices choices = {.snapshot = snapshot};
    char *line = NULL;
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        free(line);
        if (!prompt_is_open(prompt))
            prompt_start(prompt, "", &choices);
        prompt_key(prompt, &(struct input){.kind = INPUT_KEY, .key = keys[k]}, &line);
    }
    assert_non_null(line);
    assert_string_equal(line, "ab");
    free(line);
    prompt_free(prompt);
    snapshot_release(snapshot);
    session_free(session);
}

enum { ADDERS = 2, ADDED = 300, LEFT = 100 };

static void add_lines(const char *path, int adder) {
    for (int k = 0; k < ADDED; k++) {
        char line[32];
        int length = snprintf(line, sizeof line, "%d %d\n", adder, k);
        int tries = 0; /* a slow disk keeps whoever trims busy */
        while (!history_file_append(path, line, (size_t)length, true))
            if (++tries == 10)
                _exit(1);
        usleep(200);
    }
    _exit(0);
}

/* The lines of either are there without a gap up to its last one. */
static void expect_last_lines(const char *path) {
    size_t size;
    char *text = file_read_regular(path, 1 << 16, &size, NULL);
    assert_non_null(text);
    int next[ADDERS] = {-1, -1}, adder, number, read;
    for (const char *at = text; *at; at += read) {
        read = 0;
        assert_int_equal(sscanf(at, "%d %d\n%n", &adder, &number, &read), 2);
        assert_true(read > 0 && (next[adder] < 0 || number == next[adder]));
        next[adder] = number + 1;
    }
    free(text);
    assert_true(next[0] == ADDED || next[1] == ADDED); /* the other may have ended long before */
    for (int k = 0; k < ADDERS; k++)
        assert_true(next[k] < 0 || next[k] == ADDED);
}

static void no_line_is_lost_while_the_history_is_trimmed(void **state) {
    (void)state;
    char directory[] = "/tmp/lumpscope-test-XXXXXX", path[64];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/state/history", directory);
    for (int k = 0; k < ADDERS; k++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            add_lines(path, k);
    }
    for (int left = ADDERS, status; left > 0;) {
        history_file_trim(path, LEFT);
        usleep(2000);
        pid_t ended = waitpid(-1, &status, WNOHANG);
        assert_true(ended <= 0 || status == 0);
        left -= ended > 0;
    }
    expect_last_lines(path);
    assert_int_equal(unlink(path), 0);
    snprintf(path, sizeof path, "%s/state", directory);
    assert_int_equal(rmdir(path), 0); /* no temporary file was left */
    assert_int_equal(rmdir(directory), 0);
}

int main(void) {
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_gives_a_command_that_takes_its_arguments),
        cmocka_unit_test(every_key_has_a_name_and_one_meaning_in_a_pane),
        cmocka_unit_test(commands_have_different_names_and_help),
        cmocka_unit_test(what_touches_the_session_or_a_file_is_known),
        cmocka_unit_test(glyphs_of_a_grid_are_as_wide_as_their_twins),
        cmocka_unit_test(lines_split_into_words),
        cmocka_unit_test(commands_are_found_by_an_unambiguous_beginning),
        cmocka_unit_test(scripts_run_without_a_screen),
        cmocka_unit_test(values_of_options_are_listed_one_by_one),
        cmocka_unit_test(columns_count_wide_and_combining_characters),
        cmocka_unit_test(long_names_are_shortened_in_the_middle),
        cmocka_unit_test(colours_are_read_and_mapped),
        cmocka_unit_test(themes_that_come_along_are_complete),
        cmocka_unit_test(broken_themes_are_refused_with_file_and_member),
        cmocka_unit_test(cells_never_overlap_and_classes_keep_a_gap),
        cmocka_unit_test(automatic_zoom_is_the_largest_that_fits),
        cmocka_unit_test(axis_has_round_ends_and_ticks),
        cmocka_unit_test(linear_axis_has_round_ends_and_ticks),
        cmocka_unit_test(ticks_never_share_a_row),
        cmocka_unit_test(slider_scale_is_invertible_and_puts_events_in_the_middle),
        cmocka_unit_test(lines_that_are_given_up_leave_nothing),
        cmocka_unit_test(keys_at_random_leave_the_prompt_whole),
        cmocka_unit_test(a_line_of_the_history_that_is_given_up_stays_as_it_was),
        cmocka_unit_test(no_line_is_lost_while_the_history_is_trimmed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
