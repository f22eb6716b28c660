#include "lumpscope/command.h"

#include "lumpscope/epsilon_scale.h"
#include "lumpscope/file.h"
#include "lumpscope/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define HANDLER(name)                                                                              \
    static enum command_outcome name(struct command_context *context, size_t count,                \
                                     const char *const *arguments, struct error *error)

/* The same, run only when `check` finds everything there that it needs. */
#define HANDLER_WHEN(check, name)                                                                  \
    HANDLER(name##_checked);                                                                       \
    HANDLER(name) {                                                                                \
        return check(context, error) ? name##_checked(context, count, arguments, error)            \
                                     : COMMAND_FAILED;                                             \
    }                                                                                              \
    HANDLER(name##_checked)

static void unused(const void *context, size_t count, const void *arguments, const void *error) {
    (void)context, (void)count, (void)arguments, (void)error;
}
#define UNUSED() unused(context, count, arguments, error)

static void say(struct command_context *context, const char *sentence) {
    if (context->ui)
        context->ui->say(context->user, sentence);
}

static enum command_outcome fail(struct error *error, const char *sentence) {
    error_set(error, ERROR_USAGE, "%s", sentence);
    return COMMAND_FAILED;
}

/* After the first analysis was stopped or failed there is nothing to move along and to measure. */
static bool check_analysed(struct command_context *context, struct error *error) {
    struct snapshot *snapshot = session_latest(context->session);
    bool stopped = snapshot->network && !snapshot->analysed && snapshot->work == WORK_IDLE;
    snapshot_release(snapshot);
    return !stopped || error_set(error, ERROR_USAGE,
                                 "not analysed: press r or :set OPTION VALUE to start again");
}

/* Errors can be measured, as far as that is known. */
static bool check_judged(struct command_context *context, struct error *error) {
    struct snapshot *snapshot = session_latest(context->session);
    bool lacks = snapshot_lacks_targets(snapshot);
    snapshot_release(snapshot);
    if (lacks)
        return error_set(error, ERROR_USAGE,
                         "the data has no target columns, so that no error can be measured: "
                         ":data FILE opens data with a column for every output");
    return check_analysed(context, error);
}

/* ---- Model and data ---- */

static void recipe_defaults(struct data_recipe *recipe) {
    *recipe = (struct data_recipe){0};
    data_recipe_defaults(recipe);
}

HANDLER(run_open) {
    UNUSED();
    struct data_recipe recipe;
    recipe_defaults(&recipe);
    session_open(context->session, arguments[0], count > 1 ? arguments[1] : NULL, &recipe);
    data_recipe_free(&recipe);
    return COMMAND_DONE;
}

HANDLER(run_data) {
    UNUSED();
    struct data_recipe recipe;
    recipe_defaults(&recipe);
    session_data(context->session, arguments[0], &recipe);
    data_recipe_free(&recipe);
    return COMMAND_DONE;
}

HANDLER_WHEN(check_analysed, run_write) {
    UNUSED();
    if (file_exists(arguments[0]))
        return fail(error, "that file exists; write! FILE replaces it");
    session_write(context->session, arguments[0]);
    return COMMAND_DONE;
}

HANDLER_WHEN(check_analysed, run_replace) {
    UNUSED();
    session_write(context->session, arguments[0]);
    return COMMAND_DONE;
}

/* ---- Options ---- */

bool command_option_value(enum option_id option, size_t index, char *out) {
    const char *values = option_descriptions[option].values;
    if (!values || !strchr(values, '|'))
        return false;
    for (; index > 0; index--) {
        values = strchr(values, '|');
        if (!values)
            return false;
        values++;
    }
    snprintf(out, 32, "%.*s", (int)strcspn(values, "|"), values);
    return true;
}

static bool find_option(const char *name, enum option_id *option, struct error *error) {
    *option = option_find(name);
    if (*option != OPTION_COUNT)
        return true;
    struct text list = {0};
    for (size_t i = 0; i < OPTION_COUNT; i++)
        text_format(&list, "%s%s", i ? ", " : "", option_descriptions[i].name);
    error_set(error, ERROR_USAGE, "there is no option \"%s\": choose one of %s", name,
              list.data ? list.data : "");
    text_free(&list);
    return false;
}

static void say_option(struct command_context *context, enum option_id option, const char *value) {
    char sentence[96];
    snprintf(sentence, sizeof sentence, "%s %s", option_descriptions[option].name, value);
    say(context, sentence);
}

/* "relation joint; it takes forward|backward|joint: which neurons count as equivalent". A script,
 * which has nobody to tell, has left the value out. */
static enum command_outcome say_values(struct command_context *context, enum option_id option,
                                       struct error *error) {
    const struct option_description *described = &option_descriptions[option];
    struct text value = {0}, sentence = {0};
    struct options options;
    session_options(context->session, &options);
    options_value(&options, option, &value);
    const char *current = value.data ? value.data : "";
    text_format(&sentence, "%s %s; it takes %s: %s", described->name,
                strcmp(current, "null") ? current : "does not apply", described->values,
                described->help);
    say(context, sentence.data ? sentence.data : "");
    if (!context->ui)
        error_set(error, ERROR_USAGE, "%s", sentence.data ? sentence.data : "");
    text_free(&value);
    text_free(&sentence);
    return context->ui ? COMMAND_REDRAW : COMMAND_FAILED;
}

HANDLER(run_set) {
    UNUSED();
    enum option_id option;
    const char *value = count > 1 ? arguments[1] : "";
    if (!find_option(arguments[0], &option, error))
        return COMMAND_FAILED;
    if (count == 1 && *option_descriptions[option].values)
        return say_values(context, option, error);
    if (!session_set_option(context->session, option, value, error))
        return COMMAND_FAILED;
    say_option(context, option, value);
    return COMMAND_DONE;
}

static size_t option_index(enum option_id option, const char *current) {
    char value[32];
    for (size_t i = 0; command_option_value(option, i, value); i++)
        if (!strcmp(value, current))
            return i;
    return 0;
}

/* The next value that fits the other options; when none does, the reason of the first. */
static enum command_outcome cycle_option(struct command_context *context, enum option_id option,
                                         const char *current, struct error *error) {
    char value[32];
    size_t count = 0, start = option_index(option, current);
    while (command_option_value(option, count, value))
        count++;
    for (size_t i = 1; i < count; i++) {
        struct error later, *reason = i == 1 ? error : &later;
        command_option_value(option, (start + i) % count, value);
        if (session_set_option(context->session, option, value, reason)) {
            say_option(context, option, value);
            return COMMAND_DONE;
        }
    }
    return COMMAND_FAILED;
}

HANDLER(run_cycle) {
    UNUSED();
    enum option_id option;
    if (!find_option(arguments[0], &option, error))
        return COMMAND_FAILED;
    struct text current = {0};
    struct options options;
    session_options(context->session, &options);
    options_value(&options, option, &current);
    enum command_outcome outcome =
        cycle_option(context, option, current.data ? current.data : "", error);
    text_free(&current);
    return outcome;
}

/* Every locked layer with `layer` the other way round: "1,3", or "none". */
static void locked_layers(const struct options *options, size_t hidden, size_t layer,
                          struct text *out) {
    for (size_t l = 1; l <= hidden; l++)
        if (options_locked(options, l) != (l == layer))
            text_format(out, "%s%zu", out->length ? "," : "", l);
    if (out->length == 0)
        text_append(out, "none");
}

static bool chosen_layer(struct command_context *context, size_t count,
                         const char *const *arguments, size_t *layer, struct error *error) {
    *layer = 0;
    if (count > 0 && (!text_to_size(arguments[0], layer) || *layer == 0))
        return error_set(error, ERROR_USAGE, "\"%s\" is not a layer: layers are numbered from 1",
                         arguments[0]);
    if (count == 0 && context->ui)
        *layer = context->ui->layer(context->user);
    if (*layer == 0)
        return error_set(error, ERROR_USAGE, "say which layer: lock 2");
    return true;
}

HANDLER(run_lock) {
    UNUSED();
    size_t layer;
    if (!chosen_layer(context, count, arguments, &layer, error))
        return COMMAND_FAILED;
    struct text list = {0};
    struct snapshot *snapshot = session_latest(context->session);
    struct options options;
    session_options(context->session, &options);
    bool exists = layer <= snapshot->hidden, was_locked = options_locked(&options, layer);
    locked_layers(&options, snapshot->hidden, layer, &list);
    snapshot_release(snapshot);
    char sentence[64];
    snprintf(sentence, sizeof sentence, "layer %zu %s", layer, was_locked ? "unlocked" : "locked");
    bool done =
        exists && list.data && session_set_option(context->session, OPTION_LOCK, list.data, error);
    text_free(&list);
    if (!exists)
        return fail(error, "there is no such hidden layer to lock");
    if (done)
        say(context, sentence);
    return done ? COMMAND_DONE : COMMAND_FAILED;
}

/* ---- Epsilon ---- */

HANDLER_WHEN(check_analysed, run_eps) {
    UNUSED();
    double epsilon;
    if (!text_to_double(arguments[0], &epsilon) || epsilon < 0)
        return fail(error, "epsilon is a number of at least 0, for example eps 0.05");
    session_set_epsilon(context->session, epsilon);
    return COMMAND_DONE;
}

HANDLER_WHEN(check_analysed, run_budget) {
    UNUSED();
    double percent;
    if (!text_to_percent(arguments[0], &percent) || percent < 0 || percent > 100)
        return fail(error, "the budget is the size to stay below in percent of the parameters, 0 "
                           "to 100, for example budget 30%");
    session_budget(context->session, percent);
    return COMMAND_DONE;
}

HANDLER_WHEN(check_judged, run_loss) {
    UNUSED();
    double percent;
    if (!text_to_percent(arguments[0], &percent) || percent < 0)
        return fail(error, "the loss is how much the test error may grow in percent, at least 0, "
                           "for example loss 5%");
    session_loss(context->session, percent);
    return COMMAND_DONE;
}

HANDLER_WHEN(check_analysed, run_exact) {
    UNUSED();
    session_exact(context->session);
    return COMMAND_DONE;
}

static enum command_outcome step(struct command_context *context, int sign, size_t count,
                                 const char *const *arguments, struct error *error) {
    size_t times = 1;
    if (count > 0 && (!text_to_size(arguments[0], &times) || times == 0 || times > 1000000))
        return fail(error, "the number of merge events is a whole number of at least 1");
    session_step(context->session, sign * (int)times);
    return COMMAND_DONE;
}

HANDLER_WHEN(check_analysed, run_next_event) {
    return step(context, 1, count, arguments, error);
}

HANDLER_WHEN(check_analysed, run_previous_event) {
    return step(context, -1, count, arguments, error);
}

HANDLER_WHEN(check_analysed, run_first_event) {
    UNUSED();
    session_end(context->session, false);
    return COMMAND_DONE;
}

HANDLER_WHEN(check_analysed, run_last_event) {
    UNUSED();
    session_end(context->session, true);
    return COMMAND_DONE;
}

HANDLER_WHEN(check_analysed, run_slide) {
    UNUSED();
    double percent;
    if (!text_to_percent(arguments[0], &percent))
        return fail(error, "say how far to move along the slider, for example slide -10%");
    struct snapshot *snapshot = session_latest(context->session);
    struct epsilon_scale scale = epsilon_scale_of(snapshot);
    double position = epsilon_scale_position(&scale, snapshot->epsilon) + percent / 100;
    snapshot_release(snapshot);
    session_set_epsilon(context->session, epsilon_scale_at(&scale, position));
    return COMMAND_DONE;
}

/* ---- Long work ---- */

HANDLER_WHEN(check_judged, run_sweep) {
    UNUSED();
    size_t points = 40;
    if (count > 0 && (!text_to_size(arguments[0], &points) || points < 2 || points > 10000))
        return fail(error, "the number of points is a whole number from 2 to 10000, for example "
                           "sweep 40");
    session_sweep(context->session, points);
    return COMMAND_DONE;
}

HANDLER(run_cancel) {
    UNUSED();
    session_cancel(context->session);
    return COMMAND_DONE;
}

/* ---- The screen ---- */

HANDLER(run_back) {
    UNUSED();
    struct snapshot *snapshot = session_latest(context->session);
    bool working = snapshot->work != WORK_IDLE;
    snapshot_release(snapshot);
    if (working) {
        session_cancel(context->session);
        say(context, "stopped; what was done is kept");
        return COMMAND_REDRAW;
    }
    if (context->ui)
        context->ui->back(context->user);
    return COMMAND_REDRAW;
}

HANDLER(run_layer) {
    UNUSED();
    if (!context->ui)
        return COMMAND_DONE;
    size_t layer = context->ui->layer(context->user);
    if (!strcmp(arguments[0], "down"))
        context->ui->choose_layer(context->user, layer + 1);
    else if (!strcmp(arguments[0], "up"))
        context->ui->choose_layer(context->user, layer > 1 ? layer - 1 : layer);
    else if (!text_to_size(arguments[0], &layer) ||
             !context->ui->choose_layer(context->user, layer))
        return fail(error, "say which hidden layer, numbered from 1, or up or down");
    return COMMAND_REDRAW;
}

HANDLER(run_pane) {
    UNUSED();
    if (context->ui && !context->ui->pane(context->user, arguments[0], error))
        return COMMAND_FAILED;
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
        return fail(error, "say where: left, right, up, down, page-up, page-down, top or bottom");
    if (context->ui)
        context->ui->move(context->user, down, right);
    return COMMAND_REDRAW;
}

HANDLER(run_neuron) {
    UNUSED();
    bool next = !strcmp(arguments[0], "next");
    if (!next && strcmp(arguments[0], "previous") != 0)
        return fail(error, "say next or previous");
    if (context->ui)
        context->ui->neuron(context->user, next ? 1 : -1, false);
    return COMMAND_REDRAW;
}

HANDLER(run_class) {
    UNUSED();
    bool next = !strcmp(arguments[0], "next");
    if (!next && strcmp(arguments[0], "previous") != 0)
        return fail(error, "say next or previous");
    if (context->ui)
        context->ui->neuron(context->user, next ? 1 : -1, true);
    return COMMAND_REDRAW;
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
        return fail(error, "say zoom in or zoom out");
    if (context->ui)
        context->ui->zoom(context->user, in ? 1 : -1);
    return COMMAND_REDRAW;
}

HANDLER(run_mouse) {
    UNUSED();
    int on = count == 0                     ? -1
             : !strcmp(arguments[0], "on")  ? 1
             : !strcmp(arguments[0], "off") ? 0
                                            : 2;
    if (on == 2)
        return fail(error, "say mouse on or mouse off");
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
    char text[128];
    snprintf(text, sizeof text, "%s%s", count ? arguments[0] : "", count ? " " : "");
    if (context->ui)
        context->ui->prompt(context->user, text);
    return COMMAND_REDRAW;
}

HANDLER(run_help) {
    UNUSED();
    if (count > 0 && !command_find(arguments[0], error))
        return COMMAND_FAILED;
    if (context->ui)
        context->ui->help(context->user, count ? arguments[0] : NULL);
    return COMMAND_REDRAW;
}

HANDLER(run_quit) {
    UNUSED();
    return COMMAND_QUIT;
}

/* ---- The table ---- */

const struct explorer_command explorer_commands[] = {
    {"open", "MODEL [DATA]", "open a network, with data if given", COMPLETE_FILE, 1, 2, true,
     run_open},
    {"data", "FILE", "load data for the open network", COMPLETE_FILE, 1, 1, true, run_data},
    {"set", "OPTION VALUE", "set an equivalence option", COMPLETE_OPTION, 1, 2, true, run_set},
    {"eps", "E", "set epsilon", COMPLETE_NOTHING, 1, 1, true, run_eps},
    {"budget", "G%", "best network within G % of the parameters", COMPLETE_NOTHING, 1, 1, true,
     run_budget},
    {"loss", "P%", "smallest network whose test error grows by at most P %", COMPLETE_NOTHING, 1, 1,
     true, run_loss},
    {"exact", "", "largest epsilon that changes no output", COMPLETE_NOTHING, 0, 0, true,
     run_exact},
    {"write", "FILE", "write the reduced network", COMPLETE_FILE, 1, 1, true, run_write},
    {"write!", "FILE", "the same, over a file that exists", COMPLETE_FILE, 1, 1, true, run_replace},
    {"sweep", "[POINTS]", "measure size against error in the background", COMPLETE_NOTHING, 0, 1,
     true, run_sweep},
    {"cancel", "", "stop the work that is running, keep what is done", COMPLETE_NOTHING, 0, 0, true,
     run_cancel},
    {"lock", "[LAYER]", "leave a layer as it is, or let it merge again", COMPLETE_LAYER, 0, 1, true,
     run_lock},
    {"layer", "N|up|down", "choose a hidden layer", COMPLETE_LAYER, 1, 1, true, run_layer},
    {"pane", "NAME|next|previous", "go to a pane", COMPLETE_PANE, 1, 1, true, run_pane},
    {"theme", "[NAME]", "change the colours", COMPLETE_THEME, 0, 1, true, run_theme},
    {"mouse", "[on|off]", "take or release the mouse", COMPLETE_WORD, 0, 1, true, run_mouse},
    {"help", "[COMMAND]", "keys and commands", COMPLETE_COMMAND, 0, 1, true, run_help},
    {"quit", "", "leave the explorer", COMPLETE_NOTHING, 0, 0, true, run_quit},
    {"next-event", "[N]", "epsilon to the next merge event", COMPLETE_NOTHING, 0, 1, false,
     run_next_event},
    {"previous-event", "[N]", "epsilon to the previous merge event", COMPLETE_NOTHING, 0, 1, false,
     run_previous_event},
    {"first-event", "", "epsilon to 0", COMPLETE_NOTHING, 0, 0, false, run_first_event},
    {"last-event", "", "epsilon to the last merge event", COMPLETE_NOTHING, 0, 0, false,
     run_last_event},
    {"slide", "P%", "epsilon by a part of the slider", COMPLETE_NOTHING, 1, 1, false, run_slide},
    {"cycle", "OPTION", "next value of an option", COMPLETE_OPTION, 1, 1, false, run_cycle},
    {"back", "", "stop work, close help, or leave the pane", COMPLETE_NOTHING, 0, 0, false,
     run_back},
    {"move", "DIRECTION", "move in the current pane", COMPLETE_NOTHING, 1, 1, false, run_move},
    {"neuron", "next|previous", "move the cursor by a neuron", COMPLETE_WORD, 1, 1, false,
     run_neuron},
    {"class", "next|previous", "move the cursor by a class", COMPLETE_WORD, 1, 1, false, run_class},
    {"enter", "", "open what is under the cursor", COMPLETE_NOTHING, 0, 0, false, run_enter},
    {"zoom", "in|out", "larger or smaller cells", COMPLETE_WORD, 1, 1, false, run_zoom},
    {"redraw", "", "draw the screen again", COMPLETE_NOTHING, 0, 0, false, run_redraw},
    {"prompt", "[COMMAND]", "open the command line", COMPLETE_NOTHING, 0, 1, false, run_prompt},
};
const size_t explorer_command_count = sizeof explorer_commands / sizeof *explorer_commands;
