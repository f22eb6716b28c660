#include "program_output.h"
#include "program_subject.h"

#include <cjson/cJSON.h>

static bool evaluate_json(const struct metrics *metrics, struct text *out, struct error *error) {
    cJSON *document = cJSON_CreateObject();
    bool made = json_add_metrics(document, metrics);
    return json_print(document, made, out, error);
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
           evaluate_network(network, &inputs, &targets, NULL, &metrics, &program->progress, error);
    if (done) {
        text_append_overflow(&overflow, "the network", network, data, &inputs, &metrics);
        if (program->given[PROGRAM_JSON]) {
            done = evaluate_json(&metrics, &program->output, error);
            text_say(&overflow); /* what null stands for */
        } else {
            text_append_metrics(&program->output, network, &metrics);
            text_append(&program->output, overflow.data ? overflow.data : "");
        }
    }
    text_free(&overflow);
    matrix_free(&inputs);
    matrix_free(&targets);
    subject_free(&subject);
    return done;
}
