/* The layers: how many neurons each has, how many classes they form, and how large these are. */
#include "lumpscope/text.h"
#include "tui/actions.h"
#include "tui/columns.h"
#include "tui/ui.h"

#include <math.h>
#include <stdio.h>

enum { BRIEF_BAR = 15 }; /* column of the bar when a layer has one row */

static void title(const struct ui *ui, int columns, char *out, size_t size) {
    (void)ui, (void)columns;
    snprintf(out, size, "Layers");
}

/* Rows of one layer: its line, and its bar when there is room for all bars. */
static int rows_per_layer(const struct ui *ui, const struct area *area) {
    int hidden = (int)ui->snapshot->hidden;
    if (3 * hidden + 2 <= area->rows)
        return 3;
    return 2 * hidden + 2 <= area->rows ? 2 : 1;
}

/* The first hidden layer shown, from 0, so that the chosen one is in sight. */
static int first_shown(const struct ui *ui, int per_layer, int rows) {
    int fit = (rows - 2) / per_layer, chosen = (int)ui->layer - 1;
    return chosen >= fit ? chosen - fit + 1 : 0;
}

/* One column per equal share of the layer's neurons, in the colour of the class that has most of
 * that share; neighbouring classes have different signs, so that they are told apart without
 * colour. */
static void draw_shares(const struct ui *ui, const struct area *area, int row, int column,
                        int columns, size_t layer) {
    const struct classes *classes = &ui->snapshot->partition.layer[layer - 1];
    struct class_members members;
    if (!classes_members(classes, &members, NULL))
        return;
    size_t live = members.starts[classes->count];
    uint32_t class_id = 0, shown = 0;
    bool odd = false;
    for (int i = 0; i < columns && live > 0; i++) {
        size_t at = (size_t)(((double)i + 0.5) / columns * (double)live);
        while (members.starts[class_id + 1] <= at)
            class_id++;
        if (i > 0 && class_id != shown)
            odd = !odd;
        shown = class_id;
        screen_put_glyph(ui->screen, area, row, column + i, ui_class_ink(ui, layer, class_id),
                         odd ? GLYPH_SHARE_ODD : GLYPH_SHARE_EVEN);
    }
    class_members_free(&members);
}

/* "2 linear      4 > 3"; a layer of one row gives the place of the activation to the bar. */
static void draw_counts(const struct ui *ui, const struct area *area, int row, size_t layer,
                        bool brief) {
    const struct layer_view *view = &ui->snapshot->layers[layer - 1];
    bool chosen = layer == ui->layer;
    unsigned ink = chosen ? ROLE_SELECTED : ROLE_TEXT;
    char name[32];
    if (chosen) {
        struct area line = {area->row + row, area->column, 1, area->columns};
        screen_fill(ui->screen, &line, ROLE_SELECTED);
        screen_put_glyph(ui->screen, area, row, 0, ink, GLYPH_ROW_MARK);
    }
    columns_shorten(name, sizeof name, view->activation, 8,
                    screen_glyph(ui->screen, GLYPH_MARK_CUT));
    int column = screen_format(ui->screen, area, row, 1, ink, "%zu %s", layer, brief ? "" : name);
    column = brief ? 4 : column > 11 ? column : 11;
    column =
        screen_format(ui->screen, area, row, column, ink, brief ? "%4zu" : "%5zu ", view->neurons);
    column = screen_put_glyph(ui->screen, area, row, column, ink, GLYPH_ARROW);
    column = screen_format(ui->screen, area, row, column, ink | INK_BOLD, brief ? "%4zu" : "%5zu",
                           view->classes);
    if (view->locked && brief)
        screen_put(ui->screen, area, row, column, chosen ? ink : ROLE_LOCKED, "x");
}

/* The bar of a layer that has more than one row, and whether it is locked. */
static void draw_bar(const struct ui *ui, const struct area *area, int row, size_t layer) {
    bool locked = ui->snapshot->layers[layer - 1].locked;
    draw_shares(ui, area, row, 3, area->columns - (locked ? 9 : 4), layer);
    if (locked)
        screen_put(ui->screen, area, row, area->columns - 5, ROLE_LOCKED, "lock");
}

/* What is special about a layer, where there is a third row for it. */
static void draw_details(const struct ui *ui, const struct area *area, int row, size_t layer) {
    const struct layer_view *view = &ui->snapshot->layers[layer - 1];
    char number[TEXT_NUMBER_SIZE];
    struct text text = {0};
    if (view->locked)
        text_append(&text, "locked");
    else if (isfinite(view->next_merge))
        text_format(&text, "next %s", text_human(view->next_merge, 3, number));
    if (view->reduced != view->classes)
        text_format(&text, "%s%zu neurons left", text.length ? ", " : "", view->reduced);
    if (view->dead > 0)
        text_format(&text, "%s%zu dead", text.length ? ", " : "", view->dead);
    if (text.data)
        screen_put(ui->screen, area, row, 3, ROLE_DIM, text.data);
    text_free(&text);
}

static void draw_end(const struct ui *ui, const struct area *area, int row, const char *name,
                     size_t count, const char *activation) {
    screen_format(ui->screen, area, row, 1, ROLE_DIM, "%s", name);
    screen_format(ui->screen, area, row, 11, ROLE_DIM, "%5zu  %s", count, activation);
}

static void draw_ends(const struct ui *ui, const struct area *area, int last_row) {
    const struct network *network = ui->snapshot->network;
    const struct layer *out = &network->layers[network->depth - 1];
    draw_end(ui, area, 0, "input", network_inputs(network), "");
    draw_end(ui, area, last_row, "output", network_outputs(network),
             activation_name(out->activation.kind));
}

/* Before the classes are known: the layers and their neurons, as many as there is room for. */
static void draw_unanalysed(const struct ui *ui, const struct area *area) {
    const struct network *network = ui->snapshot->network;
    int hidden = (int)network_hidden(network), fit = area->rows - 2;
    int shown = hidden < fit ? hidden : fit;
    for (int i = 0; i < shown; i++) {
        const struct layer *layer = &network->layers[i];
        screen_format(ui->screen, area, i + 1, 1, ROLE_TEXT, "%d %.8s", i + 1,
                      activation_name(layer->activation.kind));
        screen_format(ui->screen, area, i + 1, 11, ROLE_TEXT, "%5zu", layer->neurons);
    }
    draw_ends(ui, area, shown + 1);
    if (shown < hidden)
        screen_put_glyph(ui->screen, area, shown + 1, 0, ROLE_KEY, GLYPH_MORE_DOWN);
}

static void draw(const struct ui *ui, const struct area *area) {
    const struct snapshot *snapshot = ui->snapshot;
    if (!snapshot->network)
        return;
    if (!snapshot->analysed) {
        draw_unanalysed(ui, area);
        return;
    }
    int per_layer = rows_per_layer(ui, area), first = first_shown(ui, per_layer, area->rows);
    int row = 1, last = (int)snapshot->hidden;
    for (int i = first; i < last && row + per_layer < area->rows; i++, row += per_layer) {
        size_t layer = (size_t)i + 1;
        draw_counts(ui, area, row, layer, per_layer == 1);
        if (per_layer == 1)
            draw_shares(ui, area, row, BRIEF_BAR, area->columns - BRIEF_BAR, layer);
        else
            draw_bar(ui, area, row + 1, layer);
        if (per_layer == 3)
            draw_details(ui, area, row + 2, layer);
    }
    bool more_above = first > 0, more_below = (row - 1) / per_layer + first < last;
    draw_ends(ui, area, row);
    if (more_above)
        screen_put_glyph(ui->screen, area, 0, 0, ROLE_KEY, GLYPH_MORE_UP);
    if (more_below)
        screen_put_glyph(ui->screen, area, row, 0, ROLE_KEY, GLYPH_MORE_DOWN);
}

static void move(struct ui *ui, int down, int right) {
    (void)right;
    long layer = (long)ui->layer + down, last = (long)ui->snapshot->hidden;
    layer = layer > last ? last : layer < 1 ? 1 : layer;
    ui_choose_layer(ui, (size_t)layer);
}

static void enter(struct ui *ui) {
    ui->pane = PANE_CLASSES;
}

static void click(struct ui *ui, const struct area *area, int row, int column) {
    (void)column;
    int per_layer = rows_per_layer(ui, area);
    int layer = (row - 1) / per_layer + first_shown(ui, per_layer, area->rows) + 1;
    if (row > 0 && (size_t)layer <= ui->snapshot->hidden)
        actions_run_format(ui, "layer %d", layer);
}

const struct view view_layers = {
    .help = "Every layer with its neurons and the classes they form at this epsilon. The bar "
            "shows the whole layer: each stretch is a class, as long as its share of the "
            "neurons.",
    .title = title,
    .draw = draw,
    .move = move,
    .enter = enter,
    .click = click,
};
