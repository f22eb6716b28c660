#include "data_support.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/model_json.h"
#include "lumpscope/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[64], paths[8][128];

const char *data_file(const char *name, const void *content, size_t size) {
    if (!*directory) {
        strcpy(directory, "/tmp/lumpscope-data-XXXXXX");
        assert_non_null(mkdtemp(directory));
    }
    char wanted[128];
    snprintf(wanted, sizeof wanted, "%s/%s", directory, name);
    size_t i = 0;
    while (*paths[i] && strcmp(paths[i], wanted) != 0)
        assert_true(++i < sizeof paths / sizeof *paths);
    memcpy(paths[i], wanted, sizeof wanted);
    FILE *file = fopen(paths[i], "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, size, file), size);
    fclose(file);
    return paths[i];
}

int data_clean(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths && *paths[i]; i++)
        unlink(paths[i]);
    if (*directory)
        rmdir(directory);
    return 0;
}

struct data_recipe data_options(const char *options) {
    struct data_recipe recipe;
    data_recipe_defaults(&recipe);
    char *copy = memory_string(options ? options : "", NULL), *rest = copy;
    for (char *option; (option = strsep(&rest, "|")) != NULL;) {
        char *value = option;
        const char *name = strsep(&value, "=");
        struct error error = {0};
        if (*name && strcmp(name, "use") == 0)
            recipe.target_use = *value == 'i' ? TARGET_IGNORED : TARGET_OPTIONAL;
        else if (*name && !data_recipe_set(&recipe, name, value, &error))
            fail_msg("%s", error.text);
    }
    free(copy);
    return recipe;
}

struct dataset *data_load(const char *text, const char *options, const struct network *model,
                          int task, struct error *error) {
    struct data_recipe recipe = data_options(options);
    const char *path = data_file("d.csv", text, strlen(text));
    struct dataset *dataset = dataset_load(path, &recipe, model, task, NULL, error);
    data_recipe_free(&recipe);
    return dataset;
}

struct dataset *data_loaded(const char *text, const char *options, const struct network *model) {
    struct error error = {0};
    struct dataset *dataset = data_load(text, options, model, -1, &error);
    if (!dataset)
        fail_msg("%s", error.text);
    return dataset;
}

static void append_names(struct text *out, const char *side, const char *names) {
    if (names)
        text_format(out, "\"%s\":{\"names\":%s},", side, names);
}

struct network *data_model(size_t inputs, size_t outputs, enum task task, const char *input_names,
                           const char *output_names, const char *data) {
    struct text out = {0};
    text_format(&out, "{\"format\":\"lumpscope-network\",\"version\":1,\"task\":\"%s\",",
                task == TASK_REGRESSION ? "regression" : "classification");
    append_names(&out, "input", input_names);
    append_names(&out, "output", output_names);
    if (data)
        text_format(&out, "\"data\":%s,", data);
    text_append(&out, "\"layers\":[{\"activation\":\"linear\",\"weights\":[");
    for (size_t i = 0; i < outputs; i++) {
        text_append(&out, i ? ",[" : "[");
        for (size_t j = 0; j < inputs; j++)
            text_append(&out, j ? ",1" : "1");
        text_append(&out, "]");
    }
    text_append(&out, "],\"bias\":[");
    for (size_t i = 0; i < outputs; i++)
        text_append(&out, i ? ",0" : "0");
    text_append(&out, "]}]}");
    struct error error = {0};
    struct network *model = model_json_parse("model", out.data, out.length, &error);
    if (!model)
        fail_msg("%s", error.text);
    text_free(&out);
    return model;
}

const char *data_refusal(const char *text, const char *options, const struct network *model,
                         int task) {
    static struct error error;
    error = (struct error){0};
    struct dataset *dataset = data_load(text, options, model, task, &error);
    if (dataset)
        fail_msg("was read: %s", text);
    assert_int_equal(error.kind, ERROR_REQUEST);
    assert_null(strchr(error.text, '\n'));
    return error.text;
}
