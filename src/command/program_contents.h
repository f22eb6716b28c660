/* What is in a model file besides a network: its tensors, and the blocks of a larger checkpoint. */
#ifndef LUMPSCOPE_PROGRAM_CONTENTS_H
#define LUMPSCOPE_PROGRAM_CONTENTS_H

#include "lumpscope/model_block.h"
#include "lumpscope/model_file.h"

struct cJSON;
struct text;

/* The candidate blocks of a safetensors file; none when it is no such file or cannot be read.
 * False only when there is no memory. */
bool blocks_find(const char *path, struct block_list *out, struct error *error);
/* Adds "format", "reason" (why the file is no network by itself) and "blocks", each with its "up",
 * "down", "inputs", "neurons", "outputs". False: out of memory. */
bool blocks_json(struct cJSON *document, enum model_format format, const struct block_list *list,
                 const char *reason);
/* The same as text, with the command that opens the first. */
void blocks_text(const char *path, const struct block_list *list, const char *reason,
                 struct text *out);

/* Adds "tensors": "name", "dtype", "shape", "bytes" (null in JSON files), "min", "max", "mean"
 * (null where nothing is finite) and "nonfinite", a count. False: out of memory. */
bool tensors_json(struct cJSON *document, const struct tensor_list *list);
void tensors_text(const struct tensor_list *list, struct text *out);

#endif
