#include "program_support.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const char out_file[] = "../stdout", err_file[] = "../stderr"; /* beside the directory */

void run_free(struct run *run) {
    free(run->out);
    free(run->err);
    *run = (struct run){0};
}

void write_file(const char *path, const char *content) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, strlen(content), file), strlen(content));
    fclose(file);
}

char *read_file(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    size_t length = 0, capacity = 1 << 16;
    char *content = malloc(capacity);
    assert_non_null(content);
    for (size_t got; (got = fread(content + length, 1, capacity - length - 1, file)) > 0;) {
        length += got;
        char *larger = length + 1 == capacity ? realloc(content, capacity *= 2) : content;
        assert_non_null(larger);
        content = larger;
    }
    content[length] = '\0';
    fclose(file);
    return content;
}

size_t count_files(void) {
    DIR *directory = opendir(".");
    assert_non_null(directory);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

/* Splits in place; words [RUN_WORDS] ends with NULL. */
static void split(char *line, char **words) {
    size_t count = 0;
    words[count++] = getenv("LUMPSCOPE_PROGRAM");
    assert_non_null(words[0]);
    for (char *c = line; *c;) {
        c += strspn(c, " ");
        if (!*c)
            break;
        char end = *c == '\'' ? '\'' : ' ';
        c += end == '\'';
        assert_true(count + 1 < RUN_WORDS);
        words[count++] = c;
        c = strchrnul(c, end);
        if (*c)
            *c++ = '\0';
    }
    words[count] = NULL;
}

/* Opened away from the standard streams, which may be closed. */
static int open_high(const char *path, int flags) {
    int descriptor = open(path, flags | O_CLOEXEC, 0600);
    int high = fcntl(descriptor, F_DUPFD_CLOEXEC, 10);
    if (high < 0)
        _exit(126);
    close(descriptor);
    return high;
}

/* "": closed. */
static void redirect(int descriptor, const char *path, int flags) {
    int file = *path ? open_high(path, flags) : -1;
    close(descriptor);
    if (file >= 0)
        dup2(file, descriptor);
}

static pid_t spawn(const char *line, const char *in, const char *out, const char *err) {
    char copy[2048], *words[RUN_WORDS];
    snprintf(copy, sizeof copy, "%s", line);
    split(copy, words);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0)
        return child;
    static const int stopping[] = {SIGINT, SIGTERM,
                                   SIGHUP}; /* the tests may run in the background */
    for (size_t k = 0; k < sizeof stopping / sizeof *stopping; k++)
        signal(stopping[k], SIG_DFL);
    int write = O_WRONLY | O_CREAT | O_TRUNC;
    redirect(STDIN_FILENO, in ? in : "/dev/null", O_RDONLY);
    redirect(STDOUT_FILENO, out ? out : out_file, write);
    redirect(STDERR_FILENO, err, write);
    execv(words[0], words);
    _exit(127);
}

struct run run_with(const char *line, const char *in, const char *out) {
    write_file(out_file, "");
    pid_t child = spawn(line, in, out, err_file);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    struct run run = {.out = read_file(out_file), .err = read_file(err_file)};
    run.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return run;
}

struct run run_program(const char *line) {
    return run_with(line, NULL, NULL);
}

pid_t start_program_to(const char *line, const char *out) {
    return spawn(line, "/dev/null", out, "/dev/null");
}

pid_t start_program(const char *line) {
    return start_program_to(line, "/dev/null");
}

int wait_for(pid_t child, double seconds) {
    int status;
    for (double waited = 0; waited < seconds; waited += 0.001) {
        pid_t ended = waitpid(child, &status, WNOHANG);
        assert_true(ended >= 0);
        if (ended == child)
            return status;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    fail_msg("still running after %g seconds", seconds);
    return status;
}

void wait_until_caught(pid_t child, int number) {
    unsigned long long caught = 0;
    for (int tries = 0; tries < 5000 && !(caught >> (number - 1) & 1); tries++) {
        char path[64], line[256];
        snprintf(path, sizeof path, "/proc/%d/status", (int)child);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        while (fgets(line, sizeof line, file))
            if (strncmp(line, "SigCgt:", 7) == 0)
                caught = strtoull(line + 7, NULL, 16);
        fclose(file);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    assert_true(caught >> (number - 1) & 1);
}

void run_well(const char *line) {
    free(run_good(line));
}

char *run_good(const char *line) {
    struct run run = run_program(line);
    if (run.status != 0 || !run.err || strstr(run.err, "lumpscope: "))
        fail_msg("%s: status %d, %s", line, run.status, run.err);
    free(run.err);
    return run.out;
}

cJSON *run_json(const char *line) {
    char *out = run_good(line);
    const char *end = NULL;
    cJSON *document = cJSON_ParseWithOpts(out, &end, false);
    if (!document || strspn(end, "\n") != strlen(end))
        fail_msg("%s: not one JSON document: %s", line, out);
    free(out);
    return document;
}

double json_number(const cJSON *object, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsNumber(item))
        fail_msg("no number \"%s\"", name);
    return item->valuedouble;
}

const char *json_string(const cJSON *object, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsString(item))
        fail_msg("no string \"%s\"", name);
    return item->valuestring;
}

int enter_directory(void **state) {
    char *path = strdup("/tmp/lumpscope-program-XXXXXX");
    *state = path;
    if (!path || !mkdtemp(path) || chdir(path) != 0 || mkdir("work", 0700) != 0)
        return -1;
    return chdir("work");
}

int leave_directory(void **state) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", (char *)*state);
    free(*state);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}
