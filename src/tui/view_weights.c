/* The weights of a layer as a matrix: its neurons down, what they read or send to across, both
 * grouped by class, so that blocks appear as classes grow. */
#include "lumpscope/text.h"
#include "tui/actions.h"
#include "tui/columns.h"
#include "tui/ui.h"

#include <math.h>
#include <stdio.h>

/* From TALL_ROWS on the numbers of the classes across stand over their line, else in it. Cells are
 * at most WIDEST columns wide, those with names NAMED. Wide cells end in a blank. */
enum { TALL_ROWS = 14, FOOT_ROWS = 2, WIDEST = 4, NAMED = 12, LABEL_SIZE = 128, SHADES = 4 };

/* What is smaller, as a share of the peak, is left blank. */
#define BLANK_SHARE 0.0625

/* Where everything lies in the pane. */
struct plan {
    const struct ui *ui;
    const struct weights_view *weights;
    int head, gutter;  /* text rows over, columns left of the cells */
    int rows, columns; /* room for cells */
    int width;         /* columns of a cell */
    bool row_gaps, column_gaps;
    size_t first_row, first_column; /* in sight */
};

/* ---- Places ---- */

static int head_rows(const struct area *area) {
    return area->rows >= TALL_ROWS ? 2 : 1;
}

/* The mark of the cursor, the number of a class or "dead", the class's line. */
static int gutter_columns(const struct ui *ui) {
    const struct layer_view *layer = &ui->snapshot->layers[ui->layer - 1];
    int number = columns_digits(layer->neurons);
    return 3 + (layer->dead > 0 && number < 4 ? 4 : number);
}

static size_t count_begins(const bool *begins, size_t first, size_t end) {
    size_t count = 0;
    for (size_t i = first + 1; i < end; i++)
        count += begins[i];
    return count;
}

/* Columns from the first cell in sight to the left edge of cell `i`. */
static int cell_column(const struct plan *plan, size_t i) {
    size_t gaps = plan->column_gaps
                      ? count_begins(plan->weights->column_begins, plan->first_column, i + 1)
                      : 0;
    return (int)((i - plan->first_column) * (size_t)plan->width + gaps);
}

static int cell_row(const struct plan *plan, size_t i) {
    size_t gaps =
        plan->row_gaps ? count_begins(plan->weights->row_begins, plan->first_row, i + 1) : 0;
    return (int)(i - plan->first_row + gaps);
}

/* Inputs and outputs have names where the network knows them. */
static char *const *side_names(const struct plan *plan) {
    const struct network *network = plan->ui->snapshot->network;
    const struct scaling *side = plan->weights->outgoing ? &network->output : &network->input;
    bool whole = plan->weights->columns == plan->weights->column_neurons;
    return plan->weights->other == 0 && whole ? side->names : NULL;
}

/* What stands over a cell: a class's number where it begins, an input's or output's name or number;
 * `out` has LABEL_SIZE bytes. */
static const char *column_label(const struct plan *plan, size_t i, char *out) {
    const struct weights_view *weights = plan->weights;
    char *const *names = side_names(plan);
    out[0] = '\0';
    if (names)
        snprintf(out, LABEL_SIZE, "%s", names[weights->column_first[i]]);
    else if (weights->other == 0)
        snprintf(out, LABEL_SIZE, "%zu", weights->column_first[i]);
    else if (weights->column_class[i] == PARTITION_DEAD)
        snprintf(out, LABEL_SIZE, weights->column_begins[i] ? "dead" : "");
    else if (weights->column_begins[i])
        snprintf(out, LABEL_SIZE, "%u", weights->column_class[i]);
    text_make_visible(out);
    return out;
}

static int widest_label(const struct plan *plan) {
    char label[LABEL_SIZE];
    int most = 1;
    for (size_t i = 0; i < plan->weights->columns; i++) {
        int width = columns_width(column_label(plan, i, label));
        most = width > most ? width : most;
    }
    return most;
}

/* The widest cells that fit, with gaps between the classes if there is room for them. */
static void plan_widths(struct plan *plan) {
    const struct weights_view *weights = plan->weights;
    int label = widest_label(plan) + 1, most = weights->other == 0 ? NAMED : WIDEST;
    size_t gaps =
        weights->other == 0 ? 0 : count_begins(weights->column_begins, 0, weights->columns);
    label = label > WIDEST ? label : WIDEST;
    plan->width = label < most ? label : most;
    while (plan->width > 1 && weights->columns * (size_t)plan->width + gaps > (size_t)plan->columns)
        plan->width--;
    bool single = weights->columns == weights->column_neurons;
    plan->column_gaps = gaps > 0 && (weights->columns + gaps <= (size_t)plan->columns ||
                                     (plan->ui->matrix.zoom > 0 && single));
}

static void plan_scroll(struct plan *plan) {
    const struct pan *pan = &plan->ui->matrix;
    size_t rows = plan->weights->rows, columns = plan->weights->columns;
    plan->first_row = (size_t)pan->row < rows ? (size_t)pan->row : 0;
    plan->first_column = (size_t)pan->column < columns ? (size_t)pan->column : 0;
}

/* Lays the detail out for an area; false when there is nothing to show: `text` (`size` bytes) then
 * says why. */
static bool plan_make(struct plan *plan, const struct ui *ui, const struct area *area, char *text,
                      size_t size) {
    const struct detail *detail = ui_detail(ui, text, size);
    if (!detail || detail->weights.rows == 0 || detail->weights.columns == 0)
        return false;
    const struct weights_view *weights = &detail->weights;
    *plan = (struct plan){.ui = ui, .weights = weights};
    plan->head = head_rows(area);
    plan->gutter = gutter_columns(ui);
    plan->rows = area->rows - plan->head - FOOT_ROWS;
    plan->columns = area->columns - plan->gutter - 1;
    plan_widths(plan);
    size_t gaps = count_begins(weights->row_begins, 0, weights->rows);
    plan->row_gaps = weights->rows + gaps <= (size_t)plan->rows ||
                     (ui->matrix.zoom > 0 && weights->rows == weights->row_neurons);
    plan_scroll(plan);
    return plan->rows > 0 && plan->columns > 0;
}

static bool row_in_sight(const struct plan *plan, size_t i) {
    return i >= plan->first_row && i < plan->weights->rows && cell_row(plan, i) < plan->rows;
}

static bool column_in_sight(const struct plan *plan, size_t i) {
    return i >= plan->first_column && i < plan->weights->columns &&
           cell_column(plan, i) + plan->width <= plan->columns;
}

/* The row of the cursor's neuron: the last that does not begin behind it. */
static size_t cursor_row(const struct plan *plan) {
    const struct weights_view *weights = plan->weights;
    const struct ui *ui = plan->ui;
    const struct classes *classes = &ui->snapshot->partition.layer[ui->layer - 1];
    uint32_t class_id =
        ui->neuron < classes->neurons ? classes->class_of[ui->neuron] : PARTITION_DEAD;
    size_t row = 0;
    for (size_t i = 0; i < weights->rows; i++)
        if (weights->row_class[i] < class_id ||
            (weights->row_class[i] == class_id && weights->row_first[i] <= ui->neuron))
            row = i;
    return row;
}

/* ---- Edges ---- */

/* The line along the cells of a class, in its colour and of every other class another stroke. */
static enum glyph edge(uint32_t class_id, bool down) {
    if (down)
        return class_id % 2 ? GLYPH_EDGE_ODD : GLYPH_EDGE_EVEN;
    return class_id % 2 ? GLYPH_HORIZONTAL : GLYPH_MERGED_HORIZONTAL;
}

static unsigned column_ink(const struct plan *plan, size_t i) {
    const struct weights_view *weights = plan->weights;
    return weights->other == 0 ? ROLE_AXIS
                               : ui_class_ink(plan->ui, weights->other, weights->column_class[i]);
}

/* A label only where the one before has left room; names are shortened to their cell. */
static void draw_column_labels(const struct plan *plan, const struct area *area) {
    struct screen *screen = plan->ui->screen;
    char label[LABEL_SIZE], shown[LABEL_SIZE];
    int free_from = 0, room = plan->width > 2 ? plan->width - 1 : NAMED;
    for (size_t i = plan->first_column; column_in_sight(plan, i); i++) {
        int at = cell_column(plan, i);
        columns_shorten(shown, sizeof shown, column_label(plan, i, label),
                        side_names(plan) ? room : NAMED, screen_glyph(screen, GLYPH_MARK_CUT));
        int width = columns_width(shown);
        if (width == 0 || at < free_from || at + width > plan->columns)
            continue;
        screen_put(screen, area, 0, plan->gutter + at, column_ink(plan, i), shown);
        free_from = at + width + 1;
    }
}

static void draw_columns_edge(const struct plan *plan, const struct area *area) {
    const struct weights_view *weights = plan->weights;
    for (size_t i = plan->first_column; column_in_sight(plan, i); i++) {
        uint32_t class_id = weights->other == 0 ? 1 : weights->column_class[i];
        screen_repeat(plan->ui->screen, area, plan->head - 1, plan->gutter + cell_column(plan, i),
                      plan->width, column_ink(plan, i), edge(class_id, false));
    }
}

static void draw_row_edge(const struct plan *plan, const struct area *area, size_t i) {
    const struct ui *ui = plan->ui;
    uint32_t class_id = plan->weights->row_class[i];
    int row = plan->head + cell_row(plan, i), number = plan->gutter - 3;
    unsigned ink = ui_class_ink(ui, ui->layer, class_id);
    bool cursor = i == cursor_row(plan);
    bool first = i == plan->first_row || class_id != plan->weights->row_class[i - 1];
    if (cursor)
        screen_put_glyph(ui->screen, area, row, 0, ROLE_KEY, GLYPH_ROW_MARK);
    if ((cursor || first) && class_id == PARTITION_DEAD)
        screen_put(ui->screen, area, row, 1, cursor ? ROLE_CURSOR : ink, "dead");
    else if (cursor || first)
        screen_format(ui->screen, area, row, 1, cursor ? ROLE_CURSOR : ink, "%*u", number,
                      class_id);
    screen_put_glyph(ui->screen, area, row, plan->gutter - 2, ink, edge(class_id, true));
}

/* ---- Cells ---- */

static enum glyph shade(const struct ui *ui, int level, bool negative) {
    static const enum glyph shades[2][SHADES] = {
        {GLYPH_SHADE_1, GLYPH_SHADE_2, GLYPH_SHADE_3, GLYPH_SHADE_4},
        {GLYPH_MINUS_1, GLYPH_MINUS_2, GLYPH_MINUS_3, GLYPH_MINUS_4}};
    bool colours = screen_colours(ui->screen) > 0 && !screen_ascii(ui->screen);
    return shades[negative && !colours][level - 1];
}

static void draw_cell(const struct plan *plan, const struct area *area, size_t row, size_t column) {
    const struct weights_view *weights = plan->weights;
    double mean = weights->mean[row * weights->columns + column];
    double share = weights->peak > 0 ? fabs(mean) / weights->peak : 0;
    int level = share < BLANK_SHARE ? 0 : (int)fmin(ceil(share * SHADES), SHADES);
    int width = plan->width > 2 ? plan->width - 1 : plan->width;
    if (level > 0)
        screen_repeat(plan->ui->screen, area, plan->head + cell_row(plan, row),
                      plan->gutter + cell_column(plan, column), width,
                      mean < 0 ? ROLE_NEGATIVE : ROLE_POSITIVE, shade(plan->ui, level, mean < 0));
}

/* ---- Under the matrix ---- */

static int draw_scale(const struct ui *ui, const struct area *area, int row, int column,
                      bool negative) {
    unsigned ink = negative ? ROLE_NEGATIVE : ROLE_POSITIVE;
    column = screen_put(ui->screen, area, row, column, ROLE_LABEL, negative ? "minus " : "plus ");
    for (int level = 1; level <= SHADES; level++)
        column = screen_put_glyph(ui->screen, area, row, column, ink, shade(ui, level, negative));
    return column + 1;
}

/* How many weights a cell stands for, in the longest form that fits. */
static void legend_words(size_t weights, int columns, char *out, size_t size) {
    snprintf(out, size, "; one weight a cell");
    if (weights > 1)
        snprintf(out, size, "; each cell is the mean of up to %zu weights", weights);
    if (weights > 1 && columns_width(out) > columns)
        snprintf(out, size, "; means of up to %zu", weights);
    if (weights > 1 && columns_width(out) > columns)
        snprintf(out, size, "; up to %zu a cell", weights);
}

/* What the shades are worth, and how many weights a cell stands for. */
static void draw_legend(const struct plan *plan, const struct area *area, int row) {
    const struct weights_view *weights = plan->weights;
    struct screen *screen = plan->ui->screen;
    char number[TEXT_NUMBER_SIZE], words[96];
    size_t down = (weights->row_neurons + weights->rows - 1) / weights->rows;
    size_t across = (weights->column_neurons + weights->columns - 1) / weights->columns;
    int column = draw_scale(plan->ui, area, row, 1, false);
    column = draw_scale(plan->ui, area, row, column, true);
    column = screen_format(screen, area, row, column, ROLE_VALUE, "peak %s",
                           text_human(weights->peak, 3, number));
    legend_words(down * across, area->columns - column, words, sizeof words);
    screen_put(screen, area, row, column, ROLE_LABEL, words);
}

/* "rows 1-17/64 cols 1-40/64", what there is not room for. */
static void sight_text(const struct plan *plan, struct text *text) {
    const struct weights_view *weights = plan->weights;
    const char *dash = screen_glyph(plan->ui->screen, GLYPH_DASH);
    size_t row = plan->first_row, column = plan->first_column;
    while (row_in_sight(plan, row))
        row++;
    while (column_in_sight(plan, column))
        column++;
    if (row - plan->first_row < weights->rows)
        text_format(text, "rows %zu%s%zu/%zu ", plan->first_row + 1, dash, row, weights->rows);
    if (column - plan->first_column < weights->columns)
        text_format(text, "cols %zu%s%zu/%zu ", plan->first_column + 1, dash, column,
                    weights->columns);
}

static void draw_cursor(const struct plan *plan, const struct area *area, int row) {
    const struct ui *ui = plan->ui;
    const struct classes *classes = &ui->snapshot->partition.layer[ui->layer - 1];
    struct area line = {area->row + row, area->column, 1, area->columns};
    struct text text = {0};
    sight_text(plan, &text);
    if (text.data) {
        line.columns -= columns_width(text.data);
        screen_put(ui->screen, area, row, line.columns, ROLE_DIM, text.data);
        line.columns--;
    }
    text_free(&text);
    if (ui->neuron >= classes->neurons)
        return;
    uint32_t class_id = classes->class_of[ui->neuron];
    if (class_id == PARTITION_DEAD)
        screen_format(ui->screen, &line, 0, 1, ROLE_LABEL, "neuron %zu is dead", ui->neuron);
    else
        screen_format(ui->screen, &line, 0, 1, ROLE_LABEL, "neuron %zu, class %u", ui->neuron,
                      class_id);
}

/* ---- The pane ---- */

/* "the inputs", "layer 2". */
static const char *other_side(const struct ui *ui, char *out, size_t size) {
    size_t other = ui->weights_sent ? ui->layer + 1 : ui->layer - 1;
    if (other == 0 || other > ui->snapshot->hidden)
        return other == 0 ? "the inputs" : "the outputs";
    snprintf(out, size, "layer %zu", other);
    return out;
}

/* Neurons across: what the layer reads or sends to. */
static size_t neurons_across(const struct ui *ui) {
    const struct layer *layer = &ui->snapshot->network->layers[ui->layer - 1];
    return ui->weights_sent ? layer[1].neurons : layer->inputs;
}

static void title(const struct ui *ui, int columns, char *out, size_t size) {
    const struct network *network = ui->snapshot->network;
    if (ui->layer == 0 || ui->layer > ui->snapshot->hidden) {
        snprintf(out, size, "Weights");
        return;
    }
    const struct layer *layer = &network->layers[ui->layer - 1];
    size_t others = neurons_across(ui);
    char other[32];
    const char *side = other_side(ui, other, sizeof other);
    columns = ui_title_room(ui, columns);
    const char *verb = ui->weights_sent ? "sends to" : "reads from";
    const char *times = screen_glyph(ui->screen, GLYPH_TIMES);
    snprintf(out, size, "Layer %zu: weights it %s %s (%zu %s %zu, grouped by class)", ui->layer,
             verb, side, layer->neurons, times, others);
    if (columns_width(out) > columns)
        snprintf(out, size, "Layer %zu: weights it %s %s, %zu %s %zu", ui->layer, verb, side,
                 layer->neurons, times, others);
    if (columns_width(out) > columns)
        snprintf(out, size, "Layer %zu: weights %s %s, %zu %s %zu", ui->layer,
                 ui->weights_sent ? "to" : "from", side, layer->neurons, times, others);
    ui_title_work(ui, out, size);
}

static void draw(const struct ui *ui, const struct area *area) {
    struct plan plan;
    char text[256];
    if (!plan_make(&plan, ui, area, text, sizeof text)) {
        screen_put(ui->screen, area, 0, 1, ROLE_ESTIMATE, text);
        return;
    }
    draw_columns_edge(&plan, area);
    draw_column_labels(&plan, area);
    for (size_t row = plan.first_row; row_in_sight(&plan, row); row++) {
        draw_row_edge(&plan, area, row);
        for (size_t column = plan.first_column; column_in_sight(&plan, column); column++)
            draw_cell(&plan, area, row, column);
    }
    draw_legend(&plan, area, area->rows - 2);
    draw_cursor(&plan, area, area->rows - 1);
}

static void choose_row(struct ui *ui, const struct plan *plan, long row) {
    long last = (long)plan->weights->rows - 1;
    row = row < 0 ? 0 : row > last ? last : row;
    ui_choose_neuron(ui, plan->weights->row_first[row]);
}

static void move(struct ui *ui, int down, int right) {
    struct plan plan;
    char text[256];
    if (!plan_make(&plan, ui, ui_middle_area(ui), text, sizeof text))
        return;
    if (down != 0)
        choose_row(ui, &plan, (long)cursor_row(&plan) + down);
    else if (right < 0 && plan.first_column > 0)
        ui->matrix.column = (int)plan.first_column - 1;
    else if (right > 0 && !column_in_sight(&plan, plan.weights->columns - 1))
        ui->matrix.column = (int)plan.first_column + 1;
}

static void enter(struct ui *ui) {
    actions_run(ui, ui->weights_sent ? "weights reads" : "weights sends");
}

static void click(struct ui *ui, const struct area *area, int row, int column) {
    struct plan plan;
    char text[256];
    (void)column;
    if (!plan_make(&plan, ui, area, text, sizeof text))
        return;
    for (size_t i = plan.first_row; row_in_sight(&plan, i); i++)
        if (plan.head + cell_row(&plan, i) == row)
            choose_row(ui, &plan, (long)i);
}

/* What there is room for when every cell is a column wide, doubled as often as was asked. */
static void ask_cells(const struct ui *ui, const struct area *area, size_t *rows, size_t *columns) {
    *rows = (size_t)(area->rows - head_rows(area) - FOOT_ROWS) << ui->matrix.zoom;
    *columns = (size_t)(area->columns - gutter_columns(ui) - 1) << ui->matrix.zoom;
}

static bool all_cells_asked(const struct ui *ui) {
    size_t rows, columns;
    ask_cells(ui, ui_middle_area(ui), &rows, &columns);
    return rows >= ui->snapshot->layers[ui->layer - 1].neurons && columns >= neurons_across(ui);
}

/* Twice the cells with each step, until every cell is one weight. */
static void zoom(struct ui *ui, int step) {
    if (ui->layer == 0 || ui->layer > ui->snapshot->hidden)
        return;
    if (step > 0)
        ui->matrix.zoom += !all_cells_asked(ui);
    else
        do /* a smaller layer may not have needed all of it */
            ui->matrix.zoom -= ui->matrix.zoom > 0;
        while (ui->matrix.zoom > 0 && all_cells_asked(ui));
}

/* Not further down or right than there are cells. */
static void scroll_back(struct plan *plan) {
    size_t row = plan->weights->rows - 1, column = plan->weights->columns - 1;
    for (bool more = true; more && plan->first_row > 0;) {
        plan->first_row--;
        more = row_in_sight(plan, row);
        plan->first_row += !more;
    }
    for (bool more = true; more && plan->first_column > 0;) {
        plan->first_column--;
        more = column_in_sight(plan, column);
        plan->first_column += !more;
    }
}

static void arrange(struct ui *ui, const struct area *area) {
    struct plan plan;
    char text[256];
    if (!plan_make(&plan, ui, area, text, sizeof text))
        return;
    size_t cursor = cursor_row(&plan);
    scroll_back(&plan);
    if (cursor < plan.first_row)
        plan.first_row = cursor;
    if (cursor >= plan.first_row + (size_t)plan.rows) /* further with gaps */
        plan.first_row = cursor - (size_t)plan.rows + 1;
    while (!row_in_sight(&plan, cursor))
        plan.first_row++;
    ui->matrix.row = (int)plan.first_row;
    ui->matrix.column = (int)plan.first_column;
}

static void watch(const struct ui *ui, const struct area *area, struct watch *watch) {
    watch->outgoing = ui->weights_sent;
    if (ui->layer > 0 && ui->layer <= ui->snapshot->hidden)
        ask_cells(ui, area, &watch->rows, &watch->columns);
}

const struct view view_weights = {
    .help = "The weights between the layer and what it reads from or sends to, grouped by class: "
            "a row for each neuron, a column for each place it reads from or sends to. The darker "
            "a cell, the larger the weight; below a sixteenth of the peak it is blank. Where there "
            "is not room for every weight a cell is the mean of several. Neurons that are one "
            "class do alike: their rows look alike, and blocks appear as epsilon grows. Enter "
            "changes between what the layer reads and what it sends.",
    .detail = DETAIL_WEIGHTS,
    .title = title,
    .draw = draw,
    .move = move,
    .enter = enter,
    .click = click,
    .watch = watch,
    .zoom = zoom,
    .arrange = arrange,
};
