/* Results as people and as programs read them: aligned tables, JSON, files. */
#ifndef LUMPSCOPE_PROGRAM_OUTPUT_H
#define LUMPSCOPE_PROGRAM_OUTPUT_H

#include "program_command.h"

#include "lumpscope/evaluate.h"
#include "lumpscope/metrics_report.h"

struct cJSON;

/* Cells are appended row after row; columns are aligned when it is printed. Zero-initialise, set
 * `alignment`; failed allocation is remembered until the end. */
enum { TABLE_COLUMNS = 16 };
struct table {
    const char *alignment; /* one 'l' or 'r' per column, at most TABLE_COLUMNS */
    struct text *cells;    /* owned */
    size_t count, capacity;
    bool failed;
};
void table_cell(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Of a text that may have failed. */
void table_cell_text(struct table *table, const struct text *text);
/* A number for people, four significant digits; "-" when it is not finite. */
void table_number(struct table *table, double value);
/* Appends the table, two blanks between columns, and frees it. */
void table_print(struct table *table, struct text *out);

/* What an output is called: its name, or "y3" in `own` [TEXT_NUMBER_SIZE] where it has none. */
const char *program_output_name(const struct network *network, size_t output, char *own);
/* "leaky_relu(0.01)", "polynomial(0, 1, 0.5)". */
void text_append_activation(struct text *out, const struct activation *activation);
/* The figures of a task as they are shown; how many there are. */
enum { METRICS_ROWS = 5 };
struct metrics_row {
    const char *name;
    double value;
    const char *unit;
};
size_t metrics_rows(const struct network *network, const struct metrics *metrics,
                    struct metrics_row rows[METRICS_ROWS]);
/* Every figure on a line of its own, below the number of rows. */
void text_append_metrics(struct text *out, const struct network *network,
                         const struct metrics *metrics);
/* A sentence that says where the network overflows, or that its error does, when there is no
 * figure; it names the data row of the file, from 1 as in all sentences about data. */
void text_append_overflow(struct text *out, const char *what, const struct network *network,
                          const struct dataset *data, const struct matrix *test_inputs,
                          const struct metrics *metrics);

/* The same where rows have outputs (in units of the data) that are not finite: how many, and the
 * first. `inputs` and `outputs` [kept rows of the data]. */
void text_append_rows_overflow(struct text *out, const struct network *network,
                               const struct dataset *data, const struct matrix *inputs,
                               const struct matrix *outputs);
/* Says lines on standard error, whatever names they hold made visible. */
void program_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What a result is written as. */
enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV, FORMAT_SVG, FORMAT_MARKDOWN, FORMATS };
/* By option, else by the suffix of -o, else (without -o, or where it is a stream) `standard`.
 * ERROR_REQUEST for a suffix that is none of the formats up to `last`. */
bool program_format(const struct program *program, enum format standard, enum format last,
                    enum format *format, struct error *error);
/* Refuses early what file_write would refuse later; true without -o. */
bool program_check_output(const struct program *program, struct error *error);
/* Refuses an -o that is no stream and ends otherwise. */
bool program_check_suffix(const struct program *program, const char *suffix, struct error *error);
/* The first and that its suffix is that of a model format. */
bool program_check_model(const struct program *program, struct error *error);
/* Writes the text to -o, or leaves it for standard output without it. */
bool program_deliver(struct program *program, struct text *result, struct error *error);

#endif
