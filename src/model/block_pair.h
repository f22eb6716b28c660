/* Two layers of a checkpoint that make a block: their tensors and which way they lie. */
#ifndef LUMPSCOPE_MODEL_BLOCK_PAIR_H
#define LUMPSCOPE_MODEL_BLOCK_PAIR_H

#include "lumpscope/safetensors.h"

/* Entries belong to the file. */
struct block_layer {
    const struct safetensors_entry *weight;
    const struct safetensors_entry *bias; /* NULL: none */
};

struct block_pair {
    struct block_layer up, down;
    size_t inputs, neurons, outputs;
    bool inputs_first; /* weights are [inputs x neurons], as those of GPT-2's Conv1D */
};

/* The tensors of a layer: NAME.weight and NAME.bias, or a weight that is called NAME. `weight` is
 * NULL where there is none. */
bool block_layer_find(const struct safetensors *file, const char *name, struct block_layer *out,
                      struct error *error);
/* Whether both have the shapes and types of two layers that follow one another; fills in the sizes.
 * Weights are [neurons x inputs] unless only the other way fits weights and biases. */
bool block_pair_fits(struct block_pair *pair);
/* Finds and checks the layers of "UP,DOWN"; the sentence names file, tensors and shapes. */
bool block_pair_find(const struct safetensors *file, const char *names, struct block_pair *out,
                     struct error *error);

#endif
