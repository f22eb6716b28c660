/* Work in pieces on several threads. */
#include "lumpscope/parallel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { PIECES = 1000 };

struct tally {
    int times[PIECES];
    size_t fails; /* pieces of this number and above fail */
    bool crowded[PARALLEL_THREADS];
    bool collided;
};

static bool count_piece(void *user, size_t piece, size_t thread, struct error *error) {
    struct tally *tally = user;
    if (tally->crowded[thread])
        tally->collided = true;
    tally->crowded[thread] = true;
    tally->times[piece]++;
    tally->crowded[thread] = false;
    if (piece >= tally->fails)
        return error_set(error, ERROR_REQUEST, "piece %zu: fails", piece);
    return true;
}

static void test_every_piece_is_done_once_on_any_number_of_threads(void **state) {
    (void)state;
    static const char *const counts[] = {"1", "2", "7", "64", "1000", "nonsense"};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        struct tally tally = {.fails = SIZE_MAX};
        setenv("LUMPSCOPE_THREADS", counts[k], 1);
        assert_in_range(parallel_threads(), 1, PARALLEL_THREADS);
        assert_true(parallel_run(PIECES, count_piece, &tally, "counting", NULL, NULL));
        for (size_t p = 0; p < PIECES; p++)
            assert_int_equal(tally.times[p], 1);
        assert_false(tally.collided);
    }
    unsetenv("LUMPSCOPE_THREADS");
    assert_true(parallel_run(0, count_piece, NULL, "counting", NULL, NULL));
}

static void test_a_failure_stops_the_rest_and_is_told(void **state) {
    (void)state;
    struct tally tally = {.fails = 3};
    struct error error = {0};
    setenv("LUMPSCOPE_THREADS", "1", 1);
    assert_false(parallel_run(PIECES, count_piece, &tally, "counting", NULL, &error));
    assert_string_equal(error.text, "piece 3: fails");
    assert_int_equal(tally.times[4], 0);
    setenv("LUMPSCOPE_THREADS", "4", 1);
    assert_false(parallel_run(PIECES, count_piece, &tally, "counting", NULL, &error));
    assert_int_equal(error.kind, ERROR_REQUEST);
    unsetenv("LUMPSCOPE_THREADS");
}

static bool stop_soon(void *user, const char *what, size_t done, size_t total) {
    size_t *calls = user;
    assert_string_equal(what, "counting");
    assert_true(done <= total);
    return ++*calls < 3;
}

static void test_progress_stops_the_work(void **state) {
    (void)state;
    size_t calls = 0;
    struct progress progress = {stop_soon, &calls};
    struct tally tally = {.fails = SIZE_MAX};
    struct error error = {0};
    setenv("LUMPSCOPE_THREADS", "1", 1);
    assert_false(parallel_run(PIECES, count_piece, &tally, "counting", &progress, &error));
    assert_int_equal(error.kind, ERROR_CANCELLED);
    assert_int_equal(calls, 3);
    assert_int_equal(tally.times[3], 0);
    unsetenv("LUMPSCOPE_THREADS");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_piece_is_done_once_on_any_number_of_threads),
        cmocka_unit_test(test_a_failure_stops_the_rest_and_is_told),
        cmocka_unit_test(test_progress_stops_the_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
