/* Internal: one layer of a polish, for the aggregation. */
#ifndef LUMPSCOPE_LUMP_POLISH_H
#define LUMPSCOPE_LUMP_POLISH_H

#include "lumpscope/polish.h"

/* The rows that are fitted, in network space. */
const struct matrix *polish_inputs(const struct polish *polish);
/* Moves hidden layer l (from 1) and its consumer so that the consumer's pre-activations come near
 * to those of the starting network. `before` [fitted rows x layer->inputs]. `frozen`: weights that
 * stay, the layer's then the consumer's, as backprop_gradient orders them; NULL: none. */
bool polish_layer(const struct polish *polish, size_t l, struct layer *layer,
                  struct layer *consumer, const struct matrix *before, const bool *frozen,
                  const struct progress *progress, struct error *error);

#endif
