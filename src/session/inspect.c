/* What the layers pane and the inspector show. */
#include "session/worker.h"

#include "lumpscope/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDEST_MEMBERS = 64 }; /* all pairs of a class are looked at up to this size */

/* The colour of a class: at every merge the larger cluster gives its colour on (equal: the one of
 * the lowest member), so that colours stay while epsilon moves. */
static bool colour_classes(const struct dendrogram *dendrogram, double epsilon,
                           const struct classes *live, uint32_t *colour, struct error *error) {
    size_t n = dendrogram->leaves, merged = dendrogram_merged(dendrogram, epsilon);
    uint32_t *own = memory_new(n, sizeof *own, error), *size = memory_new(n, sizeof *size, error);
    bool done = own && size;
    for (size_t i = 0; done && i < n; i++) {
        own[i] = (uint32_t)i;
        size[i] = 1;
    }
    for (size_t k = 0; done && k < merged; k++) {
        uint32_t a = dendrogram->merge[k].a, b = dendrogram->merge[k].b;
        if (size[b] > size[a])
            own[a] = own[b];
        size[a] += size[b];
    }
    /* The cluster goes by its smallest member, which is the first of the class. */
    for (size_t i = n; done && i-- > 0;)
        colour[live->class_of[i]] = own[i];
    free(own);
    free(size);
    return done;
}

static void describe_activation(const struct activation *activation, char *out, size_t size) {
    const char *name = activation_name(activation->kind);
    if (activation->kind == ACTIVATION_POLYNOMIAL)
        snprintf(out, size, "degree %zu", activation->degree);
    else
        snprintf(out, size, "%s", name);
}

static double next_merge(const struct dendrogram *dendrogram, double epsilon) {
    size_t merged = dendrogram_merged(dendrogram, epsilon);
    bool more = merged < dendrogram->count && isfinite(dendrogram->merge[merged].height);
    return more ? dendrogram->merge[merged].height : NAN;
}

static struct layer_view view_layer(const struct worker *worker, size_t l) {
    const struct refine *refine = worker->study.refine;
    const struct classes *classes = &refine_partition(refine)->layer[l];
    const struct classes *live = &refine_live_partition(refine)->layer[l];
    struct layer_view view = {.neurons = classes->neurons,
                              .dead = classes->neurons - live->neurons,
                              .classes = classes->count,
                              .reduced = classes->count,
                              .locked = options_locked(&worker->options, l + 1),
                              .next_merge =
                                  next_merge(refine_dendrogram(refine, l + 1), worker->epsilon)};
    describe_activation(&worker->model->network->layers[l].activation, view.activation,
                        sizeof view.activation);
    return view;
}

static void free_description(struct partition *partition, struct layer_view *layers,
                             uint32_t **colour) {
    for (size_t l = 0; colour && l < partition->layers; l++)
        free(colour[l]);
    free(colour);
    free(layers);
    partition_free(partition);
}

void worker_forget_layers(struct worker *worker) {
    free_description(&worker->partition, worker->layers, worker->colour);
    worker->colour = NULL;
    worker->layers = NULL;
}

/* `colour` [hidden], zeroed. */
static bool colour_layers(const struct worker *worker, uint32_t **colour, struct error *error) {
    const struct refine *refine = worker->study.refine;
    const struct partition *live = refine_live_partition(refine);
    bool done = true;
    for (size_t l = 0; done && l < live->layers; l++) {
        colour[l] = memory_new(live->layer[l].count, sizeof **colour, error);
        done = colour[l] && colour_classes(refine_dendrogram(refine, l + 1), worker->epsilon,
                                           &live->layer[l], colour[l], error);
    }
    return done;
}

/* All that is shown of the layers is replaced together, or stays as it was. */
bool worker_describe_layers(struct worker *worker, struct error *error) {
    const struct partition *now = refine_partition(worker->study.refine);
    struct partition partition = {0};
    struct layer_view *layers = memory_new(now->layers, sizeof *layers, error);
    uint32_t **colour = memory_new(now->layers, sizeof *colour, error);
    bool done = layers && colour && partition_copy(&partition, now, error) &&
                colour_layers(worker, colour, error);
    if (!done) {
        free_description(&partition, layers, colour);
        return false;
    }
    for (size_t l = 0; l < now->layers; l++)
        layers[l] = view_layer(worker, l);
    worker_forget_layers(worker);
    worker->layers = layers;
    worker->colour = colour;
    worker->partition = partition;
    return true;
}

/* Of a live neuron; they are listed in ascending order. */
static size_t live_number(const struct prepared *prepared, size_t l, size_t live_count,
                          size_t neuron) {
    size_t from = 0, to = live_count;
    while (from + 1 < to) {
        size_t middle = from + (to - from) / 2;
        if (prepared->live[l][middle] <= neuron)
            from = middle;
        else
            to = middle;
    }
    return from;
}

/* Weights in the original's own numbers. */
static bool copy_weights(const struct network *network, struct inspection *inspection,
                         struct error *error) {
    const struct layer *layer = &network->layers[inspection->layer - 1];
    const struct layer *consumer = &network->layers[inspection->layer];
    size_t neuron = inspection->neuron;
    inspection->inputs = layer->inputs;
    inspection->outputs = consumer->neurons;
    inspection->bias = layer->bias[neuron];
    inspection->incoming =
        memory_copy(layer->weights + neuron * layer->inputs, layer->inputs, sizeof(double), error);
    inspection->outgoing = memory_new(consumer->neurons, sizeof(double), error);
    for (size_t i = 0; inspection->outgoing && i < consumer->neurons; i++)
        inspection->outgoing[i] = consumer->weights[i * consumer->inputs + neuron];
    return inspection->incoming && inspection->outgoing;
}

static bool list_members(const struct classes *classes, struct inspection *inspection,
                         struct error *error) {
    inspection->class_id = classes->class_of[inspection->neuron];
    inspection->members = memory_new(classes->neurons, sizeof *inspection->members, error);
    inspection->distances = memory_new(classes->neurons, sizeof *inspection->distances, error);
    if (!inspection->members || !inspection->distances)
        return false;
    for (size_t i = 0; i < classes->neurons; i++)
        if (classes->class_of[i] == inspection->class_id)
            inspection->members[inspection->member_count++] = i;
    return true;
}

/* The live numbers of the members. */
static size_t *live_members(const struct prepared *prepared, size_t l, size_t live,
                            const struct inspection *inspection, struct error *error) {
    size_t *number = memory_new(inspection->member_count, sizeof *number, error);
    for (size_t a = 0; number && a < inspection->member_count; a++)
        number[a] = live_number(prepared, l, live, inspection->members[a]);
    return number;
}

/* What one member's distances `row` say; it is known which of them is the selected neuron. */
static void take_distances(struct inspection *inspection, size_t from, const double *row,
                           const size_t *number, bool all) {
    for (size_t b = 0; b < inspection->member_count; b++) {
        double d = row[number[b]];
        if (from == inspection->neuron)
            inspection->distances[b] = d;
        if (all && d > inspection->widest) {
            inspection->widest = d;
            inspection->widest_a = from;
            inspection->widest_b = inspection->members[b];
        }
    }
}

/* Distances from the selected neuron to every member, and the widest pair of the class. Alone in
 * its class it is no way from itself. */
static bool measure_class(struct worker *worker, struct inspection *inspection,
                          struct error *error) {
    const struct refine *refine = worker->study.refine;
    size_t l = inspection->layer - 1, live = refine_live_partition(refine)->layer[l].neurons;
    size_t count = inspection->member_count;
    bool all = count <= WIDEST_MEMBERS;
    inspection->widest = all ? 0 : NAN;
    inspection->widest_a = inspection->widest_b = inspection->neuron;
    if (count == 1)
        return true;
    size_t *number = live_members(refine_prepared(refine), l, live, inspection, error);
    double *rows = number ? memory_new(live, (all ? count : 1) * sizeof *rows, error) : NULL;
    size_t own = live_number(refine_prepared(refine), l, live, inspection->neuron);
    bool done = rows && refine_distance_rows(refine, l + 1, all ? number : &own, all ? count : 1,
                                             rows, &worker->progress, error);
    for (size_t a = 0; done && all && a < count; a++)
        take_distances(inspection, inspection->members[a], rows + a * live, number, true);
    if (done && !all)
        take_distances(inspection, inspection->neuron, rows, number, false);
    free(rows);
    free(number);
    return done;
}

/* The first merge above epsilon that the class takes part in. Clusters go by their smallest member.
 */
static void find_next_merge(const struct worker *worker, struct inspection *inspection) {
    const struct refine *refine = worker->study.refine;
    const struct dendrogram *dendrogram = refine_dendrogram(refine, inspection->layer);
    const struct classes *live = &refine_live_partition(refine)->layer[inspection->layer - 1];
    size_t first = 0;
    while (live->class_of[first] != inspection->class_id)
        first++;
    inspection->next_merge = NAN;
    inspection->next_class = SIZE_MAX;
    for (size_t k = dendrogram_merged(dendrogram, worker->epsilon); k < dendrogram->count; k++) {
        const struct merge *merge = &dendrogram->merge[k];
        if (merge->a != first && merge->b != first)
            continue;
        if (isfinite(merge->height)) {
            inspection->next_merge = merge->height;
            inspection->next_class = live->class_of[merge->a == first ? merge->b : merge->a];
        }
        return;
    }
}

/* What neuron j of a layer sends, to consumers that the outputs are sensitive to (joint). */
static bool sends(const struct refine *refine, size_t l, size_t j) {
    const struct layer *consumer = &refine_prepared(refine)->network->layers[l + 1];
    const double *g = refine_options(refine)->relation == RELATION_JOINT
                          ? refine_calibration(refine)->sensitivity[l]
                          : NULL;
    for (size_t i = 0; i < consumer->neurons; i++)
        if (consumer->weights[i * consumer->inputs + j] * (g ? g[i] : 1) != 0)
            return true;
    return false;
}

static bool reads_the_same(const struct layer *layer, size_t a, size_t b) {
    const double *row = layer->weights;
    return layer->bias[a] == layer->bias[b] &&
           !memcmp(row + a * layer->inputs, row + b * layer->inputs, layer->inputs * sizeof *row);
}

/* Whether the aggregation takes the mean of a class's rows, weighted by what the members send; else
 * it takes their sum (forward, linear) or the singular vectors (forward, square). */
static bool takes_mean(const struct refine *refine, size_t l) {
    enum activation_kind kind = refine_prepared(refine)->network->layers[l].activation.kind;
    return refine_options(refine)->relation != RELATION_FORWARD ||
           (kind != ACTIVATION_LINEAR && kind != ACTIVATION_SQUARE);
}

/* A mean is one member's row when all rows are the same, or when no other member sends anything. */
static size_t find_representative(const struct refine *refine, const struct inspection *inspection,
                                  size_t live_count) {
    const struct prepared *prepared = refine_prepared(refine);
    size_t l = inspection->layer - 1, first = inspection->members[0], sender = SIZE_MAX;
    if (inspection->member_count == 1 || !takes_mean(refine, l))
        return inspection->member_count == 1 ? first : SIZE_MAX;
    size_t senders = 0, equal = 0, from = live_number(prepared, l, live_count, first);
    for (size_t k = 0; k < inspection->member_count; k++) {
        size_t live = live_number(prepared, l, live_count, inspection->members[k]);
        equal += reads_the_same(&prepared->network->layers[l], from, live);
        if (sends(refine, l, live) && senders++ == 0)
            sender = inspection->members[k];
    }
    return equal == inspection->member_count ? first : senders == 1 ? sender : SIZE_MAX;
}

static bool inspect_class(struct worker *worker, struct inspection *inspection,
                          struct error *error) {
    size_t l = inspection->layer - 1;
    size_t live = refine_live_partition(worker->study.refine)->layer[l].neurons;
    if (!list_members(&worker->partition.layer[l], inspection, error) ||
        !measure_class(worker, inspection, error))
        return false;
    find_next_merge(worker, inspection);
    inspection->representative = find_representative(worker->study.refine, inspection, live);
    return true;
}

bool worker_inspect(struct worker *worker, struct error *error) {
    struct inspection inspection = {.layer = worker->layer,
                                    .neuron = worker->neuron,
                                    .widest = NAN,
                                    .next_merge = NAN,
                                    .next_class = SIZE_MAX,
                                    .representative = SIZE_MAX};
    size_t hidden = worker->partition.layers;
    if (worker->layer == 0 || worker->layer > hidden ||
        worker->neuron >= worker->partition.layer[worker->layer - 1].neurons) {
        inspection_free(&worker->inspection);
        return true;
    }
    inspection.dead =
        worker->partition.layer[worker->layer - 1].class_of[worker->neuron] == PARTITION_DEAD;
    bool done = worker_stand(worker, NULL, error) &&
                copy_weights(worker->model->network, &inspection, error) &&
                (inspection.dead || inspect_class(worker, &inspection, error));
    if (!done) {
        inspection_free(&inspection);
        return false;
    }
    inspection_free(&worker->inspection);
    worker->inspection = inspection;
    return true;
}
