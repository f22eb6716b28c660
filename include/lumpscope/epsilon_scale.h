/* Where an epsilon lies on the slider, and on the axis of a dendrogram. Merge events crowd near 0
 * in most networks, so the scale is a power law whose exponent brings the middle event near the
 * middle; it is one of a few, so that it can be said in words and does not shift with every event.
 */
#ifndef LUMPSCOPE_EPSILON_SCALE_H
#define LUMPSCOPE_EPSILON_SCALE_H

struct epsilon_scale {
    double end;  /* epsilon at position 1; 0 when there are no merge events */
    double root; /* position = (epsilon / end)^(1/root): 1, 2, 3 or 4 */
};

/* For merges up to `end`, the middle one of them at `middle`; NaN: there is none. */
struct epsilon_scale epsilon_scale_make(double end, double middle);
/* 0 to 1; beyond the end: 1. */
double epsilon_scale_position(const struct epsilon_scale *scale, double epsilon);
double epsilon_scale_at(const struct epsilon_scale *scale, double position);

#endif
