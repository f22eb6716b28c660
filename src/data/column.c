#include "column.h"

#include "lumpscope/memory.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

static bool is_missing(const char *text) {
    switch (*text) {
    case '\0':
        return true;
    case '?':
        return !text[1];
    case 'n':
    case 'N':
        return strcasecmp(text, "na") == 0 || strcasecmp(text, "nan") == 0;
    default:
        return false;
    }
}

enum cell_kind cell_read(const char *text, double *value) {
    text += strspn(text, " \t"); /* quoted cells keep their blanks */
    if (is_missing(text))
        return CELL_MISSING;
    const char *digits = text + (*text == '-' || *text == '+');
    /* Words such as "May" are told without trying; hexadecimal is not a number here. */
    if ((!isdigit((unsigned char)*digits) && (!*digits || !strchr(".iInN", *digits))) ||
        (digits[0] == '0' && (digits[1] | 0x20) == 'x'))
        return CELL_TEXT;
    char *end;
    double number = strtod(text, &end);
    if (end == text || end[strspn(end, " \t")])
        return CELL_TEXT;
    *value = number;
    return isfinite(number) ? CELL_NUMBER : isnan(number) ? CELL_MISSING : CELL_RANGE;
}

const char *const date_part_names[DATE_PARTS] = {"year", "month", "weekday", "hour"};

/* `count` digits as a number up to `most`; advances. */
static bool read_digits(const char **text, int count, int least, int most, int *value) {
    *value = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (!isdigit((unsigned char)**text))
            return false;
        *value = 10 * *value + (**text - '0');
    }
    return *value >= least && *value <= most;
}

static bool read_mark(const char **text, char mark) {
    if (**text != mark)
        return false;
    (*text)++;
    return true;
}

static int days_of_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* 0 = Monday: days from 1 March of year 0, which was a Wednesday, years beginning in March. */
static int weekday_of(int year, int month, int day) {
    int y = month < 3 ? year - 1 : year, m = (month + 9) % 12;
    if (y < 0)
        y += 400; /* the calendar repeats after 400 years, which are whole weeks */
    return (365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 + 2) % 7;
}

/* Z, +HH, +HHMM or +HH:MM, or nothing. */
static bool read_zone(const char **text) {
    int value;
    if (read_mark(text, 'Z') || !**text)
        return true;
    if (!read_mark(text, '+') && !read_mark(text, '-'))
        return false;
    if (!read_digits(text, 2, 0, 23, &value))
        return false;
    return !**text || ((read_mark(text, ':') || true) && read_digits(text, 2, 0, 59, &value));
}

static bool read_time(const char **text, int *hour) {
    int value;
    if (!read_digits(text, 2, 0, 23, hour) || !read_mark(text, ':') ||
        !read_digits(text, 2, 0, 59, &value))
        return false;
    if (read_mark(text, ':')) {
        if (!read_digits(text, 2, 0, 60, &value))
            return false;
        if (read_mark(text, '.'))
            *text += strspn(*text, "0123456789");
    }
    return read_zone(text);
}

bool date_read(const char *text, double parts[DATE_PARTS]) {
    int year, month, day, hour = 0;
    if (!read_digits(&text, 4, 0, 9999, &year) || !read_mark(&text, '-') ||
        !read_digits(&text, 2, 1, 12, &month) || !read_mark(&text, '-') ||
        !read_digits(&text, 2, 1, days_of_month(year, month), &day))
        return false;
    if (*text && ((!read_mark(&text, ' ') && !read_mark(&text, 'T')) || !read_time(&text, &hour)))
        return false;
    parts[DATE_YEAR] = year;
    parts[DATE_MONTH] = month;
    parts[DATE_WEEKDAY] = weekday_of(year, month, day);
    parts[DATE_HOUR] = hour;
    return *text == '\0';
}

static enum cell_kind array_read(double number, double *value) {
    *value = number;
    return isfinite(number) ? CELL_NUMBER : isnan(number) ? CELL_MISSING : CELL_RANGE;
}

bool column_scan(struct column *column, const struct table *table, size_t index,
                 struct error *error) {
    if (column->numbers)
        return true;
    column->kinds = memory_new(table->rows, sizeof *column->kinds, error);
    double *numbers = memory_new(table->rows, sizeof *numbers, error);
    column->numbers = numbers;
    if (!column->kinds || !numbers) {
        column_free(column); /* it may be scanned again */
        return false;
    }
    bool dates = true;
    double parts[DATE_PARTS];
    for (size_t r = 0; r < table->rows; r++) {
        char *text = table->cells ? table_text(table, r, index, NULL) : NULL;
        enum cell_kind kind =
            text ? cell_read(text, &numbers[r])
                 : array_read(table->values[r * table->columns + index], &numbers[r]);
        if (kind == CELL_TEXT)
            text_make_visible(text);
        dates = dates && (kind == CELL_MISSING || (kind == CELL_TEXT && date_read(text, parts)));
        column->kinds[r] = (unsigned char)kind;
        if (column->counts[kind]++ == 0)
            column->first[kind] = r;
    }
    column->dates = dates && column->counts[CELL_TEXT] > 0;
    return true;
}

void column_free(struct column *column) {
    free(column->numbers);
    free(column->kinds);
    *column = (struct column){0};
}

bool column_need_numbers(const struct column *column, const struct table *table, size_t index,
                         const char *why, struct error *error) {
    char place[TABLE_PLACE_SIZE], number[TEXT_NUMBER_SIZE];
    enum cell_kind bad = column->counts[CELL_TEXT] ? CELL_TEXT : CELL_RANGE;
    if (!column->counts[bad])
        return true;
    size_t row = column->first[bad];
    const char *text = table_text(table, row, index, number);
    table_place(table, row, index, place);
    if (bad == CELL_TEXT)
        return error_set(error, ERROR_REQUEST, "%s: \"%.60s\" is not a number; %s", place, text,
                         why);
    return error_set(error, ERROR_REQUEST,
                     "%s: %.60s is out of the range of numbers; correct it, or leave it empty to "
                     "drop the row",
                     place, text);
}
