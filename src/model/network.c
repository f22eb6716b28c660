#include "lumpscope/network.h"

#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

static void scaling_free(struct scaling *scaling) {
    for (size_t i = 0; scaling->names && i < scaling->count; i++)
        free(scaling->names[i]);
    free(scaling->names);
    free(scaling->mean);
    free(scaling->scale);
    cJSON_Delete(scaling->extra);
    *scaling = (struct scaling){0};
}

void scaling_name(const struct scaling *scaling, const char *kind, size_t i, char *out,
                  size_t size) {
    if (scaling->names && i < scaling->count)
        snprintf(out, size, "%s", scaling->names[i]);
    else
        snprintf(out, size, "%s %zu", kind, i);
    text_make_visible(out);
}

void network_free(struct network *network) {
    if (!network)
        return;
    for (size_t l = 0; network->layers && l < network->depth; l++) {
        free(network->layers[l].weights);
        free(network->layers[l].bias);
        cJSON_Delete(network->layers[l].extra);
    }
    free(network->layers);
    scaling_free(&network->input);
    scaling_free(&network->output);
    cJSON_Delete(network->members);
    origin_free(&network->origin);
    free(network->name);
    free(network);
}

bool scaling_unit(struct scaling *scaling, size_t count, struct error *error) {
    scaling->count = count;
    scaling->mean = memory_new(count, sizeof *scaling->mean, error);
    scaling->scale = memory_new(count, sizeof *scaling->scale, error);
    if (!scaling->mean || !scaling->scale)
        return false;
    for (size_t i = 0; i < count; i++)
        scaling->scale[i] = 1;
    return true;
}

static bool json_copy(struct cJSON **to, const struct cJSON *from, struct error *error) {
    *to = from ? cJSON_Duplicate(from, 1) : NULL;
    return !from || *to || error_memory(error, sizeof(cJSON));
}

static bool scaling_copy(struct scaling *to, const struct scaling *from, struct error *error) {
    scaling_free(to);
    if (!scaling_unit(to, from->count, error))
        return false;
    memcpy(to->mean, from->mean, from->count * sizeof *to->mean);
    memcpy(to->scale, from->scale, from->count * sizeof *to->scale);
    to->given = from->given;
    if (from->names) {
        to->names = memory_new(from->count, sizeof *to->names, error);
        if (!to->names)
            return false;
        for (size_t i = 0; i < from->count; i++)
            if (!(to->names[i] = memory_string(from->names[i], error)))
                return false;
    }
    return json_copy(&to->extra, from->extra, error);
}

bool layer_resize(struct layer *layer, size_t neurons, size_t inputs, struct error *error) {
    struct matrix weights;
    if (!matrix_init(&weights, neurons, inputs, error))
        return false;
    double *bias = memory_new(neurons, sizeof *bias, error);
    if (!bias) {
        matrix_free(&weights);
        return false;
    }
    free(layer->weights);
    free(layer->bias);
    layer->weights = weights.data;
    layer->bias = bias;
    layer->neurons = neurons;
    layer->inputs = inputs;
    return true;
}

struct network *network_new(const char *name, const size_t *sizes, size_t depth,
                            struct error *error) {
    struct network *network = memory_new(1, sizeof *network, error);
    if (!network)
        return NULL;
    network->depth = depth;
    network->name = memory_string(name ? name : "", error);
    network->layers = memory_new(depth, sizeof *network->layers, error);
    bool made = network->name && network->layers &&
                scaling_unit(&network->input, sizes[0], error) &&
                scaling_unit(&network->output, sizes[depth], error);
    for (size_t l = 0; made && l < depth; l++)
        made = layer_resize(&network->layers[l], sizes[l + 1], sizes[l], error);
    if (!made) {
        network_free(network);
        return NULL;
    }
    return network;
}

bool network_copy_frame(struct network *to, const struct network *from, struct error *error) {
    char *name = memory_string(from->name, error);
    if (!name)
        return false;
    free(to->name);
    to->name = name;
    to->task = from->task;
    cJSON_Delete(to->members);
    to->members = NULL;
    origin_free(&to->origin);
    return origin_copy(&to->origin, &from->origin, error) &&
           scaling_copy(&to->input, &from->input, error) &&
           scaling_copy(&to->output, &from->output, error) &&
           json_copy(&to->members, from->members, error);
}

struct network *network_copy(const struct network *network, struct error *error) {
    size_t *sizes = memory_new(network->depth + 1, sizeof *sizes, error);
    if (!sizes)
        return NULL;
    sizes[0] = network_inputs(network);
    for (size_t l = 0; l < network->depth; l++)
        sizes[l + 1] = network->layers[l].neurons;
    struct network *copy = network_new(network->name, sizes, network->depth, error);
    free(sizes);
    bool made = copy && network_copy_frame(copy, network, error);
    for (size_t l = 0; made && l < network->depth; l++) {
        const struct layer *from = &network->layers[l];
        struct layer *to = &copy->layers[l];
        to->activation = from->activation;
        memcpy(to->weights, from->weights, from->neurons * from->inputs * sizeof *to->weights);
        memcpy(to->bias, from->bias, from->neurons * sizeof *to->bias);
        made = json_copy(&to->extra, from->extra, error);
    }
    if (!made) {
        network_free(copy);
        return NULL;
    }
    return copy;
}

size_t network_inputs(const struct network *network) {
    return network->layers[0].inputs;
}

size_t network_outputs(const struct network *network) {
    return network->layers[network->depth - 1].neurons;
}

size_t network_hidden(const struct network *network) {
    return network->depth - 1;
}

size_t network_hidden_neurons(const struct network *network) {
    size_t neurons = 0;
    for (size_t l = 0; l + 1 < network->depth; l++)
        neurons += network->layers[l].neurons;
    return neurons;
}

size_t network_macs(const struct network *network) {
    size_t weights = 0;
    for (size_t l = 0; l < network->depth; l++)
        weights += network->layers[l].neurons * network->layers[l].inputs;
    return weights;
}

size_t network_biases(const struct network *network) {
    return network_hidden_neurons(network) + network_outputs(network);
}

size_t network_parameters(const struct network *network) {
    return network_macs(network) + network_biases(network);
}

size_t network_nonzero_parameters(const struct network *network) {
    size_t count = network_biases(network);
    for (size_t l = 0; l < network->depth; l++) {
        const struct layer *layer = &network->layers[l];
        for (size_t k = 0; k < layer->neurons * layer->inputs; k++)
            count += layer->weights[k] != 0;
    }
    return count;
}

bool network_is_softmax(const struct network *network) {
    return network->layers[network->depth - 1].activation.kind == ACTIVATION_SOFTMAX;
}

void network_shape(const struct network *network, struct text *out) {
    text_format(out, "%zu", network_inputs(network));
    for (size_t l = 0; l < network->depth; l++)
        text_format(out, "-%zu", network->layers[l].neurons);
}

struct cJSON *network_member(const struct network *network, const char *name) {
    return network->members ? cJSON_GetObjectItemCaseSensitive(network->members, name) : NULL;
}

bool network_set_member(struct network *network, const char *name, struct cJSON *value,
                        struct error *error) {
    if (!network->members)
        network->members = cJSON_CreateObject();
    if (network->members)
        cJSON_DeleteItemFromObjectCaseSensitive(network->members, name);
    if (!value)
        return true;
    if (!network->members || !cJSON_AddItemToObject(network->members, name, value)) {
        cJSON_Delete(value);
        return error_memory(error, sizeof(cJSON));
    }
    return true;
}

bool layer_has_bias(const struct layer *layer) {
    for (size_t i = 0; i < layer->neurons; i++)
        if (layer->bias[i] != 0)
            return true;
    return false;
}
