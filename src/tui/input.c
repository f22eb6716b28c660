#include "tui/input.h"

#include "tui/columns.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

const char *input_key_listed(size_t index) {
    return index < NAMED_KEYS ? named_keys[index].name : NULL;
}

/* "C-l". */
static int32_t control_key(const char *name, size_t length) {
    bool control = length == 3 && (!strncmp(name, "C-", 2) || !strncmp(name, "c-", 2));
    int letter = control ? tolower((unsigned char)name[2]) : 0;
    if (letter == 'h') /* what terminals send for it is the same */
        return INPUT_KEY_BACKSPACE;
    return letter >= 'a' && letter <= 'z' ? letter - 'a' + 1 : 0;
}

/* A single character as it is, or "U+00E9". */
static int32_t character_key(const char *name, size_t length) {
    wchar_t character;
    char copy[INPUT_NAME_SIZE], *end;
    snprintf(copy, sizeof copy, "%.*s", (int)length, name);
    if (length > 2 && length < sizeof copy && !strncmp(copy, "U+", 2)) {
        unsigned long code = strtoul(copy + 2, &end, 16);
        return *end || code >= INPUT_KEY_NAMED ? 0 : (int32_t)code;
    }
    if (length == 0 || columns_decode(copy, &character) != length)
        return 0;
    return length == 1 || character != L'?' ? (int32_t)character : 0;
}

int32_t input_key_find(const char *name, size_t length) {
    for (size_t i = 0; i < NAMED_KEYS; i++)
        if (strlen(named_keys[i].name) == length && !strncasecmp(named_keys[i].name, name, length))
            return named_keys[i].key;
    int32_t control = control_key(name, length);
    return control ? control : character_key(name, length);
}
