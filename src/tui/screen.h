/* The terminal: cells, roles, keys and mouse. The only part of the program that knows curses. */
#ifndef LUMPSCOPE_TUI_SCREEN_H
#define LUMPSCOPE_TUI_SCREEN_H

#include "lumpscope/error.h"
#include "lumpscope/explorer.h"
#include "tui/glyphs.h"
#include "tui/input.h"
#include "tui/theme.h"

struct screen;

/* A rectangle of the screen; drawing is cut at its edges. */
struct area {
    int row, column, rows, columns;
};

/* Takes over the terminal on standard input and output: alternate screen, keys one by one, signals
 * (signals.h). Refuses what is no terminal, or one that cannot move its cursor. */
struct screen *screen_open(enum colour_mode colour, bool ascii, bool mouse, struct error *error);
/* Gives the terminal back as it was; NULL is fine. */
void screen_close(struct screen *screen);
/* Gives the terminal back, stops the process, takes the terminal again when continued. */
void screen_suspend(struct screen *screen);
/* The process was stopped and continued by others: takes the terminal again. */
void screen_resume(struct screen *screen);
/* Reads the terminal's size again. */
void screen_resize(struct screen *screen);

/* The next frame writes every cell. */
void screen_redraw(struct screen *screen);
void screen_set_theme(struct screen *screen, const struct theme *theme);
/* How many colours are in use: 0 (mono), 8, 16, 256, or 2^24. */
int screen_colours(const struct screen *screen);
/* Class colours of the theme in use; 0: classes must be told apart by other means. */
size_t screen_class_colours(const struct screen *screen);
bool screen_ascii(const struct screen *screen);
void screen_set_mouse(struct screen *screen, bool on);
bool screen_mouse(const struct screen *screen);
/* The whole screen. */
struct area screen_area(const struct screen *screen);

/* The next key or mouse event that is there; false when none is. Never waits. */
bool screen_read(struct screen *screen, struct input *input);

/* A frame: everything is drawn between begin and end, end writes the cells that changed. */
void screen_begin(struct screen *screen);
void screen_end(struct screen *screen);
/* A frame is not written whole yet, because the terminal is stopped or slow: the next one is to
 * wait until screen_write, to be called when the descriptor can be written, has written it. */
bool screen_waiting(const struct screen *screen);
int screen_descriptor(const struct screen *screen);
void screen_write(struct screen *screen);
/* Shows the terminal's cursor here in this frame. */
void screen_show_cursor(struct screen *screen, const struct area *area, int row, int column);

const char *screen_glyph(const struct screen *screen, enum glyph glyph);
/* Draws at a place of the area in an ink (role.h); text that does not fit ends in a mark. Returns
 * the column after the text. */
int screen_put(struct screen *screen, const struct area *area, int row, int column, unsigned ink,
               const char *text);
int screen_format(struct screen *screen, const struct area *area, int row, int column, unsigned ink,
                  const char *format, ...) __attribute__((format(printf, 6, 7)));
int screen_put_glyph(struct screen *screen, const struct area *area, int row, int column,
                     unsigned ink, enum glyph glyph);
/* The same text again and again. */
void screen_repeat(struct screen *screen, const struct area *area, int row, int column, int count,
                   unsigned ink, enum glyph glyph);
/* Spaces in the ink over the whole area. */
void screen_fill(struct screen *screen, const struct area *area, unsigned ink);
/* The ink of class colour number `colour`. */
unsigned screen_class_ink(const struct screen *screen, uint32_t colour);

#endif
