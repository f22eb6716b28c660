/* Steps to layers: what is linear goes into the weights of the layer before it or, behind an
 * activation, of the layer after it. */
#include "lumpscope/memory.h"
#include "onnx_fold.h"
#include "onnx_values.h"

#include <math.h>
#include <string.h>

/* Weights are read in pieces of so many numbers. */
enum { PIECE = 1 << 16 };
/* A tensor may serve several layers, but not so that a small file becomes a large network. */
enum { MOST_SHARING = 4, ALWAYS_FINE = 1 << 20 };

/* A linear map column by column that waits for the next product: x -> scale x + shift. */
struct waiting {
    size_t columns;
    double *scale, *shift; /* [columns] NULL: nothing waits */
    const struct step *step;
};

static void waiting_free(struct waiting *waiting) {
    free(waiting->scale);
    free(waiting->shift);
    *waiting = (struct waiting){0};
}

static bool waiting_begin(struct waiting *waiting, size_t columns, struct error *error) {
    *waiting = (struct waiting){.columns = columns};
    waiting->scale = memory_new(columns, sizeof *waiting->scale, error);
    waiting->shift = memory_new(columns, sizeof *waiting->shift, error);
    if (!waiting->scale || !waiting->shift) {
        waiting_free(waiting);
        return false;
    }
    for (size_t j = 0; j < columns; j++)
        waiting->scale[j] = 1;
    return true;
}

/* One number, or one for each column; out [columns]. */
static bool read_columns(const struct onnx_tensor *tensor, size_t columns, double *out,
                         struct error *error) {
    if (!onnx_tensor_read(tensor, 0, tensor->elements, out, error))
        return false;
    for (size_t j = tensor->elements; j < columns; j++)
        out[j] = out[0];
    return true;
}

/* The numbers of a scale or a shift, by which columns are multiplied or to which they are added.
 * `divide`: the scale's numbers divide instead, exactly as the graph says it. */
static bool step_values(const struct step *step, size_t columns, double *out, struct error *error) {
    const struct step_numbers *numbers = &step->numbers;
    for (size_t j = 0; j < columns; j++)
        out[j] = 1;
    if (numbers->numbers && !read_columns(numbers->numbers, columns, out, error))
        return false;
    for (size_t j = 0; j < columns && numbers->factor != 1; j++)
        out[j] *= numbers->factor;
    if (!numbers->variance)
        return true;
    double *variance = memory_new(columns, sizeof *variance, error);
    bool read = variance && read_columns(numbers->variance, columns, variance, error);
    for (size_t j = 0; read && j < columns; j++)
        out[j] /= sqrt(variance[j] + numbers->epsilon);
    free(variance);
    return read;
}

static double scaled(const struct step *step, double value, double by) {
    return step->numbers.inverse ? value / by : value * by;
}

/* Into the layer whose outputs these columns are. `added`: its bias holds numbers already. */
static void map_layer(const struct step *step, const double *by, struct layer *layer, bool added) {
    for (size_t i = 0; i < layer->neurons; i++) {
        if (step->kind == STEP_SHIFT) {
            layer->bias[i] = added ? layer->bias[i] + by[i] : by[i];
            continue;
        }
        layer->bias[i] = scaled(step, layer->bias[i], by[i]);
        for (size_t j = 0; j < layer->inputs; j++) {
            double *weight = &layer->weights[i * layer->inputs + j];
            *weight = scaled(step, *weight, by[i]);
        }
    }
}

static void map_waiting(const struct step *step, const double *by, struct waiting *waiting) {
    for (size_t j = 0; j < waiting->columns; j++) {
        if (step->kind == STEP_SHIFT) {
            waiting->shift[j] += by[j];
            continue;
        }
        waiting->scale[j] = scaled(step, waiting->scale[j], by[j]);
        waiting->shift[j] = scaled(step, waiting->shift[j], by[j]);
    }
}

/* Into a product that reads what waits: W (s x + t) = (W s) x + W t. */
static void take_waiting(struct waiting *waiting, struct layer *layer) {
    for (size_t i = 0; waiting->scale && i < layer->neurons; i++) {
        double *row = layer->weights + i * layer->inputs;
        for (size_t j = 0; j < layer->inputs; j++) {
            layer->bias[i] += row[j] * waiting->shift[j];
            row[j] *= waiting->scale[j];
        }
    }
    waiting_free(waiting);
}

/* Weights of [inputs x neurons] in pieces of whole rows. */
static bool read_transposed(const struct onnx_tensor *tensor, struct layer *layer,
                            struct error *error) {
    size_t neurons = layer->neurons, inputs = layer->inputs;
    size_t rows = neurons < PIECE ? PIECE / neurons : 1;
    rows = rows < inputs ? rows : inputs;
    double *piece = memory_new(rows * neurons, sizeof *piece, error);
    bool read = piece != NULL;
    for (size_t start = 0; read && start < inputs; start += rows) {
        size_t count = inputs - start < rows ? inputs - start : rows;
        read = onnx_tensor_read(tensor, start * neurons, count * neurons, piece, error);
        for (size_t j = 0; read && j < count; j++)
            for (size_t i = 0; i < neurons; i++)
                layer->weights[i * inputs + start + j] = piece[j * neurons + i];
    }
    free(piece);
    return read;
}

static bool read_product(const struct step *step, struct layer *layer, struct error *error) {
    size_t count = layer->neurons * layer->inputs;
    if (!(step->neurons_first ? onnx_tensor_read(step->weights, 0, count, layer->weights, error)
                              : read_transposed(step->weights, layer, error)) ||
        (step->bias && !read_columns(step->bias, layer->neurons, layer->bias, error)))
        return false;
    for (size_t k = 0; step->alpha != 1 && k < count; k++)
        layer->weights[k] *= step->alpha;
    for (size_t i = 0; step->beta != 1 && i < layer->neurons; i++)
        layer->bias[i] *= step->beta;
    return true;
}

/* The chain from the input to the output, and how many of it are products. */
struct chain {
    const struct step **steps; /* [count] owned */
    size_t count, products, elements;
};

static bool chain_init(const struct fold *fold, struct chain *chain, struct error *error) {
    *chain = (struct chain){0};
    for (const struct step *step = fold->last; step; step = step->before) {
        chain->count++;
        chain->products += step->kind == STEP_PRODUCT;
        chain->elements += step->kind == STEP_PRODUCT ? step->weights->elements : 0;
    }
    chain->steps = memory_new(chain->count, sizeof(struct step *), error);
    size_t k = chain->count;
    for (const struct step *step = fold->last; chain->steps && step; step = step->before)
        chain->steps[--k] = step;
    return chain->steps != NULL;
}

static size_t held_elements(const struct chain *chain) {
    size_t held = 0;
    for (size_t k = 0; k < chain->count; k++) {
        const struct onnx_tensor *weights = chain->steps[k]->weights;
        bool seen = !weights;
        for (size_t i = 0; i < k && !seen; i++)
            seen = chain->steps[i]->weights == weights;
        held += seen ? 0 : weights->elements;
    }
    return held;
}

static bool check_chain(const struct chain *chain, struct error *error) {
    if (chain->products == 0 || chain->products > NETWORK_MAX_LAYERS)
        return error_set(error, ERROR_REQUEST,
                         "the graph has %zu layers (Gemm or MatMul); 1 to %d can be read: export a "
                         "part that has",
                         chain->products, NETWORK_MAX_LAYERS);
    if (chain->elements > ALWAYS_FINE && chain->elements / MOST_SHARING > held_elements(chain))
        return error_set(error, ERROR_REQUEST,
                         "the graph's layers share their weights so often that %zu numbers become "
                         "%zu; export it with weights of its own for each layer",
                         held_elements(chain), chain->elements);
    return true;
}

static struct network *empty_network(const struct chain *chain, struct error *error) {
    size_t sizes[NETWORK_MAX_LAYERS + 1], l = 0;
    for (size_t k = 0; k < chain->count; k++)
        if (chain->steps[k]->root == chain->steps[k])
            sizes[l++] = chain->steps[k]->columns;
    struct network *network = network_new(NULL, sizes, chain->products, error);
    if (network && !origin_set_depth(&network->origin, chain->products, error)) {
        network_free(network);
        return NULL;
    }
    return network;
}

static bool set_name(char **place, const struct onnx_tensor *tensor, struct error *error) {
    if (!tensor || *place)
        return true;
    *place = memory_string(tensor->name, error);
    return *place != NULL;
}

struct building {
    struct network *network;
    size_t depth; /* layers so far */
    bool shifted; /* the last one's bias holds numbers */
    struct waiting waiting;
    struct error *error;
};

static bool build_product(struct building *building, const struct step *step) {
    struct origin *origin = &building->network->origin;
    size_t l = building->depth++;
    if (!read_product(step, &building->network->layers[l], building->error))
        return false;
    building->shifted = step->bias || building->waiting.scale;
    take_waiting(&building->waiting, &building->network->layers[l]);
    return set_name(&origin->weight_names[l], step->weights, building->error) &&
           set_name(&origin->bias_names[l], step->bias, building->error);
}

static bool build_map(struct building *building, const struct step *step) {
    struct network *network = building->network;
    struct layer *layer = building->depth ? &network->layers[building->depth - 1] : NULL;
    bool waits = step->activated || !layer;
    size_t columns = step->root->columns;
    if (waits && !building->waiting.scale &&
        !waiting_begin(&building->waiting, columns, building->error))
        return false;
    building->waiting.step = step;
    double *by = memory_new(columns, sizeof *by, building->error);
    bool read = by && step_values(step, columns, by, building->error);
    if (read && waits)
        map_waiting(step, by, &building->waiting);
    else if (read)
        map_layer(step, by, layer, building->shifted);
    free(by);
    if (!read || waits || step->kind != STEP_SHIFT)
        return read;
    building->shifted = true;
    return set_name(&network->origin.bias_names[building->depth - 1], step->numbers.numbers,
                    building->error);
}

/* Of one sigmoid p two probabilities: [1 - p, p] are the softmax of 0 and what p is the sigmoid of.
 * Nothing follows. */
static bool build_pair(struct building *building) {
    struct network *network = building->network;
    struct layer *layer = &network->layers[building->depth - 1];
    struct layer one = *layer;
    layer->weights = layer->bias = NULL;
    free(network->output.mean);
    free(network->output.scale);
    network->output = (struct scaling){0};
    bool made = layer_resize(layer, 2, one.inputs, building->error) &&
                scaling_unit(&network->output, 2, building->error);
    if (made) {
        memcpy(layer->weights + one.inputs, one.weights, one.inputs * sizeof *one.weights);
        layer->bias[1] = one.bias[0];
        layer->activation = (struct activation){.kind = ACTIVATION_SOFTMAX};
    }
    free(one.weights);
    free(one.bias);
    return made;
}

static bool build_step(struct building *building, const struct step *step) {
    switch (step->kind) {
    case STEP_INPUT:
        return true;
    case STEP_PRODUCT:
        return build_product(building, step);
    case STEP_SCALE:
    case STEP_SHIFT:
        return build_map(building, step);
    case STEP_ACTIVATION:
        building->network->layers[building->depth - 1].activation = step->activation;
        return true;
    case STEP_PAIR:
        return build_pair(building);
    }
    return false;
}

/* What waits at the end has no layer to go into. */
static bool check_waiting(const struct fold *fold, const struct building *building) {
    if (!building->waiting.scale)
        return true;
    struct fold_node at = {.fold = (struct fold *)fold,
                           .node = building->waiting.step->node,
                           .error = building->error};
    return fold_refuse(&at,
                       "changes the outputs behind the last activation, where no layer follows "
                       "that could take it in; leave it out and apply it to the outputs");
}

static bool check_finite(const struct network *network, struct error *error) {
    for (size_t l = 0; l < network->depth; l++) {
        const struct layer *layer = &network->layers[l];
        struct matrix weights = {layer->neurons, layer->inputs, layer->weights};
        struct matrix bias = {1, layer->neurons, layer->bias};
        if (!matrix_finite(&weights) || !matrix_finite(&bias))
            return error_set(error, ERROR_REQUEST,
                             "layer %zu has weights that are no finite numbers (\"%.80s\"); train "
                             "or export the model again",
                             l + 1, network->origin.weight_names[l]);
    }
    return true;
}

static void set_type(const struct chain *chain, struct origin *origin) {
    bool first = true;
    for (size_t k = 0; k < chain->count; k++) {
        const struct onnx_tensor *weights = chain->steps[k]->weights;
        if (!weights)
            continue;
        bool mixed = !first && weights->type != origin->type &&
                     tensor_type_size(weights->type) == 2 && tensor_type_size(origin->type) == 2;
        if (first || tensor_type_size(weights->type) > tensor_type_size(origin->type))
            origin->type = weights->type;
        if (mixed) /* neither holds the other's values */
            origin->type = TENSOR_F32;
        first = false;
    }
}

static bool build(const struct fold *fold, const struct chain *chain, struct network *network,
                  struct error *error) {
    struct building building = {.network = network, .error = error};
    bool built = true;
    for (size_t k = 0; built && k < chain->count; k++)
        built = build_step(&building, chain->steps[k]);
    built = built && check_waiting(fold, &building) && check_finite(network, error);
    waiting_free(&building.waiting);
    set_type(chain, &network->origin);
    return built;
}

struct network *onnx_layers(const struct fold *fold, struct error *error) {
    struct chain chain;
    bool made = chain_init(fold, &chain, error) && check_chain(&chain, error);
    struct network *network = made ? empty_network(&chain, error) : NULL;
    if (network && !build(fold, &chain, network, error)) {
        network_free(network);
        network = NULL;
    }
    free(chain.steps);
    return network;
}
