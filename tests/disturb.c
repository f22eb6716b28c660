/* Loaded before the C library: calls of files that are disturbed. LUMPSCOPE_DISTURB says how:
 * "signals": half of the calls are broken off by a signal (EINTR), the others give or take fewer
 * bytes than were asked for; "read", "write", "fsync", "close": that call fails, with an error of
 * the disk, where it is about a regular file; "named": there are no files without a name; "die":
 * there are none either, and the program is killed before its file is complete. */
/* With it the C library's headers define what is defined here. */
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The same calls in every run with the same seed. */
static uint32_t next_random(void) {
    static uint32_t state;
    if (state == 0) {
        const char *seed = getenv("LUMPSCOPE_DISTURB_SEED");
        state = 2463534242u + (seed ? (uint32_t)strtoul(seed, NULL, 10) * 7919u : 0);
    }
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static int is_mode(const char *mode) {
    const char *wanted = getenv("LUMPSCOPE_DISTURB");
    return wanted && strcmp(wanted, mode) == 0;
}

static int is_file(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

/* Whether the call is to be broken off; else `*size` may become smaller. */
static int is_broken_off(size_t *size) {
    if (!is_mode("signals"))
        return 0;
    if (next_random() % 2) {
        errno = EINTR;
        return 1;
    }
    if (*size > 1)
        *size = 1 + next_random() % (*size < 4096 ? *size : 4096);
    return 0;
}

static int fails(const char *mode, int descriptor, int reason) {
    if (!is_mode(mode) || !is_file(descriptor))
        return 0;
    errno = reason;
    return 1;
}

/* A regular file that can be written to, and no standard stream. */
static int is_marked(int descriptor, const char *mode) {
    int flags = fcntl(descriptor, F_GETFL);
    return is_mode(mode) && flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && is_file(descriptor) &&
           descriptor > STDERR_FILENO;
}

static int is_not_written(int descriptor, size_t *size) {
    if (is_broken_off(size))
        return 1;
    int marked = is_marked(descriptor, "write");
    if (marked)
        errno = EIO;
    return marked;
}

/* ISO C has no conversion of what dlsym gives. */
#define REAL(name, type)                                                                           \
    type real;                                                                                     \
    memcpy(&real, &(void *){dlsym(RTLD_NEXT, name)}, sizeof real)

typedef ssize_t (*read_call)(int, void *, size_t);
typedef ssize_t (*write_call)(int, const void *, size_t);
typedef ssize_t (*pread_call)(int, void *, size_t, off_t);
typedef ssize_t (*pwrite_call)(int, const void *, size_t, off_t);
typedef int (*descriptor_call)(int);
typedef int (*open_call)(const char *, int, ...);

ssize_t read(int descriptor, void *out, size_t size) {
    REAL("read", read_call);
    return is_broken_off(&size) || fails("read", descriptor, EIO) ? -1
                                                                  : real(descriptor, out, size);
}

ssize_t write(int descriptor, const void *data, size_t size) {
    REAL("write", write_call);
    return is_not_written(descriptor, &size) ? -1 : real(descriptor, data, size);
}

ssize_t pread64(int descriptor, void *out, size_t size, off_t offset) {
    REAL("pread64", pread_call);
    return is_broken_off(&size) || fails("read", descriptor, EIO)
               ? -1
               : real(descriptor, out, size, offset);
}

ssize_t pwrite64(int descriptor, const void *data, size_t size, off_t offset) {
    REAL("pwrite64", pwrite_call);
    return is_not_written(descriptor, &size) ? -1 : real(descriptor, data, size, offset);
}

int fsync(int descriptor) {
    REAL("fsync", descriptor_call);
    if (is_mode("die"))
        raise(SIGKILL);
    size_t nothing = 0;
    return is_broken_off(&nothing) || fails("fsync", descriptor, ENOSPC) ? -1 : real(descriptor);
}

int close(int descriptor) {
    REAL("close", descriptor_call);
    int marked = is_marked(descriptor, "close"), closed = real(descriptor);
    size_t nothing = 0;
    if (marked)
        errno = ENOSPC;
    /* It is closed whatever it says. */
    return marked || (is_file(descriptor) && is_broken_off(&nothing)) ? -1 : closed;
}

int open64(const char *path, int flags, ...) {
    REAL("open64", open_call);
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    size_t nothing = 0;
    if ((is_mode("named") || is_mode("die")) && (flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return is_broken_off(&nothing) ? -1 : real(path, flags, mode);
}
