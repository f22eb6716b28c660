/* The equivalences from their definition: the systems have the classes they are known for, and
 * distances are the formulas of the design for layers. */
#include "lumpscope/encoding.h"
#include "lumpscope/naive_system.h"
#include "lumpscope/systems.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 300 };

static struct system *make(struct system_spec spec) {
    struct rng rng;
    rng_seed(&rng, 1);
    struct system *system = system_new(&spec, &rng, NULL);
    assert_non_null(system);
    return system;
}

/* Classes when all variables begin in one block; `blocks` [MOST] may be NULL. */
static size_t classes(const struct polynomial_system *system, enum relation relation,
                      enum norm norm, double epsilon, size_t *blocks) {
    size_t own[MOST], count;
    struct error error = {0};
    if (!blocks)
        blocks = own;
    memcpy(blocks, system->blocks, system->variables * sizeof *blocks);
    if (!naive_system_refine(system, relation, norm, epsilon, blocks, &count, NULL, &error))
        fail_msg("%s", error.text);
    return count;
}

static struct system_spec htree(size_t depth, double eta) {
    struct system_spec spec = system_spec_defaults(SYSTEM_HTREE);
    spec.depth = depth;
    spec.eta = eta;
    return spec;
}

static struct system_spec polymer(size_t types, double inflow, bool perturbed) {
    struct system_spec spec = system_spec_defaults(SYSTEM_POLYMER);
    spec.types = types;
    spec.inflow = inflow;
    spec.perturbed = perturbed;
    return spec;
}

static struct system_spec rn(size_t sites) {
    struct system_spec spec = system_spec_defaults(SYSTEM_RN);
    spec.sites = sites;
    return spec;
}

/* Ground truth of the design; every one is also the coarsest equivalence of the system, so that it
 * comes out of one block of all variables. */
static void the_systems_have_their_known_classes(void **state) {
    (void)state;
    const struct {
        struct system_spec spec;
        size_t variables, forward, backward;
    } cases[] = {
        {htree(2, 0), 3, 2, 2},
        {htree(3, 0), 7, 3, 3},
        {htree(4, 0), 15, 4, 4},
        {htree(5, 0), 31, 5, 5},
        {htree(6, 0), 63, 6, 6},
        {htree(8, 0), 255, 8, 8},
        {polymer(2, 0, false), 9, 6, 6},
        {polymer(2, 0.7, false), 9, 6, 9},
        {polymer(2, 0, true), 9, 9, 9},
        {polymer(3, 0, false), 12, 6, 6},
        {polymer(3, 2, false), 12, 6, 12},
        {polymer(3, 0, true), 12, 12, 12},
        {rn(0), 5, 3, 5},
        {rn(1), 6, 6, 6},
        {rn(2), 18, 12, 12},
        {rn(3), 66, 22, 22},
        {rn(4), 258, 37, 37},
    };
    static const enum norm norms[] = {NORM_L1, NORM_L2, NORM_LINF, NORM_ERODE};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct system *system = make(cases[i].spec);
        assert_int_equal(system->variables, cases[i].variables);
        for (size_t n = 0; n < 4; n++) {
            assert_int_equal(classes(system->polynomials, RELATION_FORWARD, norms[n], 0, NULL),
                             cases[i].forward);
            assert_int_equal(classes(system->polynomials, RELATION_BACKWARD, norms[n], 0, NULL),
                             cases[i].backward);
        }
        system_free(system);
    }
}

static void classes_hold_the_variables_that_play_the_same_part(void **state) {
    (void)state;
    size_t blocks[MOST];
    struct system *system = make(htree(4, 0));
    for (int relation = RELATION_FORWARD; relation <= RELATION_BACKWARD; relation++) {
        classes(system->polynomials, (enum relation)relation, NORM_L1, 0, blocks);
        for (size_t level = 0, v = 0; level < 4; level++)
            for (; v < ((size_t)2 << level) - 1; v++)
                assert_int_equal(blocks[v], level);
    }
    system_free(system);
    static const size_t binding[] = {0, 0, 1, 2, 2};
    system = make(rn(0));
    classes(system->polynomials, RELATION_FORWARD, NORM_L1, 0, blocks);
    assert_memory_equal(blocks, binding, sizeof binding);
    system_free(system);
    static const size_t types[] = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 4, 5};
    system = make(polymer(3, 1, false));
    classes(system->polynomials, RELATION_FORWARD, NORM_L1, 0, blocks);
    assert_memory_equal(blocks, types, sizeof types);
    system_free(system);
}

static bool both_in(const char *letters, const char *name, const char *other) {
    for (const char *letter = letters; *letter; letter++) {
        int difference = 0;
        for (const char *c = name + 2; *c; c++)
            difference += *c == *letter;
        for (const char *c = other + 2; *c; c++)
            difference -= *c == *letter;
        if (difference != 0)
            return false;
    }
    return true;
}

static void substrates_are_one_class_per_multiset_of_letters(void **state) {
    (void)state;
    size_t blocks[MOST];
    struct system *system = make(rn(3));
    classes(system->polynomials, RELATION_FORWARD, NORM_L1, 0, blocks);
    for (size_t i = 2; i < system->variables; i++)
        for (size_t j = 2; j < i; j++)
            assert_int_equal(blocks[i] == blocks[j],
                             both_in("uUpP", system->names[i], system->names[j]));
    system_free(system);
}

static void a_perturbed_tree_is_whole_at_a_tiny_epsilon_and_lumped_at_a_larger_one(void **state) {
    (void)state;
    struct system *system = make(htree(4, 1));
    static const enum norm norms[] = {NORM_L1, NORM_L2, NORM_LINF, NORM_ERODE};
    for (size_t n = 0; n < 4; n++)
        for (int r = RELATION_FORWARD; r <= RELATION_BACKWARD; r++) {
            enum relation relation = (enum relation)r;
            assert_int_equal(classes(system->polynomials, relation, norms[n], 1e-9, NULL), 15);
            assert_int_equal(classes(system->polynomials, relation, norms[n], 0.1, NULL), 4);
            assert_int_equal(classes(system->polynomials, relation, norms[n], 100, NULL), 1);
        }
    system_free(system);
}

static void classes_only_grow_with_epsilon_in_l1(void **state) {
    (void)state;
    struct system *system = make(htree(5, 5));
    for (int relation = RELATION_FORWARD; relation <= RELATION_BACKWARD; relation++) {
        size_t finer[MOST], coarser[MOST], sizes = 0, last = 0;
        classes(system->polynomials, (enum relation)relation, NORM_L1, 0, finer);
        for (double epsilon = 1e-4; epsilon < 10; epsilon *= 1.5) {
            size_t count =
                classes(system->polynomials, (enum relation)relation, NORM_L1, epsilon, coarser);
            for (size_t i = 0; i < system->variables; i++)
                for (size_t j = 0; j < i; j++)
                    assert_true(finer[i] != finer[j] || coarser[i] == coarser[j]);
            memcpy(finer, coarser, sizeof finer);
            sizes += count != last;
            last = count;
        }
        assert_true(sizes > 5); /* there was something to see */
    }
    system_free(system);
}

/* What an exact forward equivalence is for: block sums have the same derivative whatever is inside
 * the blocks. */
static void block_sums_have_a_system_of_their_own(void **state) {
    (void)state;
    struct system *system = make(rn(2));
    size_t blocks[MOST], variables = system->variables;
    size_t count = classes(system->polynomials, RELATION_FORWARD, NORM_L1, 0, blocks);
    struct rng rng;
    rng_seed(&rng, 2);
    double x[MOST], y[MOST], dx[MOST], dy[MOST], sums[MOST] = {0};
    for (size_t i = 0; i < variables; i++)
        sums[blocks[i]] += x[i] = rng_uniform(&rng);
    for (size_t i = 0; i < variables; i++) { /* all of a block's sum in its first member */
        y[i] = sums[blocks[i]];
        sums[blocks[i]] = 0;
    }
    system_derivative(system, x, dx);
    system_derivative(system, y, dy);
    for (size_t block = 0; block < count; block++) {
        double difference = 0;
        for (size_t i = 0; i < variables; i++)
            difference += blocks[i] == block ? dx[i] - dy[i] : 0;
        assert_true(fabs(difference) < 1e-12);
    }
    system_free(system);
}

/* And an exact backward equivalence: what is equal inside blocks stays equal. */
static void equal_values_inside_blocks_stay_equal(void **state) {
    (void)state;
    struct system *system = make(rn(2));
    size_t blocks[MOST], first[MOST], variables = system->variables;
    classes(system->polynomials, RELATION_BACKWARD, NORM_L1, 0, blocks);
    struct rng rng;
    rng_seed(&rng, 2);
    double values[MOST], x[MOST], dx[MOST];
    for (size_t i = variables; i-- > 0;) {
        first[blocks[i]] = i;
        values[i] = rng_uniform(&rng);
    }
    for (size_t i = 0; i < variables; i++)
        x[i] = values[blocks[i]];
    system_derivative(system, x, dx);
    for (size_t i = 0; i < variables; i++)
        assert_true(fabs(dx[i] - dx[first[blocks[i]]]) < 1e-12);
    system_free(system);
}

static struct network *random_network(struct rng *rng, const size_t *sizes, size_t depth,
                                      enum activation_kind kind) {
    struct network *network = network_new("random", sizes, depth, NULL);
    assert_non_null(network);
    for (size_t l = 0; l < depth; l++) {
        struct layer *layer = &network->layers[l];
        layer->activation.kind = kind;
        for (size_t i = 0; i < layer->neurons * layer->inputs; i++)
            layer->weights[i] = rng_normal(rng);
        for (size_t i = 0; i < layer->neurons; i++)
            layer->bias[i] = rng_normal(rng);
    }
    return network;
}

/* A norm of numbers added one by one, written out for the formulas below. */
struct norms {
    double l1, l2, linf;
};

static void add(struct norms *norms, double value) {
    norms->l1 += fabs(value);
    norms->l2 += value * value;
    norms->linf = fmax(norms->linf, fabs(value));
}

/* method.md section 3: neurons j, k of the inputs of `consumer`, whose classes are `of`. */
static struct norms forward_distance(const struct layer *consumer, const size_t *of, size_t j,
                                     size_t k) {
    struct norms norms = {0};
    const double *V = consumer->weights;
    size_t n = consumer->inputs;
    bool square = consumer->activation.kind == ACTIVATION_SQUARE;
    for (size_t H = 0; H < consumer->neurons; H++) {
        double linear = 0;
        for (size_t i = 0; i < consumer->neurons; i++)
            if (of[i] == H)
                linear += (V[i * n + j] - V[i * n + k]) * (square ? 2 * consumer->bias[i] : 1);
        add(&norms, linear);
        for (size_t m = 0; square && m < n; m++) {
            double q = 0;
            for (size_t i = 0; i < consumer->neurons; i++)
                if (of[i] == H)
                    q += (V[i * n + j] - V[i * n + k]) * V[i * n + m];
            add(&norms, 2 * q);
        }
    }
    norms.l2 = sqrt(norms.l2);
    return norms;
}

static double q_entry(const struct layer *consumer, const size_t *of, size_t H, size_t j,
                      size_t k) {
    double sum = 0;
    for (size_t i = 0; i < consumer->neurons; i++)
        if (of[i] == H)
            sum += consumer->weights[i * consumer->inputs + j] *
                   consumer->weights[i * consumer->inputs + k];
    return sum;
}

/* method.md section 3, norm erode, square consumer, j < k. */
static double erode_square(const struct layer *consumer, const size_t *of, size_t j, size_t k) {
    double distance = 0;
    size_t n = consumer->inputs;
    for (size_t H = 0; H < consumer->neurons; H++) {
        double linear = 0, jj = q_entry(consumer, of, H, j, j), kk = q_entry(consumer, of, H, k, k),
               jk = 2 * q_entry(consumer, of, H, j, k);
        for (size_t i = 0; i < consumer->neurons; i++)
            if (of[i] == H)
                linear += 2 * consumer->bias[i] *
                          (consumer->weights[i * n + j] - consumer->weights[i * n + k]);
        for (size_t m = 0; m < n; m++)
            if (m != j && m != k)
                distance += 3 * fabs(2 * q_entry(consumer, of, H, j, m) -
                                     2 * q_entry(consumer, of, H, k, m));
        distance += 3 * fabs(linear);
        distance += fabs(jj - kk) + 5 * fabs(jk - 2 * kk) + 4 * fabs(jj - jk + kk);
    }
    return distance;
}

static double one_distance(const struct polynomial_system *system, const size_t *blocks,
                           enum relation relation, enum norm norm, size_t j, size_t k) {
    const size_t pair[2] = {j, k};
    double out[4];
    assert_true(naive_system_distances(system, blocks, relation, norm, pair, 2, out, NULL));
    assert_true(out[0] == 0 && out[3] == 0 && out[1] == out[2]);
    return out[1];
}

static void assert_close(double value, double wanted) {
    if (!(fabs(value - wanted) <= 1e-12 * (1 + fabs(wanted))))
        fail_msg("%.17g where %.17g was to be", value, wanted);
}

enum { INPUTS = 3, HIDDEN = 5, CONSUMERS = 4, VARIABLES = INPUTS + HIDDEN + CONSUMERS };

static void forward_distances_are_the_formulas_for_layers(void **state) {
    (void)state;
    static const size_t sizes[] = {INPUTS, HIDDEN, CONSUMERS};
    static const size_t of[CONSUMERS] = {0, 1, 0, 2};
    struct rng rng;
    rng_seed(&rng, 6);
    for (int kind = ACTIVATION_LINEAR; kind <= ACTIVATION_SQUARE; kind++) {
        struct network *network = random_network(&rng, sizes, 2, (enum activation_kind)kind);
        const struct layer *consumer = &network->layers[1];
        struct polynomial_system *system = encoding_new(network, NULL);
        size_t blocks[VARIABLES] = {0, 0, 0, 1, 1, 1, 1, 1, 2, 3, 2, 4};
        for (size_t j = 0; j < HIDDEN; j++)
            for (size_t k = j + 1; k < HIDDEN; k++) {
                struct norms wanted = forward_distance(consumer, of, j, k);
                size_t a = INPUTS + k, b = INPUTS + j;
                double erode =
                    kind == ACTIVATION_SQUARE ? erode_square(consumer, of, j, k) : 3 * wanted.l1;
                enum relation forward = RELATION_FORWARD;
                assert_close(one_distance(system, blocks, forward, NORM_L1, a, b), wanted.l1);
                assert_close(one_distance(system, blocks, forward, NORM_L2, a, b), wanted.l2);
                assert_close(one_distance(system, blocks, forward, NORM_LINF, a, b), wanted.linf);
                assert_close(one_distance(system, blocks, forward, NORM_ERODE, a, b), erode);
            }
        polynomial_system_free(system);
        network_free(network);
    }
}

/* method.md section 4, norms l1 (linear) and erode: neurons i, k of `layer`, whose inputs have the
 * classes `of`. */
static double backward_distance(const struct layer *layer, const size_t *of, size_t i, size_t k) {
    double A[2][INPUTS + 1] = {{0}}, distance = 0; /* class sums, then the bias */
    for (size_t side = 0; side < 2; side++) {
        size_t row = side ? k : i;
        for (size_t j = 0; j < layer->inputs; j++)
            A[side][of[j]] += layer->weights[row * layer->inputs + j];
        A[side][INPUTS] = layer->bias[row];
    }
    bool square = layer->activation.kind == ACTIVATION_SQUARE;
    for (size_t B = 0; B <= INPUTS; B++) {
        if (!square)
            distance += fabs(A[0][B] - A[1][B]);
        for (size_t C = B; square && C <= INPUTS; C++)
            distance += (C == B ? 1 : 2) * fabs(A[0][B] * A[0][C] - A[1][B] * A[1][C]);
    }
    return distance;
}

static void backward_distances_are_the_formulas_for_layers(void **state) {
    (void)state;
    static const size_t sizes[] = {INPUTS, HIDDEN};
    static const size_t blocks[] = {0, 1, 0, 2, 2, 2, 2, 2};
    struct rng rng;
    rng_seed(&rng, 8);
    for (int kind = ACTIVATION_LINEAR; kind <= ACTIVATION_SQUARE; kind++) {
        struct network *network = random_network(&rng, sizes, 1, (enum activation_kind)kind);
        struct polynomial_system *system = encoding_new(network, NULL);
        for (size_t i = 0; i < HIDDEN; i++)
            for (size_t k = 0; k < i; k++) {
                double wanted = backward_distance(&network->layers[0], blocks, i, k);
                enum relation backward = RELATION_BACKWARD;
                size_t a = INPUTS + i, b = INPUTS + k;
                assert_close(one_distance(system, blocks, backward, NORM_ERODE, a, b), wanted);
                assert_close(one_distance(system, blocks, backward, NORM_L1, a, b), wanted);
            }
        polynomial_system_free(system);
        network_free(network);
    }
}

static void norms_are_distances_from_a_variable_that_nothing_reads(void **state) {
    (void)state;
    static const size_t sizes[] = {INPUTS, HIDDEN, CONSUMERS};
    struct rng rng;
    rng_seed(&rng, 9);
    struct network *network = random_network(&rng, sizes, 2, ACTIVATION_SQUARE);
    for (size_t i = 0; i < CONSUMERS; i++) /* the last hidden neuron is dead */
        network->layers[1].weights[i * HIDDEN + HIDDEN - 1] = 0;
    struct polynomial_system *system = encoding_new(network, NULL);
    static const enum norm norms[] = {NORM_L1, NORM_L2, NORM_LINF};
    size_t hidden[HIDDEN] = {3, 4, 5, 6, 7};
    for (size_t n = 0; n < 3; n++) {
        double out[HIDDEN];
        assert_true(naive_system_norms(system, system->blocks, RELATION_FORWARD, norms[n], hidden,
                                       HIDDEN, out, NULL));
        for (size_t j = 0; j < HIDDEN; j++)
            assert_close(out[j], one_distance(system, system->blocks, RELATION_FORWARD, norms[n],
                                              hidden[j], hidden[HIDDEN - 1]));
        assert_true(out[0] > 0 && out[HIDDEN - 1] == 0);
    }
    polynomial_system_free(system);
    network_free(network);
}

/* Joins what chains of distances <= epsilon connect, in place, by repeated sweeps over all pairs.
 */
static void chain_by_hand(const double *distances, const size_t *variables, size_t count,
                          double epsilon, size_t *blocks) {
    for (size_t round = 0; round < count; round++)
        for (size_t a = 0; a < count; a++)
            for (size_t b = 0; b < count; b++)
                if (distances[a * count + b] <= epsilon &&
                    blocks[variables[b]] < blocks[variables[a]])
                    blocks[variables[a]] = blocks[variables[b]];
}

/* method.md section 3: the classes of layer L-1 are final at once, then L-2 with those classes. */
static void on_a_network_refinement_is_the_sweep_for_every_norm(void **state) {
    (void)state;
    static const size_t sizes[] = {2, 6, 7, 3};
    static const enum norm norms[] = {NORM_L1, NORM_L2, NORM_LINF, NORM_ERODE};
    struct rng rng;
    rng_seed(&rng, 10);
    size_t partial = 0;
    for (size_t round = 0; round < 40; round++) {
        struct network *network =
            random_network(&rng, sizes, 3, round % 2 ? ACTIVATION_SQUARE : ACTIVATION_LINEAR);
        struct polynomial_system *system = encoding_new(network, NULL);
        enum norm norm = norms[round / 2 % 4];
        double epsilon = INFINITY; /* set so that layer 2 merges, but hardly all of it */
        size_t swept[18], refined[18], numbers[18];
        for (size_t i = 0; i < 18; i++)
            swept[i] = i < 2 || i >= 15 ? i : i < 8 ? 2 : 8; /* layers, the rest alone */
        memcpy(refined, swept, sizeof refined);
        for (size_t l = 2; l >= 1; l--) {
            size_t layer[7], first = encoding_variable(network, l, 0), count = sizes[l];
            double distances[49];
            for (size_t i = 0; i < count; i++)
                layer[i] = first + i;
            assert_true(naive_system_distances(system, swept, RELATION_FORWARD, norm, layer, count,
                                               distances, NULL));
            for (size_t i = 1; l == 2 && i < count * count; i++)
                if (distances[i] > 0)
                    epsilon = fmin(epsilon, distances[i] * (1 + rng_uniform(&rng)));
            for (size_t i = 0; i < count; i++)
                swept[first + i] = first + i;
            chain_by_hand(distances, layer, count, epsilon, swept);
        }
        blocks_renumber(swept, 18, numbers);
        size_t blocks;
        assert_true(naive_system_refine(system, RELATION_FORWARD, norm, epsilon, refined, &blocks,
                                        NULL, NULL));
        assert_memory_equal(refined, swept, sizeof swept);
        partial += blocks > 7 && blocks < 18;
        polynomial_system_free(system);
        network_free(network);
    }
    assert_true(partial > 10); /* neither all apart nor all together */
}

/* x2' = 0.3 x0 + (0.1 + 0.2) x1: the sum is not the double 0.3. */
static void rounding_keeps_nothing_apart_but_a_difference_does(void **state) {
    (void)state;
    static const struct {
        double more;
        size_t count;
    } cases[] = {{0, 2}, {1e-11, 3}};
    for (size_t i = 0; i < 2; i++) {
        struct polynomial_system *system = polynomial_system_new(3, NULL);
        const struct factor x0 = {0, 1}, x1 = {1, 1};
        struct polynomial *p = &system->derivatives[2];
        assert_true(polynomial_append(p, 0.3 + cases[i].more, &x0, 1, NULL));
        assert_true(polynomial_append(p, 0.1, &x1, 1, NULL));
        assert_true(polynomial_append(p, 0.2, &x1, 1, NULL));
        assert_true(polynomial_normalise(p, NULL));
        system->blocks[2] = 1;
        assert_true(one_distance(system, system->blocks, RELATION_FORWARD, NORM_L1, 0, 1) > 0);
        assert_int_equal(classes(system, RELATION_FORWARD, NORM_L1, 0, NULL), cases[i].count);
        polynomial_system_free(system);
    }
}

static bool stop(void *user, const char *what, size_t done, size_t total) {
    (void)user;
    (void)what;
    (void)done;
    (void)total;
    return false;
}

static void what_cannot_be_computed_is_refused(void **state) {
    (void)state;
    struct system *system = make(rn(0));
    size_t blocks[5] = {0}, count;
    struct error error = {0};
    assert_false(naive_system_refine(system->polynomials, RELATION_JOINT, NORM_L1, 0, blocks,
                                     &count, NULL, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_false(naive_system_refine(system->polynomials, RELATION_FORWARD, NORM_L1, NAN, blocks,
                                     &count, NULL, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    struct progress progress = {stop, NULL};
    assert_false(naive_system_refine(system->polynomials, RELATION_FORWARD, NORM_L1, 0, blocks,
                                     &count, &progress, &error));
    assert_int_equal(error.kind, ERROR_CANCELLED);
    const struct factor cube = {0, 3};
    assert_true(polynomial_append(&system->polynomials->derivatives[0], 1, &cube, 1, NULL));
    assert_true(polynomial_normalise(&system->polynomials->derivatives[0], NULL));
    assert_false(naive_system_refine(system->polynomials, RELATION_FORWARD, NORM_ERODE, 0, blocks,
                                     &count, NULL, &error));
    assert_int_equal(error.kind, ERROR_REQUEST);
    assert_non_null(strstr(error.text, "degree 3"));
    system_free(system);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_systems_have_their_known_classes),
        cmocka_unit_test(classes_hold_the_variables_that_play_the_same_part),
        cmocka_unit_test(substrates_are_one_class_per_multiset_of_letters),
        cmocka_unit_test(a_perturbed_tree_is_whole_at_a_tiny_epsilon_and_lumped_at_a_larger_one),
        cmocka_unit_test(classes_only_grow_with_epsilon_in_l1),
        cmocka_unit_test(block_sums_have_a_system_of_their_own),
        cmocka_unit_test(equal_values_inside_blocks_stay_equal),
        cmocka_unit_test(forward_distances_are_the_formulas_for_layers),
        cmocka_unit_test(backward_distances_are_the_formulas_for_layers),
        cmocka_unit_test(norms_are_distances_from_a_variable_that_nothing_reads),
        cmocka_unit_test(on_a_network_refinement_is_the_sweep_for_every_norm),
        cmocka_unit_test(rounding_keeps_nothing_apart_but_a_difference_does),
        cmocka_unit_test(what_cannot_be_computed_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
