#include "lumpscope/text.h"

#include "lumpscope/memory.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_free(struct text *text) {
    free(text->data);
    *text = (struct text){0};
}

void text_clear(struct text *text) {
    text->length = 0;
    if (text->data)
        text->data[0] = '\0';
}

static bool text_reserve(struct text *text, size_t more) {
    if (text->failed ||
        !memory_reserve(&text->data, &text->capacity, text->length + more + 1, 1, NULL))
        text->failed = true;
    return !text->failed;
}

void text_append_bytes(struct text *text, const char *bytes, size_t count) {
    if (!text_reserve(text, count))
        return;
    memcpy(text->data + text->length, bytes, count);
    text->length += count;
    text->data[text->length] = '\0';
}

void text_append(struct text *text, const char *string) {
    text_append_bytes(text, string, strlen(string));
}

void text_format(struct text *text, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length >= 0 && text_reserve(text, (size_t)length)) {
        vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
    va_end(arguments);
}

bool text_line_next(const char **rest, struct text *line) {
    text_clear(line);
    if (!**rest)
        return false;
    size_t length = strcspn(*rest, "\n");
    bool returned = length > 0 && (*rest)[length - 1] == '\r';
    text_append_bytes(line, *rest, length - returned);
    *rest += length + ((*rest)[length] == '\n');
    return !line->failed;
}

void text_append_number(struct text *text, double value) {
    char number[TEXT_NUMBER_SIZE];
    text_append(text, isfinite(value) ? text_number(value, number) : "null");
}

void text_append_json_string(struct text *text, const char *string) {
    text_append(text, "\"");
    for (const char *c = string; *c; c++) {
        if (*c == '"' || *c == '\\')
            text_format(text, "\\%c", *c);
        else if ((unsigned char)*c < 0x20)
            text_format(text, "\\u%04x", (unsigned)*c);
        else
            text_append_bytes(text, c, 1);
    }
    text_append(text, "\"");
}

const char *text_number(double value, char *out) {
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, TEXT_NUMBER_SIZE, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return out;
}

const char *text_human(double value, int digits, char *out) {
    if (!isfinite(value)) {
        snprintf(out, TEXT_NUMBER_SIZE, "-");
        return out;
    }
    double size = fabs(value);
    int decimals = digits - 1;
    if (size >= 1e-4 && size < 1e6) {
        decimals = digits - 1 - (int)floor(log10(size));
        snprintf(out, TEXT_NUMBER_SIZE, "%.*f", decimals > 0 ? decimals : 0, value);
    } else if (size == 0)
        snprintf(out, TEXT_NUMBER_SIZE, "0");
    else
        snprintf(out, TEXT_NUMBER_SIZE, "%.*e", decimals, value);
    return out;
}

const char *text_bytes(double bytes, char *out) {
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    size_t unit = 0;
    while (bytes >= 999.5 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1000;
        unit++;
    }
    snprintf(out, TEXT_NUMBER_SIZE, unit && bytes < 99.95 ? "%.1f %s" : "%.0f %s", bytes,
             units[unit]);
    return out;
}

bool text_to_double(const char *string, double *value) {
    if (!*string || isspace((unsigned char)*string))
        return false;
    char *end;
    double number = strtod(string, &end);
    if (*end || !isfinite(number))
        return false;
    *value = number;
    return true;
}

bool text_to_percent(const char *string, double *value) {
    char number[64];
    size_t length = strlen(string);
    length -= length > 0 && string[length - 1] == '%';
    if (length >= sizeof number)
        return false;
    memcpy(number, string, length);
    number[length] = '\0';
    return text_to_double(number, value);
}

bool text_to_uint64(const char *string, uint64_t *value) {
    if (!isdigit((unsigned char)*string))
        return false;
    char *end;
    errno = 0;
    unsigned long long number = strtoull(string, &end, 10);
    if (*end || errno)
        return false;
    *value = number;
    return true;
}

bool text_to_size(const char *string, size_t *value) {
    uint64_t number;
    if (!text_to_uint64(string, &number) || number > SIZE_MAX)
        return false;
    *value = (size_t)number;
    return true;
}

/* Marks that turn the direction of what follows: U+200E, U+200F, U+202A to U+202E, U+2066 to
 * U+2069. */
static bool is_direction(const unsigned char *s) {
    return s[0] == 0xe2 &&
           ((s[1] == 0x80 && (s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xaa && s[2] <= 0xae))) ||
            (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9));
}

/* Length of the UTF-8 sequence at `s`, 0 when there is none. */
static size_t sequence_length(const unsigned char *s) {
    if (s[0] < 0x80)
        return 1;
    size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return length;
}

/* The same, of a printable character. */
static size_t visible_length(const unsigned char *s) {
    size_t length = sequence_length(s);
    if (length == 1)
        return s[0] >= 0x20 && s[0] != 0x7f;
    bool control = length == 2 && s[0] == 0xc2 && s[1] < 0xa0; /* C1 */
    return control || (length && is_direction(s)) ? 0 : length;
}

void text_make_utf8(char *string) {
    for (char *c = string; *c;) {
        size_t length = sequence_length((unsigned char *)c);
        if (length == 0)
            *c = '?';
        c += length ? length : 1;
    }
}

void text_make_visible(char *string) {
    for (char *c = string; *c;) {
        size_t length = visible_length((unsigned char *)c);
        if (length == 0)
            *c = '?';
        c += length ? length : 1;
    }
}
