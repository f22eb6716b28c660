#include "lumpscope/calibration.h"

#include "lumpscope/memory.h"
#include "lumpscope/rng.h"

#include <math.h>
#include <string.h>

enum { PROBES = 16 };

void calibration_free(struct calibration *calibration) {
    for (size_t l = 0; calibration->sensitivity && l < calibration->hidden; l++)
        free(calibration->sensitivity[l]);
    free(calibration->sensitivity);
    trace_free(&calibration->trace);
    matrix_free(&calibration->x);
    *calibration = (struct calibration){0};
}

static bool check_finite(const struct trace *trace, struct error *error) {
    for (size_t l = 0; l < trace->depth; l++) {
        const struct matrix *x = &trace->post[l];
        for (size_t k = 0; k < x->rows * x->columns; k++)
            if (!isfinite(x->data[k]))
                return error_set(error, ERROR_REQUEST,
                                 "layer %zu, neuron %zu overflows on calibration row %zu; use data "
                                 "in the range the network was trained on, or --relation forward "
                                 "--refit off",
                                 l + 1, k % x->columns, k / x->columns);
    }
    return true;
}

/* Sum over outputs of the variance over rows. Deviations are taken from the first row, so that a
 * constant has none; what is left below 1e-13 of the outputs themselves is rounding, and 0.
 * Infinity: it overflows. */
static double output_variance(const struct matrix *x) {
    double total = 0, size = 0;
    for (size_t j = 0; j < x->columns; j++) {
        double mean = 0, sum = 0;
        for (size_t r = 0; r < x->rows; r++)
            mean += x->data[r * x->columns + j] - x->data[j];
        mean /= (double)x->rows;
        for (size_t r = 0; r < x->rows; r++) {
            double value = x->data[r * x->columns + j], d = value - x->data[j] - mean;
            sum += d * d;
            size += value * value / (double)x->rows;
        }
        total += sum / (double)x->rows;
    }
    if (!isfinite(total) && x->rows > 0)
        return INFINITY;
    return total > 1e-26 * size ? total : 0;
}

/* delta [rows x n_L] = direction[o] s_L'(u_L). */
static void start_delta(const struct network *network, const struct trace *trace,
                        const double *direction, struct matrix *delta) {
    size_t last = network->depth - 1, outputs = network_outputs(network);
    const struct matrix *u = &trace->pre[last];
    for (size_t k = 0; k < u->rows * outputs; k++)
        delta->data[k] =
            direction[k % outputs] == 0
                ? 0
                : direction[k % outputs] *
                      activation_derivative(&network->layers[last].activation, u->data[k]);
}

static void add_squares(const struct matrix *delta, double *sums) {
    for (size_t r = 0; r < delta->rows; r++)
        for (size_t m = 0; m < delta->columns; m++) {
            double d = delta->data[r * delta->columns + m];
            sums[m] += d * d;
        }
}

/* delta of layer l from delta of layer l + 1: (delta W_{l+1}) s_l'(u_l). */
static bool step_back(const struct network *network, const struct trace *trace, size_t l,
                      struct matrix *delta, struct error *error) {
    const struct layer *layer = &network->layers[l], *consumer = &network->layers[l + 1];
    struct matrix below;
    if (!matrix_init(&below, delta->rows, layer->neurons, error))
        return false;
    matrix_multiply_nn(delta->data, consumer->weights, below.data, delta->rows, layer->neurons,
                       consumer->neurons);
    for (size_t k = 0; k < below.rows * below.columns; k++)
        below.data[k] *= activation_derivative(&layer->activation, trace->pre[l].data[k]);
    matrix_free(delta);
    *delta = below;
    return true;
}

/* Adds the squared derivatives of one combination of outputs to the sums of layers 2..L. */
static bool propagate(struct calibration *calibration, const struct network *network,
                      const double *direction, struct error *error) {
    struct matrix delta;
    if (!matrix_init(&delta, calibration->trace.rows, network_outputs(network), error))
        return false;
    start_delta(network, &calibration->trace, direction, &delta);
    bool done = true;
    for (size_t l = network->depth - 1; done && l > 0; l--) {
        add_squares(&delta, calibration->sensitivity[l - 1]);
        if (l > 1)
            done = step_back(network, &calibration->trace, l - 1, &delta, error);
    }
    matrix_free(&delta);
    return done;
}

static bool propagate_all(struct calibration *calibration, const struct network *network,
                          uint64_t seed, const struct progress *progress, struct error *error) {
    size_t outputs = network_outputs(network);
    bool exact = outputs <= PROBES;
    size_t passes = exact ? outputs : PROBES;
    double *direction = memory_new(outputs, sizeof *direction, error);
    struct rng rng;
    rng_seed(&rng, seed);
    bool done = direction != NULL;
    for (size_t pass = 0; done && pass < passes; pass++) {
        for (size_t o = 0; o < outputs; o++)
            direction[o] = exact ? o == pass : (rng_next(&rng) >> 63 ? 1 : -1);
        done = progress_step(progress, "output sensitivities", pass, passes, error) &&
               propagate(calibration, network, direction, error);
    }
    free(direction);
    double count = (double)calibration->trace.rows * (exact ? 1 : PROBES);
    for (size_t l = 0; done && l < calibration->hidden; l++)
        for (size_t m = 0; m < network->layers[l + 1].neurons; m++) {
            double *g = &calibration->sensitivity[l][m];
            *g = sqrt(*g / count);
            if (!isfinite(*g))
                done =
                    error_set(error, ERROR_REQUEST,
                              "the output's derivative by layer %zu, neuron %zu overflows on the "
                              "calibration rows; use --relation forward --refit off",
                              l + 2, m);
        }
    return done;
}

static bool sensitivities_init(struct calibration *calibration, const struct network *network,
                               uint64_t seed, const struct progress *progress,
                               struct error *error) {
    calibration->output_variance = output_variance(&calibration->trace.post[network->depth - 1]);
    if (isinf(calibration->output_variance))
        return error_set(error, ERROR_REQUEST,
                         "the variance of the network's output overflows on the %zu calibration "
                         "rows; use data in the range the network was trained on, or --relation "
                         "forward",
                         calibration->trace.rows);
    if (!(calibration->output_variance > 0))
        return error_set(error, ERROR_REQUEST,
                         "the network's output is constant on the %zu calibration rows, so joint "
                         "has no unit; give rows that differ, or use --relation forward",
                         calibration->trace.rows);
    calibration->sensitivity =
        memory_new(calibration->hidden, sizeof *calibration->sensitivity, error);
    bool made = calibration->sensitivity != NULL;
    for (size_t l = 0; made && l < calibration->hidden; l++) {
        calibration->sensitivity[l] =
            memory_new(network->layers[l + 1].neurons, sizeof(double), error);
        made = calibration->sensitivity[l] != NULL;
    }
    return made && propagate_all(calibration, network, seed, progress, error);
}

bool calibration_init(struct calibration *calibration, const struct network *network,
                      const struct matrix *x, bool sensitivities, uint64_t seed,
                      const struct progress *progress, struct error *error) {
    *calibration = (struct calibration){.hidden = network_hidden(network)};
    bool made = matrix_init_copy(&calibration->x, x, error) &&
                network_trace(network, &calibration->x, &calibration->trace, progress, error) &&
                check_finite(&calibration->trace, error) &&
                (!sensitivities || sensitivities_init(calibration, network, seed, progress, error));
    if (!made)
        calibration_free(calibration);
    return made;
}
