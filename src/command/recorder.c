/* Recording: every command is written before the next one is given, so that a crash loses none. */
#include "command/handlers.h"
#include "command/player.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"

#include <errno.h>
#include <string.h>

static bool refuse_write(const char *path, struct error *error) {
    return error_set(error, ERROR_REQUEST, "%s: cannot be written (%s); record to another file",
                     path, strerror(errno));
}

static bool write_line(struct recorder *recorder, const char *line) {
    return fprintf(recorder->file, "%s\n", line) >= 0 && fflush(recorder->file) == 0;
}

bool player_record_end(struct player *player, size_t *lines) {
    struct recorder *recorder = &player->recorder;
    bool recorded = recorder->file != NULL;
    if (lines)
        *lines = recorder->lines;
    if (recorded)
        fclose(recorder->file);
    free(recorder->path);
    text_free(&recorder->note);
    *recorder = (struct recorder){0};
    return recorded;
}

static bool refuse_record(const struct player *player, const char *path, bool replace,
                          struct error *error) {
    if (player->recorder.file)
        return error_set(error, ERROR_USAGE, "already recording to %s: record off ends that",
                         player->recorder.path);
    if (!replace && !file_is_stream(path) && !handler_check_new(path, "record!", error))
        return false;
    for (size_t i = 0; i < player->depth; i++)
        if (file_same(player->script[i].path, path))
            return error_set(error, ERROR_USAGE, "%s: this script is being played", path);
    return true;
}

bool player_record(struct player *player, const char *path, bool replace, const char *head,
                   size_t undo_count, struct error *error) {
    struct recorder *recorder = &player->recorder;
    if (!refuse_record(player, path, replace, error))
        return false;
    recorder->path = memory_string(path, error);
    if (!recorder->path)
        return false;
    recorder->oldest = undo_count;
    recorder->file = fopen(file_is_output(path) ? "/dev/stdout" : path, "we");
    bool begun = recorder->file && fputs(head, recorder->file) >= 0 && fflush(recorder->file) == 0;
    if (!begun) {
        refuse_write(path, error);
        player_record_end(player, NULL);
    }
    return begun;
}

const char *player_recording(const struct player *player) {
    return player ? player->recorder.path : NULL;
}

void player_note(struct player *player, const char *line) {
    text_clear(&player->recorder.note);
    text_append(&player->recorder.note, line + strspn(line, " \t"));
}

void player_note_instead(struct player *player, const char *line) {
    if (player && !player->running)
        player_note(player, line ? line : "");
}

bool player_can_undo(struct player *player, size_t count, bool again) {
    if (!player || !player->recorder.file || player->running)
        return true;
    struct recorder *recorder = &player->recorder;
    bool can = again ? recorder->undone > 0 : count > recorder->oldest;
    if (can && again)
        recorder->undone--;
    else if (can)
        recorder->undone++;
    else {
        recorder->oldest = again ? count + 1 : count - 1;
        recorder->undone = 0;
    }
    return can;
}

void player_joined(struct player *player, size_t count) {
    if (!player || player->running)
        return;
    player->recorder.oldest = count;
    player->recorder.undone = 0;
}

bool player_note_keep(struct player *player, struct error *error) {
    struct recorder *recorder = &player->recorder;
    if (!recorder->file || recorder->note.length == 0)
        return true;
    bool written = !recorder->note.failed && write_line(recorder, recorder->note.data);
    text_clear(&recorder->note);
    recorder->lines++;
    if (written)
        return true;
    refuse_write(recorder->path, error);
    player_record_end(player, NULL);
    return false;
}
