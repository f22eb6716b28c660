/* Polish: a smaller network's weights moved, without labels, until it does what the original does
 * (method.md section 8). */
#ifndef LUMPSCOPE_POLISH_H
#define LUMPSCOPE_POLISH_H

#include "lumpscope/refine.h"

/* What a network is polished towards: rows, and what the original makes of them. */
struct polish;

enum { POLISH_ROWS = 4096 };

/* `original`: the network whose outputs are wanted; `start`: the one whose pre-activations the
 * layers are brought near to first: what the aggregation starts from (refine_prepared), or the
 * original itself for pruned networks; both are borrowed. `rows` [N x inputs] in network space,
 * copied: every tenth is held aside (of fewer than ten: none), to judge by. `iterations`: of
 * L-BFGS over all weights together, at most. Classifiers are polished towards the logits. */
struct polish *polish_new(const struct network *original, const struct network *start,
                          const struct matrix *rows, size_t iterations, uint64_t seed,
                          const struct progress *progress, struct error *error);
void polish_free(struct polish *polish);

/* The reduced network for the engine's classes, as aggregate_network gives it, polished: layer by
 * layer while it is made (30 iterations each), then all together; the state that is best on the
 * held-aside rows, never worse there than the unpolished one. Locked layers and their consumers
 * keep their weights. Caller frees. */
struct network *polish_reduced(const struct polish *polish, const struct refine *refine,
                               const struct progress *progress, struct error *error);
/* A pruned network of the original's shape, polished in the same way; weights that are 0 stay 0.
 * Caller frees. */
struct network *polish_pruned(const struct polish *polish, const struct network *pruned,
                              const struct progress *progress, struct error *error);

#endif
