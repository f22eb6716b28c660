#include "program_output.h"
#include "program_subject.h"

#include "lumpscope/memory.h"
#include "lumpscope/sweep.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

static bool read_list(const char *text, double **values, size_t *count, struct error *error) {
    char *list = memory_string(text, error), *rest = list;
    size_t capacity = 0;
    bool good = list != NULL;
    for (char *item; good && (item = strsep(&rest, ","));) {
        good = memory_reserve(values, &capacity, *count + 1, sizeof **values, error) &&
               program_percent("grp", item, &(*values)[*count], error);
        ++*count;
    }
    free(list);
    return good;
}

/* Polished methods and --polish call for each other: without iterations there are 100, and with
 * iterations but no list of methods the usual ones are polished, too. */
static bool read_methods(struct program *program, bool *methods, struct error *error) {
    const char *given = program->given[PROGRAM_METHODS];
    bool iterations = program->choices.given[OPTION_POLISH], polished = false;
    for (int m = SWEEP_LUMP; m < SWEEP_METHODS; m++)
        methods[m] = m <= SWEEP_WANDA || (iterations && sweep_is_polished((enum sweep_method)m));
    if (given && !sweep_parse_methods(given, methods, error))
        return false;
    for (int m = 0; m < SWEEP_METHODS; m++)
        polished = polished || (methods[m] && sweep_is_polished((enum sweep_method)m));
    return !polished || iterations ||
           options_choose(&program->choices, OPTION_POLISH, "100", error);
}

/* `at` [at_count] is owned by the caller. */
static bool read_options(struct program *program, struct sweep_options *options, double **at,
                         struct error *error) {
    *options = (struct sweep_options){.points = 40};
    if (!read_methods(program, options->methods, error) ||
        !program_size(program, PROGRAM_POINTS, 1, &options->points, error))
        return false;
    if (!program->given[PROGRAM_GRP])
        return true;
    bool good = read_list(program->given[PROGRAM_GRP], at, &options->at_count, error);
    options->at = *at;
    options->points = 0;
    return good;
}

static bool point_json(const struct sweep_point *point, cJSON *points) {
    cJSON *item = cJSON_CreateObject();
    bool made = json_add_string(item, "method", sweep_method_name(point->method)) &&
                (isnan(point->epsilon) || json_add_number(item, "epsilon", point->epsilon)) &&
                (isnan(point->at) || json_add_number(item, "at", point->at)) &&
                json_add_number(item, "grp", point->grp) &&
                json_add_number(item, "parameters", (double)point->parameters) &&
                json_add_metrics(item, &point->metrics);
    return json_add(points, NULL, item) && made;
}

static bool sweep_json(const struct sweep *sweep, const struct options *options, struct text *out,
                       struct error *error) {
    cJSON *document = cJSON_CreateObject(), *original = cJSON_CreateObject(),
          *points = cJSON_CreateArray();
    bool made = json_add_number(original, "parameters", (double)sweep->original_parameters) &&
                json_add_metrics(original, &sweep->original);
    made = json_add(document, "original", original) && made;
    made = json_add(document, "options", options_json(options)) && made;
    made = json_add(document, "points", points) && made;
    for (size_t k = 0; made && k < sweep->count; k++)
        made = point_json(&sweep->point[k], points);
    return json_print(document, made, out, error);
}

static void csv_figures(const struct metrics *metrics, struct text *out) {
    const char *const *names;
    double values[METRICS_FIGURES];
    char number[TEXT_NUMBER_SIZE];
    size_t count = metrics_figures(metrics, &names, values);
    for (size_t k = 0; k < count; k++)
        text_format(out, ",%s", isfinite(values[k]) ? text_number(values[k], number) : "");
    text_append(out, "\n");
}

static void csv_value(double value, struct text *out) {
    char number[TEXT_NUMBER_SIZE];
    text_format(out, ",%s", isfinite(value) ? text_number(value, number) : "");
}

/* The original is the first row; figures that are undefined are empty cells. */
static void sweep_csv(const struct sweep *sweep, struct text *out) {
    const char *const *names;
    double values[METRICS_FIGURES];
    size_t count = metrics_figures(&sweep->original, &names, values);
    text_append(out, "method,epsilon,at,grp,parameters");
    for (size_t k = 0; k < count; k++)
        text_format(out, ",%s", names[k]);
    text_format(out, "\noriginal,,,100,%zu", sweep->original_parameters);
    csv_figures(&sweep->original, out);
    for (size_t k = 0; k < sweep->count; k++) {
        const struct sweep_point *point = &sweep->point[k];
        text_append(out, sweep_method_name(point->method));
        csv_value(point->epsilon, out);
        csv_value(point->at, out);
        csv_value(point->grp, out);
        text_format(out, ",%zu", point->parameters);
        csv_figures(&point->metrics, out);
    }
}

static void figure_cell(struct table *table, const struct metrics *metrics) {
    struct text figure = {0};
    text_append_figure(&figure, metrics);
    table_cell(table, "%s", figure.data ? figure.data : "");
    text_free(&figure);
}

static void point_row(struct table *table, const struct sweep_point *point, bool list) {
    table_cell(table, "%s", sweep_method_name(point->method));
    if (list)
        table_cell(table, "%g %%", point->at);
    table_cell(table, "%.1f %%", point->grp);
    table_cell(table, "%zu", point->parameters);
    figure_cell(table, &point->metrics);
    if (!isnan(point->epsilon))
        table_number(table, point->epsilon);
    else
        table_cell(table, "%s", "");
}

/* Method after method, so that a column reads as a curve; in lists size after size. */
static void sweep_text(const struct sweep *sweep, bool list, struct text *out) {
    struct table table = {.alignment = list ? "lrrrrr" : "lrrrr"};
    bool overflow = false;
    table_cell(&table, "method");
    if (list)
        table_cell(&table, "at most");
    table_cell(&table, "size");
    table_cell(&table, "parameters");
    table_cell(&table, "test %s", metrics_name(sweep->original.task));
    table_cell(&table, "epsilon");
    table_cell(&table, "original");
    if (list)
        table_cell(&table, "%s", "");
    table_cell(&table, "100 %%");
    table_cell(&table, "%zu", sweep->original_parameters);
    figure_cell(&table, &sweep->original);
    table_cell(&table, "%s", "");
    for (int method = 0; method < (list ? 1 : SWEEP_METHODS); method++)
        for (size_t k = 0; k < sweep->count; k++)
            if (list || sweep->point[k].method == (enum sweep_method)method)
                point_row(&table, &sweep->point[k], list);
    for (size_t k = 0; k < sweep->count; k++)
        overflow = overflow || !isfinite(metrics_figure(&sweep->point[k].metrics));
    table_print(&table, out);
    if (overflow)
        text_append(out, "-: the network overflows on the test rows\n");
}

bool program_run_sweep(struct program *program, struct error *error) {
    enum format format;
    struct sweep_options options;
    double *at = NULL;
    struct subject subject = {0};
    struct sweep sweep = {0};
    struct text result = {0};
    bool done = program_format(program, FORMAT_TEXT, &format, error) &&
                read_options(program, &options, &at, error) &&
                program_check_output(program, error) &&
                subject_study(&subject, program, TARGET_REQUIRED, error) &&
                subject_need_test_rows(&subject, error) &&
                sweep_run(&sweep, &subject.study, &options, NULL, &program->progress, error);
    if (done && format == FORMAT_JSON)
        done = sweep_json(&sweep, &subject.options, &result, error);
    else if (done && format == FORMAT_CSV)
        sweep_csv(&sweep, &result);
    else if (done)
        sweep_text(&sweep, options.at_count > 0, &result);
    done = done && program_deliver(program, &result, error);
    text_free(&result);
    sweep_free(&sweep);
    subject_free(&subject);
    free(at);
    return done;
}
