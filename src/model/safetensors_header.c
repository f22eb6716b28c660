#include "safetensors_header.h"

#include "lumpscope/json.h"
#include "lumpscope/memory.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* No tensor needs a longer name, a longer description or more dimensions, and no file as many pairs
 * of metadata as one for every 64 bytes and these: what cJSON makes of text is many times as large.
 */
enum { DESCRIPTION_LIMIT = 4096, DIMENSIONS_LIMIT = 64, PAIRS_LIMIT = 4096, PAIR_BYTES = 64 };
/* Whole numbers below this are exact as doubles. */
static const double whole_limit = 9007199254740992.0;

/* A stretch of the header's text. */
struct span {
    const char *begin, *end;
};

/* The file being filled, and where its text is being read. */
struct parse {
    struct safetensors *file;
    const char *at, *end;
    uint64_t start; /* of the tensors' bytes */
    size_t capacity;
};

static void skip_space(struct parse *parse) {
    while (parse->at < parse->end && strchr(" \t\r\n", *parse->at) && *parse->at)
        parse->at++;
}

/* The next sign, if it is `sign`. */
static bool take(struct parse *parse, char sign) {
    skip_space(parse);
    bool found = parse->at < parse->end && *parse->at == sign;
    parse->at += found;
    return found;
}

/* Behind the string that begins at `at`; NULL when it does not end. */
static const char *skip_string(const char *at, const char *end) {
    for (at++; at < end && *at != '"'; at++)
        at += *at == '\\' && at + 1 < end;
    return at < end ? at + 1 : NULL;
}

static bool take_string(struct parse *parse, struct span *out) {
    skip_space(parse);
    if (parse->at >= parse->end || *parse->at != '"')
        return false;
    out->begin = parse->at;
    out->end = skip_string(parse->at, parse->end);
    if (!out->end)
        return false;
    parse->at = out->end;
    return true;
}

/* The value up to the comma or brace that ends it, whatever it is; cJSON says whether it is one. */
static bool take_value(struct parse *parse, struct span *out) {
    size_t depth = 0;
    skip_space(parse);
    const char *at = parse->at;
    while (at < parse->end) {
        if (*at == '"') {
            if (!(at = skip_string(at, parse->end)))
                return false;
            continue;
        }
        if (depth == 0 && (*at == ',' || *at == '}'))
            break;
        depth += *at == '{' || *at == '[';
        depth -= depth > 0 && (*at == '}' || *at == ']');
        at++;
    }
    *out = (struct span){parse->at, at};
    parse->at = at;
    return at < parse->end;
}

static bool no_json(struct error *error) {
    return error_set(error, ERROR_REQUEST,
                     "the header is no JSON object of tensors; the file is damaged or no "
                     "safetensors file: get it anew");
}

/* NULL with a sentence when the span is not one value and blanks. */
static cJSON *parse_span(const struct span *span, struct error *error) {
    const char *end = NULL;
    size_t length = (size_t)(span->end - span->begin);
    cJSON *value = json_parse(span->begin, length, &end);
    if (!value && errno == ENOMEM) {
        error_memory(error, length);
        return NULL;
    }
    while (value && end < span->end && strchr(" \t\r\n", *end))
        end++;
    if (value && end == span->end)
        return value;
    cJSON_Delete(value);
    no_json(error);
    return NULL;
}

static bool read_whole(const cJSON *item, uint64_t *value) {
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) || item->valuedouble >= whole_limit ||
        item->valuedouble != floor(item->valuedouble))
        return false;
    *value = (uint64_t)item->valuedouble;
    return true;
}

static bool bad_member(const char *name, const char *member, const char *must,
                       struct error *error) {
    return error_set(error, ERROR_REQUEST, "tensor \"%.80s\": %s must be %s; save the file anew",
                     name, member, must);
}

static bool read_type(const cJSON *type, struct safetensors_entry *entry, struct error *error) {
    const char *name = cJSON_GetStringValue(type);
    if (!name || strlen(name) >= sizeof entry->type_name)
        return bad_member(entry->name, "dtype", "a name such as \"F32\"", error);
    memcpy(entry->type_name, name, strlen(name) + 1);
    /* The header's names are upper case. */
    entry->known =
        tensor_type_parse(name, &entry->type) && strcmp(name, tensor_type_name(entry->type)) == 0;
    return true;
}

static bool read_shape(const cJSON *shape, struct safetensors_entry *entry, struct error *error) {
    entry->dimensions = cJSON_IsArray(shape) ? (size_t)cJSON_GetArraySize(shape) : SIZE_MAX;
    if (entry->dimensions > DIMENSIONS_LIMIT)
        return bad_member(entry->name, "shape", "an array of at most 64 sizes", error);
    entry->shape = memory_new(entry->dimensions, sizeof *entry->shape, error);
    if (!entry->shape)
        return false;
    entry->elements = 1;
    bool fits = true, empty = false;
    size_t d = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, shape) {
        uint64_t size;
        if (!read_whole(item, &size) || size > SIZE_MAX)
            return bad_member(entry->name, "shape", "whole numbers from 0 to 2^53", error);
        entry->shape[d++] = (size_t)size;
        empty = empty || size == 0;
        fits = fits && (size == 0 || entry->elements <= SIZE_MAX / size);
        entry->elements *= fits && size ? (size_t)size : 1;
    }
    entry->elements = empty ? 0 : entry->elements;
    return fits || empty ||
           error_set(error, ERROR_REQUEST,
                     "tensor \"%.80s\": its shape makes more elements than can be counted; save "
                     "the file anew",
                     entry->name);
}

static bool read_offsets(const cJSON *offsets, uint64_t start, struct safetensors_entry *entry,
                         struct error *error) {
    if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2 ||
        !read_whole(offsets->child, &entry->begin) ||
        !read_whole(offsets->child->next, &entry->end) || entry->begin > entry->end)
        return bad_member(entry->name, "data_offsets", "[first, behind last] in bytes", error);
    entry->begin += start;
    entry->end += start;
    return true;
}

static bool check_bytes(const struct safetensors_entry *entry, struct error *error) {
    uint64_t bytes = entry->end - entry->begin;
    size_t size = entry->known ? tensor_type_size(entry->type) : 0;
    if (!size || (entry->elements <= UINT64_MAX / size && bytes == entry->elements * size))
        return true;
    return error_set(error, ERROR_REQUEST,
                     "tensor \"%.80s\": %zu elements of %s do not make its %llu bytes; save the "
                     "file anew",
                     entry->name, entry->elements, entry->type_name, (unsigned long long)bytes);
}

static bool read_description(const cJSON *object, uint64_t start, struct safetensors_entry *entry,
                             struct error *error) {
    if (!cJSON_IsObject(object))
        return error_set(error, ERROR_REQUEST,
                         "tensor \"%.80s\" is not described by an object; save the file anew",
                         entry->name);
    return read_type(cJSON_GetObjectItemCaseSensitive(object, "dtype"), entry, error) &&
           read_shape(cJSON_GetObjectItemCaseSensitive(object, "shape"), entry, error) &&
           read_offsets(cJSON_GetObjectItemCaseSensitive(object, "data_offsets"), start, entry,
                        error) &&
           check_bytes(entry, error);
}

static bool read_tensor(struct parse *parse, const char *name, const struct span *value,
                        struct error *error) {
    struct safetensors *file = parse->file;
    if (value->end - value->begin > DESCRIPTION_LIMIT)
        return error_set(error, ERROR_REQUEST,
                         "tensor \"%.80s\": a description of %zu bytes is no tensor's; save the "
                         "file anew",
                         name, (size_t)(value->end - value->begin));
    if (!memory_reserve(&file->entries, &parse->capacity, file->count + 1, sizeof *file->entries,
                        error))
        return false;
    struct safetensors_entry *entry = &file->entries[file->count];
    *entry = (struct safetensors_entry){.name = memory_string(name, error)};
    if (!entry->name)
        return false;
    file->count++;
    cJSON *object = parse_span(value, error);
    bool read = object && read_description(object, parse->start, entry, error);
    cJSON_Delete(object);
    return read;
}

/* Commas outside of strings. */
static size_t count_commas(const struct span *span) {
    size_t commas = 0;
    const char *at = span->begin;
    while (at && at < span->end) {
        commas += *at == ',';
        at = *at == '"' ? skip_string(at, span->end) : at + 1;
    }
    return commas;
}

static bool read_metadata(struct safetensors *file, const struct span *value, struct error *error) {
    size_t most = PAIRS_LIMIT + (size_t)(value->end - value->begin) / PAIR_BYTES;
    if (file->metadata || count_commas(value) > most)
        return error_set(error, ERROR_REQUEST, "__metadata__ %s; save the file anew",
                         file->metadata ? "stands there twice" : "has too many pairs");
    file->metadata = parse_span(value, error);
    if (!file->metadata)
        return false;
    const cJSON *pair;
    bool strings = cJSON_IsObject(file->metadata);
    cJSON_ArrayForEach(pair, file->metadata) {
        strings = strings && cJSON_IsString(pair);
    }
    return strings || error_set(error, ERROR_REQUEST,
                                "__metadata__ must be an object of strings; save the file anew");
}

static bool read_member(struct parse *parse, struct error *error) {
    struct span key, value;
    if (!take_string(parse, &key) || !take(parse, ':') || !take_value(parse, &value))
        return no_json(error);
    if (key.end - key.begin > DESCRIPTION_LIMIT)
        return error_set(error, ERROR_REQUEST,
                         "a name of %zu bytes is no tensor's; save the file anew",
                         (size_t)(key.end - key.begin));
    /* A NUL would cut the name short. */
    if (memmem(key.begin, (size_t)(key.end - key.begin), "\\u0000", 6))
        return no_json(error);
    cJSON *name = parse_span(&key, error);
    if (!name)
        return false;
    bool read = !cJSON_IsString(name) ? no_json(error)
                : strcmp(name->valuestring, "__metadata__") == 0
                    ? read_metadata(parse->file, &value, error)
                    : read_tensor(parse, name->valuestring, &value, error);
    cJSON_Delete(name);
    return read;
}

bool safetensors_parse(struct safetensors *file, const char *text, size_t length, uint64_t start,
                       struct error *error) {
    struct parse parse = {.file = file, .at = text, .end = text + length, .start = start};
    if (memchr(text, '\0', length) || !take(&parse, '{'))
        return no_json(error);
    bool more = !take(&parse, '}');
    while (more) {
        if (!read_member(&parse, error))
            return false;
        more = take(&parse, ',');
        if (!more && !take(&parse, '}'))
            return no_json(error);
    }
    skip_space(&parse);
    return parse.at == parse.end || no_json(error);
}
