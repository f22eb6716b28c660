#include "program_progress.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double first_bar = 0.3, bar_every = 0.1, line_every = 5; /* seconds */
enum { BAR_CELLS = 16, LINE_COLUMNS = 79 };

/* The one thing a signal handler can reach, on whatever thread it runs. */
static atomic_int caught;
static atomic_bool deferred;

/* A second signal during work means it: the work does not listen. */
static void on_signal(int number) {
    if (!deferred || caught)
        _exit(128 + number);
    caught = number;
}

static const int stopping[] = {SIGINT, SIGTERM, SIGHUP};

void program_signals_install(void) {
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is an error of write, which has a sentence */
    for (size_t i = 0; i < sizeof stopping / sizeof *stopping; i++) {
        struct sigaction action;
        if (sigaction(stopping[i], NULL, &action) != 0 || action.sa_handler == SIG_IGN)
            continue;
        action = (struct sigaction){.sa_handler = on_signal, .sa_flags = SA_RESTART};
        sigaction(stopping[i], &action, NULL);
    }
}

void program_signals_defer(bool defer) {
    deferred = defer;
}

int program_signal(void) {
    return caught;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void draw_bar(struct program_progress *state, const char *what, double share) {
    char cells[BAR_CELLS + 1], line[LINE_COLUMNS + 1];
    int full = (int)(share * BAR_CELLS);
    for (int i = 0; i < BAR_CELLS; i++)
        cells[i] = i < full ? '#' : '.';
    cells[BAR_CELLS] = '\0';
    int length = snprintf(line, sizeof line, "[%s] %3.0f %%  %s%s%s", cells, 100 * share, what,
                          *state->detail ? ": " : "", state->detail);
    size_t width = length > LINE_COLUMNS ? LINE_COLUMNS : (size_t)length;
    size_t wipe = state->width > width ? state->width - width : 0;
    fprintf(stderr, "\r%s%*s", line, (int)wipe, "");
    fflush(stderr);
    state->width = width;
}

static void say_line(const struct program_progress *state, const char *what, double share) {
    fprintf(stderr, "%s: %.0f %%%s%s\n", what, 100 * share, *state->detail ? ", " : "",
            state->detail);
}

static bool report(void *user, const char *what, size_t done, size_t total) {
    struct program_progress *state = user;
    if (!what)
        return !program_signal();
    double time = now(), share = total ? (double)done / (double)total : 0;
    share = share > 1 ? 1 : share;
    if (state->terminal && time - state->started >= first_bar && time - state->said >= bar_every) {
        draw_bar(state, what, share);
        state->said = time;
    } else if (!state->terminal && time - state->said >= line_every) {
        say_line(state, what, share);
        state->said = time;
    }
    return !program_signal();
}

static bool is_terminal(void) {
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
}

void program_progress_begin(struct program_progress *state, struct progress *progress) {
    *state = (struct program_progress){.terminal = is_terminal(), .started = now()};
    state->said = state->started;
    *progress = (struct progress){.report = report, .user = state};
}

void program_progress_end(struct program_progress *state) {
    if (state->width)
        fprintf(stderr, "\r%*s\r", (int)state->width, "");
    state->width = 0;
}
