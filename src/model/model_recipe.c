/* What the user says of a model that its file does not. */
#include "lumpscope/memory.h"
#include "lumpscope/model_file.h"

#include <string.h>

const struct option_description model_option_descriptions[MODEL_OPTION_COUNT] = {
    [MODEL_OPTION_ACTIVATION] = {"activation", "ACTIVATION,...",
                                 "the hidden layers' activations where the file names none: one "
                                 "for all, or one each"},
    [MODEL_OPTION_LAYERS] = {"layers", "NAME,...",
                             "the layers' tensors in order, without .weight (default: by the "
                             "numbers in their names)"},
    [MODEL_OPTION_BLOCK] = {"block", "UP,DOWN",
                            "open two layers of a larger checkpoint as a network"},
    [MODEL_OPTION_TASK] = {"task", "regression|classification",
                           "classification: the outputs are scores of classes, such as logits, "
                           "and the target is one column (default: with softmax)"},
};

enum model_option model_option_find(const char *name) {
    int option = 0;
    while (option < MODEL_OPTION_COUNT && strcmp(model_option_descriptions[option].name, name) != 0)
        option++;
    return (enum model_option)option;
}

static char **place(struct model_recipe *recipe, enum model_option option) {
    char **const places[MODEL_OPTION_COUNT] = {&recipe->activation, &recipe->layers, &recipe->block,
                                               &recipe->task};
    return places[option];
}

const char *model_recipe_value(const struct model_recipe *recipe, enum model_option option) {
    const char *const values[MODEL_OPTION_COUNT] = {recipe->activation, recipe->layers,
                                                    recipe->block, recipe->task};
    return values[option];
}

void model_recipe_free(struct model_recipe *recipe) {
    for (int option = 0; option < MODEL_OPTION_COUNT; option++)
        free(*place(recipe, (enum model_option)option));
    *recipe = (struct model_recipe){0};
}

bool model_recipe_copy(struct model_recipe *to, const struct model_recipe *from,
                       struct error *error) {
    *to = (struct model_recipe){0};
    for (int option = 0; option < MODEL_OPTION_COUNT; option++) {
        const char *value = model_recipe_value(from, (enum model_option)option);
        char **copy = place(to, (enum model_option)option);
        *copy = memory_string(value, error);
        if (value && !*copy) {
            model_recipe_free(to);
            return false;
        }
    }
    return true;
}

bool model_recipe_equal(const struct model_recipe *a, const struct model_recipe *b) {
    for (int option = 0; option < MODEL_OPTION_COUNT; option++) {
        const char *one = model_recipe_value(a, (enum model_option)option);
        const char *other = model_recipe_value(b, (enum model_option)option);
        if (one && other ? strcmp(one, other) != 0 : one != other)
            return false;
    }
    return true;
}

/* Items between commas; 0 when one of them is empty. */
static size_t count_items(const char *list) {
    size_t count = 1, length = 0;
    for (const char *c = list; *c; c++) {
        if (*c == ',' && length == 0)
            return 0;
        length = *c == ',' ? 0 : length + 1;
        count += *c == ',';
    }
    return length ? count : 0;
}

/* The next item of a comma list, cut off in `out`; false when it is too long for a name. */
static bool next_item(const char **list, char *out, size_t size) {
    size_t length = strcspn(*list, ",");
    bool fits = length < size;
    memcpy(out, *list, fits ? length : size - 1);
    out[fits ? length : size - 1] = '\0';
    *list += length + ((*list)[length] == ',');
    return fits;
}

static bool parse_item(const char **list, const char *from, struct activation *out,
                       struct error *error) {
    char name[32];
    if (next_item(list, name, sizeof name) && activation_parse(name, out))
        return true;
    return error_set(error, ERROR_REQUEST, "%s: unknown activation \"%s\"; known are %s", from,
                     name, activation_names());
}

bool model_activations(const char *list, const char *from, size_t depth, struct activation *out,
                       struct error *error) {
    if (!list)
        return true;
    size_t count = count_items(list);
    if (depth == 2 && count > 2)
        return error_set(error, ERROR_REQUEST,
                         "%s names %zu activations for 2 layers; give 1 for the hidden layer, or 2",
                         from, count);
    if (count != 1 && count + 1 != depth && count != depth)
        return error_set(error, ERROR_REQUEST,
                         "%s names %zu activations for %zu layers; give 1 for every hidden layer, "
                         "%zu for the hidden layers, or %zu",
                         from, count, depth, depth - 1, depth);
    for (size_t l = 0; l < depth; l++) {
        bool output = l + 1 == depth && (count + 1 == depth || (count == 1 && depth > 1));
        const char *single = list;
        out[l] = (struct activation){.kind = ACTIVATION_LINEAR};
        if (!output && !parse_item(count == 1 ? &single : &list, from, &out[l], error))
            return false;
        if (out[l].kind == ACTIVATION_SOFTMAX && l + 1 < depth)
            return error_set(error, ERROR_REQUEST,
                             "%s: softmax stands on the last layer alone; name another for layer "
                             "%zu",
                             from, l + 1);
    }
    return true;
}

bool network_set_activations(struct network *network, const char *list, const char *from,
                             struct error *error) {
    struct activation *activations = memory_new(network->depth, sizeof *activations, error);
    bool read = activations && model_activations(list, from, network->depth, activations, error);
    for (size_t l = 0; read && l < network->depth; l++)
        network->layers[l].activation = activations[l];
    free(activations);
    return read;
}

static bool check_activations(const char *value, struct error *error) {
    while (*value) {
        struct activation unused;
        if (!parse_item(&value, "activation", &unused, error)) {
            if (error)
                error->kind = ERROR_USAGE;
            return false;
        }
    }
    return true;
}

bool network_set_task(struct network *network, const char *task, struct error *error) {
    bool classes = task ? strcmp(task, "classification") == 0 : false;
    if (task && !classes && network_is_softmax(network))
        return error_set(error, ERROR_REQUEST,
                         "--task regression, but layer %zu is softmax; leave --task out",
                         network->depth);
    if (task)
        network->task = classes ? TASK_CLASSIFICATION : TASK_REGRESSION;
    return true;
}

bool model_recipe_set(struct model_recipe *recipe, const char *option_name, const char *value,
                      struct error *error) {
    enum model_option option = model_option_find(option_name);
    if (option == MODEL_OPTION_COUNT)
        return error_set(error, ERROR_USAGE,
                         "unknown model option %.60s; there are activation, "
                         "layers, block and task",
                         option_name);
    size_t items = count_items(value);
    bool task = option != MODEL_OPTION_TASK || strcmp(value, "regression") == 0 ||
                strcmp(value, "classification") == 0;
    if (items == 0 || !task || (option == MODEL_OPTION_BLOCK && items != 2))
        return error_set(error, ERROR_USAGE, "%s \"%.60s\" cannot be read; give %s", option_name,
                         value, model_option_descriptions[option].values);
    if (option == MODEL_OPTION_ACTIVATION && !check_activations(value, error))
        return false;
    char *copy = memory_string(value, error);
    if (!copy)
        return false;
    free(*place(recipe, option));
    *place(recipe, option) = copy;
    return true;
}
