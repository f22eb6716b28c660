/* Whole files and pipes, gzip seen through. Signals, short reads and pipes that keep one waiting
 * change nothing about what is read. */
#include "lumpscope/file.h"

#include "lumpscope/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
    PIECE = 1 << 17,       /* bytes taken from the file at once */
    ROOM = 1 << 16,        /* the least that is free for what comes next */
    GZIP_WINDOW = 16 + 15, /* inflateInit2: a gzip header, the largest window */
    NEW_MODE = 0666        /* less what the umask takes */
};

int file_open(const char *path, int flags) {
    int descriptor;
    do
        descriptor = open(path, flags, NEW_MODE);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

struct reading {
    const char *path;
    const struct progress *progress;
    int descriptor;
    bool pipe;
    bool as_it_is;    /* gzip stays packed */
    bool regular;     /* no pipe will do */
    size_t said, got; /* bytes: of the file when it was opened, and so far */
    char *data;       /* what comes out, owned until the end */
    size_t size, capacity, limit;
};

/* Opens for reading, refusing what is not a regular file or a pipe. A pipe nobody writes to is
 * waited for later, where the wait can be ended. */
static bool open_readable(struct reading *reading, struct error *error) {
    bool standard = strcmp(reading->path, "-") == 0;
    int descriptor = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                              : file_open(reading->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return error_set(error, ERROR_REQUEST, "%s: %s; check the path", reading->path,
                         strerror(errno));
    struct stat status;
    bool looked = fstat(descriptor, &status) == 0;
    reading->pipe = looked && S_ISFIFO(status.st_mode);
    reading->said = looked && S_ISREG(status.st_mode) ? (size_t)status.st_size : 0;
    reading->descriptor = descriptor;
    if (looked && ((reading->pipe && !reading->regular) || S_ISREG(status.st_mode)))
        return true;
    close(descriptor);
    return error_set(error, ERROR_REQUEST, "%s: not a file; name a regular file", reading->path);
}

/* Until there is something in a pipe, or nobody who writes to it any more. */
static bool wait_for_pipe(const struct reading *reading, struct error *error) {
    struct pollfd fd = {.fd = reading->descriptor, .events = POLLIN};
    int ready;
    do {
        if (!progress_step(reading->progress, "waiting for the pipe", 0, 0, error))
            return false;
        ready = poll(&fd, 1, reading->progress ? PROGRESS_MS : -1);
    } while (ready == 0 || (ready < 0 && errno == EINTR));
    return true;
}

static bool refuse_read(const struct reading *reading, int reason, struct error *error) {
    return error_set(error, ERROR_REQUEST, "%s: cannot be read (%s); make the file anew",
                     reading->path, strerror(reason));
}

static bool refuse_shorter(const struct reading *reading, struct error *error) {
    return error_set(error, ERROR_REQUEST,
                     "%s: ends at byte %zu, though it was longer when it was opened; wait until it "
                     "is written and open it again",
                     reading->path, reading->got);
}

/* The next bytes as they lie in the file; `*count` 0: no more. */
static bool next_bytes(struct reading *reading, void *out, size_t room, size_t *count,
                       struct error *error) {
    ssize_t got;
    do {
        if (reading->pipe && !wait_for_pipe(reading, error))
            return false;
        got = read(reading->descriptor, out, room);
    } while (got < 0 && (errno == EINTR || errno == EAGAIN));
    if (got < 0)
        return refuse_read(reading, errno, error);
    if (got == 0 && reading->got < reading->said)
        return refuse_shorter(reading, error);
    reading->got += (size_t)got;
    *count = (size_t)got;
    return true;
}

/* Room for more, and for the NUL behind it; false, too, when there is more than is read. */
static bool make_room(struct reading *reading, struct error *error) {
    if (reading->size > reading->limit)
        return error_set(error, ERROR_REQUEST,
                         "%s: holds more than the %zu bytes that are read; use a smaller file",
                         reading->path, reading->limit);
    return memory_reserve(&reading->data, &reading->capacity, reading->size + ROOM + 1, 1, error);
}

/* ---- As it is ---- */

static bool take_plain(struct reading *reading, const unsigned char *head, size_t count,
                       struct error *error) {
    if (!make_room(reading, error))
        return false;
    memcpy(reading->data, head, count);
    for (reading->size = count; count > 0; reading->size += count)
        if (!make_room(reading, error) ||
            !next_bytes(reading, reading->data + reading->size,
                        reading->capacity - reading->size - 1, &count, error))
            return false;
    return make_room(reading, error);
}

/* ---- gzip ---- */

static bool is_gzip(const unsigned char *bytes, size_t count) {
    return count > 1 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

static bool refuse_gzip(const struct reading *reading, int code, const char *why,
                        struct error *error) {
    if (code == Z_MEM_ERROR)
        return error_memory(error, ROOM);
    if (code == Z_BUF_ERROR)
        return error_set(error, ERROR_REQUEST,
                         "%s: the compressed file ends too early; make it anew", reading->path);
    return error_set(error, ERROR_REQUEST, "%s: cannot be read (%s); make the file anew",
                     reading->path, why ? why : "no gzip");
}

/* Whatever can be had of what the stream holds; Z_STREAM_END behind a member. */
static int unpack_more(struct reading *reading, z_stream *stream) {
    size_t room = reading->capacity - reading->size - 1;
    stream->next_out = (unsigned char *)reading->data + reading->size;
    stream->avail_out = room > PIECE ? PIECE : (unsigned)room;
    unsigned before = stream->avail_out;
    int code = inflate(stream, Z_NO_FLUSH);
    reading->size += before - stream->avail_out;
    return code == Z_BUF_ERROR ? Z_OK : code; /* it wants bytes, or room */
}

/* Brings the stream to two bytes at least, or to the file's end. */
static bool refill(struct reading *reading, z_stream *stream, unsigned char *piece,
                   struct error *error) {
    size_t kept = stream->avail_in, count = 1;
    memmove(piece, stream->next_in, kept);
    for (; kept < 2 && count > 0; kept += count)
        if (!next_bytes(reading, piece + kept, PIECE - kept, &count, error))
            return false;
    stream->next_in = piece;
    stream->avail_in = (unsigned)kept;
    return true;
}

/* One member after the other; what is behind the last and none itself is left alone. */
static bool unpack_members(struct reading *reading, z_stream *stream, unsigned char *piece,
                           struct error *error) {
    for (int code = Z_OK;;) {
        if (stream->avail_in < 2 && !refill(reading, stream, piece, error))
            return false;
        if (code == Z_STREAM_END && !is_gzip(stream->next_in, stream->avail_in))
            return make_room(reading, error);
        if (code == Z_STREAM_END)
            inflateReset(stream);
        unsigned before = stream->avail_in;
        size_t size = reading->size;
        if (!make_room(reading, error))
            return false;
        code = unpack_more(reading, stream);
        bool stuck = code == Z_OK && stream->avail_in == before && reading->size == size;
        if (stuck || (code != Z_OK && code != Z_STREAM_END))
            return refuse_gzip(reading, stuck ? Z_BUF_ERROR : code, stream->msg, error);
    }
}

static bool take_gzip(struct reading *reading, unsigned char *piece, size_t count,
                      struct error *error) {
    z_stream stream = {.next_in = piece, .avail_in = (unsigned)count};
    if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK)
        return error_memory(error, PIECE);
    bool taken = unpack_members(reading, &stream, piece, error);
    inflateEnd(&stream);
    return taken;
}

/* ---- The whole ---- */

static bool take_all(struct reading *reading, unsigned char *piece, struct error *error) {
    z_stream head = {.next_in = piece};
    if (!refill(reading, &head, piece, error))
        return false;
    if (!reading->as_it_is && is_gzip(piece, head.avail_in))
        return take_gzip(reading, piece, head.avail_in, error);
    return take_plain(reading, piece, head.avail_in, error);
}

static char *read_whole(struct reading *reading, size_t *size, struct error *error) {
    if (!open_readable(reading, error))
        return NULL;
    unsigned char *piece = memory_new(PIECE, 1, error);
    bool taken = piece && take_all(reading, piece, error);
    free(piece);
    close(reading->descriptor);
    char *data = reading->data;
    if (!taken || !data) {
        free(data);
        return NULL;
    }
    data[reading->size] = '\0';
    *size = reading->size;
    return data;
}

char *file_read(const char *path, size_t limit, size_t *size, const struct progress *progress,
                struct error *error) {
    struct reading reading = {.path = path, .limit = limit, .progress = progress};
    return read_whole(&reading, size, error);
}

char *file_read_plain(const char *path, size_t limit, size_t *size, const struct progress *progress,
                      struct error *error) {
    struct reading reading = {.path = path, .limit = limit, .progress = progress, .as_it_is = true};
    return read_whole(&reading, size, error);
}

bool file_check_regular(const char *path, struct error *error) {
    struct stat status;
    if (stat(path, &status) != 0 || S_ISREG(status.st_mode))
        return true;
    return error_set(error, ERROR_REQUEST, "%s: %s; name a regular file or put one there", path,
                     S_ISFIFO(status.st_mode) ? "a pipe" : "not a file");
}

char *file_read_regular(const char *path, size_t limit, size_t *size, struct error *error) {
    struct reading reading = {.path = path, .limit = limit, .regular = true};
    return file_check_regular(path, error) ? read_whole(&reading, size, error) : NULL;
}

ssize_t file_read_at(int descriptor, void *out, size_t size, uint64_t offset) {
    char *bytes = out;
    size_t done = 0;
    while (done < size) {
        ssize_t got = pread(descriptor, bytes + done, size - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

size_t file_read_head(const char *path, void *out, size_t size) {
    struct reading reading = {.path = path};
    /* Whoever writes to a pipe must not take this for its reader. */
    if (file_is_stream(path) || !open_readable(&reading, NULL))
        return 0;
    ssize_t got = file_read_at(reading.descriptor, out, size, 0);
    close(reading.descriptor);
    return got < 0 ? 0 : (size_t)got;
}
