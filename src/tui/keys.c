#include "tui/keys.h"

#include <string.h>

const struct key_binding key_bindings[] = {
#define KEY(keys, pane, command, help) {keys, PANE_##pane, command, help},
    KEY_TABLE(KEY)
#undef KEY
};
const size_t key_binding_count = sizeof key_bindings / sizeof *key_bindings;

static bool binding_has(const struct key_binding *binding, int32_t key) {
    for (const char *name = binding->keys; *name; name += strspn(name, " ")) {
        size_t length = strcspn(name, " ");
        if (input_key_find(name, length) == key)
            return true;
        name += length;
    }
    return false;
}

static const struct key_binding *find(int32_t key, enum pane pane) {
    for (size_t i = 0; i < key_binding_count; i++)
        if (key_bindings[i].pane == pane && binding_has(&key_bindings[i], key))
            return &key_bindings[i];
    return NULL;
}

const char *keys_command(int32_t key, enum pane pane) {
    const struct key_binding *binding = find(key, pane);
    if (!binding)
        binding = find(key, PANE_ANY);
    return binding ? binding->command : NULL;
}

bool keys_hidden(const struct key_binding *binding, enum pane pane) {
    if (binding->pane != PANE_ANY)
        return false;
    for (const char *name = binding->keys; *name; name += strspn(name, " ")) {
        size_t length = strcspn(name, " ");
        if (!find(input_key_find(name, length), pane))
            return false;
        name += length;
    }
    return true;
}
