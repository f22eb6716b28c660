/* What it cost: size and error before and after, and the rivals at the same size. */
#include "lumpscope/text.h"
#include "tui/ui.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABEL = 1, BEFORE = 11, AFTER = 20, CHANGE = 29 };

static void title(const struct ui *ui, int columns, char *out, size_t size) {
    (void)ui, (void)columns;
    snprintf(out, size, "Numbers");
}

static void draw_label(const struct ui *ui, const struct area *area, int row, const char *label) {
    screen_put(ui->screen, area, row, LABEL, ROLE_LABEL, label);
}

/* Numbers end under each other. */
static void put_right(const struct ui *ui, const struct area *area, int row, int column,
                      unsigned ink, const char *text) {
    screen_format(ui->screen, area, row, column, ink, "%9s", text);
}

static void draw_percent(const struct ui *ui, const struct area *area, int row, size_t after,
                         size_t before) {
    if (before > 0)
        screen_format(ui->screen, area, row, CHANGE, ROLE_VALUE, "%6.1f %%",
                      100.0 * (double)after / (double)before);
}

static void draw_counts(const struct ui *ui, const struct area *area, int row) {
    const struct snapshot *snapshot = ui->snapshot;
    char number[TEXT_NUMBER_SIZE];
    draw_label(ui, area, row, "parameters");
    snprintf(number, sizeof number, "%zu", snapshot->original_parameters);
    put_right(ui, area, row, BEFORE, ROLE_TEXT, number);
    if (!snapshot->reduced_known) {
        put_right(ui, area, row, AFTER, ROLE_ESTIMATE, "making");
        return;
    }
    snprintf(number, sizeof number, "%zu", snapshot->parameters);
    put_right(ui, area, row, AFTER, ROLE_VALUE, number);
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
    put_right(ui, area, row, AFTER, known ? ROLE_VALUE : ROLE_TEXT,
              known ? text_bytes((double)snapshot->bytes, number) : "-");
    if (known)
        draw_percent(ui, area, row, snapshot->bytes, snapshot->original_bytes);
}

/* MSE changes in percent of itself, accuracy in percentage points. */
static void draw_change(const struct ui *ui, const struct area *area, int row) {
    const struct snapshot *snapshot = ui->snapshot;
    const struct figure *before = &snapshot->before, *after = &snapshot->after;
    bool known = (before->state == FIGURE_EXACT || before->state == FIGURE_ESTIMATE) &&
                 (after->state == FIGURE_EXACT || after->state == FIGURE_ESTIMATE);
    bool accuracy = snapshot->task == TASK_CLASSIFICATION;
    if (!known || (!accuracy && !(before->value > 0)))
        return;
    double change = accuracy ? 100 * (after->value - before->value)
                             : 100 * (after->value - before->value) / before->value;
    if (fabs(change) < 0.05)
        change = 0;
    bool worse = accuracy ? change < 0 : change > 0;
    unsigned ink = change == 0 ? ROLE_TEXT : worse ? ROLE_BAD : ROLE_GOOD;
    const char *unit = accuracy ? "pp" : "%";
    if (fabs(change) < 999.95)
        screen_format(ui->screen, area, row, CHANGE, ink, "%+6.1f %s", change, unit);
    else
        screen_format(ui->screen, area, row, CHANGE, ink, "%6s %s", ">+999", unit);
}

static unsigned figure_ink(const struct figure *figure) {
    return figure->state == FIGURE_ESTIMATE || figure->state == FIGURE_PENDING ? ROLE_ESTIMATE
                                                                               : ROLE_VALUE;
}

static void draw_figure(const struct ui *ui, const struct area *area, int row, int column,
                        const struct figure *figure) {
    char text[48];
    ui_figure_text(figure, ui->snapshot->task, text, sizeof text);
    put_right(ui, area, row, column, column == BEFORE ? ROLE_TEXT : figure_ink(figure), text);
}

static void draw_error(const struct ui *ui, const struct area *area, int row) {
    const struct snapshot *snapshot = ui->snapshot;
    char state[96];
    draw_label(ui, area, row, snapshot->task == TASK_CLASSIFICATION ? "accuracy" : "test MSE");
    if (!snapshot->data_path) {
        screen_put(ui->screen, area, row, BEFORE + 1, ROLE_DIM, "needs data (:data FILE)");
        return;
    }
    draw_figure(ui, area, row, BEFORE, &snapshot->before);
    draw_figure(ui, area, row, AFTER, &snapshot->after);
    draw_change(ui, area, row);
    ui_figure_state(&snapshot->after, state, sizeof state);
    screen_format(ui->screen, area, row + 1, LABEL + 1, ROLE_DIM, "%s", state);
}

static void draw_rivals(const struct ui *ui, const struct area *area, int row) {
    static const char *const names[CURVE_COUNT] = {"", "magnitude", "wanda"};
    for (int i = CURVE_MAGNITUDE; i < CURVE_COUNT; i++) {
        const struct figure *figure = &ui->snapshot->baseline[i];
        char state[96] = "";
        int line = row + i;
        screen_put(ui->screen, area, line, LABEL + 1, ROLE_LABEL, names[i]);
        draw_figure(ui, area, line, AFTER, figure);
        if (figure->state == FIGURE_REFUSED)
            snprintf(state, sizeof state, "cannot");
        else if (figure->state == FIGURE_ESTIMATE && figure->rows > 0)
            snprintf(state, sizeof state, "%2.0f %% rows",
                     100.0 * (double)figure->rows_done / (double)figure->rows);
        screen_put(ui->screen, area, line, CHANGE + 1, ROLE_DIM, state);
    }
}

static void draw(const struct ui *ui, const struct area *area) {
    if (!ui->snapshot->model_path)
        return;
    int gap = area->rows >= 10;
    put_right(ui, area, 0, BEFORE, ROLE_DIM, "original");
    put_right(ui, area, 0, AFTER, ROLE_DIM, "reduced");
    draw_counts(ui, area, 1);
    draw_bytes(ui, area, 2);
    draw_error(ui, area, 3);
    if (!ui->snapshot->data_path)
        return;
    screen_put(ui->screen, area, 5 + gap, LABEL, ROLE_DIM,
               ui->snapshot->task == TASK_CLASSIFICATION ? "pruned to the same size, accuracy:"
                                                         : "pruned to the same size, test MSE:");
    draw_rivals(ui, area, 5 + gap);
}

const struct view view_numbers = {
    "What the reduction costs: parameters, bytes of the file, and the error on the test rows, "
    "before "
    "and after; then the error of the same network pruned to the same size. An estimate is "
    "underlined and says how many rows it comes from.",
    title,
    draw,
    NULL,
    NULL,
    NULL};
