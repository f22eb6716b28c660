/* Processes that are killed while they write, disks that are full, files that change under the
 * reader: what was there, or what was to be there, is whole. */
#include "program_support.h"
#include "random_network.h"

#include "lumpscope/bench.h"
#include "lumpscope/file.h"
#include "lumpscope/model_file.h"
#include "lumpscope/model_json.h"
#include "lumpscope/saved.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOMENTS = 200, POINTS = 600, ROWS = 3000 };

static struct network *small, *large;

static int set_up(void **state) {
    struct rng rng;
    rng_seed(&rng, 3);
    const size_t few[] = {3, 5, 2}, many[] = {3, 400, 2};
    small = random_network_of(&rng, few, 2, ACTIVATION_TANH);
    large = random_network_of(&rng, many, 2, ACTIVATION_TANH);
    return enter_directory(state);
}

static int tear_down(void **state) {
    network_free(small);
    network_free(large);
    return leave_directory(state);
}

/* Nanoseconds until a process has done its first two rounds, slowly on a machine that is busy or
 * with a sanitizer. */
static long time_of(void (*work)(size_t round)) {
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t child = fork();
    if (child == 0) {
        work(0);
        work(1);
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (end.tv_sec - start.tv_sec) * 1000000000L + end.tv_nsec - start.tv_nsec;
}

/* Ends a process that does something for ever; it fails the test if it has ended by itself. */
static void kill_child(pid_t child) {
    int status;
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* Runs `work` in a process over and over and kills it after a random time, at most `most`. */
static void kill_during(void (*work)(size_t round), long most, struct rng *rng) {
    pid_t child = fork();
    if (child == 0)
        for (size_t round = 0;; round++)
            work(round);
    assert_true(child > 0);
    long moment = 200000 + (long)(rng_uniform(rng) * (double)most);
    struct timespec time = {moment / 1000000000L, moment % 1000000000L};
    nanosleep(&time, NULL);
    kill_child(child);
}

static void write_model_round(size_t round) {
    if (!model_json_save(round % 2 ? small : large, "m.json", NULL, NULL, NULL))
        _exit(1);
}

/* Removes what a killed writer left beside the file; the number of such files. */
static size_t remove_temporary(const char *name) {
    size_t removed = 0;
    DIR *directory = opendir(".");
    const struct dirent *entry;
    while ((entry = readdir(directory)))
        if (strncmp(entry->d_name, name, strlen(name)) == 0 && strcmp(entry->d_name, name) != 0) {
            assert_int_equal(unlink(entry->d_name), 0);
            removed++;
        }
    closedir(directory);
    return removed;
}

static void a_model_is_whole_whenever_its_writer_is_killed(void **state) {
    (void)state;
    struct rng rng;
    size_t old = 0, new = 0, cut_short = 0;
    long most = 2 * time_of(write_model_round);
    rng_seed(&rng, 11);
    for (size_t k = 0; k < MOMENTS; k++) {
        struct error error = {0};
        must(model_json_save(small, "m.json", NULL, NULL, &error), &error);
        kill_during(write_model_round, most, &rng);
        struct network *network = model_json_load("m.json", NULL, &error);
        must(network, &error);
        size_t neurons = network->layers[0].neurons;
        assert_true(neurons == 5 || neurons == 400);
        old += neurons == 5;
        new += neurons == 400;
        network_free(network);
        cut_short += remove_temporary("m.json") > 0;
    }
    print_message("%d moments: small %zu, large %zu, a temporary file left %zu times\n", MOMENTS,
                  old, new, cut_short);
    assert_true(old && new);
}

static void write_session_round(size_t round) {
    struct saved_session saved = {.model = realpath("m.json", NULL),
                                  .epsilon = (double)(round % 1000)};
    data_recipe_defaults(&saved.recipe);
    if (!saved_session_write(&saved, "sessions", NULL))
        _exit(1);
    saved_session_free(&saved);
}

static void a_session_is_found_whenever_its_writer_is_killed(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 12);
    struct error error = {0};
    must(model_json_save(small, "m.json", NULL, NULL, &error), &error);
    write_session_round(0);
    long most = 2 * time_of(write_session_round);
    for (size_t k = 0; k < MOMENTS; k++) {
        struct saved_session saved;
        bool found = false;
        kill_during(write_session_round, most, &rng);
        must(saved_session_find("sessions", "m.json", &saved, &found, &error), &error);
        assert_true(found);
        assert_string_equal(strrchr(saved.model, '/'), "/m.json");
        saved_session_free(&saved);
    }
}

/* A result of few points, or of many. */
static void write_result_round(size_t round) {
    static struct bench_point points[POINTS];
    struct bench_result result = {.job = {3, 0, 1},
                                  .parameters = 200,
                                  .mse = 0.125,
                                  .train_rows = 80,
                                  .test_rows = 20,
                                  .point = points,
                                  .count = round % 2 ? 2 : POINTS};
    for (size_t k = 0; k < POINTS; k++)
        points[k] = (struct bench_point){BENCH_JOINT_REFIT, 50, 49.5, 100, (double)k, 0.5, 9, 0.1};
    if (!bench_result_write(bench_suite_find("quick"), &result, "result.json", NULL))
        _exit(1);
}

static void a_result_is_whole_whenever_its_writer_is_killed(void **state) {
    (void)state;
    struct rng rng;
    size_t few = 0;
    rng_seed(&rng, 13);
    write_result_round(1);
    long most = 2 * time_of(write_result_round);
    for (size_t k = 0; k < MOMENTS; k++) {
        struct bench_result result = {0};
        struct error error = {0};
        kill_during(write_result_round, most, &rng);
        must(bench_result_read(bench_suite_find("quick"), "result.json", &result, &error), &error);
        assert_true(result.count == 2 || result.count == POINTS);
        assert_true(result.point[result.count - 1].mse == (double)(result.count - 1));
        few += result.count == 2;
        bench_result_free(&result);
    }
    print_message("%d moments: few points %zu times\n", MOMENTS, few);
    assert_true(few > 0 && few < MOMENTS);
    write_result_round(0); /* takes away what the killed ones have left */
    assert_int_equal(remove_temporary("result.json"), 0);
}

/* The program's limit on the size of files is as good as a full disk. */
static void with_room_for(rlim_t bytes, const char *line, struct run *run) {
    struct rlimit before, limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = bytes;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    *run = run_program(line);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
}

static void a_full_disk_leaves_the_old_file(void **state) {
    (void)state;
    struct error error = {0};
    must(model_json_save(large, "big.json", NULL, NULL, &error), &error);
    must(model_json_save(small, "out.json", NULL, NULL, &error), &error);
    char *before = read_file("out.json");
    size_t files = count_files();
    /* Room for the sentence itself, which goes to a file here. */
    for (rlim_t room = 1024; room < 8192; room += 512) {
        struct run run;
        with_room_for(room, "compress big.json -o out.json --eps 0", &run);
        char *after = read_file("out.json");
        assert_int_equal(run.status, 1);
        assert_non_null(strstr(run.err, "out.json"));
        assert_string_equal(before, after);
        assert_int_equal(count_files(), files);
        free(after);
        run_free(&run);
    }
    free(before);
}

/* Cuts a file to half its bytes and back while `reader` reads it. */
static void while_shrinking(const char *path, void (*reader)(const char *path)) {
    char *whole = read_file(path);
    size_t size;
    assert_true(file_size(path, &size));
    pid_t child = fork();
    if (child == 0)
        for (;;) {
            int descriptor = open(path, O_WRONLY);
            if (ftruncate(descriptor, (off_t)(size / 2)) != 0 ||
                pwrite(descriptor, whole, size, 0) != (ssize_t)size)
                _exit(1);
            close(descriptor);
        }
    for (size_t k = 0; k < 200; k++)
        reader(path);
    kill_child(child);
    free(whole);
}

static void read_model(const char *path) {
    struct error error = {0};
    struct network *network = model_load(path, NULL, NULL, &error);
    assert_true(network || *error.text);
    if (network)
        assert_int_equal(network->layers[0].neurons, 400);
    network_free(network);
}

static size_t half_rows; /* lines that begin in the first half of the table */

static void read_data(const char *path) {
    struct error error = {0};
    struct data_recipe recipe;
    data_recipe_defaults(&recipe);
    struct dataset *data = dataset_load(path, &recipe, NULL, -1, NULL, &error);
    assert_true(data || *error.text);
    if (data) /* as it was when it was opened, whole or half */
        assert_true(data->file_rows == ROWS || data->file_rows == half_rows);
    dataset_free(data);
    data_recipe_free(&recipe);
}

static void write_table(const char *path) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("a,b,y\n", file);
    for (size_t k = 0; k < ROWS; k++)
        fprintf(file, "%zu,%zu,%zu\n", k, k * k, k % 7);
    long size = ftell(file);
    fclose(file);
    char *whole = read_file(path);
    half_rows = 0;
    for (long at = 0; at < size / 2; at++)
        half_rows += whole[at] == '\n' && at + 1 < size / 2;
    free(whole);
}

static void files_that_shrink_while_read_are_read_or_refused(void **state) {
    (void)state;
    static const char *const models[] = {"shrinking.json", "shrinking.safetensors",
                                         "shrinking.onnx", "shrinking.npz"};
    struct error error = {0};
    for (size_t k = 0; k < sizeof models / sizeof *models; k++) {
        must(model_save(large, models[k], TENSOR_F64, NULL, NULL, &error), &error);
        while_shrinking(models[k], read_model);
    }
    write_table("shrinking.csv");
    assert_int_equal(system("gzip -c shrinking.csv >shrinking.csv.gz; gzip -c shrinking.json "
                            ">packed.json"),
                     0);
    while_shrinking("shrinking.csv", read_data);
    while_shrinking("shrinking.csv.gz", read_data);
    while_shrinking("packed.json", read_model);
}

static void replace_for_ever(const char *path) {
    for (size_t round = 0;; round++)
        if (!model_save(round % 2 ? small : large, path, TENSOR_F64, NULL, NULL, NULL))
            _exit(1);
}

/* Another file takes the name while one is read: it is read whole, or the other. */
static void files_that_are_replaced_while_read_are_whole(void **state) {
    (void)state;
    static const char *const models[] = {"replaced.json", "replaced.safetensors", "replaced.onnx",
                                         "replaced.npz"};
    for (size_t k = 0; k < sizeof models / sizeof *models; k++) {
        struct error error = {0};
        must(model_save(small, models[k], TENSOR_F64, NULL, NULL, &error), &error);
        pid_t child = fork();
        if (child == 0)
            replace_for_ever(models[k]);
        for (size_t round = 0; round < 200; round++) {
            struct network *network = model_load(models[k], NULL, NULL, &error);
            must(network != NULL, &error);
            network_free(network);
        }
        kill_child(child);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_is_whole_whenever_its_writer_is_killed),
        cmocka_unit_test(a_session_is_found_whenever_its_writer_is_killed),
        cmocka_unit_test(a_result_is_whole_whenever_its_writer_is_killed),
        cmocka_unit_test(a_full_disk_leaves_the_old_file),
        cmocka_unit_test(files_that_shrink_while_read_are_read_or_refused),
        cmocka_unit_test(files_that_are_replaced_while_read_are_whole),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
