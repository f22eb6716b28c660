/* Lines of text in a pane, taller than the pane where there is much to say: they are put one after
 * the other, and those in sight are drawn. */
#ifndef LUMPSCOPE_TUI_SHEET_H
#define LUMPSCOPE_TUI_SHEET_H

#include "lumpscope/text.h"
#include "tui/screen.h"

/* With an area of 0 rows nothing is drawn, and `line` tells at the end how many lines there are. */
struct sheet {
    struct screen *screen;
    const struct area *area;
    int first; /* line in the area's first row */
    int line;  /* where text goes now, from 0 */
};

/* As screen_put, in the current line. */
int sheet_put(const struct sheet *sheet, int column, unsigned ink, const char *text);
int sheet_put_glyph(const struct sheet *sheet, int column, unsigned ink, enum glyph glyph);
/* Text that ends before `end`; returns the column it begins in. */
int sheet_put_right(const struct sheet *sheet, int end, unsigned ink, const char *text);
void sheet_next(struct sheet *sheet);
/* Whole lines from the current one on, broken at spaces, a column free at the right; the lines
 * after the first begin `indent` columns further right. The line after them is the current one. */
void sheet_wrap(struct sheet *sheet, int column, int indent, unsigned ink, const char *text);
/* The same with a text that was made for it, and is freed; nothing when there was no memory. */
void sheet_wrap_text(struct sheet *sheet, int column, int indent, unsigned ink, struct text *text);
/* Signs in the first column of the area that lines are out of sight above and below. */
void sheet_draw_more(const struct sheet *sheet);
/* `first` within what can be scrolled to: at most so that the last of `lines` is in the last row.
 */
int sheet_clamp(long first, int lines, int rows);

#endif
