/* A program in a terminal: a pseudo-terminal with libvterm behind it. Keys go in, the whole screen
 * comes out. The program runs as a shell would run it (a foreground job of its own session), so
 * that it can be stopped and continued. Every function fails the test by cmocka when something is
 * wrong. */
#ifndef LUMPSCOPE_TERMINAL_H
#define LUMPSCOPE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct terminal;

/* Runs `program` with `arguments` (NULL-terminated, without the name) and, beside the tests' own
 * environment without its terminal and colour variables, `environment` ("NAME=value", "NAME" to
 * remove one; NULL-terminated; may be NULL). TERM is xterm-256color and the locale C.UTF-8 unless
 * said otherwise. */
struct terminal *terminal_start(int rows, int columns, const char *program,
                                const char *const *arguments, const char *const *environment);
/* Ends the program if it still runs. */
void terminal_free(struct terminal *terminal);

void terminal_send(struct terminal *terminal, const char *keys);
/* Text as a terminal pastes it: between marks when the program asked for them. */
void terminal_paste(struct terminal *terminal, const char *text);
/* An SGR mouse event; `button` 0 left, 32 left dragged, 64 and 65 the wheel. From 0. */
void terminal_mouse(struct terminal *terminal, int button, bool press, int row, int column);
void terminal_resize(struct terminal *terminal, int rows, int columns);
void terminal_signal(struct terminal *terminal, int number);
/* The same four times in a millisecond until the program has ended (5 s at most). */
void terminal_signal_to_the_end(struct terminal *terminal, int number);

/* Reads what comes within `ms`; false when nothing came. */
bool terminal_read(struct terminal *terminal, int ms);
/* Reads until the screen shows the text (5 s at most; fails the test with the screen otherwise). */
void terminal_expect(struct terminal *terminal, const char *text);
/* Reads until nothing has come for 150 ms. */
void terminal_settle(struct terminal *terminal);
bool terminal_shows(const struct terminal *terminal, const char *text);
/* The screen as lines without trailing spaces; owned by the terminal until the next call. */
const char *terminal_text(struct terminal *terminal);
/* Row and column at which `text` begins; false when it is not there. */
bool terminal_find(const struct terminal *terminal, const char *text, int *row, int *column);

struct terminal_cell {
    uint32_t foreground, background; /* 0xrrggbb; defaults are 0xffffff on 0x000000 */
    bool default_foreground, default_background;
    bool bold, underline, reverse;
    bool blank; /* nothing is printed there */
};
struct terminal_cell terminal_cell(const struct terminal *terminal, int row, int column);
/* Bytes the program has written so far. */
size_t terminal_bytes(const struct terminal *terminal);
/* What they were; owned by the terminal until the next call. */
const char *terminal_written(const struct terminal *terminal);

bool terminal_stopped(const struct terminal *terminal);
/* Whether it ends within `ms` while nobody reads what it writes. */
bool terminal_ends_unread(struct terminal *terminal, int ms);
/* Waits for the end (5 s at most). Exit status, or 128 + the signal's number. */
int terminal_exit(struct terminal *terminal);
/* Closes the terminal as a window that goes away, then as terminal_exit. */
int terminal_hang_up(struct terminal *terminal);
/* The terminal is as it was before the program: main screen, cursor shown, mouse released, pastes
 * without marks, line settings unchanged, plain colours. */
void terminal_expect_restored(struct terminal *terminal);

/* Compares the screen with tests/screens/NAME.txt. With LUMPSCOPE_RENEW set the file is written
 * instead: look at the difference before committing it. */
void terminal_expect_screen(struct terminal *terminal, const char *name);

#endif
