/* What reaches the terminal: shortened output shows the same, costs less, loses nothing on a
 * terminal that is slow or stopped, and passes on what it does not know. */
#include "explorer_terminal.h"

#include "lumpscope/rng.h"
#include "tui/output.h"
#include "tui/sgr.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vterm.h>

#include <cmocka.h>

enum { ROWS = 12, COLUMNS = 40 };

/* ---- Random frames ---- */

static int below(struct rng *rng, int limit) {
    return (int)(rng_uniform(rng) * limit);
}

static void put_random_colour(struct text *out, struct rng *rng, int base) {
    switch (below(rng, 4)) {
    case 0:
        text_format(out, "\033[%dm", base + 9);
        break;
    case 1:
        text_format(out, "\033[%dm", base + below(rng, 8) + (below(rng, 2) ? 60 : 0));
        break;
    case 2:
        text_format(out, "\033[%d;5;%dm", base + 8, below(rng, 256));
        break;
    default:
        text_format(out, "\033[%d;2;%d;%d;%dm", base + 8, below(rng, 3), below(rng, 3), 200);
    }
}

/* As curses does it: all off, then what is wanted; sometimes by itself. */
static void put_random_ink(struct text *out, struct rng *rng) {
    static const char *const others[] = {"1", "2",  "3",  "4",  "5",   "7",
                                         "9", "22", "24", "27", "1;7", "0;4"};
    if (below(rng, 2))
        text_append(out, "\033(B\033[m");
    if (below(rng, 2))
        text_format(out, "\033[%sm", others[below(rng, sizeof others / sizeof *others)]);
    if (below(rng, 3) > 0)
        put_random_colour(out, rng, 30);
    if (below(rng, 2))
        put_random_colour(out, rng, 40);
}

static void put_random_words(struct text *out, struct rng *rng) {
    static const char *const words[] = {"x", "neuron", "  ", " 12 ", "\xe2\x96\x88", "   0.5", "-"};
    for (int i = below(rng, 4); i >= 0; i--)
        text_append(out, words[below(rng, sizeof words / sizeof *words)]);
}

static void put_random_control(struct text *out, struct rng *rng) {
    static const char *const controls[] = {"\033[K",
                                           "\033[1K",
                                           "\033[J",
                                           "\033[3X",
                                           "\033[2P",
                                           "\033[2@",
                                           "\033[L",
                                           "\033[M",
                                           "\033[S",
                                           "\033[T",
                                           "\033[2C",
                                           "\r",
                                           "\b",
                                           "\t",
                                           "\r\n",
                                           "\0337",
                                           "\0338",
                                           "\033(0q\033(B",
                                           "\033[?25l",
                                           "\033[3;9r\033[r",
                                           "\033[?7l\033[?7h",
                                           "\033[3G",
                                           "\033]0;a title\a",
                                           "\033[38:5:9m!",
                                           "\033[5h"};
    text_append(out, controls[below(rng, sizeof controls / sizeof *controls)]);
}

static void put_random_frame(struct text *out, struct rng *rng) {
    for (int i = 0; i < 60; i++) {
        if (below(rng, 3) == 0)
            text_format(out, "\033[%d;%dH", 1 + below(rng, ROWS), 1 + below(rng, COLUMNS));
        put_random_ink(out, rng);
        put_random_words(out, rng);
        if (below(rng, 3) == 0)
            put_random_control(out, rng);
    }
}

static VTerm *new_vterm(VTermScreen **screen) {
    VTerm *vterm = vterm_new(ROWS, COLUMNS);
    assert_non_null(vterm);
    vterm_set_utf8(vterm, 1);
    *screen = vterm_obtain_screen(vterm);
    vterm_screen_reset(*screen, 1);
    return vterm;
}

static bool is_blank(const VTermScreenCell *cell) {
    return cell->chars[0] == 0 || cell->chars[0] == ' ';
}

/* Of a blank only what can be seen of it must be the same. */
static void expect_same_cell(const VTermScreenCell *a, const VTermScreenCell *b) {
    bool seen = !is_blank(a) || a->attrs.reverse || a->attrs.underline || a->attrs.strike;
    assert_true(is_blank(a) ? is_blank(b) : a->chars[0] == b->chars[0]);
    assert_true(vterm_color_is_equal(&a->bg, &b->bg));
    assert_int_equal(a->attrs.reverse, b->attrs.reverse);
    assert_int_equal(a->attrs.underline, b->attrs.underline);
    assert_int_equal(a->attrs.strike, b->attrs.strike);
    assert_int_equal(a->attrs.blink, b->attrs.blink);
    if (!seen)
        return;
    assert_true(vterm_color_is_equal(&a->fg, &b->fg));
    assert_int_equal(a->attrs.bold, b->attrs.bold);
    assert_int_equal(a->attrs.italic, b->attrs.italic);
}

static void expect_same_screen(VTermScreen *whole, VTermScreen *shorter) {
    VTermScreenCell a, b;
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++) {
            vterm_screen_get_cell(whole, (VTermPos){row, column}, &a);
            vterm_screen_get_cell(shorter, (VTermPos){row, column}, &b);
            expect_same_cell(&a, &b);
        }
}

/* In pieces of any length: what curses writes may be cut anywhere. */
static void feed_in_pieces(struct sgr_filter *filter, struct rng *rng, const struct text *frame,
                           struct text *out) {
    for (size_t at = 0; at < frame->length;) {
        size_t count = (size_t)below(rng, 90) + 1;
        count = count > frame->length - at ? frame->length - at : count;
        sgr_feed(filter, frame->data + at, count, out);
        at += count;
    }
}

static void run_random_frames(uint64_t seed, bool selective) {
    struct rng rng;
    struct sgr_filter filter = {.selective = selective};
    struct text frame = {0}, out = {0};
    VTermScreen *whole, *shorter;
    VTerm *plain = new_vterm(&whole), *filtered = new_vterm(&shorter);
    rng_seed(&rng, seed);
    for (int k = 0; k < 20; k++) {
        text_clear(&frame);
        text_clear(&out);
        put_random_frame(&frame, &rng);
        feed_in_pieces(&filter, &rng, &frame, &out);
        assert_false(out.failed);
        vterm_input_write(plain, frame.data, frame.length);
        vterm_input_write(filtered, out.data, out.length);
        expect_same_screen(whole, shorter);
    }
    sgr_free(&filter);
    text_free(&frame);
    text_free(&out);
    vterm_free(plain);
    vterm_free(filtered);
}

static void random_frames_show_the_same(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++)
        run_random_frames(seed, seed % 2);
}

/* ---- What becomes of certain bytes ---- */

static void becomes(bool selective, const char *bytes, const char *wanted) {
    struct sgr_filter filter = {.selective = selective};
    struct text out = {0};
    sgr_feed(&filter, bytes, strlen(bytes), &out);
    assert_string_equal(out.data ? out.data : "", wanted);
    sgr_free(&filter);
    text_free(&out);
}

static void only_differences_are_written(void **state) {
    (void)state;
    becomes(true, "\033[m\033[1m\033[31ma\033[m\033[1m\033[32mb", "\033[m\033[1;31ma\033[32mb");
    becomes(true, "\033[m\033[1;31ma\033[m\033[31mb", "\033[m\033[1;31ma\033[22mb");
    becomes(false, "\033[m\033[1;31ma\033[m\033[31mb", "\033[m\033[1;31ma\033[0;31mb");
    becomes(true, "\033[m\033[1;31ma\033[mb", "\033[m\033[1;31ma\033[mb");
    becomes(true, "\033[ma\033[1m\033[m\033[2;3Hb", "\033[ma\033[2;3Hb");
}

static void blanks_need_no_colour_but_their_ground(void **state) {
    (void)state;
    becomes(true, "\033[m\033[31ma\033[32m \033[31mb", "\033[m\033[31ma b");
    becomes(true, "\033[m\033[31ma\033[32;44m \033[Kb", "\033[m\033[31ma\033[44m \033[K\033[32mb");
    becomes(true, "\033[m\033[31;4ma\033[32;4m ", "\033[m\033[4;31ma\033[32m ");
}

static void what_is_not_known_passes(void **state) {
    (void)state;
    static const char *const sequences[] = {
        "\033[31ma\033[31mb",           /* before the first reset */
        "\033]104\a",                   /* a string */
        "\033P+q544e\033\\x",           /* another one */
        "\033[?1049h\033[22;0;0t",      /* the other screen */
        "\033[m\033[4:3ma\033[4:3mb",   /* a curly line: nothing is known until the next reset */
        "\033[m\033[1;99mx\033[1;99mx", /* numbers nobody has heard of */
    };
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        becomes(true, sequences[i], sequences[i]);
}

/* ---- A terminal that is slow ---- */

static size_t read_some(int descriptor, char *out, size_t size) {
    ssize_t count = read(descriptor, out, size);
    return count > 0 ? (size_t)count : 0;
}

static void nothing_is_lost_or_waited_for_when_the_terminal_is_full(void **state) {
    (void)state;
    enum { LINES = 20000 };
    struct error error = {0};
    struct text wanted = {0}, got = {0};
    char bytes[4096];
    int ends[2];
    assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    struct output *output = output_open(ends[1], &error);
    assert_non_null(output);
    assert_true(output_capture(output, &error));
    for (int i = 0; i < LINES; i++) {
        text_format(&wanted, "line %d\r\n", i);
        fprintf(output_stream(output), "line %d\r\n", i);
        if (i % 1000 == 0)
            output_flush(output);
    }
    output_flush(output);
    assert_true(output_waiting(output)); /* more than a pipe holds */
    assert_false(output_drain(output, 1));
    while (got.length < wanted.length) {
        size_t count = read_some(ends[0], bytes, sizeof bytes);
        text_append_bytes(&got, bytes, count);
        output_flush(output);
        assert_true(count > 0);
    }
    assert_false(output_waiting(output));
    assert_string_equal(got.data, wanted.data);
    output_close(output);
    text_free(&wanted);
    text_free(&got);
    close(ends[0]);
    close(ends[1]);
}

static void a_terminal_that_is_gone_holds_nothing_up(void **state) {
    (void)state;
    struct error error = {0};
    int ends[2];
    assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    signal(SIGPIPE, SIG_IGN);
    struct output *output = output_open(ends[1], &error);
    assert_non_null(output);
    close(ends[0]);
    output_send(output, "anything");
    assert_false(output_waiting(output));
    assert_true(output_drain(output, 1000));
    output_close(output);
    close(ends[1]);
}

/* ---- Real sessions ---- */

static struct terminal *start(const char *program, int rows, int columns, bool truecolor) {
    const char *const arguments[] = {"square", "--theme", "dark", NULL};
    const char *const environment[] = {truecolor ? "COLORTERM=truecolor" : "COLORTERM", NULL};
    struct terminal *terminal = terminal_start(rows, columns, program, arguments, environment);
    terminal_expect(terminal, "? help");
    terminal_settle(terminal);
    return terminal;
}

static void expect_same_terminal(struct terminal *a, struct terminal *b, int rows, int columns) {
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns; column++) {
            struct terminal_cell x = terminal_cell(a, row, column),
                                 y = terminal_cell(b, row, column);
            assert_int_equal(x.background, y.background);
            assert_int_equal(x.reverse, y.reverse);
            assert_int_equal(x.underline, y.underline);
            if (x.blank && !x.reverse && !x.underline)
                continue;
            assert_int_equal(x.foreground, y.foreground);
            assert_int_equal(x.bold, y.bold);
        }
}

static void compare_sessions(int rows, int columns, bool truecolor) {
    static const char *const keys[] = {"l", "lll", "j", "v",    "v",    "\t",
                                       "L", "H",   "?", "\033", ":set", "\025theme light\r",
                                       "$", "vvv", "l", "p",    "k",    "h"};
    struct terminal *plain = start(getenv("LUMPSCOPE_FAKE_PLAIN"), rows, columns, truecolor);
    struct terminal *shorter = start(getenv("LUMPSCOPE_FAKE"), rows, columns, truecolor);
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        explorer_keys(plain, keys[k]);
        explorer_keys(shorter, keys[k]);
        char *text = strdup(terminal_text(plain));
        assert_non_null(text);
        assert_string_equal(terminal_text(shorter), text);
        free(text);
        expect_same_terminal(plain, shorter, rows, columns);
    }
    assert_true(terminal_bytes(shorter) * 10 < terminal_bytes(plain) * 7);
    explorer_quit(plain);
    explorer_quit(shorter);
}

static void sessions_show_the_same_for_fewer_bytes(void **state) {
    (void)state;
    compare_sessions(24, 80, true);
    compare_sessions(40, 120, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_frames_show_the_same),
        cmocka_unit_test(only_differences_are_written),
        cmocka_unit_test(blanks_need_no_colour_but_their_ground),
        cmocka_unit_test(what_is_not_known_passes),
        cmocka_unit_test(nothing_is_lost_or_waited_for_when_the_terminal_is_full),
        cmocka_unit_test(a_terminal_that_is_gone_holds_nothing_up),
        cmocka_unit_test(sessions_show_the_same_for_fewer_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
