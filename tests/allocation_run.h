/* An operation, over and over: at every allocation in turn there is no memory, once, then with none
 * from there on. */
#ifndef LUMPSCOPE_TESTS_ALLOCATION_RUN_H
#define LUMPSCOPE_TESTS_ALLOCATION_RUN_H

#include "lumpscope/error.h"
#include "lumpscope/text.h"

#include <stdbool.h>

/* What is tried: false with a sentence, or true with what it has found out in `result`, which is
 * then the same as without a failure. */
typedef bool allocation_operation(const char *input, struct text *result, struct error *error);

/* A fault is an operation that fails without a sentence, leaves a file that is neither whole nor
 * absent, says something else than without a failure, or leaks. Faults are printed, and how many
 * allocations were tried. `operation` NULL: `input` is a command of the program, words separated by
 * blanks. `prepare` (NULL: nothing) comes before and after every run, and removes what is written.
 */
void allocation_try(const char *name, allocation_operation *operation,
                    void (*prepare)(const char *input), const char *input);
/* The same for a command of the program: words separated by blanks. The file after -o is what it
 * writes. */
void allocation_try_command(const char *line);

/* The teardown of a test that tries: fails it when there were faults. */
int allocation_faults(void **state);

#endif
