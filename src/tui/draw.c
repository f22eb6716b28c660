/* What is drawn by means of screen_put, whatever the screen is. */
#include "tui/screen.h"

#include <stdarg.h>
#include <stdio.h>

int screen_format(struct screen *screen, const struct area *area, int row, int column, unsigned ink,
                  const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return screen_put(screen, area, row, column, ink, text);
}

int screen_put_glyph(struct screen *screen, const struct area *area, int row, int column,
                     unsigned ink, enum glyph glyph) {
    return screen_put(screen, area, row, column, ink, screen_glyph(screen, glyph));
}

void screen_repeat(struct screen *screen, const struct area *area, int row, int column, int count,
                   unsigned ink, enum glyph glyph) {
    for (int end = column + count; column < end && column < area->columns;) {
        int after = screen_put_glyph(screen, area, row, column, ink, glyph);
        if (after <= column)
            return; /* a row outside of the area */
        column = after;
    }
}
