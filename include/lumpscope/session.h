/* The session: what is open, the options, epsilon; a worker thread that computes, the newest
 * request first; snapshots for whoever shows them. Every function returns at once unless said
 * otherwise. */
#ifndef LUMPSCOPE_SESSION_H
#define LUMPSCOPE_SESSION_H

#include "lumpscope/dataset.h"
#include "lumpscope/model_file.h"
#include "lumpscope/snapshot.h"
#include "lumpscope/state_report.h"

struct text;

struct session;

/* Starts the worker. */
struct session *session_new(struct error *error);
/* Cancels what runs, but for a file being written, and joins the worker. NULL is fine. */
void session_free(struct session *session);

/* A descriptor that becomes readable when a new snapshot is out; session_latest drains it. */
int session_wake_descriptor(const struct session *session);
/* The newest snapshot, held for the caller (snapshot_release it). Never NULL. */
struct snapshot *session_latest(struct session *session);
/* Blocks until everything asked for is done; for scripts and tests. */
void session_wait(struct session *session);

/* Requests. A newer one of the same kind replaces an older; the worker drops what it is doing
 * within 50 ms when it has become pointless, and takes up again what a newer request only
 * interrupted. Errors come as the snapshot's message. */

/* The equivalence options as a command line gave them; before session_open. */
void session_choose(struct session *session, const struct option_choices *choices);
/* `data` may be NULL (options then fall to those without data). The recipes are copied; NULL: the
 * defaults, and nothing said of the model. */
void session_open(struct session *session, const char *model, const char *data,
                  const struct data_recipe *recipe, const struct model_recipe *model_recipe);
void session_data(struct session *session, const char *data, const struct data_recipe *recipe);
/* Checked at once: ERROR_USAGE when the value does not parse or does not fit the others. */
bool session_set_option(struct session *session, enum option_id option, const char *value,
                        struct error *error);
/* As if no option had been given; one change. */
void session_reset_options(struct session *session);
/* The options as last asked for, whether or not the worker has got there. */
void session_options(struct session *session, struct options *options);
void session_set_epsilon(struct session *session, double epsilon);
/* `count` merge events up (down when negative) from where epsilon will be after earlier requests.
 */
void session_step(struct session *session, int count);
/* The largest event (the first: epsilon 0) with session_step semantics. */
void session_end(struct session *session, bool last);
/* As the command line's --budget, --loss, --exact. */
void session_budget(struct session *session, double grp);
void session_loss(struct session *session, double percent);
void session_exact(struct session *session);
void session_sweep(struct session *session, size_t points);
/* Polishes the network that earlier requests lead to, once its figures are there, with `iterations`
 * at most; it is dropped when epsilon, options or data change. ERROR_USAGE when there are no rows
 * to polish on, or refit, from which it goes on, is off. */
bool session_polish(struct session *session, size_t iterations, struct error *error);
/* Stops the sweep or any other long work, keeping what is there. */
void session_cancel(struct session *session);
/* Writes the network that earlier requests lead to, polished where that was asked for: what is
 * asked afterwards waits until it is written. Nothing but session_cancel keeps it from being
 * written, session_free only when it would have to wait for other work; when that work fails it is
 * not written. `type`: of its numbers, NULL: as in the network's file. */
void session_write(struct session *session, const char *path, const enum tensor_type *type);
/* The neuron the inspector shows; layer 0: none. */
void session_select(struct session *session, size_t layer, size_t neuron);
/* What the snapshot's detail shows of the selected layer, class or neuron from now on. */
void session_watch(struct session *session, const struct watch *watch);
/* Writes a report (.csv, .json, .svg, .md; state_report.h) or the reduced network's polynomial
 * system (.ode), by the suffix; like session_write otherwise. `kind` REPORT_KINDS: what is usual
 * for the suffix; `layer` from 1, 0: all, for kinds that have layers. Figures the state needs are
 * computed first; a sweep is not waited for: the curves are those so far, and the message says so.
 */
void session_export(struct session *session, const char *path, enum report_kind kind, size_t layer);
/* Whether something that was asked for is not done and seen in the next session_latest: requests,
 * analysis, figures, detail, sweep. */
bool session_busy(struct session *session);

/* ---- Changes and marks (history.h) ----
 * Opening, data, options, epsilon and marks are changes; each request is one. */

/* Takes the last change back, or does it again; `what` (may be NULL) gets it in words ("refit
 * off"). ERROR_USAGE when there is none. */
bool session_undo(struct session *session, struct text *what, struct error *error);
bool session_redo(struct session *session, struct text *what, struct error *error);
/* How many changes can be taken back now. */
size_t session_undo_count(struct session *session);
/* All that was asked so far is how the session begins: no change, nothing to take back. */
void session_begin(struct session *session);
/* Where epsilon will be after earlier requests; false while that is not known. */
bool session_epsilon(struct session *session, double *epsilon);
/* While on, moves of epsilon count as one change: a drag of the slider. */
void session_join_moves(struct session *session, bool on);
/* Marks where epsilon will be after earlier requests, with the options. `name` NULL: the next free
 * letter; `used` (may be NULL) gets the name. A mark of that name moves. ERROR_USAGE for a name of
 * MARK_NAME_SIZE bytes or more, or with characters that cannot be seen, and when there are
 * MARKS_MOST. */
bool session_mark(struct session *session, const char *name, struct text *used,
                  struct error *error);
bool session_unmark(struct session *session, const char *name, struct error *error);
/* Back to a mark, its options included. `name` NULL: the newest mark, or, from a mark, the one made
 * before it (before the first: the newest). */
bool session_jump(struct session *session, const char *name, struct text *used,
                  struct error *error);

/* ---- Sessions that outlive the program ----
 * One file per model in a directory; see saved.h. */

struct saved_session;
/* What is to be saved now, the view's part left empty; false when nothing is open, or all is as it
 * was opened or restored and nothing else was saved since. Caller frees (saved_session_free). */
bool session_saved(struct session *session, struct saved_session *saved);
/* What is open, in the same form, whether or not it is to be saved; false when nothing is. */
bool session_describe(struct session *session, struct saved_session *saved);
/* Opens what was saved, with options, epsilon and marks; one change. */
void session_restore(struct session *session, const struct saved_session *saved);

#endif
