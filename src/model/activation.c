#include "lumpscope/activation.h"

#include "foundation/kernel.h"
#include "model/activation_kernel.h"
#include "model/elementary.h"

#include <math.h>
#include <string.h>

static const char *const names[ACTIVATION_KINDS] = {
    [ACTIVATION_LINEAR] = "linear",
    [ACTIVATION_SQUARE] = "square",
    [ACTIVATION_POLYNOMIAL] = "polynomial",
    [ACTIVATION_TANH] = "tanh",
    [ACTIVATION_SIGMOID] = "sigmoid",
    [ACTIVATION_RELU] = "relu",
    [ACTIVATION_LEAKY_RELU] = "leaky_relu",
    [ACTIVATION_ELU] = "elu",
    [ACTIVATION_GELU] = "gelu",
    [ACTIVATION_SOFTPLUS] = "softplus",
    [ACTIVATION_SILU] = "silu",
    [ACTIVATION_SOFTMAX] = "softmax",
};

const char *activation_name(enum activation_kind kind) {
    return names[kind];
}

const char *activation_names(void) {
    return "linear, square, tanh, sigmoid, relu, leaky_relu, elu, gelu, softplus, silu, softmax";
}

bool activation_parse(const char *name, struct activation *activation) {
    for (int kind = 0; kind < ACTIVATION_KINDS; kind++) {
        if (kind == ACTIVATION_POLYNOMIAL || strcmp(name, names[kind]) != 0)
            continue;
        *activation = (struct activation){.kind = (enum activation_kind)kind};
        if (kind == ACTIVATION_LEAKY_RELU)
            activation->parameter = 0.01;
        if (kind == ACTIVATION_ELU)
            activation->parameter = 1;
        return true;
    }
    return false;
}

bool activation_polynomial(const double *coefficients, size_t count,
                           struct activation *activation) {
    while (count > 1 && coefficients[count - 1] == 0)
        count--;
    if (count == 0 || count > ACTIVATION_MAX_DEGREE + 1)
        return false;
    *activation = (struct activation){.kind = ACTIVATION_POLYNOMIAL, .degree = count - 1};
    memcpy(activation->coefficients, coefficients, count * sizeof *coefficients);
    const double *c = activation->coefficients;
    if (count == 2 && c[0] == 0 && c[1] == 1)
        *activation = (struct activation){.kind = ACTIVATION_LINEAR};
    else if (count == 3 && c[0] == 0 && c[1] == 0 && c[2] == 1)
        *activation = (struct activation){.kind = ACTIVATION_SQUARE};
    return true;
}

bool activation_equal(const struct activation *a, const struct activation *b) {
    if (a->kind != b->kind || a->parameter != b->parameter || a->degree != b->degree)
        return false;
    return a->kind != ACTIVATION_POLYNOMIAL ||
           memcmp(a->coefficients, b->coefficients, (a->degree + 1) * sizeof(double)) == 0;
}

static double polynomial_derivative(const struct activation *activation, double z) {
    double value = 0;
    for (size_t k = activation->degree; k > 0; k--)
        value = value * z + (double)k * activation->coefficients[k];
    return value;
}

double activation_value(const struct activation *activation, double z) {
    activation_kernel_portable(activation, &z, 1);
    return z;
}

double activation_derivative(const struct activation *activation, double z) {
    switch (activation->kind) {
    case ACTIVATION_LINEAR:
    case ACTIVATION_SOFTMAX:
        return 1;
    case ACTIVATION_SQUARE:
        return 2 * z;
    case ACTIVATION_POLYNOMIAL:
        return polynomial_derivative(activation, z);
    case ACTIVATION_TANH: {
        double t = elementary_tanh(z);
        return 1 - t * t;
    }
    case ACTIVATION_SIGMOID: {
        double s = elementary_logistic(z);
        return s * (1 - s);
    }
    case ACTIVATION_RELU:
        return z > 0 ? 1 : 0;
    case ACTIVATION_LEAKY_RELU:
        return z > 0 ? 1 : activation->parameter;
    case ACTIVATION_ELU:
        return z > 0 ? 1 : activation->parameter * elementary_exp(z);
    case ACTIVATION_GELU: {
        double density = elementary_exp(-0.5 * z * z) * (M_2_SQRTPI * M_SQRT1_2 / 2);
        return elementary_normal_cdf(z) + z * density;
    }
    case ACTIVATION_SOFTPLUS:
        return elementary_logistic(z);
    case ACTIVATION_SILU: {
        double s = elementary_logistic(z);
        return s + z * s * (1 - s);
    }
    }
    return 1;
}

static void softmax_row(double *row, size_t columns) {
    double largest = row[0], sum = 0;
    for (size_t j = 1; j < columns; j++)
        largest = fmax(largest, row[j]);
    for (size_t j = 0; j < columns; j++) {
        row[j] = elementary_exp(row[j] - largest);
        sum += row[j];
    }
    for (size_t j = 0; j < columns; j++)
        row[j] /= sum;
}

void activation_apply(const struct activation *activation, double *values, size_t rows,
                      size_t columns) {
    static activation_kernel *const kernels[KERNEL_SETS] = KERNEL_EACH(activation_kernel);
    if (activation->kind != ACTIVATION_SOFTMAX)
        kernels[kernel_set()](activation, values, rows * columns);
    for (size_t i = 0; activation->kind == ACTIVATION_SOFTMAX && columns && i < rows; i++)
        softmax_row(values + i * columns, columns);
}

size_t activation_coefficients(const struct activation *activation, double *out) {
    memset(out, 0, (ACTIVATION_MAX_DEGREE + 1) * sizeof *out);
    switch (activation->kind) {
    case ACTIVATION_LINEAR:
        out[1] = 1;
        return 2;
    case ACTIVATION_SQUARE:
        out[2] = 1;
        return 3;
    case ACTIVATION_POLYNOMIAL:
        memcpy(out, activation->coefficients, (activation->degree + 1) * sizeof *out);
        return activation->degree + 1;
    default:
        return 0;
    }
}

bool activation_is_odd(const struct activation *activation) {
    if (activation->kind == ACTIVATION_TANH || activation->kind == ACTIVATION_LINEAR)
        return true;
    if (activation->kind == ACTIVATION_LEAKY_RELU)
        return activation->parameter == 1;
    if (activation->kind != ACTIVATION_POLYNOMIAL)
        return false;
    for (size_t k = 0; k <= activation->degree; k += 2)
        if (activation->coefficients[k] != 0)
            return false;
    return true;
}
