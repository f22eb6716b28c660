#include "fake_session.h"
#include "fake_detail.h"

#include "lumpscope/rng.h"
#include "lumpscope/saved.h"
#include "lumpscope/text.h"
#include "session/history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MAX_LAYERS = 32, SWEEP_POINTS = 40, POLISHED_POINTS = 8 };

struct session {
    enum fake_kind kind;
    struct network *network;
    struct fake_layer layer[MAX_LAYERS];
    size_t hidden;
    struct options options;
    double *events; /* ascending, the first is 0 */
    size_t event_count;
    double epsilon;
    size_t swept, sweep_total;
    bool polished; /* the network at the epsilon of the moment */
    struct curve_point stars[POLISHED_POINTS];
    size_t star_count;
    size_t layer_chosen, neuron_chosen;
    enum work_state work;
    uint64_t serial, message_serial;
    char message[640];
    bool message_is_error;
    int wake;
    struct watch watch;
    struct detail *late; /* of FAKE_LATE: comes with the next snapshot; held */
    struct history history;
    bool resumed;
    struct snapshot *latest;
};

/* Where the network of a saved session lies: somewhere there is always a file. */
static const char saved_file[] = "/dev/null";

/* The snapshot that is handed out, and how many hold it. */
struct counted {
    struct snapshot snapshot;
    int holders;
};

/* ---- The handmade network ---- */

static const char *const plain_names[] = {"S1", "S2", "S3", "S4", "N2", "A3", "S4x"};
static const char *const hostile_names[] = {
    "esc\033[31mred",
    "\xe8\x91\xa1\xe8\x90\x84\xe7\xb3\x96",
    "e\xcc\x81te\xcc\x81",
    "a name that is far longer than any column on this screen can be",
    "bad\377\376bytes",
    "tab\there",
    "bell\a"};

static struct network *make_network(enum fake_kind kind) {
    static const size_t square[] = {7, 64, 4, 64, 7}, wide[] = {784, 2048, 300, 10},
                        few[] = {7, 1, 6, 6, 8, 7};
    size_t deep[MAX_LAYERS];
    for (size_t i = 0; i < 26; i++)
        deep[i] = i % 3 ? 24 : 12;
    const size_t *sizes = kind == FAKE_WIDE   ? wide
                          : kind == FAKE_DEEP ? deep
                          : kind == FAKE_FEW  ? few
                                              : square;
    size_t depth = kind == FAKE_WIDE ? 3 : kind == FAKE_DEEP ? 25 : kind == FAKE_FEW ? 5 : 4;
    struct network *network = network_new("glycolysis", sizes, depth, NULL);
    struct rng rng;
    rng_seed(&rng, 7);
    for (size_t l = 0; l < depth; l++) {
        struct layer *layer = &network->layers[l];
        activation_parse(l + 1 == depth ? "linear"
                         : l == 1       ? "linear"
                                        : "square",
                         &layer->activation);
        for (size_t i = 0; i < layer->neurons; i++)
            layer->bias[i] = rng_normal(&rng);
        for (size_t i = 0; i < layer->neurons * layer->inputs; i++)
            layer->weights[i] = rng_normal(&rng);
    }
    const char *const *names = kind == FAKE_HOSTILE ? hostile_names : plain_names;
    for (int side = 0; side < 2 && kind != FAKE_WIDE && kind != FAKE_DEEP; side++) {
        struct scaling *scaling = side ? &network->output : &network->input;
        scaling->names = calloc(7, sizeof *scaling->names);
        for (size_t i = 0; i < 7; i++) {
            char name[96];
            snprintf(name, sizeof name, "%s%s", side ? "d" : "", names[i]);
            scaling->names[i] = strdup(name);
        }
    }
    return network;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void make_merges(struct session *session) {
    static const size_t few_dead[] = {0, 6, 5, 3};
    struct rng rng;
    rng_seed(&rng, 11);
    session->hidden = network_hidden(session->network);
    session->events = calloc(network_hidden_neurons(session->network) + 1, sizeof(double));
    session->event_count = 1;
    for (size_t l = 0; l < session->hidden; l++) {
        struct fake_layer *layer = &session->layer[l];
        layer->neurons = session->network->layers[l].neurons;
        layer->dead = session->kind == FAKE_WIDE ? 5 : session->kind == FAKE_FEW ? few_dead[l] : 0;
        layer->parent = calloc(layer->neurons, sizeof *layer->parent);
        layer->height = calloc(layer->neurons, sizeof *layer->height);
        for (size_t j = 1; j + layer->dead < layer->neurons; j++) {
            layer->parent[j] = (size_t)(rng_uniform(&rng) * (double)j);
            layer->height[j] = 0.9 * pow(rng_uniform(&rng), 3) + 0.001;
            session->events[session->event_count++] = layer->height[j];
        }
    }
    qsort(session->events, session->event_count, sizeof(double), compare);
}

/* ---- Snapshots ---- */

static void free_inspection(struct inspection *inspection) {
    free(inspection->members);
    free(inspection->distances);
    free(inspection->incoming);
    free(inspection->outgoing);
}

static void snapshot_free(struct snapshot *snapshot) {
    for (size_t l = 0; snapshot->colour && l < snapshot->hidden; l++)
        free(snapshot->colour[l]);
    for (size_t l = 0; snapshot->size && l < snapshot->hidden; l++)
        free(snapshot->size[l]);
    for (int c = 0; c < CURVE_COUNT; c++)
        free(snapshot->curve[c].points);
    free(snapshot->colour);
    free(snapshot->size);
    free(snapshot->layers);
    free(snapshot->events);
    free(snapshot->marks);
    free(snapshot->model_path);
    free(snapshot->title);
    free(snapshot->data_path);
    free(snapshot->data_title);
    partition_free(&snapshot->partition);
    free_inspection(&snapshot->inspection);
    detail_release(snapshot->detail);
    free(snapshot);
}

void snapshot_hold(struct snapshot *snapshot) {
    ((struct counted *)snapshot)->holders++;
}

void snapshot_release(struct snapshot *snapshot) {
    if (snapshot && --((struct counted *)snapshot)->holders == 0)
        snapshot_free(snapshot);
}

static double next_merge_of(const struct session *session, const struct fake_layer *layer) {
    double next = NAN;
    for (size_t j = 1; j + layer->dead < layer->neurons; j++)
        if (layer->height[j] > session->epsilon && !(layer->height[j] >= next))
            next = layer->height[j];
    return next;
}

static void fill_layer(const struct session *session, struct snapshot *snapshot, size_t l) {
    const struct fake_layer *layer = &session->layer[l];
    struct classes *classes = &snapshot->partition.layer[l];
    uint32_t *labels = calloc(layer->neurons, sizeof *labels);
    size_t live = layer->neurons - layer->dead;
    bool locked = options_locked(&session->options, l + 1);
    for (size_t j = 0; j < layer->neurons; j++)
        labels[j] = j >= live ? PARTITION_DEAD
                    : j > 0 && !locked && layer->height[j] <= session->epsilon
                        ? labels[layer->parent[j]]
                        : (uint32_t)j;
    classes_from_labels(classes, labels, NULL);
    snapshot->colour[l] = calloc(classes->count, sizeof(uint32_t));
    snapshot->size[l] = calloc(classes->count, sizeof(uint32_t));
    for (size_t j = live; j-- > 0; snapshot->size[l][classes->class_of[j]]++)
        snapshot->colour[l][classes->class_of[j]] = labels[j];
    free(labels);
    struct layer_view *view = &snapshot->layers[l];
    *view = (struct layer_view){.neurons = layer->neurons,
                                .dead = layer->dead,
                                .classes = classes->count,
                                .reduced = classes->count,
                                .locked = locked,
                                .next_merge = next_merge_of(session, layer)};
    snprintf(view->activation, sizeof view->activation, "%s",
             activation_name(session->network->layers[l].activation.kind));
    snapshot->hidden_neurons += layer->neurons;
    snapshot->classes += classes->count;
}

static void fill_partition(const struct session *session, struct snapshot *snapshot) {
    size_t neurons[MAX_LAYERS];
    snapshot->hidden = session->hidden;
    for (size_t l = 0; l < session->hidden; l++)
        neurons[l] = session->layer[l].neurons;
    partition_init(&snapshot->partition, neurons, session->hidden, NULL);
    snapshot->layers = calloc(session->hidden + 1, sizeof *snapshot->layers);
    snapshot->colour = calloc(session->hidden + 1, sizeof *snapshot->colour);
    snapshot->size = calloc(session->hidden + 1, sizeof *snapshot->size);
    for (size_t l = 0; l < session->hidden; l++)
        fill_layer(session, snapshot, l);
}

static size_t count_parameters(const struct session *session, const struct snapshot *snapshot) {
    size_t inputs = network_inputs(session->network), parameters = 0;
    for (size_t l = 0; l < session->hidden; l++) {
        parameters += (inputs + 1) * snapshot->layers[l].classes;
        inputs = snapshot->layers[l].classes;
    }
    return parameters + (inputs + 1) * network_outputs(session->network);
}

/* MSE or accuracy that a method reaches at a size in percent. */
static double figure_at(const struct session *session, int curve, double grp) {
    static const double steepness[CURVE_COUNT] = {1.2, 5, 3.6, 6, 2.4, 0.6};
    if (session->kind == FAKE_LARGE)
        return 0.000623418 * pow(10, (100 - grp) / 140);
    if (session->kind == FAKE_TINY)
        return 4e-20 * pow(10, (100 - grp) / (10 - curve));
    if (session->kind == FAKE_DEEP) /* better while it gets smaller: the plot's right is full */
        return 0.02 * exp(grp / 20 + 0.3 * curve);
    double worse = exp(steepness[curve] * (1 - grp / 100) * (1 - grp / 100)) - 1;
    if (session->network->task == TASK_CLASSIFICATION)
        return fmax(0.97 - 0.02 * worse, 0.1);
    return 0.0547 * (1 + 0.4 * worse);
}

/* One of the sweep: sizes fall evenly, epsilon goes from event to event. */
static struct curve_point swept_point(const struct session *session,
                                      const struct snapshot *snapshot, int curve, size_t i) {
    double share = (double)i / (double)(session->sweep_total - 1), size = 100 - 95 * share;
    bool turned = session->kind == FAKE_TURNED && curve == CURVE_LUMP;
    if (turned && i % 16 == 9) /* larger than the one before */
        size += 4;
    double figure = figure_at(session, curve, size);
    if (turned && i % 8 == 3) /* smaller, and errs less */
        figure *= 0.8;
    size_t event = (size_t)(share * (double)(session->event_count - 1));
    return (struct curve_point){size, figure, curve == CURVE_LUMP ? session->events[event] : NAN,
                                (size_t)lround(size / 100 * (double)snapshot->original_parameters)};
}

/* Two marks made here, one under other options, one whose figure is not known. */
static void fill_marks(const struct session *session, struct snapshot *snapshot) {
    static const struct mark_view marks[] = {{"a", 0.1, true, 1238, 80, 0.0553},
                                             {"b", 0.3, true, 773, 50, 0.0626},
                                             {"other", 0.2, false, 619, 40, 0.09},
                                             {"d", 0.5, true, 0, NAN, NAN}};
    if (session->kind != FAKE_TURNED)
        return;
    snapshot->mark_count = sizeof marks / sizeof *marks;
    snapshot->marks = calloc(snapshot->mark_count, sizeof *marks);
    memcpy(snapshot->marks, marks, sizeof marks);
}

static struct figure exact_figure(double value) {
    return (struct figure){FIGURE_EXACT, value, 800, 800};
}

static void fill_stars(const struct session *session, struct snapshot *snapshot) {
    struct curve *curve = &snapshot->curve[CURVE_POLISH];
    curve->count = session->star_count;
    curve->points = calloc(POLISHED_POINTS, sizeof *curve->points);
    memcpy(curve->points, session->stars, curve->count * sizeof *curve->points);
}

static void fill_cost(const struct session *session, struct snapshot *snapshot) {
    snapshot->original_parameters = network_parameters(session->network);
    snapshot->parameters = count_parameters(session, snapshot);
    snapshot->reduced_known = true;
    if (session->kind == FAKE_LARGE) {
        snapshot->original_parameters = 123456789;
        snapshot->parameters = 99999999;
    }
    if (session->kind == FAKE_UNJUDGED || session->kind == FAKE_DATALESS)
        return;
    snapshot->original_bytes = 12 * snapshot->original_parameters;
    snapshot->bytes = 12 * snapshot->parameters + 300;
    double grp = metrics_grp(snapshot->parameters, snapshot->original_parameters);
    snapshot->before = exact_figure(figure_at(session, CURVE_LUMP, 100));
    snapshot->after = exact_figure(figure_at(session, CURVE_LUMP, grp));
    if (session->polished)
        snapshot->polished = exact_figure(figure_at(session, CURVE_POLISH, grp));
    for (int c = CURVE_MAGNITUDE; c <= CURVE_WANDA; c++)
        snapshot->baseline[c] = exact_figure(figure_at(session, c, grp));
    if (session->kind == FAKE_ESTIMATE) {
        snapshot->after.state = FIGURE_ESTIMATE;
        snapshot->after.rows_done = 256;
        snapshot->baseline[CURVE_MAGNITUDE].state = FIGURE_REFUSED;
        snapshot->baseline[CURVE_WANDA].state = FIGURE_PENDING;
    }
    fill_stars(session, snapshot);
    for (int c = 0; c < CURVE_POLISH && session->swept; c++) {
        struct curve *curve = &snapshot->curve[c];
        curve->points = calloc(session->swept, sizeof *curve->points);
        for (curve->count = 0; curve->count < session->swept; curve->count++) {
            curve->points[curve->count] = swept_point(session, snapshot, c, curve->count);
        }
    }
    snapshot->curve_complete = session->swept == session->sweep_total;
}

static void fill_epsilon(const struct session *session, struct snapshot *snapshot) {
    snapshot->epsilon = session->epsilon;
    snapshot->epsilon_end = session->events[session->event_count - 1];
    snapshot->events = calloc(session->event_count, sizeof *snapshot->events);
    snapshot->event_count = session->event_count;
    snapshot->events_complete = true;
    snapshot->next_event = snapshot->previous_event = NAN;
    for (size_t i = 0; i < session->event_count; i++) {
        snapshot->events[i].epsilon = session->events[i];
        if (session->events[i] < session->epsilon)
            snapshot->previous_event = session->events[i];
        if (session->events[i] > session->epsilon && isnan(snapshot->next_event))
            snapshot->next_event = session->events[i];
    }
    for (size_t l = 0; l < session->hidden; l++)
        if (next_merge_of(session, &session->layer[l]) == snapshot->next_event)
            snapshot->next_event_layer = l + 1;
}

/* Distance of two members: made up, but symmetric and within epsilon. */
static double distance(const struct session *session, size_t a, size_t b) {
    return session->epsilon * (double)((a * 7 + b * 7) % 10 + 1) / 10;
}

static void fill_class(const struct session *session, const struct classes *classes,
                       struct inspection *inspection) {
    size_t neuron = inspection->neuron;
    inspection->members = calloc(classes->neurons, sizeof(size_t));
    inspection->distances = calloc(classes->neurons, sizeof(double));
    inspection->dead = classes->class_of[neuron] == PARTITION_DEAD;
    if (inspection->dead)
        return;
    inspection->class_id = classes->class_of[neuron];
    for (size_t j = 0; j < classes->neurons; j++)
        if (classes->class_of[j] == inspection->class_id) {
            inspection->distances[inspection->member_count] =
                j == neuron ? 0 : distance(session, neuron, j);
            inspection->members[inspection->member_count++] = j;
        }
    for (size_t i = 0; i < inspection->member_count; i++)
        for (size_t k = i + 1; k < inspection->member_count; k++) {
            double d = distance(session, inspection->members[i], inspection->members[k]);
            if (d > inspection->widest) {
                inspection->widest = d;
                inspection->widest_a = inspection->members[i];
                inspection->widest_b = inspection->members[k];
            }
        }
}

static void fill_weights(const struct session *session, struct inspection *inspection) {
    const struct layer *layer = &session->network->layers[inspection->layer - 1];
    const struct layer *consumer = layer + 1;
    inspection->inputs = layer->inputs;
    inspection->outputs = consumer->neurons;
    inspection->incoming = calloc(layer->inputs, sizeof(double));
    inspection->outgoing = calloc(consumer->neurons, sizeof(double));
    memcpy(inspection->incoming, layer->weights + inspection->neuron * layer->inputs,
           layer->inputs * sizeof(double));
    inspection->bias = layer->bias[inspection->neuron];
    for (size_t i = 0; i < consumer->neurons; i++)
        inspection->outgoing[i] = consumer->weights[i * consumer->inputs + inspection->neuron];
}

static void fill_inspection(const struct session *session, struct snapshot *snapshot) {
    struct inspection *inspection = &snapshot->inspection;
    if (session->layer_chosen == 0)
        return;
    inspection->layer = session->layer_chosen;
    inspection->neuron = session->neuron_chosen;
    inspection->next_merge = snapshot->layers[inspection->layer - 1].next_merge;
    inspection->next_class = 2;
    inspection->representative = session->kind == FAKE_TURNED ? inspection->neuron : SIZE_MAX;
    fill_class(session, &snapshot->partition.layer[inspection->layer - 1], inspection);
    fill_weights(session, inspection);
}

static void fill_titles(const struct session *session, struct snapshot *snapshot) {
    const char *title = session->kind == FAKE_WIDE ? "digits 784-2048-300-10 (relu)"
                        : session->kind == FAKE_DEEP
                            ? "deep 12-24-24-12-... (square), 24 hidden layers"
                        : session->kind == FAKE_HOSTILE
                            ? "evil \033]0;title\a name that goes on and on and on and on and on"
                            : "glycolysis 7-64-4-64-7 (square, linear, square)";
    snapshot->model_path = strdup(session->resumed ? saved_file : "samples/glycolysis.json");
    snapshot->title = strdup(title);
    if (session->kind != FAKE_DATALESS) {
        snapshot->data_path = strdup("samples/glycolysis.csv");
        snapshot->data_title = strdup("glycolysis 3200+800");
    }
    snapshot->network = session->network;
    snapshot->task = session->network->task;
    snapshot->sufficient_only =
        session->kind == FAKE_WIDE && session->options.relation != RELATION_JOINT;
}

/* What is known before the first analysis. */
static void fill_unanalysed(const struct session *session, struct snapshot *snapshot) {
    snapshot->original_parameters = network_parameters(session->network);
    snapshot->original_bytes = 12 * snapshot->original_parameters;
    snapshot->hidden_neurons = network_hidden_neurons(session->network);
    if (session->work != WORK_ANALYSING)
        return;
    snprintf(snapshot->work_text, sizeof snapshot->work_text, "distances");
    snapshot->work_done = 24;
    snapshot->work_total = 64;
}

static void fill_study(struct session *session, struct snapshot *snapshot) {
    snapshot->analysed = true;
    fill_epsilon(session, snapshot);
    fill_partition(session, snapshot);
    fill_cost(session, snapshot);
    fill_marks(session, snapshot);
    fill_inspection(session, snapshot);
    snapshot->detail =
        fake_detail_new(snapshot, session->layer, &session->watch, session->neuron_chosen);
    snapshot->detail_current = snapshot->detail && session->kind != FAKE_BUSY;
    if (session->kind == FAKE_LATE) {
        struct detail *made = snapshot->detail;
        snapshot->detail = session->late;
        snapshot->detail_current = false;
        session->late = made;
    }
}

static bool fake_has_data(const struct session *session) {
    return session->kind != FAKE_EMPTY && session->kind != FAKE_OPENING &&
           session->kind != FAKE_DATALESS;
}

/* The shorter linkage where none is chosen, which leaves the screens room for other things. */
static bool fake_resolve(const struct session *session, const struct option_choices *choices,
                         struct options *options, struct error *error) {
    bool resolved = options_resolve(choices, fake_has_data(session), options, error);
    if (!choices->given[OPTION_LINKAGE] && options->linkage == LINKAGE_AGGLOMERATE)
        options->linkage = LINKAGE_COMPLETE;
    return resolved;
}

/* Marks that are where the session is learn its figures. */
static void fill_mark(struct session *session, const struct snapshot *snapshot, struct mark *mark,
                      struct mark_view *view) {
    struct options options;
    fake_resolve(session, &mark->choices, &options, NULL);
    bool here = options_equal(&options, &session->options);
    if (here && snapshot->analysed && mark->target.value == session->epsilon) {
        mark->parameters = snapshot->parameters;
        mark->grp = metrics_grp(snapshot->parameters, snapshot->original_parameters);
        mark->figure = snapshot->after.value;
    }
    *view = (struct mark_view){.epsilon = mark->target.value,
                               .here = here,
                               .parameters = mark->parameters,
                               .grp = mark->grp,
                               .figure = mark->figure};
    memcpy(view->name, mark->name, sizeof view->name);
}

static void fill_history(struct session *session, struct snapshot *snapshot) {
    const struct history *history = &session->history;
    const struct mark_list *list = history_now(history)->marks;
    size_t count = list ? list->count : 0;
    snapshot->undo_count = history->at;
    snapshot->redo_count = history->count - history->at - 1;
    snapshot->change_serial = history->serial;
    if (snapshot->marks) /* handmade ones */
        return;
    snapshot->marks = calloc(count + 1, sizeof *snapshot->marks);
    for (size_t i = 0; i < count; i++)
        fill_mark(session, snapshot, list->marks[i], &snapshot->marks[snapshot->mark_count++]);
}

static void publish(struct session *session) {
    struct counted *counted = calloc(1, sizeof *counted);
    struct snapshot *snapshot = &counted->snapshot;
    counted->holders = 1;
    snapshot->serial = session->kind == FAKE_OPENING ? 0 : ++session->serial;
    snapshot->options = session->options;
    snapshot->next_event = snapshot->previous_event = NAN;
    snapshot->epsilon = session->epsilon;
    if (session->kind != FAKE_EMPTY && session->kind != FAKE_OPENING) {
        fill_titles(session, snapshot);
        if (session->kind == FAKE_ANALYSING)
            fill_unanalysed(session, snapshot);
        else
            fill_study(session, snapshot);
    }
    fill_history(session, snapshot);
    snapshot->work = session->work;
    if (session->work == WORK_SWEEPING) {
        snprintf(snapshot->work_text, sizeof snapshot->work_text, "lump");
        snapshot->work_done = session->swept;
        snapshot->work_total = session->sweep_total;
    }
    snprintf(snapshot->message, sizeof snapshot->message, "%s", session->message);
    snapshot->message_is_error = session->message_is_error;
    snapshot->message_serial = session->message_serial;
    snapshot_release(session->latest);
    session->latest = snapshot;
    eventfd_write(session->wake, 1);
}

static void tell(struct session *session, bool is_error, const char *sentence) {
    snprintf(session->message, sizeof session->message, "%s", sentence);
    session->message_is_error = is_error;
    session->message_serial++;
}

/* To the present place of the history. */
static void arrive(struct session *session) {
    const struct waypoint *place = history_now(&session->history);
    double epsilon = 0;
    target_known(&place->target, &epsilon);
    session->epsilon = epsilon;
    session->polished = false;
    fake_resolve(session, &place->choices, &session->options, NULL);
    publish(session);
}

/* ---- session.h ---- */

struct session *fake_session_new(enum fake_kind kind) {
    struct session *session = calloc(1, sizeof *session);
    session->kind = kind;
    session->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    session->network = make_network(kind);
    if (kind == FAKE_FORMAT) {
        session->network->origin.format = MODEL_SAFETENSORS;
        session->network->origin.type = TENSOR_BF16;
    }
    if (kind == FAKE_WIDE)
        session->network->task = TASK_CLASSIFICATION;
    if (kind == FAKE_ANALYSING)
        session->work = WORK_ANALYSING;
    make_merges(session);
    history_init(&session->history, NULL);
    history_open(&session->history,
                 files_new(saved_file, fake_has_data(session) ? saved_file : NULL, NULL, NULL),
                 true, "");
    arrive(session);
    return session;
}

struct session *session_new(struct error *error) {
    (void)error;
    return fake_session_new(FAKE_SQUARE);
}

void session_free(struct session *session) {
    if (!session)
        return;
    for (size_t l = 0; l < session->hidden; l++) {
        free(session->layer[l].parent);
        free(session->layer[l].height);
    }
    snapshot_release(session->latest);
    detail_release(session->late);
    history_free(&session->history);
    free(session->events);
    network_free(session->network);
    close(session->wake);
    free(session);
}

int session_wake_descriptor(const struct session *session) {
    return session->wake;
}

struct snapshot *session_latest(struct session *session) {
    eventfd_t count;
    eventfd_read(session->wake, &count);
    snapshot_hold(session->latest);
    return session->latest;
}

void session_wait(struct session *session) {
    (void)session;
}

void session_choose(struct session *session, const struct option_choices *choices) {
    history_now(&session->history)->choices = *choices;
    arrive(session);
}

/* Its own network can be opened again, as recordings do. */
static bool opens_again(struct session *session, const char *model) {
    const char *own = session->latest->model_path;
    if (!own || (strcmp(own, model) != 0 && strcmp(saved_file, model) != 0))
        return false;
    session->epsilon = 0;
    session->swept = session->sweep_total = 0;
    publish(session);
    return true;
}

void session_open(struct session *session, const char *model, const char *data,
                  const struct data_recipe *recipe, const struct model_recipe *model_recipe) {
    (void)data, (void)recipe, (void)model_recipe;
    if (opens_again(session, model))
        return;
    char sentence[256];
    snprintf(sentence, sizeof sentence,
             "%s: there is no such file; check the path, or give the model "
             "as the first word and the data as the second word of the command",
             model);
    tell(session, true, sentence);
    publish(session);
}

void session_data(struct session *session, const char *data, const struct data_recipe *recipe) {
    session_open(session, data, NULL, recipe, NULL);
}

bool session_set_option(struct session *session, enum option_id option, const char *value,
                        struct error *error) {
    struct option_choices choices = history_now(&session->history)->choices;
    struct options options;
    char label[64];
    if (!options_choose(&choices, option, value, error) ||
        !fake_resolve(session, &choices, &options, error))
        return false;
    snprintf(label, sizeof label, "%s %s", option_descriptions[option].name, value);
    history_choose(&session->history, &choices, label);
    arrive(session);
    return true;
}

void session_reset_options(struct session *session) {
    const struct option_choices none = {0};
    history_choose(&session->history, &none, "options as usual");
    arrive(session);
}

void session_options(struct session *session, struct options *options) {
    struct snapshot *snapshot = session_latest(session);
    *options = snapshot->options;
    snapshot_release(snapshot);
}

static void move_to(struct session *session, double epsilon) {
    char label[64], number[TEXT_NUMBER_SIZE];
    snprintf(label, sizeof label, "epsilon %s", text_human(epsilon, 4, number));
    history_move(&session->history, &(struct target){.kind = TARGET_EPSILON, .value = epsilon},
                 label);
    arrive(session);
}

void session_set_epsilon(struct session *session, double epsilon) {
    move_to(session, epsilon);
}

void session_step(struct session *session, int count) {
    double epsilon = session->epsilon;
    for (; count > 0; count--)
        for (size_t i = 0; i < session->event_count; i++)
            if (session->events[i] > epsilon) {
                epsilon = session->events[i];
                break;
            }
    for (; count < 0; count++)
        for (size_t i = session->event_count; i-- > 0;)
            if (session->events[i] < epsilon) {
                epsilon = session->events[i];
                break;
            }
    move_to(session, epsilon);
}

void session_end(struct session *session, bool last) {
    move_to(session, last ? session->events[session->event_count - 1] : 0);
}

static void say_number(struct session *session, const char *what, double value) {
    char sentence[96];
    snprintf(sentence, sizeof sentence, "%s %g", what, value);
    tell(session, false, sentence);
    publish(session);
}

void session_budget(struct session *session, double grp) {
    say_number(session, "budget", grp);
}

void session_loss(struct session *session, double percent) {
    say_number(session, "loss", percent);
}

void session_exact(struct session *session) {
    say_number(session, "exact", 0);
}

void session_sweep(struct session *session, size_t points) {
    session->sweep_total = points;
    session->swept = session->kind == FAKE_BUSY ? 12 : points;
    if (session->kind == FAKE_BUSY)
        session->work = WORK_SWEEPING;
    else
        tell(session, false, "the sweep is done");
    publish(session);
}

bool session_polish(struct session *session, size_t iterations, struct error *error) {
    const struct snapshot *now = session->latest;
    double grp = metrics_grp(now->parameters, now->original_parameters);
    (void)iterations;
    if (!session->options.refit)
        return error_set(error, ERROR_USAGE, "polish goes on from refit: press f");
    session->polished = true;
    if (session->star_count < POLISHED_POINTS)
        session->stars[session->star_count++] = (struct curve_point){
            grp, figure_at(session, CURVE_POLISH, grp), now->epsilon, now->parameters};
    tell(session, false, "polished");
    publish(session);
    return true;
}

void session_cancel(struct session *session) {
    session->work = WORK_IDLE;
    publish(session);
}

void session_write(struct session *session, const char *path, const enum tensor_type *type) {
    char sentence[640];
    snprintf(sentence, sizeof sentence, "wrote %s%s%s", path, type ? ", " : "",
             type ? tensor_type_name(*type) : "");
    tell(session, false, sentence);
    publish(session);
}

void session_select(struct session *session, size_t layer, size_t neuron) {
    session->layer_chosen = layer;
    session->neuron_chosen = neuron;
    publish(session);
}

/* ---- Changes, marks, details ---- */

bool session_undo(struct session *session, struct text *what, struct error *error) {
    if (!history_undo(&session->history, what))
        return error_set(error, ERROR_USAGE, "nothing to undo: no change has been made");
    arrive(session);
    return true;
}

bool session_redo(struct session *session, struct text *what, struct error *error) {
    if (!history_redo(&session->history, what))
        return error_set(error, ERROR_USAGE, "nothing to do again: undo takes a change back");
    arrive(session);
    return true;
}

size_t session_undo_count(struct session *session) {
    return session->history.at;
}

void session_begin(struct session *session) {
    history_begin(&session->history);
}

bool session_epsilon(struct session *session, double *epsilon) {
    *epsilon = session->epsilon;
    return session->kind != FAKE_EMPTY && session->kind != FAKE_OPENING;
}

void session_join_moves(struct session *session, bool on) {
    session->history.joining = on;
    session->history.joined = false;
}

bool session_mark(struct session *session, const char *name, struct text *used,
                  struct error *error) {
    char free_name[MARK_NAME_SIZE];
    history_free_name(&session->history, free_name);
    if (name && strlen(name) >= sizeof free_name)
        return error_set(error, ERROR_USAGE, "the name of a mark is too long");
    history_mark(&session->history, name ? name : free_name);
    text_append(used, name ? name : free_name);
    publish(session);
    return true;
}

bool session_unmark(struct session *session, const char *name, struct error *error) {
    if (!history_mark_named(&session->history, name))
        return error_set(error, ERROR_USAGE, "there is no mark \"%s\": m makes one", name);
    history_unmark(&session->history, name);
    publish(session);
    return true;
}

bool session_jump(struct session *session, const char *name, struct text *used,
                  struct error *error) {
    const struct mark *mark =
        name ? history_mark_named(&session->history, name) : history_mark_before(&session->history);
    if (!mark && name)
        return error_set(error, ERROR_USAGE, "there is no mark \"%s\": m makes one", name);
    if (!mark)
        return error_set(error, ERROR_USAGE, "there are no marks yet: m makes one");
    struct waypoint *place = history_change(&session->history, "jump to mark %s", mark->name);
    place->choices = mark->choices;
    place->target = mark->target;
    text_append(used, mark->name);
    arrive(session);
    return true;
}

bool session_saved(struct session *session, struct saved_session *saved) {
    *saved = (struct saved_session){0};
    if (!history_changed(&session->history))
        return false;
    history_now(&session->history)->files->kept = true;
    return session_describe(session, saved);
}

bool session_describe(struct session *session, struct saved_session *saved) {
    const struct waypoint *place = history_now(&session->history);
    *saved = (struct saved_session){0};
    data_recipe_defaults(&saved->recipe);
    saved->model = strdup(saved_file);
    saved->data = fake_has_data(session) ? strdup(saved_file) : NULL;
    saved->choices = place->choices;
    saved->epsilon = session->epsilon;
    saved->mark_count = place->marks ? place->marks->count : 0;
    saved->marks = calloc(saved->mark_count + 1, sizeof *saved->marks);
    for (size_t i = 0; i < saved->mark_count; i++) {
        const struct mark *mark = place->marks->marks[i];
        saved->marks[i] = (struct saved_mark){.epsilon = mark->target.value,
                                              .choices = mark->choices,
                                              .parameters = mark->parameters,
                                              .grp = mark->grp,
                                              .figure = mark->figure};
        memcpy(saved->marks[i].name, mark->name, sizeof mark->name);
    }
    snprintf(saved->title, sizeof saved->title, "glycolysis");
    saved->when = 1699963200;
    return true;
}

void session_restore(struct session *session, const struct saved_session *saved) {
    struct waypoint *place = history_open(
        &session->history, files_new(saved->model, saved->data, NULL, &saved->model_recipe), true,
        "resume glycolysis");
    place->choices = saved->choices;
    place->target = (struct target){.kind = TARGET_EPSILON, .value = saved->epsilon};
    for (size_t i = 0; i < saved->mark_count; i++) {
        const struct saved_mark *kept = &saved->marks[i];
        struct mark mark = {.choices = kept->choices,
                            .target = {.kind = TARGET_EPSILON, .value = kept->epsilon},
                            .parameters = kept->parameters,
                            .grp = kept->grp,
                            .figure = kept->figure};
        memcpy(mark.name, kept->name, sizeof mark.name);
        history_add_mark(&session->history, &mark);
    }
    session->resumed = true;
    arrive(session);
}

void session_watch(struct session *session, const struct watch *watch) {
    session->watch = *watch;
    publish(session);
}

void session_export(struct session *session, const char *path, enum report_kind kind,
                    size_t layer) {
    (void)session, (void)path, (void)kind, (void)layer;
}

bool session_busy(struct session *session) {
    (void)session;
    return false;
}
