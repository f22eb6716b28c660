#include "lumpscope/model_json.h"

#include "frame_parts.h"
#include "lumpscope/file.h"
#include "lumpscope/json.h"
#include "lumpscope/memory.h"
#include "lumpscope/model_file.h"
#include "lumpscope/text.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const size_t file_limit = (size_t)4 << 30;

enum { FAULT_SIZE = 160, LONGEST_WORD = 9 /* -Infinity */ };
static const char check[] = "check that the file is a whole lumpscope model";

/* Members the reader understands; every other one is kept as it stands. */
static const char *const network_known[] = {"format", "version", "dtype",  "name", "task",
                                            "input",  "output",  "layers", NULL};
static const char *const layer_known[] = {"activation", "weights", "bias", NULL};

/* Rows and columns of a weight matrix; every row as long as the first. */
static bool read_weights(const cJSON *rows, size_t layer, size_t expected, struct layer *out,
                         struct error *error) {
    char place[96];
    snprintf(place, sizeof place, "layer %zu, weights", layer);
    if (!frame_need_array(rows, place, error))
        return false;
    size_t neurons = (size_t)cJSON_GetArraySize(rows);
    if (neurons == 0 || !cJSON_IsArray(rows->child))
        return error_set(error, ERROR_REQUEST,
                         "%s holds no rows; it must be an array of one row per neuron", place);
    size_t inputs = (size_t)cJSON_GetArraySize(rows->child);
    if (inputs == 0)
        return error_set(error, ERROR_REQUEST,
                         "%s row 0 is empty; a neuron reads one input or more", place);
    if (expected && inputs != expected)
        return error_set(
            error, ERROR_REQUEST,
            "%s row 0 has %zu number%s, but layer %zu has %zu neuron%s; make them agree", place,
            inputs, text_plural(inputs), layer - 1, expected, text_plural(expected));
    if (!layer_resize(out, neurons, inputs, error))
        return false;
    size_t i = 0;
    const cJSON *row;
    cJSON_ArrayForEach(row, rows) {
        snprintf(place, sizeof place, "layer %zu, weights row %zu", layer, i);
        if (!frame_need_array(row, place, error) ||
            !frame_read_numbers(row, inputs, out->weights + i * inputs, place, error))
            return false;
        i++;
    }
    return true;
}

static bool read_layer(cJSON *object, size_t layer, size_t depth, size_t expected,
                       struct layer *out, struct error *error) {
    if (!cJSON_IsObject(object))
        return error_set(error, ERROR_REQUEST, "layer %zu is not an object; see the format", layer);
    char place[64];
    snprintf(place, sizeof place, "layer %zu, bias", layer);
    const cJSON *bias = cJSON_GetObjectItemCaseSensitive(object, "bias");
    return frame_read_activation(cJSON_GetObjectItemCaseSensitive(object, "activation"), layer,
                                 depth, &out->activation, error) &&
           read_weights(cJSON_GetObjectItemCaseSensitive(object, "weights"), layer, expected, out,
                        error) &&
           frame_need_array(bias, place, error) &&
           frame_read_numbers(bias, out->neurons, out->bias, place, error) &&
           frame_keep_unknown(object, layer_known, &out->extra, error);
}

static bool read_head(const cJSON *root, struct network *network, struct error *error) {
    const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(root, "version");
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(root, "name");
    if (!cJSON_IsString(format) || strcmp(format->valuestring, "lumpscope-network") != 0)
        return error_set(error, ERROR_REQUEST,
                         "not a lumpscope network: \"format\" must be \"lumpscope-network\"");
    if (!cJSON_IsNumber(version) || version->valuedouble != 1)
        return error_set(error, ERROR_REQUEST,
                         "\"version\" must be 1; write the model again with this version's format");
    if (name && !cJSON_IsString(name) && !cJSON_IsNull(name))
        return error_set(error, ERROR_REQUEST, "\"name\" is not a string; quote it");
    network->name = memory_string(name && cJSON_IsString(name) ? name->valuestring : "", error);
    return network->name != NULL;
}

/* The type that numbers are rounded to; doubles where the member is missing. */
static bool read_type(const cJSON *type, struct network *network, struct error *error) {
    return !type ||
           (cJSON_IsString(type) &&
            tensor_type_parse_float(type->valuestring, &network->origin.type)) ||
           error_set(error, ERROR_REQUEST,
                     "\"dtype\" must be \"F64\", \"F32\", \"F16\" or \"BF16\"");
}

static bool read_layers(cJSON *array, struct network *network, struct error *error) {
    if (!frame_need_array(array, "\"layers\"", error))
        return false;
    size_t depth = (size_t)cJSON_GetArraySize(array);
    if (depth == 0 || depth > NETWORK_MAX_LAYERS)
        return error_set(error, ERROR_REQUEST,
                         "\"layers\" holds %zu layers; 1 to %d can be read: make a network of %s",
                         depth, NETWORK_MAX_LAYERS, depth ? "fewer" : "one or more");
    network->layers = memory_new(depth, sizeof *network->layers, error);
    if (!network->layers)
        return false;
    network->depth = depth;
    size_t l = 0, expected = 0;
    cJSON *item;
    cJSON_ArrayForEach(item, array) {
        if (!read_layer(item, l + 1, depth, expected, &network->layers[l], error))
            return false;
        expected = network->layers[l++].neurons;
    }
    return true;
}

static bool read_network(cJSON *root, struct network *network, struct error *error) {
    if (!cJSON_IsObject(root))
        return error_set(
            error, ERROR_REQUEST,
            "not a lumpscope network: the document is no JSON object; name a model file");
    return read_head(root, network, error) &&
           read_type(cJSON_GetObjectItemCaseSensitive(root, "dtype"), network, error) &&
           read_layers(cJSON_GetObjectItemCaseSensitive(root, "layers"), network, error) &&
           frame_read_task(cJSON_GetObjectItemCaseSensitive(root, "task"), network, error) &&
           scaling_unit(&network->input, network_inputs(network), error) &&
           scaling_unit(&network->output, network_outputs(network), error) &&
           frame_read_scaling(cJSON_GetObjectItemCaseSensitive(root, "input"), "input",
                              &network->input, error) &&
           frame_read_scaling(cJSON_GetObjectItemCaseSensitive(root, "output"), "output",
                              &network->output, error) &&
           frame_keep_unknown(root, network_known, &network->members, error) &&
           network_round(network, network->origin.type, error);
}

/* The length of what programs write for a number that is none, though JSON has no word for it. */
static size_t no_number(const char *where, size_t left) {
    size_t sign = left > 3 && *where == '-', length = sign;
    if (left < 3 ||
        (strncasecmp(where + sign, "nan", 3) != 0 && strncasecmp(where + sign, "inf", 3) != 0))
        return 0;
    while (length < left && length < LONGEST_WORD && isalpha((unsigned char)where[length]))
        length++;
    return length;
}

/* How many arrays and objects are open behind the text. */
static size_t nesting_of(const char *text, const char *end) {
    size_t depth = 0;
    bool string = false;
    for (const char *c = text; c < end; c++)
        if (string && *c == '\\' && c + 1 < end)
            c++;
        else if (*c == '"')
            string = !string;
        else if (!string && (*c == '[' || *c == '{'))
            depth++;
        else if (!string && (*c == ']' || *c == '}') && depth > 0)
            depth--;
    return depth;
}

/* What is wrong at `where`; `more`: behind a document that is whole. */
static void name_fault(const char *text, const char *where, const char *end, bool more,
                       char out[FAULT_SIZE]) {
    size_t depth = nesting_of(text, where < end ? where + 1 : end);
    size_t left = (size_t)(end - where), word = no_number(where, left);
    if (word)
        snprintf(out, FAULT_SIZE, "\"%.*s\" is no number of JSON; save a network of finite numbers",
                 (int)word, where);
    else if (left > 1 && *where == '\\')
        snprintf(out, FAULT_SIZE, "\"%.*s\" stands for no character; %s",
                 where[1] == 'u' && left > 6 ? 6 : 2, where, check);
    else if (depth > CJSON_NESTING_LIMIT)
        snprintf(out, FAULT_SIZE, "nested deeper than %d; %s", CJSON_NESTING_LIMIT, check);
    else
        snprintf(out, FAULT_SIZE, "%s; %s",
                 more                    ? "text that follows the JSON"
                 : left < 2 && depth > 0 ? "not JSON, the file ends too early"
                                         : "not JSON",
                 check);
}

static bool syntax_error(const char *name, const char *text, const char *where, size_t length,
                         bool more, struct error *error) {
    if (!where || where < text || where > text + length)
        where = text;
    size_t line = 1, column = 1;
    for (const char *c = text; c < where; c++) {
        column = *c == '\n' ? 1 : column + 1;
        line += *c == '\n';
    }
    char fault[FAULT_SIZE];
    name_fault(text, where, text + length, more, fault);
    return error_set(error, ERROR_REQUEST, "%s: line %zu, column %zu: %s", name, line, column,
                     fault);
}

struct network *model_json_parse(const char *name, const char *text, size_t length,
                                 struct error *error) {
    if (length == 0) {
        error_set(error, ERROR_REQUEST, "%s: the file is empty; name a model file", name);
        return NULL;
    }
    const char *end = NULL;
    cJSON *root = json_parse(text, length, &end);
    if (!root && errno == ENOMEM) {
        error_memory(error, length);
        return NULL;
    }
    while (root && end < text + length && strchr(" \t\r\n", *end) && *end)
        end++;
    if (!root || end != text + length) {
        syntax_error(name, text, end, length, root != NULL, error);
        cJSON_Delete(root);
        return NULL;
    }
    struct network *network = memory_new(1, sizeof *network, error);
    if (network && !read_network(root, network, error)) {
        error_prefix(error, "%s", name);
        network_free(network);
        network = NULL;
    }
    cJSON_Delete(root);
    return network;
}

struct network *model_json_load(const char *path, const struct progress *progress,
                                struct error *error) {
    size_t length;
    char *text = file_read(path, file_limit, &length, progress, error);
    if (!text)
        return NULL;
    struct network *network = model_json_parse(path, text, length, error);
    free(text);
    return network;
}

/* Where a document goes: into a text that is kept, or counted and thrown away row by row. */
struct printing {
    struct text *out;
    bool counted;
    size_t length; /* of what was thrown away */
    enum tensor_type type;
    const struct progress *progress;
};

/* After a row of weights. */
static bool printed_row(struct printing *printing, size_t row, size_t rows, struct error *error) {
    if (printing->counted) {
        printing->length += printing->out->length;
        text_clear(printing->out);
    }
    return row % 8 || progress_step(printing->progress, "printing", row, rows, error);
}

static bool print_layer(struct printing *printing, const struct layer *layer, struct error *error) {
    struct text *out = printing->out;
    text_append(out, "  {\"activation\": ");
    frame_print_activation(out, &layer->activation);
    text_append(out, ",\n   \"weights\": [");
    for (size_t i = 0; i < layer->neurons; i++) {
        text_append(out, i ? ",\n    " : "\n    ");
        frame_print_typed(out, layer->weights + i * layer->inputs, layer->inputs, printing->type);
        if (!printed_row(printing, i, layer->neurons, error))
            return false;
    }
    text_append(out, "],\n   \"bias\": ");
    frame_print_typed(out, layer->bias, layer->neurons, printing->type);
    bool printed = frame_print_extra(out, layer->extra, ",\n   ");
    text_append(out, "}");
    return printed || error_memory(error, out->capacity);
}

static bool print_side(struct text *out, const char *side, const struct scaling *scaling) {
    if (!frame_has_scaling(scaling))
        return true;
    text_format(out, ",\n \"%s\": ", side);
    return frame_print_scaling(out, scaling);
}

static bool print_network(struct printing *printing, const struct network *network,
                          struct error *error) {
    struct text *out = printing->out;
    text_append(out, "{\"format\": \"lumpscope-network\", \"version\": 1, ");
    if (printing->type != TENSOR_F64)
        text_format(out, "\"dtype\": \"%s\", ", tensor_type_name(printing->type));
    text_append(out, "\"name\": ");
    text_append_json_string(out, network->name);
    text_format(out, ", \"task\": \"%s\"", frame_task_name(network->task));
    bool printed =
        print_side(out, "input", &network->input) && print_side(out, "output", &network->output);
    if (!printed)
        return error_memory(error, out->capacity);
    text_append(out, ",\n \"layers\": [\n");
    for (size_t l = 0; printed && l < network->depth; l++) {
        text_append(out, l ? ",\n" : "");
        printed = print_layer(printing, &network->layers[l], error);
    }
    if (!printed)
        return false;
    text_append(out, "]");
    printed = frame_print_extra(out, network->members, ",\n ");
    text_append(out, "}\n");
    return (printed && !out->failed) || error_memory(error, out->capacity);
}

bool model_json_print(const struct network *network, struct text *out, struct error *error) {
    struct printing printing = {.out = out, .type = network->origin.type};
    return print_network(&printing, network, error);
}

bool model_json_measure(const struct network *network, size_t *bytes,
                        const struct progress *progress, struct error *error) {
    struct text row = {0};
    struct printing printing = {
        .out = &row, .counted = true, .type = network->origin.type, .progress = progress};
    bool done = print_network(&printing, network, error);
    *bytes = printing.length + row.length;
    text_free(&row);
    return done;
}

bool model_json_save(const struct network *network, const char *path, size_t *bytes,
                     const struct progress *progress, struct error *error) {
    struct text document = {0};
    bool saved = model_json_print(network, &document, error) &&
                 file_write(path, document.data, document.length, progress, error);
    if (saved && bytes)
        *bytes = document.length;
    text_free(&document);
    return saved;
}
