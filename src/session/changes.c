/* Undo, redo and marks of session.h: the history moves, and the worker is asked for what has become
 * different. */
#include "lumpscope/text.h"

#include "session/worker.h"

#include <string.h>

static bool go_back_or_on(struct session *session,
                          struct waypoint *(*go)(struct history *history, struct text *what),
                          struct text *what) {
    struct requests *requests = session_ask(session);
    const struct waypoint from = *history_now(&session->history);
    bool done = go(&session->history, what) != NULL;
    if (done)
        session_go(session, requests, &from);
    session_asked(session);
    return done;
}

bool session_undo(struct session *session, struct text *what, struct error *error) {
    return go_back_or_on(session, history_undo, what) ||
           error_set(error, ERROR_USAGE, "nothing to undo: no change has been made");
}

bool session_redo(struct session *session, struct text *what, struct error *error) {
    return go_back_or_on(session, history_redo, what) ||
           error_set(error, ERROR_USAGE, "nothing to do again: undo takes a change back");
}

size_t session_undo_count(struct session *session) {
    pthread_mutex_lock(&session->mutex);
    size_t count = session->history.at;
    pthread_mutex_unlock(&session->mutex);
    return count;
}

void session_join_moves(struct session *session, bool on) {
    pthread_mutex_lock(&session->mutex);
    session->history.joining = on;
    session->history.joined = false;
    pthread_mutex_unlock(&session->mutex);
}

void session_begin(struct session *session) {
    pthread_mutex_lock(&session->mutex);
    history_begin(&session->history);
    pthread_mutex_unlock(&session->mutex);
}

bool session_epsilon(struct session *session, double *epsilon) {
    pthread_mutex_lock(&session->mutex);
    bool known = target_known(&history_now(&session->history)->target, epsilon);
    pthread_mutex_unlock(&session->mutex);
    return known;
}

/* ---- Marks ---- */

/* Spaces only between words. */
static bool check_name(const char *name, struct error *error) {
    char visible[MARK_NAME_SIZE];
    size_t length = strlen(name);
    if (length >= sizeof visible)
        return error_set(error, ERROR_USAGE,
                         "the name of a mark has at most %d bytes: shorten \"%.20s...\"",
                         MARK_NAME_SIZE - 1, name);
    memcpy(visible, name, length + 1);
    text_make_visible(visible);
    if (length == 0 || strcmp(visible, name) != 0 || name[0] == ' ' || name[length - 1] == ' ')
        return error_set(error, ERROR_USAGE,
                         "the name of a mark is a word that can be seen, for example mark start");
    return true;
}

static bool refuse_name(const char *name, struct error *error) {
    return error_set(error, ERROR_USAGE, "there is no mark \"%.60s\": m makes one", name);
}

/* The history has changed without the worker. */
static void ask_for_notice(struct session *session, struct requests *requests) {
    requests->notice = true;
    session_lead(session, requests);
}

static bool mark(struct session *session, struct requests *requests, const char *name,
                 struct text *used, struct error *error) {
    struct history *history = &session->history;
    char free_name[MARK_NAME_SIZE];
    if (!history_now(history)->files)
        return error_set(error, ERROR_USAGE, "nothing to mark: open a network first");
    const struct mark_list *list = history_now(history)->marks;
    if (list && list->count >= MARKS_MOST && !(name && history_mark_named(history, name)))
        return error_set(error, ERROR_USAGE,
                         "there are %d marks, no more can be made: :unmark NAME forgets one",
                         MARKS_MOST);
    if (!name) {
        history_free_name(history, free_name);
        name = free_name;
    }
    if (!history_mark(history, name))
        return error_memory(error, sizeof(struct mark));
    requests->mark = !target_known(&history_now(history)->target, NULL);
    ask_for_notice(session, requests);
    if (used)
        text_append(used, name);
    return true;
}

bool session_mark(struct session *session, const char *name, struct text *used,
                  struct error *error) {
    if (name && !check_name(name, error))
        return false;
    struct requests *requests = session_ask(session);
    bool done = mark(session, requests, name, used, error);
    session_asked(session);
    return done;
}

bool session_unmark(struct session *session, const char *name, struct error *error) {
    struct requests *requests = session_ask(session);
    bool there = history_mark_named(&session->history, name);
    bool done = there && history_unmark(&session->history, name);
    if (done)
        ask_for_notice(session, requests);
    session_asked(session);
    if (!there)
        return refuse_name(name, error);
    return done || error_memory(error, sizeof(struct mark_list));
}

/* A mark may have been made with data that is not there now. */
static bool jump(struct session *session, struct requests *requests, const struct mark *mark,
                 struct text *used, struct error *error) {
    struct options options;
    const struct waypoint from = *history_now(&session->history);
    const struct option_choices choices = mark->choices;
    const struct target target = mark->target;
    if (!session_resolve(&choices, from.files && from.files->data, &options, error)) {
        session_drop_dashes(error);
        error_prefix(error, "mark %s", mark->name);
        return false;
    }
    if (used)
        text_append(used, mark->name);
    struct waypoint *place = history_change(&session->history, "jump to mark %s", mark->name);
    place->choices = choices;
    place->target = target;
    place->base = place->id;
    session_go(session, requests, &from);
    return true;
}

bool session_jump(struct session *session, const char *name, struct text *used,
                  struct error *error) {
    struct requests *requests = session_ask(session);
    const struct history *history = &session->history;
    const struct mark *to = name ? history_mark_named(history, name) : history_mark_before(history);
    bool done = to && jump(session, requests, to, used, error);
    session_asked(session);
    if (!to && name)
        return refuse_name(name, error);
    return done || (!to && error_set(error, ERROR_USAGE, "there are no marks yet: m makes one"));
}
