/* Internal: what is asked of the worker, and what it has. */
#ifndef LUMPSCOPE_SESSION_WORKER_H
#define LUMPSCOPE_SESSION_WORKER_H

#include "lumpscope/session.h"
#include "lumpscope/structured.h"
#include "lumpscope/study.h"
#include "lumpscope/sweep.h"

#include "session/history.h"
#include "session/model.h"

#include <pthread.h>
#include <time.h>

/* What was asked and not yet taken; under the session's mutex. A write and a mark end a batch: what
 * is asked after it waits in the next one, so that it is of what was there when it was asked. */
struct requests {
    uint64_t place;      /* of the history, where all this leads; 0: nowhere else */
    struct files *files; /* held; to be opened; NULL: none asked */
    bool model, data;    /* the network too, with data if there is any; or the data alone */
    bool options;
    struct option_choices choices; /* with any of these three */
    struct target target;
    bool select;
    size_t layer, neuron;
    bool rewatch;
    struct watch watch;
    size_t sweep_points;   /* 0: none asked */
    size_t polish;         /* iterations; 0: none asked */
    char *write;           /* a path; NULL: none asked */
    bool export;           /* what is written is a report or the system, not the network */
    enum report_kind kind; /* of the report; REPORT_KINDS: by the suffix */
    size_t report_layer;   /* 0: all */
    bool typed;            /* the network's numbers become of `type`, not that of its file */
    enum tensor_type type;
    bool mark;             /* the place is marked: epsilon gets there before it goes on */
    bool notice;           /* the history has changed and is to be shown */
    bool lost;             /* something could not be kept for want of memory, and is to be said */
    struct requests *next; /* owned */
};

struct session {
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* something was asked, or the worker became idle */
    pthread_t thread;
    int wake[2];              /* pipe: a byte per publication */
    bool stop, cancel;        /* under the mutex, as all that follows */
    bool paused;              /* nothing was asked since the last cancel */
    struct requests requests; /* the oldest batch */
    struct history history;   /* its present place is where all that was asked leads */
    uint64_t cancelled;       /* the place of the history when `cancel` was set */
    bool idle;
    struct snapshot *latest;
    struct model *model;             /* held: the network read last; NULL: none */
    const struct files *model_files; /* of it; the worker holds them */
};

/* How urgent a piece of work is: a request of a smaller number interrupts it. */
enum job {
    JOB_OPEN,
    JOB_DATA,
    JOB_ANALYSE,
    JOB_MOVE,
    JOB_INSPECT,
    JOB_WRITE,
    JOB_POLISH,
    JOB_BACKGROUND
};

/* One event of the sweep while it is measured: what is done of it outlives interruptions. */
struct sweep_step {
    int curve;               /* being measured */
    struct network *network; /* of this curve; NULL: not made yet */
    struct evaluation run;   /* outputs.data NULL: not begun */
    struct sweep_point point[CURVE_COUNT];
    bool reached[CURVE_COUNT];
};

/* The network at the present epsilon, polished. */
struct polishing {
    size_t wanted;           /* iterations; 0: not asked for here, or done */
    struct network *network; /* NULL: not made */
    struct evaluation run;   /* outputs.data NULL: not begun */
    struct figure figure;
};

/* What the middle pane shows beside the classes. */
struct watching {
    struct watch watch;
    struct detail *detail; /* held; the newest that was made, NULL: none */
    bool current;          /* it belongs to what is selected, watched and in force */
    /* Of the network the aggregation starts from, driven by a test row; points 0: not made. */
    struct trajectory original;
    size_t original_row;
};

/* Owned by the worker's thread alone. */
struct worker {
    struct session *session;
    struct progress progress;
    enum job job; /* running */
    enum work_state work;
    char work_text[96];
    size_t work_done, work_total;
    struct timespec published; /* when */
    bool unpublished;          /* a snapshot is due */
    bool paused;               /* background work rests until something is asked */
    bool carrying;             /* to a write, which nothing but a cancel keeps from being reached */
    uint64_t serial, message_serial;
    char message[640];
    bool message_is_error;

    struct files *files; /* held; what is open, as it was asked for */
    struct model *model;
    char *model_path, *data_path;
    size_t model_bytes;
    struct dataset *data;
    bool sweep_wanted; /* by the user; goes on after interruptions */
    size_t sweep_points;

    bool analysis_due;    /* asked for and not done: interruptions do not lose it */
    struct target target; /* likewise where epsilon is to go */
    double found;         /* what the last search found; NaN: epsilon was not searched for */
    uint64_t place;       /* of the history, on the way to it; 0: arrived */

    struct option_choices choices;
    struct option_choices held; /* what the study was made with */

    struct options options;
    struct study study; /* refine NULL: not analysed */
    double epsilon;     /* where the explorer stands; the engine may be elsewhere meanwhile */
    double event, next_event, previous_event;
    size_t next_event_layer;
    struct events events;
    struct partition partition; /* at `epsilon` */
    struct layer_view *layers;  /* [hidden] */
    uint32_t **colour;          /* [hidden][classes] */

    struct network *reduced; /* at `epsilon`; NULL: not made yet */
    struct merged merged;    /* what its neurons stand for */
    size_t reduced_bytes;
    struct evaluation before_run, after_run; /* outputs.data NULL: not begun */
    struct figure before, after, baseline[CURVE_COUNT];
    struct ranking *ranking[CURVE_COUNT];
    struct structured *structured[CURVE_COUNT]; /* made when a sweep begins to need them */
    bool ranked, baselines_done;
    struct polishing polishing;

    struct curve curve[CURVE_COUNT];
    struct sweep sweep; /* all points with all their figures, those that overflow included */
    bool *sweep_chosen; /* [events.count] */
    size_t sweep_at;    /* event the sweep goes on with */
    struct sweep_step sweep_step;
    bool given_up; /* background work failed at this epsilon */
    bool curve_complete;

    size_t layer, neuron; /* selected; layer 0: none */
    struct inspection inspection;
    bool inspected;
    struct watching watching;
};

/* Frees what one batch owns. */
void requests_free(struct requests *requests);
/* In the explorer options are named without the dashes of the command line. */
void session_drop_dashes(struct error *error);
/* What the choices mean, with or without data; false with a sentence when they do not fit. */
bool session_resolve(const struct option_choices *choices, bool data, struct options *options,
                     struct error *error);
/* The same for a network (NULL: any); choices that mean nothing for it or the data rest, which
 * `error` then tells. */
bool session_fit(const struct option_choices *choices, bool data, const struct network *network,
                 struct options *options, struct error *error);

/* Every request: lock and give the batch that takes what is asked now; then wake the worker and
 * unlock. A request that changes the history says so in between. */
struct requests *session_ask(struct session *session);
void session_lead(struct session *session, struct requests *requests);
void session_asked(struct session *session);
/* Sends the worker to the present place of the history, from another one (files, choices and target
 * alone matter); between session_ask and session_asked. */
void session_go(struct session *session, struct requests *requests, const struct waypoint *from);

/* The worker's thread. */
void *worker_run(void *session);

/* worker.c: for the other files. */
void worker_say(struct worker *worker, bool is_error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void worker_publish(struct worker *worker);

/* analyse.c: opening, analysing, moving. */
void worker_close(struct worker *worker);
bool worker_open(struct worker *worker, const struct files *files, struct error *error);
bool worker_load_data(struct worker *worker, const char *path, const struct data_recipe *recipe,
                      struct error *error);
bool worker_analyse(struct worker *worker, struct error *error);
/* Background work may have left the engine elsewhere: takes it to where the explorer stands. Where
 * it is there, nothing is touched. */
bool worker_stand(struct worker *worker, const struct progress *progress, struct error *error);
bool worker_move(struct worker *worker, const struct target *target, struct error *error);

/* background.c: what fills in while nobody asks for anything. One step each: true while there may
 * be more to do, false when all is done or `error` is set. */
bool worker_background(struct worker *worker, struct error *error);
/* After an error: what is still to be measured will not be, until something is asked. */
void worker_give_up(struct worker *worker);
/* Forgets what is done of an event of the sweep. */
void worker_forget_sweep_step(struct worker *worker);
/* Forgets the reduced network and its figures. */
void worker_forget_reduced(struct worker *worker);
bool worker_reduce(struct worker *worker, struct error *error);

/* Whether these choices mean the options in force. */
bool worker_has_options(const struct worker *worker, const struct option_choices *choices);

/* For the other makers of figures. Evaluates some more rows of a network; the figure is an estimate
 * until all are done. */
bool worker_judge_more(struct worker *worker, struct evaluation *run, const struct network *network,
                       struct figure *figure, struct metrics *metrics, struct error *error);
bool worker_figure_unfinished(const struct figure *figure);
/* To the points measured, and to curve `c` where the figure has a place on the plot. */
bool worker_add_point(struct worker *worker, int c, const struct sweep_point *point,
                      struct error *error);

/* polish.c */
/* Asks for the network at this epsilon to be polished; 0: forgets it, made or not. */
void worker_want_polish(struct worker *worker, size_t iterations);
/* Makes the polished network, if it is asked for; false: stopped (it is still asked for), or it
 * cannot be had (it no longer is). */
bool worker_polish(struct worker *worker, struct error *error);
/* A step on the way to its figure; `more` false: it is there, or not asked for. */
bool worker_polish_more(struct worker *worker, bool *more, struct error *error);
/* The user stops it: what is not made will not be. */
void worker_stop_polish(struct worker *worker);
/* Forgets all that was measured for the plot, but for the polished points, which no sweep makes. */
void worker_clear_curves(struct worker *worker);

/* inspect.c */
bool worker_inspect(struct worker *worker, struct error *error);
bool worker_describe_layers(struct worker *worker, struct error *error);
void worker_forget_layers(struct worker *worker);

/* watch.c: the detail of what is selected and watched. False: stopped, or no memory; what cannot be
 * shown is a detail that says so. */
bool worker_watch(struct worker *worker, struct error *error);
/* It can be made at once, and is not to wait. */
bool worker_watch_quick(const struct worker *worker);
/* It is to be made: after the inspection and, when it takes long, an estimate of the figures. */
bool worker_watch_due(const struct worker *worker);
void worker_forget_detail(struct worker *worker);

/* export.c: as session_export; says what was written. */
bool worker_export(struct worker *worker, const char *path, enum report_kind kind, size_t layer,
                   struct error *error);

/* picture.c: a snapshot of the worker's state; NULL: out of memory. */
struct snapshot *worker_picture(const struct worker *worker);

#endif
