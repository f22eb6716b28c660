#include "allocation.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_size_t countdown; /* allocations until one fails; 0: never */
static atomic_bool failed, remaining;

void allocation_fail(size_t nth, bool onwards) {
    atomic_store(&failed, false);
    atomic_store(&remaining, onwards);
    atomic_store(&countdown, nth);
}

bool allocation_failed(void) {
    return atomic_load(&failed);
}

static bool fails_now(void) {
    if (atomic_load(&failed) && atomic_load(&remaining)) {
        errno = ENOMEM;
        return true;
    }
    size_t left = atomic_load(&countdown);
    while (left > 0 && !atomic_compare_exchange_weak(&countdown, &left, left - 1))
        ;
    if (left != 1)
        return false;
    atomic_store(&failed, true);
    errno = ENOMEM;
    return true;
}

/* The linker's --wrap sends the program's own calls here. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
char *__real_strdup(const char *string);
char *__real_strndup(const char *string, size_t size);
char *__real_realpath(const char *path, char *resolved);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
char *__wrap_strdup(const char *string);
char *__wrap_strndup(const char *string, size_t size);
char *__wrap_realpath(const char *path, char *resolved);

void *__wrap_malloc(size_t size) {
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size) {
    return fails_now() ? NULL : __real_realloc(block, size);
}

char *__wrap_strdup(const char *string) {
    return fails_now() ? NULL : __real_strdup(string);
}

char *__wrap_strndup(const char *string, size_t size) {
    return fails_now() ? NULL : __real_strndup(string, size);
}

char *__wrap_realpath(const char *path, char *resolved) {
    return fails_now() ? NULL : __real_realpath(path, resolved);
}

static void *hooked(size_t size) {
    return fails_now() ? NULL : __real_malloc(size);
}

static void release(void *block) {
    free(block);
}

void allocation_hook_json(void) {
    cJSON_InitHooks(&(cJSON_Hooks){hooked, release});
}
