/* Size against error in its pane. */
#include "lumpscope/text.h"
#include "tui/columns.h"
#include "tui/plot.h"

#include <stdio.h>

enum { SAMPLE_COLUMNS = 5, LEGEND_ENTRIES = CURVE_COUNT + 1 };

/* What the legend names: a curve, or (CURVE_COUNT) the current epsilon. */
struct legend {
    int entry[LEGEND_ENTRIES], count;
};

static struct legend legend_of(const struct snapshot *snapshot) {
    struct legend legend = {0};
    for (int c = 0; c < CURVE_COUNT; c++)
        if (snapshot->curve[c].count > 0)
            legend.entry[legend.count++] = c;
    legend.entry[legend.count++] = CURVE_COUNT;
    return legend;
}

static const char *entry_name(int entry) {
    return entry == CURVE_COUNT ? "now" : plot_curves[entry].name;
}

static int entry_columns(int entry) {
    return SAMPLE_COLUMNS + columns_width(entry_name(entry)) + 1;
}

static void draw_entry(const struct ui *ui, const struct area *area, int row, int column,
                       int entry) {
    if (entry == CURVE_COUNT)
        screen_put_glyph(ui->screen, area, row, column + 2, ROLE_MARKER, GLYPH_MARKER);
    else
        screen_put_glyph(ui->screen, area, row, column + 1, plot_curves[entry].ink,
                         plot_curves[entry].sample);
    screen_put(ui->screen, area, row, column + SAMPLE_COLUMNS, ROLE_LABEL, entry_name(entry));
}

/* A corner without dots, and clear of the original's error, for all entries below each other;
 * false: there is none. */
static bool legend_box(const struct plot *plot, const struct legend *legend, struct area *box) {
    int width = 0;
    for (int i = 0; i < legend->count; i++)
        if (entry_columns(legend->entry[i]) > width)
            width = entry_columns(legend->entry[i]);
    int down = plot->raster.rows - legend->count, right = plot->raster.columns - width, up = 0;
    int level = plot_level_row(plot);
    if (level >= down)
        down = level - legend->count;
    else if (level >= 0 && level < legend->count)
        up = level + 1;
    const int corners[4][2] = {{up, right}, {down, 0}, {up, 0}, {down, right}};
    for (int i = 0; down >= up && right >= 0 && i < 4; i++) {
        *box = (struct area){corners[i][0], corners[i][1], legend->count, width};
        if (raster_count(&plot->raster, box) == 0)
            return true;
    }
    return false;
}

/* The first place from `column` on where an entry is free of dots; -1: none in this row. */
static int free_place(const struct plot *plot, int row, int column, int width) {
    for (; column + width <= plot->raster.columns; column++)
        if (raster_count(&plot->raster, &(struct area){row, column, 1, width}) == 0)
            return column;
    return -1;
}

/* Row by row, wherever an entry leaves the curves in sight; what finds no place is in the legend of
 * the whole screen. */
static void draw_scattered(const struct ui *ui, const struct plot *plot,
                           const struct legend *legend) {
    int next = 0, level = plot_level_row(plot);
    for (int row = 0; row < plot->raster.rows; row += row + 1 == level ? 2 : 1)
        for (int column = 0; next < legend->count;) {
            int entry = legend->entry[next], width = entry_columns(entry);
            column = free_place(plot, row, column, width);
            if (column < 0)
                break;
            draw_entry(ui, &plot->area, row, column, entry);
            column += width;
            next++;
        }
}

/* Which stroke is which curve. */
static void draw_legend(const struct ui *ui, const struct plot *plot) {
    struct legend legend = legend_of(ui->snapshot);
    struct area box;
    if (!legend_box(plot, &legend, &box)) {
        draw_scattered(ui, plot, &legend);
        return;
    }
    for (int i = 0; i < legend.count; i++)
        draw_entry(ui, &plot->area, box.row + i, box.column, legend.entry[i]);
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
            "its rivals: pruning by magnitude and wanda, dropping neurons, and interpolative "
            "decomposition (id); stars are networks you polished. Lower is better; the mark is the "
            "current "
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
