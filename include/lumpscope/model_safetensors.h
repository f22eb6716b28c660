/* Networks in safetensors files: the state_dict of Linear layers (PyTorch), or two layers of a
 * larger checkpoint. Weights are [neurons x inputs]. Our own members are JSON text in __metadata__
 * ("lumpscope", "data", "input", "output", "task", "name", "activations"). */
#ifndef LUMPSCOPE_MODEL_SAFETENSORS_H
#define LUMPSCOPE_MODEL_SAFETENSORS_H

#include "lumpscope/model_file.h"

struct network *model_safetensors_load(const char *path, const struct model_recipe *recipe,
                                       struct error *error);
bool model_safetensors_save(const struct network *network, const char *path, enum tensor_type type,
                            size_t *bytes, const struct progress *progress, struct error *error);
bool model_safetensors_measure(const struct network *network, enum tensor_type type, size_t *bytes,
                               struct error *error);
/* Every tensor of the file, whatever it belongs to; read in pieces. */
bool model_safetensors_tensors(const char *path, bool values, struct tensor_list *out,
                               const struct progress *progress, struct error *error);

#endif
