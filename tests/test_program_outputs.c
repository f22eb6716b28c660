/* Where results go: files that are full, devices, pipes, and names that say a format. */
#include "program_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char model[] =
    "{\"format\":\"lumpscope-network\",\"version\":1,\"name\":\"m\",\"task\":\"regression\","
    "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1,2],[3,4],[1,2.01]],\"bias\":[0,1,0]},"
    "{\"activation\":\"linear\",\"weights\":[[1,1,1]],\"bias\":[0]}]}";

static int set_up(void **state) {
    if (enter_directory(state) != 0)
        return -1;
    write_file("m.json", model);
    write_file("d.csv", "a,b,y\n1,2,3\n2,1,3\n0,1,1\n3,3,9\n1,1,2\n4,0,4\n0,4,4\n2,2,5\n");
    return 0;
}

/* Exit status and a part of what is said on standard error; standard output is given back. */
static char *ends(const char *line, int status, const char *part) {
    struct run run = run_program(line);
    if (run.status != status || !strstr(run.err, part))
        fail_msg("%s: status %d instead of %d, \"%s\" does not say \"%s\"", line, run.status,
                 status, run.err, part);
    free(run.err);
    return run.out;
}

static void limit_files(rlim_t bytes) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_file_at_its_limit_is_an_error_that_leaves_nothing(void **state) {
    (void)state;
    size_t files = count_files();
    limit_files(8192);
    char *out = ends("generate rn -o big.csv", 1, "big.csv: cannot be written");
    limit_files(RLIM_INFINITY);
    free(out);
    assert_int_equal(count_files(), files);
}

static void standard_output_at_its_limit_is_an_error(void **state) {
    (void)state;
    free(ends("generate rn --rows 2000 -o rows.csv", 0, "written"));
    limit_files(8192);
    char *out = ends("predict m.json --data rows.csv", 1, "standard output: cannot be written");
    limit_files(RLIM_INFINITY);
    free(out);
    remove("rows.csv");
}

/* The other end of a pipe is gone, and the signal that says so is ignored. */
static void a_reader_that_has_gone_ends_quietly(void **state) {
    (void)state;
    assert_int_equal(system("trap '' PIPE; { sleep 0.2; \"$LUMPSCOPE_PROGRAM\" info m.json; "
                            "echo $? >status; } 2>said | true"),
                     0);
    char *status = read_file("status"), *said = read_file("said");
    assert_string_equal(status, "141\n");
    assert_string_equal(said, "");
    free(status);
    free(said);
    remove("status");
    remove("said");
}

static void devices_and_pipes_are_written_to_as_they_are(void **state) {
    (void)state;
    size_t files = count_files();
    free(ends("compress m.json --eps 0 -o /dev/null", 0, ""));
    free(ends("generate rn -o /dev/full", 1, "/dev/full: cannot be written"));
    char *out = ends("generate rn --rows 3 -o /dev/stdout", 0, "written to /dev/stdout");
    assert_int_equal(strncmp(out, "Au,Ap,", 6), 0);
    free(out);
    /* What is said about the model stands beside it, not in it. */
    out = ends("compress m.json --eps 0 -o /dev/stdout", 0, "parameters");
    assert_int_equal(strncmp(out, "{\"format\"", 9), 0);
    assert_null(strstr(out, "written to"));
    free(out);
    assert_int_equal(mkfifo("pipe", 0600), 0);
    pid_t child = start_program("sweep m.json --data d.csv --csv -o pipe");
    char *content = read_file("pipe");
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(strncmp(content, "method,", 7), 0);
    free(content);
    remove("pipe");
    assert_int_equal(count_files(), files);
}

static void a_name_that_says_another_format_is_refused(void **state) {
    (void)state;
    static const char *const lines[][2] = {
        {"generate rn -o", ".csv"},
        {"predict m.json --data d.csv -o", ".csv"},
        {"predict m.json --data d.csv --json -o", ".json"},
        {"sweep m.json --data d.csv -o", ".csv"},
        {"sweep m.json --data d.csv --csv -o", ".csv"},
    };
    static const char *const outputs[] = {"x.csv.gz", "x.npy", "x.npz"};
    size_t files = count_files();
    for (size_t l = 0; l < sizeof lines / sizeof *lines; l++)
        for (size_t k = 0; k < sizeof outputs / sizeof *outputs; k++) {
            char line[160];
            snprintf(line, sizeof line, "%s %s", lines[l][0], outputs[k]);
            free(ends(line, 1, lines[l][1]));
        }
    free(ends("compress m.json --eps 0 -o x.npy", 1, "no model format has this suffix"));
    free(ends("compress m.json --eps 0 -o x.pt", 1, "no model format has this suffix"));
    free(ends("train --data d.csv --layers 2 --epochs 1 -o x.bin", 1, ".json"));
    free(ends("predict m.json --data d.csv -o x.svg", 1, ".json or .csv"));
    free(ends("sweep m.json --data d.csv -o x.pdf", 1, ".json, .csv, .svg or .md"));
    assert_int_equal(count_files(), files);
}

static void a_sweep_is_also_a_picture_and_a_table(void **state) {
    (void)state;
    free(ends("sweep m.json --data d.csv --points 3 -o x.svg", 0, ""));
    free(ends("sweep m.json --data d.csv --points 3 -o x.md", 0, ""));
    char *picture = read_file("x.svg"), *table = read_file("x.md");
    assert_int_equal(strncmp(picture, "<svg ", 5), 0);
    assert_non_null(strstr(picture, ">magnitude</text>"));
    assert_non_null(strstr(picture, "</svg>"));
    assert_int_equal(strncmp(table, "| method | size |", 17), 0);
    char *printed = run_good("sweep m.json --data d.csv --points 3 --markdown");
    assert_string_equal(printed, table);
    char *listed = run_good("sweep m.json --data d.csv --grp 60 --markdown");
    assert_non_null(strstr(listed, "| method | at most | size |"));
    assert_non_null(strstr(listed, "| lump | 60 % |"));
    free(picture);
    free(table);
    free(printed);
    free(listed);
    remove("x.svg");
    remove("x.md");
}

static void predictions_are_written_as_the_suffix_says(void **state) {
    (void)state;
    free(ends("predict m.json --data d.csv -o p.json", 0, ""));
    char *file = read_file("p.json");
    assert_non_null(strstr(file, "\"rows\""));
    free(file);
    remove("p.json");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_at_its_limit_is_an_error_that_leaves_nothing),
        cmocka_unit_test(standard_output_at_its_limit_is_an_error),
        cmocka_unit_test(a_reader_that_has_gone_ends_quietly),
        cmocka_unit_test(devices_and_pipes_are_written_to_as_they_are),
        cmocka_unit_test(a_name_that_says_another_format_is_refused),
        cmocka_unit_test(a_sweep_is_also_a_picture_and_a_table),
        cmocka_unit_test(predictions_are_written_as_the_suffix_says),
    };
    return cmocka_run_group_tests(tests, set_up, leave_directory);
}
