/* Training: gradients are right, the same seed gives the same bits, networks of every activation
 * learn, and what cannot be trained on is answered with one sentence. */
#include "lumpscope/train.h"

#include "../src/model/backprop.h"
#include "../src/train/adam.h"

#include "lumpscope/memory.h"
#include "lumpscope/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* cmocka compares in single precision. */
static void assert_near(double a, double b, double tolerance) {
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.17g is not %.17g", a, b);
}

/* Rows of uniform inputs in [-1,1] and targets from a function; owned. Tables of different sizes
 * hold different rows. */
struct table {
    struct matrix inputs, targets;
};

static struct table table_new(size_t rows, size_t columns, double target(const double *x)) {
    struct table table;
    struct rng rng;
    rng_seed(&rng, rows);
    assert_true(matrix_init(&table.inputs, rows, columns, NULL));
    assert_true(matrix_init(&table.targets, rows, 1, NULL));
    for (size_t r = 0; r < rows; r++) {
        double *x = matrix_row(&table.inputs, r);
        for (size_t j = 0; j < columns; j++)
            x[j] = 2 * rng_uniform(&rng) - 1;
        table.targets.data[r] = target(x);
    }
    return table;
}

static void table_free(struct table *table) {
    matrix_free(&table->inputs);
    matrix_free(&table->targets);
}

static struct train_data table_data(const struct table *table, size_t classes) {
    return (struct train_data){.inputs = &table->inputs,
                               .targets = &table->targets,
                               .count = table->inputs.rows,
                               .classes = classes};
}

static struct train_options options_of(const char *layers) {
    struct train_options options;
    train_options_defaults(&options);
    assert_true(train_parse_layers(layers, &options, NULL));
    return options;
}

static double product(const double *x) {
    return 3 + 10 * x[0] * x[1];
}

static double quartic(const double *x) {
    double a = x[0] * x[1] + x[2], b = x[0] - x[1] * x[2];
    return a * a - 2 * a * b + b;
}

static double ring(const double *x) {
    double radius = x[0] * x[0] + x[1] * x[1];
    return radius < 0.35 ? 0 : radius < 0.8 ? 1 : 2;
}

/* The outputs of a network on raw inputs, in its output space (softmax left off); caller frees. */
static struct matrix outputs_of(const struct network *network, const struct matrix *raw) {
    struct matrix x, out;
    assert_true(matrix_init_copy(&x, raw, NULL));
    assert_true(matrix_init(&out, raw->rows, network_outputs(network), NULL));
    for (size_t i = 0; i < raw->rows * raw->columns; i++) {
        size_t j = i % raw->columns;
        x.data[i] = (x.data[i] - network->input.mean[j]) / network->input.scale[j];
    }
    assert_true(network_forward(network, x.data, raw->rows, true, out.data, NULL, NULL));
    matrix_free(&x);
    return out;
}

/* Mean squared error on standardised targets. */
static double squared_error(const struct network *network, const struct table *table) {
    struct matrix out = outputs_of(network, &table->inputs);
    double sum = 0;
    for (size_t r = 0; r < out.rows; r++) {
        double target =
            (table->targets.data[r] - network->output.mean[0]) / network->output.scale[0];
        sum += (out.data[r] - target) * (out.data[r] - target);
    }
    matrix_free(&out);
    return sum / (double)table->inputs.rows;
}

static void remember_epoch(void *user, const struct train_epoch *epoch) {
    *(struct train_epoch *)user = *epoch;
}

/* Gradients */

enum { CHECK_ROWS = 9, CHECK_INPUTS = 3, CHECK_OUTPUTS = 4 };

static struct network *random_network(const struct activation *activation, enum task task) {
    const size_t sizes[] = {CHECK_INPUTS, 5, 6, CHECK_OUTPUTS};
    struct network *network = network_new("", sizes, 3, NULL);
    assert_non_null(network);
    network->layers[0].activation = network->layers[1].activation = *activation;
    if (task == TASK_CLASSIFICATION)
        network->layers[2].activation.kind = ACTIVATION_SOFTMAX;
    struct rng rng;
    rng_seed(&rng, 3);
    size_t count = network_parameters(network);
    double *values = memory_new(count, sizeof *values, NULL);
    assert_non_null(values);
    for (size_t i = 0; i < count; i++)
        values[i] = 0.6 * rng_normal(&rng);
    parameters_set(network, values);
    free(values);
    return network;
}

static double loss_at(struct network *network, struct backprop *backprop, const double *values,
                      const double *x, const double *t) {
    parameters_set(network, values);
    backprop_forward(backprop, x, CHECK_ROWS);
    return backprop_loss(backprop, t, CHECK_ROWS);
}

static void check_gradient(const struct activation *activation, enum task task) {
    const double step = 1e-5;
    double x[CHECK_ROWS * CHECK_INPUTS], t[CHECK_ROWS * CHECK_OUTPUTS];
    struct rng rng;
    rng_seed(&rng, 11);
    for (size_t i = 0; i < CHECK_ROWS * CHECK_INPUTS; i++)
        x[i] = rng_normal(&rng);
    for (size_t i = 0; i < CHECK_ROWS * CHECK_OUTPUTS; i++)
        t[i] = task == TASK_CLASSIFICATION ? (double)(i % CHECK_OUTPUTS) : rng_normal(&rng);
    struct network *network = random_network(activation, task);
    size_t count = network_parameters(network);
    struct matrix memory;
    struct backprop backprop;
    assert_true(matrix_init(&memory, 2, count, NULL));
    assert_true(backprop_init(&backprop, network, CHECK_ROWS, NULL));
    double *values = memory.data, *gradient = memory.data + count, largest = 0;
    parameters_get(network, values);
    loss_at(network, &backprop, values, x, t);
    backprop_gradient(&backprop, x, t, CHECK_ROWS, gradient);
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(gradient[i]));
    assert_true(largest > 1e-3);
    for (size_t i = 0; i < count; i++) {
        double value = values[i];
        values[i] = value + step;
        double above = loss_at(network, &backprop, values, x, t);
        values[i] = value - step;
        double below = loss_at(network, &backprop, values, x, t);
        values[i] = value;
        double difference = (above - below) / (2 * step);
        if (fabs(difference - gradient[i]) > 1e-7 * fmax(largest, 1))
            fail_msg("%s, parameter %zu: gradient %.10g, difference %.10g",
                     activation_name(activation->kind), i, gradient[i], difference);
    }
    backprop_free(&backprop);
    matrix_free(&memory);
    network_free(network);
}

static struct activation activation_of(enum activation_kind kind) {
    struct activation activation;
    if (kind == ACTIVATION_POLYNOMIAL)
        assert_true(activation_polynomial((double[]){0.1, 1, -0.3, 0.2}, 4, &activation));
    else
        assert_true(activation_parse(activation_name(kind), &activation));
    return activation;
}

static void gradients_are_those_of_central_differences(void **state) {
    (void)state;
    for (int kind = 0; kind < ACTIVATION_SOFTMAX; kind++) {
        struct activation activation = activation_of((enum activation_kind)kind);
        check_gradient(&activation, TASK_REGRESSION);
        check_gradient(&activation, TASK_CLASSIFICATION);
    }
}

static void one_step_of_adam_is_as_published(void **state) {
    (void)state;
    struct network *network = network_new("", (size_t[]){1, 1}, 1, NULL);
    network->layers[0].weights[0] = 2;
    network->layers[0].bias[0] = -1;
    struct adam adam;
    assert_true(adam_init(&adam, network, NULL));
    adam_restart(&adam);
    double first[2] = {0}, second[2] = {0}, value[2] = {2, -1};
    for (int step = 1; step <= 3; step++) {
        const double gradient[2] = {3.0 * step, -40};
        memcpy(adam.gradient, gradient, sizeof gradient);
        adam_step(&adam, 0.01, 0.5);
        value[0] -= 0.01 * 0.5 * value[0];
        for (int i = 0; i < 2; i++) {
            first[i] = 0.9 * first[i] + 0.1 * gradient[i];
            second[i] = 0.999 * second[i] + 0.001 * gradient[i] * gradient[i];
            value[i] -= 0.01 * (first[i] / (1 - pow(0.9, step))) /
                        (sqrt(second[i] / (1 - pow(0.999, step))) + 1e-8);
            assert_near(adam.values[i], value[i], 1e-12);
        }
    }
    memcpy(adam.gradient, (double[]){3, -4}, 2 * sizeof(double));
    assert_near(adam_clip(&adam, 1), 5, 1e-12);
    assert_near(adam.gradient[0], 0.6, 1e-12);
    assert_near(adam_clip(&adam, 2), 1, 1e-12);
    assert_near(adam.gradient[1], -0.8, 1e-12);
    adam_free(&adam);
    network_free(network);
}

/* Seeds */

static struct network *train_seed(const struct table *table, uint64_t seed) {
    struct train_options options = options_of("6:square,5:gelu");
    options.seed = seed;
    options.epochs = 3;
    struct train_data data = table_data(table, 0);
    struct network *network = train_network(&options, &data, NULL, NULL);
    train_options_free(&options);
    assert_non_null(network);
    return network;
}

static bool same_parameters(const struct network *a, const struct network *b) {
    bool same = true;
    for (size_t l = 0; l < a->depth; l++) {
        const struct layer *x = &a->layers[l], *y = &b->layers[l];
        same &= memcmp(x->weights, y->weights, x->neurons * x->inputs * sizeof(double)) == 0 &&
                memcmp(x->bias, y->bias, x->neurons * sizeof(double)) == 0;
    }
    return same;
}

static void the_same_seed_gives_the_same_bits_and_another_does_not(void **state) {
    (void)state;
    struct table table = table_new(300, 2, product);
    struct network *a = train_seed(&table, 5), *b = train_seed(&table, 5);
    struct network *c = train_seed(&table, 6);
    assert_true(same_parameters(a, b));
    assert_false(same_parameters(a, c));
    network_free(a);
    network_free(b);
    network_free(c);
    table_free(&table);
}

/* Layers */

static void layer_lists_are_parsed(void **state) {
    (void)state;
    struct train_options options =
        options_of("64:square,4,7:leaky_relu:0.2,8:polynomial:0:1:0.5,9:elu,1:polynomial:0:0:1");
    const struct train_layer *layers = options.hidden;
    assert_int_equal(options.hidden_count, 6);
    assert_int_equal(layers[0].neurons, 64);
    assert_int_equal(layers[0].activation.kind, ACTIVATION_SQUARE);
    assert_int_equal(layers[1].neurons, 4);
    assert_int_equal(layers[1].activation.kind, ACTIVATION_RELU);
    assert_int_equal(layers[2].activation.kind, ACTIVATION_LEAKY_RELU);
    assert_true(layers[2].activation.parameter == 0.2);
    assert_int_equal(layers[3].activation.kind, ACTIVATION_POLYNOMIAL);
    assert_int_equal(layers[3].activation.degree, 2);
    assert_true(layers[3].activation.coefficients[2] == 0.5);
    assert_true(layers[4].activation.parameter == 1);
    assert_int_equal(layers[5].activation.kind, ACTIVATION_SQUARE);
    train_options_free(&options);
}

static void bad_layer_lists_are_answered_with_place_and_remedy(void **state) {
    (void)state;
    static const struct {
        const char *text, *place;
    } cases[] = {
        {"", "hidden layer 1 (\"\"): give a number"},
        {"64:relu,", "hidden layer 2 (\"\")"},
        {"64,,4", "hidden layer 2 (\"\")"},
        {"0:relu", "from 1 to 16384"},
        {"99999999:relu", "from 1 to 16384"},
        {"-3", "hidden layer 1 (\"-3\")"},
        {"relu:64", "hidden layer 1 (\"relu:64\")"},
        {"64:relu,4:sine", "hidden layer 2 (\"4:sine\"): unknown activation \"sine\""},
        {"64:", "unknown activation \"\""},
        {"64:softmax", "output layer"},
        {"64:relu:2", "only leaky_relu and elu"},
        {"64:elu:1:2", "only leaky_relu and elu"},
        {"64:elu:x", "only leaky_relu and elu"},
        {"64:polynomial", "coefficients"},
        {"64:polynomial:1:b", "coefficients"},
        {"4:polynomial:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1", "coefficients"},
    };
    struct train_options options = options_of("3:tanh");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        assert_false(train_parse_layers(cases[i].text, &options, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        if (!strstr(error.text, cases[i].place))
            fail_msg("\"%s\" does not name \"%s\"", error.text, cases[i].place);
        assert_int_equal(options.hidden_count, 1);
        assert_int_equal(options.hidden[0].neurons, 3);
    }
    char many[2 * (TRAIN_MAX_HIDDEN + 1)];
    memset(many, '1', sizeof many);
    for (size_t i = 1; i < sizeof many; i += 2)
        many[i] = ',';
    many[sizeof many - 1] = '\0';
    struct error error = {0};
    assert_false(train_parse_layers(many, &options, &error));
    assert_non_null(strstr(error.text, "256 hidden layers; give at most 255"));
    train_options_free(&options);
}

/* Data */

static void a_constant_column_gets_scale_1_and_extreme_ones_their_own(void **state) {
    (void)state;
    struct table table = table_new(40, 4, product);
    for (size_t r = 0; r < 40; r++) {
        double *x = matrix_row(&table.inputs, r);
        x[1] = 0.1;
        x[2] = r % 2 ? 1e300 : -1e300;
        x[3] = r % 2 ? 3e-200 : 1e-200;
        table.targets.data[r] = 5;
    }
    struct train_options options = options_of("4:tanh");
    options.epochs = 2;
    struct train_data data = table_data(&table, 0);
    struct error error = {0};
    struct network *network = train_network(&options, &data, NULL, &error);
    assert_non_null(network);
    assert_true(network->input.given && network->output.given);
    assert_true(network->input.mean[1] == 0.1 && network->input.scale[1] == 1);
    assert_near(network->input.scale[2] / 1e300, 1, 1e-12);
    assert_near(network->input.mean[3] / 2e-200, 1, 1e-12);
    assert_near(network->input.scale[3] / 1e-200, 1, 1e-12);
    assert_true(network->output.mean[0] == 5 && network->output.scale[0] == 1);
    network_free(network);
    train_options_free(&options);
    table_free(&table);
}

static void only_the_rows_asked_for_are_looked_at(void **state) {
    (void)state;
    struct table table = table_new(40, 2, product);
    size_t rows[20];
    for (size_t r = 0; r < 40; r++) {
        size_t pair = r / 2;
        if (r % 2)
            table.targets.data[r] = matrix_row(&table.inputs, r)[0] = NAN;
        else
            matrix_row(&table.inputs, r)[1] = (double)pair;
        rows[pair] = 2 * pair;
    }
    struct train_options options = options_of("4:tanh");
    options.epochs = 2;
    struct train_data data = table_data(&table, 0);
    data.rows = rows;
    data.count = 20;
    struct network *network = train_network(&options, &data, NULL, NULL);
    assert_non_null(network);
    assert_near(network->input.mean[1], 9.5, 1e-12);
    assert_near(network->input.scale[1], sqrt((20 * 20 - 1) / 12.0), 1e-12);
    network_free(network);
    train_options_free(&options);
    table_free(&table);
}

static void refuse(const struct train_options *options, const struct train_data *data,
                   enum error_kind kind, const char *words) {
    struct error error = {0};
    assert_null(train_network(options, data, NULL, &error));
    assert_int_equal(error.kind, kind);
    if (!strstr(error.text, words))
        fail_msg("\"%s\" does not name \"%s\"", error.text, words);
}

static void what_cannot_be_trained_on_is_refused(void **state) {
    (void)state;
    struct table table = table_new(40, 2, ring);
    struct train_options options = options_of("4:tanh");
    options.epochs = 1;
    struct train_data data = table_data(&table, 3);
    data.count = 1;
    refuse(&options, &data, ERROR_REQUEST, "1 rows to train on");
    data.count = 40;
    table.inputs.data[2 * 6 + 1] = INFINITY;
    refuse(&options, &data, ERROR_REQUEST, "row 7, input 2");
    for (size_t r = 0; r < 40; r++)
        matrix_row(&table.inputs, r)[1] = r == 6 ? -1.7e308 : 1.7e308;
    refuse(&options, &data, ERROR_REQUEST, "input 2 runs from -1.7e+308");
    for (size_t r = 0; r < 40; r++)
        matrix_row(&table.inputs, r)[1] = 0;
    options.task = TASK_CLASSIFICATION;
    table.targets.data[4] = 3;
    refuse(&options, &data, ERROR_REQUEST, "row 5 has class 3");
    table.targets.data[4] = 0.5;
    refuse(&options, &data, ERROR_REQUEST, "row 5 has class 0.5");
    data.classes = 1;
    refuse(&options, &data, ERROR_REQUEST, "1 class,");
    options.task = TASK_REGRESSION;
    options.rate = 2;
    refuse(&options, &data, ERROR_USAGE, "--rate is 2; give a number above 0 and up to 1");
    options.rate = NAN;
    refuse(&options, &data, ERROR_USAGE, "rate");
    options.rate = 0.01;
    options.batch = 0;
    refuse(&options, &data, ERROR_USAGE, "batch is 0");
    train_options_free(&options);
    options = options_of("16384:tanh,16384:tanh");
    refuse(&options, &data, ERROR_REQUEST, "more than 16777216 parameters");
    train_options_free(&options);
    table_free(&table);
}

/* Learning */

static void learn(const char *layers, double function(const double *), double reach) {
    struct table table = table_new(1000, 3, function), test = table_new(400, 3, function);
    struct train_options options = options_of(layers);
    struct train_data data = table_data(&table, 0);
    data.count = 800;
    options.epochs = 120;
    struct network *network = train_network(&options, &data, NULL, NULL);
    assert_non_null(network);
    double reached = squared_error(network, &test);
    if (!(reached <= reach))
        fail_msg("%s reaches %g where %g is asked", layers, reached, reach);
    network_free(network);
    train_options_free(&options);
    table_free(&table);
    table_free(&test);
}

static void every_activation_learns_a_product(void **state) {
    (void)state;
    learn("8:square", product, 1e-5);
    learn("16:polynomial:0:1:0:0.5", product, 2e-2);
    learn("16:tanh,8:sigmoid", product, 2e-2);
    learn("16:relu,8:leaky_relu", product, 2e-2);
    learn("16:elu,8:gelu", product, 2e-2);
    learn("16:softplus,8:silu", product, 2e-2);
}

static void square_layers_in_a_row_learn_a_polynomial(void **state) {
    (void)state;
    learn("16:square,4:linear,16:square", quartic, 2e-2);
    learn("16:square,16:square,16:square", quartic, 2e-2);
}

static void classes_in_rings_are_told_apart(void **state) {
    (void)state;
    struct table table = table_new(1000, 2, ring);
    struct train_options options = options_of("16:relu");
    options.task = TASK_CLASSIFICATION;
    struct train_data data = table_data(&table, 3);
    struct network *network = train_network(&options, &data, NULL, NULL);
    assert_non_null(network);
    assert_int_equal(network->task, TASK_CLASSIFICATION);
    assert_true(network_is_softmax(network));
    assert_int_equal(network_outputs(network), 3);
    assert_true(network->input.given && !network->output.given);
    struct matrix out = outputs_of(network, &table.inputs);
    size_t right = 0;
    for (size_t r = 0; r < 1000; r++) {
        const double *u = matrix_row(&out, r);
        size_t best = u[1] > u[0] ? 1 : 0;
        right += (double)(u[2] > u[best] ? 2 : best) == table.targets.data[r];
    }
    assert_true(right >= 960);
    matrix_free(&out);
    network_free(network);
    train_options_free(&options);
    table_free(&table);
}

static void the_weights_with_the_lowest_loss_are_returned(void **state) {
    (void)state;
    struct table table = table_new(100, 2, product);
    struct train_options options = options_of("8:square");
    options.validation = 0;
    options.epochs = 20;
    struct train_data data = table_data(&table, 0);
    struct train_epoch last = {0};
    struct train_watch watch = {.epoch = remember_epoch, .user = &last};
    struct network *network = train_network(&options, &data, &watch, NULL);
    assert_non_null(network);
    assert_int_equal(last.epoch, 20);
    assert_int_equal(last.epochs, 20);
    assert_true(last.best <= last.validation);
    assert_near(squared_error(network, &table) / last.best, 1, 1e-9);
    network_free(network);
    train_options_free(&options);
    table_free(&table);
}

static double noise(const double *x) {
    return fmod(1e6 * fabs(x[0] + x[1]), 1);
}

static void epochs_follow_the_number_of_rows(void **state) {
    (void)state;
    assert_int_equal(train_default_epochs(100, 1000), 1000);
    assert_int_equal(train_default_epochs(5000, 1000), 400);
    assert_int_equal(train_default_epochs(5000, 1000000), 20);
    assert_int_equal(train_default_epochs(1000000, 1000), 10);
}

static void noise_stops_training_early(void **state) {
    (void)state;
    struct table table = table_new(200, 2, noise);
    struct train_options options = options_of("32:tanh");
    options.epochs = 300;
    struct train_data data = table_data(&table, 0);
    struct train_epoch last = {0};
    struct train_watch watch = {.epoch = remember_epoch, .user = &last};
    struct network *network = train_network(&options, &data, &watch, NULL);
    assert_non_null(network);
    assert_true(last.epoch < 300);
    assert_int_equal(last.epoch, last.best_epoch + 100);
    assert_true(squared_error(network, &table) < 1.5);
    network_free(network);
    train_options_free(&options);
    table_free(&table);
}

/* Divergence */

static void training_that_diverges_starts_again_at_a_lower_rate(void **state) {
    (void)state;
    struct table table = table_new(200, 2, product);
    struct train_options options = options_of("8:square");
    options.rate = 1;
    options.decay = 100; /* weights are multiplied by -99, at a quarter of the rate by -24, ... */
    options.epochs = 30;
    struct train_data data = table_data(&table, 0);
    struct train_epoch last = {0};
    struct train_watch watch = {.epoch = remember_epoch, .user = &last};
    struct network *network = train_network(&options, &data, &watch, NULL);
    assert_non_null(network);
    assert_true(last.rate < 0.05);
    network_free(network);
    train_options_free(&options);
    table_free(&table);
}

static void numbers_that_overflow_end_in_a_sentence(void **state) {
    (void)state;
    struct table table = table_new(4000, 2, product);
    table.inputs.data[1] = 1e9; /* 63 standard deviations, to the power of 16 three times */
    const char *degree_16 = "4:polynomial:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:1,"
                            "4:polynomial:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:1,"
                            "4:polynomial:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:1";
    struct train_options options = options_of(degree_16);
    options.epochs = 2;
    struct train_data data = table_data(&table, 0);
    refuse(&options, &data, ERROR_REQUEST, "training diverges, even at a rate of");
    train_options_free(&options);
    table_free(&table);
}

/* Progress */

struct countdown {
    size_t left, calls;
};

static bool count_down(void *user, const char *what, size_t done, size_t total) {
    struct countdown *countdown = user;
    assert_non_null(what);
    assert_true(done <= total);
    countdown->calls++;
    return countdown->left-- > 1;
}

static void a_callback_that_says_stop_stops_training(void **state) {
    (void)state;
    struct table table = table_new(300, 2, product);
    struct train_options options = options_of("8:square");
    struct train_data data = table_data(&table, 0);
    for (size_t stop = 1; stop < 30; stop++) {
        struct countdown countdown = {.left = stop};
        struct progress progress = {.report = count_down, .user = &countdown};
        struct train_watch watch = {.progress = &progress};
        struct error error = {0};
        assert_null(train_network(&options, &data, &watch, &error));
        assert_int_equal(error.kind, ERROR_CANCELLED);
        assert_int_equal(countdown.calls, stop);
    }
    train_options_free(&options);
    table_free(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_those_of_central_differences),
        cmocka_unit_test(one_step_of_adam_is_as_published),
        cmocka_unit_test(the_same_seed_gives_the_same_bits_and_another_does_not),
        cmocka_unit_test(layer_lists_are_parsed),
        cmocka_unit_test(bad_layer_lists_are_answered_with_place_and_remedy),
        cmocka_unit_test(a_constant_column_gets_scale_1_and_extreme_ones_their_own),
        cmocka_unit_test(only_the_rows_asked_for_are_looked_at),
        cmocka_unit_test(what_cannot_be_trained_on_is_refused),
        cmocka_unit_test(every_activation_learns_a_product),
        cmocka_unit_test(square_layers_in_a_row_learn_a_polynomial),
        cmocka_unit_test(classes_in_rings_are_told_apart),
        cmocka_unit_test(the_weights_with_the_lowest_loss_are_returned),
        cmocka_unit_test(epochs_follow_the_number_of_rows),
        cmocka_unit_test(noise_stops_training_early),
        cmocka_unit_test(training_that_diverges_starts_again_at_a_lower_rate),
        cmocka_unit_test(numbers_that_overflow_end_in_a_sentence),
        cmocka_unit_test(a_callback_that_says_stop_stops_training),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
