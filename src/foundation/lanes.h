/* Internal: sums over eight lanes, which are added in a fixed order: fast, and the same for every
 * instruction set. A group of lanes is LANE_PARTS vectors of LANE_WIDTH doubles. */
#ifndef LUMPSCOPE_FOUNDATION_LANES_H
#define LUMPSCOPE_FOUNDATION_LANES_H

#include <stddef.h>
#include <string.h>

enum { LANES = 8 };
#if defined(__AVX512F__)
enum { LANE_WIDTH = 8 };
#elif defined(__AVX2__)
enum { LANE_WIDTH = 4 };
#else
enum { LANE_WIDTH = 2 };
#endif
enum { LANE_PARTS = LANES / LANE_WIDTH };

typedef double lane_vector __attribute__((vector_size(LANE_WIDTH * 8), aligned(8), may_alias));

static inline lane_vector lane_load(const double *x) {
    return *(const lane_vector *)x;
}

static inline void lane_store(double *x, lane_vector value) {
    *(lane_vector *)x = value;
}

/* `lanes` [LANES] */
static inline double lanes_add(const void *lanes) {
    double lane[LANES];
    memcpy(lane, lanes, sizeof lane);
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

#endif
