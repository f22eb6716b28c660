/* The equivalences from their definition, on any polynomial system (method.md sections 2 to 4).
 *
 * Slow and plain on purpose: nothing here knows about layers or weights, so that the fast engine
 * can be held against it. What is compared, of variables j and j', under a partition:
 * forward: for every block H the polynomial d f_H/d x_j - d f_H/d x_j', f_H the sum of the
 *   derivatives of H. All zero for all pairs: the sums of the blocks have a system of their own.
 * backward: the polynomials f_j and f_j' in which every variable is replaced by its block's, which
 *   takes equal values inside blocks for granted.
 * The distance is a norm over all coefficients of all these differences.
 *
 * On a network's system (encoding.h) forward distances are those of method.md section 3 for linear
 * and square layers. Backward compares what comes out of the activations, method.md section 4 what
 * goes into them: the same for linear layers (and norm erode). So for other activations encode the
 * network with its activations set to linear. */
#ifndef LUMPSCOPE_NAIVE_SYSTEM_H
#define LUMPSCOPE_NAIVE_SYSTEM_H

#include "lumpscope/options.h"
#include "lumpscope/polynomial.h"

/* The distances of `variables` [count] from each other under the partition `blocks`
 * [system->variables], any numbers below the number of variables, into out [count x count],
 * symmetric.
 * `relation` forward or backward, absolute scale. Norm erode: forward ERODE's own number (method.md
 * section 3), for systems of degree at most 2 (else ERROR_REQUEST); backward the same as l1. */
bool naive_system_distances(const struct polynomial_system *system, const size_t *blocks,
                            enum relation relation, enum norm norm, const size_t *variables,
                            size_t count, double *out, struct error *error);

/* The norms || phi_j ||_p of `variables` [count] into out [count]; erode counts as l1. */
bool naive_system_norms(const struct polynomial_system *system, const size_t *blocks,
                        enum relation relation, enum norm norm, const size_t *variables,
                        size_t count, double *out, struct error *error);

/* Refines `blocks` [system->variables] (in: the initial partition, any numbers below the number of
 * variables; out: numbered by smallest member) until the members of every block are linked by
 * chains of distances <= epsilon inside it. At epsilon 0 this is the coarsest equivalence that
 * refines the initial partition; the same holds at any epsilon for norms l1 and erode. Blocks are
 * refined one at a time, forward from the last to the first, backward from the first to the last,
 * which on a network is the sweep of method.md sections 3 and 4 for every norm. d <= epsilon is
 * read with the margin of section 6, unit = the mean norm of the block's members (erode: 1).
 * `progress` may be NULL. Returns the number of blocks in `*count`. */
bool naive_system_refine(const struct polynomial_system *system, enum relation relation,
                         enum norm norm, double epsilon, size_t *blocks, size_t *count,
                         const struct progress *progress, struct error *error);

#endif
