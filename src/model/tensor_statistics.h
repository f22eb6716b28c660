/* What a list of tensors says of each. */
#ifndef LUMPSCOPE_MODEL_TENSOR_STATISTICS_H
#define LUMPSCOPE_MODEL_TENSOR_STATISTICS_H

#include "lumpscope/model_file.h"

/* Adds a tensor without statistics to the end of a list; `capacity` as for memory_reserve. */
bool tensor_list_add(struct tensor_list *list, size_t *capacity, const char *name,
                     enum tensor_type type, const size_t *shape, size_t dimensions,
                     struct error *error);
/* least, greatest, mean and nonfinite of `count` values. */
void tensor_statistics(const double *values, size_t count, struct tensor_summary *out);

#endif
