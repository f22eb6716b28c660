#include "standardise.h"

#include <math.h>

static double at(const struct matrix *raw, size_t row, size_t column) {
    return raw->data[row * raw->columns + column];
}

/* The range of a column; false with the row at which it is not a finite number. */
static bool column_range(const struct matrix *raw, const size_t *rows, size_t count, size_t column,
                         double range[2], size_t *bad) {
    range[0] = INFINITY;
    range[1] = -INFINITY;
    for (size_t r = 0; r < count; r++) {
        double value = at(raw, rows[r], column);
        *bad = rows[r];
        if (!isfinite(value))
            return false;
        range[0] = fmin(range[0], value);
        range[1] = fmax(range[1], value);
    }
    return true;
}

/* Values are divided by the largest before they are added or squared, so that nothing leaves the
 * range of a double that is not outside of it itself. */
static void column_moments(const struct matrix *raw, const size_t *rows, size_t count,
                           size_t column, const double range[2], double *mean, double *scale) {
    double largest = fmax(fabs(range[0]), fabs(range[1])), sum = 0, squares = 0;
    for (size_t r = 0; r < count; r++)
        sum += at(raw, rows[r], column) / largest;
    *mean = sum / (double)count * largest;
    double widest = fmax(range[1] - *mean, *mean - range[0]);
    for (size_t r = 0; r < count; r++) {
        double deviation = (at(raw, rows[r], column) - *mean) / widest;
        squares += deviation * deviation;
    }
    *scale = sqrt(squares / (double)count) * widest;
}

bool standardise_measure(const struct matrix *raw, const size_t *rows, size_t count,
                         const char *what, struct scaling *scaling, struct error *error) {
    scaling->given = true;
    for (size_t j = 0; j < raw->columns; j++) {
        double range[2];
        size_t bad;
        if (!column_range(raw, rows, count, j, range, &bad))
            return error_set(error, ERROR_REQUEST,
                             "row %zu, %s %zu is not a finite number; leave the row out", bad + 1,
                             what, j + 1);
        scaling->mean[j] = range[0];
        scaling->scale[j] = 1;
        if (range[0] == range[1])
            continue;
        column_moments(raw, rows, count, j, range, &scaling->mean[j], &scaling->scale[j]);
        if (!isfinite(scaling->scale[j]) || scaling->scale[j] == 0)
            return error_set(error, ERROR_REQUEST,
                             "%s %zu runs from %g to %g, which cannot be standardised in double "
                             "precision; change its unit or drop it",
                             what, j + 1, range[0], range[1]);
    }
    return true;
}

bool standardise_apply(const struct matrix *raw, const size_t *rows, size_t count,
                       const struct scaling *scaling, struct matrix *out, struct error *error) {
    if (!matrix_init(out, count, raw->columns, error))
        return false;
    for (size_t r = 0; r < count; r++)
        for (size_t j = 0; j < raw->columns; j++)
            matrix_row(out, r)[j] = (at(raw, rows[r], j) - scaling->mean[j]) / scaling->scale[j];
    return true;
}
