/* What Tab makes of the word before the cursor: commands, options, their values, and the names and
 * numbers of what there is. Readline asks for it (prompt.h). */
#ifndef LUMPSCOPE_TUI_COMPLETE_H
#define LUMPSCOPE_TUI_COMPLETE_H

#include "lumpscope/snapshot.h"

/* What there is to choose from. */
struct prompt_choices {
    struct snapshot *snapshot;            /* layers, classes and marks */
    size_t layer;                         /* the chosen hidden layer from 1; 0: none */
    const char *const *theme_directories; /* as in explorer_options */
};

/* An attempted completion of Readline's: the words of its line that begin with `text`, which starts
 * at byte `start` of it, in Readline's own form; NULL when there are none, or when the names of
 * files, which Readline finds itself, are wanted. */
char **complete_word(const struct prompt_choices *choices, const char *text, int start);
/* A file's name in quotes, so that command_split reads it back; Readline closes the quote. */
char *complete_quote(char *name, int kind, char *quote);

#endif
