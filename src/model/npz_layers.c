#include "npz_layers.h"

#include "lumpscope/memory.h"
#include "lumpscope/network.h"
#include "lumpscope/text.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* Names of weights, and what stands in their place in the names of the biases. */
static const struct {
    const char *weight, *bias;
    bool numbered; /* a layer's name is this and its number */
} patterns[] = {
    {"W", "b", true},
    {"coefs_", "intercepts_", true},
    {".weight", ".bias", false},
};
enum { PATTERNS = sizeof patterns / sizeof *patterns, WEIGHT_PATTERN = 2 };

static bool ends_with(const char *name, const char *end) {
    size_t length = strlen(name), tail = strlen(end);
    return length > tail && strcmp(name + length - tail, end) == 0;
}

/* Whether a name is the pattern and a number, or ends in the pattern. */
static bool matches(const char *name, size_t pattern, size_t *number) {
    const char *weight = patterns[pattern].weight;
    size_t length = strlen(weight);
    if (!patterns[pattern].numbered)
        return ends_with(name, weight);
    return strncmp(name, weight, length) == 0 && isdigit((unsigned char)name[length]) &&
           text_to_size(name + length, number);
}

char *npz_layers_bias_name(const char *weight, struct error *error) {
    struct text name = {0};
    size_t number, length = strlen(weight);
    for (size_t p = 0; p < PATTERNS && !name.length; p++) {
        size_t part = strlen(patterns[p].weight);
        if (!matches(weight, p, &number))
            continue;
        if (patterns[p].numbered)
            text_format(&name, "%s%s", patterns[p].bias, weight + part);
        else
            text_format(&name, "%.*s%s", (int)(length - part), weight, patterns[p].bias);
    }
    if (!name.length)
        text_format(&name, "%s_bias", weight);
    if (!name.failed)
        return name.data;
    text_free(&name);
    error_memory(error, length);
    return NULL;
}

void npz_layers_free(struct npz_layers *layers) {
    for (size_t l = 0; layers->layers && l < layers->depth; l++) {
        free(layers->layers[l].weight_name);
        free(layers->layers[l].bias_name);
    }
    free(layers->layers);
    *layers = (struct npz_layers){0};
}

/* Adds a layer by the name of its weights, which it takes over. */
static bool add_layer(struct npz_layers *layers, size_t *capacity, size_t member, char *name,
                      struct error *error) {
    bool room = layers->depth < NETWORK_MAX_LAYERS ||
                error_set(error, ERROR_REQUEST,
                          "more than %d layers, the most that can be read; save fewer arrays",
                          NETWORK_MAX_LAYERS);
    if (!room || !memory_reserve(&layers->layers, capacity, layers->depth + 1,
                                 sizeof *layers->layers, error)) {
        free(name);
        return false;
    }
    layers->layers[layers->depth++] = (struct npz_layer){.weight = member, .weight_name = name};
    return true;
}

/* All arrays of one pattern. */
static bool find_pattern(const struct npz *archive, size_t pattern, struct npz_layers *out,
                         struct error *error) {
    size_t capacity = 0, number;
    for (size_t k = 0; k < npz_count(archive); k++) {
        struct error none = {0};
        char *name = npz_array_name(archive, k, &none);
        if (none.kind)
            return error_memory(error, strlen(npz_member(archive, k)));
        if (!name || !matches(name, pattern, &number))
            free(name);
        else if (!add_layer(out, &capacity, k, name, error))
            return false;
    }
    return true;
}

static int compare_layers(const void *a, const void *b) {
    const struct npz_layer *first = a, *second = b;
    return strverscmp(first->weight_name, second->weight_name);
}

/* W0, W1, W2: none is missing between. */
static bool check_numbers(const struct npz_layers *layers, size_t pattern, struct error *error) {
    size_t first = 0, number = 0;
    if (!patterns[pattern].numbered)
        return true;
    matches(layers->layers[0].weight_name, pattern, &first);
    for (size_t l = 0; l < layers->depth; l++)
        if (matches(layers->layers[l].weight_name, pattern, &number) && number != first + l)
            return error_set(error, ERROR_REQUEST,
                             "array %s%zu is missing before %.60s; save every layer, or name them "
                             "with --layers",
                             patterns[pattern].weight, first + l, layers->layers[l].weight_name);
    return true;
}

/* The array of the list's next name, as it is or with .weight behind it. */
static bool find_named(const struct npz *archive, const char *name, size_t length,
                       struct npz_layers *out, size_t *capacity, struct error *error) {
    struct text full = {0};
    text_append_bytes(&full, name, length);
    size_t member = full.failed ? 0 : npz_find(archive, full.data);
    if (!full.failed && member == npz_count(archive)) {
        text_append(&full, patterns[WEIGHT_PATTERN].weight);
        member = full.failed ? 0 : npz_find(archive, full.data);
    }
    if (full.failed) {
        text_free(&full);
        return error_memory(error, length);
    }
    if (member < npz_count(archive))
        return add_layer(out, capacity, member, full.data, error);
    text_free(&full);
    return error_set(error, ERROR_REQUEST,
                     "--layers: there is no array \"%.*s\" in the archive; name arrays it has",
                     length < 100 ? (int)length : 100, name);
}

static bool find_list(const struct npz *archive, const char *names, struct npz_layers *out,
                      struct error *error) {
    size_t capacity = 0;
    while (*names) {
        size_t length = strcspn(names, ",");
        if (!find_named(archive, names, length, out, &capacity, error))
            return false;
        names += length + (names[length] == ',');
    }
    return true;
}

static bool find_biases(const struct npz *archive, struct npz_layers *layers, struct error *error) {
    for (size_t l = 0; l < layers->depth; l++) {
        struct npz_layer *layer = &layers->layers[l];
        layer->bias_name = npz_layers_bias_name(layer->weight_name, error);
        if (!layer->bias_name)
            return false;
        layer->bias = npz_find(archive, layer->bias_name);
        if (layer->bias < npz_count(archive))
            continue;
        free(layer->bias_name);
        layer->bias_name = NULL;
    }
    return true;
}

static bool is_used(const struct npz *archive, const struct npz_layers *layers, size_t member) {
    if (member == npz_find(archive, NPZ_FRAME))
        return true;
    for (size_t l = 0; l < layers->depth; l++)
        if (layers->layers[l].weight == member ||
            (layers->layers[l].bias_name && layers->layers[l].bias == member))
            return true;
    return false;
}

/* Nothing in the archive is passed over in silence. */
static bool check_rest(const struct npz *archive, const struct npz_layers *layers,
                       struct error *error) {
    for (size_t k = 0; k < npz_count(archive); k++)
        if (!is_used(archive, layers, k))
            return error_set(error, ERROR_REQUEST,
                             "%.100s belongs to no layer; name the layers' arrays with --layers to "
                             "leave it out",
                             npz_member(archive, k));
    return true;
}

bool npz_layers_refuse_objects(const struct npz *archive, struct error *error) {
    static const char *const lists[] = {"coefs_", "intercepts_"};
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        size_t member = npz_find(archive, lists[k]);
        if (member < npz_count(archive))
            return error_set(error, ERROR_REQUEST,
                             "%s is a list of arrays, which NumPy saves as a Python pickle, and "
                             "pickles are never read; save each layer by itself as coefs_0, "
                             "intercepts_0, ... (lumpscope info FILE prints the lines)",
                             lists[k]);
    }
    return true;
}

static bool find_layers(const struct npz *archive, const char *names, struct npz_layers *out,
                        struct error *error) {
    if (names)
        return find_list(archive, names, out, error) && find_biases(archive, out, error);
    size_t pattern = 0;
    for (; pattern < PATTERNS && out->depth == 0; pattern++)
        if (!find_pattern(archive, pattern, out, error))
            return false;
    if (out->depth == 0)
        return error_set(error, ERROR_REQUEST,
                         "the archive has no arrays W0, b0, W1, ... or coefs_0, intercepts_0, ...; "
                         "save the layers by these names, or name them with --layers");
    qsort(out->layers, out->depth, sizeof *out->layers, compare_layers);
    return check_numbers(out, pattern - 1, error) && find_biases(archive, out, error) &&
           check_rest(archive, out, error);
}

/* Shapes of the arrays of one layer, before it is known which way they lie. */
struct shapes {
    size_t rows, columns;
    size_t bias; /* numbers of the bias; 0: none */
};

static bool describe(const struct npz *archive, size_t member, struct npy_array *out,
                     struct error *error) {
    enum npy_content content;
    if (!npz_describe(archive, member, &content, out, error))
        return false;
    return content == NPY_NUMBERS ||
           error_set(error, ERROR_REQUEST, "array %.100s holds no numbers; save numbers alone",
                     npz_member(archive, member));
}

/* Numbers of a bias, a row or a column of them. */
static bool count_bias(const struct npz_layer *layer, const struct npy_array *bias, size_t *count,
                       struct error *error) {
    bool vector = bias->dimensions == 1 || bias->shape[0] == 1 || bias->shape[1] == 1;
    *count = bias->shape[0] * bias->shape[1];
    return (vector && bias->dimensions <= 2 && *count > 0) ||
           error_set(error, ERROR_REQUEST,
                     "array %.100s has %zu dimensions or no numbers; a bias is one number for each "
                     "neuron",
                     layer->bias_name, bias->dimensions);
}

static bool read_shapes(const struct npz *archive, struct npz_layers *layers, struct shapes *shapes,
                        struct error *error) {
    bool floating = false;
    layers->type = TENSOR_F64;
    for (size_t l = 0; l < layers->depth; l++) {
        const struct npz_layer *layer = &layers->layers[l];
        struct npy_array weight, bias = {0};
        if (!describe(archive, layer->weight, &weight, error) ||
            (layer->bias_name && !describe(archive, layer->bias, &bias, error)))
            return false;
        if (weight.dimensions != 2 || weight.shape[0] == 0 || weight.shape[1] == 0)
            return error_set(error, ERROR_REQUEST,
                             "array %.100s has %zu dimensions or none of its numbers; weights are "
                             "inputs x neurons",
                             layer->weight_name, weight.dimensions);
        if ((int)weight.type < TENSOR_FLOATS) {
            layers->type = floating && layers->type < weight.type ? layers->type : weight.type;
            floating = true;
        }
        shapes[l] = (struct shapes){weight.shape[0], weight.shape[1], 0};
        if (layer->bias_name && !count_bias(layer, &bias, &shapes[l].bias, error))
            return false;
    }
    return true;
}

/* Whether every layer reads what the one before it gives, and has as many biases as neurons. */
static bool chains(const struct shapes *shapes, size_t depth, bool inputs_first) {
    for (size_t l = 0; l < depth; l++) {
        size_t inputs = inputs_first ? shapes[l].rows : shapes[l].columns;
        size_t neurons = inputs_first ? shapes[l].columns : shapes[l].rows;
        size_t before = l == 0 ? inputs : inputs_first ? shapes[l - 1].columns : shapes[l - 1].rows;
        if (inputs != before || (shapes[l].bias && shapes[l].bias != neurons))
            return false;
    }
    return true;
}

static bool refuse_chain(const struct npz_layers *layers, const struct shapes *shapes,
                         struct error *error) {
    struct text list = {0};
    for (size_t l = 0; l < layers->depth && l < 4; l++) {
        text_format(&list, "%s%.40s %zu x %zu", l ? ", " : "", layers->layers[l].weight_name,
                    shapes[l].rows, shapes[l].columns);
        if (layers->layers[l].bias_name)
            text_format(&list, " with %.40s of %zu", layers->layers[l].bias_name, shapes[l].bias);
    }
    error_set(error, ERROR_REQUEST,
              "the layers do not follow one another (%s%s): each must read what the one before "
              "gives, inputs x neurons, with a bias for each neuron; check the arrays, or their "
              "order with --layers",
              list.data ? list.data : "", layers->depth > 4 ? ", ..." : "");
    text_free(&list);
    return false;
}

static bool orient(struct npz_layers *layers, const struct shapes *shapes, bool neurons_first,
                   struct error *error) {
    layers->inputs_first = !neurons_first;
    if (!chains(shapes, layers->depth, layers->inputs_first))
        layers->inputs_first = neurons_first;
    if (!chains(shapes, layers->depth, layers->inputs_first))
        return refuse_chain(layers, shapes, error);
    for (size_t l = 0; l < layers->depth; l++) {
        layers->layers[l].inputs = layers->inputs_first ? shapes[l].rows : shapes[l].columns;
        layers->layers[l].neurons = layers->inputs_first ? shapes[l].columns : shapes[l].rows;
    }
    return true;
}

bool npz_layers_find(const struct npz *archive, const char *names, bool neurons_first,
                     struct npz_layers *out, struct error *error) {
    *out = (struct npz_layers){0};
    struct shapes *shapes = NULL;
    bool found = npz_layers_refuse_objects(archive, error) &&
                 find_layers(archive, names, out, error) &&
                 (shapes = memory_new(out->depth, sizeof *shapes, error)) &&
                 read_shapes(archive, out, shapes, error);
    neurons_first = neurons_first || (found && ends_with(out->layers[0].weight_name,
                                                         patterns[WEIGHT_PATTERN].weight));
    found = found && orient(out, shapes, neurons_first, error);
    free(shapes);
    if (!found)
        npz_layers_free(out);
    return found;
}

bool npz_layers_read(const struct npz *archive, size_t member, struct npy_array *out,
                     struct error *error) {
    if (!npz_read(archive, member, out, error))
        return false;
    size_t count = 1, k = 0;
    for (size_t d = 0; d < NPY_DIMENSIONS; d++)
        count *= out->shape[d];
    while (k < count && isfinite(out->values[k]))
        k++;
    if (k == count)
        return true;
    npy_array_free(out);
    return error_set(error, ERROR_REQUEST,
                     "array %.100s: number %zu of %zu is not finite; save a network of finite "
                     "numbers",
                     npz_member(archive, member), k + 1, count);
}
