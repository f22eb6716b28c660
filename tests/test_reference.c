/* Every number of tests/reference: ERODE's own classes, joint distances, classes of all relations,
 * reduced networks, pruned networks. */
#include "random_network.h"
#include "reference.h"

#include "lumpscope/aggregate.h"
#include "lumpscope/distance.h"
#include "lumpscope/metrics.h"
#include "lumpscope/prune.h"
#include "lumpscope/structured.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const erode_files[] = {"erode_lin01.json", "erode_lin03.json",
                                          "erode_lin05.json", "erode_sq01.json", "erode_sq02.json"};
static const char *const network_files[] = {"mixed_2-7-6-5-2.json", "planted_2-6-7-5-2.json",
                                            "relu_2-9-5-2.json",    "square_2-10-3-8-2.json",
                                            "square_2-16-2.json",   "tanh_2-8-6-2.json"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *text_of(const cJSON *object, const char *name) {
    return cJSON_GetStringValue(cJSON_GetObjectItem(object, name));
}

static double number_of(const cJSON *object, const char *name) {
    return cJSON_GetNumberValue(cJSON_GetObjectItem(object, name));
}

static double test_mse(const cJSON *reference, const struct network *network) {
    struct matrix x = reference_matrix(cJSON_GetObjectItem(reference, "test_inputs"));
    struct matrix y = reference_matrix(cJSON_GetObjectItem(reference, "test_targets"));
    struct matrix out;
    struct error error = {0};
    must(matrix_init(&out, y.rows, y.columns, &error), &error);
    must(network_forward(network, x.data, x.rows, false, out.data, NULL, &error), &error);
    struct metrics metrics;
    metrics_compute(network, out.data, y.data, y.rows, &metrics);
    matrix_free(&x);
    matrix_free(&y);
    matrix_free(&out);
    return metrics.mse;
}

static void erode_computes_the_same_classes(void **state) {
    (void)state;
    size_t runs = 0;
    for (size_t f = 0; f < COUNT(erode_files); f++) {
        cJSON *reference = reference_load(erode_files[f]);
        struct network *network = reference_network(reference);
        struct option_choices choices = {0};
        struct options options;
        struct error error = {0};
        must(options_choose(&choices, OPTION_FAITHFUL, "", &error), &error);
        must(options_resolve(&choices, false, &options, &error), &error);
        struct refine *refine = refine_new(network, &options, NULL, NULL, &error);
        must(refine, &error);
        const cJSON *run;
        cJSON_ArrayForEach(run, cJSON_GetObjectItem(reference, "runs")) {
            must(refine_set_epsilon(refine, number_of(run, "epsilon"), NULL, &error), &error);
            if (!reference_classes_equal(refine_partition(refine),
                                         cJSON_GetObjectItem(run, "classes")))
                fail_msg("%s at epsilon %g", erode_files[f], number_of(run, "epsilon"));
            runs++;
        }
        refine_free(refine);
        network_free(network);
        cJSON_Delete(reference);
    }
    assert_int_equal(runs, 29);
}

static struct refine *joint_engine(const cJSON *reference, const struct network *network,
                                   bool refit) {
    struct matrix rows = reference_matrix(cJSON_GetObjectItem(reference, "calibration"));
    struct options options;
    struct error error = {0};
    options_defaults(&options, true);
    options.linkage = LINKAGE_COMPLETE;
    options.refit = refit;
    struct refine *refine = refine_new(network, &options, &rows, NULL, &error);
    must(refine, &error);
    matrix_free(&rows);
    return refine;
}

static void joint_distances_are_those_of_the_reference(void **state) {
    (void)state;
    double worst = 0;
    for (size_t f = 0; f < COUNT(network_files); f++) {
        cJSON *reference = reference_load(network_files[f]);
        struct network *network = reference_network(reference);
        struct refine *refine = joint_engine(reference, network, false);
        const cJSON *joint = cJSON_GetObjectItem(reference, "joint");
        const cJSON *layers = cJSON_GetObjectItem(joint, "distances");
        for (int l = 0; l < cJSON_GetArraySize(layers); l++) {
            struct matrix expected = reference_matrix(cJSON_GetArrayItem(layers, l));
            double *got = refine_all_distances(refine, (size_t)l + 1, NULL);
            size_t n = expected.rows;
            assert_int_equal(n, refine_live_partition(refine)->layer[l].neurons);
            for (size_t i = 0; i < n; i++)
                for (size_t j = i + 1; j < n; j++) {
                    double a = got[distance_index(n, i, j)], b = expected.data[i * n + j];
                    /* What is left of neurons that are equal is rounding, below 1e-12. */
                    if (!close_to(a, b, 1e-9, 1e-3))
                        fail_msg("%s layer %d d(%zu,%zu) %.17g instead of %.17g", network_files[f],
                                 l + 1, i, j, a, b);
                    if (b > 1e-9)
                        worst = fmax(worst, fabs(a - b) / b);
                }
            free(got);
            matrix_free(&expected);
        }
        refine_free(refine);
        network_free(network);
        cJSON_Delete(reference);
    }
    print_message("largest relative difference of joint distances: %.2g\n", worst);
    assert_true(worst < 1e-9);
}

static void check_reduced(const char *file, const cJSON *reference, const cJSON *expected,
                          const struct refine *refine) {
    struct network *reduced = reduced_at(refine);
    double epsilon = refine_epsilon(refine);
    if (network_parameters(reduced) != (size_t)number_of(expected, "parameters"))
        fail_msg("%s epsilon %g: %zu parameters instead of %g", file, epsilon,
                 network_parameters(reduced), number_of(expected, "parameters"));
    double mse = test_mse(reference, reduced);
    if (!close_to(mse, number_of(expected, "mse"), 1e-6, 0))
        fail_msg("%s epsilon %g: MSE %.17g instead of %.17g", file, epsilon, mse,
                 number_of(expected, "mse"));
    network_free(reduced);
}

static void check_joint_run(const char *file, const cJSON *reference, const cJSON *run,
                            struct refine *refine, const char *kind) {
    struct error error = {0};
    must(refine_set_epsilon(refine, number_of(run, "epsilon"), NULL, &error), &error);
    if (!reference_classes_equal(refine_partition(refine), cJSON_GetObjectItem(run, "classes")))
        fail_msg("%s: joint classes at epsilon %g", file, number_of(run, "epsilon"));
    check_reduced(file, reference, cJSON_GetObjectItem(run, kind), refine);
}

static void joint_networks_are_those_of_the_reference(void **state) {
    (void)state;
    size_t runs = 0;
    for (size_t f = 0; f < COUNT(network_files); f++) {
        cJSON *reference = reference_load(network_files[f]);
        struct network *network = reference_network(reference);
        assert_true(
            close_to(test_mse(reference, network), number_of(reference, "original_mse"), 1e-12, 0));
        struct refine *plain = joint_engine(reference, network, false);
        struct refine *refit = joint_engine(reference, network, true);
        const cJSON *run;
        cJSON_ArrayForEach(run,
                           cJSON_GetObjectItem(cJSON_GetObjectItem(reference, "joint"), "runs")) {
            check_joint_run(network_files[f], reference, run, plain, "plain");
            check_joint_run(network_files[f], reference, run, refit, "refit");
            runs++;
        }
        refine_free(plain);
        refine_free(refit);
        network_free(network);
        cJSON_Delete(reference);
    }
    assert_int_equal(runs, 18);
}

/* Options from a run of "formal" or "aggregated". */
static struct options run_options(const cJSON *run) {
    struct option_choices choices = {0};
    struct options options;
    struct error error = {0};
    must(options_choose(&choices, OPTION_RELATION, text_of(run, "relation"), &error), &error);
    must(options_choose(&choices, OPTION_NORM, text_of(run, "norm"), &error), &error);
    must(options_choose(&choices, OPTION_LINKAGE, text_of(run, "linkage"), &error), &error);
    must(options_choose(&choices, OPTION_SCALE, text_of(run, "scale"), &error), &error);
    bool balance = cJSON_IsTrue(cJSON_GetObjectItem(run, "balance"));
    bool refit = cJSON_IsTrue(cJSON_GetObjectItem(run, "refit"));
    must(options_choose(&choices, OPTION_BALANCE, balance ? "on" : "off", &error), &error);
    must(options_choose(&choices, OPTION_REFIT, refit ? "on" : "off", &error), &error);
    must(options_resolve(&choices, true, &options, &error), &error);
    return options;
}

static void check_run(const char *file, const cJSON *reference, const struct network *network,
                      const cJSON *run) {
    struct options options = run_options(run);
    struct matrix rows = reference_matrix(cJSON_GetObjectItem(reference, "calibration"));
    struct error error = {0};
    struct refine *refine = refine_new(network, &options, &rows, NULL, &error);
    must(refine, &error);
    must(refine_set_epsilon(refine, number_of(run, "epsilon"), NULL, &error), &error);
    if (!reference_classes_equal(refine_partition(refine), cJSON_GetObjectItem(run, "classes"))) {
        char *text = cJSON_PrintUnformatted(run);
        fail_msg("%s: classes of %s", file, text);
    }
    if (cJSON_HasObjectItem(run, "mse"))
        check_reduced(file, reference, run, refine);
    refine_free(refine);
    matrix_free(&rows);
}

static void check_all_runs(const char *member, size_t expected) {
    size_t runs = 0;
    for (size_t f = 0; f < COUNT(network_files); f++) {
        cJSON *reference = reference_load(network_files[f]);
        struct network *network = reference_network(reference);
        const cJSON *run;
        cJSON_ArrayForEach(run, cJSON_GetObjectItem(reference, member)) {
            check_run(network_files[f], reference, network, run);
            runs++;
        }
        network_free(network);
        cJSON_Delete(reference);
    }
    print_message("%s: %zu runs\n", member, runs);
    assert_true(runs >= expected);
}

static void formal_classes_are_those_of_the_reference(void **state) {
    (void)state;
    check_all_runs("formal", 400);
}

static void formal_networks_are_those_of_the_reference(void **state) {
    (void)state;
    check_all_runs("aggregated", 90);
}

/* A rival's network at a size, made from scratch. */
typedef struct network *rival(int method, const struct network *network, const struct matrix *rows,
                              double grp);

static struct network *pruned(int method, const struct network *network, const struct matrix *rows,
                              double grp) {
    struct error error = {0};
    bool reached;
    struct ranking *ranking = ranking_new((enum prune_method)method, network, rows, NULL, &error);
    must(ranking, &error);
    struct network *small = ranking_prune(ranking, grp, &reached, &error);
    must(small, &error);
    ranking_free(ranking);
    return small;
}

static struct network *structured(int method, const struct network *network,
                                  const struct matrix *rows, double grp) {
    struct error error = {0};
    bool reached;
    struct structured *known =
        structured_new((enum structured_method)method, network, rows, NULL, &error);
    must(known, &error);
    struct network *small = structured_reduce(known, grp, &reached, NULL, &error);
    must(small, &error);
    structured_free(known);
    return small;
}

/* Every run of one method over all networks; returns how many there are. */
static size_t check_rival(const char *name, rival *make, int method) {
    size_t runs = 0;
    for (size_t f = 0; f < COUNT(network_files); f++) {
        cJSON *reference = reference_load(network_files[f]);
        struct network *network = reference_network(reference);
        struct matrix rows = reference_matrix(cJSON_GetObjectItem(reference, "calibration"));
        const cJSON *run;
        cJSON_ArrayForEach(run, cJSON_GetObjectItem(reference, "pruning")) {
            if (strcmp(text_of(run, "method"), name) != 0)
                continue;
            double grp = number_of(run, "grp"), expected = number_of(run, "mse");
            struct network *small = make(method, network, &rows, grp);
            double mse = test_mse(reference, small);
            if (!close_to(mse, expected, 1e-6, 0))
                fail_msg("%s %s %g: %.17g instead of %.17g", network_files[f], name, grp, mse,
                         expected);
            network_free(small);
            runs++;
        }
        matrix_free(&rows);
        network_free(network);
        cJSON_Delete(reference);
    }
    return runs;
}

static void pruned_networks_are_those_of_the_reference(void **state) {
    (void)state;
    for (int method = 0; method < PRUNE_METHODS; method++)
        assert_int_equal(check_rival(prune_name((enum prune_method)method), pruned, method), 18);
}

static void structured_networks_are_those_of_the_reference(void **state) {
    (void)state;
    for (int method = 0; method < STRUCTURED_METHODS; method++)
        assert_int_equal(
            check_rival(structured_name((enum structured_method)method), structured, method), 18);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(erode_computes_the_same_classes),
        cmocka_unit_test(joint_distances_are_those_of_the_reference),
        cmocka_unit_test(joint_networks_are_those_of_the_reference),
        cmocka_unit_test(formal_classes_are_those_of_the_reference),
        cmocka_unit_test(formal_networks_are_those_of_the_reference),
        cmocka_unit_test(pruned_networks_are_those_of_the_reference),
        cmocka_unit_test(structured_networks_are_those_of_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
