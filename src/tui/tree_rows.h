/* The rows of a drawn dendrogram: a leaf each while they fit, else branches that stand for several
 * leaves. Rows do not depend on where the cut is, so that nothing changes place while it moves. */
#ifndef LUMPSCOPE_TUI_TREE_ROWS_H
#define LUMPSCOPE_TUI_TREE_ROWS_H

#include "lumpscope/detail.h"

struct tree_row {
    size_t first, end; /* leaves of the row */
    double height;     /* at which they have become one branch; 0 for a leaf */
};

struct tree_rows {
    struct tree_row *items; /* [count], owned */
    size_t count;
    size_t condensed; /* the first merges of the tree, which lie within rows */
};

/* At most `most` rows (at least 1), as far as the tree's merges allow it: the lowest merges are
 * condensed. False, and no rows, without memory. */
bool tree_rows_make(struct tree_rows *rows, const struct tree_view *tree, size_t most);
void tree_rows_free(struct tree_rows *rows);
/* The row of a leaf; there is one at least. */
size_t tree_rows_of(const struct tree_rows *rows, size_t leaf);
/* The row that a neuron is in; `count` when it is no leaf. */
size_t tree_rows_find(const struct tree_rows *rows, const struct tree_view *tree, size_t neuron);
/* The first merge above `epsilon`; NULL when there is none. */
const struct tree_merge *tree_next_merge(const struct tree_view *tree, double epsilon);

#endif
