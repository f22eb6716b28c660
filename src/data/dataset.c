#include "lumpscope/dataset.h"

#include "load.h"

#include "lumpscope/memory.h"
#include "lumpscope/rng.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void free_strings(char **strings, size_t count) {
    for (size_t i = 0; strings && i < count; i++)
        free(strings[i]);
    free(strings);
}

void dataset_free(struct dataset *dataset) {
    if (!dataset)
        return;
    free(dataset->path);
    free_strings(dataset->input_names, dataset->inputs.columns);
    free_strings(dataset->target_names, dataset->targets.columns);
    free_strings(dataset->classes, dataset->class_count);
    matrix_free(&dataset->inputs);
    matrix_free(&dataset->targets);
    free(dataset->train);
    free(dataset->test);
    free(dataset->source_row);
    cJSON_Delete(dataset->member);
    free(dataset->messages);
    free(dataset);
}

bool load_scan(struct load *load, size_t column, struct error *error) {
    return column_scan(&load->columns[column], &load->table, column, error);
}

void load_message(struct load *load, const char *format, ...) {
    char sentence[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    text_make_visible(sentence);
    text_format(&load->messages, "%s%s", load->messages.length ? "\n" : "", sentence);
}

/* What is known before the file is looked at. */
static bool load_begin(struct load *load, struct error *error) {
    const struct data_recipe *recipe = load->recipe;
    if (!target_spec_parse(&load->asked, recipe->target, error) ||
        !drop_parse(&load->drop, recipe->drop, error) ||
        !data_member_read(&load->member, load->model, error) || !load_choose_ranges(load, error))
        return false;
    const struct data_member *member = &load->member;
    bool fraction = member->has_fraction && !recipe->given.test_fraction;
    bool seed = member->has_seed && !recipe->given.split_seed;
    load->test_fraction = fraction ? member->test_fraction : recipe->test_fraction;
    load->split_seed = seed ? member->split_seed : recipe->split_seed;
    if (member->has_fraction && load->test_fraction != member->test_fraction)
        load_message(load, "test-fraction %.6g is used; the model was trained with %.6g",
                     load->test_fraction, member->test_fraction);
    if (member->has_seed && load->split_seed != member->split_seed)
        load_message(load, "split-seed %llu is used; the model was trained with %llu",
                     (unsigned long long)load->split_seed, (unsigned long long)member->split_seed);
    return true;
}

static bool load_columns(struct load *load, struct error *error) {
    size_t columns = load->table.columns;
    load->columns = memory_new(columns, sizeof *load->columns, error);
    load->encoder_of = memory_new(columns, ENCODE_KINDS * sizeof *load->encoder_of, error);
    return load->columns && load->encoder_of && load_choose_dropped(load, error) &&
           load_choose_columns(load, error);
}

static void load_end(struct load *load) {
    for (size_t j = 0; load->columns && j < load->table.columns; j++)
        column_free(&load->columns[j]);
    free(load->columns);
    load_clear_inputs(load);
    free(load->encoders);
    free(load->encoder_of);
    target_spec_free(&load->asked);
    name_list_free(&load->drop);
    range_list_free(&load->ranges);
    data_member_free(&load->member);
    free(load->dropped);
    name_index_free(&load->index);
    free(load->targets);
    text_free(&load->messages);
    table_free(&load->table);
}

static size_t *row_range(size_t count, struct error *error) {
    size_t *rows = memory_new(count, sizeof *rows, error);
    for (size_t i = 0; rows && i < count; i++)
        rows[i] = i;
    return rows;
}

/* The last floor(fraction n + 0.5) rows of the permutation test (cli.md, "Split"). */
static bool split(const struct load *load, struct dataset *dataset, struct error *error) {
    size_t rows = dataset->inputs.rows;
    size_t *order = row_range(rows, error);
    if (!order)
        return false;
    size_t test = rows;
    if (!load->recipe->split_none) {
        struct rng rng;
        rng_seed(&rng, load->split_seed);
        rng_shuffle(&rng, order, rows);
        test = (size_t)floor(load->test_fraction * (double)rows + 0.5);
        test = test < rows ? test : rows;
    }
    dataset->split_none = load->recipe->split_none;
    dataset->test_count = test;
    dataset->train_count = rows - test;
    dataset->train = order;
    dataset->test = memory_copy(order + dataset->train_count, test, sizeof *order, error);
    return dataset->test != NULL;
}

/* What the dataset keeps of the load: names and messages change hands. */
static bool hand_over(struct load *load, struct dataset *dataset, struct error *error) {
    dataset->member = load_member(load, error);
    if (!dataset->member || load->messages.failed)
        return dataset->member ? error_memory(error, load->messages.capacity) : false;
    dataset->input_names = load->input_names.items;
    load->input_names = (struct name_list){0};
    dataset->messages = load->messages.data;
    load->messages = (struct text){0};
    return true;
}

static bool load_all(struct load *load, struct dataset *dataset, struct error *error) {
    if (load_columns(load, error) && load_fill_inputs(load, dataset, error) &&
        load_fill_targets(load, dataset, error) && split(load, dataset, error) &&
        hand_over(load, dataset, error))
        return true;
    error_prefix(error, "%s", dataset->path);
    return false;
}

struct dataset *dataset_load(const char *path, const struct data_recipe *recipe,
                             const struct network *model, int task, const struct progress *progress,
                             struct error *error) {
    struct load load = {.recipe = recipe, .model = model, .task = model ? (int)model->task : task};
    struct dataset *dataset = memory_new(1, sizeof *dataset, error);
    bool done = dataset && (dataset->path = memory_string(path, error)) != NULL &&
                load_begin(&load, error) &&
                table_load(&load.table, path, recipe->delimiter, recipe->header, progress, error) &&
                load_all(&load, dataset, error);
    load_end(&load);
    if (done)
        return dataset;
    dataset_free(dataset);
    return NULL;
}

struct cJSON *dataset_member(const struct dataset *dataset, struct error *error) {
    cJSON *copy = cJSON_Duplicate(dataset->member, true);
    if (!copy)
        error_memory(error, sizeof *copy);
    return copy;
}

static bool scaled_rows(const struct matrix *from, const struct scaling *scaling,
                        const size_t *rows, size_t count, struct matrix *out, struct error *error) {
    if (!matrix_init(out, count, from->columns, error))
        return false;
    for (size_t r = 0; r < count; r++) {
        const double *raw = matrix_row(from, rows ? rows[r] : r);
        for (size_t j = 0; j < from->columns; j++)
            matrix_row(out, r)[j] = (raw[j] - scaling->mean[j]) / scaling->scale[j];
    }
    return true;
}

bool dataset_network_inputs(const struct dataset *dataset, const struct network *model,
                            const size_t *rows, size_t count, struct matrix *out,
                            struct error *error) {
    *out = (struct matrix){0};
    if (dataset->inputs.columns != network_inputs(model))
        return error_set(error, ERROR_REQUEST,
                         "%s: %zu input%s, but the model reads %zu; give data with the columns the "
                         "model was trained on",
                         dataset->path, dataset->inputs.columns,
                         text_plural(dataset->inputs.columns), network_inputs(model));
    return scaled_rows(&dataset->inputs, &model->input, rows, count, out, error);
}

/* The model's output for each class of the data: by name, by order where the model has no names. */
static bool class_outputs(const struct dataset *dataset, const struct network *model,
                          size_t *outputs, struct error *error) {
    struct name_index names = {0};
    size_t count = network_outputs(model);
    bool named = model->output.names != NULL;
    if (named && !name_index_init(&names, model->output.names, NULL, count, error))
        return false;
    bool done = true;
    for (size_t c = 0; done && c < dataset->class_count; c++) {
        const char *name = dataset->classes[c];
        outputs[c] = named ? name_index_find(&names, name, strlen(name)) : c;
        if (outputs[c] >= count)
            done = error_set(error, ERROR_REQUEST,
                             "%s: class \"%.60s\" is none of the %zu classes of the model; use "
                             "data of the same classes",
                             dataset->path, name, count);
    }
    name_index_free(&names);
    return done;
}

static bool class_rows(const struct dataset *dataset, const struct network *model,
                       const size_t *rows, size_t count, struct matrix *out, struct error *error) {
    size_t *outputs = memory_new(dataset->class_count, sizeof *outputs, error);
    bool done = outputs && class_outputs(dataset, model, outputs, error) &&
                matrix_init(out, count, 1, error);
    for (size_t r = 0; done && r < count; r++)
        out->data[r] = (double)outputs[(size_t)dataset->targets.data[rows ? rows[r] : r]];
    free(outputs);
    return done;
}

bool dataset_network_targets(const struct dataset *dataset, const struct network *model,
                             const size_t *rows, size_t count, struct matrix *out,
                             struct error *error) {
    *out = (struct matrix){0};
    bool classes = model->task == TASK_CLASSIFICATION;
    if (!dataset->has_targets)
        return error_set(
            error, ERROR_REQUEST,
            "%s: there is no target column, so errors cannot be measured; name the target",
            dataset->path);
    if (classes != (dataset->task == TASK_CLASSIFICATION) ||
        (!classes && dataset->targets.columns != network_outputs(model)))
        return error_set(error, ERROR_REQUEST,
                         "%s: the targets are not those of the model; name the target",
                         dataset->path);
    return classes ? class_rows(dataset, model, rows, count, out, error)
                   : scaled_rows(&dataset->targets, &model->output, rows, count, out, error);
}

size_t *dataset_calibration_rows(const struct dataset *dataset, size_t limit, uint64_t seed,
                                 size_t *count, struct error *error) {
    bool all = dataset->split_none;
    size_t total = all ? dataset->inputs.rows : dataset->train_count;
    if (total == 0) {
        error_set(error, ERROR_REQUEST,
                  "%s: the split leaves no training rows to calibrate on; give a smaller "
                  "--test-fraction, --split none, or --calibrate-on FILE",
                  dataset->path);
        return NULL;
    }
    size_t *rows =
        all ? row_range(total, error) : memory_copy(dataset->train, total, sizeof *rows, error);
    if (!rows)
        return NULL;
    struct rng rng;
    rng_seed(&rng, seed);
    rng_shuffle(&rng, rows, total);
    *count = limit < total ? limit : total;
    return rows;
}
