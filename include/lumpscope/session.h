/* The session: what is open, the options, epsilon; a worker thread that computes, the newest
 * request first; snapshots for whoever shows them. Every function returns at once unless said
 * otherwise. */
#ifndef LUMPSCOPE_SESSION_H
#define LUMPSCOPE_SESSION_H

#include "lumpscope/dataset.h"
#include "lumpscope/snapshot.h"

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
/* `data` may be NULL (options then fall to those without data). `recipe` is copied. */
void session_open(struct session *session, const char *model, const char *data,
                  const struct data_recipe *recipe);
void session_data(struct session *session, const char *data, const struct data_recipe *recipe);
/* Checked at once: ERROR_USAGE when the value does not parse or does not fit the others. */
bool session_set_option(struct session *session, enum option_id option, const char *value,
                        struct error *error);
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
/* Stops the sweep or any other long work, keeping what is there. */
void session_cancel(struct session *session);
/* Writes the network that earlier requests lead to: what is asked afterwards waits until it is
 * written. Nothing but session_cancel keeps it from being written, session_free only when it would
 * have to wait for other work; when that work fails it is not written. */
void session_write(struct session *session, const char *path);
/* The neuron the inspector shows; layer 0: none. */
void session_select(struct session *session, size_t layer, size_t neuron);

#endif
