/* Ranges of columns: rows whose value lies outside are errors of measurement, and are dropped. */
#ifndef LUMPSCOPE_DATA_RANGE_H
#define LUMPSCOPE_DATA_RANGE_H

#include "lumpscope/error.h"

struct cJSON;
struct text;

struct range {
    char *name;       /* of the column, owned */
    double low, high; /* both belong to the range; infinite where it is open */
};
struct range_list {
    struct range *items; /* owned */
    size_t count, capacity;
};
void range_list_free(struct range_list *list);

/* "NAME=LOW:HIGH,...", either end may be left out; NULL and "" are none. ERROR_USAGE. */
bool range_list_parse(struct range_list *list, const char *text, struct error *error);
bool range_list_copy(struct range_list *to, const struct range_list *from, struct error *error);
/* The same ranges in whatever order. */
bool range_lists_equal(const struct range_list *a, const struct range_list *b);
/* As range_list_parse reads it; "none". */
void range_list_append(const struct range_list *list, struct text *out);

/* {"NAME": [low, high]}, null for an open end. */
bool range_list_json(struct range_list *list, const struct cJSON *object, struct error *error);
struct cJSON *range_list_to_json(const struct range_list *list); /* NULL: no memory */

#endif
