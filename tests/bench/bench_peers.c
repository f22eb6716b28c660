/* peers.py on the other end of two pipes: a request a line, an answer a line. */
#include "bench.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct peers {
    pid_t pid;
    FILE *to, *from;
};

static const char *python(void) {
    const char *said = getenv("LUMPSCOPE_PYTHON");
    return said && said[0] ? said : BENCH_PYTHON;
}

static _Noreturn void become_python(const int *in, const int *out, size_t threads) {
    char count[32];
    snprintf(count, sizeof count, "%zu", threads);
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    close(in[1]);
    close(out[0]);
    setenv("OPENBLAS_NUM_THREADS", count, 1);
    setenv("OMP_NUM_THREADS", count, 1);
    setenv("MKL_NUM_THREADS", count, 1);
    execlp(python(), python(), BENCH_PEERS, count, (char *)NULL);
    _exit(127);
}

struct peers *peers_start(size_t threads) {
    struct peers *peers = calloc(1, sizeof *peers);
    int in[2], out[2];
    if (!peers || pipe(in) != 0 || pipe(out) != 0)
        bench_fail("no pipes to the peers");
    signal(SIGPIPE, SIG_IGN);
    peers->pid = fork();
    if (peers->pid < 0)
        bench_fail("no process for the peers");
    if (peers->pid == 0)
        become_python(in, out, threads);
    close(in[0]);
    close(out[1]);
    peers->to = fdopen(in[1], "w");
    peers->from = fdopen(out[0], "r");
    if (!peers->to || !peers->from)
        bench_fail("no streams to the peers");
    return peers;
}

void peers_stop(struct peers *peers) {
    fclose(peers->to);
    fclose(peers->from);
    waitpid(peers->pid, NULL, 0);
    free(peers);
}

bool peers_time(struct peers *peers, const char *request, double *seconds, char *reason,
                size_t size) {
    char answer[256];
    if (fprintf(peers->to, "%s\n", request) < 0 || fflush(peers->to) != 0 ||
        !fgets(answer, sizeof answer, peers->from)) {
        snprintf(reason, size, "%s does not run peers.py; set LUMPSCOPE_PYTHON", python());
        return false;
    }
    answer[strcspn(answer, "\n")] = '\0';
    if (sscanf(answer, "seconds %lf", seconds) == 1)
        return true;
    snprintf(reason, size, "%s", answer);
    return false;
}
