/* The refinement engine: the partition of a network at any epsilon, with the least work when
 * epsilon moves (method.md sections 3 to 7). Layers are swept from the fixed end (forward: the
 * output, backward: the input); a layer whose neighbour's classes are as they were only cuts its
 * dendrogram again; dendrograms are kept by the neighbour's classes, so that going back is free.
 * Where only some of the neighbour's classes are others, the layer's distances are moved by what
 * those contribute, as far as --memory lets them be kept. That leaves rounding, kept below 2e-13 of
 * the unit: the classes are those of an engine that has just begun, and so are the heights to well
 * within the tolerance, but not to the last bit. */
#ifndef LUMPSCOPE_REFINE_H
#define LUMPSCOPE_REFINE_H

#include "lumpscope/calibration.h"
#include "lumpscope/dendrogram.h"
#include "lumpscope/options.h"
#include "lumpscope/partition.h"
#include "lumpscope/prepare.h"

struct refine;

/* Analyses a network. `rows` [N x inputs], network space: calibration rows; needed for joint and
 * for refit, else NULL. The network is borrowed and must outlive the engine. Refuses joint
 * without rows, norm erode on networks of other than linear and square layers, locks of layers
 * that do not exist, and layers whose linkage does not fit into --memory. The engine stands at
 * epsilon 0 afterwards. */
struct refine *refine_new(const struct network *network, const struct options *options,
                          const struct matrix *rows, const struct progress *progress,
                          struct error *error);
void refine_free(struct refine *refine);

/* Moves to another epsilon, finite and >= 0; anything else is an ERROR_REQUEST. Whenever it fails
 * or is cancelled the engine stands where it stood. */
bool refine_set_epsilon(struct refine *refine, double epsilon, const struct progress *progress,
                        struct error *error);
double refine_epsilon(const struct refine *refine);

/* The classes at the current epsilon, in the original's numbers. Valid until epsilon moves. */
const struct partition *refine_partition(const struct refine *refine);
/* The same in numbers of live neurons, as the aggregation takes it. */
const struct partition *refine_live_partition(const struct refine *refine);

/* The merge event the engine is in: the smallest epsilon that gives the current partition (0 or a
 * height of a current dendrogram). */
double refine_event(const struct refine *refine);
/* The next event; NaN when nothing merges any more. `layer` (may be NULL): the hidden layer,
 * from 1. */
double refine_next_event(const struct refine *refine, size_t *layer);
/* Moves to the event before the current one; false without an error being set when there is none.
 */
bool refine_step_back(struct refine *refine, const struct progress *progress, struct error *error);

/* What the engine works on. */
const struct prepared *refine_prepared(const struct refine *refine);
const struct calibration *refine_calibration(const struct refine *refine); /* NULL without rows */
size_t refine_original_parameters(const struct refine *refine);
const struct options *refine_options(const struct refine *refine);
/* The dendrogram of hidden layer `layer` (from 1) for the current neighbour classes; leaves are
 * live neurons. */
const struct dendrogram *refine_dendrogram(const struct refine *refine, size_t layer);
/* The hidden layer (from 1) on whose classes the distances in hidden layer `layer` depend; 0: on
 * none, its dendrogram holds for every epsilon. */
size_t refine_neighbour(const struct refine *refine, size_t layer);
/* What the distances of a layer were divided by: the mean norm (relative), else 1. */
double refine_unit(const struct refine *refine, size_t layer);
/* Distances of one live neuron to all live neurons of its layer, in the unit of epsilon:
 * out [live neurons of the layer]. */
bool refine_distances(const struct refine *refine, size_t layer, size_t neuron, double *out,
                      struct error *error);
/* The same for `count` neurons, for little more than the time of one: out [count x live]. */
bool refine_distance_rows(const struct refine *refine, size_t layer, const size_t *neurons,
                          size_t count, double *out, const struct progress *progress,
                          struct error *error);
/* All of them, condensed as in distance.h; caller frees. */
double *refine_all_distances(const struct refine *refine, size_t layer, struct error *error);

/* Whether the options mean something for this network: its layers can be locked, the norm is
 * defined for them. */
bool refine_check(const struct network *network, const struct options *options,
                  struct error *error);
/* Forward only: some consumer's activation has no polynomial encoding, so that the condition is
 * sufficient, not necessary (method.md section 2). */
bool refine_sufficient_only(const struct network *network, const struct options *options);

#endif
