#include "tui/cells.h"

#include "lumpscope/memory.h"
#include "tui/columns.h"

#include <stdlib.h>

void cells_free(struct cells *cells) {
    free(cells->items);
    *cells = (struct cells){0};
}

/* Fills in neurons and classes, class by class, the dead last. */
static bool cells_order(struct cells *cells, const struct classes *classes) {
    struct class_members members;
    cells->count = 0;
    if (!memory_reserve(&cells->items, &cells->capacity, classes->neurons, sizeof *cells->items,
                        NULL) ||
        !classes_members(classes, &members, NULL))
        return false;
    for (uint32_t c = 0; c < classes->count; c++)
        for (size_t i = members.starts[c]; i < members.starts[c + 1]; i++)
            cells->items[cells->count++] = (struct cell){members.members[i], c, 0, 0};
    class_members_free(&members);
    for (size_t i = 0; i < classes->neurons; i++)
        if (classes->class_of[i] == PARTITION_DEAD)
            cells->items[cells->count++] = (struct cell){i, PARTITION_DEAD, 0, 0};
    return true;
}

static int cell_width(enum zoom zoom, size_t neurons) {
    if (zoom >= ZOOM_NUMBERS)
        return columns_digits(neurons) + (zoom == ZOOM_LARGE ? 2 : 1);
    return zoom == ZOOM_WIDE ? 2 : 1;
}

/* Half cells follow each other without gaps: the class is told by colour, or by full and empty. */
static int place_halves(struct cells *cells, int columns) {
    for (size_t i = 0; i < cells->count; i++) {
        cells->items[i].row = (int)(i / (size_t)columns);
        cells->items[i].column = (int)(i % (size_t)columns);
    }
    return cells->count ? (cells->items[cells->count - 1].row + 2) / 2 : 0;
}

/* A column stays free between classes, and a row between rows when cells are large. A class that
 * fits into a row is not broken over two. */
static int place_classes(struct cells *cells, int columns) {
    int row = 0, column = 0, pitch = cells->zoom == ZOOM_LARGE ? 2 : 1;
    for (size_t i = 0, end; i < cells->count; i = end) {
        for (end = i; end < cells->count && cells->items[end].class_id == cells->items[i].class_id;)
            end++;
        size_t wide = (end - i) * (size_t)cells->width;
        if (column > 0 && (size_t)column + wide > (size_t)columns && wide <= (size_t)columns) {
            row += pitch;
            column = 0;
        }
        for (size_t k = i; k < end; k++, column += cells->width) {
            if (column > 0 && column + cells->width > columns) {
                row += pitch;
                column = 0;
            }
            cells->items[k].row = row;
            cells->items[k].column = column;
        }
        column++;
    }
    return cells->count ? row + 1 : 0;
}

static int place(struct cells *cells, enum zoom zoom, int columns) {
    cells->zoom = zoom;
    cells->width = cell_width(zoom, cells->count);
    return zoom == ZOOM_HALF ? place_halves(cells, columns) : place_classes(cells, columns);
}

static void cells_place(struct cells *cells) {
    int columns = cells->room_columns > 0 ? cells->room_columns : 1;
    if (cells->asked != ZOOM_AUTO) {
        cells->rows = place(cells, cells->asked, columns);
        return;
    }
    for (int zoom = ZOOM_LARGE; zoom >= ZOOM_HALF; zoom--) {
        cells->rows = place(cells, (enum zoom)zoom, columns);
        if (cells->rows <= cells->room_rows)
            break;
    }
}

void cells_update(struct cells *cells, const struct snapshot *snapshot, size_t layer,
                  enum zoom asked, int rows, int columns) {
    bool same = cells->serial == snapshot->serial && cells->layer == layer;
    if (same && cells->asked == asked && cells->room_rows == rows && cells->room_columns == columns)
        return;
    cells->asked = asked;
    cells->room_rows = rows;
    cells->room_columns = columns;
    if (!same) {
        cells->serial = snapshot->serial;
        cells->layer = layer;
        cells->count = 0;
        if (layer > 0 && layer <= snapshot->partition.layers)
            cells_order(cells, &snapshot->partition.layer[layer - 1]);
    }
    cells_place(cells);
}

size_t cells_find(const struct cells *cells, size_t neuron) {
    size_t i = 0;
    while (i < cells->count && cells->items[i].neuron != neuron)
        i++;
    return i;
}

size_t cells_step(const struct cells *cells, size_t at, int step) {
    if (step < 0)
        return at > 0 ? at - 1 : at;
    return at + 1 < cells->count ? at + 1 : at;
}

size_t cells_nearest(const struct cells *cells, int row, int column) {
    size_t best = cells->count;
    long least = 0;
    for (size_t i = 0; i < cells->count; i++) {
        int middle = cells->items[i].column + cells->width / 2;
        long distance =
            10000L * labs((long)cells->items[i].row - row) + labs((long)middle - column);
        if (best == cells->count || distance < least) {
            best = i;
            least = distance;
        }
    }
    return best;
}
