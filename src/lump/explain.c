#include "lumpscope/explain.h"

#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void explanation_free(struct explanation *explanation) {
    for (size_t t = 0; explanation->term && t < explanation->term_count; t++)
        free(explanation->term[t].value);
    free(explanation->term);
    free(explanation->members);
    *explanation = (struct explanation){0};
}

bool explanation_copy(struct explanation *to, const struct explanation *from, struct error *error) {
    size_t count = from->member_count;
    *to = *from;
    to->members = memory_copy(from->members, count, sizeof *to->members, error);
    to->term = memory_new(from->term_count, sizeof *to->term, error);
    bool made = to->members && to->term;
    for (size_t t = 0; made && t < from->term_count; t++) {
        to->term[t] = from->term[t];
        to->term[t].value = memory_copy(from->term[t].value, count, sizeof(double), error);
        made = to->term[t].value != NULL;
    }
    if (!made)
        explanation_free(to);
    return made;
}

/* The class under explanation: what its members are, in live numbers, and what they face. */
struct scene {
    const struct refine *refine;
    const struct network *network; /* prepared */
    size_t l;                      /* hidden layer from 0 */
    struct explanation *out;
    size_t live[EXPLAIN_MEMBERS];
    double value[EXPLAIN_MEMBERS]; /* of the term being made */
};

static double span(const double *value, size_t count) {
    double low = value[0], high = value[0];
    for (size_t k = 1; k < count; k++) {
        low = fmin(low, value[k]);
        high = fmax(high, value[k]);
    }
    return high - low;
}

/* Where a term of this spread belongs among those kept, largest first. */
static size_t term_position(const struct explanation *out, double spread) {
    size_t position = out->term_count;
    while (position > 0 && out->term[position - 1].spread < spread)
        position--;
    return position;
}

/* Keeps the term whose values lie in scene->value when it is among those that differ most. */
static bool keep_term(struct scene *scene, enum explain_kind kind, size_t place, size_t other,
                      struct error *error) {
    struct explanation *out = scene->out;
    double spread = span(scene->value, out->member_count);
    size_t position = term_position(out, spread);
    out->terms_compared++;
    if (position == EXPLAIN_TERMS)
        return true;
    double *value = memory_copy(scene->value, out->member_count, sizeof *value, error);
    if (!value)
        return false;
    if (out->term_count == EXPLAIN_TERMS)
        free(out->term[--out->term_count].value);
    memmove(out->term + position + 1, out->term + position,
            (out->term_count - position) * sizeof *out->term);
    out->term[position] = (struct explain_term){
        .kind = kind, .place = place, .other = other, .value = value, .spread = spread};
    out->term_count++;
    return true;
}

static const struct layer *consumer_of(const struct scene *scene) {
    return &scene->network->layers[scene->l + 1];
}

/* The original number of a neuron of a layer (from 0); outputs are numbered as they are. */
static size_t original_number(const struct scene *scene, size_t layer, size_t live) {
    const struct prepared *prepared = refine_prepared(scene->refine);
    return layer < prepared->hidden ? prepared->live[layer][live] : live;
}

/* Classes of a layer (from 0) in live numbers; NULL for inputs and outputs, each its own. */
static const struct classes *classes_at(const struct scene *scene, size_t layer) {
    const struct partition *live = refine_live_partition(scene->refine);
    return layer < live->layers ? &live->layer[layer] : NULL;
}

static bool sent_to_neurons(struct scene *scene, struct error *error) {
    const struct layer *consumer = consumer_of(scene);
    for (size_t i = 0; i < consumer->neurons; i++) {
        for (size_t k = 0; k < scene->out->member_count; k++)
            scene->value[k] = consumer->weights[i * consumer->inputs + scene->live[k]];
        if (!keep_term(scene, EXPLAIN_SENT_TO_NEURON, original_number(scene, scene->l + 1, i), 0,
                       error))
            return false;
    }
    return true;
}

/* Sum over the class (or the one neuron) `h` of the consumer of V[i,j] times a factor of i. */
static double class_total(const struct scene *scene, const struct classes *classes, size_t h,
                          size_t j, size_t other, bool square, const struct consumer_form *form) {
    const struct layer *consumer = consumer_of(scene);
    double sum = 0;
    for (size_t i = classes ? 0 : h; i < (classes ? consumer->neurons : h + 1); i++) {
        if (classes && classes->class_of[i] != h)
            continue;
        const double *row = consumer->weights + i * consumer->inputs;
        double factor = !square                    ? 1
                        : other < consumer->inputs ? 2 * row[other]
                                                   : 2 * (consumer->bias[i] + form->shift);
        sum += row[j] * factor;
    }
    return form->factor * sum;
}

static bool sent_to_classes(struct scene *scene, const struct consumer_form *form, bool square,
                            const struct progress *progress, struct error *error) {
    const struct layer *consumer = consumer_of(scene);
    const struct classes *classes = classes_at(scene, scene->l + 1);
    size_t count = classes ? classes->count : consumer->neurons;
    size_t terms = square ? consumer->inputs + 1 : 1;
    for (size_t h = 0; h < count; h++) {
        if (!progress_step(progress, "explaining", h, count, error))
            return false;
        for (size_t t = 0; t < terms; t++) {
            for (size_t k = 0; k < scene->out->member_count; k++)
                scene->value[k] = class_total(scene, classes, h, scene->live[k], t, square, form);
            bool slope = t == consumer->inputs;
            enum explain_kind kind = !square ? EXPLAIN_SENT_TO_CLASS
                                     : slope ? EXPLAIN_SLOPE
                                             : EXPLAIN_PRODUCT;
            size_t other = square && !slope ? original_number(scene, scene->l, t) : 0;
            if (!keep_term(scene, kind, h, other, error))
                return false;
        }
    }
    return true;
}

static bool forward_terms(struct scene *scene, const struct progress *progress,
                          struct error *error) {
    struct consumer_form form = consumer_form(&consumer_of(scene)->activation);
    if (form.kind == CONSUMER_LINEAR || form.kind == CONSUMER_SQUARE)
        return sent_to_classes(scene, &form, form.kind == CONSUMER_SQUARE, progress, error);
    return sent_to_neurons(scene, error);
}

static bool backward_terms(struct scene *scene, struct error *error) {
    const struct layer *layer = &scene->network->layers[scene->l];
    const struct classes *classes = scene->l > 0 ? classes_at(scene, scene->l - 1) : NULL;
    size_t count = classes ? classes->count : layer->inputs;
    for (size_t b = 0; b <= count; b++) {
        for (size_t k = 0; k < scene->out->member_count; k++) {
            const double *row = layer->weights + scene->live[k] * layer->inputs;
            scene->value[k] = b == count ? layer->bias[scene->live[k]] : 0;
            for (size_t j = 0; b < count && j < layer->inputs; j++)
                if (classes ? classes->class_of[j] == b : j == b)
                    scene->value[k] += row[j];
        }
        enum explain_kind kind = b == count ? EXPLAIN_BIAS
                                 : classes  ? EXPLAIN_READ_FROM_CLASS
                                            : EXPLAIN_READ_FROM_INPUT;
        if (!keep_term(scene, kind, b, 0, error))
            return false;
    }
    return true;
}

/* The first members, the one in focus always among them; ascending. */
static bool choose_members(struct scene *scene, size_t class_id, size_t focus,
                           struct error *error) {
    const struct classes *live = classes_at(scene, scene->l);
    struct explanation *out = scene->out;
    out->members = memory_new(EXPLAIN_MEMBERS, sizeof *out->members, error);
    out->term = memory_new(EXPLAIN_TERMS + 1, sizeof *out->term, error);
    if (!out->members || !out->term)
        return false;
    for (size_t i = 0; i < live->neurons; i++) {
        if (live->class_of[i] != class_id)
            continue;
        size_t number = original_number(scene, scene->l, i);
        out->class_size++;
        bool room = out->member_count < EXPLAIN_MEMBERS;
        if (!room && number != focus)
            continue;
        size_t at = room ? out->member_count++ : EXPLAIN_MEMBERS - 1;
        out->members[at] = number;
        scene->live[at] = i;
    }
    return true;
}

static bool find_widest(struct scene *scene, const struct progress *progress, struct error *error) {
    struct explanation *out = scene->out;
    size_t neurons = scene->network->layers[scene->l].neurons;
    double *row = memory_new(neurons, sizeof *row, error);
    out->widest_a = out->widest_b = out->members[0];
    for (size_t a = 0; row && a + 1 < out->member_count; a++) {
        if (!progress_step(progress, "explaining", a, out->member_count, error) ||
            !refine_distances(scene->refine, out->layer, scene->live[a], row, error)) {
            free(row);
            return false;
        }
        for (size_t b = a + 1; b < out->member_count; b++)
            if (row[scene->live[b]] >= out->widest) {
                out->widest = row[scene->live[b]];
                out->widest_a = out->members[a];
                out->widest_b = out->members[b];
            }
    }
    bool done = row != NULL;
    free(row);
    return done;
}

static double correlation(const struct matrix *x, size_t a, size_t b) {
    double ma = 0, mb = 0, ab = 0, aa = 0, bb = 0;
    for (size_t r = 0; r < x->rows; r++) {
        ma += x->data[r * x->columns + a] / (double)x->rows;
        mb += x->data[r * x->columns + b] / (double)x->rows;
    }
    for (size_t r = 0; r < x->rows; r++) {
        double da = x->data[r * x->columns + a] - ma, db = x->data[r * x->columns + b] - mb;
        ab += da * db;
        aa += da * da;
        bb += db * db;
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : NAN;
}

static size_t position_of(const struct explanation *out, size_t member) {
    size_t k = 0;
    while (out->members[k] != member)
        k++;
    return k;
}

/* What the deciding term is about: "send to class 2 of layer 4". */
static void name_place(const struct scene *scene, const struct explain_term *term, char *out,
                       size_t size) {
    size_t next = scene->l + 2;
    bool outputs = next == scene->network->depth;
    switch (term->kind) {
    case EXPLAIN_SENT_TO_CLASS:
        snprintf(out, size, outputs ? "send to output %zu" : "send to class %zu of layer %zu",
                 term->place, next);
        break;
    case EXPLAIN_SENT_TO_NEURON:
        snprintf(out, size, outputs ? "send to output %zu" : "send to neuron %zu of layer %zu",
                 term->place, next);
        break;
    case EXPLAIN_PRODUCT:
        snprintf(out, size, "send, together with neuron %zu, to %s %zu of layer %zu", term->other,
                 outputs ? "output" : "class", term->place, next);
        break;
    case EXPLAIN_SLOPE:
        snprintf(out, size, "send by themselves to %s %zu of layer %zu",
                 outputs ? "output" : "class", term->place, next);
        break;
    case EXPLAIN_READ_FROM_CLASS:
        snprintf(out, size, "read from class %zu of layer %zu", term->place, scene->l);
        break;
    case EXPLAIN_READ_FROM_INPUT:
        snprintf(out, size, "read from input %zu", term->place);
        break;
    case EXPLAIN_BIAS:
        snprintf(out, size, "add as their own bias");
        break;
    }
}

static void joint_sentence(const struct explanation *out, char *sentence, size_t size) {
    snprintf(sentence, size,
             "On the calibration rows %zu and %zu move together (correlation %.4f): one neuron in "
             "their place moves the output by about %.3g %% of its spread.",
             out->widest_a, out->widest_b, out->correlation, 100 * out->widest);
}

/* The term that differs most between the two furthest apart. */
static const struct explain_term *deciding_term(const struct explanation *out, double *difference) {
    size_t a = position_of(out, out->widest_a), b = position_of(out, out->widest_b);
    const struct explain_term *chosen = NULL;
    *difference = -1;
    for (size_t t = 0; t < out->term_count; t++) {
        double d = fabs(out->term[t].value[a] - out->term[t].value[b]);
        if (d > *difference) {
            *difference = d;
            chosen = &out->term[t];
        }
    }
    return chosen;
}

static void write_sentence(struct scene *scene) {
    struct explanation *out = scene->out;
    char place[128];
    double difference;
    const struct explain_term *term = deciding_term(out, &difference);
    if (out->member_count == 1)
        snprintf(out->sentence, sizeof out->sentence,
                 "Neuron %zu is alone in its class at this epsilon.", out->members[0]);
    else if (refine_options(scene->refine)->relation == RELATION_JOINT)
        joint_sentence(out, out->sentence, sizeof out->sentence);
    else {
        name_place(scene, term, place, sizeof place);
        if (difference == 0)
            snprintf(out->sentence, sizeof out->sentence,
                     "%zu and %zu agree exactly, in all %zu coefficients that are compared.",
                     out->widest_a, out->widest_b, out->terms_compared);
        else
            snprintf(out->sentence, sizeof out->sentence,
                     "%zu and %zu %s the same up to %.3g; all %zu coefficients together are %.4g "
                     "apart.",
                     out->widest_a, out->widest_b, place, difference, out->terms_compared,
                     out->widest);
    }
}

static bool make_terms(struct scene *scene, const struct progress *progress, struct error *error) {
    switch (refine_options(scene->refine)->relation) {
    case RELATION_FORWARD:
        return forward_terms(scene, progress, error);
    case RELATION_BACKWARD:
        return backward_terms(scene, error);
    case RELATION_JOINT:
        return sent_to_neurons(scene, error);
    }
    return false;
}

bool explain_class(const struct refine *refine, size_t layer, size_t class_id, size_t focus,
                   struct explanation *explanation, const struct progress *progress,
                   struct error *error) {
    *explanation = (struct explanation){.layer = layer, .unit = 1, .correlation = NAN};
    struct scene scene = {.refine = refine,
                          .network = refine_prepared(refine)->network,
                          .l = layer - 1,
                          .out = explanation};
    bool done = choose_members(&scene, class_id, focus, error) &&
                find_widest(&scene, progress, error) && make_terms(&scene, progress, error);
    if (!done) {
        explanation_free(explanation);
        return false;
    }
    explanation->unit = refine_unit(refine, layer);
    if (refine_options(refine)->relation == RELATION_JOINT)
        explanation->correlation =
            correlation(&refine_calibration(refine)->trace.post[layer - 1],
                        scene.live[position_of(explanation, explanation->widest_a)],
                        scene.live[position_of(explanation, explanation->widest_b)]);
    write_sentence(&scene);
    return true;
}
