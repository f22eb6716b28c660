#include "lumpscope/prune.h"

#include "lumpscope/memory.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { WANDA_ROWS = 128 };

static const char *const names[PRUNE_METHODS] = {"magnitude", "wanda"};

/* Weights are numbered layer after layer, row-major. */
struct scored {
    double score;
    size_t index;
};

struct ranking {
    enum prune_method method;
    const struct network *network;
    struct scored *order; /* [weights] magnitude: all, best first; wanda: best first in each row */
};

const char *prune_name(enum prune_method method) {
    return names[method];
}

void ranking_free(struct ranking *ranking) {
    if (!ranking)
        return;
    free(ranking->order);
    free(ranking);
}

enum prune_method ranking_method(const struct ranking *ranking) {
    return ranking->method;
}

static int best_first(const void *x, const void *y) {
    const struct scored *a = x, *b = y;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

enum { SORTED_AT_ONCE = 1 << 13 };

/* Two sorted runs that follow each other, from[first..middle) and from[middle..end), become one. */
static void merge_runs(const struct scored *from, struct scored *to, size_t first, size_t middle,
                       size_t end) {
    size_t a = first, b = middle;
    for (size_t k = first; k < end; k++)
        to[k] =
            b == end || (a < middle && best_first(&from[a], &from[b]) < 0) ? from[a++] : from[b++];
}

static bool sort_runs(struct scored *items, size_t count, const struct progress *progress,
                      struct error *error) {
    for (size_t first = 0; first < count; first += SORTED_AT_ONCE) {
        if (!progress_step(progress, "sorting weights", first, count, error))
            return false;
        qsort(items + first, count - first < SORTED_AT_ONCE ? count - first : SORTED_AT_ONCE,
              sizeof *items, best_first);
    }
    return true;
}

/* As qsort, in steps between which it can be stopped: short runs, then merged two by two. A merge
 * of all is a few milliseconds for each million. */
static bool sort_steps(struct scored **items, size_t count, const struct progress *progress,
                       struct error *error) {
    struct scored *other = memory_new(count, sizeof *other, error);
    bool done = other && sort_runs(*items, count, progress, error);
    for (size_t run = SORTED_AT_ONCE; done && run < count; run *= 2) {
        for (size_t first = 0; done && first < count; first += 2 * run) {
            size_t middle = count - first < run ? count : first + run;
            size_t end = count - middle < run ? count : middle + run;
            done = progress_step(progress, "sorting weights", first, count, error);
            merge_runs(*items, other, first, middle, end);
        }
        struct scored *merged = other;
        other = *items;
        *items = merged;
    }
    free(other);
    return done;
}

static bool rank_magnitude(struct ranking *ranking, const struct progress *progress,
                           struct error *error) {
    size_t index = 0;
    for (size_t l = 0; l < ranking->network->depth; l++) {
        const struct layer *layer = &ranking->network->layers[l];
        for (size_t k = 0; k < layer->neurons * layer->inputs; k++, index++)
            ranking->order[index] = (struct scored){fabs(layer->weights[k]), index};
    }
    return sort_steps(&ranking->order, index, progress, error);
}

/* || x_j ||_2 over the rows. */
static bool input_norms(const struct matrix *x, size_t rows, double **norms, struct error *error) {
    *norms = memory_new(x->columns, sizeof **norms, error);
    if (!*norms)
        return false;
    for (size_t j = 0; j < x->columns; j++)
        (*norms)[j] = matrix_norm(x->data + j, rows, x->columns);
    return true;
}

static bool rank_rows(struct ranking *ranking, const struct layer *layer, size_t first,
                      const double *norms, const struct progress *progress, struct error *error) {
    for (size_t i = 0; i < layer->neurons; i++) {
        if (i % 16 == 0 && !progress_step(progress, "wanda", i, layer->neurons, error))
            return false;
        struct scored *row = ranking->order + first + i * layer->inputs;
        for (size_t j = 0; j < layer->inputs; j++) {
            /* Not a number where activations overflow: sorting needs an order. */
            double score = fabs(layer->weights[i * layer->inputs + j]) * norms[j];
            row[j] = (struct scored){isnan(score) ? 0 : score, first + i * layer->inputs + j};
        }
        qsort(row, layer->inputs, sizeof *row, best_first);
    }
    return true;
}

static bool rank_wanda(struct ranking *ranking, const struct matrix *rows,
                       const struct progress *progress, struct error *error) {
    struct matrix head = {.rows = rows->rows < WANDA_ROWS ? rows->rows : WANDA_ROWS,
                          .columns = rows->columns,
                          .data = rows->data};
    struct trace trace;
    if (head.rows == 0)
        return error_set(error, ERROR_REQUEST,
                         "wanda ranks weights on calibration rows, and there are none; give a "
                         "smaller --test-fraction, --split none, or other --methods");
    if (!network_trace(ranking->network, &head, &trace, progress, error))
        return false;
    bool done = true;
    size_t first = 0;
    for (size_t l = 0; done && l < ranking->network->depth; l++) {
        const struct layer *layer = &ranking->network->layers[l];
        double *norms;
        done = input_norms(l ? &trace.post[l - 1] : &head, head.rows, &norms, error);
        if (!done)
            break;
        done = rank_rows(ranking, layer, first, norms, progress, error);
        free(norms);
        first += layer->neurons * layer->inputs;
    }
    trace_free(&trace);
    return done;
}

struct ranking *ranking_new(enum prune_method method, const struct network *network,
                            const struct matrix *rows, const struct progress *progress,
                            struct error *error) {
    struct ranking *ranking = memory_new(1, sizeof *ranking, error);
    if (!ranking)
        return NULL;
    ranking->method = method;
    ranking->network = network;
    ranking->order = memory_new(network_macs(network), sizeof *ranking->order, error);
    bool made = ranking->order != NULL;
    if (made && method == PRUNE_MAGNITUDE)
        made = rank_magnitude(ranking, progress, error);
    else if (made)
        made = rank_wanda(ranking, rows, progress, error);
    if (!made) {
        ranking_free(ranking);
        return NULL;
    }
    return ranking;
}

/* Where weight number `index` lies in a copy of the network. */
static double *weight_at(struct network *network, size_t index) {
    for (size_t l = 0; l < network->depth; l++) {
        struct layer *layer = &network->layers[l];
        size_t count = layer->neurons * layer->inputs;
        if (index < count)
            return &layer->weights[index];
        index -= count;
    }
    return NULL;
}

static void drop_magnitude(const struct ranking *ranking, double grp, struct network *network) {
    size_t weights = network_macs(network);
    double kept = floor(grp * (double)network_parameters(network) / 100 + 1e-9) -
                  (double)network_biases(network);
    size_t keep = kept > 0 ? (size_t)kept : 0;
    for (size_t k = keep; k < weights; k++)
        *weight_at(network, ranking->order[k].index) = 0;
}

static void drop_wanda(const struct ranking *ranking, double grp, struct network *network) {
    double biases = (double)network_biases(network);
    double share =
        (grp * (double)network_parameters(network) / 100 - biases) / (double)network_macs(network);
    size_t first = 0;
    for (size_t l = 0; l < network->depth; l++) {
        struct layer *layer = &network->layers[l];
        double kept = floor(fmax(0, share) * (double)layer->inputs + 1e-9);
        size_t keep = kept < (double)layer->inputs ? (size_t)kept : layer->inputs;
        for (size_t i = 0; i < layer->neurons; i++)
            for (size_t k = keep; k < layer->inputs; k++) {
                size_t index = ranking->order[first + i * layer->inputs + k].index;
                layer->weights[index - first] = 0;
            }
        first += layer->neurons * layer->inputs;
    }
}

struct network *ranking_prune(const struct ranking *ranking, double grp, bool *reached,
                              struct error *error) {
    struct network *network = network_copy(ranking->network, error);
    if (!network)
        return NULL;
    if (ranking->method == PRUNE_MAGNITUDE)
        drop_magnitude(ranking, grp, network);
    else
        drop_wanda(ranking, grp, network);
    double size =
        100 * (double)network_nonzero_parameters(network) / (double)network_parameters(network);
    *reached = size <= grp * (1 + 1e-12);
    return network;
}
