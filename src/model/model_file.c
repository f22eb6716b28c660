#include "lumpscope/model_file.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/model_json.h"
#include "lumpscope/model_npz.h"
#include "lumpscope/model_onnx.h"
#include "lumpscope/model_safetensors.h"
#include "lumpscope/npy.h"
#include "lumpscope/safetensors.h"

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

/* The first bytes of a file; fewer where it is shorter or is no regular file. */
enum { MAGIC = 64 };
static size_t read_magic(const char *path, char magic[MAGIC]) {
    FILE *file = file_is_stream(path) ? NULL : fopen(path, "rbe");
    size_t count = file ? fread(magic, 1, MAGIC, file) : 0;
    if (file)
        fclose(file);
    return count;
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
    return is_onnx(magic, size) || ends_with(path, ".onnx") ? MODEL_ONNX : MODEL_JSON;
}

struct network *model_load(const char *path, const struct model_recipe *recipe,
                           struct error *error) {
    static const struct model_recipe nothing = {0};
    char magic[MAGIC] = {0};
    size_t size = read_magic(path, magic);
    recipe = recipe ? recipe : &nothing;
    switch (format_of(path, magic, size)) {
    case MODEL_SAFETENSORS:
        return model_safetensors_load(path, recipe, error);
    case MODEL_ONNX:
        return model_onnx_load(path, recipe, error);
    case MODEL_NPZ:
        return model_npz_load(path, recipe, error);
    case MODEL_JSON:
        break;
    }
    return model_json_load(path, error);
}

const char *model_export_lines(const char *path) {
    (void)path;
    return NULL;
}

static bool save_json(const struct network *network, const char *path, size_t *bytes,
                      struct error *error) {
    return model_json_save(network, path, error) &&
           (!bytes || model_json_measure(network, bytes, NULL, error));
}

bool model_save(const struct network *network, const char *path, enum tensor_type type,
                size_t *bytes, struct error *error) {
    enum model_format format;
    if (!model_format_for(path, &format, error))
        return false;
    switch (format) {
    case MODEL_SAFETENSORS:
        return model_safetensors_save(network, path, type, bytes, error);
    case MODEL_ONNX:
        return model_onnx_save(network, path, type, bytes, error);
    case MODEL_NPZ:
        return model_npz_save(network, path, type, bytes, error);
    case MODEL_JSON:
        break;
    }
    return save_json(network, path, bytes, error);
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

bool network_round(struct network *network, enum tensor_type type, struct error *error) {
    (void)network;
    (void)type;
    (void)error;
    return true;
}

bool model_tensors(const char *path, bool values, struct tensor_list *out,
                   const struct progress *progress, struct error *error) {
    (void)values;
    (void)progress;
    *out = (struct tensor_list){0};
    return error_set(error, ERROR_REQUEST, "%s: tensors cannot be listed yet", path);
}

void tensor_list_free(struct tensor_list *list) {
    for (size_t k = 0; k < list->count; k++) {
        free(list->tensors[k].name);
        free(list->tensors[k].shape);
    }
    free(list->tensors);
    *list = (struct tensor_list){0};
}
