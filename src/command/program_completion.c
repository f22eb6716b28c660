#include "program_completion.h"

#include "lumpscope/activation.h"
#include "lumpscope/paths.h"

#include <ctype.h>
#include <string.h>

/* What `lumpscope completion` calls the names it tells; NULL: files. */
static const char *const told[COMPLETION_KINDS] = {
    [COMPLETION_LESSON] = "lessons", [COMPLETION_THEME] = "themes"};

static const struct {
    const char *word;
    enum completion_kind kind;
} placeholders[] = {
    {"MODEL", COMPLETION_MODEL}, {"IN", COMPLETION_MODEL},      {"A", COMPLETION_MODEL},
    {"B", COMPLETION_MODEL},     {"FILE", COMPLETION_DATA},     {"SCRIPT", COMPLETION_SCRIPT},
    {"OUT", COMPLETION_FILE},    {"DIR", COMPLETION_DIRECTORY}, {"LESSON", COMPLETION_LESSON},
    {"THEME", COMPLETION_THEME},
};

/* ---- Placeholders ---- */

static bool has_word(const struct text *words, const char *word, size_t length) {
    for (const char *at = words->data; at && *at; at += strspn(at, " ")) {
        size_t here = strcspn(at, " ");
        if (here == length && strncmp(at, word, length) == 0)
            return true;
        at += here;
    }
    return false;
}

static void add_word(struct text *words, const char *word, size_t length) {
    if (has_word(words, word, length))
        return;
    text_append(words, words->length ? " " : "");
    text_append_bytes(words, word, length);
}

static bool is(const char *word, size_t length, const char *name) {
    return strlen(name) == length && strncmp(word, name, length) == 0;
}

/* One word of a placeholder: small ones stand for themselves, capitals for what they name. */
static void take_word(const char *word, size_t length, struct completion_values *values) {
    if (islower((unsigned char)*word)) {
        add_word(&values->words, word, length);
    } else if (is(word, length, "COMMAND")) {
        for (size_t k = 0; k < program_command_count; k++)
            add_word(&values->words, program_commands[k].name, strlen(program_commands[k].name));
    } else if (is(word, length, "ACTIVATION")) {
        completion_values_read(activation_names(), values);
    }
    for (size_t k = 0; k < sizeof placeholders / sizeof *placeholders; k++)
        if (is(word, length, placeholders[k].word))
            values->kind[placeholders[k].kind] = true;
    /* "IN OUT": models go in and come out. */
    if (values->kind[COMPLETION_MODEL])
        values->kind[COMPLETION_FILE] = false;
}

void completion_values_read(const char *placeholder, struct completion_values *values) {
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const char *at = placeholder;
    while (*at) {
        size_t length = strspn(at, letters);
        /* What stands behind a number or name ("last:K", "K/N") is not where the word begins. */
        bool begins = at == placeholder || !strchr(":/=", at[-1]);
        if (length > 0 && begins)
            take_word(at, length, values);
        /* "a,b" is a list; "auto|,|;" has the comma for a value. */
        values->list = values->list || (*at == ',' && at[1] != '|');
        at += length > 0 ? length : 1;
    }
}

void completion_values_free(struct completion_values *values) {
    text_free(&values->words);
}

void completion_append_suffixes(enum completion_kind kind, const char *before, const char *between,
                                struct text *out) {
    static const char *const data[] = {".csv", ".tsv", ".txt", ".data", ".gz", ".npy", ".npz"};
    if (kind == COMPLETION_MODEL)
        for (int format = 0; format < MODEL_FORMATS; format++)
            text_format(out, "%s%s%s", format ? between : "", before,
                        model_format_suffix((enum model_format)format));
    else if (kind == COMPLETION_DATA)
        for (size_t k = 0; k < sizeof data / sizeof *data; k++)
            text_format(out, "%s%s%s", k ? between : "", before, data[k]);
    else if (kind == COMPLETION_SCRIPT)
        text_format(out, "%s.lumpscope", before);
}

const char *completion_names(enum completion_kind kind) {
    return told[kind];
}

void completion_append_quoted(struct text *out, const char *string) {
    text_append(out, "'");
    for (const char *at = string; *at; at++)
        text_format(out, *at == '\'' ? "'\\''" : "%c", *at);
    text_append(out, "'");
}

/* ---- The command ---- */

static bool print_names(enum paths_kind kind, const char *suffix, struct text *out,
                        struct error *error) {
    struct path_list directories;
    if (!paths_list(kind, &directories, error))
        return false;
    char **names = paths_names((const char *const *)directories.items, suffix);
    for (size_t i = 0; names && names[i]; i++)
        text_format(out, "%s\n", names[i]);
    path_list_free(&directories);
    bool listed = names;
    paths_names_free(names);
    return listed || error_memory(error, 0);
}

bool program_run_completion(struct program *program, struct error *error) {
    const char *what = program->operand[0];
    struct text *out = &program->output;
    if (strcmp(what, "bash") == 0)
        completion_bash(out);
    else if (strcmp(what, "zsh") == 0)
        completion_zsh(out);
    else if (strcmp(what, "fish") == 0)
        completion_fish(out);
    else if (strcmp(what, completion_names(COMPLETION_LESSON)) == 0)
        return print_names(PATHS_LESSONS, ".lumpscope", out, error);
    else if (strcmp(what, completion_names(COMPLETION_THEME)) == 0)
        return print_names(PATHS_THEMES, ".json", out, error);
    else
        return error_set(error, ERROR_USAGE, "completion %.60s: there is none; it takes %s", what,
                         program->command->operand);
    return true;
}
