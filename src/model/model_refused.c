#include "model_refused.h"

#include "npz_layers.h"

#include "lumpscope/model_file.h"
#include "lumpscope/safetensors.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum refused { REFUSED_NONE, REFUSED_TORCH, REFUSED_KERAS, REFUSED_SKLEARN, REFUSED_LISTS };

static const char torch_lines[] =
    "import torch\n"
    "from safetensors.torch import save_file\n"
    "state = torch.load(\"model.pt\", map_location=\"cpu\", weights_only=True)\n"
    "# A whole module instead of a state_dict, from a source you trust:\n"
    "# state = torch.load(\"model.pt\", map_location=\"cpu\", weights_only=False).state_dict()\n"
    "state = state.get(\"state_dict\", state)\n"
    "save_file({name: tensor.contiguous() for name, tensor in state.items()}, "
    "\"model.safetensors\")\n"
    "# Then: lumpscope model.safetensors --activation relu\n";

static const char keras_lines[] =
    "import json, keras, numpy as np\n"
    "model = keras.models.load_model(\"model.keras\")\n"
    "dense = [layer for layer in model.layers if layer.weights]\n"
    "arrays = {}\n"
    "for i, layer in enumerate(dense):\n"
    "    for name, values in zip((f\"W{i}\", f\"b{i}\"), layer.get_weights()):\n"
    "        arrays[name] = values\n"
    "activations = [layer.activation.__name__ for layer in dense]\n"
    "np.savez(\"model.npz\", lumpscope=json.dumps({\"activations\": activations}), **arrays)\n"
    "# Then: lumpscope model.npz\n";

#define SKLEARN_LINES                                                                              \
    "names = {\"identity\": \"linear\", \"logistic\": \"sigmoid\"}\n"                              \
    "activations = [model.activation] * (model.n_layers_ - 2) + [model.out_activation_]\n"         \
    "activations = [names.get(name, name) for name in activations]\n"                              \
    "np.savez(\"model.npz\", lumpscope=json.dumps({\"activations\": activations}),\n"              \
    "         **{f\"coefs_{i}\": w for i, w in enumerate(model.coefs_)},\n"                        \
    "         **{f\"intercepts_{i}\": b for i, b in enumerate(model.intercepts_)})\n"              \
    "# Then: lumpscope model.npz\n"

static const char sklearn_lines[] = "import json, joblib, numpy as np\n"
                                    "model = joblib.load(\"model.joblib\")  # an MLPRegressor or "
                                    "MLPClassifier you trust\n" SKLEARN_LINES;

static const char list_lines[] =
    "import json, numpy as np  # and `model`, the MLPRegressor or MLPClassifier\n" SKLEARN_LINES;

static const struct {
    const char *what, *lines;
} kinds[] = {
    [REFUSED_TORCH] = {"a PyTorch pickle, which can run code when it is opened; save its "
                       "state_dict as safetensors",
                       torch_lines},
    [REFUSED_KERAS] = {"a Keras file, which can run code when it is opened; save its layers as "
                       ".npz",
                       keras_lines},
    [REFUSED_SKLEARN] = {"a Python pickle, which can run code when it is opened; save the "
                         "scikit-learn network's layers as .npz",
                         sklearn_lines},
    [REFUSED_LISTS] = {NULL, list_lines},
};

static bool member_ends(const struct npz *archive, const char *end) {
    size_t tail = strlen(end);
    for (size_t k = 0; k < npz_count(archive); k++) {
        const char *name = npz_member(archive, k);
        size_t length = strlen(name);
        if (length >= tail && strcmp(name + length - tail, end) == 0)
            return true;
    }
    return false;
}

/* By the names in the archive alone. An archive that cannot be read is somebody else's to refuse.
 */
static enum refused archive_kind(const char *path) {
    struct npz *archive = npz_open(path, NULL);
    enum refused kind = REFUSED_NONE;
    if (!archive)
        return kind;
    if (member_ends(archive, "data.pkl"))
        kind = REFUSED_TORCH;
    else if (member_ends(archive, ".weights.h5"))
        kind = REFUSED_KERAS;
    else if (!npz_layers_refuse_objects(archive, NULL))
        kind = REFUSED_LISTS;
    npz_close(archive);
    return kind;
}

/* PyTorch's old files begin with its magic number, pickled: a long of ten bytes. */
static enum refused pickle_kind(const char *magic, size_t size) {
    static const char torch[] = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
    enum { TORCH = sizeof torch - 1 };
    return size >= 2 + TORCH && memcmp(magic + 2, torch, TORCH) == 0 ? REFUSED_TORCH
                                                                     : REFUSED_SKLEARN;
}

/* A pickle behind zlib, as joblib packs it, has no more of its own than the name. */
static bool is_packed_pickle(const char *path, const char *magic, size_t size) {
    static const char *const ends[] = {".joblib", ".pkl", ".pickle"};
    const char *dot = strrchr(path, '.');
    for (size_t k = 0; dot && k < sizeof ends / sizeof *ends; k++)
        if (strcasecmp(dot, ends[k]) == 0)
            return size > 1 && (magic[0] == 'x' || memcmp(magic, "\x1f\x8b", 2) == 0);
    return false;
}

static enum refused find_kind(const char *path, const char *magic, size_t size) {
    if (safetensors_is(magic, size)) /* whose length may begin as a pickle does */
        return REFUSED_NONE;
    if (npy_is_archive(magic, size))
        return archive_kind(path);
    if (size >= 4 && memcmp(magic, "\x89HDF", 4) == 0)
        return REFUSED_KERAS;
    if (size >= 2 && magic[0] == '\x80' && magic[1] >= 2 && magic[1] <= 5)
        return pickle_kind(magic, size);
    return is_packed_pickle(path, magic, size) ? REFUSED_SKLEARN : REFUSED_NONE;
}

bool model_check_refused(const char *path, const char *magic, size_t size, struct error *error) {
    enum refused kind = find_kind(path, magic, size);
    return !kinds[kind].what ||
           error_set(error, ERROR_REQUEST, "%s: %s (lumpscope info FILE prints the lines)", path,
                     kinds[kind].what);
}

const char *model_export_lines(const char *path) {
    char magic[MODEL_MAGIC] = {0};
    return kinds[find_kind(path, magic, model_read_magic(path, magic))].lines;
}
