/* Data sets (cli.md, "Data"): reading, encoding, splitting. Numbers here are raw; what a network
 * reads is made with the model's scaling by dataset_network_inputs and dataset_network_targets. */
#ifndef LUMPSCOPE_DATASET_H
#define LUMPSCOPE_DATASET_H

#include "lumpscope/network.h"
#include "lumpscope/options.h"
#include "lumpscope/text.h"

#include <stdint.h>

enum {
    DATASET_COLUMN_LIMIT = 65536, /* columns of a file */
    DATASET_LEVEL_LIMIT = 4096,   /* levels of a text column, classes of a target */
};
/* Numbers in the encoded inputs: 4 GiB of doubles. */
#define DATASET_VALUE_LIMIT ((size_t)1 << 29)

/* What becomes of the target columns. */
enum target_use {
    TARGET_REQUIRED, /* train, evaluate: without a target column it is an error */
    TARGET_OPTIONAL, /* where errors are measured if they can be: has_targets tells */
    TARGET_IGNORED,  /* predict, --calibrate-on: targets need not exist and drop no rows */
};

/* How a table is read. Zero-initialise and call data_recipe_defaults; strings are owned. */
struct data_recipe {
    char *target;   /* comma list of names, "last", "last:K", "none", "model" (the
                       model's own outputs, without a model an error); NULL: not said */
    char *drop;     /* comma list of column names; NULL: none */
    char *range;    /* "NAME=LOW:HIGH,...": rows outside are dropped; NULL: not said */
    char delimiter; /* 0: found out */
    int header;     /* -1 found out, 0 no, 1 yes */
    double test_fraction;
    uint64_t split_seed;
    bool split_none; /* every row is test */
    enum target_use target_use;
    struct { /* what the user said, as against the model */
        bool target, drop, range, test_fraction, split_seed;
    } given;
};

/* The options of a recipe: one table for command line, `:set`, help and completion. */
enum data_option {
    DATA_OPTION_TARGET,
    DATA_OPTION_DELIMITER,
    DATA_OPTION_HEADER,
    DATA_OPTION_DROP,
    DATA_OPTION_RANGE,
    DATA_OPTION_TEST_FRACTION,
    DATA_OPTION_SPLIT_SEED,
    DATA_OPTION_SPLIT,
    DATA_OPTION_COUNT
};
extern const struct option_description data_option_descriptions[DATA_OPTION_COUNT];
/* By name without dashes ("test-fraction"); DATA_OPTION_COUNT when unknown. */
enum data_option data_option_find(const char *name);

void data_recipe_defaults(struct data_recipe *recipe);
/* `to` is overwritten, not freed; on failure it is empty. */
bool data_recipe_copy(struct data_recipe *to, const struct data_recipe *from, struct error *error);
void data_recipe_free(struct data_recipe *recipe);
/* Sets one option from text and marks it as given; ERROR_USAGE names the option and its values, and
 * the recipe is as it was. */
bool data_recipe_set(struct data_recipe *recipe, const char *option_name, const char *value,
                     struct error *error);
/* ERROR_USAGE for options that exclude each other: a split of "none" has no fraction or seed. */
bool data_recipe_check(const struct data_recipe *recipe, struct error *error);
/* The value of one option as data_recipe_set takes it; nothing when it was not said. */
void data_recipe_value(const struct data_recipe *recipe, enum data_option option, struct text *out);

struct dataset {
    char *path;
    enum task task;
    struct matrix inputs;  /* [rows x inputs] raw, encoded */
    struct matrix targets; /* [rows x outputs] raw; classification: [rows x 1] class index */
    char **input_names;    /* [inputs.columns] */
    char **target_names;   /* [targets.columns] the columns' names */
    char **classes;        /* classification: [class_count]; numbers in order, else by strcmp; with
                              a model that has names: the model's names; else NULL */
    size_t class_count;
    bool has_targets; /* else targets are empty */
    size_t *train;    /* row indices in order of the permutation */
    size_t train_count;
    size_t *test; /* in order of the permutation; without a split every row in file order */
    size_t test_count;
    bool split_none;      /* there was no split, so all rows may calibrate */
    size_t file_rows;     /* data rows of the file */
    size_t dropped;       /* rows with a missing value */
    size_t outside;       /* of the others, rows outside of a range */
    size_t *source_row;   /* [rows] data row of the file, from 0, each kept row came from */
    size_t unseen_levels; /* text values that the model has not seen */
    struct cJSON *member; /* the "data" member, see dataset_member */
    char *messages;       /* sentences for standard error, one per line, without the file's
                             name; NULL when none */
};

/* Reads a table for a model: the model's "data" member fills in what the recipe does not give (a
 * message says where they differ), its names choose columns, its levels encode text. `model` NULL:
 * for training (default target last). `task`: TASK wanted, or -1 to find out (a text target makes
 * classification, for which numbers of a target must be whole); with a model the model's task
 * counts. Delimited text, .gz, .npy and .npz by content. Arrays of three dimensions are rows of
 * rows. Without a target of its own a block of a checkpoint has its outputs for targets. A file
 * without a header has columns c1, c2, ...; an .npz has X's columns c1, c2, ... and then y (or y1,
 * y2, ...). While a pipe keeps one waiting `progress` (may be NULL) is asked whether to go on. NULL
 * with a sentence that names file, row or line, and column. */
struct dataset *dataset_load(const char *path, const struct data_recipe *recipe,
                             const struct network *model, int task, const struct progress *progress,
                             struct error *error);
void dataset_free(struct dataset *dataset); /* NULL is fine */

/* The "data" member for a model made from or for this dataset: {"target": [names], "drop": [names],
 * "range": {column: [low, high]} (where there are ranges; null: open), "levels": {column: [level,
 * ...]}, "dates": [columns], "test_fraction", "split_seed"} (a seed above 2^53 is written as text;
 * unknown members of the model's own are kept). Caller owns. */
struct cJSON *dataset_member(const struct dataset *dataset, struct error *error);

/* Inputs of the chosen rows in network space: (raw - mean)/scale. `rows` [count], NULL: the first
 * `count` rows. `out` [count x inputs] is initialised; freed by the caller. */
bool dataset_network_inputs(const struct dataset *dataset, const struct network *model,
                            const size_t *rows, size_t count, struct matrix *out,
                            struct error *error);
/* Targets of the chosen rows in the model's output space [count x outputs]; classification: indices
 * into the model's outputs [count x 1]. ERROR_REQUEST when there are no targets. */
bool dataset_network_targets(const struct dataset *dataset, const struct network *model,
                             const size_t *rows, size_t count, struct matrix *out,
                             struct error *error);
/* Calibration rows: the first `limit` of a second permutation (seed) of the training rows, or of
 * all rows when there was no split; ERROR_REQUEST when the split leaves no training rows. Caller
 * frees. (With --calibrate-on it is the first rows of that file as they stand: `rows` NULL above.)
 */
size_t *dataset_calibration_rows(const struct dataset *dataset, size_t limit, uint64_t seed,
                                 size_t *count, struct error *error);
#endif
