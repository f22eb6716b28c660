/* Curves drawn in dots finer than columns: a character of braille holds two by four. The ASCII twin
 * uses a letter per curve. */
#ifndef LUMPSCOPE_TUI_RASTER_H
#define LUMPSCOPE_TUI_RASTER_H

#include "tui/screen.h"

enum { RASTER_CURVES = 6, RASTER_CELLS = 32768, RASTER_ACROSS = 2, RASTER_DOWN = 4 };

/* Curves are told apart without colour by their strokes. */
enum raster_stroke {
    STROKE_LINE,
    STROKE_DASHES,
    STROKE_DOTS,
    STROKE_LONG, /* dashes */
    STROKE_DASH_DOT,
    STROKE_POINTS /* nothing between them */
};

/* How a curve is drawn. */
struct raster_pen {
    enum raster_stroke stroke;
    unsigned ink;
    char letter; /* its ASCII twin */
};

/* The drawing surface: dots of each curve in each character. */
struct raster {
    int rows, columns;             /* characters, RASTER_CELLS at most */
    const struct raster_pen *pens; /* [RASTER_CURVES at most] */
    unsigned char dots[RASTER_CURVES][RASTER_CELLS];
};

/* Column of dots at a share of the width, from 0 at the left to 1. */
int raster_x(const struct raster *raster, double share);
void raster_dot(struct raster *raster, int curve, int x, int y);
/* A line of dots in the curve's stroke; `step` counts the dots of the curve so far, so that the
 * stroke goes on from line to line. */
void raster_line(struct raster *raster, int curve, int x0, int y0, int x1, int y1, int *step);
/* Characters with dots in a box of characters, each curve counted. */
int raster_count(const struct raster *raster, const struct area *box);
/* Characters in which several curves lie have the ink of the first. */
void raster_draw(const struct raster *raster, struct screen *screen, const struct area *area);

#endif
