/* Undo, redo and marks. */
#include "command/handlers.h"

#include "lumpscope/text.h"

/* "undone: refit off". */
static enum command_outcome said(struct command_context *context, bool done, const char *word,
                                 struct text *what) {
    struct text sentence = {0};
    text_format(&sentence, "%s%s", word, what->data ? what->data : "");
    if (done)
        handler_say(context, sentence.data ? sentence.data : "");
    text_free(&sentence);
    text_free(what);
    return done ? COMMAND_DONE : COMMAND_FAILED;
}

HANDLER(run_undo) {
    UNUSED();
    struct text what = {0};
    bool done = session_undo(context->session, &what, error);
    return said(context, done, "undone: ", &what);
}

HANDLER(run_redo) {
    UNUSED();
    struct text what = {0};
    bool done = session_redo(context->session, &what, error);
    return said(context, done, "done again: ", &what);
}

HANDLER(run_mark) {
    UNUSED();
    struct text used = {0};
    bool done = session_mark(context->session, count ? arguments[0] : NULL, &used, error);
    return said(context, done, "marked ", &used);
}

HANDLER(run_unmark) {
    UNUSED();
    struct text used = {0};
    text_append(&used, arguments[0]);
    bool done = session_unmark(context->session, arguments[0], error);
    return said(context, done, "forgot mark ", &used);
}

HANDLER(run_jump) {
    UNUSED();
    struct text used = {0};
    bool done = session_jump(context->session, count ? arguments[0] : NULL, &used, error);
    return said(context, done, "at mark ", &used);
}
