#include "lump/distance_stub.h"

#include "lumpscope/memory.h"

#include "lump/joint.h"

bool distance_block(const struct distance_source *source, size_t first, size_t count, double *out,
                    const struct progress *progress, struct error *error) {
    for (size_t i = 0; i < count; i++)
        if (!progress_step(progress, "distances", i, count, error) ||
            !distance_row(source, first + i, out + i * source->neurons, error))
            return false;
    return true;
}

bool distance_merged_row(struct distance_source *source, size_t i, const uint32_t *others,
                         size_t count, double *out, const struct progress *progress,
                         struct error *error) {
    double *work = memory_new(source->rows, sizeof *work, error);
    bool done = work != NULL;
    for (size_t k = 0; done && k < count; k++) {
        done = k % 16 || progress_step(progress, "agglomerating", k, count, error);
        out[k] = joint_pair(source, i, others[k], work);
    }
    free(work);
    return done;
}
