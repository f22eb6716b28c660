#include "lumpscope/sweep_report.h"

#include "lumpscope/metrics_report.h"

#include "measure/sweep_svg.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

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

bool sweep_points_json(const struct sweep *sweep, cJSON *points) {
    bool made = true;
    for (size_t k = 0; made && k < sweep->count; k++)
        made = point_json(&sweep->point[k], points);
    return made;
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
    made = made && sweep_points_json(sweep, points);
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

static void markdown_point(const struct sweep_point *point, bool list, struct text *out) {
    char number[TEXT_NUMBER_SIZE];
    text_format(out, "| %s |", sweep_method_name(point->method));
    if (list)
        text_format(out, " %g %% |", point->at);
    text_format(out, " %.1f %% | %zu | ", point->grp, point->parameters);
    text_append_figure(out, &point->metrics);
    text_format(out, " | %s |\n",
                !isnan(point->epsilon) ? text_human(point->epsilon, 4, number) : "");
}

/* Sizes that were asked for have a column of their own, and stand size after size. */
static void sweep_markdown(const struct sweep *sweep, struct text *out) {
    bool list = sweep->count > 0 && !isnan(sweep->point[0].at);
    text_format(out, "| method |%s size | parameters | test %s | epsilon |\n",
                list ? " at most |" : "", metrics_name(sweep->original.task));
    text_format(out, "| --- |%s ---: | ---: | ---: | ---: |\n", list ? " ---: |" : "");
    text_format(out, "| original |%s 100 %% | %zu | ", list ? " |" : "",
                sweep->original_parameters);
    text_append_figure(out, &sweep->original);
    text_append(out, " | |\n");
    for (int method = 0; method < (list ? 1 : SWEEP_METHODS); method++)
        for (size_t k = 0; k < sweep->count; k++)
            if (list || sweep->point[k].method == (enum sweep_method)method)
                markdown_point(&sweep->point[k], list, out);
}

static const char *const suffixes[REPORT_FORMATS] = {".csv", ".json", ".svg", ".md"};

const char *report_suffix(enum report_format format) {
    return suffixes[format];
}

enum report_format report_format_of(const char *path) {
    const char *slash = strrchr(path, '/'), *suffix = strrchr(slash ? slash : path, '.');
    int format = 0;
    while (format < REPORT_FORMATS && !(suffix && !strcmp(suffix, suffixes[format])))
        format++;
    return (enum report_format)format;
}

bool sweep_report(const struct sweep *sweep, const struct options *options,
                  enum report_format format, struct text *out, struct error *error) {
    switch (format) {
    case REPORT_JSON:
        return sweep_json(sweep, options, out, error);
    case REPORT_SVG:
        sweep_svg(sweep, out);
        break;
    case REPORT_MARKDOWN:
        sweep_markdown(sweep, out);
        break;
    default:
        sweep_csv(sweep, out);
    }
    return !out->failed || error_memory(error, out->capacity);
}
