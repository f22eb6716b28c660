/* A network as a system of polynomial differential equations (method.md section 2). */
#ifndef LUMPSCOPE_ENCODING_H
#define LUMPSCOPE_ENCODING_H

#include "lumpscope/network.h"
#include "lumpscope/polynomial.h"

struct text;

/* Monomials a system may have: a million take some 80 MB in memory and some 40 MB in a file. */
enum { ENCODING_MAX_MONOMIALS = 4000000 };

/* One variable per input and per neuron, dead ones included, in the order inputs, layer 1, ...,
 * layer L; named x0_1, x0_2, ... and xL_1, ...; inputs and outputs carry the model's names as
 * labels. Inputs have derivative 0, neuron i of layer l has s_l(W_l[i,:] x_{l-1} + b_l[i]) expanded
 * into monomials: evaluated at the previous layer that is the forward pass, in the network's own
 * space (before output scaling). Initial partition: the inputs one block, every hidden layer one
 * block, every output its own.
 *
 * ERROR_REQUEST, naming the layer and its activation, when one is neither linear, square nor
 * polynomial (softmax included); and when the system would have more than ENCODING_MAX_MONOMIALS
 * monomials, saying how many. */
struct polynomial_system *encoding_new(const struct network *network, struct error *error);

/* The variable of input `index` (layer 0) or of neuron `index` of a layer; both count from 0. */
size_t encoding_variable(const struct network *network, size_t layer, size_t index);

/* The number of monomials of the system when no coefficient happens to cancel, from the numbers of
 * non-zero weights and biases; 0 when it has no polynomial encoding. A double because it may be
 * beyond any integer type. */
double encoding_monomials(const struct network *network);

/* Encodes the network and appends the system in ERODE's format, with comments that say what the
 * variables are; its errors name no file. */
bool encoding_print(const struct network *network, struct text *out, struct error *error);
/* The same to a file, by temporary file and rename. */
bool encoding_save(const struct network *network, const char *path, struct error *error);

#endif
