#include "lumpscope/origin.h"

#include "lumpscope/memory.h"

static void free_names(char **names, size_t count) {
    for (size_t l = 0; names && l < count; l++)
        free(names[l]);
    free(names);
}

void origin_free(struct origin *origin) {
    free_names(origin->weight_names, origin->depth);
    free_names(origin->bias_names, origin->depth);
    free(origin->producer);
    free(origin->producer_version);
    free(origin->graph_name);
    free(origin->input_name);
    free(origin->output_name);
    free(origin->checkpoint);
    *origin = (struct origin){0};
}

bool origin_set_depth(struct origin *origin, size_t depth, struct error *error) {
    char **weights = memory_new(depth, sizeof *weights, error);
    char **biases = memory_new(depth, sizeof *biases, error);
    if (!weights || !biases) {
        free(weights);
        free(biases);
        return false;
    }
    free_names(origin->weight_names, origin->depth);
    free_names(origin->bias_names, origin->depth);
    origin->weight_names = weights;
    origin->bias_names = biases;
    origin->depth = depth;
    return true;
}

static bool copy_string(char **to, const char *from, struct error *error) {
    *to = memory_string(from, error);
    return *to || !from;
}

static bool copy_names(struct origin *to, const struct origin *from, struct error *error) {
    if (!from->weight_names)
        return true;
    bool copied = origin_set_depth(to, from->depth, error);
    for (size_t l = 0; copied && l < from->depth; l++)
        copied = copy_string(&to->weight_names[l], from->weight_names[l], error) &&
                 copy_string(&to->bias_names[l], from->bias_names[l], error);
    return copied;
}

bool origin_copy(struct origin *to, const struct origin *from, struct error *error) {
    *to = (struct origin){.format = from->format,
                          .type = from->type,
                          .inputs_first = from->inputs_first,
                          .opset = from->opset,
                          .ir_version = from->ir_version};
    bool copied = copy_names(to, from, error) &&
                  copy_string(&to->producer, from->producer, error) &&
                  copy_string(&to->producer_version, from->producer_version, error) &&
                  copy_string(&to->graph_name, from->graph_name, error) &&
                  copy_string(&to->input_name, from->input_name, error) &&
                  copy_string(&to->output_name, from->output_name, error) &&
                  copy_string(&to->checkpoint, from->checkpoint, error);
    if (!copied)
        origin_free(to);
    return copied;
}
