/* What the middle pane shows beside the classes. */
#include "session/watch.h"

#include "lumpscope/memory.h"

#include <stdio.h>

/* So many weights are read within a millisecond or two. */
enum { QUICK_WEIGHTS = 1 << 20 };

/* Whether there is a selected neuron to watch. */
static bool selected(const struct worker *worker) {
    return worker->layer > 0 && worker->layer <= worker->partition.layers &&
           worker->neuron < worker->partition.layer[worker->layer - 1].neurons;
}

static bool anything_watched(const struct worker *worker) {
    return worker->watching.watch.kind != DETAIL_NONE && selected(worker);
}

bool worker_watch_quick(const struct worker *worker) {
    if (!anything_watched(worker))
        return true;
    switch (worker->watching.watch.kind) {
    case DETAIL_EXPLANATION:
    case DETAIL_TRAJECTORY:
        return false;
    case DETAIL_WEIGHTS:
        return watch_weights_work(worker) <= QUICK_WEIGHTS;
    default:
        return true;
    }
}

bool worker_watch_due(const struct worker *worker) {
    bool estimated = worker->reduced && (!worker->study.judged || worker->after.rows_done > 0);
    return worker->inspected && !worker->watching.current &&
           (estimated || worker_watch_quick(worker));
}

static bool of_a_class(enum detail_kind kind) {
    return kind == DETAIL_EXPLANATION || kind == DETAIL_TRAJECTORY;
}

static bool fill(struct worker *worker, struct detail *detail, struct error *error) {
    if (of_a_class(detail->kind) && detail->class_id == SIZE_MAX)
        return error_set(error, ERROR_REQUEST,
                         "neuron %zu of layer %zu is dead: nothing reads it, so it is left out and "
                         "in no class",
                         detail->neuron, detail->layer);
    switch (detail->kind) {
    case DETAIL_EXPLANATION:
        return explain_class(worker->study.refine, detail->layer, detail->class_id, detail->neuron,
                             &detail->explanation, &worker->progress, error);
    case DETAIL_TRAJECTORY:
        return watch_trajectory(worker, detail, error);
    case DETAIL_WEIGHTS:
        return watch_weights(worker, detail, error);
    default:
        return watch_tree(worker, detail, error);
    }
}

/* The head alone. */
static struct detail *begin_detail(const struct worker *worker, struct error *error) {
    struct detail *detail = memory_new(1, sizeof *detail, error);
    if (!detail)
        return NULL;
    uint32_t class_of = worker->partition.layer[worker->layer - 1].class_of[worker->neuron];
    atomic_init(&detail->holders, 1);
    detail->kind = worker->watching.watch.kind;
    detail->watch = worker->watching.watch;
    detail->layer = worker->layer;
    detail->neuron = worker->neuron;
    detail->class_id = class_of == PARTITION_DEAD ? SIZE_MAX : class_of;
    detail->epsilon = worker->epsilon;
    return detail;
}

/* A detail that says why there is nothing in it. */
static struct detail *refuse(const struct worker *worker, struct error *error) {
    struct error ignored = {0};
    struct detail *detail = begin_detail(worker, &ignored);
    if (!detail)
        return NULL;
    session_drop_dashes(error);
    snprintf(detail->refusal, sizeof detail->refusal, "%.*s", (int)sizeof detail->refusal - 1,
             error->text);
    *error = (struct error){0};
    return detail;
}

/* NULL: stopped, or no memory. */
static struct detail *make_detail(struct worker *worker, struct error *error) {
    struct detail *detail = begin_detail(worker, error);
    if (!detail || fill(worker, detail, error))
        return detail;
    detail_release(detail);
    return error->kind == ERROR_CANCELLED ? NULL : refuse(worker, error);
}

void worker_forget_detail(struct worker *worker) {
    detail_release(worker->watching.detail);
    worker->watching.detail = NULL;
    worker->watching.current = false;
}

bool worker_watch(struct worker *worker, struct error *error) {
    struct detail *detail = NULL;
    if (anything_watched(worker)) {
        if (!worker_stand(worker, &worker->progress, error))
            return false;
        detail = make_detail(worker, error);
        if (!detail)
            return false;
    }
    worker_forget_detail(worker);
    worker->watching.detail = detail;
    worker->watching.current = true;
    worker->unpublished = true;
    return true;
}
