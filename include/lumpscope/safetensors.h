/* The safetensors container: a JSON header of names, types, shapes and offsets, then the bytes of
 * the tensors. Read in pieces straight from the file, never held whole. */
#ifndef LUMPSCOPE_SAFETENSORS_H
#define LUMPSCOPE_SAFETENSORS_H

#include "lumpscope/progress.h"
#include "lumpscope/tensor_type.h"

#include <stdint.h>

struct cJSON;

struct safetensors_entry {
    char *name;
    enum tensor_type type;
    bool known;         /* `type` is one of tensor_type.h; F8 and others are copied, not read */
    char type_name[16]; /* as in the file */
    size_t dimensions;
    size_t *shape;       /* [dimensions] */
    size_t elements;     /* product of shape */
    uint64_t begin, end; /* bytes, from the beginning of the file */
};

struct safetensors {
    char *path;
    int descriptor;
    uint64_t file_bytes;
    struct safetensors_entry *entries; /* [count] in order of their bytes */
    size_t count;
    struct cJSON *metadata; /* __metadata__: an object of strings; NULL when there is none */
};

/* By the first bytes: a header length and a brace. */
bool safetensors_is(const void *data, size_t size);

/* Opens a file and checks the header against the file's size: no overlap, no gap, no tensor
 * outside, shapes that make the bytes. Nothing larger than the header is allocated. NULL with a
 * sentence that names file and tensor. */
struct safetensors *safetensors_open(const char *path, struct error *error);
void safetensors_close(struct safetensors *file); /* NULL is fine */
const struct safetensors_entry *safetensors_find(const struct safetensors *file, const char *name);
/* All elements as doubles, in steps; `out` [elements]. */
bool safetensors_read(const struct safetensors *file, const struct safetensors_entry *entry,
                      double *out, struct error *error);

/* `count` elements from the `first` one on; out [count]. */
bool safetensors_read_part(const struct safetensors *file, const struct safetensors_entry *entry,
                           size_t first, size_t count, double *out, struct error *error);

/* One tensor to be written: from doubles, or the bytes of another file's tensor as they are. */
struct safetensors_source {
    const char *name;
    enum tensor_type type; /* floating; of `values` */
    size_t dimensions;
    const size_t *shape;            /* [dimensions] */
    const double *values;           /* [product of shape]; NULL: copied from `from` */
    const struct safetensors *from; /* with `values` NULL */
    const struct safetensors_entry *entry;
};
/* Writes tensors in the order given, in pieces, by temporary file and rename; where that order
 * would leave one unaligned, wider types go first, as in the reference library. `metadata` (may be
 * NULL) is an object of strings. `bytes` (may be NULL) gets the size of the file. A value beyond
 * its type's range is an error. `progress` is that of file_write. */
bool safetensors_write(const char *path, const struct safetensors_source *sources, size_t count,
                       const struct cJSON *metadata, size_t *bytes, const struct progress *progress,
                       struct error *error);
/* The size of that file. */
bool safetensors_measure(const struct safetensors_source *sources, size_t count,
                         const struct cJSON *metadata, size_t *bytes, struct error *error);

#endif
