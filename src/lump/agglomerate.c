/* Greedy agglomeration of joint distances (method.md sections 7 and 8). */
#include "lumpscope/memory.h"

#include "lump/joint.h"
#include "lump/linkage.h"

#include <math.h>

/* The active clusters in ascending order of their smallest members, and for each its nearest one
 * further on. */
struct clusters {
    size_t n;
    double *distances;
    uint32_t *active; /* [count] smallest members, ascending */
    size_t count;
    uint32_t *near;   /* [n] nearest active cluster with a larger smallest member */
    double *best;     /* [n] its distance */
    uint32_t *others; /* [n] working space: clusters that a distance is measured to */
    double *measured; /* [n] working space: to each of them */
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

static void clusters_free(struct clusters *state) {
    free(state->active);
    free(state->near);
    free(state->best);
    free(state->others);
    free(state->measured);
}

static bool clusters_init(struct clusters *state, double *distances, size_t n,
                          struct error *error) {
    *state = (struct clusters){.n = n, .distances = distances, .count = n};
    state->active = memory_new(n, sizeof *state->active, error);
    state->near = memory_new(n, sizeof *state->near, error);
    state->best = memory_new(n, sizeof *state->best, error);
    state->others = memory_new(n, sizeof *state->others, error);
    state->measured = memory_new(n, sizeof *state->measured, error);
    if (!state->active || !state->near || !state->best || !state->others || !state->measured)
        return false;
    for (size_t i = 0; i < n; i++)
        state->active[i] = (uint32_t)i;
    for (size_t i = 0; i < n; i++)
        find_near(state, i);
    return true;
}

/* Cluster b is no longer active, and what it and a have become is measured against all others. */
static bool measure(struct clusters *state, struct distance_source *source, uint32_t a, uint32_t b,
                    double *work, const struct progress *progress, struct error *error) {
    size_t write = 0, count = 0, n = state->n;
    distance_merge(source, a, b, work);
    for (size_t p = 0; p < state->count; p++) {
        uint32_t k = state->active[p];
        if (k != b)
            state->active[write++] = k;
        if (k != a && k != b)
            state->others[count++] = k;
    }
    state->count = write;
    if (!joint_distances_of(source, a, state->others, count, state->measured, progress, error))
        return false;
    for (size_t q = 0; q < count; q++) {
        uint32_t k = state->others[q];
        state->distances[k < a ? distance_index(n, k, a) : distance_index(n, a, k)] =
            without_rounding(state->measured[q], 1);
    }
    return true;
}

/* Distances may shrink, so a cluster before a that was nearer to something else looks at a again.
 */
static void look_again(struct clusters *state, uint32_t a, uint32_t b) {
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
}

static bool agglomerate(struct dendrogram *dendrogram, struct distance_source *source,
                        double *distances, const struct progress *progress, struct error *error) {
    struct clusters state;
    struct progress_part part;
    double *work = memory_new(source->rows, sizeof *work, error), height = 0;
    bool done = clusters_init(&state, distances, dendrogram->leaves, error) && work;
    for (size_t k = 0; done && k < dendrogram->count; k++) {
        uint32_t a = state.active[closest_pair(&state)], b = state.near[a];
        height = fmax(height, state.best[a]);
        dendrogram->merge[k] = (struct merge){a, b, height};
        progress_part_begin(&part, progress, "merging", k, dendrogram->count);
        done = progress_step(progress, "merging", k, dendrogram->count, error) &&
               measure(&state, source, a, b, work, &part.progress, error);
        if (done)
            look_again(&state, a, b);
    }
    free(work);
    clusters_free(&state);
    return done;
}

bool dendrogram_init_agglomerate(struct dendrogram *dendrogram, struct distance_source *source,
                                 double *distances, const struct progress *progress,
                                 struct error *error) {
    size_t n = source->neurons, pairs = n ? n * (n - 1) / 2 : 0;
    bool made = dendrogram_reserve(dendrogram, n, 1, error);
    for (size_t k = 0; made && k < pairs; k++)
        distances[k] = without_rounding(distances[k], 1);
    made = made && agglomerate(dendrogram, source, distances, progress, error);
    if (!made)
        dendrogram_free(dendrogram);
    return made;
}
