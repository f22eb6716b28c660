/* The distinct values of a column in order: levels of text, classes of a target. */
#ifndef LUMPSCOPE_DATA_LEVELS_H
#define LUMPSCOPE_DATA_LEVELS_H

#include "column.h"
#include "names.h"

struct level {
    const char *text; /* not owned; NULL where the set is numeric */
    double value;
    size_t place; /* what the level stands for: an input, a class */
};
/* Sorted by number or by strcmp, without repetition, at most DATASET_LEVEL_LIMIT. */
struct level_set {
    bool numeric;
    struct level *items;
    size_t count, capacity;
};
void level_set_free(struct level_set *set);
/* Adds a level unless it is there; ERROR_REQUEST beyond the limit. */
bool level_set_add(struct level_set *set, const struct level *level, struct error *error);
/* NULL when the set has no such level. */
const struct level *level_set_find(const struct level_set *set, const char *text, double value);
/* The level that a cell would be; its text lies in the table or, for a number of an array, in
 * `buffer`. */
struct level level_of_cell(const struct level_set *set, const struct table *table,
                           const struct column *column, size_t row, size_t index,
                           char buffer[TEXT_NUMBER_SIZE]);
/* The values of the chosen rows (NULL: the first `count`) that are not missing, places in order; a
 * column without text makes a numeric set. */
bool level_set_collect(struct level_set *set, const struct table *table,
                       const struct column *column, size_t index, const size_t *rows, size_t count,
                       struct error *error);

#endif
