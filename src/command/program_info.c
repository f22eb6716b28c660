#include "program_contents.h"
#include "program_output.h"
#include "program_subject.h"

#include "lumpscope/model_file.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>

static const char *task_name(enum task task) {
    return task == TASK_CLASSIFICATION ? "classification" : "regression";
}

static size_t layer_parameters(const struct layer *layer) {
    return (layer->inputs + 1) * layer->neurons;
}

/* Of the network's parameters, in percent. */
static double layer_share(const struct network *network, const struct layer *layer) {
    return metrics_grp(layer_parameters(layer), network_parameters(network));
}

static double parameter_bytes(const struct network *network, size_t parameters) {
    return (double)parameters * (double)tensor_type_size(network->origin.type);
}

/* Null when the file does not name it. */
static cJSON *activation_json(const struct layer *layer, bool named) {
    return named ? cJSON_CreateString(activation_name(layer->activation.kind)) : cJSON_CreateNull();
}

static cJSON *layer_json(const struct network *network, size_t l, bool named) {
    const struct layer *layer = &network->layers[l];
    size_t parameters = layer_parameters(layer);
    cJSON *item = cJSON_CreateObject();
    bool made = json_add_number(item, "layer", (double)(l + 1)) &&
                json_add_number(item, "inputs", (double)layer->inputs) &&
                json_add_number(item, "neurons", (double)layer->neurons) &&
                json_add(item, "activation", activation_json(layer, named)) &&
                json_add_number(item, "parameters", (double)parameters) &&
                json_add_number(item, "macs", (double)(layer->inputs * layer->neurons)) &&
                json_add_number(item, "share", layer_share(network, layer)) &&
                json_add_number(item, "bytes", parameter_bytes(network, parameters));
    if (made)
        return item;
    cJSON_Delete(item);
    return NULL;
}

/* What the file says of itself, as far as it does. */
static bool add_origin(cJSON *document, const struct origin *origin) {
    return json_add_string(document, "format", model_format_name(origin->format)) &&
           json_add_string(document, "dtype", tensor_type_name(origin->type)) &&
           (!origin->producer || json_add_string(document, "producer", origin->producer)) &&
           (!origin->producer_version ||
            json_add_string(document, "producer_version", origin->producer_version)) &&
           (!origin->opset || json_add_number(document, "opset", (double)origin->opset)) &&
           (!origin->ir_version ||
            json_add_number(document, "ir_version", (double)origin->ir_version)) &&
           (!origin->checkpoint || json_add_string(document, "checkpoint", origin->checkpoint));
}

static bool network_json(cJSON *document, const struct network *network, bool named) {
    cJSON *layers = cJSON_CreateArray();
    bool made = json_add_string(document, "name", network->name) &&
                json_add_string(document, "task", task_name(network->task)) &&
                json_add_number(document, "inputs", (double)network_inputs(network)) &&
                json_add_number(document, "outputs", (double)network_outputs(network)) &&
                json_add_number(document, "parameters", (double)network_parameters(network)) &&
                json_add_number(document, "macs", (double)network_macs(network)) &&
                add_origin(document, &network->origin);
    made = json_add(document, "layers", layers) && made;
    for (size_t l = 0; made && l < network->depth; l++)
        made = json_add(layers, NULL, layer_json(network, l, named));
    return made;
}

/* The end of a row: what of the whole network it is. */
static void size_cells(struct table *table, const struct network *network, size_t parameters,
                       size_t macs) {
    char bytes[TEXT_NUMBER_SIZE];
    table_cell(table, "%zu", parameters);
    table_cell(table, "%.1f %%", metrics_grp(parameters, network_parameters(network)));
    table_cell(table, "%zu", macs);
    table_cell(table, "%s", text_bytes(parameter_bytes(network, parameters), bytes));
}

static void layers_table(const struct network *network, bool named, struct text *out) {
    struct table table = {.alignment = "lrrlrrrr"};
    static const char *const heads[] = {"layer",      "inputs", "neurons", "activation",
                                        "parameters", "share",  "MACs"};
    for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
        table_cell(&table, "%s", heads[k]);
    table_cell(&table, "as %s", tensor_type_name(network->origin.type));
    for (size_t l = 0; l < network->depth; l++) {
        const struct layer *layer = &network->layers[l];
        struct text activation = {0};
        text_append_activation(&activation, &layer->activation);
        table_cell(&table, l + 1 < network->depth ? "%zu" : "%zu output", l + 1);
        table_cell(&table, "%zu", layer->inputs);
        table_cell(&table, "%zu", layer->neurons);
        if (named)
            table_cell_text(&table, &activation);
        else
            table_cell(&table, "?");
        size_cells(&table, network, layer_parameters(layer), layer->inputs * layer->neurons);
        text_free(&activation);
    }
    table_cell(&table, "all");
    table_cell(&table, "%s", "");
    table_cell(&table, "%zu", network_hidden_neurons(network) + network_outputs(network));
    table_cell(&table, "%s", "");
    size_cells(&table, network, network_parameters(network), network_macs(network));
    table_print(&table, out);
}

/* ", made by pytorch 2.1, opset 17" */
static void append_origin(const struct origin *origin, struct text *out) {
    text_format(out, ", %s %s", model_format_name(origin->format), tensor_type_name(origin->type));
    if (origin->producer && *origin->producer)
        text_format(out, ", made by %s%s%s", origin->producer, origin->producer_version ? " " : "",
                    origin->producer_version ? origin->producer_version : "");
    if (origin->opset)
        text_format(out, ", opset %" PRId64, origin->opset);
    if (origin->checkpoint)
        text_append(out, ", two layers of a larger checkpoint");
}

static void network_text(const struct network *network, double bytes, bool named,
                         struct text *out) {
    struct text line = {0};
    char size[TEXT_NUMBER_SIZE];
    size_t inputs = network_inputs(network), outputs = network_outputs(network);
    text_format(&line, "%s%s%s%s", network->name, *network->name ? ": " : "",
                named ? task_name(network->task) : "", named ? ", " : "");
    text_format(&line, "%zu %s, %zu %s", inputs, inputs == 1 ? "input" : "inputs", outputs,
                outputs == 1 ? "output" : "outputs");
    append_origin(&network->origin, &line);
    text_format(&line, ", %s", isfinite(bytes) ? text_bytes(bytes, size) : "size unknown");
    if (line.data)
        text_make_visible(line.data);
    text_append_text(out, &line);
    text_append(out, "\n\n");
    text_free(&line);
    layers_table(network, named, out);
}

/* What there is to tell of a file. */
struct contents {
    const char *path;
    double bytes;
    struct network *network; /* NULL: it is none */
    bool named;              /* its file, or the user, says the activations */
    struct error reason;     /* of not being a network, or of not being named */
    struct block_list blocks;
    struct tensor_list tensors; /* with --tensors */
};

static void contents_free(struct contents *contents) {
    network_free(contents->network);
    block_list_free(&contents->blocks);
    tensor_list_free(&contents->tensors);
}

static bool contents_json(const struct contents *contents, bool tensors, struct text *out,
                          struct error *error) {
    cJSON *document = cJSON_CreateObject();
    bool made = contents->network ? network_json(document, contents->network, contents->named)
                                  : blocks_json(document, model_format_found(contents->path),
                                                &contents->blocks, contents->reason.text);
    if (contents->network && !contents->named)
        made = made && json_add_string(document, "reason", contents->reason.text);
    made = made && json_add_number(document, "bytes", contents->bytes) &&
           (!tensors || tensors_json(document, &contents->tensors));
    return json_print(document, made, out, error);
}

static void contents_text(const struct contents *contents, bool tensors, struct text *out) {
    if (contents->network)
        network_text(contents->network, contents->bytes, contents->named, out);
    else
        blocks_text(contents->path, &contents->blocks, contents->reason.text, out);
    if (contents->network && !contents->named)
        text_format(out, "\n%s\n", contents->reason.text);
    if (tensors) {
        text_append(out, "\n");
        tensors_text(&contents->tensors, out);
    }
}

static bool says_how(const struct model_recipe *recipe) {
    static const struct model_recipe nothing = {0};
    return !model_recipe_equal(recipe, &nothing);
}

/* A file whose layers lack nothing but activations still has shapes and sizes to show. Several
 * blocks are a checkpoint, even where all its layers happen to follow one another. */
static bool look_for_shapes(struct contents *contents, struct error *error) {
    static const struct model_recipe any = {.activation = "linear"};
    struct error reason = {0};
    if (!blocks_find(contents->path, &contents->blocks, error))
        return false;
    if (contents->reason.kind == ERROR_REQUEST && contents->blocks.count < 2)
        contents->network = model_load(contents->path, &any, NULL, &reason);
    if (reason.no_memory)
        *error = reason;
    return !reason.no_memory;
}

/* A file that is no network by itself may still have blocks, or tensors, to show. */
static bool look_into(const struct program *program, struct contents *contents,
                      struct error *error) {
    bool tensors = program->given[PROGRAM_TENSORS];
    contents->network = model_load(contents->path, &program->model_recipe, NULL, &contents->reason);
    contents->named = contents->network != NULL;
    program_signals_defer(true);
    if (contents->named && !program_check_recipe(program, contents->path, contents->network, error))
        return false;
    if (contents->reason.no_memory) {
        *error = contents->reason;
        return false;
    }
    if (!contents->named && !says_how(&program->model_recipe) && !look_for_shapes(contents, error))
        return false;
    bool listed = tensors && model_tensors(contents->path, true, &contents->tensors,
                                           &program->progress, error);
    bool shown = contents->network || contents->blocks.count > 0 || listed;
    if (!shown || (!contents->network && says_how(&program->model_recipe))) {
        *error = contents->reason;
        return false;
    }
    return !tensors || listed;
}

bool program_run_info(struct program *program, struct error *error) {
    struct contents contents = {.path = program->operand[0],
                                .bytes = program_file_bytes(program->operand[0])};
    bool tensors = program->given[PROGRAM_TENSORS], done = look_into(program, &contents, error);
    if (done && program->given[PROGRAM_JSON])
        done = contents_json(&contents, tensors, &program->output, error);
    else if (done)
        contents_text(&contents, tensors, &program->output);
    contents_free(&contents);
    return done;
}
