/* What a network is besides its numbers survives in JSON and in pairs of strings. */
#include "model/frame.h"

#include "lumpscope/model_json.h"
#include "lumpscope/text.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LAYERS                                                                                     \
    "\"layers\":[{\"activation\":{\"leaky_relu\":0.2},\"weights\":[[1],[2]],\"bias\":[0,0],"       \
    "\"note\":\"kept\"},{\"activation\":{\"polynomial\":[1,0.1,3]},\"weights\":[[1,2]],"           \
    "\"bias\":[5]}]}"
static const char whole[] =
    "{\"format\":\"lumpscope-network\",\"version\":1,\"name\":\"n\",\"task\":\"classification\","
    "\"activations\":7,\"author\":{\"deep\":[1,0.1]},\"metadata\":{\"format\":\"pt\"},"
    "\"lumpscope\":{\"epsilon\":0.1},\"data\":\"rows\","
    "\"input\":{\"names\":[\"x\"],\"mean\":[0.30000000000000004],\"scale\":[-1e-300],\"u\":1},"
    "\"output\":{\"unit\":\"m\"}," LAYERS;

static struct network *parse(const char *text) {
    struct error error = {0};
    struct network *network = model_json_parse("m.json", text, strlen(text), &error);
    if (!network)
        fail_msg("%s", error.text);
    return network;
}

/* The layers of `whole` without their frame. */
static struct network *bare(void) {
    return parse("{\"format\":\"lumpscope-network\",\"version\":1,\"layers\":["
                 "{\"activation\":\"linear\",\"weights\":[[1],[2]],\"bias\":[0,0]},"
                 "{\"activation\":\"linear\",\"weights\":[[1,2]],\"bias\":[5]}]}");
}

/* Equal but for the order of members. */
static void assert_same(const struct network *a, const struct network *b) {
    struct text texts[2] = {{0}, {0}};
    assert_true(model_json_print(a, &texts[0], NULL));
    assert_true(model_json_print(b, &texts[1], NULL));
    cJSON *x = cJSON_Parse(texts[0].data), *y = cJSON_Parse(texts[1].data);
    if (!cJSON_Compare(x, y, true))
        fail_msg("%s\n%s", texts[0].data, texts[1].data);
    assert_memory_equal(a->input.mean, b->input.mean, a->input.count * sizeof(double));
    assert_memory_equal(a->input.scale, b->input.scale, a->input.count * sizeof(double));
    cJSON_Delete(x);
    cJSON_Delete(y);
    text_free(&texts[0]);
    text_free(&texts[1]);
}

static void a_frame_survives_as_json_text(void **state) {
    (void)state;
    struct error error = {0};
    struct network *network = parse(whole), *again = bare();
    cJSON *frame = frame_to_json(network, &error);
    char *text = cJSON_PrintUnformatted(frame);
    cJSON *parsed = cJSON_Parse(text);
    if (!frame_from_json(parsed, again, &error))
        fail_msg("%s", error.text);
    assert_same(network, again);
    cJSON_free(text);
    cJSON_Delete(frame);
    cJSON_Delete(parsed);
    network_free(network);
    network_free(again);
}

static void a_frame_survives_as_strings_beside_foreign_pairs(void **state) {
    (void)state;
    struct error error = {0};
    struct network *network = parse(whole), *again = bare();
    cJSON *strings = frame_to_strings(network, &error);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(strings, "format")), "pt");
    assert_null(cJSON_GetObjectItem(strings, "author"));
    assert_true(frame_names_activations(strings));
    if (!frame_from_strings(strings, again, &error))
        fail_msg("%s", error.text);
    assert_same(network, again);
    cJSON_Delete(strings);
    network_free(network);
    network_free(again);
}

static void pairs_under_our_names_that_are_not_ours_are_kept(void **state) {
    (void)state;
    struct error error = {0};
    struct network *network = bare();
    cJSON *strings = cJSON_Parse("{\"task\":\"text-generation\",\"input\":\"tokens\","
                                 "\"layers\":\"12\",\"data\":\"the pile\"}");
    assert_true(frame_from_strings(strings, network, &error));
    assert_int_equal(network->task, TASK_REGRESSION);
    cJSON *written = frame_to_strings(network, &error);
    const cJSON *pair;
    cJSON_ArrayForEach(pair, strings) {
        const char *kept = cJSON_GetStringValue(cJSON_GetObjectItem(written, pair->string));
        assert_non_null(kept);
        assert_string_equal(kept, pair->valuestring);
    }
    cJSON_Delete(written);
    cJSON_Delete(strings);
    network_free(network);
}

static void activations_may_be_a_plain_list(void **state) {
    (void)state;
    static const char *const pairs[] = {"{\"activations\":\"relu,softmax\"}",
                                        "{\"activation\":\"[\\\"relu\\\",\\\"softmax\\\"]\"}"};
    for (size_t k = 0; k < 2; k++) {
        struct error error = {0};
        struct network *network = bare();
        cJSON *strings = cJSON_Parse(pairs[k]);
        assert_true(frame_from_strings(strings, network, &error));
        assert_int_equal(network->layers[0].activation.kind, ACTIVATION_RELU);
        assert_int_equal(network->layers[1].activation.kind, ACTIVATION_SOFTMAX);
        assert_int_equal(network->task, TASK_CLASSIFICATION);
        cJSON_Delete(strings);
        network_free(network);
    }
}

static void a_frame_that_does_not_fit_is_one_sentence(void **state) {
    (void)state;
    static const struct {
        const char *strings, *place;
    } cases[] = {
        {"{\"activations\":\"[\\\"relu\\\"]\"}", "names 1 layers where the file has 2"},
        {"{\"activations\":\"[relu\"}", "no JSON"},
        {"{\"activations\":\"[]\"}", "names 0 layers"},
        {"{\"activations\":\"sine,linear\"}", "unknown activation \"sine\""},
        {"{\"input\":\"{\\\"mean\\\":[1,2]}\"}", "input.mean has 2 numbers where 1 belong"},
        {"{\"output\":\"{\\\"scale\\\":[0]}\"}", "output.scale[0] is 0"},
        {"{\"layers\":\"[{}]\"}", "layers names 1 layers"},
        {"{\"activations\":\"relu,softmax\",\"task\":\"regression\"}", "is softmax"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct error error = {0};
        struct network *network = bare();
        cJSON *strings = cJSON_Parse(cases[k].strings);
        assert_non_null(strings);
        assert_false(frame_from_strings(strings, network, &error));
        assert_int_equal(strncmp(error.text, "metadata: ", 10), 0);
        if (!strstr(error.text, cases[k].place))
            fail_msg("\"%s\" does not name \"%s\"", error.text, cases[k].place);
        cJSON_Delete(strings);
        network_free(network);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_survives_as_json_text),
        cmocka_unit_test(a_frame_survives_as_strings_beside_foreign_pairs),
        cmocka_unit_test(pairs_under_our_names_that_are_not_ours_are_kept),
        cmocka_unit_test(activations_may_be_a_plain_list),
        cmocka_unit_test(a_frame_that_does_not_fit_is_one_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
