#include "model/batches.h"

#include <stdint.h>

enum { FEWEST_ROWS = 128, MOST_ROWS = 512, SHARES = 8 };
static const double batch_values = 1 << 21;  /* in the widest layer's output */
static const double batch_operations = 1e7;  /* less is not worth another thread */
static const double neuron_operations = 100; /* about what an activation costs */

enum { BLOCK_NEURONS = 64 };
static const double block_values = 1 << 19; /* in a block's output */

static size_t clamp_rows(double rows, size_t least, size_t most) {
    return rows < (double)least ? least : rows > (double)most ? most : (size_t)rows;
}

/* Rows of a batch of `rows` through `count` layers. */
static size_t batch_rows(const struct layer *layers, size_t count, size_t rows) {
    double operations = 0, widest = 1;
    for (size_t l = 0; l < count; l++) {
        double neurons = (double)layers[l].neurons;
        operations += neurons * (2 * (double)layers[l].inputs + neuron_operations);
        widest = neurons > widest ? neurons : widest;
    }
    size_t most = clamp_rows(batch_values / widest, FEWEST_ROWS, SIZE_MAX / 2);
    size_t batch = clamp_rows((double)rows / SHARES, FEWEST_ROWS, MOST_ROWS);
    double worth = batch_operations / (operations + 1);
    batch = worth > (double)batch ? clamp_rows(worth, batch, most) : batch;
    batch = batch < most ? batch : most;
    return rows < batch ? rows : batch;
}

void batches_init(struct batches *batches, const struct layer *layers, size_t count, size_t rows,
                  const char *what, const struct progress *progress) {
    size_t batch = batch_rows(layers, count, rows);
    *batches = (struct batches){.what = what,
                                .progress = progress,
                                .rows = rows,
                                .batch = batch,
                                .count = (rows + batch - 1) / batch};
}

size_t batches_rows(const struct batches *batches, size_t piece) {
    size_t left = batches->rows - piece * batches->batch;
    return left < batches->batch ? left : batches->batch;
}

size_t batches_panel(size_t rows) {
    size_t panel = (size_t)(block_values / (double)rows) / BLOCK_NEURONS * BLOCK_NEURONS;
    return panel > 0 ? panel : BLOCK_NEURONS;
}

bool batches_go_on(struct batches *batches, size_t thread, struct error *error) {
    if (thread > 0)
        return !atomic_load(&batches->stopped) || error_set(error, ERROR_CANCELLED, "stopped");
    bool on = progress_step(batches->progress, batches->what, atomic_load(&batches->done),
                            batches->count, error);
    if (!on)
        atomic_store(&batches->stopped, true);
    return on;
}
