#include "measure/state_layer.h"

#include "lumpscope/memory.h"

#include <math.h>
#include <string.h>

/* Merges come by height, so the last one of a class is its highest. */
static void measure_heights(struct state_layer *layer) {
    for (size_t k = 0; k < layer->merged; k++) {
        const struct merge *merge = &layer->dendrogram->merge[k];
        layer->height[layer->live_classes->class_of[merge->a]] = merge->height;
    }
}

bool state_layer_init(struct state_layer *layer, const struct state_report *state, size_t number,
                      struct error *error) {
    const struct refine *refine = state->study->refine;
    const struct dendrogram *dendrogram = refine_dendrogram(refine, number);
    *layer = (struct state_layer){
        .number = number,
        .original = &state->study->network->layers[number - 1],
        .reduced = state->reduced ? &state->reduced->layers[number - 1] : NULL,
        .classes = &refine_partition(refine)->layer[number - 1],
        .live_classes = &refine_live_partition(refine)->layer[number - 1],
        .live = refine_prepared(refine)->live[number - 1],
        .dendrogram = dendrogram,
        .dead = state->study->network->layers[number - 1].neurons - dendrogram->leaves,
        .merged = dendrogram_merged(dendrogram, refine_epsilon(refine)),
        .next = NAN,
        .locked = options_locked(refine_options(refine), number),
    };
    if (layer->merged < dendrogram->count && isfinite(dendrogram->merge[layer->merged].height))
        layer->next = dendrogram->merge[layer->merged].height;
    layer->height = memory_new(layer->classes->count, sizeof *layer->height, error);
    if (!layer->height || !classes_members(layer->classes, &layer->members, error)) {
        state_layer_free(layer);
        return false;
    }
    measure_heights(layer);
    return true;
}

void state_layer_free(struct state_layer *layer) {
    class_members_free(&layer->members);
    free(layer->height);
    *layer = (struct state_layer){0};
}

void state_layer_title(const struct state_layer *layer, struct text *out) {
    size_t neurons = layer->classes->neurons, classes = layer->classes->count;
    text_format(out, "layer %zu: %zu %s in %zu %s", layer->number, neurons,
                neurons == 1 ? "neuron" : "neurons", classes, classes == 1 ? "class" : "classes");
}

size_t state_layer_size(const struct state_layer *layer, size_t class_id) {
    return layer->members.starts[class_id + 1] - layer->members.starts[class_id];
}

const char *state_layer_unit(const struct state_report *state) {
    const struct options *options = refine_options(state->study->refine);
    if (options->relation == RELATION_JOINT)
        return "share of the output's standard deviation";
    return options->scale == SCALE_RELATIVE ? "share of the neurons' mean norm"
                                            : "distance in the unit of the weights";
}

/* Where a character begins at or after `from`, so that none is cut in two. */
static const char *whole_character(const char *from) {
    while (((unsigned char)*from & 0xc0) == 0x80)
        from++;
    return from;
}

void state_source(const struct state_report *state, struct text *out) {
    enum { LONGEST = 64, HEAD = 40, TAIL = 16 };
    const struct options *options = refine_options(state->study->refine);
    const char *slash = strrchr(state->model_path, '/');
    const char *name = slash && slash[1] ? slash + 1 : state->model_path;
    size_t length = strlen(name);
    if (length > LONGEST) {
        text_append_bytes(out, name, (size_t)(whole_character(name + HEAD) - name));
        text_append(out, "...");
        name = whole_character(name + length - TAIL);
    }
    text_format(out, "%s: %s, %s linkage", name, relation_name(options->relation),
                linkage_name(options->linkage));
}
