/* Scripts: playing, recording, and what they say. */
#include "command/handlers.h"

#include "lumpscope/lesson.h"
#include "lumpscope/memory.h"
#include "lumpscope/player.h"
#include "lumpscope/saved.h"
#include "lumpscope/text.h"

#include <errno.h>
#include <string.h>

static bool check_player(struct command_context *context, struct error *error) {
    return context->player ||
           error_set(error, ERROR_USAGE, "scripts are played by the explorer and by lumpscope run");
}

HANDLER_WHEN(check_player, run_source) {
    UNUSED();
    if (!player_source(context->player, arguments[0], error))
        return COMMAND_FAILED;
    if (context->held)
        player_hold(context->player, context->held);
    return COMMAND_REDRAW;
}

/* ---- What scripts say ---- */

HANDLER_WHEN(check_player, run_say) {
    UNUSED();
    bool laid = player_lay(context->player, context, NULL, arguments[0], error);
    return laid ? COMMAND_REDRAW : COMMAND_FAILED;
}

HANDLER_WHEN(check_player, run_try) {
    UNUSED();
    bool laid = player_lay(context->player, context, arguments[0], arguments[1], error);
    return laid ? COMMAND_REDRAW : COMMAND_FAILED;
}

HANDLER_WHEN(check_player, run_answer) {
    UNUSED();
    const struct player_card *card = player_card(context->player);
    if (!player_in_script(context->player) || !card || !card->task)
        return handler_fail(error, "an answer stands in a script, behind the try that it solves");
    return command_run(context, arguments[0], error);
}

/* ---- Recording ---- */

/* "set norm l2" for each of these options that the user gave. Which options take a value depends
 * on the others; here each has one. */
static void append_options(const struct option_choices *choices, size_t count,
                           const enum option_id *options, struct text *out) {
    struct options value = choices->value;
    for (size_t i = 0; i < count; i++) {
        if (!choices->given[options[i]])
            continue;
        value.relation = options[i] == OPTION_RELATION ? choices->value.relation : RELATION_FORWARD;
        value.refit = options[i] == OPTION_REFIT ? choices->value.refit : true;
        text_format(out, "set %s ", option_descriptions[options[i]].name);
        options_value(&value, options[i], out);
        text_append(out, "\n");
    }
}

/* Options that relation joint does not take, before the data makes it the relation: they wait until
 * they mean something again. */
static void append_formal_options(const struct option_choices *choices, struct text *out) {
    static const enum option_id options[] = {OPTION_SCALE, OPTION_NORM, OPTION_BALANCE,
                                             OPTION_RANK};
    append_options(choices, sizeof options / sizeof *options, options, out);
}

static void append_other_options(const struct option_choices *choices, struct text *out) {
    static const enum option_id options[] = {OPTION_RELATION,    OPTION_LINKAGE, OPTION_REFIT,
                                             OPTION_CALIBRATION, OPTION_LOCK,    OPTION_SEED,
                                             OPTION_MEMORY};
    bool faithful = choices->given[OPTION_FAITHFUL];
    if (faithful)
        text_append(out, "set faithful\n");
    append_options(choices, faithful ? 4 : 7, options + (faithful ? 3 : 0), out);
}

static void append_path(struct text *out, const char *path) {
    char *whole = realpath(path, NULL);
    out->failed = out->failed || (!whole && errno == ENOMEM);
    text_append(out, " ");
    command_append_quoted(out, whole ? whole : path);
    free(whole);
}

static void append_screen(const struct command_context *context, struct text *out) {
    size_t layer = context->ui->layer(context->user);
    if (layer > 0)
        text_format(out, "layer %zu\n", layer);
    text_format(out, "pane %s\nview %s\nplot %s\n", context->ui->shown(context->user, "pane"),
                context->ui->shown(context->user, "view"),
                context->ui->shown(context->user, "plot"));
}

/* How the data is read, as far as it was said. */
static void append_recipe(const struct data_recipe *recipe, struct text *out) {
    for (int i = 0; i < DATA_OPTION_COUNT; i++) {
        struct text value = {0};
        data_recipe_value(recipe, (enum data_option)i, &value);
        if (value.length > 0) {
            text_format(out, " %s ", data_option_descriptions[i].name);
            command_append_quoted(out, value.data);
        }
        text_free(&value);
    }
}

/* What was said of the model. */
static void append_model_recipe(const struct model_recipe *recipe, struct text *out) {
    for (int i = 0; i < MODEL_OPTION_COUNT; i++) {
        const char *value = model_recipe_value(recipe, (enum model_option)i);
        if (value) {
            text_format(out, " %s ", model_option_descriptions[i].name);
            command_append_quoted(out, value);
        }
    }
}

/* Model and data in one line, unless something has to be said of the data or before it. */
static void append_files(const struct saved_session *state, struct text *out) {
    struct text formal = {0}, recipe = {0};
    append_formal_options(&state->choices, &formal);
    append_recipe(&state->recipe, &recipe);
    bool apart = formal.length > 0 || recipe.length > 0;
    text_append(out, "open");
    append_path(out, state->model);
    if (state->data && !apart)
        append_path(out, state->data);
    append_model_recipe(&state->model_recipe, out);
    if (state->data && apart) {
        text_format(out, "\n%sdata", formal.data ? formal.data : "");
        append_path(out, state->data);
        text_append(out, recipe.data ? recipe.data : "");
    }
    text_format(out, "\n%s", !state->data && formal.data ? formal.data : "");
    out->failed = out->failed || formal.failed || recipe.failed;
    text_free(&formal);
    text_free(&recipe);
}

/* Marks that were made with other options would need those: they are left out, and it is said. */
static void append_marks(const struct saved_session *state, struct text *out) {
    char number[TEXT_NUMBER_SIZE];
    for (size_t i = 0; i < state->mark_count; i++) {
        const struct saved_mark *mark = &state->marks[i];
        if (memcmp(mark->choices.given, state->choices.given, sizeof mark->choices.given) == 0 &&
            options_equal(&mark->choices.value, &state->choices.value))
            text_format(out, "eps %s\nmark %s\n", text_number(mark->epsilon, number), mark->name);
        else
            text_format(out, "# mark %s, made with other options, is left out\n", mark->name);
    }
}

/* Lines that lead to where the session is. */
static void append_state(struct command_context *context, struct text *out) {
    struct saved_session state;
    char number[TEXT_NUMBER_SIZE];
    if (!session_describe(context->session, &state))
        return;
    append_files(&state, out);
    append_other_options(&state.choices, out);
    append_marks(&state, out);
    text_format(out, "eps %s\n", text_number(state.epsilon, number));
    if (context->ui)
        append_screen(context, out);
    saved_session_free(&state);
}

void handler_note_state(struct command_context *context) {
    struct text lines = {0};
    text_append(&lines, "reset\n"); /* what was set so far would stay */
    append_state(context, &lines);
    if (lines.length > 0)
        lines.data[lines.length - 1] = '\0'; /* the line feed that ends every note is added */
    player_note_instead(context->player, lines.data);
    text_free(&lines);
}

static enum command_outcome record(struct command_context *context, const char *path, bool replace,
                                   struct error *error) {
    struct text head = {0}, sentence = {0};
    text_append(&head, "# Recorded by lumpscope. It begins with what was open then.\n");
    append_state(context, &head);
    text_format(&sentence, "recording to %s; :record off ends it", path);
    bool good = !head.failed && !sentence.failed;
    if (!good)
        error_memory(error, strlen(path));
    good = good && handler_check_file(context, path, error) &&
           player_record(context->player, path, replace, head.data,
                         session_undo_count(context->session), error);
    if (good)
        handler_say(context, sentence.data);
    text_free(&head);
    text_free(&sentence);
    player_note_instead(context->player, NULL);
    return good ? COMMAND_REDRAW : COMMAND_FAILED;
}

static enum command_outcome record_off(struct command_context *context, struct error *error) {
    struct text sentence = {0};
    const char *path = player_recording(context->player);
    size_t lines;
    text_format(&sentence, "recorded to %s", path ? path : "");
    if (!player_record_end(context->player, &lines)) {
        text_free(&sentence);
        return handler_fail(error, "nothing is being recorded: record FILE begins");
    }
    text_format(&sentence, ": %zu command%s", lines, lines == 1 ? "" : "s");
    handler_say(context, sentence.data ? sentence.data : "");
    text_free(&sentence);
    return COMMAND_REDRAW;
}

HANDLER_WHEN(check_player, run_record) {
    UNUSED();
    return strcmp(arguments[0], "off") ? record(context, arguments[0], false, error)
                                       : record_off(context, error);
}

HANDLER_WHEN(check_player, run_record_over) {
    UNUSED();
    return record(context, arguments[0], true, error);
}

/* ---- Lessons ---- */

static bool start_lesson(struct command_context *context, const struct lesson_list *list,
                         const char *name, struct error *error) {
    const struct lesson *lesson = lesson_find(list, name);
    return lesson ? player_source(context->player, lesson->path, error)
                  : lesson_refuse(list, name, error);
}

static bool tell_lessons(struct command_context *context, const struct lesson_list *list) {
    struct text text = {0};
    text_append(&text, list->count ? "lessons: " : "there are no lessons: install the samples");
    for (size_t i = 0; i < list->count; i++)
        text_format(&text, "%s%s (%s)", i ? "; " : "", list->items[i].name, list->items[i].title);
    handler_tell(context, text.data ? text.data : "");
    text_free(&text);
    return true;
}

HANDLER_WHEN(check_player, run_tour) {
    UNUSED();
    struct lesson_list list;
    bool done = lesson_list_read(&list, error);
    if (done)
        done = count > 0 ? start_lesson(context, &list, arguments[0], error)
                         : tell_lessons(context, &list);
    lesson_list_free(&list);
    return done ? COMMAND_REDRAW : COMMAND_FAILED;
}

/* ---- The state in a line ---- */

static void append_error(const struct snapshot *snapshot, struct text *out) {
    const struct figure *before = &snapshot->before, *after = &snapshot->after;
    char numbers[2][TEXT_NUMBER_SIZE];
    if (after->state == FIGURE_OVERFLOW)
        text_append(out, "; the output overflows");
    if (after->state != FIGURE_EXACT || before->state != FIGURE_EXACT)
        return;
    if (snapshot->task == TASK_CLASSIFICATION)
        text_format(out, "; test accuracy %.2f -> %.2f %%", 100 * before->value,
                    100 * after->value);
    else
        text_format(out, "; test MSE %s -> %s", text_human(before->value, 4, numbers[0]),
                    text_human(after->value, 4, numbers[1]));
}

static void append_polished(const struct snapshot *snapshot, struct text *out) {
    const struct figure *polished = &snapshot->polished;
    char number[TEXT_NUMBER_SIZE];
    if (polished->state != FIGURE_EXACT)
        return;
    if (snapshot->task == TASK_CLASSIFICATION)
        text_format(out, ", polished %.2f %%", 100 * polished->value);
    else
        text_format(out, ", polished %s", text_human(polished->value, 4, number));
}

static void append_show(const struct snapshot *snapshot, struct text *out) {
    char number[TEXT_NUMBER_SIZE];
    text_format(out, "epsilon %s; %zu neurons -> %zu classes",
                text_human(snapshot->epsilon, 4, number), snapshot->hidden_neurons,
                snapshot->classes);
    if (snapshot->reduced_known)
        text_format(out, "; %zu -> %zu parameters (%.1f %%)", snapshot->original_parameters,
                    snapshot->parameters,
                    100.0 * (double)snapshot->parameters / (double)snapshot->original_parameters);
    append_error(snapshot, out);
    append_polished(snapshot, out);
}

HANDLER_WHEN(check_analysed, run_show) {
    UNUSED();
    struct snapshot *snapshot = session_latest(context->session);
    struct text sentence = {0};
    bool known = snapshot->analysed;
    if (known)
        append_show(snapshot, &sentence);
    snapshot_release(snapshot);
    if (known)
        handler_tell(context, sentence.data ? sentence.data : "");
    text_free(&sentence);
    return known ? COMMAND_REDRAW : handler_fail(error, "no network is open: open MODEL DATA");
}
