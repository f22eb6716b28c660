/* Signals of a full-screen program. Those that can wait come as bytes through a pipe, so that the
 * loop deals with them between frames; a crash puts the terminal back first and then takes its
 * course. */
#ifndef LUMPSCOPE_TUI_SIGNALS_H
#define LUMPSCOPE_TUI_SIGNALS_H

#include "lumpscope/error.h"

#include <termios.h>

/* To be called, as all the others are, by one thread, which lives to the program's end.
 * Installs the handlers (SIGWINCH, SIGTSTP, SIGCONT, SIGINT, SIGTERM, SIGHUP, SIGQUIT; SIGABRT,
 * SIGSEGV, SIGBUS, SIGFPE, SIGILL). One at a time: ERROR_INTERNAL when they are installed. */
bool signals_open(struct error *error);
/* Puts back the handlers there were before. */
void signals_close(void);
/* Becomes readable when a signal has come. */
int signals_descriptor(void);
/* The next signal, 0 when there is none. */
int signals_next(void);
/* What a crash writes to the terminal to give it back, and the line settings it restores. The bytes
 * are copied (at most 512); length 0 disarms. */
void signals_rescue(int descriptor, const char *bytes, size_t length,
                    const struct termios *settings);
/* Stops the process as the terminal's suspend key does; returns when it is continued. */
void signals_stop(void);
/* Ends the process by a signal that was waited for, as if it had not been caught. Call it after
 * signals_close. */
void signals_die(int number);

#endif
