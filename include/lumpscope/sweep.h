/* Size against error for lumping and its rivals (cli.md, "sweep"). */
#ifndef LUMPSCOPE_SWEEP_H
#define LUMPSCOPE_SWEEP_H

#include "lumpscope/prune.h"
#include "lumpscope/structured.h"
#include "lumpscope/study.h"

enum sweep_method {
    SWEEP_LUMP,
    SWEEP_MAGNITUDE,
    SWEEP_WANDA,
    SWEEP_NEURON,
    SWEEP_ID,
    SWEEP_LUMP_POLISH, /* polished ones need a study with options.polish */
    SWEEP_MAGNITUDE_POLISH,
    SWEEP_WANDA_POLISH,
    SWEEP_METHODS
};

/* "magnitude", "wanda+polish". */
const char *sweep_method_name(enum sweep_method method);
bool sweep_is_polished(enum sweep_method method);
/* What is compared where nobody says: lump, magnitude and wanda, `polished`: also with polish. */
void sweep_usual_methods(bool *methods, bool polished);
enum { SWEEP_USUAL_POINTS = 40 }; /* points where nobody says */
/* "lump,wanda" into flags [SWEEP_METHODS]; ERROR_USAGE lists the methods. */
bool sweep_parse_methods(const char *list, bool *methods, struct error *error);

struct sweep_options {
    bool methods[SWEEP_METHODS];
    size_t points;    /* events spread evenly in parameters; 0 when grp is given */
    const double *at; /* [at_count] GRP values in percent, borrowed */
    size_t at_count;
};

struct sweep_point {
    enum sweep_method method;
    double epsilon; /* lump, polished or not; NaN for the others */
    double at;      /* the value asked for with a list of GRPs, else NaN */
    double grp;     /* reached, percent */
    size_t parameters;
    struct metrics metrics;
};

struct sweep {
    struct metrics original;
    size_t original_parameters;
    struct sweep_point *point; /* [count] in the order of making */
    size_t count, capacity;
};

/* Runs the sweep. `events` may be NULL: they are collected first. On failure or when stopped what
 * was found stays in `sweep`. Needs test rows, and calibration rows for wanda
 * and id. */
bool sweep_run(struct sweep *sweep, struct study *study, const struct sweep_options *options,
               const struct events *events, const struct progress *progress, struct error *error);
void sweep_free(struct sweep *sweep);

/* The parts, for sweeps that are stopped and go on later. */

/* Marks the events nearest to `points` equal steps in parameters, from the largest network to the
 * smallest: chosen [events->count]. Of many more points than events every event is marked; of those
 * of equal size the first. */
void sweep_choose_events(const struct events *events, size_t points, bool *chosen);
/* One point of pruning to at most `grp` percent; `reached` false: it cannot, and there is no point.
 */
bool sweep_prune_point(struct study *study, const struct ranking *ranking, double grp,
                       bool polished, struct sweep_point *point, bool *reached,
                       const struct progress *progress, struct error *error);

#endif
