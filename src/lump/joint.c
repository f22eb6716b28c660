/* What joint distances are made from (method.md section 7). */
#include "lumpscope/distance.h"

#include "lumpscope/memory.h"

#include "lump/joint.h"

#include <math.h>
#include <string.h>

/* Sums run over eight lanes that are added in a fixed order: fast, and the same everywhere. */
enum { LANES = 8 };

static double add_lanes(const double *lane) {
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

static double sum(const double *x, size_t n) {
    double lane[LANES] = {0};
    size_t k = 0;
    for (; k + LANES <= n; k += LANES)
        for (size_t q = 0; q < LANES; q++)
            lane[q] += x[k + q];
    for (size_t q = 0; k < n; k++, q++)
        lane[q] += x[k];
    return add_lanes(lane);
}

static double dot(const double *x, const double *y, size_t n) {
    double lane[LANES] = {0};
    size_t k = 0;
    for (; k + LANES <= n; k += LANES)
        for (size_t q = 0; q < LANES; q++)
            lane[q] += x[k + q] * y[k + q];
    for (size_t q = 0; k < n; k++, q++)
        lane[q] += x[k] * y[k];
    return add_lanes(lane);
}

/* || x + a y ||^2 */
static double square_of_two(const double *x, double a, const double *y, size_t n) {
    double lane[LANES] = {0};
    size_t k = 0;
    for (; k + LANES <= n; k += LANES)
        for (size_t q = 0; q < LANES; q++) {
            double d = x[k + q] + a * y[k + q];
            lane[q] += d * d;
        }
    for (size_t q = 0; k < n; k++, q++) {
        double d = x[k] + a * y[k];
        lane[q] += d * d;
    }
    return add_lanes(lane);
}

/* || x + a y + b z ||^2 */
static double square_of_three(const double *x, double a, const double *y, double b, const double *z,
                              size_t n) {
    double lane[LANES] = {0};
    size_t k = 0;
    for (; k + LANES <= n; k += LANES)
        for (size_t q = 0; q < LANES; q++) {
            double d = x[k + q] + a * y[k + q] + b * z[k + q];
            lane[q] += d * d;
        }
    for (size_t q = 0; k < n; k++, q++) {
        double d = x[k] + a * y[k] + b * z[k];
        lane[q] += d * d;
    }
    return add_lanes(lane);
}

static void centre(double *x, size_t n) {
    double mean = sum(x, n) / (double)n;
    for (size_t k = 0; k < n; k++)
        x[k] -= mean;
}

static void gather_rows(struct distance_source *source, const struct calibration *calibration,
                        size_t l) {
    const struct matrix *u = &calibration->trace.pre[l - 1], *x = &calibration->trace.post[l - 1];
    for (size_t i = 0; i < source->neurons; i++) {
        for (size_t r = 0; r < source->rows; r++) {
            source->pre[i * source->rows + r] = u->data[r * u->columns + i];
            source->centred[i * source->rows + r] = x->data[r * x->columns + i];
        }
        centre(source->centred + i * source->rows, source->rows);
    }
}

static void gather_sent(struct distance_source *source, const struct layer *consumer,
                        const double *sensitivity) {
    for (size_t j = 0; j < source->neurons; j++) {
        double *sent = source->sent + j * source->consumers;
        for (size_t m = 0; m < source->consumers; m++)
            sent[m] = sensitivity[m] * consumer->weights[m * consumer->inputs + j];
        source->energy[j] = dot(sent, sent, source->consumers);
        source->weight[j] = sqrt(source->energy[j]);
    }
}

bool distance_joint(struct distance_source *source, const struct network *network, size_t l,
                    const struct calibration *calibration, struct error *error) {
    const struct layer *layer = &network->layers[l - 1], *consumer = &network->layers[l];
    size_t n = layer->neurons, rows = calibration->trace.rows;
    *source = (struct distance_source){.kind = SOURCE_JOINT,
                                       .neurons = n,
                                       .factor = 1,
                                       .rows = rows,
                                       .consumers = consumer->neurons,
                                       .activation = layer->activation,
                                       .output_variance = calibration->output_variance};
    source->pre = memory_new(n * rows, sizeof *source->pre, error);
    source->centred = memory_new(n * rows, sizeof *source->centred, error);
    source->sent = memory_new(n * source->consumers, sizeof *source->sent, error);
    source->energy = memory_new(n, sizeof *source->energy, error);
    source->weight = memory_new(n, sizeof *source->weight, error);
    if (!source->pre || !source->centred || !source->sent || !source->energy || !source->weight) {
        distance_source_free(source);
        return false;
    }
    gather_rows(source, calibration, l);
    gather_sent(source, consumer, calibration->sensitivity[l - 1]);
    return true;
}

/* p of neuron i beside neuron j. */
static double share_of(const struct distance_source *source, size_t i, size_t j) {
    double ai = source->weight[i], aj = source->weight[j];
    return ai + aj > 0 ? ai / (ai + aj) : 0.5;
}

/* Steps, with i the neuron of larger K_ii:
 * 1. x_c: the activation of p u_i + (1-p) u_j, centred;
 * 2. what x_c leaves of x_j (r_j) and of x_i + alpha x_j (r_i + alpha r_j), as residuals on the
 * rows, so that nothing cancels;
 * 3. d^2 = K_ii var(r_i + alpha r_j) + || sent_j - alpha sent_i ||^2 var(r_j), by output variance.
 */
double joint_pair(const struct distance_source *source, size_t i, size_t j, double *work) {
    if (source->energy[j] > source->energy[i] ||
        (source->energy[j] == source->energy[i] && j < i)) {
        size_t larger = j;
        j = i;
        i = larger;
    }
    size_t n = source->rows, m = source->consumers;
    const double *ui = source->pre + i * n, *uj = source->pre + j * n;
    const double *xi = source->centred + i * n, *xj = source->centred + j * n;
    const double *vi = source->sent + i * m, *vj = source->sent + j * m;
    double p = share_of(source, i, j), q = 1 - p;
    double alpha = source->energy[i] > 0 ? dot(vi, vj, m) / source->energy[i] : 0;
    for (size_t r = 0; r < n; r++)
        work[r] = p * ui[r] + q * uj[r];
    activation_apply(&source->activation, work, 1, n);
    centre(work, n);
    double variance = dot(work, work, n);
    double bi = variance > 0 ? dot(xi, work, n) / variance : 0;
    double bj = variance > 0 ? dot(xj, work, n) / variance : 0;
    double var_j = square_of_two(xj, -bj, work, n) / (double)n;
    double both = square_of_three(xi, alpha, xj, -(bi + alpha * bj), work, n) / (double)n;
    double squared = source->energy[i] * both + square_of_two(vj, -alpha, vi, m) * var_j;
    double d = sqrt(squared / source->output_variance);
    return isnan(d) ? INFINITY : d;
}

/* With x_c the activation of p u_i + (1-p) u_j, the best outgoing vector is
 * sent_i cov(x_i,x_c)/var(x_c) + sent_j cov(x_j,x_c)/var(x_c), or 0 when x_c is constant. */
void distance_merge(struct distance_source *source, size_t i, size_t j, double *work) {
    size_t n = source->rows, m = source->consumers;
    double *ui = source->pre + i * n, *xi = source->centred + i * n, *vi = source->sent + i * m;
    const double *uj = source->pre + j * n, *xj = source->centred + j * n;
    const double *vj = source->sent + j * m;
    double p = share_of(source, i, j);
    for (size_t r = 0; r < n; r++)
        work[r] = ui[r] = p * ui[r] + (1 - p) * uj[r];
    activation_apply(&source->activation, work, 1, n);
    centre(work, n);
    double variance = dot(work, work, n);
    double bi = variance > 0 ? dot(xi, work, n) / variance : 0;
    double bj = variance > 0 ? dot(xj, work, n) / variance : 0;
    for (size_t k = 0; k < m; k++)
        vi[k] = bi * vi[k] + bj * vj[k];
    memcpy(xi, work, n * sizeof *xi);
    source->energy[i] = dot(vi, vi, m);
    source->weight[i] += source->weight[j];
}
