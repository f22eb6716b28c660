/* Which arrays of an archive are the layers of a network, and how they lie. */
#ifndef LUMPSCOPE_MODEL_NPZ_LAYERS_H
#define LUMPSCOPE_MODEL_NPZ_LAYERS_H

#include "lumpscope/npy.h"

/* The array that says everything else of the network. */
#define NPZ_FRAME "lumpscope"

struct npz_layer {
    size_t weight, bias; /* members of the archive */
    char *weight_name;
    char *bias_name; /* NULL: no bias */
    size_t inputs, neurons;
};

struct npz_layers {
    struct npz_layer *layers; /* [depth] */
    size_t depth;
    bool inputs_first;     /* weights are [inputs x neurons] */
    enum tensor_type type; /* the widest floating type among the weights; F64 without any */
};

/* `names` is the list of --layers, NULL: W0, W1, ..., or coefs_0, ..., or the names that end in
 * .weight, by their numbers. Weights are [inputs x neurons] (those that end in .weight, or with
 * `neurons_first`, [neurons x inputs]) unless only the other way chains. */
bool npz_layers_find(const struct npz *archive, const char *names, bool neurons_first,
                     struct npz_layers *out, struct error *error);
void npz_layers_free(struct npz_layers *layers);

/* A layer's array, of finite numbers alone. */
bool npz_layers_read(const struct npz *archive, size_t member, struct npy_array *out,
                     struct error *error);
/* What a weight array's bias is called: b0 for W0, intercepts_0 for coefs_0, a.bias for a.weight,
 * else NAME_bias. To be freed. */
char *npz_layers_bias_name(const char *weight, struct error *error);
/* The sentence for scikit-learn's lists of arrays, which NumPy saves as a pickle. */
bool npz_layers_refuse_objects(const struct npz *archive, struct error *error);

#endif
