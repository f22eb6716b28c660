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

/* The class under explanation: what its members are, in live numbers, and what they face. */
struct scene {
    const struct refine *refine;
    const struct network *network; /* prepared */
    size_t l;                      /* hidden layer from 0 */
    struct explanation *out;
    size_t *all; /* [out->class_size] the whole class in live numbers, owned */
    size_t live[EXPLAIN_MEMBERS];
    size_t a, b;                   /* positions of the two furthest apart among the members */
    double total;                  /* of all differences */
    double value[EXPLAIN_MEMBERS]; /* of the term being made */
};

/* Where a term of this difference belongs among those kept, largest first. */
static size_t term_position(const struct explanation *out, double difference) {
    size_t position = out->term_count;
    while (position > 0 && out->term[position - 1].difference < difference)
        position--;
    return position;
}

/* Keeps the term whose values lie in scene->value when it is among those that differ most. */
static bool keep_term(struct scene *scene, enum explain_kind kind, size_t place, size_t other,
                      struct error *error) {
    struct explanation *out = scene->out;
    double difference = fabs(scene->value[scene->a] - scene->value[scene->b]);
    size_t position = term_position(out, difference);
    out->terms_compared++;
    scene->total += difference;
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
        .kind = kind, .place = place, .other = other, .value = value, .difference = difference};
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

static bool list_class(struct scene *scene, size_t class_id, struct error *error) {
    const struct classes *live = classes_at(scene, scene->l);
    struct explanation *out = scene->out;
    scene->all = memory_new(live->neurons, sizeof *scene->all, error);
    out->members = memory_new(EXPLAIN_MEMBERS, sizeof *out->members, error);
    out->term = memory_new(EXPLAIN_TERMS + 1, sizeof *out->term, error);
    if (!scene->all || !out->members || !out->term)
        return false;
    for (size_t i = 0; i < live->neurons; i++)
        if (live->class_of[i] == class_id)
            scene->all[out->class_size++] = i;
    return true;
}

static bool is_among(size_t number, const size_t wanted[3]) {
    return number == wanted[0] || number == wanted[1] || number == wanted[2];
}

/* Those that are wanted (original numbers) and the first of the others; ascending. */
static void choose_members(struct scene *scene, const size_t wanted[3]) {
    struct explanation *out = scene->out;
    size_t room = EXPLAIN_MEMBERS;
    for (size_t k = 0; k < out->class_size; k++)
        room -= is_among(original_number(scene, scene->l, scene->all[k]), wanted);
    out->member_count = 0;
    for (size_t k = 0; k < out->class_size; k++) {
        size_t number = original_number(scene, scene->l, scene->all[k]);
        bool chosen = is_among(number, wanted);
        if (!chosen && room == 0)
            continue;
        room -= !chosen;
        out->members[out->member_count] = number;
        scene->live[out->member_count++] = scene->all[k];
    }
}

/* The pair furthest apart out of some neurons (live numbers). */
static bool find_widest(struct scene *scene, const size_t *among, size_t count, double *row,
                        const struct progress *progress, struct error *error) {
    struct explanation *out = scene->out;
    out->widest_a = out->widest_b = original_number(scene, scene->l, among[0]);
    for (size_t a = 0; a + 1 < count; a++) {
        if (!progress_step(progress, "explaining", a, count, error) ||
            !refine_distances(scene->refine, out->layer, among[a], row, error))
            return false;
        for (size_t b = a + 1; b < count; b++)
            if (row[among[b]] >= out->widest) {
                out->widest = row[among[b]];
                out->widest_a = original_number(scene, scene->l, among[a]);
                out->widest_b = original_number(scene, scene->l, among[b]);
            }
    }
    return true;
}

/* Puts the nearest other neuron beside the one of a class of one, if there is any. */
static bool find_nearest(struct scene *scene, double *row, struct error *error) {
    const struct classes *live = classes_at(scene, scene->l);
    struct explanation *out = scene->out;
    size_t own = scene->all[0], nearest = own;
    if (!refine_distances(scene->refine, out->layer, own, row, error))
        return false;
    for (size_t j = 0; j < live->neurons; j++)
        if (j != own && isfinite(row[j]) && (nearest == own || row[j] < row[nearest]))
            nearest = j;
    if (nearest == own)
        return true;
    bool first = nearest < own;
    scene->live[0] = first ? nearest : own;
    scene->live[1] = first ? own : nearest;
    for (size_t k = 0; k < 2; k++)
        out->members[k] = original_number(scene, scene->l, scene->live[k]);
    out->member_count = 2;
    out->nearest_class = live->class_of[nearest];
    out->widest = row[nearest];
    out->widest_a = out->members[0];
    out->widest_b = out->members[1];
    return true;
}

static size_t position_of(const struct explanation *out, size_t member) {
    size_t k = 0;
    while (out->members[k] != member)
        k++;
    return k;
}

/* Who is compared: the pair furthest apart, the one in focus, and the first of the rest. */
static bool find_members(struct scene *scene, size_t focus, const struct progress *progress,
                         struct error *error) {
    struct explanation *out = scene->out;
    const struct options *options = refine_options(scene->refine);
    double *row = memory_new(scene->network->layers[scene->l].neurons, sizeof *row, error);
    size_t wanted[3] = {focus, focus, focus};
    if (!row)
        return false;
    choose_members(scene, wanted);
    bool all = out->class_size <= EXPLAIN_PAIRS;
    bool done = find_widest(scene, all ? scene->all : scene->live,
                            all ? out->class_size : out->member_count, row, progress, error);
    wanted[1] = out->widest_a;
    wanted[2] = out->widest_b;
    choose_members(scene, wanted);
    if (done && out->class_size == 1 && !options_locked(options, out->layer))
        done = find_nearest(scene, row, error);
    free(row);
    scene->a = position_of(out, out->widest_a);
    scene->b = position_of(out, out->widest_b);
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

/* "output dS1"; a name too long for a sentence gives way to the number. */
static void name_end(const struct scaling *ends, const char *kind, size_t i, char *out,
                     size_t size) {
    enum { LONGEST = 32 };
    if (!ends->names || i >= ends->count || strlen(ends->names[i]) > LONGEST)
        snprintf(out, size, "%s %zu", kind, i);
    else
        snprintf(out, size, "%s %s", kind, ends->names[i]);
    text_make_visible(out);
}

/* Where the term's coefficient is sent to or read from: "class 2 of layer 4". */
static void name_place(const struct scene *scene, const struct explain_term *term, char *out,
                       size_t size) {
    bool reads = term->kind == EXPLAIN_READ_FROM_CLASS,
         sends = term->kind < EXPLAIN_READ_FROM_CLASS;
    size_t layer = reads ? scene->l : scene->l + 2;
    if (term->kind == EXPLAIN_READ_FROM_INPUT)
        name_end(&scene->network->input, "input", term->place, out, size);
    else if (sends && layer == scene->network->depth)
        name_end(&scene->network->output, "output", term->place, out, size);
    else
        snprintf(out, size, "%s %zu of layer %zu",
                 term->kind == EXPLAIN_SENT_TO_NEURON ? "neuron" : "class", term->place, layer);
}

/* What is the same in both: "send the same to class 2 of layer 4". */
static void name_term(const struct scene *scene, const struct explain_term *term, char *out,
                      size_t size) {
    char place[96];
    name_place(scene, term, place, sizeof place);
    switch (term->kind) {
    case EXPLAIN_SENT_TO_CLASS:
    case EXPLAIN_SENT_TO_NEURON:
        snprintf(out, size, "send the same to %s", place);
        break;
    case EXPLAIN_PRODUCT:
        snprintf(out, size, "send the same to %s in products with neuron %zu", place, term->other);
        break;
    case EXPLAIN_SLOPE:
        snprintf(out, size, "send the same to %s by themselves", place);
        break;
    case EXPLAIN_READ_FROM_CLASS:
    case EXPLAIN_READ_FROM_INPUT:
        snprintf(out, size, "read the same from %s", place);
        break;
    case EXPLAIN_BIAS:
        snprintf(out, size, "have the same bias");
        break;
    }
}

static bool is_within(const struct explanation *out) {
    return out->widest <= out->epsilon + 1e-9 * (out->epsilon + 1);
}

/* How the distance compares with epsilon, and what follows. */
static void write_verdict(const struct scene *scene, struct text *text) {
    const struct explanation *out = scene->out;
    char number[TEXT_NUMBER_SIZE];
    bool within = is_within(out), alone = out->class_size == 1;
    text_format(text, ", %s epsilon %s%s.", within ? "within" : "more than",
                text_human(out->epsilon, 4, number),
                within && alone     ? ", but not all of its class is"
                : !within && !alone ? ": members between them link them"
                                    : "");
}

/* Two that move differently and are near all the same are near because little depends on them. */
static void joint_sentence(const struct scene *scene, struct text *text) {
    const struct explanation *out = scene->out;
    char number[TEXT_NUMBER_SIZE];
    bool together = out->correlation > 0.5;
    text_append(text,
                out->class_size == 1 ? "on the calibration rows " : "On the calibration rows ");
    if (isnan(out->correlation))
        text_format(text, "neuron %zu or %zu never changes", out->widest_a, out->widest_b);
    else
        text_format(text, "neurons %zu and %zu %s (correlation %.4f)%s", out->widest_a,
                    out->widest_b, together ? "move together" : "hardly move together",
                    out->correlation,
                    !together && is_within(out) ? ", but little depends on them" : "");
    text_format(text, ": one neuron in their place moves the output by about %s of its spread",
                text_human(out->widest, 4, number));
    write_verdict(scene, text);
}

static void coefficients_sentence(const struct scene *scene, struct text *text) {
    const struct explanation *out = scene->out;
    char what[192], number[TEXT_NUMBER_SIZE];
    const char *neurons = out->class_size == 1 ? "neurons" : "Neurons";
    double difference = out->term[0].difference / out->unit;
    name_term(scene, &out->term[0], what, sizeof what);
    if (difference == 0 && out->widest == 0) {
        text_format(text,
                    "%s %zu and %zu agree exactly, in all %zu coefficients that are compared.",
                    neurons, out->widest_a, out->widest_b, out->terms_compared);
        return;
    }
    text_format(text, "%s %zu and %zu %s up to %s", neurons, out->widest_a, out->widest_b, what,
                text_human(difference, 3, number));
    bool own_sums = out->measure == EXPLAIN_ERODE || out->measure == EXPLAIN_TENSOR;
    if (out->terms_compared == 1 && !own_sums)
        text_append(text, ", and nothing else is compared");
    else if (out->measure == EXPLAIN_LARGEST)
        text_format(text, ", and no other of the %zu coefficients up to more", out->terms_compared);
    else
        text_format(text, "; all %zu coefficient%s together are %s apart", out->terms_compared,
                    out->terms_compared == 1 ? "" : "s", text_human(out->widest, 4, number));
    write_verdict(scene, text);
}

/* "Neuron 5 is alone in its class. The nearest is 12 in class 3: " */
static void begin_alone(const struct scene *scene, struct text *text) {
    const struct explanation *out = scene->out;
    bool locked = options_locked(refine_options(scene->refine), out->layer);
    size_t alone = original_number(scene, scene->l, scene->all[0]);
    text_format(text, "Neuron %zu is alone%s.", alone,
                locked                   ? ": its layer is locked"
                : out->member_count == 1 ? ": there is none to merge with"
                                         : " in its class");
    if (out->member_count > 1)
        text_format(text,
                    " The nearest is %zu in class %zu: ", out->members[out->members[0] == alone],
                    out->nearest_class);
}

static bool write_sentence(const struct scene *scene, struct error *error) {
    struct explanation *out = scene->out;
    struct text text = {0};
    if (out->class_size == 1)
        begin_alone(scene, &text);
    if (out->member_count > 1 && out->relation == RELATION_JOINT)
        joint_sentence(scene, &text);
    else if (out->member_count > 1)
        coefficients_sentence(scene, &text);
    bool done = !text.failed || error_memory(error, sizeof out->sentence);
    snprintf(out->sentence, sizeof out->sentence, "%s", text.data ? text.data : "");
    text_free(&text);
    return done;
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

static enum explain_measure measure_of(const struct scene *scene) {
    static const enum explain_measure measures[] = {[NORM_L1] = EXPLAIN_SUM,
                                                    [NORM_L2] = EXPLAIN_ROOT,
                                                    [NORM_LINF] = EXPLAIN_LARGEST,
                                                    [NORM_ERODE] = EXPLAIN_ERODE};
    const struct options *options = refine_options(scene->refine);
    if (options->relation == RELATION_JOINT)
        return EXPLAIN_OUTPUT;
    if (options->relation == RELATION_FORWARD &&
        consumer_form(&consumer_of(scene)->activation).kind == CONSUMER_POLYNOMIAL)
        return EXPLAIN_TENSOR;
    return measures[options->norm];
}

/* What the coefficients that are not shown have in the sum. */
static double left_out(const struct scene *scene) {
    const struct explanation *out = scene->out;
    double shown = 0;
    for (size_t t = 0; t < out->term_count; t++)
        shown += out->term[t].difference;
    bool complete = out->term_count == out->terms_compared || out->measure != EXPLAIN_SUM;
    return complete ? 0 : fmax(scene->total - shown, 0) / out->unit;
}

static bool explain(struct scene *scene, size_t class_id, size_t focus,
                    const struct progress *progress, struct error *error) {
    struct explanation *out = scene->out;
    if (!list_class(scene, class_id, error) || !find_members(scene, focus, progress, error) ||
        !make_terms(scene, progress, error))
        return false;
    out->others = left_out(scene);
    if (out->relation == RELATION_JOINT && out->member_count > 1)
        out->correlation = correlation(&refine_calibration(scene->refine)->trace.post[scene->l],
                                       scene->live[scene->a], scene->live[scene->b]);
    return write_sentence(scene, error);
}

bool explain_class(const struct refine *refine, size_t layer, size_t class_id, size_t focus,
                   struct explanation *explanation, const struct progress *progress,
                   struct error *error) {
    *explanation = (struct explanation){.layer = layer,
                                        .relation = refine_options(refine)->relation,
                                        .nearest_class = SIZE_MAX,
                                        .unit = refine_unit(refine, layer),
                                        .epsilon = refine_epsilon(refine),
                                        .correlation = NAN};
    struct scene scene = {.refine = refine,
                          .network = refine_prepared(refine)->network,
                          .l = layer - 1,
                          .out = explanation};
    explanation->measure = measure_of(&scene);
    bool done = explain(&scene, class_id, focus, progress, error);
    free(scene.all);
    if (!done)
        explanation_free(explanation);
    return done;
}
