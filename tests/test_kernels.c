/* Inner loops: elementary functions against the C library, and the same bits from every instruction
 * set and any number of threads. */
#include "lumpscope/distance.h"

#include "foundation/kernel.h"
#include "random_network.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static double logistic(double z) {
    return z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z));
}

/* By the C library. */
static double expected(enum activation_kind kind, double z) {
    switch (kind) {
    case ACTIVATION_TANH:
        return tanh(z);
    case ACTIVATION_SIGMOID:
        return logistic(z);
    case ACTIVATION_ELU:
        return z > 0 ? z : expm1(z);
    case ACTIVATION_GELU:
        return z * 0.5 * erfc(-z * M_SQRT1_2);
    case ACTIVATION_SOFTPLUS:
        return z > 0 ? z + log1p(exp(-z)) : log1p(exp(z));
    case ACTIVATION_SILU:
        return z * logistic(z);
    default:
        return z;
    }
}

static const enum activation_kind smooth[] = {ACTIVATION_TANH,     ACTIVATION_SIGMOID,
                                              ACTIVATION_ELU,      ACTIVATION_GELU,
                                              ACTIVATION_SOFTPLUS, ACTIVATION_SILU};
enum { SMOOTH = sizeof smooth / sizeof *smooth, SAMPLES = 200000 };

static void test_activations_are_within_1e_12_of_the_c_library(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 7);
    for (size_t k = 0; k < SMOOTH; k++) {
        struct activation activation;
        double worst = 0, *z = malloc(2 * SAMPLES * sizeof *z), *value = z + SAMPLES;
        assert_true(activation_parse(activation_name(smooth[k]), &activation));
        for (size_t i = 0; i < SAMPLES; i++)
            z[i] = rng_normal(&rng) * pow(10, 8 * rng_uniform(&rng) - 6);
        memcpy(value, z, SAMPLES * sizeof *z);
        activation_apply(&activation, value, 1, SAMPLES);
        for (size_t i = 0; i < SAMPLES; i++) {
            double right = expected(smooth[k], z[i]);
            if (fabs(right) > 1e-300)
                worst = fmax(worst, fabs(value[i] - right) / fabs(right));
            else
                assert_true(fabs(value[i]) < 1.1e-300);
            assert_true(value[i] == activation_value(&activation, z[i]));
        }
        print_message("%s: largest relative difference %.2g\n", activation_name(smooth[k]), worst);
        assert_true(worst < 1e-13);
        free(z);
    }
}

static void test_activations_of_extreme_numbers_are_what_they_should_be(void **state) {
    (void)state;
    static const struct {
        enum activation_kind kind;
        double z, value;
    } cases[] = {
        {ACTIVATION_TANH, INFINITY, 1},
        {ACTIVATION_TANH, -INFINITY, -1},
        {ACTIVATION_TANH, 0, 0},
        {ACTIVATION_SIGMOID, INFINITY, 1},
        {ACTIVATION_SIGMOID, -INFINITY, 0},
        {ACTIVATION_SIGMOID, 0, 0.5},
        {ACTIVATION_ELU, -INFINITY, -1},
        {ACTIVATION_ELU, 1e300, 1e300},
        {ACTIVATION_SOFTPLUS, 1e300, 1e300},
        {ACTIVATION_SOFTPLUS, -INFINITY, 0},
        {ACTIVATION_GELU, 1e300, 1e300},
        {ACTIVATION_GELU, 0, 0},
        {ACTIVATION_SILU, 1e300, 1e300},
        {ACTIVATION_TANH, 5e-324, 5e-324},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct activation activation = {.kind = cases[k].kind, .parameter = 1};
        assert_true(activation_value(&activation, cases[k].z) == cases[k].value);
    }
    for (size_t k = 0; k < SMOOTH; k++) {
        struct activation activation = {.kind = smooth[k], .parameter = 1};
        assert_true(isnan(activation_value(&activation, NAN)));
    }
}

/* What is compared: one network's distances by every relation. */
struct scene {
    struct network *network;
    struct matrix rows;
    struct calibration calibration;
};

static struct scene make_scene(size_t neurons, size_t consumers, enum activation_kind kind) {
    struct scene scene;
    struct rng rng;
    struct error error = {0};
    const size_t sizes[] = {5, neurons, consumers, 3};
    rng_seed(&rng, neurons * 131 + consumers);
    scene.network = random_network_of(&rng, sizes, 3, kind);
    if (neurons > 3)
        plant_scaled(scene.network, 1, 0, 3, 1, 1);
    scene.rows = random_rows(&rng, 77, 5);
    must(calibration_init(&scene.calibration, scene.network, &scene.rows, true, 1, NULL, &error),
         &error);
    return scene;
}

static void free_scene(struct scene *scene) {
    calibration_free(&scene->calibration);
    matrix_free(&scene->rows);
    network_free(scene->network);
}

enum { WAYS = 8 };

static bool make_source(struct distance_source *source, const struct scene *scene, size_t way,
                        const struct classes *classes, struct error *error) {
    static const enum norm norms[] = {NORM_L1, NORM_L2, NORM_LINF};
    if (way < 3)
        return distance_forward(source, scene->network, 1, NULL, norms[way], error);
    if (way < 6)
        return distance_backward(source, scene->network, 1, NULL, norms[way - 3], error);
    if (way == 6)
        return distance_forward(source, scene->network, 1, classes, NORM_L1, error);
    return distance_joint(source, scene->network, 1, &scene->calibration, error);
}

static double *distances_of(const struct scene *scene, size_t way) {
    struct distance_source source;
    struct error error = {0};
    size_t n = scene->network->layers[0].neurons, m = scene->network->layers[1].neurons;
    uint32_t label[256] = {0};
    struct classes classes = {.neurons = m, .class_of = calloc(m, sizeof *classes.class_of)};
    for (size_t i = 0; i < m; i++)
        label[i] = (uint32_t)(i % 3);
    must(classes_from_labels(&classes, label, &error), &error);
    must(make_source(&source, scene, way, &classes, &error), &error);
    double *out = malloc((n * (n - 1) / 2 + 1) * sizeof *out);
    must(distance_all(&source, out, NULL, &error), &error);
    distance_source_free(&source);
    free(classes.class_of);
    return out;
}

static const size_t widths[][2] = {{2, 1}, {3, 5}, {17, 9}, {64, 33}, {129, 70}};
enum { WIDTHS = sizeof widths / sizeof *widths };

static void compare(const char *variable, const char *value, enum activation_kind kind) {
    for (size_t k = 0; k < WIDTHS; k++) {
        struct scene scene = make_scene(widths[k][0], widths[k][1], kind);
        size_t n = widths[k][0], pairs = n * (n - 1) / 2;
        for (size_t way = 0; way < WAYS; way++) {
            double *usual = distances_of(&scene, way);
            setenv(variable, value, 1);
            double *other = distances_of(&scene, way);
            unsetenv(variable);
            assert_memory_equal(usual, other, pairs * sizeof *usual);
            free(usual);
            free(other);
        }
        free_scene(&scene);
    }
}

static void test_every_instruction_set_gives_the_same_bits(void **state) {
    (void)state;
    enum kernel_set best = kernel_set();
    print_message("this processor: %s\n", kernel_set_name(best));
    for (int set = 0; set < (int)best; set++) {
        compare("LUMPSCOPE_KERNELS", kernel_set_name((enum kernel_set)set), ACTIVATION_TANH);
        compare("LUMPSCOPE_KERNELS", kernel_set_name((enum kernel_set)set), ACTIVATION_SQUARE);
        for (size_t k = 0; k < SMOOTH; k++) {
            struct activation activation = {.kind = smooth[k], .parameter = 1};
            double values[2][203];
            for (size_t i = 0; i < 203; i++)
                values[0][i] = values[1][i] = ((double)i - 100) * 0.37;
            activation_apply(&activation, values[0], 7, 29);
            setenv("LUMPSCOPE_KERNELS", kernel_set_name((enum kernel_set)set), 1);
            activation_apply(&activation, values[1], 7, 29);
            unsetenv("LUMPSCOPE_KERNELS");
            assert_memory_equal(values[0], values[1], sizeof values[0]);
        }
    }
    setenv("LUMPSCOPE_KERNELS", "nonsense", 1);
    assert_int_equal(kernel_set(), best);
    unsetenv("LUMPSCOPE_KERNELS");
}

static void test_any_number_of_threads_gives_the_same_bits(void **state) {
    (void)state;
    compare("LUMPSCOPE_THREADS", "1", ACTIVATION_GELU);
    compare("LUMPSCOPE_THREADS", "7", ACTIVATION_SQUARE);
}

/* Rows taken block by block, from any first neuron, are those of all pairs. */
static void test_blocks_of_distances_are_the_distances(void **state) {
    (void)state;
    struct error error = {0};
    size_t compared = 0;
    struct scene scene = make_scene(129, 70, ACTIVATION_TANH);
    for (size_t way = 0; way < WAYS; way++) {
        size_t n = 129;
        struct distance_source source;
        if (way == 6)
            continue; /* has classes, which distances_of makes */
        must(make_source(&source, &scene, way, NULL, &error), &error);
        double *all = distances_of(&scene, way), *block = malloc(50 * n * sizeof *block);
        static const size_t ranges[][2] = {{0, 50}, {50, 13}, {63, 2}, {65, 50}, {128, 1}};
        for (size_t r = 0; r < 5; r++) {
            size_t first = ranges[r][0], count = ranges[r][1];
            must(distance_block(&source, first, count, block, NULL, &error), &error);
            for (size_t i = first; i < first + count; i++)
                for (size_t j = i + 1; j < n; j++, compared++) {
                    double d = all[distance_index(n, i, j)];
                    assert_true(fabs(block[(i - first) * n + j] - d) <= 1e-13 * d);
                }
        }
        distance_source_free(&source);
        free(all);
        free(block);
    }
    assert_true(compared > 30000);
    free_scene(&scene);
}

/* Near-equal neurons far from zero, where the difference of squares would cancel. */
static void test_squares_of_near_equal_neurons_do_not_cancel(void **state) {
    (void)state;
    struct error error = {0};
    struct scene scene = make_scene(64, 33, ACTIVATION_RELU);
    struct layer *consumer = &scene.network->layers[1];
    for (size_t m = 0; m < 33; m++)
        for (size_t j = 0; j < 64; j++)
            consumer->weights[m * 64 + j] = 1e6 + (double)j * 1e-3 + (j == 9 ? 7e6 : 0);
    struct distance_source source;
    must(distance_forward(&source, scene.network, 1, NULL, NORM_L2, &error), &error);
    double *all = malloc(64 * 63 / 2 * sizeof *all);
    must(distance_all(&source, all, NULL, &error), &error);
    for (size_t i = 0; i < 64; i++)
        for (size_t j = i + 1; j < 64; j++) {
            double d = fabs(consumer->weights[i] - consumer->weights[j]) * sqrt(33);
            assert_true(fabs(all[distance_index(64, i, j)] - d) <= 1e-8 * d);
        }
    distance_source_free(&source);
    free(all);
    free_scene(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_activations_are_within_1e_12_of_the_c_library),
        cmocka_unit_test(test_activations_of_extreme_numbers_are_what_they_should_be),
        cmocka_unit_test(test_every_instruction_set_gives_the_same_bits),
        cmocka_unit_test(test_any_number_of_threads_gives_the_same_bits),
        cmocka_unit_test(test_blocks_of_distances_are_the_distances),
        cmocka_unit_test(test_squares_of_near_equal_neurons_do_not_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
