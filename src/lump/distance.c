#include "lumpscope/distance.h"

#include "lumpscope/memory.h"
#include "lumpscope/parallel.h"

#include "lump/distance_kernel.h"
#include "lump/joint.h"

#include <math.h>
#include <string.h>

/* Adds |own - other[j]| (l1), its square (l2), or takes the maximum (linf), for every j. */
static void accumulate_row(enum norm norm, const double *other, double own, size_t count,
                           double *out) {
    if (norm == NORM_L2)
        for (size_t j = 0; j < count; j++) {
            double d = own - other[j];
            out[j] += d * d;
        }
    else if (norm == NORM_LINF)
        for (size_t j = 0; j < count; j++) {
            double d = fabs(own - other[j]);
            out[j] = out[j] < d ? d : out[j];
        }
    else
        for (size_t j = 0; j < count; j++)
            out[j] += fabs(own - other[j]);
}

/* Coefficient rows [count x n] into the distances of neuron i to all. */
static void accumulate_neuron(enum norm norm, const double *rows, size_t count, size_t n, size_t i,
                              double *out) {
    for (size_t k = 0; k < count; k++)
        accumulate_row(norm, rows + k * n, rows[k * n + i], n, out);
}

/* Coefficients of one class H of square consumers: Q_H[k,j] for every k, then c_H[j], times a
 * factor.
 */
struct square_run {
    const struct distance_source *source;
    size_t group;
    double factor;
    double *out; /* [(neurons + 1) x neurons] */
};

enum { SQUARE_ROWS = 16 }; /* rows of the above that are a piece of work */

static bool square_rows(void *user, size_t piece, size_t thread, struct error *error) {
    (void)thread;
    (void)error;
    const struct square_run *run = user;
    const struct distance_source *source = run->source;
    const struct layer *consumer = source->consumer;
    size_t n = source->neurons, start = piece * SQUARE_ROWS;
    size_t end = start + SQUARE_ROWS < n + 1 ? start + SQUARE_ROWS : n + 1;
    memset(run->out + start * n, 0, (end - start) * n * sizeof *run->out);
    for (size_t k = source->groups.starts[run->group]; k < source->groups.starts[run->group + 1];
         k++) {
        size_t i = source->groups.members[k];
        const double *row = consumer->weights + i * n;
        for (size_t a = start; a < end; a++) {
            double sent = (a < n ? row[a] : consumer->bias[i] + source->block_shift) * run->factor;
            for (size_t j = 0; j < n; j++)
                run->out[a * n + j] += sent * row[j];
        }
    }
    return true;
}

static bool square_block(const struct distance_source *source, size_t group, double factor,
                         double *out, const struct progress *progress, struct error *error) {
    struct square_run run = {source, group, factor, out};
    return parallel_run((source->neurons + SQUARE_ROWS) / SQUARE_ROWS, square_rows, &run,
                        "coefficients of a consumer class", progress, error);
}

/* ERODE's own sum for one class of square consumers and j < j' (method.md section 3). */
static double erode_pair(const double *q, size_t n, size_t j, size_t k) {
    const double *linear = q + n * n;
    const double *qj = q + j * n, *qk = q + k * n;
    const struct sum_kernels *sums = sum_kernels();
    double others = sums->l1(qj, qk, j) + sums->l1(qj + j + 1, qk + j + 1, k - j - 1) +
                    sums->l1(qj + k + 1, qk + k + 1, n - k - 1);
    double total = 6 * (fabs(linear[j] - linear[k]) + others);
    double jj = qj[j], kk = qk[k], jk = 2 * qj[k];
    return total + fabs(jj - kk) + 5 * fabs(jk - 2 * kk) + 4 * fabs(jj - jk + kk);
}

/* V[i,j] - V[i,k] of a class's member `a`; k = n: V[i,j]. */
static double sent_difference(const struct distance_source *source, const size_t *member, size_t a,
                              size_t j, size_t k) {
    const double *row = source->consumer->weights + member[a] * source->neurons;
    return row[j] - (k < source->neurons ? row[k] : 0);
}

/* Squared norm of the coefficient tensors for one class of consumers of degree above 2; k = n gives
 * ||phi_j||^2. */
static double polynomial_pair(const struct distance_source *source, size_t group, size_t j,
                              size_t k) {
    const struct layer *consumer = source->consumer;
    const struct activation *activation = &consumer->activation;
    const size_t *member = source->groups.members + source->groups.starts[group];
    size_t count = source->groups.starts[group + 1] - source->groups.starts[group];
    double sum = 0, total = 0;
    for (size_t a = 0; a < count; a++) {
        double own = sent_difference(source, member, a, j, k);
        sum += own;
        for (size_t b = 0; b < count; b++) {
            double gram = source->gram[member[a] * consumer->neurons + member[b]], power = 1;
            double other = sent_difference(source, member, b, j, k);
            for (size_t d = 2; d <= activation->degree; d++) {
                double c = (double)d * activation->coefficients[d];
                power *= gram;
                total += c * c * own * power * other;
            }
        }
    }
    total += activation->coefficients[1] * activation->coefficients[1] * sum * sum;
    return total > 0 ? total : 0;
}

/* Working space of the blocks: the coefficients of one class. */
static double *block_space(const struct distance_source *source, struct error *error) {
    size_t n = source->neurons;
    bool square = source->block_kind == BLOCK_SQUARE || source->block_kind == BLOCK_ERODE_SQUARE;
    return memory_new(square ? (n + 1) * n : 1, sizeof(double), error);
}

static bool prepare_block(const struct distance_source *source, size_t group, double *space,
                          const struct progress *progress, struct error *error) {
    if (source->block_kind == BLOCK_SQUARE)
        return square_block(source, group, 2 * source->block_factor, space, progress, error);
    if (source->block_kind == BLOCK_ERODE_SQUARE)
        return square_block(source, group, source->block_factor, space, progress, error);
    return true;
}

static double block_pair(const struct distance_source *source, size_t group, const double *space,
                         size_t i, size_t j) {
    size_t low = i < j ? i : j, high = i < j ? j : i;
    return source->block_kind == BLOCK_ERODE_SQUARE ? erode_pair(space, source->neurons, low, high)
                                                    : polynomial_pair(source, group, low, high);
}

/* Adds what one prepared class of consumers contributes to neuron i against all. */
static void accumulate_block(const struct distance_source *source, size_t group,
                             const double *space, size_t i, double *out) {
    size_t n = source->neurons;
    if (source->block_kind == BLOCK_SQUARE)
        accumulate_neuron(source->norm, space, n + 1, n, i, out);
    for (size_t j = 0; source->block_kind != BLOCK_SQUARE && j < n; j++)
        if (j != i)
            out[j] += block_pair(source, group, space, i, j);
}

static void finish(const struct distance_source *source, double *out, size_t count) {
    for (size_t k = 0; k < count; k++) {
        double d = source->norm == NORM_L2 ? sqrt(out[k]) : out[k];
        d *= source->factor;
        out[k] = isnan(d) ? INFINITY : d;
    }
}

/* Pairs of a class of consumers that have no coefficients to be taken one after the other. */
struct pair_run {
    const struct distance_source *source;
    const struct tile_sink *sink;
    size_t group;
    const double *space;
};

static bool pair_row(void *user, size_t piece, size_t thread, struct error *error) {
    (void)thread;
    (void)error;
    const struct pair_run *run = user;
    size_t i = run->sink->first + piece;
    for (size_t j = i + 1; j < run->source->neurons; j++)
        *tile_place(run->sink, i, j) += block_pair(run->source, run->group, run->space, i, j);
    return true;
}

static bool add_block(const struct distance_source *source, const struct tile_sink *sink,
                      size_t group, const double *space, const struct progress *progress,
                      struct error *error) {
    if (source->block_kind == BLOCK_SQUARE)
        return tiles_add(sink, source->norm, space, source->neurons + 1, progress, error);
    struct pair_run run = {source, sink, group, space};
    return parallel_run(sink->count, pair_row, &run, "distances by consumer class", progress,
                        error);
}

static bool add_blocks(const struct distance_source *source, const struct tile_sink *sink,
                       const struct progress *progress, struct error *error) {
    double *space = block_space(source, error);
    bool done = space != NULL;
    for (size_t g = 0; done && g < source->group_count; g++)
        done =
            progress_step(progress, "distances by consumer class", g, source->group_count, error) &&
            prepare_block(source, g, space, progress, error) &&
            add_block(source, sink, g, space, progress, error);
    free(space);
    return done;
}

/* The places of a sink are `size` numbers in a row. */
static bool collect(const struct distance_source *source, const struct tile_sink *sink, size_t size,
                    const struct progress *progress, struct error *error) {
    bool blocks = source->block_kind != BLOCK_NONE;
    const struct matrix *columns = &source->columns;
    if (source->kind == SOURCE_JOINT)
        return joint_distances(source, sink, progress, error);
    memset(sink->out, 0, size * sizeof *sink->out);
    /* Products of matrices pay when all are wanted: they need a copy of the coefficients. */
    bool products = source->norm == NORM_L2 && !blocks && sink->count == sink->neurons;
    bool done = products
                    ? tiles_squares(sink, columns->data, columns->rows, progress, error)
                    : tiles_add(sink, source->norm, columns->data, columns->rows, progress, error);
    if (!done || (blocks && !add_blocks(source, sink, progress, error)))
        return false;
    finish(source, sink->out, size);
    return true;
}

bool distance_all(const struct distance_source *source, double *out,
                  const struct progress *progress, struct error *error) {
    size_t n = source->neurons;
    struct tile_sink sink = {.out = out, .count = n, .neurons = n, .condensed = true};
    return n < 2 || collect(source, &sink, n * (n - 1) / 2, progress, error);
}

bool distance_block(const struct distance_source *source, size_t first, size_t count, double *out,
                    const struct progress *progress, struct error *error) {
    size_t n = source->neurons;
    struct tile_sink sink = {.out = out, .first = first, .count = count, .neurons = n};
    return collect(source, &sink, count * n, progress, error);
}

static bool joint_row(const struct distance_source *source, size_t i, double *out,
                      struct error *error) {
    uint32_t *others = memory_new(source->neurons, sizeof *others, error);
    for (size_t j = 0; others && j < source->neurons; j++)
        others[j] = (uint32_t)j;
    bool done = others && joint_distances_of(source, i, others, source->neurons, out, NULL, error);
    free(others);
    return done;
}

static bool blocks_row(const struct distance_source *source, size_t i, double *out,
                       struct error *error) {
    double *space = block_space(source, error);
    bool done = space != NULL;
    for (size_t g = 0; done && g < source->group_count; g++) {
        done = prepare_block(source, g, space, NULL, error);
        if (done)
            accumulate_block(source, g, space, i, out);
    }
    free(space);
    return done;
}

bool distance_row(const struct distance_source *source, size_t i, double *out,
                  struct error *error) {
    size_t n = source->neurons;
    if (source->kind == SOURCE_JOINT)
        return joint_row(source, i, out, error);
    memset(out, 0, n * sizeof *out);
    accumulate_neuron(source->norm, source->columns.data, source->columns.rows, n, i, out);
    if (source->block_kind != BLOCK_NONE && !blocks_row(source, i, out, error))
        return false;
    finish(source, out, n);
    out[i] = 0;
    return true;
}

/* || phi_j ||: the distance to a neuron all of whose coefficients are zero. */
static void norms_of_rows(enum norm norm, const double *rows, size_t count, size_t n, double *out) {
    for (size_t k = 0; k < count; k++)
        accumulate_row(norm, rows + k * n, 0, n, out);
}

bool distance_mean_norm(const struct distance_source *source, double *mean,
                        const struct progress *progress, struct error *error) {
    size_t n = source->neurons;
    double *norms = memory_new(n, sizeof *norms, error), *space = block_space(source, error);
    bool done = norms && space;
    if (done)
        norms_of_rows(source->norm, source->columns.data, source->columns.rows, n, norms);
    for (size_t g = 0; done && source->block_kind != BLOCK_NONE && g < source->group_count; g++) {
        done = prepare_block(source, g, space, progress, error);
        if (source->block_kind == BLOCK_SQUARE)
            norms_of_rows(source->norm, space, n + 1, n, norms);
        else
            for (size_t j = 0; j < n; j++)
                norms[j] += polynomial_pair(source, g, j, n);
    }
    *mean = 0;
    if (done) {
        finish(source, norms, n);
        for (size_t j = 0; j < n; j++)
            *mean += norms[j];
        *mean /= (double)n;
    }
    free(norms);
    free(space);
    return done;
}
