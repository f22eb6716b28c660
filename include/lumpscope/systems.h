/* The four dynamical systems with known structure: htree, polymer, rn, glycolysis. Equations,
 * parameters, boxes and the classes they are known to have: systems.md of the design. */
#ifndef LUMPSCOPE_SYSTEMS_H
#define LUMPSCOPE_SYSTEMS_H

#include "lumpscope/polynomial.h"
#include "lumpscope/rng.h"

struct text;

enum system_kind { SYSTEM_HTREE, SYSTEM_POLYMER, SYSTEM_RN, SYSTEM_GLYCOLYSIS, SYSTEM_KINDS };

/* Which system, with its parameters; those of other systems are not looked at. */
struct system_spec {
    enum system_kind kind;
    size_t depth;   /* htree: levels, 2..8 */
    double eta;     /* htree: perturbation of every R and C in percent, 0..99 */
    size_t types;   /* polymer: 2 or 3 */
    double inflow;  /* polymer: constant inflow into A1 */
    bool perturbed; /* polymer: types 1 and 2 differ by 0.005 */
    size_t sites;   /* rn: 0 reversible binding, 1..4 multisite phosphorylation */
};

enum system_option {
    SYSTEM_DEPTH,
    SYSTEM_ETA,
    SYSTEM_TYPES,
    SYSTEM_INFLOW,
    SYSTEM_PERTURBED,
    SYSTEM_SITES,
    SYSTEM_OPTIONS
};

struct system_option_description {
    const char *name;        /* "depth", without dashes */
    enum system_kind system; /* the one that takes it */
    const char *values;      /* placeholder "N"; NULL when it takes no value */
    bool whole;              /* the value is a whole number */
    double least, most;      /* range of the value, both allowed */
    const char *help;        /* one line */
};
extern const struct system_option_description system_options[SYSTEM_OPTIONS];

const char *system_name(enum system_kind kind);
/* One line for help. */
const char *system_help(enum system_kind kind);
/* By name; SYSTEM_KINDS when unknown. */
enum system_kind system_find(const char *name);
/* By name without dashes; SYSTEM_OPTIONS when unknown. */
enum system_option system_option_find(const char *name);

/* The system with every option at its default. */
struct system_spec system_spec_defaults(enum system_kind kind);
/* Sets one option from text (`value` NULL for options that take none). ERROR_USAGE names the option
 * and what it takes: a value that does not parse or is out of range, an option of another system.
 */
bool system_spec_set(struct system_spec *spec, enum system_option option, const char *value,
                     struct error *error);

struct system {
    size_t variables;
    const char *const *names; /* [variables] owned by the system */
    double *lower, *upper;    /* [variables] the box states are sampled in */
    double *start;            /* [variables] where trajectories begin */
    /* The equations, from which system_derivative evaluates too; all variables in one block. NULL
     * for glycolysis, which is rational. */
    struct polynomial_system *polynomials;
};

/* Makes the system. Perturbed parameters (htree with eta above 0) are drawn from `rng`, node by
 * node, R then C; nothing else is drawn. Free with system_free. */
struct system *system_new(const struct system_spec *spec, struct rng *rng, struct error *error);
void system_free(struct system *system); /* NULL is fine */
/* dx/dt at x [variables] into out [variables]. Sums and products only, in a fixed order: the same
 * bits on every machine. */
void system_derivative(const struct system *system, const double *x, double *out);

/* Appends `rows` rows of comma-separated values with a header: the states, uniform in the box and
 * drawn row by row in the order of the variables, then their derivatives as d_NAME. Numbers read
 * back to the same double. One generator, seeded with `seed`, first draws the perturbed parameters,
 * then the states. ERROR_USAGE for 0 rows and for more than 50 million numbers. */
bool systems_generate(const struct system_spec *spec, size_t rows, uint64_t seed, struct text *csv,
                      struct error *error);

#endif
