#include "tui/config.h"

#include "lumpscope/file.h"
#include "lumpscope/text.h"
#include "tui/actions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONFIG_LIMIT = 1 << 20 };

/* What the command line asked for, and all of a session that is taken up. */
static unsigned what_is_held(const struct explorer_options *options) {
    unsigned what = HOLD_START;
    what |= options->named || options->resumed ? HOLD_FILES : 0;
    what |= options->resumed ? HOLD_OPTIONS : 0;
    what |= options->epsilon || options->resumed ? HOLD_EPSILON : 0;
    what |= options->theme ? HOLD_THEME : 0;
    what |= options->mouse ? 0 : HOLD_MOUSE;
    what |= options->script ? HOLD_SCRIPT : 0;
    return what;
}

static bool run_line(struct ui *ui, const char *line, struct error *error) {
    const char *first = line + strspn(line, " \t");
    return *first == '#' || actions_try(ui, first, error) != COMMAND_FAILED;
}

/* Runs all lines; the first failure is in `error`. Returns how many there were. */
static size_t run_lines(struct ui *ui, const char *text, struct error *error) {
    size_t number = 0, failures = 0;
    struct text line = {0};
    ui->settings = (struct command_held){what_is_held(ui->options), ui->options->choices};
    ui->held = &ui->settings;
    while (text_line_next(&text, &line)) {
        struct error later = {0}, *reason = failures ? &later : error;
        number++;
        if (run_line(ui, line.data, reason))
            continue;
        failures++;
        error_prefix(reason, "%s:%zu", ui->options->config, number);
    }
    ui->held = NULL;
    text_free(&line);
    return failures;
}

/* An option the command line gave, unless it is in force. */
static void give_again(struct ui *ui, enum option_id option) {
    struct text given = {0}, current = {0};
    struct options options;
    session_options(ui->session, &options);
    options_value(&ui->options->choices->value, option, &given);
    options_value(&options, option, &current);
    if (given.data && current.data && strcmp(given.data, current.data) != 0)
        session_set_option(ui->session, option, given.data, NULL);
    text_free(&given);
    text_free(&current);
}

/* Options that lines have turned along with others, and epsilon, which goes with a network. */
static void command_line_wins(struct ui *ui) {
    const struct option_choices *choices = ui->options->choices;
    const double *given = ui->options->epsilon;
    double epsilon;
    if (given && !(session_epsilon(ui->session, &epsilon) && epsilon == *given))
        session_set_epsilon(ui->session, *given);
    for (int i = 0; choices && i < OPTION_COUNT; i++)
        if (choices->given[i])
            give_again(ui, (enum option_id)i);
}

static void say_failures(struct ui *ui, const struct error *error, size_t failures) {
    actions_complain(ui, error);
    size_t length = strlen(ui->notice);
    if (failures > 1)
        snprintf(ui->notice + length, sizeof ui->notice - length, "; %zu more line%s of it fail%s",
                 failures - 1, failures > 2 ? "s" : "", failures > 2 ? "" : "s");
    ui->notice_stays = true;
}

/* A directory that cannot be read may hold settings: that is said. */
static bool is_absent(const char *path) {
    return access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

void config_run(struct ui *ui) {
    const char *path = ui->options->config;
    if (!path || is_absent(path))
        return;
    size_t size, failures;
    struct error error = {0};
    char said[sizeof ui->notice];
    snprintf(said, sizeof said, "%s", ui->notice);
    char *text = file_read_regular(path, CONFIG_LIMIT, &size, &error);
    failures = text ? run_lines(ui, text_behind_mark(text), &error) : 1;
    free(text);
    command_line_wins(ui);
    if (!ui->options->resumed)
        session_begin(ui->session); /* settings are no changes to take back or to save */
    actions_say(ui, said);          /* not what the settings did, one by one */
    if (failures > 0)
        say_failures(ui, &error, failures);
}
