#include "lumpscope/dendrogram.h"

#include "lumpscope/distance.h"
#include "lumpscope/memory.h"

#include "lump/joint.h"

#include <math.h>
#include <string.h>

void dendrogram_free(struct dendrogram *dendrogram) {
    free(dendrogram->merge);
    *dendrogram = (struct dendrogram){0};
}

bool dendrogram_init_locked(struct dendrogram *dendrogram, size_t leaves, struct error *error) {
    *dendrogram = (struct dendrogram){.leaves = leaves};
    dendrogram->merge = memory_new(1, sizeof *dendrogram->merge, error);
    return dendrogram->merge != NULL;
}

static double condensed(const double *distances, size_t n, size_t i, size_t j) {
    return distances[i < j ? distance_index(n, i, j) : distance_index(n, j, i)];
}

static int compare_merges(const void *x, const void *y) {
    const struct merge *a = x, *b = y;
    if (a->height != b->height)
        return a->height < b->height ? -1 : 1;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return a->b < b->b ? -1 : a->b > b->b;
}

static uint32_t find_root(uint32_t *parent, uint32_t i) {
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* Prim's minimum spanning tree: `near[j]` is the tree's closest member to j. */
static bool spanning_tree(struct dendrogram *dendrogram, const double *distances,
                          const struct progress *progress, struct error *error) {
    size_t n = dendrogram->leaves;
    double *best = memory_new(n, sizeof *best, error);
    uint32_t *near = memory_new(n, sizeof *near, error);
    bool *inside = memory_new(n, sizeof *inside, error);
    bool done = best && near && inside;
    for (size_t j = 0; done && j < n; j++)
        best[j] = INFINITY;
    size_t added = 0;
    for (size_t step = 0; done && step + 1 < n; step++) {
        done = step % 64 || progress_step(progress, "dendrogram", step, n, error);
        inside[added] = true;
        size_t next = SIZE_MAX;
        for (size_t j = 0; j < n; j++) {
            if (inside[j])
                continue;
            double d = condensed(distances, n, added, j);
            if (d < best[j]) {
                best[j] = d;
                near[j] = (uint32_t)added;
            }
            if (next == SIZE_MAX || best[j] < best[next])
                next = j;
        }
        dendrogram->merge[step] = (struct merge){near[next], (uint32_t)next, best[next]};
        added = next;
    }
    free(best);
    free(near);
    free(inside);
    return done;
}

/* Edges in order of height; each names the smallest members of the clusters it joins. */
static bool chain(struct dendrogram *dendrogram, const double *distances,
                  const struct progress *progress, struct error *error) {
    size_t n = dendrogram->leaves;
    uint32_t *parent = memory_new(n, sizeof *parent, error);
    if (!parent || !spanning_tree(dendrogram, distances, progress, error)) {
        free(parent);
        return false;
    }
    qsort(dendrogram->merge, dendrogram->count, sizeof *dendrogram->merge, compare_merges);
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

/* State of agglomeration: the active clusters in ascending order of their smallest members, and
 * for each its nearest one further on. */
struct clusters {
    size_t n;
    double *distances;
    uint32_t *active; /* [count] smallest members, ascending */
    size_t count;
    uint32_t *near; /* [n] nearest active cluster with a larger smallest member */
    double *best;   /* [n] its distance */
};

static void find_near(struct clusters *state, size_t position) {
    uint32_t i = state->active[position];
    state->best[i] = INFINITY;
    state->near[i] = i; /* none */
    for (size_t q = position + 1; q < state->count; q++) {
        uint32_t j = state->active[q];
        double d = state->distances[distance_index(state->n, i, j)];
        if (d < state->best[i] || state->near[i] == i) {
            state->best[i] = d;
            state->near[i] = j;
        }
    }
}

/* The closest pair; ties to the lowest smallest members. Returns the position of the first. */
static size_t closest_pair(const struct clusters *state) {
    size_t chosen = 0;
    for (size_t p = 1; p + 1 < state->count; p++)
        if (state->best[state->active[p]] < state->best[state->active[chosen]])
            chosen = p;
    return chosen;
}

/* Cluster b joins a: distances to a grow to the larger of the two, b is no longer active. Distances
 * only grow, so only clusters whose nearest was a or b look again. */
static void join(struct clusters *state, uint32_t a, uint32_t b) {
    size_t n = state->n, write = 0;
    for (size_t p = 0; p < state->count; p++) {
        uint32_t k = state->active[p];
        if (k != a && k != b) {
            size_t to_a = k < a ? distance_index(n, k, a) : distance_index(n, a, k);
            state->distances[to_a] =
                fmax(state->distances[to_a], condensed(state->distances, n, b, k));
        }
        if (k != b)
            state->active[write++] = k;
    }
    state->count = write;
    for (size_t p = 0; p < state->count && state->active[p] < b; p++) {
        uint32_t k = state->active[p];
        if (k == a || state->near[k] == a || state->near[k] == b)
            find_near(state, p);
    }
}

static bool clusters_init(struct clusters *state, double *distances, size_t n,
                          struct error *error) {
    *state = (struct clusters){.n = n, .distances = distances, .count = n};
    state->active = memory_new(n, sizeof *state->active, error);
    state->near = memory_new(n, sizeof *state->near, error);
    state->best = memory_new(n, sizeof *state->best, error);
    if (!state->active || !state->near || !state->best)
        return false;
    for (size_t i = 0; i < n; i++)
        state->active[i] = (uint32_t)i;
    for (size_t i = 0; i < n; i++)
        find_near(state, i);
    return true;
}

static void clusters_free(struct clusters *state) {
    free(state->active);
    free(state->near);
    free(state->best);
}

static bool complete(struct dendrogram *dendrogram, double *distances,
                     const struct progress *progress, struct error *error) {
    struct clusters state;
    bool done = clusters_init(&state, distances, dendrogram->leaves, error);
    for (size_t k = 0; done && k < dendrogram->count; k++) {
        done = k % 16 || progress_step(progress, "dendrogram", k, dendrogram->count, error);
        size_t position = closest_pair(&state);
        uint32_t a = state.active[position], b = state.near[a];
        dendrogram->merge[k] = (struct merge){a, b, state.best[a]};
        join(&state, a, b);
    }
    clusters_free(&state);
    return done;
}

/* Cluster b joins a and what it has become is measured against every other. Distances may shrink,
 * so a cluster before a that was nearer to something else looks at a again. */
static bool join_measured(struct clusters *state, struct distance_source *source, uint32_t a,
                          uint32_t b, double *work, const struct progress *progress,
                          struct error *error) {
    size_t write = 0;
    distance_merge(source, a, b, work);
    for (size_t p = 0; p < state->count; p++) {
        uint32_t k = state->active[p];
        if (k == b)
            continue;
        if (p % 16 == 0 &&
            !progress_step(progress, "agglomerating", state->n - state->count, state->n, error))
            return false;
        state->active[write++] = k;
        if (k == a)
            continue;
        double d = joint_pair(source, a, k, work);
        state->distances[k < a ? distance_index(state->n, k, a) : distance_index(state->n, a, k)] =
            d <= 1e-12 ? 0 : d;
    }
    state->count = write;
    for (size_t p = 0; p < state->count && state->active[p] < b; p++) {
        uint32_t k = state->active[p];
        double d = k < a ? state->distances[distance_index(state->n, k, a)] : INFINITY;
        if (k == a || state->near[k] == a || state->near[k] == b)
            find_near(state, p);
        else if (d < state->best[k] || (d == state->best[k] && a < state->near[k])) {
            state->best[k] = d;
            state->near[k] = a;
        }
    }
    return true;
}

static bool agglomerate(struct dendrogram *dendrogram, struct distance_source *source,
                        double *distances, const struct progress *progress, struct error *error) {
    struct clusters state;
    double *work = memory_new(source->rows, sizeof *work, error), height = 0;
    bool done = clusters_init(&state, distances, dendrogram->leaves, error) && work;
    for (size_t k = 0; done && k < dendrogram->count; k++) {
        uint32_t a = state.active[closest_pair(&state)], b = state.near[a];
        height = fmax(height, state.best[a]);
        dendrogram->merge[k] = (struct merge){a, b, height};
        done = join_measured(&state, source, a, b, work, progress, error);
    }
    free(work);
    clusters_free(&state);
    return done;
}

/* Distances that epsilon 0 takes for equal are equal: which of them merges first must not hang on
 * rounding. */
static void drop_rounding(double *distances, size_t leaves, double unit) {
    size_t pairs = leaves ? leaves * (leaves - 1) / 2 : 0;
    for (size_t k = 0; k < pairs; k++)
        if (distances[k] <= 1e-12 * unit)
            distances[k] = 0;
}

bool dendrogram_init(struct dendrogram *dendrogram, enum linkage linkage, double *distances,
                     size_t leaves, double unit, const struct progress *progress,
                     struct error *error) {
    *dendrogram =
        (struct dendrogram){.leaves = leaves, .count = leaves ? leaves - 1 : 0, .unit = unit};
    dendrogram->merge = memory_new(leaves, sizeof *dendrogram->merge, error);
    drop_rounding(distances, leaves, unit);
    bool made = dendrogram->merge &&
                (linkage == LINKAGE_CHAIN ? chain(dendrogram, distances, progress, error)
                                          : complete(dendrogram, distances, progress, error));
    if (!made)
        dendrogram_free(dendrogram);
    return made;
}

bool dendrogram_init_agglomerate(struct dendrogram *dendrogram, struct distance_source *source,
                                 double *distances, const struct progress *progress,
                                 struct error *error) {
    size_t n = source->neurons;
    *dendrogram = (struct dendrogram){.leaves = n, .count = n ? n - 1 : 0, .unit = 1};
    dendrogram->merge = memory_new(n, sizeof *dendrogram->merge, error);
    drop_rounding(distances, n, 1);
    bool made = dendrogram->merge && agglomerate(dendrogram, source, distances, progress, error);
    if (!made)
        dendrogram_free(dendrogram);
    return made;
}

size_t dendrogram_merged(const struct dendrogram *dendrogram, double epsilon) {
    double threshold = epsilon + 1e-12 * fmax(epsilon, dendrogram->unit);
    size_t low = 0, high = dendrogram->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (dendrogram->merge[middle].height <= threshold &&
            isfinite(dendrogram->merge[middle].height))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool dendrogram_cut(const struct dendrogram *dendrogram, double epsilon, struct classes *classes,
                    struct error *error) {
    size_t n = dendrogram->leaves, merged = dendrogram_merged(dendrogram, epsilon);
    uint32_t *label = memory_new(n, sizeof *label, error);
    if (!label)
        return false;
    for (uint32_t i = 0; i < n; i++)
        label[i] = i;
    for (size_t k = 0; k < merged; k++)
        label[dendrogram->merge[k].b] = dendrogram->merge[k].a;
    /* Every label points to a smaller member, already resolved when it is read. */
    for (size_t i = 0; i < n; i++)
        label[i] = label[label[i]];
    bool made = classes_from_labels(classes, label, error);
    free(label);
    return made;
}
