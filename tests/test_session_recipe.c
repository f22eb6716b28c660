/* What is said of a model stays with it: in changes, saved sessions, recordings and commands. */
#include "program_support.h"
#include "session_support.h"

#include "lumpscope/command.h"
#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/player.h"
#include "lumpscope/saved.h"
#include "session/history.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct model_recipe recipe_of(const char *activation, const char *block) {
    struct model_recipe recipe = {0};
    struct error error = {0};
    if (activation)
        must(model_recipe_set(&recipe, "activation", activation, &error), &error);
    if (block)
        must(model_recipe_set(&recipe, "block", block, &error), &error);
    return recipe;
}

/* The recipe of what is open now; NULL strings where nothing was said. */
static void expect_recipe(struct session *session, const char *activation, const char *layers,
                          const char *data) {
    struct saved_session now;
    session_wait(session);
    assert_true(session_describe(session, &now));
    assert_true((now.data != NULL) == (data != NULL));
    struct model_recipe expected = {.activation = (char *)activation, .layers = (char *)layers};
    if (!model_recipe_equal(&now.model_recipe, &expected))
        fail_msg("activation %s, layers %s instead of %s, %s", now.model_recipe.activation,
                 now.model_recipe.layers, activation, layers);
    saved_session_free(&now);
}

/* ---- The history ---- */

static void undo_and_redo_of_an_open_keep_it(void **state) {
    (void)state;
    struct history history;
    struct error error = {0};
    struct model_recipe up = recipe_of("gelu", "a.up,a.down"), other = recipe_of(NULL, "b.u,b.d");
    must(history_init(&history, &error), &error);
    history_open(&history, files_new("c.st", NULL, NULL, &up), true, "opened c.st");
    history_open(&history, files_new("c.st", NULL, NULL, &other), true, "opened c.st");
    assert_true(model_recipe_equal(&history_now(&history)->files->model_recipe, &other));
    assert_non_null(history_undo(&history, NULL));
    assert_true(model_recipe_equal(&history_now(&history)->files->model_recipe, &up));
    assert_non_null(history_redo(&history, NULL));
    assert_true(model_recipe_equal(&history_now(&history)->files->model_recipe, &other));
    model_recipe_free(&up);
    model_recipe_free(&other);
    history_free(&history);
}

static void marks_of_another_block_go_with_it(void **state) {
    (void)state;
    struct history history;
    struct error error = {0};
    struct model_recipe up = recipe_of("gelu", "a.up,a.down"), other = recipe_of(NULL, "b.u,b.d");
    must(history_init(&history, &error), &error);
    struct files *first = files_new("c.st", NULL, NULL, &up);
    history_open(&history, files_hold(first), true, "opened c.st");
    first->opened = true;
    assert_true(history_mark(&history, "here"));
    struct files *open = files_new("c.st", NULL, NULL, &other);
    history_refuse(&history, first, open); /* gone, while another block of the file is open */
    assert_null(history_mark_named(&history, "here"));
    files_release(open);
    files_release(first);
    model_recipe_free(&up);
    model_recipe_free(&other);
    history_free(&history);
}

/* ---- The session ---- */

static void data_and_undo_keep_what_was_said_of_the_model(void **state) {
    (void)state;
    struct place place = make_place(8, 60);
    struct error error = {0};
    struct model_recipe recipe = recipe_of("relu,tanh", NULL);
    struct session *session = session_new(&error);
    must(session, &error);
    session_open(session, place.model, NULL, NULL, &recipe);
    session_begin(session);
    model_recipe_free(&recipe);
    expect_recipe(session, "relu,tanh", NULL, NULL);
    session_data(session, place.data, NULL);
    expect_recipe(session, "relu,tanh", NULL, place.data);
    session_open(session, place.model, place.data, NULL, NULL);
    expect_recipe(session, NULL, NULL, place.data);
    must(session_undo(session, NULL, &error), &error);
    expect_recipe(session, "relu,tanh", NULL, place.data);
    must(session_undo(session, NULL, &error), &error);
    expect_recipe(session, "relu,tanh", NULL, NULL);
    must(session_redo(session, NULL, &error), &error);
    expect_recipe(session, "relu,tanh", NULL, place.data);
    session_free(session);
    remove_place(&place);
}

static void a_restored_session_reads_the_model_as_it_was_read(void **state) {
    (void)state;
    struct place place = make_place(8, 60);
    struct error error = {0};
    struct model_recipe recipe = recipe_of("relu", NULL);
    struct session *session = session_new(&error);
    must(session, &error);
    session_open(session, place.model, place.data, NULL, &recipe);
    session_begin(session);
    session_set_epsilon(session, 0.1);
    session_wait(session);
    struct saved_session saved;
    assert_true(session_saved(session, &saved));
    assert_string_equal(saved.model_recipe.activation, "relu");
    session_open(session, place.model, place.data, NULL, NULL);
    session_restore(session, &saved);
    expect_recipe(session, "relu", NULL, place.data);

    unlink(place.model);
    session_restore(session, &saved); /* it is open: not read again */
    expect_recipe(session, "relu", NULL, place.data);
    struct snapshot *shown = session_latest(session);
    assert_false(shown->message_is_error);
    snapshot_release(shown);
    free(saved.model_recipe.activation);
    saved.model_recipe.activation = memory_string("tanh", NULL);
    session_restore(session, &saved); /* read otherwise it is another network, and gone */
    expect_recipe(session, "relu", NULL, place.data);
    shown = session_latest(session);
    assert_true(shown->message_is_error);
    assert_non_null(strstr(shown->message, place.model));
    snapshot_release(shown);
    saved_session_free(&saved);
    session_free(session);
    model_recipe_free(&recipe);
    remove_place(&place);
}

/* ---- Saved sessions ---- */

static const char sessions[] = "sessions";

static struct saved_session example(void) {
    write_file("m.json", "{}");
    struct saved_session saved = {.model = realpath("m.json", NULL),
                                  .model_recipe = recipe_of("gelu", "h.0.up,h.0.down")};
    data_recipe_defaults(&saved.recipe);
    assert_non_null(saved.model);
    return saved;
}

static void saved_sessions_store_and_restore_it(void **state) {
    (void)state;
    struct saved_session saved = example(), read;
    struct error error = {0};
    bool found;
    must(saved_session_write(&saved, sessions, &error), &error);
    must(saved_session_find(sessions, "m.json", &read, &found, &error), &error);
    assert_true(found);
    assert_true(model_recipe_equal(&read.model_recipe, &saved.model_recipe));
    assert_null(read.model_recipe.layers);
    saved_session_free(&read);
    saved_session_free(&saved);
}

/* The only file in the directory, with its member "model_recipe" replaced; NULL: taken out. */
static void rewrite_recipe(const char *value) {
    assert_int_equal(system("mv sessions/m-*.json session.txt"), 0);
    char *text = read_file("session.txt");
    assert_non_null(text);
    cJSON *root = cJSON_Parse(text);
    assert_non_null(cJSON_GetObjectItem(root, "model_recipe"));
    cJSON_DeleteItemFromObject(root, "model_recipe");
    if (value)
        assert_true(cJSON_AddItemToObject(root, "model_recipe", cJSON_Parse(value)));
    char *changed = cJSON_Print(root);
    write_file("session.txt", changed);
    cJSON_free(changed);
    cJSON_Delete(root);
    free(text);
}

/* Writes the example, changes it, and looks for it. */
static bool find_changed(const char *value, struct saved_session *read, struct error *error) {
    struct saved_session saved = example();
    bool found;
    must(saved_session_write(&saved, sessions, error), error);
    saved_session_free(&saved);
    char name[256];
    FILE *list = popen("ls sessions/m-*.json", "r");
    assert_non_null(list);
    assert_non_null(fgets(name, sizeof name, list));
    pclose(list);
    name[strcspn(name, "\n")] = '\0';
    rewrite_recipe(value);
    assert_int_equal(rename("session.txt", name), 0);
    return saved_session_find(sessions, "m.json", read, &found, error) && found;
}

static void sessions_of_before_still_read(void **state) {
    (void)state;
    struct saved_session read;
    struct error error = {0};
    must(find_changed(NULL, &read, &error), &error);
    assert_null(read.model_recipe.activation);
    assert_null(read.model_recipe.block);
    saved_session_free(&read);
    must(find_changed("{\"activation\": \"relu\", \"later\": 1}", &read, &error), &error);
    assert_string_equal(read.model_recipe.activation, "relu");
    saved_session_free(&read);
}

static void what_cannot_be_said_of_a_model_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"3", "{\"activation\": 7}", "{\"activation\": \"nonsense\"}",
                                      "{\"block\": \"only-one\"}", "{\"layers\": \",\"}"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        struct saved_session read;
        struct error error = {0};
        assert_false(find_changed(bad[k], &read, &error));
        assert_non_null(strstr(error.text, sessions));
        saved_session_free(&read);
    }
}

/* ---- Commands ---- */

static void run_line(struct command_context *context, const char *line) {
    struct error error = {0};
    if (command_run(context, line, &error) == COMMAND_FAILED)
        fail_msg("%s: %s", line, error.text);
    session_wait(context->session);
}

static void refused_line(struct command_context *context, const char *line, const char *part) {
    struct error error = {0};
    assert_int_equal(command_run(context, line, &error), COMMAND_FAILED);
    if (!strstr(error.text, part))
        fail_msg("%s: \"%s\" does not say \"%s\"", line, error.text, part);
}

static void open_takes_a_models_options(void **state) {
    (void)state;
    struct place place = make_place(8, 60);
    struct error error = {0};
    struct command_context context = {.session = session_new(&error)};
    char line[512];
    must(context.session, &error);
    snprintf(line, sizeof line, "open %s %s activation relu layers a,b", place.model, place.data);
    run_line(&context, line);
    expect_recipe(context.session, "relu", "a,b", place.data);
    snprintf(line, sizeof line, "open %s activation tanh,relu", place.model);
    run_line(&context, line);
    expect_recipe(context.session, "tanh,relu", NULL, NULL);
    snprintf(line, sizeof line, "open %s", place.model);
    run_line(&context, line);
    expect_recipe(context.session, NULL, NULL, NULL);
    refused_line(&context, "open m.st activation", "activation needs a value");
    refused_line(&context, "open m.st d.csv activation", "activation needs a value");
    refused_line(&context, "open m.st d.csv nonsense 3", "unknown model option nonsense");
    refused_line(&context, "open m.st activation nonsense", "unknown activation \"nonsense\"");
    refused_line(&context, "open m.st block one", "block \"one\" cannot be read");
    expect_recipe(context.session, NULL, NULL, NULL);
    session_free(context.session);
    remove_place(&place);
}

/* What is recorded of a session with this data option, played again in another one. */
static void record_and_play(const struct place *place, const char *data_option) {
    struct error error = {0};
    char line[512];
    struct command_context context = {.session = session_new(&error),
                                      .player = player_new(stdout, &error)};
    must(context.session && context.player, &error);
    snprintf(line, sizeof line, "open %s activation relu layers 'a b,c'", place->model);
    run_line(&context, line);
    snprintf(line, sizeof line, "data %s%s", place->data, data_option);
    run_line(&context, line);
    run_line(&context, "record! recorded.txt");
    run_line(&context, "eps 0.1");
    run_line(&context, "record off");
    session_free(context.session);
    player_free(context.player);

    context = (struct command_context){.session = session_new(&error),
                                       .player = player_new(stdout, &error)};
    must(context.session && context.player, &error);
    must(player_source(context.player, "recorded.txt", &error), &error);
    while (player_state(context.player) == PLAYER_READY) {
        if (player_step(context.player, &context, &error) == COMMAND_FAILED)
            fail_msg("%s", error.text);
        session_wait(context.session);
    }
    expect_recipe(context.session, "relu", "a b,c", place->data);
    session_free(context.session);
    player_free(context.player);
}

static void recordings_open_the_model_as_it_was_read(void **state) {
    (void)state;
    struct place place = make_place(8, 60);
    record_and_play(&place, "");
    record_and_play(&place, " test-fraction 0.5");
    remove_place(&place);
}

/* Its command would not open the file otherwise. */
static void a_report_says_how_the_model_was_read(void **state) {
    (void)state;
    struct error error = {0};
    struct place place = make_place(8, 60);
    struct command_context context = {.session = session_new(&error)};
    char line[400];
    must(context.session != NULL, &error);
    snprintf(line, sizeof line, "open %s activation relu", place.model);
    run_line(&context, line);
    session_wait(context.session);
    run_line(&context, "export again.md");
    session_wait(context.session);
    size_t size;
    char *page = file_read("again.md", 1 << 20, &size, NULL, &error);
    must(page != NULL, &error);
    assert_non_null(strstr(page, " --activation relu "));
    free(page);
    unlink("again.md");
    session_free(context.session);
    remove_place(&place);
}

static void a_write_is_refused_before_it_is_asked_for(void **state) {
    (void)state;
    struct place place = make_place(8, 60);
    struct command_context context = {.session = open_session(&place)};
    char line[512];
    session_wait(context.session);
    refused_line(&context, "write small.pt", "no model format has this suffix");
    refused_line(&context, "write small.json f17", "f64|f32|f16|bf16");
    refused_line(&context, "write! /nonexistent/small.json", "/nonexistent");
    assert_false(file_exists("small.pt"));
    snprintf(line, sizeof line, "write %s f32", place.out);
    run_line(&context, line);
    struct snapshot *shown = session_latest(context.session);
    assert_non_null(strstr(shown->message, "F32"));
    assert_true(file_exists(place.out));
    snapshot_release(shown);
    session_free(context.session);
    remove_place(&place);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(undo_and_redo_of_an_open_keep_it),
        cmocka_unit_test(marks_of_another_block_go_with_it),
        cmocka_unit_test(data_and_undo_keep_what_was_said_of_the_model),
        cmocka_unit_test(a_restored_session_reads_the_model_as_it_was_read),
        cmocka_unit_test(saved_sessions_store_and_restore_it),
        cmocka_unit_test(sessions_of_before_still_read),
        cmocka_unit_test(what_cannot_be_said_of_a_model_is_refused),
        cmocka_unit_test(open_takes_a_models_options),
        cmocka_unit_test(recordings_open_the_model_as_it_was_read),
        cmocka_unit_test(a_report_says_how_the_model_was_read),
        cmocka_unit_test(a_write_is_refused_before_it_is_asked_for),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
