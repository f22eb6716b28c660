#include "lumpscope/encoding.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/ode_file.h"
#include "lumpscope/text.h"

#include <math.h>
#include <stdio.h>

static double binomial(double n, double k) {
    double value = 1;
    for (double i = 1; i <= k; i++)
        value = value * (n - k + i) / i;
    return value;
}

/* Monomials of s(w.x + b) with `inputs` non-zero weights: those of degree k in as many variables
 * are C(inputs + k - 1, k); without a bias only the degrees that s has occur. */
static double neuron_monomials(const double *coefficients, size_t count, size_t inputs, bool bias) {
    double monomials = 0;
    for (size_t k = 0; k < count; k++)
        if (bias || coefficients[k] != 0)
            monomials += k == 0 ? 1 : binomial((double)(inputs + k) - 1, (double)k);
    return monomials;
}

double encoding_monomials(const struct network *network) {
    double monomials = 0;
    for (size_t l = 0; l < network->depth; l++) {
        const struct layer *layer = &network->layers[l];
        double coefficients[ACTIVATION_MAX_DEGREE + 1];
        size_t count = activation_coefficients(&layer->activation, coefficients);
        if (count == 0)
            return 0;
        for (size_t i = 0; i < layer->neurons; i++) {
            size_t inputs = 0;
            for (size_t j = 0; j < layer->inputs; j++)
                inputs += layer->weights[i * layer->inputs + j] != 0;
            monomials += neuron_monomials(coefficients, count, inputs, layer->bias[i] != 0);
        }
    }
    return monomials;
}

static bool check_network(const struct network *network, struct error *error) {
    for (size_t l = 0; l < network->depth; l++) {
        double coefficients[ACTIVATION_MAX_DEGREE + 1];
        const struct activation *activation = &network->layers[l].activation;
        if (activation_coefficients(activation, coefficients) == 0)
            return error_set(error, ERROR_REQUEST,
                             "layer %zu%s has the activation %s, which has no polynomial encoding; "
                             "encode takes networks whose layers are all linear, square or "
                             "polynomial",
                             l + 1, l + 1 == network->depth ? ", the output," : "",
                             activation_name(activation->kind));
    }
    double monomials = encoding_monomials(network);
    if (monomials <= ENCODING_MAX_MONOMIALS)
        return true;
    return error_set(error, ERROR_REQUEST,
                     "the polynomial system would have %.*g monomials, more than the limit of %d; "
                     "encode a network with fewer neurons or a lower degree",
                     monomials < 1e15 ? 15 : 4, monomials, ENCODING_MAX_MONOMIALS);
}

size_t encoding_variable(const struct network *network, size_t layer, size_t index) {
    size_t variable = index;
    for (size_t l = 0; l < layer; l++)
        variable += l == 0 ? network_inputs(network) : network->layers[l - 1].neurons;
    return variable;
}

/* The expansion of s(b + w.x): sum over degrees k of t_k (w.x)^k with the Taylor coefficients
 * t_k = sum_m s_m C(m,k) b^(m-k), and of (w.x)^k into k!/(e_1! e_2! ...) prod (w_j x_j)^e_j. */
struct expansion {
    const double *weights; /* [inputs] */
    size_t inputs;
    uint32_t first;   /* variable of input 0 */
    uint32_t *chosen; /* inputs of the product so far, ascending, with repetition */
    struct factor *factors;
    struct polynomial *out;
};

static double taylor_coefficient(const double *coefficients, size_t count, size_t k, double b) {
    double sum = 0, power = 1;
    for (size_t m = k; m < count; m++) {
        sum += coefficients[m] * binomial((double)m, (double)k) * power;
        power *= b;
    }
    return sum;
}

/* Appends the monomial of the chosen inputs, `degree` of them. */
static bool expansion_append(struct expansion *e, double taylor, size_t degree,
                             struct error *error) {
    double arrangements = 1, product = 1; /* arrangements: exact, at most 16! */
    size_t run = 0;
    for (size_t i = 0; i < degree; i++) {
        run = i > 0 && e->chosen[i] == e->chosen[i - 1] ? run + 1 : 1;
        arrangements = arrangements * (double)(i + 1) / (double)run;
        product *= e->weights[e->chosen[i]];
        e->factors[i] = (struct factor){e->first + e->chosen[i], 1};
    }
    return polynomial_append(e->out, taylor * arrangements * product, e->factors, degree, error);
}

/* Appends every product of `degree` inputs whose first `chosen` are chosen, in normal order. */
static bool expansion_products(struct expansion *e, double taylor, size_t chosen, size_t degree,
                               struct error *error) {
    if (chosen == degree)
        return expansion_append(e, taylor, degree, error);
    for (uint32_t j = chosen ? e->chosen[chosen - 1] : 0; j < e->inputs; j++) {
        e->chosen[chosen] = j;
        if (e->weights[j] != 0 && !expansion_products(e, taylor, chosen + 1, degree, error))
            return false;
    }
    return true;
}

/* The derivative of neuron `i` of a layer whose inputs are the variables from `first` on. */
static bool encode_neuron(const struct layer *layer, size_t i, size_t first, struct polynomial *out,
                          struct error *error) {
    double coefficients[ACTIVATION_MAX_DEGREE + 1];
    uint32_t chosen[ACTIVATION_MAX_DEGREE];
    struct factor factors[ACTIVATION_MAX_DEGREE];
    size_t count = activation_coefficients(&layer->activation, coefficients);
    struct expansion e = {.weights = layer->weights + i * layer->inputs,
                          .inputs = layer->inputs,
                          .first = (uint32_t)first,
                          .chosen = chosen,
                          .factors = factors,
                          .out = out};
    for (size_t k = 0; k < count; k++) {
        double taylor = taylor_coefficient(coefficients, count, k, layer->bias[i]);
        if (taylor != 0 && !expansion_products(&e, taylor, 0, k, error))
            return false;
    }
    return polynomial_normalise(out, error);
}

static bool encode_layer(struct polynomial_system *system, const struct network *network, size_t l,
                         struct error *error) {
    const struct layer *layer = &network->layers[l - 1];
    size_t first = encoding_variable(network, l - 1, 0), own = encoding_variable(network, l, 0);
    for (size_t i = 0; i < layer->neurons; i++) {
        if (!encode_neuron(layer, i, first, &system->derivatives[own + i], error)) {
            error_prefix(error, "layer %zu, neuron %zu", l, i);
            return false;
        }
        system->blocks[own + i] = l < network->depth ? l : l + i;
    }
    return true;
}

/* Names x<layer>_1, ... and the model's own names, if it has any, as labels. */
static bool name_layer(struct polynomial_system *system, const struct network *network, size_t l,
                       char **labels, struct error *error) {
    size_t own = encoding_variable(network, l, 0), end = encoding_variable(network, l + 1, 0);
    for (size_t i = 0; own + i < end; i++) {
        char name[48];
        snprintf(name, sizeof name, "x%zu_%zu", l, i + 1);
        if (!polynomial_system_set_name(system, own + i, name, error))
            return false;
        if (labels && labels[i] && !(system->labels[own + i] = memory_string(labels[i], error)))
            return false;
    }
    return true;
}

struct polynomial_system *encoding_new(const struct network *network, struct error *error) {
    if (!check_network(network, error))
        return NULL;
    size_t depth = network->depth;
    struct polynomial_system *system =
        polynomial_system_new(encoding_variable(network, depth + 1, 0), error);
    bool made = system && name_layer(system, network, 0, network->input.names, error);
    for (size_t l = 1; made && l <= depth; l++)
        made = encode_layer(system, network, l, error) &&
               name_layer(system, network, l, l == depth ? network->output.names : NULL, error);
    if (!made) {
        polynomial_system_free(system);
        return NULL;
    }
    return system;
}

static void describe(const struct network *network, struct text *out) {
    text_format(out, "The network %s, ", network->name);
    network_shape(network, out);
    text_append(out, ", as a polynomial system: the derivative of a layer\n"
                     "at the values of the layer before it is the forward pass.\n");
    text_format(out,
                "x0_j: input j (from 1)%s; x<l>_i: neuron i (from 1) of layer l; x%zu_i: "
                "output i%s\n",
                network->input.given ? ", scaled" : "", network->depth,
                network->output.given ? ", before scaling" : "");
    for (size_t l = 0; l < network->depth; l++)
        text_format(out, "layer %zu: %zu neuron%s, %s\n", l + 1, network->layers[l].neurons,
                    text_plural(network->layers[l].neurons),
                    activation_name(network->layers[l].activation.kind));
    text_append(out, "Exact classes with ERODE: reduceFDE(prePartition=USER)");
}

bool encoding_print(const struct network *network, struct text *out, struct error *error) {
    struct polynomial_system *system = encoding_new(network, error);
    if (!system)
        return false;
    struct text comment = {0};
    describe(network, &comment);
    bool printed = !comment.failed || error_memory(error, comment.capacity);
    printed = printed && ode_file_print(system, network->name, comment.data, out, error);
    text_free(&comment);
    polynomial_system_free(system);
    return printed;
}

bool encoding_save(const struct network *network, const char *path, struct error *error) {
    struct text out = {0};
    bool saved =
        encoding_print(network, &out, error) && file_write(path, out.data, out.length, NULL, error);
    text_free(&out);
    return saved;
}
