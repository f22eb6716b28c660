/* What the fake session answers when a detail is watched: handmade, the same on every machine. */
#ifndef LUMPSCOPE_FAKE_DETAIL_H
#define LUMPSCOPE_FAKE_DETAIL_H

#include "lumpscope/snapshot.h"

/* Of the layer that the snapshot's inspection shows; NULL: nothing watched. */
struct detail *fake_detail_new(const struct snapshot *snapshot, const struct watch *watch,
                               size_t neuron);

/* One kind each. */
void fake_tree(const struct snapshot *snapshot, struct detail *detail);
void fake_explanation(const struct snapshot *snapshot, struct detail *detail);
void fake_trajectory(const struct snapshot *snapshot, struct detail *detail);
void fake_weights(const struct snapshot *snapshot, struct detail *detail);

#endif
