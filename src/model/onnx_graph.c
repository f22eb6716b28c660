#include "onnx_graph.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"

#include <errno.h>
#include <float.h>
#include <stdio.h>
#include <string.h>

/* Unpacking and freeing recurse: a file may not choose how deep. Graphs of layers need six. */
enum { DEEPEST_MESSAGE = 32 };
/* Messages are larger in memory than in a file: numbers of one byte become four or eight, and a
 * graph of small nodes takes some megabytes. */
enum { BUDGET_FACTOR = 4, BUDGET_BASE = 16 << 20 };

static void *budget_allocate(void *user, size_t size) {
    struct onnx_budget *budget = user;
    if (size > budget->limit - budget->used) {
        budget->exceeded = true;
        return NULL;
    }
    budget->used += size;
    return malloc(size ? size : 1);
}

static void budget_free(void *user, void *block) {
    (void)user;
    free(block);
}

struct bytes {
    const uint8_t *next, *end;
};

static bool read_varint(struct bytes *bytes, uint64_t *value) {
    *value = 0;
    for (unsigned shift = 0; shift < 64 && bytes->next < bytes->end; shift += 7) {
        uint8_t byte = *bytes->next++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static bool nesting_fits(const ProtobufCMessageDescriptor *type, struct bytes bytes, int depth);

/* Walks over one field. False stops the walk: `*fits` says whether for depth. */
static bool pass_field(const ProtobufCMessageDescriptor *type, struct bytes *bytes, int depth,
                       bool *fits) {
    uint64_t tag, length = 0;
    if (!read_varint(bytes, &tag))
        return false;
    uint64_t wire = tag & 7;
    if (wire == PROTOBUF_C_WIRE_TYPE_VARINT)
        return read_varint(bytes, &length);
    if (wire == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED && !read_varint(bytes, &length))
        return false;
    if (wire == PROTOBUF_C_WIRE_TYPE_64BIT || wire == PROTOBUF_C_WIRE_TYPE_32BIT)
        length = wire == PROTOBUF_C_WIRE_TYPE_64BIT ? 8 : 4;
    if (length > (uint64_t)(bytes->end - bytes->next))
        return false;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(type, (unsigned)(tag >> 3));
    struct bytes inner = {bytes->next, bytes->next + length};
    bytes->next = inner.end;
    if (wire == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED && field &&
        field->type == PROTOBUF_C_TYPE_MESSAGE)
        *fits = nesting_fits(field->descriptor, inner, depth + 1);
    return *fits;
}

/* Whether messages lie no deeper than they may. Bytes that are no messages fit: unpacking says what
 * is wrong with them. */
static bool nesting_fits(const ProtobufCMessageDescriptor *type, struct bytes bytes, int depth) {
    bool fits = depth <= DEEPEST_MESSAGE;
    while (fits && bytes.next < bytes.end)
        if (!pass_field(type, &bytes, depth, &fits))
            break;
    return fits;
}

bool onnx_domain_is_own(const char *domain) {
    return !domain || !*domain || strcmp(domain, "ai.onnx") == 0;
}

static bool find_opset(struct onnx_graph *graph, struct error *error) {
    const Onnx__ModelProto *model = graph->model;
    for (size_t k = 0; k < model->n_opset_import; k++)
        if (onnx_domain_is_own(model->opset_import[k]->domain))
            graph->opset = model->opset_import[k]->version;
    if (graph->opset > 0)
        return true;
    return error_set(error, ERROR_REQUEST,
                     "the model names no version of ONNX's operators (opset_import); the file is "
                     "cut short or no ONNX model: export it again");
}

static bool unpack(struct onnx_graph *graph, const uint8_t *data, size_t size,
                   struct error *error) {
    struct bytes bytes = {data, data + size};
    if (!nesting_fits(&onnx__model_proto__descriptor, bytes, 0))
        return error_set(error, ERROR_REQUEST,
                         "messages are nested deeper than %d; that is no graph of layers: export "
                         "the model again",
                         DEEPEST_MESSAGE);
    graph->budget.limit = size * BUDGET_FACTOR + BUDGET_BASE;
    ProtobufCAllocator allocator = {budget_allocate, budget_free, &graph->budget};
    errno = 0; /* what is unpacked is NULL for many reasons; the allocator says its own */
    graph->model = onnx__model_proto__unpack(&allocator, size, data);
    if (graph->budget.exceeded)
        return error_set(error, ERROR_REQUEST,
                         "its messages would take more than %zu bytes of memory; that is no graph "
                         "of layers: export the model again",
                         graph->budget.limit);
    if (!graph->model && errno == ENOMEM)
        return error_memory(error, graph->budget.used);
    if (!graph->model)
        return error_set(error, ERROR_REQUEST,
                         "not an ONNX model, or cut short; export or copy it again");
    graph->graph = graph->model->graph;
    if (!graph->graph)
        return error_set(error, ERROR_REQUEST,
                         "the model has no graph; the file is cut short or no ONNX model: export "
                         "it again");
    return find_opset(graph, error);
}

bool onnx_graph_open(const char *path, struct onnx_graph *out, const struct progress *progress,
                     struct error *error) {
    *out = (struct onnx_graph){0};
    size_t size = 0;
    if (file_size(path, &size) && size > ONNX_MAX_BYTES)
        return error_set(error, ERROR_REQUEST,
                         "%s: larger than the 2 GB an ONNX file can have; export the weights as "
                         "external data, or to .safetensors",
                         path);
    char *data = file_read_plain(path, ONNX_MAX_BYTES, &size, progress, error);
    if (!data)
        return false;
    out->path = memory_string(path, error);
    bool opened = out->path && unpack(out, (const uint8_t *)data, size, error);
    free(data);
    if (!opened) {
        error_prefix(error, "%s", path);
        onnx_graph_close(out);
    }
    return opened;
}

void onnx_graph_close(struct onnx_graph *graph) {
    ProtobufCAllocator allocator = {budget_allocate, budget_free, &graph->budget};
    if (graph->model)
        onnx__model_proto__free_unpacked(graph->model, &allocator);
    free(graph->path);
    *graph = (struct onnx_graph){0};
}

const char *onnx_node_label(const struct onnx_graph *graph, const Onnx__NodeProto *node, char *out,
                            size_t size) {
    size_t place = 0;
    while (place < graph->graph->n_node && graph->graph->node[place] != node)
        place++;
    const char *op = node->op_type ? node->op_type : "no operator";
    bool own = onnx_domain_is_own(node->domain);
    char name[96];
    if (node->name && *node->name)
        snprintf(name, sizeof name, "\"%.80s\"", node->name);
    else
        snprintf(name, sizeof name, "%zu", place + 1);
    snprintf(out, size, "node %s (%.40s%s%.40s)", name, own ? "" : node->domain, own ? "" : ".",
             op);
    return out;
}

const Onnx__AttributeProto *onnx_attribute(const Onnx__NodeProto *node, const char *name) {
    for (size_t k = 0; k < node->n_attribute; k++)
        if (node->attribute[k]->name && strcmp(node->attribute[k]->name, name) == 0)
            return node->attribute[k];
    return NULL;
}

int64_t onnx_attribute_int(const Onnx__NodeProto *node, const char *name, int64_t fallback) {
    const Onnx__AttributeProto *attribute = onnx_attribute(node, name);
    return attribute && attribute->has_i ? attribute->i : fallback;
}

double onnx_attribute_float(const Onnx__NodeProto *node, const char *name, double fallback) {
    const Onnx__AttributeProto *attribute = onnx_attribute(node, name);
    return attribute && attribute->has_f ? (double)attribute->f : fallback;
}

double onnx_attribute_decimal(const Onnx__NodeProto *node, const char *name, double fallback) {
    const Onnx__AttributeProto *attribute = onnx_attribute(node, name);
    if (!attribute || !attribute->has_f)
        return fallback;
    char text[32];
    int digits = 1;
    do
        snprintf(text, sizeof text, "%.*g", digits, (double)attribute->f);
    while (strtof(text, NULL) != attribute->f && ++digits <= FLT_DECIMAL_DIG);
    return strtod(text, NULL);
}
