#include "lumpscope/model_onnx.h"

#include "frame.h"
#include "frame_parts.h"
#include "lumpscope/json.h"
#include "lumpscope/memory.h"
#include "onnx_fold.h"
#include "tensor_statistics.h"

#include <errno.h>
#include <string.h>

static const char activations_key[] = "activations", activation_key[] = "activation";

/* The model's metadata as an object of strings. */
static cJSON *read_metadata(const Onnx__ModelProto *model, struct error *error) {
    cJSON *strings = cJSON_CreateObject();
    bool made = strings != NULL;
    for (size_t k = 0; made && k < model->n_metadata_props; k++) {
        const Onnx__StringStringEntryProto *pair = model->metadata_props[k];
        if (pair->key && pair->value)
            made = json_add_string(strings, pair->key, pair->value);
    }
    if (made)
        return strings;
    cJSON_Delete(strings);
    error_memory(error, sizeof *strings);
    return NULL;
}

/* Takes the activations our writer noted out of the metadata; `*out` NULL: there are none of ours.
 * False only when there is no memory. */
static bool take_activations(cJSON *strings, cJSON **out, struct error *error) {
    cJSON *list = cJSON_DetachItemFromObjectCaseSensitive(strings, activations_key);
    const char *text = cJSON_GetStringValue(list);
    bool ours = text && *text == '[';
    cJSON *parsed = ours ? json_parse(text, strlen(text), NULL) : NULL;
    bool no_memory = ours && !parsed && errno == ENOMEM;
    if (list && !cJSON_IsArray(parsed)) {
        cJSON_Delete(parsed);
        parsed = NULL;
    }
    cJSON_Delete(list);
    *out = parsed;
    return !no_memory || error_memory(error, sizeof *parsed);
}

/* Slopes are single precision in ONNX's attributes; the metadata have them as they were. The graph
 * decides wherever the two say different things. */
static void refine_activations(const cJSON *list, struct network *network) {
    const cJSON *item;
    size_t l = 0;
    cJSON_ArrayForEach(item, list) {
        struct activation noted;
        if (l == network->depth)
            break;
        struct activation *read = &network->layers[l++].activation;
        if (frame_read_activation(item, l, network->depth, &noted, NULL) &&
            noted.kind == read->kind && (float)noted.parameter == (float)read->parameter)
            read->parameter = noted.parameter;
    }
}

/* "activation" may be anybody's: it is kept, but says nothing that the graph does not. */
static bool keep_activation(cJSON *item, struct network *network, struct error *error) {
    if (!item)
        return true;
    cJSON *foreign = network_member(network, "metadata");
    if (!foreign && network_set_member(network, "metadata", cJSON_CreateObject(), error))
        foreign = network_member(network, "metadata");
    if (foreign)
        return json_add(foreign, activation_key, item) || error_memory(error, sizeof *item);
    cJSON_Delete(item);
    return false;
}

static bool copy_string(char **to, const char *from, struct error *error) {
    *to = memory_string(from, error);
    return *to || !from;
}

static bool read_origin(const struct fold *fold, struct origin *origin, struct error *error) {
    const struct onnx_graph *file = fold->file;
    const Onnx__ModelProto *model = file->model;
    origin->format = MODEL_ONNX;
    origin->opset = file->opset;
    origin->ir_version = model->ir_version;
    return copy_string(&origin->producer, model->producer_name, error) &&
           copy_string(&origin->producer_version, model->producer_version, error) &&
           copy_string(&origin->graph_name, file->graph->name, error) &&
           copy_string(&origin->input_name, fold->input->name, error) &&
           copy_string(&origin->output_name, fold->output->name, error);
}

static bool read_frame(cJSON *strings, const cJSON *activations, struct network *network,
                       struct error *error) {
    cJSON *activation = cJSON_DetachItemFromObjectCaseSensitive(strings, activation_key);
    refine_activations(activations, network);
    if (!frame_from_strings(strings, network, error)) {
        cJSON_Delete(activation);
        return false;
    }
    return keep_activation(activation, network, error);
}

static struct network *read_network(const struct onnx_graph *file, cJSON *strings,
                                    const cJSON *activations, struct error *error) {
    struct fold fold;
    struct network *network =
        onnx_fold(file, activations != NULL, &fold, error) ? onnx_layers(&fold, error) : NULL;
    if (network && !(read_origin(&fold, &network->origin, error) &&
                     read_frame(strings, activations, network, error))) {
        network_free(network);
        network = NULL;
    }
    onnx_fold_free(&fold);
    return network;
}

struct network *model_onnx_load(const char *path, const struct model_recipe *recipe,
                                const struct progress *progress, struct error *error) {
    (void)recipe; /* the graph says it all */
    struct onnx_graph file;
    if (!onnx_graph_open(path, &file, progress, error))
        return NULL;
    cJSON *strings = read_metadata(file.model, error);
    cJSON *activations = NULL;
    bool taken = strings && take_activations(strings, &activations, error);
    struct network *network = taken ? read_network(&file, strings, activations, error) : NULL;
    if (!network)
        error_prefix(error, "%s", path);
    cJSON_Delete(activations);
    cJSON_Delete(strings);
    onnx_graph_close(&file);
    return network;
}

static bool summarise(const struct onnx_tensor *tensor, struct tensor_summary *out,
                      struct error *error) {
    double *values = memory_new(tensor->elements, sizeof *values, error);
    bool read = values && onnx_tensor_read(tensor, 0, tensor->elements, values, error);
    if (read)
        tensor_statistics(values, tensor->elements, out);
    free(values);
    return read;
}

static bool list_tensor(const struct onnx_graph *file, const Onnx__TensorProto *tensor, bool values,
                        struct tensor_list *out, size_t *capacity, struct error *error) {
    struct onnx_tensor view;
    if (!onnx_tensor_view(file, tensor, &view, error))
        return false;
    size_t *shape = memory_new(tensor->n_dims, sizeof *shape, error);
    for (size_t d = 0; shape && d < tensor->n_dims; d++)
        shape[d] = (size_t)tensor->dims[d];
    bool listed =
        shape && tensor_list_add(out, capacity, view.name, view.type, shape, tensor->n_dims, error);
    free(shape);
    return listed && (!values || summarise(&view, &out->tensors[out->count - 1], error));
}

bool model_onnx_tensors(const char *path, bool values, struct tensor_list *out,
                        const struct progress *progress, struct error *error) {
    struct onnx_graph file;
    size_t capacity = 0;
    *out = (struct tensor_list){0};
    if (!onnx_graph_open(path, &file, progress, error))
        return false;
    const Onnx__GraphProto *graph = file.graph;
    bool listed = true;
    for (size_t k = 0; listed && k < graph->n_initializer; k++) {
        listed = progress_step(progress, "tensors", k, graph->n_initializer, error);
        if (listed && !list_tensor(&file, graph->initializer[k], values, out, &capacity, error)) {
            error_prefix(error, "%s", path);
            listed = false;
        }
    }
    onnx_graph_close(&file);
    if (!listed)
        tensor_list_free(out);
    return listed;
}
