/* Details of one layer. */
#include "fake_detail.h"

#include "lumpscope/network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- The dendrogram ---- */

/* Branches as lists of leaves; a branch is known by its first leaf, the smallest member. */
struct branches {
    size_t *head;  /* [neurons] first leaf of the branch a leaf is in */
    size_t *next;  /* [neurons] leaf that follows in its branch; SIZE_MAX: none */
    size_t *count; /* [neurons] leaves of the branch that begins with it */
};

static int compare_merges(const void *a, const void *b) {
    double x = ((const struct tree_merge *)a)->height, y = ((const struct tree_merge *)b)->height;
    return (x > y) - (x < y);
}

/* `merge` comes with a neuron of either branch in first and middle, and leaves with the branches'
 * first leaves there and the number of leaves in end. */
static void join(struct branches *branches, struct tree_merge *merge) {
    size_t a = branches->head[merge->first], b = branches->head[merge->middle];
    size_t upper = a < b ? a : b, lower = a < b ? b : a, last = upper;
    while (branches->next[last] != SIZE_MAX)
        last = branches->next[last];
    branches->next[last] = lower;
    for (size_t leaf = lower; leaf != SIZE_MAX; leaf = branches->next[leaf])
        branches->head[leaf] = upper;
    branches->count[upper] += branches->count[lower];
    *merge = (struct tree_merge){upper, lower, branches->count[upper], merge->height};
}

static void order_leaves(const struct branches *branches, size_t leaves, struct tree_view *tree) {
    size_t *place = calloc(leaves + 1, sizeof *place);
    for (size_t i = 0; i < leaves; i++)
        for (size_t leaf = i; branches->head[i] == i && leaf != SIZE_MAX;
             leaf = branches->next[leaf]) {
            place[leaf] = tree->leaves;
            tree->neuron[tree->leaves++] = leaf;
        }
    for (size_t i = 0; i < tree->count; i++) {
        struct tree_merge *merge = &tree->merge[i];
        merge->first = place[merge->first];
        merge->middle = place[merge->middle];
        merge->end += merge->first;
    }
    free(place);
}

static void make_tree(const struct fake_layer *layer, size_t live, struct tree_view *tree) {
    struct branches branches = {calloc(live + 1, sizeof(size_t)), calloc(live + 1, sizeof(size_t)),
                                calloc(live + 1, sizeof(size_t))};
    tree->neuron = calloc(live + 1, sizeof *tree->neuron);
    tree->merge = calloc(live + 1, sizeof *tree->merge);
    for (size_t j = 0; j < live; j++) {
        branches.head[j] = j;
        branches.next[j] = SIZE_MAX;
        branches.count[j] = 1;
        if (j > 0)
            tree->merge[tree->count++] =
                (struct tree_merge){layer->parent[j], j, 0, layer->height[j]};
    }
    qsort(tree->merge, tree->count, sizeof *tree->merge, compare_merges);
    for (size_t i = 0; i < tree->count; i++)
        join(&branches, &tree->merge[i]);
    order_leaves(&branches, live, tree);
    free(branches.head);
    free(branches.next);
    free(branches.count);
}

void fake_tree(const struct snapshot *snapshot, const struct fake_layer *layer,
               struct detail *detail) {
    struct tree_view *tree = &detail->tree;
    const struct options *options = &snapshot->options;
    size_t next = detail->layer + 1;
    make_tree(layer, layer->neurons - layer->dead, tree);
    if (options->relation == RELATION_FORWARD && next <= snapshot->hidden) {
        tree->neighbour = next;
        tree->neighbour_classes = snapshot->layers[next - 1].classes;
    }
}

/* ---- Weights ---- */

/* Neurons across or down: in class order for a hidden layer, else as they are. */
struct side {
    size_t count;
    size_t *neuron;
    uint32_t *class_id;
};

static struct side side_of(const struct snapshot *snapshot, size_t layer, size_t count) {
    struct side side = {0, calloc(count + 1, sizeof(size_t)), calloc(count + 1, sizeof(uint32_t))};
    bool hidden = layer > 0 && layer <= snapshot->hidden;
    const struct classes *classes = hidden ? &snapshot->partition.layer[layer - 1] : NULL;
    size_t live = classes ? classes->count : count;
    for (size_t c = 0; c <= live; c++)
        for (size_t i = 0; i < count; i++) {
            uint32_t class_id = classes ? classes->class_of[i] : (uint32_t)i;
            if (class_id != (c < live ? (uint32_t)c : PARTITION_DEAD))
                continue;
            side.neuron[side.count] = i;
            side.class_id[side.count++] = class_id;
        }
    return side;
}

static void side_free(struct side *side) {
    free(side->neuron);
    free(side->class_id);
}

static size_t cell_start(size_t cell, size_t cells, size_t neurons) {
    return cell * neurons / cells;
}

static void fill_cells(const struct side *side, size_t cells, size_t **first, uint32_t **class_id,
                       bool **begins) {
    *first = calloc(cells + 1, sizeof **first);
    *class_id = calloc(cells + 1, sizeof **class_id);
    *begins = calloc(cells + 1, sizeof **begins);
    for (size_t i = 0; i < cells; i++) {
        size_t at = cell_start(i, cells, side->count);
        (*first)[i] = side->neuron[at];
        (*class_id)[i] = side->class_id[at];
        (*begins)[i] = at == 0 || side->class_id[at] != side->class_id[at - 1];
    }
}

static double weight(const struct network *network, const struct detail *detail, size_t row,
                     size_t column) {
    const struct layer *layer = &network->layers[detail->layer - !detail->watch.outgoing];
    return detail->watch.outgoing ? layer->weights[column * layer->inputs + row]
                                  : layer->weights[row * layer->inputs + column];
}

static double mean_of(const struct network *network, const struct detail *detail,
                      const struct side *down, const struct side *across, size_t i, size_t k) {
    const struct weights_view *view = &detail->weights;
    double sum = 0;
    size_t count = 0;
    for (size_t r = cell_start(i, view->rows, down->count);
         r < cell_start(i + 1, view->rows, down->count); r++)
        for (size_t c = cell_start(k, view->columns, across->count);
             c < cell_start(k + 1, view->columns, across->count); c++, count++)
            sum += weight(network, detail, down->neuron[r], across->neuron[c]);
    return sum / (double)count;
}

void fake_weights(const struct snapshot *snapshot, struct detail *detail) {
    const struct network *network = snapshot->network;
    const struct layer *layer = &network->layers[detail->layer - 1];
    struct weights_view *view = &detail->weights;
    size_t other = detail->watch.outgoing ? detail->layer + 1 : detail->layer - 1;
    struct side down = side_of(snapshot, detail->layer, layer->neurons);
    struct side across =
        side_of(snapshot, other, detail->watch.outgoing ? layer[1].neurons : layer->inputs);
    view->outgoing = detail->watch.outgoing;
    view->other = other <= snapshot->hidden ? other : 0;
    view->row_neurons = down.count;
    view->column_neurons = across.count;
    view->rows = detail->watch.rows < down.count ? detail->watch.rows : down.count;
    view->columns = detail->watch.columns < across.count ? detail->watch.columns : across.count;
    fill_cells(&down, view->rows, &view->row_first, &view->row_class, &view->row_begins);
    fill_cells(&across, view->columns, &view->column_first, &view->column_class,
               &view->column_begins);
    view->mean = calloc(view->rows * view->columns + 1, sizeof *view->mean);
    for (size_t i = 0; i < view->rows; i++)
        for (size_t k = 0; k < view->columns; k++) {
            double mean = mean_of(network, detail, &down, &across, i, k);
            view->mean[i * view->columns + k] = mean;
            view->peak = fmax(view->peak, fabs(mean));
        }
    side_free(&down);
    side_free(&across);
}
