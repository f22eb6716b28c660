#include "tui/keys.h"

#include "lumpscope/command.h"
#include "lumpscope/memory.h"

#include <string.h>

const struct key_binding key_bindings[] = {
#define KEY(keys, pane, command, help) {keys, PANE_##pane, command, help},
    KEY_TABLE(KEY)
#undef KEY
};
const size_t key_binding_count = sizeof key_bindings / sizeof *key_bindings;

/* ---- The table ---- */

static bool bind_all(struct keymap *map, const struct key_binding *binding, struct error *error) {
    bool bound = true;
    for (const char *name = binding->keys; bound && *name; name += strspn(name, " ")) {
        size_t length = strcspn(name, " ");
        bound =
            keymap_bind(map, input_key_find(name, length), binding->pane, binding->command, error);
        name += length;
    }
    return bound;
}

bool keymap_init(struct keymap *map, struct error *error) {
    *map = (struct keymap){0};
    bool made = true;
    for (size_t i = 0; made && i < key_binding_count; i++)
        made = bind_all(map, &key_bindings[i], error);
    if (!made)
        keymap_free(map);
    return made;
}

void keymap_free(struct keymap *map) {
    for (size_t i = 0; i < map->count; i++)
        free(map->items[i].command);
    free(map->items);
    *map = (struct keymap){0};
}

static struct key_entry *find(const struct keymap *map, int32_t key, enum pane pane) {
    for (size_t i = 0; i < map->count; i++)
        if (map->items[i].pane == pane && map->items[i].key == key)
            return &map->items[i];
    return NULL;
}

const char *keymap_own_command(const struct keymap *map, int32_t key, enum pane pane) {
    const struct key_entry *entry = find(map, key, pane);
    return entry ? entry->command : NULL;
}

const char *keymap_command(const struct keymap *map, int32_t key, enum pane pane) {
    const char *command = keymap_own_command(map, key, pane);
    return command ? command : keymap_own_command(map, key, PANE_ANY);
}

bool keymap_bind(struct keymap *map, int32_t key, enum pane pane, const char *command,
                 struct error *error) {
    char *copy = memory_string(command, error);
    struct key_entry *entry = find(map, key, pane);
    if (!copy || (!entry && !memory_reserve(&map->items, &map->capacity, map->count + 1,
                                            sizeof *map->items, error))) {
        free(copy);
        return false;
    }
    if (entry)
        free(entry->command);
    else
        entry = &map->items[map->count++];
    *entry = (struct key_entry){key, pane, copy};
    return true;
}

bool keymap_unbind(struct keymap *map, int32_t key, enum pane pane, struct error *error) {
    char name[INPUT_NAME_SIZE];
    struct key_entry *entry = find(map, key, pane);
    if (!entry)
        return error_set(error, ERROR_USAGE, "the key %s is not bound%s%s",
                         input_key_name(key, name),
                         pane == PANE_ANY ? "; in a pane of its own say the pane too" : " in ",
                         keymap_place_name(pane));
    free(entry->command);
    size_t at = (size_t)(entry - map->items);
    memmove(entry, entry + 1, (--map->count - at) * sizeof *entry);
    return true;
}

/* ---- For help ---- */

static bool gives_the_same(const struct key_entry *a, const struct key_entry *b) {
    return a->pane == b->pane && !strcmp(a->command, b->command);
}

void keymap_names(const struct keymap *map, size_t index, enum pane pane, struct text *out) {
    char name[INPUT_NAME_SIZE];
    const struct key_entry *entry = &map->items[index];
    text_clear(out);
    for (size_t i = 0; i < index; i++)
        if (gives_the_same(&map->items[i], entry))
            return;
    for (size_t i = index; i < map->count; i++) {
        const struct key_entry *other = &map->items[i];
        bool hidden = other->pane == PANE_ANY && find(map, other->key, pane);
        if (gives_the_same(other, entry) && (pane == PANE_ANY || !hidden))
            text_format(out, "%s%s", out->length ? " " : "", input_key_name(other->key, name));
    }
}

int32_t keymap_key(const struct keymap *map, const char *command, enum pane pane) {
    for (size_t i = 0; i < map->count; i++) {
        const struct key_entry *entry = &map->items[i];
        bool works =
            entry->pane == pane || (entry->pane == PANE_ANY && !find(map, entry->key, pane));
        if (works && !strcmp(entry->command, command))
            return entry->key;
    }
    return 0;
}

const char *keymap_help(const char *command, enum pane pane) {
    const char *help = NULL;
    for (size_t i = 0; i < key_binding_count; i++) {
        const struct key_binding *binding = &key_bindings[i];
        if (!strcmp(binding->command, command) && (!help || binding->pane == pane))
            help = binding->help;
    }
    return help ? help : command;
}

/* ---- Places ---- */

const char *keymap_place_name(enum pane pane) {
    return pane < PANE_COUNT ? pane_names[pane] : pane == PANE_OVERLAY ? "overlay" : "";
}

enum pane keymap_place(const char *name) {
    for (int i = 0; i < PANE_COUNT; i++)
        if (!strcmp(name, pane_names[i]))
            return (enum pane)i;
    return strcmp(name, "overlay") ? PANE_ANY : PANE_OVERLAY;
}
