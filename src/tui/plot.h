/* The size/error plot as the pane and the full screen draw it: axes, curves, marks, the cursor. */
#ifndef LUMPSCOPE_TUI_PLOT_H
#define LUMPSCOPE_TUI_PLOT_H

#include "tui/axis.h"
#include "tui/raster.h"
#include "tui/ui.h"

/* The curves: CURVE(id, name, stroke, ASCII letter). Inks and samples are named after the id. */
#define PLOT_CURVES(CURVE)                                                                         \
    CURVE(LUMP, "lump", LINE, 'o')                                                                 \
    CURVE(MAGNITUDE, "magnitude", DASHES, 'x')                                                     \
    CURVE(WANDA, "wanda", DOTS, '+')                                                               \
    CURVE(NEURON, "neuron", LONG, 'n')                                                             \
    CURVE(ID, "id", DASH_DOT, 'i')                                                                 \
    CURVE(POLISH, "polished", POINTS, '*')

struct plot_curve {
    const char *name;
    unsigned ink;
    enum glyph sample; /* three columns of its stroke */
};
extern const struct plot_curve plot_curves[CURVE_COUNT];

enum { PLOT_AXIS = 9, PLOT_AXIS_ROWS = 2 }; /* columns left of the curves, rows below them */

struct plot {
    const struct ui *ui;
    struct area area;   /* of the curves */
    double left, right; /* ends of the size axis, percent */
    struct axis error;  /* log10 of the error */
    struct raster raster;
};

/* Lays the plot out in an area, axes included, and sets its dots; false when no size was measured
 * yet. */
bool plot_make(struct plot *plot, const struct ui *ui, const struct area *area);
/* "test MSE" or "test errors, %". */
const char *plot_unit(const struct snapshot *snapshot);
/* A figure in that unit, as it is compared: wrong answers in percent instead of accuracy. */
double plot_error(const struct snapshot *snapshot, double figure);

void plot_draw_axes(const struct plot *plot);
/* The curves and what stands among them: the original's error in a plot of some rows, marks, the
 * current epsilon; over the whole screen (`full`) also signs where the lump curve turns. */
void plot_draw(const struct plot *plot, bool full);
/* The row of the original's error, where it is drawn; -1: it is not. */
int plot_level_row(const struct plot *plot);
/* The cursor, and a line down to the axis. */
void plot_draw_cursor(const struct plot *plot);
/* Says what is missing. */
void plot_draw_nothing(const struct ui *ui, const struct area *area);

/* Where the lump curve, followed by growing epsilon, is not monotone: points that are smaller than
 * the one before and err less, and points that are larger. */
struct plot_turns {
    size_t better, larger;
};
struct plot_turns plot_turns(const struct snapshot *snapshot);

/* ---- The cursor: on a point of the lump curve ---- */

/* The point under it; NULL while there is none. */
const struct curve_point *plot_cursor(const struct ui *ui);
/* To the next larger network, or (step negative) the next smaller one. */
void plot_move(struct ui *ui, int step);
/* Epsilon to the point under the cursor. */
void plot_enter(struct ui *ui);
/* A click at a character of the plot's area takes epsilon to the nearest point of the curve. */
void plot_click(struct ui *ui, const struct area *area, int row, int column);

#endif
