/* Where epsilon goes, and long work. */
#include "command/handlers.h"

#include "lumpscope/epsilon_scale.h"
#include "lumpscope/player.h"
#include "lumpscope/text.h"

#include <stdio.h>

HANDLER_WHEN(check_analysed, run_eps) {
    UNUSED();
    double epsilon;
    if (!text_to_double(arguments[0], &epsilon) || epsilon < 0)
        return handler_fail(error, "epsilon is a number of at least 0, for example eps 0.05");
    session_set_epsilon(context->session, epsilon);
    return COMMAND_DONE;
}

HANDLER_WHEN(check_analysed, run_budget) {
    UNUSED();
    double percent;
    if (!text_to_percent(arguments[0], &percent) || percent < 0 || percent > 100)
        return handler_fail(error,
                            "the budget is the size to stay below in percent of the parameters, 0 "
                            "to 100, for example budget 30%");
    session_budget(context->session, percent);
    return COMMAND_DONE;
}

HANDLER_WHEN(check_judged, run_loss) {
    UNUSED();
    double percent;
    if (!text_to_percent(arguments[0], &percent) || percent < 0)
        return handler_fail(error,
                            "the loss is how much the test error may grow in percent, at least 0, "
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
        return handler_fail(error, "the number of merge events is a whole number of at least 1");
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

/* Where a slide ends depends on where it began, which a replay might see later or sooner. */
static void note_epsilon(struct command_context *context, double epsilon) {
    char line[TEXT_NUMBER_SIZE + 8], number[TEXT_NUMBER_SIZE];
    snprintf(line, sizeof line, "eps %s", text_number(epsilon, number));
    player_note_instead(context->player, line);
}

HANDLER_WHEN(check_analysed, run_slide) {
    UNUSED();
    double percent;
    if (!text_to_percent(arguments[0], &percent))
        return handler_fail(error, "say how far to move along the slider, for example slide -10%");
    struct snapshot *snapshot = session_latest(context->session);
    struct epsilon_scale scale = epsilon_scale_of(snapshot);
    double position = epsilon_scale_position(&scale, snapshot->epsilon) + percent / 100;
    snapshot_release(snapshot);
    double epsilon = epsilon_scale_at(&scale, position);
    note_epsilon(context, epsilon);
    session_set_epsilon(context->session, epsilon);
    return COMMAND_DONE;
}

/* ---- Long work ---- */

HANDLER_WHEN(check_judged, run_sweep) {
    UNUSED();
    size_t points = 40;
    if (count > 0 && (!text_to_size(arguments[0], &points) || points < 2 || points > 10000))
        return handler_fail(error,
                            "the number of points is a whole number from 2 to 10000, for example "
                            "sweep 40");
    session_sweep(context->session, points);
    return COMMAND_DONE;
}

HANDLER_WHEN(check_analysed, run_polish) {
    UNUSED();
    size_t iterations = 100;
    if (count > 0 &&
        (!text_to_size(arguments[0], &iterations) || iterations < 1 || iterations > 100000))
        return handler_fail(error,
                            "the number of iterations is a whole number from 1 to 100000, for "
                            "example polish 100");
    return session_polish(context->session, iterations, error) ? COMMAND_DONE : COMMAND_FAILED;
}

HANDLER(run_cancel) {
    UNUSED();
    session_cancel(context->session);
    return COMMAND_DONE;
}
