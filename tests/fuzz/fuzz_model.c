/* Model files of every format, as `lumpscope info` and `lumpscope convert` read them: what opens is
 * sound, and comes back from every format it can be written to. */
#include "fuzz.h"

#include "lumpscope/model_file.h"
#include "lumpscope/model_json.h"
#include "lumpscope/npy.h"
#include "lumpscope/text.h"

#include <string.h>

static void check_json(const struct network *network) {
    struct text text = {0};
    struct error error = {0};
    struct network typed = *network;
    typed.origin.type = TENSOR_F64; /* what ONNX's nodes become together may be beyond theirs */
    fuzz_require(model_json_print(&typed, &text, &error), "cannot be printed: %s", error.text);
    struct network *again = model_json_parse("again", text.data, text.length, &error);
    fuzz_require(again, "cannot be read back: %s", error.text);
    fuzz_require(fuzz_same_network(network, again), "JSON has changed the network");
    network_free(again);
    text_free(&text);
}

/* Not everything fits into every format; what was written opens. */
static void check_written(const struct network *network, const char *name) {
    char path[FUZZ_PATH_SIZE];
    struct error error = {0};
    size_t bytes;
    if (!model_save(network, fuzz_path(name, path), TENSOR_F64, &bytes, NULL, &error))
        return;
    struct network *again = model_load(path, NULL, NULL, &error);
    fuzz_require(again, "what was written does not open: %s", error.text);
    fuzz_require(network_inputs(again) == network_inputs(network) &&
                     network_outputs(again) == network_outputs(network),
                 "%s has changed the network", name);
    network_free(again);
}

static void list_tensors(const char *path) {
    struct tensor_list tensors;
    if (model_tensors(path, true, &tensors, NULL, NULL))
        tensor_list_free(&tensors);
}

/* What ONNX files of tests/onnx keep beside them. */
static void write_external(void) {
    static const uint8_t weights[64] = {0, 0, 0x80, 0x3f};
    static bool written;
    written = written || fuzz_write("weights.bin", weights, sizeof weights);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const formats[] = {"out.json", "out.npz", "out.safetensors", "out.onnx"};
    char path[FUZZ_PATH_SIZE];
    struct model_recipe recipe = {0};
    write_external();
    if (!fuzz_write("model", data, size))
        return 0;
    fuzz_path("model", path);
    fuzz_budget(size, npy_is_archive((const char *)data, size) ? FUZZ_TIMES_DEFLATED : FUZZ_TIMES);
    struct network *network = model_load(path, NULL, NULL, NULL);
    if (!network && model_recipe_set(&recipe, "activation", "relu", NULL))
        network = model_load(path, &recipe, NULL, NULL);
    list_tensors(path);
    fuzz_budget_end();
    if (network) {
        fuzz_check_network(network);
        check_json(network);
        for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
            check_written(network, formats[i]);
    }
    model_export_lines(path);
    network_free(network);
    model_recipe_free(&recipe);
    return 0;
}
