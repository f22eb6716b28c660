#include "model/backprop.h"

#include "lumpscope/memory.h"

#include <math.h>
#include <string.h>

static bool matrices_new(struct matrix **matrices, const struct network *network, size_t rows,
                         struct error *error) {
    *matrices = memory_new(network->depth, sizeof **matrices, error);
    bool made = *matrices != NULL;
    for (size_t l = 0; made && l < network->depth; l++)
        made = matrix_init(&(*matrices)[l], rows, network->layers[l].neurons, error);
    return made;
}

static void matrices_free(struct matrix *matrices, size_t depth) {
    for (size_t l = 0; matrices && l < depth; l++)
        matrix_free(&matrices[l]);
    free(matrices);
}

bool backprop_init(struct backprop *backprop, const struct network *network, size_t capacity,
                   struct error *error) {
    *backprop = (struct backprop){.network = network, .capacity = capacity};
    if (matrices_new(&backprop->pre, network, capacity, error) &&
        matrices_new(&backprop->post, network, capacity, error) &&
        matrices_new(&backprop->delta, network, capacity, error))
        return true;
    backprop_free(backprop);
    return false;
}

void backprop_free(struct backprop *backprop) {
    size_t depth = backprop->network ? backprop->network->depth : 0;
    matrices_free(backprop->pre, depth);
    matrices_free(backprop->post, depth);
    matrices_free(backprop->delta, depth);
    *backprop = (struct backprop){0};
}

void backprop_layer(struct backprop *backprop, size_t layer, const double *x, size_t rows) {
    const struct layer *from = &backprop->network->layers[layer];
    double *pre = backprop->pre[layer].data, *post = backprop->post[layer].data;
    layer_preactivations(from, x, rows, pre);
    memcpy(post, pre, rows * from->neurons * sizeof *post);
    activation_apply(&from->activation, post, rows, from->neurons);
}

void backprop_forward(struct backprop *backprop, const double *x, size_t rows) {
    for (size_t l = 0; l < backprop->network->depth; l++) {
        backprop_layer(backprop, l, x, rows);
        x = backprop->post[l].data;
    }
}

static double squared_error(const struct matrix *output, const double *targets, size_t rows) {
    double sum = 0;
    for (size_t i = 0; i < rows * output->columns; i++) {
        double difference = output->data[i] - targets[i];
        sum += difference * difference;
    }
    return sum / (double)(rows * output->columns);
}

/* ln sum exp(u) - u_class: from the logits, so that a probability of 0 costs no infinity. */
static double row_cross_entropy(const double *logits, size_t classes, size_t class) {
    double largest = logits[0], sum = 0;
    for (size_t j = 1; j < classes; j++)
        largest = fmax(largest, logits[j]);
    for (size_t j = 0; j < classes; j++)
        sum += exp(logits[j] - largest);
    return log(sum) + largest - logits[class];
}

double backprop_loss(const struct backprop *backprop, const double *targets, size_t rows) {
    size_t last = backprop->network->depth - 1;
    if (!network_is_softmax(backprop->network))
        return squared_error(&backprop->post[last], targets, rows);
    const struct matrix *logits = &backprop->pre[last];
    double sum = 0;
    for (size_t r = 0; r < rows; r++)
        sum += row_cross_entropy(matrix_row(logits, r), logits->columns, (size_t)targets[r]);
    return sum / (double)rows;
}

/* d loss / d u_L: 2 (x - t) / (rows outputs), or (p - one-hot) / rows for softmax. */
static void output_delta(struct backprop *backprop, const double *targets, size_t rows) {
    size_t last = backprop->network->depth - 1;
    const struct matrix *output = &backprop->post[last];
    size_t columns = output->columns;
    double *delta = backprop->delta[last].data;
    bool softmax = network_is_softmax(backprop->network);
    double factor = softmax ? 1 / (double)rows : 2 / (double)(rows * columns);
    for (size_t i = 0; i < rows * columns; i++)
        delta[i] = factor * (output->data[i] - (softmax ? 0 : targets[i]));
    for (size_t r = 0; softmax && r < rows; r++)
        delta[r * columns + (size_t)targets[r]] -= factor;
}

/* delta *= s'(u); where s' is simple in s the function is not evaluated again. */
static void multiply_derivative(const struct activation *activation, const double *pre,
                                const double *post, double *delta, size_t count) {
    switch (activation->kind) {
    case ACTIVATION_LINEAR:
        return;
    case ACTIVATION_TANH:
        for (size_t i = 0; i < count; i++)
            delta[i] *= 1 - post[i] * post[i];
        return;
    case ACTIVATION_SIGMOID:
        for (size_t i = 0; i < count; i++)
            delta[i] *= post[i] * (1 - post[i]);
        return;
    default:
        for (size_t i = 0; i < count; i++)
            delta[i] *= activation_derivative(activation, pre[i]);
    }
}

static void layer_gradient(const struct layer *layer, const double *delta, const double *x,
                           size_t rows, double *gradient) {
    matrix_multiply_tn(delta, x, gradient, layer->neurons, layer->inputs, rows);
    double *bias = gradient + layer->neurons * layer->inputs;
    memset(bias, 0, layer->neurons * sizeof *bias);
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < layer->neurons; i++)
            bias[i] += delta[r * layer->neurons + i];
}

void backprop_gradient(struct backprop *backprop, const double *x, const double *targets,
                       size_t rows, double *gradient) {
    const struct network *network = backprop->network;
    double *end = gradient + network_parameters(network);
    output_delta(backprop, targets, rows);
    for (size_t l = network->depth; l-- > 0;) {
        const struct layer *layer = &network->layers[l];
        end -= layer->neurons * (layer->inputs + 1);
        double *delta = backprop->delta[l].data;
        layer_gradient(layer, delta, l ? backprop->post[l - 1].data : x, rows, end);
        if (l == 0)
            return;
        double *below = backprop->delta[l - 1].data;
        matrix_multiply_nn(delta, layer->weights, below, rows, layer->inputs, layer->neurons);
        multiply_derivative(&network->layers[l - 1].activation, backprop->pre[l - 1].data,
                            backprop->post[l - 1].data, below, rows * layer->inputs);
    }
}
