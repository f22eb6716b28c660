/* How soon the explorer answers, through a pseudo-terminal of 120x40:
 *
 *     key_to_frame PROGRAM [sample|wide] [truecolor]
 *
 * sample: the network that comes with the program, resting. wide: a ReLU network 784-512-512-10
 * with 20 000 rows, made here in a temporary directory, while a sweep runs.
 *
 * Prints the time from the start to the first frame and to the first one with classes; then, for
 * presses of l and h, j and k, and v, the time to the first frame that shows what the key does (the
 * new epsilon; the other layer's title; the other view's title) and, for l and h, the bytes written
 * until the screen is quiet (sample) or until the next press 150 ms later (wide); the time from Esc
 * to the frame that shows no work any more. */
#include "terminal.h"

#include "lumpscope/model_json.h"
#include "lumpscope/network.h"
#include "lumpscope/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PRESSES = 300, ROWS = 40, COLUMNS = 120, LIMIT_MS = 5000, STOPS = 20 };
enum { INPUTS = 784, HIDDEN = 512, OUTPUTS = 10, DATA_ROWS = 20000, KINDS = 64 };

struct bench {
    struct terminal *terminal;
    bool working; /* a sweep runs: the screen is never quiet */
    char directory[64], model[96], data[96];
};

static double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

static void fail(const char *what) {
    fprintf(stderr, "key_to_frame: %s\n", what);
    exit(1);
}

/* ---- The wide network and its rows ---- */

/* Neurons of a few kinds, some nearer to their kind than others, so that they merge one after the
 * other. */
static void fill_layer(struct layer *layer, struct rng *rng) {
    double kinds[KINDS][INPUTS], scale = 1 / sqrt((double)layer->inputs);
    for (size_t k = 0; k < KINDS; k++)
        for (size_t j = 0; j < layer->inputs; j++)
            kinds[k][j] = rng_normal(rng) * scale;
    for (size_t i = 0; i < layer->neurons; i++) {
        double away = rng_uniform(rng);
        for (size_t j = 0; j < layer->inputs; j++)
            layer->weights[i * layer->inputs + j] =
                kinds[i % KINDS][j] + away * scale * rng_normal(rng);
        layer->bias[i] = 0.1 * rng_normal(rng);
    }
}

static void write_model(struct bench *bench, struct rng *rng) {
    static const size_t sizes[] = {INPUTS, HIDDEN, HIDDEN, OUTPUTS};
    struct error error = {0};
    struct network *network = network_new("wide", sizes, 3, &error);
    if (!network)
        fail(error.text);
    for (size_t l = 0; l < network->depth; l++) {
        fill_layer(&network->layers[l], rng);
        if (l + 1 < network->depth)
            network->layers[l].activation.kind = ACTIVATION_RELU;
    }
    if (!model_json_save(network, bench->model, &error))
        fail(error.text);
    network_free(network);
}

/* Inputs and targets side by side, 32-bit floats. */
static void write_data(struct bench *bench, struct rng *rng) {
    static float row[INPUTS + OUTPUTS];
    char header[118];
    FILE *file = fopen(bench->data, "wb");
    if (!file)
        fail("no temporary file");
    snprintf(header, sizeof header, "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }",
             DATA_ROWS, INPUTS + OUTPUTS);
    fwrite("\x93NUMPY\1\0\x76\0", 1, 10, file);
    fprintf(file, "%-117s\n", header);
    for (int r = 0; r < DATA_ROWS; r++) {
        for (int j = 0; j < INPUTS + OUTPUTS; j++)
            row[j] = (float)(rng_uniform(rng) < 0.2 ? rng_uniform(rng) : 0);
        fwrite(row, sizeof *row, INPUTS + OUTPUTS, file);
    }
    if (fclose(file) != 0)
        fail("the temporary file cannot be written");
}

static void make_files(struct bench *bench) {
    struct rng rng;
    rng_seed(&rng, 1);
    snprintf(bench->directory, sizeof bench->directory, "/tmp/key_to_frame.XXXXXX");
    if (!mkdtemp(bench->directory))
        fail("no temporary directory");
    snprintf(bench->model, sizeof bench->model, "%s/wide.json", bench->directory);
    snprintf(bench->data, sizeof bench->data, "%s/wide.npy", bench->directory);
    write_model(bench, &rng);
    write_data(bench, &rng);
}

static void remove_files(const struct bench *bench) {
    unlink(bench->model);
    unlink(bench->data);
    rmdir(bench->directory);
}

/* ---- Figures ---- */

static int ascending(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return a < b ? -1 : a > b;
}

static void print_quantiles(const char *what, const char *unit, double *values, size_t count) {
    qsort(values, count, sizeof *values, ascending);
    printf("%-34s p50 %7.2f %s   p99 %7.2f %s   max %7.2f %s   (%zu)\n", what, values[count / 2],
           unit, values[count * 99 / 100], unit, values[count - 1], unit, count);
    fflush(stdout);
}

static double until_shown(const struct bench *bench, double start, const char *text, bool shown) {
    while (terminal_shows(bench->terminal, text) != shown && now_ms() - start < 600000)
        terminal_read(bench->terminal, 1);
    return now_ms() - start;
}

/* Line `number` of the screen, from 0. */
static void screen_line(const struct bench *bench, int number, char *out, size_t size) {
    const char *line = terminal_text(bench->terminal);
    while (line && number-- > 0)
        line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
    snprintf(out, size, "%.*s", line ? (int)strcspn(line, "\n") : 0, line ? line : "");
}

static void read_for(const struct bench *bench, int ms) {
    double end = now_ms() + ms;
    while (now_ms() < end)
        terminal_read(bench->terminal, 1);
}

/* Until a line changes; the time, or -1 when it does not. */
static double press(const struct bench *bench, const char *key, int line, double *bytes) {
    char before[1024], after[1024];
    size_t written = terminal_bytes(bench->terminal);
    screen_line(bench, line, before, sizeof before);
    double start = now_ms(), took;
    terminal_send(bench->terminal, key);
    do {
        terminal_read(bench->terminal, 1);
        screen_line(bench, line, after, sizeof after);
        took = now_ms() - start;
    } while (strcmp(before, after) == 0 && took < LIMIT_MS);
    if (bench->working)
        read_for(bench, 150);
    else
        while (terminal_read(bench->terminal, 30))
            continue;
    *bytes = (double)(terminal_bytes(bench->terminal) - written);
    return strcmp(before, after) ? took : -1;
}

/* `keys`: two keys, the first pressed `run` times, then the second as often, and so on. */
static void measure(const struct bench *bench, const char *what, const char *keys, int run,
                    int line) {
    static double frame[PRESSES], bytes[PRESSES];
    size_t count = 0, missed = 0;
    for (int k = 0; k < PRESSES; k++) {
        char key[2] = {keys[k / run % 2], '\0'};
        frame[count] = press(bench, key, line, &bytes[count]);
        missed += frame[count] < 0;
        count += frame[count] >= 0;
    }
    if (count > 0)
        print_quantiles(what, "ms", frame, count);
    if (count > 0 && line == 1)
        print_quantiles("  bytes for it", "B ", bytes, count);
    if (missed > 0)
        printf("  %zu presses without effect\n", missed);
}

static void measure_stopping(const struct bench *bench) {
    static double took[STOPS];
    for (int k = 0; k < STOPS; k++) {
        terminal_send(bench->terminal, "s");
        until_shown(bench, now_ms(), "Esc stops", true);
        read_for(bench, 200 + 37 * k);
        double start = now_ms();
        terminal_send(bench->terminal, "\033");
        took[k] = until_shown(bench, start, "Esc stops", false);
    }
    print_quantiles("Esc to rest", "ms", took, STOPS);
}

static void start(struct bench *bench, const char *program, bool wide, bool truecolor) {
    const char *const sample[] = {NULL};
    const char *const arguments[] = {bench->model, "--data",  bench->data,
                                     "--target",   "last:10", NULL};
    const char *const environment[] = {truecolor ? "COLORTERM=truecolor" : "COLORTERM", NULL};
    double begin = now_ms();
    bench->terminal =
        terminal_start(ROWS, COLUMNS, program, wide ? arguments : sample, environment);
    printf("first frame                        %.1f ms\n",
           until_shown(bench, begin, "? help", true));
    printf("first frame with classes           %.1f ms\n",
           until_shown(bench, begin, "classes   next merge", true));
    fflush(stdout);
}

int main(int count, char **words) {
    struct bench bench = {0};
    bool wide = false, truecolor = false;
    for (int i = 2; i < count; i++) {
        wide |= !strcmp(words[i], "wide");
        truecolor |= !strcmp(words[i], "truecolor");
    }
    if (count < 2 || count > 4) {
        fprintf(stderr, "key_to_frame PROGRAM [sample|wide] [truecolor]\n");
        return 2;
    }
    if (wide)
        make_files(&bench);
    start(&bench, words[1], wide, truecolor);
    if (wide) {
        terminal_send(bench.terminal, "s");
        bench.working = true;
        read_for(&bench, 2000);
    } else
        while (terminal_read(bench.terminal, 500))
            continue;
    measure(&bench, "l, h: the new epsilon", "lh", 50, 1);
    measure(&bench, "j, k: the other layer", "jk", 1, 4);
    measure(&bench, "v: the other view", "vv", 1, 4);
    if (wide) {
        measure_stopping(&bench);
        remove_files(&bench);
    }
    terminal_free(bench.terminal);
    return 0;
}
