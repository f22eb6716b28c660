#include "lumpscope/partition.h"

#include "lumpscope/memory.h"

#include <cjson/cJSON.h>
#include <string.h>

bool partition_init(struct partition *partition, const size_t *neurons, size_t layers,
                    struct error *error) {
    *partition = (struct partition){.layers = layers};
    partition->layer = memory_new(layers, sizeof *partition->layer, error);
    bool made = partition->layer != NULL;
    for (size_t l = 0; made && l < layers; l++) {
        struct classes *classes = &partition->layer[l];
        classes->neurons = neurons[l];
        classes->class_of = memory_new(neurons[l], sizeof *classes->class_of, error);
        made = classes->class_of != NULL;
        for (size_t i = 0; made && i < neurons[l]; i++)
            classes->class_of[i] = PARTITION_DEAD;
    }
    if (!made)
        partition_free(partition);
    return made;
}

bool partition_copy(struct partition *to, const struct partition *from, struct error *error) {
    *to = (struct partition){.layers = from->layers};
    to->layer = memory_new(from->layers, sizeof *to->layer, error);
    bool made = to->layer != NULL;
    for (size_t l = 0; made && l < from->layers; l++) {
        const struct classes *classes = &from->layer[l];
        to->layer[l] = *classes;
        to->layer[l].class_of =
            memory_copy(classes->class_of, classes->neurons, sizeof *classes->class_of, error);
        made = to->layer[l].class_of != NULL;
    }
    if (!made)
        partition_free(to);
    return made;
}

void partition_free(struct partition *partition) {
    for (size_t l = 0; partition->layer && l < partition->layers; l++)
        free(partition->layer[l].class_of);
    free(partition->layer);
    *partition = (struct partition){0};
}

bool classes_equal(const struct classes *a, const struct classes *b) {
    return a->neurons == b->neurons && a->count == b->count &&
           memcmp(a->class_of, b->class_of, a->neurons * sizeof *a->class_of) == 0;
}

bool partition_equal(const struct partition *a, const struct partition *b) {
    if (a->layers != b->layers)
        return false;
    for (size_t l = 0; l < a->layers; l++)
        if (!classes_equal(&a->layer[l], &b->layer[l]))
            return false;
    return true;
}

size_t partition_classes(const struct partition *partition) {
    size_t count = 0;
    for (size_t l = 0; l < partition->layers; l++)
        count += partition->layer[l].count;
    return count;
}

bool classes_from_labels(struct classes *classes, const uint32_t *labels, struct error *error) {
    uint32_t *number = memory_new(classes->neurons, sizeof *number, error);
    if (!number)
        return false;
    for (size_t i = 0; i < classes->neurons; i++)
        number[i] = PARTITION_DEAD;
    classes->count = 0;
    for (size_t i = 0; i < classes->neurons; i++) {
        uint32_t label = labels[i];
        if (label != PARTITION_DEAD && number[label] == PARTITION_DEAD)
            number[label] = (uint32_t)classes->count++;
        classes->class_of[i] = label == PARTITION_DEAD ? label : number[label];
    }
    free(number);
    return true;
}

bool classes_members(const struct classes *classes, struct class_members *out,
                     struct error *error) {
    out->members = memory_new(classes->neurons, sizeof *out->members, error);
    out->starts = memory_new(classes->count + 2, sizeof *out->starts, error);
    if (!out->members || !out->starts) {
        class_members_free(out);
        return false;
    }
    /* Counting sort; starts is used one place shifted while it fills. */
    for (size_t i = 0; i < classes->neurons; i++)
        if (classes->class_of[i] != PARTITION_DEAD)
            out->starts[classes->class_of[i] + 2]++;
    for (size_t c = 2; c < classes->count + 2; c++)
        out->starts[c] += out->starts[c - 1];
    for (size_t i = 0; i < classes->neurons; i++)
        if (classes->class_of[i] != PARTITION_DEAD)
            out->members[out->starts[classes->class_of[i] + 1]++] = i;
    return true;
}

/* [0,3] for one class. */
static cJSON *members_json(const size_t *members, size_t count) {
    cJSON *list = cJSON_CreateArray();
    for (size_t k = 0; list && k < count; k++)
        if (!cJSON_AddItemToArray(list, cJSON_CreateNumber((double)members[k]))) {
            cJSON_Delete(list);
            return NULL;
        }
    return list;
}

/* [[0,3],[1]] for one layer. */
struct cJSON *classes_json(const struct classes *classes, struct error *error) {
    struct class_members members;
    if (!classes_members(classes, &members, error))
        return NULL;
    cJSON *array = cJSON_CreateArray();
    bool made = array != NULL;
    for (size_t c = 0; made && c < classes->count; c++) {
        size_t start = members.starts[c], count = members.starts[c + 1] - start;
        made = cJSON_AddItemToArray(array, members_json(members.members + start, count));
    }
    class_members_free(&members);
    if (!made) {
        error_memory(error, sizeof(cJSON));
        cJSON_Delete(array);
        return NULL;
    }
    return array;
}

struct cJSON *partition_json(const struct partition *partition, struct error *error) {
    cJSON *array = cJSON_CreateArray();
    if (!array)
        error_memory(error, sizeof(cJSON));
    for (size_t l = 0; array && l < partition->layers; l++) {
        cJSON *layer = classes_json(&partition->layer[l], error);
        if (!layer) {
            cJSON_Delete(array);
            return NULL;
        }
        cJSON_AddItemToArray(array, layer);
    }
    return array;
}

void class_members_free(struct class_members *members) {
    free(members->members);
    free(members->starts);
    *members = (struct class_members){0};
}
