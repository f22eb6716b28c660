/* Screen columns of UTF-8 text: East Asian characters take two, combining marks none. Needs
 * LC_CTYPE set; what the locale cannot show counts as one column and is drawn as '?'. */
#ifndef LUMPSCOPE_TUI_COLUMNS_H
#define LUMPSCOPE_TUI_COLUMNS_H

#include <stddef.h>
#include <wchar.h>

/* Decodes one character as text_decode does; what is not visible becomes '?'. */
size_t columns_decode(const char *text, wchar_t *character);
/* 0, 1 or 2. */
int columns_of(wchar_t character);
int columns_width(const char *text);
int columns_digits(size_t number);
/* Bytes of `text` that fit into `columns`, combining marks included; `*used` the columns taken. */
size_t columns_fit(const char *text, int columns, int *used);
/* Bytes of the first line when `text` is broken at spaces to lines of `columns`; at least one
 * character unless the text is empty. The space after the line is not among them. */
size_t columns_wrap(const char *text, int columns);
/* How many lines that makes of the whole text. */
int columns_lines(const char *text, int columns);
/* Copies `text`, shortened in the middle by `mark` when it is wider than `columns`. `out` has
 * `size` bytes; a longer result ends where the last whole character fits. */
void columns_shorten(char *out, size_t size, const char *text, int columns, const char *mark);

#endif
