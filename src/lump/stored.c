#include "lump/stored.h"

#include "lumpscope/memory.h"
#include "lumpscope/parallel.h"
#include "lumpscope/prepare.h"

#include "lump/chain.h"
#include "lump/changed.h"

#include <math.h>
#include <string.h>

enum {
    PIECE = 32,  /* rows a thread changes at a time */
    BLOCK = 128, /* rows of contributions made at a time */
};

/* Of the unit: what the rounding of a distance may be. The tolerance is five times as much. */
#define NOISE_MOST 2e-13

void stored_free(struct stored *stored) {
    free(stored->sum);
    free(stored->classes.class_of);
    free(stored->edge);
    *stored = (struct stored){0};
}

double stored_bytes(size_t n) {
    return n ? (double)n * (double)(n - 1) / 2 * sizeof(double) : 0;
}

bool stored_possible(const struct stored_layer *layer) {
    const struct layer *layers = layer->network->layers;
    if (layer->relation == RELATION_BACKWARD)
        return layer->norm != NORM_LINF &&
               !(layer->norm == NORM_ERODE &&
                 layers[layer->l - 1].activation.kind == ACTIVATION_SQUARE);
    return layer->relation == RELATION_FORWARD &&
           (layer->norm != NORM_LINF ||
            consumer_form(&layers[layer->l].activation).kind == CONSUMER_POLYNOMIAL);
}

static size_t pairs_of(size_t n) {
    return n ? n * (n - 1) / 2 : 0;
}

static double *row_of(const struct stored *stored, size_t i) {
    return stored->sum + distance_index(stored->n, i, i + 1);
}

static bool make_source(const struct stored_layer *layer, const struct classes *classes,
                        struct distance_source *source, struct error *error) {
    return layer->relation == RELATION_FORWARD
               ? distance_forward(source, layer->network, layer->l, classes, layer->norm, error)
               : distance_backward(source, layer->network, layer->l, classes, layer->norm, error);
}

/* Backward coefficients of some classes of the layer before, the bias not among them: it is in no
 * class and never different. */
static bool backward_source(const struct stored_layer *layer, const struct classes *classes,
                            struct distance_source *source, struct error *error) {
    const struct layer *reader = &layer->network->layers[layer->l - 1];
    *source = (struct distance_source){.kind = SOURCE_FEATURES,
                                       .neurons = reader->neurons,
                                       .norm = layer->norm == NORM_ERODE ? NORM_L1 : layer->norm,
                                       .factor = 1};
    if (!matrix_init(&source->columns, classes->count, reader->neurons, error))
        return false;
    source->columns_owned = true;
    for (size_t j = 0; j < classes->neurons; j++) {
        if (classes->class_of[j] == PARTITION_DEAD)
            continue;
        double *out = matrix_row(&source->columns, classes->class_of[j]);
        for (size_t i = 0; i < reader->neurons; i++)
            out[i] += reader->weights[i * reader->inputs + j];
    }
    return true;
}

/* What the classes of a partition contribute to whom all others are dead. */
static bool contribution(const struct stored_layer *layer, const struct classes *classes,
                         struct distance_source *source, struct error *error) {
    return layer->relation == RELATION_FORWARD
               ? distance_forward(source, layer->network, layer->l, classes, layer->norm, error)
               : backward_source(layer, classes, source, error);
}

/* The largest of a row, in lanes. */
static double largest_of(const double *values, size_t count) {
    double lane[4] = {0};
    size_t k = 0;
    for (; k + 4 <= count; k += 4)
        for (size_t q = 0; q < 4; q++)
            lane[q] = values[k + q] > lane[q] ? values[k + q] : lane[q];
    for (; k < count; k++)
        lane[0] = values[k] > lane[0] ? values[k] : lane[0];
    return fmax(fmax(lane[0], lane[1]), fmax(lane[2], lane[3]));
}

static bool keep_classes(struct stored *stored, const struct classes *classes,
                         struct error *error) {
    uint32_t *copy =
        memory_copy(classes->class_of, classes->neurons, sizeof *classes->class_of, error);
    if (!copy)
        return false;
    free(stored->classes.class_of);
    stored->classes = *classes;
    stored->classes.class_of = copy;
    return true;
}

/* ERODE's own sums are not divided by anything, and their tolerance has the unit 1. */
static bool keep_mean(struct stored *stored, const struct stored_layer *layer,
                      const struct distance_source *source, const struct progress *progress,
                      struct error *error) {
    stored->mean = 1;
    return layer->norm == NORM_ERODE || distance_mean_norm(source, &stored->mean, progress, error);
}

static bool make_sums(struct stored *stored, const struct distance_source *source,
                      const struct progress *progress, struct error *error) {
    size_t pairs = pairs_of(source->neurons);
    if (!stored->sum)
        stored->sum = memory_new(pairs, sizeof *stored->sum, error);
    if (!stored->sum || !distance_all(source, stored->sum, progress, error))
        return false;
    stored->n = source->neurons;
    stored->squares = source->norm == NORM_L2;
    for (size_t k = 0; stored->squares && k < pairs; k++)
        stored->sum[k] *= stored->sum[k];
    stored->largest = largest_of(stored->sum, pairs);
    stored->terms = 0;
    return true;
}

/* Squares have half the range of distances. The root of a square within it is what was squared, to
 * the last bit. */
static bool in_range(const struct stored *stored) {
    return !stored->squares || (isfinite(stored->largest) && stored->mean > 1e-100);
}

bool stored_make(struct stored *stored, const struct stored_layer *layer,
                 const struct classes *classes, const struct progress *progress,
                 struct error *error) {
    struct distance_source source;
    bool made = make_source(layer, classes, &source, error);
    if (made) {
        made = keep_mean(stored, layer, &source, progress, error) &&
               make_sums(stored, &source, progress, error) && keep_classes(stored, classes, error);
        distance_source_free(&source);
    }
    if (!made || !in_range(stored))
        stored_free(stored);
    return made;
}

/* What a sum may be off by: rounding that goes up as often as down, and six times that. */
static double noise(const struct stored *stored) {
    return 6 * sqrt(stored->terms) * 0x1p-53 * stored->largest;
}

/* Squares below it have roots that rounding could be seen in. */
static double smallest_square(const struct stored *stored) {
    double root = noise(stored) / (2 * NOISE_MOST * stored->mean);
    return root * root;
}

static bool too_noisy(const struct stored *stored) {
    double most = stored->squares ? sqrt(smallest_square(stored)) / (stored->mean / 4)
                                  : noise(stored) / (NOISE_MOST * stored->mean);
    return !(most <= 1);
}

/* One change of all sums. */
struct shift {
    struct stored *stored;
    const struct distance_source *before, *after; /* what goes and what comes */
    double *space;                                /* [threads x n] a row as it was */
    double *largest;                              /* [n] of each row */
    bool *small;  /* [n] rows in which a changed square is too small */
    double limit; /* below which it is */
    const double
        *block[2]; /* [BLOCK x n] contributions of the rows from `first`, when not columns */
    size_t first, count;
};

static void put(const struct distance_source *source, double sign, size_t i, double *row) {
    size_t n = source->neurons, count = n - i - 1;
    double factor = sign * source->factor;
    for (size_t k = 0; k < source->columns.rows; k++) {
        const double *column = matrix_row(&source->columns, k), *other = column + i + 1;
        double own = column[i];
        if (source->norm == NORM_L2)
            for (size_t j = 0; j < count; j++) {
                double d = own - other[j];
                row[j] += factor * (d * d);
            }
        else
            for (size_t j = 0; j < count; j++)
                row[j] += factor * fabs(own - other[j]);
    }
}

static void put_block(const struct shift *shift, size_t i, double *row) {
    size_t n = shift->stored->n;
    const double *before = shift->block[0] + (i - shift->first) * n + i + 1;
    const double *after = shift->block[1] + (i - shift->first) * n + i + 1;
    for (size_t j = 0; j < n - i - 1; j++)
        row[j] += shift->stored->squares ? after[j] * after[j] - before[j] * before[j]
                                         : after[j] - before[j];
}

/* Sums of equal neurons are exactly 0 and stay so: a small one is looked at when it has changed. */
static bool changed_small(const double *row, const double *was, size_t count, double limit) {
    bool found = false;
    for (size_t j = 0; j < count; j++)
        found |= row[j] < limit && row[j] != was[j];
    return found;
}

static bool shift_piece(void *user, size_t piece, size_t thread, struct error *error) {
    (void)error;
    struct shift *shift = user;
    size_t n = shift->stored->n, end = shift->first + shift->count;
    double *was = shift->space + thread * n;
    for (size_t k = 0; k < PIECE && shift->first + piece * PIECE + k < end; k++) {
        size_t i = shift->first + piece * PIECE + k, count = n - i - 1;
        double *row = row_of(shift->stored, i);
        if (shift->stored->squares)
            memcpy(was, row, count * sizeof *row);
        if (shift->block[0]) {
            put_block(shift, i, row);
        } else {
            put(shift->before, -1, i, row);
            put(shift->after, 1, i, row);
        }
        shift->largest[i] = largest_of(row, count);
        shift->small[i] = shift->stored->squares && changed_small(row, was, count, shift->limit);
    }
    return true;
}

static bool run_shift(struct shift *shift, const struct progress *progress, struct error *error) {
    return parallel_run((shift->count + PIECE - 1) / PIECE, shift_piece, shift, "distances",
                        progress, error);
}

/* Contributions that are not a few columns are made a block of rows at a time. */
static bool shift_blocks(struct shift *shift, const struct progress *progress,
                         struct error *error) {
    size_t n = shift->stored->n, rows = n < BLOCK ? n : BLOCK;
    double *block = memory_new(2 * rows, n * sizeof *block, error);
    bool done = block != NULL;
    for (size_t first = 0; done && first < n; first += rows) {
        shift->block[0] = block;
        shift->block[1] = block + rows * n;
        shift->first = first;
        shift->count = n - first < rows ? n - first : rows;
        done =
            distance_block(shift->before, first, shift->count, block, progress, error) &&
            distance_block(shift->after, first, shift->count, block + rows * n, progress, error) &&
            run_shift(shift, progress, error);
    }
    free(block);
    return done;
}

/* Columns take milliseconds and are not stopped half way: then there is always something to go on
 * from. */
static bool shift_all(struct shift *shift, const struct progress *progress, struct error *error) {
    if (shift->before->block_kind != BLOCK_NONE || shift->after->block_kind != BLOCK_NONE)
        return shift_blocks(shift, progress, error);
    shift->count = shift->stored->n;
    return run_shift(shift, NULL, error);
}

/* Rows in which squares have become too small to be told from rounding, from the start. */
static bool mend_rows(struct shift *shift, const struct distance_source *source, bool *moved,
                      const struct progress *progress, struct error *error) {
    struct stored *stored = shift->stored;
    size_t n = stored->n, small = 0;
    for (size_t i = 0; i < n; i++)
        small += shift->small[i];
    *moved = small <= n / 16 + 1;
    if (!*moved || small == 0)
        return true;
    double *distances = shift->space;
    for (size_t i = 0; i + 1 < n; i++) {
        if (!shift->small[i])
            continue;
        if (!progress_step(progress, "distances", i, n, error) ||
            !distance_row(source, i, distances, error))
            return false;
        for (size_t j = i + 1; j < n; j++)
            row_of(stored, i)[j - i - 1] = distances[j] * distances[j];
    }
    return true;
}

static bool shift_and_mend(struct shift *shift, const struct distance_source *source, bool *moved,
                           const struct progress *progress, struct error *error) {
    struct stored *stored = shift->stored;
    shift->limit = smallest_square(stored);
    if (!shift_all(shift, progress, error))
        return false;
    for (size_t i = 0; i < stored->n; i++)
        stored->largest = fmax(stored->largest, shift->largest[i]);
    *moved = true;
    return !stored->squares || mend_rows(shift, source, moved, progress, error);
}

/* The mean norm adds up for l1 as distances do; for l2 it is made from the whole source. */
static bool move_mean(struct stored *stored, const struct stored_layer *layer,
                      const struct shift *shift, const struct distance_source *source,
                      struct error *error) {
    double goes = 0, comes = 0;
    if (stored->squares)
        return keep_mean(stored, layer, source, NULL, error);
    if (layer->norm == NORM_ERODE)
        return true;
    if (!distance_mean_norm(shift->before, &goes, NULL, error) ||
        !distance_mean_norm(shift->after, &comes, NULL, error))
        return false;
    stored->mean += comes - goes;
    return true;
}

static bool move_sums(struct stored *stored, const struct stored_layer *layer, struct shift *shift,
                      const struct distance_source *source, bool *moved,
                      const struct progress *progress, struct error *error) {
    size_t n = stored->n;
    *moved = false;
    if (!move_mean(stored, layer, shift, source, error))
        return false;
    if (too_noisy(stored))
        return true;
    shift->space = memory_new(parallel_threads(), n * sizeof *shift->space, error);
    shift->largest = memory_new(n, sizeof *shift->largest, error);
    shift->small = memory_new(n, sizeof *shift->small, error);
    bool done = shift->space && shift->largest && shift->small &&
                shift_and_mend(shift, source, moved, progress, error);
    free(shift->space);
    free(shift->largest);
    free(shift->small);
    *moved = *moved && !too_noisy(stored);
    return done;
}

/* With the sources of what goes, of what comes, and, for squares, of all. */
static bool move_between(struct stored *stored, const struct stored_layer *layer,
                         const struct changed *changed, const struct classes *classes, bool *moved,
                         const struct progress *progress, struct error *error) {
    struct distance_source before = {0}, after = {0}, whole = {0};
    struct shift shift = {.stored = stored, .before = &before, .after = &after};
    stored->terms += 2.0 * (double)(changed->before.count + changed->after.count);
    bool done = contribution(layer, &changed->before, &before, error) &&
                contribution(layer, &changed->after, &after, error) &&
                (!stored->squares || make_source(layer, classes, &whole, error)) &&
                move_sums(stored, layer, &shift, &whole, moved, progress, error);
    distance_source_free(&before);
    distance_source_free(&after);
    distance_source_free(&whole);
    return done;
}

bool stored_move(struct stored *stored, const struct stored_layer *layer,
                 const struct classes *classes, bool *moved, const struct progress *progress,
                 struct error *error) {
    struct changed changed;
    *moved = false;
    if (!stored->sum || !progress_step(progress, "distances", 0, 1, error))
        return !stored->sum;
    bool done = changed_init(&changed, &stored->classes, classes, error);
    size_t count = done ? changed.before.count + changed.after.count : 0;
    if (done && count <= classes->count / 2 + 1)
        done = move_between(stored, layer, &changed, classes, moved, progress, error) &&
               keep_classes(stored, classes, error);
    if (done || changed.before.class_of)
        changed_free(&changed);
    if (!done)
        stored_free(stored);
    return done;
}

/* Distances of neuron i to those after it; `space` [n] for those that are not kept as they are. */
static const double *distances_of(const struct stored *stored, size_t i, double *space) {
    const double *row = row_of(stored, i);
    if (!stored->squares)
        return row;
    for (size_t j = 0; j < stored->n - i - 1; j++)
        space[j] = sqrt(row[j]);
    return space;
}

static double distance_of(const struct stored *stored, size_t i, size_t j) {
    double kept = stored->sum[distance_index(stored->n, i, j)];
    return stored->squares ? sqrt(kept) : kept;
}

static bool keep_edges(struct stored *stored, const struct spanning *spanning,
                       struct error *error) {
    if (!stored->edge)
        stored->edge = memory_new(stored->n, sizeof *stored->edge, error);
    for (size_t k = 0; stored->edge && k + 1 < stored->n; k++)
        stored->edge[k] = spanning->edge[k];
    return stored->edge != NULL;
}

/* The tree of the distances as they were is a good start. */
static bool chain(struct stored *stored, struct spanning *spanning, const struct progress *progress,
                  struct error *error) {
    size_t n = stored->n;
    double *space = memory_new(n, sizeof *space, error);
    bool done = space != NULL;
    for (size_t k = 0; done && stored->edge && k + 1 < n; k++) {
        struct merge edge = stored->edge[k];
        spanning_add(spanning, edge.a, edge.b, distance_of(stored, edge.a, edge.b));
    }
    for (size_t i = 0; done && i + 1 < n; i++) {
        done = i % 64 || progress_step(progress, "dendrogram", i, n, error);
        if (done)
            spanning_offer(spanning, i, distances_of(stored, i, space));
    }
    if (done)
        spanning_finish(spanning);
    free(space);
    return done && keep_edges(stored, spanning, error);
}

static bool chain_dendrogram(struct stored *stored, double divisor, double unit,
                             struct dendrogram *dendrogram, const struct progress *progress,
                             struct error *error) {
    struct spanning spanning;
    if (!spanning_init(&spanning, stored->n, error))
        return false;
    bool made = chain(stored, &spanning, progress, error) &&
                dendrogram_init_spanning(dendrogram, &spanning, divisor, unit, error);
    spanning_free(&spanning);
    return made;
}

static void copy_upper(const struct stored *stored, double *matrix) {
    size_t n = stored->n;
    for (size_t i = 0; i + 1 < n; i++) {
        double *out = matrix + i * n + i + 1;
        const double *row = distances_of(stored, i, out);
        if (row != out)
            memcpy(out, row, (n - i - 1) * sizeof *out);
    }
}

bool stored_dendrogram(struct stored *stored, enum linkage linkage, double divisor, double unit,
                       double *matrix, struct dendrogram *dendrogram, bool *ambiguous,
                       const struct progress *progress, struct error *error) {
    *ambiguous = false;
    if (linkage == LINKAGE_CHAIN)
        return chain_dendrogram(stored, divisor, unit, dendrogram, progress, error);
    copy_upper(stored, matrix);
    return dendrogram_init_complete(dendrogram, matrix, stored->n, divisor, unit, ambiguous,
                                    progress, error);
}
