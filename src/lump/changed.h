/* Internal: what is different between two partitions of a layer. */
#ifndef LUMPSCOPE_LUMP_CHANGED_H
#define LUMPSCOPE_LUMP_CHANGED_H

#include "lumpscope/partition.h"

/* Of two partitions of the same neurons, the classes that the other does not have: as classes of
 * which everybody else is dead. Both are freed with changed_free. */
struct changed {
    struct classes before, after;
};

bool changed_init(struct changed *changed, const struct classes *before,
                  const struct classes *after, struct error *error);
void changed_free(struct changed *changed);

#endif
