#include "lumpscope/sweep.h"

#include "lumpscope/memory.h"

#include <math.h>
#include <string.h>

const char *sweep_method_name(enum sweep_method method) {
    static const char *const names[SWEEP_METHODS] = {
        "lump",        "magnitude",        "wanda",       "neuron", "id",
        "lump+polish", "magnitude+polish", "wanda+polish"};
    return names[method];
}

bool sweep_is_polished(enum sweep_method method) {
    return method >= SWEEP_LUMP_POLISH;
}

/* The method without its polish. */
static enum sweep_method plain(enum sweep_method method) {
    static const enum sweep_method of[] = {SWEEP_LUMP, SWEEP_MAGNITUDE, SWEEP_WANDA};
    return sweep_is_polished(method) ? of[method - SWEEP_LUMP_POLISH] : method;
}

void sweep_usual_methods(bool *methods, bool polished) {
    for (int m = SWEEP_LUMP; m < SWEEP_METHODS; m++)
        methods[m] = m <= SWEEP_WANDA || (polished && sweep_is_polished((enum sweep_method)m));
}

bool sweep_parse_methods(const char *list, bool *methods, struct error *error) {
    char *copy = memory_string(list, error), *rest = copy;
    bool good = copy != NULL;
    memset(methods, 0, SWEEP_METHODS * sizeof *methods);
    for (char *item; good && (item = strsep(&rest, ","));) {
        size_t m = 0;
        while (m < SWEEP_METHODS && strcmp(item, sweep_method_name((enum sweep_method)m)) != 0)
            m++;
        good = m < SWEEP_METHODS;
        if (good)
            methods[m] = true;
        else
            error_set(error, ERROR_USAGE,
                      "--methods %.60s: unknown; known are lump, magnitude, wanda, neuron, id, and "
                      "lump+polish, magnitude+polish, wanda+polish",
                      item);
    }
    free(copy);
    return good;
}

void sweep_free(struct sweep *sweep) {
    free(sweep->point);
    *sweep = (struct sweep){0};
}

/* What one run holds on to. */
struct run {
    struct sweep *sweep;
    struct study *study;
    const struct sweep_options *options;
    const struct events *events;
    /* What the rivals know of the network; NULL for methods left out. */
    struct ranking *ranking[SWEEP_METHODS];
    struct structured *structured[SWEEP_METHODS];
    const struct progress *progress;
};

/* One point of lumping; moves the engine's epsilon. */
static bool measure_lump(struct study *study, double epsilon, bool polished,
                         struct sweep_point *point, const struct progress *progress,
                         struct error *error) {
    *point = (struct sweep_point){
        .method = polished ? SWEEP_LUMP_POLISH : SWEEP_LUMP, .epsilon = epsilon, .at = NAN};
    struct network *reduced =
        study_reduce(study, epsilon, polished, &point->metrics, progress, error);
    if (!reduced)
        return false;
    point->parameters = network_parameters(reduced);
    point->grp = metrics_grp(point->parameters, network_parameters(study->network));
    network_free(reduced);
    return true;
}

/* Size and error of a rival's network; one that is not small enough is not evaluated. */
static bool judge_rival(const struct study *study, const struct network *rival, bool reached,
                        struct sweep_point *point, const struct progress *progress,
                        struct error *error) {
    point->grp = metrics_grp(point->parameters, network_parameters(study->network));
    return !reached || evaluate_network(rival, &study->test_inputs, &study->test_targets, NULL,
                                        &point->metrics, progress, error);
}

static enum sweep_method sweep_method_of(enum prune_method method, bool polished) {
    if (polished)
        return method == PRUNE_WANDA ? SWEEP_WANDA_POLISH : SWEEP_MAGNITUDE_POLISH;
    return method == PRUNE_WANDA ? SWEEP_WANDA : SWEEP_MAGNITUDE;
}

/* `*network` gives way to its polished copy. */
static bool polish_rival(struct study *study, struct network **network,
                         const struct progress *progress, struct error *error) {
    struct network *polished = study_polish_pruned(study, *network, progress, error);
    if (!polished)
        return false;
    network_free(*network);
    *network = polished;
    return true;
}

bool sweep_prune_point(struct study *study, const struct ranking *ranking, double grp,
                       bool polished, struct sweep_point *point, bool *reached,
                       const struct progress *progress, struct error *error) {
    *point = (struct sweep_point){
        .method = sweep_method_of(ranking_method(ranking), polished), .epsilon = NAN, .at = NAN};
    struct network *pruned = ranking_prune(ranking, grp, reached, error);
    if (!pruned)
        return false;
    point->parameters = network_nonzero_parameters(pruned);
    bool done = (!polished || !*reached || polish_rival(study, &pruned, progress, error)) &&
                judge_rival(study, pruned, *reached, point, progress, error);
    network_free(pruned);
    return done;
}

static bool structured_point(const struct run *run, enum sweep_method method, double grp,
                             struct sweep_point *point, bool *reached, struct error *error) {
    *point = (struct sweep_point){.method = method, .epsilon = NAN, .at = NAN};
    struct network *reduced =
        structured_reduce(run->structured[method], grp, reached, run->progress, error);
    if (!reduced)
        return false;
    point->parameters = network_parameters(reduced);
    bool done = judge_rival(run->study, reduced, *reached, point, run->progress, error);
    network_free(reduced);
    return done;
}

static bool keep_point(struct run *run, struct sweep_point point, double at, struct error *error) {
    struct sweep *sweep = run->sweep;
    point.at = at;
    if (!memory_reserve(&sweep->point, &sweep->capacity, sweep->count + 1, sizeof point, error))
        return false;
    sweep->point[sweep->count++] = point;
    return true;
}

/* Lumping at one epsilon, and polished, as they were asked for. */
static bool lump_points(struct run *run, double epsilon, double at, struct error *error) {
    static const enum sweep_method methods[] = {SWEEP_LUMP, SWEEP_LUMP_POLISH};
    for (size_t k = 0; k < 2; k++) {
        struct sweep_point point;
        bool polished = sweep_is_polished(methods[k]);
        if (run->options->methods[methods[k]] &&
            (!measure_lump(run->study, epsilon, polished, &point, run->progress, error) ||
             !keep_point(run, point, at, error)))
            return false;
    }
    return true;
}

static bool rival_points(struct run *run, double grp, double at, struct error *error) {
    for (int m = SWEEP_MAGNITUDE; m < SWEEP_METHODS; m++) {
        enum sweep_method method = (enum sweep_method)m, base = plain(method);
        struct sweep_point point;
        bool reached;
        if (!run->options->methods[method] || base == SWEEP_LUMP)
            continue;
        bool done =
            run->ranking[base]
                ? sweep_prune_point(run->study, run->ranking[base], grp, sweep_is_polished(method),
                                    &point, &reached, run->progress, error)
                : structured_point(run, method, grp, &point, &reached, error);
        if (!done || (reached && !keep_point(run, point, at, error)))
            return false;
    }
    return true;
}

static bool wants_lump(const struct run *run) {
    return run->options->methods[SWEEP_LUMP] || run->options->methods[SWEEP_LUMP_POLISH];
}

/* One point per method for every GRP of the list; a method that cannot is left out. */
static bool run_list(struct run *run, struct error *error) {
    for (size_t k = 0; k < run->options->at_count; k++) {
        double at = run->options->at[k], epsilon;
        if (!progress_step(run->progress, "sweep", k, run->options->at_count, error))
            return false;
        if (wants_lump(run) && study_budget(run->study, run->events, at, &epsilon, NULL) &&
            !lump_points(run, epsilon, at, error))
            return false;
        if (!rival_points(run, at, at, error))
            return false;
    }
    return true;
}

enum { STEPS_OF_EVENT = 16 }; /* as many for each event: all of them are wanted */

/* The event nearest in parameters to the wanted number; ties to the smallest epsilon. */
static size_t nearest_event(const struct events *events, double wanted) {
    size_t best = 0;
    double nearest = INFINITY;
    for (size_t k = 0; k < events->count; k++) {
        double distance = fabs((double)events->event[k].parameters - wanted);
        if (distance < nearest) {
            nearest = distance;
            best = k;
        }
    }
    return best;
}

void sweep_choose_events(const struct events *events, size_t points, bool *chosen) {
    double most = 0, fewest = INFINITY;
    for (size_t k = 0; k < events->count; k++) {
        most = fmax(most, (double)events->event[k].parameters);
        fewest = fmin(fewest, (double)events->event[k].parameters);
    }
    /* Between so many steps no event lies hidden: each is one. */
    bool every = points / STEPS_OF_EVENT >= events->count;
    for (size_t p = 0; p < (every ? events->count : points); p++) {
        double share = points > 1 ? (double)p / (double)(points - 1) : 0;
        double wanted =
            every ? (double)events->event[p].parameters : most + share * (fewest - most);
        chosen[nearest_event(events, wanted)] = true;
    }
}

static bool run_points(struct run *run, struct error *error) {
    const struct events *events = run->events;
    bool *chosen = memory_new(events->count, sizeof *chosen, error);
    if (!chosen)
        return false;
    sweep_choose_events(events, run->options->points, chosen);
    bool done = true;
    for (size_t k = 0; done && k < events->count; k++) {
        if (!chosen[k])
            continue;
        double grp = metrics_grp(events->event[k].parameters, run->sweep->original_parameters);
        done = progress_step(run->progress, "sweep", k, events->count, error) &&
               lump_points(run, events->event[k].epsilon, NAN, error) &&
               rival_points(run, grp, NAN, error);
    }
    free(chosen);
    return done;
}

/* What one rival needs to know of the network. */
static bool meet_rival(struct run *run, enum sweep_method method, struct error *error) {
    const struct network *network = run->study->network;
    const struct matrix *rows = &run->study->calibration;
    if (method == SWEEP_NEURON || method == SWEEP_ID) {
        enum structured_method which = method == SWEEP_ID ? STRUCTURED_ID : STRUCTURED_NEURON;
        run->structured[method] = structured_new(which, network, rows, run->progress, error);
        return run->structured[method] != NULL;
    }
    enum prune_method which = method == SWEEP_WANDA ? PRUNE_WANDA : PRUNE_MAGNITUDE;
    run->ranking[method] = ranking_new(which, network, rows, run->progress, error);
    return run->ranking[method] != NULL;
}

static bool rank(struct run *run, struct error *error) {
    for (int m = SWEEP_MAGNITUDE; m < SWEEP_METHODS; m++) {
        enum sweep_method method = plain((enum sweep_method)m);
        if (run->options->methods[m] && method != SWEEP_LUMP && !run->ranking[method] &&
            !meet_rival(run, method, error))
            return false;
    }
    return true;
}

bool sweep_run(struct sweep *sweep, struct study *study, const struct sweep_options *options,
               const struct events *events, const struct progress *progress, struct error *error) {
    *sweep = (struct sweep){.original_parameters = network_parameters(study->network)};
    struct run run = {
        .sweep = sweep, .study = study, .options = options, .events = events, .progress = progress};
    struct events own = {0};
    bool done = study->before.rows || study_judge(study, progress, error);
    sweep->original = study->before;
    if (done && !events) {
        done = study_events(study, &own, progress, error);
        run.events = &own;
    }
    done = done && rank(&run, error) &&
           (options->at_count ? run_list(&run, error) : run_points(&run, error));
    for (int method = 0; method < SWEEP_METHODS; method++) {
        ranking_free(run.ranking[method]);
        structured_free(run.structured[method]);
    }
    events_free(&own);
    return done;
}
