#include "model/activation_kernel.h"

#include "foundation/kernel.h"
#include "model/elementary.h"

/* `z` is the value's pre-activation. */
#define EACH(formula)                                                                              \
    for (size_t i = 0; i < count; i++) {                                                           \
        double z = values[i];                                                                      \
        values[i] = (formula);                                                                     \
    }                                                                                              \
    return

static void polynomials(const struct activation *activation, double *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        double z = values[i], value = activation->coefficients[activation->degree];
        for (size_t k = activation->degree; k-- > 0;)
            value = value * z + activation->coefficients[k];
        values[i] = value;
    }
}

void KERNEL(activation_kernel)(const struct activation *activation, double *values, size_t count) {
    double parameter = activation->parameter;
    switch (activation->kind) {
    case ACTIVATION_LINEAR:
    case ACTIVATION_SOFTMAX:
        return;
    case ACTIVATION_SQUARE:
        EACH(z * z);
    case ACTIVATION_POLYNOMIAL:
        polynomials(activation, values, count);
        return;
    case ACTIVATION_TANH:
        EACH(elementary_tanh(z));
    case ACTIVATION_SIGMOID:
        EACH(elementary_logistic(z));
    case ACTIVATION_RELU:
        EACH(z > 0 ? z : 0);
    case ACTIVATION_LEAKY_RELU:
        EACH(z > 0 ? z : parameter * z);
    case ACTIVATION_ELU:
        EACH(z > 0 ? z : parameter * elementary_expm1(z));
    case ACTIVATION_GELU:
        EACH(z * elementary_normal_cdf(z));
    case ACTIVATION_SOFTPLUS:
        EACH(elementary_softplus(z));
    case ACTIVATION_SILU:
        EACH(z * elementary_logistic(z));
    }
}
