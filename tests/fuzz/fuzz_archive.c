/* What is inside of an .npz: the input is a list of members, from which a whole archive is made, so
 * that no checksum stands between the input and the reader. A member is the length of its name, the
 * name, the length of its content in two bytes (low first), and the content. */
#include "fuzz.h"

#include "lumpscope/dataset.h"
#include "lumpscope/model_file.h"

#include <string.h>
#include <zip.h>

enum { MEMBERS_MOST = 16 };

struct bytes {
    const uint8_t *data;
    size_t size;
};

/* The next `count` bytes, fewer at the end. */
static struct bytes take(struct bytes *from, size_t count) {
    struct bytes taken = {from->data, count < from->size ? count : from->size};
    from->data += taken.size;
    from->size -= taken.size;
    return taken;
}

static size_t take_number(struct bytes *from, size_t width) {
    struct bytes taken = take(from, width);
    size_t number = 0;
    for (size_t i = 0; i < taken.size; i++)
        number |= (size_t)taken.data[i] << 8 * i;
    return number;
}

static void add_member(zip_t *archive, struct bytes *input) {
    char name[256] = "";
    struct bytes word = take(input, take_number(input, 1));
    memcpy(name, word.data, word.size);
    struct bytes content = take(input, take_number(input, 2));
    zip_source_t *source = zip_source_buffer(archive, content.data, content.size, 0);
    if (source && zip_file_add(archive, name, source, ZIP_FL_OVERWRITE) < 0)
        zip_source_free(source);
}

static bool make_archive(const char *path, struct bytes input) {
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    for (int i = 0; archive && i < MEMBERS_MOST && input.size > 0; i++)
        add_member(archive, &input);
    if (archive && zip_close(archive) != 0) {
        zip_discard(archive);
        return false;
    }
    return archive;
}

static void load_data(const char *path, const struct network *network) {
    struct data_recipe recipe;
    data_recipe_defaults(&recipe);
    dataset_free(dataset_load(path, &recipe, network, -1, NULL, NULL));
    data_recipe_free(&recipe);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[FUZZ_PATH_SIZE];
    struct tensor_list tensors;
    if (!make_archive(fuzz_path("members.npz", path), (struct bytes){data, size}))
        return 0;
    fuzz_budget(size, FUZZ_TIMES_DEFLATED);
    struct network *network = model_load(path, NULL, NULL, NULL);
    if (model_tensors(path, true, &tensors, NULL, NULL))
        tensor_list_free(&tensors);
    load_data(path, NULL);
    fuzz_budget_end();
    if (network) {
        fuzz_check_network(network);
        load_data(path, network);
    }
    network_free(network);
    return 0;
}
