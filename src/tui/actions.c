/* What commands may do to the screen, and running them. */
#include "tui/actions.h"

#include "lumpscope/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void actions_say(void *user, const char *sentence) {
    struct ui *ui = user;
    snprintf(ui->notice, sizeof ui->notice, "%s", sentence);
    text_make_visible(ui->notice);
    ui->notice_is_error = false;
}

static void ui_complain(struct ui *ui, const struct error *error) {
    actions_say(ui, error->text);
    ui->notice_is_error = true;
}

static void ui_prompt(void *user, const char *text) {
    struct ui *ui = user;
    prompt_start(ui->prompt, text, ui->snapshot->hidden);
}

static void say_themes(struct ui *ui) {
    struct text list = {0};
    char **names = theme_names(ui->options->theme_directories);
    text_format(&list, "theme %s; there are", ui->theme.name);
    for (size_t i = 0; names && names[i]; i++)
        text_format(&list, "%s %s", i ? "," : "", names[i]);
    theme_names_free(names);
    actions_say(ui, list.data ? list.data : "");
    text_free(&list);
}

static bool ui_theme(void *user, const char *name, struct error *error) {
    struct ui *ui = user;
    if (!name) {
        say_themes(ui);
        return true;
    }
    if (!theme_load(&ui->theme, name, ui->options->theme_directories, error))
        return false;
    screen_set_theme(ui->screen, &ui->theme);
    actions_say(ui, screen_colours(ui->screen) ? ""
                                               : "this terminal shows no colours: themes all look "
                                                 "alike");
    return true;
}

static void ui_help(void *user, const char *topic) {
    struct ui *ui = user;
    ui->help = topic || !ui->help;
    ui->help_topic = topic ? command_find(topic, NULL) : NULL;
    ui->help_scroll = 0;
}

static bool ui_pane(void *user, const char *name, struct error *error) {
    struct ui *ui = user;
    int step = !strcmp(name, "next") ? 1 : !strcmp(name, "previous") ? PANE_COUNT - 1 : 0;
    ui->help = false;
    if (step) {
        do
            ui->pane = (enum pane)(((int)ui->pane + step) % PANE_COUNT);
        while (!ui_pane_is_active(ui, ui->pane));
        return true;
    }
    for (int i = 0; i < PANE_COUNT; i++)
        if (!strcmp(name, pane_names[i])) {
            ui->pane = (enum pane)i;
            return true;
        }
    return error_set(error, ERROR_USAGE,
                     "there is no pane \"%s\": layers, classes, inspector, plot, numbers", name);
}

static size_t ui_layer(void *user) {
    return ((struct ui *)user)->layer;
}

static bool ui_layer_chosen(void *user, size_t layer) {
    return ui_choose_layer(user, layer);
}

static void ui_move(void *user, int down, int right) {
    struct ui *ui = user;
    const struct view *view = view_of(ui, ui->pane);
    if (view->move)
        view->move(ui, down, right);
}

/* The first cell of the next or previous class, as seen from cell `at`. */
static size_t class_step(const struct cells *cells, size_t at, int step) {
    uint32_t from = cells->items[at].class_id;
    while (at + (size_t)step < cells->count && cells->items[at].class_id == from)
        at += (size_t)step;
    while (at > 0 && cells->items[at - 1].class_id == cells->items[at].class_id)
        at--;
    return at;
}

static void ui_neuron(void *user, int step, bool classes) {
    struct ui *ui = user;
    size_t at = cells_find(&ui->cells, ui->neuron);
    if (at == ui->cells.count)
        return;
    if (classes)
        at = class_step(&ui->cells, at, step);
    else if (at + (size_t)step < ui->cells.count)
        at += (size_t)step;
    ui_choose_neuron(ui, ui->cells.items[at].neuron);
}

static size_t ui_row(void *user) {
    return ((struct ui *)user)->row;
}

static bool ui_row_chosen(void *user, size_t row) {
    return ui_choose_row(user, row);
}

static void ui_enter(void *user) {
    struct ui *ui = user;
    const struct view *view = view_of(ui, ui->pane);
    if (view->enter)
        view->enter(ui);
}

static bool ui_back(void *user) {
    struct ui *ui = user;
    bool somewhere = ui->help || ui->pane != PANE_LAYERS;
    if (ui->help)
        ui->help = false;
    else
        ui->pane = ui->pane == PANE_INSPECTOR ? PANE_CLASSES : PANE_LAYERS;
    return somewhere;
}

static void ui_zoom(void *user, int step) {
    struct ui *ui = user;
    int zoom = (int)(ui->zoom == ZOOM_AUTO ? ui->cells.zoom : ui->zoom) + step;
    ui->zoom = (enum zoom)(zoom < ZOOM_HALF ? ZOOM_HALF : zoom > ZOOM_LARGE ? ZOOM_LARGE : zoom);
}

static void ui_mouse(void *user, int on) {
    struct ui *ui = user;
    screen_set_mouse(ui->screen, on < 0 ? !screen_mouse(ui->screen) : on);
    actions_say(ui, screen_mouse(ui->screen)
                        ? "mouse taken"
                        : "mouse released: text can be selected; M takes it back");
}

static bool ui_middle(void *user, const char *name, struct error *error) {
    struct ui *ui = user;
    int step = !strcmp(name, "next") ? 1 : !strcmp(name, "previous") ? MIDDLE_COUNT - 1 : 0;
    int middle = step ? ((int)ui->middle + step) % MIDDLE_COUNT : 0;
    while (!step && middle < MIDDLE_COUNT && strcmp(name, middle_names[middle]) != 0)
        middle++;
    if (middle == MIDDLE_COUNT)
        return error_set(error, ERROR_USAGE,
                         "there is no view \"%s\": classes, dendrogram, equations, trajectories, "
                         "weights",
                         name);
    ui->middle = (enum middle)middle;
    ui->plot_full = false;
    return true;
}

static void ui_plot(void *user, int on) {
    struct ui *ui = user;
    ui->plot_full = on < 0 ? !ui->plot_full : on;
}

static void ui_redraw(void *user) {
    screen_redraw(((struct ui *)user)->screen);
}

static const struct command_ui command_ui = {
    ui_prompt, ui_theme,  ui_help,   ui_pane,       ui_layer,  ui_layer_chosen,
    ui_move,   ui_neuron, ui_row,    ui_row_chosen, ui_enter,  ui_back,
    ui_zoom,   ui_mouse,  ui_middle, ui_plot,       ui_redraw, actions_say};

/* What was said is seen and over with what is done next. */
bool actions_clear_notice(struct ui *ui) {
    bool noticed = ui->notice[0];
    ui->notice[0] = '\0';
    ui->notice_is_error = false;
    return noticed;
}

void actions_run(struct ui *ui, const char *line) {
    struct command_context context = {ui->session, &command_ui, ui};
    struct error error = {0};
    bool noticed = actions_clear_notice(ui);
    enum command_outcome outcome = command_run(&context, line, &error);
    if (outcome == COMMAND_FAILED)
        ui_complain(ui, &error);
    ui->quit = ui->quit || outcome == COMMAND_QUIT;
    ui_take_snapshot(ui); /* a command that looked at it has used up its wake */
    /* When only a snapshot can show what was done, a frame drawn now would put off the next one. */
    ui->dirty = ui->dirty || outcome != COMMAND_DONE || noticed || ui->notice[0];
}
