/* From classes to a smaller network (method.md section 8). */
#ifndef LUMPSCOPE_AGGREGATE_H
#define LUMPSCOPE_AGGREGATE_H

#include "lumpscope/refine.h"

/* The reduced network for the engine's current classes; an ordinary network with the names and the
 * scaling of the original, whose "lumpscope" member records epsilon, options and classes. Refitted
 * where the options say so and the engine has calibration rows; a layer whose reduced activations
 * overflow on the calibration rows is left without refit. Caller frees. */
struct network *aggregate_network(const struct refine *refine, const struct progress *progress,
                                  struct error *error);

/* The same from its parts. `live`: classes in live numbers. `calibration` may be NULL, then there
 * is no refit; joint needs it. */
struct network *aggregate_classes(const struct prepared *prepared, const struct options *options,
                                  const struct calibration *calibration,
                                  const struct partition *live, const struct progress *progress,
                                  struct error *error);

/* Weights + biases that aggregate_network would give, without making it where the classes alone
 * decide (all but forward with square layers). */
bool aggregate_parameters(const struct refine *refine, size_t *parameters,
                          const struct progress *progress, struct error *error);

#endif
