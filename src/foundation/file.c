#include "lumpscope/file.h"

#include "lumpscope/memory.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    TEMPORARY_SUFFIX = 32, /* what three unsigned numbers need, and the end */
    LINKS_MOST = 40,
};

bool file_size(const char *path, size_t *size) {
    struct stat status;
    if (stat(path, &status) != 0)
        return false;
    *size = (size_t)status.st_size;
    return true;
}

bool file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

const char *file_stem(const char *path, size_t *length) {
    const char *slash = strrchr(path, '/'), *stem = slash ? slash + 1 : path;
    const char *dot = strchr(stem, '.');
    *length = dot && dot != stem ? (size_t)(dot - stem) : strlen(stem);
    return stem;
}

bool file_same(const char *a, const char *b) {
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

static bool flush_to_disk(int descriptor) {
    int flushed;
    do
        flushed = fsync(descriptor);
    while (flushed != 0 && errno == EINTR);
    return flushed == 0 || errno == EINVAL || errno == ENOTSUP;
}

static bool refuse_write(const char *path, int reason, struct error *error) {
    bool full = reason == ENOSPC || reason == EFBIG || reason == EDQUOT;
    return error_set(error, ERROR_REQUEST, "%s: cannot be written (%s); choose a place %s", path,
                     strerror(reason), full ? "with room for it" : "you may write to");
}

bool file_is_output(const char *path) {
    static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (strcmp(path, names[k]) == 0)
            return true;
    return false;
}

bool file_is_stream(const char *path) {
    struct stat status;
    return file_is_output(path) ||
           (stat(path, &status) == 0 && (S_ISCHR(status.st_mode) || S_ISFIFO(status.st_mode)));
}

/* What is there already must be a file, or something a stream of bytes can go to. */
static bool check_kind(const char *path, struct error *error) {
    struct stat status;
    if (file_is_stream(path) || stat(path, &status) != 0 || S_ISREG(status.st_mode))
        return true;
    return error_set(error, ERROR_REQUEST, "%s: %s; choose another name", path,
                     S_ISDIR(status.st_mode) ? "is a directory" : "not a regular file");
}

/* The directory a file lies in, "." where its name says none; the caller frees. */
static char *directory_of(const char *path, struct error *error) {
    const char *slash = strrchr(path, '/');
    char *directory = memory_string(slash ? path : ".", error);
    if (directory && slash)
        directory[slash == path ? 1 : slash - path] = '\0';
    return directory;
}

/* Where the link `path`, which is taken over, leads to: what it holds, from its own directory. */
static char *follow_link(char *path, const char *held, size_t length, struct error *error) {
    const char *slash = strrchr(path, '/');
    size_t before = held[0] != '/' && slash ? (size_t)(slash - path) + 1 : 0;
    char *next = memory_new(before + length + 1, 1, error);
    if (next) {
        memcpy(next, path, before);
        memcpy(next + before, held, length);
    }
    free(path);
    return next;
}

/* What `path` leads to through links, whether it is there or not; the caller frees. Links that go
 * round in a circle end as what cannot be opened. */
static char *resolve(const char *path, struct error *error) {
    char *real = realpath(path, NULL), held[PATH_MAX];
    if (real)
        return real;
    if (errno == ENOMEM) {
        error_memory(error, PATH_MAX);
        return NULL;
    }
    char *target = memory_string(path, error);
    ssize_t length;
    for (int step = 0;
         target && step < LINKS_MOST && (length = readlink(target, held, sizeof held)) > 0; step++)
        target = follow_link(target, held, (size_t)length, error);
    return target;
}

/* The directory of `target`, which the sentence calls `path`, as the user does. */
static bool check_directory(const char *path, const char *target, struct error *error) {
    const char *slash = strrchr(target, '/');
    char *directory = directory_of(target, error);
    if (!directory)
        return false;
    struct stat status;
    bool found = stat(directory, &status) == 0;
    bool writable = found && S_ISDIR(status.st_mode) && access(directory, W_OK | X_OK) == 0;
    int reason = found && !S_ISDIR(status.st_mode) ? ENOTDIR : errno;
    free(directory);
    if (writable && slash && !slash[1]) {
        writable = false;
        reason = EISDIR;
    }
    return writable || refuse_write(path, reason, error);
}

/* A file that is there is replaced only where it could be written to as well. */
static bool check_file(const char *path, struct error *error) {
    return access(path, W_OK) == 0 || errno == ENOENT || refuse_write(path, errno, error);
}

bool file_check_writable(const char *path, struct error *error) {
    if (!check_kind(path, error))
        return false;
    if (file_is_output(path))
        return true;
    if (!check_file(path, error))
        return false;
    if (file_is_stream(path))
        return true;
    char *target = resolve(path, error);
    bool writable = target && check_directory(path, target, error);
    free(target);
    return writable;
}

static void writer_free(struct file_writer *writer) {
    free(writer->path);
    free(writer->target);
    free(writer->temporary);
    *writer = (struct file_writer){0};
}

/* A pipe opens when somebody reads it. open(2) itself would sleep until then, and over whatever is
 * to end the wait. */
static bool open_pipe(struct file_writer *writer, struct error *error) {
    static const struct timespec pause = {.tv_nsec = PROGRESS_MS * 1000000L};
    int flags = O_WRONLY | O_CLOEXEC | O_NONBLOCK;
    while ((writer->descriptor = file_open(writer->path, flags)) < 0 && errno == ENXIO) {
        if (!progress_step(writer->progress, "waiting for a reader", 0, 0, error))
            return false;
        nanosleep(&pause, NULL);
    }
    return writer->descriptor >= 0 || refuse_write(writer->path, errno, error);
}

static bool is_pipe(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
}

/* Devices and pipes are written to as they are; standard output where it stands. */
static bool open_stream(struct file_writer *writer, struct error *error) {
    bool output = file_is_output(writer->path);
    if (!output && is_pipe(writer->path))
        return open_pipe(writer, error);
    writer->descriptor =
        output ? dup(STDOUT_FILENO) : file_open(writer->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return writer->descriptor >= 0 || refuse_write(writer->path, errno, error);
}

/* In pieces that a pipe with room takes whole: whoever reads slowly, or not at all, does not keep
 * this from being stopped. */
static bool put_stream(const struct file_writer *writer, const char *data, size_t size,
                       struct error *error) {
    struct pollfd fd = {.fd = writer->descriptor, .events = POLLOUT};
    while (size > 0) {
        if (!progress_step(writer->progress, NULL, 0, 0, error))
            return false;
        int ready = poll(&fd, 1, writer->progress ? PROGRESS_MS : -1);
        if (ready == 0 || (ready < 0 && errno == EINTR))
            continue;
        ssize_t written = write(fd.fd, data, size < PIPE_BUF ? size : PIPE_BUF);
        if (written < 0 && errno != EINTR && errno != EAGAIN)
            return refuse_write(writer->path, errno, error);
        data += written < 0 ? 0 : written;
        size -= written < 0 ? 0 : (size_t)written;
    }
    return true;
}

/* A file of the directory of `target` that has no name yet, so that whatever ends the program
 * leaves nothing behind; -1 where the file system has none such. */
static int open_nameless(const char *target) {
    char *directory = directory_of(target, NULL);
    if (!directory || access("/proc/self/fd", X_OK) != 0) {
        free(directory);
        return -1;
    }
    int descriptor = file_open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC);
    free(directory);
    return descriptor;
}

/* Who makes temporary files: processes that know each other's numbers. */
static uint32_t own_host(void) {
    char name[256] = "";
    struct stat status = {0};
    uint32_t hash = 2166136261u; /* FNV-1a */
    if (gethostname(name, sizeof name - 1) == 0)
        for (const char *c = name; *c; c++)
            hash = (hash ^ (unsigned char)*c) * 16777619u;
    (void)!stat("/proc/self/ns/pid", &status);
    return hash ^ (uint32_t)status.st_ino;
}

/* What is behind the file's name in that of its temporary file. */
static void print_suffix(unsigned attempt, char out[TEMPORARY_SUFFIX]) {
    snprintf(out, TEMPORARY_SUFFIX, ".%" PRIx32 "-%x-%x", own_host(), (unsigned)getpid(), attempt);
}

/* Tries names for the temporary file, none of which may be there, until `make` says anything else
 * than EEXIST, with errno: -1, or what it made. */
static int make_named(struct file_writer *writer, int (*make)(const struct file_writer *writer)) {
    size_t length = strlen(writer->target);
    int made;
    unsigned attempt = 0;
    do
        print_suffix(attempt++, writer->temporary + length);
    while ((made = make(writer)) < 0 && (errno == EEXIST || errno == EINTR));
    return made;
}

/* A number as print_suffix writes it, behind `before`. */
static bool read_part(const char **at, char before, unsigned *value) {
    char *end;
    if (**at != before || !isxdigit((unsigned char)(*at)[1]))
        return false;
    unsigned long number = strtoul(*at + 1, &end, 16);
    *at = end;
    *value = (unsigned)number;
    return number <= UINT_MAX;
}

/* Whether a name is that of a temporary file of `stem` that nobody completes any more. */
static bool is_left_behind(const char *name, const char *stem, uint32_t host) {
    size_t length = strlen(stem);
    unsigned made_by, process, attempt;
    const char *at = name + length;
    if (strncmp(name, stem, length) != 0 || !read_part(&at, '.', &made_by) ||
        !read_part(&at, '-', &process) || !read_part(&at, '-', &attempt) || *at || made_by != host)
        return false;
    return process > 0 && process <= INT_MAX && kill((pid_t)process, 0) != 0 && errno == ESRCH;
}

/* Removes what processes that were killed while they wrote the same file have left beside it. */
static void remove_left_behind(const char *target) {
    const char *slash = strrchr(target, '/'), *stem = slash ? slash + 1 : target;
    char *directory = directory_of(target, NULL);
    DIR *listing = directory ? opendir(directory) : NULL;
    uint32_t host = own_host();
    for (const struct dirent *entry; listing && (entry = readdir(listing));)
        if (is_left_behind(entry->d_name, stem, host))
            unlinkat(dirfd(listing), entry->d_name, 0);
    if (listing)
        closedir(listing);
    free(directory);
}

static int open_new(const struct file_writer *writer) {
    return file_open(writer->temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC);
}

static int link_nameless(const struct file_writer *writer) {
    char here[48];
    snprintf(here, sizeof here, "/proc/self/fd/%d", writer->descriptor);
    return linkat(AT_FDCWD, here, AT_FDCWD, writer->temporary, AT_SYMLINK_FOLLOW);
}

/* A new file gets the mode that new files get, another one keeps its own. */
static bool keep_mode(const struct file_writer *writer, struct error *error) {
    struct stat status;
    return stat(writer->target, &status) != 0 ||
           fchmod(writer->descriptor, status.st_mode & 07777) == 0 ||
           refuse_write(writer->path, errno, error);
}

/* Beside what `path` leads to, with the mode it has or will have. */
static bool open_temporary(struct file_writer *writer, struct error *error) {
    writer->target = resolve(writer->path, error);
    size_t size = writer->target ? strlen(writer->target) + TEMPORARY_SUFFIX : 0;
    writer->temporary = size ? memory_new(size, 1, error) : NULL;
    if (!writer->temporary)
        return false;
    memcpy(writer->temporary, writer->target, strlen(writer->target));
    remove_left_behind(writer->target);
    writer->descriptor = open_nameless(writer->target);
    writer->nameless = writer->descriptor >= 0;
    if (!writer->nameless)
        writer->descriptor = make_named(writer, open_new);
    if (writer->descriptor < 0)
        return refuse_write(writer->path, errno, error);
    if (keep_mode(writer, error))
        return true;
    file_writer_abandon(writer);
    return false;
}

bool file_writer_open(struct file_writer *writer, const char *path, const struct progress *progress,
                      struct error *error) {
    *writer = (struct file_writer){.progress = progress};
    if (!check_kind(path, error) || (!file_is_output(path) && !check_file(path, error)) ||
        !(writer->path = memory_string(path, error)))
        return false;
    bool opened = (file_is_stream(path) ? open_stream : open_temporary)(writer, error);
    if (!opened)
        writer_free(writer);
    return opened;
}

bool file_put(int descriptor, const void *data, size_t size) {
    const char *bytes = data;
    while (size > 0) {
        ssize_t written = write(descriptor, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

bool file_writer_put(struct file_writer *writer, const void *data, size_t size,
                     struct error *error) {
    if (!writer->temporary)
        return put_stream(writer, data, size, error);
    return file_put(writer->descriptor, data, size) || refuse_write(writer->path, errno, error);
}

bool file_writer_put_at(struct file_writer *writer, size_t offset, const void *data, size_t size,
                        struct error *error) {
    const char *bytes = data;
    while (size > 0) {
        ssize_t written = pwrite(writer->descriptor, bytes, size, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return refuse_write(writer->path, errno, error);
        bytes += written;
        offset += (size_t)written;
        size -= (size_t)written;
    }
    return true;
}

static bool name_temporary(struct file_writer *writer) {
    writer->nameless = make_named(writer, link_nameless) < 0;
    return !writer->nameless;
}

static void remove_temporary(const struct file_writer *writer) {
    if (writer->temporary && !writer->nameless)
        unlink(writer->temporary);
}

bool file_writer_commit(struct file_writer *writer, struct error *error) {
    bool stream = !writer->temporary;
    bool written = stream || (flush_to_disk(writer->descriptor) &&
                              (!writer->nameless || name_temporary(writer)));
    int reason = errno;
    /* Whatever a signal does to it, it is closed, and what was flushed is on the disk. */
    if (close(writer->descriptor) != 0 && errno != EINTR && written) {
        reason = errno;
        written = false;
    }
    if (written && !stream && rename(writer->temporary, writer->target) != 0) {
        reason = errno;
        written = false;
    }
    if (!written) {
        remove_temporary(writer);
        refuse_write(writer->path, reason, error);
    }
    writer_free(writer);
    return written;
}

void file_writer_abandon(struct file_writer *writer) {
    if (!writer->path)
        return;
    close(writer->descriptor);
    remove_temporary(writer);
    writer_free(writer);
}

bool file_write(const char *path, const void *data, size_t size, const struct progress *progress,
                struct error *error) {
    struct file_writer writer;
    if (!file_writer_open(&writer, path, progress, error))
        return false;
    if (file_writer_put(&writer, data, size, error))
        return file_writer_commit(&writer, error);
    file_writer_abandon(&writer);
    return false;
}

bool file_make_directory(const char *path, struct error *error) {
    char *partial = memory_string(path, error);
    if (!partial)
        return false;
    bool made = true;
    for (char *slash = partial + 1; made && *partial; slash++) {
        if (*slash != '/' && *slash != '\0')
            continue;
        char kept = *slash;
        *slash = '\0';
        made = mkdir(partial, 0777) == 0 || errno == EEXIST;
        *slash = kept;
        if (kept == '\0')
            break;
    }
    if (!made)
        error_set(error, ERROR_REQUEST,
                  "%s: directory cannot be made (%s); choose a place you may write to", path,
                  strerror(errno));
    free(partial);
    return made;
}
