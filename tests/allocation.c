#include "allocation.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_size_t asked, failing; /* allocations so far; the one that fails, 0: none */
static atomic_bool failed, remaining;

void allocation_fail(size_t nth, bool onwards) {
    atomic_store(&failing, 0);
    atomic_store(&failed, false);
    atomic_store(&remaining, onwards);
    atomic_store(&asked, 0);
    atomic_store(&failing, nth);
}

bool allocation_failed(void) {
    return atomic_load(&failed);
}

size_t allocation_count(void) {
    return atomic_load(&asked);
}

static bool fails_now(void) {
    size_t number = atomic_fetch_add(&asked, 1) + 1, nth = atomic_load(&failing);
    if (nth == 0 || (number != nth && !(atomic_load(&remaining) && number > nth)))
        return false;
    atomic_store(&failed, true);
    errno = ENOMEM;
    return true;
}

#ifdef ALLOCATION_EVERYWHERE

/* The allocator beneath: AddressSanitizer's when it is there, else the C library's. */
void *__interceptor_malloc(size_t size) __attribute__((weak));
void *__interceptor_calloc(size_t count, size_t size) __attribute__((weak));
void *__interceptor_realloc(void *block, size_t size) __attribute__((weak));
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

/* libzip loses what it holds of a member when there is no memory to open it. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libzip.so\n";
}

/* Stands before the C library's for everything in the process. */
void *malloc(size_t size) {
    if (fails_now())
        return NULL;
    return __interceptor_malloc ? __interceptor_malloc(size) : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    if (fails_now())
        return NULL;
    return __interceptor_calloc ? __interceptor_calloc(count, size) : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    if (fails_now())
        return NULL;
    return __interceptor_realloc ? __interceptor_realloc(block, size) : __libc_realloc(block, size);
}

bool allocation_everywhere(void) {
    return true;
}

void allocation_hook_json(void) {
}

#else

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

bool allocation_everywhere(void) {
    return false;
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

#endif
