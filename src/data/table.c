#include "table.h"

#include "column.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/npy.h"

#include <stdio.h>
#include <string.h>

/* What 4-byte offsets reach. */
static const size_t file_limit = UINT32_MAX - 1;

void table_free(struct table *table) {
    for (size_t j = 0; table->names && j < table->columns; j++)
        free(table->names[j]);
    free(table->names);
    free(table->text);
    free(table->cells);
    free(table->lines);
    free(table->values);
    *table = (struct table){0};
}

static char *cell(const struct table *table, size_t line, size_t column) {
    return table->text + table->cells[line * table->columns + column];
}

char *table_text(const struct table *table, size_t row, size_t column,
                 char buffer[TEXT_NUMBER_SIZE]) {
    if (table->cells)
        return cell(table, row + table->named, column);
    text_number(table->values[row * table->columns + column], buffer);
    return buffer;
}

const char *table_place(const struct table *table, size_t row, size_t column, char *out) {
    char line[48] = "";
    if (table->lines)
        snprintf(line, sizeof line, " (line %u)", table->lines[row + table->named]);
    snprintf(out, TABLE_PLACE_SIZE, "row %zu%s, column \"%.60s\"", row + 1, line,
             table->names[column]);
    return out;
}

static enum cell_kind kind_at(const struct table *table, size_t line, size_t column) {
    double value;
    return cell_read(cell(table, line, column), &value);
}

static bool all_text(const struct table *table, size_t line) {
    for (size_t j = 0; j < table->columns; j++)
        if (kind_at(table, line, j) != CELL_TEXT)
            return false;
    return true;
}

/* Text over a number in some column, or a row of text over one that is not all text. */
static bool header_found(const struct table *table) {
    if (table->rows < 2)
        return table->rows == 1 && all_text(table, 0);
    for (size_t j = 0; j < table->columns; j++) {
        enum cell_kind second = kind_at(table, 1, j);
        if (kind_at(table, 0, j) == CELL_TEXT && (second == CELL_NUMBER || second == CELL_RANGE))
            return true;
    }
    return all_text(table, 0) && !all_text(table, 1);
}

/* The names that stand in the header; an empty one, and any without a header, is its place: c1. */
static bool name_columns(struct table *table, struct error *error) {
    table->names = memory_new(table->columns, sizeof *table->names, error);
    for (size_t j = 0; table->names && j < table->columns; j++) {
        char place[24];
        snprintf(place, sizeof place, "c%zu", j + 1);
        char *name = table->named ? cell(table, 0, j) : place;
        text_make_visible(name);
        if (!(table->names[j] = memory_string(*name ? name : place, error)))
            return false;
    }
    return table->names != NULL;
}

/* Text has no NUL, and at its beginning no other control characters than blanks. */
static bool looks_binary(const char *data, size_t size) {
    if (memchr(data, 0, size))
        return true;
    for (size_t i = 0; i < size && i < 4096; i++)
        if ((unsigned char)data[i] < 0x20 && !strchr("\t\n\v\f\r", data[i]))
            return true;
    return false;
}

/* Takes the text over. */
static bool load_delimited(struct table *table, char *text, size_t size, char delimiter, int header,
                           struct error *error) {
    table->text = text;
    if (looks_binary(text, size))
        return error_set(error, ERROR_REQUEST,
                         "neither text nor a NumPy file; save the data as CSV in UTF-8");
    size_t mark = (size_t)(text_behind_mark(text) - text);
    if (mark > 0) {
        size -= mark;
        memmove(text, text + mark, size + 1);
    }
    if (!delimited_read(table, text, size,
                        (char)(delimiter ? delimiter : delimited_find(text, size)), error))
        return false;
    if (table->rows == 0)
        return error_set(error, ERROR_REQUEST, "the file is empty; name a file with rows of data");
    table->named = header == -1 ? header_found(table) : header == 1;
    table->rows -= table->named;
    return name_columns(table, error);
}

/* An array of one dimension is a column, one of two a table, one of three several tables one below
 * the other, such as the hidden states [batch x sequence x d] of a transformer. */
static bool array_shape(const struct npy_array *array, const char *name, size_t *rows,
                        size_t *columns, struct error *error) {
    size_t dimensions = array->dimensions;
    *columns = dimensions > 1 ? array->shape[dimensions - 1] : 1;
    *rows = dimensions == 3 ? array->shape[0] * array->shape[1] : array->shape[0];
    if (dimensions < 1 || dimensions > 3)
        return error_set(error, ERROR_REQUEST,
                         "%s has %zu dimensions; save rows x columns, or batch x rows x columns",
                         name, dimensions);
    if (*columns > DATASET_COLUMN_LIMIT)
        return error_set(error, ERROR_REQUEST,
                         "%s has %zu columns; at most %d can be read, save fewer", name, *columns,
                         DATASET_COLUMN_LIMIT);
    return true;
}

/* The columns of X and then those of y, which may be NULL. */
static bool join_arrays(struct table *table, const struct npy_array *x, const struct npy_array *y,
                        struct error *error) {
    size_t rows, nx, y_rows, ny = 0;
    if (!array_shape(x, y || table->archive ? "array X" : "the array", &rows, &nx, error) ||
        (y && !array_shape(y, "array y", &y_rows, &ny, error)))
        return false;
    if (y && y_rows != rows)
        return error_set(error, ERROR_REQUEST,
                         "array X has %zu rows and array y has %zu; save them with the same rows",
                         rows, y_rows);
    size_t n = nx + ny;
    table->values = n ? memory_new(rows, n * sizeof *table->values, error) : NULL;
    if (!table->values)
        return n ? false : error_set(error, ERROR_REQUEST, "the array has no columns");
    table->rows = rows;
    table->columns = n;
    table->array_targets = ny;
    for (size_t r = 0; r < table->rows; r++) {
        memcpy(table->values + r * n, x->values + r * nx, nx * sizeof *x->values);
        if (ny)
            memcpy(table->values + r * n + nx, y->values + r * ny, ny * sizeof *y->values);
    }
    return name_columns(table, error);
}

/* y is named y, or y1, y2, ... where it has several columns. */
static bool name_targets(struct table *table, struct error *error) {
    size_t first = table->columns - table->array_targets;
    for (size_t k = 0; k < table->array_targets; k++) {
        char name[24] = "y";
        if (table->array_targets > 1)
            snprintf(name, sizeof name, "y%zu", k + 1);
        free(table->names[first + k]);
        if (!(table->names[first + k] = memory_string(name, error)))
            return false;
    }
    return true;
}

static bool load_archive(struct table *table, const char *data, size_t size, struct error *error) {
    struct npy_array x = {0}, y = {0};
    bool has_x = false, has_y = false;
    table->archive = true;
    bool done = npz_parse(data, size, "X", &x, &has_x, error) &&
                npz_parse(data, size, "y", &y, &has_y, error);
    if (done && !has_x)
        done = error_set(error, ERROR_REQUEST,
                         "an archive without an array X; save it with numpy.savez(file, X=X, y=y)");
    done = done && join_arrays(table, &x, has_y ? &y : NULL, error) && name_targets(table, error);
    npy_array_free(&x);
    npy_array_free(&y);
    return done;
}

static bool load_array(struct table *table, const char *data, size_t size, struct error *error) {
    struct npy_array array = {0};
    bool done = npy_parse(data, size, &array, error) && join_arrays(table, &array, NULL, error);
    npy_array_free(&array);
    return done;
}

bool table_load(struct table *table, const char *path, char delimiter, int header,
                const struct progress *progress, struct error *error) {
    *table = (struct table){0};
    size_t size;
    char *data = file_read(path, file_limit, &size, progress, error);
    if (!data)
        return false;
    bool array = npy_is_array(data, size), archive = npy_is_archive(data, size);
    bool done = archive ? load_archive(table, data, size, error)
                : array ? load_array(table, data, size, error)
                        : load_delimited(table, data, size, delimiter, header, error);
    if (array || archive)
        free(data);
    if (done && table->rows == 0)
        done = error_set(error, ERROR_REQUEST, "%s; name a file with rows of data",
                         table->named ? "a header and no rows" : "no rows");
    if (!done)
        error_prefix(error, "%s", path);
    return done;
}
