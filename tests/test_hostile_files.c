/* Files that mean harm: what they would take is refused before it is taken, and what is printed of
 * them stays well-formed. */
#include "data_support.h"
#include "lumpscope/json.h"
#include "lumpscope/model_file.h"
#include "lumpscope/npy.h"
#include "lumpscope/text.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include <cmocka.h>

enum { HEADER = 128 };

/* A .npy file: the header, then `size` bytes that are all `fill`; the caller frees. */
static char *array_of(const char *type, const char *shape, int fill, size_t size) {
    char *bytes = malloc(HEADER + size);
    assert_non_null(bytes);
    memset(bytes, ' ', HEADER);
    memcpy(bytes, "\x93NUMPY\1\0\x76\0", 10);
    int length = snprintf(bytes + 10, HEADER - 10,
                          "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type, shape);
    bytes[10 + length] = ' ';
    bytes[HEADER - 1] = '\n';
    memset(bytes + HEADER, fill, size);
    return bytes;
}

/* One array, deflated. */
static const char *packed(const char *name, const char *bytes, size_t size) {
    const char *path = data_file("packed.npz", "", 0);
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    assert_non_null(zip);
    zip_int64_t index = zip_file_add(zip, name, zip_source_buffer(zip, bytes, size, 0), 0);
    assert_true(index >= 0);
    zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_DEFLATE, 0);
    assert_int_equal(zip_close(zip), 0);
    return path;
}

static void zeros_that_unpack_a_thousandfold_are_refused_before_they_are_unpacked(void **state) {
    (void)state;
    enum { BOMB = 80 << 20 };
    struct error error = {0};
    char *bytes = array_of("<f4", "(4, 5242880)", 0, BOMB);
    assert_null(npz_open(packed("W0.npy", bytes, HEADER + BOMB), &error));
    assert_non_null(strstr(error.text, "member W0.npy unpacks to more than 256 times its bytes"));
    free(bytes);
}

static void zeros_of_a_usual_size_are_read(void **state) {
    (void)state;
    enum { SIZE = 1 << 20 };
    struct error error = {0};
    struct npy_array array;
    char *bytes = array_of("<f4", "(4, 65536)", 0, SIZE);
    struct npz *archive = npz_open(packed("W0.npy", bytes, HEADER + SIZE), &error);
    assert_non_null(archive);
    assert_true(npz_read(archive, 0, &array, &error));
    assert_true(array.values[4 * 65536 - 1] == 0);
    npy_array_free(&array);
    npz_close(archive);
    free(bytes);
}

static void text_that_unpacks_to_megabytes_is_refused_unread(void **state) {
    (void)state;
    enum { LONG = 8 << 20, SHORT = 1 << 16 };
    struct error error = {0};
    char *bytes = array_of("|S8388608", "()", '[', LONG);
    struct npz *archive = npz_open(packed("lumpscope.npy", bytes, HEADER + LONG), &error);
    assert_non_null(archive);
    assert_null(npz_read_text(archive, 0, &error));
    assert_non_null(strstr(error.text, "array lumpscope: more text than an archive of this size"));
    npz_close(archive);
    free(bytes);

    bytes = array_of("|S65536", "()", '[', SHORT);
    archive = npz_open(packed("lumpscope.npy", bytes, HEADER + SHORT), &error);
    assert_non_null(archive);
    char *text = npz_read_text(archive, 0, &error);
    assert_non_null(text);
    assert_int_equal(strlen(text), SHORT);
    free(text);
    npz_close(archive);
    free(bytes);
}

static void printed_json_is_utf8_whatever_a_name_holds(void **state) {
    (void)state;
    static const char name[] = "a\xff\xc0\x80 \xe2\x82 \xed\xa0\x80 \xc3\xa9\n";
    struct text out = {0};
    struct error error = {0};
    cJSON *document = cJSON_CreateObject();
    bool made = json_add_string(document, "name", name);
    assert_true(json_print(document, made, &out, &error));
    assert_non_null(strstr(out.data, "\"a??? ?? ??? \xc3\xa9\\n\""));
    text_free(&out);
}

/* A file that is no network is still told by its own format, not by the commonest. */
static void a_broken_file_is_told_by_its_own_format(void **state) {
    (void)state;
    static const char onnx[] = "\x08\x08\x3a\x7f";
    char *bytes = array_of("<f4", "(1, 1)", 0, 4);
    assert_int_equal(model_format_found(data_file("m.bin", onnx, sizeof onnx - 1)), MODEL_ONNX);
    assert_int_equal(model_format_found(data_file("m.onnx", "", 0)), MODEL_ONNX);
    assert_int_equal(model_format_found(packed("W0.npy", bytes, HEADER + 4)), MODEL_NPZ);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeros_that_unpack_a_thousandfold_are_refused_before_they_are_unpacked),
        cmocka_unit_test(zeros_of_a_usual_size_are_read),
        cmocka_unit_test(text_that_unpacks_to_megabytes_is_refused_unread),
        cmocka_unit_test(printed_json_is_utf8_whatever_a_name_holds),
        cmocka_unit_test(a_broken_file_is_told_by_its_own_format),
    };
    return cmocka_run_group_tests(tests, NULL, data_clean);
}
