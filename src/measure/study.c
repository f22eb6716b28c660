#include "lumpscope/study.h"

#include "lumpscope/memory.h"
#include "lumpscope/model_file.h"
#include "lumpscope/prepare.h"
#include "lumpscope/rng.h"

#include <math.h>

enum { EXACT_ROWS = 256 };
static const double exact_tolerance = 1e-9;

void study_free(struct study *study) {
    refine_free(study->refine);
    activations_free(&study->kept);
    matrix_free(&study->test_inputs);
    matrix_free(&study->test_targets);
    matrix_free(&study->calibration);
    matrix_free(&study->polish_rows);
    polish_free(study->polish);
    polish_free(study->prune_polish);
    *study = (struct study){0};
}

static bool take_test_rows(struct study *study, const struct dataset *data, struct error *error) {
    if (!data)
        return true;
    study->judged = data->has_targets && data->test_count > 0;
    return dataset_network_inputs(data, study->network, data->test, data->test_count,
                                  &study->test_inputs, error) &&
           (!study->judged ||
            dataset_network_targets(data, study->network, data->test, data->test_count,
                                    &study->test_targets, error));
}

/* Where calibration rows come from. */
struct source {
    const struct dataset *data; /* NULL: nowhere */
    size_t *rows;               /* of the data; NULL: the first; owned */
};

/* The first `limit` rows of the file as they stand, or of a permutation of the training rows. */
static bool take_rows(const struct study *study, size_t limit, struct source *source,
                      const struct dataset *calibrate_on, struct matrix *out, struct error *error) {
    size_t count = 0;
    if (calibrate_on)
        count = calibrate_on->inputs.rows < limit ? calibrate_on->inputs.rows : limit;
    else
        source->rows =
            dataset_calibration_rows(source->data, limit, study->options.seed, &count, error);
    return (calibrate_on || source->rows) &&
           dataset_network_inputs(source->data, study->network, source->rows, count, out, error);
}

size_t study_calibration_rows(const struct network *network) {
    static const double most = 4e9;
    double pairs = 1, rows;
    for (size_t l = 0; l + 1 < network->depth; l++) {
        double n = (double)network->layers[l].neurons;
        pairs += n * (n - 1) / 2;
    }
    rows = floor(most / pairs);
    return rows >= 1024 ? 1024 : rows > 64 ? (size_t)rows : 64;
}

void study_calibration_note(const struct study *study, struct text *out) {
    size_t rows = study->calibration.rows;
    if (study->options.calibration != CALIBRATION_AUTO || rows == 0)
        return;
    bool fewer = study_calibration_rows(study->network) < 1024;
    text_format(out, "calibration: %zu row%s%s", rows, text_plural(rows),
                fewer ? ", fewer than 1024 since the layers are wide; --calibration N takes N"
                      : "");
}

/* Options that use no rows do without; polish uses more of the same. */
static bool take_calibration_rows(struct study *study, const struct dataset *data,
                                  const struct dataset *calibrate_on, struct source *source,
                                  struct error *error) {
    *source = (struct source){.data = calibrate_on ? calibrate_on : data};
    bool none = !calibrate_on && data && data->train_count == 0 && !data->split_none;
    if (!source->data || (none && !options_use_rows(&study->options)))
        return true;
    struct source more = *source;
    size_t limit = study->options.calibration != CALIBRATION_AUTO
                       ? study->options.calibration
                       : study_calibration_rows(study->network);
    bool done = take_rows(study, limit, source, calibrate_on, &study->calibration, error) &&
                (study->options.polish == 0 ||
                 take_rows(study, POLISH_ROWS, &more, calibrate_on, &study->polish_rows, error));
    free(more.rows);
    return done;
}

/* Where a network overflows on calibration rows: the original, or else the balanced one. */
static bool find_overflow(const struct study *study, bool *balanced, struct overflow *where) {
    *balanced = false;
    if (evaluate_overflow(study->network, &study->calibration, where))
        return true;
    struct prepared prepared;
    if (!prepared_init(&prepared, study->network, &study->options, NULL))
        return false;
    *balanced = evaluate_overflow(prepared.network, &study->calibration, where);
    if (*balanced && where->layer <= prepared.hidden)
        where->neuron = prepared.live[where->layer - 1][where->neuron];
    prepared_free(&prepared);
    return *balanced;
}

/* The engine knows calibration rows by its own count; here they are rows of a file. */
static void place_overflow(const struct study *study, const struct source *source,
                           struct error *error) {
    bool balanced;
    struct overflow where;
    if (!error || error->kind != ERROR_REQUEST || !source->data || !study->calibration.rows ||
        !options_use_rows(&study->options) || !find_overflow(study, &balanced, &where))
        return;
    size_t row = source->rows ? source->rows[where.row] : where.row;
    error_set(error, ERROR_REQUEST,
              "calibration: the %snetwork overflows in layer %zu, neuron %zu, on data row %zu of "
              "%s%s; use data in the range the network was trained on, or --relation forward "
              "--refit off",
              balanced ? "balanced " : "", where.layer, where.neuron,
              source->data->source_row[row] + 1, source->data->path,
              balanced ? ", where the original does not" : "");
}

bool study_init(struct study *study, const struct network *network, const struct options *options,
                const struct dataset *data, const struct dataset *calibrate_on,
                const struct progress *progress, struct error *error) {
    *study = (struct study){.network = network,
                            .options = *options,
                            .type = network->origin.type,
                            .polish_iterations = options->polish};
    struct source source = {0};
    bool made = take_test_rows(study, data, error) &&
                take_calibration_rows(study, data, calibrate_on, &source, error);
    if (made) {
        study->refine =
            refine_new(network, options, study->calibration.rows ? &study->calibration : NULL,
                       progress, error);
        if (!study->refine)
            place_overflow(study, &source, error);
    }
    free(source.rows);
    if (!study->refine) {
        study_free(study);
        return false;
    }
    return true;
}

bool study_want_polish(struct study *study, const struct dataset *data, size_t iterations,
                       struct error *error) {
    struct source source = {.data = data};
    if (!data || (data->train_count == 0 && !data->split_none))
        return error_set(error, ERROR_REQUEST,
                         "polish fits on training rows, and there are none; give data that has "
                         "some");
    bool done = study->polish_rows.rows > 0 ||
                take_rows(study, POLISH_ROWS, &source, NULL, &study->polish_rows, error);
    free(source.rows);
    if (done && iterations != study->polish_iterations) {
        polish_free(study->polish);
        polish_free(study->prune_polish);
        study->polish = study->prune_polish = NULL;
        study->polish_iterations = iterations;
    }
    return done;
}

bool study_judge(struct study *study, const struct progress *progress, struct error *error) {
    return !study->judged ||
           evaluate_network(study->network, &study->test_inputs, &study->test_targets, NULL,
                            &study->before, progress, error);
}

/* What polishes networks that begin as `start`; made when it is first used. */
static const struct polish *study_polish(struct study *study, struct polish **polish,
                                         const struct network *start,
                                         const struct progress *progress, struct error *error) {
    if (!*polish)
        *polish = polish_new(study->network, start, &study->polish_rows, study->polish_iterations,
                             study->options.seed, progress, error);
    return *polish;
}

static struct network *reduce(struct study *study, bool polished, const struct progress *progress,
                              struct error *error) {
    if (!polished)
        return aggregate_network(study->refine, NULL, progress, error);
    const struct network *start = refine_prepared(study->refine)->network;
    const struct polish *polish = study_polish(study, &study->polish, start, progress, error);
    return polish ? polish_reduced(polish, study->refine, progress, error) : NULL;
}

struct network *study_polish_pruned(struct study *study, const struct network *pruned,
                                    const struct progress *progress, struct error *error) {
    const struct polish *polish =
        study_polish(study, &study->prune_polish, study->network, progress, error);
    return polish ? polish_pruned(polish, pruned, progress, error) : NULL;
}

struct network *study_reduce(struct study *study, double epsilon, bool polished,
                             struct metrics *after, const struct progress *progress,
                             struct error *error) {
    if (!refine_set_epsilon(study->refine, epsilon, progress, error))
        return NULL;
    struct network *reduced = reduce(study, polished, progress, error);
    if (reduced && (!network_round(reduced, study->type, error) ||
                    (after && study->judged &&
                     !evaluate_network(reduced, &study->test_inputs, &study->test_targets,
                                       polished ? NULL : &study->kept, after, progress, error)))) {
        network_free(reduced);
        return NULL;
    }
    return reduced;
}

void events_free(struct events *events) {
    free(events->event);
    *events = (struct events){0};
}

static bool add_event(struct study *study, struct events *events, const struct progress *progress,
                      struct error *error) {
    struct event event = {.epsilon = refine_epsilon(study->refine)};
    if (!aggregate_parameters(study->refine, &event.parameters, progress, error) ||
        !memory_reserve(&events->event, &events->capacity, events->count + 1, sizeof event, error))
        return false;
    events->event[events->count++] = event;
    return true;
}

bool study_events(struct study *study, struct events *events, const struct progress *progress,
                  struct error *error) {
    size_t neurons = network_hidden_neurons(study->network);
    double epsilon = events->count ? events->event[events->count - 1].epsilon : 0;
    bool known = events->count > 0;
    while (!events->complete) {
        if (!progress_step(progress, "merge events", events->count, neurons, error) ||
            !refine_set_epsilon(study->refine, epsilon, progress, error) ||
            (!known && !add_event(study, events, progress, error)))
            return false;
        known = false;
        epsilon = refine_next_event(study->refine, NULL);
        events->complete = isnan(epsilon);
    }
    return true;
}

static double smallest_grp(const struct events *events, size_t original) {
    size_t smallest = SIZE_MAX;
    for (size_t k = 0; k < events->count; k++)
        if (events->event[k].parameters < smallest)
            smallest = events->event[k].parameters;
    return metrics_grp(smallest, original);
}

bool study_budget(const struct study *study, const struct events *events, double grp,
                  double *epsilon, struct error *error) {
    size_t original = network_parameters(study->network);
    const struct event *best = NULL;
    for (size_t k = 0; k < events->count; k++) {
        const struct event *event = &events->event[k];
        if (metrics_grp(event->parameters, original) <= grp &&
            (!best || event->parameters > best->parameters))
            best = event;
    }
    if (!best)
        return error_set(error, ERROR_REQUEST,
                         "no network of at most %g %% of the parameters; the smallest has %.4g %%, "
                         "so ask for that or more, or unlock layers",
                         grp, smallest_grp(events, original));
    *epsilon = best->epsilon;
    return true;
}

static int fewest_parameters_first(const void *x, const void *y) {
    const struct event *a = x, *b = y;
    if (a->parameters != b->parameters)
        return a->parameters < b->parameters ? -1 : 1;
    return a->epsilon < b->epsilon ? -1 : a->epsilon > b->epsilon;
}

/* A figure that overflowed is never good enough. */
static bool good_enough(const struct metrics *before, const struct metrics *after, double percent) {
    if (before->task == TASK_CLASSIFICATION)
        return after->accuracy >= before->accuracy - percent / 100 - 1e-12; /* rounding */
    return after->mse <= before->mse * (1 + percent / 100);
}

bool study_loss(struct study *study, const struct events *events, double percent, double *epsilon,
                const struct progress *progress, struct error *error) {
    if (!study->judged)
        return error_set(error, ERROR_REQUEST,
                         "a loss is measured on test rows with targets, and there are none; give "
                         "data that has some");
    struct event *order = memory_copy(events->event, events->count, sizeof *order, error);
    if (!order)
        return false;
    qsort(order, events->count, sizeof *order, fewest_parameters_first);
    bool found = false, done = study->before.rows || study_judge(study, progress, error);
    for (size_t k = 0; done && !found && k < events->count; k++) {
        struct metrics after = {0};
        struct network *reduced = study_reduce(study, order[k].epsilon, study->options.polish > 0,
                                               &after, progress, error);
        done = reduced != NULL;
        network_free(reduced);
        found = done && good_enough(&study->before, &after, percent);
        *epsilon = order[k].epsilon;
    }
    free(order);
    if (done && !found)
        return error_set(error, ERROR_REQUEST,
                         "no network has a test error within %g %% of the original's, not even at "
                         "epsilon 0; allow a larger loss",
                         percent);
    return done;
}

static bool normal_rows(const struct study *study, struct matrix *x, struct error *error) {
    struct rng rng;
    rng_seed(&rng, study->options.seed);
    if (!matrix_init(x, EXACT_ROWS, network_inputs(study->network), error))
        return false;
    for (size_t k = 0; k < x->rows * x->columns; k++)
        x->data[k] = rng_normal(&rng);
    return true;
}

/* The largest change of an output over its RMS; infinity when a figure overflows. */
static double largest_change(const struct matrix *original, const struct matrix *reduced) {
    double largest = 0;
    for (size_t o = 0; o < original->columns; o++) {
        double squares = 0, change = 0;
        for (size_t r = 0; r < original->rows; r++) {
            double y = original->data[r * original->columns + o];
            double d = fabs(reduced->data[r * original->columns + o] - y);
            squares += y * y;
            change = d <= change ? change : d; /* not a number stays */
        }
        double share = change == 0 ? 0 : change / sqrt(squares / (double)original->rows);
        if (!(share <= largest))
            largest = isnan(share) ? INFINITY : share;
    }
    return largest;
}

/* One event of --exact: how far the outputs move. */
static bool measure_change(struct study *study, const struct matrix *x,
                           const struct matrix *original, double epsilon, double *change,
                           const struct progress *progress, struct error *error) {
    struct network *reduced = refine_set_epsilon(study->refine, epsilon, progress, error)
                                  ? reduce(study, false, progress, error)
                                  : NULL;
    struct matrix y = {0};
    bool done = reduced && matrix_init(&y, original->rows, original->columns, error) &&
                network_forward(reduced, x->data, x->rows, true, y.data, progress, error);
    if (done)
        *change = largest_change(original, &y);
    matrix_free(&y);
    network_free(reduced);
    return done;
}

static bool exact_steps(struct study *study, const struct matrix *x, const struct matrix *original,
                        double *epsilon, const struct progress *progress, struct error *error) {
    double next = 0, change = 0;
    bool any = false;
    while (!isnan(next)) {
        if (!measure_change(study, x, original, next, &change, progress, error))
            return false;
        if (!(change <= exact_tolerance))
            break;
        *epsilon = next;
        any = true;
        next = refine_next_event(study->refine, NULL);
    }
    return any || error_set(error, ERROR_REQUEST,
                            "even epsilon 0 moves an output by %.3g of its RMS, more than 1e-9; "
                            "try another --relation, or --refit off",
                            change);
}

bool study_exact(struct study *study, double *epsilon, const struct progress *progress,
                 struct error *error) {
    struct matrix normal = {0}, original = {0};
    bool given = study->test_inputs.rows > 0;
    bool done = given || normal_rows(study, &normal, error);
    const struct matrix *x = given ? &study->test_inputs : &normal;
    done =
        done && matrix_init(&original, x->rows, network_outputs(study->network), error) &&
        network_forward(study->network, x->data, x->rows, true, original.data, progress, error) &&
        exact_steps(study, x, &original, epsilon, progress, error);
    matrix_free(&normal);
    matrix_free(&original);
    return done;
}
