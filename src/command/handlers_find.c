/* Choosing a neuron: by number, or by what it reads and sends. */
#include "command/handlers.h"

#include "lumpscope/memory.h"
#include "lumpscope/player.h"
#include "lumpscope/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAME_SIZE = 128, NAMES_LISTED = 6 };

/* ---- By number ---- */

static size_t chosen_layer(const struct command_context *context) {
    size_t layer = handler_layer(context);
    return layer ? layer : 1;
}

static bool choose(struct command_context *context, size_t layer, size_t neuron,
                   struct error *error) {
    if (!context->ui) {
        session_select(context->session, layer, neuron);
        if (context->player)
            player_place(context->player)->layer = layer;
        return true;
    }
    return (context->ui->choose_layer(context->user, layer) &&
            context->ui->choose_neuron(context->user, neuron)) ||
           error_set(error, ERROR_USAGE,
                     "the classes are not known yet: neurons can be chosen after the analysis");
}

static bool go_to(struct command_context *context, const struct snapshot *snapshot, size_t layer,
                  size_t neuron, struct error *error) {
    size_t hidden = snapshot->network ? network_hidden(snapshot->network) : 0;
    if (hidden == 0)
        return error_set(error, ERROR_USAGE, "there are no hidden layers: :open a network first");
    if (layer == 0 || layer > hidden)
        return error_set(error, ERROR_USAGE, "there is no layer %zu: hidden layers are 1 to %zu",
                         layer, hidden);
    size_t neurons = snapshot->network->layers[layer - 1].neurons;
    if (neuron >= neurons)
        return error_set(error, ERROR_USAGE,
                         "layer %zu has no neuron %zu: its neurons are 0 to %zu", layer, neuron,
                         neurons - 1);
    return choose(context, layer, neuron, error);
}

/* "12", "3:12" or "3 12"; false for anything else. */
static bool read_place(const char *text, size_t *layer, size_t *neuron) {
    char first[24];
    size_t length = strcspn(text, ": ");
    if (!text[length])
        return text_to_size(text, neuron);
    snprintf(first, sizeof first, "%.*s", (int)length, text);
    return text_to_size(first, layer) && text_to_size(text + length + 1, neuron);
}

static void join(size_t count, const char *const *arguments, char *out, size_t size) {
    size_t length = 0;
    *out = '\0';
    for (size_t i = 0; i < count && length < size; i++)
        length += (size_t)snprintf(out + length, size - length, "%s%s", i ? " " : "", arguments[i]);
}

HANDLER_WHEN(check_analysed, run_goto) {
    char text[NAME_SIZE];
    struct snapshot *snapshot = session_latest(context->session);
    size_t layer = chosen_layer(context), neuron;
    join(count, arguments, text, sizeof text);
    bool done = read_place(text, &layer, &neuron)
                    ? go_to(context, snapshot, layer, neuron, error)
                    : error_set(error, ERROR_USAGE,
                                "say which neuron, numbered from 0, or a layer and a neuron: goto "
                                "12, goto 3 12");
    snapshot_release(snapshot);
    return done ? COMMAND_REDRAW : COMMAND_FAILED;
}

/* ---- By name ---- */

/* An input or output of the network. */
struct end {
    bool output;
    size_t index;
    char name[NAME_SIZE];
};

/* Names that were found: whole ones, and beginnings. */
struct names {
    size_t exact, begun;
    struct end first; /* an exact one if there is any */
    struct text list; /* the first of them, as a sentence shows them */
};

static void compare_name(struct names *names, const struct end *end, const char *what) {
    bool exact = !strcasecmp(end->name, what);
    if (strncasecmp(end->name, what, strlen(what)) != 0)
        return;
    if ((exact && names->exact == 0) || names->begun == 0)
        names->first = *end;
    names->exact += exact;
    if (names->begun++ < NAMES_LISTED)
        text_format(&names->list, "%s%s", names->begun > 1 ? ", " : "", end->name);
}

/* Of the inputs first: a name that both sides have is the input's. "in:" and "out:" before it
 * choose the side. */
static void find_names(const struct network *network, const char *what, struct names *names) {
    bool in = !strncasecmp(what, "in:", 3), out = !strncasecmp(what, "out:", 4);
    const char *name = what + (in ? 3 : out ? 4 : 0);
    for (int side = out ? 1 : 0, last = in ? 0 : 1; side <= last; side++) {
        const struct scaling *ends = side ? &network->output : &network->input;
        struct end end = {.output = side};
        for (; end.index < ends->count; end.index++) {
            scaling_name(ends, side ? "output" : "input", end.index, end.name, sizeof end.name);
            compare_name(names, &end, name);
        }
    }
}

static bool complain(const struct snapshot *snapshot, const struct names *names, const char *what,
                     struct error *error) {
    char input[NAME_SIZE], output[NAME_SIZE], shown[NAME_SIZE];
    snprintf(shown, sizeof shown, "%s", what);
    text_make_visible(shown);
    if (names->begun > 0)
        return error_set(error, ERROR_USAGE, "\"%s\" begins %zu names (%s%s): say which", shown,
                         names->begun, names->list.data ? names->list.data : "",
                         names->begun > NAMES_LISTED ? ", ..." : "");
    scaling_name(&snapshot->network->input, "input", 0, input, sizeof input);
    scaling_name(&snapshot->network->output, "output", 0, output, sizeof output);
    return error_set(error, ERROR_USAGE,
                     "\"%s\" is no neuron, input or output: find takes a number (12, or 3:12 in "
                     "layer 3), an input (%s, ...) or an output (%s, ...)",
                     shown, input, output);
}

struct strength {
    size_t neuron;
    double weight;
};

static int stronger(const void *a, const void *b) {
    const struct strength *x = a, *y = b;
    double more = fabs(y->weight) - fabs(x->weight);
    return more > 0 ? 1 : more < 0 ? -1 : (x->neuron > y->neuron) - (x->neuron < y->neuron);
}

/* The neuron whose weight for an end is the largest but `rank` others. */
static bool strongest(const struct network *network, const struct end *end, size_t rank,
                      struct strength *found, struct error *error) {
    const struct layer *layer = &network->layers[end->output ? network->depth - 1 : 0];
    size_t count = end->output ? layer->inputs : layer->neurons;
    struct strength *list = memory_new(count, sizeof *list, error);
    if (!list)
        return false;
    for (size_t i = 0; i < count; i++)
        list[i] = (struct strength){
            i,
            layer->weights[end->output ? end->index * count + i : i * layer->inputs + end->index]};
    qsort(list, count, sizeof *list, stronger);
    *found = list[rank];
    free(list);
    return true;
}

static const char *ordinal(size_t n) {
    static const char *const endings[] = {"th", "st", "nd", "rd"};
    return n % 100 / 10 == 1 || n % 10 > 3 ? endings[0] : endings[n % 10];
}

static void say_found(struct command_context *context, const struct end *end, size_t layer,
                      const struct strength *found, size_t rank, size_t count) {
    char sentence[NAME_SIZE + 256], number[TEXT_NUMBER_SIZE];
    snprintf(sentence, sizeof sentence,
             "neuron %zu of layer %zu %s %s%s: weight %s, %zu%s of %zu; again: the %s",
             found->neuron, layer, end->output ? "sends to" : "reads", end->name,
             rank == 0 ? " most" : "", text_human(found->weight, 3, number), rank + 1,
             ordinal(rank + 1), count, rank + 1 < count ? "next" : "first");
    handler_say(context, sentence);
}

static bool find_end(struct command_context *context, const struct snapshot *snapshot,
                     const struct end *end, size_t times, struct error *error) {
    const struct network *network = snapshot->network;
    size_t layer = end->output ? network_hidden(network) : 1;
    struct strength found = {0};
    if (network_hidden(network) == 0)
        return go_to(context, snapshot, layer, 0, error);
    size_t count = network->layers[layer - 1].neurons, rank = times % count;
    if (!strongest(network, end, rank, &found, error) ||
        !go_to(context, snapshot, layer, found.neuron, error))
        return false;
    say_found(context, end, layer, &found, rank, count);
    return true;
}

static bool find_name(struct command_context *context, const struct snapshot *snapshot,
                      const char *what, size_t times, struct error *error) {
    struct names names = {0};
    find_names(snapshot->network, what, &names);
    bool one = names.exact > 0 || names.begun == 1;
    bool done = one ? find_end(context, snapshot, &names.first, times, error)
                    : complain(snapshot, &names, what, error);
    text_free(&names.list);
    return done;
}

static bool find(struct command_context *context, const struct snapshot *snapshot, char *what,
                 struct error *error) {
    size_t layer = chosen_layer(context), neuron, times;
    char sentence[96];
    times = context->ui ? context->ui->search(context->user, what) : 0;
    if (!*what)
        return error_set(error, ERROR_USAGE,
                         "say what to find: a neuron's number, an input or an output");
    if (!snapshot->network)
        return error_set(error, ERROR_USAGE, "no network is open: :open FILE opens one");
    if (!read_place(what, &layer, &neuron))
        return find_name(context, snapshot, what, times, error);
    if (!go_to(context, snapshot, layer, neuron, error))
        return false;
    snprintf(sentence, sizeof sentence, "neuron %zu of layer %zu", neuron, layer);
    handler_say(context, sentence);
    return true;
}

HANDLER_WHEN(check_analysed, run_find) {
    char what[COMMAND_SEARCH_SIZE];
    struct snapshot *snapshot = session_latest(context->session);
    join(count, arguments, what, sizeof what);
    bool done = find(context, snapshot, what, error);
    snapshot_release(snapshot);
    return done ? COMMAND_REDRAW : COMMAND_FAILED;
}

HANDLER(run_sort) {
    UNUSED();
    int by_size = count == 0 ? -1 : !strcmp(arguments[0], "size") ? 1 : 0;
    if (count > 0 && !by_size && strcmp(arguments[0], "order") != 0)
        return handler_fail(error, "say sort order or sort size");
    if (context->ui)
        context->ui->sort(context->user, by_size);
    return COMMAND_REDRAW;
}
