#include "measure/svg.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void svg_escape(struct text *out, const char *string) {
    struct text visible = {0};
    text_append_visible(&visible, string);
    for (const char *c = visible.data; c && *c; c++) {
        const char *entity = *c == '&'   ? "&amp;"
                             : *c == '<' ? "&lt;"
                             : *c == '>' ? "&gt;"
                             : *c == '"' ? "&quot;"
                                         : NULL;
        if (entity)
            text_append(out, entity);
        else
            text_append_bytes(out, c, 1);
    }
    out->failed |= visible.failed;
    text_free(&visible);
}

void svg_begin(struct text *out, double width, double height, const char *title) {
    text_format(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                "viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" font-size=\"13\">\n<title>",
                width, height, width, height);
    svg_escape(out, title);
    text_append(out, "</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
}

void svg_end(struct text *out) {
    text_append(out, "</svg>\n");
}

void svg_line(struct text *out, double x1, double y1, double x2, double y2, const char *style) {
    text_format(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2,
                style);
}

void svg_text(struct text *out, double x, double y, const char *style, const char *format, ...) {
    char buffer[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(buffer, sizeof buffer, format, arguments);
    va_end(arguments);
    text_format(out, "<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, style);
    svg_escape(out, buffer);
    text_append(out, "</text>\n");
}
