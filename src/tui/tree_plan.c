#include "tui/tree_plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* From TALL_ROWS on the axis has a line, and what always holds is said too. */
enum { TALL_ROWS = 14 };

/* ---- Places ---- */

/* The tree's columns of epsilon 0 and of the scale's end leave room at the right for the cut, and
 * for a merge behind it. */
int tree_plan_tick(const struct tree_plan *plan, double epsilon) {
    double position = epsilon_scale_position(&plan->scale, epsilon);
    return 1 + (int)lround(position * (plan->columns - 4));
}

int tree_plan_column(const struct tree_plan *plan, double height) {
    int column = tree_plan_tick(plan, height);
    return plan->cut == 0 || height <= plan->epsilon || column > plan->cut ? column : plan->cut + 1;
}

double tree_plan_epsilon(const struct tree_plan *plan, int column) {
    return epsilon_scale_at(&plan->scale,
                            fmax((column - 1.51) / (plan->columns - 4), 0)); /* 1.5 rounds up */
}

int tree_plan_row(const struct tree_plan *plan, size_t row) {
    return ((int)row - plan->first) * plan->pitch;
}

uint32_t tree_plan_class(const struct tree_plan *plan, size_t leaf) {
    const struct ui *ui = plan->ui;
    const struct classes *classes = &ui->snapshot->partition.layer[ui->layer - 1];
    size_t neuron = plan->tree->neuron[leaf];
    return neuron < classes->neurons ? classes->class_of[neuron] : PARTITION_DEAD;
}

unsigned tree_plan_ink(const struct tree_plan *plan, size_t leaf) {
    return ui_class_ink(plan->ui, plan->ui->layer, tree_plan_class(plan, leaf));
}

/* ---- Laying out ---- */

static void write_note(struct tree_plan *plan, const struct area *area) {
    const struct ui *ui = plan->ui;
    const struct tree_view *tree = plan->tree;
    const char *epsilon = screen_glyph(ui->screen, GLYPH_EPSILON);
    size_t size = sizeof plan->note, classes = tree->neighbour_classes;
    if (plan->epsilon < 0)
        snprintf(plan->note, size, "layer %zu is locked: nothing merges (x unlocks it)", ui->layer);
    else if (tree->neighbour > 0) {
        if (classes == 1)
            snprintf(plan->note, size, "holds while layer %zu is one class", tree->neighbour);
        else
            snprintf(plan->note, size, "holds while layer %zu has these %zu classes",
                     tree->neighbour, classes);
        size_t length = strlen(plan->note);
        if (area->columns > 70)
            snprintf(plan->note + length, size - length, "; they change with %s", epsilon);
    } else if (area->rows >= TALL_ROWS)
        snprintf(plan->note, size, "holds for every %s: only the cut moves", epsilon);
}

const char *tree_plan_label(const struct tree_plan *plan, size_t row, char *out) {
    const struct tree_row *item = &plan->rows.items[row];
    if (item->end - item->first > 1)
        snprintf(out, TREE_LABEL_SIZE, "%zu neurons", item->end - item->first);
    else
        snprintf(out, TREE_LABEL_SIZE, "%zu", plan->tree->neuron[item->first]);
    return out;
}

static int label_columns(const struct tree_plan *plan) {
    char label[TREE_LABEL_SIZE];
    int most = 1;
    for (size_t i = 0; i < plan->rows.count; i++) {
        int width = (int)strlen(tree_plan_label(plan, i, label));
        most = width > most ? width : most;
    }
    return most;
}

static void plan_columns(struct tree_plan *plan, const struct area *area) {
    const struct snapshot *snapshot = plan->ui->snapshot;
    bool locked = plan->epsilon < 0;
    plan->gutter = label_columns(plan) + 2;
    plan->columns = area->columns - plan->gutter - 1;
    plan->scale = epsilon_scale_of(snapshot);
    plan->cut = locked ? 0 : tree_plan_tick(plan, snapshot->epsilon) + 1;
}

static void plan_rows(struct tree_plan *plan, const struct ui *ui, const struct area *area) {
    plan->rule = area->rows >= TALL_ROWS;
    bool locked = plan->epsilon < 0; /* the note stands for the next merge */
    int room = area->rows - 3 - plan->rule - (plan->note[0] != '\0' && !locked);
    plan->room = room > 1 ? room : 1;
    if (!tree_rows_make(&plan->rows, plan->tree, (size_t)plan->room << ui->tree.zoom))
        return;
    int count = (int)plan->rows.count, last = count - plan->room;
    plan->pitch = 2 * count - 1 <= plan->room ? 2 : 1;
    plan->first = ui->tree.row < last ? ui->tree.row : last > 0 ? last : 0;
    plan->shown = count - plan->first < plan->room ? count - plan->first : plan->room;
    plan->axis = plan->shown * plan->pitch - (plan->pitch - 1);
}

bool tree_plan_make(struct tree_plan *plan, const struct ui *ui, const struct area *area,
                    char *text, size_t size) {
    const struct detail *detail = ui_detail(ui, text, size);
    if (!detail)
        return false;
    const struct layer_view *layer = &ui->snapshot->layers[ui->layer - 1];
    *plan = (struct tree_plan){.ui = ui, .tree = &detail->tree, .epsilon = ui->snapshot->epsilon};
    if (layer->locked)
        plan->epsilon = -1;
    if (detail->tree.leaves < 2) {
        snprintf(text, size,
                 detail->tree.leaves == 0 ? "all %zu neurons are dead: nothing reads them"
                 : layer->neurons == 1    ? "%zu neuron: it has none to merge with"
                                          : "of %zu neurons all but one are dead: nothing to merge",
                 layer->neurons);
        return false;
    }
    write_note(plan, area);
    plan_rows(plan, ui, area);
    plan_columns(plan, area);
    snprintf(text, size, "not enough memory for the dendrogram");
    return plan->rows.count > 0;
}

void tree_plan_free(struct tree_plan *plan) {
    tree_rows_free(&plan->rows);
}
