/* Data sets (cli.md, "Data"): reading, encoding, splitting. Numbers here are raw; network_inputs
 * are made with the model's scaling by dataset_scaled_*. */
#ifndef LUMPSCOPE_DATASET_H
#define LUMPSCOPE_DATASET_H

#include "lumpscope/network.h"

#include <stdint.h>

/* How a table is read. Zero-initialise and call data_recipe_defaults; strings are owned. */
struct data_recipe {
    char *target;   /* comma list of names, "last", "last:K", "none"; NULL: not said */
    char *drop;     /* comma list of column names; NULL: none */
    char delimiter; /* 0: found out */
    int header;     /* -1 found out, 0 no, 1 yes */
    double test_fraction;
    uint64_t split_seed;
    bool split_none; /* every row is test */
    struct {         /* what the user said on the command line, as against the model */
        bool target, drop, test_fraction, split_seed;
    } given;
};

enum { COLUMN_NAME_LIMIT = 4096 };

/* A column of the file as the model's training data had it, so that new files are encoded alike. */
struct data_encoding {
    struct cJSON *levels; /* {"column": ["level", ...]} or NULL */
    struct cJSON *dates;  /* ["column", ...] or NULL */
};

struct dataset {
    char *path;
    struct matrix inputs;  /* [rows x inputs] raw, encoded */
    struct matrix targets; /* [rows x outputs] raw; classification: [rows x 1] class index */
    char **input_names;    /* [inputs.columns] */
    char **target_names;   /* regression: [targets.columns]; classification: [1] column's name */
    char **classes;        /* classification: [class_count] sorted; else NULL */
    size_t class_count;
    bool has_targets;
    size_t *train; /* row indices in order of the permutation */
    size_t train_count;
    size_t *test;
    size_t test_count;
    size_t file_rows;     /* data rows of the file */
    size_t dropped;       /* rows with a missing value */
    size_t *source_row;   /* [rows] data row of the file, from 0, each kept row came from */
    size_t unseen_levels; /* text values that the model has not seen */
    struct data_encoding encoding; /* as used; goes into the model that is trained */
    char *messages;                /* sentences for standard error, one per line; NULL when none */
};

void data_recipe_defaults(struct data_recipe *recipe);
bool data_recipe_copy(struct data_recipe *to, const struct data_recipe *from, struct error *error);
void data_recipe_free(struct data_recipe *recipe);

/* Reads a table for a model: the model's "data" member fills in what the recipe does not give (a
 * message says where they differ), its names choose columns, its levels encode text. `model` NULL:
 * for training (default target last). `task`: TASK wanted, or -1 to find out (a text target makes
 * classification). Delimited text, .gz, .npy and .npz by content. */
struct dataset *dataset_load(const char *path, const struct data_recipe *recipe,
                             const struct network *model, int task, struct error *error);
void dataset_free(struct dataset *dataset);

/* The model's "data" member for a model trained on this dataset: {"target","drop","levels","dates",
 * "test_fraction","split_seed"}. Caller owns. */
struct cJSON *dataset_member(const struct dataset *dataset, const struct data_recipe *recipe,
                             struct error *error);

/* Inputs of the chosen rows in network space: (raw - mean)/scale. */
bool dataset_network_inputs(const struct dataset *dataset, const struct network *model,
                            const size_t *rows, size_t count, struct matrix *out,
                            struct error *error);
/* Targets of the chosen rows in the model's output space; classification: class indices of the
 * model's output names [count x 1]. */
bool dataset_network_targets(const struct dataset *dataset, const struct network *model,
                             const size_t *rows, size_t count, struct matrix *out,
                             struct error *error);
/* Calibration rows: the first `limit` of a second permutation (seed) of the training rows, or of
 * all rows when there are no training rows. Caller frees. */
size_t *dataset_calibration_rows(const struct dataset *dataset, size_t limit, uint64_t seed,
                                 size_t *count, struct error *error);
/* The first `limit` rows as they stand in the file (--calibrate-on). Caller frees. */
size_t *dataset_first_rows(const struct dataset *dataset, size_t limit, size_t *count,
                           struct error *error);

#endif
