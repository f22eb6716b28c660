/* The branches of a dendrogram as strokes. Every place collects the ways its strokes go, so that
 * merges that fall into one column join. */
#include "tui/tree_plan.h"

#include "lumpscope/memory.h"

/* Which ways the strokes of a place go. */
enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8, FILLED = 16 };

struct stroke {
    unsigned ways;
    bool merged;
    unsigned ink;
    unsigned share; /* of a filled place: how much of the branch has merged, 1 to 4 */
};

/* A branch on its way to the right. */
struct branch {
    int row, column; /* text row, counted from the first branch of all; the tree's column */
    bool merged;     /* it is of several leaves, at or below the cut */
};

struct canvas {
    const struct tree_plan *plan;
    int rows;               /* text rows */
    struct stroke *strokes; /* [rows x columns of the tree], owned */
    struct branch *branch;  /* [leaves] by its first leaf, owned */
    const struct tree_merge *next;
    int next_row, next_column; /* where the next merge is */
};

/* ---- Collecting ---- */

/* Adds ways to a place and gives it the stroke's looks; nothing out of sight. */
static void add(struct canvas *canvas, int row, int column, struct stroke stroke) {
    const struct tree_plan *plan = canvas->plan;
    int at = row - plan->first * plan->pitch;
    if (at < 0 || at >= canvas->rows || column < 0 || column >= plan->columns)
        return;
    struct stroke *place = &canvas->strokes[at * plan->columns + column];
    stroke.ways |= place->ways;
    *place = stroke;
}

/* The stroke left of the cut, or dim right of it. */
static struct stroke stroke_of(const struct canvas *canvas, unsigned ways, int column, bool merged,
                               size_t leaf) {
    bool behind = column >= canvas->plan->cut;
    unsigned ink = behind ? ROLE_DIM : tree_plan_ink(canvas->plan, leaf);
    return (struct stroke){ways, merged && !behind, ink, 0};
}

/* Goes on from where the branch is to a column; `merged`: with others, at or below the cut. */
static void extend(struct canvas *canvas, size_t first, int column, bool merged) {
    struct branch *branch = &canvas->branch[first];
    merged = merged || branch->merged;
    for (int c = branch->column < 0 ? 0 : branch->column; c <= column && branch->column < column;
         c++) {
        unsigned ways = (c > branch->column ? LEFT : 0U) | (c < column ? RIGHT : 0U);
        add(canvas, branch->row, c, stroke_of(canvas, ways, c, merged, first));
    }
}

static void add_merge(struct canvas *canvas, const struct tree_merge *merge) {
    const struct tree_plan *plan = canvas->plan;
    struct branch *upper = &canvas->branch[merge->first], *lower = &canvas->branch[merge->middle];
    int column = tree_plan_column(plan, merge->height);
    bool merged = merge->height <= plan->epsilon;
    extend(canvas, merge->first, column, merged);
    extend(canvas, merge->middle, column, merged);
    int sight = plan->first * plan->pitch, end = sight + canvas->rows;
    for (int row = upper->row < sight ? sight : upper->row; row <= lower->row && row < end; row++) {
        unsigned ways = (row > upper->row ? UP : 0U) | (row < lower->row ? DOWN : 0U);
        add(canvas, row, column, stroke_of(canvas, ways, column, merged, merge->first));
    }
    *upper = (struct branch){(upper->row + lower->row) / 2, column, merged};
    if (merge == canvas->next) {
        canvas->next_row = upper->row;
        canvas->next_column = column;
    }
}

/* Which of the rows in sight a row is; -1: none. */
static int in_sight(const struct tree_plan *plan, size_t row) {
    int seen = (int)row - plan->first;
    return seen >= 0 && seen < plan->shown ? seen : -1;
}

/* Adds up the merges within a row of several leaves, column by column. */
static void fill_row(struct canvas *canvas, size_t row, const size_t *merges, int column) {
    const struct tree_plan *plan = canvas->plan;
    const struct tree_row *item = &plan->rows.items[row];
    bool merged = item->height <= plan->epsilon;
    size_t all = item->end - item->first - 1, made = 0;
    for (int c = 0; c <= column; c++) {
        made += merges[c];
        unsigned ink = c >= plan->cut ? ROLE_DIM
                       : merged       ? tree_plan_ink(plan, item->first)
                                      : ROLE_TEXT;
        unsigned share = made < all ? 1 + (unsigned)(3 * made / all) : 4;
        add(canvas, (int)row * plan->pitch, c, (struct stroke){FILLED, false, ink, share});
    }
}

/* The rows as branches that begin at the left; `merges` [rows in sight x columns] how many lie
 * within each, by column. */
static void add_rows(struct canvas *canvas, const size_t *merges) {
    const struct tree_plan *plan = canvas->plan;
    for (size_t i = 0; i < plan->rows.count; i++) {
        const struct tree_row *item = &plan->rows.items[i];
        bool leaf = item->end - item->first == 1;
        int column = leaf ? -1 : tree_plan_column(plan, item->height), seen = in_sight(plan, i);
        canvas->branch[item->first] =
            (struct branch){(int)i * plan->pitch, column, !leaf && item->height <= plan->epsilon};
        if (!leaf && seen >= 0)
            fill_row(canvas, i, &merges[(ptrdiff_t)seen * plan->columns], column);
    }
}

/* Counts the merges that lie within rows, and finds the next among them. */
static void count_condensed(struct canvas *canvas, size_t *merges) {
    const struct tree_plan *plan = canvas->plan;
    for (size_t i = 0; i < plan->rows.condensed; i++) {
        const struct tree_merge *merge = &plan->tree->merge[i];
        size_t row = tree_rows_of(&plan->rows, merge->first);
        int column = tree_plan_column(plan, merge->height), seen = in_sight(plan, row);
        if (seen >= 0)
            merges[seen * plan->columns + column]++;
        if (merge == canvas->next) {
            canvas->next_row = (int)row * plan->pitch;
            canvas->next_column = column;
        }
    }
}

/* What never merges with the rest goes on to the right. */
static void extend_roots(struct canvas *canvas) {
    const struct tree_plan *plan = canvas->plan;
    const struct tree_view *tree = plan->tree;
    bool *inside = memory_new(tree->leaves, sizeof *inside, NULL);
    for (size_t i = 0; inside && i < tree->count; i++)
        inside[tree->merge[i].middle] = true;
    for (size_t i = 0; inside && i < tree->leaves; i++)
        if (!inside[i])
            extend(canvas, i, plan->columns - 1, false);
    free(inside);
}

static void collect(struct canvas *canvas) {
    const struct tree_plan *plan = canvas->plan;
    const struct tree_view *tree = plan->tree;
    size_t *merges = memory_new((size_t)(plan->shown * plan->columns), sizeof *merges, NULL);
    if (!merges)
        return;
    count_condensed(canvas, merges);
    add_rows(canvas, merges);
    free(merges);
    for (size_t i = plan->rows.condensed; i < tree->count; i++)
        add_merge(canvas, &tree->merge[i]);
    extend_roots(canvas);
}

/* ---- Drawing ---- */

static enum glyph glyph_of(const struct stroke *stroke) {
    static const enum glyph light[16] = {
        [UP] = GLYPH_VERTICAL,
        [DOWN] = GLYPH_VERTICAL,
        [UP | DOWN] = GLYPH_VERTICAL,
        [LEFT] = GLYPH_HORIZONTAL,
        [UP | LEFT] = GLYPH_CORNER_BOTTOM_RIGHT,
        [DOWN | LEFT] = GLYPH_CORNER_TOP_RIGHT,
        [UP | DOWN | LEFT] = GLYPH_TICK_LEFT,
        [RIGHT] = GLYPH_HORIZONTAL,
        [UP | RIGHT] = GLYPH_CORNER_BOTTOM_LEFT,
        [DOWN | RIGHT] = GLYPH_CORNER_TOP_LEFT,
        [UP | DOWN | RIGHT] = GLYPH_TEE_RIGHT,
        [LEFT | RIGHT] = GLYPH_HORIZONTAL,
        [UP | LEFT | RIGHT] = GLYPH_TEE_UP,
        [DOWN | LEFT | RIGHT] = GLYPH_TEE_DOWN,
        [UP | DOWN | LEFT | RIGHT] = GLYPH_CROSS,
    };
    static const enum glyph heavy[16] = {
        [UP] = GLYPH_MERGED_VERTICAL,
        [DOWN] = GLYPH_MERGED_VERTICAL,
        [UP | DOWN] = GLYPH_MERGED_VERTICAL,
        [LEFT] = GLYPH_MERGED_HORIZONTAL,
        [UP | LEFT] = GLYPH_MERGED_BOTTOM,
        [DOWN | LEFT] = GLYPH_MERGED_TOP,
        [UP | DOWN | LEFT] = GLYPH_MERGED_TEE_LEFT,
        [RIGHT] = GLYPH_MERGED_HORIZONTAL,
        [UP | RIGHT] = GLYPH_MERGED_TEE_RIGHT,
        [DOWN | RIGHT] = GLYPH_MERGED_TEE_RIGHT,
        [UP | DOWN | RIGHT] = GLYPH_MERGED_TEE_RIGHT,
        [LEFT | RIGHT] = GLYPH_MERGED_HORIZONTAL,
        [UP | LEFT | RIGHT] = GLYPH_MERGED_TEE_UP,
        [DOWN | LEFT | RIGHT] = GLYPH_MERGED_TEE_DOWN,
        [UP | DOWN | LEFT | RIGHT] = GLYPH_MERGED_CROSS,
    };
    static const enum glyph shades[4] = {GLYPH_SHADE_1, GLYPH_SHADE_2, GLYPH_SHADE_3,
                                         GLYPH_SHADE_4};
    unsigned ways = stroke->ways & (FILLED - 1);
    if (stroke->ways & FILLED && ways) /* the branch ends where it merges */
        ways |= LEFT;
    return ways == 0 ? shades[stroke->share - 1] : (stroke->merged ? heavy : light)[ways];
}

static void draw_row(const struct canvas *canvas, const struct area *area, int row) {
    const struct tree_plan *plan = canvas->plan;
    struct screen *screen = plan->ui->screen;
    for (int c = 0; c < plan->columns; c++) {
        const struct stroke *stroke = &canvas->strokes[row * plan->columns + c];
        if (c == plan->cut && plan->cut > 0)
            screen_put_glyph(screen, area, row, c, ROLE_EPSILON,
                             stroke->ways ? GLYPH_CUT_CROSS : GLYPH_CUT);
        else if (stroke->ways)
            screen_put_glyph(screen, area, row, c, stroke->ink, glyph_of(stroke));
    }
}

void tree_draw(const struct tree_plan *plan, const struct area *area) {
    const struct tree_view *tree = plan->tree;
    struct canvas canvas = {.plan = plan, .rows = plan->axis, .next_row = -1};
    canvas.next = plan->cut > 0 ? tree_next_merge(tree, plan->epsilon) : NULL;
    canvas.strokes =
        memory_new((size_t)(canvas.rows * plan->columns), sizeof *canvas.strokes, NULL);
    canvas.branch = memory_new(tree->leaves, sizeof *canvas.branch, NULL);
    if (canvas.strokes && canvas.branch) {
        collect(&canvas);
        for (int row = 0; row < canvas.rows; row++)
            draw_row(&canvas, area, row);
        int next = canvas.next_row - plan->first * plan->pitch;
        if (canvas.next && next < canvas.rows)
            screen_put_glyph(plan->ui->screen, area, next, canvas.next_column, ROLE_KEY,
                             GLYPH_NEXT_MERGE);
    }
    free(canvas.strokes);
    free(canvas.branch);
}
