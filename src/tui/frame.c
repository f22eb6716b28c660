/* One frame: where everything lies, and who draws it. */
#include "tui/frame.h"

/* Brings the cursor's row into sight, and no further down than there are rows. */
static void follow_cursor(struct ui *ui, int rows) {
    size_t at = cells_find(&ui->cells, ui->neuron);
    if (at < ui->cells.count) {
        int row = ui->cells.items[at].row / (ui->cells.zoom == ZOOM_HALF ? 2 : 1);
        if (row < ui->classes_scroll)
            ui->classes_scroll = row;
        if (row >= ui->classes_scroll + rows)
            ui->classes_scroll = row - rows + 1;
    }
    if (ui->classes_scroll > ui->cells.rows - rows)
        ui->classes_scroll = ui->cells.rows - rows;
    if (ui->classes_scroll < 0)
        ui->classes_scroll = 0;
}

/* No further down than there are lines of help. */
static void keep_help_scroll(struct ui *ui) {
    struct area over = layout_over(&ui->layout);
    int last = help_lines(ui, over.columns) - help_rows(over.rows);
    if (ui->help_scroll > last)
        ui->help_scroll = last;
    if (ui->help_scroll < 0)
        ui->help_scroll = 0;
}

static void arrange(struct ui *ui) {
    struct area whole = screen_area(ui->screen);
    layout_compute(&ui->layout, whole, ui->pane, header_rows(ui, whole.columns),
                   strip_rows(ui, whole.rows));
    if (ui->layout.too_small)
        return;
    const struct area *area = ui_middle_area(ui); /* the cursor moves beside the inspector too */
    const struct view *view = view_of(ui, PANE_CLASSES);
    cells_update(&ui->cells, ui->snapshot, ui->layer, ui->zoom, area->rows - 1, area->columns - 1);
    follow_cursor(ui, area->rows - 1);
    ui_watch(ui);
    if (view->arrange)
        view->arrange(ui, area);
    if (ui->help)
        keep_help_scroll(ui);
}

static void draw_panes(struct ui *ui) {
    char titles[PANE_COUNT][160];
    for (int i = 0; i < PANE_COUNT; i++)
        view_of(ui, (enum pane)i)
            ->title(ui, layout_title_columns(&ui->layout.pane[i]), titles[i], sizeof titles[i]);
    layout_draw_frames(&ui->layout, ui->screen, ui->pane, titles);
    for (int i = 0; i < PANE_COUNT; i++)
        if (layout_has(&ui->layout, (enum pane)i))
            view_of(ui, (enum pane)i)->draw(ui, &ui->layout.pane[i]);
}

static void draw_all(struct ui *ui) {
    const struct layout *layout = &ui->layout;
    if (layout->too_small) {
        too_small_draw(ui, &layout->whole);
        return;
    }
    header_draw(ui, &layout->header);
    slider_draw(ui, &layout->slider);
    struct area over = layout_over(layout);
    if (ui->help)
        help_draw(ui, &over);
    else if (ui->plot_full)
        plot_full_draw(ui, &over);
    else
        draw_panes(ui);
    strip_draw(ui, &layout->strip);
    if (ui->chooser.open)
        chooser_draw(ui, &over);
    if (prompt_is_open(ui->prompt))
        prompt_draw(ui->prompt, ui->screen, &layout->status);
    else
        status_draw(ui, &layout->status);
}

void frame_draw(struct ui *ui) {
    arrange(ui);
    screen_begin(ui->screen);
    draw_all(ui);
    screen_end(ui->screen);
    ui->dirty = false;
}
