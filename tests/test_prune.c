/* Pruning against the text, written again the slow way. */
#include "random_network.h"

#include "lumpscope/metrics.h"
#include "lumpscope/prune.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Few different magnitudes, so that there are ties, and zeros. */
static struct network *tied_network(struct rng *rng) {
    size_t depth = 1 + random_below(rng, 4), sizes[5];
    struct activation given[4] = {0};
    for (size_t l = 0; l <= depth; l++)
        sizes[l] = 1 + random_below(rng, 7);
    for (size_t l = 0; l < depth; l++)
        given[l] = random_activation(random_below(rng, random_activation_count()));
    struct network *network = random_network(rng, sizes, given, depth);
    for (size_t l = 0; l < depth; l++)
        for (size_t k = 0; k < network->layers[l].neurons * network->layers[l].inputs; k++)
            network->layers[l].weights[k] = ((double)random_below(rng, 9) - 4) / 4;
    return network;
}

/* Weights before (layer, index) or larger are better; keeps the k best. */
static void prune_magnitude(const struct network *from, double grp, struct network *to) {
    double t = (double)network_parameters(from), b = (double)network_biases(from);
    double k = fmax(0, floor(grp * t / 100 + 1e-9) - b);
    for (size_t l = 0; l < from->depth; l++)
        for (size_t w = 0; w < from->layers[l].neurons * from->layers[l].inputs; w++) {
            double size = fabs(from->layers[l].weights[w]), better = 0;
            for (size_t m = 0; m < from->depth; m++)
                for (size_t v = 0; v < from->layers[m].neurons * from->layers[m].inputs; v++) {
                    double other = fabs(from->layers[m].weights[v]);
                    better += other > size || (other == size && (m < l || (m == l && v < w)));
                }
            if (better >= k)
                to->layers[l].weights[w] = 0;
        }
}

static double input_norm(const struct network *network, const struct trace *trace,
                         const struct matrix *rows, size_t l, size_t j) {
    const struct matrix *x = l == 0 ? rows : &trace->post[l - 1];
    double sum = 0;
    for (size_t r = 0; r < rows->rows && r < 128; r++)
        sum += matrix_row(x, r)[j] * matrix_row(x, r)[j];
    (void)network;
    return sqrt(sum);
}

static void prune_wanda(const struct network *from, const struct matrix *rows, double grp,
                        struct network *to) {
    struct error error = {0};
    struct trace trace;
    must(network_trace(from, rows, &trace, NULL, &error), &error);
    double t = (double)network_parameters(from), b = (double)network_biases(from);
    double f = fmax(0, (grp * t / 100 - b) / (t - b));
    for (size_t l = 0; l < from->depth; l++) {
        const struct layer *layer = &from->layers[l];
        for (size_t i = 0; i < layer->neurons; i++)
            for (size_t j = 0; j < layer->inputs; j++) {
                const double *row = layer->weights + i * layer->inputs;
                double score = fabs(row[j]) * input_norm(from, &trace, rows, l, j), better = 0;
                for (size_t k = 0; k < layer->inputs; k++) {
                    double other = fabs(row[k]) * input_norm(from, &trace, rows, l, k);
                    better += other > score || (other == score && k < j);
                }
                if (better >= floor(f * (double)layer->inputs + 1e-9))
                    to->layers[l].weights[i * layer->inputs + j] = 0;
            }
    }
    trace_free(&trace);
}

static void check_same(const struct network *a, const struct network *b) {
    for (size_t l = 0; l < a->depth; l++) {
        const struct layer *x = &a->layers[l], *y = &b->layers[l];
        assert_memory_equal(x->bias, y->bias, x->neurons * sizeof(double));
        for (size_t k = 0; k < x->neurons * x->inputs; k++)
            assert_true(x->weights[k] == y->weights[k]);
    }
}

static void check_size(const struct network *network, const struct network *pruned, double grp,
                       bool reached) {
    double size = metrics_grp(network_nonzero_parameters(pruned), network_parameters(network));
    double least = metrics_grp(network_biases(network), network_parameters(network));
    assert_true(reached == (grp * (1 + 1e-12) >= least));
    assert_true(!reached || size <= grp * (1 + 1e-12));
}

static void pruning_keeps_what_the_method_says(void **state) {
    (void)state;
    static const double sizes[] = {0, 3, 10, 20, 100. / 3, 50, 60, 75, 90, 99.9, 100, 250};
    struct error error = {0};
    struct rng rng;
    rng_seed(&rng, 1);
    size_t unreached = 0;
    for (size_t n = 0; n < 120; n++) {
        struct network *network = tied_network(&rng);
        struct matrix rows = random_rows(&rng, n % 3 ? 20 : 150, network_inputs(network));
        for (int method = 0; method < PRUNE_METHODS; method++) {
            struct ranking *ranking =
                ranking_new((enum prune_method)method, network, &rows, NULL, &error);
            must(ranking, &error);
            for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
                bool reached;
                struct network *pruned = ranking_prune(ranking, sizes[s], &reached, &error);
                struct network *expected = network_copy(network, &error);
                must(pruned && expected, &error);
                if (method == PRUNE_MAGNITUDE)
                    prune_magnitude(network, sizes[s], expected);
                else
                    prune_wanda(network, &rows, sizes[s], expected);
                check_same(expected, pruned);
                check_size(network, pruned, sizes[s], reached);
                unreached += !reached;
                network_free(pruned);
                network_free(expected);
            }
            ranking_free(ranking);
        }
        matrix_free(&rows);
        network_free(network);
    }
    assert_true(unreached > 100);
}

/* Sizes that are a whole number of weights but for rounding are taken as such. */
static void a_size_that_is_a_whole_number_of_weights_is_met(void **state) {
    (void)state;
    struct error error = {0};
    struct rng rng;
    rng_seed(&rng, 2);
    struct network *network = random_network_of(&rng, (size_t[]){7, 9, 3}, 2, ACTIVATION_RELU);
    struct ranking *ranking = ranking_new(PRUNE_MAGNITUDE, network, NULL, NULL, &error);
    must(ranking, &error);
    size_t all = network_parameters(network);
    for (size_t kept = network_biases(network); kept <= all; kept++) {
        bool reached;
        struct network *pruned = ranking_prune(ranking, metrics_grp(kept, all), &reached, &error);
        must(pruned, &error);
        assert_true(reached);
        assert_int_equal(network_nonzero_parameters(pruned), kept);
        network_free(pruned);
    }
    ranking_free(ranking);
    network_free(network);
}

/* Activations that overflow give scores without an order; the ranking must still be one. */
static void wanda_survives_activations_that_overflow(void **state) {
    (void)state;
    struct error error = {0};
    struct rng rng;
    rng_seed(&rng, 3);
    struct network *network =
        random_network_of(&rng, (size_t[]){3, 30, 30, 30, 2}, 4, ACTIVATION_SQUARE);
    for (size_t k = 0; k < 90; k++)
        network->layers[0].weights[k] *= k % 2 ? 1e100 : 0;
    struct matrix rows = random_rows(&rng, 20, 3);
    struct ranking *ranking = ranking_new(PRUNE_WANDA, network, &rows, NULL, &error);
    must(ranking, &error);
    for (double grp = 0; grp <= 100; grp += 10) {
        bool reached;
        struct network *pruned = ranking_prune(ranking, grp, &reached, &error);
        must(pruned, &error);
        check_size(network, pruned, grp, reached);
        network_free(pruned);
    }
    ranking_free(ranking);
    matrix_free(&rows);
    network_free(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pruning_keeps_what_the_method_says),
        cmocka_unit_test(a_size_that_is_a_whole_number_of_weights_is_met),
        cmocka_unit_test(wanda_survives_activations_that_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
