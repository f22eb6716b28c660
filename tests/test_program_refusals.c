/* What the program refuses: with one sentence, the right exit status, and nothing left behind. */
#include "program_support.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD                                                                                       \
    "{\"format\":\"lumpscope-network\",\"version\":1,\"name\":\"m\",\"task\":\"regression\","
#define GOOD                                                                                       \
    HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1,2],[3,4],[1,2.01]],"                \
         "\"bias\":[0,1,0]},{\"activation\":\"linear\",\"weights\":[[1,1,1]],\"bias\":[0]}]}"

static int set_up(void **state) {
    if (enter_directory(state) != 0)
        return -1;
    write_file("m.json", GOOD);
    write_file("d.csv", "a,b,y\n1,2,3\n2,1,3\n0,1,1\n3,3,9\n1,1,2\n4,0,4\n0,4,4\n2,2,5\n");
    write_file("exact.json",
               HEAD "\"input\":{\"names\":[\"a\",\"b\"]},\"output\":{\"names\":[\"y\"]},"
                    "\"layers\":[{\"activation\":\"linear\",\"weights\":[[1,2]],"
                    "\"bias\":[0]}]}");
    return 0;
}

/* Seconds of processor time of the programs that have been run: a busy machine takes none of it. */
static double spent(void) {
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* Runs what must be refused; the sentence must be the last line, and name `place`. */
static void refused(const char *line, int status, const char *place) {
    size_t files = count_files();
    double before = spent();
    struct run run = run_program(line);
    if (run.status != status || *run.out || !strstr(run.err, place))
        fail_msg("%s: status %d instead of %d, \"%s\" does not name \"%s\"", line, run.status,
                 status, run.err, place);
    const char *sentence = strstr(run.err, "lumpscope: ");
    if (!sentence || strchr(sentence, '\n') != sentence + strlen(sentence) - 1)
        fail_msg("%s: not one sentence: %s", line, run.err);
    if (count_files() != files)
        fail_msg("%s: left a file behind", line);
    if (spent() - before > 2)
        fail_msg("%s: took %.1f s", line, spent() - before);
    run_free(&run);
}

static void usage_is_refused_with_2(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"measure", "measure"},
        {"evalute m.json", "evaluate"},
        {"konvert m.json x.onnx", "convert"},
        {"--frobnicate", "--frobnicate"},
        {"help nothing", "nothing"},
        {"info", "MODEL"},
        {"info ''", "MODEL"},
        {"info m.json m.json", "m.json"},
        {"info m.json --jsn", "--json"},
        {"info m.json --json=yes", "--json"},
        {"paths here", "here"},
        {"evaluate m.json", "--data"},
        {"evaluate m.json --data", "--data"},
        {"evaluate m.json --data --json", "--data"},
        {"evaluate m.json --data d.csv --target ''", "target"},
        {"evaluate m.json --data d.csv --test-fraction 2", "test-fraction"},
        {"evaluate m.json --data d.csv --test-fraction much", "test-fraction"},
        {"evaluate m.json --data d.csv --split maybe", "split"},
        {"evaluate m.json --data d.csv --split none --split-seed 2", "split"},
        {"evaluate m.json --data d.csv --delimiter x", "delimiter"},
        {"evaluate m.json --data d.csv --header perhaps", "header"},
        {"partition m.json", "--eps"},
        {"partition m.json --eps", "--eps"},
        {"partition m.json --eps many", "--eps"},
        {"partition m.json --eps -0.1", "--eps"},
        {"partition m.json --eps nan", "--eps"},
        {"partition m.json --eps inf", "--eps"},
        {"partition m.json --eps 1e999", "--eps"},
        {"partition m.json --eps 0.1 --target y", "--data"},
        {"partition m.json --eps 0.1 --relation sideways", "forward|backward|joint"},
        {"partition m.json --eps 0.1 --relation joint", "--data"},
        {"partition m.json --eps 0.1 --refit on", "--data"},
        {"partition m.json --eps 0.1 --data d.csv --norm l1", "--norm"},
        {"partition m.json --eps 0.1 --data d.csv --scale absolute", "--scale"},
        {"partition m.json --eps 0.1 --data d.csv --balance off", "--balance"},
        {"partition m.json --eps 0.1 --data d.csv --rank 2", "--rank"},
        {"partition m.json --eps 0.1 --relation backward --rank 2", "--rank"},
        {"partition m.json --eps 0.1 --rank 0", "--rank"},
        {"partition m.json --eps 0.1 --norm erode --scale relative", "--scale"},
        {"partition m.json --eps 0.1 --faithful --relation forward", "--relation"},
        {"partition m.json --eps 0.1 --faithful --refit off", "--refit"},
        {"partition m.json --eps 0.1 --faithful=yes", "--faithful"},
        {"partition m.json --eps 0.1 --lock one", "--lock"},
        {"partition m.json --eps 0.1 --seed -1", "--seed"},
        {"partition m.json --eps 0.1 --calibration 0.5", "--calibration"},
        {"compress m.json --eps 0.1", "-o"},
        {"compress m.json -o x.json", "--budget"},
        {"compress m.json -o x.json --eps 0.1 --exact", "--exact"},
        {"compress m.json -o x.json --budget 50 --loss 5", "--loss"},
        {"compress m.json -o x.json --budget -5", "--budget"},
        {"compress m.json -o x.json --budget half", "--budget"},
        {"compress m.json -o x.json --loss 5", "--data"},
        {"compress m.json -o x.json --loss 5 --calibrate-on d.csv", "--data"},
        {"sweep m.json", "--data"},
        {"sweep m.json --data d.csv --methods lump,nobody", "nobody"},
        {"sweep m.json --data d.csv --points 0", "--points"},
        {"sweep m.json --data d.csv --points 5 --grp 50", "--grp"},
        {"sweep m.json --data d.csv --grp 50,,20", "--grp"},
        {"sweep m.json --data d.csv --json --csv", "--csv"},
        {"sweep m.json --data d.csv --svg --json", "--json"},
        {"sweep m.json --data d.csv --csv --markdown", "--csv"},
        {"train --data d.csv -o x.json", "--layers"},
        {"train --layers 4 -o x.json", "--data"},
        {"train --data d.csv --layers 4", "-o"},
        {"train --data d.csv --layers 4:cubic -o x.json", "cubic"},
        {"train --data d.csv --layers 0 -o x.json", "layer 1"},
        {"train --data d.csv --layers 4,,5 -o x.json", "layer 2"},
        {"train --data d.csv --layers 4 -o x.json --epochs none", "--epochs"},
        {"train --data d.csv --layers 4 -o x.json --rate 0", "rate"},
        {"train --data d.csv --layers 4 -o x.json --batch 0", "--batch"},
        {"train --data d.csv --layers 4 -o x.json --task guess", "--task"},
        {"generate", "glycolysis"},
        {"generate lorenz -o x.csv", "lorenz"},
        {"generate rn", "-o"},
        {"generate rn --rows 0 -o x.csv", "--rows"},
        {"generate rn --rows many -o x.csv", "--rows"},
        {"generate rn --depth 3 -o x.csv", "--depth"},
        {"generate htree --depth 9 -o x.csv", "depth"},
        {"generate rn --seed x -o x.csv", "--seed"},
        {"encode m.json", "-o"},
        {"open m.json --color loud", "--color"},
        {"m.json --eps x", "--eps"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        refused(cases[k][0], 2, cases[k][1]);
}

/* Usage is looked at before any file is. */
static void usage_comes_before_files(void **state) {
    (void)state;
    refused("compress missing.json -o x.json --eps many", 2, "--eps");
    refused("partition missing.json --eps 1 --relation joint", 2, "--relation");
    refused("sweep missing.json --data missing.csv --grp x", 2, "--grp");
    refused("train --data missing.csv --layers x -o x.json", 2, "x");
}

static void a_number_of_threads_that_is_none_is_refused(void **state) {
    (void)state;
    static const char *const values[] = {"abc", "-1", "0", "2x"};
    for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
        setenv("LUMPSCOPE_THREADS", values[k], 1);
        refused("info m.json", 2, "LUMPSCOPE_THREADS");
    }
    setenv("LUMPSCOPE_THREADS", "", 1);
    run_well("info m.json");
    unsetenv("LUMPSCOPE_THREADS");
}

static void bad_models_are_refused_by_name(void **state) {
    (void)state;
    static const char *const models[] = {
        "",
        "\x01\x02\xff binary",
        "[1,2,3]",
        HEAD "\"layers\":[]}",
        HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1,2],[3]],\"bias\":[0,0]}]}",
        HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1,\"2\"]],\"bias\":[0]}]}",
        HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1,1e999]],\"bias\":[0]}]}",
        HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1,NaN]],\"bias\":[0]}]}",
        HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1,2]],\"bias\":[0,0]}]}",
        HEAD "\"layers\":[{\"activation\":\"cubic\",\"weights\":[[1,2]],\"bias\":[0]}]}",
        HEAD "\"layers\":[{\"activation\":\"softmax\",\"weights\":[[1,2]],\"bias\":[0]},"
             "{\"activation\":\"linear\",\"weights\":[[1]],\"bias\":[0]}]}",
        HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1,2]],\"bias\":[0]},"
             "{\"activation\":\"linear\",\"weights\":[[1,2]],\"bias\":[0]}]}",
        HEAD "\"input\":{\"mean\":[0,0],\"scale\":[1,0]},\"layers\":[{\"activation\":\"relu\","
             "\"weights\":[[1,2]],\"bias\":[0]}]}",
    };
    for (size_t k = 0; k < sizeof models / sizeof *models; k++) {
        write_file("bad.json", models[k]);
        refused("info bad.json", 1, "bad.json");
        refused("compress bad.json -o x.json --eps 0.1 --json", 1, "bad.json");
    }
    char good[sizeof GOOD] = GOOD;
    good[sizeof good / 2] = '\0';
    write_file("bad.json", good);
    refused("evaluate bad.json --data d.csv", 1, "bad.json");
    refused("info missing.json", 1, "missing.json");
    refused("missing.json", 1, "missing.json");
    refused("info .", 1, ".");
    refused("info d.csv", 1, "d.csv");
    refused("info /dev/full", 1, "/dev/full");
    remove("bad.json");
}

static void deep_nesting_is_refused(void **state) {
    (void)state;
    enum { DEPTH = 200000 };
    char *text = malloc(DEPTH + 1);
    assert_non_null(text);
    memset(text, '[', DEPTH);
    text[DEPTH] = '\0';
    write_file("deep.json", text);
    free(text);
    refused("info deep.json", 1, "deep.json");
    remove("deep.json");
}

static void bad_data_are_refused_by_name(void **state) {
    (void)state;
    static const char *const files[] = {
        "",
        "a,b,y\n",
        "a,b,y\n1,2\n",
        "a,b,y\n1,2,3\n1,2,3,4\n",
        "a,b,y\n?,2,3\n1,NA,3\n",
        "a,b,y\n1,2,3\n1,1e999,4\n",
        "a,b,y\n1,2,3\n\"1,2,3\n4,5,6\n",
        "b,y\n1,2\n3,4\n",
        "a,b,y\nred,2,3\nblue,1,2\n",
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        write_file("bad.csv", files[k]);
        refused("evaluate exact.json --data bad.csv --split none", 1, "bad.csv");
        refused("sweep m.json --data bad.csv --target y", 1, "bad.csv");
    }
    write_file("bad.csv", "b,y\n1,2\n3,4\n");
    refused("predict exact.json --data bad.csv -o x.csv", 1, "\"a\"");
    remove("bad.csv");
    refused("evaluate m.json --data missing.csv", 1, "missing.csv");
    refused("evaluate m.json --data d.csv --target nobody", 1, "nobody");
    refused("evaluate m.json --data d.csv --drop nobody", 1, "nobody");
    refused("evaluate m.json --data d.csv --test-fraction 0", 1, "--split none");
    refused("m.json --data missing.csv", 1, "missing.csv");
}

static void requests_that_cannot_be_served_are_refused_with_1(void **state) {
    (void)state;
    refused("partition m.json --eps 0.1 --lock 2", 1, "--lock 2");
    refused("partition m.json --eps 0.1 --norm erode", 1, "layer 1");
    refused("partition m.json --eps 0.1 --faithful", 1, "layer 1");
    refused("compress m.json -o x.json --budget 1", 1, "smallest");
    refused("encode m.json -o x.ode", 1, "layer 1");
    refused("encode exact.json -o m.json", 1, ".ode");
    refused("encode exact.json -o x.csv", 1, ".ode");
    refused("compress m.json -o x.pt --eps 0", 1, ".json");
    refused("open m.json", 1, "terminal");
    refused("info m.json --activation relu,relu,relu,relu", 1, "leave out --activation");
    refused("convert m.json x.npz --layers a,b", 1, "leave out --layers");
    refused("compress m.json -o x.json --eps 0 --activation tanh", 1, "leave out --activation");
}

static void bad_outputs_are_refused_at_once(void **state) {
    (void)state;
    static const char *const outputs[] = {"nowhere/x", "d.csv/x", "."};
    static const char *const lines[][2] = {
        {"compress m.json --eps 0.1 -o", ".json"},
        {"train --data d.csv --layers 4 --epochs 1000000 -o", ".json"},
        {"generate rn -o", ".csv"},
        {"encode m.json -o", ".ode"},
        {"predict m.json --data d.csv -o", ".csv"},
        {"sweep m.json --data d.csv --csv -o", ".csv"},
    };
    for (size_t l = 0; l < sizeof lines / sizeof *lines; l++)
        for (size_t k = 0; k < sizeof outputs / sizeof *outputs; k++) {
            char output[64], line[160];
            bool file = strchr(outputs[k], 'x');
            snprintf(output, sizeof output, "%s%s", outputs[k], file ? lines[l][1] : "");
            snprintf(line, sizeof line, "%s %s", lines[l][0], output);
            refused(line, 1, output);
        }
}

static void a_directory_that_may_not_be_written_to_is_refused(void **state) {
    (void)state;
    if (geteuid() == 0) {
        print_message("skipped: root may write everywhere\n");
        skip();
    }
    assert_int_equal(mkdir("locked", 0500), 0);
    refused("generate rn -o locked/x.csv", 1, "locked/x.csv");
    rmdir("locked");
}

static void a_full_or_closed_output_is_an_error(void **state) {
    (void)state;
    static const char *const outputs[] = {"/dev/full", ""};
    for (size_t k = 0; k < 2; k++) {
        struct run run = run_with("info m.json", NULL, outputs[k]);
        if (run.status != 1 || !strstr(run.err, "standard output"))
            fail_msg("output %s: status %d, %s", outputs[k], run.status, run.err);
        run_free(&run);
    }
    struct run run = run_with("info m.json", "", NULL);
    assert_int_equal(run.status, 0);
    run_free(&run);
}

static void control_characters_do_not_reach_the_terminal(void **state) {
    (void)state;
    write_file("evil.json", HEAD "\"layers\":[{\"activation\":\"\\u001b[31m\",\"weights\":[[1]],"
                                 "\"bias\":[0]}]}");
    struct run run = run_program("info evil.json");
    assert_int_equal(run.status, 1);
    assert_null(strchr(run.err, '\x1b'));
    run_free(&run);
    write_file("evil.json",
               "{\"format\":\"lumpscope-network\",\"version\":1,\"name\":\"\\u001b]0;x\","
               "\"task\":\"regression\",\"layers\":[{\"activation\":\"linear\","
               "\"weights\":[[1]],\"bias\":[0]}]}");
    run = run_program("info evil.json");
    assert_int_equal(run.status, 0);
    assert_null(strchr(run.out, '\x1b'));
    run_free(&run);
    remove("evil.json");
}

/* An interrupted training ends with 130 and leaves no file. */
static void an_interrupt_stops_cleanly(void **state) {
    (void)state;
    struct run made = run_program("generate glycolysis --rows 20000 -o big.csv");
    assert_int_equal(made.status, 0);
    run_free(&made);
    size_t files = count_files();
    static const int waits[] = {5, 60, 400}; /* milliseconds */
    for (size_t k = 0; k < 3; k++) {
        pid_t child = start_program("train --data big.csv --target last:7 --layers 256,256 "
                                    "--epochs 100000 -o trained.json");
        if (k > 0)
            wait_until_caught(child, SIGINT);
        nanosleep(&(struct timespec){.tv_nsec = waits[k] * 1000000L}, NULL);
        kill(child, SIGINT);
        int status = wait_for(child, 10);
        bool early = WIFSIGNALED(status) && WTERMSIG(status) == SIGINT && k == 0;
        assert_true(early || (WIFEXITED(status) && WEXITSTATUS(status) == 130));
        assert_int_equal(count_files(), files);
    }
    remove("big.csv");
}

/* One signal ends it, at whatever moment that comes. */
static void ends_at_a_signal(const char *line, const char *out, int signal, long microseconds) {
    pid_t child = start_program_to(line, out);
    wait_until_caught(child, signal);
    nanosleep(&(struct timespec){.tv_nsec = microseconds * 1000}, NULL);
    kill(child, signal);
    int status = wait_for(child, 10);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 128 + signal)
        fail_msg("%s, after %ld us: status %d", line, microseconds, status);
}

static const char *const to_pipe[] = {
    "convert m.json pipe",
    "train --data d.csv --target y --layers 2 --epochs 2 -o pipe",
    "generate glycolysis --rows 5000 -o pipe",
    "encode exact.json -o pipe",
    "sweep m.json --data d.csv --target y --csv -o pipe",
};
enum { MOMENTS = 8 };

/* A pipe that nobody reads is waited for, and left at the first signal. */
static void a_pipe_without_reader_is_left_at_a_signal(void **state) {
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    assert_int_equal(mkfifo("pipe", 0600), 0);
    for (size_t k = 0; k < sizeof to_pipe / sizeof *to_pipe; k++)
        for (size_t moment = 0; moment < MOMENTS; moment++)
            ends_at_a_signal(to_pipe[k], "/dev/null", signals[moment % 3], 7000 * (long)moment);
    remove("pipe");
}

/* One that is open and not read, which takes some and then no more. */
static void a_pipe_that_stalls_is_left_at_a_signal(void **state) {
    (void)state;
    assert_int_equal(mkfifo("stalled", 0600), 0);
    int reader = open("stalled", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    run_well("generate glycolysis --rows 5000 -o long.csv");
    run_well("train --data long.csv --target last:7 --layers 2 --epochs 1 -o wide.json");
    for (size_t moment = 0; moment < MOMENTS; moment++) {
        long microseconds = 20000 * (long)moment;
        ends_at_a_signal("generate glycolysis --rows 5000 -o stalled", "/dev/null", SIGINT,
                         microseconds);
        ends_at_a_signal("generate glycolysis --rows 5000 -o -", "stalled", SIGINT, microseconds);
        ends_at_a_signal("predict wide.json --data long.csv", "stalled", SIGINT, microseconds);
    }
    close(reader);
    remove("stalled");
    remove("long.csv");
    remove("wide.json");
}

/* A number of points that nothing counts up to is every event. */
static void more_points_than_events_are_all_of_them(void **state) {
    (void)state;
    double before = spent();
    struct run many =
        run_program("sweep m.json --data d.csv --target y --split none --methods lump "
                    "--csv --points 18446744073709551615");
    struct run some =
        run_program("sweep m.json --data d.csv --target y --split none --methods lump "
                    "--csv --points 1000");
    assert_int_equal(many.status, 0);
    assert_string_equal(many.out, some.out);
    assert_true(spent() - before < 4);
    run_free(&many);
    run_free(&some);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage_is_refused_with_2),
        cmocka_unit_test(usage_comes_before_files),
        cmocka_unit_test(a_number_of_threads_that_is_none_is_refused),
        cmocka_unit_test(bad_models_are_refused_by_name),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(bad_data_are_refused_by_name),
        cmocka_unit_test(requests_that_cannot_be_served_are_refused_with_1),
        cmocka_unit_test(bad_outputs_are_refused_at_once),
        cmocka_unit_test(a_directory_that_may_not_be_written_to_is_refused),
        cmocka_unit_test(a_full_or_closed_output_is_an_error),
        cmocka_unit_test(control_characters_do_not_reach_the_terminal),
        cmocka_unit_test(an_interrupt_stops_cleanly),
        cmocka_unit_test(a_pipe_without_reader_is_left_at_a_signal),
        cmocka_unit_test(a_pipe_that_stalls_is_left_at_a_signal),
        cmocka_unit_test(more_points_than_events_are_all_of_them),
    };
    return cmocka_run_group_tests(tests, set_up, leave_directory);
}
