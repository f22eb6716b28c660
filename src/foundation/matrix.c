#include "lumpscope/matrix.h"

#include "lumpscope/memory.h"

#include <cblas.h>
#include <limits.h>
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
    cblas_dgemm(CblasRowMajor, ta, tb, (int)m, (int)n, (int)k, 1.0, a, leading(lda), b,
                leading(ldb), 0.0, out, leading(n));
}

void matrix_multiply_nt(const double *a, const double *b, double *out, size_t m, size_t n,
                        size_t k) {
    multiply(CblasNoTrans, CblasTrans, a, k, b, k, out, m, n, k);
}

void matrix_multiply_nn(const double *a, const double *b, double *out, size_t m, size_t n,
                        size_t k) {
    multiply(CblasNoTrans, CblasNoTrans, a, k, b, n, out, m, n, k);
}

void matrix_multiply_tn(const double *a, const double *b, double *out, size_t m, size_t n,
                        size_t k) {
    multiply(CblasTrans, CblasNoTrans, a, m, b, n, out, m, n, k);
}
