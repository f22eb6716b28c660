/* Scripts without a terminal, and lessons with one. */
#include "program_command.h"

#include "lumpscope/lesson.h"
#include "lumpscope/memory.h"
#include "lumpscope/player.h"

#include <errno.h>
#include <stdio.h>

/* Every line waits for what the one before it asked for, so that the run is the same every time. */
static bool play(struct program *program, struct player *player, struct command_context *context,
                 struct error *error) {
    while (player_state(player) == PLAYER_READY || player_card(player)) {
        enum command_outcome outcome = player_step(player, context, error);
        if (outcome == COMMAND_FAILED)
            return false;
        if (outcome == COMMAND_QUIT)
            break;
        session_wait(context->session);
        errno = 0;
        if (fflush(stdout) != 0 || ferror(stdout))
            return program_refuse_print(program, errno ? errno : EIO, error);
    }
    return true;
}

static bool run_script(struct program *program, const char *path, struct error *error) {
    struct player *player = player_new(stdout, error);
    bool begun = player && player_source(player, path, error);
    struct command_context context = {.player = player};
    if (begun)
        context.session = session_new(error);
    bool done = context.session && play(program, player, &context, error);
    player_free(player);
    session_free(context.session);
    return done;
}

/* The file of a lesson, for the caller to free. */
static char *find_lesson(const char *name, struct error *error) {
    struct lesson_list list;
    char *path = NULL;
    if (lesson_list_read(&list, error)) {
        const struct lesson *lesson = lesson_find(&list, name);
        if (lesson)
            path = memory_string(lesson->path, error);
        else
            lesson_refuse(&list, name, error);
    }
    lesson_list_free(&list);
    return path;
}

static bool run_lesson(struct program *program, const char *name, struct error *error) {
    char *path = find_lesson(name, error);
    bool done = path && program_explore_script(program, path, error);
    free(path);
    return done;
}

bool program_run_run(struct program *program, struct error *error) {
    const char *lesson = program->given[PROGRAM_TOUR];
    if (lesson && program->operands > 0)
        return error_set(error, ERROR_USAGE, "run takes SCRIPT or --tour LESSON, not both");
    if (!lesson && program->operands == 0)
        return error_set(error, ERROR_USAGE,
                         "run needs SCRIPT or --tour LESSON; \"lumpscope help run\" says more");
    return lesson ? run_lesson(program, lesson, error)
                  : run_script(program, program->operand[0], error);
}
