#include "state_dict.h"

#include "lumpscope/memory.h"
#include "lumpscope/network.h"
#include "lumpscope/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Kinds of names that are put in order by their shapes, and layers that a sentence lists. */
enum { MOST_KINDS = 7, MOST_LISTED = 6 };

static bool is_digit(char c) {
    return isdigit((unsigned char)c) != 0;
}

static size_t digits(const char *at) {
    return strspn(at, "0123456789");
}

/* Compares the numbers at two places and moves behind them. */
static int compare_numbers(const char **a, const char **b) {
    const char *x = *a + strspn(*a, "0"), *y = *b + strspn(*b, "0");
    size_t m = digits(x), n = digits(y);
    *a = x + m;
    *b = y + n;
    return m != n ? (m < n ? -1 : 1) : strncmp(x, y, m);
}

int state_name_compare(const char *a, const char *b) {
    const char *x = a, *y = b;
    while (*x && *y) {
        int order = is_digit(*x) && is_digit(*y) ? compare_numbers(&x, &y)
                                                 : (unsigned char)*x++ - (unsigned char)*y++;
        if (order)
            return order;
    }
    return *x || *y ? (*x ? 1 : -1) : strcmp(a, b);
}

bool state_name_alike(const char *a, const char *b) {
    while (*a && *b) {
        if (is_digit(*a) && is_digit(*b)) {
            a += digits(a);
            b += digits(b);
        } else if (*a++ != *b++)
            return false;
    }
    return *a == *b;
}

char *state_tensor_name(const char *layer, const char *part, struct error *error) {
    size_t size = strlen(layer) + strlen(part) + 2;
    char *name = memory_new(size, 1, error);
    if (name)
        snprintf(name, size, "%s%s%s", layer, *layer ? "." : "", part);
    return name;
}

void state_dict_free(struct state_dict *dict) {
    for (size_t k = 0; k < dict->count; k++)
        free(dict->layers[k].name);
    free(dict->layers);
    *dict = (struct state_dict){0};
}

/* The length of `name` without ".part" or a bare "part"; SIZE_MAX when it ends otherwise. */
static size_t stem_length(const char *name, const char *part) {
    size_t length = strlen(name), end = strlen(part);
    if (length < end || strcmp(name + length - end, part) != 0)
        return SIZE_MAX;
    length -= end;
    return length && name[length - 1] != '.' ? SIZE_MAX : length - (length > 0);
}

static void print_shape(struct text *out, const struct safetensors_entry *entry) {
    text_append(out, "[");
    for (size_t d = 0; d < entry->dimensions; d++)
        text_format(out, d ? " x %zu" : "%zu", entry->shape[d]);
    text_append(out, "]");
}

/* "net.0 [8 x 4], net.2 [3 x 8] and 7 more". */
static void list_layers(const struct state_dict *dict, struct text *out) {
    size_t shown = dict->count > MOST_LISTED ? MOST_LISTED : dict->count;
    for (size_t k = 0; k < shown; k++) {
        const char *name = dict->layers[k].name;
        text_format(out, "%s%.40s ", k ? ", " : "", *name ? name : "weight");
        print_shape(out, dict->layers[k].weight);
    }
    if (shown < dict->count)
        text_format(out, " and %zu more", dict->count - shown);
}

/* `why`, the layers with their shapes, `remedy`. */
static bool refuse_layers(const struct safetensors *file, const struct state_dict *dict,
                          const char *why, const char *remedy, struct error *error) {
    struct text list = {0};
    list_layers(dict, &list);
    if (list.failed)
        error_memory(error, list.capacity);
    else
        error_set(error, ERROR_REQUEST, "%s: %s%s%s; %s", file->path, why, dict->count ? ": " : "",
                  list.data ? list.data : "", remedy);
    text_free(&list);
    return false;
}

static bool check_type(const struct safetensors *file, const struct safetensors_entry *entry,
                       struct error *error) {
    if (entry->known && (int)entry->type < TENSOR_FLOATS)
        return true;
    return error_set(error, ERROR_REQUEST,
                     "%s: tensor \"%.80s\" has type %s; save weights as F64, F32, F16 or BF16",
                     file->path, entry->name, entry->type_name);
}

/* Shapes and types of a layer's tensors. */
static bool check_layer(const struct safetensors *file, const struct state_layer *layer,
                        struct error *error) {
    const struct safetensors_entry *bias = layer->bias;
    if (layer->inputs == 0 || layer->neurons == 0)
        return error_set(error, ERROR_REQUEST,
                         "%s: tensor \"%.80s\" is empty; a layer has one neuron and one input or "
                         "more",
                         file->path, layer->weight->name);
    if (!check_type(file, layer->weight, error) || (bias && !check_type(file, bias, error)))
        return false;
    if (!bias || (bias->dimensions == 1 && bias->shape[0] == layer->neurons))
        return true;
    return error_set(error, ERROR_REQUEST,
                     "%s: tensor \"%.80s\" does not have one element for each of the %zu neurons "
                     "of \"%.80s\"; save the file anew",
                     file->path, bias->name, layer->neurons, layer->weight->name);
}

/* Takes a weight of two dimensions, whose name without its end has `length` bytes. */
static bool add_layer(const struct safetensors *file, struct state_dict *dict, size_t *capacity,
                      const struct safetensors_entry *weight, size_t length, struct error *error) {
    if (!memory_reserve(&dict->layers, capacity, dict->count + 1, sizeof *dict->layers, error))
        return false;
    char *name = memory_string(weight->name, error);
    if (!name)
        return false;
    name[length] = '\0';
    dict->layers[dict->count++] = (struct state_layer){
        .name = name, .weight = weight, .neurons = weight->shape[0], .inputs = weight->shape[1]};
    struct state_layer *layer = &dict->layers[dict->count - 1];
    char *bias = state_tensor_name(name, "bias", error);
    if (!bias)
        return false;
    layer->bias = safetensors_find(file, bias);
    free(bias);
    return true;
}

static bool is_layer(const struct safetensors_entry *entry, size_t *length) {
    *length = stem_length(entry->name, "weight");
    return *length != SIZE_MAX && entry->dimensions == 2;
}

static bool contains(const char *name, const char *part) {
    size_t length = strlen(part);
    for (; *name; name++)
        if (strncasecmp(name, part, length) == 0)
            return true;
    return false;
}

static const char batch_normalization[] = "a batch normalization";

/* What a tensor is that belongs to no Linear layer; NULL when it does belong to one. */
static const char *foreign_kind(const struct state_dict *dict,
                                const struct safetensors_entry *entry) {
    size_t length;
    if (contains(entry->name, "running_") || contains(entry->name, "num_batches_tracked"))
        return batch_normalization;
    if (is_layer(entry, &length))
        return contains(entry->name, "emb") ? "an embedding" : NULL;
    if (length != SIZE_MAX && entry->elements == 1)
        return "a PReLU, which is not read";
    if (length != SIZE_MAX)
        return entry->dimensions > 2 ? "a convolution" : "a normalization";
    for (size_t k = 0; k < dict->count; k++)
        if (dict->layers[k].bias == entry)
            return NULL;
    return "no Linear layer";
}

/* What to do about one of the kinds. */
static const char *foreign_remedy(const struct state_dict *dict, const char *kind) {
    if (!dict->count)
        return "name a file that has some";
    if (kind == batch_normalization)
        return "torch.onnx.export(model.eval(), torch.zeros(1, INPUTS), \"model.onnx\") writes a "
               "file that opens, with the normalization folded into them";
    return "open some alone with --layers A,B,C, or two of them with --block UP,DOWN";
}

/* Every tensor of the file belongs to one of the layers. */
static bool refuse_foreign(const struct safetensors *file, const struct state_dict *dict,
                           struct error *error) {
    for (size_t k = 0; k < file->count; k++) {
        const char *kind = foreign_kind(dict, &file->entries[k]);
        if (!kind)
            continue;
        struct text why = {0};
        text_format(&why, "tensor \"%.80s\" ", file->entries[k].name);
        print_shape(&why, &file->entries[k]);
        text_format(&why, " belongs to %s; Linear layers there are%s", kind,
                    dict->count ? "" : " none");
        if (why.failed)
            error_memory(error, why.capacity);
        else
            refuse_layers(file, dict, why.data, foreign_remedy(dict, kind), error);
        text_free(&why);
        return false;
    }
    return true;
}

static int by_name(const void *a, const void *b) {
    const struct state_layer *x = a, *y = b;
    return state_name_compare(x->name, y->name);
}

static bool find_all(const struct safetensors *file, struct state_dict *dict, struct error *error) {
    size_t capacity = 0, length;
    /* One more than can be read is enough to say so. */
    for (size_t k = 0; k < file->count && dict->count <= NETWORK_MAX_LAYERS; k++)
        if (is_layer(&file->entries[k], &length) &&
            !add_layer(file, dict, &capacity, &file->entries[k], length, error))
            return false;
    if (dict->count > NETWORK_MAX_LAYERS)
        return refuse_layers(file, dict, "more Linear layers than can be read",
                             "open some alone with --layers A,B,C, or two of them with "
                             "--block UP,DOWN",
                             error);
    if (dict->count)
        qsort(dict->layers, dict->count, sizeof *dict->layers, by_name);
    if (!refuse_foreign(file, dict, error))
        return false;
    return dict->count ||
           error_set(error, ERROR_REQUEST,
                     "%s: holds no tensor; name a file that has Linear layers", file->path);
}

static bool follows(const struct state_layer *first, const struct state_layer *second) {
    return first->neurons == second->inputs;
}

static bool is_chain(const struct state_layer *layers, size_t count) {
    size_t k = 1;
    while (k < count && follows(&layers[k - 1], &layers[k]))
        k++;
    return k >= count;
}

/* Names of one kind differ in numbers alone; kinds[k] is that of layer k. Returns how many. */
static size_t find_kinds(const struct state_dict *dict, size_t *kinds) {
    size_t count = 0;
    for (size_t k = 0; k < dict->count; k++) {
        size_t same = 0;
        while (same < k && !state_name_alike(dict->layers[same].name, dict->layers[k].name))
            same++;
        kinds[k] = same < k ? kinds[same] : count++;
    }
    return count;
}

/* Orders of the layers, kind after kind, that are chains. */
struct orders {
    const struct state_dict *dict; /* in the order of names */
    const size_t *kinds;           /* [dict->count] */
    size_t kind_count;
    struct state_layer *layers, *found; /* [dict->count] being tried; the first chain */
    size_t chains;                      /* different ones, counted up to 2 */
};

static void count_chain(struct orders *orders) {
    size_t bytes = orders->dict->count * sizeof *orders->layers;
    if (!is_chain(orders->layers, orders->dict->count) ||
        (orders->chains && memcmp(orders->layers, orders->found, bytes) == 0))
        return;
    if (orders->chains++ == 0)
        memcpy(orders->found, orders->layers, bytes);
}

/* Puts every kind that `used` does not have behind the `placed` layers, and goes on from there. */
static void try_kinds(struct orders *orders, size_t placed, unsigned used) {
    if (placed == orders->dict->count)
        count_chain(orders);
    for (size_t kind = 0; kind < orders->kind_count && orders->chains < 2; kind++) {
        if (used >> kind & 1)
            continue;
        size_t at = placed;
        for (size_t k = 0; k < orders->dict->count; k++)
            if (orders->kinds[k] == kind)
                orders->layers[at++] = orders->dict->layers[k];
        try_kinds(orders, at, used | 1u << kind);
    }
}

/* The one order in which the shapes follow one another: kind after kind, or as the names sort. */
static bool order_by_shapes(struct orders *orders) {
    size_t bytes = orders->dict->count * sizeof *orders->layers;
    memcpy(orders->layers, orders->dict->layers, bytes);
    count_chain(orders);
    if (orders->kind_count > 1 && orders->kind_count <= MOST_KINDS)
        try_kinds(orders, 0, 0);
    if (orders->chains != 1)
        return false;
    memcpy(orders->dict->layers, orders->found, bytes);
    return true;
}

static bool order_layers(const struct safetensors *file, struct state_dict *dict,
                         struct error *error) {
    size_t *kinds = memory_new(dict->count, sizeof *kinds, error);
    struct state_layer *layers = memory_new(2 * dict->count, sizeof *layers, error);
    bool ordered = false;
    if (kinds && layers) {
        struct orders orders = {
            .dict = dict, .kinds = kinds, .layers = layers, .found = layers + dict->count};
        orders.kind_count = find_kinds(dict, kinds);
        ordered = order_by_shapes(&orders);
        if (!ordered)
            refuse_layers(file, dict,
                          orders.chains ? "the names do not tell the order of the layers"
                                        : "the layers do not follow one another",
                          "name them in order with --layers A,B,C, or open two of them with "
                          "--block UP,DOWN",
                          error);
    }
    free(kinds);
    free(layers);
    return ordered;
}

/* "net.0", "net.0.weight", or "weight" alone. */
static const struct safetensors_entry *find_named(const struct safetensors *file, const char *name,
                                                  struct error *error) {
    char *weight = state_tensor_name(name, "weight", error);
    const struct safetensors_entry *entry = weight ? safetensors_find(file, weight) : NULL;
    free(weight);
    return entry || !weight ? entry : safetensors_find(file, name);
}

static bool add_named(const struct safetensors *file, struct state_dict *dict, size_t *capacity,
                      const char *name, struct error *error) {
    const struct safetensors_entry *entry = find_named(file, name, error);
    size_t length;
    if (!entry || !is_layer(entry, &length)) {
        struct state_dict all = {0};
        if (!entry && find_all(file, &all, NULL))
            refuse_layers(file, &all, "no such layer; there are", "name some of those", error);
        else
            error_set(error, ERROR_REQUEST,
                      "%s: not there, or no weight of two dimensions; "
                      "`info --tensors` lists what there is",
                      file->path);
        error_prefix(error, "--layers \"%.60s\"", name);
        state_dict_free(&all);
        return false;
    }
    for (size_t k = 0; k < dict->count; k++)
        if (dict->layers[k].weight == entry)
            return error_set(error, ERROR_REQUEST,
                             "--layers names \"%.60s\" twice; name each layer once", name);
    return add_layer(file, dict, capacity, entry, length, error);
}

static bool find_given(const struct safetensors *file, const char *names, struct state_dict *dict,
                       struct error *error) {
    size_t capacity = 0;
    for (const char *at = names; *at; at += *at == ',') {
        size_t length = strcspn(at, ",");
        char *name = memory_new(length + 1, 1, error);
        if (!name)
            return false;
        memcpy(name, at, length);
        bool added = add_named(file, dict, &capacity, name, error);
        free(name);
        if (!added)
            return false;
        at += length;
    }
    if (dict->count == 0)
        return error_set(error, ERROR_REQUEST, "%s: no layer is named; give --layers A,B,C",
                         file->path);
    return is_chain(dict->layers, dict->count) ||
           refuse_layers(file, dict, "--layers: they do not follow one another",
                         "each must have as many inputs as the one before has neurons", error);
}

bool state_dict_find(const struct safetensors *file, const char *names, struct state_dict *out,
                     struct error *error) {
    *out = (struct state_dict){0};
    bool found = names ? find_given(file, names, out, error)
                       : find_all(file, out, error) && order_layers(file, out, error);
    if (found && out->count > NETWORK_MAX_LAYERS)
        found = error_set(error, ERROR_REQUEST,
                          "%s: holds %zu layers; at most %d can be read, choose with --layers",
                          file->path, out->count, NETWORK_MAX_LAYERS);
    for (size_t k = 0; found && k < out->count; k++)
        found = check_layer(file, &out->layers[k], error);
    if (!found)
        state_dict_free(out);
    return found;
}

bool state_tensor_read(const struct safetensors *file, const struct safetensors_entry *entry,
                       double *out, struct error *error) {
    if (!safetensors_read(file, entry, out, error))
        return false;
    size_t k = 0;
    while (k < entry->elements && isfinite(out[k]))
        k++;
    return k == entry->elements ||
           error_set(error, ERROR_REQUEST,
                     "%s: tensor \"%.80s\": element %zu is not a finite number; train the network "
                     "again",
                     file->path, entry->name, k);
}
