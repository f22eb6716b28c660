/* Pruning baselines at a given size (method.md section 10). */
#ifndef LUMPSCOPE_PRUNE_H
#define LUMPSCOPE_PRUNE_H

#include "lumpscope/network.h"

enum prune_method { PRUNE_MAGNITUDE, PRUNE_WANDA, PRUNE_METHODS };

const char *prune_name(enum prune_method method);

/* The order in which a method drops weights, made once; any size is then cheap. */
struct ranking;

/* `rows` [N x inputs], network space: calibration rows, of which wanda uses the first 128; NULL for
 * magnitude. ERROR_REQUEST for wanda without rows. The network is borrowed. */
struct ranking *ranking_new(enum prune_method method, const struct network *network,
                            const struct matrix *rows, const struct progress *progress,
                            struct error *error);
void ranking_free(struct ranking *ranking); /* NULL is fine */
enum prune_method ranking_method(const struct ranking *ranking);

/* The network with the weights that G percent of all parameters allow, the others zero; biases are
 * kept. `reached`: false when G is below what the biases alone take. Caller frees. */
struct network *ranking_prune(const struct ranking *ranking, double grp, bool *reached,
                              struct error *error);

#endif
