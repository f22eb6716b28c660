/* The dynamical systems: the equations as they are written in the design, and data sets that are
 * the same bytes for the same seed. */
#include "lumpscope/systems.h"
#include "lumpscope/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 300 };

static struct system *make(const struct system_spec *spec, uint64_t seed) {
    struct rng rng;
    rng_seed(&rng, seed);
    struct error error = {0};
    struct system *system = system_new(spec, &rng, &error);
    if (!system)
        fail_msg("%s", error.text);
    return system;
}

/* The system's derivative at a point of its box must be `wanted`. */
typedef void equations(const struct system_spec *spec, const double *x, double *out);
static void check_equations(const struct system_spec *spec, equations *wanted) {
    struct system *system = make(spec, 7);
    struct rng rng;
    rng_seed(&rng, 5);
    for (int round = 0; round < 10; round++) {
        double x[MOST], out[MOST], by_hand[MOST];
        for (size_t i = 0; i < system->variables; i++)
            x[i] = system->lower[i] + (system->upper[i] - system->lower[i]) * rng_uniform(&rng);
        system_derivative(system, x, out);
        wanted(spec, x, by_hand);
        for (size_t i = 0; i < system->variables; i++)
            if (!(fabs(out[i] - by_hand[i]) < 1e-12 * (1 + fabs(by_hand[i]))))
                fail_msg("d_%s is %.17g, by hand %.17g", system->names[i], out[i], by_hand[i]);
    }
    system_free(system);
}

/* Level i, node k (both from 1) is variable 2^(i-1) + k - 2. */
static void htree_by_hand(const struct system_spec *spec, const double *x, double *out) {
    static const double r[] = {3.19, 6.37, 12.75, 25.5, 50, 100, 200, 400};
    static const double c[] = {0.28, 0.30, 0.13, 0.14, 0.07, 0.07, 0.035, 0.035};
    double resistance[MOST], capacitance[MOST];
    struct rng rng;
    rng_seed(&rng, 7);
    size_t at = 0;
    for (size_t i = 1; i <= spec->depth; i++)
        for (size_t k = 1; k <= (size_t)1 << (i - 1); k++, at++) {
            double u = spec->eta > 0 ? 2 * rng_uniform(&rng) - 1 : 0;
            resistance[at] = r[i - 1] * (1 + u * spec->eta / 100);
            u = spec->eta > 0 ? 2 * rng_uniform(&rng) - 1 : 0;
            capacitance[at] = c[i - 1] * (1 + u * spec->eta / 100);
        }
    double b1 = 1 / (resistance[1] * capacitance[0]), b2 = 1 / (resistance[2] * capacitance[0]);
    out[0] =
        (2 - x[0]) / (resistance[0] * capacitance[0]) - b1 * (x[0] - x[1]) - b2 * (x[0] - x[2]);
    for (size_t i = 2; i <= spec->depth; i++)
        for (size_t k = 1; k <= (size_t)1 << (i - 1); k++) {
            size_t own = ((size_t)1 << (i - 1)) + k - 2;
            size_t parent = ((size_t)1 << (i - 2)) + (k + 1) / 2 - 2;
            out[own] = (x[parent] - x[own]) / (resistance[own] * capacitance[own]);
        }
}

static void htree_is_the_clock_network_with_and_without_perturbation(void **state) {
    (void)state;
    struct system_spec spec = system_spec_defaults(SYSTEM_HTREE);
    assert_int_equal(spec.depth, 4);
    for (spec.depth = 2; spec.depth <= 8; spec.depth++) {
        spec.eta = 0;
        check_equations(&spec, htree_by_hand);
        spec.eta = 20;
        check_equations(&spec, htree_by_hand);
    }
    spec.depth = 3;
    struct system *system = make(&spec, 1);
    assert_int_equal(system->variables, 7);
    assert_string_equal(system->names[0], "v1_1");
    assert_string_equal(system->names[2], "v2_2");
    assert_string_equal(system->names[6], "v3_4");
    assert_true(system->upper[3] == 2 && system->start[3] == 0);
    system_free(system);
}

static void polymer_by_hand(const struct system_spec *spec, const double *x, double *out) {
    size_t m = spec->types;
    const double *A = x, *Ap = x + m, *AQ = x + 2 * m, H = x[3 * m], H2 = x[3 * m + 1],
                 C = x[3 * m + 2], ar = 0.1, br = 0.2;
    double a[3] = {1, 1, 1}, b[3] = {2, 2, 2}, g[3] = {3, 3, 3};
    for (size_t i = 0; spec->perturbed && i < 2; i++) {
        double shift = i == 0 ? -0.005 : 0.005;
        a[i] += shift;
        b[i] += shift;
        g[i] += shift;
    }
    double *dH = out + 3 * m, *dH2 = dH + 1, *dC = dH + 2;
    *dH = *dH2 = *dC = 0;
    for (size_t i = 0; i < m; i++) {
        size_t before = (i + m - 1) % m;
        out[i] = (i == 0 ? spec->inflow : 0) - a[i] * A[i] * H + ar * Ap[i] * H2 +
                 g[before] * C * AQ[before];
        out[m + i] = a[i] * A[i] * H - ar * Ap[i] * H2 - b[i] * Ap[i] * C + br * AQ[i];
        out[2 * m + i] = b[i] * Ap[i] * C - br * AQ[i] - g[i] * C * AQ[i];
        *dH += -a[i] * A[i] * H + ar * Ap[i] * H2 + g[i] * C * AQ[i];
        *dH2 += a[i] * A[i] * H - ar * Ap[i] * H2;
        *dC += -b[i] * Ap[i] * C + br * AQ[i] - g[i] * C * AQ[i];
    }
}

static void polymer_has_its_published_equations(void **state) {
    (void)state;
    struct system_spec spec = system_spec_defaults(SYSTEM_POLYMER);
    for (spec.types = 2; spec.types <= 3; spec.types++)
        for (int variant = 0; variant < 4; variant++) {
            spec.inflow = variant & 1 ? 0.7 : 0;
            spec.perturbed = variant & 2;
            check_equations(&spec, polymer_by_hand);
        }
    spec = system_spec_defaults(SYSTEM_POLYMER);
    struct system *system = make(&spec, 1);
    static const char *const names[] = {"A1", "A2", "A1p", "A2p", "A1Q", "A2Q", "H", "H2", "C"};
    static const double upper[] = {5, 5, 1, 1, 0.5, 0.5, 5, 6, 5};
    static const double start[] = {5, 0, 0, 0, 0, 0, 5, 5, 5};
    assert_int_equal(system->variables, 9);
    for (size_t i = 0; i < 9; i++) {
        assert_string_equal(system->names[i], names[i]);
        assert_true(system->lower[i] == 0 && system->upper[i] == upper[i]);
        assert_true(system->start[i] == start[i]);
    }
    system_free(system);
}

static void binding_by_hand(const struct system_spec *spec, const double *x, double *out) {
    (void)spec;
    double Au = x[0], Ap = x[1], B = x[2], AuB = x[3], ApB = x[4];
    out[0] = -1 * Au + 2 * Ap - 3 * Au * B + 4 * AuB;
    out[1] = 1 * Au - 2 * Ap - 3 * Ap * B + 4 * ApB;
    out[2] = -3 * Au * B + 4 * AuB - 3 * Ap * B + 4 * ApB;
    out[3] = 3 * Au * B - 4 * AuB;
    out[4] = 3 * Ap * B - 4 * ApB;
}

/* Variables E, F, S_u, S_U, S_p, S_P. */
static void one_site_by_hand(const struct system_spec *spec, const double *x, double *out) {
    (void)spec;
    double E = x[0], F = x[1], u = x[2], U = x[3], p = x[4], P = x[5];
    out[0] = -0.7 * u * E + 3.0 * U + 5.0 * U;
    out[1] = -0.7 * p * F + 3.0 * P + 5.1 * P;
    out[2] = -0.7 * u * E + 3.0 * U + 5.1 * P;
    out[3] = 0.7 * u * E - 3.0 * U - 5.0 * U;
    out[4] = -0.7 * p * F + 3.0 * P + 5.0 * U;
    out[5] = 0.7 * p * F - 3.0 * P - 5.1 * P;
}

static void reaction_networks_have_their_published_equations(void **state) {
    (void)state;
    struct system_spec spec = system_spec_defaults(SYSTEM_RN);
    check_equations(&spec, binding_by_hand);
    spec.sites = 1;
    check_equations(&spec, one_site_by_hand);
}

/* With independent sites, the mean-field of any one site obeys the equations of a single site, with
 * the totals of all states that have a letter there; checked for every site of three. */
static void every_site_reacts_whatever_the_others_are(void **state) {
    (void)state;
    struct system_spec spec = system_spec_defaults(SYSTEM_RN);
    spec.sites = 3;
    struct system *system = make(&spec, 1);
    assert_int_equal(system->variables, 66);
    assert_string_equal(system->names[1], "F");
    assert_string_equal(system->names[2], "S_uuu");
    assert_string_equal(system->names[3], "S_uuU");
    assert_string_equal(system->names[2 + 4 * 1 + 2], "S_uUp");
    assert_string_equal(system->names[65], "S_PPP");
    assert_true(system->upper[2] == 3.0 / 64 && system->start[2] == 3 && system->start[3] == 0);
    double x[66], out[66];
    struct rng rng;
    rng_seed(&rng, 4);
    for (size_t i = 0; i < 66; i++)
        x[i] = rng_uniform(&rng);
    system_derivative(system, x, out);
    double enzymes[2] = {0, 0};
    for (size_t place = 1; place < 64; place *= 4) {
        double total[6] = {x[0], x[1]}, change[6] = {0}, single[6];
        for (size_t word = 0; word < 64; word++) {
            total[2 + word / place % 4] += x[2 + word];
            change[2 + word / place % 4] += out[2 + word];
        }
        one_site_by_hand(&spec, total, single);
        for (size_t letter = 2; letter < 6; letter++)
            assert_true(fabs(change[letter] - single[letter]) < 1e-11);
        enzymes[0] += single[0];
        enzymes[1] += single[1];
    }
    assert_true(fabs(out[0] - enzymes[0]) < 1e-11 && fabs(out[1] - enzymes[1]) < 1e-11);
    system_free(system);
}

static void glycolysis_by_hand(const struct system_spec *spec, const double *x, double *out) {
    (void)spec;
    double S1 = x[0], S2 = x[1], S3 = x[2], S4 = x[3], S5 = x[4], S6 = x[5], S7 = x[6];
    double v1 = 100 * S1 * S6 / (1 + pow(S6 / 0.52, 4));
    out[0] = 2.5 - v1;
    out[1] = 2 * v1 - 6 * S2 * (1 - S5) - 12 * S2 * S5;
    out[2] = 6 * S2 * (1 - S5) - 16 * S3 * (4 - S6);
    out[3] = 16 * S3 * (4 - S6) - 100 * S4 * S5 - 13 * (S4 - S7);
    out[4] = 6 * S2 * (1 - S5) - 100 * S4 * S5 - 12 * S2 * S5;
    out[5] = -2 * v1 + 2 * 16 * S3 * (4 - S6) - 1.28 * S6;
    out[6] = 0.1 * 13 * (S4 - S7) - 1.8 * S7;
}

static void glycolysis_has_its_published_equations(void **state) {
    (void)state;
    struct system_spec spec = system_spec_defaults(SYSTEM_GLYCOLYSIS);
    check_equations(&spec, glycolysis_by_hand);
    struct system *system = make(&spec, 1);
    assert_null(system->polynomials);
    assert_string_equal(system->names[6], "S7");
    assert_true(system->lower[5] == 0.14 && system->upper[5] == 2.67);
    assert_true(fabs(system->start[0] - 0.875) < 1e-15);
    system_free(system);
}

static void generate(const struct system_spec *spec, size_t rows, uint64_t seed, struct text *out) {
    struct error error = {0};
    text_clear(out);
    if (!systems_generate(spec, rows, seed, out, &error))
        fail_msg("%s", error.text);
}

/* The first row of `rn` with seed 1, computed with an independent implementation of the generator
 * in Python. */
static void data_sets_are_the_same_bytes_for_the_same_seed(void **state) {
    (void)state;
    static const char first[] = "Au,Ap,B,AuB,ApB,d_Au,d_Ap,d_B,d_AuB,d_ApB\n"
                                "1.405843666317701,1.0408732398777139,1.7223171000591675,"
                                "0.39132860204190445,0.6971784165599615,-5.022708537921209,"
                                "-3.265330487304004,-8.288039025225213,5.698611351358935,"
                                "2.589427673866277\n";
    struct system_spec spec = system_spec_defaults(SYSTEM_RN);
    struct text a = {0}, b = {0};
    generate(&spec, 50, 1, &a);
    generate(&spec, 50, 1, &b);
    assert_string_equal(a.data, b.data);
    assert_int_equal(strncmp(a.data, first, sizeof first - 1), 0);
    generate(&spec, 20, 1, &b);
    assert_int_equal(strncmp(a.data, b.data, b.length), 0);
    generate(&spec, 50, 2, &b);
    assert_string_not_equal(a.data, b.data);
    text_free(&a);
    text_free(&b);
}

/* Reads a data set back: states in the box, and derivatives that are those of the states read. */
static void check_data(const struct system_spec *spec) {
    enum { ROWS = 40 };
    struct system *system = make(spec, 3);
    struct text csv = {0};
    generate(spec, ROWS, 3, &csv);
    char *line = strchr(csv.data, '\n') + 1;
    size_t rows = 0;
    for (; *line; rows++) {
        double values[2 * MOST], out[MOST];
        for (size_t i = 0; i < 2 * system->variables; i++) {
            values[i] = strtod(line, &line);
            assert_int_equal(*line++, i + 1 < 2 * system->variables ? ',' : '\n');
        }
        system_derivative(system, values, out);
        for (size_t i = 0; i < system->variables; i++)
            assert_true(values[i] >= system->lower[i] && values[i] < system->upper[i]);
        assert_memory_equal(out, values + system->variables, system->variables * sizeof *out);
    }
    assert_int_equal(rows, ROWS);
    text_free(&csv);
    system_free(system);
}

static void data_sets_read_back_to_the_derivatives_of_their_states(void **state) {
    (void)state;
    for (int kind = 0; kind < SYSTEM_KINDS; kind++) {
        struct system_spec spec = system_spec_defaults((enum system_kind)kind);
        spec.eta = 10;
        check_data(&spec);
        spec.sites = 4;
        spec.perturbed = true;
        check_data(&spec);
    }
}

static void every_option_is_parsed_and_kept_in_its_range(void **state) {
    (void)state;
    static const struct {
        enum system_kind kind;
        const char *option, *value, *sentence; /* NULL: accepted */
    } cases[] = {
        {SYSTEM_HTREE, "depth", "8", NULL},
        {SYSTEM_HTREE, "depth", "9", "--depth takes a whole number from 2 to 8, not \"9\""},
        {SYSTEM_HTREE, "depth", "1", "from 2 to 8"},
        {SYSTEM_HTREE, "depth", "3.5", "whole number"},
        {SYSTEM_HTREE, "depth", NULL, "--depth needs a value: --depth N"},
        {SYSTEM_HTREE, "eta", "2.5", NULL},
        {SYSTEM_HTREE, "eta", "-1", "from 0 to 99"},
        {SYSTEM_HTREE, "eta", "nan", "not \"nan\""},
        {SYSTEM_POLYMER, "types", "3", NULL},
        {SYSTEM_POLYMER, "types", "4", "from 2 to 3"},
        {SYSTEM_POLYMER, "inflow", "0.5", NULL},
        {SYSTEM_POLYMER, "inflow", "x", "not \"x\""},
        {SYSTEM_POLYMER, "perturbed", NULL, NULL},
        {SYSTEM_POLYMER, "perturbed", "yes", "takes no value"},
        {SYSTEM_RN, "sites", "4", NULL},
        {SYSTEM_RN, "sites", "0", "from 1 to 4"},
        {SYSTEM_RN, "depth", "3", "--depth is an option of htree, not of rn"},
        {SYSTEM_GLYCOLYSIS, "perturbed", NULL, "an option of polymer, not of glycolysis"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        struct system_spec spec = system_spec_defaults(cases[i].kind);
        enum system_option option = system_option_find(cases[i].option);
        bool set = system_spec_set(&spec, option, cases[i].value, &error);
        assert_int_equal(set, cases[i].sentence == NULL);
        if (!set && (error.kind != ERROR_USAGE || !strstr(error.text, cases[i].sentence)))
            fail_msg("\"%s\" does not say \"%s\"", error.text, cases[i].sentence);
    }
    struct system_spec spec = system_spec_defaults(SYSTEM_POLYMER);
    assert_true(system_spec_set(&spec, SYSTEM_TYPES, "3", NULL));
    assert_true(system_spec_set(&spec, SYSTEM_INFLOW, "0.25", NULL));
    assert_true(system_spec_set(&spec, SYSTEM_PERTURBED, NULL, NULL));
    assert_true(spec.types == 3 && spec.inflow == 0.25 && spec.perturbed);
    assert_int_equal(system_option_find("dept"), SYSTEM_OPTIONS);
    assert_int_equal(system_find("glycolysis"), SYSTEM_GLYCOLYSIS);
    assert_int_equal(system_find("glycol"), SYSTEM_KINDS);
}

static void a_number_of_rows_that_cannot_be_served_is_refused(void **state) {
    (void)state;
    struct system_spec spec = system_spec_defaults(SYSTEM_GLYCOLYSIS);
    static const size_t rows[] = {0, 50000000 / 14 + 1, SIZE_MAX};
    for (size_t i = 0; i < 3; i++) {
        struct text csv = {0};
        struct error error = {0};
        assert_false(systems_generate(&spec, rows[i], 1, &csv, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_non_null(strstr(error.text, "from 1 to 3571428"));
        text_free(&csv);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(htree_is_the_clock_network_with_and_without_perturbation),
        cmocka_unit_test(polymer_has_its_published_equations),
        cmocka_unit_test(reaction_networks_have_their_published_equations),
        cmocka_unit_test(every_site_reacts_whatever_the_others_are),
        cmocka_unit_test(glycolysis_has_its_published_equations),
        cmocka_unit_test(data_sets_are_the_same_bytes_for_the_same_seed),
        cmocka_unit_test(data_sets_read_back_to_the_derivatives_of_their_states),
        cmocka_unit_test(every_option_is_parsed_and_kept_in_its_range),
        cmocka_unit_test(a_number_of_rows_that_cannot_be_served_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
