/* Files of other programs that can run code when they are opened: recognised, never opened. */
#ifndef LUMPSCOPE_MODEL_REFUSED_H
#define LUMPSCOPE_MODEL_REFUSED_H

#include "lumpscope/error.h"

enum { MODEL_MAGIC = 64 };
/* The first bytes of a file; fewer where it is shorter, none of what is no regular file. */
size_t model_read_magic(const char *path, char magic[MODEL_MAGIC]);
/* False with a sentence when the file, whose first bytes are `magic`, is such a one. */
bool model_check_refused(const char *path, const char *magic, size_t size, struct error *error);

#endif
