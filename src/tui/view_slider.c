/* Epsilon: its value, what it merged, and the slider with a mark for every merge event. */
#include "lumpscope/epsilon_scale.h"
#include "lumpscope/text.h"
#include "tui/columns.h"
#include "tui/ui.h"

#include <math.h>
#include <string.h>

enum { MARGIN = 1, TICKS = 4 };

static int track_columns(const struct area *area) {
    return area->columns - 2 * MARGIN;
}

static int column_of(const struct epsilon_scale *scale, double epsilon, int columns) {
    return (int)lround(epsilon_scale_position(scale, epsilon) * (columns - 1));
}

double slider_epsilon_at(const struct ui *ui, const struct area *area, int column) {
    struct epsilon_scale scale = epsilon_scale_of(ui->snapshot);
    return epsilon_scale_at(&scale, (double)(column - MARGIN) / (track_columns(area) - 1));
}

static void draw_next(const struct ui *ui, const struct area *area, int column) {
    const struct snapshot *snapshot = ui->snapshot;
    char number[TEXT_NUMBER_SIZE];
    if (isfinite(snapshot->next_event))
        screen_format(ui->screen, area, 0, column, ROLE_LABEL, "next merge at %s in layer %zu",
                      text_human(snapshot->next_event, 4, number), snapshot->next_event_layer);
    else if (snapshot->events_complete)
        screen_put(ui->screen, area, 0, column, ROLE_LABEL, "nothing left to merge");
    else
        screen_put(ui->screen, area, 0, column, ROLE_ESTIMATE, "looking for merge events");
}

/* "132 neurons > 61 classes"; returns the column after it. */
static int draw_counts(const struct ui *ui, const struct area *area, int column) {
    const struct snapshot *snapshot = ui->snapshot;
    struct screen *screen = ui->screen;
    column = screen_format(screen, area, 0, column, ROLE_LABEL, "%zu neuron%s ",
                           snapshot->hidden_neurons, snapshot->hidden_neurons == 1 ? "" : "s");
    column = screen_put_glyph(screen, area, 0, column, ROLE_LABEL, GLYPH_ARROW);
    return screen_format(screen, area, 0, column, ROLE_VALUE, " %zu class%s", snapshot->classes,
                         snapshot->classes == 1 ? "" : "es");
}

/* Before the classes are known there is nothing to slide along. */
static void draw_waiting(const struct ui *ui, const struct area *area, const char *waiting) {
    int column =
        screen_format(ui->screen, area, 0, MARGIN, ROLE_LABEL, "%zu hidden neuron%s",
                      ui->snapshot->hidden_neurons, ui->snapshot->hidden_neurons == 1 ? "" : "s");
    screen_put(ui->screen, area, 0, column + 3, ROLE_ESTIMATE, waiting);
    screen_repeat(ui->screen, area, 1, MARGIN, track_columns(area), ROLE_TRACK, GLYPH_TRACK);
}

static void draw_line(const struct ui *ui, const struct area *area) {
    const struct snapshot *snapshot = ui->snapshot;
    char number[TEXT_NUMBER_SIZE];
    struct screen *screen = ui->screen;
    int column = screen_put_glyph(screen, area, 0, MARGIN, ROLE_LABEL, GLYPH_EPSILON);
    column = screen_format(screen, area, 0, column, ROLE_EPSILON, " %s",
                           text_human(snapshot->epsilon, 4, number));
    column = draw_counts(ui, area, column < 14 ? 16 : column + 3);
    draw_next(ui, area, column + 3);
}

/* How many merge events fall into each column, up to 2. */
static void count_events(const struct snapshot *snapshot, const struct epsilon_scale *scale,
                         unsigned char *marks, int columns) {
    memset(marks, 0, (size_t)columns);
    for (size_t i = 0; i < snapshot->event_count; i++) {
        int column = column_of(scale, snapshot->events[i].epsilon, columns);
        if (marks[column] < 2)
            marks[column]++;
    }
}

static void draw_track(const struct ui *ui, const struct area *area) {
    static const enum glyph glyphs[2][3] = {
        {GLYPH_TRACK, GLYPH_EVENT, GLYPH_EVENT_MANY},
        {GLYPH_TRACK_DONE, GLYPH_EVENT_DONE, GLYPH_EVENT_MANY_DONE}};
    unsigned char marks[1024];
    struct epsilon_scale scale = epsilon_scale_of(ui->snapshot);
    int columns = track_columns(area);
    columns = columns > (int)sizeof marks ? (int)sizeof marks : columns;
    int knob = column_of(&scale, ui->snapshot->epsilon, columns);
    count_events(ui->snapshot, &scale, marks, columns);
    for (int i = 0; i < columns; i++) {
        bool done = i < knob;
        unsigned ink = done ? ROLE_TRACK_DONE : marks[i] ? ROLE_MARK : ROLE_TRACK;
        screen_put_glyph(ui->screen, area, 1, MARGIN + i, ink, glyphs[done][marks[i]]);
    }
}

static void draw_knob(const struct ui *ui, const struct area *area) {
    struct epsilon_scale scale = epsilon_scale_of(ui->snapshot);
    int knob = column_of(&scale, ui->snapshot->epsilon, track_columns(area));
    screen_put_glyph(ui->screen, area, 1, MARGIN + knob, ROLE_KNOB, GLYPH_KNOB);
}

/* Column of a mark; -1: it has no place here, as its epsilon means something else under the options
 * in force, or is still being looked for. */
static int mark_column(const struct ui *ui, const struct area *area, const struct mark_view *mark) {
    struct epsilon_scale scale = epsilon_scale_of(ui->snapshot);
    if (!mark->here || !isfinite(mark->epsilon))
        return -1;
    return MARGIN + column_of(&scale, mark->epsilon, track_columns(area));
}

/* The first letters of the marks' names: under the track where there is a row, else on it. */
static void draw_marks(const struct ui *ui, const struct area *area) {
    for (size_t i = 0; i < ui->snapshot->mark_count; i++) {
        const struct mark_view *mark = &ui->snapshot->marks[i];
        int column = mark_column(ui, area, mark), used;
        wchar_t first;
        columns_decode(mark->name, &first);
        int bytes = (int)columns_fit(mark->name, columns_of(first), &used);
        if (column >= 0)
            screen_format(ui->screen, area, area->rows > 2 ? 2 : 1, column, ROLE_MARK | INK_BOLD,
                          "%.*s", bytes, mark->name);
    }
}

/* Whether a mark stands in these columns, or right beside them. */
static bool is_marked(const struct ui *ui, const struct area *area, int column, int width) {
    for (size_t i = 0; i < ui->snapshot->mark_count; i++) {
        int at = mark_column(ui, area, &ui->snapshot->marks[i]);
        if (at >= 0 && at >= column - 1 && at <= column + width)
            return true;
    }
    return false;
}

/* Epsilon at quarters of the track, under it, where no mark is in the way. */
static void draw_ticks(const struct ui *ui, const struct area *area) {
    char number[TEXT_NUMBER_SIZE];
    struct epsilon_scale scale = epsilon_scale_of(ui->snapshot);
    int columns = track_columns(area);
    for (int i = 0; i <= TICKS; i++) {
        double position = (double)i / TICKS;
        text_human(epsilon_scale_at(&scale, position), 2, number);
        int width = columns_width(number);
        int column = MARGIN + (int)lround(position * (columns - 1)) - (i == 0 ? 0 : width / 2);
        if (column + width > MARGIN + columns)
            column = MARGIN + columns - width;
        if (!is_marked(ui, area, column, width))
            screen_put(ui->screen, area, 2, column, ROLE_AXIS, number);
    }
}

void slider_draw(const struct ui *ui, const struct area *area) {
    char text[192];
    const char *waiting = ui_waiting(ui, text, sizeof text);
    if (ui_is_opening(ui)) {
        screen_format(ui->screen, area, 0, MARGIN, ROLE_ESTIMATE, "opening%s",
                      screen_glyph(ui->screen, GLYPH_ELLIPSIS));
        return;
    }
    if (!ui->snapshot->model_path) {
        screen_put(ui->screen, area, 0, MARGIN, ROLE_LABEL,
                   "Open a network: type :open FILE (Tab completes), then :data FILE");
        return;
    }
    if (waiting) {
        draw_waiting(ui, area, waiting);
        return;
    }
    draw_line(ui, area);
    draw_track(ui, area);
    if (area->rows > 2)
        draw_ticks(ui, area);
    draw_marks(ui, area);
    draw_knob(ui, area);
}
