/* Where files of the program are looked for: the XDG directories, the tree it was built in, the
 * directories it was installed to. */
#ifndef LUMPSCOPE_PATHS_H
#define LUMPSCOPE_PATHS_H

#include "lumpscope/error.h"

enum paths_kind {
    PATHS_CONFIG, /* settings: $XDG_CONFIG_HOME/lumpscope */
    PATHS_STATE,  /* history, sessions: $XDG_STATE_HOME/lumpscope */
    PATHS_DATA,   /* the user's first, then the build tree's, then the installed ones */
    PATHS_THEMES,
    PATHS_SAMPLES,
    PATHS_LESSONS,
    PATHS_KINDS
};

/* "config". */
const char *paths_name(enum paths_kind kind);

struct path_list {
    char **items; /* [count] owned; NULL after the last */
    size_t count;
};

/* The directories of a kind, in the order in which they are looked through, whether they exist or
 * not. The build tree is among them only while the program that runs lies in it. Variables of the
 * environment that are not absolute paths are ignored, as the XDG specification asks. There may be
 * none when no home directory is known. Free with path_list_free. */
bool paths_list(enum paths_kind kind, struct path_list *list, struct error *error);
void path_list_free(struct path_list *list);

/* DIRECTORY/NAME of a kind's first directory; NULL with an error when there is none. Caller frees.
 */
char *paths_file(enum paths_kind kind, const char *name, struct error *error);

/* Names of the files in the directories (NULL-terminated list, may be NULL) that end in `suffix`
 * ("": any), without what follows their last dot, sorted, each once; NULL-terminated, freed by
 * paths_names_free. NULL when out of memory. */
char **paths_names(const char *const *directories, const char *suffix);
void paths_names_free(char **names);

/* The sample the explorer opens when no model is named. */
extern const char paths_embedded_sample[];

/* Model and data file of a sample (NAME.json with NAME.csv or NAME.csv.gz), from the first
 * directory that has both; the caller frees. False with a sentence that names the directories when
 * there is none. */
bool paths_sample(const char *name, char **model, char **data, struct error *error);

#endif
