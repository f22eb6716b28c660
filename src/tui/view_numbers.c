/* What it cost: size and error before and after, and the rivals at the same size. */
#include "lumpscope/text.h"
#include "tui/columns.h"
#include "tui/ui.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The labels end where the column of the original begins; every column holds one blank and a
 * number. LEAST_PANE is the narrowest pane there is. */
enum {
    LABEL = 1,
    BEFORE = 11,
    LEAST_WIDTH = 9,
    MORE_WIDTH = 2,
    LEAST_PANE = 39,
    STATE = 4,      /* row of what is said of the figure above it */
    ROOMY_ROWS = 9, /* there is a row for everything */
    PERCENT_WIDTH = 8
};

/* Of errors below this only the order of magnitude means something. */
#define TINY_ERROR 1e-12

static void title(const struct ui *ui, int columns, char *out, size_t size) {
    (void)ui, (void)columns;
    snprintf(out, size, "Numbers");
}

/* Columns of a number and its blank. The widest number there is ("1.234e+300") has room where the
 * pane is wide; elsewhere numbers get fewer digits. */
static int width_of(const struct area *area) {
    int more = (area->columns - LEAST_PANE) / 2;
    return LEAST_WIDTH + (more > MORE_WIDTH ? MORE_WIDTH : more > 0 ? more : 0);
}

static int after_of(const struct area *area) {
    return BEFORE + width_of(area);
}

static int change_of(const struct area *area) {
    return after_of(area) + width_of(area) + 1;
}

static void draw_label(const struct ui *ui, const struct area *area, int row, const char *label) {
    screen_put(ui->screen, area, row, LABEL, ROLE_LABEL, label);
}

/* Numbers end under each other. */
static void put_right(const struct ui *ui, const struct area *area, int row, int column,
                      unsigned ink, const char *text) {
    int width = width_of(area);
    screen_put(ui->screen, area, row, column + width - columns_width(text), ink, text);
}

/* "76.7 % of the original", in as many words as fit. */
static void draw_percent(const struct ui *ui, const struct area *area, int row, size_t after,
                         size_t before) {
    static const char *const words[] = {" of the original", " of original", " is left", ""};
    size_t i = 0;
    if (before == 0)
        return;
    int column = screen_format(ui->screen, area, row, change_of(area), ROLE_VALUE, "%6.1f %%",
                               100.0 * (double)after / (double)before);
    while (column + columns_width(words[i]) > area->columns)
        i++;
    screen_put(ui->screen, area, row, column, ROLE_DIM, words[i]);
}

/* Exact up to 8 digits, then in millions. */
static const char *count_text(size_t count, char *out) {
    bool exact = count < 100000000;
    snprintf(out, TEXT_NUMBER_SIZE, exact ? "%zu" : "%zu M", exact ? count : count / 1000000);
    return out;
}

static void draw_counts(const struct ui *ui, const struct area *area, int row) {
    const struct snapshot *snapshot = ui->snapshot;
    char number[TEXT_NUMBER_SIZE];
    draw_label(ui, area, row, "parameters");
    put_right(ui, area, row, BEFORE, ROLE_TEXT, count_text(snapshot->original_parameters, number));
    if (!snapshot->reduced_known) {
        put_right(ui, area, row, after_of(area), ROLE_ESTIMATE,
                  snapshot->analysed && snapshot->after.state != FIGURE_REFUSED ? "making" : "-");
        return;
    }
    put_right(ui, area, row, after_of(area), ROLE_VALUE, count_text(snapshot->parameters, number));
    draw_percent(ui, area, row, snapshot->parameters, snapshot->original_parameters);
}

static void draw_bytes(const struct ui *ui, const struct area *area, int row) {
    const struct snapshot *snapshot = ui->snapshot;
    char number[TEXT_NUMBER_SIZE];
    draw_label(ui, area, row, "file size");
    put_right(ui, area, row, BEFORE, ROLE_TEXT,
              snapshot->original_bytes ? text_bytes((double)snapshot->original_bytes, number)
                                       : "-");
    bool known = snapshot->reduced_known && snapshot->bytes > 0;
    put_right(ui, area, row, after_of(area), known ? ROLE_VALUE : ROLE_TEXT,
              known ? text_bytes((double)snapshot->bytes, number) : "-");
    if (known)
        draw_percent(ui, area, row, snapshot->bytes, snapshot->original_bytes);
}

/* "12 000x": two digits count, in groups of three. The sign is behind them: before them the new
 * error would seem to be multiplied. */
static void factor_text(const struct ui *ui, double factor, char *out, size_t size) {
    char number[TEXT_NUMBER_SIZE];
    const char *times = screen_glyph(ui->screen, GLYPH_TIMES);
    long whole = 0;
    if (factor >= 10 && factor < 999500) {
        snprintf(number, sizeof number, "%.1e", factor);
        whole = lround(strtod(number, NULL));
    }
    if (whole >= 1000)
        snprintf(out, size, "%ld %03ld%s", whole / 1000, whole % 1000, times);
    else if (whole > 0)
        snprintf(out, size, "%ld%s", whole, times);
    else
        snprintf(out, size, "%s%s", text_human(factor, 2, number), times);
}

/* A change in `unit`; one too small for its digits is no change in sign either. */
static void change_text(double change, const char *unit, char *out, size_t size) {
    if (change == 0 || fabs(change) < 0.05)
        snprintf(out, size, "%6s %s", change == 0 ? "0" : "~0", unit);
    else
        snprintf(out, size, "%+6.1f %s", change, unit);
}

/* MSE changes in percent of itself; by a factor when that says more. */
static void error_text(const struct ui *ui, double before, double after, char *out, size_t size) {
    double percent = before == after ? 0 : 100 * (after - before) / before;
    if (before <= 0 && after > 0)
        snprintf(out, size, "  from 0");
    else if (before != after && (before < TINY_ERROR || percent > 1000))
        factor_text(ui, after / before, out, size);
    else
        change_text(percent, "%", out, size);
}

static bool is_known(const struct figure *figure) {
    return figure->state == FIGURE_EXACT || figure->state == FIGURE_ESTIMATE;
}

/* Of a figure against the original's. */
static void draw_change(const struct ui *ui, const struct area *area, int row,
                        const struct figure *after) {
    const struct figure *before = &ui->snapshot->before;
    bool accuracy = ui->snapshot->task == TASK_CLASSIFICATION;
    double change = after->value - before->value;
    char text[48];
    if (!is_known(before) || !is_known(after))
        return;
    if (accuracy)
        change_text(100 * change, "pp", text, sizeof text);
    else
        error_text(ui, before->value, after->value, text, sizeof text);
    bool none = strstr(text, " 0 ") || strstr(text, "~0 "), worse = (change < 0) == accuracy;
    unsigned ink = none ? ROLE_TEXT : worse ? ROLE_BAD : ROLE_GOOD;
    int spare = PERCENT_WIDTH - columns_width(text);
    screen_put(ui->screen, area, row, change_of(area) + (spare > 0 ? spare : 0), ink, text);
}

static unsigned figure_ink(const struct figure *figure) {
    return figure->state == FIGURE_ESTIMATE || figure->state == FIGURE_PENDING ? ROLE_ESTIMATE
                                                                               : ROLE_VALUE;
}

static void draw_figure(const struct ui *ui, const struct area *area, int row, int column,
                        const struct figure *figure) {
    char text[48];
    ui_figure_text(figure, ui->snapshot->task, width_of(area) - 1, text, sizeof text);
    put_right(ui, area, row, column, column == BEFORE ? ROLE_TEXT : figure_ink(figure), text);
}

/* Where the polished network's figure stands: below the state of the unpolished one's, in a low
 * pane instead of it; 0: there is none. */
static int polished_row(const struct ui *ui, const struct area *area) {
    if (ui->snapshot->polished.state == FIGURE_NONE)
        return 0;
    return area->rows < ROOMY_ROWS ? STATE : STATE + 1;
}

static void draw_polished(const struct ui *ui, const struct area *area, int row) {
    const struct figure *polished = &ui->snapshot->polished;
    screen_put(ui->screen, area, row, LABEL + 1, ROLE_LABEL, "polished");
    draw_figure(ui, area, row, after_of(area), polished);
    draw_change(ui, area, row, polished);
}

static void draw_error(const struct ui *ui, const struct area *area, int row) {
    const struct snapshot *snapshot = ui->snapshot;
    char state[96];
    draw_label(ui, area, row, snapshot->task == TASK_CLASSIFICATION ? "accuracy" : "test MSE");
    if (!snapshot->data_path) {
        screen_put(ui->screen, area, row, BEFORE + 1, ROLE_DIM, "needs data (:data FILE)");
        return;
    }
    if (snapshot_lacks_targets(snapshot)) {
        screen_put(ui->screen, area, row, BEFORE + 1, ROLE_DIM, "the data has no targets");
        return;
    }
    draw_figure(ui, area, row, BEFORE, &snapshot->before);
    draw_figure(ui, area, row, after_of(area), &snapshot->after);
    draw_change(ui, area, row, &snapshot->after);
    if (polished_row(ui, area) == row + 1)
        return;
    ui_figure_state(&snapshot->after, state, sizeof state);
    screen_format(ui->screen, area, row + 1, LABEL + 1, ROLE_DIM, "%s", state);
}

static void draw_rivals(const struct ui *ui, const struct area *area, int row) {
    static const char *const names[] = {"", "magnitude", "wanda"};
    for (int i = CURVE_MAGNITUDE; i <= CURVE_WANDA; i++) {
        const struct figure *figure = &ui->snapshot->baseline[i];
        char state[96] = "";
        int line = row + i;
        screen_put(ui->screen, area, line, LABEL + 1, ROLE_LABEL, names[i]);
        if (figure->state == FIGURE_REFUSED) {
            put_right(ui, area, line, after_of(area), ROLE_DIM, "not at this size");
            continue;
        }
        draw_figure(ui, area, line, after_of(area), figure);
        if (figure->state == FIGURE_ESTIMATE && figure->rows > 0)
            snprintf(state, sizeof state, "%2.0f %% rows",
                     100.0 * (double)figure->rows_done / (double)figure->rows);
        screen_put(ui->screen, area, line, change_of(area) + 1, ROLE_DIM, state);
    }
}

static void draw(const struct ui *ui, const struct area *area) {
    if (!ui->snapshot->model_path)
        return;
    int polished = polished_row(ui, area);
    int rivals = STATE + 1 + (polished > STATE) + (area->rows > ROOMY_ROWS);
    put_right(ui, area, 0, BEFORE, ROLE_DIM, "original");
    put_right(ui, area, 0, after_of(area), ROLE_DIM, "reduced");
    draw_counts(ui, area, 1);
    draw_bytes(ui, area, 2);
    if (!ui->snapshot->analysed)
        return;
    draw_error(ui, area, 3);
    if (!ui->snapshot->data_path || snapshot_lacks_targets(ui->snapshot))
        return;
    if (polished)
        draw_polished(ui, area, polished);
    screen_put(ui->screen, area, rivals, LABEL, ROLE_DIM,
               ui->snapshot->task == TASK_CLASSIFICATION ? "pruned to the same size, accuracy:"
                                                         : "pruned to the same size, test MSE:");
    draw_rivals(ui, area, rivals);
}

const struct view view_numbers = {
    .help = "What the reduction costs: parameters, bytes of the file, and the error on the "
            "test rows, before and after; then the error of the same network pruned to the "
            "same size. Polished is the reduced network with all its weights fitted to the "
            "original once more. An estimate is underlined and says how many rows it comes from. "
            "Accuracy is the share of test rows a classifier gets right; it changes by "
            "percentage points (pp). A file may grow although the network does not: a model "
            "written anew holds every digit of its numbers and the map from neurons to "
            "classes.",
    .title = title,
    .draw = draw,
};
