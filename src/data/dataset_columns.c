#include "load.h"

#include "lumpscope/memory.h"

#include <string.h>

static size_t find_column(const struct load *load, const char *name) {
    return name_index_find(&load->index, name, strlen(name));
}

/* A column the user named that is not there. */
bool load_no_column(const struct load *load, const char *option, const char *name,
                    struct error *error) {
    struct text names = {0};
    names_append(&names, load->table.names, load->table.columns);
    error_set(error, ERROR_REQUEST, "%s: there is no column \"%.60s\"%s; the columns are %s",
              option, name, load->index.count < load->table.columns ? " that is not dropped" : "",
              names.data ? names.data : "");
    text_free(&names);
    return false;
}

static bool several_columns(const char *name, struct error *error) {
    return error_set(error, ERROR_REQUEST,
                     "several columns are named \"%.60s\"; give each its own name", name);
}

/* Says it when the names in use are not those of the model's training. */
static bool tell_other_names(struct load *load, const char *option, const struct name_list *now,
                             const struct name_list *then, struct error *error) {
    bool equal;
    if (!name_lists_equal(now, then, &equal, error))
        return false;
    if (equal)
        return true;
    struct text used = {0}, trained = {0};
    names_append(&used, now->items, now->count);
    names_append(&trained, then->items, then->count);
    load_message(load, "%s %s is used; the model was trained with %s", option,
                 now->count && used.data ? used.data : "none",
                 then->count && trained.data ? trained.data : "none");
    bool told = !used.failed && !trained.failed;
    text_free(&used);
    text_free(&trained);
    return told || error_memory(error, used.capacity);
}

/* What the user drops, else what the model's training dropped. */
static bool choose_drop_list(struct load *load, struct error *error) {
    const struct name_list *trained = &load->member.drop;
    if (load->recipe->drop)
        return !load->member.has_drop ||
               tell_other_names(load, "drop", &load->drop, trained, error);
    for (size_t i = 0; i < trained->count; i++)
        if (!name_list_add(&load->drop, trained->items[i], strlen(trained->items[i]), error))
            return false;
    return true;
}

/* Only what the user names must be there. */
static bool check_dropped(const struct load *load, struct error *error) {
    for (size_t i = 0; load->recipe->drop && i < load->drop.count; i++)
        if (find_column(load, load->drop.items[i]) == NAME_ABSENT)
            return load_no_column(load, "drop", load->drop.items[i], error);
    return true;
}

/* load->index: the columns that remain. */
static bool index_remaining(struct load *load, struct error *error) {
    const struct table *table = &load->table;
    char **names = memory_new(table->columns, sizeof *names, error);
    size_t *places = memory_new(table->columns, sizeof *places, error);
    size_t count = 0;
    for (size_t j = 0; names && places && j < table->columns; j++)
        if (!load->dropped[j]) {
            names[count] = table->names[j];
            places[count++] = j;
        }
    name_index_free(&load->index);
    bool done = names && places && name_index_init(&load->index, names, places, count, error);
    free(names);
    free(places);
    return done;
}

bool load_choose_dropped(struct load *load, struct error *error) {
    const struct table *table = &load->table;
    struct name_index drop = {0};
    load->dropped = memory_new(table->columns, sizeof *load->dropped, error);
    bool done = load->dropped && choose_drop_list(load, error) && index_remaining(load, error) &&
                check_dropped(load, error) &&
                name_index_init(&drop, load->drop.items, NULL, load->drop.count, error);
    for (size_t j = 0; done && j < table->columns; j++)
        load->dropped[j] =
            name_index_find(&drop, table->names[j], strlen(table->names[j])) != NAME_ABSENT;
    name_index_free(&drop);
    return done && index_remaining(load, error);
}

/* The columns of these names; `*all` tells whether every one is there. Those that are, are kept. */
static bool take_names(struct load *load, char *const *names, size_t count, bool *all,
                       struct error *error) {
    free(load->targets);
    load->target_count = 0;
    load->targets = memory_new(count, sizeof *load->targets, error);
    if (!load->targets)
        return false;
    *all = true;
    for (size_t i = 0; i < count; i++) {
        size_t column = find_column(load, names[i]);
        if (column != NAME_ABSENT &&
            !name_index_is_repeated(&load->index, names[i], strlen(names[i])))
            load->targets[load->target_count++] = column;
        else
            *all = false;
    }
    return true;
}

static bool take_last(struct load *load, size_t count, struct error *error) {
    if (count >= load->index.count)
        return error_set(error, ERROR_REQUEST,
                         "%zu %s: too few for %zu of target and one of input; check the delimiter, "
                         "or name the target",
                         load->index.count, load->index.count == 1 ? "column" : "columns", count);
    free(load->targets);
    load->targets = memory_new(count, sizeof *load->targets, error);
    if (!load->targets)
        return false;
    load->target_count = count;
    for (size_t j = load->table.columns, left = count; left > 0;)
        if (!load->dropped[--j])
            load->targets[--left] = j;
    return true;
}

/* How many columns of target the model has. */
static size_t target_width(const struct load *load) {
    bool classes = !load->model || load->model->task == TASK_CLASSIFICATION;
    return classes ? 1 : network_outputs(load->model);
}

/* Nothing was said: the model's output names, the archive's y, or the last columns. */
static bool guess_targets(struct load *load, struct error *error) {
    const struct network *model = load->model;
    const struct table *table = &load->table;
    bool all = false, regression = model && model->task == TASK_REGRESSION;
    if (regression && model->output.names &&
        !take_names(load, model->output.names, model->output.count, &all, error))
        return false;
    if (all || (load->recipe->target_use == TARGET_IGNORED && load->target_count))
        return true;
    if (table->array_targets) {
        size_t first = table->columns - table->array_targets;
        return take_names(load, table->names + first, table->array_targets, &all, error);
    }
    load->target_count = 0;
    if (load->recipe->target_use == TARGET_IGNORED)
        return true;
    if (table->archive)
        return error_set(error, ERROR_REQUEST,
                         "an archive without an array y; save it with numpy.savez(file, X=X, y=y), "
                         "or name the target");
    load->guessed = true;
    return take_last(load, target_width(load), error);
}

/* The model's own outputs are the targets. Columns it was trained for are still no inputs. */
static bool take_model(struct load *load, struct error *error) {
    const struct target_spec *trained = &load->member.target;
    bool all;
    if (!load->model)
        return error_set(error, ERROR_REQUEST,
                         "target model: there is no model yet whose outputs could be targets; name "
                         "the columns to predict (name:model for one of that name)");
    load->target_count = 0;
    if (trained->kind == TARGET_NAMES &&
        !take_names(load, trained->names.items, trained->names.count, &all, error))
        return false;
    load->from_model = load->recipe->target_use != TARGET_IGNORED;
    if (load->from_model)
        load_message(load,
                     "the targets are the model's own outputs: errors are differences from it");
    return true;
}

static bool take_spec(struct load *load, const struct target_spec *spec, struct error *error) {
    bool all = true, ignored = load->recipe->target_use == TARGET_IGNORED;
    load->target_count = 0;
    if (spec->kind == TARGET_MODEL)
        return take_model(load, error);
    if (spec->kind == TARGET_LAST)
        return take_last(load, spec->last, error);
    if (spec->kind == TARGET_NONE)
        return true;
    if (!take_names(load, spec->names.items, spec->names.count, &all, error))
        return false;
    for (size_t i = 0; !all && !ignored && i < spec->names.count; i++) {
        const char *name = spec->names.items[i];
        if (name_index_is_repeated(&load->index, name, strlen(name)))
            return several_columns(name, error);
        if (find_column(load, name) == NAME_ABSENT)
            return load_no_column(load, "target", name, error);
    }
    return true;
}

/* Whether the columns taken are those the model was trained for. */
static bool tell_other_target(struct load *load, struct error *error) {
    struct name_list taken = {0};
    bool done = true;
    for (size_t k = 0; done && k < load->target_count; k++) {
        const char *name = load->table.names[load->targets[k]];
        done = name_list_add(&taken, name, strlen(name), error);
    }
    done = done && tell_other_names(load, "target", &taken, &load->member.target.names, error);
    name_list_free(&taken);
    return done;
}

/* In the order of the model's outputs when these are the names of the targets. */
static bool order_targets(struct load *load, struct error *error) {
    const struct network *model = load->model;
    size_t *ordered = NULL, found = 0;
    if (!model || !model->output.names || load->target_count != model->output.count)
        return true;
    ordered = memory_new(load->target_count, sizeof *ordered, error);
    bool *taken = memory_new(load->table.columns, sizeof *taken, error);
    bool done = ordered && taken;
    for (size_t k = 0; done && k < load->target_count; k++)
        taken[load->targets[k]] = true;
    for (size_t k = 0; done && k < load->target_count; k++) {
        size_t column = find_column(load, model->output.names[k]);
        if (column == NAME_ABSENT || !taken[column])
            break;
        taken[column] = false;
        ordered[found++] = column;
    }
    if (done && found == load->target_count)
        memcpy(load->targets, ordered, found * sizeof *ordered);
    free(ordered);
    free(taken);
    return done;
}

/* What the user says, else what the model was trained for, else a guess. */
static bool choose_targets(struct load *load, struct error *error) {
    const struct target_spec *trained = &load->member.target;
    bool ignored = load->recipe->target_use == TARGET_IGNORED, all = false;
    if (load->asked.kind == TARGET_MODEL)
        return take_model(load, error);
    if (load->asked.kind != TARGET_DEFAULT) {
        if (!take_spec(load, &load->asked, error))
            return false;
    } else if (trained->kind == TARGET_NONE || trained->kind == TARGET_LAST ||
               trained->kind == TARGET_MODEL) {
        return (ignored && trained->kind == TARGET_LAST) || take_spec(load, trained, error);
    } else if (trained->kind == TARGET_DEFAULT && load->model && load->model->origin.checkpoint) {
        return take_model(load, error); /* a block was trained for nothing by itself */
    } else {
        if (trained->kind == TARGET_NAMES &&
            !take_names(load, trained->names.items, trained->names.count, &all, error))
            return false;
        if (!all && !(ignored && load->target_count) && !guess_targets(load, error))
            return false;
    }
    bool told = ignored || trained->kind != TARGET_NAMES || tell_other_target(load, error);
    return told && order_targets(load, error);
}

/* Where an input of the model comes from. */
struct source {
    size_t column, suffix;
    enum encode_kind kind;
};

/* The model may say which of its columns were text or dates; where it does not, any may be. */
static bool was_encoded(bool said, const struct name_index *index, const char *name,
                        size_t length) {
    return !said || name_index_find(index, name, length) != NAME_ABSENT;
}

/* A column of this name; else COLUMN=LEVEL; else COLUMN.year and the other parts of dates. */
static bool find_source(const struct load *load, const struct name_index *columns, const char *name,
                        struct source *source) {
    const struct data_member *member = &load->member;
    *source = (struct source){.kind = ENCODE_NUMBER,
                              .column = name_index_find(columns, name, strlen(name))};
    if (source->column != NAME_ABSENT)
        return true;
    source->kind = ENCODE_LEVELS;
    for (const char *mark = strchr(name, '='); mark; mark = strchr(mark + 1, '=')) {
        size_t length = (size_t)(mark - name);
        source->column = name_index_find(columns, name, length);
        source->suffix = length + 1;
        if (source->column != NAME_ABSENT &&
            was_encoded(member->levels != NULL, &member->level_index, name, length))
            return true;
    }
    source->kind = ENCODE_DATE;
    const char *dot = strrchr(name, '.');
    for (int part = 0; dot && part < DATE_PARTS; part++) {
        size_t length = (size_t)(dot - name);
        source->suffix = length + 1;
        source->column = name_index_find(columns, name, length);
        if (strcmp(dot + 1, date_part_names[part]) == 0 && source->column != NAME_ABSENT &&
            was_encoded(member->has_dates, &member->date_index, name, length))
            return true;
    }
    return false;
}

/* The name of the column that an input of the model was made of. */
static size_t raw_length(const struct load *load, const char *name) {
    const struct data_member *member = &load->member;
    for (const char *mark = strchr(name, '='); mark; mark = strchr(mark + 1, '='))
        if (name_index_find(&member->level_index, name, (size_t)(mark - name)) != NAME_ABSENT)
            return (size_t)(mark - name);
    const char *dot = strrchr(name, '.');
    for (int part = 0; dot && part < DATE_PARTS; part++)
        if (strcmp(dot + 1, date_part_names[part]) == 0 &&
            name_index_find(&member->date_index, name, (size_t)(dot - name)) != NAME_ABSENT)
            return (size_t)(dot - name);
    return strlen(name);
}

/* The columns that are neither dropped nor targets, in order. */
static size_t *available_columns(const struct load *load, size_t *count, struct error *error) {
    size_t *columns = memory_new(load->table.columns, sizeof *columns, error);
    bool *target = memory_new(load->table.columns, sizeof *target, error);
    *count = 0;
    for (size_t k = 0; target && k < load->target_count; k++)
        target[load->targets[k]] = true;
    for (size_t j = 0; columns && target && j < load->table.columns; j++)
        if (!load->dropped[j] && !target[j])
            columns[(*count)++] = j;
    if (!target) {
        free(columns);
        columns = NULL;
    }
    free(target);
    return columns;
}

/* Columns that are too few for the model; `names` [count] tells which are missing. */
static bool too_few(const struct load *load, size_t columns, char *const *names, size_t count,
                    struct error *error) {
    struct text missing = {0};
    names_append(&missing, names, count);
    bool others = load->target_count || load->drop.count;
    error_set(
        error, ERROR_REQUEST,
        "%zu %s%s, but the model reads %zu input%s; missing: %s; give data with these columns",
        columns, columns == 1 ? "column" : "columns", others ? " left for inputs" : "",
        network_inputs(load->model), text_plural(network_inputs(load->model)),
        missing.data ? missing.data : "");
    text_free(&missing);
    return false;
}

/* Adds every input of the model from the columns the index knows. */
static bool add_by_names(struct load *load, const struct name_index *columns, struct error *error) {
    const struct scaling *input = &load->model->input;
    for (size_t i = 0; i < input->count; i++) {
        struct source source;
        if (!find_source(load, columns, input->names[i], &source))
            return error_set(error, ERROR_REQUEST,
                             "no column gives the model's input \"%.60s\"; give data with the "
                             "columns the model was trained on",
                             input->names[i]);
        size_t length = source.suffix ? source.suffix - 1 : strlen(input->names[i]);
        if (name_index_is_repeated(columns, input->names[i], length))
            return several_columns(load->table.names[source.column], error);
        if (!load_add_input(load, input->names[i], source.column, source.kind, source.suffix,
                            error))
            return false;
    }
    return true;
}

/* The model's columns before encoding, in order; one name for neighbours made of one column. */
static bool raw_names(const struct load *load, struct name_list *raw, struct error *error) {
    const struct scaling *input = &load->model->input;
    for (size_t i = 0; i < input->count; i++) {
        const char *name = input->names[i];
        size_t length = raw_length(load, name);
        const char *last = raw->count ? raw->items[raw->count - 1] : NULL;
        if (last && name[length] && strlen(last) == length && strncmp(last, name, length) == 0)
            continue;
        if (!name_list_add(raw, name, length, error))
            return false;
    }
    return true;
}

/* None of the model's names is in the file: its first columns stand for the model's columns. */
static bool choose_by_place(struct load *load, struct error *error) {
    struct name_list raw = {0};
    struct name_index columns = {0};
    size_t count = 0;
    size_t *available = available_columns(load, &count, error);
    bool done = available && raw_names(load, &raw, error);
    if (done && raw.count > count)
        done = too_few(load, count, raw.items + count, raw.count - count, error);
    if (done && count > raw.count)
        load_message(load, "the model reads the first %zu of %zu columns", raw.count, count);
    done = done && name_index_init(&columns, raw.items, available, raw.count, error) &&
           add_by_names(load, &columns, error);
    name_index_free(&columns);
    name_list_free(&raw);
    free(available);
    return done;
}

/* By name when every name is there; by place in a file that names no columns. */
static bool choose_for_names(struct load *load, struct error *error) {
    const struct scaling *input = &load->model->input;
    char **missing = memory_new(input->count, sizeof *missing, error);
    if (!missing)
        return false;
    size_t count = 0;
    struct source source;
    for (size_t i = 0; i < input->count; i++)
        if (!find_source(load, &load->index, input->names[i], &source))
            missing[count++] = input->names[i];
    bool done;
    if (count == 0)
        done = add_by_names(load, &load->index, error);
    else if (!load->table.named)
        done = choose_by_place(load, error);
    else
        done = too_few(load, load->index.count - load->target_count, missing, count, error);
    free(missing);
    return done;
}

/* By what the columns hold: all of them for training, as many as a model without names reads. */
static bool choose_by_content(struct load *load, struct error *error) {
    size_t count = 0, used = 0;
    size_t wanted = load->model ? network_inputs(load->model) : NAME_ABSENT;
    size_t *available = available_columns(load, &count, error);
    bool done = available != NULL;
    for (; done && used < count && load->input_names.count < wanted; used++) {
        const char *name = load->table.names[available[used]];
        if (name_index_is_repeated(&load->index, name, strlen(name)))
            done = several_columns(name, error);
        done = done && load_add_column(load, available[used], error);
    }
    size_t made = load->input_names.count;
    if (done && made == 0)
        done = error_set(error, ERROR_REQUEST,
                         "no column is left for input; drop or target fewer columns");
    if (done && load->model && made != wanted)
        done = error_set(error, ERROR_REQUEST,
                         "%zu of %zu column%s make %zu input%s, but the model reads %zu; give data "
                         "with the columns the model was trained on",
                         used, count, text_plural(count), made, text_plural(made), wanted);
    if (done && load->model && used < count)
        load_message(load, "the model reads the first %zu of %zu columns", used, count);
    free(available);
    return done;
}

static bool inputs_distinct(const struct load *load, struct error *error) {
    struct name_index names;
    if (!name_index_init(&names, load->input_names.items, NULL, load->input_names.count, error))
        return false;
    const char *twice = name_index_repeated(&names);
    if (twice)
        error_set(error, ERROR_REQUEST, "two inputs are named \"%.60s\"; rename one of them",
                  twice);
    name_index_free(&names);
    return !twice;
}

static bool choose_inputs(struct load *load, struct error *error) {
    load_clear_inputs(load);
    bool named = load->model && load->model->input.names;
    return (named ? choose_for_names(load, error) : choose_by_content(load, error)) &&
           inputs_distinct(load, error);
}

/* Whether a column guessed as target is one the model reads: then there is none. */
static bool target_is_input(const struct load *load) {
    for (size_t k = 0; load->guessed && k < load->target_count; k++)
        for (int kind = 0; kind < ENCODE_KINDS; kind++)
            if (load->encoder_of[load->targets[k] * ENCODE_KINDS + (size_t)kind] != NAME_ABSENT)
                return true;
    return false;
}

/* A regression has one column for each output. */
static bool targets_match_outputs(const struct load *load, struct error *error) {
    bool regression = load->model && load->model->task == TASK_REGRESSION;
    bool counted = !load->from_model && load->recipe->target_use != TARGET_IGNORED;
    size_t count = load->target_count;
    if (!regression || !counted || !count || count == network_outputs(load->model))
        return true;
    return error_set(error, ERROR_REQUEST,
                     "%zu target %s, but the model has %zu %s; name as many targets%s", count,
                     count == 1 ? "column" : "columns", network_outputs(load->model),
                     network_outputs(load->model) == 1 ? "output" : "outputs",
                     count == 1 ? ", or give --task classification for scores of classes" : "");
}

static bool choose_both(struct load *load, struct error *error) {
    if (!choose_targets(load, error) || !choose_inputs(load, error))
        return false;
    if (target_is_input(load))
        return error_set(error, ERROR_REQUEST,
                         "there is no target column: the model reads all %zu columns; give data "
                         "with the target, or name it",
                         load->index.count);
    return targets_match_outputs(load, error);
}

/* Which targets there could be was a guess that came to nothing. */
static bool do_without_targets(struct load *load, size_t messages, struct error *error) {
    struct text why = {0};
    bool named = load->table.array_targets && load->target_count && !load->from_model;
    if (named && error)
        text_format(&why, "errors are not measured: %s", error->text);
    else
        text_append(&why, "there is no target column: errors are not measured");
    if (load->messages.data) {
        load->messages.length = messages;
        load->messages.data[messages] = '\0';
    }
    if (!named) /* an archive's y is no input all the same */
        load->target_count = 0;
    load->from_model = false;
    bool chosen = choose_inputs(load, error);
    load->target_count = 0;
    if (chosen && error)
        *error = (struct error){0};
    if (chosen)
        load_message(load, "%s", why.data ? why.data : "");
    load->messages.failed |= why.failed;
    text_free(&why);
    return chosen;
}

bool load_choose_columns(struct load *load, struct error *error) {
    size_t messages = load->messages.length;
    enum target_use use = load->recipe->target_use;
    if (choose_both(load, error)) {
        if (use == TARGET_IGNORED || load->from_model) /* their part is done: they are no inputs */
            load->target_count = 0;
        if (use != TARGET_REQUIRED || load->target_count || load->from_model)
            return true;
        return error_set(error, ERROR_REQUEST,
                         "there is no target column; name one of the columns as target");
    }
    bool optional = use == TARGET_OPTIONAL && load->asked.kind == TARGET_DEFAULT &&
                    load->member.target.kind != TARGET_LAST;
    if (!optional || (error && (error->kind != ERROR_REQUEST || error->no_memory)))
        return false;
    return do_without_targets(load, messages, error);
}
