/* The explorer of explorer_fake in a terminal, for the test programs of the screen. */
#ifndef LUMPSCOPE_EXPLORER_TERMINAL_H
#define LUMPSCOPE_EXPLORER_TERMINAL_H

#include "terminal.h"

/* `words`: the arguments of explorer_fake, separated by spaces. `environment` as in
 * terminal_start. Returns when the first frame is there. */
struct terminal *explorer_start(int rows, int columns, const char *words,
                                const char *const *environment);
/* Sends q and checks that the program ends well and gives the terminal back. */
void explorer_quit(struct terminal *terminal);
/* Sends the keys and waits until the screen is quiet. */
void explorer_keys(struct terminal *terminal, const char *keys);

#endif
