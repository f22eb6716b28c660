/* The network the equivalences speak of: dead neurons removed and quadratic layers rewritten as
 * pure squares (method.md section 1), and, where asked for, balanced (section 5). The function
 * computed is that of the original. */
#ifndef LUMPSCOPE_PREPARE_H
#define LUMPSCOPE_PREPARE_H

#include "lumpscope/options.h"

struct prepared {
    struct network *network;  /* live neurons only; rewritten; balanced */
    size_t hidden;            /* hidden layers */
    size_t **live;            /* [hidden][live neurons] original number of each, ascending */
    size_t *original_neurons; /* [hidden] */
};

bool prepared_init(struct prepared *prepared, const struct network *original,
                   const struct options *options, struct error *error);
void prepared_free(struct prepared *prepared);

/* The steps, on a network of live neurons, in place. */

/* Dead neurons: dead[l - 1][i] for hidden layer l. Caller frees with prepare_dead_free. */
bool **prepare_dead(const struct network *network, struct error *error);
void prepare_dead_free(bool **dead, size_t hidden);
/* Rewrites hidden layers of degree 2 as square and of degree at most 1 as linear. */
void prepare_rewrite(struct network *network);
/* Section 5, forward: layers L-1 down to 1, linear and square ones. */
void balance_forward(struct network *network);
/* Section 5, backward and joint: layers 1 to L-1, every neuron its canonical one. */
void balance_canonical(struct network *network);
/* Scales row and bias of hidden layer `layer` (from 1), neuron i, to Euclidean norm 1 and the
 * consumer's column to match, where the activation allows; signs are left alone. Zero rows stay. */
void balance_rescale(struct layer *layer, struct layer *consumer, size_t neuron);

/* How a consumer layer enters the forward features (section 3). */
enum consumer_kind { CONSUMER_LINEAR, CONSUMER_SQUARE, CONSUMER_POLYNOMIAL, CONSUMER_OTHER };
struct consumer_form {
    enum consumer_kind kind;
    double factor; /* features are multiplied by it: c1 or c2 of a last layer, else 1 */
    double shift;  /* is added to every bias: c1/(2 c2) of a quadratic last layer, else 0 */
};
struct consumer_form consumer_form(const struct activation *activation);

#endif
