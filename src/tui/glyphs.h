/* Every sign on the screen that is not a letter, twice: for UTF-8 and for plain ASCII. Twins that
 * stand in a grid are as wide as their signs. */
#ifndef LUMPSCOPE_TUI_GLYPHS_H
#define LUMPSCOPE_TUI_GLYPHS_H

#include <stdbool.h>

#define GLYPH_TABLE(GLYPH)                                                                         \
    GLYPH(EPSILON, "\u03b5", "eps")                                                                \
    GLYPH(ARROW, "\u2192", ">")                                                                    \
    GLYPH(MARK_CUT, "\u2026", "~")    /* something was left out here */                            \
    GLYPH(ELLIPSIS, "\u2026", "...")  /* something goes on */                                      \
    GLYPH(WORKING, " \u2026", " ...") /* behind a title: it is being made */                       \
    GLYPH(DOT, "\u00b7", ",")                                                                      \
    GLYPH(DASH, "\u2013", "-")                                                                     \
    GLYPH(ABOUT, "\u2248", "~")                                                                    \
    GLYPH(PARTIAL, "\u2202", "d") /* of a derivative */                                            \
    GLYPH(TIMES, "\u00d7", "x")                                                                    \
    GLYPH(ROW_MARK, "\u25b8", ">") /* the chosen row */                                            \
    GLYPH(HORIZONTAL, "\u2500", "-")                                                               \
    GLYPH(VERTICAL, "\u2502", "|")                                                                 \
    GLYPH(TEE_DOWN, "\u252c", "+")                                                                 \
    GLYPH(TEE_UP, "\u2534", "+")                                                                   \
    GLYPH(CROSS, "\u253c", "+")                                                                    \
    GLYPH(CORNER_TOP_LEFT, "\u250c", "+")                                                          \
    GLYPH(CORNER_TOP_RIGHT, "\u2510", "+")                                                         \
    GLYPH(CORNER_BOTTOM_LEFT, "\u2514", "+")                                                       \
    GLYPH(CORNER_BOTTOM_RIGHT, "\u2518", "+")                                                      \
    GLYPH(TRACK, "\u2500", "-")                                                                    \
    GLYPH(TRACK_DONE, "\u2501", "=")                                                               \
    GLYPH(EVENT, "\u253c", "+")      /* one merge event in this column */                          \
    GLYPH(EVENT_MANY, "\u2542", "#") /* more than one */                                           \
    GLYPH(EVENT_DONE, "\u253f", "+")                                                               \
    GLYPH(EVENT_MANY_DONE, "\u254b", "#")                                                          \
    GLYPH(TRACK_LEFT, "\u251c", "|")                                                               \
    GLYPH(TRACK_RIGHT, "\u2524", "|")                                                              \
    GLYPH(KNOB, "\u25cf", "@")                                                                     \
    GLYPH(CELL, "\u2588\u2589", "[]") /* one neuron, two columns */                                \
    GLYPH(CELL_NARROW, "\u2589", "#")                                                              \
    GLYPH(CELL_CURSOR, "[]", "<>")                                                                 \
    GLYPH(CELL_CURSOR_NARROW, "X", "X")                                                            \
    GLYPH(CELL_DEAD, "\u00d7 ", "x ")                                                              \
    GLYPH(CELL_DEAD_NARROW, "\u00d7", "x")                                                         \
    GLYPH(HALF_NONE, " ", ".")                                                                     \
    GLYPH(HALF_UPPER, "\u2580", "'")                                                               \
    GLYPH(HALF_LOWER, "\u2584", ",")                                                               \
    GLYPH(HALF_BOTH, "\u2588", "#")                                                                \
    GLYPH(HALF_CURSOR_UPPER, "\u25b2", "^")                                                        \
    GLYPH(HALF_CURSOR_LOWER, "\u25bc", "v")                                                        \
    GLYPH(SHARE_EVEN, "\u2588", "#") /* neighbouring classes in a bar */                           \
    GLYPH(SHARE_ODD, "\u2586", "=")                                                                \
    GLYPH(BAR, "\u2501", "=")      /* horizontal bars */                                           \
    GLYPH(BAR_HALF, "\u2578", "-") /* their last half column */                                    \
    GLYPH(BAR_EMPTY, "\u2500", ".")                                                                \
    GLYPH(MARKER, "\u25c6", "@")      /* the current epsilon in the plot */                        \
    GLYPH(PLOT_CURSOR, "\u25c7", "O") /* the plot's cursor */                                      \
    GLYPH(PLOT_DOWN, "\u250a", ":")   /* from there to the axis */                                 \
    GLYPH(PLOT_LEVEL, "\u2504", "-")  /* the original's error */                                   \
    GLYPH(PLOT_BETTER, "\u25bd", "v") /* smaller, and errs less */                                 \
    GLYPH(PLOT_LARGER, "\u25b3", "^") /* a larger epsilon, and more parameters */                  \
    GLYPH(TICK_LEFT, "\u2524", "+")                                                                \
    GLYPH(TICK_DOWN, "\u252c", "+")                                                                \
    GLYPH(AXIS_CORNER, "\u2514", "+")                                                              \
    GLYPH(CHECK, "\u2713", "*") /* done */                                                         \
    GLYPH(MORE_UP, "\u2191", "^")                                                                  \
    GLYPH(MORE_DOWN, "\u2193", "v")                                                                \
    GLYPH(MERGED_HORIZONTAL, "\u2501", "=") /* branches of a dendrogram that are one class */      \
    GLYPH(MERGED_VERTICAL, "\u2503", "#")                                                          \
    GLYPH(MERGED_TOP, "\u2513", "#")                                                               \
    GLYPH(MERGED_BOTTOM, "\u251b", "#")                                                            \
    GLYPH(MERGED_TEE_UP, "\u253b", "#")                                                            \
    GLYPH(MERGED_TEE_DOWN, "\u2533", "#")                                                          \
    GLYPH(MERGED_TEE_LEFT, "\u252b", "#")                                                          \
    GLYPH(MERGED_TEE_RIGHT, "\u2523", "#")                                                         \
    GLYPH(MERGED_CROSS, "\u254b", "#")                                                             \
    GLYPH(TEE_RIGHT, "\u251c", "+")                                                                \
    GLYPH(CUT, "\u254e", ":")        /* the current epsilon in the dendrogram */                   \
    GLYPH(CUT_CROSS, "\u256b", "!")  /* a branch goes on across it */                              \
    GLYPH(NEXT_MERGE, "\u25c6", "*") /* where the layer merges next */                             \
    GLYPH(SHADE_1, "\u2591", ".")    /* how much; weights above 0 */                               \
    GLYPH(SHADE_2, "\u2592", "+")                                                                  \
    GLYPH(SHADE_3, "\u2593", "&")                                                                  \
    GLYPH(SHADE_4, "\u2588", "#")                                                                  \
    GLYPH(MINUS_1, "\u2504", "`") /* weights below 0 where colours do not tell */                  \
    GLYPH(MINUS_2, "\u2500", "-")                                                                  \
    GLYPH(MINUS_3, "\u2550", "=")                                                                  \
    GLYPH(MINUS_4, "\u2261", "%")                                                                  \
    GLYPH(EDGE_EVEN, "\u2503", "#") /* along the cells of every other class */                     \
    GLYPH(EDGE_ODD, "\u2502", "|")                                                                 \
    GLYPH(CURVE_LUMP, "\u2812\u2812\u2812", "ooo")                                                 \
    GLYPH(CURVE_MAGNITUDE, "\u2812 \u2812", "x x")                                                 \
    GLYPH(PLOT_POLISHED, "\u2605", "*")                                                            \
    GLYPH(STROKE_ORIGINAL, "\u2812\u2812\u2812", "ooo")                                            \
    GLYPH(STROKE_REDUCED, "\u2812 \u2812", "x x")                                                  \
    GLYPH(CURVE_WANDA, "\u2802\u2802\u2802", "+ +")                                                \
    GLYPH(CURVE_NEURON, "\u2812\u2812 ", "nn ")                                                    \
    GLYPH(CURVE_ID, "\u2812\u2802\u2812", "i i")                                                   \
    GLYPH(CURVE_POLISH, " \u2605 ", " * ")

enum glyph {
#define GLYPH(name, utf8, ascii) GLYPH_##name,
    GLYPH_TABLE(GLYPH)
#undef GLYPH
        GLYPH_COUNT
};

const char *glyph_text(enum glyph glyph, bool ascii);

#endif
