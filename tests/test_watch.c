/* What is watched: details are what the library says of the layer or class, they follow what is
 * selected, watched and in force, and the worker is busy until they do. */
#include "random_network.h"
#include "session_twin.h"

#include "lumpscope/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* One of a few kinds of network, and a relation to look at it with. */
struct scene {
    struct twin_place place;
    struct session *session;
    struct rng rng;
    size_t hidden;
    enum activation_kind kind;
};

static const enum activation_kind kinds[] = {ACTIVATION_SQUARE, ACTIVATION_LINEAR, ACTIVATION_TANH,
                                             ACTIVATION_RELU};
static const char *const relations[] = {"forward", "backward", "joint"};
enum { KINDS = 4, RELATIONS = 3, SCENES = KINDS * RELATIONS };

static void choose(struct session *session, enum option_id option, const char *value) {
    struct error error = {0};
    must(session_set_option(session, option, value, &error), &error);
}

static struct network *scene_network(struct scene *scene) {
    size_t sizes[] = {3, 6 + random_below(&scene->rng, 5), 5 + random_below(&scene->rng, 4),
                      4 + random_below(&scene->rng, 3), 2};
    struct network *network = random_network_of(&scene->rng, sizes, 4, scene->kind);
    plant_dead(network, 1, random_below(&scene->rng, sizes[1]));
    plant_scaled(network, 2, 0, 3, 1, 1);
    plant_scaled(network, 1, 1, 4, 1, 0.5);
    return network;
}

static struct scene open_scene(size_t number) {
    struct scene scene = {.hidden = 3, .kind = kinds[number % KINDS]};
    rng_seed(&scene.rng, number + 40);
    scene.place = twin_place_make(scene_network(&scene), 120);
    scene.session = twin_place_open(&scene.place);
    choose(scene.session, OPTION_RELATION, relations[number / KINDS % RELATIONS]);
    if (number % 5 == 0)
        choose(scene.session, OPTION_LINKAGE, "chain");
    return scene;
}

static void close_scene(struct scene *scene) {
    session_free(scene->session);
    twin_place_remove(&scene->place);
}

static void watch_kind(struct session *session, enum detail_kind kind) {
    session_watch(session, &(struct watch){.kind = kind, .rows = 4, .columns = 3});
}

/* The current detail of a settled snapshot. */
static const struct detail *current_detail(const struct snapshot *shown, enum detail_kind kind) {
    assert_true(shown->detail_current);
    assert_non_null(shown->detail);
    assert_int_equal(shown->detail->kind, kind);
    assert_int_equal(shown->detail->layer, shown->inspection.layer);
    assert_int_equal(shown->detail->neuron, shown->inspection.neuron);
    assert_true(shown->detail->epsilon == shown->epsilon);
    uint32_t class_of =
        shown->partition.layer[shown->inspection.layer - 1].class_of[shown->inspection.neuron];
    assert_true(shown->detail->class_id == (class_of == PARTITION_DEAD ? SIZE_MAX : class_of));
    return shown->detail;
}

static size_t smallest(const struct tree_view *tree, size_t first, size_t end) {
    size_t least = tree->neuron[first];
    for (size_t k = first + 1; k < end; k++)
        least = tree->neuron[k] < least ? tree->neuron[k] : least;
    return least;
}

/* Branches join side by side: `end_of` [leaves] is where the branch that begins there ends, 0 where
 * none begins. */
static void branches_do_not_cross(const struct tree_view *tree) {
    size_t *end_of = test_calloc(tree->leaves + 1, sizeof *end_of);
    for (size_t k = 0; k < tree->leaves; k++)
        end_of[k] = k + 1;
    for (size_t k = 0; k < tree->count; k++) {
        const struct tree_merge *merge = &tree->merge[k];
        assert_int_equal(end_of[merge->first], merge->middle);
        assert_int_equal(end_of[merge->middle], merge->end);
        assert_true(smallest(tree, merge->first, merge->middle) <
                    smallest(tree, merge->middle, merge->end));
        assert_true(k == 0 || merge->height >= merge[-1].height);
        end_of[merge->first] = merge->end;
        end_of[merge->middle] = 0;
    }
    test_free(end_of);
}

/* The classes that `merged` merges make are those of the partition. */
static void cut_is(const struct tree_view *tree, size_t merged, const struct classes *classes) {
    size_t *branch = test_calloc(tree->leaves + 1, sizeof *branch), live = 0;
    for (size_t k = 0; k < tree->leaves; k++)
        branch[k] = k;
    for (size_t k = 0; k < merged; k++)
        for (size_t i = tree->merge[k].first; i < tree->merge[k].end; i++)
            branch[i] = tree->merge[k].first;
    for (size_t a = 0; a < tree->leaves; a++)
        for (size_t b = 0; b < a; b++)
            assert_int_equal(branch[a] == branch[b], classes->class_of[tree->neuron[a]] ==
                                                         classes->class_of[tree->neuron[b]]);
    for (size_t i = 0; i < classes->neurons; i++)
        live += classes->class_of[i] != PARTITION_DEAD;
    assert_int_equal(live, tree->leaves);
    test_free(branch);
}

static size_t expected_neighbour(const struct scene *scene, const struct options *options,
                                 size_t layer) {
    if (options->relation == RELATION_BACKWARD)
        return layer - 1;
    bool summed = scene->kind == ACTIVATION_SQUARE || scene->kind == ACTIVATION_LINEAR;
    return options->relation == RELATION_FORWARD && summed && layer < scene->hidden ? layer + 1 : 0;
}

static void check_tree(const struct scene *scene, const struct snapshot *shown,
                       struct refine *refine) {
    struct error error = {0};
    const struct detail *detail = current_detail(shown, DETAIL_TREE);
    const struct tree_view *tree = &detail->tree;
    must(refine_set_epsilon(refine, shown->epsilon, NULL, &error), &error);
    const struct dendrogram *dendrogram = refine_dendrogram(refine, detail->layer);
    assert_string_equal(detail->refusal, "");
    assert_int_equal(tree->leaves, dendrogram->leaves);
    assert_true(tree->count <= dendrogram->count);
    /* Where epsilon has been differs, and with it the rounding. */
    for (size_t k = 0; k < dendrogram->count; k++) {
        double height = dendrogram->merge[k].height;
        assert_true(k < tree->count
                        ? fabs(tree->merge[k].height - height) <= 1e-12 * fmax(1, height)
                        : isinf(height));
    }
    branches_do_not_cross(tree);
    cut_is(tree, dendrogram_merged(dendrogram, shown->epsilon),
           &shown->partition.layer[detail->layer - 1]);
    size_t neighbour = expected_neighbour(scene, &shown->options, detail->layer);
    assert_int_equal(tree->neighbour, neighbour);
    assert_int_equal(tree->neighbour_classes, neighbour ? shown->layers[neighbour - 1].classes : 0);
}

/* With no neighbour the tree says what every other epsilon gives. */
static void cut_everywhere(const struct snapshot *shown, struct refine *refine) {
    struct error error = {0};
    const struct tree_view *tree = &shown->detail->tree;
    size_t l = shown->detail->layer;
    for (size_t k = 0; tree->neighbour == 0 && k < tree->count; k++) {
        double epsilon = 1.01 * tree->merge[k].height;
        must(refine_set_epsilon(refine, epsilon, NULL, &error), &error);
        cut_is(tree, dendrogram_merged(refine_dendrogram(refine, l), epsilon),
               &refine_partition(refine)->layer[l - 1]);
    }
}

static void a_tree_is_the_dendrogram_in_an_order_without_crossings(void **state) {
    (void)state;
    for (size_t n = 0; n < SCENES; n++) {
        struct scene scene = open_scene(n);
        struct twin twin = {0};
        watch_kind(scene.session, DETAIL_TREE);
        for (size_t k = 0; k < 6; k++) {
            session_select(scene.session, 1 + k % scene.hidden, k % 3);
            session_step(scene.session, (int)random_below(&scene.rng, 5));
            struct snapshot *shown = settled(scene.session);
            if (!twin.network)
                twin = twin_make(&scene.place, &shown->options);
            check_tree(&scene, shown, twin.study.refine);
            cut_everywhere(shown, twin.study.refine);
            snapshot_release(shown);
        }
        twin_free(&twin);
        close_scene(&scene);
    }
}

static void a_locked_layer_has_a_tree_without_merges(void **state) {
    (void)state;
    struct scene scene = open_scene(0);
    choose(scene.session, OPTION_LOCK, "1");
    session_select(scene.session, 1, 0);
    watch_kind(scene.session, DETAIL_TREE);
    session_end(scene.session, true);
    struct snapshot *shown = settled(scene.session);
    const struct tree_view *tree = &current_detail(shown, DETAIL_TREE)->tree;
    assert_true(tree->leaves > 1);
    assert_int_equal(tree->count, 0);
    assert_int_equal(tree->neighbour, 0);
    for (size_t k = 1; k < tree->leaves; k++)
        assert_true(tree->neuron[k] > tree->neuron[k - 1]);
    snapshot_release(shown);
    close_scene(&scene);
}

static void check_explanation(const struct snapshot *shown, struct refine *refine) {
    struct error error = {0};
    struct explanation direct;
    const struct detail *detail = current_detail(shown, DETAIL_EXPLANATION);
    must(refine_set_epsilon(refine, shown->epsilon, NULL, &error), &error);
    must(explain_class(refine, detail->layer, detail->class_id, detail->neuron, &direct, NULL,
                       &error),
         &error);
    assert_string_equal(detail->explanation.sentence, direct.sentence);
    assert_int_equal(detail->explanation.member_count, direct.member_count);
    assert_memory_equal(detail->explanation.members, direct.members,
                        direct.member_count * sizeof *direct.members);
    assert_int_equal(detail->explanation.term_count, direct.term_count);
    for (size_t t = 0; t < direct.term_count; t++)
        assert_memory_equal(detail->explanation.term[t].value, direct.term[t].value,
                            direct.member_count * sizeof(double));
    explanation_free(&direct);
}

/* The same by hand. */
static struct trajectory_pair compare_by_hand(struct study *study, const struct detail *detail,
                                              const double *input) {
    struct error error = {0};
    struct merged merged;
    struct trajectory original, reduced;
    struct trajectory_pair pair;
    const struct network *network = refine_prepared(study->refine)->network;
    double members[32], stand[32], end = 6 + 2 * (double)network->depth;
    struct network *small =
        aggregate_classes(refine_prepared(study->refine), refine_options(study->refine),
                          refine_calibration(study->refine), refine_live_partition(study->refine),
                          &merged, NULL, &error);
    must(small, &error);
    must(trajectory_run(network, input, end, detail->trajectory.pair.points, &original, NULL,
                        &error),
         &error);
    must(trajectory_run(small, input, end, detail->trajectory.pair.points, &reduced, NULL, &error),
         &error);
    merged_weights(&merged, refine_live_partition(study->refine), detail->layer, detail->class_id,
                   members, stand);
    must(trajectory_compare(&original, members, &reduced, stand, detail->layer, &pair, &error),
         &error);
    trajectory_free(&original);
    trajectory_free(&reduced);
    merged_free(&merged);
    network_free(small);
    return pair;
}

static void check_trajectory(const struct snapshot *shown, struct study *study) {
    struct error error = {0};
    const struct detail *detail = current_detail(shown, DETAIL_TRAJECTORY);
    const struct trajectory_view *view = &detail->trajectory;
    const double zero[8] = {0};
    must(refine_set_epsilon(study->refine, shown->epsilon, NULL, &error), &error);
    assert_string_equal(detail->refusal, "");
    assert_true(view->pair.points >= 100);
    assert_int_equal(view->rows, study->test_inputs.rows);
    if (view->rows)
        assert_int_equal(view->row, detail->watch.row % view->rows);
    const double *input = view->rows ? matrix_row(&study->test_inputs, view->row) : zero;
    struct trajectory_pair pair = compare_by_hand(study, detail, input);
    size_t bytes = pair.points * sizeof(double);
    assert_memory_equal(view->pair.original, pair.original, bytes);
    assert_memory_equal(view->pair.reduced, pair.reduced, bytes);
    assert_true(view->pair.gap == pair.gap && view->pair.gap_time == pair.gap_time);
    assert_int_equal(view->members, shown->inspection.member_count);
    assert_true(view->merged >= 1 || shown->options.relation == RELATION_FORWARD);
    double largest = 0, last = pair.original[pair.points - 1];
    for (size_t k = 0; k < pair.points; k++)
        largest = fmax(largest, fabs(pair.original[k]));
    assert_true(view->largest == largest);
    /* At rest to three digits. */
    assert_true(fabs(last - pair.original[pair.points * 9 / 10]) <= 1e-2 * largest);
    trajectory_pair_free(&pair);
}

/* A live neuron of the layer. */
static size_t live_neuron(const struct snapshot *shown, size_t layer, size_t from) {
    const struct classes *classes = &shown->partition.layer[layer - 1];
    size_t neuron = from % classes->neurons;
    while (classes->class_of[neuron] == PARTITION_DEAD)
        neuron = (neuron + 1) % classes->neurons;
    return neuron;
}

static void details_of_a_class_are_what_the_library_says(void **state) {
    (void)state;
    for (size_t n = 0; n < SCENES; n++) {
        struct scene scene = open_scene(n);
        struct snapshot *shown = settled(scene.session);
        struct twin twin = twin_make(&scene.place, &shown->options);
        for (size_t k = 0; k < 4; k++) {
            size_t layer = 1 + k % scene.hidden;
            session_select(scene.session, layer, live_neuron(shown, layer, k));
            snapshot_release(shown);
            session_step(scene.session, (int)random_below(&scene.rng, 6));
            watch_kind(scene.session, DETAIL_EXPLANATION);
            shown = settled(scene.session);
            check_explanation(shown, twin.study.refine);
            snapshot_release(shown);
            session_watch(scene.session, &(struct watch){.kind = DETAIL_TRAJECTORY, .row = 17 * k});
            shown = settled(scene.session);
            check_trajectory(shown, &twin.study);
        }
        snapshot_release(shown);
        twin_free(&twin);
        close_scene(&scene);
    }
}

static void without_data_the_mean_input_drives_the_trajectory(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 3);
    struct twin_place place =
        twin_place_make(random_network_of(&rng, (size_t[]){3, 7, 2}, 2, ACTIVATION_SQUARE), 0);
    struct session *session = twin_place_open(&place);
    session_select(session, 1, 2);
    session_watch(session, &(struct watch){.kind = DETAIL_TRAJECTORY, .row = 5});
    session_step(session, 4);
    struct snapshot *shown = settled(session);
    struct twin twin = twin_make(&place, &shown->options);
    check_trajectory(shown, &twin.study);
    twin_free(&twin);
    snapshot_release(shown);
    session_free(session);
    twin_place_remove(&place);
}

/* ---- Weights ---- */

/* Original numbers of a layer (0: inputs) in class order, dead ones last. */
static size_t class_order(const struct snapshot *shown, size_t layer, size_t neurons,
                          size_t *order) {
    const struct classes *classes =
        layer > 0 && layer <= shown->hidden ? &shown->partition.layer[layer - 1] : NULL;
    size_t count = 0;
    for (size_t c = 0; classes && c < classes->count; c++)
        for (size_t i = 0; i < neurons; i++)
            if (classes->class_of[i] == c)
                order[count++] = i;
    for (size_t i = 0; i < neurons; i++)
        if (!classes || classes->class_of[i] == PARTITION_DEAD)
            order[count++] = i;
    assert_int_equal(count, neurons);
    return neurons;
}

static double naive_mean(const struct snapshot *shown, const struct weights_view *view, size_t r,
                         size_t c, const size_t *down, const size_t *across) {
    size_t l = shown->detail->layer, count = 0;
    const struct layer *layer = &shown->network->layers[view->outgoing ? l : l - 1];
    double sum = 0;
    for (size_t i = 0; i < view->row_neurons; i++)
        for (size_t j = 0; j < view->column_neurons; j++) {
            bool inside = i >= r * view->row_neurons / view->rows &&
                          i < (r + 1) * view->row_neurons / view->rows &&
                          j >= c * view->column_neurons / view->columns &&
                          j < (c + 1) * view->column_neurons / view->columns;
            size_t row = view->outgoing ? across[j] : down[i];
            size_t column = view->outgoing ? down[i] : across[j];
            sum += inside ? layer->weights[row * layer->inputs + column] : 0;
            count += inside;
        }
    return sum / (double)count;
}

static void check_side(const struct classes *classes, const size_t *order, size_t neurons,
                       size_t cells, const size_t *first, const uint32_t *class_of,
                       const bool *begins) {
    for (size_t k = 0; k < cells; k++) {
        size_t start = k * neurons / cells, neuron = order[start];
        assert_int_equal(first[k], neuron);
        assert_int_equal(class_of[k], classes ? classes->class_of[neuron] : neuron);
        assert_int_equal(begins[k],
                         start == 0 || !classes ||
                             classes->class_of[order[start - 1]] != classes->class_of[neuron]);
    }
}

static void check_weights(const struct snapshot *shown) {
    const struct detail *detail = current_detail(shown, DETAIL_WEIGHTS);
    const struct weights_view *view = &detail->weights;
    size_t l = detail->layer, other = detail->watch.outgoing ? l + 1 : l - 1;
    size_t down[32], across[32];
    const struct network *network = shown->network;
    size_t neurons = network->layers[l - 1].neurons;
    size_t far = other == 0 ? network_inputs(network) : network->layers[other - 1].neurons;
    assert_int_equal(view->other, other <= shown->hidden ? other : 0);
    assert_int_equal(view->row_neurons, class_order(shown, l, neurons, down));
    assert_int_equal(view->column_neurons, class_order(shown, other, far, across));
    assert_int_equal(view->rows, detail->watch.rows < neurons ? detail->watch.rows : neurons);
    assert_int_equal(view->columns, detail->watch.columns < far ? detail->watch.columns : far);
    double peak = 0;
    for (size_t r = 0; r < view->rows; r++)
        for (size_t c = 0; c < view->columns; c++) {
            double mean = naive_mean(shown, view, r, c, down, across);
            assert_true(fabs(view->mean[r * view->columns + c] - mean) < 1e-14);
            peak = fmax(peak, fabs(view->mean[r * view->columns + c]));
        }
    assert_true(view->peak == peak);
    check_side(&shown->partition.layer[l - 1], down, neurons, view->rows, view->row_first,
               view->row_class, view->row_begins);
    check_side(view->other ? &shown->partition.layer[other - 1] : NULL, across, far, view->columns,
               view->column_first, view->column_class, view->column_begins);
}

static void weights_are_means_of_the_original_in_class_order(void **state) {
    (void)state;
    for (size_t n = 0; n < SCENES; n++) {
        struct scene scene = open_scene(n);
        for (size_t k = 0; k < 8; k++) {
            struct watch watch = {.kind = DETAIL_WEIGHTS,
                                  .rows = random_below(&scene.rng, 12),
                                  .columns = random_below(&scene.rng, 12),
                                  .outgoing = k % 2};
            session_watch(scene.session, &watch);
            session_select(scene.session, 1 + k / 2 % scene.hidden, 0);
            session_step(scene.session, (int)random_below(&scene.rng, 4));
            struct snapshot *shown = settled(scene.session);
            check_weights(shown);
            snapshot_release(shown);
        }
        close_scene(&scene);
    }
}

/* ---- What cannot be shown ---- */

static void a_dead_neuron_is_refused_in_words(void **state) {
    (void)state;
    struct scene scene = open_scene(1);
    struct snapshot *shown = settled(scene.session);
    size_t dead = 0;
    while (shown->partition.layer[0].class_of[dead] != PARTITION_DEAD)
        dead++;
    snapshot_release(shown);
    session_select(scene.session, 1, dead);
    static const enum detail_kind of_class[] = {DETAIL_EXPLANATION, DETAIL_TRAJECTORY};
    for (size_t k = 0; k < 2; k++) {
        watch_kind(scene.session, of_class[k]);
        shown = settled(scene.session);
        assert_non_null(strstr(current_detail(shown, of_class[k])->refusal, "dead"));
        assert_int_equal(shown->inspection.representative, SIZE_MAX);
        assert_false(shown->message_is_error);
        snapshot_release(shown);
    }
    watch_kind(scene.session, DETAIL_TREE);
    shown = settled(scene.session);
    assert_string_equal(current_detail(shown, DETAIL_TREE)->refusal, "");
    snapshot_release(shown);
    close_scene(&scene);
}

static void an_overflow_is_refused_with_its_place(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 3);
    struct network *network = random_network_of(&rng, (size_t[]){2, 4, 4, 2}, 3, ACTIVATION_SQUARE);
    for (size_t i = 0; i < 4; i++)
        network->layers[0].bias[i] = 1e100 * (double)(i + 1);
    struct twin_place place = twin_place_make(network, 0);
    struct session *session = twin_place_open(&place);
    session_select(session, 2, 1);
    watch_kind(session, DETAIL_TRAJECTORY);
    struct snapshot *shown = settled(session);
    const struct detail *detail = current_detail(shown, DETAIL_TRAJECTORY);
    assert_non_null(strstr(detail->refusal, "overflows in layer 2"));
    assert_non_null(strstr(detail->refusal, "original network"));
    assert_int_equal(detail->trajectory.pair.points, 0);
    snapshot_release(shown);
    session_free(session);
    twin_place_remove(&place);
}

/* ---- Following ---- */

static void check_detail(const struct scene *scene, const struct snapshot *shown,
                         struct study *study, enum detail_kind kind) {
    if (shown->detail && *shown->detail->refusal)
        assert_int_equal(current_detail(shown, kind)->class_id, SIZE_MAX);
    else if (kind == DETAIL_TREE)
        check_tree(scene, shown, study->refine);
    else if (kind == DETAIL_EXPLANATION)
        check_explanation(shown, study->refine);
    else if (kind == DETAIL_TRAJECTORY)
        check_trajectory(shown, study);
    else if (kind == DETAIL_WEIGHTS)
        check_weights(shown);
}

static void details_follow_options_data_and_models(void **state) {
    (void)state;
    struct scene scene = open_scene(3);
    session_select(scene.session, 2, 1);
    session_step(scene.session, 6);
    for (enum detail_kind kind = DETAIL_TREE; kind <= DETAIL_WEIGHTS; kind++) {
        watch_kind(scene.session, kind);
        for (size_t r = 0; r < RELATIONS; r++) {
            choose(scene.session, OPTION_RELATION, relations[r]);
            struct snapshot *shown = settled(scene.session);
            struct twin twin = twin_make(&scene.place, &shown->options);
            check_detail(&scene, shown, &twin.study, kind);
            twin_free(&twin);
            snapshot_release(shown);
        }
    }
    session_open(scene.session, scene.place.model, NULL, NULL, NULL);
    struct snapshot *shown = settled(scene.session);
    assert_null(shown->detail); /* nothing is selected in it yet */
    snapshot_release(shown);
    close_scene(&scene);
}

static void nothing_is_shown_when_nothing_is_watched(void **state) {
    (void)state;
    struct scene scene = open_scene(2);
    watch_kind(scene.session, DETAIL_TREE);
    struct snapshot *shown = settled(scene.session);
    assert_null(shown->detail);
    snapshot_release(shown);
    session_select(scene.session, 2, 0);
    shown = settled(scene.session);
    current_detail(shown, DETAIL_TREE);
    snapshot_release(shown);
    watch_kind(scene.session, DETAIL_NONE);
    shown = settled(scene.session);
    assert_null(shown->detail);
    snapshot_release(shown);
    close_scene(&scene);
}

/* A detail on the way belongs to the layer it is shown beside. */
static void look(struct session *session) {
    struct snapshot *shown = session_latest(session);
    if (shown->detail && shown->detail_current) {
        assert_int_equal(shown->detail->layer, shown->inspection.layer);
        assert_int_equal(shown->detail->neuron, shown->inspection.neuron);
        assert_true(shown->detail->epsilon == shown->epsilon);
    }
    snapshot_release(shown);
}

static void ask_something(struct scene *scene) {
    struct session *session = scene->session;
    struct rng *rng = &scene->rng;
    static const char *const linkages[] = {"chain", "complete"};
    switch (random_below(rng, 8)) {
    case 0:
        session_select(session, 1 + random_below(rng, 3), random_below(rng, 4));
        break;
    case 1:
        session_set_epsilon(session, rng_uniform(rng));
        break;
    case 2:
        choose(session, OPTION_RELATION, relations[random_below(rng, RELATIONS)]);
        break;
    case 3:
        choose(session, OPTION_LINKAGE, linkages[random_below(rng, 2)]);
        break;
    case 4:
        session_sweep(session, 5);
        break;
    case 5:
        session_cancel(session);
        break;
    case 6:
        session_step(session, (int)random_below(rng, 7) - 3);
        break;
    default:
        watch_kind(session, (enum detail_kind)random_below(rng, DETAIL_WEIGHTS + 1));
    }
}

/* Whatever was asked in whatever order, not busy means that everything is there. */
static void not_busy_means_that_everything_is_current(void **state) {
    (void)state;
    struct scene scene = open_scene(8);
    for (size_t round = 0; round < 24; round++) {
        for (size_t k = 0; k < 10; k++) {
            ask_something(&scene);
            look(scene.session);
            if (random_below(&scene.rng, 3) == 0)
                usleep((useconds_t)random_below(&scene.rng, 3000));
        }
        enum detail_kind kind = DETAIL_TREE + round % 4;
        size_t layer = 1 + random_below(&scene.rng, 3), neuron = random_below(&scene.rng, 4);
        session_select(scene.session, layer, neuron);
        watch_kind(scene.session, kind);
        /* A cancel may have stopped the analysis; an option starts it again. */
        choose(scene.session, OPTION_LINKAGE, round % 2 ? "chain" : "complete");
        while (session_busy(scene.session))
            usleep(200);
        struct snapshot *shown = session_latest(scene.session);
        assert_int_equal(shown->work, WORK_IDLE);
        assert_true(shown->reduced_known);
        assert_int_equal(shown->after.state, FIGURE_EXACT);
        assert_int_equal(shown->inspection.layer, layer);
        assert_int_equal(shown->inspection.neuron, neuron);
        struct options options;
        session_options(scene.session, &options);
        assert_int_equal(shown->options.relation, options.relation);
        assert_int_equal(shown->options.linkage, options.linkage);
        struct twin twin = twin_make(&scene.place, &shown->options);
        check_detail(&scene, shown, &twin.study, kind);
        twin_free(&twin);
        snapshot_release(shown);
    }
    close_scene(&scene);
}

/* Wide enough for its trajectory to take a while. */
static struct twin_place make_wide_place(void) {
    struct rng rng;
    rng_seed(&rng, 9);
    return twin_place_make(random_network_of(&rng, (size_t[]){3, 160, 80, 2}, 3, ACTIVATION_TANH),
                           2000);
}

static void an_older_detail_stays_until_the_new_one_is_there(void **state) {
    (void)state;
    struct twin_place place = make_wide_place();
    struct session *session = twin_place_open(&place);
    session_select(session, 1, 3);
    watch_kind(session, DETAIL_TRAJECTORY);
    struct snapshot *shown = settled(session);
    size_t stale = 0;
    for (size_t k = 0; k < 8; k++) {
        double before = shown->epsilon;
        session_step(session, 1);
        for (bool current = false; !current;) {
            snapshot_release(shown);
            shown = session_latest(session);
            assert_non_null(shown->detail);
            assert_int_equal(shown->detail->layer, 1);
            current = shown->epsilon > before && shown->detail_current;
            stale += !shown->detail_current;
        }
        assert_true(current_detail(shown, DETAIL_TRAJECTORY)->trajectory.pair.points > 0);
    }
    assert_true(stale > 0);
    /* Stopping keeps what is there; the next request takes it up. */
    session_step(session, 1);
    session_cancel(session);
    snapshot_release(shown);
    shown = settled(session);
    assert_non_null(shown->detail);
    session_select(session, 1, 4);
    snapshot_release(shown);
    shown = settled(session);
    current_detail(shown, DETAIL_TRAJECTORY);
    /* Of another layer there is none to stay. */
    session_select(session, 2, 4);
    do {
        snapshot_release(shown);
        shown = session_latest(session);
        assert_true(!shown->detail || shown->detail->layer == shown->inspection.layer ||
                    shown->inspection.layer == 1);
    } while (!shown->detail_current || shown->inspection.layer != 2);
    current_detail(shown, DETAIL_TRAJECTORY);
    snapshot_release(shown);
    session_free(session);
    twin_place_remove(&place);
}

static void watching_does_not_wait_for_a_sweep(void **state) {
    (void)state;
    struct twin_place place = make_wide_place();
    struct session *session = twin_place_open(&place);
    session_select(session, 1, 3);
    session_wait(session);
    for (enum detail_kind kind = DETAIL_TREE; kind <= DETAIL_WEIGHTS; kind++) {
        session_sweep(session, 40);
        struct snapshot *shown;
        do {
            usleep(500);
            shown = session_latest(session);
            bool sweeping = shown->work == WORK_SWEEPING;
            snapshot_release(shown);
            if (sweeping)
                break;
        } while (true);
        watch_kind(session, kind);
        for (shown = session_latest(session); !shown->detail || shown->detail->kind != kind;
             shown = session_latest(session)) {
            snapshot_release(shown);
            usleep(200);
        }
        assert_false(shown->curve_complete);
        assert_true(session_busy(session));
        snapshot_release(shown);
        session_cancel(session);
        session_wait(session);
    }
    session_free(session);
    twin_place_remove(&place);
}

/* ---- The representative ---- */

static double row_difference(const struct layer *a, size_t i, const struct layer *b, size_t j) {
    double most = fabs(a->bias[i] - b->bias[j]);
    for (size_t k = 0; k < a->inputs; k++)
        most = fmax(most, fabs(a->weights[i * a->inputs + k] - b->weights[j * b->inputs + k]));
    return most;
}

/* Of the first layer, whose rows no merging has rewritten: what the representative is said to read,
 * the merged neuron reads. */
static void check_representative(const struct snapshot *shown, struct study *study) {
    struct error error = {0};
    const struct inspection *seen = &shown->inspection;
    must(refine_set_epsilon(study->refine, shown->epsilon, NULL, &error), &error);
    const struct prepared *prepared = refine_prepared(study->refine);
    struct network *small = reduced_at(study->refine);
    const struct layer *before = &prepared->network->layers[0], *after = &small->layers[0];
    bool one_each = after->neurons == shown->partition.layer[0].count;
    for (size_t k = 0; !seen->dead && one_each && k < before->neurons; k++) {
        size_t number = prepared->live[0][k];
        double difference = row_difference(before, k, after, seen->class_id);
        if (number == seen->representative)
            assert_true(difference < 1e-9);
        else if (seen->representative == SIZE_MAX)
            assert_true(difference > 1e-9);
    }
    network_free(small);
}

static void the_representative_is_whom_the_merged_neuron_copies(void **state) {
    (void)state;
    size_t alone = 0, copies = 0, means = 0;
    for (size_t n = 0; n < SCENES; n++) {
        struct scene scene = open_scene(n);
        struct twin twin = {0};
        for (size_t k = 0; k < 10; k++) {
            session_select(scene.session, 1, k % 6);
            session_step(scene.session, (int)random_below(&scene.rng, 3));
            struct snapshot *shown = settled(scene.session);
            if (!twin.network)
                twin = twin_make(&scene.place, &shown->options);
            check_representative(shown, &twin.study);
            bool copied = shown->inspection.representative != SIZE_MAX;
            alone += shown->inspection.member_count == 1;
            copies += copied && shown->inspection.member_count > 1;
            means += !copied && shown->inspection.member_count > 1;
            snapshot_release(shown);
        }
        twin_free(&twin);
        close_scene(&scene);
    }
    assert_true(alone && copies && means); /* all were there */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_is_the_dendrogram_in_an_order_without_crossings),
        cmocka_unit_test(a_locked_layer_has_a_tree_without_merges),
        cmocka_unit_test(details_of_a_class_are_what_the_library_says),
        cmocka_unit_test(without_data_the_mean_input_drives_the_trajectory),
        cmocka_unit_test(weights_are_means_of_the_original_in_class_order),
        cmocka_unit_test(a_dead_neuron_is_refused_in_words),
        cmocka_unit_test(an_overflow_is_refused_with_its_place),
        cmocka_unit_test(details_follow_options_data_and_models),
        cmocka_unit_test(nothing_is_shown_when_nothing_is_watched),
        cmocka_unit_test(not_busy_means_that_everything_is_current),
        cmocka_unit_test(an_older_detail_stays_until_the_new_one_is_there),
        cmocka_unit_test(watching_does_not_wait_for_a_sweep),
        cmocka_unit_test(the_representative_is_whom_the_merged_neuron_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
