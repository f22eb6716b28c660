#include "tui/sessions.h"

#include "lumpscope/explorer.h"
#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/parallel.h"
#include "lumpscope/saved.h"
#include "lumpscope/text.h"
#include "tui/actions.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SAVE_AFTER_MS = 2000, SAVING_LOOK_MS = 50 };

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

/* A session on its way to the disk, which may be slow: the screen does not wait for it. */
struct saving {
    pthread_t thread;
    struct saved_session saved;
    const char *directory; /* of the explorer's options */
    struct error error;
    bool failed;
    atomic_bool finished;
};

static void *write_saved(void *user) {
    struct saving *saving = user;
    saving->failed = !saved_session_write(&saving->saved, saving->directory, &saving->error);
    atomic_store(&saving->finished, true);
    return NULL;
}

long sessions_left(const struct ui *ui, long now) {
    if (ui->saving)
        return SAVING_LOOK_MS;
    if (ui->save_at <= 0 || !ui->options->sessions)
        return -1;
    return ui->save_at > now ? ui->save_at - now : 0;
}

/* What is to be written; NULL: nothing, or no memory for it. */
static struct saving *saving_new(struct ui *ui) {
    ui->save_at = 0;
    struct saving *saving = ui->options->sessions ? memory_new(1, sizeof *saving, NULL) : NULL;
    if (!saving || !session_saved(ui->session, &saving->saved)) {
        free(saving);
        return NULL;
    }
    saving->directory = ui->options->sessions;
    saving->saved.layer = ui->layer;
    saving->saved.neuron = ui->neuron;
    snprintf(saving->saved.view, sizeof saving->saved.view, "%s", middle_names[ui->middle]);
    return saving;
}

/* Takes what was written; false when it failed. */
static bool saving_end(struct saving *saving, struct error *error) {
    bool failed = saving->failed;
    if (failed)
        *error = saving->error;
    saved_session_free(&saving->saved);
    free(saving);
    return !failed;
}

/* Waits for the one that is on its way. */
static bool finish(struct ui *ui, struct error *error) {
    struct saving *saving = ui->saving;
    if (!saving)
        return true;
    pthread_join(saving->thread, NULL);
    ui->saving = NULL;
    return saving_end(saving, error);
}

/* Once: on the way out it is said again. */
static void complain(struct ui *ui, const struct error *error) {
    if (ui->save_failed)
        return;
    ui->save_failed = true;
    actions_complain(ui, error);
    ui->dirty = true;
}

void sessions_save_early(struct ui *ui) {
    struct error error = {0};
    if (ui->save_at == 0)
        return;
    if (!finish(ui, &error)) /* one at a time: the newer one is written last */
        complain(ui, &error);
    struct saving *saving = saving_new(ui);
    if (!saving)
        return;
    if (parallel_start(&saving->thread, write_saved, saving)) {
        ui->saving = saving;
        return;
    }
    write_saved(saving);
    if (!saving_end(saving, &error))
        complain(ui, &error);
}

void sessions_save_due(struct ui *ui, long now) {
    struct error error = {0};
    if (ui->saving && atomic_load(&ui->saving->finished) && !finish(ui, &error))
        complain(ui, &error);
    if (ui->save_at < 0)
        ui->save_at = now + SAVE_AFTER_MS;
    else if (ui->save_at > 0 && now >= ui->save_at && !ui->saving)
        sessions_save_early(ui);
}

bool sessions_end(struct ui *ui, struct error *error) {
    bool done = finish(ui, error);
    struct saving *saving = saving_new(ui);
    if (!saving)
        return done;
    write_saved(saving);
    return saving_end(saving, error) && done;
}
