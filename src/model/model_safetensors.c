#include "lumpscope/model_safetensors.h"

#include "frame.h"
#include "lumpscope/json.h"
#include "lumpscope/memory.h"
#include "lumpscope/model_block.h"
#include "lumpscope/safetensors.h"
#include "lumpscope/text.h"
#include "state_dict.h"
#include "tensor_statistics.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Metadata that say the order of the layers where the names do not. */
static const char order_key[] = "layer_order";

static struct network *new_network(const struct state_dict *dict, struct error *error) {
    size_t *sizes = memory_new(dict->count + 1, sizeof *sizes, error);
    if (!sizes)
        return NULL;
    sizes[0] = dict->layers[0].inputs;
    for (size_t l = 0; l < dict->count; l++)
        sizes[l + 1] = dict->layers[l].neurons;
    struct network *network = network_new("", sizes, dict->count, error);
    free(sizes);
    return network;
}

static bool set_origin(struct network *network, const struct state_dict *dict,
                       struct error *error) {
    struct origin *origin = &network->origin;
    *origin = (struct origin){.format = MODEL_SAFETENSORS, .type = dict->layers[0].weight->type};
    if (!origin_set_depth(origin, dict->count, error))
        return false;
    for (size_t l = 0; l < dict->count; l++) {
        const struct state_layer *layer = &dict->layers[l];
        origin->weight_names[l] = memory_string(layer->weight->name, error);
        origin->bias_names[l] = memory_string(layer->bias ? layer->bias->name : NULL, error);
        if (!origin->weight_names[l] || (layer->bias && !origin->bias_names[l]))
            return false;
        origin->type = tensor_type_wider(origin->type, layer->weight->type);
        origin->type =
            layer->bias ? tensor_type_wider(origin->type, layer->bias->type) : origin->type;
    }
    return true;
}

static bool refuse_silence(const char *path, size_t depth, struct error *error) {
    static const char each[] = "relu,relu,relu,...";
    size_t hidden = depth - 1, shown = hidden < 3 ? 5 * hidden - 1 : 14;
    if (hidden == 1)
        return error_set(error, ERROR_REQUEST,
                         "%s: does not say its activations; give that of the hidden layer, "
                         "--activation relu",
                         path);
    return error_set(error, ERROR_REQUEST,
                     "%s: does not say its activations; give one for all %zu hidden layers, "
                     "--activation relu, or one for each, --activation %.*s",
                     path, hidden, hidden > 3 ? (int)sizeof each - 1 : (int)shown, each);
}

/* The user's activations come before those of the file, and before its task where they are of
 * another. */
static bool apply_recipe(const char *list, cJSON *metadata, struct network *network,
                         struct error *error) {
    bool read = network_set_activations(network, list, "--activation", error);
    cJSON_DeleteItemFromObjectCaseSensitive(metadata, "activations");
    cJSON_DeleteItemFromObjectCaseSensitive(metadata, "activation");
    if (read && network_is_softmax(network))
        cJSON_DeleteItemFromObjectCaseSensitive(metadata, "task");
    return read;
}

/* Activations, task, names, scaling and members. */
static bool read_frame(const struct safetensors *file, const struct model_recipe *recipe,
                       struct network *network, struct error *error) {
    cJSON *metadata = file->metadata ? cJSON_Duplicate(file->metadata, true) : cJSON_CreateObject();
    if (!metadata)
        return error_memory(error, sizeof *metadata);
    cJSON_DeleteItemFromObjectCaseSensitive(metadata, order_key);
    bool said = recipe->activation || frame_names_activations(metadata) || network->depth == 1;
    bool read = said || refuse_silence(file->path, network->depth, error);
    if (read && recipe->activation)
        read = apply_recipe(recipe->activation, metadata, network, error);
    if (read && !frame_from_strings(metadata, network, error)) {
        error_prefix(error, "%s", file->path);
        read = false;
    }
    cJSON_Delete(metadata);
    return read;
}

static bool read_layers(const struct safetensors *file, const struct state_dict *dict,
                        struct network *network, struct error *error) {
    bool read = true;
    for (size_t l = 0; read && l < dict->count; l++) {
        const struct state_layer *layer = &dict->layers[l];
        read =
            state_tensor_read(file, layer->weight, network->layers[l].weights, error) &&
            (!layer->bias || state_tensor_read(file, layer->bias, network->layers[l].bias, error));
    }
    return read;
}

static struct network *load_state_dict(const struct safetensors *file,
                                       const struct model_recipe *recipe, struct error *error) {
    const char *order = recipe->layers;
    if (!order)
        order = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(file->metadata, order_key));
    struct state_dict dict;
    if (!state_dict_find(file, order, &dict, error))
        return NULL;
    struct network *network = new_network(&dict, error);
    if (network &&
        !(set_origin(network, &dict, error) && read_frame(file, recipe, network, error) &&
          read_layers(file, &dict, network, error))) {
        network_free(network);
        network = NULL;
    }
    state_dict_free(&dict);
    return network;
}

struct network *model_safetensors_load(const char *path, const struct model_recipe *recipe,
                                       struct error *error) {
    struct safetensors *file = safetensors_open(path, error);
    if (!file)
        return NULL;
    struct network *network = recipe->block ? model_block_load(file, recipe, error)
                                            : load_state_dict(file, recipe, error);
    safetensors_close(file);
    return network;
}

/* Tensors to be written, with the names and shapes they borrow. */
struct state {
    char **layers; /* [depth] names without ".weight" */
    size_t depth;
    struct safetensors_source *sources; /* [2 depth], of which `count` are there */
    char **names;                       /* [2 depth] */
    size_t (*shapes)[2];                /* [depth] */
    size_t count;
    cJSON *metadata;
};

static void state_free(struct state *state) {
    for (size_t l = 0; state->layers && l < state->depth; l++)
        free(state->layers[l]);
    for (size_t k = 0; k < state->count; k++)
        free(state->names[k]);
    free(state->layers);
    free(state->sources);
    free(state->names);
    free(state->shapes);
    cJSON_Delete(state->metadata);
}

/* The layer's name in the file it came from; NULL when its tensor was no state_dict's. */
static char *origin_layer(const struct origin *origin, size_t layer, size_t depth,
                          struct error *error) {
    const char *weight =
        origin->depth == depth && origin->weight_names ? origin->weight_names[layer] : NULL;
    size_t length = weight ? strlen(weight) : 0, end = strlen("weight");
    if (length < end || strcmp(weight + length - end, "weight") != 0 ||
        (length > end && weight[length - end - 1] != '.'))
        return NULL;
    char *name = memory_string(weight, error);
    if (name)
        name[length > end ? length - end - 1 : 0] = '\0';
    return name;
}

/* As torch.nn.Sequential names them, with an activation between two layers. */
static char *sequential_layer(size_t layer, struct error *error) {
    char name[32];
    snprintf(name, sizeof name, "net.%zu", 2 * layer);
    return memory_string(name, error);
}

/* Whether the names alone bring the layers back in this order. */
static bool names_tell_order(const struct state *state) {
    for (size_t l = 1; l < state->depth; l++)
        if (!state_name_alike(state->layers[l - 1], state->layers[l]) ||
            state_name_compare(state->layers[l - 1], state->layers[l]) >= 0)
            return false;
    return true;
}

/* Names between commas, as --layers takes them. */
static bool fits_list(const char *name) {
    return *name && !strchr(name, ',');
}

/* Names from the origin where every layer has one, no two the same, and the order can be told. */
static bool has_origin_names(const struct state *state) {
    bool fit = true;
    for (size_t l = 0; l < state->depth; l++) {
        if (!state->layers[l])
            return false;
        for (size_t k = 0; k < l; k++)
            if (strcmp(state->layers[k], state->layers[l]) == 0)
                return false;
        fit = fit && fits_list(state->layers[l]);
    }
    return fit || names_tell_order(state);
}

static bool name_layers(struct state *state, const struct network *network, bool *kept,
                        struct error *error) {
    struct error failure = {0};
    state->layers = memory_new(state->depth, sizeof *state->layers, error);
    if (!state->layers)
        return false;
    for (size_t l = 0; l < state->depth; l++)
        state->layers[l] = origin_layer(&network->origin, l, state->depth, &failure);
    *kept = has_origin_names(state);
    bool named = failure.kind == ERROR_NONE || error_memory(error, sizeof *state->layers);
    for (size_t l = 0; named && !*kept && l < state->depth; l++) {
        free(state->layers[l]);
        state->layers[l] = sequential_layer(l, error);
        named = state->layers[l] != NULL;
    }
    return named;
}

static bool add_source(struct state *state, size_t layer, const char *part,
                       const struct safetensors_source *source, struct error *error) {
    char *name = state_tensor_name(state->layers[layer], part, error);
    if (!name)
        return false;
    state->names[state->count] = name;
    state->sources[state->count] = *source;
    state->sources[state->count++].name = name;
    return true;
}

static bool add_layer(struct state *state, const struct network *network, size_t l, bool kept,
                      enum tensor_type type, struct error *error) {
    const struct layer *layer = &network->layers[l];
    size_t *shape = state->shapes[l];
    shape[0] = layer->neurons;
    shape[1] = layer->inputs;
    bool lacked = kept && !network->origin.bias_names[l];
    return add_source(state, l, "weight",
                      &(struct safetensors_source){
                          .type = type, .dimensions = 2, .shape = shape, .values = layer->weights},
                      error) &&
           ((lacked && !layer_has_bias(layer)) ||
            add_source(state, l, "bias",
                       &(struct safetensors_source){
                           .type = type, .dimensions = 1, .shape = shape, .values = layer->bias},
                       error));
}

static bool add_metadata(struct state *state, const struct network *network, struct error *error) {
    struct text order = {0};
    state->metadata = frame_to_strings(network, error);
    if (!state->metadata || names_tell_order(state))
        return state->metadata != NULL;
    for (size_t l = 0; l < state->depth; l++)
        text_format(&order, "%s%s", l ? "," : "", state->layers[l]);
    bool added = !order.failed && json_add_string(state->metadata, order_key, order.data);
    text_free(&order);
    return added || error_memory(error, sizeof *state->metadata);
}

static bool make_state(struct state *state, const struct network *network, enum tensor_type type,
                       struct error *error) {
    bool kept;
    *state = (struct state){.depth = network->depth};
    state->sources = memory_new(2 * network->depth, sizeof *state->sources, error);
    state->names = memory_new(2 * network->depth, sizeof *state->names, error);
    state->shapes = memory_new(network->depth, sizeof *state->shapes, error);
    bool made = state->sources && state->names && state->shapes &&
                name_layers(state, network, &kept, error) && add_metadata(state, network, error);
    for (size_t l = 0; made && l < network->depth; l++)
        made = add_layer(state, network, l, kept, type, error);
    return made;
}

bool model_safetensors_save(const struct network *network, const char *path, enum tensor_type type,
                            size_t *bytes, const struct progress *progress, struct error *error) {
    if (network->origin.checkpoint)
        return model_block_save(network, path, type, bytes, progress, error);
    struct state state;
    bool saved =
        make_state(&state, network, type, error) &&
        safetensors_write(path, state.sources, state.count, state.metadata, bytes, progress, error);
    state_free(&state);
    return saved;
}

bool model_safetensors_measure(const struct network *network, enum tensor_type type, size_t *bytes,
                               struct error *error) {
    if (network->origin.checkpoint)
        return model_block_measure(network, type, bytes, error);
    struct state state;
    bool measured = make_state(&state, network, type, error) &&
                    safetensors_measure(state.sources, state.count, state.metadata, bytes, error);
    state_free(&state);
    return measured;
}

/* Statistics of what came so far and of one more piece. */
static void join(struct tensor_summary *whole, size_t done, const double *values, size_t count) {
    struct tensor_summary part = {.least = (double)NAN, .greatest = (double)NAN};
    tensor_statistics(values, count, &part);
    size_t before = done - whole->nonfinite, more = count - part.nonfinite;
    whole->nonfinite += part.nonfinite;
    whole->least = fmin(whole->least, part.least); /* of a number and NaN the number */
    whole->greatest = fmax(whole->greatest, part.greatest);
    if (before == 0)
        whole->mean = more ? part.mean : (double)NAN;
    else if (more)
        whole->mean += (part.mean - whole->mean) * ((double)more / (double)(before + more));
}

static bool read_statistics(const struct safetensors *file, const struct safetensors_entry *entry,
                            struct tensor_summary *summary, const struct progress *progress,
                            struct error *error) {
    enum { STEP = 8192 };
    double piece[STEP];
    for (size_t done = 0; done < entry->elements; done += STEP) {
        size_t part = entry->elements - done < STEP ? entry->elements - done : STEP;
        if (!progress_step(progress, "reading", done, entry->elements, error) ||
            !safetensors_read_part(file, entry, done, part, piece, error))
            return false;
        join(summary, done, piece, part);
    }
    return true;
}

static bool list_entry(const struct safetensors *file, const struct safetensors_entry *entry,
                       bool values, struct tensor_list *out, size_t *capacity,
                       const struct progress *progress, struct error *error) {
    if (!tensor_list_add(out, capacity, entry->name, entry->type, entry->shape, entry->dimensions,
                         error))
        return false;
    struct tensor_summary *summary = &out->tensors[out->count - 1];
    summary->bytes = (size_t)(entry->end - entry->begin);
    if (!entry->known)
        memcpy(summary->foreign_type, entry->type_name, sizeof summary->foreign_type);
    return !values || !entry->known || read_statistics(file, entry, summary, progress, error);
}

bool model_safetensors_tensors(const char *path, bool values, struct tensor_list *out,
                               const struct progress *progress, struct error *error) {
    struct safetensors *file = safetensors_open(path, error);
    size_t capacity = 0;
    bool listed = file != NULL;
    for (size_t k = 0; listed && k < file->count; k++)
        listed = list_entry(file, &file->entries[k], values, out, &capacity, progress, error);
    safetensors_close(file);
    if (!listed)
        tensor_list_free(out);
    return listed;
}
