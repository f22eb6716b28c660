#include "onnx_output.h"

#include <string.h>

static bool is_kind(const Onnx__NodeProto *node, const char *kind) {
    return node->op_type && strcmp(node->op_type, kind) == 0 && node->n_output > 0;
}

static const Onnx__NodeProto *maker(const struct fold *fold, const char *name) {
    const struct value *value = name ? onnx_value_find(fold, name) : NULL;
    return value ? value->node : NULL;
}

static bool is_zip_map(const Onnx__NodeProto *node) {
    return node && is_kind(node, "ZipMap") && node->domain &&
           strcmp(node->domain, "ai.onnx.ml") == 0 && node->n_input == 1;
}

/* Numbers as a network gives them, as far as the graph says. */
static bool is_candidate(const struct fold *fold, const Onnx__ValueInfoProto *output) {
    const Onnx__TypeProto *type = output->type;
    enum tensor_type element = TENSOR_F32;
    if (is_zip_map(maker(fold, output->name)))
        return true;
    if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE)
        return false;
    int32_t said = type->tensor_type->elem_type;
    return !said || (onnx_type_from(said, &element) && (int)element < TENSOR_FLOATS);
}

static bool choose_output(struct fold *fold, struct error *error) {
    const Onnx__GraphProto *graph = fold->file->graph;
    size_t candidates = 0;
    for (size_t k = 0; k < graph->n_output; k++)
        if (graph->n_output == 1 || is_candidate(fold, graph->output[k])) {
            fold->output = graph->output[k];
            candidates++;
        }
    if (candidates == 1 && fold->output->name)
        return true;
    return error_set(error, ERROR_REQUEST,
                     "the graph has %zu outputs, %zu of them of floating numbers; a network is "
                     "read that has one: export it with one",
                     graph->n_output, candidates);
}

/* Marks what a node reads. A graph that is in order needs one walk from its end. */
static void mark_inputs(struct fold *fold, const Onnx__NodeProto *node) {
    for (size_t k = 0; k < node->n_input; k++) {
        struct value *value = onnx_value_find(fold, node->input[k]);
        if (value)
            value->needed = true;
    }
}

static void mark_needed(struct fold *fold) {
    const Onnx__GraphProto *graph = fold->file->graph;
    struct value *result = onnx_value_find(fold, fold->result);
    if (result)
        result->needed = true;
    for (size_t k = graph->n_node; k-- > 0;)
        if (onnx_output_needs(fold, graph->node[k]))
            mark_inputs(fold, graph->node[k]);
}

bool onnx_output_find(struct fold *fold, struct error *error) {
    const Onnx__GraphProto *graph = fold->file->graph;
    if (!choose_output(fold, error))
        return false;
    const Onnx__NodeProto *last = maker(fold, fold->output->name);
    bool zipped = is_zip_map(last);
    fold->result = zipped ? last->input[0] : fold->output->name;
    fold->partial = zipped || graph->n_output > 1;
    mark_needed(fold);
    return true;
}

bool onnx_output_needs(const struct fold *fold, const Onnx__NodeProto *node) {
    bool made = node->n_output > 0 && *node->output[0];
    return !fold->partial || !made || onnx_value_find(fold, node->output[0])->needed;
}

bool onnx_output_labels(struct fold_node *at) {
    return fold_refuse(at, "makes labels of probabilities; export the model with its probabilities "
                           "as an output too");
}

/* A function of one column that is p, or 1 - p, of a sigmoid p. */
static bool is_probability(const struct form *form, double at_zero, double slope) {
    const struct step *step = form->step;
    return !form->erf && form->degree == 1 && form->c[0] == at_zero && form->c[1] == slope &&
           step->kind == STEP_ACTIVATION && step->activation.kind == ACTIVATION_SIGMOID &&
           form_columns(form) == 1;
}

bool onnx_output_pair(struct fold_node *at) {
    struct value *first = fold_function(at, 0), *second = first ? fold_function(at, 1) : NULL;
    int64_t axis = onnx_attribute_int(at->node, "axis", 0);
    if (!second)
        return false;
    if (at->node->n_input != 2 || (axis != 1 && axis != -1) ||
        first->form.step != second->form.step || !is_probability(&first->form, 1, -1) ||
        !is_probability(&second->form, 0, 1))
        return fold_refuse(at, "joins columns, which is read only as [1 - p, p] of a sigmoid p; "
                               "networks are read whose layers follow one another");
    struct step *step = fold_step(at, STEP_PAIR, &second->form);
    if (!step)
        return false;
    step->final = true;
    at->output->form = form_of(step);
    return true;
}
