#include "tui/said.h"

#include "lumpscope/text.h"
#include "tui/actions.h"

/* ---- The screen ---- */

struct said_screen said_before(const struct ui *ui) {
    return (struct said_screen){ui->pane,   ui->middle,    ui->zoom, ui->layer,
                                ui->neuron, ui->plot_full, ui->help, ui->chooser.open};
}

static void say_layer(struct ui *ui) {
    const struct layer_view *view = &ui->snapshot->layers[ui->layer - 1];
    size_t classes = view->classes;
    if (ui->snapshot->analysed)
        actions_format(ui, "layer %zu: %zu neuron%s, %zu class%s", ui->layer, view->neurons,
                       text_plural(view->neurons), classes, classes == 1 ? "" : "es");
    else
        actions_format(ui, "layer %zu: %zu neuron%s", ui->layer, view->neurons,
                       text_plural(view->neurons));
}

static void say_neuron(struct ui *ui) {
    const struct classes *classes = &ui->snapshot->partition.layer[ui->layer - 1];
    uint32_t class_id = classes->class_of[ui->neuron];
    if (class_id == PARTITION_DEAD)
        actions_format(ui, "neuron %zu, which is dead", ui->neuron);
    else
        actions_format(ui, "neuron %zu, class %u", ui->neuron, (unsigned)class_id);
}

static void say_zoom(struct ui *ui) {
    static const char *const sizes[] = {
        "cells: half a column, two neurons above each other", "cells: a column for each neuron",
        "cells: two columns for each neuron", "cells: with the neuron's number",
        "cells: with the neuron's number and more room"};
    actions_say(ui, sizes[ui->zoom]);
}

void said_of_screen(struct ui *ui, const struct said_screen *before) {
    bool over = ui->help || ui->chooser.open || before->help || before->listing;
    if (over || prompt_is_open(ui->prompt))
        return;
    if (ui->plot_full != before->plot_full)
        actions_say(ui, ui->plot_full ? "the plot over all panes" : "the plot in its pane");
    else if (ui->middle != before->middle)
        actions_format(ui, "view: %s", middle_names[ui->middle]);
    else if (ui->pane != before->pane)
        actions_format(ui, "pane: %s", pane_names[ui->pane]);
    else if (ui->zoom != before->zoom)
        say_zoom(ui);
    else if (ui->layer != before->layer && ui->layer > 0)
        say_layer(ui);
    else if (ui->neuron != before->neuron && ui->layer > 0 && ui->snapshot->analysed)
        say_neuron(ui);
}

/* ---- Epsilon ---- */

static size_t first_member(const struct classes *classes, uint32_t class_id) {
    size_t neuron = 0;
    while (neuron < classes->neurons && classes->class_of[neuron] != class_id)
        neuron++;
    return neuron;
}

/* Smallest members of the two classes that are one in `fewer`, which has one class less. Classes
 * are numbered by their smallest members, so that numbers agree up to that of the second. */
static bool find_pair(const struct classes *more, const struct classes *fewer, size_t *first,
                      size_t *second) {
    size_t neuron = 0;
    while (neuron < more->neurons && more->class_of[neuron] == fewer->class_of[neuron])
        neuron++;
    if (neuron == more->neurons || fewer->class_of[neuron] == PARTITION_DEAD)
        return false;
    *second = neuron;
    *first = first_member(fewer, fewer->class_of[neuron]);
    return *first < neuron;
}

/* "layer 3 merged 17 and 42". */
static bool append_pair(const struct snapshot *old, const struct snapshot *now, size_t layer,
                        struct text *out) {
    const struct classes *before = &old->partition.layer[layer],
                         *after = &now->partition.layer[layer];
    bool merged = after->count < before->count;
    size_t first, second;
    bool found = merged ? find_pair(before, after, &first, &second)
                        : find_pair(after, before, &first, &second);
    if (found)
        text_format(out, "layer %zu %s %zu %s %zu", layer + 1, merged ? "merged" : "split", first,
                    merged ? "and" : "from", second);
    return found;
}

struct change {
    size_t layers, last, merges, splits; /* layers that changed, the last of them; classes */
};

static struct change compare(const struct snapshot *old, const struct snapshot *now) {
    struct change change = {0};
    for (size_t i = 0; i < now->hidden; i++) {
        size_t before = old->partition.layer[i].count, after = now->partition.layer[i].count;
        if (before == after)
            continue;
        change.layers++;
        change.last = i;
        change.merges += before > after ? before - after : 0;
        change.splits += after > before ? after - before : 0;
    }
    return change;
}

static void append_change(const struct snapshot *old, const struct snapshot *now,
                          struct text *out) {
    struct change change = compare(old, now);
    if (change.layers == 0) {
        text_append(out, "nothing merged or split");
        return;
    }
    if (change.merges + change.splits == 1 && append_pair(old, now, change.last, out))
        return;
    if (change.merges)
        text_format(out, "%zu merge%s", change.merges, text_plural(change.merges));
    if (change.splits)
        text_format(out, "%s%zu split%s", change.merges ? ", " : "", change.splits,
                    text_plural(change.splits));
    if (change.layers == 1)
        text_format(out, " in layer %zu", change.last + 1);
    else
        text_format(out, " in %zu layers", change.layers);
}

void said_of_move(struct ui *ui, const struct snapshot *old) {
    const struct snapshot *now = ui->snapshot;
    char number[TEXT_NUMBER_SIZE];
    struct text text = {0};
    bool moved = old->analysed && now->analysed && old->network == now->network &&
                 old->hidden == now->hidden && old->epsilon != now->epsilon;
    if (!moved)
        return;
    text_format(&text, "%s %s: ", screen_glyph(ui->screen, GLYPH_EPSILON),
                text_human(now->epsilon, 4, number));
    append_change(old, now, &text);
    text_format(&text, ", %zu class%s", now->classes, now->classes == 1 ? "" : "es");
    if (text.data)
        actions_say(ui, text.data);
    ui->notice_of_move = true;
    text_free(&text);
}
