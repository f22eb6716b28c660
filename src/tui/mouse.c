#include "tui/mouse.h"

#include "lumpscope/player.h"

#include "lumpscope/text.h"
#include "tui/actions.h"
#include "tui/script.h"

void mouse_drop(struct ui *ui) {
    if (ui->dragging) {
        session_join_moves(ui->session, false);
        player_joined(ui->player, session_undo_count(ui->session));
    }
    ui->dragging = false;
}

static void slide_to(struct ui *ui, int column) {
    char number[TEXT_NUMBER_SIZE];
    ui->drag_column = column;
    actions_run_format(ui, "eps %s",
                       text_number(slider_epsilon_at(ui, &ui->layout.slider, column), number));
}

/* A drag is one change, however many commands it gives. */
static void take_knob(struct ui *ui, int column) {
    mouse_drop(ui);
    if (!ui->snapshot->analysed)
        return;
    ui->dragging = true;
    session_join_moves(ui->session, true);
    slide_to(ui, column);
}

/* A pane with the rule above it and the separator at its right. */
static bool frame_contains(const struct area *area, int row, int column) {
    struct area frame = {area->row - 1, area->column, area->rows + 1, area->columns + 1};
    return area->rows > 0 && area_contains(&frame, row, column);
}

static void press_pane(struct ui *ui, enum pane pane, int row, int column) {
    struct area area = ui->layout.pane[pane];
    const struct view *view = view_of(ui, pane);
    if (ui->pane != pane && ui_pane_is_active(ui, pane))
        actions_run_format(ui, "pane %s", pane_names[pane]);
    if (view->click && area_contains(&area, row, column))
        view->click(ui, &area, row - area.row, column - area.column);
}

static void press_panes(struct ui *ui, int row, int column) {
    for (int i = 0; i < PANE_COUNT; i++)
        if (frame_contains(&ui->layout.pane[i], row, column)) {
            press_pane(ui, (enum pane)i, row, column);
            return;
        }
}

static void press(struct ui *ui, int row, int column) {
    const struct area *slider = &ui->layout.slider;
    struct area over = layout_over(&ui->layout);
    if (!ui->chooser.open && header_has_help(&ui->layout.header, row, column))
        actions_run(ui, "help");
    else if (ui_place(ui) == PANE_OVERLAY)
        return;
    else if (area_contains(&ui->layout.strip, row, column))
        script_key(ui, ' ');
    else if (area_contains(slider, row, column) && row > slider->row)
        take_knob(ui, column);
    else if (!ui->plot_full)
        press_panes(ui, row, column);
    else if (area_contains(&over, row, column))
        plot_full_click(ui, &over, row - over.row, column);
}

static void turn(struct ui *ui, bool up, int row, int column) {
    bool over = ui_place(ui) == PANE_OVERLAY;
    if (!over && area_contains(&ui->layout.slider, row, column))
        actions_run(ui, up ? "next-event" : "previous-event");
    else
        actions_run(ui, up ? "move up" : "move down");
}

void mouse_handle(struct ui *ui, const struct input *input) {
    if (input->action == MOUSE_RELEASE)
        mouse_drop(ui);
    if (ui->layout.too_small || prompt_is_open(ui->prompt))
        return;
    if (input->action != MOUSE_RELEASE && actions_clear_notice(ui))
        ui->dirty = true;
    if (input->action == MOUSE_PRESS)
        press(ui, input->row, input->column);
    else if (input->action == MOUSE_WHEEL_UP || input->action == MOUSE_WHEEL_DOWN)
        turn(ui, input->action == MOUSE_WHEEL_UP, input->row, input->column);
    else if (input->action == MOUSE_DRAG && ui->dragging && ui_place(ui) != PANE_OVERLAY &&
             input->column != ui->drag_column)
        slide_to(ui, input->column);
}
