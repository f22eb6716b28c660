/* The Linear layers of a PyTorch state_dict: which tensors they are, and in what order. */
#ifndef LUMPSCOPE_MODEL_STATE_DICT_H
#define LUMPSCOPE_MODEL_STATE_DICT_H

#include "lumpscope/safetensors.h"

/* Weights are [neurons x inputs]. Entries belong to the file. */
struct state_layer {
    char *name;                                    /* without ".weight"; "" for the bare "weight" */
    const struct safetensors_entry *weight, *bias; /* bias NULL: it has none */
    size_t inputs, neurons;
};
struct state_dict {
    struct state_layer *layers; /* [count] from the input on */
    size_t count;
};

/* With `names` ("a,b,c") those layers in that order, whatever else the file holds. Without, all
 * tensors must belong to Linear layers, ordered by the numbers in their names, and where the names
 * differ in more than numbers by the one order in which the shapes follow one another. The sentence
 * lists the layers there are. */
bool state_dict_find(const struct safetensors *file, const char *names, struct state_dict *out,
                     struct error *error);
void state_dict_free(struct state_dict *dict); /* a zeroed one may be freed */

/* As strcmp, but numbers within names count as numbers: "net.2" before "net.10". */
int state_name_compare(const char *a, const char *b);
/* Whether two names differ in numbers alone. */
bool state_name_alike(const char *a, const char *b);
/* The name of a layer's "weight" or "bias"; NULL without memory. The caller frees. */
char *state_tensor_name(const char *layer, const char *part, struct error *error);

/* The numbers of a tensor, all of them finite; `out` [elements]. */
bool state_tensor_read(const struct safetensors *file, const struct safetensors_entry *entry,
                       double *out, struct error *error);

#endif
