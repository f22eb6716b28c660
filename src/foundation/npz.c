/* Archives of arrays, read with libzip. */
#include "npy_header.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

/* A deflated byte stands for at most 1032 bytes. */
enum { DEFLATE_RATIO = 1032, REST_LIMIT = 1 << 26 };
/* Numbers are not packed as tightly as zeros are; small arrays may be. */
enum { NUMBERS_RATIO = 256, SMALL_ARRAY = 1 << 26 };
/* Text makes many times its length of what is read from it. */
enum { TEXT_RATIO = 4, SMALL_TEXT = 1 << 20 };

struct npz {
    zip_t *zip;
    size_t bytes; /* of the file */
    size_t count;
    zip_stat_t *members; /* [count] their names are the archive's */
};

static bool refuse(struct error *error) {
    return error_set(error, ERROR_REQUEST, "the archive is damaged or cut short; save it anew");
}

/* After libzip could not do something, with errno 0 before: not all of it says when it had no
 * memory. */
static bool refuse_because(zip_error_t *reason, size_t bytes, struct error *error) {
    bool no_memory = zip_error_code_zip(reason) == ZIP_ER_MEMORY ||
                     zip_error_code_system(reason) == ENOMEM || errno == ENOMEM;
    return no_memory ? error_memory(error, bytes) : refuse(error);
}

static bool refuse_member(const zip_stat_t *member, const char *why, struct error *error) {
    return error_set(error, ERROR_REQUEST, "member %.100s %s", member->name, why);
}

/* The sizes a member claims, against what the file can hold; `*packed` sums up what all claim. */
static bool check_member(const struct npz *archive, const zip_stat_t *member, size_t *packed,
                         struct error *error) {
    static const zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                       ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if ((member->valid & needed) != needed)
        return refuse(error);
    if (member->encryption_method != ZIP_EM_NONE)
        return refuse_member(member, "is encrypted; save the archive without a password", error);
    bool stored = member->comp_method == ZIP_CM_STORE;
    if (!stored && member->comp_method != ZIP_CM_DEFLATE)
        return refuse_member(
            member, "is packed in another way than NumPy does; save it with numpy.savez", error);
    if (member->comp_size > archive->bytes - *packed)
        return refuse_member(member, "is said to be larger than its archive; save it anew", error);
    *packed += (size_t)member->comp_size;
    if (stored ? member->size != member->comp_size
               : member->size / DEFLATE_RATIO > member->comp_size)
        return refuse_member(member, "is said to hold more than its bytes can; save it anew",
                             error);
    if (member->size > SMALL_ARRAY && member->size / NUMBERS_RATIO > member->comp_size)
        return refuse_member(member,
                             "unpacks to more than 256 times its bytes, as no trained "
                             "weights or data do; save it with numpy.savez, unpacked",
                             error);
    return true;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool check_names(const struct npz *archive, struct error *error) {
    const char **names = memory_new(archive->count, sizeof *names, error);
    if (!names)
        return false;
    for (size_t k = 0; k < archive->count; k++)
        names[k] = archive->members[k].name;
    qsort(names, archive->count, sizeof *names, compare_names);
    const char *twice = NULL;
    for (size_t k = 1; k < archive->count && !twice; k++)
        if (strcmp(names[k - 1], names[k]) == 0)
            twice = names[k];
    free(names);
    return !twice || error_set(error, ERROR_REQUEST,
                               "the archive has two members %.100s; save each array once", twice);
}

static bool list_members(struct npz *archive, struct error *error) {
    zip_int64_t count = zip_get_num_entries(archive->zip, 0);
    size_t packed = 0;
    if (count < 0)
        return refuse(error);
    archive->members = memory_new((size_t)count, sizeof *archive->members, error);
    if (!archive->members)
        return false;
    archive->count = (size_t)count;
    for (size_t k = 0; k < archive->count; k++)
        if (zip_stat_index(archive->zip, k, 0, &archive->members[k]) != 0)
            return refuse(error);
    for (size_t k = 0; k < archive->count; k++)
        if (!check_member(archive, &archive->members[k], &packed, error))
            return false;
    return check_names(archive, error);
}

/* Takes the source over. */
static struct npz *open_source(zip_source_t *source, size_t bytes, struct error *error) {
    struct npz *archive = memory_new(1, sizeof *archive, error);
    zip_error_t reason;
    zip_error_init(&reason);
    errno = 0;
    zip_t *zip = archive && source ? zip_open_from_source(source, ZIP_RDONLY, &reason) : NULL;
    if (!archive || !source)
        zip_error_set(&reason, ZIP_ER_MEMORY, 0);
    if (!zip) {
        zip_source_free(source);
        free(archive);
        refuse_because(&reason, bytes, error);
        zip_error_fini(&reason);
        return NULL;
    }
    zip_error_fini(&reason);
    archive->zip = zip;
    archive->bytes = bytes;
    if (list_members(archive, error))
        return archive;
    npz_close(archive);
    return NULL;
}

struct npz *npz_open_bytes(const char *data, size_t size, struct error *error) {
    return open_source(zip_source_buffer_create(data, size, 0, NULL), size, error);
}

/* One open file, so that its size is that of what is read when another takes its name. */
struct npz *npz_open(const char *path, struct error *error) {
    struct stat status;
    int descriptor = file_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool looked = descriptor >= 0 && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
    FILE *file = looked ? fdopen(descriptor, "rb") : NULL;
    if (!file) {
        if (descriptor >= 0)
            close(descriptor);
        error_set(error, ERROR_REQUEST, "the file cannot be looked at; check the path");
        return NULL;
    }
    zip_source_t *source = zip_source_filep_create(file, 0, 0, NULL);
    if (!source)
        fclose(file); /* else it is the source's */
    return open_source(source, (size_t)status.st_size, error);
}

void npz_close(struct npz *archive) {
    if (!archive)
        return;
    zip_discard(archive->zip);
    free(archive->members);
    free(archive);
}

size_t npz_count(const struct npz *archive) {
    return archive->count;
}

const char *npz_member(const struct npz *archive, size_t member) {
    return archive->members[member].name;
}

/* Bytes of the name before ".npy"; 0 when it does not end so. */
static size_t array_name_length(const char *name) {
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".npy") == 0 ? length - 4 : 0;
}

char *npz_array_name(const struct npz *archive, size_t member, struct error *error) {
    const char *name = npz_member(archive, member);
    size_t length = array_name_length(name);
    if (length == 0)
        return NULL;
    char *copy = memory_string(name, error);
    if (copy)
        copy[length] = '\0';
    return copy;
}

size_t npz_find(const struct npz *archive, const char *name) {
    size_t length = strlen(name), k = 0;
    while (k < archive->count && (array_name_length(npz_member(archive, k)) != length ||
                                  strncmp(npz_member(archive, k), name, length) != 0))
        k++;
    return k;
}

static bool read_member(void *from, void *to, size_t count, struct error *error) {
    errno = 0;
    zip_int64_t got = count ? zip_fread(from, to, count) : 0;
    return (got >= 0 && (size_t)got == count) ||
           refuse_because(zip_file_get_error(from), count, error);
}

/* Nothing is left, and the check sum is that of what was read. */
static bool read_end(zip_file_t *file, struct error *error) {
    char byte;
    errno = 0;
    return zip_fread(file, &byte, 1) == 0 || refuse_because(zip_file_get_error(file), 1, error);
}

/* A member that is being read. */
struct reading {
    zip_file_t *file;
    struct npy_stream stream;
    struct npy_layout layout;
};

static bool begin_reading(const struct npz *archive, size_t member, struct reading *reading,
                          struct error *error) {
    errno = 0;
    *reading = (struct reading){.file = zip_fopen_index(archive->zip, member, 0)};
    reading->stream =
        (struct npy_stream){reading->file, (size_t)archive->members[member].size, read_member};
    if (!reading->file)
        return refuse_because(zip_get_error(archive->zip), reading->stream.size, error);
    return npy_layout_read(&reading->stream, &reading->layout, error) &&
           npy_layout_check(&reading->layout, &reading->stream, true, error);
}

/* Whether the rest of a member, as far as that takes no time, shows that its bytes are not those
 * that were saved. */
static bool is_damaged(zip_file_t *file) {
    char rest[4096];
    zip_int64_t got = 1;
    for (size_t read = 0; got > 0 && read < REST_LIMIT; read += sizeof rest)
        got = zip_fread(file, rest, sizeof rest);
    return got < 0;
}

/* Closes it; `done` is handed through, with the array's name before a sentence. */
static bool end_reading(const struct npz *archive, size_t member, struct reading *reading,
                        bool done, struct error *error) {
    if (!done && reading->file && (!error || (error->kind == ERROR_REQUEST && !error->no_memory)) &&
        is_damaged(reading->file))
        refuse(error);
    if (reading->file)
        zip_fclose(reading->file);
    if (!done) {
        const char *name = npz_member(archive, member);
        size_t length = array_name_length(name);
        error_prefix(error, "array %.*s", (int)(length && length < 100 ? length : 100), name);
    }
    return done;
}

bool npz_describe(const struct npz *archive, size_t member, enum npy_content *content,
                  struct npy_array *out, struct error *error) {
    struct reading reading;
    bool done = begin_reading(archive, member, &reading, error);
    char kind = reading.layout.kind;
    *content = kind == 'O' ? NPY_OBJECTS : kind == 'S' || kind == 'U' ? NPY_TEXT : NPY_NUMBERS;
    done = done && (*content != NPY_NUMBERS || npy_layout_need_numbers(&reading.layout, error));
    *out = reading.layout.array;
    return end_reading(archive, member, &reading, done, error);
}

bool npz_read(const struct npz *archive, size_t member, struct npy_array *out,
              struct error *error) {
    struct reading reading;
    *out = (struct npy_array){0};
    bool done = begin_reading(archive, member, &reading, error) &&
                npy_layout_need_numbers(&reading.layout, error) &&
                npy_layout_values(&reading.stream, &reading.layout, out, error) &&
                read_end(reading.file, error);
    if (!done)
        npy_array_free(out);
    return end_reading(archive, member, &reading, done, error);
}

/* One UCS-4 character as UTF-8; a surrogate or a number beyond Unicode as '?'. */
static void append_character(struct text *out, uint32_t c) {
    char bytes[4] = {(char)c};
    size_t count = 1;
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        bytes[0] = '?';
    else if (c >= 0x80) {
        count = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        for (size_t i = count; --i > 0; c >>= 6)
            bytes[i] = (char)(0x80 | (c & 0x3f));
        bytes[0] = (char)((0xf00u >> count) | c);
    }
    text_append_bytes(out, bytes, count);
}

/* The bytes of a string to UTF-8, up to the zeros that fill it up. */
static void decode_text(const struct npy_layout *layout, const unsigned char *bytes, size_t size,
                        struct text *out) {
    size_t width = layout->kind == 'U' ? 4 : 1;
    for (size_t at = 0; at + width <= size; at += width) {
        uint32_t c = 0;
        for (size_t i = 0; i < width; i++)
            c |= (uint32_t)bytes[at + (layout->big ? width - 1 - i : i)] << 8 * i;
        if (c == 0)
            break;
        if (width == 1)
            text_append_bytes(out, (const char *)bytes + at, 1);
        else
            append_character(out, c);
    }
}

static bool read_text(struct reading *reading, size_t most, struct text *out, struct error *error) {
    const struct npy_layout *layout = &reading->layout;
    size_t count = npy_layout_count(layout), size = count * layout->width;
    bool bytes_of_text = layout->kind == 'u' && layout->width == 1;
    bool one_string = (layout->kind == 'S' || layout->kind == 'U') && count == 1;
    if ((bytes_of_text || one_string) && size / (layout->kind == 'U' ? 4 : 1) > most)
        return error_set(error, ERROR_REQUEST,
                         "more text than an archive of this size needs; save it anew, or leave it "
                         "out");
    if (!bytes_of_text && !one_string)
        return error_set(error, ERROR_REQUEST,
                         "no text; save one string, for example with numpy.array(json.dumps(...))");
    unsigned char *bytes = memory_new(size, 1, error);
    bool read =
        bytes && read_member(reading->file, bytes, size, error) && read_end(reading->file, error);
    if (read)
        decode_text(layout, bytes, size, out);
    free(bytes);
    return read && (!out->failed || error_memory(error, size));
}

char *npz_read_text(const struct npz *archive, size_t member, struct error *error) {
    struct reading reading;
    struct text out = {0};
    text_append(&out, "");
    size_t most = SMALL_TEXT + archive->bytes * TEXT_RATIO;
    bool done =
        begin_reading(archive, member, &reading, error) && read_text(&reading, most, &out, error);
    if (end_reading(archive, member, &reading, done, error))
        return out.data;
    text_free(&out);
    return NULL;
}

bool npz_parse(const char *data, size_t size, const char *name, struct npy_array *out, bool *found,
               struct error *error) {
    *out = (struct npy_array){0};
    *found = false;
    struct npz *archive = npz_open_bytes(data, size, error);
    if (!archive)
        return false;
    size_t member = npz_find(archive, name);
    *found = member < npz_count(archive);
    bool done = !*found || npz_read(archive, member, out, error);
    npz_close(archive);
    return done;
}
