/* Foundation: numbers round-trip, random numbers are the published generators, files stay whole. */
#include "lumpscope/file.h"
#include "lumpscope/progress.h"
#include "lumpscope/rng.h"
#include "lumpscope/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

static void numbers_read_back_to_the_same_double(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 3);
    char number[TEXT_NUMBER_SIZE];
    for (int i = 0; i < 20000; i++) {
        double value = ldexp(rng_normal(&rng), (int)(rng_uniform(&rng) * 600) - 300);
        assert_true(strtod(text_number(value, number), NULL) == value);
    }
    assert_string_equal(text_number(0.1, number), "0.1");
    assert_string_equal(text_number(1e300, number), "1e+300");
}

static void numbers_for_people_keep_significant_digits(void **state) {
    (void)state;
    char number[TEXT_NUMBER_SIZE];
    assert_string_equal(text_human(0.055312, 3, number), "0.0553");
    assert_string_equal(text_human(1547, 3, number), "1547");
    assert_string_equal(text_human(1.2345e-7, 3, number), "1.23e-07");
    assert_string_equal(text_human(NAN, 3, number), "-");
    assert_string_equal(text_bytes(999, number), "999 B");
    assert_string_equal(text_bytes(12400, number), "12.4 kB");
}

/* First outputs of xoshiro256** for the state 1, 2, 3, 4, as published with the generator. */
static void generator_is_xoshiro256starstar(void **state) {
    (void)state;
    struct rng rng = {{1, 2, 3, 4}};
    assert_true(rng_next(&rng) == 11520);
    assert_true(rng_next(&rng) == 0);
    assert_true(rng_next(&rng) == 1509978240);
    assert_true(rng_next(&rng) == 1215971899390074240u);
}

static void seed_goes_through_splitmix64(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 0);
    assert_true(rng.state[0] == 0xe220a8397b1dcdafu);
    assert_true(rng.state[1] == 0x6e789e6aa1b965f4u);
}

static void control_characters_never_reach_a_sentence(void **state) {
    (void)state;
    char text[] = "a\033[31mb\x9b\xc2\x9b\xc3\xa9\n";
    text_make_visible(text);
    assert_string_equal(text, "a?[31mb???\xc3\xa9?");
}

/* Two names that look like one are told apart, and no name turns the line around. */
static void what_takes_no_room_is_made_visible(void **state) {
    (void)state;
    char text[] = "a\xe2\x80\x8b"
                  "b\xe2\x80\xae"
                  "c\xef\xbb\xbf"
                  "e\xcc\x81\n\t";
    text_make_lines_visible(text);
    assert_string_equal(text, "a???b???c???e\xcc\x81\n\t");
    struct text out = {0};
    text_append_json(&out, "[\"\xc2\x9b\xf3\xa0\x80\x81\"]", false);
    assert_string_equal(out.data, "[\"\\u009b\\udb40\\udc01\"]");
    text_clear(&out);
    text_append_shell_word(&out, "it's\033");
    text_append(&out, " ");
    text_append_shell_word(&out, "a b");
    assert_string_equal(out.data, "$'it\\'s\\x1b' 'a b'");
    text_free(&out);
}

static void failed_write_leaves_the_old_file(void **state) {
    (void)state;
    char directory[] = "/tmp/lumpscope-test-XXXXXX";
    assert_non_null(mkdtemp(directory));
    char path[64];
    snprintf(path, sizeof path, "%s/file", directory);
    struct error error = {0};
    assert_true(file_write(path, "old", 3, NULL, &error));
    char missing[96];
    snprintf(missing, sizeof missing, "%s/none/file", directory);
    assert_false(file_write(missing, "new", 3, NULL, &error));
    assert_int_equal(error.kind, ERROR_REQUEST);
    assert_non_null(strstr(error.text, missing));
    size_t size;
    char *content = file_read(path, 100, &size, NULL, &error);
    assert_string_equal(content, "old");
    free(content);
    assert_null(file_read(path, 2, &size, NULL, &error));
    unlink(path);
    rmdir(directory);
}

static void assert_content(const char *path, const char *expected) {
    size_t size;
    char *content = file_read(path, 100, &size, NULL, NULL);
    assert_non_null(content);
    assert_string_equal(content, expected);
    free(content);
}

/* Files of the program's own are never waited for, and whoever writes to a pipe finds no reader. */
static void a_pipe_is_no_file_of_our_own(void **state) {
    (void)state;
    char directory[] = "/tmp/lumpscope-test-XXXXXX", path[64];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/own", directory);
    struct error error = {0};
    size_t size;
    assert_true(file_check_regular(path, &error));
    assert_null(file_read_regular(path, 100, &size, &error));
    assert_non_null(strstr(error.text, "check the path"));
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(file_check_regular(path, &error));
    assert_null(file_read_regular(path, 100, &size, &error));
    assert_non_null(strstr(error.text, "/own: a pipe; name a regular file or put one there"));
    assert_false(file_check_regular(directory, &error));
    assert_non_null(strstr(error.text, ": not a file"));
    assert_int_equal(unlink(path), 0);
    assert_true(file_write(path, "own", 3, NULL, &error));
    assert_true(file_check_regular(path, &error));
    char *content = file_read_regular(path, 100, &size, &error);
    assert_non_null(content);
    assert_string_equal(content, "own");
    free(content);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
}

/* Members one after the other are one file; what follows the last is left alone, but a file that
 * ends inside one is not whole. */
static void packed_files_are_read_to_the_end_of_their_last_member(void **state) {
    (void)state;
    char path[] = "/tmp/lumpscope-test-XXXXXX", bytes[256];
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    for (int k = 0; k < 2; k++) {
        gzFile packed = gzdopen(dup(descriptor), "w");
        assert_int_equal(gzputs(packed, k ? "second" : "first, "), k ? 6 : 7);
        assert_int_equal(gzclose(packed), Z_OK);
    }
    struct error error = {0};
    size_t size, whole, cut;
    assert_true(file_size(path, &whole));
    assert_content(path, "first, second");
    assert_int_equal(pread(descriptor, bytes, sizeof bytes, 0), whole);
    assert_int_equal(pwrite(descriptor, "garbage", 7, (off_t)whole), 7);
    assert_content(path, "first, second");
    for (cut = whole - 1; cut > whole / 2 + 2; cut--) {
        assert_int_equal(ftruncate(descriptor, (off_t)cut), 0);
        assert_null(file_read(path, 100, &size, NULL, &error));
        assert_non_null(strstr(error.text, "ends too early"));
    }
    assert_int_equal(ftruncate(descriptor, 0), 0);
    assert_content(path, "");
    assert_int_equal(pwrite(descriptor, "\x1f", 1, 0), 1);
    assert_content(path, "\x1f");
    close(descriptor);
    unlink(path);
}

static void pieces_replace_a_file_whole_or_not_at_all(void **state) {
    (void)state;
    char directory[] = "/tmp/lumpscope-test-XXXXXX";
    assert_non_null(mkdtemp(directory));
    char path[64], link[64];
    snprintf(path, sizeof path, "%s/file", directory);
    snprintf(link, sizeof link, "%s/link", directory);
    struct error error = {0};
    assert_true(file_write(path, "old", 3, NULL, &error));
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(symlink("file", link), 0);
    struct file_writer writer;
    assert_true(file_writer_open(&writer, link, NULL, &error));
    assert_true(file_writer_put(&writer, "ne", 2, &error));
    assert_content(path, "old");
    file_writer_abandon(&writer);
    file_writer_abandon(&writer); /* nothing more to abandon */
    assert_content(path, "old");
    assert_true(file_writer_open(&writer, link, NULL, &error));
    assert_true(file_writer_put(&writer, "ne", 2, &error));
    assert_true(file_writer_put(&writer, "w", 1, &error));
    assert_true(file_writer_commit(&writer, &error));
    assert_content(path, "new");
    struct stat status;
    assert_int_equal(lstat(link, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    assert_false(file_writer_open(&writer, directory, NULL, &error));
    assert_non_null(strstr(error.text, "is a directory"));
    assert_true(file_writer_open(&writer, "/dev/null", NULL, &error));
    assert_true(file_writer_put(&writer, "gone", 4, &error));
    assert_true(file_writer_commit(&writer, &error));
    assert_int_equal(unlink(link), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0); /* no temporary file was left */
}

struct told {
    char what[32];
    size_t done, total;
};

static bool tell(void *user, const char *what, size_t done, size_t total) {
    struct told *told = user;
    snprintf(told->what, sizeof told->what, "%s", what);
    told->done = done;
    told->total = total;
    return done != 7;
}

static void parts_of_work_are_told_of_the_whole(void **state) {
    (void)state;
    struct told told;
    struct error error = {0};
    struct progress whole = {.report = tell, .user = &told};
    struct progress_part part;
    progress_part_begin(&part, &whole, "merging", 3, 9);
    assert_true(progress_step(&part.progress, "distances", 8, 20, &error));
    assert_string_equal(told.what, "merging");
    assert_int_equal(told.done, 3);
    assert_int_equal(told.total, 9);
    progress_part_begin(&part, &whole, NULL, 2, 4);
    assert_true(progress_step(&part.progress, "distances", 5, 10, &error));
    assert_string_equal(told.what, "distances");
    assert_int_equal(told.done, 25);
    assert_int_equal(told.total, 40);
    progress_part_begin(&part, &whole, "merging", 7, 9);
    assert_false(progress_step(&part.progress, "distances", 1, 2, &error));
    assert_int_equal(error.kind, ERROR_CANCELLED);
    progress_part_begin(&part, NULL, "merging", 7, 9);
    assert_true(progress_step(&part.progress, "distances", 1, 2, &error));
}

/* Most file systems can do without a name for the temporary file. */
static void a_program_that_ends_while_writing_leaves_nothing(void **state) {
    (void)state;
    char directory[] = "/tmp/lumpscope-test-XXXXXX", path[64];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/file", directory);
    pid_t child = fork();
    if (child == 0) {
        struct file_writer writer;
        bool put = file_writer_open(&writer, path, NULL, NULL) && writer.nameless &&
                   file_writer_put(&writer, "half", 4, NULL);
        _exit(put ? 0 : 77);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WEXITSTATUS(status) == 77) {
        print_message("the file system of /tmp names every file\n");
        skip();
    }
    assert_int_equal(rmdir(directory), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_read_back_to_the_same_double),
        cmocka_unit_test(numbers_for_people_keep_significant_digits),
        cmocka_unit_test(generator_is_xoshiro256starstar),
        cmocka_unit_test(seed_goes_through_splitmix64),
        cmocka_unit_test(control_characters_never_reach_a_sentence),
        cmocka_unit_test(what_takes_no_room_is_made_visible),
        cmocka_unit_test(failed_write_leaves_the_old_file),
        cmocka_unit_test(a_pipe_is_no_file_of_our_own),
        cmocka_unit_test(packed_files_are_read_to_the_end_of_their_last_member),
        cmocka_unit_test(pieces_replace_a_file_whole_or_not_at_all),
        cmocka_unit_test(parts_of_work_are_told_of_the_whole),
        cmocka_unit_test(a_program_that_ends_while_writing_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
