/* A class over time, in the original and in the reduced network. */
#include "session/watch.h"

#include "lumpscope/memory.h"

#include <math.h>

enum { POINTS = 200 };

/* Every layer decays as e^-t once the one before is at rest; by then 5e-4 of the way is left. */
static double end_time(const struct network *network) {
    return 6 + 2 * (double)network->depth;
}

/* The mean over calibration rows; without any the model's own, which is 0 in network space. */
static void mean_input(const struct matrix *rows, size_t inputs, double *input) {
    for (size_t r = 0; r < rows->rows; r++)
        for (size_t j = 0; j < inputs; j++)
            input[j] += matrix_row(rows, r)[j] / (double)rows->rows;
}

static double *driving_input(const struct study *study, const struct trajectory_view *view,
                             struct error *error) {
    size_t inputs = network_inputs(study->network);
    if (view->rows)
        return memory_copy(matrix_row(&study->test_inputs, view->row), inputs, sizeof(double),
                           error);
    double *input = memory_new(inputs, sizeof *input, error);
    if (input)
        mean_input(&study->calibration, inputs, input);
    return input;
}

static bool run(struct worker *worker, const struct network *network, const double *input,
                const char *which, struct trajectory *out, struct error *error) {
    if (trajectory_run(network, input, end_time(network), POINTS, out, &worker->progress, error))
        return true;
    if (error->kind != ERROR_CANCELLED)
        error_prefix(error, "%s network", which);
    return false;
}

static bool run_original(struct worker *worker, const double *input, size_t row,
                         struct error *error) {
    struct watching *watching = &worker->watching;
    if (watching->original.points && watching->original_row == row)
        return true;
    trajectory_free(&watching->original);
    watching->original_row = row;
    return run(worker, refine_prepared(worker->study.refine)->network, input, "original",
               &watching->original, error);
}

static bool compare(const struct worker *worker, const struct trajectory *reduced,
                    struct detail *detail, struct error *error) {
    struct trajectory_view *view = &detail->trajectory;
    const struct partition *live = refine_live_partition(worker->study.refine);
    size_t l = detail->layer, neurons = live->layer[l - 1].neurons;
    const size_t *starts = worker->merged.layer[l - 1].starts;
    double *members = memory_new(neurons, sizeof *members, error);
    double *stand = memory_new(worker->reduced->layers[l - 1].neurons, sizeof *stand, error);
    bool done = members && stand;
    if (done) {
        merged_weights(&worker->merged, live, l, detail->class_id, members, stand);
        done = trajectory_compare(&worker->watching.original, members, reduced, stand, l,
                                  &view->pair, error);
    }
    for (size_t i = 0; done && i < neurons; i++)
        view->members += members[i] != 0;
    view->merged = starts[detail->class_id + 1] - starts[detail->class_id];
    for (size_t k = 0; done && k < view->pair.points; k++)
        view->largest = fmax(view->largest, fabs(view->pair.original[k]));
    free(members);
    free(stand);
    return done;
}

bool watch_trajectory(struct worker *worker, struct detail *detail, struct error *error) {
    const struct study *study = &worker->study;
    struct trajectory_view *view = &detail->trajectory;
    struct trajectory reduced = {0};
    view->rows = study->test_inputs.rows;
    view->row = view->rows ? detail->watch.row % view->rows : 0;
    double *input = driving_input(study, view, error);
    bool done = input && worker_reduce(worker, error) &&
                run_original(worker, input, view->row, error) &&
                run(worker, worker->reduced, input, "reduced", &reduced, error) &&
                compare(worker, &reduced, detail, error);
    trajectory_free(&reduced);
    free(input);
    return done;
}
