/* Keys, pasted text and the mouse become commands. */
#ifndef LUMPSCOPE_TUI_EVENTS_H
#define LUMPSCOPE_TUI_EVENTS_H

#include "tui/ui.h"

/* Deals with everything the terminal has sent; never waits. */
void events_handle(struct ui *ui);
/* Leaves the command line, or else the program as SIGINT does. */
void events_interrupt(struct ui *ui);

#endif
