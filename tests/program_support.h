/* Runs the built program (environment LUMPSCOPE_PROGRAM) as a user would. */
#ifndef LUMPSCOPE_PROGRAM_SUPPORT_H
#define LUMPSCOPE_PROGRAM_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct cJSON;

enum { RUN_WORDS = 40 };

/* What came of one run; free with run_free. */
struct run {
    int status; /* exit status, or minus the signal that ended it */
    char *out, *err;
};
void run_free(struct run *run);

/* Runs "info m.json --json": words separated by blanks, those in '...' kept whole. */
struct run run_program(const char *line);
/* The same with standard streams as the files named; NULL: as above, "" closed. */
struct run run_with(const char *line, const char *in, const char *out);
/* Starts it and returns at once; its streams go to /dev/null. */
pid_t start_program(const char *line);
/* The same with standard output as the file named. */
pid_t start_program_to(const char *line, const char *out);
/* Waits until it ends and gives what waitpid said; fails the test where that takes longer. */
int wait_for(pid_t child, double seconds);
/* Waits until it catches a signal, which takes its time on a busy machine. */
void wait_until_caught(pid_t child, int number);

/* Runs it and fails the test unless it ends with 0 and says nothing on standard error but messages;
 * returns standard output, for the caller to free. */
char *run_good(const char *line);
/* The same, whatever it says there. */
void run_well(const char *line);
/* Its standard output, parsed as JSON. */
struct cJSON *run_json(const char *line);

/* A directory of its own for one test program, made and entered, and removed with all in it. */
int enter_directory(void **state);
int leave_directory(void **state);

void write_file(const char *path, const char *content);
/* The content for the caller to free; NULL when it is not there. */
char *read_file(const char *path);
/* Files in the directory, so that what is left behind shows. */
size_t count_files(void);

double json_number(const struct cJSON *object, const char *name);
const char *json_string(const struct cJSON *object, const char *name);

#endif
