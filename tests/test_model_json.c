/* The JSON model format: the same bits come back, and bad files are answered with one sentence. */
#include "lumpscope/model_json.h"
#include "lumpscope/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct network *parse(const char *text, struct error *error) {
    return model_json_parse("m.json", text, strlen(text), error);
}

#define HEAD "{\"format\":\"lumpscope-network\",\"version\":1,"
static const char whole[] =
    HEAD "\"name\":\"a\\u001bb\",\"task\":\"regression\",\"author\":{\"deep\":[1,2]},"
         "\"input\":{\"names\":[\"x\",\"y\"],\"mean\":[0.1,1e-300],\"scale\":[3,0.7]},"
         "\"output\":{\"unit\":\"m\"},"
         "\"layers\":[{\"activation\":{\"leaky_relu\":0.2},\"weights\":[[0.1,2],[3,4e-310]],"
         "\"bias\":[0.30000000000000004,-0],\"note\":\"kept\"},"
         "{\"activation\":{\"polynomial\":[1,2,3,0]},\"weights\":[[1,2]],\"bias\":[5]}]}";

static void a_written_model_reads_back_to_the_same_bits(void **state) {
    (void)state;
    struct error error = {0};
    struct network *first = parse(whole, &error);
    assert_non_null(first);
    struct text a = {0}, b = {0};
    assert_true(model_json_print(first, &a, &error));
    struct network *second = parse(a.data, &error);
    assert_non_null(second);
    assert_true(model_json_print(second, &b, &error));
    assert_string_equal(a.data, b.data);
    for (size_t l = 0; l < 2; l++) {
        const struct layer *x = &first->layers[l], *y = &second->layers[l];
        assert_memory_equal(x->weights, y->weights, x->neurons * x->inputs * sizeof(double));
        assert_memory_equal(x->bias, y->bias, x->neurons * sizeof(double));
        assert_true(activation_equal(&x->activation, &y->activation));
    }
    assert_true(second->layers[0].activation.parameter == 0.2);
    assert_int_equal(second->layers[1].activation.degree, 2);
    assert_memory_equal(first->input.mean, second->input.mean, 2 * sizeof(double));
    text_free(&a);
    text_free(&b);
    network_free(first);
    network_free(second);
}

static void unknown_members_are_kept(void **state) {
    (void)state;
    struct error error = {0};
    struct network *network = parse(whole, &error);
    struct text out = {0};
    assert_true(model_json_print(network, &out, &error));
    assert_non_null(strstr(out.data, "\"author\": {\"deep\":[1,2]}"));
    assert_non_null(strstr(out.data, "\"note\": \"kept\""));
    assert_non_null(strstr(out.data, "\"unit\": \"m\""));
    text_free(&out);
    network_free(network);
}

static void bad_models_are_answered_with_place_and_remedy(void **state) {
    (void)state;
    static const struct {
        const char *text, *place;
    } cases[] = {
        {"", "empty"},
        {"{", "line 1, column 1: not JSON, the file ends too early"},
        {"{\"a\":[1,", "the file ends too early"},
        {"[1,]", "line 1, column 4: not JSON; check"},
        {"{\"a\":\"\\ud800\"}", "column 7: \"\\ud800\" stands for no character"},
        {"[1] x", "column 5: text that follows"},
        {"[1]", "no JSON object; name"},
        {"{\"format\":\"x\"}", "\"format\""},
        {HEAD "\"layers\":[]}", "0 layers"},
        {HEAD "\"layers\":[{}]}", "layer 1, activation is missing"},
        {HEAD "\"layers\":[{\"activation\":\"sine\"}]}", "unknown activation \"sine\""},
        {HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1],[1,2]],\"bias\":[0,0]}]}",
         "layer 1, weights row 1 has 2 numbers"},
        {HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1e999]],\"bias\":[0]}]}",
         "layer 1, weights row 0[0]"},
        {HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[\"a\"]],\"bias\":[0]}]}",
         "layer 1, weights row 0[0]"},
        {HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1]],\"bias\":[0,1]}]}",
         "layer 1, bias has 2 numbers where 1"},
        {HEAD "\"layers\":[{\"activation\":\"softmax\",\"weights\":[[1]],\"bias\":[0]},"
              "{\"activation\":\"linear\",\"weights\":[[1]],\"bias\":[0]}]}",
         "softmax belongs on the last layer"},
        {HEAD "\"input\":{\"scale\":[0]},"
              "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1]],\"bias\":[0]}]}",
         "input.scale[0] is 0"},
        {HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1]],\"bias\":[0]},"
              "{\"activation\":\"relu\",\"weights\":[[1,2]],\"bias\":[0]}]}",
         "2 numbers, but layer 1 has 1 neuron;"},
        {HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[NaN]],\"bias\":[0]}]}",
         "\"NaN\" is no number"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        assert_null(parse(cases[i].text, &error));
        assert_int_equal(error.kind, ERROR_REQUEST);
        assert_int_equal(strncmp(error.text, "m.json: ", 8), 0);
        if (!strstr(error.text, cases[i].place))
            fail_msg("\"%s\" does not name \"%s\"", error.text, cases[i].place);
    }
}

#define SOFTMAX "\"layers\":[{\"activation\":\"softmax\",\"weights\":[[1],[2]],\"bias\":[0,0]}]}"

static void softmax_makes_classification(void **state) {
    (void)state;
    struct error error = {0};
    struct network *network = parse(HEAD SOFTMAX, &error);
    assert_non_null(network);
    assert_int_equal(network->task, TASK_CLASSIFICATION);
    network_free(network);
    assert_null(parse(HEAD "\"task\":\"regression\"," SOFTMAX, &error));
    assert_non_null(strstr(error.text, "layer 1 is softmax"));
}

static void trailing_zeros_of_a_polynomial_are_ignored(void **state) {
    (void)state;
    struct error error = {0};
    struct network *network =
        parse(HEAD "\"layers\":[{\"activation\":{\"polynomial\":[0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,"
                   "0,0,0,0,0]},\"weights\":[[1]],\"bias\":[0]}]}",
              &error);
    assert_non_null(network);
    assert_int_equal(network->layers[0].activation.kind, ACTIVATION_SQUARE);
    network_free(network);
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    for (size_t length = 0; length + 1 < sizeof whole - 1; length++) {
        struct error error = {0};
        assert_null(model_json_parse("m.json", whole, length, &error));
        assert_int_equal(error.kind, ERROR_REQUEST);
    }
}

static void deep_nesting_is_refused(void **state) {
    (void)state;
    enum { DEPTH = 100000 };
    char *text = malloc(DEPTH + 1);
    assert_non_null(text);
    memset(text, '[', DEPTH);
    text[DEPTH] = '\0';
    struct error error = {0};
    assert_null(parse(text, &error));
    assert_non_null(strstr(error.text, "nested"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_written_model_reads_back_to_the_same_bits),
        cmocka_unit_test(unknown_members_are_kept),
        cmocka_unit_test(bad_models_are_answered_with_place_and_remedy),
        cmocka_unit_test(softmax_makes_classification),
        cmocka_unit_test(trailing_zeros_of_a_polynomial_are_ignored),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(deep_nesting_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
