/* The steps of dataset_load and what they share. */
#ifndef LUMPSCOPE_DATA_LOAD_H
#define LUMPSCOPE_DATA_LOAD_H

#include "column.h"
#include "levels.h"
#include "range.h"
#include "recipe.h"

/* The model's "data" member, checked. */
struct data_member {
    struct target_spec target; /* TARGET_DEFAULT: not there */
    struct name_list drop;
    struct name_list dates;
    struct name_list level_columns;
    struct name_index date_index, level_index;
    const struct cJSON *levels; /* the model's own; NULL: not there */
    struct range_list ranges;
    bool has_drop, has_ranges, has_dates, has_fraction, has_seed;
    double test_fraction;
    uint64_t split_seed;
};
bool data_member_read(struct data_member *member, const struct network *model, struct error *error);
void data_member_free(struct data_member *member);

/* How one column of the file fills inputs of the network. */
enum encode_kind { ENCODE_NUMBER, ENCODE_LEVELS, ENCODE_DATE, ENCODE_KINDS };
struct slot {
    size_t input;
    size_t suffix; /* where in the input's name the level or the part of the date begins */
};
struct encoder {
    size_t column;
    enum encode_kind kind;
    struct slot *slots;
    size_t count, capacity;
};

struct load {
    const struct data_recipe *recipe;
    const struct network *model; /* NULL: for training */
    int task;                    /* enum task; -1 until the target column tells */
    struct target_spec asked;
    struct name_list drop;
    struct range_list ranges;
    struct data_member member;
    struct table table;
    struct column *columns;  /* [table.columns] looked at when they are needed */
    bool *dropped;           /* [table.columns] */
    struct name_index index; /* the columns that are not dropped */
    size_t *targets;         /* [target_count] columns */
    size_t target_count;
    bool from_model; /* the targets are the model's own outputs */
    bool guessed;    /* the targets are the last columns because nothing else was said */
    struct name_list input_names;
    struct encoder *encoders;
    size_t encoder_count, encoder_capacity;
    size_t *encoder_of; /* [table.columns x ENCODE_KINDS] NAME_ABSENT: none */
    double test_fraction;
    uint64_t split_seed;
    struct text messages;
};

/* dataset_columns.c: which columns of the file are dropped, are targets, are inputs. */
bool load_choose_dropped(struct load *load, struct error *error);
bool load_choose_columns(struct load *load, struct error *error);
/* The sentence about a column that the option names and that is not there; false. */
bool load_no_column(const struct load *load, const char *option, const char *name,
                    struct error *error);

/* dataset_range.c */
bool load_choose_ranges(struct load *load, struct error *error);
/* Sets outside [table.rows] where a row lies outside of a range; after load_choose_columns. */
bool load_mark_outside(struct load *load, bool *outside, struct error *error);

/* dataset_encode.c */
/* Adds an input of this name that the column fills; `suffix` as in struct slot. */
bool load_add_input(struct load *load, const char *name, size_t column, enum encode_kind kind,
                    size_t suffix, struct error *error);
/* Adds the inputs a column of the file makes by what it holds. */
bool load_add_column(struct load *load, size_t column, struct error *error);
void load_clear_inputs(struct load *load);
/* Rows without a missing value in the kept columns: dataset->source_row, inputs, dropped. */
bool load_fill_inputs(struct load *load, struct dataset *dataset, struct error *error);
/* {"column": [levels]} and ["column"] of the encoders, added to the "data" member. */
bool load_member_encoding(const struct load *load, struct cJSON *member);

/* dataset_targets.c: task, targets, classes of the kept rows. */
bool load_fill_targets(struct load *load, struct dataset *dataset, struct error *error);

/* dataset_model.c: the same where the targets are the model's own outputs. */
bool load_fill_model_targets(const struct load *load, struct dataset *dataset, struct error *error);

/* dataset_member.c: the "data" member of a model made with this load. */
struct cJSON *load_member(const struct load *load, struct error *error);

bool load_scan(struct load *load, size_t column, struct error *error);
void load_message(struct load *load, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
