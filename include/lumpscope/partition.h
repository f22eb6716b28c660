/* Which neurons of each hidden layer are one class. */
#ifndef LUMPSCOPE_PARTITION_H
#define LUMPSCOPE_PARTITION_H

#include "lumpscope/error.h"

#include <stdint.h>

#define PARTITION_DEAD UINT32_MAX /* the class of a dead neuron: none */

/* One hidden layer. Classes are numbered by their smallest member. */
struct classes {
    size_t neurons;     /* n_l, dead ones included */
    size_t count;       /* number of classes */
    uint32_t *class_of; /* [neurons] class of each neuron, or PARTITION_DEAD */
};

struct partition {
    size_t layers;         /* hidden layers */
    struct classes *layer; /* [layers], layer l at [l - 1] */
};

/* Every neuron dead until it is given a class. `neurons` [layers]. */
bool partition_init(struct partition *partition, const size_t *neurons, size_t layers,
                    struct error *error);
bool partition_copy(struct partition *to, const struct partition *from, struct error *error);
void partition_free(struct partition *partition);
bool partition_equal(const struct partition *a, const struct partition *b);
size_t partition_classes(const struct partition *partition); /* over all layers */

bool classes_equal(const struct classes *a, const struct classes *b);
/* Renumbers so that classes are in the order of their smallest members, and counts them. `labels`
 * [neurons] any numbers below `neurons` or PARTITION_DEAD. */
bool classes_from_labels(struct classes *classes, const uint32_t *labels, struct error *error);
/* Members of every class, ascending: `members` [neurons] lists class after class, class c at
 * members[starts[c]] .. members[starts[c + 1] - 1]. Both owned by the caller; starts [count + 1].
 */
struct class_members {
    size_t *members, *starts;
};
bool classes_members(const struct classes *classes, struct class_members *out, struct error *error);
void class_members_free(struct class_members *members);

/* [per hidden layer [per class [members]]], as in model files and --json; caller owns. */
struct cJSON;
struct cJSON *partition_json(const struct partition *partition, struct error *error);
/* One layer's [[members],...]. */
struct cJSON *classes_json(const struct classes *classes, struct error *error);

#endif
