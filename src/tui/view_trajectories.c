/* A class over time: what its members sum up to in the original network, what the merged neuron
 * says that sum is in the reduced one, and where the two are furthest apart. */
#include "lumpscope/text.h"
#include "tui/axis.h"
#include "tui/columns.h"
#include "tui/raster.h"
#include "tui/sheet.h"
#include "tui/view_class.h"

#include <math.h>
#include <stdio.h>

enum {
    MARGIN = 2,    /* columns left of the words */
    LABELS = 9,    /* columns left of the value axis */
    ROOMY = 16,    /* rows from which on the words that explain are shown */
    LEAST = 3,     /* rows of the plot at least */
    TIME_TICK = 8, /* columns that a label of the time axis wants */
};

/* The reduced one lies above: where both are one line its dashes show. */
enum { REDUCED, ORIGINAL, CURVES };
static const struct raster_pen pens[CURVES] = {{STROKE_DASHES, ROLE_CURVE_LUMP, 'x'},
                                               {STROKE_LINE, ROLE_TEXT, 'o'}};

/* A gap below this share of the largest value is the integration's, not the networks'. */
#define NO_GAP 1e-6

/* Both axes, and where the dots lie. */
struct picture {
    const struct ui *ui;
    const struct trajectory_view *view;
    struct area plot; /* without the axes */
    struct axis time, value;
    struct raster raster;
};

/* ---- The plot ---- */

/* Round ticks, up to the end and no further. */
static void choose_time(struct axis *time, double end, int ticks) {
    axis_choose_linear(time, 0, end, ticks);
    while (time->count > 2 && time->tick[time->count - 1] > end)
        time->count--;
    time->high = end;
}

static void choose_axes(struct picture *picture) {
    const struct trajectory_pair *pair = &picture->view->pair;
    double low = 0, high = 0;
    for (size_t i = 0; i < pair->points; i++) {
        low = fmin(low, fmin(pair->original[i], pair->reduced[i]));
        high = fmax(high, fmax(pair->original[i], pair->reduced[i]));
    }
    int steps = (picture->plot.rows - 1) / 2, ticks = picture->plot.columns / TIME_TICK;
    axis_choose_linear(&picture->value, low, high, steps < 2 ? 2 : steps);
    choose_time(&picture->time, pair->time[pair->points - 1], ticks < 2 ? 2 : ticks);
}

static int dot_x(const struct picture *picture, double time) {
    return raster_x(&picture->raster, time / picture->time.high);
}

static int dot_y(const struct picture *picture, double value) {
    return axis_dot(&picture->value, value, picture->plot.rows * RASTER_DOWN);
}

static void rasterise(struct picture *picture) {
    const struct trajectory_pair *pair = &picture->view->pair;
    const double *values[CURVES] = {[REDUCED] = pair->reduced, [ORIGINAL] = pair->original};
    for (int c = 0; c < CURVES; c++) {
        int step = 0;
        for (size_t i = 1; i < pair->points; i++) {
            int x = dot_x(picture, pair->time[i - 1]), y = dot_y(picture, values[c][i - 1]);
            raster_line(&picture->raster, c, x, y, dot_x(picture, pair->time[i]),
                        dot_y(picture, values[c][i]), &step);
            step--; /* the end of a line is the beginning of the next */
        }
    }
}

static void draw_value_axis(const struct picture *picture) {
    const struct area *plot = &picture->plot;
    struct screen *screen = picture->ui->screen;
    struct area left = {plot->row, plot->column - LABELS - 1, plot->rows + 1, LABELS + 1};
    char number[TEXT_NUMBER_SIZE];
    for (int row = 0; row < plot->rows; row++)
        screen_put_glyph(screen, &left, row, LABELS, ROLE_AXIS, GLYPH_VERTICAL);
    screen_put_glyph(screen, &left, plot->rows, LABELS, ROLE_AXIS, GLYPH_AXIS_CORNER);
    for (size_t i = 0; i < picture->value.count; i++) {
        int row = dot_y(picture, picture->value.tick[i]) / RASTER_DOWN;
        axis_linear_label(&picture->value, i, number);
        screen_put(screen, &left, row, LABELS - 1 - columns_width(number), ROLE_AXIS, number);
        screen_put_glyph(screen, &left, row, LABELS, ROLE_AXIS, GLYPH_TICK_LEFT);
    }
}

/* The axis, and its numbers below; the last is named. */
static void draw_time_axis(const struct picture *picture) {
    const struct area *plot = &picture->plot;
    struct screen *screen = picture->ui->screen;
    struct area below = {plot->row + plot->rows, plot->column, 2, plot->columns};
    char number[TEXT_NUMBER_SIZE], text[TEXT_NUMBER_SIZE + 4];
    screen_repeat(screen, &below, 0, 0, below.columns, ROLE_AXIS, GLYPH_HORIZONTAL);
    for (size_t i = 0; i < picture->time.count; i++) {
        int column = dot_x(picture, picture->time.tick[i]) / RASTER_ACROSS;
        snprintf(text, sizeof text, i ? "%s" : "t = %s",
                 axis_linear_label(&picture->time, i, number));
        int start = i ? column - columns_width(text) / 2 : 0;
        if (start + columns_width(text) > below.columns)
            start = below.columns - columns_width(text);
        screen_put_glyph(screen, &below, 0, column, ROLE_AXIS, GLYPH_TICK_DOWN);
        screen_put(screen, &below, 1, start, ROLE_AXIS, text);
    }
}

static bool has_gap(const struct trajectory_view *view) {
    return view->pair.gap > NO_GAP * view->largest;
}

/* A line down the plot at the time of the largest gap, under the curves, to its sign on the axis.
 */
static void draw_gap(const struct picture *picture) {
    const struct trajectory_pair *pair = &picture->view->pair;
    struct area plot = picture->plot;
    int column = dot_x(picture, pair->gap_time) / RASTER_ACROSS;
    if (!has_gap(picture->view))
        return;
    for (int row = 0; row < plot.rows; row++)
        screen_put_glyph(picture->ui->screen, &plot, row, column, ROLE_MARK, GLYPH_VERTICAL);
    plot.rows++;
    screen_put_glyph(picture->ui->screen, &plot, plot.rows - 1, column, ROLE_MARKER, GLYPH_MARKER);
}

static void draw_picture(const struct ui *ui, const struct trajectory_view *view,
                         const struct area *area) {
    struct picture picture = {.ui = ui, .view = view};
    picture.plot = (struct area){area->row, area->column + LABELS + 1, area->rows - 2,
                                 area->columns - LABELS - 2};
    if (picture.plot.rows < LEAST)
        return;
    if (picture.plot.rows > RASTER_CELLS / picture.plot.columns)
        picture.plot.rows = RASTER_CELLS / picture.plot.columns;
    picture.raster.rows = picture.plot.rows;
    picture.raster.columns = picture.plot.columns;
    picture.raster.pens = pens;
    choose_axes(&picture);
    rasterise(&picture);
    draw_value_axis(&picture);
    draw_time_axis(&picture);
    draw_gap(&picture);
    raster_draw(&picture.raster, ui->screen, &picture.plot);
}

/* ---- The words ---- */

/* "original: sum of 4 neurons", or in fewer words. */
static void curve_name(const struct detail *detail, int curve, bool brief, char *out, size_t size) {
    const struct trajectory_view *view = &detail->trajectory;
    size_t count = curve == ORIGINAL ? view->members : view->merged;
    const char *plural = count == 1 ? "" : "s";
    if (curve == ORIGINAL && count == 1)
        snprintf(out, size, "original: neuron %zu", detail->neuron);
    else if (curve == ORIGINAL)
        snprintf(out, size, brief ? "original: sum of %zu" : "original: sum of %zu neurons", count);
    else if (count == 0)
        snprintf(out, size, "reduced: no neuron, 0");
    else if (view->members == 1)
        snprintf(out, size, "reduced: %zu neuron%s", count, plural);
    else
        snprintf(out, size, brief ? "reduced: %zu merged" : "reduced: %zu merged neuron%s", count,
                 brief ? "" : plural);
}

static void draw_legend(const struct ui *ui, const struct detail *detail, const struct area *line) {
    static const enum glyph samples[CURVES] = {GLYPH_STROKE_REDUCED, GLYPH_STROKE_ORIGINAL};
    char names[CURVES][64];
    for (int brief = 0; brief < 2; brief++) {
        int columns = 0;
        for (int c = 0; c < CURVES; c++) {
            curve_name(detail, c, brief, names[c], sizeof names[c]);
            columns += columns_width(names[c]) + 7;
        }
        if (columns <= line->columns)
            break;
    }
    int column = 2;
    for (int c = CURVES - 1; c >= 0; c--) {
        column = screen_put_glyph(ui->screen, line, 0, column, pens[c].ink, samples[c]);
        column = screen_put(ui->screen, line, 0, column + 1, ROLE_LABEL, names[c]) + 3;
    }
}

/* Of a class that joint has merged the sum is not what has been kept: a gap is not yet an error. */
static bool sum_is_free(const struct ui *ui, const struct trajectory_view *view) {
    return ui->snapshot->options.relation == RELATION_JOINT && view->members > 1 && has_gap(view);
}

static void gap_text(const struct screen *screen, const struct trajectory_view *view, bool brief,
                     struct text *text) {
    char gap[TEXT_NUMBER_SIZE], time[TEXT_NUMBER_SIZE], share[TEXT_NUMBER_SIZE];
    if (!has_gap(view)) {
        text_append(text, view->pair.gap == 0 ? "no gap: both are equal at all times"
                                              : "no gap: both agree to a millionth");
        return;
    }
    text_format(text, "%s largest gap %s at t = %s", screen_glyph(screen, GLYPH_MARKER),
                text_human(view->pair.gap, 3, gap), text_human(view->pair.gap_time, 2, time));
    if (view->largest > 0)
        text_format(text, " (%s %% of %s)",
                    text_human(100 * view->pair.gap / view->largest, 2, share),
                    brief                ? "peak"
                    : view->members == 1 ? "its largest value"
                                         : "the sum's largest value");
}

static void rest_text(const struct trajectory_view *view, struct text *text) {
    char original[TEXT_NUMBER_SIZE], reduced[TEXT_NUMBER_SIZE];
    size_t last = view->pair.points - 1;
    text_format(text, "at rest: %s and %s (the forward pass)",
                text_human(view->pair.original[last], 4, original),
                text_human(view->pair.reduced[last], 4, reduced));
}

/* What drives the network, and how to change it. */
static void row_text(const struct trajectory_view *view, struct text *text) {
    if (view->rows > 0)
        text_format(text, "Test row %zu of %zu; [ and ] choose another.", view->row + 1,
                    view->rows);
    else
        text_append(text, "The mean input, as there is no data.");
}

static void words_text(const struct detail *detail, struct text *text) {
    text_append(text, "The inputs are held; every neuron starts at 0 and settles at its value in "
                      "the forward pass. In one unit of time t a neuron left alone falls to 37 %.");
    if (detail->trajectory.members == 1)
        text_append(text, " This one is alone in its class: what differs comes from the layers "
                          "before it.");
    else
        text_append(text, " The merged neuron is weighted to match the sum.");
}

/* Why a gap need not cost accuracy, where the sum is free to change. */
static void free_text(bool brief, struct text *text) {
    text_append(text, brief ? "Joint keeps what a class sends, not this sum."
                            : "Joint keeps what a class sends on, not this sum: members that send "
                              "little may differ, and a constant goes into the bias of what reads "
                              "them. So a gap here need not cost accuracy.");
}

/* The words under the plot; in a low pane those that name numbers. */
static void put_all_words(struct sheet *sheet, const struct ui *ui, const struct detail *detail) {
    const struct trajectory_view *view = &detail->trajectory;
    bool brief = sheet->area->rows < ROOMY;
    struct text text = {0};
    gap_text(sheet->screen, view, brief, &text);
    sheet_wrap_text(sheet, MARGIN, 0, ROLE_VALUE, &text);
    rest_text(view, &text);
    sheet_wrap_text(sheet, MARGIN, 0, ROLE_TEXT, &text);
    if (sum_is_free(ui, view)) {
        free_text(brief, &text);
        sheet_wrap_text(sheet, MARGIN, 0, ROLE_TEXT, &text);
    }
    if (brief)
        return;
    row_text(view, &text);
    sheet_wrap_text(sheet, MARGIN, 0, ROLE_LABEL, &text);
    if (!sum_is_free(ui, view)) /* the help says it too, and the plot needs room */
        words_text(detail, &text);
    sheet_wrap_text(sheet, MARGIN, 0, ROLE_DIM, &text);
}

static void draw(const struct ui *ui, const struct area *area) {
    const struct detail *detail = class_detail(ui, area);
    if (!detail)
        return;
    struct sheet words = {.screen = ui->screen, .area = area, .first = area->rows};
    put_all_words(&words, ui, detail);
    int lines = words.line;
    words.line = 0;
    words.first = lines - area->rows;
    put_all_words(&words, ui, detail);
    struct area legend = {area->row, area->column, 1, area->columns};
    struct area plot = {area->row + 1, area->column, area->rows - 1 - lines, area->columns};
    draw_legend(ui, detail, &legend);
    draw_picture(ui, &detail->trajectory, &plot);
}

static void title(const struct ui *ui, int columns, char *out, size_t size) {
    char text[256], what[48], drive[64] = "mean input";
    const struct detail *detail = ui_detail(ui, text, sizeof text);
    if (!detail) {
        snprintf(out, size, "Trajectories");
        ui_title_work(ui, out, size);
        return;
    }
    const struct trajectory_view *view = &detail->trajectory;
    if (view->members == 1)
        snprintf(what, sizeof what, "neuron %zu", detail->neuron);
    else
        snprintf(what, sizeof what, "class %zu", detail->class_id);
    if (view->rows > 0)
        snprintf(drive, sizeof drive, "test row %zu of %zu", view->row + 1, view->rows);
    snprintf(out, size, "Layer %zu, %s over time, %s", detail->layer, what, drive);
    if (columns_width(out) > columns)
        snprintf(out, size, "Layer %zu, %s, %s", detail->layer, what, drive);
    ui_title_work(ui, out, size);
}

static void move(struct ui *ui, int down, int right) {
    size_t rows = ui_rows(ui), up = down < 0 ? (size_t)-down : 0;
    size_t row = down < 0 ? ui->row - (up < ui->row ? up : ui->row) : ui->row + (size_t)down;
    if (right != 0)
        class_step(ui, right);
    else if (rows > 0)
        ui_choose_row(ui, row < rows ? row : rows - 1);
}

static void watch(const struct ui *ui, const struct area *area, struct watch *watch) {
    (void)area;
    watch->row = ui->row;
}

const struct view view_trajectories = {
    .help = "The class over time: its members' sum in the original network against what the merged "
            "neuron says it is in the reduced one, while the inputs are held and every neuron goes "
            "from 0 to its value in the forward pass. Joint keeps what a class sends, not this "
            "sum, so there a gap need not cost accuracy. Up and Down, or [ and ], choose the test "
            "row that drives both.",
    .detail = DETAIL_TRAJECTORY,
    .title = title,
    .draw = draw,
    .move = move,
    .enter = ui_enter_inspector,
    .watch = watch,
};
