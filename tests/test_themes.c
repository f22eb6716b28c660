/* Themes can be read: enough contrast for everything that is text, and colours that people with
 * deuteranopia or protanopia can tell apart where the theme says so. Also that a user's theme comes
 * before one of the same name. */
#include "lumpscope/file.h"
#include "tui/theme.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const role_names[ROLE_COUNT] = {
#define ROLE(name, text, attributes) text,
    ROLE_TABLE(ROLE)
#undef ROLE
};

static void load(struct theme *theme, const char *name) {
    const char *directories[] = {getenv("LUMPSCOPE_THEMES"), NULL};
    struct error error = {0};
    if (!theme_load(theme, name, directories, &error))
        fail_msg("%s", error.text);
}

/* ---- Contrast, after the Web Content Accessibility Guidelines 2 ---- */

/* Red, green and blue from 0 to 1, proportional to light. */
struct light {
    double channel[3];
};

static double to_light(uint8_t value) {
    double share = value / 255.0;
    return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4);
}

static struct light light_of(const struct colour *colour) {
    assert_int_equal(colour->kind, COLOUR_RGB);
    return (struct light){{to_light(colour->red), to_light(colour->green), to_light(colour->blue)}};
}

static double luminance(const struct colour *colour) {
    struct light light = light_of(colour);
    return 0.2126 * light.channel[0] + 0.7152 * light.channel[1] + 0.0722 * light.channel[2];
}

static double contrast(const struct colour *a, const struct colour *b) {
    double light = luminance(a), dark = luminance(b);
    return (fmax(light, dark) + 0.05) / (fmin(light, dark) + 0.05);
}

/* Lines and bars that are looked at, not read. */
static bool is_decoration(int role) {
    return role == ROLE_FRAME || role == ROLE_TRACK;
}

static void expect_contrast(const char *name, double least) {
    struct theme theme;
    load(&theme, name);
    int checked = 0;
    for (int i = 0; i < ROLE_COUNT; i++) {
        const struct role_style *style = &theme.roles[i];
        double ratio = contrast(&style->foreground, &style->background);
        if (ratio < (is_decoration(i) ? 1.5 : least))
            fail_msg("theme %s, role %s: contrast %.2f", name, role_names[i], ratio);
        checked++;
    }
    assert_int_equal(checked, ROLE_COUNT);
}

static void contrast_is_computed_as_the_guidelines_do(void **state) {
    (void)state;
    struct colour black, white, grey;
    assert_true(colour_parse("#000000", &black) && colour_parse("#ffffff", &white) &&
                colour_parse("#767676", &grey));
    assert_float_equal(contrast(&black, &white), 21, 1e-6);
    assert_float_equal(contrast(&grey, &white), 4.54, 0.01);
}

static void text_stands_out_in_every_theme(void **state) {
    (void)state;
    expect_contrast("dark", 4.5);
    expect_contrast("light", 4.5);
    expect_contrast("colour-blind-safe", 4.5);
    expect_contrast("high-contrast", 7);
}

/* The numbers in cells are written in them. */
static void class_colours_stand_out_in_every_theme(void **state) {
    (void)state;
    static const char *const names[] = {"dark", "light", "colour-blind-safe", "high-contrast"};
    for (size_t t = 0; t < sizeof names / sizeof *names; t++) {
        struct theme theme;
        load(&theme, names[t]);
        assert_true(theme.class_count >= 10 && theme.few_count >= 8);
        for (size_t i = 0; i < theme.class_count; i++) {
            double ratio = contrast(&theme.classes[i], &theme.roles[ROLE_TEXT].background);
            if (ratio < 4.5)
                fail_msg("theme %s, class colour %zu: contrast %.2f", names[t], i, ratio);
        }
    }
}

/* ---- Colour blindness, after Vienot, Brettel and Mollon 1999 ---- */

enum sight { SIGHT_FULL, SIGHT_PROTANOPIA, SIGHT_DEUTERANOPIA, SIGHT_COUNT };

static void multiply(const double matrix[3][3], double vector[3]) {
    double product[3];
    for (int i = 0; i < 3; i++)
        product[i] = matrix[i][0] * vector[0] + matrix[i][1] * vector[1] + matrix[i][2] * vector[2];
    memcpy(vector, product, sizeof product);
}

/* Into what the three kinds of cones take up, without one of them, and back. */
static struct light seen(struct light light, enum sight sight) {
    static const double to_cones[3][3] = {
        {17.8824, 43.5161, 4.11935}, {3.45565, 27.1554, 3.86714}, {0.0299566, 0.184309, 1.46709}};
    static const double from_cones[3][3] = {{0.0809444479, -0.130504409, 0.116721066},
                                            {-0.0102485335, 0.0540193266, -0.113614708},
                                            {-0.000365296938, -0.00412161469, 0.693511405}};
    double *cones = light.channel;
    multiply(to_cones, cones);
    if (sight == SIGHT_PROTANOPIA)
        cones[0] = 2.02344 * cones[1] - 2.52581 * cones[2];
    if (sight == SIGHT_DEUTERANOPIA)
        cones[1] = 0.494207 * cones[0] + 1.24827 * cones[2];
    multiply(from_cones, cones);
    for (int i = 0; i < 3; i++)
        light.channel[i] = fmin(fmax(light.channel[i], 0), 1);
    return light;
}

static double lab_root(double value) {
    return value > 216.0 / 24389 ? cbrt(value) : 841.0 / 108 * value + 4.0 / 29;
}

/* CIE L*a*b* of white D65. */
static void to_lab(struct light light, double lab[3]) {
    static const double to_xyz[3][3] = {
        {0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}};
    double *xyz = light.channel;
    multiply(to_xyz, xyz);
    double x = lab_root(xyz[0] / 0.95047), y = lab_root(xyz[1]), z = lab_root(xyz[2] / 1.08883);
    lab[0] = 116 * y - 16;
    lab[1] = 500 * (x - y);
    lab[2] = 200 * (y - z);
}

/* CIE 1976: about 2.3 is just seen side by side. */
static double difference(const struct colour *a, const struct colour *b, enum sight sight) {
    double first[3], second[3], sum = 0;
    to_lab(seen(light_of(a), sight), first);
    to_lab(seen(light_of(b), sight), second);
    for (int i = 0; i < 3; i++)
        sum += (first[i] - second[i]) * (first[i] - second[i]);
    return sqrt(sum);
}

static void red_and_green_fall_together_without_one_kind_of_cones(void **state) {
    (void)state;
    struct colour red, green;
    assert_true(colour_parse("#b06000", &red) && colour_parse("#6a7a00", &green));
    assert_true(difference(&red, &green, SIGHT_FULL) > 30);
    assert_true(difference(&red, &green, SIGHT_DEUTERANOPIA) < 15);
    assert_float_equal(difference(&red, &red, SIGHT_PROTANOPIA), 0, 1e-9);
}

static void class_colours_stay_apart_for_the_colour_blind(void **state) {
    (void)state;
    struct theme theme;
    load(&theme, "colour-blind-safe");
    for (int sight = 0; sight < SIGHT_COUNT; sight++)
        for (size_t i = 0; i < theme.class_count; i++)
            for (size_t k = 0; k < i; k++) {
                double apart = difference(&theme.classes[i], &theme.classes[k], (enum sight)sight);
                if (apart < 15)
                    fail_msg("class colours %zu and %zu, sight %d: %.1f", k, i, sight, apart);
            }
}

static void expect_apart(const struct theme *theme, int a, int b) {
    for (int sight = 0; sight < SIGHT_COUNT; sight++) {
        double apart =
            difference(&theme->roles[a].foreground, &theme->roles[b].foreground, (enum sight)sight);
        if (apart < 30)
            fail_msg("roles %s and %s, sight %d: %.1f", role_names[a], role_names[b], sight, apart);
    }
}

static void curves_and_signs_stay_apart_for_the_colour_blind(void **state) {
    (void)state;
    struct theme theme;
    load(&theme, "colour-blind-safe");
    for (int a = ROLE_CURVE_LUMP; a <= ROLE_CURVE_POLISH; a++)
        for (int b = ROLE_CURVE_LUMP; b < a; b++)
            expect_apart(&theme, a, b);
    expect_apart(&theme, ROLE_POSITIVE, ROLE_NEGATIVE);
    expect_apart(&theme, ROLE_GOOD, ROLE_BAD);
}

/* With few colours no role may vanish into its background. */
static void roles_can_be_read_with_few_colours(void **state) {
    (void)state;
    static const char *const names[] = {"dark", "light", "colour-blind-safe", "high-contrast"};
    for (size_t t = 0; t < sizeof names / sizeof *names; t++) {
        struct theme theme;
        load(&theme, names[t]);
        for (int i = 0; i < ROLE_COUNT; i++)
            for (int count = 8; count <= 16 && !is_decoration(i); count += 8) {
                const struct role_style *style = &theme.roles[i], *text = &theme.roles[ROLE_TEXT];
                int ground = colour_nearest(&style->background, count);
                /* The screen gives such a role the colour of text. */
                bool apart = colour_nearest(&style->foreground, count) != ground ||
                             colour_nearest(&text->foreground, count) != ground;
                if (!apart)
                    fail_msg("theme %s, role %s: lost in %d colours", names[t], role_names[i],
                             count);
            }
    }
}

/* ---- Whose theme ---- */

static void a_user_s_theme_comes_before_one_of_the_same_name(void **state) {
    (void)state;
    static const char text[] = "{\"roles\": {\"text\": {\"fg\": \"#123456\"}}}";
    char directory[] = "/tmp/lumpscope-themes-XXXXXX", path[64];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/dark.json", directory);
    assert_true(file_write(path, text, sizeof text - 1, NULL, NULL));
    const char *directories[] = {directory, getenv("LUMPSCOPE_THEMES"), NULL};
    struct theme theme;
    assert_true(theme_load(&theme, "dark", directories, NULL));
    assert_int_equal(colour_direct(&theme.roles[ROLE_TEXT].foreground), 0x123456);
    assert_true(theme_load(&theme, "light", directories, NULL));
    size_t dark = 0;
    char **names = theme_names(directories);
    for (size_t i = 0; names[i]; i++)
        dark += !strcmp(names[i], "dark");
    assert_int_equal(dark, 1);
    theme_names_free(names);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contrast_is_computed_as_the_guidelines_do),
        cmocka_unit_test(text_stands_out_in_every_theme),
        cmocka_unit_test(class_colours_stand_out_in_every_theme),
        cmocka_unit_test(red_and_green_fall_together_without_one_kind_of_cones),
        cmocka_unit_test(class_colours_stay_apart_for_the_colour_blind),
        cmocka_unit_test(curves_and_signs_stay_apart_for_the_colour_blind),
        cmocka_unit_test(roles_can_be_read_with_few_colours),
        cmocka_unit_test(a_user_s_theme_comes_before_one_of_the_same_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
