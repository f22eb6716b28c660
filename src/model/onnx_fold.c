#include "onnx_fold.h"

#include "lumpscope/memory.h"
#include "lumpscope/text.h"
#include "onnx_output.h"
#include "onnx_values.h"

#include <math.h>
#include <string.h>

/* Layers have at most some dozens of nodes each: a polynomial of degree 16 has 32. */
enum { MOST_NODES = 64 * NETWORK_MAX_LAYERS };

static bool is_floating(enum tensor_type type) {
    return (int)type < TENSOR_FLOATS;
}

static bool apply_identity(struct fold_node *at) {
    struct value *value = fold_input(at, 0);
    if (!value)
        return false;
    at->output->state = value->state;
    at->output->tensor = value->tensor;
    at->output->form = value->form;
    return true;
}

static bool apply_cast(struct fold_node *at) {
    enum tensor_type type;
    int64_t to = onnx_attribute_int(at->node, "to", 0);
    if (to > INT32_MAX || !onnx_type_from((int32_t)to, &type) || !is_floating(type))
        return fold_refuse(at, "casts to a type that is not floating; leave it out of the export");
    return apply_identity(at);
}

static bool apply_dropout(struct fold_node *at) {
    const struct onnx_tensor *training = NULL;
    double on = 0;
    if (fold_has(at, 2) && (!(training = fold_constant(at, 2)) || !fold_scalar(at, training, &on)))
        return false;
    if (on != 0)
        return fold_refuse(at, "is in training mode; export the model after model.eval()");
    return apply_identity(at);
}

static bool apply_constant(struct fold_node *at) {
    const Onnx__NodeProto *node = at->node;
    const Onnx__AttributeProto *a = node->n_attribute == 1 ? node->attribute[0] : NULL;
    struct onnx_tensor *out = &at->output->tensor;
    const char *kind = a && a->name ? a->name : "", *name = at->output->name;
    at->output->state = VALUE_CONSTANT;
    if (strcmp(kind, "value") == 0 && a->t) {
        if (!onnx_tensor_view(at->fold->file, a->t, out, at->error))
            return false;
        out->name = name;
        return true;
    }
    if (strcmp(kind, "value_float") == 0)
        *out = onnx_tensor_of(name, TENSOR_F32, &a->f);
    else if (strcmp(kind, "value_int") == 0)
        *out = onnx_tensor_of(name, TENSOR_I64, &a->i);
    else if (strcmp(kind, "value_floats") == 0)
        *out = onnx_tensor_of_list(name, TENSOR_F32, a->floats, a->n_floats);
    else if (strcmp(kind, "value_ints") == 0)
        *out = onnx_tensor_of_list(name, TENSOR_I64, a->ints, a->n_ints);
    else
        return fold_refuse(at, "holds no dense numbers; export the model again");
    return true;
}

/* Weights of a product: two dimensions, floating, as many rows as there are columns to read. */
static bool check_weights(const struct fold_node *at, const struct onnx_tensor *weights,
                          bool neurons_first, struct form *form) {
    if (!form->flat)
        return fold_refuse(at, "the graph's input has more than two dimensions; flatten it first");
    if (!is_floating(weights->type))
        return fold_refuse(at, "\"%.80s\" has whole numbers (%s); weights have to be floating",
                           weights->name, tensor_type_name(weights->type));
    if (weights->dimensions != 2 || weights->elements == 0)
        return fold_refuse(at,
                           "\"%.80s\" has %zu dimensions and %zu elements; weights have two "
                           "dimensions, neither of them 0",
                           weights->name, weights->dimensions, weights->elements);
    size_t inputs = weights->shape[neurons_first], columns = form_columns(form);
    if (columns && columns != inputs)
        return fold_refuse(at, "\"%.80s\" reads %zu values, but %zu come in; make them agree",
                           weights->name, inputs, columns);
    form->step->root->columns = inputs;
    return true;
}

static struct step *append_product(struct fold_node *at, struct value *value,
                                   const struct onnx_tensor *weights, bool neurons_first) {
    if (!fold_materialise(at, &value->form) || !fold_continues(at, &value->form) ||
        !check_weights(at, weights, neurons_first, &value->form))
        return NULL;
    struct step *step = fold_step(at, STEP_PRODUCT, &value->form);
    if (!step)
        return NULL;
    step->weights = weights;
    step->neurons_first = neurons_first;
    step->columns = weights->shape[!neurons_first];
    step->alpha = step->beta = 1;
    at->output->form = form_of(step);
    return step;
}

static bool apply_matmul(struct fold_node *at) {
    struct value *value = fold_input(at, 0);
    if (value && value->state == VALUE_CONSTANT)
        return fold_refuse(at, "multiplies a constant by what is computed; rows of data come "
                               "first: export x W, not W x");
    const struct onnx_tensor *weights = value ? fold_constant(at, 1) : NULL;
    return weights && append_product(at, value, weights, false);
}

static bool check_bias(const struct fold_node *at, const struct onnx_tensor *bias, size_t columns) {
    bool row = bias->dimensions < 2 || (bias->dimensions == 2 && bias->shape[0] == 1);
    if (row && (bias->elements == 1 || bias->elements == columns))
        return true;
    return fold_refuse(at,
                       "the bias \"%.80s\" has %zu elements in %zu dimensions for %zu neurons; "
                       "make them agree",
                       bias->name, bias->elements, bias->dimensions, columns);
}

static bool apply_gemm(struct fold_node *at) {
    if (onnx_attribute_int(at->node, "transA", 0) != 0)
        return fold_refuse(at, "has transA = 1; rows of data come first: export it with 0");
    struct value *value = fold_function(at, 0);
    const struct onnx_tensor *weights = value ? fold_constant(at, 1) : NULL, *bias = NULL;
    if (!weights || (fold_has(at, 2) && !(bias = fold_constant(at, 2))))
        return false;
    struct step *step =
        append_product(at, value, weights, onnx_attribute_int(at->node, "transB", 0) != 0);
    if (!step || (bias && !check_bias(at, bias, step->columns)))
        return false;
    step->bias = bias;
    step->alpha = onnx_attribute_float(at->node, "alpha", 1);
    step->beta = onnx_attribute_float(at->node, "beta", 1);
    return true;
}

static bool apply_batch_normalization(struct fold_node *at) {
    struct value *value = fold_function(at, 0);
    const struct onnx_tensor *inputs[4]; /* scale, shift, mean, variance */
    for (size_t k = 0; k < 4; k++) {
        inputs[k] = value ? fold_constant(at, k + 1) : NULL;
        if (!inputs[k])
            return false;
        if (inputs[k]->dimensions != 1 || inputs[k]->elements != inputs[0]->elements)
            return fold_refuse(at, "\"%.80s\" has another shape than \"%.80s\"; make them agree",
                               inputs[k]->name, inputs[0]->name);
    }
    if (onnx_attribute_int(at->node, "training_mode", 0) != 0)
        return fold_refuse(at, "is in training mode; export the model after model.eval()");
    double epsilon = onnx_attribute_float(at->node, "epsilon", (double)1e-5f);
    struct form *out = &at->output->form;
    return fold_columns(at, STEP_SHIFT, &value->form,
                        (struct step_numbers){.factor = -1, .numbers = inputs[2]}) &&
           fold_columns(
               at, STEP_SCALE, out,
               (struct step_numbers){
                   .factor = 1, .numbers = inputs[0], .variance = inputs[3], .epsilon = epsilon}) &&
           fold_columns(at, STEP_SHIFT, out,
                        (struct step_numbers){.factor = 1, .numbers = inputs[1]});
}

static bool activate(struct fold_node *at, enum activation_kind kind, double parameter) {
    struct value *value = fold_function(at, 0);
    return value && fold_activation(at, &value->form,
                                    (struct activation){.kind = kind, .parameter = parameter});
}

static bool apply_relu(struct fold_node *at) {
    return activate(at, ACTIVATION_RELU, 0);
}

static bool apply_tanh(struct fold_node *at) {
    return activate(at, ACTIVATION_TANH, 0);
}

static bool apply_sigmoid(struct fold_node *at) {
    return activate(at, ACTIVATION_SIGMOID, 0);
}

static bool apply_softplus(struct fold_node *at) {
    return activate(at, ACTIVATION_SOFTPLUS, 0);
}

static bool activate_with_alpha(struct fold_node *at, enum activation_kind kind, double fallback) {
    double alpha = onnx_attribute_decimal(at->node, "alpha", fallback);
    if (!isfinite(alpha))
        return fold_refuse(at, "has an alpha that is no finite number; mend the model and export "
                               "it again");
    return activate(at, kind, alpha);
}

static bool apply_leaky_relu(struct fold_node *at) {
    return activate_with_alpha(at, ACTIVATION_LEAKY_RELU, 0.01);
}

static bool apply_elu(struct fold_node *at) {
    return activate_with_alpha(at, ACTIVATION_ELU, 1);
}

static bool apply_gelu(struct fold_node *at) {
    const Onnx__AttributeProto *how = onnx_attribute(at->node, "approximate");
    if (how && how->s.len && (how->s.len != 4 || memcmp(how->s.data, "none", 4) != 0))
        return fold_refuse(at, "is an approximation of gelu; export it with approximate=\"none\"");
    return activate(at, ACTIVATION_GELU, 0);
}

/* Before opset 13 the default axis was 1. In two dimensions that is the last. */
static bool apply_softmax(struct fold_node *at) {
    int64_t axis = onnx_attribute_int(at->node, "axis", at->fold->file->opset < 13 ? 1 : -1);
    if (axis != 1 && axis != -1)
        return fold_refuse(at, "has the axis %lld; the classes are the last axis (-1)",
                           (long long)axis);
    return activate(at, ACTIVATION_SOFTMAX, 0);
}

static bool apply_log_softmax(struct fold_node *at) {
    return fold_refuse(at, "is not read, since its outputs are no probabilities; export the model "
                           "with Softmax, or without it and with logits as the output");
}

static bool apply_shape(struct fold_node *at) {
    return fold_refuse(at, "computes a shape while it runs; flatten with torch.flatten(x, 1) or "
                           "nn.Flatten, or export without dynamic axes");
}

static size_t input_rank(const struct fold *fold) {
    const Onnx__TypeProto *type = fold->input->type;
    return type->tensor_type->shape ? type->tensor_type->shape->n_dim : 0;
}

static bool apply_flatten(struct fold_node *at) {
    struct value *value = fold_function(at, 0);
    if (!value)
        return false;
    int64_t axis = onnx_attribute_int(at->node, "axis", 1);
    int64_t rank = value->form.flat ? 2 : (int64_t)input_rank(at->fold);
    if (axis != 1 && axis != 1 - rank)
        return fold_refuse(at, "has the axis %lld; rows have to stay rows (axis 1)",
                           (long long)axis);
    at->output->form = value->form;
    at->output->form.flat = true;
    return true;
}

/* Rows of the input, where its shape fixes them; 0 where it does not. */
static int64_t fixed_rows(const struct fold *fold) {
    const Onnx__TypeProto *type = fold->input->type;
    const Onnx__TensorShapeProto *shape = type->tensor_type->shape;
    bool fixed = shape && shape->n_dim &&
                 shape->dim[0]->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    return fixed ? shape->dim[0]->dim_value : 0;
}

static bool apply_reshape(struct fold_node *at) {
    struct value *value = fold_function(at, 0);
    const struct onnx_tensor *shape = value ? fold_constant(at, 1) : NULL;
    double to[2] = {0};
    if (shape && is_floating(shape->type))
        return fold_refuse(at, "\"%.80s\" holds no whole numbers; export the model again",
                           shape->name);
    if (!shape || (shape->elements == 2 && !onnx_tensor_read(shape, 0, 2, to, at->error)))
        return false;
    size_t columns = form_columns(&value->form);
    bool rows = to[0] == 0 || to[0] == -1 || to[0] == (double)fixed_rows(at->fold);
    bool same = (to[1] == -1 && to[0] != -1) || (to[1] == 0 && value->form.flat) ||
                (to[1] > 0 && (columns == 0 || to[1] == (double)columns));
    if (shape->elements != 2 || !rows || !same)
        return fold_refuse(at, "changes the shape to something else than [rows, columns], which is "
                               "not read; leave it out, or save the layers as .npz");
    if (columns == 0 && to[1] > 0)
        value->form.step->root->columns = (size_t)to[1];
    at->output->form = value->form;
    at->output->form.flat = true;
    return true;
}

/* The numbers of an attribute; none: empty. */
static struct onnx_tensor attribute_numbers(const struct fold_node *at, const char *name) {
    const Onnx__AttributeProto *a = onnx_attribute(at->node, name);
    return onnx_tensor_of_list(name, TENSOR_F32, a ? a->floats : NULL, a ? a->n_floats : 0);
}

/* (x - offset) * scale, as a StandardScaler is exported. */
static bool apply_scaler(struct fold_node *at) {
    struct value *value = fold_function(at, 0);
    struct onnx_tensor *numbers = at->output->numbers;
    if (!value)
        return false;
    numbers[0] = attribute_numbers(at, "offset");
    numbers[1] = attribute_numbers(at, "scale");
    return fold_columns(at, STEP_SHIFT, &value->form,
                        (struct step_numbers){.factor = -1, .numbers = &numbers[0]}) &&
           fold_columns(at, STEP_SCALE, &at->output->form,
                        (struct step_numbers){.factor = 1, .numbers = &numbers[1]});
}

static const struct {
    const char *name;
    bool (*apply)(struct fold_node *at);
    bool refused;       /* known, to be answered with a remedy */
    const char *domain; /* NULL: ONNX's own */
} operators[] = {
    {"Add", fold_add, false, NULL},
    {"ArgMax", onnx_output_labels, true, NULL},
    {"BatchNormalization", apply_batch_normalization, false, NULL},
    {"Cast", apply_cast, false, NULL},
    {"Concat", onnx_output_pair, true, NULL},
    {"Constant", apply_constant, false, NULL},
    {"Div", fold_divide, false, NULL},
    {"Dropout", apply_dropout, false, NULL},
    {"Elu", apply_elu, false, NULL},
    {"Erf", fold_erf, false, NULL},
    {"Flatten", apply_flatten, false, NULL},
    {"Gelu", apply_gelu, false, NULL},
    {"Gemm", apply_gemm, false, NULL},
    {"Identity", apply_identity, false, NULL},
    {"LeakyRelu", apply_leaky_relu, false, NULL},
    {"LogSoftmax", apply_log_softmax, true, NULL},
    {"MatMul", apply_matmul, false, NULL},
    {"Mul", fold_multiply, false, NULL},
    {"Pow", fold_power, false, NULL},
    {"Relu", apply_relu, false, NULL},
    {"Reshape", apply_reshape, false, NULL},
    {"Scaler", apply_scaler, false, "ai.onnx.ml"},
    {"Shape", apply_shape, true, NULL},
    {"Sigmoid", apply_sigmoid, false, NULL},
    {"Softmax", apply_softmax, false, NULL},
    {"Softplus", apply_softplus, false, NULL},
    {"Sub", fold_subtract, false, NULL},
    {"Tanh", apply_tanh, false, NULL},
};
enum { OPERATORS = sizeof operators / sizeof *operators };

void onnx_operators(struct text *out) {
    bool first = true;
    for (size_t k = 0; k < OPERATORS; k++) {
        if (operators[k].refused)
            continue;
        text_format(out, first ? "%s" : ", %s", operators[k].name);
        first = false;
    }
}

static bool refuse_operator(const struct fold_node *at) {
    struct text names = {0};
    onnx_operators(&names);
    fold_refuse(at, "this operator is not read; those that are: %s",
                names.failed ? "" : names.data);
    text_free(&names);
    return false;
}

static bool is_operator(const Onnx__NodeProto *node, size_t k) {
    const char *domain = operators[k].domain;
    bool known = domain ? node->domain && strcmp(node->domain, domain) == 0
                        : onnx_domain_is_own(node->domain);
    return known && strcmp(node->op_type ? node->op_type : "", operators[k].name) == 0;
}

static bool apply(struct fold *fold, const Onnx__NodeProto *node, struct error *error) {
    struct fold_node at = {.fold = fold, .node = node, .error = error};
    size_t k = 0;
    while (k < OPERATORS && !is_operator(node, k))
        k++;
    if (k == OPERATORS)
        return refuse_operator(&at);
    if (node->n_output == 0 || !*node->output[0])
        return fold_refuse(&at, "has no output; export the model again");
    at.output = onnx_value_find(fold, node->output[0]);
    if (!operators[k].apply(&at))
        return false;
    if (at.output->state == VALUE_PENDING)
        at.output->state = VALUE_FUNCTION;
    return true;
}

/* Inputs that no initialiser gives. */
static bool find_input(struct fold *fold, struct error *error) {
    const Onnx__GraphProto *graph = fold->file->graph;
    size_t count = 0;
    for (size_t k = 0; k < graph->n_input; k++) {
        const char *name = graph->input[k]->name;
        if (!name || onnx_value_find(fold, name)->initialiser)
            continue;
        fold->input = graph->input[k];
        count++;
    }
    if (count != 1)
        return error_set(error, ERROR_REQUEST,
                         "the graph has %zu inputs; a network is read that has one, [rows, "
                         "features]: export it with one",
                         count);
    const Onnx__TypeProto *type = fold->input->type;
    enum tensor_type element = TENSOR_F32;
    if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE ||
        (type->tensor_type->elem_type &&
         (!onnx_type_from(type->tensor_type->elem_type, &element) || !is_floating(element))))
        return error_set(error, ERROR_REQUEST,
                         "the graph's input \"%.80s\" is no tensor of floating numbers; export the "
                         "model with float inputs",
                         fold->input->name);
    return true;
}

/* Features of an input: its dimensions but the first, multiplied; 0 when one of them is open. */
static bool count_features(const struct fold *fold, size_t *features, struct error *error) {
    const Onnx__TensorShapeProto *shape = fold->input->type->tensor_type->shape;
    *features = shape ? 1 : 0;
    for (size_t k = 1; shape && k < shape->n_dim; k++) {
        bool fixed =
            shape->dim[k]->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        int64_t n = fixed ? shape->dim[k]->dim_value : 0;
        if (n > 0 && *features > INT32_MAX / (size_t)n)
            return error_set(error, ERROR_REQUEST,
                             "the graph's input \"%.80s\" has more features than can be read; "
                             "export the model with [rows, features]",
                             fold->input->name);
        *features = n > 0 ? *features * (size_t)n : 0;
    }
    if (shape && shape->n_dim < 2)
        return error_set(error, ERROR_REQUEST,
                         "the graph's input \"%.80s\" has %zu dimensions; export the model with "
                         "[rows, features]",
                         fold->input->name, shape->n_dim);
    return true;
}

static bool begin(struct fold *fold, struct error *error) {
    struct fold_node at = {.fold = fold, .error = error};
    size_t features;
    if (!find_input(fold, error) || !count_features(fold, &features, error))
        return false;
    struct step *step = fold_step(&at, STEP_INPUT, NULL);
    if (!step)
        return false;
    step->columns = features;
    struct value *value = onnx_value_find(fold, fold->input->name);
    value->state = VALUE_FUNCTION;
    value->form = form_of(step);
    value->form.flat = input_rank(fold) <= 2;
    return true;
}

/* The step of the network's output. */
static bool finish(struct fold *fold, struct error *error) {
    struct value *value = onnx_value_find(fold, fold->result);
    if (!value || value->state != VALUE_FUNCTION || !value->node)
        return error_set(error, ERROR_REQUEST,
                         "the graph's output \"%.80s\" is made by no node; export the model again",
                         fold->output->name);
    struct fold_node at = {.fold = fold, .node = value->node, .error = error};
    value->used = true;
    if (!fold_materialise(&at, &value->form))
        return false;
    fold->last = value->form.step;
    return true;
}

/* Nothing that is computed may be lost on the way to the output. */
static bool check_used(const struct fold *fold, struct error *error) {
    const Onnx__GraphProto *graph = fold->file->graph;
    for (size_t k = 0; k < graph->n_node; k++) {
        if (!onnx_output_needs(fold, graph->node[k]))
            continue;
        const struct value *value = onnx_value_find(fold, graph->node[k]->output[0]);
        struct fold_node at = {.fold = (struct fold *)fold, .node = graph->node[k], .error = error};
        if (value->state == VALUE_FUNCTION && !value->used)
            return fold_refuse(&at, "does not lead to the graph's output; networks are read whose "
                                    "layers follow one another, without branches");
    }
    return true;
}

bool onnx_fold(const struct onnx_graph *file, bool keep_affine, struct fold *out,
               struct error *error) {
    *out = (struct fold){.file = file, .keep_affine = keep_affine};
    const Onnx__GraphProto *graph = file->graph;
    if (graph->n_node > MOST_NODES)
        return error_set(error, ERROR_REQUEST,
                         "the graph has %zu nodes; networks of up to %d are read", graph->n_node,
                         MOST_NODES);
    bool folded = onnx_values_list(out, error) && begin(out, error) && onnx_output_find(out, error);
    for (size_t k = 0; folded && k < graph->n_node; k++)
        folded = !onnx_output_needs(out, graph->node[k]) || apply(out, graph->node[k], error);
    return folded && finish(out, error) && check_used(out, error);
}

void onnx_fold_free(struct fold *fold) {
    for (size_t k = 0; k < fold->step_count; k++)
        free(fold->steps[k]);
    free(fold->steps);
    free(fold->values);
    *fold = (struct fold){0};
}
