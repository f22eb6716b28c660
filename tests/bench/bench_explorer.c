/* How soon the explorer answers, through a pseudo-terminal of 120x40: on the sample that comes with
 * the program, resting, and on a ReLU network 784-512-512-10 with 20 000 rows, made here in a
 * temporary directory, while a sweep runs. For presses of l and h, j and k, and v: the time to the
 * first frame that shows what the key does (the new epsilon; the other layer's title; the other
 * view's title) and, for l and h, the bytes written until the screen is quiet (sample) or until the
 * next press 150 ms later (wide); the time from Esc to the frame that shows no work any more. */
#include "bench.h"

#include "terminal.h"

#include "lumpscope/model_json.h"
#include "lumpscope/network.h"
#include "lumpscope/rng.h"

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRESSES = 300, ROWS = 40, COLUMNS = 120, LIMIT_MS = 5000, STOPS = 20 };
enum { INPUTS = 784, HIDDEN = 512, OUTPUTS = 10, DATA_ROWS = 20000, KINDS = 64 };

struct explorer {
    struct terminal *terminal;
    bool working; /* a sweep runs: the screen is never quiet */
    char directory[64], model[96], data[96];
};

static double now_ms(void) {
    return 1e3 * bench_seconds();
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

static void write_model(struct explorer *explorer, struct rng *rng) {
    static const size_t sizes[] = {INPUTS, HIDDEN, HIDDEN, OUTPUTS};
    struct error error = {0};
    struct network *network = network_new("wide", sizes, 3, &error);
    if (!network)
        bench_fail(error.text);
    for (size_t l = 0; l < network->depth; l++) {
        fill_layer(&network->layers[l], rng);
        if (l + 1 < network->depth)
            network->layers[l].activation.kind = ACTIVATION_RELU;
    }
    if (!model_json_save(network, explorer->model, NULL, NULL, &error))
        bench_fail(error.text);
    network_free(network);
}

/* Inputs and targets side by side, 32-bit floats. */
static void write_data(struct explorer *explorer, struct rng *rng) {
    static float row[INPUTS + OUTPUTS];
    char header[118];
    FILE *file = fopen(explorer->data, "wb");
    if (!file)
        bench_fail("no temporary file");
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
        bench_fail("the temporary file cannot be written");
}

static void make_directory(struct explorer *explorer) {
    snprintf(explorer->directory, sizeof explorer->directory, "/tmp/lumpscope-bench.XXXXXX");
    if (!mkdtemp(explorer->directory))
        bench_fail("no temporary directory");
}

static void make_files(struct explorer *explorer) {
    struct rng rng;
    rng_seed(&rng, 1);
    snprintf(explorer->model, sizeof explorer->model, "%s/wide.json", explorer->directory);
    snprintf(explorer->data, sizeof explorer->data, "%s/wide.npy", explorer->directory);
    write_model(explorer, &rng);
    write_data(explorer, &rng);
}

/* ---- Figures ---- */

static int ascending(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return a < b ? -1 : a > b;
}

static void print_quantiles(const char *what, const char *unit, double *values, size_t count) {
    qsort(values, count, sizeof *values, ascending);
    bench_note("%-34s p50 %7.2f %s   p99 %7.2f %s   max %7.2f %s   (%zu)", what, values[count / 2],
               unit, values[count * 99 / 100], unit, values[count - 1], unit, count);
}

static double until_shown(const struct explorer *explorer, double start, const char *text,
                          bool shown) {
    while (terminal_shows(explorer->terminal, text) != shown && now_ms() - start < 600000)
        terminal_read(explorer->terminal, 1);
    return now_ms() - start;
}

/* Line `number` of the screen, from 0. */
static void screen_line(const struct explorer *explorer, int number, char *out, size_t size) {
    const char *line = terminal_text(explorer->terminal);
    while (line && number-- > 0)
        line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
    snprintf(out, size, "%.*s", line ? (int)strcspn(line, "\n") : 0, line ? line : "");
}

static void read_for(const struct explorer *explorer, int ms) {
    double end = now_ms() + ms;
    while (now_ms() < end)
        terminal_read(explorer->terminal, 1);
}

/* Until a line changes; the time, or -1 when it does not. */
static double press(const struct explorer *explorer, const char *key, int line, double *bytes) {
    char before[1024], after[1024];
    size_t written = terminal_bytes(explorer->terminal);
    screen_line(explorer, line, before, sizeof before);
    double start = now_ms(), took;
    terminal_send(explorer->terminal, key);
    do {
        terminal_read(explorer->terminal, 1);
        screen_line(explorer, line, after, sizeof after);
        took = now_ms() - start;
    } while (strcmp(before, after) == 0 && took < LIMIT_MS);
    if (explorer->working)
        read_for(explorer, 150);
    else
        while (terminal_read(explorer->terminal, 30))
            continue;
    *bytes = (double)(terminal_bytes(explorer->terminal) - written);
    return strcmp(before, after) ? took : -1;
}

/* `keys`: two keys, the first pressed `run` times, then the second as often, and so on. */
static void measure(const struct explorer *explorer, const char *what, const char *keys, int run,
                    int line) {
    static double frame[PRESSES], bytes[PRESSES];
    size_t count = 0, missed = 0;
    for (int k = 0; k < PRESSES; k++) {
        char key[2] = {keys[k / run % 2], '\0'};
        frame[count] = press(explorer, key, line, &bytes[count]);
        missed += frame[count] < 0;
        count += frame[count] >= 0;
    }
    if (count > 0)
        print_quantiles(what, "ms", frame, count);
    if (count > 0 && line == 1)
        print_quantiles("  bytes for it", "B ", bytes, count);
    if (missed > 0)
        bench_note("%zu presses without effect", missed);
}

static void measure_stopping(const struct explorer *explorer) {
    static double took[STOPS];
    for (int k = 0; k < STOPS; k++) {
        terminal_send(explorer->terminal, "s");
        until_shown(explorer, now_ms(), "Esc stops", true);
        read_for(explorer, 200 + 37 * k);
        double start = now_ms();
        terminal_send(explorer->terminal, "\033");
        took[k] = until_shown(explorer, start, "Esc stops", false);
    }
    print_quantiles("Esc to rest", "ms", took, STOPS);
}

/* Started in a directory of its own, so that nobody's settings and sessions are touched. */
static void start(struct explorer *explorer, const char *program, bool wide) {
    const char *const sample[] = {NULL};
    const char *const arguments[] = {explorer->model, "--data",  explorer->data,
                                     "--target",      "last:10", NULL};
    char state[128], config[128];
    snprintf(state, sizeof state, "XDG_STATE_HOME=%s", explorer->directory);
    snprintf(config, sizeof config, "XDG_CONFIG_HOME=%s", explorer->directory);
    const char *const environment[] = {state, config, "COLORTERM=truecolor", NULL};
    explorer->terminal =
        terminal_start(ROWS, COLUMNS, program, wide ? arguments : sample, environment);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status, (void)kind, (void)where;
    return remove(path);
}

static void finish(struct explorer *explorer) {
    terminal_free(explorer->terminal);
    nftw(explorer->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void measure_keys(const struct explorer *explorer) {
    measure(explorer, "l, h: the new epsilon", "lh", 50, 1);
    measure(explorer, "j, k: the other layer", "jk", 1, 4);
    measure(explorer, "v: the other view", "vv", 1, 4);
}

void bench_start(const struct bench *bench) {
    double first[STOPS], classes[STOPS];
    for (size_t run = 0; run < bench->runs; run++) {
        struct explorer explorer = {0};
        make_directory(&explorer);
        double begin = now_ms();
        start(&explorer, bench->program, false);
        first[run] = until_shown(&explorer, begin, "? help", true);
        classes[run] = until_shown(&explorer, begin, "classes   next merge", true);
        finish(&explorer);
    }
    bench_line("first frame", bench_median(first, bench->runs), "ms", 50);
    bench_line("first frame with classes", bench_median(classes, bench->runs), "ms", 0);
}

static void keys_at_rest(const char *program) {
    struct explorer explorer = {0};
    make_directory(&explorer);
    start(&explorer, program, false);
    until_shown(&explorer, now_ms(), "classes   next merge", true);
    while (terminal_read(explorer.terminal, 500))
        continue;
    bench_note("the sample, resting");
    measure_keys(&explorer);
    finish(&explorer);
}

static void keys_at_work(const char *program) {
    struct explorer explorer = {.working = true};
    make_directory(&explorer);
    make_files(&explorer);
    start(&explorer, program, true);
    until_shown(&explorer, now_ms(), "classes   next merge", true);
    terminal_send(explorer.terminal, "s");
    read_for(&explorer, 2000);
    bench_note("784-512-512-10 with 20 000 rows, while a sweep runs");
    measure_keys(&explorer);
    measure_stopping(&explorer);
    finish(&explorer);
}

void bench_keys(const struct bench *bench) {
    keys_at_rest(bench->program);
    if (!bench->quick)
        keys_at_work(bench->program);
}
