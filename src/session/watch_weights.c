/* A layer's weights, rows and columns grouped by class. */
#include "session/watch.h"

#include "lumpscope/memory.h"

#include <math.h>
#include <string.h>

enum { WEIGHTS_PER_REPORT = 1 << 20 }; /* a millisecond or two */

/* The neurons down or across, and the cells they share. */
struct side {
    const struct classes *classes; /* NULL: inputs or outputs, each its own */
    size_t neurons, cells;
    size_t *order; /* [neurons] class after class, dead ones last */
    size_t *cell;  /* [neurons] of each neuron */
    double *share; /* [neurons] 1 over the neurons of its cell */
};

static void side_free(struct side *side) {
    free(side->order);
    free(side->cell);
    free(side->share);
}

static bool order_neurons(struct side *side, struct error *error) {
    struct class_members members = {0};
    size_t placed = 0;
    if (side->classes && !classes_members(side->classes, &members, error))
        return false;
    if (side->classes)
        placed = members.starts[side->classes->count];
    for (size_t k = 0; k < placed; k++)
        side->order[k] = members.members[k];
    for (size_t i = 0; i < side->neurons; i++)
        if (!side->classes || side->classes->class_of[i] == PARTITION_DEAD)
            side->order[placed++] = i;
    class_members_free(&members);
    return true;
}

/* First position of a cell; cells are as equal as can be. */
static size_t cell_start(const struct side *side, size_t cell) {
    return cell * side->neurons / side->cells;
}

static bool side_init(struct side *side, const struct classes *classes, size_t neurons, size_t room,
                      struct error *error) {
    *side = (struct side){.classes = classes, .neurons = neurons};
    side->cells = room < neurons ? room : neurons;
    side->order = memory_new(neurons, sizeof *side->order, error);
    side->cell = memory_new(neurons, sizeof *side->cell, error);
    side->share = memory_new(neurons, sizeof *side->share, error);
    if (!side->order || !side->cell || !side->share || !order_neurons(side, error))
        return false;
    for (size_t c = 0; c < side->cells; c++) {
        size_t start = cell_start(side, c), end = cell_start(side, c + 1);
        for (size_t k = start; k < end; k++) {
            side->cell[side->order[k]] = c;
            side->share[side->order[k]] = 1 / (double)(end - start);
        }
    }
    return true;
}

static uint32_t class_at(const struct side *side, size_t position) {
    size_t neuron = side->order[position];
    return side->classes ? side->classes->class_of[neuron] : (uint32_t)neuron;
}

/* What is said of every cell; the arrays become the detail's. */
static bool describe_cells(const struct side *side, size_t **first, uint32_t **class_of,
                           bool **begins, struct error *error) {
    *first = memory_new(side->cells, sizeof **first, error);
    *class_of = memory_new(side->cells, sizeof **class_of, error);
    *begins = memory_new(side->cells, sizeof **begins, error);
    if (!*first || !*class_of || !*begins)
        return false;
    for (size_t c = 0; c < side->cells; c++) {
        size_t start = cell_start(side, c);
        (*first)[c] = side->order[start];
        (*class_of)[c] = class_at(side, start);
        (*begins)[c] = start == 0 || class_at(side, start) != class_at(side, start - 1);
    }
    return true;
}

/* The matrix as it is stored: `outer` are its rows, so that it is read in one go. */
struct reading {
    const double *weights;
    const struct side *outer, *inner;
    bool transposed; /* the outer side is drawn across */
};

static void add_row(const struct reading *reading, size_t o, double *line,
                    struct weights_view *view) {
    const struct side *inner = reading->inner;
    const double *row = reading->weights + o * inner->neurons;
    size_t cell = reading->outer->cell[o];
    memset(line, 0, inner->cells * sizeof *line);
    for (size_t i = 0; i < inner->neurons; i++)
        line[inner->cell[i]] += row[i] * inner->share[i];
    for (size_t c = 0; c < inner->cells; c++)
        view->mean[reading->transposed ? c * view->columns + cell : cell * view->columns + c] +=
            line[c] * reading->outer->share[o];
}

static bool read_means(const struct reading *reading, struct weights_view *view,
                       const struct progress *progress, struct error *error) {
    size_t outer = reading->outer->neurons;
    size_t rows_per_report = WEIGHTS_PER_REPORT / (reading->inner->neurons + 1) + 1;
    double *line = memory_new(reading->inner->cells, sizeof *line, error);
    view->mean = memory_new(view->rows * view->columns, sizeof *view->mean, error);
    bool done = line && view->mean, room = view->rows && view->columns;
    for (size_t o = 0; done && room && o < outer; o++) {
        done = o % rows_per_report || progress_step(progress, "weights", o, outer, error);
        add_row(reading, o, line, view);
    }
    for (size_t k = 0; done && k < view->rows * view->columns; k++)
        view->peak = fmax(view->peak, fabs(view->mean[k]));
    free(line);
    return done;
}

static const struct layer *watched_layer(const struct worker *worker) {
    size_t sending = worker->watching.watch.outgoing ? 1 : 0;
    return &worker->model->network->layers[worker->layer - 1 + sending];
}

size_t watch_weights_work(const struct worker *worker) {
    const struct layer *layer = watched_layer(worker);
    return layer->neurons * layer->inputs;
}

static bool make_view(const struct worker *worker, const struct side *down,
                      const struct side *across, struct weights_view *view, struct error *error) {
    struct reading reading = {.weights = watched_layer(worker)->weights,
                              .outer = view->outgoing ? across : down,
                              .inner = view->outgoing ? down : across,
                              .transposed = view->outgoing};
    view->rows = down->cells;
    view->columns = across->cells;
    view->row_neurons = down->neurons;
    view->column_neurons = across->neurons;
    return describe_cells(down, &view->row_first, &view->row_class, &view->row_begins, error) &&
           describe_cells(across, &view->column_first, &view->column_class, &view->column_begins,
                          error) &&
           read_means(&reading, view, &worker->progress, error);
}

bool watch_weights(const struct worker *worker, struct detail *detail, struct error *error) {
    const struct watch *watch = &detail->watch;
    const struct layer *layer = watched_layer(worker);
    const struct partition *partition = &worker->partition;
    struct weights_view *view = &detail->weights;
    size_t other = watch->outgoing ? detail->layer + 1 : detail->layer - 1;
    view->outgoing = watch->outgoing;
    view->other = other <= partition->layers ? other : 0;
    struct side down = {0}, across = {0};
    bool done =
        side_init(&down, &partition->layer[detail->layer - 1],
                  watch->outgoing ? layer->inputs : layer->neurons, watch->rows, error) &&
        side_init(&across, view->other ? &partition->layer[view->other - 1] : NULL,
                  watch->outgoing ? layer->neurons : layer->inputs, watch->columns, error) &&
        make_view(worker, &down, &across, view, error);
    side_free(&down);
    side_free(&across);
    return done;
}
