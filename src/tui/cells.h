/* The neurons of one layer laid out as cells: the cells of a class side by side, classes in the
 * order of their numbers, dead neurons at the end. Kept from frame to frame, made anew when the
 * partition, the room or the zoom changes. */
#ifndef LUMPSCOPE_TUI_CELLS_H
#define LUMPSCOPE_TUI_CELLS_H

#include "lumpscope/snapshot.h"

enum zoom {
    ZOOM_AUTO = -1, /* the largest that shows the whole layer */
    ZOOM_HALF,      /* half a cell: two neurons above each other */
    ZOOM_NARROW,    /* one column */
    ZOOM_WIDE,      /* two columns */
    ZOOM_NUMBERS,   /* the neuron's number in the cell */
    ZOOM_LARGE,     /* the same with more room */
};

struct cell {
    size_t neuron;     /* original number */
    uint32_t class_id; /* PARTITION_DEAD: dead */
    int row, column;   /* from the first row of the layer; rows are half rows for ZOOM_HALF */
};

struct cells {
    struct cell *items; /* [count], owned */
    size_t count, capacity;
    enum zoom zoom; /* in force */
    int width;      /* columns of a cell */
    int rows;       /* text rows of the whole layer */
    uint64_t serial;
    size_t layer;
    enum zoom asked;
    int room_rows, room_columns;
};

void cells_free(struct cells *cells);
/* Lays out hidden layer `layer` (from 1) for a room; nothing happens when nothing changed. With no
 * such layer, or no memory, there are no cells. */
void cells_update(struct cells *cells, const struct snapshot *snapshot, size_t layer,
                  enum zoom asked, int rows, int columns);
/* Index of a neuron's cell; `count` when it has none. */
size_t cells_find(const struct cells *cells, size_t neuron);
/* Index of the cell after (`step` above 0) or before cell `at`; at either end `at` itself. */
size_t cells_step(const struct cells *cells, size_t at, int step);
/* Index of the cell nearest to a place (half rows for ZOOM_HALF); `count` when there are none. */
size_t cells_nearest(const struct cells *cells, int row, int column);

#endif
