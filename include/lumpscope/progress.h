/* Long work reports how far it is through a callback that can say stop. */
#ifndef LUMPSCOPE_PROGRESS_H
#define LUMPSCOPE_PROGRESS_H

#include "lumpscope/error.h"

struct progress {
    /* Called often, from the computing thread; `what` is a short phrase ("distances, layer 2"),
     * NULL where there is nothing to be told and it is only asked. False stops the work, which then
     * fails with ERROR_CANCELLED. */
    bool (*report)(void *user, const char *what, size_t done, size_t total);
    void *user;
};

enum { PROGRESS_MS = 20 };
/* Reports; false with ERROR_CANCELLED when the work is to stop. `progress` may be NULL. Work calls
 * it at least every PROGRESS_MS of computing, or of waiting. */
bool progress_step(const struct progress *progress, const char *what, size_t done, size_t total,
                   struct error *error);

/* Work within longer work: what it reports to `progress` is told of the whole, so that nobody sees
 * one part after the other begin anew. */
struct progress_part {
    struct progress progress;
    const struct progress *whole; /* may be NULL */
    const char *what;             /* said in place of the part's own words, with the numbers below;
                                     NULL: these, and the numbers over all parts, which are alike */
    size_t done, total;           /* parts */
};
/* `part` stays where it is while it is reported to. */
void progress_part_begin(struct progress_part *part, const struct progress *whole, const char *what,
                         size_t done, size_t total);

#endif
