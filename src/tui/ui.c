/* What several views need. */
#include "tui/ui.h"

#include "lumpscope/text.h"
#include "tui/columns.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const middle_names[MIDDLE_COUNT] = {
#define MIDDLE(name, text) text,
    MIDDLE_TABLE(MIDDLE)
#undef MIDDLE
};

const struct view *view_of_pane(enum pane pane, enum middle middle) {
    static const struct view *const middles[MIDDLE_COUNT] = {
        &view_classes, &view_dendrogram, &view_equations, &view_trajectories, &view_weights};
    static const struct view *const views[PANE_COUNT] = {
        &view_layers, &view_classes, &view_inspector, &view_plot, &view_numbers};
    return pane == PANE_CLASSES ? middles[middle] : views[pane];
}

const struct view *view_of(const struct ui *ui, enum pane pane) {
    return view_of_pane(pane, ui->middle);
}

enum pane ui_focus(const struct ui *ui) {
    return ui->plot_full ? PANE_PLOT : ui->pane;
}

enum pane ui_place(const struct ui *ui) {
    return ui->help || ui->chooser.open ? PANE_OVERLAY : ui_focus(ui);
}

bool ui_pane_is_active(const struct ui *ui, enum pane pane) {
    bool empty = pane == PANE_PLOT && ui->snapshot->curve[CURVE_LUMP].count == 0;
    return view_of(ui, pane)->move != NULL && !empty;
}

const struct area *ui_middle_area(const struct ui *ui) {
    enum pane pane = layout_has(&ui->layout, PANE_CLASSES) ? PANE_CLASSES : PANE_INSPECTOR;
    return &ui->layout.pane[pane];
}

void ui_watch(struct ui *ui) {
    const struct view *view = view_of(ui, PANE_CLASSES);
    const struct area *area = ui_middle_area(ui);
    struct watch watch = {.kind = view->detail};
    if (area->rows == 0)
        return;
    if (view->watch)
        view->watch(ui, area, &watch);
    bool same = watch.kind == ui->watch.kind && watch.rows == ui->watch.rows &&
                watch.columns == ui->watch.columns && watch.row == ui->watch.row &&
                watch.outgoing == ui->watch.outgoing;
    if (same)
        return;
    ui->watch = watch;
    session_watch(ui->session, &watch);
}

/* The snapshot's detail is what the middle pane shows, of this or of an earlier epsilon. */
static bool detail_fits(const struct ui *ui) {
    const struct detail *detail = ui->snapshot->detail;
    return detail && detail->kind == view_of(ui, PANE_CLASSES)->detail &&
           detail->layer == ui->layer;
}

const struct detail *ui_detail(const struct ui *ui, char *text, size_t size) {
    const struct detail *detail = ui->snapshot->detail;
    if (ui_waiting(ui, text, size))
        return NULL;
    bool fits = detail_fits(ui);
    snprintf(text, size, "%s",
             ui->layer == 0 ? "no hidden layers: nothing to merge"
             : fits         ? detail->refusal
                            : "being computed");
    return fits && !*detail->refusal ? detail : NULL;
}

bool ui_awaits_detail(const struct ui *ui) {
    const struct snapshot *snapshot = ui->snapshot;
    return view_of(ui, PANE_CLASSES)->detail != DETAIL_NONE && snapshot->analysed &&
           ui->layer > 0 && !(detail_fits(ui) && snapshot->detail_current);
}

bool ui_detail_is_next(const struct ui *ui) {
    const struct snapshot *snapshot = ui->snapshot;
    enum detail_kind kind = view_of(ui, PANE_CLASSES)->detail;
    bool slow = kind == DETAIL_EXPLANATION || kind == DETAIL_TRAJECTORY;
    bool estimated = snapshot->reduced_known && snapshot->after.state != FIGURE_PENDING;
    return ui_awaits_detail(ui) && (estimated || !slow);
}

void ui_title_work(const struct ui *ui, char *out, size_t size) {
    size_t length = strlen(out);
    if (ui_awaits_detail(ui))
        snprintf(out + length, size - length, "%s", screen_glyph(ui->screen, GLYPH_WORKING));
}

int ui_title_room(const struct ui *ui, int columns) {
    return columns - columns_width(screen_glyph(ui->screen, GLYPH_WORKING));
}

void ui_enter_inspector(struct ui *ui) {
    if (ui->layer > 0)
        ui->pane = PANE_INSPECTOR;
}

bool ui_choose_layer(struct ui *ui, size_t layer) {
    if (layer == 0 || layer > ui->snapshot->hidden)
        return false;
    if (layer == ui->layer)
        return true;
    ui->layer = layer;
    ui->classes_scroll = 0;
    ui_choose_neuron(ui, 0);
    return true;
}

void ui_choose_neuron(struct ui *ui, size_t neuron) {
    ui->neuron = neuron;
    ui->inspector_scroll = ui->inspector_line = 0;
    ui->equations_scroll = 0;
    session_select(ui->session, ui->layer, neuron);
}

size_t ui_rows(const struct ui *ui) {
    const struct detail *detail = ui->snapshot->detail;
    bool known = detail && detail->kind == DETAIL_TRAJECTORY && !*detail->refusal;
    return !ui->snapshot->data_path ? 0 : known ? detail->trajectory.rows : SIZE_MAX;
}

bool ui_choose_row(struct ui *ui, size_t row) {
    if (row >= ui_rows(ui))
        return false;
    ui->row = row;
    return true;
}

bool ui_is_opening(const struct ui *ui) {
    const struct snapshot *snapshot = ui->snapshot;
    return !snapshot->model_path && (snapshot->serial == 0 || snapshot->work == WORK_OPENING);
}

const char *ui_waiting(const struct ui *ui, char *out, size_t size) {
    const struct snapshot *snapshot = ui->snapshot;
    const char *dots = screen_glyph(ui->screen, GLYPH_ELLIPSIS);
    if (!snapshot->model_path || snapshot->analysed)
        return NULL;
    if (snapshot->work == WORK_IDLE)
        snprintf(out, size, "not analysed: press r or :set to start again");
    else if (snapshot->work_total > 0)
        snprintf(out, size, "analysing%s %s, %zu of %zu", dots, snapshot->work_text,
                 snapshot->work_done, snapshot->work_total);
    else
        snprintf(out, size, "analysing%s", dots);
    text_make_visible(out);
    return out;
}

const char *ui_epsilon_sentence(const struct ui *ui, char *out) {
    const struct options *options = &ui->snapshot->options;
    const char *epsilon = screen_glyph(ui->screen, GLYPH_EPSILON);
    if (options->relation == RELATION_JOINT)
        snprintf(out, EPSILON_SENTENCE_SIZE,
                 "%s: a merge may move the output by about this share of its spread", epsilon);
    else
        snprintf(out, EPSILON_SENTENCE_SIZE,
                 "%s: largest difference of the coefficients that two %sneurons of a class %s%s",
                 epsilon, options->linkage == LINKAGE_CHAIN ? "linked " : "",
                 options->relation == RELATION_FORWARD ? "send" : "read",
                 options->norm == NORM_ERODE        ? ", as ERODE counts it"
                 : options->scale == SCALE_RELATIVE ? ", in units of the layer's mean"
                                                    : "");
    return out;
}

unsigned ui_class_ink(const struct ui *ui, size_t layer, uint32_t class_id) {
    if (class_id >= ui->snapshot->partition.layer[layer - 1].count)
        return ROLE_DEAD; /* or a class of an older detail that is gone by now */
    if (ui->snapshot->size[layer - 1][class_id] == 1 && screen_class_colours(ui->screen) > 0)
        return ROLE_DIM;
    return screen_class_ink(ui->screen, ui->snapshot->colour[layer - 1][class_id]);
}

void ui_figure_state(const struct figure *figure, char *out, size_t size) {
    switch (figure->state) {
    case FIGURE_NONE:
        snprintf(out, size, "not measured");
        break;
    case FIGURE_PENDING:
        snprintf(out, size, "being measured");
        break;
    case FIGURE_ESTIMATE:
        snprintf(out, size, "estimate from %zu of %zu rows", figure->rows_done, figure->rows);
        break;
    case FIGURE_EXACT:
        snprintf(out, size, "exact, all %zu test rows", figure->rows);
        break;
    case FIGURE_OVERFLOW:
        snprintf(out, size, "the output overflows");
        break;
    case FIGURE_REFUSED:
        snprintf(out, size, "cannot be had at this size");
        break;
    }
}

void ui_figure_text(const struct figure *figure, enum task task, int columns, char *out,
                    size_t size) {
    char number[TEXT_NUMBER_SIZE];
    if (figure->state == FIGURE_OVERFLOW)
        snprintf(out, size, "overflow");
    else if (figure->state == FIGURE_PENDING)
        snprintf(out, size, "%s", "...");
    else if (figure->state == FIGURE_NONE || figure->state == FIGURE_REFUSED)
        snprintf(out, size, "-");
    else if (task == TASK_CLASSIFICATION)
        snprintf(out, size, "%.2f %%", 100 * figure->value);
    else {
        int digits = 4;
        while ((int)strlen(text_human(figure->value, digits, number)) > columns && digits > 1)
            digits--;
        snprintf(out, size, "%s", number);
    }
}

void ui_bar(const struct ui *ui, const struct area *area, int row, int column, int columns,
            double share, unsigned ink) {
    int halves = (int)lround(fmin(fmax(share, 0), 1) * columns * 2);
    screen_repeat(ui->screen, area, row, column, halves / 2, ink, GLYPH_BAR);
    if (halves % 2)
        screen_put_glyph(ui->screen, area, row, column + halves / 2, ink, GLYPH_BAR_HALF);
}
