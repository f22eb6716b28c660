/* Files: whole reads (gzip seen through), and writes that leave the old or the new file whole. */
#ifndef LUMPSCOPE_FILE_H
#define LUMPSCOPE_FILE_H

#include "lumpscope/error.h"

/* The whole file, decompressed when it is gzip, NUL-terminated one past `*size`; caller frees.
 * Refuses directories and anything that is not a regular file or pipe, and content of more than
 * `limit` bytes (a gzip bomb is stopped at the limit). */
char *file_read(const char *path, size_t limit, size_t *size, struct error *error);

/* Size of a file in bytes as it lies on disk; false when it cannot be looked at. */
bool file_size(const char *path, size_t *size);
bool file_exists(const char *path);

/* Writes `size` bytes to a temporary file beside `path`, flushes it to disk, and renames it over
 * `path`: after a failure `path` is as it was and no temporary file is left. */
bool file_write(const char *path, const void *data, size_t size, struct error *error);

/* Whether file_write could begin: not a directory or device, in a directory that may be written to.
 * For saying so before long work. */
bool file_check_writable(const char *path, struct error *error);

/* Creates a directory and its parents; fine when it is there. */
bool file_make_directory(const char *path, struct error *error);

#endif
