#include "lumpscope/prepare.h"

#include "lumpscope/memory.h"

#include <cjson/cJSON.h>

#include <math.h>
#include <string.h>

static void dead_free(bool **dead, size_t hidden) {
    for (size_t l = 0; dead && l < hidden; l++)
        free(dead[l]);
    free(dead);
}

/* Column `neuron` of the consumer is zero in every row that is not dead itself. */
static bool sends_nothing(const struct layer *consumer, const bool *consumer_dead, size_t neuron) {
    for (size_t i = 0; i < consumer->neurons; i++)
        if (!(consumer_dead && consumer_dead[i]) &&
            consumer->weights[i * consumer->inputs + neuron] != 0)
            return false;
    return true;
}

/* dead[l][i] of hidden layer l, from 0. */
static bool **find_dead(const struct network *network, struct error *error) {
    size_t hidden = network_hidden(network);
    bool **dead = memory_new(hidden, sizeof *dead, error);
    if (!dead)
        return NULL;
    for (size_t l = hidden; l-- > 0;) {
        size_t neurons = network->layers[l].neurons, count = 0;
        dead[l] = memory_new(neurons, sizeof **dead, error);
        if (!dead[l]) {
            dead_free(dead, hidden);
            return NULL;
        }
        for (size_t j = 0; j < neurons; j++) {
            const bool *consumer_dead = l + 1 < hidden ? dead[l + 1] : NULL;
            dead[l][j] = sends_nothing(&network->layers[l + 1], consumer_dead, j);
            count += dead[l][j];
        }
        if (count == neurons)
            dead[l][0] = false;
    }
    return dead;
}

static size_t count_live(const bool *dead, size_t neurons) {
    size_t live = 0;
    for (size_t i = 0; i < neurons; i++)
        live += !dead[i];
    return live;
}

/* Copies the rows and columns of live neurons. */
static void copy_live(const struct layer *from, const bool *row_dead, const bool *column_dead,
                      struct layer *to) {
    double *out = to->weights, *bias = to->bias;
    for (size_t i = 0; i < from->neurons; i++) {
        if (row_dead && row_dead[i])
            continue;
        *bias++ = from->bias[i];
        for (size_t j = 0; j < from->inputs; j++)
            if (!(column_dead && column_dead[j]))
                *out++ = from->weights[i * from->inputs + j];
    }
}

/* The power of r that the consumer's column takes when row and bias are divided by r, or -1 when
 * the activation is not homogeneous. */
static int homogeneity(const struct activation *activation) {
    switch (activation->kind) {
    case ACTIVATION_LINEAR:
    case ACTIVATION_RELU:
    case ACTIVATION_LEAKY_RELU:
        return 1;
    case ACTIVATION_SQUARE:
        return 2;
    default:
        return -1;
    }
}

/* The layer's neurons are brought to one representative by the balance that the options ask for. */
static bool is_balanced(const struct network *network, size_t l, const struct options *options) {
    const struct activation *activation = &network->layers[l].activation;
    bool quadratic = activation->kind == ACTIVATION_POLYNOMIAL && activation->degree <= 2;
    bool formal = activation->kind == ACTIVATION_LINEAR || activation->kind == ACTIVATION_SQUARE;
    if (l + 1 == network->depth)
        return false;
    if (quadratic)
        return true; /* it is rewritten, balance or not */
    if (options->relation == RELATION_FORWARD)
        return options->balance && formal;
    return (options->balance || options->relation == RELATION_JOINT) &&
           (homogeneity(activation) > 0 || activation_is_odd(activation));
}

/* Nothing that preparing does changes the weights and the bias of layer l. */
static bool is_untouched(const struct network *network, size_t l, bool **dead,
                         const struct options *options) {
    size_t hidden = network_hidden(network);
    size_t neurons = network->layers[l].neurons, inputs = network->layers[l].inputs;
    return !is_balanced(network, l, options) && !(l > 0 && is_balanced(network, l - 1, options)) &&
           (l == hidden || count_live(dead[l], neurons) == neurons) &&
           (l == 0 || count_live(dead[l - 1], inputs) == inputs);
}

/* Weights and bias of the original in place of the layer's own. */
static void share_layer(const struct layer *from, struct layer *to) {
    free(to->weights);
    free(to->bias);
    to->weights = from->weights;
    to->bias = from->bias;
}

static struct network *live_network(const struct network *original, bool **dead,
                                    struct error *error) {
    size_t depth = original->depth;
    size_t *sizes = memory_new(depth + 1, sizeof *sizes, error);
    if (!sizes)
        return NULL;
    sizes[0] = network_inputs(original);
    sizes[depth] = network_outputs(original);
    for (size_t l = 0; l + 1 < depth; l++)
        sizes[l + 1] = count_live(dead[l], original->layers[l].neurons);
    struct network *network = network_new(original->name, sizes, depth, error);
    free(sizes);
    if (!network || !network_copy_frame(network, original, error)) {
        network_free(network);
        return NULL;
    }
    for (size_t l = 0; l < depth; l++) {
        const struct cJSON *extra = original->layers[l].extra;
        network->layers[l].activation = original->layers[l].activation;
        if (extra && !(network->layers[l].extra = cJSON_Duplicate(extra, true))) {
            error_memory(error, sizeof(cJSON));
            network_free(network);
            return NULL;
        }
    }
    return network;
}

/* s(z) = constant + factor * pure(z + shift): the constant moves into the consumer's bias, the
 * factor into its weights, the shift into the layer's bias. */
static void rewrite_layer(struct layer *layer, struct layer *consumer, double constant,
                          double factor, double shift) {
    for (size_t i = 0; i < layer->neurons; i++)
        layer->bias[i] += shift;
    for (size_t i = 0; i < consumer->neurons; i++) {
        double *row = consumer->weights + i * consumer->inputs, sum = 0;
        for (size_t j = 0; j < consumer->inputs; j++) {
            sum += row[j];
            row[j] *= factor;
        }
        consumer->bias[i] += constant * sum;
    }
}

/* Hidden layers of degree 2 become square, those of degree at most 1 linear. */
static void rewrite(struct network *network) {
    for (size_t l = 0; l + 1 < network->depth; l++) {
        struct activation *activation = &network->layers[l].activation;
        if (activation->kind != ACTIVATION_POLYNOMIAL || activation->degree > 2)
            continue;
        const double *c = activation->coefficients;
        if (activation->degree == 2) {
            rewrite_layer(&network->layers[l], &network->layers[l + 1],
                          c[0] - c[1] * c[1] / (4 * c[2]), c[2], c[1] / (2 * c[2]));
            *activation = (struct activation){.kind = ACTIVATION_SQUARE};
        } else {
            rewrite_layer(&network->layers[l], &network->layers[l + 1], c[0], c[1], 0);
            *activation = (struct activation){.kind = ACTIVATION_LINEAR};
        }
    }
}

struct consumer_form consumer_form(const struct activation *activation) {
    const double *c = activation->coefficients;
    switch (activation->kind) {
    case ACTIVATION_LINEAR:
    case ACTIVATION_SOFTMAX: /* the output is the logits */
        return (struct consumer_form){CONSUMER_LINEAR, 1, 0};
    case ACTIVATION_SQUARE:
        return (struct consumer_form){CONSUMER_SQUARE, 1, 0};
    case ACTIVATION_POLYNOMIAL:
        if (activation->degree > 2)
            return (struct consumer_form){CONSUMER_POLYNOMIAL, 1, 0};
        if (activation->degree == 2)
            return (struct consumer_form){CONSUMER_SQUARE, c[2], c[1] / (2 * c[2])};
        return (struct consumer_form){CONSUMER_LINEAR, activation->degree ? c[1] : 0, 0};
    default:
        return (struct consumer_form){CONSUMER_OTHER, 1, 0};
    }
}

/* Multiplying and dividing are two: the reciprocal of a small divisor may overflow. */
static void scale_row(struct layer *layer, size_t neuron, double factor, double divisor) {
    double *row = layer->weights + neuron * layer->inputs;
    for (size_t j = 0; j < layer->inputs; j++)
        row[j] = row[j] * factor / divisor;
    layer->bias[neuron] = layer->bias[neuron] * factor / divisor;
}

/* What the columns of a consumer are multiplied with, one after the other, and divided by:
 * collected neuron by neuron and applied row by row, since columns lie scattered in memory. */
struct scales {
    double *factor[3]; /* [neurons of the widest layer] each, 1 where nothing is to be done */
    double *divisor;
    size_t width;
};

static void scales_free(struct scales *scales) {
    for (size_t k = 0; k < 3; k++)
        free(scales->factor[k]);
    free(scales->divisor);
}

static void scales_set(double *values, size_t count) {
    for (size_t j = 0; j < count; j++)
        values[j] = 1;
}

static void scales_clear(struct scales *scales) {
    for (size_t k = 0; k < 3; k++)
        scales_set(scales->factor[k], scales->width);
    scales_set(scales->divisor, scales->width);
}

static bool scales_init(struct scales *scales, const struct network *network, struct error *error) {
    for (size_t l = 0; l < network->depth; l++)
        if (network->layers[l].neurons > scales->width)
            scales->width = network->layers[l].neurons;
    scales->divisor = memory_new(scales->width, sizeof(double), error);
    bool made = scales->divisor != NULL;
    for (size_t k = 0; made && k < 3; k++)
        made = (scales->factor[k] = memory_new(scales->width, sizeof(double), error)) != NULL;
    return made;
}

static void scales_apply(const struct scales *scales, struct layer *consumer) {
    for (size_t i = 0; i < consumer->neurons; i++) {
        double *row = consumer->weights + i * consumer->inputs;
        for (size_t j = 0; j < consumer->inputs; j++)
            row[j] = row[j] * scales->factor[0][j] * scales->factor[1][j] * scales->factor[2][j] /
                     scales->divisor[j];
    }
}

static void scale_column(struct layer *layer, size_t neuron, double factor, double divisor) {
    for (size_t i = 0; i < layer->neurons; i++) {
        double *value = &layer->weights[i * layer->inputs + neuron];
        *value = *value * factor / divisor;
    }
}

static double row_largest(const struct layer *layer, size_t neuron) {
    double largest = fabs(layer->bias[neuron]);
    for (size_t j = 0; j < layer->inputs; j++)
        largest = fmax(largest, fabs(layer->weights[neuron * layer->inputs + j]));
    return largest;
}

static void columns_largest(const struct layer *layer, double *out) {
    memset(out, 0, layer->inputs * sizeof *out);
    for (size_t i = 0; i < layer->neurons; i++)
        for (size_t j = 0; j < layer->inputs; j++)
            out[j] = fmax(out[j], fabs(layer->weights[i * layer->inputs + j]));
}

static double column_largest(const struct layer *layer, size_t neuron) {
    double largest = 0;
    for (size_t i = 0; i < layer->neurons; i++)
        largest = fmax(largest, fabs(layer->weights[i * layer->inputs + neuron]));
    return largest;
}

/* Sign of the entry of largest magnitude, ties to the lowest index; +1 for zeros. */
static double dominant_sign(const double *values, size_t count, size_t stride, double largest,
                            double sign) {
    for (size_t k = 0; k < count; k++) {
        double size = fabs(values[k * stride]);
        if (size > largest) {
            largest = size;
            sign = values[k * stride] < 0 ? -1 : 1;
        }
    }
    return sign;
}

/* Signs of what neurons add to the linear terms of a square consumer, else, or where that is 0, of
 * their columns' entries of largest magnitude (ties: the lowest index). All [inputs]; the last two
 * are working space. */
static void column_signs(const struct layer *consumer, double *sign, double *largest,
                         double *linear) {
    struct consumer_form form = consumer_form(&consumer->activation);
    size_t n = consumer->inputs;
    for (size_t j = 0; j < n; j++) {
        sign[j] = 1;
        largest[j] = linear[j] = 0;
    }
    for (size_t i = 0; i < consumer->neurons; i++) {
        const double *row = consumer->weights + i * n;
        double bias = form.kind == CONSUMER_SQUARE ? consumer->bias[i] + form.shift : 0;
        for (size_t j = 0; j < n; j++) {
            double size = fabs(row[j]);
            sign[j] = size > largest[j] ? copysign(1, row[j]) : sign[j];
            largest[j] = size > largest[j] ? size : largest[j];
            linear[j] += bias * row[j];
        }
    }
    for (size_t j = 0; j < n; j++)
        if (linear[j] != 0)
            sign[j] = linear[j] < 0 ? -1 : 1;
}

/* || V[:,j] ||_1 of every neuron. */
static void column_sizes(const struct layer *consumer, double *out) {
    memset(out, 0, consumer->inputs * sizeof *out);
    for (size_t i = 0; i < consumer->neurons; i++)
        for (size_t j = 0; j < consumer->inputs; j++)
            out[j] += fabs(consumer->weights[i * consumer->inputs + j]);
}

/* Section 5, forward. Where a size overflows the neuron stays as it is. */
static void balance_forward(struct network *network, struct scales *scales) {
    for (size_t l = network->depth - 1; l-- > 0;) {
        struct layer *layer = &network->layers[l], *consumer = &network->layers[l + 1];
        bool square = layer->activation.kind == ACTIVATION_SQUARE;
        if (!square && layer->activation.kind != ACTIVATION_LINEAR)
            continue;
        column_signs(consumer, scales->factor[0], scales->factor[1], scales->factor[2]);
        scales_set(scales->factor[1], layer->neurons);
        scales_set(scales->factor[2], layer->neurons);
        column_sizes(consumer, scales->divisor);
        for (size_t j = 0; j < layer->neurons; j++) {
            double t = scales->divisor[j], factor = square ? sqrt(t) : t;
            bool stays = t == 0 || !isfinite(t) || !isfinite(row_largest(layer, j) * factor);
            if (stays || square)
                scales->factor[0][j] = 1;
            if (stays)
                scales->divisor[j] = 1;
            else
                scale_row(layer, j, scales->factor[0][j] * factor, 1);
        }
        scales_apply(scales, consumer);
    }
}

static double row_norm(const struct layer *layer, size_t neuron) {
    double parts[] = {matrix_norm(layer->weights + neuron * layer->inputs, layer->inputs, 1),
                      layer->bias[neuron]};
    return matrix_norm(parts, 2, 1);
}

static double row_sign(const struct layer *layer, size_t neuron) {
    const double *row = layer->weights + neuron * layer->inputs;
    double sign = dominant_sign(row, layer->inputs, 1, 0, 1), largest = 0;
    for (size_t j = 0; j < layer->inputs; j++)
        largest = fmax(largest, fabs(row[j]));
    return dominant_sign(&layer->bias[neuron], 1, 1, largest, sign);
}

/* Where a weight would overflow the neuron stays as it is. */
double balance_rescale(struct layer *layer, struct layer *consumer, size_t neuron) {
    int power = homogeneity(&layer->activation);
    double r = row_norm(layer, neuron), size = power == 2 ? r * r : r;
    if (power < 0 || r == 0 || !isfinite(size) ||
        !isfinite(column_largest(consumer, neuron) * size))
        return 1;
    scale_row(layer, neuron, 1, r);
    scale_column(consumer, neuron, r, 1);
    if (power == 2)
        scale_column(consumer, neuron, r, 1);
    return size;
}

/* -z gives -s(z) or s(z), so that the sign of a row can be chosen. What the column is multiplied
 * with. */
static double choose_sign(struct layer *layer, size_t neuron) {
    bool even = layer->activation.kind == ACTIVATION_SQUARE;
    if ((!even && !activation_is_odd(&layer->activation)) || row_sign(layer, neuron) > 0)
        return 1;
    scale_row(layer, neuron, -1, 1);
    return even ? 1 : -1;
}

/* Section 5, backward and joint. */
static void balance_canonical(struct network *network, struct scales *scales) {
    for (size_t l = 0; l + 1 < network->depth; l++) {
        struct layer *layer = &network->layers[l];
        int power = homogeneity(&layer->activation);
        if (power < 0 && !activation_is_odd(&layer->activation))
            continue;
        scales_clear(scales);
        columns_largest(&network->layers[l + 1], scales->divisor);
        for (size_t i = 0; i < layer->neurons; i++) {
            double largest = scales->divisor[i];
            double r = row_norm(layer, i), size = power == 2 ? r * r : r;
            scales->factor[0][i] = choose_sign(layer, i);
            scales->divisor[i] = 1;
            if (power < 0 || r == 0 || !isfinite(size) || !isfinite(largest * size))
                continue;
            scale_row(layer, i, 1, r);
            scales->factor[1][i] = r;
            scales->factor[2][i] = power == 2 ? r : 1;
        }
        scales_apply(scales, &network->layers[l + 1]);
    }
}

static bool record_live(struct prepared *prepared, const struct network *original, bool **dead,
                        struct error *error) {
    size_t hidden = prepared->hidden;
    prepared->live = memory_new(hidden, sizeof *prepared->live, error);
    prepared->original_neurons = memory_new(hidden, sizeof *prepared->original_neurons, error);
    if (!prepared->live || !prepared->original_neurons)
        return false;
    for (size_t l = 0; l < hidden; l++) {
        size_t neurons = original->layers[l].neurons, count = 0;
        prepared->original_neurons[l] = neurons;
        prepared->live[l] = memory_new(neurons, sizeof **prepared->live, error);
        if (!prepared->live[l])
            return false;
        for (size_t i = 0; i < neurons; i++)
            if (!dead[l][i])
                prepared->live[l][count++] = i;
    }
    return true;
}

/* Layers as they are kept: those that nothing changes stay the original's, which may be most of the
 * memory there is. */
static bool fill_layers(struct prepared *prepared, const struct network *original, bool **dead,
                        const struct options *options, struct error *error) {
    size_t depth = original->depth;
    prepared->shared = memory_new(depth, sizeof *prepared->shared, error);
    for (size_t l = 0; prepared->shared && l < depth; l++) {
        prepared->shared[l] = is_untouched(original, l, dead, options);
        if (prepared->shared[l])
            share_layer(&original->layers[l], &prepared->network->layers[l]);
        else
            copy_live(&original->layers[l], l + 1 < depth ? dead[l] : NULL,
                      l > 0 ? dead[l - 1] : NULL, &prepared->network->layers[l]);
    }
    return prepared->shared != NULL;
}

bool prepared_init(struct prepared *prepared, const struct network *original,
                   const struct options *options, struct error *error) {
    *prepared = (struct prepared){.hidden = network_hidden(original)};
    bool **dead = find_dead(original, error);
    bool made = dead && record_live(prepared, original, dead, error) &&
                (prepared->network = live_network(original, dead, error)) != NULL &&
                fill_layers(prepared, original, dead, options, error);
    dead_free(dead, prepared->hidden);
    struct scales scales = {0};
    if (made) {
        rewrite(prepared->network);
        made = scales_init(&scales, original, error);
    }
    if (made && (options->relation == RELATION_JOINT ||
                 (options->relation == RELATION_BACKWARD && options->balance)))
        balance_canonical(prepared->network, &scales);
    else if (made && options->relation == RELATION_FORWARD && options->balance)
        balance_forward(prepared->network, &scales);
    scales_free(&scales);
    if (!made)
        prepared_free(prepared);
    return made;
}

void prepared_free(struct prepared *prepared) {
    for (size_t l = 0; prepared->live && l < prepared->hidden; l++)
        free(prepared->live[l]);
    free(prepared->live);
    free(prepared->original_neurons);
    for (size_t l = 0; prepared->shared && l < prepared->network->depth; l++)
        if (prepared->shared[l])
            prepared->network->layers[l].weights = prepared->network->layers[l].bias = NULL;
    free(prepared->shared);
    network_free(prepared->network);
    *prepared = (struct prepared){0};
}
