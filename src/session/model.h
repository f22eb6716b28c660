/* Internal: a network that snapshots and the worker share. */
#ifndef LUMPSCOPE_SESSION_MODEL_H
#define LUMPSCOPE_SESSION_MODEL_H

#include "lumpscope/network.h"

#include <stdatomic.h>

struct model {
    atomic_uint holders;
    struct network *network; /* owned */
};

/* Takes the network, held once; on failure the network is freed. */
struct model *model_new(struct network *network, struct error *error);
struct model *model_hold(struct model *model);
/* Lets go; frees with the last holder. NULL is fine. */
void model_release(struct model *model);

#endif
