/* Rows of a network's input that go through its layers in batches, one thread each. A batch is
 * small enough that what passes between two layers stays in cache and that there are several
 * batches for the processors to share; it is large enough that packing the weights, which a product
 * does once for every batch, is little beside the product. Batches depend on shapes alone, and so
 * does the order of every sum. */
#ifndef LUMPSCOPE_BATCHES_H
#define LUMPSCOPE_BATCHES_H

#include "lumpscope/network.h"

#include <stdatomic.h>

/* Within a batch a product is done in blocks of some milliseconds, between which it can be stopped:
 * at most so many inputs, added up, */
enum { BATCHES_INPUTS = 384 };
/* by so many neurons. */
size_t batches_panel(size_t rows);

/* Batches under way on several threads. */
struct batches {
    const char *what;
    const struct progress *progress;
    size_t rows, batch, count; /* all rows, those of a batch, batches */
    atomic_size_t done;
    atomic_bool stopped;
};

/* Batches of `rows`, 1 or more, through `count` layers, for parallel_run. */
void batches_init(struct batches *batches, const struct layer *layers, size_t count, size_t rows,
                  const char *what, const struct progress *progress);
/* How many rows batch `piece` has. */
size_t batches_rows(const struct batches *batches, size_t piece);
/* Within a batch: the calling thread asks whether to go on, the others heed what it heard. */
bool batches_go_on(struct batches *batches, size_t thread, struct error *error);

#endif
