#include "allocation_run.h"

#include "allocation.h"

#include "lumpscope/program.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
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

/* Of an operation that takes long, as many allocations are tried as fit into this time, evenly
 * spread among all; LUMPSCOPE_ALLOCATIONS=all tries every one. */
static const double seconds_most = 0.2;
enum { SITES_FEWEST = 12, FAULTS_TOLD = 3 };

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool all_wanted(void) {
    const char *said = getenv("LUMPSCOPE_ALLOCATIONS");
    return said && strcmp(said, "all") == 0;
}

static size_t files_found;

static int count_file(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)path;
    (void)status;
    (void)place;
    files_found += kind != FTW_D;
    return 0;
}

/* Of the working directory and those in it. */
static size_t count_all_files(void) {
    files_found = 0;
    assert_int_equal(nftw(".", count_file, 8, FTW_PHYS), 0);
    return files_found;
}

/* One thing to try; `operation` NULL: `input` is a command line. */
struct trial {
    const char *name, *input, *output;
    allocation_operation *operation;
    void (*prepare)(const char *input);
    size_t files;  /* there are at most, without the output */
    size_t faults; /* found */
};

/* What came of one run. */
struct outcome {
    bool done, fired;
    size_t allocations;
    struct text said;   /* the sentence of a failure */
    struct text result; /* what was found out */
    bool wrote;         /* the output is there */
    struct text written;
};

static void outcome_free(struct outcome *outcome) {
    text_free(&outcome->said);
    text_free(&outcome->result);
    text_free(&outcome->written);
}

static void end_failing(struct outcome *outcome) {
    outcome->fired = allocation_failed();
    outcome->allocations = allocation_count();
    allocation_fail(0, false);
}

/* ---- Commands ---- */

/* Standard output and error go into memory while the program runs. */
struct silence {
    int before[2], file[2];
};

static struct silence silence_begin(void) {
    struct silence silence;
    fflush(stdout);
    for (int k = 0; k < 2; k++) {
        silence.before[k] = dup(STDOUT_FILENO + k);
        silence.file[k] = memfd_create("said", 0);
        dup2(silence.file[k], STDOUT_FILENO + k);
    }
    return silence;
}

static void take_back(const struct silence *silence, int k, struct text *out) {
    static char buffer[1 << 16];
    off_t at = 0;
    dup2(silence->before[k], STDOUT_FILENO + k);
    for (ssize_t got; (got = pread(silence->file[k], buffer, sizeof buffer, at)) > 0; at += got)
        text_append_bytes(out, buffer, (size_t)got);
    close(silence->before[k]);
    close(silence->file[k]);
}

enum { WORDS = 24, LINE = 1024 };

static int split(char *line, char **words) {
    int count = 0;
    words[count++] = "lumpscope";
    for (char *rest, *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        assert_true(count < WORDS);
        words[count++] = word;
    }
    words[count] = NULL;
    return count;
}

static int run_command(const char *line, size_t nth, bool onwards, struct outcome *outcome) {
    char copy[LINE], *words[WORDS + 1];
    snprintf(copy, sizeof copy, "%s", line);
    int count = split(copy, words);
    struct silence silence = silence_begin();
    allocation_fail(nth, onwards);
    int status = program_main(count, words);
    end_failing(outcome);
    fflush(stdout);
    take_back(&silence, 0, &outcome->result);
    take_back(&silence, 1, &outcome->said);
    return status;
}

/* ---- One run ---- */

/* What a file holds, and away with it. */
static bool take_file(const char *path, struct text *out) {
    static char buffer[1 << 16];
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    for (size_t got; (got = fread(buffer, 1, sizeof buffer, file)) > 0;)
        text_append_bytes(out, buffer, got);
    fclose(file);
    unlink(path);
    return true;
}

static bool run_operation(const struct trial *trial, size_t nth, bool onwards,
                          struct outcome *outcome) {
    struct error error = {0};
    allocation_fail(nth, onwards);
    bool done = trial->operation(trial->input, &outcome->result, &error);
    end_failing(outcome);
    if (!done)
        text_format(&outcome->said, "lumpscope: %s\n", error.text);
    return done;
}

static struct outcome run(const struct trial *trial, size_t nth, bool onwards) {
    struct outcome outcome = {0};
    int status = 0;
    if (trial->prepare)
        trial->prepare(trial->input);
    if (trial->operation)
        outcome.done = run_operation(trial, nth, onwards, &outcome);
    else
        status = run_command(trial->input, nth, onwards, &outcome);
    if (status != 0 && status != 1)
        text_format(&outcome.result, "exit status %d", status);
    if (!trial->operation)
        outcome.done = status == 0;
    if (trial->prepare) /* what is known to be written, so that what is not is left */
        trial->prepare(trial->input);
    outcome.wrote = trial->output && take_file(trial->output, &outcome.written);
    return outcome;
}

/* ---- What must hold ---- */

/* The last line begins with the program's name, and says something. */
static bool is_sentence(const struct text *said) {
    const char *line = said->data ? strstr(said->data, "lumpscope: ") : NULL;
    return line && strlen(line) > 20 && strchr(line, '\n');
}

static bool same(const struct text *a, const struct text *b) {
    return a->length == b->length && (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
}

/* What is wrong with an outcome; NULL: nothing. */
static const char *fault_of(const struct trial *trial, const struct outcome *outcome,
                            const struct outcome *expected) {
    if (!outcome->done && !outcome->fired)
        return "fails although there is memory";
    if (!outcome->done && strstr(outcome->result.data ? outcome->result.data : "", "exit status"))
        return "has another exit status";
    if (!outcome->done && !is_sentence(&outcome->said))
        return "fails without a sentence";
    if (outcome->done && !same(&outcome->result, &expected->result))
        return "says something else";
    if (trial->output && outcome->done && !outcome->wrote)
        return "has written nothing";
    if (outcome->wrote && !same(&outcome->written, &expected->written))
        return "has written something else";
    return count_all_files() > trial->files ? "leaves a file" : NULL;
}

/* From where a text is another one than expected. */
static const char *difference(const struct text *text, const struct text *expected) {
    size_t k = 0;
    while (k < text->length && k < expected->length && text->data[k] == expected->data[k])
        k++;
    return text->data ? text->data + k : "";
}

static void check(struct trial *trial, size_t nth, bool onwards, const struct outcome *outcome,
                  const struct outcome *expected) {
    const char *fault = fault_of(trial, outcome, expected);
    if (!fault)
        return;
    trial->faults++;
    if (trial->faults <= FAULTS_TOLD)
        print_error("%s, allocation %zu%s: %s: %.300s \"%.100s\" instead of \"%.100s\"\n",
                    trial->name, nth, onwards ? " and all that follow" : "", fault,
                    outcome->said.data ? outcome->said.data : "",
                    difference(&outcome->result, &expected->result),
                    difference(&expected->result, &outcome->result));
}

/* ---- Every allocation in turn ---- */

/* Returns how many were tried. */
static size_t fail_everywhere(struct trial *trial, const struct outcome *expected, size_t step,
                              bool onwards) {
    size_t tried = 0;
    /* The number of allocations is not the same every time where there are threads. */
    for (size_t nth = 1;; nth += step) {
        struct outcome outcome = run(trial, nth, onwards);
        bool fired = outcome.fired;
        check(trial, nth, onwards, &outcome, expected);
        outcome_free(&outcome);
        if (!fired)
            break;
        tried++;
    }
    return tried;
}

/* From one allocation that is tried to the next. */
static size_t choose_step(size_t allocations, double time) {
    double most = seconds_most / time;
    if (all_wanted())
        return 1;
    size_t sites = most < SITES_FEWEST ? SITES_FEWEST : most < 1e6 ? (size_t)most : 1000000;
    return (allocations + sites - 1) / sites;
}

static size_t faults; /* of all that was tried */

int allocation_faults(void **state) {
    (void)state;
    size_t found = faults;
    faults = 0;
    return found ? -1 : 0;
}

static void try(struct trial *trial) {
    struct outcome expected = run(trial, 0, false); /* what is done once is done */
    outcome_free(&expected);
    double begin = seconds();
    expected = run(trial, 0, false);
    if (!expected.done)
        fail_msg("%s: %s", trial->name, expected.said.data);
    size_t step = choose_step(expected.allocations, seconds() - begin);
    trial->files = count_all_files();
    size_t once = fail_everywhere(trial, &expected, step, false);
    size_t onwards = fail_everywhere(trial, &expected, step, true);
    print_message("%6zu allocations, %5zu failed alone, %5zu with all that follow: %s\n",
                  expected.allocations, once, onwards, trial->name);
    assert_true(expected.allocations > 0 && once > 0 && onwards > 0);
    outcome_free(&expected);
    if (__lsan_do_recoverable_leak_check() != 0)
        trial->faults++;
    faults += trial->faults;
}

void allocation_try(const char *name, allocation_operation *operation,
                    void (*prepare)(const char *input), const char *input) {
    struct trial trial = {.name = name, .operation = operation, .prepare = prepare, .input = input};
    try(&trial);
}

void allocation_try_command(const char *line) {
    char output[LINE] = "";
    const char *option = strstr(line, " -o ");
    if (option)
        sscanf(option, " -o %1023s", output);
    struct trial trial = {.name = line, .input = line, .output = option ? output : NULL};
    try(&trial);
}
