#include "lumpscope/options.h"

#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const relation_names[] = {"forward", "backward", "joint", NULL};
static const char *const linkage_names[] = {"chain", "complete", "agglomerate", NULL};
static const char *const norm_names[] = {"l1", "l2", "linf", "erode", NULL};
static const char *const scale_names[] = {"relative", "absolute", NULL};
static const char *const switch_names[] = {"off", "on", NULL};

const struct option_description option_descriptions[OPTION_COUNT] = {
    [OPTION_RELATION] = {"relation", "forward|backward|joint",
                         "which neurons count as equivalent (joint with data, else forward)"},
    [OPTION_LINKAGE] =
        {"linkage", "chain|complete|agglomerate",
         "a class: complete, every pair is within epsilon; chain, linked by such pairs; "
         "agglomerate, the cheapest merge again and again (agglomerate with joint, else complete)"},
    [OPTION_NORM] = {"norm", "l1|l2|linf|erode", "how coefficient differences add up (l1)"},
    [OPTION_SCALE] = {"scale", "relative|absolute",
                      "epsilon in units of the layer's mean coefficients, or raw (relative)"},
    [OPTION_BALANCE] = {"balance", "on|off",
                        "take out how a weight is split between two layers (on)"},
    [OPTION_RANK] = {"rank", "R", "most neurons a class of a square layer may become (no cap)"},
    [OPTION_REFIT] = {"refit", "on|off", "fit the consumers on calibration rows (on with data)"},
    [OPTION_POLISH] = {"polish", "N",
                       "move the reduced network's weights towards the original's outputs, "
                       "without labels: iterations at most, 0 none (0)"},
    [OPTION_CALIBRATION] = {"calibration", "N|auto",
                            "calibration rows at most (1024); auto: fewer for wide layers"},
    [OPTION_LOCK] = {"lock", "L,...", "hidden layers that are left alone (none)"},
    [OPTION_SEED] = {"seed", "S", "seed of everything random (1)"},
    [OPTION_MEMORY] = {"memory", "SIZE",
                       "what distances may take at most, as 500M or 2G: complete linkage "
                       "of n neurons needs 8 n^2 bytes, chain none (half the machine's)"},
    [OPTION_FAITHFUL] = {"faithful", "",
                         "what ERODE computes: forward, chain, erode, absolute, no balance, no "
                         "refit"},
};

enum option_id option_find(const char *name) {
    int option = 0;
    while (option < OPTION_COUNT && strcmp(name, option_descriptions[option].name) != 0)
        option++;
    return (enum option_id)option;
}

const char *relation_name(enum relation relation) {
    return relation_names[relation];
}

const char *linkage_name(enum linkage linkage) {
    return linkage_names[linkage];
}

const char *norm_name(enum norm norm) {
    return norm_names[norm];
}

const char *scale_name(enum scale scale) {
    return scale_names[scale];
}

enum linkage linkage_default(enum relation relation) {
    return relation == RELATION_JOINT ? LINKAGE_AGGLOMERATE : LINKAGE_COMPLETE;
}

void options_defaults(struct options *options, bool data) {
    enum relation relation = data ? RELATION_JOINT : RELATION_FORWARD;
    *options = (struct options){
        .relation = relation,
        .linkage = linkage_default(relation),
        .norm = NORM_L1,
        .scale = SCALE_RELATIVE,
        .balance = true,
        .refit = data,
        .calibration = 1024,
        .seed = 1,
    };
}

bool options_locked(const struct options *options, size_t layer) {
    return layer < NETWORK_MAX_LAYERS && (options->locked[layer / 64] >> (layer % 64) & 1);
}

void options_lock(struct options *options, size_t layer, bool locked) {
    uint64_t bit = (uint64_t)1 << (layer % 64);
    if (layer >= NETWORK_MAX_LAYERS)
        return;
    if (locked)
        options->locked[layer / 64] |= bit;
    else
        options->locked[layer / 64] &= ~bit;
}

bool options_equal(const struct options *a, const struct options *b) {
    return a->relation == b->relation && a->linkage == b->linkage && a->norm == b->norm &&
           a->scale == b->scale && a->balance == b->balance && a->rank == b->rank &&
           a->refit == b->refit && a->polish == b->polish && a->calibration == b->calibration &&
           a->seed == b->seed && a->memory == b->memory &&
           memcmp(a->locked, b->locked, sizeof a->locked) == 0;
}

static bool value_error(enum option_id option, const char *value, struct error *error) {
    const struct option_description *described = &option_descriptions[option];
    if (!*described->values)
        return error_set(error, ERROR_USAGE, "--%s %.60s: this option takes no value; leave it out",
                         described->name, value);
    return error_set(error, ERROR_USAGE, "--%s %.60s: not a value of this option; it takes %s",
                     described->name, value, described->values);
}

/* Position of `value` in a list of names. */
static bool choose_name(const char *const *names, enum option_id option, const char *value,
                        int *chosen, struct error *error) {
    for (*chosen = 0; names[*chosen]; ++*chosen)
        if (strcmp(names[*chosen], value) == 0)
            return true;
    return value_error(option, value, error);
}

/* "2,5" sets bits 2 and 5; "" and "none" clear all. */
static bool choose_locks(struct options *options, const char *value, struct error *error) {
    memset(options->locked, 0, sizeof options->locked);
    if (!*value || strcmp(value, "none") == 0)
        return true;
    char *list = memory_string(value, error), *rest = list;
    bool good = list != NULL;
    for (char *item; good && (item = strsep(&rest, ","));) {
        size_t layer;
        good = text_to_size(item, &layer);
        if (good && (layer == 0 || layer >= NETWORK_MAX_LAYERS)) {
            free(list);
            return error_set(error, ERROR_REQUEST,
                             "--lock %zu: there is no such hidden layer; they are numbered from 1",
                             layer);
        }
        if (good)
            options_lock(options, layer, true);
    }
    free(list);
    return good || value_error(OPTION_LOCK, value, error);
}

static bool refuse_count(enum option_id option, const char *value, size_t least,
                         struct error *error) {
    return error_set(error, ERROR_USAGE, "--%s %.60s: not a whole number of %zu or more",
                     option_descriptions[option].name, value, least);
}

static bool choose_size(enum option_id option, const char *value, size_t least, size_t *out,
                        struct error *error) {
    return (text_to_size(value, out) && *out >= least) || refuse_count(option, value, least, error);
}

/* "2G", "1.5 GB" or bytes; units are powers of 1000, as sizes are shown. */
static bool choose_bytes(enum option_id option, const char *value, uint64_t *out,
                         struct error *error) {
    static const char units[] = "kMGT";
    char number[TEXT_NUMBER_SIZE];
    size_t length = strcspn(value, "kKmMgGtTbB");
    const char *unit = value + length;
    double scale = 1, count;
    for (size_t u = 0; *unit && units[u]; u++)
        if (toupper((unsigned char)*unit) == toupper((unsigned char)units[u])) {
            scale = pow(1000, (double)(u + 1));
            unit++;
            break;
        }
    unit += *unit == 'B' || *unit == 'b';
    while (length > 0 && value[length - 1] == ' ')
        length--;
    snprintf(number, sizeof number, "%.*s", (int)(length < sizeof number ? length : 0), value);
    if (*unit || !text_to_double(number, &count) || !(count * scale >= 1) ||
        count * scale >= 0x1p63)
        return error_set(error, ERROR_USAGE,
                         "--%s %.60s: not a size; it takes a number of bytes, or one with K, M, G "
                         "or T behind it, as 2G",
                         option_descriptions[option].name, value);
    *out = (uint64_t)(count * scale);
    return true;
}

bool options_choose(struct option_choices *choices, enum option_id option, const char *value,
                    struct error *error) {
    struct options *options = &choices->value;
    int chosen = 0;
    bool good = true;
    switch (option) {
    case OPTION_RELATION:
        good = choose_name(relation_names, option, value, &chosen, error);
        options->relation = (enum relation)chosen;
        break;
    case OPTION_LINKAGE:
        good = choose_name(linkage_names, option, value, &chosen, error);
        options->linkage = (enum linkage)chosen;
        break;
    case OPTION_NORM:
        good = choose_name(norm_names, option, value, &chosen, error);
        options->norm = (enum norm)chosen;
        break;
    case OPTION_SCALE:
        good = choose_name(scale_names, option, value, &chosen, error);
        options->scale = (enum scale)chosen;
        break;
    case OPTION_BALANCE:
        good = choose_name(switch_names, option, value, &chosen, error);
        options->balance = chosen;
        break;
    case OPTION_REFIT:
        good = choose_name(switch_names, option, value, &chosen, error);
        options->refit = chosen;
        break;
    case OPTION_RANK:
        good = choose_size(option, value, 1, &options->rank, error);
        break;
    case OPTION_POLISH:
        good = choose_size(option, value, 0, &options->polish, error);
        break;
    case OPTION_CALIBRATION:
        if (strcmp(value, "auto") == 0)
            options->calibration = CALIBRATION_AUTO;
        else
            good = choose_size(option, value, 2, &options->calibration, error);
        break;
    case OPTION_SEED:
        good = text_to_uint64(value, &options->seed) || refuse_count(option, value, 0, error);
        break;
    case OPTION_MEMORY:
        good = choose_bytes(option, value, &options->memory, error);
        break;
    case OPTION_LOCK:
        good = choose_locks(options, value, error);
        break;
    case OPTION_FAITHFUL:
        good = *value == '\0' || value_error(option, value, error);
        break;
    case OPTION_COUNT:
        break;
    }
    if (good)
        choices->given[option] = true;
    return good;
}

static bool refuse_pair(enum option_id option, const char *with, const char *remedy,
                        struct error *error) {
    return error_set(error, ERROR_USAGE, "--%s does not go with %s; %s",
                     option_descriptions[option].name, with, remedy);
}

static bool resolve_faithful(const struct option_choices *choices, struct options *options,
                             struct error *error) {
    static const enum option_id fixed[] = {OPTION_RELATION, OPTION_LINKAGE, OPTION_NORM,
                                           OPTION_SCALE,    OPTION_BALANCE, OPTION_REFIT,
                                           OPTION_POLISH,   OPTION_RANK};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (choices->given[fixed[i]])
            return refuse_pair(fixed[i], "--faithful", "leave one of the two out", error);
    options->relation = RELATION_FORWARD;
    options->linkage = LINKAGE_CHAIN;
    options->norm = NORM_ERODE;
    options->scale = SCALE_ABSOLUTE;
    options->balance = false;
    options->refit = false;
    return true;
}

/* Options that mean nothing for the relation were asked for. */
static bool check_fit(const struct option_choices *choices, const struct options *options,
                      bool data, struct error *error) {
    const bool *given = choices->given;
    if (options->relation == RELATION_JOINT) {
        static const enum option_id formal[] = {OPTION_NORM, OPTION_SCALE, OPTION_BALANCE};
        for (size_t i = 0; i < sizeof formal / sizeof *formal; i++)
            if (given[formal[i]])
                return refuse_pair(formal[i], "--relation joint",
                                   "add --relation forward or leave it out", error);
        if (!data)
            return error_set(error, ERROR_USAGE,
                             "--relation joint measures on rows; add --data FILE or "
                             "--calibrate-on FILE");
    }
    if (options->linkage == LINKAGE_AGGLOMERATE && options->relation != RELATION_JOINT)
        return error_set(error, ERROR_USAGE,
                         "--linkage agglomerate does not go with --relation %s; add --relation "
                         "joint or choose --linkage complete",
                         relation_name(options->relation));
    if (given[OPTION_RANK] && options->relation != RELATION_FORWARD)
        return refuse_pair(OPTION_RANK,
                           options->relation == RELATION_JOINT ? "--relation joint"
                                                               : "--relation backward",
                           "add --relation forward or leave it out", error);
    if (given[OPTION_REFIT] && options->refit && !data)
        return error_set(error, ERROR_USAGE,
                         "--refit on fits on rows; add --data FILE or --calibrate-on FILE");
    if (options->polish && !options->refit)
        return data ? refuse_pair(OPTION_POLISH, "--refit off", "leave one of the two out", error)
                    : error_set(error, ERROR_USAGE,
                                "--polish works on rows; add --data FILE or --calibrate-on FILE");
    if (given[OPTION_SCALE] && options->scale == SCALE_RELATIVE && given[OPTION_NORM] &&
        options->norm == NORM_ERODE)
        return refuse_pair(OPTION_SCALE, "--norm erode", "erode distances are absolute", error);
    return true;
}

bool options_resolve(const struct option_choices *choices, bool data, struct options *options,
                     struct error *error) {
    const bool *given = choices->given;
    const struct options *value = &choices->value;
    options_defaults(options, data);
    if (given[OPTION_CALIBRATION])
        options->calibration = value->calibration;
    if (given[OPTION_SEED])
        options->seed = value->seed;
    if (given[OPTION_MEMORY])
        options->memory = value->memory;
    if (given[OPTION_LOCK])
        memcpy(options->locked, value->locked, sizeof options->locked);
    if (given[OPTION_FAITHFUL])
        return resolve_faithful(choices, options, error);
    if (given[OPTION_RELATION])
        options->relation = value->relation;
    options->linkage = given[OPTION_LINKAGE] ? value->linkage : linkage_default(options->relation);
    if (given[OPTION_NORM])
        options->norm = value->norm;
    if (given[OPTION_SCALE])
        options->scale = value->scale;
    else if (options->norm == NORM_ERODE)
        options->scale = SCALE_ABSOLUTE;
    if (given[OPTION_BALANCE])
        options->balance = value->balance;
    if (given[OPTION_RANK])
        options->rank = value->rank;
    if (given[OPTION_REFIT])
        options->refit = value->refit;
    if (given[OPTION_POLISH])
        options->polish = value->polish;
    return check_fit(choices, options, data, error);
}

static void append_locks(const struct options *options, struct text *out) {
    const char *separator = "";
    for (size_t l = 1; l < NETWORK_MAX_LAYERS; l++)
        if (options_locked(options, l)) {
            text_format(out, "%s%zu", separator, l);
            separator = ",";
        }
    if (!*separator)
        text_append(out, "none");
}

bool options_use_rows(const struct options *options) {
    return options->relation == RELATION_JOINT || options->refit;
}

static bool applies(const struct options *options, enum option_id option) {
    bool joint = options->relation == RELATION_JOINT;
    if (option == OPTION_NORM || option == OPTION_SCALE || option == OPTION_BALANCE)
        return !joint;
    if (option == OPTION_RANK)
        return options->relation == RELATION_FORWARD && options->rank;
    if (option == OPTION_POLISH)
        return options->polish > 0;
    if (option == OPTION_MEMORY)
        return options->memory > 0;
    return option != OPTION_CALIBRATION || options_use_rows(options);
}

void options_value(const struct options *options, enum option_id option, struct text *out) {
    if (!applies(options, option)) {
        text_append(out, "null");
        return;
    }
    switch (option) {
    case OPTION_RELATION:
        text_append(out, relation_name(options->relation));
        break;
    case OPTION_LINKAGE:
        text_append(out, linkage_name(options->linkage));
        break;
    case OPTION_NORM:
        text_append(out, norm_name(options->norm));
        break;
    case OPTION_SCALE:
        text_append(out, scale_name(options->scale));
        break;
    case OPTION_BALANCE:
        text_append(out, switch_names[options->balance]);
        break;
    case OPTION_RANK:
        text_format(out, "%zu", options->rank);
        break;
    case OPTION_REFIT:
        text_append(out, switch_names[options->refit]);
        break;
    case OPTION_POLISH:
        text_format(out, "%zu", options->polish);
        break;
    case OPTION_CALIBRATION:
        if (options->calibration == CALIBRATION_AUTO)
            text_append(out, "auto");
        else
            text_format(out, "%zu", options->calibration);
        break;
    case OPTION_MEMORY:
        text_format(out, "%llu", (unsigned long long)options->memory);
        break;
    case OPTION_LOCK:
        append_locks(options, out);
        break;
    case OPTION_SEED:
        text_format(out, "%llu", (unsigned long long)options->seed);
        break;
    case OPTION_FAITHFUL:
    case OPTION_COUNT:
        break;
    }
}

static cJSON *locks_json(const struct options *options) {
    cJSON *array = cJSON_CreateArray();
    for (size_t l = 1; array && l < NETWORK_MAX_LAYERS; l++)
        if (options_locked(options, l) &&
            !cJSON_AddItemToArray(array, cJSON_CreateNumber((double)l))) {
            cJSON_Delete(array);
            return NULL;
        }
    return array;
}

static cJSON *option_json(const struct options *options, enum option_id option) {
    if (!applies(options, option))
        return cJSON_CreateNull();
    if (option == OPTION_LOCK)
        return locks_json(options);
    if (option == OPTION_BALANCE || option == OPTION_REFIT)
        return cJSON_CreateBool(option == OPTION_REFIT ? options->refit : options->balance);
    struct text value = {0};
    options_value(options, option, &value);
    cJSON *item = NULL;
    if (value.data && !value.failed)
        item = option == OPTION_RANK || option == OPTION_POLISH || option == OPTION_CALIBRATION ||
                       option == OPTION_SEED || option == OPTION_MEMORY
                   ? cJSON_CreateRaw(value.data)
                   : cJSON_CreateString(value.data);
    text_free(&value);
    return item;
}

struct cJSON *options_json(const struct options *options) {
    cJSON *object = cJSON_CreateObject();
    for (int option = 0; object && option < OPTION_FAITHFUL; option++) {
        cJSON *item = option_json(options, (enum option_id)option);
        if (!item || !cJSON_AddItemToObject(object, option_descriptions[option].name, item)) {
            cJSON_Delete(item);
            cJSON_Delete(object);
            return NULL;
        }
    }
    return object;
}
