#include "lumpscope/parallel.h"

#include "lumpscope/text.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

static const char variable[] = "LUMPSCOPE_THREADS";

static bool read_wish(const char *said, uint64_t *count) {
    return text_to_uint64(said, count) && *count > 0;
}

bool parallel_check(struct error *error) {
    const char *said = getenv(variable);
    uint64_t count;
    return !said || !*said || read_wish(said, &count) ||
           error_set(error, ERROR_USAGE,
                     "%s=%.60s: not a whole number of 1 or more; correct it, or leave it unset",
                     variable, said);
}

size_t parallel_threads(void) {
    const char *said = getenv(variable);
    uint64_t count = 0;
    cpu_set_t set;
    if (said && read_wish(said, &count))
        return count < PARALLEL_THREADS ? (size_t)count : PARALLEL_THREADS;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        count = (uint64_t)CPU_COUNT(&set);
    return count < 1 ? 1 : count < PARALLEL_THREADS ? (size_t)count : PARALLEL_THREADS;
}

struct run {
    size_t count;
    parallel_piece *piece;
    void *user;
    atomic_size_t next; /* the first piece nobody has taken */
    atomic_size_t done;
    atomic_bool stopped;
    pthread_mutex_t mutex; /* of the two below */
    size_t failed;         /* the lowest piece that failed; SIZE_MAX: none */
    struct error error;    /* of it */
};

struct helper {
    struct run *run;
    size_t thread;
    pthread_t id;
};

static void note_failure(struct run *run, size_t piece, const struct error *error) {
    pthread_mutex_lock(&run->mutex);
    if (piece < run->failed) {
        run->failed = piece;
        run->error = *error;
    }
    pthread_mutex_unlock(&run->mutex);
    atomic_store(&run->stopped, true);
}

/* Takes a piece and does it; false when there is none left. */
static bool do_piece(struct run *run, size_t thread) {
    size_t piece = atomic_load(&run->stopped) ? run->count : atomic_fetch_add(&run->next, 1);
    if (piece >= run->count)
        return false;
    struct error error = {0};
    if (!run->piece(run->user, piece, thread, &error))
        note_failure(run, piece, &error);
    atomic_fetch_add(&run->done, 1);
    return true;
}

static void *help(void *user) {
    struct helper *helper = user;
    while (do_piece(helper->run, helper->thread))
        ;
    return NULL;
}

static size_t start_helpers(struct helper *helpers, size_t count, struct run *run) {
    size_t started = 0;
    while (started < count) {
        helpers[started] = (struct helper){.run = run, .thread = started + 1};
        if (!parallel_start(&helpers[started].id, help, &helpers[started]))
            break; /* fewer threads do as well */
        started++;
    }
    return started;
}

/* A fault whose signal is blocked would end the program before its handler has put the terminal
 * back. */
bool parallel_start(pthread_t *id, void *(*work)(void *), void *user) {
    static const int faults[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    sigset_t blocked, before;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigdelset(&blocked, faults[i]);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    bool started = pthread_create(id, NULL, work, user) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

bool parallel_run(size_t count, parallel_piece *piece, void *user, const char *what,
                  const struct progress *progress, struct error *error) {
    struct run run = {.count = count, .piece = piece, .user = user, .failed = SIZE_MAX};
    struct helper helpers[PARALLEL_THREADS];
    size_t threads = parallel_threads();
    pthread_mutex_init(&run.mutex, NULL);
    size_t started =
        start_helpers(helpers, (threads < count ? threads : count) - (count > 0), &run);
    bool done = true;
    while (done && do_piece(&run, 0))
        done = progress_step(progress, what, atomic_load(&run.done), count, error);
    if (!done)
        atomic_store(&run.stopped, true);
    for (size_t k = 0; k < started; k++)
        pthread_join(helpers[k].id, NULL);
    pthread_mutex_destroy(&run.mutex);
    if (done && run.failed != SIZE_MAX) {
        done = false;
        if (error)
            *error = run.error;
    }
    return done;
}
