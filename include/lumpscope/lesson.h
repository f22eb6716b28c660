/* The lessons that come with the program: scripts in the lessons directories whose first lines are
 * comments "# title: ...", "# minutes: 4" and "# order: 1". */
#ifndef LUMPSCOPE_LESSON_H
#define LUMPSCOPE_LESSON_H

#include "lumpscope/error.h"

#include <stddef.h>

struct lesson {
    char *name;     /* the file's, without its suffix */
    char *path;     /* all owned */
    char *title;    /* the name when the file says none; nothing in it harms a terminal */
    size_t minutes; /* 0: not said */
    size_t order;   /* among the lessons; SIZE_MAX: not said */
};

struct lesson_list {
    struct lesson *items; /* [count] in their order */
    size_t count;
};

/* All lessons; of two with one name the first found. Directories that are not there have none. Free
 * with lesson_list_free, also after a failure. */
bool lesson_list_read(struct lesson_list *list, struct error *error);
void lesson_list_free(struct lesson_list *list);
/* By its name; NULL when there is none. */
const struct lesson *lesson_find(const struct lesson_list *list, const char *name);
/* "there is no lesson "x": forward, balance"; `name` NULL: which there are. Returns false. */
bool lesson_refuse(const struct lesson_list *list, const char *name, struct error *error);

/* The value of a comment "# KEY: VALUE" among the first lines of a script, for the caller to free;
 * NULL when there is none. */
char *lesson_header(const char *script, const char *key);

#endif
