/* How two networks differ: layer by layer, and on data. */
#ifndef LUMPSCOPE_PROGRAM_DIFF_H
#define LUMPSCOPE_PROGRAM_DIFF_H

#include "program_subject.h"

/* Of the weights or biases of two layers of one shape. A difference from a number that is not
 * finite is infinite. */
struct array_difference {
    size_t count, differing;
    double largest;          /* absolute */
    double largest_relative; /* of the larger of the two */
};

struct layer_difference {
    const struct layer *a, *b;             /* borrowed; NULL: that network has fewer layers */
    bool same_shape, same_activation;      /* both are there and alike */
    struct array_difference weights, bias; /* with the same shape */
    bool merged;                           /* B says that it was made from A's layer */
    size_t classes, single, dead; /* then: classes, those of one neuron, neurons left out */
};

/* Of outputs in raw units over the test rows. */
struct output_difference {
    double largest, rms;
};

struct difference {
    const char *path[2]; /* of A and B */
    double bytes[2];     /* as files */
    const struct network *network[2];
    bool identical;                 /* layers and scaling */
    struct layer_difference *layer; /* [layers] owned */
    size_t layers;                  /* of the deeper one */

    const struct dataset *data;       /* NULL: not compared on data */
    struct output_difference *output; /* [outputs] owned */
    struct output_difference all;     /* over all outputs */
    bool judged;                      /* the data has targets */
    struct metrics metrics[2];
};

bool difference_json(const struct difference *difference, struct text *out, struct error *error);
void difference_text(const struct difference *difference, struct text *out);

#endif
