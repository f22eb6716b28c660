#include "lumpscope/model_block.h"

#include "block_pair.h"
#include "frame.h"
#include "lumpscope/json.h"
#include "lumpscope/memory.h"
#include "lumpscope/text.h"
#include "state_dict.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

/* What is said of a block stands in the checkpoint's metadata under this and the layers' names. */
static const char key_prefix[] = "lumpscope:";

/* The key of the block with these weights; to be freed. */
static char *block_key(const struct origin *origin, struct error *error) {
    struct text key = {0};
    text_append(&key, key_prefix);
    for (size_t l = 0; l < 2; l++) {
        const char *name = origin->weight_names[l], *end = strrchr(name, '.');
        bool stem = end && strcmp(end, ".weight") == 0;
        text_append(&key, l ? "," : "");
        text_append_bytes(&key, name, stem ? (size_t)(end - name) : strlen(name));
    }
    if (!key.failed)
        return key.data;
    text_free(&key);
    error_memory(error, key.capacity);
    return NULL;
}

static bool fill_origin(const struct safetensors *file, const struct block_pair *pair,
                        struct origin *origin, struct error *error) {
    const struct block_layer *layers[2] = {&pair->up, &pair->down};
    origin->format = MODEL_SAFETENSORS;
    origin->inputs_first = pair->inputs_first;
    origin->type = pair->up.weight->type;
    origin->checkpoint = realpath(file->path, NULL);
    if (!origin->checkpoint || !origin_set_depth(origin, 2, error))
        return origin->checkpoint ? false : error_memory(error, strlen(file->path));
    for (size_t l = 0; l < 2; l++) {
        const struct safetensors_entry *weight = layers[l]->weight, *bias = layers[l]->bias;
        origin->type = tensor_type_wider(origin->type, weight->type);
        origin->type = bias ? tensor_type_wider(origin->type, bias->type) : origin->type;
        origin->weight_names[l] = memory_string(weight->name, error);
        origin->bias_names[l] = memory_string(bias ? bias->name : NULL, error);
        if (!origin->weight_names[l] || (bias && !origin->bias_names[l]))
            return false;
    }
    return true;
}

/* What stands in the metadata of the block; an empty object where nothing does. */
static cJSON *read_frame(const struct safetensors *file, const struct origin *origin,
                         struct error *error) {
    char *key = block_key(origin, error);
    if (!key)
        return NULL;
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(file->metadata, key));
    cJSON *frame = text ? json_parse(text, strlen(text), NULL) : cJSON_CreateObject();
    if (!frame && errno == ENOMEM)
        error_memory(error, sizeof *frame);
    else if (!frame)
        error_set(error, ERROR_REQUEST,
                  "%s: the metadata \"%.100s\" is no JSON; write the checkpoint anew", file->path,
                  key);
    free(key);
    return frame;
}

/* GELU is usual in such blocks but not assumed. */
static bool apply_frame(const struct safetensors *file, const struct model_recipe *recipe,
                        struct network *network, struct error *error) {
    cJSON *frame = read_frame(file, &network->origin, error);
    if (!frame)
        return false;
    bool read = frame_prefer(frame, recipe->activation, network, error) &&
                frame_from_json(frame, network, error);
    if (!read)
        error_prefix(error, "%s", file->path);
    cJSON_Delete(frame);
    return read;
}

static bool read_layer(const struct safetensors *file, const struct block_layer *from,
                       bool inputs_first, struct layer *layer, struct error *error) {
    double *values = layer->weights;
    if (inputs_first &&
        !(values = memory_new(layer->neurons, layer->inputs * sizeof *values, error)))
        return false;
    bool read = state_tensor_read(file, from->weight, values, error) &&
                (!from->bias || state_tensor_read(file, from->bias, layer->bias, error));
    if (inputs_first) {
        if (read)
            matrix_transpose(values, layer->weights, layer->inputs, layer->neurons);
        free(values);
    }
    return read;
}

/* What both names begin with, up to a dot: "transformer.h.0.mlp". */
static char *block_name(const struct block_pair *pair, struct error *error) {
    const char *up = pair->up.weight->name, *down = pair->down.weight->name;
    size_t length = 0;
    for (size_t k = 0; up[k] && up[k] == down[k]; k++)
        if (up[k] == '.')
            length = k;
    char *name = memory_new(length + 1, 1, error);
    if (name)
        memcpy(name, up, length);
    return name;
}

struct network *model_block_load(const struct safetensors *file, const struct model_recipe *recipe,
                                 struct error *error) {
    struct block_pair pair;
    if (!block_pair_find(file, recipe->block, &pair, error))
        return NULL;
    char *name = block_name(&pair, error);
    size_t sizes[] = {pair.inputs, pair.neurons, pair.outputs};
    struct network *network = name ? network_new(name, sizes, 2, error) : NULL;
    bool read = network && fill_origin(file, &pair, &network->origin, error) &&
                apply_frame(file, recipe, network, error) &&
                read_layer(file, &pair.up, pair.inputs_first, &network->layers[0], error) &&
                read_layer(file, &pair.down, pair.inputs_first, &network->layers[1], error);
    free(name);
    if (read)
        return network;
    network_free(network);
    return NULL;
}

/* A checkpoint that is written anew. */
struct rewriting {
    struct safetensors *file;
    struct safetensors_source *sources; /* [file->count + 2] */
    size_t count;
    size_t shapes[2][2];   /* of the weights */
    double *transposed[2]; /* weights as the file has them; NULL: as the network has them */
    char *new_bias[2];     /* names of biases the checkpoint has not */
    cJSON *metadata;
};

static void rewriting_free(struct rewriting *rewriting) {
    for (size_t l = 0; l < 2; l++) {
        free(rewriting->transposed[l]);
        free(rewriting->new_bias[l]);
    }
    free(rewriting->sources);
    cJSON_Delete(rewriting->metadata);
    safetensors_close(rewriting->file);
}

/* Which layer's weight (0, 1) or bias (2, 3) an entry is; 4: none. */
static size_t part_of(const struct origin *origin, const char *name) {
    size_t part = 0;
    while (part < 4) {
        const char *own = part < 2 ? origin->weight_names[part] : origin->bias_names[part - 2];
        if (own && strcmp(own, name) == 0)
            break;
        part++;
    }
    return part;
}

/* The tensor keeps its type unless another one than the block's is asked for. */
static enum tensor_type part_type(const struct network *network,
                                  const struct safetensors_entry *entry, enum tensor_type type) {
    return type == network->origin.type ? entry->type : type;
}

/* The layer's weights in the file's orientation, and behind them a bias it did not have. */
static bool add_weight(struct rewriting *rewriting, const struct network *network, size_t l,
                       const struct safetensors_entry *entry, enum tensor_type type,
                       struct error *error) {
    const struct layer *layer = &network->layers[l];
    bool turned = network->origin.inputs_first;
    size_t *shape = rewriting->shapes[l];
    shape[0] = turned ? layer->inputs : layer->neurons;
    shape[1] = turned ? layer->neurons : layer->inputs;
    struct safetensors_source source = {
        .name = entry->name,
        .type = part_type(network, entry, type),
        .dimensions = 2,
        .shape = shape,
        .values = rewriting->transposed[l] ? rewriting->transposed[l] : layer->weights};
    rewriting->sources[rewriting->count++] = source;
    if (network->origin.bias_names[l] || !layer_has_bias(layer))
        return true;
    const char *end = strrchr(entry->name, '.');
    char *name = memory_string(entry->name, error);
    if (name && end && strcmp(end, ".weight") == 0)
        name[end - entry->name] = '\0';
    rewriting->new_bias[l] = name ? state_tensor_name(name, "bias", error) : NULL;
    free(name);
    source.name = rewriting->new_bias[l];
    source.dimensions = 1;
    source.shape = &layer->neurons;
    source.values = layer->bias;
    rewriting->sources[rewriting->count++] = source;
    return source.name != NULL;
}

static bool add_entry(struct rewriting *rewriting, const struct network *network,
                      const struct safetensors_entry *entry, enum tensor_type type,
                      struct error *error) {
    size_t part = part_of(&network->origin, entry->name);
    if (part < 2)
        return add_weight(rewriting, network, part, entry, type, error);
    struct safetensors_source source = {.name = entry->name,
                                        .dimensions = entry->dimensions,
                                        .shape = entry->shape,
                                        .from = rewriting->file,
                                        .entry = entry};
    if (part < 4)
        source = (struct safetensors_source){.name = entry->name,
                                             .type = part_type(network, entry, type),
                                             .dimensions = 1,
                                             .shape = &network->layers[part - 2].neurons,
                                             .values = network->layers[part - 2].bias};
    rewriting->sources[rewriting->count++] = source;
    return true;
}

/* The checkpoint's own metadata and the block's. */
static bool add_metadata(struct rewriting *rewriting, const struct network *network,
                         struct error *error) {
    const cJSON *own = rewriting->file->metadata;
    cJSON *frame = frame_to_json(network, error);
    char *key = frame ? block_key(&network->origin, error) : NULL;
    char *text = key ? cJSON_PrintUnformatted(frame) : NULL;
    rewriting->metadata = own ? cJSON_Duplicate(own, true) : cJSON_CreateObject();
    if (text && rewriting->metadata)
        cJSON_DeleteItemFromObjectCaseSensitive(rewriting->metadata, key);
    bool added = text && rewriting->metadata && json_add_string(rewriting->metadata, key, text);
    if (key && !added)
        error_memory(error, sizeof *frame);
    cJSON_Delete(frame);
    cJSON_free(text);
    free(key);
    return added;
}

/* The layers are those of the checkpoint still, and the network has the block's ends. */
static bool check_checkpoint(const struct rewriting *rewriting, const struct network *network,
                             struct error *error) {
    const struct origin *origin = &network->origin;
    const struct safetensors_entry *up = safetensors_find(rewriting->file, origin->weight_names[0]);
    const struct safetensors_entry *down =
        safetensors_find(rewriting->file, origin->weight_names[1]);
    int neurons = origin->inputs_first ? 1 : 0;
    if (network->depth == 2 && up && down && up->dimensions == 2 && down->dimensions == 2 &&
        up->shape[1 - neurons] == network_inputs(network) &&
        down->shape[neurons] == network_outputs(network))
        return true;
    return error_set(error, ERROR_REQUEST,
                     "%s: is no longer the checkpoint the block was opened from; open it anew",
                     origin->checkpoint);
}

static bool transpose_layers(struct rewriting *rewriting, const struct network *network,
                             struct error *error) {
    for (size_t l = 0; network->origin.inputs_first && l < 2; l++) {
        const struct layer *layer = &network->layers[l];
        double *to = memory_new(layer->neurons, layer->inputs * sizeof *to, error);
        if (!to)
            return false;
        matrix_transpose(layer->weights, to, layer->neurons, layer->inputs);
        rewriting->transposed[l] = to;
    }
    return true;
}

static bool rewriting_make(struct rewriting *rewriting, const struct network *network,
                           enum tensor_type type, struct error *error) {
    rewriting->file = safetensors_open(network->origin.checkpoint, error);
    if (!rewriting->file || !check_checkpoint(rewriting, network, error))
        return false;
    rewriting->sources = memory_new(rewriting->file->count + 2, sizeof *rewriting->sources, error);
    bool made = rewriting->sources && add_metadata(rewriting, network, error);
    for (size_t k = 0; made && k < rewriting->file->count; k++)
        made = add_entry(rewriting, network, &rewriting->file->entries[k], type, error);
    return made;
}

bool model_block_save(const struct network *network, const char *path, enum tensor_type type,
                      size_t *bytes, const struct progress *progress, struct error *error) {
    struct rewriting rewriting = {0};
    bool saved = transpose_layers(&rewriting, network, error) &&
                 rewriting_make(&rewriting, network, type, error) &&
                 safetensors_write(path, rewriting.sources, rewriting.count, rewriting.metadata,
                                   bytes, progress, error);
    rewriting_free(&rewriting);
    return saved;
}

bool model_block_measure(const struct network *network, enum tensor_type type, size_t *bytes,
                         struct error *error) {
    struct rewriting rewriting = {0};
    bool measured =
        rewriting_make(&rewriting, network, type, error) &&
        safetensors_measure(rewriting.sources, rewriting.count, rewriting.metadata, bytes, error);
    rewriting_free(&rewriting);
    return measured;
}
