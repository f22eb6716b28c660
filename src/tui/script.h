/* Scripts on the screen: the loop plays them, the reader goes on or leaves. */
#ifndef LUMPSCOPE_TUI_SCRIPT_H
#define LUMPSCOPE_TUI_SCRIPT_H

#include "tui/ui.h"

/* Runs the next line when it may; never waits. */
void script_step(struct ui *ui);
/* Milliseconds until script_step should be called again though nothing happens; -1: never. */
int script_timeout(const struct ui *ui);
/* Space and Esc while a card lies there or a script runs; false: the key means something else. */
bool script_key(struct ui *ui, int32_t key);

#endif
