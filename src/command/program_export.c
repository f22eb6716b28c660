#include "program_goal.h"
#include "program_output.h"

#include "lumpscope/model_file.h"
#include "lumpscope/state_report.h"

#include <math.h>

/* What is exported, and how. */
struct wish {
    enum report_kind kind;
    enum report_format format;
    size_t layer; /* 0: all */
    struct goal goal;
};

static const enum report_format reports[FORMATS] = {[FORMAT_JSON] = REPORT_JSON,
                                                    [FORMAT_CSV] = REPORT_CSV,
                                                    [FORMAT_SVG] = REPORT_SVG,
                                                    [FORMAT_MARKDOWN] = REPORT_MARKDOWN};

static bool read_kind(const struct program *program, struct wish *wish, struct error *error) {
    const char *names[REPORT_KINDS + 1] = {0};
    int kind = (int)report_kind_default(wish->format);
    for (int k = 0; k < REPORT_KINDS; k++)
        names[k] = report_kind_name((enum report_kind)k);
    if (!program_choice(program, PROGRAM_WHAT, names, &kind, error))
        return false;
    wish->kind = (enum report_kind)kind;
    return report_kind_check(wish->kind, wish->format, program->given[PROGRAM_OUTPUT], error);
}

/* The curve has every epsilon. */
static bool read_goal(const struct program *program, struct wish *wish, struct error *error) {
    static const enum program_option goals[] = {PROGRAM_EPS, PROGRAM_BUDGET, PROGRAM_LOSS,
                                                PROGRAM_EXACT};
    bool given = false;
    for (size_t k = 0; k < sizeof goals / sizeof *goals; k++)
        given = given || program->given[goals[k]];
    if (given)
        return program_goal(program, &wish->goal, error);
    return wish->kind == REPORT_CURVE ||
           error_set(error, ERROR_USAGE,
                     "export needs one of --eps, --budget, --loss, --exact to say which %s",
                     report_kind_name(wish->kind));
}

static bool read_wish(const struct program *program, struct wish *wish, struct error *error) {
    enum format format;
    if (!program_format(program, FORMAT_MARKDOWN, FORMAT_MARKDOWN, &format, error))
        return false;
    wish->format = reports[format];
    if (!read_kind(program, wish, error) ||
        !program_size(program, PROGRAM_LAYER, 1, SIZE_MAX, &wish->layer, error))
        return false;
    if (wish->layer && !report_kind_has_layers(wish->kind))
        return error_set(error, ERROR_USAGE,
                         "--layer chooses a dendrogram or classes; add --what dendrogram or "
                         "--what classes");
    if (wish->kind == REPORT_CURVE && !program->given[PROGRAM_DATA])
        return error_set(error, ERROR_USAGE,
                         "the curve measures errors on test rows; add --data FILE");
    return read_goal(program, wish, error);
}

/* As the sweep command measures it when it is not told otherwise. */
static bool export_curve(struct program *program, const struct wish *wish, struct text *out,
                         struct error *error) {
    struct subject subject = {0};
    struct sweep sweep = {0};
    struct sweep_options options = {.points = SWEEP_USUAL_POINTS};
    sweep_usual_methods(options.methods, program->choices.given[OPTION_POLISH]);
    bool done = subject_study(&subject, program, TARGET_REQUIRED, error) &&
                subject_need_test_rows(&subject, error) &&
                sweep_run(&sweep, &subject.study, &options, NULL, &program->progress, error) &&
                sweep_report(&sweep, &subject.options, wish->format, out, error);
    sweep_free(&sweep);
    subject_free(&subject);
    return done;
}

static bool print_state(struct program *program, const struct wish *wish, struct subject *subject,
                        struct state_report *state, struct text *out, struct error *error) {
    double original = program_file_bytes(subject->path);
    state->original_bytes = isfinite(original) ? (size_t)original : 0;
    return model_measure(state->reduced, &state->bytes, &program->progress, error) &&
           state_report(state, wish->kind, wish->layer, wish->format, out, &program->progress,
                        error);
}

static bool export_state(struct program *program, const struct wish *wish, struct text *out,
                         struct error *error) {
    struct subject subject = {0};
    struct state_report state = {.model_path = program->operand[0],
                                 .data_path = program->given[PROGRAM_DATA],
                                 .calibrate_on = program->given[PROGRAM_CALIBRATE_ON],
                                 .model_recipe = &program->model_recipe,
                                 .data_recipe = &program->recipe,
                                 .study = &subject.study};
    struct network *reduced = NULL;
    double epsilon;
    bool done = goal_study(&wish->goal, &subject, program, error);
    if (done) {
        state.polished = subject.options.polish;
        state.reduced = reduced =
            goal_reduce(&wish->goal, &subject, &epsilon, &state.after, &program->progress, error);
        done = reduced && print_state(program, wish, &subject, &state, out, error);
    }
    network_free(reduced);
    subject_free(&subject);
    return done;
}

bool program_run_export(struct program *program, struct error *error) {
    struct wish wish = {0};
    struct text report = {0};
    bool done = read_wish(program, &wish, error) && program_check_output(program, error) &&
                (wish.kind == REPORT_CURVE ? export_curve(program, &wish, &report, error)
                                           : export_state(program, &wish, &report, error)) &&
                program_deliver(program, &report, error);
    text_free(&report);
    return done;
}
