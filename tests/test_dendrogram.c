/* Linkages against what defines them, on distances with many ties, duplicates and clusters. */
#include "random_network.h"

#include "lumpscope/dendrogram.h"

#include "lump/chain.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KINDS = 6, ROUNDS = 60, WIDEST = 90 };

/* Points whose l1 distances are: all different, clustered, duplicated, of few values, all equal, on
 * a line. [m x n], a column per neuron. */
static struct matrix points(struct rng *rng, size_t kind, size_t n) {
    static const size_t dimensions[KINDS] = {12, 5, 4, 2, 3, 1};
    size_t m = dimensions[kind];
    struct matrix matrix;
    struct error error = {0};
    must(matrix_init(&matrix, m, n, &error), &error);
    for (size_t j = 0; j < n; j++) {
        size_t twin = j ? random_below(rng, j) : 0;
        for (size_t k = 0; k < m; k++) {
            double value = rng_normal(rng);
            if (kind == 1)
                value = 10 * (double)((twin + k) % 4) + value / 10;
            if (kind == 2 && j % 3 && j)
                value = matrix.data[k * n + twin];
            if (kind == 3)
                value = (double)random_below(rng, 4);
            if (kind == 4)
                value = 1;
            matrix.data[k * n + j] = value;
        }
    }
    return matrix;
}

static struct distance_source source_of(const struct matrix *points) {
    return (struct distance_source){.kind = SOURCE_FEATURES,
                                    .neurons = points->columns,
                                    .norm = NORM_L1,
                                    .factor = 1,
                                    .columns = *points};
}

static double *all_distances(const struct distance_source *source) {
    struct error error = {0};
    size_t n = source->neurons;
    double *distances = calloc(n * n / 2 + 1, sizeof *distances);
    assert_non_null(distances);
    must(distance_all(source, distances, NULL, &error), &error);
    return distances;
}

/* [n x n], with nonsense where nobody is to look. */
static double *upper_matrix(const double *distances, size_t n) {
    double *matrix = calloc(n * n, sizeof *matrix);
    assert_non_null(matrix);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            matrix[i * n + j] = i < j ? distances[distance_index(n, i, j)] : -1;
    return matrix;
}

static double between(const double *distances, size_t n, size_t i, size_t j) {
    return i == j ? 0 : distances[i < j ? distance_index(n, i, j) : distance_index(n, j, i)];
}

static void join(uint32_t *label, double *cluster, size_t n, size_t a, size_t b, bool complete) {
    for (size_t i = 0; i < n; i++) {
        double to_a = cluster[a * n + i], to_b = cluster[b * n + i];
        cluster[a * n + i] = cluster[i * n + a] = complete ? fmax(to_a, to_b) : fmin(to_a, to_b);
        if (label[i] == b)
            label[i] = (uint32_t)a;
    }
}

/* Always the smallest pair of all, with every distance kept: what the linkages are defined by.
 * Lists n - 1 merges. */
static struct merge *greedy(const double *distances, size_t n, double unit, bool complete) {
    struct merge *merges = calloc(n, sizeof *merges);
    uint32_t *label = calloc(n, sizeof *label);
    double *cluster = calloc(n * n, sizeof *cluster);
    assert_true(merges && label && cluster);
    for (uint32_t i = 0; i < n; i++)
        for (size_t j = label[i] = i; j < n; j++) {
            double d = between(distances, n, i, j);
            cluster[i * n + j] = cluster[j * n + i] = d <= 1e-12 * unit ? 0 : d;
        }
    for (size_t k = 0; k + 1 < n; k++) {
        struct merge best = {0, 0, INFINITY};
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t j = i + 1; j < n; j++)
                if (label[i] == i && label[j] == j &&
                    (cluster[i * n + j] < best.height || best.b == 0))
                    best = (struct merge){i, j, cluster[i * n + j]};
        merges[k] = best;
        join(label, cluster, n, best.a, best.b, complete);
    }
    free(label);
    free(cluster);
    return merges;
}

static void complete_merges_the_smallest_pair_of_all(void **state) {
    (void)state;
    struct rng rng;
    struct error error = {0};
    size_t ties = 0;
    rng_seed(&rng, 61);
    for (size_t round = 0; round < ROUNDS * KINDS; round++) {
        size_t n = 1 + random_below(&rng, WIDEST);
        struct matrix matrix = points(&rng, round % KINDS, n);
        struct distance_source source = source_of(&matrix);
        double *distances = all_distances(&source);
        struct merge *expected = greedy(distances, n, 1, true);
        double *square = upper_matrix(distances, n);
        struct dendrogram dendrogram;
        bool ambiguous;
        must(dendrogram_init_complete(&dendrogram, square, n, 0, 1, &ambiguous, NULL, &error),
             &error);
        assert_int_equal(dendrogram.count, n - 1);
        for (size_t k = 0; k + 1 < n; k++) {
            const struct merge *got = &dendrogram.merge[k];
            ties += k > 0 && got->height == got[-1].height;
            if (got->a != expected[k].a || got->b != expected[k].b ||
                got->height != expected[k].height)
                fail_msg("kind %zu, %zu neurons, merge %zu is %u %u at %.17g, not %u %u at %.17g",
                         round % KINDS, n, k, got->a, got->b, got->height, expected[k].a,
                         expected[k].b, expected[k].height);
        }
        dendrogram_free(&dendrogram);
        free(square);
        free(expected);
        free(distances);
        matrix_free(&matrix);
    }
    assert_true(ties > 1000);
}

/* Of three on a line the middle one is as near to both others. */
static void a_tie_that_decides_classes_is_called_ambiguous(void **state) {
    (void)state;
    static const struct {
        double distances[3]; /* 0-1, 0-2, 1-2 */
        bool ambiguous;
    } cases[] = {{{1, 2, 1}, true},          {{1, 2, 1 + 1e-13}, true}, {{1, 2, 1 + 1e-9}, false},
                 {{1, 1, 1}, false},         {{0, 1, 1}, false},        {{1, 1 + 1e-14, 1}, false},
                 {{1e-3, 2e-3, 1e-3}, true}, {{3, 1, 2}, false}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct dendrogram dendrogram;
        struct error error = {0};
        double *matrix = upper_matrix(cases[k].distances, 3);
        bool ambiguous;
        must(dendrogram_init_complete(&dendrogram, matrix, 3, 0, 1, &ambiguous, NULL, &error),
             &error);
        if (ambiguous != cases[k].ambiguous)
            fail_msg("case %zu", k);
        free(matrix);
        dendrogram_free(&dendrogram);
    }
}

static void expect_same_classes(const struct dendrogram *dendrogram, struct merge *expected,
                                double epsilon) {
    struct dendrogram other = *dendrogram;
    struct error error = {0};
    struct classes classes[2];
    other.merge = expected;
    for (size_t k = 0; k < 2; k++) {
        classes[k] = (struct classes){.neurons = dendrogram->leaves};
        classes[k].class_of = calloc(dendrogram->leaves, sizeof *classes[k].class_of);
        must(dendrogram_cut(k ? &other : dendrogram, epsilon, &classes[k], &error), &error);
    }
    assert_true(classes_equal(&classes[0], &classes[1]));
    free(classes[0].class_of);
    free(classes[1].class_of);
}

static void chain_without_the_matrix_has_the_classes_of_the_definition(void **state) {
    (void)state;
    struct rng rng;
    struct error error = {0};
    rng_seed(&rng, 62);
    for (size_t round = 0; round < ROUNDS * KINDS; round++) {
        /* now and then more rows than are made at a time */
        size_t n = round < KINDS ? 300 : 1 + random_below(&rng, WIDEST);
        double divisor = round % 2 ? 0.75 : 0;
        struct matrix matrix = points(&rng, round % KINDS, n);
        struct distance_source source = source_of(&matrix);
        double *distances = all_distances(&source);
        for (size_t k = 0; divisor != 0 && k < n * (n - 1) / 2; k++)
            distances[k] /= divisor;
        struct merge *expected = greedy(distances, n, 1, false);
        struct dendrogram dendrogram;
        must(dendrogram_init_chain(&dendrogram, &source, divisor, 1, NULL, &error), &error);
        assert_int_equal(dendrogram.count, n - 1);
        for (size_t k = 0; k + 1 < n; k++) {
            if (dendrogram.merge[k].height != expected[k].height)
                fail_msg("kind %zu, %zu neurons, height %zu is %.17g, not %.17g", round % KINDS, n,
                         k, dendrogram.merge[k].height, expected[k].height);
            expect_same_classes(&dendrogram, expected, expected[k].height);
        }
        dendrogram_free(&dendrogram);
        free(expected);
        free(distances);
        matrix_free(&matrix);
    }
}

static void offer_all(struct spanning *spanning, const double *distances, bool backwards) {
    size_t n = spanning->n;
    for (size_t q = 0; q + 1 < n; q++) {
        size_t i = backwards ? n - 2 - q : q;
        spanning_offer(spanning, i, distances + distance_index(n, i, i + 1));
    }
    spanning_finish(spanning);
}

/* From nothing, from its own edges, from edges that are none of it, and rows in another order. */
static void the_spanning_tree_is_the_same_wherever_it_begins(void **state) {
    (void)state;
    struct rng rng;
    struct error error = {0};
    rng_seed(&rng, 63);
    for (size_t round = 0; round < ROUNDS * KINDS; round++) {
        size_t n = 2 + random_below(&rng, WIDEST);
        struct matrix matrix = points(&rng, round % KINDS, n);
        struct distance_source source = source_of(&matrix);
        double *distances = all_distances(&source);
        struct spanning first, other;
        must(spanning_init(&first, n, &error), &error);
        offer_all(&first, distances, false);
        assert_int_equal(first.count, n - 1);
        for (size_t way = 0; way < 3; way++) {
            must(spanning_init(&other, n, &error), &error);
            for (size_t k = 0; way < 2 && k + 1 < n; k++) {
                struct merge edge =
                    way ? (struct merge){(uint32_t)k, (uint32_t)n - 1, 0} : first.edge[k];
                spanning_add(&other, edge.a, edge.b, between(distances, n, edge.a, edge.b));
            }
            offer_all(&other, distances, way == 2);
            assert_int_equal(other.count, n - 1);
            for (size_t k = 0; k + 1 < n; k++)
                assert_true(other.edge[k].a == first.edge[k].a &&
                            other.edge[k].b == first.edge[k].b &&
                            other.edge[k].height == first.edge[k].height);
            spanning_free(&other);
        }
        spanning_free(&first);
        free(distances);
        matrix_free(&matrix);
    }
}

static void distances_that_overflowed_never_merge(void **state) {
    (void)state;
    struct error error = {0};
    struct matrix matrix;
    must(matrix_init(&matrix, 1, 4, &error), &error);
    memcpy(matrix.data, (double[]){1.7e308, -1.7e308, 1.7e308, 0}, 4 * sizeof(double));
    struct distance_source source = source_of(&matrix);
    struct dendrogram dendrogram;
    for (int complete = 0; complete < 2; complete++) {
        double *distances = all_distances(&source), *square = upper_matrix(distances, 4);
        bool ambiguous;
        must(complete
                 ? dendrogram_init_complete(&dendrogram, square, 4, 0, 1, &ambiguous, NULL, &error)
                 : dendrogram_init_chain(&dendrogram, &source, 0, 1, NULL, &error),
             &error);
        assert_int_equal(dendrogram.merge[0].a, 0);
        assert_int_equal(dendrogram.merge[0].b, 2);
        assert_true(dendrogram.merge[0].height == 0);
        assert_int_equal(dendrogram_merged(&dendrogram, 1e308), 1);
        assert_int_equal(dendrogram_merged(&dendrogram, 1.75e308), complete ? 2 : 3);
        dendrogram_free(&dendrogram);
        free(distances);
        free(square);
    }
    matrix_free(&matrix);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complete_merges_the_smallest_pair_of_all),
        cmocka_unit_test(a_tie_that_decides_classes_is_called_ambiguous),
        cmocka_unit_test(chain_without_the_matrix_has_the_classes_of_the_definition),
        cmocka_unit_test(the_spanning_tree_is_the_same_wherever_it_begins),
        cmocka_unit_test(distances_that_overflowed_never_merge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
