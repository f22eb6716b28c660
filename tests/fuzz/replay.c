/* Gives a harness the files that are named, and those in the directories that are named. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void replay_file(const char *path, size_t *count) {
    FILE *file = fopen(path, "rb");
    fuzz_require(file, "%s: cannot be opened", path);
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    uint8_t *data = malloc(size + !size); /* as long as it is: reading past the end is seen */
    fuzz_require(data && fread(data, 1, size, file) == size, "%s: cannot be read", path);
    fclose(file);
    fprintf(stderr, "%s\n", path); /* the last one is the one that failed */
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    ++*count;
}

static int is_file(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static void replay_directory(const char *path, size_t *count) {
    struct dirent **names;
    int found = scandir(path, &names, is_file, alphasort);
    for (int i = 0; i < found; i++) {
        char file[4096];
        snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);
        replay_file(file, count);
        free(names[i]);
    }
    if (found >= 0)
        free(names);
}

int main(int words, char **word) {
    size_t count = 0;
    struct stat status;
    for (int i = 1; i < words; i++) {
        if (stat(word[i], &status) == 0 && S_ISDIR(status.st_mode))
            replay_directory(word[i], &count);
        else
            replay_file(word[i], &count);
    }
    const char *name = strrchr(word[0], '/');
    fuzz_require(count > 0, "no file to replay");
    printf("[       OK ] %s: %zu files\n", name ? name + 1 : word[0], count);
    return 0;
}
