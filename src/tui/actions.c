/* What commands may do to the screen, and running them. */
#include "tui/actions.h"

#include "lumpscope/text.h"
#include "tui/binding.h"
#include "tui/clock.h"
#include "tui/mouse.h"
#include "tui/said.h"
#include "tui/sessions.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A sentence is shown this long, and longer the more there is to read. */
enum { NOTICE_MS = 5000, NOTICE_MS_PER_BYTE = 60 };

void actions_say(void *user, const char *sentence) {
    struct ui *ui = user;
    snprintf(ui->notice, sizeof ui->notice, "%s", sentence);
    text_make_visible(ui->notice);
    ui->notice_is_error = ui->notice_stays = ui->notice_of_move = false;
    ui->notice_since = clock_ms();
}

void actions_format(struct ui *ui, const char *format, ...) {
    char sentence[sizeof ui->notice];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    actions_say(ui, sentence);
}

void actions_complain(struct ui *ui, const struct error *error) {
    actions_say(ui, error->text);
    ui->notice_is_error = true;
}

long actions_notice_left(const struct ui *ui) {
    if (!ui->notice[0] || ui->notice_is_error || ui->notice_stays)
        return -1;
    long length = (long)strlen(ui->notice), shown = clock_ms() - ui->notice_since;
    long left = NOTICE_MS + NOTICE_MS_PER_BYTE * length - shown;
    return left > 0 ? left : 0;
}

static void ui_prompt(void *user, const char *text) {
    struct ui *ui = user;
    struct prompt_choices choices = {ui->snapshot, ui->layer, ui->options->theme_directories};
    prompt_start(ui->prompt, text, &choices);
}

static bool ui_theme(void *user, const char *name, struct error *error) {
    struct ui *ui = user;
    if (!name)
        return chooser_open(ui, error);
    if (!theme_load(&ui->theme, name, ui->options->theme_directories, error))
        return false;
    screen_set_theme(ui->screen, &ui->theme);
    if (screen_colours(ui->screen))
        actions_format(ui, "theme %s", ui->theme.name);
    else
        actions_say(ui, "this terminal shows no colours: themes all look alike");
    return true;
}

static bool ui_help(void *user, const char *topic, struct error *error) {
    struct ui *ui = user;
    const struct explorer_command *command = NULL;
    if (topic && !help_knows(topic) && !(command = command_find(topic, error)))
        return false;
    ui->help = topic || !ui->help;
    ui->help_scroll = 0;
    snprintf(ui->help_topic, sizeof ui->help_topic, "%s",
             command ? command->name
             : topic ? topic
                     : "");
    return true;
}

static bool ui_pane(void *user, const char *name, struct error *error) {
    struct ui *ui = user;
    int step = !strcmp(name, "next") ? 1 : !strcmp(name, "previous") ? PANE_COUNT - 1 : 0;
    ui->help = ui->plot_full = false;
    ui->trail_count = 0;
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
    const struct view *view = view_of(ui, ui_focus(ui));
    if (ui->chooser.open)
        chooser_move(ui, down);
    else if (ui->help)
        ui->help_scroll += down; /* the frame keeps it inside the page */
    else if (view->move)
        view->move(ui, down, right);
}

/* The first cell of the next or previous class, as seen from cell `at`. */
static size_t next_class(const struct cells *cells, size_t at, int step) {
    uint32_t from = cells->items[at].class_id;
    size_t next = cells_step(cells, at, step);
    for (; next != at && cells->items[at].class_id == from; next = cells_step(cells, at, step))
        at = next;
    while (at > 0 && cells->items[at - 1].class_id == cells->items[at].class_id)
        at--;
    return at;
}

static void ui_neuron(void *user, int step, bool classes) {
    struct ui *ui = user;
    size_t at = cells_find(&ui->cells, ui->neuron);
    if (at == ui->cells.count)
        return;
    at = classes ? next_class(&ui->cells, at, step) : cells_step(&ui->cells, at, step);
    ui_choose_neuron(ui, ui->cells.items[at].neuron);
}

static size_t ui_row(void *user) {
    return ((struct ui *)user)->row;
}

static bool ui_row_chosen(void *user, size_t row) {
    return ui_choose_row(user, row);
}

static bool ui_neuron_chosen(void *user, size_t neuron) {
    struct ui *ui = user;
    if (ui->layer == 0 || neuron >= ui->snapshot->layers[ui->layer - 1].neurons)
        return false;
    ui_choose_neuron(ui, neuron);
    ui->plot_full = false; /* it is not seen there */
    return true;
}

static void ui_sort(void *user, int by_size) {
    struct ui *ui = user;
    ui->by_size = by_size < 0 ? !ui->by_size : by_size;
    ui->inspector_line = ui->inspector_scroll = 0;
    actions_say(ui, ui->by_size ? "the inspector lists the largest first"
                                : "the inspector lists in order");
}

static size_t ui_search(void *user, char *what) {
    struct ui *ui = user;
    if (!*what)
        snprintf(what, COMMAND_SEARCH_SIZE, "%s", ui->searched);
    bool same = !strcmp(what, ui->searched);
    ui->searched_again = same ? ui->searched_again + 1 : 0;
    snprintf(ui->searched, sizeof ui->searched, "%s", what);
    return ui->searched_again;
}

static bool ui_choose_class(void *user, size_t number) {
    struct ui *ui = user;
    for (size_t i = 0; i < ui->cells.count; i++)
        if (ui->cells.items[i].class_id == number) {
            ui_choose_neuron(ui, ui->cells.items[i].neuron);
            return true;
        }
    return false;
}

static void ui_enter(void *user) {
    struct ui *ui = user;
    const struct view *view = view_of(ui, ui_focus(ui));
    if (ui->chooser.open)
        chooser_close(ui, true);
    else if (!ui->help && view->enter)
        view->enter(ui);
}

/* To the neuron one came from in the inspector; false when there is none that still exists. */
static bool walk_back(struct ui *ui) {
    while (ui->trail_count > 0) {
        struct place from = ui->trail[--ui->trail_count];
        if (!ui_choose_layer(ui, from.layer) || !ui_neuron_chosen(ui, from.neuron))
            continue;
        ui->inspector_line = from.line;
        ui->inspector_scroll = from.scroll;
        return true;
    }
    return false;
}

static void ui_plot(void *user, int on) {
    struct ui *ui = user;
    ui->plot_full = on < 0 ? !ui->plot_full : on;
    ui->plot_cursor = NAN;
}

static bool ui_close(void *user) {
    struct ui *ui = user;
    bool something = ui->chooser.open || ui->help;
    chooser_close(ui, false);
    ui->help = false;
    return something;
}

static bool ui_back(void *user) {
    struct ui *ui = user;
    bool somewhere = ui->plot_full || ui->pane != PANE_LAYERS;
    if (ui->plot_full)
        ui_plot(ui, 0);
    else if (ui->pane != PANE_INSPECTOR || !walk_back(ui))
        ui->pane = ui->pane == PANE_INSPECTOR ? PANE_CLASSES : PANE_LAYERS;
    return somewhere;
}

static void ui_zoom(void *user, int step) {
    struct ui *ui = user;
    const struct view *view = view_of(ui, PANE_CLASSES);
    if (view->zoom)
        view->zoom(ui, step);
}

static void ui_mouse(void *user, int on) {
    struct ui *ui = user;
    mouse_drop(ui);
    screen_set_mouse(ui->screen, on < 0 ? !screen_mouse(ui->screen) : on);
    actions_say(ui, screen_mouse(ui->screen)
                        ? "mouse taken"
                        : "mouse released: text can be selected; M takes it back");
}

/* On a narrow screen the inspector makes room for what was asked for. */
static void show_middle(struct ui *ui, enum middle middle) {
    ui->middle = middle;
    ui->plot_full = false;
    if (!layout_has(&ui->layout, PANE_CLASSES))
        ui->pane = PANE_CLASSES;
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
    show_middle(ui, (enum middle)middle);
    return true;
}

static void ui_weights(void *user, bool sent) {
    struct ui *ui = user;
    ui->weights_sent = sent;
    show_middle(ui, MIDDLE_WEIGHTS);
}

static const char *ui_shown(void *user, const char *what) {
    const struct ui *ui = user;
    return !strcmp(what, "view")   ? middle_names[ui->middle]
           : !strcmp(what, "pane") ? pane_names[ui->pane]
           : ui->plot_full         ? "on"
                                   : "off";
}

static void ui_redraw(void *user) {
    screen_redraw(((struct ui *)user)->screen);
}

static const struct command_ui command_ui = {
    .prompt = ui_prompt,
    .theme = ui_theme,
    .help = ui_help,
    .pane = ui_pane,
    .layer = ui_layer,
    .choose_layer = ui_layer_chosen,
    .move = ui_move,
    .neuron = ui_neuron,
    .row = ui_row,
    .choose_row = ui_row_chosen,
    .choose_class = ui_choose_class,
    .bind = binding_add,
    .unbind = binding_remove,
    .enter = ui_enter,
    .close = ui_close,
    .back = ui_back,
    .zoom = ui_zoom,
    .mouse = ui_mouse,
    .view = ui_middle,
    .weights = ui_weights,
    .plot = ui_plot,
    .redraw = ui_redraw,
    .say = actions_say,
    .choose_neuron = ui_neuron_chosen,
    .sort = ui_sort,
    .search = ui_search,
    .shown = ui_shown,
    .resume = sessions_resume,
};

/* What was said is seen and over with what is done next. */
bool actions_clear_notice(struct ui *ui) {
    bool noticed = ui->notice[0];
    ui->notice[0] = '\0';
    ui->notice_is_error = ui->notice_stays = ui->notice_of_move = false;
    return noticed;
}

struct command_context actions_context(struct ui *ui) {
    return (struct command_context){ui->session, &command_ui, ui, ui->player, ui->held};
}

void actions_finish(struct ui *ui, enum command_outcome outcome, const struct error *error) {
    if (outcome == COMMAND_FAILED)
        actions_complain(ui, error);
    ui->quit = ui->quit || outcome == COMMAND_QUIT;
    ui_take_snapshot(ui); /* a command that looked at it has used up its wake */
}

enum command_outcome actions_try(struct ui *ui, const char *line, struct error *error) {
    struct command_context context = actions_context(ui);
    /* Keys can come faster than frames: the cursor moves along the cells of the layer as it is. */
    cells_update(&ui->cells, ui->snapshot, ui->layer, ui->zoom, ui->cells.room_rows,
                 ui->cells.room_columns);
    return command_run(&context, line, error);
}

void actions_run(struct ui *ui, const char *line) {
    struct error error = {0};
    struct said_screen before = said_before(ui);
    bool noticed = actions_clear_notice(ui) || ui->offer[0];
    sessions_pass_by(ui, line);
    enum command_outcome outcome = actions_try(ui, line, &error);
    if (outcome != COMMAND_FAILED && !ui->notice[0])
        said_of_screen(ui, &before);
    actions_finish(ui, outcome, &error);
    /* When only a snapshot can show what was done, a frame drawn now would put off the next one. */
    ui->dirty = ui->dirty || outcome != COMMAND_DONE || noticed || ui->notice[0];
}

void actions_run_format(struct ui *ui, const char *format, ...) {
    char line[256];
    va_list values;
    va_start(values, format);
    vsnprintf(line, sizeof line, format, values);
    va_end(values);
    actions_run(ui, line);
}
