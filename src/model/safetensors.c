#include "lumpscope/safetensors.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/text.h"
#include "safetensors_header.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The reference library's limit; a piece is what is read or written at a time. */
static const uint64_t header_limit = 100000000;
enum { LENGTH_BYTES = 8, PIECE = 1 << 16 };

static uint64_t header_length(const unsigned char *bytes) {
    uint64_t length = 0;
    for (int k = LENGTH_BYTES - 1; k >= 0; k--)
        length = length << 8 | bytes[k];
    return length;
}

bool safetensors_is(const void *data, size_t size) {
    const unsigned char *bytes = data;
    return size > LENGTH_BYTES && bytes[LENGTH_BYTES] == '{' &&
           header_length(bytes) <= header_limit;
}

bool safetensors_piece(const struct safetensors *file, uint64_t begin, void *out, size_t size,
                       struct error *error) {
    ssize_t got = file_read_at(file->descriptor, out, size, begin);
    if (got < 0)
        return error_set(error, ERROR_REQUEST, "%s: cannot be read (%s); copy the file anew",
                         file->path, strerror(errno));
    return (size_t)got == size ||
           error_set(error, ERROR_REQUEST,
                     "%s: ends at byte %llu, though it was longer when it was opened; wait until "
                     "it is written and open it again",
                     file->path, (unsigned long long)begin + (unsigned long long)got);
}

static bool open_file(struct safetensors *file, struct error *error) {
    struct stat status;
    file->descriptor = file_open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file->descriptor < 0)
        return error_set(error, ERROR_REQUEST, "%s: %s; check the path", file->path,
                         strerror(errno));
    if (fstat(file->descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        return error_set(error, ERROR_REQUEST,
                         "%s: not a file; safetensors are read from a regular file", file->path);
    file->file_bytes = (uint64_t)status.st_size;
    return true;
}

/* The header's text, NUL-terminated, `*length` bytes; the caller frees. */
static char *read_header(const struct safetensors *file, size_t *length, struct error *error) {
    unsigned char bytes[LENGTH_BYTES];
    if (file->file_bytes < LENGTH_BYTES) {
        error_set(error, ERROR_REQUEST,
                  "%s: %llu bytes are too few for a safetensors file; get the file anew",
                  file->path, (unsigned long long)file->file_bytes);
        return NULL;
    }
    if (!safetensors_piece(file, 0, bytes, sizeof bytes, error))
        return NULL;
    uint64_t said = header_length(bytes);
    if (said > header_limit || said > file->file_bytes - LENGTH_BYTES) {
        error_set(error, ERROR_REQUEST,
                  "%s: says its header has %llu bytes, in a file of %llu; it is cut off or no "
                  "safetensors file: get it anew",
                  file->path, (unsigned long long)said, (unsigned long long)file->file_bytes);
        return NULL;
    }
    *length = (size_t)said;
    char *text = memory_new(*length + 1, 1, error);
    if (text && !safetensors_piece(file, LENGTH_BYTES, text, *length, error)) {
        free(text);
        return NULL;
    }
    return text;
}

static int by_place(const void *a, const void *b) {
    const struct safetensors_entry *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int by_name(const void *a, const void *b) {
    const struct safetensors_entry *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static bool check_names(const struct safetensors *file, struct error *error) {
    const struct safetensors_entry **order = memory_new(file->count, sizeof *order, error);
    if (!order)
        return false;
    for (size_t k = 0; k < file->count; k++)
        order[k] = &file->entries[k];
    qsort(order, file->count, sizeof *order, by_name);
    size_t twice = 1;
    while (twice < file->count && strcmp(order[twice - 1]->name, order[twice]->name) != 0)
        twice++;
    bool unique = twice >= file->count;
    if (!unique)
        error_set(error, ERROR_REQUEST,
                  "tensor \"%.80s\" stands there twice; save the file anew with a name for each",
                  order[twice]->name);
    free(order);
    return unique;
}

/* Tensors one after the other from the first byte behind the header to the last of the file. */
static bool check_places(const struct safetensors *file, uint64_t start, struct error *error) {
    uint64_t at = start;
    for (size_t k = 0; k < file->count; k++) {
        const struct safetensors_entry *entry = &file->entries[k];
        if (entry->end > file->file_bytes)
            return error_set(error, ERROR_REQUEST,
                             "tensor \"%.80s\" ends at byte %llu of a file of %llu; the file is "
                             "cut off: get it anew",
                             entry->name, (unsigned long long)entry->end,
                             (unsigned long long)file->file_bytes);
        if (entry->begin < at)
            return error_set(error, ERROR_REQUEST,
                             "tensors \"%.80s\" and \"%.80s\" overlap; save the file anew",
                             entry[-1].name, entry->name);
        if (entry->begin > at)
            return error_set(error, ERROR_REQUEST,
                             "%llu bytes before tensor \"%.80s\" belong to no tensor; save the "
                             "file anew",
                             (unsigned long long)(entry->begin - at), entry->name);
        at = entry->end;
    }
    return at == file->file_bytes ||
           error_set(error, ERROR_REQUEST,
                     "%llu bytes behind the last tensor belong to none; save the file anew",
                     (unsigned long long)(file->file_bytes - at));
}

static bool read_entries(struct safetensors *file, struct error *error) {
    size_t length;
    char *text = read_header(file, &length, error);
    if (!text)
        return false;
    bool read = safetensors_parse(file, text, length, LENGTH_BYTES + (uint64_t)length, error);
    free(text);
    if (read) {
        if (file->count)
            qsort(file->entries, file->count, sizeof *file->entries, by_place);
        read =
            check_names(file, error) && check_places(file, LENGTH_BYTES + (uint64_t)length, error);
    }
    if (!read)
        error_prefix(error, "%s", file->path);
    return read;
}

struct safetensors *safetensors_open(const char *path, struct error *error) {
    struct safetensors *file = memory_new(1, sizeof *file, error);
    if (!file)
        return NULL;
    file->descriptor = -1;
    file->path = memory_string(path, error);
    if (file->path && open_file(file, error) && read_entries(file, error))
        return file;
    safetensors_close(file);
    return NULL;
}

void safetensors_close(struct safetensors *file) {
    if (!file)
        return;
    if (file->descriptor >= 0)
        close(file->descriptor);
    for (size_t k = 0; k < file->count; k++) {
        free(file->entries[k].name);
        free(file->entries[k].shape);
    }
    free(file->entries);
    cJSON_Delete(file->metadata);
    free(file->path);
    free(file);
}

const struct safetensors_entry *safetensors_find(const struct safetensors *file, const char *name) {
    for (size_t k = 0; k < file->count; k++)
        if (strcmp(file->entries[k].name, name) == 0)
            return &file->entries[k];
    return NULL;
}

bool safetensors_read_part(const struct safetensors *file, const struct safetensors_entry *entry,
                           size_t first, size_t count, double *out, struct error *error) {
    unsigned char piece[PIECE];
    if (!entry->known)
        return error_set(error, ERROR_REQUEST,
                         "%s: tensor \"%.80s\" has type %s, which cannot be read; save it as F32",
                         file->path, entry->name, entry->type_name);
    size_t size = tensor_type_size(entry->type), step = PIECE / size;
    for (size_t done = 0; done < count; done += step) {
        size_t part = count - done < step ? count - done : step;
        if (!safetensors_piece(file, entry->begin + (uint64_t)(first + done) * size, piece,
                               part * size, error))
            return false;
        tensor_decode(entry->type, piece, part, out + done);
    }
    return true;
}

bool safetensors_read(const struct safetensors *file, const struct safetensors_entry *entry,
                      double *out, struct error *error) {
    return safetensors_read_part(file, entry, 0, entry->elements, out, error);
}
