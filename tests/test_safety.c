/* Files from strangers: no name in them reaches a terminal as anything but visible characters, and
 * none is ever read by a shell. */
#include "program_support.h"
#include "terminal.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A title and a colour for the terminal, a C1 control, marks that turn the direction and that take
 * no room, what a shell would run. JSON has an escape for ESC; CSV has not. */
#define QUIET                                                                                      \
    "\xc2\x9b"                                                                                     \
    "31;7777m\xe2\x80\xae\xe2\x80\x8b\xef\xbb\xbf`touch owned`$(touch owned)"
#define EVIL "\\u001b]0;OWNED\\u0007\\u001b[31;7777m" QUIET

#define LAYERS                                                                                     \
    "\"layers\":[{\"name\":\"" EVIL                                                                \
    "\",\"activation\":\"square\",\"weights\":[[1,2],[1,2],[0.5,-1],"                              \
    "[0.1,0.2]],\"bias\":[0,0,1,0]},{\"activation\":\"linear\",\"weights\":[[1,1,0.5,0.3],"        \
    "[0.2,-1,1,0.4]],\"bias\":[0,1]}]}"
#define HEAD                                                                                       \
    "{\"format\":\"lumpscope-network\",\"version\":1,\"name\":\"" EVIL                             \
    "\",\"task\":\"classification\","

static const char evil_model[] =
    HEAD "\"" EVIL "\":\"" EVIL "\",\"input\":{\"names\":[\"" EVIL "a\",\"" EVIL
         "b\"]},\"output\":{\"names\":[\"" EVIL "c\",\"" EVIL "d\"]}," LAYERS;
/* Whatever the columns of the data are called. */
static const char nameless_model[] = HEAD LAYERS;

/* ---- What must not be there ---- */

/* The character that must not be shown and `text` begins with; NULL: none. */
static const char *hidden(const char *text) {
    static const char *const marks[] = {"\xe2\x80\xae", "\xe2\x80\x8b", "\xef\xbb\xbf"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strncmp(text, marks[i], strlen(marks[i])) == 0)
            return marks[i];
    bool c1 = text[0] == '\xc2' && (unsigned char)text[1] >= 0x80 && (unsigned char)text[1] < 0xa0;
    return c1 ? "a C1 control" : NULL;
}

static void expect_visible(const char *text, const char *where) {
    for (const char *c = text; *c; c++)
        if (hidden(c) || ((unsigned char)*c < 0x20 && *c != '\n' && *c != '\t') || *c == 0x7f)
            fail_msg("%s: byte %02x in: %s", where, (unsigned char)*c, text);
}

/* The terminal may get escape sequences, but not those of the files. */
static void expect_screen_safe(const struct terminal *terminal, const char *where) {
    static const char *const sequences[] = {"\033]0;OWNED", "\033[31;7777m", "\033]"};
    const char *written = terminal_written(terminal);
    size_t size = terminal_bytes(terminal);
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        if (memmem(written, size, sequences[i], strlen(sequences[i])))
            fail_msg("%s: the terminal got sequence %zu", where, i);
    for (size_t i = 0; i + 3 < size; i++)
        if (hidden(written + i))
            fail_msg("%s: the terminal got a hidden character", where);
}

static void expect_no_shell(void) {
    assert_int_not_equal(access("owned", F_OK), 0);
    assert_int_not_equal(access("../owned", F_OK), 0);
}

/* ---- Files ---- */

static int set_up(void **state) {
    if (enter_directory(state) != 0 || setenv("XDG_STATE_HOME", *state, 1) != 0 ||
        setenv("XDG_DATA_HOME", *state, 1) != 0 || setenv("XDG_CONFIG_HOME", *state, 1) != 0)
        return -1;
    write_file("evil.json", evil_model);
    write_file("nameless.json", nameless_model);
    FILE *data = fopen("evil.csv", "w");
    if (!data)
        return -1;
    (void)fprintf(data, "%sa,%sb,%sy\n", QUIET, QUIET, QUIET);
    for (int i = 0; i < 400; i++) /* what begins with ESC is taken for no text */
        (void)fprintf(data, "%d,%d,%s\n", i % 7, i % 11,
                      i < 100 || i % 2 ? QUIET "odd" : "\033[31;7777m" QUIET "even");
    return fclose(data);
}

/* A copy of a file of tests/ in which `name` has become `evil`, of the same length. */
static void write_patched(const char *source, const char *name, const char *evil,
                          const char *path) {
    char from[4096], bytes[1 << 16];
    size_t length = strlen(name), found = 0;
    (void)snprintf(from, sizeof from, "%s/%s", getenv("LUMPSCOPE_TESTS"), source);
    FILE *file = fopen(from, "r");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    assert_true(size > 0 && size < sizeof bytes && strlen(evil) == length);
    for (size_t i = 0; i + length <= size; i++)
        if (memcmp(bytes + i, name, length) == 0) {
            memcpy(bytes + i, evil, length);
            found++;
        }
    assert_true(found > 0);
    assert_non_null(file = fopen(path, "w"));
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    (void)fclose(file);
}

static void run_clean(const char *line, int most) {
    struct run run = run_program(line);
    if (run.status < 0 || run.status > most)
        fail_msg("%s: status %d, %s", line, run.status, run.err);
    expect_visible(run.out, line);
    expect_visible(run.err, line);
    run_free(&run);
    expect_no_shell();
}

/* ---- Tests ---- */

/* Every command on the model, in a file whose own name is as bad as what is in it. */
static void run_commands(const char *model, const char *format, int most) {
    static const struct {
        const char *command, *rest;
    } lines[] = {
        {"info", ""},
        {"info", " --json"},
        {"partition", " --eps 0.5"},
        {"partition", " --eps 0.5 --json"},
        {"evaluate", " --data evil.csv --target last"},
        {"evaluate", " --data evil.csv --target last --json"},
        {"predict", " --data evil.csv --target last"},
        {"predict", " --data evil.csv --target last --json"},
        {"sweep", " --data evil.csv --target last --grp 50"},
        {"diff", " nameless.json"},
        {"diff", " nameless.json --data evil.csv --target last --json"},
        {"compress", " --eps 0.5 -o small.json"},
        {"export", " --eps 0.5 -o report.md"},
        {"export", " --data evil.csv --target last --eps 0.5 -o report.csv"},
        {"encode", " -o evil.ode"},
    };
    char path[256], line[1024];
    (void)snprintf(path, sizeof path, "e\033[31;7777m\xc2\x9b`touch owned`.%s", format);
    (void)snprintf(line, sizeof line, "convert %s '%s'", model, path);
    run_clean(line, 0);
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
        (void)snprintf(line, sizeof line, "%s '%s'%s", lines[k].command, path, lines[k].rest);
        run_clean(line, most);
    }
}

static void commands_show_names_as_visible_characters(void **state) {
    (void)state;
    static const char *const formats[] = {"json", "safetensors", "onnx", "npz"};
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
        run_commands("nameless.json", formats[f], 0);
        run_commands("evil.json", formats[f], 1); /* its names are not those of the data */
    }
    char *report = read_file("report.md");
    assert_non_null(report);
    expect_visible(report, "report.md");
    free(report);
}

static void refusals_show_names_as_visible_characters(void **state) {
    (void)state;
    static const struct {
        const char *source, *name, *evil;
    } patches[] = {{"onnx/bad_operator.onnx", "u_node", "\033[31mZ"},
                   {"onnx/bad_operator.onnx", "conv1", "\xe2\x80\xaeZZ"},
                   {"onnx/bad_operator.onnx", "Conv", "\033[1m"},
                   {"onnx/bad_operator.onnx", "maker", "\033]0;Z"},
                   {"onnx/torch.onnx", "1.weight", "\033[31;77m"},
                   {"onnx/external.onnx", "weights.bin", "\033[31mts.bin"},
                   {"models/mlp_f32.safetensors", ".weight",
                    "\xc2\x9b"
                    "31mZZ"}};
    for (size_t i = 0; i < sizeof patches / sizeof *patches; i++) {
        char path[64], line[128];
        const char *suffix = strrchr(patches[i].source, '.');
        (void)snprintf(path, sizeof path, "bad%s", suffix);
        write_patched(patches[i].source, patches[i].name, patches[i].evil, path);
        (void)snprintf(line, sizeof line, "info %s", path);
        run_clean(line, 1);
        (void)snprintf(line, sizeof line, "partition %s --eps 1", path);
        run_clean(line, 1);
    }
    write_file("bad.json", "{\"format\":\"" EVIL "\"}");
    run_clean("info bad.json", 1);
    write_file("bad.csv", QUIET "a," QUIET "b\n1,x" QUIET "\n2,3,4\n");
    run_clean("train --data bad.csv --target " QUIET " -o x.json", 2);
    run_clean("train --data evil.csv --target nobody -o x.json", 2);
    run_clean(QUIET, 2);
    write_file("bad.script", "say " QUIET "\nnothing" QUIET "\n");
    run_clean("run bad.script", 2);
}

/* What JSON cannot show is still there, as an escape. */
static void json_keeps_names_behind_escapes(void **state) {
    (void)state;
    char *text = run_good("info evil.json --json");
    expect_visible(text, "info --json");
    cJSON *document = cJSON_Parse(text);
    assert_non_null(document);
    const char *name = json_string(document, "name");
    assert_non_null(strstr(name, "\033]0;OWNED\a\033[31;7777m\xc2\x9b"
                                 "31;7777m\xe2\x80\xae"));
    cJSON_Delete(document);
    free(text);
}

static void see(struct terminal *terminal, const char *keys) {
    terminal_send(terminal, keys);
    terminal_settle(terminal);
}

/* Every pane, every view of the middle, the search, the help, an error, an export. */
static void explore(const char *const *words, bool ascii) {
    static const char *const keys[] = {"\t",
                                       "\t",
                                       "\t",
                                       "\t",
                                       "l",
                                       "D",
                                       "E",
                                       "W",
                                       "T",
                                       "\033",
                                       ":find a\r",
                                       "?",
                                       "\033",
                                       "p",
                                       "\033",
                                       "s",
                                       ":open none" QUIET "\r",
                                       ":write x" QUIET ".json\r",
                                       ":info\r",
                                       ":mark " QUIET "\r",
                                       ":theme " QUIET "\r",
                                       ":layer 1\r",
                                       ":view classes\r",
                                       ":view dendrogram\r",
                                       ":view equations\r",
                                       ":view weights\r",
                                       ":view trajectories\r",
                                       ":open e\t",
                                       "\033",
                                       ":theme \t",
                                       "\033"};
    struct terminal *terminal =
        terminal_start(ascii ? 24 : 50, ascii ? 80 : 160, getenv("LUMPSCOPE_PROGRAM"), words, NULL);
    terminal_expect(terminal, "lumpscope  ?]0;OWNED?");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        see(terminal, keys[i]);
    expect_screen_safe(terminal, words[0]);
    see(terminal, "\033\033");
    terminal_send(terminal, ":quit\r");
    (void)terminal_exit(terminal);
    expect_screen_safe(terminal, words[0]);
    terminal_free(terminal);
    expect_no_shell();
}

static void explorer_shows_names_as_visible_characters(void **state) {
    (void)state;
    static const char *const model[] = {"nameless.json", "--data", "evil.csv",
                                        "--target",      "last",   NULL},
                             *const ascii[] = {"--ascii", "--eps", "0.5", "evil.json", NULL};
    explore(model, false);
    explore(ascii, true);
}

/* Sessions, themes, lessons and settings may have come with a home directory. */
static void state_files_are_shown_as_visible_characters(void **state) {
    char path[512];
    static const char *const directories[] = {"lumpscope", "lumpscope/themes", "lumpscope/lessons"};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", (char *)*state, directories[i]);
        assert_true(mkdir(path, 0700) == 0 || access(path, W_OK) == 0);
    }
    (void)snprintf(path, sizeof path, "%s/lumpscope/themes/a\033[31;7777m.json", (char *)*state);
    write_file(path, "{\"roles\":{\"" EVIL "\":{\"fg\":\"" EVIL "\"}}}");
    (void)snprintf(path, sizeof path, "%s/lumpscope/lessons/evil", (char *)*state);
    write_file(path,
               "# title: \033]0;OWNED\a" QUIET "\n# minutes: 1\nsay \033[31;7777m" QUIET "\n");
    (void)snprintf(path, sizeof path, "%s/lumpscope/config", (char *)*state);
    write_file(path, "nothing \033[31;7777m" QUIET "\n");
    static const char *const words[] = {"evil.json", NULL}, *const none[] = {NULL};
    explore(words, false);
    struct terminal *terminal = terminal_start(40, 120, getenv("LUMPSCOPE_PROGRAM"), none, NULL);
    terminal_settle(terminal);
    static const char *const keys[] = {
        "?", "\033", ":theme\r", "j", "j", "\033", "R", ":source ../lumpscope/lessons/evil\r", " "};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        see(terminal, keys[i]);
    expect_screen_safe(terminal, "state files");
    terminal_free(terminal);
    run_clean("run --tour evil", 2);
    expect_no_shell();
}

/* The program itself has nothing to call a shell with. */
static void no_function_that_starts_programs_is_linked(void **state) {
    (void)state;
    static const char *const starters[] = {"system", "popen",  "execv",       "execvp",  "execve",
                                           "execl",  "execlp", "posix_spawn", "wordexp", "dlopen"};
    char command[4200], line[512];
    (void)snprintf(command, sizeof command, "nm -D --undefined-only '%s' 2>/dev/null",
                   getenv("LUMPSCOPE_PROGRAM"));
    FILE *symbols = popen(command, "r");
    assert_non_null(symbols);
    size_t count = 0;
    while (fgets(line, sizeof line, symbols)) {
        const char *name = strstr(line, " U ");
        count += name != NULL;
        for (size_t i = 0; name && i < sizeof starters / sizeof *starters; i++) {
            size_t length = strlen(starters[i]);
            if (strncmp(name + 3, starters[i], length) == 0 && strchr("@\n", name[3 + length]))
                fail_msg("the program calls %s", starters[i]);
        }
    }
    (void)pclose(symbols);
    if (count == 0)
        skip(); /* no nm */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_show_names_as_visible_characters),
        cmocka_unit_test(refusals_show_names_as_visible_characters),
        cmocka_unit_test(json_keeps_names_behind_escapes),
        cmocka_unit_test(explorer_shows_names_as_visible_characters),
        cmocka_unit_test(no_function_that_starts_programs_is_linked),
    };
    const struct CMUnitTest stateful[] = {
        cmocka_unit_test(state_files_are_shown_as_visible_characters),
    };
    int failed = cmocka_run_group_tests_name("files", tests, set_up, leave_directory);
    return failed + cmocka_run_group_tests_name("state", stateful, set_up, leave_directory);
}
