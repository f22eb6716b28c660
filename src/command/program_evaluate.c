#include "program_output.h"
#include "program_subject.h"

#include <cjson/cJSON.h>
#include <math.h>

/* `single`: NULL when it was not asked for. */
static bool evaluate_json(const struct metrics *metrics, const struct single_metrics *single,
                          struct text *out, struct error *error) {
    cJSON *document = cJSON_CreateObject(), *floats = single ? cJSON_CreateObject() : NULL;
    bool made = json_add_metrics(document, metrics);
    if (single)
        made = json_add(document, "float", floats) && made &&
               json_add_metrics(floats, &single->metrics) &&
               json_add_number(floats, "difference", single->difference);
    return json_print(document, made, out, error);
}

static void append_single(struct text *out, const struct network *network,
                          const struct single_metrics *single) {
    char number[TEXT_NUMBER_SIZE];
    text_append(out, "\nin single precision, ");
    text_append_metrics(out, network, &single->metrics);
    if (isnan(single->difference)) {
        text_append(out, "\nsome outputs overflow: no largest difference to double precision\n");
        return;
    }
    text_format(out, "\nlargest difference of an output to double precision: %s of its RMS\n",
                text_human(single->difference, 3, number));
}

bool program_run_evaluate(struct program *program, struct error *error) {
    struct subject subject;
    struct matrix inputs = {0}, targets = {0};
    struct metrics metrics;
    struct single_metrics single;
    bool floats = program->given[PROGRAM_FLOAT];
    struct text overflow = {0};
    bool done = subject_load(&subject, program, TARGET_REQUIRED, error) &&
                subject_need_test_rows(&subject, error);
    const struct dataset *data = subject.data;
    const struct network *network = subject.network;
    program_signals_defer(true);
    done =
        done &&
        dataset_network_inputs(data, network, data->test, data->test_count, &inputs, error) &&
        dataset_network_targets(data, network, data->test, data->test_count, &targets, error) &&
        evaluate_network(network, &inputs, &targets, NULL, &metrics, &program->progress, error) &&
        (!floats ||
         evaluate_single(network, &inputs, &targets, &single, &program->progress, error));
    if (done) {
        text_append_overflow(&overflow, "the network", network, data, &inputs, &metrics);
        if (program->given[PROGRAM_JSON]) {
            done = evaluate_json(&metrics, floats ? &single : NULL, &program->output, error);
            program_say("%s", overflow.data ? overflow.data : ""); /* what null stands for */
        } else {
            text_append_metrics(&program->output, network, &metrics);
            if (floats)
                append_single(&program->output, network, &single);
            text_append_text(&program->output, &overflow);
        }
    }
    text_free(&overflow);
    matrix_free(&inputs);
    matrix_free(&targets);
    subject_free(&subject);
    return done;
}
