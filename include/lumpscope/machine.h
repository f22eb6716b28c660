/* What the machine offers. */
#ifndef LUMPSCOPE_MACHINE_H
#define LUMPSCOPE_MACHINE_H

#include <stdint.h>

/* Bytes of memory that this process may use: the machine's physical memory, or less where a
 * control group says so. */
uint64_t machine_memory(void);

#endif
