/* The last line: what is going on, what the last key did, or which keys there are. Also the
 * sentence for a screen that is too small. */
#include "lumpscope/player.h"
#include "lumpscope/text.h"
#include "tui/columns.h"
#include "tui/ui.h"

#include <stdio.h>
#include <string.h>

static const char *work_name(enum work_state work) {
    static const char *const names[] = {
        "", "opening", "comparing neurons", "evaluating", "sweeping", "polishing", "writing"};
    return names[work];
}

/* "sweeping 12/40 ####....  Esc stops"; returns the column it starts in. */
static int draw_work(const struct ui *ui, const struct area *area) {
    const struct snapshot *snapshot = ui->snapshot;
    char text[224], shown[224];
    if (snapshot->work == WORK_IDLE || ui->work_passes)
        return area->columns;
    const char *name = work_name(snapshot->work), *what = snapshot->work_text;
    bool named = !strncmp(what, name, strlen(name)); /* "polishing layer by layer" */
    int length = snprintf(text, sizeof text, "%s%s%s", named ? "" : name,
                          !named && what[0] ? ": " : "", what);
    if (snapshot->work_total > 0 && (size_t)length < sizeof text)
        snprintf(text + length, sizeof text - (size_t)length, " %zu/%zu", snapshot->work_done,
                 snapshot->work_total);
    text_make_visible(text);
    columns_shorten(shown, sizeof shown, text, area->columns / 2,
                    screen_glyph(ui->screen, GLYPH_MARK_CUT));
    int column = area->columns - columns_width(shown) - 24;
    int after = screen_put(ui->screen, area, 0, column, ROLE_PROGRESS, shown) + 1;
    double share =
        snapshot->work_total ? (double)snapshot->work_done / (double)snapshot->work_total : 0;
    screen_repeat(ui->screen, area, 0, after, 10, ROLE_TRACK, GLYPH_BAR_EMPTY);
    ui_bar(ui, area, 0, after, 10, share, ROLE_PROGRESS);
    screen_put(ui->screen, area, 0, after + 11, ROLE_DIM, "Esc stops");
    return column;
}

/* That what is done is written to a file; returns the column it starts in. */
static int draw_recording(const struct ui *ui, const struct area *area) {
    const char *path = player_recording(ui->player);
    char text[224], shown[224];
    if (!path)
        return area->columns;
    const char *slash = strrchr(path, '/');
    snprintf(text, sizeof text, "%s recording %s", screen_glyph(ui->screen, GLYPH_KNOB),
             slash ? slash + 1 : path);
    text_make_visible(text);
    columns_shorten(shown, sizeof shown, text, area->columns / 3,
                    screen_glyph(ui->screen, GLYPH_MARK_CUT));
    int column = area->columns - columns_width(shown) - 1;
    screen_put(ui->screen, area, 0, column, ROLE_PROGRESS, shown);
    return column;
}

/* What is most useful to know, first what the pane is for. The keys are those that give the
 * commands there; a hint whose commands have none is left out. */
static const struct hint {
    enum pane pane;
    const char *commands[2];
    const char *word;
    bool early; /* of use while no network is open */
} hints[] = {
    {PANE_ANY, {"previous-event", "next-event"}, "epsilon", false},
    {PANE_LAYERS, {"layer down", "layer up"}, "layer", false},
    {PANE_CLASSES, {"neuron previous", "neuron next"}, "neuron", false},
    {PANE_CLASSES, {"class previous", "class next"}, "class", false},
    {PANE_CLASSES, {"enter"}, "open", false},
    {PANE_INSPECTOR, {"neuron previous", "neuron next"}, "neuron", false},
    {PANE_INSPECTOR, {"move up", "move down"}, "line", false},
    {PANE_INSPECTOR, {"enter"}, "go there", false},
    {PANE_PLOT, {"move left", "move right"}, "point", false},
    {PANE_PLOT, {"enter"}, "go there", false},
    {PANE_ANY, {"view next"}, "view", false},
    {PANE_ANY, {"pane next"}, "pane", false},
    {PANE_ANY, {"sweep"}, "sweep", false},
    {PANE_ANY, {"prompt"}, "command", true},
    {PANE_ANY, {"help"}, "help", true},
    {PANE_ANY, {"quit"}, "quit", true},
    {PANE_ANY, {"undo"}, "undo", false},
    {PANE_ANY, {"prompt write"}, "write", false},
    {PANE_ANY, {"plot"}, "plot", false},
    {PANE_ANY, {"prompt eps"}, "type epsilon", false},
    {PANE_ANY, {"cycle relation"}, "relation", false},
    {PANE_ANY, {"lock"}, "lock", false},
    {PANE_ANY, {"mark"}, "mark", false},
    {PANE_CLASSES, {"zoom in", "zoom out"}, "zoom", false},
};

/* "h l" in `out`; false when no key of the place gives the commands. */
static bool hint_keys(const struct ui *ui, const struct hint *hint, enum pane place, char *out,
                      size_t size) {
    char name[INPUT_NAME_SIZE];
    int length = 0;
    for (int i = 0; i < 2 && hint->commands[i]; i++) {
        int32_t key = keymap_key(&ui->keymap, hint->commands[i], place);
        if (!key)
            return false;
        length += snprintf(out + length, size - (size_t)length, "%s%s", i ? " " : "",
                           input_key_name(key, name));
    }
    return true;
}

/* The hints from a column on, as many as fit. The list of themes has its own. */
static void draw_hints(const struct ui *ui, const struct area *area, int column) {
    enum pane place = ui_place(ui);
    for (size_t i = 0; !ui->chooser.open && i < sizeof hints / sizeof *hints; i++) {
        char keys[2 * INPUT_NAME_SIZE + 2];
        bool here = (hints[i].pane == PANE_ANY || hints[i].pane == place) &&
                    (hints[i].early || ui->snapshot->model_path);
        if (!here || !hint_keys(ui, &hints[i], place, keys, sizeof keys))
            continue;
        if (column + columns_width(keys) + columns_width(hints[i].word) + 1 > area->columns)
            return;
        column = screen_put(ui->screen, area, 0, column, ROLE_KEY, keys);
        column = screen_put(ui->screen, area, 0, column + 1, ROLE_DIM, hints[i].word) + 2;
    }
}

/* What was said last, and behind it the offer. */
static void compose_notice(const struct ui *ui, char *out, size_t size) {
    snprintf(out, size, "%s%s%s", ui->notice, ui->notice[0] && ui->offer[0] ? ". " : "", ui->offer);
}

/* A sentence too long for the line grows upwards, over the panes. */
static void draw_notice(const struct ui *ui, const struct area *area) {
    char notice[sizeof ui->notice + sizeof ui->offer + 2];
    compose_notice(ui, notice, sizeof notice);
    unsigned ink = ui->notice_is_error ? ROLE_ERROR : ROLE_STATUS;
    int columns = area->columns - 2, lines = columns_lines(notice, columns);
    if (lines == 1 && !ui->notice_is_error) /* the keys have what is left */
        draw_hints(ui, area, columns_width(notice) + 4);
    int most = LAYOUT_ROWS / 3, shown = lines > most ? most : lines;
    struct area box = {area->row - shown + 1, area->column, shown, area->columns};
    const char *text = notice;
    if (lines > 1)
        screen_fill(ui->screen, &box, ink);
    for (int row = 0; row < shown; row++) {
        size_t length = columns_wrap(text, columns);
        bool last = row == shown - 1; /* goes on beyond what is shown: the line ends in a mark */
        screen_format(ui->screen, &box, row, 1, ink, "%.*s",
                      last ? (int)sizeof notice : (int)length, text);
        text += length + (text[length] == ' ');
    }
}

void status_draw(const struct ui *ui, const struct area *area) {
    screen_fill(ui->screen, area, ROLE_STATUS);
    struct area left = *area;
    int work = draw_work(ui, area);
    if (work < area->columns)
        left.columns = work - 2;
    int recording = draw_recording(ui, &left);
    if (recording < left.columns)
        left.columns = recording - 2;
    if (ui->notice[0] || ui->offer[0])
        draw_notice(ui, &left);
    else
        draw_hints(ui, &left, 1);
}

void too_small_draw(const struct ui *ui, const struct area *area) {
    char text[2][96];
    snprintf(text[0], sizeof text[0], "needs %d x %d, has %d x %d", LAYOUT_COLUMNS, LAYOUT_ROWS,
             area->columns, area->rows);
    snprintf(text[1], sizeof text[1], "enlarge the window, or q quits");
    for (int i = 0; i < 2; i++) {
        int column = (area->columns - columns_width(text[i])) / 2;
        screen_put(ui->screen, area, area->rows / 2 - (area->rows > 1) + i, column > 0 ? column : 0,
                   i ? ROLE_DIM : ROLE_VALUE, text[i]);
    }
}
