/* Which pane lies where. Panes fold when the screen is small. */
#ifndef LUMPSCOPE_TUI_LAYOUT_H
#define LUMPSCOPE_TUI_LAYOUT_H

#include "tui/screen.h"

#define PANE_TABLE(PANE)                                                                           \
    PANE(LAYERS, "layers")                                                                         \
    PANE(CLASSES, "classes")                                                                       \
    PANE(INSPECTOR, "inspector")                                                                   \
    PANE(PLOT, "plot")                                                                             \
    PANE(NUMBERS, "numbers")

enum pane {
#define PANE(name, text) PANE_##name,
    PANE_TABLE(PANE)
#undef PANE
        PANE_COUNT,
    PANE_ANY = PANE_COUNT, /* of keys that work everywhere */
    PANE_OVERLAY,          /* of keys while help or a list lies over the panes */
};

extern const char *const pane_names[PANE_COUNT];

enum { LAYOUT_ROWS = 24, LAYOUT_COLUMNS = 80 };

struct layout {
    bool too_small;
    struct area whole, header, slider, status;
    struct area strip;            /* above the status line; 0 rows: there is none */
    struct area pane[PANE_COUNT]; /* without their frames; 0 rows: folded away */
};

/* `focus`: a folded pane is shown in place of its neighbour while the user is in it. `header`:
 * lines the header would like, given where the screen is tall. `strip`: rows of the strip, for
 * which the panes make room. */
void layout_compute(struct layout *layout, struct area whole, enum pane focus, int header,
                    int strip);
/* Between slider and strip, or status line: what lies over all panes. */
struct area layout_over(const struct layout *layout);
bool layout_has(const struct layout *layout, enum pane pane);
/* The rules between panes, with a title over each; the focused one stands out. */
void layout_draw_frames(const struct layout *layout, struct screen *screen, enum pane focus,
                        char titles[PANE_COUNT][160]);
/* Columns for the title's words. */
int layout_title_columns(const struct area *area);
bool area_contains(const struct area *area, int row, int column);

#endif
