#include "tui/columns.h"

#include "lumpscope/text.h"

#include <stdio.h>
#include <string.h>

size_t columns_decode(const char *text, wchar_t *character) {
    uint32_t value;
    size_t bytes = text_decode(text, &value);
    *character = text_is_visible(value) ? (wchar_t)value : L'?';
    return bytes;
}

int columns_of(wchar_t character) {
    int width = wcwidth(character);
    return width < 0 ? 1 : width;
}

int columns_width(const char *text) {
    int width = 0;
    wchar_t character;
    for (size_t bytes; (bytes = columns_decode(text, &character)) > 0; text += bytes)
        width += columns_of(character);
    return width;
}

int columns_digits(size_t number) {
    int digits = 1;
    for (; number >= 10; number /= 10)
        digits++;
    return digits;
}

size_t columns_fit(const char *text, int columns, int *used) {
    size_t length = 0;
    wchar_t character;
    *used = 0;
    for (size_t bytes; (bytes = columns_decode(text + length, &character)) > 0; length += bytes) {
        int width = columns_of(character);
        if (*used + width > columns)
            break;
        *used += width;
    }
    return length;
}

size_t columns_wrap(const char *text, int columns) {
    int used;
    wchar_t character;
    size_t length = columns_fit(text, columns, &used);
    if (length == 0)
        return columns_decode(text, &character);
    if (!text[length])
        return length;
    size_t space = length;
    while (space > 0 && text[space] != ' ')
        space--;
    return space > 0 ? space : length;
}

/* The end of `text` that is at most `columns` wide. */
static const char *columns_tail(const char *text, int columns) {
    int width = columns_width(text);
    wchar_t character;
    while (width > columns) {
        text += columns_decode(text, &character);
        width -= columns_of(character);
    }
    while (columns_decode(text, &character) && columns_of(character) == 0)
        text += columns_decode(text, &character);
    return text;
}

/* The largest prefix of at most `limit` bytes that does not cut a character. */
static size_t whole_characters(const char *text, size_t limit) {
    size_t length = 0;
    wchar_t character;
    for (size_t bytes; (bytes = columns_decode(text + length, &character)) > 0; length += bytes)
        if (length + bytes > limit)
            break;
    return length;
}

int columns_lines(const char *text, int columns) {
    int lines = 0;
    for (; *text; lines++) {
        text += columns_wrap(text, columns);
        text += *text == ' ';
    }
    return lines;
}

void columns_shorten(char *out, size_t size, const char *text, int columns, const char *mark) {
    int used;
    const char *head = text, *tail = "";
    size_t head_bytes = strlen(text);
    if (columns_width(text) <= columns)
        mark = "";
    else {
        int room = columns - columns_width(mark);
        int front = room > 0 ? (room + 1) / 2 : 0;
        head_bytes = columns_fit(text, front, &used);
        tail = columns_tail(text, room > 0 ? room - used : 0);
        mark = columns > 0 ? mark : "";
    }
    size_t tail_bytes = strlen(mark) + strlen(tail);
    if (head_bytes + tail_bytes >= size)
        head_bytes = whole_characters(head, size - 1 > tail_bytes ? size - 1 - tail_bytes : 0);
    snprintf(out, size, "%.*s%s%s", (int)head_bytes, head, mark, tail);
}
