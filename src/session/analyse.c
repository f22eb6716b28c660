/* Opening, analysing, moving epsilon. */
#include "session/worker.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/model_file.h"
#include "lumpscope/text.h"

#include <math.h>

static void forget_study(struct worker *worker) {
    worker_forget_reduced(worker);
    worker_forget_layers(worker);
    for (int c = 0; c < CURVE_COUNT; c++) {
        ranking_free(worker->ranking[c]);
        structured_free(worker->structured[c]);
        free(worker->curve[c].points);
        worker->ranking[c] = NULL;
        worker->structured[c] = NULL;
        worker->curve[c] = (struct curve){0};
    }
    worker_forget_sweep_step(worker);
    sweep_free(&worker->sweep);
    free(worker->sweep_chosen);
    worker->sweep_chosen = NULL;
    worker->sweep_at = 0;
    worker->ranked = worker->curve_complete = worker->sweep_wanted = false;
    events_free(&worker->events);
    evaluation_free(&worker->before_run);
    worker->before = (struct figure){0};
    inspection_free(&worker->inspection);
    worker->inspected = worker->watching.current = false;
    trajectory_free(&worker->watching.original);
    study_free(&worker->study);
}

static void forget_data(struct worker *worker) {
    dataset_free(worker->data);
    free(worker->data_path);
    worker->data = NULL;
    worker->data_path = NULL;
}

void worker_close(struct worker *worker) {
    forget_study(worker);
    worker_forget_detail(worker);
    forget_data(worker);
    model_release(worker->model);
    free(worker->model_path);
    worker->model = NULL;
    worker->model_path = NULL;
    worker->epsilon = 0;
    worker->layer = worker->neuron = 0;
}

static struct dataset *read_data(const char *path, const struct data_recipe *recipe,
                                 const struct network *network, const struct progress *progress,
                                 struct error *error) {
    struct data_recipe lenient = *recipe; /* borrows its strings */
    lenient.target_use = TARGET_OPTIONAL;
    return dataset_load(path, &lenient, network, -1, progress, error);
}

/* Every sentence of the reader, as many as the message holds. */
static void say_messages(struct worker *worker) {
    struct text joined = {0};
    for (const char *c = worker->data->messages; c && *c; c++)
        text_append_bytes(&joined, *c == '\n' ? "; " : c, *c == '\n' ? 2 : 1);
    if (joined.length && !joined.failed)
        worker_say(worker, false, "%s", joined.data);
    text_free(&joined);
}

/* Takes both over; NULL: without data. */
static void take_data(struct worker *worker, struct dataset *data, char *path) {
    forget_data(worker);
    worker->data = data;
    worker->data_path = path;
    if (data)
        say_messages(worker);
}

/* What worker_open reads before anything that is open goes. */
struct opening {
    struct model *model;
    struct dataset *data;
    char *model_path, *data_path;
};

static bool read_both(struct opening *opening, const struct files *files,
                      const struct progress *progress, struct error *error) {
    struct network *network = model_load(files->model, &files->model_recipe, progress, error);
    opening->model = network ? model_new(network, error) : NULL;
    opening->model_path = opening->model ? memory_string(files->model, error) : NULL;
    if (!opening->model_path || !files->data)
        return opening->model_path != NULL;
    opening->data = read_data(files->data, &files->recipe, network, progress, error);
    opening->data_path = opening->data ? memory_string(files->data, error) : NULL;
    return opening->data_path != NULL;
}

/* The model with its data, or neither: what was open stays open when one of them cannot be read. */
bool worker_open(struct worker *worker, const struct files *files, struct error *error) {
    struct opening opening = {0};
    bool done = read_both(&opening, files, &worker->progress, error);
    worker->unpublished = true;
    if (done) {
        worker_close(worker);
        worker->model = opening.model;
        worker->model_path = opening.model_path;
        worker->model_bytes = 0;
        file_size(files->model, &worker->model_bytes);
        take_data(worker, opening.data, opening.data_path);
    } else {
        model_release(opening.model);
        dataset_free(opening.data);
        free(opening.model_path);
    }
    return done;
}

bool worker_load_data(struct worker *worker, const char *path, const struct data_recipe *recipe,
                      struct error *error) {
    if (!worker->model)
        error_set(error, ERROR_REQUEST, "%s: there is no model to go with it; open one first",
                  path);
    struct dataset *data =
        worker->model ? read_data(path, recipe, worker->model->network, &worker->progress, error)
                      : NULL;
    char *kept = data ? memory_string(path, error) : NULL;
    if (kept) {
        forget_study(worker);
        take_data(worker, data, kept);
    } else {
        dataset_free(data);
    }
    return kept != NULL;
}

/* After the engine has reached its place: what the explorer shows of it. */
static bool arrive(struct worker *worker, struct error *error) {
    const struct refine *refine = worker->study.refine;
    worker_forget_reduced(worker);
    worker_want_polish(worker, worker->options.polish);
    worker->epsilon = refine_epsilon(refine);
    worker->event = refine_event(refine);
    worker->next_event = refine_next_event(refine, &worker->next_event_layer);
    worker->inspected = worker->layer == 0;
    worker->watching.current = false;
    worker->unpublished = true;
    return worker_describe_layers(worker, error);
}

bool worker_has_options(const struct worker *worker, const struct option_choices *choices) {
    struct options options;
    return worker->model &&
           session_fit(choices, worker->data != NULL, worker->model->network, &options, NULL) &&
           options_equal(&options, &worker->options);
}

bool worker_analyse(struct worker *worker, struct error *error) {
    struct options options;
    struct study study;
    struct error rests = {0};
    if (!session_fit(&worker->choices, worker->data != NULL, worker->model->network, &options,
                     &rests)) {
        *error = rests;
        return false;
    }
    worker->unpublished = true;
    if (!worker->study.refine)
        worker->options = options;
    if (!worker->study.refine && rests.kind != ERROR_NONE) {
        session_drop_dashes(&rests);
        worker_say(worker, true, "%s (what does not fit is left out)", rests.text);
    }
    /* The old study stays until the new one is there, so that a stop or an error loses nothing. */
    if (!study_init(&study, worker->model->network, &options, worker->data, NULL, &worker->progress,
                    error))
        return false;
    if (!refine_set_epsilon(study.refine, worker->epsilon, &worker->progress, error)) {
        study_free(&study);
        return false;
    }
    /* The error of the original stays what it is when only options change. */
    struct figure before = worker->study.refine ? worker->before : (struct figure){0};
    struct metrics metrics = worker->study.before;
    forget_study(worker);
    worker->study = study;
    worker->options = options;
    worker->held = worker->choices;
    if (before.state == FIGURE_EXACT) {
        worker->before = before;
        worker->study.before = metrics;
    }
    struct text note = {0};
    study_calibration_note(&worker->study, &note);
    if (note.length && !note.failed)
        worker_say(worker, false, "%s", note.data);
    text_free(&note);
    return arrive(worker, error);
}

/* Position in the list of the event that holds at epsilon; SIZE_MAX when the list does not reach.
 */
static size_t event_at(const struct events *events, double epsilon) {
    size_t low = 0, high = events->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (events->event[middle].epsilon <= epsilon)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || (low == events->count && !events->complete))
        return SIZE_MAX;
    return low - 1;
}

static bool step(struct worker *worker, int direction, bool *moved, struct error *error) {
    struct refine *refine = worker->study.refine;
    size_t position = event_at(&worker->events, refine_epsilon(refine));
    *moved = true;
    if (direction > 0) {
        double next = refine_next_event(refine, NULL);
        *moved = !isnan(next);
        return !*moved || refine_set_epsilon(refine, next, &worker->progress, error);
    }
    if (position != SIZE_MAX && position > 0)
        return refine_set_epsilon(refine, worker->events.event[position - 1].epsilon,
                                  &worker->progress, error);
    *moved = refine_event(refine) > 0;
    return !*moved || refine_step_back(refine, &worker->progress, error);
}

/* The smallest epsilon at which everything that ever merges has merged. */
static bool go_to_last(struct worker *worker, struct error *error) {
    struct refine *refine = worker->study.refine;
    return refine_set_epsilon(refine, 1e300, &worker->progress, error) &&
           refine_set_epsilon(refine, refine_event(refine), &worker->progress, error);
}

/* budget, loss and exact choose among all events. */
static bool search(struct worker *worker, const struct target *target, double *epsilon,
                   struct error *error) {
    struct study *study = &worker->study;
    const struct progress *progress = &worker->progress;
    if (target->kind == TARGET_EXACT)
        return study_exact(study, epsilon, progress, error);
    if (!study_events(study, &worker->events, progress, error))
        return false;
    if (target->kind == TARGET_BUDGET)
        return study_budget(study, &worker->events, target->value, epsilon, error);
    return study_loss(study, &worker->events, target->value, epsilon, progress, error);
}

static bool go_to_target(struct worker *worker, const struct target *target, struct error *error) {
    double epsilon = 0;
    switch (target->kind) {
    case TARGET_NONE:
        return true;
    case TARGET_LAST:
        return go_to_last(worker, error);
    case TARGET_EPSILON:
        epsilon = target->value;
        break;
    case TARGET_FIRST:
        break;
    default:
        if (!search(worker, target, &epsilon, error))
            return false;
        worker->found = epsilon;
    }
    return refine_set_epsilon(worker->study.refine, epsilon, &worker->progress, error);
}

bool worker_stand(struct worker *worker, const struct progress *progress, struct error *error) {
    struct refine *refine = worker->study.refine;
    return refine_epsilon(refine) == worker->epsilon ||
           refine_set_epsilon(refine, worker->epsilon, progress, error);
}

bool worker_move(struct worker *worker, const struct target *target, struct error *error) {
    struct refine *refine = worker->study.refine;
    struct error ignored = {0};
    worker->found = NAN;
    bool done = worker_stand(worker, NULL, error) && go_to_target(worker, target, error);
    bool moved = true;
    for (int k = target->steps; done && moved && k != 0; k += k > 0 ? -1 : 1)
        done = step(worker, k > 0 ? 1 : -1, &moved, error);
    if (!done && !refine_set_epsilon(refine, worker->epsilon, NULL, &ignored))
        return false;
    return arrive(worker, done ? error : &ignored) && done;
}
