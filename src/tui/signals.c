#include "tui/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static const int told[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static const int crashes[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
enum {
    TOLD = sizeof told / sizeof *told,
    CRASHES = sizeof crashes / sizeof *crashes,
    RESCUE_SIZE = 512,
    RESCUE_MS = 300,
    STACK_SIZE = 1 << 16,
};

/* The one place with mutable state of its own: a signal handler is given nothing but its number. */
static struct {
    bool open;
    pthread_t owner; /* who opened it */
    int pipe[2];
    struct sigaction old_told[TOLD], old_crash[CRASHES];
    int rescued; /* descriptor */
    char rescue[RESCUE_SIZE];
    atomic_size_t rescue_length; /* written last, read first: a crash is on any thread */
    struct termios settings;
    _Alignas(16) char stack[STACK_SIZE];
} state;

/* While one signal is dealt with, the system gives the next to another thread, such as one of a
 * library. That thread only passes it on: where it wrote by itself it could be at it still when the
 * owner closes the pipe, and the byte would go to whatever has the descriptor's number by then. */
static void tell(int number) {
    int kept = errno;
    unsigned char byte = (unsigned char)number;
    if (pthread_equal(pthread_self(), state.owner)) {
        ssize_t written = write(state.pipe[1], &byte, 1); /* full: the loop has enough to do */
        (void)written;
    } else
        pthread_kill(state.owner, number);
    errno = kept;
}

/* Async-signal-safe: poll, write, tcsetattr, sigaction and raise only. */
static void crash(int number) {
    size_t length = atomic_exchange(&state.rescue_length, 0);
    if (length > 0) {
        struct pollfd fd = {.fd = state.rescued, .events = POLLOUT};
        poll(&fd, 1, RESCUE_MS); /* it does not wait by itself */
        ssize_t written = write(state.rescued, state.rescue, length);
        (void)written;
        tcsetattr(STDIN_FILENO, TCSANOW, &state.settings);
    }
    for (size_t i = 0; i < CRASHES; i++)
        if (crashes[i] == number)
            sigaction(number, &state.old_crash[i], NULL);
    raise(number);
}

static void install_handlers(void) {
    struct sigaction action = {.sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    action.sa_handler = tell;
    for (size_t i = 0; i < TOLD; i++) {
        sigaction(told[i], &action, &state.old_told[i]);
        if (state.old_told[i].sa_handler == SIG_IGN) /* nohup and the like */
            sigaction(told[i], &state.old_told[i], NULL);
    }
    action.sa_handler = crash;
    action.sa_flags = SA_ONSTACK;
    for (size_t i = 0; i < CRASHES; i++)
        sigaction(crashes[i], &action, &state.old_crash[i]);
}

bool signals_open(struct error *error) {
    if (state.open)
        return error_set(error, ERROR_INTERNAL, "the terminal is in use by this process already");
    if (pipe2(state.pipe, O_NONBLOCK | O_CLOEXEC) != 0)
        return error_set(error, ERROR_REQUEST, "no pipe for signals: %s", strerror(errno));
    state.owner = pthread_self();
    stack_t stack = {.ss_sp = state.stack, .ss_size = sizeof state.stack};
    sigaltstack(&stack, NULL);
    install_handlers();
    state.open = true;
    return true;
}

void signals_close(void) {
    if (!state.open)
        return;
    for (size_t i = 0; i < TOLD; i++)
        sigaction(told[i], &state.old_told[i], NULL);
    for (size_t i = 0; i < CRASHES; i++)
        sigaction(crashes[i], &state.old_crash[i], NULL);
    stack_t stack = {.ss_flags = SS_DISABLE};
    sigaltstack(&stack, NULL);
    close(state.pipe[0]);
    close(state.pipe[1]);
    atomic_store(&state.rescue_length, 0);
    state.open = false;
}

int signals_descriptor(void) {
    return state.pipe[0];
}

int signals_next(void) {
    unsigned char byte;
    return read(state.pipe[0], &byte, 1) == 1 ? byte : 0;
}

void signals_rescue(int descriptor, const char *bytes, size_t length,
                    const struct termios *settings) {
    atomic_store(&state.rescue_length, 0);
    if (length > RESCUE_SIZE || length == 0)
        return;
    memcpy(state.rescue, bytes, length);
    state.rescued = descriptor;
    state.settings = *settings;
    atomic_store(&state.rescue_length, length);
}

void signals_stop(void) {
    struct sigaction plain = {.sa_handler = SIG_DFL}, ours;
    sigaction(SIGTSTP, &plain, &ours);
    raise(SIGTSTP);
    sigaction(SIGTSTP, &ours, NULL);
}

void signals_die(int number) {
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigaction(number, &plain, NULL);
    raise(number);
}
