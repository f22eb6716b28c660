/* Distances, linkage and steps of epsilon. */
#include "bench.h"

#include "lumpscope/naive.h"
#include "lumpscope/refine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* An analysis, as far as it can be asked for at epsilon 0. */
struct analysis {
    struct network *network;
    struct options options;
    struct matrix rows; /* calibration; empty: none */
};

static void analyse(void *user) {
    const struct analysis *analysis = user;
    struct error error = {0};
    struct refine *refine =
        refine_new(analysis->network, &analysis->options,
                   analysis->rows.rows > 0 ? &analysis->rows : NULL, NULL, &error);
    bench_must(refine != NULL, &error);
    refine_free(refine);
}

static void analyse_naively(void *user) {
    const struct analysis *analysis = user;
    struct error error = {0};
    struct prepared prepared;
    struct partition live = {0};
    bench_must(prepared_init(&prepared, analysis->network, &analysis->options, &error) &&
                   naive_partition(&prepared, &analysis->options, NULL, 0.5, &live, &error),
               &error);
    partition_free(&live);
    prepared_free(&prepared);
}

static void analysis_free(struct analysis *analysis) {
    network_free(analysis->network);
    matrix_free(&analysis->rows);
}

static struct options forward_options(enum norm norm, enum linkage linkage) {
    struct options options;
    options_defaults(&options, false);
    options.relation = RELATION_FORWARD;
    options.norm = norm;
    options.linkage = linkage;
    return options;
}

/* One linear layer of `neurons` with as many consumers. */
static struct analysis layer_analysis(enum norm norm, enum linkage linkage, size_t neurons) {
    return (struct analysis){
        .network = bench_network((size_t[]){8, neurons, neurons}, 2, ACTIVATION_LINEAR),
        .options = forward_options(norm, linkage)};
}

/* ---- One layer beside SciPy and the naive version ---- */

static void partition_line(const struct bench *bench, enum norm norm, enum linkage linkage,
                           size_t neurons, size_t small, double target) {
    char what[BENCH_NAME];
    double factor = pow((double)neurons / (double)small, 3);
    struct analysis meant = layer_analysis(norm, linkage, neurons);
    struct analysis naive = layer_analysis(norm, linkage, small);
    struct bench_peer peers[] = {
        {.name = "scipy pdist + linkage", .target = target},
        {.work = analyse_naively, .user = &naive, .factor = factor},
    };
    snprintf(what, sizeof what, "forward %s %s, %zu neurons, m %zu", norm_name(norm),
             linkage_name(linkage), neurons, neurons);
    snprintf(peers[0].request, sizeof peers[0].request, "partition %s %s %zu %zu", norm_name(norm),
             linkage_name(linkage), neurons, neurons);
    snprintf(peers[1].name, sizeof peers[1].name, "naive, from %zu by n^3", small);
    bench_figure(bench, what, analyse, &meant, peers, 2);
    analysis_free(&meant);
    analysis_free(&naive);
}

void bench_partition(const struct bench *bench) {
    size_t neurons = bench->quick ? 512 : 2048, small = bench->quick ? 64 : 128;
    for (int linkage = LINKAGE_CHAIN; linkage <= LINKAGE_COMPLETE; linkage++) {
        partition_line(bench, NORM_L1, (enum linkage)linkage, neurons, small, 8);
        partition_line(bench, NORM_L2, (enum linkage)linkage, neurons, small, 20);
    }
}

/* ---- ERODE's own times, two linear layers of width n at epsilon 0 ---- */

void bench_erode(const struct bench *bench) {
    static const struct {
        size_t width;
        double seconds;
    } recorded[] = {{16, 0.8}, {32, 5.3}, {48, 25}, {64, 71}, {128, 459}};
    for (size_t k = 0; k < sizeof recorded / sizeof *recorded; k++) {
        char what[BENCH_NAME];
        size_t n = recorded[k].width;
        struct analysis analysis = {.network =
                                        bench_network((size_t[]){4, n, n, 1}, 3, ACTIVATION_LINEAR),
                                    .options = forward_options(NORM_L1, LINKAGE_CHAIN)};
        struct bench_peer peer = {.name = "ERODE, recorded once", .recorded = recorded[k].seconds};
        snprintf(what, sizeof what, "two linear layers of %zu", n);
        double seconds = bench_figure(bench, what, analyse, &analysis, &peer, 1);
        if (n == 64)
            bench_line(what, 1e3 * seconds, "ms", 1);
        analysis_free(&analysis);
    }
}

/* ---- Joint beside NumPy ---- */

static struct analysis joint_analysis(const size_t *sizes, size_t depth, enum activation_kind kind,
                                      size_t rows) {
    struct analysis analysis = {.network = bench_network(sizes, depth, kind),
                                .rows = bench_rows(rows, sizes[0])};
    options_defaults(&analysis.options, true);
    analysis.options.linkage = LINKAGE_COMPLETE;
    analysis.options.refit = false;
    analysis.options.calibration = rows;
    return analysis;
}

void bench_joint(const struct bench *bench) {
    static const struct {
        enum activation_kind kind;
        double target; /* seconds */
    } kinds[] = {{ACTIVATION_TANH, 3}, {ACTIVATION_RELU, 1}};
    size_t n = bench->quick ? 256 : 1024, consumers = 64;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        char what[BENCH_NAME];
        struct analysis analysis =
            joint_analysis((size_t[]){64, n, consumers, 10}, 3, kinds[k].kind, n);
        options_lock(&analysis.options, 2, true);
        struct bench_peer peer = {.name = "NumPy, the same sums"};
        const char *name = activation_name(kinds[k].kind);
        snprintf(what, sizeof what, "%s, %zu neurons, %zu rows, complete", name, n, n);
        snprintf(peer.request, sizeof peer.request, "joint %s %zu %zu %zu", name, n, n, consumers);
        double seconds = bench_figure(bench, what, analyse, &analysis, &peer, 1);
        bench_line(what, seconds, "s", bench->quick ? 0 : kinds[k].target);
        analysis_free(&analysis);
    }
}

/* ---- Steps of epsilon ---- */

enum { STEPS = 400, LAYERS = 3 };

struct steps {
    double seconds[LAYERS + 1][STEPS]; /* by the layer that merges, from 1; in [0] all */
    size_t count[LAYERS + 1];
};

static void take_steps(struct refine *refine, struct steps *steps) {
    struct error error = {0};
    for (size_t k = 0; k < STEPS; k++) {
        size_t layer = 0;
        double next = refine_next_event(refine, &layer);
        if (!isfinite(next))
            return;
        double start = bench_seconds();
        bench_must(refine_set_epsilon(refine, next, NULL, &error), &error);
        double took = bench_seconds() - start;
        steps->seconds[0][steps->count[0]++] = took;
        steps->seconds[layer][steps->count[layer]++] = took;
    }
}

static void steps_line(const char *what, struct steps *steps, size_t layer, double target) {
    if (steps->count[layer] == 0)
        bench_note("%s: no such step among the first %d", what, STEPS);
    else
        bench_line(what, 1e3 * bench_median(steps->seconds[layer], steps->count[layer]), "ms",
                   target);
}

static void measure_steps(struct analysis *analysis, const char *what, struct steps *steps) {
    struct error error = {0};
    double start = bench_seconds();
    struct refine *refine =
        refine_new(analysis->network, &analysis->options,
                   analysis->rows.rows > 0 ? &analysis->rows : NULL, NULL, &error);
    bench_must(refine != NULL, &error);
    bench_line(what, bench_seconds() - start, "s", 0);
    take_steps(refine, steps);
    refine_free(refine);
    analysis_free(analysis);
}

/* Linear layers, whose features are sums over the consumer's classes. The last layer's classes
 * stay, so that a merge in layer 1 changes nobody's neighbours and one in layer 2 those of layer 1.
 */
static struct analysis forward_steps(size_t width, enum linkage linkage) {
    struct analysis analysis = {
        .network = bench_network((size_t[]){64, width, width, width, 8}, 4, ACTIVATION_LINEAR),
        .options = forward_options(NORM_L1, linkage)};
    options_lock(&analysis.options, 3, true);
    return analysis;
}

static void forward_steps_lines(size_t width, enum linkage linkage) {
    char what[BENCH_NAME];
    struct steps steps = {0};
    struct analysis forward = forward_steps(width, linkage);
    const char *name = linkage_name(linkage);
    snprintf(what, sizeof what, "forward l1 %s: the analysis", name);
    measure_steps(&forward, what, &steps);
    snprintf(what, sizeof what, "forward %s, neighbours unchanged", name);
    steps_line(what, &steps, 1, 1);
    snprintf(what, sizeof what, "forward %s, one merge in the neighbour", name);
    steps_line(what, &steps, 2, 30);
}

void bench_steps(const struct bench *bench) {
    size_t width = bench->quick ? 512 : 4096;
    struct steps steps = {0};
    struct analysis joint =
        joint_analysis((size_t[]){64, width, width, width, 8}, 4, ACTIVATION_RELU, 128);
    bench_note("three layers of %zu", width);
    measure_steps(&joint, "joint, 128 rows, complete: the analysis", &steps);
    steps_line("joint, one merge", &steps, 0, 1);
    forward_steps_lines(width, LINKAGE_COMPLETE);
    forward_steps_lines(width, LINKAGE_CHAIN);
}

/* ---- Growth ---- */

void bench_growth(const struct bench *bench) {
    size_t largest = bench->quick ? 1024 : 4096;
    static const enum norm norms[] = {NORM_L1, NORM_L2};
    for (size_t k = 0; k < sizeof norms / sizeof *norms; k++) {
        double first = 0, last = 0;
        for (size_t n = 256; n <= largest; n *= 2) {
            char what[BENCH_NAME];
            struct analysis analysis = layer_analysis(norms[k], LINKAGE_COMPLETE, n);
            double seconds[3];
            for (size_t run = 0; run < 3; run++) {
                double start = bench_seconds();
                analyse(&analysis);
                seconds[run] = bench_seconds() - start;
            }
            last = bench_median(seconds, 3);
            first = n == 256 ? last : first;
            snprintf(what, sizeof what, "forward %s complete, n = m = %zu", norm_name(norms[k]), n);
            bench_line(what, last, "s", 0);
            analysis_free(&analysis);
        }
        bench_line("  grows as n to the power of", log(last / first) / log((double)largest / 256),
                   "", 3);
    }
}

/* ---- Memory ---- */

int bench_memory_child(const char *width) {
    size_t n = strtoul(width, NULL, 10);
    struct rusage before, after;
    struct analysis analysis = {.network =
                                    bench_network((size_t[]){8, n, n, 8}, 3, ACTIVATION_RELU),
                                .options = forward_options(NORM_L2, LINKAGE_CHAIN)};
    getrusage(RUSAGE_SELF, &before);
    analyse(&analysis);
    getrusage(RUSAGE_SELF, &after);
    printf("%ld %ld %zu\n", before.ru_maxrss, after.ru_maxrss,
           network_parameters(analysis.network) * sizeof(double) / 1024);
    analysis_free(&analysis);
    return 0;
}

void bench_memory(const struct bench *bench) {
    size_t width = bench->quick ? 2048 : 8192;
    long before = 0, after = 0, weights = 1;
    char command[256], what[BENCH_NAME];
    snprintf(command, sizeof command, "/proc/%ld/exe --memory-of %zu", (long)getpid(), width);
    FILE *child = popen(command, "r");
    if (!child || fscanf(child, "%ld %ld %ld", &before, &after, &weights) != 3)
        bench_fail("the process whose memory is measured said nothing");
    pclose(child);
    snprintf(what, sizeof what, "2 x %zu, l2, the process at its peak", width);
    bench_line(what, (double)after / 1024, "MB", 0);
    bench_line("  with the network alone", (double)before / 1024, "MB", 0);
    bench_line("  the peak over the weights' bytes", (double)after / (double)weights, "x", 1.5);
}
