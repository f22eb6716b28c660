/* Constant tensors of an ONNX graph: raw and typed data, and data in files beside the model. */
#ifndef LUMPSCOPE_MODEL_ONNX_TENSOR_H
#define LUMPSCOPE_MODEL_ONNX_TENSOR_H

#include "lumpscope/tensor_type.h"
#include "onnx_graph.h"

/* One tensor; what it points to belongs to the graph. */
struct onnx_tensor {
    const char *name; /* never NULL */
    enum tensor_type type;
    size_t dimensions, elements;
    size_t shape[2];        /* of the first two dimensions; 0 where there are fewer */
    const void *bytes;      /* `elements` of `type`; NULL: below */
    const int32_t *widened; /* integers, or the bits of 16-bit floats, in 32 bits each */
    const uint64_t *wide;   /* U32 in 64 bits each */
    const struct onnx_graph *graph;
    const char *location; /* external: file name as the graph has it, */
    uint64_t offset;      /* and where the elements begin in it */
};

/* Our element type of ONNX's; false for those we have none for. */
bool onnx_type_from(int32_t data_type, enum tensor_type *type);
int32_t onnx_type_to(enum tensor_type type);

/* Checks that a tensor's data are what its shape needs. External data have to lie in a file in the
 * directory of the model, not reached by "..", an absolute path or a link that leads out of it. */
bool onnx_tensor_view(const struct onnx_graph *graph, const Onnx__TensorProto *tensor,
                      struct onnx_tensor *out, struct error *error);
/* The number, or the list of numbers, of an attribute. */
struct onnx_tensor onnx_tensor_of(const char *name, enum tensor_type type, const void *values);
struct onnx_tensor onnx_tensor_of_list(const char *name, enum tensor_type type, const void *values,
                                       size_t count);
/* Elements from `first` as doubles; out [count]. */
bool onnx_tensor_read(const struct onnx_tensor *tensor, size_t first, size_t count, double *out,
                      struct error *error);

#endif
