#include "onnx_values.h"

#include "lumpscope/memory.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int compare_names(const void *a, const void *b) {
    return strcmp(((const struct value *)a)->name, ((const struct value *)b)->name);
}

/* An initialiser may be listed among the graph's inputs too: then it is one value. */
static bool is_listed_twice(const struct value *a, const struct value *b) {
    return (a->initialiser && !b->node && !b->initialiser) ||
           (b->initialiser && !a->node && !a->initialiser);
}

/* Keeps one of two entries for an initialiser that is an input as well. */
static bool unite_names(struct fold *fold, struct error *error) {
    size_t kept = 0;
    for (size_t k = 0; k < fold->value_count; k++) {
        struct value *value = &fold->values[k], *last = kept ? &fold->values[kept - 1] : NULL;
        if (!last || strcmp(last->name, value->name) != 0)
            fold->values[kept++] = *value;
        else if (!is_listed_twice(last, value))
            return error_set(error, ERROR_REQUEST,
                             "two values of the graph are called \"%.80s\"; export the model again",
                             value->name);
        else if (value->initialiser)
            *last = *value;
    }
    fold->value_count = kept;
    return true;
}

bool onnx_values_list(struct fold *fold, struct error *error) {
    const Onnx__GraphProto *graph = fold->file->graph;
    size_t most = graph->n_input + graph->n_initializer + graph->n_node, count = 0;
    fold->values = memory_new(most, sizeof *fold->values, error);
    if (!fold->values)
        return false;
    for (size_t k = 0; k < graph->n_input; k++)
        if (graph->input[k]->name)
            fold->values[count++].name = graph->input[k]->name;
    for (size_t k = 0; k < graph->n_initializer; k++)
        if (graph->initializer[k]->name)
            fold->values[count++] = (struct value){.name = graph->initializer[k]->name,
                                                   .state = VALUE_CONSTANT,
                                                   .initialiser = graph->initializer[k]};
    for (size_t k = 0; k < graph->n_node; k++)
        if (graph->node[k]->n_output && *graph->node[k]->output[0])
            fold->values[count++] =
                (struct value){.name = graph->node[k]->output[0], .node = graph->node[k]};
    fold->value_count = count;
    qsort(fold->values, count, sizeof *fold->values, compare_names);
    return unite_names(fold, error);
}

struct value *onnx_value_find(const struct fold *fold, const char *name) {
    struct value key = {.name = name};
    return bsearch(&key, fold->values, fold->value_count, sizeof key, compare_names);
}

bool fold_refuse(const struct fold_node *at, const char *format, ...) {
    char label[192], sentence[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return error_set(at->error, ERROR_REQUEST, "%s: %s",
                     onnx_node_label(at->fold->file, at->node, label, sizeof label), sentence);
}

bool fold_has(const struct fold_node *at, size_t k) {
    return k < at->node->n_input && *at->node->input[k];
}

struct value *fold_input(const struct fold_node *at, size_t k) {
    if (!fold_has(at, k)) {
        fold_refuse(at, "has no input %zu; export the model again", k + 1);
        return NULL;
    }
    const char *name = at->node->input[k];
    struct value *value = onnx_value_find(at->fold, name);
    if (!value)
        fold_refuse(at,
                    "reads \"%.80s\", which is no input, no initialiser and no node's output; "
                    "export the model again with its weights",
                    name);
    else if (value->state == VALUE_PENDING)
        fold_refuse(at,
                    "reads \"%.80s\", which is made by itself or a later node: the graph is cyclic "
                    "or out of order; export the model again",
                    name);
    else if (value->initialiser &&
             !onnx_tensor_view(at->fold->file, value->initialiser, &value->tensor, at->error))
        return NULL;
    else {
        value->initialiser = NULL;
        value->used = true;
        return value;
    }
    return NULL;
}

struct value *fold_function(const struct fold_node *at, size_t k) {
    struct value *value = fold_input(at, k);
    if (value && value->state == VALUE_CONSTANT) {
        fold_refuse(at, "input %zu is a constant; export the model with constant folding", k + 1);
        return NULL;
    }
    return value;
}

const struct onnx_tensor *fold_constant(const struct fold_node *at, size_t k) {
    struct value *value = fold_input(at, k);
    if (value && value->state != VALUE_CONSTANT) {
        fold_refuse(at, "input %zu is computed; it must be an initialiser or a Constant", k + 1);
        return NULL;
    }
    return value ? &value->tensor : NULL;
}

bool fold_scalar(const struct fold_node *at, const struct onnx_tensor *tensor, double *out) {
    if (tensor->elements != 1)
        return fold_refuse(at, "\"%.80s\" has %zu elements; one number belongs there", tensor->name,
                           tensor->elements);
    return onnx_tensor_read(tensor, 0, 1, out, at->error);
}

struct form form_of(const struct step *step) {
    return (struct form){.step = step, .flat = true, .degree = 1, .c = {0, 1}};
}

bool form_is_identity(const struct form *form) {
    return !form->erf && form->degree == 1 && form->c[0] == 0 && form->c[1] == 1;
}

size_t form_columns(const struct form *form) {
    return form->step->root->columns;
}

bool fold_continues(const struct fold_node *at, const struct form *form) {
    return !form->step->final ||
           fold_refuse(at, "follows the probabilities of a classifier (Softmax), which have to be "
                           "the last; leave it out of the export");
}

struct step *fold_step(const struct fold_node *at, enum step_kind kind, const struct form *form) {
    struct fold *fold = at->fold;
    if ((form && !fold_continues(at, form)) ||
        !memory_reserve(&fold->steps, &fold->step_capacity, fold->step_count + 1,
                        sizeof *fold->steps, at->error))
        return NULL;
    struct step *step = memory_new(1, sizeof *step, at->error);
    if (!step)
        return NULL;
    fold->steps[fold->step_count++] = step;
    step->kind = kind;
    step->node = at->node;
    step->before = form ? form->step : NULL;
    bool root = kind == STEP_INPUT || kind == STEP_PRODUCT;
    step->root = root ? step : form->step->root;
    step->activated = kind == STEP_ACTIVATION || (!root && form->step->activated);
    return step;
}

/* Whether an activation can stand behind this step. */
static bool is_layer_output(const struct step *step) {
    return step->root->kind == STEP_PRODUCT && !step->activated;
}

static bool append_activation(const struct fold_node *at, struct form *form,
                              const struct activation *activation) {
    const char *why = form->step->root->kind == STEP_INPUT ? "no Gemm or MatMul comes before it"
                                                           : "it follows another activation";
    if (!is_layer_output(form->step))
        return fold_refuse(at,
                           "an activation belongs behind a layer, but %s; put a Linear layer "
                           "between",
                           why);
    struct step *step = fold_step(at, STEP_ACTIVATION, form);
    if (!step)
        return false;
    step->activation = *activation;
    step->final = activation->kind == ACTIVATION_SOFTMAX;
    *form = form_of(step);
    return true;
}

static bool append_scalar(const struct fold_node *at, enum step_kind kind, double value,
                          struct form *form) {
    struct step *step = fold_step(at, kind, form);
    if (!step)
        return false;
    step->numbers.factor = value;
    bool flat = form->flat;
    *form = form_of(step);
    form->flat = flat;
    return true;
}

static bool check_coefficients(const struct fold_node *at, const struct form *form) {
    for (size_t k = 0; k <= form->degree; k++)
        if (!isfinite(form->c[k]))
            return fold_refuse(at,
                               "reads a polynomial whose coefficient of degree %zu overflows; "
                               "scale its numbers down",
                               k);
    return true;
}

bool fold_materialise(const struct fold_node *at, struct form *form) {
    if (form->erf)
        return fold_refuse(at, "reads an Erf, which is read as part of a Gelu only");
    if (form_is_identity(form))
        return true;
    if (!check_coefficients(at, form))
        return false;
    if (form->degree > 1 || (at->fold->keep_affine && is_layer_output(form->step))) {
        struct activation activation;
        activation_polynomial(form->c, form->degree + 1, &activation);
        return append_activation(at, form, &activation);
    }
    double factor = form->degree ? form->c[1] : 0, shift = form->c[0];
    return (factor == 1 || append_scalar(at, STEP_SCALE, factor, form)) &&
           (shift == 0 || append_scalar(at, STEP_SHIFT, shift, form));
}

bool fold_columns(const struct fold_node *at, enum step_kind kind, struct form *form,
                  struct step_numbers numbers) {
    if (!form->flat)
        return fold_refuse(at, "the graph's input has more than two dimensions; flatten it first");
    if (!fold_materialise(at, form))
        return false;
    size_t columns = numbers.numbers->elements;
    if (form->step->root->columns == 0)
        form->step->root->columns = columns;
    if (columns != form_columns(form))
        return fold_refuse(at, "\"%.80s\" has %zu numbers for %zu columns; make them agree",
                           numbers.numbers->name, columns, form_columns(form));
    struct step *step = fold_step(at, kind, form);
    if (!step)
        return false;
    step->numbers = numbers;
    at->output->form = form_of(step);
    return true;
}

bool fold_activation(const struct fold_node *at, struct form *form, struct activation activation) {
    if (!form->erf && form->degree > 1)
        return fold_refuse(at, "reads a polynomial, which is an activation by itself; a gelu by "
                               "tanh is read when it is exported with approximate=\"none\"");
    if (!fold_materialise(at, form))
        return false;
    at->output->form = *form;
    return append_activation(at, &at->output->form, &activation);
}
