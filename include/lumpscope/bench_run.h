/* Jobs of bench side by side: several threads, one file per finished job, and what is finished
 * already is not done again. */
#ifndef LUMPSCOPE_BENCH_RUN_H
#define LUMPSCOPE_BENCH_RUN_H

#include "lumpscope/bench.h"

struct bench_plan {
    const struct bench_suite *suite;
    struct bench_job *job; /* [count] owned */
    size_t count;
    size_t threads;
    const char *data_directory; /* NULL: there are only systems among the jobs */
    const char *directory;      /* of the results and of the systems' rows */
};

/* The jobs of a suite, or every `shards`th of them from `shard` (from 0). Sets whose files are not
 * below the data directory are left out, and `missing` names them ("METRO, HEPC"). */
bool bench_plan_init(struct bench_plan *plan, size_t seeds, size_t shard, size_t shards,
                     struct text *missing, struct error *error);
void bench_plan_free(struct bench_plan *plan);

/* Does the jobs that have no result in the directory yet. Reports from the calling thread, with an
 * estimate of the time left. A job that was stopped leaves no result; finished ones stay. A result
 * that is there but cannot be read, or of other settings, is an error. */
bool bench_run(const struct bench_plan *plan, const struct progress *progress, struct error *error);
/* The results of the jobs that are there, in the order of the plan. Caller frees both levels. */
struct bench_result *bench_plan_results(const struct bench_plan *plan, size_t *count,
                                        struct error *error);
void bench_results_free(struct bench_result *results, size_t count);

/* Every result in a directory, added to a list [*count]; a job that is in it already is left as it
 * is. Files that end otherwise than in .json are passed by. */
bool bench_results_collect(const struct bench_suite *suite, const char *directory,
                           struct bench_result **results, size_t *count, size_t *capacity,
                           struct error *error);

#endif
