/* What the suites are made of. */
#include "lumpscope/bench.h"

#include "lumpscope/memory.h"

#include <stdio.h>
#include <string.h>

const double bench_grp[BENCH_GRPS] = {90, 75, 60, 50, 40, 30, 20, 10};

/* Large layers of squares around a small linear one, as in the paper; the same widths otherwise. */
const char *const bench_architectures[BENCH_ARCHITECTURES] = {
    "64:square,4:linear,64:square", "64:relu,4:relu,64:relu", "64:tanh,4:tanh,64:tanh"};

/* Metro: a temperature of 0 K and 9.8 m of rain in an hour are errors of measurement. Columns that
 * are constant but for a few rows (holidays, the rarer kinds of weather, snow) standardise to
 * hundreds, on which a network of degree four does not learn: rain, clouds and temperature stay for
 * the weather. HEPC: sums over hours; hours that are not whole have little voltage. The current is
 * the power over a nearly constant voltage. Protein: a distance of fifty standard deviations. */
const struct bench_set bench_sets[BENCH_SETS] = {
    {"RN", "rn", NULL, "target=last:5"},
    {"HTREE", "htree", NULL, "target=last:15"},
    {"POL", "polymer", NULL, "target=last:9"},
    {"GLY", "glycolysis", NULL, "target=last:7"},
    {"ABALONE", NULL, "abalone/abalone.data", "target=last"},
    {"METRO", NULL, "metro/metro.csv.gz",
     "target=traffic_volume drop=weather_description,weather_main,holiday,snow_1h "
     "range=temp=200:400,rain_1h=0:20"},
    {"HEPC", NULL, "hepc/hepc_hourly.csv.gz",
     "target=Global_active_power drop=Global_intensity range=Voltage=13000:"},
    {"PROTEIN", NULL, "protein/casp.txt", "target=last range=c7=0:20000"},
};

const struct bench_suite bench_suites[] = {{.name = "paper",
                                            .system_seeds = 10,
                                            .file_seeds = 30,
                                            .rows = 50000,
                                            .epoch_rows = 2000000,
                                            .polish = 200},
                                           {.name = "quick",
                                            .system_seeds = 3,
                                            .file_seeds = 3,
                                            .rows = 4000,
                                            .epoch_rows = 300000,
                                            .polish = 60},
                                           {.name = "ablation",
                                            .system_seeds = 2,
                                            .file_seeds = 2,
                                            .rows = 4000,
                                            .epoch_rows = 300000,
                                            .ablation = true},
                                           {.name = NULL}};

const struct bench_suite *bench_suite_find(const char *name) {
    const struct bench_suite *suite = bench_suites;
    while (suite->name && strcmp(suite->name, name) != 0)
        suite++;
    return suite->name ? suite : NULL;
}

static size_t seeds_of(const struct bench_suite *suite, size_t set, size_t seeds) {
    size_t own = bench_sets[set].system ? suite->system_seeds : suite->file_seeds;
    return seeds ? seeds : own;
}

struct bench_job *bench_jobs(const struct bench_suite *suite, size_t seeds, size_t *count,
                             struct error *error) {
    size_t most = 0;
    *count = 0;
    for (size_t s = 0; s < BENCH_SETS; s++)
        most = seeds_of(suite, s, seeds) > most ? seeds_of(suite, s, seeds) : most;
    struct bench_job *jobs =
        memory_new(most * BENCH_SETS * BENCH_ARCHITECTURES, sizeof *jobs, error);
    for (size_t seed = 1; jobs && seed <= most; seed++)
        for (size_t s = 0; s < BENCH_SETS; s++)
            for (size_t a = 0; seed <= seeds_of(suite, s, seeds) && a < BENCH_ARCHITECTURES; a++)
                jobs[(*count)++] = (struct bench_job){s, a, seed};
    return jobs;
}

const char *bench_job_name(const struct bench_job *job, char *out) {
    snprintf(out, BENCH_NAME_SIZE, "%s-%zu-s%llu.json", bench_sets[job->set].name,
             job->architecture + 1, (unsigned long long)job->seed);
    return out;
}
