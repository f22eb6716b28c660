#include "lumpscope/error.h"

#include "lumpscope/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Of a sentence and the path in it, before it is made to fit. */
enum { WHOLE_SIZE = 8192 };

static bool is_inside(char c) {
    return ((unsigned char)c & 0xc0) == 0x80; /* a character of UTF-8 goes on */
}

/* Of a sentence too long, what goes is in the middle, mostly of a path: the remedy is at the end.
 */
static void fit(char *text, const char *whole) {
    static const char mark[] = " ... ";
    const size_t room = sizeof((struct error *)0)->text - sizeof mark, head = room / 2;
    size_t length = strlen(whole);
    if (length < room + sizeof mark) {
        memcpy(text, whole, length + 1);
        return;
    }
    size_t from = length - (room - head), to = head;
    while (to > 0 && is_inside(whole[to]))
        to--;
    while (is_inside(whole[from]))
        from++;
    memcpy(text, whole, to);
    memcpy(text + to, mark, sizeof mark - 1);
    memcpy(text + to + sizeof mark - 1, whole + from, length - from + 1);
}

bool error_set(struct error *error, enum error_kind kind, const char *format, ...) {
    if (!error)
        return false;
    error->kind = kind;
    error->no_memory = false;
    char whole[WHOLE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(whole, sizeof whole, format, arguments);
    va_end(arguments);
    fit(error->text, whole);
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
    char whole[WHOLE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(whole, sizeof whole - sizeof error->text - 2, format, arguments);
    va_end(arguments);
    size_t length = strlen(whole);
    snprintf(whole + length, sizeof whole - length, ": %s", error->text);
    fit(error->text, whole);
    text_make_visible(error->text);
}
