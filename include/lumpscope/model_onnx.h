/* Networks in ONNX files: graphs of matrix products and activations, folded into layers. What is
 * linear goes into the weights beside it. Scaling and our own members are JSON text in
 * metadata_props; pairs that are not ours are kept there. */
#ifndef LUMPSCOPE_MODEL_ONNX_H
#define LUMPSCOPE_MODEL_ONNX_H

#include "lumpscope/model_file.h"

/* The graph says what `recipe` could; external data are read from the file's own directory alone.
 * Sentences name the node and its operator, or the initialiser.
 * While a pipe keeps one waiting `progress` (may be NULL) is asked whether to go on. */
struct network *model_onnx_load(const char *path, const struct model_recipe *recipe,
                                const struct progress *progress, struct error *error);
/* A Gemm and the nodes of its activation for each layer, at the opset of the network's origin (17
 * without one), with [N, features] as input. More than 2 GB are refused. */
bool model_onnx_save(const struct network *network, const char *path, enum tensor_type type,
                     size_t *bytes, const struct progress *progress, struct error *error);
/* The size of that file, counted without writing it. */
bool model_onnx_measure(const struct network *network, enum tensor_type type, size_t *bytes,
                        struct error *error);
/* Initialisers of the graph, whatever its operators. */
bool model_onnx_tensors(const char *path, bool values, struct tensor_list *out,
                        const struct progress *progress, struct error *error);

#endif
