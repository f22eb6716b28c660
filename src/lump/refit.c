#include "lumpscope/refit.h"

#include "lumpscope/memory.h"

#include <lapacke.h>
#include <math.h>

static const double ridge = 1e-5; /* per row, in columns of unit RMS */

static bool all_finite(const double *values, size_t count) {
    for (size_t k = 0; k < count; k++)
        if (!isfinite(values[k]))
            return false;
    return true;
}

/* a [N x (m+1)] = [x, 1] with columns divided by their RMS (0: by 1), which goes to rms [m+1]. */
static bool scaled_design(const struct matrix *x, struct matrix *a, double *rms,
                          struct error *error) {
    size_t n = x->rows, m = x->columns;
    if (!matrix_init(a, n, m + 1, error))
        return false;
    for (size_t j = 0; j < m; j++) {
        double norm = matrix_norm(x->data + j, n, m);
        rms[j] = norm > 0 ? norm / sqrt((double)n) : 1;
    }
    rms[m] = 1;
    for (size_t r = 0; r < n; r++) {
        for (size_t j = 0; j < m; j++)
            a->data[r * (m + 1) + j] = x->data[r * m + j] / rms[j];
        a->data[r * (m + 1) + m] = 1;
    }
    return true;
}

/* error [N x outputs] = target - what the layer gives now. */
static bool residuals(const struct layer *consumer, const struct matrix *x,
                      const struct matrix *target, struct matrix *out, struct error *error) {
    if (!matrix_init(out, x->rows, consumer->neurons, error))
        return false;
    layer_preactivations(consumer, x->data, x->rows, out->data);
    for (size_t k = 0; k < x->rows * consumer->neurons; k++)
        out->data[k] = target->data[k] - out->data[k];
    return true;
}

/* (A^T A + ridge N I)^-1 A^T E, in place of `right` [(m+1) x outputs]. */
static bool solve(const struct matrix *a, const struct matrix *residual, struct matrix *right,
                  bool *solved, struct error *error) {
    size_t m = a->columns;
    struct matrix gram;
    if (!matrix_init(&gram, m, m, error))
        return false;
    matrix_multiply_tn(a->data, a->data, gram.data, m, m, a->rows);
    for (size_t j = 0; j < m; j++)
        gram.data[j * m + j] += ridge * (double)a->rows;
    matrix_one_thread();
    matrix_multiply_tn(a->data, residual->data, right->data, m, right->columns, a->rows);
    *solved =
        all_finite(gram.data, m * m) && all_finite(right->data, m * right->columns) &&
        LAPACKE_dposv(LAPACK_ROW_MAJOR, 'U', (lapack_int)m, (lapack_int)right->columns, gram.data,
                      (lapack_int)m, right->data, (lapack_int)right->columns) == 0 &&
        all_finite(right->data, m * right->columns);
    matrix_free(&gram);
    return true;
}

static void add_solution(struct layer *consumer, const struct matrix *solution, const double *rms) {
    size_t m = consumer->inputs;
    for (size_t i = 0; i < consumer->neurons; i++) {
        for (size_t j = 0; j < m; j++)
            consumer->weights[i * m + j] += solution->data[j * solution->columns + i] / rms[j];
        consumer->bias[i] += solution->data[m * solution->columns + i];
    }
}

bool refit_layer(struct layer *consumer, const struct matrix *x, const struct matrix *target,
                 struct error *error) {
    size_t m = x->columns;
    struct matrix a = {0}, residual = {0}, right = {0};
    double *rms = memory_new(m + 1, sizeof *rms, error);
    bool solved = false;
    bool done = rms && scaled_design(x, &a, rms, error) &&
                residuals(consumer, x, target, &residual, error) &&
                matrix_init(&right, m + 1, consumer->neurons, error) &&
                solve(&a, &residual, &right, &solved, error);
    if (done && solved)
        add_solution(consumer, &right, rms);
    free(rms);
    matrix_free(&a);
    matrix_free(&residual);
    matrix_free(&right);
    return done;
}
