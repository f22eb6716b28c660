/* The explorer's state from its beginning to its end, for the loop and for whoever drives it
 * without one. */
#ifndef LUMPSCOPE_TUI_START_H
#define LUMPSCOPE_TUI_START_H

#include "tui/ui.h"

/* Fills a ui that is zero but for its session and its options: theme, keys, prompt, screen, the
 * first snapshot, and what the settings say. After a failure ui_end is due as well. */
bool ui_start(struct ui *ui, struct error *error);
/* Saves history and session, gives the terminal back and frees what the ui holds; not the session.
 */
void ui_end(struct ui *ui);

#endif
