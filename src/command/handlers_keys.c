/* Keys of one's own. */
#include "command/handlers.h"

#include "lumpscope/text.h"

/* Without a screen nothing knows its panes: the command stands behind the key, or behind a pane and
 * a key, and one of the two must be one. */
static bool check_bound(size_t count, const char *const *words, struct error *error) {
    struct text line = {0};
    bool fits = false;
    for (size_t skip = 1; !fits && skip <= 2 && skip < count; skip++) {
        command_join(count - skip, words + skip, &line);
        fits = line.data && command_check(line.data, error);
    }
    text_free(&line);
    return fits;
}

HANDLER(run_bind) {
    bool done = context->ui ? context->ui->bind(context->user, count, arguments, error)
                            : check_bound(count, arguments, error);
    return done ? COMMAND_REDRAW : COMMAND_FAILED;
}

HANDLER(run_unbind) {
    if (context->ui && !context->ui->unbind(context->user, count, arguments, error))
        return COMMAND_FAILED;
    return COMMAND_REDRAW;
}
