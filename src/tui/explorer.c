/* The loop: waits for keys, snapshots and signals; runs commands; draws at most one frame in 4 ms.
 */
#include "lumpscope/explorer.h"

#include "lumpscope/file.h"
#include "lumpscope/text.h"
#include "tui/keys.h"
#include "tui/signals.h"
#include "tui/ui.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FRAME_MS = 4 };

/* ---- What commands may do to the screen ---- */

static void ui_say(void *user, const char *sentence) {
    struct ui *ui = user;
    snprintf(ui->notice, sizeof ui->notice, "%s", sentence);
    text_make_visible(ui->notice);
    ui->notice_is_error = false;
}

static void ui_complain(struct ui *ui, const struct error *error) {
    ui_say(ui, error->text);
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
    ui_say(ui, list.data ? list.data : "");
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
    ui_say(ui, screen_colours(ui->screen) ? ""
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

/* Panes in which something can be done; Tab passes the others by. */
static bool pane_is_active(enum pane pane) {
    return view_of(pane)->move != NULL;
}

static bool ui_pane(void *user, const char *name, struct error *error) {
    struct ui *ui = user;
    int step = !strcmp(name, "next") ? 1 : !strcmp(name, "previous") ? PANE_COUNT - 1 : 0;
    ui->help = false;
    if (step) {
        do
            ui->pane = (enum pane)(((int)ui->pane + step) % PANE_COUNT);
        while (!pane_is_active(ui->pane));
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
    const struct view *view = view_of(ui->pane);
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

static void ui_enter(void *user) {
    struct ui *ui = user;
    const struct view *view = view_of(ui->pane);
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
    ui_say(ui, screen_mouse(ui->screen) ? "mouse taken"
                                        : "mouse released: text can be selected; M takes it back");
}

static void ui_redraw(void *user) {
    screen_redraw(((struct ui *)user)->screen);
}

static const struct command_ui command_ui = {
    ui_prompt, ui_theme, ui_help, ui_pane, ui_layer, ui_layer_chosen, ui_move,
    ui_neuron, ui_enter, ui_back, ui_zoom, ui_mouse, ui_redraw,       ui_say};

/* ---- Snapshots ---- */

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
        ui_say(ui, "opened without data: :data FILE adds it");
    if (snapshot->analysed && !ui->greeted && !ui->notice_is_error)
        greet(ui);
}

static void take_snapshot(struct ui *ui) {
    struct snapshot *old = ui->snapshot;
    ui->snapshot = session_latest(ui->session);
    if (old && old->serial == ui->snapshot->serial) {
        snapshot_release(old);
        return;
    }
    if (ui->snapshot->message_serial != ui->message_seen) {
        ui->message_seen = ui->snapshot->message_serial;
        ui_say(ui, ui->snapshot->message);
        ui->notice_is_error = ui->snapshot->message_is_error;
    }
    welcome(ui, old);
    keep_choice_valid(ui);
    snapshot_release(old);
    ui->dirty = true;
}

/* ---- Commands ---- */

/* What was said is seen and over with what is done next. */
static bool clear_notice(struct ui *ui) {
    bool noticed = ui->notice[0];
    ui->notice[0] = '\0';
    ui->notice_is_error = false;
    return noticed;
}

static void run_command(struct ui *ui, const char *line) {
    struct command_context context = {ui->session, &command_ui, ui};
    struct error error = {0};
    bool noticed = clear_notice(ui);
    enum command_outcome outcome = command_run(&context, line, &error);
    if (outcome == COMMAND_FAILED)
        ui_complain(ui, &error);
    ui->quit = ui->quit || outcome == COMMAND_QUIT;
    take_snapshot(ui); /* a command that looked at it has used up its wake */
    /* When only a snapshot can show what was done, a frame drawn now would put off the next one. */
    ui->dirty = ui->dirty || outcome != COMMAND_DONE || noticed || ui->notice[0];
}

/* ---- Input ---- */

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
            ui->help_scroll += steps[i].step;
            ui->help_scroll = ui->help_scroll < 0 ? 0 : ui->help_scroll;
            return true;
        }
    return false;
}

static void handle_prompt(struct ui *ui, const struct input *input) {
    char *line;
    if (prompt_key(ui->prompt, input, &line) && line)
        run_command(ui, line);
    free(line);
}

static void handle_key(struct ui *ui, const struct input *input) {
    const char *command = keys_command(input->key, ui->pane);
    char name[INPUT_NAME_SIZE], sentence[64];
    if (prompt_is_open(ui->prompt)) {
        ui->dirty = true;
        handle_prompt(ui, input);
        return;
    }
    if (ui->help && help_key(ui, input->key)) {
        clear_notice(ui);
        ui->dirty = true;
        return;
    }
    if (command) {
        run_command(ui, command);
        return;
    }
    ui->dirty = true;
    snprintf(sentence, sizeof sentence, "the key %s does nothing here; ? lists the keys",
             input_key_name(input->key, name));
    ui_say(ui, sentence);
}

/* What is pasted never acts as keys. */
static void handle_paste(struct ui *ui, const struct input *input) {
    ui->dirty = true;
    if (prompt_is_open(ui->prompt))
        prompt_paste(ui->prompt, input->key);
    else
        ui_say(ui, "pasted text goes into the command line only: press : first");
}

static void slide_to(struct ui *ui, int column) {
    if (!ui->snapshot->analysed)
        return;
    session_set_epsilon(ui->session, slider_epsilon_at(ui, &ui->layout.slider, column));
}

static void handle_press(struct ui *ui, int row, int column) {
    if (area_contains(&ui->layout.slider, row, column) && row > ui->layout.slider.row) {
        ui->dragging = true;
        slide_to(ui, column);
        return;
    }
    for (int i = 0; i < PANE_COUNT; i++) {
        const struct area *area = &ui->layout.pane[i];
        if (!area_contains(area, row, column))
            continue;
        if (pane_is_active((enum pane)i))
            ui->pane = (enum pane)i;
        if (view_of((enum pane)i)->click)
            view_of((enum pane)i)->click(ui, area, row - area->row, column - area->column);
    }
}

static void handle_mouse(struct ui *ui, const struct input *input) {
    if (ui->layout.too_small || prompt_is_open(ui->prompt))
        return;
    if (input->action != MOUSE_RELEASE)
        clear_notice(ui);
    bool wheel = input->action == MOUSE_WHEEL_UP || input->action == MOUSE_WHEEL_DOWN;
    if (wheel && ui->help)
        help_key(ui, input->action == MOUSE_WHEEL_UP ? INPUT_KEY_UP : INPUT_KEY_DOWN);
    else if (wheel && area_contains(&ui->layout.slider, input->row, input->column))
        session_step(ui->session, input->action == MOUSE_WHEEL_UP ? 1 : -1);
    else if (wheel)
        ui_move(ui, input->action == MOUSE_WHEEL_UP ? -1 : 1, 0);
    else if (input->action == MOUSE_PRESS && !ui->help)
        handle_press(ui, input->row, input->column);
    else if (input->action == MOUSE_DRAG && ui->dragging)
        slide_to(ui, input->column);
    else if (input->action == MOUSE_RELEASE)
        ui->dragging = false;
}

/* Where nothing is seen nothing is done, but leaving. */
static void handle_small(struct ui *ui, const struct input *input) {
    if (input->key == 'q')
        ui->quit = true;
    else if (input->key == ('l' & 0x1f)) {
        ui_redraw(ui);
        ui->dirty = true;
    }
}

static void handle_input(struct ui *ui) {
    struct input input;
    while (!ui->quit && screen_read(ui->screen, &input)) {
        if (input.kind == INPUT_MOUSE) {
            ui->dirty = true;
            handle_mouse(ui, &input);
        } else if (ui->layout.too_small && !input.pasted)
            handle_small(ui, &input);
        else if (ui->layout.too_small)
            continue;
        else if (input.pasted)
            handle_paste(ui, &input);
        else
            handle_key(ui, &input);
    }
}

/* ---- Drawing ---- */

/* Brings the cursor's row into sight, and no further down than there are rows. */
static void follow_cursor(struct ui *ui, int rows) {
    size_t at = cells_find(&ui->cells, ui->neuron);
    if (at < ui->cells.count) {
        int row = ui->cells.items[at].row / (ui->cells.zoom == ZOOM_HALF ? 2 : 1);
        if (row < ui->classes_scroll)
            ui->classes_scroll = row;
        if (row >= ui->classes_scroll + rows)
            ui->classes_scroll = row - rows + 1;
    }
    if (ui->classes_scroll > ui->cells.rows - rows)
        ui->classes_scroll = ui->cells.rows - rows;
    if (ui->classes_scroll < 0)
        ui->classes_scroll = 0;
}

static void arrange(struct ui *ui) {
    struct area whole = screen_area(ui->screen);
    layout_compute(&ui->layout, whole, ui->pane, header_rows(ui, whole.columns));
    if (ui->layout.too_small)
        return;
    const struct area *area = &ui->layout.pane[PANE_CLASSES];
    if (!layout_has(&ui->layout, PANE_CLASSES))
        area = &ui->layout.pane[PANE_INSPECTOR]; /* lies in its place: Left and Right still work */
    cells_update(&ui->cells, ui->snapshot, ui->layer, ui->zoom, area->rows - 1, area->columns - 1);
    follow_cursor(ui, area->rows - 1);
}

static void draw_panes(struct ui *ui) {
    char titles[PANE_COUNT][160];
    for (int i = 0; i < PANE_COUNT; i++)
        view_of((enum pane)i)
            ->title(ui, layout_title_columns(&ui->layout.pane[i]), titles[i], sizeof titles[i]);
    layout_draw_frames(&ui->layout, ui->screen, ui->pane, titles);
    for (int i = 0; i < PANE_COUNT; i++)
        if (layout_has(&ui->layout, (enum pane)i))
            view_of((enum pane)i)->draw(ui, &ui->layout.pane[i]);
}

static void draw_all(struct ui *ui) {
    const struct layout *layout = &ui->layout;
    if (layout->too_small) {
        too_small_draw(ui, &layout->whole);
        return;
    }
    header_draw(ui, &layout->header);
    slider_draw(ui, &layout->slider);
    struct area over = {layout->pane[PANE_LAYERS].row - 1, 0, 0, layout->whole.columns};
    over.rows = layout->status.row - over.row;
    if (ui->help)
        help_draw(ui, &over);
    else
        draw_panes(ui);
    if (prompt_is_open(ui->prompt))
        prompt_draw(ui->prompt, ui->screen, &layout->status);
    else
        status_draw(ui, &layout->status);
}

static void draw_frame(struct ui *ui) {
    arrange(ui);
    screen_begin(ui->screen);
    draw_all(ui);
    screen_end(ui->screen);
    ui->dirty = false;
}

/* ---- The loop ---- */

/* Returns the signal that ends the program, 0 to go on. */
static int handle_signals(struct ui *ui) {
    for (int number; (number = signals_next()) != 0; ui->dirty = true) {
        if (number == SIGWINCH)
            screen_resize(ui->screen);
        else if (number == SIGTSTP)
            screen_suspend(ui->screen);
        else if (number == SIGCONT)
            screen_resume(ui->screen);
        else if (number == SIGINT && prompt_is_open(ui->prompt))
            prompt_cancel(ui->prompt);
        else
            return number;
    }
    return 0;
}

static long now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Waits until something happens or the next frame is due; false when the terminal is gone. */
static bool wait_for_events(struct ui *ui, long next_frame) {
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                           {.fd = session_wake_descriptor(ui->session), .events = POLLIN},
                           {.fd = signals_descriptor(), .events = POLLIN}};
    long left = next_frame - now_ms();
    int timeout = ui->dirty ? (left > 0 ? (int)left : 0) : -1;
    if (poll(fds, 3, timeout) < 0)
        return errno == EINTR;
    if (fds[0].revents & POLLIN)
        handle_input(ui);
    if (fds[1].revents & POLLIN)
        take_snapshot(ui);
    /* A terminal that is gone stays readable for ever: its end counts before its input. */
    return !(fds[0].revents & (POLLHUP | POLLERR | POLLNVAL));
}

/* Returns the signal that ends the program, 0 when the user quit. */
static int loop(struct ui *ui) {
    long next_frame = 0;
    while (!ui->quit) {
        if (ui->dirty && now_ms() >= next_frame) {
            draw_frame(ui);
            next_frame = now_ms() + FRAME_MS;
        }
        bool alive = wait_for_events(ui, next_frame);
        int number = handle_signals(ui);
        if (number)
            return number;
        if (!alive)
            return SIGHUP;
    }
    return 0;
}

/* ---- Starting and ending ---- */

/* Some terminals tell their colours as "foreground;background" of the sixteen. */
static const char *default_theme(void) {
    const char *colours = getenv("COLORFGBG");
    const char *background = colours ? strrchr(colours, ';') : NULL;
    bool light = background && (!strcmp(background, ";7") || !strcmp(background, ";15"));
    return light ? "light" : "dark";
}

/* A theme asked for by name must be there; without the usual one the screen is plain. */
static bool start_theme(struct ui *ui, struct error *error) {
    theme_plain(&ui->theme);
    if (ui->options->theme)
        return theme_load(&ui->theme, ui->options->theme, ui->options->theme_directories, error);
    theme_load(&ui->theme, default_theme(), ui->options->theme_directories, NULL);
    return true;
}

static bool ui_start(struct ui *ui, struct error *error) {
    const struct explorer_options *options = ui->options;
    ui->zoom = ZOOM_AUTO;
    ui->pane = PANE_LAYERS;
    ui->greeted = !options->history || file_exists(options->history);
    if (!start_theme(ui, error))
        return false;
    ui->prompt = prompt_new(options->history, options->theme_directories, error);
    if (!ui->prompt)
        return false;
    ui->screen = screen_open(options->colour, options->ascii, options->mouse, error);
    if (!ui->screen)
        return false;
    screen_set_theme(ui->screen, &ui->theme);
    take_snapshot(ui);
    return true;
}

/* The history is saved while signals are still caught: the hang-up of a terminal comes more than
 * once, and the second one would end the program in the middle of it. */
static void ui_end(struct ui *ui) {
    if (ui->screen)
        prompt_save(ui->prompt);
    screen_close(ui->screen);
    prompt_free(ui->prompt);
    snapshot_release(ui->snapshot);
    cells_free(&ui->cells);
}

int explorer_run(struct session *session, const struct explorer_options *options) {
    struct ui ui = {.session = session, .options = options};
    struct error error = {0};
    bool started = ui_start(&ui, &error);
    int number = started ? loop(&ui) : 0;
    ui_end(&ui);
    if (!started) {
        fprintf(stderr, "lumpscope: %s\n", error.text);
        return (int)error.kind;
    }
    if (number)
        signals_die(number);
    return 0;
}
