/* The network at the present epsilon polished, its figure and its point of the plot. It is made in
 * one piece, so that what only looks at the session is served meanwhile (worker.c). */
#include "session/worker.h"

#include "lumpscope/text.h"

#include <math.h>
#include <string.h>

static void forget(struct polishing *polishing) {
    network_free(polishing->network);
    evaluation_free(&polishing->run);
    *polishing = (struct polishing){0};
}

void worker_want_polish(struct worker *worker, size_t iterations) {
    forget(&worker->polishing);
    worker->polishing.wanted = iterations;
    if (iterations > 0 && worker->study.judged)
        worker->polishing.figure.state = FIGURE_PENDING;
    worker->unpublished = true;
}

void worker_stop_polish(struct worker *worker) {
    if (!worker->polishing.network)
        worker_want_polish(worker, 0);
}

/* What is looked at meanwhile is served within it, and reads the engine's classes: the engine
 * stands where it is to be before that begins. */
static struct network *make(struct worker *worker, struct error *error) {
    struct study *study = &worker->study;
    enum job job = worker->job;
    if (!worker_stand(worker, &worker->progress, error) ||
        !study_want_polish(study, worker->data, worker->polishing.wanted, error))
        return NULL;
    worker->job = JOB_POLISH;
    worker->work = WORK_POLISHING;
    struct network *network =
        study_reduce(study, worker->epsilon, true, NULL, &worker->progress, error);
    worker->job = job;
    return network;
}

bool worker_polish(struct worker *worker, struct error *error) {
    struct polishing *polishing = &worker->polishing;
    if (polishing->wanted == 0)
        return true;
    polishing->network = make(worker, error);
    worker->unpublished = true;
    if (polishing->network)
        polishing->wanted = 0;
    else if (error->kind != ERROR_CANCELLED)
        worker_want_polish(worker, 0);
    return polishing->network != NULL;
}

/* "polished: test MSE 0.0123, 0.0145 before" */
static void say_figure(struct worker *worker) {
    const struct figure *before = &worker->after, *after = &worker->polishing.figure;
    char numbers[2][TEXT_NUMBER_SIZE];
    if (!worker->study.judged)
        worker_say(worker, false, "polished; the data has no targets to measure it on");
    else if (after->state == FIGURE_OVERFLOW)
        worker_say(worker, false, "polished: the output overflows");
    else if (worker->study.network->task == TASK_CLASSIFICATION)
        worker_say(worker, false, "polished: test accuracy %.2f %%, %.2f %% before",
                   100 * after->value, 100 * before->value);
    else
        worker_say(worker, false, "polished: test MSE %s, %s before",
                   text_human(after->value, 4, numbers[0]),
                   text_human(before->value, 4, numbers[1]));
}

/* Its place among the polished points, by epsilon; one of the same epsilon goes. */
static void forget_point(struct worker *worker, double epsilon) {
    struct curve *curve = &worker->curve[CURVE_POLISH];
    struct sweep *sweep = &worker->sweep;
    size_t kept = 0;
    for (size_t k = 0; k < curve->count; k++)
        if (curve->points[k].epsilon != epsilon)
            curve->points[kept++] = curve->points[k];
    curve->count = kept;
    kept = 0;
    for (size_t k = 0; k < sweep->count; k++)
        if (sweep->point[k].method != SWEEP_LUMP_POLISH || sweep->point[k].epsilon != epsilon)
            sweep->point[kept++] = sweep->point[k];
    sweep->count = kept;
}

/* The curve is joined by growing epsilon, in whatever order its points were asked for. */
static void sort_point(struct curve *curve) {
    for (size_t k = curve->count; k > 1; k--) {
        struct curve_point *last = &curve->points[k - 1], point = *last;
        if (last[-1].epsilon <= point.epsilon)
            return;
        *last = last[-1];
        last[-1] = point;
    }
}

static bool add_point(struct worker *worker, const struct metrics *metrics, struct error *error) {
    struct sweep_point point = {.method = SWEEP_LUMP_POLISH,
                                .epsilon = worker->epsilon,
                                .at = NAN,
                                .parameters = network_parameters(worker->polishing.network),
                                .metrics = *metrics};
    point.grp = metrics_grp(point.parameters, network_parameters(worker->study.network));
    forget_point(worker, point.epsilon);
    if (!worker_add_point(worker, CURVE_POLISH, &point, error))
        return false;
    sort_point(&worker->curve[CURVE_POLISH]);
    return true;
}

/* A network that cannot be polished keeps nothing else from being measured. */
static bool pass_over(struct worker *worker, struct error *error) {
    if (error->kind == ERROR_CANCELLED)
        return false;
    session_drop_dashes(error);
    worker_say(worker, true, "%s", error->text);
    *error = (struct error){0};
    return true;
}

bool worker_polish_more(struct worker *worker, bool *more, struct error *error) {
    struct polishing *polishing = &worker->polishing;
    struct metrics metrics;
    bool judged = worker->study.judged;
    if (polishing->wanted > 0) {
        bool done = worker_polish(worker, error);
        if (done && !judged)
            say_figure(worker);
        return done || pass_over(worker, error);
    }
    *more = polishing->network && judged && worker_figure_unfinished(&polishing->figure);
    if (!*more)
        return true;
    if (!worker_judge_more(worker, &polishing->run, polishing->network, &polishing->figure,
                           &metrics, error))
        return false;
    if (worker_figure_unfinished(&polishing->figure))
        return true;
    say_figure(worker);
    return add_point(worker, &metrics, error);
}

void worker_clear_curves(struct worker *worker) {
    struct sweep *sweep = &worker->sweep;
    size_t kept = 0;
    for (int c = 0; c < CURVE_POLISH; c++)
        worker->curve[c].count = 0;
    for (size_t k = 0; k < sweep->count; k++)
        if (sweep->point[k].method == SWEEP_LUMP_POLISH)
            sweep->point[kept++] = sweep->point[k];
    sweep->count = kept;
}
