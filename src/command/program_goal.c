#include "program_goal.h"

#include <cjson/cJSON.h>

bool program_goal(const struct program *program, struct goal *goal, struct error *error) {
    goal->option = PROGRAM_EXACT;
    if (program->given[PROGRAM_EPS]) {
        goal->option = PROGRAM_EPS;
        return program_number(program, PROGRAM_EPS, 0, &goal->value, error);
    }
    if (program->given[PROGRAM_BUDGET])
        goal->option = PROGRAM_BUDGET;
    if (program->given[PROGRAM_LOSS])
        goal->option = PROGRAM_LOSS;
    if (goal->option == PROGRAM_EXACT)
        return true;
    if (goal->option == PROGRAM_LOSS && !program->given[PROGRAM_DATA])
        return error_set(error, ERROR_USAGE,
                         "--loss measures errors on test rows; add --data FILE");
    return program_percent(program_options[goal->option].name, program->given[goal->option],
                           &goal->value, error);
}

/* The merge event a goal asks for. */
static bool find_epsilon(struct study *study, const struct goal *goal, double *epsilon,
                         const struct progress *progress, struct error *error) {
    if (goal->option == PROGRAM_EPS) {
        *epsilon = goal->value;
        return true;
    }
    if (goal->option == PROGRAM_EXACT)
        return study_exact(study, epsilon, progress, error);
    struct events events = {0};
    bool done = study_events(study, &events, progress, error) &&
                (goal->option == PROGRAM_BUDGET
                     ? study_budget(study, &events, goal->value, epsilon, error)
                     : study_loss(study, &events, goal->value, epsilon, progress, error));
    events_free(&events);
    return done;
}

bool goal_study(const struct goal *goal, struct subject *subject, const struct program *program,
                struct error *error) {
    bool loss = goal->option == PROGRAM_LOSS;
    return subject_study(subject, program, loss ? TARGET_REQUIRED : TARGET_OPTIONAL, error) &&
           (!loss || subject_need_test_rows(subject, error));
}

/* A network made with data knows how that data is read. */
static bool remember_data(const struct subject *subject, struct network *network,
                          struct error *error) {
    if (!subject->data)
        return true;
    cJSON *member = dataset_member(subject->data, error);
    return member && network_set_member(network, "data", member, error);
}

struct network *goal_reduce(const struct goal *goal, struct subject *subject, double *epsilon,
                            struct metrics *after, const struct progress *progress,
                            struct error *error) {
    struct study *study = &subject->study;
    if (!study_judge(study, progress, error))
        return NULL;
    if (!find_epsilon(study, goal, epsilon, progress, error)) {
        error_prefix(error, "%s", subject->path);
        return NULL;
    }
    struct network *network =
        study_reduce(study, *epsilon, subject->options.polish > 0, after, progress, error);
    if (!network)
        error_prefix(error, "%s", subject->path);
    if (network && !remember_data(subject, network, error)) {
        network_free(network);
        return NULL;
    }
    return network;
}
