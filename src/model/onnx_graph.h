/* An ONNX file in memory: its messages, checked before and while they are unpacked. */
#ifndef LUMPSCOPE_MODEL_ONNX_GRAPH_H
#define LUMPSCOPE_MODEL_ONNX_GRAPH_H

#include "lumpscope/progress.h"

#include <onnx.pb-c.h>

/* No file of protocol buffers is larger. */
enum { ONNX_MAX_BYTES = INT32_MAX };

/* What unpacking may take from memory: the sum of all requests, never given back. */
struct onnx_budget {
    size_t used, limit;
    bool exceeded;
};

struct onnx_graph {
    char *path;
    struct onnx_budget budget;
    Onnx__ModelProto *model;
    const Onnx__GraphProto *graph; /* in `model`; never NULL */
    int64_t opset;                 /* of ONNX's own operators */
};

/* Reads and unpacks a file. It allocates no more than a few times the file's size, and messages
 * nested deeper than any network needs are refused before they are followed. */
bool onnx_graph_open(const char *path, struct onnx_graph *out, const struct progress *progress,
                     struct error *error);
void onnx_graph_close(struct onnx_graph *graph); /* a zeroed one may be closed */

/* Whether a domain is that of ONNX's own operators. */
bool onnx_domain_is_own(const char *domain);
/* "node "fc1" (Gemm)": for sentences; a node without a name is called by its place. */
const char *onnx_node_label(const struct onnx_graph *graph, const Onnx__NodeProto *node, char *out,
                            size_t size);
/* An attribute by name; NULL when the node has none. */
const Onnx__AttributeProto *onnx_attribute(const Onnx__NodeProto *node, const char *name);
int64_t onnx_attribute_int(const Onnx__NodeProto *node, const char *name, int64_t fallback);
double onnx_attribute_float(const Onnx__NodeProto *node, const char *name, double fallback);
/* The shortest decimal that is the attribute in single precision: 0.01, as the network that was
 * exported had it, where the attribute can only hold 0.00999999978. */
double onnx_attribute_decimal(const Onnx__NodeProto *node, const char *name, double fallback);

#endif
