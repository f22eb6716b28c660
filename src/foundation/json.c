#include "lumpscope/json.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>

bool json_add(struct cJSON *to, const char *name, struct cJSON *item) {
    bool added =
        item && (name ? cJSON_AddItemToObject(to, name, item) : cJSON_AddItemToArray(to, item));
    if (!added)
        cJSON_Delete(item);
    return added;
}

bool json_add_number(struct cJSON *to, const char *name, double value) {
    char number[TEXT_NUMBER_SIZE];
    return json_add(to, name,
                    isfinite(value) ? cJSON_CreateRaw(text_number(value, number))
                                    : cJSON_CreateNull());
}

bool json_add_string(struct cJSON *to, const char *name, const char *value) {
    return json_add(to, name, cJSON_CreateString(value));
}

struct cJSON *json_parse(const char *text, size_t length, const char **end) {
    errno = 0; /* cJSON does not say why, but the allocator does */
    cJSON *document = cJSON_ParseWithLengthOpts(text, length, end, false);
    if (!document && errno != ENOMEM)
        errno = EINVAL;
    return document;
}

static bool print(struct cJSON *document, bool made, bool exact, struct text *out,
                  struct error *error) {
    char *printed = document && made ? cJSON_Print(document) : NULL;
    cJSON_Delete(document);
    if (!printed)
        return error_memory(error, sizeof *document);
    text_append_json(out, printed, exact);
    text_append(out, "\n");
    cJSON_free(printed);
    return true;
}

bool json_print(struct cJSON *document, bool made, struct text *out, struct error *error) {
    return print(document, made, false, out, error);
}

bool json_print_bytes(struct cJSON *document, bool made, struct text *out, struct error *error) {
    return print(document, made, true, out, error);
}
