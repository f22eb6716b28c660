/* A sweep as a file: for programs (CSV, JSON) and for papers (SVG, Markdown). */
#ifndef LUMPSCOPE_SWEEP_REPORT_H
#define LUMPSCOPE_SWEEP_REPORT_H

#include "lumpscope/sweep.h"
#include "lumpscope/text.h"

enum report_format { REPORT_CSV, REPORT_JSON, REPORT_SVG, REPORT_MARKDOWN, REPORT_FORMATS };

/* ".csv", ".json", ".svg", ".md". */
const char *report_suffix(enum report_format format);
/* By the path's suffix; REPORT_FORMATS: none of them. */
enum report_format report_format_of(const char *path);

/* Appends the report. CSV (cli.md, "sweep"): the original is the first row, cells of what is
 * undefined are empty. JSON: the same members, and the options. Markdown: a table for people,
 * method after method. SVG: error (log) against size in percent, a line per method; points that
 * overflow are left out. */
bool sweep_report(const struct sweep *sweep, const struct options *options,
                  enum report_format format, struct text *out, struct error *error);
/* Adds the points as they stand in that JSON to an array; false: out of memory. */
bool sweep_points_json(const struct sweep *sweep, struct cJSON *points);

#endif
