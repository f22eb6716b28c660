#include "allocation.h"
#include "allocation_parts.h"
#include "allocation_run.h"
#include "headless.h"
#include "program_support.h"

#include "lumpscope/file.h"
#include "lumpscope/saved.h"
#include "lumpscope/session.h"
#include "tui/actions.h"
#include "tui/clock.h"
#include "tui/events.h"
#include "tui/frame.h"
#include "tui/script.h"
#include "tui/sessions.h"
#include "tui/start.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- The session ---- */

static void look(struct session *session) {
    session_wait(session);
    snapshot_release(session_latest(session));
}

/* What the explorer does when it starts: the worker opens both files and measures. What is lost
 * there is said on the screen. */
static bool open_session(const char *input, struct text *result, struct error *error) {
    struct session *session = session_new(error);
    (void)result;
    if (session) {
        session_open(session, input, "d.csv", NULL, NULL);
        session_set_epsilon(session, 0.05);
        look(session);
    }
    session_free(session);
    return session;
}

void opening_a_session_survives_every_failing_allocation(void **state) {
    (void)state;
    allocation_try("a session", open_session, NULL, "m.json");
}

/* A session of last time, with all it holds. */
static bool restore_session(const char *input, struct text *result, struct error *error) {
    struct saved_session saved = {0};
    bool found = false;
    (void)result;
    struct session *session =
        saved_session_find(input, NULL, &saved, &found, error) && found ? session_new(error) : NULL;
    if (session) {
        session_restore(session, &saved);
        look(session);
    }
    session_free(session);
    saved_session_free(&saved);
    return session;
}

void restoring_a_session_survives_every_failing_allocation(void **state) {
    (void)state;
    allocation_try("a session of last time", restore_session, NULL, "sessions");
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
void requests_without_memory_are_said_to_be_lost(void **state) {
    (void)state;
    struct error error = {0};
    struct session *session = session_new(&error);
    if (!session)
        fail_msg("%s", error.text);
    session_open(session, "m.json", "d.csv", NULL, NULL);
    session_wait(session);
    allocation_fail(1, false);
    session_write(session, "out.json", NULL);
    expect_lost(session);
    assert_false(file_exists("out.json"));
    session_set_epsilon(session, 0.1);
    session_wait(session);
    allocation_fail(1, false);
    session_export(session, "out.json", REPORT_KINDS, 0);
    expect_lost(session);
    session_free(session);
}

/* ---- The explorer ---- */

static void turn(struct ui *ui) {
    session_wait(ui->session);
    events_handle(ui);
    ui_take_snapshot(ui);
    script_step(ui);
    ui_watch(ui);
    frame_draw(ui);
}

/* What a user does: keys, or ":" and a command. */
static const char *const acts[] = {
    "l",
    "l",
    "v",
    "v",
    "j",
    "v",
    "v",
    "p",
    "p",
    "?",
    "Esc",
    "mm",
    ":sweep",
    ":polish 2",
    ":view equations",
    ":view trajectories",
    ":view weights",
    ":mark a",
    ":eps 0.3",
    ":jump a",
    ":undo",
    ":redo",
    ":find 2",
    ":budget 60%",
    ":theme dark",
    ":bind C-x undo",
    ":unbind C-x",
    ":write! out.json",
    ":export! out.svg",
    ":open m.onnx d.csv",
};

static void act(struct ui *ui, const char *what) {
    char line[64];
    if (*what == ':') {
        snprintf(line, sizeof line, "%s", what + 1);
        actions_run(ui, line);
    } else {
        int32_t key = strcmp(what, "Esc") == 0 ? INPUT_KEY_ESCAPE : what[0];
        headless_give(ui->screen, &(struct input){.kind = INPUT_KEY, .key = key});
    }
    turn(ui);
}

static struct explorer_options options_of(const char *script) {
    static const char *const themes[] = {"themes", NULL};
    return (struct explorer_options){.config = "config",
                                     .theme_directories = themes,
                                     .sessions = "kept",
                                     .script = script,
                                     .mouse = true};
}

static bool explore(const char *script, size_t count, struct error *error) {
    struct explorer_options options = options_of(script);
    struct ui ui = {.options = &options, .session = session_new(error)};
    if (!ui.session)
        return false;
    if (!script)
        session_open(ui.session, "m.json", "d.csv", NULL, NULL);
    session_wait(ui.session);
    bool started = ui_start(&ui, error);
    if (started) {
        turn(&ui);
        for (size_t k = 0; k < count && !ui.quit; k++)
            act(&ui, acts[k]);
        sessions_save_due(&ui, clock_ms() + 30000);
    }
    ui_end(&ui);
    session_free(ui.session);
    return started;
}

static bool start_explorer(const char *input, struct text *result, struct error *error) {
    (void)input;
    (void)result;
    return explore(NULL, 0, error);
}

static bool use_explorer(const char *input, struct text *result, struct error *error) {
    (void)input;
    (void)result;
    return explore(NULL, sizeof acts / sizeof *acts, error);
}

static bool begin_lesson(const char *input, struct text *result, struct error *error) {
    (void)result;
    return explore(input, 6, error);
}

static void forget(const char *input) {
    (void)input;
    unlink("out.json");
    unlink("out.svg");
    remove_files("kept");
}

void the_explorer_survives_every_failing_allocation(void **state) {
    (void)state;
    write_file("config", "# mine\nset relation forward\nset norm l2\nbind classes x undo\n"
                         "bind C-x quit\nunbind q\nmouse off\ntheme dark\nview weights\n");
    allocation_try("the explorer: start, settings, a frame", start_explorer, NULL, NULL);
    allocation_try("the explorer: keys and commands", use_explorer, forget, NULL);
    allocation_try("the explorer: a lesson", begin_lesson, forget, "lesson.lumpscope");
}
