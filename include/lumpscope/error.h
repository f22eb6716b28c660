/* Errors are values: one sentence that names the file, the place and the remedy.
 *
 * Every function that can fail takes a `struct error *` last and returns false or NULL on failure
 * with the error filled in. The error may be NULL when the caller does not want the sentence. */
#ifndef LUMPSCOPE_ERROR_H
#define LUMPSCOPE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/* The kinds are the program's exit statuses, but for ERROR_CANCELLED, which is never shown. */
enum error_kind {
    ERROR_NONE = 0,
    ERROR_REQUEST = 1,   /* the input or the request cannot be served */
    ERROR_USAGE = 2,     /* unknown option, missing option, value that does not parse */
    ERROR_INTERNAL = 3,  /* a broken invariant */
    ERROR_CANCELLED = 4, /* a progress callback said stop */
};

struct error {
    enum error_kind kind;
    bool no_memory; /* error_memory's: it says nothing about the file that was being read */
    char text[640]; /* the sentence; control characters made visible; NUL-terminated */
};

/* Fills `error` (if not NULL) and returns false, so that callers can `return error_set(...)`.
 * Control characters that came with file content are replaced by '?'. */
bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for memory that could not be had: says how many bytes were asked for. */
bool error_memory(struct error *error, size_t bytes);

/* Puts "PREFIX: " before the sentence, for callers that know the file or the place. */
void error_prefix(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
