/* Complete linkage by the chain of nearest neighbours, in O(n^2).
 *
 * Pairs of clusters have the total order (distance, smaller and larger of their smallest members),
 * and merging a and b never makes a pair smaller than it was for one of them: the distance to c
 * becomes the larger of two, and {a,b} is named by its smallest member as one of them was. Then two
 * clusters that are nearest to each other stay so until they merge, whatever merges before, and the
 * order in which such pairs are found does not matter: sorted, the merges are those of always
 * merging the smallest pair of all.
 *
 * What merging a and b does to row x of the matrix is done in that row alone, its entry for a
 * becoming the larger of two, and not before the row is looked at: columns are never walked. */
#include "lumpscope/memory.h"
#include "lumpscope/parallel.h"

#include "lump/distance_kernel.h"
#include "lump/linkage.h"

#include <math.h>
#include <string.h>

struct clusters {
    size_t n;
    double *matrix;            /* [n x n] +infinity: itself, or no longer there */
    const struct merge *merge; /* [merged] in the order they were found */
    uint32_t merged;
    uint32_t *known; /* [n] how many of them each row knows of */
    bool *gone;      /* [n] a part of a cluster with a smaller member */
    uint32_t *path;  /* [depth] each the nearest of the one before it */
    size_t depth;
    double (*least)(const double *values, size_t count);
};

static double *row_of(const struct clusters *clusters, uint32_t x) {
    double *row = clusters->matrix + x * clusters->n;
    for (uint32_t k = clusters->known[x]; k < clusters->merged; k++) {
        const struct merge *merge = &clusters->merge[k];
        double to_a = row[merge->a], to_b = row[merge->b];
        row[merge->a] = to_a < to_b ? to_b : to_a; /* a branch would be guessed wrong */
        row[merge->b] = INFINITY;
    }
    clusters->known[x] = clusters->merged;
    return row;
}

/* Among equally near ones that of the smallest pair, which is the first. */
static uint32_t nearest(const struct clusters *clusters, uint32_t x) {
    const double *row = row_of(clusters, x);
    double least = clusters->least(row, clusters->n);
    uint32_t c = 0;
    while (row[c] != least || clusters->gone[c] || c == x)
        c++;
    return c;
}

/* Cluster b joins a. What is nearly as near as they are to one of them, but not to the other,
 * might have come first but for rounding. */
static bool join(struct clusters *clusters, uint32_t a, uint32_t b, double near) {
    double *to_a = row_of(clusters, a), rivals = 0;
    const double *to_b = row_of(clusters, b);
    to_a[b] = INFINITY;
    for (size_t c = 0; c < clusters->n; c++) {
        double one = to_a[c], other = to_b[c];
        rivals += (one <= near) != (other <= near);
        to_a[c] = one < other ? other : one;
    }
    clusters->gone[b] = true;
    clusters->merged++;
    clusters->known[a] = clusters->merged;
    return rivals > 1; /* a itself is one: near to b, and not to itself */
}

static void clusters_free(struct clusters *clusters) {
    free(clusters->known);
    free(clusters->gone);
    free(clusters->path);
}

enum { TILE = 32 }; /* rows and columns that are mirrored together */

/* What the matrix is made ready with: rows of TILE are a piece of work. */
struct filling {
    double *matrix; /* [n x n] */
    size_t n;
    double divisor, unit;
};

/* In the unit of epsilon, above the diagonal. */
static bool divide_rows(void *user, size_t piece, size_t thread, struct error *error) {
    (void)thread;
    (void)error;
    const struct filling *filling = user;
    size_t n = filling->n;
    for (size_t i = piece * TILE; i < n && i < (piece + 1) * TILE; i++) {
        double *row = filling->matrix + i * n;
        row[i] = INFINITY;
        for (size_t j = i + 1; j < n; j++)
            row[j] = without_rounding(filling->divisor != 0 ? row[j] / filling->divisor : row[j],
                                      filling->unit);
    }
    return true;
}

/* Below the diagonal from what lies above. */
static bool mirror_rows(void *user, size_t piece, size_t thread, struct error *error) {
    (void)thread;
    (void)error;
    const struct filling *filling = user;
    double *matrix = filling->matrix;
    size_t n = filling->n, top = piece * TILE;
    for (size_t left = top; left < n; left += TILE)
        for (size_t i = top; i < n && i < top + TILE; i++)
            for (size_t j = left > i ? left : i + 1; j < n && j < left + TILE; j++)
                matrix[j * n + i] = matrix[i * n + j];
    return true;
}

static bool fill_matrix(double *matrix, size_t n, double divisor, double unit,
                        const struct progress *progress, struct error *error) {
    struct filling filling = {matrix, n, divisor, unit};
    size_t pieces = (n + TILE - 1) / TILE;
    return parallel_run(pieces, divide_rows, &filling, "dendrogram", progress, error) &&
           parallel_run(pieces, mirror_rows, &filling, "dendrogram", progress, error);
}

static bool clusters_init(struct clusters *clusters, struct dendrogram *dendrogram, double *matrix,
                          struct error *error) {
    size_t n = dendrogram->leaves;
    *clusters = (struct clusters){
        .n = n, .matrix = matrix, .merge = dendrogram->merge, .least = sum_kernels()->least};
    clusters->known = memory_new(n, sizeof *clusters->known, error);
    clusters->gone = memory_new(n, sizeof *clusters->gone, error);
    clusters->path = memory_new(n + 1, sizeof *clusters->path, error);
    return clusters->known && clusters->gone && clusters->path;
}

/* Follows the path to two clusters that are nearest to each other, and takes them off it. Cluster
 * 0 is always there. */
static void closest_pair(struct clusters *clusters, struct merge *merge) {
    if (clusters->depth == 0)
        clusters->path[clusters->depth++] = 0;
    for (;;) {
        uint32_t x = clusters->path[clusters->depth - 1], y = nearest(clusters, x);
        if (clusters->depth > 1 && y == clusters->path[clusters->depth - 2]) {
            clusters->depth -= 2;
            merge->a = x < y ? x : y;
            merge->b = x < y ? y : x;
            merge->height = row_of(clusters, x)[y];
            return;
        }
        clusters->path[clusters->depth++] = y;
    }
}

static bool follow(struct dendrogram *dendrogram, struct clusters *clusters, bool *ambiguous,
                   const struct progress *progress, struct error *error) {
    for (size_t k = 0; k < dendrogram->count; k++) {
        struct merge *merge = &dendrogram->merge[k];
        if (k % 16 == 0 && !progress_step(progress, "dendrogram", k, dendrogram->count, error))
            return false;
        closest_pair(clusters, merge);
        double near = merge->height + 1e-12 * fmax(merge->height, dendrogram->unit);
        *ambiguous = join(clusters, merge->a, merge->b, near) || *ambiguous;
    }
    qsort(dendrogram->merge, dendrogram->count, sizeof *dendrogram->merge, compare_merges);
    return true;
}

bool dendrogram_init_complete(struct dendrogram *dendrogram, double *distances, size_t leaves,
                              double divisor, double unit, bool *ambiguous,
                              const struct progress *progress, struct error *error) {
    struct clusters clusters = {0};
    *ambiguous = false;
    bool made = dendrogram_reserve(dendrogram, leaves, unit, error) &&
                clusters_init(&clusters, dendrogram, distances, error) &&
                fill_matrix(distances, leaves, divisor, unit, progress, error) &&
                follow(dendrogram, &clusters, ambiguous, progress, error);
    if (!made)
        dendrogram_free(dendrogram);
    clusters_free(&clusters);
    return made;
}
