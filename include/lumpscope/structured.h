/* Structured baselines: whole neurons leave (method.md section 10). */
#ifndef LUMPSCOPE_STRUCTURED_H
#define LUMPSCOPE_STRUCTURED_H

#include "lumpscope/network.h"

enum structured_method {
    STRUCTURED_NEURON, /* the weakest neurons are dropped, without compensation */
    STRUCTURED_ID,     /* interpolative decomposition: the others as combinations of the kept */
    STRUCTURED_METHODS
};

const char *structured_name(enum structured_method method);

/* What a method knows of a network, made once; any size is then cheap. */
struct structured;

/* `rows` [N x inputs], network space: calibration rows, for id only (else NULL). The network and
 * the rows are borrowed. */
struct structured *structured_new(enum structured_method method, const struct network *network,
                                  const struct matrix *rows, const struct progress *progress,
                                  struct error *error);
void structured_free(struct structured *structured);

/* The largest network of at most `grp` percent of the parameters; id is refitted layer by layer.
 * `reached`: false when one neuron per layer is still too many, and for id when the activations
 * overflow on its rows, which leave nothing to interpolate. Caller frees. */
struct network *structured_reduce(const struct structured *structured, double grp, bool *reached,
                                  const struct progress *progress, struct error *error);

#endif
