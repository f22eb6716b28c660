/* Complete linkage by the chain of nearest neighbours, in O(n^2).
 *
 * Pairs of clusters have the total order (distance, smaller and larger of their smallest members),
 * and merging a and b never makes a pair smaller than it was for one of them: the distance to c
 * becomes the larger of two, and {a,b} is named by its smallest member as one of them was. Then two
 * clusters that are nearest to each other stay so until they merge, whatever merges before, and the
 * order in which such pairs are found does not matter: sorted, the merges are those of always
 * merging the smallest pair of all. */
#include "lumpscope/memory.h"

#include "lump/linkage.h"

#include <math.h>
#include <string.h>

struct clusters {
    size_t n;
    double *distances; /* condensed, of clusters by their smallest members */
    uint32_t *active;  /* [count] smallest members, ascending */
    size_t count;
    uint32_t *path; /* [depth] each the nearest of the one before it */
    size_t depth;
};

static double *entry(const struct clusters *clusters, uint32_t i, uint32_t j) {
    return &clusters->distances[i < j ? distance_index(clusters->n, i, j)
                                      : distance_index(clusters->n, j, i)];
}

/* Among equally near ones that of the smallest pair, which is the first. */
static uint32_t nearest(const struct clusters *clusters, uint32_t x) {
    uint32_t best = x;
    double least = INFINITY;
    for (size_t p = 0; p < clusters->count; p++) {
        uint32_t c = clusters->active[p];
        if (c == x)
            continue;
        double d = *entry(clusters, x, c);
        if (d < least || best == x) {
            least = d;
            best = c;
        }
    }
    return best;
}

/* Cluster b joins a. What is nearly as near as they are to one of them, but not to the other,
 * might have come first but for rounding. */
static bool join(struct clusters *clusters, uint32_t a, uint32_t b, double near) {
    size_t write = 0;
    bool ambiguous = false;
    for (size_t p = 0; p < clusters->count; p++) {
        uint32_t c = clusters->active[p];
        if (c == b)
            continue;
        clusters->active[write++] = c;
        if (c == a)
            continue;
        double *to_a = entry(clusters, a, c), to_b = *entry(clusters, b, c);
        double less = fmin(*to_a, to_b), more = fmax(*to_a, to_b);
        ambiguous = ambiguous || (less <= near && more > near);
        *to_a = more;
    }
    clusters->count = write;
    return ambiguous;
}

static void clusters_free(struct clusters *clusters) {
    free(clusters->active);
    free(clusters->path);
}

static bool clusters_init(struct clusters *clusters, double *distances, size_t n,
                          struct error *error) {
    *clusters = (struct clusters){.n = n, .distances = distances, .count = n};
    clusters->active = memory_new(n, sizeof *clusters->active, error);
    clusters->path = memory_new(n + 1, sizeof *clusters->path, error);
    if (!clusters->active || !clusters->path)
        return false;
    for (size_t i = 0; i < n; i++)
        clusters->active[i] = (uint32_t)i;
    return true;
}

/* Follows the path to two clusters that are nearest to each other, and takes them off it. */
static void closest_pair(struct clusters *clusters, uint32_t *a, uint32_t *b) {
    if (clusters->depth == 0)
        clusters->path[clusters->depth++] = clusters->active[0];
    for (;;) {
        uint32_t x = clusters->path[clusters->depth - 1], y = nearest(clusters, x);
        if (clusters->depth > 1 && y == clusters->path[clusters->depth - 2]) {
            clusters->depth -= 2;
            *a = x < y ? x : y;
            *b = x < y ? y : x;
            return;
        }
        clusters->path[clusters->depth++] = y;
    }
}

bool dendrogram_init_complete(struct dendrogram *dendrogram, double *distances, size_t leaves,
                              double unit, bool *ambiguous, const struct progress *progress,
                              struct error *error) {
    struct clusters clusters = {0};
    size_t pairs = leaves ? leaves * (leaves - 1) / 2 : 0;
    bool made = dendrogram_reserve(dendrogram, leaves, unit, error) &&
                clusters_init(&clusters, distances, leaves, error);
    *ambiguous = false;
    for (size_t k = 0; made && k < pairs; k++)
        distances[k] = without_rounding(distances[k], unit);
    for (size_t k = 0; made && k < dendrogram->count; k++) {
        struct merge *merge = &dendrogram->merge[k];
        made = k % 16 || progress_step(progress, "dendrogram", k, dendrogram->count, error);
        closest_pair(&clusters, &merge->a, &merge->b);
        merge->height = *entry(&clusters, merge->a, merge->b);
        double near = merge->height + 1e-12 * fmax(merge->height, unit);
        *ambiguous = join(&clusters, merge->a, merge->b, near) || *ambiguous;
    }
    if (made)
        qsort(dendrogram->merge, dendrogram->count, sizeof *dendrogram->merge, compare_merges);
    else
        dendrogram_free(dendrogram);
    clusters_free(&clusters);
    return made;
}
