#include "tui/input.h"

#include <stdio.h>
#include <string.h>

static const struct {
    int32_t key;
    const char *name;
} named_keys[] = {
    {INPUT_KEY_LEFT, "Left"},
    {INPUT_KEY_RIGHT, "Right"},
    {INPUT_KEY_UP, "Up"},
    {INPUT_KEY_DOWN, "Down"},
    {INPUT_KEY_HOME, "Home"},
    {INPUT_KEY_END, "End"},
    {INPUT_KEY_PAGE_UP, "PgUp"},
    {INPUT_KEY_PAGE_DOWN, "PgDn"},
    {INPUT_KEY_DELETE, "Del"},
    {INPUT_KEY_BACK_TAB, "S-Tab"},
    {INPUT_KEY_TAB, "Tab"},
    {INPUT_KEY_ENTER, "Enter"},
    {INPUT_KEY_ESCAPE, "Esc"},
    {INPUT_KEY_BACKSPACE, "Backspace"},
    {' ', "Space"},
};
enum { NAMED_KEYS = sizeof named_keys / sizeof *named_keys };

const char *input_key_name(int32_t key, char *out) {
    for (size_t i = 0; i < NAMED_KEYS; i++)
        if (named_keys[i].key == key) {
            snprintf(out, INPUT_NAME_SIZE, "%s", named_keys[i].name);
            return out;
        }
    if (key > 0 && key < 32)
        snprintf(out, INPUT_NAME_SIZE, "C-%c", (char)(key + 96));
    else if (key < 127)
        snprintf(out, INPUT_NAME_SIZE, "%c", (char)key);
    else
        snprintf(out, INPUT_NAME_SIZE, "U+%04X", (unsigned)key);
    return out;
}

int32_t input_key_find(const char *name, size_t length) {
    for (size_t i = 0; i < NAMED_KEYS; i++)
        if (strlen(named_keys[i].name) == length && !strncmp(named_keys[i].name, name, length))
            return named_keys[i].key;
    if (length == 3 && !strncmp(name, "C-", 2))
        return name[2] - 96;
    return length == 1 ? (unsigned char)name[0] : 0;
}
