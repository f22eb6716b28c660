#include "fake_detail.h"

#include <stdlib.h>

struct detail *fake_detail_new(const struct snapshot *snapshot, const struct fake_layer *layers,
                               const struct watch *watch, size_t neuron) {
    static void (*const makers[])(const struct snapshot *, struct detail *) = {
        [DETAIL_EXPLANATION] = fake_explanation,
        [DETAIL_TRAJECTORY] = fake_trajectory,
        [DETAIL_WEIGHTS] = fake_weights,
    };
    if (watch->kind == DETAIL_NONE || snapshot->inspection.layer == 0)
        return NULL;
    struct detail *detail = calloc(1, sizeof *detail);
    atomic_init(&detail->holders, 1);
    detail->kind = watch->kind;
    detail->watch = *watch;
    detail->layer = snapshot->inspection.layer;
    detail->neuron = neuron;
    detail->class_id = snapshot->inspection.dead ? SIZE_MAX : snapshot->inspection.class_id;
    detail->epsilon = snapshot->epsilon;
    if (watch->kind == DETAIL_TREE)
        fake_tree(snapshot, &layers[detail->layer - 1], detail);
    else
        makers[watch->kind](snapshot, detail);
    return detail;
}
