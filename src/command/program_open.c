#include "program_command.h"
bool program_run_open(struct program *program, struct error *error) {
    (void)program;
    return error_set(error, ERROR_REQUEST, "no");
}
bool program_run_train(struct program *program, struct error *error) {
    (void)program;
    return error_set(error, ERROR_REQUEST, "no");
}
