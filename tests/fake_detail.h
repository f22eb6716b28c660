/* What the fake session answers when a detail is watched: handmade, the same on every machine. */
#ifndef LUMPSCOPE_FAKE_DETAIL_H
#define LUMPSCOPE_FAKE_DETAIL_H

#include "lumpscope/snapshot.h"

/* Neuron `j` joins the class of `parent[j]` (< j) at `height[j]`; neuron 0 stays. */
struct fake_layer {
    size_t neurons, dead; /* the last `dead` neurons are dead */
    size_t *parent;
    double *height;
};

/* Of the layer that the snapshot's inspection shows; NULL: nothing watched. `layers`: the merges of
 * every hidden layer. */
struct detail *fake_detail_new(const struct snapshot *snapshot, const struct fake_layer *layers,
                               const struct watch *watch, size_t neuron);

/* One kind each. */
void fake_tree(const struct snapshot *snapshot, const struct fake_layer *layer,
               struct detail *detail);
void fake_explanation(const struct snapshot *snapshot, struct detail *detail);
void fake_trajectory(const struct snapshot *snapshot, struct detail *detail);
void fake_weights(const struct snapshot *snapshot, struct detail *detail);

#endif
