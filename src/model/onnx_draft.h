/* A graph under construction: its messages die together. */
#ifndef LUMPSCOPE_MODEL_ONNX_DRAFT_H
#define LUMPSCOPE_MODEL_ONNX_DRAFT_H

#include "lumpscope/network.h"
#include "onnx_graph.h"

/* After the first failure every call does nothing and returns NULL. */
struct draft {
    Onnx__ModelProto model;
    Onnx__GraphProto graph;
    enum tensor_type type; /* of all numbers */
    bool sizes_only;       /* tensors have lengths, but no bytes: for measuring */
    int64_t opset;
    char **names; /* [name_count] of initialisers, input and output, in blocks */
    size_t name_count, name_capacity, node_capacity, tensor_capacity;
    void **blocks; /* [block_count] owned: everything else */
    size_t block_count, block_capacity;
    bool failed;
    struct error *error;
};

void draft_free(struct draft *draft);
/* Zeroed memory that lives as long as the draft. */
void *draft_take(struct draft *draft, size_t count, size_t size);
char *draft_string(struct draft *draft, const char *from);
/* A name that no initialiser, input or output has: the format's, or that with '_' behind it. */
char *draft_name(struct draft *draft, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same, taken from now on. */
char *draft_take_name(struct draft *draft, const char *wanted);
/* Adds an initialiser [rows x columns], [rows] when `columns` is 0, or one number when both are;
 * returns its name. A value beyond the type's range is an error. */
char *draft_tensor(struct draft *draft, char *name, size_t rows, size_t columns,
                   const double *values);
/* Adds a node of up to three inputs (NULL: no more); returns `output`. `layer` counts from 1. */
char *draft_node(struct draft *draft, const char *op, size_t layer, char *const inputs[3],
                 char *output);
/* Adds an attribute to the last node. */
void draft_attribute_int(struct draft *draft, const char *name, int64_t value);
void draft_attribute_float(struct draft *draft, const char *name, double value);
/* [N, columns] of the draft's type. */
Onnx__ValueInfoProto *draft_value(struct draft *draft, char *name, size_t columns);
/* Adds a pair of metadata; room for `most` is made with the first. */
void draft_metadata(struct draft *draft, size_t most, const char *key, const char *value);

#endif
