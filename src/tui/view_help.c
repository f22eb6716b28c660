/* Help, made from the live key table and the table of commands: what the current pane shows and its
 * keys, then what holds everywhere. To add to it, write a function that adds lines to a page
 * (page.h) and name it in the table of sections below. */
#include "lumpscope/text.h"
#include "tui/columns.h"
#include "tui/page.h"
#include "tui/ui.h"

#include <stdio.h>
#include <string.h>

/* ---- Keys ---- */

static enum command_group group_of(const char *line) {
    struct command_words words;
    enum command_group group = COMMAND_GROUP_PROGRAM;
    if (!command_split(line, &words, NULL))
        return group;
    /* A key that opens the command line with a command in it belongs to that command. */
    bool typed = words.count == 2 && !strcmp(words.word[0], "prompt");
    const struct explorer_command *command =
        words.count > 0 ? command_find(words.word[typed], NULL) : NULL;
    const struct command_topic *topic = command ? command_topic_find(command->name) : NULL;
    if (topic)
        group = topic->group;
    command_words_free(&words);
    return group;
}

/* Keys of a place, of one group or, with COMMAND_GROUP_COUNT, all; those that mean something else
 * in the current pane are left out. */
static void collect_keys(const struct page *page, enum pane place, enum command_group group,
                         struct page_pairs *pairs) {
    const struct keymap *map = &page->ui->keymap;
    struct text names = {0};
    for (size_t i = 0; i < map->count; i++) {
        const struct key_entry *entry = &map->items[i];
        if (entry->pane != place ||
            (group != COMMAND_GROUP_COUNT && group_of(entry->command) != group))
            continue;
        keymap_names(map, i, ui_focus(page->ui), &names);
        if (names.length > 0)
            page_pairs_add(pairs, names.data, keymap_help(entry->command, place));
    }
    text_free(&names);
}

static void add_keys(struct page *page) {
    for (int group = 0; group < COMMAND_GROUP_COUNT; group++) {
        struct page_pairs pairs = {0};
        collect_keys(page, PANE_ANY, (enum command_group)group, &pairs);
        if (pairs.count == 0)
            continue;
        char title[96];
        snprintf(title, sizeof title, "Keys: %s", command_group_titles[group]);
        page_title(page, title);
        page_pairs(page, &pairs);
    }
}

/* Where other keys work than here. */
static void add_other_keys(struct page *page) {
    for (int place = 0; place <= PANE_OVERLAY; place++) {
        struct page_pairs pairs = {0};
        char title[64];
        bool shown = place == PANE_ANY || (place == (int)page->ui->pane && !*page->ui->help_topic);
        if (!shown)
            collect_keys(page, (enum pane)place, COMMAND_GROUP_COUNT, &pairs);
        if (pairs.count == 0)
            continue;
        snprintf(title, sizeof title, "Keys: %s%s",
                 place == PANE_OVERLAY ? "Help and lists" : "The pane ",
                 place == PANE_OVERLAY ? "" : keymap_place_name((enum pane)place));
        page_title(page, title);
        page_pairs(page, &pairs);
    }
}

static void add_view(struct page *page, const char *title, const struct view *view,
                     enum pane pane) {
    struct page_pairs pairs = {0};
    page_title(page, title);
    page_words(page, view->help);
    collect_keys(page, pane, COMMAND_GROUP_COUNT, &pairs);
    page_pairs(page, &pairs);
}

static void add_pane(struct page *page) {
    const struct ui *ui = page->ui;
    char title[96];
    bool other = ui_focus(ui) == PANE_CLASSES && ui->middle != MIDDLE_CLASSES;
    snprintf(title, sizeof title, "This pane: %s%s%s", pane_names[ui_focus(ui)],
             other ? ", which shows the view " : "", other ? middle_names[ui->middle] : "");
    add_view(page, title, view_of(ui, ui_focus(ui)), ui_focus(ui));
    if (ui_focus(ui) == PANE_CLASSES || ui->middle == MIDDLE_CLASSES)
        return;
    snprintf(title, sizeof title, "The view in the middle: %s", middle_names[ui->middle]);
    page_title(page, title);
    page_words(page, view_of(ui, PANE_CLASSES)->help);
}

/* ---- The top of the screen ---- */

/* What the signs on the two lines at the top mean. */
static void add_top(struct page *page) {
    const struct ui *ui = page->ui;
    struct screen *screen = ui->screen;
    char words[512];
    page_title(page, "Epsilon, the slider and the header");
    page_words(page, ui_epsilon_sentence(ui, words));
    snprintf(
        words, sizeof words,
        "slider: %s one merge in this column, %s several; %s %s those that are made; %s epsilon",
        screen_glyph(screen, GLYPH_EVENT), screen_glyph(screen, GLYPH_EVENT_MANY),
        screen_glyph(screen, GLYPH_EVENT_DONE), screen_glyph(screen, GLYPH_EVENT_MANY_DONE),
        screen_glyph(screen, GLYPH_KNOB));
    page_words(page, words);
    page_words(page,
               "header: relation and linkage; norm, scale and balance where they apply; refit. "
               "A narrow window shortens them: rel, abs, bal, suff.");
    if (ui->snapshot->sufficient_only)
        page_words(page, "(sufficient condition), short (suff.): an activation of this network has "
                         "no polynomial encoding. Classes are found by a condition that is enough, "
                         "but more than needed: some equivalent neurons may stay apart.");
}

/* ---- Commands and options ---- */

static void usage_of(const struct explorer_command *command, char *out, size_t size) {
    snprintf(out, size, ":%s%s%s", command->name, *command->arguments ? " " : "",
             command->arguments);
}

static void add_commands(struct page *page) {
    char text[128];
    page_title(page, "Commands");
    page_words(page,
               "Typed behind a colon; Tab completes them. :help COMMAND says more of one, with "
               "an example.");
    for (int group = 0; group < COMMAND_GROUP_COUNT; group++) {
        struct page_pairs pairs = {0};
        for (size_t i = 0; i < explorer_command_count; i++) {
            const struct explorer_command *command = &explorer_commands[i];
            if (!command->listed || group_of(command->name) != (enum command_group)group)
                continue;
            usage_of(command, text, sizeof text);
            page_pairs_add(&pairs, text, command->help);
        }
        snprintf(text, sizeof text, "Commands: %s", command_group_titles[group]);
        page_title(page, text);
        page_pairs(page, &pairs);
    }
}

static void add_options(struct page *page) {
    struct page_pairs pairs = {0};
    page_title(page, "Options of :set");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char usage[96];
        snprintf(usage, sizeof usage, "%s %s", option_descriptions[i].name,
                 option_descriptions[i].values);
        page_pairs_add(&pairs, usage, option_descriptions[i].help);
    }
    page_pairs(page, &pairs);
}

static void add_settings(struct page *page) {
    char words[512], path[256];
    const char *config = page->ui->options->config;
    if (!config)
        return;
    snprintf(path, sizeof path, "%s", config);
    text_make_visible(path);
    snprintf(words, sizeof words,
             "The commands in %s are run at every start, one on a line, for example: theme light, "
             "or bind x lock. # begins a comment.",
             path);
    page_title(page, "Settings and keys of your own");
    page_words(page, words);
}

/* Lessons are how to begin. */
static void add_lessons(struct page *page) {
    const struct lesson_list *lessons = &page->ui->lessons;
    struct page_pairs pairs = {0};
    if (lessons->count == 0)
        return;
    page_title(page, "Lessons");
    page_words(page,
               "Each takes three to five minutes and begins with its command; Esc leaves it.");
    for (size_t i = 0; i < lessons->count; i++) {
        char command[96];
        snprintf(command, sizeof command, ":tour %s", lessons->items[i].name);
        page_pairs_add(&pairs, command, lessons->items[i].title);
    }
    page_pairs(page, &pairs);
}

/* ---- One thing ---- */

/* "Keys: r (next relation), ..." as pairs. */
static void add_keys_of(struct page *page, const struct explorer_command *command) {
    const struct keymap *map = &page->ui->keymap;
    struct page_pairs pairs = {0};
    struct text names = {0};
    for (size_t i = 0; i < map->count; i++) {
        struct command_words words;
        if (!command_split(map->items[i].command, &words, NULL))
            continue;
        size_t at = words.count == 2 && !strcmp(words.word[0], "prompt");
        if (words.count > 0 && !strcmp(words.word[at], command->name)) {
            keymap_names(map, i, PANE_ANY, &names);
            if (names.length > 0)
                page_pairs_add(&pairs, names.data,
                               keymap_help(map->items[i].command, map->items[i].pane));
        }
        command_words_free(&words);
    }
    if (pairs.count > 0)
        page_title(page, "Its keys");
    page_pairs(page, &pairs);
    text_free(&names);
}

static void add_command(struct page *page, const struct explorer_command *command) {
    char usage[128];
    const struct command_topic *topic = command_topic_find(command->name);
    usage_of(command, usage, sizeof usage);
    page_title(page, usage);
    page_words(page, command->help);
    if (topic && *topic->takes)
        page_words(page, topic->takes);
    if (topic) {
        snprintf(usage, sizeof usage, "for example  :%s", topic->example);
        page_words(page, usage);
    }
    add_keys_of(page, command);
    if (command->completion == COMPLETE_OPTION)
        add_options(page);
}

static void add_option(struct page *page, enum option_id option) {
    const struct option_description *described = &option_descriptions[option];
    char words[256];
    snprintf(words, sizeof words, ":set %s %s", described->name, described->values);
    page_title(page, words);
    page_words(page, described->help);
    if (command_option_value(option, 0, words))
        page_words(page, "The header shows its value; :cycle goes to the next one.");
}

static void add_place(struct page *page, const char *topic) {
    char title[64];
    for (int i = 0; i < PANE_COUNT; i++)
        if (!strcmp(topic, pane_names[i])) {
            snprintf(title, sizeof title, "The pane %s", topic);
            add_view(page, title, view_of_pane((enum pane)i, MIDDLE_CLASSES), (enum pane)i);
        }
    for (int i = 1; i < MIDDLE_COUNT; i++)
        if (!strcmp(topic, middle_names[i])) {
            snprintf(title, sizeof title, "The view %s", topic);
            add_view(page, title, view_of_pane(PANE_CLASSES, (enum middle)i), PANE_CLASSES);
        }
}

/* ---- The page ---- */

/* All of it in this order; a name is a topic of its own. */
static const struct section {
    const char *name;
    void (*add)(struct page *page);
} sections[] = {{"", add_pane},
                {"", add_top},
                {"keys", add_keys},
                {"keys", add_other_keys},
                {"commands", add_commands},
                {"options", add_options},
                {"", add_settings},
                {"lessons", add_lessons}};
enum { SECTIONS = sizeof sections / sizeof *sections };

static void add_topic(struct page *page, const char *topic) {
    for (size_t i = 0; i < SECTIONS; i++)
        if (!*topic || !strcmp(sections[i].name, topic))
            sections[i].add(page);
    if (!*topic)
        return;
    for (size_t i = 0; i < explorer_command_count; i++)
        if (!strcmp(explorer_commands[i].name, topic))
            add_command(page, &explorer_commands[i]);
    if (option_find(topic) != OPTION_COUNT)
        add_option(page, option_find(topic));
    add_place(page, topic);
}

const char *help_page(size_t index) {
    for (size_t i = 0; i < SECTIONS; i++) {
        bool again = i > 0 && !strcmp(sections[i].name, sections[i - 1].name);
        if (*sections[i].name && !again && index-- == 0)
            return sections[i].name;
    }
    return NULL;
}

bool help_knows(const char *topic) {
    bool known = option_find(topic) != OPTION_COUNT || keymap_place(topic) < PANE_COUNT;
    for (int i = 0; i < MIDDLE_COUNT; i++)
        known = known || !strcmp(middle_names[i], topic);
    for (size_t i = 0; i < SECTIONS; i++)
        known = known || (*topic && !strcmp(sections[i].name, topic));
    return known;
}

int help_lines(const struct ui *ui, int columns) {
    struct page page = {ui, {0, 0, 0, columns}, 0};
    add_topic(&page, ui->help_topic);
    return page.line;
}

int help_rows(int rows) {
    return rows - 2; /* without the title and the keys */
}

/* "j k scroll  Space page  Esc closes", by the keys there are. */
static void key_words(const struct ui *ui, char *out, size_t size) {
    static const struct {
        const char *first, *second, *word;
    } uses[] = {{"move down", "move up", "scroll"},
                {"move page-down", NULL, "ten lines"},
                {"back", NULL, "closes"}};
    int length = 0;
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        char first[INPUT_NAME_SIZE] = "", second[INPUT_NAME_SIZE] = "";
        int32_t key = keymap_key(&ui->keymap, uses[i].first, PANE_OVERLAY);
        int32_t other = uses[i].second ? keymap_key(&ui->keymap, uses[i].second, PANE_OVERLAY) : 0;
        if (!key || length >= (int)size)
            continue;
        input_key_name(key, first);
        if (other)
            input_key_name(other, second);
        length += snprintf(out + length, size - (size_t)length, "%s%s%s%s %s", length ? "  " : "",
                           first, other ? " " : "", second, uses[i].word);
    }
}

static void draw_foot(const struct ui *ui, const struct area *area, int shown, int lines) {
    char keys[96] = "", place[64];
    int first = ui->help_scroll, last = first + shown < lines ? first + shown : lines;
    key_words(ui, keys, sizeof keys);
    if (lines > shown)
        snprintf(place, sizeof place, "lines %d%s%d of %d", first + 1,
                 screen_glyph(ui->screen, GLYPH_DASH), last, lines);
    else
        snprintf(place, sizeof place, "all of it");
    struct area foot = {area->row + area->rows - 1, area->column, 1, area->columns};
    screen_fill(ui->screen, &foot, ROLE_HEADER);
    screen_put(ui->screen, &foot, 0, 1, ROLE_HEADER, keys);
    screen_put(ui->screen, &foot, 0, area->columns - columns_width(place) - 1, ROLE_HEADER, place);
}

void help_draw(const struct ui *ui, const struct area *area) {
    int shown = help_rows(area->rows);
    struct page page = {ui, {area->row + 1, area->column, shown, area->columns}, 0};
    screen_fill(ui->screen, area, ROLE_OVERLAY);
    screen_format(ui->screen, area, 0, 1, ROLE_TITLE_FOCUS, " Help%s%s ",
                  *ui->help_topic ? ": " : "", ui->help_topic);
    add_topic(&page, ui->help_topic);
    if (ui->help_scroll > 0)
        screen_put_glyph(ui->screen, &page.area, 0, 0, ROLE_KEY, GLYPH_MORE_UP);
    if (page.line - ui->help_scroll > shown)
        screen_put_glyph(ui->screen, &page.area, shown - 1, 0, ROLE_KEY, GLYPH_MORE_DOWN);
    draw_foot(ui, area, shown, page.line);
}
