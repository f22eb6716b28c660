/* Metrics as they are written and shown. */
#ifndef LUMPSCOPE_METRICS_REPORT_H
#define LUMPSCOPE_METRICS_REPORT_H

#include "lumpscope/json.h"
#include "lumpscope/metrics.h"

/* Why a figure that the task has is no number, in words; NULL when all are. */
const char *metrics_gap(const struct metrics *metrics);
/* The members of "evaluate", or "before" and "after"; where there is a gap, "null" says why. */
bool json_add_metrics(struct cJSON *to, const struct metrics *metrics);
/* One name and value per figure, for CSV and tables. */
size_t metrics_figures(const struct metrics *metrics, const char *const **names, double *values);
enum { METRICS_FIGURES = 5 };
/* Error as it is shown: "0.0553", or "96.1 %" for accuracy. */
void text_append_figure(struct text *out, const struct metrics *metrics);

#endif
