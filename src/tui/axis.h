/* An axis whose ends and ticks are round numbers. Levels are log10 of the values on a logarithmic
 * one, the values themselves on a linear one. */
#ifndef LUMPSCOPE_TUI_AXIS_H
#define LUMPSCOPE_TUI_AXIS_H

#include <stddef.h>

enum { AXIS_TICKS = 64 };

struct axis {
    double low, high; /* levels of the ends */
    size_t count;
    double tick[AXIS_TICKS]; /* levels, ascending */
};

/* A logarithmic axis from the round number at or below level `low` to the one at or above `high` >
 * `low`, on `rows` rows of `dots` dots each (at least 2 rows), with the most ticks of which each
 * has a row of its own: at 1, 2 and 5 of every decade, at fewer of them, or in every n-th decade;
 * over less than a decade at all round numbers if they fit. */
void axis_choose(struct axis *axis, double low, double high, int rows, int dots);
/* Dot of a level, from 0 at the top to `dots` - 1 at the bottom of the whole axis. */
int axis_dot(const struct axis *axis, double level, int dots);
/* The number at tick `i` of a logarithmic axis times `unit`, as short as it is round; `out` has
 * TEXT_NUMBER_SIZE bytes. */
const char *axis_label(const struct axis *axis, size_t i, double unit, char *out);

/* A linear axis from the round number at or below `low` to the one at or above `high`, with ticks
 * at multiples of 1, 2 or 5 times a power of ten: as many steps as there can be, `most` (at least
 * 2) at most. `low` = `high`: the axis is made as wide as the value is large, or 1. */
void axis_choose_linear(struct axis *axis, double low, double high, int most);
/* The number at tick `i` of a linear axis. */
const char *axis_linear_label(const struct axis *axis, size_t i, char *out);

#endif
