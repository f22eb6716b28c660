#include "lumpscope/model_npz.h"

struct network *model_npz_load(const char *path, const struct model_recipe *recipe,
                               struct error *error) {
    (void)path;
    (void)recipe;
    error_set(error, ERROR_INTERNAL, "%s is not there", "model_npz_load");
    return NULL;
}

bool model_npz_save(const struct network *network, const char *path, enum tensor_type type,
                    size_t *bytes, struct error *error) {
    (void)network;
    (void)path;
    (void)type;
    (void)bytes;
    return error_set(error, ERROR_INTERNAL, "model_npz_save is not there");
}

bool model_npz_measure(const struct network *network, enum tensor_type type, size_t *bytes,
                       struct error *error) {
    (void)network;
    (void)type;
    (void)bytes;
    return error_set(error, ERROR_INTERNAL, "model_npz_measure is not there");
}

bool model_npz_tensors(const char *path, bool values, struct tensor_list *out,
                       const struct progress *progress, struct error *error) {
    (void)path;
    (void)values;
    (void)out;
    (void)progress;
    return error_set(error, ERROR_INTERNAL, "model_npz_tensors is not there");
}
