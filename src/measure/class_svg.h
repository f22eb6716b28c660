/* Internal: the distances between one layer's neurons, sorted by class, as a picture. */
#ifndef LUMPSCOPE_MEASURE_CLASS_SVG_H
#define LUMPSCOPE_MEASURE_CLASS_SVG_H

#include "measure/state_layer.h"

/* As dendrogram_svg; measures distances, which can be stopped. */
bool class_svg(const struct state_report *state, const struct state_layer *layer, double top,
               double *height, struct text *out, const struct progress *progress,
               struct error *error);

#endif
