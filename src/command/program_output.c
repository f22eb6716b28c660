#include "program_output.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/model_file.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static struct text *new_cell(struct table *table) {
    if (!memory_reserve(&table->cells, &table->capacity, table->count + 1, sizeof *table->cells,
                        NULL)) {
        table->failed = true;
        return NULL;
    }
    struct text *cell = &table->cells[table->count++];
    *cell = (struct text){0};
    return cell;
}

void table_cell(struct table *table, const char *format, ...) {
    char content[PATH_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(content, sizeof content, format, arguments);
    va_end(arguments);
    text_make_visible(content);
    struct text *cell = new_cell(table);
    if (cell)
        text_append(cell, content);
}

void table_cell_text(struct table *table, const struct text *text) {
    table_cell(table, "%s", text->data ? text->data : "");
    table->failed = table->failed || text->failed;
}

void table_number(struct table *table, double value) {
    char number[TEXT_NUMBER_SIZE];
    table_cell(table, "%s", text_human(value, 4, number));
}

/* Columns on the screen: characters of UTF-8. */
static size_t cell_width(const struct text *cell) {
    size_t width = 0;
    for (size_t k = 0; k < cell->length; k++)
        width += ((unsigned char)cell->data[k] & 0xc0) != 0x80;
    return width;
}

static void append_cell(const struct text *cell, size_t width, bool right, struct text *line) {
    int blanks = (int)(width - cell_width(cell));
    text_format(line, "%s%*s%s%*s", line->length ? "  " : "", right ? blanks : 0, "",
                cell->data ? cell->data : "", right ? 0 : blanks, "");
}

/* Appends a line without the blanks at its end, and clears it. */
static void append_line(struct text *line, struct text *out) {
    size_t length = line->length;
    while (length > 0 && line->data[length - 1] == ' ')
        length--;
    text_append_bytes(out, line->data ? line->data : "", length);
    text_append(out, "\n");
    text_clear(line);
}

void table_print(struct table *table, struct text *out) {
    size_t columns = strlen(table->alignment), widths[TABLE_COLUMNS] = {0};
    struct text line = {0};
    for (size_t k = 0; k < table->count; k++) {
        size_t width = cell_width(&table->cells[k]);
        if (width > widths[k % columns])
            widths[k % columns] = width;
    }
    for (size_t k = 0; k < table->count; k++) {
        append_cell(&table->cells[k], widths[k % columns], table->alignment[k % columns] == 'r',
                    &line);
        if (k % columns + 1 == columns)
            append_line(&line, out);
    }
    out->failed = out->failed || table->failed || line.failed;
    text_free(&line);
    for (size_t k = 0; k < table->count; k++) {
        out->failed = out->failed || table->cells[k].failed;
        text_free(&table->cells[k]);
    }
    free(table->cells);
    *table = (struct table){.alignment = table->alignment};
}

const char *program_output_name(const struct network *network, size_t output, char *own) {
    if (network->output.names)
        return network->output.names[output];
    snprintf(own, TEXT_NUMBER_SIZE, "y%zu", output);
    return own;
}

void text_append_activation(struct text *out, const struct activation *activation) {
    char number[TEXT_NUMBER_SIZE];
    text_append(out, activation_name(activation->kind));
    if (activation->kind == ACTIVATION_LEAKY_RELU || activation->kind == ACTIVATION_ELU)
        text_format(out, "(%s)", text_human(activation->parameter, 3, number));
    if (activation->kind != ACTIVATION_POLYNOMIAL)
        return;
    for (size_t k = 0; k <= activation->degree; k++)
        text_format(out, "%s%s", k ? ", " : "(",
                    text_human(activation->coefficients[k], 3, number));
    text_append(out, ")");
}

size_t metrics_rows(const struct network *network, const struct metrics *metrics,
                    struct metrics_row rows[METRICS_ROWS]) {
    const char *unit = network->output.given ? "standardised" : "";
    if (metrics->task == TASK_CLASSIFICATION) {
        rows[0] = (struct metrics_row){"accuracy", 100 * metrics->accuracy, "%"};
        rows[1] = (struct metrics_row){"cross-entropy", metrics->cross_entropy, "nats"};
        return 2;
    }
    rows[0] = (struct metrics_row){"MSE", metrics->mse, unit};
    rows[1] = (struct metrics_row){"RMSE", metrics->rmse, unit};
    rows[2] = (struct metrics_row){"MAE", metrics->mae, unit};
    rows[3] = (struct metrics_row){"R^2", metrics->r2, ""};
    rows[4] = (struct metrics_row){"raw MSE", metrics->mse_raw, "in units of the data, squared"};
    return METRICS_ROWS;
}

void text_append_metrics(struct text *out, const struct network *network,
                         const struct metrics *metrics) {
    struct table table = {.alignment = "lrl"};
    struct metrics_row rows[METRICS_ROWS];
    size_t count = metrics_rows(network, metrics, rows);
    for (size_t k = 0; k < count; k++) {
        table_cell(&table, "%s", rows[k].name);
        table_number(&table, rows[k].value);
        table_cell(&table, "%s", rows[k].unit);
    }
    text_format(out, "%zu test rows\n\n", metrics->rows);
    table_print(&table, out);
    const char *gap = metrics_gap(metrics);
    if (gap)
        text_format(out, "-: %s\n", gap);
}

static void append_place(struct text *out, const char *what, const struct overflow *where,
                         size_t source_row) {
    text_format(out, "%s overflows in layer %zu, neuron %zu, on data row %zu\n", what, where->layer,
                where->neuron, source_row + 1);
}

void text_append_overflow(struct text *out, const char *what, const struct network *network,
                          const struct dataset *data, const struct matrix *test_inputs,
                          const struct metrics *metrics) {
    bool classes = metrics->task == TASK_CLASSIFICATION;
    bool entropy = classes && metrics_have_cross_entropy(network);
    struct overflow where;
    if (isfinite(metrics_figure(metrics)) && (!entropy || isfinite(metrics->cross_entropy)))
        return;
    if (evaluate_overflow(network, test_inputs, &where))
        append_place(out, what, &where, data->source_row[data->test[where.row]]);
    else
        text_format(out, "%s has finite outputs on the test rows, but its %s overflows\n", what,
                    classes ? "cross-entropy" : "squared error");
}

void text_append_rows_overflow(struct text *out, const struct network *network,
                               const struct dataset *data, const struct matrix *inputs,
                               const struct matrix *outputs) {
    size_t count = 0, first = 0;
    for (size_t r = 0; r < outputs->rows; r++)
        if (!matrix_row_finite(outputs, r) && count++ == 0)
            first = r;
    if (count == 0)
        return;
    struct matrix row = {.rows = 1, .columns = inputs->columns, .data = matrix_row(inputs, first)};
    struct overflow where;
    text_format(out, "%zu of %zu rows overflow; first, ", count, outputs->rows);
    if (evaluate_overflow(network, &row, &where))
        append_place(out, "the network", &where, data->source_row[first]);
    else
        text_format(out, "the output in units of the data on data row %zu\n",
                    data->source_row[first] + 1);
}

/* A sentence needs no memory; only longer text takes some, and is cut off where there is none. */
void program_say(const char *format, ...) {
    struct text lines = {0};
    char sentence[1024], *said = sentence;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof sentence) {
        va_start(arguments, format);
        text_format_list(&lines, format, arguments);
        va_end(arguments);
        said = lines.data && !lines.failed ? lines.data : sentence;
    }
    text_make_lines_visible(said);
    (void)fputs(said, stderr);
    text_free(&lines);
}

/* ".gz" of "x.csv.gz"; "" without one. */
static const char *suffix_of(const char *path) {
    const char *slash = strrchr(path, '/'), *suffix = strrchr(slash ? slash : path, '.');
    return suffix ? suffix : "";
}

static bool refuse_suffix(const char *path, const char *known, struct error *error) {
    const char *suffix = suffix_of(path);
    if (!suffix[0] || !suffix[1])
        return error_set(error, ERROR_REQUEST, "%s: the name says no format; end it in %s", path,
                         known);
    return error_set(error, ERROR_REQUEST,
                     "%s: %.20s files are not written by this command; end the name in %s", path,
                     suffix, known);
}

bool program_check_suffix(const struct program *program, const char *suffix, struct error *error) {
    const char *path = program->given[PROGRAM_OUTPUT];
    return file_is_stream(path) || strcmp(suffix_of(path), suffix) == 0 ||
           refuse_suffix(path, suffix, error);
}

/* How a format is asked for, by option or by suffix; FORMAT_TEXT has neither. */
static const struct {
    enum program_option option;
    const char *suffix;
} formats[FORMATS] = {[FORMAT_JSON] = {PROGRAM_JSON, ".json"},
                      [FORMAT_CSV] = {PROGRAM_CSV, ".csv"},
                      [FORMAT_SVG] = {PROGRAM_SVG, ".svg"},
                      [FORMAT_MARKDOWN] = {PROGRAM_MARKDOWN, ".md"}};

/* A format that was asked for may go under any name but those of quite other ones. */
static bool check_other_suffix(const char *path, enum format format, struct error *error) {
    static const char *const other[] = {".gz", ".npy", ".npz"};
    for (size_t k = 0; k < sizeof other / sizeof *other; k++)
        if (strcmp(suffix_of(path), other[k]) == 0)
            return refuse_suffix(path, formats[format].suffix, error);
    return true;
}

static bool format_by_suffix(const char *path, enum format last, enum format *format,
                             struct error *error) {
    char known[64] = "";
    size_t length = 0;
    for (int f = FORMAT_JSON; f <= (int)last; f++) {
        if (strcmp(suffix_of(path), formats[f].suffix) == 0) {
            *format = (enum format)f;
            return true;
        }
        length += (size_t)snprintf(known + length, sizeof known - length, "%s%s",
                                   f == FORMAT_JSON ? ""
                                   : f == (int)last ? " or "
                                                    : ", ",
                                   formats[f].suffix);
    }
    return file_is_stream(path) || refuse_suffix(path, known, error);
}

bool program_format(const struct program *program, enum format standard, enum format last,
                    enum format *format, struct error *error) {
    const char *path = program->given[PROGRAM_OUTPUT];
    *format = standard;
    for (int f = FORMAT_JSON; f < FORMATS; f++)
        if (program->given[formats[f].option]) {
            *format = (enum format)f;
            return !path || check_other_suffix(path, *format, error);
        }
    return !path || format_by_suffix(path, last, format, error);
}

bool program_check_output(const struct program *program, struct error *error) {
    const char *path = program->given[PROGRAM_OUTPUT];
    const char *inputs[] = {program->operand[0], program->given[PROGRAM_DATA],
                            program->given[PROGRAM_CALIBRATE_ON]};
    for (size_t k = 0; path && k < sizeof inputs / sizeof *inputs; k++)
        if (inputs[k] && file_same(path, inputs[k]))
            return error_set(error, ERROR_REQUEST,
                             "%s: is read as input and would be lost; choose another name", path);
    return !path || file_check_writable(path, error);
}

bool program_check_model(const struct program *program, struct error *error) {
    enum model_format format;
    return program_check_output(program, error) &&
           model_format_for(program->given[PROGRAM_OUTPUT], &format, error);
}

bool program_deliver(struct program *program, struct text *result, struct error *error) {
    const char *path = program->given[PROGRAM_OUTPUT];
    if (result->failed)
        return error_memory(error, result->capacity);
    if (path)
        return file_write(path, result->data ? result->data : "", result->length,
                          &program->progress, error);
    text_append_bytes(&program->output, result->data ? result->data : "", result->length);
    return !program->output.failed || error_memory(error, result->length);
}
