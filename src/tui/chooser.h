/* The list of themes: what is chosen is shown at once, and kept or given back. */
#ifndef LUMPSCOPE_TUI_CHOOSER_H
#define LUMPSCOPE_TUI_CHOOSER_H

#include "tui/screen.h"

struct ui;

struct chooser {
    bool open;
    char **names; /* [count] owned, NULL-terminated */
    size_t count, chosen;
    struct theme before; /* what Esc goes back to */
};

/* Opens the list at the theme in use. False with a sentence when there are no themes. */
bool chooser_open(struct ui *ui, struct error *error);
/* By `down` entries, as far as there are any; shows the theme there. */
void chooser_move(struct ui *ui, int down);
/* Closes the list. `keep`: with the chosen theme, else with the one before. */
void chooser_close(struct ui *ui, bool keep);
/* Over the panes, at the right end of `over`, so that the colours beside it are seen. */
void chooser_draw(const struct ui *ui, const struct area *over);

#endif
