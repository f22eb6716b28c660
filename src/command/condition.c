#include "command/condition.h"

#include "command/handlers.h"

#include "lumpscope/player.h"
#include "lumpscope/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- What can be asked for ---- */

static double epsilon_now(const struct snapshot *snapshot, struct command_context *context) {
    (void)context;
    return snapshot->analysed ? snapshot->epsilon : NAN;
}

static double classes_now(const struct snapshot *snapshot, struct command_context *context) {
    (void)context;
    return snapshot->analysed ? (double)snapshot->classes : NAN;
}

static double parameters_now(const struct snapshot *snapshot, struct command_context *context) {
    (void)context;
    return snapshot->reduced_known ? (double)snapshot->parameters : NAN;
}

static double grp_now(const struct snapshot *snapshot, struct command_context *context) {
    (void)context;
    return snapshot->reduced_known
               ? 100.0 * (double)snapshot->parameters / (double)snapshot->original_parameters
               : NAN;
}

/* The MSE, or the accuracy in percent. */
static double error_now(const struct snapshot *snapshot, struct command_context *context) {
    (void)context;
    bool classes = snapshot->task == TASK_CLASSIFICATION;
    return snapshot->after.state == FIGURE_EXACT ? snapshot->after.value * (classes ? 100 : 1)
                                                 : NAN;
}

/* The same of the polished network. */
static double polished_now(const struct snapshot *snapshot, struct command_context *context) {
    (void)context;
    bool classes = snapshot->task == TASK_CLASSIFICATION;
    return snapshot->polished.state == FIGURE_EXACT ? snapshot->polished.value * (classes ? 100 : 1)
                                                    : NAN;
}

/* In percent of the MSE, or points of accuracy lost. */
static double increase_now(const struct snapshot *snapshot, struct command_context *context) {
    (void)context;
    double before = snapshot->before.value, after = snapshot->after.value;
    if (snapshot->before.state != FIGURE_EXACT || snapshot->after.state != FIGURE_EXACT)
        return NAN;
    return snapshot->task == TASK_CLASSIFICATION ? 100 * (before - after)
           : before == after                     ? 0
                                                 : 100 * (after - before) / before;
}

static double marks_now(const struct snapshot *snapshot, struct command_context *context) {
    (void)context;
    return (double)snapshot->mark_count;
}

static double points_now(const struct snapshot *snapshot, struct command_context *context) {
    (void)context;
    return snapshot->curve_complete ? (double)snapshot->curve[CURVE_LUMP].count : 0;
}

static double layer_now(const struct snapshot *snapshot, struct command_context *context) {
    (void)snapshot;
    size_t layer = handler_layer(context);
    return layer ? (double)layer : (double)NAN;
}

static const struct subject {
    const char *name;
    /* NaN: not known; NULL: a word of the screen. */
    double (*number)(const struct snapshot *snapshot, struct command_context *context);
    const char *command; /* whose small words are its values */
} subjects[] = {
    {"epsilon", epsilon_now, NULL}, {"classes", classes_now, NULL},
    {"grp", grp_now, NULL},         {"parameters", parameters_now, NULL},
    {"error", error_now, NULL},     {"increase", increase_now, NULL},
    {"marks", marks_now, NULL},     {"points", points_now, NULL},
    {"layer", layer_now, NULL},     {"polished", polished_now, NULL},
    {"view", NULL, "view"},         {"pane", NULL, NULL},
    {"plot", NULL, "plot"},
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

static const char *word_now(const struct subject *subject, struct command_context *context) {
    if (context->ui)
        return context->ui->shown(context->user, subject->name);
    if (!context->player)
        return "";
    const struct player_place *place = player_place(context->player);
    return !strcmp(subject->name, "view")   ? place->view
           : !strcmp(subject->name, "pane") ? place->pane
           : place->plot                    ? "on"
                                            : "off";
}

/* ---- Reading ---- */

static bool refuse_subject(const char *name, size_t length, struct error *error) {
    struct text list = {0};
    for (size_t i = 0; i < SUBJECTS; i++)
        text_format(&list, "%s, ", subjects[i].name);
    error_set(error, ERROR_USAGE,
              "a task cannot ask for \"%.*s\": choose one of %sor an option (relation=forward)",
              (int)(length > 40 ? 40 : length), name, list.data ? list.data : "");
    text_free(&list);
    return false;
}

static bool find_subject(const char *name, size_t length, struct condition_term *term,
                         struct error *error) {
    char copy[CONDITION_WORD];
    snprintf(copy, sizeof copy, "%.*s", (int)length, name);
    term->option = OPTION_COUNT;
    for (term->subject = 0; term->subject < SUBJECTS; term->subject++)
        if (!strcmp(copy, subjects[term->subject].name))
            return true;
    if (length < sizeof copy)
        term->option = option_find(copy);
    return term->option != OPTION_COUNT || refuse_subject(name, length, error);
}

/* Returns the bytes of the sign, 0 when there is none. */
static size_t read_comparison(const char *text, enum comparison *comparison) {
    static const char *const signs[] = {
        [COMPARE_LESS] = "<",      [COMPARE_AT_MOST] = "<=", [COMPARE_MORE] = ">",
        [COMPARE_AT_LEAST] = ">=", [COMPARE_EQUAL] = "=",    [COMPARE_UNEQUAL] = "!="};
    size_t longest = 0;
    for (int i = 0; i <= COMPARE_UNEQUAL; i++) {
        size_t length = strlen(signs[i]);
        if (length > longest && !strncmp(text, signs[i], length)) {
            *comparison = (enum comparison)i;
            longest = length;
        }
    }
    return longest;
}

static bool check_word(const struct condition_term *term, const char *name, struct error *error) {
    bool known = true, compared = term->comparison < COMPARE_EQUAL;
    if (term->option != OPTION_COUNT) {
        char value[32];
        known = !command_option_value(term->option, 0, value);
        for (size_t i = 0; !known && command_option_value(term->option, i, value); i++)
            known = !strcmp(value, term->word);
    } else if (subjects[term->subject].command)
        known = command_takes_word(command_find(subjects[term->subject].command, NULL), term->word);
    if (known && !compared)
        return true;
    return error_set(error, ERROR_USAGE,
                     compared ? "%s has no order: ask for it with = or !="
                              : "%s is never \"%.40s\": choose a value that it takes",
                     name, term->word);
}

static bool read_value(struct condition_term *term, const char *name, const char *value,
                       size_t length, struct error *error) {
    bool number = term->option == OPTION_COUNT && subjects[term->subject].number;
    if (length < sizeof term->word) {
        snprintf(term->word, sizeof term->word, "%.*s", (int)length, value);
        if (!number)
            return check_word(term, name, error);
        if (text_to_percent(term->word, &term->number))
            return true;
    }
    return error_set(error, ERROR_USAGE, "%s is compared with a number, for example %s<50", name,
                     name);
}

/* One comparison of `length` bytes. */
static bool read_term(const char *text, size_t length, struct condition_term *term,
                      struct error *error) {
    size_t name = strcspn(text, "<>=!&");
    *term = (struct condition_term){0};
    if (!find_subject(text, name, term, error))
        return false;
    size_t sign = read_comparison(text + name, &term->comparison);
    if (sign == 0)
        return error_set(error, ERROR_USAGE,
                         "\"%.*s\" is no condition: write it as grp<50 or relation=backward",
                         (int)(length > 60 ? 60 : length), text);
    const char *called = term->option != OPTION_COUNT ? option_descriptions[term->option].name
                                                      : subjects[term->subject].name;
    return read_value(term, called, text + name + sign, length - name - sign, error);
}

bool condition_parse(const char *text, struct condition *condition, struct error *error) {
    *condition = (struct condition){0};
    for (;;) {
        size_t length = strcspn(text, "&");
        if (condition->count == CONDITION_TERMS)
            return error_set(error, ERROR_USAGE, "a task asks for at most %d things",
                             CONDITION_TERMS);
        if (!read_term(text, length, &condition->term[condition->count++], error))
            return false;
        if (!text[length])
            return true;
        text += length + 1;
    }
}

/* ---- Asking ---- */

static bool compare(enum comparison comparison, double number, double with) {
    switch (comparison) {
    case COMPARE_LESS:
        return number < with;
    case COMPARE_AT_MOST:
        return number <= with;
    case COMPARE_MORE:
        return number > with;
    case COMPARE_AT_LEAST:
        return number >= with;
    case COMPARE_EQUAL:
        return number == with;
    case COMPARE_UNEQUAL:
        return !isnan(number) && number != with;
    }
    return false;
}

/* What is computed for other options does not count. */
static bool option_is(const struct condition_term *term, const struct snapshot *snapshot) {
    struct text value = {0};
    if (!snapshot->analysed)
        return false;
    options_value(&snapshot->options, term->option, &value);
    bool same = value.data && !strcmp(value.data, term->word);
    text_free(&value);
    return same == (term->comparison == COMPARE_EQUAL);
}

static bool term_holds(const struct condition_term *term, struct command_context *context,
                       const struct snapshot *snapshot) {
    if (term->option != OPTION_COUNT)
        return option_is(term, snapshot);
    const struct subject *subject = &subjects[term->subject];
    if (subject->number)
        return compare(term->comparison, subject->number(snapshot, context), term->number);
    bool same = !strcmp(word_now(subject, context), term->word);
    return same == (term->comparison == COMPARE_EQUAL);
}

bool condition_holds(const struct condition *condition, struct command_context *context,
                     const struct snapshot *snapshot) {
    for (size_t i = 0; i < condition->count; i++)
        if (!term_holds(&condition->term[i], context, snapshot))
            return false;
    return true;
}
