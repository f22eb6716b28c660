/* One neuron and its class: members, what they become, distances, what they merge with next, and
 * the neuron's weights. The pane is a list of lines with a cursor; Enter walks along the line to
 * the neuron it names, Esc walks back. */
#include "lumpscope/memory.h"
#include "lumpscope/text.h"
#include "tui/actions.h"
#include "tui/columns.h"
#include "tui/ui.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAB = 10, PRECISE_COLUMNS = 50, WORDS_SIZE = 200 };

enum line_kind {
    LINE_BLANK,
    LINE_DEAD, /* row `index` of a paragraph */
    LINE_EPSILON,
    LINE_MEMBERS,
    LINE_WIDEST,
    LINE_NEXT,
    LINE_BECOMES, /* row `index` of a paragraph */
    LINE_DISTANCES,
    LINE_DISTANCE, /* to member `index` */
    LINE_READS,
    LINE_INCOMING, /* from neuron or input `index` */
    LINE_BIAS,
    LINE_SENDS,
    LINE_OUTGOING, /* to neuron or output `index` */
};

struct line {
    enum line_kind kind;
    size_t index;
};

/* What drawing a line needs. */
struct page {
    const struct ui *ui;
    const struct inspection *inspection;
    struct area area;
    int names, numbers;          /* columns of a name and of a number */
    double read_peak, sent_peak; /* largest magnitudes of weights */
    struct line *lines;          /* [count], owned */
    size_t count;
};

static void title(const struct ui *ui, int columns, char *out, size_t size) {
    const struct inspection *inspection = &ui->snapshot->inspection;
    size_t members = inspection->member_count;
    if (inspection->layer == 0) {
        snprintf(out, size, "Neuron");
        return;
    }
    if (inspection->dead) {
        snprintf(out, size, "Neuron %zu (dead)", inspection->neuron);
        return;
    }
    snprintf(out, size, "Neuron %zu, class %zu (%zu neuron%s)", inspection->neuron,
             inspection->class_id, members, members == 1 ? "" : "s");
    if (columns_width(out) > columns)
        snprintf(out, size, "Neuron %zu, class %zu (%zu)", inspection->neuron, inspection->class_id,
                 members);
}

/* ---- Which lines there are ---- */

/* "one neuron, the weighted mean of what the members read": what a class of several becomes. */
static const char *becomes_words(const struct ui *ui, char *out) {
    const struct snapshot *snapshot = ui->snapshot;
    const struct inspection *inspection = &snapshot->inspection;
    const struct options *options = &snapshot->options;
    enum activation_kind kind = snapshot->network->layers[inspection->layer - 1].activation.kind;
    bool forward = options->relation == RELATION_FORWARD;
    char kept[64];
    snprintf(kept, sizeof kept, "one neuron that keeps %zu's incoming weights",
             inspection->representative);
    const char *words = inspection->representative != SIZE_MAX ? kept
                        : forward && kind == ACTIVATION_LINEAR
                            ? "one neuron: the sum of what they read, the mean of what they send"
                        : forward && kind == ACTIVATION_SQUARE
                            ? "as many neurons as the sum of their squares needs"
                            : "one neuron: the weighted mean of what they read";
    snprintf(out, WORDS_SIZE, "%s%s", words,
             options->refit ? "; what it sends is fitted to all of them" : "");
    return out;
}

static const char dead_words[] =
    "dead: nothing reads it. Every weight it sends is 0 or goes to a dead neuron, so the reduced "
    "network leaves it out and no output changes.";

/* The row of a paragraph that is `columns` wide; 0 bytes past its end. */
static size_t paragraph_row(const char **words, int columns, size_t row) {
    size_t length = columns_wrap(*words, columns);
    for (; row > 0; row--) {
        *words += length + ((*words)[length] == ' ');
        length = columns_wrap(*words, columns);
    }
    return **words ? length : 0;
}

static void add(struct page *page, enum line_kind kind, size_t index) {
    page->lines[page->count++] = (struct line){kind, index};
}

static void add_paragraph(struct page *page, enum line_kind kind, const char *words, int columns) {
    for (size_t row = 0; row < WORDS_SIZE; row++) {
        const char *rest = words;
        if (paragraph_row(&rest, columns, row) == 0)
            return;
        add(page, kind, row);
    }
}

struct ranked {
    double size;
    size_t index;
};

static int larger(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    return x->size < y->size   ? 1
           : x->size > y->size ? -1
                               : (x->index > y->index) - (x->index < y->index);
}

/* One line per value; the largest magnitudes first where the user sorts (and there is memory). */
static void add_values(struct page *page, enum line_kind kind, const double *values, size_t count) {
    struct ranked *ranked = page->ui->by_size ? memory_new(count, sizeof *ranked, NULL) : NULL;
    for (size_t i = 0; ranked && i < count; i++)
        ranked[i] = (struct ranked){isfinite(values[i]) ? fabs(values[i]) : -1, i};
    if (ranked)
        qsort(ranked, count, sizeof *ranked, larger);
    for (size_t i = 0; i < count; i++)
        add(page, kind, ranked ? ranked[i].index : i);
    free(ranked);
}

static void add_class(struct page *page) {
    const struct inspection *inspection = page->inspection;
    char words[WORDS_SIZE];
    bool several = inspection->member_count > 1;
    add(page, LINE_EPSILON, 0);
    add(page, LINE_MEMBERS, 0);
    add(page, LINE_WIDEST, 0);
    add(page, LINE_NEXT, 0);
    if (several) {
        add_paragraph(page, LINE_BECOMES, becomes_words(page->ui, words),
                      page->area.columns - TAB - 1);
        add(page, LINE_BLANK, 0);
        add(page, LINE_DISTANCES, 0);
        add_values(page, LINE_DISTANCE, inspection->distances, inspection->member_count);
    }
}

static double largest(const double *values, size_t count) {
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

/* False when there is no neuron to show, or no memory. The caller frees the lines. */
static bool page_make(struct page *page, const struct ui *ui, const struct area *area) {
    const struct inspection *inspection = &ui->snapshot->inspection;
    *page = (struct page){.ui = ui, .inspection = inspection, .area = *area};
    if (inspection->layer == 0 || inspection->layer > ui->snapshot->hidden)
        return false;
    page->lines = memory_new(2 * (size_t)WORDS_SIZE + inspection->member_count +
                                 inspection->inputs + inspection->outputs,
                             sizeof *page->lines, NULL);
    if (!page->lines)
        return false;
    bool precise = area->columns >= PRECISE_COLUMNS;
    page->numbers = precise ? 20 : 10;
    page->names = precise ? 14 + (area->columns - PRECISE_COLUMNS) / 2 : 11;
    page->read_peak =
        fmax(largest(inspection->incoming, inspection->inputs), fabs(inspection->bias));
    page->sent_peak = largest(inspection->outgoing, inspection->outputs);
    if (inspection->dead)
        add_paragraph(page, LINE_DEAD, dead_words, area->columns - 2);
    else
        add_class(page);
    add(page, LINE_BLANK, 0);
    add(page, LINE_READS, 0);
    add_values(page, LINE_INCOMING, inspection->incoming, inspection->inputs);
    add(page, LINE_BIAS, 0);
    add(page, LINE_BLANK, 0);
    add(page, LINE_SENDS, 0);
    add_values(page, LINE_OUTGOING, inspection->outgoing, inspection->outputs);
    return true;
}

/* ---- Drawing them ---- */

/* All digits, or as many as there is room for. */
static const char *precise(double value, int columns, char *out) {
    text_number(value, out);
    for (int digits = 15; (int)strlen(out) > columns && digits > 2; digits--)
        text_human(value, digits, out);
    return out;
}

static void put_label(const struct page *page, int row, const char *label) {
    screen_put(page->ui->screen, &page->area, row, 1, ROLE_LABEL, label);
}

static void draw_epsilon(const struct page *page, int row) {
    char number[TEXT_NUMBER_SIZE];
    put_label(page, row, screen_glyph(page->ui->screen, GLYPH_EPSILON));
    screen_put(page->ui->screen, &page->area, row, TAB, ROLE_EPSILON,
               precise(page->ui->snapshot->epsilon, page->area.columns - TAB - 1, number));
}

static void draw_members(const struct page *page, int row) {
    const struct inspection *inspection = page->inspection;
    struct text text = {0};
    for (size_t i = 0; i < inspection->member_count && (int)text.length <= page->area.columns; i++)
        text_format(&text, "%s%zu", i ? " " : "", inspection->members[i]);
    put_label(page, row, "members");
    if (text.data)
        screen_put(page->ui->screen, &page->area, row, TAB, ROLE_VALUE, text.data);
    text_free(&text);
}

static void draw_widest(const struct page *page, int row) {
    const struct inspection *inspection = page->inspection;
    char number[TEXT_NUMBER_SIZE], pair[64];
    put_label(page, row, "widest");
    if (inspection->member_count < 2) {
        screen_put(page->ui->screen, &page->area, row, TAB, ROLE_TEXT, "alone in its class");
        return;
    }
    if (!isfinite(inspection->widest)) {
        screen_put(page->ui->screen, &page->area, row, TAB, ROLE_TEXT, "not known");
        return;
    }
    snprintf(pair, sizeof pair, " between %zu and %zu", inspection->widest_a, inspection->widest_b);
    int room = page->area.columns - TAB - 1 - columns_width(pair);
    screen_format(page->ui->screen, &page->area, row, TAB, ROLE_VALUE, "%s%s",
                  precise(inspection->widest, room, number), pair);
}

static void draw_next(const struct page *page, int row) {
    const struct inspection *inspection = page->inspection;
    char number[TEXT_NUMBER_SIZE], partner[48] = "";
    put_label(page, row, "merges");
    if (!isfinite(inspection->next_merge)) {
        bool locked = page->ui->snapshot->layers[inspection->layer - 1].locked;
        screen_put(page->ui->screen, &page->area, row, TAB, ROLE_TEXT,
                   locked ? "not while the layer is locked" : "no more");
        return;
    }
    if (inspection->next_class != SIZE_MAX)
        snprintf(partner, sizeof partner, " with class %zu", inspection->next_class);
    int room = page->area.columns - TAB - 4 - columns_width(partner);
    screen_format(page->ui->screen, &page->area, row, TAB, ROLE_VALUE, "at %s%s",
                  precise(inspection->next_merge, room, number), partner);
}

static void draw_paragraph(const struct page *page, int row, int column, unsigned ink,
                           const char *words, size_t index) {
    size_t length = paragraph_row(&words, page->area.columns - column - 1, index);
    screen_format(page->ui->screen, &page->area, row, column, ink, "%.*s", (int)length, words);
}

static void draw_becomes(const struct page *page, int row, size_t index) {
    char words[WORDS_SIZE];
    if (index == 0)
        put_label(page, row, "becomes");
    draw_paragraph(page, row, TAB, ROLE_TEXT, becomes_words(page->ui, words), index);
}

static void draw_distances(const struct page *page, int row) {
    const char *epsilon = screen_glyph(page->ui->screen, GLYPH_EPSILON);
    if (page->ui->snapshot->epsilon > 0)
        screen_format(page->ui->screen, &page->area, row, 1, ROLE_LABEL,
                      "distance to (a full bar: %s)", epsilon);
    else
        put_label(page, row, "distance to");
}

/* The bar ends at epsilon; what is further off, linked through other members, has an arrow. */
static void draw_distance(const struct page *page, int row, size_t i) {
    const struct inspection *inspection = page->inspection;
    struct screen *screen = page->ui->screen;
    double distance = inspection->distances[i], epsilon = page->ui->snapshot->epsilon;
    char number[TEXT_NUMBER_SIZE];
    screen_format(screen, &page->area, row, 3, ROLE_TEXT, "%zu", inspection->members[i]);
    if (inspection->members[i] == inspection->neuron) {
        screen_put(screen, &page->area, row, TAB, ROLE_DIM, "itself");
        return;
    }
    if (!isfinite(distance)) {
        screen_put(screen, &page->area, row, TAB, ROLE_DIM, "not kept");
        return;
    }
    screen_put(screen, &page->area, row, TAB, ROLE_VALUE, precise(distance, page->numbers, number));
    int bar = TAB + page->numbers + 1, columns = page->area.columns - bar - 2;
    if (!(epsilon > 0) || columns < 2)
        return;
    screen_repeat(screen, &page->area, row, bar, columns, ROLE_TRACK, GLYPH_BAR_EMPTY);
    ui_bar(page->ui, &page->area, row, bar, columns, distance / epsilon, ROLE_POSITIVE);
    if (distance > epsilon * (1 + 1e-9))
        screen_put_glyph(screen, &page->area, row, bar + columns, ROLE_NEGATIVE, GLYPH_ARROW);
}

/* A name, a number and a bar from the middle: to the right for positive weights. */
static void draw_weight(const struct page *page, int row, const char *name, double weight,
                        double most) {
    struct screen *screen = page->ui->screen;
    char number[TEXT_NUMBER_SIZE], shown[64];
    int bar = page->names + page->numbers + 4, half = (page->area.columns - bar - 2) / 2;
    columns_shorten(shown, sizeof shown, name, page->names, screen_glyph(screen, GLYPH_MARK_CUT));
    screen_put(screen, &page->area, row, 3, ROLE_TEXT, shown);
    if (page->numbers > 10)
        precise(weight, page->numbers, number);
    else
        text_human(weight, 3, number);
    screen_format(screen, &page->area, row, page->names + 3, ROLE_VALUE, "%*s", page->numbers,
                  number);
    if (half < 2)
        return;
    int length = most > 0 ? (int)lround(fabs(weight) / most * half) : 0;
    screen_put_glyph(screen, &page->area, row, bar + half, ROLE_FRAME, GLYPH_VERTICAL);
    if (weight < 0)
        screen_repeat(screen, &page->area, row, bar + half - length, length, ROLE_NEGATIVE,
                      GLYPH_BAR);
    else
        screen_repeat(screen, &page->area, row, bar + half + 1, length, ROLE_POSITIVE, GLYPH_BAR);
}

/* Incoming and outgoing weights differ in where the ends of the network are. */
static void draw_value(const struct page *page, int row, bool outgoing, size_t i) {
    const struct inspection *inspection = page->inspection;
    const struct network *network = page->ui->snapshot->network;
    bool at_end = outgoing ? inspection->layer + 1 == network->depth : inspection->layer == 1;
    char name[128];
    if (at_end)
        scaling_name(outgoing ? &network->output : &network->input, outgoing ? "output" : "input",
                     i, name, sizeof name);
    else
        snprintf(name, sizeof name, "neuron %zu", i);
    draw_weight(page, row, name, (outgoing ? inspection->outgoing : inspection->incoming)[i],
                outgoing ? page->sent_peak : page->read_peak);
}

static void draw_heading(const struct page *page, int row, const char *verb, size_t count) {
    const char *order = page->ui->by_size ? "largest weights first" : "weights";
    screen_format(page->ui->screen, &page->area, row, 1, ROLE_LABEL, "%s %zu, %s", verb, count,
                  order);
}

static void draw_line(const struct page *page, int row, const struct line *line) {
    const struct inspection *inspection = page->inspection;
    switch (line->kind) {
    case LINE_BLANK:
        break;
    case LINE_DEAD:
        draw_paragraph(page, row, 1, ROLE_TEXT, dead_words, line->index);
        break;
    case LINE_EPSILON:
        draw_epsilon(page, row);
        break;
    case LINE_MEMBERS:
        draw_members(page, row);
        break;
    case LINE_WIDEST:
        draw_widest(page, row);
        break;
    case LINE_NEXT:
        draw_next(page, row);
        break;
    case LINE_BECOMES:
        draw_becomes(page, row, line->index);
        break;
    case LINE_DISTANCES:
        draw_distances(page, row);
        break;
    case LINE_DISTANCE:
        draw_distance(page, row, line->index);
        break;
    case LINE_READS:
        draw_heading(page, row, "reads", inspection->inputs);
        break;
    case LINE_INCOMING:
        draw_value(page, row, false, line->index);
        break;
    case LINE_BIAS:
        draw_weight(page, row, "(bias)", inspection->bias, page->read_peak);
        break;
    case LINE_SENDS:
        draw_heading(page, row, "sends to", inspection->outputs);
        break;
    case LINE_OUTGOING:
        draw_value(page, row, true, line->index);
        break;
    }
}

static int clamp(long value, long most) {
    value = value > most ? most : value;
    return value < 0 ? 0 : (int)value;
}

static void draw(const struct ui *ui, const struct area *area) {
    struct page page;
    if (!page_make(&page, ui, area)) {
        if (ui->snapshot->analysed)
            screen_put(ui->screen, area, 0, 1, ROLE_DIM, "no neuron chosen");
        return;
    }
    int count = (int)page.count, last = area->columns - 1;
    int first = clamp(ui->inspector_scroll, count - area->rows);
    for (int row = 0; row < area->rows && first + row < count; row++)
        draw_line(&page, row, &page.lines[first + row]);
    if (ui_focus(ui) == PANE_INSPECTOR)
        screen_put_glyph(ui->screen, area, clamp(ui->inspector_line, count - 1) - first, 0,
                         ROLE_CURSOR, GLYPH_ROW_MARK);
    if (first > 0)
        screen_put_glyph(ui->screen, area, 0, last, ROLE_KEY, GLYPH_MORE_UP);
    if (first + area->rows < count)
        screen_put_glyph(ui->screen, area, area->rows - 1, last, ROLE_KEY, GLYPH_MORE_DOWN);
    free(page.lines);
}

/* ---- Moving along them ---- */

static void move(struct ui *ui, int down, int right) {
    (void)right;
    const struct area *area = &ui->layout.pane[PANE_INSPECTOR];
    struct page page;
    if (!page_make(&page, ui, area))
        return;
    int line = clamp((long)ui->inspector_line + down, (long)page.count - 1);
    ui->inspector_line = line;
    if (ui->inspector_scroll > line)
        ui->inspector_scroll = line;
    if (ui->inspector_scroll < line - area->rows + 1)
        ui->inspector_scroll = line - area->rows + 1;
    free(page.lines);
}

/* The first neuron of a class; SIZE_MAX: it has none. */
static size_t first_of(const struct classes *classes, size_t class_id) {
    for (size_t i = 0; i < classes->neurons; i++)
        if (classes->class_of[i] == class_id)
            return i;
    return SIZE_MAX;
}

/* The neuron a line names; false when it names none. */
static bool line_target(const struct page *page, const struct line *line, struct place *place) {
    const struct inspection *inspection = page->inspection;
    const struct snapshot *snapshot = page->ui->snapshot;
    size_t layer = inspection->layer, neuron = SIZE_MAX;
    if (line->kind == LINE_DISTANCE)
        neuron = inspection->members[line->index];
    else if (line->kind == LINE_NEXT && inspection->next_class != SIZE_MAX)
        neuron = first_of(&snapshot->partition.layer[layer - 1], inspection->next_class);
    else if (line->kind == LINE_BECOMES)
        neuron = inspection->representative;
    else if (line->kind == LINE_INCOMING && layer > 1)
        layer--, neuron = line->index;
    else if (line->kind == LINE_OUTGOING && layer < snapshot->hidden)
        layer++, neuron = line->index;
    *place = (struct place){.layer = layer, .neuron = neuron};
    return neuron != SIZE_MAX && neuron < snapshot->layers[layer - 1].neurons;
}

/* The oldest place is forgotten when the trail is full. */
static void remember(struct ui *ui) {
    if (ui->trail_count == TRAIL_PLACES)
        memmove(ui->trail, ui->trail + 1, --ui->trail_count * sizeof *ui->trail);
    ui->trail[ui->trail_count++] =
        (struct place){ui->layer, ui->neuron, ui->inspector_line, ui->inspector_scroll};
}

static void enter(struct ui *ui) {
    struct page page;
    struct place place;
    if (!page_make(&page, ui, &ui->layout.pane[PANE_INSPECTOR]))
        return;
    size_t at = (size_t)ui->inspector_line;
    bool found = at < page.count && line_target(&page, &page.lines[at], &place);
    free(page.lines);
    if (!found) {
        actions_say(ui, "this line names no other neuron: Enter goes along distances, the next "
                        "merge, and weights from and to hidden layers");
        return;
    }
    if (place.layer == ui->layer && place.neuron == ui->neuron)
        return;
    remember(ui);
    ui_choose_layer(ui, place.layer);
    ui_choose_neuron(ui, place.neuron);
}

const struct view view_inspector = {
    .help = "The neuron under the cursor: its class, what the members become, when they merge next "
            "and with what, how far each member is from it (an arrow: further than epsilon, linked "
            "through others), the weights it reads and the weights it sends.",
    .title = title,
    .draw = draw,
    .move = move,
    .enter = enter,
};
