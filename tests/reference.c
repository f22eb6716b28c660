#include "reference.h"

#include "lumpscope/file.h"
#include "lumpscope/model_json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

cJSON *reference_load(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/reference/%s", getenv("LUMPSCOPE_TESTS"), name);
    size_t size;
    struct error error = {0};
    char *text = file_read(path, 1u << 30, &size, NULL, &error);
    if (!text)
        fail_msg("%s", error.text);
    cJSON *reference = cJSON_Parse(text);
    free(text);
    assert_non_null(reference);
    return reference;
}

struct network *reference_network(const cJSON *reference) {
    char *text = cJSON_Print(cJSON_GetObjectItem(reference, "model"));
    struct error error = {0};
    struct network *network = model_json_parse("reference", text, strlen(text), &error);
    if (!network)
        fail_msg("%s", error.text);
    cJSON_free(text);
    return network;
}

struct matrix reference_matrix(const cJSON *array) {
    struct matrix matrix;
    struct error error;
    size_t rows = (size_t)cJSON_GetArraySize(array);
    size_t columns = (size_t)cJSON_GetArraySize(array->child), k = 0;
    assert_true(rows > 0 && columns > 0);
    assert_true(matrix_init(&matrix, rows, columns, &error));
    const cJSON *row, *item;
    cJSON_ArrayForEach(row, array) cJSON_ArrayForEach(item, row) matrix.data[k++] =
        item->valuedouble;
    assert_int_equal(k, rows * columns);
    return matrix;
}

static bool layer_equal(const struct classes *classes, const cJSON *lists) {
    size_t listed = 0, live = 0;
    uint32_t number = 0;
    const cJSON *list, *item;
    cJSON_ArrayForEach(list, lists) {
        cJSON_ArrayForEach(item, list) {
            listed++;
            if (classes->class_of[item->valueint] != number)
                return false;
        }
        number++;
    }
    for (size_t i = 0; i < classes->neurons; i++)
        live += classes->class_of[i] != PARTITION_DEAD;
    return number == classes->count && listed == live;
}

bool reference_classes_equal(const struct partition *partition, const cJSON *classes) {
    if ((size_t)cJSON_GetArraySize(classes) != partition->layers)
        return false;
    size_t l = 0;
    const cJSON *lists;
    cJSON_ArrayForEach(lists,
                       classes) if (!layer_equal(&partition->layer[l++], lists)) return false;
    return true;
}

bool close_to(double a, double b, double tolerance, double floor) {
    return fabs(a - b) <= tolerance * fmax(fabs(b), floor);
}
