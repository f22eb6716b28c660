/* Networks in ONNX files: graphs of matrix products and activations, folded into layers. Scaling
 * and our own members are JSON text in metadata_props. */
#ifndef LUMPSCOPE_MODEL_ONNX_H
#define LUMPSCOPE_MODEL_ONNX_H

#include "lumpscope/model_file.h"

struct network *model_onnx_load(const char *path, const struct model_recipe *recipe,
                                struct error *error);
bool model_onnx_save(const struct network *network, const char *path, enum tensor_type type,
                     size_t *bytes, struct error *error);
bool model_onnx_measure(const struct network *network, enum tensor_type type, size_t *bytes,
                        struct error *error);
/* Initialisers of the graph. */
bool model_onnx_tensors(const char *path, bool values, struct tensor_list *out,
                        const struct progress *progress, struct error *error);

#endif
