#include "lumpscope/model_onnx.h"

struct network *model_onnx_load(const char *path, const struct model_recipe *recipe,
                                struct error *error) {
    (void)path;
    (void)recipe;
    error_set(error, ERROR_INTERNAL, "%s is not there", "model_onnx_load");
    return NULL;
}

bool model_onnx_save(const struct network *network, const char *path, enum tensor_type type,
                     size_t *bytes, struct error *error) {
    (void)network;
    (void)path;
    (void)type;
    (void)bytes;
    return error_set(error, ERROR_INTERNAL, "model_onnx_save is not there");
}

bool model_onnx_measure(const struct network *network, enum tensor_type type, size_t *bytes,
                        struct error *error) {
    (void)network;
    (void)type;
    (void)bytes;
    return error_set(error, ERROR_INTERNAL, "model_onnx_measure is not there");
}

bool model_onnx_tensors(const char *path, bool values, struct tensor_list *out,
                        const struct progress *progress, struct error *error) {
    (void)path;
    (void)values;
    (void)out;
    (void)progress;
    return error_set(error, ERROR_INTERNAL, "model_onnx_tensors is not there");
}
