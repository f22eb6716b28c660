#include "tui/chooser.h"

#include "lumpscope/file.h"
#include "lumpscope/text.h"
#include "tui/actions.h"
#include "tui/columns.h"
#include "tui/keys.h"

#include <stdio.h>
#include <string.h>

/* Rows for the title, the keys and the lower edge. */
enum { CHOOSER_COLUMNS = 36, CHOOSER_AROUND = 3 };

static void show_theme(struct ui *ui, const struct theme *theme) {
    ui->theme = *theme;
    screen_set_theme(ui->screen, &ui->theme);
}

/* A file that cannot be read is said; the theme before stays on the screen. */
static bool preview(struct ui *ui) {
    struct theme theme;
    struct error error = {0};
    actions_clear_notice(ui);
    if (!theme_load(&theme, ui->chooser.names[ui->chooser.chosen], ui->options->theme_directories,
                    &error)) {
        actions_complain(ui, &error);
        return false;
    }
    show_theme(ui, &theme);
    return true;
}

bool chooser_open(struct ui *ui, struct error *error) {
    struct chooser *chooser = &ui->chooser;
    if (chooser->open)
        return true;
    chooser->names = theme_names(ui->options->theme_directories);
    chooser->count = chooser->chosen = 0;
    while (chooser->names && chooser->names[chooser->count])
        chooser->count++;
    if (chooser->count == 0) {
        theme_names_free(chooser->names);
        chooser->names = NULL;
        return error_set(error, ERROR_REQUEST, "no theme file was found");
    }
    for (size_t i = 0; i < chooser->count; i++)
        if (!strcmp(chooser->names[i], ui->theme.name))
            chooser->chosen = i;
    chooser->before = ui->theme;
    chooser->open = true;
    ui->help = false;
    return true;
}

void chooser_move(struct ui *ui, int down) {
    struct chooser *chooser = &ui->chooser;
    int last = (int)chooser->count - 1, from = (int)chooser->chosen;
    int to = down > last - from ? last : down < -from ? 0 : from + down;
    chooser->chosen = (size_t)to;
    if (to != from)
        preview(ui);
}

/* How to have the theme next time. */
static void say_kept(struct ui *ui) {
    char sentence[sizeof ui->notice];
    const char *config = ui->options->config;
    if (!screen_colours(ui->screen))
        snprintf(sentence, sizeof sentence,
                 "this terminal shows no colours: themes all look alike");
    else
        snprintf(sentence, sizeof sentence, "theme %s%s%s%s%s", ui->theme.name,
                 config ? "; a line \"theme " : "", config ? ui->theme.name : "",
                 config ? "\" keeps it in " : "", config ? config : "");
    actions_say(ui, sentence);
}

void chooser_close(struct ui *ui, bool keep) {
    struct chooser *chooser = &ui->chooser;
    if (!chooser->open || (keep && !preview(ui)))
        return;
    if (keep)
        say_kept(ui);
    else
        show_theme(ui, &chooser->before);
    theme_names_free(chooser->names);
    *chooser = (struct chooser){0};
}

/* Found in the user's own directory. */
static bool is_own(const struct ui *ui, const char *name) {
    char path[4096];
    const char *own = ui->options->own_themes;
    int length = own ? snprintf(path, sizeof path, "%s/%s.json", own, name) : 0;
    return length > 0 && length < (int)sizeof path && file_exists(path);
}

static void draw_entry(const struct ui *ui, const struct area *area, int row, size_t index) {
    const struct chooser *chooser = &ui->chooser;
    struct area line = {area->row + row, area->column, 1, area->columns};
    unsigned ink = index == chooser->chosen ? ROLE_SELECTED : ROLE_OVERLAY;
    char name[sizeof ui->theme.name], shown[4 * CHOOSER_COLUMNS];
    snprintf(name, sizeof name, "%s", chooser->names[index]);
    text_make_visible(name);
    columns_shorten(shown, sizeof shown, name, CHOOSER_COLUMNS - 13,
                    screen_glyph(ui->screen, GLYPH_MARK_CUT));
    screen_fill(ui->screen, &line, ink);
    if (index == chooser->chosen)
        screen_put_glyph(ui->screen, &line, 0, 1, ink, GLYPH_ROW_MARK);
    screen_put(ui->screen, &line, 0, 3, ink, shown);
    if (is_own(ui, chooser->names[index]))
        screen_put(ui->screen, &line, 0, CHOOSER_COLUMNS - 7, ink, "yours");
}

static void draw_keys(const struct ui *ui, const struct area *area, int row) {
    char keep[INPUT_NAME_SIZE], leave[INPUT_NAME_SIZE];
    input_key_name(keymap_key(&ui->keymap, "enter", PANE_OVERLAY), keep);
    input_key_name(keymap_key(&ui->keymap, "back", PANE_OVERLAY), leave);
    screen_format(ui->screen, area, row, 1, ROLE_OVERLAY, "%s keeps it, %s goes back", keep, leave);
}

/* The list stands out without colours, too. */
static void draw_edges(const struct ui *ui, const struct area *area) {
    int last = area->rows - 1;
    for (int row = 0; row < last; row++)
        screen_put_glyph(ui->screen, area, row, 0, ROLE_OVERLAY, GLYPH_VERTICAL);
    screen_put_glyph(ui->screen, area, last, 0, ROLE_OVERLAY, GLYPH_CORNER_BOTTOM_LEFT);
    screen_repeat(ui->screen, area, last, 1, area->columns - 1, ROLE_OVERLAY, GLYPH_HORIZONTAL);
}

void chooser_draw(const struct ui *ui, const struct area *over) {
    const struct chooser *chooser = &ui->chooser;
    int count = (int)chooser->count, room = over->rows - CHOOSER_AROUND;
    int shown = count < room ? count : room, first = (int)chooser->chosen - shown / 2;
    first = first > count - shown ? count - shown : first;
    first = first < 0 ? 0 : first;
    struct area box = {over->row, over->column + over->columns - CHOOSER_COLUMNS,
                       shown + CHOOSER_AROUND, CHOOSER_COLUMNS};
    struct area area = {box.row, box.column + 1, box.rows - 1, box.columns - 1};
    screen_fill(ui->screen, &box, ROLE_OVERLAY);
    draw_edges(ui, &box);
    screen_format(ui->screen, &area, 0, 1, ROLE_OVERLAY_TITLE, "Themes: %d of %d",
                  (int)chooser->chosen + 1, count);
    for (int row = 0; row < shown; row++)
        draw_entry(ui, &area, row + 1, (size_t)(first + row));
    if (first > 0)
        screen_put_glyph(ui->screen, &area, 1, 0, ROLE_KEY, GLYPH_MORE_UP);
    if (first + shown < count)
        screen_put_glyph(ui->screen, &area, shown, 0, ROLE_KEY, GLYPH_MORE_DOWN);
    draw_keys(ui, &area, shown + 1);
}
