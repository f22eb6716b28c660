/* Details of one class: what the fake partition and its distances would look like from inside. */
#include "fake_detail.h"

#include "lumpscope/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool refuse_dead(const struct snapshot *snapshot, struct detail *detail) {
    if (snapshot->inspection.dead)
        snprintf(detail->refusal, sizeof detail->refusal,
                 "Neuron %zu is dead: nothing reads it, so that it is in no class.",
                 detail->neuron);
    return snapshot->inspection.dead;
}

/* Deep networks overflow. */
static bool refuse_overflow(const struct snapshot *snapshot, struct detail *detail) {
    if (snapshot->hidden > 20)
        snprintf(detail->refusal, sizeof detail->refusal,
                 "On test row %zu layer 5 of the original overflows at time 1.23.",
                 detail->watch.row + 1);
    return snapshot->hidden > 20;
}

/* Neurons the layer's coefficients are about: the next layer's, or the one's before. */
static size_t count_terms(const struct snapshot *snapshot, const struct explanation *seen) {
    const struct layer *layer = &snapshot->network->layers[seen->layer - 1];
    if (seen->relation == RELATION_BACKWARD)
        return layer->inputs + 1;
    return seen->relation == RELATION_FORWARD && layer[1].activation.kind == ACTIVATION_SQUARE
               ? layer[1].inputs + 1
               : layer[1].neurons;
}

static enum explain_kind kind_of(const struct snapshot *snapshot, const struct explanation *seen,
                                 size_t t, size_t terms) {
    bool square = snapshot->network->layers[seen->layer].activation.kind == ACTIVATION_SQUARE;
    if (seen->relation == RELATION_JOINT)
        return EXPLAIN_SENT_TO_NEURON;
    if (seen->relation == RELATION_FORWARD)
        return !square ? EXPLAIN_SENT_TO_CLASS : t == terms - 1 ? EXPLAIN_SLOPE : EXPLAIN_PRODUCT;
    return t == terms - 1     ? EXPLAIN_BIAS
           : seen->layer == 1 ? EXPLAIN_READ_FROM_INPUT
                              : EXPLAIN_READ_FROM_CLASS;
}

/* Shares of the distance, falling; those after the last term make the sum 1. */
static double share_of(size_t t) {
    return pow(0.5, (double)t + 1);
}

static size_t position_of(const struct explanation *seen, size_t member) {
    size_t k = 0;
    while (seen->members[k] != member)
        k++;
    return k;
}

static void fill_term(const struct snapshot *snapshot, struct explanation *seen, size_t t,
                      size_t terms) {
    struct explain_term *term = &seen->term[t];
    bool last = t + 1 == terms;
    double middle = cos((double)(t + seen->members[0]) * 1.7) * pow(10, 0.3 - (double)(t % 5) / 2);
    size_t a = position_of(seen, seen->widest_a), b = position_of(seen, seen->widest_b);
    /* The last of all takes what is left, so that the differences add up. */
    term->difference = seen->widest * seen->unit * (last && t > 0 ? 2 : 1) * share_of(t);
    if (terms == 1)
        term->difference = seen->widest * seen->unit;
    term->kind = kind_of(snapshot, seen, t, terms);
    term->place = term->kind == EXPLAIN_PRODUCT ? t % 3 : t;
    term->other = term->kind == EXPLAIN_PRODUCT ? t * 5 % 64 : 0;
    term->value = calloc(seen->member_count, sizeof *term->value);
    for (size_t k = 0; k < seen->member_count; k++)
        term->value[k] =
            middle + term->difference * (k == a   ? 0.5
                                         : k == b ? -0.5
                                                  : 0.4 * sin((double)(seen->members[k] + t)));
}

/* The two furthest apart, the one in focus, and the first of the others. */
static void fill_members(const struct inspection *inspection, struct explanation *seen) {
    size_t wanted[3] = {inspection->neuron, inspection->widest_a, inspection->widest_b};
    size_t room = EXPLAIN_MEMBERS;
    seen->class_size = inspection->member_count;
    seen->members = calloc(EXPLAIN_MEMBERS + 1, sizeof *seen->members);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < inspection->member_count; i++) {
            size_t member = inspection->members[i];
            bool chosen = member == wanted[0] || member == wanted[1] || member == wanted[2];
            if (pass == 0)
                room -= chosen;
            else if (chosen || room > 0) {
                room -= !chosen;
                seen->members[seen->member_count++] = member;
            }
        }
    seen->widest = inspection->widest;
    seen->widest_a = inspection->widest_a;
    seen->widest_b = inspection->widest_b;
}

/* The next or previous neuron stands beside one that is alone. */
static void add_nearest(const struct snapshot *snapshot, struct explanation *seen) {
    const struct classes *classes = &snapshot->partition.layer[seen->layer - 1];
    size_t own = seen->members[0], other = own + 1 < classes->neurons ? own + 1 : own - 1;
    seen->member_count = 2;
    seen->members[0] = seen->widest_a = own < other ? own : other;
    seen->members[1] = seen->widest_b = own < other ? other : own;
    seen->nearest_class = classes->class_of[other];
    seen->widest = snapshot->epsilon * 1.4 + 0.0123;
}

static void write_sentence(struct explanation *seen, size_t neuron) {
    char first[TEXT_NUMBER_SIZE], all[TEXT_NUMBER_SIZE], begin[96] = "";
    text_human(seen->term[0].difference / seen->unit, 3, first);
    text_human(seen->widest, 4, all);
    if (seen->class_size == 1)
        snprintf(begin, sizeof begin,
                 "Neuron %zu is alone in its class. The nearest is %zu: ", neuron,
                 seen->members[seen->members[0] == neuron]);
    if (seen->relation == RELATION_JOINT)
        snprintf(
            seen->sentence, sizeof seen->sentence,
            "%sOn the calibration rows neurons %zu and %zu move together (correlation 0.9968): one "
            "neuron in their place moves the output by about %s of its spread.",
            begin, seen->widest_a, seen->widest_b, all);
    else
        snprintf(seen->sentence, sizeof seen->sentence,
                 "%sNeurons %zu and %zu %s up to %s; all %zu coefficients together are %s apart.",
                 begin, seen->widest_a, seen->widest_b,
                 seen->relation == RELATION_FORWARD ? "send the same to class 0 of the next layer"
                                                    : "read the same from number 0",
                 first, seen->terms_compared, all);
}

void fake_explanation(const struct snapshot *snapshot, struct detail *detail) {
    struct explanation *seen = &detail->explanation;
    static const enum explain_measure measures[] = {EXPLAIN_SUM, EXPLAIN_ROOT, EXPLAIN_LARGEST,
                                                    EXPLAIN_ERODE};
    if (refuse_dead(snapshot, detail))
        return;
    seen->layer = detail->layer;
    seen->relation = snapshot->options.relation;
    seen->measure =
        seen->relation == RELATION_JOINT ? EXPLAIN_OUTPUT : measures[snapshot->options.norm];
    seen->unit = seen->relation == RELATION_JOINT ? 1 : 1.231;
    seen->epsilon = snapshot->epsilon;
    seen->nearest_class = SIZE_MAX;
    seen->correlation = seen->relation == RELATION_JOINT ? 0.9968 : NAN;
    fill_members(&snapshot->inspection, seen);
    if (seen->class_size == 1)
        add_nearest(snapshot, seen);
    size_t terms = count_terms(snapshot, seen);
    seen->terms_compared = terms;
    seen->term_count = terms < EXPLAIN_TERMS ? terms : EXPLAIN_TERMS;
    seen->term = calloc(seen->term_count, sizeof *seen->term);
    for (size_t t = 0; t < seen->term_count; t++)
        fill_term(snapshot, seen, t, terms);
    seen->others = seen->measure == EXPLAIN_SUM && terms > seen->term_count
                       ? seen->widest * share_of(seen->term_count - 1)
                       : 0;
    write_sentence(seen, detail->neuron);
}

enum { POINTS = 121, ROWS = 800 };

void fake_trajectory(const struct snapshot *snapshot, struct detail *detail) {
    struct trajectory_view *view = &detail->trajectory;
    struct trajectory_pair *pair = &view->pair;
    if (refuse_dead(snapshot, detail) || refuse_overflow(snapshot, detail))
        return;
    view->rows = snapshot->data_path ? ROWS : 0;
    view->row = detail->watch.row < ROWS ? detail->watch.row : ROWS - 1;
    view->members = snapshot->inspection.member_count;
    view->merged = 1;
    pair->points = POINTS;
    pair->time = calloc(POINTS, sizeof(double));
    pair->original = calloc(POINTS, sizeof(double));
    pair->reduced = calloc(POINTS, sizeof(double));
    double size = 0.3 * (double)view->members * cos(1 + (double)(view->row + detail->neuron) / 3);
    double off = snapshot->inspection.widest / 3;
    for (size_t i = 0; i < POINTS; i++) {
        double t = 12.0 * (double)i / (POINTS - 1), late = pow(t, (double)detail->layer);
        pair->time[i] = t;
        pair->original[i] =
            size * (1 - exp(-t) * (1 + (detail->layer > 1 ? t : 0))) + size * 0.4 * late * exp(-t);
        pair->reduced[i] = pair->original[i] + off * (1 - exp(-t / 2)) + 25 * off * t * exp(-t);
        double gap = fabs(pair->original[i] - pair->reduced[i]);
        if (gap > pair->gap) {
            pair->gap = gap;
            pair->gap_time = t;
        }
        view->largest = fmax(view->largest, fabs(pair->original[i]));
    }
}
