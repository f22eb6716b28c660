#include "lumpscope/train.h"

#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <math.h>
#include <string.h>

static const char softmax_remedy[] =
    "softmax belongs on the output layer, which a classification gets by itself";

void train_options_defaults(struct train_options *options) {
    *options = (struct train_options){
        .batch = 32, .rate = 0.005, .decay = 0.01, .validation = 0.1, .seed = 1};
}

void train_options_free(struct train_options *options) {
    free(options->hidden);
    options->hidden = NULL;
    options->hidden_count = 0;
}

static bool in_range(const char *name, double value, double low, double high, struct error *error) {
    if (value >= low && value <= high)
        return true;
    char a[TEXT_NUMBER_SIZE], b[TEXT_NUMBER_SIZE], c[TEXT_NUMBER_SIZE];
    return error_set(error, ERROR_USAGE, "%s is %s; give a number from %s to %s", name,
                     text_number(value, a), text_number(low, b), text_number(high, c));
}

static bool rate_check(double rate, struct error *error) {
    char number[TEXT_NUMBER_SIZE];
    return (rate > 0 && rate <= 1) ||
           error_set(error, ERROR_USAGE, "--rate is %s; give a number above 0 and up to 1",
                     text_number(rate, number));
}

static bool hidden_count_check(size_t count, struct error *error) {
    if (count <= TRAIN_MAX_HIDDEN)
        return true;
    return error_set(error, ERROR_USAGE, "%zu hidden layers; give at most %d", count,
                     TRAIN_MAX_HIDDEN);
}

static bool hidden_check(const struct train_options *options, struct error *error) {
    if (!hidden_count_check(options->hidden_count, error))
        return false;
    for (size_t l = 0; l < options->hidden_count; l++) {
        const struct train_layer *layer = &options->hidden[l];
        if (layer->neurons < 1 || layer->neurons > TRAIN_MAX_NEURONS)
            return error_set(error, ERROR_USAGE, "hidden layer %zu has %zu neurons; give 1 to %d",
                             l + 1, layer->neurons, TRAIN_MAX_NEURONS);
        if (layer->activation.kind == ACTIVATION_SOFTMAX)
            return error_set(error, ERROR_USAGE, "hidden layer %zu is softmax; %s", l + 1,
                             softmax_remedy);
    }
    return true;
}

bool train_options_check(const struct train_options *options, struct error *error) {
    return rate_check(options->rate, error) && in_range("--decay", options->decay, 0, 100, error) &&
           in_range("validation", options->validation, 0, 0.9, error) &&
           in_range("--batch", (double)options->batch, 1, TRAIN_MAX_BATCH, error) &&
           in_range("--epochs", (double)options->epochs, 0, TRAIN_MAX_EPOCHS, error) &&
           hidden_check(options, error);
}

/* "hidden layer 2 (\"x:relu\"): " before the sentence of what is wrong with it. */
static bool bad_layer(struct error *error, size_t number, const char *layer, const char *wrong) {
    return error_set(error, ERROR_USAGE, "hidden layer %zu (\"%.40s\"): %s", number, layer, wrong);
}

/* The numbers after an activation's name, "0:1:0.5", into `numbers`; SIZE_MAX when one is none. */
static size_t parse_numbers(char *text, double *numbers, size_t capacity) {
    size_t count = 0;
    for (char *number; (number = strsep(&text, ":")) != NULL; count++)
        if (count == capacity || !text_to_double(number, &numbers[count]))
            return SIZE_MAX;
    return count;
}

static bool parse_parameters(const char *name, char *parameters, struct activation *activation) {
    double numbers[ACTIVATION_MAX_DEGREE + 1];
    size_t count = parameters ? parse_numbers(parameters, numbers, ACTIVATION_MAX_DEGREE + 1) : 0;
    if (count == SIZE_MAX)
        return false;
    if (strcmp(name, activation_name(ACTIVATION_POLYNOMIAL)) == 0)
        return activation_polynomial(numbers, count, activation);
    if (count == 0)
        return true;
    activation->parameter = numbers[0];
    return count == 1 &&
           (activation->kind == ACTIVATION_LEAKY_RELU || activation->kind == ACTIVATION_ELU);
}

static bool parse_activation(size_t number, const char *whole, char *text,
                             struct activation *activation, struct error *error) {
    const char *name = strsep(&text, ":");
    bool polynomial = strcmp(name, activation_name(ACTIVATION_POLYNOMIAL)) == 0;
    if (!polynomial && !activation_parse(name, activation))
        return error_set(
            error, ERROR_USAGE,
            "hidden layer %zu (\"%.40s\"): unknown activation \"%.40s\"; there are %s, and "
            "polynomial:c0:c1:...",
            number, whole, name, activation_names());
    if (activation->kind == ACTIVATION_SOFTMAX)
        return bad_layer(error, number, whole, softmax_remedy);
    if (parse_parameters(name, text, activation))
        return true;
    return bad_layer(error, number, whole,
                     polynomial ? "a polynomial needs 1 to 17 coefficients, such as "
                                  "8:polynomial:0:1:0.5"
                                : "only leaky_relu and elu take a number, and only one");
}

/* One layer from `text`, which is taken apart; `whole` is the same for sentences. */
static bool parse_layer(size_t number, const char *whole, char *text, struct train_layer *layer,
                        struct error *error) {
    const char *size = strsep(&text, ":");
    if (!text_to_size(size, &layer->neurons) || layer->neurons < 1 ||
        layer->neurons > TRAIN_MAX_NEURONS)
        return error_set(
            error, ERROR_USAGE,
            "hidden layer %zu (\"%.40s\"): give a number of neurons from 1 to %d and an "
            "activation, such as 64:relu",
            number, whole, TRAIN_MAX_NEURONS);
    if (text)
        return parse_activation(number, whole, text, &layer->activation, error);
    layer->activation = (struct activation){.kind = ACTIVATION_RELU};
    return true;
}

/* `text` is taken apart; `layers` has room for one more than there are commas in it. */
static bool parse_list(char *text, struct train_layer *layers, size_t *count, struct error *error) {
    for (char *one; (one = strsep(&text, ",")) != NULL; ++*count) {
        char *whole = memory_string(one, error);
        bool parsed = whole && parse_layer(*count + 1, whole, one, &layers[*count], error);
        free(whole);
        if (!parsed)
            return false;
    }
    return true;
}

bool train_parse_layers(const char *text, struct train_options *options, struct error *error) {
    size_t commas = 0;
    for (const char *c = text; *c; c++)
        commas += *c == ',';
    if (!hidden_count_check(commas + 1, error))
        return false;
    struct train_layer *layers = memory_new(commas + 1, sizeof *layers, error);
    char *copy = memory_string(text, error);
    size_t count = 0;
    bool parsed = layers && copy && parse_list(copy, layers, &count, error);
    free(copy);
    if (!parsed) {
        free(layers);
        return false;
    }
    free(options->hidden);
    options->hidden = layers;
    options->hidden_count = count;
    return true;
}
