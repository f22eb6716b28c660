/* Dense row-major matrices of doubles and the BLAS products on them. */
#ifndef LUMPSCOPE_MATRIX_H
#define LUMPSCOPE_MATRIX_H

#include "lumpscope/progress.h"

struct matrix {
    size_t rows, columns;
    double *data; /* [rows x columns], owned; element (i,j) at data[i * columns + j] */
};

/* A zeroed matrix. Dimensions are limited to INT_MAX, BLAS's index type. */
bool matrix_init(struct matrix *matrix, size_t rows, size_t columns, struct error *error);
bool matrix_init_copy(struct matrix *matrix, const struct matrix *from, struct error *error);
/* Frees the elements and leaves an empty matrix; a zeroed struct may be freed. */
void matrix_free(struct matrix *matrix);

static inline double *matrix_row(const struct matrix *matrix, size_t row) {
    return matrix->data + row * matrix->columns;
}

/* Whether every element, or every one of a row, is a finite number. */
bool matrix_finite(const struct matrix *matrix);
bool matrix_row_finite(const struct matrix *matrix, size_t row);

/* Euclidean norm of `count` values, `stride` apart, also where their squares overflow or vanish. */
double matrix_norm(const double *values, size_t count, size_t stride);

/* Keeps BLAS and LAPACK to one thread from here on, so that a result does not depend on how many
 * there are. The products below do so themselves; LAPACK's callers have to. */
void matrix_one_thread(void);

/* out [m x n] = a [m x k] * b^T, b [n x k]; all row-major without gaps. */
void matrix_multiply_nt(const double *a, const double *b, double *out, size_t m, size_t n,
                        size_t k);
/* The same for rectangles of larger matrices, whose rows are `a_stride`, `b_stride` and
 * `out_stride` apart; `add`: on top of what out holds. */
void matrix_multiply_nt_part(const double *a, size_t a_stride, const double *b, size_t b_stride,
                             bool add, double *out, size_t out_stride, size_t m, size_t n,
                             size_t k);
/* The same in single precision. */
void matrix_multiply_nt_single(const float *a, size_t a_stride, const float *b, size_t b_stride,
                               bool add, float *out, size_t out_stride, size_t m, size_t n,
                               size_t k);
/* out [m x n] = a [m x k] * b [k x n]. */
void matrix_multiply_nn(const double *a, const double *b, double *out, size_t m, size_t n,
                        size_t k);
/* out [m x n] = a^T * b, a [k x m], b [k x n], in steps of a few milliseconds between which it can
 * be stopped. The steps depend on the shapes alone. */
bool matrix_multiply_tn_steps(const double *a, const double *b, double *out, size_t m, size_t n,
                              size_t k, const struct progress *progress, struct error *error);
/* to [columns x rows] = from^T, from [rows x columns]. */
void matrix_transpose(const double *from, double *to, size_t rows, size_t columns);
/* out [m] = a [m x k] * x [k]. */
void matrix_multiply_vector(const double *a, const double *x, double *out, size_t m, size_t k);
/* out [m x n] = a^T * b, a [k x m], b [k x n]. */
void matrix_multiply_tn(const double *a, const double *b, double *out, size_t m, size_t n,
                        size_t k);

#endif
