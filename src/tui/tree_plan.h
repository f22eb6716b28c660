/* A dendrogram laid out for the middle pane: leaves or branches down, epsilon to the right on the
 * slider's scale. */
#ifndef LUMPSCOPE_TUI_TREE_PLAN_H
#define LUMPSCOPE_TUI_TREE_PLAN_H

#include "lumpscope/epsilon_scale.h"
#include "tui/tree_rows.h"
#include "tui/ui.h"

/* Where everything lies in the pane. */
struct tree_plan {
    const struct ui *ui;
    const struct tree_view *tree;
    struct tree_rows rows; /* owned */
    struct epsilon_scale scale;
    double epsilon;      /* -1 in a locked layer: nothing is merged */
    int room;            /* text rows for branches */
    int first, shown;    /* branches in sight */
    int pitch;           /* text rows from branch to branch */
    int gutter, columns; /* of the labels; of the tree */
    int cut;             /* the tree's column between what is merged and what is not; 0: none */
    int axis;            /* text row under the branches */
    int rule;            /* 1: the axis has a line of its own, 0: numbers only */
    char note[160];      /* for what the tree holds; "" when that is not said */
};

/* Lays the detail's tree out for an area; caller frees it. False, with nothing to free, when there
 * is nothing to merge: `text` (`size` bytes) then says why. */
bool tree_plan_make(struct tree_plan *plan, const struct ui *ui, const struct area *area,
                    char *text, size_t size);
void tree_plan_free(struct tree_plan *plan);
/* The tree's column of epsilon 0, of the scale's end, or of what lies between. */
int tree_plan_tick(const struct tree_plan *plan, double epsilon);
/* The column of a merge. What is merged stays left of the cut, what is not right of it, even where
 * epsilon's column holds both. */
int tree_plan_column(const struct tree_plan *plan, double height);
/* The epsilon that puts the cut into a column of the tree. */
double tree_plan_epsilon(const struct tree_plan *plan, int column);
/* The text row of a row of the tree, from the pane's top; negative above it. */
int tree_plan_row(const struct tree_plan *plan, size_t row);
/* The class a leaf is in now. */
uint32_t tree_plan_class(const struct tree_plan *plan, size_t leaf);
unsigned tree_plan_ink(const struct tree_plan *plan, size_t leaf);
/* TREE_FOOT_ROWS: text rows under the branches, at most. */
enum { TREE_LABEL_SIZE = 32, TREE_FOOT_ROWS = 5 };
/* "17", or "12 neurons" for a branch. */
const char *tree_plan_label(const struct tree_plan *plan, size_t row, char *out);

/* Draws branches, cut and next merge. `area`: the tree without labels and axis. */
void tree_draw(const struct tree_plan *plan, const struct area *area);

#endif
