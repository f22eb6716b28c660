/* Numbers at the ends of their range, and networks and data that are hardly any: what is computed
 * is finite, or a sentence says what is not; refitting never makes anything worse on its own rows.
 */
#include "program_support.h"
#include "random_network.h"

#include "lumpscope/aggregate.h"
#include "lumpscope/model_json.h"
#include "lumpscope/session.h"
#include "lumpscope/text.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- Networks ---- */

enum weights { USUAL, HUGE, TINY, DENORMAL, MIXED, EQUAL, ZERO, LARGE, SPLIT, LARGEST, WEIGHTS };
static const char *const weights_names[WEIGHTS] = {
    "usual", "1e300", "1e-300", "denormal",          "1e+-300",
    "equal", "zero",  "1e8",    "1e200 then 1e-200", "the largest number"};

static double change_weight(enum weights weights, double usual, size_t number, size_t layer) {
    switch (weights) {
    case HUGE:
        return usual * 1e300;
    case TINY:
        return usual * 1e-300;
    case DENORMAL:
        return usual * 1e-320;
    case MIXED:
        return usual * (number % 2 ? 1e300 : 1e-300);
    case EQUAL:
        return 0.5;
    case ZERO:
        return 0;
    case LARGE:
        return usual * 1e8;
    case SPLIT:
        return usual * (layer % 2 ? 1e-200 : 1e200);
    case LARGEST:
        return copysign(DBL_MAX, usual);
    default:
        return usual;
    }
}

enum shape { TWO_HIDDEN, ONE_HIDDEN, ONE_NEURON, NO_HIDDEN, SHAPES };
static const struct {
    const char *name;
    size_t sizes[4], depth;
} shapes[SHAPES] = {{"3-6-4-2", {3, 6, 4, 2}, 3},
                    {"3-7-2", {3, 7, 2}, 2},
                    {"3-1-1", {3, 1, 1}, 2},
                    {"3-2", {3, 2}, 1}};

static const enum activation_kind kinds[] = {ACTIVATION_TANH, ACTIVATION_RELU, ACTIVATION_SQUARE,
                                             ACTIVATION_LINEAR, ACTIVATION_GELU};
enum { KINDS = sizeof kinds / sizeof *kinds };

static struct network *make_network(enum shape shape, enum activation_kind kind,
                                    enum weights weights) {
    struct rng rng;
    rng_seed(&rng, 21);
    struct network *network =
        random_network_of(&rng, shapes[shape].sizes, shapes[shape].depth, kind);
    for (size_t l = 0; l < network->depth; l++) {
        struct layer *layer = &network->layers[l];
        for (size_t k = 0; k < layer->neurons * layer->inputs; k++)
            layer->weights[k] = change_weight(weights, layer->weights[k], k, l);
        for (size_t i = 0; i < layer->neurons; i++)
            layer->bias[i] = change_weight(weights, layer->bias[i], i, l);
    }
    return network;
}

/* ---- Rows ---- */

enum rows { NORMAL_ROWS, CONSTANT, COLLINEAR, ONE_ROW, HUGE_ROWS, TINY_ROWS, ZERO_ROWS, ROWS };
static const char *const rows_names[ROWS] = {"normal",       "a constant column", "collinear rows",
                                             "one row",      "rows of 1e200",     "rows of 1e-200",
                                             "rows of zeros"};

static struct matrix make_rows(enum rows rows) {
    struct rng rng;
    rng_seed(&rng, 22);
    struct matrix made = random_rows(&rng, rows == ONE_ROW ? 1 : 40, 3);
    for (size_t r = 0; r < made.rows; r++) {
        double *row = matrix_row(&made, r);
        for (size_t j = 0; j < 3; j++) {
            if (rows == CONSTANT && j == 1)
                row[j] = 0.7;
            if (rows == COLLINEAR)
                row[j] = row[0] * (double)(j + 1);
            if (rows == HUGE_ROWS || rows == TINY_ROWS)
                row[j] *= rows == HUGE_ROWS ? 1e200 : 1e-200;
            if (rows == ZERO_ROWS)
                row[j] = 0;
        }
    }
    return made;
}

/* ---- Reduced networks ---- */

struct extreme {
    enum shape shape;
    enum activation_kind kind;
    enum weights weights;
    enum rows rows;
    enum relation relation;
    struct network *network;
    struct matrix inputs;
    char name[160];
};

static void name_extreme(struct extreme *extreme) {
    snprintf(extreme->name, sizeof extreme->name, "%s %s, weights %s, %s, %s",
             shapes[extreme->shape].name, activation_name(extreme->kind),
             weights_names[extreme->weights], rows_names[extreme->rows],
             relation_name(extreme->relation));
}

static bool network_finite(const struct network *network) {
    bool finite = true;
    for (size_t l = 0; l < network->depth; l++) {
        const struct layer *layer = &network->layers[l];
        for (size_t k = 0; k < layer->neurons * layer->inputs; k++)
            finite = finite && isfinite(layer->weights[k]);
        for (size_t i = 0; i < layer->neurons; i++)
            finite = finite && isfinite(layer->bias[i]);
    }
    return finite;
}

/* "nan" or "inf" as words of their own. */
static bool tells_no_number(const char *text) {
    static const char *const words[] = {"nan", "inf", "infinity"};
    for (const char *c = text; *c; c++)
        for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
            size_t length = strlen(words[k]);
            if ((c == text || !isalnum((unsigned char)c[-1])) &&
                strncasecmp(c, words[k], length) == 0 && !isalnum((unsigned char)c[length]))
                return true;
        }
    return false;
}

static void check_sentence(const struct extreme *extreme, const char *what, const char *text) {
    if (!*text || tells_no_number(text))
        fail_msg("%s: %s says \"%s\"", extreme->name, what, text);
}

/* Root of the mean squared distance of two networks' outputs on the rows; NaN: not finite. */
static double distance(const struct network *a, const struct network *b,
                       const struct matrix *inputs) {
    struct matrix x = outputs_of(a, inputs), y = outputs_of(b, inputs);
    double largest = 0, sum = 0;
    for (size_t k = 0; k < x.rows * x.columns; k++) {
        double away = fabs(x.data[k] - y.data[k]);
        largest = away > largest || isnan(away) ? away : largest;
    }
    for (size_t k = 0; k < x.rows * x.columns && largest > 0 && isfinite(largest); k++)
        sum += (x.data[k] - y.data[k]) / largest * ((x.data[k] - y.data[k]) / largest);
    matrix_free(&x);
    matrix_free(&y);
    return largest > 0 ? largest * sqrt(sum / (double)inputs->rows) : largest;
}

static double largest_output(const struct network *network, const struct matrix *inputs) {
    struct matrix x = outputs_of(network, inputs);
    double largest = 0;
    for (size_t k = 0; k < x.rows * x.columns; k++)
        largest = fabs(x.data[k]) > largest || isnan(x.data[k]) ? fabs(x.data[k]) : largest;
    matrix_free(&x);
    return largest;
}

/* NULL: refused with a sentence. */
static struct network *reduce(const struct extreme *extreme, bool refit, double epsilon) {
    struct error error = {0};
    struct options options;
    options_defaults(&options, true);
    options.relation = extreme->relation;
    options.linkage = linkage_default(options.relation);
    options.refit = refit;
    struct refine *refine = refine_new(extreme->network, &options, &extreme->inputs, NULL, &error);
    struct network *reduced = NULL;
    if (refine && refine_set_epsilon(refine, epsilon, NULL, &error))
        reduced = aggregate_network(refine, NULL, NULL, &error);
    refine_free(refine);
    if (!reduced)
        check_sentence(extreme, "the refusal", error.text);
    else if (!network_finite(reduced))
        fail_msg("%s: eps %g, refit %d: weights are not finite", extreme->name, epsilon, refit);
    return reduced;
}

/* Where the network without refit has finite outputs, so has that with it, and they are as near. */
static size_t check_refit(const struct extreme *extreme, double epsilon) {
    struct network *plain = reduce(extreme, false, epsilon), *refitted = NULL;
    size_t checked = 0;
    if (plain)
        refitted = reduce(extreme, true, epsilon);
    double scale = largest_output(extreme->network, &extreme->inputs);
    if (refitted && isfinite(scale)) {
        double before = distance(extreme->network, plain, &extreme->inputs);
        double after = distance(extreme->network, refitted, &extreme->inputs);
        bool worse = !(after <= before + 1e-9 * scale) && isfinite(before);
        if (worse)
            fail_msg("%s: eps %g: %g with refit, %g without", extreme->name, epsilon, after,
                     before);
        checked = isfinite(before) ? 1 : 0;
    }
    network_free(plain);
    network_free(refitted);
    return checked;
}

static size_t check_reduced(const struct extreme *extreme) {
    static const double epsilons[] = {0, 1e-3, 0.3, 1e300};
    size_t checked = 0;
    for (size_t k = 0; k < sizeof epsilons / sizeof *epsilons; k++)
        checked += check_refit(extreme, epsilons[k]);
    return checked;
}

static void refit_is_finite_and_never_worse_on_its_rows(void **state) {
    (void)state;
    size_t checked = 0, of = 0;
    struct extreme e = {0};
    for (e.shape = 0; e.shape < SHAPES; e.shape++)
        for (size_t k = 0; k < KINDS; k++)
            for (e.weights = 0; e.weights < WEIGHTS; e.weights++)
                for (e.rows = 0; e.rows < ROWS; e.rows++)
                    for (e.relation = RELATION_FORWARD; e.relation <= RELATION_JOINT;
                         e.relation++) {
                        e.kind = kinds[k];
                        name_extreme(&e);
                        e.network = make_network(e.shape, e.kind, e.weights);
                        e.inputs = make_rows(e.rows);
                        checked += check_reduced(&e);
                        of += 4;
                        network_free(e.network);
                        matrix_free(&e.inputs);
                    }
    print_message("%zu of %zu reduced networks have finite outputs and were compared\n", checked,
                  of);
    assert_true(checked > of / 3);
}

/* Columns that repeat others, are sums of them or constant, fewer rows than neurons, each column in
 * a unit of its own from 1e-200 to 1e200; weights that read them take the unit back now and then.
 */
static struct matrix deficient_rows(struct rng *rng, double unit[4]) {
    struct matrix made = random_rows(rng, 1 + random_below(rng, 24), 4);
    size_t kind = random_below(rng, 6);
    double common = random_below(rng, 2) ? 300 * rng_uniform(rng) - 150 : 0;
    for (size_t j = 0; j < 4; j++)
        unit[j] = pow(10, common + (random_below(rng, 2) ? 100 * rng_uniform(rng) - 50 : 0));
    for (size_t r = 0; r < made.rows; r++) {
        double *row = matrix_row(&made, r);
        if (kind == 1 || kind == 5)
            row[1] = row[0];
        if (kind == 2 || kind == 5)
            row[2] = row[0] + row[1];
        if (kind == 3)
            row[3] = 1;
        if (kind == 4)
            memcpy(row, matrix_row(&made, r / 2), 4 * sizeof *row);
        for (size_t j = 0; j < 4; j++)
            row[j] = kind == 0 ? row[0] * (double)(j + 1) : row[j];
    }
    for (size_t r = 0; r < made.rows; r++)
        for (size_t j = 0; j < 4; j++)
            matrix_row(&made, r)[j] *= unit[j];
    return made;
}

static void take_units_back(struct layer *layer, const double unit[4]) {
    for (size_t i = 0; i < layer->neurons; i++)
        for (size_t j = 0; j < layer->inputs; j++)
            layer->weights[i * layer->inputs + j] /= unit[j];
}

/* Neurons that do the same as others, so that their outputs are collinear too. */
static void repeat_neurons(struct rng *rng, struct network *network) {
    for (size_t l = 1; l < network->depth; l++)
        plant_scaled(network, l, 0, 1 + random_below(rng, 2),
                     random_below(rng, 2) ? 1 : pow(10, 20 * rng_uniform(rng) - 10), 1);
}

static void refit_on_rank_deficient_rows_is_never_worse(void **state) {
    (void)state;
    size_t checked = 0, of = 0;
    struct rng rng;
    rng_seed(&rng, 31);
    for (int k = 0; k < 1500; k++) {
        struct extreme e = {.relation = (enum relation)(k % 3), .kind = kinds[k / 3 % KINDS]};
        double unit[4];
        size_t sizes[] = {4, 3 + random_below(&rng, 8), 3 + random_below(&rng, 5),
                          1 + random_below(&rng, 3)};
        snprintf(e.name, sizeof e.name, "case %d, %s %s", k, activation_name(e.kind),
                 relation_name(e.relation));
        e.inputs = deficient_rows(&rng, unit);
        e.network = random_network_of(&rng, sizes, 3, e.kind);
        if (k % 4)
            take_units_back(&e.network->layers[0], unit);
        repeat_neurons(&rng, e.network);
        checked += check_refit(&e, 0);
        checked += check_refit(&e, pow(10, 3 * rng_uniform(&rng) - 2));
        of += 2;
        network_free(e.network);
        matrix_free(&e.inputs);
    }
    print_message("%zu of %zu reduced networks were compared\n", checked, of);
    assert_true(checked > of / 3);
}

/* ---- In the explorer ---- */

static void save_extreme(enum shape shape, enum activation_kind kind, enum weights weights,
                         bool classes) {
    struct error error = {0};
    struct network *network = make_network(shape, kind, weights);
    if (classes) {
        network->task = TASK_CLASSIFICATION;
        network->layers[network->depth - 1].activation.kind = ACTIVATION_SOFTMAX;
    }
    must(model_json_save(network, "m.json", NULL, NULL, &error), &error);
    network_free(network);
}

static void save_rows(enum rows rows, size_t outputs, bool classes) {
    struct matrix made = make_rows(rows);
    struct text csv = {0};
    text_append(&csv, classes ? "a,b,c,class" : outputs == 1 ? "a,b,c,y" : "a,b,c,y,z");
    for (size_t r = 0; r < made.rows; r++) {
        for (size_t j = 0; j < 3; j++)
            text_format(&csv, "%s%.17g", j ? "," : "\n", matrix_row(&made, r)[j]);
        for (size_t o = 0; o < (classes ? 1 : outputs); o++)
            text_format(&csv, ",%zu", classes ? r % 2 : (r * 7 + o) % 5);
    }
    text_append(&csv, "\n");
    assert_false(csv.failed);
    write_file("d.csv", csv.data);
    text_free(&csv);
    matrix_free(&made);
}

static void check_figure(const struct extreme *extreme, const char *name,
                         const struct figure *figure) {
    bool shown = figure->state == FIGURE_EXACT || figure->state == FIGURE_ESTIMATE;
    if (shown && !isfinite(figure->value))
        fail_msg("%s: %s is shown and is %g", extreme->name, name, figure->value);
}

static void check_epsilon(const struct extreme *extreme, const char *name, double epsilon) {
    if (!isfinite(epsilon) || epsilon < 0)
        fail_msg("%s: %s is %g", extreme->name, name, epsilon);
}

static void check_snapshot(const struct extreme *extreme, const struct snapshot *shown) {
    check_figure(extreme, "the original's error", &shown->before);
    check_figure(extreme, "the reduced network's error", &shown->after);
    check_figure(extreme, "the polished network's error", &shown->polished);
    for (int c = 0; c < CURVE_COUNT; c++) {
        check_figure(extreme, "a rival's error", &shown->baseline[c]);
        for (size_t k = 0; k < shown->curve[c].count; k++)
            if (!isfinite(shown->curve[c].points[k].figure) ||
                !isfinite(shown->curve[c].points[k].grp))
                fail_msg("%s: a point of curve %d has no place", extreme->name, c);
    }
    check_epsilon(extreme, "epsilon", shown->epsilon);
    check_epsilon(extreme, "the end of the slider", shown->epsilon_end);
    for (size_t k = 0; k < shown->event_count; k++)
        check_epsilon(extreme, "an event", shown->events[k].epsilon);
    if (!isnan(shown->next_event))
        check_epsilon(extreme, "the next event", shown->next_event);
    for (size_t l = 0; l < shown->hidden; l++)
        if (!isnan(shown->layers[l].next_merge))
            check_epsilon(extreme, "a layer's next merge", shown->layers[l].next_merge);
    if (tells_no_number(shown->message))
        fail_msg("%s: the message says \"%s\"", extreme->name, shown->message);
}

/* What overflows is named where it does. */
static bool check_overflow(const struct extreme *extreme, const struct snapshot *shown) {
    bool overflows =
        shown->before.state == FIGURE_OVERFLOW || shown->after.state == FIGURE_OVERFLOW;
    if (overflows && !strstr(shown->message, "overflow"))
        fail_msg("%s: an error overflows, and the message says \"%s\"", extreme->name,
                 shown->message);
    return overflows;
}

/* Reports have "-" or null for what is no number; what is written for a machine has no other. */
static void check_reports(const struct extreme *extreme, struct session *session) {
    static const char *const paths[] = {"x.json", "x.csv", "x.md", "x.svg"};
    for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) {
        session_export(session, paths[k], REPORT_KINDS, 0);
        session_wait(session);
        char *content = read_file(paths[k]);
        if (content && tells_no_number(content))
            fail_msg("%s: %s has a number that is none:\n%s", extreme->name, paths[k], content);
        free(content);
        unlink(paths[k]);
    }
}

/* Returns whether something overflowed. */
static bool explore(const struct extreme *extreme, bool classes) {
    struct error error = {0};
    save_extreme(extreme->shape, extreme->kind, extreme->weights, classes);
    save_rows(extreme->rows, shapes[extreme->shape].sizes[shapes[extreme->shape].depth], classes);
    struct session *session = session_new(&error);
    must(session, &error);
    session_open(session, "m.json", "d.csv", NULL, NULL);
    must(session_set_option(session, OPTION_RELATION, relation_name(extreme->relation), &error),
         &error);
    session_select(session, 1, 0);
    session_wait(session);
    struct snapshot *shown = session_latest(session);
    bool overflows = check_overflow(extreme, shown);
    check_snapshot(extreme, shown);
    snapshot_release(shown);
    session_step(session, 2);
    session_sweep(session, 4);
    session_wait(session);
    shown = session_latest(session);
    check_snapshot(extreme, shown);
    snapshot_release(shown);
    check_reports(extreme, session);
    session_free(session);
    return overflows;
}

static void the_explorer_shows_numbers_or_says_what_overflows(void **state) {
    (void)state;
    size_t overflows = 0, tried = 0;
    struct extreme e = {0};
    for (e.weights = 0; e.weights < WEIGHTS; e.weights++)
        for (e.rows = 0; e.rows < ROWS; e.rows++)
            for (e.relation = RELATION_FORWARD; e.relation <= RELATION_JOINT; e.relation++) {
                e.shape = (enum shape)(tried % SHAPES);
                e.kind = kinds[(tried / SHAPES) % KINDS];
                name_extreme(&e);
                overflows += explore(&e, tried % 5 == 0 && e.shape != ONE_NEURON);
                tried++;
            }
    print_message("%zu of %zu overflow somewhere\n", overflows, tried);
    assert_true(overflows > 0 && overflows < tried / 2);
}

/* ---- In the program ---- */

static void check_line(const struct extreme *extreme, const char *line, size_t *refused) {
    struct run run = run_program(line);
    bool sentence = run.status == 0 || strncmp(run.err, "lumpscope: ", 11) == 0;
    bool said = strstr(run.err, "overflow") || strstr(run.out, "overflow");
    if (run.status < 0 || run.status > 3 || !sentence)
        fail_msg("%s: %s: status %d: %s", extreme->name, line, run.status, run.err);
    bool gap = strstr(run.out, "\"mse\":\tnull") || strstr(run.out, "\"cross_entropy\":\tnull");
    if (((tells_no_number(run.out) || gap) && !said) || tells_no_number(run.err))
        fail_msg("%s: %s:\n%s%s", extreme->name, line, run.out, run.err);
    *refused += run.status != 0;
    run_free(&run);
}

static void check_program(const struct extreme *extreme, bool classes, size_t *refused) {
    static const char *const lines[] = {
        "partition m.json --data d.csv --eps 0.1 --json", "partition m.json --data d.csv --eps 0.1",
        "compress m.json --data d.csv --eps 0.1 -o s.json --json",
        "sweep m.json --data d.csv --points 3", "sweep m.json --data d.csv --points 3 --json"};
    static const char *const plain[] = {"info m.json --json", "evaluate m.json --data d.csv --json",
                                        "evaluate m.json --data d.csv",
                                        "predict m.json --data d.csv"};
    save_extreme(extreme->shape, extreme->kind, extreme->weights, classes);
    save_rows(extreme->rows, shapes[extreme->shape].sizes[shapes[extreme->shape].depth], classes);
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
        char line[160];
        snprintf(line, sizeof line, "%s --relation %s", lines[k], relation_name(extreme->relation));
        check_line(extreme, line, refused);
    }
    for (size_t k = 0; k < sizeof plain / sizeof *plain; k++)
        check_line(extreme, plain[k], refused);
}

static void the_program_prints_numbers_or_says_what_overflows(void **state) {
    (void)state;
    size_t refused = 0, tried = 0;
    struct extreme e = {0};
    for (e.weights = 0; e.weights < WEIGHTS; e.weights++)
        for (size_t k = 0; k < 3; k++, tried++) {
            e.rows = (enum rows)((tried * 5 + 2) % ROWS);
            e.shape = (enum shape)(tried % SHAPES);
            e.kind = kinds[tried % KINDS];
            e.relation = (enum relation)(tried % 3);
            name_extreme(&e);
            check_program(&e, tried % 4 == 0 && e.shape != ONE_NEURON, &refused);
        }
    print_message("%zu of %zu lines are refused with a sentence\n", refused, 9 * tried);
    assert_true(refused < 9 * tried / 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refit_is_finite_and_never_worse_on_its_rows),
        cmocka_unit_test(refit_on_rank_deficient_rows_is_never_worse),
        cmocka_unit_test(the_explorer_shows_numbers_or_says_what_overflows),
        cmocka_unit_test(the_program_prints_numbers_or_says_what_overflows),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
