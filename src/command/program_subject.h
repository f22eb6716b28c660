/* What a command works on: a model, its data, and a study of both. */
#ifndef LUMPSCOPE_PROGRAM_SUBJECT_H
#define LUMPSCOPE_PROGRAM_SUBJECT_H

#include "program_command.h"

#include "lumpscope/study.h"

struct subject {
    const char *path; /* of the model */
    struct network *network;
    struct dataset *data;         /* NULL without --data */
    struct dataset *calibrate_on; /* NULL without --calibrate-on */
    struct options options;       /* in force; set by subject_study */
    struct study study;
    bool studied;
};

/* Refuses --activation and --layers for a model that says both itself. */
bool program_check_recipe(const struct program *program, const char *path,
                          const struct network *network, struct error *error);
/* Loads the model of the first operand and the data of --data, where given; says the data's
 * messages on standard error. Zeroes what is not there; free with subject_free also on failure. */
bool subject_load(struct subject *subject, const struct program *program, enum target_use use,
                  struct error *error);
/* The same with the equivalence options, calibration rows and analysis. Options are refused before
 * a file is read. */
bool subject_study(struct subject *subject, const struct program *program, enum target_use use,
                   struct error *error);
void subject_free(struct subject *subject);

/* Refuses data whose split leaves no test rows. */
bool subject_need_test_rows(const struct subject *subject, struct error *error);
/* Says the messages of a data set on standard error. */
void program_say_messages(const struct dataset *data);
/* The size of a model file on disk; NaN when it is no regular file. */
double program_file_bytes(const char *path);

#endif
