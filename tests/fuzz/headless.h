/* The screen of screen.h without a terminal: what is drawn is checked and forgotten, what would be
 * typed is given. */
#ifndef LUMPSCOPE_FUZZ_HEADLESS_H
#define LUMPSCOPE_FUZZ_HEADLESS_H

#include "tui/screen.h"

enum { HEADLESS_ROWS_MOST = 200, HEADLESS_COLUMNS_MOST = 400 };

void headless_resize(struct screen *screen, int rows, int columns);
/* The only input that screen_read gives before the next. */
void headless_give(struct screen *screen, const struct input *input);

#endif
