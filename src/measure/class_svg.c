/* A layer's distances as shades, neurons in the order of its dendrogram, so that the members of a
 * class, and classes that are near, stand side by side. Layers with more neurons than the picture
 * has cells show one cell for every class, or, where there are still too many, for several
 * neurons. */
#include "measure/class_svg.h"

#include "lumpscope/epsilon_scale.h"
#include "lumpscope/memory.h"

#include "measure/dendrogram_svg.h"
#include "measure/svg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEFT = 120, HEAD = 130, SIDE = 600, LEAST = 300, FOOT = 24, CELLS = 160, SHADES = 9 };
static const double label_height = 9, widest_neuron = 40;
/* From near to far; the lightness alone tells them apart. */
static const char *const shades[SHADES] = {"#08306b", "#08519c", "#2171b5", "#4292c6", "#6baed6",
                                           "#9ecae1", "#c6dbef", "#deebf7", "#f7fbff"};
static const char frame_style[] = "fill=\"none\" stroke=\"#e66100\" stroke-width=\"2\"";
static const char no_distance[] = "#e5c8a8";

/* What one row and column stands for: leaves of the dendrogram, in its drawing order. */
struct cell {
    size_t first, end; /* positions */
    double from, to;   /* where it is in the picture */
    double inner;      /* height of the highest merge inside; 0: one neuron */
};

struct picture {
    const struct state_report *state;
    const struct state_layer *layer;
    struct dendrogram_order order;
    enum { CELL_NEURON, CELL_CLASS, CELL_BIN } kind;
    struct cell *cell; /* [cells] */
    size_t cells;
    double *distance; /* [cells x cells] between the first neurons of two cells */
    struct epsilon_scale scale;
    bool gaps; /* some distance is not finite */
    double top, side;
    bool framed; /* some class has two neurons or more */
};

static void picture_free(struct picture *picture) {
    dendrogram_order_free(&picture->order);
    free(picture->cell);
    free(picture->distance);
}

static uint32_t class_at(const struct picture *picture, size_t position) {
    return picture->layer->live_classes->class_of[picture->order.leaf[position]];
}

/* Classes are branches of the tree, so that their members stand side by side. */
static size_t cell_end(const struct picture *picture, size_t first, size_t number) {
    size_t leaves = picture->layer->dendrogram->leaves, end = first + 1;
    if (picture->kind == CELL_BIN)
        return (number + 1) * leaves / CELLS;
    while (picture->kind == CELL_CLASS && end < leaves &&
           class_at(picture, end) == class_at(picture, first))
        end++;
    return end;
}

static void place_cells(struct picture *picture) {
    size_t leaves = picture->layer->dendrogram->leaves;
    double unit = picture->side / fmax((double)leaves, 1);
    for (size_t first = 0; first < leaves;) {
        size_t end = cell_end(picture, first, picture->cells);
        picture->cell[picture->cells++] = (struct cell){
            .first = first, .end = end, .from = (double)first * unit, .to = (double)end * unit};
        first = end;
    }
}

/* Merges that end in the cell they begin in; the last of them is the highest. */
static bool measure_inner(struct picture *picture, struct error *error) {
    size_t *cell_of = memory_new(picture->layer->dendrogram->leaves, sizeof *cell_of, error);
    if (!cell_of)
        return false;
    for (size_t c = 0; c < picture->cells; c++)
        for (size_t p = picture->cell[c].first; p < picture->cell[c].end; p++)
            cell_of[p] = c;
    for (size_t k = 0; k < picture->order.count; k++) {
        const struct tree_merge *merge = &picture->order.merge[k];
        struct cell *cell = &picture->cell[cell_of[merge->first]];
        if (merge->end <= cell->end)
            cell->inner = merge->height;
    }
    free(cell_of);
    return true;
}

/* Of every cell's first neuron to all others, of which those to first neurons stay. */
static bool measure(struct picture *picture, const struct progress *progress, struct error *error) {
    size_t live = picture->layer->dendrogram->leaves, cells = picture->cells;
    size_t *chosen = memory_new(cells, sizeof *chosen, error);
    double *all = memory_new(cells * live, sizeof *all, error);
    picture->distance = memory_new(cells * cells, sizeof *picture->distance, error);
    bool done = chosen && all && picture->distance;
    for (size_t c = 0; done && c < cells; c++)
        chosen[c] = picture->order.leaf[picture->cell[c].first];
    done = done && refine_distance_rows(picture->state->study->refine, picture->layer->number,
                                        chosen, cells, all, progress, error);
    for (size_t a = 0; done && a < cells; a++)
        for (size_t b = 0; b < cells; b++)
            picture->distance[a * cells + b] =
                a == b ? picture->cell[a].inner : all[a * live + chosen[b]];
    free(chosen);
    free(all);
    return done;
}

static int compare_numbers(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Half of the shades below the distance in the middle, as far as the scale can. */
static bool choose_scale(struct picture *picture, struct error *error) {
    size_t cells = picture->cells, count = 0;
    double *sorted = memory_new(cells * cells, sizeof *sorted, error);
    if (!sorted)
        return false;
    for (size_t k = 0; k < cells * cells; k++)
        if (k / cells != k % cells && isfinite(picture->distance[k]))
            sorted[count++] = picture->distance[k];
        else if (k / cells != k % cells)
            picture->gaps = true;
    qsort(sorted, count, sizeof *sorted, compare_numbers);
    picture->scale =
        epsilon_scale_make(count ? sorted[count - 1] : 0, count ? sorted[count / 2] : NAN);
    free(sorted);
    return true;
}

static bool picture_init(struct picture *picture, double top, const struct progress *progress,
                         struct error *error) {
    const struct dendrogram *dendrogram = picture->layer->dendrogram;
    size_t most = dendrogram->leaves < CELLS ? dendrogram->leaves : CELLS;
    picture->top = top + HEAD;
    picture->side = fmin(SIDE, widest_neuron * (double)dendrogram->leaves);
    picture->kind = dendrogram->leaves <= CELLS               ? CELL_NEURON
                    : picture->layer->classes->count <= CELLS ? CELL_CLASS
                                                              : CELL_BIN;
    picture->cell = memory_new(most, sizeof *picture->cell, error);
    if (!picture->cell || !dendrogram_order_init(&picture->order, dendrogram, error))
        return false;
    place_cells(picture);
    return measure_inner(picture, error) && measure(picture, progress, error) &&
           choose_scale(picture, error);
}

/* SHADES: no distance. */
static size_t shade_of(const struct picture *picture, size_t row, size_t column) {
    double distance = picture->distance[row * picture->cells + column];
    if (!isfinite(distance))
        return SHADES;
    size_t shade = (size_t)(epsilon_scale_position(&picture->scale, distance) * SHADES);
    return shade < SHADES ? shade : SHADES - 1;
}

/* Neighbours of one shade are one rectangle. */
static void draw_row(const struct picture *picture, size_t row, struct text paths[SHADES + 1]) {
    const struct cell *down = &picture->cell[row];
    for (size_t first = 0, end; first < picture->cells; first = end) {
        size_t shade = shade_of(picture, row, first);
        for (end = first + 1; end < picture->cells && shade_of(picture, row, end) == shade;)
            end++;
        double from = LEFT + picture->cell[first].from, to = LEFT + picture->cell[end - 1].to;
        text_format(&paths[shade], "M%.1f %.1fH%.1fV%.1fH%.1fZ", from, picture->top + down->from,
                    to, picture->top + down->to, from);
    }
}

static void draw_cells(const struct picture *picture, struct text *out) {
    struct text paths[SHADES + 1] = {0};
    for (size_t row = 0; row < picture->cells; row++)
        draw_row(picture, row, paths);
    text_append(out, "<g shape-rendering=\"crispEdges\">\n");
    for (size_t shade = 0; shade <= SHADES; shade++) {
        if (paths[shade].length)
            text_format(out, "<path fill=\"%s\" d=\"%s\"/>\n",
                        shade < SHADES ? shades[shade] : no_distance, paths[shade].data);
        out->failed |= paths[shade].failed;
        text_free(&paths[shade]);
    }
    text_append(out, "</g>\n");
    text_format(out,
                "<rect x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"none\" "
                "stroke=\"#000000\"/>\n",
                LEFT, picture->top, picture->side, picture->side);
}

/* Every class of two neurons and more has a frame on the diagonal. */
static void draw_frames(struct picture *picture, struct text *out) {
    size_t leaves = picture->layer->dendrogram->leaves;
    double unit = picture->side / fmax((double)leaves, 1);
    struct text path = {0};
    for (size_t first = 0, end; first < leaves; first = end) {
        for (end = first + 1; end < leaves && class_at(picture, end) == class_at(picture, first);)
            end++;
        double from = (double)first * unit, to = (double)end * unit;
        if (end - first > 1)
            text_format(&path, "M%.1f %.1fH%.1fV%.1fH%.1fZ", LEFT + from, picture->top + from,
                        LEFT + to, picture->top + to, LEFT + from);
    }
    picture->framed = path.length > 0;
    if (picture->framed)
        text_format(out, "<path %s d=\"%s\"/>\n", frame_style, path.data);
    out->failed |= path.failed;
    text_free(&path);
}

static void name_cell(const struct picture *picture, const struct cell *cell, char *out,
                      size_t size) {
    size_t neuron = picture->layer->live[picture->order.leaf[cell->first]];
    if (cell->end - cell->first == 1)
        snprintf(out, size, "%zu", neuron);
    else
        snprintf(out, size, "%zu +%zu", neuron, cell->end - cell->first - 1);
}

/* On two sides, as many labels as keep clear of each other. */
static void draw_labels(const struct picture *picture, struct text *out) {
    double next = 0;
    char name[64];
    text_append(out, "<g font-size=\"9\">\n");
    for (size_t c = 0; c < picture->cells; c++) {
        const struct cell *cell = &picture->cell[c];
        double at = (cell->from + cell->to) / 2;
        if (c > 0 && at < next)
            continue;
        next = at + label_height;
        name_cell(picture, cell, name, sizeof name);
        svg_text(out, LEFT - 6, picture->top + at + 3, "text-anchor=\"end\"", "%s", name);
        text_format(out, "<text transform=\"translate(%.1f %.1f) rotate(-90)\">%s</text>\n",
                    LEFT + at + 3, picture->top - 6, name);
    }
    text_append(out, "</g>\n");
    text_format(out,
                "<text transform=\"translate(54 %.1f) rotate(-90)\" text-anchor=\"middle\">%s"
                "</text>\n",
                picture->top + picture->side / 2,
                picture->kind == CELL_NEURON ? "neuron" : "first neuron, and how many more");
}

static void legend_entry(double x, double y, const char *style, const char *words,
                         struct text *out) {
    text_format(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"30\" height=\"18\" %s/>\n", x, y - 14,
                style);
    svg_text(out, x + 38, y, "font-size=\"11\"", "%s", words);
}

/* A shade and up to which distance it goes. */
static void draw_legend(const struct picture *picture, struct text *out) {
    enum { BOX = 22 };
    char number[TEXT_NUMBER_SIZE];
    struct text style = {0};
    double at = LEFT + picture->side + 24, y = picture->top + 14;
    svg_text(out, at, y, "font-weight=\"bold\" font-size=\"12\"", "distance up to");
    for (size_t shade = 0; shade < (picture->scale.end > 0 ? SHADES : 1); shade++) {
        double edge = epsilon_scale_at(&picture->scale, ((double)shade + 1) / SHADES);
        text_format(&style, "fill=\"%s\" stroke=\"#444444\" stroke-width=\"0.5\"", shades[shade]);
        legend_entry(at, y += BOX, style.data ? style.data : "", text_human(edge, 3, number), out);
        text_clear(&style);
    }
    text_format(&style, "fill=\"%s\"", no_distance);
    if (picture->gaps)
        legend_entry(at, y += BOX, style.data ? style.data : "", "no distance", out);
    if (picture->framed)
        legend_entry(at, y + BOX + 12, frame_style, "a class", out);
    out->failed |= style.failed;
    text_free(&style);
}

static void append_notes(const struct picture *picture, struct text *out) {
    const struct state_layer *layer = picture->layer;
    if (layer->dead)
        text_format(out, "; %zu dead left out", layer->dead);
    if (layer->locked)
        text_append(out, "; locked, nothing merges");
    if (picture->kind == CELL_CLASS)
        text_append(out, "; a cell for every two classes: their first neurons");
    if (picture->kind == CELL_BIN)
        text_format(out, "; a cell for about %zu by %zu neurons: the first of each",
                    (layer->dendrogram->leaves + CELLS - 1) / CELLS,
                    (layer->dendrogram->leaves + CELLS - 1) / CELLS);
}

static void draw_head(const struct picture *picture, double top, struct text *out) {
    const struct state_layer *layer = picture->layer;
    char number[TEXT_NUMBER_SIZE];
    struct text title = {0}, source = {0};
    state_layer_title(layer, &title);
    svg_text(out, 24, top + 28, "font-size=\"16\" font-weight=\"bold\"",
             "Classes of %s at epsilon %s", title.data ? title.data : "",
             text_human(refine_epsilon(picture->state->study->refine), 4, number));
    out->failed |= title.failed;
    text_free(&title);
    state_source(picture->state, &source);
    append_notes(picture, &source);
    svg_text(out, 24, top + 48, "fill=\"#444444\"", "%s", source.data ? source.data : "");
    svg_text(out, 24, top + 68, "fill=\"#444444\"", "distance of two neurons: %s%s",
             state_layer_unit(picture->state),
             picture->kind == CELL_NEURON ? ""
                                          : "; on the diagonal where the neurons have become one");
    out->failed |= source.failed;
    text_free(&source);
}

bool class_svg(const struct state_report *state, const struct state_layer *layer, double top,
               double *height, struct text *out, const struct progress *progress,
               struct error *error) {
    struct picture picture = {.state = state, .layer = layer};
    bool made = picture_init(&picture, top, progress, error);
    if (made) {
        draw_head(&picture, top, out);
        draw_cells(&picture, out);
        draw_frames(&picture, out);
        draw_labels(&picture, out);
        draw_legend(&picture, out);
        *height = picture.top + fmax(picture.side, LEAST) + FOOT;
    }
    picture_free(&picture);
    return made;
}
