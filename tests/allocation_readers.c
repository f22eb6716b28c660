#include "allocation_parts.h"
#include "allocation_run.h"
#include "program_support.h"

#include "lumpscope/bench_run.h"
#include "lumpscope/file.h"
#include "lumpscope/lesson.h"
#include "lumpscope/model_file.h"
#include "lumpscope/ode_file.h"
#include "lumpscope/saved.h"
#include "tui/theme.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static bool all_said(const struct text *result, struct error *error) {
    return !result->failed || error_memory(error, result->capacity);
}

/* ---- ODE files ---- */

static bool read_ode(const char *input, struct text *result, struct error *error) {
    struct polynomial_system *system = ode_file_load(input, error);
    bool printed = system && ode_file_print(system, "again", NULL, result, error);
    polynomial_system_free(system);
    return printed && all_said(result, error);
}

void ode_files_survive_every_failing_allocation(void **state) {
    (void)state;
    allocation_try_command("encode square.json -o out.ode");
    write_file("in.ode",
               "begin model m\n begin init\n a = 1\n b\n c = 0.5\n end init\n"
               " begin partition\n {a,b}\n end partition\n begin ODE\n"
               " d(a) = 1.5*a*b+2.0*c\n d(b) = 0-a*a*b\n d(c) = 0\n end ODE\nend model\n");
    allocation_try("reading an ODE file", read_ode, NULL, "in.ode");
}

/* ---- Themes ---- */

static bool read_theme(const char *input, struct text *result, struct error *error) {
    struct theme theme;
    theme_plain(&theme);
    if (!theme_load(&theme, input, (const char *const[]){".", NULL}, error))
        return false;
    text_format(result, "%s %zu %zu", theme.name, theme.class_count, theme.few_count);
    for (size_t k = 0; k < ROLE_COUNT; k++)
        text_format(result, " %u %d", theme.roles[k].attributes,
                    (int)theme.roles[k].foreground.kind);
    return all_said(result, error);
}

static bool list_themes(const char *input, struct text *result, struct error *error) {
    char **names = theme_names((const char *const[]){input, NULL});
    for (size_t k = 0; names && names[k]; k++)
        text_format(result, "%s ", names[k]);
    bool listed = names != NULL || error_memory(error, 0);
    theme_names_free(names);
    return listed && all_said(result, error);
}

void themes_survive_every_failing_allocation(void **state) {
    (void)state;
    write_file(
        "theme.json",
        "{\"name\":\"mine\",\"roles\":{\"title\":{\"fg\":\"#ff0000\",\"attributes\":[\"bold\"]},"
        "\"error\":{\"fg\":\"red\"}},\"classes\":[\"red\",\"#00ff00\"]}");
    allocation_try("reading a theme", read_theme, NULL, "theme");
    allocation_try("listing themes", list_themes, NULL, ".");
}

/* ---- Saved sessions ---- */

static bool find_saved(const char *input, struct text *result, struct error *error) {
    struct saved_session saved = {0};
    bool found = false, read = saved_session_find("sessions", input, &saved, &found, error);
    if (read && found)
        text_format(result, "%s %s %g %zu %s", strrchr(saved.model, '/'), saved.title,
                    saved.epsilon, saved.mark_count, saved.marks[0].name);
    saved_session_free(&saved);
    return read && (found || error_set(error, ERROR_REQUEST, "there is no saved session")) &&
           all_said(result, error);
}

static bool write_saved(const char *input, struct text *result, struct error *error) {
    struct saved_session read = {0}, back = {0};
    bool found = false, done = saved_session_find("sessions", input, &read, &found, error) &&
                               found && saved_session_write(&read, "again", error) &&
                               saved_session_find("again", NULL, &back, &found, error) && found;
    if (done)
        text_format(result, "%g %zu", back.epsilon, back.mark_count);
    saved_session_free(&read);
    saved_session_free(&back);
    return done && all_said(result, error);
}

void saved_sessions_survive_every_failing_allocation(void **state) {
    (void)state;
    struct error error = {0};
    struct saved_session saved = {.model = realpath("m.json", NULL),
                                  .data = realpath("d.csv", NULL),
                                  .epsilon = 0.25,
                                  .mark_count = 1,
                                  .title = "m"};
    saved.marks = calloc(1, sizeof *saved.marks);
    assert_non_null(saved.marks);
    strcpy(saved.marks[0].name, "here");
    data_recipe_defaults(&saved.recipe);
    if (!saved_session_write(&saved, "sessions", &error))
        fail_msg("%s", error.text);
    saved_session_free(&saved);
    allocation_try("finding the newest session", find_saved, NULL, NULL);
    allocation_try("finding a model's session", find_saved, NULL, "m.json");
    allocation_try("saving a session", write_saved, NULL, "m.json");
}

/* ---- Lessons ---- */

static bool list_lessons(const char *input, struct text *result, struct error *error) {
    struct lesson_list list;
    bool read = lesson_list_read(&list, error);
    const struct lesson *lesson = read ? lesson_find(&list, input) : NULL;
    for (size_t k = 0; read && k < list.count; k++)
        text_format(result, "%s %s %zu\n", list.items[k].name, list.items[k].title,
                    list.items[k].minutes);
    bool found = lesson || (read && lesson_refuse(&list, input, error));
    lesson_list_free(&list);
    return found && all_said(result, error);
}

void lessons_survive_every_failing_allocation(void **state) {
    (void)state;
    mkdir("home/lumpscope", 0700);
    mkdir("home/lumpscope/samples", 0700);
    mkdir("home/lumpscope/samples/lessons", 0700);
    write_file("home/lumpscope/samples/lessons/one.lumpscope",
               "# title: One\n# minutes: 4\n# order: 1\nsay This.\n");
    write_file("home/lumpscope/samples/lessons/two.lumpscope", "# title: Two\nsay That.\n");
    allocation_try("listing lessons", list_lessons, NULL, "two");
}

/* ---- Bench ---- */

/* Rows and epochs that are enough for a network that is no constant. */
static const struct bench_suite tiny = {
    .name = "tiny", .system_seeds = 1, .file_seeds = 1, .rows = 60, .epoch_rows = 60, .polish = 1};

void remove_files(const char *path) {
    char file[512];
    DIR *directory = opendir(path);
    for (const struct dirent *entry; directory && (entry = readdir(directory));) {
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        unlink(file);
    }
    if (directory)
        closedir(directory);
}

/* One job of many, and what the results say but for the times. */
static bool run_bench(const char *input, struct text *result, struct error *error) {
    struct bench_plan plan = {.suite = &tiny, .threads = 1, .directory = input};
    struct text missing = {0};
    size_t count = 0;
    bool done = bench_plan_init(&plan, 0, 0, 1, &missing, error);
    if (done)
        plan.count = 1;
    done = done && bench_run(&plan, NULL, error);
    struct bench_result *results = done ? bench_plan_results(&plan, &count, error) : NULL;
    for (size_t k = 0; results && k < count; k++)
        for (size_t p = 0; p < results[k].count; p++)
            text_format(result, "%g %g\n", results[k].point[p].grp, results[k].point[p].mse);
    bench_results_free(results, count);
    bench_plan_free(&plan);
    text_free(&missing);
    return results && all_said(result, error);
}

void bench_survives_every_failing_allocation(void **state) {
    (void)state;
    allocation_try("a job of bench", run_bench, remove_files, "bench");
    struct text unused = {0};
    if (!run_bench("bench", &unused, NULL))
        fail_msg("bench does not run");
    text_free(&unused);
    allocation_try("reading results of bench", run_bench, NULL, "bench");
}
