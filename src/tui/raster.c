#include "tui/raster.h"

#include <math.h>
#include <stdlib.h>

int raster_x(const struct raster *raster, double share) {
    return (int)lround(fmin(fmax(share, 0), 1) * (raster->columns * RASTER_ACROSS - 1));
}

void raster_dot(struct raster *raster, int curve, int x, int y) {
    static const unsigned char bits[RASTER_DOWN][RASTER_ACROSS] = {
        {1, 8}, {2, 16}, {4, 32}, {64, 128}};
    raster->dots[curve][y / RASTER_DOWN * raster->columns + x / RASTER_ACROSS] |=
        bits[y % RASTER_DOWN][x % RASTER_ACROSS];
}

static bool stroke_has(enum raster_stroke stroke, int step) {
    switch (stroke) {
    case STROKE_LINE:
        return true;
    case STROKE_DASHES:
        return step % 6 < 3;
    case STROKE_DOTS:
        return step % 4 == 0;
    case STROKE_LONG:
        return step % 9 < 6;
    case STROKE_DASH_DOT:
        return step % 8 < 4 || step % 8 == 5;
    case STROKE_POINTS:
        break;
    }
    return false;
}

void raster_line(struct raster *raster, int curve, int x0, int y0, int x1, int y1, int *step) {
    int steps = abs(x1 - x0) > abs(y1 - y0) ? abs(x1 - x0) : abs(y1 - y0);
    for (int i = 0; i <= steps; i++, (*step)++) {
        double share = steps ? (double)i / steps : 0;
        if (stroke_has(raster->pens[curve].stroke, *step))
            raster_dot(raster, curve, x0 + (int)lround(share * (x1 - x0)),
                       y0 + (int)lround(share * (y1 - y0)));
    }
}

int raster_count(const struct raster *raster, const struct area *box) {
    int count = 0;
    for (int c = 0; c < RASTER_CURVES; c++)
        for (int row = 0; row < box->rows; row++)
            for (int column = 0; column < box->columns; column++)
                count +=
                    raster->dots[c][(box->row + row) * raster->columns + box->column + column] != 0;
    return count;
}

static void draw_character(const struct raster *raster, struct screen *screen,
                           const struct area *area, int row, int column) {
    unsigned dots = 0;
    int first = -1, at = row * raster->columns + column;
    for (int c = 0; c < RASTER_CURVES; c++) {
        dots |= raster->dots[c][at];
        if (raster->dots[c][at] && first < 0)
            first = c;
    }
    if (first < 0)
        return;
    char text[5] = {raster->pens[first].letter};
    if (!screen_ascii(screen)) { /* U+2800 and up in UTF-8 */
        text[0] = (char)0xe2;
        text[1] = (char)(0xa0 | dots >> 6);
        text[2] = (char)(0x80 | (dots & 0x3f));
    }
    screen_put(screen, area, row, column, raster->pens[first].ink, text);
}

void raster_draw(const struct raster *raster, struct screen *screen, const struct area *area) {
    for (int row = 0; row < raster->rows; row++)
        for (int column = 0; column < raster->columns; column++)
            draw_character(raster, screen, area, row, column);
}
