#include "program_bench.h"

#include "program_output.h"

#include "measure/bench_report.h"

#include <math.h>

static void mean_cell(struct table *table, const struct bench_mean *mean) {
    struct text cell = {0};
    bench_append_mean(&cell, mean);
    table_cell_text(table, &cell);
    text_free(&cell);
}

static void size_heads(struct table *table) {
    for (size_t g = 0; g < BENCH_GRPS; g++)
        table_cell(table, "%g %%", bench_grp[g]);
}

static bool row_is_empty(const struct bench_summary *summary, size_t s, size_t a,
                         enum bench_method method) {
    for (size_t g = 0; g < BENCH_GRPS; g++)
        if (bench_cell_at(summary, s, a, g, method)->mse.count > 0)
            return false;
    return true;
}

static void errors_of(const struct bench_summary *summary, size_t s, size_t a, struct text *out) {
    struct table table = {.alignment = "lrrrrrrrr"};
    const struct bench_mean *base = &summary->base[s * BENCH_ARCHITECTURES + a];
    text_format(out, "%s, %s: original ", bench_sets[s].name, bench_architectures[a]);
    bench_append_mean(out, base);
    text_format(out, " (%zu %s)\n", base->count, base->count == 1 ? "seed" : "seeds");
    table_cell(&table, "  test MSE at most");
    size_heads(&table);
    for (int m = 0; m < BENCH_METHODS; m++) {
        enum bench_method method = (enum bench_method)m;
        if (row_is_empty(summary, s, a, method))
            continue;
        table_cell(&table, "  %s", bench_method_name(method));
        for (size_t g = 0; g < BENCH_GRPS; g++)
            mean_cell(&table, &bench_cell_at(summary, s, a, g, method)->mse);
    }
    table_print(&table, out);
    text_append(out, "\n");
}

static void score_row(const struct bench_summary *summary, enum bench_method method,
                      enum bench_method rival, const struct bench_span *span, struct table *table) {
    struct bench_score score = bench_score_of(summary, method, rival, span->least, span->most);
    double share = score.cells ? 100 / (double)score.cells : NAN;
    table_cell(table, "%s", bench_method_name(rival));
    table_cell(table, "%s", span->name);
    table_cell(table, "%zu", score.cells);
    table_cell(table, "%zu", score.ahead);
    table_cell(table, "%zu", score.level);
    table_cell(table, "%zu", score.behind);
    if (score.cells) {
        table_cell(table, "%.1f %%", share * (double)score.ahead);
        table_cell(table, "%.1f %%", share * (double)score.near);
    } else {
        table_cell(table, "-");
        table_cell(table, "-");
    }
    table_cell(table, "%zu", score.clear);
    table_cell(table, "%zu", score.open);
    table_cell(table, "%zu", score.lost);
}

static void scores_of(const struct bench_summary *summary, enum bench_method method,
                      struct text *out) {
    static const char *const heads[] = {
        "against", "sizes",      "cells",         "ahead",       "level",         "behind",
        "ahead",   "within 5 %", "clearly ahead", "overlapping", "clearly behind"};
    struct table table = {.alignment = "llrrrrrrrrr"};
    text_format(out,
                "%s: cells (data set, network, size) by mean, then by intervals; a rival without a "
                "network of\nthe size is behind\n",
                bench_method_name(method));
    for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
        table_cell(&table, "%s", heads[k]);
    for (int m = 0; m < BENCH_METHODS; m++)
        for (int p = 0; p < BENCH_SPANS; p++)
            if ((enum bench_method)m != method && bench_has_method(summary, (enum bench_method)m))
                score_row(summary, method, (enum bench_method)m, &bench_spans[p], &table);
    table_print(&table, out);
    text_append(out, "\n");
}

/* Median and worst of the ratios to `other`, size by size. */
static bool ratio_row(const struct bench_summary *summary, enum bench_method method,
                      enum bench_method other, struct table *table, struct error *error) {
    char median[TEXT_NUMBER_SIZE], worst[TEXT_NUMBER_SIZE];
    table_cell(table, "%s", bench_method_name(method));
    for (size_t g = 0; g < BENCH_GRPS; g++) {
        double middle, most;
        if (!bench_ratio_figures(summary, method, other, bench_grp[g], bench_grp[g], &middle, &most,
                                 error))
            return false;
        table_cell(table, "%s (%s)", text_human(middle, 3, median), text_human(most, 3, worst));
    }
    return true;
}

static bool ratios_to_scratch(const struct bench_summary *summary, struct text *out,
                              struct error *error) {
    struct table table = {.alignment = "lrrrrrrrr"};
    bool done = true;
    table_cell(&table, "ratio to scratch: median (worst)");
    size_heads(&table);
    for (int m = 0; done && m < BENCH_SCRATCH; m++)
        if (bench_has_method(summary, (enum bench_method)m))
            done = ratio_row(summary, (enum bench_method)m, BENCH_SCRATCH, &table, error);
    table_print(&table, out);
    text_append(out, "\n");
    return done;
}

/* Means over the data sets and architectures at one size. */
static void cost_cells(const struct bench_summary *summary, enum bench_method method, size_t g,
                       struct table *table) {
    double seconds = 0, bytes = 0, evaluation = 0, count = 0;
    char number[TEXT_NUMBER_SIZE];
    for (size_t s = 0; s < BENCH_SETS; s++)
        for (size_t a = 0; a < BENCH_ARCHITECTURES; a++) {
            const struct bench_cell *cell = bench_cell_at(summary, s, a, g, method);
            if (cell->mse.count == 0)
                continue;
            seconds += cell->seconds;
            bytes += cell->bytes;
            evaluation += cell->evaluation;
            count++;
        }
    table_cell(table, "%s s", text_human(seconds / count, 3, number));
    table_cell(table, "%s", count > 0 ? text_bytes(bytes / count, number) : "-");
    table_cell(table, "%s ms", text_human(1000 * evaluation / count, 3, number));
}

static void costs(const struct bench_summary *summary, struct text *out) {
    static const size_t sizes[] = {3, 6}; /* places of 50 and 20 % in bench_grp */
    struct table table = {.alignment = "lrrrrrr"};
    table_cell(&table, "at most");
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        table_cell(&table, "%g %%: time", bench_grp[sizes[k]]);
        table_cell(&table, "file");
        table_cell(&table, "1000 rows");
    }
    for (int m = 0; m < BENCH_METHODS; m++) {
        if (!bench_has_method(summary, (enum bench_method)m))
            continue;
        table_cell(&table, "%s", bench_method_name((enum bench_method)m));
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
            cost_cells(summary, (enum bench_method)m, sizes[k], &table);
    }
    table_print(&table, out);
    text_append(out, "Time to make the network, its JSON file, time for 1000 rows; means over the "
                     "data sets and networks.\nA pruned network keeps its shape: every zero is "
                     "written, if in one digit, and multiplied, so its time\nstays near that of "
                     "the original. Merged ones, neuron, id and scratch are small networks.\n");
}

bool bench_text(const struct bench_summary *summary, struct text *out, struct error *error) {
    for (size_t s = 0; s < BENCH_SETS; s++)
        for (size_t a = 0; a < BENCH_ARCHITECTURES; a++)
            if (bench_has(summary, s, a))
                errors_of(summary, s, a, out);
    text_append(out, "Means over the seeds ± the half-width of the 95 % confidence interval "
                     "(Student's t); each seed has its own\nsplit and network. -: no network of "
                     "that size.\n");
    if (summary->untrained)
        text_format(out, "%zu of %zu networks diverged in training and are left out.\n",
                    summary->untrained, summary->results);
    text_append(out, "\n");
    for (int k = 0; k < BENCH_RATED; k++)
        scores_of(summary, bench_rated[k], out);
    if (!ratios_to_scratch(summary, out, error))
        return false;
    costs(summary, out);
    return true;
}

bool bench_ablation_text(const struct bench_summary *summary, struct text *out,
                         struct error *error) {
    struct table table = {.alignment = "lrrrrrrrr"};
    enum bench_method standard = bench_ablation_default();
    bool done = true;
    text_format(out,
                "Test MSE over that of %s, the default with data:\nmedian (worst) over the data "
                "sets and networks that reach the size\n\n",
                bench_method_name(standard));
    table_cell(&table, "variant");
    size_heads(&table);
    for (int m = BENCH_METHODS; done && m < BENCH_ALL; m++)
        if (bench_has_method(summary, (enum bench_method)m))
            done = ratio_row(summary, (enum bench_method)m, standard, &table, error);
    table_print(&table, out);
    return done;
}
