#include "lumpscope/tensor_type.h"

const char *tensor_type_name(enum tensor_type type) {
    (void)type;
    return NULL;
}

bool tensor_type_parse(const char *name, enum tensor_type *type) {
    (void)name;
    (void)type;
    return false;
}

bool tensor_type_parse_float(const char *name, enum tensor_type *type) {
    (void)name;
    (void)type;
    return false;
}

size_t tensor_type_size(enum tensor_type type) {
    (void)type;
    return 0;
}

int tensor_type_digits(enum tensor_type type) {
    (void)type;
    return 0;
}

void tensor_decode(enum tensor_type type, const void *bytes, size_t count, double *out) {
    (void)type;
    (void)bytes;
    (void)count;
    (void)out;
}

bool tensor_encode(enum tensor_type type, const double *values, size_t count, void *bytes) {
    (void)type;
    (void)values;
    (void)count;
    (void)bytes;
    return false;
}
