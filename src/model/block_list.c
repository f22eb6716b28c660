/* Which layers of a checkpoint could be a block. */
#include "block_pair.h"

#include "lumpscope/memory.h"
#include "lumpscope/model_block.h"
#include "state_dict.h"

#include <string.h>

/* A weight, without ".weight". */
struct candidate {
    char *name;
    size_t parent; /* bytes of the name before the last dot */
    struct block_layer layer;
};
struct candidates {
    struct candidate *items; /* [count] in the order of the names' numbers */
    size_t count;
};

static void candidates_free(struct candidates *list) {
    for (size_t k = 0; k < list->count; k++)
        free(list->items[k].name);
    free(list->items);
}

void block_list_free(struct block_list *list) {
    for (size_t k = 0; k < list->count; k++) {
        free(list->blocks[k].up);
        free(list->blocks[k].down);
    }
    free(list->blocks);
    *list = (struct block_list){0};
}

static int compare_candidates(const void *a, const void *b) {
    return state_name_compare(((const struct candidate *)a)->name,
                              ((const struct candidate *)b)->name);
}

/* Every tensor X.weight of two dimensions. */
static bool collect(const struct safetensors *file, struct candidates *out, struct error *error) {
    size_t capacity = 0;
    for (size_t k = 0; k < file->count; k++) {
        const struct safetensors_entry *entry = &file->entries[k];
        const char *end = strrchr(entry->name, '.');
        if (!end || end == entry->name || strcmp(end, ".weight") != 0 || entry->dimensions != 2)
            continue;
        char *name = memory_string(entry->name, error);
        if (!name ||
            !memory_reserve(&out->items, &capacity, out->count + 1, sizeof *out->items, error)) {
            free(name);
            return false;
        }
        name[end - entry->name] = '\0';
        const char *dot = strrchr(name, '.');
        struct candidate *item = &out->items[out->count++];
        *item = (struct candidate){.name = name, .parent = dot ? (size_t)(dot - name) : 0};
        if (!block_layer_find(file, name, &item->layer, error))
            return false;
    }
    if (out->count > 1)
        qsort(out->items, out->count, sizeof *out->items, compare_candidates);
    return true;
}

/* "h.0.mlp" of h.0.mlp.c_fc and h.0.mlp.c_proj; "layer.0" of layer.0.intermediate.dense and
 * layer.0.output.dense, which BERT has side by side. */
static bool share_parent(const struct candidate *a, const struct candidate *b) {
    if (a->parent == b->parent && strncmp(a->name, b->name, a->parent) == 0)
        return true;
    const char *x = a->name + a->parent, *y = b->name + b->parent;
    if (a->parent == 0 || b->parent == 0 || strcmp(x, y) != 0)
        return false;
    while (x > a->name && x[-1] != '.')
        x--;
    while (y > b->name && y[-1] != '.')
        y--;
    return x - a->name > 1 && x - a->name == y - b->name &&
           strncmp(a->name, b->name, (size_t)(x - a->name)) == 0;
}

static bool widens(struct block_pair *pair) {
    return block_pair_fits(pair) && pair->neurons > pair->inputs && pair->neurons > pair->outputs;
}

/* Without biases [o x h] and [h x d] could also be read the other way round: Linear layers, whose
 * second one stands first, are far more common. */
static bool is_block(const struct candidate *up, const struct candidate *down,
                     struct block_pair *pair) {
    struct block_pair swapped = {.up = down->layer, .down = up->layer};
    *pair = (struct block_pair){.up = up->layer, .down = down->layer};
    return up != down && share_parent(up, down) && widens(pair) &&
           !(pair->inputs_first && widens(&swapped) && !swapped.inputs_first);
}

/* A third layer that the neurons pass: in 0 [32 x 8], 2 [32 x 32], 4 [1 x 32] those of 0 do not
 * reach 4. */
static bool has_layer_between(const struct candidates *list, const struct candidate *up,
                              const struct candidate *down, const struct block_pair *pair) {
    for (size_t k = 0; k < list->count; k++) {
        const struct candidate *other = &list->items[k];
        if (other == up || other == down || other->parent != up->parent ||
            strncmp(other->name, up->name, up->parent) != 0)
            continue;
        const size_t *shape = other->layer.weight->shape;
        if (shape[0] == pair->neurons && shape[1] == pair->neurons)
            return true;
    }
    return false;
}

/* Whether a tensor belongs to another module of the same parent: h.0.mlp.norm.weight is beside
 * h.0.mlp.up. */
static bool stands_beside(const char *tensor, const struct candidate *layer) {
    const char *end = strrchr(tensor, '.'), *last = NULL;
    for (const char *c = tensor; end && c < end; c++)
        last = *c == '.' ? c : last;
    size_t parent = last ? (size_t)(last - tensor) : 0;
    return end && parent == layer->parent && strncmp(tensor, layer->name, parent) == 0;
}

/* One element for each neuron, and no bias: a normalization between the layers, without which they
 * compute something else. */
static bool has_norm_between(const struct safetensors *file, const struct candidate *up,
                             const struct block_pair *pair) {
    for (size_t k = 0; k < file->count; k++) {
        const struct safetensors_entry *entry = &file->entries[k];
        bool each = entry->dimensions == 1 && entry->shape[0] == pair->neurons;
        if (each && entry != pair->up.bias && entry != pair->down.bias &&
            stands_beside(entry->name, up))
            return true;
    }
    return false;
}

/* The one layer that the one below could read; NULL when there are several: they are multiplied
 * first, as gated blocks do, and such a block is no network of layers. */
static const struct candidate *find_up(const struct safetensors *file,
                                       const struct candidates *list, const struct candidate *down,
                                       struct block_pair *pair) {
    struct block_pair found;
    const struct candidate *up = NULL;
    for (size_t k = 0; k < list->count; k++)
        if (is_block(&list->items[k], down, &found)) {
            if (up)
                return NULL;
            up = &list->items[k];
            *pair = found;
        }
    bool apart =
        up && (has_layer_between(list, up, down, pair) || has_norm_between(file, up, pair));
    return apart ? NULL : up;
}

static bool add_block(struct block_list *out, size_t *capacity, const struct candidate *up,
                      const struct candidate *down, const struct block_pair *pair,
                      struct error *error) {
    if (!memory_reserve(&out->blocks, capacity, out->count + 1, sizeof *out->blocks, error))
        return false;
    struct block_candidate *block = &out->blocks[out->count++];
    *block = (struct block_candidate){.up = memory_string(up->name, error),
                                      .down = memory_string(down->name, error),
                                      .inputs = pair->inputs,
                                      .neurons = pair->neurons,
                                      .outputs = pair->outputs};
    return block->up && block->down;
}

bool model_block_list(const struct safetensors *file, struct block_list *out, struct error *error) {
    struct candidates list = {0};
    struct block_pair pair = {0};
    size_t capacity = 0;
    *out = (struct block_list){0};
    bool listed = collect(file, &list, error);
    for (size_t k = 0; listed && k < list.count; k++) {
        const struct candidate *up = find_up(file, &list, &list.items[k], &pair);
        listed = !up || add_block(out, &capacity, up, &list.items[k], &pair, error);
    }
    candidates_free(&list);
    if (!listed)
        block_list_free(out);
    return listed;
}
