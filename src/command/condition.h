/* Internal: what a task asks for, such as "grp<50" or "relation=backward&epsilon>0.1": one or more
 * comparisons, all of which must hold. */
#ifndef LUMPSCOPE_COMMAND_CONDITION_H
#define LUMPSCOPE_COMMAND_CONDITION_H

#include "lumpscope/command.h"

enum { CONDITION_TERMS = 4, CONDITION_WORD = 32 };

enum comparison {
    COMPARE_LESS,
    COMPARE_AT_MOST,
    COMPARE_MORE,
    COMPARE_AT_LEAST,
    COMPARE_EQUAL,
    COMPARE_UNEQUAL
};

struct condition_term {
    int subject;           /* its place in the table; past it: an option */
    enum option_id option; /* OPTION_COUNT: none */
    enum comparison comparison;
    double number;
    char word[CONDITION_WORD]; /* of subjects that have names for values */
};

struct condition {
    struct condition_term term[CONDITION_TERMS];
    size_t count;
};

/* False with a sentence that says what can be asked for. */
bool condition_parse(const char *text, struct condition *condition, struct error *error);
/* What is not known yet does not hold. */
bool condition_holds(const struct condition *condition, struct command_context *context,
                     const struct snapshot *snapshot);

#endif
