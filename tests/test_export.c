/* What the explorer exports is what the sweep and encode commands write; nothing that is open, or
 * that cannot be had, is written over. */
#include "random_network.h"
#include "session_twin.h"

#include "lumpscope/command.h"
#include "lumpscope/encoding.h"
#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/sweep_report.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct twin_place tanh_place(size_t rows) {
    struct rng rng;
    rng_seed(&rng, 21);
    return twin_place_make(random_network_of(&rng, (size_t[]){3, 8, 6, 2}, 3, ACTIVATION_TANH),
                           rows);
}

static char *path_in(const struct twin_place *place, const char *name) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", place->directory, name);
    return path;
}

/* For the caller to free. */
static char *read_whole(const char *path) {
    struct error error = {0};
    size_t size;
    char *content = file_read(path, 1 << 24, &size, NULL, &error);
    must(content, &error);
    return content;
}

/* Waits, and gives the last sentence. */
static void said(struct session *session, bool is_error, const char *part) {
    struct snapshot *shown = settled(session);
    if (!strstr(shown->message, part) || shown->message_is_error != is_error)
        fail_msg("\"%s\" does not say \"%s\"", shown->message, part);
    snapshot_release(shown);
}

static void curves_are_written_as_the_sweep_command_writes_them(void **state) {
    (void)state;
    struct error error = {0};
    struct twin_place place = tanh_place(300);
    struct session *session = twin_place_open(&place);
    session_sweep(session, 6);
    struct snapshot *shown = settled(session);
    struct twin twin = twin_make(&place, &shown->options);
    struct sweep sweep;
    struct sweep_options options = {.methods = {true, true, true, true, true}, .points = 6};
    must(sweep_run(&sweep, &twin.study, &options, NULL, NULL, &error), &error);
    assert_true(sweep.count >= 12);
    for (enum report_format format = 0; format < REPORT_FORMATS; format++) {
        struct text expected = {0};
        char name[32];
        snprintf(name, sizeof name, "curves%s", report_suffix(format));
        session_export(session, path_in(&place, name), REPORT_CURVE, 0);
        said(session, false, "points");
        char *written = read_whole(path_in(&place, name));
        must(sweep_report(&sweep, &shown->options, format, &expected, &error), &error);
        assert_string_equal(written, expected.data);
        text_free(&expected);
        free(written);
    }
    sweep_free(&sweep);
    twin_free(&twin);
    snapshot_release(shown);
    session_free(session);
    twin_place_remove(&place);
}

static void the_state_is_that_of_the_engine(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum report_kind kind;
        size_t layer;
    } files[] = {{"state.json", REPORT_STATE, 0},    {"state.md", REPORT_KINDS, 0},
                 {"state.csv", REPORT_KINDS, 2},     {"tree.svg", REPORT_DENDROGRAM, 2},
                 {"classes.svg", REPORT_CLASSES, 0}, {"classes.json", REPORT_CLASSES, 1}};
    struct error error = {0};
    struct twin_place place = tanh_place(300);
    struct session *session = twin_place_open(&place);
    session_step(session, 4);
    struct snapshot *shown = settled(session);
    struct twin twin = twin_make(&place, &shown->options);
    struct state_report same = {.model_path = place.model,
                                .data_path = place.data,
                                .study = &twin.study,
                                .original_bytes = shown->original_bytes,
                                .bytes = shown->bytes};
    struct network *small =
        study_reduce(&twin.study, shown->epsilon, false, &same.after, NULL, &error);
    must(small, &error);
    same.reduced = small;
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        struct text expected = {0};
        const char *path = path_in(&place, files[k].name);
        enum report_format format = report_format_of(path);
        bool usual = files[k].kind == REPORT_KINDS;
        enum report_kind kind = usual ? report_kind_default(format) : files[k].kind;
        session_export(session, path, files[k].kind, files[k].layer);
        session_step(session, 1); /* comes after it */
        session_step(session, -1);
        said(session, false, files[k].name);
        must(state_report(&same, kind, report_kind_has_layers(kind) ? files[k].layer : 0, format,
                          &expected, NULL, &error),
             &error);
        char *written = read_whole(path);
        assert_string_equal(written, expected.data);
        text_free(&expected);
        free(written);
    }
    network_free(small);
    twin_free(&twin);
    snapshot_release(shown);
    session_free(session);
    twin_place_remove(&place);
}

static void the_system_is_that_of_the_reduced_network(void **state) {
    (void)state;
    struct error error = {0};
    struct rng rng;
    rng_seed(&rng, 4);
    struct twin_place place =
        twin_place_make(random_network_of(&rng, (size_t[]){3, 6, 2}, 2, ACTIVATION_SQUARE), 0);
    struct session *session = twin_place_open(&place);
    session_step(session, 3);
    session_export(session, path_in(&place, "small.ode"), REPORT_KINDS, 0);
    session_step(session, 1); /* comes after it */
    said(session, false, "small.ode");
    char *written = read_whole(path_in(&place, "small.ode"));
    session_step(session, -1);
    struct snapshot *shown = settled(session);
    struct twin twin = twin_make(&place, &shown->options);
    struct network *small = study_reduce(&twin.study, shown->epsilon, false, NULL, NULL, &error);
    must(small, &error);
    must(encoding_save(small, path_in(&place, "direct.ode"), &error), &error);
    char *direct = read_whole(path_in(&place, "direct.ode"));
    assert_string_equal(written, direct);
    free(written);
    free(direct);
    network_free(small);
    twin_free(&twin);
    snapshot_release(shown);
    session_free(session);
    twin_place_remove(&place);
}

static void what_cannot_be_exported_is_said_and_not_written(void **state) {
    (void)state;
    struct twin_place place = tanh_place(200);
    struct session *session = twin_place_open(&place);
    session_export(session, path_in(&place, "early.csv"), REPORT_CURVE, 0);
    said(session, true, "press s");
    session_export(session, path_in(&place, "curves.pdf"), REPORT_KINDS, 0);
    said(session, true, ".csv, .json, .svg or .md");
    session_export(session, path_in(&place, "curves"), REPORT_KINDS, 0);
    said(session, true, "no format");
    session_export(session, path_in(&place, "tree.ode"), REPORT_DENDROGRAM, 1);
    said(session, true, "equations alone");
    session_export(session, path_in(&place, "state.svg"), REPORT_STATE, 0);
    said(session, true, "no picture");
    session_export(session, path_in(&place, "classes.svg"), REPORT_CLASSES, 9);
    said(session, true, "no hidden layer 9");
    session_export(session, path_in(&place, "system.ode"), REPORT_KINDS, 0);
    said(session, true, "tanh");
    session_export(session, place.data, REPORT_CURVE, 0);
    said(session, true, "is open");
    session_export(session, "/nonexistent/curves.csv", REPORT_CURVE, 0);
    said(session, true, "press s");
    assert_false(file_exists(path_in(&place, "early.csv")));
    assert_false(file_exists(path_in(&place, "system.ode")));
    session_sweep(session, 3);
    session_wait(session);
    session_export(session, "/nonexistent/curves.csv", REPORT_CURVE, 0);
    said(session, true, "/nonexistent");
    /* Other options, other curves: the old ones are not those. */
    struct error error = {0};
    must(session_set_option(session, OPTION_LINKAGE, "chain", &error), &error);
    session_export(session, path_in(&place, "early.csv"), REPORT_CURVE, 0);
    said(session, true, "press s");
    session_free(session);
    twin_place_remove(&place);
}

static void without_data_there_is_nothing_to_wait_for(void **state) {
    (void)state;
    struct twin_place place = tanh_place(0);
    struct session *session = twin_place_open(&place);
    session_export(session, path_in(&place, "curves.csv"), REPORT_CURVE, 0);
    said(session, true, ":data FILE");
    session_free(session);
    twin_place_remove(&place);
}

static enum command_outcome run(struct session *session, const char *command, const char *path,
                                struct error *error) {
    struct command_context context = {.session = session};
    char line[200];
    snprintf(line, sizeof line, "%.*s%s%s", (int)(strstr(command, "%s") - command), command, path,
             strstr(command, "%s") + 2);
    return command_run(&context, line, error);
}

static void words_say_what_is_exported_of_which_layer(void **state) {
    (void)state;
    struct error error = {0};
    struct twin_place place = tanh_place(200);
    struct session *session = twin_place_open(&place);
    session_wait(session);
    const char *path = path_in(&place, "tree.csv");
    assert_int_equal(run(session, "export %s dendrogram 2", path, &error), COMMAND_DONE);
    said(session, false, "dendrogram of layer 2");
    char *tree = read_whole(path);
    assert_non_null(strstr(tree, "\n2,"));
    assert_null(strstr(tree, "\n1,"));
    free(tree);
    assert_int_equal(run(session, "export! %s dendrogram all", path, &error), COMMAND_DONE);
    said(session, false, "dendrogram at eps");
    tree = read_whole(path);
    assert_non_null(strstr(tree, "\n1,"));
    free(tree);
    static const char *const wrong[][2] = {{"export! %s tree", "state, curve, dendrogram, classes"},
                                           {"export! %s state 1", "no layers"},
                                           {"export! %s classes 0", "not a layer"},
                                           {"export! %s classes x", "say all"}};
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        assert_int_equal(run(session, wrong[k][0], path, &error), COMMAND_FAILED);
        assert_non_null(strstr(error.text, wrong[k][1]));
    }
    session_free(session);
    twin_place_remove(&place);
}

static void a_file_that_exists_is_replaced_only_when_asked(void **state) {
    (void)state;
    struct error error = {0};
    struct twin_place place = tanh_place(200);
    struct session *session = twin_place_open(&place);
    const char *path = path_in(&place, "curves.csv");
    session_sweep(session, 3);
    session_wait(session);
    must(file_write(path, "mine", 4, NULL, &error), &error);
    assert_int_equal(run(session, "export %s curve", path, &error), COMMAND_FAILED);
    assert_non_null(strstr(error.text, "export!"));
    char *kept = read_whole(path);
    assert_string_equal(kept, "mine");
    free(kept);
    assert_int_equal(run(session, "export! %s curve", path, &error), COMMAND_DONE);
    said(session, false, "wrote");
    char *replaced = read_whole(path);
    assert_int_equal(strncmp(replaced, "method,", 7), 0);
    free(replaced);
    session_free(session);
    twin_place_remove(&place);
}

/* A sweep of two methods, one point of which overflowed. */
static void overflowed_points_have_no_place_in_the_picture(void **state) {
    (void)state;
    struct error error = {0};
    struct options options;
    struct text svg = {0}, markdown = {0};
    struct sweep_point points[] = {
        {SWEEP_LUMP, 0, NAN, 100, 50, {.rows = 9, .mse = 0.5}},
        {SWEEP_LUMP, 0.1, NAN, 60, 30, {.rows = 9, .mse = 0.7}},
        {SWEEP_LUMP, 0.2, NAN, 20, 10, {.rows = 9, .mse = NAN}},
        {SWEEP_WANDA, NAN, NAN, 60, 30, {.rows = 9, .mse = 0.9}},
    };
    struct sweep sweep = {.original = {.rows = 9, .mse = 0.5},
                          .original_parameters = 50,
                          .point = points,
                          .count = 4};
    options_defaults(&options, true);
    must(sweep_report(&sweep, &options, REPORT_SVG, &svg, &error), &error);
    size_t circles = 0;
    for (const char *c = svg.data; (c = strstr(c, "<circle")); c++)
        circles++;
    assert_int_equal(circles, 3);
    assert_null(strstr(svg.data, "nan"));
    assert_non_null(strstr(svg.data, ">wanda<"));
    assert_null(strstr(svg.data, ">magnitude<"));
    must(sweep_report(&sweep, &options, REPORT_MARKDOWN, &markdown, &error), &error);
    assert_non_null(strstr(markdown.data, "| lump | 20.0 % | 10 | - | 0.2000 |"));
    text_free(&svg);
    text_free(&markdown);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_are_written_as_the_sweep_command_writes_them),
        cmocka_unit_test(the_state_is_that_of_the_engine),
        cmocka_unit_test(the_system_is_that_of_the_reduced_network),
        cmocka_unit_test(what_cannot_be_exported_is_said_and_not_written),
        cmocka_unit_test(without_data_there_is_nothing_to_wait_for),
        cmocka_unit_test(words_say_what_is_exported_of_which_layer),
        cmocka_unit_test(a_file_that_exists_is_replaced_only_when_asked),
        cmocka_unit_test(overflowed_points_have_no_place_in_the_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
