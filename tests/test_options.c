/* The equivalence options: defaults, what goes together, what is refused and how it is echoed. */
#include "lumpscope/options.h"
#include "lumpscope/refine.h"
#include "lumpscope/study.h"

#include "random_network.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* "relation=joint norm=l1" and whether there is data; the kind of the error, or ERROR_NONE. */
static enum error_kind resolve(const char *given, bool data, struct options *options,
                               struct error *error) {
    struct option_choices choices = {0};
    *error = (struct error){0};
    char list[256], *rest = list;
    snprintf(list, sizeof list, "%s", given);
    for (char *word; (word = strsep(&rest, " "));) {
        if (!*word)
            continue;
        char *value = word;
        const char *name = strsep(&value, "=");
        enum option_id option = option_find(name);
        assert_true(option < OPTION_COUNT);
        if (!options_choose(&choices, option, value ? value : "", error))
            return error->kind;
    }
    return options_resolve(&choices, data, options, error) ? ERROR_NONE : error->kind;
}

struct refusal {
    const char *given;
    bool data;
    enum error_kind kind;
    const char *named; /* the sentence names it */
};

static const struct refusal refusals[] = {
    {"relation=joint norm=l1", true, ERROR_USAGE, "--norm"},
    {"relation=joint scale=relative", true, ERROR_USAGE, "--scale"},
    {"relation=joint balance=on", true, ERROR_USAGE, "--balance"},
    {"relation=joint rank=3", true, ERROR_USAGE, "--rank"},
    {"norm=l2", true, ERROR_USAGE, "--norm"}, /* joint is the default with data */
    {"scale=absolute", true, ERROR_USAGE, "--scale"},
    {"balance=off", true, ERROR_USAGE, "--balance"},
    {"rank=2", true, ERROR_USAGE, "--rank"},
    {"relation=backward rank=2", false, ERROR_USAGE, "--rank"},
    {"relation=joint", false, ERROR_USAGE, "--data"},
    {"refit=on", false, ERROR_USAGE, "--data"},
    {"relation=backward refit=on", false, ERROR_USAGE, "--data"},
    {"linkage=agglomerate", false, ERROR_USAGE, "--linkage"},
    {"relation=forward linkage=agglomerate", true, ERROR_USAGE, "--linkage"},
    {"relation=backward linkage=agglomerate", true, ERROR_USAGE, "--linkage"},
    {"polish=100", false, ERROR_USAGE, "--data"},
    {"polish=100 refit=off", true, ERROR_USAGE, "--refit"},
    {"polish=x", true, ERROR_USAGE, "--polish"},
    {"faithful polish=5", true, ERROR_USAGE, "--polish"},
    {"norm=erode scale=relative", false, ERROR_USAGE, "--scale"},
    {"faithful=on", false, ERROR_USAGE, "this option takes no value; leave it out"},
    {"faithful relation=forward", false, ERROR_USAGE, "--relation"},
    {"faithful linkage=chain", false, ERROR_USAGE, "--linkage"},
    {"faithful norm=erode", false, ERROR_USAGE, "--norm"},
    {"faithful scale=absolute", false, ERROR_USAGE, "--scale"},
    {"faithful balance=off", false, ERROR_USAGE, "--balance"},
    {"faithful refit=off", true, ERROR_USAGE, "--refit"},
    {"faithful rank=1", false, ERROR_USAGE, "--rank"},
    {"relation=sideways", false, ERROR_USAGE, "--relation"},
    {"linkage=", false, ERROR_USAGE, "--linkage"},
    {"norm=L1", false, ERROR_USAGE, "--norm"},
    {"scale=1", false, ERROR_USAGE, "--scale"},
    {"balance=yes", false, ERROR_USAGE, "--balance"},
    {"rank=0", false, ERROR_USAGE, "--rank"},
    {"rank=-1", false, ERROR_USAGE, "--rank"},
    {"rank=1.5", false, ERROR_USAGE, "--rank"},
    {"refit=maybe", true, ERROR_USAGE, "--refit"},
    {"calibration=0", true, ERROR_USAGE, "--calibration"},
    {"calibration=x", true, ERROR_USAGE, "--calibration"},
    {"calibration=99999999999999999999999", true, ERROR_USAGE, "--calibration"},
    {"memory=", false, ERROR_USAGE, "--memory"},
    {"memory=0", false, ERROR_USAGE, "--memory"},
    {"memory=-1G", false, ERROR_USAGE, "--memory"},
    {"memory=much", false, ERROR_USAGE, "--memory"},
    {"memory=G", false, ERROR_USAGE, "--memory"},
    {"memory=2GG", false, ERROR_USAGE, "--memory"},
    {"memory=2G5", false, ERROR_USAGE, "--memory"},
    {"memory=99999999T", false, ERROR_USAGE, "--memory"},
    {"seed=-1", true, ERROR_USAGE, "--seed"},
    {"seed=18446744073709551616", true, ERROR_USAGE, "not a whole number of 0 or more"},
    {"lock=1,,2", false, ERROR_USAGE, "--lock"},
    {"lock=a", false, ERROR_USAGE, "--lock"},
    {"lock=1;2", false, ERROR_USAGE, "--lock"},
    {"lock=0", false, ERROR_REQUEST, "--lock"}, /* no such layer */
    {"lock=256", false, ERROR_REQUEST, "--lock"},
    {"lock=1,4000000000", false, ERROR_REQUEST, "--lock"},
};

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    for (size_t k = 0; k < sizeof refusals / sizeof *refusals; k++) {
        struct options options;
        struct error error;
        enum error_kind kind = resolve(refusals[k].given, refusals[k].data, &options, &error);
        if (kind != refusals[k].kind || !strstr(error.text, refusals[k].named))
            fail_msg("%s: kind %d, \"%s\"", refusals[k].given, kind, error.text);
    }
}

static void memory_is_read_in_the_units_it_is_shown_in(void **state) {
    (void)state;
    static const struct {
        const char *given;
        uint64_t bytes;
    } sizes[] = {{"memory=1", 1},
                 {"memory=500M", 500000000},
                 {"memory=2g", 2000000000},
                 {"memory=1.5kB", 1500},
                 {"memory=3T", 3000000000000},
                 {"memory=7b", 7},
                 {"seed=1", 0 /* half the machine's */}};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct options options;
        struct error error;
        assert_int_equal(resolve(sizes[k].given, false, &options, &error), ERROR_NONE);
        assert_int_equal(options.memory, sizes[k].bytes);
    }
}

static void the_defaults_are_those_of_the_contract(void **state) {
    (void)state;
    struct error error;
    for (int data = 0; data < 2; data++) {
        struct options options;
        assert_int_equal(resolve("", data, &options, &error), ERROR_NONE);
        assert_int_equal(options.relation, data ? RELATION_JOINT : RELATION_FORWARD);
        assert_int_equal(options.linkage, data ? LINKAGE_AGGLOMERATE : LINKAGE_COMPLETE);
        assert_int_equal(options.norm, NORM_L1);
        assert_int_equal(options.scale, SCALE_RELATIVE);
        assert_true(options.balance);
        assert_int_equal(options.rank, 0);
        assert_true(options.refit == data);
        assert_int_equal(options.calibration, 1024);
        assert_int_equal(options.seed, 1);
        for (size_t l = 0; l < NETWORK_MAX_LAYERS; l++)
            assert_false(options_locked(&options, l));
    }
}

static void what_was_said_is_kept(void **state) {
    (void)state;
    struct options options;
    struct error error;
    assert_int_equal(resolve("relation=forward linkage=chain norm=linf scale=absolute balance=off "
                             "rank=5 refit=on calibration=77 lock=3,1,255 "
                             "seed=18446744073709551615",
                             true, &options, &error),
                     ERROR_NONE);
    assert_int_equal(options.relation, RELATION_FORWARD);
    assert_int_equal(options.linkage, LINKAGE_CHAIN);
    assert_int_equal(options.norm, NORM_LINF);
    assert_int_equal(options.scale, SCALE_ABSOLUTE);
    assert_false(options.balance);
    assert_int_equal(options.rank, 5);
    assert_true(options.refit);
    assert_int_equal(options.calibration, 77);
    assert_true(options.seed == UINT64_MAX);
    assert_true(options_locked(&options, 1) && options_locked(&options, 3) &&
                options_locked(&options, 255));
    assert_false(options_locked(&options, 2) || options_locked(&options, 0));
    assert_int_equal(resolve("relation=backward", true, &options, &error), ERROR_NONE);
    assert_true(options.refit); /* on when data is given, for every relation */
    assert_int_equal(resolve("refit=off", false, &options, &error), ERROR_NONE);
}

static void erode_distances_are_absolute(void **state) {
    (void)state;
    struct options options;
    struct error error;
    assert_int_equal(resolve("norm=erode", false, &options, &error), ERROR_NONE);
    assert_int_equal(options.scale, SCALE_ABSOLUTE);
    assert_int_equal(resolve("norm=erode scale=absolute", false, &options, &error), ERROR_NONE);
    assert_int_equal(options.norm, NORM_ERODE);
}

static void faithful_is_what_erode_computes(void **state) {
    (void)state;
    struct options options;
    struct error error;
    for (int data = 0; data < 2; data++) {
        assert_int_equal(resolve("faithful seed=4 calibration=9 lock=2", data, &options, &error),
                         ERROR_NONE);
        assert_int_equal(options.relation, RELATION_FORWARD);
        assert_int_equal(options.linkage, LINKAGE_CHAIN);
        assert_int_equal(options.norm, NORM_ERODE);
        assert_int_equal(options.scale, SCALE_ABSOLUTE);
        assert_false(options.balance || options.refit || options.rank);
        assert_true(options.seed == 4 && options.calibration == 9 && options_locked(&options, 2));
    }
}

static void check_echo(const char *given, bool data, const char *expected) {
    struct options options;
    struct error error;
    assert_int_equal(resolve(given, data, &options, &error), ERROR_NONE);
    cJSON *json = options_json(&options);
    assert_non_null(json);
    char *text = cJSON_PrintUnformatted(json);
    assert_string_equal(text, expected);
    cJSON_free(text);
    cJSON_Delete(json);
}

static void the_echo_is_null_where_an_option_does_not_apply(void **state) {
    (void)state;
    check_echo("lock=2,1", true,
               "{\"relation\":\"joint\",\"linkage\":\"agglomerate\",\"norm\":null,\"scale\":null,"
               "\"balance\":null,\"rank\":null,\"refit\":true,\"polish\":null,\"calibration\":1024,"
               "\"lock\":[1,2],"
               "\"seed\":1,\"memory\":null}");
    check_echo("rank=3 seed=18446744073709551615", false,
               "{\"relation\":\"forward\",\"linkage\":\"complete\",\"norm\":\"l1\","
               "\"scale\":\"relative\",\"balance\":true,\"rank\":3,\"refit\":false,\"polish\":null,"
               "\"calibration\":null,\"lock\":[],\"seed\":18446744073709551615,"
               "\"memory\":null}");
    check_echo("memory=1.5G", false,
               "{\"relation\":\"forward\",\"linkage\":\"complete\",\"norm\":\"l1\","
               "\"scale\":\"relative\",\"balance\":true,\"rank\":null,\"refit\":false,"
               "\"polish\":null,\"calibration\":null,\"lock\":[],\"seed\":1,"
               "\"memory\":1500000000}");
    check_echo(
        "faithful", true,
        "{\"relation\":\"forward\",\"linkage\":\"chain\",\"norm\":\"erode\","
        "\"scale\":\"absolute\",\"balance\":false,\"rank\":null,\"refit\":false,\"polish\":null,"
        "\"calibration\":null,\"lock\":[],\"seed\":1,\"memory\":null}");
}

static void check_refused(const struct network *network, const char *given, const char *named) {
    struct options options;
    struct error error;
    assert_int_equal(resolve(given, false, &options, &error), ERROR_NONE);
    assert_null(refine_new(network, &options, NULL, NULL, &error));
    assert_int_equal(error.kind, ERROR_REQUEST);
    if (!strstr(error.text, named))
        fail_msg("%s: %s", given, error.text);
}

static void options_that_do_not_fit_the_network_are_refused(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 1);
    struct network *network = random_network_of(&rng, (size_t[]){2, 3, 3, 1}, 3, ACTIVATION_SQUARE);
    check_refused(network, "lock=3", "--lock 3"); /* the output layer is not hidden */
    check_refused(network, "lock=1,200", "--lock 200");
    network->layers[1].activation.kind = ACTIVATION_TANH;
    check_refused(network, "norm=erode", "layer 2");
    check_refused(network, "faithful", "layer 2");
    check_refused(network, "relation=backward norm=erode", "layer 2");
    network->layers[1].activation = random_activation(5);
    check_refused(network, "norm=erode", "layer 2");
    network_free(network);
}

static void calibration_auto_is_bounded_by_work(void **state) {
    (void)state;
    struct option_choices choices = {0};
    struct options options;
    struct error error = {0};
    struct text value = {0};
    assert_true(options_choose(&choices, OPTION_CALIBRATION, "auto", &error));
    assert_true(options_resolve(&choices, true, &options, &error));
    assert_int_equal(options.calibration, CALIBRATION_AUTO);
    options_value(&options, OPTION_CALIBRATION, &value);
    assert_string_equal(value.data, "auto");
    text_free(&value);
    assert_false(options_choose(&choices, OPTION_CALIBRATION, "0", &error));
    static const struct {
        size_t width, rows;
    } cases[] = {{64, 1024}, {2048, 954}, {4096, 238}, {32768, 64}};
    for (size_t k = 0; k < 4; k++) {
        const size_t sizes[] = {1, cases[k].width, cases[k].width, 1};
        struct network *network = network_new("wide", sizes, 1, NULL);
        struct layer layers[3] = {{.neurons = cases[k].width}, {.neurons = cases[k].width}, {0}};
        struct network wide = *network;
        wide.depth = 3;
        wide.layers = layers;
        assert_int_equal(study_calibration_rows(&wide), cases[k].rows);
        network_free(network);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(the_defaults_are_those_of_the_contract),
        cmocka_unit_test(what_was_said_is_kept),
        cmocka_unit_test(erode_distances_are_absolute),
        cmocka_unit_test(faithful_is_what_erode_computes),
        cmocka_unit_test(memory_is_read_in_the_units_it_is_shown_in),
        cmocka_unit_test(the_echo_is_null_where_an_option_does_not_apply),
        cmocka_unit_test(options_that_do_not_fit_the_network_are_refused),
        cmocka_unit_test(calibration_auto_is_bounded_by_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
