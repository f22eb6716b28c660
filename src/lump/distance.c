#include "lumpscope/distance.h"

#include "lumpscope/memory.h"

#include "lump/joint.h"

#include <math.h>
#include <string.h>

enum { TILE = 32 }; /* coefficient rows that stay in cache while all pairs are visited */

/* Adds |row[i] - row[j]| (l1), its square (l2), or takes the maximum (linf), for j in [from, n). */
static void accumulate_row(enum norm norm, const double *row, double own, size_t from, size_t n,
                           double *out) {
    const double *other = row + from;
    size_t count = n - from;
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

/* Coefficient rows [count x n] into the distances of neuron i to neurons from .. n-1. */
static void accumulate_neuron(enum norm norm, const double *rows, size_t count, size_t n, size_t i,
                              size_t from, double *out) {
    for (size_t k = 0; k < count; k++)
        accumulate_row(norm, rows + k * n, rows[k * n + i], from, n, out);
}

/* Coefficients of one class H of square consumers: 2 Q_H[k,j] for every k, then 2 c_H[j], times the
 * block's factor. `out` [(n+1) x n]. Q alone for ERODE: Q [n x n], then c_H. */
static bool square_block(const struct distance_source *source, size_t group, double factor,
                         double *out, const struct progress *progress, struct error *error) {
    const struct layer *consumer = source->consumer;
    size_t n = source->neurons;
    memset(out, 0, (n + 1) * n * sizeof *out);
    for (size_t k = source->groups.starts[group]; k < source->groups.starts[group + 1]; k++) {
        size_t i = source->groups.members[k];
        if (k % 8 == 0 && !progress_step(progress, "coefficients of a consumer class", group,
                                         source->group_count, error))
            return false;
        const double *row = consumer->weights + i * n;
        double bias = consumer->bias[i] + source->block_shift;
        for (size_t a = 0; a <= n; a++) {
            double sent = (a < n ? row[a] : bias) * factor;
            for (size_t j = 0; j < n; j++)
                out[a * n + j] += sent * row[j];
        }
    }
    return true;
}

/* ERODE's own sum for one class of square consumers and j < j' (method.md section 3). */
static double erode_pair(const double *q, size_t n, size_t j, size_t k) {
    const double *linear = q + n * n;
    double total = 3 * fabs(2 * linear[j] - 2 * linear[k]);
    for (size_t other = 0; other < n; other++)
        if (other != j && other != k)
            total += 3 * fabs(2 * q[j * n + other] - 2 * q[k * n + other]);
    double jj = q[j * n + j], kk = q[k * n + k], jk = 2 * q[j * n + k];
    return total + fabs(jj - kk) + 5 * fabs(jk - 2 * kk) + 4 * fabs(jj - jk + kk);
}

/* Squared norm of the coefficient tensors for one class of consumers of degree above 2; k = n gives
 * ||phi_j||^2. `difference` [consumers]. */
static double polynomial_pair(const struct distance_source *source, size_t group, size_t j,
                              size_t k, double *difference) {
    const struct layer *consumer = source->consumer;
    const struct activation *activation = &consumer->activation;
    const size_t *member = source->groups.members + source->groups.starts[group];
    size_t count = source->groups.starts[group + 1] - source->groups.starts[group];
    double sum = 0, total = 0;
    for (size_t a = 0; a < count; a++) {
        const double *row = consumer->weights + member[a] * consumer->inputs;
        difference[a] = row[j] - (k < source->neurons ? row[k] : 0);
        sum += difference[a];
    }
    total = activation->coefficients[1] * activation->coefficients[1] * sum * sum;
    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b < count; b++) {
            double gram = source->gram[member[a] * consumer->neurons + member[b]], power = 1;
            for (size_t d = 2; d <= activation->degree; d++) {
                double c = (double)d * activation->coefficients[d];
                power *= gram;
                total += c * c * difference[a] * power * difference[b];
            }
        }
    return total > 0 ? total : 0;
}

/* Working space of the blocks: the coefficients of one class, or the differences of one pair. */
static double *block_space(const struct distance_source *source, struct error *error) {
    size_t n = source->neurons;
    if (source->block_kind == BLOCK_SQUARE || source->block_kind == BLOCK_ERODE_SQUARE)
        return memory_new((n + 1) * n, sizeof(double), error);
    return memory_new(source->block_kind == BLOCK_POLYNOMIAL ? source->consumer->neurons : 1,
                      sizeof(double), error);
}

static bool prepare_block(const struct distance_source *source, size_t group, double *space,
                          const struct progress *progress, struct error *error) {
    if (source->block_kind == BLOCK_SQUARE)
        return square_block(source, group, 2 * source->block_factor, space, progress, error);
    if (source->block_kind == BLOCK_ERODE_SQUARE)
        return square_block(source, group, source->block_factor, space, progress, error);
    return true;
}

/* Adds what one prepared class of consumers contributes to neuron i against from .. n-1. */
static void accumulate_block(const struct distance_source *source, size_t group, double *space,
                             size_t i, size_t from, double *out) {
    size_t n = source->neurons;
    if (source->block_kind == BLOCK_SQUARE) {
        accumulate_neuron(source->norm, space, n + 1, n, i, from, out);
        return;
    }
    for (size_t j = from; j < n; j++) {
        if (j == i)
            continue;
        size_t low = i < j ? i : j, high = i < j ? j : i;
        out[j - from] += source->block_kind == BLOCK_ERODE_SQUARE
                             ? erode_pair(space, n, low, high)
                             : polynomial_pair(source, group, low, high, space);
    }
}

static void finish(const struct distance_source *source, double *out, size_t count) {
    for (size_t k = 0; k < count; k++) {
        double d = source->norm == NORM_L2 ? sqrt(out[k]) : out[k];
        d *= source->factor;
        out[k] = isnan(d) ? INFINITY : d;
    }
}

static bool joint_all(const struct distance_source *source, double *out,
                      const struct progress *progress, struct error *error) {
    size_t n = source->neurons;
    double *work = memory_new(source->rows, sizeof *work, error);
    bool done = work != NULL;
    for (size_t i = 0; done && i < n; i++)
        for (size_t j = i + 1; done && j < n; j++) {
            done = j % 16 || progress_step(progress, "joint distances", i, n, error);
            out[distance_index(n, i, j)] = joint_pair(source, i, j, work);
        }
    free(work);
    return done;
}

static bool columns_all(const struct distance_source *source, double *out,
                        const struct progress *progress, struct error *error) {
    size_t n = source->neurons, m = source->columns.rows;
    for (size_t start = 0; start < m; start += TILE) {
        size_t count = m - start < TILE ? m - start : TILE;
        for (size_t i = 0; i + 1 < n; i++) {
            if (i % 64 == 0 && !progress_step(progress, "distances", start, m, error))
                return false;
            accumulate_neuron(source->norm, source->columns.data + start * n, count, n, i, i + 1,
                              out + distance_index(n, i, i + 1));
        }
    }
    return true;
}

static bool blocks_all(const struct distance_source *source, double *out,
                       const struct progress *progress, struct error *error) {
    size_t n = source->neurons;
    double *space = block_space(source, error);
    bool done = space != NULL;
    for (size_t g = 0; done && g < source->group_count; g++) {
        done = prepare_block(source, g, space, progress, error);
        for (size_t i = 0; done && i + 1 < n; i++) {
            done = progress_step(progress, "distances by consumer class", g, source->group_count,
                                 error);
            accumulate_block(source, g, space, i, i + 1, out + distance_index(n, i, i + 1));
        }
    }
    free(space);
    return done;
}

bool distance_all(const struct distance_source *source, double *out,
                  const struct progress *progress, struct error *error) {
    size_t n = source->neurons, pairs = n ? n * (n - 1) / 2 : 0;
    if (source->kind == SOURCE_JOINT)
        return joint_all(source, out, progress, error);
    memset(out, 0, pairs * sizeof *out);
    if (!columns_all(source, out, progress, error) ||
        (source->block_kind != BLOCK_NONE && !blocks_all(source, out, progress, error)))
        return false;
    finish(source, out, pairs);
    return true;
}

static bool joint_row(const struct distance_source *source, size_t i, double *out,
                      struct error *error) {
    double *work = memory_new(source->rows, sizeof *work, error);
    if (!work)
        return false;
    for (size_t j = 0; j < source->neurons; j++)
        out[j] = i == j ? 0 : joint_pair(source, i, j, work);
    free(work);
    return true;
}

bool distance_row(const struct distance_source *source, size_t i, double *out,
                  struct error *error) {
    size_t n = source->neurons;
    if (source->kind == SOURCE_JOINT)
        return joint_row(source, i, out, error);
    memset(out, 0, n * sizeof *out);
    accumulate_neuron(source->norm, source->columns.data, source->columns.rows, n, i, 0, out);
    if (source->block_kind != BLOCK_NONE) {
        double *space = block_space(source, error);
        bool done = space != NULL;
        for (size_t g = 0; done && g < source->group_count; g++) {
            done = prepare_block(source, g, space, NULL, error);
            accumulate_block(source, g, space, i, 0, out);
        }
        free(space);
        if (!done)
            return false;
    }
    finish(source, out, n);
    out[i] = 0;
    return true;
}

/* || phi_j ||: the distance to a neuron all of whose coefficients are zero. */
static void norms_of_rows(enum norm norm, const double *rows, size_t count, size_t n, double *out) {
    for (size_t k = 0; k < count; k++)
        accumulate_row(norm, rows + k * n, 0, 0, n, out);
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
                norms[j] += polynomial_pair(source, g, j, n, space);
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
