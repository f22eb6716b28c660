/* What a new snapshot means for the screen. */
#include "tui/actions.h"
#include "tui/clock.h"
#include "tui/said.h"
#include "tui/sessions.h"

#include <stdio.h>

/* The figures of a step are mostly there before one could read that they are being measured. */
enum { PASSING_MS = 250 };

/* After another network was opened the cursor may stand where there is nothing. */
static void keep_choice_valid(struct ui *ui) {
    const struct snapshot *snapshot = ui->snapshot;
    size_t layer = ui->layer, neuron = ui->neuron;
    if (layer == 0 || layer > snapshot->hidden)
        layer = snapshot->hidden > 0;
    if (layer == 0 || neuron >= snapshot->layers[layer - 1].neurons)
        neuron = 0;
    if (layer == ui->layer && neuron == ui->neuron)
        return;
    ui->layer = layer;
    ui_choose_neuron(ui, neuron);
}

/* What a user who has never been here should know: what the slider's number means. */
static void greet(struct ui *ui) {
    char sentence[EPSILON_SENTENCE_SIZE], before[sizeof ui->notice], name[INPUT_NAME_SIZE];
    int32_t help = keymap_key(&ui->keymap, "help", ui->pane);
    ui->greeted = true;
    snprintf(before, sizeof before, "%s", ui->notice);
    actions_format(ui, "%s%s%s%s%s%s", before, *before ? ". " : "",
                   ui_epsilon_sentence(ui, sentence), help ? "; " : "",
                   help ? input_key_name(help, name) : "", help ? " help" : "");
}

/* What comes with a network that was just opened, behind what the session says of it. */
static void welcome(struct ui *ui, const struct snapshot *old) {
    const struct snapshot *snapshot = ui->snapshot;
    bool opened = snapshot->network && (!old || old->network != snapshot->network);
    if (opened && !snapshot->data_path && !ui->notice[0])
        actions_say(ui, "opened without data: :data FILE adds it");
    if (snapshot->analysed && !ui->greeted && !ui->notice_is_error)
        greet(ui);
}

/* Progress comes ten times a second: what goes on for longer is said soon enough. */
static void time_work(struct ui *ui) {
    bool measuring = ui->snapshot->work == WORK_EVALUATING;
    if (!measuring)
        ui->rested = clock_ms();
    ui->work_passes = measuring && clock_ms() - ui->rested < PASSING_MS;
}

void ui_take_snapshot(struct ui *ui) {
    struct snapshot *old = ui->snapshot;
    ui->snapshot = session_latest(ui->session);
    if (old && old->serial == ui->snapshot->serial) {
        snapshot_release(old);
        return;
    }
    bool told = ui->snapshot->message_serial != ui->message_seen;
    ui->message_seen = ui->snapshot->message_serial;
    if (told && !ui->notice_stays) {
        actions_say(ui, ui->snapshot->message);
        ui->notice_is_error = ui->snapshot->message_is_error;
    }
    time_work(ui);
    if (old && (!ui->notice[0] || ui->notice_of_move))
        said_of_move(ui, old);
    welcome(ui, old);
    keep_choice_valid(ui);
    sessions_follow(ui);
    snapshot_release(old);
    ui->dirty = true;
}
