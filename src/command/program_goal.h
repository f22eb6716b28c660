/* Where epsilon is to be: --eps, --budget, --loss or --exact. */
#ifndef LUMPSCOPE_PROGRAM_GOAL_H
#define LUMPSCOPE_PROGRAM_GOAL_H

#include "program_subject.h"

struct goal {
    enum program_option option; /* PROGRAM_EPS, _BUDGET, _LOSS or _EXACT */
    double value;
};

/* The goal that was given; ERROR_USAGE for a value that is none, and for --loss without data. */
bool program_goal(const struct program *program, struct goal *goal, struct error *error);
/* A study of the model, where the goal can be judged: subject_study, and test rows for --loss.
 * Free with subject_free also on failure. */
bool goal_study(const struct goal *goal, struct subject *subject, const struct program *program,
                struct error *error);
/* The network at the goal, polished where the options have it, that knows how its data is read:
 * judges the original, finds the merge event and moves the engine there. `after`: of the network on
 * the test rows, rows 0 without. Caller frees. */
struct network *goal_reduce(const struct goal *goal, struct subject *subject, double *epsilon,
                            struct metrics *after, const struct progress *progress,
                            struct error *error);

#endif
