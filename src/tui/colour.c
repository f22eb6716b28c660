#include "tui/theme.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    uint8_t rgb[3];
} ansi_colours[16] = {
    {"black", {0, 0, 0}},
    {"red", {205, 0, 0}},
    {"green", {0, 205, 0}},
    {"yellow", {205, 205, 0}},
    {"blue", {0, 0, 238}},
    {"magenta", {205, 0, 205}},
    {"cyan", {0, 205, 205}},
    {"white", {229, 229, 229}},
    {"bright-black", {127, 127, 127}},
    {"bright-red", {255, 0, 0}},
    {"bright-green", {0, 255, 0}},
    {"bright-yellow", {255, 255, 0}},
    {"bright-blue", {92, 92, 255}},
    {"bright-magenta", {255, 0, 255}},
    {"bright-cyan", {0, 255, 255}},
    {"bright-white", {255, 255, 255}},
};

bool colour_parse(const char *text, struct colour *colour) {
    *colour = (struct colour){.kind = COLOUR_DEFAULT};
    if (!strcmp(text, "default"))
        return true;
    if (text[0] == '#') {
        if (strlen(text) != 7 || strspn(text + 1, "0123456789abcdefABCDEF") != 6)
            return false;
        unsigned long value = strtoul(text + 1, NULL, 16);
        *colour = (struct colour){.kind = COLOUR_RGB,
                                  .red = (uint8_t)(value >> 16),
                                  .green = (uint8_t)(value >> 8),
                                  .blue = (uint8_t)value};
        return true;
    }
    for (uint8_t i = 0; i < 16; i++)
        if (!strcmp(text, ansi_colours[i].name)) {
            *colour = (struct colour){.kind = COLOUR_INDEX, .index = i};
            return true;
        }
    return false;
}

/* Squared distance weighted by how the eye sees red, green and blue. */
static int distance(const struct colour *colour, int red, int green, int blue) {
    int r = colour->red - red, g = colour->green - green, b = colour->blue - blue;
    return 3 * r * r + 6 * g * g + 2 * b * b;
}

/* Steps of the 6 x 6 x 6 cube of the 256 colours. */
static int cube_value(int step) {
    return step ? 55 + 40 * step : 0;
}

static int nearest_step(int value) {
    return value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40;
}

static int nearest_of_256(const struct colour *colour) {
    int r = nearest_step(colour->red), g = nearest_step(colour->green),
        b = nearest_step(colour->blue);
    int cube = distance(colour, cube_value(r), cube_value(g), cube_value(b));
    int grey = ((colour->red + colour->green + colour->blue) / 3 - 3) / 10;
    grey = grey < 0 ? 0 : grey > 23 ? 23 : grey;
    int level = 8 + 10 * grey;
    if (distance(colour, level, level, level) < cube)
        return 232 + grey;
    return 16 + 36 * r + 6 * g + b;
}

static int nearest_of_ansi(const struct colour *colour, int count) {
    int best = 0, least = -1;
    for (int i = 0; i < count; i++) {
        const uint8_t *rgb = ansi_colours[i].rgb;
        int d = distance(colour, rgb[0], rgb[1], rgb[2]);
        if (least < 0 || d < least) {
            least = d;
            best = i;
        }
    }
    return best;
}

int colour_nearest(const struct colour *colour, int count) {
    if (colour->kind == COLOUR_DEFAULT)
        return -1;
    if (colour->kind == COLOUR_INDEX)
        return count < 16 ? colour->index % 8 : colour->index;
    return count >= 256 ? nearest_of_256(colour) : nearest_of_ansi(colour, count < 16 ? 8 : 16);
}

int colour_direct(const struct colour *colour) {
    if (colour->kind == COLOUR_DEFAULT)
        return -1;
    if (colour->kind == COLOUR_RGB)
        return colour->red << 16 | colour->green << 8 | colour->blue;
    const uint8_t *rgb = ansi_colours[colour->index].rgb;
    return rgb[0] << 16 | rgb[1] << 8 | rgb[2];
}
