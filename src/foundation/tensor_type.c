#include "lumpscope/tensor_type.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* `exponent` and `fraction`: bits of the two small floating types. */
static const struct {
    const char *name;
    size_t size;
    int digits;
    unsigned exponent, fraction;
} types[TENSOR_TYPES] = {
    [TENSOR_F64] = {.name = "F64", .size = 8, .digits = 17},
    [TENSOR_F32] = {.name = "F32", .size = 4, .digits = 9},
    [TENSOR_F16] = {.name = "F16", .size = 2, .digits = 5, .exponent = 5, .fraction = 10},
    [TENSOR_BF16] = {.name = "BF16", .size = 2, .digits = 4, .exponent = 8, .fraction = 7},
    [TENSOR_I64] = {.name = "I64", .size = 8, .digits = 17},
    [TENSOR_I32] = {.name = "I32", .size = 4, .digits = 10},
    [TENSOR_I16] = {.name = "I16", .size = 2, .digits = 5},
    [TENSOR_I8] = {.name = "I8", .size = 1, .digits = 3},
    [TENSOR_U64] = {.name = "U64", .size = 8, .digits = 17},
    [TENSOR_U32] = {.name = "U32", .size = 4, .digits = 10},
    [TENSOR_U16] = {.name = "U16", .size = 2, .digits = 5},
    [TENSOR_U8] = {.name = "U8", .size = 1, .digits = 3},
    [TENSOR_BOOL] = {.name = "BOOL", .size = 1, .digits = 1},
};

const char *tensor_type_name(enum tensor_type type) {
    return types[type].name;
}

size_t tensor_type_size(enum tensor_type type) {
    return types[type].size;
}

enum tensor_type tensor_type_wider(enum tensor_type a, enum tensor_type b) {
    if (a == b)
        return a;
    return a == TENSOR_F64 || b == TENSOR_F64 ? TENSOR_F64 : TENSOR_F32;
}

int tensor_type_digits(enum tensor_type type) {
    return types[type].digits;
}

static bool parse(const char *name, int count, enum tensor_type *type) {
    for (int k = 0; k < count; k++)
        if (strcasecmp(name, types[k].name) == 0) {
            *type = (enum tensor_type)k;
            return true;
        }
    return false;
}

bool tensor_type_parse(const char *name, enum tensor_type *type) {
    return parse(name, TENSOR_TYPES, type);
}

bool tensor_type_parse_float(const char *name, enum tensor_type *type) {
    return parse(name, TENSOR_FLOATS, type);
}

/* Little-endian whatever the machine is; compilers make one load or store of these. */
static uint16_t load16(const unsigned char *at) {
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t load32(const unsigned char *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint64_t load64(const unsigned char *at) {
    return (uint64_t)load32(at) | (uint64_t)load32(at + 4) << 32;
}

static void store16(unsigned char *at, uint16_t value) {
    at[0] = (unsigned char)value;
    at[1] = (unsigned char)(value >> 8);
}

static void store32(unsigned char *at, uint32_t value) {
    store16(at, (uint16_t)value);
    store16(at + 2, (uint16_t)(value >> 16));
}

static void store64(unsigned char *at, uint64_t value) {
    store32(at, (uint32_t)value);
    store32(at + 4, (uint32_t)(value >> 32));
}

static double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

static double half_of(uint16_t bits) {
    uint64_t sign = (uint64_t)(bits >> 15) << 63, exponent = bits >> 10 & 31,
             fraction = bits & 1023;
    if (exponent == 0) /* subnormal */
        return double_of(sign | bits_of((double)fraction * 0x1p-24));
    exponent = exponent == 31 ? 2047 : exponent - 15 + 1023;
    return double_of(sign | exponent << 52 | fraction << 42);
}

/* The bits of the nearest value of a type of 16 bits, ties to even, straight from the double:
 * rounding by way of an F32 would round twice. */
static uint16_t narrow(double value, unsigned exponent_bits, unsigned fraction_bits) {
    uint64_t bits = bits_of(value), fraction = bits & (((uint64_t)1 << 52) - 1);
    uint64_t infinite = (((uint64_t)1 << exponent_bits) - 1) << fraction_bits;
    uint64_t sign = (bits >> 63) << 15, result;
    int exponent = (int)(bits >> 52 & 2047) - 1023, bias = (1 << (exponent_bits - 1)) - 1;
    if (exponent == 1024) {
        uint64_t payload = fraction >> (52 - fraction_bits);
        result = infinite | (fraction ? payload | (uint64_t)1 << (fraction_bits - 1) : 0);
        return (uint16_t)(sign | result);
    }
    /* Subnormal results lose one more bit for each power of two below the least exponent. */
    int below = 1 - bias > exponent ? 1 - bias - exponent : 0;
    unsigned shift = 52 - fraction_bits + (unsigned)below;
    if (shift > 53)
        return (uint16_t)sign;
    uint64_t significand = fraction | (uint64_t)1 << 52, half = (uint64_t)1 << (shift - 1);
    uint64_t rest = significand & (2 * half - 1);
    result = significand >> shift;
    result += rest > half || (rest == half && (result & 1));
    /* A carry out of the fraction goes into the exponent, where it belongs. */
    if (!below)
        result += (uint64_t)(exponent + bias - 1) << fraction_bits;
    return (uint16_t)(sign | (result < infinite ? result : infinite));
}

static double element(enum tensor_type type, const unsigned char *at) {
    switch (type) {
    case TENSOR_F64:
        return double_of(load64(at));
    case TENSOR_F32:
        return float_of(load32(at));
    case TENSOR_F16:
        return half_of(load16(at));
    case TENSOR_BF16:
        return float_of((uint32_t)load16(at) << 16);
    case TENSOR_I64:
        return (double)(int64_t)load64(at);
    case TENSOR_I32:
        return (double)(int32_t)load32(at);
    case TENSOR_I16:
        return (double)(int16_t)load16(at);
    case TENSOR_I8:
        return (double)(int8_t)*at;
    case TENSOR_U64:
        return (double)load64(at);
    case TENSOR_U32:
        return (double)load32(at);
    case TENSOR_U16:
        return (double)load16(at);
    case TENSOR_U8:
        return (double)*at;
    case TENSOR_BOOL:
        return *at != 0;
    }
    return 0;
}

void tensor_decode(enum tensor_type type, const void *bytes, size_t count, double *out) {
    const unsigned char *at = bytes;
    size_t size = types[type].size;
    for (size_t i = 0; i < count; i++)
        out[i] = element(type, at + i * size);
}

/* Whether the value, as it is written, is finite. */
static bool encode_element(enum tensor_type type, double value, unsigned char *at) {
    if (type == TENSOR_F64) {
        store64(at, bits_of(value));
        return isfinite(value);
    }
    if (type == TENSOR_F32) {
        float narrowed = (float)value;
        uint32_t bits;
        memcpy(&bits, &narrowed, sizeof bits);
        store32(at, bits);
        return isfinite(narrowed);
    }
    uint16_t bits = narrow(value, types[type].exponent, types[type].fraction);
    uint16_t infinite = (uint16_t)(((1u << types[type].exponent) - 1) << types[type].fraction);
    store16(at, bits);
    return (bits & infinite) != infinite;
}

bool tensor_encode(enum tensor_type type, const double *values, size_t count, void *bytes) {
    unsigned char *at = bytes;
    size_t size = types[type].size;
    bool floating = (int)type < TENSOR_FLOATS, fits = floating;
    for (size_t i = 0; floating && i < count; i++)
        if (!encode_element(type, values[i], at + i * size) && isfinite(values[i]))
            fits = false;
    return fits;
}
