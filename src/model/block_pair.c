#include "block_pair.h"

#include "lumpscope/memory.h"
#include "lumpscope/text.h"
#include "state_dict.h"

#include <string.h>

static bool is_tensor(const struct safetensors_entry *entry, size_t dimensions) {
    return entry->known && (int)entry->type < TENSOR_FLOATS && entry->dimensions == dimensions &&
           entry->elements > 0;
}

static bool bias_fits(const struct safetensors_entry *bias, size_t neurons) {
    return !bias || (is_tensor(bias, 1) && bias->shape[0] == neurons);
}

/* Sizes with the neurons in dimension `neurons` of the weights, the inputs in the other one. */
static bool fits(struct block_pair *pair, int neurons) {
    const size_t *up = pair->up.weight->shape, *down = pair->down.weight->shape;
    pair->inputs = up[1 - neurons];
    pair->neurons = up[neurons];
    pair->outputs = down[neurons];
    pair->inputs_first = neurons == 1;
    return down[1 - neurons] == pair->neurons && bias_fits(pair->up.bias, pair->neurons) &&
           bias_fits(pair->down.bias, pair->outputs);
}

bool block_pair_fits(struct block_pair *pair) {
    return is_tensor(pair->up.weight, 2) && is_tensor(pair->down.weight, 2) &&
           (fits(pair, 0) || fits(pair, 1));
}

bool block_layer_find(const struct safetensors *file, const char *name, struct block_layer *out,
                      struct error *error) {
    char *weight = state_tensor_name(name, "weight", error);
    char *bias = weight ? state_tensor_name(name, "bias", error) : NULL;
    if (bias)
        *out = (struct block_layer){safetensors_find(file, weight), safetensors_find(file, bias)};
    if (bias && !out->weight)
        *out = (struct block_layer){safetensors_find(file, name), NULL};
    bool found = bias != NULL;
    free(weight);
    free(bias);
    return found;
}

static bool find_layer(const struct safetensors *file, const char *name, struct block_layer *out,
                       struct error *error) {
    return block_layer_find(file, name, out, error) &&
           (out->weight ||
            error_set(error, ERROR_REQUEST,
                      "%s: there is no tensor \"%.100s.weight\"; lumpscope info %s lists the "
                      "blocks there are",
                      file->path, name, file->path));
}

static void print_entry(struct text *out, const struct safetensors_entry *entry) {
    if (!entry)
        return;
    text_format(out, "%s%.60s %s [", out->length ? ", " : "", entry->name, entry->type_name);
    for (size_t d = 0; d < entry->dimensions; d++)
        text_format(out, d ? " x %zu" : "%zu", entry->shape[d]);
    text_append(out, "]");
}

static bool refuse_pair(const struct safetensors *file, const struct block_pair *pair,
                        struct error *error) {
    struct text list = {0};
    print_entry(&list, pair->up.weight);
    print_entry(&list, pair->up.bias);
    print_entry(&list, pair->down.weight);
    print_entry(&list, pair->down.bias);
    error_set(error, ERROR_REQUEST,
              "%s: the second layer does not read what the first one gives (%s); name two layers "
              "of floating numbers that follow one another",
              file->path, list.data ? list.data : "");
    text_free(&list);
    return false;
}

bool block_pair_find(const struct safetensors *file, const char *names, struct block_pair *out,
                     struct error *error) {
    *out = (struct block_pair){0};
    char *up = memory_string(names, error);
    if (!up)
        return false;
    char *comma = strchr(up, ',');
    if (comma)
        *comma = '\0';
    bool found =
        comma ? find_layer(file, up, &out->up, error) &&
                    find_layer(file, comma + 1, &out->down, error)
              : error_set(error, ERROR_REQUEST, "--block \"%.60s\" names no two layers", names);
    free(up);
    return found && (block_pair_fits(out) || refuse_pair(file, out, error));
}
