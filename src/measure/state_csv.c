/* The state as tables that a spreadsheet opens; what is not known or does not apply is an empty
 * cell. */
#include "measure/state_layer.h"

#include "lumpscope/metrics_report.h"

#include <math.h>

static void number_cell(struct text *out, double value) {
    char number[TEXT_NUMBER_SIZE];
    text_format(out, ",%s", isfinite(value) ? text_number(value, number) : "");
}

static void figure_cells(struct text *out, const struct metrics *metrics, const char *suffix) {
    const char *const *names;
    double values[METRICS_FIGURES];
    size_t count = metrics_figures(metrics, &names, values);
    for (size_t k = 0; k < count; k++)
        if (suffix)
            text_format(out, ",%s%s", names[k], suffix);
        else
            number_cell(out, metrics->rows ? values[k] : NAN);
}

/* Shape and size of one layer before and after. */
static void size_cells(struct text *out, const struct layer *before, const struct layer *after) {
    text_format(out, ",%zu,%zu,%zu,%zu,%zu,%zu,%zu,%zu", before->inputs, after->inputs,
                before->neurons, after->neurons, before->neurons * (before->inputs + 1),
                after->neurons * (after->inputs + 1), before->neurons * before->inputs,
                after->neurons * after->inputs);
}

/* A layer has no figures of its own; every row has as many cells as the first. */
static void end_row(const struct state_report *state, struct text *out) {
    struct metrics none = {.task = state->study->network->task};
    figure_cells(out, &none, NULL);
    figure_cells(out, &none, NULL);
    text_append(out, "\n");
}

static bool layer_row(const struct state_report *state, size_t number, struct text *out,
                      struct error *error) {
    const struct layer *before = &state->study->network->layers[number - 1];
    text_format(out, "%zu,%s", number, activation_name(before->activation.kind));
    size_cells(out, before, &state->reduced->layers[number - 1]);
    if (number == state->study->network->depth) {
        text_append(out, ",,,,,,");
        end_row(state, out);
        return true;
    }
    struct state_layer layer;
    if (!state_layer_init(&layer, state, number, error))
        return false;
    text_format(out, ",%zu,%zu,%s", layer.dead, layer.classes->count, layer.locked ? "yes" : "no");
    number_cell(out, layer.next);
    text_append(out, ",,");
    end_row(state, out);
    state_layer_free(&layer);
    return true;
}

/* The last row is the whole network: its epsilon and what it costs. */
static void network_row(const struct state_report *state, struct text *out) {
    const struct network *before = state->study->network, *after = state->reduced;
    text_format(out, "network,,%zu,%zu,%zu,%zu,%zu,%zu,%zu,%zu,,%zu,,", network_inputs(before),
                network_inputs(after), network_hidden_neurons(before) + network_outputs(before),
                network_hidden_neurons(after) + network_outputs(after), network_parameters(before),
                network_parameters(after), network_macs(before), network_macs(after),
                partition_classes(refine_partition(state->study->refine)));
    number_cell(out, refine_epsilon(state->study->refine));
    number_cell(out, metrics_grp(network_parameters(after), network_parameters(before)));
    struct metrics before_figures = state->study->before, after_figures = state->after;
    before_figures.task = after_figures.task = before->task;
    figure_cells(out, &before_figures, NULL);
    figure_cells(out, &after_figures, NULL);
    text_append(out, "\n");
}

static bool table_of_layers(const struct state_report *state, struct text *out,
                            struct error *error) {
    struct metrics named = {.task = state->study->network->task};
    text_append(out, "layer,activation,inputs,inputs_after,neurons,neurons_after,parameters,"
                     "parameters_after,macs,macs_after,dead,classes,locked,next_merge,epsilon,grp");
    figure_cells(out, &named, "_before");
    figure_cells(out, &named, "_after");
    text_append(out, "\n");
    for (size_t l = 1; l <= state->study->network->depth; l++)
        if (!layer_row(state, l, out, error))
            return false;
    network_row(state, out);
    return true;
}

/* Branches are named by their smallest neurons; sizes are of what they become. */
static bool merge_rows(const struct state_layer *layer, struct text *out, struct error *error) {
    struct dendrogram_order order;
    char number[TEXT_NUMBER_SIZE];
    if (!dendrogram_order_init(&order, layer->dendrogram, error))
        return false;
    for (size_t k = 0; k < order.count; k++) {
        const struct merge *merge = &layer->dendrogram->merge[k];
        text_format(out, "%zu,%s,%zu,%zu,%zu,%s\n", layer->number,
                    text_number(merge->height, number), layer->live[merge->a],
                    layer->live[merge->b], order.merge[k].end - order.merge[k].first,
                    k < layer->merged ? "yes" : "no");
    }
    dendrogram_order_free(&order);
    return true;
}

static void class_rows(const struct state_layer *layer, struct text *out) {
    for (size_t i = 0; i < layer->classes->neurons; i++)
        if (layer->classes->class_of[i] == PARTITION_DEAD)
            text_format(out, "%zu,%zu,,yes\n", layer->number, i);
        else
            text_format(out, "%zu,%zu,%u,no\n", layer->number, i,
                        (unsigned)layer->classes->class_of[i]);
}

bool state_csv(const struct state_report *state, enum report_kind kind, size_t first, size_t last,
               struct text *out, struct error *error) {
    if (kind == REPORT_STATE)
        return table_of_layers(state, out, error);
    bool done = true, merges = kind == REPORT_DENDROGRAM;
    text_append(out,
                merges ? "layer,height,left,right,size,merged\n" : "layer,neuron,class,dead\n");
    for (size_t l = first; done && l <= last; l++) {
        struct state_layer layer;
        if (!state_layer_init(&layer, state, l, error))
            return false;
        if (merges)
            done = merge_rows(&layer, out, error);
        else
            class_rows(&layer, out);
        state_layer_free(&layer);
    }
    return done;
}
