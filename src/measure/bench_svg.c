/* Small multiples: a row per data set, a column per architecture; size across (small to the left),
 * error (log) up, a band for the 95 % interval. Methods differ in colour and in dashes. */
#include "measure/bench_report.h"

#include <math.h>
#include <string.h>

enum { PANEL = 230, LOW = 170, GAP_X = 56, GAP_Y = 44, MARGIN = 60, LEGEND = 24 };

static const struct {
    enum bench_method method;
    const char *colour, *dashes;
} shown[] = {{BENCH_JOINT_REFIT, "#0072b2", "none"}, {BENCH_JOINT_REFIT_POLISH, "#56b4e9", "none"},
             {BENCH_FORWARD, "#444444", "3 3"},      {BENCH_MAGNITUDE, "#d55e00", "8 4"},
             {BENCH_WANDA, "#009e73", "2 3"},        {BENCH_MAGNITUDE_POLISH, "#e69f00", "8 2 2 2"},
             {BENCH_NEURON, "#cc79a7", "10 3 2 3"},  {BENCH_ID, "#806000", "5 5"},
             {BENCH_SCRATCH, "#000000", "1 2"}};
enum { SHOWN = sizeof shown / sizeof *shown };

/* One panel: where it stands, and log10 of the errors at its edges. */
struct panel {
    const struct bench_summary *summary;
    size_t set, architecture;
    double x, y, low, high;
};

static const struct bench_mean *mean_at(const struct panel *panel, size_t g,
                                        enum bench_method method) {
    return &bench_cell_at(panel->summary, panel->set, panel->architecture, g, method)->mse;
}

static bool has_place(const struct bench_mean *mean) {
    return mean->count > 0 && isfinite(mean->mean) && mean->mean > 0;
}

static double across(const struct panel *panel, size_t g) {
    return panel->x + bench_grp[g] / 100 * PANEL;
}

/* Errors beyond the upper edge are drawn on it. */
static double down(const struct panel *panel, double error) {
    double level = fmin(fmax(log10(error), panel->low), panel->high);
    return panel->y + LOW - (level - panel->low) / (panel->high - panel->low) * LOW;
}

/* From the least error to the original's times a hundred at most, so that what collapsed does not
 * flatten the rest. */
static void measure(struct panel *panel) {
    const struct bench_mean *base =
        &panel->summary->base[panel->set * BENCH_ARCHITECTURES + panel->architecture];
    double least = has_place(base) ? base->mean : INFINITY, most = 0;
    for (size_t k = 0; k < SHOWN; k++)
        for (size_t g = 0; g < BENCH_GRPS; g++) {
            const struct bench_mean *mean = mean_at(panel, g, shown[k].method);
            if (has_place(mean)) {
                least = fmin(least, mean->mean);
                most = fmax(most, mean->mean);
            }
        }
    panel->low = isfinite(least) ? log10(least) - 0.05 : 0;
    panel->high = fmin(most > 0 ? log10(most) + 0.05 : 1, panel->low + 2.5);
    panel->high = fmax(panel->high, panel->low + 0.3);
}

static void band(const struct panel *panel, size_t k, struct text *out) {
    text_format(out, "<polygon fill=\"%s\" fill-opacity=\"0.08\" points=\"", shown[k].colour);
    for (size_t g = 0; g < BENCH_GRPS; g++) {
        const struct bench_mean *mean = mean_at(panel, g, shown[k].method);
        if (has_place(mean) && isfinite(mean->half))
            text_format(out, "%.1f,%.1f ", across(panel, g), down(panel, mean->mean + mean->half));
    }
    for (size_t g = BENCH_GRPS; g-- > 0;) {
        const struct bench_mean *mean = mean_at(panel, g, shown[k].method);
        if (has_place(mean) && isfinite(mean->half))
            text_format(out, "%.1f,%.1f ", across(panel, g),
                        down(panel, fmax(mean->mean - mean->half, 1e-300)));
    }
    text_append(out, "\"/>\n");
}

static void curve(const struct panel *panel, size_t k, struct text *out) {
    text_format(out,
                "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" "
                "stroke-dasharray=\"%s\" points=\"",
                shown[k].colour, shown[k].dashes);
    for (size_t g = 0; g < BENCH_GRPS; g++) {
        const struct bench_mean *mean = mean_at(panel, g, shown[k].method);
        if (has_place(mean))
            text_format(out, "%.1f,%.1f ", across(panel, g), down(panel, mean->mean));
    }
    text_append(out, "\"/>\n");
}

/* 1, 2 and 5 of every decade: a panel shows two and a half at most. */
static void error_ticks(const struct panel *panel, struct text *out) {
    static const double steps[] = {1, 2, 5};
    for (int decade = (int)floor(panel->low); decade <= panel->high; decade++)
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            double error = steps[k] * pow(10, decade), level = log10(error);
            if (level >= panel->low && level <= panel->high)
                text_format(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%.2g</text>\n",
                            panel->x - 4, down(panel, error) + 4, error);
        }
}

static void axes(const struct panel *panel, struct text *out) {
    text_format(out,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" fill=\"none\" "
                "stroke=\"#000000\"/>\n<text x=\"%.1f\" y=\"%.1f\">%s %s</text>\n",
                panel->x, panel->y, PANEL, LOW, panel->x, panel->y - 6, bench_sets[panel->set].name,
                bench_architectures[panel->architecture]);
    for (int grp = 0; grp <= 100; grp += 25)
        text_format(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%d</text>\n",
                    panel->x + grp / 100.0 * PANEL, panel->y + LOW + 14, grp);
    error_ticks(panel, out);
}

static void draw_panel(struct panel *panel, struct text *out) {
    measure(panel);
    axes(panel, out);
    for (size_t k = 0; k < SHOWN; k++) {
        band(panel, k, out);
        curve(panel, k, out);
    }
    const struct bench_mean *base =
        &panel->summary->base[panel->set * BENCH_ARCHITECTURES + panel->architecture];
    if (has_place(base))
        text_format(out,
                    "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#888888\" "
                    "stroke-dasharray=\"1 3\"/>\n",
                    panel->x, down(panel, base->mean), panel->x + PANEL, down(panel, base->mean));
}

static void legend(struct text *out) {
    int x = MARGIN;
    for (size_t k = 0; k < SHOWN; k++) {
        text_format(out,
                    "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" "
                    "stroke-width=\"2\" stroke-dasharray=\"%s\"/>\n<text x=\"%d\" y=\"%d\">%s"
                    "</text>\n",
                    x, LEGEND, x + 24, LEGEND, shown[k].colour, shown[k].dashes, x + 28, LEGEND + 4,
                    bench_method_name(shown[k].method));
        x += 42 + 6 * (int)strlen(bench_method_name(shown[k].method));
    }
}

void bench_svg(const struct bench_summary *summary, struct text *out) {
    size_t rows = 0;
    for (size_t s = 0; s < BENCH_SETS; s++)
        for (size_t a = 0; a < BENCH_ARCHITECTURES; a++)
            if (bench_has(summary, s, a)) {
                rows++;
                break;
            }
    int width = 2 * MARGIN + BENCH_ARCHITECTURES * (PANEL + GAP_X);
    int height = MARGIN + (int)rows * (LOW + GAP_Y) + LEGEND;
    text_format(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                "viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"11\">\n"
                "<title>Test MSE against size, mean and 95 %% interval</title>\n"
                "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
                width, height, width, height);
    legend(out);
    size_t row = 0;
    for (size_t s = 0; s < BENCH_SETS; s++) {
        bool any = false;
        for (size_t a = 0; a < BENCH_ARCHITECTURES; a++) {
            struct panel panel = {.summary = summary,
                                  .set = s,
                                  .architecture = a,
                                  .x = MARGIN + (double)a * (PANEL + GAP_X),
                                  .y = MARGIN + (double)row * (LOW + GAP_Y)};
            if (bench_has(summary, s, a)) {
                draw_panel(&panel, out);
                any = true;
            }
        }
        row += any;
    }
    text_format(out,
                "<text x=\"%d\" y=\"%d\">across: remaining parameters, %%; up: test MSE (log), "
                "beyond the frame drawn on its edge; dotted: the original</text>\n</svg>\n",
                MARGIN, height - 8);
}
