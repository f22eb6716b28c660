/* Data: delimited text, gzip, .npy and .npz, as for training and for a model with names, levels,
 * dates and ranges of its own. */
#include "fuzz.h"

#include "lumpscope/dataset.h"
#include "lumpscope/model_json.h"
#include "lumpscope/npy.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

static const char model[] =
    "{\"format\": \"lumpscope-network\", \"version\": 1, \"task\": \"regression\","
    "\"input\": {\"names\": [\"a\", \"b\", \"c=x\", \"c=y\"], \"mean\": [0, 1, 0, 0],"
    " \"scale\": [1, 2, 1, 1]},"
    "\"output\": {\"names\": [\"y\"]},"
    "\"layers\": [{\"activation\": \"linear\", \"weights\": [[1, 2, 3, 4]], \"bias\": [0]}],"
    "\"data\": {\"target\": [\"y\"], \"drop\": [\"z\"], \"levels\": {\"c\": [\"x\", \"y\"]},"
    " \"range\": {\"a\": [null, 100]}, \"test_fraction\": 0.25, \"split_seed\": 3}}";

static struct network *read_model(void) {
    struct error error = {0};
    struct network *network = model_json_parse("model", model, sizeof model - 1, &error);
    fuzz_require(network, "%s", error.text);
    return network;
}

static void check_rows(const struct dataset *data) {
    fuzz_require(data->train_count + data->test_count == data->inputs.rows,
                 "%zu + %zu rows out of %zu", data->train_count, data->test_count,
                 data->inputs.rows);
    fuzz_require(matrix_finite(&data->inputs) && matrix_finite(&data->targets),
                 "data that are not finite");
    for (size_t i = 0; i < data->inputs.rows; i++)
        fuzz_require(data->source_row[i] < data->file_rows, "a row from beyond the file");
}

static void use(const struct dataset *data, const struct network *network) {
    struct matrix matrix = {0};
    check_rows(data);
    cJSON_Delete(dataset_member(data, NULL));
    if (!network)
        return;
    if (dataset_network_inputs(data, network, NULL, data->inputs.rows, &matrix, NULL))
        matrix_free(&matrix);
    if (data->has_targets &&
        dataset_network_targets(data, network, NULL, data->inputs.rows, &matrix, NULL))
        matrix_free(&matrix);
}

/* `settings`: names and values of a recipe, NULL after the last. */
static void load(const char *path, const struct network *network, int task,
                 const char *const *settings) {
    struct data_recipe recipe;
    struct error error = {0};
    data_recipe_defaults(&recipe);
    for (; settings && *settings; settings += 2)
        fuzz_require(data_recipe_set(&recipe, settings[0], settings[1], &error), "%s", error.text);
    struct dataset *data = dataset_load(path, &recipe, network, task, NULL, &error);
    if (data)
        use(data, network);
    else
        fuzz_require(*error.text, "no data and no reason");
    dataset_free(data);
    data_recipe_free(&recipe);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const headless[] = {"header", "no",   "target", "last:2", "range",
                                           "c1=-5:", "drop", "c9",     NULL};
    static const char *const fixed[] = {"delimiter", ";", "split", "none", "target", "none", NULL};
    char path[FUZZ_PATH_SIZE];
    if (!fuzz_write("table", data, size))
        return 0;
    fuzz_path("table", path);
    bool packed = npy_is_archive((const char *)data, size) ||
                  (size > 1 && data[0] == 0x1f && data[1] == 0x8b);
    struct network *network = read_model();
    fuzz_budget(size, packed ? FUZZ_TIMES_DEFLATED : FUZZ_TIMES);
    load(path, NULL, -1, NULL);
    load(path, network, -1, NULL);
    load(path, NULL, TASK_CLASSIFICATION, headless);
    load(path, NULL, TASK_REGRESSION, fixed);
    fuzz_budget_end();
    network_free(network);
    return 0;
}
