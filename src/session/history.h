/* Internal: the changes the user made, as a stack of places: where the session is to be after each
 * of them. Knows neither worker nor mutex; whoever shares it guards it. */
#ifndef LUMPSCOPE_SESSION_HISTORY_H
#define LUMPSCOPE_SESSION_HISTORY_H

#include "lumpscope/dataset.h"
#include "lumpscope/model_file.h"
#include "lumpscope/snapshot.h"

#include <stdatomic.h>

struct text;

/* Where epsilon is to go. */
enum target_kind {
    TARGET_NONE,
    TARGET_EPSILON,
    TARGET_FIRST,
    TARGET_LAST,
    TARGET_BUDGET,
    TARGET_LOSS,
    TARGET_EXACT,
};

struct target {
    enum target_kind kind;
    double value; /* epsilon, GRP or loss in percent */
    int steps;    /* merge events from there; down when negative */
};

/* Whether epsilon is to move at all. */
bool target_asked(const struct target *target);
/* `count` more merge events, as many as an int holds. */
void target_step(struct target *target, int count);
/* Whether it is a number, not something to be found; `epsilon` (may be NULL) gets it. */
bool target_known(const struct target *target, double *epsilon);
bool target_equal(const struct target *a, const struct target *b);

/* What is open, as it was asked for; counted. Two of the same content differ: a file is read again
 * when it is opened again. */
struct files {
    atomic_uint holders;
    bool kept;   /* a session of theirs was saved since; likewise */
    bool opened; /* it was read at least once; guarded as the history */
    char *model; /* NULL: data that came without a model */
    char *data;  /* NULL: none */
    struct data_recipe recipe;
    struct model_recipe model_recipe;
};

/* Held once; `recipe` NULL: the defaults, `model_recipe` NULL: nothing said. NULL: out of memory.
 */
struct files *files_new(const char *model, const char *data, const struct data_recipe *recipe,
                        const struct model_recipe *model_recipe);
struct files *files_hold(struct files *files); /* NULL is fine, also for the next */
void files_release(struct files *files);

/* A point the user marked. It may be in many places of the history. */
struct mark {
    size_t holders;
    uint64_t place; /* the place it was made in: there it learns where it is */
    char name[MARK_NAME_SIZE];
    struct option_choices choices;
    struct target target;
    size_t parameters; /* as in mark_view */
    double grp, figure;
    bool announced; /* its size was said, or need not be */
};

/* In the order of making; counted, and never changed but for what marks learn. */
struct mark_list {
    size_t holders, count;
    struct mark **marks; /* [count] each held */
};

struct waypoint {
    uint64_t id;         /* grows; a place that is changed gets a new one */
    uint64_t base;       /* places of one base search for the same thing under the same options */
    struct files *files; /* held; NULL: nothing open */
    struct option_choices choices;
    struct target target;    /* from nowhere: its kind is never TARGET_NONE */
    struct mark_list *marks; /* held; NULL: none */
    bool begins;             /* as it was opened or restored: nothing to save */
    char label[64];          /* what led here: "refit off" */
};

enum { HISTORY_LIMIT = 1000 }; /* places kept; the oldest go */

struct history {
    struct waypoint *places; /* [count] */
    size_t count, capacity, at;
    uint64_t ids;
    uint64_t serial; /* grows with every change, undone and done again too */
    bool joining;    /* moves are one change */
    bool joined;     /* the present place is such a change */
};

/* One place: nothing open. */
bool history_init(struct history *history, struct error *error);
void history_free(struct history *history);
struct waypoint *history_now(const struct history *history);
/* NULL: it is no more. */
struct waypoint *history_find(const struct history *history, uint64_t id);

/* A change: the present place again, to be altered by the caller, on top of the stack; what was
 * undone is gone. Without memory for it the present place itself, which cannot be had back. */
struct waypoint *history_change(struct history *history, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Epsilon goes somewhere else; joined with the last such change when moves are one. */
void history_move(struct history *history, const struct target *target, const char *label);
/* Other files; takes them over. `model`: the network is opened too, epsilon is 0, and there are no
 * marks and nothing to save; else there is other data alone, and marks have no figures. The first
 * files of all are no change. */
struct waypoint *history_open(struct history *history, struct files *files, bool model,
                              const char *label);
void history_choose(struct history *history, const struct option_choices *choices,
                    const char *label);
/* All that was changed so far is how it begins. */
void history_begin(struct history *history);
/* Whether the present place is worth saving: it is not how its files were opened or restored, or
 * not what was saved of them since. */
bool history_changed(const struct history *history);

/* The place before (after) the present one becomes present; NULL: there is none. `what` (may be
 * NULL) gets the label of the change. */
struct waypoint *history_undo(struct history *history, struct text *what);
struct waypoint *history_redo(struct history *history, struct text *what);

/* The worker has come to rest where a place leads: its epsilon is known from now on, that of
 * unfinished marks made on the way too, and that of other places of its base as far as it follows
 * from `start`, what a search found before the steps (NaN: it did not search). */
void history_arrived(struct history *history, uint64_t id, double start, double epsilon);
/* The worker was stopped at `epsilon` on the way to a place: where that is the epsilon of a place
 * before it and nothing but epsilon was to change since, those moves came to nothing and are taken
 * out. False: they stay. */
bool history_stopped(struct history *history, uint64_t id, double epsilon);
/* `files` could not be read, `open` (may be NULL) are still open: no place leads to `files` any
 * more. True when the present place was one that is no more: the worker has to be sent to the
 * present one again. */
bool history_refuse(struct history *history, const struct files *files, struct files *open);

/* `refused` are no options for what is open, `files`; those of `held` still hold. Places that lead
 * to the first lead to the second, and those that change nothing by that are no more. Gives the
 * place that `id` is now. */
uint64_t history_refuse_choices(struct history *history, const struct files *files,
                                const struct option_choices *refused,
                                const struct option_choices *held, uint64_t id);

/* NULL: there is none of that name. */
struct mark *history_mark_named(const struct history *history, const char *name);
/* The mark to go to when none is named: the newest; from a mark the one made before it, and from
 * the first the newest again. NULL: there are none. */
struct mark *history_mark_before(const struct history *history);
/* The first of a to z, a1, a2, ... that no mark has. */
void history_free_name(const struct history *history, char name[MARK_NAME_SIZE]);
/* A change: a mark of this name at the present place, in place of one that has it. False: out of
 * memory. */
bool history_mark(struct history *history, const char *name);
/* A change; the mark is there. */
bool history_unmark(struct history *history, const char *name);
/* Adds a mark to the present place without a change; takes over what it is given. */
bool history_add_mark(struct history *history, const struct mark *mark);

bool choices_equal(const struct option_choices *a, const struct option_choices *b);

#endif
