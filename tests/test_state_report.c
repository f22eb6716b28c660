/* Reports say what the engine says, and are sound documents whatever the names and shapes. */
#include "random_network.h"

#include "lumpscope/memory.h"
#include "lumpscope/state_report.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A network, its study at an epsilon, and the state of both. */
struct bench {
    struct network *network, *reduced;
    struct study study;
    struct state_report state;
};

static void bench_stand(struct bench *bench, double epsilon) {
    struct error error = {0};
    network_free(bench->reduced);
    bench->reduced = study_reduce(&bench->study, epsilon, false, NULL, NULL, &error);
    must(bench->reduced, &error);
    bench->state.reduced = bench->reduced;
}

/* Takes the network; `choose` (may be NULL) changes the options. */
static void bench_open(struct bench *bench, struct network *network, const struct options *options,
                       double epsilon) {
    struct error error = {0};
    struct options usual;
    options_defaults(&usual, false);
    *bench = (struct bench){.network = network};
    must(study_init(&bench->study, network, options ? options : &usual, NULL, NULL, NULL, &error),
         &error);
    bench->state = (struct state_report){.model_path = "net.json", .study = &bench->study};
    bench_stand(bench, epsilon);
}

static void bench_close(struct bench *bench) {
    study_free(&bench->study);
    network_free(bench->reduced);
    network_free(bench->network);
}

static struct network *tanh_network(const size_t *sizes, size_t depth) {
    struct rng rng;
    rng_seed(&rng, 12);
    return random_network_of(&rng, sizes, depth, ACTIVATION_TANH);
}

/* Two hidden layers, some pairs of neurons equal, one dead; epsilon between the first merges and
 * the last. */
static void bench_usual(struct bench *bench) {
    struct network *network = tanh_network((size_t[]){3, 9, 6, 2}, 3);
    plant_scaled(network, 1, 0, 4, 1, 1);
    plant_scaled(network, 2, 1, 3, 1, 1);
    plant_dead(network, 1, 7);
    bench_open(bench, network, NULL, 1.2);
}

/* For the caller to free. */
static char *report(const struct bench *bench, enum report_kind kind, size_t layer,
                    enum report_format format) {
    struct error error = {0};
    struct text out = {0};
    must(state_report(&bench->state, kind, layer, format, &out, NULL, &error), &error);
    assert_non_null(out.data);
    assert_int_equal(strlen(out.data), out.length);
    return out.data;
}

static size_t occurrences(const char *text, const char *part) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

/* ---- A check of documents that is no parser: tags are closed in the order they were opened,
 * attributes are quoted, text has no bare markup. ---- */

enum { DEEPEST = 16 };

static const char *skip_attributes(const char *at) {
    while (*at && *at != '>' && *at != '/') {
        assert_true(isspace((unsigned char)*at));
        while (isspace((unsigned char)*at))
            at++;
        if (*at == '>' || *at == '/')
            break;
        size_t name = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
        assert_true(name > 0 && at[name] == '=' && at[name + 1] == '"');
        at = strchr(at + name + 2, '"');
        assert_non_null(at);
        at++;
    }
    return at;
}

static void check_entity(const char *at) {
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;"};
    bool good = false;
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        good = good || !strncmp(at, known[k], strlen(known[k]));
    assert_true(good);
}

static void check_document(const char *text) {
    char open[DEEPEST][16];
    size_t depth = 0, tags = 0;
    for (const char *at = text; *at;) {
        assert_true((unsigned char)*at >= ' ' || *at == '\n');
        if (*at == '&')
            check_entity(at);
        if (*at != '<') {
            assert_true(depth > 0 || *at == '\n');
            at++;
            continue;
        }
        bool closing = at[1] == '/';
        at += closing ? 2 : 1;
        size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyz");
        assert_true(length > 0 && length < 16);
        tags++;
        if (closing) {
            assert_true(depth > 0 && strlen(open[depth - 1]) == length &&
                        !strncmp(open[depth - 1], at, length) && at[length] == '>');
            depth--;
            at += length + 1;
            continue;
        }
        assert_true(depth < DEEPEST);
        snprintf(open[depth++], sizeof open[0], "%.*s", (int)length, at);
        at = skip_attributes(at + length);
        if (*at == '/') {
            depth--;
            at++;
        }
        assert_int_equal(*at, '>');
        at++;
    }
    assert_int_equal(depth, 0);
    assert_true(tags > 3);
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "inf"));
}

static void check_pictures(const struct bench *bench) {
    char *tree = report(bench, REPORT_DENDROGRAM, 0, REPORT_SVG),
         *classes = report(bench, REPORT_CLASSES, 0, REPORT_SVG);
    check_document(tree);
    check_document(classes);
    free(tree);
    free(classes);
}

/* ---- Numbers ---- */

static const cJSON *item(const cJSON *object, const char *name) {
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!found)
        fail_msg("there is no %s", name);
    return found;
}

static double number(const cJSON *object, const char *name) {
    return item(object, name)->valuedouble;
}

static void check_merges(const struct bench *bench, const cJSON *layer, size_t l) {
    const struct dendrogram *dendrogram = refine_dendrogram(bench->study.refine, l);
    const size_t *live = refine_prepared(bench->study.refine)->live[l - 1];
    const cJSON *merges = item(layer, "merges");
    assert_int_equal(cJSON_GetArraySize(merges), dendrogram->count);
    for (size_t k = 0; k < dendrogram->count; k++) {
        const cJSON *merge = cJSON_GetArrayItem(merges, (int)k);
        assert_true(number(merge, "height") == dendrogram->merge[k].height);
        assert_true(number(merge, "left") == (double)live[dendrogram->merge[k].a]);
        assert_true(number(merge, "right") == (double)live[dendrogram->merge[k].b]);
    }
    const cJSON *last = cJSON_GetArrayItem(merges, cJSON_GetArraySize(merges) - 1);
    assert_true(number(last, "size") == (double)dendrogram->leaves);
}

/* Every class holds together at its height and not below. */
static void check_heights(const struct bench *bench, const cJSON *layer, size_t l) {
    const struct dendrogram *dendrogram = refine_dendrogram(bench->study.refine, l);
    const cJSON *classes = item(layer, "classes"), *heights = item(layer, "class_heights");
    const size_t *live = refine_prepared(bench->study.refine)->live[l - 1];
    assert_int_equal(cJSON_GetArraySize(classes), cJSON_GetArraySize(heights));
    for (int c = 0; c < cJSON_GetArraySize(classes); c++) {
        const cJSON *members = cJSON_GetArrayItem(classes, c);
        double height = cJSON_GetArrayItem(heights, c)->valuedouble, highest = 0;
        for (size_t k = 0; k < dendrogram->count; k++)
            if (dendrogram->merge[k].height <= refine_epsilon(bench->study.refine))
                for (int m = 0; m < cJSON_GetArraySize(members); m++)
                    if (cJSON_GetArrayItem(members, m)->valuedouble ==
                        (double)live[dendrogram->merge[k].b])
                        highest = fmax(highest, dendrogram->merge[k].height);
        assert_true(height == highest);
    }
}

static void json_says_what_the_engine_says(void **state) {
    (void)state;
    struct bench bench;
    struct error error = {0};
    bench_usual(&bench);
    char *text = report(&bench, REPORT_STATE, 0, REPORT_JSON);
    cJSON *document = cJSON_Parse(text);
    assert_non_null(document);
    assert_true(number(document, "epsilon") == refine_epsilon(bench.study.refine));
    assert_true(number(document, "event") == refine_event(bench.study.refine));
    assert_true(number(document, "parameters") == (double)network_parameters(bench.reduced));
    assert_true(number(document, "original_macs") == (double)network_macs(bench.network));
    assert_true(cJSON_IsNull(item(document, "before")));
    const cJSON *layers = item(document, "layers");
    assert_int_equal(cJSON_GetArraySize(layers), 3);
    const struct partition *partition = refine_partition(bench.study.refine);
    for (size_t l = 1; l <= partition->layers; l++) {
        const cJSON *layer = cJSON_GetArrayItem(layers, (int)l - 1);
        cJSON *classes = classes_json(&partition->layer[l - 1], &error);
        assert_true(cJSON_Compare(item(layer, "classes"), classes, true));
        assert_true(partition->layer[l - 1].count < partition->layer[l - 1].neurons - 1);
        cJSON_Delete(classes);
        check_merges(&bench, layer, l);
        check_heights(&bench, layer, l);
    }
    assert_int_equal(cJSON_GetArraySize(item(cJSON_GetArrayItem(layers, 0), "dead")), 1);
    cJSON_Delete(document);
    free(text);
    bench_close(&bench);
}

static size_t cells(const char *line) {
    size_t count = 1;
    for (; *line && *line != '\n'; line++)
        count += *line == ',';
    return count;
}

static size_t check_table(const char *text) {
    size_t rows = 0, columns = cells(text);
    for (const char *line = text; *line; line = strchr(line, '\n') + 1, rows++)
        assert_int_equal(cells(line), columns);
    return rows - 1;
}

static void tables_have_a_cell_for_every_column(void **state) {
    (void)state;
    struct bench bench;
    bench_usual(&bench);
    char *layers = report(&bench, REPORT_STATE, 0, REPORT_CSV);
    assert_int_equal(check_table(layers), 4); /* three layers and the network */
    char *merges = report(&bench, REPORT_DENDROGRAM, 0, REPORT_CSV);
    assert_int_equal(check_table(merges), 7 + 5);
    char *classes = report(&bench, REPORT_CLASSES, 1, REPORT_CSV);
    assert_int_equal(check_table(classes), 9);
    assert_non_null(strstr(classes, "\n1,7,,yes\n"));
    assert_non_null(strstr(classes, "\n1,0,0,no\n"));
    assert_non_null(strstr(classes, "\n1,4,0,no\n"));
    free(layers);
    free(merges);
    free(classes);
    bench_close(&bench);
}

/* The frame's path begins anew for every class of two and more. */
static void the_class_matrix_frames_every_class(void **state) {
    (void)state;
    struct bench bench;
    bench_usual(&bench);
    const struct classes *classes = &refine_partition(bench.study.refine)->layer[0];
    size_t several = 0;
    for (uint32_t c = 0; c < classes->count; c++) {
        size_t members = 0;
        for (size_t i = 0; i < classes->neurons; i++)
            members += classes->class_of[i] == c;
        several += members > 1;
    }
    assert_true(several > 0);
    char *text = report(&bench, REPORT_CLASSES, 1, REPORT_SVG);
    const char *frames = strstr(text, "#e66100"), *end = frames ? strstr(frames, "/>") : NULL;
    assert_non_null(end);
    char *path = memory_copy(frames, (size_t)(end - frames) + 1, 1, NULL);
    path[end - frames] = '\0';
    assert_int_equal(occurrences(path, "M"), several);
    assert_non_null(strstr(text, "1 dead left out"));
    free(path);
    free(text);
    bench_close(&bench);
}

static void pictures_are_sound_for_every_shape(void **state) {
    (void)state;
    static const size_t sizes[][4] = {{3, 1, 2, 1}, {1, 1, 1, 1}, {3, 30, 5, 2}};
    static const double epsilons[] = {0, 0.7, 1e9};
    struct bench bench;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t e = 0; e < sizeof epsilons / sizeof *epsilons; e++) {
            bench_open(&bench, tanh_network(sizes[s], 3), NULL, epsilons[e]);
            check_pictures(&bench);
            bench_close(&bench);
        }
    struct options locked;
    options_defaults(&locked, false);
    options_lock(&locked, 1, true);
    bench_open(&bench, tanh_network(sizes[2], 3), &locked, 0.5);
    check_pictures(&bench);
    char *tree = report(&bench, REPORT_DENDROGRAM, 1, REPORT_SVG);
    assert_non_null(strstr(tree, "never merges"));
    free(tree);
    bench_close(&bench);
}

static void a_network_without_hidden_layers_says_so(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, tanh_network((size_t[]){3, 2}, 1), NULL, 0.5);
    check_pictures(&bench);
    for (int kind = REPORT_STATE; kind < REPORT_KINDS; kind++)
        for (int format = REPORT_CSV; kind != REPORT_CURVE && format < REPORT_FORMATS; format++) {
            if (kind == REPORT_STATE && format == REPORT_SVG)
                continue;
            char *text = report(&bench, (enum report_kind)kind, 0, (enum report_format)format);
            if (format == REPORT_SVG)
                assert_non_null(strstr(text, "no hidden layers"));
            free(text);
        }
    bench_close(&bench);
}

/* Wedges stand for classes: none of the picture's parts grows with the neurons. */
static void large_layers_are_folded(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, tanh_network((size_t[]){3, 700, 2}, 2), NULL, 0);
    for (size_t turn = 0; turn < 2; turn++) {
        char *tree = report(&bench, REPORT_DENDROGRAM, 1, REPORT_SVG);
        check_document(tree);
        assert_non_null(strstr(tree, "several neurons in a row"));
        assert_in_range(occurrences(tree, "<text "), 20, 190);
        free(tree);
        char *classes = report(&bench, REPORT_CLASSES, 1, REPORT_SVG);
        check_document(classes);
        assert_non_null(strstr(classes, turn ? "every two classes" : "5 by 5 neurons"));
        assert_true(strlen(classes) < 1 << 20);
        free(classes);
        bench_stand(&bench, 1.5);
        size_t count = refine_partition(bench.study.refine)->layer[0].count;
        assert_in_range(count, 2, 160);
    }
    bench_close(&bench);
}

static const char hostile[] = "a<b>&\"c'|`d\n# e\x1b[31m\xff,f.json";

static void names_are_never_taken_for_markup(void **state) {
    (void)state;
    struct bench bench;
    bench_usual(&bench);
    free(bench.network->name);
    bench.network->name = memory_string(hostile, NULL);
    bench.state.model_path = bench.state.data_path = hostile;
    check_pictures(&bench);
    char *page = report(&bench, REPORT_STATE, 0, REPORT_MARKDOWN);
    assert_null(strchr(page, '\x1b'));
    assert_null(strstr(page, "\n# e"));
    assert_non_null(strstr(page, "a&lt;b\\>&amp;\"c'\\|\\`d?\\# e?\\[31m?,f.json"));
    assert_non_null(strstr(page, "compress $'a<b>&\"c\\'|`d\\x0a# e\\x1b[31m\\xff,f.json'"));
    assert_int_equal(occurrences(page, "```"), 2);
    free(page);
    char *table = report(&bench, REPORT_STATE, 0, REPORT_CSV);
    check_table(table);
    free(table);
    char *text = report(&bench, REPORT_STATE, 0, REPORT_JSON);
    cJSON *document = cJSON_Parse(text);
    assert_string_equal(item(item(document, "model"), "name")->valuestring,
                        "a<b>&\"c'|`d?# e?[31m?,f.json");
    cJSON_Delete(document);
    free(text);
    bench_close(&bench);
}

static void long_names_are_shortened_with_a_mark(void **state) {
    (void)state;
    struct bench bench;
    char name[400];
    memset(name, 'x', sizeof name);
    snprintf(name + 300, 100, "end.json");
    bench_usual(&bench);
    bench.state.model_path = name;
    char *tree = report(&bench, REPORT_DENDROGRAM, 1, REPORT_SVG);
    assert_non_null(strstr(tree, "xxx...xxx"));
    assert_non_null(strstr(tree, "xend.json"));
    assert_null(strstr(tree, name));
    free(tree);
    bench_close(&bench);
}

static void check_command(const struct bench *bench, const char *expected) {
    struct text command = {0};
    state_command(&bench->state, &command);
    assert_string_equal(command.data, expected);
    text_free(&command);
}

static void the_command_has_what_differs_from_the_usual(void **state) {
    (void)state;
    struct bench bench;
    struct options options;
    bench_usual(&bench);
    check_command(&bench, "lumpscope compress net.json --eps 1.2 -o smaller.json");
    bench.state.model_path = "-my net.bin";
    check_command(&bench, "lumpscope compress './-my net.bin' --eps 1.2 -o smaller.json");
    bench_close(&bench);
    options_defaults(&options, false);
    options.relation = RELATION_BACKWARD;
    options.linkage = LINKAGE_CHAIN;
    options.balance = false;
    options_lock(&options, 2, true);
    bench_open(&bench, tanh_network((size_t[]){3, 9, 6, 2}, 3), &options, 0.5);
    check_command(&bench, "lumpscope compress net.json --eps 0.5 --relation backward --linkage "
                          "chain --balance off --lock 2 -o smaller.json");
    bench_close(&bench);
}

static bool stop(void *user, const char *what, size_t done, size_t total) {
    (void)user, (void)what, (void)done, (void)total;
    return false;
}

static void measuring_distances_can_be_stopped(void **state) {
    (void)state;
    struct bench bench;
    struct text out = {0};
    struct error error = {0};
    const struct progress progress = {.report = stop};
    bench_usual(&bench);
    assert_false(
        state_report(&bench.state, REPORT_CLASSES, 1, REPORT_SVG, &out, &progress, &error));
    assert_int_equal(error.kind, ERROR_CANCELLED);
    text_free(&out);
    bench_close(&bench);
}

static void refuse(const struct bench *bench, enum report_kind kind, size_t layer,
                   enum report_format format, const char *part) {
    struct text out = {0};
    struct error error = {0};
    assert_false(state_report(&bench->state, kind, layer, format, &out, NULL, &error));
    assert_non_null(strstr(error.text, part));
    text_free(&out);
}

static void what_there_is_not_is_refused(void **state) {
    (void)state;
    struct bench bench;
    bench_usual(&bench);
    refuse(&bench, REPORT_STATE, 0, REPORT_SVG, "no picture");
    refuse(&bench, REPORT_CLASSES, 3, REPORT_SVG, "no hidden layer 3; the network has 2");
    refuse(&bench, REPORT_DENDROGRAM, 3, REPORT_CSV, "no hidden layer 3");
    bench_close(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_says_what_the_engine_says),
        cmocka_unit_test(tables_have_a_cell_for_every_column),
        cmocka_unit_test(the_class_matrix_frames_every_class),
        cmocka_unit_test(pictures_are_sound_for_every_shape),
        cmocka_unit_test(a_network_without_hidden_layers_says_so),
        cmocka_unit_test(large_layers_are_folded),
        cmocka_unit_test(names_are_never_taken_for_markup),
        cmocka_unit_test(long_names_are_shortened_with_a_mark),
        cmocka_unit_test(the_command_has_what_differs_from_the_usual),
        cmocka_unit_test(measuring_distances_can_be_stopped),
        cmocka_unit_test(what_there_is_not_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
