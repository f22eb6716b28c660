/* What joint distances are made from (method.md section 7). */
#include "lumpscope/distance.h"

#include "lumpscope/memory.h"

#include "lumpscope/parallel.h"

#include "foundation/kernel.h"
#include "lump/distance_kernel.h"
#include "lump/joint.h"

#include <math.h>
#include <string.h>

static double dot(const double *x, const double *y, size_t n) {
    return sum_kernels()->dot(x, y, n);
}

static void centre(double *x, size_t n) {
    double mean = 0;
    for (size_t k = 0; k < n; k++)
        mean += x[k];
    mean /= (double)n;
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
        double *centred = source->centred + i * source->rows;
        centre(centred, source->rows);
        source->spread[i] = dot(centred, centred, source->rows);
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
    source->spread = memory_new(n, sizeof *source->spread, error);
    source->sent = memory_new(n * source->consumers, sizeof *source->sent, error);
    source->energy = memory_new(n, sizeof *source->energy, error);
    source->weight = memory_new(n, sizeof *source->weight, error);
    if (!source->pre || !source->centred || !source->spread || !source->sent || !source->energy ||
        !source->weight) {
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

/* Products of sent vectors are taken from the matrix product where a difference of them keeps all
 * but two digits, else from the vectors. */
static double residual(const struct distance_source *source, size_t i, size_t j, double alpha,
                       double product) {
    size_t m = source->consumers;
    double left = source->energy[j] - alpha * product;
    if (left > 0.01 * source->energy[j])
        return left;
    return sum_kernels()->square_of_two(source->sent + j * m, -alpha, source->sent + i * m, m);
}

/* d(i,j), `product` = K_ij; with i the neuron of larger K_ii (ties: the lower).
 * d^2 = K_ii var(r_i + alpha r_j) + || sent_j - alpha sent_i ||^2 var(r_j), by output variance. */
static double pair_distance(const struct distance_source *source, joint_kernel *kernel, size_t i,
                            size_t j, double product, double *work) {
    if (source->energy[j] > source->energy[i] ||
        (source->energy[j] == source->energy[i] && j < i)) {
        size_t larger = j;
        j = i;
        i = larger;
    }
    size_t n = source->rows;
    double alpha = source->energy[i] > 0 ? product / source->energy[i] : 0;
    struct joint_terms terms = {.activation = &source->activation,
                                .rows = n,
                                .ui = source->pre + i * n,
                                .uj = source->pre + j * n,
                                .xi = source->centred + i * n,
                                .xj = source->centred + j * n,
                                .norm_i = source->spread[i],
                                .norm_j = source->spread[j],
                                .p = share_of(source, i, j),
                                .alpha = alpha,
                                .energy = source->energy[i],
                                .residual = residual(source, i, j, alpha, product),
                                .work = work};
    double d = sqrt(kernel(&terms) / source->output_variance);
    return isnan(d) ? INFINITY : d;
}

static joint_kernel *joint_kernel_in_use(void) {
    static joint_kernel *const kernels[KERNEL_SETS] = KERNEL_EACH(joint_kernel);
    return kernels[kernel_set()];
}

/* Pairs are visited in tiles of neurons whose rows fit the cache together. */
enum { JOINT_TILE = 32 };

struct joint_run {
    const struct distance_source *source;
    const struct tile_sink *sink;
    joint_kernel *kernel;
    size_t side;  /* of a tile */
    size_t bands; /* tiles that the columns make */
    double *work; /* [threads x (rows + JOINT_TILE^2)] */
};

/* Fewer neurons where there are many rows, so that a piece takes milliseconds. */
static size_t tile_side(size_t rows) {
    size_t side = JOINT_TILE;
    while (side > 4 && side * side * rows > (size_t)1 << 21)
        side /= 2;
    return side;
}

static bool joint_tile(void *user, size_t piece, size_t thread, struct error *error) {
    (void)error;
    const struct joint_run *run = user;
    const struct distance_source *source = run->source;
    size_t m = source->consumers, n = source->neurons, side = run->side;
    size_t i = run->sink->first + piece / run->bands * side, j = piece % run->bands * side;
    size_t end = run->sink->first + run->sink->count;
    size_t rows = end - i < side ? end - i : side, columns = n - j < side ? n - j : side;
    if (j + columns <= i + 1)
        return true;
    double *work = run->work + thread * (source->rows + (size_t)JOINT_TILE * JOINT_TILE);
    double *product = work + source->rows;
    matrix_multiply_nt(source->sent + i * m, source->sent + j * m, product, rows, columns, m);
    for (size_t a = 0; a < rows; a++)
        for (size_t b = 0; b < columns; b++)
            if (j + b > i + a)
                *tile_place(run->sink, i + a, j + b) = pair_distance(
                    source, run->kernel, i + a, j + b, product[a * columns + b], work);
    return true;
}

bool joint_distances(const struct distance_source *source, const struct tile_sink *sink,
                     const struct progress *progress, struct error *error) {
    struct joint_run run = {source, sink, joint_kernel_in_use(), tile_side(source->rows), 0, NULL};
    run.bands = (source->neurons + run.side - 1) / run.side;
    run.work = memory_new(parallel_threads() * (source->rows + (size_t)JOINT_TILE * JOINT_TILE),
                          sizeof *run.work, error);
    bool done = run.work != NULL;
    if (done) {
        matrix_one_thread();
        size_t pieces = (sink->count + run.side - 1) / run.side * run.bands;
        done = parallel_run(pieces, joint_tile, &run, "distances", progress, error);
    }
    free(run.work);
    return done;
}

/* One neuron against a list of others. */
struct joint_list {
    const struct distance_source *source;
    joint_kernel *kernel;
    size_t neuron, count, length; /* `length` others are a piece */
    const uint32_t *others;       /* [count] */
    double *out;                  /* [count] */
    double *work;                 /* [threads x rows] */
};

static bool joint_list_piece(void *user, size_t piece, size_t thread, struct error *error) {
    (void)error;
    const struct joint_list *list = user;
    const struct distance_source *source = list->source;
    size_t m = source->consumers, i = list->neuron, start = piece * list->length;
    double *work = list->work + thread * source->rows;
    for (size_t k = start; k < start + list->length && k < list->count; k++) {
        size_t j = list->others[k];
        double product = dot(source->sent + i * m, source->sent + j * m, m);
        list->out[k] = j == i ? 0 : pair_distance(source, list->kernel, i, j, product, work);
    }
    return true;
}

bool joint_distances_of(const struct distance_source *source, size_t neuron, const uint32_t *others,
                        size_t count, double *out, const struct progress *progress,
                        struct error *error) {
    /* About 200 000 numbers are worth a thread's while. */
    size_t length = 200000 / (source->rows + source->consumers) + 1;
    struct joint_list list = {.source = source,
                              .kernel = joint_kernel_in_use(),
                              .neuron = neuron,
                              .count = count,
                              .length = length,
                              .others = others,
                              .out = out};
    list.work = memory_new(parallel_threads() * source->rows, sizeof *list.work, error);
    bool done = list.work && parallel_run((count + length - 1) / length, joint_list_piece, &list,
                                          "distances", progress, error);
    free(list.work);
    return done;
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
    source->spread[i] = variance;
    source->energy[i] = dot(vi, vi, m);
    source->weight[i] += source->weight[j];
}
