#include "tui/plot.h"

#include "lumpscope/player.h"
#include "lumpscope/text.h"
#include "tui/actions.h"
#include "tui/columns.h"

#include <math.h>
#include <stdio.h>

enum { LEVEL_ROWS = 10, MARK_COLUMNS = 8 };

#define CURVE(id, name, stroke, letter) {name, ROLE_CURVE_##id, GLYPH_CURVE_##id},
const struct plot_curve plot_curves[CURVE_COUNT] = {PLOT_CURVES(CURVE)};
#undef CURVE

#define CURVE(id, name, stroke, letter) {STROKE_##stroke, ROLE_CURVE_##id, letter},
static const struct raster_pen pens[CURVE_COUNT] = {PLOT_CURVES(CURVE)};
#undef CURVE

_Static_assert((int)CURVE_COUNT <= (int)RASTER_CURVES, "every curve has a layer of dots");

/* ---- Axes ---- */

/* The error as the axis shows it, in units of 1; accuracy 1 is drawn as one wrong row in a
 * thousand. */
static double error_of(const struct snapshot *snapshot, double figure) {
    if (snapshot->task == TASK_CLASSIFICATION)
        return fmax(1 - figure, 1e-3);
    return fmax(figure, 1e-12);
}

static double level_of(const struct snapshot *snapshot, double figure) {
    return log10(error_of(snapshot, figure));
}

const char *plot_unit(const struct snapshot *snapshot) {
    return snapshot->task == TASK_CLASSIFICATION ? "test errors, %" : "test MSE";
}

double plot_error(const struct snapshot *snapshot, double figure) {
    return snapshot->task == TASK_CLASSIFICATION ? 100 * (1 - figure) : figure;
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
    double level = level_of(snapshot, point->figure);
    range->left = fmin(range->left, point->grp);
    range->right = fmax(range->right, point->grp);
    range->low = fmin(range->low, level);
    range->high = fmax(range->high, level);
}

static bool mark_point(const struct mark_view *mark, struct curve_point *point) {
    *point = (struct curve_point){.grp = mark->grp, .figure = mark->figure};
    return isfinite(mark->grp) && isfinite(mark->figure);
}

/* The original, the current network and the marks belong to the picture, however far the sweep has
 * come. */
static void range_include_others(struct range *range, const struct snapshot *snapshot) {
    struct curve_point point = {.grp = 100, .figure = snapshot->before.value};
    if (is_known(&snapshot->before))
        range_include(range, snapshot, &point);
    if (current_point(snapshot, &point))
        range_include(range, snapshot, &point);
    for (size_t i = 0; i < snapshot->mark_count; i++)
        if (mark_point(&snapshot->marks[i], &point))
            range_include(range, snapshot, &point);
}

static bool choose_axes(struct plot *plot) {
    const struct snapshot *snapshot = plot->ui->snapshot;
    struct range range = {INFINITY, -INFINITY, INFINITY, -INFINITY};
    for (int c = 0; c < CURVE_COUNT; c++)
        for (size_t i = 0; i < snapshot->curve[c].count; i++)
            range_include(&range, snapshot, &snapshot->curve[c].points[i]);
    if (!isfinite(range.low))
        return false;
    range_include_others(&range, snapshot);
    plot->left = floor(range.left / 10) * 10;
    plot->right = fmax(ceil(range.right / 10) * 10, plot->left + 10);
    /* At least a factor of four, upwards: flat curves lie low. */
    axis_choose(&plot->error, range.low, fmax(range.high, range.low + 0.6), plot->area.rows,
                RASTER_DOWN);
    return true;
}

static int dot_x(const struct plot *plot, double grp) {
    return raster_x(&plot->raster, (grp - plot->left) / (plot->right - plot->left));
}

static int dot_y(const struct plot *plot, double figure) {
    return axis_dot(&plot->error, level_of(plot->ui->snapshot, figure),
                    plot->raster.rows * RASTER_DOWN);
}

static int column_of(const struct plot *plot, const struct curve_point *point) {
    return dot_x(plot, point->grp) / RASTER_ACROSS;
}

static int row_of(const struct plot *plot, const struct curve_point *point) {
    return dot_y(plot, point->figure) / RASTER_DOWN;
}

static void rasterise(struct plot *plot, int c) {
    const struct curve *curve = &plot->ui->snapshot->curve[c];
    int last_x = 0, last_y = 0, step = 0;
    bool joined = false;
    for (size_t i = 0; i < curve->count; i++) {
        const struct curve_point *point = &curve->points[i];
        if (!isfinite(point->figure)) { /* overflowed: the line has a gap */
            joined = false;
            continue;
        }
        int x = dot_x(plot, point->grp), y = dot_y(plot, point->figure);
        if (joined)
            raster_line(&plot->raster, c, last_x, last_y, x, y, &step);
        raster_dot(&plot->raster, c, x, y);
        last_x = x;
        last_y = y;
        joined = true;
    }
}

bool plot_make(struct plot *plot, const struct ui *ui, const struct area *area) {
    *plot = (struct plot){.ui = ui};
    plot->area = (struct area){area->row, area->column + PLOT_AXIS + 1, area->rows - PLOT_AXIS_ROWS,
                               area->columns - PLOT_AXIS - 1};
    if (plot->area.rows < 2 || plot->area.columns < 2)
        return false;
    if (plot->area.columns > RASTER_CELLS / plot->area.rows)
        plot->area.columns = RASTER_CELLS / plot->area.rows;
    plot->raster.rows = plot->area.rows;
    plot->raster.columns = plot->area.columns;
    plot->raster.pens = pens;
    if (!choose_axes(plot))
        return false;
    for (int c = 0; c < CURVE_COUNT; c++)
        rasterise(plot, c);
    return true;
}

/* In the unit of the axis: MSE, or wrong answers in percent. */
static void draw_error_axis(const struct plot *plot) {
    struct screen *screen = plot->ui->screen;
    int rows = plot->area.rows;
    struct area left = {plot->area.row, plot->area.column - PLOT_AXIS - 1, rows + 1, PLOT_AXIS + 1};
    double unit = plot->ui->snapshot->task == TASK_CLASSIFICATION ? 100 : 1;
    char number[TEXT_NUMBER_SIZE];
    for (int row = 0; row < rows; row++)
        screen_put_glyph(screen, &left, row, PLOT_AXIS, ROLE_AXIS, GLYPH_VERTICAL);
    for (size_t i = 0; i < plot->error.count; i++) {
        int row = axis_dot(&plot->error, plot->error.tick[i], rows * RASTER_DOWN) / RASTER_DOWN;
        screen_format(screen, &left, row, 0, ROLE_AXIS, "%8s",
                      axis_label(&plot->error, i, unit, number));
        screen_put_glyph(screen, &left, row, PLOT_AXIS, ROLE_AXIS, GLYPH_TICK_LEFT);
    }
    screen_put_glyph(screen, &left, rows, PLOT_AXIS, ROLE_AXIS, GLYPH_AXIS_CORNER);
}

static void draw_size_axis(const struct plot *plot) {
    struct screen *screen = plot->ui->screen;
    int columns = plot->area.columns;
    struct area below = {plot->area.row + plot->area.rows, plot->area.column, PLOT_AXIS_ROWS,
                         columns};
    screen_repeat(screen, &below, 0, 0, columns, ROLE_AXIS, GLYPH_HORIZONTAL);
    int labels = columns >= 90 ? 10 : columns >= 44 ? 5 : 2;
    for (int i = 0; i <= labels; i++) {
        double grp = plot->left + (plot->right - plot->left) * i / labels;
        int column = (columns - 1) * i / labels;
        char text[16];
        snprintf(text, sizeof text, "%.0f %%", grp);
        int width = columns_width(text), start = column - width / 2;
        if (start + width > columns)
            start = columns - width;
        struct area line = {below.row, below.column - PLOT_AXIS - 1, PLOT_AXIS_ROWS,
                            columns + PLOT_AXIS + 1}; /* the first label begins left of the axis */
        screen_put_glyph(screen, &below, 0, column, ROLE_AXIS, GLYPH_TICK_DOWN);
        screen_put(screen, &line, 1, start + PLOT_AXIS + 1, ROLE_AXIS, text);
    }
}

void plot_draw_axes(const struct plot *plot) {
    draw_error_axis(plot);
    draw_size_axis(plot);
}

/* ---- What stands among the curves ---- */

/* The first place of a row where `width` characters are free of dots; -1: there is none. */
static int free_column(const struct plot *plot, int row, int width) {
    for (int column = 1; column + width < plot->area.columns; column++) {
        struct area box = {row, column, 1, width};
        if (raster_count(&plot->raster, &box) == 0)
            return column;
    }
    return -1;
}

int plot_level_row(const struct plot *plot) {
    const struct figure *before = &plot->ui->snapshot->before;
    return is_known(before) && plot->area.rows >= LEVEL_ROWS
               ? dot_y(plot, before->value) / RASTER_DOWN
               : -1;
}

/* The original's error, named where there is room; without a name only where the legend has it. */
static void draw_level(const struct plot *plot, bool full) {
    const struct snapshot *snapshot = plot->ui->snapshot;
    struct screen *screen = plot->ui->screen;
    char text[64], number[TEXT_NUMBER_SIZE];
    int row = plot_level_row(plot);
    if (row < 0)
        return;
    snprintf(text, sizeof text, " original %s%s ",
             text_human(plot_error(snapshot, snapshot->before.value), 4, number),
             snapshot->task == TASK_CLASSIFICATION ? " %" : "");
    int column = free_column(plot, row, columns_width(text));
    if (column < 0 && !full)
        return;
    screen_repeat(screen, &plot->area, row, 0, plot->area.columns, ROLE_DIM, GLYPH_PLOT_LEVEL);
    if (column > 0)
        screen_put(screen, &plot->area, row, column, ROLE_DIM, text);
}

/* What rounding may move an error by is no difference. */
#define SAME_ERROR 1e-9

static bool errs_less(const struct snapshot *snapshot, const struct curve_point *before,
                      const struct curve_point *point) {
    double error = plot_error(snapshot, point->figure);
    return point->grp < before->grp &&
           error < plot_error(snapshot, before->figure) * (1 - SAME_ERROR);
}

struct plot_turns plot_turns(const struct snapshot *snapshot) {
    const struct curve *lump = &snapshot->curve[CURVE_LUMP];
    struct plot_turns turns = {0};
    for (size_t i = 1; i < lump->count; i++) {
        turns.larger += lump->points[i].grp > lump->points[i - 1].grp;
        turns.better += errs_less(snapshot, &lump->points[i - 1], &lump->points[i]);
    }
    return turns;
}

static void draw_turns(const struct plot *plot) {
    const struct curve *lump = &plot->ui->snapshot->curve[CURVE_LUMP];
    for (size_t i = 1; i < lump->count; i++) {
        const struct curve_point *before = &lump->points[i - 1], *point = &lump->points[i];
        bool larger = point->grp > before->grp;
        if (larger || errs_less(plot->ui->snapshot, before, point))
            screen_put_glyph(plot->ui->screen, &plot->area, row_of(plot, point),
                             column_of(plot, point), ROLE_CURVE_LUMP,
                             larger ? GLYPH_PLOT_LARGER : GLYPH_PLOT_BETTER);
    }
}

/* Marks made under other options, in brackets, say nothing of these curves. */
static void draw_marks(const struct plot *plot) {
    const struct snapshot *snapshot = plot->ui->snapshot;
    struct screen *screen = plot->ui->screen;
    struct curve_point point;
    for (size_t i = 0; i < snapshot->mark_count; i++) {
        const struct mark_view *mark = &snapshot->marks[i];
        char name[MARK_NAME_SIZE], shown[4 * MARK_COLUMNS];
        if (!mark_point(mark, &point))
            continue;
        snprintf(name, sizeof name, "%s", mark->name);
        text_make_visible(name);
        columns_shorten(shown, sizeof shown, name, MARK_COLUMNS,
                        screen_glyph(screen, GLYPH_MARK_CUT));
        if (mark->here)
            screen_put(screen, &plot->area, row_of(plot, &point), column_of(plot, &point),
                       ROLE_MARK | INK_REVERSE, shown);
        else
            screen_format(screen, &plot->area, row_of(plot, &point), column_of(plot, &point),
                          ROLE_DIM, "(%s)", shown);
    }
}

/* Polished networks are single ones: each has a sign, and nothing is said of what lies between. */
static void draw_polished(const struct plot *plot) {
    const struct curve *curve = &plot->ui->snapshot->curve[CURVE_POLISH];
    for (size_t i = 0; i < curve->count; i++)
        screen_put_glyph(plot->ui->screen, &plot->area, row_of(plot, &curve->points[i]),
                         column_of(plot, &curve->points[i]), ROLE_CURVE_POLISH,
                         GLYPH_PLOT_POLISHED);
}

static void draw_marker(const struct plot *plot) {
    struct curve_point point;
    if (current_point(plot->ui->snapshot, &point))
        screen_put_glyph(plot->ui->screen, &plot->area, row_of(plot, &point),
                         column_of(plot, &point), ROLE_MARKER, GLYPH_MARKER);
}

void plot_draw(const struct plot *plot, bool full) {
    draw_level(plot, full);
    raster_draw(&plot->raster, plot->ui->screen, &plot->area);
    if (full)
        draw_turns(plot);
    draw_marks(plot);
    draw_polished(plot);
    draw_marker(plot);
}

void plot_draw_cursor(const struct plot *plot) {
    const struct curve_point *point = plot_cursor(plot->ui);
    struct screen *screen = plot->ui->screen;
    struct curve_point now;
    if (!point)
        return;
    int row = row_of(plot, point), column = column_of(plot, point);
    for (int below = row + 1; below < plot->area.rows; below++) {
        struct area box = {below, column, 1, 1};
        if (raster_count(&plot->raster, &box) == 0)
            screen_put_glyph(screen, &plot->area, below, column, ROLE_AXIS, GLYPH_PLOT_DOWN);
    }
    struct area axis = {plot->area.row + plot->area.rows, plot->area.column, 1, plot->area.columns};
    screen_put_glyph(screen, &axis, 0, column, ROLE_CURSOR, GLYPH_HALF_CURSOR_UPPER);
    if (!current_point(plot->ui->snapshot, &now) || row_of(plot, &now) != row ||
        column_of(plot, &now) != column)
        screen_put_glyph(screen, &plot->area, row, column, ROLE_CURSOR, GLYPH_PLOT_CURSOR);
}

void plot_draw_nothing(const struct ui *ui, const struct area *area) {
    const struct snapshot *snapshot = ui->snapshot;
    if (!snapshot->analysed)
        return;
    screen_put(ui->screen, area, area->rows / 2 - 1, 3, ROLE_LABEL,
               !snapshot->data_path               ? "Error needs data: type :data FILE"
               : snapshot_lacks_targets(snapshot) ? "No target columns: no error to show"
               : snapshot->work == WORK_SWEEPING  ? "The first points are on their way."
                                                  : "Press s to measure every size.");
}

/* ---- The cursor ---- */

const struct curve_point *plot_cursor(const struct ui *ui) {
    const struct curve *lump = &ui->snapshot->curve[CURVE_LUMP];
    double epsilon = isnan(ui->plot_cursor) ? ui->snapshot->epsilon : ui->plot_cursor;
    const struct curve_point *nearest = NULL;
    for (size_t i = 0; i < lump->count; i++) {
        const struct curve_point *point = &lump->points[i];
        if (isfinite(point->figure) &&
            (!nearest || fabs(point->epsilon - epsilon) < fabs(nearest->epsilon - epsilon)))
            nearest = point;
    }
    return nearest;
}

/* The order along the size axis: negative, when `a` lies left of `b`. */
static double compare_places(const struct curve_point *a, const struct curve_point *b) {
    return a->grp != b->grp ? a->grp - b->grp : b->epsilon - a->epsilon;
}

static bool step_cursor(struct ui *ui, bool right) {
    const struct curve *lump = &ui->snapshot->curve[CURVE_LUMP];
    const struct curve_point *from = plot_cursor(ui), *to = NULL;
    for (size_t i = 0; from && i < lump->count; i++) {
        const struct curve_point *point = &lump->points[i];
        double beyond = compare_places(point, from) * (right ? 1 : -1);
        if (isfinite(point->figure) && beyond > 0 &&
            (!to || compare_places(point, to) * (right ? 1 : -1) < 0))
            to = point;
    }
    if (to)
        ui->plot_cursor = to->epsilon;
    return to != NULL;
}

void plot_move(struct ui *ui, int step) {
    for (int left = step < 0 ? -step : step; left > 0 && step_cursor(ui, step > 0); left--)
        ;
}

void plot_enter(struct ui *ui) {
    const struct curve_point *point = plot_cursor(ui);
    if (!point)
        return;
    char line[TEXT_NUMBER_SIZE + 8], number[TEXT_NUMBER_SIZE];
    snprintf(line, sizeof line, "eps %s", text_number(point->epsilon, number));
    player_note_instead(ui->player, line); /* a script has no cursor */
    ui->plot_cursor = NAN;                 /* epsilon is there: the cursor follows it again */
    session_set_epsilon(ui->session, point->epsilon);
}

void plot_click(struct ui *ui, const struct area *area, int row, int column) {
    const struct curve *lump = &ui->snapshot->curve[CURVE_LUMP];
    const struct curve_point *nearest = NULL;
    double least = INFINITY;
    char number[TEXT_NUMBER_SIZE];
    struct plot plot;
    if (!plot_make(&plot, ui, area))
        return;
    for (size_t i = 0; i < lump->count; i++) {
        const struct curve_point *point = &lump->points[i];
        /* Characters are twice as high as wide. */
        double distance = isfinite(point->figure)
                              ? hypot(column_of(&plot, point) - (column - PLOT_AXIS - 1),
                                      2 * (row_of(&plot, point) - row))
                              : INFINITY;
        if (distance < least) {
            least = distance;
            nearest = point;
        }
    }
    if (!nearest)
        return;
    ui->plot_cursor = NAN;
    actions_run_format(ui, "eps %s", text_number(nearest->epsilon, number));
}
