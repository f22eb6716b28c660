#include "levels.h"

#include "lumpscope/memory.h"

#include <string.h>

void level_set_free(struct level_set *set) {
    free(set->items);
    *set = (struct level_set){0};
}

static int compare(const struct level_set *set, const struct level *level, const char *text,
                   double value) {
    if (set->numeric)
        return (level->value > value) - (level->value < value);
    return strcmp(level->text, text);
}

/* The first level that is not before the one asked for. */
static size_t lower_bound(const struct level_set *set, const char *text, double value) {
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(set, &set->items[middle], text, value) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct level *level_set_find(const struct level_set *set, const char *text, double value) {
    size_t i = lower_bound(set, text, value);
    bool found = i < set->count && compare(set, &set->items[i], text, value) == 0;
    return found ? &set->items[i] : NULL;
}

bool level_set_add(struct level_set *set, const struct level *level, struct error *error) {
    size_t i = lower_bound(set, level->text, level->value);
    if (i < set->count && compare(set, &set->items[i], level->text, level->value) == 0)
        return true;
    if (set->count == DATASET_LEVEL_LIMIT)
        return error_set(error, ERROR_REQUEST,
                         "more than %d different values are too many for one-hot inputs or "
                         "classes; drop the column, or name another target",
                         DATASET_LEVEL_LIMIT);
    if (!memory_reserve(&set->items, &set->capacity, set->count + 1, sizeof *set->items, error))
        return false;
    memmove(set->items + i + 1, set->items + i, (set->count - i) * sizeof *set->items);
    set->items[i] = *level;
    set->count++;
    return true;
}

struct level level_of_cell(const struct level_set *set, const struct table *table,
                           const struct column *column, size_t row, size_t index,
                           char buffer[TEXT_NUMBER_SIZE]) {
    if (set->numeric)
        return (struct level){.value = column->numbers[row]};
    return (struct level){.text = table_text(table, row, index, buffer)};
}

bool level_set_collect(struct level_set *set, const struct table *table,
                       const struct column *column, size_t index, const size_t *rows, size_t count,
                       struct error *error) {
    *set = (struct level_set){.numeric = !column->counts[CELL_TEXT]};
    for (size_t k = 0; k < count; k++) {
        size_t row = rows ? rows[k] : k;
        if (column->kinds[row] == CELL_MISSING)
            continue;
        struct level level = level_of_cell(set, table, column, row, index, NULL);
        if (!level_set_add(set, &level, error)) {
            error_prefix(error, "column \"%.60s\"", table->names[index]);
            return false;
        }
    }
    for (size_t i = 0; i < set->count; i++)
        set->items[i].place = i;
    return true;
}
