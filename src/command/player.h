/* Internal: what a player is made of. player.c plays, recorder.c records. */
#ifndef LUMPSCOPE_COMMAND_PLAYER_H
#define LUMPSCOPE_COMMAND_PLAYER_H

#include "lumpscope/player.h"
#include "lumpscope/text.h"

#include "command/condition.h"

/* A script that is being played, with those that it lies in below it on the stack. */
struct script {
    char *path;               /* as it was named, or as it was found beside the outer one */
    char *content;            /* owned; `next` points into it */
    const char *next;         /* the line that comes next */
    size_t line;              /* number of the line that was read last, from 1 */
    size_t cards, card_count; /* laid so far; in all of it */
    char *title;              /* NULL: none */
};

struct recorder {
    FILE *file; /* NULL: nothing is recorded */
    char *path;
    size_t lines;
    struct text note; /* the line to be written; empty: none */
    size_t oldest;    /* a replay begins where the session had so many changes to undo */
    size_t undone;    /* changes that a replay undoes too, and could do again */
};

struct player {
    FILE *out;
    struct script script[PLAYER_DEPTH];
    size_t depth;
    struct text line;                /* that is being run */
    const struct command_held *held; /* for lines of the settings; NULL: they are none */
    bool running;                    /* a line of a script is being run */
    bool fresh;                      /* no line of the script has been run yet */
    bool showing;                    /* the next step shows an answer */
    uint64_t message_seen;           /* serial of the session's message before the line */
    bool carded;                     /* `card` lies there */
    struct player_card card;
    struct condition condition; /* of the card, when it is a task */
    size_t task_line;           /* where the task stands in its script */
    struct player_place place;
    struct recorder recorder;
};

#endif
