/* What the texts of a recipe ask for. */
#ifndef LUMPSCOPE_DATA_RECIPE_H
#define LUMPSCOPE_DATA_RECIPE_H

#include "names.h"

enum target_kind {
    TARGET_DEFAULT,
    TARGET_NAMES,
    TARGET_LAST,
    TARGET_NONE,
    TARGET_MODEL, /* the model's own outputs */
};

struct target_spec {
    enum target_kind kind;
    size_t last;            /* TARGET_LAST: how many of the last columns */
    struct name_list names; /* TARGET_NAMES, without "name:" */
};
/* NULL is TARGET_DEFAULT. ERROR_USAGE on what is none of the forms, and on repeated names. */
bool target_spec_parse(struct target_spec *spec, const char *text, struct error *error);
void target_spec_free(struct target_spec *spec);

/* A comma list of columns; NULL and "" are none. ERROR_USAGE on empty names. */
bool drop_parse(struct name_list *drop, const char *text, struct error *error);

#endif
