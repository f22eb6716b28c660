/* What the tests of data sets share: files with given content, models from text. */
#ifndef LUMPSCOPE_TESTS_DATA_SUPPORT_H
#define LUMPSCOPE_TESTS_DATA_SUPPORT_H

#include "lumpscope/dataset.h"

/* A file in a directory of its own, removed by data_clean; the path is valid until the next call
 * with the same name. */
const char *data_file(const char *name, const void *content, size_t size);
/* Group teardown: removes the files and their directory, which is made on first use. */
int data_clean(void **state);

/* Loads text as a file d.csv. `options`: "target=y|drop=a" pairs for data_recipe_set, NULL none. */
struct dataset *data_load(const char *text, const char *options, const struct network *model,
                          int task, struct error *error);
/* The same that must succeed and fail the test otherwise. */
struct dataset *data_loaded(const char *text, const char *options, const struct network *model);
/* The recipe of such options; must be freed. */
struct data_recipe data_options(const char *options);

/* A linear model of one layer; names are JSON arrays or NULL, `data` a JSON object or NULL. */
struct network *data_model(size_t inputs, size_t outputs, enum task task, const char *input_names,
                           const char *output_names, const char *data);

/* The sentence of a load that must fail. */
const char *data_refusal(const char *text, const char *options, const struct network *model,
                         int task);

#endif
