/* What is different between two networks. */
#include "program_diff.h"

#include "lumpscope/memory.h"
#include "lumpscope/model_file.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

/* ---- Layers ---- */

static void compare_numbers(const double *a, const double *b, size_t count,
                            struct array_difference *out) {
    *out = (struct array_difference){.count = count};
    for (size_t k = 0; k < count; k++) {
        if (a[k] == b[k] || (isnan(a[k]) && isnan(b[k])))
            continue;
        double change = fabs(b[k] - a[k]), relative = change / fmax(fabs(a[k]), fabs(b[k]));
        out->differing++;
        out->largest = fmax(out->largest, isfinite(change) ? change : INFINITY);
        out->largest_relative =
            fmax(out->largest_relative, isfinite(relative) ? relative : INFINITY);
    }
}

/* Counts what the file says of the layer's classes; false when that cannot be of this layer. */
static bool count_classes(const cJSON *classes, size_t neurons, struct layer_difference *out) {
    size_t members = 0;
    const cJSON *item;
    if (!cJSON_IsArray(classes))
        return false;
    cJSON_ArrayForEach(item, classes) {
        size_t size = cJSON_IsArray(item) ? (size_t)cJSON_GetArraySize(item) : 0;
        members += size;
        out->classes++;
        out->single += size == 1;
    }
    out->dead = neurons - members;
    return members <= neurons;
}

/* B's own word on which of A's neurons went where. */
static void compare_classes(const struct difference *difference, size_t l,
                            struct layer_difference *out) {
    const struct network *a = difference->network[0];
    const cJSON *member = network_member(difference->network[1], "lumpscope");
    const cJSON *classes = cJSON_GetObjectItemCaseSensitive(member, "classes");
    const cJSON *original = cJSON_GetObjectItemCaseSensitive(member, "original_parameters");
    bool of_a = cJSON_IsNumber(original) &&
                original->valuedouble == (double)network_parameters(a) && cJSON_IsArray(classes) &&
                (size_t)cJSON_GetArraySize(classes) == network_hidden(a);
    out->merged = of_a && l < network_hidden(a) && out->a && out->b &&
                  count_classes(cJSON_GetArrayItem(classes, (int)l), out->a->neurons, out);
}

static bool same_activation(const struct activation *a, const struct activation *b) {
    bool same = a->kind == b->kind && a->parameter == b->parameter && a->degree == b->degree;
    for (size_t k = 0; same && a->kind == ACTIVATION_POLYNOMIAL && k <= a->degree; k++)
        same = a->coefficients[k] == b->coefficients[k];
    return same;
}

static void compare_layer(struct difference *difference, size_t l) {
    struct layer_difference *out = &difference->layer[l];
    const struct network *const *network = difference->network;
    const struct layer *a = l < network[0]->depth ? &network[0]->layers[l] : NULL;
    const struct layer *b = l < network[1]->depth ? &network[1]->layers[l] : NULL;
    *out = (struct layer_difference){.a = a, .b = b};
    out->same_shape = a && b && a->inputs == b->inputs && a->neurons == b->neurons;
    out->same_activation = a && b && same_activation(&a->activation, &b->activation);
    if (out->same_shape) {
        compare_numbers(a->weights, b->weights, a->neurons * a->inputs, &out->weights);
        compare_numbers(a->bias, b->bias, a->neurons, &out->bias);
    }
    compare_classes(difference, l, out);
    difference->identical = difference->identical && out->same_shape &&
                            out->weights.differing + out->bias.differing == 0 &&
                            out->same_activation;
}

static bool same_scaling(const struct scaling *a, const struct scaling *b) {
    return a->count == b->count && memcmp(a->mean, b->mean, a->count * sizeof *a->mean) == 0 &&
           memcmp(a->scale, b->scale, a->count * sizeof *a->scale) == 0;
}

static bool compare_layers(struct difference *difference, struct error *error) {
    const struct network *a = difference->network[0], *b = difference->network[1];
    difference->layers = a->depth > b->depth ? a->depth : b->depth;
    difference->layer = memory_new(difference->layers, sizeof *difference->layer, error);
    difference->identical =
        same_scaling(&a->input, &b->input) && same_scaling(&a->output, &b->output);
    for (size_t l = 0; difference->layer && l < difference->layers; l++)
        compare_layer(difference, l);
    return difference->layer != NULL;
}

/* ---- Data ---- */

static bool same_names(const struct scaling *a, const struct scaling *b) {
    bool same = a->count == b->count;
    for (size_t i = 0; same && a->names && b->names && i < a->count; i++)
        same = strcmp(a->names[i], b->names[i]) == 0;
    return same;
}

/* The same rows must mean the same to both. */
static bool check_ends(const struct difference *difference, struct error *error) {
    const struct network *a = difference->network[0], *b = difference->network[1];
    const char *what = !same_names(&a->input, &b->input)     ? "inputs"
                       : !same_names(&a->output, &b->output) ? "outputs"
                       : a->task != b->task                  ? "tasks"
                                                             : NULL;
    return !what || error_set(error, ERROR_REQUEST,
                              "%s and %s have other %s, so that no data is the same to both; leave "
                              "out --data",
                              difference->path[0], difference->path[1], what);
}

/* Outputs of one of the networks on the test rows in raw units, and its metrics. */
static bool run_network(struct difference *difference, size_t which, struct matrix *outputs,
                        const struct progress *progress, struct error *error) {
    const struct network *network = difference->network[which];
    const struct dataset *data = difference->data;
    struct matrix inputs = {0}, targets = {0};
    bool done =
        dataset_network_inputs(data, network, data->test, data->test_count, &inputs, error) &&
        matrix_init(outputs, inputs.rows, network_outputs(network), error) &&
        network_forward(network, inputs.data, inputs.rows, false, outputs->data, progress, error);
    if (done && difference->judged)
        done =
            dataset_network_targets(data, network, data->test, data->test_count, &targets, error) &&
            evaluate_network(network, &inputs, &targets, NULL, &difference->metrics[which],
                             progress, error);
    for (size_t k = 0; done && k < outputs->rows * outputs->columns; k++) {
        size_t o = k % outputs->columns;
        outputs->data[k] = outputs->data[k] * network->output.scale[o] + network->output.mean[o];
    }
    matrix_free(&inputs);
    matrix_free(&targets);
    return done;
}

/* A difference that overflows is infinite, which is shown as unknown. */
static void compare_outputs(struct difference *difference, const struct matrix *a,
                            const struct matrix *b) {
    double all = 0;
    for (size_t o = 0; o < a->columns; o++) {
        struct output_difference *out = &difference->output[o];
        double squares = 0;
        for (size_t r = 0; r < a->rows; r++) {
            double change = fabs(matrix_row(b, r)[o] - matrix_row(a, r)[o]);
            out->largest = fmax(out->largest, isnan(change) ? INFINITY : change);
            squares += change * change;
        }
        out->rms = sqrt(squares / (double)a->rows);
        difference->all.largest = fmax(difference->all.largest, out->largest);
        all += squares;
    }
    difference->all.rms = sqrt(all / (double)(a->rows * a->columns));
}

static bool compare_on_data(struct difference *difference, const struct dataset *data,
                            const struct progress *progress, struct error *error) {
    struct matrix outputs[2] = {{0}, {0}};
    difference->data = data;
    difference->judged = data->has_targets;
    difference->output =
        memory_new(network_outputs(difference->network[0]), sizeof *difference->output, error);
    bool done = difference->output && check_ends(difference, error) &&
                run_network(difference, 0, &outputs[0], progress, error) &&
                run_network(difference, 1, &outputs[1], progress, error);
    if (done)
        compare_outputs(difference, &outputs[0], &outputs[1]);
    matrix_free(&outputs[0]);
    matrix_free(&outputs[1]);
    return done;
}

static bool compare(const struct program *program, const struct subject *subject,
                    const struct network *other, struct difference *difference,
                    struct error *error) {
    for (size_t k = 0; k < 2; k++) {
        difference->path[k] = program->operand[k];
        difference->bytes[k] = program_file_bytes(program->operand[k]);
    }
    difference->network[0] = subject->network;
    difference->network[1] = other;
    program_signals_defer(true);
    return compare_layers(difference, error) &&
           (!subject->data ||
            (subject_need_test_rows(subject, error) &&
             compare_on_data(difference, subject->data, &program->progress, error)));
}

bool program_run_diff(struct program *program, struct error *error) {
    struct subject subject;
    struct difference difference = {0};
    struct network *other = NULL;
    bool done = subject_load(&subject, program, TARGET_OPTIONAL, error);
    if (done)
        other = model_load(program->operand[1], &program->model_recipe, NULL, error);
    done = other && compare(program, &subject, other, &difference, error);
    if (done && program->given[PROGRAM_JSON])
        done = difference_json(&difference, &program->output, error);
    else if (done)
        difference_text(&difference, &program->output);
    free(difference.layer);
    free(difference.output);
    network_free(other);
    subject_free(&subject);
    return done;
}
