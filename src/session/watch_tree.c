/* A layer's dendrogram in drawing order. */
#include "session/watch.h"

#include "lumpscope/memory.h"

#include <math.h>

/* Branches on their way to one order: a branch goes by its smallest leaf, which is drawn first. */
struct branches {
    size_t *next;     /* [leaves] the leaf drawn after this one; SIZE_MAX: the branch ends */
    size_t *last;     /* [leaves] of the branch that begins with the leaf; SIZE_MAX: none does */
    size_t *size;     /* [leaves] of that branch */
    size_t *position; /* [leaves] in drawing order */
};

static void branches_free(struct branches *branches) {
    free(branches->next);
    free(branches->last);
    free(branches->size);
    free(branches->position);
}

static bool branches_init(struct branches *branches, size_t leaves, struct error *error) {
    *branches = (struct branches){.next = memory_new(leaves, sizeof(size_t), error),
                                  .last = memory_new(leaves, sizeof(size_t), error),
                                  .size = memory_new(leaves, sizeof(size_t), error),
                                  .position = memory_new(leaves, sizeof(size_t), error)};
    if (!branches->next || !branches->last || !branches->size || !branches->position)
        return false;
    for (size_t i = 0; i < leaves; i++) {
        branches->next[i] = SIZE_MAX;
        branches->last[i] = i;
        branches->size[i] = 1;
    }
    return true;
}

/* The sizes of both branches are left as they were before the merge. */
static void join(struct branches *branches, size_t a, size_t b, struct tree_merge *merge) {
    merge->middle = branches->size[a];
    merge->end = branches->size[a] += branches->size[b];
    branches->next[branches->last[a]] = b;
    branches->last[a] = branches->last[b];
    branches->last[b] = SIZE_MAX;
}

/* Branches that never merge stand in the order of their smallest leaves. */
static void order_leaves(struct branches *branches, size_t leaves, const size_t *number,
                         struct tree_view *tree) {
    size_t position = 0;
    for (size_t root = 0; root < leaves; root++)
        for (size_t i = branches->last[root] == SIZE_MAX ? SIZE_MAX : root; i != SIZE_MAX;
             i = branches->next[i]) {
            branches->position[i] = position;
            tree->neuron[position++] = number[i];
        }
}

/* `number` [leaves]: the original's. */
static bool draw(const struct dendrogram *dendrogram, const size_t *number, struct tree_view *tree,
                 struct error *error) {
    struct branches branches;
    tree->neuron = memory_new(dendrogram->leaves, sizeof *tree->neuron, error);
    tree->merge = memory_new(dendrogram->count, sizeof *tree->merge, error);
    bool made = branches_init(&branches, dendrogram->leaves, error) && tree->neuron && tree->merge;
    for (size_t k = 0; made && k < dendrogram->count; k++) {
        const struct merge *merge = &dendrogram->merge[k];
        if (!isfinite(merge->height))
            break;
        tree->merge[tree->count].height = merge->height;
        join(&branches, merge->a, merge->b, &tree->merge[tree->count++]);
    }
    if (made)
        order_leaves(&branches, dendrogram->leaves, number, tree);
    for (size_t k = 0; made && k < tree->count; k++) {
        struct tree_merge *merge = &tree->merge[k];
        merge->first = branches.position[dendrogram->merge[k].a];
        merge->middle += merge->first;
        merge->end += merge->first;
    }
    branches_free(&branches);
    return made;
}

bool watch_tree(const struct worker *worker, struct detail *detail, struct error *error) {
    const struct refine *refine = worker->study.refine;
    const struct dendrogram *dendrogram = refine_dendrogram(refine, detail->layer);
    const struct partition *live = refine_live_partition(refine);
    struct tree_view *tree = &detail->tree;
    size_t neighbour = refine_neighbour(refine, detail->layer);
    *tree = (struct tree_view){.leaves = dendrogram->leaves, .neighbour = neighbour};
    if (neighbour)
        tree->neighbour_classes = live->layer[neighbour - 1].count;
    return draw(dendrogram, refine_prepared(refine)->live[detail->layer - 1], tree, error);
}
