/* Distances that are kept from one step of epsilon to the next: the engine has to give what one
 * that has just begun gives, wherever epsilon has been. */
#include "random_network.h"

#include "lumpscope/memory.h"
#include "lumpscope/refine.h"

#include "lump/changed.h"
#include "lump/stored.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WALKS = 48, STEPS = 60, WIDEST = 40 };

static const enum activation_kind kinds[] = {ACTIVATION_LINEAR, ACTIVATION_SQUARE,
                                             ACTIVATION_POLYNOMIAL, ACTIVATION_RELU};

/* Two or three hidden layers of one kind, some neurons alike and some nearly. */
static struct network *walked_network(struct rng *rng, size_t number) {
    size_t sizes[5], depth = 3 + number % 2;
    struct activation activations[4];
    for (size_t l = 0; l <= depth; l++)
        sizes[l] = l == 0 || l == depth ? 2 : 8 + random_below(rng, WIDEST - 8);
    for (size_t l = 0; l < depth; l++) {
        enum activation_kind kind = kinds[number / 2 % 4];
        activations[l] = (struct activation){.kind = kind};
        if (kind == ACTIVATION_POLYNOMIAL)
            activation_polynomial((double[]){0.5, 1, 0.25, 0.125}, 4, &activations[l]);
    }
    struct network *network = random_network(rng, sizes, activations, depth);
    for (size_t l = 1; l < depth; l++)
        for (size_t k = 0; k < sizes[l] / 3; k++) {
            size_t from = random_below(rng, sizes[l]), to = random_below(rng, sizes[l]);
            if (from != to)
                plant_scaled(network, l, from, to, 1, k % 2 ? 1 : 1 + 1e-3 * rng_normal(rng));
        }
    return network;
}

static struct options walked_options(size_t number) {
    struct options options;
    options_defaults(&options, false);
    options.relation = number & 1 ? RELATION_FORWARD : RELATION_BACKWARD;
    options.linkage = number & 2 ? LINKAGE_CHAIN : LINKAGE_COMPLETE;
    options.norm = (enum norm)(number / 4 % 3);
    options.scale = number & 16 ? SCALE_ABSOLUTE : SCALE_RELATIVE;
    options.balance = number % 5 < 3;
    return options;
}

static void expect_fresh(const struct network *network, const struct refine *walked) {
    struct error error = {0};
    const struct options *options = refine_options(walked);
    double epsilon = refine_epsilon(walked);
    struct refine *fresh = refine_new(network, options, NULL, NULL, &error);
    must(fresh, &error);
    must(refine_set_epsilon(fresh, epsilon, NULL, &error), &error);
    if (!partition_equal(refine_partition(fresh), refine_partition(walked)))
        fail_msg("%s %s %s %s balance %d %s, epsilon %.17g: other classes than at first",
                 relation_name(options->relation), linkage_name(options->linkage),
                 norm_name(options->norm), scale_name(options->scale), options->balance,
                 activation_name(network->layers[0].activation.kind), epsilon);
    double next = refine_next_event(walked, NULL), expected = refine_next_event(fresh, NULL);
    assert_true(isnan(next) == isnan(expected));
    if (!isnan(next) && fabs(next - expected) > 1e-11 * fmax(1, expected))
        fail_msg("the next event is %.17g, not %.17g", next, expected);
    refine_free(fresh);
}

/* Mostly the next event, else the one before or somewhere else. */
static void step(struct rng *rng, struct refine *refine) {
    struct error error = {0};
    double next = refine_next_event(refine, NULL), now = refine_epsilon(refine);
    size_t way = random_below(rng, 8);
    if (way == 0)
        refine_step_back(refine, NULL, &error);
    else if (way == 1)
        refine_set_epsilon(refine, now * 2 * rng_uniform(rng), NULL, &error);
    else if (isnan(next))
        refine_set_epsilon(refine, 0, NULL, &error);
    else
        refine_set_epsilon(refine, way == 2 ? now + 3 * (next - now) : next, NULL, &error);
    if (error.kind != ERROR_NONE)
        fail_msg("%s", error.text);
}

static void wherever_epsilon_has_been_classes_are_those_of_a_fresh_engine(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 71);
    for (size_t walk = 0; walk < WALKS; walk++) {
        struct error error = {0};
        struct network *network = walked_network(&rng, walk / 2);
        struct options options = walked_options(walk);
        struct refine *refine = refine_new(network, &options, NULL, NULL, &error);
        must(refine, &error);
        for (size_t k = 0; k < STEPS; k++) {
            step(&rng, refine);
            expect_fresh(network, refine);
        }
        refine_free(refine);
        network_free(network);
    }
}

/* Some classes merge with others, or fall apart. */
static void change_classes(struct rng *rng, struct classes *classes) {
    struct error error = {0};
    uint32_t *label = memory_copy(classes->class_of, classes->neurons, sizeof *label, &error);
    must(label, &error);
    for (size_t k = random_below(rng, 4) == 0 ? 2 : 1; k > 0; k--) {
        uint32_t from = (uint32_t)random_below(rng, classes->count);
        uint32_t to = (uint32_t)random_below(rng, classes->count);
        bool split = random_below(rng, 5) < 3 && classes->count < classes->neurons;
        for (size_t i = 0; i < classes->neurons; i++)
            if (label[i] == from)
                label[i] = !split ? to : random_below(rng, 2) ? (uint32_t)classes->count : from;
    }
    must(classes_from_labels(classes, label, &error), &error);
    free(label);
}

struct sums {
    size_t moves, distances;
    double worst; /* largest difference over the mean norm */
};

static void expect_sums(const struct stored *kept, const struct stored_layer *layer,
                        struct sums *sums) {
    struct stored fresh = {0};
    struct error error = {0};
    must(stored_make(&fresh, layer, &kept->classes, NULL, &error), &error);
    assert_true(fabs(kept->mean - fresh.mean) <= 1e-12 * fresh.mean);
    for (size_t k = 0; k < fresh.n * (fresh.n - 1) / 2; k++) {
        double a = kept->sum[k], b = fresh.sum[k];
        double off = kept->squares ? fabs(sqrt(a) - sqrt(b)) : fabs(a - b);
        sums->worst = fmax(sums->worst, off / fresh.mean);
        if (!(off <= 4e-13 * fresh.mean))
            fail_msg("a distance is %.17g, not %.17g", a, b);
        sums->distances++;
    }
    stored_free(&fresh);
}

static void check_sums(struct rng *rng, const struct network *network, struct stored_layer layer,
                       struct sums *sums) {
    struct stored stored = {0};
    struct error error = {0};
    size_t beside = layer.relation == RELATION_FORWARD ? layer.l : layer.l - 2;
    struct classes classes = {.neurons = network->layers[beside].neurons};
    classes.count = classes.neurons;
    classes.class_of = calloc(classes.neurons, sizeof *classes.class_of);
    for (uint32_t i = 0; i < classes.neurons; i++)
        classes.class_of[i] = i;
    must(stored_make(&stored, &layer, &classes, NULL, &error), &error);
    for (size_t k = 0; k < 200; k++) {
        bool moved, other;
        change_classes(rng, &classes);
        other = !classes_equal(&classes, &stored.classes);
        must(stored_move(&stored, &layer, &classes, &moved, NULL, &error), &error);
        if (!moved)
            must(stored_make(&stored, &layer, &classes, NULL, &error), &error);
        sums->moves += moved && other;
        expect_sums(&stored, &layer, sums);
    }
    free(classes.class_of);
    stored_free(&stored);
}

static void sums_that_are_moved_are_those_made_anew_to_far_below_the_tolerance(void **state) {
    (void)state;
    static const enum norm norms[] = {NORM_L1, NORM_L2, NORM_ERODE};
    struct rng rng;
    rng_seed(&rng, 72);
    for (size_t round = 0; round < 8 * 3; round++) {
        struct network *network = walked_network(&rng, round % 8);
        struct sums sums = {0};
        enum activation_kind kind = network->layers[0].activation.kind;
        struct stored_layer layer = {network, 1, RELATION_FORWARD, norms[round / 8]};
        bool erode = layer.norm == NORM_ERODE;
        for (size_t l = 0; erode && l < network->depth; l++) /* its tolerance has no unit */
            for (size_t k = 0; k < network->layers[l].neurons * network->layers[l].inputs; k++)
                network->layers[l].weights[k] *= 0.1;
        if (kind != ACTIVATION_RELU && !(erode && kind == ACTIVATION_POLYNOMIAL))
            check_sums(&rng, network, layer, &sums);
        layer.l = 2;
        layer.relation = RELATION_BACKWARD;
        if (stored_possible(&layer))
            check_sums(&rng, network, layer, &sums);
        print_message("%s %s: %zu moves, off by at most %.2g of the mean norm\n",
                      activation_name(kind), norm_name(layer.norm), sums.moves, sums.worst);
        assert_true(sums.moves > 20 || sums.distances == 0);
        network_free(network);
    }
}

static void expect_changed(const uint32_t *before, const uint32_t *after, const char *goes,
                           const char *comes) {
    struct error error = {0};
    struct changed changed;
    struct classes classes[2];
    const uint32_t *labels[2] = {before, after};
    char got[2][8] = {"", ""};
    for (size_t k = 0; k < 2; k++) {
        classes[k] = (struct classes){.neurons = 6};
        classes[k].class_of = calloc(6, sizeof *classes[k].class_of);
        must(classes_from_labels(&classes[k], labels[k], &error), &error);
    }
    must(changed_init(&changed, &classes[0], &classes[1], &error), &error);
    for (size_t i = 0; i < 6; i++) {
        uint32_t a = changed.before.class_of[i], b = changed.after.class_of[i];
        got[0][i] = (char)(a == PARTITION_DEAD ? '-' : '0' + a);
        got[1][i] = (char)(b == PARTITION_DEAD ? '-' : '0' + b);
    }
    assert_string_equal(got[0], goes);
    assert_string_equal(got[1], comes);
    changed_free(&changed);
    free(classes[0].class_of);
    free(classes[1].class_of);
}

static void only_classes_that_are_different_change(void **state) {
    (void)state;
    expect_changed((uint32_t[]){0, 1, 2, 3, 4, 5}, (uint32_t[]){0, 1, 2, 3, 4, 5}, "------",
                   "------");
    expect_changed((uint32_t[]){0, 1, 2, 3, 4, 5}, (uint32_t[]){0, 1, 2, 1, 4, 5}, "-0-1--",
                   "-0-0--");
    expect_changed((uint32_t[]){0, 1, 0, 1, 2, 2}, (uint32_t[]){0, 0, 0, 0, 2, 2}, "0101--",
                   "0000--");
    expect_changed((uint32_t[]){0, 0, 1, 1, 2, 2}, (uint32_t[]){0, 1, 1, 0, 2, 2}, "0011--",
                   "0110--");
    expect_changed((uint32_t[]){0, 0, 0, 1, 1, 2}, (uint32_t[]){3, 4, 3, 0, 0, 5}, "000---",
                   "010---");
}

struct stopper {
    size_t left; /* reports until it says stop */
};

static bool stop_soon(void *user, const char *what, size_t done, size_t total) {
    struct stopper *stopper = user;
    (void)what;
    (void)done;
    (void)total;
    return stopper->left-- > 0;
}

static void a_step_that_is_stopped_leaves_nothing_half_done(void **state) {
    (void)state;
    struct rng rng;
    size_t stopped = 0;
    rng_seed(&rng, 73);
    for (size_t round = 0; round < 16; round++) {
        struct error error = {0};
        struct network *network = walked_network(&rng, round);
        struct options options = walked_options(round);
        struct refine *refine = refine_new(network, &options, NULL, NULL, &error);
        must(refine, &error);
        for (size_t k = 0; k < STEPS; k++) {
            struct stopper stopper = {random_below(&rng, 30)};
            struct progress progress = {stop_soon, &stopper};
            double before = refine_epsilon(refine), next = refine_next_event(refine, NULL);
            if (isnan(next))
                break;
            if (!refine_set_epsilon(refine, next, &progress, &error)) {
                assert_int_equal(error.kind, ERROR_CANCELLED);
                assert_true(refine_epsilon(refine) == before);
                stopped++;
                must(refine_set_epsilon(refine, next, NULL, &error), &error);
            }
            expect_fresh(network, refine);
        }
        refine_free(refine);
        network_free(network);
    }
    assert_true(stopped > 50);
}

static void memory_decides_how_much_is_kept_and_never_what_comes_out(void **state) {
    (void)state;
    struct rng rng;
    struct error error = {0};
    rng_seed(&rng, 74);
    struct network *network =
        random_network_of(&rng, (size_t[]){3, 40, 30, 20, 2}, 4, ACTIVATION_LINEAR);
    struct options options;
    options_defaults(&options, false);
    for (int linkage = LINKAGE_CHAIN; linkage <= LINKAGE_COMPLETE; linkage++) {
        struct refine *all, *little;
        options.linkage = (enum linkage)linkage;
        options.memory = 0;
        all = refine_new(network, &options, NULL, NULL, &error);
        options.memory = linkage == LINKAGE_CHAIN ? 1 : 40 * 40 * sizeof(double);
        little = refine_new(network, &options, NULL, NULL, &error);
        must(all && little, &error);
        for (size_t k = 0; k < 40; k++) {
            double next = refine_next_event(all, NULL);
            must(refine_set_epsilon(all, next, NULL, &error), &error);
            must(refine_set_epsilon(little, next, NULL, &error), &error);
            assert_true(partition_equal(refine_partition(all), refine_partition(little)));
        }
        refine_free(all);
        refine_free(little);
    }
    options.memory = 40 * 40 * sizeof(double) - 1;
    assert_null(refine_new(network, &options, NULL, NULL, &error));
    assert_int_equal(error.kind, ERROR_REQUEST);
    assert_string_equal(error.text,
                        "hidden layer 1 is 40 neurons wide: --linkage complete holds all distances "
                        "between them, 12800 bytes (12.8 kB), and --memory allows 12.8 kB; use "
                        "--linkage chain, which holds none, or a larger --memory");
    options_lock(&options, 1, true); /* what is left alone needs none */
    struct refine *locked = refine_new(network, &options, NULL, NULL, &error);
    must(locked, &error);
    refine_free(locked);
    network_free(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_classes_that_are_different_change),
        cmocka_unit_test(sums_that_are_moved_are_those_made_anew_to_far_below_the_tolerance),
        cmocka_unit_test(wherever_epsilon_has_been_classes_are_those_of_a_fresh_engine),
        cmocka_unit_test(a_step_that_is_stopped_leaves_nothing_half_done),
        cmocka_unit_test(memory_decides_how_much_is_kept_and_never_what_comes_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
