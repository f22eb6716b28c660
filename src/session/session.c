#include "lumpscope/session.h"

#include "lumpscope/memory.h"

#include "session/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static bool start(struct session *session, struct error *error) {
    session->latest = memory_new(1, sizeof *session->latest, error);
    if (!session->latest)
        return false;
    atomic_init(&session->latest->holders, 1);
    options_defaults(&session->latest->options, false);
    if (pipe2(session->wake, O_CLOEXEC | O_NONBLOCK) != 0)
        return error_set(error, ERROR_REQUEST, "no pipe for the explorer: %s", strerror(errno));
    if (pthread_create(&session->thread, NULL, worker_run, session) != 0) {
        close(session->wake[0]);
        close(session->wake[1]);
        return error_set(error, ERROR_REQUEST, "no thread for the explorer; end other programs");
    }
    return true;
}

struct session *session_new(struct error *error) {
    struct session *session = memory_new(1, sizeof *session, error);
    if (!session)
        return NULL;
    pthread_mutex_init(&session->mutex, NULL);
    pthread_cond_init(&session->changed, NULL);
    data_recipe_defaults(&session->requests.recipe);
    if (!start(session, error)) {
        snapshot_release(session->latest);
        pthread_cond_destroy(&session->changed);
        pthread_mutex_destroy(&session->mutex);
        free(session);
        return NULL;
    }
    return session;
}

void requests_free(struct requests *requests) {
    free(requests->model);
    free(requests->data_path);
    free(requests->write);
    data_recipe_free(&requests->recipe);
}

/* The batch that takes what is asked now. Without memory for another one the last goes on. */
static struct requests *newest_batch(struct session *session) {
    struct requests *last = &session->requests;
    while (last->next)
        last = last->next;
    if (last->write && (last->next = memory_new(1, sizeof *last, NULL))) {
        last = last->next;
        data_recipe_defaults(&last->recipe);
    }
    return last;
}

/* Every request: lock, change what is asked, wake the worker. */
static struct requests *ask(struct session *session) {
    pthread_mutex_lock(&session->mutex);
    session->idle = session->paused = false;
    return newest_batch(session);
}

static void asked(struct session *session) {
    pthread_cond_broadcast(&session->changed);
    pthread_mutex_unlock(&session->mutex);
}

void session_free(struct session *session) {
    if (!session)
        return;
    pthread_mutex_lock(&session->mutex);
    session->stop = true;
    asked(session);
    pthread_join(session->thread, NULL);
    close(session->wake[0]);
    close(session->wake[1]);
    snapshot_release(session->latest);
    for (struct requests *later; (later = session->requests.next); free(later)) {
        session->requests.next = later->next;
        requests_free(later);
    }
    requests_free(&session->requests);
    pthread_cond_destroy(&session->changed);
    pthread_mutex_destroy(&session->mutex);
    free(session);
}

int session_wake_descriptor(const struct session *session) {
    return session->wake[0];
}

struct snapshot *session_latest(struct session *session) {
    char drained[64];
    while (read(session->wake[0], drained, sizeof drained) > 0)
        continue;
    pthread_mutex_lock(&session->mutex);
    struct snapshot *snapshot = session->latest;
    snapshot_hold(snapshot);
    pthread_mutex_unlock(&session->mutex);
    return snapshot;
}

void session_wait(struct session *session) {
    pthread_mutex_lock(&session->mutex);
    while (!session->idle)
        pthread_cond_wait(&session->changed, &session->mutex);
    pthread_mutex_unlock(&session->mutex);
}

/* The worker publishes before it says that it is idle. */
bool session_busy(struct session *session) {
    pthread_mutex_lock(&session->mutex);
    bool busy = !session->idle;
    pthread_mutex_unlock(&session->mutex);
    return busy;
}

static void replace_string(char **kept, const char *string) {
    free(*kept);
    *kept = memory_string(string, NULL);
}

static void ask_for_data(struct session *session, struct requests *requests, const char *data,
                         const struct data_recipe *recipe) {
    requests->data = data != NULL;
    replace_string(&requests->data_path, data);
    data_recipe_free(&requests->recipe);
    if (!recipe || !data_recipe_copy(&requests->recipe, recipe, NULL))
        data_recipe_defaults(&requests->recipe);
    session->has_data = data != NULL;
}

void session_choose(struct session *session, const struct option_choices *choices) {
    pthread_mutex_lock(&session->mutex);
    session->choices = *choices;
    pthread_mutex_unlock(&session->mutex);
}

void session_open(struct session *session, const char *model, const char *data,
                  const struct data_recipe *recipe) {
    struct requests *requests = ask(session);
    replace_string(&requests->model, model);
    ask_for_data(session, requests, data, recipe);
    requests->target = (struct target){.kind = TARGET_NONE};
    asked(session);
}

void session_data(struct session *session, const char *data, const struct data_recipe *recipe) {
    struct requests *requests = ask(session);
    ask_for_data(session, requests, data, recipe);
    asked(session);
}

/* In the explorer options are turned one by one: what was said of options that mean nothing for the
 * relation rests until it means something again. */
static void rest_options(struct option_choices *choices, enum option_id set) {
    bool *given = choices->given;
    bool joint = given[OPTION_RELATION] ? choices->value.relation == RELATION_JOINT : false;
    bool forward = !given[OPTION_RELATION] || choices->value.relation == RELATION_FORWARD;
    static const enum option_id formal[] = {OPTION_NORM, OPTION_SCALE, OPTION_BALANCE};
    for (size_t k = 0; joint && k < sizeof formal / sizeof *formal; k++)
        if (formal[k] != set)
            given[formal[k]] = false;
    if (!forward && set != OPTION_RANK)
        given[OPTION_RANK] = false;
    if (given[OPTION_NORM] && choices->value.norm == NORM_ERODE && set != OPTION_SCALE)
        given[OPTION_SCALE] = false;
}

/* `set`: the option that was just chosen, which never rests. */
static bool resolve_choices(const struct option_choices *choices, bool has_data, enum option_id set,
                            struct options *options, struct error *error) {
    struct option_choices effective = *choices;
    if (!effective.given[OPTION_RELATION] && has_data && !effective.given[OPTION_FAITHFUL]) {
        effective.given[OPTION_RELATION] = true;
        effective.value.relation = RELATION_JOINT;
    }
    if (!has_data && effective.given[OPTION_RELATION] && effective.value.relation == RELATION_JOINT)
        return error_set(error, ERROR_USAGE,
                         "relation joint measures on rows: :data FILE opens some");
    rest_options(&effective, set);
    return options_resolve(&effective, has_data, options, error);
}

void session_drop_dashes(struct error *error) {
    char *to = error ? error->text : NULL;
    for (const char *from = to; from && *from; from++)
        if (from[0] == '-' && from[1] == '-' && (from == error->text || from[-1] == ' '))
            from++;
        else
            *to++ = *from;
    if (to)
        *to = '\0';
}

bool session_set_option(struct session *session, enum option_id option, const char *value,
                        struct error *error) {
    struct options resolved;
    struct requests *requests = ask(session);
    struct option_choices choices = session->choices;
    if (option == OPTION_FAITHFUL)
        memset(choices.given, 0, sizeof choices.given);
    else if (option != OPTION_SEED && option != OPTION_CALIBRATION && option != OPTION_LOCK)
        choices.given[OPTION_FAITHFUL] = false;
    bool good = options_choose(&choices, option, value, error) &&
                resolve_choices(&choices, session->has_data, option, &resolved, error);
    if (!good)
        session_drop_dashes(error);
    if (good) {
        session->choices = choices;
        requests->options = true;
    }
    asked(session);
    return good;
}

/* The options in force; the worker calls it under the mutex. */
bool session_resolve(const struct session *session, struct options *options, struct error *error) {
    return resolve_choices(&session->choices, session->has_data, OPTION_COUNT, options, error);
}

void session_options(struct session *session, struct options *options) {
    pthread_mutex_lock(&session->mutex);
    if (!session_resolve(session, options, NULL))
        options_defaults(options, session->has_data);
    pthread_mutex_unlock(&session->mutex);
}

static void ask_for_target(struct session *session, enum target_kind kind, double value) {
    ask(session)->target = (struct target){.kind = kind, .value = value};
    asked(session);
}

void session_set_epsilon(struct session *session, double epsilon) {
    ask_for_target(session, TARGET_EPSILON, epsilon);
}

bool target_asked(const struct target *target) {
    return target->kind != TARGET_NONE || target->steps != 0;
}

void target_step(struct target *target, int count) {
    long long steps = (long long)target->steps + count;
    target->steps = steps > INT_MAX ? INT_MAX : steps < -INT_MAX ? -INT_MAX : (int)steps;
}

void session_step(struct session *session, int count) {
    target_step(&ask(session)->target, count);
    asked(session);
}

void session_end(struct session *session, bool last) {
    ask_for_target(session, last ? TARGET_LAST : TARGET_FIRST, 0);
}

void session_budget(struct session *session, double grp) {
    ask_for_target(session, TARGET_BUDGET, grp);
}

void session_loss(struct session *session, double percent) {
    ask_for_target(session, TARGET_LOSS, percent);
}

void session_exact(struct session *session) {
    ask_for_target(session, TARGET_EXACT, 0);
}

void session_sweep(struct session *session, size_t points) {
    ask(session)->sweep_points = points ? points : 1;
    asked(session);
}

/* What is not begun and would be long is dropped, but for what leads to a write. */
void session_cancel(struct session *session) {
    struct requests *requests = ask(session);
    requests->target = (struct target){.kind = TARGET_NONE};
    requests->sweep_points = 0;
    session->cancel = session->paused = true;
    asked(session);
}

static void ask_for_file(struct session *session, const char *path, bool export) {
    struct requests *requests = ask(session);
    replace_string(&requests->write, path);
    requests->export = export;
    asked(session);
}

void session_write(struct session *session, const char *path) {
    ask_for_file(session, path, false);
}

void session_export(struct session *session, const char *path) {
    ask_for_file(session, path, true);
}

void session_select(struct session *session, size_t layer, size_t neuron) {
    struct requests *requests = ask(session);
    requests->select = true;
    requests->layer = layer;
    requests->neuron = neuron;
    asked(session);
}

void session_watch(struct session *session, const struct watch *watch) {
    struct requests *requests = ask(session);
    requests->rewatch = true;
    requests->watch = *watch;
    asked(session);
}
