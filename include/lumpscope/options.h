/* The equivalence options (cli.md, "Equivalence options"): one description of each option from
 * which the command line, `:set`, help, completion, model metadata and `--json` are derived. */
#ifndef LUMPSCOPE_OPTIONS_H
#define LUMPSCOPE_OPTIONS_H

#include "lumpscope/network.h"

#include <stdint.h>

struct text;

enum relation { RELATION_FORWARD, RELATION_BACKWARD, RELATION_JOINT };
enum linkage { LINKAGE_CHAIN, LINKAGE_COMPLETE, LINKAGE_AGGLOMERATE };
enum norm { NORM_L1, NORM_L2, NORM_LINF, NORM_ERODE };
enum scale { SCALE_RELATIVE, SCALE_ABSOLUTE };

/* As many calibration rows as keep the analysis within a bound of work (study.h). */
enum { CALIBRATION_AUTO = 0 };

struct options {
    enum relation relation;
    enum linkage linkage;
    enum norm norm;     /* not for joint */
    enum scale scale;   /* not for joint */
    bool balance;       /* joint is always balanced */
    size_t rank;        /* forward, square layers: most neurons a class may become; 0 no cap */
    bool refit;         /* needs calibration rows */
    size_t polish;      /* iterations of L-BFGS at most; 0: no polish; needs refit */
    size_t calibration; /* calibration rows at most, or CALIBRATION_AUTO */
    uint64_t seed;      /* calibration permutation, probes, normal rows of --exact */
    uint64_t memory;    /* bytes the analysis may hold distances in; 0: half the machine's */
    uint64_t locked[NETWORK_MAX_LAYERS / 64]; /* bit l: hidden layer l (from 1) is left alone */
};

/* Agglomerate for joint, complete for the others. */
enum linkage linkage_default(enum relation relation);
/* The defaults: joint with refit when there is data, else forward without; change the relation
 * together with its linkage. */
void options_defaults(struct options *options, bool data);
bool options_locked(const struct options *options, size_t layer);
void options_lock(struct options *options, size_t layer, bool locked);
/* In every member, whether it applies or not. */
bool options_equal(const struct options *a, const struct options *b);

const char *relation_name(enum relation relation);
const char *linkage_name(enum linkage linkage);
const char *norm_name(enum norm norm);
const char *scale_name(enum scale scale);

/* What a user has said, apart from what follows from it: an option that was not given takes the
 * default that fits the others. */
enum option_id {
    OPTION_RELATION,
    OPTION_LINKAGE,
    OPTION_NORM,
    OPTION_SCALE,
    OPTION_BALANCE,
    OPTION_RANK,
    OPTION_REFIT,
    OPTION_POLISH,
    OPTION_CALIBRATION,
    OPTION_LOCK,
    OPTION_SEED,
    OPTION_MEMORY,
    OPTION_FAITHFUL,
    OPTION_COUNT
};

struct option_description {
    const char *name;   /* "relation" */
    const char *values; /* "forward|backward|joint" or a placeholder such as "N" */
    const char *help;   /* one line */
};
extern const struct option_description option_descriptions[OPTION_COUNT];
/* By name without dashes; OPTION_COUNT when unknown. */
enum option_id option_find(const char *name);

struct option_choices {
    struct options value;
    bool given[OPTION_COUNT];
};
/* Sets one option from text; ERROR_USAGE names the option and its values. */
bool options_choose(struct option_choices *choices, enum option_id option, const char *value,
                    struct error *error);
/* Fills in the rest and refuses what does not fit together (ERROR_USAGE). `data`: calibration rows
 * will be there. */
bool options_resolve(const struct option_choices *choices, bool data, struct options *options,
                     struct error *error);
/* Joint and refit work on calibration rows; without both, none are used. */
bool options_use_rows(const struct options *options);
/* The value of one option as text ("relative"); "null" where it does not apply. */
void options_value(const struct options *options, enum option_id option, struct text *out);
/* Every option in force as a JSON object; null where it does not apply. NULL: out of memory. */
struct cJSON *options_json(const struct options *options);

#endif
