#include "frame.h"

#include "frame_parts.h"
#include "lumpscope/json.h"
#include "lumpscope/memory.h"
#include "lumpscope/model_file.h"

#include <errno.h>
#include <string.h>

/* Members the frame itself has. */
static const char *const frame_known[] = {"name",        "task",   "input",   "output",
                                          "activations", "layers", "members", NULL};
/* Keys of ours among strings; every other member of the network stands in "members". */
static const char *const string_keys[] = {"name",   "task",      "input", "output",  "activations",
                                          "layers", "lumpscope", "data",  "members", NULL};
/* Those of them that are not JSON text. */
static const char *const plain_keys[] = {"name", "task", NULL};
static const char foreign_member[] = "metadata";

/* Adds text as it stands, and frees it. */
static bool add_raw(cJSON *to, const char *name, struct text *text, bool made) {
    bool added = made && !text->failed && json_add(to, name, cJSON_CreateRaw(text->data));
    text_free(text);
    return added;
}

static bool add_scaling(cJSON *to, const char *side, const struct scaling *scaling) {
    struct text text = {0};
    return !frame_has_scaling(scaling) ||
           add_raw(to, side, &text, frame_print_scaling(&text, scaling));
}

static bool add_activations(cJSON *to, const struct network *network) {
    struct text text = {0};
    for (size_t l = 0; l < network->depth; l++) {
        text_append(&text, l ? ", " : "[");
        frame_print_activation(&text, &network->layers[l].activation);
    }
    text_append(&text, "]");
    return add_raw(to, "activations", &text, true);
}

/* Unknown members of the layers, {} for a layer without; nothing when no layer has any. */
static bool add_layers(cJSON *to, const struct network *network) {
    bool any = false;
    for (size_t l = 0; l < network->depth; l++)
        any = any || network->layers[l].extra;
    cJSON *array = any ? cJSON_AddArrayToObject(to, "layers") : NULL;
    for (size_t l = 0; array && l < network->depth; l++) {
        const cJSON *extra = network->layers[l].extra;
        if (!json_add(array, NULL, extra ? cJSON_Duplicate(extra, true) : cJSON_CreateObject()))
            return false;
    }
    return array || !any;
}

static bool add_members(cJSON *to, const cJSON *members) {
    cJSON *apart = cJSON_CreateObject();
    const cJSON *item;
    bool added = apart != NULL;
    cJSON_ArrayForEach(item, members) {
        cJSON *target = frame_is_known(item->string, frame_known) ? apart : to;
        added = added && json_add(target, item->string, cJSON_Duplicate(item, true));
    }
    if (!added || !apart->child) {
        cJSON_Delete(apart);
        return added;
    }
    return json_add(to, "members", apart);
}

cJSON *frame_to_json(const struct network *network, struct error *error) {
    cJSON *frame = cJSON_CreateObject();
    bool made = frame && (!*network->name || json_add_string(frame, "name", network->name)) &&
                json_add_string(frame, "task", frame_task_name(network->task)) &&
                add_scaling(frame, "input", &network->input) &&
                add_scaling(frame, "output", &network->output) && add_activations(frame, network) &&
                add_layers(frame, network) && add_members(frame, network->members);
    if (made)
        return frame;
    cJSON_Delete(frame);
    error_memory(error, sizeof *frame);
    return NULL;
}

static bool read_name(const cJSON *name, struct network *network, struct error *error) {
    if (!name)
        return true;
    if (!cJSON_IsString(name))
        return error_set(error, ERROR_REQUEST, "name is not a string; quote it");
    char *copy = memory_string(name->valuestring, error);
    if (!copy)
        return false;
    free(network->name);
    network->name = copy;
    return true;
}

static bool check_length(const cJSON *array, const char *place, size_t depth, struct error *error) {
    if (!array)
        return true;
    size_t count = cJSON_IsArray(array) ? (size_t)cJSON_GetArraySize(array) : 0;
    return (cJSON_IsArray(array) && count == depth) ||
           error_set(error, ERROR_REQUEST,
                     "%s names %zu layers where the file has %zu; make them agree", place, count,
                     depth);
}

static bool read_activations(const cJSON *array, struct network *network, struct error *error) {
    const cJSON *item;
    size_t l = 0;
    if (!check_length(array, "activations", network->depth, error))
        return false;
    cJSON_ArrayForEach(item, array) {
        if (!frame_read_activation(item, l + 1, network->depth, &network->layers[l].activation,
                                   error))
            return false;
        l++;
    }
    return true;
}

static bool read_layers(cJSON *array, struct network *network, struct error *error) {
    static const char *const nothing[] = {NULL};
    cJSON *item;
    size_t l = 0;
    if (!check_length(array, "layers", network->depth, error))
        return false;
    cJSON_ArrayForEach(item, array) {
        if (!frame_keep_unknown(item, nothing, &network->layers[l++].extra, error))
            return false;
    }
    return true;
}

bool frame_from_json(cJSON *frame, struct network *network, struct error *error) {
    static const char *const nothing[] = {NULL};
    if (!cJSON_IsObject(frame))
        return error_set(error, ERROR_REQUEST, "what is said of the network is no JSON object");
    cJSON *members = cJSON_GetObjectItemCaseSensitive(frame, "members");
    return read_name(cJSON_GetObjectItemCaseSensitive(frame, "name"), network, error) &&
           read_activations(cJSON_GetObjectItemCaseSensitive(frame, "activations"), network,
                            error) &&
           frame_read_task(cJSON_GetObjectItemCaseSensitive(frame, "task"), network, error) &&
           frame_read_scaling(cJSON_GetObjectItemCaseSensitive(frame, "input"), "input",
                              &network->input, error) &&
           frame_read_scaling(cJSON_GetObjectItemCaseSensitive(frame, "output"), "output",
                              &network->output, error) &&
           read_layers(cJSON_GetObjectItemCaseSensitive(frame, "layers"), network, error) &&
           frame_keep_unknown(frame, frame_known, &network->members, error) &&
           (!cJSON_IsObject(members) ||
            frame_keep_unknown(members, nothing, &network->members, error));
}

bool frame_prefer(cJSON *frame, const char *activations, struct network *network,
                  struct error *error) {
    bool said = cJSON_GetObjectItemCaseSensitive(frame, "activations") != NULL;
    if (!activations)
        return said || network->depth == 1 ||
               error_set(error, ERROR_REQUEST,
                         "the file does not say its activations; give --activation, such as "
                         "--activation relu, or one for each hidden layer, comma separated");
    cJSON_DeleteItemFromObjectCaseSensitive(frame, "activations");
    if (!network_set_activations(network, activations, "--activation", error))
        return false;
    if (network_is_softmax(network))
        cJSON_DeleteItemFromObjectCaseSensitive(frame, "task");
    return true;
}

static bool is_object_of_strings(const cJSON *object) {
    const cJSON *item;
    if (!cJSON_IsObject(object))
        return false;
    cJSON_ArrayForEach(item, object) {
        if (!cJSON_IsString(item))
            return false;
    }
    return true;
}

/* A string as it is, anything else as JSON text. */
static bool add_as_string(cJSON *to, const cJSON *item, bool plain) {
    if (plain)
        return json_add_string(to, item->string, cJSON_GetStringValue(item));
    char *text = cJSON_PrintUnformatted(item);
    bool added = text && json_add_string(to, item->string, text);
    cJSON_free(text);
    return added;
}

/* Foreign pairs; one that has a name of ours stands in its place. */
static bool add_foreign(cJSON *to, const cJSON *pairs) {
    const cJSON *item;
    cJSON_ArrayForEach(item, pairs) {
        cJSON_DeleteItemFromObjectCaseSensitive(to, item->string);
        if (!add_as_string(to, item, true))
            return false;
    }
    return true;
}

/* Whether a member stands under its own name among strings. */
static bool has_key(const cJSON *item) {
    bool object = strcmp(item->string, "lumpscope") == 0 || strcmp(item->string, "data") == 0;
    return frame_is_known(item->string, string_keys) && (!object || cJSON_IsObject(item));
}

/* Divides a frame into strings under our keys, foreign pairs, and "members" for the others. */
static bool divide(cJSON *frame, cJSON *strings) {
    cJSON *foreign = cJSON_GetObjectItemCaseSensitive(frame, foreign_member);
    foreign = is_object_of_strings(foreign) ? cJSON_DetachItemViaPointer(frame, foreign) : NULL;
    cJSON *members = cJSON_DetachItemFromObjectCaseSensitive(frame, "members"), *next;
    members = members ? members : cJSON_CreateObject();
    bool done = members != NULL;
    for (cJSON *item = frame->child; done && item; item = next) {
        next = item->next;
        if (has_key(item))
            done = add_as_string(strings, item, frame_is_known(item->string, plain_keys));
        else
            done = json_add(members, item->string, cJSON_Duplicate(item, true));
    }
    if (done && members->child) {
        char *text = cJSON_PrintUnformatted(members);
        done = text && json_add_string(strings, "members", text);
        cJSON_free(text);
    }
    done = done && add_foreign(strings, foreign);
    cJSON_Delete(members);
    cJSON_Delete(foreign);
    return done;
}

cJSON *frame_to_strings(const struct network *network, struct error *error) {
    cJSON *frame = frame_to_json(network, error), *strings = frame ? cJSON_CreateObject() : NULL;
    bool made = strings && divide(frame, strings);
    if (frame && !made)
        error_memory(error, sizeof *frame);
    cJSON_Delete(frame);
    if (made)
        return strings;
    cJSON_Delete(strings);
    return NULL;
}

/* Whether a parsed value is what we write under a key. */
static bool is_ours(const char *key, const cJSON *value) {
    return strcmp(key, "layers") == 0 ? cJSON_IsArray(value) : cJSON_IsObject(value);
}

/* One pair to `frame` when it is ours, else to `foreign`. */
static bool sort_pair(const cJSON *pair, cJSON *frame, cJSON *foreign) {
    const char *key = pair->string, *value = cJSON_GetStringValue(pair);
    bool task = strcmp(key, "task") == 0, plain = frame_is_known(key, plain_keys);
    if (!value || strcmp(key, "activations") == 0)
        return true;
    if (plain &&
        (!task || strcmp(value, "regression") == 0 || strcmp(value, "classification") == 0))
        return json_add_string(frame, key, value);
    bool document = !plain && frame_is_known(key, string_keys);
    cJSON *parsed = document ? json_parse(value, strlen(value), NULL) : NULL;
    if (document && !parsed && errno == ENOMEM)
        return false;
    if (parsed && is_ours(key, parsed))
        return json_add(frame, key, parsed);
    cJSON_Delete(parsed);
    return json_add_string(foreign, key, value);
}

static const char *activation_list(const cJSON *strings) {
    static const char *const keys[] = {"activations", "activation"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        const char *list = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(strings, keys[k]));
        if (list)
            return list;
    }
    return NULL;
}

bool frame_names_activations(const cJSON *strings) {
    return activation_list(strings) != NULL;
}

/* JSON text goes into the frame; a list of names is read at once, since the task depends on it. */
static bool read_activation_list(const char *list, cJSON *frame, struct network *network,
                                 struct error *error) {
    if (*list == '[') {
        cJSON *parsed = json_parse(list, strlen(list), NULL);
        if (!parsed && errno == ENOMEM)
            return error_memory(error, strlen(list));
        if (!parsed)
            return error_set(error, ERROR_REQUEST, "activations \"%.60s\" is no JSON", list);
        return json_add(frame, "activations", parsed) || error_memory(error, sizeof *parsed);
    }
    return network_set_activations(network, list, "activations", error);
}

static bool read_strings(const cJSON *strings, cJSON *frame, cJSON *foreign,
                         struct network *network, struct error *error) {
    const cJSON *pair;
    cJSON_ArrayForEach(pair, strings) {
        if (!sort_pair(pair, frame, foreign))
            return error_memory(error, sizeof *pair);
    }
    const char *list = activation_list(strings);
    if ((list && !read_activation_list(list, frame, network, error)) ||
        !frame_from_json(frame, network, error))
        return false;
    return !foreign->child ||
           network_set_member(network, foreign_member, cJSON_Duplicate(foreign, true), error);
}

bool frame_from_strings(const cJSON *strings, struct network *network, struct error *error) {
    cJSON *frame = cJSON_CreateObject(), *foreign = cJSON_CreateObject();
    bool read = frame && foreign ? read_strings(strings, frame, foreign, network, error)
                                 : error_memory(error, sizeof *frame);
    if (!read)
        error_prefix(error, "metadata");
    cJSON_Delete(frame);
    cJSON_Delete(foreign);
    return read;
}
