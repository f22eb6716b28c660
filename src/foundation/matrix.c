#include "lumpscope/matrix.h"

#include "lumpscope/memory.h"

#include <cblas.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <string.h>

bool matrix_init(struct matrix *matrix, size_t rows, size_t columns, struct error *error) {
    *matrix = (struct matrix){0};
    if (rows > INT_MAX || columns > INT_MAX)
        return error_set(error, ERROR_REQUEST,
                         "a matrix of %zu x %zu is larger than BLAS can index; use fewer rows",
                         rows, columns);
    matrix->data = memory_new(rows * columns, sizeof *matrix->data, error);
    if (!matrix->data)
        return false;
    matrix->rows = rows;
    matrix->columns = columns;
    return true;
}

bool matrix_init_copy(struct matrix *matrix, const struct matrix *from, struct error *error) {
    if (!matrix_init(matrix, from->rows, from->columns, error))
        return false;
    memcpy(matrix->data, from->data, from->rows * from->columns * sizeof *from->data);
    return true;
}

void matrix_free(struct matrix *matrix) {
    free(matrix->data);
    *matrix = (struct matrix){0};
}

double matrix_norm(const double *values, size_t count, size_t stride) {
    double sum = 0, largest = 0;
    for (size_t k = 0; k < count; k++) {
        double size = fabs(values[k * stride]);
        sum += size * size;
        largest = fmax(largest, size);
    }
    if ((sum > DBL_MIN / DBL_EPSILON && sum < DBL_MAX) || largest == 0 || !isfinite(largest))
        return sqrt(sum);
    sum = 0;
    for (size_t k = 0; k < count; k++) {
        double share = values[k * stride] / largest;
        sum += share * share;
    }
    return largest * sqrt(sum);
}

void matrix_one_thread(void) {
    openblas_set_num_threads(1);
}

/* BLAS is told 1 leading column for empty operands, which it would refuse otherwise. */
static int leading(size_t columns) {
    return columns ? (int)columns : 1;
}

static void multiply(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, const double *a, size_t lda,
                     const double *b, size_t ldb, double *out, size_t m, size_t n, size_t k) {
    if (m == 0 || n == 0)
        return;
    if (k == 0) {
        memset(out, 0, m * n * sizeof *out);
        return;
    }
    matrix_one_thread();
    cblas_dgemm(CblasRowMajor, ta, tb, (int)m, (int)n, (int)k, 1.0, a, leading(lda), b,
                leading(ldb), 0.0, out, leading(n));
}

void matrix_multiply_nt(const double *a, const double *b, double *out, size_t m, size_t n,
                        size_t k) {
    multiply(CblasNoTrans, CblasTrans, a, k, b, k, out, m, n, k);
}

void matrix_multiply_nt_part(const double *a, size_t a_stride, const double *b, size_t b_stride,
                             bool add, double *out, size_t out_stride, size_t m, size_t n,
                             size_t k) {
    if (m == 0 || n == 0)
        return;
    matrix_one_thread();
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1.0, a,
                leading(a_stride), b, leading(b_stride), add, out, leading(out_stride));
}

void matrix_multiply_nt_single(const float *a, size_t a_stride, const float *b, size_t b_stride,
                               bool add, float *out, size_t out_stride, size_t m, size_t n,
                               size_t k) {
    if (m == 0 || n == 0)
        return;
    matrix_one_thread();
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1.0f, a,
                leading(a_stride), b, leading(b_stride), add, out, leading(out_stride));
}

void matrix_multiply_nn(const double *a, const double *b, double *out, size_t m, size_t n,
                        size_t k) {
    multiply(CblasNoTrans, CblasNoTrans, a, k, b, n, out, m, n, k);
}

void matrix_multiply_tn(const double *a, const double *b, double *out, size_t m, size_t n,
                        size_t k) {
    multiply(CblasTrans, CblasNoTrans, a, m, b, n, out, m, n, k);
}

bool matrix_multiply_tn_steps(const double *a, const double *b, double *out, size_t m, size_t n,
                              size_t k, const struct progress *progress, struct error *error) {
    static const double operations = 2e7;
    double rows = operations / (2 * (double)n * (double)k + 1);
    size_t block = rows < 8 ? 8 : rows < (double)m ? (size_t)rows : m;
    for (size_t start = 0; start < m; start += block) {
        size_t count = m - start < block ? m - start : block;
        if (!progress_step(progress, "fitting", start, m, error))
            return false;
        multiply(CblasTrans, CblasNoTrans, a + start, m, b, n, out + start * n, count, n, k);
    }
    return true;
}

void matrix_multiply_vector(const double *a, const double *x, double *out, size_t m, size_t k) {
    if (m == 0)
        return;
    if (k == 0) {
        memset(out, 0, m * sizeof *out);
        return;
    }
    matrix_one_thread();
    cblas_dgemv(CblasRowMajor, CblasNoTrans, (int)m, (int)k, 1.0, a, leading(k), x, 1, 0.0, out, 1);
}

bool matrix_finite(const struct matrix *matrix) {
    for (size_t row = 0; row < matrix->rows; row++)
        if (!matrix_row_finite(matrix, row))
            return false;
    return true;
}

bool matrix_row_finite(const struct matrix *matrix, size_t row) {
    for (size_t j = 0; j < matrix->columns; j++)
        if (!isfinite(matrix_row(matrix, row)[j]))
            return false;
    return true;
}

void matrix_transpose(const double *from, double *to, size_t rows, size_t columns) {
    enum { BLOCK = 32 }; /* both blocks stay in cache */
    for (size_t top = 0; top < rows; top += BLOCK)
        for (size_t left = 0; left < columns; left += BLOCK) {
            size_t bottom = rows - top < BLOCK ? rows : top + BLOCK;
            size_t right = columns - left < BLOCK ? columns : left + BLOCK;
            for (size_t i = top; i < bottom; i++)
                for (size_t j = left; j < right; j++)
                    to[j * rows + i] = from[i * columns + j];
        }
}
