/* Element types of tensors in model files, and their conversion to and from doubles. */
#ifndef LUMPSCOPE_TENSOR_TYPE_H
#define LUMPSCOPE_TENSOR_TYPE_H

#include <stdbool.h>
#include <stddef.h>

enum tensor_type {
    TENSOR_F64,
    TENSOR_F32,
    TENSOR_F16,  /* IEEE binary16 */
    TENSOR_BF16, /* the upper half of an F32 */
    TENSOR_I64,
    TENSOR_I32,
    TENSOR_I16,
    TENSOR_I8,
    TENSOR_U64,
    TENSOR_U32,
    TENSOR_U16,
    TENSOR_U8,
    TENSOR_BOOL,
};

enum { TENSOR_TYPES = TENSOR_BOOL + 1, TENSOR_FLOATS = TENSOR_BF16 + 1 };

/* Safetensors' name: "F32". */
const char *tensor_type_name(enum tensor_type type);
/* By that name in any case; false for an unknown one. */
bool tensor_type_parse(const char *name, enum tensor_type *type);
/* The floating types alone. */
#define TENSOR_FLOAT_NAMES "f64|f32|f16|bf16"
bool tensor_type_parse_float(const char *name, enum tensor_type *type);
/* Bytes of an element. */
size_t tensor_type_size(enum tensor_type type);
/* The floating type that holds what two of them hold: neither of 16 bits does for the other. */
enum tensor_type tensor_type_wider(enum tensor_type a, enum tensor_type b);
/* The significant decimal digits that tell two values of a floating type apart: 17, 9, 5, 4. */
int tensor_type_digits(enum tensor_type type);

/* `count` little-endian elements at `bytes`, of any alignment, to doubles: exact but for integers
 * beyond 2^53. */
void tensor_decode(enum tensor_type type, const void *bytes, size_t count, double *out);
/* Doubles to a floating type, rounded to nearest, ties to even; beyond the type's range infinite.
 * False when a finite value became infinite; all are written. */
bool tensor_encode(enum tensor_type type, const double *values, size_t count, void *bytes);

#endif
