#include "lumpscope/memory.h"

#include <stdint.h>
#include <string.h>

void *memory_new(size_t count, size_t size, struct error *error) {
    void *block = calloc(count ? count : 1, size ? size : 1);
    if (!block)
        error_memory(error, size && count > SIZE_MAX / size ? SIZE_MAX : count * size);
    return block;
}

bool memory_resize(void *block, size_t count, size_t size, struct error *error) {
    if (size && count > SIZE_MAX / size)
        return error_memory(error, SIZE_MAX);
    void *old;
    memcpy(&old, block, sizeof old);
    size_t bytes = count * size;
    void *grown = realloc(old, bytes > 0 ? bytes : 1);
    if (!grown)
        return error_memory(error, bytes);
    memcpy(block, &grown, sizeof grown);
    return true;
}

bool memory_reserve(void *block, size_t *capacity, size_t needed, size_t size,
                    struct error *error) {
    if (needed <= *capacity)
        return true;
    size_t grown = *capacity ? *capacity : 16;
    while (grown < needed)
        grown = grown > SIZE_MAX / 2 ? needed : 2 * grown;
    if (!memory_resize(block, grown, size, error))
        return false;
    *capacity = grown;
    return true;
}

void *memory_copy(const void *from, size_t count, size_t size, struct error *error) {
    void *copy = memory_new(count, size, error);
    if (copy && count)
        memcpy(copy, from, count * size);
    return copy;
}

char *memory_string(const char *from, struct error *error) {
    return from ? memory_copy(from, strlen(from) + 1, 1, error) : NULL;
}
