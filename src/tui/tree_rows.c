#include "tui/tree_rows.h"

#include "lumpscope/memory.h"

#include <stdlib.h>

/* A merge takes away the boundary in its middle; what is left begins a row. */
static void mark_condensed(const struct tree_view *tree, size_t condensed, double *height,
                           bool *inside) {
    for (size_t i = 0; i < condensed; i++) {
        inside[tree->merge[i].middle] = true;
        height[tree->merge[i].first] = tree->merge[i].height;
    }
}

static void fill_rows(struct tree_rows *rows, size_t leaves, const double *height,
                      const bool *inside) {
    for (size_t i = 0; i < leaves; i++) {
        if (!inside[i])
            rows->items[rows->count++] = (struct tree_row){i, i, height[i]};
        rows->items[rows->count - 1].end = i + 1;
    }
}

bool tree_rows_make(struct tree_rows *rows, const struct tree_view *tree, size_t most) {
    size_t leaves = tree->leaves, excess = leaves > most ? leaves - most : 0;
    *rows = (struct tree_rows){.condensed = excess < tree->count ? excess : tree->count};
    double *height = memory_new(leaves + 1, sizeof *height, NULL);
    bool *inside = memory_new(leaves + 1, sizeof *inside, NULL);
    rows->items = memory_new(leaves + 1, sizeof *rows->items, NULL);
    bool enough = height && inside && rows->items;
    if (enough) {
        mark_condensed(tree, rows->condensed, height, inside);
        fill_rows(rows, leaves, height, inside);
    } else
        tree_rows_free(rows);
    free(height);
    free(inside);
    return enough;
}

void tree_rows_free(struct tree_rows *rows) {
    free(rows->items);
    *rows = (struct tree_rows){0};
}

size_t tree_rows_of(const struct tree_rows *rows, size_t leaf) {
    size_t from = 0, to = rows->count;
    while (from + 1 < to) {
        size_t middle = from + (to - from) / 2;
        if (rows->items[middle].first <= leaf)
            from = middle;
        else
            to = middle;
    }
    return from;
}

size_t tree_rows_find(const struct tree_rows *rows, const struct tree_view *tree, size_t neuron) {
    for (size_t leaf = 0; leaf < tree->leaves; leaf++)
        if (tree->neuron[leaf] == neuron)
            return tree_rows_of(rows, leaf);
    return rows->count;
}

const struct tree_merge *tree_next_merge(const struct tree_view *tree, double epsilon) {
    for (size_t i = 0; i < tree->count; i++)
        if (tree->merge[i].height > epsilon)
            return &tree->merge[i];
    return NULL;
}
