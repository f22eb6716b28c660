/* Internal: a sweep as a picture. */
#ifndef LUMPSCOPE_MEASURE_SWEEP_SVG_H
#define LUMPSCOPE_MEASURE_SWEEP_SVG_H

#include "lumpscope/sweep.h"
#include "lumpscope/text.h"

void sweep_svg(const struct sweep *sweep, struct text *out);

#endif
