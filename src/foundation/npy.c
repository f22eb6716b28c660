#include "npy_header.h"

#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Elements are decoded in pieces of so many. */
enum { LAST_VERSION = 3, HEADER_LIMIT = 1 << 16, PIECE = 4096, WIDEST = 8 };

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

/* '<f8': byte order, kind, and width in bytes, of text in characters. */
static bool read_descriptor(const char *header, struct npy_layout *layout, struct error *error) {
    const char *at = header_value(header, "'descr'");
    size_t length = at && *at == '\'' ? strcspn(at + 1, "'") : 0;
    if (length >= 2 && length < 24 && strchr("<>|=", at[1]) && strchr("fiubSUO", at[2])) {
        char width[24] = "";
        memcpy(width, at + 3, length - 2);
        layout->kind = at[2];
        layout->big = at[1] == '>';
        bool read = layout->kind == 'O' || text_to_size(width, &layout->width);
        if (layout->kind == 'U')
            read = read && layout->width < SIZE_MAX / 4 && (layout->width *= 4, true);
        if (read)
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

/* The type of elements that are numbers. */
static bool number_type(const struct npy_layout *layout, enum tensor_type *type) {
    static const struct {
        char kind;
        size_t width;
        enum tensor_type type;
    } types[] = {
        {'f', 8, TENSOR_F64}, {'f', 4, TENSOR_F32}, {'f', 2, TENSOR_F16}, {'i', 8, TENSOR_I64},
        {'i', 4, TENSOR_I32}, {'i', 2, TENSOR_I16}, {'i', 1, TENSOR_I8},  {'u', 8, TENSOR_U64},
        {'u', 4, TENSOR_U32}, {'u', 2, TENSOR_U16}, {'u', 1, TENSOR_U8},  {'b', 1, TENSOR_BOOL},
    };
    for (size_t k = 0; k < sizeof types / sizeof *types; k++)
        if (types[k].kind == layout->kind && types[k].width == layout->width) {
            *type = types[k].type;
            return true;
        }
    return false;
}

bool npy_layout_need_numbers(const struct npy_layout *layout, struct error *error) {
    enum tensor_type type;
    if (number_type(layout, &type))
        return true;
    if (layout->kind == 'O')
        return error_set(error, ERROR_REQUEST,
                         "an array of Python objects, which are never read; save numbers, for "
                         "example with .astype(\"float64\")");
    char width[TEXT_NUMBER_SIZE] = "";
    snprintf(width, sizeof width, "%zu", layout->kind == 'U' ? layout->width / 4 : layout->width);
    return error_set(error, ERROR_REQUEST,
                     "an array of type %c%c%s; save numbers, for example with .astype(\"float64\")",
                     layout->big ? '>' : '<', layout->kind, width);
}

bool npy_layout_check(const struct npy_layout *layout, const struct npy_stream *stream, bool exact,
                      struct error *error) {
    size_t count = 1, width = layout->width ? layout->width : 1;
    size_t rest = stream->size - layout->header;
    bool fits = true;
    for (size_t d = 0; d < NPY_DIMENSIONS; d++) {
        fits = fits && (count == 0 || layout->array.shape[d] <= SIZE_MAX / count);
        count *= fits ? layout->array.shape[d] : 1;
    }
    if (!fits || count > rest / width)
        return error_set(error, ERROR_REQUEST,
                         "the array says more numbers than the %zu bytes of the file hold; save it "
                         "anew",
                         rest);
    bool objects = layout->kind == 'O'; /* as long as their pickle is */
    if (exact && !objects && count * layout->width != rest)
        return error_set(error, ERROR_REQUEST,
                         "the array has %zu bytes where its shape has %zu; save it anew", rest,
                         count * layout->width);
    return true;
}

static bool parse_header(char *header, struct npy_layout *out, struct error *error) {
    if (!read_descriptor(header, out, error) || !read_shape(header, &out->array, error))
        return false;
    const char *order = header_value(header, "'fortran_order'");
    out->fortran = order && strncmp(order, "True", 4) == 0;
    number_type(out, &out->array.type);
    return true;
}

bool npy_layout_read(const struct npy_stream *stream, struct npy_layout *out, struct error *error) {
    *out = (struct npy_layout){0};
    unsigned char start[12];
    size_t field = 2, length = 0;
    bool read = stream->size >= 10 && stream->read(stream->from, start, 10, error) &&
                npy_is_array((char *)start, 10);
    if (read && (start[6] < 1 || start[6] > LAST_VERSION))
        return error_set(error, ERROR_REQUEST,
                         "an array of version %d, where 1 to %d are known; save it anew with numpy",
                         start[6], LAST_VERSION);
    if (read && start[6] > 1) {
        field = 4;
        read = stream->size >= 12 && stream->read(stream->from, start + 10, 2, error);
    }
    for (size_t i = 0; read && i < field; i++)
        length |= (size_t)start[8 + i] << 8 * i;
    if (!read && error && error->no_memory)
        return false;
    if (!read || length > stream->size - 8 - field)
        return error_set(error, ERROR_REQUEST, "the array ends too early; save it anew");
    if (length > HEADER_LIMIT)
        return error_set(error, ERROR_REQUEST,
                         "the array's header has %zu bytes, more than the %d that one can have; "
                         "save it anew",
                         length, HEADER_LIMIT);
    char *header = memory_new(length + 1, 1, error);
    out->header = 8 + field + length;
    read = header && stream->read(stream->from, header, length, error) &&
           parse_header(header, out, error);
    free(header);
    return read;
}

size_t npy_layout_count(const struct npy_layout *layout) {
    size_t count = 1;
    for (size_t d = 0; d < NPY_DIMENSIONS; d++)
        count *= layout->array.shape[d];
    return count;
}

/* Element k of the file is the one whose first index (Fortran) or last index (C) runs fastest. */
static size_t fortran_place(const struct npy_array *array, size_t k) {
    size_t place = 0, stride = 1, index[NPY_DIMENSIONS] = {0};
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

static void swap_bytes(unsigned char *bytes, size_t count, size_t width) {
    for (size_t k = 0; k < count; k++, bytes += width)
        for (size_t i = 0; i < width / 2; i++) {
            unsigned char byte = bytes[i];
            bytes[i] = bytes[width - 1 - i];
            bytes[width - 1 - i] = byte;
        }
}

bool npy_layout_values(const struct npy_stream *stream, const struct npy_layout *layout,
                       struct npy_array *out, struct error *error) {
    size_t count = npy_layout_count(layout), width = layout->width;
    *out = layout->array;
    out->values = memory_new(count, sizeof *out->values, error);
    unsigned char *bytes = memory_new(PIECE, WIDEST, error);
    double *piece = memory_new(PIECE, sizeof *piece, error);
    bool read = out->values && bytes && piece;
    for (size_t k = 0; read && k < count; k += PIECE) {
        size_t part = count - k < PIECE ? count - k : PIECE;
        read = stream->read(stream->from, bytes, part * width, error);
        if (read && layout->big)
            swap_bytes(bytes, part, width);
        if (read)
            tensor_decode(out->type, bytes, part, layout->fortran ? piece : out->values + k);
        for (size_t i = 0; read && layout->fortran && i < part; i++)
            out->values[fortran_place(out, k + i)] = piece[i];
    }
    free(bytes);
    free(piece);
    if (!read)
        npy_array_free(out);
    return read;
}

/* Bytes in memory that are read on. */
struct bytes {
    const char *at;
    size_t left;
};

static bool read_bytes(void *from, void *to, size_t count, struct error *error) {
    struct bytes *bytes = from;
    if (count > bytes->left)
        return error_set(error, ERROR_REQUEST, "the array ends too early; save it anew");
    memcpy(to, bytes->at, count);
    bytes->at += count;
    bytes->left -= count;
    return true;
}

bool npy_parse(const char *data, size_t size, struct npy_array *out, struct error *error) {
    struct bytes bytes = {data, size};
    struct npy_stream stream = {&bytes, size, read_bytes};
    struct npy_layout layout;
    *out = (struct npy_array){0};
    return npy_layout_read(&stream, &layout, error) && npy_layout_need_numbers(&layout, error) &&
           npy_layout_check(&layout, &stream, false, error) &&
           npy_layout_values(&stream, &layout, out, error);
}
