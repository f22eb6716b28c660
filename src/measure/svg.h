/* Internal: what the pictures share. */
#ifndef LUMPSCOPE_MEASURE_SVG_H
#define LUMPSCOPE_MEASURE_SVG_H

#include "lumpscope/text.h"

/* Opens a document with a white ground; `title` is escaped. svg_end closes it. */
void svg_begin(struct text *out, double width, double height, const char *title);
void svg_end(struct text *out);
/* A string from a file as text of the document: made visible, markup escaped. */
void svg_escape(struct text *out, const char *string);
/* `style`: attributes. */
void svg_line(struct text *out, double x1, double y1, double x2, double y2, const char *style);
/* A text element of the formatted string, escaped; `style`: attributes, "" for none. */
void svg_text(struct text *out, double x, double y, const char *style, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
