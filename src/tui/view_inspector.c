/* One neuron and its class: members, distances, what it merges with next, and its weights. The pane
 * is a list of lines that scrolls; a line is drawn when it is in sight. */
#include "lumpscope/text.h"
#include "tui/columns.h"
#include "tui/ui.h"

#include <math.h>
#include <stdio.h>

enum { BAR_COLUMNS = 16, NAME_COLUMNS = 14 };

/* Where the sections begin; `end` is the number of lines. */
struct sections {
    int distances, incoming, outgoing, end;
};

static struct sections sections_of(const struct inspection *inspection) {
    struct sections sections = {.distances = 4};
    int distances = inspection->member_count > 1 ? (int)inspection->member_count + 2 : 0;
    sections.incoming = sections.distances + distances;
    sections.outgoing = sections.incoming + (int)inspection->inputs + 3;
    sections.end = sections.outgoing + (int)inspection->outputs + 1;
    return sections;
}

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

static void draw_members(const struct ui *ui, const struct area *area, int row) {
    const struct inspection *inspection = &ui->snapshot->inspection;
    struct text text = {0};
    for (size_t i = 0; i < inspection->member_count && i < 200; i++)
        text_format(&text, "%s%zu", i ? " " : "", inspection->members[i]);
    screen_put(ui->screen, area, row, 1, ROLE_LABEL, "members");
    if (text.data)
        screen_put(ui->screen, area, row, 10, ROLE_VALUE, text.data);
    text_free(&text);
}

static void draw_widest(const struct ui *ui, const struct area *area, int row) {
    const struct inspection *inspection = &ui->snapshot->inspection;
    char number[TEXT_NUMBER_SIZE];
    screen_put(ui->screen, area, row, 1, ROLE_LABEL, "widest");
    if (inspection->member_count < 2)
        screen_put(ui->screen, area, row, 10, ROLE_TEXT, "alone in its class");
    else if (!isfinite(inspection->widest))
        screen_put(ui->screen, area, row, 10, ROLE_TEXT, "not known");
    else
        screen_format(ui->screen, area, row, 10, ROLE_VALUE, "%s between %zu and %zu",
                      text_human(inspection->widest, 4, number), inspection->widest_a,
                      inspection->widest_b);
}

static void draw_next(const struct ui *ui, const struct area *area, int row) {
    const struct inspection *inspection = &ui->snapshot->inspection;
    char number[TEXT_NUMBER_SIZE];
    screen_put(ui->screen, area, row, 1, ROLE_LABEL, "merges");
    if (!isfinite(inspection->next_merge)) {
        bool locked = ui->snapshot->layers[inspection->layer - 1].locked;
        screen_put(ui->screen, area, row, 10, ROLE_TEXT,
                   locked ? "not while the layer is locked" : "no more");
        return;
    }
    int column = screen_format(ui->screen, area, row, 10, ROLE_VALUE, "at %s",
                               text_human(inspection->next_merge, 4, number));
    if (inspection->next_class != SIZE_MAX)
        screen_format(ui->screen, area, row, column, ROLE_VALUE, " with class %zu",
                      inspection->next_class);
}

static void draw_distance(const struct ui *ui, const struct area *area, int row, size_t i) {
    const struct inspection *inspection = &ui->snapshot->inspection;
    double distance = inspection->distances[i];
    char number[TEXT_NUMBER_SIZE];
    screen_format(ui->screen, area, row, 3, ROLE_TEXT, "%zu", inspection->members[i]);
    if (inspection->members[i] == inspection->neuron) {
        screen_put(ui->screen, area, row, 10, ROLE_DIM, "itself");
        return;
    }
    screen_format(ui->screen, area, row, 10, ROLE_VALUE, "%s",
                  isfinite(distance) ? text_human(distance, 4, number) : "not kept");
    if (isfinite(distance) && inspection->widest > 0)
        ui_bar(ui, area, row, 20, area->columns - 21, distance / inspection->widest, ROLE_POSITIVE);
}

static void draw_distances(const struct ui *ui, const struct area *area, int row, int line) {
    const struct inspection *inspection = &ui->snapshot->inspection;
    if (line == 0)
        screen_format(ui->screen, area, row, 1, ROLE_LABEL, "distance from neuron %zu to",
                      inspection->neuron);
    else if (line <= (int)inspection->member_count)
        draw_distance(ui, area, row, (size_t)line - 1);
}

static double largest(const double *values, size_t count) {
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

/* A name, a number and a bar from the middle: to the right for positive weights. */
static void draw_weight(const struct ui *ui, const struct area *area, int row, const char *name,
                        double weight, double most) {
    char number[TEXT_NUMBER_SIZE], shown[64];
    int names = area->columns > 44 ? NAME_COLUMNS + (area->columns - 44) / 2 : NAME_COLUMNS - 3;
    int bar = names + 14, half = (area->columns - bar - 2) / 2;
    columns_shorten(shown, sizeof shown, name, names, screen_glyph(ui->screen, GLYPH_MARK_CUT));
    screen_put(ui->screen, area, row, 3, ROLE_TEXT, shown);
    screen_format(ui->screen, area, row, names + 3, ROLE_VALUE, "%10s",
                  text_human(weight, 3, number));
    if (half < 2)
        return;
    int length = most > 0 ? (int)lround(fabs(weight) / most * half) : 0;
    screen_put_glyph(ui->screen, area, row, bar + half, ROLE_FRAME, GLYPH_VERTICAL);
    if (weight < 0)
        screen_repeat(ui->screen, area, row, bar + half - length, length, ROLE_NEGATIVE, GLYPH_BAR);
    else
        screen_repeat(ui->screen, area, row, bar + half + 1, length, ROLE_POSITIVE, GLYPH_BAR);
}

/* What the previous (next) layer's number `i` is called. */
static void end_name(const struct ui *ui, const struct scaling *ends, bool at_end, const char *kind,
                     size_t i, char *out, size_t size) {
    (void)ui;
    if (at_end && ends->names && i < ends->count)
        snprintf(out, size, "%s", ends->names[i]);
    else
        snprintf(out, size, "%s %zu", at_end ? kind : "neuron", i);
    text_make_visible(out);
}

static void draw_incoming(const struct ui *ui, const struct area *area, int row, int line) {
    const struct inspection *inspection = &ui->snapshot->inspection;
    const struct network *network = ui->snapshot->network;
    char name[128];
    double most = fmax(largest(inspection->incoming, inspection->inputs), fabs(inspection->bias));
    if (line == 0) {
        screen_format(ui->screen, area, row, 1, ROLE_LABEL, "reads %zu, weights",
                      inspection->inputs);
    } else if (line <= (int)inspection->inputs) {
        size_t i = (size_t)line - 1;
        end_name(ui, &network->input, inspection->layer == 1, "input", i, name, sizeof name);
        draw_weight(ui, area, row, name, inspection->incoming[i], most);
    } else if (line == (int)inspection->inputs + 1)
        draw_weight(ui, area, row, "(bias)", inspection->bias, most);
}

static void draw_outgoing(const struct ui *ui, const struct area *area, int row, int line) {
    const struct inspection *inspection = &ui->snapshot->inspection;
    const struct network *network = ui->snapshot->network;
    char name[128];
    if (line == 0) {
        screen_format(ui->screen, area, row, 1, ROLE_LABEL, "sends to %zu, weights",
                      inspection->outputs);
        return;
    }
    size_t i = (size_t)line - 1;
    end_name(ui, &network->output, inspection->layer + 1 == network->depth, "output", i, name,
             sizeof name);
    draw_weight(ui, area, row, name, inspection->outgoing[i],
                largest(inspection->outgoing, inspection->outputs));
}

static void draw_line(const struct ui *ui, const struct area *area, int row, int line,
                      const struct sections *sections) {
    if (line >= sections->outgoing)
        draw_outgoing(ui, area, row, line - sections->outgoing);
    else if (line >= sections->incoming)
        draw_incoming(ui, area, row, line - sections->incoming);
    else if (line >= sections->distances)
        draw_distances(ui, area, row, line - sections->distances);
    else if (ui->snapshot->inspection.dead && line == 0)
        screen_put(ui->screen, area, row, 1, ROLE_TEXT, "nothing reads it: it is left out");
    else if (!ui->snapshot->inspection.dead && line < 3)
        (line == 0 ? draw_members : line == 1 ? draw_widest : draw_next)(ui, area, row);
}

static void draw(const struct ui *ui, const struct area *area) {
    const struct inspection *inspection = &ui->snapshot->inspection;
    if (inspection->layer == 0 || inspection->layer > ui->snapshot->hidden) {
        if (ui->snapshot->analysed)
            screen_put(ui->screen, area, 0, 1, ROLE_DIM, "no neuron chosen");
        return;
    }
    struct sections sections = sections_of(inspection);
    int first = ui->inspector_scroll;
    for (int row = 0; row < area->rows && first + row < sections.end; row++)
        draw_line(ui, area, row, first + row, &sections);
    if (first > 0)
        screen_put_glyph(ui->screen, area, 0, 0, ROLE_KEY, GLYPH_MORE_UP);
    if (first + area->rows < sections.end)
        screen_put_glyph(ui->screen, area, area->rows - 1, 0, ROLE_KEY, GLYPH_MORE_DOWN);
}

static void move(struct ui *ui, int down, int right) {
    (void)right;
    struct sections sections = sections_of(&ui->snapshot->inspection);
    long most = sections.end - ui->layout.pane[PANE_INSPECTOR].rows;
    long first = (long)ui->inspector_scroll + down;
    first = first > most ? most : first;
    ui->inspector_scroll = first < 0 ? 0 : (int)first;
}

const struct view view_inspector = {
    .help = "The neuron under the cursor: its class, how far its members are apart, when it "
            "merges next and with what, the weights it reads and the weights it sends.",
    .title = title,
    .draw = draw,
    .move = move,
};
