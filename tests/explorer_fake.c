/* The explorer on a fake session, for tests and for looking at screens:
 *     explorer_fake [KIND] [--theme NAME] [--color auto|never|always] [--ascii] [--no-mouse]
 *                   [--history FILE] [--config FILE] [--own-themes DIRECTORY]
 *                   [--crash segv|abort|thread] [--ignore-hangup]
 *                   [--sessions DIRECTORY] [--resume]
 * KIND is square, empty, wide, deep, estimate, busy, tiny, opening, analysing, unjudged, dataless,
 * large, few, late, turned, format or hostile. Themes come from LUMPSCOPE_THEMES.
 */
#include "fake_session.h"

#include "lumpscope/explorer.h"
#include "lumpscope/parallel.h"
#include "lumpscope/saved.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum fake_kind kind_named(const char *name) {
    static const char *const names[] = {"square",   "empty",  "wide",    "deep",      "estimate",
                                        "busy",     "tiny",   "opening", "analysing", "unjudged",
                                        "dataless", "large",  "turned",  "few",       "late",
                                        "format",   "hostile"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], name))
            return (enum fake_kind)i;
    fprintf(stderr, "explorer_fake: there is no kind %s\n", name);
    exit(2);
}

static void crash_by_segv(int number) {
    (void)number;
    raise(SIGSEGV);
}

static void crash_by_abort(int number) {
    (void)number;
    abort();
}

/* A fault in a thread that computes. */
static void *crash_later(void *user) {
    (void)user;
    sleep(1);
    raise(SIGSEGV);
    return NULL;
}

static void arm_crash(const char *how) {
    pthread_t thread;
    if (!strcmp(how, "thread")) {
        if (parallel_start(&thread, crash_later, NULL))
            pthread_detach(thread);
        return;
    }
    signal(SIGALRM, !strcmp(how, "segv") ? crash_by_segv : crash_by_abort);
    alarm(1); /* the screen is up by then */
}

int main(int count, char **words) {
    const char *themes[] = {getenv("LUMPSCOPE_THEMES"), NULL, NULL};
    struct explorer_options options = {.theme_directories = themes, .mouse = true};
    enum fake_kind kind = FAKE_SQUARE;
    for (int i = 1; i < count; i++) {
        const char *value = i + 1 < count ? words[i + 1] : "";
        if (!strcmp(words[i], "--ascii"))
            options.ascii = true;
        else if (!strcmp(words[i], "--ignore-hangup"))
            signal(SIGHUP, SIG_IGN);
        else if (!strcmp(words[i], "--no-mouse"))
            options.mouse = false;
        else if (!strcmp(words[i], "--theme"))
            options.theme = words[++i];
        else if (!strcmp(words[i], "--history"))
            options.history = words[++i];
        else if (!strcmp(words[i], "--sessions"))
            options.sessions = words[++i];
        else if (!strcmp(words[i], "--resume"))
            options.resumed = true;
        else if (!strcmp(words[i], "--config"))
            options.config = words[++i];
        else if (!strcmp(words[i], "--own-themes")) {
            options.own_themes = themes[0] = words[++i];
            themes[1] = getenv("LUMPSCOPE_THEMES");
        } else if (!strcmp(words[i], "--color")) {
            options.colour = !strcmp(value, "never")    ? COLOUR_MODE_NEVER
                             : !strcmp(value, "always") ? COLOUR_MODE_ALWAYS
                                                        : COLOUR_MODE_AUTO;
            i++;
        } else if (!strcmp(words[i], "--crash")) {
            arm_crash(value);
            i++;
        } else
            kind = kind_named(words[i]);
    }
    struct session *session = fake_session_new(kind);
    struct saved_session last = {0};
    struct error error = {0};
    bool found = false;
    if (options.sessions && !saved_session_find(options.sessions, NULL, &last, &found, &error))
        options.sessions_error = error.text;
    options.last = found ? &last : NULL;
    if (found && options.resumed)
        session_restore(session, &last);
    int status = explorer_run(session, &options);
    session_free(session);
    saved_session_free(&last);
    return status;
}
