#include "tui/sheet.h"

#include "tui/columns.h"

#include <stdio.h>

static int row_of(const struct sheet *sheet) {
    return sheet->line - sheet->first;
}

int sheet_put(const struct sheet *sheet, int column, unsigned ink, const char *text) {
    return screen_put(sheet->screen, sheet->area, row_of(sheet), column, ink, text);
}

int sheet_put_glyph(const struct sheet *sheet, int column, unsigned ink, enum glyph glyph) {
    return screen_put_glyph(sheet->screen, sheet->area, row_of(sheet), column, ink, glyph);
}

int sheet_put_right(const struct sheet *sheet, int end, unsigned ink, const char *text) {
    int column = end - columns_width(text);
    sheet_put(sheet, column, ink, text);
    return column;
}

void sheet_next(struct sheet *sheet) {
    sheet->line++;
}

void sheet_wrap(struct sheet *sheet, int column, int indent, unsigned ink, const char *text) {
    char part[512];
    while (*text) {
        size_t length = columns_wrap(text, sheet->area->columns - column - 1);
        snprintf(part, sizeof part, "%.*s", (int)length, text);
        sheet_put(sheet, column, ink, part);
        sheet_next(sheet);
        column += indent;
        indent = 0;
        text += length + (text[length] == ' ');
    }
}

void sheet_wrap_text(struct sheet *sheet, int column, int indent, unsigned ink, struct text *text) {
    if (text->data)
        sheet_wrap(sheet, column, indent, ink, text->data);
    text_free(text);
}

void sheet_draw_more(const struct sheet *sheet) {
    if (sheet->first > 0)
        screen_put_glyph(sheet->screen, sheet->area, 0, 0, ROLE_KEY, GLYPH_MORE_UP);
    if (sheet->line > sheet->first + sheet->area->rows)
        screen_put_glyph(sheet->screen, sheet->area, sheet->area->rows - 1, 0, ROLE_KEY,
                         GLYPH_MORE_DOWN);
}

int sheet_clamp(long first, int lines, int rows) {
    first = first > lines - rows ? lines - rows : first;
    return first < 0 ? 0 : (int)first;
}
