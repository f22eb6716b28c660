/* The coefficients that are compared: forward and backward (method.md sections 3 and 4). */
#include "lumpscope/distance.h"

#include "lumpscope/memory.h"
#include "lumpscope/prepare.h"

#include <math.h>
#include <string.h>

void distance_source_free(struct distance_source *source) {
    if (source->columns_owned)
        matrix_free(&source->columns);
    class_members_free(&source->groups);
    free(source->gram);
    free(source->pre);
    free(source->centred);
    free(source->spread);
    free(source->sent);
    free(source->energy);
    free(source->weight);
    *source = (struct distance_source){0};
}

/* Consumer neurons by class; without classes every neuron is its own. */
static bool group_consumers(struct distance_source *source, size_t consumers,
                            const struct classes *classes, struct error *error) {
    if (classes) {
        source->group_count = classes->count;
        return classes_members(classes, &source->groups, error);
    }
    source->group_count = consumers;
    source->groups.members = memory_new(consumers, sizeof(size_t), error);
    source->groups.starts = memory_new(consumers + 1, sizeof(size_t), error);
    if (!source->groups.members || !source->groups.starts)
        return false;
    for (size_t i = 0; i < consumers; i++)
        source->groups.members[i] = source->groups.starts[i] = i;
    source->groups.starts[consumers] = consumers;
    return true;
}

static size_t group_size(const struct distance_source *source, size_t group) {
    return source->groups.starts[group + 1] - source->groups.starts[group];
}

/* One coefficient row per class H: sum over i in H of V[i,j], times factor. */
static bool class_sums(struct distance_source *source, double factor, struct error *error) {
    const struct layer *consumer = source->consumer;
    if (!matrix_init(&source->columns, source->group_count, source->neurons, error))
        return false;
    source->columns_owned = true;
    for (size_t h = 0; h < source->group_count; h++) {
        double *out = matrix_row(&source->columns, h);
        for (size_t k = source->groups.starts[h]; k < source->groups.starts[h + 1]; k++) {
            const double *row = consumer->weights + source->groups.members[k] * consumer->inputs;
            for (size_t j = 0; j < source->neurons; j++)
                out[j] += row[j];
        }
        for (size_t j = 0; j < source->neurons; j++)
            out[j] *= factor;
    }
    return true;
}

/* || (V[i,:], c_i) || in the norm: what one square consumer i multiplies V[i,j] with, halved. */
static double square_weight(const struct distance_source *source, size_t i) {
    const struct layer *consumer = source->consumer;
    const double *row = consumer->weights + i * consumer->inputs;
    double bias = fabs(consumer->bias[i] + source->block_shift), sum = 0, largest = bias;
    for (size_t k = 0; k < consumer->inputs; k++) {
        double size = fabs(row[k]);
        sum += source->norm == NORM_L2 ? size * size : size;
        largest = fmax(largest, size);
    }
    if (source->norm == NORM_LINF)
        return largest;
    return source->norm == NORM_L2 ? sqrt(sum + bias * bias) : sum + bias;
}

/* Norm of the coefficient tensors that one consumer of degree above 2 multiplies |D_i| with. */
static double polynomial_weight(const struct distance_source *source, size_t i) {
    const struct activation *activation = &source->consumer->activation;
    double gram = source->gram[i * source->consumer->neurons + i], power = 1;
    double sum = activation->coefficients[1] * activation->coefficients[1];
    for (size_t k = 2; k <= activation->degree; k++) {
        double c = (double)k * activation->coefficients[k];
        power *= gram;
        sum += c * c * power;
    }
    return sqrt(sum);
}

/* A class of one consumer contributes a known multiple of |V[i,j] - V[i,j']|: one coefficient row
 * each. Larger classes stay in `groups` and are made one at a time. */
static bool single_rows(struct distance_source *source, struct error *error) {
    const struct layer *consumer = source->consumer;
    size_t singles = 0, kept = 0, write = 0;
    for (size_t h = 0; h < source->group_count; h++)
        singles += group_size(source, h) == 1;
    if (!matrix_init(&source->columns, singles, source->neurons, error))
        return false;
    source->columns_owned = true;
    singles = 0;
    for (size_t h = 0; h < source->group_count; h++) {
        size_t start = source->groups.starts[h], end = source->groups.starts[h + 1];
        if (end - start > 1) {
            for (size_t k = start; k < end; k++)
                source->groups.members[write++] = source->groups.members[k];
            source->groups.starts[++kept] = write;
            continue;
        }
        size_t i = source->groups.members[start];
        double weight = source->block_kind == BLOCK_SQUARE
                            ? 2 * fabs(source->block_factor) * square_weight(source, i)
                            : polynomial_weight(source, i);
        double *out = matrix_row(&source->columns, singles++);
        for (size_t j = 0; j < source->neurons; j++)
            out[j] = weight * consumer->weights[i * consumer->inputs + j];
    }
    source->group_count = kept;
    return true;
}

/* G[i,i'] = V[i,:].V[i',:] + c_i c_i'. */
static bool consumer_gram(struct distance_source *source, struct error *error) {
    const struct layer *consumer = source->consumer;
    size_t m = consumer->neurons;
    source->gram = memory_new(m * m, sizeof *source->gram, error);
    if (!source->gram)
        return false;
    matrix_multiply_nt(consumer->weights, consumer->weights, source->gram, m, m, consumer->inputs);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < m; j++)
            source->gram[i * m + j] += consumer->bias[i] * consumer->bias[j];
    return true;
}

/* Every consumer neuron by itself: the coefficients are V as it lies in memory. */
static void borrow_weights(struct distance_source *source) {
    source->columns = (struct matrix){.rows = source->consumer->neurons,
                                      .columns = source->neurons,
                                      .data = source->consumer->weights};
}

static bool forward_columns(struct distance_source *source, const struct classes *classes,
                            bool erode, struct error *error) {
    const struct layer *consumer = source->consumer;
    struct consumer_form form = consumer_form(&consumer->activation);
    if (form.kind == CONSUMER_OTHER) {
        borrow_weights(source);
        return true;
    }
    if (!group_consumers(source, consumer->neurons, classes, error))
        return false;
    if (form.kind == CONSUMER_LINEAR) {
        source->factor = erode ? 3 : 1;
        return class_sums(source, form.factor, error);
    }
    source->block_factor = form.factor;
    source->block_shift = form.shift;
    if (form.kind == CONSUMER_POLYNOMIAL) {
        source->block_kind = BLOCK_POLYNOMIAL;
        source->norm = NORM_L2;
        return consumer_gram(source, error) && single_rows(source, error);
    }
    source->block_kind = erode ? BLOCK_ERODE_SQUARE : BLOCK_SQUARE;
    return erode || single_rows(source, error);
}

bool distance_forward(struct distance_source *source, const struct network *network, size_t l,
                      const struct classes *consumer_classes, enum norm norm, struct error *error) {
    *source = (struct distance_source){.kind = SOURCE_FEATURES,
                                       .neurons = network->layers[l - 1].neurons,
                                       .norm = norm == NORM_ERODE ? NORM_L1 : norm,
                                       .factor = 1,
                                       .consumer = &network->layers[l]};
    if (!forward_columns(source, consumer_classes, norm == NORM_ERODE, error)) {
        distance_source_free(source);
        return false;
    }
    return true;
}

/* A[B][i] = sum over j in B of W[i,j] for every class B of the layer before, and the bias last. */
static bool source_sums(const struct layer *layer, const struct classes *classes,
                        struct matrix *out, struct error *error) {
    size_t count = classes ? classes->count : layer->inputs;
    if (!matrix_init(out, count + 1, layer->neurons, error))
        return false;
    for (size_t i = 0; i < layer->neurons; i++) {
        for (size_t j = 0; j < layer->inputs; j++) {
            size_t b = classes ? classes->class_of[j] : j;
            out->data[b * layer->neurons + i] += layer->weights[i * layer->inputs + j];
        }
        out->data[count * layer->neurons + i] = layer->bias[i];
    }
    return true;
}

/* The expanded square of each neuron: A_B^2, 2 A_B A_C, 2 b A_B, b^2, the bias as one more A. */
static bool expand_squares(struct matrix *sums, struct error *error) {
    size_t m = sums->rows, n = sums->columns, row = 0;
    struct matrix expanded;
    if (!matrix_init(&expanded, m * (m + 1) / 2, n, error))
        return false;
    for (size_t a = 0; a < m; a++)
        for (size_t b = a; b < m; b++, row++)
            for (size_t i = 0; i < n; i++)
                expanded.data[row * n + i] =
                    (a == b ? 1 : 2) * sums->data[a * n + i] * sums->data[b * n + i];
    matrix_free(sums);
    *sums = expanded;
    return true;
}

bool distance_backward(struct distance_source *source, const struct network *network, size_t l,
                       const struct classes *source_classes, enum norm norm, struct error *error) {
    const struct layer *layer = &network->layers[l - 1];
    *source = (struct distance_source){.kind = SOURCE_FEATURES,
                                       .neurons = layer->neurons,
                                       .norm = norm == NORM_ERODE ? NORM_L1 : norm,
                                       .factor = 1,
                                       .columns_owned = true};
    bool square = norm == NORM_ERODE && layer->activation.kind == ACTIVATION_SQUARE;
    if (!source_sums(layer, source_classes, &source->columns, error) ||
        (square && !expand_squares(&source->columns, error))) {
        distance_source_free(source);
        return false;
    }
    return true;
}
