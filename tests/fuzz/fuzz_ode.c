/* Polynomial systems: what is read is printed and read again to the same system. */
#include "fuzz.h"

#include "lumpscope/ode_file.h"
#include "lumpscope/text.h"

#include <stdlib.h>
#include <string.h>

static void check_same(const struct polynomial_system *a, const struct polynomial_system *b) {
    fuzz_require(a->variables == b->variables, "other variables");
    for (size_t i = 0; i < a->variables; i++)
        fuzz_require(strcmp(a->names[i], b->names[i]) == 0 && a->blocks[i] == b->blocks[i] &&
                         polynomial_equal(&a->derivatives[i], &b->derivatives[i]),
                     "variable %zu has changed", i);
}

static void check_again(const struct polynomial_system *system) {
    struct text text = {0};
    struct error error = {0};
    fuzz_require(ode_file_print(system, "again", "twice\nover", &text, &error), "%s", error.text);
    struct polynomial_system *again = ode_file_parse("again", text.data, text.length, &error);
    fuzz_require(again, "%s", error.text);
    check_same(system, again);
    polynomial_system_free(again);
    text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    fuzz_budget(size, FUZZ_TIMES);
    struct polynomial_system *system = ode_file_parse("input.ode", text, size, NULL);
    fuzz_budget_end();
    if (system && system->variables > 0)
        check_again(system);
    polynomial_system_free(system);
    free(text);
    return 0;
}
