#include "lumpscope/error.h"

#include "lumpscope/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool error_set(struct error *error, enum error_kind kind, const char *format, ...) {
    if (!error)
        return false;
    error->kind = kind;
    error->no_memory = false;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    text_make_visible(error->text);
    return false;
}

bool error_memory(struct error *error, size_t bytes) {
    error_set(error, ERROR_REQUEST,
              "not enough memory: %zu bytes could not be allocated; close other programs or use a "
              "smaller input",
              bytes);
    if (error)
        error->no_memory = true;
    return false;
}

void error_prefix(struct error *error, const char *format, ...) {
    if (!error || error->kind == ERROR_NONE || error->kind == ERROR_CANCELLED)
        return;
    char prefix[sizeof error->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(prefix, sizeof prefix, format, arguments);
    va_end(arguments);
    char joined[2 * sizeof error->text + 4];
    snprintf(joined, sizeof joined, "%s: %s", prefix, error->text);
    joined[sizeof error->text - 1] = '\0';
    memcpy(error->text, joined, sizeof error->text);
    text_make_visible(error->text);
}
