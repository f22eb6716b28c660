#include "tui/script.h"

#include "tui/actions.h"

#include "lumpscope/player.h"

/* The session's last answer can come before it has come to rest. */
enum { BUSY_MS = 10 };

static bool waits(const struct ui *ui) {
    return session_busy(ui->session);
}

/* The next line sees the screen that the one before it has made: a frame comes first. */
int script_timeout(const struct ui *ui) {
    if (player_state(ui->player) != PLAYER_READY || ui->dirty)
        return -1;
    return waits(ui) ? BUSY_MS : 0;
}

static void run_line(struct ui *ui, struct command_context *context) {
    struct error error = {0};
    bool lesson = player_title(ui->player), carded = player_card(ui->player);
    enum command_outcome outcome = player_step(ui->player, context, &error);
    actions_finish(ui, outcome, &error);
    ui->dirty = true;
    if (!carded && player_card(ui->player))
        actions_clear_notice(ui); /* the card is what is to be read */
    else if (lesson && outcome != COMMAND_FAILED && !player_title(ui->player))
        actions_say(ui, "the lesson is over; :tour says which others there are");
}

void script_step(struct ui *ui) {
    struct command_context context = actions_context(ui);
    if (player_state(ui->player) == PLAYER_READY && !ui->dirty && !waits(ui))
        run_line(ui, &context);
    if (player_watch(ui->player, &context, ui->snapshot))
        ui->dirty = true;
}

static void go_on(struct ui *ui) {
    actions_clear_notice(ui);
    ui->dirty = true;
    if (!strip_turn(ui))
        player_continue(ui->player);
}

static void leave(struct ui *ui) {
    const char *title = player_title(ui->player);
    bool script = player_state(ui->player) == PLAYER_READY;
    actions_say(ui, title    ? "left the lesson; :tour NAME starts it again"
                    : script ? "the script is stopped"
                             : "");
    player_stop(ui->player);
    ui->dirty = true;
}

bool script_key(struct ui *ui, int32_t key) {
    bool playing = player_state(ui->player) != PLAYER_IDLE;
    if (key == ' ' && (player_card(ui->player) || player_title(ui->player)))
        go_on(ui);
    else if (key == INPUT_KEY_ESCAPE && playing)
        leave(ui);
    else
        return false;
    return true;
}
