#include "lumpscope/detail.h"

#include <stdlib.h>

static void tree_view_free(struct tree_view *tree) {
    free(tree->neuron);
    free(tree->merge);
}

static void weights_view_free(struct weights_view *weights) {
    free(weights->row_first);
    free(weights->column_first);
    free(weights->row_class);
    free(weights->column_class);
    free(weights->row_begins);
    free(weights->column_begins);
    free(weights->mean);
}

void detail_hold(struct detail *detail) {
    atomic_fetch_add(&detail->holders, 1);
}

void detail_release(struct detail *detail) {
    if (!detail || atomic_fetch_sub(&detail->holders, 1) > 1)
        return;
    tree_view_free(&detail->tree);
    explanation_free(&detail->explanation);
    trajectory_pair_free(&detail->trajectory.pair);
    weights_view_free(&detail->weights);
    free(detail);
}
