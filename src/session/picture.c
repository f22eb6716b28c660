/* A snapshot of the worker's state: everything copied, so that it stays as it is. */
#include "session/worker.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <math.h>
#include <string.h>

/* The activations of the hidden layers, each named once: "square, linear". */
static void append_activations(const struct network *network, struct text *out) {
    bool named[ACTIVATION_KINDS] = {false};
    const char *separator = " (";
    for (size_t l = 0; l + 1 < network->depth; l++) {
        enum activation_kind kind = network->layers[l].activation.kind;
        if (named[kind])
            continue;
        named[kind] = true;
        text_format(out, "%s%s", separator, activation_name(kind));
        separator = ", ";
    }
    if (network->depth > 1)
        text_append(out, ")");
}

/* The file's name without directory and suffix. */
static void append_stem(const char *path, struct text *out) {
    size_t length;
    const char *stem = file_stem(path, &length);
    text_append_bytes(out, stem, length);
}

static char *make_title(const struct worker *worker) {
    const struct network *network = worker->model->network;
    struct text title = {0};
    if (*network->name)
        text_append(&title, network->name);
    else
        append_stem(worker->model_path, &title);
    text_append(&title, " ");
    network_shape(network, &title);
    append_activations(network, &title);
    if (title.data)
        text_make_visible(title.data);
    return title.data;
}

static char *make_data_title(const struct worker *worker) {
    struct text title = {0};
    append_stem(worker->data_path, &title);
    text_format(&title, " %zu+%zu", worker->data->train_count, worker->data->test_count);
    if (title.data)
        text_make_visible(title.data);
    return title.data;
}

static bool picture_open(const struct worker *worker, struct snapshot *picture) {
    picture->model = model_hold(worker->model);
    picture->network = worker->model->network;
    picture->task = picture->network->task;
    picture->original_bytes = worker->model_bytes;
    picture->original_parameters = network_parameters(picture->network);
    picture->hidden_neurons = network_hidden_neurons(picture->network);
    picture->model_path = memory_string(worker->model_path, NULL);
    picture->title = make_title(worker);
    if (worker->data) {
        picture->data_path = memory_string(worker->data_path, NULL);
        picture->data_title = make_data_title(worker);
    }
    return picture->model_path && picture->title &&
           (!worker->data || (picture->data_path && picture->data_title));
}

static bool picture_events(const struct worker *worker, struct snapshot *picture) {
    const struct events *events = &worker->events;
    picture->events = memory_new(events->count, sizeof *picture->events, NULL);
    if (!picture->events)
        return false;
    for (size_t k = 0; k < events->count; k++)
        picture->events[k] = (struct event_mark){.epsilon = events->event[k].epsilon,
                                                 .parameters = events->event[k].parameters};
    picture->event_count = events->count;
    picture->events_complete = events->complete;
    if (events->count)
        picture->epsilon_end = events->event[events->count - 1].epsilon;
    picture->epsilon_end = fmax(picture->epsilon_end, worker->event);
    return true;
}

/* The last event of the list that lies before the current one. */
static double previous_event(const struct worker *worker) {
    double previous = NAN;
    for (size_t k = 0; k < worker->events.count; k++)
        if (worker->events.event[k].epsilon < worker->event)
            previous = worker->events.event[k].epsilon;
    return previous;
}

static uint32_t *class_sizes(const struct classes *classes) {
    uint32_t *size = memory_new(classes->count, sizeof *size, NULL);
    for (size_t i = 0; size && i < classes->neurons; i++)
        if (classes->class_of[i] != PARTITION_DEAD)
            size[classes->class_of[i]]++;
    return size;
}

static bool picture_classes(const struct worker *worker, struct snapshot *picture) {
    size_t hidden = worker->partition.layers;
    picture->hidden = hidden;
    picture->classes = partition_classes(&worker->partition);
    picture->layers = memory_copy(worker->layers, hidden, sizeof *picture->layers, NULL);
    picture->colour = memory_new(hidden, sizeof *picture->colour, NULL);
    picture->size = memory_new(hidden, sizeof *picture->size, NULL);
    bool made = picture->layers && picture->colour && picture->size &&
                partition_copy(&picture->partition, &worker->partition, NULL);
    for (size_t l = 0; made && l < hidden; l++) {
        picture->colour[l] = memory_copy(worker->colour[l], worker->partition.layer[l].count,
                                         sizeof **picture->colour, NULL);
        picture->size[l] = class_sizes(&worker->partition.layer[l]);
        made = picture->colour[l] && picture->size[l];
    }
    return made;
}

static bool picture_curves(const struct worker *worker, struct snapshot *picture) {
    for (int c = 0; c < CURVE_COUNT; c++) {
        const struct curve *curve = &worker->curve[c];
        picture->curve[c].points =
            memory_copy(curve->points, curve->count, sizeof *curve->points, NULL);
        if (!picture->curve[c].points)
            return false;
        picture->curve[c].count = curve->count;
    }
    picture->curve_complete = worker->curve_complete;
    return true;
}

static bool picture_inspection(const struct worker *worker, struct snapshot *picture) {
    const struct inspection *from = &worker->inspection;
    struct inspection *to = &picture->inspection;
    *to = *from;
    if (from->layer == 0)
        return true;
    to->members = memory_copy(from->members, from->member_count, sizeof *from->members, NULL);
    to->distances = memory_copy(from->distances, from->member_count, sizeof(double), NULL);
    to->incoming = memory_copy(from->incoming, from->inputs, sizeof(double), NULL);
    to->outgoing = memory_copy(from->outgoing, from->outputs, sizeof(double), NULL);
    return to->members && to->distances && to->incoming && to->outgoing;
}

/* An older detail stays until the new one is there. */
static void picture_detail(const struct worker *worker, struct snapshot *picture) {
    const struct watching *watching = &worker->watching;
    struct detail *detail = watching->detail;
    picture->detail_current = watching->current;
    if (!detail || detail->kind != watching->watch.kind || detail->layer != worker->layer)
        return;
    detail_hold(detail);
    picture->detail = detail;
}

static bool picture_study(const struct worker *worker, struct snapshot *picture) {
    picture->analysed = true;
    picture->sufficient_only = refine_sufficient_only(picture->network, &worker->options);
    picture->epsilon = worker->epsilon;
    picture->next_event = worker->next_event;
    picture->next_event_layer = worker->next_event_layer;
    picture->previous_event = previous_event(worker);
    picture->before = worker->before;
    picture->after = worker->after;
    picture->polished = worker->polishing.figure;
    memcpy(picture->baseline, worker->baseline, sizeof picture->baseline);
    picture->reduced_known = worker->reduced != NULL;
    picture->bytes = worker->reduced_bytes;
    if (worker->reduced)
        picture->parameters = network_parameters(worker->reduced);
    picture_detail(worker, picture);
    if (worker->study.judged && picture->before.state == FIGURE_NONE)
        picture->before.state = FIGURE_PENDING;
    return picture_events(worker, picture) && picture_classes(worker, picture) &&
           picture_curves(worker, picture) && picture_inspection(worker, picture);
}

static void show_mark(const struct worker *worker, const struct mark *mark,
                      struct mark_view *view) {
    *view = (struct mark_view){.epsilon = NAN,
                               .here = worker_has_options(worker, &mark->choices),
                               .parameters = mark->parameters,
                               .grp = mark->grp,
                               .figure = mark->figure};
    memcpy(view->name, mark->name, sizeof view->name);
    target_known(&mark->target, &view->epsilon);
}

/* Marks and changes, as they were asked for: the worker need not have got there. */
static bool picture_history(const struct worker *worker, struct snapshot *picture) {
    struct session *session = worker->session;
    pthread_mutex_lock(&session->mutex);
    const struct history *history = &session->history;
    const struct mark_list *list = history_now(history)->marks;
    size_t count = list ? list->count : 0;
    picture->undo_count = history->at;
    picture->redo_count = history->count - history->at - 1;
    picture->change_serial = history->serial;
    picture->marks = memory_new(count, sizeof *picture->marks, NULL);
    for (size_t i = 0; picture->marks && i < count; i++)
        show_mark(worker, list->marks[i], &picture->marks[picture->mark_count++]);
    pthread_mutex_unlock(&session->mutex);
    return picture->marks != NULL;
}

struct snapshot *worker_picture(const struct worker *worker) {
    struct snapshot *picture = memory_new(1, sizeof *picture, NULL);
    if (!picture)
        return NULL;
    atomic_init(&picture->holders, 1);
    picture->serial = worker->serial;
    picture->options = worker->options;
    picture->next_event = picture->previous_event = NAN;
    picture->work = worker->work;
    memcpy(picture->work_text, worker->work_text, sizeof picture->work_text);
    picture->work_done = worker->work_done;
    picture->work_total = worker->work_total;
    memcpy(picture->message, worker->message, sizeof picture->message);
    picture->message_is_error = worker->message_is_error;
    picture->message_serial = worker->message_serial;
    bool made = (!worker->model || picture_open(worker, picture)) &&
                (!worker->study.refine || !worker->layers || picture_study(worker, picture)) &&
                picture_history(worker, picture);
    if (!made) {
        snapshot_release(picture);
        return NULL;
    }
    return picture;
}
