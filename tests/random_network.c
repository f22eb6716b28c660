#include "random_network.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct activation activations[] = {
    {.kind = ACTIVATION_LINEAR},
    {.kind = ACTIVATION_SQUARE},
    {.kind = ACTIVATION_POLYNOMIAL, .degree = 0, .coefficients = {0.7}},
    {.kind = ACTIVATION_POLYNOMIAL, .degree = 1, .coefficients = {0.3, -1.4}},
    {.kind = ACTIVATION_POLYNOMIAL, .degree = 2, .coefficients = {0.2, 0.9, -0.6}},
    {.kind = ACTIVATION_POLYNOMIAL, .degree = 3, .coefficients = {0.1, 0.8, 0.3, -0.2}},
    {.kind = ACTIVATION_POLYNOMIAL, .degree = 3, .coefficients = {0, 1, 0, -0.1}}, /* odd */
    {.kind = ACTIVATION_POLYNOMIAL, .degree = 4, .coefficients = {-0.2, 0.5, 0, 0.1, 0.05}},
    {.kind = ACTIVATION_TANH},
    {.kind = ACTIVATION_SIGMOID},
    {.kind = ACTIVATION_RELU},
    {.kind = ACTIVATION_LEAKY_RELU, .parameter = 0.01},
    {.kind = ACTIVATION_LEAKY_RELU, .parameter = 0.3},
    {.kind = ACTIVATION_LEAKY_RELU, .parameter = 1}, /* odd */
    {.kind = ACTIVATION_ELU, .parameter = 1},
    {.kind = ACTIVATION_ELU, .parameter = 0.4},
    {.kind = ACTIVATION_GELU},
    {.kind = ACTIVATION_SOFTPLUS},
    {.kind = ACTIVATION_SILU},
};

size_t random_activation_count(void) {
    return sizeof activations / sizeof *activations;
}

struct activation random_activation(size_t number) {
    return activations[number];
}

void must_fail(const struct error *error) {
    fail_msg("%s", error->text);
    abort();
}

size_t random_below(struct rng *rng, size_t limit) {
    return (size_t)(rng_uniform(rng) * (double)limit);
}

struct network *random_network(struct rng *rng, const size_t *sizes, const struct activation *given,
                               size_t depth) {
    struct error error = {0};
    struct network *network = network_new("random", sizes, depth, &error);
    must(network, &error);
    for (size_t l = 0; l < depth; l++) {
        struct layer *layer = &network->layers[l];
        layer->activation = given[l];
        for (size_t k = 0; k < layer->neurons * layer->inputs; k++)
            layer->weights[k] = rng_normal(rng) / sqrt((double)layer->inputs);
        for (size_t i = 0; i < layer->neurons; i++)
            layer->bias[i] = rng_normal(rng) / 2;
    }
    return network;
}

struct network *random_network_of(struct rng *rng, const size_t *sizes, size_t depth,
                                  enum activation_kind kind) {
    struct activation given[8] = {0};
    assert_true(depth <= 8);
    for (size_t l = 0; l + 1 < depth; l++)
        assert_true(activation_parse(activation_name(kind), &given[l]));
    return random_network(rng, sizes, given, depth);
}

void plant_dead(struct network *network, size_t l, size_t neuron) {
    struct layer *consumer = &network->layers[l];
    for (size_t i = 0; i < consumer->neurons; i++)
        consumer->weights[i * consumer->inputs + neuron] = 0;
}

void plant_zero_row(struct network *network, size_t l, size_t neuron) {
    struct layer *layer = &network->layers[l - 1];
    memset(layer->weights + neuron * layer->inputs, 0, layer->inputs * sizeof(double));
    layer->bias[neuron] = 0;
}

void plant_scaled(struct network *network, size_t l, size_t from, size_t to, double row,
                  double column) {
    struct layer *layer = &network->layers[l - 1], *consumer = &network->layers[l];
    for (size_t k = 0; k < layer->inputs; k++)
        layer->weights[to * layer->inputs + k] = row * layer->weights[from * layer->inputs + k];
    layer->bias[to] = row * layer->bias[from];
    for (size_t i = 0; i < consumer->neurons; i++)
        consumer->weights[i * consumer->inputs + to] =
            column * consumer->weights[i * consumer->inputs + from];
}

static void plant_something(struct rng *rng, struct network *network) {
    size_t l = 1 + random_below(rng, network_hidden(network));
    size_t neurons = network->layers[l - 1].neurons;
    size_t a = random_below(rng, neurons), b = random_below(rng, neurons);
    switch (random_below(rng, 6)) {
    case 0:
        plant_dead(network, l, a);
        break;
    case 1:
        plant_zero_row(network, l, a);
        break;
    case 2:
        plant_scaled(network, l, a, b, 1, 1);
        break;
    case 3:
        plant_scaled(network, l, a, b, 3, 0.7);
        break;
    case 4:
        plant_scaled(network, l, a, b, -0.3, -1.9);
        break;
    default:
        for (size_t i = 0; random_below(rng, 4) == 0 && i < neurons; i++)
            plant_dead(network, l, i);
    }
}

struct network *random_network_any(struct rng *rng) {
    size_t depth = 1 + random_below(rng, 5), sizes[6];
    struct activation given[5] = {0};
    for (size_t l = 0; l <= depth; l++)
        sizes[l] = 1 + random_below(rng, l == 0 || l == depth ? 4 : 9);
    for (size_t l = 0; l < depth; l++)
        given[l] = activations[random_below(rng, random_activation_count())];
    if (random_below(rng, 6) == 0)
        given[depth - 1] = (struct activation){.kind = ACTIVATION_SOFTMAX};
    struct network *network = random_network(rng, sizes, given, depth);
    for (size_t k = random_below(rng, 4); depth > 1 && k > 0; k--)
        plant_something(rng, network);
    return network;
}

struct matrix random_rows(struct rng *rng, size_t rows, size_t columns) {
    struct matrix matrix;
    struct error error = {0};
    must(matrix_init(&matrix, rows, columns, &error), &error);
    for (size_t k = 0; k < rows * columns; k++)
        matrix.data[k] = rng_normal(rng);
    return matrix;
}

struct matrix outputs_of(const struct network *network, const struct matrix *rows) {
    struct matrix out;
    struct error error = {0};
    must(matrix_init(&out, rows->rows, network_outputs(network), &error), &error);
    must(network_forward(network, rows->data, rows->rows, true, out.data, NULL, &error), &error);
    return out;
}

double outputs_differ(const struct network *a, const struct network *b, const struct matrix *rows) {
    struct matrix x = outputs_of(a, rows), y = outputs_of(b, rows);
    double largest = 0, difference = 0;
    assert_int_equal(x.columns, y.columns);
    for (size_t k = 0; k < x.rows * x.columns; k++) {
        largest = fmax(largest, fabs(x.data[k]));
        double d = fabs(x.data[k] - y.data[k]);
        difference = isnan(d) ? INFINITY : fmax(difference, d);
    }
    matrix_free(&x);
    matrix_free(&y);
    return difference == 0 ? 0 : difference / largest;
}

struct network *reduced_at(const struct refine *refine) {
    struct error error = {0};
    struct network *reduced = aggregate_network(refine, NULL, NULL, &error);
    must(reduced, &error);
    size_t parameters;
    must(aggregate_parameters(refine, &parameters, NULL, &error), &error);
    assert_int_equal(parameters, network_parameters(reduced));
    for (size_t l = 0; l + 1 < reduced->depth; l++)
        assert_true(reduced->layers[l].neurons > 0);
    return reduced;
}
