/* Polish: what it promises of the rows held aside, of zeros and locks, and what it is worth. */
#include "random_network.h"

#include "lumpscope/polish.h"
#include "lumpscope/prune.h"
#include "lumpscope/refine.h"

#include "../src/lump/fit.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 300 };

/* A network, its rows and its engine at the epsilon of about half the classes. */
struct scene {
    struct network *network;
    struct matrix rows;
    struct refine *refine;
    struct polish *polish; /* of the engine's network */
};

static struct scene scene_new(struct rng *rng, const size_t *sizes, size_t depth,
                              enum activation_kind kind, size_t locked, size_t steps) {
    struct error error = {0};
    struct scene scene = {.network = random_network_of(rng, sizes, depth, kind),
                          .rows = random_rows(rng, ROWS, sizes[0])};
    struct options options;
    options_defaults(&options, true);
    if (locked)
        options_lock(&options, locked, true);
    scene.refine = refine_new(scene.network, &options, &scene.rows, NULL, &error);
    must(scene.refine, &error);
    for (size_t k = 0; k < steps; k++)
        must(refine_set_epsilon(scene.refine, refine_next_event(scene.refine, NULL), NULL, &error),
             &error);
    scene.polish = polish_new(scene.network, refine_prepared(scene.refine)->network, &scene.rows,
                              60, 1, NULL, &error);
    must(scene.polish, &error);
    return scene;
}

static void scene_free(struct scene *scene) {
    polish_free(scene->polish);
    refine_free(scene->refine);
    matrix_free(&scene->rows);
    network_free(scene->network);
}

/* Mean squared difference to the original on the rows r with r % 10 == 9 (held), or the others. */
static double distance_to(const struct network *original, const struct network *other,
                          const struct matrix *rows, bool held) {
    struct matrix a = outputs_of(original, rows), b = outputs_of(other, rows);
    double sum = 0, count = 0;
    for (size_t r = 0; r < rows->rows; r++)
        for (size_t o = 0; (r % 10 == 9) == held && o < a.columns; o++) {
            double d = matrix_row(&a, r)[o] - matrix_row(&b, r)[o];
            sum += d * d;
            count++;
        }
    matrix_free(&a);
    matrix_free(&b);
    return sum / count;
}

static const enum activation_kind kinds[] = {ACTIVATION_RELU, ACTIVATION_TANH, ACTIVATION_SQUARE,
                                             ACTIVATION_GELU, ACTIVATION_LINEAR};

static void polish_is_never_worse_on_held_aside_rows_and_mostly_much_better(void **state) {
    (void)state;
    struct rng rng;
    struct error error = {0};
    size_t halved = 0, count = 0;
    rng_seed(&rng, 5);
    for (size_t k = 0; k < 3 * sizeof kinds / sizeof *kinds; k++, count++) {
        struct scene scene =
            scene_new(&rng, (size_t[]){4, 12, 10, 2}, 3, kinds[k / 3], 0, 8 + k % 3);
        struct network *plain = reduced_at(scene.refine);
        struct network *polished = polish_reduced(scene.polish, scene.refine, NULL, &error);
        must(polished, &error);
        assert_int_equal(network_parameters(polished), network_parameters(plain));
        assert_non_null(network_member(polished, "lumpscope"));
        double before = distance_to(scene.network, plain, &scene.rows, true);
        double after = distance_to(scene.network, polished, &scene.rows, true);
        assert_true(after <= before);
        halved += after < before / 2;
        network_free(plain);
        network_free(polished);
        scene_free(&scene);
    }
    assert_true(halved * 10 >= count * 7);
}

static void zeros_of_pruned_networks_stay_zero_and_the_rest_comes_nearer(void **state) {
    (void)state;
    struct rng rng;
    struct error error = {0};
    rng_seed(&rng, 6);
    struct scene scene = scene_new(&rng, (size_t[]){5, 16, 16, 2}, 3, ACTIVATION_TANH, 0, 0);
    struct polish *polish =
        polish_new(scene.network, scene.network, &scene.rows, 60, 1, NULL, &error);
    struct ranking *ranking =
        ranking_new(PRUNE_MAGNITUDE, scene.network, &scene.rows, NULL, &error);
    must(polish && ranking, &error);
    bool reached;
    struct network *pruned = ranking_prune(ranking, 50, &reached, &error);
    must(pruned, &error);
    struct network *polished = polish_pruned(polish, pruned, NULL, &error);
    must(polished, &error);
    size_t zeros = 0, moved = 0;
    for (size_t l = 0; l < pruned->depth; l++)
        for (size_t k = 0; k < pruned->layers[l].neurons * pruned->layers[l].inputs; k++) {
            double was = pruned->layers[l].weights[k], is = polished->layers[l].weights[k];
            if (was == 0)
                assert_true(is == 0);
            zeros += was == 0;
            moved += was != is;
        }
    assert_true(zeros > 100 && moved > 100);
    assert_true(distance_to(scene.network, polished, &scene.rows, true) <
                0.5 * distance_to(scene.network, pruned, &scene.rows, true));
    network_free(pruned);
    network_free(polished);
    ranking_free(ranking);
    polish_free(polish);
    scene_free(&scene);
}

/* Hidden layer 1 is locked: its rows stay, and so does what reads them. */
static void locked_layers_and_their_consumers_keep_their_weights(void **state) {
    (void)state;
    struct rng rng;
    struct error error = {0};
    rng_seed(&rng, 7);
    struct scene scene = scene_new(&rng, (size_t[]){4, 8, 9, 7, 2}, 4, ACTIVATION_TANH, 1, 6);
    struct network *plain = reduced_at(scene.refine);
    struct network *polished = polish_reduced(scene.polish, scene.refine, NULL, &error);
    must(polished, &error);
    size_t other = 0;
    for (size_t l = 0; l < plain->depth; l++)
        for (size_t k = 0; k < plain->layers[l].neurons * plain->layers[l].inputs; k++) {
            bool equal = plain->layers[l].weights[k] == polished->layers[l].weights[k];
            if (l < 1)
                assert_true(equal);
            other += !equal;
        }
    assert_true(other > 0);
    network_free(plain);
    network_free(polished);
    scene_free(&scene);
}

static void the_same_network_comes_out_every_time(void **state) {
    (void)state;
    struct rng rng;
    struct error error = {0};
    rng_seed(&rng, 8);
    struct scene scene = scene_new(&rng, (size_t[]){4, 12, 2}, 2, ACTIVATION_GELU, 0, 5);
    struct network *a = polish_reduced(scene.polish, scene.refine, NULL, &error);
    struct network *b = polish_reduced(scene.polish, scene.refine, NULL, &error);
    must(a && b, &error);
    for (size_t l = 0; l < a->depth; l++)
        assert_memory_equal(a->layers[l].weights, b->layers[l].weights,
                            a->layers[l].neurons * a->layers[l].inputs * sizeof(double));
    network_free(a);
    network_free(b);
    scene_free(&scene);
}

static bool stop_later(void *user, const char *what, size_t done, size_t total) {
    (void)what, (void)done, (void)total;
    return --*(int *)user > 0;
}

static void a_stopped_polish_leaves_nothing_and_says_so(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 9);
    struct scene scene = scene_new(&rng, (size_t[]){4, 12, 10, 2}, 3, ACTIVATION_TANH, 0, 6);
    int stopped = 0;
    for (int steps = 1; steps < 200; steps += 13) {
        int left = steps;
        struct progress progress = {stop_later, &left};
        struct error error = {0};
        assert_null(polish_reduced(scene.polish, scene.refine, &progress, &error));
        assert_int_equal(error.kind, ERROR_CANCELLED);
        stopped++;
    }
    assert_int_equal(stopped, 16);
    scene_free(&scene);
}

/* Weights so large that squares of squares overflow: the start is kept. */
static void an_overflow_is_left_alone(void **state) {
    (void)state;
    struct rng rng;
    struct error error = {0};
    rng_seed(&rng, 10);
    struct network *network = random_network_of(&rng, (size_t[]){2, 6, 6, 1}, 3, ACTIVATION_SQUARE);
    struct matrix rows = random_rows(&rng, 40, 2), target = outputs_of(network, &rows);
    for (size_t k = 0; k < 12; k++)
        network->layers[0].weights[k] = 1e120;
    struct fit fit = {.x = &rows, .target = &target, .iterations = 20, .what = "test"};
    double before = network->layers[1].weights[3];
    must(fit_network(network, &fit, NULL, &error), &error);
    assert_true(network->layers[0].weights[0] == 1e120 && network->layers[1].weights[3] == before);
    struct matrix outputs = outputs_of(network, &rows);
    assert_true(!isfinite(outputs.data[0])); /* else there was no overflow to leave alone */
    matrix_free(&outputs);
    matrix_free(&rows);
    matrix_free(&target);
    network_free(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polish_is_never_worse_on_held_aside_rows_and_mostly_much_better),
        cmocka_unit_test(zeros_of_pruned_networks_stay_zero_and_the_rest_comes_nearer),
        cmocka_unit_test(locked_layers_and_their_consumers_keep_their_weights),
        cmocka_unit_test(the_same_network_comes_out_every_time),
        cmocka_unit_test(a_stopped_polish_leaves_nothing_and_says_so),
        cmocka_unit_test(an_overflow_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
