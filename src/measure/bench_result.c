/* Results of jobs as files: one JSON document each, whole or not there. */
#include "lumpscope/bench.h"

#include "lumpscope/file.h"
#include "lumpscope/json.h"
#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <string.h>

enum { RESULT_LIMIT = 1 << 22 };

/* What must agree between the run that wrote a result and the one that reads it. */
static void settings(const struct bench_suite *suite, struct text *out) {
    text_format(out, "%s rows=%zu epoch_rows=%zu polish=%zu", suite->name, suite->rows,
                suite->epoch_rows, suite->polish);
}

static void append_value(struct text *out, const char *name, double value) {
    text_format(out, ", \"%s\": ", name);
    text_append_number(out, value);
}

static void append_point(const struct bench_point *point, struct text *out) {
    text_format(out, "    {\"method\": \"%s\"", bench_method_name(point->method));
    append_value(out, "at", point->at);
    append_value(out, "grp", point->grp);
    append_value(out, "parameters", (double)point->parameters);
    append_value(out, "mse", point->mse);
    append_value(out, "seconds", point->seconds);
    append_value(out, "bytes", point->bytes);
    append_value(out, "evaluation", point->evaluation);
    text_append(out, "}");
}

bool bench_result_write(const struct bench_suite *suite, const struct bench_result *result,
                        const char *path, struct error *error) {
    struct text out = {0};
    const struct bench_job *job = &result->job;
    text_append(&out, "{\"format\": \"lumpscope-bench\", \"settings\": \"");
    settings(suite, &out);
    text_format(&out, "\",\n \"set\": \"%s\", \"layers\": \"%s\", \"seed\": %llu",
                bench_sets[job->set].name, bench_architectures[job->architecture],
                (unsigned long long)job->seed);
    append_value(&out, "parameters", (double)result->parameters);
    append_value(&out, "mse", result->mse);
    append_value(&out, "seconds", result->seconds);
    append_value(&out, "train_rows", (double)result->train_rows);
    append_value(&out, "test_rows", (double)result->test_rows);
    text_append(&out, ",\n \"points\": [\n");
    for (size_t k = 0; k < result->count; k++) {
        append_point(&result->point[k], &out);
        text_append(&out, k + 1 < result->count ? ",\n" : "\n");
    }
    text_append(&out, " ]}\n");
    bool done = (!out.failed || error_memory(error, out.capacity)) &&
                file_write(path, out.data, out.length, NULL, error);
    text_free(&out);
    return done;
}

/* A number, or NaN for null; false when it is neither. */
static bool read_number(const cJSON *object, const char *name, double *value) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    *value = cJSON_IsNull(item) ? NAN : cJSON_GetNumberValue(item);
    return cJSON_IsNumber(item) || cJSON_IsNull(item);
}

static bool read_count(const cJSON *object, const char *name, size_t *value) {
    double number;
    bool good = read_number(object, name, &number) && number >= 0 && number <= 0x1p53;
    *value = good ? (size_t)number : 0;
    return good;
}

/* Position of a text member in a list of `count` names; `count` when it is none of them. */
static size_t read_choice(const cJSON *object, const char *member, size_t count,
                          const char *(*name)(size_t)) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, member);
    size_t i = 0;
    while (i < count && !(cJSON_IsString(item) && !strcmp(item->valuestring, name(i))))
        i++;
    return i;
}

static const char *method_at(size_t i) {
    return bench_method_name((enum bench_method)i);
}

static const char *set_at(size_t i) {
    return bench_sets[i].name;
}

static const char *architecture_at(size_t i) {
    return bench_architectures[i];
}

static bool read_point(const cJSON *object, struct bench_point *point) {
    size_t method = read_choice(object, "method", BENCH_ALL, method_at);
    point->method = (enum bench_method)method;
    return method < BENCH_ALL && read_number(object, "at", &point->at) &&
           read_number(object, "grp", &point->grp) &&
           read_count(object, "parameters", &point->parameters) &&
           read_number(object, "mse", &point->mse) &&
           read_number(object, "seconds", &point->seconds) &&
           read_number(object, "bytes", &point->bytes) &&
           read_number(object, "evaluation", &point->evaluation);
}

static bool read_points(const cJSON *list, struct bench_result *result, bool *good,
                        struct error *error) {
    const cJSON *item;
    *good = cJSON_IsArray(list);
    cJSON_ArrayForEach(item, list) {
        struct bench_point point;
        if (!(*good = read_point(item, &point)))
            return true;
        if (!memory_reserve(&result->point, &result->capacity, result->count + 1, sizeof point,
                            error))
            return false;
        result->point[result->count++] = point;
    }
    return true;
}

static bool read_frame(const cJSON *root, struct bench_result *result) {
    size_t seed;
    result->job.set = read_choice(root, "set", BENCH_SETS, set_at);
    result->job.architecture = read_choice(root, "layers", BENCH_ARCHITECTURES, architecture_at);
    bool good =
        result->job.set < BENCH_SETS && result->job.architecture < BENCH_ARCHITECTURES &&
        read_count(root, "seed", &seed) && read_count(root, "parameters", &result->parameters) &&
        read_number(root, "mse", &result->mse) && read_number(root, "seconds", &result->seconds) &&
        read_count(root, "train_rows", &result->train_rows) &&
        read_count(root, "test_rows", &result->test_rows);
    result->job.seed = good ? seed : 0;
    return good;
}

static bool same_settings(const struct bench_suite *suite, const cJSON *root) {
    struct text wanted = {0};
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "settings");
    settings(suite, &wanted);
    bool same = cJSON_IsString(item) && wanted.data && !strcmp(item->valuestring, wanted.data);
    text_free(&wanted);
    return same;
}

static bool parse(const struct bench_suite *suite, const cJSON *root, const char *path,
                  struct bench_result *result, struct error *error) {
    bool good = cJSON_IsObject(root) && read_frame(root, result);
    if (good && !same_settings(suite, root))
        return error_set(error, ERROR_REQUEST,
                         "%s: a result of other settings than those of suite %s; choose another "
                         "directory or remove it",
                         path, suite->name);
    if (good &&
        !read_points(cJSON_GetObjectItemCaseSensitive(root, "points"), result, &good, error))
        return false;
    return good ||
           error_set(error, ERROR_REQUEST,
                     "%s: not a result of lumpscope bench; remove the file and run again", path);
}

bool bench_result_read(const struct bench_suite *suite, const char *path,
                       struct bench_result *result, struct error *error) {
    size_t size;
    char *text = file_read(path, RESULT_LIMIT, &size, NULL, error);
    *result = (struct bench_result){0};
    if (!text)
        return false;
    cJSON *root = json_parse(text, size, NULL);
    bool no_memory = !root && errno == ENOMEM;
    free(text);
    bool done = no_memory ? error_memory(error, size) : parse(suite, root, path, result, error);
    cJSON_Delete(root);
    if (!done)
        bench_result_free(result);
    return done;
}
