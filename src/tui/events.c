/* Keys and pasted text become commands; so does the mouse (mouse.h). */
#include "tui/events.h"

#include "tui/actions.h"
#include "tui/keys.h"
#include "tui/mouse.h"
#include "tui/script.h"
#include "tui/sessions.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void handle_prompt(struct ui *ui, const struct input *input) {
    char *line;
    if (prompt_key(ui->prompt, input, &line) && line) {
        sessions_save_early(ui);
        actions_run(ui, line);
    }
    free(line);
}

/* In the list of themes no other keys work: what they would do is not seen there. */
static const char *command_of(const struct ui *ui, int32_t key) {
    if (ui->chooser.open)
        return keymap_own_command(&ui->keymap, key, PANE_OVERLAY);
    return keymap_command(&ui->keymap, key, ui_place(ui));
}

static void say_unbound(struct ui *ui, int32_t key) {
    char name[INPUT_NAME_SIZE], help[INPUT_NAME_SIZE];
    int32_t helps = keymap_key(&ui->keymap, "help", ui_focus(ui));
    input_key_name(key, name);
    if (ui->chooser.open || !helps)
        actions_format(ui, "the key %s does nothing here", name);
    else
        actions_format(ui, "the key %s does nothing here; %s lists the keys", name,
                       input_key_name(helps, help));
}

static void handle_key(struct ui *ui, const struct input *input) {
    if (prompt_is_open(ui->prompt)) {
        ui->dirty = true;
        handle_prompt(ui, input);
        return;
    }
    if (ui_place(ui) != PANE_OVERLAY && script_key(ui, input->key))
        return;
    const char *command = command_of(ui, input->key);
    char *line = command ? strdup(command) : NULL; /* the command may be to bind the key anew */
    if (line) {
        actions_run(ui, line);
        free(line);
        return;
    }
    ui->dirty = true;
    say_unbound(ui, input->key);
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

void events_interrupt(struct ui *ui) {
    ui->dirty = true;
    if (prompt_is_open(ui->prompt)) {
        prompt_cancel(ui->prompt);
        return;
    }
    ui->quit = true;
    ui->ended_by = SIGINT;
}

void events_handle(struct ui *ui) {
    struct input input;
    while (!ui->quit && screen_read(ui->screen, &input)) {
        if (input.kind == INPUT_INTERRUPT)
            events_interrupt(ui);
        else if (input.kind == INPUT_MOUSE)
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
