/* Work in pieces on all processors. What a piece computes must depend on its number alone, and
 * pieces write to places of their own: then the result is the same for any number of threads. */
#ifndef LUMPSCOPE_PARALLEL_H
#define LUMPSCOPE_PARALLEL_H

#include "lumpscope/progress.h"

#include <pthread.h>

enum { PARALLEL_THREADS = 64 }; /* at most */

/* How many threads work is spread over: the processors this process may run on, or as many as
 * LUMPSCOPE_THREADS in the environment says, at most PARALLEL_THREADS. An empty one says nothing,
 * nor does one that parallel_check refuses. */
size_t parallel_threads(void);
/* ERROR_USAGE for a LUMPSCOPE_THREADS that is no number of 1 or more. */
bool parallel_check(struct error *error);

/* One piece of `count`; `thread` is below parallel_threads() and never the same for two pieces at
 * the same time, for working space. False with the error set stops the rest. */
typedef bool parallel_piece(void *user, size_t piece, size_t thread, struct error *error);

/* Runs every piece, in no particular order, on the calling thread and others, and returns when all
 * are done. Progress (may be NULL) is reported by the calling thread alone, after each of its
 * pieces as `what`: pieces should take milliseconds. When several fail the error is that of the
 * lowest piece that failed. Work that is small runs faster without. */
bool parallel_run(size_t count, parallel_piece *piece, void *user, const char *what,
                  const struct progress *progress, struct error *error);

/* Starts a thread of its own for longer work; false when the system gives none. Signals that are
 * sent to the program never reach it, those of its own crash do. */
bool parallel_start(pthread_t *id, void *(*work)(void *), void *user);

#endif
