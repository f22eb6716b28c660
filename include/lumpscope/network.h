/* Feed-forward networks (method.md section 1): layers l = 1..L, x_0 = network input,
 * u_l = W_l x_{l-1} + b_l, x_l = s_l(u_l). In memory layer l is layers[l - 1]. */
#ifndef LUMPSCOPE_NETWORK_H
#define LUMPSCOPE_NETWORK_H

#include "lumpscope/activation.h"
#include "lumpscope/matrix.h"
#include "lumpscope/origin.h"
#include "lumpscope/progress.h"

struct cJSON;

enum { NETWORK_MAX_LAYERS = 256 };

enum task { TASK_REGRESSION, TASK_CLASSIFICATION };

/* Input or output side: names and the scaling between raw and network values. */
struct scaling {
    size_t count;
    char **names;        /* [count] owned, or NULL when the model names none */
    double *mean;        /* [count] 0 where the file gives none */
    double *scale;       /* [count] 1 where the file gives none; never 0 */
    bool given;          /* the file has mean or scale: they are written again */
    struct cJSON *extra; /* unknown members, kept when the model is written; may be NULL */
};

/* What end `i` is called, safe to show: its name in the model, else "KIND 3". `out` has `size`
 * bytes. */
void scaling_name(const struct scaling *scaling, const char *kind, size_t i, char *out,
                  size_t size);

struct layer {
    size_t inputs, neurons;
    struct activation activation;
    double *weights; /* [neurons x inputs] row i is what neuron i reads */
    double *bias;    /* [neurons] */
    struct cJSON *extra;
};

struct network {
    char *name; /* never NULL */
    enum task task;
    struct scaling input;  /* network input = (raw - mean) / scale */
    struct scaling output; /* raw output = network output * scale + mean */
    size_t depth;          /* L >= 1, hidden layers are 1..L-1 */
    struct layer *layers;  /* [depth] */
    struct cJSON *members; /* top-level members besides the above ("lumpscope", "data", unknown
                              ones) as one JSON object; may be NULL */
    struct origin origin;  /* the file it came from; zero: JSON of doubles */
};

void network_free(struct network *network); /* frees the struct too; NULL is fine */
struct network *network_copy(const struct network *network, struct error *error);
/* A zeroed network of `depth` layers, sizes[0] inputs, sizes[l] neurons in layer l; linear, no
 * names, unit scaling. `sizes` [depth + 1]. */
struct network *network_new(const char *name, const size_t *sizes, size_t depth,
                            struct error *error);
/* `count` means of 0 and scales of 1 in a zeroed struct. */
bool scaling_unit(struct scaling *scaling, size_t count, struct error *error);
/* Replaces the shape of one layer by zeroed weights [neurons x inputs] and bias. */
bool layer_resize(struct layer *layer, size_t neurons, size_t inputs, struct error *error);

size_t network_inputs(const struct network *network);
size_t network_outputs(const struct network *network);
size_t network_hidden(const struct network *network); /* number of hidden layers, L - 1 */
size_t network_hidden_neurons(const struct network *network);
size_t network_parameters(const struct network *network); /* weights + biases */
size_t network_biases(const struct network *network);
size_t network_nonzero_parameters(const struct network *network); /* non-zero weights + biases */
size_t network_macs(const struct network *network); /* weights: one multiply-add each */
bool network_is_softmax(const struct network *network);
/* "7-64-4-64-7". */
struct text;
void network_shape(const struct network *network, struct text *out);

/* A top-level member by name, NULL when there is none; owned by the network. */
struct cJSON *network_member(const struct network *network, const char *name);
/* Sets or replaces a member; takes ownership of `value` (NULL removes it). */
bool network_set_member(struct network *network, const char *name, struct cJSON *value,
                        struct error *error);
/* Copies names, scaling, name, task, members and origin from one network to another of the same
 * inputs and outputs. */
bool network_copy_frame(struct network *to, const struct network *from, struct error *error);

/* u = x W^T + b for one layer. x [rows x inputs], u [rows x neurons]. */
void layer_preactivations(const struct layer *layer, const double *x, size_t rows, double *u);
/* The same for a whole matrix on all processors, between whose pieces it can be stopped;
 * u [rows x neurons]. */
bool layer_preactivations_steps(const struct layer *layer, const struct matrix *x, struct matrix *u,
                                const struct progress *progress, struct error *error);
/* x = s(u) in place, u [rows x neurons]; softmax is left off where `logits` are asked for. */
void layer_activate(const struct layer *layer, bool logits, double *u, size_t rows);
/* The activations of a layer, softmax left off, take the place of `x`, those before it. */
bool layer_forward_steps(const struct layer *layer, struct matrix *x,
                         const struct progress *progress, struct error *error);

/* Whether any bias is not 0. */
bool layer_has_bias(const struct layer *layer);

/* The output of the network in its output space: after the last activation (`logits`: softmax left
 * off), before output scaling. x [rows x inputs] scaled; out [rows x outputs]. Works on batches of
 * rows on all processors; progress may be NULL. */
bool network_forward(const struct network *network, const double *x, size_t rows, bool logits,
                     double *out, const struct progress *progress, struct error *error);

/* The same begun behind some layers whose outputs are known, and with outputs that are wanted. */
struct forward {
    const struct network *network;
    size_t rows;
    size_t from;     /* layers that are done, 0 .. depth - 1 */
    const double *x; /* [rows x n_from] what layer `from` gave; from 0: the inputs */
    double **keep;   /* [depth - 1] [rows x n_l] where the output of hidden layer l is kept, at
                        [l - 1]; NULL there, or altogether: nowhere */
    bool logits;
    double *out; /* [rows x outputs] */
};
bool network_forward_from(const struct forward *forward, const struct progress *progress,
                          struct error *error);

/* network_forward in single precision: weights, inputs and activations are rounded to floats; a
 * softmax is applied in double. */
bool network_forward_single(const struct network *network, const double *x, size_t rows,
                            double *out, const struct progress *progress, struct error *error);

/* Every pre-activation and activation of a batch of rows. */
struct trace {
    size_t depth, rows;
    struct matrix *pre;  /* [depth] pre[l-1] = u_l [rows x n_l] */
    struct matrix *post; /* [depth] post[l-1] = x_l [rows x n_l]; softmax left off in the last */
};
bool network_trace(const struct network *network, const struct matrix *x, struct trace *trace,
                   const struct progress *progress, struct error *error);
void trace_free(struct trace *trace);

#endif
