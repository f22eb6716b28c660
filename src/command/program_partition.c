#include "program_output.h"
#include "program_subject.h"

#include "lumpscope/partition.h"

#include <cjson/cJSON.h>
#include <string.h>

/* The options that say what the distances are, beside "options", where all of them are. */
static bool add_options(cJSON *document, const struct options *options) {
    static const enum option_id shown[] = {OPTION_RELATION, OPTION_LINKAGE, OPTION_NORM,
                                           OPTION_SCALE, OPTION_BALANCE};
    cJSON *all = options_json(options);
    bool made = all != NULL;
    for (size_t k = 0; made && k < sizeof shown / sizeof *shown; k++) {
        const char *name = option_descriptions[shown[k]].name;
        made = json_add(document, name, cJSON_Duplicate(cJSON_GetObjectItem(all, name), true));
    }
    return json_add(document, "options", all) && made;
}

static cJSON *dead_json(const struct classes *classes) {
    cJSON *dead = cJSON_CreateArray();
    for (size_t i = 0; i < classes->neurons; i++)
        if (classes->class_of[i] == PARTITION_DEAD && !json_add_number(dead, NULL, (double)i)) {
            cJSON_Delete(dead);
            return NULL;
        }
    return dead;
}

static bool partition_document(const struct refine *refine, struct text *out, struct error *error) {
    const struct partition *partition = refine_partition(refine);
    cJSON *document = cJSON_CreateObject(), *layers = cJSON_CreateArray();
    bool made = add_options(document, refine_options(refine)) &&
                json_add_number(document, "epsilon", refine_epsilon(refine));
    made = json_add(document, "layers", layers) && made;
    for (size_t l = 0; made && l < partition->layers; l++) {
        const struct classes *classes = &partition->layer[l];
        cJSON *item = cJSON_CreateObject();
        made = json_add_number(item, "layer", (double)(l + 1)) &&
               json_add_number(item, "neurons", (double)classes->neurons) &&
               json_add(item, "dead", dead_json(classes)) &&
               json_add(item, "classes", classes_json(classes, error));
        made = json_add(layers, NULL, item) && made;
    }
    return json_print(document, made, out, error);
}

/* "relation joint, linkage complete, ...": the options that apply. */
static void append_options(const struct options *options, struct text *out) {
    for (int option = 0; option <= OPTION_SCALE; option++) {
        struct text value = {0};
        options_value(options, (enum option_id)option, &value);
        if (value.data && strcmp(value.data, "null") != 0)
            text_format(out, "%s%s %s", option ? ", " : "", option_descriptions[option].name,
                        value.data);
        out->failed = out->failed || value.failed;
        text_free(&value);
    }
}

static size_t count_dead(const struct classes *classes) {
    size_t dead = 0;
    for (size_t i = 0; i < classes->neurons; i++)
        dead += classes->class_of[i] == PARTITION_DEAD;
    return dead;
}

/* Numbers of neurons as "3 17 42", broken into lines of the screen. */
static void append_members(const struct class_members *members, size_t class_id, struct text *out) {
    enum { FIRST = 8, LAST = 76 };
    struct text line = {0};
    text_format(&line, "  %*zu:", FIRST - 3, class_id);
    for (size_t k = members->starts[class_id]; k < members->starts[class_id + 1]; k++) {
        if (line.length > LAST) {
            text_append_text(out, &line);
            text_append(out, "\n");
            text_clear(&line);
            text_format(&line, "%*s", FIRST, "");
        }
        text_format(&line, " %zu", members->members[k]);
    }
    text_append_text(out, &line);
    text_append(out, "\n");
    text_free(&line);
}

/* Classes of one neuron are only counted. */
static bool layer_text(const struct classes *classes, size_t layer, struct text *out,
                       struct error *error) {
    struct class_members members;
    if (!classes_members(classes, &members, error))
        return false;
    size_t single = 0, dead = count_dead(classes);
    for (size_t c = 0; c < classes->count; c++)
        single += members.starts[c + 1] - members.starts[c] == 1;
    text_format(out, "\nlayer %zu: %zu neurons in %zu classes", layer, classes->neurons,
                classes->count);
    text_format(out, dead ? ", %zu dead\n" : "\n", dead);
    for (size_t c = 0; c < classes->count; c++)
        if (members.starts[c + 1] - members.starts[c] > 1)
            append_members(&members, c, out);
    if (single)
        text_format(out, "  %zu of one neuron each\n", single);
    class_members_free(&members);
    return true;
}

static bool partition_text(const struct subject *subject, struct text *out, struct error *error) {
    const struct refine *refine = subject->study.refine;
    const struct partition *partition = refine_partition(refine);
    char number[TEXT_NUMBER_SIZE];
    text_format(out, "epsilon %s: ", text_number(refine_epsilon(refine), number));
    append_options(&subject->options, out);
    text_append(out, "\n");
    if (refine_sufficient_only(subject->network, &subject->options))
        text_append(out, "sufficient condition: some activation has no polynomial encoding\n");
    bool done = true;
    for (size_t l = 0; done && l < partition->layers; l++)
        done = layer_text(&partition->layer[l], l + 1, out, error);
    if (partition->layers == 0)
        text_append(out, "no hidden layers\n");
    return done;
}

bool program_run_partition(struct program *program, struct error *error) {
    struct subject subject = {0};
    double epsilon;
    bool done = program_number(program, PROGRAM_EPS, 0, &epsilon, error) &&
                subject_study(&subject, program, TARGET_OPTIONAL, error) &&
                refine_set_epsilon(subject.study.refine, epsilon, &program->progress, error);
    if (done)
        done = program->given[PROGRAM_JSON]
                   ? partition_document(subject.study.refine, &program->output, error)
                   : partition_text(&subject, &program->output, error);
    subject_free(&subject);
    return done;
}
