#include "adam.h"

#include <math.h>
#include <string.h>

enum { VECTORS = 6 };

bool adam_init(struct adam *adam, const struct network *network, struct error *error) {
    *adam = (struct adam){.network = network, .count = network_parameters(network)};
    if (!matrix_init(&adam->memory, VECTORS, adam->count, error))
        return false;
    double **vectors[VECTORS] = {&adam->values, &adam->gradient, &adam->first,
                                 &adam->second, &adam->average,  &adam->best};
    for (size_t v = 0; v < VECTORS; v++)
        *vectors[v] = matrix_row(&adam->memory, v);
    return true;
}

void adam_free(struct adam *adam) {
    matrix_free(&adam->memory);
    *adam = (struct adam){0};
}

void adam_restart(struct adam *adam) {
    adam->steps = 0;
    parameters_get(adam->network, adam->values);
    parameters_get(adam->network, adam->average);
    memset(adam->first, 0, adam->count * sizeof *adam->first);
    memset(adam->second, 0, adam->count * sizeof *adam->second);
}

double adam_clip(struct adam *adam, double limit) {
    double squares = 0;
    for (size_t i = 0; i < adam->count; i++)
        squares += adam->gradient[i] * adam->gradient[i];
    double norm = sqrt(squares);
    for (size_t i = 0; norm > limit && i < adam->count; i++)
        adam->gradient[i] *= limit / norm;
    return norm;
}

/* Parameters from `start` on, with step sizes that correct the averages for their start at zero. */
static void step_range(struct adam *adam, size_t start, size_t count, double rate, double decay) {
    const double beta1 = 0.9, beta2 = 0.999, tiny = 1e-8;
    double *values = adam->values + start, *first = adam->first + start;
    double *second = adam->second + start;
    const double *gradient = adam->gradient + start;
    double step = rate / (1 - pow(beta1, (double)adam->steps));
    double correction = 1 / (1 - pow(beta2, (double)adam->steps));
    for (size_t i = 0; i < count; i++) {
        first[i] += (1 - beta1) * (gradient[i] - first[i]);
        second[i] += (1 - beta2) * (gradient[i] * gradient[i] - second[i]);
        values[i] -= rate * decay * values[i];
        values[i] -= step * first[i] / (sqrt(second[i] * correction) + tiny);
    }
}

void adam_step(struct adam *adam, double rate, double decay) {
    adam->steps++;
    size_t start = 0;
    for (size_t l = 0; l < adam->network->depth; l++) {
        const struct layer *layer = &adam->network->layers[l];
        size_t weights = layer->neurons * layer->inputs;
        step_range(adam, start, weights, rate, decay);
        step_range(adam, start + weights, layer->neurons, rate, 0);
        start += weights + layer->neurons;
    }
}

void adam_average(struct adam *adam, double horizon) {
    double share = 1 / fmin(horizon, (double)adam->steps / 2 + 1);
    for (size_t i = 0; i < adam->count; i++)
        adam->average[i] += share * (adam->values[i] - adam->average[i]);
}

void parameters_get(const struct network *network, double *values) {
    for (size_t l = 0; l < network->depth; l++) {
        const struct layer *layer = &network->layers[l];
        size_t weights = layer->neurons * layer->inputs;
        memcpy(values, layer->weights, weights * sizeof *values);
        memcpy(values + weights, layer->bias, layer->neurons * sizeof *values);
        values += weights + layer->neurons;
    }
}

void parameters_set(struct network *network, const double *values) {
    for (size_t l = 0; l < network->depth; l++) {
        struct layer *layer = &network->layers[l];
        size_t weights = layer->neurons * layer->inputs;
        memcpy(layer->weights, values, weights * sizeof *values);
        memcpy(layer->bias, values + weights, layer->neurons * sizeof *values);
        values += weights + layer->neurons;
    }
}
