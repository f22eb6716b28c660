#include "measure/bench_report.h"

#include "lumpscope/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>

const struct bench_span bench_spans[BENCH_SPANS] = {
    {"75 % and below", 10, 75}, {"50 to 20 %", 20, 50}, {"10 %", 10, 10}};
const enum bench_method bench_rated[BENCH_RATED] = {BENCH_JOINT_REFIT, BENCH_JOINT_REFIT_POLISH};

bool bench_has(const struct bench_summary *summary, size_t set, size_t architecture) {
    return summary->base[set * BENCH_ARCHITECTURES + architecture].count > 0;
}

bool bench_has_method(const struct bench_summary *summary, enum bench_method method) {
    for (size_t s = 0; s < BENCH_SETS; s++)
        for (size_t a = 0; a < BENCH_ARCHITECTURES; a++)
            for (size_t g = 0; g < BENCH_GRPS; g++)
                if (bench_cell_at(summary, s, a, g, method)->mse.count > 0)
                    return true;
    return false;
}

void bench_append_mean(struct text *out, const struct bench_mean *mean) {
    char number[TEXT_NUMBER_SIZE];
    if (mean->count == 0)
        text_append(out, "-");
    else if (!isfinite(mean->mean))
        text_append(out, "overflow");
    else
        text_append(out, text_human(mean->mean, 3, number));
    if (isfinite(mean->mean) && isfinite(mean->half))
        text_format(out, " ± %s", text_human(mean->half, 2, number));
}

bool bench_ratio_figures(const struct bench_summary *summary, enum bench_method method,
                         enum bench_method other, double least, double most, double *median,
                         double *worst, struct error *error) {
    size_t count;
    double *ratio = bench_ratios(summary, method, other, least, most, &count, error);
    *median = *worst = NAN;
    if (!ratio)
        return false;
    if (count > 0) {
        *median = (ratio[(count - 1) / 2] + ratio[count / 2]) / 2;
        *worst = ratio[count - 1];
    }
    free(ratio);
    return true;
}

/* ---- CSV ---- */

static void csv_number(struct text *out, double value) {
    char number[TEXT_NUMBER_SIZE];
    text_format(out, ",%s", isfinite(value) ? text_number(value, number) : "");
}

static void csv_cell(const struct bench_summary *summary, size_t s, size_t a, size_t g,
                     enum bench_method method, struct text *out) {
    const struct bench_cell *cell = bench_cell_at(summary, s, a, g, method);
    if (cell->mse.count == 0)
        return;
    text_format(out, "%s,\"%s\",%g,%s,%zu", bench_sets[s].name, bench_architectures[a],
                bench_grp[g], bench_method_name(method), cell->mse.count);
    csv_number(out, cell->mse.mean);
    csv_number(out, cell->mse.half);
    csv_number(out, cell->grp);
    csv_number(out, cell->seconds);
    csv_number(out, cell->bytes);
    csv_number(out, cell->evaluation);
    text_append(out, "\n");
}

void bench_csv(const struct bench_summary *summary, struct text *out) {
    text_append(out, "set,layers,at,method,seeds,mse,half_width,grp,seconds,bytes,evaluation\n");
    for (size_t s = 0; s < BENCH_SETS; s++)
        for (size_t a = 0; a < BENCH_ARCHITECTURES; a++) {
            const struct bench_mean *base = &summary->base[s * BENCH_ARCHITECTURES + a];
            if (base->count == 0)
                continue;
            text_format(out, "%s,\"%s\",100,original,%zu", bench_sets[s].name,
                        bench_architectures[a], base->count);
            csv_number(out, base->mean);
            csv_number(out, base->half);
            text_append(out, ",100,,,\n");
            for (size_t g = 0; g < BENCH_GRPS; g++)
                for (int m = 0; m < BENCH_ALL; m++)
                    csv_cell(summary, s, a, g, (enum bench_method)m, out);
        }
}

/* ---- JSON ---- */

static bool json_mean(cJSON *to, const struct bench_mean *mean) {
    return json_add_number(to, "seeds", (double)mean->count) &&
           json_add_number(to, "mse", mean->mean) && json_add_number(to, "half_width", mean->half);
}

static bool json_place(cJSON *to, size_t s, size_t a) {
    return json_add_string(to, "set", bench_sets[s].name) &&
           json_add_string(to, "layers", bench_architectures[a]);
}

static bool json_cell(const struct bench_summary *summary, size_t s, size_t a, size_t g,
                      enum bench_method method, cJSON *cells) {
    const struct bench_cell *cell = bench_cell_at(summary, s, a, g, method);
    if (cell->mse.count == 0)
        return true;
    cJSON *item = cJSON_CreateObject();
    bool made = json_place(item, s, a) && json_add_number(item, "at", bench_grp[g]) &&
                json_add_string(item, "method", bench_method_name(method)) &&
                json_mean(item, &cell->mse) && json_add_number(item, "grp", cell->grp) &&
                json_add_number(item, "seconds", cell->seconds) &&
                json_add_number(item, "bytes", cell->bytes) &&
                json_add_number(item, "evaluation", cell->evaluation);
    return json_add(cells, NULL, item) && made;
}

static bool json_place_cells(const struct bench_summary *summary, size_t s, size_t a,
                             cJSON *originals, cJSON *cells) {
    if (!bench_has(summary, s, a))
        return true;
    cJSON *original = cJSON_CreateObject();
    bool made = json_place(original, s, a) &&
                json_mean(original, &summary->base[s * BENCH_ARCHITECTURES + a]);
    made = json_add(originals, NULL, original) && made;
    for (size_t g = 0; made && g < BENCH_GRPS; g++)
        for (int m = 0; made && m < BENCH_ALL; m++)
            made = json_cell(summary, s, a, g, (enum bench_method)m, cells);
    return made;
}

static bool json_score(const struct bench_summary *summary, enum bench_method method,
                       enum bench_method rival, const struct bench_span *span, cJSON *scores) {
    struct bench_score score = bench_score_of(summary, method, rival, span->least, span->most);
    const struct {
        const char *name;
        size_t value;
    } counts[] = {{"cells", score.cells},           {"ahead", score.ahead},
                  {"level", score.level},           {"behind", score.behind},
                  {"within_5_percent", score.near}, {"clearly_ahead", score.clear},
                  {"overlapping", score.open},      {"clearly_behind", score.lost}};
    cJSON *item = cJSON_CreateObject();
    bool made = json_add_string(item, "method", bench_method_name(method)) &&
                json_add_string(item, "rival", bench_method_name(rival)) &&
                json_add_string(item, "sizes", span->name);
    for (size_t k = 0; made && k < sizeof counts / sizeof *counts; k++)
        made = json_add_number(item, counts[k].name, (double)counts[k].value);
    return json_add(scores, NULL, item) && made;
}

static bool json_scores(const struct bench_summary *summary, cJSON *scores) {
    bool made = true;
    for (int k = 0; k < BENCH_RATED; k++)
        for (int m = 0; m < BENCH_METHODS; m++)
            for (int p = 0; made && p < BENCH_SPANS; p++)
                if ((enum bench_method)m != bench_rated[k] &&
                    bench_has_method(summary, (enum bench_method)m))
                    made = json_score(summary, bench_rated[k], (enum bench_method)m,
                                      &bench_spans[p], scores);
    return made;
}

bool bench_json(const struct bench_suite *suite, const struct bench_summary *summary,
                struct text *out, struct error *error) {
    cJSON *document = cJSON_CreateObject(), *originals = cJSON_CreateArray(),
          *cells = cJSON_CreateArray(), *scores = cJSON_CreateArray();
    bool made = json_add_string(document, "suite", suite->name) &&
                json_add_number(document, "results", (double)summary->results);
    made = json_add(document, "originals", originals) && made;
    made = json_add(document, "cells", cells) && made;
    made = json_add(document, "scores", scores) && made;
    for (size_t s = 0; s < BENCH_SETS; s++)
        for (size_t a = 0; made && a < BENCH_ARCHITECTURES; a++)
            made = json_place_cells(summary, s, a, originals, cells);
    made = made && (suite->ablation || json_scores(summary, scores));
    return json_print(document, made, out, error);
}

/* ---- Markdown ---- */

static void markdown_place(const struct bench_summary *summary, size_t s, size_t a,
                           struct text *out) {
    bool first = true;
    for (int m = 0; m < BENCH_ALL; m++) {
        struct text row = {0};
        size_t cells = 0;
        for (size_t g = 0; g < BENCH_GRPS; g++) {
            const struct bench_mean *mean =
                &bench_cell_at(summary, s, a, g, (enum bench_method)m)->mse;
            cells += mean->count;
            text_append(&row, " | ");
            bench_append_mean(&row, mean);
        }
        if (cells > 0) {
            text_append(out, "| ");
            if (first) {
                text_format(out, "%s, %s (", bench_sets[s].name, bench_architectures[a]);
                bench_append_mean(out, &summary->base[s * BENCH_ARCHITECTURES + a]);
                text_append(out, ")");
            }
            text_format(out, " | %s%s |\n", bench_method_name((enum bench_method)m),
                        row.data ? row.data : "");
            first = false;
        }
        out->failed = out->failed || row.failed;
        text_free(&row);
    }
}

static void markdown_scores(const struct bench_summary *summary, struct text *out) {
    text_append(out,
                "\n| method | against | sizes | cells | ahead | level | behind | clearly ahead "
                "| overlapping | clearly behind |\n"
                "|---|---|---|---:|---:|---:|---:|---:|---:|---:|\n");
    for (int k = 0; k < BENCH_RATED; k++)
        for (int m = 0; m < BENCH_METHODS; m++)
            for (int p = 0; p < BENCH_SPANS; p++) {
                enum bench_method rival = (enum bench_method)m;
                if (rival == bench_rated[k] || !bench_has_method(summary, rival))
                    continue;
                struct bench_score score = bench_score_of(
                    summary, bench_rated[k], rival, bench_spans[p].least, bench_spans[p].most);
                text_format(out, "| %s | %s | %s | %zu | %zu | %zu | %zu | %zu | %zu | %zu |\n",
                            bench_method_name(bench_rated[k]), bench_method_name(rival),
                            bench_spans[p].name, score.cells, score.ahead, score.level,
                            score.behind, score.clear, score.open, score.lost);
            }
}

void bench_markdown(const struct bench_summary *summary, struct text *out) {
    text_append(out, "| data, hidden layers (original) | method |");
    for (size_t g = 0; g < BENCH_GRPS; g++)
        text_format(out, " %g %% |", bench_grp[g]);
    text_append(out, "\n|---|---|");
    for (size_t g = 0; g < BENCH_GRPS; g++)
        text_append(out, "---:|");
    text_append(out, "\n");
    for (size_t s = 0; s < BENCH_SETS; s++)
        for (size_t a = 0; a < BENCH_ARCHITECTURES; a++)
            if (bench_has(summary, s, a))
                markdown_place(summary, s, a, out);
    if (bench_has_method(summary, BENCH_JOINT_REFIT))
        markdown_scores(summary, out);
}
