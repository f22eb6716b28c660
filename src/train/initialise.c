#include "initialise.h"

#include <math.h>

/* Mean and standard deviation of one column. */
static void column_moments(const struct matrix *values, size_t rows, size_t column, double *mean,
                           double *deviation) {
    double sum = 0, squares = 0;
    for (size_t r = 0; r < rows; r++)
        sum += matrix_row(values, r)[column];
    *mean = sum / (double)rows;
    for (size_t r = 0; r < rows; r++) {
        double difference = matrix_row(values, r)[column] - *mean;
        squares += difference * difference;
    }
    *deviation = sqrt(squares / (double)rows);
}

static void draw_weights(struct layer *layer, struct rng *rng) {
    double spread = 1 / sqrt((double)layer->inputs);
    for (size_t i = 0; i < layer->neurons * layer->inputs; i++)
        layer->weights[i] = spread * rng_normal(rng);
    for (size_t i = 0; i < layer->neurons; i++)
        layer->bias[i] = 0;
}

/* Brings neuron i's pre-activation to mean 0 and the deviation `size`; one that does not vary (its
 * inputs do not, or rounding is all there is) is left at the size it has. */
static void normalise_neuron(struct layer *layer, size_t i, const struct matrix *pre, size_t rows,
                             double size) {
    double mean, deviation;
    column_moments(pre, rows, i, &mean, &deviation);
    double factor = deviation > 1e-9 * fabs(mean) && deviation > 1e-100 ? size / deviation : size;
    for (size_t j = 0; j < layer->inputs; j++)
        layer->weights[i * layer->inputs + j] *= factor;
    layer->bias[i] = -mean * factor;
}

/* The root of the mean variance of a layer's outputs. */
static double output_spread(const struct matrix *post, size_t rows) {
    double sum = 0;
    for (size_t i = 0; i < post->columns; i++) {
        double mean, deviation;
        column_moments(post, rows, i, &mean, &deviation);
        sum += deviation * deviation;
    }
    return sqrt(sum / (double)post->columns);
}

/* Evaluates the layer; square and polynomials make large numbers of a few pre-activations, so
 * these shrink until the outputs vary by about 1 as well. */
static void evaluate_tamed(struct layer *layer, struct backprop *backprop, size_t l,
                           const double *x, size_t rows) {
    const double widest = 1, shrink = 0.7;
    enum { TRIES = 40 };
    backprop_layer(backprop, l, x, rows);
    for (int t = 0; t < TRIES && !(output_spread(&backprop->post[l], rows) <= widest); t++) {
        for (size_t i = 0; i < layer->neurons * layer->inputs; i++)
            layer->weights[i] *= shrink;
        for (size_t i = 0; i < layer->neurons; i++)
            layer->bias[i] *= shrink;
        backprop_layer(backprop, l, x, rows);
    }
}

bool initialise_network(struct network *network, struct backprop *backprop, const double *x,
                        size_t rows, struct rng *rng, const struct progress *progress,
                        struct error *error) {
    const double output_size = 0.1, bias_spread = 0.5;
    for (size_t l = 0; l < network->depth; l++) {
        struct layer *layer = &network->layers[l];
        bool last = l + 1 == network->depth;
        if (!progress_step(progress, "first weights", l, network->depth, error))
            return false;
        draw_weights(layer, rng);
        backprop_layer(backprop, l, x, rows);
        for (size_t i = 0; i < layer->neurons; i++) {
            normalise_neuron(layer, i, &backprop->pre[l], rows, last ? output_size : 1);
            if (!last)
                layer->bias[i] += bias_spread * rng_normal(rng);
        }
        evaluate_tamed(layer, backprop, l, x, rows);
        x = backprop->post[l].data;
    }
    return true;
}
