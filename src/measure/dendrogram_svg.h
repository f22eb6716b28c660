/* Internal: one layer's dendrogram as a picture. */
#ifndef LUMPSCOPE_MEASURE_DENDROGRAM_SVG_H
#define LUMPSCOPE_MEASURE_DENDROGRAM_SVG_H

#include "measure/state_layer.h"

enum { PICTURE_WIDTH = 900 };

/* Appends a group `top` down the page; `height` becomes where it ends. */
bool dendrogram_svg(const struct state_report *state, const struct state_layer *layer, double top,
                    double *height, struct text *out, struct error *error);

#endif
