/* From classes to a smaller network (method.md section 8). */
#ifndef LUMPSCOPE_AGGREGATE_H
#define LUMPSCOPE_AGGREGATE_H

#include "lumpscope/refine.h"

/* What the reduced neurons stand for: the sum of a class's members in the network the aggregation
 * starts from (prepared->network: dead neurons removed, rewritten, balanced) is estimated by the
 * sum of weight times value over the class's reduced neurons. The weight is forward, linear and
 * square layers: 1; the estimate is exact at distance 0; forward, other activations: the size of
 * the class, which the consumer's column counts; backward: the size of the class, every member
 * counted by its scale where the rows have been brought to canonical scale again; exact at distance
 * 0; joint, classes of one: the neuron's scale; of two and more: the weight of least squares
 * through the origin, members against merged neuron on the calibration rows (both reading the
 * reduced layer before). Through the origin, so that the estimate is 0 where the neurons are; the
 *     constant that the aggregation also uses is in the consumer's bias. */
struct merged_layer {
    size_t classes;
    size_t *starts; /* [classes + 1] class c is reduced neurons starts[c] .. starts[c + 1] - 1: one,
                       but in forward square layers any number, 0 for a class of zero rows */
    double *weights; /* [starts[classes]] */
};
struct merged {
    size_t layers;              /* hidden layers */
    struct merged_layer *layer; /* [layers], layer l at [l - 1] */
};
void merged_free(struct merged *merged); /* a zeroed struct may be freed */
/* One class as trajectory_compare takes it: `members` [live neurons of the layer] gets 1 for the
 * members in prepared->network and 0 elsewhere, `reduced` [reduced neurons of the layer] the
 * weights and 0 elsewhere. `live`: the classes that were aggregated; `layer` from 1. */
void merged_weights(const struct merged *merged, const struct partition *live, size_t layer,
                    size_t class_number, double *members, double *reduced);

/* The reduced network for the engine's current classes; an ordinary network with the names and the
 * scaling of the original, whose "lumpscope" member records epsilon, options and classes. Refitted
 * where the options say so and the engine has calibration rows; a layer whose reduced activations
 * overflow on the calibration rows is left without refit, and so are all where that brings the
 * outputs nearer on these rows.
 * Caller frees. `merged` (may be NULL) gets what the neurons stand for; the caller frees it, on
 * failure it is empty. */
struct network *aggregate_network(const struct refine *refine, struct merged *merged,
                                  const struct progress *progress, struct error *error);
/* The same from its parts. `live`: classes in live numbers. `calibration` may be NULL, then there
 * is no refit; joint needs it. */
struct network *aggregate_classes(const struct prepared *prepared, const struct options *options,
                                  const struct calibration *calibration,
                                  const struct partition *live, struct merged *merged,
                                  const struct progress *progress, struct error *error);

struct polish;
/* As aggregate_network, every layer and its consumer polished after they are refitted: the first
 * half of polish_reduced (polish.h). */
struct network *aggregate_polished(const struct refine *refine, const struct polish *polish,
                                   const struct progress *progress, struct error *error);

/* Weights + biases that aggregate_network would give, without making it where the classes alone
 * decide (all but forward with square layers). */
bool aggregate_parameters(const struct refine *refine, size_t *parameters,
                          const struct progress *progress, struct error *error);

#endif
