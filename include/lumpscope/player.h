/* Scripts of explorer commands: played line by line, and recorded. One command per line; blank
 * lines and lines that begin with # mean nothing; a line that ends in \ goes on in the next one.
 * A script that speaks to a reader (`say`, `try`) is a lesson: what it says is a card, and on a
 * screen the script rests while a card lies there. */
#ifndef LUMPSCOPE_PLAYER_H
#define LUMPSCOPE_PLAYER_H

#include "lumpscope/command.h"

#include <stdio.h>

enum { PLAYER_DEPTH = 8, PLAYER_BYTES = 1 << 20 };

struct player;

/* `out`: where scripts speak that have no screen; NULL: nowhere. */
struct player *player_new(FILE *out, struct error *error);
/* Ends a recording, too. NULL is fine. */
void player_free(struct player *player);

/* ---- Playing ---- */

enum player_state {
    PLAYER_IDLE,  /* no script */
    PLAYER_READY, /* player_step does something */
    PLAYER_PAUSED /* a card lies there */
};
enum player_state player_state(const struct player *player);

/* Begins a script in place of one that is being played; from a line of a script, one inside it,
 * whose name may be meant beside the outer one. Refuses one that is being played already, one too
 * deep, and what is no text of at most PLAYER_BYTES. */
bool player_source(struct player *player, const char *path, struct error *error);
/* Until another script is begun or it is stopped, what is played counts as lines of the settings;
 * `held` outlives that. */
void player_hold(struct player *player, const struct command_held *held);
/* Runs the next line; the caller sees to it that the session is not busy. An error, also one the
 * session has had with the line before, stops the script and names file and line. A task that was
 * not fulfilled is an error where there is no screen. */
enum command_outcome player_step(struct player *player, struct command_context *context,
                                 struct error *error);
/* Says a line where there is no screen. */
void player_print(struct player *player, const char *line);
/* Ends all scripts and takes the card away. */
void player_stop(struct player *player);
/* The title of the lesson that is being played; NULL: there is none, or a script without title. */
const char *player_title(const struct player *player);
/* A line of a script is being run. */
bool player_in_script(const struct player *player);

/* ---- Cards ---- */

struct player_card {
    char *text;           /* what is said; owned by the player */
    bool task;            /* something for the reader to do */
    bool done;            /* it has been done once */
    bool answers;         /* player_continue shows the next step of the answer */
    char *shown;          /* the step that was shown last; NULL: none */
    size_t number, count; /* its place among the cards of the script; count 0: not from a script */
    uint64_t serial;      /* another one for every card */
};
/* The card that lies there; NULL: none. */
const struct player_card *player_card(const struct player *player);
/* Lays a card; without a screen the text is printed. For `say` and `try`; `condition` NULL: nothing
 * to do. */
bool player_lay(struct player *player, struct command_context *context, const char *condition,
                const char *text, struct error *error);
/* Marks the task done when its condition holds now; true when that is new. */
bool player_watch(struct player *player, struct command_context *context,
                  const struct snapshot *snapshot);
/* The reader goes on: takes the card away, or, while a task is not done and has answers, has the
 * next one shown by the following player_step. */
void player_continue(struct player *player);

/* What a script without a screen has chosen of it, for tasks that ask for it. */
enum { PLAYER_PLACE_WORD = 24 };
struct player_place {
    size_t layer;
    char view[PLAYER_PLACE_WORD], pane[PLAYER_PLACE_WORD];
    bool plot;
};
struct player_place *player_place(struct player *player);

/* ---- Recording ---- */

/* Begins to write what is done to a file, after `head`, lines that lead to where it begins, where
 * `undo_count` changes can be undone. Refuses to write over a file unless told to replace it. */
bool player_record(struct player *player, const char *path, bool replace, const char *head,
                   size_t undo_count, struct error *error);
/* Ends the recording; false: there was none. `lines` (may be NULL) gets how many were written. */
bool player_record_end(struct player *player, size_t *lines);
/* The file that is being written; NULL: none. */
const char *player_recording(const struct player *player);
/* Before a command runs: what is written is `line`, unless the command says something else. */
void player_note(struct player *player, const char *line);
/* What is written instead of the line that is being run; NULL: nothing. */
void player_note_instead(struct player *player, const char *line);
/* `count` changes could be undone, and the last was, or, `again`, the next one was done again.
 * False while recording when a replay could not do the same: the change is older than what it
 * begins with. The state that came of it is then to be noted instead, and is what it begins with
 * now. */
bool player_can_undo(struct player *player, size_t count, bool again);
/* Several commands were one change, as those of a drag are, which a replay would undo one by one;
 * `count` changes can be undone now. */
void player_joined(struct player *player, size_t count);
/* Writes it, at once to the disk's side of the program. An error ends the recording. */
bool player_note_keep(struct player *player, struct error *error);

#endif
