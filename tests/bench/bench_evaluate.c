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
};

static void forward_double(void *user) {
    struct shape *shape = user;
    struct error error = {0};
    bench_must(network_forward(shape->network, shape->x.data, shape->rows, false, shape->out.data,
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

static struct shape shape_of(const struct bench *bench, size_t rows, size_t width) {
    return (struct shape){
        .threads = bench->threads,
        .rows = rows,
        .width = width,
        .network = bench_network((size_t[]){width, width, width, width}, DEPTH, ACTIVATION_RELU),
        .x = bench_rows(rows, width),
        .out = bench_rows(rows, width),
        .between = bench_rows(rows, width),
    };
}

static void shape_free(struct shape *shape) {
    network_free(shape->network);
    matrix_free(&shape->x);
    matrix_free(&shape->out);
    matrix_free(&shape->between);
}

static void evaluate_line(const struct bench *bench, size_t rows, size_t width) {
    static const char *const libraries[] = {"numpy", "torch", "onnxruntime"};
    char what[BENCH_NAME];
    struct shape shape = shape_of(bench, rows, width);
    struct bench_peer peers[4] = {{.name = "cblas_dgemm, the products alone",
                                   .target = width >= 512 ? 0.85 : 0,
                                   .work = products_double,
                                   .user = &shape}};
    for (size_t k = 0; k < 3; k++) {
        struct bench_peer *peer = &peers[k + 1];
        snprintf(peer->name, sizeof peer->name, "%s", libraries[k]);
        snprintf(peer->request, sizeof peer->request, "evaluate %s double %zu %zu %d", libraries[k],
                 rows, width, DEPTH);
        peer->target = 1;
    }
    snprintf(what, sizeof what, "double, width %zu, %zu rows", width, rows);
    double seconds = bench_figure(bench, what, forward_double, &shape, peers, 4);
    double operations = 2.0 * DEPTH * (double)width * (double)width * (double)rows;
    bench_note("%.1f GFLOP/s", 1e-9 * operations / seconds);
    shape_free(&shape);
}

void bench_evaluate(const struct bench *bench) {
    size_t largest = bench->quick ? 1024 : 4096;
    for (size_t width = 256; width <= largest; width *= 2)
        evaluate_line(bench, width < 2048 ? 4096 : 2048, width);
}
