#include "lumpscope/snapshot.h"

#include "lumpscope/memory.h"

#include "session/model.h"

struct model *model_new(struct network *network, struct error *error) {
    struct model *model = memory_new(1, sizeof *model, error);
    if (!model) {
        network_free(network);
        return NULL;
    }
    atomic_init(&model->holders, 1);
    model->network = network;
    return model;
}

struct model *model_hold(struct model *model) {
    if (model)
        atomic_fetch_add(&model->holders, 1);
    return model;
}

void model_release(struct model *model) {
    if (!model || atomic_fetch_sub(&model->holders, 1) > 1)
        return;
    network_free(model->network);
    free(model);
}

void snapshot_hold(struct snapshot *snapshot) {
    atomic_fetch_add(&snapshot->holders, 1);
}

void inspection_free(struct inspection *inspection) {
    free(inspection->members);
    free(inspection->distances);
    free(inspection->incoming);
    free(inspection->outgoing);
    *inspection = (struct inspection){0};
}

void snapshot_release(struct snapshot *snapshot) {
    if (!snapshot || atomic_fetch_sub(&snapshot->holders, 1) > 1)
        return;
    free(snapshot->model_path);
    free(snapshot->title);
    free(snapshot->data_path);
    free(snapshot->data_title);
    free(snapshot->events);
    free(snapshot->layers);
    partition_free(&snapshot->partition);
    for (size_t l = 0; snapshot->colour && l < snapshot->hidden; l++)
        free(snapshot->colour[l]);
    free(snapshot->colour);
    for (size_t l = 0; snapshot->size && l < snapshot->hidden; l++)
        free(snapshot->size[l]);
    free(snapshot->size);
    for (int c = 0; c < CURVE_COUNT; c++)
        free(snapshot->curve[c].points);
    inspection_free(&snapshot->inspection);
    free(snapshot->marks);
    detail_release(snapshot->detail);
    model_release(snapshot->model);
    free(snapshot);
}
