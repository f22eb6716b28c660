/* The JSON header of a safetensors file, and bytes of the file. */
#ifndef LUMPSCOPE_MODEL_SAFETENSORS_HEADER_H
#define LUMPSCOPE_MODEL_SAFETENSORS_HEADER_H

#include "lumpscope/safetensors.h"

#include "lumpscope/error.h"

#include <cjson/cJSON.h>

/* Fills file->entries, in the order of the text, and file->metadata from the `length` bytes of a
 * header, which a NUL follows; `start` is where the tensors' bytes begin. One tensor is parsed at a
 * time, so that a header takes little more memory than its text. Sentences name the tensor. */
bool safetensors_parse(struct safetensors *file, const char *text, size_t length, uint64_t start,
                       struct error *error);

/* `size` bytes of the file from byte `begin`; a file that has shrunk is an error. */
bool safetensors_piece(const struct safetensors *file, uint64_t begin, void *out, size_t size,
                       struct error *error);

#endif
