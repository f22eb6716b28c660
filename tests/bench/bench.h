/* Figures of speed, each beside its peers in the same run: alternating runs, medians, the same
 * number of threads for all. */
#ifndef LUMPSCOPE_BENCH_FIGURES_H
#define LUMPSCOPE_BENCH_FIGURES_H

#include "lumpscope/network.h"
#include "lumpscope/rng.h"

#include <stdbool.h>
#include <stddef.h>

struct bench {
    bool quick;     /* smaller shapes, fewer runs */
    size_t runs;    /* of which the median is taken */
    size_t threads; /* of ours and of the peers */
    const char *program;
    struct peers *peers;
};

/* One run of something; its time is taken. */
typedef void bench_work(void *user);

enum { BENCH_NAME = 64 };
struct bench_peer {
    char name[BENCH_NAME];
    double target;                /* how many times as fast we are to be; 0: nothing is promised */
    char request[2 * BENCH_NAME]; /* what peers.py is asked, or "" */
    bench_work *work;             /* or what runs here */
    void *user;
    double recorded; /* or the seconds once measured */
    double factor;   /* from the size that is run to the one that is meant; 0: the same */
};

/* Runs ours and the peers in turn and prints a line for each peer. The median of ours, in
 * seconds. */
double bench_figure(const struct bench *bench, const char *what, bench_work *work, void *user,
                    const struct bench_peer *peers, size_t count);
/* A figure measured elsewhere, with what is promised of it in the same unit (0: nothing). */
void bench_line(const char *what, double value, const char *unit, double target);
void bench_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

double bench_seconds(void); /* of a clock that only goes forward */
double bench_median(double *values, size_t count);
/* Ends the program with a sentence. */
_Noreturn void bench_fail(const char *why);
void bench_must(bool done, const struct error *error);

/* Normal weights over sqrt(inputs), one hidden activation, a linear output. `sizes` [depth + 1]. */
struct network *bench_network(const size_t *sizes, size_t depth, enum activation_kind kind);
struct matrix bench_rows(size_t rows, size_t columns);

/* peers.py as a process that answers requests; the reason when a peer is missing. */
struct peers *peers_start(size_t threads);
void peers_stop(struct peers *peers);
bool peers_time(struct peers *peers, const char *request, double *seconds, char *reason,
                size_t size);

/* The groups of figures. */
void bench_partition(const struct bench *bench);
void bench_erode(const struct bench *bench);
void bench_joint(const struct bench *bench);
void bench_evaluate(const struct bench *bench);
void bench_steps(const struct bench *bench);
void bench_growth(const struct bench *bench);
void bench_start(const struct bench *bench);
void bench_keys(const struct bench *bench);
void bench_memory(const struct bench *bench);
/* In a process of its own: the analysis whose memory is measured. */
int bench_memory_child(const char *width);

#endif
