#include "headless.h"

#include "fuzz.h"
#include "lumpscope/memory.h"
#include "tui/columns.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct screen {
    int rows, columns;
    bool ascii, mouse, drawing, given;
    size_t class_count;
    struct input input;
};

struct screen *screen_open(enum colour_mode colour, bool ascii, bool mouse, struct error *error) {
    (void)colour;
    setlocale(LC_CTYPE, "C.UTF-8");
    struct screen *screen = memory_new(1, sizeof *screen, error);
    if (screen)
        *screen = (struct screen){.rows = 24, .columns = 80, .ascii = ascii, .mouse = mouse};
    return screen;
}

void screen_close(struct screen *screen) {
    free(screen);
}

void headless_resize(struct screen *screen, int rows, int columns) {
    screen->rows = rows < 1 ? 1 : rows > HEADLESS_ROWS_MOST ? HEADLESS_ROWS_MOST : rows;
    screen->columns = columns < 1                       ? 1
                      : columns > HEADLESS_COLUMNS_MOST ? HEADLESS_COLUMNS_MOST
                                                        : columns;
}

void headless_give(struct screen *screen, const struct input *input) {
    screen->input = *input;
    screen->given = true;
}

bool screen_read(struct screen *screen, struct input *input) {
    bool given = screen->given;
    screen->given = false;
    if (given)
        *input = screen->input;
    return given;
}

/* ---- What a terminal would do ---- */

void screen_suspend(struct screen *screen) {
    (void)screen;
}

void screen_resume(struct screen *screen) {
    (void)screen;
}

void screen_resize(struct screen *screen) {
    (void)screen;
}

void screen_redraw(struct screen *screen) {
    (void)screen;
}

bool screen_waiting(const struct screen *screen) {
    (void)screen;
    return false;
}

int screen_descriptor(const struct screen *screen) {
    (void)screen;
    return STDOUT_FILENO;
}

void screen_write(struct screen *screen) {
    (void)screen;
}

/* ---- What it is ---- */

void screen_set_theme(struct screen *screen, const struct theme *theme) {
    screen->class_count = theme->class_count;
}

int screen_colours(const struct screen *screen) {
    return screen->class_count ? 256 : 0;
}

size_t screen_class_colours(const struct screen *screen) {
    return screen->class_count;
}

bool screen_ascii(const struct screen *screen) {
    return screen->ascii;
}

void screen_set_mouse(struct screen *screen, bool on) {
    screen->mouse = on;
}

bool screen_mouse(const struct screen *screen) {
    return screen->mouse;
}

struct area screen_area(const struct screen *screen) {
    return (struct area){0, 0, screen->rows, screen->columns};
}

const char *screen_glyph(const struct screen *screen, enum glyph glyph) {
    return glyph_text(glyph, screen->ascii);
}

unsigned screen_class_ink(const struct screen *screen, uint32_t colour) {
    return screen->class_count ? (unsigned)(ROLE_CLASS + colour % screen->class_count) : ROLE_TEXT;
}

/* ---- Drawing ---- */

void screen_begin(struct screen *screen) {
    fuzz_require(!screen->drawing, "a frame within a frame");
    screen->drawing = true;
}

void screen_end(struct screen *screen) {
    fuzz_require(screen->drawing, "the end of no frame");
    screen->drawing = false;
}

static void check(const struct screen *screen, const struct area *area, unsigned ink) {
    fuzz_require(screen->drawing, "something is drawn outside of a frame");
    fuzz_require(area->rows <= 0 || area->columns <= 0 ||
                     (area->row >= 0 && area->column >= 0 &&
                      area->row + area->rows <= screen->rows &&
                      area->column + area->columns <= screen->columns),
                 "an area at %d,%d of %d x %d on a screen of %d x %d", area->row, area->column,
                 area->rows, area->columns, screen->rows, screen->columns);
    fuzz_require((ink & 0xff) < ROLE_ALL && ink / INK_GROUND <= ROLE_ALL, "ink %u", ink);
}

void screen_show_cursor(struct screen *screen, const struct area *area, int row, int column) {
    (void)row, (void)column;
    check(screen, area, ROLE_TEXT);
}

int screen_put(struct screen *screen, const struct area *area, int row, int column, unsigned ink,
               const char *text) {
    int room = area->columns - column, used;
    if (row < 0 || row >= area->rows || column < 0 || room <= 0 || !*text)
        return column; /* such as when lines are only counted */
    check(screen, area, ink);
    bool fits = columns_width(text) <= room;
    columns_fit(text, fits ? room : room - 1, &used);
    return column + used + !fits;
}

void screen_fill(struct screen *screen, const struct area *area, unsigned ink) {
    check(screen, area, ink);
}
