/* Multivariate polynomials and systems of polynomial differential equations (method.md section 2).
 *
 * A polynomial is a sum of monomials in normal form: by degree, then lexicographic (1, x0, x1,
 * x0*x0, x0*x1, x1*x1), no two alike, none with coefficient 0. Equal polynomials are then equal
 * member by member. Every `out` is overwritten and may be used again to keep its memory; it must
 * not be one of the operands. A zeroed struct is the polynomial 0. */
#ifndef LUMPSCOPE_POLYNOMIAL_H
#define LUMPSCOPE_POLYNOMIAL_H

#include "lumpscope/error.h"

#include <stdint.h>

struct factor {
    uint32_t variable, exponent; /* exponent >= 1 */
};

struct monomial {
    double coefficient;
    size_t first, factors; /* its factors: polynomial.factors[first .. first + factors - 1],
                              ascending by variable, each variable once; none for a constant */
};

struct polynomial {
    struct monomial *monomials; /* [count] owned */
    size_t count, capacity;
    struct factor *factors; /* [factor_count] owned, shared by the monomials */
    size_t factor_count, factor_capacity;
};

void polynomial_free(struct polynomial *polynomial); /* leaves the polynomial 0 */
/* The polynomial 0 again, memory kept. */
void polynomial_clear(struct polynomial *polynomial);

/* Appends one monomial: `factors` [count] in any order, a variable may come more than once. The
 * polynomial is not in normal form before polynomial_normalise. Refuses (ERROR_REQUEST) a
 * coefficient that is not finite. */
bool polynomial_append(struct polynomial *polynomial, double coefficient,
                       const struct factor *factors, size_t count, struct error *error);
/* Appends scale * other. */
bool polynomial_append_scaled(struct polynomial *polynomial, double scale,
                              const struct polynomial *other, struct error *error);
/* Brings it to normal form. Coefficients of like monomials are added from the smallest to the
 * largest, so that the sum does not depend on the order in which they were appended: variables that
 * play the same part get the same bits. ERROR_REQUEST when such a sum is not finite; the polynomial
 * is of no use then. */
bool polynomial_normalise(struct polynomial *polynomial, struct error *error);

/* out = a + scale * b. */
bool polynomial_sum(const struct polynomial *a, double scale, const struct polynomial *b,
                    struct polynomial *out, struct error *error);
/* out = a * b. */
bool polynomial_product(const struct polynomial *a, const struct polynomial *b,
                        struct polynomial *out, struct error *error);
/* out = d polynomial / d variable. */
bool polynomial_derivative(const struct polynomial *polynomial, uint32_t variable,
                           struct polynomial *out, struct error *error);
/* out = the polynomial with every variable v replaced by the variable to[v]. `to` has a place for
 * every variable that occurs. */
bool polynomial_rename(const struct polynomial *polynomial, const size_t *to,
                       struct polynomial *out, struct error *error);

/* Value at x, which has a place for every variable that occurs. Monomials are added in normal
 * order: the same bits on every machine. */
double polynomial_value(const struct polynomial *polynomial, const double *x);
size_t polynomial_degree(const struct polynomial *polynomial); /* 0 for constants and 0 */
/* The coefficient of the monomial with these factors (ascending by variable), 0 when it has none.
 */
double polynomial_coefficient(const struct polynomial *polynomial, const struct factor *factors,
                              size_t count);
size_t monomial_degree(const struct polynomial *polynomial, const struct monomial *monomial);
/* Same monomials, same coefficients. */
bool polynomial_equal(const struct polynomial *a, const struct polynomial *b);

/* dx_i/dt = derivatives[i](x), with an initial partition of the variables. */
struct polynomial_system {
    size_t variables;
    char **names;                   /* [variables] owned identifiers */
    char **labels;                  /* [variables] owned; what a name stands for, or NULL */
    struct polynomial *derivatives; /* [variables] */
    size_t *blocks;                 /* [variables] initial partition: block of each variable,
                                       numbered from 0 by smallest member */
};

/* All derivatives 0, no names, all variables in one block. */
struct polynomial_system *polynomial_system_new(size_t variables, struct error *error);
void polynomial_system_free(struct polynomial_system *system); /* NULL is fine */
/* Gives a variable its name; copies it. */
bool polynomial_system_set_name(struct polynomial_system *system, size_t variable, const char *name,
                                struct error *error);
/* The derivatives at x [variables] into out [variables]. */
void polynomial_system_value(const struct polynomial_system *system, const double *x, double *out);
size_t polynomial_system_degree(const struct polynomial_system *system);

/* Renumbers a partition so that blocks are in the order of their smallest members; `blocks`
 * [variables], any numbers below `variables`. Returns the number of blocks. `numbers` [variables]
 * is working space. */
size_t blocks_renumber(size_t *blocks, size_t variables, size_t *numbers);

#endif
