#include "lumpscope/metrics_report.h"

#include <math.h>
#include <string.h>

static const char *const regression_names[] = {"mse", "rmse", "mae", "r2", "mse_raw"};
static const char *const classification_names[] = {"accuracy", "cross_entropy"};

size_t metrics_figures(const struct metrics *metrics, const char *const **names, double *values) {
    if (metrics->task == TASK_CLASSIFICATION) {
        *names = classification_names;
        values[0] = metrics->accuracy;
        values[1] = metrics->cross_entropy;
        return 2;
    }
    *names = regression_names;
    const double all[METRICS_FIGURES] = {metrics->mse, metrics->rmse, metrics->mae, metrics->r2,
                                         metrics->mse_raw};
    memcpy(values, all, sizeof all);
    return METRICS_FIGURES;
}

const char *metrics_gap(const struct metrics *metrics) {
    if (metrics->rows == 0)
        return "there are no rows";
    if (!isfinite(metrics_figure(metrics)))
        return "an output or its error overflows";
    if (metrics->task == TASK_CLASSIFICATION)
        return isfinite(metrics->cross_entropy)
                   ? NULL
                   : "no cross-entropy: the outputs are no probabilities, or that of a row's class "
                     "is 0";
    if (!isfinite(metrics->mse_raw))
        return "the error in units of the data overflows";
    return isfinite(metrics->r2)
               ? NULL
               : "no R^2: the targets of these rows do not vary, or too little or too much";
}

bool json_add_metrics(struct cJSON *to, const struct metrics *metrics) {
    const char *const *names;
    double values[METRICS_FIGURES];
    size_t count = metrics_figures(metrics, &names, values);
    bool made =
        json_add_number(to, "rows", (double)metrics->rows) &&
        json_add_string(to, "task",
                        metrics->task == TASK_CLASSIFICATION ? "classification" : "regression");
    for (size_t k = 0; made && k < count; k++)
        made = json_add_number(to, names[k], values[k]);
    const char *gap = metrics_gap(metrics);
    return made && (!gap || json_add_string(to, "null", gap));
}

void text_append_figure(struct text *out, const struct metrics *metrics) {
    char number[TEXT_NUMBER_SIZE];
    bool percent = metrics->task == TASK_CLASSIFICATION;
    double figure = metrics_figure(metrics);
    text_append(out, text_human(percent ? 100 * figure : figure, 4, number));
    if (percent && isfinite(figure))
        text_append(out, " %");
}
