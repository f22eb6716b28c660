#include "session/worker.h"

#include "lumpscope/memory.h"
#include "lumpscope/model_json.h"
#include "lumpscope/text.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A change is shown at once when it is quick to compute with what follows from it, else after 8 ms;
 * progress ten times a second. */
static const double change_seconds = 0.008, progress_seconds = 0.1;

static double seconds_since(const struct timespec *then) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + 1e-9 * (double)(now.tv_nsec - then->tv_nsec);
}

void worker_say(struct worker *worker, bool is_error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(worker->message, sizeof worker->message, format, arguments);
    va_end(arguments);
    text_make_visible(worker->message);
    worker->message_is_error = is_error;
    worker->message_serial++;
    worker->unpublished = true;
}

void worker_publish(struct worker *worker) {
    struct session *session = worker->session;
    worker->serial++;
    struct snapshot *picture = worker_picture(worker);
    clock_gettime(CLOCK_MONOTONIC, &worker->published);
    if (!picture)
        return; /* out of memory: the last picture stays, the next change tries again */
    worker->unpublished = false;
    pthread_mutex_lock(&session->mutex);
    struct snapshot *old = session->latest;
    session->latest = picture;
    pthread_mutex_unlock(&session->mutex);
    snapshot_release(old);
    ssize_t written;
    do
        written = write(session->wake[1], "", 1);
    while (written < 0 && errno == EINTR);
}

/* Whether something was asked that makes the running job pointless or wait. */
static bool interrupted(const struct worker *worker) {
    struct session *session = worker->session;
    pthread_mutex_lock(&session->mutex);
    const struct requests *asked = &session->requests;
    bool moved = asked->target.kind != TARGET_NONE;
    bool stop =
        asked->stop || asked->cancel || asked->model || (worker->job >= JOB_DATA && asked->data) ||
        (worker->job >= JOB_ANALYSE && asked->options) || (worker->job >= JOB_MOVE && moved) ||
        (worker->job > JOB_MOVE && asked->target.steps != 0) ||
        (worker->job >= JOB_INSPECT && asked->select) ||
        (worker->job == JOB_BACKGROUND && (asked->write || asked->sweep_points));
    pthread_mutex_unlock(&session->mutex);
    return stop;
}

static bool report(void *user, const char *what, size_t done, size_t total) {
    struct worker *worker = user;
    snprintf(worker->work_text, sizeof worker->work_text, "%s", what);
    worker->work_done = done;
    worker->work_total = total;
    double since = seconds_since(&worker->published);
    if (since > (worker->unpublished ? change_seconds : progress_seconds))
        worker_publish(worker);
    return !interrupted(worker);
}

/* Takes over what was asked. */
static void take(struct requests *asked, struct requests *taken) {
    *taken = *asked;
    *asked = (struct requests){0};
    data_recipe_defaults(&asked->recipe);
}

static void give_up(struct requests *taken) {
    free(taken->model);
    free(taken->data_path);
    free(taken->write);
    data_recipe_free(&taken->recipe);
}

/* An error of a job becomes the message; being stopped is none. */
static void answer(struct worker *worker, bool done, const struct error *error) {
    if (!done && error->kind != ERROR_CANCELLED && error->kind != ERROR_NONE)
        worker_say(worker, true, "%s", error->text);
}

/* `what` NULL: the text stays. */
static void begin(struct worker *worker, enum job job, enum work_state work, const char *what) {
    worker->job = job;
    worker->work = work;
    worker->work_done = worker->work_total = 0;
    if (what)
        snprintf(worker->work_text, sizeof worker->work_text, "%s", what);
}

static void do_open(struct worker *worker, const struct requests *taken) {
    struct error error = {0};
    begin(worker, JOB_OPEN, WORK_OPENING, "opening the model");
    answer(worker, worker_open(worker, taken->model, &error), &error);
}

static void do_data(struct worker *worker, const struct requests *taken) {
    struct error error = {0};
    begin(worker, JOB_DATA, WORK_OPENING, "reading the data");
    answer(worker, worker_load_data(worker, taken->data_path, &taken->recipe, &error), &error);
}

static void do_write(struct worker *worker, const char *path) {
    struct error error = {0};
    begin(worker, JOB_WRITE, WORK_WRITING, "writing");
    if (!worker->study.refine) {
        worker_say(worker, true, "nothing to write: open a model first");
        return;
    }
    bool done = worker_reduce(worker, &error) && model_json_save(worker->reduced, path, &error);
    answer(worker, done, &error);
    if (done)
        worker_say(worker, false, "wrote %s: %zu of %zu parameters", path,
                   network_parameters(worker->reduced), network_parameters(worker->model->network));
}

static void do_analyse(struct worker *worker) {
    struct error error = {0};
    begin(worker, JOB_ANALYSE, WORK_ANALYSING, "analysing");
    bool done = worker_analyse(worker, &error);
    answer(worker, done, &error);
    if (!done && error.kind == ERROR_CANCELLED)
        worker_say(worker, false, "the analysis was stopped; choose an option to start it again");
}

static void do_move(struct worker *worker, const struct target *target) {
    struct error error = {0};
    begin(worker, JOB_MOVE, WORK_ANALYSING, "moving epsilon");
    if (!worker->study.refine)
        return;
    answer(worker, worker_move(worker, target, &error), &error);
}

static void do_inspect(struct worker *worker) {
    struct error error = {0};
    begin(worker, JOB_INSPECT, WORK_IDLE, "");
    bool done = worker_inspect(worker, &error);
    answer(worker, done, &error);
    worker->inspected = done || error.kind != ERROR_CANCELLED;
    worker->unpublished = true;
}

/* The urgent part of what was asked, in order of urgency. */
static void serve(struct worker *worker, struct requests *taken) {
    bool analyse = taken->options;
    if (taken->cancel)
        worker->sweep_wanted = false;
    if (taken->model) {
        do_open(worker, taken);
        analyse = worker->model != NULL;
    }
    if (taken->data && worker->model) {
        do_data(worker, taken);
        analyse = true;
    }
    if (analyse && worker->model)
        do_analyse(worker);
    if (taken->target.kind != TARGET_NONE || taken->target.steps)
        do_move(worker, &taken->target);
    if (taken->select) {
        worker->layer = taken->layer;
        worker->neuron = taken->neuron;
        worker->inspected = false;
    }
    if (!worker->inspected && worker->study.refine)
        do_inspect(worker);
    if (taken->write)
        do_write(worker, taken->write);
    if (taken->sweep_points) {
        worker->sweep_wanted = true;
        worker->sweep_points = taken->sweep_points;
        worker->curve_complete = false;
    }
}

static bool anything_asked(const struct requests *asked) {
    return asked->stop || asked->cancel || asked->model || asked->data || asked->options ||
           asked->target.kind != TARGET_NONE || asked->target.steps || asked->select ||
           asked->sweep_points || asked->write;
}

/* Does one step of background work; false when there is none left. */
static bool fill_in(struct worker *worker) {
    struct error error = {0};
    if (!worker->study.refine)
        return false;
    begin(worker, JOB_BACKGROUND, worker->sweep_wanted ? WORK_SWEEPING : WORK_EVALUATING,
          NULL);
    bool more = worker_background(worker, &error);
    answer(worker, error.kind == ERROR_NONE, &error);
    if (error.kind != ERROR_NONE && error.kind != ERROR_CANCELLED)
        return false;
    return more || error.kind == ERROR_CANCELLED;
}

/* Waits for requests; false: to stop. `busy`: does not wait. */
static bool next_requests(struct session *session, struct requests *taken, bool busy) {
    pthread_mutex_lock(&session->mutex);
    while (!busy && !anything_asked(&session->requests)) {
        session->idle = true;
        pthread_cond_broadcast(&session->changed);
        pthread_cond_wait(&session->changed, &session->mutex);
    }
    take(&session->requests, taken);
    pthread_mutex_unlock(&session->mutex);
    return !taken->stop;
}

static void rest(struct worker *worker) {
    begin(worker, JOB_BACKGROUND, WORK_IDLE, "");
    worker_publish(worker);
}

void *worker_run(void *user) {
    struct worker worker = {.session = user, .progress = {.report = report}};
    worker.progress.user = &worker;
    data_recipe_defaults(&worker.recipe);
    options_defaults(&worker.options, false);
    bool busy = false, running = true;
    while (running) {
        struct requests taken;
        running = next_requests(worker.session, &taken, busy);
        if (running) {
            serve(&worker, &taken);
            busy = fill_in(&worker);
            if (!busy)
                rest(&worker);
        }
        give_up(&taken);
    }
    worker_close(&worker);
    data_recipe_free(&worker.recipe);
    return NULL;
}
