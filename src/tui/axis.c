#include "tui/axis.h"

#include "lumpscope/text.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Ticks are at 10^(decades k) times each of these. */
struct series {
    int decades, count;
    double levels[8];
};

static const struct series series[] = {
    {1, 8, {0, 0.1760913, 0.3010300, 0.4771213, 0.6020600, 0.6989700, 0.7781513, 0.9030900}},
    {1, 3, {0, 0.3010300, 0.6989700}},
    {1, 2, {0, 0.6989700}},
    {1, 1, {0}},
    {2, 1, {0}},
    {5, 1, {0}},
    {10, 1, {0}},
    {20, 1, {0}},
    {50, 1, {0}},
    {100, 1, {0}}};
enum { SERIES = sizeof series / sizeof *series };

/* What rounding may move a level by. */
#define SLACK 1e-6

static double level_at(const struct series *from, int n) {
    int k = n >= 0 ? n / from->count : -((from->count - 1 - n) / from->count);
    return k * from->decades + from->levels[n - k * from->count];
}

/* The last member of the series that is not above `level`. */
static int below(const struct series *from, double level) {
    int n = (int)floor(level / from->decades) * from->count;
    while (level_at(from, n + 1) <= level + SLACK)
        n++;
    return n;
}

int axis_dot(const struct axis *axis, double level, int dots) {
    double share = (axis->high - level) / (axis->high - axis->low);
    return (int)lround(fmin(fmax(share, 0), 1) * (dots - 1));
}

/* Sets the series' ticks between the ends; false when two fall into one row. */
static bool place_ticks(struct axis *axis, const struct series *from, int rows, int dots) {
    int n = below(from, axis->low - 2 * SLACK) + 1;
    axis->count = 0;
    for (int last = rows; level_at(from, n) <= axis->high + SLACK; n++) {
        int row = axis_dot(axis, level_at(from, n), rows * dots) / dots;
        if (row == last || axis->count == AXIS_TICKS)
            return false;
        axis->tick[axis->count++] = level_at(from, n);
        last = row;
    }
    return true;
}

void axis_choose(struct axis *axis, double low, double high, int rows, int dots) {
    int top = below(&series[0], high), i = high - low < 1 ? 0 : 1;
    axis->low = level_at(&series[0], below(&series[0], low));
    axis->high = level_at(&series[0], level_at(&series[0], top) < high - SLACK ? top + 1 : top);
    while (i < SERIES && !place_ticks(axis, &series[i], rows, dots))
        i++;
}

const char *axis_label(const struct axis *axis, size_t i, double unit, char *out) {
    char rounded[TEXT_NUMBER_SIZE];
    snprintf(rounded, sizeof rounded, "%.1e", unit * pow(10, axis->tick[i]));
    return text_number(strtod(rounded, NULL), out);
}

/* The axis in steps of this size; returns how many. */
static double fit_step(struct axis *axis, double low, double high, double step) {
    axis->low = floor(low / step + SLACK) * step;
    axis->high = ceil(high / step - SLACK) * step;
    return round((axis->high - axis->low) / step);
}

/* Of what a linear axis shows, so that steps neither overflow nor vanish. */
#define FARTHEST 1e300

void axis_choose_linear(struct axis *axis, double low, double high, int most) {
    static const double factors[] = {1, 2, 5};
    most = most < AXIS_TICKS ? most : AXIS_TICKS - 1;
    low = fmax(low, -FARTHEST);
    high = fmin(high, FARTHEST);
    if (!(high - low > 1 / FARTHEST)) {
        double half = low != 0 ? fabs(low) / 2 : 0.5;
        low -= half;
        high += half;
    }
    int i = 0, decade = (int)floor(log10((high - low) / most)) - 1;
    double step = pow(10, decade);
    while (fit_step(axis, low, high, step) > most) {
        i++;
        int power = decade + i / 3;
        step = factors[i % 3] * pow(10, power);
    }
    axis->count = (size_t)fit_step(axis, low, high, step) + 1;
    for (size_t k = 0; k < axis->count; k++)
        axis->tick[k] = axis->low + (double)k * step;
    axis->high = axis->tick[axis->count - 1];
}

const char *axis_linear_label(const struct axis *axis, size_t i, char *out) {
    char rounded[TEXT_NUMBER_SIZE];
    double step = axis->tick[1] - axis->tick[0];
    double value = round(axis->tick[i] / step) * step; /* 0 and not what rounding left of it */
    snprintf(rounded, sizeof rounded, "%.6g", value == 0 ? 0 : value);
    return text_number(strtod(rounded, NULL), out);
}
