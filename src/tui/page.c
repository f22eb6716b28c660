#include "tui/page.h"

#include "lumpscope/memory.h"
#include "tui/columns.h"

#include <stdlib.h>

enum { MOST_ACROSS = 4, MOST_LEFT = 32, MARGIN = 2 };

static int row_of(const struct page *page) {
    return page->line - page->ui->help_scroll;
}

void page_title(struct page *page, const char *title) {
    page->line += page->line > 0;
    screen_put(page->ui->screen, &page->area, row_of(page), 1, ROLE_OVERLAY_TITLE, title);
    page->line++;
}

/* A paragraph from a column on, broken at spaces. */
static void words_at(struct page *page, int column, const char *words) {
    while (*words) {
        size_t length = columns_wrap(words, page->area.columns - column - MARGIN);
        screen_format(page->ui->screen, &page->area, row_of(page), column, ROLE_OVERLAY, "%.*s",
                      (int)length, words);
        page->line++;
        words += length + (words[length] == ' ');
    }
}

void page_words(struct page *page, const char *words) {
    words_at(page, MARGIN, words);
}

/* ---- Pairs ---- */

void page_pairs_add(struct page_pairs *pairs, const char *left, const char *right) {
    char *copy = memory_string(left, NULL);
    if (!copy || !memory_reserve(&pairs->items, &pairs->capacity, pairs->count + 1,
                                 sizeof *pairs->items, NULL)) {
        free(copy);
        return;
    }
    pairs->items[pairs->count++] = (struct page_pair){copy, right};
}

static void pairs_free(struct page_pairs *pairs) {
    for (size_t i = 0; i < pairs->count; i++)
        free(pairs->items[i].left);
    free(pairs->items);
    *pairs = (struct page_pairs){0};
}

static void measure(const struct page_pairs *pairs, int *left, int *right) {
    *left = *right = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        int wide = columns_width(pairs->items[i].left),
            words = columns_width(pairs->items[i].right);
        *left = wide > *left && wide <= MOST_LEFT ? wide : *left;
        *right = words > *right ? words : *right;
    }
}

static void put_left(struct page *page, int column, const char *left) {
    screen_put(page->ui->screen, &page->area, row_of(page), column, ROLE_KEY | INK_BOLD, left);
}

/* One below the other; a wide left part has a line of its own. */
static void list_pairs(struct page *page, const struct page_pairs *pairs, int tab) {
    for (size_t i = 0; i < pairs->count; i++) {
        put_left(page, MARGIN, pairs->items[i].left);
        page->line += columns_width(pairs->items[i].left) > tab - 2 * MARGIN;
        words_at(page, tab, pairs->items[i].right);
    }
}

/* Side by side, down the columns. */
static void table_pairs(struct page *page, const struct page_pairs *pairs, int tab, int across) {
    int count = (int)pairs->count, rows = (count + across - 1) / across, first = page->line;
    int wide = page->area.columns / across;
    for (int i = 0; i < count; i++) {
        int column = i / rows * wide;
        page->line = first + i % rows;
        put_left(page, column + MARGIN, pairs->items[i].left);
        screen_put(page->ui->screen, &page->area, row_of(page), column + tab, ROLE_OVERLAY,
                   pairs->items[i].right);
    }
    page->line = first + rows;
}

void page_pairs(struct page *page, struct page_pairs *pairs) {
    int left, right;
    measure(pairs, &left, &right);
    int tab = left + 2 * MARGIN, across = page->area.columns / (tab + right + MARGIN);
    bool long_left = false;
    for (size_t i = 0; i < pairs->count; i++)
        long_left |= columns_width(pairs->items[i].left) > left;
    across = across > MOST_ACROSS ? MOST_ACROSS : across;
    if (across < 2 || long_left)
        list_pairs(page, pairs, tab);
    else
        table_pairs(page, pairs, tab, across);
    pairs_free(pairs);
}
