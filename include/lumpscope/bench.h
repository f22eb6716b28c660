/* The evaluation of the paper, and past it: data sets x architectures x seeds, every method at
 * every size, means with 95 % confidence intervals. Work is cut into jobs (one data set,
 * architecture and seed each), whose results are files, so that runs can be stopped, shared out and
 * put together again. */
#ifndef LUMPSCOPE_BENCH_H
#define LUMPSCOPE_BENCH_H

#include "lumpscope/options.h"
#include "lumpscope/progress.h"

#include <stdint.h>

struct text;

enum { BENCH_GRPS = 8, BENCH_ARCHITECTURES = 3, BENCH_SETS = 8 };
enum { BENCH_MAX_SEEDS = 10000, BENCH_MAX_SHARDS = 10000 }; /* that one may ask for */
extern const double bench_grp[BENCH_GRPS]; /* 90, 75, 60, 50, 40, 30, 20, 10 percent */

/* What is compared. The first ones are reductions by classes; *_POLISH are polished. */
enum bench_method {
    BENCH_FORWARD, /* the paper's: no refit */
    BENCH_FORWARD_REFIT,
    BENCH_BACKWARD_REFIT,
    BENCH_JOINT,
    BENCH_JOINT_REFIT,
    BENCH_JOINT_REFIT_POLISH,
    BENCH_MAGNITUDE,
    BENCH_WANDA,
    BENCH_MAGNITUDE_POLISH,
    BENCH_WANDA_POLISH,
    BENCH_NEURON,
    BENCH_ID,
    BENCH_SCRATCH, /* trained from scratch at joint+refit's size: the limit */
    BENCH_METHODS,
    BENCH_ALL = BENCH_METHODS + 38 /* and the variants of the ablation */
};
/* A way of reducing by classes. */
struct bench_variant {
    enum bench_method method;
    enum relation relation;
    enum linkage linkage;
    bool balance;
    enum scale scale;
    bool refit, polish;
};
/* Relation x linkage x balance x scale x refit, as far as they apply; BENCH_METHODS + k is number
 * k. */
extern const struct bench_variant bench_ablation[BENCH_ALL - BENCH_METHODS];
/* The one of them that is the default with data. */
enum bench_method bench_ablation_default(void);
/* "joint+refit+polish", "forward chain balance relative refit". */
const char *bench_method_name(enum bench_method method);

/* A data set of the suites: a system that is generated, or a file below the data directory. */
struct bench_set {
    const char *name;   /* "GLY" */
    const char *system; /* of systems.h; NULL: a file */
    const char *file;   /* below the data directory */
    const char
        *recipe; /* reader options, "target=last drop=a,b", as `lumpscope train` takes them */
};
extern const struct bench_set bench_sets[BENCH_SETS];

struct bench_suite {
    const char *name;
    size_t system_seeds, file_seeds;
    size_t rows;       /* of a data set, at most; the first of a permutation by the seed */
    size_t epoch_rows; /* rows that pass in training: epochs follow */
    size_t polish;     /* iterations */
    bool ablation;     /* the variants of joint, forward and backward instead of the rivals */
};
extern const struct bench_suite bench_suites[]; /* ended by a name of NULL */
/* NULL when there is none of that name. */
const struct bench_suite *bench_suite_find(const char *name);

/* "64:square,4:linear,64:square". */
extern const char *const bench_architectures[BENCH_ARCHITECTURES];

struct bench_job {
    size_t set, architecture;
    uint64_t seed;
};

/* The jobs of a suite, cheap before dear within a seed and seed after seed, so that a stopped run
 * has whole seeds. `seeds` 0: as the suite has them. Caller frees. */
struct bench_job *bench_jobs(const struct bench_suite *suite, size_t seeds, size_t *count,
                             struct error *error);
/* "GLY-2-s7.json". `out` has BENCH_NAME_SIZE bytes. */
enum { BENCH_NAME_SIZE = 64 };
const char *bench_job_name(const struct bench_job *job, char *out);

struct bench_point {
    enum bench_method method;
    double at, grp;    /* asked for; reached; percent */
    size_t parameters; /* pruned: that are not 0 */
    double mse;        /* on the test rows; NaN: overflowed */
    double seconds;    /* to make it, from the analysed network on; scratch: to train it */
    double bytes;      /* of the file it would be written to */
    double evaluation; /* seconds for 1000 rows, as it would be used: pruned ones keep their
                          shape */
};

struct bench_result {
    struct bench_job job;
    size_t parameters;   /* of the base network; 0: training diverged, and there are no points */
    double mse, seconds; /* its error; its training */
    size_t train_rows, test_rows;
    struct bench_point *point; /* [count] owned; a method that cannot reach a size has none */
    size_t count, capacity;
};
void bench_result_free(struct bench_result *result); /* a zeroed struct may be freed */

/* Does one job. `data_directory` for files, `directory` for the systems' rows (written there once,
 * as CSV). */
bool bench_job_run(const struct bench_suite *suite, const struct bench_job *job,
                   const char *data_directory, const char *directory, struct bench_result *result,
                   const struct progress *progress, struct error *error);
/* A result as a file, and back; the suite's name and settings are in it, and reading refuses those
 * of another. */
bool bench_result_write(const struct bench_suite *suite, const struct bench_result *result,
                        const char *path, struct error *error);
bool bench_result_read(const struct bench_suite *suite, const char *path,
                       struct bench_result *result, struct error *error);

/* ---- Putting results together ---- */

/* A mean over seeds with the half-width of its 95 % confidence interval (Student's t, n - 1 degrees
 * of freedom; NaN for fewer than two values). A value that overflowed makes the mean infinite. */
struct bench_mean {
    size_t count;
    double mean, half;
};
struct bench_mean bench_mean_of(const double *values, size_t count);

struct bench_cell {
    struct bench_mean mse;
    double grp, seconds, bytes, evaluation; /* means */
};

/* Everything of a suite: cell [set][architecture][size][method]. */
struct bench_summary {
    struct bench_cell *cell;   /* owned */
    struct bench_mean *base;   /* [set][architecture] error of the base networks, owned */
    size_t results, untrained; /* networks that diverged in training: they count nowhere */
};
bool bench_summarise(const struct bench_result *results, size_t count,
                     struct bench_summary *summary, struct error *error);
void bench_summary_free(struct bench_summary *summary);
struct bench_cell *bench_cell_at(const struct bench_summary *summary, size_t set,
                                 size_t architecture, size_t grp, enum bench_method method);

/* How one method stands against another over the cells of some sizes. A cell in which the other has
 * no network of the size, or one that overflowed, is won. */
struct bench_score {
    size_t cells;
    size_t ahead, level, behind; /* by means; level: within 1e-9 relative */
    size_t near;                 /* not behind, or by 5 % of the mean at most */
    size_t clear, open, lost;    /* by intervals that do not overlap, or do */
};
struct bench_score bench_score_of(const struct bench_summary *summary, enum bench_method method,
                                  enum bench_method other, double least_grp, double most_grp);
/* The ratios of the means, method over other, over the same cells, ascending; caller frees. */
double *bench_ratios(const struct bench_summary *summary, enum bench_method method,
                     enum bench_method other, double least_grp, double most_grp, size_t *count,
                     struct error *error);

#endif
