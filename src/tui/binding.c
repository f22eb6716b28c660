#include "tui/binding.h"

#include "lumpscope/command.h"
#include "tui/actions.h"
#include "tui/keys.h"

#include <string.h>

static bool refuse_key(const char *name, struct error *error) {
    struct text names = {0};
    for (size_t i = 0; input_key_listed(i); i++)
        text_format(&names, "%s%s", i ? ", " : "", input_key_listed(i));
    error_set(error, ERROR_USAGE,
              "there is no key \"%s\": a key is one character, C-a to C-z, or one of %s", name,
              names.data ? names.data : "the names in help");
    text_free(&names);
    return false;
}

/* Interrupt, stop, and stopping and starting the output never reach the program as keys. */
static bool is_the_terminal_s(int32_t key) {
    static const char letters[] = "cqsz";
    return key > 0 && key < 32 && strchr(letters, (int)key + 'a' - 1) != NULL;
}

static bool refuse_place(const char *name, struct error *error) {
    struct text names = {0};
    for (int i = 0; i < PANE_COUNT; i++)
        text_format(&names, "%s, ", pane_names[i]);
    error_set(error, ERROR_USAGE, "there is no pane \"%s\": %soverlay", name,
              names.data ? names.data : "");
    text_free(&names);
    return false;
}

/* Reads "[PANE] KEY"; `*used` words. */
static bool read_place(size_t count, const char *const *words, enum pane *pane, int32_t *key,
                       size_t *used, struct error *error) {
    *pane = keymap_place(words[0]);
    *used = *pane == PANE_ANY ? 1 : 2;
    if (*used > count)
        return error_set(error, ERROR_USAGE, "say which key of the pane %s", words[0]);
    const char *name = words[*used - 1];
    *key = input_key_find(name, strlen(name));
    if (is_the_terminal_s(*key))
        return error_set(error, ERROR_USAGE, "the terminal keeps the key %s for itself", name);
    return *key != 0 || refuse_key(name, error);
}

/* A word that is neither pane nor key, with a key behind it, was meant as a pane. */
static bool pane_was_meant(size_t count, const char *const *words) {
    return count > 2 && strlen(words[0]) > 1 && !input_key_find(words[0], strlen(words[0])) &&
           input_key_find(words[1], strlen(words[1]));
}

/* "y: lock; layers, classes have it do something else". */
static void say_bound(struct ui *ui, enum pane pane, int32_t key, const char *name,
                      const char *line) {
    struct text own = {0};
    for (int i = 0; pane == PANE_ANY && i < PANE_COUNT; i++)
        if (keymap_own_command(&ui->keymap, key, (enum pane)i))
            text_format(&own, "%s%s", own.length ? ", " : "", pane_names[i]);
    actions_format(ui, "%s%s%s: %s%s%s", name, pane == PANE_ANY ? "" : " in ",
                   keymap_place_name(pane), line, own.length ? "; it means something else in " : "",
                   own.data ? own.data : "");
    text_free(&own);
}

bool binding_add(void *user, size_t count, const char *const *words, struct error *error) {
    struct ui *ui = user;
    enum pane pane;
    int32_t key = 0;
    size_t used;
    if (keymap_place(words[0]) == PANE_ANY && pane_was_meant(count, words))
        return refuse_place(words[0], error);
    if (!read_place(count, words, &pane, &key, &used, error))
        return false;
    if (used == count)
        return error_set(error, ERROR_USAGE, "say which command the key %s gives", words[used - 1]);
    struct text line = {0};
    command_join(count - used, words + used, &line);
    bool done = line.data ? command_check(line.data, error) &&
                                keymap_bind(&ui->keymap, key, pane, line.data, error)
                          : error_memory(error, 1);
    if (done)
        say_bound(ui, pane, key, words[used - 1], line.data);
    text_free(&line);
    return done;
}

bool binding_remove(void *user, size_t count, const char *const *words, struct error *error) {
    struct ui *ui = user;
    enum pane pane;
    int32_t key = 0;
    size_t used;
    if (!read_place(count, words, &pane, &key, &used, error))
        return false;
    if (used < count)
        return refuse_place(words[0], error);
    if (!keymap_unbind(&ui->keymap, key, pane, error))
        return false;
    actions_format(ui, "%s does nothing%s%s now", words[used - 1], pane == PANE_ANY ? "" : " in ",
                   keymap_place_name(pane));
    return true;
}
