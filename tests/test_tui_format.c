/* What the header says of the file's format, and how the line completes a model's options. */
#include "explorer_terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void the_header_says_the_format_where_there_is_room(void **state) {
    (void)state;
    static const struct {
        int rows, columns;
        const char *words;
    } sizes[] = {{40, 120, "format"}, {40, 120, "format --ascii"}, {60, 200, "format"}};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct terminal *terminal =
            explorer_start(sizes[k].rows, sizes[k].columns, sizes[k].words, NULL);
        terminal_expect(terminal, "safetensors BF16");
        terminal_expect(terminal, "7-64-4-64-7");
        terminal_expect(terminal, "data glyc");
        explorer_quit(terminal);
    }
}

static void the_header_with_a_format_looks_as_meant(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "format", NULL);
    terminal_expect_screen(terminal, "format-120x40");
    terminal_free(terminal);
}

static void data_have_room_behind_the_options(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 80, "hostile", NULL);
    terminal_expect(terminal, "refit   data glycolysis 3200+800");
    explorer_quit(terminal);
}

static void a_small_screen_keeps_the_names(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(24, 80, "format", NULL);
    terminal_expect(terminal, "glycolysis 7-64-4");
    terminal_expect(terminal, "joint");
    assert_false(terminal_shows(terminal, "BF16")); /* whole or not at all */
    terminal_free(terminal);
}

static void our_own_format_goes_without_saying(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "square", NULL);
    assert_false(terminal_shows(terminal, "JSON"));
    terminal_free(terminal);
}

static void press(struct terminal *terminal, const char *keys, const char *expected) {
    explorer_keys(terminal, keys);
    terminal_expect(terminal, expected);
}

static void model_options_are_completed(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "square", NULL);
    press(terminal, ":open m.st ac\tleak\t!", ":open m.st activation leaky_relu !");
    press(terminal, "\025open m.st d.csv bl\t!", ":open m.st d.csv block !");
    press(terminal, "\025open m.st layers a,b ac\t!", ":open m.st layers a,b activation !");
    press(terminal, "\025write m.st b\t!", ":write m.st bf16 !");
    press(terminal, "\025write m.st f\t\t", "f64  f32  f16");
    terminal_free(terminal);
}

static void options_of_reading_data_are_completed(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "square", NULL);
    press(terminal, ":data d.csv te\t!", ":data d.csv test-fraction !");
    press(terminal, "\025data d.csv delimiter t\t!", ":data d.csv delimiter tab !");
    press(terminal, "\025data d.csv split random ta\tm\t!", "random target model !");
    press(terminal, "\025data d.csv d\t\t", "delimiter  drop");
    terminal_free(terminal);
}

static void a_write_says_the_type_it_was_told(void **state) {
    (void)state;
    struct terminal *terminal = explorer_start(40, 120, "square", NULL);
    press(terminal, ":write! small.json f77\r", "\"f77\" is no type of numbers");
    press(terminal, "\033:write! small.json f16\r", "wrote small.json, F16");
    press(terminal, ":write! /tmp/small.pt\r", "no model format has this suffix");
    terminal_free(terminal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_says_the_format_where_there_is_room),
        cmocka_unit_test(the_header_with_a_format_looks_as_meant),
        cmocka_unit_test(data_have_room_behind_the_options),
        cmocka_unit_test(a_small_screen_keeps_the_names),
        cmocka_unit_test(our_own_format_goes_without_saying),
        cmocka_unit_test(model_options_are_completed),
        cmocka_unit_test(options_of_reading_data_are_completed),
        cmocka_unit_test(a_write_says_the_type_it_was_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
