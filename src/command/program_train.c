#include "program_output.h"
#include "program_subject.h"

#include "lumpscope/memory.h"
#include "lumpscope/model_file.h"
#include "lumpscope/train.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

/* One training from options to the file written. */
struct training {
    struct program *program;
    struct train_options options;
    int task; /* wanted; -1: found out */
    struct dataset *data;
    struct network *network;
    struct train_epoch last; /* zero until an epoch is done */
    struct metrics test;     /* rows 0 without test rows */
};

static bool read_options(struct training *training, struct error *error) {
    static const char *const tasks[] = {"auto", "regression", "classification", NULL};
    const struct program *program = training->program;
    struct train_options *options = &training->options;
    int task = 0;
    train_options_defaults(options);
    if (!program_choice(program, PROGRAM_TASK, tasks, &task, error) ||
        !train_parse_layers(program->given[PROGRAM_LAYERS], options, error) ||
        !program_size(program, PROGRAM_EPOCHS, 1, TRAIN_MAX_EPOCHS, &options->epochs, error) ||
        !program_size(program, PROGRAM_BATCH, 1, TRAIN_MAX_BATCH, &options->batch, error) ||
        !program_number(program, PROGRAM_RATE, 0, &options->rate, error) ||
        !program_number(program, PROGRAM_DECAY, 0, &options->decay, error) ||
        !program_seed(program, &options->seed, error))
        return false;
    training->task = task == 0 ? -1 : task == 1 ? TASK_REGRESSION : TASK_CLASSIFICATION;
    return train_options_check(options, error);
}

static bool load(struct training *training, struct error *error) {
    struct data_recipe recipe = training->program->recipe; /* borrows the strings */
    recipe.target_use = TARGET_REQUIRED;
    training->data = dataset_load(training->program->given[PROGRAM_DATA], &recipe, NULL,
                                  training->task, NULL, error);
    if (!training->data)
        return false;
    program_say_messages(training->data);
    training->options.task = training->data->task;
    return true;
}

static void on_epoch(void *user, const struct train_epoch *epoch) {
    struct training *training = user;
    char loss[TEXT_NUMBER_SIZE], validation[TEXT_NUMBER_SIZE];
    training->last = *epoch;
    snprintf(training->program->progress_state.detail,
             sizeof training->program->progress_state.detail,
             "epoch %zu, loss %.12s, validation %.12s", epoch->epoch,
             text_human(epoch->loss, 4, loss), text_human(epoch->validation, 4, validation));
}

static char **copy_names(char *const *names, size_t count, struct error *error) {
    char **copies = memory_new(count, sizeof *copies, error);
    bool copied = copies != NULL;
    for (size_t k = 0; copied && k < count; k++)
        copied = (copies[k] = memory_string(names[k], error)) != NULL;
    if (copied || !copies)
        return copies;
    for (size_t k = 0; k < count; k++)
        free(copies[k]);
    free(copies);
    return NULL;
}

/* "abalone" of "data/abalone.csv.gz". */
static char *stem(const char *path, struct error *error) {
    const char *slash = strrchr(path, '/');
    char *name = memory_string(slash ? slash + 1 : path, error);
    if (name && *name)
        name[1 + strcspn(name + 1, ".")] = '\0';
    return name;
}

/* Names and the "data" member, so that the model finds its columns again. */
static bool name_network(struct training *training, struct error *error) {
    struct network *network = training->network;
    const struct dataset *data = training->data;
    bool classes = data->task == TASK_CLASSIFICATION;
    char *name = stem(data->path, error);
    network->input.names = copy_names(data->input_names, network_inputs(network), error);
    network->output.names =
        copy_names(classes ? data->classes : data->target_names, network_outputs(network), error);
    cJSON *member = dataset_member(data, error);
    if (name) {
        free(network->name);
        network->name = name;
    }
    return member && network_set_member(network, "data", member, error) && name &&
           network->input.names && network->output.names;
}

static bool evaluate(struct training *training, struct error *error) {
    const struct dataset *data = training->data;
    const struct network *network = training->network;
    struct matrix inputs = {0}, targets = {0};
    if (data->test_count == 0)
        return true;
    bool done =
        dataset_network_inputs(data, network, data->test, data->test_count, &inputs, error) &&
        dataset_network_targets(data, network, data->test, data->test_count, &targets, error) &&
        evaluate_network(network, &inputs, &targets, NULL, &training->test,
                         &training->program->progress, error);
    matrix_free(&inputs);
    matrix_free(&targets);
    return done;
}

static bool train(struct training *training, struct error *error) {
    const struct dataset *data = training->data;
    struct program *program = training->program;
    const struct train_data rows = {.inputs = &data->inputs,
                                    .targets = &data->targets,
                                    .rows = data->train,
                                    .count = data->train_count,
                                    .classes = data->class_count};
    const struct train_watch watch = {
        .progress = &program->progress, .epoch = on_epoch, .user = training};
    training->network = train_network(&training->options, &rows, &watch, error);
    if (!training->network) {
        if (error->kind == ERROR_REQUEST)
            error_prefix(error, "%s", data->path);
        return false;
    }
    return name_network(training, error) && evaluate(training, error) &&
           progress_step(&program->progress, "writing", 0, 1, error) &&
           model_save(training->network, program->given[PROGRAM_OUTPUT], TENSOR_F64, NULL,
                      &program->progress, error);
}

static bool train_json(const struct training *training, struct text *out, struct error *error) {
    cJSON *document = cJSON_CreateObject(), *rows = cJSON_CreateObject(),
          *metrics = cJSON_CreateObject();
    bool made =
        json_add_string(document, "output", training->program->given[PROGRAM_OUTPUT]) &&
        json_add_number(document, "parameters", (double)network_parameters(training->network)) &&
        json_add_number(document, "epochs", (double)training->last.epoch) &&
        json_add_number(rows, "train", (double)training->data->train_count) &&
        json_add_number(rows, "test", (double)training->data->test_count);
    made = json_add(document, "rows", rows) && made;
    if (training->test.rows)
        made = json_add_metrics(metrics, &training->test) && made;
    made = json_add(document, "metrics", metrics) && made;
    return json_print(document, made, out, error);
}

static void train_text(const struct training *training, struct text *out) {
    const struct network *network = training->network;
    const struct train_epoch *last = &training->last;
    network_shape(network, out);
    text_format(out, ", %zu parameters, %zu training rows\n", network_parameters(network),
                training->data->train_count);
    text_format(out, "%zu of %zu epochs, the best after %zu\n", last->epoch, last->epochs,
                last->best_epoch);
    if (training->test.rows)
        text_append_metrics(out, network, &training->test);
    text_format(out, "\nwritten to %s\n", training->program->given[PROGRAM_OUTPUT]);
}

bool program_run_train(struct program *program, struct error *error) {
    struct training training = {.program = program};
    bool done = read_options(&training, error) && program_check_model(program, error) &&
                load(&training, error);
    program_signals_defer(true);
    done = done && train(&training, error);
    if (done && program->given[PROGRAM_JSON])
        done = train_json(&training, &program->output, error);
    else if (done)
        train_text(&training, &program->output);
    network_free(training.network);
    dataset_free(training.data);
    train_options_free(&training.options);
    return done;
}
