/* Size and error (method.md section 9). */
#ifndef LUMPSCOPE_METRICS_H
#define LUMPSCOPE_METRICS_H

#include "lumpscope/network.h"

/* Errors on a set of rows. A figure that overflowed or is undefined is NaN. */
struct metrics {
    size_t rows;
    enum task task;
    /* Regression, in the model's output space, means over rows and outputs. */
    double mse, rmse, mae;
    double r2;      /* 1 - MSE / (mean over outputs of the target's variance) */
    double mse_raw; /* MSE in raw units */
    /* Classification. */
    double accuracy;      /* fraction */
    double cross_entropy; /* nats; NaN when the outputs are no probabilities */
};

/* outputs [rows x n] in output space (softmax: probabilities); targets [rows x n], or class indices
 * [rows x 1] for classification. Sums in a fixed order. */
void metrics_compute(const struct network *network, const double *outputs, const double *targets,
                     size_t rows, struct metrics *metrics);

/* The figure that is shown: MSE, or accuracy as a fraction. */
double metrics_figure(const struct metrics *metrics);
/* What became of it: points of accuracy, or percent of the MSE; NaN when that says nothing, since
 * the error of the original is but rounding: its own outputs are the targets. */
double metrics_change(const struct metrics *before, const struct metrics *after);
/* Whether the outputs are probabilities: those of a softmax, or of one sigmoid neuron. */
bool metrics_have_cross_entropy(const struct network *network);
/* "MSE" or "accuracy". */
const char *metrics_name(enum task task);

/* Global remaining parameters in percent. */
double metrics_grp(size_t parameters, size_t original);

#endif
