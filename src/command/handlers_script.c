/* Scripts: playing, recording, and what they say. */
#include "command/handlers.h"

#include "lumpscope/lesson.h"
#include "lumpscope/memory.h"
#include "lumpscope/player.h"
#include "lumpscope/text.h"

#include <string.h>

static bool check_player(struct command_context *context, struct error *error) {
    return context->player ||
           error_set(error, ERROR_USAGE, "scripts are played by the explorer and by lumpscope run");
}

HANDLER_WHEN(check_player, run_source) {
    UNUSED();
    return player_source(context->player, arguments[0], error) ? COMMAND_REDRAW : COMMAND_FAILED;
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

static void append_options(struct command_context *context, struct text *out) {
    struct options options;
    session_options(context->session, &options);
    for (int option = 0; option < OPTION_FAITHFUL; option++) {
        struct text value = {0};
        options_value(&options, (enum option_id)option, &value);
        if (value.data && strcmp(value.data, "null") != 0)
            text_format(out, "set %s %s\n", option_descriptions[option].name, value.data);
        text_free(&value);
    }
}

static void append_path(struct text *out, const char *path) {
    char *whole = realpath(path, NULL);
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

/* Lines that lead to where the recording begins. */
static void append_state(struct command_context *context, struct text *out) {
    struct snapshot *snapshot = session_latest(context->session);
    char number[TEXT_NUMBER_SIZE];
    text_append(out, "# Recorded by lumpscope. It begins with what was open then.\n");
    if (snapshot->network) {
        text_append(out, "open");
        append_path(out, snapshot->model_path);
        if (snapshot->data_path)
            append_path(out, snapshot->data_path);
        text_append(out, "\n");
        append_options(context, out);
        text_format(out, "eps %s\n", text_number(snapshot->epsilon, number));
    }
    if (snapshot->network && context->ui)
        append_screen(context, out);
    snapshot_release(snapshot);
}

static enum command_outcome record(struct command_context *context, const char *path, bool replace,
                                   struct error *error) {
    struct text head = {0}, sentence = {0};
    append_state(context, &head);
    text_format(&sentence, "recording to %s; :record off ends it", path);
    bool good = !head.failed && !sentence.failed;
    if (!good)
        error_memory(error, strlen(path));
    good = good && player_record(context->player, path, replace, head.data, error);
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
