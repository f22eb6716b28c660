/* The state as a page for people: what was done, what it cost, which neurons are one. */
#include "measure/state_layer.h"

#include "lumpscope/metrics_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS_SHOWN = 48 }; /* of a class; the JSON and the CSV have all */

/* A string from a file: seen as it is, never taken for markup. */
static void escape(struct text *out, const char *string) {
    struct text visible = {0};
    text_append_visible(&visible, string);
    for (const char *c = visible.data; c && *c; c++) {
        if (*c == '<' || *c == '&') {
            text_append(out, *c == '<' ? "&lt;" : "&amp;");
            continue;
        }
        if (strchr("\\`*_{}[]#|~>!@", *c))
            text_append(out, "\\");
        text_append_bytes(out, c, 1);
    }
    out->failed |= visible.failed;
    text_free(&visible);
}

static void number(struct text *out, double value) {
    char buffer[TEXT_NUMBER_SIZE];
    text_append(out, text_human(value, 4, buffer));
}

static void shape(struct text *out, const struct network *network) {
    struct text sizes = {0};
    network_shape(network, &sizes);
    text_append_text(out, &sizes);
    text_free(&sizes);
}

static void heading(const struct state_report *state, struct text *out) {
    const struct network *network = state->study->network;
    const char *slash = strrchr(state->model_path, '/');
    text_append(out, "# ");
    escape(out, *network->name ? network->name : slash ? slash + 1 : state->model_path);
    if (state->reduced)
        text_format(out, ": %zu of %zu parameters", network_parameters(state->reduced),
                    network_parameters(network));
    text_append(out, "\n\n- Model: ");
    escape(out, state->model_path);
    text_append(out, " (");
    shape(out, network);
    text_append(out,
                network->task == TASK_CLASSIFICATION ? ", classification)\n" : ", regression)\n");
}

static void append_rows(const struct state_report *state, struct text *out) {
    const struct study *study = state->study;
    text_append(out, "- Data: ");
    escape(out, state->data_path ? state->data_path : "none");
    if (state->data_path)
        text_format(out, ", %zu test rows", study->test_inputs.rows);
    if (study->calibration.rows)
        text_format(out, ", %zu calibration rows", study->calibration.rows);
    if (state->calibrate_on) {
        text_append(out, " of ");
        escape(out, state->calibrate_on);
    }
    text_append(out, "\n");
}

/* One line: every option that applies, whether it was given or not. */
static void append_options(const struct state_report *state, struct text *out) {
    const char *separator = "- Options: ";
    for (int k = 0; k < OPTION_FAITHFUL; k++) {
        struct text value = {0};
        options_value(&state->study->options, (enum option_id)k, &value);
        if (value.data && strcmp(value.data, "null") != 0) {
            text_format(out, "%s%s %s", separator, option_descriptions[k].name, value.data);
            separator = ", ";
        }
        out->failed |= value.failed;
        text_free(&value);
    }
    text_append(out, "\n");
}

static void introduction(const struct state_report *state, struct text *out) {
    const struct refine *refine = state->study->refine;
    double next = refine_next_event(refine, NULL);
    heading(state, out);
    append_rows(state, out);
    text_append(out, "- Epsilon: ");
    number(out, refine_epsilon(refine));
    text_format(out, " (%s)", state_layer_unit(state));
    if (isfinite(next)) {
        text_append(out, "; the next merge is at ");
        number(out, next);
    }
    text_append(out, "\n");
    append_options(state, out);
    if (refine_sufficient_only(state->study->network, &state->study->options))
        text_append(out, "- The condition is sufficient, not necessary: some activation has no "
                         "polynomial encoding.\n");
    if (state->polished)
        text_format(out, "- Polished: at most %zu iterations\n", state->polished);
}

static void share(struct text *out, const char *name, size_t before, size_t after) {
    text_format(out, "| %s | %zu | %zu |", name, before, after);
    if (before)
        text_format(out, " %.1f %% |\n", 100 * (double)after / (double)before);
    else
        text_append(out, " |\n");
}

static void error_row(const struct state_report *state, struct text *out) {
    const struct metrics *before = &state->study->before, *after = &state->after;
    bool classes = before->task == TASK_CLASSIFICATION;
    double change = metrics_change(before, after);
    text_format(out, "| test %s | ", metrics_name(before->task));
    text_append_figure(out, before);
    text_append(out, " | ");
    text_append_figure(out, after);
    if (isfinite(change))
        text_format(out, classes ? " | %+.2f points |\n" : " | %+.1f %% |\n", change);
    else
        text_append(out, " | |\n");
}

static void costs(const struct state_report *state, struct text *out) {
    const struct network *before = state->study->network, *after = state->reduced;
    text_append(out, "\n| | before | after | after / before |\n| --- | ---: | ---: | ---: |\n");
    share(out, "parameters", network_parameters(before), network_parameters(after));
    share(out, "MACs", network_macs(before), network_macs(after));
    share(out, "hidden neurons", network_hidden_neurons(before), network_hidden_neurons(after));
    if (state->bytes && state->original_bytes)
        share(out, "bytes as a file", state->original_bytes, state->bytes);
    if (state->study->before.rows && state->after.rows)
        error_row(state, out);
}

static size_t widest_class(const struct state_layer *layer) {
    size_t widest = 0;
    for (size_t c = 0; c < layer->classes->count; c++)
        widest = state_layer_size(layer, c) > widest ? state_layer_size(layer, c) : widest;
    return widest;
}

static void layer_row(const struct state_layer *layer, struct text *out) {
    text_format(out, "| %zu | %s | %zu | %zu | %zu | %zu | %zu | ", layer->number,
                activation_name(layer->original->activation.kind), layer->original->neurons,
                layer->dead, layer->classes->count, layer->reduced->neurons, widest_class(layer));
    if (layer->locked)
        text_append(out, "locked");
    else if (isfinite(layer->next))
        number(out, layer->next);
    else
        text_append(out, "none");
    text_append(out, " |\n");
}

static void members(const struct state_layer *layer, size_t class_id, struct text *out) {
    size_t size = state_layer_size(layer, class_id), start = layer->members.starts[class_id];
    for (size_t k = 0; k < size && k < MEMBERS_SHOWN; k++)
        text_format(out, "%s%zu", k ? ", " : "", layer->members.members[start + k]);
    if (size > MEMBERS_SHOWN)
        text_format(out, " ... and %zu more", size - MEMBERS_SHOWN);
}

/* Classes of one neuron are only counted. */
static void class_list(const struct state_layer *layer, struct text *out) {
    size_t single = 0, shown = 0;
    text_append(out, "\n### Classes of ");
    state_layer_title(layer, out);
    text_append(out, "\n\n");
    for (size_t c = 0; c < layer->classes->count; c++) {
        if (state_layer_size(layer, c) == 1) {
            single++;
            continue;
        }
        if (shown++ == 0)
            text_append(out, "| class | neurons | one from epsilon | members |\n"
                             "| ---: | ---: | ---: | --- |\n");
        text_format(out, "| %zu | %zu | ", c, state_layer_size(layer, c));
        number(out, layer->height[c]);
        text_append(out, " | ");
        members(layer, c, out);
        text_append(out, " |\n");
    }
    text_append(out, shown ? "\n" : "");
    if (single)
        text_format(out, "%zu %s alone.\n", single, single == 1 ? "neuron is" : "neurons are");
    if (layer->dead)
        text_format(out, "%zu %s dead.\n", layer->dead,
                    layer->dead == 1 ? "neuron is" : "neurons are");
}

static bool merge_list(const struct state_layer *layer, struct text *out, struct error *error) {
    struct dendrogram_order order;
    if (!dendrogram_order_init(&order, layer->dendrogram, error))
        return false;
    text_format(out,
                "\n### Merges of layer %zu: %zu live neurons, %zu merges, %zu of them at this "
                "epsilon\n",
                layer->number, layer->dendrogram->leaves, order.count, layer->merged);
    if (order.count)
        text_append(out, "\n| epsilon | branch of | with that of | neurons |\n"
                         "| ---: | ---: | ---: | ---: |\n");
    for (size_t k = 0; k < order.count; k++) {
        const struct merge *merge = &layer->dendrogram->merge[k];
        text_append(out, "| ");
        number(out, merge->height);
        text_format(out, " | %zu | %zu | %zu |\n", layer->live[merge->a], layer->live[merge->b],
                    order.merge[k].end - order.merge[k].first);
    }
    dendrogram_order_free(&order);
    return true;
}

enum part { PART_LAYERS, PART_CLASSES, PART_MERGES };

static bool each_layer(const struct state_report *state, enum part part, size_t first, size_t last,
                       struct text *out, struct error *error) {
    bool done = true;
    for (size_t l = first; done && l <= last; l++) {
        struct state_layer layer;
        if (!state_layer_init(&layer, state, l, error))
            return false;
        if (part == PART_LAYERS)
            layer_row(&layer, out);
        else if (part == PART_CLASSES)
            class_list(&layer, out);
        else
            done = merge_list(&layer, out, error);
        state_layer_free(&layer);
    }
    return done;
}

static bool curve(const struct state_report *state, struct text *out, struct error *error) {
    if (!state->sweep || state->sweep->count == 0)
        return true;
    text_append(out, "\n## Size against error\n\n");
    return sweep_report(state->sweep, &state->study->options, REPORT_MARKDOWN, out, error);
}

static void again(const struct state_report *state, struct text *out) {
    text_append(out, "\n## Again\n\n```sh\n");
    state_command(state, out);
    text_append(out, "\n```\n");
}

static bool whole_state(const struct state_report *state, size_t first, size_t last,
                        struct text *out, struct error *error) {
    costs(state, out);
    text_append(out, "\n## Layers\n\n");
    if (last == 0)
        text_append(out, "The network has no hidden layers: nothing can merge.\n");
    else
        text_append(out, "| layer | activation | neurons | dead | classes | neurons after | "
                         "largest class | next merge |\n"
                         "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    if (!each_layer(state, PART_LAYERS, first, last, out, error))
        return false;
    text_append(out, last ? "\n## Classes\n" : "");
    if (!each_layer(state, PART_CLASSES, first, last, out, error) || !curve(state, out, error))
        return false;
    again(state, out);
    return true;
}

bool state_markdown(const struct state_report *state, enum report_kind kind, size_t first,
                    size_t last, struct text *out, struct error *error) {
    introduction(state, out);
    if (kind == REPORT_STATE)
        return whole_state(state, first, last, out, error);
    return each_layer(state, kind == REPORT_CLASSES ? PART_CLASSES : PART_MERGES, first, last, out,
                      error);
}
