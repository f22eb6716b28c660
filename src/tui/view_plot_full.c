/* Size against error over all panes: the plot, the numbers of the point under the cursor, and what
 * there is to say of the curve's shape. */
#include "lumpscope/text.h"
#include "tui/columns.h"
#include "tui/plot.h"
#include "tui/sheet.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    BLOCK_LEAST = 26,
    BLOCK_MOST = 44,
    VALUE = 14, /* column of values in the block */
    TOP = 2,    /* the rule and the label of the error axis */
    BOTTOM = 1, /* the label of the size axis */
    ROOMY = 18, /* rows of the block from which on it has gaps and all signs */
    NOTE_SIZE = 400
};

/* Sizes that differ by less, in percent of the parameters, are called the same. */
#define SAME_SIZE 1.0

static int block_columns(int columns) {
    int block = columns * 3 / 10;
    return block < BLOCK_LEAST ? BLOCK_LEAST : block > BLOCK_MOST ? BLOCK_MOST : block;
}

/* ---- What is said of the curve ---- */

/* Sentences about turns, one after the other; "" when there are none. */
static void turns_text(const struct ui *ui, char *out, size_t size) {
    struct plot_turns turns = plot_turns(ui->snapshot);
    struct screen *screen = ui->screen;
    int length = 0;
    *out = '\0';
    if (turns.better > 0)
        length = snprintf(out, size,
                          "%s %zu point%s smaller than the one before, yet with a smaller error: "
                          "a merge changes every output a little, which on the test rows can help "
                          "as well as hurt. ",
                          screen_glyph(screen, GLYPH_PLOT_BETTER), turns.better,
                          turns.better == 1 ? "" : "s");
    if (turns.larger > 0)
        snprintf(out + length, size - (size_t)length,
                 "%s %zu point%s of a larger %s, yet with more parameters: distances depend on the "
                 "classes of the neighbouring layer, so classes are found anew at every %s.",
                 screen_glyph(screen, GLYPH_PLOT_LARGER), turns.larger,
                 turns.larger == 1 ? "" : "s", screen_glyph(screen, GLYPH_EPSILON),
                 screen_glyph(screen, GLYPH_EPSILON));
}

static void draw_note(const struct ui *ui, const struct area *area, const char *note) {
    struct sheet sheet = {.screen = ui->screen, .area = area};
    sheet_wrap(&sheet, 1, 0, ROLE_LABEL, note);
}

/* ---- The numbers at the cursor ---- */

static void draw_pair(const struct ui *ui, const struct area *block, int row, const char *label,
                      const char *value) {
    screen_put(ui->screen, block, row, 1, ROLE_LABEL, label);
    screen_put(ui->screen, block, row, VALUE, ROLE_VALUE, value);
}

/* The point of a curve nearest to a size; NULL: there is none. */
static const struct curve_point *point_at(const struct curve *curve, double grp) {
    const struct curve_point *nearest = NULL;
    for (size_t i = 0; i < curve->count; i++)
        if (!nearest || fabs(curve->points[i].grp - grp) < fabs(nearest->grp - grp))
            nearest = &curve->points[i];
    return nearest;
}

static void error_text(const struct ui *ui, double figure, char *out, size_t size) {
    char number[TEXT_NUMBER_SIZE];
    bool share = ui->snapshot->task == TASK_CLASSIFICATION;
    snprintf(out, size, "%s%s", text_human(plot_error(ui->snapshot, figure), 4, number),
             share ? " %" : "");
}

static bool is_roomy(const struct area *block) {
    return block->rows >= ROOMY;
}

static int draw_place(const struct ui *ui, const struct area *block, int row,
                      const struct curve_point *point) {
    const struct curve *lump = &ui->snapshot->curve[CURVE_LUMP];
    char text[96];
    screen_format(ui->screen, block, row++, 1, ROLE_TITLE, "Point %zu of %zu",
                  (size_t)(point - lump->points) + 1, lump->count);
    text_human(point->epsilon, 4, text);
    draw_pair(ui, block, row++, screen_glyph(ui->screen, GLYPH_EPSILON), text);
    snprintf(text, sizeof text, "%zu", point->parameters);
    draw_pair(ui, block, row++, "parameters", text);
    snprintf(text, sizeof text, "%.1f %%", point->grp);
    draw_pair(ui, block, row++, "kept", text);
    return row + is_roomy(block);
}

/* A rival cannot be had at every size: elsewhere the size belongs to the figure. */
static void draw_method(const struct ui *ui, const struct area *block, int row, int c, double grp) {
    const struct curve_point *point = point_at(&ui->snapshot->curve[c], grp);
    char text[64];
    error_text(ui, point->figure, text, sizeof text);
    if (fabs(point->grp - grp) > SAME_SIZE) {
        size_t length = strlen(text);
        snprintf(text + length, sizeof text - length, " at %.1f %%", point->grp);
        if (VALUE + 1 + columns_width(text) > block->columns)
            snprintf(text, sizeof text, "other sizes");
    }
    screen_put_glyph(ui->screen, block, row, 1, plot_curves[c].ink, plot_curves[c].sample);
    screen_put(ui->screen, block, row, 5, ROLE_LABEL, plot_curves[c].name);
    screen_put(ui->screen, block, row, VALUE + 1, ROLE_VALUE, text);
}

/* The figures of all methods; their strokes make it the legend as well. */
static int draw_methods(const struct ui *ui, const struct area *block, int row,
                        const struct curve_point *at) {
    char text[64];
    screen_format(ui->screen, block, row++, 1, ROLE_TITLE, "%s at this size",
                  plot_unit(ui->snapshot));
    for (int c = 0; c < CURVE_COUNT; c++)
        if (ui->snapshot->curve[c].count > 0)
            draw_method(ui, block, row++, c, at->grp);
    if (ui->snapshot->before.state == FIGURE_EXACT) {
        error_text(ui, ui->snapshot->before.value, text, sizeof text);
        screen_repeat(ui->screen, block, row, 1, 3, ROLE_DIM, GLYPH_PLOT_LEVEL);
        screen_put(ui->screen, block, row, 5, ROLE_LABEL, "original");
        screen_put(ui->screen, block, row++, VALUE + 1, ROLE_VALUE, text);
    }
    return row + is_roomy(block);
}

/* What the other signs mean. */
static void draw_signs(const struct ui *ui, const struct area *block, int row) {
    char number[TEXT_NUMBER_SIZE];
    bool here = false, elsewhere = false;
    screen_put_glyph(ui->screen, block, row, 2, ROLE_MARKER, GLYPH_MARKER);
    screen_format(ui->screen, block, row++, 5, ROLE_LABEL, "now, %s %s",
                  screen_glyph(ui->screen, GLYPH_EPSILON),
                  text_human(ui->snapshot->epsilon, 4, number));
    if (is_roomy(block)) {
        screen_put_glyph(ui->screen, block, row, 2, ROLE_CURSOR, GLYPH_PLOT_CURSOR);
        screen_put(ui->screen, block, row++, 5, ROLE_LABEL, "cursor");
    }
    for (size_t i = 0; i < ui->snapshot->mark_count; i++) {
        bool known = isfinite(ui->snapshot->marks[i].figure);
        here |= known && ui->snapshot->marks[i].here;
        elsewhere |= known && !ui->snapshot->marks[i].here;
    }
    if (here) {
        screen_put(ui->screen, block, row, 2, ROLE_MARK | INK_REVERSE, "a");
        screen_put(ui->screen, block, row++, 5, ROLE_LABEL, "your marks");
    }
    if (elsewhere) {
        screen_put(ui->screen, block, row, 1, ROLE_DIM, "(b)");
        screen_put(ui->screen, block, row, 5, ROLE_LABEL, "with other options");
    }
}

static void draw_block(const struct ui *ui, const struct area *block) {
    const struct curve_point *point = plot_cursor(ui);
    struct area separator = {block->row, block->column - 1, block->rows, 1};
    for (int row = 0; row < separator.rows; row++)
        screen_put_glyph(ui->screen, &separator, row, 0, ROLE_FRAME, GLYPH_VERTICAL);
    if (point)
        draw_signs(ui, block, draw_methods(ui, block, draw_place(ui, block, 0, point), point));
}

/* ---- The whole ---- */

static void draw_rule(const struct ui *ui, const struct area *area) {
    struct screen *screen = ui->screen;
    screen_repeat(screen, area, 0, 0, area->columns, ROLE_FRAME, GLYPH_HORIZONTAL);
    screen_format(screen, area, 0, 1, ROLE_TITLE_FOCUS, "%sSize against error ",
                  screen_glyph(screen, GLYPH_ROW_MARK));
}

static void draw_labels(const struct ui *ui, const struct area *area, const struct plot *plot) {
    char text[96];
    screen_format(ui->screen, area, 1, 1, ROLE_LABEL, "%s, log scale", plot_unit(ui->snapshot));
    snprintf(text, sizeof text, "parameters kept, %% of %zu (GRP)",
             ui->snapshot->original_parameters);
    int row = plot->area.row + plot->area.rows + PLOT_AXIS_ROWS - area->row;
    int column = plot->area.column + plot->area.columns - columns_width(text);
    screen_put(ui->screen, area, row, column, ROLE_LABEL, text);
}

/* Where everything lies: the note at the bottom takes rows from what stands above it. */
struct parts {
    struct area plot, block, note;
    char text[NOTE_SIZE];
};

static void arrange(struct parts *parts, const struct ui *ui, const struct area *area) {
    turns_text(ui, parts->text, sizeof parts->text);
    int note = columns_lines(parts->text, area->columns - 2), end = area->row + area->rows - note;
    int block = block_columns(area->columns), row = area->row;
    parts->plot =
        (struct area){row + TOP, area->column, end - row - TOP - BOTTOM, area->columns - block - 1};
    parts->block =
        (struct area){row + 1, area->column + area->columns - block, end - row - 1, block};
    parts->note = (struct area){end, area->column, note, area->columns};
}

void plot_full_draw(const struct ui *ui, const struct area *area) {
    struct parts parts;
    struct plot plot;
    arrange(&parts, ui, area);
    draw_rule(ui, area);
    if (!plot_make(&plot, ui, &parts.plot)) {
        plot_draw_nothing(ui, area);
        return;
    }
    plot_draw_axes(&plot);
    draw_labels(ui, area, &plot);
    plot_draw(&plot, true);
    plot_draw_cursor(&plot);
    draw_note(ui, &parts.note, parts.text);
    draw_block(ui, &parts.block);
}

void plot_full_click(struct ui *ui, const struct area *area, int row, int column) {
    struct parts parts;
    arrange(&parts, ui, area);
    row += area->row - parts.plot.row;
    column += area->column - parts.plot.column;
    if (row >= 0 && row < parts.plot.rows && column < parts.plot.columns)
        plot_click(ui, &parts.plot, row, column);
}
