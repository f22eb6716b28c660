/* Files of what the explorer shows: the state, the curves, and the reduced network's equations. */
#include "session/worker.h"

#include "lumpscope/encoding.h"
#include "lumpscope/file.h"
#include "lumpscope/model_file.h"

#include <stdio.h>
#include <string.h>

static bool check_points(const struct worker *worker, const char *path, struct error *error) {
    if (worker->sweep.count > 0)
        return true;
    return error_set(error, ERROR_REQUEST, "%s: not written; there are no points yet: %s", path,
                     worker->study.judged ? "press s or :sweep, and wait for some"
                                          : "they need data with test rows, :data FILE");
}

/* All test rows, however many were done. The original's metrics outlive its run when only options
 * change. */
static bool judge(struct worker *worker, struct evaluation *run, const struct network *network,
                  struct figure *figure, struct metrics *metrics, struct error *error) {
    while (worker_figure_unfinished(figure))
        if (!worker_judge_more(worker, run, network, figure, metrics, error))
            return false;
    if (run->outputs.data)
        evaluation_metrics(run, metrics);
    return true;
}

/* The polished network, where there is one, is what would be written. */
static bool judge_state(struct worker *worker, struct state_report *state, struct error *error) {
    bool judged = worker->study.judged, more = true;
    if (judged &&
        (!judge(worker, &worker->before_run, worker->study.network, &worker->before,
                &worker->study.before, error) ||
         !judge(worker, &worker->after_run, worker->reduced, &worker->after, &state->after, error)))
        return false;
    while (more)
        if (!worker_polish_more(worker, &more, error))
            return false;
    state->reduced = worker->reduced;
    if (!worker->polishing.network)
        return true;
    state->reduced = worker->polishing.network;
    state->polished = worker->study.polish_iterations;
    if (judged)
        evaluation_metrics(&worker->polishing.run, &state->after);
    return true;
}

/* What the report needs besides the engine, which then stands where the explorer does. */
static bool complete_state(struct worker *worker, enum report_kind kind, struct state_report *state,
                           struct error *error) {
    if (kind == REPORT_STATE &&
        (!worker_reduce(worker, error) || !judge_state(worker, state, error) ||
         !model_measure(state->reduced, &state->bytes, &worker->progress, error)))
        return false;
    worker->work = WORK_WRITING;
    return worker_stand(worker, &worker->progress, error);
}

/* "state at eps 0.0840, 3.1 kB". */
static void say_report(struct worker *worker, const char *path, enum report_kind kind, size_t layer,
                       size_t bytes) {
    char number[TEXT_NUMBER_SIZE], size[TEXT_NUMBER_SIZE], where[48] = "";
    text_human(worker->epsilon, 4, number);
    text_bytes((double)bytes, size);
    if (layer && report_kind_has_layers(kind))
        snprintf(where, sizeof where, " of layer %zu", layer);
    if (kind == REPORT_CURVE)
        worker_say(worker, false, "wrote %s: curve of %zu points, %s%s", path, worker->sweep.count,
                   size, worker->curve_complete ? "" : "; the sweep is not finished");
    else
        worker_say(worker, false, "wrote %s: %s%s at eps %s, %s", path, report_kind_name(kind),
                   where, number, size);
}

/* A sweep that runs goes on: the file has the points so far. */
static bool export_report(struct worker *worker, const char *path, enum report_kind kind,
                          size_t layer, enum report_format format, struct error *error) {
    struct text report = {0};
    struct state_report state = {.model_path = worker->model_path,
                                 .data_path = worker->data_path,
                                 .model_recipe = &worker->files->model_recipe,
                                 .data_recipe = &worker->files->recipe,
                                 .study = &worker->study,
                                 .original_bytes = worker->model_bytes,
                                 .sweep = &worker->sweep};
    if (!report_kind_check(kind, format, path, error) ||
        (kind == REPORT_CURVE && !check_points(worker, path, error)) ||
        !complete_state(worker, kind, &state, error))
        return false;
    worker->sweep.original = worker->study.before;
    worker->sweep.original_parameters = network_parameters(worker->model->network);
    bool done = state_report(&state, kind, report_kind_has_layers(kind) ? layer : 0, format,
                             &report, &worker->progress, error) &&
                file_write(path, report.data, report.length, NULL, error);
    if (done)
        say_report(worker, path, kind, layer, report.length);
    text_free(&report);
    return done;
}

static bool export_system(struct worker *worker, const char *path, struct error *error) {
    char size[TEXT_NUMBER_SIZE];
    size_t bytes = 0;
    if (!worker_reduce(worker, error) || !encoding_save(worker->reduced, path, error))
        return false;
    file_size(path, &bytes);
    worker_say(worker, false, "wrote %s: the polynomial system of %zu neurons and outputs, %s",
               path, network_hidden_neurons(worker->reduced) + network_outputs(worker->reduced),
               text_bytes((double)bytes, size));
    return true;
}

static bool refuse_suffix(const char *path, const char *suffix, struct error *error) {
    char what[64] = "the name says no format";
    if (suffix)
        snprintf(what, sizeof what, "%.20s files are not exported", suffix);
    return error_set(error, ERROR_REQUEST,
                     "%s: %s; end the name in .csv, .json, .svg or .md for a report, in .ode for "
                     "the equations",
                     path, what);
}

bool worker_export(struct worker *worker, const char *path, enum report_kind kind, size_t layer,
                   struct error *error) {
    const char *slash = strrchr(path, '/'), *suffix = strrchr(slash ? slash : path, '.');
    enum report_format format = report_format_of(path);
    if (format != REPORT_FORMATS)
        return export_report(worker, path,
                             kind == REPORT_KINDS ? report_kind_default(format) : kind, layer,
                             format, error);
    if (!suffix || strcmp(suffix, ".ode") != 0)
        return refuse_suffix(path, suffix, error);
    return kind == REPORT_KINDS
               ? export_system(worker, path, error)
               : error_set(error, ERROR_REQUEST,
                           "%s: .ode files hold the equations alone; end the name in .csv, .json, "
                           ".svg or .md for %s",
                           path, report_kind_name(kind));
}
