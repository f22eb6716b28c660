/* Every sign on the screen that is not a letter, twice: for UTF-8 and for plain ASCII. Twins that
 * stand in a grid are as wide as their signs. */
#ifndef LUMPSCOPE_TUI_GLYPHS_H
#define LUMPSCOPE_TUI_GLYPHS_H

#include <stdbool.h>

#define GLYPH_TABLE(GLYPH)                                                                         \
    GLYPH(EPSILON, "\u03b5", "eps")                                                                \
    GLYPH(ARROW, "\u2192", ">")                                                                    \
    GLYPH(MARK_CUT, "\u2026", "~")   /* something was left out here */                             \
    GLYPH(ELLIPSIS, "\u2026", "...") /* something goes on */                                       \
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
    GLYPH(MARKER, "\u25c6", "@") /* the current epsilon in the plot */                             \
    GLYPH(TICK_LEFT, "\u2524", "+")                                                                \
    GLYPH(TICK_DOWN, "\u252c", "+")                                                                \
    GLYPH(AXIS_CORNER, "\u2514", "+")                                                              \
    GLYPH(MORE_UP, "\u2191", "^")                                                                  \
    GLYPH(MORE_DOWN, "\u2193", "v")                                                                \
    GLYPH(CURVE_LUMP, "\u2812\u2812\u2812", "ooo")                                                 \
    GLYPH(CURVE_MAGNITUDE, "\u2812 \u2812", "x x")                                                 \
    GLYPH(STROKE_ORIGINAL, "\u2812\u2812\u2812", "ooo")                                            \
    GLYPH(STROKE_REDUCED, "\u2812 \u2812", "x x")                                                  \
    GLYPH(CURVE_WANDA, "\u2802\u2802\u2802", "+ +")

enum glyph {
#define GLYPH(name, utf8, ascii) GLYPH_##name,
    GLYPH_TABLE(GLYPH)
#undef GLYPH
        GLYPH_COUNT
};

const char *glyph_text(enum glyph glyph, bool ascii);

#endif
