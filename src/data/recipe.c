#include "recipe.h"

#include "range.h"

#include "lumpscope/dataset.h"
#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <inttypes.h>
#include <string.h>

const struct option_description data_option_descriptions[DATA_OPTION_COUNT] = {
    [DATA_OPTION_TARGET] = {"target", "NAME[,NAME]|last|last:K|none|model",
                            "the columns to predict (default: what the model was trained for); "
                            "model: its own outputs, the default of a block"},
    [DATA_OPTION_DELIMITER] = {"delimiter", "auto|,|;|tab|space", "what stands between cells"},
    [DATA_OPTION_HEADER] = {"header", "auto|yes|no", "whether the first row names the columns"},
    [DATA_OPTION_DROP] = {"drop", "NAME,...", "columns to leave out"},
    [DATA_OPTION_RANGE] = {"range", "NAME=LOW:HIGH,...",
                           "drop rows whose value in this column lies outside"},
    [DATA_OPTION_TEST_FRACTION] = {"test-fraction", "F",
                                   "the part of the rows that tests (default 0.2)"},
    [DATA_OPTION_SPLIT_SEED] = {"split-seed", "S", "which rows test (default 1)"},
    [DATA_OPTION_SPLIT] = {"split", "none|random", "none: every row tests"},
};

enum data_option data_option_find(const char *name) {
    int option = 0;
    while (option < DATA_OPTION_COUNT && strcmp(data_option_descriptions[option].name, name) != 0)
        option++;
    return (enum data_option)option;
}

void data_recipe_defaults(struct data_recipe *recipe) {
    *recipe = (struct data_recipe){.header = -1, .test_fraction = 0.2, .split_seed = 1};
}

void data_recipe_free(struct data_recipe *recipe) {
    free(recipe->target);
    free(recipe->drop);
    free(recipe->range);
    data_recipe_defaults(recipe);
}

bool data_recipe_copy(struct data_recipe *to, const struct data_recipe *from, struct error *error) {
    *to = *from;
    to->target = memory_string(from->target, error);
    to->drop = memory_string(from->drop, error);
    to->range = memory_string(from->range, error);
    if ((from->target && !to->target) || (from->drop && !to->drop) || (from->range && !to->range)) {
        data_recipe_free(to);
        return false;
    }
    return true;
}

static bool usage(enum data_option option, const char *value, struct error *error) {
    const struct option_description *description = &data_option_descriptions[option];
    return error_set(error, ERROR_USAGE, "%s \"%.60s\" cannot be read; give %s", description->name,
                     value, description->values);
}

/* The place of a value in a list that ends with NULL; -1 when it is not there. */
static int choice(const char *const *values, const char *value) {
    for (int i = 0; values[i]; i++)
        if (strcmp(values[i], value) == 0)
            return i;
    return -1;
}

static bool set_string(char **to, bool *given, const char *value, struct error *error) {
    char *copy = memory_string(value, error);
    if (!copy)
        return false;
    free(*to);
    *to = copy;
    *given = true;
    return true;
}

static bool set_target(struct data_recipe *recipe, const char *value, struct error *error) {
    struct target_spec spec;
    bool set = target_spec_parse(&spec, value, error) &&
               set_string(&recipe->target, &recipe->given.target, value, error);
    target_spec_free(&spec);
    return set;
}

static bool set_drop(struct data_recipe *recipe, const char *value, struct error *error) {
    struct name_list names = {0};
    bool set = drop_parse(&names, value, error) &&
               set_string(&recipe->drop, &recipe->given.drop, value, error);
    name_list_free(&names);
    return set;
}

static bool set_range(struct data_recipe *recipe, const char *value, struct error *error) {
    struct range_list ranges;
    bool set = range_list_parse(&ranges, value, error) &&
               set_string(&recipe->range, &recipe->given.range, value, error);
    range_list_free(&ranges);
    return set;
}

static bool set_delimiter(struct data_recipe *recipe, const char *value, struct error *error) {
    static const char *const names[] = {"auto", ",", ";", "tab", "space", "\t", " ", NULL};
    int i = choice(names, value);
    if (i < 0)
        return usage(DATA_OPTION_DELIMITER, value, error);
    recipe->delimiter = "\0,;\t \t "[i];
    return true;
}

static bool set_header(struct data_recipe *recipe, const char *value, struct error *error) {
    static const char *const names[] = {"auto", "no", "yes", NULL};
    int i = choice(names, value);
    if (i < 0)
        return usage(DATA_OPTION_HEADER, value, error);
    recipe->header = i - 1;
    return true;
}

static bool set_fraction(struct data_recipe *recipe, const char *value, struct error *error) {
    double fraction;
    if (!text_to_double(value, &fraction) || fraction < 0 || fraction > 1)
        return error_set(error, ERROR_USAGE,
                         "test-fraction \"%.60s\" cannot be read; give a number from 0 to 1",
                         value);
    recipe->test_fraction = fraction;
    recipe->given.test_fraction = true;
    return true;
}

static bool set_seed(struct data_recipe *recipe, const char *value, struct error *error) {
    if (!text_to_uint64(value, &recipe->split_seed))
        return error_set(error, ERROR_USAGE,
                         "split-seed \"%.60s\" cannot be read; give a whole number from 0", value);
    recipe->given.split_seed = true;
    return true;
}

static bool set_split(struct data_recipe *recipe, const char *value, struct error *error) {
    static const char *const names[] = {"random", "none", NULL};
    int i = choice(names, value);
    if (i < 0)
        return usage(DATA_OPTION_SPLIT, value, error);
    recipe->split_none = i == 1;
    return true;
}

bool data_recipe_set(struct data_recipe *recipe, const char *option_name, const char *value,
                     struct error *error) {
    static bool (*const setters[DATA_OPTION_COUNT])(struct data_recipe *, const char *,
                                                    struct error *) = {
        [DATA_OPTION_TARGET] = set_target,   [DATA_OPTION_DELIMITER] = set_delimiter,
        [DATA_OPTION_HEADER] = set_header,   [DATA_OPTION_DROP] = set_drop,
        [DATA_OPTION_RANGE] = set_range,     [DATA_OPTION_TEST_FRACTION] = set_fraction,
        [DATA_OPTION_SPLIT_SEED] = set_seed, [DATA_OPTION_SPLIT] = set_split,
    };
    enum data_option option = data_option_find(option_name);
    if (option == DATA_OPTION_COUNT)
        return error_set(error, ERROR_USAGE, "there is no data option \"%.60s\"", option_name);
    return setters[option](recipe, value, error);
}

void data_recipe_value(const struct data_recipe *recipe, enum data_option option,
                       struct text *out) {
    char number[TEXT_NUMBER_SIZE];
    switch (option) {
    case DATA_OPTION_TARGET:
        text_append(out, recipe->target ? recipe->target : "");
        break;
    case DATA_OPTION_DELIMITER:
        text_append(out, recipe->delimiter == '\t'  ? "tab"
                         : recipe->delimiter == ' ' ? "space"
                                                    : "");
        if (out->length == 0 && recipe->delimiter)
            text_append_bytes(out, &recipe->delimiter, 1);
        break;
    case DATA_OPTION_HEADER:
        text_append(out, recipe->header < 0 ? "" : recipe->header ? "yes" : "no");
        break;
    case DATA_OPTION_DROP:
        text_append(out, recipe->drop ? recipe->drop : "");
        break;
    case DATA_OPTION_RANGE:
        text_append(out, recipe->range ? recipe->range : "");
        break;
    case DATA_OPTION_TEST_FRACTION:
        if (recipe->given.test_fraction)
            text_append(out, text_number(recipe->test_fraction, number));
        break;
    case DATA_OPTION_SPLIT_SEED:
        if (recipe->given.split_seed)
            text_format(out, "%" PRIu64, recipe->split_seed);
        break;
    case DATA_OPTION_SPLIT:
        text_append(out, recipe->split_none ? "none" : "");
        break;
    case DATA_OPTION_COUNT:
        break;
    }
}

bool data_recipe_check(const struct data_recipe *recipe, struct error *error) {
    if (!recipe->split_none || !(recipe->given.test_fraction || recipe->given.split_seed))
        return true;
    return error_set(error, ERROR_USAGE, "split none makes every row a test row; leave out %s",
                     recipe->given.test_fraction ? "test-fraction" : "split-seed");
}

void target_spec_free(struct target_spec *spec) {
    name_list_free(&spec->names);
    *spec = (struct target_spec){0};
}

/* Takes "name:" off; words that mean something else must stand alone. */
static bool target_name(char *name, struct error *error) {
    if (strncmp(name, "name:", 5) == 0) {
        memmove(name, name + 5, strlen(name) - 4); /* with its NUL */
        return *name || usage(DATA_OPTION_TARGET, "name:", error);
    }
    if (strcmp(name, "last") != 0 && strcmp(name, "none") != 0 && strcmp(name, "model") != 0 &&
        strncmp(name, "last:", 5) != 0)
        return true;
    return error_set(error, ERROR_USAGE,
                     "target \"%.60s\" stands alone; write name:%.60s for a column of that name",
                     name, name);
}

static bool target_names(struct target_spec *spec, const char *text, struct error *error) {
    spec->kind = TARGET_NAMES;
    if (!name_list_split(&spec->names, text, "target", error))
        return false;
    for (size_t i = 0; i < spec->names.count; i++)
        if (!target_name(spec->names.items[i], error))
            return false;
    struct name_index index;
    if (!name_index_init(&index, spec->names.items, NULL, spec->names.count, error))
        return false;
    const char *twice = name_index_repeated(&index);
    if (twice)
        error_set(error, ERROR_USAGE, "target names \"%.60s\" twice; name each column once", twice);
    name_index_free(&index);
    return !twice;
}

bool target_spec_parse(struct target_spec *spec, const char *text, struct error *error) {
    *spec = (struct target_spec){.kind = TARGET_DEFAULT};
    if (!text)
        return true;
    if (strcmp(text, "none") == 0 || strcmp(text, "model") == 0) {
        spec->kind = *text == 'n' ? TARGET_NONE : TARGET_MODEL;
        return true;
    }
    bool last = strcmp(text, "last") == 0;
    if (!last && strncmp(text, "last:", 5) != 0)
        return target_names(spec, text, error);
    spec->kind = TARGET_LAST;
    spec->last = 1;
    if (!last && (!text_to_size(text + 5, &spec->last) || spec->last == 0))
        return usage(DATA_OPTION_TARGET, text, error);
    return true;
}

bool drop_parse(struct name_list *drop, const char *text, struct error *error) {
    *drop = (struct name_list){0};
    return !text || !*text || name_list_split(drop, text, "drop", error);
}
