#include "lumpscope/saved.h"

#include "lumpscope/file.h"
#include "lumpscope/json.h"
#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SESSIONS_KEPT = 64,
    STEM_MOST = 40,   /* bytes of the model's name in the file's */
    HASH_DIGITS = 16, /* and of its path's hash */
};
static const size_t file_limit = (size_t)4 << 20;
static const char suffix[] = ".json";

void saved_session_free(struct saved_session *saved) {
    free(saved->model);
    free(saved->data);
    free(saved->marks);
    data_recipe_free(&saved->recipe);
    model_recipe_free(&saved->model_recipe);
    *saved = (struct saved_session){0};
}

/* ---- Names of files ---- */

static uint64_t hash_of(const char *path) {
    uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */
    for (const unsigned char *c = (const unsigned char *)path; *c; c++)
        hash = (hash ^ *c) * 0x100000001b3;
    return hash;
}

/* DIRECTORY/glycolysis-0123456789abcdef.json */
static bool path_of(const char *directory, const char *model, struct text *out,
                    struct error *error) {
    char *real = realpath(model, NULL);
    size_t length;
    if (!real && errno == ENOMEM)
        return error_memory(error, PATH_MAX);
    const char *path = real ? real : model, *stem = file_stem(path, &length);
    text_format(out, "%s/", directory);
    for (size_t i = 0; i < length && i < STEM_MOST; i++) {
        char c = stem[i];
        text_append_bytes(out, isalnum((unsigned char)c) && !(c & 0x80) ? &c : "_", 1);
    }
    text_format(out, "-%0*" PRIx64 "%s", HASH_DIGITS, hash_of(path), suffix);
    free(real);
    return !out->failed || error_memory(error, out->capacity);
}

static bool is_session_name(const char *name) {
    size_t length = strlen(name), tail = 1 + HASH_DIGITS + strlen(suffix);
    return length > tail && name[length - tail] == '-' &&
           strcmp(name + length - strlen(suffix), suffix) == 0 &&
           strspn(name + length - tail + 1, "0123456789abcdef") == HASH_DIGITS;
}

/* ---- Writing ---- */

/* One option as it was said, whether or not it means anything beside the others. */
static bool add_choice(cJSON *object, const struct option_choices *choices, enum option_id option) {
    struct options alone = choices->value;
    struct text value = {0};
    if (option != OPTION_RELATION)
        alone.relation = RELATION_FORWARD;
    if (option != OPTION_REFIT)
        alone.refit = true;
    options_value(&alone, option, &value);
    const char *said = value.data ? value.data : "";
    if (strcmp(said, "null") == 0)
        said = "0"; /* of a number that means none */
    bool added = !value.failed && json_add_string(object, option_descriptions[option].name, said);
    text_free(&value);
    return added;
}

static bool add_choices(cJSON *to, const struct option_choices *choices) {
    cJSON *object = cJSON_AddObjectToObject(to, "options");
    bool added = object != NULL;
    for (int option = 0; added && option < OPTION_COUNT; option++)
        if (choices->given[option])
            added = add_choice(object, choices, (enum option_id)option);
    return added;
}

/* As the options of the command line, only what differs from the defaults. */
static bool add_recipe(cJSON *to, const struct data_recipe *recipe) {
    cJSON *object = cJSON_AddObjectToObject(to, "recipe");
    bool added = object != NULL;
    for (int i = 0; added && i < DATA_OPTION_COUNT; i++) {
        struct text value = {0};
        data_recipe_value(recipe, (enum data_option)i, &value);
        added = !value.failed &&
                (value.length == 0 ||
                 json_add_string(object, data_option_descriptions[i].name, value.data));
        text_free(&value);
    }
    return added;
}

/* What was said of the model. */
static bool add_model_recipe(cJSON *to, const struct model_recipe *recipe) {
    cJSON *object = cJSON_AddObjectToObject(to, "model_recipe");
    bool added = object != NULL;
    for (int option = 0; added && option < MODEL_OPTION_COUNT; option++) {
        const char *value = model_recipe_value(recipe, (enum model_option)option);
        added = !value || json_add_string(object, model_option_descriptions[option].name, value);
    }
    return added;
}

static bool add_marks(cJSON *to, const struct saved_session *saved) {
    cJSON *array = cJSON_AddArrayToObject(to, "marks");
    bool added = array != NULL;
    for (size_t i = 0; added && i < saved->mark_count; i++) {
        const struct saved_mark *mark = &saved->marks[i];
        cJSON *object = cJSON_CreateObject();
        added = json_add(array, NULL, object) && json_add_string(object, "name", mark->name) &&
                json_add_number(object, "epsilon", mark->epsilon) &&
                add_choices(object, &mark->choices) &&
                json_add_number(object, "parameters", (double)mark->parameters) &&
                json_add_number(object, "grp", mark->grp) &&
                json_add_number(object, "figure", mark->figure);
    }
    return added;
}

static bool print(const struct saved_session *saved, struct text *out, struct error *error) {
    cJSON *root = cJSON_CreateObject();
    bool made =
        root && json_add_string(root, "format", "lumpscope-session") &&
        json_add_number(root, "version", 1) && json_add_string(root, "title", saved->title) &&
        json_add_number(root, "when", (double)saved->when) &&
        json_add_string(root, "model", saved->model) &&
        (!saved->data || json_add_string(root, "data", saved->data)) &&
        add_recipe(root, &saved->recipe) && add_model_recipe(root, &saved->model_recipe) &&
        add_choices(root, &saved->choices) && json_add_number(root, "epsilon", saved->epsilon) &&
        add_marks(root, saved) && json_add_number(root, "layer", (double)saved->layer) &&
        json_add_number(root, "neuron", (double)saved->neuron) &&
        json_add_string(root, "view", saved->view);
    return json_print_bytes(root, made, out, error) &&
           (!out->failed || error_memory(error, out->capacity));
}

/* ---- The directory ---- */

struct entry {
    char *path; /* owned */
    struct timespec when;
};

struct entries {
    struct entry *items; /* [count] the newest first */
    size_t count, capacity;
};

static void entries_free(struct entries *entries) {
    for (size_t i = 0; i < entries->count; i++)
        free(entries->items[i].path);
    free(entries->items);
    *entries = (struct entries){0};
}

static int newer_first(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    if (x->when.tv_sec != y->when.tv_sec)
        return x->when.tv_sec < y->when.tv_sec ? 1 : -1;
    if (x->when.tv_nsec != y->when.tv_nsec)
        return x->when.tv_nsec < y->when.tv_nsec ? 1 : -1;
    return strcmp(x->path, y->path);
}

/* What is no file, or is gone, is passed by. */
static bool add_entry(struct entries *entries, const char *directory, const char *name,
                      struct error *error) {
    struct stat status;
    struct text path = {0};
    text_format(&path, "%s/%s", directory, name);
    bool good = !path.failed || error_memory(error, path.capacity);
    bool there = good && stat(path.data, &status) == 0 && S_ISREG(status.st_mode);
    bool added = there && memory_reserve(&entries->items, &entries->capacity, entries->count + 1,
                                         sizeof *entries->items, error);
    if (added)
        entries->items[entries->count++] = (struct entry){path.data, status.st_mtim};
    else
        text_free(&path);
    return good && (added || !there);
}

/* The sessions there are; none when the directory cannot be read. */
static bool list(const char *directory, struct entries *entries, struct error *error) {
    errno = 0;
    DIR *stream = opendir(directory);
    bool good = stream || errno != ENOMEM || error_memory(error, PATH_MAX);
    *entries = (struct entries){0};
    for (struct dirent *found; good && stream && (found = readdir(stream));)
        if (is_session_name(found->d_name))
            good = add_entry(entries, directory, found->d_name, error);
    if (stream)
        closedir(stream);
    if (entries->count)
        qsort(entries->items, entries->count, sizeof *entries->items, newer_first);
    return good;
}

/* `kept`, just written, stays whatever the clock says. Without memory all stay. */
static void remove_oldest(const char *directory, const char *kept) {
    struct entries entries;
    bool listed = list(directory, &entries, NULL);
    size_t left = listed ? entries.count : 0;
    for (size_t i = entries.count; i-- > 0 && left > SESSIONS_KEPT;)
        if (strcmp(entries.items[i].path, kept) != 0) {
            unlink(entries.items[i].path);
            left--;
        }
    entries_free(&entries);
}

/* A directory of the program's own, that nobody chose: the remedy is to choose another. */
static bool write_document(const char *directory, const char *path, const struct text *document,
                           struct error *error) {
    struct error reason = {0};
    if (!file_check_regular(path, &reason))
        return error_set(error, reason.kind, "the session is not kept: %s", reason.text);
    return (file_make_directory(directory, &reason) &&
            file_write(path, document->data, document->length, NULL, &reason)) ||
           error_set(error, reason.kind,
                     "the session is not kept: %s, or set XDG_STATE_HOME to such a place",
                     reason.text);
}

bool saved_session_write(const struct saved_session *saved, const char *directory,
                         struct error *error) {
    struct text path = {0}, document = {0};
    bool written = path_of(directory, saved->model, &path, error) &&
                   print(saved, &document, error) &&
                   write_document(directory, path.data, &document, error);
    if (written)
        remove_oldest(directory, path.data);
    text_free(&document);
    text_free(&path);
    return written;
}

/* ---- Reading ---- */

static const cJSON *member(const cJSON *object, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static bool wrong(const char *name, const char *what, struct error *error) {
    return error_set(error, ERROR_REQUEST, "\"%s\" is not %s", name, what);
}

/* A member that is left out or null leaves `out` as it is. */
static bool read_number(const cJSON *object, const char *name, double most, double *out,
                        struct error *error) {
    const cJSON *item = member(object, name);
    if (!item || cJSON_IsNull(item))
        return true;
    bool good = cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= most;
    if (good)
        *out = item->valuedouble;
    return good || wrong(name, "a number that can be used", error);
}

static bool read_size(const cJSON *object, const char *name, size_t *out, struct error *error) {
    double number = 0;
    bool good = read_number(object, name, 1e15, &number, error);
    *out = (size_t)number;
    return good;
}

/* A string of at most `size` - 1 bytes that can be seen; "" when it is left out. */
static bool read_word(const cJSON *object, const char *name, char *out, size_t size,
                      struct error *error) {
    const cJSON *item = member(object, name);
    out[0] = '\0';
    if (!item)
        return true;
    if (!cJSON_IsString(item) || strlen(item->valuestring) >= size)
        return wrong(name, "a string of the right length", error);
    snprintf(out, size, "%s", item->valuestring);
    text_make_visible(out);
    return true;
}

static bool read_path(const cJSON *object, const char *name, char **out, struct error *error) {
    const cJSON *item = member(object, name);
    if (!item)
        return true;
    if (!cJSON_IsString(item) || item->valuestring[0] != '/' ||
        strlen(item->valuestring) >= PATH_MAX)
        return wrong(name, "an absolute path", error);
    return (*out = memory_string(item->valuestring, error)) != NULL;
}

static bool read_choices(const cJSON *object, struct option_choices *choices, struct error *error) {
    const cJSON *options = member(object, "options"), *item;
    if (options && !cJSON_IsObject(options))
        return wrong("options", "an object", error);
    cJSON_ArrayForEach(item, options) {
        enum option_id option = option_find(item->string);
        if (option == OPTION_COUNT)
            continue;
        if (!cJSON_IsString(item))
            return wrong(item->string, "a string", error);
        if (!options_choose(choices, option, item->valuestring, error))
            return false;
    }
    return true;
}

static bool read_recipe(const cJSON *object, struct data_recipe *recipe, struct error *error) {
    const cJSON *options = member(object, "recipe"), *item;
    data_recipe_defaults(recipe);
    if (options && !cJSON_IsObject(options))
        return wrong("recipe", "an object", error);
    cJSON_ArrayForEach(item, options) {
        if (data_option_find(item->string) == DATA_OPTION_COUNT)
            continue;
        if (!cJSON_IsString(item))
            return wrong(item->string, "a string", error);
        if (!data_recipe_set(recipe, item->string, item->valuestring, error))
            return false;
    }
    return data_recipe_check(recipe, error);
}

static bool read_model_recipe(const cJSON *object, struct model_recipe *recipe,
                              struct error *error) {
    const cJSON *options = member(object, "model_recipe"), *item;
    if (options && !cJSON_IsObject(options))
        return wrong("model_recipe", "an object", error);
    cJSON_ArrayForEach(item, options) {
        if (model_option_find(item->string) == MODEL_OPTION_COUNT)
            continue;
        if (!cJSON_IsString(item))
            return wrong(item->string, "a string", error);
        if (!model_recipe_set(recipe, item->string, item->valuestring, error))
            return false;
    }
    return true;
}

static bool read_mark(const cJSON *object, struct saved_mark *mark, struct error *error) {
    *mark = (struct saved_mark){.epsilon = NAN, .grp = NAN, .figure = NAN};
    if (!cJSON_IsObject(object))
        return wrong("marks", "a list of objects", error);
    if (!read_word(object, "name", mark->name, sizeof mark->name, error) ||
        !read_number(object, "epsilon", 1e308, &mark->epsilon, error) ||
        !read_choices(object, &mark->choices, error) ||
        !read_size(object, "parameters", &mark->parameters, error) ||
        !read_number(object, "grp", 1e9, &mark->grp, error) ||
        !read_number(object, "figure", 1e308, &mark->figure, error))
        return false;
    return (mark->name[0] && isfinite(mark->epsilon)) ||
           error_set(error, ERROR_REQUEST, "a mark has no name or no epsilon");
}

static bool read_marks(const cJSON *root, struct saved_session *saved, struct error *error) {
    const cJSON *array = member(root, "marks"), *item;
    if (!array)
        return true;
    if (!cJSON_IsArray(array) || cJSON_GetArraySize(array) > MARKS_MOST)
        return wrong("marks", "a list that can be used", error);
    saved->marks = memory_new((size_t)cJSON_GetArraySize(array), sizeof *saved->marks, error);
    if (!saved->marks)
        return false;
    cJSON_ArrayForEach(item, array) {
        if (!read_mark(item, &saved->marks[saved->mark_count++], error))
            return false;
    }
    return true;
}

static bool read_root(const cJSON *root, struct saved_session *saved, struct error *error) {
    const cJSON *format = member(root, "format"), *version = member(root, "version");
    double when = 0;
    if (!cJSON_IsString(format) || strcmp(format->valuestring, "lumpscope-session") != 0)
        return error_set(error, ERROR_REQUEST, "not a saved session");
    if (!cJSON_IsNumber(version) || version->valuedouble != 1)
        return error_set(error, ERROR_REQUEST, "saved by another version of the program");
    bool good = read_path(root, "model", &saved->model, error) &&
                read_path(root, "data", &saved->data, error) &&
                read_recipe(root, &saved->recipe, error) &&
                read_model_recipe(root, &saved->model_recipe, error) &&
                read_choices(root, &saved->choices, error) &&
                read_number(root, "epsilon", 1e308, &saved->epsilon, error) &&
                read_marks(root, saved, error) && read_size(root, "layer", &saved->layer, error) &&
                read_size(root, "neuron", &saved->neuron, error) &&
                read_word(root, "view", saved->view, sizeof saved->view, error) &&
                read_word(root, "title", saved->title, sizeof saved->title, error) &&
                read_number(root, "when", 1e15, &when, error);
    saved->when = (time_t)when;
    return good && (saved->model || error_set(error, ERROR_REQUEST, "no \"model\" is named"));
}

static bool read_session(const char *path, struct saved_session *saved, struct error *error) {
    size_t size;
    struct error reason = {0};
    *saved = (struct saved_session){0};
    char *text = file_read_regular(path, file_limit, &size, error);
    if (!text)
        return false;
    const char *end = NULL;
    cJSON *root = json_parse(text, size, &end);
    bool no_memory = !root && errno == ENOMEM;
    bool whole = root && strspn(end, " \t\r\n") == strlen(end);
    bool good = no_memory ? error_memory(&reason, size)
                : whole   ? read_root(root, saved, &reason)
                          : error_set(&reason, ERROR_REQUEST, "not JSON, or not all of it");
    cJSON_Delete(root);
    free(text);
    if (good)
        return true;
    saved_session_free(saved);
    if (reason.no_memory) {
        error_prefix(&reason, "%s", path);
        if (error)
            *error = reason;
        return false;
    }
    return error_set(error, ERROR_REQUEST, "%s: %s; delete it to go on without this session", path,
                     reason.text);
}

/* Reads a session; `found` when what it opens is there. */
static bool find_at(const char *path, struct saved_session *saved, bool *found,
                    struct error *error) {
    if (!read_session(path, saved, error))
        return false;
    *found = file_exists(saved->model) && (!saved->data || file_exists(saved->data));
    return true;
}

/* The session of a model that is there: then its data must be, too. */
static bool find_of_model(const char *path, struct saved_session *saved, bool *found,
                          struct error *error) {
    if (!find_at(path, saved, found, error))
        return false;
    bool lost = !*found && saved->data && file_exists(saved->model);
    if (lost)
        error_set(error, ERROR_REQUEST,
                  "the last session of this model had the data %s, which is gone: put it back to "
                  "resume",
                  saved->data);
    if (!*found)
        saved_session_free(saved);
    return !lost;
}

bool saved_session_find(const char *directory, const char *model, struct saved_session *saved,
                        bool *found, struct error *error) {
    struct entries entries = {0};
    bool good = true;
    *saved = (struct saved_session){0};
    *found = false;
    if (model) {
        struct text path = {0};
        good = path_of(directory, model, &path, error);
        if (good && file_exists(path.data))
            good = find_of_model(path.data, saved, found, error);
        text_free(&path);
        return good;
    }
    good = list(directory, &entries, error);
    for (size_t i = 0; good && !*found && i < entries.count; i++) {
        good = find_at(entries.items[i].path, saved, found, error);
        if (!*found)
            saved_session_free(saved);
    }
    entries_free(&entries);
    return good;
}
