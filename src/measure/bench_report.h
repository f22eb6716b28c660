/* What bench found, for programs and for documents. */
#ifndef LUMPSCOPE_MEASURE_BENCH_REPORT_H
#define LUMPSCOPE_MEASURE_BENCH_REPORT_H

#include "lumpscope/bench.h"
#include "lumpscope/text.h"

/* A method, and the rivals and sizes it is scored by. */
struct bench_span {
    const char *name; /* "75 % and below" */
    double least, most;
};
enum { BENCH_SPANS = 3, BENCH_RATED = 2 };
extern const struct bench_span bench_spans[BENCH_SPANS];
extern const enum bench_method bench_rated[BENCH_RATED];
/* Whether there are results of the set and architecture. */
bool bench_has(const struct bench_summary *summary, size_t set, size_t architecture);
/* Whether the method has a network anywhere. */
bool bench_has_method(const struct bench_summary *summary, enum bench_method method);
/* "0.00553 ± 0.00012"; "-": no network of the size; "overflow". */
void bench_append_mean(struct text *out, const struct bench_mean *mean);
/* Median and worst of bench_ratios; NaN without any. */
bool bench_ratio_figures(const struct bench_summary *summary, enum bench_method method,
                         enum bench_method other, double least, double most, double *median,
                         double *worst, struct error *error);

/* One row per data set, architecture, size and method. */
void bench_csv(const struct bench_summary *summary, struct text *out);
bool bench_json(const struct bench_suite *suite, const struct bench_summary *summary,
                struct text *out, struct error *error);
/* The errors as in the README, then the scores. */
void bench_markdown(const struct bench_summary *summary, struct text *out);
/* Small multiples, one per data set and architecture: error over size, intervals as bands. */
void bench_svg(const struct bench_summary *summary, struct text *out);

#endif
