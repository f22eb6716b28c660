#include "range.h"

#include "names.h"

#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

void range_list_free(struct range_list *list) {
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].name);
    free(list->items);
    *list = (struct range_list){0};
}

static const struct range *find(const struct range_list *list, const char *name) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    return NULL;
}

static bool add(struct range_list *list, const char *name, double low, double high,
                struct error *error) {
    if (!memory_reserve(&list->items, &list->capacity, list->count + 1, sizeof *list->items, error))
        return false;
    char *copy = memory_string(name, error);
    if (!copy)
        return false;
    list->items[list->count++] = (struct range){copy, low, high};
    return true;
}

static bool read_end(const char *text, double open, double *end) {
    *end = open;
    return !*text || text_to_double(text, end);
}

/* "NAME=LOW:HIGH", which is cut into its parts. A name may hold '=', as one-hot columns do. */
static bool parse_item(struct range_list *list, char *item, struct error *error) {
    double low, high;
    char *equals = strrchr(item, '='), *colon = equals ? strchr(equals, ':') : NULL;
    bool good = equals && equals > item && colon;
    if (good) {
        *equals = *colon = '\0';
        good = read_end(equals + 1, -INFINITY, &low) && read_end(colon + 1, INFINITY, &high) &&
               low <= high;
        if (good && find(list, item))
            return error_set(error, ERROR_USAGE,
                             "range names \"%.60s\" twice; give each column one range", item);
        if (good)
            return add(list, item, low, high, error);
        *equals = '=';
        *colon = ':';
    }
    return error_set(error, ERROR_USAGE,
                     "range \"%.60s\" cannot be read; give NAME=LOW:HIGH with numbers, LOW at most "
                     "HIGH, or one of them left out",
                     item);
}

bool range_list_parse(struct range_list *list, const char *text, struct error *error) {
    struct name_list items = {0};
    *list = (struct range_list){0};
    if (!text || !*text)
        return true;
    bool good = name_list_split(&items, text, "range", error);
    for (size_t i = 0; good && i < items.count; i++)
        good = parse_item(list, items.items[i], error);
    name_list_free(&items);
    if (!good)
        range_list_free(list);
    return good;
}

bool range_list_copy(struct range_list *to, const struct range_list *from, struct error *error) {
    *to = (struct range_list){0};
    for (size_t i = 0; i < from->count; i++)
        if (!add(to, from->items[i].name, from->items[i].low, from->items[i].high, error))
            return false;
    return true;
}

bool range_lists_equal(const struct range_list *a, const struct range_list *b) {
    bool equal = a->count == b->count;
    for (size_t i = 0; equal && i < a->count; i++) {
        const struct range *other = find(b, a->items[i].name);
        equal = other && other->low == a->items[i].low && other->high == a->items[i].high;
    }
    return equal;
}

static void append_end(double end, struct text *out) {
    if (isfinite(end))
        text_append_number(out, end);
}

void range_list_append(const struct range_list *list, struct text *out) {
    if (!list->count)
        text_append(out, "none");
    for (size_t i = 0; i < list->count; i++) {
        text_format(out, "%s%s=", i ? "," : "", list->items[i].name);
        append_end(list->items[i].low, out);
        text_append(out, ":");
        append_end(list->items[i].high, out);
    }
}

static bool json_end(const cJSON *item, double open, double *end) {
    *end = cJSON_IsNull(item) ? open : cJSON_GetNumberValue(item);
    return cJSON_IsNull(item) || (cJSON_IsNumber(item) && isfinite(*end));
}

bool range_list_json(struct range_list *list, const struct cJSON *object, struct error *error) {
    const cJSON *item;
    bool good = cJSON_IsObject(object);
    *list = (struct range_list){0};
    cJSON_ArrayForEach(item, object) {
        double low, high;
        good = cJSON_IsArray(item) && cJSON_GetArraySize(item) == 2 &&
               json_end(cJSON_GetArrayItem(item, 0), -INFINITY, &low) &&
               json_end(cJSON_GetArrayItem(item, 1), INFINITY, &high) && low <= high;
        if (!good)
            break;
        if (!add(list, item->string, low, high, error))
            return false;
    }
    return good || error_set(error, ERROR_REQUEST,
                             "the model's \"data\".\"range\" must be an object of [low, high]");
}

static bool add_end(cJSON *pair, double end) {
    cJSON *item = isfinite(end) ? cJSON_CreateNumber(end) : cJSON_CreateNull();
    if (item && cJSON_AddItemToArray(pair, item))
        return true;
    cJSON_Delete(item);
    return false;
}

struct cJSON *range_list_to_json(const struct range_list *list) {
    cJSON *object = cJSON_CreateObject();
    bool made = object != NULL;
    for (size_t i = 0; made && i < list->count; i++) {
        cJSON *pair = cJSON_AddArrayToObject(object, list->items[i].name);
        made = pair && add_end(pair, list->items[i].low) && add_end(pair, list->items[i].high);
    }
    if (made)
        return object;
    cJSON_Delete(object);
    return NULL;
}
