/* A file as rows and columns of cells, before anything is known about what the cells mean. */
#ifndef LUMPSCOPE_DATA_TABLE_H
#define LUMPSCOPE_DATA_TABLE_H

#include "lumpscope/dataset.h"
#include "lumpscope/text.h"

/* Cells of delimited text are NUL-terminated strings in the file's own buffer, found by 4-byte
 * offsets; those of arrays are numbers. */
struct table {
    size_t rows, columns;
    char **names;         /* [columns] owned; c1, c2, ... where the file names none */
    bool named;           /* the file has a header */
    bool archive;         /* .npz */
    size_t array_targets; /* .npz: how many of the last columns are y */
    char *text;           /* delimited: the cells */
    uint32_t *cells;      /* delimited: [(rows + named) x columns] offsets into text */
    uint32_t *lines;      /* delimited: [rows + named] line of the file, from 1 */
    double *values;       /* arrays: [rows x columns] */
};

/* Reads and, where it is delimited text, splits a file of one data row or more. While a pipe keeps
 * one waiting `progress` is asked whether to go on. */
bool table_load(struct table *table, const char *path, char delimiter, int header,
                const struct progress *progress, struct error *error);
void table_free(struct table *table);

/* The text of a cell; a number of an array is printed into `buffer`. */
char *table_text(const struct table *table, size_t row, size_t column,
                 char buffer[TEXT_NUMBER_SIZE]);
/* "row 4 (line 5), column "x"": the place of a cell, for sentences. */
const char *table_place(const struct table *table, size_t row, size_t column, char *out);
enum { TABLE_PLACE_SIZE = 160 };

/* The delimiter of a text: the one that gives all of the first rows the same number of cells, most
 * of , ; and tab, space only when none of these does; where none fits all rows, the one with most
 * cells in the first row. */
char delimited_find(const char *text, size_t size);
/* Splits the text, which becomes the table's, into cells; ragged rows and quotes that stay open are
 * errors that name the line. `table` has rows and columns but no names; its text is `text`. */
bool delimited_read(struct table *table, char *text, size_t size, char delimiter,
                    struct error *error);

#endif
