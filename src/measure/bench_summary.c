/* From results to means, intervals and scores. */
#include "lumpscope/bench.h"

#include "lumpscope/memory.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

struct bench_mean bench_mean_of(const double *values, size_t count) {
    struct bench_mean mean = {.count = count, .mean = NAN, .half = NAN};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += isfinite(values[i]) ? values[i] : INFINITY;
    if (count > 0)
        mean.mean = sum / (double)count;
    if (count < 2 || !isfinite(mean.mean))
        return mean;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean.mean) * (values[i] - mean.mean);
    double deviation = sqrt(squares / (double)(count - 1));
    mean.half = gsl_cdf_tdist_Pinv(0.975, (double)(count - 1)) * deviation / sqrt((double)count);
    return mean;
}

static size_t base_index(size_t set, size_t architecture) {
    return set * BENCH_ARCHITECTURES + architecture;
}

struct bench_cell *bench_cell_at(const struct bench_summary *summary, size_t set,
                                 size_t architecture, size_t grp, enum bench_method method) {
    return &summary->cell[(base_index(set, architecture) * BENCH_GRPS + grp) * BENCH_ALL + method];
}

void bench_summary_free(struct bench_summary *summary) {
    free(summary->cell);
    free(summary->base);
    *summary = (struct bench_summary){0};
}

static const struct bench_point *find_point(const struct bench_result *result, size_t grp,
                                            enum bench_method method) {
    for (size_t k = 0; k < result->count; k++)
        if (result->point[k].method == method && result->point[k].at == bench_grp[grp])
            return &result->point[k];
    return NULL;
}

static bool belongs(const struct bench_result *result, size_t set, size_t architecture) {
    return result->job.set == set && result->job.architecture == architecture;
}

/* `values` [count] is working space. */
static void fill_cell(const struct bench_result *results, size_t count, size_t set,
                      size_t architecture, size_t grp, enum bench_method method, double *values,
                      struct bench_cell *cell) {
    size_t n = 0;
    for (size_t r = 0; r < count; r++) {
        const struct bench_point *point =
            belongs(&results[r], set, architecture) ? find_point(&results[r], grp, method) : NULL;
        if (!point)
            continue;
        values[n++] = point->mse;
        cell->grp += point->grp;
        cell->seconds += point->seconds;
        cell->bytes += point->bytes;
        cell->evaluation += point->evaluation;
    }
    cell->mse = bench_mean_of(values, n);
    double share = n > 0 ? 1 / (double)n : NAN;
    cell->grp *= share;
    cell->seconds *= share;
    cell->bytes *= share;
    cell->evaluation *= share;
}

static void fill(const struct bench_result *results, size_t count, double *values,
                 struct bench_summary *summary) {
    for (size_t s = 0; s < BENCH_SETS; s++)
        for (size_t a = 0; a < BENCH_ARCHITECTURES; a++) {
            size_t n = 0;
            for (size_t r = 0; r < count; r++)
                if (belongs(&results[r], s, a) && results[r].parameters == 0)
                    summary->untrained++;
                else if (belongs(&results[r], s, a))
                    values[n++] = results[r].mse;
            summary->base[base_index(s, a)] = bench_mean_of(values, n);
            for (size_t g = 0; g < BENCH_GRPS; g++)
                for (int m = 0; m < BENCH_ALL; m++)
                    fill_cell(results, count, s, a, g, (enum bench_method)m, values,
                              bench_cell_at(summary, s, a, g, (enum bench_method)m));
        }
}

bool bench_summarise(const struct bench_result *results, size_t count,
                     struct bench_summary *summary, struct error *error) {
    size_t bases = (size_t)BENCH_SETS * BENCH_ARCHITECTURES;
    double *values = memory_new(count, sizeof *values, error);
    *summary = (struct bench_summary){.results = count};
    summary->base = memory_new(bases, sizeof *summary->base, error);
    summary->cell = memory_new(bases * BENCH_GRPS * BENCH_ALL, sizeof *summary->cell, error);
    bool done = values && summary->base && summary->cell;
    if (done)
        fill(results, count, values, summary);
    else
        bench_summary_free(summary);
    free(values);
    return done;
}

/* Calls back for every cell of the sizes in which `method` has a network. */
static void for_cells(const struct bench_summary *summary, enum bench_method method,
                      enum bench_method other, double least, double most, void *user,
                      void (*visit)(void *user, const struct bench_mean *one,
                                    const struct bench_mean *two)) {
    for (size_t s = 0; s < BENCH_SETS; s++)
        for (size_t a = 0; a < BENCH_ARCHITECTURES; a++)
            for (size_t g = 0; g < BENCH_GRPS; g++) {
                const struct bench_cell *cell = bench_cell_at(summary, s, a, g, method);
                if (bench_grp[g] >= least && bench_grp[g] <= most && cell->mse.count > 0)
                    visit(user, &cell->mse, &bench_cell_at(summary, s, a, g, other)->mse);
            }
}

static void count_cell(void *user, const struct bench_mean *one, const struct bench_mean *two) {
    struct bench_score *score = user;
    bool none = two->count == 0 || !isfinite(two->mean);
    score->cells++;
    if (!isfinite(one->mean)) {
        score->behind += !none;
        score->level += none;
        score->near += none;
        score->lost += !none;
        score->open += none;
        return;
    }
    if (!none && fabs(one->mean - two->mean) <= 1e-9 * two->mean)
        score->level++;
    else if (none || one->mean < two->mean)
        score->ahead++;
    else
        score->behind++;
    score->near += none || one->mean <= 1.05 * two->mean;
    if (none || one->mean + one->half < two->mean - two->half)
        score->clear++;
    else if (one->mean - one->half > two->mean + two->half)
        score->lost++;
    else
        score->open++;
}

struct bench_score bench_score_of(const struct bench_summary *summary, enum bench_method method,
                                  enum bench_method other, double least_grp, double most_grp) {
    struct bench_score score = {0};
    for_cells(summary, method, other, least_grp, most_grp, &score, count_cell);
    return score;
}

struct ratios {
    double *value;
    size_t count;
};

static void add_ratio(void *user, const struct bench_mean *one, const struct bench_mean *two) {
    struct ratios *ratios = user;
    if (two->count > 0 && two->mean > 0 && isfinite(two->mean))
        ratios->value[ratios->count++] = one->mean / two->mean;
}

static int compare(const void *x, const void *y) {
    const double *a = x, *b = y;
    return *a < *b ? -1 : *a > *b;
}

double *bench_ratios(const struct bench_summary *summary, enum bench_method method,
                     enum bench_method other, double least_grp, double most_grp, size_t *count,
                     struct error *error) {
    struct ratios ratios = {0};
    *count = 0;
    ratios.value = memory_new((size_t)BENCH_SETS * BENCH_ARCHITECTURES * BENCH_GRPS,
                              sizeof *ratios.value, error);
    if (!ratios.value)
        return NULL;
    for_cells(summary, method, other, least_grp, most_grp, &ratios, add_ratio);
    qsort(ratios.value, ratios.count, sizeof *ratios.value, compare);
    *count = ratios.count;
    return ratios.value;
}
