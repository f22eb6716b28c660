/* What the explorer shows: an immutable picture of the session, published by its worker. Views draw
 * from it and never compute. A snapshot is counted; it and all it points to stay as they are until
 * the last holder lets go. */
#ifndef LUMPSCOPE_SNAPSHOT_H
#define LUMPSCOPE_SNAPSHOT_H

#include "lumpscope/detail.h"
#include "lumpscope/epsilon_scale.h"
#include "lumpscope/metrics.h"
#include "lumpscope/options.h"
#include "lumpscope/partition.h"

#include <math.h>
#include <stdatomic.h>

enum figure_state {
    FIGURE_NONE,     /* nothing to show: no data, or not asked for */
    FIGURE_PENDING,  /* being computed, no rows yet */
    FIGURE_ESTIMATE, /* from `rows_done` of `rows` test rows */
    FIGURE_EXACT,
    FIGURE_OVERFLOW, /* not finite */
    FIGURE_REFUSED,  /* cannot be had at this size (a baseline below its biases) */
};

struct figure {
    enum figure_state state;
    double value; /* MSE, or accuracy as a fraction */
    size_t rows_done, rows;
};

/* One hidden layer as the layers pane shows it. */
struct layer_view {
    char activation[24];
    size_t neurons; /* of the original */
    size_t dead;
    size_t classes; /* at the current epsilon */
    size_t reduced; /* neurons of the reduced layer */
    bool locked;
    double next_merge; /* epsilon of the layer's next merge; NaN when there is none */
};

/* Slider marks: the merge events. */
struct event_mark {
    double epsilon;
    size_t parameters; /* of the network at the event */
};

/* One point of the size/error plot. */
struct curve_point {
    double grp, figure; /* percent; MSE or accuracy */
    double epsilon;     /* NaN for rivals */
    size_t parameters;
};

/* Those before CURVE_POLISH are measured by the sweep; of these, CURVE_MAGNITUDE to CURVE_WANDA are
 * also compared with at every epsilon. CURVE_POLISH has the sizes that were polished one by one. */
enum curve_id {
    CURVE_LUMP,
    CURVE_MAGNITUDE,
    CURVE_WANDA,
    CURVE_NEURON,
    CURVE_ID,
    CURVE_POLISH,
    CURVE_COUNT
};

struct curve {
    struct curve_point *points; /* [count] as measured: by growing epsilon, which is mostly
                                   descending grp */
    size_t count;
};

/* What the inspector shows of the selected neuron and its class. */
struct inspection {
    size_t layer;  /* hidden layer from 1; 0: nothing selected */
    size_t neuron; /* original number */
    bool dead;
    size_t class_id; /* number of the class in its layer */
    size_t member_count;
    size_t *members;   /* [member_count] ascending, the selected neuron among them */
    double *distances; /* [member_count] from the selected neuron; NaN where not kept */
    double widest;     /* largest distance within the class; NaN when not known */
    size_t widest_a, widest_b;
    double next_merge;     /* epsilon at which the class merges next; NaN: never */
    size_t next_class;     /* a class of the same layer it then joins; SIZE_MAX: none */
    size_t representative; /* member whose incoming row the merged neuron takes, but for its length
                              (the first, where all read the same); SIZE_MAX: a mean, a sum or
                              singular vectors of several, or dead */
    size_t inputs, outputs;
    double *incoming; /* [inputs] weights the neuron reads, original network */
    double bias;
    double *outgoing; /* [outputs] what it sends */
};

enum { MARK_NAME_SIZE = 24, MARKS_MOST = 1000 };

/* A point the user marked. */
struct mark_view {
    char name[MARK_NAME_SIZE];
    double epsilon;     /* NaN: being looked for */
    bool here;          /* made under the options in force */
    size_t parameters;  /* of the network there; 0: not known yet */
    double grp, figure; /* percent; MSE or accuracy, NaN: not known yet */
};

enum work_state {
    WORK_IDLE,
    WORK_OPENING,
    WORK_ANALYSING,
    WORK_EVALUATING,
    WORK_SWEEPING,
    WORK_POLISHING,
    WORK_WRITING
};

struct model;

struct snapshot {
    atomic_uint holders;
    uint64_t serial; /* grows with every publication */

    /* What is open. */
    char *model_path;              /* NULL: nothing open yet */
    char *title;                   /* "glycolysis 7-64-4-64-7 (square, linear)" */
    char *data_path;               /* NULL: no data */
    char *data_title;              /* "glycolysis 3200+800" */
    const struct network *network; /* the original, for names; shared, NULL: nothing open yet */
    struct model *model;           /* counted owner of the network */
    enum task task;
    struct options options;
    bool sufficient_only; /* a consumer without polynomial encoding: "sufficient condition" */

    bool analysed; /* false: classes, events and sizes are not known yet */

    /* Where epsilon is. */
    double epsilon;
    double epsilon_end; /* the last merge event known; the right end of the slider */
    struct event_mark *events;
    size_t event_count;
    bool events_complete; /* false while the list is still being made */
    double next_event;    /* NaN: none */
    size_t next_event_layer;
    double previous_event;

    /* What merged. */
    size_t hidden;             /* hidden layers */
    struct layer_view *layers; /* [hidden] */
    struct partition partition;
    uint32_t **colour; /* [hidden][classes]: colour number of each class, inherited from the
                          largest member class while epsilon moves */
    uint32_t **size;   /* [hidden][classes]: neurons of each class */
    size_t hidden_neurons, classes; /* over all hidden layers */

    /* What it cost. */
    size_t parameters, original_parameters;
    size_t bytes, original_bytes;        /* as files; 0: not known yet */
    bool reduced_known;                  /* false while the reduced network is being made */
    struct figure before, after;         /* original and reduced on the test rows */
    struct figure polished;              /* the reduced one polished; none: not asked for here */
    struct figure baseline[CURVE_COUNT]; /* magnitude and wanda at the same GRP */
    struct curve curve[CURVE_COUNT];
    bool curve_complete;

    struct inspection inspection;
    struct detail *detail; /* held; NULL: nothing watched, or not made yet */
    bool detail_current;   /* it belongs to what is selected, watched and in force now */

    /* Where the user has been. */
    struct mark_view *marks; /* [mark_count] in the order of making */
    size_t mark_count;
    size_t undo_count, redo_count; /* changes that can be taken back, and done again */
    uint64_t change_serial;        /* grows when there is something new to be saved */

    /* What is going on. */
    enum work_state work;
    char work_text[96]; /* "distances, layer 2" */
    size_t work_done, work_total;
    char message[640]; /* last sentence: done or error; "" none */
    bool message_is_error;
    uint64_t message_serial; /* grows with every new message */
};

/* There is data, but no column of it holds what an output should be: no error can be measured. */
static inline bool snapshot_lacks_targets(const struct snapshot *snapshot) {
    return snapshot->analysed && snapshot->data_path && snapshot->before.state == FIGURE_NONE;
}

/* The slider's scale. */
static inline struct epsilon_scale epsilon_scale_of(const struct snapshot *snapshot) {
    size_t count = snapshot->event_count;
    return epsilon_scale_make(snapshot->epsilon_end,
                              count ? snapshot->events[count / 2].epsilon : NAN);
}

/* Frees what an inspection owns and zeroes it. */
void inspection_free(struct inspection *inspection);

void snapshot_hold(struct snapshot *snapshot);
/* Lets go; frees with the last holder. NULL is fine. */
void snapshot_release(struct snapshot *snapshot);

#endif
