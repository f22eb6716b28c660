/* Targets that are the model's own outputs: errors then tell how far a changed model is from it. */
#include "load.h"

#include "lumpscope/memory.h"

#include <stdio.h>
#include <string.h>

/* Rows that are scaled and evaluated at once. */
enum { PART = 1024 };

/* The output's name in the model, else its number. */
static char *output_name(const struct network *model, size_t output, const char *kind,
                         struct error *error) {
    char number[48];
    snprintf(number, sizeof number, "%s%zu", kind, output);
    return memory_string(model->output.names ? model->output.names[output] : number, error);
}

static size_t largest(const double *values, size_t count) {
    size_t best = 0;
    for (size_t k = 1; k < count; k++)
        if (values[k] > values[best])
            best = k;
    return best;
}

/* Raw targets of `rows` rows from the outputs: the class of the largest, or each in the data's
 * units. */
static void keep_outputs(const struct network *model, const struct matrix *outputs, size_t rows,
                         double *targets) {
    const struct scaling *scaling = &model->output;
    for (size_t r = 0; r < rows; r++) {
        const double *row = matrix_row(outputs, r);
        if (model->task == TASK_CLASSIFICATION)
            targets[r] = (double)largest(row, scaling->count);
        for (size_t k = 0; model->task == TASK_REGRESSION && k < scaling->count; k++)
            targets[r * scaling->count + k] = row[k] * scaling->scale[k] + scaling->mean[k];
    }
}

static bool evaluate_rows(const struct network *model, struct dataset *dataset,
                          struct error *error) {
    size_t rows = dataset->inputs.rows;
    struct matrix inputs, outputs = {0};
    bool done = matrix_init(&inputs, rows < PART ? rows : PART, network_inputs(model), error) &&
                matrix_init(&outputs, inputs.rows, network_outputs(model), error);
    for (size_t first = 0; done && first < rows; first += PART) {
        size_t count = rows - first < PART ? rows - first : PART;
        for (size_t r = 0; r < count; r++)
            for (size_t j = 0; j < inputs.columns; j++)
                matrix_row(&inputs, r)[j] =
                    (matrix_row(&dataset->inputs, first + r)[j] - model->input.mean[j]) /
                    model->input.scale[j];
        done = network_forward(model, inputs.data, count, false, outputs.data, NULL, error);
        if (done)
            keep_outputs(model, &outputs, count, matrix_row(&dataset->targets, first));
    }
    matrix_free(&inputs);
    matrix_free(&outputs);
    return done;
}

static bool name_classes(const struct network *model, struct dataset *dataset,
                         struct error *error) {
    size_t count = network_outputs(model);
    dataset->classes = memory_new(count, sizeof *dataset->classes, error);
    dataset->class_count = dataset->classes ? count : 0;
    for (size_t k = 0; k < dataset->class_count; k++)
        if (!(dataset->classes[k] = output_name(model, k, "", error)))
            return false;
    return dataset->classes != NULL;
}

bool load_fill_model_targets(const struct load *load, struct dataset *dataset,
                             struct error *error) {
    const struct network *model = load->model;
    bool classes = model->task == TASK_CLASSIFICATION;
    size_t count = classes ? 1 : network_outputs(model);
    dataset->task = model->task;
    dataset->has_targets = true;
    dataset->target_names = memory_new(count, sizeof *dataset->target_names, error);
    if (!dataset->target_names ||
        !matrix_init(&dataset->targets, dataset->inputs.rows, count, error))
        return false;
    for (size_t k = 0; k < count; k++) {
        dataset->target_names[k] = classes ? memory_string("class of the model", error)
                                           : output_name(model, k, "output ", error);
        if (!dataset->target_names[k])
            return false;
    }
    return (!classes || name_classes(model, dataset, error)) &&
           evaluate_rows(model, dataset, error);
}
