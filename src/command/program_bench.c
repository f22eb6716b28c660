#include "program_bench.h"

#include "program_output.h"

#include "lumpscope/bench_run.h"
#include "lumpscope/file.h"
#include "lumpscope/memory.h"

#include "measure/bench_report.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* "K/N" with K from 1 to N; `shard` counts from 0. */
static bool read_shard(const char *text, size_t *shard, size_t *shards, struct error *error) {
    char *copy = memory_string(text, error), *slash = copy ? strchr(copy, '/') : NULL;
    bool good = slash != NULL;
    if (good) {
        *slash = '\0';
        good = text_to_size(copy, shard) && text_to_size(slash + 1, shards) && *shard >= 1 &&
               *shard <= *shards && *shards <= BENCH_MAX_SHARDS;
    }
    free(copy);
    --*shard;
    return good ||
           error_set(error, ERROR_USAGE,
                     "--shard %.60s: not K/N with K from 1 to N, as in 2/8, and N at most %d", text,
                     BENCH_MAX_SHARDS);
}

/* NULL for a suite that is not named, when merging. */
static bool choose_suite(const struct program *program, const struct bench_suite **suite,
                         struct error *error) {
    const char *name = program->given[PROGRAM_SUITE];
    bool ablation = program->given[PROGRAM_ABLATION] != NULL;
    if (!name && !ablation && program->operands)
        return true;
    *suite = bench_suite_find(ablation ? "ablation" : name ? name : "quick");
    if (ablation && program->given[PROGRAM_SVG])
        return error_set(error, ERROR_USAGE,
                         "--svg draws the methods of the suites; leave out --ablation, or ask for "
                         "another format");
    if (*suite && (ablation || !(*suite)->ablation))
        return true;
    return error_set(error, ERROR_USAGE,
                     "--suite %.60s: not a value of this option; it takes paper|quick", name);
}

static bool is_directory(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool check_data_directory(const char *path, struct error *error) {
    return !path || is_directory(path) ||
           error_set(error, ERROR_REQUEST,
                     "%s: no such directory; give the one with abalone/, metro/, hepc/ and "
                     "protein/",
                     path);
}

/* ---- What is said in the end ---- */

static bool append_report(const struct bench_suite *suite, const struct bench_summary *summary,
                          enum format format, struct text *out, struct error *error) {
    switch (format) {
    case FORMAT_JSON:
        return bench_json(suite, summary, out, error);
    case FORMAT_CSV:
        bench_csv(summary, out);
        return true;
    case FORMAT_SVG:
        bench_svg(summary, out);
        return true;
    case FORMAT_MARKDOWN:
        bench_markdown(summary, out);
        return true;
    default:
        return suite->ablation ? bench_ablation_text(summary, out, error)
                               : bench_text(summary, out, error);
    }
}

static enum format report_format(const struct program *program) {
    return program->given[PROGRAM_JSON]       ? FORMAT_JSON
           : program->given[PROGRAM_CSV]      ? FORMAT_CSV
           : program->given[PROGRAM_SVG]      ? FORMAT_SVG
           : program->given[PROGRAM_MARKDOWN] ? FORMAT_MARKDOWN
                                              : FORMAT_TEXT;
}

static bool report(struct program *program, const struct bench_suite *suite,
                   const struct bench_result *results, size_t count, struct error *error) {
    struct bench_summary summary;
    if (!bench_summarise(results, count, &summary, error))
        return false;
    bool done = append_report(suite, &summary, report_format(program), &program->output, error) &&
                (!program->output.failed || error_memory(error, program->output.capacity));
    bench_summary_free(&summary);
    return done;
}

/* ---- lumpscope bench ---- */

static bool plan_options(const struct program *program, struct bench_plan *plan, size_t *seeds,
                         size_t *shard, size_t *shards, struct error *error) {
    const char *text = program->given[PROGRAM_SHARD];
    plan->data_directory = program->given[PROGRAM_DATA_DIR];
    plan->threads = 1;
    *seeds = *shard = 0;
    *shards = 1;
    return program_size(program, PROGRAM_SEEDS, 1, BENCH_MAX_SEEDS, seeds, error) &&
           program_size(program, PROGRAM_JOBS, 1, SIZE_MAX, &plan->threads, error) &&
           (!text || read_shard(text, shard, shards, error)) &&
           check_data_directory(plan->data_directory, error);
}

static void tell_missing(const struct bench_plan *plan, const struct text *missing) {
    if (missing->length && plan->data_directory)
        program_say("left out, as their files are not below %s: %s\n", plan->data_directory,
                    missing->data);
    else if (missing->length)
        program_say("left out without --data-dir: %s\n", missing->data);
}

static bool run_plan(struct program *program, struct bench_plan *plan, struct error *error) {
    size_t seeds, shard, shards, count = 0;
    struct text missing = {0};
    struct bench_result *results = NULL;
    bool done = plan_options(program, plan, &seeds, &shard, &shards, error) &&
                bench_plan_init(plan, seeds, shard, shards, &missing, error);
    if (done)
        tell_missing(plan, &missing);
    text_free(&missing);
    done = done && bench_run(plan, &program->progress, error) &&
           (results = bench_plan_results(plan, &count, error)) != NULL &&
           report(program, plan->suite, results, count, error);
    bench_results_free(results, count);
    bench_plan_free(plan);
    return done;
}

static bool run_suite(struct program *program, const struct bench_suite *suite,
                      struct error *error) {
    struct text directory = {0};
    struct bench_plan plan = {.suite = suite};
    if (program->given[PROGRAM_OUTPUT])
        text_append(&directory, program->given[PROGRAM_OUTPUT]);
    else
        text_format(&directory, "bench-%s", suite->name);
    plan.directory = directory.data;
    bool done = (!directory.failed || error_memory(error, directory.capacity)) &&
                run_plan(program, &plan, error);
    text_free(&directory);
    return done;
}

/* ---- lumpscope bench merge ---- */

static int compare_jobs(const void *x, const void *y) {
    const struct bench_job *a = &((const struct bench_result *)x)->job,
                           *b = &((const struct bench_result *)y)->job;
    if (a->seed != b->seed)
        return a->seed < b->seed ? -1 : 1;
    if (a->set != b->set)
        return a->set < b->set ? -1 : 1;
    return a->architecture < b->architecture ? -1 : a->architecture > b->architecture;
}

static bool write_merged(const struct bench_suite *suite, const char *directory,
                         const struct bench_result *results, size_t count, struct error *error) {
    struct text path = {0};
    bool done = file_make_directory(directory, error);
    for (size_t k = 0; done && k < count; k++) {
        char name[BENCH_NAME_SIZE];
        text_clear(&path);
        text_format(&path, "%s/%s", directory, bench_job_name(&results[k].job, name));
        done = (!path.failed || error_memory(error, path.capacity)) &&
               bench_result_write(suite, &results[k], path.data, error);
    }
    text_free(&path);
    return done;
}

/* The suite that the first directory's results are of; the quick one's sentence says what is wrong
 * with them otherwise. */
static const struct bench_suite *find_suite(const char *directory) {
    for (const struct bench_suite *suite = bench_suites; suite->name; suite++) {
        struct bench_result *results = NULL;
        size_t count = 0, capacity = 0;
        struct error error = {0};
        bool good =
            bench_results_collect(suite, directory, &results, &count, &capacity, &error) && count;
        bench_results_free(results, count);
        if (good)
            return suite;
    }
    return bench_suite_find("quick");
}

static bool merge(struct program *program, const struct bench_suite *suite, struct error *error) {
    struct bench_result *results = NULL;
    size_t count = 0, capacity = 0;
    const char *output = program->given[PROGRAM_OUTPUT];
    bool done = true;
    suite = suite ? suite : find_suite(program->operand[1]);
    for (size_t k = 1; done && k < program->operands; k++)
        done =
            bench_results_collect(suite, program->operand[k], &results, &count, &capacity, error);
    if (done && count == 0)
        done = error_set(error, ERROR_REQUEST,
                         "%s: no results in it; name directories that bench has written",
                         program->operand[1]);
    if (done) /* sums in the order of one run, so that its table comes out */
        qsort(results, count, sizeof *results, compare_jobs);
    done = done && (!output || write_merged(suite, output, results, count, error)) &&
           report(program, suite, results, count, error);
    bench_results_free(results, count);
    return done;
}

static bool refuse_for_merge(const struct program *program, struct error *error) {
    static const enum program_option run_only[] = {PROGRAM_DATA_DIR, PROGRAM_SEEDS, PROGRAM_JOBS,
                                                   PROGRAM_SHARD};
    for (size_t k = 0; k < sizeof run_only / sizeof *run_only; k++)
        if (program->given[run_only[k]])
            return !error_set(error, ERROR_USAGE,
                              "--%s is for running jobs, and merge only reads results; leave it "
                              "out",
                              program_options[run_only[k]].name);
    return false;
}

bool program_run_bench(struct program *program, struct error *error) {
    const struct bench_suite *suite = NULL;
    if (program->operands && strcmp(program->operand[0], "merge") != 0)
        return error_set(error, ERROR_USAGE,
                         "\"%.60s\": bench takes \"merge\" and directories, or options alone",
                         program->operand[0]);
    if (program->operands == 1)
        return error_set(error, ERROR_USAGE, "bench merge needs directories of results");
    if (!choose_suite(program, &suite, error))
        return false;
    if (!program->operands)
        return run_suite(program, suite, error);
    return !refuse_for_merge(program, error) && merge(program, suite, error);
}
