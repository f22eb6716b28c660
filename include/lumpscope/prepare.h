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
    bool *shared;             /* [depth] layers whose weights and bias are the original's own */
};

/* `original` is only read, and must outlive `prepared`: layers that nothing changes are shared.
 * Fails only without memory; `prepared` is then empty. */
bool prepared_init(struct prepared *prepared, const struct network *original,
                   const struct options *options, struct error *error);
void prepared_free(struct prepared *prepared); /* a zeroed struct may be freed */

/* Section 5: scales row and bias of one neuron of a hidden layer to Euclidean norm 1 and its
 * consumer's column to match, where the activation allows; signs are left alone. Rows of
 * no finite length above 0 stay.
 * Returns what the neuron's value must be multiplied with to be what it was. */
double balance_rescale(struct layer *layer, struct layer *consumer, size_t neuron);

/* How a consumer layer enters the forward features (section 3). */
enum consumer_kind { CONSUMER_LINEAR, CONSUMER_SQUARE, CONSUMER_POLYNOMIAL, CONSUMER_OTHER };
struct consumer_form {
    enum consumer_kind kind;
    double factor; /* features are multiplied by it: c1 or c2 of a last layer, else 1 */
    double shift;  /* is added to every bias: c1/(2 c2) of a quadratic last layer, else 0 */
};
struct consumer_form consumer_form(const struct activation *activation);

#endif
