#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/safetensors.h"
#include "lumpscope/text.h"
#include "safetensors_header.h"

#include <string.h>

enum { LENGTH_BYTES = 8, PIECE = 1 << 16, WIDEST = 8 };

/* What is written: the header's text with its padding, and the tensors in the order of their
 * bytes. */
struct layout {
    const struct safetensors_source **order; /* [count] */
    size_t count;
    uint64_t data_bytes;
    struct text header;
};

static void layout_free(struct layout *layout) {
    free(layout->order);
    text_free(&layout->header);
}

/* Bytes of a source; false when they cannot be counted. */
static bool source_bytes(const struct safetensors_source *source, uint64_t *bytes) {
    if (!source->values) {
        *bytes = source->entry->end - source->entry->begin;
        return true;
    }
    *bytes = tensor_type_size(source->type);
    for (size_t d = 0; d < source->dimensions; d++)
        if (__builtin_mul_overflow(*bytes, (uint64_t)source->shape[d], bytes))
            return false;
    return true;
}

/* What the first byte's place is to be a multiple of. */
static size_t source_alignment(const struct safetensors_source *source) {
    if (source->values)
        return tensor_type_size(source->type);
    return source->entry->known ? tensor_type_size(source->entry->type) : 1;
}

static bool is_aligned(const struct safetensors_source *sources, size_t count) {
    uint64_t at = 0, bytes = 0;
    bool aligned = true;
    for (size_t k = 0; k < count && source_bytes(&sources[k], &bytes); k++) {
        aligned = aligned && at % source_alignment(&sources[k]) == 0;
        at += bytes;
    }
    return aligned;
}

static bool order_sources(struct layout *layout, const struct safetensors_source *sources,
                          size_t count, struct error *error) {
    layout->order = memory_new(count, sizeof(struct safetensors_source *), error);
    if (!layout->order)
        return false;
    bool given = is_aligned(sources, count);
    for (size_t width = WIDEST; width > 0; width /= 2)
        for (size_t k = 0; k < count; k++)
            if (given ? width == WIDEST : source_alignment(&sources[k]) == width)
                layout->order[layout->count++] = &sources[k];
    return true;
}

static const char *source_type_name(const struct safetensors_source *source) {
    return source->values ? tensor_type_name(source->type) : source->entry->type_name;
}

/* "name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]} */
static bool print_tensor(struct layout *layout, const struct safetensors_source *source,
                         struct error *error) {
    struct text *out = &layout->header;
    uint64_t bytes, end;
    if (!source_bytes(source, &bytes) || __builtin_add_overflow(layout->data_bytes, bytes, &end))
        return error_memory(error, SIZE_MAX);
    text_append_json_string(out, source->name);
    text_format(out, ":{\"dtype\":\"%s\",\"shape\":[", source_type_name(source));
    for (size_t d = 0; d < source->dimensions; d++)
        text_format(out, d ? ",%zu" : "%zu", source->shape[d]);
    text_format(out, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)layout->data_bytes,
                (unsigned long long)end);
    layout->data_bytes = end;
    return true;
}

static bool print_metadata(struct text *out, const cJSON *metadata) {
    if (!metadata || !metadata->child)
        return true;
    char *text = cJSON_PrintUnformatted(metadata);
    if (!text)
        return false;
    text_append(out, "\"__metadata__\":");
    text_append(out, text);
    cJSON_free(text);
    return true;
}

/* Spaces behind the header align the tensors. */
static bool make_layout(struct layout *layout, const struct safetensors_source *sources,
                        size_t count, const cJSON *metadata, struct error *error) {
    struct text *out = &layout->header;
    if (!order_sources(layout, sources, count, error))
        return false;
    text_append(out, "{");
    if (!print_metadata(out, metadata))
        return error_memory(error, sizeof *metadata);
    for (size_t k = 0; k < layout->count; k++) {
        text_append(out, out->length > 1 ? "," : "");
        if (!print_tensor(layout, layout->order[k], error))
            return false;
    }
    text_append(out, "}");
    while (!out->failed && out->length % WIDEST)
        text_append(out, " ");
    return !out->failed || error_memory(error, out->capacity);
}

static size_t layout_bytes(const struct layout *layout) {
    return LENGTH_BYTES + layout->header.length + (size_t)layout->data_bytes;
}

static bool put_header(struct file_writer *writer, const struct layout *layout,
                       struct error *error) {
    unsigned char length[LENGTH_BYTES];
    for (int k = 0; k < LENGTH_BYTES; k++)
        length[k] = (unsigned char)((uint64_t)layout->header.length >> 8 * k);
    return file_writer_put(writer, length, sizeof length, error) &&
           file_writer_put(writer, layout->header.data, layout->header.length, error);
}

/* Says which of `count` values is the one beyond its type's range. */
static bool beyond_range(const char *path, const struct safetensors_source *source, size_t first,
                         size_t count, struct error *error) {
    unsigned char bytes[WIDEST];
    size_t k = 0;
    while (k + 1 < count && tensor_encode(source->type, &source->values[first + k], 1, bytes))
        k++;
    return error_set(error, ERROR_REQUEST,
                     "%s: tensor \"%.80s\": element %zu, %.6g, is beyond the range of %s; write it "
                     "with --dtype f64",
                     path, source->name, first + k, source->values[first + k],
                     tensor_type_name(source->type));
}

static bool put_values(struct file_writer *writer, const struct safetensors_source *source,
                       uint64_t bytes, struct error *error) {
    unsigned char piece[PIECE];
    size_t size = tensor_type_size(source->type), step = PIECE / size;
    size_t count = (size_t)(bytes / size);
    for (size_t done = 0; done < count; done += step) {
        size_t part = count - done < step ? count - done : step;
        if (!tensor_encode(source->type, source->values + done, part, piece))
            return beyond_range(writer->path, source, done, part, error);
        if (!file_writer_put(writer, piece, part * size, error))
            return false;
    }
    return true;
}

static bool put_copy(struct file_writer *writer, const struct safetensors_source *source,
                     uint64_t bytes, struct error *error) {
    unsigned char piece[PIECE];
    for (uint64_t done = 0; done < bytes; done += PIECE) {
        size_t part = bytes - done < PIECE ? (size_t)(bytes - done) : PIECE;
        if (!safetensors_piece(source->from, source->entry->begin + done, piece, part, error) ||
            !file_writer_put(writer, piece, part, error))
            return false;
    }
    return true;
}

static bool put_layout(struct file_writer *writer, const struct layout *layout,
                       struct error *error) {
    bool put = put_header(writer, layout, error);
    for (size_t k = 0; put && k < layout->count; k++) {
        const struct safetensors_source *source = layout->order[k];
        uint64_t bytes = 0;
        put = source_bytes(source, &bytes) &&
              (source->values ? put_values : put_copy)(writer, source, bytes, error);
    }
    return put;
}

static bool write_layout(const char *path, const struct layout *layout,
                         const struct progress *progress, struct error *error) {
    struct file_writer writer;
    if (!file_writer_open(&writer, path, progress, error))
        return false;
    if (put_layout(&writer, layout, error))
        return file_writer_commit(&writer, error);
    file_writer_abandon(&writer);
    return false;
}

bool safetensors_write(const char *path, const struct safetensors_source *sources, size_t count,
                       const struct cJSON *metadata, size_t *bytes, const struct progress *progress,
                       struct error *error) {
    struct layout layout = {0};
    bool written = make_layout(&layout, sources, count, metadata, error) &&
                   write_layout(path, &layout, progress, error);
    if (written && bytes)
        *bytes = layout_bytes(&layout);
    layout_free(&layout);
    return written;
}

bool safetensors_measure(const struct safetensors_source *sources, size_t count,
                         const struct cJSON *metadata, size_t *bytes, struct error *error) {
    struct layout layout = {0};
    bool measured = make_layout(&layout, sources, count, metadata, error);
    if (measured)
        *bytes = layout_bytes(&layout);
    layout_free(&layout);
    return measured;
}
