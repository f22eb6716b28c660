/* Saved sessions: what is read can be written, and reads back the same. The model that the input
 * names must exist, so MODEL in it stands for one that does. */
#include "fuzz.h"

#include "lumpscope/saved.h"
#include "lumpscope/text.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char placeholder[] = "MODEL";

/* Bytes that are not UTF-8, as JSON is, would be written as others. */
static void make_utf8(char *text) {
    uint32_t character;
    for (size_t bytes; (bytes = text_decode(text, &character)) > 0; text += bytes)
        if (character == TEXT_NO_CHARACTER)
            *text = '?';
}

/* The input with the model's path for every placeholder. */
static void write_session(const uint8_t *data, size_t size, const char *model) {
    struct text text = {0};
    for (size_t i = 0; i < size;) {
        bool here = size - i >= sizeof placeholder - 1 &&
                    !memcmp(data + i, placeholder, sizeof placeholder - 1);
        if (here)
            text_append(&text, model);
        else
            text_append_bytes(&text, (const char *)data + i, 1);
        i += here ? sizeof placeholder - 1 : 1;
    }
    if (text.data)
        make_utf8(text.data);
    fuzz_write("in/m-0123456789abcdef.json", text.data ? text.data : "", text.length);
    text_free(&text);
}

static bool same_number(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

static void check_same(const struct saved_session *a, const struct saved_session *b) {
    fuzz_require(strcmp(a->model, b->model) == 0 && a->mark_count == b->mark_count &&
                     same_number(a->epsilon, b->epsilon) && a->layer == b->layer &&
                     a->neuron == b->neuron && strcmp(a->view, b->view) == 0 &&
                     options_equal(&a->choices.value, &b->choices.value),
                 "a session has changed on its way to the disk and back");
    for (size_t i = 0; i < a->mark_count; i++)
        fuzz_require(strcmp(a->marks[i].name, b->marks[i].name) == 0 &&
                         same_number(a->marks[i].epsilon, b->marks[i].epsilon),
                     "mark %zu has changed", i);
}

static void check_written(const struct saved_session *saved) {
    char directory[FUZZ_PATH_SIZE];
    struct saved_session again;
    struct error error = {0};
    bool found;
    fuzz_require(saved_session_write(saved, fuzz_path("out", directory), &error), "%s", error.text);
    fuzz_require(saved_session_find(directory, NULL, &again, &found, &error), "%s", error.text);
    fuzz_require(found, "what was saved is not found");
    check_same(saved, &again);
    saved_session_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char model[FUZZ_PATH_SIZE], directory[FUZZ_PATH_SIZE];
    struct saved_session saved = {0};
    bool found = false;
    mkdir(fuzz_path("in", directory), 0700);
    if (!fuzz_write("model.json", "{}", 2))
        return 0;
    write_session(data, size, fuzz_path("model.json", model));
    fuzz_budget(size, FUZZ_TIMES);
    bool read = saved_session_find(directory, NULL, &saved, &found, NULL);
    fuzz_budget_end();
    if (read && found)
        check_written(&saved);
    saved_session_free(&saved);
    fuzz_clear();
    return 0;
}
