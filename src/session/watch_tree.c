/* A layer's dendrogram in drawing order. */
#include "session/watch.h"

bool watch_tree(const struct worker *worker, struct detail *detail, struct error *error) {
    const struct refine *refine = worker->study.refine;
    const struct dendrogram *dendrogram = refine_dendrogram(refine, detail->layer);
    const struct partition *live = refine_live_partition(refine);
    struct tree_view *tree = &detail->tree;
    size_t neighbour = refine_neighbour(refine, detail->layer);
    *tree = (struct tree_view){.leaves = dendrogram->leaves, .neighbour = neighbour};
    if (neighbour)
        tree->neighbour_classes = live->layer[neighbour - 1].count;
    struct dendrogram_order order;
    if (!dendrogram_order_init(&order, dendrogram, error))
        return false;
    tree->neuron = order.leaf;
    tree->merge = order.merge;
    tree->count = order.count;
    const size_t *number = refine_prepared(refine)->live[detail->layer - 1];
    for (size_t i = 0; i < tree->leaves; i++)
        tree->neuron[i] = number[tree->neuron[i]];
    return true;
}
