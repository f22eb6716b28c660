#include "lumpscope/state_report.h"

#include "measure/class_svg.h"
#include "measure/dendrogram_svg.h"
#include "measure/svg.h"

#include <string.h>

static const char *const kind_names[REPORT_KINDS] = {"state", "curve", "dendrogram", "classes"};

const char *report_kind_name(enum report_kind kind) {
    return kind_names[kind];
}

enum report_kind report_kind_find(const char *name) {
    int kind = 0;
    while (kind < REPORT_KINDS && strcmp(name, kind_names[kind]) != 0)
        kind++;
    return (enum report_kind)kind;
}

enum report_kind report_kind_default(enum report_format format) {
    return format == REPORT_SVG ? REPORT_CURVE : REPORT_STATE;
}

bool report_kind_has_layers(enum report_kind kind) {
    return kind == REPORT_DENDROGRAM || kind == REPORT_CLASSES;
}

bool report_kind_check(enum report_kind kind, enum report_format format, const char *path,
                       struct error *error) {
    return kind != REPORT_STATE || format != REPORT_SVG ||
           error_set(error, ERROR_USAGE,
                     "%s: the state has no picture; choose curve, dendrogram or classes, or end "
                     "the name in .csv, .json or .md",
                     path);
}

static bool check_layer(const struct state_report *state, size_t layer, struct error *error) {
    size_t hidden = network_hidden(state->study->network);
    return layer <= hidden ||
           error_set(error, ERROR_REQUEST,
                     "%s: there is no hidden layer %zu; the network has %zu, numbered from 1",
                     state->model_path, layer, hidden);
}

/* The layers one below the other. */
static bool pictures(const struct state_report *state, enum report_kind kind, size_t first,
                     size_t last, struct text *body, double *height,
                     const struct progress *progress, struct error *error) {
    bool done = true;
    for (size_t l = first; done && l <= last; l++) {
        struct state_layer layer;
        if (!state_layer_init(&layer, state, l, error))
            return false;
        done = kind == REPORT_DENDROGRAM
                   ? dendrogram_svg(state, &layer, *height, height, body, error)
                   : class_svg(state, &layer, *height, height, body, progress, error);
        state_layer_free(&layer);
    }
    return done;
}

static bool print_svg(const struct state_report *state, enum report_kind kind, size_t first,
                      size_t last, struct text *out, const struct progress *progress,
                      struct error *error) {
    struct text body = {0}, title = {0};
    double height = 0;
    bool done = pictures(state, kind, first, last, &body, &height, progress, error);
    text_format(&title, "%s of ", kind == REPORT_DENDROGRAM ? "Dendrogram" : "Classes");
    state_source(state, &title);
    if (last == 0) {
        height = 60;
        svg_text(&body, 24, 36, "", "The network has no hidden layers: nothing can merge.");
    }
    if (done) {
        svg_begin(out, PICTURE_WIDTH, height, title.data ? title.data : "");
        text_append(out, body.data ? body.data : "");
        svg_end(out);
    }
    out->failed |= body.failed || title.failed;
    text_free(&body);
    text_free(&title);
    return done;
}

static bool print(const struct state_report *state, enum report_kind kind, size_t first,
                  size_t last, enum report_format format, struct text *out,
                  const struct progress *progress, struct error *error) {
    switch (format) {
    case REPORT_JSON:
        return state_json(state, kind, first, last, out, error);
    case REPORT_MARKDOWN:
        return state_markdown(state, kind, first, last, out, error);
    case REPORT_SVG:
        return print_svg(state, kind, first, last, out, progress, error);
    default:
        return state_csv(state, kind, first, last, out, error);
    }
}

bool state_report(const struct state_report *state, enum report_kind kind, size_t layer,
                  enum report_format format, struct text *out, const struct progress *progress,
                  struct error *error) {
    if (kind == REPORT_CURVE)
        return sweep_report(state->sweep, &state->study->options, format, out, error);
    if (!report_kind_check(kind, format, state->model_path, error) ||
        !check_layer(state, layer, error))
        return false;
    size_t first = layer ? layer : 1, last = layer ? layer : network_hidden(state->study->network);
    return print(state, kind, first, last, format, out, progress, error) &&
           (!out->failed || error_memory(error, out->capacity));
}
