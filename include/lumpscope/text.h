/* Text: a growing buffer, numbers as people and as programs read them, strings made safe. */
#ifndef LUMPSCOPE_TEXT_H
#define LUMPSCOPE_TEXT_H

#include "lumpscope/error.h"

#include <stdarg.h>
#include <stdint.h>

/* A growing string. Zero-initialise; free with text_free. Failed allocation is remembered in
 * `failed` and later appends do nothing, so that only the end needs a check. */
struct text {
    char *data; /* NUL-terminated, owned; NULL while empty */
    size_t length, capacity;
    bool failed;
};

void text_free(struct text *text);
void text_clear(struct text *text); /* empty again, memory kept */
void text_append(struct text *text, const char *string);
void text_append_bytes(struct text *text, const char *bytes, size_t count);
/* What another text holds; that it failed is passed on. */
void text_append_text(struct text *text, const struct text *other);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_format_list(struct text *text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
/* Copies the next line of a text to `line`, without its end ("\n" or "\r\n"), and moves `*rest`
 * behind it; `line` is cleared first, and its data is there even for an empty line. False when no
 * line is left, or no memory (line->failed). */
bool text_line_next(const char **rest, struct text *line);
/* Where a text begins behind the mark of UTF-8 (byte order mark), if it has one. */
const char *text_behind_mark(const char *text) __attribute__((nonnull));
/* The shortest decimal that reads back to the same double ("1e+300" style; "null" if not finite).
 */
void text_append_number(struct text *text, double value);
/* A JSON string with its quotes; what is not visible is escaped, bytes that are not UTF-8 stay. */
void text_append_json_string(struct text *text, const char *string);

enum { TEXT_NUMBER_SIZE = 32 };
/* The shortest decimal that reads back to the same double; `out` has TEXT_NUMBER_SIZE bytes. */
const char *text_number(double value, char *out) __attribute__((nonnull));
/* For people: `digits` significant digits, no exponent between 1e-4 and 1e6 ("0.0553", "1.2e-07");
 * "-" for a value that is not finite. */
const char *text_human(double value, int digits, char *out);
/* What a noun ends in behind its number: "" for one, "s" for any other. */
const char *text_plural(size_t count);
/* Bytes for people: "812 B", "12.4 kB", "3.2 MB" (powers of 1000). */
const char *text_bytes(double bytes, char *out);

/* Whole string as a finite double / an unsigned integer; false when it is anything else. */
bool text_to_double(const char *string, double *value);
bool text_to_size(const char *string, size_t *value);
/* A number with or without a percent sign behind it: "30%" is 30. */
bool text_to_percent(const char *string, double *value);
bool text_to_uint64(const char *string, uint64_t *value);

/* What text_decode gives for a byte that belongs to no character of UTF-8. */
#define TEXT_NO_CHARACTER UINT32_MAX
/* Decodes the character `text` begins with; never reads past the NUL. Returns its bytes, 0 at the
 * end. */
size_t text_decode(const char *text, uint32_t *character) __attribute__((nonnull));
/* Whether a character shows as itself: controls (C0, DEL, C1) do not, nor marks that turn the
 * direction of writing, nor what takes no room and so makes two names look like one (zero-width
 * spaces and joiners, soft hyphens, tags). Combining accents do. */
bool text_is_visible(uint32_t character);
/* Replaces every byte of what is not visible by '?', in place: what comes from files never reaches
 * a terminal as an escape sequence. */
void text_make_visible(char *string);
/* The same for text of many lines: ends of lines and tabs stay. */
void text_make_lines_visible(char *string);
/* Appends a string with what is not visible made so. */
void text_append_visible(struct text *text, const char *string);
/* One word for a shell, quoted where it has to be; what is not visible as escapes: $'a\x0ab'. */
void text_append_shell_word(struct text *text, const char *word);
/* Appends a finished JSON document with what is not visible in its strings as \u escapes. Bytes
 * that are not UTF-8 become '?', for JSON has to be, unless it is to be `exact`. */
void text_append_json(struct text *text, const char *document, bool exact);

#endif
