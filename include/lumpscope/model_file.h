/* Model files of every format: known by content when read, by suffix when written (cli.md, "Model
 * files"). */
#ifndef LUMPSCOPE_MODEL_FILE_H
#define LUMPSCOPE_MODEL_FILE_H

#include "lumpscope/network.h"
#include "lumpscope/options.h"

struct text;

/* What the user says of a model that its file does not; NULL: not said. Strings are owned. */
struct model_recipe {
    char *activation; /* "relu" for every hidden layer, or one per hidden layer, or one per layer,
                         comma separated; an output activation that is not given is linear */
    char *layers;     /* tensor names without ".weight", in order, comma separated */
    char *block;      /* "UP,DOWN": two layers of a larger checkpoint */
    char *task;       /* "regression" or "classification": outputs that are scores of classes */
};

/* The options of a recipe: one table for command line, `:open`, help and completion. */
enum model_option {
    MODEL_OPTION_ACTIVATION,
    MODEL_OPTION_LAYERS,
    MODEL_OPTION_BLOCK,
    MODEL_OPTION_TASK,
    MODEL_OPTION_COUNT
};
extern const struct option_description model_option_descriptions[MODEL_OPTION_COUNT];
/* By name without dashes; MODEL_OPTION_COUNT when unknown. */
enum model_option model_option_find(const char *name);

void model_recipe_free(struct model_recipe *recipe); /* a zeroed one may be freed */
/* `to` is overwritten, not freed; on failure it is empty. */
bool model_recipe_copy(struct model_recipe *to, const struct model_recipe *from,
                       struct error *error);
/* Whether both say the same. */
bool model_recipe_equal(const struct model_recipe *a, const struct model_recipe *b);
/* ERROR_USAGE for an unknown option, activation or task, or a list that is no list. */
bool model_recipe_set(struct model_recipe *recipe, const char *option_name, const char *value,
                      struct error *error);
/* The value of one option as it was set; NULL when it was not. */
const char *model_recipe_value(const struct model_recipe *recipe, enum model_option option);
/* The activations of `depth` layers by a list such as the recipe's, in place of what `out` [depth]
 * holds; `from` ("--activation", "metadata activation") begins the sentence. NULL list: untouched.
 * ERROR_REQUEST when the list has neither 1, depth - 1 nor depth names. */
bool model_activations(const char *list, const char *from, size_t depth, struct activation *out,
                       struct error *error);

/* The same for the layers of a network. */
bool network_set_activations(struct network *network, const char *list, const char *from,
                             struct error *error);

/* What the recipe says of the task; NULL: untouched. ERROR_REQUEST for a regression that ends in a
 * softmax. */
bool network_set_task(struct network *network, const char *task, struct error *error);

/* "JSON", "safetensors", "ONNX", "NumPy .npz". */
const char *model_format_name(enum model_format format);
/* What a file's first bytes, and where they say nothing its name, make of it. */
enum model_format model_format_found(const char *path);
/* ".json". */
const char *model_format_suffix(enum model_format format);
/* By the suffix of a name to be written, `fallback` where it has none; ERROR_REQUEST names the
 * suffixes there are. A stream (/dev/stdout) is JSON. */
bool model_format_for(const char *path, enum model_format *format, struct error *error);

/* Reads a model file of any format. A PyTorch pickle or a Keras file is never opened further than
 * its first bytes: the sentence, and the lines after it, say how to export it. `recipe` may be
 * NULL. The network's origin tells how it goes back. While a pipe keeps one waiting `progress` (may
 * be NULL) is asked whether to go on. */
struct network *model_load(const char *path, const struct model_recipe *recipe,
                           const struct progress *progress, struct error *error);
/* Lines to paste that turn the file that was refused into one that opens; NULL when `path` is no
 * such file. Static. */
const char *model_export_lines(const char *path);

/* Writes by the suffix of `path`, by temporary file and rename. Numbers become `type`; a value out
 * of its range is an error. A network opened with --block and written as safetensors is the whole
 * checkpoint with the two layers replaced. `bytes` (may be NULL) gets the size of the file,
 * `progress` is that of file_write. */
bool model_save(const struct network *network, const char *path, enum tensor_type type,
                size_t *bytes, const struct progress *progress, struct error *error);
/* How large that file would be, in the format and type of the network's origin. */
bool model_measure(const struct network *network, size_t *bytes, const struct progress *progress,
                   struct error *error);
/* Rounds weights, biases and coefficients to what a file of `type` can hold. */
bool network_round(struct network *network, enum tensor_type type, struct error *error);

/* What a file holds besides the network: every tensor, in file order. */
struct tensor_summary {
    char *name; /* as in the file; to be made visible */
    enum tensor_type type;
    char foreign_type[16]; /* the file's word for a type that is none of ours; else empty */
    size_t dimensions;
    size_t *shape;                /* [dimensions] */
    size_t bytes;                 /* in the file; 0 in JSON, where numbers are text */
    double least, greatest, mean; /* over finite elements; NaN when there are none */
    size_t nonfinite;             /* elements that are not finite */
};
struct tensor_list {
    struct tensor_summary *tensors; /* [count] */
    size_t count;
};
/* Lists the tensors of a model file of any format, with their statistics when `values`. */
bool model_tensors(const char *path, bool values, struct tensor_list *out,
                   const struct progress *progress, struct error *error);
void tensor_list_free(struct tensor_list *list);

#endif
