#include "program_output.h"

#include "lumpscope/file.h"
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

static bool paths_json(const struct path_list *lists, struct text *out, struct error *error) {
    cJSON *document = cJSON_CreateObject();
    bool made = document != NULL;
    for (int kind = 0; made && kind < PATHS_KINDS; kind++)
        made = json_add(document, paths_name((enum paths_kind)kind), list_json(&lists[kind]));
    return json_print(document, made, out, error);
}

static void paths_text(const struct path_list *lists, struct text *out) {
    struct table table = {.alignment = "lll"};
    for (int kind = 0; kind < PATHS_KINDS; kind++)
        list_rows(paths_name((enum paths_kind)kind), &lists[kind], &table);
    table_print(&table, out);
}

bool program_run_paths(struct program *program, struct error *error) {
    struct path_list lists[PATHS_KINDS] = {0};
    bool done = true;
    for (int kind = 0; done && kind < PATHS_KINDS; kind++)
        done = paths_list((enum paths_kind)kind, &lists[kind], error);
    if (done && program->given[PROGRAM_JSON])
        done = paths_json(lists, &program->output, error);
    else if (done)
        paths_text(lists, &program->output);
    for (int kind = 0; kind < PATHS_KINDS; kind++)
        path_list_free(&lists[kind]);
    return done;
}
