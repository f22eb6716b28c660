/* Lists of names, and finding names in them without going through them all. */
#ifndef LUMPSCOPE_DATA_NAMES_H
#define LUMPSCOPE_DATA_NAMES_H

#include "lumpscope/error.h"

struct cJSON;
struct text;

#define NAME_ABSENT ((size_t)-1)

struct name_list {
    char **items; /* owned */
    size_t count, capacity;
};
void name_list_free(struct name_list *list);
bool name_list_add(struct name_list *list, const char *name, size_t length, struct error *error);
/* A comma list; blanks around names are left out; an empty name is ERROR_USAGE, in a sentence that
 * begins with the option. */
bool name_list_split(struct name_list *list, const char *text, const char *option,
                     struct error *error);
/* A JSON array of strings; `place` names it in the sentence. */
bool name_list_json(struct name_list *list, const struct cJSON *array, const char *place,
                    struct error *error);
/* The same names in whatever order; names within a list are distinct. */
bool name_lists_equal(const struct name_list *a, const struct name_list *b, bool *equal,
                      struct error *error);

/* Names in strcmp order, each with a place; the names are not copied. */
struct name_entry {
    const char *name;
    size_t place;
};
struct name_index {
    struct name_entry *entries;
    size_t count;
};
/* `places` [count], NULL: 0, 1, 2, ... */
bool name_index_init(struct name_index *index, char *const *names, const size_t *places,
                     size_t count, struct error *error);
void name_index_free(struct name_index *index);
/* The place of the name made of the first `length` bytes; NAME_ABSENT. The first place of equals.
 */
size_t name_index_find(const struct name_index *index, const char *name, size_t length);
/* A name that occurs more than once; NULL when all are distinct. */
const char *name_index_repeated(const struct name_index *index);
bool name_index_is_repeated(const struct name_index *index, const char *name, size_t length);

/* "a", "b" and 5 more: at most eight names, for sentences. */
void names_append(struct text *out, char *const *names, size_t count);

#endif
