#include "session/worker.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/model_file.h"
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

/* Whether something was asked that makes a job pointless or wait. */
static bool outdated(enum job job, const struct requests *asked) {
    return asked->model || (job >= JOB_DATA && asked->data) ||
           (job >= JOB_ANALYSE && asked->options) ||
           (job >= JOB_MOVE && asked->target.kind != TARGET_NONE) ||
           (job > JOB_MOVE && asked->target.steps != 0) ||
           (job >= JOB_INSPECT && job != JOB_POLISH && (asked->select || asked->rewatch)) ||
           (job == JOB_POLISH && asked->polish) ||
           (job == JOB_BACKGROUND &&
            (asked->write || asked->sweep_points || asked->polish || asked->notice));
}

static bool interrupted(const struct worker *worker) {
    struct session *session = worker->session;
    pthread_mutex_lock(&session->mutex);
    bool stop = session->cancel || (session->stop && worker->job != JOB_WRITE) ||
                (!worker->carrying && outdated(worker->job, &session->requests));
    pthread_mutex_unlock(&session->mutex);
    return stop;
}

static void attend(struct worker *worker);

static bool report(void *user, const char *what, size_t done, size_t total) {
    struct worker *worker = user;
    if (worker->job == JOB_POLISH)
        attend(worker);
    snprintf(worker->work_text, sizeof worker->work_text, "%s", what);
    worker->work_done = done;
    worker->work_total = total;
    double since = seconds_since(&worker->published);
    if (since > (worker->unpublished ? change_seconds : progress_seconds))
        worker_publish(worker);
    return !interrupted(worker);
}

/* Takes over the oldest batch; the next one takes its place. */
static void take(struct requests *asked, struct requests *taken) {
    struct requests *next = asked->next;
    *taken = *asked;
    if (next) {
        *asked = *next;
        free(next);
    } else
        *asked = (struct requests){0};
}

/* An error of a job becomes the message; being stopped is none. While nothing is open it ends the
 * program, and stands on the command line, whose options have dashes. */
static void answer(struct worker *worker, bool done, struct error *error) {
    if (done || error->kind == ERROR_CANCELLED || error->kind == ERROR_NONE)
        return;
    if (worker->model)
        session_drop_dashes(error);
    worker_say(worker, true, "%s", error->text);
}

static bool cancel_asked(struct session *session) {
    pthread_mutex_lock(&session->mutex);
    bool asked = session->cancel;
    pthread_mutex_unlock(&session->mutex);
    return asked;
}

/* Whether a job that ended this way is to be taken up again: only newer requests stopped it. */
static bool still_due(struct worker *worker, bool done, const struct error *error) {
    return !done && error->kind == ERROR_CANCELLED && !cancel_asked(worker->session);
}

/* `what` NULL: the text stays. */
static void begin(struct worker *worker, enum job job, enum work_state work, const char *what) {
    worker->job = job;
    worker->work = work;
    worker->work_done = worker->work_total = 0;
    if (what)
        snprintf(worker->work_text, sizeof worker->work_text, "%s", what);
}

/* What could not be read is no place of the history any more. When the user was to be there, what
 * was asked of it lapses, and where the user is instead is asked again. */
static void refuse_files(struct worker *worker, struct requests *taken) {
    struct session *session = worker->session;
    struct requests *requests = session_ask(session);
    const struct waypoint refused = *history_now(&session->history);
    if (history_refuse(&session->history, taken->files, worker->files)) {
        const struct waypoint from = {.files = worker->files, .choices = refused.choices};
        session_go(session, requests, &from);
        taken->options = false;
        taken->target = (struct target){.kind = TARGET_NONE};
    }
    if (!history_find(&session->history, worker->place))
        worker->place = history_now(&session->history)->id;
    session_asked(session);
}

/* They are open now. */
static void keep_files(struct worker *worker, struct files *files) {
    struct session *session = worker->session;
    pthread_mutex_lock(&session->mutex);
    files->opened = true;
    model_release(session->model);
    session->model = model_hold(worker->model);
    session->model_files = files;
    pthread_mutex_unlock(&session->mutex);
    files_hold(files);
    files_release(worker->files);
    worker->files = files;
}

static bool do_open(struct worker *worker, struct requests *taken) {
    struct error error = {0};
    const struct files *files = taken->files;
    if (files == worker->files)
        return true;
    begin(worker, JOB_OPEN, WORK_OPENING, "opening the model");
    bool done = worker_open(worker, files, &error);
    answer(worker, done, &error);
    worker->analysis_due |= done;
    if (done) {
        keep_files(worker, taken->files);
        worker->target = (struct target){.kind = TARGET_NONE};
    } else
        refuse_files(worker, taken);
    return done;
}

static bool do_data(struct worker *worker, struct requests *taken) {
    struct error error = {0};
    const struct files *files = taken->files;
    begin(worker, JOB_DATA, WORK_OPENING, "reading the data");
    bool other =
        worker->model && (strcmp(files->model, worker->model_path) != 0 ||
                          !model_recipe_equal(&files->model_recipe, &worker->files->model_recipe));
    if (other)
        error_set(&error, ERROR_REQUEST, "%s: not read, because the network it was for is not open",
                  files->data);
    bool done = !other && worker_load_data(worker, files->data, &files->recipe, &error);
    answer(worker, done, &error);
    worker->analysis_due |= done;
    if (done)
        keep_files(worker, taken->files);
    else
        refuse_files(worker, taken);
    return done;
}

static bool write_network(struct worker *worker, const struct requests *taken,
                          struct error *error) {
    if (!worker_reduce(worker, error) || !worker_polish(worker, error))
        return false;
    worker->work = WORK_WRITING;
    const struct network *polished = worker->polishing.network;
    const struct network *network = polished ? polished : worker->reduced;
    enum tensor_type type = taken->typed ? taken->type : network->origin.type;
    char size[TEXT_NUMBER_SIZE];
    size_t bytes;
    if (!model_save(network, taken->write, type, &bytes, NULL, error))
        return false;
    worker_say(worker, false, "wrote %s: %zu of %zu parameters%s, %s, %s", taken->write,
               network_parameters(worker->reduced), network_parameters(worker->model->network),
               polished ? ", polished" : "", tensor_type_name(type),
               text_bytes((double)bytes, size));
    return true;
}

/* The network, or what else there is to export. */
static void do_write(struct worker *worker, const struct requests *taken) {
    struct error error = {0};
    const char *path = taken->write;
    begin(worker, JOB_WRITE, WORK_WRITING, "writing");
    if (!worker->study.refine) {
        worker_say(worker, true, "nothing to write: open a model first");
        return;
    }
    if (file_same(path, worker->model_path) ||
        (worker->data_path && file_same(path, worker->data_path))) {
        worker_say(worker, true, "%s: is open and would be lost; choose another name", path);
        return;
    }
    bool done = taken->export
                    ? worker_export(worker, path, taken->kind, taken->report_layer, &error)
                    : write_network(worker, taken, &error);
    answer(worker, done, &error);
    if (!done && error.kind == ERROR_CANCELLED)
        worker_say(worker, false, "%s: stopped, not written", path);
}

/* What was asked before the write did not come about. `said`: the message tells why. */
static void refuse_write(struct worker *worker, const char *path, bool said) {
    char reason[sizeof worker->message] = "what comes before was stopped";
    if (said)
        memcpy(reason, worker->message, sizeof reason);
    worker_say(worker, true, "%s: not written; %s", path, reason);
}

/* What cannot be analysed is chosen no more: the options are those of what is shown. */
static void refuse_choices(struct worker *worker) {
    struct session *session = worker->session;
    pthread_mutex_lock(&session->mutex);
    worker->place = history_refuse_choices(&session->history, worker->files, &worker->choices,
                                           &worker->held, worker->place);
    pthread_mutex_unlock(&session->mutex);
    worker->choices = worker->held;
}

static bool do_analyse(struct worker *worker) {
    struct error error = {0};
    begin(worker, JOB_ANALYSE, WORK_ANALYSING, "analysing");
    bool done = worker_analyse(worker, &error);
    answer(worker, done, &error);
    if (!done && error.kind != ERROR_CANCELLED && worker->study.refine)
        refuse_choices(worker);
    worker->analysis_due = still_due(worker, done, &error);
    if (!done && error.kind == ERROR_CANCELLED && !worker->analysis_due)
        worker_say(worker, false, "the analysis was stopped; choose an option to start it again");
    return done;
}

/* Where there is nothing to move in, the target waits only for an analysis that is due. */
static bool do_move(struct worker *worker) {
    struct error error = {0};
    begin(worker, JOB_MOVE, WORK_ANALYSING, "moving epsilon");
    bool ready = worker->study.refine && !worker->analysis_due;
    bool done = ready && worker_move(worker, &worker->target, &error);
    answer(worker, done, &error);
    if (!still_due(worker, done, &error) && !worker->analysis_due)
        worker->target = (struct target){.kind = TARGET_NONE};
    return done;
}

static void do_inspect(struct worker *worker) {
    struct error error = {0};
    begin(worker, JOB_INSPECT, WORK_IDLE, "");
    bool done = worker_inspect(worker, &error);
    answer(worker, done, &error);
    worker->inspected = done || error.kind != ERROR_CANCELLED;
    worker->unpublished = true;
}

static void do_watch(struct worker *worker, enum job job) {
    struct error error = {0};
    if (job == JOB_BACKGROUND)
        begin(worker, job, WORK_EVALUATING, NULL);
    else
        begin(worker, job, WORK_IDLE, "");
    bool done = worker_watch(worker, &error);
    answer(worker, done, &error);
    if (!done && error.kind != ERROR_CANCELLED) {
        worker_forget_detail(worker);
        worker->watching.current = true;
    }
}

/* Files, analysis, epsilon: what was asked now and what interruptions left undone. False: some of
 * it did not come about. */
static bool catch_up(struct worker *worker, struct requests *taken) {
    bool good = true;
    if (taken->model || taken->data || taken->options)
        worker->choices = taken->choices;
    if (taken->model)
        good = do_open(worker, taken);
    else if (taken->data)
        good = do_data(worker, taken);
    worker->analysis_due |= taken->options && worker->model;
    if (taken->target.kind != TARGET_NONE)
        worker->target = taken->target;
    else
        target_step(&worker->target, taken->target.steps);
    if (worker->analysis_due)
        good = do_analyse(worker) && good;
    if (target_asked(&worker->target))
        good = do_move(worker) && good;
    return good;
}

/* What the user looks at now, and what is to be known of it. */
static void look(struct worker *worker, const struct requests *taken) {
    if (taken->select) {
        worker->layer = taken->layer;
        worker->neuron = taken->neuron;
        worker->inspected = worker->watching.current = false;
    }
    if (taken->rewatch) {
        worker->watching.watch = taken->watch;
        worker->watching.current = false;
    }
    if (!worker->inspected && worker->study.refine)
        do_inspect(worker);
}

/* A polish is made in one piece: what is looked at meanwhile, which moves nothing, is served within
 * it instead of making it begin anew. */
static void attend(struct worker *worker) {
    struct session *session = worker->session;
    struct requests *asked = &session->requests, taken;
    pthread_mutex_lock(&session->mutex);
    taken = *asked;
    asked->select = asked->rewatch = asked->notice = false;
    pthread_mutex_unlock(&session->mutex);
    worker->unpublished |= taken.notice;
    if (!taken.select && !taken.rewatch)
        return;
    enum job job = worker->job;
    look(worker, &taken);
    if (worker_watch_due(worker))
        do_watch(worker, worker_watch_quick(worker) ? JOB_INSPECT : JOB_BACKGROUND);
    worker->job = job;
    worker->work = WORK_POLISHING;
}

/* The urgent part of what was asked, in order of urgency. */
static void serve(struct worker *worker, struct requests *taken) {
    uint64_t said = worker->message_serial;
    worker->carrying = taken->write || taken->mark;
    worker->unpublished |= taken->notice;
    bool good = catch_up(worker, taken);
    if (taken->lost)
        worker_say(worker, true,
                   "not enough memory to keep what was asked for; close other "
                   "programs and ask again");
    look(worker, taken);
    if (taken->polish && good && worker->study.refine) {
        worker_want_polish(worker, taken->polish);
        worker->given_up = false;
    }
    if (taken->write && !good && worker->study.refine)
        refuse_write(worker, taken->write, worker->message_serial > said);
    else if (taken->write)
        do_write(worker, taken);
    worker->carrying = false;
    if (worker->study.refine && worker_watch_due(worker) && worker_watch_quick(worker))
        do_watch(worker, JOB_INSPECT);
    if (taken->sweep_points) {
        worker->sweep_wanted = true;
        worker->sweep_points = taken->sweep_points;
        worker->curve_complete = worker->given_up = false;
    }
}

static bool anything_asked(const struct requests *asked) {
    return asked->model || asked->data || asked->options || target_asked(&asked->target) ||
           asked->select || asked->rewatch || asked->sweep_points || asked->polish ||
           asked->write || asked->mark || asked->notice || asked->lost;
}

/* Does one step of background work; false when there is none left. */
static bool fill_in(struct worker *worker) {
    struct error error = {0};
    if (!worker->study.refine)
        return false;
    if (worker_watch_due(worker)) {
        do_watch(worker, JOB_BACKGROUND);
        return true;
    }
    begin(worker, JOB_BACKGROUND, worker->sweep_wanted ? WORK_SWEEPING : WORK_EVALUATING, NULL);
    bool more = worker_background(worker, &error);
    answer(worker, error.kind == ERROR_NONE, &error);
    if (error.kind != ERROR_NONE && error.kind != ERROR_CANCELLED) {
        worker_give_up(worker);
        /* Figures that cannot be had keep nobody from watching. */
        if (!worker->watching.current)
            do_watch(worker, JOB_BACKGROUND);
        return false;
    }
    return more || error.kind == ERROR_CANCELLED;
}

/* Forgets what was due, when the user stops it. */
static void drop_work(struct worker *worker) {
    worker->sweep_wanted = worker->analysis_due = false;
    worker_stop_polish(worker);
    worker->target = (struct target){.kind = TARGET_NONE};
}

/* Waits for requests; false: to stop, with no file left to write. `busy`: does not wait. */
static bool next_requests(struct worker *worker, struct requests *taken, bool busy) {
    struct session *session = worker->session;
    pthread_mutex_lock(&session->mutex);
    while (!busy && !session->stop && !session->cancel && !anything_asked(&session->requests)) {
        session->idle = true;
        pthread_cond_broadcast(&session->changed);
        pthread_cond_wait(&session->changed, &session->mutex);
    }
    if (session->cancel) {
        drop_work(worker);
        worker->unpublished |=
            history_stopped(&session->history, session->cancelled, worker->epsilon);
    }
    session->cancel = false;
    worker->paused = session->paused;
    take(&session->requests, taken);
    worker->place = taken->place ? taken->place : worker->place;
    bool more = !session->stop || taken->write;
    pthread_mutex_unlock(&session->mutex);
    return more;
}

/* With nothing left to do on the way, the history learns where it leads. */
static void arrive(struct worker *worker) {
    struct session *session = worker->session;
    if (worker->place == 0 || worker->analysis_due || target_asked(&worker->target))
        return;
    pthread_mutex_lock(&session->mutex);
    bool cancelled = session->cancel; /* then it is seen first what that leaves of the way */
    if (!cancelled)
        history_arrived(&session->history, worker->place, worker->found, worker->epsilon);
    pthread_mutex_unlock(&session->mutex);
    if (cancelled)
        return;
    worker->place = 0;
    worker->found = NAN;
    worker->unpublished = true;
}

static void rest(struct worker *worker) {
    begin(worker, JOB_BACKGROUND, WORK_IDLE, "");
    worker_publish(worker);
}

void *worker_run(void *user) {
    struct worker worker = {.session = user, .progress = {.report = report}, .found = NAN};
    worker.progress.user = &worker;
    options_defaults(&worker.options, false);
    bool busy = false, running = true;
    while (running) {
        struct requests taken;
        running = next_requests(&worker, &taken, busy);
        if (running) {
            if (anything_asked(&taken) || worker.analysis_due || target_asked(&worker.target))
                serve(&worker, &taken);
            arrive(&worker);
            busy = !worker.paused && fill_in(&worker);
            if (!busy)
                rest(&worker);
        }
        requests_free(&taken);
    }
    worker_close(&worker);
    files_release(worker.files);
    return NULL;
}
