#include "tui/theme.h"

#include "lumpscope/file.h"
#include "lumpscope/json.h"
#include "lumpscope/paths.h"
#include "lumpscope/text.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THEME_FILE_LIMIT = 1 << 20 };

static const struct {
    const char *name;
    unsigned attributes;
} role_table[ROLE_COUNT] = {
#define ROLE(name, text, attributes) {text, attributes},
    ROLE_TABLE(ROLE)
#undef ROLE
};

static const struct {
    const char *name;
    unsigned attribute;
} attribute_table[] = {
    {"bold", ATTRIBUTE_BOLD},           {"dim", ATTRIBUTE_DIM},
    {"underline", ATTRIBUTE_UNDERLINE}, {"reverse", ATTRIBUTE_REVERSE},
    {"italic", ATTRIBUTE_ITALIC},
};

void theme_plain(struct theme *theme) {
    *theme = (struct theme){.name = "plain"};
    for (size_t i = 0; i < ROLE_COUNT; i++)
        theme->roles[i].attributes = role_table[i].attributes;
}

static bool read_colour(const cJSON *item, const char *place, struct colour *colour,
                        struct error *error) {
    if (cJSON_IsString(item) && colour_parse(item->valuestring, colour))
        return true;
    return error_set(error, ERROR_REQUEST,
                     "%s is not a colour: write \"#rrggbb\", \"default\" or a name such as "
                     "\"bright-blue\"",
                     place);
}

static bool read_attributes(const cJSON *list, const char *role, unsigned *attributes,
                            struct error *error) {
    const cJSON *item;
    *attributes = 0;
    if (!cJSON_IsArray(list))
        return error_set(error, ERROR_REQUEST, "role %s: attributes must be a list", role);
    cJSON_ArrayForEach(item, list) {
        unsigned found = 0;
        for (size_t i = 0; i < sizeof attribute_table / sizeof *attribute_table; i++)
            if (cJSON_IsString(item) && !strcmp(item->valuestring, attribute_table[i].name))
                found = attribute_table[i].attribute;
        if (!found)
            return error_set(error, ERROR_REQUEST,
                             "role %s: an attribute is one of bold, dim, underline, reverse, "
                             "italic",
                             role);
        *attributes |= found;
    }
    return true;
}

static bool read_role(const cJSON *object, const char *role, struct role_style *style,
                      struct error *error) {
    char place[96];
    const cJSON *item;
    if (!cJSON_IsObject(object))
        return error_set(error, ERROR_REQUEST, "role %s must be an object", role);
    cJSON_ArrayForEach(item, object) {
        snprintf(place, sizeof place, "role %s: %s", role, item->string);
        if (!strcmp(item->string, "fg")) {
            if (!read_colour(item, place, &style->foreground, error))
                return false;
        } else if (!strcmp(item->string, "bg")) {
            if (!read_colour(item, place, &style->background, error))
                return false;
        } else if (!strcmp(item->string, "attributes")) {
            if (!read_attributes(item, role, &style->attributes, error))
                return false;
        } else
            return error_set(error, ERROR_REQUEST, "%s is unknown: a role has fg, bg, attributes",
                             place);
    }
    return true;
}

static size_t role_find(const char *name) {
    size_t role = 0;
    while (role < ROLE_COUNT && strcmp(role_table[role].name, name) != 0)
        role++;
    return role;
}

/* Roles that the file leaves out look like text, with the attributes they have without colour. */
static bool read_roles(const cJSON *roles, struct theme *theme, struct error *error) {
    const cJSON *item;
    if (!cJSON_IsObject(roles))
        return error_set(error, ERROR_REQUEST, "the member roles must be an object");
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(roles, role_table[ROLE_TEXT].name);
    if (text && !read_role(text, role_table[ROLE_TEXT].name, &theme->roles[ROLE_TEXT], error))
        return false;
    for (size_t i = 1; i < ROLE_COUNT; i++) {
        theme->roles[i].foreground = theme->roles[ROLE_TEXT].foreground;
        theme->roles[i].background = theme->roles[ROLE_TEXT].background;
    }
    cJSON_ArrayForEach(item, roles) {
        size_t role = role_find(item->string);
        if (role == ROLE_COUNT)
            return error_set(error, ERROR_REQUEST, "there is no role \"%s\"", item->string);
        if (!read_role(item, item->string, &theme->roles[role], error))
            return false;
    }
    return true;
}

static bool read_list(const cJSON *list, const char *place, struct colour *colours, size_t *count,
                      struct error *error) {
    const cJSON *item;
    *count = 0;
    if (!list)
        return true;
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > THEME_CLASSES)
        return error_set(error, ERROR_REQUEST, "%s must be a list of at most %d colours", place,
                         THEME_CLASSES);
    cJSON_ArrayForEach(item, list) {
        if (!read_colour(item, place, &colours[(*count)++], error))
            return false;
    }
    return true;
}

static bool theme_parse(const char *text, struct theme *theme, struct error *error) {
    cJSON *root = json_parse(text, strlen(text), NULL);
    if (!root && errno == ENOMEM)
        return error_memory(error, strlen(text));
    if (!cJSON_IsObject(root)) {
        cJSON_Delete(root);
        return error_set(
            error, ERROR_REQUEST,
            "not a JSON object; a theme is one with the member roles: begin with a copy of "
            "dark.json");
    }
    bool ok = read_roles(cJSON_GetObjectItemCaseSensitive(root, "roles"), theme, error) &&
              read_list(cJSON_GetObjectItemCaseSensitive(root, "classes"), "classes",
                        theme->classes, &theme->class_count, error) &&
              read_list(cJSON_GetObjectItemCaseSensitive(root, "classes-16"), "classes-16",
                        theme->few, &theme->few_count, error);
    cJSON_Delete(root);
    return ok;
}

static bool theme_read(const char *path, const char *name, struct theme *theme,
                       struct error *error) {
    size_t size;
    char *text = file_read_regular(path, THEME_FILE_LIMIT, &size, error);
    if (!text)
        return false;
    struct theme fresh;
    theme_plain(&fresh);
    const char *base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
    snprintf(fresh.name, sizeof fresh.name, "%s", base);
    text_make_visible(fresh.name);
    bool ok = theme_parse(text, &fresh, error);
    free(text);
    if (ok)
        *theme = fresh;
    else
        error_prefix(error, "%s", path);
    return ok;
}

static bool theme_unknown(const char *name, const char *const *directories, struct error *error) {
    struct text list = {0};
    char **names = theme_names(directories);
    for (size_t i = 0; names && names[i]; i++)
        text_format(&list, "%s%s", i ? ", " : "", names[i]);
    error_set(error, ERROR_REQUEST, "there is no theme \"%s\": %s%s", name,
              list.length ? "choose one of " : "no theme file was found",
              list.data ? list.data : "");
    text_free(&list);
    theme_names_free(names);
    return false;
}

bool theme_load(struct theme *theme, const char *name, const char *const *directories,
                struct error *error) {
    char path[4096];
    if (strchr(name, '/'))
        return theme_read(name, name, theme, error);
    for (size_t i = 0; directories && directories[i]; i++) {
        int length = snprintf(path, sizeof path, "%s/%s.json", directories[i], name);
        if (length < (int)sizeof path && file_exists(path))
            return theme_read(path, name, theme, error);
    }
    return theme_unknown(name, directories, error);
}

char **theme_names(const char *const *directories) {
    return paths_names(directories, ".json");
}

void theme_names_free(char **names) {
    paths_names_free(names);
}
