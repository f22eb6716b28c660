#include "bench.h"

#include "lumpscope/parallel.h"
#include "lumpscope/text.h"

#include <cblas.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct group {
    const char *name, *title;
    void (*run)(const struct bench *);
} groups[] = {
    {"partition", "Analysis: distances and linkage of one layer", bench_partition},
    {"erode", "Analysis beside ERODE's recorded times", bench_erode},
    {"joint", "Joint analysis", bench_joint},
    {"evaluate", "Evaluation, three layers of equal width, ReLU", bench_evaluate},
    {"steps", "A step of epsilon after the analysis", bench_steps},
    {"growth", "Growth with the width n, as many consumers", bench_growth},
    {"start", "Start of the explorer on its sample", bench_start},
    {"keys", "From a key to the frame that shows it", bench_keys},
    {"memory", "Peak memory of an analysis, chain", bench_memory},
};
enum { GROUPS = sizeof groups / sizeof *groups };

double bench_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

_Noreturn void bench_fail(const char *why) {
    fprintf(stderr, "bench: %s\n", why);
    exit(1);
}

void bench_must(bool done, const struct error *error) {
    if (!done)
        bench_fail(error->text);
}

static int ascending(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return a < b ? -1 : a > b;
}

double bench_median(double *values, size_t count) {
    qsort(values, count, sizeof *values, ascending);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* ---- Shapes ---- */

struct network *bench_network(const size_t *sizes, size_t depth, enum activation_kind kind) {
    struct error error = {0};
    struct rng rng;
    rng_seed(&rng, 1);
    struct network *network = network_new("bench", sizes, depth, &error);
    bench_must(network != NULL, &error);
    for (size_t l = 0; l < depth; l++) {
        struct layer *layer = &network->layers[l];
        double scale = 1 / sqrt((double)layer->inputs);
        for (size_t k = 0; k < layer->neurons * layer->inputs; k++)
            layer->weights[k] = scale * rng_normal(&rng);
        for (size_t i = 0; i < layer->neurons; i++)
            layer->bias[i] = 0.1 * rng_normal(&rng);
        if (l + 1 < depth)
            layer->activation.kind = kind;
    }
    return network;
}

struct matrix bench_rows(size_t rows, size_t columns) {
    struct matrix matrix;
    struct error error = {0};
    struct rng rng;
    rng_seed(&rng, 2);
    bench_must(matrix_init(&matrix, rows, columns, &error), &error);
    for (size_t k = 0; k < rows * columns; k++)
        matrix.data[k] = rng_normal(&rng);
    return matrix;
}

/* ---- The table ---- */

static void time_text(double seconds, char *out, size_t size) {
    if (!isfinite(seconds))
        snprintf(out, size, "-");
    else if (seconds < 1e-3)
        snprintf(out, size, "%.1f us", 1e6 * seconds);
    else if (seconds < 1)
        snprintf(out, size, "%.2f ms", 1e3 * seconds);
    else
        snprintf(out, size, "%.2f s", seconds);
}

static void print_line(const char *what, const char *ours, const char *peer, const char *theirs,
                       const char *ratio, const char *target) {
    printf("%-43s %10s  %-30s %10s %8s  %s\n", what, ours, peer, theirs, ratio, target);
    fflush(stdout);
}

void bench_note(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    printf("  ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    fflush(stdout);
}

void bench_line(const char *what, double value, const char *unit, double target) {
    char ours[32], promised[48] = "";
    snprintf(ours, sizeof ours, "%.3g %s", value, unit);
    if (target > 0)
        snprintf(promised, sizeof promised, "at most %g %s: %s", target, unit,
                 value <= target ? "met" : "MISSED");
    print_line(what, ours, "", "", "", promised);
}

static void print_peer(const char *what, double ours, const struct bench_peer *peer,
                       double theirs) {
    char own[32], other[32], ratio[32], target[48] = "";
    time_text(ours, own, sizeof own);
    time_text(theirs, other, sizeof other);
    snprintf(ratio, sizeof ratio, "%.3gx", theirs / ours);
    if (peer->target > 0)
        snprintf(target, sizeof target, "at least %gx: %s", peer->target,
                 theirs / ours >= peer->target ? "met" : "MISSED");
    print_line(what, own, peer->name, other, ratio, target);
}

/* ---- Runs ---- */

static double time_of(bench_work *work, void *user) {
    double start = bench_seconds();
    work(user);
    return bench_seconds() - start;
}

enum { MOST_PEERS = 8, MOST_RUNS = 16 };

/* One run of a peer; NaN with the reason when it is missing. */
static double peer_time(const struct bench *bench, const struct bench_peer *peer, char *reason,
                        size_t size) {
    double seconds = NAN, factor = peer->factor > 0 ? peer->factor : 1;
    if (peer->recorded > 0)
        return peer->recorded;
    if (peer->work)
        seconds = time_of(peer->work, peer->user);
    else if (!peers_time(bench->peers, peer->request, &seconds, reason, size))
        return NAN;
    return factor * seconds;
}

double bench_figure(const struct bench *bench, const char *what, bench_work *work, void *user,
                    const struct bench_peer *peers, size_t count) {
    double ours[MOST_RUNS], theirs[MOST_PEERS][MOST_RUNS];
    char reason[MOST_PEERS][256] = {{0}};
    for (size_t run = 0; run < bench->runs; run++) {
        ours[run] = time_of(work, user);
        for (size_t p = 0; p < count; p++)
            theirs[p][run] =
                reason[p][0] ? NAN : peer_time(bench, &peers[p], reason[p], sizeof reason[p]);
    }
    double median = bench_median(ours, bench->runs);
    for (size_t p = 0; p < count; p++) {
        if (reason[p][0]) {
            char own[32];
            time_text(median, own, sizeof own);
            print_line(what, own, peers[p].name, "-", "-", reason[p]);
        } else
            print_peer(what, median, &peers[p], bench_median(theirs[p], bench->runs));
    }
    return median;
}

/* ---- The program ---- */

static const char usage[] =
    "bench --program FILE [--only NAME[,NAME...]] [--quick] [--runs N] [--threads N]\n"
    "prints each figure beside its peers in the same run; NAMEs:";

static int print_usage(FILE *out, int status) {
    fprintf(out, "%s\n", usage);
    for (size_t g = 0; g < GROUPS; g++)
        fprintf(out, "  %-10s %s\n", groups[g].name, groups[g].title);
    return status;
}

/* Whether `name` is one of a comma separated list. */
static bool listed(const char *list, const char *name) {
    size_t length = strlen(name);
    for (; list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL)
        if (!strncmp(list, name, length) && (list[length] == ',' || list[length] == '\0'))
            return true;
    return false;
}

static bool parse(int count, char **words, struct bench *bench, const char **only) {
    uint64_t number;
    for (int i = 1; i < count; i++) {
        const char *value = i + 1 < count ? words[i + 1] : NULL;
        if (!strcmp(words[i], "--quick")) {
            bench->quick = true;
            continue;
        }
        if (!value)
            return false;
        i++;
        if (!strcmp(words[i - 1], "--program"))
            bench->program = value;
        else if (!strcmp(words[i - 1], "--only"))
            *only = value;
        else if (!strcmp(words[i - 1], "--runs") && text_to_uint64(value, &number) && number > 0)
            bench->runs = number < MOST_RUNS ? (size_t)number : MOST_RUNS;
        else if (!strcmp(words[i - 1], "--threads") && text_to_uint64(value, &number) &&
                 number > 0 && number <= PARALLEL_THREADS)
            bench->threads = (size_t)number;
        else
            return false;
    }
    return bench->program != NULL;
}

int main(int count, char **words) {
    struct bench bench = {.threads = parallel_threads()};
    const char *only = NULL;
    char threads[TEXT_NUMBER_SIZE];
    if (count == 3 && !strcmp(words[1], "--memory-of"))
        return bench_memory_child(words[2]);
    if (count == 2 && !strcmp(words[1], "--help"))
        return print_usage(stdout, 0);
    if (!parse(count, words, &bench, &only))
        return print_usage(stderr, 2);
    bench.runs = bench.runs ? bench.runs : bench.quick ? 3 : 5;
    snprintf(threads, sizeof threads, "%zu", bench.threads);
    setenv("LUMPSCOPE_THREADS", threads, 1);
    bench.peers = peers_start(bench.threads);
    printf("%zu threads, median of %zu alternating runs%s; BLAS here: %s\n", bench.threads,
           bench.runs, bench.quick ? ", quick" : "", openblas_get_config());
    for (size_t g = 0; g < GROUPS; g++) {
        if (only && !listed(only, groups[g].name))
            continue;
        printf("\n%s\n", groups[g].title);
        print_line("figure", "here", "peer", "peer's", "ratio", "target");
        groups[g].run(&bench);
    }
    peers_stop(bench.peers);
    return 0;
}
