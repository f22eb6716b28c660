/* Polynomials: one normal form whatever the order, and the algebra that the equivalences rest on.
 */
#include "lumpscope/polynomial.h"
#include "lumpscope/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { VARIABLES = 4 };

static void append(struct polynomial *p, double coefficient, const struct factor *factors,
                   size_t count) {
    assert_true(polynomial_append(p, coefficient, factors, count, NULL));
}

/* coefficient * x_i * x_j; a variable below 0 is left out. */
static void append_two(struct polynomial *p, double coefficient, int i, int j) {
    struct factor factors[2];
    size_t count = 0;
    if (i >= 0)
        factors[count++] = (struct factor){(uint32_t)i, 1};
    if (j >= 0)
        factors[count++] = (struct factor){(uint32_t)j, 1};
    append(p, coefficient, factors, count);
}

static double coefficient_two(const struct polynomial *p, uint32_t i, uint32_t j) {
    const struct factor power = {i, 2}, both[2] = {{i, 1}, {j, 1}};
    return i == j ? polynomial_coefficient(p, &power, 1) : polynomial_coefficient(p, both, 2);
}

/* Up to `monomials` monomials of degree up to 4. */
static struct polynomial random_polynomial(struct rng *rng, size_t monomials) {
    struct polynomial p = {0};
    for (size_t i = 0; i < monomials; i++) {
        struct factor factors[4];
        size_t count = (size_t)(rng_uniform(rng) * 5);
        for (size_t k = 0; k < count; k++)
            factors[k] = (struct factor){(uint32_t)(rng_uniform(rng) * VARIABLES), 1};
        append(&p, rng_normal(rng), factors, count);
    }
    assert_true(polynomial_normalise(&p, NULL));
    return p;
}

static void random_point(struct rng *rng, double *x) {
    for (size_t i = 0; i < VARIABLES; i++)
        x[i] = rng_normal(rng);
}

static void like_monomials_are_joined_and_zeros_vanish(void **state) {
    (void)state;
    struct polynomial p = {0};
    append_two(&p, 2, 1, 0);
    append_two(&p, 5, -1, -1);
    append_two(&p, 3, 0, 1);
    append_two(&p, 1, 2, 2);
    append_two(&p, -5, -1, -1);
    append_two(&p, 0, 3, -1);
    append_two(&p, 4, 3, -1);
    assert_true(polynomial_normalise(&p, NULL));
    assert_int_equal(p.count, 3);
    assert_true(coefficient_two(&p, 0, 1) == 5);
    assert_true(coefficient_two(&p, 2, 2) == 1);
    assert_true(coefficient_two(&p, 1, 2) == 0);
    assert_true(polynomial_coefficient(&p, NULL, 0) == 0);
    assert_int_equal(polynomial_degree(&p), 2);
    /* By degree, then lexicographic: x3, x0 x1, x2 x2. */
    assert_int_equal(p.factors[p.monomials[0].first].variable, 3);
    assert_int_equal(p.factors[p.monomials[1].first].variable, 0);
    assert_int_equal(p.factors[p.monomials[2].first].exponent, 2);
    polynomial_free(&p);
}

static void sums_do_not_depend_on_the_order_of_appending(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 1);
    enum { COUNT = 60 };
    double coefficients[COUNT];
    size_t order[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        coefficients[i] = rng_normal(&rng) * pow(10, (double)(i % 9));
        order[i] = i;
    }
    struct polynomial first = {0}, again = {0};
    for (int round = 0; round < 20; round++) {
        polynomial_clear(&again);
        for (size_t i = 0; i < COUNT; i++)
            append_two(&again, coefficients[order[i]], (int)(order[i] % 3) - 1, 2);
        assert_true(polynomial_normalise(&again, NULL));
        assert_int_equal(again.count, 3);
        if (round == 0)
            assert_true(polynomial_append_scaled(&first, 1, &again, NULL));
        assert_true(polynomial_equal(&first, &again));
        rng_shuffle(&rng, order, COUNT);
    }
    polynomial_free(&first);
    polynomial_free(&again);
}

static void products_and_sums_have_the_values_of_their_parts(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 2);
    struct polynomial product = {0}, sum = {0};
    for (int round = 0; round < 50; round++) {
        struct polynomial a = random_polynomial(&rng, 9), b = random_polynomial(&rng, 6);
        double x[VARIABLES];
        random_point(&rng, x);
        assert_true(polynomial_product(&a, &b, &product, NULL));
        assert_true(polynomial_sum(&a, -3, &b, &sum, NULL));
        double at_a = polynomial_value(&a, x), at_b = polynomial_value(&b, x);
        assert_true(fabs(polynomial_value(&product, x) - at_a * at_b) <
                    1e-10 * (1 + fabs(at_a * at_b)));
        assert_true(fabs(polynomial_value(&sum, x) - (at_a - 3 * at_b)) < 1e-10 * (1 + fabs(at_a)));
        assert_int_equal(polynomial_degree(&product),
                         polynomial_degree(&a) + polynomial_degree(&b));
        polynomial_free(&a);
        polynomial_free(&b);
    }
    polynomial_free(&product);
    polynomial_free(&sum);
}

static void square_of_a_sum_has_the_binomial_coefficients(void **state) {
    (void)state;
    struct polynomial u = {0}, square = {0};
    append_two(&u, 3, 0, -1);
    append_two(&u, -2, 1, -1);
    append_two(&u, 5, -1, -1);
    assert_true(polynomial_normalise(&u, NULL));
    assert_true(polynomial_product(&u, &u, &square, NULL));
    assert_int_equal(square.count, 6);
    assert_true(coefficient_two(&square, 0, 0) == 9);
    assert_true(coefficient_two(&square, 0, 1) == -12);
    assert_true(coefficient_two(&square, 1, 1) == 4);
    assert_true(polynomial_coefficient(&square, &(struct factor){0, 1}, 1) == 30);
    assert_true(polynomial_coefficient(&square, &(struct factor){1, 1}, 1) == -20);
    assert_true(polynomial_coefficient(&square, NULL, 0) == 25);
    polynomial_free(&u);
    polynomial_free(&square);
}

static void derivatives_agree_with_central_differences(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 3);
    struct polynomial derivative = {0};
    const double h = 1e-5;
    for (int round = 0; round < 50; round++) {
        struct polynomial p = random_polynomial(&rng, 12);
        for (uint32_t v = 0; v < VARIABLES; v++) {
            double x[VARIABLES];
            random_point(&rng, x);
            assert_true(polynomial_derivative(&p, v, &derivative, NULL));
            double exact = polynomial_value(&derivative, x);
            x[v] += h;
            double above = polynomial_value(&p, x);
            x[v] -= 2 * h;
            double below = polynomial_value(&p, x);
            assert_true(fabs((above - below) / (2 * h) - exact) < 1e-6 * (1 + fabs(exact)));
        }
        polynomial_free(&p);
    }
    polynomial_free(&derivative);
}

static void renaming_joins_what_becomes_alike(void **state) {
    (void)state;
    struct polynomial p = {0}, renamed = {0};
    append_two(&p, 1, 0, 1);
    append_two(&p, 2, 2, 2);
    append_two(&p, -3, 1, 3);
    append_two(&p, 4, 3, -1);
    assert_true(polynomial_normalise(&p, NULL));
    const size_t to[VARIABLES] = {0, 0, 0, 1};
    assert_true(polynomial_rename(&p, to, &renamed, NULL));
    assert_int_equal(renamed.count, 3);
    assert_true(coefficient_two(&renamed, 0, 0) == 3);
    assert_true(coefficient_two(&renamed, 0, 1) == -3);
    assert_true(polynomial_coefficient(&renamed, &(struct factor){1, 1}, 1) == 4);
    polynomial_free(&p);
    polynomial_free(&renamed);
}

static void coefficients_that_are_not_finite_are_refused(void **state) {
    (void)state;
    struct polynomial p = {0}, square = {0};
    struct error error = {0};
    assert_false(polynomial_append(&p, NAN, NULL, 0, &error));
    assert_int_equal(error.kind, ERROR_REQUEST);
    append_two(&p, 1e200, 0, -1);
    assert_false(polynomial_product(&p, &p, &square, &error));
    assert_non_null(strstr(error.text, "range"));
    polynomial_free(&p);
    polynomial_free(&square);
}

static void blocks_are_numbered_by_their_smallest_members(void **state) {
    (void)state;
    size_t blocks[6] = {4, 0, 4, 5, 0, 1}, numbers[6];
    const size_t wanted[6] = {0, 1, 0, 2, 1, 3};
    assert_int_equal(blocks_renumber(blocks, 6, numbers), 4);
    assert_memory_equal(blocks, wanted, sizeof wanted);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(like_monomials_are_joined_and_zeros_vanish),
        cmocka_unit_test(sums_do_not_depend_on_the_order_of_appending),
        cmocka_unit_test(products_and_sums_have_the_values_of_their_parts),
        cmocka_unit_test(square_of_a_sum_has_the_binomial_coefficients),
        cmocka_unit_test(derivatives_agree_with_central_differences),
        cmocka_unit_test(renaming_joins_what_becomes_alike),
        cmocka_unit_test(coefficients_that_are_not_finite_are_refused),
        cmocka_unit_test(blocks_are_numbered_by_their_smallest_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
