#include "lumpscope/model_block.h"

struct network *model_block_load(const struct safetensors *file, const struct model_recipe *recipe,
                                 struct error *error) {
    (void)file;
    (void)recipe;
    error_set(error, ERROR_INTERNAL, "%s is not there", "model_block_load");
    return NULL;
}

bool model_block_save(const struct network *network, const char *path, enum tensor_type type,
                      size_t *bytes, struct error *error) {
    (void)network;
    (void)path;
    (void)type;
    (void)bytes;
    return error_set(error, ERROR_INTERNAL, "model_block_save is not there");
}

bool model_block_measure(const struct network *network, enum tensor_type type, size_t *bytes,
                         struct error *error) {
    (void)network;
    (void)type;
    (void)bytes;
    return error_set(error, ERROR_INTERNAL, "model_block_measure is not there");
}

bool model_block_list(const struct safetensors *file, struct block_list *out, struct error *error) {
    (void)file;
    (void)out;
    return error_set(error, ERROR_INTERNAL, "model_block_list is not there");
}

void block_list_free(struct block_list *list) {
    (void)list;
}
