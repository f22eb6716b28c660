/* Themes: what loads can be drawn with. */
#include "fuzz.h"

#include "tui/theme.h"

#include <string.h>

static void check_colour(const struct colour *colour) {
    static const int counts[] = {8, 16, 256};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        fuzz_require(colour_nearest(colour, counts[i]) < counts[i], "a colour beyond the last");
    fuzz_require(colour_direct(colour) < 1 << 24, "a colour beyond 24 bits");
}

static void check_theme(const struct theme *theme) {
    fuzz_require(theme->class_count <= THEME_CLASSES && theme->few_count <= THEME_CLASSES,
                 "more colours than there is room for");
    fuzz_require(memchr(theme->name, '\0', sizeof theme->name), "a name without an end");
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        check_colour(&theme->roles[i].foreground);
        check_colour(&theme->roles[i].background);
    }
    for (size_t i = 0; i < theme->class_count; i++)
        check_colour(&theme->classes[i]);
    for (size_t i = 0; i < theme->few_count; i++)
        check_colour(&theme->few[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[FUZZ_PATH_SIZE];
    struct theme theme, before;
    struct error error = {0};
    memset(&theme, 0, sizeof theme);
    theme_plain(&theme);
    before = theme;
    if (!fuzz_write("theme.json", data, size))
        return 0;
    fuzz_budget(size, FUZZ_TIMES);
    bool loaded = theme_load(&theme, fuzz_path("theme.json", path), NULL, &error);
    fuzz_budget_end();
    check_theme(&theme);
    fuzz_require(loaded || *error.text, "no theme and no reason");
    fuzz_require(loaded || memcmp(&theme, &before, sizeof theme) == 0, "half a theme");
    return 0;
}
