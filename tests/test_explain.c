/* Explanations: the coefficients shown are those the distance is made of, and the sentence names
 * the neurons, the place and the difference that decides. */
#include "lumpscope/explain.h"
#include "random_network.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static size_t position(const struct explanation *seen, size_t member) {
    size_t k = 0;
    while (seen->members[k] != member)
        k++;
    return k;
}

/* The l1 norm of the differences shown is the distance, when all coefficients are shown. */
static size_t check_sums(const struct refine *refine) {
    const struct partition *partition = refine_partition(refine);
    size_t checked = 0;
    for (size_t l = 0; l < partition->layers; l++)
        for (size_t c = 0; c < partition->layer[l].count; c++) {
            struct error error = {0};
            struct explanation seen;
            must(explain_class(refine, l + 1, c, SIZE_MAX, &seen, NULL, &error), &error);
            if (seen.class_size > 1 && seen.term_count == seen.terms_compared) {
                double sum = 0;
                size_t a = position(&seen, seen.widest_a), b = position(&seen, seen.widest_b);
                for (size_t t = 0; t < seen.term_count; t++)
                    sum += fabs(seen.term[t].value[a] - seen.term[t].value[b]);
                assert_true(fabs(sum / seen.unit - seen.widest) <= 1e-9 * (seen.widest + 1e-3));
                assert_true(seen.measure == EXPLAIN_SUM && seen.others == 0);
                checked++;
            }
            for (size_t t = 1; t < seen.term_count; t++)
                assert_true(seen.term[t].difference <= seen.term[t - 1].difference);
            explanation_free(&seen);
        }
    return checked;
}

static void coefficients_shown_add_up_to_the_distance(void **state) {
    (void)state;
    static const enum activation_kind kinds[] = {ACTIVATION_LINEAR, ACTIVATION_SQUARE,
                                                 ACTIVATION_TANH};
    struct rng rng;
    rng_seed(&rng, 4);
    size_t checked = 0;
    for (int run = 0; run < 12; run++) {
        struct network *network =
            random_network_of(&rng, (size_t[]){3, 6, 5, 2}, 3, kinds[run % 3]);
        for (int relation = RELATION_FORWARD; relation <= RELATION_BACKWARD; relation++) {
            struct options options;
            struct error error = {0};
            options_defaults(&options, false);
            options.relation = (enum relation)relation;
            options.scale = run % 2 ? SCALE_ABSOLUTE : SCALE_RELATIVE;
            struct refine *refine = refine_new(network, &options, NULL, NULL, &error);
            must(refine, &error);
            for (int k = 0; k < 4; k++)
                must(refine_set_epsilon(refine, refine_next_event(refine, NULL), NULL, &error),
                     &error);
            checked += check_sums(refine);
            refine_free(refine);
        }
        network_free(network);
    }
    assert_true(checked > 30);
}

static void sentences_name_neurons_place_and_difference(void **state) {
    (void)state;
    struct rng rng;
    struct error error = {0};
    struct options options;
    struct explanation seen;
    rng_seed(&rng, 8);
    struct network *network = random_network_of(&rng, (size_t[]){3, 6, 2}, 2, ACTIVATION_TANH);
    plant_scaled(network, 1, 1, 4, 2, 1); /* reads twice, sends the same */
    network->layers[1].weights[4] += 0.0079;
    options_defaults(&options, false);
    options.scale = SCALE_ABSOLUTE;
    struct refine *refine = refine_new(network, &options, NULL, NULL, &error);
    must(refine, &error);
    must(refine_set_epsilon(refine, refine_next_event(refine, NULL), NULL, &error), &error);
    uint32_t class_id = refine_partition(refine)->layer[0].class_of[1];
    must(explain_class(refine, 1, class_id, 1, &seen, NULL, &error), &error);
    assert_non_null(strstr(seen.sentence, "within epsilon"));
    assert_non_null(strstr(seen.sentence, "1 and 4 send the same to output 0 up to 0.0079"));
    explanation_free(&seen);
    must(explain_class(refine, 1, refine_partition(refine)->layer[0].class_of[0], 0, &seen, NULL,
                       &error),
         &error);
    assert_non_null(strstr(seen.sentence, "Neuron 0 is alone"));
    explanation_free(&seen);
    refine_free(refine);
    network_free(network);
}

/* A class of one is understood beside the neuron it comes closest to. */
static void the_nearest_neuron_stands_beside_one_that_is_alone(void **state) {
    (void)state;
    struct rng rng;
    struct error error = {0};
    struct options options;
    struct explanation seen;
    double row[6];
    rng_seed(&rng, 8);
    struct network *network = random_network_of(&rng, (size_t[]){3, 6, 2}, 2, ACTIVATION_TANH);
    options_defaults(&options, false);
    struct refine *refine = refine_new(network, &options, NULL, NULL, &error);
    must(refine, &error);
    must(refine_distances(refine, 1, 2, row, &error), &error);
    must(explain_class(refine, 1, 2, 2, &seen, NULL, &error), &error);
    assert_int_equal(seen.class_size, 1);
    assert_int_equal(seen.member_count, 2);
    size_t nearest = seen.members[seen.members[0] == 2];
    for (size_t j = 0; j < 6; j++)
        assert_true(j == 2 || row[j] >= row[nearest]);
    assert_int_equal(seen.nearest_class, nearest);
    assert_true(seen.widest == row[nearest]);
    assert_non_null(strstr(seen.sentence, "more than epsilon 0"));
    explanation_free(&seen);
    refine_free(refine);
    options_lock(&options, 1, true);
    refine = refine_new(network, &options, NULL, NULL, &error);
    must(refine, &error);
    must(explain_class(refine, 1, 2, 2, &seen, NULL, &error), &error);
    assert_int_equal(seen.member_count, 1);
    assert_non_null(strstr(seen.sentence, "locked"));
    explanation_free(&seen);
    refine_free(refine);
    network_free(network);
}

/* Of more members than are shown the two that decide are among those that are. */
static void the_pair_furthest_apart_is_shown(void **state) {
    (void)state;
    struct rng rng;
    struct error error = {0};
    struct options options;
    struct explanation seen;
    rng_seed(&rng, 8);
    struct network *network = random_network_of(&rng, (size_t[]){3, 20, 2}, 2, ACTIVATION_TANH);
    network->layers[1].weights[12] = 90;
    network->layers[1].weights[15] = -90;
    options_defaults(&options, false);
    options.norm = NORM_LINF;
    struct refine *refine = refine_new(network, &options, NULL, NULL, &error);
    must(refine, &error);
    must(refine_set_epsilon(refine, 1e9, NULL, &error), &error);
    must(explain_class(refine, 1, 0, 17, &seen, NULL, &error), &error);
    assert_int_equal(seen.member_count, EXPLAIN_MEMBERS);
    assert_int_equal(seen.widest_a, 12);
    assert_int_equal(seen.widest_b, 15);
    assert_int_equal(seen.members[EXPLAIN_MEMBERS - 1], 17);
    assert_true(fabs(seen.term[0].difference / seen.unit - seen.widest) <= 1e-12 * seen.widest);
    assert_int_equal(seen.measure, EXPLAIN_LARGEST);
    explanation_free(&seen);
    refine_free(refine);
    network_free(network);
}

/* 40 outputs: more coefficients than are kept, and the sum is still whole. */
static void what_is_left_out_is_in_the_sum(void **state) {
    (void)state;
    struct rng rng;
    struct error error = {0};
    struct options options;
    struct explanation seen;
    rng_seed(&rng, 8);
    struct network *network = random_network_of(&rng, (size_t[]){3, 5, 40}, 2, ACTIVATION_TANH);
    options_defaults(&options, false);
    struct refine *refine = refine_new(network, &options, NULL, NULL, &error);
    must(refine, &error);
    must(refine_set_epsilon(refine, 1e9, NULL, &error), &error);
    must(explain_class(refine, 1, 0, 0, &seen, NULL, &error), &error);
    assert_int_equal(seen.term_count, EXPLAIN_TERMS);
    assert_int_equal(seen.terms_compared, 40);
    double sum = seen.others;
    assert_true(seen.others > 0);
    for (size_t t = 0; t < seen.term_count; t++)
        sum += seen.term[t].difference / seen.unit;
    assert_true(fabs(sum - seen.widest) <= 1e-12 * seen.widest);
    explanation_free(&seen);
    refine_free(refine);
    network_free(network);
}

/* One output alone: there is nothing to add up. */
static void a_single_coefficient_is_not_added_up(void **state) {
    (void)state;
    struct rng rng;
    struct error error = {0};
    struct options options;
    struct explanation seen;
    rng_seed(&rng, 8);
    struct network *network = random_network_of(&rng, (size_t[]){3, 5, 1}, 2, ACTIVATION_TANH);
    options_defaults(&options, false);
    struct refine *refine = refine_new(network, &options, NULL, NULL, &error);
    must(refine, &error);
    must(refine_set_epsilon(refine, 1e9, NULL, &error), &error);
    must(explain_class(refine, 1, 0, 0, &seen, NULL, &error), &error);
    assert_non_null(strstr(seen.sentence, "nothing else is compared, within epsilon"));
    explanation_free(&seen);
    refine_free(refine);
    network_free(network);
}

static void joint_says_how_much_the_output_moves(void **state) {
    (void)state;
    struct rng rng;
    struct error error = {0};
    struct options options;
    struct explanation seen;
    rng_seed(&rng, 8);
    struct network *network = random_network_of(&rng, (size_t[]){3, 20, 2}, 2, ACTIVATION_RELU);
    struct matrix rows = random_rows(&rng, 50, 3);
    options_defaults(&options, true);
    struct refine *refine = refine_new(network, &options, &rows, NULL, &error);
    must(refine, &error);
    must(refine_set_epsilon(refine, 1e9, NULL, &error), &error);
    must(explain_class(refine, 1, 0, 17, &seen, NULL, &error), &error);
    assert_int_equal(seen.class_size, 20);
    assert_int_equal(seen.member_count, EXPLAIN_MEMBERS);
    assert_int_equal(seen.members[EXPLAIN_MEMBERS - 1], 17); /* the one in focus is shown */
    assert_true(fabs(seen.correlation) <= 1 + 1e-12);
    assert_non_null(strstr(seen.sentence, "of its spread"));
    assert_int_equal(seen.term_count, 2);
    explanation_free(&seen);
    matrix_free(&rows);
    refine_free(refine);
    network_free(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coefficients_shown_add_up_to_the_distance),
        cmocka_unit_test(sentences_name_neurons_place_and_difference),
        cmocka_unit_test(the_nearest_neuron_stands_beside_one_that_is_alone),
        cmocka_unit_test(the_pair_furthest_apart_is_shown),
        cmocka_unit_test(what_is_left_out_is_in_the_sum),
        cmocka_unit_test(a_single_coefficient_is_not_added_up),
        cmocka_unit_test(joint_says_how_much_the_output_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
