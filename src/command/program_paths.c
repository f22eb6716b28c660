#include "program_output.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/paths.h"

#include <cjson/cJSON.h>

static cJSON *list_json(const struct path_list *list) {
    cJSON *array = cJSON_CreateArray();
    bool made = array != NULL;
    for (size_t i = 0; made && i < list->count; i++) {
        cJSON *item = cJSON_CreateObject();
        made = json_add_string(item, "path", list->items[i]) &&
               json_add(item, "exists", cJSON_CreateBool(file_exists(list->items[i])));
        made = json_add(array, NULL, item) && made;
    }
    if (made)
        return array;
    cJSON_Delete(array);
    return NULL;
}

static void list_rows(const char *name, const struct path_list *list, struct table *table) {
    for (size_t i = 0; i < list->count; i++) {
        table_cell(table, "%s", i ? "" : name);
        table_cell(table, "%s", file_exists(list->items[i]) ? "exists" : "-");
        table_cell(table, "%s", list->items[i]);
    }
}

/* What is listed: the kinds of directories, then the file of settings. */
enum { SETTINGS = PATHS_KINDS, LISTS };

static const char *list_name(int list) {
    return list == SETTINGS ? "settings" : paths_name((enum paths_kind)list);
}

static bool paths_json(const struct path_list *lists, struct text *out, struct error *error) {
    cJSON *document = cJSON_CreateObject();
    bool made = document != NULL;
    for (int i = 0; made && i < LISTS; i++)
        made = json_add(document, list_name(i), list_json(&lists[i]));
    return json_print(document, made, out, error);
}

static void paths_text(const struct path_list *lists, struct text *out) {
    struct table table = {.alignment = "lll"};
    for (int i = 0; i < LISTS; i++)
        list_rows(list_name(i), &lists[i], &table);
    table_print(&table, out);
}

/* None when no home directory is known. */
static bool list_settings(struct path_list *list, struct error *error) {
    struct error reason = {0};
    char *path = paths_file(PATHS_CONFIG, "config", &reason);
    if (reason.no_memory) {
        *error = reason;
        return false;
    }
    *list = (struct path_list){.items = memory_new(2, sizeof *list->items, error)};
    if (!list->items) {
        free(path);
        return false;
    }
    list->items[0] = path;
    list->count = path != NULL;
    return true;
}

bool program_run_paths(struct program *program, struct error *error) {
    struct path_list lists[LISTS] = {0};
    bool done = list_settings(&lists[SETTINGS], error);
    for (int kind = 0; done && kind < PATHS_KINDS; kind++)
        done = paths_list((enum paths_kind)kind, &lists[kind], error);
    if (done && program->given[PROGRAM_JSON])
        done = paths_json(lists, &program->output, error);
    else if (done)
        paths_text(lists, &program->output);
    for (int i = 0; i < LISTS; i++)
        path_list_free(&lists[i]);
    return done;
}
