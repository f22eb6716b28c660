/* Two networks side by side, as text and as JSON. */
#include "program_diff.h"
#include "program_output.h"

#include "lumpscope/model_file.h"

#include <cjson/cJSON.h>
#include <math.h>

enum { OUTPUTS_SHOWN = 20 };
static const char *const sides[] = {"A", "B"};

/* ---- JSON ---- */

static cJSON *network_json(const struct difference *difference, size_t which) {
    const struct network *network = difference->network[which];
    cJSON *item = cJSON_CreateObject();
    if (json_add_string(item, "path", difference->path[which]) &&
        json_add_string(item, "format", model_format_name(network->origin.format)) &&
        json_add_string(item, "dtype", tensor_type_name(network->origin.type)) &&
        json_add_number(item, "parameters", (double)network_parameters(network)) &&
        json_add_number(item, "bytes", difference->bytes[which]))
        return item;
    cJSON_Delete(item);
    return NULL;
}

static cJSON *layer_json(const struct layer *layer) {
    if (!layer)
        return cJSON_CreateNull();
    cJSON *item = cJSON_CreateObject();
    if (json_add_number(item, "inputs", (double)layer->inputs) &&
        json_add_number(item, "neurons", (double)layer->neurons) &&
        json_add_string(item, "activation", activation_name(layer->activation.kind)))
        return item;
    cJSON_Delete(item);
    return NULL;
}

static cJSON *numbers_json(bool known, const struct array_difference *numbers) {
    if (!known)
        return cJSON_CreateNull();
    cJSON *item = cJSON_CreateObject();
    if (json_add_number(item, "count", (double)numbers->count) &&
        json_add_number(item, "differing", (double)numbers->differing) &&
        json_add_number(item, "largest", numbers->largest) &&
        json_add_number(item, "largest_relative", numbers->largest_relative))
        return item;
    cJSON_Delete(item);
    return NULL;
}

static cJSON *merged_json(const struct layer_difference *layer) {
    if (!layer->merged)
        return cJSON_CreateNull();
    cJSON *item = cJSON_CreateObject();
    if (json_add_number(item, "classes", (double)layer->classes) &&
        json_add_number(item, "single", (double)layer->single) &&
        json_add_number(item, "dead", (double)layer->dead))
        return item;
    cJSON_Delete(item);
    return NULL;
}

static bool add_layers(cJSON *document, const struct difference *difference) {
    cJSON *layers = cJSON_CreateArray();
    bool made = json_add(document, "layers", layers);
    for (size_t l = 0; made && l < difference->layers; l++) {
        const struct layer_difference *layer = &difference->layer[l];
        cJSON *item = cJSON_CreateObject();
        made = json_add_number(item, "layer", (double)(l + 1)) &&
               json_add(item, "a", layer_json(layer->a)) &&
               json_add(item, "b", layer_json(layer->b)) &&
               json_add(item, "weights", numbers_json(layer->same_shape, &layer->weights)) &&
               json_add(item, "bias", numbers_json(layer->same_shape, &layer->bias)) &&
               json_add(item, "merged", merged_json(layer));
        made = json_add(layers, NULL, item) && made;
    }
    return made;
}

static bool add_change(cJSON *item, const struct output_difference *change) {
    return json_add_number(item, "largest", change->largest) &&
           json_add_number(item, "rms", change->rms);
}

static bool add_outputs(cJSON *data, const struct difference *difference) {
    cJSON *outputs = cJSON_CreateArray();
    char own[TEXT_NUMBER_SIZE];
    bool made = json_add(data, "outputs", outputs);
    for (size_t o = 0; made && o < network_outputs(difference->network[0]); o++) {
        cJSON *item = cJSON_CreateObject();
        made = json_add_string(item, "name", program_output_name(difference->network[0], o, own)) &&
               add_change(item, &difference->output[o]);
        made = json_add(outputs, NULL, item) && made;
    }
    return made;
}

static cJSON *metrics_json(const struct difference *difference, size_t which) {
    if (!difference->judged)
        return cJSON_CreateNull();
    cJSON *item = cJSON_CreateObject();
    if (json_add_metrics(item, &difference->metrics[which]))
        return item;
    cJSON_Delete(item);
    return NULL;
}

static cJSON *data_json(const struct difference *difference) {
    if (!difference->data)
        return cJSON_CreateNull();
    cJSON *item = cJSON_CreateObject();
    if (json_add_number(item, "rows", (double)difference->data->test_count) &&
        add_change(item, &difference->all) && add_outputs(item, difference) &&
        json_add(item, "a", metrics_json(difference, 0)) &&
        json_add(item, "b", metrics_json(difference, 1)))
        return item;
    cJSON_Delete(item);
    return NULL;
}

bool difference_json(const struct difference *difference, struct text *out, struct error *error) {
    cJSON *document = cJSON_CreateObject();
    bool made = json_add(document, "identical", cJSON_CreateBool(difference->identical)) &&
                json_add(document, "a", network_json(difference, 0)) &&
                json_add(document, "b", network_json(difference, 1)) &&
                add_layers(document, difference) &&
                json_add(document, "data", data_json(difference));
    return json_print(document, made, out, error);
}

/* ---- Text ---- */

static void networks_table(const struct difference *difference, struct text *out) {
    struct table table = {.alignment = "llllrr"};
    static const char *const heads[] = {"", "file", "shape", "format", "parameters", "bytes"};
    for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
        table_cell(&table, "%s", heads[k]);
    for (size_t which = 0; which < 2; which++) {
        const struct network *network = difference->network[which];
        double bytes = difference->bytes[which];
        struct text shape = {0};
        char size[TEXT_NUMBER_SIZE];
        network_shape(network, &shape);
        table_cell(&table, "%s", sides[which]);
        table_cell(&table, "%s", difference->path[which]);
        table_cell_text(&table, &shape);
        table_cell(&table, "%s %s", model_format_name(network->origin.format),
                   tensor_type_name(network->origin.type));
        table_cell(&table, "%zu", network_parameters(network));
        table_cell(&table, "%s", isfinite(bytes) ? text_bytes(bytes, size) : "-");
        text_free(&shape);
    }
    table_print(&table, out);
}

static void activation_cell(struct table *table, const struct layer *layer) {
    struct text text = {0};
    if (layer)
        text_append_activation(&text, &layer->activation);
    else
        text_append(&text, "none");
    table_cell_text(table, &text);
    text_free(&text);
}

static void activation_row(struct table *table, const struct layer_difference *layer, size_t l) {
    table_cell(table, "%zu", l + 1);
    table_cell(table, "activation");
    activation_cell(table, layer->a);
    activation_cell(table, layer->b);
    table_cell(table, "%s", layer->same_activation ? "" : "differs");
    table_cell(table, "%s", "");
    table_cell(table, "%s", "");
}

static void shape_cell(struct table *table, const struct layer *layer, bool bias) {
    if (!layer)
        table_cell(table, "none");
    else if (bias)
        table_cell(table, "%zu", layer->neurons);
    else
        table_cell(table, "%zu x %zu", layer->neurons, layer->inputs);
}

static void numbers_row(struct table *table, const struct layer_difference *layer, bool bias) {
    const struct array_difference *numbers = bias ? &layer->bias : &layer->weights;
    table_cell(table, "%s", "");
    table_cell(table, "%s", bias ? "bias" : "weights");
    shape_cell(table, layer->a, bias);
    shape_cell(table, layer->b, bias);
    if (!layer->same_shape) {
        table_cell(table, "shape");
        table_cell(table, "-");
        table_cell(table, "-");
        return;
    }
    table_cell(table, "%zu of %zu", numbers->differing, numbers->count);
    table_number(table, numbers->largest);
    table_number(table, numbers->largest_relative);
}

static void layers_table(const struct difference *difference, struct text *out) {
    struct table table = {.alignment = "rlllrrr"};
    static const char *const heads[] = {"layer", "", "A", "B", "differ", "largest", "relative"};
    for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
        table_cell(&table, "%s", heads[k]);
    for (size_t l = 0; l < difference->layers; l++) {
        activation_row(&table, &difference->layer[l], l);
        numbers_row(&table, &difference->layer[l], false);
        numbers_row(&table, &difference->layer[l], true);
    }
    table_print(&table, out);
}

/* Which layers shrank, by what B's file says. */
static void merged_table(const struct difference *difference, struct text *out) {
    struct table table = {.alignment = "rrrrrr"};
    static const char *const heads[] = {"layer",   "A's neurons",   "dead",
                                        "classes", "of one neuron", "B's neurons"};
    bool any = false;
    for (size_t l = 0; l < difference->layers; l++)
        any = any || difference->layer[l].merged;
    if (!any)
        return;
    text_append(out, "\nB was made from A:\n\n");
    for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
        table_cell(&table, "%s", heads[k]);
    for (size_t l = 0; l < difference->layers; l++) {
        const struct layer_difference *layer = &difference->layer[l];
        if (!layer->merged)
            continue;
        const size_t cells[] = {l + 1,          layer->a->neurons, layer->dead,
                                layer->classes, layer->single,     layer->b->neurons};
        for (size_t k = 0; k < sizeof cells / sizeof *cells; k++)
            table_cell(&table, "%zu", cells[k]);
    }
    table_print(&table, out);
}

static void change_row(struct table *table, const char *name,
                       const struct output_difference *change) {
    table_cell(table, "%s", name);
    table_number(table, change->largest);
    table_number(table, change->rms);
}

static void outputs_table(const struct difference *difference, struct text *out) {
    const struct network *network = difference->network[0];
    struct table table = {.alignment = "lrr"};
    size_t outputs = network_outputs(network);
    char own[TEXT_NUMBER_SIZE];
    text_format(out, "\non %zu test rows, outputs in units of the data\n\n",
                difference->data->test_count);
    table_cell(&table, "output");
    table_cell(&table, "largest difference");
    table_cell(&table, "RMS difference");
    for (size_t o = 0; o < outputs && o < OUTPUTS_SHOWN; o++)
        change_row(&table, program_output_name(network, o, own), &difference->output[o]);
    if (outputs > 1)
        change_row(&table, "all", &difference->all);
    table_print(&table, out);
    if (outputs > OUTPUTS_SHOWN)
        text_format(out, "%zu more outputs are in \"all\"; --json lists them\n",
                    outputs - OUTPUTS_SHOWN);
}

static void metrics_table(const struct difference *difference, struct text *out) {
    struct table table = {.alignment = "lrrl"};
    struct metrics_row rows[2][METRICS_ROWS];
    size_t count = 0;
    for (size_t which = 0; which < 2; which++)
        count = metrics_rows(difference->network[which], &difference->metrics[which], rows[which]);
    text_append(out, "\n");
    table_cell(&table, "metric");
    table_cell(&table, "A");
    table_cell(&table, "B");
    table_cell(&table, "%s", "");
    for (size_t k = 0; k < count; k++) {
        table_cell(&table, "%s", rows[0][k].name);
        table_number(&table, rows[0][k].value);
        table_number(&table, rows[1][k].value);
        table_cell(&table, "%s", rows[0][k].unit);
    }
    table_print(&table, out);
}

void difference_text(const struct difference *difference, struct text *out) {
    networks_table(difference, out);
    text_append(out, difference->identical ? "\nthe networks are identical\n\n" : "\n");
    layers_table(difference, out);
    merged_table(difference, out);
    if (difference->data)
        outputs_table(difference, out);
    if (difference->data && difference->judged)
        metrics_table(difference, out);
    else if (difference->data)
        text_append(out, "\nthe data has no targets, so that no error is measured\n");
}
