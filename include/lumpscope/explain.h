/* Why the members of a class are in it: the coefficients that are compared, side by side, the one
 * that differs most first, and a sentence in plain words (method.md sections 3, 4 and 7). */
#ifndef LUMPSCOPE_EXPLAIN_H
#define LUMPSCOPE_EXPLAIN_H

#include "lumpscope/refine.h"

enum explain_kind {
    EXPLAIN_SENT_TO_CLASS,   /* sum of what the neuron sends to class `place` of the next layer */
    EXPLAIN_SENT_TO_NEURON,  /* what it sends to neuron or output `place` of the next layer */
    EXPLAIN_PRODUCT,         /* square next layer: coefficient of x_j x_other in class `place` */
    EXPLAIN_SLOPE,           /* square next layer: coefficient of x_j alone in class `place` */
    EXPLAIN_READ_FROM_CLASS, /* sum of what it reads from class `place` of the layer before */
    EXPLAIN_READ_FROM_INPUT, /* what it reads from input `place` */
    EXPLAIN_BIAS,            /* its bias */
};

struct explain_term {
    enum explain_kind kind;
    size_t place, other; /* neurons in the original's numbers, classes as in refine_partition */
    double *value;       /* [member_count] in units of the balanced network, owned */
    double difference;   /* of widest_a's and widest_b's values: what this coefficient decides */
};

/* How the differences make the distance, each divided by the unit. */
enum explain_measure {
    EXPLAIN_SUM,     /* added up (norm l1) */
    EXPLAIN_ROOT,    /* root of the sum of their squares (l2) */
    EXPLAIN_LARGEST, /* the largest (linf) */
    EXPLAIN_ERODE,   /* by ERODE's own sums */
    EXPLAIN_TENSOR,  /* next layer of degree above 2: norms of whole tensors; these are a part */
    EXPLAIN_OUTPUT,  /* joint: measured on the calibration rows; these are for comparison */
};

struct explanation {
    size_t layer; /* hidden layer, from 1 */
    enum relation relation;
    enum explain_measure measure;
    size_t member_count; /* at most EXPLAIN_MEMBERS */
    size_t *members;     /* original numbers, ascending, owned */
    size_t class_size;   /* members the class has */
    /* A class of one: the nearest neuron of its layer stands beside it as a second member, and this
     * is its class. SIZE_MAX: more members, no other neuron, or a locked layer. */
    size_t nearest_class;
    size_t term_count; /* at most EXPLAIN_TERMS, by falling difference */
    struct explain_term *term;
    size_t terms_compared;     /* coefficients there are */
    double unit;               /* the distance is the norm of the differences divided by it */
    double others;             /* EXPLAIN_SUM: what the coefficients left out add to it; else 0 */
    size_t widest_a, widest_b; /* the members furthest apart, of EXPLAIN_PAIRS and less, else of
                                  those shown; equal when there is but one */
    double widest;             /* their distance, in units of epsilon */
    double epsilon;
    double correlation; /* joint: of their activations on the calibration rows; else NaN */
    char sentence[400]; /* in plain words, numbers in units of epsilon */
};

enum { EXPLAIN_MEMBERS = 8, EXPLAIN_TERMS = 32, EXPLAIN_PAIRS = 64 };

/* Explains class `class_id` of hidden layer `layer` where the engine stands. `focus`: a member (in
 * the original's numbers) that is to be among those shown. */
bool explain_class(const struct refine *refine, size_t layer, size_t class_id, size_t focus,
                   struct explanation *explanation, const struct progress *progress,
                   struct error *error);
void explanation_free(struct explanation *explanation);

#endif
