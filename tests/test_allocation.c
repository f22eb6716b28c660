/* Memory that runs out, at every allocation in turn: the program says so in a sentence, or does
 * without, and leaves nothing behind. */
#include "allocation.h"
#include "session_support.h"

#include "lumpscope/file.h"
#include "lumpscope/model_json.h"
#include "lumpscope/program.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
int __lsan_do_recoverable_leak_check(void);
#else
static int __lsan_do_recoverable_leak_check(void) {
    return 0;
}
#endif

static struct place place;

static int set_up(void **state) {
    (void)state;
    place = make_place(6, 60);
    allocation_hook_json();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    remove_place(&place);
    return 0;
}

/* Standard output goes nowhere and standard error into a file, while the program runs. */
struct silence {
    int output, error, said;
};

static struct silence silence_begin(void) {
    struct silence silence = {dup(STDOUT_FILENO), dup(STDERR_FILENO), memfd_create("said", 0)};
    int nowhere = open("/dev/null", O_WRONLY);
    fflush(stdout);
    dup2(nowhere, STDOUT_FILENO);
    dup2(silence.said, STDERR_FILENO);
    close(nowhere);
    return silence;
}

/* `said` [size] gets what was written to standard error. */
static void silence_end(struct silence *silence, char *said, size_t size) {
    fflush(stdout);
    dup2(silence->output, STDOUT_FILENO);
    dup2(silence->error, STDERR_FILENO);
    ssize_t length = pread(silence->said, said, size - 1, 0);
    said[length > 0 ? length : 0] = '\0';
    close(silence->output);
    close(silence->error);
    close(silence->said);
}

enum { WORDS = 16 };

static int run_program(char **words, char *said, size_t size) {
    int count = 0;
    char *arguments[WORDS + 1] = {"lumpscope"};
    while (words[count]) {
        arguments[count + 1] = words[count];
        count++;
    }
    struct silence silence = silence_begin();
    int status = program_main(count + 1, arguments);
    silence_end(&silence, said, size);
    return status;
}

/* The last line begins with the program's name, and says something. */
static bool is_sentence(const char *said) {
    const char *line = strstr(said, "lumpscope: ");
    return line && strlen(line) > 20 && strchr(line, '\n') == line + strlen(line) - 1;
}

/* Files that a command leaves in the directory besides its output would be temporary ones. */
static void check_output(const char *path, bool written) {
    size_t size = 0;
    bool there = file_size(path, &size) && size > 0;
    if (written)
        assert_true(there);
    unlink(path);
}

static size_t fail_everywhere(char **words, const char *output, bool onwards) {
    char said[4096];
    size_t sites = 0;
    for (size_t nth = 1; nth < 100000; nth++) {
        allocation_fail(nth, onwards);
        int status = run_program(words, said, sizeof said);
        bool fired = allocation_failed();
        allocation_fail(0, false);
        if (status != 0 && !(status == 1 || status == 3))
            fail_msg("%s, allocation %zu: exit status %d: %s", words[0], nth, status, said);
        if (status != 0 && !is_sentence(said))
            fail_msg("%s, allocation %zu: no sentence: %s", words[0], nth, said);
        if (output)
            check_output(output, status == 0);
        if (!fired) {
            assert_int_equal(status, 0);
            break;
        }
        sites = nth;
    }
    assert_int_equal(__lsan_do_recoverable_leak_check(), 0);
    return sites;
}

static void check_command(char **words, const char *output) {
    size_t once = fail_everywhere(words, output, false);
    size_t onwards = fail_everywhere(words, output, true);
    print_message("%s: %zu allocations, %zu of them failed with all that follow\n", words[0], once,
                  onwards);
    assert_true(once > 20);
}

#define COMMAND(output, ...) check_command((char *[]){__VA_ARGS__, NULL}, output)

static void info_survives_every_failing_allocation(void **state) {
    (void)state;
    COMMAND(NULL, "info", place.model);
}

static void evaluate_and_predict_survive_every_failing_allocation(void **state) {
    (void)state;
    COMMAND(NULL, "evaluate", place.model, "--data", place.data);
    COMMAND(NULL, "predict", place.model, "--data", place.data);
}

static void partition_survives_every_failing_allocation(void **state) {
    (void)state;
    COMMAND(NULL, "partition", place.model, "--eps", "0.1", "--json");
    COMMAND(NULL, "partition", place.model, "--eps", "0.1", "--relation", "backward", "--linkage",
            "chain");
    COMMAND(NULL, "partition", place.model, "--eps", "0.1", "--data", place.data);
}

static void compress_survives_every_failing_allocation(void **state) {
    (void)state;
    COMMAND(place.out, "compress", place.model, "-o", place.out, "--budget", "60", "--data",
            place.data);
    COMMAND(place.out, "compress", place.model, "-o", place.out, "--eps", "0.2");
}

static void sweep_survives_every_failing_allocation(void **state) {
    (void)state;
    COMMAND(NULL, "sweep", place.model, "--data", place.data, "--points", "3", "--methods",
            "lump,magnitude,wanda,neuron,id");
}

static void training_survives_every_failing_allocation(void **state) {
    (void)state;
    COMMAND(place.out, "train", "--data", place.data, "--layers", "3:tanh", "--epochs", "1", "-o",
            place.out);
}

/* What the explorer does when it starts: the worker opens both files and measures. */
static void opening_a_session_survives_every_failing_allocation(void **state) {
    (void)state;
    size_t sites = 0;
    for (size_t nth = 1; nth < 100000; nth++) {
        struct error error = {0};
        allocation_fail(nth, false);
        struct session *session = session_new(&error);
        if (session) {
            session_open(session, place.model, place.data, NULL, NULL);
            session_set_epsilon(session, 0.05);
            session_wait(session);
            snapshot_release(session_latest(session));
        } else
            assert_true(*error.text);
        session_free(session);
        bool fired = allocation_failed();
        allocation_fail(0, false);
        if (!fired)
            break;
        sites = nth;
    }
    assert_int_equal(__lsan_do_recoverable_leak_check(), 0);
    print_message("session: %zu allocations\n", sites);
    assert_true(sites > 200);
}

static void expect_lost(struct session *session) {
    allocation_fail(0, false);
    session_wait(session);
    struct snapshot *shown = session_latest(session);
    assert_non_null(strstr(shown->message, "not enough memory to keep what was asked for"));
    assert_true(shown->message_is_error);
    snapshot_release(shown);
}

/* Nothing else asks for memory while the worker waits. */
static void requests_without_memory_are_said_to_be_lost(void **state) {
    (void)state;
    struct error error = {0};
    struct session *session = session_new(&error);
    must(session, &error);
    session_open(session, place.model, place.data, NULL, NULL);
    session_wait(session);
    allocation_fail(1, false);
    session_write(session, place.out, NULL);
    expect_lost(session);
    assert_false(file_exists(place.out));
    session_set_epsilon(session, 0.1);
    session_wait(session);
    allocation_fail(1, false);
    session_export(session, place.out, REPORT_KINDS, 0);
    expect_lost(session);
    session_free(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(info_survives_every_failing_allocation),
        cmocka_unit_test(evaluate_and_predict_survive_every_failing_allocation),
        cmocka_unit_test(partition_survives_every_failing_allocation),
        cmocka_unit_test(compress_survives_every_failing_allocation),
        cmocka_unit_test(sweep_survives_every_failing_allocation),
        cmocka_unit_test(training_survives_every_failing_allocation),
        cmocka_unit_test(opening_a_session_survives_every_failing_allocation),
        cmocka_unit_test(requests_without_memory_are_said_to_be_lost),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
