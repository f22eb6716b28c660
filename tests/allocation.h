/* Allocation that fails when asked to. Linked with the wrappers, what fails is what the program's
 * own sources ask for, and cJSON; with ALLOCATION_EVERYWHERE, whatever the process asks for: the
 * libraries and the C library too. */
#ifndef LUMPSCOPE_TESTS_ALLOCATION_H
#define LUMPSCOPE_TESTS_ALLOCATION_H

#include <stdbool.h>
#include <stddef.h>

/* The `nth` allocation from here on (from 1) fails, and when `onwards` all later ones do; 0: none.
 */
void allocation_fail(size_t nth, bool onwards);
/* Whether one has failed since. */
bool allocation_failed(void);
/* How many there were since. */
size_t allocation_count(void);
/* Whether the libraries' allocations fail, too. */
bool allocation_everywhere(void);
/* cJSON's allocations too. */
void allocation_hook_json(void);

#endif
