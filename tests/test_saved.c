/* Saved sessions: what is written is read again, and no file, however broken, does harm. */
#include "program_support.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/saved.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char directory[] = "state/sessions";

static void must(bool done, const struct error *error) {
    if (!done)
        fail_msg("%s", error->text);
}

static char *here(const char *name) {
    write_file(name, "{}");
    char *path = realpath(name, NULL);
    assert_non_null(path);
    return path;
}

static void choose(struct option_choices *choices, enum option_id option, const char *value) {
    struct error error = {0};
    must(options_choose(choices, option, value, &error), &error);
}

static struct saved_session example(const char *model, const char *data) {
    struct saved_session saved = {.model = here(model),
                                  .data = data ? here(data) : NULL,
                                  .epsilon = 0.1 + 0.2,
                                  .layer = 3,
                                  .neuron = 17,
                                  .view = "dendrogram",
                                  .title = "glycolysis",
                                  .when = 1700000000};
    struct error error = {0};
    data_recipe_defaults(&saved.recipe);
    must(data_recipe_set(&saved.recipe, "target", "y,z", &error), &error);
    must(data_recipe_set(&saved.recipe, "delimiter", "tab", &error), &error);
    must(data_recipe_set(&saved.recipe, "split-seed", "18446744073709551615", &error), &error);
    choose(&saved.choices, OPTION_RELATION, "joint");
    choose(&saved.choices, OPTION_NORM, "l2"); /* rests */
    choose(&saved.choices, OPTION_CALIBRATION, "77");
    choose(&saved.choices, OPTION_LOCK, "2,200");
    choose(&saved.choices, OPTION_SEED, "18446744073709551615");
    choose(&saved.choices, OPTION_MEMORY, "3G");
    saved.marks = memory_new(2, sizeof *saved.marks, NULL);
    saved.mark_count = 2;
    saved.marks[0] = (struct saved_mark){"a", 1e-300, saved.choices, 12, 25.5, 1.0 / 3};
    saved.marks[1] = (struct saved_mark){.name = "e\xcc\x81t\xc3\xa9", .grp = NAN, .figure = NAN};
    choose(&saved.marks[1].choices, OPTION_FAITHFUL, "");
    return saved;
}

static void expect_choices(const struct option_choices *a, const struct option_choices *b) {
    for (int option = 0; option < OPTION_COUNT; option++)
        assert_int_equal(a->given[option], b->given[option]);
    assert_true(options_equal(&a->value, &b->value));
}

static void expect_same(const struct saved_session *a, const struct saved_session *b) {
    assert_string_equal(a->model, b->model);
    assert_string_equal(a->data, b->data);
    assert_string_equal(a->recipe.target, b->recipe.target);
    assert_int_equal(a->recipe.delimiter, b->recipe.delimiter);
    assert_true(a->recipe.split_seed == b->recipe.split_seed);
    expect_choices(&a->choices, &b->choices);
    assert_true(a->epsilon == b->epsilon);
    assert_int_equal(a->mark_count, b->mark_count);
    for (size_t i = 0; i < a->mark_count; i++) {
        assert_string_equal(a->marks[i].name, b->marks[i].name);
        assert_true(a->marks[i].epsilon == b->marks[i].epsilon);
        assert_int_equal(a->marks[i].parameters, b->marks[i].parameters);
        assert_true(a->marks[i].figure == b->marks[i].figure || isnan(b->marks[i].figure));
        assert_int_equal(isnan(a->marks[i].grp), isnan(b->marks[i].grp));
        expect_choices(&a->marks[i].choices, &b->marks[i].choices);
    }
    assert_int_equal(a->layer, b->layer);
    assert_int_equal(a->neuron, b->neuron);
    assert_string_equal(a->view, b->view);
    assert_string_equal(a->title, b->title);
    assert_true(a->when == b->when);
}

/* The only session file there is; the caller frees. */
static char *only_file(void) {
    char path[512] = "";
    DIR *stream = opendir(directory);
    assert_non_null(stream);
    for (struct dirent *found; (found = readdir(stream));)
        if (found->d_name[0] != '.') {
            assert_string_equal(path, "");
            snprintf(path, sizeof path, "%s/%s", directory, found->d_name);
        }
    closedir(stream);
    assert_string_not_equal(path, "");
    return strdup(path);
}

static int empty_directory(void **state) {
    (void)state;
    DIR *stream = opendir(directory);
    for (struct dirent *found; stream && (found = readdir(stream));) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", directory, found->d_name);
        if (found->d_name[0] != '.')
            unlink(path);
    }
    if (stream)
        closedir(stream);
    return 0;
}

static void what_is_written_is_read_again(void **state) {
    (void)state;
    struct saved_session saved = example("m.json", "d.csv"), read;
    struct error error = {0};
    bool found;
    must(saved_session_find(directory, NULL, &read, &found, &error), &error);
    assert_false(found);
    must(saved_session_write(&saved, directory, &error), &error);
    must(saved_session_find(directory, "./m.json", &read, &found, &error), &error);
    assert_true(found);
    expect_same(&saved, &read);
    saved_session_free(&read);
    saved.epsilon = 7; /* over the model's older one */
    must(saved_session_write(&saved, directory, &error), &error);
    free(only_file());
    must(saved_session_find(directory, NULL, &read, &found, &error), &error);
    assert_true(found && read.epsilon == 7);
    saved_session_free(&read);
    unlink("d.csv"); /* its files are not all there */
    assert_false(saved_session_find(directory, "m.json", &read, &found, &error));
    assert_non_null(strstr(error.text, "d.csv, which is gone"));
    assert_false(found);
    saved_session_free(&saved);
}

/* Names of files are bytes, in whatever encoding. */
static void files_of_any_name_have_sessions(void **state) {
    (void)state;
    struct error error = {0};
    bool found;
    struct saved_session saved = example("gr\xf6\xdf"
                                         "e\x01.json",
                                         "d\xe4.csv"),
                         read;
    must(saved_session_write(&saved, directory, &error), &error);
    must(saved_session_find(directory,
                            "gr\xf6\xdf"
                            "e\x01.json",
                            &read, &found, &error),
         &error);
    assert_true(found);
    expect_same(&saved, &read);
    saved_session_free(&read);
    saved_session_free(&saved);
}

static void models_of_one_name_have_sessions_of_their_own(void **state) {
    (void)state;
    struct error error = {0};
    bool found;
    assert_int_equal(mkdir("other", 0777), 0);
    struct saved_session one = example("m.json", NULL), two = example("other/m.json", NULL), read;
    two.epsilon = 2;
    must(saved_session_write(&one, directory, &error), &error);
    must(saved_session_write(&two, directory, &error), &error);
    must(saved_session_find(directory, "m.json", &read, &found, &error), &error);
    assert_true(found && read.epsilon == one.epsilon);
    assert_null(read.data);
    saved_session_free(&read);
    must(saved_session_find(directory, "other/m.json", &read, &found, &error), &error);
    assert_true(found && read.epsilon == 2);
    saved_session_free(&read);
    saved_session_free(&one);
    saved_session_free(&two);
}

/* Whatever is cut off, it is a sentence that names the file. */
static void a_file_cut_anywhere_is_refused(void **state) {
    (void)state;
    struct saved_session saved = example("m.json", NULL), read;
    struct error error = {0};
    bool found;
    must(saved_session_write(&saved, directory, &error), &error);
    char *path = only_file();
    size_t size;
    char *whole = file_read(path, 1 << 20, &size, NULL, &error);
    must(whole, &error);
    for (size_t length = 0; length + 1 < size; length++) { /* last comes the end of the line */
        FILE *file = fopen(path, "wb");
        assert_int_equal(fwrite(whole, 1, length, file), length);
        fclose(file);
        assert_false(saved_session_find(directory, "m.json", &read, &found, &error));
        assert_non_null(strstr(error.text, path));
        assert_false(found);
        assert_null(read.model);
    }
    free(whole);
    free(path);
    saved_session_free(&saved);
}

static void hostile_files_are_refused_and_unknown_members_are_not(void **state) {
    (void)state;
    struct saved_session saved = example("m.json", NULL), read;
    struct error error = {0};
    bool found;
    must(saved_session_write(&saved, directory, &error), &error);
    char *path = only_file();
    static const char *const bad[] = {
        "",
        "null",
        "[]",
        "{}",
        "\"x\"",
        "{\"format\":\"lumpscope-session\"}",
        "{\"format\":\"lumpscope-session\",\"version\":2,\"model\":\"/m\"}",
        "{\"format\":\"lumpscope-session\",\"version\":1}",
        "{\"format\":\"lumpscope-session\",\"version\":1,\"model\":5}",
        "{\"format\":\"lumpscope-session\",\"version\":1,\"model\":\"relative\"}",
        "{\"format\":\"lumpscope-session\",\"version\":1,\"model\":\"/m\",\"epsilon\":-1}",
        "{\"format\":\"lumpscope-session\",\"version\":1,\"model\":\"/m\",\"epsilon\":1e999}",
        "{\"format\":\"lumpscope-session\",\"version\":1,\"model\":\"/m\",\"epsilon\":\"1\"}",
        "{\"format\":\"lumpscope-session\",\"version\":1,\"model\":\"/m\",\"layer\":-3}",
        "{\"format\":\"lumpscope-session\",\"version\":1,\"model\":\"/m\",\"layer\":1e300}",
        "{\"format\":\"lumpscope-session\",\"version\":1,\"model\":\"/m\",\"marks\":{}}",
        "{\"format\":\"lumpscope-session\",\"version\":1,\"model\":\"/m\",\"marks\":[1]}",
        "{\"format\":\"lumpscope-session\",\"version\":1,\"model\":\"/m\",\"marks\":[{}]}",
        "{\"format\":\"lumpscope-session\",\"version\":1,\"model\":\"/m\",\"marks\":[{\"name\":"
        "\"a name that is far too long for a mark\",\"epsilon\":1}]}",
        "{\"format\":\"lumpscope-session\",\"version\":1,\"model\":\"/m\",\"options\":[]}",
        "{\"format\":\"lumpscope-session\",\"version\":1,\"model\":\"/m\",\"options\":"
        "{\"relation\":\"sideways\"}}",
        "{\"format\":\"lumpscope-session\",\"version\":1,\"model\":\"/m\",\"recipe\":"
        "{\"test-fraction\":\"9\"}}",
        "{\"format\":\"lumpscope-session\",\"version\":1,\"model\":\"/m\"} trailing"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        write_file(path, bad[k]);
        error = (struct error){0};
        assert_false(saved_session_find(directory, "m.json", &read, &found, &error));
        assert_non_null(strstr(error.text, path));
        assert_false(saved_session_find(directory, NULL, &read, &found, &error));
    }
    char text[512];
    snprintf(text, sizeof text,
             "{\"format\":\"lumpscope-session\",\"version\":1,\"model\":\"%s\",\"new\":[{}],"
             "\"options\":{\"colour\":7},\"recipe\":{\"moon\":1},\"title\":\"\\u001b[31m\"}",
             saved.model);
    write_file(path, text);
    must(saved_session_find(directory, "m.json", &read, &found, &error), &error);
    assert_true(found);
    assert_string_equal(read.title, "?[31m");
    saved_session_free(&read);
    free(path);
    saved_session_free(&saved);
}

static void the_oldest_go_after_64(void **state) {
    (void)state;
    struct error error = {0};
    bool found;
    for (int k = 0; k < 70; k++) {
        char name[32];
        snprintf(name, sizeof name, "m%02d.json", k);
        struct saved_session saved = example(name, NULL);
        must(saved_session_write(&saved, directory, &error), &error);
        saved_session_free(&saved);
        usleep(2000);
    }
    size_t count = 0;
    DIR *stream = opendir(directory);
    for (struct dirent *entry; (entry = readdir(stream));)
        count += entry->d_name[0] != '.';
    closedir(stream);
    assert_int_equal(count, 64);
    struct saved_session read;
    must(saved_session_find(directory, "m05.json", &read, &found, &error), &error);
    assert_false(found);
    must(saved_session_find(directory, "m06.json", &read, &found, &error), &error);
    assert_true(found);
    saved_session_free(&read);
    must(saved_session_find(directory, NULL, &read, &found, &error), &error);
    assert_non_null(strstr(read.model, "m69.json"));
    saved_session_free(&read);
}

static void a_place_that_cannot_be_written_to_is_said(void **state) {
    (void)state;
    struct saved_session saved = example("m.json", NULL);
    struct error error = {0};
    write_file("file", "x");
    assert_false(saved_session_write(&saved, "file/sessions", &error));
    assert_non_null(strstr(error.text, "file"));
    saved_session_free(&saved);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_written_is_read_again, empty_directory),
        cmocka_unit_test_setup(files_of_any_name_have_sessions, empty_directory),
        cmocka_unit_test_setup(models_of_one_name_have_sessions_of_their_own, empty_directory),
        cmocka_unit_test_setup(a_file_cut_anywhere_is_refused, empty_directory),
        cmocka_unit_test_setup(hostile_files_are_refused_and_unknown_members_are_not,
                               empty_directory),
        cmocka_unit_test_setup(the_oldest_go_after_64, empty_directory),
        cmocka_unit_test_setup(a_place_that_cannot_be_written_to_is_said, empty_directory),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
