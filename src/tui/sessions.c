#include "tui/sessions.h"

#include "lumpscope/explorer.h"
#include "lumpscope/file.h"
#include "lumpscope/saved.h"
#include "lumpscope/text.h"
#include "tui/actions.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SAVE_AFTER_MS = 2000 };

/* ---- The offer ---- */

/* "today 13:05", else the day. */
static void write_when(time_t when, char *out, size_t size) {
    time_t now = time(NULL);
    struct tm then, today;
    if (!localtime_r(&when, &then) || !localtime_r(&now, &today)) {
        snprintf(out, size, "some time ago");
        return;
    }
    bool same_day = then.tm_year == today.tm_year && then.tm_yday == today.tm_yday;
    strftime(out, size, same_day ? "today %H:%M" : "%Y-%m-%d", &then);
}

static enum relation relation_of(const struct saved_session *saved) {
    struct options options;
    if (options_resolve(&saved->choices, saved->data != NULL, &options, NULL))
        return options.relation;
    return saved->choices.value.relation;
}

static void write_offer(struct ui *ui, const struct saved_session *saved) {
    char when[48], number[TEXT_NUMBER_SIZE], marks[48] = "";
    write_when(saved->when, when, sizeof when);
    if (saved->mark_count)
        snprintf(marks, sizeof marks, ", %zu mark%s", saved->mark_count,
                 saved->mark_count == 1 ? "" : "s");
    snprintf(ui->offer, sizeof ui->offer, "last session: %s, %s, %s %s%s, %s: R resumes",
             saved->title, relation_name(relation_of(saved)),
             screen_glyph(ui->screen, GLYPH_EPSILON), text_human(saved->epsilon, 3, number), marks,
             when);
    text_make_visible(ui->offer);
}

void sessions_start(struct ui *ui) {
    const struct explorer_options *options = ui->options;
    if (options->last && options->resumed)
        ui->resuming = options->last;
    else if (options->last)
        write_offer(ui, options->last);
    else if (options->sessions_error)
        snprintf(ui->offer, sizeof ui->offer, "%s", options->sessions_error);
    sessions_follow(ui);
}

bool sessions_resume(void *user, struct error *error) {
    struct ui *ui = user;
    const struct saved_session *last = ui->options->last;
    if (!last)
        return error_set(error, ERROR_USAGE,
                         "there is no session from last time: this one is kept when you leave");
    ui->offer[0] = '\0';
    ui->resuming = last;
    session_restore(ui->session, last);
    actions_format(ui, "resuming %s; u takes it back", last->title);
    return true;
}

void sessions_pass_by(struct ui *ui, const char *line) {
    static const char *const looking[] = {"move", "layer", "neuron", "class",
                                          "row",  "pane",  "zoom"};
    size_t length = strcspn(line, " ");
    for (size_t i = 0; i < sizeof looking / sizeof *looking; i++)
        if (strlen(looking[i]) == length && strncmp(looking[i], line, length) == 0)
            return;
    ui->offer[0] = '\0';
}

/* Layer, neuron and view of the last session, once its network is there. */
static void resume_view(struct ui *ui) {
    const struct saved_session *last = ui->resuming;
    const struct snapshot *snapshot = ui->snapshot;
    if (!last || !snapshot->analysed || !file_same(snapshot->model_path, last->model))
        return;
    ui->resuming = NULL;
    for (int i = 0; i < MIDDLE_COUNT; i++)
        if (strcmp(middle_names[i], last->view) == 0)
            ui->middle = (enum middle)i;
    if (ui_choose_layer(ui, last->layer) && last->neuron < snapshot->layers[ui->layer - 1].neurons)
        ui_choose_neuron(ui, last->neuron);
}

/* ---- Saving ---- */

void sessions_follow(struct ui *ui) {
    if (ui->snapshot->change_serial != ui->change_seen) {
        ui->change_seen = ui->snapshot->change_serial;
        ui->save_at = -1;
    }
    resume_view(ui);
}

long sessions_left(const struct ui *ui, long now) {
    if (ui->save_at <= 0 || !ui->options->sessions)
        return -1;
    return ui->save_at > now ? ui->save_at - now : 0;
}

/* A failure is said once. */
static bool save(struct ui *ui, struct error *error) {
    struct saved_session saved;
    const char *directory = ui->options->sessions;
    ui->save_at = 0;
    if (!directory || !session_saved(ui->session, &saved))
        return true;
    saved.layer = ui->layer;
    saved.neuron = ui->neuron;
    snprintf(saved.view, sizeof saved.view, "%s", middle_names[ui->middle]);
    bool done = saved_session_write(&saved, directory, error) || ui->save_failed;
    ui->save_failed = ui->save_failed || !done;
    saved_session_free(&saved);
    return done;
}

void sessions_save_early(struct ui *ui) {
    struct error error = {0};
    if (ui->save_at == 0 || save(ui, &error))
        return;
    actions_complain(ui, &error);
    ui->dirty = true;
}

void sessions_save_due(struct ui *ui, long now) {
    if (ui->save_at < 0)
        ui->save_at = now + SAVE_AFTER_MS;
    else if (sessions_left(ui, now) == 0)
        sessions_save_early(ui);
}

bool sessions_end(struct ui *ui, struct error *error) {
    return save(ui, error);
}
