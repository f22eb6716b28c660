#include "load.h"

#include "lumpscope/memory.h"

#include <cjson/cJSON.h>
#include <string.h>

void load_clear_inputs(struct load *load) {
    for (size_t e = 0; e < load->encoder_count; e++)
        free(load->encoders[e].slots);
    load->encoder_count = 0;
    for (size_t i = 0; load->encoder_of && i < load->table.columns * ENCODE_KINDS; i++)
        load->encoder_of[i] = NAME_ABSENT;
    name_list_free(&load->input_names);
}

static struct encoder *encoder_for(struct load *load, size_t column, enum encode_kind kind,
                                   struct error *error) {
    size_t *place = &load->encoder_of[column * ENCODE_KINDS + (size_t)kind];
    if (*place == NAME_ABSENT) {
        if (!memory_reserve(&load->encoders, &load->encoder_capacity, load->encoder_count + 1,
                            sizeof *load->encoders, error))
            return NULL;
        *place = load->encoder_count++;
        load->encoders[*place] = (struct encoder){.column = column, .kind = kind};
    }
    return &load->encoders[*place];
}

bool load_add_input(struct load *load, const char *name, size_t column, enum encode_kind kind,
                    size_t suffix, struct error *error) {
    struct encoder *encoder = encoder_for(load, column, kind, error);
    size_t input = load->input_names.count;
    if (input >= DATASET_VALUE_LIMIT / load->table.rows)
        return error_set(error, ERROR_REQUEST,
                         "%zu rows of more than %zu inputs are more than memory should hold; drop "
                         "columns of text, or use fewer rows",
                         load->table.rows, input);
    if (!encoder || !name_list_add(&load->input_names, name, strlen(name), error) ||
        !memory_reserve(&encoder->slots, &encoder->capacity, encoder->count + 1,
                        sizeof *encoder->slots, error))
        return false;
    encoder->slots[encoder->count++] = (struct slot){input, suffix};
    return true;
}

/* "COLUMN", a mark, and a suffix. */
static bool add_part(struct load *load, size_t column, enum encode_kind kind, char mark,
                     const char *suffix, struct error *error) {
    struct text name = {0};
    const char *whole = load->table.names[column];
    text_format(&name, "%s%c%s", whole, mark, suffix);
    bool added = name.failed
                     ? error_memory(error, strlen(suffix))
                     : load_add_input(load, name.data, column, kind, strlen(whole) + 1, error);
    text_free(&name);
    return added;
}

/* The levels that the model has for the column, which its own names do not tell. */
static bool add_model_levels(struct load *load, size_t column, const cJSON *levels,
                             struct error *error) {
    struct name_list names = {0};
    bool added = name_list_json(&names, levels, "\"data\".\"levels\" of a column", error);
    for (size_t i = 0; added && i < names.count; i++)
        added = add_part(load, column, ENCODE_LEVELS, '=', names.items[i], error);
    name_list_free(&names);
    return added;
}

static bool add_levels(struct load *load, size_t column, struct error *error) {
    struct level_set set;
    bool added = level_set_collect(&set, &load->table, &load->columns[column], column, NULL,
                                   load->table.rows, error);
    for (size_t i = 0; added && i < set.count; i++)
        added = add_part(load, column, ENCODE_LEVELS, '=', set.items[i].text, error);
    level_set_free(&set);
    return added;
}

bool load_add_column(struct load *load, size_t column, struct error *error) {
    if (!load_scan(load, column, error))
        return false;
    const struct column *content = &load->columns[column];
    const char *name = load->table.names[column];
    const cJSON *levels =
        load->member.levels ? cJSON_GetObjectItemCaseSensitive(load->member.levels, name) : NULL;
    if (levels)
        return add_model_levels(load, column, levels, error);
    if (!content->dates)
        return content->counts[CELL_TEXT]
                   ? add_levels(load, column, error)
                   : load_add_input(load, name, column, ENCODE_NUMBER, 0, error);
    for (int part = 0; part < DATE_PARTS; part++)
        if (!add_part(load, column, ENCODE_DATE, '.', date_part_names[part], error))
            return false;
    return true;
}

/* What a kept column must hold: numbers, or nothing in particular. */
static bool check_kept(struct load *load, struct error *error) {
    for (size_t e = 0; e < load->encoder_count; e++) {
        const struct encoder *encoder = &load->encoders[e];
        if (!load_scan(load, encoder->column, error))
            return false;
        if (encoder->kind == ENCODE_NUMBER &&
            !column_need_numbers(&load->columns[encoder->column], &load->table, encoder->column,
                                 "the model reads numbers in this column; correct it or remove the "
                                 "row",
                                 error))
            return false;
    }
    for (size_t k = 0; k < load->target_count; k++)
        if (!load_scan(load, load->targets[k], error))
            return false;
    return true;
}

static void mark_missing(const struct load *load, size_t column, bool *missing) {
    const struct column *content = &load->columns[column];
    if (content->counts[CELL_MISSING])
        for (size_t r = 0; r < load->table.rows; r++)
            missing[r] = missing[r] || content->kinds[r] == CELL_MISSING;
}

/* No row is whole: the sentence names the kept column with most missing values. */
static bool all_missing(const struct load *load, struct error *error) {
    size_t worst = load->encoders[0].column;
    for (size_t e = 0; e < load->encoder_count + load->target_count; e++) {
        size_t column = e < load->encoder_count ? load->encoders[e].column
                                                : load->targets[e - load->encoder_count];
        if (load->columns[column].counts[CELL_MISSING] > load->columns[worst].counts[CELL_MISSING])
            worst = column;
    }
    return error_set(error, ERROR_REQUEST,
                     "every one of the %zu rows has a missing value, %zu of them in column "
                     "\"%.60s\"; drop columns that are mostly missing",
                     load->table.rows, load->columns[worst].counts[CELL_MISSING],
                     load->table.names[worst]);
}

static bool tell_dropped(struct load *load, const struct dataset *dataset, struct error *error) {
    size_t rows = load->table.rows;
    struct text ranges = {0};
    range_list_append(&load->ranges, &ranges);
    if (dataset->dropped)
        load_message(load, "%zu of %zu rows dropped for a missing value", dataset->dropped, rows);
    if (dataset->outside)
        load_message(load, "%zu of %zu rows dropped as outside of range %s", dataset->outside, rows,
                     ranges.data ? ranges.data : "");
    bool left = dataset->dropped + dataset->outside < rows;
    if (!left && dataset->outside)
        error_set(error, ERROR_REQUEST,
                  "none of the %zu rows is left, %zu of them are outside of range %s; give a wider "
                  "one",
                  rows, dataset->outside, ranges.data ? ranges.data : "");
    text_free(&ranges);
    return left || (!dataset->outside && all_missing(load, error));
}

static bool keep_rows(struct load *load, struct dataset *dataset, size_t *kept,
                      struct error *error) {
    size_t rows = load->table.rows;
    bool *missing = memory_new(rows, sizeof *missing, error);
    bool *outside = memory_new(rows, sizeof *outside, error);
    dataset->source_row = memory_new(rows, sizeof *dataset->source_row, error);
    bool done =
        missing && outside && dataset->source_row && load_mark_outside(load, outside, error);
    for (size_t e = 0; done && e < load->encoder_count; e++)
        mark_missing(load, load->encoders[e].column, missing);
    for (size_t k = 0; done && k < load->target_count; k++)
        mark_missing(load, load->targets[k], missing);
    *kept = 0;
    for (size_t r = 0; done && r < rows; r++)
        if (missing[r])
            dataset->dropped++;
        else if (outside[r])
            dataset->outside++;
        else
            dataset->source_row[(*kept)++] = r;
    free(missing);
    free(outside);
    dataset->file_rows = rows;
    return done && tell_dropped(load, dataset, error);
}

static void fill_numbers(const struct load *load, const struct encoder *encoder,
                         struct dataset *dataset) {
    const double *numbers = load->columns[encoder->column].numbers;
    for (size_t k = 0; k < dataset->inputs.rows; k++)
        for (size_t s = 0; s < encoder->count; s++)
            matrix_row(&dataset->inputs, k)[encoder->slots[s].input] =
                numbers[dataset->source_row[k]];
}

/* "year", ... of each slot; the names were made or checked so that one fits. */
static enum date_part slot_part(const struct load *load, const struct slot *slot) {
    const char *suffix = load->input_names.items[slot->input] + slot->suffix;
    int part = DATE_YEAR;
    while (part + 1 < DATE_PARTS && strcmp(date_part_names[part], suffix) != 0)
        part++;
    return (enum date_part)part;
}

static bool fill_dates(const struct load *load, const struct encoder *encoder,
                       struct dataset *dataset, struct error *error) {
    char number[TEXT_NUMBER_SIZE], place[TABLE_PLACE_SIZE];
    double parts[DATE_PARTS];
    for (size_t k = 0; k < dataset->inputs.rows; k++) {
        size_t row = dataset->source_row[k];
        const char *text = table_text(&load->table, row, encoder->column, number);
        if (!date_read(text, parts))
            return error_set(error, ERROR_REQUEST,
                             "%s: \"%.60s\" is not a date as YYYY-MM-DD HH:MM:SS, which the model "
                             "reads in this column; correct it or remove the row",
                             table_place(&load->table, row, encoder->column, place), text);
        for (size_t s = 0; s < encoder->count; s++)
            matrix_row(&dataset->inputs, k)[encoder->slots[s].input] =
                parts[slot_part(load, &encoder->slots[s])];
    }
    return true;
}

/* The encoder's levels with the inputs they set. */
static bool encoder_levels(const struct load *load, const struct encoder *encoder,
                           struct level_set *set, struct error *error) {
    *set = (struct level_set){0};
    for (size_t s = 0; s < encoder->count; s++) {
        const struct slot *slot = &encoder->slots[s];
        struct level level = {.text = load->input_names.items[slot->input] + slot->suffix,
                              .place = slot->input};
        if (!level_set_add(set, &level, error))
            return false;
    }
    return true;
}

static bool fill_levels(struct load *load, const struct encoder *encoder, struct dataset *dataset,
                        struct error *error) {
    struct level_set set;
    bool done = encoder_levels(load, encoder, &set, error);
    char number[TEXT_NUMBER_SIZE], place[TABLE_PLACE_SIZE];
    size_t unseen = 0, first = 0;
    for (size_t k = 0; done && k < dataset->inputs.rows; k++) {
        size_t row = dataset->source_row[k];
        const struct level *level =
            level_set_find(&set, table_text(&load->table, row, encoder->column, number), 0);
        if (level)
            matrix_row(&dataset->inputs, k)[level->place] = 1;
        else if (unseen++ == 0)
            first = row;
    }
    if (unseen)
        load_message(load, "%zu %s the model has not seen become zeros, first \"%.60s\" in %s",
                     unseen, unseen == 1 ? "value" : "values",
                     table_text(&load->table, first, encoder->column, number),
                     table_place(&load->table, first, encoder->column, place));
    dataset->unseen_levels += unseen;
    level_set_free(&set);
    return done;
}

bool load_fill_inputs(struct load *load, struct dataset *dataset, struct error *error) {
    size_t kept;
    if (!check_kept(load, error) || !keep_rows(load, dataset, &kept, error) ||
        !matrix_init(&dataset->inputs, kept, load->input_names.count, error))
        return false;
    bool done = true;
    for (size_t e = 0; done && e < load->encoder_count; e++) {
        const struct encoder *encoder = &load->encoders[e];
        if (encoder->kind == ENCODE_NUMBER)
            fill_numbers(load, encoder, dataset);
        else if (encoder->kind == ENCODE_DATE)
            done = fill_dates(load, encoder, dataset, error);
        else
            done = fill_levels(load, encoder, dataset, error);
    }
    return done;
}

/* The name of the column as it stands in the names of its inputs. */
static cJSON *encoder_name(const struct load *load, const struct encoder *encoder) {
    const struct slot *slot = &encoder->slots[0];
    struct text name = {0};
    text_append_bytes(&name, load->input_names.items[slot->input], slot->suffix - 1);
    cJSON *item = name.failed ? NULL : cJSON_CreateString(name.data);
    text_free(&name);
    return item;
}

static bool add_levels_json(const struct load *load, const struct encoder *encoder, cJSON *levels) {
    cJSON *name = encoder_name(load, encoder), *array = cJSON_CreateArray();
    bool done = name && array && cJSON_AddItemToObject(levels, name->valuestring, array);
    if (!done)
        cJSON_Delete(array);
    cJSON_Delete(name);
    for (size_t s = 0; done && s < encoder->count; s++) {
        const struct slot *slot = &encoder->slots[s];
        cJSON *item = cJSON_CreateString(load->input_names.items[slot->input] + slot->suffix);
        done = item && cJSON_AddItemToArray(array, item);
        if (!done)
            cJSON_Delete(item);
    }
    return done;
}

bool load_member_encoding(const struct load *load, struct cJSON *member) {
    cJSON_DeleteItemFromObjectCaseSensitive(member, "levels");
    cJSON_DeleteItemFromObjectCaseSensitive(member, "dates");
    cJSON *levels = cJSON_AddObjectToObject(member, "levels");
    cJSON *dates = cJSON_AddArrayToObject(member, "dates");
    bool done = levels && dates;
    for (size_t e = 0; done && e < load->encoder_count; e++) {
        const struct encoder *encoder = &load->encoders[e];
        if (encoder->kind == ENCODE_LEVELS)
            done = add_levels_json(load, encoder, levels);
        if (encoder->kind != ENCODE_DATE)
            continue;
        cJSON *name = encoder_name(load, encoder);
        done = name && cJSON_AddItemToArray(dates, name);
        if (!done)
            cJSON_Delete(name);
    }
    return done;
}
