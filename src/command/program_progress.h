/* How far long work is, on standard error; and signals that stop it. */
#ifndef LUMPSCOPE_PROGRAM_PROGRESS_H
#define LUMPSCOPE_PROGRAM_PROGRESS_H

#include "lumpscope/progress.h"

struct program_progress {
    bool terminal;        /* a bar; otherwise a line every few seconds */
    double started, said; /* seconds; when work began, when something was last shown */
    size_t width;         /* columns of the bar that is on the screen; 0: none */
    char detail[96];      /* figures shown after the bar; "" none */
};

/* Catches SIGINT, SIGTERM and SIGHUP, unless they are ignored: outside of work they end the program
 * at once, during work they make progress say stop. Ignores SIGXFSZ. */
void program_signals_install(void);
/* From here on, until the other call, a signal only makes progress say stop. */
void program_signals_defer(bool defer);
/* The signal that came; 0: none. */
int program_signal(void);

/* Fills in both; the state must outlive the callback. */
void program_progress_begin(struct program_progress *state, struct progress *progress);
/* Takes the bar off the screen. */
void program_progress_end(struct program_progress *state);

#endif
