/* The equivalences of networks straight from the definitions (method.md sections 3, 4, 6 and 7):
 * slow, and simple enough to be read against the text. Tests and `--check` hold the engine to it.
 */
#ifndef LUMPSCOPE_NAIVE_H
#define LUMPSCOPE_NAIVE_H

#include "lumpscope/calibration.h"
#include "lumpscope/partition.h"
#include "lumpscope/prepare.h"

/* All distances of hidden layer l (from 1) for given classes of all hidden layers (live numbers):
 * out [n x n], in the unit of epsilon, and the unit of the tolerance. */
bool naive_distances(const struct prepared *prepared, const struct options *options,
                     const struct calibration *calibration, const struct partition *live, size_t l,
                     double *out, double *unit, struct error *error);

/* The whole partition at epsilon, live numbers; `live` is initialised. `calibration` for joint. */
bool naive_partition(const struct prepared *prepared, const struct options *options,
                     const struct calibration *calibration, double epsilon, struct partition *live,
                     struct error *error);

#endif
