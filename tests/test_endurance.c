/* A long session: a random stream of everything the explorer can be told, over networks and data of
 * all formats. Memory, open files and threads stay what they are after the warm-up. A day's worth,
 * by hand: LUMPSCOPE_STEPS=100000 tests/test_endurance */
#include "program_support.h"
#include "random_network.h"

#include "lumpscope/detail.h"
#include "lumpscope/model_file.h"
#include "lumpscope/player.h"
#include "lumpscope/saved.h"
#include "lumpscope/text.h"

#include "session/history.h"

#include <dirent.h>
#include <malloc.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#if defined __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__
#define SANITIZED 1
#endif

#ifdef SANITIZED
/* What was freed is held back for a while, and would look like growth. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "quarantine_size_mb=1:thread_local_quarantine_size_kb=64";
}
static const double slack_share = 0.1, slack_bytes = 24e6;
#else
static const double slack_share = 0.05, slack_bytes = 4e6;
#endif

enum { SHORT_STEPS = 3000, CHECKPOINTS = 20 };

/* ---- What is measured ---- */

struct burden {
    double bytes; /* resident */
    size_t descriptors, threads;
};

static size_t entries_of(const char *directory) {
    size_t count = 0;
    DIR *stream = opendir(directory);
    assert_non_null(stream);
    while (readdir(stream))
        count++;
    closedir(stream);
    return count - 2; /* . and .. */
}

static struct burden burden_now(void) {
    unsigned long size, resident;
    malloc_trim(0);
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu %lu", &size, &resident), 2);
    fclose(file);
    return (struct burden){(double)resident * (double)sysconf(_SC_PAGESIZE),
                           entries_of("/proc/self/fd"), entries_of("/proc/self/task")};
}

static void print_burden(const char *when, size_t steps, const struct burden *burden) {
    print_message("%-6s %7zu steps  %7.1f MB resident  %zu descriptors  %zu threads\n", when, steps,
                  burden->bytes / 1e6, burden->descriptors, burden->threads);
}

/* ---- What there is to open ---- */

static void make_network(const char *path, const size_t *sizes, enum activation_kind kind,
                         uint64_t seed) {
    struct error error = {0};
    struct rng rng;
    rng_seed(&rng, seed);
    struct network *network = random_network_of(&rng, sizes, 3, kind);
    must(model_save(network, path, TENSOR_F64, NULL, NULL, &error), &error);
    network_free(network);
}

static void make_data(const char *path, size_t rows, uint64_t seed) {
    struct text csv = {0};
    struct rng rng;
    rng_seed(&rng, seed);
    text_append(&csv, "a,b,c,y,z\n");
    for (size_t r = 0; r < rows; r++) {
        double a = rng_normal(&rng), b = rng_normal(&rng), c = rng_normal(&rng);
        text_format(&csv, "%.6g,%.6g,%.6g,%.6g,%.6g\n", a, b, c, a * b - c, tanh(a + c));
    }
    assert_false(csv.failed);
    write_file(path, csv.data);
    text_free(&csv);
}

/* Where installed samples and lessons would be. */
static void link_samples(void) {
    char here[4096];
    struct text samples = {0};
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(mkdir("share", 0700), 0);
    assert_int_equal(mkdir("share/lumpscope", 0700), 0);
    text_format(&samples, "%s/../samples", getenv("LUMPSCOPE_TESTS"));
    assert_int_equal(symlink(samples.data, "share/lumpscope/samples"), 0);
    text_clear(&samples);
    text_format(&samples, "%s/share", here);
    assert_int_equal(setenv("XDG_DATA_HOME", samples.data, 1), 0);
    text_free(&samples);
}

static void make_files(void) {
    link_samples();
    make_network("tanh.json", (size_t[]){3, 8, 4, 2}, ACTIVATION_TANH, 1);
    make_network("square.onnx", (size_t[]){3, 6, 4, 2}, ACTIVATION_SQUARE, 2);
    make_network("relu.safetensors", (size_t[]){3, 9, 5, 2}, ACTIVATION_RELU, 3);
    make_network("linear.npz", (size_t[]){3, 7, 5, 2}, ACTIVATION_LINEAR, 4);
    make_data("d.csv", 60, 5);
    make_data("e.csv", 90, 6);
    write_file("broken.json", "{\"layers\": [");
    write_file("broken.csv", "a,b,c,y,z\n1,2,3\n");
    write_file("script", "say in a script\nnext-event 2\nset relation forward\nsource inner\n");
    write_file("inner", "budget 50%\nmark s\nfirst-event\njump s\n");
}

/* ---- What is done ---- */

/* Lines of the explorer; those that mean nothing at the moment are refused with a sentence. */
static const char *const lines[] = {
    "next-event",
    "next-event",
    "next-event 3",
    "previous-event",
    "previous-event 2",
    "first-event",
    "last-event",
    "slide 10%",
    "slide -20%",
    "eps 0.01",
    "eps 0.3",
    "eps 2",
    "eps -1",
    "budget 40%",
    "budget 80%",
    "loss 5%",
    "loss 50%",
    "exact",
    "set relation joint",
    "set relation forward",
    "set relation backward",
    "set linkage chain",
    "set linkage complete",
    "set linkage agglomerate",
    "set norm l2",
    "set norm erode",
    "set scale absolute",
    "set calibration 40",
    "set seed 7",
    "set polish 3",
    "set polish 0",
    "set nothing",
    "set norm l9",
    "cycle refit",
    "cycle balance",
    "cycle relation",
    "lock 1",
    "lock 2",
    "layer 1",
    "layer up",
    "layer down",
    "sweep 4",
    "sweep 40",
    "sweep",
    "cancel",
    "polish 2",
    "mark",
    "mark here",
    "mark a",
    "unmark a",
    "unmark here",
    "unmark nowhere",
    "jump",
    "jump a",
    "jump here",
    "undo",
    "undo",
    "undo",
    "redo",
    "redo",
    "write! w.json",
    "write! w.onnx f32",
    "write! w.safetensors bf16",
    "write! w.npz f32",
    "write d.csv",
    "write! nowhere/w.json",
    "export! x.csv",
    "export! x.json",
    "export! x.svg",
    "export! x.md",
    "export! x.ode",
    "export! x.svg dendrogram 1",
    "open tanh.json d.csv",
    "open square.onnx e.csv",
    "open relu.safetensors d.csv",
    "open linear.npz",
    "open w.json d.csv",
    "open w.onnx",
    "open broken.json d.csv",
    "open tanh.json broken.csv",
    "open nowhere.json",
    "data d.csv",
    "data e.csv test=0.3",
    "data broken.csv",
    "data nowhere.csv",
    "say something",
    "show",
    "goto 1 2",
    "goto 2 99",
    "find 1",
    "find a",
    "find nobody",
    "view dendrogram",
    "view next",
    "sort size",
    "record! r",
    "record off",
    "source script",
    "tour equivalence",
    "tour forward-backward",
    "tour balance",
    "tour trade-off",
    "tour",
    "sample rn",
    "set memory 1",
    "set memory 2G",
    "set lock 1",
    "export! near.svg classes",
    "export! tree.svg dendrogram",
    "frobnicate",
    "set \"open quote",
};
enum { LINES = sizeof lines / sizeof *lines };

struct endurance {
    struct command_context context;
    FILE *said;
    struct rng rng;
    size_t refused, lessons; /* that were read to their end */
};

static void endurance_init(struct endurance *endurance) {
    struct error error = {0};
    *endurance = (struct endurance){.said = fopen("/dev/null", "w")};
    rng_seed(&endurance->rng, 11);
    assert_non_null(endurance->said);
    endurance->context.session = session_new(&error);
    must(endurance->context.session, &error);
    endurance->context.player = player_new(endurance->said, &error);
    must(endurance->context.player, &error);
    session_open(endurance->context.session, "tanh.json", "d.csv", NULL, NULL);
}

static void endurance_free(struct endurance *endurance) {
    player_free(endurance->context.player);
    session_free(endurance->context.session);
    fclose(endurance->said);
}

/* A lesson is read to its end, or, mostly, left soon; with answers shown, and the session given
 * time or not. */
static void read_lesson(struct endurance *endurance) {
    struct error error = {0};
    struct player *player = endurance->context.player;
    size_t steps = random_below(&endurance->rng, random_below(&endurance->rng, 5) ? 8 : 200);
    bool patient = random_below(&endurance->rng, 4) > 0, reads = true;
    while (reads && steps-- > 0 && player_state(player) != PLAYER_IDLE) {
        if (patient)
            session_wait(endurance->context.session);
        if (player_state(player) == PLAYER_PAUSED)
            player_continue(player);
        else
            reads = player_step(player, &endurance->context, &error) != COMMAND_FAILED;
    }
    endurance->lessons += reads && player_state(player) == PLAYER_IDLE;
    player_stop(player);
}

/* Scripts go on while the session works, as on a screen that does not wait. */
static void run_line(struct endurance *endurance, const char *line) {
    struct error error = {0};
    if (command_run(&endurance->context, line, &error) == COMMAND_FAILED) {
        endurance->refused++;
        assert_true(*error.text);
    }
    if (strncmp(line, "tour ", 5) == 0)
        read_lesson(endurance);
    while (player_state(endurance->context.player) == PLAYER_READY)
        if (player_step(endurance->context.player, &endurance->context, &error) == COMMAND_FAILED)
            break;
    player_stop(endurance->context.player);
}

static void look_around(struct endurance *endurance) {
    struct rng *rng = &endurance->rng;
    struct watch watch = {.kind = (enum detail_kind)random_below(rng, DETAIL_WEIGHTS + 1),
                          .rows = 1 + random_below(rng, 20),
                          .columns = 1 + random_below(rng, 40),
                          .row = random_below(rng, 30),
                          .outgoing = random_below(rng, 2)};
    session_watch(endurance->context.session, &watch);
    session_select(endurance->context.session, random_below(rng, 4), random_below(rng, 10));
}

/* Saves the session, and now and then takes up the newest that was saved. */
static void keep(struct endurance *endurance) {
    struct error error = {0};
    struct saved_session saved;
    if (session_saved(endurance->context.session, &saved)) {
        must(saved_session_write(&saved, "sessions", &error), &error);
        saved_session_free(&saved);
    }
    bool found = false;
    must(saved_session_find("sessions", NULL, &saved, &found, &error), &error);
    if (found && random_below(&endurance->rng, 3) == 0)
        session_restore(endurance->context.session, &saved);
    saved_session_free(&saved);
}

/* Half of the time the next step comes while the session is busy with this one. */
static void step(struct endurance *endurance) {
    size_t kind = random_below(&endurance->rng, 40);
    if (kind < 6)
        look_around(endurance);
    else if (kind == 6)
        keep(endurance);
    else
        run_line(endurance, lines[random_below(&endurance->rng, LINES)]);
    if (random_below(&endurance->rng, 2))
        session_wait(endurance->context.session);
    struct snapshot *shown = session_latest(endurance->context.session);
    assert_non_null(shown);
    snapshot_release(shown);
}

/* A recording would be one file more. */
static void rest(struct endurance *endurance) {
    run_line(endurance, "record off");
    session_wait(endurance->context.session);
}

/* The history of changes is full, every file has been open, every work done. */
static void warm_up(struct endurance *endurance, size_t steps) {
    for (size_t k = 0; k < HISTORY_LIMIT; k++)
        session_set_epsilon(endurance->context.session, 1e-3 * (double)(k % 100));
    for (size_t k = 0; k < LINES; k++) {
        run_line(endurance, lines[k]);
        session_wait(endurance->context.session);
    }
    for (size_t k = 0; k < steps; k++)
        step(endurance);
    rest(endurance);
}

static size_t steps_asked(void) {
    const char *asked = getenv("LUMPSCOPE_STEPS");
    size_t steps = asked ? (size_t)strtoull(asked, NULL, 10) : 0;
    return steps > CHECKPOINTS ? steps : SHORT_STEPS;
}

static void a_long_session_takes_no_more_than_a_short_one(void **state) {
    (void)state;
    make_files();
    struct endurance endurance;
    struct burden burden[CHECKPOINTS + 1];
    size_t steps = steps_asked(), part = steps / CHECKPOINTS;
    endurance_init(&endurance);
    warm_up(&endurance, steps / 3);
    burden[0] = burden_now();
    print_burden("start", 0, &burden[0]);
    for (size_t k = 1; k <= CHECKPOINTS; k++) {
        for (size_t i = 0; i < part; i++)
            step(&endurance);
        rest(&endurance);
        burden[k] = burden_now();
        if (k == CHECKPOINTS / 2 || k == CHECKPOINTS || steps > SHORT_STEPS)
            print_burden(k == CHECKPOINTS ? "end" : "middle", k * part, &burden[k]);
    }
    print_message("%zu lines were refused, %zu lessons read to their end\n", endurance.refused,
                  endurance.lessons);
    assert_true(endurance.lessons > 0);
    endurance_free(&endurance);
    const struct burden *first = &burden[0], *last = &burden[CHECKPOINTS];
    assert_int_equal(last->descriptors, first->descriptors);
    assert_true(last->threads <= first->threads);
    assert_true(last->bytes < first->bytes * (1 + slack_share) + slack_bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_session_takes_no_more_than_a_short_one),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
