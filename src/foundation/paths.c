#include "lumpscope/paths.h"

#include "config.h"
#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What lies where below a data directory. */
static const struct {
    const char *name, *below;
} kinds[PATHS_KINDS] = {
    [PATHS_CONFIG] = {"config", ""},
    [PATHS_STATE] = {"state", ""},
    [PATHS_DATA] = {"data", ""},
    [PATHS_THEMES] = {"themes", "/themes"},
    [PATHS_SAMPLES] = {"samples", "/samples"},
    [PATHS_LESSONS] = {"lessons", "/samples/lessons"},
};

enum { SAMPLE_DATA_FORMS = 2, SAMPLE_NAME_SIZE = 64 };
/* Names of a sample's files. */
struct sample {
    char model[SAMPLE_NAME_SIZE + 8];
    char data[SAMPLE_DATA_FORMS][SAMPLE_NAME_SIZE + 8]; /* the first that is there */
};
/* Its files have the shorter name. */
const char paths_embedded_sample[] = "glycolysis-square";
static const char embedded_stem[] = "glycolysis";

const char *paths_name(enum paths_kind kind) {
    return kinds[kind].name;
}

void path_list_free(struct path_list *list) {
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct path_list){0};
}

/* Appends BASE + MIDDLE + BELOW, unless it is there already. */
static bool add_path(struct path_list *list, const char *base, const char *middle,
                     const char *below, struct error *error) {
    struct text path = {0};
    text_format(&path, "%s%s%s", base, middle, below);
    if (path.failed)
        return error_memory(error, strlen(base));
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], path.data) == 0) {
            text_free(&path);
            return true;
        }
    if (!memory_resize(&list->items, list->count + 2, sizeof *list->items, error)) {
        text_free(&path);
        return false;
    }
    list->items[list->count++] = path.data;
    list->items[list->count] = NULL;
    return true;
}

static const char *home_directory(void) {
    const char *home = getenv("HOME");
    if (home && *home == '/')
        return home;
    const struct passwd *user = getpwuid(geteuid());
    return user && user->pw_dir && *user->pw_dir == '/' ? user->pw_dir : NULL;
}

/* The user's directory: the variable's value, or `fallback` below the home directory. */
static bool add_user(struct path_list *list, const char *variable, const char *fallback,
                     const char *below, struct error *error) {
    const char *base = getenv(variable);
    if (base && *base == '/')
        return add_path(list, base, "/lumpscope", below, error);
    base = home_directory();
    struct text middle = {0};
    text_format(&middle, "%s/lumpscope", fallback);
    bool added = !middle.failed && (!base || add_path(list, base, middle.data, below, error));
    text_free(&middle);
    return added;
}

static bool starts_with_directory(const char *path, const char *directory) {
    size_t length = strlen(directory);
    return strncmp(path, directory, length) == 0 && path[length] == '/';
}

/* PREFIX/share of a program in PREFIX/bin; false when it does not lie in such a directory. */
static bool share_of(const char *directory, struct text *share) {
    const char *name = strrchr(directory, '/');
    if (!name || strcmp(name, "/bin") != 0)
        return false;
    text_append_bytes(share, directory, (size_t)(name - directory));
    text_append(share, "/share");
    return true;
}

/* Beside the program: the tree it was built in, or PREFIX/share when it lies in PREFIX/bin, also
 * when that is a trial installation inside of the build directory. */
static bool add_beside(struct path_list *list, const char *below, struct error *error) {
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0)
        return true;
    program[length] = '\0';
    bool in_build = starts_with_directory(program, LUMPSCOPE_BUILD_ROOT);
    *strrchr(program, '/') = '\0';
    struct text share = {0};
    bool added = true;
    if (strcmp(program, LUMPSCOPE_BUILD_ROOT) != 0 && share_of(program, &share))
        added = share.failed ? error_memory(error, share.capacity)
                             : add_path(list, share.data, "/lumpscope", below, error);
    else if (in_build)
        added = add_path(list, LUMPSCOPE_SOURCE_ROOT, "", below, error);
    text_free(&share);
    return added;
}

/* The directories of $XDG_DATA_DIRS. */
static bool add_system(struct path_list *list, const char *below, struct error *error) {
    const char *variable = getenv("XDG_DATA_DIRS");
    char *directories =
        memory_string(variable && *variable ? variable : "/usr/local/share:/usr/share", error);
    char *rest = directories;
    bool added = directories != NULL;
    for (char *directory; added && (directory = strsep(&rest, ":"));)
        if (*directory == '/')
            added = add_path(list, directory, "/lumpscope", below, error);
    free(directories);
    return added;
}

static bool add_data(struct path_list *list, const char *below, struct error *error) {
    return add_user(list, "XDG_DATA_HOME", "/.local/share", below, error) &&
           add_beside(list, below, error) && add_path(list, LUMPSCOPE_DATADIR, "", below, error) &&
           add_system(list, below, error);
}

bool paths_list(enum paths_kind kind, struct path_list *list, struct error *error) {
    *list = (struct path_list){.items = memory_new(1, sizeof *list->items, error)};
    const char *below = kinds[kind].below;
    bool user = kind == PATHS_CONFIG || kind == PATHS_THEMES;
    bool made = list->items;
    if (made && user)
        made = add_user(list, "XDG_CONFIG_HOME", "/.config", below, error);
    if (made && kind == PATHS_STATE)
        made = add_user(list, "XDG_STATE_HOME", "/.local/state", below, error);
    else if (made && kind != PATHS_CONFIG)
        made = add_data(list, below, error);
    if (!made)
        path_list_free(list);
    return made;
}

static char *join(const char *directory, const char *name, struct error *error) {
    struct text path = {0};
    text_format(&path, "%s/%s", directory, name);
    if (path.failed) {
        text_free(&path);
        error_memory(error, strlen(directory));
    }
    return path.data;
}

char *paths_file(enum paths_kind kind, const char *name, struct error *error) {
    struct path_list list;
    if (!paths_list(kind, &list, error))
        return NULL;
    char *path = NULL;
    if (list.count == 0)
        error_set(error, ERROR_REQUEST, "no place for %s files: set HOME to a directory",
                  kinds[kind].name);
    else
        path = join(list.items[0], name, error);
    path_list_free(&list);
    return path;
}

/* ---- Names ---- */

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Bytes of the name without its ending; 0 when it does not end in the suffix. */
static size_t stem_length(const char *file, const char *suffix) {
    size_t length = strlen(file), ending = strlen(suffix);
    const char *dot = strrchr(file, '.');
    bool fits = length > ending && !strcmp(file + length - ending, suffix);
    return !fits || *file == '.' ? 0 : dot ? (size_t)(dot - file) : length;
}

/* Adds a file's name unless it is there. False when out of memory. */
static bool names_add(char ***names, size_t *count, size_t *capacity, const char *file,
                      size_t length) {
    for (size_t i = 0; i < *count; i++)
        if (strlen((*names)[i]) == length && !strncmp((*names)[i], file, length))
            return true;
    if (!memory_reserve(names, capacity, *count + 2, sizeof **names, NULL))
        return false;
    char *name = strndup(file, length);
    if (!name)
        return false;
    (*names)[(*count)++] = name;
    (*names)[*count] = NULL;
    return true;
}

char **paths_names(const char *const *directories, const char *suffix) {
    size_t count = 0, capacity = 1, length;
    char **names = memory_new(1, sizeof *names, NULL);
    bool ok = names != NULL;
    for (; ok && directories && *directories; directories++) {
        errno = 0;
        DIR *directory = opendir(*directories);
        ok = directory || errno != ENOMEM;
        if (!directory)
            continue;
        for (struct dirent *entry; ok && (entry = readdir(directory));)
            if ((length = stem_length(entry->d_name, suffix)) > 0)
                ok = names_add(&names, &count, &capacity, entry->d_name, length);
        closedir(directory);
    }
    if (!ok) {
        paths_names_free(names);
        return NULL;
    }
    qsort(names, count, sizeof *names, compare_names);
    return names;
}

void paths_names_free(char **names) {
    for (size_t i = 0; names && names[i]; i++)
        free(names[i]);
    free(names);
}

/* ---- Samples ---- */

/* The file when it is there; `*found` is NULL otherwise. */
static bool find_file(const char *directory, const char *name, char **found, struct error *error) {
    *found = join(directory, name, error);
    if (*found && !file_exists(*found)) {
        free(*found);
        *found = NULL;
        return true;
    }
    return *found != NULL;
}

static void name_files(const char *name, struct sample *sample) {
    const char *stem = strcmp(name, paths_embedded_sample) ? name : embedded_stem;
    snprintf(sample->model, sizeof sample->model, "%s.json", stem);
    snprintf(sample->data[0], sizeof sample->data[0], "%s.csv", stem);
    snprintf(sample->data[1], sizeof sample->data[1], "%s.csv.gz", stem);
}

static bool find_sample(const struct sample *sample, const char *directory, char **model,
                        char **data, struct error *error) {
    *data = NULL;
    if (!find_file(directory, sample->model, model, error))
        return false;
    bool looked = true;
    for (size_t k = 0; *model && looked && !*data && k < SAMPLE_DATA_FORMS; k++)
        looked = find_file(directory, sample->data[k], data, error);
    if (!*data) {
        free(*model);
        *model = NULL;
    }
    return looked;
}

static bool refuse_sample(const char *name, const struct path_list *list, struct error *error) {
    struct text directories = {0};
    for (size_t i = 0; i < list->count; i++)
        text_format(&directories, "%s%s", i ? ", " : "", list->items[i]);
    error_set(error, ERROR_REQUEST,
              "sample %s: its files are in none of %s; name a model, or install the samples", name,
              directories.data ? directories.data : "the directories for samples");
    text_free(&directories);
    return false;
}

bool paths_sample(const char *name, char **model, char **data, struct error *error) {
    struct sample sample;
    if (!*name || strchr(name, '/') || strlen(name) >= SAMPLE_NAME_SIZE)
        return error_set(error, ERROR_REQUEST, "there is no sample \"%.60s\"", name);
    name_files(name, &sample);
    struct path_list list;
    if (!paths_list(PATHS_SAMPLES, &list, error))
        return false;
    *model = *data = NULL;
    bool looked = true;
    for (size_t i = 0; looked && !*model && i < list.count; i++)
        looked = find_sample(&sample, list.items[i], model, data, error);
    if (looked && !*model)
        refuse_sample(name, &list, error);
    path_list_free(&list);
    return looked && *model;
}
