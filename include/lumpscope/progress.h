/* Long work reports how far it is through a callback that can say stop. */
#ifndef LUMPSCOPE_PROGRESS_H
#define LUMPSCOPE_PROGRESS_H

#include "lumpscope/error.h"

struct progress {
    /* Called often, from the computing thread; `what` is a short phrase ("distances, layer 2").
     * False stops the work, which then fails with ERROR_CANCELLED. */
    bool (*report)(void *user, const char *what, size_t done, size_t total);
    void *user;
};

/* Reports; false with ERROR_CANCELLED when the work is to stop. `progress` may be NULL. Work calls
 * it at least every 20 ms of computing. */
bool progress_step(const struct progress *progress, const char *what, size_t done, size_t total,
                   struct error *error);

#endif
