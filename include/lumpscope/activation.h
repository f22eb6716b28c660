/* Activation functions: values, derivatives, and the algebra the equivalences rely on. */
#ifndef LUMPSCOPE_ACTIVATION_H
#define LUMPSCOPE_ACTIVATION_H

#include "lumpscope/error.h"

enum activation_kind {
    ACTIVATION_LINEAR,
    ACTIVATION_SQUARE,
    ACTIVATION_POLYNOMIAL, /* degree >= 2 other than the pure square, or a constant (degree 0),
                              or c0 + c1 z other than z */
    ACTIVATION_TANH,
    ACTIVATION_SIGMOID,
    ACTIVATION_RELU,
    ACTIVATION_LEAKY_RELU, /* parameter: slope for z < 0, default 0.01 */
    ACTIVATION_ELU,        /* parameter: alpha, default 1 */
    ACTIVATION_GELU,       /* exact: z Phi(z) with erf */
    ACTIVATION_SOFTPLUS,
    ACTIVATION_SILU,
    ACTIVATION_SOFTMAX, /* last layer only; acts on a whole row */
};

enum { ACTIVATION_KINDS = ACTIVATION_SOFTMAX + 1, ACTIVATION_MAX_DEGREE = 16 };

struct activation {
    enum activation_kind kind;
    double parameter;                               /* slope or alpha, where the kind has one */
    size_t degree;                                  /* polynomial only */
    double coefficients[ACTIVATION_MAX_DEGREE + 1]; /* polynomial only: c0 .. c_degree */
};

/* The name in model files ("relu"); "polynomial" for any polynomial. */
const char *activation_name(enum activation_kind kind);
/* By name, with the default parameter; false for an unknown name and for "polynomial". */
bool activation_parse(const char *name, struct activation *activation);
/* Names that activation_parse takes, comma separated, for error sentences. */
const char *activation_names(void);
/* A polynomial; trailing zeros are ignored; [0,0,1] becomes square and [0,1] linear.
 * `count` coefficients, at most ACTIVATION_MAX_DEGREE + 1 after trailing zeros; false beyond. */
bool activation_polynomial(const double *coefficients, size_t count, struct activation *activation);
bool activation_equal(const struct activation *a, const struct activation *b);

/* Applies the function to `rows` rows of `columns` values in place (softmax row by row). */
void activation_apply(const struct activation *activation, double *values, size_t rows,
                      size_t columns);
/* One value; not for softmax. */
double activation_value(const struct activation *activation, double z);
/* d s(z) / dz; the derivative of ReLU at 0 is 0. Not for softmax. */
double activation_derivative(const struct activation *activation, double z);

/* The monomial coefficients c0 .. c_degree of a polynomial activation (linear, square and
 * polynomial); 0 when the function is no polynomial. `out` has ACTIVATION_MAX_DEGREE + 1 places;
 * returns how many are used. */
size_t activation_coefficients(const struct activation *activation, double *out);
/* s(-z) = -s(z) for every z. */
bool activation_is_odd(const struct activation *activation);

#endif
