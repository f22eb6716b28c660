#include "lumpscope/bench_run.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/parallel.h"
#include "lumpscope/text.h"

#include <dirent.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const long report_every = 100000000; /* nanoseconds */

/* What the threads share. */
struct bench_pool {
    const struct bench_plan *plan;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t *todo; /* [todo_count] jobs of the plan without a result, owned */
    size_t todo_count, next, done, running;
    bool stop;
    struct error error; /* the first that came */
    struct timespec started;
};

/* ---- What is to be done ---- */

static bool set_is_there(const struct bench_set *set, const char *data_directory, bool *there,
                         struct error *error) {
    struct text path = {0};
    *there = set->system != NULL;
    if (set->system || !data_directory)
        return true;
    text_format(&path, "%s/%s", data_directory, set->file);
    bool done = !path.failed || error_memory(error, path.capacity);
    *there = done && file_exists(path.data);
    text_free(&path);
    return done;
}

bool bench_plan_init(struct bench_plan *plan, size_t seeds, size_t shard, size_t shards,
                     struct text *missing, struct error *error) {
    size_t count, kept = 0;
    bool there[BENCH_SETS];
    for (size_t s = 0; s < BENCH_SETS; s++) {
        if (!set_is_there(&bench_sets[s], plan->data_directory, &there[s], error))
            return false;
        if (!there[s])
            text_format(missing, "%s%s", missing->length ? ", " : "", bench_sets[s].name);
    }
    plan->job = bench_jobs(plan->suite, seeds, &count, error);
    /* Shared out before anything is left out, so that machines with other files agree. */
    for (size_t k = 0; plan->job && k < count; k++)
        if (k % shards == shard && there[plan->job[k].set])
            plan->job[kept++] = plan->job[k];
    plan->count = kept;
    return plan->job != NULL;
}

void bench_plan_free(struct bench_plan *plan) {
    free(plan->job);
    plan->job = NULL;
    plan->count = 0;
}

static bool job_path(const struct bench_plan *plan, const struct bench_job *job, struct text *path,
                     struct error *error) {
    char name[BENCH_NAME_SIZE];
    text_clear(path);
    text_format(path, "%s/%s", plan->directory, bench_job_name(job, name));
    return !path->failed || error_memory(error, path->capacity);
}

/* A result that is there must be one, or the table would lack it without a word. */
static bool find_todo(struct bench_pool *pool, struct error *error) {
    const struct bench_plan *plan = pool->plan;
    struct text path = {0};
    bool done = true;
    pool->todo = memory_new(plan->count, sizeof *pool->todo, error);
    for (size_t k = 0; pool->todo && done && k < plan->count; k++) {
        struct bench_result result = {0};
        done = job_path(plan, &plan->job[k], &path, error);
        if (done && !file_exists(path.data))
            pool->todo[pool->todo_count++] = k;
        else
            done = done && bench_result_read(plan->suite, path.data, &result, error);
        bench_result_free(&result);
    }
    text_free(&path);
    return pool->todo && done;
}

/* ---- Threads ---- */

static bool go_on(void *user, const char *what, size_t done, size_t total) {
    struct bench_pool *pool = user;
    (void)what;
    (void)done;
    (void)total;
    pthread_mutex_lock(&pool->mutex);
    bool stop = pool->stop;
    pthread_mutex_unlock(&pool->mutex);
    return !stop;
}

static bool do_job(struct bench_pool *pool, const struct bench_job *job, struct error *error) {
    const struct bench_plan *plan = pool->plan;
    const struct progress progress = {.report = go_on, .user = pool};
    struct bench_result result = {0};
    struct text path = {0};
    char name[BENCH_NAME_SIZE];
    bool done = job_path(plan, job, &path, error) &&
                bench_job_run(plan->suite, job, plan->data_directory, plan->directory, &result,
                              &progress, error);
    if (done)
        done = bench_result_write(plan->suite, &result, path.data, error);
    else if (error->kind != ERROR_CANCELLED)
        error_prefix(error, "%s", bench_job_name(job, name));
    bench_result_free(&result);
    text_free(&path);
    return done;
}

static void *work(void *user) {
    struct bench_pool *pool = user;
    struct error error = {0};
    bool good = true;
    pthread_mutex_lock(&pool->mutex);
    while (good && !pool->stop && pool->next < pool->todo_count) {
        const struct bench_job *job = &pool->plan->job[pool->todo[pool->next++]];
        pthread_mutex_unlock(&pool->mutex);
        good = do_job(pool, job, &error);
        pthread_mutex_lock(&pool->mutex);
        pool->done += good;
        if (!good && !pool->stop)
            pool->error = error;
        pool->stop = pool->stop || !good;
        pthread_cond_signal(&pool->changed);
    }
    pool->running--;
    pthread_cond_signal(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

/* "job 7 of 48, about 12 min left": by the jobs that this run has done. */
static void describe(const struct bench_pool *pool, char *out, size_t size) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double spent = (double)(now.tv_sec - pool->started.tv_sec) +
                   1e-9 * (double)(now.tv_nsec - pool->started.tv_nsec);
    size_t before = pool->plan->count - pool->todo_count;
    int length = snprintf(out, size, "%zu of %zu jobs", before + pool->done, pool->plan->count);
    if (pool->done == 0)
        return;
    double left = spent / (double)pool->done * (double)(pool->todo_count - pool->done);
    snprintf(out + length, size - (size_t)length,
             left < 90 ? ", about %.0f s left" : ", about %.0f min left",
             left < 90 ? left : ceil(left / 60));
}

/* Until the threads are at their end; the mutex is held. */
static void watch(struct bench_pool *pool, const struct progress *progress) {
    while (pool->running > 0) {
        char what[80];
        struct timespec until;
        struct error stopped;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += report_every;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&pool->changed, &pool->mutex, &until);
        describe(pool, what, sizeof what);
        size_t before = pool->plan->count - pool->todo_count;
        if (!pool->stop &&
            !progress_step(progress, what, before + pool->done, pool->plan->count, &stopped)) {
            pool->error = stopped;
            pool->stop = true;
        }
    }
}

static bool run_threads(struct bench_pool *pool, const struct progress *progress,
                        struct error *error) {
    size_t wanted = pool->plan->threads < pool->todo_count ? pool->plan->threads : pool->todo_count;
    pthread_t *thread = memory_new(wanted, sizeof *thread, error);
    size_t started = 0;
    if (!thread)
        return false;
    pthread_mutex_lock(&pool->mutex);
    while (started < wanted && parallel_start(&thread[started], work, pool)) {
        started++;
        pool->running++;
    }
    watch(pool, progress);
    pthread_mutex_unlock(&pool->mutex);
    for (size_t t = 0; t < started; t++)
        pthread_join(thread[t], NULL);
    free(thread);
    if (wanted > 0 && started == 0)
        return error_set(error, ERROR_REQUEST, "no thread can be started; lower the system's load");
    if (pool->stop && error)
        *error = pool->error;
    return !pool->stop;
}

bool bench_run(const struct bench_plan *plan, const struct progress *progress,
               struct error *error) {
    struct bench_pool pool = {.plan = plan};
    if (!file_make_directory(plan->directory, error))
        return false;
    clock_gettime(CLOCK_MONOTONIC, &pool.started);
    pthread_mutex_init(&pool.mutex, NULL);
    pthread_cond_init(&pool.changed, NULL);
    bool done = find_todo(&pool, error) && run_threads(&pool, progress, error);
    pthread_cond_destroy(&pool.changed);
    pthread_mutex_destroy(&pool.mutex);
    free(pool.todo);
    return done;
}

/* ---- Results ---- */

void bench_results_free(struct bench_result *results, size_t count) {
    for (size_t k = 0; k < count; k++)
        bench_result_free(&results[k]);
    free(results);
}

struct bench_result *bench_plan_results(const struct bench_plan *plan, size_t *count,
                                        struct error *error) {
    struct bench_result *results = memory_new(plan->count, sizeof *results, error);
    struct text path = {0};
    bool done = results != NULL;
    *count = 0;
    for (size_t k = 0; done && k < plan->count; k++) {
        done = job_path(plan, &plan->job[k], &path, error);
        if (done && file_exists(path.data) &&
            (done = bench_result_read(plan->suite, path.data, &results[*count], error)))
            ++*count;
    }
    text_free(&path);
    if (done)
        return results;
    bench_results_free(results, *count);
    return NULL;
}

static bool is_known(const struct bench_result *results, size_t count,
                     const struct bench_job *job) {
    for (size_t k = 0; k < count; k++)
        if (results[k].job.set == job->set && results[k].job.architecture == job->architecture &&
            results[k].job.seed == job->seed)
            return true;
    return false;
}

static bool collect(const struct bench_suite *suite, const char *path,
                    struct bench_result **results, size_t *count, size_t *capacity,
                    struct error *error) {
    struct bench_result result;
    if (!bench_result_read(suite, path, &result, error))
        return false;
    bool known = is_known(*results, *count, &result.job);
    if (!known && memory_reserve(results, capacity, *count + 1, sizeof **results, error)) {
        (*results)[(*count)++] = result;
        return true;
    }
    bench_result_free(&result);
    return known;
}

bool bench_results_collect(const struct bench_suite *suite, const char *directory,
                           struct bench_result **results, size_t *count, size_t *capacity,
                           struct error *error) {
    DIR *listing = opendir(directory);
    struct text path = {0};
    bool done = true;
    if (!listing)
        return error_set(error, ERROR_REQUEST,
                         "%s: cannot be listed; name directories that bench has written",
                         directory);
    for (const struct dirent *entry; done && (entry = readdir(listing));) {
        size_t length = strlen(entry->d_name);
        if (length < 5 || strcmp(entry->d_name + length - 5, ".json") != 0)
            continue;
        text_clear(&path);
        text_format(&path, "%s/%s", directory, entry->d_name);
        done = (!path.failed || error_memory(error, path.capacity)) &&
               collect(suite, path.data, results, count, capacity, error);
    }
    closedir(listing);
    text_free(&path);
    return done;
}
