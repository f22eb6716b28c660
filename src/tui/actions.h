/* What commands may do to the screen, and running them. */
#ifndef LUMPSCOPE_TUI_ACTIONS_H
#define LUMPSCOPE_TUI_ACTIONS_H

#include "tui/ui.h"

/* Runs a line of the user's grammar as if it had been typed; what fails is said. */
void actions_run(struct ui *ui, const char *line);
/* What commands are given. */
struct command_context actions_context(struct ui *ui);
/* What follows from a command that has been run. */
void actions_finish(struct ui *ui, enum command_outcome outcome, const struct error *error);
/* The same with a line made as by printf. */
void actions_run_format(struct ui *ui, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same, but leaves saying what failed to the caller. */
enum command_outcome actions_try(struct ui *ui, const char *line, struct error *error);
/* The status line; `user` is the ui. */
void actions_say(void *user, const char *sentence);
void actions_format(struct ui *ui, const char *format, ...) __attribute__((format(printf, 2, 3)));
void actions_complain(struct ui *ui, const struct error *error);
/* What was said is seen and over with what is done next; true when something was. */
bool actions_clear_notice(struct ui *ui);
/* Milliseconds until what was said has been there long enough, 0 when it has; -1: it stays. */
long actions_notice_left(const struct ui *ui);
/* Takes the newest snapshot and what follows from it: messages, the cursor, a greeting. */
void ui_take_snapshot(struct ui *ui);

#endif
