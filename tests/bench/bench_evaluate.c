/* The forward pass beside other libraries and beside the products alone. */
#include "bench.h"

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEPTH = 3 };

struct shape {
    size_t threads, rows, width;
    struct network *network;
    struct matrix x, out, between; /* [rows x width] */
    float *single[3], *weights;    /* [rows x width], [width x width]: for products in floats */
};

static void forward_double(void *user) {
    struct shape *shape = user;
    struct error error = {0};
    bench_must(network_forward(shape->network, shape->x.data, shape->rows, false, shape->out.data,
                               NULL, &error),
               &error);
}

static void forward_float(void *user) {
    struct shape *shape = user;
    struct error error = {0};
    bench_must(network_forward_single(shape->network, shape->x.data, shape->rows, shape->out.data,
                                      NULL, &error),
               &error);
}

/* The products of all layers by BLAS at its own threads, without bias or activation. */
static void products_double(void *user) {
    struct shape *shape = user;
    const double *x = shape->x.data;
    int rows = (int)shape->rows, width = (int)shape->width;
    openblas_set_num_threads((int)shape->threads);
    for (size_t l = 0; l < DEPTH; l++) {
        double *u = (DEPTH - l) % 2 ? shape->out.data : shape->between.data;
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, width, width, 1, x, width,
                    shape->network->layers[l].weights, width, 0, u, width);
        x = u;
    }
}

static void products_float(void *user) {
    struct shape *shape = user;
    const float *x = shape->single[0];
    int rows = (int)shape->rows, width = (int)shape->width;
    openblas_set_num_threads((int)shape->threads);
    for (size_t l = 0; l < DEPTH; l++) {
        float *u = shape->single[1 + l % 2];
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, width, width, 1, x, width,
                    shape->weights, width, 0, u, width);
        x = u;
    }
}

static float *floats_of(const double *from, size_t count) {
    float *floats = malloc(count * sizeof *floats);
    if (!floats)
        bench_fail("no memory");
    for (size_t k = 0; k < count; k++)
        floats[k] = (float)from[k];
    return floats;
}

static struct shape shape_of(const struct bench *bench, size_t rows, size_t width) {
    struct shape shape = {
        .threads = bench->threads,
        .rows = rows,
        .width = width,
        .network = bench_network((size_t[]){width, width, width, width}, DEPTH, ACTIVATION_RELU),
        .x = bench_rows(rows, width),
        .out = bench_rows(rows, width),
        .between = bench_rows(rows, width),
    };
    for (size_t k = 0; k < 3; k++)
        shape.single[k] = floats_of(shape.x.data, rows * width);
    shape.weights = floats_of(shape.network->layers[0].weights, width * width);
    return shape;
}

static void shape_free(struct shape *shape) {
    network_free(shape->network);
    matrix_free(&shape->x);
    matrix_free(&shape->out);
    matrix_free(&shape->between);
    for (size_t k = 0; k < 3; k++)
        free(shape->single[k]);
    free(shape->weights);
}

static void evaluate_line(const struct bench *bench, struct shape *shape, bool single) {
    static const char *const libraries[] = {"numpy", "torch", "onnxruntime"};
    char what[BENCH_NAME];
    const char *type = single ? "float" : "double";
    struct bench_peer peers[4] = {{.target = !single && shape->width >= 512 ? 0.85 : 0,
                                   .work = single ? products_float : products_double,
                                   .user = shape}};
    snprintf(peers[0].name, sizeof peers[0].name, "cblas_%cgemm, products alone",
             single ? 's' : 'd');
    for (size_t k = 0; k < 3; k++) {
        struct bench_peer *peer = &peers[k + 1];
        snprintf(peer->name, sizeof peer->name, "%s", libraries[k]);
        snprintf(peer->request, sizeof peer->request, "evaluate %s %s %zu %zu %d", libraries[k],
                 type, shape->rows, shape->width, DEPTH);
        peer->target = !single && k > 0 ? 1 : 0;
    }
    snprintf(what, sizeof what, "%s, width %zu, %zu rows", type, shape->width, shape->rows);
    double seconds =
        bench_figure(bench, what, single ? forward_float : forward_double, shape, peers, 4);
    double width = (double)shape->width, operations = 2 * DEPTH * width * width;
    bench_note("%.1f GFLOP/s", 1e-9 * operations * (double)shape->rows / seconds);
}

void bench_evaluate(const struct bench *bench) {
    size_t largest = bench->quick ? 1024 : 4096;
    for (size_t width = 256; width <= largest; width *= 2) {
        struct shape shape = shape_of(bench, 4096, width);
        evaluate_line(bench, &shape, false);
        evaluate_line(bench, &shape, true);
        shape_free(&shape);
    }
}
