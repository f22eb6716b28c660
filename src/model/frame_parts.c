#include "frame_parts.h"

#include "lumpscope/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const scaling_known[] = {"names", "mean", "scale", NULL};

bool frame_is_known(const char *name, const char *const *known) {
    for (; *known; known++)
        if (strcmp(name, *known) == 0)
            return true;
    return false;
}

/* Detaches the members that are not known into an object of their own; NULL when there are none. */
bool frame_keep_unknown(cJSON *object, const char *const *known, cJSON **extra,
                        struct error *error) {
    cJSON *next;
    for (cJSON *item = object->child; item; item = next) {
        next = item->next;
        if (!item->string || frame_is_known(item->string, known))
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

static bool refuse_count(const char *place, const char *what, size_t there, size_t wanted,
                         struct error *error) {
    return error_set(error, ERROR_REQUEST, "%s has %zu %s%s where %zu belong%s; make them agree",
                     place, there, what, text_plural(there), wanted, wanted == 1 ? "s" : "");
}

/* Reads `count` finite numbers from an array; `place` names it in the sentence. */
bool frame_read_numbers(const cJSON *array, size_t count, double *out, const char *place,
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
    return (i == count && !item) ||
           refuse_count(place, "number", (size_t)cJSON_GetArraySize(array), count, error);
}

bool frame_need_array(const cJSON *item, const char *place, struct error *error) {
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
    if (!frame_need_array(array, place, error))
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

bool frame_read_activation(const cJSON *item, size_t layer, size_t depth,
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

static bool read_names(const cJSON *array, const char *side, struct scaling *scaling,
                       struct error *error) {
    char place[64];
    snprintf(place, sizeof place, "%s.names", side);
    if (!frame_need_array(array, place, error))
        return false;
    size_t there = (size_t)cJSON_GetArraySize(array);
    if (there != scaling->count)
        return refuse_count(place, "name", there, scaling->count, error);
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
    return frame_need_array(array, place, error) &&
           frame_read_numbers(array, scaling->count, out, place, error);
}

bool frame_read_scaling(cJSON *object, const char *side, struct scaling *scaling,
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
    return frame_keep_unknown(object, scaling_known, &scaling->extra, error);
}

/* Without a word about it a softmax makes classification. */
bool frame_read_task(const cJSON *task, struct network *network, struct error *error) {
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

/* Digits that suffice for most numbers of a type, below those that suffice for all. */
enum { SPARE_DIGITS = 3, WIDEST = 8 };

static const char *typed_number(double value, enum tensor_type type, char *out) {
    unsigned char wanted[WIDEST], got[WIDEST];
    /* What the type has no room for is never written to a file, but it may be measured. */
    if (type == TENSOR_F64 || !tensor_encode(type, &value, 1, wanted))
        return text_number(value, out);
    tensor_decode(type, wanted, 1, &value);
    int most = tensor_type_digits(type);
    for (int digits = most - SPARE_DIGITS; digits <= most; digits++) {
        snprintf(out, TEXT_NUMBER_SIZE, "%.*g", digits, value);
        double again = strtod(out, NULL);
        tensor_encode(type, &again, 1, got);
        if (memcmp(wanted, got, tensor_type_size(type)) == 0)
            break;
    }
    return out;
}

void frame_print_typed(struct text *out, const double *numbers, size_t count,
                       enum tensor_type type) {
    char number[TEXT_NUMBER_SIZE];
    text_append(out, "[");
    for (size_t i = 0; i < count; i++) {
        if (i)
            text_append(out, ", ");
        text_append(out, typed_number(numbers[i], type, number));
    }
    text_append(out, "]");
}

void frame_print_numbers(struct text *out, const double *numbers, size_t count) {
    frame_print_typed(out, numbers, count, TENSOR_F64);
}

/* ", "name": value" for every member of an object of unknown members. */
bool frame_print_extra(struct text *out, const cJSON *extra, const char *separator) {
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

bool frame_has_scaling(const struct scaling *scaling) {
    return scaling->names || scaling->given || scaling->extra;
}

bool frame_print_scaling(struct text *out, const struct scaling *scaling) {
    const char *separator = "";
    text_append(out, "{");
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
        frame_print_numbers(out, scaling->mean, scaling->count);
        text_append(out, ", \"scale\": ");
        frame_print_numbers(out, scaling->scale, scaling->count);
        separator = ", ";
    }
    /* The first of the unknown members needs no comma when nothing stands before it. */
    struct text extra = {0};
    bool printed = frame_print_extra(&extra, scaling->extra, ", ");
    if (extra.length)
        text_append(out, extra.data + (*separator ? 0 : 2));
    text_free(&extra);
    text_append(out, "}");
    return printed;
}

void frame_print_activation(struct text *out, const struct activation *activation) {
    const char *name = activation_name(activation->kind);
    struct activation plain;
    if (activation->kind == ACTIVATION_POLYNOMIAL) {
        text_append(out, "{\"polynomial\": ");
        frame_print_numbers(out, activation->coefficients, activation->degree + 1);
        text_append(out, "}");
    } else if (activation_parse(name, &plain) && plain.parameter != activation->parameter) {
        text_format(out, "{\"%s\": ", name);
        text_append_number(out, activation->parameter);
        text_append(out, "}");
    } else
        text_format(out, "\"%s\"", name);
}

const char *frame_task_name(enum task task) {
    return task == TASK_CLASSIFICATION ? "classification" : "regression";
}
