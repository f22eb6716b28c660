/* What a key just did, in words, for the status line. */
#ifndef LUMPSCOPE_TUI_SAID_H
#define LUMPSCOPE_TUI_SAID_H

#include "tui/ui.h"

/* Of the screen, what a command may change. */
struct said_screen {
    enum pane pane;
    enum middle middle;
    enum zoom zoom;
    size_t layer, neuron;
    bool plot_full, help, listing;
};

struct said_screen said_before(const struct ui *ui);
/* Says which of it is different now. */
void said_of_screen(struct ui *ui, const struct said_screen *before);
/* Says where epsilon has gone since the snapshot `old`, and what merged or split on the way. */
void said_of_move(struct ui *ui, const struct snapshot *old);

#endif
