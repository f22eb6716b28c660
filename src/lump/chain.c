#include "lump/chain.h"

#include "lumpscope/memory.h"

#include "lump/linkage.h"

#include <math.h>
#include <string.h>

enum {
    ROOM = 6,    /* edges kept at most, in multiples of n */
    FEW = 8,     /* so few edges of a row are kept without a closer look */
    BLOCK = 256, /* rows of distances at a time */
};

void spanning_free(struct spanning *spanning) {
    free(spanning->edge);
    free(spanning->order);
    free(spanning->parent);
    free(spanning->rank);
    free(spanning->reach);
    free(spanning->worst);
    free(spanning->start);
    free(spanning->near);
    free(spanning->passed);
    *spanning = (struct spanning){0};
}

bool spanning_init(struct spanning *spanning, size_t n, struct error *error) {
    *spanning = (struct spanning){.n = n, .room = ROOM * n};
    spanning->edge = memory_new(spanning->room, sizeof *spanning->edge, error);
    spanning->order = memory_new(n, sizeof *spanning->order, error);
    spanning->parent = memory_new(n, sizeof *spanning->parent, error);
    spanning->rank = memory_new(n, sizeof *spanning->rank, error);
    spanning->reach = memory_new(n, sizeof *spanning->reach, error);
    spanning->worst = memory_new(n, sizeof *spanning->worst, error);
    spanning->start = memory_new(n + 2, sizeof *spanning->start, error);
    spanning->near = memory_new(2 * n, sizeof *spanning->near, error);
    spanning->passed = memory_new(n, sizeof *spanning->passed, error);
    bool made = spanning->edge && spanning->order && spanning->parent && spanning->rank &&
                spanning->reach && spanning->worst && spanning->start && spanning->near &&
                spanning->passed;
    for (size_t j = 0; made && j < n; j++)
        spanning->reach[j] = INFINITY;
    if (!made)
        spanning_free(spanning);
    return made;
}

static uint32_t find_root(uint32_t *parent, uint32_t i) {
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* Kruskal: of all edges the smallest that join what is apart. */
static void keep_smallest(struct spanning *spanning) {
    uint32_t *parent = spanning->worst;
    size_t kept = 0;
    for (uint32_t i = 0; i < spanning->n; i++)
        parent[i] = i;
    qsort(spanning->edge, spanning->count, sizeof *spanning->edge, compare_merges);
    for (size_t k = 0; k < spanning->count; k++) {
        struct merge edge = spanning->edge[k];
        uint32_t a = find_root(parent, edge.a), b = find_root(parent, edge.b);
        if (a == b)
            continue;
        parent[a] = b;
        spanning->edge[kept++] = edge;
    }
    spanning->tree = spanning->count = kept;
}

/* Ranks of the edges at every neuron: those of i at near[start[i]] .. near[start[i + 1] - 1]. */
static void list_edges(struct spanning *spanning) {
    uint32_t *start = spanning->start;
    memset(start, 0, (spanning->n + 2) * sizeof *start);
    for (size_t k = 0; k < spanning->tree; k++) {
        start[spanning->edge[k].a + 2]++;
        start[spanning->edge[k].b + 2]++;
    }
    for (size_t i = 2; i < spanning->n + 2; i++)
        start[i] += start[i - 1];
    for (uint32_t k = 0; k < spanning->tree; k++) {
        spanning->near[start[spanning->edge[k].a + 1]++] = k;
        spanning->near[start[spanning->edge[k].b + 1]++] = k;
    }
}

static void hang_up(struct spanning *spanning) {
    uint32_t root = spanning->edge[0].a;
    size_t filled = 1;
    list_edges(spanning);
    spanning->order[0] = spanning->parent[root] = root;
    spanning->reach[root] = -INFINITY;
    for (size_t q = 0; q < filled; q++) {
        uint32_t i = spanning->order[q];
        for (uint32_t k = spanning->start[i]; k < spanning->start[i + 1]; k++) {
            const struct merge *edge = &spanning->edge[spanning->near[k]];
            uint32_t j = edge->a == i ? edge->b : edge->a;
            if (j == spanning->parent[i])
                continue;
            spanning->parent[j] = i;
            spanning->rank[j] = spanning->near[k];
            spanning->reach[j] = fmax(spanning->reach[i], edge->height);
            spanning->order[filled++] = j;
        }
    }
}

static bool joins_all(const struct spanning *spanning) {
    return spanning->n > 1 && spanning->tree == spanning->n - 1;
}

static void settle(struct spanning *spanning) {
    if (spanning->count == spanning->tree)
        return;
    keep_smallest(spanning);
    if (joins_all(spanning))
        hang_up(spanning);
}

void spanning_add(struct spanning *spanning, uint32_t a, uint32_t b, double height) {
    if (spanning->count == spanning->room)
        settle(spanning);
    spanning->edge[spanning->count++] = (struct merge){a, b, height};
}

/* For every neuron the rank of the largest edge on the tree's way to it from `from`. */
static void find_worst(struct spanning *spanning, uint32_t from) {
    uint32_t *worst = spanning->worst, root = spanning->order[0], largest = 0;
    const uint32_t none = UINT32_MAX;
    memset(worst, 0xff, spanning->n * sizeof *worst);
    for (uint32_t i = from; i != root; i = spanning->parent[i]) {
        if (spanning->rank[i] > largest)
            largest = spanning->rank[i];
        worst[spanning->parent[i]] = largest;
    }
    worst[from] = 0;
    for (size_t q = 1; q < spanning->n; q++) {
        uint32_t i = spanning->order[q], up = worst[spanning->parent[i]];
        if (worst[i] == none)
            worst[i] = up > spanning->rank[i] ? up : spanning->rank[i];
    }
}

/* An edge is of no use when the tree's way between its ends is of smaller edges throughout. That
 * way leads at most through the root, which rules out nearly all for two comparisons each. */
void spanning_offer(struct spanning *spanning, size_t i, const double *row) {
    size_t count = 0;
    const double *reach = spanning->reach;
    if (spanning->count + spanning->n > spanning->room)
        settle(spanning);
    for (size_t j = i + 1; j < spanning->n; j++) {
        spanning->passed[count] = (uint32_t)j;
        count += row[j - i - 1] <= (reach[i] > reach[j] ? reach[i] : reach[j]);
    }
    bool closer = count > FEW && joins_all(spanning);
    if (closer)
        find_worst(spanning, (uint32_t)i);
    for (size_t k = 0; k < count; k++) {
        uint32_t j = spanning->passed[k];
        struct merge edge = {(uint32_t)i, j, row[j - i - 1]};
        if (!closer || compare_merges(&edge, &spanning->edge[spanning->worst[j]]) < 0)
            spanning->edge[spanning->count++] = edge;
    }
    /* The first row joins all: from then on most are ruled out. */
    if (!joins_all(spanning))
        settle(spanning);
}

void spanning_finish(struct spanning *spanning) {
    settle(spanning);
}

/* Edges in order of height; each is to name the smallest members of the clusters it joins. */
static bool name_clusters(struct dendrogram *dendrogram, struct error *error) {
    size_t n = dendrogram->leaves;
    uint32_t *parent = memory_new(n, sizeof *parent, error);
    if (!parent)
        return false;
    for (uint32_t i = 0; i < n; i++)
        parent[i] = i;
    for (size_t k = 0; k < dendrogram->count; k++) {
        struct merge *merge = &dendrogram->merge[k];
        uint32_t a = find_root(parent, merge->a), b = find_root(parent, merge->b);
        merge->a = a < b ? a : b;
        merge->b = a < b ? b : a;
        parent[merge->b] = merge->a; /* the smallest member is the root */
    }
    free(parent);
    return true;
}

bool dendrogram_init_spanning(struct dendrogram *dendrogram, const struct spanning *spanning,
                              double divisor, double unit, struct error *error) {
    bool made = dendrogram_reserve(dendrogram, spanning->n, unit, error);
    for (size_t k = 0; made && k < dendrogram->count; k++) {
        struct merge *merge = &dendrogram->merge[k];
        *merge = spanning->edge[k];
        if (divisor != 0)
            merge->height /= divisor;
        merge->height = without_rounding(merge->height, unit);
    }
    if (made)
        qsort(dendrogram->merge, dendrogram->count, sizeof *dendrogram->merge, compare_merges);
    made = made && name_clusters(dendrogram, error);
    if (!made)
        dendrogram_free(dendrogram);
    return made;
}

/* Rows of distances, a block at a time. */
static bool offer_blocks(struct spanning *spanning, const struct distance_source *source,
                         const struct progress *progress, struct error *error) {
    size_t n = source->neurons, rows = n < BLOCK ? n : BLOCK;
    double *block = memory_new(rows, n * sizeof *block, error);
    bool done = block != NULL;
    for (size_t first = 0; done && first < n; first += rows) {
        size_t count = n - first < rows ? n - first : rows;
        done = progress_step(progress, "distances", first, n, error) &&
               distance_block(source, first, count, block, progress, error);
        for (size_t i = first; done && i < first + count; i++)
            spanning_offer(spanning, i, block + (i - first) * n + i + 1);
    }
    free(block);
    return done;
}

bool dendrogram_init_chain(struct dendrogram *dendrogram, const struct distance_source *source,
                           double divisor, double unit, const struct progress *progress,
                           struct error *error) {
    struct spanning spanning;
    *dendrogram = (struct dendrogram){0};
    if (!spanning_init(&spanning, source->neurons, error))
        return false;
    bool made = offer_blocks(&spanning, source, progress, error);
    if (made) {
        spanning_finish(&spanning);
        made = dendrogram_init_spanning(dendrogram, &spanning, divisor, unit, error);
    }
    spanning_free(&spanning);
    return made;
}
