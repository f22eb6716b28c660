#include "lumpscope/refine.h"

#include "lumpscope/distance.h"
#include "lumpscope/machine.h"
#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include "lump/stored.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { TREES_KEPT = 1024 }; /* dendrograms kept per layer; each is O(n) */

/* A dendrogram and the neighbour's classes it holds for. */
struct tree {
    struct dendrogram dendrogram;
    struct classes neighbour; /* copy; count 0 and no labels where distances do not depend on it */
    uint64_t hash;
    double mean_norm; /* distances were divided by it; 0: they were not */
};

struct refine_layer {
    size_t live;
    struct tree **trees; /* [tree_count] in order of making */
    size_t tree_count, tree_capacity;
    struct tree *current;
    bool keeps; /* its distances are kept from one tree to the next */
    struct stored stored;
};

struct refine {
    const struct network *network;
    struct options options;
    struct prepared prepared;
    struct calibration calibration;
    bool calibrated;
    struct refine_layer *layers; /* [prepared.hidden] */
    double *matrix; /* working space of complete linkage, for the widest layer so far */
    size_t matrix_width;
    double epsilon;
    struct partition live, partition;
};

static void tree_free(struct tree *tree) {
    if (!tree)
        return;
    dendrogram_free(&tree->dendrogram);
    free(tree->neighbour.class_of);
    free(tree);
}

void refine_free(struct refine *refine) {
    if (!refine)
        return;
    for (size_t l = 0; refine->layers && l < refine->prepared.hidden; l++) {
        for (size_t t = 0; t < refine->layers[l].tree_count; t++)
            tree_free(refine->layers[l].trees[t]);
        free(refine->layers[l].trees);
        stored_free(&refine->layers[l].stored);
    }
    free(refine->layers);
    free(refine->matrix);
    partition_free(&refine->live);
    partition_free(&refine->partition);
    calibration_free(&refine->calibration);
    prepared_free(&refine->prepared);
    free(refine);
}

static bool check_locks(const struct network *network, const struct options *options,
                        struct error *error) {
    for (size_t l = network->depth; l < NETWORK_MAX_LAYERS; l++)
        if (options_locked(options, l))
            return error_set(error, ERROR_REQUEST,
                             "--lock %zu: there is no such hidden layer; the network has %zu", l,
                             network_hidden(network));
    return true;
}

static bool check_erode(const struct network *network, const struct options *options,
                        struct error *error) {
    if (options->relation == RELATION_JOINT || options->norm != NORM_ERODE)
        return true;
    for (size_t l = 0; l < network->depth; l++) {
        enum consumer_kind kind = consumer_form(&network->layers[l].activation).kind;
        if (kind != CONSUMER_LINEAR && kind != CONSUMER_SQUARE)
            return error_set(
                error, ERROR_REQUEST,
                "layer %zu is %s: --norm erode is defined for linear and square layers "
                "only; use --norm l1",
                l + 1, activation_name(network->layers[l].activation.kind));
    }
    return true;
}

bool refine_check(const struct network *network, const struct options *options,
                  struct error *error) {
    return check_locks(network, options, error) && check_erode(network, options, error);
}

/* The classes that decide the distances of layer l (from 0); NULL when single neurons do. */
static const struct classes *neighbour_classes(const struct refine *refine, size_t l) {
    const struct network *network = refine->prepared.network;
    if (refine->options.relation == RELATION_BACKWARD)
        return l > 0 ? &refine->live.layer[l - 1] : NULL;
    if (refine->options.relation == RELATION_FORWARD && l + 1 < refine->prepared.hidden &&
        consumer_form(&network->layers[l + 1].activation).kind != CONSUMER_OTHER)
        return &refine->live.layer[l + 1];
    return NULL;
}

static bool make_source(const struct refine *refine, size_t l, const struct classes *neighbour,
                        struct distance_source *source, struct error *error) {
    const struct network *network = refine->prepared.network;
    switch (refine->options.relation) {
    case RELATION_FORWARD:
        return distance_forward(source, network, l + 1, neighbour, refine->options.norm, error);
    case RELATION_BACKWARD:
        return distance_backward(source, network, l + 1, neighbour, refine->options.norm, error);
    case RELATION_JOINT:
        return distance_joint(source, network, l + 1, &refine->calibration, error);
    }
    return false;
}

/* The divisor of relative distances (0: not divided) and the tolerance's unit (section 6), from the
 * mean norm. Where the mean overflows there is neither: distances stay as they are, and only equal
 * neurons are equal. */
static void scale_by(const struct refine *refine, double mean, double *divisor, double *unit) {
    *unit = 1;
    *divisor = 0;
    if (refine->options.relation == RELATION_JOINT || refine->options.norm == NORM_ERODE)
        return;
    if (!isfinite(mean))
        mean = 0;
    if (refine->options.scale == SCALE_ABSOLUTE)
        *unit = mean;
    else
        *divisor = mean;
}

static bool distance_scale(const struct refine *refine, const struct distance_source *source,
                           double *divisor, double *unit, const struct progress *progress,
                           struct error *error) {
    double mean = 0;
    if (source->kind != SOURCE_JOINT && refine->options.norm != NORM_ERODE &&
        !distance_mean_norm(source, &mean, progress, error))
        return false;
    scale_by(refine, mean, divisor, unit);
    return true;
}

static void divide(double *values, size_t count, double divisor) {
    if (divisor != 0)
        for (size_t k = 0; k < count; k++)
            values[k] /= divisor;
}

static bool grow_agglomerate(struct distance_source *source, struct tree *tree,
                             const struct progress *progress, struct error *error) {
    size_t n = source->neurons, pairs = n ? n * (n - 1) / 2 : 0;
    double *distances = memory_new(pairs, sizeof *distances, error);
    bool grown = distances && distance_all(source, distances, progress, error) &&
                 dendrogram_init_agglomerate(&tree->dendrogram, source, distances, progress, error);
    free(distances);
    return grown;
}

/* Stays for the next tree: fresh memory costs as much time as half the linkage. */
static bool reserve_matrix(struct refine *refine, size_t n, struct error *error) {
    if (n <= refine->matrix_width)
        return true;
    free(refine->matrix);
    refine->matrix = NULL;
    refine->matrix_width = 0;
    if (!memory_resize(&refine->matrix, n, n * sizeof *refine->matrix, error))
        return false;
    refine->matrix_width = n;
    return true;
}

static bool grow_complete(struct refine *refine, const struct distance_source *source, double unit,
                          struct tree *tree, const struct progress *progress, struct error *error) {
    size_t n = source->neurons;
    bool ambiguous;
    return reserve_matrix(refine, n, error) &&
           distance_block(source, 0, n, refine->matrix, progress, error) &&
           dendrogram_init_complete(&tree->dendrogram, refine->matrix, n, tree->mean_norm, unit,
                                    &ambiguous, progress, error);
}

static bool grow_anew(struct refine *refine, size_t l, const struct classes *neighbour,
                      struct tree *tree, const struct progress *progress, struct error *error) {
    struct distance_source source;
    double unit;
    if (!make_source(refine, l, neighbour, &source, error))
        return false;
    bool grown = distance_scale(refine, &source, &tree->mean_norm, &unit, progress, error);
    if (grown && refine->options.linkage == LINKAGE_CHAIN)
        grown = dendrogram_init_chain(&tree->dendrogram, &source, tree->mean_norm, unit, progress,
                                      error);
    else if (grown && refine->options.linkage == LINKAGE_AGGLOMERATE)
        grown = grow_agglomerate(&source, tree, progress, error);
    else if (grown)
        grown = grow_complete(refine, &source, unit, tree, progress, error);
    distance_source_free(&source);
    return grown;
}

static struct stored_layer stored_layer(const struct refine *refine, size_t l) {
    return (struct stored_layer){.network = refine->prepared.network,
                                 .l = l + 1,
                                 .relation = refine->options.relation,
                                 .norm = refine->options.norm};
}

static bool grow_stored(struct refine *refine, struct stored *stored, struct tree *tree,
                        bool *ambiguous, const struct progress *progress, struct error *error) {
    double unit;
    scale_by(refine, stored->mean, &tree->mean_norm, &unit);
    if (refine->options.linkage == LINKAGE_COMPLETE && !reserve_matrix(refine, stored->n, error))
        return false;
    return stored_dendrogram(stored, refine->options.linkage, tree->mean_norm, unit, refine->matrix,
                             &tree->dendrogram, ambiguous, progress, error);
}

/* From the distances for other classes of the neighbour. Where rounding might have decided between
 * merges they are made anew, so that the tree is that of an engine which has just begun. */
static bool grow_from_last(struct refine *refine, size_t l, const struct classes *neighbour,
                           struct tree *tree, const struct progress *progress,
                           struct error *error) {
    struct stored *stored = &refine->layers[l].stored;
    struct stored_layer layer = stored_layer(refine, l);
    bool moved, ambiguous = false;
    if (!stored_move(stored, &layer, neighbour, &moved, progress, error))
        return false;
    if (moved && !grow_stored(refine, stored, tree, &ambiguous, progress, error))
        return false;
    if (moved && !ambiguous)
        return true;
    dendrogram_free(&tree->dendrogram);
    if (!stored_make(stored, &layer, neighbour, progress, error))
        return false;
    return stored->sum ? grow_stored(refine, stored, tree, &ambiguous, progress, error)
                       : grow_anew(refine, l, neighbour, tree, progress, error);
}

/* FNV-1a over the labels. */
static uint64_t classes_hash(const struct classes *classes) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; classes && i < classes->neurons; i++)
        hash = (hash ^ classes->class_of[i]) * 0x100000001b3u;
    return hash;
}

static struct tree *tree_find(const struct refine_layer *layer, const struct classes *neighbour,
                              uint64_t hash) {
    for (size_t t = 0; t < layer->tree_count; t++) {
        struct tree *tree = layer->trees[t];
        if (tree->hash == hash && (!neighbour || classes_equal(&tree->neighbour, neighbour)))
            return tree;
    }
    return NULL;
}

static struct tree *tree_make(struct refine *refine, size_t l, const struct classes *neighbour,
                              uint64_t hash, const struct progress *progress, struct error *error) {
    struct tree *tree = memory_new(1, sizeof *tree, error);
    if (!tree)
        return NULL;
    tree->hash = hash;
    bool made = true;
    if (neighbour) {
        tree->neighbour = *neighbour;
        tree->neighbour.class_of = memory_copy(neighbour->class_of, neighbour->neurons,
                                               sizeof *neighbour->class_of, error);
        made = tree->neighbour.class_of != NULL;
    }
    made = made &&
           (options_locked(&refine->options, l + 1)
                ? dendrogram_init_locked(&tree->dendrogram, refine->layers[l].live, error)
            : refine->layers[l].keeps ? grow_from_last(refine, l, neighbour, tree, progress, error)
                                      : grow_anew(refine, l, neighbour, tree, progress, error));
    if (!made) {
        tree_free(tree);
        return NULL;
    }
    return tree;
}

/* Keeps a tree, dropping the oldest when there are too many. */
static bool tree_keep(struct refine_layer *layer, struct tree *tree, struct error *error) {
    if (layer->tree_count == TREES_KEPT) {
        tree_free(layer->trees[0]);
        memmove(layer->trees, layer->trees + 1, (TREES_KEPT - 1) * sizeof *layer->trees);
        layer->tree_count--;
    }
    if (!memory_reserve(&layer->trees, &layer->tree_capacity, layer->tree_count + 1,
                        sizeof *layer->trees, error)) {
        tree_free(tree);
        return false;
    }
    layer->trees[layer->tree_count++] = tree;
    return true;
}

/* NULL also where a lock keeps distances from being asked. */
static const struct classes *deciding_classes(const struct refine *refine, size_t l) {
    return options_locked(&refine->options, l + 1) ? NULL : neighbour_classes(refine, l);
}

size_t refine_neighbour(const struct refine *refine, size_t layer) {
    const struct classes *deciding = deciding_classes(refine, layer - 1);
    return deciding ? (size_t)(deciding - refine->live.layer) + 1 : 0;
}

static bool sweep_layer(struct refine *refine, size_t l, double epsilon,
                        const struct progress *progress, struct error *error) {
    struct refine_layer *layer = &refine->layers[l];
    const struct classes *neighbour = deciding_classes(refine, l);
    uint64_t hash = classes_hash(neighbour);
    struct tree *tree = tree_find(layer, neighbour, hash);
    if (!tree) {
        tree = tree_make(refine, l, neighbour, hash, progress, error);
        if (!tree || !tree_keep(layer, tree, error))
            return false;
    }
    layer->current = tree;
    return dendrogram_cut(&tree->dendrogram, epsilon, &refine->live.layer[l], error);
}

/* The partition of live neurons in the original's numbers. */
static void publish(struct refine *refine) {
    for (size_t l = 0; l < refine->prepared.hidden; l++) {
        struct classes *out = &refine->partition.layer[l];
        const struct classes *live = &refine->live.layer[l];
        for (size_t i = 0; i < live->neurons; i++)
            out->class_of[refine->prepared.live[l][i]] = live->class_of[i];
        out->count = live->count;
    }
}

static bool sweep(struct refine *refine, double epsilon, const struct progress *progress,
                  struct error *error) {
    size_t hidden = refine->prepared.hidden;
    bool up = refine->options.relation == RELATION_BACKWARD;
    for (size_t k = 0; k < hidden; k++)
        if (!sweep_layer(refine, up ? k : hidden - 1 - k, epsilon, progress, error))
            return false;
    refine->epsilon = epsilon;
    publish(refine);
    return true;
}

bool refine_set_epsilon(struct refine *refine, double epsilon, const struct progress *progress,
                        struct error *error) {
    double before = refine->epsilon;
    if (!(epsilon >= 0) || !isfinite(epsilon))
        return error_set(error, ERROR_REQUEST,
                         "epsilon %g: is not a number from 0 up; 0 merges what is equal", epsilon);
    if (sweep(refine, epsilon, progress, error))
        return true;
    /* The trees for the epsilon before are kept, so standing back there takes no computing. */
    struct error ignored = {0};
    sweep(refine, before, NULL, &ignored);
    return false;
}

/* Bytes of distances that making a tree takes: all, in both orders for complete linkage; a block
 * of them for chain. */
static double linkage_bytes(enum linkage linkage, size_t n) {
    if (linkage == LINKAGE_CHAIN)
        return 0;
    return linkage == LINKAGE_COMPLETE ? (double)n * (double)n * sizeof(double) : stored_bytes(n);
}

static bool refuse_width(size_t layer, size_t width, enum linkage linkage, double limit,
                         struct error *error) {
    char needed[TEXT_NUMBER_SIZE], allowed[TEXT_NUMBER_SIZE];
    double bytes = linkage_bytes(linkage, width);
    return error_set(error, ERROR_REQUEST,
                     "hidden layer %zu is %zu neurons wide: --linkage %s holds all distances "
                     "between them, %.0f bytes (%s), and --memory allows %s; use --linkage chain, "
                     "which holds none, or a larger --memory",
                     layer, width, linkage_name(linkage), bytes, text_bytes(bytes, needed),
                     text_bytes(limit, allowed));
}

/* What linkages other than chain work on has to fit into --memory; what is over lets layers keep
 * their distances from one tree to the next. */
static bool allot_memory(struct refine *refine, struct error *error) {
    const struct options *options = &refine->options;
    double limit = options->memory ? (double)options->memory : (double)machine_memory() / 2;
    double work = 0;
    for (size_t l = 0; l < refine->prepared.hidden; l++) {
        size_t width = refine->layers[l].live;
        double bytes = linkage_bytes(options->linkage, width);
        if (options_locked(options, l + 1))
            continue;
        if (bytes > limit)
            return refuse_width(l + 1, width, options->linkage, limit, error);
        work = fmax(work, bytes);
    }
    double left = limit - work;
    for (size_t l = 0; l < refine->prepared.hidden; l++) {
        struct stored_layer layer = stored_layer(refine, l);
        double bytes = stored_bytes(refine->layers[l].live);
        refine->layers[l].keeps =
            deciding_classes(refine, l) && stored_possible(&layer) && bytes <= left;
        if (refine->layers[l].keeps)
            left -= bytes;
    }
    return true;
}

/* Where every tree has been made there is no use for working space. */
static void drop_matrix(struct refine *refine) {
    for (size_t l = 0; l < refine->prepared.hidden; l++)
        if (deciding_classes(refine, l))
            return;
    free(refine->matrix);
    refine->matrix = NULL;
    refine->matrix_width = 0;
}

static bool refine_start(struct refine *refine, const struct matrix *rows,
                         const struct progress *progress, struct error *error) {
    const struct options *options = &refine->options;
    if (options->relation == RELATION_JOINT && !rows)
        return error_set(error, ERROR_USAGE,
                         "--relation joint measures on rows; add --data FILE or --calibrate-on "
                         "FILE");
    if (!refine_check(refine->network, options, error) ||
        !prepared_init(&refine->prepared, refine->network, options, error))
        return false;
    size_t hidden = refine->prepared.hidden;
    if (rows && options_use_rows(options)) {
        refine->calibrated =
            calibration_init(&refine->calibration, refine->prepared.network, rows,
                             options->relation == RELATION_JOINT, options->seed, progress, error);
        if (!refine->calibrated)
            return false;
    }
    refine->layers = memory_new(hidden, sizeof *refine->layers, error);
    size_t *live = memory_new(hidden, sizeof *live, error);
    bool made = refine->layers && live;
    for (size_t l = 0; made && l < hidden; l++)
        live[l] = refine->layers[l].live = refine->prepared.network->layers[l].neurons;
    made = made && partition_init(&refine->live, live, hidden, error) &&
           partition_init(&refine->partition, refine->prepared.original_neurons, hidden, error);
    free(live);
    if (!made || !allot_memory(refine, error) || !sweep(refine, 0, progress, error))
        return false;
    drop_matrix(refine);
    return true;
}

struct refine *refine_new(const struct network *network, const struct options *options,
                          const struct matrix *rows, const struct progress *progress,
                          struct error *error) {
    struct refine *refine = memory_new(1, sizeof *refine, error);
    if (!refine)
        return NULL;
    refine->network = network;
    refine->options = *options;
    if (!refine_start(refine, rows, progress, error)) {
        refine_free(refine);
        return NULL;
    }
    return refine;
}

double refine_epsilon(const struct refine *refine) {
    return refine->epsilon;
}

const struct partition *refine_partition(const struct refine *refine) {
    return &refine->partition;
}

const struct partition *refine_live_partition(const struct refine *refine) {
    return &refine->live;
}

const struct prepared *refine_prepared(const struct refine *refine) {
    return &refine->prepared;
}

const struct calibration *refine_calibration(const struct refine *refine) {
    return refine->calibrated ? &refine->calibration : NULL;
}

size_t refine_original_parameters(const struct refine *refine) {
    return network_parameters(refine->network);
}

const struct options *refine_options(const struct refine *refine) {
    return &refine->options;
}

const struct dendrogram *refine_dendrogram(const struct refine *refine, size_t layer) {
    return &refine->layers[layer - 1].current->dendrogram;
}

static const struct dendrogram *current_dendrogram(const struct refine *refine, size_t l) {
    return &refine->layers[l].current->dendrogram;
}

/* Whether the current dendrograms merge at `epsilon` all that they merge where the engine stands.
 */
static bool merges_as_much(const struct refine *refine, double epsilon) {
    for (size_t l = 0; l < refine->prepared.hidden; l++) {
        const struct dendrogram *dendrogram = current_dendrogram(refine, l);
        if (dendrogram_merged(dendrogram, epsilon) < dendrogram_merged(dendrogram, refine->epsilon))
            return false;
    }
    return true;
}

/* The smallest height of one layer at which everything is merged that is; infinity: none. */
static double layer_event(const struct refine *refine, size_t l) {
    const struct dendrogram *dendrogram = current_dendrogram(refine, l);
    size_t merged = dendrogram_merged(dendrogram, refine->epsilon), low = 0, high = merged;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (merges_as_much(refine, dendrogram->merge[middle].height))
            high = middle;
        else
            low = middle + 1;
    }
    return low < merged ? dendrogram->merge[low].height : INFINITY;
}

/* Heights that the tolerance lets in belong to the event they are merged at. */
double refine_event(const struct refine *refine) {
    if (merges_as_much(refine, 0))
        return 0;
    double event = refine->epsilon;
    for (size_t l = 0; l < refine->prepared.hidden; l++)
        event = fmin(event, layer_event(refine, l));
    return event;
}

double refine_next_event(const struct refine *refine, size_t *layer) {
    double next = NAN;
    for (size_t l = 0; l < refine->prepared.hidden; l++) {
        const struct dendrogram *dendrogram = current_dendrogram(refine, l);
        size_t merged = dendrogram_merged(dendrogram, refine->epsilon);
        if (merged == dendrogram->count)
            continue;
        double height = dendrogram->merge[merged].height;
        if (isfinite(height) && !(height >= next)) {
            next = height;
            if (layer)
                *layer = l + 1;
        }
    }
    return next;
}

/* The smallest epsilon whose tolerance lets `height` in, as nearly as doubles go. */
static double entry_epsilon(const struct dendrogram *dendrogram, double height) {
    double epsilon = height - 1e-12 * dendrogram->unit;
    return epsilon <= dendrogram->unit ? epsilon : height / (1 + 1e-12);
}

/* An epsilon below which the current classes begin: the largest that leaves out the last merge of
 * some layer. Layers have tolerances of their own, so each is asked. */
static double just_below(const struct refine *refine) {
    double below = 0;
    for (size_t l = 0; l < refine->prepared.hidden; l++) {
        const struct dendrogram *dendrogram = current_dendrogram(refine, l);
        size_t merged = dendrogram_merged(dendrogram, refine->epsilon);
        if (merged == dendrogram_merged(dendrogram, 0))
            continue;
        double height = dendrogram->merge[merged - 1].height;
        below = fmax(below, entry_epsilon(dendrogram, height) - 4 * DBL_EPSILON * height);
    }
    return below;
}

bool refine_step_back(struct refine *refine, const struct progress *progress, struct error *error) {
    if (refine_event(refine) <= 0)
        return false;
    return refine_set_epsilon(refine, just_below(refine), progress, error) &&
           refine_set_epsilon(refine, refine_event(refine), progress, error);
}

/* What distances of a layer are divided by. The tree of a locked layer was made without any. */
static bool layer_divisor(const struct refine *refine, size_t l,
                          const struct distance_source *source, double *divisor,
                          struct error *error) {
    double unit;
    *divisor = refine->layers[l].current->mean_norm;
    return !options_locked(&refine->options, l + 1) ||
           distance_scale(refine, source, divisor, &unit, NULL, error);
}

double refine_unit(const struct refine *refine, size_t layer) {
    double mean = refine->layers[layer - 1].current->mean_norm;
    return mean != 0 ? mean : 1;
}

double *refine_all_distances(const struct refine *refine, size_t layer, struct error *error) {
    struct distance_source source;
    size_t l = layer - 1;
    if (!make_source(refine, l, neighbour_classes(refine, l), &source, error))
        return NULL;
    size_t n = source.neurons, pairs = n ? n * (n - 1) / 2 : 0;
    double *distances = memory_new(pairs, sizeof *distances, error), divisor;
    if (distances && layer_divisor(refine, l, &source, &divisor, error) &&
        distance_all(&source, distances, NULL, error)) {
        divide(distances, pairs, divisor);
    } else {
        free(distances);
        distances = NULL;
    }
    distance_source_free(&source);
    return distances;
}

bool refine_distance_rows(const struct refine *refine, size_t layer, const size_t *neurons,
                          size_t count, double *out, const struct progress *progress,
                          struct error *error) {
    struct distance_source source;
    size_t l = layer - 1;
    if (!progress_step(progress, "distances of the class", 0, count, error) ||
        !make_source(refine, l, neighbour_classes(refine, l), &source, error))
        return false;
    double divisor;
    size_t live = source.neurons;
    bool done = layer_divisor(refine, l, &source, &divisor, error) &&
                progress_step(progress, "distances of the class", 0, count, error);
    for (size_t k = 0; done && k < count; k++) {
        done = distance_row(&source, neurons[k], out + k * live, error) &&
               progress_step(progress, "distances of the class", k + 1, count, error);
        if (done)
            divide(out + k * live, live, divisor);
    }
    distance_source_free(&source);
    return done;
}

bool refine_distances(const struct refine *refine, size_t layer, size_t neuron, double *out,
                      struct error *error) {
    return refine_distance_rows(refine, layer, &neuron, 1, out, NULL, error);
}

bool refine_sufficient_only(const struct network *network, const struct options *options) {
    if (options->relation != RELATION_FORWARD)
        return false;
    for (size_t l = 1; l < network->depth; l++) {
        enum activation_kind kind = network->layers[l].activation.kind;
        if (kind != ACTIVATION_TANH && kind != ACTIVATION_SIGMOID &&
            consumer_form(&network->layers[l].activation).kind == CONSUMER_OTHER)
            return true;
    }
    return false;
}
