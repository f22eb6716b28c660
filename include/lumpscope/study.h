/* A network together with the rows it is judged and calibrated on, and its equivalence engine: what
 * compress, sweep and the explorer work on. */
#ifndef LUMPSCOPE_STUDY_H
#define LUMPSCOPE_STUDY_H

#include "lumpscope/aggregate.h"
#include "lumpscope/dataset.h"
#include "lumpscope/evaluate.h"
#include "lumpscope/polish.h"
#include "lumpscope/refine.h"

struct study {
    const struct network *network; /* the original, borrowed */
    struct options options;
    enum tensor_type type;     /* reduced networks are what a file of it holds; first that of the
                                  network's own file */
    bool judged;               /* there are test rows with targets */
    struct matrix test_inputs; /* network space */
    struct matrix test_targets;
    struct matrix calibration; /* network space; rows 0 without */
    struct matrix polish_rows; /* likewise, once a polish is asked for */
    size_t polish_iterations;  /* what was asked for; by the options first */
    struct polish *polish;     /* towards the original from the engine's network; NULL until used */
    struct polish *prune_polish; /* of pruned networks */
    struct refine *refine;
    struct activations kept; /* of reduced networks on the test rows */
    struct metrics before;   /* of the original on the test rows; rows 0 until study_judge */
};

/* `data`: test rows, and calibration rows unless `calibrate_on` is given; either may be NULL. They
 * are not needed afterwards. ERROR_REQUEST when options want calibration rows and the split leaves
 * no training rows, and when calibration overflows, naming the data row (from 1) and the file. */
bool study_init(struct study *study, const struct network *network, const struct options *options,
                const struct dataset *data, const struct dataset *calibrate_on,
                const struct progress *progress, struct error *error);
void study_free(struct study *study);
/* Calibration rows for `--calibration auto`: 1024, fewer (not below 64) where the joint distances
 * of all hidden layers would take more than 4e9 activations, some ten seconds on two processors. */
size_t study_calibration_rows(const struct network *network);
/* A sentence that says how many rows `auto` chose and why; nothing where the option is a number. */
void study_calibration_note(const struct study *study, struct text *out);
/* From now on networks can be polished with `iterations` at most, whatever the options say: takes
 * the rows for it from `data`, the same as study_init's, when it has not got them. ERROR_REQUEST
 * when there are none. */
bool study_want_polish(struct study *study, const struct dataset *data, size_t iterations,
                       struct error *error);
/* Evaluates the original on the test rows. */
bool study_judge(struct study *study, const struct progress *progress, struct error *error);
/* Moves the engine to `epsilon` and makes the reduced network there, rounded to the study's type,
 * polished where that is asked for (after study_want_polish, or when the options have it); `after`
 * gets its metrics when the study is judged (NULL: not wanted). Caller frees. */
struct network *study_reduce(struct study *study, double epsilon, bool polished,
                             struct metrics *after, const struct progress *progress,
                             struct error *error);
/* A polished copy of a pruned network, likewise. Caller frees. */
struct network *study_polish_pruned(struct study *study, const struct network *pruned,
                                    const struct progress *progress, struct error *error);

/* A merge event and the size of the network there. */
struct event {
    double epsilon;
    size_t parameters;
};
struct events {
    struct event *event; /* [count] by epsilon; the first is epsilon 0 */
    size_t count, capacity;
    bool complete; /* nothing merges after the last */
};
/* All merge events, in order, by stepping from 0, or from where a list ends that was stopped before
 * (zero-initialise a new one). When stopped it keeps what was found. The engine's epsilon moves. */
bool study_events(struct study *study, struct events *events, const struct progress *progress,
                  struct error *error);
void events_free(struct events *events);

/* --budget: the event of most parameters whose GRP is at most `grp` (ties: smallest epsilon);
 * ERROR_REQUEST names the smallest size there is. */
bool study_budget(const struct study *study, const struct events *events, double grp,
                  double *epsilon, struct error *error);
/* --loss: the event of fewest parameters whose test error is at most `percent` above the original's
 * (classification: accuracy at most that many points lower), polished where the options ask for it.
 * ERROR_REQUEST without test rows, and
 * when no event is good enough. */
bool study_loss(struct study *study, const struct events *events, double percent, double *epsilon,
                const struct progress *progress, struct error *error);
/* --exact: the largest event up to which no output on any row moves by more than 1e-9 of that
 * output's RMS, before rounding to the study's type. Steps by itself; needs no list of events. */
bool study_exact(struct study *study, double *epsilon, const struct progress *progress,
                 struct error *error);

#endif
