#include "onnx_draft.h"

#include "lumpscope/memory.h"
#include "onnx_tensor.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void draft_free(struct draft *draft) {
    for (size_t k = 0; k < draft->block_count; k++)
        free(draft->blocks[k]);
    free(draft->blocks);
    free(draft->names);
    free(draft->graph.node);
    free(draft->graph.initializer);
    *draft = (struct draft){0};
}

void *draft_take(struct draft *draft, size_t count, size_t size) {
    if (draft->failed)
        return NULL;
    void *block = NULL;
    if (memory_reserve(&draft->blocks, &draft->block_capacity, draft->block_count + 1,
                       sizeof *draft->blocks, draft->error))
        block = memory_new(count, size, draft->error);
    draft->failed = !block;
    if (block)
        draft->blocks[draft->block_count++] = block;
    return block;
}

char *draft_string(struct draft *draft, const char *from) {
    size_t size = from ? strlen(from) + 1 : 0;
    char *copy = from ? draft_take(draft, size, 1) : NULL;
    return copy ? memcpy(copy, from, size) : NULL;
}

static bool is_taken(const struct draft *draft, const char *name) {
    for (size_t k = 0; k < draft->name_count; k++)
        if (strcmp(draft->names[k], name) == 0)
            return true;
    return false;
}

/* `wanted`, with as many '_' behind it as it takes; there are no more than names. */
static char *free_name(struct draft *draft, const char *wanted) {
    size_t length = strlen(wanted);
    char *name = draft_take(draft, length + draft->name_count + 1, 1);
    if (name)
        memcpy(name, wanted, length);
    while (name && is_taken(draft, name))
        name[length++] = '_';
    return name;
}

char *draft_name(struct draft *draft, const char *format, ...) {
    char wanted[64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(wanted, sizeof wanted, format, arguments);
    va_end(arguments);
    return free_name(draft, wanted);
}

char *draft_take_name(struct draft *draft, const char *wanted) {
    char *name = free_name(draft, wanted);
    if (name && !memory_reserve(&draft->names, &draft->name_capacity, draft->name_count + 1,
                                sizeof *draft->names, draft->error)) {
        draft->failed = true;
        return NULL;
    }
    if (name)
        draft->names[draft->name_count++] = name;
    return name;
}

static void encode(struct draft *draft, const char *name, const double *values, size_t count,
                   ProtobufCBinaryData *out) {
    out->len = count * tensor_type_size(draft->type);
    if (draft->sizes_only)
        return;
    out->data = draft_take(draft, out->len, 1);
    if (!out->data || tensor_encode(draft->type, values, count, out->data))
        return;
    draft->failed = true;
    error_set(draft->error, ERROR_REQUEST,
              "tensor \"%.80s\" has a value beyond the range of %s; write it with --dtype f64",
              name, tensor_type_name(draft->type));
}

char *draft_tensor(struct draft *draft, char *name, size_t rows, size_t columns,
                   const double *values) {
    Onnx__TensorProto *tensor = draft_take(draft, 1, sizeof *tensor);
    int64_t *dims = draft_take(draft, 2, sizeof *dims);
    Onnx__GraphProto *graph = &draft->graph;
    if (!dims || !memory_reserve(&graph->initializer, &draft->tensor_capacity,
                                 graph->n_initializer + 1, sizeof tensor, draft->error)) {
        draft->failed = true;
        return NULL;
    }
    onnx__tensor_proto__init(tensor);
    graph->initializer[graph->n_initializer++] = tensor;
    dims[0] = (int64_t)rows;
    dims[1] = (int64_t)columns;
    tensor->dims = dims;
    tensor->n_dims = columns ? 2 : rows ? 1 : 0;
    tensor->name = name;
    tensor->has_data_type = true;
    tensor->data_type = onnx_type_to(draft->type);
    tensor->has_raw_data = true;
    encode(draft, name, values, (rows ? rows : 1) * (columns ? columns : 1), &tensor->raw_data);
    return name;
}

char *draft_node(struct draft *draft, const char *op, size_t layer, char *const inputs[3],
                 char *output) {
    Onnx__NodeProto *node = draft_take(draft, 1, sizeof *node);
    char **ends = draft_take(draft, 4, sizeof *ends);
    char *name = draft_name(draft, "layer%zu_node%zu_%s", layer, draft->graph.n_node + 1, op);
    Onnx__GraphProto *graph = &draft->graph;
    if (!name || !memory_reserve(&graph->node, &draft->node_capacity, graph->n_node + 1,
                                 sizeof node, draft->error)) {
        draft->failed = true;
        return NULL;
    }
    onnx__node_proto__init(node);
    graph->node[graph->n_node++] = node;
    while (node->n_input < 3 && inputs[node->n_input]) {
        ends[node->n_input] = inputs[node->n_input];
        node->n_input++;
    }
    ends[3] = output;
    node->input = ends;
    node->output = ends + 3;
    node->n_output = 1;
    node->name = name;
    node->op_type = draft_string(draft, op);
    return output;
}

static Onnx__AttributeProto *add_attribute(struct draft *draft, const char *name) {
    enum { MOST = 4 };
    Onnx__AttributeProto *attribute = draft_take(draft, 1, sizeof *attribute);
    if (!attribute) /* nor is there a node, perhaps */
        return NULL;
    onnx__attribute_proto__init(attribute);
    attribute->name = draft_string(draft, name);
    attribute->has_type = true;
    Onnx__NodeProto *node = draft->graph.node[draft->graph.n_node - 1];
    if (!node->attribute)
        node->attribute = draft_take(draft, MOST, sizeof attribute);
    if (node->attribute)
        node->attribute[node->n_attribute++] = attribute;
    return attribute;
}

void draft_attribute_int(struct draft *draft, const char *name, int64_t value) {
    Onnx__AttributeProto *attribute = add_attribute(draft, name);
    if (!attribute)
        return;
    attribute->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT;
    attribute->has_i = true;
    attribute->i = value;
}

void draft_attribute_float(struct draft *draft, const char *name, double value) {
    Onnx__AttributeProto *attribute = add_attribute(draft, name);
    if (!attribute)
        return;
    attribute->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT;
    attribute->has_f = true;
    attribute->f = (float)value;
    if (isfinite(attribute->f))
        return;
    draft->failed = true;
    error_set(draft->error, ERROR_REQUEST,
              "the activation parameter %g is beyond what ONNX holds (F32); write the network as "
              ".json or .safetensors",
              value);
}

Onnx__ValueInfoProto *draft_value(struct draft *draft, char *name, size_t columns) {
    struct {
        Onnx__ValueInfoProto value;
        Onnx__TypeProto type;
        Onnx__TypeProto__Tensor tensor;
        Onnx__TensorShapeProto shape;
        Onnx__TensorShapeProto__Dimension rows, columns, *dimensions[2];
        char open[2];
    } *whole = draft_take(draft, 1, sizeof *whole);
    if (!whole)
        return NULL;
    onnx__value_info_proto__init(&whole->value);
    onnx__type_proto__init(&whole->type);
    onnx__type_proto__tensor__init(&whole->tensor);
    onnx__tensor_shape_proto__init(&whole->shape);
    onnx__tensor_shape_proto__dimension__init(&whole->rows);
    onnx__tensor_shape_proto__dimension__init(&whole->columns);
    whole->value.name = name;
    whole->value.type = &whole->type;
    whole->type.value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    whole->type.tensor_type = &whole->tensor;
    whole->tensor.has_elem_type = true;
    whole->tensor.elem_type = onnx_type_to(draft->type);
    whole->tensor.shape = &whole->shape;
    whole->shape.n_dim = 2;
    whole->shape.dim = whole->dimensions;
    whole->dimensions[0] = &whole->rows;
    whole->dimensions[1] = &whole->columns;
    whole->open[0] = 'N';
    whole->rows.value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
    whole->rows.dim_param = whole->open;
    whole->columns.value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    whole->columns.dim_value = (int64_t)columns;
    return &whole->value;
}

void draft_metadata(struct draft *draft, size_t most, const char *key, const char *value) {
    Onnx__ModelProto *model = &draft->model;
    Onnx__StringStringEntryProto *pair = draft_take(draft, 1, sizeof *pair);
    if (!model->metadata_props)
        model->metadata_props = draft_take(draft, most, sizeof pair);
    if (!pair || !model->metadata_props)
        return;
    onnx__string_string_entry_proto__init(pair);
    pair->key = draft_string(draft, key);
    pair->value = draft_string(draft, value);
    model->metadata_props[model->n_metadata_props++] = pair;
}
