/* Size against error in its pane. */
#include "lumpscope/text.h"
#include "tui/columns.h"
#include "tui/plot.h"

#include <stdio.h>

enum { LEGEND_COLUMNS = 15 };

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
static void draw_legend(const struct ui *ui, const struct plot *plot) {
    int rows = 1, row = 0;
    for (int c = 0; c < CURVE_COUNT; c++)
        rows += ui->snapshot->curve[c].count > 0;
    if (rows > plot->area.rows || LEGEND_COLUMNS > plot->area.columns)
        return;
    struct area box = legend_box(&plot->raster, rows);
    box.row += plot->area.row;
    box.column += plot->area.column;
    screen_fill(ui->screen, &box, ROLE_TEXT);
    for (int c = 0; c < CURVE_COUNT; c++) {
        if (ui->snapshot->curve[c].count == 0)
            continue;
        screen_put_glyph(ui->screen, &box, row, 1, plot_curves[c].ink, plot_curves[c].sample);
        screen_put(ui->screen, &box, row++, 5, ROLE_LABEL, plot_curves[c].name);
    }
    screen_put_glyph(ui->screen, &box, row, 2, ROLE_MARKER, GLYPH_MARKER);
    screen_put(ui->screen, &box, row, 5, ROLE_LABEL, "now");
}

/* Instead of a title while the cursor is here: what is under it. */
static bool point_title(const struct ui *ui, int columns, char *out, size_t size) {
    const struct curve_point *point = ui->pane == PANE_PLOT ? plot_cursor(ui) : NULL;
    const char *epsilon = screen_glyph(ui->screen, GLYPH_EPSILON);
    char at[TEXT_NUMBER_SIZE], error[TEXT_NUMBER_SIZE];
    if (!point)
        return false;
    text_human(point->epsilon, 4, at);
    text_human(plot_error(ui->snapshot, point->figure), 4, error);
    bool share = ui->snapshot->task == TASK_CLASSIFICATION;
    snprintf(out, size, "%s %s: %.1f %%, %s %s%s; Enter goes there", epsilon, at, point->grp,
             share ? "errors" : "test MSE", error, share ? " %" : "");
    if (columns_width(out) > columns)
        snprintf(out, size, "%s %s: %.1f %%, %s %s%s", epsilon, at, point->grp,
                 share ? "err." : "MSE", error, share ? " %" : "");
    return true;
}

static void title(const struct ui *ui, int columns, char *out, size_t size) {
    static const char *const forms[2][3] = {
        {"Test MSE (log) against size (%)", "Test MSE (log), size (%)", "Test MSE"},
        {"Test errors in % (log) against size (%)", "Test errors % (log) against size %",
         "Test errors in %"}};
    const char *const *form = forms[ui->snapshot->task == TASK_CLASSIFICATION];
    int i = 0;
    if (point_title(ui, columns, out, size))
        return;
    while (i < 2 && columns_width(form[i]) > columns)
        i++;
    snprintf(out, size, "%s", form[i]);
}

static void draw(const struct ui *ui, const struct area *area) {
    struct plot plot;
    if (!plot_make(&plot, ui, area)) {
        plot_draw_nothing(ui, area);
        return;
    }
    plot_draw_axes(&plot);
    plot_draw(&plot, false);
    draw_legend(ui, &plot);
    if (ui->pane == PANE_PLOT)
        plot_draw_cursor(&plot);
}

/* Along the curve: the wheel moves it too. */
static void move(struct ui *ui, int down, int right) {
    plot_move(ui, right - down);
}

const struct view view_plot = {
    .help = "The error on the test rows of every size the sweep measured, for lumping and for "
            "pruning by magnitude and wanda. Lower is better; the mark is the current "
            "epsilon, the level line the original's error, letters are your marks (in brackets: "
            "made with other options). Of a "
            "classifier the plot shows the errors, the test rows it gets wrong: "
            "100 % minus the accuracy in the numbers pane.",
    .title = title,
    .draw = draw,
    .move = move,
    .enter = plot_enter,
    .click = plot_click,
};
