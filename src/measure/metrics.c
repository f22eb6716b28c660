#include "lumpscope/metrics.h"

#include <math.h>

double metrics_grp(size_t parameters, size_t original) {
    return 100 * (double)parameters / (double)original;
}

const char *metrics_name(enum task task) {
    return task == TASK_CLASSIFICATION ? "accuracy" : "MSE";
}

double metrics_figure(const struct metrics *metrics) {
    return metrics->task == TASK_CLASSIFICATION ? metrics->accuracy : metrics->mse;
}

double metrics_change(const struct metrics *before, const struct metrics *after) {
    static const double rounding = 1e8; /* percent: the square of a thousand times the error */
    if (before->task == TASK_CLASSIFICATION)
        return 100 * (after->accuracy - before->accuracy);
    double change = 100 * (after->mse / before->mse - 1);
    return change < rounding ? change : NAN;
}

/* A sum that is not a number stays so; anything else that is not finite is made one. */
static double finite_or_nan(double value) {
    return isfinite(value) ? value : NAN;
}

static double mean_target_variance(const double *targets, size_t rows, size_t outputs) {
    double total = 0;
    for (size_t o = 0; o < outputs; o++) {
        double mean = 0, sum = 0;
        for (size_t r = 0; r < rows; r++)
            mean += targets[r * outputs + o];
        mean /= (double)rows;
        for (size_t r = 0; r < rows; r++) {
            double d = targets[r * outputs + o] - mean;
            sum += d * d;
        }
        total += sum / (double)rows;
    }
    return total / (double)outputs;
}

static void regression(const struct network *network, const double *outputs, const double *targets,
                       size_t rows, struct metrics *metrics) {
    size_t n = network_outputs(network);
    double squares = 0, sizes = 0, raw = 0, count = (double)rows * (double)n;
    for (size_t k = 0; k < rows * n; k++) {
        double d = outputs[k] - targets[k], scale = network->output.scale[k % n];
        squares += d * d;
        sizes += fabs(d);
        raw += d * d * scale * scale;
    }
    metrics->mse = finite_or_nan(squares / count);
    metrics->rmse = sqrt(metrics->mse);
    metrics->mae = finite_or_nan(sizes / count);
    metrics->mse_raw = finite_or_nan(raw / count);
    double variance = mean_target_variance(targets, rows, n);
    metrics->r2 = isfinite(variance) ? finite_or_nan(1 - metrics->mse / variance) : NAN;
}

/* The class of largest output; the first among equals. A single output is the probability of
 * class 1. */
static size_t predicted_class(const double *output, size_t n) {
    size_t best = 0;
    if (n == 1)
        return output[0] > 0.5;
    for (size_t j = 1; j < n; j++)
        if (output[j] > output[best])
            best = j;
    return best;
}

static double class_probability(const double *output, size_t n, size_t class) {
    if (n == 1)
        return class ? output[0] : 1 - output[0];
    return output[class];
}

bool metrics_have_cross_entropy(const struct network *network) {
    const struct layer *last = &network->layers[network->depth - 1];
    return network_is_softmax(network) ||
           (last->neurons == 1 && last->activation.kind == ACTIVATION_SIGMOID);
}

static void classification(const struct network *network, const double *outputs,
                           const double *targets, size_t rows, struct metrics *metrics) {
    size_t n = network_outputs(network), right = 0;
    double entropy = 0;
    bool finite = true;
    for (size_t r = 0; r < rows; r++) {
        const double *output = outputs + r * n;
        size_t class = (size_t)targets[r];
        for (size_t j = 0; j < n; j++)
            finite = finite && isfinite(output[j]);
        right += predicted_class(output, n) == class;
        entropy -= log(class_probability(output, n, class));
    }
    metrics->accuracy = finite ? (double)right / (double)rows : NAN;
    metrics->cross_entropy =
        metrics_have_cross_entropy(network) ? finite_or_nan(entropy / (double)rows) : NAN;
}

void metrics_compute(const struct network *network, const double *outputs, const double *targets,
                     size_t rows, struct metrics *metrics) {
    *metrics = (struct metrics){.rows = rows,
                                .task = network->task,
                                .mse = NAN,
                                .rmse = NAN,
                                .mae = NAN,
                                .r2 = NAN,
                                .mse_raw = NAN,
                                .accuracy = NAN,
                                .cross_entropy = NAN};
    if (rows == 0)
        return;
    if (network->task == TASK_CLASSIFICATION)
        classification(network, outputs, targets, rows, metrics);
    else
        regression(network, outputs, targets, rows, metrics);
}
