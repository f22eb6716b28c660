/* Size against error as SVG: percent of the parameters across, error (log) up. Methods differ in
 * colour and in dashes, so that the picture can be printed without colour. */
#include "measure/sweep_svg.h"

#include "lumpscope/memory.h"

#include "measure/svg.h"

#include <math.h>
#include <stdlib.h>

enum { WIDTH = 800, HEIGHT = 460, LEFT = 84, RIGHT = 610, TOP = 24, BOTTOM = 400 };

/* The axes: size in percent from left to right, log10 of the error upwards. */
struct frame {
    double left, right, low, high;
};

static const struct {
    const char *colour, *dashes;
} strokes[] = {{"#0072b2", "none"},     {"#d55e00", "8 4"}, {"#009e73", "2 3"},
               {"#cc79a7", "10 3 2 3"}, {"#806000", "5 5"}, {"#444444", "12 4"},
               {"#56b4e9", "6 2 2 2"},  {"#e69f00", "3 3"}};
enum { STROKES = sizeof strokes / sizeof *strokes };

/* MSE, or wrong answers in percent; both have no place on the axis where they are 0. */
static double error_of(const struct metrics *metrics) {
    if (metrics->task == TASK_CLASSIFICATION)
        return 100 * fmax(1 - metrics->accuracy, 1e-3);
    return fmax(metrics->mse, 1e-12);
}

static bool has_place(const struct sweep_point *point) {
    return isfinite(metrics_figure(&point->metrics));
}

static double across(const struct frame *frame, double grp) {
    return LEFT + (grp - frame->left) / (frame->right - frame->left) * (RIGHT - LEFT);
}

static double down(const struct frame *frame, double error) {
    return BOTTOM - (log10(error) - frame->low) / (frame->high - frame->low) * (BOTTOM - TOP);
}

static void include(struct frame *frame, const struct metrics *metrics, double grp) {
    if (!isfinite(metrics_figure(metrics)))
        return;
    double level = log10(error_of(metrics));
    frame->left = fmin(frame->left, grp);
    frame->right = fmax(frame->right, grp);
    frame->low = fmin(frame->low, level);
    frame->high = fmax(frame->high, level);
}

/* At least a factor of four, with a little room around. */
static struct frame frame_of(const struct sweep *sweep) {
    struct frame frame = {100, 100, INFINITY, -INFINITY};
    include(&frame, &sweep->original, 100);
    for (size_t k = 0; k < sweep->count; k++)
        include(&frame, &sweep->point[k].metrics, sweep->point[k].grp);
    if (!isfinite(frame.low))
        frame.low = frame.high = 0;
    frame.left = fmin(floor(frame.left / 10) * 10, 90);
    frame.right = fmax(ceil(frame.right / 10) * 10, 100);
    frame.high = fmax(frame.high, frame.low + 0.6) + 0.05;
    frame.low -= 0.05;
    return frame;
}

static void error_tick(const struct frame *frame, double error, struct text *out) {
    double y = down(frame, error);
    if (y < TOP || y > BOTTOM)
        return;
    svg_line(out, LEFT, y, RIGHT, y, "stroke=\"#dddddd\"");
    text_format(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n", LEFT - 8, y + 4,
                error);
}

static void error_axis(const struct frame *frame, enum task task, struct text *out) {
    static const double levels[] = {1, 2, 5};
    size_t count = frame->high - frame->low > 2.5 ? 1 : 3;
    for (double decade = floor(frame->low); decade <= frame->high; decade++)
        for (size_t k = 0; k < count; k++)
            error_tick(frame, levels[k] * pow(10, decade), out);
    text_format(out,
                "<text transform=\"translate(20 %d) rotate(-90)\" text-anchor=\"middle\">%s "
                "(log)</text>\n",
                (TOP + BOTTOM) / 2,
                task == TASK_CLASSIFICATION ? "wrong on the test rows, %" : "test MSE");
}

static void size_axis(const struct frame *frame, struct text *out) {
    for (double grp = frame->left; grp <= frame->right; grp += 10) {
        double x = across(frame, grp);
        svg_line(out, x, BOTTOM, x, BOTTOM + 5, "stroke=\"#000000\"");
        text_format(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%g</text>\n", x,
                    BOTTOM + 20, grp);
    }
    text_format(out,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">size: remaining parameters, "
                "%%</text>\n",
                (LEFT + RIGHT) / 2, HEIGHT - 12);
    text_format(out,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" "
                "stroke=\"#000000\"/>\n",
                LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP);
}

/* From the largest size to the smallest; points of one size in the order of making. */
static int compare_sizes(const void *a, const void *b) {
    const struct sweep_point *const *x = a, *const *y = b;
    return (*x)->grp > (*y)->grp ? -1 : (*x)->grp < (*y)->grp ? 1 : (*x > *y) - (*x < *y);
}

/* The points of a method that have a place: [*count] in the order of their sizes, the array the
 * caller's. NULL: out of memory. */
static const struct sweep_point **points_of(const struct sweep *sweep, enum sweep_method method,
                                            size_t *count) {
    const struct sweep_point **points = memory_new(sweep->count, sizeof *points, NULL);
    *count = 0;
    for (size_t k = 0; points && k < sweep->count; k++)
        if (sweep->point[k].method == method && has_place(&sweep->point[k]))
            points[(*count)++] = &sweep->point[k];
    if (points)
        qsort(points, *count, sizeof *points, compare_sizes);
    return points;
}

static void legend_entry(int row, const char *name, const char *colour, const char *dashes,
                         struct text *out) {
    int y = TOP + 12 + 20 * row;
    text_format(out,
                "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"2\" "
                "stroke-dasharray=\"%s\"/>\n<text x=\"%d\" y=\"%d\">%s</text>\n",
                RIGHT + 12, y, RIGHT + 48, y, colour, dashes, RIGHT + 56, y + 4, name);
}

static void draw_points(const struct frame *frame, const struct sweep_point *const *points,
                        size_t count, enum sweep_method method, struct text *out) {
    const char *colour = strokes[method % STROKES].colour,
               *dashes = strokes[method % STROKES].dashes;
    text_format(out,
                "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\" "
                "points=\"",
                colour, dashes);
    for (size_t k = 0; k < count; k++)
        text_format(out, "%s%.1f,%.1f", k ? " " : "", across(frame, points[k]->grp),
                    down(frame, error_of(&points[k]->metrics)));
    text_append(out, "\"/>\n");
    for (size_t k = 0; k < count; k++)
        text_format(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\"/>\n",
                    across(frame, points[k]->grp), down(frame, error_of(&points[k]->metrics)),
                    colour);
}

/* False when the method has no points. */
static bool curve(const struct frame *frame, const struct sweep *sweep, enum sweep_method method,
                  struct text *out) {
    size_t count;
    const struct sweep_point **points = points_of(sweep, method, &count);
    if (count > 0)
        draw_points(frame, points, count, method, out);
    out->failed |= !points;
    free(points);
    return count > 0;
}

static void curves(const struct frame *frame, const struct sweep *sweep, struct text *out) {
    int row = 0;
    for (int m = 0; m < SWEEP_METHODS; m++) {
        enum sweep_method method = (enum sweep_method)m;
        if (curve(frame, sweep, method, out))
            legend_entry(row++, sweep_method_name(method), strokes[m % STROKES].colour,
                         strokes[m % STROKES].dashes, out);
    }
    if (!isfinite(metrics_figure(&sweep->original)))
        return;
    double y = down(frame, error_of(&sweep->original));
    svg_line(out, LEFT, y, RIGHT, y, "stroke=\"#888888\" stroke-dasharray=\"1 3\"");
    legend_entry(row, "original", "#888888", "1 3", out);
}

void sweep_svg(const struct sweep *sweep, struct text *out) {
    struct frame frame = frame_of(sweep);
    svg_begin(out, WIDTH, HEIGHT, "Size against error");
    error_axis(&frame, sweep->original.task, out);
    size_axis(&frame, out);
    curves(&frame, sweep, out);
    svg_end(out);
}
