/* Themes: files that give every role its colours and attributes. */
#ifndef LUMPSCOPE_TUI_THEME_H
#define LUMPSCOPE_TUI_THEME_H

#include "lumpscope/error.h"
#include "tui/role.h"

#include <stdint.h>

enum colour_kind { COLOUR_DEFAULT, COLOUR_INDEX, COLOUR_RGB };

/* The terminal's own colour, one of its sixteen by number, or red, green and blue. */
struct colour {
    enum colour_kind kind;
    uint8_t index;
    uint8_t red, green, blue;
};

struct role_style {
    struct colour foreground, background;
    unsigned attributes; /* of enum attribute */
};

struct theme {
    char name[64];
    struct role_style roles[ROLE_COUNT];
    size_t class_count; /* 0: classes are told apart by their separators alone */
    struct colour classes[THEME_CLASSES];
    size_t few_count; /* class colours for terminals with 16 colours or fewer; 0: the nearest */
    struct colour few[THEME_CLASSES];
};

/* No colours, the attributes of role.h. */
void theme_plain(struct theme *theme);
/* Reads a theme: `name` is a path when it holds a slash, else NAME.json in the first of the
 * `directories` (NULL-terminated list, may be NULL) that has it. The sentence names file and
 * member, or the themes there are. On failure `theme` is as it was. */
bool theme_load(struct theme *theme, const char *name, const char *const *directories,
                struct error *error);
/* Names of the themes in the directories, sorted, each once; NULL-terminated, freed by
 * theme_names_free. NULL when out of memory. */
char **theme_names(const char *const *directories);
void theme_names_free(char **names);

/* "#rrggbb", "default", or one of the sixteen names ("red", "bright-blue"). */
bool colour_parse(const char *text, struct colour *colour);
/* The nearest of the terminal's `count` (8, 16 or 256) colours; -1 for COLOUR_DEFAULT. */
int colour_nearest(const struct colour *colour, int count);
/* 0xrrggbb for terminals that take colours as they are; -1 for COLOUR_DEFAULT. */
int colour_direct(const struct colour *colour);

#endif
