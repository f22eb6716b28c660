/* Every limit that the README names: what is at it is taken, what is one past it is refused with a
 * sentence that names the place and what to do. */
#include "program_support.h"
#include "random_network.h"

#include "lumpscope/dataset.h"
#include "lumpscope/encoding.h"
#include "lumpscope/model_file.h"
#include "lumpscope/player.h"
#include "lumpscope/text.h"
#include "lumpscope/train.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One sentence on standard error with all the words ("|" between them) in it. */
static void refused(const char *line, const char *words) {
    struct run run = run_program(line);
    char wanted[256], *rest = wanted;
    snprintf(wanted, sizeof wanted, "%s", words);
    size_t length = strlen(run.err);
    bool sentence = (run.status == 1 || run.status == 2) && length > 0 &&
                    strncmp(run.err, "lumpscope: ", 11) == 0 &&
                    strchr(run.err, '\n') == run.err + length - 1;
    if (!sentence)
        fail_msg("%.200s: status %d: %s", line, run.status, run.err);
    for (const char *word; (word = strsep(&rest, "|"));)
        if (!strstr(run.err, word))
            fail_msg("%.200s: \"%s\" does not say \"%s\"", line, run.err, word);
    run_free(&run);
}

static void write_text(const char *path, struct text *content) {
    assert_false(content->failed);
    write_file(path, content->data);
    text_free(content);
}

static void append_times(struct text *out, const char *piece, size_t times) {
    for (size_t k = 0; k < times; k++)
        text_append(out, piece);
}

/* 3-4-1 and rows for it. */
static void write_small(void) {
    struct error error = {0};
    struct rng rng;
    rng_seed(&rng, 1);
    struct network *network = random_network_of(&rng, (size_t[]){3, 4, 1}, 2, ACTIVATION_TANH);
    must(model_save(network, "m.json", TENSOR_F64, NULL, NULL, &error), &error);
    network_free(network);
    struct text rows = {0};
    text_append(&rows, "a,b,c,y\n");
    for (int r = 0; r < 40; r++)
        text_format(&rows, "%d,%d,%d,%d\n", r, r * r % 7, r % 4, r % 5);
    write_text("d.csv", &rows);
}

/* ---- Networks ---- */

static void save_deep(const char *path, size_t depth) {
    struct error error = {0};
    size_t sizes[NETWORK_MAX_LAYERS + 2];
    for (size_t l = 0; l <= depth; l++)
        sizes[l] = 1;
    struct network *network = network_new("deep", sizes, depth, &error);
    must(network, &error);
    for (size_t l = 0; l < depth; l++)
        network->layers[l].weights[0] = 1;
    must(model_save(network, path, TENSOR_F64, NULL, NULL, &error), &error);
    network_free(network);
}

static void networks_have_256_layers_at_most_in_every_format(void **state) {
    (void)state;
    static const struct {
        const char *path, *line, *words;
    } formats[] = {
        {"n.json", "info n.json", "n.json|257 layers|1 to 256|fewer"},
        {"n.npz", "info n.npz --activation linear", "n.npz|more than 256 layers|save fewer"},
        {"n.onnx", "info n.onnx", "n.onnx|257 layers|1 to 256|export"},
        {"n.safetensors", "partition n.safetensors --activation linear --eps 0",
         "n.safetensors|more Linear layers than can be read|--layers"},
    };
    for (size_t k = 0; k < sizeof formats / sizeof *formats; k++) {
        save_deep(formats[k].path, NETWORK_MAX_LAYERS);
        run_well(formats[k].line);
        save_deep(formats[k].path, NETWORK_MAX_LAYERS + 1);
        refused(formats[k].line, formats[k].words);
    }
    write_file("n.json", "{\"format\": \"lumpscope-network\", \"version\": 1, \"layers\": []}");
    refused("info n.json", "n.json|0 layers|1 to 256");
}

/* One neuron that reads `inputs` inputs, of a polynomial with the coefficients given and then
 * `ones` of 1. */
static void write_polynomial(const char *coefficients, size_t ones, size_t inputs) {
    struct text model = {0};
    text_format(&model,
                "{\"format\": \"lumpscope-network\", \"version\": 1, \"layers\": "
                "[{\"activation\": {\"polynomial\": [%s",
                coefficients);
    append_times(&model, ", 1", ones);
    text_append(&model, "]}, \"weights\": [[1");
    append_times(&model, ", 1", inputs - 1);
    text_append(&model, "]], \"bias\": [1]}, {\"activation\": \"linear\", "
                        "\"weights\": [[1]], \"bias\": [0]}]}");
    write_text("p.json", &model);
}

static void polynomials_have_degree_16_at_most(void **state) {
    (void)state;
    write_polynomial("1", ACTIVATION_MAX_DEGREE, 1);
    run_well("info p.json");
    write_polynomial("1", ACTIVATION_MAX_DEGREE + 1, 1);
    refused("info p.json", "p.json|layer 1, activation|18 coefficients|1 to 17");
}

static void write_nested(size_t depth) {
    struct text model = {0};
    text_append(&model, "{\"format\": \"lumpscope-network\", \"version\": 1, \"note\": ");
    append_times(&model, "[", depth - 1);
    append_times(&model, "]", depth - 1);
    text_append(&model, ", \"layers\": [{\"activation\": \"linear\", \"weights\": [[1]], "
                        "\"bias\": [0]}]}");
    write_text("j.json", &model);
}

static void json_is_nested_1000_deep_at_most(void **state) {
    (void)state;
    write_nested(1000);
    run_well("info j.json");
    write_nested(1001);
    refused("info j.json", "j.json|line 1, column|nested deeper than 1000|check");
}

static void json_says_which_number_is_none(void **state) {
    (void)state;
    write_file("j.json", "{\"format\": \"lumpscope-network\", \"version\": 1, \"layers\": "
                         "[{\"activation\": \"linear\",\n \"weights\": [[1, -Infinity]], "
                         "\"bias\": [0]}]}");
    refused("info j.json", "j.json|line 2, column 18|\"-Infinity\" is no number|finite");
    write_file("j.json", "[NaN");
    refused("info j.json", "line 1, column 2|\"NaN\" is no number");
}

/* ---- safetensors and NumPy ---- */

/* A file of a header, whose length in little-endian bytes stands between it and `magic`, and of
 * numbers. */
static void write_with_header(const char *path, const char *magic, size_t magic_size, size_t field,
                              struct text *header, const double *values, size_t count) {
    unsigned char length[8];
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_false(header->failed);
    for (size_t k = 0; k < field; k++)
        length[k] = (unsigned char)(header->length >> 8 * k);
    assert_int_equal(fwrite(magic, 1, magic_size, file), magic_size);
    assert_int_equal(fwrite(length, 1, field, file), field);
    assert_int_equal(fwrite(header->data, 1, header->length, file), header->length);
    assert_int_equal(fwrite(values, sizeof *values, count, file), count);
    fclose(file);
    text_free(header);
}

static void write_tensor(const char *name, size_t dimensions) {
    struct text header = {0};
    text_format(&header, "{\"%s\": {\"dtype\": \"F64\", \"shape\": [1", name);
    append_times(&header, ", 1", dimensions - 1);
    text_append(&header, "], \"data_offsets\": [0, 8]}}");
    write_with_header("s.safetensors", "", 0, 8, &header, (double[]){0}, 1);
}

static void tensors_have_names_of_4096_bytes_and_64_dimensions_at_most(void **state) {
    (void)state;
    static const char suffix[] = ".weight";
    static char name[4096 + sizeof suffix];
    memset(name, 'a', 4096 - 9); /* as it stands in the file, with its quotation marks */
    memcpy(name + 4096 - 9, suffix, sizeof suffix);
    write_tensor(name, 2);
    run_well("info s.safetensors");
    memset(name, 'a', 4096);
    memcpy(name + 4096, suffix, sizeof suffix);
    write_tensor(name, 2);
    refused("info s.safetensors", "s.safetensors|a name of 41|save the file anew");
    write_tensor("a", 64);
    refused("info s.safetensors", "belongs to no Linear layer"); /* read, and of no use */
    write_tensor("a", 65);
    refused("info s.safetensors", "tensor \"a\"|at most 64 sizes|save the file anew");
}

static void write_array(const char *shape, size_t spaces) {
    struct text header = {0};
    text_format(&header, "{'descr': '<f8', 'fortran_order': False, 'shape': %s, }", shape);
    append_times(&header, " ", spaces);
    text_append(&header, "\n");
    static const double values[8] = {1, 2, 3, 4, 5, 6, 7, 9};
    write_with_header("a.npy", "\x93NUMPY\2\0", 8, 4, &header, values, 8);
}

static void arrays_have_4_dimensions_and_headers_of_64_kb_at_most(void **state) {
    (void)state;
    static const char line[] = "train --data a.npy --layers 2:relu --epochs 1 -o t.json";
    write_array("(4, 2)", 65000);
    run_well(line);
    write_array("(4, 2)", 66000);
    refused(line, "a.npy|header has 66|65536|save it anew");
    write_array("(1, 1, 2, 2, 2)", 0);
    refused(line, "a.npy|at most 4 dimensions|save it anew");
    write_file("a.npy", "\x93NUMPY\x09\x01 and what nobody knows");
    refused(line, "a.npy|version 9, where 1 to 3|save it anew");
}

/* ---- Data ---- */

static void write_columns(size_t columns) {
    struct text rows = {0};
    for (int r = 0; r < 3; r++) {
        append_times(&rows, "1,", columns - 1);
        text_append(&rows, "1\n");
    }
    write_text("c.csv", &rows);
}

static void data_have_65536_columns_at_most(void **state) {
    (void)state;
    static const char line[] = "train --data c.csv --layers 1:relu --epochs 1 -o t.json";
    write_columns(DATASET_COLUMN_LIMIT);
    run_well(line);
    write_columns(DATASET_COLUMN_LIMIT + 1);
    refused(line, "c.csv|line 1|more than 65536 columns|fewer");
}

static void write_texts(size_t different, size_t rows) {
    struct text text = {0};
    text_append(&text, "id,y\n");
    for (size_t r = 0; r < rows; r++)
        text_format(&text, "x%zu,%zu\n", r % different, r % 10);
    write_text("c.csv", &text);
}

static void a_column_has_4096_different_texts_at_most(void **state) {
    (void)state;
    static const char line[] = "train --data c.csv --target y --layers 1:relu --epochs 1 -o t.json";
    static const char classes[] =
        "train --data c.csv --target id --task classification --layers 1:relu --epochs 1 -o t.json";
    write_texts(DATASET_LEVEL_LIMIT, DATASET_LEVEL_LIMIT);
    run_well(line);
    run_well(classes);
    write_texts(DATASET_LEVEL_LIMIT + 1, DATASET_LEVEL_LIMIT + 1);
    refused(line, "c.csv|column \"id\"|more than 4096|drop the column");
    refused(classes, "c.csv|column \"id\"|more than 4096|another target");
}

/* 140 000 rows of 4096 inputs would be 4.6 GB. */
static void rows_times_inputs_are_2_to_the_29_at_most(void **state) {
    (void)state;
    write_texts(DATASET_LEVEL_LIMIT, 140000);
    refused("train --data c.csv --target y --layers 1:relu --epochs 1 -o t.json",
            "c.csv|140000 rows of more than 3834 inputs|drop columns");
}

/* ---- Training and encoding ---- */

static void train_with(char *line, size_t size, const char *layers) {
    snprintf(line, size, "train --data d.csv --target y --epochs 1 -o t.json --layers %s", layers);
}

static void training_makes_networks_within_its_limits(void **state) {
    (void)state;
    char line[1024];
    struct text layers = {0};
    write_small();
    append_times(&layers, "1,", TRAIN_MAX_HIDDEN - 1);
    text_append(&layers, "1");
    train_with(line, sizeof line, layers.data);
    run_well(line);
    text_append(&layers, ",1");
    assert_false(layers.failed);
    train_with(line, sizeof line, layers.data);
    refused(line, "256 hidden layers|at most 255");
    text_free(&layers);
    train_with(line, sizeof line, "16384");
    run_well(line);
    train_with(line, sizeof line, "16385");
    refused(line, "hidden layer 1|16385|1 to 16384");
    train_with(line, sizeof line, "4096,4096");
    refused(line, "more than 16777216 parameters|smaller");
}

static void options_out_of_their_range_are_refused_with_the_range(void **state) {
    (void)state;
    static const struct {
        const char *line, *words;
    } lines[] = {
        {"train --data d.csv --target y --layers 2 -o t.json --epochs 1000001",
         "--epochs 1000001|1 to 1000000"},
        {"train --data d.csv --target y --layers 2 -o t.json --batch 65537",
         "--batch 65537|1 to 65536"},
        {"train --data d.csv --target y --layers 2 -o t.json --rate 1.5",
         "--rate is 1.5|above 0 and up to 1"},
        {"train --data d.csv --target y --layers 2 -o t.json --seed 18446744073709551616",
         "--seed 18446744073709551616|0 to 18446744073709551615"},
        {"partition m.json --eps 1e309", "--eps 1e309|0 to 1.8e308"},
        {"partition m.json --eps nan", "--eps nan|0 to 1.8e308"},
        {"partition m.json --eps inf", "--eps inf|0 to 1.8e308"},
        {"partition m.json --eps=-1", "--eps -1|0 to 1.8e308"},
        {"compress m.json -o s.json --budget nan", "--budget nan|percentage"},
        {"compress m.json -o s.json --budget=-1", "--budget -1|percentage"},
        {"compress m.json -o s.json --budget 0", "0 %|the smallest has|ask for that or more"},
        {"sweep m.json --data d.csv --points 0", "--points 0|1 or more"},
        {"sweep m.json --data d.csv --calibration 1", "--calibration 1|2 or more"},
        {"partition m.json --eps 0 --lock 256", "--lock 256|numbered from 1"},
        {"train --data d.csv --target y --layers 2 -o t.json --rate 0",
         "--rate is 0|above 0 and up to 1"},
        {"bench --seeds 10001", "--seeds 10001|1 to 10000"},
        {"bench --shard 1/10001", "--shard 1/10001|at most 10000"},
        {"generate rn --rows 99999999999999999999 -o g.csv", "--rows|1 to 5000000"},
        {"generate rn --rows 5000001 -o g.csv", "--rows|1 to 5000000|5000001"},
    };
    write_small();
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
        refused(lines[k].line, lines[k].words);
    run_well("train --data d.csv --target y --layers 2 -o t.json --epochs 1 --batch 65536 --rate 1 "
             "--seed 18446744073709551615");
    run_well("partition m.json --eps 0");
    run_well("partition m.json --eps 1.7e308");
    run_well("compress m.json -o s.json --budget 100");
    run_well("compress m.json -o s.json --budget 101");
    run_well("sweep m.json --data d.csv --points 1 --calibration 2");
}

/* n (n - 1) / 2 distances of 4 neurons and room to work in; one byte less is refused. */
static void distances_take_what_memory_allows_at_most(void **state) {
    (void)state;
    write_small();
    struct run run = run_program("partition m.json --eps 0 --linkage complete --memory 1");
    const char *needs = strstr(run.err, "distances between them, ");
    assert_int_equal(run.status, 1);
    assert_non_null(needs);
    size_t bytes = strtoull(needs + strlen("distances between them, "), NULL, 10);
    run_free(&run);
    char line[128];
    snprintf(line, sizeof line, "partition m.json --eps 0 --linkage complete --memory %zu", bytes);
    run_well(line);
    snprintf(line, sizeof line, "partition m.json --eps 0 --linkage complete --memory %zu",
             bytes - 1);
    refused(line, "m.json|hidden layer 1|--memory allows|--linkage chain");
    run_well("partition m.json --eps 0 --linkage chain --memory 1");
}

/* x^3 of n inputs makes C(n + 3, 3) monomials. */
static void encodings_have_4_million_monomials_at_most(void **state) {
    (void)state;
    write_polynomial("0, 0, 0", 1, 60);
    run_well("encode p.json -o e.ode");
    write_polynomial("0, 0, 0", 1, 400);
    refused("encode p.json -o f.ode", "p.json|monomials|limit of 4000000|fewer neurons");
    assert_int_equal(ENCODING_MAX_MONOMIALS, 4000000);
}

/* ---- Scripts ---- */

static void write_script(const char *begin, const char *piece, size_t times) {
    struct text script = {0};
    text_append(&script, begin);
    append_times(&script, piece, times);
    write_text("s", &script);
}

static void scripts_and_their_lines_have_limits(void **state) {
    (void)state;
    write_small();
    write_script("", "\n", PLAYER_BYTES);
    run_well("run s");
    write_script("", "\n", PLAYER_BYTES + 1);
    refused("run s", "s: |more than the 1048576 bytes|smaller file");
    write_script("open m.json", " w", 23);
    refused("run s", "s:1: more than 24 words|quote names");
    write_script("open m.json d.csv\nmark ", "m", 23);
    run_well("run s");
    write_script("open m.json d.csv\nmark ", "m", 24);
    refused("run s", "s:2: |at most 23 bytes|shorten");
    write_script("open m.json d.csv\n", "mark\n", 1000);
    run_well("run s");
    write_script("open m.json d.csv\n", "mark\n", 1001);
    refused("run s", "s:1002: |1000 marks|:unmark");
    write_script("say ", "x", 100000);
    struct run run = run_program("run s");
    assert_int_equal(run.status, 0);
    assert_int_equal(strlen(run.out), 100001); /* no line is cut */
    run_free(&run);
}

/* The path goes, not what to do about it. */
static void a_sentence_too_long_keeps_its_end(void **state) {
    (void)state;
    struct text line = {0};
    text_append(&line, "info ");
    for (int k = 0; k < 6; k++) {
        append_times(&line, "a", 250);
        text_append(&line, "/");
    }
    text_append(&line, "n.json");
    refused(line.data, "lumpscope: aaaa| ... |n.json: No such file or directory; check the path");
    text_free(&line);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_have_256_layers_at_most_in_every_format),
        cmocka_unit_test(polynomials_have_degree_16_at_most),
        cmocka_unit_test(json_is_nested_1000_deep_at_most),
        cmocka_unit_test(json_says_which_number_is_none),
        cmocka_unit_test(tensors_have_names_of_4096_bytes_and_64_dimensions_at_most),
        cmocka_unit_test(arrays_have_4_dimensions_and_headers_of_64_kb_at_most),
        cmocka_unit_test(data_have_65536_columns_at_most),
        cmocka_unit_test(a_column_has_4096_different_texts_at_most),
        cmocka_unit_test(rows_times_inputs_are_2_to_the_29_at_most),
        cmocka_unit_test(training_makes_networks_within_its_limits),
        cmocka_unit_test(options_out_of_their_range_are_refused_with_the_range),
        cmocka_unit_test(distances_take_what_memory_allows_at_most),
        cmocka_unit_test(encodings_have_4_million_monomials_at_most),
        cmocka_unit_test(scripts_and_their_lines_have_limits),
        cmocka_unit_test(a_sentence_too_long_keeps_its_end),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
