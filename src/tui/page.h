/* A page of text longer than the screen: line after line is added, those in sight appear. */
#ifndef LUMPSCOPE_TUI_PAGE_H
#define LUMPSCOPE_TUI_PAGE_H

#include "tui/ui.h"

/* Begin with the first line at 0. On an area without rows the lines are only counted. */
struct page {
    const struct ui *ui; /* its help_scroll is the first line in sight */
    struct area area;
    int line; /* the next */
};

/* With an empty line before it, but at the top. */
void page_title(struct page *page, const char *title);
/* A paragraph, broken at spaces. */
void page_words(struct page *page, const char *words);

/* Left a key or command, right what it does. Zero-initialise. */
struct page_pair {
    char *left; /* owned */
    const char *right;
};

struct page_pairs {
    struct page_pair *items; /* [count] owned */
    size_t count, capacity;
};

/* `left` is copied, `right` must outlive the pairs. Without memory the pair is left out. */
void page_pairs_add(struct page_pairs *pairs, const char *left, const char *right);
/* Adds the pairs in as many columns as there is room for, and frees them. */
void page_pairs(struct page *page, struct page_pairs *pairs);

#endif
