/* The command that makes a state again. */
#include "lumpscope/state_report.h"

#include <stdlib.h>
#include <string.h>

/* A path that looks like an option is none. */
static void append_path(struct text *out, const char *path) {
    struct text safe = {0};
    text_format(&safe, "%s%s", *path == '-' ? "./" : "", path);
    text_append(out, " ");
    text_append_shell_word(out, safe.data ? safe.data : "");
    out->failed |= safe.failed;
    text_free(&safe);
}

static void append_option(struct text *out, const char *name, const char *value) {
    text_format(out, " --%s ", name);
    text_append_shell_word(out, value);
}

static void append_model(const struct state_report *state, struct text *out) {
    append_path(out, state->model_path);
    for (int k = 0; state->model_recipe && k < MODEL_OPTION_COUNT; k++) {
        const char *value = model_recipe_value(state->model_recipe, (enum model_option)k);
        if (value)
            append_option(out, model_option_descriptions[k].name, value);
    }
}

static void append_data(const struct state_report *state, struct text *out) {
    if (state->data_path) {
        text_append(out, " --data");
        append_path(out, state->data_path);
    }
    if (state->calibrate_on) {
        text_append(out, " --calibrate-on");
        append_path(out, state->calibrate_on);
    }
    for (int k = 0; state->data_recipe && k < DATA_OPTION_COUNT; k++) {
        struct text value = {0};
        data_recipe_value(state->data_recipe, (enum data_option)k, &value);
        if (value.data && *value.data)
            append_option(out, data_option_descriptions[k].name, value.data);
        out->failed |= value.failed;
        text_free(&value);
    }
}

/* The options that are not what the command line would take by itself. */
static void append_options(const struct state_report *state, struct text *out) {
    struct options in_force = state->study->options, usual;
    in_force.polish = state->polished;
    options_defaults(&usual, state->data_path || state->calibrate_on);
    if (usual.relation != in_force.relation) {
        append_option(out, option_descriptions[OPTION_RELATION].name,
                      relation_name(in_force.relation));
        usual.relation = in_force.relation;
        usual.linkage = linkage_default(in_force.relation);
    }
    for (int k = 0; k < OPTION_FAITHFUL; k++) {
        struct text value = {0}, standard = {0};
        options_value(&in_force, (enum option_id)k, &value);
        options_value(&usual, (enum option_id)k, &standard);
        if (value.data && standard.data && strcmp(value.data, "null") != 0 &&
            strcmp(value.data, standard.data) != 0)
            append_option(out, option_descriptions[k].name, value.data);
        out->failed |= value.failed || standard.failed;
        text_free(&value);
        text_free(&standard);
    }
}

/* The result has the format of the model, where that can be written. */
static void append_output(const struct state_report *state, struct text *out) {
    enum model_format format;
    const char *slash = strrchr(state->model_path, '/');
    const char *suffix = strrchr(slash ? slash : state->model_path, '.');
    bool known = suffix && model_format_for(state->model_path, &format, NULL);
    text_format(out, " -o smaller%s", known ? suffix : ".json");
}

void state_command(const struct state_report *state, struct text *out) {
    char number[TEXT_NUMBER_SIZE];
    text_append(out, "lumpscope compress");
    append_model(state, out);
    text_format(out, " --eps %s", text_number(refine_epsilon(state->study->refine), number));
    append_data(state, out);
    append_options(state, out);
    append_output(state, out);
}
