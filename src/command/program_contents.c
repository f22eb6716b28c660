#include "program_contents.h"

#include "program_output.h"

#include "lumpscope/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

/* ---- Blocks ---- */

bool blocks_find(const char *path, struct block_list *out, struct error *error) {
    struct error reason = {0};
    struct safetensors *file = safetensors_open(path, &reason);
    *out = (struct block_list){0};
    if (file && !model_block_list(file, out, &reason))
        *out = (struct block_list){0};
    safetensors_close(file);
    if (reason.no_memory)
        *error = reason;
    return !reason.no_memory;
}

static cJSON *block_json(const struct block_candidate *block) {
    cJSON *item = cJSON_CreateObject();
    if (json_add_string(item, "up", block->up) && json_add_string(item, "down", block->down) &&
        json_add_number(item, "inputs", (double)block->inputs) &&
        json_add_number(item, "neurons", (double)block->neurons) &&
        json_add_number(item, "outputs", (double)block->outputs))
        return item;
    cJSON_Delete(item);
    return NULL;
}

bool blocks_json(cJSON *document, enum model_format format, const struct block_list *list,
                 const char *reason) {
    cJSON *blocks = cJSON_CreateArray();
    bool made = json_add_string(document, "format", model_format_name(format)) &&
                json_add_string(document, "reason", reason);
    made = json_add(document, "blocks", blocks) && made;
    for (size_t k = 0; made && k < list->count; k++)
        made = json_add(blocks, NULL, block_json(&list->blocks[k]));
    return made;
}

/* Behind --block stand two names with a comma between them. */
static void append_command(const char *path, const struct block_candidate *block,
                           struct text *out) {
    struct text line = {0}, pair = {0};
    text_format(&pair, "%s,%s", block->up, block->down);
    text_append(&line, "lumpscope open ");
    text_append_shell_word(&line, path);
    text_append(&line, " --block ");
    text_append_shell_word(&line, pair.data ? pair.data : "");
    text_append(&line, " --activation gelu");
    text_format(out, "  %s\n", line.data ? line.data : "");
    out->failed = out->failed || line.failed || pair.failed;
    text_free(&line);
    text_free(&pair);
}

static void blocks_table(const struct block_list *list, struct text *out) {
    static const char *const heads[] = {"up", "down", "inputs", "neurons", "outputs"};
    struct table table = {.alignment = "llrrr"};
    for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
        table_cell(&table, "%s", heads[k]);
    for (size_t k = 0; k < list->count; k++) {
        const struct block_candidate *block = &list->blocks[k];
        table_cell(&table, "%s", block->up);
        table_cell(&table, "%s", block->down);
        table_cell(&table, "%zu", block->inputs);
        table_cell(&table, "%zu", block->neurons);
        table_cell(&table, "%zu", block->outputs);
    }
    table_print(&table, out);
}

void blocks_text(const char *path, const struct block_list *list, const char *reason,
                 struct text *out) {
    text_format(out, "%s\n", reason);
    if (list->count == 0)
        return;
    text_append(out, "\nBlocks of two layers that can be opened:\n\n");
    blocks_table(list, out);
    text_append(out, "\nTo open one, with the activation that stands between its layers:\n");
    append_command(path, &list->blocks[0], out);
}

/* ---- Tensors ---- */

/* Unknown where numbers are text. */
static double tensor_bytes(const struct tensor_summary *tensor) {
    return tensor->bytes ? (double)tensor->bytes : NAN;
}

static cJSON *tensor_json(const struct tensor_summary *tensor) {
    cJSON *item = cJSON_CreateObject(), *shape = cJSON_CreateArray();
    bool made = json_add_string(item, "name", tensor->name) &&
                json_add_string(item, "dtype", tensor_type_name(tensor->type));
    made = json_add(item, "shape", shape) && made;
    for (size_t k = 0; made && k < tensor->dimensions; k++)
        made = json_add_number(shape, NULL, (double)tensor->shape[k]);
    if (made && json_add_number(item, "bytes", tensor_bytes(tensor)) &&
        json_add_number(item, "min", tensor->least) &&
        json_add_number(item, "max", tensor->greatest) &&
        json_add_number(item, "mean", tensor->mean) &&
        json_add_number(item, "nonfinite", (double)tensor->nonfinite))
        return item;
    cJSON_Delete(item);
    return NULL;
}

bool tensors_json(cJSON *document, const struct tensor_list *list) {
    cJSON *tensors = cJSON_CreateArray();
    bool made = json_add(document, "tensors", tensors);
    for (size_t k = 0; made && k < list->count; k++)
        made = json_add(tensors, NULL, tensor_json(&list->tensors[k]));
    return made;
}

/* "768 x 3072"; a tensor without dimensions is one number. */
static void shape_cell(struct table *table, const struct tensor_summary *tensor) {
    struct text shape = {0};
    for (size_t k = 0; k < tensor->dimensions; k++)
        text_format(&shape, "%s%zu", k ? " x " : "", tensor->shape[k]);
    if (tensor->dimensions == 0)
        text_append(&shape, "number");
    table_cell_text(table, &shape);
    text_free(&shape);
}

void tensors_text(const struct tensor_list *list, struct text *out) {
    static const char *const heads[] = {"tensor", "dtype", "shape", "bytes",
                                        "min",    "max",   "mean",  "not finite"};
    struct table table = {.alignment = "llrrrrrr"};
    char bytes[TEXT_NUMBER_SIZE];
    for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
        table_cell(&table, "%s", heads[k]);
    for (size_t k = 0; k < list->count; k++) {
        const struct tensor_summary *tensor = &list->tensors[k];
        table_cell(&table, "%s", tensor->name);
        table_cell(&table, "%s", tensor_type_name(tensor->type));
        shape_cell(&table, tensor);
        table_cell(&table, "%s", tensor->bytes ? text_bytes((double)tensor->bytes, bytes) : "-");
        table_number(&table, tensor->least);
        table_number(&table, tensor->greatest);
        table_number(&table, tensor->mean);
        table_cell(&table, "%zu", tensor->nonfinite);
    }
    table_print(&table, out);
}
