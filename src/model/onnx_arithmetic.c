/* Sums and products of values: biases, scalings, polynomials, and the activations that exporters
 * take apart. */
#include "onnx_values.h"

#include <math.h>

/* The constants of a Gelu that was taken apart are as good as the network's own type. */
static const double gelu_tolerance = 1e-3;

static bool too_high(const struct fold_node *at) {
    return fold_refuse(at, "makes a polynomial of more than degree %d, which is not read",
                       ACTIVATION_MAX_DEGREE);
}

static void trim(struct form *form) {
    while (form->degree > 1 && form->c[form->degree] == 0)
        form->degree--;
}

static bool is_constant(const struct fold_node *at, size_t k) {
    const struct value *value =
        fold_has(at, k) ? onnx_value_find(at->fold, at->node->input[k]) : NULL;
    return value && value->state == VALUE_CONSTANT;
}

/* Sorts two inputs into the function and the constant, if there is one. `swapped`: the constant
 * comes first. */
static bool take_operands(const struct fold_node *at, struct value **function, struct value **other,
                          bool *swapped) {
    *swapped = is_constant(at, 0);
    *function = fold_function(at, *swapped);
    *other = *function ? fold_input(at, !*swapped) : NULL;
    if (!*other)
        return false;
    at->output->form = (*function)->form;
    return true;
}

static bool check_broadcast(const struct fold_node *at, const struct onnx_tensor *tensor) {
    bool row = tensor->dimensions == 1 || (tensor->dimensions == 2 && tensor->shape[0] == 1);
    if (tensor->elements == 1 ? tensor->dimensions <= 2 : row && tensor->elements > 0)
        return true;
    return fold_refuse(at,
                       "\"%.80s\" has %zu dimensions; a number or one number for each column "
                       "belongs there",
                       tensor->name, tensor->dimensions);
}

/* A bias of the only neuron of a layer looks like a scalar, but for its shape. */
static bool is_lone_bias(const struct onnx_tensor *tensor, const struct form *form) {
    return tensor->dimensions > 0 && form_columns(form) == 1 && form_is_identity(form) &&
           form->step->root->kind == STEP_PRODUCT && !form->step->activated;
}

static void scale_form(struct form *form, double factor, bool inverse) {
    for (size_t k = 0; k <= form->degree; k++)
        form->c[k] = inverse ? form->c[k] / factor : form->c[k] * factor;
    form->a = inverse ? form->a / factor : form->a * factor;
    form->b = inverse ? form->b / factor : form->b * factor;
}

static void shift_form(struct form *form, double by) {
    if (form->erf)
        form->b += by;
    else
        form->c[0] += by;
}

/* function + factor * constant */
static bool add_constant(const struct fold_node *at, struct value *function, double factor,
                         const struct onnx_tensor *tensor) {
    double number;
    if (!check_broadcast(at, tensor))
        return false;
    if (tensor->elements > 1 || is_lone_bias(tensor, &function->form))
        return fold_columns(at, STEP_SHIFT, &function->form,
                            (struct step_numbers){.factor = factor, .numbers = tensor});
    if (!fold_scalar(at, tensor, &number))
        return false;
    shift_form(&at->output->form, factor * number);
    return true;
}

static bool scale_constant(const struct fold_node *at, struct value *function, bool inverse,
                           const struct onnx_tensor *tensor) {
    double number;
    if (!check_broadcast(at, tensor))
        return false;
    if (tensor->elements > 1)
        return fold_columns(
            at, STEP_SCALE, &function->form,
            (struct step_numbers){.factor = 1, .inverse = inverse, .numbers = tensor});
    if (!fold_scalar(at, tensor, &number))
        return false;
    if (inverse && number == 0)
        return fold_refuse(at, "divides by 0; mend the model and export it again");
    scale_form(&at->output->form, number, inverse);
    return true;
}

static bool refuse_branches(const struct fold_node *at) {
    return fold_refuse(at,
                       "joins two branches of the graph; networks are read whose layers follow one "
                       "another, without branches");
}

/* a + factor * b */
static bool add_forms(const struct fold_node *at, const struct form *a, double factor,
                      const struct form *b) {
    if (a->step != b->step || a->erf || b->erf)
        return refuse_branches(at);
    struct form *sum = &at->output->form;
    *sum = a->degree > b->degree ? *a : *b;
    for (size_t k = 0; k <= sum->degree; k++)
        sum->c[k] = (k <= a->degree ? a->c[k] : 0) + factor * (k <= b->degree ? b->c[k] : 0);
    trim(sum);
    return true;
}

static bool add(struct fold_node *at, double factor) {
    struct value *function, *other;
    bool swapped;
    if (!take_operands(at, &function, &other, &swapped))
        return false;
    if (other->state != VALUE_CONSTANT)
        return add_forms(at, &function->form, factor, &other->form);
    if (!swapped || factor > 0)
        return add_constant(at, function, factor, &other->tensor);
    /* constant - function */
    struct value negative = *function;
    scale_form(&negative.form, -1, false);
    at->output->form = negative.form;
    return add_constant(at, &negative, 1, &other->tensor);
}

bool fold_add(struct fold_node *at) {
    return add(at, 1);
}

bool fold_subtract(struct fold_node *at) {
    return add(at, -1);
}

static bool multiply_polynomials(const struct fold_node *at, const struct form *a,
                                 const struct form *b) {
    struct form product = {.step = a->step, .flat = a->flat, .degree = a->degree + b->degree};
    if (product.degree > ACTIVATION_MAX_DEGREE)
        return too_high(at);
    for (size_t i = 0; i <= a->degree; i++)
        for (size_t j = 0; j <= b->degree; j++)
            product.c[i + j] += a->c[i] * b->c[j];
    trim(&product);
    at->output->form = product;
    return true;
}

/* p u, and nothing else. */
static bool is_proportional(const struct form *form) {
    return !form->erf && form->degree == 1 && form->c[0] == 0 && form->c[1] != 0;
}

/* p u times a sigmoid(u). */
static bool is_silu(const struct form *u, const struct form *s) {
    return is_proportional(u) && is_proportional(s) && s->step->kind == STEP_ACTIVATION &&
           s->step->activation.kind == ACTIVATION_SIGMOID && s->step->before == u->step;
}

/* p u times a erf(q u / sqrt 2) + a, which is 2 a p/q gelu(q u). */
static bool is_gelu(const struct form *u, const struct form *e) {
    return is_proportional(u) && e->erf && e->step == u->step && e->inner != 0 &&
           fabs(e->a - e->b) <= gelu_tolerance * fabs(e->a);
}

static double snap_to_one(double value) {
    return fabs(value - 1) <= gelu_tolerance ? 1 : value;
}

static bool make_silu(const struct fold_node *at, const struct form *u, const struct form *s) {
    struct form inner = form_of(u->step);
    double factor = u->c[1] * s->c[1];
    if (!fold_activation(at, &inner, (struct activation){.kind = ACTIVATION_SILU}))
        return false;
    scale_form(&at->output->form, factor, false);
    return true;
}

static bool make_gelu(const struct fold_node *at, const struct form *u, const struct form *e) {
    struct form inner = form_of(u->step);
    double q = snap_to_one(e->inner * M_SQRT2);
    double factor = 2 * e->a * u->c[1] / q;
    scale_form(&inner, q, false);
    if (!fold_activation(at, &inner, (struct activation){.kind = ACTIVATION_GELU}))
        return false;
    /* The half may still come; until then the factor is 2. */
    scale_form(&at->output->form, 2 * snap_to_one(factor / 2), false);
    return true;
}

static bool multiply_forms(const struct fold_node *at, const struct form *a, const struct form *b) {
    if (is_silu(a, b))
        return make_silu(at, a, b);
    if (is_silu(b, a))
        return make_silu(at, b, a);
    if (is_gelu(a, b))
        return make_gelu(at, a, b);
    if (is_gelu(b, a))
        return make_gelu(at, b, a);
    if (a->step != b->step || a->erf || b->erf)
        return refuse_branches(at);
    return multiply_polynomials(at, a, b);
}

bool fold_multiply(struct fold_node *at) {
    struct value *function, *other;
    bool swapped;
    if (!take_operands(at, &function, &other, &swapped))
        return false;
    if (other->state != VALUE_CONSTANT)
        return multiply_forms(at, &function->form, &other->form);
    return scale_constant(at, function, false, &other->tensor);
}

bool fold_divide(struct fold_node *at) {
    struct value *function, *other;
    bool swapped;
    if (!take_operands(at, &function, &other, &swapped))
        return false;
    if (swapped || other->state != VALUE_CONSTANT)
        return fold_refuse(at, "divides by what is computed; only constants are divided by");
    return scale_constant(at, function, true, &other->tensor);
}

bool fold_power(struct fold_node *at) {
    struct value *base = fold_function(at, 0);
    const struct onnx_tensor *tensor = base ? fold_constant(at, 1) : NULL;
    double exponent;
    if (!tensor || !fold_scalar(at, tensor, &exponent))
        return false;
    if (!(exponent >= 1) || exponent > ACTIVATION_MAX_DEGREE || exponent != floor(exponent))
        return fold_refuse(at, "has the exponent %g; whole ones from 1 to %d are read", exponent,
                           ACTIVATION_MAX_DEGREE);
    if (base->form.erf)
        return refuse_branches(at);
    at->output->form = base->form;
    for (int k = 1; k < (int)exponent; k++)
        if (!multiply_polynomials(at, &at->output->form, &base->form))
            return false;
    return true;
}

bool fold_erf(struct fold_node *at) {
    struct value *function = fold_function(at, 0);
    if (!function)
        return false;
    if (!is_proportional(&function->form))
        return fold_refuse(at, "is read as part of a Gelu only: x (1 + Erf(x / sqrt 2)) / 2");
    struct form *out = &at->output->form;
    *out = function->form;
    *out = (struct form){
        .step = out->step, .flat = out->flat, .erf = true, .inner = out->c[1], .a = 1};
    return true;
}
