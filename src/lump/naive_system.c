#include "lumpscope/naive_system.h"

#include "lumpscope/memory.h"

#include <math.h>

/* What is compared: for each of some variables `width` polynomials, forward one per block. */
struct features {
    const size_t *variables; /* [count] */
    size_t count, width;
    struct polynomial *polynomials; /* [count x width] */
};

static void features_free(struct features *features) {
    for (size_t i = 0; features->polynomials && i < features->count * features->width; i++)
        polynomial_free(&features->polynomials[i]);
    free(features->polynomials);
}

/* f_H: the sum of the derivatives of the variables in one block. */
static bool block_derivative(const struct polynomial_system *system, const size_t *blocks,
                             size_t block, struct polynomial *out, struct error *error) {
    polynomial_clear(out);
    for (size_t i = 0; i < system->variables; i++)
        if (blocks[i] == block && !polynomial_append_scaled(out, 1, &system->derivatives[i], error))
            return false;
    return polynomial_normalise(out, error);
}

static bool features_forward(const struct polynomial_system *system, const size_t *blocks,
                             struct features *features, struct error *error) {
    struct polynomial sum = {0};
    bool made = true;
    for (size_t block = 0; made && block < features->width; block++) {
        made = block_derivative(system, blocks, block, &sum, error);
        for (size_t i = 0; made && i < features->count; i++)
            made =
                polynomial_derivative(&sum, (uint32_t)features->variables[i],
                                      &features->polynomials[i * features->width + block], error);
    }
    polynomial_free(&sum);
    return made;
}

static bool features_backward(const struct polynomial_system *system, const size_t *blocks,
                              struct features *features, struct error *error) {
    for (size_t i = 0; i < features->count; i++)
        if (!polynomial_rename(&system->derivatives[features->variables[i]], blocks,
                               &features->polynomials[i], error))
            return false;
    return true;
}

static bool features_init(struct features *features, const struct polynomial_system *system,
                          const size_t *blocks, enum relation relation, const size_t *variables,
                          size_t count, struct error *error) {
    *features = (struct features){.variables = variables, .count = count, .width = 1};
    if (relation == RELATION_JOINT)
        return error_set(error, ERROR_USAGE,
                         "relation joint is not defined on a polynomial system; use forward or "
                         "backward");
    for (size_t i = 0; relation == RELATION_FORWARD && i < system->variables; i++)
        if (blocks[i] >= features->width)
            features->width = blocks[i] + 1;
    features->polynomials =
        memory_new(count, features->width * sizeof *features->polynomials, error);
    if (!features->polynomials)
        return false;
    bool made = relation == RELATION_FORWARD ? features_forward(system, blocks, features, error)
                                             : features_backward(system, blocks, features, error);
    if (!made) {
        features_free(features);
        features->polynomials = NULL;
    }
    return made;
}

/* A norm over numbers that come one by one. */
static void norm_add(enum norm norm, double *sum, double value) {
    if (norm == NORM_L2)
        *sum += value * value;
    else if (norm == NORM_LINF)
        *sum = fmax(*sum, fabs(value));
    else
        *sum += fabs(value);
}

static void norm_add_all(enum norm norm, double *sum, const struct polynomial *polynomial) {
    for (size_t i = 0; i < polynomial->count; i++)
        norm_add(norm, sum, polynomial->monomials[i].coefficient);
}

static double norm_value(enum norm norm, double sum) {
    return norm == NORM_L2 ? sqrt(sum) : sum;
}

static bool is_variable(const struct polynomial *polynomial, const struct monomial *monomial,
                        uint32_t variable) {
    return monomial->factors == 1 && polynomial->factors[monomial->first].exponent == 1 &&
           polynomial->factors[monomial->first].variable == variable;
}

/* ERODE's number for one f_H (method.md section 3, norm erode), of variables j < k. `of_j`, `of_k`:
 * d f_H/d x_j and d f_H/d x_k, whose coefficients are c_jk of f_H, but 2 c_jj for x_j. */
static double erode_distance(const struct polynomial *of_j, const struct polynomial *of_k,
                             const struct polynomial *difference, uint32_t j, uint32_t k) {
    double distance = 0;
    for (size_t i = 0; i < difference->count; i++) {
        const struct monomial *monomial = &difference->monomials[i];
        if (!is_variable(difference, monomial, j) && !is_variable(difference, monomial, k))
            distance += 3 * fabs(monomial->coefficient);
    }
    const struct factor x_j = {j, 1}, x_k = {k, 1};
    double jj = polynomial_coefficient(of_j, &x_j, 1) / 2;
    double jk = polynomial_coefficient(of_j, &x_k, 1);
    double kk = polynomial_coefficient(of_k, &x_k, 1) / 2;
    return distance + fabs(jj - kk) + 5 * fabs(jk - 2 * kk) + 4 * fabs(jj - jk + kk);
}

/* The distance of the variables at places a and b; `space` is working memory. */
static bool pair_distance(const struct features *features, size_t a, size_t b,
                          enum relation relation, enum norm norm, struct polynomial *space,
                          double *out, struct error *error) {
    uint32_t j = (uint32_t)features->variables[a], k = (uint32_t)features->variables[b];
    const struct polynomial *of_j = features->polynomials + a * features->width;
    const struct polynomial *of_k = features->polynomials + b * features->width;
    double sum = 0;
    for (size_t block = 0; block < features->width; block++) {
        if (!polynomial_sum(&of_j[block], -1, &of_k[block], space, error))
            return false;
        if (norm != NORM_ERODE || relation == RELATION_BACKWARD)
            norm_add_all(norm, &sum, space);
        else if (j < k)
            sum += erode_distance(&of_j[block], &of_k[block], space, j, k);
        else
            sum += erode_distance(&of_k[block], &of_j[block], space, k, j);
    }
    *out = norm_value(norm, sum);
    return true;
}

static bool features_distances(const struct features *features, enum relation relation,
                               enum norm norm, double *out, struct error *error) {
    struct polynomial space = {0};
    bool made = true;
    for (size_t a = 0; a < features->count; a++) {
        out[a * features->count + a] = 0;
        for (size_t b = 0; made && b < a; b++) {
            double *distance = &out[a * features->count + b];
            made = pair_distance(features, a, b, relation, norm, &space, distance, error);
            out[b * features->count + a] = *distance;
        }
    }
    polynomial_free(&space);
    return made;
}

static void features_norms(const struct features *features, enum norm norm, double *out) {
    for (size_t i = 0; i < features->count; i++) {
        double sum = 0;
        for (size_t block = 0; block < features->width; block++)
            norm_add_all(norm, &sum, &features->polynomials[i * features->width + block]);
        out[i] = norm_value(norm, sum);
    }
}

static bool check_degree(const struct polynomial_system *system, enum norm norm,
                         struct error *error) {
    size_t degree = polynomial_system_degree(system);
    if (norm != NORM_ERODE || degree <= 2)
        return true;
    return error_set(error, ERROR_REQUEST,
                     "norm erode is for systems of degree at most 2 and this one has degree %zu; "
                     "use norm l1, l2 or linf",
                     degree);
}

bool naive_system_distances(const struct polynomial_system *system, const size_t *blocks,
                            enum relation relation, enum norm norm, const size_t *variables,
                            size_t count, double *out, struct error *error) {
    struct features features;
    if (!check_degree(system, norm, error) ||
        !features_init(&features, system, blocks, relation, variables, count, error))
        return false;
    bool made = features_distances(&features, relation, norm, out, error);
    features_free(&features);
    return made;
}

bool naive_system_norms(const struct polynomial_system *system, const size_t *blocks,
                        enum relation relation, enum norm norm, const size_t *variables,
                        size_t count, double *out, struct error *error) {
    struct features features;
    if (!features_init(&features, system, blocks, relation, variables, count, error))
        return false;
    features_norms(&features, norm, out);
    features_free(&features);
    return true;
}

struct refinement {
    const struct polynomial_system *system;
    enum relation relation;
    enum norm norm;
    double epsilon;
    size_t *blocks;    /* [variables] */
    size_t count;      /* blocks now */
    size_t *members;   /* [variables] working space: members of one block */
    size_t *component; /* [variables] working space: component of each member */
    size_t *queue;     /* [variables] working space */
};

/* d <= epsilon is read as d <= epsilon + 1e-12 max(epsilon, unit), method.md section 6. */
static bool threshold(const struct refinement *r, const struct features *features, double *out,
                      struct error *error) {
    double unit = 1;
    if (r->norm != NORM_ERODE) {
        double *norms = memory_new(features->count, sizeof *norms, error);
        if (!norms)
            return false;
        features_norms(features, r->norm, norms);
        unit = 0;
        for (size_t i = 0; i < features->count; i++)
            unit += norms[i] / (double)features->count;
        free(norms);
    }
    *out = r->epsilon + 1e-12 * fmax(r->epsilon, unit);
    return true;
}

/* Numbers what chains of distances <= limit connect, from 0 by smallest member; returns how many
 * components there are. `distances` [count x count], `component` and `queue` [count]. */
static size_t chain_components(const double *distances, size_t count, double limit,
                               size_t *component, size_t *queue) {
    size_t components = 0;
    for (size_t i = 0; i < count; i++)
        component[i] = SIZE_MAX;
    for (size_t start = 0; start < count; start++) {
        if (component[start] != SIZE_MAX)
            continue;
        size_t length = 0;
        component[queue[length++] = start] = components;
        for (size_t next = 0; next < length; next++)
            for (size_t i = 0; i < count; i++)
                if (component[i] == SIZE_MAX && distances[queue[next] * count + i] <= limit)
                    component[queue[length++] = i] = components;
        components++;
    }
    return components;
}

/* Splits one block; the component of its smallest member keeps the number. */
static bool split_members(struct refinement *r, size_t block, const struct features *features,
                          struct error *error) {
    size_t count = features->count;
    double limit, *distances = memory_new(count, count * sizeof *distances, error);
    bool made = distances && features_distances(features, r->relation, r->norm, distances, error) &&
                threshold(r, features, &limit, error);
    if (made) {
        size_t components = chain_components(distances, count, limit, r->component, r->queue);
        for (size_t i = 0; i < count; i++)
            r->blocks[r->members[i]] =
                r->component[i] == 0 ? block : r->count + r->component[i] - 1;
        r->count += components - 1;
    }
    free(distances);
    return made;
}

static bool split_block(struct refinement *r, size_t block, struct error *error) {
    size_t count = 0;
    for (size_t i = 0; i < r->system->variables; i++)
        if (r->blocks[i] == block)
            r->members[count++] = i;
    if (count == 1)
        return true;
    struct features features;
    if (!features_init(&features, r->system, r->blocks, r->relation, r->members, count, error))
        return false;
    bool made = split_members(r, block, &features, error);
    features_free(&features);
    return made;
}

/* Splits every block once, in the order of the header. */
static bool refine_pass(struct refinement *r, const struct progress *progress,
                        struct error *error) {
    size_t count = r->count;
    for (size_t i = 0; i < count; i++) {
        size_t block = r->relation == RELATION_FORWARD ? count - 1 - i : i;
        if (!progress_step(progress, "refining from the definition", i, count, error) ||
            !split_block(r, block, error))
            return false;
    }
    return true;
}

static bool refine_to_fixed_point(struct refinement *r, const struct progress *progress,
                                  struct error *error) {
    size_t variables = r->system->variables;
    r->count = blocks_renumber(r->blocks, variables, r->queue);
    for (size_t before = 0; before < r->count;) {
        before = r->count;
        if (!refine_pass(r, progress, error))
            return false;
        /* Also keeps the order of a pass that of the variables. */
        blocks_renumber(r->blocks, variables, r->queue);
    }
    return true;
}

bool naive_system_refine(const struct polynomial_system *system, enum relation relation,
                         enum norm norm, double epsilon, size_t *blocks, size_t *count,
                         const struct progress *progress, struct error *error) {
    if (!(epsilon >= 0 && isfinite(epsilon)))
        return error_set(error, ERROR_USAGE, "epsilon must be a number of at least 0");
    if (!check_degree(system, norm, error))
        return false;
    struct refinement r = {.system = system,
                           .relation = relation,
                           .norm = norm,
                           .epsilon = epsilon,
                           .blocks = blocks,
                           .members = memory_new(system->variables, sizeof(size_t), error),
                           .component = memory_new(system->variables, sizeof(size_t), error),
                           .queue = memory_new(system->variables, sizeof(size_t), error)};
    bool made = r.members && r.component && r.queue && refine_to_fixed_point(&r, progress, error);
    free(r.members);
    free(r.component);
    free(r.queue);
    *count = made ? r.count : 0;
    return made;
}
