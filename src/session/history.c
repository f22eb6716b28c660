#include "session/history.h"

#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- Targets ---- */

bool target_asked(const struct target *target) {
    return target->kind != TARGET_NONE || target->steps != 0;
}

void target_step(struct target *target, int count) {
    long long steps = (long long)target->steps + count;
    target->steps = steps > INT_MAX ? INT_MAX : steps < -INT_MAX ? -INT_MAX : (int)steps;
}

bool target_known(const struct target *target, double *epsilon) {
    double number = target->kind == TARGET_EPSILON ? target->value : 0;
    bool known = (target->kind == TARGET_EPSILON || target->kind == TARGET_FIRST) &&
                 target->steps == 0 && number >= 0 && isfinite(number);
    if (epsilon && known)
        *epsilon = number;
    return known;
}

bool target_equal(const struct target *a, const struct target *b) {
    return a->kind == b->kind && a->value == b->value && a->steps == b->steps;
}

/* ---- Files ---- */

struct files *files_new(const char *model, const char *data, const struct data_recipe *recipe,
                        const struct model_recipe *model_recipe) {
    struct files *files = memory_new(1, sizeof *files, NULL);
    if (!files)
        return NULL;
    atomic_init(&files->holders, 1);
    data_recipe_defaults(&files->recipe);
    files->model = memory_string(model, NULL);
    files->data = memory_string(data, NULL);
    bool made = (!model || files->model) && (!data || files->data) &&
                (!recipe || data_recipe_copy(&files->recipe, recipe, NULL)) &&
                (!model_recipe || model_recipe_copy(&files->model_recipe, model_recipe, NULL));
    if (made)
        return files;
    files_release(files);
    return NULL;
}

struct files *files_hold(struct files *files) {
    if (files)
        atomic_fetch_add(&files->holders, 1);
    return files;
}

void files_release(struct files *files) {
    if (!files || atomic_fetch_sub(&files->holders, 1) > 1)
        return;
    free(files->model);
    free(files->data);
    data_recipe_free(&files->recipe);
    model_recipe_free(&files->model_recipe);
    free(files);
}

/* ---- Lists of marks ---- */

static struct mark_list *marks_hold(struct mark_list *list) {
    if (list)
        list->holders++;
    return list;
}

static void marks_release(struct mark_list *list) {
    if (!list || --list->holders > 0)
        return;
    for (size_t i = 0; i < list->count; i++)
        if (--list->marks[i]->holders == 0)
            free(list->marks[i]);
    free(list->marks);
    free(list);
}

/* The marks of `from` (NULL: none) but for that of this name, with room for one more. */
static struct mark_list *marks_without(const struct mark_list *from, const char *name) {
    size_t count = from ? from->count : 0;
    struct mark_list *list = memory_new(1, sizeof *list, NULL);
    struct mark **marks = memory_new(count + 1, sizeof(struct mark *), NULL);
    if (!list || !marks) {
        free(list);
        free(marks);
        return NULL;
    }
    *list = (struct mark_list){.holders = 1, .marks = marks};
    for (size_t i = 0; i < count; i++)
        if (strcmp(from->marks[i]->name, name) != 0) {
            from->marks[i]->holders++;
            list->marks[list->count++] = from->marks[i];
        }
    return list;
}

static void place_take_marks(struct waypoint *place, struct mark_list *list) {
    marks_release(place->marks);
    place->marks = list;
}

/* ---- Places ---- */

static void place_free(struct waypoint *place) {
    files_release(place->files);
    marks_release(place->marks);
}

static void place_set_files(struct waypoint *place, struct files *files) {
    files_hold(files);
    files_release(place->files);
    place->files = files;
}

bool history_init(struct history *history, struct error *error) {
    *history = (struct history){.count = 1, .ids = 1};
    if (!memory_reserve(&history->places, &history->capacity, 16, sizeof *history->places, error))
        return false;
    history->places[0] = (struct waypoint){.id = 1, .base = 1, .target = {.kind = TARGET_FIRST}};
    return true;
}

void history_free(struct history *history) {
    for (size_t i = 0; history->places && i < history->count; i++)
        place_free(&history->places[i]);
    free(history->places);
    *history = (struct history){0};
}

struct waypoint *history_now(const struct history *history) {
    return &history->places[history->at];
}

struct waypoint *history_find(const struct history *history, uint64_t id) {
    for (size_t i = 0; i < history->count; i++)
        if (history->places[i].id == id)
            return &history->places[i];
    return NULL;
}

/* Takes out `count` places from `first` on; the present one is not among them. */
static void remove_places(struct history *history, size_t first, size_t count) {
    for (size_t i = first; i < first + count; i++)
        place_free(&history->places[i]);
    memmove(history->places + first, history->places + first + count,
            (history->count - first - count) * sizeof *history->places);
    history->count -= count;
    if (history->at >= first)
        history->at -= count;
}

static bool make_room(struct history *history) {
    if (history->count == HISTORY_LIMIT)
        remove_places(history, 0, 1);
    return memory_reserve(&history->places, &history->capacity, history->count + 1,
                          sizeof *history->places, NULL);
}

/* The present place as another one: whoever was on the way to it arrives elsewhere. */
static struct waypoint *renew(struct history *history) {
    struct waypoint *place = history_now(history);
    place->id = ++history->ids;
    place->begins = false;
    history->serial++;
    return place;
}

static void set_label(struct waypoint *place, const char *label) {
    snprintf(place->label, sizeof place->label, "%s", label);
    text_make_visible(place->label);
}

struct waypoint *history_change(struct history *history, const char *format, ...) {
    char label[sizeof history->places->label];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(label, sizeof label, format, arguments);
    va_end(arguments);
    history->joined = false;
    remove_places(history, history->at + 1, history->count - history->at - 1);
    if (make_room(history)) {
        struct waypoint *place = &history->places[history->count++];
        *place = *history_now(history);
        files_hold(place->files);
        marks_hold(place->marks);
        history->at++;
    }
    set_label(renew(history), label);
    return history_now(history);
}

void history_move(struct history *history, const struct target *target, const char *label) {
    bool joins = history->joining && history->joined;
    struct waypoint *place = joins ? renew(history) : history_change(history, "%s", label);
    history->joined = history->joining;
    set_label(place, label);
    if (target->kind == TARGET_NONE)
        target_step(&place->target, target->steps);
    else {
        place->target = *target;
        place->base = place->id;
    }
}

/* The same marks, to be measured again. */
static void forget_figures(struct waypoint *place) {
    struct mark_list *list = marks_without(place->marks, "");
    for (size_t i = 0; list && i < list->count; i++) {
        struct mark *copy = memory_copy(list->marks[i], 1, sizeof *copy, NULL);
        if (!copy)
            continue;
        copy->holders = 1;
        copy->parameters = 0;
        copy->grp = copy->figure = NAN;
        list->marks[i]->holders--;
        list->marks[i] = copy;
    }
    place_take_marks(place, list);
}

struct waypoint *history_open(struct history *history, struct files *files, bool model,
                              const char *label) {
    bool first = !history_now(history)->files;
    struct waypoint *place = first ? renew(history) : history_change(history, "%s", label);
    place->base = place->id;
    place_set_files(place, files);
    files_release(files);
    if (model) {
        place->target = (struct target){.kind = TARGET_FIRST};
        place_take_marks(place, NULL);
        place->begins = true;
    } else
        forget_figures(place);
    return place;
}

void history_choose(struct history *history, const struct option_choices *choices,
                    const char *label) {
    struct waypoint *place = history_change(history, "%s", label);
    place->choices = *choices;
    place->base = place->id;
}

void history_begin(struct history *history) {
    remove_places(history, history->at + 1, history->count - history->at - 1);
    remove_places(history, 0, history->at);
    history->joined = false;
    history_now(history)->begins = true;
}

bool history_changed(const struct history *history) {
    const struct waypoint *now = history_now(history);
    return !now->begins || (now->files && now->files->kept);
}

static struct waypoint *go(struct history *history, size_t at) {
    history->at = at;
    history->joined = false;
    history->serial++;
    return history_now(history);
}

struct waypoint *history_undo(struct history *history, struct text *what) {
    if (history->at == 0)
        return NULL;
    if (what)
        text_append(what, history_now(history)->label);
    return go(history, history->at - 1);
}

struct waypoint *history_redo(struct history *history, struct text *what) {
    if (history->at + 1 == history->count)
        return NULL;
    if (what)
        text_append(what, history->places[history->at + 1].label);
    return go(history, history->at + 1);
}

/* ---- What the worker finds ---- */

static void resolve_marks(struct waypoint *place, uint64_t id, double epsilon) {
    for (size_t i = 0; place->marks && i < place->marks->count; i++) {
        struct mark *mark = place->marks->marks[i];
        if (mark->place <= id && !target_known(&mark->target, NULL))
            mark->target = (struct target){.kind = TARGET_EPSILON, .value = epsilon};
    }
}

void history_arrived(struct history *history, uint64_t id, double start, double epsilon) {
    struct waypoint *place = history_find(history, id);
    if (!place)
        return;
    for (size_t i = 0; isfinite(start) && i < history->count; i++) {
        struct waypoint *other = &history->places[i];
        if (other->base == place->base && other->target.kind != TARGET_EPSILON)
            other->target = (struct target){TARGET_EPSILON, start, other->target.steps};
    }
    place->target = (struct target){.kind = TARGET_EPSILON, .value = epsilon};
    resolve_marks(place, id, epsilon);
}

static bool differ_in_epsilon_alone(const struct waypoint *a, const struct waypoint *b) {
    return a->files == b->files && a->marks == b->marks && choices_equal(&a->choices, &b->choices);
}

bool history_stopped(struct history *history, uint64_t id, double epsilon) {
    const struct waypoint *places = history->places, *stopped = history_find(history, id);
    size_t last = stopped ? (size_t)(stopped - places) : 0, first = last;
    double before;
    while (first > 0 && !target_known(&places[first].target, NULL) &&
           differ_in_epsilon_alone(&places[first], &places[first - 1]))
        first--;
    if (first == last || !target_known(&places[first].target, &before) || before != epsilon)
        return false;
    if (history->at > first && history->at <= last)
        history->at = first;
    remove_places(history, first + 1, last - first);
    history->joined = false;
    history->serial++;
    return true;
}

/* The nearest place of these files, below the present one first; SIZE_MAX: there is none. */
static size_t nearest_of(const struct history *history, const struct files *files) {
    for (size_t i = history->at; i-- > 0;)
        if (history->places[i].files == files)
            return i;
    for (size_t i = history->at + 1; i < history->count; i++)
        if (history->places[i].files == files)
            return i;
    return SIZE_MAX;
}

/* Takes out every place that leads to `files` but the present one. */
static void remove_places_of(struct history *history, const struct files *files) {
    for (size_t i = history->count; i-- > 0;)
        if (i != history->at && history->places[i].files == files)
            remove_places(history, i, 1);
}

/* What was asked on top of files that were never open happened to those below them. */
static void rest_on(struct history *history, size_t first, struct files *open) {
    const struct waypoint below = history->places[first - 1], refused = history->places[first];
    for (size_t i = first + 1; i < history->count; i++) {
        struct waypoint *place = &history->places[i];
        if (place->files != refused.files)
            continue;
        place_set_files(place, open);
        if (place->base == refused.base) {
            int steps = place->target.steps - refused.target.steps;
            place->base = below.base;
            place->target = below.target;
            target_step(&place->target, steps);
        }
        if (place->marks == refused.marks)
            place_take_marks(place, marks_hold(below.marks));
    }
}

static size_t first_of(const struct history *history, const struct files *files) {
    size_t i = 0;
    while (i < history->count && history->places[i].files != files)
        i++;
    return i;
}

static bool same_model(const struct files *a, const struct files *b) {
    return a && b && a->model && b->model && strcmp(a->model, b->model) == 0 &&
           model_recipe_equal(&a->model_recipe, &b->model_recipe);
}

/* Files that were open once and are gone: every way to them is cut, the user stays where they are
 * open. */
static bool leave(struct history *history, const struct files *files, struct files *open) {
    bool present = history_now(history)->files == files;
    size_t nearest = nearest_of(history, open);
    bool back = present && nearest != SIZE_MAX;
    if (back)
        history->at = nearest;
    remove_places_of(history, files);
    struct waypoint *now = history_now(history);
    if (now->files == files) {
        if (!same_model(files, open))
            place_take_marks(now, NULL);
        place_set_files(now, open);
    }
    return back;
}

bool history_refuse(struct history *history, const struct files *files, struct files *open) {
    size_t first = first_of(history, files);
    if (first == history->count)
        return false;
    if (first == 0 || files->opened)
        return leave(history, files, open);
    bool present = history->at == first;
    rest_on(history, first, open);
    if (present)
        history->at--;
    remove_places(history, first, 1);
    return present;
}

static bool same_place(const struct waypoint *a, const struct waypoint *b) {
    return differ_in_epsilon_alone(a, b) && target_equal(&a->target, &b->target);
}

uint64_t history_refuse_choices(struct history *history, const struct files *files,
                                const struct option_choices *refused,
                                const struct option_choices *held, uint64_t id) {
    for (size_t i = history->count; i-- > 0;) {
        struct waypoint *place = &history->places[i];
        if (place->files != files || !choices_equal(&place->choices, refused))
            continue;
        place->choices = *held;
        if (i == 0 || !same_place(place, place - 1))
            continue;
        if (place->id == id)
            id = place[-1].id;
        if (history->at == i)
            history->at--;
        remove_places(history, i, 1);
    }
    history->joined = false;
    history->serial++;
    return id;
}

/* ---- Marks ---- */

struct mark *history_mark_named(const struct history *history, const char *name) {
    const struct mark_list *list = history_now(history)->marks;
    for (size_t i = 0; list && i < list->count; i++)
        if (strcmp(list->marks[i]->name, name) == 0)
            return list->marks[i];
    return NULL;
}

struct mark *history_mark_before(const struct history *history) {
    const struct waypoint *now = history_now(history);
    const struct mark_list *list = now->marks;
    if (!list || list->count == 0)
        return NULL;
    for (size_t i = 0; i < list->count; i++)
        if (target_equal(&list->marks[i]->target, &now->target) &&
            choices_equal(&list->marks[i]->choices, &now->choices))
            return list->marks[i > 0 ? i - 1 : list->count - 1];
    return list->marks[list->count - 1];
}

void history_free_name(const struct history *history, char name[MARK_NAME_SIZE]) {
    for (size_t i = 0; i == 0 || history_mark_named(history, name); i++)
        if (i < 26)
            snprintf(name, MARK_NAME_SIZE, "%c", (char)('a' + i));
        else
            snprintf(name, MARK_NAME_SIZE, "a%zu", i - 25);
}

bool history_add_mark(struct history *history, const struct mark *mark) {
    struct mark *kept = memory_copy(mark, 1, sizeof *mark, NULL);
    struct waypoint *place = history_now(history);
    struct mark_list *list = kept ? marks_without(place->marks, mark->name) : NULL;
    if (!list) {
        free(kept);
        return false;
    }
    kept->holders = 1;
    list->marks[list->count++] = kept;
    place_take_marks(place, list);
    return true;
}

bool history_mark(struct history *history, const char *name) {
    struct waypoint *place = history_change(history, "mark %s", name);
    struct mark mark = {.place = place->id,
                        .choices = place->choices,
                        .target = place->target,
                        .grp = NAN,
                        .figure = NAN};
    snprintf(mark.name, sizeof mark.name, "%s", name);
    return history_add_mark(history, &mark);
}

bool history_unmark(struct history *history, const char *name) {
    struct mark_list *list = marks_without(history_now(history)->marks, name);
    if (!list)
        return false;
    place_take_marks(history_change(history, "unmark %s", name), list);
    return true;
}

/* ---- Options ---- */

bool choices_equal(const struct option_choices *a, const struct option_choices *b) {
    return memcmp(a->given, b->given, sizeof a->given) == 0 && options_equal(&a->value, &b->value);
}
