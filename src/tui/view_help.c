/* Help, made from the tables of keys and commands: what the current pane shows, its keys, the keys
 * of every pane, the commands. */
#include "lumpscope/text.h"
#include "tui/columns.h"
#include "tui/keys.h"
#include "tui/ui.h"

#include <stdio.h>
#include <string.h>

/* Draws line after line, of which those in sight appear. */
struct page {
    const struct ui *ui;
    struct area area;
    int line; /* the next */
};

static int row_of(const struct page *page) {
    return page->line - page->ui->help_scroll;
}

static void add_title(struct page *page, const char *title) {
    screen_put(page->ui->screen, &page->area, row_of(page), 1, ROLE_OVERLAY_TITLE, title);
    page->line++;
}

/* Left a key or command, right what it does. */
static void add_pair(struct page *page, int tab, const char *left, const char *right) {
    screen_put(page->ui->screen, &page->area, row_of(page), 2, ROLE_KEY | INK_BOLD, left);
    screen_put(page->ui->screen, &page->area, row_of(page), tab, ROLE_OVERLAY, right);
    page->line++;
}

/* A paragraph, broken at spaces. */
static void add_words(struct page *page, const char *words) {
    while (*words) {
        size_t length = columns_wrap(words, page->area.columns - 4);
        screen_format(page->ui->screen, &page->area, row_of(page), 2, ROLE_OVERLAY, "%.*s",
                      (int)length, words);
        page->line++;
        words += length + (words[length] == ' ');
    }
}

static void add_keys(struct page *page, enum pane pane) {
    for (size_t i = 0; i < key_binding_count; i++)
        if (key_bindings[i].pane == pane && !keys_hidden(&key_bindings[i], page->ui->pane))
            add_pair(page, 14, key_bindings[i].keys, key_bindings[i].help);
}

static void add_command(struct page *page, const struct explorer_command *command) {
    char usage[96];
    snprintf(usage, sizeof usage, ":%s %s", command->name, command->arguments);
    add_pair(page, 30, usage, command->help);
}

static void add_options(struct page *page) {
    add_title(page, "Options of :set");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char usage[96];
        snprintf(usage, sizeof usage, "%s %s", option_descriptions[i].name,
                 option_descriptions[i].values);
        add_pair(page, 40, usage, option_descriptions[i].help);
    }
}

/* What the signs on the two lines at the top mean. */
static void add_top(struct page *page) {
    const struct ui *ui = page->ui;
    struct screen *screen = ui->screen;
    char words[512];
    add_title(page, "Epsilon, the slider and the header");
    add_words(page, ui_epsilon_sentence(ui, words));
    snprintf(
        words, sizeof words,
        "slider: %s one merge in this column, %s several; %s %s those that are made; %s epsilon",
        screen_glyph(screen, GLYPH_EVENT), screen_glyph(screen, GLYPH_EVENT_MANY),
        screen_glyph(screen, GLYPH_EVENT_DONE), screen_glyph(screen, GLYPH_EVENT_MANY_DONE),
        screen_glyph(screen, GLYPH_KNOB));
    add_words(page, words);
    add_words(page,
              "header: relation and linkage; norm, scale and balance where they apply; refit. "
              "A narrow window shortens them: rel, abs, bal, suff.");
    if (ui->snapshot->sufficient_only)
        add_words(page, "(sufficient condition), short (suff.): an activation of this network has "
                        "no polynomial encoding. Classes are found by a condition that is enough, "
                        "but more than needed: some equivalent neurons may stay apart.");
    page->line++;
}

/* Lessons are how to begin. */
static void add_lessons(struct page *page) {
    const struct lesson_list *lessons = &page->ui->lessons;
    if (lessons->count == 0)
        return;
    page->line++;
    add_title(page, "Lessons");
    add_words(page, "Each takes some minutes and begins with a command; Esc leaves it.");
    for (size_t i = 0; i < lessons->count; i++) {
        const struct lesson *lesson = &lessons->items[i];
        char command[64], title[160];
        snprintf(command, sizeof command, ":tour %s", lesson->name);
        snprintf(title, sizeof title, "%s (%zu minutes)", lesson->title, lesson->minutes);
        if (lesson->minutes == 0)
            snprintf(title, sizeof title, "%s", lesson->title);
        add_pair(page, 30, command, title);
    }
}

static void add_all(struct page *page) {
    char title[64];
    snprintf(title, sizeof title, "This pane: %s", pane_names[page->ui->pane]);
    add_title(page, title);
    add_words(page, view_of(page->ui, page->ui->pane)->help);
    add_keys(page, page->ui->pane);
    page->line++;
    add_top(page);
    add_title(page, "Keys everywhere");
    add_keys(page, PANE_ANY);
    page->line++;
    add_title(page, "Commands");
    for (size_t i = 0; i < explorer_command_count; i++)
        if (explorer_commands[i].listed)
            add_command(page, &explorer_commands[i]);
    page->line++;
    add_options(page);
    add_lessons(page);
}

void help_draw(const struct ui *ui, const struct area *area) {
    struct page page = {ui, {area->row + 1, area->column, area->rows - 1, area->columns}, 0};
    screen_fill(ui->screen, area, ROLE_OVERLAY);
    screen_put(ui->screen, area, 0, 1, ROLE_TITLE_FOCUS,
               " Help: up and down or j k scroll, Esc closes ");
    if (ui->help_topic)
        add_command(&page, ui->help_topic);
    else
        add_all(&page);
    if (ui->help_scroll > 0)
        screen_put_glyph(ui->screen, &page.area, 0, 0, ROLE_KEY, GLYPH_MORE_UP);
    if (page.line - ui->help_scroll > page.area.rows)
        screen_put_glyph(ui->screen, &page.area, page.area.rows - 1, 0, ROLE_KEY, GLYPH_MORE_DOWN);
}
