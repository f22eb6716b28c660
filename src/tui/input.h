/* What the terminal sends, without curses in it: keys by number and name, and the mouse. */
#ifndef LUMPSCOPE_TUI_INPUT_H
#define LUMPSCOPE_TUI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A key is a Unicode character, a control character (Ctrl-L is 12), or one of these. */
enum {
    INPUT_KEY_NAMED = 0x110000, /* first number past Unicode */
    INPUT_KEY_LEFT = INPUT_KEY_NAMED,
    INPUT_KEY_RIGHT,
    INPUT_KEY_UP,
    INPUT_KEY_DOWN,
    INPUT_KEY_HOME,
    INPUT_KEY_END,
    INPUT_KEY_PAGE_UP,
    INPUT_KEY_PAGE_DOWN,
    INPUT_KEY_DELETE,
    INPUT_KEY_BACK_TAB,
    INPUT_KEY_NAMED_END,
    INPUT_KEY_TAB = 9,
    INPUT_KEY_ENTER = 13,
    INPUT_KEY_ESCAPE = 27,
    INPUT_KEY_BACKSPACE = 127,
};

/* An interrupt is the key that the terminal's settings call so, mostly Ctrl-C. */
enum input_kind { INPUT_NONE, INPUT_KEY, INPUT_MOUSE, INPUT_INTERRUPT };
enum mouse_action { MOUSE_PRESS, MOUSE_DRAG, MOUSE_RELEASE, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

struct input {
    enum input_kind kind;
    int32_t key;
    bool pasted; /* a key that came with pasted text */
    /* An Alt key arrives as Escape with the next key behind it at once. */
    int more_pending;
    enum mouse_action action;
    int row, column; /* of the mouse, from 0 */
};

enum { INPUT_NAME_SIZE = 16 };
/* "h", "Left", "Tab", "C-l"; `out` has INPUT_NAME_SIZE bytes. */
const char *input_key_name(int32_t key, char *out);
/* By name; 0 when there is no such key. `length` bytes of `name` count. A character is its own
 * name, "U+00E9" too; the names of other keys are read whatever their case. */
int32_t input_key_find(const char *name, size_t length);
/* The k-th of the keys that have a name of more than one character, "C-l" aside; NULL past them. */
const char *input_key_listed(size_t index);

#endif
