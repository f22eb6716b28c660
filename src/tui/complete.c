#include "tui/complete.h"

#include "lumpscope/command.h"
#include "lumpscope/dataset.h"
#include "lumpscope/memory.h"
#include "lumpscope/model_file.h"
#include "lumpscope/paths.h"
#include "lumpscope/text.h"
#include "tui/keys.h"
#include "tui/theme.h"
#include "tui/ui.h"

#include <stdio.h>
#include <string.h>

#include <readline/readline.h>

/* The words that fit, in the order in which they are shown. */
struct candidates {
    const struct prompt_choices *choices;
    const char *begins; /* what is typed of the word */
    char **items;       /* [count] owned; handed over one by one */
    size_t count, capacity, given;
};

/* The words before the one that is completed. */
struct before {
    size_t count;
    const char *const *word;
};

static void add(struct candidates *list, const char *word) {
    if (strncmp(word, list->begins, strlen(list->begins)) != 0 ||
        !memory_reserve(&list->items, &list->capacity, list->count + 1, sizeof *list->items, NULL))
        return;
    char *copy = strdup(word);
    if (copy)
        list->items[list->count++] = copy;
}

/* ---- What there is ---- */

static void add_commands(struct candidates *list) {
    for (size_t i = 0; i < explorer_command_count; i++)
        if (explorer_commands[i].listed)
            add(list, explorer_commands[i].name);
}

static void add_options(struct candidates *list) {
    for (size_t i = 0; i < OPTION_COUNT; i++)
        add(list, option_descriptions[i].name);
}

static void add_numbers(struct candidates *list, size_t first, size_t count) {
    char number[24];
    for (size_t i = 0; i < count; i++) {
        snprintf(number, sizeof number, "%zu", first + i);
        add(list, number);
    }
}

static void add_layers(struct candidates *list) {
    add_numbers(list, 1, list->choices->snapshot->hidden);
}

static void add_classes(struct candidates *list) {
    const struct snapshot *snapshot = list->choices->snapshot;
    size_t layer = list->choices->layer;
    if (snapshot->analysed && layer > 0 && layer <= snapshot->hidden)
        add_numbers(list, 0, snapshot->partition.layer[layer - 1].count);
}

/* What there is to report; behind it the layers. */
static void add_report(struct candidates *list, size_t words) {
    if (words > 2) {
        add_layers(list);
        add(list, command_all_layers);
        return;
    }
    for (int kind = 0; kind < REPORT_KINDS; kind++)
        add(list, report_kind_name((enum report_kind)kind));
}

static void add_values(struct candidates *list, enum option_id option) {
    char value[32];
    for (size_t i = 0; command_option_value(option, i, value); i++)
        add(list, value);
    if (option == OPTION_LOCK)
        add_layers(list);
}

/* Of "[N|up|f32]" these are up and f32. */
static void add_argument_words(struct candidates *list, const char *arguments) {
    char word[32];
    for (size_t length; *arguments; arguments += length > 0 ? length : 1) {
        length = strspn(arguments, "abcdefghijklmnopqrstuvwxyz0123456789_");
        snprintf(word, sizeof word, "%.*s", (int)length, arguments);
        if (length > 0)
            add(list, word);
    }
}

static void add_files(struct candidates *list) {
    char *name;
    for (int again = 0; (name = rl_filename_completion_function(list->begins, again)); again = 1) {
        add(list, name);
        free(name);
    }
}

/* Behind the model stand data or an option, behind an option its value. With nothing typed of the
 * word both are shown; else files are left to readline, which quotes them, unless an option fits.
 */
static void add_model_options(struct candidates *list, struct before words) {
    const char *last = words.word[words.count - 1];
    enum model_option option = words.count > 2 ? model_option_find(last) : MODEL_OPTION_COUNT;
    if (option == MODEL_OPTION_ACTIVATION)
        add_argument_words(list, activation_names());
    if (option == MODEL_OPTION_TASK)
        add_argument_words(list, model_option_descriptions[option].values);
    for (int i = 0; option == MODEL_OPTION_COUNT && i < MODEL_OPTION_COUNT; i++)
        add(list, model_option_descriptions[i].name);
    if (words.count == 2 && !*list->begins)
        add_files(list);
}

/* Behind the file every second word is an option's value. */
static void add_data_options(struct candidates *list, struct before words) {
    const char *last = words.word[words.count - 1];
    enum data_option option = words.count % 2 ? data_option_find(last) : DATA_OPTION_COUNT;
    if (option != DATA_OPTION_COUNT)
        add_argument_words(list, data_option_descriptions[option].values);
    for (int i = 0; words.count % 2 == 0 && i < DATA_OPTION_COUNT; i++)
        add(list, data_option_descriptions[i].name);
}

static void add_names(struct candidates *list, char **names) {
    for (size_t i = 0; names && names[i]; i++)
        add(list, names[i]);
    paths_names_free(names);
}

static void add_files_of(struct candidates *list, enum paths_kind kind, const char *suffix) {
    struct path_list directories;
    if (!paths_list(kind, &directories, NULL))
        return;
    add_names(list, paths_names((const char *const *)directories.items, suffix));
    path_list_free(&directories);
}

static void add_marks(struct candidates *list) {
    const struct snapshot *snapshot = list->choices->snapshot;
    for (size_t i = 0; i < snapshot->mark_count; i++)
        add(list, snapshot->marks[i].name);
}

/* Names with quotes and backslashes would need more of them. */
static void add_ends(struct candidates *list, const struct scaling *ends, const char *kind) {
    char name[128];
    for (size_t i = 0; i < ends->count; i++) {
        scaling_name(ends, kind, i, name, sizeof name);
        if (!strpbrk(name, "\"'\\"))
            add(list, name);
    }
}

static void add_inputs_and_outputs(struct candidates *list) {
    const struct network *network = list->choices->snapshot->network;
    if (!network)
        return;
    add_ends(list, &network->input, "input");
    add_ends(list, &network->output, "output");
}

static void add_panes(struct candidates *list) {
    for (int i = 0; i < PANE_COUNT; i++)
        add(list, pane_names[i]);
}

static void add_topics(struct candidates *list) {
    for (size_t i = 0; help_page(i); i++)
        add(list, help_page(i));
    add_commands(list);
    add_options(list);
    add_panes(list);
    for (int i = 0; i < MIDDLE_COUNT; i++)
        /* "classes" is a pane, "weights" a command. */
        if (keymap_place(middle_names[i]) == PANE_ANY && !command_find(middle_names[i], NULL))
            add(list, middle_names[i]);
}

static void add_keys(struct candidates *list) {
    for (size_t i = 0; input_key_listed(i); i++)
        add(list, input_key_listed(i));
}

/* ---- Which of it ---- */

static bool collect(struct candidates *list, struct before words);

/* "bind [PANE] KEY COMMAND...": behind the key stands a line of its own. */
static bool collect_bind(struct candidates *list, const struct explorer_command *command,
                         struct before words) {
    bool placed = words.count > 1 && keymap_place(words.word[1]) != PANE_ANY;
    size_t key = placed ? 2 : 1;
    if (words.count > key)
        return command->most < 3 ||
               collect(list, (struct before){words.count - key - 1, words.word + key + 1});
    if (words.count == 1) {
        add_panes(list);
        add(list, keymap_place_name(PANE_OVERLAY));
    }
    add_keys(list);
    return true;
}

/* False for the names of files. */
static bool collect_arguments(struct candidates *list, const struct explorer_command *command,
                              struct before words) {
    switch (command->completion) {
    case COMPLETE_OPTION:
        if (words.count == 1)
            add_options(list);
        else if (option_find(words.word[1]) != OPTION_COUNT)
            add_values(list, option_find(words.word[1]));
        break;
    case COMPLETE_THEME:
        add_names(list, theme_names(list->choices->theme_directories));
        break;
    case COMPLETE_PANE:
        add_panes(list);
        add_argument_words(list, command->arguments);
        break;
    case COMPLETE_COMMAND:
        add_commands(list);
        break;
    case COMPLETE_NAME:
        add_inputs_and_outputs(list);
        break;
    case COMPLETE_TOPIC:
        add_topics(list);
        break;
    case COMPLETE_LAYER:
        add_layers(list);
        add_argument_words(list, command->arguments);
        break;
    case COMPLETE_CLASS:
        add_classes(list);
        add_argument_words(list, command->arguments);
        break;
    case COMPLETE_WORD:
        add_argument_words(list, command->arguments);
        break;
    case COMPLETE_MARK:
        add_marks(list);
        break;
    case COMPLETE_BIND:
        return collect_bind(list, command, words);
    case COMPLETE_SAMPLE:
        add_files_of(list, PATHS_SAMPLES, ".json");
        break;
    case COMPLETE_LESSON:
        add_files_of(list, PATHS_LESSONS, "");
        break;
    case COMPLETE_REPORT:
        if (words.count == 1)
            return false;
        add_report(list, words.count);
        break;
    case COMPLETE_FILE:
        return false;
    case COMPLETE_WRITE:
        if (words.count > 1)
            add_argument_words(list, TENSOR_FLOAT_NAMES);
        return words.count > 1;
    case COMPLETE_MODEL:
        if (words.count > 1)
            add_model_options(list, words);
        return words.count > 2; /* where data could stand, too */
    case COMPLETE_DATA:
        if (words.count > 1)
            add_data_options(list, words);
        return words.count > 1;
    case COMPLETE_NOTHING:
        break;
    }
    return true;
}

static bool collect(struct candidates *list, struct before words) {
    if (words.count == 0) {
        add_commands(list);
        return true;
    }
    const struct explorer_command *command = command_find(words.word[0], NULL);
    if (!command || words.count > command->most)
        return true;
    return collect_arguments(list, command, words);
}

/* ---- Readline's side ---- */

/* Readline's generators are given no user pointer. */
static struct candidates *the_candidates;

static char *next_candidate(const char *text, int again) {
    struct candidates *list = the_candidates;
    (void)text, (void)again;
    return list->given < list->count ? list->items[list->given++] : NULL;
}

/* Readline completes the names of files by itself. */
static void leave_to_readline(void) {
    rl_attempted_completion_over = 0;
    rl_sort_completion_matches = 1;
}

static bool words_before(int start, struct command_words *words) {
    char *before = strndup(rl_line_buffer, (size_t)start);
    bool ok = before && command_split(before, words, NULL);
    free(before);
    return ok;
}

char **complete_word(const struct prompt_choices *choices, const char *text, int start) {
    struct command_words words;
    struct candidates list = {.choices = choices, .begins = text};
    char **matches = NULL;
    rl_attempted_completion_over = 1;
    rl_sort_completion_matches = 0;     /* numbers and values stand in their own order */
    if (!words_before(start, &words)) { /* inside quotes: a file name */
        leave_to_readline();
        return NULL;
    }
    if (!collect(&list, (struct before){words.count, words.word}))
        leave_to_readline();
    command_words_free(&words);
    the_candidates = &list;
    if (list.count > 0)
        matches = rl_completion_matches(text, next_candidate);
    the_candidates = NULL;
    free(list.items);
    return matches;
}

char *complete_quote(char *name, int kind, char *quote) {
    (void)kind;
    struct text text = {0};
    bool single = *quote == '\'' && !strchr(name, '\'');
    if (!single)
        *quote = '"';
    text_append(&text, single ? "'" : "\"");
    for (const char *c = name; *c; c++)
        text_format(&text, "%s%c", !single && (*c == '"' || *c == '\\') ? "\\" : "", *c);
    return text.data;
}
