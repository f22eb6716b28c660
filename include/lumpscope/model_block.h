/* Part of a bigger network: two Linear layers of a larger safetensors checkpoint, such as the MLP
 * block of a transformer, as a network of one hidden layer. */
#ifndef LUMPSCOPE_MODEL_BLOCK_H
#define LUMPSCOPE_MODEL_BLOCK_H

#include "lumpscope/model_file.h"
#include "lumpscope/safetensors.h"

/* The layers of recipe->block as a network; recipe->activation names the hidden one. */
struct network *model_block_load(const struct safetensors *file, const struct model_recipe *recipe,
                                 struct error *error);
/* The whole checkpoint of network->origin with its two layers replaced, every other tensor copied
 * byte for byte, in pieces. */
bool model_block_save(const struct network *network, const char *path, enum tensor_type type,
                      size_t *bytes, const struct progress *progress, struct error *error);
bool model_block_measure(const struct network *network, enum tensor_type type, size_t *bytes,
                         struct error *error);

/* Pairs of a checkpoint's layers that could be a block. */
struct block_candidate {
    char *up, *down; /* names without ".weight" */
    size_t inputs, neurons, outputs;
};
struct block_list {
    struct block_candidate *blocks; /* [count] in the order of the names' numbers */
    size_t count;
};
/* UP [h x d] and DOWN [o x h] under one parent name, h > d and h > o. */
bool model_block_list(const struct safetensors *file, struct block_list *out, struct error *error);
void block_list_free(struct block_list *list);

#endif
