#include "lumpscope/systems.h"

#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NONE UINT32_MAX
enum { MAX_NUMBERS = 50000000 };

static const struct {
    const char *name, *help;
} kinds[SYSTEM_KINDS] = {
    [SYSTEM_HTREE] = {"htree", "H-tree RC clock network, linear, 2^depth - 1 variables"},
    [SYSTEM_POLYMER] = {"polymer", "polymerization by acetylene addition, quadratic"},
    [SYSTEM_RN] = {"rn", "reversible binding, or multisite phosphorylation, quadratic"},
    [SYSTEM_GLYCOLYSIS] = {"glycolysis", "seven-variable yeast glycolysis, rational"},
};

const struct system_option_description system_options[SYSTEM_OPTIONS] = {
    [SYSTEM_DEPTH] = {"depth", SYSTEM_HTREE, "N", true, 2, 8, "levels of the tree (default 4)"},
    [SYSTEM_ETA] = {"eta", SYSTEM_HTREE, "PERCENT", false, 0, 99,
                    "perturb every R and C by up to this much (default 0)"},
    [SYSTEM_TYPES] = {"types", SYSTEM_POLYMER, "N", true, 2, 3, "types of sites (default 2)"},
    [SYSTEM_INFLOW] = {"inflow", SYSTEM_POLYMER, "R0", false, 0, 1e6,
                       "constant inflow into A1 (default 0)"},
    [SYSTEM_PERTURBED] = {"perturbed", SYSTEM_POLYMER, NULL, false, 0, 0,
                          "let the rates of types 1 and 2 differ slightly"},
    [SYSTEM_SITES] = {"sites", SYSTEM_RN, "N", true, 1, 4,
                      "multisite phosphorylation with N sites instead of reversible binding"},
};

const char *system_name(enum system_kind kind) {
    return kinds[kind].name;
}

const char *system_help(enum system_kind kind) {
    return kinds[kind].help;
}

enum system_kind system_find(const char *name) {
    int kind = 0;
    while (kind < SYSTEM_KINDS && strcmp(name, kinds[kind].name) != 0)
        kind++;
    return (enum system_kind)kind;
}

enum system_option system_option_find(const char *name) {
    int option = 0;
    while (option < SYSTEM_OPTIONS && strcmp(name, system_options[option].name) != 0)
        option++;
    return (enum system_option)option;
}

struct system_spec system_spec_defaults(enum system_kind kind) {
    return (struct system_spec){.kind = kind, .depth = 4, .types = 2};
}

/* The value of an option as a number in its range. */
static bool option_number(const struct system_option_description *option, const char *value,
                          double *out, struct error *error) {
    if (!value)
        return error_set(error, ERROR_USAGE, "--%s needs a value: --%s %s", option->name,
                         option->name, option->values);
    if (text_to_double(value, out) && *out >= option->least && *out <= option->most &&
        (!option->whole || *out == floor(*out)))
        return true;
    return error_set(error, ERROR_USAGE, "--%s takes a %snumber from %g to %g, not \"%s\"",
                     option->name, option->whole ? "whole " : "", option->least, option->most,
                     value);
}

bool system_spec_set(struct system_spec *spec, enum system_option option, const char *value,
                     struct error *error) {
    const struct system_option_description *description = &system_options[option];
    if (description->system != spec->kind)
        return error_set(error, ERROR_USAGE, "--%s is an option of %s, not of %s; leave it out",
                         description->name, kinds[description->system].name,
                         kinds[spec->kind].name);
    if (!description->values && value)
        return error_set(error, ERROR_USAGE, "--%s takes no value; leave \"%s\" out",
                         description->name, value);
    double number = 0;
    if (description->values && !option_number(description, value, &number, error))
        return false;
    switch (option) {
    case SYSTEM_DEPTH:
        spec->depth = (size_t)number;
        break;
    case SYSTEM_ETA:
        spec->eta = number;
        break;
    case SYSTEM_TYPES:
        spec->types = (size_t)number;
        break;
    case SYSTEM_INFLOW:
        spec->inflow = number;
        break;
    case SYSTEM_PERTURBED:
        spec->perturbed = true;
        break;
    case SYSTEM_SITES:
        spec->sites = (size_t)number;
        break;
    case SYSTEM_OPTIONS:
        break;
    }
    return true;
}

/* A system being made. A failure is remembered, so that equations can be written down one after the
 * other and only the end needs a check. */
struct builder {
    struct system *system;
    struct error *error;
    bool failed;
};

static void begin(struct builder *b, size_t variables) {
    struct system *system = b->system;
    system->variables = variables;
    system->lower = memory_new(variables, sizeof *system->lower, b->error);
    system->upper = memory_new(variables, sizeof *system->upper, b->error);
    system->start = memory_new(variables, sizeof *system->start, b->error);
    b->failed = !system->lower || !system->upper || !system->start;
}

static void begin_polynomial(struct builder *b, size_t variables) {
    begin(b, variables);
    if (!b->failed && !(b->system->polynomials = polynomial_system_new(variables, b->error)))
        b->failed = true;
}

/* Names a variable and gives it its box and start value. */
static void variable(struct builder *b, size_t index, const char *name, double lower, double upper,
                     double start) {
    if (b->failed)
        return;
    b->failed = !polynomial_system_set_name(b->system->polynomials, index, name, b->error);
    b->system->lower[index] = lower;
    b->system->upper[index] = upper;
    b->system->start[index] = start;
}

/* Adds coefficient * x_i * x_j to one equation; i, j or both may be NONE. */
static void term(struct builder *b, size_t equation, double coefficient, uint32_t i, uint32_t j) {
    struct factor factors[2];
    size_t count = 0;
    if (i != NONE)
        factors[count++] = (struct factor){i, 1};
    if (j != NONE)
        factors[count++] = (struct factor){j, 1};
    if (!b->failed && !polynomial_append(&b->system->polynomials->derivatives[equation],
                                         coefficient, factors, count, b->error))
        b->failed = true;
}

/* Mass action: from[0] + from[1] -> to[0] + to[1]; NONE where there is one of them only. */
static void reaction(struct builder *b, double rate, const uint32_t from[2], const uint32_t to[2]) {
    for (size_t side = 0; side < 2; side++) {
        if (from[side] != NONE)
            term(b, from[side], -rate, from[0], from[1]);
        if (to[side] != NONE)
            term(b, to[side], rate, from[0], from[1]);
    }
}

static void bind(struct builder *b, double rate, uint32_t x, uint32_t y, uint32_t complex) {
    reaction(b, rate, (const uint32_t[2]){x, y}, (const uint32_t[2]){complex, NONE});
}

static void release(struct builder *b, double rate, uint32_t complex, uint32_t x, uint32_t y) {
    reaction(b, rate, (const uint32_t[2]){complex, NONE}, (const uint32_t[2]){x, y});
}

static void exchange(struct builder *b, double rate, uint32_t x, uint32_t y, uint32_t x_after,
                     uint32_t y_after) {
    reaction(b, rate, (const uint32_t[2]){x, y}, (const uint32_t[2]){x_after, y_after});
}

static void convert(struct builder *b, double rate, uint32_t x, uint32_t x_after) {
    exchange(b, rate, x, NONE, x_after, NONE);
}

/* 1 + u eta/100, u uniform in [-1, 1]. */
static double perturbation(double eta, struct rng *rng) {
    return eta > 0 ? 1 + (2 * rng_uniform(rng) - 1) * eta / 100 : 1;
}

enum { HTREE_MOST = 8 };

/* v_{i,k} is variable 2^(i-1) - 1 + (k - 1): children of variable v are 2v + 1 and 2v + 2. */
static void htree_equations(struct builder *b, const double *resistance,
                            const double *capacitance) {
    for (uint32_t v = 0; v < b->system->variables; v++) {
        double rate = 1 / (resistance[v] * capacitance[v]);
        term(b, v, -rate, v, NONE);
        if (v > 0)
            term(b, v, rate, (v - 1) / 2, NONE);
        else
            term(b, v, 2 * rate, NONE, NONE); /* the source, Vs = 2 */
    }
    for (uint32_t child = 1; child <= 2; child++) { /* what the children draw, level 1 only */
        double rate = 1 / (resistance[child] * capacitance[0]);
        term(b, 0, -rate, 0, NONE);
        term(b, 0, rate, child, NONE);
    }
}

static void htree(struct builder *b, const struct system_spec *spec, struct rng *rng) {
    static const double resistances[HTREE_MOST] = {3.19, 6.37, 12.75, 25.5, 50, 100, 200, 400};
    static const double capacitances[HTREE_MOST] = {0.28, 0.30, 0.13,  0.14,
                                                    0.07, 0.07, 0.035, 0.035};
    double resistance[(1 << HTREE_MOST) - 1] = {0}, capacitance[(1 << HTREE_MOST) - 1] = {0};
    begin_polynomial(b, ((size_t)1 << spec->depth) - 1);
    size_t v = 0;
    for (size_t level = 0; level < spec->depth; level++)
        for (size_t k = 0; k < (size_t)1 << level; k++, v++) {
            char name[48];
            snprintf(name, sizeof name, "v%zu_%zu", level + 1, k + 1);
            variable(b, v, name, 0, 2, 0);
            resistance[v] = resistances[level] * perturbation(spec->eta, rng);
            capacitance[v] = capacitances[level] * perturbation(spec->eta, rng);
        }
    htree_equations(b, resistance, capacitance);
}

static void polymer_variables(struct builder *b, size_t types) {
    static const struct {
        const char *suffix;
        double upper;
    } forms[3] = {{"", 5}, {"p", 1}, {"Q", 0.5}};
    for (size_t form = 0; form < 3; form++)
        for (size_t i = 0; i < types; i++) {
            char name[48];
            snprintf(name, sizeof name, "A%zu%s", i + 1, forms[form].suffix);
            variable(b, form * types + i, name, 0, forms[form].upper, form + i == 0 ? 5 : 0);
        }
    variable(b, 3 * types, "H", 0, 5, 5);
    variable(b, 3 * types + 1, "H2", 0, 6, 5);
    variable(b, 3 * types + 2, "C", 0, 5, 5);
}

/* A_i + H <-> A_ip + H2 (a, ar);  A_ip + C <-> A_iQ (b, br);  A_iQ + C -> A_{i+1} + H (g);
 * -> A_1 (r0). */
static void polymer(struct builder *b, const struct system_spec *spec) {
    uint32_t types = (uint32_t)spec->types;
    uint32_t hydrogen = 3 * types, molecule = hydrogen + 1, acetylene = hydrogen + 2;
    begin_polynomial(b, 3 * types + 3);
    polymer_variables(b, types);
    for (uint32_t i = 0; i < types; i++) {
        uint32_t a = i, radical = types + i, adduct = 2 * types + i, next = (i + 1) % types;
        double shift = !spec->perturbed || i == 2 ? 0 : i == 0 ? -0.005 : 0.005;
        exchange(b, 1 + shift, a, hydrogen, radical, molecule);
        exchange(b, 0.1, radical, molecule, a, hydrogen);
        bind(b, 2 + shift, radical, acetylene, adduct);
        release(b, 0.2, adduct, radical, acetylene);
        exchange(b, 3 + shift, adduct, acetylene, next, hydrogen);
    }
    term(b, 0, spec->inflow, NONE, NONE);
}

static void binding(struct builder *b) {
    enum { FREE_U, FREE_P, LIGAND, BOUND_U, BOUND_P, COUNT };
    begin_polynomial(b, COUNT);
    variable(b, FREE_U, "Au", 0, 2, 1);
    variable(b, FREE_P, "Ap", 0, 2, 2);
    variable(b, LIGAND, "B", 0, 3, 3);
    variable(b, BOUND_U, "AuB", 0, 1, 0);
    variable(b, BOUND_P, "ApB", 0, 1, 0);
    convert(b, 1, FREE_U, FREE_P);
    convert(b, 2, FREE_P, FREE_U);
    bind(b, 3, FREE_U, LIGAND, BOUND_U);
    release(b, 4, BOUND_U, FREE_U, LIGAND);
    bind(b, 3, FREE_P, LIGAND, BOUND_P);
    release(b, 4, BOUND_P, FREE_P, LIGAND);
}

/* The substrate of word w is variable 2 + w, w read in base 4 with digits u, U, p, P, site 1 the
 * highest: lexicographic order. `step` is the place value of the site that reacts. */
static void site_reactions(struct builder *b, uint32_t word, uint32_t step) {
    enum { KINASE, PHOSPHATASE, SUBSTRATES };
    enum { FREE, BY_KINASE, PHOSPHORYLATED, BY_PHOSPHATASE };
    uint32_t letter = word / step % 4, self = SUBSTRATES + word, base = self - letter * step;
    switch (letter) {
    case FREE:
        bind(b, 0.7, self, KINASE, base + BY_KINASE * step);
        break;
    case BY_KINASE:
        release(b, 3.0, self, base + FREE * step, KINASE);
        release(b, 5.0, self, base + PHOSPHORYLATED * step, KINASE);
        break;
    case PHOSPHORYLATED:
        bind(b, 0.7, self, PHOSPHATASE, base + BY_PHOSPHATASE * step);
        break;
    default:
        release(b, 3.0, self, base + PHOSPHORYLATED * step, PHOSPHATASE);
        release(b, 5.1, self, base + FREE * step, PHOSPHATASE);
    }
}

static void multisite(struct builder *b, size_t sites) {
    uint32_t words = (uint32_t)1 << (2 * sites);
    begin_polynomial(b, words + 2);
    variable(b, 0, "E", 0, 2, 2);
    variable(b, 1, "F", 0, 2, 2);
    for (uint32_t word = 0; word < words; word++) {
        char name[16] = "S_";
        for (size_t site = 0; site < sites; site++)
            name[2 + site] = "uUpP"[word >> (2 * (sites - 1 - site)) & 3];
        variable(b, 2 + word, name, 0, 3.0 / words, word == 0 ? 3 : 0);
        for (uint32_t step = 1; step < words; step *= 4)
            site_reactions(b, word, step);
    }
}

static void glycolysis(struct builder *b) {
    enum { COUNT = 7 };
    static const char *const names[COUNT] = {"S1", "S2", "S3", "S4", "S5", "S6", "S7"};
    static const double lower[COUNT] = {0.15, 0.19, 0.04, 0.10, 0.08, 0.14, 0.05};
    static const double upper[COUNT] = {1.60, 2.16, 0.20, 0.35, 0.30, 2.67, 0.10};
    begin(b, COUNT);
    if (b->failed)
        return;
    b->system->names = names;
    for (size_t i = 0; i < COUNT; i++) {
        b->system->lower[i] = lower[i];
        b->system->upper[i] = upper[i];
        b->system->start[i] = (lower[i] + upper[i]) / 2;
    }
}

static void glycolysis_derivative(const double *x, double *out) {
    const double j0 = 2.5, k1 = 100, k2 = 6, k3 = 16, k4 = 100, k5 = 1.28, k6 = 12, k = 1.8,
                 kappa = 13, inhibition = 0.52, psi = 0.1, nad = 1, adenine = 4;
    double ratio = x[5] / inhibition, square = ratio * ratio; /* q = 4 */
    double v1 = k1 * x[0] * x[5] / (1 + square * square);
    double v2 = k2 * x[1] * (nad - x[4]);
    double v3 = k3 * x[2] * (adenine - x[5]);
    double v4 = k4 * x[3] * x[4];
    double v6 = k6 * x[1] * x[4];
    double exported = kappa * (x[3] - x[6]);
    out[0] = j0 - v1;
    out[1] = 2 * v1 - v2 - v6;
    out[2] = v2 - v3;
    out[3] = v3 - v4 - exported;
    out[4] = v2 - v4 - v6;
    out[5] = -2 * v1 + 2 * v3 - k5 * x[5];
    out[6] = psi * exported - k * x[6];
}

static void finish(struct builder *b) {
    struct polynomial_system *polynomials = b->system->polynomials;
    if (b->failed || !polynomials)
        return;
    for (size_t i = 0; !b->failed && i < polynomials->variables; i++)
        b->failed = !polynomial_normalise(&polynomials->derivatives[i], b->error);
    b->system->names = (const char *const *)polynomials->names;
}

struct system *system_new(const struct system_spec *spec, struct rng *rng, struct error *error) {
    struct builder b = {.system = memory_new(1, sizeof *b.system, error), .error = error};
    if (!b.system)
        return NULL;
    if (spec->kind == SYSTEM_HTREE)
        htree(&b, spec, rng);
    else if (spec->kind == SYSTEM_POLYMER)
        polymer(&b, spec);
    else if (spec->kind == SYSTEM_RN && spec->sites == 0)
        binding(&b);
    else if (spec->kind == SYSTEM_RN)
        multisite(&b, spec->sites);
    else
        glycolysis(&b);
    finish(&b);
    if (b.failed) {
        system_free(b.system);
        return NULL;
    }
    return b.system;
}

void system_free(struct system *system) {
    if (!system)
        return;
    polynomial_system_free(system->polynomials);
    free(system->lower);
    free(system->upper);
    free(system->start);
    free(system);
}

void system_derivative(const struct system *system, const double *x, double *out) {
    if (system->polynomials)
        polynomial_system_value(system->polynomials, x, out);
    else
        glycolysis_derivative(x, out);
}

static void append_header(const struct system *system, struct text *csv) {
    for (size_t i = 0; i < system->variables; i++)
        text_format(csv, "%s%s", i ? "," : "", system->names[i]);
    for (size_t i = 0; i < system->variables; i++)
        text_format(csv, ",d_%s", system->names[i]);
    text_append(csv, "\n");
}

/* One row: `x` and `dx` [variables] are working space. */
static void append_row(const struct system *system, struct rng *rng, double *x, double *dx,
                       struct text *csv) {
    size_t variables = system->variables;
    for (size_t i = 0; i < variables; i++)
        x[i] = system->lower[i] + (system->upper[i] - system->lower[i]) * rng_uniform(rng);
    system_derivative(system, x, dx);
    for (size_t i = 0; i < 2 * variables; i++) {
        if (i > 0)
            text_append(csv, ",");
        text_append_number(csv, i < variables ? x[i] : dx[i - variables]);
    }
    text_append(csv, "\n");
}

static bool generate_rows(const struct system *system, size_t rows, struct rng *rng,
                          struct text *csv, struct error *error) {
    if (rows == 0 || rows > MAX_NUMBERS / (2 * system->variables))
        return error_set(error, ERROR_USAGE, "--rows goes from 1 to %zu for this system, not %zu",
                         MAX_NUMBERS / (2 * system->variables), rows);
    double *x = memory_new(2 * system->variables, sizeof *x, error);
    if (!x)
        return false;
    append_header(system, csv);
    for (size_t row = 0; row < rows && !csv->failed; row++)
        append_row(system, rng, x, x + system->variables, csv);
    free(x);
    return !csv->failed || error_memory(error, csv->capacity);
}

bool systems_generate(const struct system_spec *spec, size_t rows, uint64_t seed, struct text *csv,
                      struct error *error) {
    struct rng rng;
    rng_seed(&rng, seed);
    struct system *system = system_new(spec, &rng, error);
    bool made = system && generate_rows(system, rows, &rng, csv, error);
    system_free(system);
    return made;
}
