#include "onnx_tensor.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int32_t onnx_types[TENSOR_TYPES] = {
    [TENSOR_F64] = ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE,
    [TENSOR_F32] = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT,
    [TENSOR_F16] = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16,
    [TENSOR_BF16] = ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16,
    [TENSOR_I64] = ONNX__TENSOR_PROTO__DATA_TYPE__INT64,
    [TENSOR_I32] = ONNX__TENSOR_PROTO__DATA_TYPE__INT32,
    [TENSOR_I16] = ONNX__TENSOR_PROTO__DATA_TYPE__INT16,
    [TENSOR_I8] = ONNX__TENSOR_PROTO__DATA_TYPE__INT8,
    [TENSOR_U64] = ONNX__TENSOR_PROTO__DATA_TYPE__UINT64,
    [TENSOR_U32] = ONNX__TENSOR_PROTO__DATA_TYPE__UINT32,
    [TENSOR_U16] = ONNX__TENSOR_PROTO__DATA_TYPE__UINT16,
    [TENSOR_U8] = ONNX__TENSOR_PROTO__DATA_TYPE__UINT8,
    [TENSOR_BOOL] = ONNX__TENSOR_PROTO__DATA_TYPE__BOOL,
};

bool onnx_type_from(int32_t data_type, enum tensor_type *type) {
    for (int k = 0; k < TENSOR_TYPES; k++)
        if (onnx_types[k] == data_type) {
            *type = (enum tensor_type)k;
            return true;
        }
    return false;
}

int32_t onnx_type_to(enum tensor_type type) {
    return onnx_types[type];
}

/* Elements of a shape whose bytes still fit in a file. */
static bool count_elements(const Onnx__TensorProto *tensor, struct onnx_tensor *out,
                           struct error *error) {
    uint64_t elements = 1, most = (uint64_t)INT64_MAX / sizeof(double);
    out->dimensions = tensor->n_dims;
    for (size_t k = 0; k < tensor->n_dims; k++) {
        int64_t n = tensor->dims[k];
        if (n < 0 || (n > 0 && elements > most / (uint64_t)n))
            return error_set(error, ERROR_REQUEST,
                             "initialiser \"%.80s\": dimension %zu of its shape is %lld, which no "
                             "file can hold; export the model again",
                             out->name, k + 1, (long long)n);
        elements *= (uint64_t)n;
        if (k < 2)
            out->shape[k] = (size_t)n;
    }
    out->elements = (size_t)elements;
    return true;
}

static bool wrong_size(const struct onnx_tensor *tensor, uint64_t found, const char *unit,
                       uint64_t needed, struct error *error) {
    return error_set(error, ERROR_REQUEST,
                     "initialiser \"%.80s\" has %llu %s where its shape needs %llu; export the "
                     "model again",
                     tensor->name, (unsigned long long)found, unit, (unsigned long long)needed);
}

/* The typed field that ONNX keeps elements of this type in. */
static size_t typed_data(const Onnx__TensorProto *tensor, struct onnx_tensor *out) {
    switch (out->type) {
    case TENSOR_F64:
        out->bytes = tensor->double_data;
        return tensor->n_double_data;
    case TENSOR_F32:
        out->bytes = tensor->float_data;
        return tensor->n_float_data;
    case TENSOR_I64:
        out->bytes = tensor->int64_data;
        return tensor->n_int64_data;
    case TENSOR_U64:
        out->bytes = tensor->uint64_data;
        return tensor->n_uint64_data;
    case TENSOR_U32:
        out->wide = tensor->uint64_data;
        return tensor->n_uint64_data;
    default:
        out->widened = tensor->int32_data;
        return tensor->n_int32_data;
    }
}

static int refuse_outside(const struct onnx_tensor *tensor, struct error *error) {
    error_set(error, ERROR_REQUEST,
              "initialiser \"%.80s\": its external data are in \"%.80s\", which is not in the "
              "model's own directory; put the file beside the model and export again",
              tensor->name, tensor->location);
    return -1;
}

/* Relative, and no part of it climbs. */
static bool is_plain_location(const char *location) {
    if (!*location || *location == '/')
        return false;
    for (const char *part = location; *part;) {
        size_t length = strcspn(part, "/");
        if (length == 2 && part[0] == '.' && part[1] == '.')
            return false;
        part += length + (part[length] == '/');
    }
    return true;
}

/* Where a location leads, with all links followed; NULL: it is not there, or (errno 0) outside. */
static char *resolve(const struct onnx_graph *graph, const char *location) {
    const char *slash = strrchr(graph->path, '/');
    struct text joined = {0};
    text_append_bytes(&joined, slash ? graph->path : "./",
                      slash ? (size_t)(slash + 1 - graph->path) : 2);
    char *directory = joined.failed ? NULL : realpath(joined.data, NULL);
    text_append(&joined, location);
    char *target = !directory || joined.failed ? NULL : realpath(joined.data, NULL);
    int reason = joined.failed ? ENOMEM : errno;
    text_free(&joined);
    size_t length = directory ? strlen(directory) : 0;
    length -= length == 1; /* "/" */
    if (target && (strncmp(target, directory, length) != 0 || target[length] != '/')) {
        free(target);
        target = NULL;
        reason = 0;
    }
    free(directory);
    errno = reason;
    return target;
}

/* Opens the file of external data; -1 with a sentence. */
static int open_external(const struct onnx_tensor *tensor, uint64_t *size, struct error *error) {
    if (!is_plain_location(tensor->location))
        return refuse_outside(tensor, error);
    char *target = resolve(tensor->graph, tensor->location);
    if (!target && errno == ENOMEM) {
        error_memory(error, PATH_MAX);
        return -1;
    }
    if (!target && errno == 0)
        return refuse_outside(tensor, error);
    int descriptor =
        target ? file_open(target, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
    struct stat status;
    bool fine = descriptor >= 0 && fstat(descriptor, &status) == 0;
    int reason = errno;
    free(target);
    if (fine && S_ISREG(status.st_mode)) {
        *size = (uint64_t)status.st_size;
        return descriptor;
    }
    if (descriptor >= 0)
        close(descriptor);
    error_set(error, ERROR_REQUEST,
              "initialiser \"%.80s\": its external data \"%.80s\" cannot be read (%s); put that "
              "file beside the model",
              tensor->name, tensor->location, fine ? "no regular file" : strerror(reason));
    return -1;
}

static const char *external_value(const Onnx__TensorProto *tensor, const char *key) {
    for (size_t k = 0; k < tensor->n_external_data; k++) {
        const Onnx__StringStringEntryProto *pair = tensor->external_data[k];
        if (pair->key && strcmp(pair->key, key) == 0)
            return pair->value;
    }
    return NULL;
}

static bool view_external(const Onnx__TensorProto *tensor, struct onnx_tensor *out,
                          struct error *error) {
    const char *offset = external_value(tensor, "offset"),
               *length = external_value(tensor, "length");
    uint64_t size, bytes = out->elements * tensor_type_size(out->type), said = bytes;
    out->location = external_value(tensor, "location");
    if (!out->location || (offset && !text_to_uint64(offset, &out->offset)) ||
        (length && !text_to_uint64(length, &said)))
        return error_set(error, ERROR_REQUEST,
                         "initialiser \"%.80s\": where its external data are cannot be read "
                         "(location, offset, length); export the model again",
                         out->name);
    if (said != bytes)
        return wrong_size(out, said, "external bytes", bytes, error);
    int descriptor = open_external(out, &size, error);
    if (descriptor < 0)
        return false;
    close(descriptor);
    if (out->offset > size || bytes > size - out->offset)
        return error_set(error, ERROR_REQUEST,
                         "initialiser \"%.80s\": its external data are bytes %llu to %llu of "
                         "\"%.80s\", which has %llu; copy or export that file again",
                         out->name, (unsigned long long)out->offset,
                         (unsigned long long)(out->offset + bytes), out->location,
                         (unsigned long long)size);
    return true;
}

bool onnx_tensor_view(const struct onnx_graph *graph, const Onnx__TensorProto *tensor,
                      struct onnx_tensor *out, struct error *error) {
    *out = (struct onnx_tensor){.name = tensor->name ? tensor->name : "", .graph = graph};
    if (!onnx_type_from(tensor->data_type, &out->type))
        return error_set(error, ERROR_REQUEST,
                         "initialiser \"%.80s\" has elements of ONNX's type %d, which cannot be "
                         "read; export it as a floating type",
                         out->name, (int)tensor->data_type);
    if (!count_elements(tensor, out, error))
        return false;
    if (tensor->segment)
        return error_set(error, ERROR_REQUEST,
                         "initialiser \"%.80s\" is stored in segments; export the model again",
                         out->name);
    if (tensor->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL)
        return view_external(tensor, out, error);
    size_t bytes = out->elements * tensor_type_size(out->type);
    if (tensor->has_raw_data && (tensor->raw_data.len || !bytes)) {
        out->bytes = tensor->raw_data.data;
        return tensor->raw_data.len == bytes ||
               wrong_size(out, tensor->raw_data.len, "bytes", bytes, error);
    }
    size_t count = typed_data(tensor, out);
    return count == out->elements || wrong_size(out, count, "numbers", out->elements, error);
}

struct onnx_tensor onnx_tensor_of(const char *name, enum tensor_type type, const void *values) {
    return (struct onnx_tensor){.name = name, .type = type, .elements = 1, .bytes = values};
}

struct onnx_tensor onnx_tensor_of_list(const char *name, enum tensor_type type, const void *values,
                                       size_t count) {
    return (struct onnx_tensor){.name = name,
                                .type = type,
                                .dimensions = 1,
                                .elements = count,
                                .shape = {count},
                                .bytes = values};
}

/* 16-bit floats keep their bits in the lower half. */
static void read_widened(const struct onnx_tensor *tensor, size_t first, size_t count,
                         double *out) {
    bool bits = tensor->type == TENSOR_F16 || tensor->type == TENSOR_BF16;
    for (size_t i = 0; i < count; i++) {
        int32_t value = tensor->widened[first + i];
        uint16_t half = (uint16_t)value;
        if (bits)
            tensor_decode(tensor->type, &half, 1, &out[i]);
        else
            out[i] = value;
    }
}

static bool read_external(const struct onnx_tensor *tensor, size_t first, size_t count, double *out,
                          struct error *error) {
    enum { PIECE = 1 << 14 };
    char piece[PIECE];
    size_t width = tensor_type_size(tensor->type), step = PIECE / width, done = 0;
    uint64_t size;
    int descriptor = open_external(tensor, &size, error);
    if (descriptor < 0)
        return false;
    while (done < count) {
        size_t now = count - done < step ? count - done : step;
        size_t wanted = now * width;
        if (file_read_at(descriptor, piece, wanted, tensor->offset + (first + done) * width) !=
            (ssize_t)wanted)
            break;
        tensor_decode(tensor->type, piece, now, out + done);
        done += now;
    }
    close(descriptor);
    return done == count ||
           error_set(error, ERROR_REQUEST,
                     "initialiser \"%.80s\": its external data \"%.80s\" end too early; copy that "
                     "file again",
                     tensor->name, tensor->location);
}

bool onnx_tensor_read(const struct onnx_tensor *tensor, size_t first, size_t count, double *out,
                      struct error *error) {
    if (count == 0)
        return true;
    if (tensor->location)
        return read_external(tensor, first, count, out, error);
    if (tensor->widened)
        read_widened(tensor, first, count, out);
    else if (tensor->wide)
        for (size_t i = 0; i < count; i++)
            out[i] = (double)tensor->wide[first + i];
    else
        tensor_decode(tensor->type,
                      (const char *)tensor->bytes + first * tensor_type_size(tensor->type), count,
                      out);
    return true;
}
