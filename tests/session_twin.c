#include "session_twin.h"

#include "random_network.h"

#include "lumpscope/file.h"
#include "lumpscope/model_json.h"
#include "lumpscope/text.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static void append_row(struct text *csv, const double *values, size_t count, const char *end) {
    for (size_t k = 0; k < count; k++)
        text_format(csv, "%s%.6g", k ? "," : "", values[k]);
    text_append(csv, end);
}

static void write_data(const struct network *network, const char *path, size_t rows) {
    struct error error = {0};
    struct text csv = {0};
    struct rng rng;
    rng_seed(&rng, 5);
    struct matrix inputs = random_rows(&rng, rows, network_inputs(network));
    struct matrix outputs = outputs_of(network, &inputs);
    for (size_t k = 0; k < inputs.columns; k++)
        text_format(&csv, "x%zu,", k);
    for (size_t k = 0; k < outputs.columns; k++)
        text_format(&csv, "%sy%zu", k ? "," : "", k);
    text_append(&csv, "\n");
    for (size_t r = 0; r < rows; r++) {
        for (size_t k = 0; k < outputs.columns; k++)
            matrix_row(&outputs, r)[k] += 0.1 * rng_normal(&rng);
        append_row(&csv, matrix_row(&inputs, r), inputs.columns, ",");
        append_row(&csv, matrix_row(&outputs, r), outputs.columns, "\n");
    }
    must(file_write(path, csv.data, csv.length, NULL, &error), &error);
    text_free(&csv);
    matrix_free(&inputs);
    matrix_free(&outputs);
}

struct twin_place twin_place_make(struct network *network, size_t rows) {
    struct twin_place place = {.directory = "/tmp/lumpscope-test-XXXXXX", .has_data = rows > 0};
    struct error error = {0};
    assert_non_null(mkdtemp(place.directory));
    snprintf(place.model, sizeof place.model, "%s/m.json", place.directory);
    snprintf(place.data, sizeof place.data, "%s/d.csv", place.directory);
    must(model_json_save(network, place.model, NULL, NULL, &error), &error);
    if (rows)
        write_data(network, place.data, rows);
    network_free(network);
    return place;
}

void twin_place_remove(const struct twin_place *place) {
    DIR *directory = opendir(place->directory);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", place->directory, entry->d_name);
        unlink(path);
    }
    closedir(directory);
    rmdir(place->directory);
}

struct session *twin_place_open(const struct twin_place *place) {
    struct error error = {0};
    struct session *session = session_new(&error);
    must(session, &error);
    session_open(session, place->model, place->has_data ? place->data : NULL, NULL, NULL);
    return session;
}

struct snapshot *settled(struct session *session) {
    session_wait(session);
    assert_false(session_busy(session));
    return session_latest(session);
}

struct twin twin_make(const struct twin_place *place, const struct options *options) {
    struct error error = {0};
    struct data_recipe recipe;
    struct twin twin = {.network = model_json_load(place->model, NULL, &error)};
    struct dataset *data = NULL;
    must(twin.network, &error);
    data_recipe_defaults(&recipe);
    if (place->has_data) {
        data = dataset_load(place->data, &recipe, twin.network, -1, NULL, &error);
        must(data, &error);
    }
    must(study_init(&twin.study, twin.network, options, data, NULL, NULL, &error), &error);
    must(study_judge(&twin.study, NULL, &error), &error);
    dataset_free(data);
    data_recipe_free(&recipe);
    return twin;
}

void twin_free(struct twin *twin) {
    study_free(&twin->study);
    network_free(twin->network);
}
