/* Checked allocation. Whoever allocates frees, with free(); sizes are checked for overflow. */
#ifndef LUMPSCOPE_MEMORY_H
#define LUMPSCOPE_MEMORY_H

#include "lumpscope/error.h"

#include <stdlib.h>

/* `count` elements of `size` bytes, zeroed; never NULL for count 0. NULL and `error` on failure. */
void *memory_new(size_t count, size_t size, struct error *error);

/* Resizes `*block` (NULL: allocates) to `count` elements; new bytes are not initialised. On failure
 * `*block` is as it was. `block` is the address of any object pointer. */
bool memory_resize(void *block, size_t count, size_t size, struct error *error);

/* Makes room for `needed` elements, doubling `*capacity`; `block` as for memory_resize. */
bool memory_reserve(void *block, size_t *capacity, size_t needed, size_t size, struct error *error);

/* A copy of `count` elements of `size` bytes. */
void *memory_copy(const void *from, size_t count, size_t size, struct error *error);

/* A copy of a string; NULL gives NULL without an error. */
char *memory_string(const char *from, struct error *error);

#endif
