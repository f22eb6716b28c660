/* Allocation that fails when asked to, in programs linked with the wrappers of allocation.c. */
#ifndef LUMPSCOPE_TESTS_ALLOCATION_H
#define LUMPSCOPE_TESTS_ALLOCATION_H

#include <stdbool.h>
#include <stddef.h>

/* The `nth` allocation from here on (from 1) fails, and when `onwards` all later ones do; 0: none.
 */
void allocation_fail(size_t nth, bool onwards);
/* Whether one has failed since. */
bool allocation_failed(void);
/* cJSON's allocations too. */
void allocation_hook_json(void);

#endif
