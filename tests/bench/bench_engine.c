/* What a step of epsilon costs once a network has been analysed, and the memory an analysis takes.
 * Usage: bench_engine [WIDTH [CHAIN_WIDTH]] */
#include "lumpscope/refine.h"
#include "lumpscope/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { STEPS = 400, LAYERS = 3 };

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double peak_bytes(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return 1024.0 * (double)usage.ru_maxrss;
}

static void check(bool done, const struct error *error) {
    if (done)
        return;
    fprintf(stderr, "bench_engine: %s\n", error->text);
    exit(1);
}

/* Normal weights; linear throughout, so that a layer's distances depend on the next one's classes.
 */
static struct network *linear_network(const size_t *sizes, size_t depth) {
    struct rng rng;
    struct error error = {0};
    struct network *network = network_new("bench", sizes, depth, &error);
    check(network, &error);
    rng_seed(&rng, 5);
    for (size_t l = 0; l < depth; l++) {
        struct layer *layer = &network->layers[l];
        layer->activation.kind = ACTIVATION_LINEAR;
        for (size_t k = 0; k < layer->neurons * layer->inputs; k++)
            layer->weights[k] = rng_normal(&rng) / sqrt((double)layer->inputs);
    }
    return network;
}

static int ascending(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return a < b ? -1 : a > b;
}

static void report(const char *what, double *times, size_t count) {
    qsort(times, count, sizeof *times, ascending);
    if (count)
        printf("  %-34s %4zu steps, least %8.3f, median %8.3f, most %8.3f ms\n", what, count,
               1e3 * times[0], 1e3 * times[count / 2], 1e3 * times[count - 1]);
}

/* Epsilon goes from event to event. A merge in layer 1 changes no layer's neighbours, one in layer
 * 2 those of layer 1. Layer 3 is left alone. */
static void walk(struct refine *refine) {
    static double times[LAYERS][STEPS], cuts[STEPS];
    size_t count[LAYERS] = {0}, cut = 0;
    struct error error = {0};
    for (size_t k = 0; k < STEPS; k++) {
        size_t layer = 1;
        double next = refine_next_event(refine, &layer), start = seconds();
        if (isnan(next))
            break;
        check(refine_set_epsilon(refine, next, NULL, &error), &error);
        times[layer - 1][count[layer - 1]++] = seconds() - start;
    }
    for (size_t k = 0; k < STEPS; k++) {
        struct classes classes = *refine_live_partition(refine)->layer;
        double start = seconds();
        check(
            dendrogram_cut(refine_dendrogram(refine, 1), refine_epsilon(refine), &classes, &error),
            &error);
        cuts[cut++] = seconds() - start;
    }
    report("neighbours unchanged", times[0], count[0]);
    report("one merge in the neighbour", times[1], count[1]);
    report("a cut alone", cuts, cut);
}

static void steps(size_t n, enum linkage linkage, enum norm norm) {
    struct error error = {0};
    struct options options;
    struct network *network = linear_network((size_t[]){64, n, n, n, 8}, LAYERS + 1);
    options_defaults(&options, false);
    options.linkage = linkage;
    options.norm = norm;
    options_lock(&options, 3, true);
    double start = seconds();
    struct refine *refine = refine_new(network, &options, NULL, NULL, &error);
    check(refine, &error);
    printf("%zu x %zu forward %s %s: analysis %.3f s\n", (size_t)LAYERS, n, norm_name(norm),
           linkage_name(linkage), seconds() - start);
    walk(refine);
    refine_free(refine);
    network_free(network);
}

/* ReLU: distances are those of single neurons. Linear: the consumer's classes are summed. */
static void memory(size_t n, enum activation_kind kind) {
    struct error error = {0};
    struct options options;
    struct network *network = linear_network((size_t[]){8, n, n, 8}, 3);
    double weights = (double)network_parameters(network) * sizeof(double), before = peak_bytes();
    for (size_t l = 0; l < 2; l++)
        network->layers[l].activation.kind = kind;
    options_defaults(&options, false);
    options.linkage = LINKAGE_CHAIN;
    double start = seconds();
    struct refine *refine = refine_new(network, &options, NULL, NULL, &error);
    check(refine, &error);
    printf("2 x %zu %s forward chain: %.2f s, peak %.2f of the weights, %.2f before the analysis\n",
           n, activation_name(kind), seconds() - start, peak_bytes() / weights, before / weights);
    refine_free(refine);
    network_free(network);
}

int main(int count, char **arguments) {
    size_t n = count > 1 ? strtoul(arguments[1], NULL, 10) : 4096;
    size_t wide = count > 2 ? strtoul(arguments[2], NULL, 10) : 0;
    if (wide) { /* first, as the peak is that of the whole run */
        memory(wide, ACTIVATION_RELU);
        memory(wide, ACTIVATION_LINEAR);
    }
    if (n) {
        steps(n, LINKAGE_CHAIN, NORM_L1);
        steps(n, LINKAGE_COMPLETE, NORM_L1);
        steps(n, LINKAGE_CHAIN, NORM_L2);
    }
    return 0;
}
