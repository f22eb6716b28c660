#include "lumpscope/npy.h"

#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#define ZLIB_CONST /* input is not written to */
#include <zlib.h>

/* A deflated byte stands for at most 1032 bytes. */
enum { DEFLATE_RATIO = 1032, HEADER_LIMIT = 1 << 16 };
static const size_t member_limit = UINT32_MAX - 1;

static const char array_magic[] = "\x93NUMPY";

void npy_array_free(struct npy_array *array) {
    free(array->values);
    *array = (struct npy_array){0};
}

bool npy_is_array(const char *data, size_t size) {
    return size >= 6 && memcmp(data, array_magic, 6) == 0;
}

bool npy_is_archive(const char *data, size_t size) {
    return size >= 4 && (memcmp(data, "PK\3\4", 4) == 0 || memcmp(data, "PK\5\6", 4) == 0);
}

/* `width` bytes as an unsigned integer. */
static uint64_t read_bytes(const char *bytes, size_t width, bool big) {
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value |= (uint64_t)(unsigned char)bytes[i] << 8 * (big ? width - 1 - i : i);
    return value;
}

static uint32_t read32(const char *bytes) {
    return (uint32_t)read_bytes(bytes, 4, false);
}

static size_t read16(const char *bytes) {
    return (size_t)read_bytes(bytes, 2, false);
}

/* How an element lies in the file. */
struct element {
    char kind; /* 'f' float, 'i' integer, 'u' unsigned, 'b' boolean */
    size_t width;
    bool big, fortran;
};

static double half_number(uint64_t bits) {
    int exponent = (int)(bits >> 10 & 31);
    double fraction = (double)(bits & 1023);
    double size = exponent == 31  ? (fraction != 0 ? (double)NAN : (double)INFINITY)
                  : exponent == 0 ? ldexp(fraction, -24)
                                  : ldexp(fraction + 1024, exponent - 25);
    return bits >> 15 ? -size : size;
}

static double element_number(const struct element *element, const char *bytes) {
    uint64_t bits = read_bytes(bytes, element->width, element->big);
    if (element->kind == 'f' && element->width == 8) {
        double number;
        memcpy(&number, &bits, sizeof number);
        return number;
    }
    if (element->kind == 'f' && element->width == 4) {
        uint32_t low = (uint32_t)bits;
        float number;
        memcpy(&number, &low, sizeof number);
        return (double)number;
    }
    if (element->kind == 'f')
        return half_number(bits);
    unsigned shift = 64 - 8 * (unsigned)element->width;
    if (element->kind == 'i') /* the sign bit moves to the top and is carried back */
        return (double)((int64_t)(bits << shift) / ((int64_t)1 << shift));
    return (double)bits;
}

/* The text after 'KEY': in the header, which is a Python dictionary; NULL when there is none. */
static const char *header_value(const char *header, const char *key) {
    const char *at = strstr(header, key);
    if (!at)
        return NULL;
    at += strlen(key);
    at += strspn(at, " ");
    if (*at++ != ':')
        return NULL;
    return at + strspn(at, " ");
}

/* '<f8': byte order, kind, width. */
static bool read_descriptor(const char *header, struct element *element, struct error *error) {
    const char *at = header_value(header, "'descr'");
    size_t length = at && *at == '\'' ? strcspn(at + 1, "'") : 0;
    if (length >= 3 && length <= 4) {
        char order = at[1];
        *element = (struct element){.kind = at[2], .big = order == '>'};
        char width[3] = {at[3], length == 4 ? at[4] : '\0'};
        bool known = strchr("<>|=", order) && text_to_size(width, &element->width) &&
                     ((strchr("iu", at[2]) && strchr("1248", *width)) ||
                      (at[2] == 'f' && strchr("248", *width)) || (at[2] == 'b' && *width == '1'));
        if (known && !width[1])
            return true;
    }
    return error_set(error, ERROR_REQUEST,
                     "an array of type %.*s; save numbers, for example with .astype(\"float64\")",
                     length > 0 && length < 32 ? (int)length : 9, length ? at + 1 : "composite");
}

/* (3, 4): the numbers of a tuple. */
static bool read_shape(const char *header, struct npy_array *array, struct error *error) {
    const char *at = header_value(header, "'shape'");
    bool read = at && *at++ == '(';
    while (read && *at != ')') {
        size_t digits = strspn(at, "0123456789");
        char number[24] = "";
        read = digits > 0 && digits < sizeof number && array->dimensions < NPY_DIMENSIONS;
        if (!read)
            break;
        memcpy(number, at, digits);
        read = text_to_size(number, &array->shape[array->dimensions++]);
        at += digits;
        at += strspn(at, "L ");
        if (*at == ',')
            at++;
        else if (*at != ')')
            read = false;
        at += strspn(at, " ");
    }
    for (size_t d = array->dimensions; d < NPY_DIMENSIONS; d++)
        array->shape[d] = 1;
    return read || error_set(error, ERROR_REQUEST,
                             "the array has no shape of at most %d dimensions; save it anew",
                             NPY_DIMENSIONS);
}

static bool read_header(const char *text, size_t length, struct element *element,
                        struct npy_array *array, struct error *error) {
    char *header = memory_new(length + 1, 1, error);
    if (!header)
        return false;
    memcpy(header, text, length);
    const char *order = header_value(header, "'fortran_order'");
    bool read = read_descriptor(header, element, error) && read_shape(header, array, error);
    element->fortran = order && strncmp(order, "True", 4) == 0;
    free(header);
    return read;
}

/* The number of elements, if there are bytes for them. */
static bool count_elements(const struct npy_array *array, size_t width, size_t size, size_t *count,
                           struct error *error) {
    *count = 1;
    bool fits = true;
    for (size_t d = 0; d < NPY_DIMENSIONS; d++) {
        fits = fits && (*count == 0 || array->shape[d] <= SIZE_MAX / *count);
        *count *= fits ? array->shape[d] : 1;
    }
    if (fits && *count <= size / width)
        return true;
    return error_set(
        error, ERROR_REQUEST,
        "the array says more numbers than the %zu bytes of the file hold; save it anew", size);
}

/* Element k of the file is the one whose first index (Fortran) or last index (C) runs fastest. */
static size_t fortran_place(const struct npy_array *array, size_t k) {
    size_t place = 0, stride = 1, index[NPY_DIMENSIONS];
    for (size_t d = 0; d < array->dimensions; d++) {
        index[d] = k % array->shape[d];
        k /= array->shape[d];
    }
    for (size_t d = array->dimensions; d-- > 0;) {
        place += index[d] * stride;
        stride *= array->shape[d];
    }
    return place;
}

bool npy_parse(const char *data, size_t size, struct npy_array *out, struct error *error) {
    *out = (struct npy_array){0};
    size_t field = size > 6 && data[6] == 1 ? 2 : 4, start = 8 + field;
    size_t length = size >= start ? (size_t)read_bytes(data + 8, field, false) : 0;
    if (!npy_is_array(data, size) || size < start || length > size - start || length > HEADER_LIMIT)
        return error_set(error, ERROR_REQUEST, "the array ends too early; save it anew");
    struct element element = {0};
    size_t count;
    const char *bytes = data + start + length;
    if (!read_header(data + start, length, &element, out, error) ||
        !count_elements(out, element.width, size - start - length, &count, error) ||
        !(out->values = memory_new(count, sizeof *out->values, error)))
        return false;
    for (size_t k = 0; k < count; k++)
        out->values[element.fortran ? fortran_place(out, k) : k] =
            element_number(&element, bytes + k * element.width);
    return true;
}

static bool damaged(struct error *error) {
    return error_set(error, ERROR_REQUEST, "the archive is damaged or cut short; save it anew");
}

/* The end record of a zip archive: the last one in the file. NULL when there is none. */
static const char *archive_end(const char *data, size_t size) {
    enum { END_SIZE = 22, COMMENT_LIMIT = 65535 };
    for (size_t back = END_SIZE; back <= size && back <= END_SIZE + COMMENT_LIMIT; back++)
        if (memcmp(data + size - back, "PK\5\6", 4) == 0)
            return data + size - back;
    return NULL;
}

/* A member of an archive, as its directory entry tells. */
struct member {
    size_t method, flags, packed, size, offset;
    uint32_t check;
};

static bool find_member(const char *data, size_t size, const char *name, struct member *member,
                        bool *found, struct error *error) {
    enum { ENTRY_SIZE = 46 };
    *found = false;
    const char *end = archive_end(data, size);
    if (!end)
        return damaged(error);
    size_t count = read16(end + 10), at = read32(end + 16), length = strlen(name);
    for (size_t i = 0; i < count && !*found; i++) {
        if (at > size || size - at < ENTRY_SIZE || memcmp(data + at, "PK\1\2", 4) != 0)
            return damaged(error);
        const char *entry = data + at;
        size_t width = read16(entry + 28);
        if (size - at - ENTRY_SIZE < width)
            return damaged(error);
        *found = width == length && memcmp(entry + ENTRY_SIZE, name, length) == 0;
        *member = (struct member){.flags = read16(entry + 8),
                                  .method = read16(entry + 10),
                                  .check = read32(entry + 16),
                                  .packed = read32(entry + 20),
                                  .size = read32(entry + 24),
                                  .offset = read32(entry + 42)};
        at += ENTRY_SIZE + width + read16(entry + 30) + read16(entry + 32);
    }
    return true;
}

static bool inflate_member(const char *packed, const struct member *member, char *out) {
    z_stream stream = {.next_in = (const Bytef *)packed,
                       .avail_in = (uInt)member->packed,
                       .next_out = (Bytef *)out,
                       .avail_out = (uInt)member->size};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return false;
    bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0;
    inflateEnd(&stream);
    return whole;
}

/* The bytes of a member; sizes that no packed bytes could give are refused before allocating. */
static char *unpack(const char *data, size_t size, const struct member *member,
                    struct error *error) {
    enum { LOCAL_SIZE = 30 };
    size_t room = member->offset < size ? size - member->offset : 0;
    const char *local = data + member->offset;
    if (room < LOCAL_SIZE || memcmp(local, "PK\3\4", 4) != 0 || member->size > member_limit ||
        member->flags & 1 || (member->method != 0 && member->method != 8)) {
        damaged(error);
        return NULL;
    }
    size_t skip = LOCAL_SIZE + read16(local + 26) + read16(local + 28);
    if (room < skip || room - skip < member->packed ||
        (member->method == 0 && member->packed != member->size) ||
        member->size / DEFLATE_RATIO > member->packed) {
        damaged(error);
        return NULL;
    }
    char *out = memory_new(member->size, 1, error);
    if (!out)
        return NULL;
    bool whole = true;
    if (member->method == 0)
        memcpy(out, local + skip, member->size);
    else
        whole = inflate_member(local + skip, member, out);
    if (whole && crc32_z(0, (const Bytef *)out, member->size) == member->check)
        return out;
    free(out);
    damaged(error);
    return NULL;
}

bool npz_parse(const char *data, size_t size, const char *name, struct npy_array *out, bool *found,
               struct error *error) {
    *out = (struct npy_array){0};
    struct text file = {0};
    text_format(&file, "%s.npy", name);
    struct member member = {0};
    bool done = file.failed ? error_memory(error, strlen(name) + 5)
                            : find_member(data, size, file.data, &member, found, error);
    text_free(&file);
    if (!done || !*found)
        return done;
    char *bytes = unpack(data, size, &member, error);
    done = bytes && npy_parse(bytes, member.size, out, error);
    if (!done)
        error_prefix(error, "array %s", name);
    free(bytes);
    return done;
}
