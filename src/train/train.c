#include "lumpscope/train.h"

#include "adam.h"
#include "initialise.h"
#include "standardise.h"

#include "lumpscope/memory.h"

#include <math.h>
#include <string.h>

enum {
    ATTEMPTS = 6,           /* rates tried when the numbers grow without bounds */
    INITIAL_ROWS = 1024,    /* rows the first weights are fitted to */
    LARGEST_BATCH = 1 << 26 /* neurons times rows of a batch: 1.5 GB of numbers */
};

/* Everything training works on. The first `training` rows of inputs and targets are learnt from,
 * the others validate. */
struct trainer {
    const struct train_options *options;
    const struct train_watch *watch;
    struct network *network;
    struct matrix inputs;  /* [rows x inputs] standardised */
    struct matrix targets; /* [rows x outputs] standardised, or [rows x 1] class indices */
    size_t training;
    size_t batches;     /* of an epoch */
    size_t *order;      /* [training] in which rows are visited */
    struct matrix x, t; /* one batch of inputs and targets */
    struct backprop backprop;
    struct adam adam;
    struct rng rng;
    struct train_epoch epoch; /* how far it is */
    double constant_loss;     /* of predicting the mean, or every class alike, where it is judged */
};

size_t train_default_epochs(size_t rows, size_t parameters) {
    double visits = fmin(2e6, 1e11 / fmax((double)parameters, 1));
    return (size_t)fmin(fmax(visits / fmax((double)rows, 1), 10), 1000);
}

static const struct progress *trainer_progress(const struct trainer *trainer) {
    return trainer->watch ? trainer->watch->progress : NULL;
}

static bool classes_check(const struct train_data *data, struct error *error) {
    if (data->classes < 2)
        return error_set(error, ERROR_REQUEST,
                         "the target has %zu class%s, and a classification needs 2; choose another "
                         "target",
                         data->classes, data->classes == 1 ? "" : "es");
    for (size_t r = 0; r < data->count; r++) {
        size_t row = data->rows ? data->rows[r] : r;
        double class = matrix_row(data->targets, row)[0];
        if (!(class >= 0 && class < (double)data->classes) || class != floor(class))
            return error_set(error, ERROR_REQUEST,
                             "row %zu has class %g where there are %zu, numbered from 0; leave the "
                             "row out",
                             row + 1, class, data->classes);
    }
    return true;
}

static bool data_check(const struct train_options *options, const struct train_data *data,
                       struct error *error) {
    if (data->count < 2)
        return error_set(error, ERROR_REQUEST,
                         "%zu rows to train on, where 2 are the least; give more data or a smaller "
                         "test part",
                         data->count);
    if (data->inputs->columns == 0 || data->targets->columns == 0)
        return error_set(error, ERROR_REQUEST,
                         "%zu input and %zu target columns, where 1 of each is the least; choose "
                         "other targets",
                         data->inputs->columns, data->targets->columns);
    return options->task != TASK_CLASSIFICATION || classes_check(data, error);
}

/* Neurons of all layers and parameters, as far as they stay below the limits. */
static bool size_check(const struct train_options *options, const size_t *sizes, size_t depth,
                       struct error *error) {
    size_t neurons = 0, parameters = 0;
    for (size_t l = 1; l <= depth; l++) {
        neurons += sizes[l];
        if (sizes[l - 1] >= TRAIN_MAX_PARAMETERS || sizes[l] >= TRAIN_MAX_PARAMETERS)
            parameters = TRAIN_MAX_PARAMETERS;
        parameters += sizes[l] * (sizes[l - 1] + 1);
        if (parameters > TRAIN_MAX_PARAMETERS)
            return error_set(error, ERROR_REQUEST,
                             "the network has more than %d parameters; make its layers smaller or "
                             "drop columns",
                             TRAIN_MAX_PARAMETERS);
    }
    if (neurons > LARGEST_BATCH / options->batch)
        return error_set(error, ERROR_REQUEST,
                         "a batch of %zu rows through %zu neurons does not fit into memory; use a "
                         "smaller batch",
                         options->batch, neurons);
    return true;
}

static struct network *network_from_options(const struct train_options *options,
                                            const struct train_data *data, struct error *error) {
    bool classification = options->task == TASK_CLASSIFICATION;
    size_t depth = options->hidden_count + 1;
    size_t *sizes = memory_new(depth + 1, sizeof *sizes, error);
    if (!sizes)
        return NULL;
    sizes[0] = data->inputs->columns;
    for (size_t l = 1; l < depth; l++)
        sizes[l] = options->hidden[l - 1].neurons;
    sizes[depth] = classification ? data->classes : data->targets->columns;
    struct network *network = NULL;
    if (size_check(options, sizes, depth, error))
        network = network_new(NULL, sizes, depth, error);
    free(sizes);
    if (!network)
        return NULL;
    network->task = options->task;
    for (size_t l = 0; l < depth - 1; l++)
        network->layers[l].activation = options->hidden[l].activation;
    network->layers[depth - 1].activation.kind =
        classification ? ACTIVATION_SOFTMAX : ACTIVATION_LINEAR;
    return network;
}

/* The rows in an order drawn from the seed; the last ones become the validation part. */
static size_t *rows_shuffled(struct trainer *trainer, const struct train_data *data,
                             struct error *error) {
    size_t *rows = memory_new(data->count, sizeof *rows, error);
    if (!rows)
        return NULL;
    for (size_t r = 0; r < data->count; r++)
        rows[r] = data->rows ? data->rows[r] : r;
    rng_shuffle(&trainer->rng, rows, data->count);
    return rows;
}

/* A handful of rows decides nothing: they are all learnt from. */
static size_t validation_rows(double share, size_t rows) {
    if (share == 0 || rows < 20)
        return 0;
    size_t quarter = rows / 4, least = quarter < 20 ? quarter : 20;
    return (size_t)fmax(floor(share * (double)rows), (double)least);
}

static bool targets_fill(struct trainer *trainer, const struct train_data *data, const size_t *rows,
                         struct error *error) {
    struct scaling *output = &trainer->network->output;
    if (trainer->options->task == TASK_REGRESSION)
        return standardise_measure(data->targets, rows, data->count, "target", output, error) &&
               standardise_apply(data->targets, rows, data->count, output, &trainer->targets,
                                 error);
    if (!matrix_init(&trainer->targets, data->count, 1, error))
        return false;
    for (size_t r = 0; r < data->count; r++)
        trainer->targets.data[r] = matrix_row(data->targets, rows[r])[0];
    return true;
}

static bool rows_fill(struct trainer *trainer, const struct train_data *data, struct error *error) {
    struct scaling *input = &trainer->network->input;
    size_t *rows = rows_shuffled(trainer, data, error);
    bool filled =
        rows && standardise_measure(data->inputs, rows, data->count, "input", input, error) &&
        standardise_apply(data->inputs, rows, data->count, input, &trainer->inputs, error) &&
        targets_fill(trainer, data, rows, error);
    free(rows);
    return filled;
}

/* Rows the first weights are fitted to: fewer in very wide networks, for memory's sake. */
static size_t initial_rows(const struct trainer *trainer) {
    size_t neurons = network_hidden_neurons(trainer->network) + network_outputs(trainer->network);
    size_t room = ((size_t)1 << 22) / neurons, least = trainer->options->batch;
    size_t rows = room < least ? least : room < INITIAL_ROWS ? room : INITIAL_ROWS;
    return rows < trainer->training ? rows : trainer->training;
}

static bool workspace_init(struct trainer *trainer, size_t count, struct error *error) {
    const struct train_options *options = trainer->options;
    trainer->training = count - validation_rows(options->validation, count);
    size_t batch = options->batch < trainer->training ? options->batch : trainer->training;
    size_t capacity = initial_rows(trainer) > batch ? initial_rows(trainer) : batch;
    trainer->batches = (trainer->training + batch - 1) / batch;
    trainer->epoch.epochs = options->epochs;
    if (options->epochs == 0)
        trainer->epoch.epochs =
            train_default_epochs(trainer->training, network_parameters(trainer->network));
    trainer->order = memory_new(trainer->training, sizeof *trainer->order, error);
    return trainer->order && matrix_init(&trainer->x, batch, trainer->inputs.columns, error) &&
           matrix_init(&trainer->t, batch, trainer->targets.columns, error) &&
           backprop_init(&trainer->backprop, trainer->network, capacity, error) &&
           adam_init(&trainer->adam, trainer->network, error);
}

static void workspace_free(struct trainer *trainer) {
    matrix_free(&trainer->inputs);
    matrix_free(&trainer->targets);
    matrix_free(&trainer->x);
    matrix_free(&trainer->t);
    free(trainer->order);
    backprop_free(&trainer->backprop);
    adam_free(&trainer->adam);
}

static bool trainer_step_progress(const struct trainer *trainer, struct error *error) {
    return progress_step(trainer_progress(trainer), "training", trainer->adam.steps,
                         trainer->epoch.epochs * trainer->batches, error);
}

/* The mean loss over rows from `start` to `end` of the network as it is. */
static bool mean_loss(struct trainer *trainer, size_t start, size_t end, double *loss,
                      struct error *error) {
    double sum = 0;
    size_t batch = trainer->x.rows;
    for (size_t r = start; r < end; r += batch) {
        size_t count = end - r < batch ? end - r : batch;
        if (!trainer_step_progress(trainer, error))
            return false;
        backprop_forward(&trainer->backprop, matrix_row(&trainer->inputs, r), count);
        sum += (double)count *
               backprop_loss(&trainer->backprop, matrix_row(&trainer->targets, r), count);
    }
    *loss = sum / (double)(end - start);
    return true;
}

/* The rate of the step to be taken: up a line, then down half a cosine to 0. */
static double step_rate(const struct trainer *trainer) {
    double total = (double)(trainer->epoch.epochs * trainer->batches);
    double warm = fmin(200, floor(total / 10)), step = (double)trainer->adam.steps;
    if (step < warm)
        return trainer->epoch.rate * (step + 1) / (warm + 1);
    return trainer->epoch.rate * (1 + cos(M_PI * (step - warm) / (total - warm))) / 2;
}

/* One step on the rows order[start] .. order[end - 1]; returns their loss before it. */
static double train_batch(struct trainer *trainer, size_t start, size_t end) {
    const double longest_gradient = 1;
    struct adam *adam = &trainer->adam;
    size_t count = end - start;
    for (size_t r = 0; r < count; r++) {
        size_t row = trainer->order[start + r];
        memcpy(matrix_row(&trainer->x, r), matrix_row(&trainer->inputs, row),
               trainer->x.columns * sizeof(double));
        memcpy(matrix_row(&trainer->t, r), matrix_row(&trainer->targets, row),
               trainer->t.columns * sizeof(double));
    }
    backprop_forward(&trainer->backprop, trainer->x.data, count);
    backprop_gradient(&trainer->backprop, trainer->x.data, trainer->t.data, count, adam->gradient);
    adam_clip(adam, longest_gradient);
    adam_step(adam, step_rate(trainer), trainer->options->decay);
    adam_average(adam, fmax((double)trainer->batches, 32));
    parameters_set(trainer->network, adam->values);
    return backprop_loss(&trainer->backprop, trainer->t.data, count);
}

enum outcome { OUTCOME_DONE, OUTCOME_DIVERGED, OUTCOME_FAILED };

/* One epoch; its batches share the rows evenly. It diverged when a loss is no number any more, or
 * when most batches are far above the loss of 1 that standardised targets start from: not when a
 * few are, which rows with extreme values cause in networks with square layers. */
static enum outcome train_rows(struct trainer *trainer, struct error *error) {
    const double far_above = 1000;
    double sum = 0;
    size_t far = 0;
    rng_shuffle(&trainer->rng, trainer->order, trainer->training);
    for (size_t b = 0, start = 0; b < trainer->batches; b++) {
        size_t left = trainer->batches - b, end = start + (trainer->training - start) / left;
        if (!trainer_step_progress(trainer, error))
            return OUTCOME_FAILED;
        double loss = train_batch(trainer, start, end);
        if (!isfinite(loss))
            return OUTCOME_DIVERGED;
        sum += loss * (double)(end - start);
        far += loss > far_above;
        start = end;
    }
    trainer->epoch.loss = sum / (double)trainer->training;
    return far > trainer->batches / 2 ? OUTCOME_DIVERGED : OUTCOME_DONE;
}

/* The rows whose loss decides: the validation part, or all where there is none. */
static size_t judged_from(const struct trainer *trainer) {
    return trainer->training < trainer->inputs.rows ? trainer->training : 0;
}

/* Standardised targets have the mean 0. */
static double constant_loss(const struct trainer *trainer) {
    if (trainer->options->task == TASK_CLASSIFICATION)
        return log((double)network_outputs(trainer->network));
    size_t columns = trainer->targets.columns, start = judged_from(trainer) * columns;
    size_t end = trainer->targets.rows * columns;
    double squares = 0;
    for (size_t i = start; i < end; i++)
        squares += trainer->targets.data[i] * trainer->targets.data[i];
    return squares / (double)(end - start);
}

/* Judges the averaged weights and keeps them if they are the best so far. */
static bool judge_epoch(struct trainer *trainer, struct error *error) {
    struct train_epoch *epoch = &trainer->epoch;
    struct adam *adam = &trainer->adam;
    parameters_set(trainer->network, adam->average);
    if (!mean_loss(trainer, judged_from(trainer), trainer->inputs.rows, &epoch->validation, error))
        return false;
    parameters_set(trainer->network, adam->values);
    if (epoch->validation < epoch->best) {
        epoch->best = epoch->validation;
        epoch->best_epoch = epoch->epoch;
        memcpy(adam->best, adam->average, adam->count * sizeof *adam->best);
    }
    if (trainer->watch && trainer->watch->epoch)
        trainer->watch->epoch(trainer->watch->user, epoch);
    return true;
}

/* First weights, and nothing learnt yet. */
static bool begin_attempt(struct trainer *trainer, double rate, struct error *error) {
    struct train_epoch *epoch = &trainer->epoch;
    *epoch = (struct train_epoch){.epochs = epoch->epochs, .best = INFINITY, .rate = rate};
    for (size_t r = 0; r < trainer->training; r++)
        trainer->order[r] = r;
    if (!initialise_network(trainer->network, &trainer->backprop, trainer->inputs.data,
                            initial_rows(trainer), &trainer->rng, trainer_progress(trainer), error))
        return false;
    adam_restart(&trainer->adam);
    return true;
}

/* From the first weights to the last epoch at one rate. A network that does far worse than a
 * constant diverged too. */
static enum outcome train_attempt(struct trainer *trainer, double rate, struct error *error) {
    if (!begin_attempt(trainer, rate, error))
        return OUTCOME_FAILED;
    struct train_epoch *epoch = &trainer->epoch;
    size_t patience = epoch->epochs / 3 > 20 ? epoch->epochs / 3 : 20;
    while (epoch->epoch < epoch->epochs && epoch->epoch - epoch->best_epoch < patience) {
        epoch->epoch++;
        enum outcome outcome = train_rows(trainer, error);
        if (outcome != OUTCOME_DONE)
            return outcome;
        if (!judge_epoch(trainer, error))
            return OUTCOME_FAILED;
    }
    parameters_set(trainer->network, trainer->adam.best);
    return epoch->best <= 2 * fmax(1, trainer->constant_loss) ? OUTCOME_DONE : OUTCOME_DIVERGED;
}

/* Attempts draw the same first weights and orders; only the rate differs. */
static bool train_all(struct trainer *trainer, struct error *error) {
    const struct rng start = trainer->rng;
    double rate = trainer->options->rate;
    trainer->constant_loss = constant_loss(trainer);
    for (size_t attempt = 0; attempt < ATTEMPTS; attempt++, rate /= 4) {
        trainer->rng = start;
        enum outcome outcome = train_attempt(trainer, rate, error);
        if (outcome != OUTCOME_DIVERGED)
            return outcome == OUTCOME_DONE;
    }
    return error_set(
        error, ERROR_REQUEST,
        "training diverges, even at a rate of %g; use fewer square or polynomial layers, "
        "or drop columns with extreme values",
        4 * rate);
}

struct network *train_network(const struct train_options *options, const struct train_data *data,
                              const struct train_watch *watch, struct error *error) {
    if (!train_options_check(options, error) || !data_check(options, data, error))
        return NULL;
    struct trainer trainer = {.options = options, .watch = watch};
    rng_seed(&trainer.rng, options->seed);
    trainer.network = network_from_options(options, data, error);
    bool trained = trainer.network && rows_fill(&trainer, data, error) &&
                   workspace_init(&trainer, data->count, error) && train_all(&trainer, error);
    workspace_free(&trainer);
    if (trained)
        return trainer.network;
    network_free(trainer.network);
    return NULL;
}
