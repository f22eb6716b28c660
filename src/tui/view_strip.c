/* The strip above the status line: what a script says to its reader. The panes make room for it, so
 * that it covers nothing of what it talks about. */
#include "lumpscope/player.h"
#include "tui/columns.h"
#include "tui/keys.h"
#include "tui/ui.h"

/* With its title. */
enum { STRIP_ROWS = 5, STRIP_TALL_ROWS = 7, STRIP_TALL = 32, STRIP_MARGIN = 2, STRIP_COLUMNS = 96 };

int strip_rows(const struct ui *ui, int rows) {
    bool speaks = player_card(ui->player) || player_title(ui->player);
    return !speaks ? 0 : rows < STRIP_TALL ? STRIP_ROWS : STRIP_TALL_ROWS;
}

/* Lines longer than people like to read are not made. */
static int text_columns(const struct area *area) {
    int columns = area->columns - 2 * STRIP_MARGIN;
    return columns > STRIP_COLUMNS ? STRIP_COLUMNS : columns;
}

/* The last line of a task says what was shown. */
static int text_rows(const struct player_card *card, const struct area *area) {
    return area->rows - 1 - (card->shown != NULL);
}

static int page_count(const struct player_card *card, const struct area *area) {
    int lines = columns_lines(card->text, text_columns(area)), rows = text_rows(card, area);
    return lines > rows ? (lines + rows - 1) / rows : 1;
}

static int page_of(const struct ui *ui, const struct player_card *card, const struct area *area) {
    int last = page_count(card, area) - 1;
    return ui->strip_serial != card->serial ? 0 : ui->strip_page > last ? last : ui->strip_page;
}

bool strip_turn(struct ui *ui) {
    const struct player_card *card = player_card(ui->player);
    const struct area *area = &ui->layout.strip;
    if (!card || area->rows == 0)
        return false;
    int page = page_of(ui, card, area);
    if (page + 1 >= page_count(card, area))
        return false;
    ui->strip_serial = card->serial;
    ui->strip_page = page + 1;
    return true;
}

static int draw_key(const struct ui *ui, const struct area *area, int column, const char *key,
                    const char *what) {
    const char *dot = screen_glyph(ui->screen, GLYPH_DOT);
    column = screen_format(ui->screen, area, 0, column, ROLE_OVERLAY, " %s ", dot);
    column = screen_put(ui->screen, area, 0, column, ROLE_KEY, key);
    return screen_format(ui->screen, area, 0, column, ROLE_OVERLAY, " %s", what);
}

/* "lesson 3 of 12", "to do, 5 of 12", "done, 5 of 12"; returns the column behind it. */
static int draw_place(const struct ui *ui, const struct area *area,
                      const struct player_card *card) {
    bool lesson = player_title(ui->player);
    const char *what = !card || !card->task ? lesson ? "lesson" : "script"
                       : card->done         ? "done"
                                            : "to do";
    unsigned ink = !card || !card->task ? ROLE_OVERLAY_TITLE : card->done ? ROLE_GOOD : ROLE_VALUE;
    int column = screen_put(ui->screen, area, 0, STRIP_MARGIN, ROLE_OVERLAY, " ");
    if (card && card->done)
        column = screen_format(ui->screen, area, 0, column, ink, "%s ",
                               screen_glyph(ui->screen, GLYPH_CHECK));
    if (!card || card->count == 0)
        return screen_put(ui->screen, area, 0, column, ink, what);
    return screen_format(ui->screen, area, 0, column, ink, "%s%s %zu of %zu", what,
                         card->task ? "," : "", card->number, card->count);
}

/* What Space does. */
static const char *space_does(const struct player_card *card, bool more) {
    return more                                         ? "reads on"
           : card->task && !card->done && card->answers ? "shows how"
                                                        : "continues";
}

static void draw_title(const struct ui *ui, const struct area *area, const struct player_card *card,
                       bool more) {
    const char *title = player_title(ui->player);
    screen_repeat(ui->screen, area, 0, 0, area->columns, ROLE_FRAME, GLYPH_HORIZONTAL);
    int column = draw_place(ui, area, card);
    if (card)
        column = draw_key(ui, area, column, "Space", space_does(card, more));
    column = draw_key(ui, area, column, "Esc", "leaves");
    column = screen_put(ui->screen, area, 0, column, ROLE_OVERLAY, " ");
    int wide = title ? columns_width(title) + 2 : 0;
    if (title && column + 2 + wide < area->columns)
        screen_format(ui->screen, area, 0, area->columns - wide - 2, ROLE_OVERLAY, " %s ", title);
}

/* "shown: next-event, the key l". */
static void draw_shown(const struct ui *ui, const struct area *area,
                       const struct player_card *card) {
    int row = area->rows - 1;
    int32_t key = keymap_key(&ui->keymap, card->shown, ui->pane);
    char name[INPUT_NAME_SIZE];
    int column = screen_put(ui->screen, area, row, STRIP_MARGIN, ROLE_VALUE, "shown: ");
    if (key) {
        column = screen_put(ui->screen, area, row, column, ROLE_OVERLAY, "the key ");
        column = screen_put(ui->screen, area, row, column, ROLE_KEY, input_key_name(key, name));
        screen_format(ui->screen, area, row, column, ROLE_OVERLAY, ", or :%s", card->shown);
    } else
        screen_format(ui->screen, area, row, column, ROLE_KEY, ":%s", card->shown);
}

static void draw_text(const struct ui *ui, const struct area *area, const struct player_card *card,
                      int page) {
    int rows = text_rows(card, area), columns = text_columns(area);
    const char *text = card->text;
    for (int line = 0; *text && line < (page + 1) * rows; line++) {
        size_t length = columns_wrap(text, columns);
        if (line >= page * rows)
            screen_format(ui->screen, area, 1 + line - page * rows, STRIP_MARGIN, ROLE_OVERLAY,
                          "%.*s", (int)length, text);
        text += length + (text[length] == ' ');
    }
}

/* Between two cards of a lesson the strip stays, so that the panes do not jump. */
void strip_draw(const struct ui *ui, const struct area *area) {
    const struct player_card *card = player_card(ui->player);
    if (area->rows == 0)
        return;
    int page = card ? page_of(ui, card, area) : 0;
    screen_fill(ui->screen, area, ROLE_OVERLAY);
    draw_title(ui, area, card, card && page + 1 < page_count(card, area));
    if (!card) {
        screen_format(ui->screen, area, 1, STRIP_MARGIN, ROLE_DIM, "one moment%s",
                      screen_glyph(ui->screen, GLYPH_ELLIPSIS));
        return;
    }
    draw_text(ui, area, card, page);
    if (card->shown)
        draw_shown(ui, area, card);
}
