/* Which neurons merge at which epsilon: the tree of all merges of the layer, leaves down, epsilon
 * to the right, cut at the current epsilon. What lies left of the cut is merged. */
#include "lumpscope/text.h"
#include "tui/actions.h"
#include "tui/columns.h"
#include "tui/tree_plan.h"

#include <math.h>
#include <stdio.h>

enum { TICKS = 4 };

static void title(const struct ui *ui, int columns, char *out, size_t size) {
    const struct snapshot *snapshot = ui->snapshot;
    if (ui->layer == 0 || ui->layer > snapshot->hidden) {
        snprintf(out, size, "Dendrogram");
        return;
    }
    const struct layer_view *view = &snapshot->layers[ui->layer - 1];
    const char *arrow = screen_glyph(ui->screen, GLYPH_ARROW);
    snprintf(out, size, "Layer %zu: dendrogram, %zu neuron%s %s %zu class%s", ui->layer,
             view->neurons, view->neurons == 1 ? "" : "s", arrow, view->classes,
             view->classes == 1 ? "" : "es");
    if (columns_width(out) > ui_title_room(ui, columns))
        snprintf(out, size, "Layer %zu: dendrogram, %zu %s %zu", ui->layer, view->neurons, arrow,
                 view->classes);
    ui_title_work(ui, out, size);
}

/* ---- Under the tree ---- */

/* The cut's epsilon under the cut, and epsilon at quarters of the scale where it leaves room. */
static void draw_axis(const struct tree_plan *plan, const struct area *area, int row) {
    struct screen *screen = plan->ui->screen;
    const char *epsilon = screen_glyph(screen, GLYPH_EPSILON);
    char number[TEXT_NUMBER_SIZE], cut[TEXT_NUMBER_SIZE + 8] = "";
    if (plan->cut > 0)
        snprintf(cut, sizeof cut, "%s %s", epsilon, text_human(plan->epsilon, 4, number));
    int width = columns_width(cut), last = area->columns - width;
    int from = plan->gutter + plan->cut - width / 2;
    from = from > last ? last : from < plan->gutter ? plan->gutter : from;
    for (int i = 0; i <= TICKS; i++) {
        double value = epsilon_scale_at(&plan->scale, (double)i / TICKS);
        int tick = plan->gutter + tree_plan_tick(plan, value);
        int columns = columns_width(text_human(value, 2, number)), at = tick - columns / 2;
        if (at + columns < from || at > from + width || width == 0)
            screen_put(screen, area, row, at, ROLE_AXIS, number);
    }
    screen_put(screen, area, row, from, ROLE_EPSILON, cut);
    if (plan->cut == 0 || from > plan->gutter + columns_width(epsilon))
        screen_put(screen, area, row, plan->gutter - columns_width(epsilon) - 1, ROLE_AXIS,
                   epsilon);
}

static void draw_rule(const struct tree_plan *plan, const struct area *area, int row) {
    struct screen *screen = plan->ui->screen;
    screen_repeat(screen, area, row, plan->gutter, plan->columns, ROLE_AXIS, GLYPH_HORIZONTAL);
    for (int i = 0; i <= TICKS; i++) {
        double value = epsilon_scale_at(&plan->scale, (double)i / TICKS);
        screen_put_glyph(screen, area, row, plan->gutter + tree_plan_tick(plan, value), ROLE_AXIS,
                         GLYPH_TICK_DOWN);
    }
    if (plan->cut > 0)
        screen_put_glyph(screen, area, row, plan->gutter + plan->cut, ROLE_EPSILON,
                         GLYPH_CUT_CROSS);
}

/* "class 3 (4 neurons)", of a branch. */
static void branch_text(const struct tree_plan *plan, size_t first, size_t end, bool brief,
                        struct text *text) {
    uint32_t class_id = tree_plan_class(plan, first);
    if (class_id == PARTITION_DEAD)
        text_format(text, "neuron %zu", plan->tree->neuron[first]);
    else
        text_format(text, "class %u", class_id);
    text_format(text, " (%zu%s)", end - first,
                brief              ? ""
                : end - first == 1 ? " neuron"
                                   : " neurons");
}

/* In the longest of its forms that fits. */
static void next_text(const struct tree_plan *plan, const struct tree_merge *next, int columns,
                      struct text *text) {
    char number[TEXT_NUMBER_SIZE];
    for (int brief = 0; brief < 3; brief++) {
        text_clear(text);
        text_format(text, "next%s at %s: ", brief ? "" : " merge",
                    text_human(next->height, 4, number));
        branch_text(plan, next->first, next->middle, brief > 1, text);
        text_append(text, brief ? ", " : " with ");
        branch_text(plan, next->middle, next->end, brief > 0, text);
        if (!text->data || columns_width(text->data) <= columns)
            return;
    }
}

static void draw_next(const struct tree_plan *plan, const struct area *area, int row) {
    struct screen *screen = plan->ui->screen;
    const struct tree_merge *next = tree_next_merge(plan->tree, plan->epsilon);
    struct text text = {0};
    if (plan->cut == 0) /* locked: the note stands here */
        return;
    if (!next) {
        screen_put(screen, area, row, 1, ROLE_LABEL,
                   plan->tree->count + 1 == plan->tree->leaves
                       ? "all are one class: nothing left to merge"
                       : "nothing left to merge in this layer");
        return;
    }
    next_text(plan, next, area->columns - 4, &text);
    screen_put_glyph(screen, area, row, 1, ROLE_KEY, GLYPH_NEXT_MERGE);
    screen_put(screen, area, row, 3, ROLE_LABEL, text.data ? text.data : "");
    text_free(&text);
}

/* At which epsilon a leaf merges first; NaN: never. */
static double leaf_merges(const struct tree_view *tree, size_t leaf) {
    for (size_t i = 0; i < tree->count; i++)
        if (tree->merge[i].first == leaf || tree->merge[i].middle == leaf)
            return tree->merge[i].height;
    return NAN;
}

static void leaf_text(const struct tree_plan *plan, size_t leaf, struct text *text) {
    char number[TEXT_NUMBER_SIZE];
    double merges = leaf_merges(plan->tree, leaf);
    uint32_t class_id = tree_plan_class(plan, leaf);
    text_format(text, "neuron %zu", plan->tree->neuron[leaf]);
    if (class_id != PARTITION_DEAD)
        text_format(text, ", class %u", class_id);
    if (isfinite(merges) && plan->cut > 0)
        text_format(text, merges <= plan->epsilon ? ", merged since %s" : ", alone up to %s",
                    text_human(merges, 4, number));
}

/* As many neurons as `columns` hold; one more has the line end in a mark. */
static void row_text(const struct tree_plan *plan, const struct tree_row *row, int columns,
                     struct text *text) {
    char number[TEXT_NUMBER_SIZE];
    text_format(text, "%zu neurons, %s from %s on:", row->end - row->first,
                plan->cut > 0 ? "one class" : "would be one class",
                text_human(row->height, 4, number));
    for (size_t i = row->first; i < row->end && (int)text->length <= columns; i++)
        text_format(text, " %zu", plan->tree->neuron[i]);
}

/* What is in sight, when not all is; returns the columns left of it. */
static int draw_scrolled(const struct tree_plan *plan, const struct area *area, int row) {
    struct screen *screen = plan->ui->screen;
    int count = (int)plan->rows.count, last = plan->first + plan->shown;
    char scrolled[64];
    if (count == plan->shown)
        return area->columns;
    snprintf(scrolled, sizeof scrolled, "rows %d%s%d of %d", plan->first + 1,
             screen_glyph(screen, GLYPH_DASH), last, count);
    int column = area->columns - columns_width(scrolled) - 1;
    screen_put(screen, area, row, column, ROLE_DIM, scrolled);
    if (plan->first > 0)
        screen_put_glyph(screen, area, 0, 0, ROLE_KEY, GLYPH_MORE_UP);
    if (last < count)
        screen_put_glyph(screen, area, plan->axis - 1, 0, ROLE_KEY, GLYPH_MORE_DOWN);
    return column - 2;
}

static void draw_cursor(const struct tree_plan *plan, const struct area *area, int row) {
    const struct ui *ui = plan->ui;
    size_t at = tree_rows_find(&plan->rows, plan->tree, ui->neuron);
    struct area line = {area->row + row, area->column, 1, draw_scrolled(plan, area, row)};
    struct text text = {0};
    const struct tree_row *item = at < plan->rows.count ? &plan->rows.items[at] : NULL;
    if (item && item->end - item->first == 1)
        leaf_text(plan, item->first, &text);
    else if (item)
        row_text(plan, item, line.columns, &text);
    else
        text_format(&text, "neuron %zu is dead: nothing reads it", ui->neuron);
    if (text.data)
        screen_put(ui->screen, &line, 0, 1, ROLE_LABEL, text.data);
    text_free(&text);
}

/* ---- The pane ---- */

static void draw_labels(const struct tree_plan *plan, const struct area *area) {
    const struct ui *ui = plan->ui;
    char label[TREE_LABEL_SIZE];
    size_t cursor = tree_rows_find(&plan->rows, plan->tree, ui->neuron);
    for (int i = 0; i < plan->shown; i++) {
        size_t row = (size_t)(plan->first + i);
        const struct tree_row *item = &plan->rows.items[row];
        bool one_class = item->height <= plan->epsilon || item->end - item->first == 1;
        unsigned ink = row == cursor ? ROLE_CURSOR
                       : one_class   ? tree_plan_ink(plan, item->first)
                                     : ROLE_LABEL;
        int column = plan->gutter - 1;
        column -= columns_width(tree_plan_label(plan, row, label));
        screen_put(ui->screen, area, tree_plan_row(plan, row), column, ink, label);
    }
}

static void draw(const struct ui *ui, const struct area *area) {
    struct tree_plan plan;
    char text[256];
    if (!tree_plan_make(&plan, ui, area, text, sizeof text)) {
        screen_put(ui->screen, area, 0, 1, ROLE_ESTIMATE, text);
        return;
    }
    struct area tree = {area->row, area->column + plan.gutter, plan.axis, plan.columns};
    tree_draw(&plan, &tree);
    draw_labels(&plan, area);
    if (plan.rule)
        draw_rule(&plan, area, plan.axis);
    draw_axis(&plan, area, plan.axis + plan.rule);
    screen_put(ui->screen, area, area->rows - (plan.cut > 0 ? 3 : 2), 1, ROLE_DIM, plan.note);
    draw_next(&plan, area, area->rows - 2);
    draw_cursor(&plan, area, area->rows - 1);
    tree_plan_free(&plan);
}

static void choose_row(struct ui *ui, const struct tree_plan *plan, long row) {
    long last = (long)plan->rows.count - 1;
    row = row < 0 ? 0 : row > last ? last : row;
    ui_choose_neuron(ui, plan->tree->neuron[plan->rows.items[row].first]);
}

static void move(struct ui *ui, int down, int right) {
    struct tree_plan plan;
    char text[256];
    if (!tree_plan_make(&plan, ui, ui_middle_area(ui), text, sizeof text))
        return;
    size_t at = tree_rows_find(&plan.rows, plan.tree, ui->neuron);
    choose_row(ui, &plan, at == plan.rows.count ? 0 : (long)at + down + right);
    tree_plan_free(&plan);
}

static void click(struct ui *ui, const struct area *area, int row, int column) {
    struct tree_plan plan;
    char text[256];
    if (!tree_plan_make(&plan, ui, area, text, sizeof text))
        return;
    bool axis = row >= plan.axis && row <= plan.axis + plan.rule && column >= plan.gutter;
    snprintf(text, sizeof text, "eps %.4g", tree_plan_epsilon(&plan, column - plan.gutter));
    if (row < plan.axis)
        choose_row(ui, &plan, plan.first + row / plan.pitch);
    tree_plan_free(&plan);
    if (axis)
        actions_run(ui, text);
}

static bool all_rows_asked(const struct ui *ui) {
    size_t rows = (size_t)(ui_middle_area(ui)->rows - TREE_FOOT_ROWS) << ui->tree.zoom;
    return rows >= ui->snapshot->layers[ui->layer - 1].neurons;
}

/* Twice the rows with each step, until every leaf has one. */
static void zoom(struct ui *ui, int step) {
    if (ui->layer == 0 || ui->layer > ui->snapshot->hidden)
        return;
    if (step > 0)
        ui->tree.zoom += !all_rows_asked(ui);
    else
        do /* a smaller layer may not have needed all of it */
            ui->tree.zoom -= ui->tree.zoom > 0;
        while (ui->tree.zoom > 0 && all_rows_asked(ui));
}

static void arrange(struct ui *ui, const struct area *area) {
    struct tree_plan plan;
    char text[256];
    if (!tree_plan_make(&plan, ui, area, text, sizeof text))
        return;
    int at = (int)tree_rows_find(&plan.rows, plan.tree, ui->neuron);
    ui->tree.row = plan.first;
    if (at < (int)plan.rows.count && at < plan.first)
        ui->tree.row = at;
    else if (at < (int)plan.rows.count && at >= plan.first + plan.room)
        ui->tree.row = at - plan.room + 1;
    tree_plan_free(&plan);
}

const struct view view_dendrogram = {
    .help = "Which neurons of the layer merge, and when. Every row is a neuron, or a branch of "
            "several that merge early; lines that meet are one class from that epsilon on, and "
            "epsilon grows to the right as on the slider. The line across is the epsilon in "
            "force: what has met left of it, in strong lines and the class's colour, is merged; "
            "what meets right of it is not merged yet. A shaded row grows darker as its "
            "neurons merge. A click under the tree sets epsilon.",
    .detail = DETAIL_TREE,
    .title = title,
    .draw = draw,
    .move = move,
    .enter = ui_enter_inspector,
    .click = click,
    .zoom = zoom,
    .arrange = arrange,
};
