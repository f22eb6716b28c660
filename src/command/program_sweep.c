#include "program_output.h"
#include "program_subject.h"

#include "lumpscope/memory.h"
#include "lumpscope/sweep_report.h"

#include <math.h>
#include <stdint.h>
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
    sweep_usual_methods(methods, iterations);
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
    *options = (struct sweep_options){.points = SWEEP_USUAL_POINTS};
    if (!read_methods(program, options->methods, error) ||
        !program_size(program, PROGRAM_POINTS, 1, SIZE_MAX, &options->points, error))
        return false;
    if (!program->given[PROGRAM_GRP])
        return true;
    bool good = read_list(program->given[PROGRAM_GRP], at, &options->at_count, error);
    options->at = *at;
    options->points = 0;
    return good;
}

static void figure_cell(struct table *table, const struct metrics *metrics) {
    struct text figure = {0};
    text_append_figure(&figure, metrics);
    table_cell_text(table, &figure);
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
    table_print(&table, out);
}

static const char *const gaps[FORMATS] = {[FORMAT_TEXT] = "-",
                                          [FORMAT_JSON] = "null",
                                          [FORMAT_CSV] = "empty",
                                          [FORMAT_SVG] = "not drawn",
                                          [FORMAT_MARKDOWN] = "-"};

/* What a gap stands for. */
static void append_overflow(const struct sweep *sweep, const struct subject *subject,
                            const char *gap, struct text *out) {
    size_t count = 0;
    for (size_t k = 0; k < sweep->count; k++)
        count += isfinite(metrics_figure(&sweep->point[k].metrics)) ? 0 : 1;
    if (count)
        text_format(out, "%s: the network overflows on the test rows\n", gap);
    text_append_overflow(out, "the original", subject->network, subject->data,
                         &subject->study.test_inputs, &sweep->original);
}

static const enum report_format reports[FORMATS] = {[FORMAT_JSON] = REPORT_JSON,
                                                    [FORMAT_CSV] = REPORT_CSV,
                                                    [FORMAT_SVG] = REPORT_SVG,
                                                    [FORMAT_MARKDOWN] = REPORT_MARKDOWN};

bool program_run_sweep(struct program *program, struct error *error) {
    enum format format;
    struct sweep_options options;
    double *at = NULL;
    struct subject subject = {0};
    struct sweep sweep = {0};
    struct text result = {0}, overflow = {0};
    bool done = program_format(program, FORMAT_TEXT, FORMAT_MARKDOWN, &format, error) &&
                read_options(program, &options, &at, error) &&
                program_check_output(program, error) &&
                subject_study(&subject, program, TARGET_REQUIRED, error) &&
                subject_need_test_rows(&subject, error) &&
                sweep_run(&sweep, &subject.study, &options, NULL, &program->progress, error);
    if (done)
        append_overflow(&sweep, &subject, gaps[format], &overflow);
    if (done && format == FORMAT_TEXT) {
        sweep_text(&sweep, options.at_count > 0, &result);
        text_append_text(&result, &overflow);
    } else if (done) {
        program_say("%s", overflow.data ? overflow.data : "");
        done = sweep_report(&sweep, &subject.options, reports[format], &result, error);
    }
    done = done && program_deliver(program, &result, error);
    text_free(&overflow);
    text_free(&result);
    sweep_free(&sweep);
    subject_free(&subject);
    free(at);
    return done;
}
