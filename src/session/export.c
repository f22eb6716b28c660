/* Files of what the explorer has measured: the curves, and the reduced network's equations. */
#include "session/worker.h"

#include "lumpscope/encoding.h"
#include "lumpscope/file.h"
#include "lumpscope/sweep_report.h"

#include <stdio.h>
#include <string.h>

/* A sweep that runs goes on: the file has the points so far. */
static bool export_curves(struct worker *worker, const char *path, enum report_format format,
                          struct error *error) {
    struct sweep *sweep = &worker->sweep;
    struct text report = {0};
    if (sweep->count == 0)
        return error_set(error, ERROR_REQUEST, "%s: not written; there are no points yet: %s", path,
                         worker->study.judged ? "press s or :sweep, and wait for some"
                                              : "they need data with test rows, :data FILE");
    sweep->original = worker->study.before;
    sweep->original_parameters = network_parameters(worker->model->network);
    bool done = sweep_report(sweep, &worker->options, format, &report, error) &&
                file_write(path, report.data, report.length, error);
    text_free(&report);
    if (done)
        worker_say(worker, false, "wrote %s: %zu points%s", path, sweep->count,
                   worker->curve_complete ? "" : "; the sweep is not finished");
    return done;
}

static bool export_system(struct worker *worker, const char *path, struct error *error) {
    if (!worker_reduce(worker, error) || !encoding_save(worker->reduced, path, error))
        return false;
    worker_say(worker, false, "wrote %s: the polynomial system of %zu neurons and outputs", path,
               network_hidden_neurons(worker->reduced) + network_outputs(worker->reduced));
    return true;
}

static bool refuse_suffix(const char *path, const char *suffix, struct error *error) {
    char what[64] = "the name says no format";
    if (suffix)
        snprintf(what, sizeof what, "%.20s files are not exported", suffix);
    return error_set(error, ERROR_REQUEST,
                     "%s: %s; end the name in .csv, .json, .svg or .md for the curves, in .ode for "
                     "the equations",
                     path, what);
}

bool worker_export(struct worker *worker, const char *path, struct error *error) {
    const char *slash = strrchr(path, '/'), *suffix = strrchr(slash ? slash : path, '.');
    enum report_format format = report_format_of(path);
    if (format != REPORT_FORMATS)
        return export_curves(worker, path, format, error);
    if (suffix && !strcmp(suffix, ".ode"))
        return export_system(worker, path, error);
    return refuse_suffix(path, suffix, error);
}
