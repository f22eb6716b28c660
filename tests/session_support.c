#include "session_support.h"

#include "lumpscope/file.h"
#include "lumpscope/model_json.h"
#include "lumpscope/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

void write_data(const char *path, size_t rows) {
    struct error error = {0};
    struct text csv = {0};
    struct rng rng;
    rng_seed(&rng, 5);
    text_append(&csv, "a,b,c,y,z\n");
    for (size_t r = 0; r < rows; r++) {
        double a = rng_normal(&rng), b = rng_normal(&rng), c = rng_normal(&rng);
        text_format(&csv, "%.6g,%.6g,%.6g,%.6g,%.6g\n", a, b, c, a * b - c, tanh(a + c));
    }
    must(file_write(path, csv.data, csv.length, NULL, &error), &error);
    text_free(&csv);
}

void write_model(const char *path, size_t width) {
    struct error error = {0};
    struct rng rng;
    rng_seed(&rng, 9);
    struct network *network =
        random_network_of(&rng, (size_t[]){3, width, width / 2, 2}, 3, ACTIVATION_TANH);
    must(model_json_save(network, path, NULL, NULL, &error), &error);
    network_free(network);
}

struct place make_place(size_t width, size_t rows) {
    struct place place = {.directory = "/tmp/lumpscope-test-XXXXXX"};
    assert_non_null(mkdtemp(place.directory));
    snprintf(place.model, sizeof place.model, "%s/m.json", place.directory);
    snprintf(place.data, sizeof place.data, "%s/d.csv", place.directory);
    snprintf(place.out, sizeof place.out, "%s/out.json", place.directory);
    write_model(place.model, width);
    write_data(place.data, rows);
    return place;
}

void remove_place(const struct place *place) {
    unlink(place->model);
    unlink(place->data);
    unlink(place->out);
    rmdir(place->directory);
}

struct session *open_session(const struct place *place) {
    struct error error = {0};
    struct session *session = session_new(&error);
    must(session, &error);
    session_open(session, place->model, place->data, NULL, NULL);
    return session;
}
