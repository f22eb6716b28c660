#include "program_subject.h"

#include "program_output.h"

#include "lumpscope/file.h"
#include "lumpscope/model_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void program_say_messages(const struct dataset *data) {
    if (data->messages && *data->messages) {
        size_t length = strlen(data->messages);
        program_say("%s%s", data->messages, data->messages[length - 1] == '\n' ? "" : "\n");
    }
}

double program_file_bytes(const char *path) {
    size_t size;
    return file_size(path, &size) && size > 0 ? (double)size : NAN;
}

static struct dataset *load_data(const struct program *program, enum program_option option,
                                 enum target_use use, const struct network *network,
                                 struct error *error) {
    struct data_recipe recipe = program->recipe; /* borrows the strings */
    recipe.target_use = use;
    struct dataset *data = dataset_load(program->given[option], &recipe, network, -1, NULL, error);
    if (data)
        program_say_messages(data);
    return data;
}

bool program_check_recipe(const struct program *program, const char *path,
                          const struct network *network, struct error *error) {
    static const enum model_option useless[] = {MODEL_OPTION_ACTIVATION, MODEL_OPTION_LAYERS};
    for (size_t k = 0; k < sizeof useless / sizeof *useless; k++)
        if (network->origin.format == MODEL_JSON &&
            model_recipe_value(&program->model_recipe, useless[k]))
            return error_set(error, ERROR_REQUEST,
                             "%s: a JSON model says its layers and activations itself; leave out "
                             "--%s",
                             path, model_option_descriptions[useless[k]].name);
    return true;
}

bool subject_load(struct subject *subject, const struct program *program, enum target_use use,
                  struct error *error) {
    *subject = (struct subject){.path = program->operand[0]};
    subject->network = model_load(subject->path, &program->model_recipe, NULL, error);
    if (!subject->network)
        return false;
    /* Of several models the options may be for another one. */
    if (program->operands == 1 &&
        !program_check_recipe(program, subject->path, subject->network, error))
        return false;
    if (program->given[PROGRAM_DATA] &&
        !(subject->data = load_data(program, PROGRAM_DATA, use, subject->network, error)))
        return false;
    if (program->given[PROGRAM_CALIBRATE_ON] &&
        !(subject->calibrate_on =
              load_data(program, PROGRAM_CALIBRATE_ON, TARGET_IGNORED, subject->network, error)))
        return false;
    return true;
}

bool subject_study(struct subject *subject, const struct program *program, enum target_use use,
                   struct error *error) {
    struct options options;
    *subject = (struct subject){0};
    bool data = program->given[PROGRAM_DATA] || program->given[PROGRAM_CALIBRATE_ON];
    if (!options_resolve(&program->choices, data, &options, error) ||
        !subject_load(subject, program, use, error))
        return false;
    subject->options = options;
    program_signals_defer(true);
    subject->studied = study_init(&subject->study, subject->network, &options, subject->data,
                                  subject->calibrate_on, &program->progress, error);
    struct text note = {0};
    if (subject->studied)
        study_calibration_note(&subject->study, &note);
    else
        error_prefix(error, "%s", subject->path);
    if (note.length && !note.failed)
        program_say("%s\n", note.data);
    text_free(&note);
    return subject->studied;
}

void subject_free(struct subject *subject) {
    if (subject->studied)
        study_free(&subject->study);
    dataset_free(subject->calibrate_on);
    dataset_free(subject->data);
    network_free(subject->network);
    *subject = (struct subject){0};
}

bool subject_need_test_rows(const struct subject *subject, struct error *error) {
    if (!subject->data || subject->data->test_count > 0)
        return true;
    return error_set(error, ERROR_REQUEST,
                     "%s: the split leaves no test rows; give a larger --test-fraction, or "
                     "--split none",
                     subject->data->path);
}
