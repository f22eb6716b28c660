/* A dendrogram lying on its side: leaves down the page, epsilon across. Layers with more leaves
 * than a page has rows show what is one class as one row, and, where there are still too many, what
 * merges first. */
#include "measure/dendrogram_svg.h"

#include "lumpscope/epsilon_scale.h"
#include "lumpscope/memory.h"

#include "measure/svg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEFT = 190,
    RIGHT = 850,
    HEAD = 112, /* title, source, legend, the cut's label */
    FOOT = 64,  /* the axis */
    ROWS = 160, /* at most, as long as merges can be folded away */
    PAGE = 3000 /* room for rows that cannot */
};
static const double tallest_row = 15, label_height = 12;
static const char merged_style[] = "fill=\"none\" stroke=\"#0072b2\" stroke-width=\"2\"";
static const char later_style[] = "fill=\"none\" stroke=\"#777777\" stroke-width=\"1\"";
static const char never_style[] =
    "fill=\"none\" stroke=\"#777777\" stroke-width=\"1\" stroke-dasharray=\"1 4\"";
static const char *const fold_styles[] = {"fill=\"#cccccc\" stroke=\"#777777\"",
                                          "fill=\"#56b4e9\" stroke=\"#0072b2\""};
static const char cut_style[] = "stroke=\"#d55e00\" stroke-width=\"1.5\" stroke-dasharray=\"6 4\"";

/* Where a branch is, while it is drawn from its leaves on. */
struct node {
    double x, y;
};

struct drawing {
    const struct state_report *state;
    const struct state_layer *layer;
    struct dendrogram_order order;
    struct epsilon_scale scale;
    double epsilon;
    size_t folded; /* the first merges, that are inside rows */
    size_t *end;   /* [leaves] where the row that begins at a position ends */
    size_t *inner; /* [leaves] merges inside of that row */
    size_t rows;
    double top, row;   /* of the first row; height of each */
    struct node *node; /* [leaves] of the branch that begins at a position */
    bool *root;        /* [leaves] the branch that begins here has not been joined to another */
    struct text merged, later, folds[2]; /* paths; folds[1]: one class and less */
};

static double across(const struct drawing *drawing, double epsilon) {
    return LEFT + epsilon_scale_position(&drawing->scale, epsilon) * (RIGHT - LEFT);
}

static void drawing_free(struct drawing *drawing) {
    dendrogram_order_free(&drawing->order);
    free(drawing->end);
    free(drawing->inner);
    free(drawing->node);
    free(drawing->root);
    text_free(&drawing->merged);
    text_free(&drawing->later);
    text_free(&drawing->folds[0]);
    text_free(&drawing->folds[1]);
}

/* The cut is on the axis even where nothing merges as late. */
static void choose_scale(struct drawing *drawing) {
    const struct dendrogram_order *order = &drawing->order;
    double end = drawing->epsilon, middle = NAN;
    if (order->count > 0) {
        end = fmax(end, order->merge[order->count - 1].height);
        middle = order->merge[order->count / 2].height;
    }
    drawing->scale = epsilon_scale_make(end, middle);
}

/* Nothing where all leaves have rows; else classes, or more where classes are too many. */
static void choose_folds(struct drawing *drawing) {
    size_t leaves = drawing->layer->dendrogram->leaves, count = drawing->order.count;
    drawing->folded = 0;
    if (leaves > ROWS)
        drawing->folded = drawing->layer->merged;
    if (leaves - drawing->folded > ROWS)
        drawing->folded = leaves - ROWS < count ? leaves - ROWS : count;
    drawing->rows = leaves - drawing->folded;
    drawing->row = fmin(tallest_row, PAGE / fmax((double)drawing->rows, 1));
}

/* Later merges hold earlier ones, so the last that begins at a position has all of its row. */
static void place_rows(struct drawing *drawing) {
    size_t leaves = drawing->layer->dendrogram->leaves, row = 0;
    for (size_t i = 0; i < leaves; i++)
        drawing->end[i] = i + 1;
    for (size_t k = 0; k < drawing->folded; k++) {
        const struct tree_merge *merge = &drawing->order.merge[k];
        drawing->end[merge->first] = merge->end;
        drawing->inner[merge->first] = k + 1;
    }
    for (size_t i = 0; i < leaves; i = drawing->end[i], row++) {
        drawing->root[i] = true;
        drawing->node[i] = (struct node){LEFT, drawing->top + ((double)row + 0.5) * drawing->row};
    }
}

static bool drawing_init(struct drawing *drawing, double top, struct error *error) {
    const struct dendrogram *dendrogram = drawing->layer->dendrogram;
    size_t leaves = dendrogram->leaves;
    if (!dendrogram_order_init(&drawing->order, dendrogram, error))
        return false;
    drawing->end = memory_new(leaves, sizeof *drawing->end, error);
    drawing->inner = memory_new(leaves, sizeof *drawing->inner, error);
    drawing->node = memory_new(leaves, sizeof *drawing->node, error);
    drawing->root = memory_new(leaves, sizeof *drawing->root, error);
    if (!drawing->end || !drawing->inner || !drawing->node || !drawing->root)
        return false;
    drawing->epsilon = refine_epsilon(drawing->state->study->refine);
    drawing->top = top + HEAD;
    choose_scale(drawing);
    choose_folds(drawing);
    place_rows(drawing);
    return true;
}

/* A row of several neurons is a wedge that ends where they have become one. */
static void fold(struct drawing *drawing, size_t position) {
    struct node *node = &drawing->node[position];
    double half = 0.4 * drawing->row;
    double x = across(drawing, drawing->order.merge[drawing->inner[position] - 1].height);
    text_format(&drawing->folds[drawing->inner[position] <= drawing->layer->merged],
                "M%.1f %.1fV%.1fL%.1f %.1fZ", node->x, node->y - half, node->y + half,
                fmax(x, node->x + 3), node->y);
    node->x = x;
}

static void join(struct drawing *drawing, size_t merge_number) {
    const struct tree_merge *merge = &drawing->order.merge[merge_number];
    struct node *a = &drawing->node[merge->first], *b = &drawing->node[merge->middle];
    double x = across(drawing, merge->height);
    text_format(merge_number < drawing->layer->merged ? &drawing->merged : &drawing->later,
                "M%.1f %.1fH%.1fV%.1fH%.1f", a->x, a->y, x, b->y, b->x);
    *a = (struct node){x, (a->y + b->y) / 2};
    drawing->root[merge->middle] = false;
}

static void draw_paths(const struct drawing *drawing, struct text *out) {
    if (drawing->later.length)
        text_format(out, "<path %s d=\"%s\"/>\n", later_style, drawing->later.data);
    if (drawing->merged.length)
        text_format(out, "<path %s d=\"%s\"/>\n", merged_style, drawing->merged.data);
    for (size_t k = 0; k < 2; k++) {
        if (drawing->folds[k].length)
            text_format(out, "<path %s d=\"%s\"/>\n", fold_styles[k], drawing->folds[k].data);
        out->failed |= drawing->folds[k].failed;
    }
    out->failed |= drawing->later.failed || drawing->merged.failed;
}

static bool some_never_merge(const struct drawing *drawing) {
    return drawing->layer->dendrogram->leaves > drawing->order.count + 1;
}

/* What never merges goes on to the edge. */
static void draw_roots(const struct drawing *drawing, struct text *out) {
    size_t leaves = some_never_merge(drawing) ? drawing->layer->dendrogram->leaves : 0;
    for (size_t i = 0; i < leaves; i = drawing->end[i])
        if (drawing->root[i])
            svg_line(out, drawing->node[i].x, drawing->node[i].y, RIGHT + 12, drawing->node[i].y,
                     never_style);
}

static void draw_tree(struct drawing *drawing, struct text *out) {
    size_t leaves = drawing->layer->dendrogram->leaves;
    for (size_t i = 0; i < leaves; i = drawing->end[i])
        if (drawing->inner[i])
            fold(drawing, i);
    for (size_t k = drawing->folded; k < drawing->order.count; k++)
        join(drawing, k);
    draw_roots(drawing, out);
    draw_paths(drawing, out);
}

/* "17", "17, 42", "17, 42, 51 and 9 more". */
static void label(const struct drawing *drawing, size_t position, char *out, size_t size) {
    enum { NAMED = 3 };
    size_t count = drawing->end[position] - position, named = count < NAMED ? count : NAMED;
    size_t length = 0;
    out[0] = '\0';
    for (size_t k = 0; k < named; k++)
        length += (size_t)snprintf(out + length, size - length, "%s%zu", k ? ", " : "",
                                   drawing->layer->live[drawing->order.leaf[position + k]]);
    if (count > named)
        snprintf(out + length, size - length, " and %zu more", count - named);
}

static size_t label_stride(const struct drawing *drawing) {
    return drawing->row > 0 ? (size_t)fmax(ceil(label_height / drawing->row), 1) : 1;
}

static void draw_labels(const struct drawing *drawing, struct text *out) {
    size_t leaves = drawing->layer->dendrogram->leaves, stride = label_stride(drawing), row = 0;
    char name[128];
    text_append(out, "<g font-size=\"11\" text-anchor=\"end\">\n");
    for (size_t i = 0; i < leaves; i = drawing->end[i], row++) {
        if (row % stride)
            continue;
        label(drawing, i, name, sizeof name);
        double y = drawing->top + ((double)row + 0.5) * drawing->row;
        svg_text(out, LEFT - 8, y + 4, "", "%s", name);
    }
    text_append(out, "</g>\n");
}

static void tick(const struct drawing *drawing, double epsilon, double bottom, struct text *out) {
    double x = across(drawing, epsilon);
    svg_line(out, x, bottom, x, bottom + 5, "stroke=\"#000000\"");
    svg_text(out, x, bottom + 19, "font-size=\"11\" text-anchor=\"middle\"", "%g", epsilon);
}

/* 1, 2 and 5 of every decade, from the largest on as long as they keep clear of each other. */
static void draw_ticks(const struct drawing *drawing, double bottom, struct text *out) {
    enum { CLEARANCE = 46, DECADES = 12 };
    static const double steps[] = {5, 2, 1};
    double last = INFINITY, decade = floor(log10(fmax(drawing->scale.end, 1e-300)));
    for (int d = 0; drawing->scale.end > 0 && d < DECADES; d++)
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            double epsilon = steps[k] * pow(10, decade - d), x = across(drawing, epsilon);
            if (epsilon > drawing->scale.end || x > last - CLEARANCE || x < LEFT + CLEARANCE)
                continue;
            tick(drawing, epsilon, bottom, out);
            last = x;
        }
    tick(drawing, 0, bottom, out);
}

static void draw_axis(const struct drawing *drawing, double bottom, struct text *out) {
    static const char *const scales[] = {"", "", ", square root scale", ", cube root scale",
                                         ", fourth root scale"};
    svg_line(out, LEFT, bottom, RIGHT, bottom, "stroke=\"#000000\"");
    draw_ticks(drawing, bottom, out);
    svg_text(out, (LEFT + RIGHT) / 2.0, bottom + 42, "text-anchor=\"middle\"",
             "epsilon at which branches merge (%s%s)", state_layer_unit(drawing->state),
             scales[(size_t)drawing->scale.root]);
    svg_text(out, LEFT - 8, drawing->top - 8, "font-size=\"11\" text-anchor=\"end\"", "neuron");
}

static void draw_cut(const struct drawing *drawing, double bottom, struct text *out) {
    double x = across(drawing, drawing->epsilon);
    char number[TEXT_NUMBER_SIZE], style[64];
    svg_line(out, x, drawing->top - 4, x, bottom, cut_style);
    bool right = x > (LEFT + RIGHT) / 2.0;
    snprintf(style, sizeof style, "fill=\"#a04000\" text-anchor=\"%s\"", right ? "end" : "start");
    svg_text(out, x + (right ? -2 : 2), drawing->top - 10, style, "cut at epsilon %s: %zu %s",
             text_human(drawing->epsilon, 4, number), drawing->layer->classes->count,
             drawing->layer->classes->count == 1 ? "class" : "classes");
}

static void legend_line(double x, double y, const char *style, const char *words,
                        struct text *out) {
    text_format(out, "<path d=\"M%.1f %.1fh26\" %s/>\n", x, y - 4, style);
    svg_text(out, x + 32, y, "font-size=\"11\"", "%s", words);
}

static void draw_legend(const struct drawing *drawing, double y, struct text *out) {
    legend_line(24, y, merged_style, "merged at this epsilon", out);
    legend_line(204, y, later_style, "merges later", out);
    if (some_never_merge(drawing))
        legend_line(324, y, never_style, "never merges", out);
    if (drawing->folded) {
        text_format(out, "<path %s d=\"M%d %.1fV%.1fL%d %.1fZ\"/>\n", fold_styles[1], 454, y - 10,
                    y + 1, 480, y - 4.5);
        svg_text(out, 486, y, "font-size=\"11\"",
                 "several neurons in a row, one from its tip on (grey: not yet)");
    }
}

/* What the reader has to know about rows and distances; nothing mostly. */
static void append_notes(const struct drawing *drawing, struct text *out) {
    const struct refine *refine = drawing->state->study->refine;
    size_t neighbour = refine_neighbour(refine, drawing->layer->number);
    size_t stride = label_stride(drawing);
    if (drawing->layer->dead)
        text_format(out, "; %zu dead left out", drawing->layer->dead);
    if (drawing->layer->locked)
        text_append(out, "; locked, nothing merges");
    if (neighbour)
        text_format(out, "; holds for the %zu classes of layer %zu",
                    refine_live_partition(refine)->layer[neighbour - 1].count, neighbour);
    if (stride > 1)
        text_format(out, "; one row of %zu has its label", stride);
}

static void draw_head(const struct drawing *drawing, double top, struct text *out) {
    const struct state_layer *layer = drawing->layer;
    struct text title = {0}, source = {0};
    state_layer_title(layer, &title);
    svg_text(out, 24, top + 28, "font-size=\"16\" font-weight=\"bold\"", "Dendrogram of %s",
             title.data ? title.data : "");
    out->failed |= title.failed;
    text_free(&title);
    state_source(drawing->state, &source);
    append_notes(drawing, &source);
    svg_text(out, 24, top + 48, "fill=\"#444444\"", "%s", source.data ? source.data : "");
    out->failed |= source.failed;
    text_free(&source);
    draw_legend(drawing, top + 70, out);
}

bool dendrogram_svg(const struct state_report *state, const struct state_layer *layer, double top,
                    double *height, struct text *out, struct error *error) {
    struct drawing drawing = {.state = state, .layer = layer};
    bool made = drawing_init(&drawing, top, error);
    if (made) {
        double bottom = drawing.top + fmax((double)drawing.rows * drawing.row, tallest_row) + 6;
        draw_head(&drawing, top, out);
        draw_tree(&drawing, out);
        draw_labels(&drawing, out);
        draw_axis(&drawing, bottom, out);
        draw_cut(&drawing, bottom, out);
        *height = bottom + FOOT;
    }
    drawing_free(&drawing);
    return made;
}
