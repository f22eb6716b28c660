#include "lumpscope/progress.h"

bool progress_step(const struct progress *progress, const char *what, size_t done, size_t total,
                   struct error *error) {
    if (!progress || !progress->report || progress->report(progress->user, what, done, total))
        return true;
    return error_set(error, ERROR_CANCELLED, "stopped");
}
