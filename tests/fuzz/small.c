#include "small.h"

#include "fuzz.h"
#include "lumpscope/model_json.h"
#include "lumpscope/rng.h"
#include "lumpscope/text.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { KINDS = 3, ROWS = 24, DEPTH_MOST = 3, WAIT_MS = 300 };

static const struct {
    size_t sizes[DEPTH_MOST + 1], depth;
    enum activation_kind hidden;
    bool classes, names;
} kinds[KINDS] = {
    {{3, 9, 5, 2}, 3, ACTIVATION_TANH, false, false},
    {{2, 12, 1}, 2, ACTIVATION_SQUARE, false, true},
    {{3, 6, 6, 3}, 3, ACTIVATION_RELU, true, false},
};

/* ---- Files ---- */

static double *fill(double *values, size_t count, struct rng *rng) {
    for (size_t i = 0; values && i < count; i++)
        values[i] = rng_normal(rng);
    return values;
}

/* The last neuron of a hidden layer is dead, the one before it a twin of the first. */
static void plant(struct layer *layer, struct layer *next) {
    size_t last = layer->neurons - 1;
    for (size_t i = 0; i < next->neurons; i++)
        next->weights[i * next->inputs + last] = 0;
    memcpy(layer->weights + (last - 1) * layer->inputs, layer->weights,
           layer->inputs * sizeof *layer->weights);
    layer->bias[last - 1] = layer->bias[0];
}

static void name_ends(struct network *network) {
    static char *input[] = {"\033[31mred\033[0m", "\xe6\x97\xa5\xe6\x9c\xac"};
    network->input.names = calloc(2, sizeof *network->input.names);
    for (size_t i = 0; network->input.names && i < 2; i++)
        network->input.names[i] = strdup(input[i]);
}

static void print_model(size_t kind, struct text *out) {
    struct error error = {0};
    struct rng rng;
    rng_seed(&rng, 11 + kind);
    struct network *network = network_new("small", kinds[kind].sizes, kinds[kind].depth, &error);
    fuzz_require(network, "%s", error.text);
    for (size_t l = 0; l < network->depth; l++) {
        struct layer *layer = &network->layers[l];
        fill(layer->weights, layer->neurons * layer->inputs, &rng);
        fill(layer->bias, layer->neurons, &rng);
        if (l + 1 < network->depth)
            layer->activation.kind = kinds[kind].hidden;
    }
    for (size_t l = 0; l + 1 < network->depth; l++)
        plant(&network->layers[l], &network->layers[l + 1]);
    if (kinds[kind].classes) {
        network->task = TASK_CLASSIFICATION;
        network->layers[network->depth - 1].activation.kind = ACTIVATION_SOFTMAX;
    }
    if (kinds[kind].names)
        name_ends(network);
    fuzz_require(model_json_print(network, out, &error), "%s", error.text);
    network_free(network);
}

static void print_data(size_t kind, struct text *out) {
    size_t inputs = kinds[kind].sizes[0], outputs = kinds[kind].sizes[kinds[kind].depth];
    size_t classes = kinds[kind].classes ? outputs : 0;
    struct rng rng;
    rng_seed(&rng, 31 + kind);
    for (size_t r = 0; r < ROWS; r++) {
        for (size_t i = 0; i < inputs; i++)
            text_format(out, "%.4g,", rng_normal(&rng));
        if (classes > 0)
            text_format(out, "%zu", r % classes);
        for (size_t i = 0; classes == 0 && i < outputs; i++)
            text_format(out, "%s%.4g", i ? "," : "", rng_normal(&rng));
        text_append(out, "\n");
    }
}

static void write_kind(size_t kind, const struct text *model, const struct text *data) {
    char name[16];
    snprintf(name, sizeof name, "m%zu.json", kind);
    fuzz_write(name, model->data, model->length);
    snprintf(name, sizeof name, "d%zu.csv", kind);
    fuzz_write(name, data->data, data->length);
}

int small_enter(void) {
    static struct text models[KINDS], data[KINDS]; /* made once; they live as long as the process */
    fuzz_clear();
    for (size_t kind = 0; kind < KINDS; kind++) {
        if (!models[kind].data) {
            print_model(kind, &models[kind]);
            print_data(kind, &data[kind]);
        }
        write_kind(kind, &models[kind], &data[kind]);
    }
    int before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    fuzz_require(before >= 0 && chdir(fuzz_directory()) == 0, "no scratch directory");
    setenv("HOME", fuzz_directory(), 1);
    setenv("INPUTRC", "none", 1);
    setenv("TERM", "xterm", 1);
    return before;
}

void small_leave(int before) {
    fuzz_require(fchdir(before) == 0, "no way back from the scratch directory");
    close(before);
}

bool small_write(const char *name, const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    for (size_t i = 0; text && i < size; i++)
        text[i] = (char)(data[i] == '/' || data[i] == '~' ? '_' : data[i]);
    bool written = text && fuzz_write(name, text, size);
    free(text);
    return written;
}

void small_settle(struct session *session) {
    for (int ms = 0; session_busy(session); ms++) {
        if (ms == WAIT_MS)
            session_cancel(session);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        snapshot_release(session_latest(session));
        fuzz_require(ms < 100 * WAIT_MS, "the session does not come to rest");
    }
}

/* ---- What is true of snapshots ---- */

static void check_classes(const struct snapshot *s, size_t l) {
    const struct classes *classes = &s->partition.layer[l];
    const struct layer_view *view = &s->layers[l];
    size_t dead = 0, seen = 0;
    uint32_t *members = calloc(classes->count + 1, sizeof *members);
    fuzz_require(members && classes->neurons == view->neurons && classes->count == view->classes,
                 "layer %zu: the partition is of another layer", l + 1);
    for (size_t i = 0; i < classes->neurons; i++) {
        uint32_t c = classes->class_of[i];
        dead += c == PARTITION_DEAD;
        if (c == PARTITION_DEAD)
            continue;
        fuzz_require(c < classes->count, "layer %zu: neuron %zu is in no class", l + 1, i);
        fuzz_require(c <= seen, "layer %zu: classes are not in the order of their first", l + 1);
        seen += c == seen;
        members[c]++;
    }
    fuzz_require(seen == classes->count, "layer %zu: an empty class", l + 1);
    fuzz_require(dead == view->dead, "layer %zu: %zu dead instead of %zu", l + 1, dead, view->dead);
    for (size_t c = 0; c < classes->count; c++)
        fuzz_require(members[c] == s->size[l][c], "layer %zu: class %zu has another size", l + 1,
                     c);
    free(members);
}

static void check_layers(const struct snapshot *s) {
    size_t neurons = 0, classes = 0;
    fuzz_require(s->partition.layers == s->hidden && network_hidden(s->network) == s->hidden,
                 "the partition is of another network");
    for (size_t l = 0; l < s->hidden; l++) {
        check_classes(s, l);
        neurons += s->layers[l].neurons;
        classes += s->layers[l].classes;
        fuzz_require(s->network->layers[l].neurons == s->layers[l].neurons, "another network");
    }
    fuzz_require(neurons == s->hidden_neurons && classes == s->classes, "sums are wrong");
}

static void check_epsilon(const struct snapshot *s) {
    fuzz_require(isfinite(s->epsilon) && s->epsilon >= 0, "epsilon is %g", s->epsilon);
    for (size_t i = 0; i < s->event_count; i++) {
        double epsilon = s->events[i].epsilon;
        fuzz_require(isfinite(epsilon) && epsilon >= 0, "event %zu at %g", i, epsilon);
        fuzz_require(i == 0 || epsilon >= s->events[i - 1].epsilon, "event %zu goes back", i);
    }
    fuzz_require(!(s->next_event <= s->epsilon), "next event %g at %g", s->next_event, s->epsilon);
    fuzz_require(!(s->previous_event > s->epsilon), "previous event %g at %g", s->previous_event,
                 s->epsilon);
}

static void check_figure(const struct figure *figure, const char *what) {
    bool shown = figure->state == FIGURE_EXACT || figure->state == FIGURE_ESTIMATE;
    fuzz_require(!shown || (isfinite(figure->value) && figure->value >= 0), "%s is %g", what,
                 figure->value);
    fuzz_require(figure->rows_done <= figure->rows, "%s of %zu out of %zu rows", what,
                 figure->rows_done, figure->rows);
}

static void check_figures(const struct snapshot *s) {
    check_figure(&s->before, "the error before");
    check_figure(&s->after, "the error");
    check_figure(&s->polished, "the polished error");
    for (size_t i = 0; i < CURVE_COUNT; i++) {
        check_figure(&s->baseline[i], "a baseline");
        for (size_t k = 0; k < s->curve[i].count; k++)
            fuzz_require(s->curve[i].points[k].grp >= 0, "curve %zu has a size below 0", i);
    }
}

void small_check(const struct snapshot *s) {
    fuzz_require(memchr(s->message, '\0', sizeof s->message), "a message without an end");
    for (const char *c = s->message; *c; c++)
        fuzz_require((unsigned char)*c >= ' ' && *c != 127, "a control character in \"%s\"",
                     s->message);
    check_figures(s);
    if (!s->analysed)
        return;
    check_layers(s);
    check_epsilon(s);
    fuzz_require(!s->reduced_known || s->parameters <= s->original_parameters,
                 "%zu parameters became %zu", s->original_parameters, s->parameters);
}

static struct snapshot *settled(struct session *session) {
    small_settle(session);
    struct snapshot *snapshot = session_latest(session);
    small_check(snapshot);
    return snapshot;
}

void small_check_rest(struct session *session) {
    struct snapshot *before = settled(session);
    struct error error = {0};
    bool comparable = before->analysed && !before->message_is_error;
    if (session_undo(session, NULL, &error)) {
        struct snapshot *undone = settled(session);
        fuzz_require(undone->undo_count + 1 == before->undo_count &&
                         undone->redo_count == before->redo_count + 1,
                     "undo leads from %zu/%zu to %zu/%zu", before->undo_count, before->redo_count,
                     undone->undo_count, undone->redo_count);
        comparable = comparable && undone->analysed && !undone->message_is_error;
        snapshot_release(undone);
        fuzz_require(session_redo(session, NULL, &error), "cannot be done again: %s", error.text);
        struct snapshot *after = settled(session);
        fuzz_require(after->undo_count == before->undo_count &&
                         after->redo_count == before->redo_count,
                     "redo does not lead back");
        fuzz_require(!comparable || !after->analysed ||
                         (after->epsilon == before->epsilon &&
                          options_equal(&after->options, &before->options) &&
                          partition_equal(&after->partition, &before->partition)),
                     "undo and redo lead from epsilon %.17g to %.17g", before->epsilon,
                     after->epsilon);
        snapshot_release(after);
    }
    snapshot_release(before);
}

static void check_written(const struct snapshot *s) {
    struct error error = {0};
    struct network *network = model_json_load("reduced.json", NULL, &error);
    fuzz_require(network, "the reduced network does not open: %s", error.text);
    fuzz_check_network(network);
    fuzz_require(!s->reduced_known || network_parameters(network) == s->parameters,
                 "%zu parameters were said, %zu are written", s->parameters,
                 network_parameters(network));
    for (size_t l = 0; l < s->hidden; l++)
        fuzz_require(!s->reduced_known || network->layers[l].neurons == s->layers[l].reduced,
                     "layer %zu: %zu neurons were said, %zu are written", l + 1,
                     s->layers[l].reduced, network->layers[l].neurons);
    network_free(network);
}

void small_check_reduced(struct session *session) {
    snapshot_release(settled(session));
    remove("reduced.json");
    session_write(session, "reduced.json", NULL);
    struct snapshot *snapshot = settled(session);
    if (access("reduced.json", R_OK) == 0)
        check_written(snapshot);
    snapshot_release(snapshot);
}
