/* What is kept of a session when the program ends, and taken up again. */
#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/saved.h"
#include "lumpscope/text.h"

#include "session/worker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The path as it can be found from anywhere; as it is when there is nothing. NULL without memory.
 */
static char *absolute(const char *path) {
    char *real = realpath(path, NULL);
    return real || errno == ENOMEM ? real : memory_string(path, NULL);
}

/* The network's name, or its file's, while the worker is still at another one. */
static void name_session(const struct session *session, const struct files *files,
                         struct saved_session *saved) {
    const char *open = session->latest->model_path;
    const struct network *network =
        open && strcmp(open, files->model) == 0 ? session->latest->network : NULL;
    size_t length;
    const char *stem = file_stem(saved->model, &length);
    if (network && *network->name)
        snprintf(saved->title, sizeof saved->title, "%s", network->name);
    else
        snprintf(saved->title, sizeof saved->title, "%.*s", (int)length, stem);
    text_make_visible(saved->title);
}

/* What is still being looked for is not kept. */
static bool save_marks(const struct waypoint *place, struct saved_session *saved) {
    const struct mark_list *list = place->marks;
    saved->marks = memory_new(list ? list->count : 0, sizeof *saved->marks, NULL);
    for (size_t i = 0; saved->marks && list && i < list->count; i++) {
        const struct mark *mark = list->marks[i];
        struct saved_mark *kept = &saved->marks[saved->mark_count];
        if (!target_known(&mark->target, &kept->epsilon))
            continue;
        memcpy(kept->name, mark->name, sizeof kept->name);
        kept->choices = mark->choices;
        kept->parameters = mark->parameters;
        kept->grp = mark->grp;
        kept->figure = mark->figure;
        saved->mark_count++;
    }
    return saved->marks != NULL;
}

static bool save_place(const struct session *session, struct saved_session *saved) {
    const struct waypoint *place = history_now(&session->history);
    const struct files *files = place->files;
    saved->model = absolute(files->model);
    saved->data = files->data ? absolute(files->data) : NULL;
    if (!saved->model || (files->data && !saved->data) || !save_marks(place, saved) ||
        !data_recipe_copy(&saved->recipe, &files->recipe, NULL) ||
        !model_recipe_copy(&saved->model_recipe, &files->model_recipe, NULL))
        return false;
    saved->choices = place->choices;
    if (!target_known(&place->target, &saved->epsilon))
        saved->epsilon = session->latest->epsilon;
    saved->when = time(NULL);
    name_session(session, files, saved);
    return true;
}

bool session_describe(struct session *session, struct saved_session *saved) {
    *saved = (struct saved_session){0};
    pthread_mutex_lock(&session->mutex);
    const struct files *files = history_now(&session->history)->files;
    bool made = files && files->opened && files->model && save_place(session, saved);
    pthread_mutex_unlock(&session->mutex);
    if (!made)
        saved_session_free(saved);
    return made;
}

bool session_saved(struct session *session, struct saved_session *saved) {
    *saved = (struct saved_session){0};
    pthread_mutex_lock(&session->mutex);
    struct files *files = history_now(&session->history)->files;
    bool made = files && files->opened && files->model && history_changed(&session->history) &&
                save_place(session, saved);
    if (made)
        files->kept = true;
    pthread_mutex_unlock(&session->mutex);
    if (!made)
        saved_session_free(saved);
    return made;
}

static bool same_string(const char *a, const char *b) {
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static bool same_path(const char *kept, const char *asked) {
    char *real = asked ? absolute(asked) : NULL;
    bool same = same_string(kept, real);
    free(real);
    return same;
}

/* Whether what is to be opened is open: then it is not read again. */
static bool are_open(const struct files *files, const struct saved_session *saved) {
    const struct data_recipe *a = &saved->recipe;
    const struct data_recipe *b = files ? &files->recipe : a;
    return files && files->opened && same_path(saved->model, files->model) &&
           same_path(saved->data, files->data) && same_string(a->target, b->target) &&
           same_string(a->drop, b->drop) && same_string(a->range, b->range) &&
           a->delimiter == b->delimiter && a->header == b->header &&
           a->test_fraction == b->test_fraction && a->split_seed == b->split_seed &&
           a->split_none == b->split_none &&
           model_recipe_equal(&saved->model_recipe, &files->model_recipe);
}

static void restore_marks(struct history *history, const struct saved_session *saved) {
    for (size_t i = 0; i < saved->mark_count; i++) {
        const struct saved_mark *kept = &saved->marks[i];
        struct mark mark = {.choices = kept->choices,
                            .target = {.kind = TARGET_EPSILON, .value = kept->epsilon},
                            .parameters = kept->parameters,
                            .grp = kept->grp,
                            .figure = kept->figure,
                            .announced = true};
        memcpy(mark.name, kept->name, sizeof mark.name);
        history_add_mark(history, &mark);
    }
}

static void restore(struct session *session, struct requests *requests, struct files *files,
                    const struct saved_session *saved) {
    struct history *history = &session->history;
    const struct waypoint from = *history_now(history);
    char label[sizeof from.label];
    snprintf(label, sizeof label, "resume %.40s", saved->title);
    struct waypoint *place = history_open(history, files, true, label);
    place->choices = saved->choices;
    place->target = (struct target){.kind = TARGET_EPSILON, .value = saved->epsilon};
    restore_marks(history, saved);
    session_go(session, requests, &from);
}

void session_restore(struct session *session, const struct saved_session *saved) {
    struct requests *requests = session_ask(session);
    struct files *now = history_now(&session->history)->files;
    struct files *files = are_open(now, saved) ? files_hold(now)
                                               : files_new(saved->model, saved->data,
                                                           &saved->recipe, &saved->model_recipe);
    if (files)
        restore(session, requests, files, saved);
    requests->lost |= !files;
    session_asked(session);
}
