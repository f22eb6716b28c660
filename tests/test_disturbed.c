/* Signals in the middle of calls, short reads and writes, pipes that come in drops, disks that
 * fail: the same results, or a sentence and the old file. */
#include "program_support.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { SEEDS = 5, LINE = 512 };

static const char *const formats[] = {"json", "safetensors", "onnx", "npz"};
enum { FORMATS = sizeof formats / sizeof *formats };

/* ---- Files ---- */

static void run_shell(const char *command) {
    assert_int_equal(system(command), 0);
}

static int set_up(void **state) {
    if (enter_directory(state) != 0)
        return -1;
    run_well("generate rn --rows 300 -o d.csv");
    run_well("train --data d.csv --layers 12:relu,6:tanh --epochs 2 -o m.json");
    run_shell("gzip -c d.csv >d.csv.gz && gzip -c m.json >packed.json.gz");
    for (size_t f = 1; f < FORMATS; f++) {
        char line[LINE];
        snprintf(line, sizeof line, "convert m.json m.%s", formats[f]);
        run_well(line);
    }
    char from[LINE];
    for (int k = 0; k < 2; k++) {
        snprintf(from, sizeof from, "cp \"$LUMPSCOPE_TESTS/onnx/%s\" .",
                 k ? "weights.bin" : "external.onnx");
        run_shell(from);
    }
    return 0;
}

static void disturb(const char *how, size_t seed) {
    char text[32];
    const char *library = getenv("LUMPSCOPE_DISTURB_LIBRARY");
    if (!library)
        fail_msg("LUMPSCOPE_DISTURB_LIBRARY names the library");
    snprintf(text, sizeof text, "%zu", seed);
    assert_int_equal(setenv("LD_PRELOAD", library, 1), 0);
    assert_int_equal(setenv("LUMPSCOPE_DISTURB", how, 1), 0);
    assert_int_equal(setenv("LUMPSCOPE_DISTURB_SEED", text, 1), 0);
}

static void disturb_no_more(void) {
    unsetenv("LD_PRELOAD");
    unsetenv("LUMPSCOPE_DISTURB");
}

static struct run run_disturbed(const char *line, const char *how, size_t seed) {
    disturb(how, seed);
    struct run run = run_program(line);
    disturb_no_more();
    return run;
}

/* ---- The same results ---- */

static void expect_same(const char *line, const char *what, const char *a, const char *b) {
    if (!a || !b || strcmp(a, b) != 0)
        fail_msg("%s: %s differs when disturbed:\n%s\n---\n%s", line, what, a ? a : "none",
                 b ? b : "none");
}

static void expect_same_files(const char *line) {
    if (system("cmp -s out calm") != 0)
        fail_msg("%s: the file differs when disturbed", line);
}

/* `line` as it is and disturbed; what it writes to "out.SUFFIX" is the same. */
static void same_when_disturbed(const char *line, const char *suffix) {
    char out[32];
    snprintf(out, sizeof out, "out.%s", suffix);
    struct run calm = run_program(line);
    if (calm.status != 0)
        fail_msg("%s: status %d, %s", line, calm.status, calm.err);
    if (*suffix)
        assert_int_equal(rename(out, "calm"), 0);
    for (size_t seed = 1; seed <= SEEDS; seed++) {
        struct run run = run_disturbed(line, "signals", seed);
        if (run.status != 0)
            fail_msg("%s, seed %zu: status %d, %s", line, seed, run.status, run.err);
        expect_same(line, "standard output", calm.out, run.out);
        if (*suffix) {
            assert_int_equal(rename(out, "out"), 0);
            expect_same_files(line);
        }
        run_free(&run);
    }
    run_free(&calm);
}

static void signals_and_short_counts_change_no_result(void **state) {
    (void)state;
    static const char *const lines[][2] = {
        {"info m.json", ""},
        {"info packed.json.gz --json", ""},
        {"info m.safetensors --tensors", ""},
        {"info m.onnx --tensors", ""},
        {"info external.onnx --tensors", ""},
        {"info m.npz --tensors", ""},
        {"partition m.onnx --eps 0.5 --json", ""},
        {"evaluate m.safetensors --data d.csv", ""},
        {"evaluate m.npz --data d.csv.gz --json", ""},
        {"predict m.json --data d.csv.gz", ""},
        {"predict m.onnx --data d.csv -o out.csv", "csv"},
        {"sweep m.json --data d.csv --points 3 -o out.csv", "csv"},
        {"sweep m.json --data d.csv --points 3 -o out.svg", "svg"},
        {"diff m.json m.safetensors --data d.csv", ""},
        {"compress m.json --data d.csv --budget 50 -o out.json", "json"},
        {"compress m.json --eps 0.1 -o out.safetensors", "safetensors"},
        {"compress m.json --eps 0.1 -o out.onnx", "onnx"},
        {"compress m.json --eps 0.1 -o out.npz", "npz"},
        {"convert m.safetensors out.npz", "npz"},
        {"convert m.npz out.safetensors", "safetensors"},
        {"export m.json --data d.csv --eps 0.1 -o out.md", "md"},
        {"train --data d.csv --layers 4:relu --epochs 1 -o out.json", "json"},
        {"generate rn --rows 50 -o out.csv", "csv"},
        {"help compress", ""},
        {"completion bash", ""},
    };
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
        same_when_disturbed(lines[k][0], lines[k][1]);
}

/* What a shell would make of `<(...)`, in pieces of a few bytes. */
static void drip(const char *path, const char *fifo) {
    char *content = read_file(path);
    size_t size = strlen(content);
    int out = open(fifo, O_WRONLY);
    for (size_t at = 0; at < size; at += 997) {
        size_t part = size - at < 997 ? size - at : 997;
        if (write(out, content + at, part) != (ssize_t)part)
            _exit(1);
        usleep(300);
    }
    _exit(0);
}

static void pipes_that_come_in_drops_are_read_whole(void **state) {
    (void)state;
    char *model = run_good("info m.json"), *errors = run_good("evaluate m.json --data d.csv");
    assert_int_equal(mkfifo("fifo", 0600), 0);
    static const struct {
        const char *file, *line;
    } cases[] = {{"m.json", "info fifo"}, {"d.csv", "evaluate m.json --data fifo"}};
    for (size_t k = 0; k < 2; k++)
        for (int disturbed = 0; disturbed < 2; disturbed++) {
            pid_t child = fork();
            if (child == 0)
                drip(cases[k].file, "fifo");
            struct run run =
                disturbed ? run_disturbed(cases[k].line, "signals", 3) : run_program(cases[k].line);
            int status;
            assert_int_equal(waitpid(child, &status, 0), child);
            if (run.status != 0 || status != 0)
                fail_msg("%s: status %d, writer %d, %s", cases[k].line, run.status, status,
                         run.err);
            /* The name and the size are the pipe's. */
            const char *wanted = k ? strchr(errors, '\n') : strchr(model, '\n');
            expect_same(cases[k].line, "standard output", wanted, strchr(run.out, '\n'));
            run_free(&run);
        }
    struct run run = run_with("info - --tensors", "m.json", NULL);
    assert_int_equal(run.status, 1);
    assert_non_null(strstr(run.err, "tensors are listed of a file"));
    run_free(&run);
    remove("fifo");
    free(model);
    free(errors);
}

/* Standard input is "-", standard output too. */
static void a_dash_is_the_standard_stream(void **state) {
    (void)state;
    size_t files = count_files();
    char *wanted = run_good("compress m.json --eps 0.1 -o /dev/stdout");
    struct run run = run_with("compress - --eps 0.1 -o -", "m.json", NULL);
    assert_int_equal(run.status, 0);
    assert_string_equal(run.out, wanted);
    assert_non_null(strstr(run.err, "parameters"));
    assert_int_equal(count_files(), files);
    free(wanted);
    run_free(&run);
}

/* Whether a process has a file of that name open. */
static bool has_open(pid_t child, const char *name) {
    char path[64], target[LINE];
    for (int descriptor = 3; descriptor < 16; descriptor++) {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)child, descriptor);
        ssize_t length = readlink(path, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        const char *slash = strrchr(target, '/');
        if (slash && strcmp(slash + 1, name) == 0)
            return true;
    }
    return false;
}

static void a_pipe_nobody_writes_to_is_left_by_an_interrupt(void **state) {
    (void)state;
    assert_int_equal(mkfifo("silent", 0600), 0);
    static const char *const lines[] = {"info silent", "evaluate m.json --data silent",
                                        "train --data silent --layers 4 -o x.json",
                                        "diff m.json silent"};
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
        pid_t child = start_program(lines[k]);
        int status;
        while (!has_open(child, "silent")) {
            assert_int_equal(waitpid(child, &status, WNOHANG), 0);
            usleep(1000);
        }
        usleep(20000); /* mostly it waits by now */
        assert_int_equal(waitpid(child, &status, WNOHANG), 0);
        assert_int_equal(kill(child, SIGINT), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 128 + SIGINT);
    }
    remove("silent");
}

/* ---- Disks that fail ---- */

static void a_disk_that_cannot_be_read_is_told(void **state) {
    (void)state;
    static const char *const lines[][2] = {
        {"info m.json", "m.json"},
        {"info packed.json.gz", "packed.json.gz"},
        {"info m.safetensors", "m.safetensors"},
        {"info m.onnx", "m.onnx"},
        {"evaluate m.json --data d.csv", "m.json"},
        {"train --data d.csv.gz --layers 4 -o x.json", "d.csv.gz"},
        {"run script", "script"},
    };
    write_file("script", "open m.json\n");
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
        struct run run = run_disturbed(lines[k][0], "read", 1);
        char sentence[LINE];
        snprintf(sentence, sizeof sentence, "lumpscope: %s: cannot be read (Input/output error)",
                 lines[k][1]);
        if (run.status != 1 || strncmp(run.err, sentence, strlen(sentence)) != 0)
            fail_msg("%s: status %d, %s", lines[k][0], run.status, run.err);
        run_free(&run);
    }
}

static const char *const writers[][2] = {
    {"compress m.json --eps 0.1 -o", "json"},
    {"compress m.json --eps 0.1 -o", "safetensors"},
    {"compress m.json --eps 0.1 -o", "onnx"},
    {"compress m.json --eps 0.1 -o", "npz"},
    {"convert m.onnx", "npz"},
    {"train --data d.csv --layers 4 --epochs 1 -o", "json"},
    {"generate rn --rows 9 -o", "csv"},
    {"predict m.json --data d.csv -o", "csv"},
    {"sweep m.json --data d.csv --points 2 -o", "md"},
    {"export m.json --eps 0.1 -o", "json"},
};

static void a_disk_that_cannot_be_written_leaves_the_old_file(void **state) {
    (void)state;
    static const char *const ways[] = {"write", "fsync", "close"};
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++)
        for (size_t k = 0; k < sizeof writers / sizeof *writers; k++) {
            char line[LINE], path[32], sentence[LINE];
            snprintf(path, sizeof path, "old.%s", writers[k][1]);
            snprintf(line, sizeof line, "%s %s", writers[k][0], path);
            snprintf(sentence, sizeof sentence, "lumpscope: %s: cannot be written (%s); choose ",
                     path, w ? "No space left on device" : "Input/output error");
            write_file(path, "old");
            size_t files = count_files();
            struct run run = run_disturbed(line, ways[w], 1);
            char *after = read_file(path);
            if (run.status != 1 || !strstr(run.err, sentence))
                fail_msg("%s, %s fails: status %d, %s", line, ways[w], run.status, run.err);
            assert_string_equal(after, "old");
            assert_int_equal(count_files(), files);
            free(after);
            run_free(&run);
            remove(path);
        }
}

/* Where the file system has none without a name, too. */
static void named_temporary_files_are_written_and_removed(void **state) {
    (void)state;
    size_t files = count_files();
    write_file("old.json", "old");
    struct run run = run_disturbed("compress m.json --eps 0.1 -o old.json", "named", 1);
    assert_int_equal(run.status, 0);
    run_well("compress m.json --eps 0.1 -o new.json");
    assert_int_equal(system("cmp -s old.json new.json"), 0);
    remove("old.json");
    remove("new.json");
    assert_int_equal(count_files(), files);
    run_free(&run);
}

static void what_a_killed_writer_left_goes_with_the_next_one(void **state) {
    (void)state;
    write_file("kept.json", "old");
    write_file("kept.json.1-2-3", "somebody else's");
    write_file("kept.json.bak", "the user's");
    size_t files = count_files();
    for (int k = 0; k < 3; k++) {
        struct run run = run_disturbed("compress m.json --eps 0.1 -o kept.json", "die", 1);
        char *content = read_file("kept.json");
        assert_int_equal(run.status, -SIGKILL);
        assert_string_equal(content, "old");
        assert_int_equal(count_files(), files + 1); /* the one before is gone */
        free(content);
        run_free(&run);
    }
    run_well("compress m.json --eps 0.1 -o kept.json");
    assert_int_equal(count_files(), files);
    assert_int_equal(system("rm kept.json*"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signals_and_short_counts_change_no_result),
        cmocka_unit_test(pipes_that_come_in_drops_are_read_whole),
        cmocka_unit_test(a_dash_is_the_standard_stream),
        cmocka_unit_test(a_pipe_nobody_writes_to_is_left_by_an_interrupt),
        cmocka_unit_test(a_disk_that_cannot_be_read_is_told),
        cmocka_unit_test(a_disk_that_cannot_be_written_leaves_the_old_file),
        cmocka_unit_test(what_a_killed_writer_left_goes_with_the_next_one),
        cmocka_unit_test(named_temporary_files_are_written_and_removed),
    };
    return cmocka_run_group_tests(tests, set_up, leave_directory);
}
