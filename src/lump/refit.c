#include "lumpscope/refit.h"

#include "lumpscope/memory.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double ridge = 1e-5; /* per row, in columns of unit RMS */

/* a [N x (m+1)] = [x, 1] with columns divided by their RMS (0: by 1), which goes to rms [m+1]. */
static bool scaled_design(const struct matrix *x, struct matrix *a, double *rms,
                          const struct progress *progress, struct error *error) {
    size_t n = x->rows, m = x->columns;
    if (!matrix_init(a, n, m + 1, error))
        return false;
    for (size_t j = 0; j < m; j++) {
        if (j % 64 == 0 && !progress_step(progress, "fitting", j, m, error))
            return false;
        double norm = matrix_norm(x->data + j, n, m);
        rms[j] = norm > 0 ? norm / sqrt((double)n) : 1;
    }
    rms[m] = 1;
    for (size_t r = 0; r < n; r++) {
        if (r % 128 == 0 && !progress_step(progress, "fitting", r, n, error))
            return false;
        for (size_t j = 0; j < m; j++)
            a->data[r * (m + 1) + j] = x->data[r * m + j] / rms[j];
        a->data[r * (m + 1) + m] = 1;
    }
    return true;
}

/* error [N x outputs] = target - what the layer gives now. */
static bool residuals(const struct layer *consumer, const struct matrix *x,
                      const struct matrix *target, struct matrix *out,
                      const struct progress *progress, struct error *error) {
    if (!matrix_init(out, x->rows, consumer->neurons, error) ||
        !layer_preactivations_steps(consumer, x, out, progress, error))
        return false;
    if (!progress_step(progress, "fitting", 0, x->rows, error))
        return false;
    for (size_t k = 0; k < x->rows * consumer->neurons; k++)
        out->data[k] = target->data[k] - out->data[k];
    return true;
}

/* A^T A + ridge N I, and its Cholesky factor in place. `factored` false: a figure is not finite. */
static bool factor_gram(const struct matrix *a, struct matrix *gram, bool *factored,
                        const struct progress *progress, struct error *error) {
    size_t m = a->columns;
    if (!matrix_init(gram, m, m, error) ||
        !matrix_multiply_tn_steps(a->data, a->data, gram->data, m, m, a->rows, progress, error))
        return false;
    for (size_t j = 0; j < m; j++)
        gram->data[j * m + j] += ridge * (double)a->rows;
    if (!progress_step(progress, "fitting", m, m, error))
        return false;
    matrix_one_thread();
    *factored = matrix_finite(gram) && LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'L', (lapack_int)m,
                                                      gram->data, (lapack_int)m) == 0;
    return true;
}

/* Solves for every row of `right` [outputs x (m+1)], some rows at a time. */
static bool solve_rows(const struct matrix *gram, struct matrix *right, bool *solved,
                       const struct progress *progress, struct error *error) {
    enum { ROWS = 16 };
    size_t m = gram->rows;
    *solved = matrix_finite(right);
    for (size_t start = 0; *solved && start < right->rows; start += ROWS) {
        size_t count = right->rows - start < ROWS ? right->rows - start : ROWS;
        if (!progress_step(progress, "fitting", start, right->rows, error))
            return false;
        *solved =
            LAPACKE_dpotrs(LAPACK_COL_MAJOR, 'L', (lapack_int)m, (lapack_int)count, gram->data,
                           (lapack_int)m, matrix_row(right, start), (lapack_int)m) == 0;
    }
    *solved = *solved && matrix_finite(right);
    return true;
}

/* right [outputs x (m+1)] = ((A^T A + ridge N I)^-1 A^T E)^T. */
static bool solve(const struct matrix *a, const struct matrix *residual, struct matrix *right,
                  bool *solved, const struct progress *progress, struct error *error) {
    struct matrix gram = {0};
    bool done = factor_gram(a, &gram, solved, progress, error) &&
                (!*solved ||
                 (matrix_multiply_tn_steps(residual->data, a->data, right->data, residual->columns,
                                           a->columns, a->rows, progress, error) &&
                  solve_rows(&gram, right, solved, progress, error)));
    matrix_free(&gram);
    return done;
}

/* Columns that are next to nothing may ask for weights that are no numbers. */
static bool can_add(const struct layer *consumer, size_t neuron, const double *solution,
                    const double *rms) {
    size_t m = consumer->inputs;
    bool finite = isfinite(consumer->bias[neuron] + solution[m]);
    for (size_t j = 0; finite && j < m; j++)
        finite = isfinite(consumer->weights[neuron * m + j] + solution[j] / rms[j]);
    return finite;
}

/* A neuron that cannot be fitted stays as it is. */
static void add_solution(struct layer *consumer, const struct matrix *solution, const double *rms) {
    size_t m = consumer->inputs;
    for (size_t i = 0; i < consumer->neurons; i++) {
        const double *row = matrix_row(solution, i);
        if (!can_add(consumer, i, row, rms))
            continue;
        for (size_t j = 0; j < m; j++)
            consumer->weights[i * m + j] += row[j] / rms[j];
        consumer->bias[i] += row[m];
    }
}

/* Takes back what the fit has made of neurons that are farther from the target with it: the figures
 * of rows that are collinear, or of very different sizes, are rounded so far. */
static bool undo_worse(struct layer *consumer, const struct layer *before, const struct matrix *x,
                       const struct matrix *target, const struct matrix *residual,
                       const struct progress *progress, struct error *error) {
    size_t n = consumer->neurons, m = consumer->inputs;
    struct matrix left = {0};
    bool done = residuals(consumer, x, target, &left, progress, error);
    for (size_t i = 0; done && i < n; i++) {
        double norm = matrix_norm(left.data + i, left.rows, n);
        if (norm <= matrix_norm(residual->data + i, left.rows, n))
            continue;
        memcpy(consumer->weights + i * m, before->weights + i * m, m * sizeof(double));
        consumer->bias[i] = before->bias[i];
    }
    matrix_free(&left);
    return done;
}

/* `residual`, `solution`: of the consumer as it is. */
static bool improve(struct layer *consumer, const struct matrix *solution, const double *rms,
                    const struct matrix *x, const struct matrix *target,
                    const struct matrix *residual, const struct progress *progress,
                    struct error *error) {
    size_t n = consumer->neurons, m = consumer->inputs;
    struct layer before = {.weights = memory_new(n * m, sizeof(double), error),
                           .bias = memory_new(n, sizeof(double), error)};
    bool done = before.weights && before.bias;
    if (done) {
        memcpy(before.weights, consumer->weights, n * m * sizeof(double));
        memcpy(before.bias, consumer->bias, n * sizeof(double));
        add_solution(consumer, solution, rms);
        done = undo_worse(consumer, &before, x, target, residual, progress, error);
    }
    free(before.weights);
    free(before.bias);
    return done;
}

bool refit_layer(struct layer *consumer, const struct matrix *x, const struct matrix *target,
                 const struct progress *progress, struct error *error) {
    size_t m = x->columns;
    struct matrix a = {0}, residual = {0}, right = {0};
    double *rms = memory_new(m + 1, sizeof *rms, error);
    bool solved = false;
    bool done = rms && scaled_design(x, &a, rms, progress, error) &&
                residuals(consumer, x, target, &residual, progress, error) &&
                matrix_init(&right, consumer->neurons, m + 1, error) &&
                solve(&a, &residual, &right, &solved, progress, error);
    if (done && solved)
        done = improve(consumer, &right, rms, x, target, &residual, progress, error);
    free(rms);
    matrix_free(&a);
    matrix_free(&residual);
    matrix_free(&right);
    return done;
}
