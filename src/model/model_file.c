#include "lumpscope/model_file.h"

#include "model_refused.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/model_json.h"
#include "lumpscope/model_npz.h"
#include "lumpscope/model_onnx.h"
#include "lumpscope/model_safetensors.h"
#include "lumpscope/npy.h"
#include "lumpscope/safetensors.h"
#include "tensor_statistics.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name, *suffix;
} formats[MODEL_FORMATS] = {
    [MODEL_JSON] = {"JSON", ".json"},
    [MODEL_SAFETENSORS] = {"safetensors", ".safetensors"},
    [MODEL_ONNX] = {"ONNX", ".onnx"},
    [MODEL_NPZ] = {"NumPy .npz", ".npz"},
};

const char *model_format_name(enum model_format format) {
    return formats[format].name;
}

const char *model_format_suffix(enum model_format format) {
    return formats[format].suffix;
}

static bool ends_with(const char *path, const char *suffix) {
    size_t length = strlen(path), end = strlen(suffix);
    return length > end && strcasecmp(path + length - end, suffix) == 0;
}

bool model_format_for(const char *path, enum model_format *format, struct error *error) {
    for (int k = 0; k < MODEL_FORMATS; k++)
        if (ends_with(path, formats[k].suffix)) {
            *format = (enum model_format)k;
            return true;
        }
    const char *slash = strrchr(path, '/');
    if (file_is_stream(path) || !strchr(slash ? slash : path, '.')) {
        *format = MODEL_JSON;
        return true;
    }
    return error_set(error, ERROR_REQUEST,
                     "%s: no model format has this suffix; end the name in .json, .safetensors, "
                     ".onnx or .npz",
                     path);
}

size_t model_read_magic(const char *path, char magic[MODEL_MAGIC]) {
    return file_read_head(path, magic, MODEL_MAGIC);
}

/* A protocol buffer whose first field is ir_version, a varint. */
static bool is_onnx(const char *magic, size_t size) {
    return size > 2 && magic[0] == 0x08 && magic[1] > 0 && magic[1] < 0x20;
}

static enum model_format format_of(const char *path, const char *magic, size_t size) {
    if (safetensors_is(magic, size))
        return MODEL_SAFETENSORS;
    if (npy_is_archive(magic, size))
        return MODEL_NPZ;
    if (is_onnx(magic, size) || ends_with(path, ".onnx"))
        return MODEL_ONNX;
    /* A damaged one gets that format's sentence. */
    return ends_with(path, ".safetensors") ? MODEL_SAFETENSORS : MODEL_JSON;
}

enum model_format model_format_found(const char *path) {
    char magic[MODEL_MAGIC] = {0};
    size_t size = model_read_magic(path, magic);
    return format_of(path, magic, size);
}

static bool find_format(const char *path, enum model_format *format, struct error *error) {
    char magic[MODEL_MAGIC] = {0};
    size_t size = model_read_magic(path, magic);
    *format = format_of(path, magic, size);
    return model_check_refused(path, magic, size, error);
}

static struct network *load_format(const char *path, enum model_format format,
                                   const struct model_recipe *recipe,
                                   const struct progress *progress, struct error *error) {
    switch (format) {
    case MODEL_SAFETENSORS:
        return model_safetensors_load(path, recipe, error);
    case MODEL_ONNX:
        return model_onnx_load(path, recipe, progress, error);
    case MODEL_NPZ:
        return model_npz_load(path, recipe, error);
    case MODEL_JSON:
        break;
    }
    return model_json_load(path, progress, error);
}

struct network *model_load(const char *path, const struct model_recipe *recipe,
                           const struct progress *progress, struct error *error) {
    static const struct model_recipe nothing = {0};
    enum model_format format;
    if (!find_format(path, &format, error))
        return NULL;
    recipe = recipe ? recipe : &nothing;
    if (recipe->block && format != MODEL_SAFETENSORS) {
        error_set(
            error, ERROR_REQUEST,
            "%s: --block opens layers of a safetensors checkpoint, and this is %s; leave it out",
            path, model_format_name(format));
        return NULL;
    }
    struct network *network = load_format(path, format, recipe, progress, error);
    if (!network || network_set_task(network, recipe->task, error))
        return network;
    error_prefix(error, "%s", path);
    network_free(network);
    return NULL;
}

/* Rounds values in place, or into nothing when `out` is NULL. */
static bool round_values(const double *values, size_t count, enum tensor_type type, double *out,
                         const char *place, struct error *error) {
    enum { STEP = 512, WIDEST = 8 };
    unsigned char bytes[STEP * WIDEST];
    for (size_t done = 0; done < count; done += STEP) {
        size_t part = count - done < STEP ? count - done : STEP;
        if (!tensor_encode(type, values + done, part, bytes))
            return error_set(error, ERROR_REQUEST,
                             "%s: a number is beyond the range of %s; write it with --dtype f64",
                             place, tensor_type_name(type));
        if (out)
            tensor_decode(type, bytes, part, out + done);
    }
    return true;
}

/* A value that a small type has no room for is found before anything is written. */
static bool check_range(const struct network *network, enum tensor_type type, struct error *error) {
    for (size_t l = 0; type != TENSOR_F64 && l < network->depth; l++) {
        const struct layer *layer = &network->layers[l];
        char place[32];
        snprintf(place, sizeof place, "layer %zu", l + 1);
        if (!round_values(layer->weights, layer->neurons * layer->inputs, type, NULL, place,
                          error) ||
            !round_values(layer->bias, layer->neurons, type, NULL, place, error))
            return false;
    }
    return true;
}

/* With `type` in place of the origin's; the network is borrowed. */
static bool save_json(const struct network *network, const char *path, enum tensor_type type,
                      size_t *bytes, const struct progress *progress, struct error *error) {
    struct network typed = *network;
    typed.origin.type = type;
    if (check_range(network, type, error))
        return model_json_save(&typed, path, bytes, progress, error);
    error_prefix(error, "%s", path);
    return false;
}

bool model_save(const struct network *network, const char *path, enum tensor_type type,
                size_t *bytes, const struct progress *progress, struct error *error) {
    enum model_format format;
    if (!model_format_for(path, &format, error))
        return false;
    switch (format) {
    case MODEL_SAFETENSORS:
        return model_safetensors_save(network, path, type, bytes, progress, error);
    case MODEL_ONNX:
        return model_onnx_save(network, path, type, bytes, progress, error);
    case MODEL_NPZ:
        return model_npz_save(network, path, type, bytes, progress, error);
    case MODEL_JSON:
        break;
    }
    return save_json(network, path, type, bytes, progress, error);
}

bool model_measure(const struct network *network, size_t *bytes, const struct progress *progress,
                   struct error *error) {
    switch (network->origin.format) {
    case MODEL_SAFETENSORS:
        return model_safetensors_measure(network, network->origin.type, bytes, error);
    case MODEL_ONNX:
        return model_onnx_measure(network, network->origin.type, bytes, error);
    case MODEL_NPZ:
        return model_npz_measure(network, network->origin.type, bytes, error);
    case MODEL_JSON:
        break;
    }
    return model_json_measure(network, bytes, progress, error);
}

/* A polynomial may become a simpler one. */
static bool round_activation(struct activation *activation, enum tensor_type type,
                             const char *place, struct error *error) {
    size_t count = activation->degree + 1;
    if (activation->kind != ACTIVATION_POLYNOMIAL)
        return true;
    double coefficients[ACTIVATION_MAX_DEGREE + 1];
    if (!round_values(activation->coefficients, count, type, coefficients, place, error))
        return false;
    activation_polynomial(coefficients, count, activation);
    return true;
}

bool network_round(struct network *network, enum tensor_type type, struct error *error) {
    bool rounded = true;
    for (size_t l = 0; type != TENSOR_F64 && rounded && l < network->depth; l++) {
        struct layer *layer = &network->layers[l];
        char place[32];
        snprintf(place, sizeof place, "layer %zu", l + 1);
        rounded = round_values(layer->weights, layer->neurons * layer->inputs, type, layer->weights,
                               place, error) &&
                  round_values(layer->bias, layer->neurons, type, layer->bias, place, error) &&
                  round_activation(&layer->activation, type, place, error);
    }
    return rounded;
}

static bool add_numbers(struct tensor_list *list, size_t *capacity, const struct network *network,
                        size_t layer, bool bias, bool values, struct error *error) {
    const struct layer *of = &network->layers[layer];
    size_t shape[] = {of->neurons, of->inputs}, dimensions = bias ? 1 : 2;
    char name[48];
    snprintf(name, sizeof name, "layers[%zu].%s", layer, bias ? "bias" : "weights");
    if (!tensor_list_add(list, capacity, name, network->origin.type, shape, dimensions, error))
        return false;
    struct tensor_summary *summary = &list->tensors[list->count - 1];
    summary->bytes = 0;
    if (values)
        tensor_statistics(bias ? of->bias : of->weights, of->neurons * (bias ? 1 : of->inputs),
                          summary);
    return true;
}

static bool list_json(const char *path, bool values, struct tensor_list *out, struct error *error) {
    struct network *network = model_json_load(path, NULL, error);
    size_t capacity = 0;
    bool listed = network != NULL;
    for (size_t l = 0; listed && l < network->depth; l++)
        listed = add_numbers(out, &capacity, network, l, false, values, error) &&
                 add_numbers(out, &capacity, network, l, true, values, error);
    network_free(network);
    if (!listed)
        tensor_list_free(out);
    return listed;
}

bool model_tensors(const char *path, bool values, struct tensor_list *out,
                   const struct progress *progress, struct error *error) {
    enum model_format format;
    *out = (struct tensor_list){0};
    if (file_is_stream(path)) /* it went by when the network was read */
        return error_set(error, ERROR_REQUEST, "%s: not a file; tensors are listed of a file",
                         path);
    if (!find_format(path, &format, error))
        return false;
    switch (format) {
    case MODEL_SAFETENSORS:
        return model_safetensors_tensors(path, values, out, progress, error);
    case MODEL_ONNX:
        return model_onnx_tensors(path, values, out, progress, error);
    case MODEL_NPZ:
        return model_npz_tensors(path, values, out, progress, error);
    case MODEL_JSON:
        break;
    }
    return list_json(path, values, out, error);
}

void tensor_list_free(struct tensor_list *list) {
    for (size_t k = 0; k < list->count; k++) {
        free(list->tensors[k].name);
        free(list->tensors[k].shape);
    }
    free(list->tensors);
    *list = (struct tensor_list){0};
}
