#include "lumpscope/model_npz.h"

#include "frame.h"
#include "npz_layers.h"
#include "tensor_statistics.h"

#include "lumpscope/json.h"
#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

/* How the weights lie, where it is not NumPy's way; in the array "lumpscope". */
static const char orientation_key[] = "weights", neurons_first[] = "neurons x inputs";

/* The array "lumpscope" as an object; an empty one where there is none. */
static cJSON *read_frame(const struct npz *archive, struct error *error) {
    size_t member = npz_find(archive, NPZ_FRAME);
    char *text = NULL;
    if (member < npz_count(archive) && !(text = npz_read_text(archive, member, error)))
        return NULL;
    cJSON *frame = text ? json_parse(text, strlen(text), NULL) : cJSON_CreateObject();
    bool no_memory = !frame && errno == ENOMEM;
    free(text);
    if (no_memory) {
        error_memory(error, sizeof *frame);
        return NULL;
    }
    if (!cJSON_IsObject(frame)) {
        cJSON_Delete(frame);
        error_set(error, ERROR_REQUEST,
                  "the array \"lumpscope\" is no JSON object; save it with json.dumps");
        return NULL;
    }
    return frame;
}

static bool fill_layer(const struct npz *archive, const struct npz_layers *layers, size_t l,
                       struct layer *layer, struct error *error) {
    const struct npz_layer *from = &layers->layers[l];
    struct npy_array array;
    if (!npz_layers_read(archive, from->weight, &array, error))
        return false;
    if (layers->inputs_first)
        matrix_transpose(array.values, layer->weights, layer->inputs, layer->neurons);
    else
        memcpy(layer->weights, array.values,
               layer->neurons * layer->inputs * sizeof *layer->weights);
    npy_array_free(&array);
    if (!from->bias_name)
        return true;
    if (!npz_layers_read(archive, from->bias, &array, error))
        return false;
    memcpy(layer->bias, array.values, layer->neurons * sizeof *layer->bias);
    npy_array_free(&array);
    return true;
}

static bool fill_origin(const struct npz_layers *layers, struct origin *origin,
                        struct error *error) {
    origin->format = MODEL_NPZ;
    origin->type = layers->type;
    origin->inputs_first = layers->inputs_first;
    if (!origin_set_depth(origin, layers->depth, error))
        return false;
    for (size_t l = 0; l < layers->depth; l++) {
        const struct npz_layer *layer = &layers->layers[l];
        if (!(origin->weight_names[l] = memory_string(layer->weight_name, error)) ||
            (layer->bias_name && !(origin->bias_names[l] = memory_string(layer->bias_name, error))))
            return false;
    }
    return true;
}

static struct network *new_network(const struct npz_layers *layers, struct error *error) {
    size_t *sizes = memory_new(layers->depth + 1, sizeof *sizes, error);
    if (!sizes)
        return NULL;
    for (size_t l = 0; l < layers->depth; l++) {
        sizes[l] = layers->layers[l].inputs;
        sizes[l + 1] = layers->layers[l].neurons;
    }
    struct network *network = network_new(NULL, sizes, layers->depth, error);
    free(sizes);
    return network;
}

static struct network *read_network(const struct npz *archive, cJSON *frame,
                                    const struct model_recipe *recipe, struct error *error) {
    struct npz_layers layers;
    cJSON *said = cJSON_DetachItemFromObjectCaseSensitive(frame, orientation_key);
    const char *orientation = cJSON_GetStringValue(said);
    struct network *network = NULL;
    bool read =
        npz_layers_find(archive, recipe->layers,
                        orientation && strcmp(orientation, neurons_first) == 0, &layers, error) &&
        (network = new_network(&layers, error)) &&
        frame_prefer(frame, recipe->activation, network, error) &&
        frame_from_json(frame, network, error) && fill_origin(&layers, &network->origin, error);
    for (size_t l = 0; read && l < layers.depth; l++)
        read = fill_layer(archive, &layers, l, &network->layers[l], error);
    cJSON_Delete(said);
    npz_layers_free(&layers);
    if (read)
        return network;
    network_free(network);
    return NULL;
}

struct network *model_npz_load(const char *path, const struct model_recipe *recipe,
                               struct error *error) {
    struct npz *archive = npz_open(path, error);
    cJSON *frame = archive ? read_frame(archive, error) : NULL;
    struct network *network = frame ? read_network(archive, frame, recipe, error) : NULL;
    cJSON_Delete(frame);
    npz_close(archive);
    if (!network)
        error_prefix(error, "%s", path);
    return network;
}

/* What is written: two arrays for a layer, and the frame. */
struct writing {
    struct npz_source *sources; /* [2 depth + 1] */
    size_t count;
    char **names; /* [2 depth] owned names of the arrays */
    char *frame;
};

static void writing_free(struct writing *writing, size_t depth) {
    for (size_t k = 0; writing->names && k < 2 * depth; k++)
        free(writing->names[k]);
    free(writing->names);
    free(writing->sources);
    cJSON_free(writing->frame);
}

/* The names of a layer's arrays: those it came with, else W0, b0. No bias where there was none and
 * none has come about. */
static bool name_layer(const struct network *network, size_t l, char **weight, char **bias,
                       struct error *error) {
    const struct origin *origin = &network->origin;
    const struct layer *layer = &network->layers[l];
    bool kept = origin->format == MODEL_NPZ && origin->weight_names &&
                origin->depth == network->depth && origin->weight_names[l];
    struct text name = {0};
    if (kept)
        text_append(&name, origin->weight_names[l]);
    else
        text_format(&name, "W%zu", l);
    *weight = name.data;
    if (name.failed || !name.data)
        return error_memory(error, name.capacity);
    if (kept && !origin->bias_names[l] && !layer_has_bias(layer))
        return true;
    *bias = kept && origin->bias_names[l] ? memory_string(origin->bias_names[l], error)
                                          : npz_layers_bias_name(*weight, error);
    return *bias != NULL;
}

static bool add_layer(struct writing *writing, const struct network *network, size_t l,
                      enum tensor_type type, bool inputs_first, struct error *error) {
    const struct layer *layer = &network->layers[l];
    char **names = writing->names + 2 * l;
    if (!name_layer(network, l, &names[0], &names[1], error))
        return false;
    writing->sources[writing->count++] =
        (struct npz_source){.name = names[0],
                            .type = type,
                            .rows = inputs_first ? layer->inputs : layer->neurons,
                            .columns = inputs_first ? layer->neurons : layer->inputs,
                            .values = layer->weights,
                            .transposed = inputs_first};
    if (names[1])
        writing->sources[writing->count++] = (struct npz_source){
            .name = names[1], .type = type, .columns = layer->neurons, .values = layer->bias};
    return true;
}

static bool add_frame(struct writing *writing, const struct network *network, bool inputs_first,
                      struct error *error) {
    cJSON *frame = frame_to_json(network, error);
    if (!frame)
        return false;
    bool made = inputs_first || cJSON_AddStringToObject(frame, orientation_key, neurons_first);
    writing->frame = made ? cJSON_PrintUnformatted(frame) : NULL;
    cJSON_Delete(frame);
    if (!writing->frame)
        return error_memory(error, sizeof *frame);
    writing->sources[writing->count++] =
        (struct npz_source){.name = NPZ_FRAME, .text = writing->frame};
    return true;
}

static bool writing_make(struct writing *writing, const struct network *network,
                         enum tensor_type type, struct error *error) {
    bool inputs_first = network->origin.format != MODEL_NPZ || network->origin.inputs_first;
    *writing = (struct writing){0};
    if (type == TENSOR_BF16)
        return error_set(error, ERROR_REQUEST,
                         "NumPy has no bfloat16; write f32, or a .safetensors file");
    writing->sources = memory_new(2 * network->depth + 1, sizeof *writing->sources, error);
    writing->names = memory_new(2 * network->depth, sizeof *writing->names, error);
    bool made = writing->sources && writing->names;
    for (size_t l = 0; made && l < network->depth; l++)
        made = add_layer(writing, network, l, type, inputs_first, error);
    return made && add_frame(writing, network, inputs_first, error);
}

bool model_npz_save(const struct network *network, const char *path, enum tensor_type type,
                    size_t *bytes, const struct progress *progress, struct error *error) {
    struct writing writing;
    size_t size;
    bool saved = writing_make(&writing, network, type, error) &&
                 npz_measure(writing.sources, writing.count, &size, error);
    if (!saved)
        error_prefix(error, "%s", path);
    saved = saved && npz_write(path, writing.sources, writing.count, progress, error);
    if (saved && bytes)
        *bytes = size;
    writing_free(&writing, network->depth);
    return saved;
}

bool model_npz_measure(const struct network *network, enum tensor_type type, size_t *bytes,
                       struct error *error) {
    struct writing writing;
    bool measured = writing_make(&writing, network, type, error) &&
                    npz_measure(writing.sources, writing.count, bytes, error);
    writing_free(&writing, network->depth);
    return measured;
}

static bool add_summary(const struct npz *archive, size_t member, bool values,
                        struct tensor_list *out, size_t *capacity, struct error *error) {
    enum npy_content content;
    struct npy_array array;
    if (!npz_describe(archive, member, &content, &array, error))
        return false;
    if (content != NPY_NUMBERS)
        return true;
    char *name = npz_array_name(archive, member, error);
    bool added = name && tensor_list_add(out, capacity, name, array.type, array.shape,
                                         array.dimensions, error);
    free(name);
    if (!added || !values)
        return added;
    struct tensor_summary *summary = &out->tensors[out->count - 1];
    if (!npz_read(archive, member, &array, error))
        return false;
    tensor_statistics(array.values, summary->bytes / tensor_type_size(array.type), summary);
    npy_array_free(&array);
    return true;
}

/* Whether a member is an array besides our own. */
static bool is_listed(const struct npz *archive, size_t member) {
    const char *name = npz_member(archive, member);
    size_t length = strlen(name);
    return strcmp(name, NPZ_FRAME ".npy") != 0 && length > 4 &&
           strcmp(name + length - 4, ".npy") == 0;
}

bool model_npz_tensors(const char *path, bool values, struct tensor_list *out,
                       const struct progress *progress, struct error *error) {
    size_t capacity = 0;
    *out = (struct tensor_list){0};
    struct npz *archive = npz_open(path, error);
    bool listed = archive != NULL;
    for (size_t k = 0; listed && k < npz_count(archive); k++)
        listed = progress_step(progress, "tensors", k, npz_count(archive), error) &&
                 (!is_listed(archive, k) || add_summary(archive, k, values, out, &capacity, error));
    npz_close(archive);
    if (listed)
        return true;
    error_prefix(error, "%s", path);
    tensor_list_free(out);
    return false;
}
