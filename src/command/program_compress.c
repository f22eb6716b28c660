#include "program_goal.h"
#include "program_output.h"

#include "lumpscope/model_file.h"

#include <cjson/cJSON.h>
#include <math.h>

struct result {
    double epsilon;
    struct network *network; /* owned */
    struct metrics after;    /* rows 0 without test rows */
    enum tensor_type type;   /* of the file written */
    double bytes;            /* likewise */
};

static bool compress(struct subject *subject, const struct program *program,
                     const struct goal *goal, struct result *result, struct error *error) {
    const struct progress *progress = &program->progress;
    if (!program->given[PROGRAM_DTYPE])
        result->type = subject->network->origin.type;
    subject->study.type = result->type;
    result->network = goal_reduce(goal, subject, &result->epsilon, &result->after, progress, error);
    const char *path = program->given[PROGRAM_OUTPUT];
    if (!result->network || !progress_step(progress, "writing", 0, 1, error) ||
        !model_save(result->network, path, result->type, NULL, progress, error))
        return false;
    result->bytes = program_file_bytes(path);
    return true;
}

static bool add_sizes(cJSON *document, const struct partition *partition,
                      const struct network *network) {
    cJSON *classes = cJSON_CreateArray(), *neurons = cJSON_CreateArray();
    bool made = json_add(document, "classes", classes);
    made = json_add(document, "neurons", neurons) && made;
    for (size_t l = 0; made && l < partition->layers; l++)
        made = json_add_number(classes, NULL, (double)partition->layer[l].count) &&
               json_add_number(neurons, NULL, (double)network->layers[l].neurons);
    return made;
}

static bool add_judgement(cJSON *document, const char *name, const struct metrics *metrics) {
    cJSON *item = cJSON_CreateObject();
    bool made = json_add_metrics(item, metrics);
    return json_add(document, name, item) && made;
}

static bool compress_json(const struct subject *subject, const struct result *result,
                          const char *path, double original_bytes, struct text *out,
                          struct error *error) {
    size_t parameters = network_parameters(result->network);
    size_t original = network_parameters(subject->network);
    cJSON *document = cJSON_CreateObject();
    bool made =
        json_add_number(document, "epsilon", result->epsilon) &&
        json_add_number(document, "parameters", (double)parameters) &&
        json_add_number(document, "original_parameters", (double)original) &&
        json_add_number(document, "grp", metrics_grp(parameters, original)) &&
        add_sizes(document, refine_partition(subject->study.refine), result->network) &&
        json_add_string(document, "output", path) &&
        json_add_string(document, "dtype", tensor_type_name(result->type)) &&
        json_add_number(document, "bytes", result->bytes) &&
        json_add_number(document, "original_bytes", original_bytes) &&
        json_add(document, "options", options_json(&subject->options)) &&
        (!subject->study.judged || (add_judgement(document, "before", &subject->study.before) &&
                                    add_judgement(document, "after", &result->after)));
    return json_print(document, made, out, error);
}

/* One line of the table: what it was, what it is, and what share or change that is. */
static void size_row(struct table *table, const char *name, size_t before, size_t after) {
    table_cell(table, "%s", name);
    table_cell(table, "%zu", before);
    table_cell(table, "%zu", after);
    if (before)
        table_cell(table, "%.1f %%", 100 * (double)after / (double)before);
    else
        table_cell(table, "%s", "");
}

static void bytes_row(struct table *table, double before, double after) {
    char number[TEXT_NUMBER_SIZE];
    table_cell(table, "bytes");
    table_cell(table, "%s", isfinite(before) ? text_bytes(before, number) : "-");
    table_cell(table, "%s", isfinite(after) ? text_bytes(after, number) : "-");
    if (isfinite(after / before))
        table_cell(table, "%.1f %%", 100 * after / before);
    else
        table_cell(table, "%s", "");
}

static void error_row(struct table *table, const struct metrics *before,
                      const struct metrics *after) {
    struct text was = {0}, is = {0};
    bool classes = before->task == TASK_CLASSIFICATION;
    text_append_figure(&was, before);
    text_append_figure(&is, after);
    table_cell(table, "test %s", metrics_name(before->task));
    table_cell_text(table, &was);
    table_cell_text(table, &is);
    double change = metrics_change(before, after);
    if (isfinite(change))
        table_cell(table, classes ? "%+.2f points" : "%+.1f %%", change);
    else
        table_cell(table, "%s", "");
    text_free(&was);
    text_free(&is);
}

static void neurons_row(struct table *table, const struct subject *subject, size_t layer,
                        const struct network *network) {
    size_t before = subject->network->layers[layer - 1].neurons;
    size_t classes = refine_partition(subject->study.refine)->layer[layer - 1].count;
    size_t after = network->layers[layer - 1].neurons;
    table_cell(table, "layer %zu neurons", layer);
    table_cell(table, "%zu", before);
    table_cell(table, "%zu", after);
    if (classes == after)
        table_cell(table, "%s", "");
    else
        table_cell(table, "%zu classes", classes);
}

static void append_overflows(const struct subject *subject, const struct result *result,
                             struct text *out) {
    const struct study *study = &subject->study;
    if (!study->judged)
        return;
    text_append_overflow(out, "the original", subject->network, subject->data, &study->test_inputs,
                         &study->before);
    text_append_overflow(out, "the smaller network", result->network, subject->data,
                         &study->test_inputs, &result->after);
}

static void compress_text(const struct subject *subject, const struct result *result,
                          const char *path, double original_bytes, struct text *out) {
    const struct study *study = &subject->study;
    char number[TEXT_NUMBER_SIZE];
    text_format(out, "%s at epsilon %s\n\n", relation_name(subject->options.relation),
                text_number(result->epsilon, number));
    struct table table = {.alignment = "lrrr"};
    static const char *const heads[] = {"", "before", "after", ""};
    for (size_t k = 0; k < 4; k++)
        table_cell(&table, "%s", heads[k]);
    size_row(&table, "parameters", network_parameters(subject->network),
             network_parameters(result->network));
    size_row(&table, "MACs", network_macs(subject->network), network_macs(result->network));
    bytes_row(&table, original_bytes, result->bytes);
    if (study->judged)
        error_row(&table, &study->before, &result->after);
    for (size_t l = 1; l <= network_hidden(subject->network); l++)
        neurons_row(&table, subject, l, result->network);
    table_print(&table, out);
    append_overflows(subject, result, out);
    text_format(out, "\nwritten to %s, %s\n", path, tensor_type_name(result->type));
}

bool program_run_compress(struct program *program, struct error *error) {
    struct goal goal = {0};
    struct subject subject = {0};
    struct result result = {0};
    const char *path = program->given[PROGRAM_OUTPUT];
    double original_bytes = program_file_bytes(program->operand[0]); /* before it is replaced */
    bool done =
        program_goal(program, &goal, error) && program_dtype(program, &result.type, error) &&
        program_check_model(program, error) && goal_study(&goal, &subject, program, error) &&
        compress(&subject, program, &goal, &result, error);
    if (done && program->given[PROGRAM_JSON]) {
        struct text overflow = {0};
        append_overflows(&subject, &result, &overflow);
        program_say("%s", overflow.data ? overflow.data : ""); /* what null stands for */
        text_free(&overflow);
        done = compress_json(&subject, &result, path, original_bytes, &program->output, error);
    } else if (done)
        compress_text(&subject, &result, path, original_bytes, &program->output);
    network_free(result.network);
    subject_free(&subject);
    return done;
}
