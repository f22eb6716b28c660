/* The state as one document for programs. */
#include "measure/state_layer.h"

#include "lumpscope/metrics_report.h"

#include <cjson/cJSON.h>
#include <math.h>

static bool add_count(cJSON *to, const char *name, size_t count) {
    return json_add_number(to, name, (double)count);
}

static bool add_object(cJSON *to, const char *name, cJSON **object) {
    return json_add(to, name, *object = cJSON_CreateObject());
}

static bool add_array(cJSON *to, const char *name, cJSON **array) {
    return json_add(to, name, *array = cJSON_CreateArray());
}

/* null for what there is not. */
static bool add_text(cJSON *to, const char *name, const char *value) {
    struct text visible = {0};
    text_append_visible(&visible, value ? value : "");
    bool added =
        !visible.failed &&
        json_add(to, name,
                 value ? cJSON_CreateString(visible.data ? visible.data : "") : cJSON_CreateNull());
    text_free(&visible);
    return added;
}

static bool add_metrics(cJSON *to, const char *name, const struct metrics *metrics) {
    cJSON *item;
    if (metrics->rows == 0)
        return json_add(to, name, cJSON_CreateNull());
    return add_object(to, name, &item) && json_add_metrics(item, metrics);
}

static bool add_model(cJSON *document, const struct state_report *state) {
    const struct network *network = state->study->network;
    struct text shape = {0};
    cJSON *model;
    network_shape(network, &shape);
    bool made = !shape.failed && add_object(document, "model", &model) &&
                add_text(model, "path", state->model_path) &&
                add_text(model, "name", network->name) && add_text(model, "shape", shape.data) &&
                add_text(model, "task",
                         network->task == TASK_CLASSIFICATION ? "classification" : "regression");
    text_free(&shape);
    return made;
}

static bool add_data(cJSON *document, const struct state_report *state) {
    cJSON *data;
    return add_object(document, "data", &data) && add_text(data, "path", state->data_path) &&
           add_text(data, "calibrate_on", state->calibrate_on) &&
           add_count(data, "test_rows", state->study->test_inputs.rows) &&
           add_count(data, "calibration_rows", state->study->calibration.rows);
}

static bool add_bytes(cJSON *to, const char *name, size_t bytes) {
    return json_add_number(to, name, bytes ? (double)bytes : NAN);
}

static bool add_sizes(cJSON *document, const struct state_report *state) {
    const struct network *before = state->study->network, *after = state->reduced;
    size_t parameters = network_parameters(after), original = network_parameters(before);
    return add_count(document, "parameters", parameters) &&
           add_count(document, "original_parameters", original) &&
           json_add_number(document, "grp", metrics_grp(parameters, original)) &&
           add_count(document, "macs", network_macs(after)) &&
           add_count(document, "original_macs", network_macs(before)) &&
           add_bytes(document, "bytes", state->bytes) &&
           add_bytes(document, "original_bytes", state->original_bytes) &&
           add_metrics(document, "before", &state->study->before) &&
           add_metrics(document, "after", &state->after) &&
           add_count(document, "polish_iterations", state->polished);
}

static bool add_merges(cJSON *item, const struct state_layer *layer, struct error *error) {
    struct dendrogram_order order;
    cJSON *merges, *one;
    if (!dendrogram_order_init(&order, layer->dendrogram, error))
        return false;
    bool made = add_array(item, "merges", &merges);
    for (size_t k = 0; made && k < order.count; k++) {
        const struct merge *merge = &layer->dendrogram->merge[k];
        made = add_object(merges, NULL, &one) && json_add_number(one, "height", merge->height) &&
               add_count(one, "left", layer->live[merge->a]) &&
               add_count(one, "right", layer->live[merge->b]) &&
               add_count(one, "size", order.merge[k].end - order.merge[k].first);
    }
    dendrogram_order_free(&order);
    return made;
}

static bool add_dead(cJSON *item, const struct state_layer *layer) {
    cJSON *dead;
    bool made = add_array(item, "dead", &dead);
    for (size_t i = 0; made && i < layer->classes->neurons; i++)
        if (layer->classes->class_of[i] == PARTITION_DEAD)
            made = add_count(dead, NULL, i);
    return made;
}

static bool add_classes(cJSON *item, const struct state_layer *layer, struct error *error) {
    cJSON *heights = NULL;
    bool made = add_dead(item, layer) &&
                json_add(item, "classes", classes_json(layer->classes, error)) &&
                add_array(item, "class_heights", &heights);
    for (size_t c = 0; made && c < layer->classes->count; c++)
        made = json_add_number(heights, NULL, layer->height[c]);
    return made;
}

static bool add_shape(cJSON *item, const struct layer *before, const struct layer *after) {
    return add_text(item, "activation", activation_name(before->activation.kind)) &&
           add_count(item, "inputs", before->inputs) &&
           (!after ||
            (add_count(item, "reduced_inputs", after->inputs) &&
             add_count(item, "reduced_neurons", after->neurons) &&
             add_count(item, "parameters", before->neurons * (before->inputs + 1)) &&
             add_count(item, "reduced_parameters", after->neurons * (after->inputs + 1)) &&
             add_count(item, "macs", before->neurons * before->inputs) &&
             add_count(item, "reduced_macs", after->neurons * after->inputs)));
}

static bool hidden_layer(cJSON *item, const struct state_report *state, enum report_kind kind,
                         size_t number, struct error *error) {
    struct state_layer layer;
    if (!state_layer_init(&layer, state, number, error))
        return false;
    bool made = json_add(item, "locked", cJSON_CreateBool(layer.locked)) &&
                json_add_number(item, "next_merge", layer.next) &&
                (kind == REPORT_DENDROGRAM || add_classes(item, &layer, error)) &&
                (kind == REPORT_CLASSES || add_merges(item, &layer, error));
    state_layer_free(&layer);
    return made;
}

static bool add_layers(cJSON *document, const struct state_report *state, enum report_kind kind,
                       size_t first, size_t last, struct error *error) {
    const struct network *network = state->study->network;
    bool whole = kind == REPORT_STATE;
    cJSON *layers, *item;
    bool made = add_array(document, "layers", &layers);
    for (size_t l = first; made && l <= (whole ? network->depth : last); l++) {
        const struct layer *layer = &network->layers[l - 1];
        made = add_object(layers, NULL, &item) && add_count(item, "layer", l) &&
               add_count(item, "neurons", layer->neurons) &&
               add_shape(item, layer, whole ? &state->reduced->layers[l - 1] : NULL) &&
               (l == network->depth || hidden_layer(item, state, kind, l, error));
    }
    return made;
}

static bool add_curve(cJSON *document, const struct state_report *state) {
    cJSON *points;
    if (!add_array(document, "curve", &points))
        return false;
    return !state->sweep || sweep_points_json(state->sweep, points);
}

static bool add_command(cJSON *document, const struct state_report *state) {
    struct text command = {0};
    state_command(state, &command);
    bool added = !command.failed && add_text(document, "command", command.data);
    text_free(&command);
    return added;
}

bool state_json(const struct state_report *state, enum report_kind kind, size_t first, size_t last,
                struct text *out, struct error *error) {
    cJSON *document = cJSON_CreateObject();
    const struct refine *refine = state->study->refine;
    bool made =
        add_text(document, "report", report_kind_name(kind)) && add_model(document, state) &&
        add_data(document, state) &&
        json_add(document, "options", options_json(&state->study->options)) &&
        json_add_number(document, "epsilon", refine_epsilon(refine)) &&
        json_add_number(document, "event", refine_event(refine)) &&
        json_add_number(document, "next_merge", refine_next_event(refine, NULL)) &&
        add_text(document, "epsilon_unit", state_layer_unit(state)) &&
        (kind != REPORT_STATE || add_sizes(document, state)) &&
        add_layers(document, state, kind, first, last, error) &&
        (kind != REPORT_STATE || (add_curve(document, state) && add_command(document, state)));
    return json_print(document, made, out, error);
}
