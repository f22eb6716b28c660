/* What touches the screen alone. */
#include "command/handlers.h"

#include "lumpscope/player.h"
#include "lumpscope/text.h"

#include <stdio.h>
#include <string.h>

HANDLER(run_back) {
    UNUSED();
    if (context->ui && context->ui->close(context->user))
        return COMMAND_REDRAW;
    struct snapshot *snapshot = session_latest(context->session);
    bool working = snapshot->work != WORK_IDLE;
    snapshot_release(snapshot);
    player_note_instead(context->player, working ? "cancel" : "back");
    if (working) {
        session_cancel(context->session);
        handler_say(context, "stopped; what was done is kept");
        return COMMAND_REDRAW;
    }
    if (context->ui)
        context->ui->back(context->user);
    return COMMAND_REDRAW;
}

/* The layer a script would have chosen on a screen. */
static bool place_layer(struct command_context *context, const char *word) {
    struct snapshot *snapshot = session_latest(context->session);
    size_t hidden = snapshot->hidden, layer, *place = &player_place(context->player)->layer;
    snapshot_release(snapshot);
    if (!strcmp(word, "down"))
        *place += *place < hidden;
    else if (!strcmp(word, "up"))
        *place -= *place > 1;
    else if (!text_to_size(word, &layer) || layer == 0 || layer > hidden)
        return false;
    else
        *place = layer;
    return true;
}

HANDLER(run_layer) {
    UNUSED();
    if (!context->ui && !context->player)
        return COMMAND_DONE;
    if (!context->ui)
        return place_layer(context, arguments[0])
                   ? COMMAND_DONE
                   : handler_fail(error, "say which hidden layer, numbered from 1, or up or down");
    size_t layer = context->ui->layer(context->user);
    if (!strcmp(arguments[0], "down"))
        context->ui->choose_layer(context->user, layer + 1);
    else if (!strcmp(arguments[0], "up"))
        context->ui->choose_layer(context->user, layer > 1 ? layer - 1 : layer);
    else if (!text_to_size(arguments[0], &layer) ||
             !context->ui->choose_layer(context->user, layer))
        return handler_fail(error, "say which hidden layer, numbered from 1, or up or down");
    return COMMAND_REDRAW;
}

static void place_word(char place[PLAYER_PLACE_WORD], const char *word) {
    snprintf(place, PLAYER_PLACE_WORD, "%s", word);
}

HANDLER(run_pane) {
    UNUSED();
    if (context->ui && !context->ui->pane(context->user, arguments[0], error))
        return COMMAND_FAILED;
    if (!context->ui && context->player)
        place_word(player_place(context->player)->pane, arguments[0]);
    return COMMAND_REDRAW;
}

/* Directions shared by `move`. */
static bool read_direction(const char *word, int *down, int *right) {
    static const struct {
        const char *word;
        int down, right;
    } directions[] = {{"left", 0, -1},      {"right", 0, 1},       {"up", -1, 0},
                      {"down", 1, 0},       {"page-up", -10, 0},   {"page-down", 10, 0},
                      {"top", -1000000, 0}, {"bottom", 1000000, 0}};
    for (size_t i = 0; i < sizeof directions / sizeof *directions; i++)
        if (!strcmp(word, directions[i].word)) {
            *down = directions[i].down;
            *right = directions[i].right;
            return true;
        }
    return false;
}

HANDLER(run_move) {
    UNUSED();
    int down, right;
    if (!read_direction(arguments[0], &down, &right))
        return handler_fail(error,
                            "say where: left, right, up, down, page-up, page-down, top or bottom");
    if (context->ui)
        context->ui->move(context->user, down, right);
    return COMMAND_REDRAW;
}

HANDLER(run_neuron) {
    UNUSED();
    bool next = !strcmp(arguments[0], "next");
    if (!next && strcmp(arguments[0], "previous") != 0)
        return handler_fail(error, "say next or previous");
    if (context->ui)
        context->ui->neuron(context->user, next ? 1 : -1, false);
    return COMMAND_REDRAW;
}

HANDLER(run_class) {
    UNUSED();
    size_t number;
    bool next = !strcmp(arguments[0], "next"), numbered = text_to_size(arguments[0], &number);
    if (!numbered && !next && strcmp(arguments[0], "previous") != 0)
        return handler_fail(error, "say which class, numbered from 0, or next or previous");
    if (context->ui && numbered && !context->ui->choose_class(context->user, number))
        return handler_fail(error, "the chosen layer has no class of that number");
    if (context->ui && !numbered)
        context->ui->neuron(context->user, next ? 1 : -1, true);
    return COMMAND_REDRAW;
}

/* Which rows there are is known with the trajectories; until then any is taken. */
HANDLER(run_row) {
    UNUSED();
    const struct command_ui *ui = context->ui;
    size_t row = ui ? ui->row(context->user) : 0, number;
    bool next = !strcmp(arguments[0], "next"), previous = !strcmp(arguments[0], "previous");
    if (next)
        row++;
    else if (previous)
        row -= row > 0;
    else if (text_to_size(arguments[0], &number) && number > 0)
        row = number - 1;
    else
        return handler_fail(error, "say which test row, numbered from 1, or next or previous");
    if (!ui || ui->choose_row(context->user, row))
        return COMMAND_REDRAW;
    error_set(error, ERROR_USAGE,
              "there is no test row %zu; without data the mean input drives the trajectories",
              row + 1);
    return COMMAND_FAILED;
}

HANDLER(run_enter) {
    UNUSED();
    if (context->ui)
        context->ui->enter(context->user);
    return COMMAND_REDRAW;
}

HANDLER(run_zoom) {
    UNUSED();
    bool in = !strcmp(arguments[0], "in");
    if (!in && strcmp(arguments[0], "out") != 0)
        return handler_fail(error, "say zoom in or zoom out");
    if (context->ui)
        context->ui->zoom(context->user, in ? 1 : -1);
    return COMMAND_REDRAW;
}

/* "on", "off" or nothing; 2: none of these. */
static int read_switch(size_t count, const char *const *arguments) {
    return count == 0 ? -1 : !strcmp(arguments[0], "on") ? 1 : !strcmp(arguments[0], "off") ? 0 : 2;
}

HANDLER(run_mouse) {
    UNUSED();
    int on = read_switch(count, arguments);
    if (on == 2)
        return handler_fail(error, "say mouse on or mouse off");
    if (context->ui)
        context->ui->mouse(context->user, on);
    return COMMAND_REDRAW;
}

HANDLER(run_theme) {
    UNUSED();
    if (context->ui && !context->ui->theme(context->user, count ? arguments[0] : NULL, error))
        return COMMAND_FAILED;
    return COMMAND_REDRAW;
}

HANDLER(run_redraw) {
    UNUSED();
    if (context->ui)
        context->ui->redraw(context->user);
    return COMMAND_REDRAW;
}

HANDLER(run_prompt) {
    UNUSED();
    player_note_instead(context->player, NULL);
    char text[128];
    snprintf(text, sizeof text, "%s%s", count ? arguments[0] : "", count ? " " : "");
    if (context->ui)
        context->ui->prompt(context->user, text);
    return COMMAND_REDRAW;
}

HANDLER(run_help) {
    UNUSED();
    if (context->ui && !context->ui->help(context->user, count ? arguments[0] : NULL, error))
        return COMMAND_FAILED;
    return COMMAND_REDRAW;
}

HANDLER(run_quit) {
    UNUSED();
    player_note_instead(context->player, NULL);
    return COMMAND_QUIT;
}

/* "next" and "previous" count on along the names, as the screen does. */
static void place_view(char place[PLAYER_PLACE_WORD], const char *word) {
    static const char *const names[] = {"classes", "dendrogram", "equations", "trajectories",
                                        "weights"};
    enum { VIEWS = sizeof names / sizeof *names };
    int step = !strcmp(word, "next") ? 1 : !strcmp(word, "previous") ? VIEWS - 1 : 0, at = 0;
    while (at < VIEWS - 1 && strcmp(names[at], step ? place : word) != 0)
        at++;
    place_word(place, names[(at + step) % VIEWS]);
}

HANDLER(run_view) {
    UNUSED();
    if (context->ui && !context->ui->view(context->user, arguments[0], error))
        return COMMAND_FAILED;
    if (!context->ui && !command_takes_word(command_find("view", NULL), arguments[0]))
        return handler_fail(error, "there is no such view: help view lists them");
    if (!context->ui && context->player)
        place_view(player_place(context->player)->view, arguments[0]);
    return COMMAND_REDRAW;
}

HANDLER(run_weights) {
    UNUSED();
    bool sends = !strcmp(arguments[0], "sends");
    if (!sends && strcmp(arguments[0], "reads") != 0)
        return handler_fail(error, "say weights reads or weights sends");
    if (context->ui)
        context->ui->weights(context->user, sends);
    return COMMAND_REDRAW;
}

HANDLER(run_plot) {
    UNUSED();
    int on = read_switch(count, arguments);
    if (on == 2)
        return handler_fail(error, "say plot on or plot off");
    if (context->ui)
        context->ui->plot(context->user, on);
    else if (context->player) {
        bool *plot = &player_place(context->player)->plot;
        *plot = on < 0 ? !*plot : on;
    }
    return COMMAND_REDRAW;
}
