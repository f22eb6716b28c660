/* The clock of the loop. */
#ifndef LUMPSCOPE_TUI_CLOCK_H
#define LUMPSCOPE_TUI_CLOCK_H

#include <time.h>

/* Milliseconds since some moment; never goes back. */
static inline long clock_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

#endif
