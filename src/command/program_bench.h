/* What bench says to people. */
#ifndef LUMPSCOPE_PROGRAM_BENCH_H
#define LUMPSCOPE_PROGRAM_BENCH_H

#include "lumpscope/bench.h"
#include "lumpscope/text.h"

/* Errors by data set and architecture, then the scores and what the sizes cost. */
bool bench_text(const struct bench_summary *summary, struct text *out, struct error *error);
/* Of the variants: medians over the cells of the ratio to the default. */
bool bench_ablation_text(const struct bench_summary *summary, struct text *out,
                         struct error *error);

#endif
