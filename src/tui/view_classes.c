/* The classes of the chosen layer: a cell per neuron, the cells of a class side by side. */
#include "lumpscope/text.h"
#include "tui/actions.h"
#include "tui/columns.h"
#include "tui/ui.h"

#include <stdio.h>

/* The last row of the pane tells what is under the cursor. */
static int cell_rows(const struct area *area) {
    return area->rows - 1;
}

static void title(const struct ui *ui, int columns, char *out, size_t size) {
    const struct snapshot *snapshot = ui->snapshot;
    if (ui->layer == 0 || ui->layer > snapshot->hidden) {
        snprintf(out, size, "Classes");
        return;
    }
    const struct layer_view *view = &snapshot->layers[ui->layer - 1];
    const char *arrow = screen_glyph(ui->screen, GLYPH_ARROW);
    const char *ending = view->classes == 1 ? "" : "es";
    snprintf(out, size, "Layer %zu (%s): %zu neuron%s %s %zu class%s", ui->layer, view->activation,
             view->neurons, view->neurons == 1 ? "" : "s", arrow, view->classes, ending);
    if (columns_width(out) > columns)
        snprintf(out, size, "Layer %zu: %zu %s %zu class%s", ui->layer, view->neurons, arrow,
                 view->classes, ending);
}

static void draw_cell(const struct ui *ui, const struct area *area, const struct cell *cell) {
    bool dead = cell->class_id == PARTITION_DEAD, cursor = cell->neuron == ui->neuron;
    bool wide = ui->cells.zoom == ZOOM_WIDE;
    int row = cell->row - ui->classes_scroll;
    unsigned ink = dead ? ROLE_DEAD : ui_class_ink(ui, ui->layer, cell->class_id);
    if (ui->cells.zoom >= ZOOM_NUMBERS) {
        ink = cursor ? ROLE_CURSOR : dead ? ROLE_DEAD : ink | INK_REVERSE;
        int pad = ui->cells.zoom == ZOOM_LARGE;
        screen_format(ui->screen, area, row, cell->column, ink, "%*zu%*s", ui->cells.width - pad,
                      cell->neuron, pad, "");
        return;
    }
    enum glyph glyph = cursor ? (wide ? GLYPH_CELL_CURSOR : GLYPH_CELL_CURSOR_NARROW)
                       : dead ? (wide ? GLYPH_CELL_DEAD : GLYPH_CELL_DEAD_NARROW)
                              : (wide ? GLYPH_CELL : GLYPH_CELL_NARROW);
    screen_put_glyph(ui->screen, area, row, cell->column, cursor ? ROLE_CURSOR : ink, glyph);
}

/* Two neurons in one place. With class colours the upper one is the sign's colour and the lower one
 * the background; without, every other class is full. */
static void draw_halves(const struct ui *ui, const struct area *area, const struct cell *upper,
                        const struct cell *lower) {
    int row = upper->row / 2 - ui->classes_scroll;
    bool upper_cursor = upper->neuron == ui->neuron;
    if (upper_cursor || (lower && lower->neuron == ui->neuron)) {
        screen_put_glyph(ui->screen, area, row, upper->column, ROLE_CURSOR,
                         upper_cursor ? GLYPH_HALF_CURSOR_UPPER : GLYPH_HALF_CURSOR_LOWER);
        return;
    }
    if (screen_class_colours(ui->screen) > 0 && !screen_ascii(ui->screen)) {
        unsigned ink = ui_class_ink(ui, ui->layer, upper->class_id);
        if (lower)
            ink |= INK_GROUND * (ui_class_ink(ui, ui->layer, lower->class_id) + 1);
        screen_put_glyph(ui->screen, area, row, upper->column, ink, GLYPH_HALF_UPPER);
        return;
    }
    static const enum glyph glyphs[2][2] = {{GLYPH_HALF_NONE, GLYPH_HALF_LOWER},
                                            {GLYPH_HALF_UPPER, GLYPH_HALF_BOTH}};
    bool full_above = upper->class_id % 2 == 0, full_below = lower && lower->class_id % 2 == 0;
    screen_put_glyph(ui->screen, area, row, upper->column,
                     ui_class_ink(ui, ui->layer, upper->class_id), glyphs[full_above][full_below]);
}

static void draw_all_halves(const struct ui *ui, const struct area *area) {
    const struct cells *cells = &ui->cells;
    size_t columns = (size_t)(cells->room_columns > 0 ? cells->room_columns : 1);
    size_t first = (size_t)ui->classes_scroll * 2 * columns;
    size_t end = first + (size_t)area->rows * 2 * columns;
    for (size_t i = first; i < cells->count && i < end; i++)
        if (cells->items[i].row % 2 == 0)
            draw_halves(ui, area, &cells->items[i],
                        i + columns < cells->count ? &cells->items[i + columns] : NULL);
}

/* As many members as `columns` hold; one more has the line end in a mark. */
static void cursor_text(const struct ui *ui, uint32_t class_id, int columns, struct text *text) {
    if (class_id == PARTITION_DEAD) {
        text_format(text, "neuron %zu is dead: nothing reads it", ui->neuron);
        return;
    }
    text_format(text, "neuron %zu, class %u:", ui->neuron, class_id);
    size_t count = 0;
    for (size_t i = 0; i < ui->cells.count; i++) {
        if (ui->cells.items[i].class_id != class_id)
            continue;
        count++;
        if ((int)text->length <= columns)
            text_format(text, " %zu", ui->cells.items[i].neuron);
    }
    if (count == 1)
        text_append(text, " alone");
}

/* Under the cells: the neuron under the cursor, and which part of the layer is in sight. */
static void draw_legend(const struct ui *ui, const struct area *area) {
    size_t at = cells_find(&ui->cells, ui->neuron);
    int rows = cell_rows(area), last = ui->classes_scroll + rows;
    struct area line = {area->row + rows, area->column, 1, area->columns};
    struct text text = {0};
    char scrolled[64];
    if (ui->cells.rows > rows) {
        if (ui->classes_scroll > 0)
            screen_put_glyph(ui->screen, area, 0, 0, ROLE_KEY, GLYPH_MORE_UP);
        if (last < ui->cells.rows)
            screen_put_glyph(ui->screen, area, rows - 1, 0, ROLE_KEY, GLYPH_MORE_DOWN);
        snprintf(scrolled, sizeof scrolled, "rows %d%s%d of %d", ui->classes_scroll + 1,
                 screen_glyph(ui->screen, GLYPH_DASH),
                 last < ui->cells.rows ? last : ui->cells.rows, ui->cells.rows);
        int column = area->columns - columns_width(scrolled) - 1;
        screen_put(ui->screen, area, rows, column, ROLE_DIM, scrolled);
        line.columns = column - 2;
    }
    if (at < ui->cells.count)
        cursor_text(ui, ui->cells.items[at].class_id, line.columns, &text);
    if (text.data)
        screen_put(ui->screen, &line, 0, 1, ROLE_LABEL, text.data);
    text_free(&text);
}

static void draw(const struct ui *ui, const struct area *area) {
    struct area cells = {area->row, area->column + 1, cell_rows(area), area->columns - 1};
    char text[192];
    const char *waiting = ui_waiting(ui, text, sizeof text);
    if (waiting)
        screen_put(ui->screen, area, 0, 1, ROLE_ESTIMATE, waiting);
    else if (ui->snapshot->network && ui->snapshot->hidden == 0)
        screen_put(ui->screen, area, 0, 1, ROLE_LABEL, "no hidden layers: nothing to merge");
    if (ui->cells.zoom == ZOOM_HALF)
        draw_all_halves(ui, &cells);
    else
        for (size_t i = 0; i < ui->cells.count; i++)
            draw_cell(ui, &cells, &ui->cells.items[i]);
    draw_legend(ui, area);
}

static void move(struct ui *ui, int down, int right) {
    size_t at = cells_find(&ui->cells, ui->neuron);
    if (at == ui->cells.count)
        return;
    const struct cell *cell = &ui->cells.items[at];
    if (right != 0)
        at = cells_step(&ui->cells, at, right);
    else {
        long row = (long)cell->row + down;
        row = row < 0 ? 0 : row;
        at = cells_nearest(&ui->cells, row > 100000000 ? 100000000 : (int)row,
                           cell->column + ui->cells.width / 2);
    }
    ui_choose_neuron(ui, ui->cells.items[at].neuron);
}

static void click(struct ui *ui, const struct area *area, int row, int column) {
    (void)area;
    int cell_row = row + ui->classes_scroll;
    if (ui->cells.zoom == ZOOM_HALF)
        cell_row *= 2;
    size_t at = cells_nearest(&ui->cells, cell_row, column - 1);
    if (at < ui->cells.count)
        actions_run_format(ui, "goto %zu", ui->cells.items[at].neuron);
}

static void zoom(struct ui *ui, int step) {
    int asked = (int)(ui->zoom == ZOOM_AUTO ? ui->cells.zoom : ui->zoom) + step;
    ui->zoom = (enum zoom)(asked < ZOOM_HALF ? ZOOM_HALF : asked > ZOOM_LARGE ? ZOOM_LARGE : asked);
}

const struct view view_classes = {
    .help = "The neurons of one layer. Neurons of a class stand side by side in one colour, "
            "with a gap to the next class; epsilon decides how far apart they may be. A class "
            "keeps its colour while it grows; a neuron alone has none.",
    .title = title,
    .draw = draw,
    .move = move,
    .enter = ui_enter_inspector,
    .click = click,
    .zoom = zoom,
};
