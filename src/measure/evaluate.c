#include "lumpscope/evaluate.h"

#include <math.h>

bool evaluation_init(struct evaluation *evaluation, const struct network *network,
                     const struct matrix *inputs, const struct matrix *targets,
                     struct error *error) {
    *evaluation = (struct evaluation){.network = network, .inputs = inputs, .targets = targets};
    return matrix_init(&evaluation->outputs, inputs->rows, network_outputs(network), error);
}

void evaluation_free(struct evaluation *evaluation) {
    matrix_free(&evaluation->outputs);
    *evaluation = (struct evaluation){0};
}

/* What is done stays done when the next piece is interrupted. */
enum { PIECE = 64 };

bool evaluation_advance(struct evaluation *evaluation, size_t rows, const struct progress *progress,
                        struct error *error) {
    size_t left = evaluation->inputs->rows - evaluation->done;
    size_t end = evaluation->done + (rows < left ? rows : left);
    while (evaluation->done < end) {
        size_t done = evaluation->done, count = end - done < PIECE ? end - done : PIECE;
        if (!progress_step(progress, "evaluating", done, evaluation->inputs->rows, error) ||
            !network_forward(evaluation->network, matrix_row(evaluation->inputs, done), count,
                             false, matrix_row(&evaluation->outputs, done), progress, error))
            return false;
        evaluation->done += count;
    }
    return true;
}

void evaluation_metrics(const struct evaluation *evaluation, struct metrics *metrics) {
    metrics_compute(evaluation->network, evaluation->outputs.data, evaluation->targets->data,
                    evaluation->done, metrics);
}

bool evaluate_network(const struct network *network, const struct matrix *inputs,
                      const struct matrix *targets, struct metrics *metrics,
                      const struct progress *progress, struct error *error) {
    struct evaluation evaluation;
    if (!evaluation_init(&evaluation, network, inputs, targets, error))
        return false;
    bool done = evaluation_advance(&evaluation, inputs->rows, progress, error);
    if (done)
        evaluation_metrics(&evaluation, metrics);
    evaluation_free(&evaluation);
    return done;
}

/* The first row that overflows, and there the first layer. */
static bool first_not_finite(const struct trace *trace, size_t first_row, struct overflow *where) {
    for (size_t r = 0; r < trace->rows; r++)
        for (size_t l = 0; l < trace->depth; l++)
            for (size_t i = 0; i < trace->post[l].columns; i++)
                if (!isfinite(matrix_row(&trace->post[l], r)[i])) {
                    *where = (struct overflow){.layer = l + 1, .neuron = i, .row = first_row + r};
                    return true;
                }
    return false;
}

bool evaluate_overflow(const struct network *network, const struct matrix *inputs,
                       struct overflow *where) {
    enum { BATCH = 64 };
    for (size_t start = 0; start < inputs->rows; start += BATCH) {
        struct matrix batch = {.rows = inputs->rows - start < BATCH ? inputs->rows - start : BATCH,
                               .columns = inputs->columns,
                               .data = matrix_row(inputs, start)};
        struct trace trace;
        struct error ignored;
        if (!network_trace(network, &batch, &trace, NULL, &ignored))
            return false;
        bool found = first_not_finite(&trace, start, where);
        trace_free(&trace);
        if (found)
            return true;
    }
    return false;
}
