/* Memory that runs out, at every allocation in turn: the program says so in a sentence, or does
 * without, and leaves nothing behind. */
#include "allocation.h"
#include "allocation_parts.h"
#include "allocation_run.h"
#include "program_support.h"
#include "session_support.h"

#include "lumpscope/model_json.h"
#include "lumpscope/npy.h"
#include "lumpscope/program.h"
#include "lumpscope/safetensors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

/* ---- Files ---- */

static void do_command(const char *first, const char *second, const char *third,
                       const char *fourth) {
    char *words[] = {"lumpscope",   (char *)first,  (char *)second,
                     (char *)third, (char *)fourth, NULL};
    int count = 1;
    while (words[count])
        count++;
    if (program_main(count, words) != 0)
        fail_msg("%s %s", first, second);
}

static void pack(const char *from, const char *to) {
    char *content = read_file(from);
    gzFile file = gzopen(to, "wb");
    assert_non_null(file);
    assert_int_equal(gzputs(file, content), (int)strlen(content));
    assert_int_equal(gzclose(file), Z_OK);
    free(content);
}

/* Rows as arrays, and as one array in an archive of its own. */
static void write_arrays(void) {
    enum { ROWS = 40 };
    static double x[ROWS * 3], y[ROWS * 2];
    struct error error = {0};
    for (size_t k = 0; k < ROWS * 3; k++)
        x[k] = (double)(k * 37 % 19) / 8 - 1;
    for (size_t k = 0; k < ROWS * 2; k++)
        y[k] = (double)(k * 31 % 17) / 8 - 1;
    const struct npz_source sources[] = {
        {.name = "X", .type = TENSOR_F64, .rows = ROWS, .columns = 3, .values = x},
        {.name = "y", .type = TENSOR_F64, .rows = ROWS, .columns = 2, .values = y}};
    must(npz_write("d.npz", sources, 2, NULL, &error), &error);
}

/* A larger network of which two layers open. */
static void write_checkpoint(void) {
    static const struct {
        const char *name;
        size_t shape[2];
    } tensors[] = {{"emb.weight", {4, 3}},          {"h.0.mlp.down.bias", {3, 0}},
                   {"h.0.mlp.down.weight", {3, 5}}, {"h.0.mlp.up.bias", {5, 0}},
                   {"h.0.mlp.up.weight", {5, 3}},   {"h.1.mlp.down.weight", {3, 4}},
                   {"h.1.mlp.up.weight", {4, 3}}};
    enum { COUNT = sizeof tensors / sizeof *tensors };
    struct safetensors_source sources[COUNT];
    static double values[64];
    struct error error = {0};
    for (size_t k = 0; k < 64; k++)
        values[k] = (double)(k * 37 % 19) / 8 - 1;
    for (size_t k = 0; k < COUNT; k++)
        sources[k] = (struct safetensors_source){.name = tensors[k].name,
                                                 .type = TENSOR_F32,
                                                 .dimensions = tensors[k].shape[1] ? 2 : 1,
                                                 .shape = tensors[k].shape,
                                                 .values = values + k};
    must(safetensors_write("block.safetensors", sources, COUNT, NULL, NULL, NULL, &error), &error);
}

static const char script[] = "open m.json d.csv\n"
                             "eps 0.1\nset relation forward\nset linkage chain\nmark a\n"
                             "budget 60%\njump a\nundo\nredo\nsweep 3\npolish 2\nlayer 1\n"
                             "view equations\nview trajectories\nview weights\nview dendrogram\n"
                             "record! taken.lumpscope\neps 0.2\nrecord off\n"
                             "source inner.lumpscope\n"
                             "write! out.npz F32\nexport! out.md\nexport! out.csv\n";
static const char lesson[] = "# title: A lesson\n# minutes: 1\nopen m.json d.csv\n"
                             "say This is a lesson \\\nof two lines.\n"
                             "try epsilon>0.05 Move it.\nanswer eps 0.06\neps 0.06\n"
                             "say The end.\n";
/* Without a screen nobody does what a lesson asks for. */
static const char speech[] = "# title: Speech\nopen m.json\nsay One\neps 0.06\n"
                             "try epsilon>0.05 Look.\nanswer eps 0.06\n";

static void write_models(void) {
    struct error error = {0};
    struct rng rng;
    rng_seed(&rng, 3);
    const size_t shape[] = {2, 3, 1};
    struct network *network = random_network_of(&rng, shape, 2, ACTIVATION_SQUARE);
    must(model_json_save(network, "square.json", NULL, NULL, &error), &error);
    network_free(network);
    write_model("m.json", 6);
    do_command("convert", "m.json", "m.onnx", NULL);
    do_command("convert", "m.json", "m.npz", NULL);
    do_command("convert", "m.json", "m.safetensors", NULL);
    write_checkpoint();
}

static int set_up(void **state) {
    if (enter_directory(state) != 0 || mkdir("home", 0700) != 0 || mkdir("themes", 0700) != 0 ||
        mkdir("bench", 0700) != 0)
        return -1;
    char *home = realpath("home", NULL);
    setenv("XDG_CONFIG_HOME", home, 1);
    setenv("XDG_STATE_HOME", home, 1);
    setenv("XDG_DATA_HOME", home, 1);
    free(home);
    write_models();
    write_data("d.csv", 60);
    pack("d.csv", "d.csv.gz");
    write_arrays();
    write_file("c.csv", "a,b,kind\n1,2,x\n2,1,y\n0,1,x\n3,3,y\n1,1,x\n4,0,y\n0,4,x\n2,2,y\n5,1,x\n"
                        "1,5,y\n2,3,x\n,1,y\n");
    write_file("script.lumpscope", script);
    write_file("inner.lumpscope", "eps 0.15\n");
    write_file("lesson.lumpscope", lesson);
    write_file("speech.lumpscope", speech);
    allocation_hook_json();
    return 0;
}

/* ---- Commands ---- */

static void try_all(const char *const *lines) {
    for (size_t k = 0; lines[k]; k++)
        allocation_try_command(lines[k]);
}
#define TRY(...) try_all((const char *const[]){__VA_ARGS__, NULL})

static void the_programs_own_commands_survive_every_failing_allocation(void **state) {
    (void)state;
    TRY("help", "help compress", "help --man", "--version", "paths", "completion bash",
        "completion zsh", "completion fish");
}

static void info_survives_every_failing_allocation(void **state) {
    (void)state;
    TRY("info m.json", "info m.json --json", "info m.json --tensors", "info m.onnx --tensors",
        "info m.npz --tensors --json", "info m.safetensors --tensors", "info block.safetensors",
        "info block.safetensors --tensors --json",
        "info block.safetensors --block h.0.mlp.up.weight,h.0.mlp.down.weight --activation relu");
}

static void converting_survives_every_failing_allocation(void **state) {
    (void)state;
    static const char *const suffixes[] = {"json", "safetensors", "onnx", "npz"};
    char line[128];
    for (size_t from = 0; from < 4; from++)
        for (size_t to = 0; to < 4; to++) {
            snprintf(line, sizeof line, "convert m.%s out.%s", suffixes[from], suffixes[to]);
            allocation_try_command(line);
        }
    TRY("convert m.json out.onnx --dtype f16", "convert m.npz out.npz --dtype f32 --json",
        "convert block.safetensors out.json --block h.1.mlp.up.weight,h.1.mlp.down.weight "
        "--activation gelu");
}

/* Networks of other libraries, as they export them. */
static void networks_of_other_libraries_survive_every_failing_allocation(void **state) {
    (void)state;
    static const char *const names[] = {"cast_half",       "constant",
                                        "dropout",         "external",
                                        "flatten",         "gelu_exporter",
                                        "gemm_alpha_beta", "keras",
                                        "matmul_add",      "norm_before",
                                        "norm_after",      "reshape",
                                        "sklearn_classes", "sklearn_pair_zipped",
                                        "sklearn_scaler",  "softmax",
                                        "square_pow",      "torch",
                                        "typed_half",      "vectors"};
    char line[512];
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        snprintf(line, sizeof line, "info %s/onnx/%s.onnx", getenv("LUMPSCOPE_TESTS"), names[k]);
        allocation_try_command(line);
    }
    snprintf(line, sizeof line,
             "info %s/fuzz/corpus/model_npz/coefs.npz --layers coefs_0,coefs_1 --activation relu",
             getenv("LUMPSCOPE_TESTS"));
    allocation_try_command(line);
}

static void evaluating_survives_every_failing_allocation(void **state) {
    (void)state;
    TRY("evaluate m.json --data d.csv", "evaluate m.json --data d.csv.gz --float --json",
        "evaluate m.json --data d.npz", "predict m.json --data d.csv",
        "predict m.json --data d.npz -o out.csv --json", "predict m.onnx --data d.csv.gz --float",
        "diff m.json m.onnx", "diff m.json m.npz --data d.csv", "diff m.json square.json --json",
        "diff m.json m.safetensors --data d.csv --json");
}

static void partition_survives_every_failing_allocation(void **state) {
    (void)state;
    TRY("partition m.json --eps 0.1 --json",
        "partition m.json --eps 0.1 --relation backward --linkage chain",
        "partition square.json --eps 0.1 --faithful", "partition m.json --eps 0.1 --data d.csv",
        "partition block.safetensors --block h.0.mlp.up.weight,h.0.mlp.down.weight --activation "
        "relu --eps 0.5");
}

static void compress_survives_every_failing_allocation(void **state) {
    (void)state;
    TRY("compress m.json -o out.json --budget 60 --data d.csv",
        "compress m.json -o out.onnx --eps 0.2", "compress m.onnx -o out.npz --exact --data d.csv",
        "compress m.npz -o out.safetensors --loss 20 --data d.csv --json",
        "compress m.json -o out.json --budget 60 --data d.csv --refit off",
        "compress m.json -o out.json --budget 60 --data d.csv --calibrate-on d.npz",
        "compress square.json -o out.json --budget 80 --rank 2",
        "compress block.safetensors --block h.0.mlp.up.weight,h.0.mlp.down.weight --activation "
        "relu -o out.safetensors "
        "--eps 0.5");
}

static void sweep_survives_every_failing_allocation(void **state) {
    (void)state;
    TRY("sweep m.json --data d.csv --points 3 --methods lump,magnitude,wanda,neuron,id",
        "sweep m.json --data d.csv --grp 70,40 --methods lump+polish,wanda --json",
        "sweep m.json --data d.csv --points 3 --methods lump -o out.csv",
        "sweep m.json --data d.csv --points 3 --methods lump -o out.svg",
        "sweep m.json --data d.csv --points 3 --methods lump --markdown");
}

static void export_survives_every_failing_allocation(void **state) {
    (void)state;
    TRY("export m.json -o out.json --eps 0.1", "export m.json -o out.csv --budget 60 --data d.csv",
        "export m.json -o out.md --eps 0.1 --data d.csv",
        "export m.json -o out.svg --what curve --data d.csv",
        "export m.json -o out.csv --what curve --data d.csv",
        "export m.json -o out.svg --what dendrogram --eps 0.1",
        "export m.json -o out.csv --what dendrogram --eps 0.1 --layer 1",
        "export m.json -o out.svg --what classes --eps 0.1",
        "export m.json -o out.csv --what classes --eps 0.1");
}

static void training_survives_every_failing_allocation(void **state) {
    (void)state;
    TRY("train --data d.csv --target y,z --layers 3:tanh --epochs 1 -o out.json",
        "train --data c.csv --layers 3:relu --epochs 1 -o out.onnx",
        "train --data d.npz --layers 2:square --epochs 1 -o out.npz --json",
        "generate rn -o out.csv --rows 5", "generate glycolysis -o out.csv --rows 3",
        "generate htree -o out.csv --rows 3", "generate polymer -o out.csv --rows 3");
}

static void remove_written(const char *input) {
    (void)input;
    unlink("out.npz");
    unlink("out.md");
    unlink("out.csv");
    unlink("taken.lumpscope");
}

static void scripts_survive_every_failing_allocation(void **state) {
    (void)state;
    allocation_try("run script.lumpscope", NULL, remove_written, "run script.lumpscope");
    remove_written(NULL);
    TRY("run speech.lumpscope");
}

#define TEST(function) cmocka_unit_test_teardown(function, allocation_faults)

int main(void) {
    const struct CMUnitTest commands[] = {
        TEST(the_programs_own_commands_survive_every_failing_allocation),
        TEST(info_survives_every_failing_allocation),
        TEST(converting_survives_every_failing_allocation),
        TEST(networks_of_other_libraries_survive_every_failing_allocation),
        TEST(evaluating_survives_every_failing_allocation),
        TEST(partition_survives_every_failing_allocation),
        TEST(compress_survives_every_failing_allocation),
        TEST(sweep_survives_every_failing_allocation),
        TEST(export_survives_every_failing_allocation),
        TEST(training_survives_every_failing_allocation),
    };
    /* The command line's library ends the process when it has no memory. */
    const struct CMUnitTest own[] = {
        TEST(scripts_survive_every_failing_allocation),
        TEST(ode_files_survive_every_failing_allocation),
        TEST(themes_survive_every_failing_allocation),
        TEST(saved_sessions_survive_every_failing_allocation),
        TEST(lessons_survive_every_failing_allocation),
        TEST(bench_survives_every_failing_allocation),
        TEST(opening_a_session_survives_every_failing_allocation),
        TEST(restoring_a_session_survives_every_failing_allocation),
        TEST(requests_without_memory_are_said_to_be_lost),
        TEST(the_explorer_survives_every_failing_allocation),
    };
    int failed = cmocka_run_group_tests(commands, set_up, leave_directory);
    if (!allocation_everywhere())
        failed += cmocka_run_group_tests(own, set_up, leave_directory);
    return failed;
}
