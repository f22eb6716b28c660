/* What goes to the terminal: curses writes its frames into memory, from where they go on shortened
 * (sgr.h) and without ever waiting for a terminal that is stopped or slow. Nothing is lost or
 * changes places; a frame goes out in one piece where the terminal takes it. */
#ifndef LUMPSCOPE_TUI_OUTPUT_H
#define LUMPSCOPE_TUI_OUTPUT_H

#include "lumpscope/error.h"

#include <stdio.h>

/* A terminal that knows these shows what is written between them all at once. */
#define FRAME_BEGIN "\033[?2026h"
#define FRAME_END   "\033[?2026l"

struct output;

/* `terminal` stays the caller's. */
struct output *output_open(int terminal, struct error *error);
/* What still waits is lost: output_drain first. NULL is fine. */
void output_close(struct output *output);

/* For newterm. It is the terminal itself until output_capture, so that curses can ask it; what is
 * written after that goes into memory. */
FILE *output_stream(struct output *output);
bool output_capture(struct output *output, struct error *error);
/* The terminal knows more than the oldest ones: attributes are switched off one by one, large
 * frames come between marks that ask it to show them at once. */
void output_set_modern(struct output *output, bool modern);

/* Takes over what was written to the stream since the last time, and writes what the terminal
 * accepts now. */
void output_flush(struct output *output);
/* The same for a sequence that is not curses'. */
void output_send(struct output *output, const char *sequence);
/* Bytes wait for the terminal: do not draw, output_flush when output_descriptor can be written. */
bool output_waiting(const struct output *output);
int output_descriptor(const struct output *output);
/* Waits until everything is written, `ms` at most; then starts a terminal that the user stopped
 * and tries once more as long. False: some of it still waits. */
bool output_drain(struct output *output, int ms);
/* Somebody else had the terminal. */
void output_forget(struct output *output);

#endif
