/* One frame: where everything lies, and who draws it. */
#ifndef LUMPSCOPE_TUI_FRAME_H
#define LUMPSCOPE_TUI_FRAME_H

#include "tui/ui.h"

/* Draws the whole screen from the snapshot; the terminal gets the cells that changed. */
void frame_draw(struct ui *ui);

#endif
