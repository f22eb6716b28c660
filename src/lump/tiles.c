#include "lump/tiles.h"

#include "lumpscope/memory.h"
#include "lumpscope/parallel.h"

#include "foundation/kernel.h"
#include "lump/distance_kernel.h"

#include <math.h>
#include <string.h>

enum {
    DEPTH = 256,      /* coefficients that are packed at a time */
    BAND = 64,        /* neurons whose distances to all later ones are a piece of work */
    SQUARE_BAND = 64, /* the same for products of matrices, */
    SQUARE_STEP = 512 /* and how many later ones at a time */
};

const struct sum_kernels *sum_kernels(void) {
    static const struct sum_kernels *const kernels[KERNEL_SETS] = KERNEL_EACH(&sum_kernels);
    return kernels[kernel_set()];
}

static tile_kernel *tile_kernel_in_use(void) {
    static tile_kernel *const kernels[KERNEL_SETS] = KERNEL_EACH(tile_kernel);
    return kernels[kernel_set()];
}

/* Panels of TILE_COLUMNS neurons, coefficient by coefficient; beyond the last neuron zeros.
 * `panels` [ceil(n / TILE_COLUMNS) x depth x TILE_COLUMNS] */
static void pack(const double *coefficients, size_t depth, size_t n, double *panels) {
    for (size_t k = 0; k < depth; k++) {
        const double *row = coefficients + k * n;
        for (size_t j = 0; j < n; j += TILE_COLUMNS) {
            size_t count = n - j < TILE_COLUMNS ? n - j : TILE_COLUMNS;
            double *out = panels + j * depth + k * TILE_COLUMNS;
            memcpy(out, row + j, count * sizeof *out);
            memset(out + count, 0, (TILE_COLUMNS - count) * sizeof *out);
        }
    }
}

struct adding {
    const struct tile_sink *sink;
    enum norm norm;
    tile_kernel *kernel;
    const double *panels;
    size_t depth;
};

/* Four neurons i .. of a panel, coefficient by coefficient. */
static void pick_rows(const struct adding *adding, size_t i, double *out) {
    const double *panel = adding->panels + i / TILE_COLUMNS * TILE_COLUMNS * adding->depth;
    for (size_t k = 0; k < adding->depth; k++)
        memcpy(out + k * TILE_ROWS, panel + k * TILE_COLUMNS + i % TILE_COLUMNS,
               TILE_ROWS * sizeof *out);
}

/* Distances between a tile's place and the sink: pairs i < j < n alone. */
static void move_tile(const struct tile_sink *sink, size_t i, size_t j, double *tile, bool store) {
    size_t last = sink->first + sink->count;
    for (size_t a = 0; a < TILE_ROWS && i + a < last; a++) {
        size_t from = i + a + 1 > j ? i + a + 1 : j;
        size_t end = j + TILE_COLUMNS < sink->neurons ? j + TILE_COLUMNS : sink->neurons;
        if (i + a < sink->first || from >= end)
            continue;
        double *place = tile_place(sink, i + a, from), *own = tile + a * TILE_COLUMNS + (from - j);
        if (store)
            memcpy(place, own, (end - from) * sizeof *own);
        else
            memcpy(own, place, (end - from) * sizeof *own);
    }
}

/* One band of neurons against all later ones. Bands begin at multiples of BAND, whatever the sink
 * begins with. */
static bool add_band(void *user, size_t piece, size_t thread, struct error *error) {
    (void)thread;
    (void)error;
    const struct adding *adding = user;
    const struct tile_sink *sink = adding->sink;
    size_t start = (sink->first / BAND + piece) * BAND, last = sink->first + sink->count;
    double rows[DEPTH * TILE_ROWS], tile[TILE_ROWS * TILE_COLUMNS];
    for (size_t i = start; i < start + BAND && i < last; i += TILE_ROWS) {
        if (i + TILE_ROWS <= sink->first)
            continue;
        pick_rows(adding, i, rows);
        for (size_t j = i / TILE_COLUMNS * TILE_COLUMNS; j < sink->neurons; j += TILE_COLUMNS) {
            memset(tile, 0, sizeof tile);
            move_tile(sink, i, j, tile, false);
            adding->kernel(adding->norm, rows, adding->panels + j * adding->depth, adding->depth,
                           tile);
            move_tile(sink, i, j, tile, true);
        }
    }
    return true;
}

bool tiles_add(const struct tile_sink *sink, enum norm norm, const double *coefficients,
               size_t depth, const struct progress *progress, struct error *error) {
    size_t n = sink->neurons, first = sink->first / BAND, end = sink->first + sink->count;
    size_t panels = (n + TILE_COLUMNS - 1) / TILE_COLUMNS;
    double *packed =
        memory_new(panels * (depth < DEPTH ? depth : DEPTH), TILE_COLUMNS * sizeof *packed, error);
    bool done = packed != NULL;
    struct progress_part part;
    for (size_t k = 0; done && n > 1 && k < depth; k += DEPTH) {
        struct adding adding = {sink, norm, tile_kernel_in_use(), packed,
                                depth - k < DEPTH ? depth - k : DEPTH};
        pack(coefficients + k * n, adding.depth, n, packed);
        progress_part_begin(&part, progress, NULL, k / DEPTH, (depth + DEPTH - 1) / DEPTH);
        done = parallel_run((end + BAND - 1) / BAND - first, add_band, &adding, "distances",
                            &part.progress, error);
    }
    free(packed);
    return done;
}

struct squaring {
    const struct tile_sink *sink;
    const double *rows; /* [neurons x depth] coefficients of each neuron, without their mean */
    const double *size; /* [neurons] their squared norms */
    size_t depth;
    double *product; /* [threads x SQUARE_BAND x SQUARE_STEP] */
};

/* The difference of two large numbers is trusted while it keeps all but two digits. */
static double square_of(const struct squaring *squaring, size_t i, size_t j, double product) {
    double both = squaring->size[i] + squaring->size[j], squared = both - 2 * product;
    if (squared > 0.01 * both)
        return squared;
    size_t depth = squaring->depth;
    return sum_kernels()->square_of_two(squaring->rows + i * depth, -1, squaring->rows + j * depth,
                                        depth);
}

static bool square_band(void *user, size_t piece, size_t thread, struct error *error) {
    (void)error;
    const struct squaring *squaring = user;
    const struct tile_sink *sink = squaring->sink;
    size_t n = sink->neurons, depth = squaring->depth, last = sink->first + sink->count;
    size_t i = sink->first + piece * SQUARE_BAND;
    size_t count = last - i < SQUARE_BAND ? last - i : SQUARE_BAND;
    double *product = squaring->product + thread * SQUARE_BAND * SQUARE_STEP;
    for (size_t j = i + 1; j < n; j += SQUARE_STEP) {
        size_t width = n - j < SQUARE_STEP ? n - j : SQUARE_STEP;
        matrix_multiply_nt(squaring->rows + i * depth, squaring->rows + j * depth, product, count,
                           width, depth);
        for (size_t a = 0; a < count; a++)
            for (size_t b = 0; b < width; b++)
                if (j + b > i + a)
                    *tile_place(sink, i + a, j + b) =
                        square_of(squaring, i + a, j + b, product[a * width + b]);
    }
    return true;
}

/* Each neuron's coefficients less their mean over the neurons, which no distance sees.
 * `mean` [depth] is working space. */
static void centre_rows(const double *coefficients, size_t depth, size_t n, double *mean,
                        double *rows, double *size) {
    for (size_t k = 0; k < depth; k++) {
        double sum = 0;
        for (size_t j = 0; j < n; j++)
            sum += coefficients[k * n + j];
        mean[k] = isfinite(sum) ? sum / (double)n : 0;
    }
    matrix_transpose(coefficients, rows, depth, n);
    for (size_t j = 0; j < n; j++) {
        double *row = rows + j * depth;
        for (size_t k = 0; k < depth; k++)
            row[k] -= mean[k];
        size[j] = sum_kernels()->dot(row, row, depth);
    }
}

bool tiles_squares(const struct tile_sink *sink, const double *coefficients, size_t depth,
                   const struct progress *progress, struct error *error) {
    size_t n = sink->neurons, threads = parallel_threads();
    struct squaring squaring = {.sink = sink, .depth = depth};
    double *rows = memory_new(n * depth, sizeof *rows, error);
    double *size = memory_new(n, sizeof *size, error);
    double *mean = memory_new(depth, sizeof *mean, error);
    squaring.product = memory_new(threads * SQUARE_BAND, SQUARE_STEP * sizeof(double), error);
    bool done = rows && size && mean && squaring.product;
    if (done) {
        centre_rows(coefficients, depth, n, mean, rows, size);
        squaring.rows = rows;
        squaring.size = size;
        matrix_one_thread();
        done = parallel_run((sink->count + SQUARE_BAND - 1) / SQUARE_BAND, square_band, &squaring,
                            "distances", progress, error);
    }
    free(rows);
    free(size);
    free(mean);
    free(squaring.product);
    return done;
}
