/* Networks in NumPy .npz archives: W0, b0, W1, ... or scikit-learn's coefs_0, intercepts_0, ...
 * with weights [inputs x neurons]. Our own members are JSON text in an array "lumpscope". */
#ifndef LUMPSCOPE_MODEL_NPZ_H
#define LUMPSCOPE_MODEL_NPZ_H

#include "lumpscope/model_file.h"

struct network *model_npz_load(const char *path, const struct model_recipe *recipe,
                               struct error *error);
bool model_npz_save(const struct network *network, const char *path, enum tensor_type type,
                    size_t *bytes, const struct progress *progress, struct error *error);
bool model_npz_measure(const struct network *network, enum tensor_type type, size_t *bytes,
                       struct error *error);
bool model_npz_tensors(const char *path, bool values, struct tensor_list *out,
                       const struct progress *progress, struct error *error);

#endif
