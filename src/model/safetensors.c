#include "lumpscope/safetensors.h"

bool safetensors_is(const void *data, size_t size) {
    (void)data;
    (void)size;
    return false;
}

struct safetensors *safetensors_open(const char *path, struct error *error) {
    (void)path;
    error_set(error, ERROR_INTERNAL, "%s is not there", "safetensors_open");
    return NULL;
}

void safetensors_close(struct safetensors *file) {
    (void)file;
}

const struct safetensors_entry *safetensors_find(const struct safetensors *file, const char *name) {
    (void)file;
    (void)name;
    return NULL;
}

bool safetensors_read(const struct safetensors *file, const struct safetensors_entry *entry,
                      double *out, struct error *error) {
    (void)file;
    (void)entry;
    (void)out;
    return error_set(error, ERROR_INTERNAL, "safetensors_read is not there");
}

bool safetensors_write(const char *path, const struct safetensors_source *sources, size_t count,
                       const struct cJSON *metadata, size_t *bytes, struct error *error) {
    (void)path;
    (void)sources;
    (void)count;
    (void)metadata;
    (void)bytes;
    return error_set(error, ERROR_INTERNAL, "safetensors_write is not there");
}

bool safetensors_measure(const struct safetensors_source *sources, size_t count,
                         const struct cJSON *metadata, size_t *bytes, struct error *error) {
    (void)sources;
    (void)count;
    (void)metadata;
    (void)bytes;
    return error_set(error, ERROR_INTERNAL, "safetensors_measure is not there");
}
