#include "load.h"

#include "lumpscope/memory.h"

#include <math.h>
#include <string.h>

static bool copy_target_names(const struct load *load, struct dataset *dataset,
                              struct error *error) {
    size_t count = load->target_count;
    dataset->target_names = memory_new(count, sizeof *dataset->target_names, error);
    bool done =
        dataset->target_names && matrix_init(&dataset->targets, dataset->inputs.rows, count, error);
    for (size_t k = 0; done && k < count; k++) {
        dataset->target_names[k] = memory_string(load->table.names[load->targets[k]], error);
        done = dataset->target_names[k] != NULL;
    }
    return done;
}

static bool fill_regression(const struct load *load, struct dataset *dataset, struct error *error) {
    for (size_t k = 0; k < load->target_count; k++) {
        size_t index = load->targets[k];
        const struct column *column = &load->columns[index];
        if (!column_need_numbers(column, &load->table, index,
                                 "the target of a regression is a number; correct it, or name "
                                 "another target",
                                 error))
            return false;
        for (size_t r = 0; r < dataset->targets.rows; r++)
            matrix_row(&dataset->targets, r)[k] = column->numbers[dataset->source_row[r]];
    }
    return true;
}

/* Which class each level of the target column is, and the names of the classes. */
static bool set_class_names(struct dataset *dataset, const struct level_set *set,
                            struct error *error) {
    dataset->classes = memory_new(set->count, sizeof *dataset->classes, error);
    dataset->class_count = dataset->classes ? set->count : 0;
    for (size_t i = 0; i < dataset->class_count; i++) {
        char number[TEXT_NUMBER_SIZE];
        const struct level *level = &set->items[i];
        const char *name = set->numeric ? text_number(level->value, number) : level->text;
        if (!(dataset->classes[i] = memory_string(name, error)))
            return false;
    }
    return dataset->classes != NULL;
}

/* Numbers 0 .. count-1 are class indices where classes have no numbers for names. */
static bool indices_as_levels(struct level_set *set, size_t count, struct error *error) {
    *set = (struct level_set){.numeric = true};
    for (size_t i = 0; i < count; i++)
        if (!level_set_add(set, &(struct level){.value = (double)i, .place = i}, error))
            return false;
    return true;
}

/* The model's names as numbers when the target holds numbers and names are such, else as texts;
 * numbers with a model whose names are words are indices. */
static bool names_as_levels(const struct network *model, bool numeric, struct level_set *set,
                            struct error *error) {
    const struct scaling *output = &model->output;
    *set = (struct level_set){.numeric = numeric};
    for (size_t i = 0; i < output->count; i++) {
        struct level level = {.text = output->names[i], .place = i};
        if (numeric && !text_to_double(output->names[i], &level.value))
            continue;
        if (!level_set_add(set, &level, error))
            return false;
    }
    return set->count > 0 || indices_as_levels(set, output->count, error);
}

static bool all_are_indices(const struct level_set *set, size_t count) {
    for (size_t i = 0; i < set->count; i++) {
        double value = set->numeric ? set->items[i].value : -1;
        if (value < 0 || value >= (double)count || value != floor(value))
            return false;
    }
    return true;
}

/* Classes to be learnt: measured numbers, nearly every one a class of its own, are none. */
static bool check_classes(struct load *load, const struct level_set *set, size_t rows,
                          struct error *error) {
    char number[TEXT_NUMBER_SIZE];
    const char *name = load->table.names[load->targets[0]];
    for (size_t i = 0; set->numeric && i < set->count; i++)
        if (set->items[i].value != floor(set->items[i].value))
            return error_set(error, ERROR_REQUEST,
                             "column \"%.60s\" holds numbers such as %s, which are no classes; "
                             "make it a regression, or give classes as words or whole numbers",
                             name, text_number(set->items[i].value, number));
    if (set->count > 2 && set->count > rows / 2)
        load_message(load,
                     "column \"%.60s\" holds %zu classes in %zu rows: name another target, "
                     "or make it a regression, should they be no classes",
                     name, set->count, rows);
    return true;
}

/* What the column holds; for a model without names as many values as it has outputs, or indices. */
static bool content_as_levels(struct load *load, const struct dataset *dataset,
                              struct level_set *set, struct error *error) {
    size_t index = load->targets[0];
    size_t outputs = load->model ? network_outputs(load->model) : 0;
    if (!level_set_collect(set, &load->table, &load->columns[index], index, dataset->source_row,
                           dataset->inputs.rows, error))
        return false;
    if (!load->model)
        return check_classes(load, set, dataset->inputs.rows, error);
    if (all_are_indices(set, outputs)) {
        level_set_free(set);
        return indices_as_levels(set, outputs, error);
    }
    return set->count == outputs ||
           error_set(error, ERROR_REQUEST,
                     "column \"%.60s\" holds %zu classes, but the model has %zu outputs; name the "
                     "target, or use data of the same classes",
                     load->table.names[index], set->count, outputs);
}

static bool fill_classes(const struct load *load, struct dataset *dataset,
                         const struct level_set *set, struct error *error) {
    char number[TEXT_NUMBER_SIZE], place[TABLE_PLACE_SIZE];
    size_t index = load->targets[0];
    const struct column *column = &load->columns[index];
    for (size_t r = 0; r < dataset->targets.rows; r++) {
        size_t row = dataset->source_row[r];
        struct level level = level_of_cell(set, &load->table, column, row, index, number);
        bool readable = !set->numeric || column->kinds[row] == CELL_NUMBER;
        const struct level *class = readable ? level_set_find(set, level.text, level.value) : NULL;
        if (class) {
            dataset->targets.data[r] = (double)class->place;
            continue;
        }
        struct text names = {0};
        names_append(&names, dataset->classes, dataset->class_count);
        error_set(error, ERROR_REQUEST,
                  "%s: \"%.60s\" is no class of the model; its classes are %s",
                  table_place(&load->table, row, index, place),
                  table_text(&load->table, row, index, number), names.data ? names.data : "");
        text_free(&names);
        return false;
    }
    return true;
}

static bool copy_model_classes(const struct network *model, struct dataset *dataset,
                               struct error *error) {
    dataset->classes = memory_new(model->output.count, sizeof *dataset->classes, error);
    dataset->class_count = dataset->classes ? model->output.count : 0;
    for (size_t i = 0; i < dataset->class_count; i++)
        if (!(dataset->classes[i] = memory_string(model->output.names[i], error)))
            return false;
    return dataset->classes != NULL;
}

static bool fill_classification(struct load *load, struct dataset *dataset, struct error *error) {
    size_t index = load->targets[0];
    const struct column *column = &load->columns[index];
    bool numeric = !column->counts[CELL_TEXT];
    if (load->target_count != 1)
        return error_set(error, ERROR_REQUEST,
                         "%zu columns of target, but classes are told by one; name one target",
                         load->target_count);
    if (numeric && !column_need_numbers(column, &load->table, index, "", error))
        return false;
    struct level_set set = {0};
    bool done;
    if (load->model && load->model->output.names)
        done = names_as_levels(load->model, numeric, &set, error) &&
               copy_model_classes(load->model, dataset, error);
    else
        done =
            content_as_levels(load, dataset, &set, error) && set_class_names(dataset, &set, error);
    done = done && fill_classes(load, dataset, &set, error);
    level_set_free(&set);
    return done;
}

/* A text target makes classification, unless something else was asked for. */
static enum task find_task(const struct load *load) {
    if (load->task >= 0)
        return (enum task)load->task;
    for (size_t k = 0; k < load->target_count; k++)
        if (load->columns[load->targets[k]].counts[CELL_TEXT])
            return TASK_CLASSIFICATION;
    return TASK_REGRESSION;
}

bool load_fill_targets(struct load *load, struct dataset *dataset, struct error *error) {
    if (load->from_model)
        return load_fill_model_targets(load, dataset, error);
    dataset->task = find_task(load);
    dataset->has_targets = load->target_count > 0;
    if (!dataset->has_targets)
        return true;
    if (!copy_target_names(load, dataset, error))
        return false;
    return dataset->task == TASK_CLASSIFICATION ? fill_classification(load, dataset, error)
                                                : fill_regression(load, dataset, error);
}
