/* Random networks with the neurons that break things: dead ones, duplicates, zero rows. */
#ifndef LUMPSCOPE_TESTS_RANDOM_NETWORK_H
#define LUMPSCOPE_TESTS_RANDOM_NETWORK_H

#include "lumpscope/aggregate.h"
#include "lumpscope/rng.h"

/* Every hidden activation: all kinds with and without their parameters, polynomials of degree 0 to
 * 4. Softmax is not among them. */
size_t random_activation_count(void);
struct activation random_activation(size_t number);

/* Standard normal weights over sqrt(inputs), biases half as large. `sizes` [depth + 1];
 * `activations` [depth]. Fails the test when memory runs out. */
struct network *random_network(struct rng *rng, const size_t *sizes,
                               const struct activation *activations, size_t depth);
/* Depth 1 to 5, layers of 1 to 9, any activations, softmax now and then, and a few plants. */
struct network *random_network_any(struct rng *rng);
/* A single hidden activation throughout and a linear output, `sizes` [depth + 1]. */
struct network *random_network_of(struct rng *rng, const size_t *sizes, size_t depth,
                                  enum activation_kind kind);

/* Plants, hidden layer l from 1. */
void plant_dead(struct network *network, size_t l, size_t neuron);
void plant_zero_row(struct network *network, size_t l, size_t neuron);
/* `to` reads what `from` reads times `row`, and sends what it sends times `column`. */
void plant_scaled(struct network *network, size_t l, size_t from, size_t to, double row,
                  double column);

/* Standard normal rows. */
struct matrix random_rows(struct rng *rng, size_t rows, size_t columns);
/* A whole number below `limit`. */
size_t random_below(struct rng *rng, size_t limit);

/* Outputs on rows (logits before a softmax): [rows x outputs]. */
struct matrix outputs_of(const struct network *network, const struct matrix *rows);
/* The largest difference of two outputs over the largest value of the first. */
double outputs_differ(const struct network *a, const struct network *b, const struct matrix *rows);

/* The smaller network at the engine's epsilon; its size is what aggregate_parameters says, and no
 * layer is empty. */
struct network *reduced_at(const struct refine *refine);

/* Fails the test with the sentence of `error`. */
#define must(done, error) ((done) ? (void)0 : must_fail(error))
_Noreturn void must_fail(const struct error *error);

#endif
