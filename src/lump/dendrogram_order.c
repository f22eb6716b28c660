#include "lumpscope/dendrogram.h"

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

static void order_leaves(struct branches *branches, size_t leaves, struct dendrogram_order *order) {
    size_t position = 0;
    for (size_t root = 0; root < leaves; root++)
        for (size_t i = branches->last[root] == SIZE_MAX ? SIZE_MAX : root; i != SIZE_MAX;
             i = branches->next[i]) {
            branches->position[i] = position;
            order->leaf[position++] = i;
        }
}

static void place_merges(const struct branches *branches, const struct dendrogram *dendrogram,
                         struct dendrogram_order *order) {
    for (size_t k = 0; k < order->count; k++) {
        struct tree_merge *merge = &order->merge[k];
        merge->first = branches->position[dendrogram->merge[k].a];
        merge->middle += merge->first;
        merge->end += merge->first;
    }
}

bool dendrogram_order_init(struct dendrogram_order *order, const struct dendrogram *dendrogram,
                           struct error *error) {
    struct branches branches;
    order->count = 0;
    order->leaf = memory_new(dendrogram->leaves, sizeof *order->leaf, error);
    order->merge = memory_new(dendrogram->count, sizeof *order->merge, error);
    bool made = branches_init(&branches, dendrogram->leaves, error) && order->leaf && order->merge;
    for (size_t k = 0; made && k < dendrogram->count; k++) {
        const struct merge *merge = &dendrogram->merge[k];
        if (!isfinite(merge->height))
            break;
        order->merge[order->count].height = merge->height;
        join(&branches, merge->a, merge->b, &order->merge[order->count++]);
    }
    if (made) {
        order_leaves(&branches, dendrogram->leaves, order);
        place_merges(&branches, dendrogram, order);
    } else
        dendrogram_order_free(order);
    branches_free(&branches);
    return made;
}

void dendrogram_order_free(struct dendrogram_order *order) {
    free(order->leaf);
    free(order->merge);
    *order = (struct dendrogram_order){0};
}
