#include "lumpscope/machine.h"

#include "lumpscope/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 + 64 };

/* A limit lies in a file of one line, a number or "max". */
static uint64_t limit_in(const char *path) {
    char line[64] = "";
    uint64_t limit;
    FILE *file = fopen(path, "re");
    if (!file)
        return UINT64_MAX;
    if (!fgets(line, sizeof line, file))
        line[0] = '\0';
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    return text_to_uint64(line, &limit) ? limit : UINT64_MAX;
}

/* The limits of a control group and of those it lies in: group is "/a/b" or "/". */
static uint64_t group_limit(char *group) {
    char path[PATH_SIZE];
    uint64_t least = UINT64_MAX;
    for (;;) {
        snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.max", group);
        uint64_t limit = limit_in(path);
        least = limit < least ? limit : least;
        char *slash = strrchr(group, '/');
        if (!slash)
            return least;
        *slash = '\0';
    }
}

static uint64_t own_group_limit(void) {
    char line[4096];
    uint64_t least = limit_in("/sys/fs/cgroup/memory/memory.limit_in_bytes");
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        uint64_t limit = strncmp(line, "0::/", 4) == 0 ? group_limit(line + 3) : UINT64_MAX;
        least = limit < least ? limit : least;
    }
    if (file)
        fclose(file);
    return least;
}

uint64_t machine_memory(void) {
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    uint64_t physical = pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : UINT64_MAX;
    uint64_t limit = own_group_limit();
    return limit < physical ? limit : physical;
}
