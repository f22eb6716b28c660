/* What the explorer's middle pane shows beside the classes: one layer's dendrogram, why a class is
 * one, the class over time, a layer's weights by class. Made by the session's worker for what is
 * watched (session_watch) and shared by snapshots; a detail never changes once it is out. */
#ifndef LUMPSCOPE_DETAIL_H
#define LUMPSCOPE_DETAIL_H

#include "lumpscope/dendrogram.h"
#include "lumpscope/explain.h"
#include "lumpscope/trajectory.h"

#include <stdatomic.h>

enum detail_kind {
    DETAIL_NONE,
    DETAIL_TREE,        /* of the selected layer */
    DETAIL_EXPLANATION, /* of the selected neuron's class */
    DETAIL_TRAJECTORY,  /* likewise */
    DETAIL_WEIGHTS,     /* of the selected layer */
};

/* What is watched; whoever shows it knows how much of it there is room for. */
struct watch {
    enum detail_kind kind;
    size_t rows, columns; /* weights: cells there is room for */
    size_t row;           /* trajectory: test row whose inputs drive it, from 0 */
    bool outgoing;        /* weights: those the layer sends, else those it reads */
};

/* The whole dendrogram, whatever epsilon is: moving the cut moves nothing else. */
struct tree_view {
    size_t leaves;
    size_t *neuron; /* [leaves] original numbers in drawing order: no two branches cross, the branch
                       of the smaller member first */
    size_t count;   /* merges with a finite height, leaves - 1 at most */
    struct tree_merge *merge; /* [count] by height */
    /* The neighbour's classes the distances depend on (forward: the next hidden layer, backward:
     * the one before): the dendrogram holds for these. 0: on none, it holds for every epsilon. */
    size_t neighbour, neighbour_classes;
};

/* The relaxed system of the original and of the reduced network, seen at one class. */
struct trajectory_view {
    size_t row, rows; /* the test row that drives it, of how many; rows 0: the mean input */
    size_t members;   /* of the class */
    size_t merged;    /* reduced neurons that stand for it */
    struct trajectory_pair pair;
    double largest; /* largest magnitude of the original's sum, which the gap compares with */
};

/* A layer's weights, rows and columns grouped by class, several weights to a cell where there is
 * not room for all. */
struct weights_view {
    bool outgoing;
    size_t rows, columns; /* cells: at most what was asked for, and at most the neurons */
    /* The layer's neurons down, what they read or send to across, each in class order (classes by
     * number, members ascending, dead ones last; inputs and outputs in their own order). */
    size_t row_neurons, column_neurons;
    size_t *row_first, *column_first;   /* [rows], [columns] original number of a cell's first */
    uint32_t *row_class, *column_class; /* and its class, PARTITION_DEAD; inputs and outputs: own
                                           number */
    bool *row_begins, *column_begins;   /* the cell begins with the first neuron of a class */
    size_t other;                       /* hidden layer across; 0: the inputs or the outputs */
    double *mean;                       /* [rows x columns] mean of the cell's weights */
    double peak;                        /* largest magnitude of a mean; 0: all are 0 */
};

struct detail {
    atomic_uint holders;
    enum detail_kind kind;
    struct watch watch; /* what was asked */
    size_t layer;       /* hidden layer, from 1 */
    size_t neuron;      /* the selected one */
    size_t class_id;    /* its class; SIZE_MAX: dead */
    double epsilon;     /* at which it was made; its class numbers are those of then */
    char refusal[256];  /* a sentence: why there is nothing to show; "" when there is */
    /* The one of the kind; the others are zero. */
    struct tree_view tree;
    struct explanation explanation;
    struct trajectory_view trajectory;
    struct weights_view weights;
};

void detail_hold(struct detail *detail);
/* Lets go; frees with the last holder. NULL is fine. */
void detail_release(struct detail *detail);

#endif
