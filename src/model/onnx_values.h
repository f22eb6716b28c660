/* What is known of the named values of a graph while it is folded. */
#ifndef LUMPSCOPE_MODEL_ONNX_VALUES_H
#define LUMPSCOPE_MODEL_ONNX_VALUES_H

#include "onnx_fold.h"

enum value_state { VALUE_PENDING, VALUE_CONSTANT, VALUE_FUNCTION };

/* A function of the columns of a step, the same in every column. */
struct form {
    const struct step *step;
    bool flat; /* [rows, columns]; the input may have more dimensions */
    bool erf;  /* a * erf(inner * u) + b; else the polynomial */
    double inner, a, b;
    size_t degree;
    double c[ACTIVATION_MAX_DEGREE + 1]; /* c[0] + c[1] u + .. */
};

struct value {
    const char *name;
    enum value_state state;
    bool used;
    bool needed;                          /* for the network's outputs */
    const Onnx__TensorProto *initialiser; /* of a constant that was not looked at yet */
    const Onnx__NodeProto *node;          /* that makes it */
    struct onnx_tensor tensor;            /* VALUE_CONSTANT */
    struct onnx_tensor numbers[2];        /* that the node's attributes are */
    struct form form;                     /* VALUE_FUNCTION */
};

/* One node at work. */
struct fold_node {
    struct fold *fold;
    const Onnx__NodeProto *node;
    struct value *output;
    struct error *error;
};

/* Sorted table of every name in the graph. */
bool onnx_values_list(struct fold *fold, struct error *error);
struct value *onnx_value_find(const struct fold *fold, const char *name);

/* False with "node "fc" (Gemm): ..." */
bool fold_refuse(const struct fold_node *at, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Whether input `k` is there at all. */
bool fold_has(const struct fold_node *at, size_t k);
/* Input `k`, made already; NULL with a sentence. */
struct value *fold_input(const struct fold_node *at, size_t k);
/* Input `k` as a function of a step, or as a constant; NULL with a sentence. */
struct value *fold_function(const struct fold_node *at, size_t k);
const struct onnx_tensor *fold_constant(const struct fold_node *at, size_t k);
/* A constant of one element. */
bool fold_scalar(const struct fold_node *at, const struct onnx_tensor *tensor, double *out);

/* The identity on a step. */
struct form form_of(const struct step *step);
bool form_is_identity(const struct form *form);
size_t form_columns(const struct form *form);
/* Whether anything may follow; a softmax is the last. */
bool fold_continues(const struct fold_node *at, const struct form *form);
/* Appends a step behind `form`'s, which has to be the identity on it. */
struct step *fold_step(const struct fold_node *at, enum step_kind kind, const struct form *form);
/* Makes a value the identity on a step of its own: what later nodes share is one step. */
bool fold_materialise(const struct fold_node *at, struct form *form);
/* Column by column, by constants, behind `form`; the result is the output's. */
bool fold_columns(const struct fold_node *at, enum step_kind kind, struct form *form,
                  struct step_numbers numbers);
/* An activation of a layer's outputs; the result is the output's. */
bool fold_activation(const struct fold_node *at, struct form *form, struct activation activation);

/* The operators of arithmetic: Add, Sub, Mul, Div, Pow, Erf. */
bool fold_add(struct fold_node *at);
bool fold_subtract(struct fold_node *at);
bool fold_multiply(struct fold_node *at);
bool fold_divide(struct fold_node *at);
bool fold_power(struct fold_node *at);
bool fold_erf(struct fold_node *at);

#endif
