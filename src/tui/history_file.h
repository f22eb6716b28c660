/* The file with the lines of the command line. Several explorers add to it at once, and whoever is
 * killed leaves it whole. What is there and is no regular file is left alone. No history is no
 * reason to complain: nothing is said of failures. */
#ifndef LUMPSCOPE_TUI_HISTORY_FILE_H
#define LUMPSCOPE_TUI_HISTORY_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Adds lines, each with its end, behind those that are there; makes the file, and its directory,
 * where there is none. False: nothing was added, for there is no such place, or, for the moment,
 * another explorer is at it; with `wait` that is waited for, a second at most. */
bool history_file_append(const char *path, const char *lines, size_t size, bool wait);
/* Leaves the last `most` lines, unless another explorer is at it. */
void history_file_trim(const char *path, size_t most);

#endif
