#include "lump/distance_kernel.h"

#include "foundation/kernel.h"
#include "foundation/lanes.h"
#include "model/activation_kernel.h"

#include <math.h>
#include <stdint.h>

/* ---- Sums ---- */

typedef int64_t lane_bits __attribute__((vector_size(LANE_WIDTH * 8)));

/* |x| by clearing the sign bits. */
static inline lane_vector lane_size(lane_vector x) {
    return (lane_vector)((lane_bits)x & INT64_MAX);
}

/* What a sum adds: x, x y, |x - y| or (x + a y)^2. */
enum term { TERM_VALUE, TERM_PRODUCT, TERM_SIZE, TERM_SQUARE };

static inline lane_vector term_of(enum term term, const double *x, double a, const double *y) {
    lane_vector vx = lane_load(x);
    if (term == TERM_VALUE)
        return vx;
    if (term == TERM_PRODUCT)
        return vx * lane_load(y);
    if (term == TERM_SIZE)
        return lane_size(vx - lane_load(y));
    lane_vector d = vx + a * lane_load(y);
    return d * d;
}

static inline double number_of(enum term term, double x, double a, double y) {
    if (term == TERM_VALUE)
        return x;
    if (term == TERM_PRODUCT)
        return x * y;
    if (term == TERM_SIZE)
        return fabs(x - y);
    double d = x + a * y;
    return d * d;
}

/* Inlined with a constant term. Where the term has no `y`, it is `x`. */
static inline __attribute__((always_inline)) double lane_sum(enum term term, const double *x,
                                                             double a, const double *y, size_t n) {
    lane_vector lane[LANE_PARTS] = {0};
    double rest[LANES] = {0};
    size_t k = 0;
    for (; k + LANES <= n; k += LANES)
        for (size_t q = 0; q < LANE_PARTS; q++) {
            size_t at = k + q * LANE_WIDTH;
            lane[q] += term_of(term, x + at, a, y + at);
        }
    memcpy(rest, lane, sizeof rest);
    for (size_t q = 0; k < n; k++, q++)
        rest[q] += number_of(term, x[k], a, y[k]);
    return lanes_add(rest);
}

static double dot(const double *x, const double *y, size_t n) {
    return lane_sum(TERM_PRODUCT, x, 1, y, n);
}

static double sum(const double *x, size_t n) {
    return lane_sum(TERM_VALUE, x, 1, x, n);
}

static double square_of_two(const double *x, double a, const double *y, size_t n) {
    return lane_sum(TERM_SQUARE, x, a, y, n);
}

static double l1(const double *x, const double *y, size_t n) {
    return lane_sum(TERM_SIZE, x, 1, y, n);
}

static double least(const double *x, size_t n) {
    lane_vector lane[LANE_PARTS];
    double rest[LANES], found = INFINITY;
    size_t k = 0;
    for (size_t q = 0; q < LANES; q++)
        rest[q] = INFINITY;
    memcpy(lane, rest, sizeof lane);
    for (; k + LANES <= n; k += LANES)
        for (size_t q = 0; q < LANE_PARTS; q++) {
            lane_vector value = lane_load(x + k + q * LANE_WIDTH);
            lane_bits less = (lane_bits)(value < lane[q]);
            lane[q] = (lane_vector)(((lane_bits)value & less) | ((lane_bits)lane[q] & ~less));
        }
    memcpy(rest, lane, sizeof rest);
    for (size_t q = 0; k < n; k++, q++)
        rest[q] = x[k] < rest[q] ? x[k] : rest[q];
    for (size_t q = 0; q < LANES; q++)
        found = rest[q] < found ? rest[q] : found;
    return found;
}

const struct sum_kernels KERNEL(sum_kernels) = {dot, l1, square_of_two, least};

/* ---- Tiles ---- */

/* Columns that a tile's loop goes over at a time, so that its sums stay in registers. */
enum { STRIP = 2 * LANE_WIDTH };

static inline lane_vector lane_larger(lane_vector x, lane_vector y) {
    lane_bits less = (lane_bits)(x < y);
    return (lane_vector)(((lane_bits)y & less) | ((lane_bits)x & ~less));
}

static inline lane_vector add_term(enum norm norm, lane_vector total, lane_vector d) {
    if (norm == NORM_LINF)
        return lane_larger(total, lane_size(d));
    if (norm == NORM_L2)
        return total + d * d;
    return total + lane_size(d);
}

/* One strip of a tile; inlined with a constant norm. */
static inline __attribute__((always_inline)) void
strip(enum norm norm, const double *a, const double *b, size_t depth, double *tile) {
    lane_vector total[TILE_ROWS][2];
    for (size_t i = 0; i < TILE_ROWS; i++)
        for (size_t q = 0; q < 2; q++)
            total[i][q] = lane_load(tile + i * TILE_COLUMNS + q * LANE_WIDTH);
    for (size_t k = 0; k < depth; k++) {
        lane_vector first = lane_load(b + k * TILE_COLUMNS);
        lane_vector second = lane_load(b + k * TILE_COLUMNS + LANE_WIDTH);
        for (size_t i = 0; i < TILE_ROWS; i++) {
            double own = a[k * TILE_ROWS + i];
            total[i][0] = add_term(norm, total[i][0], own - first);
            total[i][1] = add_term(norm, total[i][1], own - second);
        }
    }
    for (size_t i = 0; i < TILE_ROWS; i++)
        for (size_t q = 0; q < 2; q++)
            lane_store(tile + i * TILE_COLUMNS + q * LANE_WIDTH, total[i][q]);
}

void KERNEL(tile_kernel)(enum norm norm, const double *a, const double *b, size_t depth,
                         double *tile) {
    for (size_t j = 0; j < TILE_COLUMNS; j += STRIP)
        if (norm == NORM_L2)
            strip(NORM_L2, a, b + j, depth, tile + j);
        else if (norm == NORM_LINF)
            strip(NORM_LINF, a, b + j, depth, tile + j);
        else
            strip(NORM_L1, a, b + j, depth, tile + j);
}

/* ---- Joint ---- */

enum { CHUNK = 128 }; /* rows that stay in the nearest cache between activation and sums */

/* Sums over the rows, x_c as it is and x_i, x_j without their means. */
struct products {
    double c, cc, ci, cj, ij;
};
enum { PRODUCTS = sizeof(struct products) / sizeof(double) };

/* Adds `count` rows from `start`; a group of lanes, then what is left over. */
static void add_products(const struct joint_terms *terms, size_t start, size_t count,
                         double lane[PRODUCTS][LANES]) {
    const double *c = terms->work + start, *i = terms->xi + start, *j = terms->xj + start;
    lane_vector sum[PRODUCTS][LANE_PARTS];
    memcpy(sum, lane, sizeof sum);
    size_t k = 0;
    for (; k + LANES <= count; k += LANES)
        for (size_t q = 0; q < LANE_PARTS; q++) {
            size_t at = k + q * LANE_WIDTH;
            lane_vector vc = lane_load(c + at), vi = lane_load(i + at), vj = lane_load(j + at);
            sum[0][q] += vc;
            sum[1][q] += vc * vc;
            sum[2][q] += vc * vi;
            sum[3][q] += vc * vj;
            sum[4][q] += vi * vj;
        }
    memcpy(lane, sum, sizeof sum);
    for (size_t q = 0; k < count; k++, q++) {
        lane[0][q] += c[k];
        lane[1][q] += c[k] * c[k];
        lane[2][q] += c[k] * i[k];
        lane[3][q] += c[k] * j[k];
        lane[4][q] += i[k] * j[k];
    }
}

/* x_c, the activation of p u_i + (1-p) u_j, into work, and its products. */
static struct products merge_rows(const struct joint_terms *terms) {
    double p = terms->p, rest = 1 - p, lane[PRODUCTS][LANES] = {{0}}, total[PRODUCTS];
    for (size_t start = 0; start < terms->rows; start += CHUNK) {
        size_t left = terms->rows - start, count = left < CHUNK ? left : CHUNK;
        for (size_t r = start; r < start + count; r++)
            terms->work[r] = p * terms->ui[r] + rest * terms->uj[r];
        KERNEL(activation_kernel)(terms->activation, terms->work + start, count);
        add_products(terms, start, count, lane);
    }
    for (size_t k = 0; k < PRODUCTS; k++)
        total[k] = lanes_add(lane[k]);
    return (struct products){total[0], total[1], total[2], total[3], total[4]};
}

/* A difference is trusted while it keeps all but two digits. */
static bool kept(double difference, double of) {
    return difference > 0.01 * of;
}

/* The cost from the products, where none of its differences cancels. */
static bool cost_of_products(const struct joint_terms *terms, const struct products *sum,
                             double *cost) {
    double n = (double)terms->rows, alpha = terms->alpha;
    double variance = sum->cc - sum->c * sum->c / n;
    double weighted = alpha * alpha * terms->norm_j;
    double both = terms->norm_i + 2 * alpha * sum->ij + weighted;
    if (!kept(variance, sum->cc) || !kept(both, terms->norm_i + weighted))
        return false;
    double with_both = sum->ci + alpha * sum->cj;
    double of_both = both - with_both * with_both / variance;
    double of_j = terms->norm_j - sum->cj * sum->cj / variance;
    *cost = terms->energy * of_both + terms->residual * of_j;
    return kept(of_both, both) && kept(of_j, terms->norm_j);
}

/* x minus its mean; what x and two others are to it then. */
struct moments {
    double variance, with_i, with_j; /* sums, not means */
};

static struct moments centre(const struct joint_terms *terms) {
    double *x = terms->work, mean = sum(x, terms->rows) / (double)terms->rows;
    lane_vector own[LANE_PARTS] = {0}, with_i[LANE_PARTS] = {0}, with_j[LANE_PARTS] = {0};
    double rest[3][LANES];
    size_t k = 0;
    for (; k + LANES <= terms->rows; k += LANES)
        for (size_t q = 0; q < LANE_PARTS; q++) {
            size_t at = k + q * LANE_WIDTH;
            lane_vector z = lane_load(x + at) - mean;
            lane_store(x + at, z);
            own[q] += z * z;
            with_i[q] += lane_load(terms->xi + at) * z;
            with_j[q] += lane_load(terms->xj + at) * z;
        }
    memcpy(rest[0], own, sizeof own);
    memcpy(rest[1], with_i, sizeof with_i);
    memcpy(rest[2], with_j, sizeof with_j);
    for (size_t q = 0; k < terms->rows; k++, q++) {
        x[k] -= mean;
        rest[0][q] += x[k] * x[k];
        rest[1][q] += terms->xi[k] * x[k];
        rest[2][q] += terms->xj[k] * x[k];
    }
    return (struct moments){lanes_add(rest[0]), lanes_add(rest[1]), lanes_add(rest[2])};
}

/* || x_j - b_j x_c ||^2 and || x_i + alpha x_j - b x_c ||^2, from the rows themselves. */
static void residuals(const struct joint_terms *terms, double bj, double b, double *of_j,
                      double *of_both) {
    const double *x = terms->work;
    double alpha = terms->alpha;
    lane_vector first[LANE_PARTS] = {0}, second[LANE_PARTS] = {0};
    double rest[2][LANES];
    size_t k = 0;
    for (; k + LANES <= terms->rows; k += LANES)
        for (size_t q = 0; q < LANE_PARTS; q++) {
            size_t at = k + q * LANE_WIDTH;
            lane_vector z = lane_load(x + at), xj = lane_load(terms->xj + at);
            lane_vector rj = xj - bj * z;
            lane_vector both = lane_load(terms->xi + at) + alpha * xj - b * z;
            first[q] += rj * rj;
            second[q] += both * both;
        }
    memcpy(rest[0], first, sizeof first);
    memcpy(rest[1], second, sizeof second);
    for (size_t q = 0; k < terms->rows; k++, q++) {
        double rj = terms->xj[k] - bj * x[k];
        double both = terms->xi[k] + alpha * terms->xj[k] - b * x[k];
        rest[0][q] += rj * rj;
        rest[1][q] += both * both;
    }
    *of_j = lanes_add(rest[0]);
    *of_both = lanes_add(rest[1]);
}

/* By the products of the rows in one pass; where these cancel, which they do for pairs that are
 * nearly one, by the residuals on the rows themselves. */
double KERNEL(joint_kernel)(const struct joint_terms *terms) {
    struct products sum = merge_rows(terms);
    double n = (double)terms->rows, cost, of_j, of_both;
    if (cost_of_products(terms, &sum, &cost))
        return cost / n;
    struct moments moments = centre(terms);
    double bi = moments.variance > 0 ? moments.with_i / moments.variance : 0;
    double bj = moments.variance > 0 ? moments.with_j / moments.variance : 0;
    residuals(terms, bj, bi + terms->alpha * bj, &of_j, &of_both);
    return (terms->energy * of_both + terms->residual * of_j) / n;
}
