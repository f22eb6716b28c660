#include "program_output.h"
#include "program_subject.h"

#include <cjson/cJSON.h>
#include <math.h>

static const char *task_name(enum task task) {
    return task == TASK_CLASSIFICATION ? "classification" : "regression";
}

static bool info_json(const struct network *network, double bytes, struct text *out,
                      struct error *error) {
    cJSON *document = cJSON_CreateObject(), *layers = cJSON_CreateArray();
    bool made = json_add_string(document, "name", network->name) &&
                json_add_string(document, "task", task_name(network->task)) &&
                json_add_number(document, "inputs", (double)network_inputs(network)) &&
                json_add_number(document, "outputs", (double)network_outputs(network)) &&
                json_add_number(document, "parameters", (double)network_parameters(network)) &&
                json_add_number(document, "macs", (double)network_macs(network)) &&
                json_add_number(document, "bytes", bytes);
    made = json_add(document, "layers", layers) && made;
    for (size_t l = 0; made && l < network->depth; l++) {
        const struct layer *layer = &network->layers[l];
        cJSON *item = cJSON_CreateObject();
        made = json_add_number(item, "layer", (double)(l + 1)) &&
               json_add_number(item, "inputs", (double)layer->inputs) &&
               json_add_number(item, "neurons", (double)layer->neurons) &&
               json_add_string(item, "activation", activation_name(layer->activation.kind)) &&
               json_add_number(item, "parameters", (double)((layer->inputs + 1) * layer->neurons));
        made = json_add(layers, NULL, item) && made;
    }
    return json_print(document, made, out, error);
}

/* "leaky_relu(0.01)", "polynomial(0, 1, 0.5)". */
static void append_activation(const struct activation *activation, struct text *out) {
    char number[TEXT_NUMBER_SIZE];
    text_append(out, activation_name(activation->kind));
    if (activation->kind == ACTIVATION_LEAKY_RELU || activation->kind == ACTIVATION_ELU)
        text_format(out, "(%s)", text_human(activation->parameter, 3, number));
    if (activation->kind != ACTIVATION_POLYNOMIAL)
        return;
    for (size_t k = 0; k <= activation->degree; k++)
        text_format(out, "%s%s", k ? ", " : "(",
                    text_human(activation->coefficients[k], 3, number));
    text_append(out, ")");
}

static void layers_table(const struct network *network, struct text *out) {
    struct table table = {.alignment = "lrrlrr"};
    static const char *const heads[] = {"layer",      "inputs",     "neurons",
                                        "activation", "parameters", "MACs"};
    for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
        table_cell(&table, "%s", heads[k]);
    for (size_t l = 0; l < network->depth; l++) {
        const struct layer *layer = &network->layers[l];
        struct text activation = {0};
        append_activation(&layer->activation, &activation);
        table_cell(&table, l + 1 < network->depth ? "%zu" : "%zu output", l + 1);
        table_cell(&table, "%zu", layer->inputs);
        table_cell(&table, "%zu", layer->neurons);
        table_cell(&table, "%s", activation.data ? activation.data : "");
        table_cell(&table, "%zu", (layer->inputs + 1) * layer->neurons);
        table_cell(&table, "%zu", layer->inputs * layer->neurons);
        text_free(&activation);
    }
    table_cell(&table, "all");
    table_cell(&table, "%s", "");
    table_cell(&table, "%zu", network_hidden_neurons(network) + network_outputs(network));
    table_cell(&table, "%s", "");
    table_cell(&table, "%zu", network_parameters(network));
    table_cell(&table, "%zu", network_macs(network));
    table_print(&table, out);
}

static bool info_text(const struct network *network, double bytes, struct text *out) {
    struct text name = {0};
    char size[TEXT_NUMBER_SIZE];
    text_append(&name, network->name);
    if (name.data)
        text_make_visible(name.data);
    text_format(out, "%s%s%s, %zu inputs, %zu outputs, %s\n\n", name.length ? name.data : "",
                name.length ? ": " : "", task_name(network->task), network_inputs(network),
                network_outputs(network),
                isfinite(bytes) ? text_bytes(bytes, size) : "size unknown");
    text_free(&name);
    layers_table(network, out);
    return true;
}

bool program_run_info(struct program *program, struct error *error) {
    struct subject subject;
    bool done = subject_load(&subject, program, TARGET_IGNORED, error);
    if (done) {
        double bytes = program_file_bytes(subject.path);
        done = program->given[PROGRAM_JSON]
                   ? info_json(subject.network, bytes, &program->output, error)
                   : info_text(subject.network, bytes, &program->output);
    }
    subject_free(&subject);
    return done;
}
