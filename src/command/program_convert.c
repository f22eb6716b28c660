/* A network in another format or type of numbers. */
#include "program_output.h"
#include "program_subject.h"

#include "lumpscope/model_file.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>

struct conversion {
    const char *path; /* of the file written */
    struct network *network;
    enum model_format format;
    enum tensor_type type;
    double bytes, original_bytes;
    double rounding; /* the largest relative one of a weight or bias */
};

static double largest_rounding(const double *values, const double *rounded, size_t count) {
    double largest = 0;
    for (size_t k = 0; k < count; k++) {
        double change = fabs((rounded[k] - values[k]) / values[k]); /* 0 stays 0 and is NaN here */
        largest = change > largest ? change : largest;
    }
    return largest;
}

static bool measure_rounding(struct conversion *conversion, struct error *error) {
    const struct network *network = conversion->network;
    struct network *rounded = network_copy(network, error);
    bool done = rounded && network_round(rounded, conversion->type, error);
    for (size_t l = 0; done && l < network->depth; l++) {
        const struct layer *was = &network->layers[l], *is = &rounded->layers[l];
        double weights = largest_rounding(was->weights, is->weights, was->neurons * was->inputs);
        double bias = largest_rounding(was->bias, is->bias, was->neurons);
        conversion->rounding = fmax(conversion->rounding, fmax(weights, bias));
    }
    network_free(rounded);
    if (!done && error->kind == ERROR_REQUEST)
        error_prefix(error, "%s", conversion->path);
    return done;
}

static bool convert(struct program *program, struct conversion *conversion, struct error *error) {
    const char *from = program->operand[0];
    conversion->original_bytes = program_file_bytes(from);
    conversion->network = model_load(from, &program->model_recipe, NULL, error);
    if (!conversion->network || !program_check_recipe(program, from, conversion->network, error))
        return false;
    if (!program->given[PROGRAM_DTYPE])
        conversion->type = conversion->network->origin.type;
    program_signals_defer(true);
    bool done = measure_rounding(conversion, error) &&
                progress_step(&program->progress, "writing", 0, 1, error) &&
                model_save(conversion->network, conversion->path, conversion->type, NULL,
                           &program->progress, error);
    conversion->bytes = program_file_bytes(conversion->path);
    return done;
}

static bool convert_json(const struct program *program, const struct conversion *conversion,
                         struct text *out, struct error *error) {
    const struct origin *origin = &conversion->network->origin;
    cJSON *document = cJSON_CreateObject();
    bool made = json_add_string(document, "input", program->operand[0]) &&
                json_add_string(document, "output", conversion->path) &&
                json_add_string(document, "format", model_format_name(conversion->format)) &&
                json_add_string(document, "dtype", tensor_type_name(conversion->type)) &&
                json_add_number(document, "bytes", conversion->bytes) &&
                json_add_string(document, "original_format", model_format_name(origin->format)) &&
                json_add_string(document, "original_dtype", tensor_type_name(origin->type)) &&
                json_add_number(document, "original_bytes", conversion->original_bytes) &&
                json_add_number(document, "rounding", conversion->rounding);
    return json_print(document, made, out, error);
}

static void row(struct table *table, const char *what, const char *before, const char *after,
                const char *share) {
    const char *cells[] = {what, before, after, share};
    for (size_t k = 0; k < sizeof cells / sizeof *cells; k++)
        table_cell(table, "%s", cells[k]);
}

static const char *size_of(double bytes, char *out) {
    return isfinite(bytes) ? text_bytes(bytes, out) : "-";
}

static void convert_text(const struct conversion *conversion, struct text *out) {
    const struct origin *origin = &conversion->network->origin;
    struct table table = {.alignment = "lrrr"};
    char before[TEXT_NUMBER_SIZE], after[TEXT_NUMBER_SIZE], share[TEXT_NUMBER_SIZE] = "";
    double percent = 100 * conversion->bytes / conversion->original_bytes;
    if (isfinite(percent))
        snprintf(share, sizeof share, "%.1f %%", percent);
    row(&table, "", "before", "after", "");
    row(&table, "format", model_format_name(origin->format), model_format_name(conversion->format),
        "");
    row(&table, "numbers", tensor_type_name(origin->type), tensor_type_name(conversion->type), "");
    row(&table, "bytes", size_of(conversion->original_bytes, before),
        size_of(conversion->bytes, after), share);
    table_print(&table, out);
    if (conversion->rounding > 0)
        text_format(out, "\nlargest relative rounding of a weight or bias: %s\n",
                    text_human(conversion->rounding, 3, before));
    else
        text_append(out, "\nno weight or bias is rounded\n");
    text_format(out, "written to %s\n", conversion->path);
}

bool program_run_convert(struct program *program, struct error *error) {
    struct conversion conversion = {.path = program->operand[1]};
    program->given[PROGRAM_OUTPUT] = conversion.path; /* OUT is what other commands call -o */
    bool done = program_dtype(program, &conversion.type, error) &&
                program_check_model(program, error) &&
                model_format_for(conversion.path, &conversion.format, error) &&
                convert(program, &conversion, error);
    if (done && program->given[PROGRAM_JSON])
        done = convert_json(program, &conversion, &program->output, error);
    else if (done)
        convert_text(&conversion, &program->output);
    network_free(conversion.network);
    return done;
}
