/* Rows outside of the ranges of the recipe, or of the model. */
#include "load.h"

#include <string.h>

/* What the user said, else what the model's training did. */
bool load_choose_ranges(struct load *load, struct error *error) {
    const struct range_list *trained = &load->member.ranges;
    if (!load->recipe->range)
        return range_list_copy(&load->ranges, trained, error);
    if (!range_list_parse(&load->ranges, load->recipe->range, error))
        return false;
    if (!load->member.has_ranges || range_lists_equal(&load->ranges, trained))
        return true;
    struct text used = {0}, then = {0};
    range_list_append(&load->ranges, &used);
    range_list_append(trained, &then);
    load_message(load, "range %s is used; the model was trained with %s",
                 used.data ? used.data : "", then.data ? then.data : "");
    bool told = !used.failed && !then.failed;
    text_free(&used);
    text_free(&then);
    return told || error_memory(error, sizeof used);
}

/* Only what the user names must be there, and prediction judges rows by what it reads. */
static bool column_of(const struct load *load, const char *name, size_t *column,
                      struct error *error) {
    size_t count = 0;
    for (size_t j = load->table.columns; j-- > 0;)
        if (strcmp(load->table.names[j], name) == 0) {
            *column = j;
            count++;
        }
    if (count > 1)
        return error_set(error, ERROR_REQUEST,
                         "range: several columns are named \"%.60s\"; give each its own name",
                         name);
    bool ignored = count == 1 && load->recipe->target_use == TARGET_IGNORED &&
                   load->encoder_of[*column * ENCODE_KINDS + ENCODE_NUMBER] == NAME_ABSENT;
    if (!load->recipe->range && (count == 0 || ignored))
        *column = NAME_ABSENT;
    else if (count == 0)
        return load_no_column(load, "range", name, error);
    return true;
}

/* A value that is missing lies nowhere; its row is dropped for that when the column is kept. */
static bool mark_outside(struct load *load, const struct range *range, bool *outside,
                         struct error *error) {
    size_t column = NAME_ABSENT;
    if (!column_of(load, range->name, &column, error))
        return false;
    if (column == NAME_ABSENT)
        return true;
    if (!load_scan(load, column, error) ||
        !column_need_numbers(&load->columns[column], &load->table, column,
                             "a range is of numbers; correct it, or leave the range out", error))
        return false;
    const struct column *content = &load->columns[column];
    for (size_t r = 0; r < load->table.rows; r++)
        if (content->kinds[r] != CELL_NUMBER || content->numbers[r] < range->low ||
            content->numbers[r] > range->high)
            outside[r] = true;
    return true;
}

bool load_mark_outside(struct load *load, bool *outside, struct error *error) {
    for (size_t i = 0; i < load->ranges.count; i++)
        if (!mark_outside(load, &load->ranges.items[i], outside, error))
            return false;
    return true;
}
