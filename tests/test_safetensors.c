/* The safetensors container: what it holds comes back bit for bit, and headers that lie are
 * answered with one sentence before anything large is allocated. */
#include "lumpscope/safetensors.h"

#include "lumpscope/file.h"
#include "lumpscope/text.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/lumpscope-safetensors-XXXXXX";
static char path[64];

static int make_place(void **state) {
    (void)state;
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/m.safetensors", directory);
    return 0;
}

static int remove_place(void **state) {
    (void)state;
    unlink(path);
    return rmdir(directory);
}

/* A header of that length, whatever length it says, and `data_bytes` of data. */
static void write_file(const char *header, uint64_t said, size_t data_bytes) {
    struct text file = {0};
    char length[8];
    for (int k = 0; k < 8; k++)
        length[k] = (char)(said >> 8 * k);
    text_append_bytes(&file, length, sizeof length);
    text_append(&file, header);
    for (size_t k = 0; k < data_bytes; k++)
        text_append_bytes(&file, "\x3f", 1);
    assert_true(file_write(path, file.data, file.length, NULL, NULL));
    text_free(&file);
}

static void write_header(const char *header, size_t data_bytes) {
    write_file(header, strlen(header), data_bytes);
}

static struct safetensors *open_file(void) {
    struct error error = {0};
    struct safetensors *file = safetensors_open(path, &error);
    if (!file)
        fail_msg("%s", error.text);
    return file;
}

static void assert_refused(const char *place) {
    struct error error = {0};
    struct safetensors *file = safetensors_open(path, &error);
    assert_null(file);
    assert_int_equal(error.kind, ERROR_REQUEST);
    if (strncmp(error.text, path, strlen(path)) != 0 || !strstr(error.text, place) ||
        strchr(error.text, '\n'))
        fail_msg("\"%s\" does not name \"%s\"", error.text, place);
}

static const double values[] = {1, -0.5, 3.140625, 0, -0.0, 1024};

static void every_floating_type_comes_back_bit_for_bit(void **state) {
    (void)state;
    for (int type = 0; type < TENSOR_FLOATS; type++) {
        static const size_t shape[] = {2, 3};
        struct safetensors_source sources[] = {
            {.name = "a \"quoted\" name",
             .type = (enum tensor_type)type,
             .dimensions = 2,
             .shape = shape,
             .values = values},
            {.name = "b",
             .type = (enum tensor_type)type,
             .dimensions = 1,
             .shape = &shape[1],
             .values = values},
        };
        size_t bytes, measured, size;
        struct error error = {0};
        assert_true(safetensors_write(path, sources, 2, NULL, &bytes, NULL, &error));
        assert_true(safetensors_measure(sources, 2, NULL, &measured, &error));
        assert_true(file_size(path, &size));
        assert_int_equal(bytes, size);
        assert_int_equal(measured, size);
        struct safetensors *file = open_file();
        assert_int_equal(file->count, 2);
        const struct safetensors_entry *entry = safetensors_find(file, "a \"quoted\" name");
        assert_non_null(entry);
        assert_int_equal(entry->type, type);
        assert_int_equal(entry->begin % 8, 0);
        double again[6];
        assert_true(safetensors_read(file, entry, again, &error));
        assert_memory_equal(again, values, sizeof values);
        assert_true(safetensors_read_part(file, entry, 2, 3, again, &error));
        assert_memory_equal(again, values + 2, 3 * sizeof *values);
        safetensors_close(file);
    }
}

static void metadata_and_unknown_types_are_copied(void **state) {
    (void)state;
    write_header("{\"__metadata__\":{\"format\":\"pt\",\"x\":\"\\u001b\"},"
                 "\"odd\":{\"dtype\":\"F8_E4M3\",\"shape\":[3],\"data_offsets\":[0,3]},"
                 "\"even\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[3,7]}}   ",
                 7);
    struct safetensors *file = open_file();
    struct error error = {0};
    const struct safetensors_entry *odd = safetensors_find(file, "odd");
    assert_false(odd->known);
    assert_false(safetensors_read(file, odd, (double[3]){0}, &error));
    assert_non_null(strstr(error.text, "F8_E4M3"));
    struct safetensors_source sources[2];
    for (size_t k = 0; k < 2; k++)
        sources[k] = (struct safetensors_source){.name = file->entries[k].name,
                                                 .dimensions = file->entries[k].dimensions,
                                                 .shape = file->entries[k].shape,
                                                 .from = file,
                                                 .entry = &file->entries[k]};
    /* Over the file that is being read. */
    assert_true(safetensors_write(path, sources, 2, file->metadata, NULL, NULL, &error));
    struct safetensors *copy = open_file();
    assert_true(cJSON_Compare(file->metadata, copy->metadata, true));
    /* The wider type went first, so that it is aligned. */
    assert_string_equal(copy->entries[0].name, "even");
    assert_int_equal(copy->entries[0].begin % 4, 0);
    assert_string_equal(copy->entries[1].type_name, "F8_E4M3");
    double value;
    assert_true(safetensors_read(copy, &copy->entries[0], &value, &error));
    assert_true(value > 0.7 && value < 0.8);
    safetensors_close(copy);
    safetensors_close(file);
}

static void a_value_beyond_its_type_leaves_the_old_file(void **state) {
    (void)state;
    static const double large[] = {1, 1e6};
    static const size_t shape[] = {2};
    struct safetensors_source source = {
        .name = "w", .type = TENSOR_F16, .dimensions = 1, .shape = shape, .values = large};
    struct error error = {0};
    assert_true(file_write(path, "old", 3, NULL, &error));
    assert_false(safetensors_write(path, &source, 1, NULL, NULL, NULL, &error));
    assert_non_null(strstr(error.text, "element 1, 1e+06, is beyond the range of F16"));
    size_t size;
    assert_true(file_size(path, &size));
    assert_int_equal(size, 3);
    assert_int_equal(remove_place(NULL), 0); /* nothing else was left there */
    memset(directory + strlen(directory) - 6, 'X', 6);
    assert_int_equal(make_place(NULL), 0);
}

#define TENSOR(name, type, shape, offsets)                                                         \
    "\"" name "\":{\"dtype\":" type ",\"shape\":" shape ",\"data_offsets\":" offsets "}"
#define F32(name, shape, offsets) TENSOR(name, "\"F32\"", shape, offsets)

static void headers_that_lie_are_answered_with_tensor_and_remedy(void **state) {
    (void)state;
    static const struct {
        const char *header;
        size_t data_bytes;
        const char *place;
    } cases[] = {
        {"{" F32("a", "[2]", "[0,8]") "}", 7, "\"a\" ends at byte"},
        {"{" F32("a", "[2]", "[0,8]") "}", 9, "1 bytes behind the last tensor"},
        {"{" F32("a", "[2]", "[0,8]") "," F32("b", "[2]", "[4,12]") "}", 12,
         "\"a\" and \"b\" overlap"},
        {"{" F32("a", "[2]", "[0,8]") "," F32("b", "[2]", "[12,20]") "}", 20,
         "4 bytes before tensor \"b\""},
        {"{" F32("a", "[2]", "[0,8]") "," F32("a", "[2]", "[8,16]") "}", 16,
         "\"a\" stands there twice"},
        {"{" F32("a", "[3]", "[0,8]") "}", 8, "3 elements of F32 do not make its 8 bytes"},
        {"{" F32("a", "[9223372036854775808]", "[0,8]") "}", 8, "\"a\": shape"},
        {"{" F32("a", "[4503599627370496,4503599627370496]", "[0,8]") "}", 8, "be counted"},
        {"{" F32("a", "[2]", "[0,9223372036854775808]") "}", 8, "\"a\": data_offsets"},
        {"{" F32("a", "[2]", "[8,0]") "}", 8, "\"a\": data_offsets"},
        {"{" F32("a", "[2]", "[-8,0]") "}", 8, "\"a\": data_offsets"},
        {"{" F32("a", "[2]", "[0.5,8]") "}", 8, "\"a\": data_offsets"},
        {"{" F32("a", "[2]", "[0,8,9]") "}", 8, "\"a\": data_offsets"},
        {"{" F32("a", "[2]", "\"0,8\"") "}", 8, "\"a\": data_offsets"},
        {"{" F32("a", "[-2]", "[0,8]") "}", 8, "\"a\": shape"},
        {"{" F32("a", "2", "[0,8]") "}", 8, "\"a\": shape"},
        {"{" F32("a", "[\"2\"]", "[0,8]") "}", 8, "\"a\": shape"},
        {"{" TENSOR("a", "32", "[2]", "[0,8]") "}", 8, "\"a\": dtype"},
        {"{" TENSOR("a", "\"a type of a long name\"", "[2]", "[0,8]") "}", 8, "\"a\": dtype"},
        {"{\"a\":{\"dtype\":\"F32\"}}", 0, "\"a\": shape"},
        {"{\"a\":7}", 0, "\"a\" is not described"},
        {"{\"a\\u0000b\":7}", 0, "no JSON object of tensors"},
        {"{\"__metadata__\":{\"a\":1}}", 0, "object of strings"},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "twice"},
        {"{" F32("a", "[2]", "[0,8]"), 8, "no JSON object of tensors"},
        {"{" F32("a", "[2]", "[0,8]") "} x", 8, "no JSON object of tensors"},
        {"{" F32("a", "[2]", "[0,8]") ",}", 8, "no JSON object of tensors"},
        {"{\"a", 8, "no JSON object of tensors"},
        {"[1]", 8, "no JSON object of tensors"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        write_header(cases[k].header, cases[k].data_bytes);
        errno = ENOMEM; /* of long ago: the header is to blame */
        assert_refused(cases[k].place);
    }
}

static void a_header_length_beyond_the_file_is_refused(void **state) {
    (void)state;
    static const uint64_t lengths[] = {3, 100000001, (uint64_t)1 << 63, UINT64_MAX, 100000000};
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        write_file("{}", lengths[k], 0);
        assert_refused("says its header has");
    }
    assert_true(file_write(path, "\2\0\0", 3, NULL, NULL));
    assert_refused("too few");
    write_header("{}", 0);
    safetensors_close(open_file());
}

static void a_file_that_shrinks_while_it_is_read_is_one_sentence(void **state) {
    (void)state;
    write_header("{" F32("a", "[2]", "[0,8]") "}", 8);
    struct safetensors *file = open_file();
    struct error error = {0};
    double out[2];
    assert_int_equal(truncate(path, (off_t)file->file_bytes - 3), 0);
    assert_false(safetensors_read(file, &file->entries[0], out, &error));
    assert_non_null(strstr(error.text, "longer when it was opened"));
    safetensors_close(file);
}

static void pipes_and_directories_are_refused(void **state) {
    (void)state;
    struct error error = {0};
    assert_null(safetensors_open(directory, &error));
    assert_non_null(strstr(error.text, "regular file"));
    assert_null(safetensors_open("/dev/null", &error));
    assert_non_null(strstr(error.text, "regular file"));
}

/* A header of `length` bytes that is `unit` again and again between two ends. */
static void write_repeated(const char *begin, const char *unit, const char *end, size_t length) {
    struct text header = {0};
    text_append(&header, begin);
    while (header.length + strlen(end) < length)
        text_append(&header, unit);
    text_append(&header, end);
    assert_false(header.failed);
    write_header(header.data, 0);
    text_free(&header);
}

#if defined __SANITIZE_ADDRESS__
enum { SHADOWED = 1 };
#elif defined __has_feature
enum { SHADOWED = __has_feature(address_sanitizer) };
#else
enum { SHADOWED = 0 };
#endif

/* Opens the file with `room` more bytes of address space than there are now; exits with 0 when it
 * is refused for another reason than memory. */
static int open_within(size_t room) {
    pid_t child = fork();
    if (child == 0) {
        long pages = 0;
        FILE *statm = fopen("/proc/self/statm", "r");
        if (!statm || fscanf(statm, "%ld", &pages) != 1)
            _exit(3);
        fclose(statm);
        size_t limit = (size_t)pages * (size_t)sysconf(_SC_PAGESIZE) + room;
        struct rlimit bound = {limit, limit};
        struct error error = {0};
        if (!SHADOWED && setrlimit(RLIMIT_AS, &bound) != 0)
            _exit(4);
        struct safetensors *file = safetensors_open(path, &error);
        _exit(file ? 1 : strstr(error.text, "memory") ? 2 : 0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}

static void headers_that_lie_allocate_little_more_than_their_text(void **state) {
    (void)state;
    enum { LENGTH = 4000000, ROOM = 3 * LENGTH };
    static const struct {
        const char *begin, *unit, *end;
    } cases[] = {
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1", ",1", "],\"data_offsets\":[0,4]}}"},
        {"{\"a\":", "[", "}"},
        {"{\"a\":[0", ",0", "]}"},
        {"{\"__metadata__\":{\"a\":\"\"", ",\"\":\"\"", "}}"},
        {"{\"__metadata__\":[0", ",[]", "]}"},
        {"{\"__metadata__\":{\"a\":[", "[],", "[]]}}"},
        {"{\"\":0", ",\"\":0", "}"},
        {"{\"", "a", "\":0}"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        write_repeated(cases[k].begin, cases[k].unit, cases[k].end, LENGTH);
        if (open_within(ROOM) != 0)
            fail_msg("%s%s%s takes too much", cases[k].begin, cases[k].unit, cases[k].end);
    }
    write_file("{}", 99999999, 0);
    assert_int_equal(open_within(1 << 20), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_floating_type_comes_back_bit_for_bit),
        cmocka_unit_test(metadata_and_unknown_types_are_copied),
        cmocka_unit_test(a_value_beyond_its_type_leaves_the_old_file),
        cmocka_unit_test(headers_that_lie_are_answered_with_tensor_and_remedy),
        cmocka_unit_test(a_header_length_beyond_the_file_is_refused),
        cmocka_unit_test(a_file_that_shrinks_while_it_is_read_is_one_sentence),
        cmocka_unit_test(pipes_and_directories_are_refused),
        cmocka_unit_test(headers_that_lie_allocate_little_more_than_their_text),
    };
    return cmocka_run_group_tests(tests, make_place, remove_place);
}
