/* The program's random numbers: xoshiro256** (Blackman, Vigna 2018) seeded with splitmix64.
 * Everything random takes a seed; the same seed gives the same numbers on every machine. */
#ifndef LUMPSCOPE_RNG_H
#define LUMPSCOPE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
    uint64_t state[4];
};

void rng_seed(struct rng *rng, uint64_t seed);
uint64_t rng_next(struct rng *rng);
/* Uniform in [0,1): (x >> 11) 2^-53. */
double rng_uniform(struct rng *rng);
/* Standard normal, Marsaglia's polar method, one value per accepted pair. */
double rng_normal(struct rng *rng);
/* Fisher-Yates: i from count-1 down to 1, swap with floor(u (i+1)). `items` [count]. */
void rng_shuffle(struct rng *rng, size_t *items, size_t count);

#endif
