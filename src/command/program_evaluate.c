#include "program_output.h"
#include "program_subject.h"

#include <cjson/cJSON.h>
#include <stdio.h>

static bool evaluate_json(const struct metrics *metrics, struct text *out, struct error *error) {
    cJSON *document = cJSON_CreateObject();
    bool made = json_add_metrics(document, metrics);
    return json_print(document, made, out, error);
}

static void evaluate_text(const struct subject *subject, const struct metrics *metrics,
                          struct text *out) {
    bool scaled = subject->network->output.given;
    struct table table = {.alignment = "lrl"};
    const struct {
        const char *name;
        double value;
        const char *unit;
    } regression[] = {{"MSE", metrics->mse, scaled ? "standardised" : ""},
                      {"RMSE", metrics->rmse, scaled ? "standardised" : ""},
                      {"MAE", metrics->mae, scaled ? "standardised" : ""},
                      {"R^2", metrics->r2, ""},
                      {"MSE raw", metrics->mse_raw, "units of the data, squared"}},
      classification[] = {{"accuracy", 100 * metrics->accuracy, "%"},
                          {"cross-entropy", metrics->cross_entropy, "nats"}};
    bool classes = metrics->task == TASK_CLASSIFICATION;
    for (size_t k = 0; k < (classes ? 2 : 5); k++) {
        table_cell(&table, "%s", classes ? classification[k].name : regression[k].name);
        table_number(&table, classes ? classification[k].value : regression[k].value);
        table_cell(&table, "%s", classes ? classification[k].unit : regression[k].unit);
    }
    text_format(out, "%zu test rows\n\n", metrics->rows);
    table_print(&table, out);
}

/* Says on standard error what a document's null stands for. */
static void say(const struct text *sentence) {
    if (sentence->length)
        fputs(sentence->data, stderr);
}

bool program_run_evaluate(struct program *program, struct error *error) {
    struct subject subject;
    struct matrix inputs = {0}, targets = {0};
    struct metrics metrics;
    struct text overflow = {0};
    bool done = subject_load(&subject, program, TARGET_REQUIRED, error) &&
                subject_need_test_rows(&subject, error);
    const struct dataset *data = subject.data;
    const struct network *network = subject.network;
    program_signals_defer(true);
    done = done &&
           dataset_network_inputs(data, network, data->test, data->test_count, &inputs, error) &&
           dataset_network_targets(data, network, data->test, data->test_count, &targets, error) &&
           evaluate_network(network, &inputs, &targets, &metrics, &program->progress, error);
    if (done) {
        text_append_overflow(&overflow, "the network", network, &inputs, &metrics);
        if (program->given[PROGRAM_JSON]) {
            done = evaluate_json(&metrics, &program->output, error);
            say(&overflow);
        } else {
            evaluate_text(&subject, &metrics, &program->output);
            text_append(&program->output, overflow.data ? overflow.data : "");
        }
    }
    text_free(&overflow);
    matrix_free(&inputs);
    matrix_free(&targets);
    subject_free(&subject);
    return done;
}
