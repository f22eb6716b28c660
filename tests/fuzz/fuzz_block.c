/* Two layers of a larger safetensors checkpoint: the pairs there are, each opened and written back.
 */
#include "fuzz.h"

#include "lumpscope/model_block.h"

#include <stdio.h>
#include <string.h>

static void open_block(const char *path, const char *up, const char *down) {
    struct model_recipe recipe = {0};
    struct error error = {0};
    char names[1024], out[FUZZ_PATH_SIZE];
    size_t bytes;
    snprintf(names, sizeof names, "%s,%s", up, down);
    struct network *network = NULL;
    if (model_recipe_set(&recipe, "block", names, NULL) &&
        model_recipe_set(&recipe, "activation", "gelu", NULL))
        network = model_load(path, &recipe, NULL, NULL);
    if (network) {
        fuzz_check_network(network);
        if (model_save(network, fuzz_path("out.safetensors", out), network->origin.type, &bytes,
                       NULL, NULL)) {
            struct network *again = model_load(out, &recipe, NULL, &error);
            fuzz_require(again, "what was written does not open: %s", error.text);
            fuzz_require(fuzz_same_network(network, again), "the block has changed");
            network_free(again);
        }
    }
    network_free(network);
    model_recipe_free(&recipe);
}

static void open_blocks(const char *path) {
    struct safetensors *file = safetensors_open(path, NULL);
    struct block_list list;
    if (file && model_block_list(file, &list, NULL)) {
        for (size_t i = 0; i < list.count && i < 4; i++)
            open_block(path, list.blocks[i].up, list.blocks[i].down);
        block_list_free(&list);
    }
    safetensors_close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[FUZZ_PATH_SIZE];
    if (!fuzz_write("model", data, size))
        return 0;
    fuzz_budget(size, FUZZ_TIMES);
    open_blocks(fuzz_path("model", path));
    open_block(path, "up", "down");
    fuzz_budget_end();
    return 0;
}
