/* The commands around the formats: info, convert, diff, and what compress writes. */
#include "program_support.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* 2-3-1; the third neuron nearly reads what the first does. */
#define HEAD                                                                                       \
    "{\"format\":\"lumpscope-network\",\"version\":1,\"name\":\"m\",\"task\":\"regression\","
static const char model[] =
    HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1,2],[3,4],[1,2.1]],\"bias\":[0,1,0]},"
         "{\"activation\":\"linear\",\"weights\":[[1,1,1]],\"bias\":[0.5]}]}";
/* The same with two weights and a bias changed, and another activation. */
static const char changed[] =
    HEAD "\"layers\":[{\"activation\":\"tanh\",\"weights\":[[1,2],[3,5],[1,0]],\"bias\":[0,1,0]},"
         "{\"activation\":\"linear\",\"weights\":[[1,1,1]],\"bias\":[0.25]}]}";
static const char deeper[] =
    HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1,2],[3,4],[1,2.1]],\"bias\":[0,1,0]},"
         "{\"activation\":\"relu\",\"weights\":[[1,1,1]],\"bias\":[0.5]},"
         "{\"activation\":\"linear\",\"weights\":[[1]],\"bias\":[0]}]}";
/* 1 is added to every output. */
static const char shifted[] =
    HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1,2],[3,4],[1,2.1]],\"bias\":[0,1,0]},"
         "{\"activation\":\"linear\",\"weights\":[[1,1,1]],\"bias\":[1.5]}],"
         "\"output\":{\"names\":[\"y\"]},\"input\":{\"names\":[\"a\",\"b\"]}}";

static int set_up(void **state) {
    if (enter_directory(state) != 0)
        return -1;
    write_file("m.json", model);
    write_file("changed.json", changed);
    write_file("deeper.json", deeper);
    write_file("shifted.json", shifted);
    write_file("d.csv",
               "a,b,y\n1,2,3\n2,1,3\n0,1,1\n3,3,9\n1,1,2\n4,0,4\n0,4,4\n2,2,5\n5,1,6\n1,5,7\n");
    return 0;
}

static void refused(const char *line, int status, const char *part) {
    size_t files = count_files();
    struct run run = run_program(line);
    if (run.status != status || !strstr(run.err, part))
        fail_msg("%s: status %d instead of %d, \"%s\" does not say \"%s\"", line, run.status,
                 status, run.err, part);
    assert_int_equal(count_files(), files);
    run_free(&run);
}

static void says(const char *line, const char *part) {
    char *out = run_good(line);
    if (!strstr(out, part))
        fail_msg("%s: \"%s\" does not say \"%s\"", line, out, part);
    free(out);
}

static double file_bytes(const char *path) {
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return (double)status.st_size;
}

static const cJSON *item(const cJSON *array, int index) {
    const cJSON *found = cJSON_GetArrayItem(array, index);
    assert_non_null(found);
    return found;
}

static const cJSON *member(const cJSON *object, const char *name) {
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!found)
        fail_msg("no member \"%s\"", name);
    return found;
}

/* ---- info ---- */

static void info_tells_shares_and_bytes_in_the_files_type(void **state) {
    (void)state;
    run_well("convert m.json info.safetensors --dtype f16");
    cJSON *info = run_json("info info.safetensors --json");
    assert_string_equal(json_string(info, "format"), "safetensors");
    assert_string_equal(json_string(info, "dtype"), "F16");
    assert_true(json_number(info, "bytes") == file_bytes("info.safetensors"));
    const cJSON *layers = member(info, "layers");
    double share = 0;
    for (int l = 0; l < 2; l++) {
        const cJSON *layer = item(layers, l);
        share += json_number(layer, "share");
        assert_true(json_number(layer, "bytes") == 2 * json_number(layer, "parameters"));
    }
    assert_true(fabs(share - 100) < 1e-9);
    assert_true(json_number(item(layers, 0), "macs") == 6);
    assert_true(fabs(json_number(item(layers, 0), "share") - 100 * 9.0 / 13) < 1e-9);
    cJSON_Delete(info);
    says("info info.safetensors", "safetensors F16");
    says("info info.safetensors",
         "2 output       3        1  linear               4   30.8 %     3");
    says("info m.json", "as F64");
}

static void info_lists_every_tensor(void **state) {
    (void)state;
    run_well("convert m.json tensors.safetensors --dtype f32");
    cJSON *info = run_json("info tensors.safetensors --tensors --json");
    const cJSON *tensors = member(info, "tensors");
    assert_int_equal(cJSON_GetArraySize(tensors), 4);
    double parameters = 0;
    const cJSON *tensor;
    cJSON_ArrayForEach(tensor, tensors) {
        const cJSON *shape = member(tensor, "shape");
        double elements = 1;
        for (int k = 0; k < cJSON_GetArraySize(shape); k++)
            elements *= item(shape, k)->valuedouble;
        parameters += elements;
        assert_string_equal(json_string(tensor, "dtype"), "F32");
        assert_true(json_number(tensor, "bytes") == 4 * elements);
        assert_true(json_number(tensor, "nonfinite") == 0);
        if (cJSON_GetArraySize(shape) == 2 && elements == 6) {
            assert_true(json_number(tensor, "min") == 1 && json_number(tensor, "max") == 4);
            assert_true(fabs(json_number(tensor, "mean") - 13.1 / 6) < 1e-6);
        }
    }
    assert_true(parameters == json_number(info, "parameters"));
    cJSON_Delete(info);
    says("info tensors.safetensors --tensors", "not finite");
    info = run_json("info m.json --tensors --json");
    assert_true(cJSON_IsNull(member(item(member(info, "tensors"), 0), "bytes")));
    cJSON_Delete(info);
}

/* A safetensors file of these F32 tensors, all ones. */
static void write_safetensors(const char *path, const char *const *names, const size_t (*shapes)[2],
                              size_t count) {
    char header[4096] = "{";
    size_t length = 1, begin = 0;
    for (size_t k = 0; k < count; k++) {
        size_t end = begin + 4 * shapes[k][0] * shapes[k][1];
        length += (size_t)snprintf(
            header + length, sizeof header - length,
            "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[%zu,%zu],\"data_offsets\":[%zu,%zu]}",
            k ? "," : "", names[k], shapes[k][0], shapes[k][1], begin, end);
        begin = end;
    }
    header[length++] = '}';
    /* A length of 640, whose first bytes are a pickle's. */
    assert_true(length <= 640);
    while (length < 640)
        header[length++] = ' ';
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    const uint64_t size = length;
    const float one = 1;
    assert_int_equal(fwrite(&size, sizeof size, 1, file), 1);
    assert_int_equal(fwrite(header, 1, length, file), length);
    for (size_t k = 0; k < begin / 4; k++)
        assert_int_equal(fwrite(&one, sizeof one, 1, file), 1);
    fclose(file);
}

static void tensors_are_listed_of_what_is_no_network(void **state) {
    (void)state;
    static const char *const names[] = {"a.weight", "b.weight"};
    static const size_t shapes[][2] = {{3, 5}, {3, 5}}; /* which do not follow each other */
    write_safetensors("apart.safetensors", names, shapes, 2);
    refused("info apart.safetensors", 1, "apart.safetensors");
    says("info apart.safetensors --tensors", "b.weight  F32    3 x 5");
    refused("info apart.safetensors --tensors --activation relu", 1, "apart.safetensors");
    refused("info missing.safetensors --tensors", 1, "missing.safetensors");
}

static void layers_without_activations_are_shown_with_the_way_to_name_them(void **state) {
    (void)state;
    static const char *const names[] = {"0.weight", "2.weight", "4.weight"};
    static const size_t shapes[][2] = {{5, 3}, {5, 5}, {1, 5}};
    write_safetensors("unnamed.safetensors", names, shapes, 3);
    says("info unnamed.safetensors", "3 inputs, 1 output, safetensors F32");
    says("info unnamed.safetensors", "2              5        5  ?                   30   53.6 %");
    says("info unnamed.safetensors", "\nunnamed.safetensors: does not say its activations");
    cJSON *info = run_json("info unnamed.safetensors --json");
    assert_non_null(strstr(json_string(info, "reason"), "--activation relu"));
    assert_true(cJSON_IsNull(member(item(member(info, "layers"), 0), "activation")));
    assert_true(json_number(info, "parameters") == 56);
    cJSON_Delete(info);
}

static void blocks_of_a_checkpoint_are_listed_with_the_way_to_open_them(void **state) {
    (void)state;
    static const char *const names[] = {"wte.weight", "h.0.mlp.c_fc.weight",
                                        "h.0.mlp.c_proj.weight", "h.1.mlp.c_fc.weight",
                                        "h.1.mlp.c_proj.weight"};
    static const size_t shapes[][2] = {{10, 4}, {8, 4}, {4, 8}, {16, 4}, {4, 16}};
    write_safetensors("my net.safetensors", names, shapes, 5);
    cJSON *info = run_json("info 'my net.safetensors' --json");
    const cJSON *blocks = member(info, "blocks"), *second = item(blocks, 1);
    assert_int_equal(cJSON_GetArraySize(blocks), 2);
    assert_string_equal(json_string(second, "up"), "h.1.mlp.c_fc");
    assert_string_equal(json_string(second, "down"), "h.1.mlp.c_proj");
    assert_true(json_number(second, "inputs") == 4 && json_number(second, "neurons") == 16);
    assert_true(json_number(second, "outputs") == 4);
    assert_non_null(strstr(json_string(info, "reason"), "my net.safetensors"));
    assert_true(json_number(info, "bytes") == file_bytes("my net.safetensors"));
    cJSON_Delete(info);
    says("info 'my net.safetensors'", "lumpscope open 'my net.safetensors' --block "
                                      "h.0.mlp.c_fc,h.0.mlp.c_proj --activation gelu\n");
    info = run_json("info 'my net.safetensors' --block h.1.mlp.c_fc,h.1.mlp.c_proj --activation "
                    "gelu --json");
    assert_true(json_number(info, "parameters") == 4 * 16 + 16 + 16 * 4 + 4);
    assert_non_null(strstr(json_string(info, "checkpoint"), "/my net.safetensors"));
    cJSON_Delete(info);
    refused("info 'my net.safetensors' --block h.1.mlp.c_fc,nonsense --activation gelu", 1,
            "nonsense"); /* what was asked for is what is answered */
}

static void a_block_goes_back_into_the_whole_checkpoint(void **state) {
    (void)state;
    static const char *const names[] = {"wte.weight", "mlp.up.weight", "mlp.down.weight"};
    static const size_t shapes[][2] = {{10, 4}, {8, 4}, {4, 8}};
    write_safetensors("whole.safetensors", names, shapes, 3);
    cJSON *json = run_json("compress whole.safetensors --block mlp.up,mlp.down --activation relu "
                           "--eps 0.1 -o less.safetensors --json");
    assert_true(json_number(json, "bytes") == file_bytes("less.safetensors"));
    assert_true(json_number(json, "original_bytes") == file_bytes("whole.safetensors"));
    assert_true(item(member(json, "neurons"), 0)->valuedouble < 8);
    cJSON_Delete(json);
    says("info less.safetensors --tensors", "wte.weight");
    says("diff whole.safetensors less.safetensors --block mlp.up,mlp.down --activation relu",
         "B was made from A");
    refused("compress whole.safetensors --block mlp.up,mlp.down --activation relu --eps 0.1 -o "
            "whole.safetensors",
            1, "would be lost");
}

/* ---- convert ---- */

static void what_is_converted_is_the_same_network(void **state) {
    (void)state;
    static const char *const outs[] = {"same.safetensors", "same.npz", "same.json"};
    for (size_t k = 0; k < sizeof outs / sizeof *outs; k++) {
        char line[128];
        snprintf(line, sizeof line, "convert m.json %s --json", outs[k]);
        cJSON *json = run_json(line);
        assert_string_equal(json_string(json, "input"), "m.json");
        assert_string_equal(json_string(json, "output"), outs[k]);
        assert_string_equal(json_string(json, "dtype"), "F64");
        assert_string_equal(json_string(json, "original_format"), "JSON");
        assert_true(json_number(json, "bytes") == file_bytes(outs[k]));
        assert_true(json_number(json, "original_bytes") == file_bytes("m.json"));
        assert_true(json_number(json, "rounding") == 0);
        cJSON_Delete(json);
        snprintf(line, sizeof line, "diff m.json %s", outs[k]);
        says(line, "the networks are identical");
    }
}

static void convert_says_what_a_narrower_type_loses(void **state) {
    (void)state;
    cJSON *json = run_json("convert m.json half.safetensors --dtype f16 --json");
    double rounding = json_number(json, "rounding"); /* of 2.1, the only weight that is rounded */
    assert_true(fabs(rounding - (2.1 - 2.099609375) / 2.1) < 1e-12);
    cJSON_Delete(json);
    json = run_json("diff m.json half.safetensors --json");
    const cJSON *weights = member(item(member(json, "layers"), 0), "weights");
    assert_true(json_number(weights, "differing") == 1);
    assert_true(fabs(json_number(weights, "largest_relative") - rounding) < 1e-12);
    cJSON_Delete(json);
    says("convert m.json half.safetensors --dtype f16",
         "largest relative rounding of a weight or bias: 0.000186");
    says("convert half.safetensors again.safetensors", "no weight or bias is rounded");
    says("info again.safetensors", "F16"); /* the type stays unless another is named */
}

static void convert_is_refused_before_anything_is_lost(void **state) {
    (void)state;
    refused("convert m.json m.json", 1, "would be lost");
    refused("convert m.json ./m.json", 1, "would be lost");
    refused("convert m.json m.pt", 1, "no model format has this suffix");
    refused("convert missing.json m.pt", 1, "m.pt"); /* first what would be in vain */
    refused("convert m.json /nonexistent/m.json", 1, "/nonexistent");
    refused("convert m.json", 2, "convert needs IN OUT");
    refused("convert", 2, "convert needs IN OUT");
    refused("convert m.json a.json b.json", 2, "\"b.json\": convert takes IN OUT");
    refused("convert m.json a.json --dtype f17", 2, "f64|f32|f16|bf16");
    refused("convert m.json a.json --dtype i8", 2, "f64|f32|f16|bf16");
    char *left = read_file("m.json");
    assert_string_equal(left, model);
    free(left);
}

static void operands_are_counted_as_the_help_shows_them(void **state) {
    (void)state;
    refused("diff m.json", 2, "diff needs A B");
    refused("diff m.json m.json m.json", 2, "diff takes A B; leave this out");
    refused("info m.json m.json", 2, "info takes one MODEL");
    refused("paths m.json", 2, "paths takes no such word");
    says("help convert", "lumpscope convert IN OUT [options]");
    says("help diff", "The exit status is 0 however");
}

/* ---- diff ---- */

static void diff_counts_and_measures_what_differs(void **state) {
    (void)state;
    cJSON *json = run_json("diff m.json changed.json --json");
    assert_true(cJSON_IsFalse(member(json, "identical")));
    const cJSON *first = item(member(json, "layers"), 0), *last = item(member(json, "layers"), 1);
    assert_string_equal(json_string(member(first, "a"), "activation"), "relu");
    assert_string_equal(json_string(member(first, "b"), "activation"), "tanh");
    const cJSON *weights = member(first, "weights"), *bias = member(last, "bias");
    assert_true(json_number(weights, "count") == 6 && json_number(weights, "differing") == 2);
    assert_true(json_number(weights, "largest") == 2.1);
    assert_true(json_number(weights, "largest_relative") == 1);
    assert_true(json_number(member(first, "bias"), "differing") == 0);
    assert_true(json_number(bias, "largest") == 0.25);
    assert_true(json_number(bias, "largest_relative") == 0.5);
    assert_true(cJSON_IsNull(member(first, "merged")) && cJSON_IsNull(member(json, "data")));
    cJSON_Delete(json);
    says("diff m.json changed.json", "2 of 6");
    says("diff m.json changed.json", "activation  relu    tanh    differs");
    says("diff m.json m.json", "the networks are identical");
}

static void diff_sees_activations_alone(void **state) {
    (void)state;
    char *other = strdup(model);
    memcpy(strstr(other, "relu"), "tanh", 4);
    write_file("tanh.json", other);
    free(other);
    cJSON *json = run_json("diff m.json tanh.json --json");
    assert_true(cJSON_IsFalse(member(json, "identical")));
    cJSON_Delete(json);
}

static void diff_goes_on_where_shapes_differ(void **state) {
    (void)state;
    cJSON *json = run_json("diff m.json deeper.json --json");
    const cJSON *layers = member(json, "layers");
    assert_int_equal(cJSON_GetArraySize(layers), 3);
    assert_true(cJSON_IsNull(member(item(layers, 2), "a")));
    assert_true(cJSON_IsNull(member(item(layers, 2), "weights")));
    assert_true(json_number(member(item(layers, 2), "b"), "neurons") == 1);
    assert_true(json_number(member(item(layers, 1), "weights"), "differing") == 0);
    cJSON_Delete(json);
    says("diff m.json deeper.json", "weights     none    1 x 1     shape");
}

static void diff_tells_which_layers_shrank(void **state) {
    (void)state;
    run_well("compress m.json --eps 1 --scale absolute --refit off -o small.json");
    cJSON *json = run_json("diff m.json small.json --json");
    const cJSON *first = item(member(json, "layers"), 0), *merged = member(first, "merged");
    assert_true(json_number(member(first, "b"), "neurons") <
                json_number(member(first, "a"), "neurons"));
    assert_true(json_number(merged, "classes") == json_number(member(first, "b"), "neurons"));
    assert_true(json_number(merged, "dead") == 0);
    assert_true(cJSON_IsNull(member(item(member(json, "layers"), 1), "merged")));
    cJSON_Delete(json);
    says("diff m.json small.json", "B was made from A");
    /* Its classes are of another network than this. */
    json = run_json("diff deeper.json small.json --json");
    assert_true(cJSON_IsNull(member(item(member(json, "layers"), 0), "merged")));
    cJSON_Delete(json);
}

static void diff_compares_outputs_and_errors_on_data(void **state) {
    (void)state;
    cJSON *json = run_json("diff m.json shifted.json --data d.csv --split none --json");
    const cJSON *data = member(json, "data"), *output = item(member(data, "outputs"), 0);
    assert_true(json_number(data, "rows") == 10);
    assert_true(fabs(json_number(output, "largest") - 1) < 1e-12);
    assert_true(fabs(json_number(output, "rms") - 1) < 1e-12);
    assert_true(json_number(data, "largest") == json_number(output, "largest"));
    cJSON *a = run_json("evaluate m.json --data d.csv --split none --json");
    cJSON *b = run_json("evaluate shifted.json --data d.csv --split none --json");
    assert_true(json_number(member(data, "a"), "mse") == json_number(a, "mse"));
    assert_true(json_number(member(data, "b"), "mse") == json_number(b, "mse"));
    cJSON_Delete(a);
    cJSON_Delete(b);
    cJSON_Delete(json);
    says("diff m.json shifted.json --data d.csv", "outputs in units of the data");
    write_file("inputs.csv", "a,b\n1,2\n3,4\n5,6\n");
    json = run_json("diff m.json m.json --data inputs.csv --target none --split none --json");
    assert_true(json_number(member(json, "data"), "largest") == 0);
    assert_true(cJSON_IsNull(member(member(json, "data"), "a")));
    cJSON_Delete(json);
}

static void outputs_in_other_units_are_compared_in_those_of_the_data(void **state) {
    (void)state;
    write_file("scaled.json",
               HEAD "\"layers\":[{\"activation\":\"relu\",\"weights\":[[1,2],[3,4],[1,2.1]],"
                    "\"bias\":[0,1,0]},{\"activation\":\"linear\",\"weights\":[[0.5,0.5,0.5]],"
                    "\"bias\":[0.25]}],\"output\":{\"mean\":[0],\"scale\":[2]}}");
    cJSON *json = run_json("diff m.json scaled.json --data d.csv --split none --json");
    assert_true(json_number(member(json, "data"), "largest") < 1e-12);
    cJSON_Delete(json);
}

static void data_that_is_not_the_same_to_both_is_refused(void **state) {
    (void)state;
    write_file("named.json",
               HEAD "\"input\":{\"names\":[\"a\",\"b\"]},\"layers\":[{\"activation\":\"linear\","
                    "\"weights\":[[1,2]],\"bias\":[0]}]}");
    write_file("swapped.json",
               HEAD "\"input\":{\"names\":[\"b\",\"a\"]},\"layers\":[{\"activation\":\"linear\","
                    "\"weights\":[[1,2]],\"bias\":[0]}]}");
    refused("diff named.json swapped.json --data d.csv", 1, "other inputs");
    run_well("diff named.json swapped.json");
    refused("diff m.json missing.json", 1, "missing.json");
    refused("diff m.json m.json --target y", 2, "--data");
}

/* ---- compress ---- */

static void compress_keeps_the_type_that_was_read(void **state) {
    (void)state;
    run_well("convert m.json half.safetensors --dtype f16");
    cJSON *json = run_json("compress half.safetensors --eps 0.2 --data d.csv -o out.safetensors "
                           "--json");
    assert_string_equal(json_string(json, "dtype"), "F16");
    assert_true(json_number(json, "bytes") == file_bytes("out.safetensors"));
    assert_true(json_number(json, "original_bytes") == file_bytes("half.safetensors"));
    cJSON *info = run_json("info out.safetensors --json");
    assert_string_equal(json_string(info, "dtype"), "F16");
    cJSON_Delete(info);
    cJSON_Delete(json);
    says("compress half.safetensors --eps 0.2 --data d.csv -o out.safetensors --dtype f32",
         "written to out.safetensors, F32");
    says("info out.safetensors", "F32");
}

static void figures_are_those_of_the_network_as_written(void **state) {
    (void)state;
    static const char *const types[] = {"f64", "f32", "f16", "bf16"};
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        char line[256];
        snprintf(line, sizeof line,
                 "compress m.json --eps 0.2 --data d.csv -o as.safetensors --dtype %s --json",
                 types[k]);
        cJSON *json = run_json(line);
        cJSON *written = run_json("evaluate as.safetensors --data d.csv --json");
        if (json_number(member(json, "after"), "mse") != json_number(written, "mse"))
            fail_msg("%s: %.17g instead of %.17g", types[k],
                     json_number(member(json, "after"), "mse"), json_number(written, "mse"));
        cJSON_Delete(written);
        cJSON_Delete(json);
    }
}

static void names_that_cannot_be_written_are_refused_before_long_work(void **state) {
    (void)state;
    refused("compress m.json --eps 0.1 --data missing.csv -o out.pt", 1,
            "no model format has this suffix");
    refused("compress m.json --eps 0.1 --data missing.csv -o /nonexistent/out.json", 1,
            "/nonexistent");
    refused("compress m.json --eps 0.1 --data missing.csv -o m.json", 1, "would be lost");
    refused("compress m.json --eps 0.1 --dtype f8 -o out.json", 2, "f64|f32|f16|bf16");
}

/* ---- Models of other libraries ---- */

static void a_pickle_comes_with_the_lines_that_export_it(void **state) {
    (void)state;
    write_file("model.pkl", "\x80\x02}q");
    struct run run = run_program("info model.pkl");
    assert_int_equal(run.status, 1);
    assert_string_equal(run.out, "");
    const char *sentence = strstr(run.err, "lumpscope: model.pkl"),
               *lines = strstr(run.err, "\nimport ");
    assert_true(sentence && lines && sentence < lines);
    run_free(&run);
    run = run_program("diff m.json model.pkl");
    assert_int_equal(run.status, 1);
    assert_non_null(strstr(run.err, "\nimport "));
    run_free(&run);
    run = run_program("info model.pkl --nonsense");
    assert_null(strstr(run.err, "\nimport ")); /* that was not what is wrong */
    run_free(&run);
}

static void what_was_said_of_a_model_is_not_said_again_with_resume(void **state) {
    (void)state;
    refused("open m.json --resume --activation relu", 2, "leave out the others");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(info_tells_shares_and_bytes_in_the_files_type),
        cmocka_unit_test(info_lists_every_tensor),
        cmocka_unit_test(tensors_are_listed_of_what_is_no_network),
        cmocka_unit_test(layers_without_activations_are_shown_with_the_way_to_name_them),
        cmocka_unit_test(blocks_of_a_checkpoint_are_listed_with_the_way_to_open_them),
        cmocka_unit_test(a_block_goes_back_into_the_whole_checkpoint),
        cmocka_unit_test(what_is_converted_is_the_same_network),
        cmocka_unit_test(convert_says_what_a_narrower_type_loses),
        cmocka_unit_test(convert_is_refused_before_anything_is_lost),
        cmocka_unit_test(operands_are_counted_as_the_help_shows_them),
        cmocka_unit_test(diff_counts_and_measures_what_differs),
        cmocka_unit_test(diff_sees_activations_alone),
        cmocka_unit_test(diff_goes_on_where_shapes_differ),
        cmocka_unit_test(diff_tells_which_layers_shrank),
        cmocka_unit_test(diff_compares_outputs_and_errors_on_data),
        cmocka_unit_test(outputs_in_other_units_are_compared_in_those_of_the_data),
        cmocka_unit_test(data_that_is_not_the_same_to_both_is_refused),
        cmocka_unit_test(compress_keeps_the_type_that_was_read),
        cmocka_unit_test(figures_are_those_of_the_network_as_written),
        cmocka_unit_test(names_that_cannot_be_written_are_refused_before_long_work),
        cmocka_unit_test(a_pickle_comes_with_the_lines_that_export_it),
        cmocka_unit_test(what_was_said_of_a_model_is_not_said_again_with_resume),
    };
    return cmocka_run_group_tests(tests, set_up, leave_directory);
}
