/* What completes the words of the command line: read from the placeholders of the command table, so
 * that every shell's script follows from that table alone. */
#ifndef LUMPSCOPE_PROGRAM_COMPLETION_H
#define LUMPSCOPE_PROGRAM_COMPLETION_H

#include "program_command.h"

/* Placeholders that stand for something that can be looked up. */
enum completion_kind {
    COMPLETION_MODEL,
    COMPLETION_DATA,
    COMPLETION_SCRIPT,
    COMPLETION_FILE, /* any */
    COMPLETION_DIRECTORY,
    COMPLETION_LESSON,
    COMPLETION_THEME,
    COMPLETION_KINDS
};

struct completion_values {
    bool kind[COMPLETION_KINDS];
    struct text words; /* "on off", free with completion_values_free */
    bool list;         /* several, separated by commas */
};

/* From "a|b|c", "FILE", "[merge DIR...]", "ACTIVATION,...". */
void completion_values_read(const char *placeholder, struct completion_values *values);
void completion_values_free(struct completion_values *values);
/* The suffixes of a kind's files, each with `before` in front ("*.json"), `between` them; nothing
 * for kinds that have none. */
void completion_append_suffixes(enum completion_kind kind, const char *before, const char *between,
                                struct text *out);
/* "lessons" for a kind whose names the program tells; NULL for the others. */
const char *completion_names(enum completion_kind kind);

/* `string` in single quotes, as every shell reads it. */
void completion_append_quoted(struct text *out, const char *string);

void completion_bash(struct text *out);
void completion_zsh(struct text *out);
void completion_fish(struct text *out);

#endif
