#include "lumpscope/model_json.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const size_t file_limit = (size_t)4 << 30;

/* Members the reader understands; every other one is kept as it stands. */
static const char *const network_known[] = {"format", "version", "name",   "task",
                                            "input",  "output",  "layers", NULL};
static const char *const scaling_known[] = {"names", "mean", "scale", NULL};
static const char *const layer_known[] = {"activation", "weights", "bias", NULL};

static bool is_known(const char *name, const char *const *known) {
    for (; *known; known++)
        if (strcmp(name, *known) == 0)
            return true;
    return false;
}

/* Detaches the members that are not known into an object of their own; NULL when there are none. */
static bool keep_unknown(cJSON *object, const char *const *known, cJSON **extra,
                         struct error *error) {
    cJSON *next;
    for (cJSON *item = object->child; item; item = next) {
        next = item->next;
        if (!item->string || is_known(item->string, known))
            continue;
        if (!*extra && !(*extra = cJSON_CreateObject()))
            return error_memory(error, sizeof(cJSON));
        /* Adding copies the name before it frees the old one. */
        cJSON *detached = cJSON_DetachItemViaPointer(object, item);
        if (!cJSON_AddItemToObject(*extra, detached->string, detached)) {
            cJSON_Delete(detached);
            return error_memory(error, sizeof(cJSON));
        }
    }
    return true;
}

static bool read_number(const cJSON *item, double *value) {
    *value = item->valuedouble;
    return cJSON_IsNumber(item) && isfinite(item->valuedouble);
}

/* Reads `count` finite numbers from an array; `place` names it in the sentence. */
static bool read_numbers(const cJSON *array, size_t count, double *out, const char *place,
                         struct error *error) {
    size_t i = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, array) {
        if (i == count)
            break;
        if (!read_number(item, &out[i]))
            return error_set(error, ERROR_REQUEST,
                             "%s[%zu] is not a finite number; write a number within double range",
                             place, i);
        i++;
    }
    if (i < count || item)
        return error_set(error, ERROR_REQUEST,
                         "%s has %d numbers where %zu belong; make them agree", place,
                         cJSON_GetArraySize(array), count);
    return true;
}

static bool need_array(const cJSON *item, const char *place, struct error *error) {
    if (cJSON_IsArray(item))
        return true;
    return error_set(error, ERROR_REQUEST, "%s is %s; it must be an array", place,
                     item ? "not an array" : "missing");
}

/* Numbers of an array up to the last that is not 0, at least one. */
static size_t significant_count(const cJSON *array) {
    size_t count = 1, i = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, array) {
        i++;
        if (!cJSON_IsNumber(item) || item->valuedouble != 0)
            count = i;
    }
    return count;
}

static bool read_polynomial(const cJSON *array, const char *place, struct activation *activation,
                            struct error *error) {
    if (!need_array(array, place, error))
        return false;
    double coefficients[ACTIVATION_MAX_DEGREE + 1] = {0};
    size_t count = significant_count(array);
    if (cJSON_GetArraySize(array) == 0 || count > ACTIVATION_MAX_DEGREE + 1)
        return error_set(error, ERROR_REQUEST,
                         "%s has %zu coefficients; a polynomial activation takes 1 to %d", place,
                         cJSON_GetArraySize(array) ? count : 0, ACTIVATION_MAX_DEGREE + 1);
    size_t i = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, array) {
        if (i < count && !read_number(item, &coefficients[i]))
            return error_set(error, ERROR_REQUEST,
                             "%s[%zu] is not a finite number; write a number within double range",
                             place, i);
        i++;
    }
    activation_polynomial(coefficients, count, activation);
    return true;
}

/* {"polynomial": [..]}, {"leaky_relu": slope}, {"elu": alpha}. */
static bool read_activation_object(const cJSON *object, const char *place,
                                   struct activation *activation, struct error *error) {
    const cJSON *member = object->child;
    if (!member || member->next)
        return error_set(error, ERROR_REQUEST,
                         "%s: an activation object has one member, such as {\"polynomial\": [..]}",
                         place);
    if (strcmp(member->string, "polynomial") == 0)
        return read_polynomial(member, place, activation, error);
    if (activation_parse(member->string, activation) &&
        (activation->kind == ACTIVATION_LEAKY_RELU || activation->kind == ACTIVATION_ELU) &&
        read_number(member, &activation->parameter))
        return true;
    return error_set(error, ERROR_REQUEST,
                     "%s: unknown activation \"%s\"; known with a parameter are "
                     "{\"polynomial\": [..]}, {\"leaky_relu\": slope}, {\"elu\": alpha}",
                     place, member->string);
}

static bool read_activation(const cJSON *item, size_t layer, size_t depth,
                            struct activation *activation, struct error *error) {
    char place[64];
    snprintf(place, sizeof place, "layer %zu, activation", layer);
    if (cJSON_IsObject(item)) {
        if (!read_activation_object(item, place, activation, error))
            return false;
    } else if (!cJSON_IsString(item)) {
        return error_set(error, ERROR_REQUEST, "%s is %s; name one of %s", place,
                         item ? "neither a name nor an object" : "missing", activation_names());
    } else if (!activation_parse(item->valuestring, activation)) {
        return error_set(error, ERROR_REQUEST,
                         "%s: unknown activation \"%.60s\"; known are %s and "
                         "{\"polynomial\": [..]}",
                         place, item->valuestring, activation_names());
    }
    if (activation->kind == ACTIVATION_SOFTMAX && layer != depth)
        return error_set(error, ERROR_REQUEST,
                         "%s: softmax belongs on the last layer only; this is layer %zu of %zu",
                         place, layer, depth);
    return true;
}

/* Rows and columns of a weight matrix; every row as long as the first. */
static bool read_weights(const cJSON *rows, size_t layer, size_t expected, struct layer *out,
                         struct error *error) {
    char place[96];
    snprintf(place, sizeof place, "layer %zu, weights", layer);
    if (!need_array(rows, place, error))
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
        return error_set(error, ERROR_REQUEST,
                         "%s row 0 has %zu numbers, but layer %zu has %zu neurons; make them agree",
                         place, inputs, layer - 1, expected);
    if (!layer_resize(out, neurons, inputs, error))
        return false;
    size_t i = 0;
    const cJSON *row;
    cJSON_ArrayForEach(row, rows) {
        snprintf(place, sizeof place, "layer %zu, weights row %zu", layer, i);
        if (!need_array(row, place, error) ||
            !read_numbers(row, inputs, out->weights + i * inputs, place, error))
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
    return read_activation(cJSON_GetObjectItemCaseSensitive(object, "activation"), layer, depth,
                           &out->activation, error) &&
           read_weights(cJSON_GetObjectItemCaseSensitive(object, "weights"), layer, expected, out,
                        error) &&
           need_array(bias, place, error) &&
           read_numbers(bias, out->neurons, out->bias, place, error) &&
           keep_unknown(object, layer_known, &out->extra, error);
}

static bool read_names(const cJSON *array, const char *side, struct scaling *scaling,
                       struct error *error) {
    char place[64];
    snprintf(place, sizeof place, "%s.names", side);
    if (!need_array(array, place, error))
        return false;
    if ((size_t)cJSON_GetArraySize(array) != scaling->count)
        return error_set(error, ERROR_REQUEST, "%s has %d names where %zu belong; make them agree",
                         place, cJSON_GetArraySize(array), scaling->count);
    scaling->names = memory_new(scaling->count, sizeof *scaling->names, error);
    if (!scaling->names)
        return false;
    size_t i = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, array) {
        if (!cJSON_IsString(item))
            return error_set(error, ERROR_REQUEST, "%s[%zu] is not a string; quote it", place, i);
        if (!(scaling->names[i++] = memory_string(item->valuestring, error)))
            return false;
    }
    return true;
}

static bool read_scaling_array(const cJSON *object, const char *member, const char *side,
                               struct scaling *scaling, double *out, struct error *error) {
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(object, member);
    if (!array || cJSON_IsNull(array))
        return true;
    char place[64];
    snprintf(place, sizeof place, "%s.%s", side, member);
    scaling->given = true;
    return need_array(array, place, error) &&
           read_numbers(array, scaling->count, out, place, error);
}

static bool read_scaling(cJSON *object, const char *side, struct scaling *scaling,
                         struct error *error) {
    if (!object || cJSON_IsNull(object))
        return true;
    if (!cJSON_IsObject(object))
        return error_set(error, ERROR_REQUEST, "%s is not an object; see the format", side);
    const cJSON *names = cJSON_GetObjectItemCaseSensitive(object, "names");
    if (names && !cJSON_IsNull(names) && !read_names(names, side, scaling, error))
        return false;
    if (!read_scaling_array(object, "mean", side, scaling, scaling->mean, error) ||
        !read_scaling_array(object, "scale", side, scaling, scaling->scale, error))
        return false;
    for (size_t i = 0; i < scaling->count; i++)
        if (scaling->scale[i] == 0)
            return error_set(error, ERROR_REQUEST,
                             "%s.scale[%zu] is 0; write 1 for a constant column", side, i);
    return keep_unknown(object, scaling_known, &scaling->extra, error);
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
    network->name = memory_string(cJSON_IsString(name) ? name->valuestring : "", error);
    return network->name != NULL;
}

static bool read_layers(cJSON *array, struct network *network, struct error *error) {
    if (!need_array(array, "\"layers\"", error))
        return false;
    size_t depth = (size_t)cJSON_GetArraySize(array);
    if (depth == 0 || depth > NETWORK_MAX_LAYERS)
        return error_set(error, ERROR_REQUEST, "\"layers\" holds %zu layers; 1 to %d can be read",
                         depth, NETWORK_MAX_LAYERS);
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

/* Without a word about it a softmax makes classification. */
static bool read_task(const cJSON *task, struct network *network, struct error *error) {
    const char *name = cJSON_IsString(task) ? task->valuestring : NULL;
    bool softmax = network_is_softmax(network);
    if (!task)
        network->task = softmax ? TASK_CLASSIFICATION : TASK_REGRESSION;
    else if (name && strcmp(name, "classification") == 0)
        network->task = TASK_CLASSIFICATION;
    else if (!name || strcmp(name, "regression") != 0)
        return error_set(error, ERROR_REQUEST,
                         "\"task\" must be \"regression\" or \"classification\"");
    else if (softmax)
        return error_set(error, ERROR_REQUEST,
                         "\"task\" is \"regression\", but layer %zu is softmax; write "
                         "\"classification\"",
                         network->depth);
    return true;
}

static bool read_network(cJSON *root, struct network *network, struct error *error) {
    if (!cJSON_IsObject(root))
        return error_set(error, ERROR_REQUEST,
                         "not a lumpscope network: the document is no JSON object");
    return read_head(root, network, error) &&
           read_layers(cJSON_GetObjectItemCaseSensitive(root, "layers"), network, error) &&
           read_task(cJSON_GetObjectItemCaseSensitive(root, "task"), network, error) &&
           scaling_unit(&network->input, network_inputs(network), error) &&
           scaling_unit(&network->output, network_outputs(network), error) &&
           read_scaling(cJSON_GetObjectItemCaseSensitive(root, "input"), "input", &network->input,
                        error) &&
           read_scaling(cJSON_GetObjectItemCaseSensitive(root, "output"), "output",
                        &network->output, error) &&
           keep_unknown(root, network_known, &network->members, error);
}

static bool syntax_error(const char *name, const char *text, const char *where, size_t length,
                         struct error *error) {
    if (!where || where < text || where > text + length)
        where = text;
    size_t line = 1, column = 1;
    for (const char *c = text; c < where; c++) {
        column = *c == '\n' ? 1 : column + 1;
        line += *c == '\n';
    }
    return error_set(error, ERROR_REQUEST,
                     "%s: line %zu, column %zu: not JSON, or nested deeper than %d; "
                     "check that the file is a whole lumpscope model",
                     name, line, column, CJSON_NESTING_LIMIT);
}

struct network *model_json_parse(const char *name, const char *text, size_t length,
                                 struct error *error) {
    if (length == 0) {
        error_set(error, ERROR_REQUEST, "%s: the file is empty; name a model file", name);
        return NULL;
    }
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(text, length, &end, false);
    while (root && end < text + length && strchr(" \t\r\n", *end) && *end)
        end++;
    if (!root || end != text + length) {
        cJSON_Delete(root);
        syntax_error(name, text, end, length, error);
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

struct network *model_json_load(const char *path, struct error *error) {
    size_t length;
    char *text = file_read(path, file_limit, &length, error);
    if (!text)
        return NULL;
    struct network *network = model_json_parse(path, text, length, error);
    free(text);
    return network;
}

static void print_numbers(struct text *out, const double *numbers, size_t count) {
    char number[TEXT_NUMBER_SIZE];
    text_append(out, "[");
    for (size_t i = 0; i < count; i++) {
        if (i)
            text_append(out, ", ");
        text_append(out, text_number(numbers[i], number));
    }
    text_append(out, "]");
}

/* ", "name": value" for every member of an object of unknown members. */
static bool print_extra(struct text *out, const cJSON *extra, const char *separator) {
    const cJSON *item;
    cJSON_ArrayForEach(item, extra) {
        char *value = cJSON_PrintUnformatted(item);
        if (!value)
            return false;
        text_append(out, separator);
        text_append_json_string(out, item->string);
        text_append(out, ": ");
        text_append(out, value);
        cJSON_free(value);
    }
    return true;
}

static bool print_scaling(struct text *out, const char *side, const struct scaling *scaling) {
    if (!scaling->names && !scaling->given && !scaling->extra)
        return true;
    const char *separator = "";
    text_format(out, ",\n \"%s\": {", side);
    if (scaling->names) {
        text_append(out, "\"names\": [");
        for (size_t i = 0; i < scaling->count; i++) {
            text_append(out, i ? ", " : "");
            text_append_json_string(out, scaling->names[i]);
        }
        text_append(out, "]");
        separator = ", ";
    }
    if (scaling->given) {
        text_format(out, "%s\"mean\": ", separator);
        print_numbers(out, scaling->mean, scaling->count);
        text_append(out, ", \"scale\": ");
        print_numbers(out, scaling->scale, scaling->count);
        separator = ", ";
    }
    /* The first of the unknown members needs no comma when nothing stands before it. */
    struct text extra = {0};
    bool printed = print_extra(&extra, scaling->extra, ", ");
    if (extra.length)
        text_append(out, extra.data + (*separator ? 0 : 2));
    text_free(&extra);
    text_append(out, "}");
    return printed;
}

static void print_activation(struct text *out, const struct activation *activation) {
    const char *name = activation_name(activation->kind);
    struct activation plain;
    if (activation->kind == ACTIVATION_POLYNOMIAL) {
        text_append(out, "{\"polynomial\": ");
        print_numbers(out, activation->coefficients, activation->degree + 1);
        text_append(out, "}");
    } else if (activation_parse(name, &plain) && plain.parameter != activation->parameter) {
        text_format(out, "{\"%s\": ", name);
        text_append_number(out, activation->parameter);
        text_append(out, "}");
    } else
        text_format(out, "\"%s\"", name);
}

/* Where a document goes: into a text that is kept, or counted and thrown away row by row. */
struct printing {
    struct text *out;
    bool counted;
    size_t length; /* of what was thrown away */
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
    print_activation(out, &layer->activation);
    text_append(out, ",\n   \"weights\": [");
    for (size_t i = 0; i < layer->neurons; i++) {
        text_append(out, i ? ",\n    " : "\n    ");
        print_numbers(out, layer->weights + i * layer->inputs, layer->inputs);
        if (!printed_row(printing, i, layer->neurons, error))
            return false;
    }
    text_append(out, "],\n   \"bias\": ");
    print_numbers(out, layer->bias, layer->neurons);
    bool printed = print_extra(out, layer->extra, ",\n   ");
    text_append(out, "}");
    return printed || error_memory(error, out->capacity);
}

static bool print_network(struct printing *printing, const struct network *network,
                          struct error *error) {
    struct text *out = printing->out;
    text_append(out, "{\"format\": \"lumpscope-network\", \"version\": 1, \"name\": ");
    text_append_json_string(out, network->name);
    text_format(out, ", \"task\": \"%s\"",
                network->task == TASK_CLASSIFICATION ? "classification" : "regression");
    bool printed = print_scaling(out, "input", &network->input) &&
                   print_scaling(out, "output", &network->output);
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
    printed = print_extra(out, network->members, ",\n ");
    text_append(out, "}\n");
    return (printed && !out->failed) || error_memory(error, out->capacity);
}

bool model_json_print(const struct network *network, struct text *out, struct error *error) {
    struct printing printing = {.out = out};
    return print_network(&printing, network, error);
}

bool model_json_measure(const struct network *network, size_t *bytes,
                        const struct progress *progress, struct error *error) {
    struct text row = {0};
    struct printing printing = {.out = &row, .counted = true, .progress = progress};
    bool done = print_network(&printing, network, error);
    *bytes = printing.length + row.length;
    text_free(&row);
    return done;
}

bool model_json_save(const struct network *network, const char *path, struct error *error) {
    struct text document = {0};
    bool saved = model_json_print(network, &document, error) &&
                 file_write(path, document.data, document.length, error);
    text_free(&document);
    return saved;
}
