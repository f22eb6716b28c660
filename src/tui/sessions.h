/* The session that outlives the program: the last one is offered and taken up again, this one is
 * saved while it goes on and when it ends. */
#ifndef LUMPSCOPE_TUI_SESSIONS_H
#define LUMPSCOPE_TUI_SESSIONS_H

#include "tui/ui.h"

/* Offers the last session, or shows what it showed when it was taken up already. */
void sessions_start(struct ui *ui);
/* The command `resume`. */
bool sessions_resume(void *ui, struct error *error);
/* A command was given: the offer ends, unless it only looks around. */
void sessions_pass_by(struct ui *ui, const char *line);
/* A new snapshot is there. */
void sessions_follow(struct ui *ui);
/* Milliseconds until the session is to be saved; negative: nothing is to be saved. */
long sessions_left(const struct ui *ui, long now);
/* Saves it when that is due at `now`; a change is due two seconds after this has seen it. */
void sessions_save_due(struct ui *ui, long now);
/* Saves now what would be saved later: what is done next may open another network. */
void sessions_save_early(struct ui *ui);
/* Saves it for the last time. False with a sentence when that failed: what the screen said of it
 * is gone by then. */
bool sessions_end(struct ui *ui, struct error *error);

#endif
