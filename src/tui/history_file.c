#include "tui/history_file.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    TRIES = 100, /* to get the file for oneself, */
    PAUSE_MS = 10,
    TRIM_LIMIT = 1 << 26 /* bytes: what is larger nobody entered */
};

static void make_directory_of(const char *path) {
    char *directory = memory_string(path, NULL);
    char *slash = directory ? strrchr(directory, '/') : NULL;
    if (slash && slash > directory) {
        *slash = '\0';
        file_make_directory(directory, NULL);
    }
    free(directory);
}

/* Whether `path` still leads to what was opened: a file that is trimmed is another one after it. */
static bool is_at(int descriptor, const char *path) {
    struct stat opened, there;
    return fstat(descriptor, &opened) == 0 && stat(path, &there) == 0 &&
           opened.st_dev == there.st_dev && opened.st_ino == there.st_ino;
}

/* Opened and locked, where the file system has locks; -1: cannot be had. */
static int open_locked(const char *path, int flags, bool wait) {
    static const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    for (int i = 0; i < TRIES; i++) {
        int descriptor = file_check_regular(path, NULL) ? file_open(path, flags) : -1;
        if (descriptor < 0)
            return -1;
        bool busy = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
        if (!busy && is_at(descriptor, path))
            return descriptor;
        close(descriptor);
        if (busy && !wait)
            return -1;
        if (busy)
            nanosleep(&pause, NULL);
    }
    return -1;
}

/* All of the lines or none. One that somebody was killed in is ended first. */
static bool append(int descriptor, const char *lines, size_t size) {
    struct stat status;
    char last = '\n';
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    if (status.st_size > 0 && file_read_at(descriptor, &last, 1, (uint64_t)status.st_size - 1) != 1)
        return false;
    if ((last == '\n' || file_put(descriptor, "\n", 1)) && file_put(descriptor, lines, size))
        return true;
    (void)!ftruncate(descriptor, status.st_size);
    return false;
}

bool history_file_append(const char *path, const char *lines, size_t size, bool wait) {
    int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    if (!file_exists(path))
        make_directory_of(path);
    int descriptor = open_locked(path, flags, wait);
    if (descriptor < 0)
        return false;
    bool appended = append(descriptor, lines, size);
    close(descriptor);
    return appended;
}

/* Where the last `most` lines begin. */
static size_t find_last(const char *text, size_t size, size_t most) {
    size_t at = size, lines = 0;
    for (; at > 0; at--)
        if (text[at - 1] == '\n' && at < size && ++lines == most)
            break;
    return at;
}

/* The lock is on the old file until the new one is in its place: nobody adds to the old one. */
void history_file_trim(const char *path, size_t most) {
    int descriptor = open_locked(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, false);
    if (descriptor < 0)
        return;
    size_t size;
    char *text = file_read_plain(path, TRIM_LIMIT, &size, NULL, NULL);
    size_t first = text ? find_last(text, size, most) : 0;
    if (first > 0)
        file_write(path, text + first, size - first, NULL, NULL);
    free(text);
    close(descriptor);
}
