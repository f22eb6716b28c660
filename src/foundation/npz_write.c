/* Archives of arrays, written with libzip straight to the file. */
#include "lumpscope/npy.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <zip.h>

/* Elements are encoded in pieces of so many. */
enum { PIECE = 4096, HEADER_SIZE = 256, ALIGNMENT = 64, GROWTH_DIGITS = 21 };
/* Bytes of a zip archive besides names and members. */
enum { LOCAL_ENTRY = 30, DIRECTORY_ENTRY = 46, DIRECTORY_END = 22 };
static const size_t archive_limit = UINT32_MAX - 1;

/* A member while libzip reads it: header, then elements, a piece at a time. */
struct member {
    const struct npz_source *source;
    size_t next; /* element behind the piece */
    size_t at, length;
    bool overflow; /* a value was beyond the range of its type */
    double values[PIECE];
    unsigned char piece[PIECE * sizeof(double)];
};

static size_t source_elements(const struct npz_source *source) {
    return source->text ? strlen(source->text)
                        : (source->rows ? source->rows : 1) * source->columns;
}

static size_t source_width(const struct npz_source *source) {
    return source->text ? 1 : tensor_type_size(source->type);
}

/* The header of a .npy file of version 1.0 as NumPy writes it: room for the first dimension to
 * grow, and a length that is a multiple of 64. */
static size_t print_header(const struct npz_source *source, char out[HEADER_SIZE]) {
    char type[TEXT_NUMBER_SIZE], shape[64] = "", digits[TEXT_NUMBER_SIZE];
    size_t growing = source->rows ? source->rows : source->columns;
    int padding =
        source->text ? 0 : GROWTH_DIGITS - snprintf(digits, sizeof digits, "%zu", growing);
    snprintf(type, sizeof type, source->text ? "|S%zu" : "<f%zu",
             source->text ? strlen(source->text) : source_width(source));
    if (!source->text && source->rows)
        snprintf(shape, sizeof shape, "%zu, %zu", source->rows, source->columns);
    else if (!source->text)
        snprintf(shape, sizeof shape, "%zu,", source->columns);
    int length = snprintf(out + 10, HEADER_SIZE - 10,
                          "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }%*s", type,
                          shape, padding, "");
    size_t end = 10 + (size_t)length, whole = (end + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    memset(out + end, ' ', whole - end);
    out[whole - 1] = '\n';
    memcpy(out, "\x93NUMPY\1\0", 8);
    out[8] = (char)((whole - 10) & 0xff);
    out[9] = (char)((whole - 10) >> 8);
    return whole;
}

static size_t source_bytes(const struct npz_source *source) {
    char header[HEADER_SIZE];
    return print_header(source, header) + source_elements(source) * source_width(source);
}

bool npz_measure(const struct npz_source *sources, size_t count, size_t *bytes,
                 struct error *error) {
    size_t size = DIRECTORY_END;
    for (size_t k = 0; k < count; k++)
        size += LOCAL_ENTRY + DIRECTORY_ENTRY + 2 * strlen(sources[k].name) + 2 * strlen(".npy") +
                source_bytes(&sources[k]);
    *bytes = size;
    return size <= archive_limit && count < UINT16_MAX
               ? true
               : error_set(
                     error, ERROR_REQUEST,
                     "an archive of %zu bytes and %zu arrays is more than the 4 GiB and 65534 "
                     "that are written; write .safetensors",
                     size, count);
}

/* The next piece of elements. */
static bool fill_piece(struct member *member) {
    const struct npz_source *source = member->source;
    size_t count = source_elements(source), k = member->next;
    size_t part = count - k < PIECE ? count - k : PIECE;
    member->next += part;
    member->at = 0;
    member->length = part * source_width(source);
    if (source->text) {
        memcpy(member->piece, source->text + k, part);
        return true;
    }
    const double *values = source->values + k;
    if (source->transposed) {
        for (size_t i = 0; i < part; i++)
            member->values[i] =
                source
                    ->values[(k + i) % source->columns * source->rows + (k + i) / source->columns];
        values = member->values;
    }
    member->overflow = !tensor_encode(source->type, values, part, member->piece);
    return !member->overflow;
}

static zip_int64_t read_bytes(struct member *member, char *out, size_t room) {
    size_t given = 0;
    while (given < room) {
        if (member->at == member->length && member->next == source_elements(member->source))
            break;
        if (member->at == member->length && !fill_piece(member))
            return -1;
        size_t part = member->length - member->at;
        part = part < room - given ? part : room - given;
        memcpy(out + given, member->piece + member->at, part);
        member->at += part;
        given += part;
    }
    return (zip_int64_t)given;
}

static zip_int64_t stat_bytes(const struct member *member, zip_stat_t *out) {
    zip_stat_init(out);
    out->size = source_bytes(member->source);
    out->valid = ZIP_STAT_SIZE;
    return sizeof *out;
}

static zip_int64_t tell_error(int *out, int code) {
    out[0] = code;
    out[1] = 0;
    return 2 * sizeof *out;
}

/* What libzip asks of a member. */
static zip_int64_t member_answer(void *user, void *data, zip_uint64_t length,
                                 zip_source_cmd_t command) {
    struct member *member = user;
    switch (command) {
    case ZIP_SOURCE_OPEN:
        member->next = member->at = 0;
        member->length = print_header(member->source, (char *)member->piece);
        return 0;
    case ZIP_SOURCE_READ:
        return read_bytes(member, data, (size_t)length);
    case ZIP_SOURCE_STAT:
        return stat_bytes(member, data);
    case ZIP_SOURCE_ERROR:
        return tell_error(data, ZIP_ER_INVAL);
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
        return 0;
    default:
        return -1;
    }
}

/* The file libzip writes to, back and forth. */
struct destination {
    struct file_writer writer;
    size_t length, at;
    struct error error; /* why it could not be written */
};

static zip_int64_t write_bytes(struct destination *to, const void *data, size_t count) {
    if (!file_writer_put_at(&to->writer, to->at, data, count, &to->error))
        return -1;
    to->at += count;
    to->length = to->at > to->length ? to->at : to->length;
    return (zip_int64_t)count;
}

static zip_int64_t seek_bytes(struct destination *to, void *data, zip_uint64_t length) {
    zip_int64_t at = zip_source_seek_compute_offset(to->at, to->length, data, length, NULL);
    if (at < 0)
        return -1;
    to->at = (size_t)at;
    return 0;
}

static zip_int64_t stat_destination(zip_stat_t *out) {
    zip_stat_init(out);
    out->size = 0; /* nothing is there before */
    out->valid = ZIP_STAT_SIZE;
    return sizeof *out;
}

/* What libzip asks of the place it writes to. */
static zip_int64_t destination_answer(void *user, void *data, zip_uint64_t length,
                                      zip_source_cmd_t command) {
    struct destination *to = user;
    switch (command) {
    case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_WRITABLE;
    case ZIP_SOURCE_STAT:
        return stat_destination(data);
    case ZIP_SOURCE_WRITE:
        return write_bytes(to, data, (size_t)length);
    case ZIP_SOURCE_SEEK_WRITE:
        return seek_bytes(to, data, length);
    case ZIP_SOURCE_TELL_WRITE:
        return (zip_int64_t)to->at;
    case ZIP_SOURCE_ERROR:
        return tell_error(data, ZIP_ER_WRITE);
    case ZIP_SOURCE_OPEN:
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
    case ZIP_SOURCE_BEGIN_WRITE:
    case ZIP_SOURCE_COMMIT_WRITE:
    case ZIP_SOURCE_ROLLBACK_WRITE:
    case ZIP_SOURCE_REMOVE:
        return 0;
    default:
        return -1;
    }
}

/* Adds a member, stored, dated 1980 like NumPy's, so that the same arrays make the same file. */
static bool add_member(zip_t *zip, const struct npz_source *source, struct member *member) {
    enum { FIRST_DAY = 1 << 5 | 1 };
    struct text name = {0};
    text_format(&name, "%s.npy", source->name);
    member->source = source;
    zip_source_t *bytes = zip_source_function(zip, member_answer, member);
    zip_int64_t index = bytes && !name.failed ? zip_file_add(zip, name.data, bytes, 0) : -1;
    if (index < 0)
        zip_source_free(bytes);
    text_free(&name);
    return index >= 0 && zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) == 0 &&
           zip_file_set_dostime(zip, (zip_uint64_t)index, 0, FIRST_DAY, 0) == 0;
}

/* The sentence for an archive that could not be made. */
static bool not_made(const struct destination *to, const struct member *members, size_t count,
                     struct error *error) {
    const char *path = to->writer.path;
    if (to->error.kind)
        return error_set(error, to->error.kind, "%s", to->error.text);
    for (size_t k = 0; k < count; k++)
        if (members[k].overflow)
            return error_set(error, ERROR_REQUEST,
                             "%s: array %.100s has a value beyond the range of %s; write a wider "
                             "type",
                             path, members[k].source->name,
                             tensor_type_name(members[k].source->type));
    return error_set(error, ERROR_REQUEST,
                     "%s: cannot be made of these arrays; give each its own name", path);
}

static bool fill_archive(zip_t *zip, const struct npz_source *sources, struct member *members,
                         size_t count, struct error *reason) {
    bool added = true;
    for (size_t k = 0; added && k < count; k++)
        added = add_member(zip, &sources[k], &members[k]);
    if (added && zip_close(zip) == 0)
        return true;
    if (!reason->kind && zip_error_code_zip(zip_get_error(zip)) == ZIP_ER_MEMORY)
        error_memory(reason, sizeof *members);
    zip_discard(zip);
    return false;
}

static bool make_archive(const struct npz_source *sources, size_t count, struct destination *to,
                         struct error *error) {
    struct member *members = memory_new(count, sizeof *members, error);
    zip_source_t *place = members ? zip_source_function_create(destination_answer, to, NULL) : NULL;
    zip_t *zip = place ? zip_open_from_source(place, ZIP_CREATE | ZIP_TRUNCATE, NULL) : NULL;
    bool made = zip ? fill_archive(zip, sources, members, count, &to->error) ||
                          not_made(to, members, count, error)
                    : error_memory(error, sizeof *members);
    if (!zip)
        zip_source_free(place);
    free(members);
    return made;
}

bool npz_write(const char *path, const struct npz_source *sources, size_t count,
               const struct progress *progress, struct error *error) {
    struct destination to = {0};
    if (!file_writer_open(&to.writer, path, progress, error))
        return false;
    if (make_archive(sources, count, &to, error))
        return file_writer_commit(&to.writer, error);
    file_writer_abandon(&to.writer);
    return false;
}
