/* Internal: the kinds of detail. Each fills its part of `detail`, whose head is filled in, with the
 * engine standing at the worker's epsilon. On failure, being stopped included, what was made of it
 * is left for detail_release. */
#ifndef LUMPSCOPE_SESSION_WATCH_H
#define LUMPSCOPE_SESSION_WATCH_H

#include "session/worker.h"

bool watch_tree(const struct worker *worker, struct detail *detail, struct error *error);
/* Needs a live neuron, and makes the reduced network when it is not there. Keeps the original's
 * trajectory in worker->watching, so that another epsilon integrates only the reduced network. */
bool watch_trajectory(struct worker *worker, struct detail *detail, struct error *error);
bool watch_weights(const struct worker *worker, struct detail *detail, struct error *error);
/* Weights that are to be read. */
size_t watch_weights_work(const struct worker *worker);

#endif
