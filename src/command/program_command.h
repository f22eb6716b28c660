/* One table of what the program can be told: commands with their operands, options, help and
 * handler. Parsing, help and suggestions are all derived from it. */
#ifndef LUMPSCOPE_PROGRAM_COMMAND_H
#define LUMPSCOPE_PROGRAM_COMMAND_H

#include "program_progress.h"

#include "lumpscope/dataset.h"
#include "lumpscope/model_file.h"
#include "lumpscope/options.h"
#include "lumpscope/systems.h"
#include "lumpscope/text.h"

/* Options besides those of equivalences, data and systems, which have tables of their own. */
enum program_option {
    PROGRAM_DATA,
    PROGRAM_CALIBRATE_ON,
    PROGRAM_OUTPUT,
    PROGRAM_DTYPE,
    PROGRAM_TENSORS,
    PROGRAM_EPS,
    PROGRAM_BUDGET,
    PROGRAM_LOSS,
    PROGRAM_EXACT,
    PROGRAM_METHODS,
    PROGRAM_POINTS,
    PROGRAM_GRP,
    PROGRAM_LAYERS,
    PROGRAM_TASK,
    PROGRAM_EPOCHS,
    PROGRAM_BATCH,
    PROGRAM_RATE,
    PROGRAM_DECAY,
    PROGRAM_ROWS,
    PROGRAM_SEED,
    PROGRAM_TOUR,
    PROGRAM_THEME,
    PROGRAM_COLOR,
    PROGRAM_ASCII,
    PROGRAM_MOUSE,
    PROGRAM_RESUME,
    PROGRAM_FLOAT,
    PROGRAM_JSON,
    PROGRAM_CSV,
    PROGRAM_SVG,
    PROGRAM_MARKDOWN,
    PROGRAM_SUITE,
    PROGRAM_DATA_DIR,
    PROGRAM_SEEDS,
    PROGRAM_JOBS,
    PROGRAM_SHARD,
    PROGRAM_ABLATION,
    PROGRAM_WHAT,
    PROGRAM_LAYER,
    PROGRAM_MAN,
    PROGRAM_HELP,
    PROGRAM_OPTIONS
};
#define PROGRAM_BIT(option) ((uint64_t)1 << (option))

struct program_option_description {
    const char *name;   /* without dashes */
    char letter;        /* "-o"; 0: none */
    bool hidden;        /* understood, but not listed */
    const char *values; /* placeholder or "a|b"; "": takes none */
    const char *help;
};
extern const struct program_option_description program_options[PROGRAM_OPTIONS];

/* How a command uses an option of that table. */
struct program_use {
    enum program_option option;
    bool required;
    const char *help; /* instead of the table's; NULL: the table's */
};

enum { PROGRAM_OPERANDS = 1024, PROGRAM_CHOICES = 2 };

struct program {
    const struct program_command *command;
    const char *operand[PROGRAM_OPERANDS]; /* NULL when left out */
    size_t operands;
    const char *given[PROGRAM_OPTIONS]; /* value as text, "" when it takes none; NULL: not given */
    struct option_choices choices;
    struct data_recipe recipe;
    struct model_recipe model_recipe;
    const char *data_option; /* the last data option that was given; NULL: none */
    bool system_given[SYSTEM_OPTIONS];
    const char *system_value[SYSTEM_OPTIONS]; /* NULL for those that take none */
    struct text output;                       /* goes to standard output when all went well */
    struct program_progress progress_state;
    struct progress progress;
    int status; /* exit status of a command that has none of our errors: the explorer's */
};

struct program_command {
    const char *name;
    const char *operand; /* "MODEL", "IN OUT"; from a '[' on they may be left out, with "..." there
                            may be any number of them; NULL: none */
    const char *help;    /* one line */
    const char *more;    /* further sentences; NULL: none */
    const char *example;
    const struct program_use *uses; /* [use_count] */
    size_t use_count;
    bool equivalence, data, systems, model; /* takes the options of those tables */
    uint64_t one_of;                        /* PROGRAM_BITs of which exactly one is given */
    uint64_t exclusive[PROGRAM_CHOICES];    /* of which at most one is given */
    bool (*run)(struct program *program, struct error *error);
};

extern const struct program_command program_commands[];
extern const size_t program_command_count;
/* NULL when there is none of that name. */
const struct program_command *program_command_find(const char *name);
/* The command that is run when none is named. */
const struct program_command *program_command_default(void);

/* Any option of a command, from whichever table. */
enum program_group {
    GROUP_OWN,
    GROUP_MODEL,
    GROUP_EQUIVALENCE,
    GROUP_DATA,
    GROUP_SYSTEM,
    PROGRAM_GROUPS
};
extern const char *const program_group_titles[PROGRAM_GROUPS]; /* "How the data is read" */
struct program_entry {
    enum program_group group;
    int id;
    const char *name;
    char letter;
    const char *values; /* "" when it takes none */
    const char *help;
    bool required, hidden;
};
/* The options of a command one by one; false past the last. */
bool program_entry_at(const struct program_command *command, size_t index,
                      struct program_entry *entry);

/* Reads the words after the command; ERROR_USAGE. Strings stay the caller's. */
bool program_parse(struct program *program, int count, char **words, struct error *error);
/* Values of options that were given; ERROR_USAGE names the option and what it takes. Those that
 * were not given leave `value` as it is. `most` SIZE_MAX: as many as there can be. */
bool program_number(const struct program *program, enum program_option option, double least,
                    double *value, struct error *error);
bool program_size(const struct program *program, enum program_option option, size_t least,
                  size_t most, size_t *value, struct error *error);
bool program_seed(const struct program *program, uint64_t *value, struct error *error);
/* A number of at least 0 that may have a percent sign. */
bool program_percent(const char *option, const char *text, double *value, struct error *error);
/* The type of --dtype; ERROR_USAGE. */
bool program_dtype(const struct program *program, enum tensor_type *type, struct error *error);
/* Position in a NULL-terminated list. */
bool program_choice(const struct program *program, enum program_option option,
                    const char *const *names, int *value, struct error *error);

/* The nearest of the names that was perhaps meant; NULL when none is near. */
const char *program_nearest(const char *word, const char *(*name)(const void *from, size_t index),
                            const void *from);

/* The sentence for standard output that cannot be written. A reader that has gone, as `head` does,
 * wants none: true, with the status that a shell expects. */
bool program_refuse_print(struct program *program, int reason, struct error *error);

/* Opens the explorer with a script that is played from the start. */
bool program_explore_script(struct program *program, const char *script, struct error *error);

/* Help as text of at most 80 columns. */
void program_help_overview(struct text *out);
void program_help_command(const struct program_command *command, struct text *out);
/* "compress MODEL -o OUT (--eps E | ...) [options]". */
void program_synopsis(const struct program_command *command, struct text *out);
/* All of it as sections of the manual page, in scdoc's markup. */
void program_manual(struct text *out);

bool program_run_bench(struct program *program, struct error *error);
bool program_run_completion(struct program *program, struct error *error);
bool program_run_compress(struct program *program, struct error *error);
bool program_run_convert(struct program *program, struct error *error);
bool program_run_diff(struct program *program, struct error *error);
bool program_run_encode(struct program *program, struct error *error);
bool program_run_evaluate(struct program *program, struct error *error);
bool program_run_export(struct program *program, struct error *error);
bool program_run_generate(struct program *program, struct error *error);
bool program_run_help(struct program *program, struct error *error);
bool program_run_info(struct program *program, struct error *error);
bool program_run_open(struct program *program, struct error *error);
bool program_run_partition(struct program *program, struct error *error);
bool program_run_paths(struct program *program, struct error *error);
bool program_run_predict(struct program *program, struct error *error);
bool program_run_run(struct program *program, struct error *error);
bool program_run_sweep(struct program *program, struct error *error);
bool program_run_train(struct program *program, struct error *error);

#endif
