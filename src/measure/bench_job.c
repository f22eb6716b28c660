/* One job: a network is trained and made smaller in every way, to every size. */
#include "lumpscope/bench.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/model_json.h"
#include "lumpscope/prune.h"
#include "lumpscope/structured.h"
#include "lumpscope/study.h"
#include "lumpscope/systems.h"
#include "lumpscope/text.h"
#include "lumpscope/train.h"

#include <math.h>
#include <string.h>
#include <time.h>

enum { SYSTEM_ROWS = 4000, TIMED_ROWS = 1000 };

/* Everything a job holds on to. */
struct bench {
    const struct bench_suite *suite;
    const struct bench_job *job;
    const struct progress *progress;
    struct dataset *data;
    struct network *network;
    struct bench_result *result;
    size_t *sizes[BENCH_GRPS]; /* [depth] its neurons, for scratch; owned */
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* ---- Data ---- */

/* The rows of a system, written once per seed so that they can be looked at; whole or not at all,
 * so that jobs side by side may both write them. */
static bool write_system(const struct bench *bench, const char *path, struct error *error) {
    struct text csv = {0};
    struct system_spec spec = system_spec_defaults(system_find(bench_sets[bench->job->set].system));
    bool done = systems_generate(&spec, SYSTEM_ROWS, bench->job->seed, &csv, error) &&
                (!csv.failed || error_memory(error, csv.capacity)) &&
                file_write(path, csv.data, csv.length, NULL, error);
    text_free(&csv);
    return done;
}

/* "target=last drop=a,b": every word an option of the reader. */
static bool read_recipe(const char *words, uint64_t seed, struct data_recipe *recipe,
                        struct error *error) {
    *recipe = (struct data_recipe){0};
    data_recipe_defaults(recipe);
    recipe->split_seed = seed;
    char *copy = memory_string(words, error), *rest = copy;
    bool good = copy != NULL;
    for (char *word; good && (word = strsep(&rest, " "));) {
        char *value = strchr(word, '=');
        *value++ = '\0';
        good = data_recipe_set(recipe, word, value, error);
    }
    free(copy);
    return good;
}

static size_t at_most(size_t count, double limit) {
    return (double)count < limit ? count : (size_t)limit;
}

/* A suite of few rows takes the first of the permutation, in the same shares. */
static bool load(struct bench *bench, const char *data_directory, const char *directory,
                 struct error *error) {
    const struct bench_set *set = &bench_sets[bench->job->set];
    struct data_recipe recipe;
    struct text path = {0};
    if (set->system)
        text_format(&path, "%s/%s-s%llu.csv", directory, set->name,
                    (unsigned long long)bench->job->seed);
    else
        text_format(&path, "%s/%s", data_directory, set->file);
    bool done = (!path.failed || error_memory(error, path.capacity)) &&
                (!set->system || file_exists(path.data) || write_system(bench, path.data, error));
    double rows = (double)bench->suite->rows, share = 0;
    if (done && read_recipe(set->recipe, bench->job->seed, &recipe, error)) {
        bench->data = dataset_load(path.data, &recipe, NULL, TASK_REGRESSION, NULL, error);
        share = recipe.test_fraction; /* freeing takes it back to the default */
    }
    if (done)
        data_recipe_free(&recipe);
    text_free(&path);
    if (!bench->data)
        return false;
    bench->data->train_count = at_most(bench->data->train_count, rows * (1 - share));
    bench->data->test_count = at_most(bench->data->test_count, rows * share);
    return true;
}

/* ---- Training ---- */

static struct network *train(const struct bench *bench, struct train_options *options,
                             double *seconds, struct error *error) {
    const struct dataset *data = bench->data;
    const struct train_data rows = {.inputs = &data->inputs,
                                    .targets = &data->targets,
                                    .rows = data->train,
                                    .count = data->train_count};
    const struct train_watch watch = {.progress = bench->progress};
    double start = now();
    options->task = TASK_REGRESSION;
    options->seed = bench->job->seed;
    options->epochs = bench->suite->epoch_rows / data->train_count;
    options->epochs = options->epochs < 10 ? 10 : options->epochs > 1000 ? 1000 : options->epochs;
    struct network *network = train_network(options, &rows, &watch, error);
    *seconds = now() - start;
    return network;
}

/* Square layers on square layers can diverge at every rate: there is no network then, which is a
 * finding and not a failure. */
static bool diverged(struct error *error) {
    bool request = error->kind == ERROR_REQUEST && !error->no_memory;
    if (request)
        *error = (struct error){0};
    return request;
}

static bool train_base(struct bench *bench, struct error *error) {
    struct train_options options = {0};
    train_options_defaults(&options);
    bool done = train_parse_layers(bench_architectures[bench->job->architecture], &options, error);
    if (done)
        bench->network = train(bench, &options, &bench->result->seconds, error);
    train_options_free(&options);
    return bench->network || (done && diverged(error));
}

/* ---- Points ---- */

static double time_network(const struct bench *bench, const struct study *study,
                           const struct network *network, struct error *error) {
    size_t rows = at_most(study->test_inputs.rows, TIMED_ROWS);
    double *out = memory_new(rows * network_outputs(network), sizeof *out, error);
    double best = INFINITY;
    for (int k = 0; out && k < 3; k++) {
        double start = now();
        if (!network_forward(network, study->test_inputs.data, rows, false, out, bench->progress,
                             error))
            break;
        best = fmin(best, now() - start);
    }
    free(out);
    return best * TIMED_ROWS / (double)rows;
}

static double file_bytes(const struct network *network, struct error *error) {
    struct text document = {0};
    bool done = model_json_print(network, &document, error);
    double bytes = done ? (double)document.length : NAN;
    text_free(&document);
    return bytes;
}

/* Takes the network (NULL: `error` is set). `parameters`: that count. */
static bool add_point(struct bench *bench, const struct study *study, enum bench_method method,
                      double at, struct network *network, size_t parameters, double seconds,
                      struct error *error) {
    struct bench_result *result = bench->result;
    struct metrics metrics;
    bool done = network &&
                evaluate_network(network, &study->test_inputs, &study->test_targets, NULL, &metrics,
                                 bench->progress, error) &&
                memory_reserve(&result->point, &result->capacity, result->count + 1,
                               sizeof *result->point, error);
    if (done)
        result->point[result->count++] =
            (struct bench_point){.method = method,
                                 .at = at,
                                 .grp = metrics_grp(parameters, network_parameters(bench->network)),
                                 .parameters = parameters,
                                 .mse = metrics_figure(&metrics),
                                 .seconds = seconds,
                                 .bytes = file_bytes(network, error),
                                 .evaluation = time_network(bench, study, network, error)};
    network_free(network);
    return done;
}

/* The methods of the table that reduce by classes, with the linkage their relation has. */
static const struct bench_variant variants[] = {
    {BENCH_FORWARD, RELATION_FORWARD, LINKAGE_COMPLETE, true, SCALE_RELATIVE, false, false},
    {BENCH_FORWARD_REFIT, RELATION_FORWARD, LINKAGE_COMPLETE, true, SCALE_RELATIVE, true, false},
    {BENCH_BACKWARD_REFIT, RELATION_BACKWARD, LINKAGE_COMPLETE, true, SCALE_RELATIVE, true, false},
    {BENCH_JOINT, RELATION_JOINT, LINKAGE_AGGLOMERATE, true, SCALE_RELATIVE, false, false},
    {BENCH_JOINT_REFIT, RELATION_JOINT, LINKAGE_AGGLOMERATE, true, SCALE_RELATIVE, true, true}};

/* The shapes that scratch is to have. */
static bool remember_sizes(struct bench *bench, size_t k, const struct network *network,
                           struct error *error) {
    bench->sizes[k] = memory_new(network->depth, sizeof *bench->sizes[k], error);
    for (size_t l = 0; bench->sizes[k] && l < network->depth; l++)
        bench->sizes[k][l] = network->layers[l].neurons;
    return bench->sizes[k] != NULL;
}

/* One size; a size that classes do not reach has no point. */
static bool reduce_to(struct bench *bench, struct study *study, const struct bench_variant *variant,
                      const struct events *events, size_t k, struct error *error) {
    double epsilon, start = now();
    if (!study_budget(study, events, bench_grp[k], &epsilon, NULL))
        return true;
    struct network *network = study_reduce(study, epsilon, false, NULL, bench->progress, error);
    if (!network || (variant->polish && !remember_sizes(bench, k, network, error)) ||
        !add_point(bench, study, variant->method, bench_grp[k], network,
                   network_parameters(network), now() - start, error))
        return false;
    if (!variant->polish)
        return true;
    start = now();
    network = study_reduce(study, epsilon, true, NULL, bench->progress, error);
    return add_point(bench, study, BENCH_JOINT_REFIT_POLISH, bench_grp[k], network,
                     network ? network_parameters(network) : 0, now() - start, error);
}

static bool study_variant(struct bench *bench, const struct bench_variant *variant,
                          struct study *study, struct error *error) {
    struct options options;
    options_defaults(&options, true);
    options.relation = variant->relation;
    options.linkage = variant->linkage;
    options.balance = variant->balance;
    options.scale = variant->scale;
    options.refit = variant->refit;
    options.polish = variant->polish ? bench->suite->polish : 0;
    options.seed = bench->job->seed;
    return study_init(study, bench->network, &options, bench->data, NULL, bench->progress, error);
}

static bool run_variant(struct bench *bench, const struct bench_variant *variant,
                        struct error *error) {
    struct study study;
    struct events events = {0};
    if (!study_variant(bench, variant, &study, error))
        return false;
    bool done = study_events(&study, &events, bench->progress, error);
    for (size_t k = 0; done && k < BENCH_GRPS; k++)
        done = reduce_to(bench, &study, variant, &events, k, error);
    events_free(&events);
    study_free(&study);
    return done;
}

static bool prune_to(struct bench *bench, struct study *study, const struct ranking *ranking,
                     double grp, struct error *error) {
    static const enum bench_method methods[2][2] = {{BENCH_MAGNITUDE, BENCH_MAGNITUDE_POLISH},
                                                    {BENCH_WANDA, BENCH_WANDA_POLISH}};
    const enum bench_method *method = methods[ranking_method(ranking) == PRUNE_WANDA];
    bool reached;
    double start = now();
    struct network *pruned = ranking_prune(ranking, grp, &reached, error);
    size_t parameters = pruned ? network_nonzero_parameters(pruned) : 0;
    struct network *polished = NULL;
    if (pruned && !reached) {
        network_free(pruned);
        return true;
    }
    double plain = now() - start;
    if (pruned)
        polished = study_polish_pruned(study, pruned, bench->progress, error);
    double both = now() - start;
    bool done = add_point(bench, study, method[0], grp, pruned, parameters, plain, error);
    return add_point(bench, study, method[1], grp, polished, parameters, both, error) && done;
}

static bool structure_to(struct bench *bench, struct study *study,
                         const struct structured *structured, enum bench_method method, double grp,
                         struct error *error) {
    bool reached;
    double start = now();
    struct network *reduced = structured_reduce(structured, grp, &reached, bench->progress, error);
    if (reduced && !reached) {
        network_free(reduced);
        return true;
    }
    return add_point(bench, study, method, grp, reduced, reduced ? network_parameters(reduced) : 0,
                     now() - start, error);
}

static bool run_prune(struct bench *bench, struct study *study, enum prune_method method,
                      struct error *error) {
    struct ranking *ranking =
        ranking_new(method, bench->network, &study->calibration, bench->progress, error);
    bool done = ranking != NULL;
    for (size_t k = 0; done && k < BENCH_GRPS; k++)
        done = prune_to(bench, study, ranking, bench_grp[k], error);
    ranking_free(ranking);
    return done;
}

static bool run_structured(struct bench *bench, struct study *study, enum structured_method which,
                           struct error *error) {
    struct structured *structured =
        structured_new(which, bench->network, &study->calibration, bench->progress, error);
    enum bench_method method = which == STRUCTURED_ID ? BENCH_ID : BENCH_NEURON;
    bool done = structured != NULL;
    for (size_t k = 0; done && k < BENCH_GRPS; k++)
        done = structure_to(bench, study, structured, method, bench_grp[k], error);
    structured_free(structured);
    return done;
}

/* The rivals, and the limit: joint+refit's sizes trained from scratch. */
static bool scratch_to(struct bench *bench, const struct study *study, size_t k,
                       struct error *error) {
    struct train_options options = {0};
    double seconds = 0;
    struct network *network = NULL;
    train_options_defaults(&options);
    if (train_parse_layers(bench_architectures[bench->job->architecture], &options, error)) {
        for (size_t l = 0; l < options.hidden_count; l++)
            options.hidden[l].neurons = bench->sizes[k][l];
        network = train(bench, &options, &seconds, error);
    }
    train_options_free(&options);
    if (!network && diverged(error))
        return true;
    return add_point(bench, study, BENCH_SCRATCH, bench_grp[k], network,
                     network ? network_parameters(network) : 0, seconds, error);
}

/* The base network's own error. */
static bool judge(struct bench *bench, struct study *study, struct error *error) {
    bool done = study_judge(study, bench->progress, error);
    bench->result->mse = metrics_figure(&study->before);
    bench->result->test_rows = study->before.rows;
    return done;
}

static bool run_rivals(struct bench *bench, struct error *error) {
    struct study study;
    if (!study_variant(bench, &variants[sizeof variants / sizeof *variants - 1], &study, error))
        return false;
    bool done = judge(bench, &study, error) && run_prune(bench, &study, PRUNE_MAGNITUDE, error) &&
                run_prune(bench, &study, PRUNE_WANDA, error) &&
                run_structured(bench, &study, STRUCTURED_NEURON, error) &&
                run_structured(bench, &study, STRUCTURED_ID, error);
    for (size_t k = 0; done && k < BENCH_GRPS; k++)
        done = !bench->sizes[k] || scratch_to(bench, &study, k, error);
    study_free(&study);
    return done;
}

static bool run_table(struct bench *bench, struct error *error) {
    for (size_t v = 0; v < sizeof variants / sizeof *variants; v++)
        if (!run_variant(bench, &variants[v], error))
            return false;
    return run_rivals(bench, error);
}

static bool run_ablation(struct bench *bench, struct error *error) {
    struct study study;
    if (!study_variant(bench, &variants[0], &study, error))
        return false;
    bool done = judge(bench, &study, error);
    study_free(&study);
    for (int k = 0; done && k < BENCH_ALL - BENCH_METHODS; k++) {
        struct bench_variant variant = bench_ablation[k];
        variant.method = (enum bench_method)(BENCH_METHODS + k);
        done = run_variant(bench, &variant, error);
    }
    return done;
}

void bench_result_free(struct bench_result *result) {
    free(result->point);
    *result = (struct bench_result){0};
}

bool bench_job_run(const struct bench_suite *suite, const struct bench_job *job,
                   const char *data_directory, const char *directory, struct bench_result *result,
                   const struct progress *progress, struct error *error) {
    struct bench bench = {.suite = suite, .job = job, .progress = progress, .result = result};
    *result = (struct bench_result){.job = *job};
    bool done = load(&bench, data_directory, directory, error) && train_base(&bench, error);
    if (done) {
        result->parameters = bench.network ? network_parameters(bench.network) : 0;
        result->train_rows = bench.data->train_count;
        result->mse = NAN;
    }
    if (done && bench.network)
        done = (suite->ablation ? run_ablation(&bench, error) : run_table(&bench, error));
    for (size_t k = 0; k < BENCH_GRPS; k++)
        free(bench.sizes[k]);
    network_free(bench.network);
    dataset_free(bench.data);
    if (!done)
        bench_result_free(result);
    return done;
}
