/* Where a network came from: what its file had besides the numbers, so that it goes back in the
 * same form. */
#ifndef LUMPSCOPE_ORIGIN_H
#define LUMPSCOPE_ORIGIN_H

#include "lumpscope/error.h"
#include "lumpscope/tensor_type.h"

#include <stdint.h>

enum model_format { MODEL_JSON, MODEL_SAFETENSORS, MODEL_ONNX, MODEL_NPZ };
enum { MODEL_FORMATS = MODEL_NPZ + 1 };

/* All strings are owned and may be NULL: the file had none. */
struct origin {
    enum model_format format;
    enum tensor_type type; /* of the weights: the widest floating type among them; JSON: F64 unless
                              its member "dtype" says otherwise */
    size_t depth;          /* layers that the two arrays name */
    char **weight_names;   /* [depth] "net.0.weight"; an element, or both arrays, may be NULL */
    char **bias_names;     /* [depth] NULL: the layer had no bias */
    bool inputs_first;     /* npz: weight arrays are [inputs x neurons], scikit-learn's order */

    /* ONNX; zero elsewhere */
    int64_t opset, ir_version;
    char *producer, *producer_version;
    char *graph_name, *input_name, *output_name;

    /* Two layers of a larger checkpoint (--block); NULL elsewhere */
    char *checkpoint; /* absolute path of the safetensors file */
};

void origin_free(struct origin *origin); /* frees what it owns; a zeroed one may be freed */
/* `to` is overwritten, not freed; empty on failure. */
bool origin_copy(struct origin *to, const struct origin *from, struct error *error);
/* Room for the names of `depth` layers, all NULL, in place of those there are. */
bool origin_set_depth(struct origin *origin, size_t depth, struct error *error);

#endif
