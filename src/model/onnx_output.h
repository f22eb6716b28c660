/* Which of a graph's outputs a network has, and which nodes lead to it. */
#ifndef LUMPSCOPE_MODEL_ONNX_OUTPUT_H
#define LUMPSCOPE_MODEL_ONNX_OUTPUT_H

#include "onnx_values.h"

/* The only output of floating numbers: classifiers have a second one, of labels, made from it. A
 * ZipMap, which makes dictionaries of the probabilities, is looked through. Sets `fold->output`,
 * `fold->result` and, of every value, whether it is needed for it. */
bool onnx_output_find(struct fold *fold, struct error *error);

/* Whether a node's work is lost on the network, so that it need not be understood. */
bool onnx_output_needs(const struct fold *fold, const Onnx__NodeProto *node);

/* ArgMax: labels alone are no network's outputs. */
bool onnx_output_labels(struct fold_node *at);
/* Concat: [1 - p, p] of a sigmoid p, the probabilities of two classes. */
bool onnx_output_pair(struct fold_node *at);

#endif
