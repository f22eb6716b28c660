/* Scripts without a terminal: lines in their order, scripts in scripts, errors that name their
 * place, tasks that are checked, and recordings that lead to the same state. */
#include "program_support.h"
#include "random_network.h"

#include "lumpscope/lesson.h"
#include "lumpscope/model_json.h"
#include "lumpscope/player.h"
#include "lumpscope/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* What a script said, and how it ended. */
struct outcome {
    char *said; /* freed by outcome_free */
    size_t size;
    bool done;
    struct error error;
};

static void outcome_free(struct outcome *outcome) {
    free(outcome->said);
}

static bool play_on(struct player *player, struct command_context *context, struct error *error) {
    while (player_state(player) != PLAYER_IDLE) {
        if (player_step(player, context, error) == COMMAND_FAILED)
            return false;
        session_wait(context->session);
    }
    return true;
}

/* Plays a file on a session, as `lumpscope run` does. */
static struct outcome play_in(struct session *session, const char *path) {
    struct outcome outcome = {0};
    FILE *out = open_memstream(&outcome.said, &outcome.size);
    assert_non_null(out);
    struct player *player = player_new(out, &outcome.error);
    must(player, &outcome.error);
    struct command_context context = {.session = session, .player = player};
    outcome.done =
        player_source(player, path, &outcome.error) && play_on(player, &context, &outcome.error);
    player_free(player);
    fclose(out);
    return outcome;
}

static struct outcome play(const char *path) {
    struct error error = {0};
    struct session *session = session_new(&error);
    must(session, &error);
    struct outcome outcome = play_in(session, path);
    session_free(session);
    return outcome;
}

static void expect_said(const char *script, const char *said) {
    write_file("s", script);
    struct outcome outcome = play("s");
    must(outcome.done, &outcome.error);
    assert_string_equal(outcome.said, said);
    outcome_free(&outcome);
}

static void expect_error(const char *script, const char *sentence) {
    write_file("s", script);
    struct outcome outcome = play("s");
    assert_false(outcome.done);
    if (!strstr(outcome.error.text, sentence))
        fail_msg("\"%s\" does not say \"%s\"", outcome.error.text, sentence);
    outcome_free(&outcome);
}

static void write_model(const char *path) {
    struct error error = {0};
    struct rng rng;
    rng_seed(&rng, 3);
    struct network *network = random_network_of(&rng, (size_t[]){3, 9, 2}, 2, ACTIVATION_SQUARE);
    must(model_json_save(network, path, NULL, NULL, &error), &error);
    network_free(network);
}

static void make_directory(const char *path) {
    assert_int_equal(mkdir(path, 0700), 0);
}

static void lines_run_in_their_order(void **state) {
    (void)state;
    expect_said("say one\nsay two\nsay three", "one\ntwo\nthree\n");
    expect_said("", "");
}

static void comments_and_line_ends_of_all_kinds_are_read(void **state) {
    (void)state;
    expect_said(
        "\xef\xbb\xbf# title: x\r\n\r\n  \t\n  # say no\n\tsay  a\\\n  b  \r\nsay c \\\r\nd",
        "ab\nc d\n");
    expect_said("# all \\\nsay seen\n", "seen\n");
}

static void what_is_said_needs_no_quotes(void **state) {
    (void)state;
    expect_said("say it's \"so\" \\ # yes   \n", "it's \"so\" \\ # yes\n");
    expect_said("say a\033[31mb\n", "a?[31mb\n");
    expect_error("say\n", "s:1: usage: say TEXT...");
}

static void scripts_lie_in_scripts(void **state) {
    (void)state;
    make_directory("d");
    write_file("d/inner", "say inner\nsource last");
    write_file("d/last", "say last");
    expect_said("say first\nsource d/inner\nsay behind", "first\ninner\nlast\nbehind\n");
}

static void a_script_that_plays_itself_is_refused(void **state) {
    (void)state;
    expect_error("say a\nsource s\n", "s:2: s: the script would play itself without end");
    write_file("t", "\nsource s");
    expect_error("source t", "t:2: s: the script would play itself");
}

static void scripts_lie_eight_deep_at_most(void **state) {
    (void)state;
    char name[8], line[32];
    for (int i = 0; i < PLAYER_DEPTH; i++) {
        snprintf(name, sizeof name, "n%d", i);
        snprintf(line, sizeof line, "source n%d", i + 1);
        write_file(name, line);
    }
    write_file("n7", "say deep");
    struct outcome outcome = play("n0");
    must(outcome.done, &outcome.error);
    assert_string_equal(outcome.said, "deep\n");
    outcome_free(&outcome);
    write_file("n7", "source n8");
    write_file("n8", "say too deep");
    outcome = play("n0");
    assert_false(outcome.done);
    assert_non_null(strstr(outcome.error.text, "n7:1: n8: scripts lie in each other 8 deep"));
    outcome_free(&outcome);
}

static void errors_name_file_and_line(void **state) {
    (void)state;
    expect_error("say a\n\n# b\nfrobnicate\n", "s:4: there is no command \"frobnicate\"");
    expect_error("say a \\\nb\nset relation\n", "s:3: ");
    expect_error("source nosuch\n", "s:1: nosuch: ");
    write_file("t", "say a\nlayer\n");
    expect_error("source t", "t:2: usage: layer");
    expect_error("say before\nopen nosuch.json\nsay behind\n", "s:2: ");
    expect_error("open nosuch.json", "s:1: ");
}

static void what_is_no_script_is_refused(void **state) {
    (void)state;
    char *large = malloc(PLAYER_BYTES + 2);
    assert_non_null(large);
    memset(large, '\n', PLAYER_BYTES + 1);
    large[PLAYER_BYTES + 1] = '\0';
    expect_error(large, "s: holds more than");
    free(large);
    FILE *file = fopen("s", "w");
    assert_non_null(file);
    fwrite("say a\0b", 1, 7, file);
    fclose(file);
    struct outcome outcome = play("s");
    assert_false(outcome.done);
    assert_non_null(strstr(outcome.error.text, "s: not a script"));
    outcome_free(&outcome);
}

static void tasks_are_checked_behind_their_answers(void **state) {
    (void)state;
    write_model("m.json");
    expect_said("open m.json\ntry epsilon>0.1 Move it.\nanswer eps 0.2\nsay well\n",
                "to do: Move it.\nwell\n");
    expect_error("open m.json\ntry epsilon>0.1 Move it.\nanswer eps 0.05\nanswer layer 1\nsay a\n",
                 "s:2: the answer does not do what the task asks for");
    expect_error("open m.json\ntry epsilon>0.1 Move it.", "s:2: the answer");
    expect_said("open m.json\ntry view=weights&layer=1 a\nanswer view weights\n"
                "try plot=on b\nanswer plot\ntry relation=backward&norm!=l2 c\n"
                "answer set relation backward\ntry classes>=1&classes<=9&parameters>0 d\n",
                "to do: a\nto do: b\nto do: c\nto do: d\n");
}

static void conditions_that_mean_nothing_are_refused(void **state) {
    (void)state;
    expect_error("try colour=blue x", "cannot ask for \"colour\": choose one of epsilon, classes,");
    expect_error("try grp<much x", "grp is compared with a number");
    expect_error("try grp x", "\"grp\" is no condition");
    expect_error("try view=sideways x", "view is never \"sideways\"");
    expect_error("try relation=sideways x", "relation is never \"sideways\"");
    expect_error("try relation<forward x", "relation has no order");
    expect_error("try a=1&b=2&c=3&d=4&e=5 x", "cannot ask for");
    expect_error("try grp>1&grp>1&grp>1&grp>1&grp>1 x", "at most 4");
    expect_error("try grp<50", "usage: try");
    expect_error("answer eps 1", "an answer stands in a script, behind the try");
}

static void the_state_is_said_in_a_line(void **state) {
    (void)state;
    write_model("m.json");
    write_file("s", "open m.json\nshow\n");
    struct outcome outcome = play("s");
    must(outcome.done, &outcome.error);
    assert_string_equal(outcome.said,
                        "epsilon 0; 9 neurons -> 9 classes; 56 -> 56 parameters (100.0 %)\n");
    outcome_free(&outcome);
    expect_error("show", "s:1: no network is open");
}

/* ---- Recording ---- */

static void run(struct command_context *context, const char *line) {
    struct error error = {0};
    if (command_run(context, line, &error) == COMMAND_FAILED)
        fail_msg("%s: %s", line, error.text);
    session_wait(context->session);
}

static struct command_context begin(void) {
    struct error error = {0};
    struct command_context context = {.session = session_new(&error)};
    must(context.session, &error);
    context.player = player_new(NULL, &error);
    must(context.player, &error);
    return context;
}

static void end(struct command_context *context) {
    player_free(context->player);
    session_free(context->session);
}

static void expect_same(struct session *a, struct session *b) {
    struct snapshot *first = session_latest(a), *second = session_latest(b);
    assert_true(first->epsilon > 0);
    assert_true(first->epsilon == second->epsilon);
    assert_int_equal(first->classes, second->classes);
    assert_int_equal(first->parameters, second->parameters);
    assert_true(first->after.state == second->after.state);
    if (first->after.state == FIGURE_EXACT)
        assert_true(first->after.value == second->after.value);
    for (int option = 0; option < OPTION_FAITHFUL; option++) {
        struct text values[2] = {0};
        options_value(&first->options, (enum option_id)option, &values[0]);
        options_value(&second->options, (enum option_id)option, &values[1]);
        assert_string_equal(values[0].data, values[1].data);
        text_free(&values[0]);
        text_free(&values[1]);
    }
    snapshot_release(first);
    snapshot_release(second);
}

static void expect_same_again(struct session *recorded, const char *path) {
    struct error error = {0};
    struct session *session = session_new(&error);
    must(session, &error);
    struct outcome outcome = play_in(session, path);
    must(outcome.done, &outcome.error);
    expect_same(recorded, session);
    outcome_free(&outcome);
    session_free(session);
}

static void a_recording_leads_to_the_same_state(void **state) {
    (void)state;
    static const char *const lines[] = {"next-event 3",   "set balance off", "slide +20%",
                                        "cycle relation", "previous-event",  "set norm l2",
                                        "slide +30%",     "cycle linkage",   "next-event 2"};
    write_model("a model.json");
    struct command_context context = begin();
    run(&context, "open 'a model.json'");
    run(&context, "set scale absolute");
    run(&context, "eps 0.05");
    run(&context, "record r");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        run(&context, lines[i]);
    run(&context, "record off");
    expect_same_again(context.session, "r");
    end(&context);
}

static void write_rows(const char *path) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 60; i++)
        fprintf(file, "%g,%g,%g,%g,%g\n", sin(i), cos(3 * i), sin(7 * i), cos(i), sin(5 * i));
    assert_int_equal(fclose(file), 0);
}

/* How the data is read, options that wait for another relation, marks: all of it is there again. */
static void a_recording_begins_where_the_session_is(void **state) {
    (void)state;
    write_model("begun.json");
    write_rows("begun.csv");
    struct command_context context = begin();
    run(&context, "open begun.json");
    run(&context, "set scale absolute");
    run(&context, "set norm l2");
    run(&context, "data begun.csv test-fraction 0.5 split-seed 7 header no");
    run(&context, "set linkage chain");
    run(&context, "last-event");
    run(&context, "mark far");
    run(&context, "first-event");
    run(&context, "record begun");
    run(&context, "jump far");
    run(&context, "set relation forward");
    run(&context, "next-event 2");
    run(&context, "record off");
    expect_same_again(context.session, "begun");
    end(&context);
}

/* As the mouse does it: many moves, one change. */
static void drag(struct command_context *context) {
    session_join_moves(context->session, true);
    run(context, "eps 0.3");
    run(context, "eps 0.4");
    session_join_moves(context->session, false);
    player_joined(context->player, session_undo_count(context->session));
}

static void take_step(struct command_context *context, char step) {
    if (step == 'd')
        drag(context);
    else if (step != ' ')
        run(context, step == 'u' ? "undo" : step == 'r' ? "redo" : "next-event 2");
}

/* What was done before the recording is not in the replay's history: there undo would take back the
 * lines the recording begins with. */
static void undoing_past_the_beginning_of_a_recording_is_replayed(void **state) {
    (void)state;
    static const char *const steps[] = {
        "u",      "ur",        "uuu",        "e u u",    "e u r",
        "uu e u", "uu r r",    "uuu r r r",  "e uu r r", "uu e e u r u u",
        "du",     "e d e u u", "d u u r r e"};
    write_model("past.json");
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct command_context context = begin();
        char path[16];
        snprintf(path, sizeof path, "record past%zu", i);
        run(&context, "open past.json");
        run(&context, "set scale absolute");
        run(&context, "eps 0.05");
        run(&context, "mark here");
        run(&context, "set norm l2");
        run(&context, "eps 0.2");
        run(&context, path);
        for (const char *step = steps[i]; *step; step++)
            take_step(&context, *step);
        run(&context, "record off");
        expect_same_again(context.session, path + strlen("record "));
        end(&context);
    }
}

static void a_recording_of_a_faithful_session_is_faithful(void **state) {
    (void)state;
    write_model("faithful.json");
    struct command_context context = begin();
    run(&context, "open faithful.json");
    run(&context, "set faithful");
    run(&context, "record faithful");
    run(&context, "set relation backward");
    run(&context, "next-event 3");
    run(&context, "record off");
    expect_same_again(context.session, "faithful");
    end(&context);
}

static void data_options_are_checked(void **state) {
    (void)state;
    write_model("checked.json");
    write_rows("checked.csv");
    expect_error("open checked.json\ndata checked.csv test-fraction",
                 "s:2: test-fraction needs a value");
    expect_error("open checked.json\ndata checked.csv fraction 0.5",
                 "s:2: there is no data option \"fraction\"");
    expect_error("open checked.json\ndata checked.csv split none split-seed 3",
                 "s:2: split none makes every row a test row");
}

/* Without a screen the chosen layer is that of the script. */
static void scripts_choose_layers_as_a_screen_does(void **state) {
    (void)state;
    write_model("chosen.json");
    expect_said("open chosen.json\nlock\ntry lock=1 one\nset lock none\ngoto 1 3\n"
                "lock\ntry lock=1&layer=1 two",
                "to do: one\nto do: two\n");
    expect_said("open chosen.json\nview next\ntry view=dendrogram one\nview previous\n"
                "view previous\ntry view=weights two",
                "to do: one\nto do: two\n");
}

static void expect_recorded(const char *path, const char *lines) {
    char *content = read_file(path);
    assert_non_null(content);
    const char *begin = strchr(content, '\n');
    assert_string_equal(begin + 1, lines);
    free(content);
}

static void commands_are_written_as_they_are_given(void **state) {
    (void)state;
    struct command_context context = begin();
    struct error error = {0};
    run(&context, "say not this");
    run(&context, "record given");
    expect_recorded("given", "");
    run(&context, "  say it's this");
    expect_recorded("given", "say it's this\n");
    run(&context, "prompt eps");
    run(&context, "back");
    assert_int_equal(command_run(&context, "frobnicate", &error), COMMAND_FAILED);
    assert_int_equal(command_run(&context, "set colour x", &error), COMMAND_FAILED);
    assert_int_equal(command_run(&context, "quit", &error), COMMAND_QUIT);
    run(&context, "record off");
    run(&context, "say nor this");
    expect_recorded("given", "say it's this\nback\n");
    end(&context);
}

static void what_a_script_does_is_recorded_as_its_name(void **state) {
    (void)state;
    write_file("s", "say a\n");
    struct command_context context = begin();
    struct error error = {0};
    run(&context, "record one");
    run(&context, "source s");
    must(play_on(context.player, &context, &error), &error);
    run(&context, "record off");
    expect_recorded("one", "source s\n");
    end(&context);
}

static void recordings_do_not_write_over_files_unasked(void **state) {
    (void)state;
    write_file("kept", "precious");
    struct command_context context = begin();
    struct error error = {0};
    assert_int_equal(command_run(&context, "record kept", &error), COMMAND_FAILED);
    assert_string_equal(error.text, "kept: exists; record! FILE replaces it");
    char *content = read_file("kept");
    assert_string_equal(content, "precious");
    free(content);
    run(&context, "record! kept");
    assert_int_equal(command_run(&context, "record other", &error), COMMAND_FAILED);
    assert_non_null(strstr(error.text, "already recording to kept"));
    run(&context, "record off");
    expect_recorded("kept", "");
    assert_int_equal(command_run(&context, "record off", &error), COMMAND_FAILED);
    assert_int_equal(command_run(&context, "record nosuch/x", &error), COMMAND_FAILED);
    assert_non_null(strstr(error.text, "nosuch/x: cannot be written"));
    end(&context);
}

static void a_full_disk_ends_the_recording(void **state) {
    (void)state;
    struct command_context context = begin();
    struct error error = {0};
    assert_int_equal(command_run(&context, "record /dev/full", &error), COMMAND_FAILED);
    assert_non_null(strstr(error.text, "/dev/full: cannot be written"));
    assert_null(player_recording(context.player));
    end(&context);
}

static void headers_of_lessons_are_read(void **state) {
    (void)state;
    const char *script = "# title:  A  lesson\r\n#minutes: 4\n\n# order: 1\n";
    char *title = lesson_header(script, "title"), *minutes = lesson_header(script, "minutes");
    assert_string_equal(title, "A  lesson");
    assert_string_equal(minutes, "4");
    assert_null(lesson_header(script, "order"));
    free(title);
    free(minutes);
}

static void lessons_are_found_and_ordered(void **state) {
    (void)state;
    char data[256], *work = getcwd(data, sizeof data);
    assert_non_null(work);
    make_directory("lumpscope");
    make_directory("lumpscope/samples");
    make_directory("lumpscope/samples/lessons");
    write_file("lumpscope/samples/lessons/b.lumpscope", "# title: Second\n# order: 0\n");
    write_file("lumpscope/samples/lessons/a.lumpscope", "say untitled\n");
    write_file("lumpscope/samples/lessons/notes.txt", "# title: none\n");
    assert_int_equal(setenv("XDG_DATA_HOME", data, 1), 0);
    struct lesson_list list;
    struct error error = {0};
    must(lesson_list_read(&list, &error), &error);
    assert_true(list.count >= 2);
    assert_string_equal(list.items[0].name, "b");
    assert_string_equal(list.items[0].title, "Second");
    assert_string_equal(list.items[list.count - 1].name, "a");
    assert_string_equal(lesson_find(&list, "a")->title, "a");
    assert_null(lesson_find(&list, "notes"));
    assert_false(lesson_refuse(&list, "c", &error));
    assert_non_null(strstr(error.text, "there is no lesson \"c\"; there are b, "));
    lesson_list_free(&list);
    unsetenv("XDG_DATA_HOME");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_run_in_their_order),
        cmocka_unit_test(comments_and_line_ends_of_all_kinds_are_read),
        cmocka_unit_test(what_is_said_needs_no_quotes),
        cmocka_unit_test(scripts_lie_in_scripts),
        cmocka_unit_test(a_script_that_plays_itself_is_refused),
        cmocka_unit_test(scripts_lie_eight_deep_at_most),
        cmocka_unit_test(errors_name_file_and_line),
        cmocka_unit_test(what_is_no_script_is_refused),
        cmocka_unit_test(tasks_are_checked_behind_their_answers),
        cmocka_unit_test(conditions_that_mean_nothing_are_refused),
        cmocka_unit_test(the_state_is_said_in_a_line),
        cmocka_unit_test(a_recording_leads_to_the_same_state),
        cmocka_unit_test(a_recording_begins_where_the_session_is),
        cmocka_unit_test(undoing_past_the_beginning_of_a_recording_is_replayed),
        cmocka_unit_test(a_recording_of_a_faithful_session_is_faithful),
        cmocka_unit_test(data_options_are_checked),
        cmocka_unit_test(scripts_choose_layers_as_a_screen_does),
        cmocka_unit_test(commands_are_written_as_they_are_given),
        cmocka_unit_test(what_a_script_does_is_recorded_as_its_name),
        cmocka_unit_test(recordings_do_not_write_over_files_unasked),
        cmocka_unit_test(a_full_disk_ends_the_recording),
        cmocka_unit_test(headers_of_lessons_are_read),
        cmocka_unit_test(lessons_are_found_and_ordered),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
