#include "tui/layout.h"

#include "tui/columns.h"

#include <stdio.h>

/* From this width on the inspector has its own column. */
enum { WIDE_COLUMNS = 110, TALL_ROWS = 30 };

const char *const pane_names[PANE_COUNT] = {
#define PANE(name, text) text,
    PANE_TABLE(PANE)
#undef PANE
};

static int clamp(int value, int least, int most) {
    return value < least ? least : value > most ? most : value;
}

bool area_contains(const struct area *area, int row, int column) {
    return row >= area->row && row < area->row + area->rows && column >= area->column &&
           column < area->column + area->columns;
}

struct area layout_over(const struct layout *layout) {
    int row = layout->pane[PANE_LAYERS].row - 1;
    return (struct area){row, 0, layout->strip.row - row, layout->whole.columns};
}

bool layout_has(const struct layout *layout, enum pane pane) {
    return layout->pane[pane].rows > 0;
}

static void layout_middle(struct layout *layout, int row, int rows, enum pane focus) {
    int columns = layout->whole.columns;
    bool wide = columns >= WIDE_COLUMNS;
    int layers = wide ? clamp(columns / 4, 28, 48) : 26;
    int inspector = wide ? clamp(columns * 3 / 10, 34, 62) : 0;
    int middle = columns - layers - 1 - (wide ? inspector + 1 : 0);
    struct area area = {row, layers + 1, rows, middle};
    layout->pane[PANE_LAYERS] = (struct area){row, 0, rows, layers};
    if (!wide && focus == PANE_INSPECTOR) {
        layout->pane[PANE_INSPECTOR] = area;
        return;
    }
    layout->pane[PANE_CLASSES] = area;
    if (wide)
        layout->pane[PANE_INSPECTOR] = (struct area){row, columns - inspector, rows, inspector};
}

void layout_compute(struct layout *layout, struct area whole, enum pane focus, int header,
                    int strip) {
    *layout = (struct layout){.whole = whole};
    layout->too_small = whole.rows < LAYOUT_ROWS || whole.columns < LAYOUT_COLUMNS;
    if (layout->too_small)
        return;
    layout->status = (struct area){whole.rows - 1, 0, 1, whole.columns};
    layout->strip = (struct area){whole.rows - 1 - strip, 0, strip, whole.columns};
    whole.rows -= strip;
    bool tall = whole.rows >= TALL_ROWS;
    int columns = whole.columns, slider = tall ? 3 : 2;
    header = tall ? header : 1;
    int bottom = clamp(whole.rows * 3 / 10, 8, 20);
    int numbers = clamp(columns * 9 / 20, 39, 56);
    int middle_row = header + slider + 1;
    int middle_rows = whole.rows - middle_row - 1 - bottom - 1;
    int bottom_row = middle_row + middle_rows + 1;
    layout->header = (struct area){0, 0, header, columns};
    layout->slider = (struct area){header, 0, slider, columns};
    layout_middle(layout, middle_row, middle_rows, focus);
    layout->pane[PANE_PLOT] = (struct area){bottom_row, 0, bottom, columns - numbers - 1};
    layout->pane[PANE_NUMBERS] = (struct area){bottom_row, columns - numbers, bottom, numbers};
}

/* The sign where a rule meets separators above and below. */
static enum glyph junction(bool above, bool below) {
    return above && below ? GLYPH_CROSS
           : above        ? GLYPH_TEE_UP
           : below        ? GLYPH_TEE_DOWN
                          : GLYPH_HORIZONTAL;
}

/* Whether a separator stands in this column right of a pane that touches the rule at `row`. */
static bool separator_at(const struct layout *layout, int row, int column, bool below) {
    for (int i = 0; i < PANE_COUNT; i++) {
        const struct area *area = &layout->pane[i];
        int edge = below ? area->row - 1 : area->row + area->rows;
        if (area->rows > 0 && edge == row && area->column + area->columns == column &&
            column < layout->whole.columns)
            return true;
    }
    return false;
}

static void draw_rule(const struct layout *layout, struct screen *screen, int row) {
    for (int column = 0; column < layout->whole.columns; column++)
        screen_put_glyph(screen, &layout->whole, row, column, ROLE_FRAME,
                         junction(separator_at(layout, row, column, false),
                                  separator_at(layout, row, column, true)));
}

/* The rule shows on both sides, then the sign of the focus and a space. */
int layout_title_columns(const struct area *area) {
    return area->columns - 4;
}

static void draw_title(const struct area *area, struct screen *screen, bool focus,
                       const char *title) {
    struct area line = {area->row - 1, area->column + 1, 1, area->columns - 2};
    char text[192], shown[192];
    snprintf(text, sizeof text, "%s%s ", focus ? screen_glyph(screen, GLYPH_ROW_MARK) : " ", title);
    columns_shorten(shown, sizeof shown, text, line.columns, screen_glyph(screen, GLYPH_MARK_CUT));
    if (*title)
        screen_put(screen, &line, 0, 0, focus ? ROLE_TITLE_FOCUS : ROLE_TITLE, shown);
}

void layout_draw_frames(const struct layout *layout, struct screen *screen, enum pane focus,
                        char titles[PANE_COUNT][160]) {
    draw_rule(layout, screen, layout->pane[PANE_LAYERS].row - 1);
    draw_rule(layout, screen, layout->pane[PANE_PLOT].row - 1);
    for (int i = 0; i < PANE_COUNT; i++) {
        const struct area *area = &layout->pane[i];
        if (area->rows == 0)
            continue;
        for (int row = 0; row < area->rows; row++)
            if (area->column + area->columns < layout->whole.columns)
                screen_put_glyph(screen, &layout->whole, area->row + row,
                                 area->column + area->columns, ROLE_FRAME, GLYPH_VERTICAL);
        draw_title(area, screen, (enum pane)i == focus, titles[i]);
    }
}
