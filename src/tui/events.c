/* Keys, pasted text and the mouse become commands. */
#include "tui/events.h"

#include "tui/actions.h"
#include "tui/keys.h"
#include "tui/sessions.h"

#include <stdio.h>
#include <stdlib.h>

/* The help takes the keys that scroll, and q. */
static bool help_key(struct ui *ui, int32_t key) {
    static const struct {
        int32_t key;
        int step;
    } steps[] = {{'j', 1},
                 {INPUT_KEY_DOWN, 1},
                 {'k', -1},
                 {INPUT_KEY_UP, -1},
                 {INPUT_KEY_PAGE_DOWN, 10},
                 {' ', 10},
                 {INPUT_KEY_PAGE_UP, -10}};
    if (key == 'q') {
        ui->help = false;
        return true;
    }
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i].key == key) {
            ui->help_scroll += steps[i].step;
            ui->help_scroll = ui->help_scroll < 0 ? 0 : ui->help_scroll;
            return true;
        }
    return false;
}

static void handle_prompt(struct ui *ui, const struct input *input) {
    char *line;
    if (prompt_key(ui->prompt, input, &line) && line) {
        sessions_save_early(ui);
        actions_run(ui, line);
    }
    free(line);
}

static void handle_key(struct ui *ui, const struct input *input) {
    const char *command = keys_command(input->key, ui->pane);
    char name[INPUT_NAME_SIZE], sentence[64];
    if (prompt_is_open(ui->prompt)) {
        ui->dirty = true;
        handle_prompt(ui, input);
        return;
    }
    if (ui->help && help_key(ui, input->key)) {
        actions_clear_notice(ui);
        ui->dirty = true;
        return;
    }
    if (command) {
        actions_run(ui, command);
        return;
    }
    ui->dirty = true;
    snprintf(sentence, sizeof sentence, "the key %s does nothing here; ? lists the keys",
             input_key_name(input->key, name));
    actions_say(ui, sentence);
}

/* What is pasted never acts as keys. */
static void handle_paste(struct ui *ui, const struct input *input) {
    ui->dirty = true;
    if (prompt_is_open(ui->prompt))
        prompt_paste(ui->prompt, input->key);
    else
        actions_say(ui, "pasted text goes into the command line only: press : first");
}

static void slide_to(struct ui *ui, int column) {
    if (!ui->snapshot->analysed)
        return;
    session_set_epsilon(ui->session, slider_epsilon_at(ui, &ui->layout.slider, column));
}

static void handle_press(struct ui *ui, int row, int column) {
    if (area_contains(&ui->layout.slider, row, column) && row > ui->layout.slider.row) {
        ui->dragging = true;
        session_join_moves(ui->session, true);
        slide_to(ui, column);
        return;
    }
    for (int i = 0; i < PANE_COUNT; i++) {
        const struct area *area = &ui->layout.pane[i];
        if (!area_contains(area, row, column))
            continue;
        if (ui_pane_is_active(ui, (enum pane)i))
            ui->pane = (enum pane)i;
        if (view_of(ui, (enum pane)i)->click)
            view_of(ui, (enum pane)i)->click(ui, area, row - area->row, column - area->column);
    }
}

static void handle_mouse(struct ui *ui, const struct input *input) {
    if (ui->layout.too_small || prompt_is_open(ui->prompt))
        return;
    if (input->action != MOUSE_RELEASE)
        actions_clear_notice(ui);
    bool wheel = input->action == MOUSE_WHEEL_UP || input->action == MOUSE_WHEEL_DOWN;
    if (wheel && ui->help)
        help_key(ui, input->action == MOUSE_WHEEL_UP ? INPUT_KEY_UP : INPUT_KEY_DOWN);
    else if (wheel && area_contains(&ui->layout.slider, input->row, input->column))
        session_step(ui->session, input->action == MOUSE_WHEEL_UP ? 1 : -1);
    else if (wheel)
        actions_run(ui, input->action == MOUSE_WHEEL_UP ? "move up" : "move down");
    else if (input->action == MOUSE_PRESS && !ui->help)
        handle_press(ui, input->row, input->column);
    else if (input->action == MOUSE_DRAG && ui->dragging)
        slide_to(ui, input->column);
    else if (input->action == MOUSE_RELEASE) {
        ui->dragging = false;
        session_join_moves(ui->session, false);
    }
}

/* Where nothing is seen nothing is done, but leaving. */
static void handle_small(struct ui *ui, const struct input *input) {
    if (input->key == 'q')
        ui->quit = true;
    else if (input->key == ('l' & 0x1f)) {
        screen_redraw(ui->screen);
        ui->dirty = true;
    }
}

void events_handle(struct ui *ui) {
    struct input input;
    while (!ui->quit && screen_read(ui->screen, &input)) {
        if (input.kind == INPUT_MOUSE) {
            ui->dirty = true;
            handle_mouse(ui, &input);
        } else if (ui->layout.too_small && !input.pasted)
            handle_small(ui, &input);
        else if (ui->layout.too_small)
            continue;
        else if (input.pasted)
            handle_paste(ui, &input);
        else
            handle_key(ui, &input);
    }
}
