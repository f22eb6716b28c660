/* What cells mean: numbers, missing values, text, ISO dates; one column looked at as a whole. */
#ifndef LUMPSCOPE_DATA_COLUMN_H
#define LUMPSCOPE_DATA_COLUMN_H

#include "table.h"

enum cell_kind {
    CELL_NUMBER,
    CELL_MISSING, /* empty, ?, NA, nan in any case */
    CELL_RANGE,   /* a number that no double holds, infinities included */
    CELL_TEXT,
};
/* `value` is set where the cell is written like a number; finite for CELL_NUMBER alone. */
enum cell_kind cell_read(const char *text, double *value);

enum date_part { DATE_YEAR, DATE_MONTH, DATE_WEEKDAY, DATE_HOUR, DATE_PARTS };
extern const char *const date_part_names[DATE_PARTS]; /* "year", ... */
/* YYYY-MM-DD, and after a blank or T HH:MM[:SS[.fraction]] and a zone, which is left out of
 * account. parts: year, month 1-12, weekday (0 = Monday), hour. */
bool date_read(const char *text, double parts[DATE_PARTS]);

struct column {
    double *numbers;      /* [rows] of the cells that are numbers; NULL: not looked at */
    unsigned char *kinds; /* [rows] enum cell_kind */
    size_t counts[CELL_TEXT + 1];
    size_t first[CELL_TEXT + 1]; /* row of the first cell of each kind, where counts is not 0 */
    bool dates;                  /* every value is a date, and there is one */
};
/* Looks at every cell, once; control characters of text cells become '?'. */
bool column_scan(struct column *column, const struct table *table, size_t index,
                 struct error *error);
void column_free(struct column *column);
/* Sentences for a column that must hold numbers: text, and numbers out of range. `why` ends the
 * sentence on text ("correct the value"). */
bool column_need_numbers(const struct column *column, const struct table *table, size_t index,
                         const char *why, struct error *error);

#endif
