#include "program_output.h"
#include "program_subject.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Outputs of every kept row, in raw units, with the row of the file each belongs to. */
struct predictions {
    const struct network *network;
    const struct dataset *data;
    struct matrix outputs; /* [kept rows x outputs] */
    bool classes;          /* a column `class` follows */
    struct text overflow;  /* a sentence when there is some */
};

/* The class of the largest output: its name, or its number where the model has no names. */
static const char *class_name(const struct predictions *predictions, const double *row, char *own) {
    size_t best = 0;
    for (size_t o = 1; o < predictions->outputs.columns; o++)
        if (row[o] > row[best])
            best = o;
    if (predictions->network->output.names)
        return predictions->network->output.names[best];
    snprintf(own, TEXT_NUMBER_SIZE, "%zu", best);
    return own;
}

static bool forward(const struct network *network, const struct matrix *inputs, bool single,
                    double *out, const struct progress *progress, struct error *error) {
    return single
               ? network_forward_single(network, inputs->data, inputs->rows, out, progress, error)
               : network_forward(network, inputs->data, inputs->rows, false, out, progress, error);
}

/* Single precision may overflow where double does not. */
static void note_single_overflow(struct text *out, const struct matrix *outputs) {
    size_t count = 0;
    for (size_t r = 0; r < outputs->rows; r++)
        count += !matrix_row_finite(outputs, r);
    if (count > 0)
        text_format(out, "%zu of %zu rows overflow in single precision; leave out --float\n", count,
                    outputs->rows);
}

static bool predict(struct predictions *predictions, bool single, const struct progress *progress,
                    struct error *error) {
    const struct network *network = predictions->network;
    struct matrix inputs;
    struct matrix *outputs = &predictions->outputs;
    size_t rows = predictions->data->inputs.rows;
    bool done = dataset_network_inputs(predictions->data, network, NULL, rows, &inputs, error) &&
                matrix_init(outputs, rows, network_outputs(network), error) &&
                forward(network, &inputs, single, outputs->data, progress, error);
    for (size_t r = 0; done && r < rows; r++)
        for (size_t o = 0; o < outputs->columns; o++) {
            double *value = &matrix_row(outputs, r)[o];
            *value = *value * network->output.scale[o] + network->output.mean[o];
        }
    if (done && single)
        note_single_overflow(&predictions->overflow, outputs);
    else if (done)
        text_append_rows_overflow(&predictions->overflow, network, predictions->data, &inputs,
                                  outputs);
    matrix_free(&inputs);
    return done;
}

/* A CSV cell, quoted where it has to be. */
static void append_quoted(struct text *out, const char *cell) {
    if (!strpbrk(cell, ",\"\r\n")) {
        text_append(out, cell);
        return;
    }
    text_append(out, "\"");
    for (; *cell; cell++)
        text_format(out, *cell == '"' ? "\"\"" : "%c", *cell);
    text_append(out, "\"");
}

static void csv_row(const struct predictions *predictions, size_t row, struct text *out) {
    const struct matrix *outputs = &predictions->outputs;
    char own[TEXT_NUMBER_SIZE];
    bool defined = matrix_row_finite(outputs, row);
    for (size_t o = 0; o < outputs->columns; o++) {
        double value = matrix_row(outputs, row)[o];
        text_format(out, "%s%s", o ? "," : "", isfinite(value) ? text_number(value, own) : "");
    }
    if (predictions->classes) {
        text_append(out, ",");
        if (defined)
            append_quoted(out, class_name(predictions, matrix_row(outputs, row), own));
    }
}

static void predict_csv(const struct predictions *predictions, struct text *out) {
    char own[TEXT_NUMBER_SIZE];
    for (size_t o = 0; o < predictions->outputs.columns; o++) {
        text_append(out, o ? "," : "");
        append_quoted(out, program_output_name(predictions->network, o, own));
    }
    text_append(out, predictions->classes ? ",class\n" : "\n");
    const struct dataset *data = predictions->data;
    for (size_t line = 0, row = 0; line < data->file_rows; line++) {
        if (row < data->inputs.rows && data->source_row[row] == line)
            csv_row(predictions, row++, out);
        text_append(out, "\n");
    }
}

/* `present` false: the row misses a value, and nothing is known. */
static cJSON *json_row(const struct predictions *predictions, size_t row, bool present) {
    const struct matrix *outputs = &predictions->outputs;
    char own[TEXT_NUMBER_SIZE];
    cJSON *item = cJSON_CreateArray();
    bool made = item != NULL;
    for (size_t o = 0; made && o < outputs->columns; o++)
        made = json_add_number(item, NULL, present ? matrix_row(outputs, row)[o] : NAN);
    if (made && predictions->classes)
        made = present && matrix_row_finite(outputs, row)
                   ? json_add_string(item, NULL,
                                     class_name(predictions, matrix_row(outputs, row), own))
                   : json_add(item, NULL, cJSON_CreateNull());
    if (made)
        return item;
    cJSON_Delete(item);
    return NULL;
}

static bool predict_json(const struct predictions *predictions, struct text *out,
                         struct error *error) {
    cJSON *document = cJSON_CreateObject(), *names = cJSON_CreateArray(),
          *rows = cJSON_CreateArray();
    char own[TEXT_NUMBER_SIZE];
    bool made = json_add(document, "names", names);
    made = json_add(document, "rows", rows) && made;
    for (size_t o = 0; made && o < predictions->outputs.columns; o++)
        made = json_add_string(names, NULL, program_output_name(predictions->network, o, own));
    if (made && predictions->classes)
        made = json_add_string(names, NULL, "class");
    const struct dataset *data = predictions->data;
    for (size_t line = 0, row = 0; made && line < data->file_rows; line++) {
        bool present = row < data->inputs.rows && data->source_row[row] == line;
        made = json_add(rows, NULL, json_row(predictions, row, present));
        row += present;
    }
    return json_print(document, made, out, error);
}

bool program_run_predict(struct program *program, struct error *error) {
    enum format format;
    struct subject subject = {0};
    struct predictions predictions = {0};
    struct text result = {0};
    bool done = program_format(program, FORMAT_CSV, FORMAT_CSV, &format, error) &&
                program_check_output(program, error) &&
                subject_load(&subject, program, TARGET_IGNORED, error);
    if (done) {
        program_signals_defer(true);
        predictions = (struct predictions){.network = subject.network,
                                           .data = subject.data,
                                           .classes = subject.network->task == TASK_CLASSIFICATION};
        done = predict(&predictions, program->given[PROGRAM_FLOAT], &program->progress, error);
    }
    if (done && format == FORMAT_JSON)
        done = predict_json(&predictions, &result, error);
    else if (done)
        predict_csv(&predictions, &result);
    if (done)
        program_say("%s", predictions.overflow.data ? predictions.overflow.data : "");
    done = done && program_deliver(program, &result, error);
    text_free(&result);
    text_free(&predictions.overflow);
    matrix_free(&predictions.outputs);
    subject_free(&subject);
    return done;
}
