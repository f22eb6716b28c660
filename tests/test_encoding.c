/* Networks as polynomial systems and their .ode files: the encoding is the forward pass, the file
 * reads back to the same system, and ERODE's own classes come out of it. */
#include "lumpscope/encoding.h"
#include "lumpscope/file.h"
#include "lumpscope/model_json.h"
#include "lumpscope/naive_system.h"
#include "lumpscope/ode_file.h"
#include "lumpscope/systems.h"
#include "lumpscope/text.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* 3-4-5-2: square, a polynomial of degree 3 with a constant, linear. */
static struct network *mixed_network(struct rng *rng) {
    static const size_t sizes[] = {3, 4, 5, 2};
    static const double cubic[] = {0.5, -1, 0, 0.25};
    struct network *network = network_new("mixed-1", sizes, 3, NULL);
    assert_non_null(network);
    for (size_t l = 0; l < 3; l++) {
        struct layer *layer = &network->layers[l];
        for (size_t i = 0; i < layer->neurons * layer->inputs; i++)
            layer->weights[i] = rng_normal(rng);
        for (size_t i = 0; i < layer->neurons; i++)
            layer->bias[i] = rng_normal(rng);
    }
    network->layers[0].activation.kind = ACTIVATION_SQUARE;
    assert_true(activation_polynomial(cubic, 4, &network->layers[1].activation));
    return network;
}

static struct polynomial_system *encode(const struct network *network) {
    struct error error = {0};
    struct polynomial_system *system = encoding_new(network, &error);
    if (!system)
        fail_msg("%s", error.text);
    return system;
}

static void evaluated_layer_by_layer_the_system_is_the_forward_pass(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 1);
    struct network *network = mixed_network(&rng);
    struct polynomial_system *system = encode(network);
    assert_int_equal(system->variables, 14);
    for (int round = 0; round < 20; round++) {
        double x[14] = {0}, dx[14], out[2];
        for (size_t i = 0; i < 3; i++)
            x[i] = rng_normal(&rng);
        assert_true(network_forward(network, x, 1, false, out, NULL, NULL));
        for (size_t l = 1; l <= 3; l++) {
            polynomial_system_value(system, x, dx);
            size_t first = encoding_variable(network, l, 0);
            memcpy(x + first, dx + first, network->layers[l - 1].neurons * sizeof *x);
        }
        for (size_t i = 0; i < 3; i++)
            assert_true(dx[i] == 0);
        for (size_t i = 0; i < 2; i++)
            assert_true(fabs(x[12 + i] - out[i]) < 1e-9 * (1 + fabs(out[i])));
    }
    polynomial_system_free(system);
    network_free(network);
}

/* s(u) by Horner's scheme with products of polynomials. */
static struct polynomial horner(const struct layer *layer, size_t i, size_t first) {
    double coefficients[ACTIVATION_MAX_DEGREE + 1];
    size_t count = activation_coefficients(&layer->activation, coefficients);
    struct polynomial u = {0}, value = {0}, next = {0};
    for (size_t j = 0; j < layer->inputs; j++) {
        struct factor x = {(uint32_t)(first + j), 1};
        assert_true(polynomial_append(&u, layer->weights[i * layer->inputs + j], &x, 1, NULL));
    }
    assert_true(polynomial_append(&u, layer->bias[i], NULL, 0, NULL));
    assert_true(polynomial_normalise(&u, NULL));
    while (count-- > 0) {
        assert_true(polynomial_product(&value, &u, &next, NULL));
        assert_true(polynomial_append(&next, coefficients[count], NULL, 0, NULL));
        assert_true(polynomial_normalise(&next, NULL));
        struct polynomial swap = value;
        value = next;
        next = swap;
    }
    polynomial_free(&u);
    polynomial_free(&next);
    return value;
}

static void expansions_are_those_of_repeated_products(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 2);
    struct network *network = mixed_network(&rng);
    struct polynomial_system *system = encode(network);
    double monomials = 0;
    for (size_t l = 1; l <= 3; l++)
        for (size_t i = 0; i < network->layers[l - 1].neurons; i++) {
            const struct polynomial *p = &system->derivatives[encoding_variable(network, l, i)];
            struct polynomial wanted =
                horner(&network->layers[l - 1], i, encoding_variable(network, l - 1, 0));
            struct polynomial difference = {0};
            assert_int_equal(p->count, wanted.count);
            assert_true(polynomial_sum(p, -1, &wanted, &difference, NULL));
            for (size_t k = 0; k < difference.count; k++)
                assert_true(fabs(difference.monomials[k].coefficient) < 1e-12);
            monomials += (double)p->count;
            polynomial_free(&wanted);
            polynomial_free(&difference);
        }
    assert_true(encoding_monomials(network) == monomials);
    polynomial_system_free(system);
    network_free(network);
}

static void zero_weights_and_biases_leave_no_monomials(void **state) {
    (void)state;
    static const size_t sizes[] = {4, 1};
    static const double weights[] = {2, 0, 0, -3};
    struct network *network = network_new("", sizes, 1, NULL);
    memcpy(network->layers[0].weights, weights, sizeof weights);
    network->layers[0].activation.kind = ACTIVATION_SQUARE;
    struct polynomial_system *system = encode(network);
    assert_int_equal(system->derivatives[4].count, 3);
    assert_true(encoding_monomials(network) == 3);
    const struct factor both[] = {{0, 1}, {3, 1}};
    assert_true(polynomial_coefficient(&system->derivatives[4], both, 2) == -12);
    polynomial_system_free(system);
    network_free(network);
}

static void names_blocks_and_labels_follow_the_layers(void **state) {
    (void)state;
    static const char model[] =
        "{\"format\":\"lumpscope-network\",\"version\":1,\"input\":{\"names\":[\"age\",\"b\"]},"
        "\"output\":{\"names\":[\"y\",\"z\"]},\"layers\":["
        "{\"activation\":\"square\",\"weights\":[[1,2],[3,4],[5,6]],\"bias\":[0,0,1]},"
        "{\"activation\":\"linear\",\"weights\":[[1,2,3],[4,5,6]],\"bias\":[0,0]}]}";
    struct network *network = model_json_parse("m.json", model, sizeof model - 1, NULL);
    assert_non_null(network);
    struct polynomial_system *system = encode(network);
    static const char *const names[] = {"x0_1", "x0_2", "x1_1", "x1_2", "x1_3", "x2_1", "x2_2"};
    static const char *const labels[] = {"age", "b", NULL, NULL, NULL, "y", "z"};
    static const size_t blocks[] = {0, 0, 1, 1, 1, 2, 3};
    assert_int_equal(system->variables, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(system->names[i], names[i]);
        assert_int_equal(system->blocks[i], blocks[i]);
        assert_int_equal(labels[i] != NULL, system->labels[i] != NULL);
        if (labels[i])
            assert_string_equal(system->labels[i], labels[i]);
    }
    polynomial_system_free(system);
    network_free(network);
}

static void networks_without_a_polynomial_encoding_are_refused_by_layer(void **state) {
    (void)state;
    static const size_t sizes[] = {2, 3, 3, 2};
    static const struct {
        size_t layer;
        enum activation_kind kind;
        const char *sentence;
    } cases[] = {
        {2, ACTIVATION_RELU, "layer 2 has the activation relu,"},
        {1, ACTIVATION_TANH, "layer 1 has the activation tanh,"},
        {3, ACTIVATION_SOFTMAX, "layer 3, the output, has the activation softmax,"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct network *network = network_new("", sizes, 3, NULL);
        network->layers[cases[i].layer - 1].activation.kind = cases[i].kind;
        struct error error = {0};
        assert_null(encoding_new(network, &error));
        assert_int_equal(error.kind, ERROR_REQUEST);
        if (!strstr(error.text, cases[i].sentence))
            fail_msg("\"%s\" does not say \"%s\"", error.text, cases[i].sentence);
        assert_true(encoding_monomials(network) == 0);
        network_free(network);
    }
}

static void systems_that_would_be_too_large_are_refused_with_their_size(void **state) {
    (void)state;
    static const size_t sizes[] = {200, 1};
    double power[17] = {0};
    struct network *network = network_new("", sizes, 1, NULL);
    for (size_t j = 0; j < 200; j++)
        network->layers[0].weights[j] = 1;
    power[4] = 1;
    assert_true(activation_polynomial(power, 5, &network->layers[0].activation));
    struct error error = {0};
    assert_null(encoding_new(network, &error)); /* C(203, 4) */
    assert_int_equal(error.kind, ERROR_REQUEST);
    assert_non_null(strstr(error.text, "68685050 monomials, more than the limit of 4000000"));
    power[16] = 1;
    assert_true(activation_polynomial(power, 17, &network->layers[0].activation));
    assert_null(encoding_new(network, &error));
    assert_non_null(strstr(error.text, "e+"));
    network_free(network);
}

static void coefficients_out_of_range_are_refused_by_neuron(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 2};
    struct network *network = network_new("", sizes, 1, NULL);
    network->layers[0].activation.kind = ACTIVATION_SQUARE;
    network->layers[0].weights[1] = 1e200;
    struct error error = {0};
    assert_null(encoding_new(network, &error));
    assert_int_equal(error.kind, ERROR_REQUEST);
    assert_non_null(strstr(error.text, "layer 1, neuron 1: "));
    network_free(network);
}

static void assert_same_system(const struct polynomial_system *a,
                               const struct polynomial_system *b) {
    assert_int_equal(a->variables, b->variables);
    for (size_t i = 0; i < a->variables; i++) {
        assert_string_equal(a->names[i], b->names[i]);
        assert_true(polynomial_equal(&a->derivatives[i], &b->derivatives[i]));
        assert_int_equal(a->blocks[i], b->blocks[i]);
    }
}

/* Prints, checks what ERODE asks of the text, and reads back. */
static void check_round_trip(const struct polynomial_system *system) {
    struct error error = {0};
    struct text out = {0};
    assert_true(ode_file_print(system, "a b", "two\nlines", &out, &error));
    assert_null(strchr(out.data, '^'));
    assert_non_null(strstr(out.data, "// two\n// lines\n"));
    assert_non_null(strstr(out.data, "begin model network_a_b\n begin init\n"));
    struct polynomial_system *again = ode_file_parse("s.ode", out.data, out.length, &error);
    if (!again)
        fail_msg("%s", error.text);
    assert_same_system(system, again);
    text_free(&out);
    polynomial_system_free(again);
}

static void written_systems_read_back_coefficient_by_coefficient(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 3);
    for (int round = 0; round < 5; round++) {
        struct network *network = mixed_network(&rng);
        network->layers[0].weights[0] = 4e-310; /* subnormal */
        network->layers[0].bias[1] = 1e17;      /* a whole number beyond 32 bits */
        network->layers[2].bias[0] = -1;
        struct polynomial_system *system = encode(network);
        check_round_trip(system);
        polynomial_system_free(system);
        network_free(network);
    }
    for (int kind = 0; kind < SYSTEM_GLYCOLYSIS; kind++) {
        struct system_spec spec = system_spec_defaults((enum system_kind)kind);
        spec.eta = 3;
        spec.sites = 3;
        spec.inflow = 0.1;
        struct system *system = system_new(&spec, &rng, NULL);
        for (size_t i = 0; i < system->variables; i++)
            system->polynomials->blocks[i] = i % 3;
        check_round_trip(system->polynomials);
        system_free(system);
    }
}

static void the_file_is_what_erode_reads(void **state) {
    (void)state;
    static const char wanted[] = "// x1_1: \"y\\\"\\u001b\"\n"
                                 "begin model network_\n"
                                 " begin init\n  x0_1\n  x0_2\n  x1_1\n end init\n"
                                 " begin partition\n  {x0_1,x0_2},\n  {x1_1}\n end partition\n"
                                 " begin ODE\n  d(x0_1) = 0\n  d(x0_2) = 0\n"
                                 "  d(x1_1) = 1.0+4.0*x0_1-6.0*x0_2+4.0*x0_1*x0_1-12.0*x0_1*x0_2"
                                 "+9.0*x0_2*x0_2\n"
                                 " end ODE\nend model\n";
    static const size_t sizes[] = {2, 1};
    struct network *network = network_new("", sizes, 1, NULL);
    network->layers[0].weights[0] = 2;
    network->layers[0].weights[1] = -3;
    network->layers[0].bias[0] = 1;
    network->layers[0].activation.kind = ACTIVATION_SQUARE;
    struct polynomial_system *system = encode(network);
    struct text out = {0};
    assert_null(system->labels[2]);
    system->labels[2] = strdup("y\"\033");
    assert_true(ode_file_print(system, "", NULL, &out, NULL));
    assert_string_equal(out.data, wanted);
    text_free(&out);
    polynomial_system_free(system);
    network_free(network);
}

#define INIT "begin model m\n begin init\n  a = 0.5\n  b /* c */\n end init\n"
static const char whole[] = "// first\n" INIT " begin partition\n  {b}\n end partition\n"
                            " begin ODE\n  d(b) = -a*-2.5e-1*b + b*b - 3 // x\n  - b\n"
                            "  d(a) = 0\n end ODE\nend model\n";

static void files_written_by_others_are_read(void **state) {
    (void)state;
    struct error error = {0};
    struct polynomial_system *system = ode_file_parse("s.ode", whole, sizeof whole - 1, &error);
    if (!system) {
        fail_msg("%s", error.text);
        return;
    }
    const struct polynomial *b = &system->derivatives[1];
    const struct factor ab[] = {{0, 1}, {1, 1}}, bb = {1, 2}, one = {1, 1};
    assert_int_equal(system->derivatives[0].count, 0);
    assert_int_equal(b->count, 4);
    assert_true(polynomial_coefficient(b, NULL, 0) == -3);
    assert_true(polynomial_coefficient(b, &one, 1) == -1);
    assert_true(polynomial_coefficient(b, ab, 2) == 0.25);
    assert_true(polynomial_coefficient(b, &bb, 1) == 1);
    assert_true(system->blocks[0] == 0 && system->blocks[1] == 1);
    polynomial_system_free(system);
}

static void bad_files_are_answered_with_line_and_expectation(void **state) {
    (void)state;
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"", "line 1: expected \"begin model\", not the end of the file"},
        {"hello", "line 1: expected \"begin model\", not 'h'"},
        {"begin model m\nbegin init\nend init\n", "line 3: expected at least one variable"},
        {"begin model m\nbegin init a a end init\n", "\"a\" is there twice"},
        {"begin model m begin init a = x", "expected a number, not 'x'"},
        {INIT "begin parameters", "line 6: expected \"begin ODE\", not 'b'"},
        {INIT "begin partition {a},{a} end partition", "line 6: \"a\" is in two blocks"},
        {INIT "begin partition {c} end partition", "\"c\" is not among the variables"},
        {INIT "begin ODE\nd(a) = a^2", "line 7: expected \"d(\" or \"end ODE\", not '^'"},
        {INIT "begin ODE\nd(a) = (a)", "expected a number or a variable, not '('"},
        {INIT "begin ODE d(a) = 1e999*b", "\"1e999\" is no number"},
        {INIT "begin ODE d(a) = b d(a) = b", "a second equation for \"a\""},
        {INIT "begin ODE d(a) = b end ODE", "no equation d(b) = ..."},
        {INIT "begin ODE d(a) = b b", "expected d(...) or the next part of a sum, not \"b\""},
        {INIT "begin ODE d(a)=b d(b)=a end ODE end model reduceFDE()", "nothing after"},
        {INIT "begin ODE d(a) = 1e200*1e200", "out of the range"},
        {INIT "begin ODE d(a) = 1e308*a+a*1e308\nd(b) = 0", "out of the range"},
        {INIT "/* begin ODE", "not the end of the file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        const char *text = cases[i].text;
        assert_null(ode_file_parse("s.ode", text, strlen(text), &error));
        assert_int_equal(error.kind, ERROR_REQUEST);
        if (!strstr(error.text, cases[i].sentence) || strncmp(error.text, "s.ode: ", 7) != 0)
            fail_msg("\"%s\" does not say \"%s\"", error.text, cases[i].sentence);
    }
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    for (size_t length = 0; length < sizeof whole - 2; length++) {
        struct error error = {0};
        char *text = strndup(whole, length);
        assert_null(ode_file_parse("s.ode", text, length, &error));
        assert_int_equal(error.kind, ERROR_REQUEST);
        free(text);
    }
}

static void names_erode_could_not_read_are_refused(void **state) {
    (void)state;
    static const char *const names[][2] = {{"a b", "identifier"},
                                           {"", "identifier"},
                                           {"2x", "identifier"},
                                           {"other", "two variables"}};
    for (size_t i = 0; i < 4; i++) {
        struct polynomial_system *system = polynomial_system_new(2, NULL);
        struct text out = {0};
        struct error error = {0};
        assert_true(polynomial_system_set_name(system, 0, "other", NULL));
        assert_true(polynomial_system_set_name(system, 1, names[i][0], NULL));
        assert_false(ode_file_print(system, "", NULL, &out, &error));
        assert_non_null(strstr(error.text, names[i][1]));
        assert_null(out.data);
        polynomial_system_free(system);
    }
}

static void a_saved_network_loads_as_its_encoding(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 4);
    struct network *network = mixed_network(&rng);
    struct polynomial_system *system = encode(network);
    char path[] = "/tmp/lumpscope-test-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    struct error error = {0};
    assert_true(encoding_save(network, path, &error));
    struct polynomial_system *again = ode_file_load(path, &error);
    assert_non_null(again);
    assert_same_system(system, again);
    size_t size;
    char *text = file_read(path, 1 << 20, &size, NULL, &error);
    assert_non_null(strstr(text, "// The network mixed-1, 3-4-5-2,"));
    assert_non_null(strstr(text, "// layer 2: 5 neurons, polynomial\n"));
    free(text);
    unlink(path);
    network->layers[0].activation.kind = ACTIVATION_GELU;
    assert_false(encoding_save(network, path, &error));
    assert_false(file_exists(path));
    polynomial_system_free(system);
    polynomial_system_free(again);
    network_free(network);
}

static cJSON *read_reference(const char *name) {
    char path[1024];
    size_t size;
    struct error error = {0};
    snprintf(path, sizeof path, "%s/reference/%s.json", getenv("LUMPSCOPE_TESTS"), name);
    char *text = file_read(path, 1 << 20, &size, NULL, &error);
    if (!text)
        fail_msg("%s", error.text);
    cJSON *json = cJSON_Parse(text);
    assert_non_null(json);
    free(text);
    return json;
}

static struct network *reference_network(const cJSON *reference) {
    char *text = cJSON_PrintUnformatted(cJSON_GetObjectItem(reference, "model"));
    struct network *network = model_json_parse("reference", text, strlen(text), NULL);
    assert_non_null(network);
    cJSON_free(text);
    return network;
}

/* The classes of the hidden layers, as a partition of all variables like system->blocks. */
static void blocks_of_run(const struct network *network, const cJSON *run, const size_t *initial,
                          size_t *blocks, size_t variables) {
    memcpy(blocks, initial, variables * sizeof *blocks);
    size_t l = 0;
    const cJSON *layer, *class, *member;
    cJSON_ArrayForEach(layer, cJSON_GetObjectItem(run, "classes")) {
        l++;
        cJSON_ArrayForEach(class, layer) {
            size_t smallest = encoding_variable(network, l, (size_t) class->child->valueint);
            cJSON_ArrayForEach(member, class)
                blocks[encoding_variable(network, l, (size_t)member->valueint)] = smallest;
        }
    }
    assert_int_equal(l, network_hidden(network));
}

/* Same classes among the variables of the hidden layers. */
static bool same_classes(const struct network *network, const size_t *a, const size_t *b) {
    size_t first = network_inputs(network), end = encoding_variable(network, network->depth, 0);
    for (size_t i = first; i < end; i++)
        for (size_t j = first; j < i; j++)
            if ((a[i] == a[j]) != (b[i] == b[j]))
                return false;
    return true;
}

static size_t identical_runs(const char *name, size_t *runs) {
    cJSON *reference = read_reference(name);
    struct network *network = reference_network(reference);
    struct polynomial_system *system = encode(network);
    size_t identical = 0, variables = system->variables, count;
    size_t *erode = calloc(2 * variables, sizeof *erode), *own = erode + variables;
    const cJSON *run;
    cJSON_ArrayForEach(run, cJSON_GetObjectItem(reference, "runs")) {
        double epsilon = cJSON_GetObjectItem(run, "epsilon")->valuedouble;
        blocks_of_run(network, run, system->blocks, erode, variables);
        memcpy(own, system->blocks, variables * sizeof *own);
        assert_true(naive_system_refine(system, RELATION_FORWARD, NORM_ERODE, epsilon, own, &count,
                                        NULL, NULL));
        bool same = same_classes(network, own, erode);
        if (!same)
            print_error("%s: other classes than ERODE's at epsilon %g\n", name, epsilon);
        identical += same;
        ++*runs;
    }
    free(erode);
    polynomial_system_free(system);
    network_free(network);
    cJSON_Delete(reference);
    return identical;
}

static void erodes_own_classes_come_out_in_every_run(void **state) {
    (void)state;
    static const char *const names[] = {"erode_lin01", "erode_lin03", "erode_lin05", "erode_sq01",
                                        "erode_sq02"};
    size_t runs = 0, identical = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        identical += identical_runs(names[i], &runs);
    print_message("%zu of %zu runs of ERODE identical\n", identical, runs);
    assert_int_equal(runs, 29);
    assert_int_equal(identical, runs);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evaluated_layer_by_layer_the_system_is_the_forward_pass),
        cmocka_unit_test(expansions_are_those_of_repeated_products),
        cmocka_unit_test(zero_weights_and_biases_leave_no_monomials),
        cmocka_unit_test(names_blocks_and_labels_follow_the_layers),
        cmocka_unit_test(networks_without_a_polynomial_encoding_are_refused_by_layer),
        cmocka_unit_test(systems_that_would_be_too_large_are_refused_with_their_size),
        cmocka_unit_test(coefficients_out_of_range_are_refused_by_neuron),
        cmocka_unit_test(written_systems_read_back_coefficient_by_coefficient),
        cmocka_unit_test(the_file_is_what_erode_reads),
        cmocka_unit_test(files_written_by_others_are_read),
        cmocka_unit_test(bad_files_are_answered_with_line_and_expectation),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(names_erode_could_not_read_are_refused),
        cmocka_unit_test(a_saved_network_loads_as_its_encoding),
        cmocka_unit_test(erodes_own_classes_come_out_in_every_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
