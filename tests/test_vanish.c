/* What goes away under the running program: its terminal, the process itself, the room on the disk,
 * the right to write. The files are whole, the session is found again, and a sentence says what
 * failed. */
#include "program_support.h"
#include "terminal.h"

#include <glob.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOMENTS = 30, LINE = 512, NOBODY = 65534 };

static const char tiny[] =
    "{\"format\":\"lumpscope-network\",\"version\":1,\"name\":\"tiny\",\"task\":\"regression\","
    "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1,2],[3,4],[1,2.1]],\"bias\":[0,1,0]},"
    "{\"activation\":\"linear\",\"weights\":[[1,1,1]],\"bias\":[0]}]}";

static char home[256];

static int set_up(void **state) {
    if (enter_directory(state) != 0)
        return -1;
    snprintf(home, sizeof home, "%s", (char *)*state);
    write_file("tiny.json", tiny);
    write_file("d.csv", "a,b,y\n1,2,3\n2,1,3\n0,1,1\n3,3,9\n1,1,2\n4,0,4\n0,4,4\n2,2,5\n1,0,2\n"
                        "3,1,4\n0,0,1\n2,4,8\n");
    return setenv("XDG_STATE_HOME", home, 1) || setenv("XDG_DATA_HOME", home, 1) ||
           setenv("XDG_CONFIG_HOME", home, 1);
}

static struct terminal *start(const char *model) {
    const char *const words[] = {model, NULL};
    struct terminal *terminal = terminal_start(40, 120, getenv("LUMPSCOPE_PROGRAM"), words, NULL);
    terminal_expect(terminal, "2-3-1");
    return terminal;
}

static void expect_quit(struct terminal *terminal) {
    terminal_send(terminal, "q");
    int status = terminal_exit(terminal);
    if (status != 0)
        fail_msg("status %d:\n%s", status, terminal_text(terminal));
    terminal_expect_restored(terminal);
    terminal_free(terminal);
}

static bool at_a_place(struct terminal *terminal) {
    return terminal_shows(terminal, "0.06250") || terminal_shows(terminal, "0.03000");
}

/* The session is there, at one of the places that were chosen. */
static void expect_resumed(void) {
    static const char *const words[] = {"--resume", "tiny.json", NULL};
    struct terminal *terminal = terminal_start(40, 120, getenv("LUMPSCOPE_PROGRAM"), words, NULL);
    terminal_expect(terminal, "2-3-1");
    for (int tries = 0; !at_a_place(terminal) && tries < 1000; tries++)
        terminal_read(terminal, 20);
    assert_true(at_a_place(terminal));
    expect_quit(terminal);
}

/* ---- The process ---- */

/* Every command saves what was changed before it. */
static void a_killed_explorer_goes_on_where_it_was(void **state) {
    (void)state;
    unsigned seed = 5;
    struct terminal *terminal = start("tiny.json");
    terminal_send(terminal, ":eps 0.0625\r:eps 0.03\r");
    terminal_settle(terminal);
    expect_quit(terminal);
    for (int k = 0; k < MOMENTS; k++) {
        terminal = start("tiny.json");
        seed = seed * 1103515245u + 12345u;
        for (int i = 0; i < 40; i++)
            terminal_send(terminal, i % 2 ? ":eps 0.0625\r" : ":eps 0.03\r");
        usleep((seed >> 8) % 60000);
        terminal_signal(terminal, SIGKILL);
        assert_int_equal(terminal_exit(terminal), 128 + SIGKILL);
        terminal_free(terminal);
        expect_resumed();
    }
}

/* ---- The terminal ---- */

static void a_closed_window_loses_neither_session_nor_file(void **state) {
    (void)state;
    for (int k = 0; k < 10; k++) {
        struct terminal *terminal = start("tiny.json");
        terminal_send(terminal, ":eps 0.0625\r:write! small.json\r:eps 0.03\r:write! small.json\r");
        usleep((useconds_t)k * 3000);
        int status = terminal_hang_up(terminal);
        assert_int_equal(status, 128 + SIGHUP);
        terminal_free(terminal);
        expect_resumed();
        if (access("small.json", F_OK) == 0)
            run_well("info small.json");
    }
    remove("small.json");
}

static void a_terminal_of_one_cell_can_be_left(void **state) {
    (void)state;
    static const char *const words[] = {"tiny.json", NULL};
    struct terminal *terminal = terminal_start(1, 1, getenv("LUMPSCOPE_PROGRAM"), words, NULL);
    terminal_settle(terminal);
    terminal_send(terminal, "hjkl?\033:eps 0.1\rvvvv");
    terminal_settle(terminal);
    expect_quit(terminal);
}

static void without_a_terminal_there_is_a_sentence(void **state) {
    (void)state;
    struct run run = run_with("tiny.json", "", NULL);
    assert_int_equal(run.status, 1);
    assert_non_null(strstr(run.err, "the explorer needs a terminal"));
    run_free(&run);
    static const char *const words[] = {"tiny.json", NULL}, *const none[] = {"TERM", NULL};
    struct terminal *terminal = terminal_start(24, 80, getenv("LUMPSCOPE_PROGRAM"), words, none);
    assert_int_equal(terminal_exit(terminal), 1);
    assert_true(terminal_shows(terminal, "TERM"));
    terminal_free(terminal);
}

/* ---- Pipes ---- */

static void expect_gone(struct terminal *terminal, const char *keys, int status) {
    terminal_send(terminal, keys);
    assert_int_equal(terminal_exit(terminal), status);
    terminal_expect_restored(terminal);
    terminal_free(terminal);
}

static void a_pipe_nobody_writes_to_holds_nobody(void **state) {
    (void)state;
    assert_int_equal(mkfifo("silent", 0600), 0);
    static const char *const words[] = {"silent", NULL};
    static const struct {
        const char *keys;
        int status;
    } ends[] = {{"q", 0}, {"\003", 128 + SIGINT}, {":quit\r", 0}};
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
        struct terminal *terminal =
            terminal_start(24, 80, getenv("LUMPSCOPE_PROGRAM"), words, NULL);
        terminal_expect(terminal, "waiting for the pipe");
        expect_gone(terminal, ends[k].keys, ends[k].status);
    }
    struct terminal *terminal = start("tiny.json");
    terminal_send(terminal, ":open silent\r");
    terminal_expect(terminal, "waiting for the pipe");
    terminal_send(terminal, "\033");
    terminal_expect(terminal, "stopped");
    terminal_send(terminal, ":data silent\r");
    terminal_expect(terminal, "waiting for the pipe");
    terminal_send(terminal, ":open tiny.json\r"); /* what is asked for next is not kept waiting */
    terminal_expect(terminal, "opened");
    terminal_send(terminal, ":source silent\r");
    terminal_expect(terminal, "silent: not a file");
    static const char *const outputs[] = {":write! silent\r", ":export! silent\r",
                                          ":record! silent\r"};
    for (size_t k = 0; k < 3; k++) {
        terminal_send(terminal, "\033l");
        terminal_settle(terminal);
        terminal_send(terminal, outputs[k]);
        terminal_expect(terminal, "silent: not a file");
    }
    expect_gone(terminal, "q", 0);
    remove("silent");
}

/* Where the program keeps what is its own there is a pipe. */
static void put_pipe(const char *path) {
    remove(path);
    assert_int_equal(mkfifo(path, 0600), 0);
}

static void expect_pipe(const char *path) {
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_true(S_ISFIFO(status.st_mode));
    assert_int_equal(remove(path), 0);
}

/* Every key still does what it does, and the key of the interrupt ends the program. */
static void expect_at_work(struct terminal *terminal) {
    terminal_send(terminal, ":eps 0.0625\r");
    terminal_expect(terminal, "0.06250");
    terminal_send(terminal, "?");
    terminal_expect(terminal, "Numbers");
    terminal_send(terminal, "\033");
    terminal_settle(terminal);
    expect_gone(terminal, "\003", 128 + SIGINT);
}

static void settings_and_history_that_are_pipes_hold_nobody(void **state) {
    (void)state;
    mkdir("../lumpscope", 0700);
    put_pipe("../lumpscope/config");
    struct terminal *terminal = start("tiny.json");
    terminal_expect(terminal, "lumpscope/config: a pipe; name a regular file or put one there");
    expect_at_work(terminal);
    expect_pipe("../lumpscope/config");
    put_pipe("../lumpscope/history");
    terminal = start("tiny.json");
    expect_at_work(terminal);
    terminal = start("tiny.json");
    terminal_send(terminal, ":eps 0.03\r");
    terminal_expect(terminal, "0.03000");
    expect_quit(terminal);
    expect_pipe("../lumpscope/history");
}

static void themes_and_lessons_that_are_pipes_hold_nobody(void **state) {
    (void)state;
    mkdir("../lumpscope", 0700);
    mkdir("../lumpscope/themes", 0700);
    mkdir("../lumpscope/lessons", 0700);
    put_pipe("../lumpscope/themes/aa.json");
    put_pipe("../lumpscope/lessons/aa.lumpscope");
    struct terminal *terminal = start("tiny.json");
    terminal_send(terminal, ":theme aa\r");
    terminal_expect(terminal, "themes/aa.json: a pipe; name a regular file or put one there");
    terminal_send(terminal, ":eps 0.03\r");
    terminal_expect(terminal, "0.03000");
    assert_false(terminal_shows(terminal, "aa.json"));
    terminal_send(terminal, ":theme\r");
    terminal_expect(terminal, "Enter keeps it");
    terminal_send(terminal, "kkkkkkkk");
    terminal_expect(terminal, "\xe2\x96\xb8 aa");
    terminal_send(terminal, "\r");
    terminal_expect(terminal, "themes/aa.json: a pipe");
    terminal_send(terminal, "\033");
    terminal_settle(terminal);
    expect_at_work(terminal);
    write_file("../lumpscope/config", "theme aa\n");
    terminal = start("tiny.json");
    terminal_expect(terminal, "themes/aa.json: a pipe");
    expect_at_work(terminal);
    remove("../lumpscope/config");
    expect_pipe("../lumpscope/themes/aa.json");
    expect_pipe("../lumpscope/lessons/aa.lumpscope");
}

static void a_session_that_is_a_pipe_holds_nobody(void **state) {
    (void)state;
    struct terminal *terminal = start("tiny.json");
    terminal_send(terminal, ":eps 0.03\r");
    terminal_expect(terminal, "0.03000");
    expect_quit(terminal);
    glob_t found;
    assert_int_equal(glob("../lumpscope/sessions/tiny-*.json", 0, NULL, &found), 0);
    const char *path = found.gl_pathv[0];
    put_pipe(path);
    terminal = start("tiny.json");
    terminal_expect(terminal, ".json:"); /* the sentence is longer than the line */
    expect_at_work(terminal);
    static const char *const words[] = {"--resume", "tiny.json", NULL};
    terminal = terminal_start(40, 120, getenv("LUMPSCOPE_PROGRAM"), words, NULL);
    assert_int_equal(terminal_exit(terminal), 1);
    assert_true(terminal_shows(terminal, ".json: a pipe"));
    terminal_free(terminal);
    expect_pipe(path);
    globfree(&found);
}

/* ---- The command line ---- */

/* Everything in the user's settings that could leave the program, or has no prompt of its own. */
static const char inputrc[] =
    "\"\\C-xe\": edit-and-execute-command\n\"\\C-xa\": vi-edit-and-execute-command\n"
    "\"\\C-xs\": shell-expand-line\n\"\\C-xd\": dump-functions\n\"\\C-xf\": dump-macros\n"
    "\"\\C-xl\": clear-display\n\"\\C-xm\": \"!touch owned; `touch owned`\"\n"
    "\"\\C-xv\": vi-editing-mode\n\"\\C-xg\": emacs-editing-mode\n";

static void no_key_of_the_prompt_ends_the_program_or_leaves_it(void **state) {
    (void)state;
    static const char *const keys[] = {
        "\022\030V",
        "\022x\030\030",
        "\022\022\022",
        "\022tin\030s",
        "\023\030e",
        "\030e",
        "\030a",
        "\030sls\030s",
        "\030d",
        "\030f",
        "\030l",
        "eps \030m",
        "\030v\033v",
        "\030v\033:!",
        "\030\005",
        "\026\030",
        "\033x\0335\022a",
        "\035\030V",
        "\033p\030V",
        "\033p\a",
        "\033ptin\a",
        "\030(a\030)\030e",
        "\xff\xc3(\xe2",
        "\022\xe2\x82",
        "\022\014",
        "\022\0335",
        "\022\025\037\030\025",
    };
    static const char *const words[] = {"tiny.json", NULL},
                             *const plain[] = {"EDITOR=touch owned;", "VISUAL=touch owned;", NULL},
                             *const set[] = {"EDITOR=touch owned;", "INPUTRC=../inputrc", NULL};
    write_file("../inputrc", inputrc);
    for (int k = 0; k < 2; k++) {
        struct terminal *terminal =
            terminal_start(24, 80, getenv("LUMPSCOPE_PROGRAM"), words, k ? set : plain);
        terminal_expect(terminal, "2-3-1");
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            for (int end = 0; end < 2; end++) {
                terminal_send(terminal, ":");
                terminal_read(terminal, 20);
                terminal_send(terminal, keys[i]);
                terminal_read(terminal, 20);
                terminal_send(terminal, end ? "\a\a\033" : "\003");
                terminal_settle(terminal);
                terminal_expect(terminal, "2-3-1");
            }
        expect_quit(terminal);
    }
    assert_int_not_equal(access("owned", F_OK), 0);
}

/* ---- Links, rights ---- */

static void links_are_written_through(void **state) {
    (void)state;
    struct stat status;
    assert_int_equal(mkdir("below", 0700), 0);
    assert_int_equal(symlink("below/there.json", "link"), 0);
    assert_int_equal(symlink("link", "far.json"), 0);
    for (int k = 0; k < 2; k++) { /* to what is not there yet, and to what is */
        run_well("compress tiny.json --eps 0 -o far.json");
        assert_true(lstat("far.json", &status) == 0 && S_ISLNK(status.st_mode));
        assert_true(lstat("link", &status) == 0 && S_ISLNK(status.st_mode));
        assert_true(lstat("below/there.json", &status) == 0 && S_ISREG(status.st_mode));
    }
    assert_int_equal(symlink("round.json", "round.json"), 0);
    struct run run = run_program("compress tiny.json --eps 0 -o round.json");
    assert_int_equal(run.status, 1);
    assert_non_null(strstr(run.err, "lumpscope: round.json: cannot be written"));
    run_free(&run);
    assert_int_equal(system("rm -r below link far.json round.json"), 0);
}

/* As somebody who may do less; status 77: nobody can be that here. */
static int as_nobody(const char *line) {
    char command[LINE];
    snprintf(command, sizeof command,
             "exec setpriv --reuid %d --regid %d --clear-groups \"$LUMPSCOPE_PROGRAM\" %s "
             ">/dev/null 2>../said",
             NOBODY, NOBODY, line);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void files_one_may_not_write_to_stay(void **state) {
    (void)state;
    if (getuid() != 0 || system("setpriv --reuid 65534 --regid 65534 --clear-groups true") != 0) {
        print_message("skipped: only root can become somebody else\n");
        skip();
    }
    assert_int_equal(chmod(home, 0755), 0);
    assert_int_equal(chmod(".", 0777), 0);
    write_file("kept.json", "old");
    assert_int_equal(chmod("kept.json", 0444), 0);
    assert_int_equal(mkdir("closed", 0755), 0);
    static const char *const lines[][2] = {
        {"compress tiny.json --eps 0 -o kept.json", "kept.json: cannot be written"},
        {"export tiny.json --eps 0 -o kept.json", "kept.json: cannot be written"},
        {"compress tiny.json --eps 0 -o closed/x.json", "closed/x.json: cannot be written"},
        {"sweep tiny.json --data d.csv -o closed/x.csv", "closed/x.csv: cannot be written"},
    };
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
        int status = as_nobody(lines[k][0]);
        char *said = read_file("../said"), *content = read_file("kept.json");
        if (status != 1 || !strstr(said, lines[k][1]) || !strstr(said, "Permission denied"))
            fail_msg("%s: status %d, %s", lines[k][0], status, said);
        assert_string_equal(content, "old");
        free(content);
        free(said);
    }
    assert_int_equal(chmod("kept.json", 0), 0);
    assert_int_equal(as_nobody("info kept.json"), 1);
    assert_int_equal(rmdir("closed"), 0);
    remove("kept.json");
}

/* ---- A disk that is full ---- */

static bool put_line(const char *path, const char *line) {
    FILE *file = fopen(path, "w");
    bool put = file && fputs(line, file) >= 0;
    return file && fclose(file) == 0 && put;
}

/* Mounts of this process alone, as root or in a name space in which one may mount. */
static bool own_mounts(void) {
    char users[48], groups[48];
    if (getuid() == 0)
        return unshare(CLONE_NEWNS) == 0;
    snprintf(users, sizeof users, "%u %u 1", getuid(), getuid());
    snprintf(groups, sizeof groups, "%u %u 1", getgid(), getgid());
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && put_line("/proc/self/setgroups", "deny") &&
           put_line("/proc/self/uid_map", users) && put_line("/proc/self/gid_map", groups);
}

/* A disk of 256 KiB in "disk", of this process alone; false: none can be had here. */
static bool mount_disk(void) {
    return own_mounts() && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mkdir("disk", 0700) == 0 && mount("none", "disk", "tmpfs", 0, "size=256k") == 0;
}

static size_t disk_files(void) {
    assert_int_equal(chdir("disk"), 0);
    size_t count = count_files();
    assert_int_equal(chdir(".."), 0);
    return count;
}

/* Takes all that is left of the disk. */
static void fill_disk(void) {
    assert_int_not_equal(system("cat /dev/zero >disk/full 2>/dev/null"), 0);
}

static const char *const disk_lines[][2] = {
    {"compress tiny.json --eps 0 -o", "json"},
    {"compress tiny.json --eps 0 -o", "safetensors"},
    {"compress tiny.json --eps 0 -o", "onnx"},
    {"compress tiny.json --eps 0 -o", "npz"},
    {"convert tiny.json", "json"},
    {"convert tiny.json", "safetensors"},
    {"convert tiny.json", "onnx"},
    {"convert tiny.json", "npz"},
    {"train --data d.csv --layers 4 --epochs 1 -o", "json"},
    {"generate rn -o", "csv"},
    {"predict tiny.json --data d.csv -o", "csv"},
    {"predict tiny.json --data d.csv -o", "json"},
    {"sweep tiny.json --data d.csv --points 2 -o", "csv"},
    {"sweep tiny.json --data d.csv --points 2 -o", "json"},
    {"sweep tiny.json --data d.csv --points 2 -o", "svg"},
    {"sweep tiny.json --data d.csv --points 2 -o", "md"},
    {"export tiny.json --eps 0 -o", "json"},
    {"export tiny.json --eps 0 -o", "csv"},
    {"export tiny.json --eps 0 --what dendrogram -o", "svg"},
    {"export tiny.json --eps 0 -o", "md"},
    {"encode linear.json -o", "ode"},
};

static void commands_on_a_full_disk(void) {
    for (size_t k = 0; k < sizeof disk_lines / sizeof *disk_lines; k++) {
        char line[LINE], path[64], sentence[LINE];
        snprintf(path, sizeof path, "disk/old.%s", disk_lines[k][1]);
        snprintf(line, sizeof line, "%s %s", disk_lines[k][0], path);
        snprintf(sentence, sizeof sentence,
                 "lumpscope: %s: cannot be written (No space left on device); choose a place with "
                 "room for it\n",
                 path);
        remove("disk/full");
        write_file(path, "old");
        fill_disk();
        size_t files = disk_files();
        struct run run = run_program(line);
        char *after = read_file(path);
        if (run.status != 1 || !strstr(run.err, sentence))
            fail_msg("%s: status %d, %s", line, run.status, run.err);
        assert_string_equal(after, "old");
        assert_int_equal(disk_files(), files);
        free(after);
        run_free(&run);
        remove(path);
    }
}

/* Nothing can be kept: it is said once, and all else works. */
static void explorer_on_a_full_disk(void) {
    char state[LINE];
    snprintf(state, sizeof state, "%s/work/disk", home);
    assert_int_equal(setenv("XDG_STATE_HOME", state, 1), 0);
    remove("disk/full");
    struct terminal *terminal = start("tiny.json"); /* makes its directories */
    terminal_send(terminal, ":eps 0.0625\r");
    terminal_settle(terminal);
    expect_quit(terminal);
    fill_disk();
    size_t files = disk_files();
    terminal = start("tiny.json");
    terminal_send(terminal, ":eps 0.03\r:eps 0.02\r");
    terminal_expect(terminal, "No space left on device");
    static const char *const lines[] = {":write disk/x.json\r", ":write disk/x.onnx\r",
                                        ":export disk/x.md\r", ":export disk/x.svg dendrogram\r",
                                        ":record disk/x\r"};
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
        terminal_send(terminal, "\033l");
        terminal_settle(terminal);
        terminal_send(terminal, lines[k]);
        terminal_expect(terminal, "disk/x");
        terminal_expect(terminal, "cannot be written (No space left");
    }
    terminal_send(terminal, "q");
    assert_int_equal(terminal_exit(terminal), 0);
    terminal_free(terminal);
    remove("disk/x"); /* a recording is written line by line */
    assert_int_equal(disk_files(), files);
    terminal = start("tiny.json"); /* the session of before */
    terminal_expect(terminal, "last session: tiny");
    terminal_send(terminal, "q");
    (void)terminal_exit(terminal);
    terminal_free(terminal);
    assert_int_equal(setenv("XDG_STATE_HOME", home, 1), 0);
}

static void a_full_disk_costs_nothing_that_was_there(void **state) {
    (void)state;
    write_file("linear.json",
               "{\"format\":\"lumpscope-network\",\"version\":1,\"name\":\"l\",\"task\":"
               "\"regression\",\"layers\":[{\"activation\":\"square\",\"weights\":[[1,2],[3,4]],"
               "\"bias\":[0,1]},{\"activation\":\"linear\",\"weights\":[[1,1]],\"bias\":[0]}]}");
    if (!mount_disk()) {
        print_message("skipped: no small disk can be mounted here\n");
        skip();
    }
    commands_on_a_full_disk();
    explorer_on_a_full_disk();
}

static int unmount_disk(void **state) {
    (void)state;
    (void)umount2("disk", MNT_DETACH);
    return access("disk", F_OK) == 0 ? rmdir("disk") : 0;
}

/* ---- Standard output that takes nothing ---- */

static void every_command_that_prints_tells_when_it_cannot(void **state) {
    (void)state;
    static const char *const lines[] = {
        "info tiny.json",
        "info tiny.json --json",
        "info tiny.json --tensors",
        "evaluate tiny.json --data d.csv",
        "evaluate tiny.json --data d.csv --json",
        "predict tiny.json --data d.csv",
        "partition tiny.json --eps 0.1",
        "partition tiny.json --eps 0.1 --json",
        "sweep tiny.json --data d.csv --points 2",
        "sweep tiny.json --data d.csv --points 2 --csv",
        "diff tiny.json tiny.json",
        "compress tiny.json --eps 0 -o x.json",
        "compress tiny.json --eps 0 -o x.json --json",
        "compress tiny.json --eps 0 -o /dev/stdout",
        "convert tiny.json x.json",
        "export tiny.json --eps 0 -o /dev/stdout",
        "train --data d.csv --layers 4 --epochs 1 -o x.json",
        "run script",
        "paths",
        "completion bash",
        "completion zsh",
        "completion fish",
        "help",
        "help compress",
        "help --man",
        "info --help",
        "--help",
        "--version",
    };
    write_file("script", "open tiny.json\nsay hello\n");
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
        struct run run = run_with(lines[k], NULL, "/dev/full");
        bool named = strstr(run.err, "standard output: cannot be written (No space left") ||
                     strstr(run.err, "/dev/stdout: cannot be written (No space left");
        if (run.status != 1 || !named)
            fail_msg("%s: status %d, \"%s\"", lines[k], run.status, run.err);
        run_free(&run);
    }
    assert_int_equal(system("rm -f x.json x.csv script"), 0);
}

/* ---- A model that is being written when the program is told to end ---- */

static void a_writer_that_is_told_to_end_leaves_a_whole_file(void **state) {
    (void)state;
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
    unsigned seed = 9;
    run_well("train --data d.csv --layers 300:relu,300:relu --epochs 1 -o large.json");
    size_t files = count_files();
    for (int k = 0; k < 40; k++) {
        pid_t child = start_program("convert large.json twin.json");
        int status;
        seed = seed * 1103515245u + 12345u;
        usleep((seed >> 8) % 300000);
        kill(child, signals[k % 3]);
        assert_int_equal(waitpid(child, &status, 0), child);
        int ended = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        if (ended != 0 && ended != 128 + signals[k % 3])
            fail_msg("status %d", ended);
        if (access("twin.json", F_OK) == 0) {
            run_well("info twin.json");
            remove("twin.json");
        }
        assert_int_equal(count_files(), files);
    }
    remove("large.json");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_explorer_goes_on_where_it_was),
        cmocka_unit_test(a_closed_window_loses_neither_session_nor_file),
        cmocka_unit_test(a_terminal_of_one_cell_can_be_left),
        cmocka_unit_test(without_a_terminal_there_is_a_sentence),
        cmocka_unit_test(a_pipe_nobody_writes_to_holds_nobody),
        cmocka_unit_test(settings_and_history_that_are_pipes_hold_nobody),
        cmocka_unit_test(themes_and_lessons_that_are_pipes_hold_nobody),
        cmocka_unit_test(a_session_that_is_a_pipe_holds_nobody),
        cmocka_unit_test(no_key_of_the_prompt_ends_the_program_or_leaves_it),
        cmocka_unit_test(links_are_written_through),
        cmocka_unit_test(files_one_may_not_write_to_stay),
        cmocka_unit_test(every_command_that_prints_tells_when_it_cannot),
        cmocka_unit_test(a_writer_that_is_told_to_end_leaves_a_whole_file),
        cmocka_unit_test_teardown(a_full_disk_costs_nothing_that_was_there, unmount_disk),
    };
    return cmocka_run_group_tests(tests, set_up, leave_directory);
}
