#include "tui/screen.h"

#include "lumpscope/memory.h"
#include "lumpscope/text.h"
#include "tui/columns.h"
#include "tui/output.h"
#include "tui/signals.h"
#include "tui/terminfo.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>
#undef columns /* term.h makes macros of the capabilities' names */
#undef lines

/* The mouse is read here and not by curses, which loses events that come in one piece: buttons and
 * motion while one is held, in the SGR form. */
#define MOUSE_ON  "\033[?1002h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1002l"

/* Pasted text comes between marks of its own, so that it is not taken for keys. */
#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

enum {
    DIRECT_COLOURS = 1 << 24,
    ESCAPE_DELAY = 25,
    KEY_SGR_MOUSE = KEY_MAX + 1, /* "ESC [ <", the beginning of a mouse report */
    KEY_PASTE_BEGIN,
    KEY_PASTE_END,
    REPORT_SIZE = 24,     /* of a mouse event */
    REPORT_LIMIT = 10000, /* rows and columns */
    DRAIN_MS = 300,       /* a terminal that takes nothing holds up the end no longer, twice */
};

struct ink_style {
    int foreground, background; /* as alloc_pair takes them */
    attr_t attributes;
};

struct screen {
    SCREEN *curses;
    struct output *output;
    struct termios settings; /* of the terminal before us */
    struct termios ours;     /* while the screen is up */
    wint_t interrupt;        /* the key; 0: none */
    int colours;
    bool ascii, mouse, button_down;
    bool in_paste;  /* between its marks */
    bool in_report; /* between the beginning of a mouse report and its end */
    char report[REPORT_SIZE];
    size_t report_length;
    size_t class_count;
    struct ink_style styles[ROLE_ALL];
    bool cursor_shown;
    int cursor_row, cursor_column;
};

/* ---- Opening and closing ---- */

static bool locale_is_utf8(void) {
    setlocale(LC_CTYPE, "");
    return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

static bool colour_wanted(enum colour_mode mode) {
    const char *no = getenv("NO_COLOR");
    if (mode == COLOUR_MODE_AUTO)
        return !(no && *no);
    return mode == COLOUR_MODE_ALWAYS;
}

/* Terminals that take 24-bit colours say so here; their terminfo entries mostly do not. */
static bool terminal_is_direct(void) {
    const char *says = getenv("COLORTERM");
    return says && (!strcmp(says, "truecolor") || !strcmp(says, "24bit"));
}

/* The entry of $TERM with direct colours instead of indexed ones, in the environment for the time
 * of newterm. */
static SCREEN *open_direct(FILE *stream) {
    char *entry = terminfo_direct(boolnames, numnames, strnames, tigetflag, tigetnum, tigetstr);
    if (!entry)
        return NULL;
    const char *old = getenv("TERMINFO");
    char *kept = old ? strdup(old) : NULL;
    setenv("TERMINFO", entry, 1);
    SCREEN *curses = newterm(TERMINFO_DIRECT_NAME, stream, stdin);
    if (kept)
        setenv("TERMINFO", kept, 1);
    else
        unsetenv("TERMINFO");
    free(kept);
    free(entry);
    return curses;
}

static SCREEN *open_terminal(FILE *stream, const char *name, bool colour) {
    SCREEN *curses = NULL;
    if (!cursor_address)
        return NULL;
    if (colour && terminal_is_direct() && max_colors >= 256)
        curses = open_direct(stream);
    return curses ? curses : newterm(name, stream, stdin);
}

/* Looks the terminal up before curses does, which would end the process over an unknown one. */
static SCREEN *open_curses(FILE *stream, bool colour) {
    int status;
    TERMINAL *readlines = cur_term;
    const char *name = getenv("TERM");
    if (setupterm(name, STDOUT_FILENO, &status) != OK)
        return NULL;
    TERMINAL *looked_up = cur_term;
    SCREEN *curses = open_terminal(stream, name, colour);
    if (readlines && readlines != looked_up && readlines != cur_term)
        del_curterm(readlines); /* what Readline wants of it, it has copied */
    if (looked_up != cur_term)
        del_curterm(looked_up);
    return curses;
}

static int colours_in_use(bool colour) {
    if (!colour || !has_colors() || start_color() != OK || use_default_colors() != OK)
        return 0;
    return COLORS >= DIRECT_COLOURS ? DIRECT_COLOURS : COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : 8;
}

static void rescue_append(struct text *text, const char *capability) {
    const char *string = tigetstr(capability);
    if (string && string != (char *)-1)
        text_append(text, string);
}

/* Prepared now, because nothing but writing is allowed while the process is dying. */
static void arm_rescue(const struct screen *screen) {
    struct text text = {0};
    text_append(&text, FRAME_END MOUSE_OFF PASTE_OFF);
    rescue_append(&text, "sgr0");
    rescue_append(&text, "op");
    rescue_append(&text, "rmkx");
    rescue_append(&text, "cnorm");
    rescue_append(&text, "rmcup");
    if (!text.failed)
        signals_rescue(output_descriptor(screen->output), text.data, text.length,
                       &screen->settings);
    text_free(&text);
}

static bool modern_terminal(void) {
    return exit_underline_mode && !strcmp(exit_underline_mode, "\033[24m");
}

/* The interrupt key is read as one: as a signal it would overtake the keys typed before it, and
 * throw away those that wait. */
static bool take_interrupt(struct screen *screen, struct error *error) {
    struct termios *ours = &screen->ours;
    bool taken = tcgetattr(STDIN_FILENO, ours) == 0;
    if (taken && ours->c_cc[VINTR] != _POSIX_VDISABLE) {
        screen->interrupt = ours->c_cc[VINTR];
        ours->c_cc[VINTR] = _POSIX_VDISABLE;
        taken = tcsetattr(STDIN_FILENO, TCSANOW, ours) == 0 && def_prog_mode() == OK;
    }
    return taken ||
           error_set(error, ERROR_REQUEST,
                     "the terminal's settings cannot be changed (%s); use another terminal",
                     strerror(errno));
}

/* The line's settings are curses' affair, so that it knows them; then its output is ours. */
static bool enter_modes(struct screen *screen, struct error *error) {
    cbreak();
    noecho();
    nonl();
    if (!take_interrupt(screen, error) || !output_capture(screen->output, error))
        return false;
    output_set_modern(screen->output, modern_terminal());
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    typeahead(-1); /* a frame is written whole even when keys are waiting */
    set_escdelay(ESCAPE_DELAY);
    define_key("\033[<", KEY_SGR_MOUSE);
    define_key("\033[200~", KEY_PASTE_BEGIN);
    define_key("\033[201~", KEY_PASTE_END);
    curs_set(0);
    return true;
}

static bool check_terminal(struct error *error) {
    const char *name = getenv("TERM");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return error_set(error, ERROR_REQUEST,
                         "the explorer needs a terminal as standard input and output; without one "
                         "use the commands that lumpscope help lists");
    if (!name || !*name || !strcmp(name, "dumb") || !strcmp(name, "unknown"))
        return error_set(error, ERROR_REQUEST,
                         "the explorer cannot draw on this terminal (TERM is \"%s\"): set TERM to "
                         "what it is, for example xterm-256color, or use the commands that "
                         "lumpscope help lists",
                         name ? name : "");
    return true;
}

static void free_screen(struct screen *screen) {
    if (screen->curses)
        delscreen(screen->curses);
    output_close(screen->output);
    free(screen);
}

static bool start_curses(struct screen *screen, bool colour, struct error *error) {
    screen->output = output_open(STDOUT_FILENO, error);
    if (!screen->output)
        return false;
    screen->curses = open_curses(output_stream(screen->output), colour);
    if (!screen->curses)
        return error_set(error, ERROR_REQUEST,
                         "TERM is \"%s\", which this system does not know or cannot move its "
                         "cursor: set TERM to what the terminal is, for example xterm-256color",
                         getenv("TERM"));
    arm_rescue(screen);
    if (enter_modes(screen, error))
        return true;
    tcsetattr(STDIN_FILENO, TCSANOW, &screen->settings);
    return false;
}

struct screen *screen_open(enum colour_mode mode, bool ascii, bool mouse, struct error *error) {
    bool utf8 = locale_is_utf8(), colour = colour_wanted(mode);
    if (!check_terminal(error))
        return NULL;
    struct screen *screen = memory_new(1, sizeof *screen, error);
    if (!screen || tcgetattr(STDIN_FILENO, &screen->settings) != 0 || !signals_open(error)) {
        free(screen);
        return NULL;
    }
    if (!start_curses(screen, colour, error)) {
        signals_close();
        free_screen(screen);
        return NULL;
    }
    screen->colours = colours_in_use(colour);
    screen->ascii = ascii || !utf8;
    output_send(screen->output, PASTE_ON);
    screen_set_mouse(screen, mouse);
    return screen;
}

/* Where the terminal has no second screen the last frame stays; the line in which the shell will go
 * on is emptied. */
static void leave_screen(struct screen *screen) {
    output_send(screen->output, screen->mouse ? MOUSE_OFF PASTE_OFF : PASTE_OFF);
    if (!exit_ca_mode) {
        bkgdset(' ');
        attrset(A_NORMAL);
        move(LINES - 1, 0);
        clrtoeol();
        refresh();
    }
    endwin();
    output_drain(screen->output, DRAIN_MS);
    tcsetattr(STDIN_FILENO, TCSANOW, &screen->settings);
}

void screen_close(struct screen *screen) {
    if (!screen)
        return;
    leave_screen(screen);
    signals_close();
    free_screen(screen);
}

void screen_suspend(struct screen *screen) {
    leave_screen(screen);
    signals_stop();
    screen_resume(screen);
}

void screen_resume(struct screen *screen) {
    tcsetattr(STDIN_FILENO, TCSANOW, &screen->ours);
    output_forget(screen->output);
    keypad(stdscr, TRUE);
    screen_resize(screen);
    refresh();
    output_send(screen->output, screen->mouse ? PASTE_ON MOUSE_ON : PASTE_ON);
}

void screen_resize(struct screen *screen) {
    (void)screen;
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        resizeterm(size.ws_row, size.ws_col);
    clearok(curscr, TRUE); /* what the terminal did with the old screen nobody knows */
}

void screen_redraw(struct screen *screen) {
    (void)screen;
    clearok(curscr, TRUE);
}

void screen_set_mouse(struct screen *screen, bool on) {
    if (on == screen->mouse)
        return;
    screen->mouse = on;
    screen->button_down = false; /* its release will not be told */
    output_send(screen->output, on ? MOUSE_ON : MOUSE_OFF);
}

bool screen_mouse(const struct screen *screen) {
    return screen->mouse;
}

int screen_colours(const struct screen *screen) {
    return screen->colours;
}

size_t screen_class_colours(const struct screen *screen) {
    return screen->class_count;
}

bool screen_ascii(const struct screen *screen) {
    return screen->ascii;
}

struct area screen_area(const struct screen *screen) {
    (void)screen;
    return (struct area){0, 0, LINES, COLS};
}

/* ---- Inks ---- */

static attr_t curses_attributes(unsigned attributes) {
    return (attributes & ATTRIBUTE_BOLD ? A_BOLD : A_NORMAL) |
           (attributes & ATTRIBUTE_DIM ? A_DIM : A_NORMAL) |
           (attributes & ATTRIBUTE_UNDERLINE ? A_UNDERLINE : A_NORMAL) |
           (attributes & ATTRIBUTE_REVERSE ? A_REVERSE : A_NORMAL) |
           (attributes & ATTRIBUTE_ITALIC ? A_ITALIC : A_NORMAL);
}

static int curses_colour(const struct screen *screen, const struct colour *colour) {
    if (screen->colours == 0)
        return -1;
    return screen->colours == DIRECT_COLOURS ? colour_direct(colour)
                                             : colour_nearest(colour, screen->colours);
}

/* With few colours a role's two may fall together: it then takes those of text. */
static void keep_apart(struct screen *screen) {
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        struct ink_style *style = &screen->styles[i];
        if (screen->colours && style->foreground == style->background && style->foreground >= 0)
            style->foreground = screen->styles[ROLE_TEXT].foreground;
    }
}

void screen_set_theme(struct screen *screen, const struct theme *theme) {
    struct theme plain;
    theme_plain(&plain);
    const struct theme *from = screen->colours ? theme : &plain;
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        const struct role_style *role = &from->roles[i];
        screen->styles[i] = (struct ink_style){curses_colour(screen, &role->foreground),
                                               curses_colour(screen, &role->background),
                                               curses_attributes(role->attributes)};
    }
    keep_apart(screen);
    bool few = screen->colours <= 16 && from->few_count > 0;
    screen->class_count = few ? from->few_count : from->class_count;
    for (size_t i = 0; i < screen->class_count; i++)
        screen->styles[ROLE_CLASS + i] =
            (struct ink_style){curses_colour(screen, few ? &from->few[i] : &from->classes[i]),
                               screen->styles[ROLE_TEXT].background, A_NORMAL};
}

unsigned screen_class_ink(const struct screen *screen, uint32_t colour) {
    if (screen->class_count == 0)
        return ROLE_TEXT;
    return (unsigned)(ROLE_CLASS + colour % screen->class_count);
}

static void set_ink(const struct screen *screen, unsigned ink) {
    struct ink_style style = screen->styles[ink & 0xff];
    unsigned ground = ink / INK_GROUND;
    if (ground > 0)
        style.background = screen->styles[ground - 1].foreground;
    if (ink & INK_REVERSE)
        style.attributes ^= A_REVERSE;
    if (ink & INK_BOLD)
        style.attributes |= A_BOLD;
    if (ink & INK_UNDERLINE)
        style.attributes |= A_UNDERLINE;
    int pair = screen->colours ? alloc_pair(style.foreground, style.background) : 0;
    attr_set(style.attributes, (short)0, &pair);
}

/* ---- Frames ---- */

void screen_begin(struct screen *screen) {
    cchar_t blank;
    struct ink_style style = screen->styles[ROLE_TEXT];
    int pair = screen->colours ? alloc_pair(style.foreground, style.background) : 0;
    setcchar(&blank, L" ", A_NORMAL, (short)0, &pair);
    bkgrndset(&blank);
    erase();
    screen->cursor_shown = false;
}

void screen_end(struct screen *screen) {
    curs_set(screen->cursor_shown);
    if (screen->cursor_shown)
        move(screen->cursor_row, screen->cursor_column);
    refresh();
    output_flush(screen->output);
}

bool screen_waiting(const struct screen *screen) {
    return output_waiting(screen->output);
}

int screen_descriptor(const struct screen *screen) {
    return output_descriptor(screen->output);
}

void screen_write(struct screen *screen) {
    output_flush(screen->output);
}

void screen_show_cursor(struct screen *screen, const struct area *area, int row, int column) {
    if (row < 0 || row >= area->rows || column < 0 || column >= area->columns)
        return;
    screen->cursor_shown = true;
    screen->cursor_row = area->row + row;
    screen->cursor_column = area->column + column;
}

const char *screen_glyph(const struct screen *screen, enum glyph glyph) {
    return glyph_text(glyph, screen->ascii);
}

/* Draws `length` bytes at an absolute place; what the locale cannot show becomes '?'. */
static void put_bytes(int row, int column, const char *text, size_t length) {
    wchar_t wide[512];
    size_t count = 0;
    for (size_t i = 0; i < length && count + 1 < sizeof wide / sizeof *wide; count++) {
        i += columns_decode(text + i, &wide[count]);
        if (wcwidth(wide[count]) < 0)
            wide[count] = L'?';
    }
    mvaddnwstr(row, column, wide, (int)count);
}

int screen_put(struct screen *screen, const struct area *area, int row, int column, unsigned ink,
               const char *text) {
    int room = area->columns - column, used;
    if (row < 0 || row >= area->rows || column < 0 || room <= 0 || !*text)
        return column;
    set_ink(screen, ink);
    if (columns_width(text) <= room) {
        size_t length = columns_fit(text, room, &used);
        put_bytes(area->row + row, area->column + column, text, length);
        return column + used;
    }
    size_t length = columns_fit(text, room - 1, &used);
    put_bytes(area->row + row, area->column + column, text, length);
    const char *mark = screen_glyph(screen, GLYPH_MARK_CUT);
    put_bytes(area->row + row, area->column + column + used, mark, strlen(mark));
    return column + used + 1;
}

void screen_fill(struct screen *screen, const struct area *area, unsigned ink) {
    set_ink(screen, ink);
    for (int row = 0; row < area->rows; row++)
        for (int column = 0; column < area->columns; column++)
            mvaddch(area->row + row, area->column + column, ' ');
}

/* ---- Input ---- */

static const struct {
    int curses, key;
} special_keys[] = {
    {KEY_LEFT, INPUT_KEY_LEFT},     {KEY_RIGHT, INPUT_KEY_RIGHT},
    {KEY_UP, INPUT_KEY_UP},         {KEY_DOWN, INPUT_KEY_DOWN},
    {KEY_HOME, INPUT_KEY_HOME},     {KEY_END, INPUT_KEY_END},
    {KEY_PPAGE, INPUT_KEY_PAGE_UP}, {KEY_NPAGE, INPUT_KEY_PAGE_DOWN},
    {KEY_DC, INPUT_KEY_DELETE},     {KEY_BTAB, INPUT_KEY_BACK_TAB},
    {KEY_ENTER, INPUT_KEY_ENTER},   {KEY_BACKSPACE, INPUT_KEY_BACKSPACE},
};

/* The number `*at` begins with, which moves behind it and behind `mark`, if that is not NUL; -1
 * when there is none. */
static int read_report_number(const char **at, char mark) {
    char *end;
    long number = strtol(*at, &end, 10);
    bool read = end > *at && number >= 0 && number < REPORT_LIMIT && (!mark || *end == mark);
    *at = end + (read && mark);
    return read ? (int)number : -1;
}

/* "BUTTON;COLUMN;ROW" and M for a press or motion, m for a release; places count from 1. */
static bool read_report(struct screen *screen, struct input *input) {
    const char *at = screen->report;
    int button = read_report_number(&at, ';'), column = read_report_number(&at, ';'),
        row = read_report_number(&at, '\0');
    char end = *at;
    if (button < 0 || column < 0 || row < 0 || !end)
        return false;
    *input = (struct input){.kind = INPUT_MOUSE, .row = row - 1, .column = column - 1};
    bool motion = button & 32, press = end == 'M';
    button &= ~(4 | 8 | 16 | 32); /* without shift, meta, control */
    if (button == 64 || button == 65)
        input->action = button == 64 ? MOUSE_WHEEL_UP : MOUSE_WHEEL_DOWN;
    else if (button != 0)
        return false;
    else if (motion && screen->button_down)
        input->action = MOUSE_DRAG;
    else if (!motion) {
        input->action = press ? MOUSE_PRESS : MOUSE_RELEASE;
        screen->button_down = press;
    } else
        return false;
    return true;
}

/* One more character of a report, which may come in pieces. True when it makes an event. */
static bool collect_report(struct screen *screen, wint_t code, struct input *input) {
    bool valid = code < 0x80 && strchr("0123456789;Mm", (int)code) != NULL;
    if (!valid || screen->report_length + 1 == REPORT_SIZE) {
        screen->in_report = false;
        return false;
    }
    screen->report[screen->report_length++] = (char)code;
    screen->report[screen->report_length] = '\0';
    if (code != 'M' && code != 'm')
        return false;
    screen->in_report = false;
    return read_report(screen, input);
}

static bool read_special(struct screen *screen, wint_t code, struct input *input) {
    if (code == KEY_SGR_MOUSE) {
        screen->in_report = true;
        screen->report_length = 0;
        return false;
    }
    if (code == KEY_PASTE_BEGIN || code == KEY_PASTE_END) {
        screen->in_paste = code == KEY_PASTE_BEGIN;
        return false;
    }
    if (screen->in_paste) /* a cursor key is no text */
        return false;
    for (size_t i = 0; i < sizeof special_keys / sizeof *special_keys; i++)
        if ((int)code == special_keys[i].curses) {
            *input = (struct input){.kind = INPUT_KEY, .key = special_keys[i].key};
            return true;
        }
    return false;
}

bool screen_read(struct screen *screen, struct input *input) {
    wint_t code, next;
    for (int kind; (kind = get_wch(&code)) != ERR;) {
        if (kind == KEY_CODE_YES) {
            if (read_special(screen, code, input))
                return true;
            continue;
        }
        if (code == screen->interrupt) {
            screen->in_report = screen->in_paste = false;
            *input = (struct input){.kind = INPUT_INTERRUPT};
            return true;
        }
        if (screen->in_report) {
            if (collect_report(screen, code, input))
                return true;
            continue;
        }
        *input =
            (struct input){.kind = INPUT_KEY, .key = (int32_t)code, .pasted = screen->in_paste};
        if (code == 8)
            input->key = INPUT_KEY_BACKSPACE;
        if (code == INPUT_KEY_ESCAPE && get_wch(&next) == OK) {
            unget_wch((wchar_t)next);
            input->more_pending = 1;
        } else if (code == INPUT_KEY_ESCAPE)
            screen->in_paste = false; /* by itself it is a key: the end of the paste got lost */
        return true;
    }
    return false;
}
