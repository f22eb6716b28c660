#include "lumpscope/epsilon_scale.h"

#include <math.h>

struct epsilon_scale epsilon_scale_make(double end, double middle) {
    struct epsilon_scale scale = {.end = end, .root = 1};
    if (!(end > 0) || !isfinite(end))
        return (struct epsilon_scale){.end = 0, .root = 1};
    middle /= end;
    if (middle > 0 && middle < 1)
        scale.root = fmin(fmax(round(log(middle) / log(0.5)), 1), 4);
    return scale;
}

double epsilon_scale_position(const struct epsilon_scale *scale, double epsilon) {
    if (!(scale->end > 0) || !(epsilon > 0))
        return 0;
    return pow(fmin(epsilon / scale->end, 1), 1 / scale->root);
}

/* Steps that should meet an end miss it by rounding: 0.1 + 0.2 - 0.3. */
double epsilon_scale_at(const struct epsilon_scale *scale, double position) {
    if (position < 1e-9)
        return 0;
    if (position > 1 - 1e-9)
        return scale->end;
    return scale->end * pow(position, scale->root);
}
