/* The layout is term(5), "extended number format": header of six 16-bit numbers, names, booleans,
 * 32-bit numbers, 16-bit offsets of strings, strings; then the extended capabilities in the same
 * way, of which there is one, the boolean RGB. */
#include "tui/terminfo.h"

#include "lumpscope/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAGIC = 01036, DIRECT_COLOURS = 1 << 24, DIRECT_PAIRS = 0x7fff, TABLE_LIMIT = 0x7fff };

#define DIRECT(code) "\033[" code ";2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%dm"

static void put_bytes(struct text *out, const void *bytes, size_t count) {
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < count; i++)
        text_format(out, "%02x", byte[i]);
}

static void put16(struct text *out, int value) {
    unsigned char bytes[2] = {(unsigned char)(value & 0xff), (unsigned char)(value >> 8 & 0xff)};
    put_bytes(out, bytes, sizeof bytes);
}

static void put32(struct text *out, int value) {
    put16(out, value & 0xffff);
    put16(out, value >> 16 & 0xffff);
}

static int list_length(const char *const *names) {
    int count = 0;
    while (names[count])
        count++;
    return count;
}

static int direct_number(const char *name, int (*number)(const char *)) {
    if (!strcmp(name, "colors"))
        return DIRECT_COLOURS;
    if (!strcmp(name, "pairs"))
        return DIRECT_PAIRS;
    int value = number(name);
    return value < 0 ? -1 : value;
}

static const char *direct_string(const char *name, char *(*string)(const char *)) {
    if (!strcmp(name, "setaf"))
        return DIRECT("38");
    if (!strcmp(name, "setab"))
        return DIRECT("48");
    if (!strcmp(name, "initc") || !strcmp(name, "oc"))
        return NULL;
    if (!strcmp(name, "csr")) /* panes lie side by side: what scrolls one tears the others */
        return NULL;
    const char *value = string(name);
    return value == (const char *)-1 ? NULL : value;
}

/* Offsets into `table` and the table itself, each string with its NUL. */
static void put_strings(struct text *offsets, struct text *table, const char *const *names,
                        char *(*string)(const char *)) {
    for (size_t i = 0; names[i]; i++) {
        const char *value = direct_string(names[i], string);
        size_t at = table->length / 2;
        if (!value || at + strlen(value) >= TABLE_LIMIT) {
            put16(offsets, -1);
            continue;
        }
        put16(offsets, (int)at);
        put_bytes(table, value, strlen(value) + 1);
    }
}

static void put_extended(struct text *out) {
    static const char name[] = "RGB";
    put16(out, 1); /* booleans */
    put16(out, 0); /* numbers */
    put16(out, 0); /* strings */
    put16(out, 1); /* strings in the table: the name */
    put16(out, sizeof name);
    put_bytes(out, "\1", 2); /* the boolean, padded to an even offset */
    put16(out, 0);           /* offset of the name */
    put_bytes(out, name, sizeof name);
}

char *terminfo_direct(const char *const *booleans, const char *const *numbers,
                      const char *const *strings, int (*flag)(const char *),
                      int (*number)(const char *), char *(*string)(const char *)) {
    static const char names[] = TERMINFO_DIRECT_NAME "|lumpscope with direct colours";
    struct text out = {0}, offsets = {0}, table = {0};
    int boolean_count = list_length(booleans);
    put_strings(&offsets, &table, strings, string);
    text_append(&out, "hex:");
    put16(&out, MAGIC);
    put16(&out, sizeof names);
    put16(&out, boolean_count);
    put16(&out, list_length(numbers));
    put16(&out, list_length(strings));
    put16(&out, (int)(table.length / 2));
    put_bytes(&out, names, sizeof names);
    for (int i = 0; i < boolean_count; i++)
        put_bytes(&out, flag(booleans[i]) > 0 && strcmp(booleans[i], "ccc") != 0 ? "\1" : "\0", 1);
    if ((sizeof names + (size_t)boolean_count) % 2)
        put_bytes(&out, "\0", 1);
    for (size_t i = 0; numbers[i]; i++)
        put32(&out, direct_number(numbers[i], number));
    text_append_bytes(&out, offsets.data ? offsets.data : "", offsets.length);
    text_append_bytes(&out, table.data ? table.data : "", table.length);
    if (table.length / 2 % 2)
        put_bytes(&out, "\0", 1);
    put_extended(&out);
    bool ok = !out.failed && !offsets.failed && !table.failed;
    text_free(&offsets);
    text_free(&table);
    if (!ok)
        text_free(&out);
    return out.data;
}
