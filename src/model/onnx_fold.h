/* A graph as one chain of steps from its input to its output: the products, activations and linear
 * maps that layers are made of. */
#ifndef LUMPSCOPE_MODEL_ONNX_FOLD_H
#define LUMPSCOPE_MODEL_ONNX_FOLD_H

#include "lumpscope/network.h"
#include "onnx_tensor.h"

enum step_kind {
    STEP_INPUT,
    STEP_PRODUCT,    /* x W^T, plus a bias in Gemm */
    STEP_SCALE,      /* column by column, by a factor */
    STEP_SHIFT,      /* column by column, plus a number */
    STEP_ACTIVATION, /* of a whole column or row */
    STEP_PAIR,       /* behind a sigmoid p: [1 - p, p], a softmax of 0 and what it reads */
};

/* Numbers for columns, made when they are needed: factor * numbers^(-1 if inverse) and, in a batch
 * normalisation, / sqrt(variance + epsilon). */
struct step_numbers {
    double factor;
    bool inverse;                       /* division */
    const struct onnx_tensor *numbers;  /* one element or one for each column; NULL: 1 */
    const struct onnx_tensor *variance; /* one for each column; NULL: none */
    double epsilon;
};

struct step {
    enum step_kind kind;
    const struct step *before; /* NULL: the input */
    struct step *root;         /* the product, or the input, whose columns these are */
    const Onnx__NodeProto *node;
    size_t columns;              /* of a root; 0 for an input whose width is not known yet */
    bool activated;              /* an activation lies between the root and here, or is this */
    bool final;                  /* a softmax or pair: nothing may follow */
    struct step_numbers numbers; /* scale and shift */
    struct activation activation;

    /* Product */
    const struct onnx_tensor *weights;
    bool neurons_first; /* weights are [neurons x inputs] */
    double alpha;
    const struct onnx_tensor *bias; /* NULL: none */
    double beta;
};

struct fold {
    const struct onnx_graph *file;
    /* Scalar maps of a layer's outputs are polynomial activations, as in files of our own, where
     * nothing else makes them. */
    bool keep_affine;
    struct value *values; /* [value_count] sorted by name */
    size_t value_count;
    struct step **steps; /* [step_count] owned */
    size_t step_count, step_capacity;
    const struct step *last; /* what the graph's output is */
    const Onnx__ValueInfoProto *input, *output;
    const char *result; /* the value that is the network's output */
    bool partial;       /* other outputs are left out, with what leads to them alone */
};

/* The operators that can be read, comma separated. */
void onnx_operators(struct text *out);
/* Folds a graph; the sentence names the node and its operator. */
bool onnx_fold(const struct onnx_graph *file, bool keep_affine, struct fold *out,
               struct error *error);
void onnx_fold_free(struct fold *fold); /* a zeroed one may be freed */

/* The network that the steps are, with the names of its tensors in its origin. */
struct network *onnx_layers(const struct fold *fold, struct error *error);

#endif
