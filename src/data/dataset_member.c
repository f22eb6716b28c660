#include "load.h"

#include "lumpscope/memory.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

static const double seed_limit = 0x1p53; /* seeds above it are written as text */

void data_member_free(struct data_member *member) {
    target_spec_free(&member->target);
    name_list_free(&member->drop);
    range_list_free(&member->ranges);
    name_list_free(&member->dates);
    name_list_free(&member->level_columns);
    name_index_free(&member->date_index);
    name_index_free(&member->level_index);
    *member = (struct data_member){0};
}

/* A member that is there and not null. */
static const cJSON *member_item(const cJSON *data, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(data, name);
    return item && !cJSON_IsNull(item) ? item : NULL;
}

/* An array of names, empty for none; or a text as in the option. */
static bool read_target(const cJSON *data, struct target_spec *target, struct error *error) {
    const cJSON *item = member_item(data, "target");
    if (!item)
        return true;
    if (cJSON_IsString(item))
        return target_spec_parse(target, item->valuestring, error);
    if (!name_list_json(&target->names, item, "\"data\".\"target\"", error))
        return false;
    target->kind = target->names.count ? TARGET_NAMES : TARGET_NONE;
    return true;
}

static bool read_drop(const cJSON *data, struct data_member *member, struct error *error) {
    const cJSON *item = member_item(data, "drop");
    member->has_drop = item != NULL;
    if (cJSON_IsString(item))
        return drop_parse(&member->drop, item->valuestring, error);
    return !item || name_list_json(&member->drop, item, "\"data\".\"drop\"", error);
}

static bool read_ranges(const cJSON *data, struct data_member *member, struct error *error) {
    const cJSON *item = member_item(data, "range");
    member->has_ranges = item != NULL;
    return !item || range_list_json(&member->ranges, item, error);
}

static bool read_encoding(const cJSON *data, struct data_member *member, struct error *error) {
    const cJSON *dates = member_item(data, "dates"), *column;
    member->has_dates = dates != NULL;
    if (dates && !name_list_json(&member->dates, dates, "\"data\".\"dates\"", error))
        return false;
    member->levels = member_item(data, "levels");
    if (member->levels && !cJSON_IsObject(member->levels))
        return error_set(error, ERROR_REQUEST,
                         "the model's \"data\".\"levels\" must be an object of arrays");
    cJSON_ArrayForEach(column, member->levels) {
        if (!name_list_add(&member->level_columns, column->string, strlen(column->string), error))
            return false;
    }
    return name_index_init(&member->date_index, member->dates.items, NULL, member->dates.count,
                           error) &&
           name_index_init(&member->level_index, member->level_columns.items, NULL,
                           member->level_columns.count, error);
}

static bool read_split(const cJSON *data, struct data_member *member, struct error *error) {
    const cJSON *fraction = member_item(data, "test_fraction");
    const cJSON *seed = member_item(data, "split_seed");
    member->has_fraction = fraction != NULL;
    member->has_seed = seed != NULL;
    if (fraction) {
        member->test_fraction = cJSON_GetNumberValue(fraction);
        if (!(member->test_fraction >= 0 && member->test_fraction <= 1))
            return error_set(error, ERROR_REQUEST,
                             "the model's \"data\".\"test_fraction\" must be from 0 to 1");
    }
    if (!seed || (cJSON_IsString(seed) && text_to_uint64(seed->valuestring, &member->split_seed)))
        return true;
    double number = cJSON_GetNumberValue(seed);
    if (!(number >= 0 && number <= seed_limit) || number != (double)(uint64_t)number)
        return error_set(error, ERROR_REQUEST,
                         "the model's \"data\".\"split_seed\" must be a whole number from 0");
    member->split_seed = (uint64_t)number;
    return true;
}

bool data_member_read(struct data_member *member, const struct network *model,
                      struct error *error) {
    *member = (struct data_member){0};
    const cJSON *data = model ? network_member(model, "data") : NULL;
    if (data && cJSON_IsNull(data))
        data = NULL;
    if (data && !cJSON_IsObject(data))
        return error_set(error, ERROR_REQUEST, "the model's \"data\" must be an object");
    if (read_target(data, &member->target, error) && read_drop(data, member, error) &&
        read_ranges(data, member, error) && read_encoding(data, member, error) &&
        read_split(data, member, error))
        return true;
    if (error && error->kind == ERROR_USAGE) /* it came from the model, not from the user */
        error->kind = ERROR_REQUEST;
    return false;
}

/* Replaces a member; takes ownership of the value. */
static bool put(cJSON *object, const char *name, cJSON *value) {
    cJSON_DeleteItemFromObjectCaseSensitive(object, name);
    if (value && cJSON_AddItemToObject(object, name, value))
        return true;
    cJSON_Delete(value);
    return false;
}

static cJSON *strings(const struct name_list *list) {
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; array && i < list->count; i++) {
        cJSON *item = cJSON_CreateString(list->items[i]);
        if (!item || !cJSON_AddItemToArray(array, item)) {
            cJSON_Delete(item);
            cJSON_Delete(array);
            return NULL;
        }
    }
    return array;
}

/* The names of the target columns in use. Where targets were ignored or absent, the model's own
 * stay; none is written only when none was asked for. */
static bool put_target(const struct load *load, cJSON *object, struct error *error) {
    if (load->target_count == 0 && load->asked.kind != TARGET_NONE)
        return true;
    struct name_list names = {0};
    bool done = true;
    for (size_t k = 0; done && k < load->target_count; k++) {
        const char *name = load->table.names[load->targets[k]];
        done = name_list_add(&names, name, strlen(name), error);
    }
    done = done && put(object, "target", strings(&names));
    name_list_free(&names);
    return done;
}

/* Only where there are some, as most models have none. */
static bool put_ranges(const struct load *load, cJSON *object) {
    cJSON_DeleteItemFromObjectCaseSensitive(object, "range");
    return load->ranges.count == 0 || put(object, "range", range_list_to_json(&load->ranges));
}

static cJSON *seed_item(uint64_t seed) {
    char digits[24];
    if ((double)seed < seed_limit)
        return cJSON_CreateNumber((double)seed);
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)seed);
    return cJSON_CreateString(digits);
}

struct cJSON *load_member(const struct load *load, struct error *error) {
    const cJSON *model = load->model ? network_member(load->model, "data") : NULL;
    cJSON *object = cJSON_IsObject(model) ? cJSON_Duplicate(model, true) : cJSON_CreateObject();
    bool done = object && put_target(load, object, error) &&
                put(object, "drop", strings(&load->drop)) && put_ranges(load, object) &&
                load_member_encoding(load, object) &&
                put(object, "test_fraction", cJSON_CreateNumber(load->test_fraction)) &&
                put(object, "split_seed", seed_item(load->split_seed));
    if (done)
        return object;
    cJSON_Delete(object);
    error_memory(error, sizeof *object);
    return NULL;
}
