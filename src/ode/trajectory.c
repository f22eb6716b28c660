#include "lumpscope/trajectory.h"

#include "lumpscope/memory.h"

#include <cvode/cvode.h>
#include <math.h>
#include <nvector/nvector_serial.h>
#include <string.h>
#include <sundials/sundials_nonlinearsolver.h>

_Static_assert(sizeof(realtype) == sizeof(double), "SUNDIALS computes in double precision");

static const double tolerance = 1e-8;
/* Rounding leaves a layer's values uncertain by 1e-16 of what was summed up to them; below 1e-5 of
 * that the tolerance asks for figures that are not there. */
static const double cancellation = 1e-5;
/* Bounds of a layer's size, so that the tolerance and its reciprocal are numbers. */
static const double smallest_unit = 1e-290, largest_unit = 1e290;
/* Weights multiplied between two reports: a few milliseconds. */
static const size_t weights_per_report = 1u << 22;
enum { STEPS_PER_POINT = 10000, PROGRESS_TOTAL = 1000 };
/* The first step is guessed from the slope at 0, where squares of squares have none, and may be far
 * too long; each failure shortens it to a quarter or less. Where the solution itself overflows the
 * failures close in on the time. */
enum { STEP_FAILURES = 30 };

struct run {
    const struct network *network;
    double end_time;
    double *drive;   /* [n_1] s_1(W_1 x_0 + b_1), which does not change */
    size_t overflow; /* the layer, from 1, that overflowed in the last evaluation; 0 none */
    double overflow_time;
    size_t overflows; /* evaluations in which one did */
    const struct progress *progress;
    struct error *error;
    bool stopped; /* by `progress`; the error is set */
    SUNContext context;
    void *cvode;
    N_Vector state, tolerances; /* layer after layer */
    SUNNonlinearSolver solver;
};

/* out [n_l] = s_l(W_l x + b_l), block by block, so that work on a wide layer can be stopped. */
static bool layer_values(struct run *run, const struct layer *layer, double time, const double *x,
                         double *out) {
    size_t block = weights_per_report / (layer->inputs + 1) + 1;
    size_t done = (size_t)(PROGRESS_TOTAL * fmin(time / run->end_time, 1));
    for (size_t start = 0; start < layer->neurons; start += block) {
        size_t neurons = layer->neurons - start < block ? layer->neurons - start : block;
        if (!progress_step(run->progress, "trajectory", done, PROGRESS_TOTAL, run->error)) {
            run->stopped = true;
            return false;
        }
        matrix_multiply_vector(layer->weights + start * layer->inputs, x, out + start, neurons,
                               layer->inputs);
    }
    for (size_t i = 0; i < layer->neurons; i++)
        out[i] += layer->bias[i];
    layer_activate(layer, true, out, 1);
    return true;
}

/* What layer l (from 0) is driven to, s_l(W_l x_{l-1} + b_l), x_{l-1} at `before`. Returns 0, 1
 * when it overflows, which a shorter step may avoid, -1 to give up: a right-hand side's answers. */
static int drive_layer(struct run *run, size_t l, double time, const double *before, double *out) {
    const struct layer *layer = &run->network->layers[l];
    if (l == 0)
        memcpy(out, run->drive, layer->neurons * sizeof *out);
    else if (!layer_values(run, layer, time, before, out))
        return -1;
    for (size_t i = 0; i < layer->neurons; i++)
        if (!isfinite(out[i])) {
            run->overflow = l + 1;
            run->overflow_time = time;
            return ++run->overflows < STEP_FAILURES ? 1 : -1;
        }
    return 0;
}

/* The right-hand side. */
static int derivative(realtype time, N_Vector state, N_Vector slope, void *user) {
    struct run *run = user;
    const double *x = N_VGetArrayPointer(state), *before = NULL;
    double *out = N_VGetArrayPointer(slope);
    for (size_t l = 0; l < run->network->depth; l++) {
        size_t neurons = run->network->layers[l].neurons;
        int status = drive_layer(run, l, time, before, out);
        if (status != 0)
            return status;
        for (size_t i = 0; i < neurons; i++)
            out[i] -= x[i];
        before = x;
        x += neurons;
        out += neurons;
    }
    run->overflow = 0;
    return 0;
}

/* One implicit step: y = prediction + gamma f(y) - rl1 z1. The system is a cascade, so that going
 * through the layers once solves it exactly, whatever the weights:
 *     y_l = (prediction_l - rl1 z1_l + gamma s_l(W_l y_{l-1} + b_l)) / (1 + gamma).
 * `correction` = y - prediction; it holds y until the layer after has been computed. */
static int solve_cascade(SUNNonlinearSolver solver, N_Vector guess, N_Vector correction,
                         N_Vector weights, realtype limit, booleantype setup, void *memory) {
    (void)solver, (void)guess, (void)weights, (void)limit, (void)setup;
    realtype time, gamma, rl1;
    N_Vector prediction, current, slope, z1;
    void *user;
    int status = CVodeGetNonlinearSystemData(memory, &time, &prediction, &current, &slope, &gamma,
                                             &rl1, &z1, &user);
    if (status != CV_SUCCESS)
        return status;
    struct run *run = user;
    const double *guessed = N_VGetArrayPointer(prediction), *history = N_VGetArrayPointer(z1);
    const double *before = NULL;
    double *y = N_VGetArrayPointer(correction);
    for (size_t l = 0; l < run->network->depth; l++) {
        size_t neurons = run->network->layers[l].neurons;
        status = drive_layer(run, l, time, before, y);
        if (status != 0)
            return status > 0 ? SUN_NLS_CONV_RECVR : CV_RHSFUNC_FAIL;
        for (size_t i = 0; i < neurons; i++)
            y[i] = (guessed[i] - rl1 * history[i] + gamma * y[i]) / (1 + gamma);
        before = y;
        y += neurons;
        guessed += neurons;
        history += neurons;
    }
    run->overflow = 0;
    N_VLinearSum(1, correction, -1, prediction, correction);
    return SUN_NLS_SUCCESS;
}

static SUNNonlinearSolver_Type cascade_type(SUNNonlinearSolver solver) {
    (void)solver;
    return SUNNONLINEARSOLVER_FIXEDPOINT;
}

/* CVODE hands over its iteration, which solve_cascade has no use for. */
static int cascade_ignores_iteration(SUNNonlinearSolver solver, SUNNonlinSolSysFn iteration) {
    (void)solver, (void)iteration;
    return SUN_NLS_SUCCESS;
}

/* The layer at rest, from the layer before at rest, and the size of its values. */
static bool rest_layer(struct run *run, const struct layer *layer, const double *before,
                       double *rest, double *size) {
    double unit = 0;
    for (size_t i = 0; i < layer->neurons; i++) {
        const double *row = layer->weights + i * layer->inputs;
        double sum = layer->bias[i], summed = fabs(layer->bias[i]);
        for (size_t j = 0; j < layer->inputs; j++) {
            sum += row[j] * before[j];
            summed += fabs(row[j] * before[j]);
        }
        rest[i] = activation_value(&layer->activation, sum);
        unit = fmax(unit, fabs(rest[i]));
        unit = fmax(unit, cancellation * fabs(activation_value(&layer->activation, summed)));
        if (!progress_step(run->progress, "trajectory", 0, PROGRESS_TOTAL, run->error))
            return false;
    }
    *size = unit > 0 ? fmin(fmax(unit, smallest_unit), largest_unit) : 1;
    return true;
}

/* Absolute tolerances in proportion to the layers' values at rest. */
static bool set_tolerances(struct run *run, const double *input) {
    const struct network *network = run->network;
    double *out = N_VGetArrayPointer(run->tolerances), *before = NULL;
    bool done = true;
    for (size_t l = 0; done && l < network->depth; l++) {
        const struct layer *layer = &network->layers[l];
        double unit = 1, *rest = memory_new(layer->neurons, sizeof *rest, run->error);
        done = rest && rest_layer(run, layer, before ? before : input, rest, &unit);
        for (size_t i = 0; i < layer->neurons; i++)
            *out++ = tolerance * unit;
        free(before);
        before = rest;
    }
    free(before);
    return done;
}

/* s_1(W_1 x_0 + b_1), once. */
static bool set_drive(struct run *run, const double *input) {
    const struct layer *first = &run->network->layers[0];
    run->drive = memory_new(first->neurons, sizeof *run->drive, run->error);
    return run->drive && layer_values(run, first, 0, input, run->drive);
}

static bool make_vectors(struct run *run) {
    size_t neurons = network_hidden_neurons(run->network) + network_outputs(run->network);
    if (SUNContext_Create(NULL, &run->context) == 0) {
        run->state = N_VNew_Serial((sunindextype)neurons, run->context);
        run->tolerances = N_VNew_Serial((sunindextype)neurons, run->context);
    }
    if (!run->state || !run->tolerances)
        return error_memory(run->error, 2 * neurons * sizeof(double));
    N_VConst(0, run->state);
    return true;
}

/* Adams: nothing in the system is stiff, every mode decays as e^-t. */
static bool make_integrator(struct run *run) {
    run->cvode = CVodeCreate(CV_ADAMS, run->context);
    run->solver = SUNNonlinSolNewEmpty(run->context);
    if (!run->cvode || !run->solver)
        return error_memory(run->error, sizeof *run->solver);
    run->solver->ops->gettype = cascade_type;
    run->solver->ops->setsysfn = cascade_ignores_iteration;
    run->solver->ops->solve = solve_cascade;
    if (CVodeSetErrFile(run->cvode, NULL) == CV_SUCCESS &&
        CVodeInit(run->cvode, derivative, 0, run->state) == CV_SUCCESS &&
        CVodeSVtolerances(run->cvode, tolerance, run->tolerances) == CV_SUCCESS &&
        CVodeSetUserData(run->cvode, run) == CV_SUCCESS &&
        CVodeSetMaxNumSteps(run->cvode, STEPS_PER_POINT) == CV_SUCCESS &&
        CVodeSetMaxErrTestFails(run->cvode, STEP_FAILURES) == CV_SUCCESS &&
        CVodeSetMaxConvFails(run->cvode, STEP_FAILURES) == CV_SUCCESS &&
        CVodeSetNonlinearSolver(run->cvode, run->solver) == CV_SUCCESS)
        return true;
    return error_set(run->error, ERROR_INTERNAL, "the integrator cannot be set up");
}

static void run_free(struct run *run) {
    CVodeFree(&run->cvode);
    if (run->solver)
        SUNNonlinSolFree(run->solver);
    N_VDestroy(run->state);
    N_VDestroy(run->tolerances);
    SUNContext_Free(&run->context);
    free(run->drive);
}

/* Why CVODE gave up. */
static bool report_failure(const struct run *run) {
    double time = 0;
    if (run->stopped)
        return false;
    if (run->overflow)
        return error_set(run->error, ERROR_REQUEST,
                         "the trajectory overflows in layer %zu at time %.3g; choose an input row "
                         "with smaller values",
                         run->overflow, run->overflow_time);
    CVodeGetCurrentTime(run->cvode, &time);
    return error_set(run->error, ERROR_REQUEST,
                     "the trajectory cannot be followed beyond time %.3g, where its values change "
                     "too fast; choose an input row with smaller values",
                     time);
}

static void record(const struct run *run, size_t point, struct trajectory *out) {
    const double *x = N_VGetArrayPointer(run->state);
    for (size_t l = 0; l < out->depth; l++) {
        memcpy(matrix_row(&out->state[l], point), x, out->state[l].columns * sizeof *x);
        x += out->state[l].columns;
    }
}

static bool integrate(struct run *run, struct trajectory *out) {
    double reached;
    for (size_t point = 1; point < out->points; point++) {
        if (CVode(run->cvode, out->time[point], run->state, &reached, CV_NORMAL) < 0)
            return report_failure(run);
        record(run, point, out);
    }
    return true;
}

static bool make_trajectory(const struct network *network, double end_time, size_t points,
                            struct trajectory *out, struct error *error) {
    *out = (struct trajectory){.points = points, .depth = network->depth};
    out->time = memory_new(points, sizeof *out->time, error);
    out->state = memory_new(network->depth, sizeof *out->state, error);
    bool made = out->time && out->state;
    for (size_t l = 0; made && l < network->depth; l++)
        made = matrix_init(&out->state[l], points, network->layers[l].neurons, error);
    for (size_t k = 0; made && k < points; k++)
        out->time[k] = end_time * (double)k / (double)(points - 1);
    return made;
}

bool trajectory_run(const struct network *network, const double *input, double end_time,
                    size_t points, struct trajectory *out, const struct progress *progress,
                    struct error *error) {
    *out = (struct trajectory){0};
    if (!(end_time > 0) || !isfinite(end_time) || points < 2)
        return error_set(error, ERROR_REQUEST,
                         "a trajectory needs an end time above 0 and at least 2 points, not %g and "
                         "%zu",
                         end_time, points);
    struct run run = {
        .network = network, .end_time = end_time, .progress = progress, .error = error};
    bool done = make_trajectory(network, end_time, points, out, error) && make_vectors(&run) &&
                set_drive(&run, input) && set_tolerances(&run, input) && make_integrator(&run) &&
                integrate(&run, out);
    run_free(&run);
    if (!done)
        trajectory_free(out);
    return done;
}

void trajectory_free(struct trajectory *trajectory) {
    for (size_t l = 0; trajectory->state && l < trajectory->depth; l++)
        matrix_free(&trajectory->state[l]);
    free(trajectory->state);
    free(trajectory->time);
    *trajectory = (struct trajectory){0};
}

static double weighted_sum(const struct matrix *state, size_t point, const double *weights) {
    const double *x = matrix_row(state, point);
    double sum = 0;
    for (size_t i = 0; i < state->columns; i++)
        sum += weights[i] * x[i];
    return sum;
}

bool trajectory_compare(const struct trajectory *original, const double *original_weights,
                        const struct trajectory *reduced, const double *reduced_weights,
                        size_t layer, struct trajectory_pair *out, struct error *error) {
    size_t points = original->points;
    *out = (struct trajectory_pair){.points = points};
    if (reduced->points != points || reduced->time[points - 1] != original->time[points - 1])
        return error_set(error, ERROR_INTERNAL, "trajectories over different times were compared");
    out->time = memory_copy(original->time, points, sizeof *out->time, error);
    out->original = memory_new(points, sizeof *out->original, error);
    out->reduced = memory_new(points, sizeof *out->reduced, error);
    if (!out->time || !out->original || !out->reduced) {
        trajectory_pair_free(out);
        return false;
    }
    for (size_t k = 0; k < points; k++) {
        out->original[k] = weighted_sum(&original->state[layer - 1], k, original_weights);
        out->reduced[k] = weighted_sum(&reduced->state[layer - 1], k, reduced_weights);
        double gap = fabs(out->original[k] - out->reduced[k]);
        if (gap > out->gap) {
            out->gap = gap;
            out->gap_time = out->time[k];
        }
    }
    return true;
}

void trajectory_pair_free(struct trajectory_pair *pair) {
    free(pair->time);
    free(pair->original);
    free(pair->reduced);
    *pair = (struct trajectory_pair){0};
}
