#include "fuzz.h"

#include <ftw.h>
#include <math.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define FUZZ_ADDRESS
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FUZZ_ADDRESS
#endif
#endif
#ifdef FUZZ_ADDRESS
/* Of sanitizer/allocator_interface.h, which does not come with every compiler. */
int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void *, size_t),
                                              void (*released)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *block);
#endif

void fuzz_fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("fuzz: ", stderr);
    vfprintf(stderr, format, arguments);
    fputs("\n", stderr);
    va_end(arguments);
    abort();
}

/* ---- Files ---- */

static char directory[FUZZ_PATH_SIZE / 2];

static int remove_found(const char *path, const struct stat *status, int type, struct FTW *where) {
    (void)status, (void)type;
    if (where->level > 0)
        remove(path);
    return 0;
}

void fuzz_clear(void) {
    if (*directory)
        nftw(directory, remove_found, 8, FTW_DEPTH | FTW_PHYS);
}

static void remove_directory(void) {
    fuzz_clear();
    rmdir(directory);
}

const char *fuzz_directory(void) {
    if (*directory)
        return directory;
    const char *below = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/lumpscope-fuzz-XXXXXX", below ? below : "/tmp");
    fuzz_require(mkdtemp(directory), "%s: cannot be made", directory);
    atexit(remove_directory);
    return directory;
}

const char *fuzz_path(const char *name, char *out) {
    snprintf(out, FUZZ_PATH_SIZE, "%s/%s", fuzz_directory(), name);
    return out;
}

bool fuzz_write(const char *name, const void *data, size_t size) {
    char path[FUZZ_PATH_SIZE];
    FILE *file = fopen(fuzz_path(name, path), "wb");
    if (!file)
        return false;
    bool written = fwrite(data, 1, size, file) == size;
    return fclose(file) == 0 && written;
}

/* ---- Memory ---- */

#ifdef FUZZ_ADDRESS
static atomic_size_t held, allowed; /* allowed 0: nobody counts */

static void count_allocation(const volatile void *block, size_t size) {
    (void)block;
    size_t limit = atomic_load(&allowed);
    if (limit > 0 && atomic_fetch_add(&held, size) + size > limit) {
        atomic_store(&allowed, 0);
        fuzz_require(false, "more than %zu bytes are held for so small an input", limit);
    }
}

static void count_release(const volatile void *block) {
    if (atomic_load(&allowed) == 0 || !block)
        return;
    size_t size = __sanitizer_get_allocated_size(block), before = atomic_load(&held);
    atomic_fetch_sub(&held, size < before ? size : before); /* it may be older than the count */
}

void fuzz_budget(size_t input, size_t times) {
    static atomic_bool hooked;
    if (!atomic_exchange(&hooked, true))
        __sanitizer_install_malloc_and_free_hooks(count_allocation, count_release);
    atomic_store(&held, 0);
    atomic_store(&allowed, FUZZ_BUDGET_FREE + times * input);
}

void fuzz_budget_end(void) {
    atomic_store(&allowed, 0);
}
#else
void fuzz_budget(size_t input, size_t times) {
    (void)input, (void)times;
}

void fuzz_budget_end(void) {
}
#endif

/* ---- Networks ---- */

static bool same_layer(const struct layer *a, const struct layer *b) {
    return a->inputs == b->inputs && a->neurons == b->neurons &&
           a->activation.kind == b->activation.kind &&
           memcmp(a->weights, b->weights, a->inputs * a->neurons * sizeof *a->weights) == 0 &&
           memcmp(a->bias, b->bias, a->neurons * sizeof *a->bias) == 0;
}

bool fuzz_same_network(const struct network *a, const struct network *b) {
    bool same = a->depth == b->depth && a->task == b->task;
    for (size_t l = 0; same && l < a->depth; l++)
        same = same_layer(&a->layers[l], &b->layers[l]);
    return same;
}

static void check_layer(const struct network *network, size_t l) {
    const struct layer *layer = &network->layers[l];
    fuzz_require(layer->neurons > 0 && layer->inputs > 0, "layer %zu is empty", l + 1);
    fuzz_require(l == 0 || layer->inputs == network->layers[l - 1].neurons,
                 "layer %zu does not fit the one before", l + 1);
    for (size_t i = 0; i < layer->neurons * layer->inputs; i++)
        fuzz_require(isfinite(layer->weights[i]), "a weight of layer %zu is not finite", l + 1);
    for (size_t i = 0; i < layer->neurons; i++)
        fuzz_require(isfinite(layer->bias[i]), "a bias of layer %zu is not finite", l + 1);
    if (layer->activation.kind == ACTIVATION_POLYNOMIAL)
        for (size_t k = 0; k <= layer->activation.degree; k++)
            fuzz_require(isfinite(layer->activation.coefficients[k]),
                         "a coefficient of layer %zu is not finite", l + 1);
}

void fuzz_check_network(const struct network *network) {
    fuzz_require(network->depth > 0 && network->name, "a network without layers or name");
    for (size_t l = 0; l < network->depth; l++)
        check_layer(network, l);
    size_t inputs = network_inputs(network), outputs = network_outputs(network);
    double *rows = malloc(2 * inputs * sizeof *rows), *out = malloc(2 * outputs * sizeof *out);
    struct error error = {0};
    for (size_t i = 0; rows && i < 2 * inputs; i++)
        rows[i] = 1 - (double)i;
    if (rows && out)
        fuzz_require(network_forward(network, rows, 2, false, out, NULL, &error),
                     "cannot be evaluated: %s", error.text);
    free(rows);
    free(out);
}
