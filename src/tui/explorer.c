/* The loop: waits for keys, snapshots and signals; runs commands; draws at most one frame in 2 ms.
 */
#include "lumpscope/explorer.h"

#include "lumpscope/file.h"
#include "lumpscope/player.h"
#include "tui/actions.h"
#include "tui/clock.h"
#include "tui/config.h"
#include "tui/events.h"
#include "tui/frame.h"
#include "tui/script.h"
#include "tui/sessions.h"
#include "tui/signals.h"
#include "tui/start.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So long a frame waits for a detail that was just asked for: one that is made fast is seen at
 * once, without a pane that is empty, or says that there is work, for the blink of an eye. */
enum { FRAME_MS = 2, DETAIL_MS = 8 };

/* ---- The loop ---- */

/* Returns the signal that ends the program at once, 0 to go on. */
static int handle_signals(struct ui *ui) {
    for (int number; (number = signals_next()) != 0; ui->dirty = true) {
        if (number == SIGWINCH)
            screen_resize(ui->screen);
        else if (number == SIGTSTP)
            screen_suspend(ui->screen);
        else if (number == SIGCONT)
            screen_resume(ui->screen);
        else if (number == SIGINT)
            events_interrupt(ui);
        else
            return number;
    }
    return 0;
}

/* What was said long enough ago makes room for the keys. Milliseconds until that; -1: never. */
static long forget_notice(struct ui *ui) {
    long left = actions_notice_left(ui);
    if (left != 0)
        return left;
    ui->dirty = actions_clear_notice(ui);
    return -1;
}

/* When the next frame is due. `awaited`: since when a detail is, 0 while none is. */
static long frame_due(struct ui *ui, long next_frame, long *awaited) {
    if (!ui_detail_is_next(ui)) {
        *awaited = 0;
        return next_frame;
    }
    if (*awaited == 0)
        *awaited = clock_ms();
    long due = *awaited + DETAIL_MS;
    return due > next_frame ? due : next_frame;
}

/* The earlier of two waits; negative: for ever. */
static long sooner(long a, long b) {
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* How long to wait when nothing happens. `waiting`: the terminal takes no frame now. */
static int wait_ms(struct ui *ui, long next_frame, bool waiting) {
    long now = clock_ms(), left = next_frame > now ? next_frame - now : 0;
    long quiet = sooner(forget_notice(ui), sessions_left(ui, now));
    return (int)sooner(ui->dirty && !waiting ? left : quiet, script_timeout(ui));
}

/* Waits until something happens or the next frame is due; false when the terminal is gone. */
static bool wait_for_events(struct ui *ui, long next_frame) {
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                           {.fd = session_wake_descriptor(ui->session), .events = POLLIN},
                           {.fd = signals_descriptor(), .events = POLLIN},
                           {.fd = -1, .events = POLLOUT}};
    bool waiting = screen_waiting(ui->screen);
    if (waiting)
        fds[3].fd = screen_descriptor(ui->screen);
    if (poll(fds, sizeof fds / sizeof *fds, wait_ms(ui, next_frame, waiting)) < 0)
        return errno == EINTR;
    if (fds[0].revents & POLLIN)
        events_handle(ui);
    if (fds[1].revents & POLLIN)
        ui_take_snapshot(ui);
    if (fds[3].revents)
        screen_write(ui->screen);
    /* A terminal that is gone stays readable for ever: its end counts before its input. */
    return !(fds[0].revents & (POLLHUP | POLLERR | POLLNVAL));
}

/* Returns the signal that ends the program, 0 when the user quit. */
static int loop(struct ui *ui) {
    long next_frame = 0, awaited = 0;
    while (!ui->quit) {
        if (ui->dirty)
            ui_watch(ui);
        if (ui->dirty && !screen_waiting(ui->screen) &&
            clock_ms() >= frame_due(ui, next_frame, &awaited)) {
            frame_draw(ui);
            next_frame = clock_ms() + FRAME_MS;
        }
        bool alive = wait_for_events(ui, frame_due(ui, next_frame, &awaited));
        sessions_save_due(ui, clock_ms());
        int number = handle_signals(ui);
        if (number)
            return number;
        if (!alive)
            return SIGHUP;
        script_step(ui);
    }
    return ui->ended_by;
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

bool ui_start(struct ui *ui, struct error *error) {
    const struct explorer_options *options = ui->options;
    ui->zoom = ZOOM_AUTO;
    ui->plot_cursor = NAN;
    ui->pane = PANE_LAYERS;
    ui->greeted = !options->history || file_exists(options->history);
    if (!start_theme(ui, error) || !keymap_init(&ui->keymap, error))
        return false;
    ui->prompt = prompt_new(options->history, error);
    if (!ui->prompt)
        return false;
    ui->player = player_new(NULL, error);
    if (!ui->player || (options->script && !player_source(ui->player, options->script, error)))
        return false;
    lesson_list_read(&ui->lessons, NULL); /* without memory for it the help lists none */
    ui->screen = screen_open(options->colour, options->ascii, options->mouse, error);
    if (!ui->screen)
        return false;
    screen_set_theme(ui->screen, &ui->theme);
    ui_take_snapshot(ui);
    config_run(ui);
    sessions_start(ui);
    return true;
}

/* History and session are saved while signals are still caught: the hang-up of a terminal comes
 * more than once, and the second one would end the program in the middle of it. */
void ui_end(struct ui *ui) {
    struct error error = {0};
    bool saved = !ui->screen || sessions_end(ui, &error);
    if (ui->screen)
        prompt_save(ui->prompt);
    screen_close(ui->screen);
    if (!saved)
        fprintf(stderr, "lumpscope: %s\n", error.text);
    prompt_free(ui->prompt);
    player_free(ui->player);
    lesson_list_free(&ui->lessons);
    snapshot_release(ui->snapshot);
    cells_free(&ui->cells);
    keymap_free(&ui->keymap);
    theme_names_free(ui->chooser.names);
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
