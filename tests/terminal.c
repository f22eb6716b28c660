#include "terminal.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>
#include <vterm.h>

#include <cmocka.h>

enum { PATIENCE_MS = 20000, QUIET_MS = 150, TEXT_SIZE = 1 << 19 };

struct terminal {
    int master, slave; /* the slave stays open so that its settings can be read at the end */
    pid_t leader;      /* the session's leader, which waits for the program as a shell does */
    pid_t program;
    struct termios before;
    VTerm *vterm;
    VTermScreen *screen;
    bool alternate, cursor_visible, ended;
    bool in_frame; /* between the marks of synchronised output */
    char last[7];  /* bytes read */
    int mouse, status;
    size_t bytes, capacity;
    char *written; /* [capacity], the first `bytes` of it */
    char text[TEXT_SIZE];
};

/* ---- Starting ---- */

static int property(VTermProp prop, VTermValue *value, void *user) {
    struct terminal *terminal = user;
    if (prop == VTERM_PROP_ALTSCREEN)
        terminal->alternate = value->boolean;
    if (prop == VTERM_PROP_CURSORVISIBLE)
        terminal->cursor_visible = value->boolean;
    if (prop == VTERM_PROP_MOUSE)
        terminal->mouse = value->number;
    return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = property};

static void start_vterm(struct terminal *terminal, int rows, int columns) {
    terminal->vterm = vterm_new(rows, columns);
    vterm_set_utf8(terminal->vterm, 1);
    terminal->screen = vterm_obtain_screen(terminal->vterm);
    vterm_screen_enable_altscreen(terminal->screen, 1);
    vterm_screen_set_callbacks(terminal->screen, &callbacks, terminal);
    vterm_screen_reset(terminal->screen, 1);
    terminal->cursor_visible = true;
}

static void set_environment(const char *const *environment) {
    static const char *const removed[] = {"NO_COLOR", "COLORTERM", "COLORFGBG", "LANG",
                                          "LC_CTYPE", "LINES",     "COLUMNS",   "TERMINFO"};
    for (size_t i = 0; i < sizeof removed / sizeof *removed; i++)
        unsetenv(removed[i]);
    setenv("TERM", "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("INPUTRC", "/dev/null", 1);
    for (; environment && *environment; environment++) {
        const char *equals = strchr(*environment, '=');
        char name[64];
        snprintf(name, sizeof name, "%.*s", equals ? (int)(equals - *environment) : 63,
                 *environment);
        if (equals)
            setenv(name, equals + 1, 1);
        else
            unsetenv(name);
    }
}

/* The foreground job, of which no signal is ignored as they are in a shell's background jobs. */
static void run_program(const char *program, const char *const *arguments) {
    static const int signals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
    const char *words[32] = {program};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
    for (size_t i = 0; arguments && arguments[i] && i < 30; i++)
        words[i + 1] = arguments[i];
    setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN);
    tcsetpgrp(STDIN_FILENO, getpid());
    signal(SIGTTOU, SIG_DFL);
    execv(program, (char *const *)words);
    _exit(127);
}

/* What a shell does: starts the job, waits until it has ended, passes its status on. */
static void lead_session(const char *program, const char *const *arguments,
                         const char *const *environment, int report) {
    set_environment(environment);
    signal(SIGHUP, SIG_IGN);
    pid_t job = fork();
    if (job == 0) {
        close(report);
        run_program(program, arguments);
    }
    ssize_t written = write(report, &job, sizeof job);
    (void)written;
    int status;
    while (waitpid(job, &status, 0) < 0 && errno == EINTR)
        ;
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

struct terminal *terminal_start(int rows, int columns, const char *program,
                                const char *const *arguments, const char *const *environment) {
    struct terminal *terminal = calloc(1, sizeof *terminal);
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    int report[2];
    assert_non_null(terminal);
    assert_non_null(program);
    assert_int_equal(access(program, X_OK), 0);
    assert_int_equal(openpty(&terminal->master, &terminal->slave, NULL, NULL, &size), 0);
    assert_int_equal(tcgetattr(terminal->slave, &terminal->before), 0);
    assert_int_equal(pipe(report), 0);
    start_vterm(terminal, rows, columns);
    terminal->leader = fork();
    if (terminal->leader == 0) {
        close(terminal->master);
        close(report[0]);
        login_tty(terminal->slave);
        lead_session(program, arguments, environment, report[1]);
    }
    close(report[1]);
    assert_int_equal(read(report[0], &terminal->program, sizeof terminal->program),
                     sizeof terminal->program);
    close(report[0]);
    return terminal;
}

void terminal_free(struct terminal *terminal) {
    if (!terminal->ended) {
        kill(terminal->program, SIGKILL);
        waitpid(terminal->leader, NULL, 0);
    }
    if (terminal->master >= 0)
        close(terminal->master);
    close(terminal->slave);
    vterm_free(terminal->vterm);
    free(terminal->written);
    free(terminal);
}

/* ---- Reading ---- */

static long now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void answer(struct terminal *terminal) {
    char bytes[256];
    size_t count = vterm_output_read(terminal->vterm, bytes, sizeof bytes);
    if (count > 0)
        assert_true(write(terminal->master, bytes, count) > 0);
}

/* libvterm knows nothing of the marks "ESC [ ? 2 0 2 6 h" and "... l". */
static void watch_frames(struct terminal *terminal, const char *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        memmove(terminal->last, terminal->last + 1, sizeof terminal->last - 1);
        terminal->last[sizeof terminal->last - 1] = bytes[i];
        if (!memcmp(terminal->last, "[?2026h", 7))
            terminal->in_frame = true;
        if (!memcmp(terminal->last, "[?2026l", 7))
            terminal->in_frame = false;
    }
}

static void keep(struct terminal *terminal, const char *bytes, size_t count) {
    if (terminal->bytes + count > terminal->capacity) {
        terminal->capacity = 2 * (terminal->bytes + count);
        terminal->written = realloc(terminal->written, terminal->capacity);
        assert_non_null(terminal->written);
    }
    memcpy(terminal->written + terminal->bytes, bytes, count);
    terminal->bytes += count;
}

/* Reads what comes within `ms`; false when nothing came. */
bool terminal_read(struct terminal *terminal, int ms) {
    struct pollfd fd = {.fd = terminal->master, .events = POLLIN};
    char bytes[8192];
    if (poll(&fd, 1, ms) <= 0)
        return false;
    ssize_t count = read(terminal->master, bytes, sizeof bytes);
    if (count <= 0)
        return false;
    keep(terminal, bytes, (size_t)count);
    watch_frames(terminal, bytes, (size_t)count);
    vterm_input_write(terminal->vterm, bytes, (size_t)count);
    answer(terminal);
    return true;
}

/* Of the program's first thread, as /proc has it: 'R' when it runs or could; ' ' when it is gone.
 */
static int program_state(const struct terminal *terminal) {
    char path[64], line[512] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)terminal->program,
             (int)terminal->program);
    FILE *file = fopen(path, "r");
    if (!file)
        return ' ';
    const char *name_end = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    fclose(file);
    return name_end && name_end[1] == ' ' ? name_end[2] : ' ';
}

/* It says nothing only because a busy machine does not let it: it could go on, or has not read all
 * that was typed. */
static bool is_held_up(const struct terminal *terminal) {
    int state = program_state(terminal), unread = 0;
    bool waits = state == 'S' || state == 'D';
    return state == 'R' || (waits && ioctl(terminal->slave, FIONREAD, &unread) == 0 && unread > 0);
}

void terminal_settle(struct terminal *terminal) {
    long end = now_ms() + PATIENCE_MS;
    while ((terminal_read(terminal, QUIET_MS) || is_held_up(terminal)) && now_ms() < end)
        ;
}

void terminal_expect(struct terminal *terminal, const char *text) {
    long end = now_ms() + PATIENCE_MS;
    while (!terminal_shows(terminal, text) && now_ms() < end)
        terminal_read(terminal, 20);
    if (!terminal_shows(terminal, text))
        fail_msg("the screen does not show \"%s\":\n%s", text, terminal_text(terminal));
}

void terminal_send(struct terminal *terminal, const char *keys) {
    assert_int_equal(write(terminal->master, keys, strlen(keys)), strlen(keys));
}

void terminal_paste(struct terminal *terminal, const char *text) {
    vterm_keyboard_start_paste(terminal->vterm);
    answer(terminal);
    terminal_send(terminal, text);
    vterm_keyboard_end_paste(terminal->vterm);
    answer(terminal);
}

void terminal_mouse(struct terminal *terminal, int button, bool press, int row, int column) {
    char sequence[32];
    snprintf(sequence, sizeof sequence, "\033[<%d;%d;%d%c", button, column + 1, row + 1,
             press ? 'M' : 'm');
    terminal_send(terminal, sequence);
}

void terminal_resize(struct terminal *terminal, int rows, int columns) {
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    vterm_set_size(terminal->vterm, rows, columns);
    assert_int_equal(ioctl(terminal->master, TIOCSWINSZ, &size), 0);
}

void terminal_signal(struct terminal *terminal, int number) {
    assert_int_equal(kill(terminal->program, number), 0);
}

void terminal_signal_to_the_end(struct terminal *terminal, int number) {
    int tries = 20000;
    while (tries-- > 0 && kill(terminal->program, number) == 0)
        usleep(250);
    assert_true(tries > 0);
}

/* ---- The screen ---- */

static size_t put_utf8(uint32_t c, char *out) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = length; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)((0xf00u >> length & 0xff) | c);
    return length;
}

/* One row as text; `out` has room for six characters of each cell. Returns its length. */
static size_t row_text(const struct terminal *terminal, int row, char *out) {
    int rows, columns;
    size_t length = 0, end = 0;
    vterm_get_size(terminal->vterm, &rows, &columns);
    VTermScreenCell cell;
    for (int column = 0; column<columns; column += cell.width> 1 ? cell.width : 1) {
        vterm_screen_get_cell(terminal->screen, (VTermPos){row, column}, &cell);
        if (!cell.chars[0])
            out[length++] = ' ';
        for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
            length += put_utf8(cell.chars[i], out + length);
        if (cell.chars[0] && cell.chars[0] != ' ')
            end = length;
    }
    out[end] = '\0';
    return end;
}

static void write_text(const struct terminal *terminal, char *out) {
    int rows, columns;
    size_t length = 0;
    vterm_get_size(terminal->vterm, &rows, &columns);
    assert_true(rows * columns * 8 < TEXT_SIZE);
    for (int row = 0; row < rows; row++) {
        length += row_text(terminal, row, out + length);
        out[length++] = '\n';
    }
    out[length] = '\0';
}

const char *terminal_text(struct terminal *terminal) {
    write_text(terminal, terminal->text);
    return terminal->text;
}

bool terminal_shows(const struct terminal *terminal, const char *text) {
    char *screen = malloc(TEXT_SIZE);
    assert_non_null(screen);
    write_text(terminal, screen);
    bool shown = strstr(screen, text) != NULL;
    free(screen);
    return shown;
}

bool terminal_find(const struct terminal *terminal, const char *text, int *row, int *column) {
    int rows, columns;
    char line[8192];
    vterm_get_size(terminal->vterm, &rows, &columns);
    for (*row = 0; *row < rows; ++*row) {
        row_text(terminal, *row, line);
        char *found = strstr(line, text);
        if (!found)
            continue;
        *column = 0; /* characters before it; the tests look for nothing behind wide ones */
        for (char *c = line; c < found; c++)
            *column += (*c & 0xc0) != 0x80;
        return true;
    }
    return false;
}

static uint32_t rgb(const struct terminal *terminal, VTermColor colour) {
    vterm_screen_convert_color_to_rgb(terminal->screen, &colour);
    return (uint32_t)(colour.rgb.red << 16 | colour.rgb.green << 8 | colour.rgb.blue);
}

struct terminal_cell terminal_cell(const struct terminal *terminal, int row, int column) {
    VTermScreenCell cell;
    vterm_screen_get_cell(terminal->screen, (VTermPos){row, column}, &cell);
    return (struct terminal_cell){.foreground = rgb(terminal, cell.fg),
                                  .background = rgb(terminal, cell.bg),
                                  .default_foreground = VTERM_COLOR_IS_DEFAULT_FG(&cell.fg),
                                  .default_background = VTERM_COLOR_IS_DEFAULT_BG(&cell.bg),
                                  .bold = cell.attrs.bold,
                                  .underline = cell.attrs.underline != 0,
                                  .reverse = cell.attrs.reverse,
                                  .blank = !cell.chars[0] || cell.chars[0] == ' '};
}

size_t terminal_bytes(const struct terminal *terminal) {
    return terminal->bytes;
}

const char *terminal_written(const struct terminal *terminal) {
    return terminal->written;
}

/* ---- Ending ---- */

bool terminal_stopped(const struct terminal *terminal) {
    return program_state(terminal) == 'T';
}

bool terminal_ends_unread(struct terminal *terminal, int ms) {
    long end = now_ms() + ms;
    while (kill(terminal->program, 0) == 0 && now_ms() < end)
        usleep(5000);
    return kill(terminal->program, 0) != 0;
}

int terminal_exit(struct terminal *terminal) {
    long end = now_ms() + PATIENCE_MS;
    int status;
    while (!terminal->ended && now_ms() < end) {
        terminal_read(terminal, 10);
        if (waitpid(terminal->leader, &status, WNOHANG) == terminal->leader) {
            terminal->ended = true;
            terminal->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        }
    }
    if (!terminal->ended)
        fail_msg("the program does not end:\n%s", terminal_text(terminal));
    while (terminal_read(terminal, 10))
        ;
    return terminal->status;
}

int terminal_hang_up(struct terminal *terminal) {
    close(terminal->master);
    terminal->master = -1;
    return terminal_exit(terminal);
}

void terminal_expect_restored(struct terminal *terminal) {
    struct termios after;
    while (terminal_read(terminal, 50))
        ;
    assert_false(terminal->alternate);
    assert_true(terminal->cursor_visible);
    assert_false(terminal->in_frame);
    assert_int_equal(terminal->mouse, VTERM_PROP_MOUSE_NONE);
    vterm_keyboard_start_paste(terminal->vterm);
    assert_int_equal(vterm_output_get_buffer_current(terminal->vterm), 0);
    assert_int_equal(tcgetattr(terminal->slave, &after), 0);
    assert_int_equal(after.c_iflag, terminal->before.c_iflag);
    assert_int_equal(after.c_oflag, terminal->before.c_oflag);
    assert_int_equal(after.c_lflag, terminal->before.c_lflag);
    assert_int_equal(after.c_cflag, terminal->before.c_cflag);
    assert_memory_equal(after.c_cc, terminal->before.c_cc, sizeof after.c_cc);
    /* What is written next is written plainly. */
    VTermPos cursor;
    vterm_state_get_cursorpos(vterm_obtain_state(terminal->vterm), &cursor);
    vterm_input_write(terminal->vterm, "x", 1);
    struct terminal_cell cell = terminal_cell(terminal, cursor.row, cursor.col);
    assert_true(cell.default_foreground && cell.default_background);
    assert_false(cell.bold || cell.underline || cell.reverse);
}

static char *read_file(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    char *text = calloc(1, TEXT_SIZE);
    assert_non_null(text);
    size_t count = fread(text, 1, TEXT_SIZE - 1, file);
    text[count] = '\0';
    fclose(file);
    return text;
}

/* Waits for what is on its way still on a machine that is busy. */
static bool comes_to_show(struct terminal *terminal, const char *wanted) {
    long end = now_ms() + PATIENCE_MS;
    while (strcmp(terminal_text(terminal), wanted) != 0 && now_ms() < end)
        terminal_read(terminal, 20);
    return !strcmp(terminal_text(terminal), wanted);
}

void terminal_expect_screen(struct terminal *terminal, const char *name) {
    char path[1024];
    const char *tests = getenv("LUMPSCOPE_TESTS");
    assert_non_null(tests);
    snprintf(path, sizeof path, "%s/screens/%s.txt", tests, name);
    if (getenv("LUMPSCOPE_RENEW")) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_true(fputs(terminal_text(terminal), file) >= 0);
        assert_int_equal(fclose(file), 0);
        return;
    }
    char *wanted = read_file(path);
    if (!wanted)
        fail_msg("%s is missing: run the test with LUMPSCOPE_RENEW=1 and look at it", path);
    bool same = comes_to_show(terminal, wanted);
    if (!same)
        print_message("wanted (%s):\n%sgot:\n%s", path, wanted, terminal->text);
    free(wanted);
    assert_true(same);
}
