/* Size against error: every method a curve, the current epsilon a mark. */
#include "lumpscope/text.h"
#include "tui/axis.h"
#include "tui/columns.h"
#include "tui/raster.h"
#include "tui/ui.h"

#include <math.h>
#include <stdio.h>

enum { LABEL_COLUMNS = 9, LEGEND_COLUMNS = 15 };

/* The axes: size in percent from left to right, log10 of the error upwards. */
struct axes {
    double left, right; /* percent */
    struct axis error;
};

static const struct raster_pen pens[CURVE_COUNT] = {{STROKE_LINE, ROLE_CURVE_LUMP, 'o'},
                                                    {STROKE_DASHES, ROLE_CURVE_MAGNITUDE, 'x'},
                                                    {STROKE_DOTS, ROLE_CURVE_WANDA, '+'}};
static const struct {
    const char *name;
    enum glyph sample;
} curves[CURVE_COUNT] = {
    {"lump", GLYPH_CURVE_LUMP}, {"magnitude", GLYPH_CURVE_MAGNITUDE}, {"wanda", GLYPH_CURVE_WANDA}};

/* MSE, or the share of wrong answers; accuracy 1 is drawn as one wrong row in a thousand. */
static double error_of(const struct snapshot *snapshot, double figure) {
    if (snapshot->task == TASK_CLASSIFICATION)
        return fmax(1 - figure, 1e-3);
    return fmax(figure, 1e-12);
}

static bool is_known(const struct figure *figure) {
    return (figure->state == FIGURE_EXACT || figure->state == FIGURE_ESTIMATE) &&
           isfinite(figure->value);
}

/* What the current epsilon costs, as a point of the plot; false while that is not known. */
static bool current_point(const struct snapshot *snapshot, struct curve_point *point) {
    *point = (struct curve_point){
        .grp = metrics_grp(snapshot->parameters, snapshot->original_parameters),
        .figure = snapshot->after.value};
    return snapshot->reduced_known && is_known(&snapshot->after);
}

/* Ends of the axes so far: percent, and log10 of the error. */
struct range {
    double left, right, low, high;
};

static void range_include(struct range *range, const struct snapshot *snapshot,
                          const struct curve_point *point) {
    if (!isfinite(point->figure))
        return;
    double level = log10(error_of(snapshot, point->figure));
    range->left = fmin(range->left, point->grp);
    range->right = fmax(range->right, point->grp);
    range->low = fmin(range->low, level);
    range->high = fmax(range->high, level);
}

/* The original and the current network belong to the picture, however far the sweep has come. */
static void range_include_ends(struct range *range, const struct snapshot *snapshot) {
    struct curve_point point = {.grp = 100, .figure = snapshot->before.value};
    if (is_known(&snapshot->before))
        range_include(range, snapshot, &point);
    if (current_point(snapshot, &point))
        range_include(range, snapshot, &point);
}

static bool axes_of(const struct snapshot *snapshot, int rows, struct axes *axes) {
    struct range range = {INFINITY, -INFINITY, INFINITY, -INFINITY};
    for (int c = 0; c < CURVE_COUNT; c++)
        for (size_t i = 0; i < snapshot->curve[c].count; i++)
            range_include(&range, snapshot, &snapshot->curve[c].points[i]);
    if (!isfinite(range.low))
        return false;
    range_include_ends(&range, snapshot);
    axes->left = floor(range.left / 10) * 10;
    axes->right = fmax(ceil(range.right / 10) * 10, axes->left + 10);
    /* At least a factor of four, upwards: flat curves lie low. */
    axis_choose(&axes->error, range.low, fmax(range.high, range.low + 0.6), rows, RASTER_DOWN);
    return true;
}

static int dot_x(const struct axes *axes, const struct raster *raster, double grp) {
    return raster_x(raster, (grp - axes->left) / (axes->right - axes->left));
}

static int dot_y(const struct axes *axes, const struct raster *raster, double level) {
    return axis_dot(&axes->error, level, raster->rows * RASTER_DOWN);
}

static void rasterise(const struct snapshot *snapshot, const struct axes *axes,
                      struct raster *raster) {
    for (int c = 0; c < CURVE_COUNT; c++) {
        int last_x = 0, last_y = 0, step = 0;
        bool joined = false;
        for (size_t i = 0; i < snapshot->curve[c].count; i++) {
            const struct curve_point *point = &snapshot->curve[c].points[i];
            if (!isfinite(point->figure)) { /* overflowed: the line has a gap */
                joined = false;
                continue;
            }
            int x = dot_x(axes, raster, point->grp);
            int y = dot_y(axes, raster, log10(error_of(snapshot, point->figure)));
            if (joined)
                raster_line(raster, c, last_x, last_y, x, y, &step);
            raster_dot(raster, c, x, y);
            last_x = x;
            last_y = y;
            joined = true;
        }
    }
}

static void draw_marker(const struct ui *ui, const struct area *area, const struct axes *axes,
                        const struct raster *raster) {
    struct curve_point point;
    if (!current_point(ui->snapshot, &point))
        return;
    double level = log10(error_of(ui->snapshot, point.figure));
    screen_put_glyph(ui->screen, area, dot_y(axes, raster, level) / RASTER_DOWN,
                     dot_x(axes, raster, point.grp) / RASTER_ACROSS, ROLE_MARKER, GLYPH_MARKER);
}

/* In the unit of the axis: MSE, or wrong answers in percent. */
static void draw_error_axis(const struct ui *ui, const struct area *area, const struct axis *axis) {
    int rows = area->rows - 2;
    double unit = ui->snapshot->task == TASK_CLASSIFICATION ? 100 : 1;
    char number[TEXT_NUMBER_SIZE];
    for (int row = 0; row < rows; row++)
        screen_put_glyph(ui->screen, area, row, LABEL_COLUMNS, ROLE_AXIS, GLYPH_VERTICAL);
    for (size_t i = 0; i < axis->count; i++) {
        int row = axis_dot(axis, axis->tick[i], rows * RASTER_DOWN) / RASTER_DOWN;
        screen_format(ui->screen, area, row, 0, ROLE_AXIS, "%8s",
                      axis_label(axis, i, unit, number));
        screen_put_glyph(ui->screen, area, row, LABEL_COLUMNS, ROLE_AXIS, GLYPH_TICK_LEFT);
    }
    screen_put_glyph(ui->screen, area, rows, LABEL_COLUMNS, ROLE_AXIS, GLYPH_AXIS_CORNER);
}

static void draw_size_axis(const struct ui *ui, const struct area *area, const struct axes *axes) {
    int row = area->rows - 2, columns = area->columns - LABEL_COLUMNS - 1;
    screen_repeat(ui->screen, area, row, LABEL_COLUMNS + 1, columns, ROLE_AXIS, GLYPH_HORIZONTAL);
    int labels = columns >= 90 ? 10 : columns >= 44 ? 5 : 2;
    for (int i = 0; i <= labels; i++) {
        double grp = axes->left + (axes->right - axes->left) * i / labels;
        int column = LABEL_COLUMNS + 1 + (columns - 1) * i / labels;
        char text[16];
        snprintf(text, sizeof text, "%.0f %%", grp);
        int width = columns_width(text), start = column - width / 2;
        if (start + width > area->columns)
            start = area->columns - width;
        screen_put_glyph(ui->screen, area, row, column, ROLE_AXIS, GLYPH_TICK_DOWN);
        screen_put(ui->screen, area, row + 1, start, ROLE_AXIS, text);
    }
}

/* The corner in which the fewest dots lie; they give way to the legend. */
static struct area legend_box(const struct raster *raster, int rows) {
    int down = raster->rows - rows, right = raster->columns - LEGEND_COLUMNS, least = 0;
    struct area corners[4] = {{0, right, 0, 0}, {down, 0, 0, 0}, {0, 0, 0, 0}, {down, right, 0, 0}};
    int best = 0;
    for (int i = 0; i < 4; i++) {
        corners[i].rows = rows;
        corners[i].columns = LEGEND_COLUMNS;
        int dots = raster_count(raster, &corners[i]);
        if (i == 0 || dots < least) {
            least = dots;
            best = i;
        }
    }
    return corners[best];
}

/* Which stroke is which curve. */
static void draw_legend(const struct ui *ui, const struct area *plot, const struct raster *raster) {
    int rows = 1, row = 0;
    for (int c = 0; c < CURVE_COUNT; c++)
        rows += ui->snapshot->curve[c].count > 0;
    if (rows > plot->rows || LEGEND_COLUMNS > plot->columns)
        return;
    struct area box = legend_box(raster, rows);
    box.row += plot->row;
    box.column += plot->column;
    screen_fill(ui->screen, &box, ROLE_TEXT);
    for (int c = 0; c < CURVE_COUNT; c++) {
        if (ui->snapshot->curve[c].count == 0)
            continue;
        screen_put_glyph(ui->screen, &box, row, 1, pens[c].ink, curves[c].sample);
        screen_put(ui->screen, &box, row++, 5, ROLE_LABEL, curves[c].name);
    }
    screen_put_glyph(ui->screen, &box, row, 2, ROLE_MARKER, GLYPH_MARKER);
    screen_put(ui->screen, &box, row, 5, ROLE_LABEL, "now");
}

static void draw_nothing_yet(const struct ui *ui, const struct area *area) {
    const struct snapshot *snapshot = ui->snapshot;
    if (!snapshot->analysed)
        return;
    screen_put(ui->screen, area, area->rows / 2 - 1, 3, ROLE_LABEL,
               !snapshot->data_path               ? "Error needs data: type :data FILE"
               : snapshot_lacks_targets(snapshot) ? "No target columns: no error to show"
               : snapshot->work == WORK_SWEEPING  ? "The first points are on their way."
                                                  : "Press s to measure every size.");
}

static void title(const struct ui *ui, int columns, char *out, size_t size) {
    static const char *const forms[2][3] = {
        {"Test MSE (log) against size (%)", "Test MSE (log), size (%)", "Test MSE"},
        {"Test errors in % (log) against size (%)", "Test errors % (log) against size %",
         "Test errors in %"}};
    const char *const *form = forms[ui->snapshot->task == TASK_CLASSIFICATION];
    int i = 0;
    while (i < 2 && columns_width(form[i]) > columns)
        i++;
    snprintf(out, size, "%s", form[i]);
}

static void draw(const struct ui *ui, const struct area *area) {
    struct raster raster = {.pens = pens};
    struct axes axes;
    struct area plot = {area->row, area->column + LABEL_COLUMNS + 1, area->rows - 2,
                        area->columns - LABEL_COLUMNS - 1};
    raster.rows = plot.rows;
    raster.columns = plot.columns;
    if (!axes_of(ui->snapshot, plot.rows, &axes) || plot.rows * plot.columns > RASTER_CELLS) {
        draw_nothing_yet(ui, area);
        return;
    }
    rasterise(ui->snapshot, &axes, &raster);
    draw_error_axis(ui, area, &axes.error);
    draw_size_axis(ui, area, &axes);
    raster_draw(&raster, ui->screen, &plot);
    draw_legend(ui, &plot, &raster);
    draw_marker(ui, &plot, &axes, &raster);
}

const struct view view_plot = {
    .help = "The error on the test rows of every size the sweep measured, for lumping and for "
            "pruning by magnitude and wanda. Lower is better; the mark is the current "
            "epsilon. Of a classifier the plot shows the errors, the test rows it gets wrong: "
            "100 % minus the accuracy in the numbers pane.",
    .title = title,
    .draw = draw,
};
