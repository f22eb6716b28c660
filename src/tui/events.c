/* Keys and pasted text become commands; so does the mouse (mouse.h). */
#include "tui/events.h"

#include "tui/actions.h"
#include "tui/keys.h"
#include "tui/mouse.h"

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
            ui_scroll_help(ui, steps[i].step);
            return true;
        }
    return false;
}

static void handle_prompt(struct ui *ui, const struct input *input) {
    char *line;
    if (prompt_key(ui->prompt, input, &line) && line)
        actions_run(ui, line);
    free(line);
}

static void handle_key(struct ui *ui, const struct input *input) {
    const char *command = keys_command(input->key, ui_focus(ui));
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
        if (input.kind == INPUT_MOUSE)
            mouse_handle(ui, &input);
        else if (ui->layout.too_small && !input.pasted)
            handle_small(ui, &input);
        else if (ui->layout.too_small)
            continue;
        else if (input.pasted)
            handle_paste(ui, &input);
        else
            handle_key(ui, &input);
    }
}
