#include "program_command.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { NEAREST_LONGEST = 24 };

/* Levenshtein distance of words shorter than NEAREST_LONGEST; SIZE_MAX for longer ones. */
static size_t edit_distance(const char *a, const char *b) {
    size_t n = strlen(a), m = strlen(b), row[NEAREST_LONGEST];
    if (n >= NEAREST_LONGEST || m >= NEAREST_LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);
            size_t less = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = change < less ? change : less;
        }
    }
    return row[m];
}

const char *program_nearest(const char *word, const char *(*name)(const void *from, size_t index),
                            const void *from) {
    const char *nearest = NULL, *candidate;
    size_t least = strlen(word) > 4 ? 3 : 2; /* edits that are too many */
    for (size_t k = 0; (candidate = name(from, k)); k++) {
        bool begins = strlen(word) > 2 && strncmp(candidate, word, strlen(word)) == 0;
        size_t distance = begins ? 1 : edit_distance(word, candidate);
        if (distance < least) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

static const char *entry_name(const void *from, size_t index) {
    static const char hidden[] = "";
    struct program_entry entry;
    if (!program_entry_at(from, index, &entry))
        return NULL;
    return entry.hidden && entry.id != PROGRAM_HELP ? hidden : entry.name;
}

/* The option a word names: "--name", "--name=value", "-o", "-oVALUE". */
static bool find_entry(const struct program_command *command, const char *word,
                       struct program_entry *entry, const char **value) {
    const char *equals = strchr(word, '=');
    bool brief = word[1] != '-';
    size_t length = equals ? (size_t)(equals - word) - 2 : strlen(word) - 2;
    for (size_t k = 0; program_entry_at(command, k, entry); k++) {
        if (brief && entry->letter && word[1] == entry->letter) {
            *value = word[2] ? word + 2 : NULL;
            return true;
        }
        if (!brief && strlen(entry->name) == length && !strncmp(entry->name, word + 2, length)) {
            *value = equals ? equals + 1 : NULL;
            return true;
        }
    }
    return false;
}

static bool refuse_unknown(const struct program_command *command, const char *word,
                           struct error *error) {
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    const char *nearest = program_nearest(name + strspn(name, "-"), entry_name, command);
    if (nearest)
        return error_set(error, ERROR_USAGE, "%s: %s has no such option; did you mean --%s?", name,
                         command->name, nearest);
    return error_set(error, ERROR_USAGE,
                     "%s: %s has no such option; \"lumpscope help %s\" lists them", name,
                     command->name, command->name);
}

static void written(const struct program_entry *entry, char *out, size_t size) {
    if (entry->letter)
        snprintf(out, size, "-%c", entry->letter);
    else
        snprintf(out, size, "--%s", entry->name);
}

static bool take_system(struct program *program, int id, const char *value) {
    program->system_given[id] = true;
    program->system_value[id] = value;
    return true;
}

static bool take_entry(struct program *program, const struct program_entry *entry,
                       const char *value, struct error *error) {
    switch (entry->group) {
    case GROUP_MODEL:
        return model_recipe_set(&program->model_recipe, entry->name, value, error);
    case GROUP_EQUIVALENCE:
        return options_choose(&program->choices, (enum option_id)entry->id, value, error);
    case GROUP_DATA:
        program->data_option = entry->name;
        if (data_recipe_set(&program->recipe, entry->name, value, error))
            return true;
        error_prefix(error, "--%s", entry->name);
        return false;
    case GROUP_SYSTEM:
        return take_system(program, entry->id, *entry->values ? value : NULL);
    case GROUP_OWN:
    case PROGRAM_GROUPS:
        break;
    }
    program->given[entry->id] = value;
    return true;
}

/* A word that is an option of the command, which a value is not meant to be. */
static bool is_option(const struct program_command *command, const char *word) {
    struct program_entry entry;
    const char *value;
    return word[0] == '-' && word[1] == '-' && word[2] && find_entry(command, word, &entry, &value);
}

/* One option and its value; moves `*at` past both. */
static bool parse_option(struct program *program, int count, char **words, int *at,
                         struct error *error) {
    struct program_entry entry;
    const char *value;
    char name[64];
    if (!find_entry(program->command, words[*at], &entry, &value))
        return refuse_unknown(program->command, words[*at], error);
    written(&entry, name, sizeof name);
    ++*at;
    if (!*entry.values) {
        if (value)
            return error_set(error, ERROR_USAGE, "%s takes no value; leave out \"%.60s\"", name,
                             value);
        return take_entry(program, &entry, "", error);
    }
    if (!value && *at < count && !is_option(program->command, words[*at]))
        value = words[(*at)++];
    if (!value || (entry.group == GROUP_OWN && !*value))
        return error_set(error, ERROR_USAGE, "%s needs a value: %s", name, entry.values);
    return take_entry(program, &entry, value, error);
}

/* How many words a command takes besides its options: least and most. */
static void count_operands(const struct program_command *command, size_t *least, size_t *most) {
    const char *word = command->operand ? command->operand : "";
    bool optional = false;
    *least = *most = 0;
    for (; *word; word += strcspn(word, " "), word += strspn(word, " ")) {
        optional = optional || *word == '[';
        *least += !optional;
        ++*most;
    }
    if (command->operand && strstr(command->operand, "..."))
        *most = PROGRAM_OPERANDS;
}

static bool take_operand(struct program *program, const char *word, struct error *error) {
    const struct program_command *command = program->command;
    size_t least, most;
    count_operands(command, &least, &most);
    if (!command->operand)
        return error_set(error, ERROR_USAGE, "\"%.60s\": %s takes no such word; leave it out", word,
                         command->name);
    if (!*word)
        return error_set(error, ERROR_USAGE, "%s needs %s, not an empty word", command->name,
                         command->operand);
    if (program->operands == most)
        return error_set(error, ERROR_USAGE, "\"%.60s\": %s takes %s%s; leave this out", word,
                         command->name, most == 1 ? "one " : "", command->operand);
    program->operand[program->operands++] = word;
    return true;
}

/* The options of a mask as "--eps, --budget, --loss or --exact". */
static void list_options(uint64_t mask, struct text *out) {
    uint64_t left = mask;
    for (int option = 0; option < PROGRAM_OPTIONS; option++) {
        if (!(left & PROGRAM_BIT(option)) || program_options[option].hidden)
            continue;
        left &= ~PROGRAM_BIT(option);
        bool last = true;
        for (int later = option + 1; later < PROGRAM_OPTIONS; later++)
            last = last && (!(left & PROGRAM_BIT(later)) || program_options[later].hidden);
        text_format(out, "%s--%s",
                    !out->length ? ""
                    : last       ? " or "
                                 : ", ",
                    program_options[option].name);
    }
}

/* How many options of a mask were given; the last two of them. */
static size_t given_of(const struct program *program, uint64_t mask, int *first, int *second) {
    size_t count = 0;
    for (int option = 0; option < PROGRAM_OPTIONS; option++)
        if (mask & PROGRAM_BIT(option) && program->given[option]) {
            *first = *second;
            *second = option;
            count++;
        }
    return count;
}

static bool check_pairs(const struct program *program, uint64_t mask, struct error *error) {
    int first = 0, second = 0;
    if (given_of(program, mask, &first, &second) < 2)
        return true;
    return error_set(error, ERROR_USAGE, "--%s and --%s exclude each other; leave one out",
                     program_options[first].name, program_options[second].name);
}

static bool check_required(const struct program *program, struct error *error) {
    const struct program_command *command = program->command;
    struct program_entry entry;
    for (size_t k = 0; program_entry_at(command, k, &entry); k++) {
        char name[64];
        written(&entry, name, sizeof name);
        if (entry.required && !program->given[entry.id])
            return error_set(error, ERROR_USAGE, "%s needs %s %s", command->name, name,
                             entry.values);
    }
    int first, second = 0;
    if (!command->one_of || given_of(program, command->one_of, &first, &second) > 0)
        return true;
    struct text list = {0};
    list_options(command->one_of, &list);
    error_set(error, ERROR_USAGE, "%s needs one of %s", command->name, list.data ? list.data : "");
    text_free(&list);
    return false;
}

static bool check_all(const struct program *program, struct error *error) {
    const struct program_command *command = program->command;
    size_t least, most;
    count_operands(command, &least, &most);
    if (program->operands < least)
        return error_set(error, ERROR_USAGE, "%s needs %s; \"lumpscope help %s\" says more",
                         command->name, command->operand, command->name);
    for (size_t k = 0; k < PROGRAM_CHOICES; k++)
        if (!check_pairs(program, command->exclusive[k], error))
            return false;
    if (!check_pairs(program, command->one_of, error) || !check_required(program, error) ||
        !data_recipe_check(&program->recipe, error))
        return false;
    if (program->data_option && !program->given[PROGRAM_DATA] &&
        !program->given[PROGRAM_CALIBRATE_ON])
        return error_set(error, ERROR_USAGE, "--%s is about a data file; add --data FILE",
                         program->data_option);
    return true;
}

bool program_parse(struct program *program, int count, char **words, struct error *error) {
    bool options = true;
    for (int at = 0; at < count;) {
        const char *word = words[at];
        bool option = options && word[0] == '-' && word[1];
        if (options && strcmp(word, "--") == 0) {
            options = false;
            at++;
        } else if (option && !parse_option(program, count, words, &at, error)) {
            return false;
        } else if (!option) {
            if (!take_operand(program, word, error))
                return false;
            at++;
        }
    }
    return program->given[PROGRAM_HELP] || check_all(program, error);
}

bool program_number(const struct program *program, enum program_option option, double least,
                    double *value, struct error *error) {
    const char *text = program->given[option];
    if (!text || (text_to_double(text, value) && *value >= least))
        return true;
    return error_set(error, ERROR_USAGE, "--%s %.60s: not a number from %g to 1.8e308",
                     program_options[option].name, text, least);
}

/* A number that is too large for any count is as good as the largest. */
static bool read_size(const char *text, size_t *value) {
    if (text_to_size(text, value))
        return true;
    *value = SIZE_MAX;
    return *text && text[strspn(text, "0123456789")] == '\0';
}

bool program_size(const struct program *program, enum program_option option, size_t least,
                  size_t most, size_t *value, struct error *error) {
    const char *text = program->given[option], *name = program_options[option].name;
    if (!text || (read_size(text, value) && *value >= least && *value <= most))
        return true;
    if (most == SIZE_MAX)
        return error_set(error, ERROR_USAGE, "--%s %.60s: not a whole number of %zu or more", name,
                         text, least);
    return error_set(error, ERROR_USAGE, "--%s %.60s: not a whole number from %zu to %zu", name,
                     text, least, most);
}

bool program_seed(const struct program *program, uint64_t *value, struct error *error) {
    const char *text = program->given[PROGRAM_SEED];
    if (!text || text_to_uint64(text, value))
        return true;
    return error_set(error, ERROR_USAGE, "--seed %.60s: not a whole number from 0 to %" PRIu64,
                     text, UINT64_MAX);
}

bool program_percent(const char *option, const char *text, double *value, struct error *error) {
    if (text_to_percent(text, value) && *value >= 0)
        return true;
    return error_set(error, ERROR_USAGE, "--%s %.60s: not a percentage of 0 or more", option, text);
}

bool program_dtype(const struct program *program, enum tensor_type *type, struct error *error) {
    const char *text = program->given[PROGRAM_DTYPE];
    return !text || tensor_type_parse_float(text, type) ||
           error_set(error, ERROR_USAGE, "--dtype %.60s: not a type of numbers; it takes %s", text,
                     TENSOR_FLOAT_NAMES);
}

bool program_choice(const struct program *program, enum program_option option,
                    const char *const *names, int *value, struct error *error) {
    const char *text = program->given[option];
    for (int k = 0; text && names[k]; k++)
        if (strcmp(names[k], text) == 0) {
            *value = k;
            return true;
        }
    return !text || error_set(error, ERROR_USAGE,
                              "--%s %.60s: not a value of this option; it "
                              "takes %s",
                              program_options[option].name, text, program_options[option].values);
}
