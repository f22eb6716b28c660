/* What a new snapshot means for the screen. */
#include "tui/actions.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* The figures of a step are mostly there before one could read that they are being measured. */
static const double passing_seconds = 0.25;

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
    char sentence[EPSILON_SENTENCE_SIZE];
    size_t length = strlen(ui->notice);
    ui->greeted = true;
    snprintf(ui->notice + length, sizeof ui->notice - length, "%s%s; ? help", length ? ". " : "",
             ui_epsilon_sentence(ui, sentence));
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
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    bool measuring = ui->snapshot->work == WORK_EVALUATING;
    if (!measuring)
        ui->rested = now;
    double since = (double)(now.tv_sec - ui->rested.tv_sec) +
                   1e-9 * (double)(now.tv_nsec - ui->rested.tv_nsec);
    ui->work_passes = measuring && since < passing_seconds;
}

void ui_take_snapshot(struct ui *ui) {
    struct snapshot *old = ui->snapshot;
    ui->snapshot = session_latest(ui->session);
    if (old && old->serial == ui->snapshot->serial) {
        snapshot_release(old);
        return;
    }
    if (ui->snapshot->message_serial != ui->message_seen) {
        ui->message_seen = ui->snapshot->message_serial;
        actions_say(ui, ui->snapshot->message);
        ui->notice_is_error = ui->snapshot->message_is_error;
    }
    time_work(ui);
    welcome(ui, old);
    keep_choice_valid(ui);
    snapshot_release(old);
    ui->dirty = true;
}
