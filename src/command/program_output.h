/* Results as people and as programs read them: aligned tables, JSON, files. */
#ifndef LUMPSCOPE_PROGRAM_OUTPUT_H
#define LUMPSCOPE_PROGRAM_OUTPUT_H

#include "program_command.h"

#include "lumpscope/evaluate.h"

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
/* A number for people, four significant digits; "-" when it is not finite. */
void table_number(struct table *table, double value);
/* Appends the table, two blanks between columns, and frees it. */
void table_print(struct table *table, struct text *out);

/* Additions to a JSON object or array (`name` NULL); false when there is no memory. */
bool json_add(struct cJSON *to, const char *name,
              struct cJSON *item); /* takes `item`; NULL: false */
bool json_add_number(struct cJSON *to, const char *name, double value); /* null if not finite */
bool json_add_string(struct cJSON *to, const char *name, const char *value);

/* Prints a document and frees it. `made` false: it could not be built for want of memory. */
bool json_print(struct cJSON *document, bool made, struct text *out, struct error *error);

/* The members of "evaluate", or "before" and "after". */
bool json_add_metrics(struct cJSON *to, const struct metrics *metrics);
/* One name and value per figure, for CSV and tables. */
size_t metrics_figures(const struct metrics *metrics, const char *const **names, double *values);
enum { METRICS_FIGURES = 5 };
/* Error as it is shown: "0.0553", or "96.1 %" for accuracy. */
void text_append_figure(struct text *out, const struct metrics *metrics);
/* Every figure on a line of its own, below the number of rows. */
void text_append_metrics(struct text *out, const struct network *network,
                         const struct metrics *metrics);
/* A sentence that says where the network overflows, when it does; it names the data row of the
 * file, from 1 as in all sentences about data. */
void text_append_overflow(struct text *out, const char *what, const struct network *network,
                          const struct dataset *data, const struct matrix *test_inputs,
                          const struct metrics *metrics);

/* The same where rows have outputs (in units of the data) that are not finite: how many, and the
 * first. `inputs` and `outputs` [kept rows of the data]. */
void text_append_rows_overflow(struct text *out, const struct network *network,
                               const struct dataset *data, const struct matrix *inputs,
                               const struct matrix *outputs);
/* Says sentences, if any, on standard error. */
void text_say(const struct text *sentences);

/* What a result is written as. */
enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV, FORMATS };
/* By option, else by the suffix of -o, else (without -o, or where it is a stream) `standard`.
 * ERROR_REQUEST for a suffix that is neither .json nor .csv, ERROR_USAGE for formats there are not.
 */
bool program_format(const struct program *program, enum format standard, enum format *format,
                    struct error *error);
/* Refuses early what file_write would refuse later; true without -o. */
bool program_check_output(const struct program *program, struct error *error);
/* Refuses an -o that is no stream and ends otherwise. */
bool program_check_suffix(const struct program *program, const char *suffix, struct error *error);
/* Both for a model. */
bool program_check_model(const struct program *program, struct error *error);
/* Writes the text to -o, or leaves it for standard output without it. */
bool program_deliver(struct program *program, struct text *result, struct error *error);

#endif
