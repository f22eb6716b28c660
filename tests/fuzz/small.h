/* Small networks and their data, in files of the working directory: m0.json with d0.csv (tanh), m1
 * and d1 (square, with names that hold a terminal's codes), m2 and d2 (a classifier). */
#ifndef LUMPSCOPE_FUZZ_SMALL_H
#define LUMPSCOPE_FUZZ_SMALL_H

#include "lumpscope/session.h"

/* Enters the scratch directory, with these files and nothing else in it; returns a descriptor of
 * the directory before it for small_leave. */
int small_enter(void);
void small_leave(int before);
/* The input as a file there, without slashes: nothing it names is elsewhere. */
bool small_write(const char *name, const uint8_t *data, size_t size);

/* Waits until the session has nothing to do; what takes long is cancelled first. */
void small_settle(struct session *session);

/* What is true of every snapshot. */
void small_check(const struct snapshot *snapshot);
/* What is true besides once the session has come to rest: one change taken back and done again
 * leads to where it was. */
void small_check_rest(struct session *session);
/* Writes the reduced network and reads it: its size is what the snapshot says. */
void small_check_reduced(struct session *session);

#endif
