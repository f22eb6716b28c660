/* Signals reach the loop whatever thread the system gives them to. */
#include "tui/signals.h"

#include "lumpscope/parallel.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static void *raise_here(void *user) {
    int number = *(const int *)user;
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    raise(number); /* handled before it returns */
    return NULL;
}

static void raise_elsewhere(int number) {
    pthread_t id;
    assert_int_equal(pthread_create(&id, NULL, raise_here, &number), 0);
    pthread_join(id, NULL);
}

static void hold_back(int number, sigset_t *before) {
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &one, before), 0);
}

static void let_through(const sigset_t *before) {
    assert_int_equal(pthread_sigmask(SIG_SETMASK, before, NULL), 0);
}

static void a_signal_for_another_thread_is_not_lost(void **state) {
    (void)state;
    static const int numbers[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT};
    struct error error = {0};
    assert_true(signals_open(&error));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        raise_elsewhere(numbers[i]);
        assert_int_equal(signals_next(), numbers[i]);
        assert_int_equal(signals_next(), 0);
    }
    signals_close();
}

/* Else it would write to a pipe that may be closed, or another file, by then. */
static void the_owner_alone_writes_to_the_pipe(void **state) {
    (void)state;
    struct error error = {0};
    sigset_t before;
    assert_true(signals_open(&error));
    hold_back(SIGTERM, &before);
    raise_elsewhere(SIGTERM);
    assert_int_equal(signals_next(), 0);
    let_through(&before);
    assert_int_equal(signals_next(), SIGTERM);
    signals_close();
}

static volatile sig_atomic_t handled;

static void note(int number) {
    handled = number;
}

/* It has the effect it has outside the explorer. */
static void a_signal_on_its_way_at_the_end_counts_afterwards(void **state) {
    (void)state;
    struct error error = {0};
    struct sigaction ours = {.sa_handler = note}, old;
    sigset_t before;
    assert_int_equal(sigaction(SIGTERM, &ours, &old), 0);
    assert_true(signals_open(&error));
    hold_back(SIGTERM, &before);
    raise_elsewhere(SIGTERM);
    signals_close();
    assert_int_equal(handled, 0);
    let_through(&before);
    assert_int_equal(handled, SIGTERM);
    assert_int_equal(sigaction(SIGTERM, &old, NULL), 0);
}

static void *read_mask(void *user) {
    pthread_sigmask(SIG_BLOCK, NULL, user);
    return NULL;
}

static void threads_of_ours_are_told_of_their_own_faults_alone(void **state) {
    (void)state;
    static const int told[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    static const int faults[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    sigset_t mask, before, after;
    pthread_t id;
    pthread_sigmask(SIG_BLOCK, NULL, &before);
    assert_true(parallel_start(&id, read_mask, &mask));
    pthread_join(id, NULL);
    pthread_sigmask(SIG_BLOCK, NULL, &after);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        assert_true(sigismember(&mask, told[i]));
        assert_int_equal(sigismember(&after, told[i]), sigismember(&before, told[i]));
    }
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        assert_false(sigismember(&mask, faults[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_for_another_thread_is_not_lost),
        cmocka_unit_test(the_owner_alone_writes_to_the_pipe),
        cmocka_unit_test(a_signal_on_its_way_at_the_end_counts_afterwards),
        cmocka_unit_test(threads_of_ours_are_told_of_their_own_faults_alone),
    };
    /* A shell's background jobs ignore them. */
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
