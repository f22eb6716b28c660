#include "tensor_statistics.h"

#include "lumpscope/memory.h"

#include <math.h>

bool tensor_list_add(struct tensor_list *list, size_t *capacity, const char *name,
                     enum tensor_type type, const size_t *shape, size_t dimensions,
                     struct error *error) {
    if (!memory_reserve(&list->tensors, capacity, list->count + 1, sizeof *list->tensors, error))
        return false;
    struct tensor_summary summary = {.name = memory_string(name, error),
                                     .shape = memory_copy(shape, dimensions, sizeof *shape, error),
                                     .type = type,
                                     .dimensions = dimensions,
                                     .bytes = tensor_type_size(type),
                                     .least = (double)NAN,
                                     .greatest = (double)NAN,
                                     .mean = (double)NAN};
    for (size_t d = 0; d < dimensions; d++)
        summary.bytes *= shape[d];
    list->tensors[list->count++] = summary; /* the list frees what there is */
    return summary.name && summary.shape;
}

void tensor_statistics(const double *values, size_t count, struct tensor_summary *out) {
    size_t finite = 0;
    double mean = 0;
    for (size_t k = 0; k < count; k++) {
        if (!isfinite(values[k]))
            continue;
        finite++;
        mean += (values[k] - mean) / (double)finite; /* no sum that could overflow */
        out->least = finite == 1 ? values[k] : fmin(out->least, values[k]);
        out->greatest = finite == 1 ? values[k] : fmax(out->greatest, values[k]);
    }
    out->nonfinite = count - finite;
    if (finite)
        out->mean = mean;
}
