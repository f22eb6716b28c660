#include "explorer_terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct terminal *explorer_start(int rows, int columns, const char *words,
                                const char *const *environment) {
    const char *arguments[16] = {NULL};
    char copy[512], *rest = copy;
    size_t count = 0;
    snprintf(copy, sizeof copy, "%s", words);
    for (char *word; count < 15 && (word = strsep(&rest, " "));)
        if (*word)
            arguments[count++] = word;
    struct terminal *terminal =
        terminal_start(rows, columns, getenv("LUMPSCOPE_FAKE"), arguments, environment);
    terminal_expect(terminal, rows < 24 || columns < 80 ? "needs 80 x 24" : "? help");
    terminal_settle(terminal);
    return terminal;
}

void explorer_keys(struct terminal *terminal, const char *keys) {
    terminal_send(terminal, keys);
    terminal_settle(terminal);
}

void explorer_quit(struct terminal *terminal) {
    terminal_send(terminal, "q");
    assert_int_equal(terminal_exit(terminal), 0);
    terminal_expect_restored(terminal);
    terminal_free(terminal);
}
