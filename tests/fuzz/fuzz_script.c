/* Scripts as `lumpscope run` plays them, on small networks. */
#include "fuzz.h"
#include "small.h"

#include "lumpscope/lesson.h"
#include "lumpscope/player.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS_MOST = 64 };

static void play(struct player *player, struct session *session) {
    struct command_context context = {.session = session, .player = player};
    for (int i = 0; i < STEPS_MOST; i++) {
        struct error error = {0};
        if (player_state(player) != PLAYER_READY && !player_card(player))
            return;
        enum command_outcome outcome = player_step(player, &context, &error);
        fuzz_require(outcome != COMMAND_FAILED || *error.text, "a failure without a reason");
        fuzz_require(error.kind != ERROR_INTERNAL, "%s", error.text);
        small_settle(session);
        struct snapshot *snapshot = session_latest(session);
        small_check(snapshot);
        snapshot_release(snapshot);
        if (outcome == COMMAND_FAILED || outcome == COMMAND_QUIT)
            return;
    }
}

static void read_headers(const uint8_t *data, size_t size) {
    char *script = strndup((const char *)data, size);
    free(script ? lesson_header(script, "title") : NULL);
    free(script ? lesson_header(script, "minutes") : NULL);
    free(script);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct error error = {0};
    int before = small_enter();
    read_headers(data, size);
    if (small_write("script", data, size)) {
        struct player *player = player_new(NULL, &error);
        struct session *session = session_new(&error);
        fuzz_require(player && session, "%s", error.text);
        if (player_source(player, "script", NULL))
            play(player, session);
        player_free(player);
        session_free(session);
    }
    small_leave(before);
    return 0;
}
