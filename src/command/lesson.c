#include "lumpscope/lesson.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/paths.h"
#include "lumpscope/player.h"
#include "lumpscope/text.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char suffix[] = ".lumpscope";

/* Where the value of a header begins, up to the end of its line; NULL: there is none. */
static const char *find_header(const char *script, const char *key) {
    size_t length = strlen(key);
    for (; *script == '#'; script += strcspn(script, "\n"), script += *script == '\n') {
        const char *at = script + 1 + strspn(script + 1, " \t");
        if (strncmp(at, key, length) != 0 || at[length] != ':')
            continue;
        at += length + 1;
        return at + strspn(at, " \t");
    }
    return NULL;
}

char *lesson_header(const char *script, const char *key) {
    const char *at = find_header(script, key);
    char *value = at ? memory_copy(at, strcspn(at, "\r\n") + 1, 1, NULL) : NULL;
    if (value) {
        value[strcspn(value, "\r\n")] = '\0';
        text_make_visible(value);
    }
    return value;
}

static void lesson_free(struct lesson *lesson) {
    free(lesson->name);
    free(lesson->path);
    free(lesson->title);
}

void lesson_list_free(struct lesson_list *list) {
    for (size_t i = 0; i < list->count; i++)
        lesson_free(&list->items[i]);
    free(list->items);
    *list = (struct lesson_list){0};
}

const struct lesson *lesson_find(const struct lesson_list *list, const char *name) {
    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->items[i].name, name))
            return &list->items[i];
    return NULL;
}

bool lesson_refuse(const struct lesson_list *list, const char *name, struct error *error) {
    struct text names = {0};
    for (size_t i = 0; i < list->count; i++)
        text_format(&names, "%s%s", i ? ", " : "", list->items[i].name);
    const char *known = names.data ? names.data : "none: install the samples";
    if (name)
        error_set(error, ERROR_REQUEST, "there is no lesson \"%.60s\"; there are %s", name, known);
    else
        error_set(error, ERROR_USAGE, "say which lesson: there are %s", known);
    text_free(&names);
    return false;
}

static size_t header_number(const char *script, const char *key, size_t otherwise) {
    char digits[TEXT_NUMBER_SIZE];
    size_t number = otherwise;
    const char *at = find_header(script, key);
    if (!at)
        return otherwise;
    snprintf(digits, sizeof digits, "%.*s", (int)strcspn(at, "\r\n"), at);
    return text_to_size(digits, &number) ? number : otherwise;
}

/* One that cannot be read is no lesson; without memory there is no telling. */
static bool read_lesson(struct lesson *lesson, struct error *error) {
    size_t size;
    struct error reason = {0};
    char *script = file_read_regular(lesson->path, PLAYER_BYTES, &size, &reason);
    if (!script)
        return !reason.no_memory || error_memory(error, PLAYER_BYTES);
    bool titled = find_header(script, "title");
    lesson->title = titled ? lesson_header(script, "title") : memory_string(lesson->name, error);
    lesson->minutes = header_number(script, "minutes", 0);
    lesson->order = header_number(script, "order", SIZE_MAX);
    free(script);
    return lesson->title || error_memory(error, strlen(lesson->name));
}

/* Behind those that come before it. */
static bool insert(struct lesson_list *list, struct lesson *lesson, struct error *error) {
    if (!memory_resize(&list->items, list->count + 1, sizeof *list->items, error))
        return false;
    size_t at = list->count++;
    for (; at > 0; at--) {
        const struct lesson *before = &list->items[at - 1];
        if (before->order < lesson->order ||
            (before->order == lesson->order && strcmp(before->name, lesson->name) <= 0))
            break;
        list->items[at] = *before;
    }
    list->items[at] = *lesson;
    return true;
}

static bool add_file(struct lesson_list *list, const char *directory, const char *file,
                     struct error *error) {
    size_t length = strlen(file), tail = sizeof suffix - 1;
    struct lesson lesson = {0};
    struct text path = {0};
    if (length <= tail || strcmp(file + length - tail, suffix) != 0)
        return true;
    text_format(&path, "%s/%s", directory, file);
    lesson.path = path.data;
    lesson.name = memory_copy(file, length + 1, 1, error);
    bool good = lesson.name && (!path.failed || error_memory(error, path.capacity));
    if (good)
        lesson.name[length - tail] = '\0';
    bool known = good && lesson_find(list, lesson.name);
    good = good && (known || read_lesson(&lesson, error));
    bool wanted = good && lesson.title, taken = wanted && insert(list, &lesson, error);
    if (!taken)
        lesson_free(&lesson);
    return good && (taken || !wanted);
}

static bool add_directory(struct lesson_list *list, const char *path, struct error *error) {
    errno = 0;
    DIR *directory = opendir(path);
    bool good = directory || errno != ENOMEM || error_memory(error, PATH_MAX);
    for (const struct dirent *entry; directory && good && (entry = readdir(directory));)
        good = add_file(list, path, entry->d_name, error);
    if (directory)
        closedir(directory);
    return good;
}

bool lesson_list_read(struct lesson_list *list, struct error *error) {
    struct path_list directories;
    *list = (struct lesson_list){0};
    if (!paths_list(PATHS_LESSONS, &directories, error))
        return false;
    bool good = true;
    for (size_t i = 0; good && i < directories.count; i++)
        good = add_directory(list, directories.items[i], error);
    path_list_free(&directories);
    return good;
}
