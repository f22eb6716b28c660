/* Undo, redo, marks, and the session of last time: each says where epsilon is then, and how large
 * the network, as far as that is known. */
#include "command/handlers.h"

#include "lumpscope/player.h"
#include "lumpscope/text.h"

#include <math.h>
#include <string.h>

/* "eps 0.0840", and ", 26 % of the parameters" when `grp` is a number. */
static void append_where(struct text *out, double epsilon, double grp) {
    char number[TEXT_NUMBER_SIZE];
    text_format(out, "eps %s", text_human(epsilon, 4, number));
    if (isfinite(grp))
        text_format(out, ", %s %% of the parameters", text_human(grp, 3, number));
}

/* The size of the network when it stands at epsilon with the options as they were asked for; NaN:
 * it is not there yet. */
static double size_at(struct command_context *context, double epsilon) {
    struct options options;
    session_options(context->session, &options);
    struct snapshot *snapshot = session_latest(context->session);
    bool there = snapshot->analysed && snapshot->reduced_known && snapshot->epsilon == epsilon &&
                 options_equal(&options, &snapshot->options);
    double grp =
        there ? metrics_grp(snapshot->parameters, snapshot->original_parameters) : (double)NAN;
    snapshot_release(snapshot);
    return grp;
}

static void append_mark(struct command_context *context, const char *name, struct text *out) {
    struct snapshot *snapshot = session_latest(context->session);
    for (size_t i = 0; i < snapshot->mark_count; i++) {
        const struct mark_view *mark = &snapshot->marks[i];
        if (strcmp(mark->name, name) != 0 || !isfinite(mark->epsilon))
            continue;
        text_append(out, ": ");
        append_where(out, mark->epsilon, mark->parameters ? mark->grp : (double)NAN);
    }
    snapshot_release(snapshot);
}

static enum command_outcome say(struct command_context *context, struct text *sentence) {
    handler_say(context, sentence->data ? sentence->data : "");
    text_free(sentence);
    return COMMAND_DONE;
}

/* "undone: refit off; now eps 0.0840". */
static enum command_outcome said(struct command_context *context, bool done, const char *word,
                                 struct text *what, const char *separator) {
    struct text sentence = {0};
    double epsilon;
    if (!done) {
        text_free(what);
        return COMMAND_FAILED;
    }
    text_format(&sentence, "%s%s", word, what->data ? what->data : "");
    if (session_epsilon(context->session, &epsilon)) {
        text_append(&sentence, separator);
        append_where(&sentence, epsilon, size_at(context, epsilon));
    }
    text_free(what);
    return say(context, &sentence);
}

HANDLER(run_undo) {
    UNUSED();
    struct text what = {0};
    size_t before = session_undo_count(context->session);
    bool done = session_undo(context->session, &what, error);
    if (done && !player_can_undo(context->player, before, false))
        handler_note_state(context);
    return said(context, done, "undone: ", &what, "; now ");
}

HANDLER(run_redo) {
    UNUSED();
    struct text what = {0};
    size_t before = session_undo_count(context->session);
    bool done = session_redo(context->session, &what, error);
    if (done && !player_can_undo(context->player, before, true))
        handler_note_state(context);
    return said(context, done, "done again: ", &what, "; now ");
}

HANDLER(run_mark) {
    UNUSED();
    struct text used = {0};
    bool done = session_mark(context->session, count ? arguments[0] : NULL, &used, error);
    return said(context, done, "marked ", &used, ": ");
}

HANDLER(run_unmark) {
    UNUSED();
    struct text sentence = {0};
    if (!session_unmark(context->session, arguments[0], error))
        return COMMAND_FAILED;
    text_format(&sentence, "forgot mark %s", arguments[0]);
    return say(context, &sentence);
}

HANDLER(run_jump) {
    UNUSED();
    struct text used = {0}, sentence = {0};
    if (!session_jump(context->session, count ? arguments[0] : NULL, &used, error)) {
        text_free(&used);
        return COMMAND_FAILED;
    }
    const char *name = used.data ? used.data : "";
    text_format(&sentence, "at mark %s", name);
    append_mark(context, name, &sentence);
    text_free(&used);
    return say(context, &sentence);
}

HANDLER(run_resume) {
    UNUSED();
    if (!context->ui)
        return handler_fail(error, "the session of last time is taken up in the explorer alone");
    return context->ui->resume(context->user, error) ? COMMAND_DONE : COMMAND_FAILED;
}
