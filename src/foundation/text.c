#include "lumpscope/text.h"

#include "lumpscope/memory.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
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

void text_append_text(struct text *text, const struct text *other) {
    text_append_bytes(text, other->data ? other->data : "", other->length);
    text->failed = text->failed || other->failed;
}

void text_append(struct text *text, const char *string) {
    text_append_bytes(text, string, strlen(string));
}

void text_format_list(struct text *text, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0)
        text->failed = true; /* long numbers need memory */
    else if (text_reserve(text, (size_t)length)) {
        vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void text_format(struct text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    text_format_list(text, format, arguments);
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

const char *text_behind_mark(const char *text) {
    static const char mark[] = "\xef\xbb\xbf";
    return strncmp(text, mark, sizeof mark - 1) ? text : text + sizeof mark - 1;
}

static void append_escape(struct text *text, uint32_t character) {
    if (character < 0x10000)
        text_format(text, "\\u%04x", (unsigned)character);
    else
        text_format(text, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (character >> 10)),
                    (unsigned)(0xdc00 + (character & 0x3ff)));
}

void text_append_json_string(struct text *text, const char *string) {
    uint32_t character;
    text_append(text, "\"");
    for (size_t bytes; (bytes = text_decode(string, &character)) > 0; string += bytes)
        if (character == '"' || character == '\\')
            text_format(text, "\\%c", *string);
        else if (character != TEXT_NO_CHARACTER && !text_is_visible(character))
            append_escape(text, character);
        else
            text_append_bytes(text, string, bytes);
    text_append(text, "\"");
}

void text_append_json(struct text *text, const char *document, bool exact) {
    const char *at = document, *written = document;
    uint32_t character;
    for (size_t bytes; (bytes = text_decode(at, &character)) > 0; at += bytes)
        if (character >= 0x7f && !text_is_visible(character) &&
            !(exact && character == TEXT_NO_CHARACTER)) {
            text_append_bytes(text, written, (size_t)(at - written));
            if (character == TEXT_NO_CHARACTER)
                text_append(text, "?"); /* JSON has to be UTF-8 */
            else
                append_escape(text, character);
            written = at + bytes;
        }
    text_append_bytes(text, written, (size_t)(at - written));
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

const char *text_plural(size_t count) {
    return count == 1 ? "" : "s";
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

/* Bytes of the sequence that begins with `lead`, 0 for none. */
static size_t sequence_length(unsigned char lead) {
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

size_t text_decode(const char *text, uint32_t *character) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *s = (const unsigned char *)text;
    size_t length = sequence_length(s[0]);
    *character = TEXT_NO_CHARACTER;
    if (length == 0)
        return 1;
    uint32_t value = length == 1 ? s[0] : s[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 1;
        value = value << 6 | (s[i] & 0x3fu);
    }
    if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        return 1;
    *character = value;
    return value ? length : 0;
}

bool text_is_visible(uint32_t character) {
    static const struct {
        uint32_t first, last;
    } hidden[] = {
        {0x7f, 0x9f}, /* controls */
        {0xad, 0xad},
        {0x34f, 0x34f}, /* soft hyphen, grapheme joiner */
        {0x61c, 0x61c},
        {0x180e, 0x180e}, /* Arabic mark, Mongolian separator */
        {0x200b, 0x200f},
        {0x2028, 0x202e}, /* no width, direction, ends of lines */
        {0x2060, 0x206f},
        {0xfeff, 0xfeff}, /* joiners, direction, byte order mark */
        {0xfff9, 0xfffb},
        {0xe0000, 0xe007f}, /* annotations, tags */
        {0x110000, TEXT_NO_CHARACTER},
    };
    if (character < 0x7f)
        return character >= 0x20;
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (character >= hidden[i].first && character <= hidden[i].last)
            return false;
    return true;
}

static void make_visible(char *string, const char *kept) {
    uint32_t character;
    for (size_t bytes; (bytes = text_decode(string, &character)) > 0; string += bytes)
        if (!text_is_visible(character) && !(bytes == 1 && strchr(kept, *string)))
            memset(string, '?', bytes);
}

void text_make_visible(char *string) {
    make_visible(string, "");
}

void text_make_lines_visible(char *string) {
    make_visible(string, "\n\t");
}

void text_append_visible(struct text *text, const char *string) {
    size_t start = text->length;
    text_append(text, string);
    if (!text->failed)
        text_make_visible(text->data + start);
}

static bool all_visible(const char *string) {
    uint32_t character;
    for (size_t bytes; (bytes = text_decode(string, &character)) > 0; string += bytes)
        if (!text_is_visible(character))
            return false;
    return true;
}

static void append_shell_bytes(struct text *text, const char *word) {
    text_append(text, "$'");
    for (const char *c = word; *c; c++)
        if (*c == '\'' || *c == '\\')
            text_format(text, "\\%c", *c);
        else if (isascii(*c) && isprint((unsigned char)*c))
            text_append_bytes(text, c, 1);
        else
            text_format(text, "\\x%02x", (unsigned char)*c);
    text_append(text, "'");
}

void text_append_shell_word(struct text *text, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "%+,-./:=@_";
    if (*word && !word[strspn(word, plain)]) {
        text_append(text, word);
        return;
    }
    if (!all_visible(word)) {
        append_shell_bytes(text, word);
        return;
    }
    text_append(text, "'");
    for (const char *c = word; *c; c++)
        if (*c == '\'')
            text_append(text, "'\\''");
        else
            text_append_bytes(text, c, 1);
    text_append(text, "'");
}
