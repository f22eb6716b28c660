#include "tui/output.h"

#include "lumpscope/memory.h"
#include "lumpscope/text.h"
#include "tui/clock.h"
#include "tui/sgr.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

/* A smaller frame reaches the terminal in one piece anyway. */
enum { LARGE_FRAME = 1024 };

struct output {
    int terminal;
    FILE *stream; /* curses' */
    int memory;   /* where its bytes are; the stream's own descriptor once captured */
    struct sgr_filter filter;
    struct text captured; /* taken from the memory */
    struct text waiting;  /* for the terminal */
    size_t written;       /* of it */
    bool modern;
};

/* A description of our own of the same terminal, so that not waiting is our affair and not the
 * shell's. Where it cannot be had (another user's terminal) the one there is must do. */
static int open_terminal(int terminal) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", terminal);
    int descriptor =
        isatty(terminal) ? open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
    return descriptor >= 0 ? descriptor : fcntl(terminal, F_DUPFD_CLOEXEC, 3);
}

struct output *output_open(int terminal, struct error *error) {
    struct output *output = memory_new(1, sizeof *output, error);
    if (!output)
        return NULL;
    int curses = fcntl(terminal, F_DUPFD_CLOEXEC, 3);
    output->terminal = open_terminal(terminal);
    output->memory = memfd_create("frame", MFD_CLOEXEC);
    output->stream = curses >= 0 ? fdopen(curses, "w") : NULL;
    if (output->terminal < 0 || output->memory < 0 || !output->stream) {
        error_set(error, ERROR_REQUEST, "no descriptors for the terminal: %s", strerror(errno));
        if (!output->stream && curses >= 0)
            close(curses);
        output_close(output);
        return NULL;
    }
    return output;
}

void output_close(struct output *output) {
    if (!output)
        return;
    if (output->stream)
        fclose(output->stream);
    if (output->memory >= 0)
        close(output->memory);
    if (output->terminal >= 0)
        close(output->terminal);
    sgr_free(&output->filter);
    text_free(&output->captured);
    text_free(&output->waiting);
    free(output);
}

FILE *output_stream(struct output *output) {
    return output->stream;
}

bool output_capture(struct output *output, struct error *error) {
    fflush(output->stream);
    if (dup3(output->memory, fileno(output->stream), O_CLOEXEC) < 0)
        return error_set(error, ERROR_REQUEST, "no memory for frames: %s", strerror(errno));
    return true;
}

void output_set_modern(struct output *output, bool modern) {
    output->modern = output->filter.selective = modern;
}

void output_forget(struct output *output) {
    sgr_forget(&output->filter);
}

/* Adds bytes to what waits; without memory to shorten them, as they are. */
static void add(struct output *output, const char *bytes, size_t length) {
    struct text *waiting = &output->waiting;
    size_t before = waiting->length;
    bool marked = output->modern && length > LARGE_FRAME;
    if (marked)
        text_append(waiting, FRAME_BEGIN);
    sgr_feed(&output->filter, bytes, length, waiting);
    if (marked)
        text_append(waiting, FRAME_END);
    if (!waiting->failed)
        return;
    sgr_free(&output->filter);
    sgr_forget(&output->filter);
    waiting->failed = false;
    waiting->length = before;
    text_append_bytes(waiting, bytes, length);
}

/* Takes what curses has written out of the memory it was written to. */
static void collect(struct output *output) {
    struct text *captured = &output->captured;
    off_t length = lseek(output->memory, 0, SEEK_CUR);
    if (length <= 0)
        return;
    char bytes[4096];
    text_clear(captured);
    for (off_t at = 0; at < length;) {
        ssize_t count = pread(output->memory, bytes, sizeof bytes, at);
        if (count <= 0)
            break;
        text_append_bytes(captured, bytes, (size_t)count);
        at += count;
    }
    if (ftruncate(output->memory, 0) == 0)
        lseek(output->memory, 0, SEEK_SET);
    if (captured->length > 0)
        add(output, captured->data, captured->length);
    captured->failed = false;
}

/* What the terminal takes without making us wait; a terminal that is gone takes everything. */
static void write_waiting(struct output *output) {
    struct text *waiting = &output->waiting;
    while (output->written < waiting->length) {
        ssize_t count = write(output->terminal, waiting->data + output->written,
                              waiting->length - output->written);
        if (count >= 0)
            output->written += (size_t)count;
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR)
            break;
    }
    text_clear(waiting);
    output->written = 0;
}

void output_flush(struct output *output) {
    fflush(output->stream);
    collect(output);
    write_waiting(output);
}

void output_send(struct output *output, const char *sequence) {
    fflush(output->stream);
    collect(output);
    add(output, sequence, strlen(sequence));
    write_waiting(output);
}

bool output_waiting(const struct output *output) {
    return output->waiting.length > 0;
}

int output_descriptor(const struct output *output) {
    return output->terminal;
}

static bool drain(struct output *output, int ms) {
    struct pollfd fd = {.fd = output->terminal, .events = POLLOUT};
    long end = clock_ms() + ms;
    output_flush(output);
    while (output_waiting(output) && clock_ms() < end) {
        poll(&fd, 1, (int)(end - clock_ms()));
        write_waiting(output);
    }
    return !output_waiting(output);
}

/* A line that does not know Control-S any more goes on. */
static void start_terminal(int terminal) {
    struct termios settings;
    if (tcgetattr(terminal, &settings) != 0)
        return;
    struct termios unstopped = settings;
    unstopped.c_iflag &= ~(tcflag_t)IXON;
    tcsetattr(terminal, TCSANOW, &unstopped);
    tcsetattr(terminal, TCSANOW, &settings);
    tcflow(terminal, TCOON);
}

bool output_drain(struct output *output, int ms) {
    if (drain(output, ms))
        return true;
    start_terminal(output->terminal);
    return drain(output, ms);
}
