/* The live key table: what keys give, how they are bound anew, what help and the status line find
 * in it; names of keys; lines that are put together again. */
#include "fake_session.h"

#include "lumpscope/command.h"
#include "lumpscope/paths.h"
#include "lumpscope/text.h"
#include "tui/complete.h"
#include "tui/keys.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <readline/readline.h>

static struct keymap defaults(void) {
    struct keymap map;
    assert_true(keymap_init(&map, NULL));
    assert_true(map.count > key_binding_count);
    return map;
}

static void keys_of_a_pane_come_before_those_of_every_pane(void **state) {
    (void)state;
    struct keymap map = defaults();
    assert_string_equal(keymap_command(&map, INPUT_KEY_LEFT, PANE_CLASSES), "move left");
    assert_string_equal(keymap_command(&map, INPUT_KEY_LEFT, PANE_LAYERS), "previous-event");
    assert_null(keymap_own_command(&map, INPUT_KEY_LEFT, PANE_LAYERS));
    assert_true(keymap_bind(&map, 'z', PANE_ANY, "undo", NULL));
    assert_true(keymap_bind(&map, 'z', PANE_PLOT, "redo", NULL));
    assert_string_equal(keymap_command(&map, 'z', PANE_PLOT), "redo");
    assert_string_equal(keymap_command(&map, 'z', PANE_NUMBERS), "undo");
    keymap_free(&map);
}

static void a_key_that_is_bound_anew_gives_only_the_new_command(void **state) {
    (void)state;
    struct keymap map = defaults();
    size_t count = map.count;
    assert_true(keymap_bind(&map, 'x', PANE_ANY, "write 'a b'", NULL));
    assert_int_equal(map.count, count);
    assert_string_equal(keymap_command(&map, 'x', PANE_LAYERS), "write 'a b'");
    assert_int_equal(keymap_key(&map, "lock", PANE_LAYERS), 0);
    keymap_free(&map);
}

static void a_key_that_is_unbound_does_nothing(void **state) {
    (void)state;
    struct keymap map = defaults();
    struct error error = {0};
    assert_true(keymap_unbind(&map, INPUT_KEY_LEFT, PANE_CLASSES, &error));
    assert_string_equal(keymap_command(&map, INPUT_KEY_LEFT, PANE_CLASSES), "previous-event");
    assert_true(keymap_unbind(&map, INPUT_KEY_LEFT, PANE_ANY, &error));
    assert_null(keymap_command(&map, INPUT_KEY_LEFT, PANE_CLASSES));
    assert_false(keymap_unbind(&map, INPUT_KEY_LEFT, PANE_ANY, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_non_null(strstr(error.text, "Left"));
    keymap_free(&map);
}

/* The names listed for a command of a place, as help in `pane` shows them; NULL: not listed. */
static bool listed(const struct keymap *map, const char *command, enum pane place, enum pane pane,
                   struct text *names) {
    for (size_t i = 0; i < map->count; i++) {
        keymap_names(map, i, pane, names);
        if (map->items[i].pane == place && names->length > 0 &&
            !strcmp(map->items[i].command, command))
            return true;
    }
    return false;
}

static void help_lists_each_command_once_with_the_keys_that_work(void **state) {
    (void)state;
    struct keymap map = defaults();
    struct text names = {0};
    assert_true(listed(&map, "previous-event", PANE_ANY, PANE_LAYERS, &names));
    assert_string_equal(names.data, "h Left");
    assert_true(listed(&map, "previous-event", PANE_ANY, PANE_CLASSES, &names));
    assert_string_equal(names.data, "h");
    assert_false(listed(&map, "layer down", PANE_ANY, PANE_LAYERS, &names));
    assert_true(keymap_bind(&map, 18, PANE_ANY, "redo", NULL));
    assert_true(listed(&map, "redo", PANE_ANY, PANE_LAYERS, &names));
    assert_string_equal(names.data, "U C-r");
    size_t times = 0;
    for (size_t i = 0; i < map.count; i++) {
        keymap_names(&map, i, PANE_ANY, &names);
        times += names.length > 0 && !strcmp(map.items[i].command, "redo");
    }
    assert_int_equal(times, 1);
    text_free(&names);
    keymap_free(&map);
}

static void the_first_key_that_works_in_a_pane_is_found(void **state) {
    (void)state;
    struct keymap map = defaults();
    assert_int_equal(keymap_key(&map, "next-event", PANE_LAYERS), 'l');
    assert_int_equal(keymap_key(&map, "back", PANE_OVERLAY), INPUT_KEY_ESCAPE);
    assert_true(keymap_bind(&map, 'l', PANE_NUMBERS, "undo", NULL));
    assert_int_equal(keymap_key(&map, "next-event", PANE_NUMBERS), INPUT_KEY_RIGHT);
    assert_int_equal(keymap_key(&map, "frobnicate", PANE_NUMBERS), 0);
    keymap_free(&map);
}

static void a_command_bound_by_a_user_has_words_too(void **state) {
    (void)state;
    assert_string_equal(keymap_help("undo", PANE_ANY), "take the last change back");
    assert_string_equal(keymap_help("enter", PANE_CLASSES),
                        "look at the neuron under the cursor; weights: read or sent");
    assert_string_equal(keymap_help("set refit off", PANE_ANY), "set refit off");
}

static int32_t key_named(const char *name) {
    return input_key_find(name, strlen(name));
}

static void keys_have_names_that_are_read_back(void **state) {
    (void)state;
    char name[INPUT_NAME_SIZE];
    for (size_t i = 0; input_key_listed(i); i++)
        assert_string_equal(input_key_name(key_named(input_key_listed(i)), name),
                            input_key_listed(i));
    assert_int_equal(key_named("enter"), INPUT_KEY_ENTER);
    assert_int_equal(key_named("C-r"), 18);
    assert_int_equal(key_named("c-R"), 18);
    assert_int_equal(key_named("C-h"), INPUT_KEY_BACKSPACE);
    assert_int_equal(key_named("x"), 'x');
    assert_int_equal(key_named("X"), 'X');
    assert_int_equal(key_named("\xc3\xa9"), 0xe9);
    assert_int_equal(key_named("U+00E9"), 0xe9);
    assert_string_equal(input_key_name(0xe9, name), "U+00E9");
    static const char *const wrong[] = {"", "xy", "C-", "C-1", "C-rr", "U+", "U+110000", "F1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(key_named(wrong[i]), 0);
}

static void words_become_a_line_that_splits_again(void **state) {
    (void)state;
    static const char *const words[] = {"write", "a \"b\" c\\d", "", "it's"};
    struct text line = {0};
    struct command_words back;
    command_join(4, words, &line);
    assert_true(command_split(line.data, &back, NULL));
    assert_int_equal(back.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(back.word[i], words[i]);
    command_words_free(&back);
    static const char *const whole[] = {"set refit off"};
    command_join(1, whole, &line);
    assert_string_equal(line.data, "set refit off");
    text_free(&line);
}

static void bound_commands_are_checked_without_a_screen(void **state) {
    (void)state;
    struct session *session = fake_session_new(FAKE_SQUARE);
    struct command_context context = {.session = session};
    struct error error = {0};
    static const char *const right[] = {"bind x lock", "bind classes Enter enter",
                                        "bind C-r 'set refit off'", "unbind x"};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_int_not_equal(command_run(&context, right[i], &error), COMMAND_FAILED);
    static const char *const wrong[] = {"bind x", "bind x frobnicate", "bind x eps",
                                        "bind classes x eps 1 2"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        error = (struct error){0};
        assert_int_equal(command_run(&context, wrong[i], &error), COMMAND_FAILED);
        assert_int_equal(error.kind, ERROR_USAGE);
    }
    session_free(session);
}

/* A command without one would be missing in its group of the help. */
static void every_listed_command_has_a_topic_whose_example_could_be_typed(void **state) {
    (void)state;
    for (size_t i = 0; i < explorer_command_count; i++)
        if (explorer_commands[i].listed && !command_topic_find(explorer_commands[i].name))
            fail_msg("command_topics.c says nothing of %s", explorer_commands[i].name);
    for (size_t i = 0; i < command_topic_count; i++) {
        const struct command_topic *topic = &command_topics[i];
        struct error error = {0};
        if (!command_check(topic->example, &error))
            fail_msg("the example of %s: %s", topic->name, error.text);
        assert_int_equal(strncmp(topic->example, topic->name, strlen(topic->name)), 0);
        assert_ptr_equal(command_topic_find(topic->name), topic);
    }
}

/* What Tab adds to the line, whose last word begins at byte `start`; "" for nothing that fits. */
static void completes(struct snapshot *snapshot, const char *line, int start, const char *wanted) {
    struct prompt_choices choices = {.snapshot = snapshot, .layer = 1};
    char copy[64], *kept = rl_line_buffer;
    snprintf(copy, sizeof copy, "%s", line);
    rl_line_buffer = copy;
    char **matches = complete_word(&choices, copy + start, start);
    rl_line_buffer = kept;
    assert_string_equal(matches ? matches[0] : "", wanted);
    for (size_t i = 0; matches && matches[i]; i++)
        free(matches[i]);
    free(matches);
}

static void tab_knows_the_names_of_marks(void **state) {
    (void)state;
    struct mark_view marks[] = {{.name = "small"}, {.name = "smart"}, {.name = "best"}};
    struct snapshot snapshot = {.marks = marks, .mark_count = 3};
    completes(&snapshot, "jump b", 5, "best");
    completes(&snapshot, "unmark s", 7, "sma");
    completes(&snapshot, "jump x", 5, "");
    completes(&snapshot, "jump best b", 10, "");
    completes(&snapshot, "bind x jump b", 12, "best");
}

static void tab_knows_every_topic_of_help(void **state) {
    (void)state;
    struct snapshot snapshot = {0};
    completes(&snapshot, "help les", 5, "lessons");
    completes(&snapshot, "help comm", 5, "commands");
    completes(&snapshot, "help den", 5, "dendrogram");
    completes(&snapshot, "help weig", 5, "weights");
}

static void lines_of_a_text_come_one_by_one(void **state) {
    (void)state;
    const char *rest = "a\r\n\nb c\n#";
    static const char *const lines[] = {"a", "", "b c", "#"};
    struct text line = {0};
    for (size_t i = 0; i < 4; i++) {
        assert_true(text_line_next(&rest, &line));
        assert_string_equal(line.data, lines[i]);
    }
    assert_false(text_line_next(&rest, &line));
    rest = "\n";
    assert_true(text_line_next(&rest, &line));
    assert_string_equal(line.data, "");
    assert_false(text_line_next(&rest, &line));
    text_free(&line);
}

static void touch(const char *directory, const char *name) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

static void names_of_files_are_listed_once_without_their_ending(void **state) {
    (void)state;
    char directory[] = "/tmp/lumpscope-names-XXXXXX", path[128];
    assert_non_null(mkdtemp(directory));
    static const char *const files[] = {"b.json", "a.json", "a.csv", ".hidden.json", "note"};
    for (size_t i = 0; i < 5; i++)
        touch(directory, files[i]);
    const char *directories[] = {directory, "/nonexistent", directory, NULL};
    char **names = paths_names(directories, ".json");
    assert_string_equal(names[0], "a");
    assert_string_equal(names[1], "b");
    assert_null(names[2]);
    paths_names_free(names);
    names = paths_names(directories, "");
    assert_string_equal(names[2], "note");
    assert_null(names[3]);
    paths_names_free(names);
    for (size_t i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, files[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(directory), 0);
}

static void samples_are_found_by_the_name_of_their_files(void **state) {
    (void)state;
    char *model, *data;
    struct error error = {0};
    assert_true(paths_sample(paths_embedded_sample, &model, &data, &error));
    free(model);
    free(data);
    assert_true(paths_sample("polymer", &model, &data, &error));
    assert_non_null(strstr(model, "polymer.json"));
    assert_non_null(strstr(data, "polymer.csv"));
    free(model);
    free(data);
    static const char *const wrong[] = {"", "nosuch", "../samples/polymer"};
    for (size_t i = 0; i < 3; i++) {
        error = (struct error){0};
        assert_false(paths_sample(wrong[i], &model, &data, &error));
        assert_non_null(strstr(error.text, "sample"));
    }
}

int main(void) {
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_a_pane_come_before_those_of_every_pane),
        cmocka_unit_test(a_key_that_is_bound_anew_gives_only_the_new_command),
        cmocka_unit_test(a_key_that_is_unbound_does_nothing),
        cmocka_unit_test(help_lists_each_command_once_with_the_keys_that_work),
        cmocka_unit_test(the_first_key_that_works_in_a_pane_is_found),
        cmocka_unit_test(a_command_bound_by_a_user_has_words_too),
        cmocka_unit_test(keys_have_names_that_are_read_back),
        cmocka_unit_test(words_become_a_line_that_splits_again),
        cmocka_unit_test(bound_commands_are_checked_without_a_screen),
        cmocka_unit_test(every_listed_command_has_a_topic_whose_example_could_be_typed),
        cmocka_unit_test(tab_knows_the_names_of_marks),
        cmocka_unit_test(tab_knows_every_topic_of_help),
        cmocka_unit_test(lines_of_a_text_come_one_by_one),
        cmocka_unit_test(samples_are_found_by_the_name_of_their_files),
        cmocka_unit_test(names_of_files_are_listed_once_without_their_ending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
