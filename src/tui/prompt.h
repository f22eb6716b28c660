/* The command line: GNU Readline edits, keeps the history and completes; curses keeps the terminal.
 * Readline keeps its state in globals, so there is one prompt per process. */
#ifndef LUMPSCOPE_TUI_PROMPT_H
#define LUMPSCOPE_TUI_PROMPT_H

#include "lumpscope/error.h"
#include "tui/complete.h"
#include "tui/screen.h"

struct prompt;

/* Sets Readline up and reads the history file (NULL: none is kept). Call it before screen_open,
 * because Readline looks up the terminal too. */
struct prompt *prompt_new(const char *history, struct error *error);
/* Every line is in the history file as soon as it is entered. What could not be put there is tried
 * once more, and the file is made if there is none. */
void prompt_save(struct prompt *prompt);
void prompt_free(struct prompt *prompt);

bool prompt_is_open(const struct prompt *prompt);
/* Opens the line with `text` in it, the cursor behind it. The prompt holds the choices' snapshot
 * until it is opened anew. */
void prompt_start(struct prompt *prompt, const char *text, const struct prompt_choices *choices);
void prompt_cancel(struct prompt *prompt);
/* Gives a key to the line. True when the line is finished: `*line` is the text, owned by the
 * caller, or NULL when it was given up. */
bool prompt_key(struct prompt *prompt, const struct input *input, char **line);
/* Puts one character of pasted text into the line: nothing in it acts as a key. Ends of lines and
 * tabs become spaces, other control characters are left out, and so is what no line needs (past
 * 4096 bytes), which a sentence above the line says. */
void prompt_paste(struct prompt *prompt, int32_t character);
/* Draws the line in the first row of `status` and, above it, what Tab found. */
void prompt_draw(const struct prompt *prompt, struct screen *screen, const struct area *status);

#endif
