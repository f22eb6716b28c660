#include "program_command.h"

#include "lumpscope/explorer.h"
#include "lumpscope/memory.h"
#include "lumpscope/paths.h"
#include "lumpscope/saved.h"
#include "lumpscope/session.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Files that cannot be opened are refused before there is a screen when that is known so soon;
 * nobody should look at an empty terminal for longer. */
enum { OPENING_MILLISECONDS = 300 };

/* What the explorer is started with. */
struct opening {
    char *model, *data; /* owned; data NULL: none */
    double epsilon;     /* negative: where it is by itself */
    struct explorer_options explorer;
    struct path_list themes;
    char *history, *config, *own_themes, *sessions; /* owned; NULL: there is no place for them */
    struct saved_session last;
    struct error last_error; /* why it cannot be read */
};

static void opening_free(struct opening *opening) {
    free(opening->model);
    free(opening->data);
    free(opening->history);
    free(opening->config);
    free(opening->own_themes);
    free(opening->sessions);
    saved_session_free(&opening->last);
    path_list_free(&opening->themes);
}

static bool check_file(const char *path, struct error *error) {
    return !path || access(path, R_OK) == 0 ||
           error_set(error, ERROR_REQUEST, "%s: %s; check the path", path, strerror(errno));
}

/* Model and data of the command line; without a model the embedded sample's, or what is resumed. */
static bool choose_files(const struct program *program, struct opening *opening,
                         struct error *error) {
    const char *data = program->given[PROGRAM_DATA];
    bool sample = program->operands == 0 && !program->given[PROGRAM_RESUME];
    if (sample && !paths_sample(paths_embedded_sample, &opening->model, &opening->data, error))
        return false;
    if (program->operands > 0 && !(opening->model = memory_string(program->operand[0], error)))
        return false;
    if (data) {
        free(opening->data);
        if (!(opening->data = memory_string(data, error)))
            return false;
    }
    return check_file(opening->model, error) && check_file(opening->data, error);
}

static bool read_options(const struct program *program, struct opening *opening,
                         struct error *error) {
    static const char *const colours[] = {"auto", "never", "always", NULL};
    static const char *const switches[] = {"off", "on", NULL};
    struct options unused;
    int colour = 0, mouse = 1;
    bool data = program->given[PROGRAM_DATA] || program->operands == 0;
    opening->epsilon = -1;
    if (!options_resolve(&program->choices, data, &unused, error) ||
        !program_number(program, PROGRAM_EPS, 0, &opening->epsilon, error) ||
        !program_choice(program, PROGRAM_COLOR, colours, &colour, error) ||
        !program_choice(program, PROGRAM_MOUSE, switches, &mouse, error))
        return false;
    opening->explorer = (struct explorer_options){.theme = program->given[PROGRAM_THEME],
                                                  .colour = (enum colour_mode)colour,
                                                  .ascii = program->given[PROGRAM_ASCII] != NULL,
                                                  .mouse = mouse};
    return true;
}

static bool choose_places(struct opening *opening, struct error *error) {
    if (!paths_list(PATHS_THEMES, &opening->themes, error))
        return false;
    opening->history = paths_file(PATHS_STATE, "history", NULL); /* NULL: it is not kept */
    opening->explorer.theme_directories = (const char *const *)opening->themes.items;
    opening->explorer.history = opening->history;
    opening->config = paths_file(PATHS_CONFIG, "config", NULL);
    opening->explorer.config = opening->config;
    opening->own_themes = paths_file(PATHS_CONFIG, "themes", NULL);
    opening->explorer.own_themes = opening->own_themes;
    opening->sessions = paths_file(PATHS_STATE, "sessions", NULL);
    opening->explorer.sessions = opening->sessions;
    return true;
}

/* The session of last time; of a model that is read otherwise now, none is offered. One that cannot
 * be read is said on the screen, unless it was asked for. */
static bool find_session(const struct program *program, struct opening *opening,
                         struct error *error) {
    const char *model = program->operands > 0 ? opening->model : NULL;
    bool asked = program->given[PROGRAM_RESUME], found = false;
    bool read = !opening->sessions || saved_session_find(opening->sessions, model, &opening->last,
                                                         &found, &opening->last_error);
    if (asked && !read) {
        *error = opening->last_error;
        return false;
    }
    if (asked && !found)
        return error_set(error, ERROR_REQUEST,
                         "%s%sthere is no session to resume: one is kept when something was "
                         "changed in the explorer",
                         model ? model : "", model ? ": " : "");
    bool offered =
        found && (asked || !model ||
                  model_recipe_equal(&opening->last.model_recipe, &program->model_recipe));
    opening->explorer.last = offered ? &opening->last : NULL;
    opening->explorer.resumed = asked;
    opening->explorer.sessions_error = read ? NULL : opening->last_error.text;
    return true;
}

/* What a session brings is not said again. */
static bool check_resume(const struct program *program, struct error *error) {
    bool other =
        program->given[PROGRAM_DATA] || program->given[PROGRAM_EPS] || program->data_option != NULL;
    for (int option = 0; option < OPTION_COUNT; option++)
        other = other || program->choices.given[option];
    for (int option = 0; option < MODEL_OPTION_COUNT; option++)
        other = other || model_recipe_value(&program->model_recipe, (enum model_option)option);
    if (!program->given[PROGRAM_RESUME] || !other)
        return true;
    return error_set(error, ERROR_USAGE,
                     "--resume brings the data, the options and epsilon of last "
                     "time; leave out "
                     "the others");
}

/* Whether the files are open, or why they cannot be. What goes wrong behind that is for the
 * explorer, where it can be mended. */
static bool settled(const struct snapshot *snapshot, bool data, struct error *error) {
    bool open = snapshot->network && (!data || snapshot->data_path);
    if (!open && snapshot->message_is_error)
        error_set(error, ERROR_REQUEST, "%s", snapshot->message);
    return open || snapshot->message_is_error;
}

/* Waits for the files, but not for long. False: they cannot be opened. */
static bool wait_for_files(struct session *session, bool data, struct error *error) {
    int left = OPENING_MILLISECONDS;
    for (bool done = false; !done && left > 0;) {
        struct timespec before, after;
        struct pollfd wake = {.fd = session_wake_descriptor(session), .events = POLLIN};
        clock_gettime(CLOCK_MONOTONIC, &before);
        poll(&wake, 1, left);
        struct snapshot *snapshot = session_latest(session);
        done = settled(snapshot, data, error);
        snapshot_release(snapshot);
        clock_gettime(CLOCK_MONOTONIC, &after);
        left -= (int)((after.tv_sec - before.tv_sec) * 1000 +
                      (after.tv_nsec - before.tv_nsec) / 1000000);
    }
    return error->kind == ERROR_NONE;
}

static bool has_terminal(void) {
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static void start(const struct program *program, const struct opening *opening,
                  struct session *session) {
    if (opening->explorer.resumed) {
        session_restore(session, &opening->last);
        return;
    }
    session_choose(session, &program->choices);
    session_open(session, opening->model, opening->data, &program->recipe, &program->model_recipe);
    if (opening->epsilon >= 0)
        session_set_epsilon(session, opening->epsilon);
    session_begin(session);
}

static bool explore(struct program *program, struct opening *opening, struct error *error) {
    if (!has_terminal())
        return error_set(error, ERROR_REQUEST,
                         "the explorer needs a terminal; without one use a command such as info or "
                         "compress (\"lumpscope help\" lists them)");
    struct session *session = session_new(error);
    if (!session)
        return false;
    start(program, opening, session);
    opening->explorer.epsilon = opening->epsilon >= 0 ? &opening->epsilon : NULL;
    opening->explorer.choices = opening->explorer.resumed ? NULL : &program->choices;
    /* The embedded sample is known to be good: it is shown while it opens. */
    opening->explorer.named =
        program->operands > 0 || program->given[PROGRAM_DATA] || opening->explorer.resumed;
    bool data = opening->explorer.resumed ? opening->last.data : opening->data;
    bool open = !opening->explorer.named || wait_for_files(session, data, error);
    if (open)
        program->status = explorer_run(session, &opening->explorer);
    session_free(session);
    return open;
}

bool program_run_open(struct program *program, struct error *error) {
    struct opening opening = {0};
    bool done = check_resume(program, error) && read_options(program, &opening, error) &&
                choose_files(program, &opening, error) && choose_places(&opening, error) &&
                find_session(program, &opening, error) && explore(program, &opening, error);
    opening_free(&opening);
    return done;
}

/* The script opens what it is about. */
static bool play(struct program *program, const struct opening *opening, struct error *error) {
    if (!has_terminal())
        return error_set(
            error, ERROR_REQUEST,
            "the lesson needs a terminal; without one play its script: \"lumpscope run "
            "%s\"",
            opening->explorer.script);
    struct session *session = session_new(error);
    if (session)
        program->status = explorer_run(session, &opening->explorer);
    session_free(session);
    return session;
}

bool program_explore_script(struct program *program, const char *script, struct error *error) {
    struct opening opening = {0};
    bool done = read_options(program, &opening, error) && choose_places(&opening, error);
    opening.explorer.script = script;
    opening.explorer.named = true;
    done = done && play(program, &opening, error);
    opening_free(&opening);
    return done;
}
