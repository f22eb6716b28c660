/* Internal: inner loops of distances. */
#ifndef LUMPSCOPE_LUMP_DISTANCE_KERNEL_H
#define LUMPSCOPE_LUMP_DISTANCE_KERNEL_H

#include "lumpscope/activation.h"
#include "lumpscope/options.h"

/* Neurons of a tile: its rows, and its columns, which stand beside one another in a panel. */
enum { TILE_ROWS = 4, TILE_COLUMNS = 16 };

/* Adds `depth` coefficients to the distances of a tile, one after the other: |a - b| (l1), its
 * square (l2), or takes the maximum (linf). a [depth x TILE_ROWS], b [depth x TILE_COLUMNS],
 * tile [TILE_ROWS x TILE_COLUMNS]. */
typedef void tile_kernel(enum norm norm, const double *a, const double *b, size_t depth,
                         double *tile);
tile_kernel tile_kernel_portable, tile_kernel_avx2, tile_kernel_avx512;

/* Sums over `n` numbers. */
struct sum_kernels {
    double (*dot)(const double *x, const double *y, size_t n);
    double (*l1)(const double *x, const double *y, size_t n);
    /* || x + a y ||^2 */
    double (*square_of_two)(const double *x, double a, const double *y, size_t n);
    /* The least of them, none of which is NaN; infinity for none. */
    double (*least)(const double *x, size_t n);
};
extern const struct sum_kernels sum_kernels_portable, sum_kernels_avx2, sum_kernels_avx512;
const struct sum_kernels *sum_kernels(void); /* of the set in use */

/* One pair of method.md section 7 on its calibration rows. */
struct joint_terms {
    const struct activation *activation;
    size_t rows;
    const double *ui, *uj; /* [rows] pre-activations; i is the neuron of larger energy */
    const double *xi, *xj; /* [rows] activations without their means */
    double norm_i, norm_j; /* their squares, summed */
    double p;              /* share of u_i */
    double alpha, energy;  /* K_ij / K_ii, K_ii */
    double residual;       /* || sent_j - alpha sent_i ||^2 */
    double *work;          /* [rows] */
};
/* K_ii var(r_i + alpha r_j) + residual var(r_j) */
typedef double joint_kernel(const struct joint_terms *terms);
joint_kernel joint_kernel_portable, joint_kernel_avx2, joint_kernel_avx512;

#endif
