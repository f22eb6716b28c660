#include "lumpscope/polynomial.h"

#include "lumpscope/memory.h"

#include <math.h>
#include <string.h>

void polynomial_free(struct polynomial *polynomial) {
    free(polynomial->monomials);
    free(polynomial->factors);
    *polynomial = (struct polynomial){0};
}

void polynomial_clear(struct polynomial *polynomial) {
    polynomial->count = 0;
    polynomial->factor_count = 0;
}

/* Sorts the factors by variable and joins those of the same one; returns how many remain. */
static size_t factors_sort(struct factor *factors, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct factor factor = factors[i];
        size_t at = kept;
        while (at > 0 && factors[at - 1].variable > factor.variable)
            at--;
        if (at > 0 && factors[at - 1].variable == factor.variable) {
            factors[at - 1].exponent += factor.exponent;
            continue;
        }
        memmove(factors + at + 1, factors + at, (kept - at) * sizeof *factors);
        factors[at] = factor;
        kept++;
    }
    return kept;
}

static bool check_coefficient(double coefficient, struct error *error) {
    return isfinite(coefficient) ||
           error_set(error, ERROR_REQUEST,
                     "a coefficient of the polynomial system is out of the range of double "
                     "numbers; scale the weights down");
}

bool polynomial_append(struct polynomial *polynomial, double coefficient,
                       const struct factor *factors, size_t count, struct error *error) {
    if (!check_coefficient(coefficient, error))
        return false;
    if (!memory_reserve(&polynomial->monomials, &polynomial->capacity, polynomial->count + 1,
                        sizeof *polynomial->monomials, error) ||
        !memory_reserve(&polynomial->factors, &polynomial->factor_capacity,
                        polynomial->factor_count + count, sizeof *polynomial->factors, error))
        return false;
    struct monomial monomial = {.coefficient = coefficient, .first = polynomial->factor_count};
    if (count > 0) {
        struct factor *own = polynomial->factors + monomial.first;
        memcpy(own, factors, count * sizeof *own);
        monomial.factors = factors_sort(own, count);
    }
    polynomial->factor_count += monomial.factors;
    polynomial->monomials[polynomial->count++] = monomial;
    return true;
}

static const struct factor *factors_of(const struct polynomial *polynomial,
                                       const struct monomial *monomial) {
    return monomial->factors ? polynomial->factors + monomial->first : NULL;
}

bool polynomial_append_scaled(struct polynomial *polynomial, double scale,
                              const struct polynomial *other, struct error *error) {
    for (size_t i = 0; i < other->count; i++) {
        const struct monomial *monomial = &other->monomials[i];
        if (!polynomial_append(polynomial, scale * monomial->coefficient,
                               factors_of(other, monomial), monomial->factors, error))
            return false;
    }
    return true;
}

static size_t factors_degree(const struct factor *factors, size_t count) {
    size_t degree = 0;
    for (size_t i = 0; i < count; i++)
        degree += factors[i].exponent;
    return degree;
}

size_t monomial_degree(const struct polynomial *polynomial, const struct monomial *monomial) {
    return factors_degree(factors_of(polynomial, monomial), monomial->factors);
}

/* The normal order of two products of variables: <0, 0, >0. */
static int factors_compare(const struct factor *a, size_t a_count, const struct factor *b,
                           size_t b_count) {
    size_t a_degree = factors_degree(a, a_count), b_degree = factors_degree(b, b_count);
    if (a_degree != b_degree)
        return a_degree < b_degree ? -1 : 1;
    for (size_t i = 0; i < a_count && i < b_count; i++) {
        if (a[i].variable != b[i].variable)
            return a[i].variable < b[i].variable ? -1 : 1;
        if (a[i].exponent != b[i].exponent)
            return a[i].exponent > b[i].exponent ? -1 : 1;
    }
    return 0;
}

static int monomial_compare(const struct polynomial *polynomial, const struct monomial *a,
                            const struct monomial *b) {
    return factors_compare(factors_of(polynomial, a), a->factors, factors_of(polynomial, b),
                           b->factors);
}

/* For qsort_r: like monomials by coefficient, so that their sum has one order. */
static int monomial_order(const void *left, const void *right, void *polynomial) {
    const struct monomial *a = left, *b = right;
    int order = monomial_compare(polynomial, a, b);
    if (order != 0)
        return order;
    return (a->coefficient > b->coefficient) - (a->coefficient < b->coefficient);
}

static bool is_normal(const struct polynomial *polynomial) {
    for (size_t i = 0; i < polynomial->count; i++) {
        const struct monomial *monomial = &polynomial->monomials[i];
        if (monomial->coefficient == 0 ||
            (i > 0 && monomial_compare(polynomial, monomial - 1, monomial) >= 0))
            return false;
    }
    return true;
}

bool polynomial_normalise(struct polynomial *polynomial, struct error *error) {
    if (is_normal(polynomial))
        return true;
    struct monomial *monomials = polynomial->monomials;
    qsort_r(monomials, polynomial->count, sizeof *monomials, monomial_order, polynomial);
    size_t kept = 0;
    for (size_t i = 0; i < polynomial->count;) {
        struct monomial sum = monomials[i++];
        while (i < polynomial->count && monomial_compare(polynomial, &sum, &monomials[i]) == 0)
            sum.coefficient += monomials[i++].coefficient;
        if (!check_coefficient(sum.coefficient, error))
            return false;
        if (sum.coefficient != 0)
            monomials[kept++] = sum;
    }
    polynomial->count = kept;
    return true;
}

bool polynomial_sum(const struct polynomial *a, double scale, const struct polynomial *b,
                    struct polynomial *out, struct error *error) {
    polynomial_clear(out);
    if (!polynomial_append_scaled(out, 1, a, error) ||
        !polynomial_append_scaled(out, scale, b, error))
        return false;
    return polynomial_normalise(out, error);
}

/* Appends the product of two monomials of two polynomials. */
static bool append_product(struct polynomial *out, const struct polynomial *a,
                           const struct monomial *of_a, const struct polynomial *b,
                           const struct monomial *of_b, struct factor *space, struct error *error) {
    size_t count = of_a->factors + of_b->factors;
    if (of_a->factors)
        memcpy(space, factors_of(a, of_a), of_a->factors * sizeof *space);
    if (of_b->factors)
        memcpy(space + of_a->factors, factors_of(b, of_b), of_b->factors * sizeof *space);
    return polynomial_append(out, of_a->coefficient * of_b->coefficient, space, count, error);
}

static size_t most_factors(const struct polynomial *polynomial) {
    size_t most = 0;
    for (size_t i = 0; i < polynomial->count; i++)
        if (polynomial->monomials[i].factors > most)
            most = polynomial->monomials[i].factors;
    return most;
}

bool polynomial_product(const struct polynomial *a, const struct polynomial *b,
                        struct polynomial *out, struct error *error) {
    polynomial_clear(out);
    struct factor *space = memory_new(most_factors(a) + most_factors(b), sizeof *space, error);
    bool made = space != NULL;
    for (size_t i = 0; made && i < a->count; i++)
        for (size_t j = 0; made && j < b->count; j++)
            made = append_product(out, a, &a->monomials[i], b, &b->monomials[j], space, error);
    free(space);
    return made && polynomial_normalise(out, error);
}

/* Appends the derivative of one monomial, if it has the variable. */
static bool append_derivative(struct polynomial *out, const struct polynomial *polynomial,
                              const struct monomial *monomial, uint32_t variable,
                              struct error *error) {
    const struct factor *factors = factors_of(polynomial, monomial);
    size_t at = 0;
    while (at < monomial->factors && factors[at].variable != variable)
        at++;
    if (at == monomial->factors)
        return true;
    double coefficient = monomial->coefficient * (double)factors[at].exponent;
    if (!polynomial_append(out, coefficient, factors, monomial->factors, error))
        return false;
    struct monomial *appended = &out->monomials[out->count - 1];
    struct factor *own = out->factors + appended->first;
    if (--own[at].exponent == 0) {
        memmove(own + at, own + at + 1, (appended->factors - at - 1) * sizeof *own);
        appended->factors--;
        out->factor_count--;
    }
    return true;
}

bool polynomial_derivative(const struct polynomial *polynomial, uint32_t variable,
                           struct polynomial *out, struct error *error) {
    polynomial_clear(out);
    for (size_t i = 0; i < polynomial->count; i++)
        if (!append_derivative(out, polynomial, &polynomial->monomials[i], variable, error))
            return false;
    return polynomial_normalise(out, error);
}

bool polynomial_rename(const struct polynomial *polynomial, const size_t *to,
                       struct polynomial *out, struct error *error) {
    polynomial_clear(out);
    struct factor *space = memory_new(most_factors(polynomial), sizeof *space, error);
    bool made = space != NULL;
    for (size_t i = 0; made && i < polynomial->count; i++) {
        const struct monomial *monomial = &polynomial->monomials[i];
        const struct factor *factors = factors_of(polynomial, monomial);
        for (size_t k = 0; k < monomial->factors; k++)
            space[k] = (struct factor){(uint32_t)to[factors[k].variable], factors[k].exponent};
        made = polynomial_append(out, monomial->coefficient, space, monomial->factors, error);
    }
    free(space);
    return made && polynomial_normalise(out, error);
}

double polynomial_value(const struct polynomial *polynomial, const double *x) {
    double value = 0;
    for (size_t i = 0; i < polynomial->count; i++) {
        const struct monomial *monomial = &polynomial->monomials[i];
        const struct factor *factors = factors_of(polynomial, monomial);
        double product = monomial->coefficient;
        for (size_t k = 0; k < monomial->factors; k++)
            for (uint32_t e = 0; e < factors[k].exponent; e++)
                product *= x[factors[k].variable];
        value += product;
    }
    return value;
}

size_t polynomial_degree(const struct polynomial *polynomial) {
    /* Monomials are in the order of their degrees. */
    return polynomial->count
               ? monomial_degree(polynomial, &polynomial->monomials[polynomial->count - 1])
               : 0;
}

double polynomial_coefficient(const struct polynomial *polynomial, const struct factor *factors,
                              size_t count) {
    size_t low = 0, high = polynomial->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct monomial *monomial = &polynomial->monomials[middle];
        int order =
            factors_compare(factors_of(polynomial, monomial), monomial->factors, factors, count);
        if (order == 0)
            return monomial->coefficient;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

bool polynomial_equal(const struct polynomial *a, const struct polynomial *b) {
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct monomial *x = &a->monomials[i], *y = &b->monomials[i];
        if (x->coefficient != y->coefficient ||
            factors_compare(factors_of(a, x), x->factors, factors_of(b, y), y->factors) != 0)
            return false;
    }
    return true;
}

struct polynomial_system *polynomial_system_new(size_t variables, struct error *error) {
    struct polynomial_system *system = memory_new(1, sizeof *system, error);
    if (!system)
        return NULL;
    system->variables = variables;
    system->names = memory_new(variables, sizeof *system->names, error);
    system->labels = memory_new(variables, sizeof *system->labels, error);
    system->derivatives = memory_new(variables, sizeof *system->derivatives, error);
    system->blocks = memory_new(variables, sizeof *system->blocks, error);
    if (!system->names || !system->labels || !system->derivatives || !system->blocks) {
        polynomial_system_free(system);
        return NULL;
    }
    return system;
}

void polynomial_system_free(struct polynomial_system *system) {
    if (!system)
        return;
    for (size_t i = 0; i < system->variables; i++) {
        if (system->names)
            free(system->names[i]);
        if (system->labels)
            free(system->labels[i]);
        if (system->derivatives)
            polynomial_free(&system->derivatives[i]);
    }
    free(system->names);
    free(system->labels);
    free(system->derivatives);
    free(system->blocks);
    free(system);
}

bool polynomial_system_set_name(struct polynomial_system *system, size_t variable, const char *name,
                                struct error *error) {
    char *copy = memory_string(name, error);
    if (!copy)
        return false;
    free(system->names[variable]);
    system->names[variable] = copy;
    return true;
}

void polynomial_system_value(const struct polynomial_system *system, const double *x, double *out) {
    for (size_t i = 0; i < system->variables; i++)
        out[i] = polynomial_value(&system->derivatives[i], x);
}

size_t polynomial_system_degree(const struct polynomial_system *system) {
    size_t degree = 0;
    for (size_t i = 0; i < system->variables; i++) {
        size_t own = polynomial_degree(&system->derivatives[i]);
        degree = own > degree ? own : degree;
    }
    return degree;
}

size_t blocks_renumber(size_t *blocks, size_t variables, size_t *numbers) {
    size_t count = 0;
    for (size_t i = 0; i < variables; i++)
        numbers[i] = SIZE_MAX;
    for (size_t i = 0; i < variables; i++) {
        if (numbers[blocks[i]] == SIZE_MAX)
            numbers[blocks[i]] = count++;
        blocks[i] = numbers[blocks[i]];
    }
    return count;
}
