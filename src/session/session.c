#include "lumpscope/session.h"

#include "lumpscope/memory.h"
#include "lumpscope/parallel.h"
#include "lumpscope/text.h"

#include "session/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
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
    if (!parallel_start(&session->thread, worker_run, session)) {
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
    if (!history_init(&session->history, error) || !start(session, error)) {
        snapshot_release(session->latest);
        history_free(&session->history);
        pthread_cond_destroy(&session->changed);
        pthread_mutex_destroy(&session->mutex);
        free(session);
        return NULL;
    }
    return session;
}

void requests_free(struct requests *requests) {
    files_release(requests->files);
    free(requests->write);
}

/* The batch that takes what is asked now. Without memory for another one the last goes on. */
static struct requests *newest_batch(struct session *session) {
    struct requests *last = &session->requests;
    while (last->next)
        last = last->next;
    if ((last->write || last->mark) && (last->next = memory_new(1, sizeof *last, NULL)))
        last = last->next;
    return last;
}

struct requests *session_ask(struct session *session) {
    pthread_mutex_lock(&session->mutex);
    session->idle = session->paused = false;
    return newest_batch(session);
}

void session_lead(struct session *session, struct requests *requests) {
    requests->place = history_now(&session->history)->id;
    requests->choices = history_now(&session->history)->choices;
}

void session_asked(struct session *session) {
    pthread_cond_broadcast(&session->changed);
    pthread_mutex_unlock(&session->mutex);
}

void session_free(struct session *session) {
    if (!session)
        return;
    pthread_mutex_lock(&session->mutex);
    session->stop = true;
    session_asked(session);
    pthread_join(session->thread, NULL);
    close(session->wake[0]);
    close(session->wake[1]);
    snapshot_release(session->latest);
    for (struct requests *later; (later = session->requests.next); free(later)) {
        session->requests.next = later->next;
        requests_free(later);
    }
    requests_free(&session->requests);
    history_free(&session->history);
    model_release(session->model);
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

static void ask_for_files(struct requests *requests, struct files *files, bool model) {
    files_hold(files);
    files_release(requests->files);
    requests->files = files;
    requests->polish = 0;
    requests->model |= model;
    requests->data |= !model;
}

void session_go(struct session *session, struct requests *requests, const struct waypoint *from) {
    const struct waypoint *to = history_now(&session->history);
    bool other = from->files != to->files;
    if (other) {
        ask_for_files(requests, to->files, true);
        requests->data = false;
    }
    requests->options |= other || !choices_equal(&from->choices, &to->choices);
    if (other || requests->options || !target_equal(&from->target, &to->target))
        requests->target = to->target;
    if (requests->options || !target_equal(&from->target, &to->target))
        requests->polish = 0;
    requests->notice = true;
    session_lead(session, requests);
}

void session_choose(struct session *session, const struct option_choices *choices) {
    pthread_mutex_lock(&session->mutex);
    history_now(&session->history)->choices = *choices;
    pthread_mutex_unlock(&session->mutex);
}

/* "opened m.json with d.csv"; `data` may be NULL. */
static void label_files(struct text *label, const char *model, const char *data) {
    const char *what[] = {model, data}, *words[] = {"opened ", model ? " with " : "data "};
    for (int i = 0; i < 2; i++) {
        const char *slash = what[i] ? strrchr(what[i], '/') : NULL;
        if (what[i])
            text_format(label, "%s%s", words[i], slash ? slash + 1 : what[i]);
    }
}

/* `model` NULL: that which is open. Data that come without any are asked for, so that the worker
 * says what is wrong with that, but lead nowhere. */
static void open_files(struct session *session, const char *model, const char *data,
                       const struct data_recipe *recipe, const struct model_recipe *model_recipe) {
    struct text label = {0};
    label_files(&label, model, data);
    struct requests *requests = session_ask(session);
    const struct files *now = history_now(&session->history)->files;
    if (!model && now)
        model_recipe = &now->model_recipe;
    struct files *files = files_new(model ? model
                                    : now ? now->model
                                          : NULL,
                                    data, recipe, model_recipe);
    if (files)
        ask_for_files(requests, files, model != NULL);
    if (files && files->model) {
        history_open(&session->history, files, model != NULL, label.data ? label.data : "");
        if (model)
            requests->target = (struct target){.kind = TARGET_NONE};
        session_lead(session, requests);
    } else
        files_release(files);
    requests->lost |= !files;
    session_asked(session);
    text_free(&label);
}

void session_open(struct session *session, const char *model, const char *data,
                  const struct data_recipe *recipe, const struct model_recipe *model_recipe) {
    open_files(session, model, data, recipe, model_recipe);
}

void session_data(struct session *session, const char *data, const struct data_recipe *recipe) {
    open_files(session, NULL, data, recipe, NULL);
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
    bool agglomerate = given[OPTION_LINKAGE] && choices->value.linkage == LINKAGE_AGGLOMERATE;
    if (agglomerate && !joint && set != OPTION_LINKAGE)
        given[OPTION_LINKAGE] = false;
    if (given[OPTION_REFIT] && !choices->value.refit && set != OPTION_POLISH)
        given[OPTION_POLISH] = false;
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
    bool rows = (effective.given[OPTION_REFIT] && effective.value.refit) ||
                (effective.given[OPTION_POLISH] && effective.value.polish);
    if (!has_data && rows)
        return error_set(error, ERROR_USAGE, "%s works on rows: :data FILE opens some",
                         effective.given[OPTION_POLISH] && effective.value.polish ? "polish"
                                                                                  : "refit");
    return options_resolve(&effective, has_data, options, error);
}

static bool fits(const struct option_choices *choices, bool has_data, const struct network *network,
                 enum option_id set, struct options *options, struct error *error) {
    return resolve_choices(choices, has_data, set, options, error) &&
           (!network || refine_check(network, options, error));
}

/* What was chosen for another network, or other data, and means nothing here rests as well: the
 * first option alone that helps, else all of them; `error` tells why. Where the options do not fit
 * together the one that is `set` is refused. */
static bool fit(const struct option_choices *choices, bool has_data, const struct network *network,
                enum option_id set, struct options *options, struct error *error) {
    static const enum option_id of_place[] = {OPTION_LOCK,  OPTION_NORM,   OPTION_RELATION,
                                              OPTION_REFIT, OPTION_POLISH, OPTION_FAITHFUL};
    if (fits(choices, has_data, network, set, options, error))
        return true;
    if (set != OPTION_COUNT && !resolve_choices(choices, has_data, set, options, NULL))
        return false;
    struct option_choices none = *choices;
    for (size_t k = 0; k < sizeof of_place / sizeof *of_place; k++) {
        struct option_choices rested = *choices;
        if (of_place[k] == set)
            continue;
        rested.given[of_place[k]] = none.given[of_place[k]] = false;
        if (fits(&rested, has_data, network, set, options, NULL))
            return true;
    }
    return fits(&none, has_data, network, set, options, NULL);
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

static bool has_data(const struct session *session) {
    const struct files *files = history_now(&session->history)->files;
    return files && files->data;
}

/* The network that is open; NULL: it is not read yet, and the analysis will tell. */
static const struct network *network_known(const struct session *session) {
    bool known = session->model && session->model_files == history_now(&session->history)->files;
    return known ? session->model->network : NULL;
}

/* "refit off"; options that mean something for themselves take no value. */
static void change_option(struct session *session, struct requests *requests,
                          const struct option_choices *choices, enum option_id option,
                          const char *value) {
    struct text label = {0};
    text_format(&label, "%s%s%s", option_descriptions[option].name, *value ? " " : "", value);
    history_choose(&session->history, choices, label.data ? label.data : "");
    requests->options = true;
    requests->polish = 0;
    session_lead(session, requests);
    text_free(&label);
}

bool session_set_option(struct session *session, enum option_id option, const char *value,
                        struct error *error) {
    struct options resolved;
    struct requests *requests = session_ask(session);
    struct option_choices choices = history_now(&session->history)->choices;
    if (option == OPTION_FAITHFUL)
        memset(choices.given, 0, sizeof choices.given);
    else if (option != OPTION_SEED && option != OPTION_CALIBRATION && option != OPTION_LOCK &&
             option != OPTION_MEMORY)
        choices.given[OPTION_FAITHFUL] = false;
    struct error why = {0};
    bool good = options_choose(&choices, option, value, &why) &&
                fit(&choices, has_data(session), network_known(session), option, &resolved, &why);
    if (good)
        change_option(session, requests, &choices, option, value);
    session_asked(session);
    session_drop_dashes(&why);
    if (!good && error)
        *error = why;
    return good;
}

void session_reset_options(struct session *session) {
    struct requests *requests = session_ask(session);
    const struct option_choices none = {0};
    history_choose(&session->history, &none, "options as usual");
    requests->options = true;
    requests->polish = 0;
    session_lead(session, requests);
    session_asked(session);
}

bool session_resolve(const struct option_choices *choices, bool data, struct options *options,
                     struct error *error) {
    return resolve_choices(choices, data, OPTION_COUNT, options, error);
}

bool session_fit(const struct option_choices *choices, bool data, const struct network *network,
                 struct options *options, struct error *error) {
    return fit(choices, data, network, OPTION_COUNT, options, error);
}

void session_options(struct session *session, struct options *options) {
    pthread_mutex_lock(&session->mutex);
    bool data = has_data(session);
    if (!session_fit(&history_now(&session->history)->choices, data, network_known(session),
                     options, NULL))
        options_defaults(options, data);
    pthread_mutex_unlock(&session->mutex);
}

/* ---- Where epsilon goes ---- */

static void label_step(char *label, size_t size, int count) {
    const char *direction = count > 0 ? "next" : "previous";
    if (count == 1 || count == -1)
        snprintf(label, size, "%s merge event", direction);
    else
        snprintf(label, size, "%s %lld merge events", direction, llabs((long long)count));
}

/* As it was typed, but four digits of what nobody types. */
static const char *label_number(double value, char *out) {
    text_number(value, out);
    return strlen(out) > 6 || !isfinite(value) ? text_human(value, 4, out) : out;
}

static void label_target(char *label, size_t size, const struct target *target) {
    char number[TEXT_NUMBER_SIZE];
    label_number(target->value, number);
    switch (target->kind) {
    case TARGET_NONE:
        label_step(label, size, target->steps);
        break;
    case TARGET_EPSILON:
        snprintf(label, size, "epsilon %s", number);
        break;
    case TARGET_FIRST:
        snprintf(label, size, "epsilon 0");
        break;
    case TARGET_LAST:
        snprintf(label, size, "last merge event");
        break;
    case TARGET_BUDGET:
        snprintf(label, size, "budget %s %%", number);
        break;
    case TARGET_LOSS:
        snprintf(label, size, "loss %s %%", number);
        break;
    case TARGET_EXACT:
        snprintf(label, size, "exact");
        break;
    }
}

/* `target` of no kind: steps from where epsilon is going to be. */
static void ask_for_target(struct session *session, const struct target *target) {
    char label[64];
    label_target(label, sizeof label, target);
    struct requests *requests = session_ask(session);
    if (target->kind == TARGET_NONE)
        target_step(&requests->target, target->steps);
    else
        requests->target = *target;
    requests->polish = 0;
    history_move(&session->history, target, label);
    session_lead(session, requests);
    session_asked(session);
}

void session_set_epsilon(struct session *session, double epsilon) {
    ask_for_target(session, &(struct target){.kind = TARGET_EPSILON, .value = epsilon});
}

void session_step(struct session *session, int count) {
    ask_for_target(session, &(struct target){.steps = count});
}

void session_end(struct session *session, bool last) {
    ask_for_target(session, &(struct target){.kind = last ? TARGET_LAST : TARGET_FIRST});
}

void session_budget(struct session *session, double grp) {
    ask_for_target(session, &(struct target){.kind = TARGET_BUDGET, .value = grp});
}

void session_loss(struct session *session, double percent) {
    ask_for_target(session, &(struct target){.kind = TARGET_LOSS, .value = percent});
}

void session_exact(struct session *session) {
    ask_for_target(session, &(struct target){.kind = TARGET_EXACT});
}

void session_sweep(struct session *session, size_t points) {
    session_ask(session)->sweep_points = points ? points : 1;
    session_asked(session);
}

bool session_polish(struct session *session, size_t iterations, struct error *error) {
    struct options options = {0};
    session_options(session, &options);
    struct requests *requests = session_ask(session);
    const struct files *files = history_now(&session->history)->files;
    bool data = has_data(session), good = data && options.refit;
    if (good)
        requests->polish = iterations;
    session_asked(session);
    return good || error_set(error, ERROR_USAGE,
                             !files  ? "nothing to polish: open a network and data first"
                             : !data ? "polish works on rows: :data FILE opens some"
                                     : "polish goes on from refit: press f, or :set refit on");
}

/* What is not begun and would be long is dropped, but for what leads to a write. */
void session_cancel(struct session *session) {
    struct requests *requests = session_ask(session);
    requests->target = (struct target){.kind = TARGET_NONE};
    requests->sweep_points = requests->polish = 0;
    session->cancelled = history_now(&session->history)->id;
    session->cancel = session->paused = true;
    session_asked(session);
}

/* NULL: there is no memory for it, or for a batch after the one that writes already. */
static struct requests *ask_for_file(struct session *session, const char *path, bool export) {
    struct requests *requests = session_ask(session);
    char *kept = requests->write ? NULL : memory_string(path, NULL);
    if (!kept) {
        requests->lost = true;
        return NULL;
    }
    requests->write = kept;
    requests->export = export;
    return requests;
}

void session_write(struct session *session, const char *path, const enum tensor_type *type) {
    struct requests *requests = ask_for_file(session, path, false);
    if (requests) {
        requests->typed = type != NULL;
        requests->type = type ? *type : TENSOR_F64;
    }
    session_asked(session);
}

void session_export(struct session *session, const char *path, enum report_kind kind,
                    size_t layer) {
    struct requests *requests = ask_for_file(session, path, true);
    if (requests) {
        requests->kind = kind;
        requests->report_layer = layer;
    }
    session_asked(session);
}

void session_select(struct session *session, size_t layer, size_t neuron) {
    struct requests *requests = session_ask(session);
    requests->select = true;
    requests->layer = layer;
    requests->neuron = neuron;
    session_asked(session);
}

void session_watch(struct session *session, const struct watch *watch) {
    struct requests *requests = session_ask(session);
    requests->rewatch = true;
    requests->watch = *watch;
    session_asked(session);
}
