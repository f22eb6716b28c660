#include "names.h"

#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <cjson/cJSON.h>
#include <string.h>

enum { NAMES_SHOWN = 8 };

void name_list_free(struct name_list *list) {
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct name_list){0};
}

bool name_list_add(struct name_list *list, const char *name, size_t length, struct error *error) {
    if (!memory_reserve(&list->items, &list->capacity, list->count + 1, sizeof *list->items, error))
        return false;
    char *copy = memory_new(length + 1, 1, error);
    if (!copy)
        return false;
    memcpy(copy, name, length);
    list->items[list->count++] = copy;
    return true;
}

bool name_list_split(struct name_list *list, const char *text, const char *option,
                     struct error *error) {
    for (const char *whole = text;;) {
        text += strspn(text, " ");
        size_t width = strcspn(text, ","), length = width;
        while (length > 0 && text[length - 1] == ' ')
            length--;
        if (length == 0)
            return error_set(error, ERROR_USAGE,
                             "%s \"%.60s\" holds an empty name; give names with commas between",
                             option, whole);
        if (!name_list_add(list, text, length, error))
            return false;
        if (!text[width])
            return true;
        text += width + 1;
    }
}

bool name_list_json(struct name_list *list, const struct cJSON *array, const char *place,
                    struct error *error) {
    if (!cJSON_IsArray(array))
        return error_set(error, ERROR_REQUEST, "the model's %s must be an array of strings", place);
    const cJSON *item;
    cJSON_ArrayForEach(item, array) {
        if (!cJSON_IsString(item))
            return error_set(error, ERROR_REQUEST, "the model's %s must hold strings only", place);
        if (!name_list_add(list, item->valuestring, strlen(item->valuestring), error))
            return false;
    }
    return true;
}

static int compare_entries(const void *a, const void *b) {
    const struct name_entry *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

bool name_index_init(struct name_index *index, char *const *names, const size_t *places,
                     size_t count, struct error *error) {
    *index = (struct name_index){.count = count};
    index->entries = memory_new(count, sizeof *index->entries, error);
    if (!index->entries) {
        index->count = 0;
        return false;
    }
    for (size_t i = 0; i < count; i++)
        index->entries[i] = (struct name_entry){names[i], places ? places[i] : i};
    qsort(index->entries, count, sizeof *index->entries, compare_entries);
    return true;
}

void name_index_free(struct name_index *index) {
    free(index->entries);
    *index = (struct name_index){0};
}

/* The order of an indexed name and one that is the first bytes of a longer string. */
static int compare_prefix(const char *indexed, const char *name, size_t length) {
    int order = strncmp(indexed, name, length);
    return order ? order : indexed[length] != '\0';
}

/* The first entry that is not before the name. */
static size_t lower_bound(const struct name_index *index, const char *name, size_t length) {
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_prefix(index->entries[middle].name, name, length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t name_index_find(const struct name_index *index, const char *name, size_t length) {
    size_t i = lower_bound(index, name, length);
    if (i == index->count || compare_prefix(index->entries[i].name, name, length) != 0)
        return NAME_ABSENT;
    return index->entries[i].place;
}

const char *name_index_repeated(const struct name_index *index) {
    for (size_t i = 1; i < index->count; i++)
        if (strcmp(index->entries[i - 1].name, index->entries[i].name) == 0)
            return index->entries[i].name;
    return NULL;
}

bool name_index_is_repeated(const struct name_index *index, const char *name, size_t length) {
    size_t i = lower_bound(index, name, length) + 1;
    return i < index->count && compare_prefix(index->entries[i].name, name, length) == 0;
}

bool name_lists_equal(const struct name_list *a, const struct name_list *b, bool *equal,
                      struct error *error) {
    struct name_index index;
    if (!name_index_init(&index, a->items, NULL, a->count, error))
        return false;
    *equal = a->count == b->count;
    for (size_t i = 0; *equal && i < b->count; i++)
        *equal = name_index_find(&index, b->items[i], strlen(b->items[i])) != NAME_ABSENT;
    name_index_free(&index);
    return true;
}

void names_append(struct text *out, char *const *names, size_t count) {
    size_t shown = count > NAMES_SHOWN ? NAMES_SHOWN - 1 : count;
    for (size_t i = 0; i < shown; i++)
        text_format(out, "%s\"%.40s\"", i ? ", " : "", names[i]);
    if (shown < count)
        text_format(out, " and %zu more", count - shown);
}
