/* Files: whole reads (gzip seen through), and writes that leave the old or the new file whole. */
#ifndef LUMPSCOPE_FILE_H
#define LUMPSCOPE_FILE_H

#include "lumpscope/progress.h"

#include <stdint.h>
#include <sys/types.h>

/* The whole file ("-": standard input), decompressed when it is gzip, NUL-terminated one past
 * `*size`; caller frees. Refuses directories and anything that is not a regular file or pipe, and
 * content of more than `limit` bytes (a gzip bomb is stopped at the limit), and a file that ends
 * before the size it had when it was opened. While a pipe keeps one waiting `progress` (may be
 * NULL) is asked whether to go on. */
char *file_read(const char *path, size_t limit, size_t *size, const struct progress *progress,
                struct error *error);
/* The same of bytes as they lie in the file: gzip stays packed. */
char *file_read_plain(const char *path, size_t limit, size_t *size, const struct progress *progress,
                      struct error *error);
/* The same as file_read of the program's own files (settings, themes, lessons, sessions), which
 * are read while somebody waits at the screen: nothing but a regular file, so that it never
 * waits. */
char *file_read_regular(const char *path, size_t limit, size_t *size, struct error *error);
/* Whether such a file is one, or is not there; without opening it: whoever writes to a pipe must
 * not take this for its reader. */
bool file_check_regular(const char *path, struct error *error);

/* open(2) whatever signals come; a file that O_CREAT makes gets the mode that new files get. */
int file_open(const char *path, int flags);
/* Bytes from `offset` on whatever signals come; fewer only at the file's end. -1 with errno. */
ssize_t file_read_at(int descriptor, void *out, size_t size, uint64_t offset);
/* Writes all bytes whatever signals come. False with errno. */
bool file_put(int descriptor, const void *data, size_t size);
/* The first bytes of a regular file, `size` at most; 0 where there are none to be had. */
size_t file_read_head(const char *path, void *out, size_t size);

/* Size of a file in bytes as it lies on disk; false when it cannot be looked at. */
bool file_size(const char *path, size_t *size);
bool file_exists(const char *path);
/* The name without directory and suffixes, "glycolysis" of a/glycolysis.csv.gz: where it begins in
 * `path`, and its bytes. */
const char *file_stem(const char *path, size_t *length);
/* Both paths lead to one file that exists. */
bool file_same(const char *a, const char *b);

/* One of the names of standard output: "-", or such as /dev/stdout. */
bool file_is_output(const char *path);
/* Standard output, a character device or a pipe: bytes that are written to it go by. */
bool file_is_stream(const char *path);

/* Writes `size` bytes to a temporary file beside `path`, flushes it to disk, and renames it over
 * `path` (or, when `path` is a link, over what it leads to, be that there or not): after a failure
 * `path` is as it was and no temporary file is left. A stream is written to as it is; while
 * nobody reads it `progress` (may be NULL) is asked whether to go on. Directories, and files that
 * may not be written to, are refused. */
bool file_write(const char *path, const void *data, size_t size, const struct progress *progress,
                struct error *error);

/* The same in pieces, for files that are never held whole. `progress` outlives the writer. */
struct file_writer {
    const struct progress *progress; /* borrowed */
    char *path;                      /* as named; NULL: not open */
    char *target;                    /* what it leads to */
    char *temporary;                 /* beside it; NULL for a stream */
    bool nameless;                   /* the temporary file gets its name when it is complete */
    int descriptor;
};
/* On failure nothing is left to be cleaned up. */
bool file_writer_open(struct file_writer *writer, const char *path, const struct progress *progress,
                      struct error *error);
/* After a failure: abandon. */
bool file_writer_put(struct file_writer *writer, const void *data, size_t size,
                     struct error *error);
/* Bytes at a place before or behind what has been put, for a writer that is no stream. */
bool file_writer_put_at(struct file_writer *writer, size_t offset, const void *data, size_t size,
                        struct error *error);
/* Flushes, closes and renames; the writer is closed in either case. */
bool file_writer_commit(struct file_writer *writer, struct error *error);
/* Leaves `path` as it was; fine for one that is not open. A stream keeps what went by. */
void file_writer_abandon(struct file_writer *writer);

/* Whether file_write could begin: a stream, or a file that may be written to in a directory that
 * may. For saying so before long work. */
bool file_check_writable(const char *path, struct error *error);

/* Creates a directory and its parents; fine when it is there. */
bool file_make_directory(const char *path, struct error *error);

#endif
