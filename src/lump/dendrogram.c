#include "lumpscope/dendrogram.h"

#include "lumpscope/memory.h"

#include "lump/linkage.h"

#include <math.h>

void dendrogram_free(struct dendrogram *dendrogram) {
    free(dendrogram->merge);
    *dendrogram = (struct dendrogram){0};
}

bool dendrogram_reserve(struct dendrogram *dendrogram, size_t leaves, double unit,
                        struct error *error) {
    *dendrogram =
        (struct dendrogram){.leaves = leaves, .count = leaves ? leaves - 1 : 0, .unit = unit};
    dendrogram->merge = memory_new(leaves, sizeof *dendrogram->merge, error);
    return dendrogram->merge != NULL;
}

bool dendrogram_init_locked(struct dendrogram *dendrogram, size_t leaves, struct error *error) {
    *dendrogram = (struct dendrogram){.leaves = leaves};
    dendrogram->merge = memory_new(1, sizeof *dendrogram->merge, error);
    return dendrogram->merge != NULL;
}

int compare_merges(const void *x, const void *y) {
    const struct merge *a = x, *b = y;
    if (a->height != b->height)
        return a->height < b->height ? -1 : 1;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return a->b < b->b ? -1 : a->b > b->b;
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
