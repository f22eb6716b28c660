/* What fills in while nobody asks for anything: the reduced network and its error, the baselines at
 * the same size, the list of merge events, the sweep. */
#include "session/worker.h"

#include "lumpscope/memory.h"
#include "lumpscope/model_file.h"
#include "lumpscope/text.h"

#include <math.h>

enum { FIRST_ROWS = 256 }; /* an estimate is shown after so many rows */

void worker_forget_reduced(struct worker *worker) {
    network_free(worker->reduced);
    merged_free(&worker->merged);
    worker->reduced = NULL;
    worker->reduced_bytes = 0;
    evaluation_free(&worker->after_run);
    enum figure_state state = worker->study.judged ? FIGURE_PENDING : FIGURE_NONE;
    worker->after = (struct figure){.state = state};
    for (int c = CURVE_MAGNITUDE; c <= CURVE_WANDA; c++)
        worker->baseline[c] = (struct figure){.state = state};
    worker->baselines_done = worker->given_up = false;
    worker_want_polish(worker, 0);
}

void worker_give_up(struct worker *worker) {
    struct figure *figures[] = {&worker->before, &worker->after, &worker->polishing.figure,
                                &worker->baseline[CURVE_MAGNITUDE], &worker->baseline[CURVE_WANDA]};
    for (size_t k = 0; k < sizeof figures / sizeof *figures; k++)
        if (figures[k]->state == FIGURE_PENDING ||
            (!worker->reduced && figures[k] == &worker->after))
            figures[k]->state = FIGURE_REFUSED;
    worker_stop_polish(worker);
    worker->given_up = true;
    worker->sweep_wanted = false;
    worker->unpublished = true;
}

bool worker_reduce(struct worker *worker, struct error *error) {
    if (worker->reduced)
        return true;
    if (!refine_set_epsilon(worker->study.refine, worker->epsilon, &worker->progress, error))
        return false;
    worker->reduced =
        aggregate_network(worker->study.refine, &worker->merged, &worker->progress, error);
    if (worker->reduced && !network_round(worker->reduced, worker->study.type, error)) {
        network_free(worker->reduced);
        merged_free(&worker->merged);
        worker->reduced = NULL;
    }
    for (size_t l = 0; worker->reduced && l < worker->partition.layers; l++)
        worker->layers[l].reduced = worker->reduced->layers[l].neurons;
    worker->unpublished = true;
    return worker->reduced != NULL;
}

static bool measure_bytes(struct worker *worker, struct error *error) {
    size_t bytes;
    if (!model_measure(worker->reduced, &bytes, &worker->progress, error))
        return false;
    worker->reduced_bytes = bytes;
    worker->unpublished = true;
    return true;
}

static void set_figure(struct figure *figure, const struct metrics *metrics, size_t rows) {
    figure->value = metrics_figure(metrics);
    figure->rows_done = metrics->rows;
    figure->rows = rows;
    figure->state = metrics->rows < rows ? FIGURE_ESTIMATE : FIGURE_EXACT;
    if (!isfinite(figure->value))
        figure->state = FIGURE_OVERFLOW;
}

/* Says where a network first leaves the range of numbers, in rows of the data's file. */
static void say_overflow(struct worker *worker, const char *what, const struct evaluation *run) {
    size_t row = 0;
    while (row < run->done && matrix_row_finite(&run->outputs, row))
        row++;
    const struct matrix one = {
        .rows = 1, .columns = run->inputs->columns, .data = matrix_row(run->inputs, row)};
    struct overflow where;
    if (row == run->done)
        worker_say(worker, false, "%s: the outputs are so far off that their error overflows",
                   what);
    else if (evaluate_overflow(run->network, &one, &where))
        worker_say(worker, false, "%s overflows in layer %zu, neuron %zu, on data row %zu", what,
                   where.layer, where.neuron,
                   worker->data->source_row[worker->data->test[row]] + 1);
}

/* Once: the rest of the rows changes nothing, nor does a network made of one that overflows. */
static void note_overflow(struct worker *worker, const struct evaluation *run,
                          const struct figure *figure, enum figure_state before) {
    if (figure->state != FIGURE_OVERFLOW || before == FIGURE_OVERFLOW)
        return;
    if (run == &worker->before_run)
        say_overflow(worker, "the original network", run);
    else if (worker->before.state != FIGURE_OVERFLOW)
        say_overflow(worker,
                     run == &worker->after_run ? "the reduced network" : "the polished network",
                     run);
}

/* The first rows by themselves, so that there is an estimate soon, then an eighth of the rest at a
 * time. */
bool worker_judge_more(struct worker *worker, struct evaluation *run, const struct network *network,
                       struct figure *figure, struct metrics *metrics, struct error *error) {
    struct study *study = &worker->study;
    bool fresh = !run->outputs.data;
    if (fresh && !evaluation_init(run, network, &study->test_inputs, &study->test_targets, error))
        return false;
    if (fresh && run == &worker->after_run && !evaluation_keep(run, &study->kept, error))
        return false;
    size_t rows = study->test_inputs.rows, share = rows / 8;
    size_t count = run->done == 0 || share < FIRST_ROWS ? FIRST_ROWS : share;
    if (!evaluation_advance(run, count, &worker->progress, error))
        return false;
    evaluation_metrics(run, metrics);
    enum figure_state before = figure->state;
    set_figure(figure, metrics, rows);
    note_overflow(worker, run, figure, before);
    worker->unpublished = true;
    return true;
}

bool worker_figure_unfinished(const struct figure *figure) {
    return figure->rows == 0 || figure->rows_done < figure->rows;
}

static bool rank(struct worker *worker, struct error *error) {
    const struct study *study = &worker->study;
    for (int c = CURVE_MAGNITUDE; c <= CURVE_WANDA; c++) {
        enum prune_method method = c == CURVE_WANDA ? PRUNE_WANDA : PRUNE_MAGNITUDE;
        bool cannot = c == CURVE_WANDA && study->calibration.rows == 0;
        if (worker->ranking[c] || cannot)
            continue;
        worker->ranking[c] =
            ranking_new(method, study->network, &study->calibration, &worker->progress, error);
        if (!worker->ranking[c])
            return false;
    }
    worker->ranked = true;
    return true;
}

/* A method at a size; one that has no ranking cannot reach it. */
static bool prune_point(struct worker *worker, int c, double grp, struct sweep_point *point,
                        bool *reached, struct error *error) {
    *reached = false;
    return !worker->ranking[c] || sweep_prune_point(&worker->study, worker->ranking[c], grp, false,
                                                    point, reached, &worker->progress, error);
}

/* Magnitude and wanda at the reduced network's GRP. */
static bool judge_baselines(struct worker *worker, struct error *error) {
    double grp =
        metrics_grp(network_parameters(worker->reduced), network_parameters(worker->study.network));
    for (int c = CURVE_MAGNITUDE; c <= CURVE_WANDA; c++) {
        struct sweep_point point;
        bool reached;
        if (!prune_point(worker, c, grp, &point, &reached, error))
            return false;
        worker->baseline[c].state = FIGURE_REFUSED;
        if (reached)
            set_figure(&worker->baseline[c], &point.metrics, point.metrics.rows);
    }
    worker->baselines_done = true;
    worker->unpublished = true;
    return true;
}

/* The engine walks from event to event and comes back, whatever happens. */
static bool list_events(struct worker *worker, struct error *error) {
    bool done = study_events(&worker->study, &worker->events, &worker->progress, error);
    struct error ignored = {0};
    if (!refine_set_epsilon(worker->study.refine, worker->epsilon, NULL, &ignored))
        return false;
    worker->unpublished = true;
    return done;
}

bool worker_add_point(struct worker *worker, int c, const struct sweep_point *point,
                      struct error *error) {
    struct curve *curve = &worker->curve[c];
    struct sweep *sweep = &worker->sweep;
    double figure = metrics_figure(&point->metrics);
    if (!memory_reserve(&sweep->point, &sweep->capacity, sweep->count + 1, sizeof *sweep->point,
                        error))
        return false;
    sweep->point[sweep->count++] = *point;
    if (!isfinite(figure))
        return true; /* overflowed: no place on the plot */
    if (!memory_resize(&curve->points, curve->count + 1, sizeof *curve->points, error))
        return false;
    curve->points[curve->count++] = (struct curve_point){.grp = point->grp,
                                                         .figure = figure,
                                                         .epsilon = point->epsilon,
                                                         .parameters = point->parameters};
    return true;
}

static void forget_run(struct sweep_step *step) {
    network_free(step->network);
    evaluation_free(&step->run);
    step->network = NULL;
}

void worker_forget_sweep_step(struct worker *worker) {
    forget_run(&worker->sweep_step);
    worker->sweep_step = (struct sweep_step){0};
}

/* What the structured rivals know of the network, when a sweep first needs it. */
static bool make_structured(struct worker *worker, int c, struct error *error) {
    bool id = c == CURVE_ID;
    const struct matrix *rows = id ? &worker->study.calibration : NULL;
    if (worker->structured[c] || (id && rows->rows == 0))
        return true;
    worker->structured[c] = structured_new(id ? STRUCTURED_ID : STRUCTURED_NEURON,
                                           worker->study.network, rows, &worker->progress, error);
    return worker->structured[c] != NULL;
}

/* The network of the step's curve at a size; none when its method has no rows to work on. */
static bool make_rival(struct worker *worker, double grp, bool *reached, struct error *error) {
    struct sweep_step *step = &worker->sweep_step;
    int c = step->curve;
    if (c > CURVE_WANDA && !make_structured(worker, c, error))
        return false;
    if (!worker->ranking[c] && !worker->structured[c])
        return true;
    step->network = worker->ranking[c] ? ranking_prune(worker->ranking[c], grp, reached, error)
                                       : structured_reduce(worker->structured[c], grp, reached,
                                                           &worker->progress, error);
    return step->network != NULL;
}

/* The network of the step's curve: the reduced one, or a rival of its size. */
static bool make_network(struct worker *worker, const struct event *event, struct error *error) {
    static const enum sweep_method methods[CURVE_POLISH] = {SWEEP_LUMP, SWEEP_MAGNITUDE,
                                                            SWEEP_WANDA, SWEEP_NEURON, SWEEP_ID};
    struct sweep_step *step = &worker->sweep_step;
    struct sweep_point *point = &step->point[step->curve];
    struct study *study = &worker->study;
    bool *reached = &step->reached[step->curve], lump = step->curve == CURVE_LUMP;
    *point = (struct sweep_point){
        .method = methods[step->curve], .epsilon = lump ? event->epsilon : NAN, .at = NAN};
    *reached = lump;
    if (lump)
        step->network = study_reduce(study, event->epsilon, false, NULL, &worker->progress, error);
    else if (!make_rival(worker, step->point[CURVE_LUMP].grp, reached, error))
        return false;
    if (!step->network)
        return !lump;
    point->parameters = worker->ranking[step->curve] ? network_nonzero_parameters(step->network)
                                                     : network_parameters(step->network);
    point->grp = metrics_grp(point->parameters, network_parameters(study->network));
    return true;
}

/* One curve of the step, from where it was left. */
static bool measure_curve(struct worker *worker, const struct event *event, struct error *error) {
    struct sweep_step *step = &worker->sweep_step;
    struct study *study = &worker->study;
    if (!step->network && !make_network(worker, event, error))
        return false;
    if (step->reached[step->curve]) {
        bool fresh = !step->run.outputs.data;
        if (fresh && !evaluation_init(&step->run, step->network, &study->test_inputs,
                                      &study->test_targets, error))
            return false;
        if (fresh && step->curve == CURVE_LUMP && !evaluation_keep(&step->run, &study->kept, error))
            return false;
        if (!evaluation_advance(&step->run, study->test_inputs.rows, &worker->progress, error))
            return false;
        evaluation_metrics(&step->run, &step->point[step->curve].metrics);
    }
    forget_run(step);
    return true;
}

/* All methods at one event, added together so that an interruption leaves none out. */
static bool sweep_event(struct worker *worker, const struct event *event, struct error *error) {
    struct sweep_step *step = &worker->sweep_step;
    for (; step->curve < CURVE_POLISH; step->curve++)
        if (!measure_curve(worker, event, error))
            return false;
    for (int c = 0; c < CURVE_POLISH; c++)
        if (step->reached[c] && !worker_add_point(worker, c, &step->point[c], error))
            return false;
    worker_forget_sweep_step(worker);
    worker->unpublished = true;
    return true;
}

static bool begin_sweep(struct worker *worker, struct error *error) {
    free(worker->sweep_chosen);
    worker->sweep_chosen = memory_new(worker->events.count, sizeof(bool), error);
    if (!worker->sweep_chosen)
        return false;
    worker_forget_sweep_step(worker);
    sweep_choose_events(&worker->events, worker->sweep_points, worker->sweep_chosen);
    worker_clear_curves(worker);
    worker->sweep_at = 0;
    return true;
}

/* The next chosen event, or the end of the sweep. */
static bool sweep_more(struct worker *worker, struct error *error) {
    if (!worker->sweep_chosen && !begin_sweep(worker, error))
        return false;
    while (worker->sweep_at < worker->events.count && !worker->sweep_chosen[worker->sweep_at])
        worker->sweep_at++;
    worker->work_done = worker->sweep_at;
    worker->work_total = worker->events.count;
    if (worker->sweep_at < worker->events.count) {
        bool done = sweep_event(worker, &worker->events.event[worker->sweep_at], error);
        worker->sweep_at += done;
        struct error ignored = {0};
        return refine_set_epsilon(worker->study.refine, worker->epsilon, NULL, &ignored) && done;
    }
    free(worker->sweep_chosen);
    worker->sweep_chosen = NULL;
    worker->sweep_wanted = false;
    worker->curve_complete = true;
    worker->unpublished = true;
    return true;
}

/* The mark was just made, before anybody could know this. */
static void announce(struct worker *worker, const struct mark *mark) {
    char epsilon[TEXT_NUMBER_SIZE], grp[TEXT_NUMBER_SIZE];
    worker_say(worker, false, "marked %s: eps %s, %s %% of the parameters", mark->name,
               text_human(worker->epsilon, 4, epsilon), text_human(mark->grp, 3, grp));
}

/* Marks of the state whose figures are exact now learn them. */
static void measure_marks(struct worker *worker) {
    struct session *session = worker->session;
    double epsilon;
    pthread_mutex_lock(&session->mutex);
    const struct waypoint *now = history_now(&session->history);
    const struct mark_list *list = now->files == worker->files ? now->marks : NULL;
    for (size_t i = 0; list && i < list->count; i++) {
        struct mark *mark = list->marks[i];
        if (mark->parameters || !target_known(&mark->target, &epsilon) ||
            epsilon != worker->epsilon || !worker_has_options(worker, &mark->choices))
            continue;
        mark->parameters = network_parameters(worker->reduced);
        mark->grp = metrics_grp(mark->parameters, network_parameters(worker->study.network));
        mark->figure = worker->study.judged ? worker->after.value : NAN;
        if (!mark->announced && mark->place == now->id)
            announce(worker, mark);
        mark->announced = true;
        session->history.serial++;
        worker->unpublished = true;
    }
    pthread_mutex_unlock(&session->mutex);
}

/* One step on the way to the figures of the current epsilon; `more` false: they are all there. */
static bool fill_figures(struct worker *worker, bool *more, struct error *error) {
    struct metrics metrics;
    bool judged = worker->study.judged;
    if (!worker->reduced)
        return worker_reduce(worker, error);
    if (judged && worker_figure_unfinished(&worker->before)) {
        bool done = worker_judge_more(worker, &worker->before_run, worker->study.network,
                                      &worker->before, &metrics, error);
        if (done && !worker_figure_unfinished(&worker->before))
            worker->study.before = metrics;
        return done;
    }
    if (judged && worker_figure_unfinished(&worker->after))
        return worker_judge_more(worker, &worker->after_run, worker->reduced, &worker->after,
                                 &metrics, error);
    measure_marks(worker);
    if (judged && !worker->ranked)
        return rank(worker, error);
    if (judged && !worker->baselines_done)
        return judge_baselines(worker, error);
    if (!worker->reduced_bytes) /* seconds for a million parameters */
        return measure_bytes(worker, error);
    return worker_polish_more(worker, more, error);
}

bool worker_background(struct worker *worker, struct error *error) {
    bool more = true;
    if (worker->given_up)
        return false;
    if (!fill_figures(worker, &more, error))
        return false;
    if (more)
        return true;
    if (!worker->events.complete)
        return list_events(worker, error);
    if (worker->sweep_wanted && worker->study.judged) {
        if (worker->unpublished)
            worker_publish(worker);
        return sweep_more(worker, error);
    }
    if (worker->sweep_wanted)
        worker_say(worker, true,
                   "a sweep measures the error on test rows with targets, and there "
                   "are none; :data FILE gives some");
    worker->sweep_wanted = false;
    return false;
}
