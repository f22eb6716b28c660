/* A monkey at the keyboard: random keys, mouse, pastes and sizes on the real program in a
 * pseudo-terminal.
 *
 *     monkey PROGRAM SECONDS [SEED]
 *
 * Without a seed the clock gives one, which is printed. Whatever was pressed, the program must run
 * on or have been told to quit, answer, and give the terminal back. What it writes goes into a
 * directory of its own: paths that lead out of it are never typed. */
#include "terminal.h"

#include "lumpscope/rng.h"

#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const keys[] = {
    "h",         "l",         "H",        "L",      "0",       "$",       "j",      "k",
    "\t",        "\r",        "\033",     "r",      "g",       "n",       "b",      "f",
    "x",         "v",         "V",        "p",      "s",       "P",       "u",      "U",
    "m",         "'",         "?",        "+",      "-",       ".",       ">",      "<",
    ",",         "E",         "T",        "W",      "M",       " ",       "R",      "c",
    "\033[A",    "\033[B",    "\033[C",   "\033[D", "\033[5~", "\033[6~", "\033[H", "\033[F",
    "\033[3~",   "\033[Z",    "\x0c",     "\x12",   "\x07",    "\x01",    "\x05",   "\x15",
    "\x17",      "\x19",      "\x10",     "\x0e",   "\033b",   "\033d",   "\x7f",   "\033[<0;9",
    "\033[200~", "\033[201~", "\xc3\xa9", "\xff",   "\033O",   "\033[",   ":",      "e",
};

static const char *const lines[] = {
    ":eps 0.1\r",
    ":budget 30%\r",
    ":loss 5%\r",
    ":exact\r",
    ":set norm l2\r",
    ":set relation backward\r",
    ":set linkage average\r",
    ":set refit off\r",
    ":set lock 1\r",
    ":mark here\r",
    ":jump here\r",
    ":sweep 4\r",
    ":cancel\r",
    ":view weights\r",
    ":view trajectories\r",
    ":row 3\r",
    ":find 2\r",
    ":goto 1 3\r",
    ":sort size\r",
    ":zoom in\r",
    ":zoom out\r",
    ":theme mono\r",
    ":theme\r",
    ":tour balance\r",
    ":help set\r",
    ":say hello\r",
    ":export! out.svg\r",
    ":export! out.csv\r",
    ":write! out.json\r",
    ":write! out.onnx F16\r",
    ":record! keys\r",
    ":record off\r",
    ":source keys\r",
    ":open out.json\r",
    ":sample htree-4\r",
    ":bind classes z undo\r",
    ":polish 3\r",
    ":se\t\t\x15",
    ":open \t\t\033",
    "/a\r",
};

struct monkey {
    struct terminal *terminal;
    struct rng rng;
    char directory[96];
};

static size_t below(struct monkey *monkey, size_t limit) {
    return (size_t)(rng_uniform(&monkey->rng) * (double)limit) % limit;
}

/* ---- What it does ---- */

static void use_mouse(struct monkey *monkey) {
    static const int buttons[] = {0, 0, 32, 64, 65, 1, 2};
    int button = buttons[below(monkey, sizeof buttons / sizeof *buttons)];
    terminal_mouse(monkey->terminal, button, below(monkey, 3) > 0, (int)below(monkey, 60),
                   (int)below(monkey, 200));
}

static void resize(struct monkey *monkey) {
    bool tiny = below(monkey, 4) == 0;
    terminal_resize(monkey->terminal, 1 + (int)below(monkey, tiny ? 24 : 70),
                    1 + (int)below(monkey, tiny ? 80 : 220));
}

static void act(struct monkey *monkey) {
    size_t kind = below(monkey, 40);
    if (kind < 4)
        use_mouse(monkey);
    else if (kind == 4)
        resize(monkey);
    else if (kind < 9)
        terminal_send(monkey->terminal, lines[below(monkey, sizeof lines / sizeof *lines)]);
    else if (kind == 9)
        terminal_paste(monkey->terminal, lines[below(monkey, sizeof lines / sizeof *lines)]);
    else
        terminal_send(monkey->terminal, keys[below(monkey, sizeof keys / sizeof *keys)]);
    terminal_read(monkey->terminal, below(monkey, 8) ? 0 : 20);
}

/* ---- Begin and end ---- */

static int remove_found(const char *path, const struct stat *status, int type, struct FTW *where) {
    (void)status, (void)type, (void)where;
    return remove(path);
}

static void start(struct monkey *monkey, const char *program) {
    static const char *const words[] = {NULL};
    monkey->terminal = terminal_start(40, 120, program, words, NULL);
    terminal_expect(monkey->terminal, "7-64-4-64-7");
}

/* Out of whatever is open, on a screen that shows it: the program still answers. */
static void leave(struct monkey *monkey) {
    terminal_resize(monkey->terminal, 40, 120);
    terminal_settle(monkey->terminal);
    terminal_signal(monkey->terminal, SIGTERM);
    assert_int_equal(terminal_exit(monkey->terminal), 128 + SIGTERM);
    terminal_expect_restored(monkey->terminal);
    terminal_free(monkey->terminal);
    monkey->terminal = NULL;
}

static void enter_directory(struct monkey *monkey) {
    const char *below = getenv("TMPDIR");
    snprintf(monkey->directory, sizeof monkey->directory, "%.40s/lumpscope-monkey-XXXXXX",
             below ? below : "/tmp");
    assert_non_null(mkdtemp(monkey->directory));
    assert_int_equal(chdir(monkey->directory), 0);
    static const char *const homes[] = {"HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME",
                                        "XDG_DATA_HOME"};
    for (size_t i = 0; i < sizeof homes / sizeof *homes; i++)
        setenv(homes[i], monkey->directory, 1);
}

static char **word;

static void the_explorer_survives_a_monkey(void **state) {
    (void)state;
    struct monkey monkey = {0};
    time_t end = time(NULL) + atoi(word[2]);
    unsigned long seed = word[3] ? strtoul(word[3], NULL, 10) : (unsigned long)time(NULL);
    size_t acts = 0;
    enter_directory(&monkey);
    rng_seed(&monkey.rng, seed);
    start(&monkey, word[1]);
    for (; time(NULL) < end; acts++) {
        act(&monkey);
        if (acts % 200 == 199) {
            leave(&monkey);
            start(&monkey, word[1]);
        }
    }
    leave(&monkey);
    printf("monkey: %zu acts, seed %lu\n", acts, seed);
    assert_int_equal(chdir("/"), 0);
    nftw(monkey.directory, remove_found, 8, FTW_DEPTH | FTW_PHYS);
}

int main(int words, char **given) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_explorer_survives_a_monkey)};
    if (words < 3) {
        fprintf(stderr, "usage: monkey PROGRAM SECONDS [SEED]\n");
        return 2;
    }
    word = given;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
