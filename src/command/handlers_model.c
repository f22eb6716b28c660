/* Model, data, files and options. */
#include "command/handlers.h"

#include "lumpscope/file.h"
#include "lumpscope/model_file.h"
#include "lumpscope/paths.h"
#include "lumpscope/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Model and data ---- */

/* "activation relu layers fc1,fc2", as the command line takes them with dashes. */
static bool read_model_recipe(struct model_recipe *recipe, size_t count, const char *const *words,
                              struct error *error) {
    for (size_t i = 0; i + 1 < count; i += 2)
        if (!model_recipe_set(recipe, words[i], words[i + 1], error))
            return false;
    return count % 2 == 0 ||
           error_set(error, ERROR_USAGE, "%.60s needs a value: help open says more",
                     words[count - 1]);
}

/* A second word that is no option is the data. */
HANDLER(run_open) {
    UNUSED();
    struct model_recipe recipe = {0};
    bool data = count > 1 && model_option_find(arguments[1]) == MODEL_OPTION_COUNT;
    size_t files = data ? 2 : 1;
    bool read = read_model_recipe(&recipe, count - files, arguments + files, error);
    if (read)
        session_open(context->session, arguments[0], data ? arguments[1] : NULL, NULL, &recipe);
    model_recipe_free(&recipe);
    return read ? COMMAND_DONE : COMMAND_FAILED;
}

HANDLER(run_sample) {
    UNUSED();
    char *model, *data;
    if (!paths_sample(arguments[0], &model, &data, error))
        return COMMAND_FAILED;
    session_open(context->session, model, data, NULL, NULL);
    free(model);
    free(data);
    return COMMAND_DONE;
}

/* "test-fraction 0.5 split-seed 7", as the command line takes them with dashes. */
static bool read_recipe(struct data_recipe *recipe, size_t count, const char *const *words,
                        struct error *error) {
    for (size_t i = 0; i + 1 < count; i += 2)
        if (!data_recipe_set(recipe, words[i], words[i + 1], error))
            return false;
    return count % 2 == 0 ? data_recipe_check(recipe, error)
                          : error_set(error, ERROR_USAGE,
                                      "%.60s needs a value: help data says more", words[count - 1]);
}

HANDLER(run_data) {
    UNUSED();
    struct data_recipe recipe = {0};
    data_recipe_defaults(&recipe);
    bool read = read_recipe(&recipe, count - 1, arguments + 1, error);
    if (read)
        session_data(context->session, arguments[0], &recipe);
    data_recipe_free(&recipe);
    return read ? COMMAND_DONE : COMMAND_FAILED;
}

/* FILE [DTYPE]; what cannot be written is said before anything is computed for it. */
static enum command_outcome write_network(struct command_context *context, size_t count,
                                          const char *const *arguments, struct error *error) {
    enum model_format format;
    enum tensor_type type;
    if (count > 1 && !tensor_type_parse_float(arguments[1], &type)) {
        error_set(error, ERROR_USAGE, "\"%.60s\" is no type of numbers: choose one of %s",
                  arguments[1], TENSOR_FLOAT_NAMES);
        return COMMAND_FAILED;
    }
    if (!handler_check_file(context, arguments[0], error) ||
        !model_format_for(arguments[0], &format, error) ||
        !file_check_writable(arguments[0], error))
        return COMMAND_FAILED;
    session_write(context->session, arguments[0], count > 1 ? &type : NULL);
    return COMMAND_DONE;
}

HANDLER_WHEN(check_analysed, run_write) {
    UNUSED();
    return handler_check_new(arguments[0], "write!", error)
               ? write_network(context, count, arguments, error)
               : COMMAND_FAILED;
}

HANDLER_WHEN(check_analysed, run_replace) {
    UNUSED();
    return write_network(context, count, arguments, error);
}

static bool read_kind(const char *word, enum report_kind *kind, struct error *error) {
    *kind = report_kind_find(word);
    if (*kind != REPORT_KINDS)
        return true;
    struct text list = {0};
    for (int k = 0; k < REPORT_KINDS; k++)
        text_format(&list, "%s%s", k ? ", " : "", report_kind_name((enum report_kind)k));
    error_set(error, ERROR_USAGE, "\"%.60s\" is nothing to export: choose one of %s", word,
              list.data ? list.data : "");
    text_free(&list);
    return false;
}

static bool read_report_layer(const char *word, enum report_kind kind, size_t *layer,
                              struct error *error) {
    if (!report_kind_has_layers(kind))
        return error_set(error, ERROR_USAGE,
                         "the %s has no layers to choose from: leave \"%.60s\" out",
                         report_kind_name(kind), word);
    *layer = 0;
    return !strcmp(word, command_all_layers) || (text_to_size(word, layer) && *layer > 0) ||
           error_set(error, ERROR_USAGE,
                     "\"%.60s\" is not a layer: layers are numbered from 1, or say %s", word,
                     command_all_layers);
}

static enum command_outcome export_report(struct command_context *context, size_t count,
                                          const char *const *arguments, struct error *error) {
    enum report_kind kind = REPORT_KINDS;
    size_t layer = handler_layer(context);
    if (!handler_check_file(context, arguments[0], error) ||
        (count > 1 && !read_kind(arguments[1], &kind, error)) ||
        (count > 2 && !read_report_layer(arguments[2], kind, &layer, error)))
        return COMMAND_FAILED;
    session_export(context->session, arguments[0], kind, layer);
    return COMMAND_DONE;
}

HANDLER_WHEN(check_analysed, run_export) {
    return handler_check_new(arguments[0], "export!", error)
               ? export_report(context, count, arguments, error)
               : COMMAND_FAILED;
}

HANDLER_WHEN(check_analysed, run_export_over) {
    return export_report(context, count, arguments, error);
}

/* ---- Options ---- */

static bool find_option(const char *name, enum option_id *option, struct error *error) {
    *option = option_find(name);
    if (*option != OPTION_COUNT)
        return true;
    struct text list = {0};
    for (size_t i = 0; i < OPTION_COUNT; i++)
        text_format(&list, "%s%s", i ? ", " : "", option_descriptions[i].name);
    error_set(error, ERROR_USAGE, "there is no option \"%s\": choose one of %s", name,
              list.data ? list.data : "");
    text_free(&list);
    return false;
}

static void say_option(struct command_context *context, enum option_id option, const char *value) {
    char sentence[96];
    snprintf(sentence, sizeof sentence, "%s %s", option_descriptions[option].name, value);
    handler_say(context, sentence);
}

/* "relation joint; it takes forward|backward|joint: which neurons count as equivalent". A script,
 * which has nobody to tell, has left the value out. */
static enum command_outcome say_values(struct command_context *context, enum option_id option,
                                       struct error *error) {
    const struct option_description *described = &option_descriptions[option];
    struct text value = {0}, sentence = {0};
    struct options options;
    session_options(context->session, &options);
    options_value(&options, option, &value);
    const char *current = value.data ? value.data : "";
    text_format(&sentence, "%s %s; it takes %s: %s", described->name,
                strcmp(current, "null") ? current : "does not apply", described->values,
                described->help);
    handler_say(context, sentence.data ? sentence.data : "");
    if (!context->ui)
        error_set(error, ERROR_USAGE, "%s", sentence.data ? sentence.data : "");
    text_free(&value);
    text_free(&sentence);
    return context->ui ? COMMAND_REDRAW : COMMAND_FAILED;
}

HANDLER(run_set) {
    UNUSED();
    enum option_id option;
    const char *value = count > 1 ? arguments[1] : "";
    if (!find_option(arguments[0], &option, error))
        return COMMAND_FAILED;
    if (count == 1 && *option_descriptions[option].values)
        return say_values(context, option, error);
    if (context->held && context->held->choices && context->held->choices->given[option])
        return COMMAND_DONE;
    if (!session_set_option(context->session, option, value, error))
        return COMMAND_FAILED;
    say_option(context, option, value);
    return COMMAND_DONE;
}

HANDLER(run_reset) {
    UNUSED();
    session_reset_options(context->session);
    handler_say(context, "every option is as usual");
    return COMMAND_DONE;
}

static size_t option_index(enum option_id option, const char *current) {
    char value[32];
    for (size_t i = 0; command_option_value(option, i, value); i++)
        if (!strcmp(value, current))
            return i;
    return 0;
}

/* The next value that fits the other options; when none does, the reason of the first. */
static enum command_outcome cycle_option(struct command_context *context, enum option_id option,
                                         const char *current, struct error *error) {
    char value[32];
    size_t count = 0, start = option_index(option, current);
    while (command_option_value(option, count, value))
        count++;
    for (size_t i = 1; i < count; i++) {
        struct error later = {0}, *reason = i == 1 ? error : &later;
        command_option_value(option, (start + i) % count, value);
        if (session_set_option(context->session, option, value, reason)) {
            say_option(context, option, value);
            return COMMAND_DONE;
        }
    }
    return COMMAND_FAILED;
}

HANDLER(run_cycle) {
    UNUSED();
    enum option_id option;
    if (!find_option(arguments[0], &option, error))
        return COMMAND_FAILED;
    struct text current = {0};
    struct options options;
    session_options(context->session, &options);
    options_value(&options, option, &current);
    enum command_outcome outcome =
        cycle_option(context, option, current.data ? current.data : "", error);
    text_free(&current);
    return outcome;
}

/* Every locked layer with `layer` the other way round: "1,3", or "none". */
static void locked_layers(const struct options *options, size_t hidden, size_t layer,
                          struct text *out) {
    for (size_t l = 1; l <= hidden; l++)
        if (options_locked(options, l) != (l == layer))
            text_format(out, "%s%zu", out->length ? "," : "", l);
    if (out->length == 0)
        text_append(out, "none");
}

static bool chosen_layer(struct command_context *context, size_t count,
                         const char *const *arguments, size_t *layer, struct error *error) {
    *layer = 0;
    if (count > 0 && (!text_to_size(arguments[0], layer) || *layer == 0))
        return error_set(error, ERROR_USAGE, "\"%s\" is not a layer: layers are numbered from 1",
                         arguments[0]);
    if (count == 0)
        *layer = handler_layer(context);
    if (*layer == 0)
        return error_set(error, ERROR_USAGE, "say which layer: lock 2");
    return true;
}

HANDLER(run_lock) {
    UNUSED();
    size_t layer;
    if (!chosen_layer(context, count, arguments, &layer, error))
        return COMMAND_FAILED;
    struct text list = {0};
    struct snapshot *snapshot = session_latest(context->session);
    struct options options;
    session_options(context->session, &options);
    bool exists = layer <= snapshot->hidden, was_locked = options_locked(&options, layer);
    locked_layers(&options, snapshot->hidden, layer, &list);
    snapshot_release(snapshot);
    char sentence[64];
    snprintf(sentence, sizeof sentence, "layer %zu %s", layer, was_locked ? "unlocked" : "locked");
    bool done =
        exists && list.data && session_set_option(context->session, OPTION_LOCK, list.data, error);
    text_free(&list);
    if (!exists)
        return handler_fail(error, "there is no such hidden layer to lock");
    if (done)
        handler_say(context, sentence);
    return done ? COMMAND_DONE : COMMAND_FAILED;
}
